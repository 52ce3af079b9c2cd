/*
 * Address translation of one stage: levels, rights, A and D bits, superpages, NAPOT, memory types, fences (volume II, 12.3 to 12.6, 13 to 16).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

enum { DATA_PAGES = 32 };
static char data[DATA_PAGES * PAGE] __attribute__((aligned(64 * 1024)));
static Word *root;
static const Paging *paging;

static void begin(const Paging *p)
{
    forget_tables();
    paging = p;
    root = map_program(p);
    for (unsigned i = 0; i < DATA_PAGES; i++) {
        *(Word *)(data + i * PAGE) = i << 16 | 0x8067;      /* lui-free ret, and which page it is */
    }
    csr_write(satp, atp(p, root, 0));
    fence();
}

static void end(void)
{
    csr_write(satp, 0);
    fence();
}

static Word *map_test(Word flags)
{
    Word *entry = map_page(root, paging, TEST_PAGE, (Word)data, flags, 0);
    fence();
    return entry;
}

static void each_mode(void (*test)(void))
{
    for (unsigned i = 0; i < NR_PAGINGS; i++) {
        begin(&pagings[i]);
        test();
        end();
    }
}

/* ---- rights ---- */

static bool may(Word flags, Mode mode, bool sum, bool mxr, Word fault)
{
    if (!(flags & PTE_R) && (flags & PTE_W)) {
        return false;
    }
    if (mode == MODE_U ? !(flags & PTE_U) : (flags & PTE_U) && (fault == FETCH_PAGE || !sum)) {
        return false;
    }
    return fault == LOAD_PAGE ? flags & PTE_R || (mxr && flags & PTE_X) : fault == STORE_PAGE ? flags & PTE_W : flags & PTE_X;
}

static void try_rights(Mode mode, bool sum, bool mxr)
{
    static const struct { Function *function; Word fault; } tries[] = { { try_load, LOAD_PAGE }, { try_store, STORE_PAGE }, { try_jump, FETCH_PAGE } };
    unsigned wrong = 0;
    csr_clear(mstatus, MSTATUS_SUM | MSTATUS_MXR);
    csr_set(mstatus, (sum ? MSTATUS_SUM : 0) | (mxr ? MSTATUS_MXR : 0));
    for (Word flags = PTE_R; flags < PTE_G; flags += 2) {
        if (!(flags & PTE_RWX)) {
            continue;       /* a pointer to a table */
        }
        map_test(flags | PTE_V | PTE_AD);
        *(uint32_t *)data = 0x8067;
        for (unsigned i = 0; i < 3; i++) {
            run_at(mode, tries[i].function, TEST_PAGE, mode == MODE_U ? ALIAS : 0);
            bool good = may(flags, mode, sum, mxr, tries[i].fault) ? outcome.level == NO_TRAP
                : outcome.level == TO_M && outcome.cause == tries[i].fault && outcome.tval == TEST_PAGE;
            if (!good) {
                print("# flags 0x%lx, try %u: level %d, cause %lu, tval 0x%lx\n", flags, i, outcome.level, outcome.cause, outcome.tval);
            }
            wrong += !good;
        }
    }
    check(!wrong, "%s, rights in %s%s%s", paging->name, mode == MODE_U ? "U" : "S", sum ? ", SUM" : "", mxr ? ", MXR" : "");
}

static void rights_of_mode(void)
{
    for (unsigned bits = 0; bits < 4; bits++) {
        try_rights(MODE_S, bits & 1, bits & 2);
        try_rights(MODE_U, bits & 1, bits & 2);
    }
    csr_clear(mstatus, MSTATUS_SUM | MSTATUS_MXR);
}
static void rights(void) { each_mode(rights_of_mode); }

/* ---- the tree ---- */

