/*
 * A machine of RAM, a device and two processors for tests of the translating accelerator: processors in real, protected and long mode, running until all halt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_UNIT_TCG_EXEC_FIXTURE_H
#define TESTS_UNIT_TCG_EXEC_FIXTURE_H

#include "accel/accel.h"
#include "softmmu/dma.h"
#include "softmmu/ram.h"
#include "target/i386/internal.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "wait-until.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* ---- the machine ---- */

enum { CODE = 0x5000, GDT = 0x1000, IDT = 0x2000, STACK = 0x8000, HANDLER = 0x6000, PML4 = 0x10c000, PDPT = 0x10d000, PD = 0x10e000,
       PT_FAULT = 0x110000, PT_CODE = 0x111000, MMIO = 0xe0000000 };
static SystemMemory memory;
static MemoryRegion ram, device;
static Cpu *cpus[2];
static unsigned device_reads, device_writes;
static uint64_t device_sum;
static void (*device_written)(void);  /* a test's own */
static int stops;

static inline uint64_t device_read(void *opaque, uint64_t addr, unsigned size)
{
    g_assert_true(machine_lock_held());
    device_reads++;
    return addr + device_reads;
}

static inline void device_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    device_writes++;
    device_sum += value << (addr == 0x7ff ? 0 : 1);
    if (device_written) {
        device_written();
    }
}

static const MemoryRegionOps device_ops = { .read = device_read, .write = device_write, .valid = { 1, 4, true }, .impl = { 1, 4, true } };

static inline void message(const char *line)
{
    g_test_message("%s", line);
}

static inline void on_stop(Cpu *cpu, int exit)
{
    stops++;
}

static inline Cpu *new_cpu(void)
{
    GError *err = NULL;
    Cpu *cpu = x86_64_target.new_cpu(&x86_64_target, "qemu64,-apic,check=off", &err);
    g_assert_no_error(err);
    cpu->memory = &memory.memory_space;
    cpu->io = &memory.io_space;
    g_assert_true(device_realize(&cpu->parent, NULL, &err));
    return cpu;
}

/* false: this program has no such back end. */
static inline bool build(const char *accel)
{
    GError *err = NULL;
    main_loop_init();
    target_set_current(&x86_64_target);
    system_memory_init(&memory);
    g_assert_true(memory_region_init_ram(&ram, NULL, "ram", 16 * MiB, &err));
    memory_region_add_subregion(&memory.memory, 0, &ram);
    memory_region_init_io(&device, NULL, &device_ops, NULL, "device", 0x1000);
    memory_region_add_subregion(&memory.memory, MMIO, &device);
    const char *options[] = { accel, NULL };
    g_autoptr(GPtrArray) list = accel_resolve(&(AccelRequest){ .program = "test", .accel_options = options }, &err);
    g_assert_no_error(err);
    if (!accel_init_first(list, &x86_64_target, NULL, &memory, message, &err) && strstr(err->message, "has no back end")) {
        return false;
    }
    g_assert_no_error(err);
    cpu_set_stop_hook(on_stop);
    cpus[0] = new_cpu();
    cpus[1] = new_cpu();
    return true;
}

static inline uint8_t *host(uint64_t addr) { return (uint8_t *)memory_region_ram_ptr(&ram) + addr; }
static inline void put(uint64_t addr, const void *bytes, unsigned size) { dma_write(&memory.memory_space, addr, bytes, size); }
static inline void put64(uint64_t addr, uint64_t v) { put(addr, &v, 8); }
static inline uint32_t get32(uint64_t addr) { return load_le32(host(addr)); }
static inline uint64_t get64(uint64_t addr) { return load_le64(host(addr)); }
#define PUT(addr, code) put(addr, code, sizeof(code))

/* ---- states ---- */

enum { FLAT_CODE32 = 0x00c09b00, FLAT_DATA32 = 0x00c09300, FLAT_CODE64 = 0x00a09b00 };

static inline void reset_all_cpus(void)
{
    cpus_pause();
    dma_set(&memory.memory_space, 0, 0, 16 * MiB);
    for (unsigned i = 0; i < 2; i++) {
        cpu_reset(cpus[i]);
        atomic_store(&cpus[i]->halted, true);
        cpus[i]->singlestep = 0;
    }
    device_reads = device_writes = device_sum = stops = 0;
}

