/*
 * Physical memory protection: matching, rights, priority, locks (volume II, 3.7).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

enum { R = 1, W = 2, X = 4, TOR = 8, NA4 = 16, NAPOT = 24, LOCK = 0x80 };
static char area[4 * PAGE] __attribute__((aligned(4 * PAGE)));
#define AREA ((Word)area)

/* The byte for entry n, which lies in pmpcfg0 for n below 4. */
static void configure(unsigned n, unsigned byte)
{
    Word value = csr_read(pmpcfg0);
    value = (value & ~((Word)0xff << 8 * n)) | (Word)byte << 8 * n;
    csr_write(pmpcfg0, value);
    fence();
}

static Word napot(Word address, Word size) { return address >> 2 | ((size >> 3) - 1); }

/* Entry 3 lets everything through; the tests use 0 to 2. */
static void begin(void)
{
    csr_write(pmpcfg0, 0);
    csr_write(pmpaddr3, -1);
    *(uint32_t *)area = 0x8067;
    *(uint32_t *)(area + PAGE) = 0x8067;
    configure(3, R | W | X | NAPOT);
}

static void try_all(const char *name, Word address, unsigned rights)
{
    run_in(MODE_S, try_load, address);
    bool load = rights & R ? outcome.level == NO_TRAP : outcome.level == TO_M && outcome.cause == LOAD_ACCESS && outcome.tval == address;
    run_in(MODE_U, try_store, address);
    bool store = rights & W ? outcome.level == NO_TRAP : outcome.level == TO_M && outcome.cause == STORE_ACCESS && outcome.tval == address;
    run_in(MODE_S, try_jump, address);
    bool fetch = rights & X ? outcome.level == NO_TRAP : outcome.level == TO_M && outcome.cause == FETCH_ACCESS && outcome.tval == address;
    check(load && store && fetch, "%s", name);
    if (!(load && store && fetch)) {
        print("# right: load %d, store %d, fetch %d\n", load, store, fetch);
    }
}

static void matching(void)
{
    begin();
    csr_write(pmpaddr0, napot(AREA, PAGE));
    static const unsigned rights[] = { 0, R, X, R | W, R | X, R | W | X };
    static const char *const names[] = { "NAPOT: nothing", "NAPOT: R", "NAPOT: X", "NAPOT: RW", "NAPOT: RX", "NAPOT: RWX" };
    for (unsigned i = 0; i < 6; i++) {
        configure(0, rights[i] | NAPOT);
        try_all(names[i], AREA, rights[i]);
    }
    configure(0, NAPOT);
    try_all("NAPOT: what lies behind", AREA + PAGE, R | W | X);
    csr_write(pmpaddr0, napot(AREA, 8));
    fence();
    try_all("8 bytes: outside", AREA + 64, R | W | X);
    try_all("8 bytes: inside", AREA, 0);
    csr_write(pmpaddr0, AREA >> 2);
    configure(0, NA4);
    run_in(MODE_S, try_load, AREA);
    check_trap("4 bytes: inside", TO_M, LOAD_ACCESS, AREA);
    run_in(MODE_S, try_load, AREA + 8);
    check(outcome.level == NO_TRAP, "4 bytes: outside");
    csr_write(pmpaddr0, AREA >> 2);
    csr_write(pmpaddr1, (AREA + PAGE) >> 2);
    configure(0, 0);
    configure(1, TOR | R);
    try_all("TOR: inside", AREA, R);
    try_all("TOR: its top is outside", AREA + PAGE, R | W | X);
    csr_write(pmpaddr0, (AREA + PAGE) >> 2);
    fence();
    *(uint32_t *)area = 0x8067;
    try_all("TOR: an empty range", AREA, R | W | X);
    configure(1, 0);
}

