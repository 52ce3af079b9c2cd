/*
 * Single steps, breakpoints and watchpoints of the debug registers, the resume flag, the shadows of STI and MOV SS.
 *
 * Intel SDM volume 3, 17.2 (debug registers), 17.3 (debug exceptions), 6.8.3 (shadow of MOV SS); volume 2, STI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { TF = 0x100, IF = 0x200, RF = 0x10000 };
#define DR6_CLEAR 0xffff0ff0ul

/* ---- a log of #DB ---- */

typedef struct Trap { Word ip, dr6, flags; } Trap;
static volatile Trap traps[64];
static volatile unsigned nr_traps;
static volatile Word resume_at[2];      /* where instruction breakpoints lie: those are gone on from with RF set */

static bool log_trap(Frame *f)
{
    if (f->vector != DB) {
        return false;
    }
    if (nr_traps < 64) {
        traps[nr_traps].ip = f->ip;
        traps[nr_traps].dr6 = read_dr6();
        traps[nr_traps].flags = f->flags;
    }
    bool breakpoint = (f->ip == resume_at[0] || f->ip == resume_at[1]) && (read_dr6() & 15);
    nr_traps++;
    write_dr6(DR6_CLEAR);
    if (breakpoint) {
        f->flags |= RF;
    }
    if (nr_traps > 60) {
        f->flags &= ~(Word)TF;
        write_dr7(0x400);
    }
    return true;
}

static void start_log(void)
{
    nr_traps = 0;
    hook = log_trap;
    write_dr6(DR6_CLEAR);
}

/* Code with labels whose addresses the program compares. */
#define PLACE(name, text) extern uint8_t name[]; __asm__(".pushsection .text; " #name ": " text "; .popsection");
#ifdef LONG
#define PUSHF "pushfq"
#define POPF "popfq"
#define SP "%rsp"
#define PTR ".quad"
#else
#define PUSHF "pushfl"
#define POPF "popfl"
#define SP "%esp"
#define PTR ".long"
#endif
/* Sets TF; the instruction behind is the first that traps. */
__asm__(".macro step_on; " PUSHF "; orl $0x100, (" SP "); " POPF "; .endm\n"
        ".macro step_off; " PUSHF "; andl $~0x100, (" SP "); " POPF "; .endm");
#define STEP_ON "step_on; "
#define STEP_OFF "step_off; "

extern Word step_expected[];
PLACE(step_code, STEP_ON "s1: nop; s2: nop; s3: jmp s5; nop; s5: movl $3, %ecx; s6: loop s6; s7: rep; nop; s8: " PUSHF "; s9: andl $~0x100, (" SP "); s10: " POPF "; s11: ret;"
     " .balign 8; step_expected: " PTR " s2, s3, s5, s6, s6, s6, s7, s8, s9, s10, s11, 0")

static void compare(const char *name, const Word *expected)
{
    unsigned n = 0;
    while (expected[n]) {
        n++;
    }
    bool same = n == nr_traps;
    for (unsigned i = 0; same && i < n; i++) {
        same = traps[i].ip == expected[i];
    }
    check(same, "%s", name);
    if (!same) {
        for (unsigned i = 0; i < nr_traps || i < n; i++) {
            print("# %u: got 0x%lx, wanted 0x%lx\n", i, i < nr_traps && i < 64 ? traps[i].ip : 0, i < n ? expected[i] : 0);
        }
    }
}

static void call(uint8_t *code)
{
    __asm__ volatile("call *%0" :: "r"(code) : "eax", "ecx", "edx", "esi", "edi", "memory", "cc");
}

