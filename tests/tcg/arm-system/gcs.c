/*
 * Guarded control stacks (FEAT_GCS): what calls push and returns pop, the instructions of the stack, its pages, PSTATE.EXLOCK, and what is trapped. At EL1 by vectors of its own
 * that turn the stack off; at EL2 (-M virt,virtualization=on) the traps to there.
 *
 * DDI 0487, D11 (the Guarded Control Stack), C6.2 (GCSSTR, GCSPUSHM ...), D19.2 (GCSCR_EL1, GCSPR_EL1, ESR_EL1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define GCSCR_EL1 S3_0_C2_C5_0
#define GCSPR_EL1 S3_0_C2_C5_1
#define GCSCRE0_EL1 S3_0_C2_C5_2
#define GCSPR_EL0 S3_3_C2_C5_1
#define HCRX_EL2 S3_4_C1_C2_2
#define HFGRTR_EL2 S3_4_C1_C1_4
#define HFGWTR_EL2 S3_4_C1_C1_5
#define HFGITR_EL2 S3_4_C1_C1_6
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { PCRSEL = 1, RVCHKEN = 1 << 5, EXLOCKEN = 1 << 6, PUSHMEN = 1 << 8, STREN = 1 << 9, NTR = 1 << 10 };
enum { DAIF = 0x3c0, PIE = 2, VALID = 1, PAGE = 3, TABLE = 3, AF = 1 << 10, SHARED = 3 << 8, EC_SYSREG = 0x18, EC_GCS = 0x2d, EC_ABORT = 0x25, EC_ABORT_LOWER = 0x24 };
enum { DATA_CHECK = 0, EXLOCK = 1 << 20, TRAPPED_STORE = 2 << 20 };
enum { IT_RET, IT_POPM, IT_RET_KEYA, IT_RET_KEYB, IT_SS1, IT_SS2, IT_POPCX = 8, IT_POPX = 9 };
#define ESR_GCS (1ull << 40)
#define SPSR_EXLOCK (1ull << 34)
#define VA 0x80000000ull
#define TOP (VA + 0x800)
#define USER (VA + 0x3000)

static u64 *level3, *page, *user;

static bool there(void)
{
    if (READ(S3_0_C0_C4_1) >> 44 & 15) {
        return true;
    }
    skip("guarded control stacks", "the processor has none");
    return false;
}

static void flush(void) { __asm__ volatile("dsb ishst\n tlbi vmalle1is\n dsb ish\n isb" ::: "memory"); }

/* Index 0: all is the privileged's. 1: a stack of theirs. 2: a stack of EL0's. 3: data that both read and write. 4: code of EL0. */
static void map(void)
{
    u64 *root = pages(4096), *level2 = pages(4096);
    level3 = pages(4096);
    page = pages(4096);
    user = pages(4096);
    root[0] = AF | VALID | 1 << 2;
    root[1] = 0x40000000 | AF | SHARED | VALID;
    root[2] = (u64)level2 | TABLE;
    level2[0] = (u64)level3 | TABLE;
    level3[0] = (u64)page | SHARED | AF | PAGE | 1 << 6;
    level3[1] = (u64)page | SHARED | AF | PAGE | 1ull << 51;
    level3[2] = (u64)page | SHARED | AF | PAGE | 1 << 6 | 1ull << 51;
    level3[3] = (u64)user | SHARED | AF | PAGE | 1ull << 53;
    WRITE(mair_el1, 0xff);
    WRITE(ttbr0_el1, (u64)root);
    WRITE(tcr_el1, 25 | 1 << 23 | 3 << 12 | 1 << 8 | 1 << 10 | 2ull << 32);
    PUT(S3_0_C10_C2_3, 0x0c09e | 0x80000);      /* PIR_EL1 */
    PUT(S3_0_C10_C2_2, 0x35900);                /* PIRE0_EL1 */
    PUT(S3_0_C2_C0_3, PIE);                     /* TCR2_EL1 */
    isb();
    flush();
    WRITE(sctlr_el1, READ(sctlr_el1) | 1 << 23 | 1);
    isb();
}

/* ---- at EL1 ---- */

