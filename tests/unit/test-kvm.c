/*
 * The KVM accelerator on a machine of RAM, two devices and processors, with hand-made guest code. Each case runs in a process of its own, as there is one
 * accelerator a process. Skipped where there is no /dev/kvm that can be used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/kvm.h"
#include "hw/core/irqfd.h"
#include "hw/core/machine.h"
#include "hw/i386/apic.h"
#include "kvm-code.h"
#include "softmmu/dma.h"
#include "softmmu/ram.h"
#include "system/runstate-internal.h"
#include "target/i386/cpu.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/kvm.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { CODE = 0x1000, GDT = 0x6000, IDT = 0x6800, TABLES = 0x100000, MMIO = 0x10000000, ROM = 0xfffe0000 };
enum { SEL_CODE32 = 8, SEL_DATA = 16, SEL_CODE64 = 24 };
#define RAM_SIZE (4 * MiB)

/* ---- the machine ---- */

static Machine *machine;
static MemoryRegion ram, rom, ports, device, coalesced;
static GString *printed;                /* what the guest wrote to port 0x80 */
static _Atomic bool done;
static _Atomic int stop_reason = -1;
static uint64_t mmio_log[64]; static unsigned mmio_count;

static uint64_t port_read(void *opaque, uint64_t addr, unsigned size) { return size == 2 ? 0x4321 : 'i'; }

static void port_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (addr == 1) {
        done = true;
        main_loop_wake();
    } else if (addr == 0) {
        g_string_append_c(printed, (char)value);
    } else {
        g_string_append_printf(printed, "[%x:%x]", (unsigned)addr, (unsigned)value);
    }
}

static const MemoryRegionOps port_ops = { .read = port_read, .write = port_write, .endian = DEVICE_LITTLE_ENDIAN };

static uint64_t device_read(void *opaque, uint64_t addr, unsigned size) { return UINT64_C(0x8877665544332211) >> 8 * (addr & 7); }

static void device_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (mmio_count + 2 <= G_N_ELEMENTS(mmio_log)) {
        mmio_log[mmio_count++] = addr << 8 | size;
        mmio_log[mmio_count++] = value;
    }
}

static const MemoryRegionOps device_ops = { .read = device_read, .write = device_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 8 } };
static const MemoryRegionOps coalesced_ops = { .read = device_read, .write = device_write, .endian = DEVICE_LITTLE_ENDIAN };

static bool build(Machine *m, GError **err) { return true; }

static void reset(Machine *m)
{
    reset_all();
    CPU_FOREACH(cpu) {
        cpu_reset(cpu);
    }
}

static const char *const targets[] = { "x86_64", NULL };
static const MachineType kvmtest = {
    .name = "kvmtest-machine", .parent = "machine", .size = sizeof(Machine), .machine_name = "kvmtest", .description = "for tests", .targets = targets,
    .max_cpus = 2, .build = build, .reset = reset,
};
REGISTER_TYPE(kvmtest)

static uint8_t *host(uint64_t addr) { return (uint8_t *)memory_region_ram_ptr(&ram) + addr; }

static void make_memory(void)
{
    MemoryRegion *memory = &machine->system_memory.memory, *io = &machine->system_memory.io;
    GError *err = NULL;
    memory_region_init_ram(&ram, NULL, "ram", RAM_SIZE, &err);
    memory_region_init_rom(&rom, NULL, "rom", 128 * KiB, &err);
    g_assert_no_error(err);
    memory_region_init_io(&ports, NULL, &port_ops, NULL, "ports", 0x10);
    memory_region_init_io(&device, NULL, &device_ops, NULL, "device", 0x100);
    memory_region_init_io(&coalesced, NULL, &coalesced_ops, NULL, "coalesced", 0x100);
    memory_region_add_subregion(memory, 0, &ram);
    memory_region_add_subregion(memory, ROM, &rom);
    memory_region_add_subregion(memory, MMIO, &device);
    memory_region_add_subregion(memory, MMIO + 0x100, &coalesced);
    memory_region_add_subregion(io, 0x80, &ports);
    memcpy((uint8_t *)memory_region_ram_ptr(&rom) + 0x1fff0, code_reset_vector, sizeof(code_reset_vector));
}

static void stopped(Cpu *cpu, int exit)
{
    stop_reason = exit;
    main_loop_wake();
}