static Word buffer[8];
static void single_step(void)
{
    start_log();
    call(step_code);
    compare("a trap behind each instruction, the one that clears TF among them", step_expected);
    check_is("DR6.BS", traps[0].dr6, DR6_CLEAR | 0x4000);
    check_is("the frame has TF", traps[0].flags & TF, TF);
    check_is("and not RF", traps[0].flags & RF, 0);

    /* Each iteration of a string instruction traps. */
    start_log();
    Word count = 3, to = (Word)buffer;
    __asm__ volatile("cld; " STEP_ON "rep stosb; " STEP_OFF : "+c"(count), "+D"(to) : "a"(0) : "memory", "cc");
    check_is("REP STOSB of three traps three times, and PUSHF, AND, POPF", nr_traps, 6);
    check(traps[0].ip == traps[1].ip && traps[2].ip != traps[1].ip, "at itself until it is done");

    /* MOV SS and POP SS hold off the trap. */
    start_log();
    __asm__ volatile("mov %%ss, %%eax; " STEP_ON "mov %%eax, %%ss; nop; nop; " STEP_OFF ::: "eax", "memory", "cc");
    check_is("no trap behind MOV SS", nr_traps, 5);

    /* A fault is not followed by a step; the frame of the fault has TF. */
    start_log();
    int v = CATCH(__asm__ volatile(STEP_ON "nop; ud2" ::: "memory", "cc"));
    check_fault("an instruction that faults", v, UD, 0);
    check_is("traps before it", nr_traps, 1);
    check_is("its frame has TF", fault.flags & TF, TF);

    /* INT n clears TF for the handler and traps nowhere in it. */
    start_log();
    v = CATCH(__asm__ volatile(STEP_ON "nop; int $0x80" ::: "memory", "cc"));
    check_is("INT under TF", v, USER_RETURN);
    check_is("traps before it", nr_traps, 1);

    /* In ring 3, over a system call's way. */
    start_log();
    user_flags = 2 | TF;
    v = USER(__asm__ volatile("nop; nop"));
    check_fault("ring 3 with TF", v, NONE, 0);
    check(nr_traps >= 2, "traps (%u)", nr_traps);
    user_flags = 2;

    /* IRET to code with TF: the first instruction runs. POPF's own trap is not. */
    start_log();
#ifdef LONG
    __asm__ volatile("mov %%rsp, %%rdx; push %1; push %%rdx; pushfq; orl $0x100, (%%rsp); push %0; push $1f; iretq; 1: nop; nop; " STEP_OFF
                     :: "r"((Word)0x18), "r"((Word)DATA) : "rdx", "memory", "cc");
#else
    __asm__ volatile("pushfl; orl $0x100, (%%esp); push %0; push $1f; iret; 1: nop; nop; " STEP_OFF :: "r"(CODE32) : "memory", "cc");
#endif
    check_is("IRET that sets TF: traps of NOP, NOP, PUSHF, AND, POPF", nr_traps, 5);
    hook = NULL;
}

/* ---- breakpoints ---- */

extern uint8_t b1[], b2[], b3[];
PLACE(break_code, "nop; b1: nop; b2: movl $5, %eax; b3: nop; ret")

static void breakpoints(void)
{
    start_log();
    hook = NULL;
    write_dr0((Word)b2);
    write_dr7(0x402);
    int v = CATCH(call(break_code));
    check_fault("an instruction breakpoint is #DB", v, DB, 0);
    check_is("a fault: before the instruction", fault.ip, (Word)b2);
    check_is("DR6 has its number", fault.dr6, DR6_CLEAR | 1);
    check_is("the frame does not have RF: that is the handler's to set", fault.flags & RF, 0);
    write_dr6(DR6_CLEAR);
    resume_at[0] = (Word)b2;
    resume_at[1] = (Word)b3;
    start_log();
    call(break_code);
    check_is("going on with RF runs it", nr_traps, 1);
    start_log();
    call(break_code);
    call(break_code);
    check_is("and breaks the next time", nr_traps, 2);
    /* Two on one, and one that is not enabled shows in DR6 too or not. */
    write_dr1((Word)b2);
    write_dr7(0x40a);
    start_log();
    call(break_code);
    check_is("two at one place: one trap", nr_traps, 1);
    check_is("with both numbers", traps[0].dr6 & 0xf, 3);
    write_dr1((Word)b3);
    start_log();
    call(break_code);
    check_is("two places", nr_traps, 2);
    check_is("the second's number", traps[1].dr6 & 0xf, 2);
    write_dr7(0x400);
    start_log();
    call(break_code);
    check_is("none enabled", nr_traps, 0);
    write_dr7(0x401);
    start_log();
    call(break_code);
    check_is("local enable counts too", nr_traps, 1);
    /* Together with a single step: the breakpoint comes first. */
    hook = NULL;
    write_dr7(0x402);
    write_dr0((Word)b3);
    start_log();
    __asm__ volatile(STEP_ON "call *%0; " STEP_OFF :: "r"(break_code) : "eax", "memory", "cc");
    bool seen = false;
    for (unsigned i = 0; i < nr_traps && i < 64; i++) {
        seen |= traps[i].ip == (Word)b3 && (traps[i].dr6 & 1);
    }
    check(seen, "a breakpoint under TF shows itself");
    write_dr7(0x400);
    hook = NULL;
}