/* Without a call or a return: the stack is turned off first. x9: where it goes on. */
__asm__(".balign 0x800\ngcs_vectors:\n .skip 0x200\n"
        "msr S3_0_C2_C5_0, xzr\n isb\n mrs x10, esr_el1\n mrs x11, elr_el1\n mrs x12, far_el1\n mrs x13, spsr_el1\n br x9\n .balign 0x800\n");
extern char gcs_vectors[];

typedef struct Outcome { u64 esr, far, spsr, x0, pointer; unsigned at; } Outcome;

/* The instructions with GCSCR_EL1 and GCSPR_EL1 as given and x0, x1, x2, x30; what they raised (esr 0: nothing; at: by which of them) and left. Labels 7, 8, 9 are taken. */
#define TRY(instructions, control, start, a, b) ({ \
    register u64 x0_ __asm__("x0") = (a), x1_ __asm__("x1") = (b), x10_ __asm__("x10"), x11_ __asm__("x11"), x12_ __asm__("x12"), \
        x13_ __asm__("x13"), x14_ __asm__("x14") = (control); \
    u64 begin_; \
    PUT(GCSPR_EL1, start); \
    WRITE(vbar_el1, (u64)gcs_vectors); \
    isb(); \
    __asm__ volatile("adr x9, 8f\n mov x10, #0\n mov x11, #0\n adr %[begin], 7f\n msr S3_0_C2_C5_0, x14\n isb\n 7: " instructions "\n msr S3_0_C2_C5_0, xzr\n isb\n 8:" \
                     : "+r"(x0_), "+r"(x1_), "=r"(x10_), "=r"(x11_), "=r"(x12_), "=r"(x13_), "+r"(x14_), [begin] "=&r"(begin_) :: "x2", "x3", "x4", "x9", "x16", "x30", "memory"); \
    extern char vectors[]; \
    WRITE(vbar_el1, (u64)vectors); \
    isb(); \
    (Outcome){ .esr = x10_, .far = x12_, .spsr = x13_, .x0 = x0_, .pointer = GET(GCSPR_EL1), .at = x10_ ? (unsigned)(x11_ - begin_) : 0 }; })

static u64 word(u64 address) { return page[(address - VA) / 8]; }
static void set_word(u64 address, u64 value) { page[(address - VA) / 8] = value; }
static u64 class_of(Outcome o) { return o.esr >> 26 & 0x3f; }

/* No exception, and the pointer. */
static void check_done(const char *name, Outcome o, u64 pointer)
{
    if (o.esr) {
        print("# ESR %lx FAR %lx\n", o.esr, o.far);
    }
    check(!o.esr && o.pointer == pointer, name);
}

static void check_raised(const char *name, Outcome o, u64 esr, u64 pointer)
{
    if (o.pointer != pointer) {
        print("# pointer %lx, not %lx\n", o.pointer, pointer);
    }
    check(o.pointer == pointer, name);
    check_is(name, o.esr, esr);
}

static u64 gcs_esr(u64 iss) { return (u64)EC_GCS << 26 | 1 << 25 | iss; }
static u64 gcs_abort(u64 iss) { return (u64)EC_ABORT << 26 | 1 << 25 | iss | ESR_GCS; }

#define GCSPUSHM(t) "sys #3, c7, c7, #0, " t
#define GCSPOPM(t) "sysl " t ", #3, c7, c7, #1"
#define GCSSS1(t) "sys #3, c7, c7, #2, " t
#define GCSSS2(t) "sysl " t ", #3, c7, c7, #3"
#define GCSPUSHX "sys #0, c7, c7, #4"
#define GCSPOPCX "sys #0, c7, c7, #5"
#define GCSPOPX "sys #0, c7, c7, #6"
#define GCSSTR_X0_X1 ".inst 0xd91f0c20"
#define GCSSTTR_X0_X1 ".inst 0xd91f1c20"
#define GCSB_DSYNC ".inst 0xd503227f"
#define CHKFEAT_X16 ".inst 0xd503251f"
enum { ON = PCRSEL | RVCHKEN, TRANSLATION = 7, PERMISSION = 0xf, ALIGNMENT = 0x21, WRITES = 1 << 6, XZR = 31 << 5 };