static X86Cpu *new_cpu(const char *model)
{
    GError *err = NULL;
    Cpu *cpu = machine->arch->new_cpu(machine->arch, model, &err);
    g_assert_no_error(err);
    object_set_bool(OBJECT(cpu), "check", false, NULL);
    device_realize(DEVICE(cpu), NULL, &err);
    g_assert_no_error(err);
    return X86_CPU(cpu);
}

static X86Cpu *start(const char *accel, unsigned cpus, const char *model)
{
    GError *err = NULL;
    printed = g_string_new(NULL);
    main_loop_init();
    target_set_current(target_find("x86_64"));
    machine = (Machine *)object_new((const ObjectType *)&kvmtest);
    machine->arch = target_current();
    machine->smp = (SmpConfig){ .cpus = cpus, .sockets = cpus, .dies = 1, .modules = 1, .cores = 1, .threads = 1, .max_cpus = cpus };
    if (!machine->system_memory.memory.label) {
        system_memory_init(&machine->system_memory);
    }
    machine_set_current(machine);
    const char *options[] = { accel, NULL };
    AccelRequest request = { .program = "test", .accel_options = options };
    g_autoptr(GPtrArray) candidates = accel_resolve(&request, &err);
    accel_init_first(candidates, machine->arch, machine, &machine->system_memory, NULL, &err);
    g_assert_no_error(err);
    machine->accel = accel_current();
    make_memory();
    cpu_set_stop_hook(stopped);
    X86Cpu *first = new_cpu(model);
    for (unsigned n = 1; n < cpus; n++) {
        new_cpu(model);
    }
    reset(machine);
    return first;
}

static void load(uint64_t addr, const uint8_t *code, size_t size) { memcpy(host(addr), code, size); }
#define LOAD(addr, code) load(addr, code, sizeof(code))

/* Runs until the guest writes to port 0x81 or a vCPU stops; the machine stands still then. */
static void run(void)
{
    int64_t end = g_get_monotonic_time() + 60 * G_USEC_PER_SEC;
    done = false;
    stop_reason = -1;
    run_state_set(RUN_STATE_PRELAUNCH);
    vm_start();
    while (!done && stop_reason < 0) {
        g_assert_cmpint(g_get_monotonic_time(), <, end);
        main_loop_iterate(false);
        machine_unlock();
        g_usleep(1000);
        machine_lock();
    }
    vm_stop(RUN_STATE_PAUSED);
}

static void real_mode(X86Cpu *cpu, uint64_t pc)
{
    cpu_synchronize(&cpu->parent);
    x86_load_segment(cpu, R_CS, 0, 0, 0xffff, DESC_P_MASK | DESC_S_MASK | DESC_CS_MASK | DESC_R_MASK | DESC_A_MASK);
    cpu->pc = pc;
}

static void protected_mode(X86Cpu *cpu, uint64_t pc)
{
    static const uint64_t descriptors[] = { 0, 0x00cf9b000000ffff, 0x00cf93000000ffff, 0x00af9b000000ffff };
    cpu_synchronize(&cpu->parent);
    memcpy(host(GDT), descriptors, sizeof(descriptors));
    cpu->gdt = (DescriptorTable){ GDT, sizeof(descriptors) - 1 };
    cpu->idt = (DescriptorTable){ IDT, 0x7ff };
    x86_set_cr0(cpu, CR0_PE | CR0_ET | CR0_NE);
    x86_load_segment(cpu, R_CS, SEL_CODE32, 0, UINT32_MAX, 0x00c09b00);
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        if (seg != R_CS) {
            x86_load_segment(cpu, seg, SEL_DATA, 0, UINT32_MAX, 0x00c09300);
        }
    }
    cpu->regs[R_ESP] = 0x5000;
    cpu->pc = pc;
    cpu->mp_state = KVM_MP_STATE_RUNNABLE;              /* it may sleep at the end of an earlier run */
    cpu->parent.accel->put_level = KVM_PUT_RESET;
}

static void set_gate(unsigned vector, uint32_t handler)
{
    store_le64(host(IDT + 8 * vector), (handler & 0xffff) | SEL_CODE32 << 16 | (uint64_t)0x8e00 << 32 | (uint64_t)(handler >> 16) << 48);
}

