/*
 * Shadow stacks (volume I, "Zicfiss"; volume II, "Shadow Stack Memory Protection").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

#define SSP 0x011
#define MENVCFG 0x30a
#define SENVCFG 0x10a
#define HENVCFG 0x60a
enum { SSE = 8, SOFTWARE_CHECK = 18, SHADOW = 3, BYTES = XLEN / 8 };
enum { SHADOW_PAGE = PTE_V | PTE_W | PTE_AD };
static Word stack[PAGE / BYTES] __attribute__((aligned(PAGE)));
static const Paging *paging;
static Word *root;
#define TOP (TEST_PAGE + PAGE)

static Word push(Word a)
{
    csr_write(SSP, a);
    asm volatile("mv t0, ra\nli ra, 0x1234\n.word 0xce104073\nmv ra, t0" ::: "t0", "memory");     /* SSPUSH x1 */
    return csr_read(SSP);
}
static Word push_compressed(Word a)
{
    csr_write(SSP, a);
    asm volatile("mv t0, ra\nli ra, 0x1234\n.half 0x6081\n.half 1\nmv ra, t0" ::: "t0", "memory");
    return csr_read(SSP);
}
static Word pop(Word a)
{
    csr_write(SSP, a);
    asm volatile("li t0, 0x1234\n.word 0xcdc2c073" ::: "t0", "memory");                            /* SSPOPCHK x5 */
    return csr_read(SSP);
}
static Word pop_compressed(Word a)
{
    csr_write(SSP, a);
    asm volatile("li t0, 0x1234\n.half 0x6281\n.half 1" ::: "t0", "memory");
    return csr_read(SSP);
}
static Word read_pointer(Word a)
{
    register Word a0 asm("a0") = 5;
    asm volatile(".word 0xcdc04573" : "+r"(a0));            /* SSRDP a0 */
    return a0;
}
static Word set_and_read(Word a) { csr_write(SSP, a); return read_pointer(0); }
static Word only_pop(Word a) { asm volatile("li t0, 0x1234\n.word 0xcdc2c073" ::: "t0", "memory"); return 1; }
static Word swap(Word a)
{
    register Word a0 asm("a0") = a;
    register Word a1 asm("a1") = 0x77;
#if RV64
    asm volatile(".word 0x48b5352f" : "+r"(a0) : "r"(a1) : "memory");       /* SSAMOSWAP.D a0, a1, (a0) */
#else
    asm volatile(".word 0x48b5252f" : "+r"(a0) : "r"(a1) : "memory");
#endif
    return a0;
}

static bool begin(Word flags)
{
    csr_write(MENVCFG, SSE);
    if (!(csr_read(MENVCFG) & SSE)) {
        skip("shadow stacks", "no Zicfiss");
        return false;
    }
    csr_write(SENVCFG, 0);
    forget_tables();
    paging = &pagings[0];
    root = map_program(paging);
    map_page(root, paging, TEST_PAGE, (Word)stack, flags, 0);
    csr_write(satp, atp(paging, root, 1));
    fence();
    for (unsigned i = 0; i < PAGE / BYTES; i++) {
        stack[i] = 0;
    }
    return true;
}

static void supervisor(void)
{
    if (!begin(SHADOW_PAGE)) {
        return;
    }
    run_in(MODE_S, push, TOP);
    check_returned("SSPUSH moves ssp", TOP - BYTES);
    check_is("and stores", stack[PAGE / BYTES - 1], 0x1234);
    run_in(MODE_S, push_compressed, TOP - BYTES);
    check_returned("C.SSPUSH moves ssp", TOP - 2 * BYTES);
    check_is("and stores", stack[PAGE / BYTES - 2], 0x1234);
    run_in(MODE_S, pop, TOP - BYTES);
    check_returned("SSPOPCHK moves it back", TOP);
    run_in(MODE_S, pop_compressed, TOP - BYTES);
    check_returned("C.SSPOPCHK, too", TOP);
    stack[PAGE / BYTES - 1] = 0x1235;
    run_in(MODE_S, pop, TOP - BYTES);
    check_trap("another address is a software check", TO_M, SOFTWARE_CHECK, SHADOW);
    check_is("and ssp stays", csr_read(SSP), TOP - BYTES);
    run_in(MODE_S, set_and_read, TOP);
    check_returned("SSRDP", TOP);
    run_in(MODE_S, swap, TOP - BYTES);
    check_returned("SSAMOSWAP gives what was there", 0x1235);
    check_is("and puts the other in its place", stack[PAGE / BYTES - 1], 0x77);
    csr_write(satp, 0);
}

