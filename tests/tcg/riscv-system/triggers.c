/*
 * Triggers with the breakpoint exception (Debug Specification 1.0, 5 "Sdtrig"): mcontrol, mcontrol6, icount, itrigger and etrigger.
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

/* ---- mcontrol6: sizes, ways to match, chains, hits ---- */

enum { SIZE8 = 1 << 16, SIZE16 = 2 << 16, SIZE32 = 3 << 16, SIZE64 = 5 << 16, CHAIN = 1 << 11, HIT = 1 << 20, HIT0 = 1 << 22 };
enum { NAPOT = 1 << 7, GE = 2 << 7, LT = 3 << 7, MASK_LOW = 4 << 7, MASK_HIGH = 5 << 7, NOT = 8 << 7 };

static Word load_byte(Word a) { return *(volatile uint8_t *)a; }
static Word load_double(Word a) { double d; asm volatile("fld %0, 0(%1)" : "=f"(d) : "r"(a) : "memory"); return d != 0; }
static Word add_word(Word a) { Word old; asm volatile("amoadd.w %0, x0, (%1)" : "=r"(old) : "r"(a) : "memory"); return old; }
static Word store_byte(Word a) { *(volatile uint8_t *)a = 0; return 0; }
static Word load_vector(Word a)
{
    asm volatile(".option push\n.option arch, +v\nvsetivli x0, 4, e32, m1, ta, ma\nvle32.v v8, (%0)\n.option pop" :: "r"(a) : "memory");
    return 1;
}
Word short_then_long(Word a);
extern char long_one[];
asm(".balign 4\n.globl short_then_long\nshort_then_long: c.nop\n.globl long_one\nlong_one: .option push\n.option norvc\nli a0, 1\n.option pop\nret\n");

/* xtval is the address of the first byte that meets it. */
static void expect_at(const char *name, Function *f, const void *at, const void *met)
{
    run_in(MODE_S, f, (Word)at);
    if (met) {
        check_break(name, met);
    } else {
        check_none(name);
    }
}
static void expect(const char *name, Function *f, const void *at, bool breaks) { expect_at(name, f, at, breaks ? at : NULL); }

static char *byte(unsigned n) { return (char *)words + n; }

static void sizes(void)
{
    disarm();
    arm(0, TYPE(6) | LOAD | S, byte(6));
    expect_at("a load of more bytes meets the last of them", load_double, byte(0), byte(6));
    expect("a load that ends before does not", load_half, byte(4), false);
    expect("nor one that begins behind", load_byte, byte(7), false);
    expect_at("an element of a vector", load_vector, byte(4), byte(6));
    expect_at("a later element", load_vector, byte(0), byte(6));
    arm(0, TYPE(6) | LOAD | S | SIZE8, byte(4));
    expect("a byte", load_byte, byte(4), true);
    expect("a half is none", load_half, byte(4), false);
    arm(0, TYPE(6) | LOAD | S | SIZE16, byte(4));
    expect("a half", load_half, byte(4), true);
    expect("a byte is none", load_byte, byte(4), false);
    arm(0, TYPE(6) | LOAD | S | SIZE64, byte(0));
    expect("a double", load_double, byte(0), true);
    expect("a byte is no double", load_byte, byte(0), false);
    arm(0, TYPE(6) | STORE | S, byte(9));
    expect_at("an AMO stores", add_word, byte(8), byte(9));
    arm(0, TYPE(6) | LOAD | S, byte(9));
    expect_at("and loads", add_word, byte(8), byte(9));
    arm(0, TYPE(6) | EXECUTE | S | SIZE16, long_one);
    run_in(MODE_S, short_then_long, 0);
    check_returned("an instruction of four bytes is not one of two", 1);
    arm(0, TYPE(6) | EXECUTE | S | SIZE32, long_one);
    run_in(MODE_S, short_then_long, 0);
    check_break("but of four", long_one);
    arm(0, TYPE(2) | LOAD | S | SIZE16, byte(4));
    expect("mcontrol has sizes, too", load_half, byte(4), true);
    expect("and keeps to them", load_byte, byte(4), false);
}