static void priority(void)
{
    begin();
    csr_write(pmpaddr0, napot(AREA, PAGE));
    csr_write(pmpaddr1, napot(AREA, 4 * PAGE));
    configure(0, NAPOT | R | W | X);
    configure(1, NAPOT | R);
    try_all("the lower entry wins", AREA, R | W | X);
    try_all("beside it the higher one counts", AREA + PAGE, R);
    configure(3, 0);
    configure(0, 0);
    configure(1, 0);
    run_in(MODE_M, try_load, AREA);
    check(outcome.level == NO_TRAP, "M goes where no entry matches");
    configure(3, R | W | X | NAPOT);
}

static Word half_inside(Word a) { return load_at(a - sizeof(Word) / 2); }

static void edges(void)
{
    begin();
    csr_write(pmpaddr0, napot(AREA + PAGE, PAGE));
    configure(0, NAPOT);
    run_in(MODE_S, half_inside, AREA + PAGE);
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "an access that lies half in a range fails");
    configure(0, 0);
    run_in(MODE_S, half_inside, AREA + PAGE);
    check(outcome.level == NO_TRAP, "and works without the range");
    csr_clear(mstatus, MSTATUS_MPP);
    csr_set(mstatus, MSTATUS_MPP / 3);
    csr_write(pmpaddr0, napot(AREA, PAGE));
    configure(0, NAPOT);
    CATCH(csr_set(mstatus, MSTATUS_MPRV); load_at(AREA));
    csr_clear(mstatus, MSTATUS_MPRV);
    check_trap("M as S by MPRV obeys", TO_M, LOAD_ACCESS, AREA);
    run_in(MODE_M, try_load, AREA);
    check(outcome.level == NO_TRAP, "M itself does not, where L is not set");
    configure(0, 0);
}

/* Smpmpmt: the memory type of a range. It changes nothing here but what is read back. */
static void types(void)
{
    enum { MT = 3 << 5, NC = 1 << 5, IO = 2 << 5 };
    begin();
    csr_write(pmpaddr0, napot(AREA, PAGE));
    configure(0, NAPOT | R | NC);
    if (!(csr_read(pmpcfg0) & MT)) {
        skip("memory types", "no Smpmpmt");
        return;
    }
    check_is("NC is kept", csr_read(pmpcfg0) & 0xff, NAPOT | R | NC);
    try_all("rights are as without", AREA, R);
    configure(0, NAPOT | R | W | IO);
    check_is("IO, too", csr_read(pmpcfg0) & 0xff, NAPOT | R | W | IO);
    configure(0, NAPOT | R | X | MT);
    check_is("the reserved type leaves the one of before", csr_read(pmpcfg0) & 0xff, NAPOT | R | X | IO);
    try_all("and the rest is taken", AREA, R | X);
    configure(0, 0);
    check_is("0 is the page's own", csr_read(pmpcfg0) & 0xff, 0);
}

/* Locks stay until a reset: this comes last. */
static void locks(void)
{
    begin();
    csr_write(pmpaddr0, napot(AREA, PAGE));
    configure(0, NAPOT | R | LOCK);
    CATCH(store_at(AREA, 1));
    check_trap("a locked entry binds M", TO_M, STORE_ACCESS, AREA);
    CATCH(load_at(AREA));
    check(outcome.level == NO_TRAP, "and gives it what it says");
    Word before = csr_read(pmpaddr0);
    csr_write(pmpaddr0, 0);
    check_is("its address cannot be written", csr_read(pmpaddr0), before);
    configure(0, 0);
    check_is("nor its configuration", csr_read(pmpcfg0) & 0xff, NAPOT | R | LOCK);
    csr_write(pmpaddr1, (AREA + PAGE) >> 2);
    csr_write(pmpaddr2, (AREA + 2 * PAGE) >> 2);
    configure(2, TOR | R | W | X | LOCK);
    csr_write(pmpaddr1, 0);
    check_is("nor the base of a locked TOR range", csr_read(pmpaddr1), (AREA + PAGE) >> 2);
}

const Subject subjects[] = { { "matching", matching }, { "priority", priority }, { "edges", edges }, { "types", types }, { "locks", locks }, { NULL, NULL } };
