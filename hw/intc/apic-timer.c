/*
 * The local APIC's timer: one-shot, periodic, TSC deadline (Intel SDM volume 3, 11.5.4). Its clock runs at 1 GHz.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "apic-internal.h"

#include "target/i386/cpu.h"

enum { DEFAULT_TSC_KHZ = 1000000 };

/* DCR: bits 3, 1 and 0: divide by 2, 4, ... 128, 1. */
static unsigned divide_shift(const Apic *apic)
{
    unsigned v = (apic->divide_config & 3) | (apic->divide_config >> 1 & 4);
    return (v + 1) & 7;
}

static int64_t period_ns(const Apic *apic) { return (int64_t)apic->initial_count << divide_shift(apic); }

uint32_t apic_timer_current(const Apic *apic)
{
    if (!apic->initial_count || apic_timer_mode(apic) == LVT_TIMER_TSC_DEADLINE) {
        return 0;
    }
    uint64_t ticks = (uint64_t)(clock_get_ns(CLOCK_TYPE_VIRTUAL) - apic->initial_count_ns) >> divide_shift(apic);
    if (apic_timer_mode(apic) == LVT_TIMER_PERIODIC) {
        return apic->initial_count - ticks % apic->initial_count;
    }
    return ticks >= apic->initial_count ? 0 : apic->initial_count - ticks;
}

static uint64_t tsc_khz(const X86Cpu *cpu)
{
    return cpu->tsc_khz > 0 ? (uint64_t)cpu->tsc_khz : cpu->tsc_frequency >= 1000 ? (uint64_t)cpu->tsc_frequency / 1000 : DEFAULT_TSC_KHZ;
}

static void arm_deadline(Apic *apic)
{
    if (!apic->tsc_deadline) {
        timer_cancel(&apic->timer);
        return;
    }
    X86Cpu *cpu = X86_CPU(apic->common.cpu);
    uint64_t tsc = x86_read_tsc(cpu), khz = tsc_khz(cpu);
    uint64_t ticks = apic->tsc_deadline > tsc ? apic->tsc_deadline - tsc : 0;
    /* A deadline that is years away is as good as this one; the handler looks again. */
    uint64_t ns = MIN(ticks / khz, (uint64_t)INT32_MAX) * 1000000 + ticks % khz * 1000000 / khz;
    timer_set_ns(&apic->timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + (int64_t)ns);
}

static void update_at(Apic *apic, int64_t now)
{
    int64_t period = period_ns(apic);
    switch (apic_timer_mode(apic)) {
    case LVT_TIMER_TSC_DEADLINE:
        arm_deadline(apic);
        return;
    case LVT_TIMER_PERIODIC:
        if (period) {
            apic->next_ns = apic->initial_count_ns + ((now - apic->initial_count_ns) / period + 1) * period;
            timer_set_ns(&apic->timer, apic->next_ns);
            return;
        }
        break;
    default:
        /* What has run out and could not fire yet (the host is busy) still fires. */
        if (period && (now - apic->initial_count_ns < period || timer_pending(&apic->timer))) {
            apic->next_ns = apic->initial_count_ns + period;
            timer_set_ns(&apic->timer, apic->next_ns);
            return;
        }
        break;
    }
    timer_cancel(&apic->timer);
}

void apic_timer_update(Apic *apic) { update_at(apic, clock_get_ns(CLOCK_TYPE_VIRTUAL)); }

static void timer_expired(void *opaque)
{
    Apic *apic = opaque;
    if (apic_timer_mode(apic) == LVT_TIMER_TSC_DEADLINE) {
        if (x86_read_tsc(X86_CPU(apic->common.cpu)) < apic->tsc_deadline) {
            arm_deadline(apic);
            return;
        }
        apic->tsc_deadline = X86_CPU(apic->common.cpu)->tsc_deadline = 0;
        apic_local_deliver(apic, LVT_TIMER);
        return;
    }
    apic_local_deliver(apic, LVT_TIMER);
    apic_timer_update(apic);
}

void apic_timer_set_initial(Apic *apic, uint32_t count)
{
    if (apic_timer_mode(apic) == LVT_TIMER_TSC_DEADLINE) {
        return;
    }
    apic->initial_count = count;
    /* One look at the clock: a count that runs out between two would never fire. */
    apic->initial_count_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    update_at(apic, apic->initial_count_ns);
}

void apic_timer_set_deadline(Apic *apic, uint64_t tsc)
{
    if (apic_timer_mode(apic) == LVT_TIMER_TSC_DEADLINE) {
        apic->tsc_deadline = tsc;
        arm_deadline(apic);
    } else {
        X86_CPU(apic->common.cpu)->tsc_deadline = 0;    /* in other modes the register is 0 */
    }
}

void apic_timer_reset(Apic *apic)
{
    apic->divide_config = apic->initial_count = 0;
    apic->tsc_deadline = 0;
    apic->initial_count_ns = apic->next_ns = 0;
    timer_cancel(&apic->timer);
}

void apic_timer_init(Apic *apic)
{
    timer_init(&apic->timer, CLOCK_TYPE_VIRTUAL, timer_expired, apic);
}
