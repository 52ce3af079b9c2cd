/*
 * Loading segment registers and looking at descriptors: who may, which exception names which selector, what the accessed bit and the null selectors do.
 *
 * Intel SDM volume 3, 5.5 to 5.7, 5.10; volume 2, MOV, POP, LDS, LAR, LSL, VERR, VERW, ARPL.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { SEGMENT = FREE_SELECTOR, LDT = FREE_SELECTOR + 16 };
#define D (DESC_DATA | DESC_BIG | DESC_GRANULAR)

/* ---- loads ---- */

typedef struct Load { const char *name; char reg; unsigned ring; uint16_t selector; uint32_t attributes; int vector; uint32_t error; } Load;
static const Load loads[] = {
    { "data in ring 0", 'd', 0, SEGMENT, D, NONE, 0 },
    { "data of ring 3 in ring 0", 'd', 0, SEGMENT, D | DESC_DPL3, NONE, 0 },
    { "RPL 3 on data of ring 0", 'd', 0, SEGMENT | 3, D, GP, SEGMENT },
    { "data of ring 0 in ring 3", 'd', 3, SEGMENT, D, GP, SEGMENT },
    { "data of ring 0 in ring 3 with RPL 3", 'd', 3, SEGMENT | 3, D, GP, SEGMENT },
    { "data of ring 3 in ring 3", 'd', 3, SEGMENT | 3, D | DESC_DPL3, NONE, 0 },
    { "data of ring 3 in ring 3 with RPL 0", 'd', 3, SEGMENT, D | DESC_DPL3, NONE, 0 },
    { "absent data", 'd', 0, SEGMENT, D & ~DESC_PRESENT, NP, SEGMENT },
    { "rights come before presence", 'd', 3, SEGMENT | 3, D & ~DESC_PRESENT, GP, SEGMENT },
    { "readable code", 'd', 0, SEGMENT, DESC_CODE, NONE, 0 },
    { "execute-only code", 'd', 0, SEGMENT, DESC_CODE & ~DESC_READABLE, GP, SEGMENT },
    { "conforming code of ring 0 in ring 3", 'd', 3, SEGMENT | 3, DESC_CODE | DESC_CONFORMING, NONE, 0 },
    { "a task segment", 'd', 0, SEGMENT, 0x8900, GP, SEGMENT },
    { "a descriptor of zeroes", 'd', 0, SEGMENT, 0, GP, SEGMENT },
    { "behind the table", 'd', 0, 0x408, D, GP, 0x408 },
    { "null", 'd', 0, 0, D, NONE, 0 },
    { "null with RPL 3", 'd', 3, 3, D, NONE, 0 },
    { "of an LDT that is not there", 'd', 0, SEGMENT | 4, D, GP, SEGMENT | 4 },
    { "stack in ring 0", 's', 0, SEGMENT, D, NONE, 0 },
    { "stack of ring 3 in ring 0", 's', 0, SEGMENT, D | DESC_DPL3, GP, SEGMENT },
    { "stack with RPL 3 in ring 0", 's', 0, SEGMENT | 3, D, GP, SEGMENT },
    { "stack of ring 3", 's', 3, SEGMENT | 3, D | DESC_DPL3, NONE, 0 },
    { "stack of ring 3 with RPL 0", 's', 3, SEGMENT, D | DESC_DPL3, GP, SEGMENT },
    { "read-only stack", 's', 0, SEGMENT, D & ~DESC_WRITABLE, GP, SEGMENT },
    { "code as stack", 's', 0, SEGMENT, DESC_CODE, GP, SEGMENT },
    { "absent stack", 's', 0, SEGMENT, D & ~DESC_PRESENT, SS, SEGMENT },
    { "stack behind the table", 's', 0, 0x408, D, GP, 0x408 },
#ifdef LONG
    { "null stack in ring 0 of long mode", 's', 0, 0, D, NONE, 0 },
    { "null stack with RPL 3 in ring 0", 's', 0, 3, D, GP, 0 },
    { "null stack in ring 3", 's', 3, 3, D, GP, 0 },
#else
    { "null stack", 's', 0, 0, D, GP, 0 },
    { "null stack in ring 3", 's', 3, 3, D, GP, 0 },
#endif
};

static int load(const Load *l)
{
    Word selector = l->selector;
    if (l->ring) {
        return l->reg == 's' ? USER(__asm__ volatile("mov %w0, %%ss; mov %w1, %%ss" :: "r"(selector), "r"(USER_DATA)))
            : USER(__asm__ volatile("mov %w0, %%fs" :: "r"(selector)));
    }
    return l->reg == 's' ? CATCH(__asm__ volatile("mov %w0, %%ss; mov %w1, %%ss" :: "r"(selector), "r"(DATA)))
        : CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(selector)));
}

