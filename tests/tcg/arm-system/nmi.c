/*
 * Interrupts with superpriority, from the GICv3 to the processor (FEAT_GICv3_NMI, FEAT_NMI): at EL2, and by list registers at EL1.
 *
 * IHI 0069, 4.8 (non-maskable interrupts), 12.2 (ICC_NMIAR1_EL1, ICC_RPR_EL1), 12.9 (GICD_INMIR<n>); DDI 0487, D1.3.6.
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
enum { GICD_CTLR = 0, GICD_TYPER = 4, GICR_WAKER = 0x14, IGROUPR = 0x80, ISENABLER = 0x100, ISPENDR = 0x200, ICPENDR = 0x280, IPRIORITYR = 0x400, INMIR = 0xf80 };

#define ICC_PMR S3_0_C4_C6_0
#define ICC_IAR1 S3_0_C12_C12_0
#define ICC_EOIR1 S3_0_C12_C12_1
#define ICC_HPPIR1 S3_0_C12_C12_2
#define ICC_IGRPEN1 S3_0_C12_C12_7
#define ICC_RPR S3_0_C12_C11_3
#define ICC_SGI1R S3_0_C12_C11_5
#define ICC_AP1R0 S3_0_C12_C9_0
#define ICC_NMIAR1 S3_0_C12_C9_5
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define ICH_HCR S3_4_C12_C11_0
#define ICH_VMCR S3_4_C12_C11_7
#define ICH_LR0 S3_4_C12_C12_0
#define ICH_LR1 S3_4_C12_C12_1
#define ICH_AP1R0 S3_4_C12_C9_0
#define ALLINT S3_0_C4_C3_0
#define ISR S3_0_C12_C1_0
#define ID_AA64PFR1 S3_0_C0_C4_1
/* With the names above instead of their encodings. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { HCR_FMO = 1 << 3, HCR_IMO = 1 << 4, SPURIOUS = 1023, IS_NMI = 1022, DAIF_I = 0x80 };
#define HCR_RW (1ul << 31)
#define SCTLR_NMI (1ul << 61)
#define SCTLR_SPINTMASK (1ul << 62)
#define NMI (1ul << 63)
#define NMI_NS (1ul << 62)
#define LR_NMI (1ul << 59)
#define ALLINT_SET (1ul << 13)
#define ISR_IS (1ul << 10)
#define ISR_I (1ul << 7)

/* What the handler took, in order. */
static volatile u64 taken[8], taken_at[8], running[8];
static volatile unsigned count;