static void long_mode(X86Cpu *cpu, uint64_t pc)
{
    protected_mode(cpu, pc);
    store_le64(host(TABLES), (TABLES + 0x1000) | 3);
    store_le64(host(TABLES + 0x1000), (TABLES + 0x2000) | 3);
    for (unsigned i = 0; i < 2; i++) {
        store_le64(host(TABLES + 0x2000 + 8 * i), i * 2 * MiB | 0x83);
    }
    x86_set_cr4(cpu, CR4_PAE);
    x86_set_efer(cpu, EFER_LME | EFER_SCE);
    x86_set_cr3(cpu, TABLES);
    x86_set_cr0(cpu, CR0_PG | CR0_PE | CR0_ET | CR0_NE);
    x86_load_segment(cpu, R_CS, SEL_CODE64, 0, UINT32_MAX, 0x00a09b00);
}

#define MODEL "qemu64"

/* ---- cases ---- */

static void test_real_mode_io(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_real_io);
    memcpy(host(0x1800), "text", 4);
    real_mode(cpu, CODE);
    run();
    g_assert_cmpstr(printed->str, ==, "Ki[4:4321]text");
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->regs[R_ESI], ==, 0x1804);
    g_assert_cmphex(cpu->regs[R_ECX], ==, 0);
    g_assert_cmphex(cpu->segs[R_DS].base, ==, 0);
}

static void test_mmio(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_mmio);
    protected_mode(cpu, CODE);
    run();
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->regs[R_EAX], ==, 0x44332211);
    g_assert_cmphex(cpu->regs[R_EBX] & 0xff, ==, 0x22);
    const uint64_t expected[] = { 0x1004, 0x44332211, 0x1501, 0x22, 0x1802, 0x2211 };
    g_assert_cmpmem(mmio_log, mmio_count * sizeof(mmio_log[0]), expected, sizeof(expected));
    g_assert_cmphex(load_le32(host(0x2000)), ==, 1);
}

static void test_long_mode(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_long);
    long_mode(cpu, CODE);
    cpu->regs[R_R14] = UINT64_C(0xfedcba9876543210);
    run();
    cpu_synchronize(&cpu->parent);
    g_assert_true(x86_code64(cpu));
    g_assert_cmphex(load_le64(host(0x20000)), ==, UINT64_C(0x1122334455667788));
    g_assert_cmphex(cpu->regs[R_R15], ==, UINT64_C(0x1122334455667789));
    g_assert_cmphex(cpu->regs[R_R14], ==, UINT64_C(0xfedcba9876543210));
    g_assert_cmphex(cpu->lstar, ==, UINT64_C(0xffffffff89abcdef));
    g_assert_cmphex(cpu->regs[R_R9], ==, 7);
    g_assert_cmphex(cpu->cr[3], ==, TABLES);
    g_assert_cmphex(cpu->efer & EFER_LMA, ==, EFER_LMA);
    uint64_t paddr;
    g_assert_true(cpu->parent.arch->debug_translate(&cpu->parent, 0x20004, &paddr, NULL));
    g_assert_cmphex(paddr, ==, 0x20004);
}

static void two_processors(const char *accel)
{
    X86Cpu *cpu = start(accel, 2, MODEL);
    LOAD(CODE, code_smp_bsp);
    LOAD(0x8000, code_smp_ap);
    protected_mode(cpu, CODE);
    run();
    g_assert_cmpstr(printed->str, ==, "A");
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->regs[R_ESI], ==, 0);           /* the APIC id of the first */
    X86Cpu *second = X86_CPU(cpu_by_index(1));
    cpu_synchronize(&second->parent);
    g_assert_cmphex(second->segs[R_CS].base, ==, 0x8000);
    g_autofree char *text = apic_describe(second->apic);
    g_assert_nonnull(text);
    g_assert_nonnull(strstr(text, "dumping local APIC state for CPU 1"));
}

static void test_two_processors(void) { two_processors("kvm"); }
static void test_two_processors_split(void) { two_processors("kvm,kernel-irqchip=split"); }

static void apic_timer(const char *accel)
{
    X86Cpu *cpu = start(accel, 1, MODEL);
    LOAD(CODE, code_apic_timer);
    protected_mode(cpu, CODE);
    set_gate(0x40, CODE + 0x80);
    run();
    g_assert_cmpstr(printed->str, ==, "T");
}

static void test_apic_timer(void) { apic_timer("kvm"); }
static void test_apic_timer_split(void) { apic_timer("kvm,kernel-irqchip=split"); }

/* The 8259 of ours: a line that rises while the guest sleeps. */
static int read_pic(void)
{
    x86_pic_set_output(0);
    return 0x20;
}

