/*
 * Virtual LPIs of a GICv4: the ITS maps a device's events to vPEs, which are resident at a redistributor or ring a doorbell.
 *
 * IHI 0069, 5.3 (VMAPP, VMAPTI, VMAPI, VMOVI, VMOVP, VINVALL, VSYNC), 12.11 (GICR_VPROPBASER, GICR_VPENDBASER), 12.19 (GITS_TYPER, GITS_BASER<n>).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

/* The board virt. */
#define GICD 0x8000000ul
#define GITS 0x8080000ul
#define GICR 0x80a0000ul
enum { FRAME = 0x10000, STRIDE = 4 * FRAME };
#define GICR_VLPI (GICR + 2 * FRAME)
static void store(u64 addr, uint32_t value) { *(volatile uint32_t *)addr = value; }
static uint32_t load(u64 addr) { return *(volatile uint32_t *)addr; }
static void store64(u64 addr, u64 value) { *(volatile u64 *)addr = value; }
static u64 load64(u64 addr) { return *(volatile u64 *)addr; }
enum { GICD_CTLR = 0, GICR_CTLR = 0, GICR_TYPER = 8, GICR_WAKER = 0x14, GICR_PROPBASER = 0x70, GICR_PENDBASER = 0x78, PIDR2 = 0xffe8 };
enum { GITS_CTLR = 0, GITS_TYPER = 8, GITS_CBASER = 0x80, GITS_CWRITER = 0x88, GITS_CREADR = 0x90, GITS_BASER = 0x100 };

#define ICC_PMR S3_0_C4_C6_0
#define ICC_IAR1 S3_0_C12_C12_0
#define ICC_EOIR1 S3_0_C12_C12_1
#define ICC_HPPIR1 S3_0_C12_C12_2
#define ICC_IGRPEN1 S3_0_C12_C12_7
#define ICC_RPR S3_0_C12_C11_3
#define ICC_SRE_EL2 S3_4_C12_C9_5
#define ICH_HCR S3_4_C12_C11_0
#define ICH_VTR S3_4_C12_C11_1
#define ICH_VMCR S3_4_C12_C11_7
#define ICH_LR0 S3_4_C12_C12_0
/* With the names above instead of their encodings. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { HCR_FMO = 1 << 3, HCR_IMO = 1 << 4, SPURIOUS = 1023, DAIF_I = 0x80 };
#define HCR_RW (1ul << 31)
#define VALID (1ul << 63)
#define PENDING_LAST (1ul << 61)
#define DIRTY (1ul << 60)

enum { INT = 0x03, CLEAR = 0x04, MAPD = 0x08, MAPC = 0x09, MAPTI = 0x0a, INV = 0x0c, DISCARD = 0x0f, VMOVI = 0x21, VMOVP = 0x22, VSYNC = 0x25, VMAPP = 0x29, VMAPTI = 0x2a,
       VMAPI = 0x2b, VINVALL = 0x2d };
enum { DEVICE = 5, ONE = 3, OTHER = 4, FIRST = 8192, VLPI = 8200, DOORBELL = 8300, ID_BITS = 15 };

static u64 *queue;
static uint8_t *config, *guest_config, *one_pending, *other_pending;

static void command(u64 a, u64 b, u64 c, u64 d)
{
    u64 at = load64(GITS + GITS_CWRITER), next = (at + 32) % 0x1000;
    u64 *to = queue + at / 8;
    to[0] = a, to[1] = b, to[2] = c, to[3] = d;
    dsb();
    store64(GITS + GITS_CWRITER, next);
    while (load64(GITS + GITS_CREADR) != next) { }
}
static void on_event(unsigned number, u64 event) { command(number | (u64)DEVICE << 32, event, 0, 0); }
static void map_vpe(u64 vpe, u64 target, u64 table) { command(VMAPP, vpe << 32, VALID | target << 16, table | ID_BITS); }
static void map_event(u64 event, u64 vpe, u64 vlpi, u64 doorbell) { command(VMAPTI | (u64)DEVICE << 32, vpe << 32 | event, doorbell << 32 | vlpi, 0); }
static void configure(uint8_t *table, unsigned lpi, unsigned value)
{
    table[lpi - FIRST] = (uint8_t)value;
    dsb();
}

static void make_resident(uint8_t *table)
{
    store64(GICR_VLPI + GICR_PROPBASER, (u64)guest_config | ID_BITS);
    store64(GICR_VLPI + GICR_PENDBASER, VALID | PENDING_LAST | (u64)table);
    while (load64(GICR_VLPI + GICR_PENDBASER) & DIRTY) { }
}
/* GICR_VPENDBASER.PendingLast. */
static u64 take_away(void)
{
    store64(GICR_VLPI + GICR_PENDBASER, load64(GICR_VLPI + GICR_PENDBASER) & ~VALID);
    return load64(GICR_VLPI + GICR_PENDBASER) >> 61 & 1;
}

