/*
 * Frames, pairs of moves and table jumps of compressed code (volume I, 28.13 "Zcmp", 28.14 "Zcmt"); loads and stores of pairs on RV32 ("Zilsd", "Zclsd"). The CPU has
 * neither F nor D, whose encodings these are.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { RA, SP, S0, A0 = S0 + 12, A1, COUNT, BYTES = XLEN / 8, FRAME_WORDS = 64 };
static Word registers[COUNT];           /* what code finds, and leaves */
static uint16_t code[8] __attribute__((aligned(16)));
static Word frame[FRAME_WORDS] __attribute__((aligned(16)));
static Word table[256] __attribute__((aligned(64)));
void run_code(Word *regs, void *start);
extern char run_back[], run_elsewhere[];

#if RV64
#define ST "sd"
#define LD "ld"
#define W "8"
#else
#define ST "sw"
#define LD "lw"
#define W "4"
#endif
#define ALL(op, base) \
    op " ra, 0*" W "(" base ")\n" op " sp, 1*" W "(" base ")\n" op " s0, 2*" W "(" base ")\n" op " s1, 3*" W "(" base ")\n" op " s2, 4*" W "(" base ")\n" \
    op " s3, 5*" W "(" base ")\n" op " s4, 6*" W "(" base ")\n" op " s5, 7*" W "(" base ")\n" op " s6, 8*" W "(" base ")\n" op " s7, 9*" W "(" base ")\n" \
    op " s8, 10*" W "(" base ")\n" op " s9, 11*" W "(" base ")\n" op " s10, 12*" W "(" base ")\n" op " s11, 13*" W "(" base ")\n" op " a0, 14*" W "(" base ")\n" \
    op " a1, 15*" W "(" base ")\n"
/* Runs code with these registers until it comes to run_back (t0 has that, too). At run_elsewhere a1 becomes 77 first. */
asm(".balign 4\n.globl run_code\nrun_code: la t1, own\n" ALL(ST, "t1") "mv t2, a1\nmv t1, a0\nla t0, run_back\n" ALL(LD, "t1") "jr t2\n"
    ".balign 4\n.globl run_elsewhere\nrun_elsewhere: li a1, 77\n.balign 4\n.globl run_back\nrun_back: la t1, registers\n" ALL(ST, "t1") "la t1, own\n" ALL(LD, "t1") "ret\n"
    ".local own\n.comm own, 128, 8\n");

static void begin(void)
{
    for (unsigned i = 0; i < COUNT; i++) {
        registers[i] = 0x1000 + i;
    }
    for (unsigned i = 0; i < FRAME_WORDS; i++) {
        frame[i] = 0x2000 + i;
    }
    registers[RA] = (Word)run_back;
    registers[SP] = (Word)&frame[FRAME_WORDS / 2];
}

static void run(uint16_t insn)
{
    code[0] = insn;
    code[1] = 0x8282;           /* C.JR t0 */
    asm volatile("fence.i" ::: "memory");
    run_code(registers, code);
    asm volatile("" ::: "memory");
}

/* ---- frames ---- */

static unsigned saved(unsigned list) { return list == 15 ? 12 : list - 4; }
static Word size_of(unsigned list, unsigned more) { return ((1 + saved(list)) * BYTES + 15) / 16 * 16 + 16 * more; }

static bool push_is_right(unsigned list, unsigned more)
{
    begin();
    run(0xb802 | list << 4 | more << 2);
    Word *top = &frame[FRAME_WORDS / 2];
    bool good = registers[SP] == (Word)top - size_of(list, more);
    for (unsigned i = 0; i < saved(list); i++) {
        good &= *--top == 0x1000 + S0 + saved(list) - 1 - i;
    }
    good &= *--top == (Word)run_back;
    return good && top[-1] == 0x2000 + (Word)(top - 1 - frame) && frame[FRAME_WORDS / 2] == 0x2000 + FRAME_WORDS / 2;
}

