/*
 * Runs one bare-metal program on one hart: RAM at 0x80000000, a port for characters at 0x10000000, a port that ends the run with a status at 0x100000.
 *
 *     run-riscv ACCEL CPU IMAGE [SECONDS]
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "softmmu/dma.h"
#include "target/riscv/cpu.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_PORT = 0x100000, TEXT_PORT = 0x10000000 };
#define RAM_BASE UINT64_C(0x80000000)

static SystemMemory memory;
static MemoryRegion ram, exit_port, text_port;
static int status = -1;

static uint64_t read_nothing(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void write_exit(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    status = (int)value;
    atomic_store(&cpu_first()->exit_request, true);
    atomic_store(&cpu_first()->halted, true);
}
static void write_text(void *opaque, uint64_t addr, uint64_t value, unsigned size) { fputc((int)value, stdout); }
static const MemoryRegionOps exit_ops = { .read = read_nothing, .write = write_exit, .valid = { 1, 8, true }, .impl = { 1, 8, true } };
static const MemoryRegionOps text_ops = { .read = read_nothing, .write = write_text, .valid = { 1, 8, true }, .impl = { 1, 8, true } };

static uint64_t read_time(void *opaque) { return (uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL) / 100; }
static const RiscvTimeSource time_source = { .read = read_time, .frequency_hz = 10000000 };

static void message(const char *line) { fprintf(stderr, "%s\n", line); }
static void on_stop(Cpu *cpu, int exit) { status = 125; }

static void fail(GError *err)
{
    if (err) {
        fprintf(stderr, "run-riscv: %s\n", err->message);
        exit(126);
    }
}

int main(int argc, char **argv)
{
    GError *err = NULL;
    g_autofree char *image = NULL;
    gsize size;
    if (argc < 4 || !g_file_get_contents(argv[3], &image, &size, &err)) {
        fail(err);
        fprintf(stderr, "usage: run-riscv ACCEL CPU IMAGE [SECONDS]\n");
        return 126;
    }
    const TargetArch *arch = g_str_has_prefix(argv[2], "rv32") ? &riscv32_target : &riscv64_target;
    main_loop_init();
    if (g_getenv("LOG")) {
        log_set_items(g_getenv("LOG"), &err);
        fail(err);
    }
    target_set_current(arch);
    system_memory_init(&memory);
    memory_region_init_ram(&ram, NULL, "ram", 32 * MiB, &err);
    memory_region_add_subregion(&memory.memory, RAM_BASE, &ram);
    memory_region_init_io(&exit_port, NULL, &exit_ops, NULL, "exit", 0x1000);
    memory_region_add_subregion(&memory.memory, EXIT_PORT, &exit_port);
    memory_region_init_io(&text_port, NULL, &text_ops, NULL, "text", 0x1000);
    memory_region_add_subregion(&memory.memory, TEXT_PORT, &text_port);
    const char *options[] = { argv[1], NULL };
    g_autoptr(GPtrArray) list = accel_resolve(&(AccelRequest){ .program = "test", .accel_options = options }, &err);
    fail(err);
    accel_init_first(list, arch, NULL, &memory, message, &err);
    fail(err);
    cpu_set_stop_hook(on_stop);
    dma_write(&memory.memory_space, RAM_BASE, image, MIN(size, 32 * MiB));
    Cpu *cpu = arch->new_cpu(arch, argv[2], &err);
    fail(err);
    cpu->memory = &memory.memory_space;
    object_set_uint(OBJECT(cpu), "resetvec", RAM_BASE, &err);
    riscv_hart_set_time_source(cpu, &time_source);
    device_realize(&cpu->parent, NULL, &err);
    fail(err);
    cpus_resume();
    for (int64_t end = g_get_monotonic_time() + (argc > 4 ? atoi(argv[4]) : 20) * G_USEC_PER_SEC; status < 0 && g_get_monotonic_time() < end;) {
        machine_unlock();
        g_usleep(200);
        machine_lock();
        while (g_main_context_pending(NULL)) {
            g_main_context_iteration(NULL, false);
        }
    }
    cpus_pause();
    fflush(stdout);
    if (status < 0) {
        g_autoptr(GString) text = g_string_new(NULL);
        arch->dump_registers(cpu, text, true);
        fprintf(stderr, "run-riscv: no end\n%s", text->str);
        status = 124;
    }
    fflush(stderr);
    _exit(status);
}