static void registers(void)
{
    check_is("GITS_TYPER.Virtual", load64(GITS + GITS_TYPER) >> 1 & 1, 1);
    check_is("GITS_TYPER.VMOVP", load64(GITS + GITS_TYPER) >> 37 & 1, 1);
    check_is("GITS_BASER2 is for vPEs", load64(GITS + GITS_BASER + 16) >> 56 & 7, 2);
    check_is("GICR_TYPER.VLPIS", load64(GICR + GICR_TYPER) >> 1 & 1, 1);
    check_is("a redistributor has four frames", load64(GICR + STRIDE + GICR_TYPER) >> 8 & 0xffff, 1);
    check_is("the second is the last", load64(GICR + STRIDE + GICR_TYPER) >> 4 & 1, 1);
    check_is("ICH_VTR_EL2.nV4", GET(ICH_VTR) >> 20 & 1, 0);
    check_is("GICD_PIDR2.ArchRev", load(GICD + PIDR2) >> 4 & 15, 4);
    check_is("no vPE is resident", load64(GICR_VLPI + GICR_PENDBASER) & VALID, 0);
    store64(GICR_VLPI + GICR_PROPBASER, ~0ul);
    check_is("GICR_VPROPBASER", load64(GICR_VLPI + GICR_PROPBASER) & 0x070fffffffffff9f, 0x070fffffffffff9f);
    store64(GICR_VLPI + GICR_PROPBASER, 0);
}

static void set_up(void)
{
    enum { TABLE = 0x10000 };
    queue = pages(0x1000);
    config = pages(TABLE);
    guest_config = pages(TABLE);
    one_pending = pages(TABLE);
    other_pending = pages(TABLE);
    configure(config, DOORBELL, 0xa1);
    PUT(ICC_SRE_EL2, 0xf);
    isb();
    store(GICD + GICD_CTLR, 0x12);
    store(GICR + GICR_WAKER, 0);
    for (unsigned n = 0; n < 2; n++) {
        store64(GICR + n * STRIDE + GICR_PROPBASER, (u64)config | ID_BITS);
        store64(GICR + n * STRIDE + GICR_PENDBASER, (u64)pages(TABLE) | 1ul << 62);
        store(GICR + n * STRIDE + GICR_CTLR, 1);
    }
    for (unsigned n = 0; n < 3; n++) {
        store64(GITS + GITS_BASER + 8 * n, VALID | (u64)pages(TABLE) | 2ul << 8);
    }
    store64(GITS + GITS_CBASER, VALID | (u64)queue);
    store64(GITS + GITS_CWRITER, 0);
    store(GITS + GITS_CTLR, 1);
    PUT(ICC_PMR, 0xf0);
    PUT(ICC_IGRPEN1, 1);
    WRITE(hcr_el2, HCR_RW | HCR_FMO | HCR_IMO);
    PUT(ICH_VMCR, 0xff000002ul);
    PUT(ICH_HCR, 1);
    PUT(ICH_LR0, 0);
    isb();
    configure(guest_config, VLPI, 0x51);
    configure(guest_config, VLPI + 1, 0x61);
    command(MAPC, 0, VALID, 0);
    command(MAPD | (u64)DEVICE << 32, 7, VALID | (u64)pages(0x1000), 0);
    map_vpe(ONE, 0, (u64)one_pending);
    map_vpe(OTHER, 0, (u64)other_pending);
    map_event(0, ONE, VLPI, DOORBELL);
    map_event(1, ONE, VLPI + 1, SPURIOUS);
    command(VSYNC, (u64)ONE << 32, 0, 0);
}