/* Does it when the guest has said that it waits. */
typedef struct WhenWaiting { Timer timer; void (*fn)(void *opaque); void *opaque; } WhenWaiting;

static void look_again(WhenWaiting *w) { timer_set_ns(&w->timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + 50 * NS_PER_MS); }

static void look(void *opaque)
{
    WhenWaiting *w = opaque;
    if (strchr(printed->str, 'W')) {
        w->fn(w->opaque);
    } else {
        look_again(w);
    }
}

static void when_waiting(WhenWaiting *w, void (*fn)(void *opaque), void *opaque)
{
    *w = (WhenWaiting){ .fn = fn, .opaque = opaque };
    timer_init(&w->timer, CLOCK_TYPE_VIRTUAL, look, w);
    look_again(w);
}

static void raise_line(void *opaque) { x86_pic_set_output(1); }

static void test_no_irqchip(void)
{
    X86Cpu *cpu = start("kvm,kernel-irqchip=off", 1, MODEL ",-apic,-x2apic");
    WhenWaiting waiting;
    LOAD(CODE, code_wait_irq);
    store_le32(host(4 * 0x20), CODE + 0x80);
    real_mode(cpu, CODE);
    x86_set_pic_reader(read_pic);
    when_waiting(&waiting, raise_line, NULL);
    run();
    g_assert_cmpstr(printed->str, ==, "WI");
    g_assert_null(cpu->apic);
}

static void send_nmi(void *opaque) { cpu_interrupt(opaque, CPU_INTERRUPT_NMI); }

static void nmi(const char *accel, const char *model)
{
    X86Cpu *cpu = start(accel, 1, model);
    WhenWaiting waiting;
    LOAD(CODE, code_wait_irq);
    store_le32(host(4 * 2), CODE + 0x80);
    real_mode(cpu, CODE);
    when_waiting(&waiting, send_nmi, cpu);
    run();
    g_assert_cmpstr(printed->str, ==, "WI");
}

static void test_nmi(void) { nmi("kvm", MODEL); }
static void test_nmi_no_irqchip(void) { nmi("kvm,kernel-irqchip=off", MODEL ",-apic,-x2apic"); }

/* ---- memory ---- */

static void dirty(const char *accel)
{
    X86Cpu *cpu = start(accel, 1, MODEL);
    unsigned long bitmap[RAM_SIZE / 4096 / 64];
    LOAD(CODE, code_dirty);
    protected_mode(cpu, CODE);
    memory_region_set_log(&ram, true, DIRTY_MIGRATION);
    memory_region_test_and_clear_dirty(&ram, 0, RAM_SIZE, DIRTY_MIGRATION, NULL);
    /* The kernel's first bitmap may say that all is dirty: it wants to be asked once while it logs. */
    run_state_set(RUN_STATE_PRELAUNCH);
    vm_start();
    vm_stop(RUN_STATE_PAUSED);
    memory_region_test_and_clear_dirty(&ram, 0, RAM_SIZE, DIRTY_MIGRATION, NULL);
    done = false;
    store_le32(host(0x30004), 0);
    protected_mode(cpu, CODE);
    run();
    g_assert_true(memory_region_test_and_clear_dirty(&ram, 0, RAM_SIZE, DIRTY_MIGRATION, bitmap));
    /* The kernel may count pages that it only maps for writing, as that of the code. */
    g_assert_cmphex(bitmap[0] & ~(BIT(1) | BIT(6) | BIT(7)), ==, BIT(0x30) | BIT(0x35));
    for (unsigned i = 1; i < G_N_ELEMENTS(bitmap); i++) {
        g_assert_cmphex(bitmap[i], ==, 0);
    }
    g_assert_false(memory_region_test_and_clear_dirty(&ram, 0, RAM_SIZE, DIRTY_MIGRATION, bitmap));
    /* Once more: cleared pages are watched again. */
    protected_mode(cpu, CODE);
    run();
    g_assert_true(memory_region_test_and_clear_dirty(&ram, 0x30000, 0x1000, DIRTY_MIGRATION, bitmap));
    g_assert_true(memory_region_test_and_clear_dirty(&ram, 0x35000, 0x1000, DIRTY_MIGRATION, bitmap));
    memory_region_set_log(&ram, false, DIRTY_MIGRATION);
}

