/*
 * What a segment lets an access do: limits in bytes and pages, upwards and downwards, rights, the wrap at 64 KiB and 4 GiB, instructions at a code segment's end.
 *
 * Intel SDM volume 3, 5.3 (limits), 5.4 (types), 3.4.5.1; volume 1, 3.3.5 (wrap).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { SEGMENT = FREE_SELECTOR, BASE = 0x400000 };

/* ---- accesses through FS ---- */

typedef struct Access { const char *name; uint32_t attributes, limit, offset, size; char what; int vector; } Access;
#define D (DESC_DATA | DESC_BIG)
#define DOWN (D | DESC_DOWN)
static const Access accesses[] = {
    { "the last byte", D, 0xfff, 0xfff, 1, 'r', NONE },
    { "the byte behind", D, 0xfff, 0x1000, 1, 'r', GP },
    { "a word over the end", D, 0xfff, 0xfff, 2, 'r', GP },
    { "a dword that ends at the end", D, 0xfff, 0xffc, 4, 'w', NONE },
    { "a dword over the end", D, 0xfff, 0xffd, 4, 'w', GP },
    { "limit 0 has one byte", D, 0, 0, 1, 'r', NONE },
    { "and not two", D, 0, 0, 2, 'r', GP },
    { "pages: the last byte", D | DESC_GRANULAR, 1, 0x1fff, 1, 'r', NONE },
    { "pages: the byte behind", D | DESC_GRANULAR, 1, 0x2000, 1, 'r', GP },
    { "a read-only segment is read", D & ~DESC_WRITABLE, 0xfff, 0, 4, 'r', NONE },
    { "a read-only segment is not written", D & ~DESC_WRITABLE, 0xfff, 0, 4, 'w', GP },
    { "a readable code segment is read", DESC_CODE, 0xfff, 0, 4, 'r', NONE },
    { "a code segment is not written", DESC_CODE, 0xfff, 0, 4, 'w', GP },
    { "a code segment has limits", DESC_CODE, 0xfff, 0xffe, 4, 'r', GP },
    { "exchange with a read-only segment", D & ~DESC_WRITABLE, 0xfff, 0, 4, 'x', GP },
    { "expand-down: at the limit", DOWN, 0xfff, 0xfff, 1, 'r', GP },
    { "expand-down: above the limit", DOWN, 0xfff, 0x1000, 4, 'r', NONE },
    { "expand-down: over the limit", DOWN, 0xfff, 0xffe, 4, 'w', GP },
    { "expand-down, big: to 4 GiB", DOWN, 0xfff, 0xffffffff, 1, 'p', NONE },
    { "expand-down, big: over 4 GiB", DOWN, 0xfff, 0xfffffffe, 4, 'p', GP },
    { "expand-down, 64 KiB: the last byte", DOWN & ~DESC_BIG, 0xfff, 0xffff, 1, 'r', NONE },
    { "expand-down, 64 KiB: the byte behind", DOWN & ~DESC_BIG, 0xfff, 0x10000, 1, 'r', GP },
    { "expand-down, 64 KiB: over the end", DOWN & ~DESC_BIG, 0xfff, 0xfffe, 4, 'r', GP },
    { "expand-down, pages", DOWN | DESC_GRANULAR, 0, 0xfff, 1, 'r', GP },
    { "expand-down, limit 4 GiB: nothing", DOWN | DESC_GRANULAR, 0xfffff, 0x12345, 1, 'r', GP },
    { "flat: the last byte of 4 GiB", D | DESC_GRANULAR, 0xfffff, 0xffffffff, 1, 'p', NONE },
    { "64 KiB: the last dword", D, 0xffff, 0xfffc, 4, 'r', NONE },
    { "64 KiB: a dword over the end", D, 0xffff, 0xfffd, 4, 'r', GP },
    { "64 KiB: far away", D, 0xffff, 0x80000000, 4, 'r', GP },
    { "limit 0xfffffffe: the last byte but one", D, 0xffffe, 0xffffe, 1, 'r', NONE },
    { "limit below 4 GiB: over it by wrapping", D | DESC_GRANULAR, 0xffffe, 0xfffffffe, 4, 'r', GP },
};