static void match_modes(void)
{
    disarm();
    arm(0, TYPE(6) | LOAD | S | NAPOT, byte(8) + 1);      /* the four bytes from 8: 0b01 */
    expect("a range: its first byte", load_byte, byte(8), true);
    expect("its last", load_byte, byte(11), true);
    expect("the byte behind", load_byte, byte(12), false);
    expect_at("an access that reaches into it", load_word, byte(4), RV64 ? byte(8) : NULL);
    arm(0, TYPE(6) | LOAD | S | GE, byte(8));
    arm(1, TYPE(6) | LOAD | S | LT, byte(0));
    expect("not below", load_byte, byte(7), false);
    expect("at the limit", load_byte, byte(8), true);
    expect_at("reaching over it", load_half, byte(7), byte(8));
    arm(0, TYPE(6) | LOAD | S | LT, byte(8));
    csr_write(TSELECT, 1);
    csr_write(TDATA1, 0);
    expect("below the other limit", load_byte, byte(7), true);
    expect("not at it", load_byte, byte(8), false);
    Word half = (Word)1 << (XLEN / 2), low_bits = half - 1;
    arm(0, TYPE(6) | LOAD | S | MASK_LOW, (void *)(half * 0xf | ((Word)byte(8) & 0xf)));
    expect("the low four bits", load_byte, byte(8), true);
    expect("others", load_byte, byte(4), false);
    arm(0, TYPE(6) | LOAD | S | MASK_HIGH, (void *)(half * low_bits | (Word)byte(0) >> (XLEN / 2)));
    expect("the high half", load_byte, byte(3), true);
    arm(0, TYPE(6) | LOAD | S | MASK_HIGH | NOT, (void *)(half * low_bits | (Word)byte(0) >> (XLEN / 2)));
    expect("another than that", load_byte, byte(3), false);
    csr_write(TDATA1, TYPE(6) | LOAD | S | 6 << 7);
    check_is("there are not all ways to match", csr_read(TDATA1), TYPE(6) | LOAD | S);
    csr_write(TDATA1, TYPE(2) | LOAD | S | NAPOT);
    check_is("mcontrol has no ranges, as maskmax says", csr_read(TDATA1), TYPE(2) | LOAD | S);
    csr_write(TDATA1, TYPE(6) | LOAD | S | 4 << 16);
    check_is("nor sizes that no access has", csr_read(TDATA1), TYPE(6) | LOAD | S);
    csr_write(TDATA1, TYPE(6) | LOAD | S | NAPOT);
    csr_write(TDATA2, -1);
    check_is("half of all is the largest range", csr_read(TDATA2), (Word)-1 - ((Word)1 << (XLEN - 2)));
    csr_write(TDATA1, 0);
    check_is("writing 0 turns it off", csr_read(TDATA1) << 4, 0);
    disarm();
}

static void chains(void)
{
    disarm();
    arm(1, TYPE(6) | LOAD | S | LT, byte(12));
    arm(0, TYPE(6) | LOAD | S | GE | CHAIN, byte(4));
    expect("both of a chain", load_byte, byte(4), true);
    check_is("which are hit", csr_read(TDATA1) & HIT0, HIT0);
    csr_write(TSELECT, 1);
    check_is("both", csr_read(TDATA1) & HIT0, HIT0);
    csr_write(TDATA1, TYPE(6) | LOAD | S | LT);
    csr_write(TSELECT, 0);
    csr_write(TDATA1, TYPE(6) | LOAD | S | GE | CHAIN);
    expect("the first alone", load_byte, byte(12), false);
    expect("the second alone", load_byte, byte(3), false);
    check_is("hits nothing", csr_read(TDATA1) & HIT0, 0);
    csr_write(TSELECT, 1);
    check_is("neither", csr_read(TDATA1) & HIT0, 0);
    csr_write(TDATA1, TYPE(6) | LOAD | S | CHAIN);
    check_is("the last has none to be chained to", csr_read(TDATA1) & CHAIN, 0);
    disarm();
    arm(0, TYPE(2) | STORE | S, byte(4));
    run_in(MODE_S, store_byte, (Word)byte(4));
    check_is("mcontrol's hit", csr_read(TDATA1) & HIT, HIT);
    disarm();
}

/* ---- the others ---- */