static void register_loads(void)
{
    for (unsigned i = 0; i < sizeof(loads) / sizeof(loads[0]); i++) {
        set_selector(SEGMENT, descriptor(0, 0xfffff, loads[i].attributes));
        check_fault(loads[i].name, load(&loads[i]), loads[i].vector, loads[i].error);
    }
    int v = CATCH(__asm__ volatile(".byte 0x8e, 0xc8" :: "a"(CODE)));
    check_fault("MOV to CS is #UD", v, UD, 0);
    v = CATCH(__asm__ volatile(".byte 0x8e, 0xf0" :: "a"(DATA)));
    check_fault("MOV to segment register 6 is #UD", v, UD, 0);
    set_selector(SEGMENT, descriptor(0, 0xfffff, D));
    CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(SEGMENT)));
    check_is("a load sets the accessed bit", gdt[SEGMENT / 8] >> 40 & 1, 1);
    set_selector(SEGMENT, descriptor(0, 0xfffff, D & ~DESC_PRESENT));
    CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(SEGMENT)));
    check_is("one that fails does not", gdt[SEGMENT / 8] >> 40 & 1, 0);
    volatile Word selector = 0;
    __asm__ volatile("mov %w1, %%fs" :: "r"(0), "r"(DATA));
    CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(SEGMENT)));
    __asm__ volatile("mov %%fs, %0" : "=r"(selector));
    check_is("nor changes it the register", selector, DATA);
    __asm__ volatile("mov %w1, %%fs; mov %%fs, %0" : "=r"(selector) : "r"(3));
    check_is("a null selector keeps its RPL", selector, 3);
    __asm__ volatile("mov %w0, %%fs" :: "r"(DATA));
}

/* ---- tables of their own ---- */

static void ldt(void)
{
    uint64_t *table = page_alloc(1);
    table[1] = descriptor(0, 0xfffff, D);
    gdt[LDT / 8 + 1] = 0;
    set_selector(LDT, descriptor((uint32_t)(Word)table, 15, 0x8200));
    int v = CATCH(__asm__ volatile("lldt %w0" :: "r"(LDT)));
    check_fault("LLDT", v, NONE, 0);
    v = CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(8 | 4)));
    check_fault("a segment of the LDT", v, NONE, 0);
    check_is("gets its accessed bit there", table[1] >> 40 & 1, 1);
    v = CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(16 | 4)));
    check_fault("one behind the LDT", v, GP, 16 | 4);
    v = CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(4)));
    check_fault("the LDT's first is not null", v, GP, 4);
    v = CATCH(__asm__ volatile("lldt %w0" :: "r"(LDT | 4)));
    check_fault("LLDT of the LDT itself", v, GP, LDT | 4);
    v = CATCH(__asm__ volatile("lldt %w0" :: "r"(DATA)));
    check_fault("LLDT of a data segment", v, GP, DATA);
    set_selector(LDT, descriptor((uint32_t)(Word)table, 15, 0x0200));
    v = CATCH(__asm__ volatile("lldt %w0" :: "r"(LDT)));
    check_fault("LLDT of an absent one", v, NP, LDT);
    v = CATCH(__asm__ volatile("lldt %w0" :: "r"(0)));
    check_fault("LLDT of null", v, NONE, 0);
    v = CATCH(__asm__ volatile("mov %w0, %%fs" :: "r"(8 | 4)));
    check_fault("leaves no LDT", v, GP, 8 | 4);
    v = CATCH(__asm__ volatile("ltr %w0" :: "r"(TSS)));
    check_fault("LTR of a busy task", v, GP, TSS);
    v = CATCH(__asm__ volatile("ltr %w0" :: "r"(0)));
    check_fault("LTR of null", v, GP, 0);
    v = CATCH(__asm__ volatile("ltr %w0" :: "r"(LDT)));
    check_fault("LTR of an LDT", v, GP, LDT);
    set_selector(SEGMENT, descriptor(0x1000, 103, 0x0900));
    gdt[SEGMENT / 8 + 1] = 0;
    v = CATCH(__asm__ volatile("ltr %w0" :: "r"(SEGMENT)));
    check_fault("LTR of an absent task", v, NP, SEGMENT);