static void tree_of_mode(void)
{
    check_is("satp keeps the mode", csr_read(satp), atp(paging, root, 0));
    map_test(PTE_ALL);
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("a page of 4 KiB", 0x8067);
    run_in(MODE_S, try_load, TEST_PAGE + PAGE);
    check_trap("its neighbour is not there", TO_M, LOAD_PAGE, TEST_PAGE + PAGE);
    map_test(PTE_ALL & ~PTE_V);
    run_in(MODE_S, try_load, TEST_PAGE);
    check_trap("an entry that is not valid", TO_M, LOAD_PAGE, TEST_PAGE);
    *entry_for(root, paging, TEST_PAGE, 0, false) = PTE_V | (Word)data >> 2;
    fence();
    run_in(MODE_S, try_load, TEST_PAGE);
    check_trap("a pointer on the last level", TO_M, LOAD_PAGE, TEST_PAGE);
    for (unsigned level = 1; level < paging->levels; level++) {
        Word address = level == 1 ? TEST_PAGE - 0x8000000 : (Word)6 << (12 + level * INDEX_BITS);
        if (level == 1 && !RV64) {
            address = 0x60000000;
        }
        Word size = (Word)1 << (12 + level * INDEX_BITS);
        /* Only the superpages whose start is in the RAM's reach can be read through: the program's own, by its offset. */
        Word start = PROGRAM / size * size, offset = (Word)data - start;
        *entry_for(root, paging, address, level, false) = start >> 12 << 10 | PTE_ALL;
        fence();
        run_in(MODE_S, try_load, address + offset);
        check_returned(level == 1 ? "a superpage of level 1" : level == 2 ? "a superpage of level 2" : level == 3 ? "a superpage of level 3" : "a superpage of level 4", 0x8067);
        *entry_for(root, paging, address, level, false) = (start + PAGE) >> 12 << 10 | PTE_ALL;
        fence();
        run_in(MODE_S, try_load, address + offset);
        check(outcome.level == TO_M && outcome.cause == LOAD_PAGE, "a superpage of level %u that is not aligned", level);
    }
    map_test(PTE_ALL);
    Word *above = entry_for(root, paging, TEST_PAGE, 1, false), good = *above;
    *above = good | PTE_U;
    fence();
    run_in(MODE_S, try_load, TEST_PAGE);
    check_trap("a pointer with U", TO_M, LOAD_PAGE, TEST_PAGE);
    *above = (Word)0x1000000 >> 2 | PTE_V;
    fence();
    run_in(MODE_S, try_load, TEST_PAGE);
    check(outcome.level == TO_M && (outcome.cause == LOAD_ACCESS || outcome.cause == LOAD_PAGE), "a table where no memory is");
    *above = good;
    if (RV64) {
        Word far = (Word)1 << (12 + paging->levels * INDEX_BITS - 1);
        run_in(MODE_S, try_load, far);
        check_trap("an address that is not canonical", TO_M, LOAD_PAGE, far);
    }
}
static void tree(void) { each_mode(tree_of_mode); }

/* ---- accessed and dirty ---- */

#define ADUE ((uint64_t)1 << 61)
#define PBMTE ((uint64_t)1 << 62)

/* menvcfg's bit; false: it does not stay. */
static bool set_environment(uint64_t bit, bool on)
{
#if RV64
    if (on) {
        csr_set(0x30a, bit);
    } else {
        csr_clear(0x30a, bit);
    }
    return !!(csr_read(0x30a) & bit) == on;
#else
    if (on) {
        csr_set(0x31a, bit >> 32);
    } else {
        csr_clear(0x31a, bit >> 32);
    }
    return !!(csr_read(0x31a) & bit >> 32) == on;
#endif
}

