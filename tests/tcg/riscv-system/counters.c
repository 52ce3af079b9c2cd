/*
 * Counters: who reads them, inhibition, events, overflows and their interrupt (volume II, 3.1.10 to 3.1.12, 12.1.5, 15 "Sscofpmf").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

#define LCOFIP ((Word)1 << IRQ_OVERFLOW)
#define SCOUNTOVF 0xda0
#define EVENT_OF ((uint64_t)1 << 63)
#define EVENT_MINH ((uint64_t)1 << 62)
#define EVENT_SINH ((uint64_t)1 << 61)
enum { CYCLES = 1, DTLB_READ_MISS = 0x10019, MANY = 2000000 };

static Word do_cycle(Word a) { return csr_read(cycle) & 0; }
static Word do_instret(Word a) { return csr_read(instret) & 0; }
static Word do_third(Word a) { return csr_read(hpmcounter3) & 0; }
static Word do_overflows(Word a) { return csr_read(SCOUNTOVF); }

static void set_event(uint64_t event)
{
#if RV64
    csr_write(mhpmevent3, event);
#else
    csr_write(0x723, event >> 32);
    csr_write(mhpmevent3, (uint32_t)event);
#endif
}
static uint64_t get_event(void)
{
#if RV64
    return csr_read(mhpmevent3);
#else
    return csr_read(mhpmevent3) | (uint64_t)csr_read(0x723) << 32;
#endif
}
static void set_counter(uint64_t value)
{
#if RV64
    csr_write(mhpmcounter3, value);
#else
    csr_write(mhpmcounter3, 0);
    csr_write(mhpmcounter3h, value >> 32);
    csr_write(mhpmcounter3, (uint32_t)value);
#endif
}

static void begin(void)
{
    csr_write(mcountinhibit, 8);
    set_event(0);
    set_counter(0);
    csr_write(mip, 0);
    csr_write(mcounteren, 0);
    csr_write(scounteren, 0);
    csr_write(mcountinhibit, 0);
}

static Word spin(Word turns)
{
    while (turns--) {
        asm volatile("");
    }
    return 0;
}

static void enables(void)
{
    static const struct { const char *name; Function *read; Word bit; } counters[] = { { "cycle", do_cycle, 1 }, { "instret", do_instret, 4 }, { "hpmcounter3", do_third, 8 } };
    begin();
    for (unsigned i = 0; i < 3; i++) {
        csr_write(mcounteren, 0);
        csr_write(scounteren, -1);
        run_in(MODE_S, counters[i].read, 0);
        check(outcome.level == TO_M && outcome.cause == ILLEGAL, "S needs mcounteren for %s", counters[i].name);
        csr_write(mcounteren, counters[i].bit);
        run_in(MODE_S, counters[i].read, 0);
        check(outcome.level == NO_TRAP, "S reads %s", counters[i].name);
        run_in(MODE_U, counters[i].read, 0);
        check(outcome.level == NO_TRAP, "U reads %s", counters[i].name);
        csr_write(scounteren, 0);
        run_in(MODE_U, counters[i].read, 0);
        check(outcome.level == TO_M && outcome.cause == ILLEGAL, "U needs scounteren for %s", counters[i].name);
    }
}

static void inhibition(void)
{
    begin();
    Word before = csr_read(mcycle);
    spin(1000);
    check(csr_read(mcycle) != before, "mcycle counts");
    csr_write(mcountinhibit, 1);
    before = csr_read(mcycle);
    spin(1000);
    check_is("and stands still when it is inhibited", csr_read(mcycle), before);
    csr_write(mcycle, 5);
    check_is("it can be written", csr_read(mcycle), 5);
    csr_write(mcountinhibit, 0);
}

static void events(void)
{
    begin();
    set_counter(7);
    spin(1000);
    check_is("without an event nothing is counted", csr_read(mhpmcounter3), 7);
    set_event(CYCLES);
    spin(1000);
    check(csr_read(mhpmcounter3) > 7, "cycles are counted");
    csr_write(mcountinhibit, 8);
    Word before = csr_read(mhpmcounter3);
    spin(1000);
    check_is("not while inhibited", csr_read(mhpmcounter3), before);
    csr_write(mcountinhibit, 0);
    set_event(CYCLES | EVENT_MINH);
    if (!(get_event() & EVENT_MINH)) {
        skip("modes", "no Sscofpmf");
        return;
    }
    before = csr_read(mhpmcounter3);
    spin(1000);
    check_is("not in M with MINH", csr_read(mhpmcounter3), before);
    run_in(MODE_S, spin, 1000);
    check(csr_read(mhpmcounter3) > before, "but in S");
    set_event(CYCLES | EVENT_SINH | EVENT_MINH);
    before = csr_read(mhpmcounter3);
    run_in(MODE_S, spin, 1000);
    check_is("not there with SINH", csr_read(mhpmcounter3), before);
    set_event(DTLB_READ_MISS);
    set_counter(0);
    Word *root = map_program(&pagings[0]);
    map_page(root, &pagings[0], TEST_PAGE, PROGRAM, PTE_ALL, 0);
    csr_write(satp, atp(&pagings[0], root, 0));
    fence();
    run_in(MODE_S, try_load, TEST_PAGE);
    check(csr_read(mhpmcounter3) > 0, "misses of the data TLB are counted");
    csr_write(satp, 0);
    fence();
    set_event(0);
}

static Word wait_long(Word end)
{
    while (!end) {
        asm volatile("");
    }
    return end;
}

static void overflows(void)
{
    begin();
    set_event(EVENT_OF);
    if (!(get_event() & EVENT_OF)) {
        skip("overflows", "no Sscofpmf");
        return;
    }
    csr_write(mcounteren, 0);
    run_in(MODE_S, do_overflows, 0);
    check_returned("scountovf shows nothing that mcounteren does not", 0);
    csr_write(mcounteren, 8);
    run_in(MODE_S, do_overflows, 0);
    check_returned("scountovf shows OF", 8);
    delegate(0, LCOFIP);
    check(csr_read(mideleg) & LCOFIP, "the interrupt can be delegated");
    csr_set(mie, LCOFIP);
    set_counter(-(uint64_t)MANY);
    set_event(CYCLES);
    run_in(MODE_U, wait_long, 0);
    check_interrupt("an overflow interrupts", TO_S, IRQ_OVERFLOW);
    check(get_event() & EVENT_OF, "and sets OF");
    csr_clear(mip, LCOFIP);
    check(!(csr_read(mip) & LCOFIP), "software clears LCOFIP");
    set_counter(-(uint64_t)1000);
    spin(100000);
    check(!(csr_read(mip) & LCOFIP), "with OF set the next overflow does not interrupt");
    set_event(0);
    csr_write(mie, 0);
}

/* ---- Smcntrpmf ---- */

