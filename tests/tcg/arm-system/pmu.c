/*
 * The performance monitors at EL1 and EL2: cycles, event counters, who counts where, overflow and its interrupt, what EL2 keeps for itself, what EL0 may do.
 *
 * DDI 0487, D13. A cycle's length is the machine's; only that time goes on is used.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { E = 1, P = 2, C = 4, LC = 1 << 6, CYCLES = 0x11, SW_INCR = 0, HPME = 1 << 7, HPMD = 1 << 17 };
#define BIT(n) (1ul << (n))
#define CYCLE_BIT BIT(31)
#define NSH BIT(27)

static void spin(void)
{
    u64 until = READ(cntpct_el0) + READ(cntfrq_el0) / 5000;
    while (READ(cntpct_el0) < until) {
    }
}

static void stop_all(void)
{
    WRITE(pmcr_el0, 0);
    WRITE(pmcntenclr_el0, ~0u);
    WRITE(pmintenclr_el1, ~0u);
    WRITE(pmovsclr_el0, ~0u);
    WRITE(pmccfiltr_el0, NSH);
    WRITE(pmevtyper0_el0, NSH | CYCLES);
    WRITE(pmevtyper1_el0, NSH | SW_INCR);
    WRITE(pmcr_el0, P | C | LC);
    isb();
}

static void cycles(void)
{
    stop_all();
    spin();
    check_is("a cycle counter that is off stands still", READ(pmccntr_el0), 0);
    WRITE(pmcntenset_el0, CYCLE_BIT);
    spin();
    check_is("without PMCR.E it stands as well", READ(pmccntr_el0), 0);
    WRITE(pmcr_el0, LC | E);
    spin();
    u64 a = READ(pmccntr_el0);
    spin();
    check(a && READ(pmccntr_el0) > a, "it counts when both are on");
    WRITE(pmcntenclr_el0, CYCLE_BIT);
    a = READ(pmccntr_el0);
    spin();
    check_is("and keeps its value when it is off", READ(pmccntr_el0), a);
    WRITE(pmcr_el0, LC | C | E);
    check_is("PMCR.C: back to zero", READ(pmccntr_el0), 0);
}

static void filters(void)
{
    bool at_el2 = current_el() == 2;
    stop_all();
    WRITE(pmcntenset_el0, CYCLE_BIT | BIT(0));
    WRITE(pmccfiltr_el0, at_el2 ? 0 : BIT(31));
    WRITE(pmevtyper0_el0, (at_el2 ? 0 : BIT(31)) | CYCLES);
    WRITE(pmcr_el0, LC | E);
    spin();
    check_is("cycles of this level are left out", READ(pmccntr_el0), 0);
    check_is("and of an event counter", READ(pmevcntr0_el0), 0);
    WRITE(pmccfiltr_el0, NSH);
    spin();
    check(READ(pmccntr_el0) != 0, "each has a filter of its own");
    check_is("of which the other has none", READ(pmevcntr0_el0), 0);
}

static void events(void)
{
    stop_all();
    u64 all = READ(pmcr_el0) >> 11 & 31;
    check(all >= 4, "there are event counters");
    WRITE(pmcntenset_el0, BIT(0) | BIT(1));
    WRITE(pmcr_el0, LC | E);
    WRITE(pmswinc_el0, BIT(0) | BIT(1) | BIT(2));
    WRITE(pmswinc_el0, BIT(1));
    spin();
    check(READ(pmevcntr0_el0) != 0, "an event counter counts cycles");
    check_is("another what software counts", READ(pmevcntr1_el0), 2);
    WRITE(pmselr_el0, 1);
    isb();
    check_is("PMXEVCNTR is the selected one", READ(pmxevcntr_el0), 2);
    WRITE(pmxevcntr_el0, 0xffffffff);
    check_is("by which it is written", READ(pmevcntr1_el0), 0xffffffff);
    WRITE(pmswinc_el0, BIT(1));
    check_is("an overflow is noted", READ(pmovsset_el0) & BIT(1), BIT(1));
    WRITE(pmovsclr_el0, BIT(1));
    check_is("until it is cleared", READ(pmovsclr_el0) & BIT(1), 0);
    WRITE(pmcr_el0, LC | E | P);
    check_is("PMCR.P: event counters to zero", READ(pmevcntr1_el0), 0);
}

/* GICD_ISENABLER0 and GICD_ISPENDR0 of the board's GICv2; PPI 23 is the monitors'. */
static bool line_is_up(void) { return *(volatile uint32_t *)0x8000200 >> 23 & 1; }

static void overflow(void)
{
    stop_all();
    check(!line_is_up(), "the line is down");
    WRITE(pmccntr_el0, -1000ul);
    WRITE(pmevcntr0_el0, 0xfffffff0);
    WRITE(pmcntenset_el0, CYCLE_BIT | BIT(0));
    WRITE(pmcr_el0, LC | E);
    spin();
    check_is("both have overflowed", READ(pmovsclr_el0) & (CYCLE_BIT | BIT(0)), CYCLE_BIT | BIT(0));
    check(!line_is_up(), "without PMINTEN the line stays down");
    WRITE(pmintenset_el1, CYCLE_BIT);
    check(line_is_up(), "with it the line is up at once");
    WRITE(pmovsclr_el0, CYCLE_BIT);
    check(!line_is_up(), "and down when the overflow is cleared");
    /* Nobody looks at the counter: the line has to come up by itself. */
    WRITE(pmccntr_el0, -100000ul);
    unsigned turns = 0;
    while (!line_is_up() && turns < 1000) {
        spin();
        turns++;
    }
    check(line_is_up(), "an overflow raises the line by itself");
    WRITE(pmcr_el0, LC);
    check(!line_is_up(), "PMCR.E off: down");
    WRITE(pmcr_el0, E);
    WRITE(pmovsclr_el0, CYCLE_BIT);
    WRITE(pmccntr_el0, 0xfffffff0);
    spin();
    check_is("PMCR.LC 0: overflow at 32 bits", READ(pmovsclr_el0) & CYCLE_BIT, CYCLE_BIT);
    check(READ(pmccntr_el0) >> 32 == 1, "though the counter has 64");
    stop_all();
}