static bool pop_is_right(unsigned insn, unsigned list, unsigned more, Word a0)
{
    begin();
    Word end = registers[SP] + size_of(list, more), first = (end - (Word)frame) / BYTES - saved(list), sp = end;
    frame[first - 1] = (Word)run_back;
    run(insn | list << 4 | more << 2);
    bool good = registers[SP] == sp && registers[RA] == (Word)run_back && registers[A0] == a0;
    for (unsigned i = 0; i < 12; i++) {
        good &= registers[S0 + i] == (i < saved(list) ? 0x2000 + first + i : 0x1000 + S0 + i);
    }
    return good;
}

static void frames(void)
{
    for (unsigned list = 4; list < 16; list++) {
        bool push = true, pop = true, popret = true, popretz = true;
        for (unsigned more = 0; more < 4; more++) {
            push &= push_is_right(list, more);
            pop &= pop_is_right(0xba02, list, more, 0x1000 + A0);
            popret &= pop_is_right(0xbe02, list, more, 0x1000 + A0);
            popretz &= pop_is_right(0xbc02, list, more, 0);
        }
        check(push && pop && popret && popretz, "list %u: push %d, pop %d, popret %d, popretz %d", list, push, pop, popret, popretz);
    }
    begin();
    CATCH(run(0xb802 | 3 << 4));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "list 3 is reserved");
    begin();
    registers[SP] = 0x40000000;
    CATCH(run(0xba02 | 15 << 4));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS && outcome.epc == (Word)code, "a pop from nowhere");
    begin();
    registers[SP] = 0x40000000;
    CATCH(run(0xb802 | 15 << 4));
    check(outcome.level == TO_M && outcome.cause == STORE_ACCESS && outcome.epc == (Word)code, "a push to nowhere");
}

/* ---- pairs ---- */

static void moves(void)
{
    bool to = true, from = true;
    for (unsigned a = 0; a < 8; a++) {
        for (unsigned b = 0; b < 8; b++) {
            begin();
            run(0xac62 | a << 7 | b << 2);
            from &= registers[A0] == 0x1000 + S0 + a && registers[A1] == 0x1000 + S0 + b;
            if (a != b) {
                begin();
                run(0xac22 | a << 7 | b << 2);
                to &= registers[S0 + a] == 0x1000 + A0 && registers[S0 + b] == 0x1000 + A1;
            }
        }
    }
    check(from, "CM.MVA01S");
    check(to, "CM.MVSA01");
    CATCH(run(0xac22 | 3 << 7 | 3 << 2));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "CM.MVSA01 of one register is reserved");
}

/* ---- tables ---- */

#define JVT 0x017
static Word jump_in_mode(Word index)
{
    run(0xa002 | index << 2);
    return registers[A1];
}

static void tables(void)
{
    csr_write(JVT, -1);
    check_is("jvt's mode is 0", csr_read(JVT), (Word)-64);
    csr_write(JVT, table);
    for (unsigned i = 0; i < 256; i++) {
        table[i] = (Word)(i & 1 ? run_elsewhere : run_back);
    }
    table[30] |= 1;
    begin();
    check(jump_in_mode(1) == 77 && registers[RA] == (Word)run_back, "CM.JT 1");
    begin();
    check(jump_in_mode(30) == 0x1000 + A1, "CM.JT 30: bit 0 does not count");
    begin();
    check(jump_in_mode(33) == 77 && registers[RA] == (Word)&code[1], "CM.JALT 33");
    begin();
    check(jump_in_mode(255) == 77 && registers[RA] == (Word)&code[1], "CM.JALT 255");
    csr_write(JVT, 0x40000000);
    begin();
    CATCH(run(0xa002));
    check(outcome.level == TO_M && outcome.cause == FETCH_ACCESS && outcome.epc == (Word)code, "a table nowhere");
}

/* ---- pairs on RV32: from a0, into s2 and s3 ---- */

static void pair_is(const char *name, uint16_t low, uint16_t high, Word want_s2, Word want_s3)
{
    begin();
    registers[A0] = (Word)&frame[8];
    code[0] = low;
    code[1] = high;
    code[2] = 0x8282;
    asm volatile("fence.i" ::: "memory");
    run_code(registers, code);
    check(registers[S0 + 2] == want_s2 && registers[S0 + 3] == want_s3, "%s", name);
}