#ifdef LONG
    gdt[SEGMENT / 8 + 1] = 0x100000000;
    set_selector(SEGMENT, descriptor(0x1000, 103, 0x8900));
    gdt[SEGMENT / 8 + 1] = 0x8000;
    v = CATCH(__asm__ volatile("ltr %w0" :: "r"(SEGMENT)));
    check_fault("LTR of a base that is not canonical", v, GP, SEGMENT);
    gdt[SEGMENT / 8 + 1] = 0;
    set_selector(SEGMENT, descriptor(0x1000, 103, 0x8100));
    v = CATCH(__asm__ volatile("ltr %w0" :: "r"(SEGMENT)));
    check_fault("LTR of a 16-bit task in long mode", v, GP, SEGMENT);
#endif
    volatile Word tr = 0;
    __asm__ volatile("str %0" : "=r"(tr));
    check_is("STR", tr, TSS);
}

/* ---- looking ---- */

typedef struct Look { const char *name; unsigned ring; uint16_t selector; uint32_t attributes; bool lar, lsl, verr, verw; } Look;
#ifdef LONG
#define IF32 false
#else
#define IF32 true
#endif
static const Look looks[] = {
    { "data", 0, SEGMENT, D, true, true, true, true },
    { "read-only data", 0, SEGMENT, D & ~DESC_WRITABLE, true, true, true, false },
    { "absent data", 0, SEGMENT, D & ~DESC_PRESENT, true, true, true, true },
    { "code", 0, SEGMENT, DESC_CODE, true, true, true, false },
    { "execute-only code", 0, SEGMENT, DESC_CODE & ~DESC_READABLE, true, true, false, false },
    { "data of ring 0 in ring 3", 3, SEGMENT, D, false, false, false, false },
    { "data of ring 3 in ring 3", 3, SEGMENT | 3, D | DESC_DPL3, true, true, true, true },
    { "RPL 3 on data of ring 0", 0, SEGMENT | 3, D, false, false, false, false },
    { "conforming code of ring 0 in ring 3", 3, SEGMENT | 3, DESC_CODE | DESC_CONFORMING, true, true, true, false },
    { "a task", 0, SEGMENT, 0x8900, true, true, false, false },
    { "a busy task", 0, SEGMENT, 0x8b00, true, true, false, false },
    { "a 16-bit task", 0, SEGMENT, 0x8100, IF32, IF32, false, false },
    { "an LDT", 0, SEGMENT, 0x8200, true, true, false, false },
    { "a call gate", 0, SEGMENT, 0x8c00, true, false, false, false },
    { "a 16-bit call gate", 0, SEGMENT, 0x8400, IF32, false, false, false },
    { "a task gate", 0, SEGMENT, 0x8500, IF32, false, false, false },
    { "an interrupt gate", 0, SEGMENT, 0x8e00, false, false, false, false },
    { "zeroes", 0, SEGMENT, 0, false, false, false, false },
    { "null", 0, 0, D, false, false, false, false },
    { "behind the table", 0, 0x408, D, false, false, false, false },
};

#define ZF_OF(code) ({ volatile uint8_t zf_ = 9; USER_OR_NOT(l->ring, __asm__ volatile(code "; setz %0" : "=m"(zf_) : "r"((Word)l->selector) : "ecx", "cc")); zf_; })
#define USER_OR_NOT(ring, ...) ((ring) ? USER(__VA_ARGS__) : CATCH(__VA_ARGS__))

static void looking(void)
{
    for (unsigned i = 0; i < sizeof(looks) / sizeof(looks[0]); i++) {
        const Look *l = &looks[i];
        set_selector(SEGMENT, descriptor(0, 0x12345, l->attributes));
        gdt[SEGMENT / 8 + 1] = 0;
        unsigned got = ZF_OF("larl %k1, %%ecx") << 12 | ZF_OF("lsll %k1, %%ecx") << 8 | ZF_OF("verr %w1") << 4 | ZF_OF("verw %w1");
        check_is(l->name, got, (unsigned)l->lar << 12 | l->lsl << 8 | l->verr << 4 | l->verw);
    }
    set_selector(SEGMENT, descriptor(0x12345678, 0xabcde, D | 0x100000));
    volatile uint32_t value = 0x55555555;
    uint32_t rights = 0x55555555, limit = 0x55555555;
    __asm__ volatile("larl %1, %0" : "+r"(rights) : "r"(SEGMENT));
    check_is("LAR gives the rights", rights, 0x00d09200 | (0x00000000));
    __asm__ volatile("lsll %1, %0" : "+r"(limit) : "r"(SEGMENT));
    check_is("LSL the limit in bytes", limit, 0xabcdefff);
    limit = 0x55555555;
    __asm__ volatile("larw %w1, %w0" : "+r"(limit) : "r"(SEGMENT));
    check_is("LAR of 16 bits leaves the rest", limit, 0x55559200);
    limit = 0x55555555;
    __asm__ volatile("lsll %1, %0" : "+r"(limit) : "r"(0x408));
    check_is("LSL that fails leaves the register", limit, 0x55555555);
    (void)value;
}

