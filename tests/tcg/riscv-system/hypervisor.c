/*
 * The hypervisor extension: two stages, faults of guests, virtual instructions, HLV and HSV, injected interrupts (volume II, 18).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

#define HSTATUS 0x600
#define HEDELEG 0x602
#define HIDELEG 0x603
#define HCOUNTEREN 0x606
#define HTVAL 0x643
#define HVIP 0x645
#define HENVCFG 0x60a
#define HGATP 0x680
#define VSSTATUS 0x200
#define VSIE 0x204
#define VSTVEC 0x205
#define VSATP 0x280
#define HSTATUS_GVA ((Word)1 << 6)
#define HSTATUS_VTVM ((Word)1 << 20)
#define HSTATUS_VTW ((Word)1 << 21)
#define HSTATUS_VTSR ((Word)1 << 22)
#define MSTATUS_GVA ((uint64_t)1 << 38)

static char data[4 * PAGE] __attribute__((aligned(PAGE)));
#define GUEST_PAGE ((Word)0x20000000)       /* guest physical, what the second stage maps to data */
static Word *first, *second;
static const Paging *paging;

static void hfence(void)
{
    asm volatile(".insn r 0x73, 0, 0x31, x0, x0, x0\n .insn r 0x73, 0, 0x11, x0, x0, x0" ::: "memory");     /* HFENCE.GVMA, HFENCE.VVMA */
    fence();
}

static Word *map_guest(Word address, Word physical, Word flags)
{
    Word *entry = entry_for(second, paging, address, 0, true);
    *entry = physical >> 12 << 10 | flags;
    hfence();
    return entry;
}

/* Both stages map the program one to one (U-mode's alias in the first one), TEST_PAGE goes to GUEST_PAGE and that to data. */
static void begin(const Paging *p)
{
    forget_tables();
    paging = p;
    second = new_table(4);
    first = map_program(p);
    *entry_for(second, p, PROGRAM, 1, true) = PROGRAM >> 12 << 10 | PTE_ALL | PTE_U;
    map_page(first, p, TEST_PAGE, GUEST_PAGE, PTE_ALL, 0);
    map_guest(GUEST_PAGE, (Word)data, PTE_ALL | PTE_U);
    *(uint32_t *)data = 0x8067;
    csr_write(HGATP, atp(p, second, 0));
    csr_write(VSATP, atp(p, first, 0));
    csr_write(VSTVEC, supervisor_entry);
    csr_write(HEDELEG, 0);
    csr_write(HIDELEG, 0);
    csr_write(HSTATUS, 0);
    hfence();
}

static void end(void)
{
    csr_write(HGATP, 0);
    csr_write(VSATP, 0);
    hfence();
}

static void each_mode(void (*test)(void))
{
    for (unsigned i = 0; i < NR_PAGINGS; i++) {
        begin(&pagings[i]);
        test();
        end();
    }
}

/* ---- two stages ---- */

static void check_guest_fault(const char *name, Word cause, Word address, Word physical)
{
    check_trap(name, TO_M, cause, address);
    check_is("its guest physical address", outcome.tval2, physical >> 2);
    check(outcome.status & MSTATUS_GVA, "GVA is set");
}