static void test_dirty_log(void) { dirty("kvm"); }
static void test_dirty_ring(void) { dirty("kvm,dirty-ring-size=1024"); }

static void test_doorbells(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    int fds[3] = { eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK), eventfd(0, EFD_NONBLOCK) };
    uint64_t count;
    LOAD(CODE, code_doorbell);
    protected_mode(cpu, CODE);
    memory_region_add_ioeventfd(&device, &(MemoryIoeventfd){ .addr = 0x20, .size = 4, .match_data = true, .data = 7, .fd = fds[0] });
    memory_region_add_ioeventfd(&ports, &(MemoryIoeventfd){ .addr = 8, .size = 1, .fd = fds[1] });
    memory_region_set_coalesced(&coalesced, 0, 0x100);
    run();
    g_assert_cmpint(read(fds[0], &count, 8), ==, 8);
    g_assert_cmpint(count, ==, 1);
    g_assert_cmpint(read(fds[1], &count, 8), ==, 8);
    g_assert_cmpstr(printed->str, ==, "");
    const uint64_t expected[] = { 0x2004, 9, 0x0004, 0xc0, 0x0004, 0xc1, 0x0404, 0xc2 };
    g_assert_cmpmem(mmio_log, mmio_count * sizeof(mmio_log[0]), expected, sizeof(expected));
    memory_region_del_ioeventfd(&device, &(MemoryIoeventfd){ .addr = 0x20, .size = 4, .match_data = true, .data = 7, .fd = fds[0] });
}

static void test_rom_is_read_only(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    uint8_t *first = memory_region_ram_ptr(&rom);
    *first = 0xab;
    LOAD(CODE, code_rom);
    protected_mode(cpu, CODE);
    run();
    g_assert_cmphex(*first, ==, 0xab);
    g_assert_cmphex(load_le32(host(0x4000)), ==, 0xab);
}

/* Memory that changes while the guest runs: what is mapped where, and that it may be written. */
static void test_memory_changes(void)
{
    static MemoryRegion overlay;
    X86Cpu *cpu = start("kvm", 1, MODEL);
    GError *err = NULL;
    memory_region_init_ram(&overlay, NULL, "overlay", 64 * KiB, &err);
    LOAD(CODE, code_dirty);
    protected_mode(cpu, CODE);
    run();
    g_assert_cmphex(load_le32(host(0x30004)), ==, 1);
    memory_region_add_subregion_overlap(&machine->system_memory.memory, 0x30000, &overlay, 1);
    store_le32(host(0x30004), 0);
    protected_mode(cpu, CODE);
    run();
    g_assert_cmphex(load_le32(host(0x30004)), ==, 0);
    g_assert_cmphex(load_le32((uint8_t *)memory_region_ram_ptr(&overlay) + 4), ==, 1);
    memory_region_del_subregion(&machine->system_memory.memory, &overlay);
    protected_mode(cpu, CODE);
    run();
    g_assert_cmphex(load_le32(host(0x30004)), ==, 1);
}

/* ---- messages ---- */

static void messages(const char *accel)
{
    X86Cpu *cpu = start(accel, 1, MODEL);
    GError *err = NULL;
    /* The guest's timer code, with a vector that only the message has. */
    LOAD(CODE, code_apic_timer);
    store_le32(host(CODE + 0x29), 0);       /* the initial count: no timer */
    protected_mode(cpu, CODE);
    set_gate(0x41, CODE + 0x80);
    g_assert_true(irqfd_available());
    int fd = eventfd(0, EFD_NONBLOCK), route = irq_route_new(APIC_DEFAULT_ADDRESS, 0x55, 0, &err);
    uint64_t one = 1;
    g_assert_no_error(err);
    g_assert_true(irq_route_change(route, APIC_DEFAULT_ADDRESS, 0x41, 0, &err));
    g_assert_true(irqfd_connect(route, fd, &err));
    g_assert_no_error(err);
    run_state_set(RUN_STATE_PRELAUNCH);
    vm_start();
    machine_unlock();
    g_usleep(300000);
    machine_lock();
    vm_stop(RUN_STATE_PAUSED);
    g_assert_cmpstr(printed->str, ==, "");
    g_assert_cmpint(write(fd, &one, 8), ==, 8);
    run();
    g_assert_cmpstr(printed->str, ==, "T");
    irqfd_disconnect(route, fd);
    irq_route_free(route);
    /* A message that a device writes. */
    address_space_store(&machine->system_memory.memory_space, APIC_DEFAULT_ADDRESS, 0x41, 4, MEM_ATTRS_NONE);
    run();
    g_assert_cmpstr(printed->str, ==, "TT");
}

