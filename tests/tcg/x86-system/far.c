/*
 * Far jumps, calls, returns and IRET between rings and modes: straight, by call gates, with parameters, between 32-bit, 16-bit and 64-bit code.
 *
 * Intel SDM volume 3, 5.8; volume 2, JMP, CALL, RET, IRET.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

/* FREE: what a case describes. Code of each ring and kind beside it. */
enum { FREE = FREE_SELECTOR, CONFORMING = FREE + 0x10, CODE1 = FREE + 0x18, DATA1 = FREE + 0x20, GATE = FREE + 0x30, CODE16 = FREE + 0x40, DATA16 = FREE + 0x48 };
#define C (DESC_CODE | DESC_GRANULAR | (sizeof(Word) == 8 ? DESC_LONG : DESC_BIG))
#define DPL(n) ((n) << 13)

typedef struct __attribute__((packed)) { uint32_t offset; uint16_t selector; } FarPointer;
static FarPointer pointer;
extern uint8_t far_target[], far_return_target[];
/* Where far transfers arrive: back to the runtime. */
__asm__(".pushsection .text; far_target: int $0x80; hlt; .popsection");

static void set_call_gate(uint16_t selector, Word offset, uint16_t code, unsigned parameters, unsigned type, unsigned dpl, bool present)
{
    gdt[selector / 8] = (offset & 0xffff) | (uint64_t)code << 16 | (uint64_t)(parameters | type << 8 | dpl << 13 | (unsigned)present << 15) << 32
        | (uint64_t)(offset & 0xffff0000) << 32;
    if (sizeof(Word) == 8) {
        gdt[selector / 8 + 1] = (uint64_t)offset >> 32;
    }
}

#define LJMP "ljmpl"
#define LCALL "lcalll"

/* ---- straight ---- */

typedef struct Jump { const char *name; unsigned ring; uint16_t selector; uint32_t attributes; int vector; uint32_t error; } Jump;
static const Jump jumps[] = {
    { "code of the same ring", 0, FREE, C, USER_RETURN, 0 },
    { "code of ring 3 from ring 0", 0, FREE, C | DESC_DPL3, GP, FREE },
    { "code of ring 0 from ring 3", 3, FREE | 3, C, GP, FREE },
    { "code of ring 3 from ring 3", 3, FREE | 3, C | DESC_DPL3, NONE, 0 },
    { "code of ring 3 from ring 3 with RPL 0", 3, FREE, C | DESC_DPL3, NONE, 0 },
    { "code of ring 0 with RPL 3", 0, FREE | 3, C, GP, FREE },
    { "conforming code of ring 0 from ring 3", 3, FREE | 3, C | DESC_CONFORMING, NONE, 0 },
    { "conforming code of ring 3 from ring 0", 0, FREE, C | DESC_CONFORMING | DESC_DPL3, GP, FREE },
    { "absent code", 0, FREE, C & ~DESC_PRESENT, NP, FREE },
    { "data", 0, FREE, DESC_DATA | DESC_BIG | DESC_GRANULAR, GP, FREE },
    { "an LDT", 0, FREE, 0x8200, GP, FREE },
    { "an interrupt gate", 0, FREE, 0x8e00, GP, FREE },
    { "a busy task", 0, FREE, 0x8b00, GP, FREE },
    { "null", 0, 0, C, GP, 0 },
    { "null with RPL 3", 0, 3, C, GP, 0 },
    { "behind the table", 0, 0x408, C, GP, 0x408 },
#ifdef LONG
    { "code that is of 64 and of 32 bits", 0, FREE, C | DESC_BIG, GP, FREE },
    { "a task", 0, FREE, 0x8900, GP, FREE },
    { "a task gate", 0, FREE, 0x8500, GP, FREE },
    { "a 16-bit call gate", 0, FREE, 0x8400, GP, FREE },
#endif
};