static void calls(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    map();
    check_done("BL pushes nothing while the stack is off", TRY("bl 1f\n 1: nop", 0, TOP, 0, 0), TOP);
    set_word(TOP - 8, 0);
    Outcome o = TRY("bl 1f\n 1: mov x0, x30", ON, TOP, 0, 0);
    check_done("BL pushes", o, TOP - 8);
    check_is("what it gives X30", word(TOP - 8), o.x0);
    check_done("RET pops", TRY("bl 1f\n b 2f\n 1: ret\n 2: nop", ON, TOP, 0, 0), TOP);
    check_done("BLR pushes", TRY("adr x2, 1f\n blr x2\n 1: nop", ON, TOP, 0, 0), TOP - 8);
    check_done("RETAA pops", TRY(".arch armv8.5-a\n bl 1f\n b 2f\n 1: paciasp\n retaa\n 2: nop", ON, TOP, 0, 0), TOP);
#define OTHER "adr x2, 1f\n bl 2f\n mov x0, #1\n b 3f\n 2: ret x2\n 1: mov x0, #2\n 3: nop"
    o = TRY(OTHER, ON, TOP, 0, 0);
    check_raised("a return to elsewhere is an exception, which names the register", o, gcs_esr(DATA_CHECK | 2 << 5 | IT_RET), TOP - 8);
    check_is("of the return", o.at, 0x10);
    check_raised("the same of RETAA", TRY(".arch armv8.5-a\n adr x30, 1f\n paciasp\n retaa\n 1: nop", ON, TOP, 0, 0), gcs_esr(30 << 5 | IT_RET_KEYA), TOP);
    check_raised("and RETAB", TRY(".arch armv8.5-a\n adr x30, 1f\n pacibsp\n retab\n 1: nop", ON, TOP, 0, 0), gcs_esr(30 << 5 | IT_RET_KEYB), TOP);
    o = TRY(OTHER, PCRSEL, TOP, 0, 0);
    check_done("without RVCHKEN there is none", o, TOP);
    check_is("and it goes where the stack says", o.x0, 1);
    o = TRY(OTHER, RVCHKEN, TOP, 0, 0);
    check_is("without PCRSEL where the register says", o.x0, 2);
    o = TRY("mov x16, x0\n " CHKFEAT_X16 "\n mov x0, x16", ON, TOP, ~0ull, 0);
    check_is("CHKFEAT clears bit 0 where the stack is on", o.x0, ~1ull);
    o = TRY("mov x16, x0\n " CHKFEAT_X16 "\n mov x0, x16", RVCHKEN, TOP, ~0ull, 0);
    check_is("and not where it is off", o.x0, ~0ull);
    check_done("GCSB DSYNC", TRY(GCSB_DSYNC, ON, TOP, 0, 0), TOP);
}

static void stack_pages(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    map();
    Outcome o = TRY("bl 1f\n 1: nop", ON, VA + 0x10000, 0, 0);
    check_raised("a call without a page faults", o, gcs_abort(TRANSLATION | WRITES), VA + 0x10000);
    check_is("at the record", o.far, VA + 0xfff8);
    check_is("of the call", o.at, 0);
    check_raised("in data", TRY("bl 1f\n 1: nop", ON, VA + 0x2800, 0, 0), gcs_abort(PERMISSION | WRITES), VA + 0x2800);
    check_raised("in EL0's stack", TRY("bl 1f\n 1: nop", ON, VA + 0x1800, 0, 0), gcs_abort(PERMISSION | WRITES), VA + 0x1800);
    check_raised("a return in data", TRY("ret", ON, VA + 0x2800, 0, 0), gcs_abort(PERMISSION), VA + 0x2800);
    o = TRY("str x0, [x1]", ON, TOP, 0, TOP);
    check_is("a store to the stack faults", o.esr, (u64)EC_ABORT << 26 | 1 << 25 | PERMISSION | WRITES);
    set_word(TOP, 0x55);
    o = TRY("ldr x0, [x1]", ON, TOP, 0, TOP);
    check(!o.esr && o.x0 == 0x55, "a load does not");
}

