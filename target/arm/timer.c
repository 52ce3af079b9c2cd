/*
 * The generic timer: the counter, the timers of EL1 (physical, virtual), EL2 (physical, virtual) and secure EL1.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D11 (the Generic Timer in AArch64 state), D19.12 (its registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"
#include "util/main-loop.h"

uint64_t arm_counter(const ArmCpu *cpu)
{
    uint64_t ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    return cpu->cntfrq_hz == (uint64_t)NS_PER_S ? ns : muldiv64(ns, cpu->cntfrq_hz, NS_PER_S);
}

/* FEAT_ECV_POFF: CNTPOFF_EL2, where EL2 and EL3 have it count; a host has none. */
uint64_t arm_physical_offset(const ArmCpu *cpu)
{
    bool on = arm_has(cpu, ecv_poff) && (cpu->cnthctl_el2 & CNTHCTL_ECV) && arm_el2_enabled(cpu) && !arm_in_host(arm_hcr(cpu));
    return on && (!cpu->has_el3 || (cpu->scr_el3 & SCR_ECVEN)) ? cpu->cntpoff_el2 : 0;
}

uint64_t arm_timer_offset(const ArmCpu *cpu, unsigned timer)
{
    return timer == ARM_TIMER_VIRT && cpu->has_el2 ? cpu->cntvoff_el2 : timer == ARM_TIMER_PHYS ? arm_physical_offset(cpu) : 0;
}

/* Sets the line, or arms the host's timer for when the condition will be met. */
static void update(ArmCpu *cpu, unsigned n)
{
    uint64_t ctl = cpu->timer_ctl[n] & ~TIMER_ISTATUS, now = arm_counter(cpu), count = now - arm_timer_offset(cpu, n);
    Timer *timer = &cpu->timers[n];
    if (!(ctl & TIMER_ENABLE)) {
        cpu->timer_ctl[n] = ctl;
        timer_cancel(timer);
    } else if (count >= cpu->timer_cval[n]) {
        cpu->timer_ctl[n] = ctl | TIMER_ISTATUS;
        timer_cancel(timer);
    } else {
        uint64_t ticks = cpu->timer_cval[n] - count;
        cpu->timer_ctl[n] = ctl;
        if (ticks / cpu->cntfrq_hz > UINT64_C(1) << 31) {
            timer_cancel(timer);        /* not in our lifetime */
        } else {
            timer_set_ns(timer, (int64_t)muldiv64(now + ticks, NS_PER_S, cpu->cntfrq_hz) + 1);
        }
    }
    irq_set(cpu->timer_line[n], (cpu->timer_ctl[n] & (TIMER_ISTATUS | TIMER_IMASK)) == TIMER_ISTATUS);
}

void arm_timer_update(ArmCpu *cpu, unsigned timer)
{
    MACHINE_LOCK_GUARD();
    update(cpu, timer);
}

void arm_timers_update(ArmCpu *cpu)
{
    MACHINE_LOCK_GUARD();
    for (unsigned n = 0; n < ARM_TIMER_COUNT; n++) {
        update(cpu, n);
    }
}

static void phys_expired(void *cpu) { update(cpu, ARM_TIMER_PHYS); }
static void virt_expired(void *cpu) { update(cpu, ARM_TIMER_VIRT); }
static void hyp_expired(void *cpu) { update(cpu, ARM_TIMER_HYP); }
static void sec_expired(void *cpu) { update(cpu, ARM_TIMER_SEC); }
static void hypvirt_expired(void *cpu) { update(cpu, ARM_TIMER_HYPVIRT); }

void arm_timers_init(ArmCpu *cpu)
{
    static TimerFunc *const expired[ARM_TIMER_COUNT] = {
        [ARM_TIMER_PHYS] = phys_expired, [ARM_TIMER_VIRT] = virt_expired, [ARM_TIMER_HYP] = hyp_expired, [ARM_TIMER_SEC] = sec_expired,
        [ARM_TIMER_HYPVIRT] = hypvirt_expired,
    };
    for (unsigned n = 0; n < ARM_TIMER_COUNT; n++) {
        timer_init(&cpu->timers[n], CLOCK_TYPE_VIRTUAL, expired[n], cpu);
    }
    device_add_irq_outputs(&cpu->parent.parent, NULL, cpu->timer_line, ARM_TIMER_COUNT);
}

void arm_timers_reset(ArmCpu *cpu)
{
    for (unsigned n = 0; n < ARM_TIMER_COUNT; n++) {
        cpu->timer_ctl[n] = cpu->timer_cval[n] = 0;
        timer_cancel(&cpu->timers[n]);
    }
    cpu->cntkctl_el1 = cpu->cntvoff_el2 = cpu->cntpoff_el2 = 0;
    cpu->cnthctl_el2 = 3;       /* EL1 may use the physical counter and timer until EL2 says otherwise */
    cpu->cntfrq = cpu->cntfrq_hz;
}
