/*
 * The GICv3 from EL2: SGIs and the timer's interrupt come, in order of priority; a guest at EL1 has the virtual CPU interface and what a hypervisor puts into list registers.
 *
 * IHI 0069, 4.6, 4.8, 6; 12.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

/* The board virt. */
#define GICD 0x8000000ul
#define GICR 0x80a0000ul
#define GICR_SGI (GICR + 0x10000)
static void store(u64 addr, uint32_t value) { *(volatile uint32_t *)addr = value; }
static uint32_t load(u64 addr) { return *(volatile uint32_t *)addr; }
enum { GICD_CTLR = 0, GICR_WAKER = 0x14, IGROUPR = 0x80, ISENABLER = 0x100, ISPENDR = 0x200, ICPENDR = 0x280, ISACTIVER = 0x300, IPRIORITYR = 0x400 };

#define ICC_PMR S3_0_C4_C6_0
#define ICC_IAR1 S3_0_C12_C12_0
#define ICC_EOIR1 S3_0_C12_C12_1
#define ICC_HPPIR1 S3_0_C12_C12_2
#define ICC_IGRPEN1 S3_0_C12_C12_7
#define ICC_CTLR S3_0_C12_C12_4
#define ICC_DIR S3_0_C12_C11_1
#define ICC_RPR S3_0_C12_C11_3
#define ICC_SGI1R S3_0_C12_C11_5
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define ICH_HCR S3_4_C12_C11_0
#define ICH_VTR S3_4_C12_C11_1
#define ICH_MISR S3_4_C12_C11_2
#define ICH_EISR S3_4_C12_C11_3
#define ICH_VMCR S3_4_C12_C11_7
#define ICH_LR0 S3_4_C12_C12_0
#define ICH_LR1 S3_4_C12_C12_1
/* With the names above instead of their encodings. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { HCR_FMO = 1 << 3, HCR_IMO = 1 << 4, SPURIOUS = 1023, DAIF_I = 0x80, TIMER = 27, MAINTENANCE = 25 };
#define HCR_RW (1ul << 31)

/* What the handler took, in order. */
static volatile u64 taken[8], taken_at[8], running[8];
static volatile unsigned count;

static bool take(Frame *frame)
{
    if ((frame->vector & 0x7f) != 0 || (frame->vector & 0x180) != 0x80) {
        return false;                   /* no IRQ */
    }
    u64 irq = GET(ICC_IAR1);
    if (count < ARRAY_SIZE(taken)) {
        taken[count] = irq;
        taken_at[count] = current_el();
        running[count++] = GET(ICC_RPR);
    }
    if (irq == TIMER) {
        WRITE(cntv_ctl_el0, 0);
    }
    isb();
    PUT(ICC_EOIR1, irq);
    isb();
    return true;
}

static void let_interrupts_in(void)
{
    __asm__ volatile("msr daifclr, #2; isb; nop; nop; nop; msr daifset, #2" ::: "memory");
}

static void set_up(void)
{
    PUT(ICC_SRE_EL2, 0xf);
    isb();
    store(GICD + GICD_CTLR, 0x12);
    store(GICR + GICR_WAKER, 0);
    store(GICR_SGI + IGROUPR, 0xffffffff);
    store(GICR_SGI + ISENABLER, 0xffff | 1u << TIMER | 1u << MAINTENANCE);
    for (unsigned n = 0; n < 32; n++) {
        *(volatile uint8_t *)(GICR_SGI + IPRIORITYR + n) = (uint8_t)(0x80 + 8 * (n % 4));
    }
    PUT(ICC_PMR, 0xf0);
    PUT(ICC_IGRPEN1, 1);
    WRITE(hcr_el2, HCR_RW | HCR_FMO | HCR_IMO);
    isb();
    count = 0;
    hook = take;
}

static void send_to_self(unsigned irq)
{
    u64 mpidr = READ(mpidr_el1);
    PUT(ICC_SGI1R, (u64)irq << 24 | (mpidr & 0xff00) << 8 | 1u << (mpidr & 0xf));
    isb();
}

static void sgis(void)
{
    set_up();
    check_is("nothing is pending", GET(ICC_IAR1), SPURIOUS);
    check_is("nothing runs", GET(ICC_RPR), 0xff);
    send_to_self(3);
    send_to_self(1);
    send_to_self(2);
    check_is("the distributor has them pending", load(GICR_SGI + ISPENDR) & 0xffff, 0xe);
    check_is("the best is shown", GET(ICC_HPPIR1), 1);
    check_is("none is taken while PSTATE.I masks", count, 0);
    let_interrupts_in();
    check_is("all come then", count, 3);
    check_is("the best first", taken[0], 1);
    check_is("then the next", taken[1], 2);
    check_is("the worst last", taken[2], 3);
    check_is("with its priority running", running[0], 0x88);
    check_is("at EL2, by HCR_EL2.IMO", taken_at[0], 2);
    check_is("nothing runs afterwards", GET(ICC_RPR), 0xff);
}