static void straight(void)
{
    for (unsigned i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        const Jump *j = &jumps[i];
        for (unsigned call = 0; call < 2; call++) {
            set_selector(FREE, descriptor(0, 0xfffff, j->attributes));
            gdt[FREE / 8 + 1] = 0;
            pointer = (FarPointer){ (uint32_t)(Word)far_target, j->selector };
            int v;
            if (j->ring) {
                v = call ? USER(__asm__ volatile(LCALL " *%0" :: "m"(pointer) : "memory")) : USER(__asm__ volatile(LJMP " *%0" :: "m"(pointer)));
            } else {
                v = call ? CATCH(__asm__ volatile(LCALL " *%0" :: "m"(pointer) : "memory")) : CATCH(__asm__ volatile(LJMP " *%0" :: "m"(pointer)));
            }
            detail = call ? "CALL" : "JMP";
            check_fault(j->name, v, j->vector, j->error);
            if (v == USER_RETURN || v == NONE) {
                check_is("CS", fault.cs, (j->selector & ~3u) | j->ring);
            }
        }
    }
    detail = NULL;
    set_selector(FREE, descriptor(0, 0xff, (C & ~DESC_GRANULAR)));
    pointer = (FarPointer){ 0x100, FREE };
    if (sizeof(Word) == 4) {
        check_fault("a far jump behind the limit", CATCH(__asm__ volatile(LJMP " *%0" :: "m"(pointer))), GP, 0);
        check_fault("a far call behind the limit", CATCH(__asm__ volatile(LCALL " *%0" :: "m"(pointer) : "memory")), GP, 0);
    }
    set_selector(FREE, descriptor(0, 0xfffff, C));
    pointer = (FarPointer){ (uint32_t)(Word)far_target, FREE };
    CATCH(__asm__ volatile(LJMP " *%0" :: "m"(pointer)));
    check_is("a far jump sets the accessed bit", gdt[FREE / 8] >> 40 & 1, 1);
}

/* ---- call gates ---- */

typedef struct Gate { const char *name; unsigned ring, dpl; uint16_t selector, code; unsigned type; bool present; int jump, call; uint32_t error; } Gate;
static const Gate gates[] = {
    { "to the same ring", 0, 0, GATE, CODE, 12, true, USER_RETURN, USER_RETURN, 0 },
    { "to ring 0 from ring 3", 3, 3, GATE | 3, CODE, 12, true, GP, USER_RETURN, CODE },
    { "to conforming code", 3, 3, GATE | 3, CONFORMING, 12, true, NONE, NONE, 0 },
    { "of ring 0 from ring 3", 3, 0, GATE, CODE, 12, true, GP, GP, GATE },
    { "with RPL 3 and DPL 0", 0, 0, GATE | 3, CODE, 12, true, GP, GP, GATE },
    { "absent", 0, 0, GATE, CODE, 12, false, NP, NP, GATE },
    { "to null", 0, 0, GATE, 0, 12, true, GP, GP, 0 },
    { "to data", 0, 0, GATE, DATA, 12, true, GP, GP, DATA },
    { "to behind the table", 0, 0, GATE, 0x408, 12, true, GP, GP, 0x408 },
    { "to code of ring 3 from ring 0", 0, 0, GATE, USER_CODE, 12, true, GP, GP, USER_CODE & 0xfff8 },
    { "to absent code", 0, 0, GATE, FREE, 12, true, NP, NP, FREE },
#ifdef LONG
    { "to 32-bit code", 0, 0, GATE, CODE32, 12, true, GP, GP, CODE32 },
#else
    { "of 16 bits to the same ring", 0, 0, GATE, FREE + 8, 4, true, USER_RETURN, USER_RETURN, 0 },
#endif
};