/* What this processor has of its own; it is ended. */
static u64 own(void)
{
    u64 irq = GET(ICC_IAR1);
    if (irq != SPURIOUS) {
        PUT(ICC_EOIR1, irq);
        isb();
    }
    return irq;
}

/* ---- a guest ---- */

static volatile u64 seen[4];

/* Back to EL2, as a function that has returned: run_at's own call would stay at EL1. */
static void leave_guest(void) { __asm__ volatile("hvc #0xfff" ::: "memory"); }

static void guest_polls(u64 unused)
{
    for (unsigned n = 0; n < 4; n += 2) {
        seen[n] = GET(ICC_IAR1);
        seen[n + 1] = GET(ICC_RPR);
        if (seen[n] != SPURIOUS) {
            PUT(ICC_EOIR1, seen[n]);
            isb();
        }
    }
    leave_guest();
}
static void poll(void) { run_at(1, DAIF_I, guest_polls, 0); }

static volatile u64 taken, taken_at;
static bool take(Frame *frame)
{
    if ((frame->vector & 0x7f) != 0 || (frame->vector & 0x180) != 0x80) {
        return false;                   /* no IRQ */
    }
    taken = GET(ICC_IAR1);
    taken_at = current_el();
    isb();
    PUT(ICC_EOIR1, taken);
    isb();
    return true;
}
static void guest_waits(u64 unused)
{
    __asm__ volatile("msr daifclr, #2; isb; nop; nop; nop; msr daifset, #2" ::: "memory");
    leave_guest();
}

static void doorbells(void)
{
    set_up();
    on_event(INT, 0);
    check_is("an interrupt of a vPE that is not resident rings its doorbell", own(), DOORBELL);
    on_event(INT, 1);
    check_is("one without a doorbell does not", own(), SPURIOUS);
    poll();
    check_is("no guest sees either", seen[0], SPURIOUS);
    make_resident(one_pending);
    poll();
    check_is("once the vPE is resident it has the best", seen[0], VLPI);
    check_is("with its priority", seen[1], 0x50);
    check_is("then the other", seen[2], VLPI + 1);
    check_is("with its own", seen[3], 0x60);
    poll();
    check_is("and no more", seen[0], SPURIOUS);
    check_is("taken away it has nothing to do", take_away(), 0);
}

static void resident(void)
{
    make_resident(one_pending);
    on_event(INT, 0);
    check_is("an interrupt of the resident vPE rings no doorbell", own(), SPURIOUS);
    check_is("GICR_VPENDBASER.PendingLast tells of it", take_away(), 1);
    make_resident(other_pending);
    poll();
    check_is("another vPE has it not", seen[0], SPURIOUS);
    take_away();
    make_resident(one_pending);
    taken = 0;
    hook = take;
    run_at(1, DAIF_I, guest_waits, 0);
    hook = NULL;
    check_is("a guest takes it as an IRQ", taken, VLPI);
    check_is("at EL1", taken_at, 1);
    on_event(INT, 0);
    on_event(CLEAR, 0);
    poll();
    check_is("CLEAR takes it back", seen[0], SPURIOUS);
    on_event(INT, 1);
    PUT(ICH_LR0, 1ul << 62 | 1ul << 60 | 0x40ul << 48 | 100);
    isb();
    poll();
    check_is("a better list register comes first", seen[0], 100);
    check_is("then the virtual LPI", seen[2], VLPI + 1);
    on_event(INT, 1);
    PUT(ICH_LR0, 1ul << 62 | 1ul << 60 | 0x80ul << 48 | 101);
    isb();
    poll();
    check_is("a worse one comes after it", seen[0], VLPI + 1);
    check_is("then itself", seen[2], 101);
    take_away();
}

static void configuration(void)
{
    make_resident(one_pending);
    configure(guest_config, VLPI, 0x50);
    on_event(INV, 0);
    on_event(INT, 0);
    poll();
    check_is("a disabled one is not signalled", seen[0], SPURIOUS);
    configure(guest_config, VLPI, 0x31);
    on_event(INV, 0);
    poll();
    check_is("enabled, and INV: it is", seen[0], VLPI);
    check_is("with the new priority", seen[1], 0x30);
    configure(guest_config, VLPI, 0x30);
    command(VINVALL, (u64)ONE << 32, 0, 0);
    on_event(INT, 0);
    check_is("disabled it is nothing to do", take_away(), 0);
    configure(guest_config, VLPI, 0x51);
    make_resident(one_pending);
    poll();
    check_is("but it stays pending", seen[0], VLPI);
    take_away();
}