static void stages_of_mode(void)
{
    run_in(MODE_VS, try_load, TEST_PAGE);
    check_returned("a load in VS through both stages", 0x8067);
    run_in(MODE_VS, try_jump, TEST_PAGE);
    check(outcome.level == NO_TRAP, "a fetch");
    run_in(MODE_VS, try_store, TEST_PAGE);
    check(outcome.level == NO_TRAP && *(Word *)data == 0x8067, "a store");
    run_in(MODE_VS, try_load, TEST_PAGE + PAGE);
    check_trap("the guest's own page fault", TO_M, LOAD_PAGE, TEST_PAGE + PAGE);
    csr_write(medeleg, 1 << LOAD_PAGE);
    csr_write(HEDELEG, 1 << LOAD_PAGE);
    run_in(MODE_VS, try_load, TEST_PAGE + PAGE);
    check_trap("goes to the guest when it is delegated twice", TO_VS, LOAD_PAGE, TEST_PAGE + PAGE);
    csr_write(HEDELEG, 0);
    csr_write(stvec, supervisor_entry);
    run_in(MODE_VS, try_load, TEST_PAGE + PAGE);
    check_trap("and to HS when once", TO_S, LOAD_PAGE, TEST_PAGE + PAGE);
    check(csr_read(HSTATUS) & HSTATUS_GVA, "hstatus.GVA is set");
    csr_write(medeleg, 0);
    map_guest(GUEST_PAGE, (Word)data, PTE_AD | PTE_U);
    run_in(MODE_VS, try_load, TEST_PAGE + 8);
    check_guest_fault("a load without a second stage", LOAD_GUEST_PAGE, TEST_PAGE + 8, GUEST_PAGE + 8);
    run_in(MODE_VS, try_store, TEST_PAGE);
    check_guest_fault("a store", STORE_GUEST_PAGE, TEST_PAGE, GUEST_PAGE);
    run_in(MODE_VS, try_jump, TEST_PAGE);
    check_guest_fault("a fetch", FETCH_GUEST_PAGE, TEST_PAGE, GUEST_PAGE);
    map_guest(GUEST_PAGE, (Word)data, PTE_V | PTE_R | PTE_AD | PTE_U);
    run_in(MODE_VS, try_store, TEST_PAGE);
    check_guest_fault("a store where the second stage has no W", STORE_GUEST_PAGE, TEST_PAGE, GUEST_PAGE);
    map_guest(GUEST_PAGE, (Word)data, PTE_ALL);
    run_in(MODE_VS, try_load, TEST_PAGE);
    check_guest_fault("the second stage wants U", LOAD_GUEST_PAGE, TEST_PAGE, GUEST_PAGE);
    map_guest(GUEST_PAGE, (Word)data, PTE_ALL | PTE_U);
}
static void stages(void) { each_mode(stages_of_mode); }

static void walks_of_mode(void)
{
    /* The table of the last level lies where the second stage has nothing. */
    Word *above = entry_for(first, paging, TEST_PAGE, 1, false), good = *above;
    *above = GUEST_PAGE >> 2 | PTE_V;
    map_guest(GUEST_PAGE, 0, 0);
    run_in(MODE_VS, try_store, TEST_PAGE);
    Word index = TEST_PAGE >> 12 & (TABLE_ENTRIES - 1);
    check_guest_fault("a table that the second stage does not have", STORE_GUEST_PAGE, TEST_PAGE, GUEST_PAGE + index * sizeof(Word));
    check_is("the pseudoinstruction of the walk", outcome.tinst, RV64 ? 0x3000 : 0x2000);
    *above = good;
    map_guest(GUEST_PAGE, (Word)data, PTE_ALL | PTE_U);
    csr_write(VSATP, 0);
    hfence();
    run_in(MODE_VS, try_load, GUEST_PAGE);
    check_returned("the second stage alone", 0x8067);
    csr_write(VSATP, atp(paging, first, 0));
    csr_write(HGATP, 0);
    hfence();
    map_page(first, paging, TEST_PAGE, (Word)data, PTE_ALL, 0);
    hfence();
    run_in(MODE_VS, try_load, TEST_PAGE);
    check_returned("the first stage alone", 0x8067);
    map_page(first, paging, TEST_PAGE, GUEST_PAGE, PTE_ALL, 0);
    if (RV64) {
        csr_write(VSATP, 0);
        csr_write(HGATP, atp(paging, second, 0));
        hfence();
        Word far = (Word)1 << (12 + paging->levels * INDEX_BITS + 2);
        run_in(MODE_VS, try_load, far);
        check_trap("a guest physical address that is too wide", TO_M, LOAD_GUEST_PAGE, far);
    }
}
static void walks(void) { each_mode(walks_of_mode); }