/* ---- watchpoints ---- */

static volatile uint8_t watched[32] __attribute__((aligned(32)));

typedef struct Watch { const char *name; unsigned kind, length, at; char access; unsigned offset, size; bool hits; } Watch;
/* kind: 1 write, 3 access. length: as in DR7. */
static const Watch watches[] = {
    { "a write of the byte", 1, 0, 4, 'w', 4, 1, true }, { "a write beside it", 1, 0, 4, 'w', 5, 1, false }, { "a dword over it", 1, 0, 4, 'w', 2, 4, true },
    { "a read of it", 1, 0, 4, 'r', 4, 1, false }, { "a read under access", 3, 0, 4, 'r', 4, 1, true }, { "a write under access", 3, 0, 4, 'w', 4, 1, true },
    { "a word's second byte", 1, 1, 4, 'w', 5, 1, true }, { "behind a word", 1, 1, 4, 'w', 6, 1, false }, { "a dword's last byte", 1, 3, 8, 'w', 11, 1, true },
    { "before a dword", 1, 3, 8, 'w', 7, 1, false }, { "into a dword from before", 1, 3, 8, 'w', 5, 4, true },
    { "an address that is not aligned is", 1, 3, 10, 'w', 8, 1, true },
#ifdef LONG
    { "a quadword's last byte", 1, 2, 8, 'w', 15, 1, true }, { "behind a quadword", 1, 2, 8, 'w', 16, 1, false },
#endif
};

static void access_watched(const Watch *w)
{
    volatile uint8_t *p = watched + w->offset;
    if (w->access == 'w') {
        w->size == 4 ? ({ *(volatile uint32_t *)p = 0x5a5a5a5a; }) : ({ *p = 0x5a; });
    } else {
        w->size == 4 ? ({ (void)*(volatile uint32_t *)p; }) : ({ (void)*p; });
    }
}

static void watchpoints(void)
{
    for (unsigned i = 0; i < sizeof(watches) / sizeof(watches[0]); i++) {
        const Watch *w = &watches[i];
        start_log();
        write_dr2((Word)watched + w->at);
        write_dr7(0x400 | 0x20 | (w->kind | w->length << 2) << 24);
        access_watched(w);
        unsigned n = nr_traps;
        write_dr7(0x400);
        check_is(w->name, n, w->hits);
        if (w->hits && n) {
            check_is("DR6", traps[0].dr6, DR6_CLEAR | 4);
        }
    }
    hook = NULL;
}

static void watch_traps(void)
{
    static Word behind;
    write_dr6(DR6_CLEAR);
    write_dr2((Word)watched);
    write_dr7(0x400);
    watched[0] = 0;
    int v = CATCH(write_dr7(0x400 | 0x20 | (1 | 3 << 2) << 24); __asm__ volatile("movl $1f, %0; movl $0x1234, %1; 1: nop" : "=m"(behind), "=m"(watched)));
    write_dr7(0x400);
    check_fault("a write of it is #DB", v, DB, 0);
    check_is("behind the instruction", fault.ip, behind);
    check_is("which is done", *(volatile uint32_t *)watched, 0x1234);
    check_is("without RF", fault.flags & RF, 0);
    start_log();
    write_dr7(0x400 | 0x20 | (1 | 3 << 2) << 24);
    Word count = 8, to;
    static volatile uint8_t room[64] __attribute__((aligned(64)));
    write_dr2((Word)room + 8);
    to = (Word)room;
    __asm__ volatile("cld; rep stosb" : "+c"(count), "+D"(to) : "a"(1) : "memory");
    write_dr7(0x400);
    check_is("REP STOSB that stops before", nr_traps, 0);
    start_log();
    write_dr7(0x400 | 0x20 | (1 | 3 << 2) << 24);
    count = 32;
    to = (Word)room;
    __asm__ volatile("cld; rep stosb" : "+c"(count), "+D"(to) : "a"(2) : "memory");
    write_dr7(0x400);
    check(nr_traps >= 1, "REP STOSB over it (%u)", nr_traps);
    check(room[31] == 2 && count == 0, "is carried through");
    start_log();
    write_dr7(0x400 | 0x20 | (3 | 3 << 2) << 24);
    __asm__ volatile("lock addl $1, %0" : "+m"(*(volatile uint32_t *)(room + 8)));
    write_dr7(0x400);
    check_is("a locked access is seen once", nr_traps, 1);
    start_log();
    write_dr2((Word)room + 8);
    write_dr7(0x400 | 0x20 | (1 | 3 << 2) << 24);
    Word sp;
    __asm__ volatile("mov %" SP ", %0; lea %1, %" SP "; push $5; mov %0, %" SP : "=&r"(sp) : "m"(room[8 + sizeof(Word)]) : "memory");
    write_dr7(0x400);
    check_is("a push is seen", nr_traps, 1);
    hook = NULL;
}