/* As a kernel does: the usual register first, which names those with superpriority by 1022. */
static bool take(Frame *frame)
{
    if ((frame->vector & 0x7f) != 0 || (frame->vector & 0x180) != 0x80) {
        return false;                   /* no IRQ */
    }
    u64 irq = GET(ICC_IAR1);
    if (irq == IS_NMI) {
        irq = GET(ICC_NMIAR1);
    }
    if (count < ARRAY_SIZE(taken)) {
        taken[count] = irq;
        taken_at[count] = current_el();
        running[count++] = GET(ICC_RPR);
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

static void tell_apart(bool on)
{
    u64 sctlr = READ(sctlr_el2) & ~(SCTLR_NMI | SCTLR_SPINTMASK);
    WRITE(sctlr_el2, on ? sctlr | SCTLR_NMI : sctlr);
    isb();
}

static void set_up(void)
{
    PUT(ICC_SRE_EL2, 0xf);
    isb();
    store(GICD + GICD_CTLR, 0x12);
    store(GICR + GICR_WAKER, 0);
    store(GICR_SGI + IGROUPR, 0xffffffff);
    store(GICR_SGI + ISENABLER, 0xffff);
    store(GICR_SGI + ICPENDR, 0xffff);
    store(GICR_SGI + INMIR, 0);
    for (unsigned n = 0; n < 32; n++) {
        *(volatile uint8_t *)(GICR_SGI + IPRIORITYR + n) = (uint8_t)(0x80 + 8 * (n % 4));
    }
    PUT(ICC_PMR, 0xf0);
    PUT(ICC_IGRPEN1, 1);
    WRITE(hcr_el2, HCR_RW | HCR_FMO | HCR_IMO);
    PUT(ALLINT, ALLINT_SET);
    tell_apart(false);
    count = 0;
    hook = NULL;
}

static void send_to_self(unsigned irq)
{
    u64 mpidr = READ(mpidr_el1);
    PUT(ICC_SGI1R, (u64)irq << 24 | (mpidr & 0xff00) << 8 | 1u << (mpidr & 0xf));
    isb();
}

static void end(u64 irq)
{
    PUT(ICC_EOIR1, irq);
    isb();
}

static void registers(void)
{
    set_up();
    check_is("the processor has superpriority", GET(ID_AA64PFR1) >> 36 & 15, 1);
    check_is("GICD_TYPER.NMI", load(GICD + GICD_TYPER) >> 9 & 1, 1);
    check_is("no interrupt has it at first", load(GICR_SGI + INMIR), 0);
    store(GICR_SGI + INMIR, 0x08000004);
    check_is("private ones can have it", load(GICR_SGI + INMIR), 0x08000004);
    check_is("there is one word of those", load(GICR_SGI + INMIR + 4), 0);
    store(GICD + INMIR, 0xffffffff);
    check_is("which the distributor has not", load(GICD + INMIR), 0);
    store(GICD + IGROUPR + 4, 0xffffffff);
    store(GICD + INMIR + 4, 0x12345678);
    check_is("shared ones can", load(GICD + INMIR + 4), 0x12345678);
    store(GICD + INMIR + 4, 0);
    check_is("and lose it", load(GICD + INMIR + 4), 0);
    store(GICD + INMIR + 0x7c, 0xffffffff);
    check_is("beyond the last there is none", load(GICD + INMIR + 0x7c), 0);
    store(GICR_SGI + INMIR, 0);
    check_is("none is pending", GET(ICC_NMIAR1), SPURIOUS);
    PUT(ICC_AP1R0, NMI);
    isb();
    check_is("ICC_AP1R0_EL1.NMI can be written", GET(ICC_AP1R0), NMI);
    PUT(ICC_AP1R0, 0);
    isb();
    check_is("and cleared", GET(ICC_AP1R0), 0);
}

static void acknowledging(void)
{
    set_up();
    store(GICR_SGI + INMIR, 1 << 3);
    send_to_self(1);
    send_to_self(3);
    check_is("superpriority comes before a better priority", GET(ICC_HPPIR1), 3);
    check_is("SCTLR_ELx.NMI clear: acknowledged as any other", GET(ICC_IAR1), 3);
    check_is("it runs by ICC_AP1R0_EL1.NMI", GET(ICC_AP1R0), NMI);
    check_is("ICC_RPR_EL1 says so; its priority is 0", GET(ICC_RPR), NMI_NS);
    check_is("what has none does not preempt it", GET(ICC_IAR1), SPURIOUS);
    end(3);
    check_is("its end drops the priority", GET(ICC_RPR), 0xff);
    check_is("ICC_NMIAR1_EL1 leaves out what has no superpriority", GET(ICC_NMIAR1), SPURIOUS);
    check_is("which comes then", GET(ICC_IAR1), 1);
    send_to_self(3);
    tell_apart(true);
    check_is("ICC_HPPIR1_EL1 names it nevertheless", GET(ICC_HPPIR1), 3);
    check_is("set: ICC_IAR1_EL1 only tells", GET(ICC_IAR1), IS_NMI);
    check_is("and does not change a thing", GET(ICC_AP1R0), 1 << (0x88 >> 3));
    check_is("ICC_NMIAR1_EL1 acknowledges it", GET(ICC_NMIAR1), 3);
    check_is("within the other", GET(ICC_AP1R0), NMI | 1 << (0x88 >> 3));
    check_is("another with superpriority waits", (send_to_self(3), GET(ICC_NMIAR1)), SPURIOUS);
    end(3);
    check_is("the ends come in turn", GET(ICC_RPR), 0x88);
    check_is("then it is its turn", GET(ICC_NMIAR1), 3);
    end(3);
    end(1);
    check_is("nothing runs at last", GET(ICC_RPR), 0xff);
}

static void mask(void)
{
    set_up();
    store(GICR_SGI + INMIR, 1 << 3);
    tell_apart(true);
    PUT(ICC_PMR, 0);
    send_to_self(1);
    check_is("the mask holds what has no superpriority", GET(ICC_IAR1), SPURIOUS);
    send_to_self(3);
    check_is("and nothing else", GET(ICC_NMIAR1), 3);
    end(3);
    PUT(ICC_PMR, 0xf0);
    PUT(ICC_IGRPEN1, 0);
    send_to_self(3);
    check_is("a group that is off is off", GET(ICC_NMIAR1), SPURIOUS);
}

static void exceptions(void)
{
    set_up();
    hook = take;
    store(GICR_SGI + INMIR, 1 << 3);
    send_to_self(3);
    check_is("SCTLR_EL2.NMI clear: PSTATE.I masks it", count, 0);
    check_is("ISR_EL1 shows it", GET(ISR), ISR_IS | ISR_I);
    tell_apart(true);
    check_is("set: PSTATE.ALLINT does", count, 0);
    PUT(ALLINT, 0);
    isb();
    check_is("without which it is taken in spite of PSTATE.I", count, 1);
    check_is("by its number", taken[0], 3);
    check_is("with superpriority", running[0], NMI_NS);
    check_is("at EL2", taken_at[0], 2);
    send_to_self(1);
    check_is("PSTATE.I masks others", count, 1);
    store(GICR_SGI + INMIR, 1 << 3 | 1 << 1);
    isb();
    check_is("until they get superpriority", count, 2);
    check_is("by the other number", taken[1], 1);
    WRITE(sctlr_el2, READ(sctlr_el2) | SCTLR_SPINTMASK);
    isb();
    send_to_self(3);
    check_is("SPINTMASK keeps it from the level's own stack", count, 2);
    tell_apart(true);
    check_is("no longer", count, 3);
    PUT(ALLINT, ALLINT_SET);
    send_to_self(3);
    __asm__ volatile("wfi");
    check_is("WFI ends for it, masked or not", count, 3);
    PUT(ALLINT, 0);
    isb();
    check_is("and it comes once it may", count, 4);
    tell_apart(false);
    send_to_self(3);
    let_interrupts_in();
    check_is("SCTLR_EL2.NMI clear: PSTATE.I lets it in", count, 5);
}

/* ---- a guest ---- */

static volatile u64 seen[8];
static u64 lr(u64 irq, u64 priority, u64 more) { return 1ul << 62 | 1ul << 60 | priority << 48 | irq | more; }

/* Back to EL2, as a function that has returned: run_at's own call would stay at EL1. */
static void leave_guest(void) { __asm__ volatile("hvc #0xfff" ::: "memory"); }

static void guest_polls(u64 unused)
{
    seen[0] = GET(ICC_IAR1);
    seen[1] = GET(ICC_NMIAR1);
    seen[2] = GET(ICC_RPR);
    seen[3] = GET(ICC_AP1R0);
    end(seen[1]);
    seen[4] = GET(ICC_IAR1);
    seen[5] = GET(ICC_RPR);
    end(seen[4]);
    seen[6] = GET(ICC_NMIAR1);
    seen[7] = GET(ICC_RPR);
    leave_guest();
}
static void guest_idles(u64 unused)
{
    for (volatile unsigned n = 0; n < 10; n++) { }
    seen[0] = count;
    PUT(ALLINT, 0);
    isb();
    seen[1] = count;
    leave_guest();
}

static void set_up_guest(bool nmi)
{
    set_up();
    PUT(ICH_VMCR, 0xff000002ul);
    PUT(ICH_HCR, 1);
    PUT(ICH_AP1R0, 0);
    PUT(ICH_LR0, lr(100, 0x50, 0));
    PUT(ICH_LR1, lr(101, 0, LR_NMI));
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~SCTLR_NMI) | (nmi ? SCTLR_NMI : 0));
    isb();
}