static void records(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    map();
    check_is("GCSPUSHM is trapped without PUSHMEn", class_of(TRY(GCSPUSHM("x0"), ON, TOP, 0x1233, 0)), EC_SYSREG);
    check_done("and does nothing without PCRSEL", TRY(GCSPUSHM("x0"), PUSHMEN, TOP, 0x1233, 0), TOP);
    check_done("it pushes", TRY(GCSPUSHM("x0"), ON | PUSHMEN, TOP, 0x1233, 0), TOP - 8);
    check_is("the register", word(TOP - 8), 0x1233);
    check_raised("GCSPOPM takes no token", TRY(GCSPOPM("x1"), ON, TOP - 8, 0, 0), gcs_esr(1 << 5 | IT_POPM), TOP - 8);
    set_word(TOP - 8, 0x1234);
    Outcome o = TRY(GCSPOPM("x0"), ON, TOP - 8, 0, 0);
    check_done("it pops", o, TOP);
    check_is("a record", o.x0, 0x1234);
    o = TRY(GCSPOPM("x0"), 0, TOP - 8, 0x77, 0);
    check(!o.esr && o.x0 == 0x77 && o.pointer == TOP - 8, "where the stack is off it leaves the register");
    check_raised("GCSSTR is trapped without STREn", TRY("mov x3, x1\n .inst 0xd91f0c64", ON, TOP, 5, TOP - 8), gcs_esr(TRAPPED_STORE | 3 << 10 | 4 << 5), TOP);
    check_done("with it it stores", TRY(GCSSTR_X0_X1, STREN, TOP, 5, TOP - 8), TOP);
    check_is("the register", word(TOP - 8), 5);
    check_raised("to a stack", TRY(GCSSTR_X0_X1, STREN, TOP, 5, VA + 0x2008), gcs_abort(PERMISSION | WRITES), TOP);
    check_raised("aligned", TRY(GCSSTR_X0_X1, STREN, TOP, 5, TOP + 2), gcs_abort(ALIGNMENT | WRITES), TOP);
    set_word(VA + 8, 0);
    check_done("GCSSTTR stores to EL0's", TRY(GCSSTTR_X0_X1, 0, TOP, 6, VA + 0x1008), TOP);
    check_is("the register", word(VA + 8), 6);
    check_raised("and to no other", TRY(GCSSTTR_X0_X1, STREN, TOP, 6, TOP - 8), gcs_abort(PERMISSION | WRITES), TOP);
    o = TRY(".arch armv8.5-a\n msr uao, #1\n " GCSSTTR_X0_X1, 0, TOP, 6, TOP - 8);
    __asm__ volatile(".arch armv8.5-a+memtag\n msr uao, #0");
    check_is("with UAO it is GCSSTR", o.esr, gcs_esr(TRAPPED_STORE | 1 << 10));
}

static void switches(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    const u64 other = VA + 0x408;
    map();
    set_word(other, VA | 1);
    check_done("GCSSS1 goes to a stack with a token", TRY(GCSSS1("x0"), ON, TOP - 16, other, 0), other);
    check_is("and leaves where it came from", word(other), (TOP - 16) | 5);
    Outcome o = TRY(GCSSS2("x0"), ON, other, 0, 0);
    check_done("GCSSS2 takes that off", o, other + 8);
    check_is("tells of the other stack", o.x0, TOP - 24);
    check_is("and leaves a token there", word(TOP - 24), VA | 1);
    check_raised("a stack without a token is none to go to", TRY(GCSSS1("x0"), ON, TOP - 16, other, 0), gcs_esr(IT_SS1), TOP - 16);
    check_raised("nor one that none came to", TRY(GCSSS2("x2"), ON, other + 16, 0, 0), gcs_esr(2 << 5 | IT_SS2), other + 16);
    check_raised("no stack is unaligned", TRY(GCSSS1("x0"), ON, TOP - 16, other + 2, 0), gcs_abort(ALIGNMENT), TOP - 16);
    check_raised("nor data", TRY(GCSSS1("x0"), ON, TOP - 16, VA + 0x2008, 0), gcs_abort(PERMISSION), TOP - 16);
    o = TRY(GCSSS2("x0"), 0, TOP, 0x77, 0);
    check(!o.esr && o.x0 == 0x77, "where the stack is off GCSSS2 leaves the register");
}

#define HELD "msr elr_el1, x0\n msr spsr_el1, x1\n mov x30, #0x3333\n "