static void accessed_of_mode(void)
{
    if (!set_environment(ADUE, false)) {
        skip(paging->name, "ADUE is always on");
    } else {
        map_test(PTE_V | PTE_RWX);
        run_in(MODE_S, try_load, TEST_PAGE);
        check_trap("by software: a load without A", TO_M, LOAD_PAGE, TEST_PAGE);
        run_in(MODE_S, try_jump, TEST_PAGE);
        check_trap("by software: a fetch without A", TO_M, FETCH_PAGE, TEST_PAGE);
        map_test(PTE_V | PTE_RWX | PTE_A);
        run_in(MODE_S, try_load, TEST_PAGE);
        check(outcome.level == NO_TRAP, "by software: a load with A");
        run_in(MODE_S, try_store, TEST_PAGE);
        check_trap("by software: a store without D", TO_M, STORE_PAGE, TEST_PAGE);
    }
    if (!set_environment(ADUE, true)) {
        skip(paging->name, "no Svadu");
        return;
    }
    Word *entry = map_test(PTE_V | PTE_RWX);
    run_in(MODE_S, try_load, TEST_PAGE);
    check(outcome.level == NO_TRAP && (*entry & PTE_AD) == PTE_A, "by hardware: a load sets A");
    run_in(MODE_S, try_store, TEST_PAGE);
    check(outcome.level == NO_TRAP && (*entry & PTE_AD) == PTE_AD, "by hardware: a store sets D");
    entry = map_test(PTE_V | PTE_R);
    run_in(MODE_S, try_store, TEST_PAGE);
    check(outcome.level == TO_M && outcome.cause == STORE_PAGE && !(*entry & PTE_D), "by hardware: a store that is not allowed sets no D");
    set_environment(ADUE, false);
}
static void accessed(void) { each_mode(accessed_of_mode); }

/* ---- Svnapot, Svpbmt, reserved bits ---- */

#if RV64
static void upper_bits_of_mode(void)
{
    Word base = (Word)data >> 12 << 10;     /* aligned to 64 KiB */
    for (unsigned i = 0; i < 16; i++) {
        *entry_for(root, paging, TEST_PAGE + i * PAGE, 0, false) = (base | (Word)8 << 10 | PTE_ALL) | (Word)1 << 63;
    }
    fence();
    run_in(MODE_S, try_load, TEST_PAGE + 5 * PAGE);
    check_returned("a NAPOT range of 64 KiB", 5 << 16 | 0x8067);
    map_test(PTE_ALL | (Word)1 << 63);
    run_in(MODE_S, try_load, TEST_PAGE);
    check_trap("a NAPOT encoding that is reserved", TO_M, LOAD_PAGE, TEST_PAGE);
    for (unsigned bit = 54; bit <= 58; bit++) {
        map_test(PTE_ALL | (Word)1 << bit);
        run_in(MODE_S, try_load, TEST_PAGE);
        if (outcome.level == NO_TRAP) {
            break;
        }
    }
    check_trap("reserved bits", TO_M, LOAD_PAGE, TEST_PAGE);
    map_test(PTE_ALL | (Word)3 << 59);
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("bits 59 and 60 are software's (Svrsw60t59b)", 0x8067);
    map_test(PTE_ALL);
    *entry_for(root, paging, TEST_PAGE, 1, false) |= (Word)3 << 59;
    fence();
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("those of a pointer, too", 0x8067);
    *entry_for(root, paging, TEST_PAGE, 1, false) &= ~((Word)3 << 59);
    set_environment(PBMTE, false);
    map_test(PTE_ALL | (Word)1 << 61);
    run_in(MODE_S, try_load, TEST_PAGE);
    check_trap("memory types without PBMTE are reserved", TO_M, LOAD_PAGE, TEST_PAGE);
    if (!set_environment(PBMTE, true)) {
        skip("memory types", "no Svpbmt");
        return;
    }
    for (Word type = 0; type < 4; type++) {
        map_test(PTE_ALL | type << 61);
        run_in(MODE_S, try_load, TEST_PAGE);
        check(type == 3 ? outcome.level == TO_M && outcome.cause == LOAD_PAGE : outcome.level == NO_TRAP, "memory type %lu", type);
    }
    set_environment(PBMTE, false);
}
static void upper_bits(void) { each_mode(upper_bits_of_mode); }
#endif

/* ---- fences, ASIDs, MPRV ---- */