static void guests(void)
{
    set_up_guest(true);
    check_is("a list register keeps its NMI bit", GET(ICH_LR1) & LR_NMI, LR_NMI);
    check_is("a guest polls", run_at(1, DAIF_I | ALLINT_SET, guest_polls, 0), (u64)NONE);
    check_is("ICV_IAR1_EL1 tells", seen[0], IS_NMI);
    check_is("ICV_NMIAR1_EL1 acknowledges", seen[1], 101);
    check_is("ICV_RPR_EL1 has the bit and priority 0", seen[2], NMI);
    check_is("so has ICV_AP1R0_EL1", seen[3], NMI);
    check_is("the other comes next", seen[4], 100);
    check_is("with its priority", seen[5], 0x50);
    check_is("there is no more with superpriority", seen[6], SPURIOUS);
    check_is("nothing runs", seen[7], 0xff);
    set_up_guest(true);
    PUT(ICH_VMCR, 2);
    PUT(ICH_LR0, 0);
    hook = take;
    check_is("a guest with ALLINT set and PMR 0", run_at(1, DAIF_I | ALLINT_SET, guest_idles, 0), (u64)NONE);
    check_is("has none", seen[0], 0);
    check_is("takes it without ALLINT, PSTATE.I or not", seen[1], 1);
    check_is("by its number", taken[0], 101);
    check_is("at EL1", taken_at[0], 1);
    set_up_guest(false);
    hook = take;
    check_is("one without SCTLR_EL1.NMI", run_at(1, DAIF_I, guest_idles, 0), (u64)NONE);
    check_is("has PSTATE.I mask it", seen[1], 0);
    PUT(ICH_AP1R0, NMI | 2);
    isb();
    check_is("ICH_AP1R0_EL2 keeps the bit", GET(ICH_AP1R0), NMI | 2);
    PUT(ICH_AP1R0, 0);
    PUT(ICH_LR1, 0);
    PUT(ICH_HCR, 0);
    isb();
}

const Subject subjects[] = {
    { "registers", registers }, { "acknowledging", acknowledging }, { "the mask", mask }, { "exceptions", exceptions }, { "a guest", guests }, { NULL, NULL },
};