static void pages(void)
{
    if (!begin(SHADOW_PAGE)) {
        return;
    }
    run_in(MODE_S, try_load, TOP - BYTES);
    check_returned("everybody may read the page", 0);
    run_in(MODE_S, try_store, TOP - BYTES);
    check_trap("a store faults", TO_M, STORE_ACCESS, TOP - BYTES);
    run_in(MODE_S, try_jump, TEST_PAGE);
    check_trap("a fetch, too", TO_M, FETCH_ACCESS, TEST_PAGE);
    run_in(MODE_S, push, TEST_PAGE + 2 * PAGE);
    check_trap("a push where nothing is mapped", TO_M, STORE_PAGE, TEST_PAGE + 2 * PAGE - BYTES);
    run_in(MODE_S, pop, TEST_PAGE + PAGE);
    check_trap("a pop's fault is a store's", TO_M, STORE_PAGE, TEST_PAGE + PAGE);
    begin(PTE_V | PTE_R | PTE_W | PTE_AD);
    run_in(MODE_S, push, TOP);
    check_trap("a push to a page of another kind", TO_M, STORE_ACCESS, TOP - BYTES);
    run_in(MODE_S, pop, TOP - BYTES);
    check_trap("a pop from one", TO_M, STORE_ACCESS, TOP - BYTES);
    begin(PTE_V | PTE_R | PTE_AD);
    run_in(MODE_S, push, TOP);
    check_trap("a push to a page that is read-only", TO_M, STORE_PAGE, TOP - BYTES);
    begin(SHADOW_PAGE);
    csr_write(satp, 0);
    run_in(MODE_S, push, (Word)stack + PAGE);
    check_trap("a push without translation", TO_M, STORE_ACCESS, (Word)stack + PAGE - BYTES);
}

static Word read_ssp(Word a) { return csr_read(SSP) & 0; }
static void check_illegal(const char *name, Word cause) { check(outcome.level == TO_M && outcome.cause == cause, "%s", name); }

static void enables(void)
{
    if (!begin(SHADOW_PAGE)) {
        return;
    }
    csr_write(MENVCFG, 0);
    csr_write(SSP, TOP);
    run_in(MODE_S, read_ssp, 0);
    check_illegal("ssp needs menvcfg.SSE", ILLEGAL);
    run_in(MODE_S, read_pointer, 0);
    check_returned("without it SSRDP gives 0", 0);
    run_in(MODE_S, only_pop, 0);
    check_returned("SSPOPCHK does nothing", 1);
    check_is("not even to ssp", csr_read(SSP), TOP);
    run_in(MODE_S, swap, TOP - BYTES);
    check_illegal("SSAMOSWAP is illegal", ILLEGAL);
    run_in(MODE_S, try_load, TOP - BYTES);
    check_trap("the page's encoding is reserved", TO_M, LOAD_PAGE, TOP - BYTES);
    csr_write(SENVCFG, SSE);
    check_is("senvcfg.SSE cannot be set", csr_read(SENVCFG) & SSE, 0);
    csr_write(MENVCFG, SSE);
    csr_write(satp, 0);
    run_in(MODE_U, read_ssp, 0);
    check_illegal("U needs senvcfg.SSE", ILLEGAL);
    csr_write(SENVCFG, SSE);
    run_in(MODE_U, read_ssp, 0);
    check(outcome.level == NO_TRAP, "and has ssp with it");
    if (has_letter('H')) {
        csr_write(HENVCFG, 0);
        run_in(MODE_VS, read_ssp, 0);
        check_illegal("VS needs henvcfg.SSE", VIRTUAL);
        csr_write(HENVCFG, SSE);
        run_in(MODE_VS, read_ssp, 0);
        check(outcome.level == NO_TRAP, "and has ssp with it");
        csr_write(HENVCFG, 0);
    }
    csr_write(MENVCFG, 0);
}

const Subject subjects[] = { { "supervisor", supervisor }, { "pages", pages }, { "enables", enables }, { NULL, NULL } };