#ifndef LONG
static void arpl(void)
{
    static const struct { uint16_t destination, source, result; bool zf; } list[] = {
        { 0x10, 0x23, 0x13, true }, { 0x13, 0x20, 0x13, false }, { 0x12, 0x22, 0x12, false }, { 0xfff8, 0x1, 0xfff9, true },
    };
    for (unsigned i = 0; i < 4; i++) {
        uint16_t value = list[i].destination;
        uint8_t zf;
        __asm__("arpl %2, %0; setz %1" : "+m"(value), "=q"(zf) : "r"(list[i].source) : "cc");
        check(value == list[i].result && zf == list[i].zf, "ARPL 0x%x, 0x%x", list[i].destination, list[i].source);
    }
    set_selector(SEGMENT, descriptor(0x400000, 0xfff, D));
    static struct { uint32_t offset; uint16_t selector; } pointer = { 0x1234, SEGMENT };
    volatile uint32_t offset = 0;
    int v = CATCH(__asm__ volatile("lfs %1, %0" : "=r"(offset) : "m"(pointer)));
    check_fault("LFS", v, NONE, 0);
    check_is("gives the offset", offset, 0x1234);
    pointer.selector = 0x408;
    offset = 7;
    v = CATCH(__asm__ volatile("lfs %1, %0" : "=r"(offset) : "m"(pointer)));
    check_fault("LFS behind the table", v, GP, 0x408);
    check_is("leaves the register", offset, 7);
    v = CATCH(__asm__ volatile(".byte 0x0f, 0xb4, 0xc0"));
    check_fault("LFS of a register is #UD", v, UD, 0);
    volatile uint32_t sp = 0, after = 0;
    v = CATCH(__asm__ volatile("movl %%esp, %0; pushl %1; popl %%fs" : "=m"(sp) : "r"(0x408)));
    check_fault("POP FS behind the table", v, GP, 0x408);
    check_is("leaves ESP", (uint32_t)fault.sp, sp - 4);
    (void)after;
}
#else
/* FS and GS keep 64-bit bases; the others have none. */
static void bases(void)
{
    write_msr(0xc0000100, 0x123456789abc);
    check_is("the FS base MSR", read_msr(0xc0000100), 0x123456789abc);
    __asm__ volatile("mov %w0, %%fs" :: "r"(DATA));
    check_is("loading FS loads its base", read_msr(0xc0000100), 0);
    int v = CATCH(write_msr(0xc0000100, 0x800000000000));
    check_fault("a base that is not canonical", v, GP, 0);
    v = CATCH(write_msr(0xc0000102, 0x800000000000));
    check_fault("the kernel's GS base too", v, GP, 0);
    write_msr(0xc0000101, 0x1111);
    write_msr(0xc0000102, 0xffff800000000000);
    __asm__ volatile("swapgs");
    check_is("SWAPGS exchanges the bases", read_msr(0xc0000101), 0xffff800000000000);
    check_is("both ways", read_msr(0xc0000102), 0x1111);
    v = USER(__asm__ volatile("swapgs"));
    check_fault("SWAPGS in ring 3", v, GP, 0);
    uint64_t *cell = page_alloc(1);
    *cell = 0xfeed;
    write_msr(0xc0000101, (uint64_t)cell - 0x1000);
    uint64_t value = 0;
    __asm__ volatile("movq %%gs:0x1000, %0" : "=r"(value));
    check_is("an access by GS", value, 0xfeed);
    set_selector(SEGMENT, descriptor(0x400000, 0xfff, D));
    __asm__ volatile("mov %w1, %%es; movq %%es:(%2), %0; mov %w3, %%es" : "=r"(value) : "r"(SEGMENT), "r"(cell), "r"(DATA));
    check_is("ES has no base and no limit", value, 0xfeed);
    v = CATCH(__asm__ volatile("rdfsbase %0" : "=r"(value)));
    check_fault("RDFSBASE without CR4.FSGSBASE", v, UD, 0);
    write_cr4(read_cr4() | 0x10000);
    v = USER(__asm__ volatile("wrgsbase %1; rdgsbase %0" : "=r"(value) : "r"(0x7fffffffffff)));
    check_fault("WRGSBASE in ring 3", v, NONE, 0);
    check_is("the GS base", read_msr(0xc0000101), 0x7fffffffffff);
    v = CATCH(__asm__ volatile("wrgsbase %0" :: "r"(0x800000000000)));
    check_fault("WRGSBASE of what is not canonical", v, GP, 0);
    write_cr4(read_cr4() & ~0x10000ul);
}