/* ---- the registers ---- */

static void registers(void)
{
    write_dr6(0);
    check_is("DR6 has bits that are 1", read_dr6(), 0xffff0ff0);
    write_dr7(0);
    check_is("DR7 has one", read_dr7(), 0x400);
    write_dr0(0x12345678);
    check_is("DR0", read_dr0(), 0x12345678);
    Word value;
    __asm__ volatile("mov %%db4, %0" : "=r"(value));
    check_is("DR4 is DR6", value, 0xffff0ff0);
    __asm__ volatile("mov %%db5, %0" : "=r"(value));
    check_is("DR5 is DR7", value, 0x400);
    write_cr4(read_cr4() | 8);
    check_fault("but not with CR4.DE", CATCH(__asm__ volatile("mov %%db4, %0" : "=r"(value))), UD, 0);
    check_fault("to write neither", CATCH(__asm__ volatile("mov %0, %%db5" :: "r"((Word)0x400))), UD, 0);
    write_cr4(read_cr4() & ~8ul);
    write_dr6(DR6_CLEAR);
    int v = CATCH(write_dr7(0x2400); read_dr0());
    check_fault("DR7.GD makes MOV from DR #DB", v, DB, 0);
    check_is("DR6.BD", fault.dr6 & 0x2000, 0x2000);
    check_is("and GD is gone", read_dr7(), 0x400);
    write_dr6(DR6_CLEAR);
#ifdef LONG
    check_fault("DR6 with a high bit", CATCH(write_dr6(0x100000000)), GP, 0);
    check_fault("DR7 with a high bit", CATCH(write_dr7(0x100000400)), GP, 0);
    write_dr1(0x123456789abc);
    check_is("DR1 has 64 bits", read_dr1(), 0x123456789abc);
#endif
    check_fault("INT1 sets nothing in DR6", CATCH(__asm__ volatile(".byte 0xf1")), DB, 0);
    check_is("(DR6)", fault.dr6, DR6_CLEAR);
}

/* ---- I/O breakpoints ---- */

static void io_breakpoints(void)
{
    write_cr4(read_cr4() | 8);
    start_log();
    write_dr3(0x80);
    write_dr7(0x400 | 0x80 | (2u << 28));
    out8(0x80, 1);
    unsigned n = nr_traps;
    out8(0x81, 1);
    unsigned beside = nr_traps - n;
    write_dr7(0x400);
    check_is("OUT to a watched port", n, 1);
    check_is("DR6", traps[0].dr6, DR6_CLEAR | 8);
    check_is("OUT beside it", beside, 0);
    start_log();
    write_dr7(0x400 | 0x80 | (2u << 28));
    in8(0x80);
    write_dr7(0x400);
    check_is("IN", nr_traps, 1);
    write_cr4(read_cr4() & ~8ul);
    hook = NULL;
}

const Subject subjects[] = {
    { "single step", single_step }, { "breakpoints", breakpoints }, { "watchpoints", watchpoints }, { "behind watchpoints", watch_traps },
    { "registers", registers }, { "ports", io_breakpoints }, { 0 },
};