static void touch(uint32_t offset, unsigned size, char what)
{
    uint32_t value = 0;
    if (what == 'w') {
        size == 1 ? ({ __asm__ volatile("movb %b0, %%fs:(%1)" :: "q"(value), "r"(offset) : "memory"); })
            : size == 2 ? ({ __asm__ volatile("movw %w0, %%fs:(%1)" :: "r"(value), "r"(offset) : "memory"); })
            : ({ __asm__ volatile("movl %0, %%fs:(%1)" :: "r"(value), "r"(offset) : "memory"); });
    } else if (what == 'x') {
        __asm__ volatile("xchgl %0, %%fs:(%1)" : "+r"(value) : "r"(offset) : "memory");
    } else {
        size == 1 ? ({ __asm__ volatile("movb %%fs:(%1), %b0" : "=q"(value) : "r"(offset)); })
            : size == 2 ? ({ __asm__ volatile("movw %%fs:(%1), %w0" : "=r"(value) : "r"(offset)); })
            : ({ __asm__ volatile("movl %%fs:(%1), %0" : "=r"(value) : "r"(offset)); });
    }
}

static void data_segments(void)
{
    for (unsigned i = 0; i < sizeof(accesses) / sizeof(accesses[0]); i++) {
        const Access *a = &accesses[i];
        set_selector(SEGMENT, descriptor(a->what == 'p' ? 0 : BASE, a->limit, a->attributes | DESC_DPL3));
        int v = USER(__asm__ volatile("movw %w0, %%fs" :: "r"(SEGMENT | 3)); touch(a->offset, a->size, a->what));
        check_fault(a->name, v, a->vector, 0);
    }
    int v = USER(__asm__ volatile("movw %w0, %%fs" :: "r"(3)); touch(0, 1, 'r'));
    check_fault("an access through a null selector", v, GP, 0);
}

/* A base that wraps: the linear address has 32 bits. */
static void wrap(void)
{
    volatile uint32_t *cell = page_alloc(1);
    *cell = 0x12345678;
    set_selector(SEGMENT, descriptor((uint32_t)cell + 0x1000, 0xfffff, D | DESC_GRANULAR | DESC_DPL3));
    volatile uint32_t value = 0;
    int v = USER(__asm__ volatile("movw %w1, %%fs; movl %%fs:-0x1000, %0" : "=r"(value) : "r"(SEGMENT | 3)));
    check_fault("base + offset over 4 GiB", v, NONE, 0);
    check_is("wraps", value, 0x12345678);
    set_selector(SEGMENT, descriptor(0, 0xfffff, D | DESC_GRANULAR | DESC_DPL3));
    v = USER(__asm__ volatile("movw %w1, %%fs; movl %%fs:-2, %0" : "=r"(value) : "r"(SEGMENT | 3)));
    check(v == GP || v == NONE, "a dword over the end of a flat segment: #GP or a wrap");
    /* The same without FS, where the access is one of plain code. */
    v = USER(__asm__ volatile("movl -2, %0" : "=r"(value)));
    check(v == GP || v == NONE, "and through DS");
    v = USER(__asm__ volatile("movl %%esp, %%ecx; movl $-2, %%ebp; movl (%%ebp), %%eax" ::: "eax", "ecx"));
    check(v == SS || v == NONE, "and through SS");
    /* 16-bit addresses wrap within the segment. */
    set_selector(SEGMENT, descriptor((uint32_t)cell, 0xffff, D | DESC_DPL3));
    v = USER(__asm__ volatile("movw %w1, %%fs; movw $0xfff0, %%bx; movw $0x10, %%si; addr16 movl %%fs:(%%bx,%%si), %0" : "=r"(value) : "r"(SEGMENT | 3) : "ebx", "esi"));
    check_fault("BX + SI over 64 KiB", v, NONE, 0);
    check_is("wraps too", value, 0x12345678);
    v = USER(__asm__ volatile("movw %w1, %%fs; movw $0xffff, %%bx; addr16 movl %%fs:(%%bx), %0" : "=r"(value) : "r"(SEGMENT | 3) : "ebx"));
    check_fault("but an operand over the end does not", v, GP, 0);
}

/* ---- the stack ---- */

enum { STACK = FREE_SELECTOR + 8 };
#define ON_STACK(limit, attributes, sp, code) ({ \
    set_selector(STACK, descriptor(BASE, limit, (attributes) | DESC_DPL3)); \
    volatile uint32_t sp_ = (sp); \
    USER(__asm__ volatile("movl %%esp, %%esi; movl %0, %%edi; movw %w1, %%ss; movl %%edi, %%esp; " code "; movw %w2, %%ss; movl %%esi, %%esp" \
                          :: "m"(sp_), "r"(STACK | 3), "r"(USER_DATA) : "esi", "edi", "eax", "memory")); })