static void moves(void)
{
    on_event(INT, 0);
    check_is("it rings", own(), DOORBELL);
    command(VMOVI | (u64)DEVICE << 32, (u64)OTHER << 32, (u64)SPURIOUS << 32 | 1, 0);
    make_resident(other_pending);
    poll();
    check_is("VMOVI takes what is pending along", seen[0], VLPI);
    take_away();
    on_event(INT, 0);
    check_is("and changes the doorbell", own(), SPURIOUS);
    make_resident(one_pending);
    poll();
    check_is("the vPE of before has nothing", seen[0], SPURIOUS);
    take_away();
    command(VMOVI | (u64)DEVICE << 32, (u64)ONE << 32, (u64)DOORBELL << 32 | 1, 0);
    check_is("moved back it rings there", own(), DOORBELL);
    make_resident(one_pending);
    poll();
    check_is("and has it back", seen[0], VLPI);
    take_away();
    command(VMOVP, (u64)ONE << 32, 1 << 16, 0);
    on_event(INT, 0);
    check_is("VMOVP: the doorbell rings at the other processor", own(), SPURIOUS);
    command(VMOVP, (u64)ONE << 32, 0, 0);
    make_resident(one_pending);
    poll();
    check_is("and the interrupt stays with its vPE", seen[0], VLPI);
    take_away();
    command(VMAPI | (u64)DEVICE << 32, (u64)ONE << 32 | 8, (u64)DOORBELL << 32, 0);
    on_event(INT, 8);
    check_is("VMAPI: an event below the first LPI maps nothing", own(), SPURIOUS);
}

static void mistakes(void)
{
    map_event(2, ONE, 100, DOORBELL);
    on_event(INT, 2);
    check_is("an interrupt that is no LPI is not mapped", own(), SPURIOUS);
    map_event(3, ONE, VLPI, 100);
    on_event(INT, 3);
    check_is("nor one with such a doorbell", own(), SPURIOUS);
    map_event(4, 0xffff, VLPI, DOORBELL);
    on_event(INT, 4);
    check_is("nor one of a vPE beyond the table", own(), SPURIOUS);
    map_event(5, 7, VLPI, DOORBELL);
    on_event(INT, 5);
    check_is("one of a vPE that is not mapped does nothing", own(), SPURIOUS);
    map_vpe(6, 99, (u64)one_pending);
    map_event(6, 6, VLPI, DOORBELL);
    on_event(INT, 6);
    check_is("nor is a vPE of no redistributor", own(), SPURIOUS);
    command(VMAPP, 6ul << 32, VALID, 0xffffffff0000 | ID_BITS);
    on_event(INT, 6);
    own();
    make_resident((uint8_t *)0xffffffff0000);
    poll();
    check_is("a table that is nowhere is empty", seen[0], SPURIOUS);
    take_away();
    map_vpe(6, 0, GITS + FRAME);
    on_event(INT, 6);
    own();
    make_resident((uint8_t *)(GITS + FRAME));
    poll();
    check_is("so is one over the ITS itself", seen[0], SPURIOUS);
    take_away();
    uint8_t *there = guest_config;
    guest_config = (uint8_t *)0xffffffff0000;
    make_resident(one_pending);
    on_event(INT, 1);
    poll();
    check_is("a configuration that is nowhere enables none", seen[0], SPURIOUS);
    on_event(CLEAR, 1);
    take_away();
    guest_config = there;
    on_event(DISCARD, 0);
    on_event(INT, 0);
    check_is("DISCARD: the event is gone", own(), SPURIOUS);
    command(VMAPP, (u64)ONE << 32, 0, 0);
    on_event(INT, 1);
    make_resident(one_pending);
    poll();
    check_is("so it is with the vPE", seen[0], SPURIOUS);
    take_away();
    PUT(ICH_HCR, 0);
    isb();
}

const Subject subjects[] = {
    { "registers", registers }, { "doorbells", doorbells }, { "a resident vPE", resident }, { "configuration", configuration }, { "moves", moves }, { "mistakes", mistakes },
    { NULL, NULL },
};
