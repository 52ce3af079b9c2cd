/*
 * Fuzzer of devices: machines with random devices, poked at ports, in memory and in PCI configuration space, with random bytes in RAM for their DMA. No guest code runs.
 *
 *   fuzz-devices [--seconds N] [--rounds N] [--seed N] [--operations N] [--device NAME] [--riscv MACHINE] [--verbose]
 *
 * --riscv: a machine of riscv64 ("virt,iommu-sys=on") in the place of the PCs.
 *
 * Each round is a process of its own with its own seed: a crash, a sanitizer's report or a hang ends the run with the round's seed, which --seed N --rounds 1 repeats.
 * TAP on stdout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "hw/core/device.h"
#include "hw/core/machine.h"
#include "hw/pci/pci.h"
#include "softmmu/dma.h"
#include "system/startup.h"
#include "util/bits.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

/* A round that spins is found by the processor's time it used, however busy the host is; one that waits for ever by the wall clock. */
enum { ROUND_CPU_S = 60, ROUND_WALL_S = 240, MAX_RANGES = 1024, DMA_AREA = 1 << 20, DEVICES_A_ROUND = 3 };

static uint64_t seconds = 5, rounds = UINT64_MAX, first_seed = 1, operations = 20000;
static const char *only_device, *riscv_machine;
static gboolean verbose;

/* ---- random numbers (xorshift64*; Vigna, "An experimental exploration of Marsaglia's xorshift generators", 2014) ---- */
static uint64_t state;

static uint64_t rnd(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * UINT64_C(0x2545f4914f6cdd1d);
}

static uint64_t below(uint64_t n) { return n ? rnd() % n : 0; }

/* Where RAM begins. */
static uint64_t ram_base(void) { return riscv_machine ? UINT64_C(0x80000000) : 0; }

/* Values that devices care about more often than chance would have them. */
static uint64_t value(void)
{
    switch (below(8)) {
    case 0: return 0;
    case 1: return UINT64_MAX;
    case 2: return UINT64_C(1) << below(64);
    case 3: return ram_base() + (below(DMA_AREA) & ~UINT64_C(15));      /* an address in RAM */
    case 4: return below(256);
    case 5: return (UINT64_C(1) << below(64)) - 1;
    default: return rnd();
    }
}

/* ---- what can be poked ---- */
typedef struct Range { AddressSpace *as; uint64_t start, size; } Range;
static Range ranges[MAX_RANGES];
static unsigned nr_ranges;

static void add_range(MemoryListener *l, const MemorySection *s)
{
    if (s->mr->kind == MR_IO && nr_ranges < MAX_RANGES && strcmp(s->mr->label, "io")) {
        ranges[nr_ranges++] = (Range){ s->as, s->addr, s->size_minus_1 + 1 };
    }
}


/* The views change while BARs move: they are read anew now and then. */
static void read_ranges(Machine *m)
{
    static MemoryListener memory = { .name = "fuzz", .region_add = add_range }, io = { .name = "fuzz-io", .region_add = add_range };
    nr_ranges = 0;
    memory_listener_register(&memory, &m->system_memory.memory_space);
    memory_listener_register(&io, &m->system_memory.io_space);
    memory_listener_unregister(&memory);
    memory_listener_unregister(&io);
}

/* What a round does now, for the report of a hang. */
static struct { const char *what; uint64_t number, addr, value; unsigned size; } now;

static void poke_range(void)
{
    const Range *r = &ranges[below(nr_ranges)];
    unsigned size = 1u << below(4);
    uint64_t addr = r->start + below(MIN(r->size, 0x10000)), ignored;
    addr = below(4) ? addr & ~(uint64_t)(size - 1) : addr;
    now.addr = addr;
    now.size = size;
    if (below(3)) {
        now.what = "store";
        now.value = value();
        address_space_store(r->as, addr, now.value, size, MEM_ATTRS_NONE);
    } else {
        now.what = "load";
        address_space_load(r->as, addr, &ignored, size, MEM_ATTRS_NONE);
    }
}

static void poke_config(void)
{
    PciBus *root = pci_root_bus_first();
    if (!root) {
        return;
    }
    PciDevice *dev = root->devices[below(256)];
    for (unsigned tries = 0; !dev && tries < 16; tries++) {
        dev = root->devices[below(256)];
    }
    unsigned size = 1u << below(3);
    /* Mostly the header, where BARs and enable bits are. */
    uint32_t reg = (uint32_t)(below(3) ? below(0x48) : below(0x100)) & ~(size - 1);
    uint32_t addr = 0x80000000u | (dev ? (uint32_t)dev->devfn << 8 : 0) | reg;
    now.what = "configuration";
    now.addr = addr;
    now.size = size;
    if (reg == PCI_COMMAND && below(2)) {
        pci_host_config_write(root, addr, 7, 2);        /* on, with bus mastering: else little happens */
    } else {
        pci_host_config_write(root, addr, (uint32_t)value(), size);
    }
    pci_host_config_read(root, addr, size);
}