static void stack_segments(void)
{
    memset((void *)BASE, 0, 0x20000);
    check_fault("PUSH within", ON_STACK(0xfff, D, 0x1000, "pushl $1; popl %%eax"), NONE, 0);
    check_fault("PUSH above the limit", ON_STACK(0xfff, D, 0x1004, "pushl $1"), SS, 0);
    check_fault("PUSH over the limit", ON_STACK(0xfff, D, 0x1003, "pushl $1"), SS, 0);
    check_is("ESP is as before the PUSH", fault.sp, 0x1003);
    check_fault("POP above the limit", ON_STACK(0xfff, D, 0x1000, "popl %%eax"), SS, 0);
    check_fault("PUSH below 0", ON_STACK(0xfff, D, 2, "pushl $1"), SS, 0);
    check_fault("an access by EBP is of the stack", ON_STACK(0xfff, D, 0, "pushl $0; popl %%ebp"), SS, 0);
    check_fault("CALL without room", ON_STACK(0xfff, D, 0x2000, "call 1f; 1:"), SS, 0);
    check_fault("PUSHA over the end", ON_STACK(0xfff, D, 16, "pushal"), SS, 0);
    check_is("leaves ESP", fault.sp, 16);
    check_fault("PUSH on a read-only segment cannot come about: loading SS is #GP", ON_STACK(0xfff, D & ~DESC_WRITABLE, 0x1000, "pushl $1"), GP, STACK);
    check_fault("expand-down: room above", ON_STACK(0xfff, DOWN, 0x2000, "pushl $1; popl %%eax"), NONE, 0);
    check_fault("expand-down: PUSH to the limit", ON_STACK(0xfff, DOWN, 0x1004, "pushl $1; popl %%eax"), NONE, 0);
    check_fault("expand-down: PUSH below", ON_STACK(0xfff, DOWN, 0x1002, "pushl $1"), SS, 0);
    check_fault("16-bit stack: PUSH at 0 wraps to the top", ON_STACK(0xffff, D & ~DESC_BIG, 0x70000, "pushl $0x55; popl %%eax"), NONE, 0);
    check_is("at 64 KiB", *(volatile uint32_t *)(BASE + 0xfffc), 0x55);
    check_fault("16-bit stack: PUSH at 2 goes over the end", ON_STACK(0xffff, D & ~DESC_BIG, 2, "pushl $1"), SS, 0);
    check_fault("ENTER over the limit", ON_STACK(0xfff, D, 0x1001, "enter $4, $0"), SS, 0);
    check_fault("RET over the limit", ON_STACK(0xfff, D, 0xffe, "ret"), SS, 0);
    check_fault("POPF over the limit", ON_STACK(0xfff, D, 0xffe, "popfl"), SS, 0);
    check_fault("LEAVE over the limit", ON_STACK(0xfff, D, 0x100, "pushl %%ebp; movl $0xffe, %%ebp; leave"), SS, 0);
}

/* ---- strings ---- */

#define STRING(code, count, si, di) USER(__asm__ volatile("movw %w0, %%fs; movw %w0, %%es; cld; " code \
    :: "r"(SEGMENT | 3), "c"(count), "S"(si), "D"(di), "a"(0) : "memory"))

