/*
 * Triggers: mcontrol and mcontrol6 with the breakpoint exception (Debug Specification 1.0, 5 "Sdtrig").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

#define TSELECT 0x7a0
#define TDATA1 0x7a1
#define TDATA2 0x7a2
#define TINFO 0x7a4
enum { LOAD = 1, STORE = 2, EXECUTE = 4, U = 8, S = 16, M = 64, VU = 1 << 23, VS = 1 << 24 };
#define TYPE(n) ((Word)(n) << (XLEN - 4))
static Word words[4] __attribute__((aligned(16)));

static void arm(unsigned n, Word control, const void *address)
{
    csr_write(TSELECT, n);
    csr_write(TDATA1, control);
    csr_write(TDATA2, address);
}
static void disarm(void)
{
    for (unsigned n = 0; n < 2; n++) {
        arm(n, TYPE(2), NULL);
    }
}

static Word load_word(Word a) { return load_at(a); }
static Word load_half(Word a) { return *(volatile uint16_t *)a; }
static Word store_word(Word a) { store_at(a, 7); return 0; }
extern char marked[];
asm(".balign 4\n.globl marked_code\nmarked_code: li a0, 5\n.globl marked\nmarked: li a0, 6\nret\n");
Word marked_code(Word a);

static void check_break(const char *name, const void *tval)
{
    check(outcome.level == TO_M && !outcome.interrupt && outcome.cause == BREAKPOINT && outcome.tval == (Word)tval, "%s", name);
    if (outcome.level != TO_M || outcome.tval != (Word)tval) {
        print("# level %d, cause %lu, tval 0x%lx, not 0x%lx\n", outcome.level, outcome.cause, outcome.tval, (Word)tval);
    }
}
static void check_none(const char *name)
{
    check(outcome.level == NO_TRAP, "%s", name);
    if (outcome.level != NO_TRAP) {
        print("# level %d, cause %lu, tval 0x%lx\n", outcome.level, outcome.cause, outcome.tval);
    }
}

static void registers(void)
{
    disarm();
    csr_write(TSELECT, 1);
    check_is("there is a second trigger", csr_read(TSELECT), 1);
    csr_write(TSELECT, 2);
    check_is("and no third", csr_read(TSELECT), 1);
    csr_write(TSELECT, 0);
    check_is("types 2 and 6", csr_read(TINFO) & 0xffff, 0x44);
    csr_write(TDATA1, TYPE(2) | LOAD | M);
    check_is("mcontrol", csr_read(TDATA1), TYPE(2) | LOAD | M);
    csr_write(TDATA1, TYPE(6) | STORE | S | U);
    check_is("mcontrol6", csr_read(TDATA1), TYPE(6) | STORE | S | U);
    csr_write(TDATA1, TYPE(2));
    csr_write(TDATA2, 0x1234);
    csr_write(TSELECT, 1);
    csr_write(TDATA2, 0x5678);
    csr_write(TSELECT, 0);
    check_is("each has its own address", csr_read(TDATA2), 0x1234);
}

static void accesses(Word type)
{
    disarm();
    words[0] = words[1] = 0;
    arm(1, type | LOAD | S, &words[1]);
    run_in(MODE_S, load_word, (Word)&words[1]);
    check_break("a load", &words[1]);
    run_in(MODE_S, load_word, (Word)&words[0]);
    check_none("a load of another word");
    run_in(MODE_S, load_half, (Word)&words[1]);
    check_break("a narrower load", &words[1]);
    run_in(MODE_S, store_word, (Word)&words[1]);
    check_none("a store is no load");
    run_in(MODE_U, load_word, (Word)&words[1]);
    check_none("not in U");
    arm(1, type | STORE | U, &words[1]);
    words[1] = 0;
    run_in(MODE_U, store_word, (Word)&words[1]);
    check_break("a store", &words[1]);
    check_is("comes to nothing", words[1], 0);
    run_in(MODE_U, load_word, (Word)&words[1]);
    check_none("a load is no store");
    arm(1, type | EXECUTE | S, marked);
    run_in(MODE_S, marked_code, 0);
    check_break("an instruction", marked);
    check_is("before it is run", outcome.epc, (Word)marked);
    run_in(MODE_U, marked_code, 0);
    check_returned("not in U", 6);
    disarm();
    run_in(MODE_S, marked_code, 0);
    check_returned("a trigger that is off", 6);
}

static void control2(void) { accesses(TYPE(2)); }
static void control6(void) { accesses(TYPE(6)); }

static Word load_enabled(Word a)
{
    csr_set(mstatus, MSTATUS_MIE);
    Word value = load_at(a);
    csr_clear(mstatus, MSTATUS_MIE);
    return value;
}

static void machine(void)
{
    disarm();
    arm(0, TYPE(6) | LOAD | M, &words[2]);
    run_in(MODE_M, load_word, (Word)&words[2]);
    check_none("M-mode without MIE could not bear it");
    run_in(MODE_M, load_enabled, (Word)&words[2]);
    check_break("and with MIE it breaks", &words[2]);
    csr_clear(mstatus, MSTATUS_MIE);
    if (has_letter('H')) {
        arm(0, TYPE(6) | LOAD | VS, &words[2]);
        run_in(MODE_VS, load_word, (Word)&words[2]);
        check_break("VS by its bit", &words[2]);
        run_in(MODE_S, load_word, (Word)&words[2]);
        check_none("which is not S's");
        arm(0, TYPE(6) | LOAD | S, &words[2]);
        run_in(MODE_VS, load_word, (Word)&words[2]);
        check_none("nor the other way round");
    }
    disarm();
}

const Subject subjects[] = { { "registers", registers }, { "mcontrol", control2 }, { "mcontrol6", control6 }, { "modes", machine }, { NULL, NULL } };