static void exception_records(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    map();
    check_done("GCSPUSHX pushes four records", TRY(HELD GCSPUSHX, ON, TOP, 0x1000, 0x2222), TOP - 32);
    check(word(TOP - 8) == 0x3333 && word(TOP - 16) == 0x2222 && word(TOP - 24) == 0x1000 && word(TOP - 32) == 9, "of LR, SPSR, ELR and a token");
    check_done("GCSPOPCX pops what is the same", TRY(HELD GCSPOPCX, ON, TOP - 32, 0x1000, 0x2222), TOP);
    check_raised("not another ELR", TRY(HELD GCSPOPCX, ON, TOP - 32, 0x1004, 0x2222), gcs_esr(XZR | IT_POPCX), TOP - 32);
    check_raised("another SPSR", TRY(HELD GCSPOPCX, ON, TOP - 32, 0x1000, 0x2223), gcs_esr(XZR | IT_POPCX), TOP - 32);
    check_raised("or another LR", TRY(HELD "mov x30, #1\n" GCSPOPCX, ON, TOP - 32, 0x1000, 0x2222), gcs_esr(XZR | IT_POPCX), TOP - 32);
    check_done("GCSPOPX pops any", TRY(GCSPOPX, ON, TOP - 32, 0, 0), TOP);
    check_raised("with a token", TRY(GCSPOPX, ON, TOP - 24, 0, 0), gcs_esr(XZR | IT_POPX), TOP - 24);
    check_is("they have no register", class_of(TRY("sys #0, c7, c7, #4, x3", ON, TOP, 0, 0)), 0);
    check_done("and do nothing where the stack is off", TRY(GCSPUSHX "\n" GCSPOPCX "\n" GCSPOPX, 0, TOP, 0, 0), TOP);
}

/* ---- the lock: vectors that leave the stack on ---- */

__asm__(".balign 0x800\nlocking_vectors:\n .skip 0x200\n mrs x10, esr_el1\n mrs x13, spsr_el1\n br x9\n .balign 0x800\n");
extern char locking_vectors[];
/* In the handler of an exception from EL1. */
#define LOCKED "adr x9, 1f\n msr vbar_el1, x0\n isb\n brk #0\n 1: mov x10, #0\n msr vbar_el1, x1\n isb\n adr x9, 8f\n "
#define TRY_LOCKED(instructions) TRY(LOCKED instructions, ON | EXLOCKEN, TOP, (u64)locking_vectors, (u64)gcs_vectors)

static void lock(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    map();
    check_raised("a handler may not write ELR", TRY_LOCKED("msr elr_el1, x2"), gcs_esr(EXLOCK), TOP);
    check_raised("nor SPSR", TRY_LOCKED("msr spsr_el1, x2"), gcs_esr(EXLOCK), TOP);
    Outcome o = TRY_LOCKED("brk #1");
    check_is("SPSR has the lock", o.spsr & SPSR_EXLOCK, SPSR_EXLOCK);
    check_done("GCSPUSHX takes it off", TRY_LOCKED(GCSPUSHX "\n msr elr_el1, x2\n msr spsr_el1, x2"), TOP - 32);
    o = TRY_LOCKED(GCSPUSHX "\n brk #1");
    check_is("and SPSR has none", o.spsr & SPSR_EXLOCK, 0);
    check_raised("it is not to be had twice", TRY_LOCKED(GCSPUSHX "\n" GCSPUSHX), gcs_esr(EXLOCK), TOP - 32);
    check_raised("GCSPOPCX locks again", TRY_LOCKED(GCSPUSHX "\n" GCSPOPCX "\n msr elr_el1, x2"), gcs_esr(EXLOCK), TOP);
    check_done("GCSPOPX does not", TRY_LOCKED(GCSPUSHX "\n" GCSPOPX "\n msr elr_el1, x2"), TOP);
    o = TRY_LOCKED(GCSPUSHX "\n adr x2, 2f\n msr elr_el1, x2\n eret\n 2: nop");
    check_is("a return without the lock is illegal", class_of(o), 0xe);
    o = TRY("adr x9, 1f\n msr vbar_el1, x0\n isb\n svc #0\n b 2f\n 1: " GCSPUSHX "\n " GCSPOPCX "\n eret\n 2: mov x10, #0\n msr vbar_el1, x1\n isb\n adr x9, 8f",
            ON | EXLOCKEN, TOP, (u64)locking_vectors, (u64)gcs_vectors);
    check_done("with it it is not", o, TOP);
    o = TRY_LOCKED("mov x3, #0x21\n msr S3_0_C2_C5_0, x3\n isb\n msr elr_el1, x2");
    check_done("without EXLOCKEN nothing is locked", o, TOP);
}