/* ---- HLV, HSV ---- */

static void access_as_guest(void)
{
    begin(&pagings[0]);
    csr_set(HSTATUS, (Word)1 << 8);     /* SPVP */
    volatile uint32_t value = 0;
    CATCH(Word v; asm volatile(".insn r 0x73, 4, 0x34, %0, %1, x0" : "=r"(v) : "r"(TEST_PAGE)); value = v);
    check(outcome.level == NO_TRAP && value == 0x8067, "HLV.W");
    CATCH(asm volatile(".insn r 0x73, 4, 0x35, x0, %0, %1" :: "r"(TEST_PAGE + 16), "r"(0x1234)));
    check(outcome.level == NO_TRAP && *(uint32_t *)(data + 16) == 0x1234, "HSV.W");
    CATCH(asm volatile(".insn r 0x73, 4, 0x35, x0, %0, %1" :: "r"(TEST_PAGE + PAGE), "r"(0x1234)));
    check_trap("HSV.W to a page that the guest has not", TO_M, STORE_PAGE, TEST_PAGE + PAGE);
    check(outcome.status & MSTATUS_GVA, "sets GVA");
    map_page(first, paging, TEST_PAGE, GUEST_PAGE, PTE_V | PTE_X | PTE_AD, 0);
    hfence();
    CATCH(Word v; asm volatile(".insn r 0x73, 4, 0x34, %0, %1, x0" : "=r"(v) : "r"(TEST_PAGE)); value = v);
    check_trap("HLV.W where only X is", TO_M, LOAD_PAGE, TEST_PAGE);
    CATCH(Word v; asm volatile(".insn r 0x73, 4, 0x34, %0, %1, x3" : "=r"(v) : "r"(TEST_PAGE)); value = v);
    check(outcome.level == NO_TRAP && value == 0x8067, "HLVX.WU there");
    csr_clear(HSTATUS, (Word)1 << 8);
    CATCH(Word v; asm volatile(".insn r 0x73, 4, 0x34, %0, %1, x3" : "=r"(v) : "r"(TEST_PAGE)); value = v);
    check_trap("as VU it has no right to it", TO_M, LOAD_PAGE, TEST_PAGE);
    end();
}

/* ---- virtual instructions ---- */

static Word do_hstatus(Word a) { return csr_read(HSTATUS); }
static Word do_satp(Word a) { return csr_read(satp); }
static Word do_sfence(Word a)
{
    asm volatile("sfence.vma");
    return a;
}
static Word do_hfence(Word a)
{
    hfence();
    return a;
}
static Word do_sret(Word a)
{
    asm volatile("sret");
    return a;
}
static Word do_wfi(Word a)
{
    asm volatile("wfi");
    return a;
}
static Word do_mret(Word a)
{
    asm volatile("mret");
    return a;
}
static Word do_hlv(Word a)
{
    asm volatile(".insn r 0x73, 4, 0x34, %0, %0, x0" : "+r"(a));
    return a;
}
static Word do_ecall(Word a)
{
    asm volatile("li a7, 0\n ecall" ::: "a7");
    return a;
}
static Word do_mscratch(Word a) { return csr_read(mscratch); }
static Word do_cycle(Word a) { return csr_read(cycle) & 0; }
static Word do_swap_sscratch(Word a) { return csr_swap(sscratch, a); }

static void check_cause(const char *name, Mode mode, Function *function, Word cause)
{
    run_in(mode, function, TEST_PAGE);
    check(outcome.level == TO_M && outcome.cause == cause, "%s", name);
    if (outcome.level != TO_M || outcome.cause != cause) {
        print("# level %d, cause %lu\n", outcome.level, outcome.cause);
    }
}

