/*
 * What every vCPU has: its type, the list of all, requests, work for its thread, and a debugger's view of its memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "accel/cpu-internal.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/main-loop.h"

static _Thread_local Cpu *this_cpu;
static GPtrArray *cpus;         /* of Cpu*, by index; machine lock */

Cpu *cpu_current(void)
{
    return this_cpu;
}

void cpu_set_current(Cpu *cpu)
{
    this_cpu = cpu;
}

/* ---- the type ---- */

static void cpu_init(Object *object)
{
    Cpu *cpu = (Cpu *)object;
    cpu->index = -1;
    cpu->waiter = &cpu->own_waiter;
    cpu->stopped = true;
    cpu->arch = target_current();
    cpu->work = g_queue_new();
    cpu->breakpoints = g_array_new(FALSE, FALSE, sizeof(Breakpoint));
    g_mutex_init(&cpu->work_lock);
    for (unsigned i = 0; i < G_N_ELEMENTS(cpu->topology); i++) {
        cpu->topology[i] = -1;
    }
}

static void cpu_finalize(Object *object)
{
    Cpu *cpu = (Cpu *)object;
    g_queue_free_full(cpu->work, g_free);
    g_array_unref(cpu->breakpoints);
    g_mutex_clear(&cpu->work_lock);
    g_mutex_clear(&cpu->own_waiter.lock);
    g_cond_clear(&cpu->own_waiter.cond);
}

/* The first index that is free: a CPU plugged in again takes its old place. */
static bool cpu_realize(Device *dev, GError **err)
{
    Cpu *cpu = (Cpu *)dev;
    unsigned at = 0;
    if (!cpus) {
        cpus = g_ptr_array_new();
    }
    while (at < cpus->len && ((Cpu *)cpus->pdata[at])->index == (int)at) {
        at++;
    }
    cpu->index = (int)at;
    g_ptr_array_insert(cpus, (int)at, cpu);
    return true;
}

static bool cpu_after_realize(Device *dev, GError **err)
{
    return cpu_register((Cpu *)dev, err);
}

static void cpu_unrealize(Device *dev)
{
    Cpu *cpu = (Cpu *)dev;
    cpu_unregister(cpu);
    g_ptr_array_remove(cpus, cpu);
}

static void cpu_reset_hold(Device *dev)
{
    Cpu *cpu = (Cpu *)dev;
    atomic_store(&cpu->interrupt_request, 0);
    atomic_store(&cpu->exit_request, false);
    atomic_store(&cpu->halted, cpu->powered_off);
    cpu->watch_hit = false;
}

static const DeviceType cpu_type = {
    .name = "cpu", .parent = "device", .size = sizeof(Cpu), .abstract = true, .category = DEVICE_CPU, .init = cpu_init, .finalize = cpu_finalize,
    .realize = cpu_realize, .after_realize = cpu_after_realize, .unrealize = cpu_unrealize, .reset = cpu_reset_hold,
};
REGISTER_DEVICE(cpu_type)

/* ---- the list ---- */

Cpu *cpu_first(void)
{
    return cpus && cpus->len ? cpus->pdata[0] : NULL;
}

Cpu *cpu_next(Cpu *cpu)
{
    for (unsigned i = 0; i < cpus->len; i++) {
        Cpu *other = cpus->pdata[i];
        if (other->index > cpu->index) {
            return other;
        }
    }
    return NULL;
}

Cpu *cpu_by_index(int index)
{
    CPU_FOREACH(cpu) {
        if (cpu->index == index) {
            return cpu;
        }
    }
    return NULL;
}

int cpu_count(void)
{
    return cpus ? (int)cpus->len : 0;
}

/* ---- requests ---- */

void cpu_waiter_wake(CpuWaiter *waiter)
{
    g_mutex_lock(&waiter->lock);
    waiter->wake = true;
    g_cond_broadcast(&waiter->cond);
    g_mutex_unlock(&waiter->lock);
}

void cpu_kick(Cpu *cpu)
{
    const Accel *accel = accel_current();
    atomic_store(&cpu->exit_request, true);
    if (accel && accel_type(accel)->vcpu_kick && cpu->created) {
        accel_type(accel)->vcpu_kick(cpu);
    }
    if (cpu != this_cpu) {
        cpu_waiter_wake(cpu->waiter);
    }
}

void cpu_nap(Cpu *cpu, unsigned us)
{
    cpu->nap_us = us;
    cpu_kick(cpu);
}

void cpu_interrupt(Cpu *cpu, uint32_t mask)
{
    const Accel *accel = accel_current();
    if (accel && accel_type(accel)->interrupt) {
        accel_type(accel)->interrupt(cpu, mask);
        return;
    }
    atomic_fetch_or(&cpu->interrupt_request, mask);
    cpu_kick(cpu);
}

/* ---- registers ---- */

void cpu_synchronize(Cpu *cpu)
{
    const Accel *accel = accel_current();
    if (accel && accel_type(accel)->synchronize) {
        accel_type(accel)->synchronize(cpu);
    }
}

static void synchronize_work(Cpu *cpu, void *opaque)
{
    cpu_synchronize(cpu);
}

void cpus_synchronize(void)
{
    const Accel *accel = accel_current();
    if (accel && accel_type(accel)->synchronize) {
        CPU_FOREACH(cpu) {
            cpu_run_on(cpu, synchronize_work, NULL);
        }
    }
}

void cpu_reset(Cpu *cpu)
{
    const Accel *accel = accel_current();
    device_cold_reset(&cpu->parent);
    if (accel && accel_type(accel)->post_reset) {
        accel_type(accel)->post_reset(cpu);
    }
}

/* ---- memory for a debugger ---- */

bool cpu_debug_rw(Cpu *cpu, uint64_t vaddr, void *buf, uint64_t len, bool is_write)
{
    uint8_t *bytes = buf;
    uint64_t page_size = BIT(cpu->arch->page_bits);
    cpu_synchronize(cpu);
    while (len) {
        uint64_t paddr, part = MIN(len, page_size - (vaddr & (page_size - 1)));
        MemAttrs attrs = { .debug = true };
        if (!cpu->arch->debug_translate(cpu, vaddr, &paddr, &attrs)) {
            return false;
        }
        attrs.debug = true;
        MemResult result = is_write ? dma_write_rom(cpu->memory, paddr, bytes, part) : dma_rw(cpu->memory, paddr, bytes, part, false, attrs);
        if (result) {
            return false;
        }
        vaddr += part;
        bytes += part;
        len -= part;
    }
    return true;
}