static void test_messages(void) { messages("kvm"); }
static void test_messages_split(void) { messages("kvm,kernel-irqchip=split"); }

/* ---- debugging ---- */

static void add_breakpoint(X86Cpu *cpu, BreakpointKind kind, uint64_t addr, uint64_t len)
{
    Breakpoint b = { .kind = kind, .addr = addr, .len = len, .by_gdb = true };
    GError *err = NULL;
    g_array_append_val(cpu->parent.breakpoints, b);
    g_assert_true(accel_type(accel_current())->breakpoint_insert(&cpu->parent, &b, &err));
    g_assert_no_error(err);
}

static void remove_breakpoint(X86Cpu *cpu)
{
    Breakpoint b = g_array_index(cpu->parent.breakpoints, Breakpoint, 0);
    g_array_remove_index(cpu->parent.breakpoints, 0);
    g_assert_true(accel_type(accel_current())->breakpoint_remove(&cpu->parent, &b, NULL));
}

static void expect_stop(X86Cpu *cpu, uint64_t pc)
{
    run();
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->pc, ==, pc);
    g_assert_cmpint(stop_reason, ==, VCPU_EXIT_DEBUG);
}

static void set_singlestep(X86Cpu *cpu, bool on)
{
    cpu->parent.singlestep = on ? SSTEP_ENABLE : 0;
    accel_type(accel_current())->debug_changed(&cpu->parent);
}

static void test_single_steps(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_steps);
    protected_mode(cpu, CODE);
    set_gate(3, CODE + 0x80);
    set_singlestep(cpu, true);
    expect_stop(cpu, CODE + 5);
    g_assert_cmphex(cpu->regs[R_EAX], ==, 1);
    expect_stop(cpu, CODE + 10);
    g_assert_cmphex(cpu->regs[R_EBX], ==, 2);
    cpu->pc = CODE;                             /* as a debugger may */
    expect_stop(cpu, CODE + 5);
    set_singlestep(cpu, false);
    run();
    g_assert_cmpint(stop_reason, <, 0);
    g_assert_cmpstr(printed->str, ==, "B");
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->regs[R_EDX], ==, 5);
}

/* A case runs in a process of its own: this tells the parent that there was nothing to check, and why. */
#define SKIP_FILE "TEST_KVM_SKIP_FILE"
static void nothing_to_check(const char *why)
{
    g_assert_true(g_file_set_contents(g_getenv(SKIP_FILE), why, -1, NULL));
}

/* An emulated AMD-V may not look at DR7 of the guest: then none of these stops it. */
static void test_hardware_breakpoints(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_steps);
    protected_mode(cpu, CODE);
    set_gate(3, CODE + 0x80);
    add_breakpoint(cpu, BREAK_HW, CODE + 5, 1);
    run();
    if (stop_reason < 0) {
        nothing_to_check("this KVM does not look at the guest's DR7");
        return;
    }
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->pc, ==, CODE + 5);
    g_assert_cmphex(cpu->regs[R_EAX], ==, 1);
    remove_breakpoint(cpu);
    add_breakpoint(cpu, WATCH_WRITE, 0x4000, 4);
    run();
    g_assert_cmpint(stop_reason, ==, VCPU_EXIT_DEBUG);
    g_assert_true(cpu->parent.watch_hit);
    g_assert_cmphex(cpu->parent.watch_hit_addr, ==, 0x4000);
}

/* An emulated AMD-V may hand INT3 to the guest in spite of the intercept: then there is nothing to see. */
static void test_software_breakpoints(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_steps);
    protected_mode(cpu, CODE);
    set_gate(3, CODE + 0x80);
    add_breakpoint(cpu, BREAK_SW, CODE + 5, 1);
    g_assert_cmphex(*host(CODE + 5), ==, 0xcc);
    run();
    if (stop_reason == VCPU_EXIT_DEBUG) {
        cpu_synchronize(&cpu->parent);
        g_assert_cmphex(cpu->pc, ==, CODE + 5);
        remove_breakpoint(cpu);
        g_assert_cmphex(*host(CODE + 5), ==, 0xbb);
        /* The guest's own breakpoint is the guest's, with one of ours elsewhere. */
        add_breakpoint(cpu, BREAK_SW, 0x3f00, 1);
        run();
        g_assert_cmpint(stop_reason, <, 0);
        g_assert_cmpstr(printed->str, ==, "B");
        cpu_synchronize(&cpu->parent);
        g_assert_cmphex(cpu->regs[R_EDX], ==, 5);
    } else {
        remove_breakpoint(cpu);
        g_assert_cmphex(*host(CODE + 5), ==, 0xbb);
        nothing_to_check("this KVM hands INT3 to the guest");
    }
}

