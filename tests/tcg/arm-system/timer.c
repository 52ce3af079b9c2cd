/*
 * The generic timer at EL1: counters, conditions, masks, what EL0 may read; waiting with WFI.
 *
 * DDI 0487, D11.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { ENABLE = 1, IMASK = 2, ISTATUS = 4 };

static void counters(void)
{
    u64 a = READ(cntvct_el0), b = READ(cntvct_el0), p = READ(cntpct_el0);
    check(b >= a, "the virtual counter does not go back");
    check(p >= b && p - b < READ(cntfrq_el0), "without EL2 both count the same");
    check(READ(cntfrq_el0) != 0, "there is a frequency");
    u64 until = READ(cntvct_el0) + READ(cntfrq_el0) / 1000;
    while (READ(cntvct_el0) < until) {
    }
    check(true, "time goes on");
}

static void conditions(void)
{
    WRITE(cntv_ctl_el0, 0);
    WRITE(cntv_cval_el0, READ(cntvct_el0) - 1);
    check_is("a timer that is off has no status", READ(cntv_ctl_el0), 0);
    WRITE(cntv_ctl_el0, ENABLE | IMASK);
    check_is("its time has come: ISTATUS", READ(cntv_ctl_el0), ENABLE | IMASK | ISTATUS);
    WRITE(cntv_tval_el0, 0x7fffffff);
    check_is("TVAL moves it away", READ(cntv_ctl_el0), ENABLE | IMASK);
    check(READ(cntv_cval_el0) - READ(cntvct_el0) <= 0x7fffffff, "CVAL follows TVAL");
    check((uint32_t)READ(cntv_tval_el0) <= 0x7fffffff, "TVAL counts down");
    WRITE(cntv_tval_el0, -5);
    check_is("a negative TVAL is due", READ(cntv_ctl_el0) & ISTATUS, ISTATUS);
    check((int32_t)READ(cntv_tval_el0) < 0, "and reads as negative");
    WRITE(cntv_ctl_el0, 0);
    WRITE(cntp_cval_el0, 0);
    WRITE(cntp_ctl_el0, ENABLE | IMASK);
    check_is("the physical timer is another", READ(cntp_ctl_el0) & ISTATUS, ISTATUS);
    WRITE(cntp_ctl_el0, 0);
}

/* Masked, off and on again at the very time that it is due: it may be due or not, but what was written last stays. */
static void switches_at_its_time(void)
{
    enum { TURNS = 20000 };
    u64 kept = 0, soon = READ(cntfrq_el0) / 50000;
    for (u64 n = 0; n < TURNS; n++) {
        u64 due = READ(cntvct_el0) + soon;
        WRITE(cntv_cval_el0, due);
        WRITE(cntv_ctl_el0, ENABLE | IMASK);
        while (READ(cntvct_el0) < due + n % 64 * (soon / 16)) {
        }
        WRITE(cntv_ctl_el0, ENABLE);
        kept += (READ(cntv_ctl_el0) & (ENABLE | IMASK)) == ENABLE;
        WRITE(cntv_ctl_el0, IMASK);
        kept += (READ(cntv_ctl_el0) & (ENABLE | IMASK)) == IMASK;
    }
    WRITE(cntv_ctl_el0, 0);
    check_is("CTL is what was written", kept, 2 * TURNS);
}

static void read_virtual(u64 a) { (void)READ(cntvct_el0); }
static void read_physical(u64 a) { (void)READ(cntpct_el0); }
static void read_control(u64 a) { (void)READ(cntv_ctl_el0); }

static void at_el0(void)
{
    WRITE(cntkctl_el1, 0);
    check_is("EL0VCTEN 0: the counter is trapped", run_at(0, 0, read_virtual, 0), 0x18);
    WRITE(cntkctl_el1, 2);
    check_is("EL0VCTEN 1: it is read", run_at(0, 0, read_virtual, 0), (u64)NONE);
    check_is("EL0PCTEN 0: the physical one is trapped", run_at(0, 0, read_physical, 0), 0x18);
    check_is("EL0VTEN 0: so is the timer", run_at(0, 0, read_control, 0), 0x18);
    WRITE(cntkctl_el1, 1 << 8);
    check_is("EL0VTEN 1: the timer is free", run_at(0, 0, read_control, 0), (u64)NONE);
}

const Subject subjects[] = { { "counters", counters }, { "conditions", conditions }, { "switches", switches_at_its_time }, { "EL0", at_el0 }, { NULL, NULL } };
