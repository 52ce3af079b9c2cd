/*
 * Smepmp: rules for M-mode and for the others, no access without a rule, rules that may be edited (volume II, 7). What is set here stays until a reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

#define MSECCFG 0x747
enum { MML = 1, MMWP = 2, RLB = 4 };
enum { R = 1, W = 2, X = 4, TOR = 8, NAPOT = 24, LOCK = 0x80 };
static char area[4 * PAGE] __attribute__((aligned(4 * PAGE)));
#define AREA ((Word)area)
extern volatile uint64_t tohost;     /* begins behind the code */

static Word napot(Word address, Word size) { return address >> 2 | ((size >> 3) - 1); }

static void configure(unsigned n, unsigned byte)
{
    Word value = csr_read(pmpcfg0);
    value = (value & ~((Word)0xff << 8 * n)) | (Word)byte << 8 * n;
    csr_write(pmpcfg0, value);
    fence();
}

static unsigned configured(unsigned n) { return csr_read(pmpcfg0) >> 8 * n & 0xff; }

/* What M-mode and S-mode may do in AREA. */
static unsigned rights_of(Mode mode)
{
    unsigned rights = 0;
    run_in(mode, try_load, AREA);
    rights |= outcome.level == NO_TRAP ? R : 0;
    run_in(mode, try_store, AREA);
    rights |= outcome.level == NO_TRAP ? W : 0;
    run_in(mode, try_jump, AREA);
    return rights | (outcome.level == NO_TRAP ? X : 0);
}

static bool there(void)
{
    CATCH(csr_set(MSECCFG, RLB));
    if (outcome.level != NO_TRAP || !(csr_read(MSECCFG) & RLB)) {
        skip("Smepmp", "not there");
        return false;
    }
    return true;
}

static void editing(void)
{
    if (!there()) {
        return;
    }
    csr_write(pmpaddr0, napot(AREA, PAGE));
    configure(0, NAPOT | R | LOCK);
    check_is("RLB: a locked rule is made", configured(0), NAPOT | R | LOCK);
    configure(0, NAPOT | R | W);
    check_is("RLB: and edited", configured(0), NAPOT | R | W);
    configure(0, 0);
    configure(0, NAPOT | W);
    check_is("W without R is reserved without MML", configured(0) & (R | W), 0);
    configure(0, 0);
}

static void sticky(void)
{
    csr_clear(MSECCFG, MML);
    check(csr_read(MSECCFG) & MML, "MML stays");
    configure(3, 0);
    volatile Word *elsewhere = (volatile Word *)0x2000000;
    CATCH((void)*(volatile uint32_t *)elsewhere);
    check(outcome.level == NO_TRAP, "MML: M reads where no rule is");
    CATCH(jump_to((Word)elsewhere));
    check_trap("MML: and does not execute there", TO_M, FETCH_ACCESS, (Word)elsewhere);
    configure(3, NAPOT | W | X);
    csr_set(MSECCFG, MMWP);
    configure(1, 0);
    csr_clear(MSECCFG, RLB);
    check_is("RLB can be taken back", csr_read(MSECCFG) & RLB, 0);
    csr_set(MSECCFG, RLB);
    check_is("and not be set while a rule is locked", csr_read(MSECCFG) & RLB, 0);
    configure(0, NAPOT | LOCK | X);
    check_is("no rule of code for M is added", configured(0), NAPOT | R | W | X);
    configure(0, NAPOT | LOCK | R);
    check_is("one without code is", configured(0), NAPOT | LOCK | R);
    configure(0, 0);
    check_is("and stays", configured(0), NAPOT | LOCK | R);
    csr_clear(MSECCFG, MMWP);
    check(csr_read(MSECCFG) & MMWP, "MMWP stays");
}

/* Every rule of the table. The program's own: its code for both to execute, all else for both to read and write. */
static void table(void)
{
    if (!there()) {
        return;
    }
    static const struct { const char *name; unsigned rule, m, s; } rows[] = {
        { "nothing", 0, 0, 0 }, { "S: X", X, 0, X }, { "shared data, S reads", W, R | W, R }, { "shared data", W | X, R | W, R | W }, { "S: R", R, 0, R },
        { "S: RX", R | X, 0, R | X }, { "S: RW", R | W, 0, R | W }, { "S: RWX", R | W | X, 0, R | W | X }, { "locked: nothing", LOCK, 0, 0 }, { "M: X", LOCK | X, X, 0 },
        { "shared code", LOCK | W, X, X }, { "shared code, M reads", LOCK | W | X, R | X, X }, { "M: R", LOCK | R, R, 0 }, { "M: RX", LOCK | R | X, R | X, 0 },
        { "M: RW", LOCK | R | W, R | W, 0 }, { "shared, read-only", LOCK | R | W | X, R, R },
    };
    *(uint32_t *)area = 0x8067;
    csr_write(pmpaddr0, napot(AREA, PAGE));
    csr_write(pmpaddr1, PROGRAM >> 2);
    csr_write(pmpaddr2, (Word)&tohost >> 2);
    csr_write(pmpaddr3, -1);
    configure(2, TOR | LOCK | R | X);
    csr_set(MSECCFG, MML);
    configure(2, TOR | LOCK | W | X);
    configure(3, NAPOT | W | X);
    check_is("MML takes W without R", configured(3), NAPOT | W | X);
    for (unsigned i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        configure(0, NAPOT | rows[i].rule);
        *(volatile uint32_t *)pool = 0;
        unsigned m = rights_of(MODE_M), s = rights_of(MODE_S);
        check(m == rows[i].m && s == rows[i].s, "MML: %s", rows[i].name);
        if (m != rows[i].m || s != rows[i].s) {
            print("# M %x, S %x\n", m, s);
        }
    }
    configure(0, NAPOT | R | W | X);
    sticky();
}

/* With MML on M-mode cannot open the PMP again: one subject, and the last. */
const Subject subjects[] = { { "editing", editing }, { "rules", table }, { NULL, NULL } };