/* ---- at EL0 ---- */

#define USER_TOP (VA + 0x1800)
enum { USER_SVC = 0xd401ffe1, USER_BL = 0x94000001, USER_STR_X0_X0 = 0xf9000000, USER_MRS_GCSPR = 0xd53b2520, USER_MSR_GCSPR = 0xd51b2520, USER_PUSHM_X0 = 0xd50b7700,
       USER_POPM_X0 = 0xd52b7720, USER_PUSHX = 0xd508779f, USER_GCSSTR = 0xd91f0c00, USER_GCSSTTR = 0xd91f1c00, USER_SS1_X0 = 0xd50b7740, USER_RET_X2 = 0xd65f0040 };

/* The instruction, with x0 in EL0's stack. */
static int at_el0(uint32_t instruction, u64 control, u64 pointer)
{
    ((uint32_t *)user)[0] = instruction;
    ((uint32_t *)user)[1] = USER_SVC;
    __asm__ volatile("dsb ish\n ic iallu\n dsb ish\n isb" ::: "memory");
    PUT(GCSPR_EL0, pointer);
    PUT(GCSCRE0_EL1, control);
    isb();
    int ec = run_at(0, DAIF, (void (*)(u64))USER, VA + 0x1408);
    PUT(GCSCRE0_EL1, 0);
    return ec;
}

static void unprivileged(void)
{
    if (current_el() != 1 || !there()) {
        return;
    }
    map();
    check(at_el0(USER_BL, ON, USER_TOP) == NONE && GET(GCSPR_EL0) == USER_TOP - 8, "EL0's call pushes");
    check_is("what is behind it", word(TOP - 8), USER + 4);
    check_is("to its own pages alone", at_el0(USER_BL, ON, TOP), EC_ABORT_LOWER);
    check_is("else that is an abort of the stack", fault.esr, (u64)EC_ABORT_LOWER << 26 | 1 << 25 | PERMISSION | WRITES | ESR_GCS);
    check_is("where it may not store itself", at_el0(USER_STR_X0_X0, 0, USER_TOP), EC_ABORT_LOWER);
    check_is("a wrong return", at_el0(USER_RET_X2, ON, USER_TOP - 8), EC_GCS);
    check_is("GCSPR_EL0 is trapped without nTR", at_el0(USER_MRS_GCSPR, 0, USER_TOP), EC_SYSREG);
    check_is("with it is read", at_el0(USER_MRS_GCSPR, NTR, USER_TOP), NONE);
    check_is("and not written", at_el0(USER_MSR_GCSPR, NTR, USER_TOP), 0);
    check_is("GCSPUSHM without PUSHMEn", at_el0(USER_PUSHM_X0, ON, USER_TOP), EC_SYSREG);
    check_is("GCSPUSHM", at_el0(USER_PUSHM_X0, ON | PUSHMEN, USER_TOP), NONE);
    check_is("GCSPOPM", at_el0(USER_POPM_X0, ON, USER_TOP - 8), NONE);
    check_is("GCSPUSHX is not EL0's", at_el0(USER_PUSHX, ON, USER_TOP), 0);
    check_is("GCSSTR without STREn", at_el0(USER_GCSSTR, ON, USER_TOP), EC_GCS);
    check_is("GCSSTR", at_el0(USER_GCSSTR, STREN, USER_TOP), NONE);
    check_is("GCSSTTR without STREn", at_el0(USER_GCSSTTR, ON, USER_TOP), EC_GCS);
    check_is("GCSSTTR", at_el0(USER_GCSSTTR, STREN, USER_TOP), NONE);
    check_is("GCSSS1 without a token", at_el0(USER_SS1_X0, ON, USER_TOP), EC_GCS);
}

/* ---- what higher levels keep for themselves ---- */