static void spaces_of_mode(void)
{
    Word *entry = map_test(PTE_ALL), *second = map_program(paging);
    *entry_for(second, paging, TEST_PAGE, 0, false) = ((Word)data + PAGE) >> 12 << 10 | PTE_ALL;
    *entry_for(root, paging, TEST_PAGE + PAGE, 0, false) = ((Word)data + 2 * PAGE) >> 12 << 10 | PTE_ALL | PTE_G;
    *entry_for(second, paging, TEST_PAGE + PAGE, 0, false) = ((Word)data + 2 * PAGE) >> 12 << 10 | PTE_ALL | PTE_G;
    csr_write(satp, atp(paging, root, 1));
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("space 1", 0x8067);
    csr_write(satp, atp(paging, second, 2));
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("space 2 has a page of its own", 1 << 16 | 0x8067);
    run_in(MODE_S, try_load, TEST_PAGE + PAGE);
    check_returned("and a global one", 2 << 16 | 0x8067);
    csr_write(satp, atp(paging, root, 1));
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("space 1 again", 0x8067);
    *entry = ((Word)data + 3 * PAGE) >> 12 << 10 | PTE_ALL;
    asm volatile("sfence.vma %0, x0" :: "r"(TEST_PAGE) : "memory");
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("a fence of one address", 3 << 16 | 0x8067);
    *entry = ((Word)data + 4 * PAGE) >> 12 << 10 | PTE_ALL;
    asm volatile("sfence.vma x0, %0" :: "r"(1) : "memory");
    run_in(MODE_S, try_load, TEST_PAGE);
    check_returned("a fence of one space", 4 << 16 | 0x8067);
    csr_clear(mstatus, MSTATUS_MPP);
    csr_set(mstatus, MSTATUS_MPP / 3);
    volatile Word value = 0;
    CATCH(csr_set(mstatus, MSTATUS_MPRV); value = load_at(TEST_PAGE); csr_clear(mstatus, MSTATUS_MPRV));
    check(outcome.level == NO_TRAP && value == (4 << 16 | 0x8067), "M loads as S by MPRV");
    csr_clear(mstatus, MSTATUS_MPP);
    CATCH(csr_set(mstatus, MSTATUS_MPRV); value = load_at(TEST_PAGE); csr_clear(mstatus, MSTATUS_MPRV));
    csr_clear(mstatus, MSTATUS_MPRV);
    check_trap("and not as U, where U is not set", TO_M, LOAD_PAGE, TEST_PAGE);
}
static void spaces(void) { each_mode(spaces_of_mode); }

/* An access over the end of a page faults at the page that is missing. */
static void crossing_of_mode(void)
{
    map_test(PTE_ALL);
    Word last = TEST_PAGE + PAGE - 2;
    run_in(MODE_S, try_load, last);
    check_trap("a load into a page that is not there", TO_M, LOAD_PAGE, TEST_PAGE + PAGE);
    Word before = *(Word *)(data + PAGE - sizeof(Word));
    run_in(MODE_S, try_store, last);
    check_trap("a store into a page that is not there", TO_M, STORE_PAGE, TEST_PAGE + PAGE);
    check_is("changes nothing", *(Word *)(data + PAGE - sizeof(Word)), before);
    *(uint16_t *)(data + PAGE - 2) = 0x0067;    /* the lower half of an instruction of four bytes */
    asm volatile("fence.i");
    run_in(MODE_S, try_jump, last);
    check_trap("a fetch into a page that is not there", TO_M, FETCH_PAGE, TEST_PAGE + PAGE);
    check_is("tells where the instruction is", outcome.epc, last);
}
static void crossing(void) { each_mode(crossing_of_mode); }

const Subject subjects[] = {
    { "rights", rights }, { "tree", tree }, { "accessed and dirty", accessed },
#if RV64
    { "upper bits", upper_bits },
#endif
    { "spaces", spaces }, { "crossing", crossing }, { NULL, NULL },
};