static void poke_ram(Machine *m)
{
    uint8_t bytes[64];
    uint64_t addr = ram_base() + below(DMA_AREA);
    for (unsigned n = 0; n < sizeof(bytes); n += 8) {
        store_le64(bytes + n, value());
    }
    dma_write(&m->system_memory.memory_space, addr, bytes, sizeof(bytes));
}

static void step(void)
{
    now.what = "step of the clock";
    /* Mostly short steps: a guest may have set a timer of microseconds. */
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + (int64_t)below(UINT64_C(1) << below(24)));
    main_loop_iterate(false);
}

/* ---- a round ---- */

static void collect(const ObjectType *type, void *opaque)
{
    if (((const DeviceType *)type)->user_creatable && ((const DeviceType *)type)->category != DEVICE_CPU) {
        g_ptr_array_add(opaque, (void *)type->name);
    }
}

static void add_words(GPtrArray *argv, const char *first, char *second)
{
    g_ptr_array_add(argv, g_strdup(first));
    g_ptr_array_add(argv, second);
}

#define NULL_IMAGE "format=raw,file.driver=null-co,file.read-zeroes=on,file.size=64M"

/* The text with the number in the place of '#'. */
static char *with_number(const char *text, unsigned n)
{
    g_auto(GStrv) parts = g_strsplit(text, "#", -1);
    g_autofree char *number = g_strdup_printf("%u", n);
    return g_strjoinv(number, parts);
}

/* Devices that are of no use, or not to be had, without a back end or a property get one; '#' is the device's number. */
static void add_device(GPtrArray *argv, const char *name, unsigned n)
{
    static const struct { const char *prefix, *option, *back_end, *property; } needs[] = {
        { "virtio-blk", "-drive", "if=none,id=b#," NULL_IMAGE, "drive=b#" }, { "ide-hd", "-drive", "if=none,id=b#," NULL_IMAGE, "drive=b#" },
        { "ide-cf", "-drive", "if=none,id=b#," NULL_IMAGE, "drive=b#" }, { "ide-cd", "-drive", "if=none,id=b#," NULL_IMAGE, "drive=b#" },
        { "floppy", "-drive", "if=none,id=b#,format=raw,file.driver=null-co,file.size=1440k", "drive=b#" },
        { "isa-serial", "-chardev", "null,id=b#", "chardev=b#" }, { "isa-parallel", "-chardev", "null,id=b#", "chardev=b#" },
        { "isa-debugcon", "-chardev", "null,id=b#", "chardev=b#" }, { "pci-serial-", "-chardev", "null,id=b#", "chardev1=b#" },
        { "pci-serial", "-chardev", "null,id=b#", "chardev=b#" },
        { "virtserialport", "-device", "virtio-serial-pci,id=b#", "bus=b#.0" }, { "virtconsole", "-device", "virtio-serial-pci,id=b#", "bus=b#.0" },
        { "virtio-net", "-netdev", "hubport,hubid=0,id=b#", "netdev=b#" }, { "rtl8139", "-netdev", "hubport,hubid=0,id=b#", "netdev=b#" },
        { "e1000", "-netdev", "hubport,hubid=0,id=b#", "netdev=b#" }, { "pci-bridge", NULL, NULL, "chassis_nr=#" },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(needs); i++) {
        if (g_str_has_prefix(name, needs[i].prefix) && !strchr(name, ',')) {
            g_autofree char *property = with_number(needs[i].property, n + 1), *back_end = needs[i].option ? with_number(needs[i].back_end, n + 1) : NULL;
            if (needs[i].option) {
                add_words(argv, needs[i].option, g_steal_pointer(&back_end));
            }
            add_words(argv, "-device", g_strdup_printf("%s,%s", name, property));
            return;
        }
    }
    add_words(argv, "-device", g_strdup(name));
}

static void choose_machine(GPtrArray *argv)
{
    g_autoptr(GPtrArray) devices = g_ptr_array_new();
    const char *machines[] = { "pc", "q35", "microvm" };
    object_type_foreach("device", false, collect, devices);
    g_ptr_array_add(argv, g_strdup("fuzz"));
    add_words(argv, "-accel", g_strdup("qtest"));
    add_words(argv, "-display", g_strdup("none"));
    add_words(argv, "-m", g_strdup("32"));
    add_words(argv, "-M", g_strdup(riscv_machine ? riscv_machine : machines[below(ARRAY_SIZE(machines))]));
    if (riscv_machine) {
        add_words(argv, "-bios", g_strdup("none"));
    }
    if (below(2)) {
        g_ptr_array_add(argv, g_strdup("-nodefaults"));
    }
    if (below(2) && !riscv_machine) {
        add_words(argv, "-drive", g_strdup("if=ide,index=0," NULL_IMAGE));
    }
    for (unsigned n = 0; n < (only_device ? 1 : below(DEVICES_A_ROUND + 1)) && devices->len; n++) {
        add_device(argv, only_device ? only_device : devices->pdata[below(devices->len)], n);
    }
}