#if RV64
#define CYCLECFG 0x321
#define INSTRETCFG 0x322
enum { MODES_SHIFT = 58 };
#else
#define CYCLECFG 0x721
#define INSTRETCFG 0x722
enum { MODES_SHIFT = 58 - 32 };
#endif
#define MODE_BIT(n) ((Word)1 << (MODES_SHIFT + (n)))    /* 0 VUINH, 1 VSINH, 2 UINH, 3 SINH, 4 MINH */

static void filters(void)
{
    begin();
    CATCH(csr_read(CYCLECFG));
    if (outcome.level != NO_TRAP) {
        skip("modes of mcycle", "no Smcntrpmf");
        return;
    }
    csr_write(CYCLECFG, -1);
    check_is("mcyclecfg has the modes alone", csr_read(CYCLECFG), MODE_BIT(5) - MODE_BIT(has_letter('H') ? 0 : 2));
    csr_write(CYCLECFG, MODE_BIT(4));
    csr_write(INSTRETCFG, MODE_BIT(3));
    Word before = csr_read(mcycle), instret = csr_read(minstret);
    spin(1000);
    check_is("mcycle stands still in M with MINH", csr_read(mcycle), before);
    check(csr_read(minstret) != instret, "minstret does not");
    run_in(MODE_S, spin, 1000);
    check(csr_read(mcycle) > before, "mcycle counts in S");
    csr_write(CYCLECFG, MODE_BIT(4) | MODE_BIT(3));
    before = csr_read(mcycle);
    run_in(MODE_S, spin, 1000);
    check_is("not with SINH", csr_read(mcycle), before);
    run_in(MODE_U, spin, 1000);
    check(csr_read(mcycle) > before, "but in U");
    csr_write(CYCLECFG, 0);
    csr_write(INSTRETCFG, 0);
    before = csr_read(mcycle);
    spin(1000);
    check(csr_read(mcycle) > before, "and in M without MINH");
}