static inline X86Cpu *ready(unsigned n)
{
    X86Cpu *cpu = X86_CPU(cpus[n]);
    atomic_store(&cpus[n]->halted, false);
    memset(cpu->regs, 0, sizeof(cpu->regs));
    return cpu;
}

static inline X86Cpu *real_mode(void)
{
    reset_all_cpus();
    X86Cpu *cpu = ready(0);
    x86_load_segment(cpu, R_CS, 0, 0, 0xffff, 0x9b00);
    cpu->pc = CODE;
    cpu->regs[R_ESP] = STACK;
    return cpu;
}

static inline void put_gate32(unsigned vector, uint32_t handler)
{
    put64(IDT + vector * 8, (handler & 0xffff) | 8 << 16 | (uint64_t)(0x8e00 | (handler & 0xffff0000)) << 32);
}

static inline void put_gate64(unsigned vector, uint64_t handler)
{
    put64(IDT + vector * 16, (handler & 0xffff) | 8 << 16 | (uint64_t)(0x8e00 | (handler & 0xffff0000)) << 32);
    put64(IDT + vector * 16 + 8, handler >> 32);
}

static inline void flat(X86Cpu *cpu, uint32_t code)
{
    put64(GDT + 8, code == FLAT_CODE64 ? 0x00af9a000000ffff : 0x00cf9a000000ffff);
    put64(GDT + 16, 0x00cf92000000ffff);
    cpu->gdt = (DescriptorTable){ .base = GDT, .limit = 0xff };
    cpu->idt = (DescriptorTable){ .base = IDT, .limit = 0xfff };
    for (int seg = 0; seg < R_SEG_COUNT; seg++) {
        x86_load_segment(cpu, seg, seg == R_CS ? 8 : 16, 0, UINT32_MAX, seg == R_CS ? code : FLAT_DATA32);
    }
    cpu->regs[R_ESP] = STACK;
    cpu->pc = CODE;
}

static inline X86Cpu *protected_mode(void)
{
    reset_all_cpus();
    X86Cpu *cpu = ready(0);
    x86_set_cr0(cpu, CR0_PE | CR0_ET);
    flat(cpu, FLAT_CODE32);
    return cpu;
}

/* 0 to 2 MiB as they are, 4 KiB pages from 1 GiB on by PT_FAULT, from 1 GiB + 2 MiB on by PT_CODE. */
static inline void long_mode_on(X86Cpu *cpu)
{
    put64(PML4, PDPT | 7);
    put64(PDPT, PD | 7);
    put64(PDPT + 8, (PD + 0x1000) | 7);
    put64(PD, 0x87);
    put64(PD + 8, 0x200087);
    put64(PD + 0x1000, PT_FAULT | 7);
    put64(PD + 0x1008, PT_CODE | 7);
    x86_set_cr4(cpu, CR4_PAE);
    x86_set_efer(cpu, EFER_LME);
    x86_set_cr3(cpu, PML4);
    x86_set_cr0(cpu, CR0_PE | CR0_PG | CR0_WP | CR0_ET);
    flat(cpu, FLAT_CODE64);
}

static inline X86Cpu *long_mode(void)
{
    reset_all_cpus();
    X86Cpu *cpu = ready(0);
    long_mode_on(cpu);
    return cpu;
}

/* ---- running ---- */

static inline void wait_a_little(void)
{
    machine_unlock();
    g_usleep(200);
    machine_lock();
}

static inline bool at_rest(void)
{
    for (unsigned i = 0; i < 2; i++) {
        if (!atomic_load(&cpus[i]->halted) && !cpus[i]->stopped) {
            return false;
        }
    }
    return true;
}

static inline void run(void)
{
    cpus_resume();
    for (int64_t end = g_get_monotonic_time() + WAIT_LIMIT_S * G_USEC_PER_SEC; !at_rest() && g_get_monotonic_time() < end;) {
        wait_a_little();
    }
    cpus_pause();
    if (!at_rest()) {
        g_autoptr(GString) text = g_string_new(NULL);
        x86_64_target.dump_registers(cpus[0], text, false);
        g_test_message("%s", text->str);
    }
    g_assert_true(at_rest());
}

static inline void run_to_halt(void)
{
    run();
    g_assert_true(atomic_load(&cpus[0]->halted));
    g_assert_cmpint(X86_CPU(cpus[0])->exception, ==, -1);
}

#endif