static void call_gates(void)
{
    set_selector(FREE, descriptor(0, 0xfffff, C & ~DESC_PRESENT));
    set_selector(FREE + 8, descriptor((uint32_t)(Word)far_target & 0xffff0000, 0xfffff, C));
    set_selector(CONFORMING, descriptor(0, 0xfffff, C | DESC_CONFORMING));
    pointer = (FarPointer){ 0x12345678, 0 };
    for (unsigned i = 0; i < sizeof(gates) / sizeof(gates[0]); i++) {
        const Gate *g = &gates[i];
        set_call_gate(GATE, (Word)far_target, g->code, 0, g->type, g->dpl, g->present);
        pointer.selector = g->selector;
        for (unsigned call = 0; call < 2; call++) {
            int v;
            detail = call ? "CALL" : "JMP";
            if (g->ring) {
                v = call ? USER(__asm__ volatile(LCALL " *%0" :: "m"(pointer) : "memory")) : USER(__asm__ volatile(LJMP " *%0" :: "m"(pointer)));
            } else {
                v = call ? CATCH(__asm__ volatile(LCALL " *%0" :: "m"(pointer) : "memory")) : CATCH(__asm__ volatile(LJMP " *%0" :: "m"(pointer)));
            }
            /* At the gate's target in ring 0 the runtime's interrupt looks like the return from ring 3. */
            int want = call ? g->call : g->jump;
            check_fault(g->name, v == NONE && want == USER_RETURN ? USER_RETURN : v, want, g->error);
            if (want == USER_RETURN) {
                check_is("and CS is the gate's", fault.cs & 0xfffc, g->code & 0xfffc);
            }
        }
    }
}

/* ---- a call to ring 0 and back ---- */

volatile Word inner[8];
__asm__(".pushsection .text; .globl gate_entry; gate_entry:\n"
#ifdef LONG
        "mov %rsp, inner; mov (%rsp), %rax; mov %rax, inner + 8; mov 8(%rsp), %rax; mov %rax, inner + 16; mov 16(%rsp), %rax; mov %rax, inner + 24;"
        "mov 24(%rsp), %rax; mov %rax, inner + 32; mov %ss, %eax; mov %rax, inner + 40; lretq\n"
#else
        "mov %esp, inner; mov (%esp), %eax; mov %eax, inner + 4; mov 4(%esp), %eax; mov %eax, inner + 8; mov 8(%esp), %eax; mov %eax, inner + 12;"
        "mov 12(%esp), %eax; mov %eax, inner + 16; mov 16(%esp), %eax; mov %eax, inner + 20; mov 20(%esp), %eax; mov %eax, inner + 24; lretl $8\n"
#endif
        ".popsection");
extern uint8_t gate_entry[];

static void inner_call(void)
{
    unsigned parameters = sizeof(Word) == 4 ? 2 : 0;
    set_call_gate(GATE, (Word)gate_entry, CODE, parameters, 12, 3, true);
    pointer = (FarPointer){ 0, GATE | 3 };
    volatile Word before = 0, after = 0, selector = 0;
#ifdef LONG
    int v = USER(__asm__ volatile("mov %%rsp, %0; " LCALL " *%3; mov %%rsp, %1; mov %%cs, %2" : "=m"(before), "=m"(after), "=r"(selector) : "m"(pointer) : "rax", "memory"));
#else
    int v = USER(__asm__ volatile("pushl $0x1111; pushl $0x2222; mov %%esp, %0; " LCALL " *%3; mov %%esp, %1; mov %%cs, %2"
                                  : "=m"(before), "=m"(after), "=r"(selector) : "m"(pointer) : "eax", "memory"));
#endif
    check_fault("a call to ring 0 and a far return", v, NONE, 0);
    check_is("CS comes back", selector, USER_CODE);
    check_is("CS in the frame", inner[2], USER_CODE);
#ifdef LONG
    check_is("RSP comes back", after, before);
    check_is("RSP in the frame", inner[3], before);
    check_is("SS in the frame", inner[4], USER_DATA);
    check_is("the frame lies on the task's stack", inner[0], tss[1] - 32);
    check_is("SS is null in ring 0", inner[5], 0);
#else
    check_is("ESP comes back without the parameters", after, before + 8);
    check_is("the last parameter", inner[3], 0x2222);
    check_is("the first parameter", inner[4], 0x1111);
    check_is("ESP in the frame", inner[5], before);
    check_is("SS in the frame", inner[6], USER_DATA);
    check_is("the frame lies on the task's stack", inner[0], tss[1] - 24);
    /* Stacks of the inner ring that do not do. */
    uint32_t good = tss[2];
    static const struct { const char *name; uint16_t ss; uint32_t attributes; int vector; uint32_t error; } stacks[] = {
        { "no stack segment in the TSS", 0, 0, TS, 0 },
        { "a stack segment of another ring", FREE, DESC_DATA | DESC_DPL3, TS, FREE },
        { "a stack selector of another ring", FREE | 3, DESC_DATA, TS, FREE },
        { "a read-only stack segment", FREE, DESC_DATA & ~DESC_WRITABLE, TS, FREE },
        { "an absent stack segment", FREE, DESC_DATA & ~DESC_PRESENT, SS, FREE },
        { "a stack segment without room", FREE, DESC_DATA | DESC_BIG, SS, FREE },
    };
    for (unsigned i = 0; i < sizeof(stacks) / sizeof(stacks[0]); i++) {
        set_selector(FREE, descriptor(0, 0xff, stacks[i].attributes));
        /* The handler needs a stack: it has the task's for ring 1. */
        set_selector(CODE1, descriptor(0, 0xfffff, C | DPL(1)));
        set_selector(DATA1, descriptor(0, 0xfffff, DESC_DATA | DESC_BIG | DESC_GRANULAR | DPL(1)));
        set_call_gate(GATE, (Word)gate_entry, CODE1, 0, 12, 3, true);
        tss[3] = tss[1];
        tss[4] = stacks[i].ss ? stacks[i].ss | ((stacks[i].ss & 3) ? 3 : 1) : 0;
        if (!(stacks[i].attributes & DESC_DPL3)) {
            gdt[FREE / 8] |= (uint64_t)DPL(1) << 32;
        }
        v = USER(__asm__ volatile(LCALL " *%0" :: "m"(pointer) : "eax", "memory"));
        check_fault(stacks[i].name, v, stacks[i].vector, stacks[i].error);
    }
    tss[2] = good;
#endif
}