/* ---- Smcdeleg, Ssccfg ---- */

#define SCOUNTINHIBIT 0x120
#define SISELECT 0x150
#define CDE ((uint64_t)1 << 60)
static Word select_and_read(Word n) { csr_write(SISELECT, 0x40 + n); return csr_read(0x151); }
static Word read_config(Word n) { csr_write(SISELECT, 0x40 + n); return csr_read(0x152); }
static Word read_high(Word n) { csr_write(SISELECT, 0x40 + n); return csr_read(0x155) & 0; }
static Word read_third(Word n) { csr_write(SISELECT, 0x40 + n); return csr_read(0x153) & 0; }
static Word write_low(Word n) { csr_write(SISELECT, 0x40 + n); csr_write(0x151, 1234); return 0; }
static Word write_config(Word n) { csr_write(SISELECT, 0x40 + n); csr_write(0x152, -1); return csr_read(0x152); }
static Word swap_inhibit(Word value) { return csr_swap(SCOUNTINHIBIT, value); }

static void set_cde(bool on)
{
#if RV64
    csr_clear(0x30a, CDE);
    csr_set(0x30a, on ? CDE : 0);
#else
    csr_clear(0x31a, CDE >> 32);
    csr_set(0x31a, on ? CDE >> 32 : 0);
#endif
}

static void check_illegal(const char *name) { check(outcome.level == TO_M && outcome.cause == ILLEGAL, "%s", name); }

static void delegated(void)
{
    begin();
    csr_write(0x30c, -1);
#if !RV64
    csr_write(0x31c, -1);
#endif
    set_cde(true);
#if RV64
    bool there = csr_read(0x30a) & CDE;
#else
    bool there = csr_read(0x31a) & (CDE >> 32);
#endif
    if (!there) {
        skip("delegated counters", "no Smcdeleg");
        return;
    }
    csr_write(mcountinhibit, 8);
    set_counter(77);
    csr_write(mcounteren, 1 << 3);
    run_in(MODE_S, select_and_read, 3);
    check_returned("sireg is a delegated counter", 77);
    run_in(MODE_S, select_and_read, 4);
    check_illegal("not one that mcounteren keeps");
    run_in(MODE_S, select_and_read, 1);
    check_illegal("nor time");
    run_in(MODE_S, write_low, 3);
    check(outcome.level == NO_TRAP && csr_read(mhpmcounter3) == 1234, "it can be written");
    set_event(CYCLES | EVENT_MINH);
    run_in(MODE_S, read_config, 3);
    check_returned("sireg2 is the event, without MINH", CYCLES);
    run_in(MODE_S, write_config, 3);
    check(get_event() & EVENT_MINH, "and leaves MINH");
    set_event(0);
    run_in(MODE_S, read_high, 3);
    check(RV64 ? outcome.cause == ILLEGAL : outcome.level == NO_TRAP, "sireg4 is RV32's upper half");
    run_in(MODE_S, read_third, 3);
    check_illegal("sireg3 is nothing");
    csr_write(mcountinhibit, 1 << 4 | 1 << 3);
    run_in(MODE_S, swap_inhibit, 0);
    check_returned("scountinhibit shows what is delegated", 1 << 3);
    check_is("and changes no more than that", csr_read(mcountinhibit), 1 << 4);
    run_in(MODE_U, swap_inhibit, 0);
    check_illegal("U has no scountinhibit");
    if (has_letter('H')) {
        csr_write(0x60c, -1);
#if !RV64
        csr_write(0x61c, -1);
#endif
        run_in(MODE_VS, select_and_read, 3);
        check(outcome.level == TO_M && outcome.cause == VIRTUAL, "a guest's sireg is the hypervisor's affair");
        run_in(MODE_VS, swap_inhibit, 0);
        check(outcome.level == TO_M && outcome.cause == VIRTUAL, "and scountinhibit");
    }
    set_cde(false);
    run_in(MODE_S, select_and_read, 3);
    check_illegal("nothing without menvcfg.CDE");
    run_in(MODE_S, swap_inhibit, 0);
    check_illegal("scountinhibit, too");
    csr_write(mcountinhibit, 0);
}

const Subject subjects[] = { { "filters", filters }, { "delegated", delegated }, { "enables", enables }, { "inhibition", inhibition }, { "events", events }, { "overflows", overflows }, { NULL, NULL } };