static void read_count(u64 a) { (void)READ(pmccntr_el0); }
static void read_control(u64 a) { (void)READ(pmcr_el0); }
static volatile u64 seen[4];
static void look(u64 a)
{
    seen[0] = READ(pmcr_el0) >> 11 & 31;
    WRITE(pmcntenset_el0, BIT(0) | BIT(3));
    seen[1] = READ(pmcntenset_el0) & 0xff;
    WRITE(pmevcntr3_el0, 7);
    seen[2] = READ(pmevcntr3_el0);
    u64 c = READ(pmccntr_el0);
    spin();
    seen[3] = READ(pmccntr_el0) - c;
}

static void at_el0(void)
{
    if (current_el() != 1) {
        return;         /* the same wherever it is told from */
    }
    stop_all();
    WRITE(pmuserenr_el0, 0);
    check_is("EL0 may not read", run_at(0, 0, read_count, 0), 0x18);
    WRITE(pmuserenr_el0, 4);
    check_is("CR: the cycle counter", run_at(0, 0, read_count, 0), (u64)NONE);
    check_is("and not the control register", run_at(0, 0, read_control, 0), 0x18);
    WRITE(pmuserenr_el0, 1);
    check_is("EN: that as well", run_at(0, 0, read_control, 0), (u64)NONE);
}

static void for_the_hypervisor(void)
{
    if (current_el() != 2) {
        return;
    }
    stop_all();
    WRITE(hcr_el2, BIT(31));
    check_is("HPMN is all of them at reset", READ(mdcr_el2) & 31, READ(pmcr_el0) >> 11 & 31);
    WRITE(mdcr_el2, 2);
    WRITE(pmccfiltr_el0, 0);
    WRITE(pmcntenset_el0, CYCLE_BIT);
    WRITE(pmcr_el0, LC | E);
    WRITE(pmevcntr3_el0, 5);
    check_is("a lower level runs", run_at(1, 0, look, 0), (u64)NONE);
    check_is("HPMN: EL1 sees two counters", seen[0], 2);
    check_is("and enables no others", seen[1], BIT(0));
    check_is("those of EL2 read as zero", seen[2], 0);
    check(seen[3] != 0, "cycles of EL1 are counted");
    check_is("EL2's counter is as it was", READ(pmevcntr3_el0), 5);
    WRITE(mdcr_el2, 2 | 1 << 6);
    check_is("TPM: EL1 is trapped", run_at(1, 0, look, 0), 0x18);
    WRITE(mdcr_el2, 2 | 1 << 5);
    check_is("TPMCR: so is its control register", run_at(1, 0, read_control, 0), 0x18);
    check_is("not the others", run_at(1, 0, read_count, 0), (u64)NONE);
    /* Counters of EL2 have an enable bit of their own. */
    stop_all();
    WRITE(mdcr_el2, 2);
    WRITE(pmevtyper3_el0, NSH | CYCLES);
    WRITE(pmcntenset_el0, BIT(3));
    WRITE(pmcr_el0, LC | E);
    u64 before = READ(pmevcntr3_el0);
    spin();
    check_is("PMCR.E does not start a counter of EL2", READ(pmevcntr3_el0), before);
    WRITE(mdcr_el2, 2 | HPME);
    spin();
    check(READ(pmevcntr3_el0) > before, "HPME does");
    WRITE(pmevtyper3_el0, NSH | SW_INCR);
    WRITE(pmcr_el0, LC);
    before = READ(pmevcntr3_el0);
    WRITE(pmswinc_el0, BIT(3));
    check_is("and lets software count in it", READ(pmevcntr3_el0), before + 1);
    WRITE(pmevtyper3_el0, SW_INCR);
    WRITE(pmswinc_el0, BIT(3));
    check_is("but not where its filter leaves this level out", READ(pmevcntr3_el0), before + 1);
    stop_all();
    WRITE(mdcr_el2, 2 | HPMD);
    WRITE(pmcntenset_el0, BIT(0));
    WRITE(pmcr_el0, LC | E);
    before = READ(pmevcntr0_el0);
    spin();
    bool has_hpmd = (READ(id_aa64dfr0_el1) >> 8 & 15) >= 4;
    check((READ(pmevcntr0_el0) == before) == has_hpmd, "HPMD (PMUv3p1): counters of EL1 stand still at EL2");
    WRITE(mdcr_el2, READ(pmcr_el0) >> 11 & 31);
}

const Subject subjects[] = { { "cycles", cycles }, { "filters", filters }, { "events", events }, { "overflow", overflow }, { "EL0", at_el0 },
                             { "EL2", for_the_hypervisor }, { NULL, NULL } };