/* ---- returns ---- */

typedef struct Return { const char *name; unsigned ring; uint16_t cs; uint32_t attributes; uint16_t ss; uint32_t stack; int vector; uint32_t error; } Return;
#define S (DESC_DATA | DESC_BIG | DESC_GRANULAR)
static const Return returns[] = {
    { "to the same ring", 0, FREE, C, DATA, 0, USER_RETURN, 0 },
    { "to ring 3", 0, FREE | 3, C | DESC_DPL3, DATA1 | 3, S | DESC_DPL3, NONE, 0 },
    { "to code of ring 0 with RPL 3", 0, FREE | 3, C, DATA1 | 3, S | DESC_DPL3, GP, FREE },
    { "to code of ring 3 with RPL 0", 0, FREE, C | DESC_DPL3, DATA, 0, GP, FREE },
    { "to an inner ring", 3, FREE, C, DATA, 0, GP, FREE },
    { "to conforming code of ring 0 with RPL 3", 0, FREE | 3, C | DESC_CONFORMING, DATA1 | 3, S | DESC_DPL3, NONE, 0 },
    { "to conforming code of ring 3 with RPL 0", 0, FREE, C | DESC_CONFORMING | DESC_DPL3, DATA, 0, GP, FREE },
    { "to absent code", 0, FREE, C & ~DESC_PRESENT, DATA, 0, NP, FREE },
    { "to data", 0, FREE, S, DATA, 0, GP, FREE },
    { "to a gate", 0, FREE, 0x8c00, DATA, 0, GP, FREE },
    { "to null", 0, 0, C, DATA, 0, GP, 0 },
    { "to behind the table", 0, 0x408, C, DATA, 0, GP, 0x408 },
    { "with a stack of ring 0", 0, FREE | 3, C | DESC_DPL3, DATA1 | 3, S, GP, DATA1 },
    { "with a stack selector of ring 0", 0, FREE | 3, C | DESC_DPL3, DATA1, S | DESC_DPL3, GP, DATA1 },
    { "with a read-only stack", 0, FREE | 3, C | DESC_DPL3, DATA1 | 3, (S | DESC_DPL3) & ~DESC_WRITABLE, GP, DATA1 },
    { "with an absent stack", 0, FREE | 3, C | DESC_DPL3, DATA1 | 3, (S | DESC_DPL3) & ~DESC_PRESENT, SS, DATA1 },
    { "with a null stack", 0, FREE | 3, C | DESC_DPL3, 0, S, GP, 0 },
    { "with a null stack of RPL 3", 0, FREE | 3, C | DESC_DPL3, 3, S, GP, 0 },
};