extern char counted_two[], counted_end[];
asm(".balign 4\n.globl counted\ncounted: nop\nnop\n.globl counted_two\ncounted_two: nop\nnop\n.globl counted_end\ncounted_end: ret\n");
Word counted(Word a);
static Word call_counted(Word a) { asm volatile("ecall\nnop" ::: "memory"); return a; }
static Word illegal(Word a) { asm volatile(".word 0"); return a; }
enum { ICOUNT_U = 1 << 6, ICOUNT_S = 1 << 7, PENDING = 1 << 8, ICOUNT_HIT = 1 << 24, TRAP_U = 1 << 6, TRAP_S = 1 << 7 };
#define COUNT(n) ((Word)(n) << 10)

static void instructions(void)
{
    disarm();
    csr_write(TSELECT, 0);
    csr_write(TDATA1, TYPE(3) | ICOUNT_S | COUNT(2));
    run_in(MODE_S, counted, 0);
    check_break("after two instructions", NULL);
    check_is("it is at the third", outcome.epc, (Word)counted_two);
    check_is("with hit, count at its end, pending cleared", csr_read(TDATA1), TYPE(3) | ICOUNT_S | ICOUNT_HIT);
    run_in(MODE_S, counted, 0);
    check(outcome.level == NO_TRAP, "once");
    csr_write(TDATA1, TYPE(3) | ICOUNT_S | COUNT(2));
    run_in(MODE_U, counted, 0);
    check(outcome.level == NO_TRAP && csr_read(TDATA1) == (TYPE(3) | ICOUNT_S | COUNT(2)), "other modes' instructions do not count");
    csr_write(TDATA1, TYPE(3) | ICOUNT_U | COUNT(1));
    run_in(MODE_U, call_counted, 0);
    check(outcome.level == TO_M && outcome.cause == ECALL_U, "a trap counts");
    check_is("and leaves it pending", csr_read(TDATA1), TYPE(3) | ICOUNT_U | PENDING);
    run_in(MODE_U, counted, 0);
    check_break("until there is an instruction of the mode", NULL);
    check_is("which is not run", outcome.epc, (Word)counted);
    disarm();
}

static Word pend_interrupt(Word a)
{
    csr_set(sie, 1 << IRQ_SSOFT);
    csr_set(sip, 1 << IRQ_SSOFT);
    csr_set(sstatus, MSTATUS_SIE);
    return a;
}

static void traps(void)
{
    disarm();
    delegate(1 << ILLEGAL, 1 << IRQ_SSOFT);
    csr_write(TSELECT, 0);
    csr_write(TDATA1, TYPE(5) | TRAP_U);
    csr_write(TDATA2, 1 << ILLEGAL);
    run_in(MODE_U, illegal, 0);
    check_break("an exception", NULL);
    check_is("at its handler", outcome.epc, (Word)supervisor_entry);
    check_is("which has its cause", csr_read(scause), ILLEGAL);
    check_is("and a hit", csr_read(TDATA1) >> (XLEN - 6) & 1, 1);
    run_in(MODE_S, illegal, 0);
    check(outcome.level == TO_S, "not from another mode");
    csr_write(TDATA2, 1 << BREAKPOINT);
    run_in(MODE_U, illegal, 0);
    check(outcome.level == TO_S, "nor another exception");
    delegate(1 << ILLEGAL | 1 << BREAKPOINT, 1 << IRQ_SSOFT);
    csr_write(TDATA2, 1 << ILLEGAL);
    run_in(MODE_U, illegal, 0);
    check(outcome.level == TO_S && outcome.cause == ILLEGAL, "nor where the handler could not bear it");
    delegate(0, 1 << IRQ_SSOFT);
    csr_write(TDATA1, TYPE(4) | TRAP_S);
    csr_write(TDATA2, 1 << IRQ_SSOFT);
    run_in(MODE_S, pend_interrupt, 0);
    check_break("an interrupt", NULL);
    check_is("at its handler, too", outcome.epc, (Word)supervisor_entry);
    csr_clear(mip, 1 << IRQ_SSOFT);
    disarm();
    delegate(0, 0);
}

const Subject subjects[] = {
    { "registers", registers }, { "mcontrol", control2 }, { "mcontrol6", control6 }, { "modes", machine }, { "sizes", sizes }, { "ways to match", match_modes },
    { "chains", chains }, { "icount", instructions }, { "itrigger and etrigger", traps }, { NULL, NULL },
};