static void strings(void)
{
    set_selector(SEGMENT, descriptor(BASE, 0xfff, D | DESC_DPL3));
    check_fault("REP STOSB to the end", STRING("rep stosb", 16, 0, 0xff0), NONE, 0);
    check_fault("REP STOSB over the end", STRING("rep stosb", 17, 0, 0xff0), GP, 0);
    check_is("ECX is what is left", fault.cx, 1);
    check_fault("REP MOVSD from FS over the end", STRING("rep movsl %%fs:(%%esi), %%es:(%%edi)", 5, 0xff0, 0), GP, 0);
    check_is("ECX is what is left", fault.cx, 1);
    check_fault("MOVSD over the end", STRING("movsl %%fs:(%%esi), %%es:(%%edi)", 1, 0, 0xffd), GP, 0);
    check_fault("REP with ECX 0 touches nothing", STRING("rep stosl", 0, 0, 0x5000), NONE, 0);
    check_fault("REPE CMPSB over the end", STRING("repe cmpsb %%es:(%%edi), %%fs:(%%esi)", 0x100, 0x100, 0xf80), GP, 0);
    check_is("ECX is what is left", fault.cx, 0x80);
    check_fault("REP LODSB over the end", STRING("rep lodsb %%fs:(%%esi), %%al", 0x100, 0xfff, 0), GP, 0);
    check_fault("REPNE SCASW over the end", STRING("movb $1, %%al; repne scasw", 0x100, 0, 0xffc), GP, 0);
    check_is("ECX is what is left", fault.cx, 0xfe);
    set_selector(STACK, descriptor(BASE, 0xfff, D | DESC_DPL3));
    int v = USER(__asm__ volatile("movl %%esp, %%ebx; movw %w0, %%ss; movl $0x1000, %%esp; rep lodsb %%ss:(%%esi), %%al" :: "r"(STACK | 3), "c"(8), "S"(0xffc)
                                  : "ebx", "eax"));
    check_fault("REP LODSB of SS over the end", v, SS, 0);
    check_is("ECX is what is left", fault.cx, 4);
    v = USER(__asm__ volatile("movw %w0, %%es; std; rep stosb; cld" :: "r"(SEGMENT | 3), "c"(5), "D"(3), "a"(0) : "memory"));
    check_fault("REP STOSB downwards below 0", v, GP, 0);
    check_is("ECX is what is left", fault.cx, 1);
    v = USER(__asm__ volatile("movw %w0, %%es; addr16 rep stosb" :: "r"(SEGMENT | 3), "c"(5), "D"(0xfffd), "a"(0) : "memory"));
    check_fault("16-bit addresses above the limit", v, GP, 0);
    set_selector(SEGMENT, descriptor(BASE, 0xffff, D | DESC_DPL3));
    v = USER(__asm__ volatile("movw %w0, %%es; addr16 rep stosb" :: "r"(SEGMENT | 3), "c"(0x99990005), "D"(0x1111fffd), "a"(0x77) : "memory"));
    check_fault("16-bit addresses wrap", v, NONE, 0);
    check_is("at 64 KiB", *(volatile uint16_t *)BASE << 16 | *(volatile uint16_t *)(BASE + 0xfffe), 0x77777777);
}

/* ---- code ---- */