#define RW (1ull << 31)
#define E2H (1ull << 34)
#define HCRX_GCSEN (1ull << 22)
#define HFG_EL0 (1ull << 52)
#define HFG_EL1 (1ull << 53)
#define HFGI_PUSHM (1ull << 57)
#define HFGI_STR (1ull << 58)
#define HFGI_EPP (1ull << 59)
enum { VM = 1, S2_NORMAL = 0xf << 2, LEVEL1_TRANSLATION = 5 };
static volatile u64 answer;
static u64 small_stack[64];

static void read_control(u64 a) { answer = GET(GCSCR_EL1); }
static void write_control(u64 a) { PUT(GCSCR_EL1, 0); }
static void read_pointer(u64 a) { answer = GET(GCSPR_EL0); }
static void read_control_e0(u64 a) { answer = GET(GCSCRE0_EL1); }
static void push_exception(u64 a) { __asm__ volatile(GCSPUSHX); }
static void pop_compared(u64 a) { __asm__ volatile(GCSPOPCX); }
static void pop_exception(u64 a) { __asm__ volatile(GCSPOPX); }
static void push_register(u64 a) { __asm__ volatile(GCSPUSHM("x0")); }
static void store_record(u64 a) { __asm__ volatile("mov x1, %0\n " GCSSTR_X0_X1 :: "r"(a) : "x1", "memory"); }
/* It does not return: the stack has nothing to return to. a: from below EL3. */
static void ask_features(u64 a)
{
    u64 got;
    __asm__ volatile("mov x16, #1\n " CHKFEAT_X16 "\n mov %0, x16" : "=r"(got) :: "x16");
    answer = got;
    if (a) {
        __asm__ volatile("smc #0xfff");
    }
    __asm__ volatile("hvc #0xfff");
}

static bool enabled_at_el1(void)
{
    PUT(GCSPR_EL1, (u64)&small_stack[60]);
    PUT(GCSCR_EL1, PCRSEL);
    answer = 2;
    run_at(1, DAIF, ask_features, current_el() == 3);
    PUT(GCSCR_EL1, 0);
    return answer == 0;
}

static void call_at_el2(void)
{
    volatile u64 *top = &small_stack[60];
    u64 link;
    PUT(S3_4_C2_C5_1, (u64)top);
    __asm__ volatile("msr S3_4_C2_C5_0, %1\n isb\n bl 1f\n 1: msr S3_4_C2_C5_0, xzr\n isb\n mov %0, x30" : "=&r"(link) : "r"((u64)ON) : "x30", "memory");
    check(GET(S3_4_C2_C5_1) == (u64)&top[-1] && top[-1] == link, "EL2 has a stack of its own");
}

static void aliases(void)
{
    WRITE(hcr_el2, RW | E2H);
    isb();
    PUT(S3_5_C2_C5_1, 0x1230);      /* GCSPR_EL12 */
    PUT(GCSPR_EL1, 0x4560);
    WRITE(hcr_el2, RW);
    isb();
    check(GET(GCSPR_EL1) == 0x1230 && GET(S3_4_C2_C5_1) == 0x4560, "with E2H, names of EL1 are EL2's, and those of EL12 EL1's");
}

static void second_stage(void)
{
    u64 *root = pages(8192);
    root[0] = S2_NORMAL | AF | VALID | 3 << 6;
    root[1] = 0x40000000 | S2_NORMAL | AF | VALID | 3 << 6;
    WRITE(vtcr_el2, 24 | 1 << 6 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | RW);
    WRITE(vttbr_el2, (u64)root | 1ull << 48);
    WRITE(hcr_el2, RW | VM);
    isb();
    __asm__ volatile("dsb ishst\n tlbi vmalls12e1is\n dsb ish\n isb" ::: "memory");
    PUT(GCSCR_EL1, STREN);
    check_is("a record that stage 2 does not map", run_at(1, DAIF, store_record, VA + 8), EC_ABORT_LOWER);
    check_is("is an abort of the stack", fault.esr & (ESR_GCS | 0x3f), ESR_GCS | LEVEL1_TRANSLATION);
    WRITE(hcr_el2, RW);
    isb();
}

