/*
 * Interrupts with superpriority in two security states (FEAT_GICv3_NMI): non-secure ones stay in the lower half of the priorities, and each state sees its own.
 *
 * IHI 0069, 4.8 (non-maskable interrupts); 12.2 (ICC_RPR_EL1), 12.11 (GICR_INMIR0).
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
enum { GICD_CTLR = 0, GICR_WAKER = 0x14, IGROUPR = 0x80, ISENABLER = 0x100, ISPENDR = 0x200, ICPENDR = 0x280, IPRIORITYR = 0x400, IGRPMODR = 0xd00, INMIR = 0xf80 };

#define ICC_PMR S3_0_C4_C6_0
#define ICC_IAR0 S3_0_C12_C8_0
#define ICC_IAR1 S3_0_C12_C12_0
#define ICC_EOIR0 S3_0_C12_C8_1
#define ICC_EOIR1 S3_0_C12_C12_1
#define ICC_IGRPEN0 S3_0_C12_C12_6
#define ICC_IGRPEN1_EL3 S3_6_C12_C12_7
#define ICC_RPR S3_0_C12_C11_3
#define ICC_NMIAR1 S3_0_C12_C9_5
#define ICC_SRE_EL3 S3_6_C12_C12_5
/* With the names above instead of their encodings. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { NS = 1, HCE = 1 << 8, RW = 1 << 10, SPURIOUS = 1023, ALL_MASKED = 0x3c0 };
/* SGIs: of group 0, of secure and of non-secure group 1. */
enum { OF_0 = 1, OF_1S = 2, OF_1NS = 3 };
#define NMI (1ul << 63)
#define NMI_NS (1ul << 62)

static void state(u64 bits)
{
    WRITE(hcr_el2, 1ul << 31);
    WRITE(scr_el3, RW | HCE | bits);
    isb();
}

static void set_up(void)
{
    state(0);
    PUT(ICC_SRE_EL3, 0xf);
    isb();
    store(GICD + GICD_CTLR, 0x37);
    store(GICR + GICR_WAKER, 0);
    store(GICR_SGI + IGROUPR, 1 << OF_1NS);
    store(GICR_SGI + IGRPMODR, 1 << OF_1S);
    store(GICR_SGI + ISENABLER, 0xffff);
    store(GICR_SGI + ICPENDR, 0xffff);
    store(GICR_SGI + IPRIORITYR, 0x60606060);
    store(GICR_SGI + INMIR, 0);
    PUT(ICC_PMR, 0xff);
    PUT(ICC_IGRPEN0, 1);
    PUT(ICC_IGRPEN1_EL3, 3);
    isb();
}

static void end(u64 irq)
{
    PUT(ICC_EOIR1, irq);
    isb();
}

/* By non-secure EL2: EL3 is in the secure state always. */
static volatile u64 rpr, nmi;
static void read_rpr(u64 unused) { rpr = GET(ICC_RPR); }
static void acknowledge(u64 unused)
{
    nmi = GET(ICC_NMIAR1);
    end(nmi);
}

static void secure(void)
{
    set_up();
    store(GICR_SGI + INMIR, 1 << OF_1S | 1 << OF_0);
    store(GICR_SGI + ISPENDR, 1 << OF_1S | 1 << OF_0);
    check_is("secure group 1 with superpriority comes first", GET(ICC_NMIAR1), OF_1S);
    check_is("and runs so", GET(ICC_RPR), NMI);
    state(NS);
    run_at(2, ALL_MASKED, read_rpr, 0);
    check_is("of which the other state's bit tells nothing", rpr & (NMI | NMI_NS), 0);
    state(0);
    end(OF_1S);
    check_is("group 0 has none", GET(ICC_NMIAR1), SPURIOUS);
    check_is("and comes by its own register", GET(ICC_IAR0), OF_0);
    PUT(ICC_EOIR0, OF_0);
    isb();
    store(GICR_SGI + ISPENDR, 1 << OF_1S);
    PUT(ICC_PMR, 0);
    isb();
    check_is("the mask does not hold it", GET(ICC_NMIAR1), OF_1S);
    end(OF_1S);
}

static void nonsecure(void)
{
    set_up();
    store(GICR_SGI + INMIR, 1 << OF_1NS);
    store(GICR_SGI + ISPENDR, 1 << OF_1NS | 1 << OF_1S);
    check_is("secure software's half comes before it", GET(ICC_IAR1), OF_1S);
    end(OF_1S);
    state(NS);
    check_is("then it is its turn", GET(ICC_NMIAR1), OF_1NS);
    run_at(2, ALL_MASKED, read_rpr, 0);
    check_is("the non-secure state sees its bit", rpr & (NMI | NMI_NS), NMI);
    state(0);
    check_is("the secure one that of the other, and half the priorities", GET(ICC_RPR), NMI_NS | 0x80);
    store(GICR_SGI + ISPENDR, 1 << OF_1S);
    check_is("better priorities preempt it", GET(ICC_IAR1), OF_1S);
    check_is("and run above it", GET(ICC_RPR) & 0xff, 0x60);
    end(OF_1S);
    state(NS);
    end(OF_1NS);
    state(0);
    check_is("nothing runs then", GET(ICC_RPR), 0xff);
}

static void mask(void)
{
    set_up();
    store(GICR_SGI + INMIR, 1 << OF_1NS);
    store(GICR_SGI + ISPENDR, 1 << OF_1NS);
    PUT(ICC_PMR, 0x70);
    state(NS);
    check_is("a mask in secure software's half holds non-secure superpriority", GET(ICC_NMIAR1), SPURIOUS);
    state(0);
    PUT(ICC_PMR, 0x80);
    isb();
    check_is("at its end it does so in the secure state", GET(ICC_NMIAR1), SPURIOUS);
    state(NS);
    run_at(2, ALL_MASKED, acknowledge, 0);
    check_is("not in the other", nmi, OF_1NS);
    state(0);
}

/* A non-secure access, by non-secure EL1. */
static volatile uint32_t seen[2];
static void from_nonsecure(u64 unused)
{
    seen[0] = load(GICR_SGI + INMIR);
    store(GICR_SGI + INMIR, 0);
    seen[1] = load(GICR_SGI + INMIR);
}

static void visible(void)
{
    set_up();
    store(GICR_SGI + INMIR, 1 << OF_1NS | 1 << OF_1S);
    state(NS);
    check_is("non-secure software looks", run_at(1, ALL_MASKED, from_nonsecure, 0), (u64)NONE);
    check_is("it sees its own", seen[0], 1 << OF_1NS);
    check_is("and changes them", seen[1], 0);
    state(0);
    check_is("the secure ones are as they were", load(GICR_SGI + INMIR), 1 << OF_1S);
    store(GICR_SGI + INMIR, 0);
}

const Subject subjects[] = { { "secure", secure }, { "non-secure", nonsecure }, { "the mask", mask }, { "accesses", visible }, { NULL, NULL } };