static void instructions(void)
{
    begin(&pagings[0]);
    csr_write(VSATP, 0);
    csr_write(HGATP, 0);
    hfence();
    check_cause("ecall from VS", MODE_VS, do_ecall, ECALL_VS);
    check_cause("ecall from VU", MODE_VU, do_ecall, ECALL_U);
    check_cause("a CSR of HS in VS", MODE_VS, do_hstatus, VIRTUAL);
    check_cause("a CSR of HS in VU", MODE_VU, do_hstatus, VIRTUAL);
    check_cause("a CSR of M in VS", MODE_VS, do_mscratch, ILLEGAL);
    check_cause("a CSR of S in VU", MODE_VU, do_satp, VIRTUAL);
    check_cause("hfence in VS", MODE_VS, do_hfence, VIRTUAL);
    check_cause("HLV in VS", MODE_VS, do_hlv, VIRTUAL);
    check_cause("HLV in U", MODE_U, do_hlv, ILLEGAL);
    check_cause("sret in VU", MODE_VU, do_sret, VIRTUAL);
    check_cause("wfi in VU", MODE_VU, do_wfi, VIRTUAL);
    check_cause("mret in VS", MODE_VS, do_mret, ILLEGAL);
    csr_set(HSTATUS, HSTATUS_VTVM);
    check_cause("VTVM: satp", MODE_VS, do_satp, VIRTUAL);
    check_cause("VTVM: sfence.vma", MODE_VS, do_sfence, VIRTUAL);
    csr_write(HSTATUS, HSTATUS_VTSR);
    check_cause("VTSR: sret", MODE_VS, do_sret, VIRTUAL);
    csr_write(HSTATUS, HSTATUS_VTW);
    check_cause("VTW: wfi", MODE_VS, do_wfi, VIRTUAL);
    csr_write(HSTATUS, 0);
    csr_write(mcounteren, 7);
    csr_write(HCOUNTEREN, 0);
    check_cause("a counter that HS keeps back", MODE_VS, do_cycle, VIRTUAL);
    csr_write(HCOUNTEREN, 7);
    run_in(MODE_VS, do_cycle, 0);
    check_returned("a counter that it lets through", 0);
    csr_write(sscratch, 1);
    csr_write(0x240, 2);
    run_in(MODE_VS, do_swap_sscratch, 3);
    check_returned("sscratch in VS is vsscratch", 2);
    check(csr_read(sscratch) == 1 && csr_read(0x240) == 3, "and the host's stays");
    end();
}

/* ---- interrupts for guests ---- */

static Word wait_here(Word turns)
{
    while (turns--) {
        asm volatile("");
    }
    return 0;
}

static void injection(void)
{
    static const struct { const char *name; Word bit, number; } kinds[] = { { "software", 1 << IRQ_VSSOFT, 1 }, { "timer", 1 << IRQ_VSTIMER, 5 }, { "external", 1 << IRQ_VSEXT, 9 } };
    begin(&pagings[0]);
    csr_write(VSATP, 0);
    csr_write(HGATP, 0);
    csr_write(HIDELEG, 0x444);
    hfence();
    for (unsigned i = 0; i < 3; i++) {
        csr_write(VSSTATUS, MSTATUS_SIE);
        csr_write(VSIE, (Word)1 << kinds[i].number);
        csr_write(HVIP, kinds[i].bit);
        run_in(MODE_VS, wait_here, 1000);
        check_interrupt(kinds[i].name, TO_VS, kinds[i].number);
        csr_write(VSSTATUS, 0);
        run_in(MODE_VS, wait_here, 10);
        check(outcome.level == NO_TRAP, "not with the guest's SIE off");
        run_in(MODE_VU, wait_here, 1000);
        check_interrupt("but in VU", TO_VS, kinds[i].number);
        run_in(MODE_S, wait_here, 10);
        check(outcome.level == NO_TRAP, "and not outside the guest");
    }
    csr_write(HVIP, 0);
    csr_write(HIDELEG, 0);
    csr_write(VSIE, 0);
    end();
}

const Subject subjects[] = {
    { "stages", stages }, { "walks", walks }, { "access as a guest", access_as_guest }, { "instructions", instructions }, { "injection", injection }, { NULL, NULL },
};