static void hypervisor(void)
{
    if (current_el() != 2 || !there()) {
        return;
    }
    const u64 all = HFG_EL0 | HFG_EL1;
    WRITE(vbar_el1, READ(vbar_el2));
    WRITE(hcr_el2, RW);
    PUT(HFGRTR_EL2, 0);
    PUT(HFGWTR_EL2, all);
    PUT(HFGITR_EL2, 0);
    isb();
    check_is("GCSCR_EL1 is trapped without nGCS_EL1", run_at(1, DAIF, read_control, 0), EC_SYSREG);
    check_is("not when it is written", run_at(1, DAIF, write_control, 0), NONE);
    check_is("GCSPR_EL0 without nGCS_EL0", run_at(1, DAIF, read_pointer, 0), EC_SYSREG);
    check_is("GCSCRE0_EL1 as well", run_at(1, DAIF, read_control_e0, 0), EC_SYSREG);
    PUT(HFGRTR_EL2, all);
    PUT(HFGWTR_EL2, HFG_EL0);
    check(run_at(1, DAIF, read_control, 0) == NONE && run_at(1, DAIF, read_pointer, 0) == NONE && run_at(1, DAIF, read_control_e0, 0) == NONE, "with them they are EL1's");
    check_is("but to write", run_at(1, DAIF, write_control, 0), EC_SYSREG);
    PUT(GCSCR_EL1, PUSHMEN | STREN);
    check_is("GCSPUSHX is trapped without nGCSEPP", run_at(1, DAIF, push_exception, 0), EC_SYSREG);
    check_is("GCSPOPCX as well", run_at(1, DAIF, pop_compared, 0), EC_SYSREG);
    check_is("but not GCSPOPX", run_at(1, DAIF, pop_exception, 0), NONE);
    check_is("GCSPUSHM without nGCSPUSHM_EL1", run_at(1, DAIF, push_register, 0), EC_SYSREG);
    check_is("GCSSTR without nGCSSTR_EL1", run_at(1, DAIF, store_record, (u64)small_stack), EC_GCS);
    check(ISS(fault.esr) >> 20 == 2 && fault.level == 2, "as an exception of the stack");
    PUT(HFGITR_EL2, HFGI_PUSHM | HFGI_STR | HFGI_EPP);
    check(run_at(1, DAIF, push_exception, 0) == NONE && run_at(1, DAIF, pop_compared, 0) == NONE && run_at(1, DAIF, push_register, 0) == NONE
          && run_at(1, DAIF, store_record, (u64)small_stack) == NONE, "with them they are EL1's");
    PUT(HCRX_EL2, 0);
    check(!enabled_at_el1(), "HCRX_EL2.GCSEn turns EL1's stack off");
    PUT(HCRX_EL2, HCRX_GCSEN);
    check(enabled_at_el1(), "and on");
    call_at_el2();
    aliases();
    second_stage();
}

static void read_control_el2(u64 a) { answer = GET(S3_4_C2_C5_0); }

static void monitor(void)
{
    const u64 let = 1 << 10 | 1 << 8 | 1 | 1ull << 27 | 1ull << 38, gcsen = 1ull << 39;       /* RW, HCE, NS, FGTEn, HXEn */
    if (current_el() != 3 || !there()) {
        return;
    }
    WRITE(hcr_el2, RW);
    PUT(HFGRTR_EL2, HFG_EL0 | HFG_EL1);
    PUT(HCRX_EL2, HCRX_GCSEN);
    WRITE(scr_el3, let);
    isb();
    check_is("GCSCR_EL2 is EL3's without SCR_EL3.GCSEn", run_at(2, DAIF, read_control_el2, 0), EC_SYSREG);
    check_is("GCSCR_EL1 as well", run_at(1, DAIF, read_control, 0), EC_SYSREG);
    check(!enabled_at_el1(), "and no stack is on");
    WRITE(scr_el3, let | gcsen);
    isb();
    check_is("with it GCSCR_EL2 is EL2's", run_at(2, DAIF, read_control_el2, 0), NONE);
    check_is("GCSCR_EL1 EL1's", run_at(1, DAIF, read_control, 0), NONE);
    check(enabled_at_el1(), "and a stack is on");
}

const Subject subjects[] = {
    { "calls", calls }, { "pages", stack_pages }, { "records", records }, { "switches", switches }, { "exception records", exception_records }, { "lock", lock },
    { "EL0", unprivileged }, { "EL2", hypervisor }, { "EL3", monitor }, { NULL, NULL }
};