static void masks(void)
{
    set_up();
    PUT(ICC_PMR, 0x88);
    send_to_self(1);
    let_interrupts_in();
    check_is("the priority mask holds what is not below it", count, 0);
    send_to_self(4);
    let_interrupts_in();
    check_is("and lets pass what is", count, 1);
    check_is("which is the better one", taken[0], 4);
    PUT(ICC_PMR, 0xf0);
    let_interrupts_in();
    check_is("a higher mask lets the other in", taken[1], 1);
    PUT(ICC_IGRPEN1, 0);
    send_to_self(1);
    let_interrupts_in();
    check_is("a group that is off is not signalled", count, 2);
    store(GICR_SGI + ICPENDR, 0xffff);
}

static void timer(void)
{
    set_up();
    WRITE(cntv_tval_el0, READ(cntfrq_el0) / 200);
    WRITE(cntv_ctl_el0, 1);
    isb();
    __asm__ volatile("wfi");
    let_interrupts_in();
    check_is("the timer's interrupt ends WFI and is taken", count, 1);
    check_is("by its number", taken[0], TIMER);
}

static void split_end(void)
{
    set_up();
    hook = NULL;
    PUT(ICC_CTLR, 2);
    send_to_self(5);
    check_is("it is acknowledged", GET(ICC_IAR1), 5);
    check_is("and active", load(GICR_SGI + ISACTIVER), 1 << 5);
    PUT(ICC_EOIR1, 5);
    isb();
    check_is("EOImode 1: the priority drops", GET(ICC_RPR), 0xff);
    check_is("and it stays active", load(GICR_SGI + ISACTIVER), 1 << 5);
    PUT(ICC_DIR, 5);
    isb();
    check_is("until it is deactivated", load(GICR_SGI + ISACTIVER), 0);
    PUT(ICC_CTLR, 0);
}

/* ---- a guest ---- */

static volatile u64 seen[4];
static u64 lr(u64 irq, u64 priority, u64 more) { return 1ul << 62 | 1ul << 60 | priority << 48 | irq | more; }

/* Back to EL2, as a function that has returned: run_at's own call would stay at EL1. */
static void leave_guest(void) { __asm__ volatile("hvc #0xfff" ::: "memory"); }

static void guest_polls(u64 unused)
{
    seen[0] = GET(ICC_IAR1);
    seen[1] = GET(ICC_RPR);
    PUT(ICC_EOIR1, seen[0]);
    isb();
    seen[2] = GET(ICC_IAR1);
    leave_guest();
}
static void guest_waits(u64 unused)
{
    let_interrupts_in();
    leave_guest();
}
static void guest_sends(u64 unused) { PUT(ICC_SGI1R, 1); }

static void set_up_guest(void)
{
    set_up();
    PUT(ICH_VMCR, 0xff000002ul);
    PUT(ICH_HCR, 1);
    PUT(ICH_LR0, lr(100, 0x50, 0));
    PUT(ICH_LR1, 0);
    isb();
}

static void guests(void)
{
    check((GET(ICH_VTR) & 0x1f) >= 1, "there are list registers");
    set_up_guest();
    check_is("a guest polls", run_at(1, DAIF_I, guest_polls, 0), (u64)NONE);
    check_is("it sees the list register's interrupt", seen[0], 100);
    check_is("with its priority", seen[1], 0x50);
    check_is("and no other", seen[2], SPURIOUS);
    check_is("the list register is free then", GET(ICH_LR0) >> 62, 0);
    set_up_guest();
    check_is("a guest lets interrupts in", run_at(1, DAIF_I, guest_waits, 0), (u64)NONE);
    check_is("it takes one", count, 1);
    check_is("of that number", taken[0], 100);
    check_is("at EL1", taken_at[0], 1);
    check_is("its SGIs are the hypervisor's business", run_at(1, DAIF_I, guest_sends, 0), 0x18);
    PUT(ICH_HCR, 1 | 1 << 12);
    isb();
    check_is("TALL1 traps its accesses", run_at(1, DAIF_I, guest_polls, 0), 0x18);
    PUT(ICH_HCR, 0);
    isb();
}

static void maintenance(void)
{
    set_up_guest();
    hook = NULL;
    PUT(ICH_LR0, lr(101, 0x40, 1ul << 41));
    isb();
    check_is("no maintenance yet", GET(ICH_MISR), 0);
    run_at(1, DAIF_I, guest_polls, 0);
    check_is("an end that was asked for is told", GET(ICH_MISR), 1);
    check_is("by its list register", GET(ICH_EISR), 1);
    check_is("as an interrupt", GET(ICC_IAR1), MAINTENANCE);
    PUT(ICH_LR0, 0);
    isb();
    PUT(ICC_EOIR1, MAINTENANCE);
    isb();
    check_is("which goes with its cause", GET(ICC_IAR1), SPURIOUS);
    PUT(ICH_HCR, 0);
    isb();
}

const Subject subjects[] = {
    { "SGIs", sgis }, { "masks", masks }, { "the timer", timer }, { "EOImode", split_end }, { "a guest", guests }, { "maintenance", maintenance }, { NULL, NULL },
};
