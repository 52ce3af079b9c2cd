/*
 * Runs one bare-metal program on one Arm processor: RAM at 0x40000000, which the image is loaded into and a part of which is written out behind; a port at 0x100000
 * that ends the run.
 *
 *     run-arm ACCEL CPU IMAGE OUT ADDRESS BYTES [SECONDS]
 *
 * CPU: a model of qemu-system-aarch64, or arm:MODEL, one of qemu-system-arm.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "softmmu/dma.h"
#include "target/arm/cpu.h"
#include "util/error.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { EXIT_PORT = 0x100000 };
#define RAM_BASE UINT64_C(0x40000000)
#define RAM_SIZE (512 * MiB)

static SystemMemory memory;
static MemoryRegion ram, exit_port;
static int status = -1;

static uint64_t read_nothing(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void write_exit(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    status = value != 0x5555;
    atomic_store(&cpu_first()->exit_request, true);
    atomic_store(&cpu_first()->halted, true);
}
static const MemoryRegionOps exit_ops = { .read = read_nothing, .write = write_exit, .valid = { 1, 8, true }, .impl = { 1, 8, true } };

static void message(const char *line) { fprintf(stderr, "%s\n", line); }
static void on_stop(Cpu *cpu, int exit) { status = 125; }

static void fail(GError *err)
{
    if (err) {
        fprintf(stderr, "run-arm: %s\n", err->message);
        exit(126);
    }
}

static void wait_for_end(int seconds)
{
    for (int64_t end = g_get_monotonic_time() + seconds * G_USEC_PER_SEC; status < 0 && g_get_monotonic_time() < end;) {
        machine_unlock();
        g_usleep(200);
        machine_lock();
        while (g_main_context_pending(NULL)) {
            g_main_context_iteration(NULL, false);
        }
    }
}

int main(int argc, char **argv)
{
    GError *err = NULL;
    g_autofree char *image = NULL;
    gsize size;
    if (argc < 7 || !g_file_get_contents(argv[3], &image, &size, &err)) {
        fail(err);
        fprintf(stderr, "usage: run-arm ACCEL CPU IMAGE OUT ADDRESS BYTES [SECONDS]\n");
        return 126;
    }
    bool is32 = g_str_has_prefix(argv[2], "arm:");
    const TargetArch *target = is32 ? &arm_target : &aarch64_target;
    const char *model = argv[2] + (is32 ? strlen("arm:") : 0);
    uint64_t address = strtoull(argv[5], NULL, 0), bytes = strtoull(argv[6], NULL, 0);
    main_loop_init();
    if (g_getenv("LOG")) {
        log_set_items(g_getenv("LOG"), &err);
        fail(err);
    }
    target_set_current(target);
    system_memory_init(&memory);
    memory_region_init_ram(&ram, NULL, "ram", RAM_SIZE, &err);
    memory_region_add_subregion(&memory.memory, RAM_BASE, &ram);
    memory_region_init_io(&exit_port, NULL, &exit_ops, NULL, "exit", 0x1000);
    memory_region_add_subregion(&memory.memory, EXIT_PORT, &exit_port);
    const char *options[] = { argv[1], NULL };
    g_autoptr(GPtrArray) list = accel_resolve(&(AccelRequest){ .program = "test", .accel_options = options }, &err);
    fail(err);
    accel_init_first(list, target, NULL, &memory, message, &err);
    fail(err);
    cpu_set_stop_hook(on_stop);
    dma_write(&memory.memory_space, RAM_BASE, image, MIN(size, RAM_SIZE));
    Cpu *cpu = target->new_cpu(target, model, &err);
    fail(err);
    cpu->memory = &memory.memory_space;
    object_set_uint(OBJECT(cpu), "rvbar", RAM_BASE, &err);
    fail(err);
    object_set_bool(OBJECT(cpu), "has_el2", false, &err);
    g_clear_error(&err);
    object_set_bool(OBJECT(cpu), "has_el3", false, &err);
    g_clear_error(&err);
    device_realize(&cpu->parent, NULL, &err);
    fail(err);
    cpus_resume();
    wait_for_end(argc > 7 ? atoi(argv[7]) : 60);
    cpus_pause();
    if (status < 0) {
        g_autoptr(GString) text = g_string_new(NULL);
        target->dump_registers(cpu, text, true);
        fprintf(stderr, "run-arm: no end\n%s", text->str);
        status = 124;
    }
    g_autofree char *result = g_malloc(bytes + 1);
    if (status == 0 && address >= RAM_BASE && address - RAM_BASE <= RAM_SIZE && bytes <= RAM_SIZE - (address - RAM_BASE)) {
        dma_read(&memory.memory_space, address, result, bytes);
        g_file_set_contents(argv[4], result, (gssize)bytes, &err);
        fail(err);
    }
    fflush(stderr);
    _exit(status);
}