/* A signal's handler of a process that ends: nothing else runs in it, and it spins in a device. */
static void report_hang(int signal)
{
    char text[160];
    int length = snprintf(text, sizeof(text), "# hangs in operation %" PRIu64 ": %s, address 0x%" PRIx64 ", value 0x%" PRIx64 ", size %u\n", now.number,
                          now.what ? now.what : "start", now.addr, now.value, now.size);
    ssize_t ignored = write(STDOUT_FILENO, text, (size_t)length);
    (void)ignored;
    raise(signal);      /* the handler was for once */
}

static void limit_time(void)
{
    const struct sigaction action = { .sa_handler = report_hang, .sa_flags = (int)SA_RESETHAND };
    const struct itimerval cpu = { .it_value = { .tv_sec = ROUND_CPU_S } };
    sigaction(SIGPROF, &action, NULL);
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_PROF, &cpu, NULL);
    alarm(ROUND_WALL_S);
}

static int round_in_child(uint64_t seed)
{
    state = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    g_autoptr(GPtrArray) argv = g_ptr_array_new();
    GError *error = NULL;
    choose_machine(argv);
    g_autofree char *line = NULL;
    unsigned argc = argv->len;
    g_ptr_array_add(argv, NULL);
    line = g_strjoinv(" ", (char **)argv->pdata);
    if (verbose) {
        fprintf(stderr, "# seed %" G_GUINT64_FORMAT ": %s\n", seed, line);
    }
    accel_allow_qtest(true);
    if (!system_build("fuzz", target_find(riscv_machine ? "riscv64" : "x86_64"), (int)argc, (char **)argv->pdata, &error)) {
        /* Devices that need properties or another bus: a clear error is all that is asked of them. */
        if (verbose) {
            fprintf(stderr, "#   %s\n", error->message);
        }
        return 0;
    }
    clock_virtual_set_manual();
    Machine *m = machine_current();
    for (uint64_t n = 0; n < operations; n++) {
        now.number = n;
        if (n % 512 == 0) {
            read_ranges(m);
        }
        switch (below(16)) {
        case 0: case 1: poke_config(); break;
        case 2: poke_ram(m); break;
        case 3: step(); break;
        default: poke_range(); break;
        }
        if (below(8192) == 0) {
            now.what = "reset";
            reset_all();
        }
    }
    return 0;
}

static bool run_round(uint64_t seed)
{
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        limit_time();
        _exit(round_in_child(seed));
    }
    int status;
    waitpid(child, &status, 0);
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return true;
    }
    bool by_signal = WIFSIGNALED(status);
    int why = by_signal ? WTERMSIG(status) : WEXITSTATUS(status);
    const char *how = !by_signal ? "status" : why == SIGALRM || why == SIGPROF ? "a hang, signal" : "signal";
    printf("# seed %" PRIu64 " ended with %s %d; repeat: --seed %" PRIu64 " --rounds 1 --verbose\n", seed, how, why, seed);
    return false;
}

int main(int argc, char **argv)
{
    for (int n = 1; n < argc; n++) {
        const struct { const char *name; uint64_t *value; } numbers[] = {
            { "--seconds", &seconds }, { "--rounds", &rounds }, { "--seed", &first_seed }, { "--operations", &operations },
        };
        for (unsigned i = 0; i < ARRAY_SIZE(numbers); i++) {
            if (!strcmp(argv[n], numbers[i].name) && n + 1 < argc) {
                *numbers[i].value = strtoull(argv[++n], NULL, 0);
                goto next;
            }
        }
        if (!strcmp(argv[n], "--device") && n + 1 < argc) {
            only_device = argv[++n];
        } else if (!strcmp(argv[n], "--riscv") && n + 1 < argc) {
            riscv_machine = argv[++n];
        } else if (!strcmp(argv[n], "--verbose")) {
            verbose = TRUE;
        } else {
            fprintf(stderr, "fuzz-devices: unknown argument %s\n", argv[n]);
            return 2;
        }
next:;
    }
    gint64 end = g_get_monotonic_time() + (gint64)seconds * G_USEC_PER_SEC;
    uint64_t done = 0, failed = 0;
    while (done < rounds && (done == 0 || g_get_monotonic_time() < end) && failed < 10) {
        failed += !run_round(first_seed + done++);
    }
    printf("1..1\n%s 1 /fuzz/devices - %" G_GUINT64_FORMAT " machines, %" G_GUINT64_FORMAT " findings\n", failed ? "not ok" : "ok", done, failed);
    return failed != 0;
}