static void code_segments(void)
{
    volatile uint8_t *code = page_alloc(2);
    memset((void *)code, 0x90, 8192);
    /* mov $0x11223344, %eax; far jump back */
    static const uint8_t back[] = { 0xb8, 0x44, 0x33, 0x22, 0x11, 0xcd, 0x80 };
    memcpy((void *)(code + 0x100), back, sizeof(back));
    static struct { uint32_t offset; uint16_t selector; } far;
    far.selector = SEGMENT | 3;
    static const struct { const char *name; uint32_t limit, offset; int vector; } list[] = {
        { "code that ends at the limit", 0x106, 0x100, NONE },
        { "code behind the limit", 0x103, 0x100, GP },
        { "an instruction over the limit", 0x105, 0x100, GP },
        { "a jump behind the limit", 0x106, 0x107, GP },
    };
    for (unsigned i = 0; i < 4; i++) {
        set_selector(SEGMENT, descriptor((uint32_t)code, list[i].limit, DESC_CODE | DESC_BIG | DESC_DPL3));
        far.offset = list[i].offset;
        int v = USER(__asm__ volatile("ljmpl *%0" :: "m"(far) : "eax"));
        check_fault(list[i].name, v, list[i].vector, 0);
    }
    /* Short, near and indirect jumps, calls and returns behind the limit. */
    static const struct { const char *name; uint8_t bytes[12]; } jumps[] = {
        { "JMP short", { 0xeb, 0x70 } }, { "JMP near", { 0xe9, 0, 1, 0, 0 } }, { "JZ", { 0x31, 0xc0, 0x74, 0x70 } },
        { "CALL", { 0xe8, 0, 1, 0, 0 } }, { "JMP register", { 0xb8, 0, 3, 0, 0, 0xff, 0xe0 } }, { "CALL register", { 0xb8, 0, 3, 0, 0, 0xff, 0xd0 } },
        { "RET", { 0x68, 0, 3, 0, 0, 0xc3 } }, { "LOOP", { 0xb9, 2, 0, 0, 0, 0xe2, 0x70 } }, { "JECXZ", { 0x31, 0xc9, 0xe3, 0x70 } },
    };
    set_selector(SEGMENT, descriptor((uint32_t)code, 0x140, DESC_CODE | DESC_BIG | DESC_DPL3));
    far.offset = 0x100;
    for (unsigned i = 0; i < sizeof(jumps) / sizeof(jumps[0]); i++) {
        memset((void *)(code + 0x100), 0x90, 64);
        memcpy((void *)(code + 0x100), jumps[i].bytes, sizeof(jumps[i].bytes));
        int v = USER(__asm__ volatile("ljmpl *%0" :: "m"(far) : "eax", "ecx"));
        check_fault(jumps[i].name, v, GP, 0);
        check(fault.ip < 0x110, "%s behind the limit faults at the jump (0x%lx)", jumps[i].name, fault.ip);
    }
    /* Execute-only code can run, not be read. */
    memcpy((void *)(code + 0x100), back, sizeof(back));
    set_selector(SEGMENT, descriptor((uint32_t)code, 0xfff, (DESC_CODE & ~DESC_READABLE) | DESC_BIG | DESC_DPL3));
    int v = USER(__asm__ volatile("ljmpl *%0" :: "m"(far) : "eax"));
    check_fault("execute-only code runs", v, NONE, 0);
    static const uint8_t read[] = { 0x2e, 0xa1, 0, 1, 0, 0, 0xcd, 0x80 };
    memcpy((void *)(code + 0x100), read, sizeof(read));
    v = USER(__asm__ volatile("ljmpl *%0" :: "m"(far) : "eax"));
    check_fault("and is not read by CS", v, GP, 0);
    v = USER(__asm__ volatile("movw %w0, %%fs" :: "r"(SEGMENT | 3)));
    check_fault("nor loaded for data", v, GP, SEGMENT);
    static const uint8_t write[] = { 0x2e, 0xa3, 0, 2, 0, 0, 0xcd, 0x80 };
    memcpy((void *)(code + 0x100), write, sizeof(write));
    set_selector(SEGMENT, descriptor((uint32_t)code, 0xfff, DESC_CODE | DESC_BIG | DESC_DPL3));
    v = USER(__asm__ volatile("ljmpl *%0" :: "m"(far) : "eax"));
    check_fault("readable code is not written by CS", v, GP, 0);
}

/* The end of 64 KiB, which 16-bit code does not run over: at a page's end and within one. Behind it lies code that would return. */
static void end_of_64k(void)
{
    static const struct { const char *name; uint16_t offset; uint8_t bytes[4]; unsigned n; int vector; } list[] = {
        { "the last instruction returns", 0xfffe, { 0xcd, 0x80 }, 2, NONE }, { "instructions up to the end", 0xffc0, { 0 }, 0, GP }, { "one instruction", 0xffff, { 0 }, 0, GP },
        { "one that reaches over it", 0xfffe, { 0xb8, 0x34, 0x12 }, 3, GP }, { "a prefix", 0xffff, { 0x66, 0x90 }, 2, GP },
        { "a jump that is not taken", 0xfff0, { 0x38, 0xc0, 0x75, 0x02 }, 4, GP },
    };
    static const uint8_t back[] = { 0xcd, 0x80 };
    static struct { uint32_t offset; uint16_t selector; } far;
    uint8_t *memory = page_alloc(18);
    far.selector = SEGMENT | 3;
    for (unsigned bits = 16; bits <= 32; bits += 16) {
        for (unsigned base = 0; base <= 0x30; base += 0x30) {
            for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
                memset(memory, 0x90, 18 * 4096);
                memcpy(memory + base + 0x10000 + 8, back, 2);
                memcpy(memory + base, back, 2);
                memcpy(memory + base + list[i].offset, list[i].bytes, list[i].n);
                set_selector(SEGMENT, descriptor((uint32_t)memory + base, 0xffff, DESC_CODE | (bits == 32 ? DESC_BIG : 0) | DESC_DPL3));
                far.offset = list[i].offset;
                int v = USER(__asm__ volatile("ljmpl *%0" :: "m"(far) : "eax"));
                check(v == list[i].vector, "%s, %u bits, base 0x%x: %d", list[i].name, bits, base, v);
            }
        }
    }
}

const Subject subjects[] = {
    { "data", data_segments }, { "wrap", wrap }, { "stack", stack_segments }, { "strings", strings }, { "code", code_segments }, { "the end of 64 KiB", end_of_64k }, { 0 },
};