#ifdef LONG
#define PUSH_FAR "push %q2; push %q1; push %q0; lretq"
#define PUSH_FAR_STACK "mov %%rsp, %%rdx; push %q2; push %%rdx; push %q1; push %q0; lretq"
#define PUSH_IRET "mov %%rsp, %%rdx; push %q2; push %%rdx; push %q3; push %q1; push %q0; iretq"
#else
#define PUSH_FAR "push %1; push %0; lret"
#define PUSH_FAR_STACK "mov %%esp, %%edx; push %2; push %%edx; push %1; push %0; lret"
#define PUSH_IRET "mov %%esp, %%edx; push %2; push %%edx; push %3; push %1; push %0; iret"
#endif

static void returns_to(bool iret)
{
    for (unsigned i = 0; i < sizeof(returns) / sizeof(returns[0]); i++) {
        const Return *r = &returns[i];
        set_selector(FREE, descriptor(0, 0xfffff, r->attributes));
        set_selector(DATA1, descriptor(0, 0xfffff, r->stack));
        Word ip = (Word)far_target, cs = r->cs, ss = r->ss, flags = 2;
        int v;
        if (iret) {
            v = r->ring ? USER(__asm__ volatile(PUSH_IRET :: "r"(ip), "r"(cs), "r"(ss), "r"(flags) : "edx", "memory"))
                : CATCH(__asm__ volatile(PUSH_IRET :: "r"(ip), "r"(cs), "r"(ss), "r"(flags) : "edx", "memory"));
        } else {
            v = r->ring ? USER(__asm__ volatile(PUSH_FAR_STACK :: "r"(ip), "r"(cs), "r"(ss) : "edx", "memory"))
                : CATCH(__asm__ volatile(PUSH_FAR_STACK :: "r"(ip), "r"(cs), "r"(ss) : "edx", "memory"));
        }
        bool arrives = v == NONE || v == USER_RETURN;
        check_fault(r->name, arrives && r->vector < 0 ? NONE : v, r->vector, r->error);
        if (arrives) {
            check_is("CS", fault.cs, r->cs);
        }
    }
}

static void far_returns(void)
{
    returns_to(false);
}

static void irets(void)
{
    returns_to(true);
    /* Which flags IRET changes, by ring and IOPL. NT would make it return to a task. */
    static const struct { const char *name; unsigned ring; Word now, popped, result; } list[] = {
        { "IRET in ring 0 sets all", 0, 0x2, 0x247ed7 & ~0x100, 0x247ed7 & ~0x100 },
        { "IRET in ring 3 leaves IOPL and IF", 3, 0x2, 0x3202, 0x2 },
        { "IRET in ring 3 with IOPL 3 sets IF", 3, 0x3002, 0x3202, 0x3202 },
        { "and leaves IOPL", 3, 0x3002, 0x0202, 0x3202 },
    };
    for (unsigned i = 0; i < 4; i++) {
        Word cs = list[i].ring ? USER_CODE : CODE, ss = list[i].ring ? USER_DATA : DATA;
        user_flags = list[i].now;
        int v = list[i].ring ? USER(__asm__ volatile(PUSH_IRET :: "r"((Word)far_target), "r"(cs), "r"(ss), "r"(list[i].popped) : "edx", "memory"))
            : CATCH(__asm__ volatile(PUSH_IRET :: "r"((Word)far_target), "r"(cs), "r"(ss), "r"(list[i].popped) : "edx", "memory"));
        (void)v;
        check_is(list[i].name, fault.flags & 0x247fd7, list[i].result);
    }
    user_flags = 2;
    /* What an outer ring may not see. */
    set_selector(FREE, descriptor(0, 0xfffff, C | DESC_DPL3));
    set_selector(CONFORMING, descriptor(0, 0xfffff, C | DESC_CONFORMING));
    int v = CATCH(__asm__ volatile("mov %w0, %%fs; mov %w1, %%gs" :: "r"(DATA), "r"(CONFORMING)); catching = true; user_enter();
              __asm__ volatile("mov %%fs, %%ecx; mov %%gs, %%eax; int $0x80" ::: "eax", "ecx"));
    check(v == USER_RETURN, "to ring 3 with segments of ring 0");
    check_is("FS has become null", fault.cx, 0);
    check_is("GS with conforming code has not", fault.ax, CONFORMING);
    __asm__ volatile("mov %w0, %%fs; mov %w0, %%gs" :: "r"(DATA));
}