static void pairs(void)
{
    if (RV64) {
        skip("pairs", "RV64 has them as doublewords");
        return;
    }
    pair_is("LD s2", 0x3903, 0x0085, 0x2000 + 10, 0x2000 + 11);             /* ld s2, 8(a0) */
    pair_is("LD x0 takes nothing", 0x3003, 0x0085, 0x1000 + S0 + 2, 0x1000 + S0 + 3);
    pair_is("SD s2", 0x3423, 0x0125, 0x1000 + S0 + 2, 0x1000 + S0 + 3);     /* sd s2, 8(a0) */
    check(frame[10] == 0x1000 + S0 + 2 && frame[11] == 0x1000 + S0 + 3, "stores both");
    pair_is("SD x0", 0x3423, 0x0005, 0x1000 + S0 + 2, 0x1000 + S0 + 3);
    check(frame[10] == 0 && frame[11] == 0, "stores zeroes");
    begin();
    registers[A0] = (Word)&frame[8];
    run(0x6500);                                                            /* c.ld s0, 8(a0) */
    check(registers[S0] == 0x2000 + 10 && registers[S0 + 1] == 0x2000 + 11, "C.LD");
    begin();
    registers[A0] = (Word)&frame[8];
    run(0xe500);                                                            /* c.sd s0, 8(a0) */
    check(frame[10] == 0x1000 + S0 && frame[11] == 0x1000 + S0 + 1, "C.SD");
    begin();
    run(0x6922);                                                            /* c.ldsp s2, 8(sp) */
    check(registers[S0 + 2] == 0x2000 + FRAME_WORDS / 2 + 2 && registers[S0 + 3] == 0x2000 + FRAME_WORDS / 2 + 3, "C.LDSP");
    begin();
    run(0xe44a);                                                            /* c.sdsp s2, 8(sp) */
    check(frame[FRAME_WORDS / 2 + 2] == 0x1000 + S0 + 2 && frame[FRAME_WORDS / 2 + 3] == 0x1000 + S0 + 3, "C.SDSP");
    begin();
    registers[A0] = (Word)&frame[8];
    code[0] = 0x3983;
    code[1] = 0x0085;                                                       /* ld s3, 8(a0) */
    asm volatile("fence.i" ::: "memory");
    CATCH(run_code(registers, code));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "an odd register is reserved");
}

static Word read_jvt(Word a) { return csr_read(JVT) & 0; }

static void try_mode(const char *name, Mode mode, Word cause)
{
    run_in(mode, jump_in_mode, 1);
    check(cause ? outcome.level == TO_M && outcome.cause == cause : outcome.level == NO_TRAP && outcome.value == 77, "%s: CM.JT", name);
    run_in(mode, read_jvt, 0);
    check(cause ? outcome.level == TO_M && outcome.cause == cause : outcome.level == NO_TRAP, "%s: jvt", name);
}

static void state_enables(void)
{
    enum { ENABLE = 4 };
    csr_write(JVT, table);
    begin();
    csr_write(0x30c, 0);
    try_mode("M-mode needs no state enable", MODE_M, 0);
    try_mode("S-mode without mstateen0.JVT", MODE_S, ILLEGAL);
    csr_write(0x30c, -1);
    csr_write(0x10c, 0);
    try_mode("S-mode with it", MODE_S, 0);
    try_mode("U-mode without sstateen0.JVT", MODE_U, ILLEGAL);
    csr_write(0x10c, ENABLE);
    try_mode("U-mode with it", MODE_U, 0);
    csr_write(0x60c, 0);
    try_mode("VS-mode without hstateen0.JVT", MODE_VS, VIRTUAL);
    csr_write(0x60c, -1);
    try_mode("VS-mode with it", MODE_VS, 0);
}

const Subject subjects[] = { { "frames", frames }, { "moves", moves }, { "tables", tables }, { "pairs", pairs }, { "state enables", state_enables }, { NULL, NULL } };