/* ---- ends ---- */

static void test_triple_fault_resets(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    int code;
    LOAD(CODE, code_triple);
    protected_mode(cpu, CODE);
    done = false;
    run_state_set(RUN_STATE_PRELAUNCH);
    vm_start();
    for (unsigned i = 0; i < 30000 && !done; i++) {
        main_loop_iterate(false);
        g_assert_false(run_state_do_requests(&code));
        machine_unlock();
        g_usleep(1000);
        machine_lock();
    }
    vm_stop(RUN_STATE_PAUSED);
    g_assert_cmpstr(printed->str, ==, "3R");
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->segs[R_CS].base, ==, 0xffff0000);
    g_assert_cmphex(cpu->cr[0] & CR0_PE, ==, 0);
}

static void test_internal_error(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_fetch_mmio);
    protected_mode(cpu, CODE);
    run();
    g_assert_cmpint(stop_reason, ==, VCPU_EXIT_ERROR);
    g_autofree char *text = accel_type(accel_current())->error_text(&cpu->parent);
    g_assert_nonnull(text);
    g_assert_nonnull(strstr(text, "KVM internal error. Suberror: 1\n"));
    g_assert_nonnull(strstr(text, "emulation failure\n"));
    g_assert_nonnull(strstr(text, "EAX=10000000 "));
}

/* Our registers go in and come back as they were, those of the vector units too. */
static void test_registers(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_real_io);
    memcpy(host(0x1800), "text", 4);
    real_mode(cpu, CODE);
    cpu->parent.accel->put_level = KVM_PUT_FULL;        /* as when a state is loaded */
    cpu->dr[1] = 0x12345678;
    cpu->pat = UINT64_C(0x0007040600070401);
    cpu->mtrr_def_type = 0xc06;
    cpu->mtrr_var[3].base = 0x40000000;
    cpu->sysenter_eip = 0x7777;
    cpu->star = UINT64_C(0x0011002200330044);
    cpu->ldt = (SegmentCache){ .selector = 0x28, .base = 0x9000, .limit = 0x77, .attributes = DESC_P_MASK | 2u << DESC_TYPE_SHIFT };
    run();
    memset(cpu->dr, 0, sizeof(cpu->dr));
    cpu->pat = cpu->mtrr_def_type = cpu->mtrr_var[3].base = cpu->sysenter_eip = cpu->star = 0;
    cpu->ldt = (SegmentCache){ 0 };
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->dr[1], ==, 0x12345678);
    g_assert_cmphex(cpu->pat, ==, UINT64_C(0x0007040600070401));
    g_assert_cmphex(cpu->mtrr_def_type, ==, 0xc06);
    g_assert_cmphex(cpu->mtrr_var[3].base, ==, 0x40000000);
    g_assert_cmphex(cpu->sysenter_eip, ==, 0x7777);
    g_assert_cmphex(cpu->star, ==, UINT64_C(0x0011002200330044));
    g_assert_cmphex(cpu->ldt.base, ==, 0x9000);
    g_assert_cmphex(cpu->ldt.limit, ==, 0x77);
}

static void test_vector_registers(void)
{
    X86Cpu *cpu = start("kvm", 1, MODEL);
    LOAD(CODE, code_float);
    protected_mode(cpu, CODE);
    x86_set_cr4(cpu, CR4_OSFXSR);
    cpu->ymm[5].q[0] = UINT64_C(0x0123456789abcdef);
    cpu->mxcsr = 0x1fa0;
    run();
    memset(cpu->ymm, 0, sizeof(cpu->ymm));
    memset(cpu->fpr, 0, sizeof(cpu->fpr));
    cpu->mxcsr = 0;
    cpu_synchronize(&cpu->parent);
    g_assert_cmphex(cpu->ymm[3].q[0], ==, 0x12345678);
    g_assert_cmphex(cpu->ymm[5].q[0], ==, UINT64_C(0x0123456789abcdef));
    g_assert_cmphex(cpu->mxcsr & 0xffc0, ==, 0x1f80);
    g_assert_cmpint(cpu->fpu_top, ==, 6);
    g_assert_cmphex(load_le64(cpu->fpr[6].bytes), ==, UINT64_C(0xc90fdaa22168c235));    /* pi */
    g_assert_cmphex(load_le16(cpu->fpr[7].bytes + 8), ==, 0x3fff);                      /* 1.0 */
}