static void canonical(void)
{
    Word bad = 0x800000000000, value;
    int v = CATCH(__asm__ volatile("mov (%1), %0" : "=r"(value) : "r"(bad)));
    check_fault("a load from an address that is not canonical", v, GP, 0);
    v = CATCH(__asm__ volatile("push %%rbp; mov %1, %%rbp; mov (%%rbp), %0; pop %%rbp" : "=r"(value) : "r"(bad)));
    check_fault("by RBP", v, SS, 0);
    v = USER(__asm__ volatile("mov %0, %%rsp; push %%rax" :: "r"(bad + 8) : "memory"));
    check_fault("a PUSH there", v, SS, 0);
    check_is("leaves RSP", fault.sp, bad + 8);
    v = CATCH(__asm__ volatile("rep stosb" :: "D"(bad - 4), "c"(8), "a"(0) : "memory"));
    check(v == GP || v == PF, "REP STOSB towards the gap");
    v = CATCH(__asm__ volatile("mov (%1), %0" : "=r"(value) : "r"(bad - 4)));
    check(v == GP || v == PF, "an access over the edge: #GP, or #PF of its first part");
    v = CATCH(__asm__ volatile("jmp *%0" :: "r"(bad)));
    check_fault("a jump there", v, GP, 0);
    v = CATCH(__asm__ volatile("push %0; ret" :: "r"(bad)));
    check_fault("a return there", v, GP, 0);
    v = CATCH(__asm__ volatile("call *%0" :: "r"(bad)));
    check_fault("a call there", v, GP, 0);
    v = CATCH(invlpg((void *)bad));
    check_fault("INVLPG there is nothing", v, NONE, 0);
    struct __attribute__((packed)) { uint16_t limit; Word base; } r = { 1023, bad };
    v = CATCH(__asm__ volatile("lgdt %0" :: "m"(r)));
    check_fault("LGDT of such a base", v, GP, 0);
    v = CATCH(__asm__ volatile("lidt %0" :: "m"(r)));
    check_fault("LIDT of such a base", v, GP, 0);
}
#endif

#ifdef LONG
/* Jumps to what is not canonical fault themselves: with the address and the stack of the jump. AT: where it is. */
Word jump_at, jump_stack;
#define AT "lea 1f(%%rip), %%rdx; mov %%rdx, jump_at; mov %%rsp, jump_stack; 1: "
#define JUMPS(how) do { \
    v = how(__asm__ volatile(AT "jmp *%%rax" :: "a"(to) : "rdx", "memory")); check_jump("JMP register", v, to); \
    v = how(__asm__ volatile(AT "jmp *%0" :: "m"(memory) : "rdx", "memory")); check_jump("JMP memory", v, to); \
    v = how(__asm__ volatile(AT "call *%%rax" :: "a"(to) : "rdx", "memory")); check_jump("CALL register", v, to); \
    v = how(__asm__ volatile("push %%rax; " AT "ret" :: "a"(to) : "rdx", "memory")); check_jump("RET", v, to); \
    v = how(__asm__ volatile("push %%rax; " AT "ret $24" :: "a"(to) : "rdx", "memory")); check_jump("RET that releases", v, to); \
} while (0)

static void check_jump(const char *name, int v, Word to)
{
    check(v == GP && fault.error == 0 && fault.ip == jump_at && fault.sp == jump_stack, "%s to 0x%lx: vector %d at 0x%lx, not 0x%lx, stack 0x%lx, not 0x%lx", name, to, v,
          fault.ip, jump_at, fault.sp, jump_stack);
}

static void jumps_to_nowhere(void)
{
    static const Word targets[] = { 0x800000000000, 0xffff7ffffffffff0, 0x1234567812345678 };
    static volatile Word memory;
    int v;
    for (unsigned i = 0; i < 3; i++) {
        volatile Word to = targets[i];
        memory = to;
        JUMPS(CATCH);
        JUMPS(USER);
    }
    v = USER(((void (*)(void))0xffff800000000000)());
    check(v == PF && fault.ip == 0xffff800000000000, "a canonical target without a page faults there: %d at 0x%lx", v, fault.ip);
}
#endif

const Subject subjects[] = {
    { "registers", register_loads }, { "tables", ldt }, { "looking", looking },
#ifdef LONG
    { "bases", bases }, { "canonical", canonical },
    { "jumps to nowhere", jumps_to_nowhere },
#else
    { "pointers", arpl },
#endif
    { 0 },
};