#ifdef LONG
/* ---- between 64-bit and compatibility code ---- */

extern uint8_t compatible[];
__asm__(".pushsection .text; .code32\n"
        "compatible: mov %cs, %eax; mov %esp, %ebx; movl $-1, %ecx; .byte 0x40; xorl %edx, %edx; addl $-1, %edx; int $0x80\n"
        "hlt; .code64; .popsection");
static volatile uint64_t compat[4];

static bool note(Frame *f)
{
    if (f->vector == USER_RETURN) {
        compat[0] = f->ax;
        compat[1] = f->cx;
        compat[2] = f->dx;
        compat[3] = f->cs;
    }
    return false;
}

static void compatibility(void)
{
    hook = note;
    pointer = (FarPointer){ (uint32_t)(Word)compatible, CODE32 };
    int v = CATCH(__asm__ volatile("movq $-1, %%rax; ljmpl *%0" :: "m"(pointer) : "rax", "rbx", "rcx", "rdx", "memory"));
    check(v == USER_RETURN, "64-bit code jumps to 32-bit code");
    check_is("where 0x40 is INC EAX", compat[0], CODE32 + 1);
    check_is("registers have 32 bits", compat[1], 0xffffffff);
    check_is("CS", compat[3], CODE32);
    set_selector(FREE, descriptor(0, 0xfffff, DESC_CODE | DESC_BIG | DESC_GRANULAR | DESC_DPL3));
    v = USER(__asm__ volatile("push %0; push %1; lretq" :: "r"((Word)FREE | 3), "r"((Word)compatible) : "rax", "rbx", "rcx", "rdx", "memory"));
    check_fault("ring 3 returns to compatibility code", v, NONE, 0);
    check_is("CS", compat[3], FREE | 3);
    /* A base and a limit count there. */
    set_selector(FREE, descriptor((uint32_t)(Word)compatible, 0xff, DESC_CODE | DESC_BIG | DESC_DPL3));
    v = USER(__asm__ volatile("push %0; push %1; lretq" :: "r"((Word)FREE | 3), "r"(0ul) : "rax", "rbx", "rcx", "rdx", "memory"));
    check_fault("compatibility code has a base", v, NONE, 0);
    v = USER(__asm__ volatile("push %0; push %1; lretq" :: "r"((Word)FREE | 3), "r"(0x100ul) : "rax", "rbx", "rcx", "rdx", "memory"));
    check_fault("and a limit", v, GP, 0);
    Word high = 0x1234567800000000 | (Word)compatible;
    set_selector(FREE, descriptor(0, 0xfffff, DESC_CODE | DESC_BIG | DESC_GRANULAR));
    v = CATCH(__asm__ volatile("push %0; push %1; push %2; push %3; push %4; iretq" :: "r"((Word)DATA), "r"((Word)0x90000), "r"(2ul), "r"((Word)FREE), "r"(high) : "memory"));
    check(v == USER_RETURN || v == GP, "IRETQ to compatibility code with a long RIP");
    /* 16-bit code. */
    static uint8_t code16[] = { 0x8c, 0xc8, 0xb9, 0x34, 0x12, 0xcd, 0x80 };
    set_selector(CODE16, descriptor((uint32_t)(Word)code16, 0xffff, DESC_CODE));
    pointer = (FarPointer){ 0, CODE16 };
    v = CATCH(__asm__ volatile("movq $-1, %%rcx; ljmpl *%0" :: "m"(pointer) : "rax", "rcx", "memory"));
    check(v == USER_RETURN, "64-bit code jumps to 16-bit code");
    check_is("which writes CX alone", compat[1], 0xffffffffffff1234);
    hook = NULL;
}
#endif

const Subject subjects[] = {
    { "far jumps and calls", straight }, { "call gates", call_gates }, { "inner ring", inner_call }, { "far returns", far_returns }, { "IRET", irets },
#ifdef LONG
    { "compatibility mode", compatibility },
#endif
    { 0 },
};