/* ---- running each in its own process ---- */

/* native: its code has to run on the processor. */
typedef struct Case { const char *name; void (*fn)(void); bool native; } Case;
static const Case cases[] = {
    { "real mode: ports, strings", test_real_mode_io },
    { "protected mode: mmio of 1, 2 and 4 bytes", test_mmio },
    { "long mode: registers, msrs, cr8", test_long_mode },
    { "registers keep what is put in", test_registers },
    { "registers of x87 and vectors", test_vector_registers, true },
    { "two processors by INIT and SIPI", test_two_processors },
    { "two processors, split irqchip", test_two_processors_split },
    { "the local apic's timer", test_apic_timer },
    { "the local apic's timer, split irqchip", test_apic_timer_split },
    { "an interrupt of our 8259 ends HLT", test_no_irqchip },
    { "nmi", test_nmi },
    { "nmi without irqchip", test_nmi_no_irqchip },
    { "dirty log", test_dirty_log },
    { "dirty ring", test_dirty_ring },
    { "ioeventfd and coalesced mmio", test_doorbells },
    { "rom is read-only", test_rom_is_read_only },
    { "slots follow the memory", test_memory_changes },
    { "messages and irqfd", test_messages, true },
    { "messages and irqfd, split irqchip", test_messages_split, true },
    { "single steps", test_single_steps, true },
    { "hardware breakpoints and watchpoints", test_hardware_breakpoints, true },
    { "software breakpoints", test_software_breakpoints },
    { "a triple fault resets", test_triple_fault_resets, true },
    { "an internal error has its registers", test_internal_error },
};

static char *why_not, *why_not_native;

/* A KVM without hardware behind it emulates what is neither 64-bit code nor paged, as far as the kernel's emulator goes: no x87, no SSE, no IRET in protected mode. What
 * every processor with AMD-V or VT-x has shows it: SSE3. */
static bool emulates(int fd)
{
    enum { MOST = 256, CPUID_1_ECX_SSE3 = 1 };
    g_autofree struct kvm_cpuid2 *list = g_malloc0(sizeof(*list) + MOST * sizeof(list->entries[0]));
    list->nent = MOST;
    bool known = ioctl(fd, KVM_GET_SUPPORTED_CPUID, list) == 0;
    for (unsigned i = 0; known && i < list->nent; i++) {
        if (list->entries[i].function == 1) {
            return !(list->entries[i].ecx & CPUID_1_ECX_SSE3);
        }
    }
    return false;
}

static void run_case(gconstpointer data)
{
    const Case *c = data;
    if (g_test_subprocess()) {
        c->fn();
        return;
    }
    if (why_not || (c->native && why_not_native)) {
        g_test_skip(why_not ? why_not : why_not_native);
        return;
    }
    g_autofree char *skip_file = g_strdup_printf("%s/test-kvm-skip-%d", g_get_tmp_dir(), (int)getpid()), *why = NULL;
    unlink(skip_file);
    g_setenv(SKIP_FILE, skip_file, TRUE);
    g_test_trap_subprocess(NULL, 120 * G_USEC_PER_SEC, G_TEST_SUBPROCESS_INHERIT_STDERR);
    if (!g_test_trap_has_passed()) {
        g_test_fail();
    } else if (g_file_get_contents(skip_file, &why, NULL, NULL)) {
        g_test_skip(why);
    }
    unlink(skip_file);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    int fd = open("/dev/kvm", O_RDWR | O_CLOEXEC);
    if (fd < 0) {
        why_not = g_strdup_printf("/dev/kvm: %s", g_strerror(errno));
    } else {
        why_not_native = emulates(fd) ? g_strdup("this KVM has no processor behind it: it emulates 32-bit code without paging") : NULL;
        close(fd);
    }
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        g_autofree char *path = g_strdup_printf("/kvm/%s", cases[i].name);
        g_test_add_data_func(path, &cases[i], run_case);
    }
    return g_test_run();
}
