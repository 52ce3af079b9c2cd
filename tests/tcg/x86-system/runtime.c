/*
 * The runtime of test programs on the bare processor (runtime.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"
#include <stdarg.h>

enum { DEBUG_PORT = 0xe9, EXIT_PORT = 0xf4 };

/* ---- text ---- */

static void put(char c)
{
    out8(DEBUG_PORT, c);
}

static void put_number(uint64_t value, unsigned base)
{
    char digits[20];
    unsigned n = 0;
    uint32_t small = value;
    do {
        unsigned digit = base == 16 ? value & 15 : small % 10;
        value = base == 16 ? value >> 4 : (small /= 10);
        digits[n++] = "0123456789abcdef"[digit];
    } while (value);
    while (n) {
        put(digits[--n]);
    }
}

static void print_list(const char *format, va_list args)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        unsigned longs = 0;
        while (*++format == 'l') {
            longs++;
        }
        if (*format == 's') {
            for (const char *s = va_arg(args, const char *); *s; s++) {
                put(*s);
            }
        } else if (*format == 'c') {
            put(va_arg(args, int));
        } else if (*format == '%') {
            put('%');
        } else {
            uint64_t value = longs == 2 ? va_arg(args, uint64_t) : longs ? va_arg(args, Word) : va_arg(args, unsigned);
            if (*format == 'd' && (int)value < 0) {
                put('-');
                value = -(int)value;
            }
            put_number(value, *format == 'x' ? 16 : 10);
        }
    }
}

void print(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    print_list(format, args);
    va_end(args);
}

/* ---- results ---- */

static const char *subject_name;
const char *detail;
static unsigned nr_checks, nr_failed;

void leave(unsigned code)
{
    for (;;) {
        out32(EXIT_PORT, code);
        __asm__ volatile("cli; hlt");
    }
}

static void begin_line(bool good)
{
    nr_failed += !good;
    print("%sok %u %s: ", good ? "" : "not ", ++nr_checks, subject_name);
    if (detail) {
        print("%s: ", detail);
    }
}

void check(bool good, const char *format, ...)
{
    va_list args;
    begin_line(good);
    va_start(args, format);
    print_list(format, args);
    va_end(args);
    put('\n');
}

void check_is(const char *name, uint64_t got, uint64_t want)
{
    begin_line(got == want);
    print("%s\n", name);
    if (got != want) {
        print("# got 0x%llx, wanted 0x%llx\n", (unsigned long long)got, (unsigned long long)want);
    }
}

static bool has_error_code(int vector)
{
    return vector == DF || (vector >= TS && vector <= PF) || vector == AC;
}

void check_fault(const char *name, int vector, int want_vector, uint32_t want_error)
{
    bool good = vector == want_vector && (!has_error_code(vector) || (uint32_t)fault.error == want_error);
    begin_line(good);
    print("%s\n", name);
    if (!good) {
        print("# got vector %d, error 0x%lx at 0x%lx; wanted vector %d, error 0x%x\n", vector, fault.error, fault.ip, want_vector, want_error);
    }
}

void skip(const char *name, const char *why)
{
    begin_line(true);
    print("%s # SKIP %s\n", name, why);
}

/* ---- exceptions ---- */

volatile Fault fault;
volatile bool catching;
bool (*volatile hook)(Frame *frame);
Word user_flags = 2;

void runtime_vector(Frame *f)
{
    if (hook && hook(f)) {
        return;
    }
    bool other_ring = sizeof(Word) == 8 || (f->cs & 3) || (f->flags & 0x20000);
    fault = (Fault){ .vector = f->vector, .error = f->error, .ip = f->ip, .cs = f->cs, .flags = f->flags, .ax = f->ax, .cx = f->cx, .cr2 = read_cr2(),
                     .dr6 = read_dr6(), .sp = other_ring ? f->sp : (Word)&f->sp, .ss = other_ring ? f->ss : 0 };
    if (!catching) {
        print("Bail out! vector %lu, error 0x%lx at 0x%lx:0x%lx, flags 0x%lx, cr2 0x%lx\n", f->vector, f->error, f->cs, f->ip, f->flags, fault.cr2);
        leave(2);
    }
    catching = false;
    context_restore(f->vector + 1);
}

/* ---- tables ---- */

__attribute__((aligned(16))) uint64_t gdt[128] = {
    [CODE32 / 8] = 0x00cf9b000000ffff, [DATA / 8] = 0x00cf93000000ffff, [CODE64 / 8] = 0x00af9b000000ffff,
    [USER_CODE32 / 8] = 0x00cffb000000ffff, [USER_DATA / 8] = 0x00cff3000000ffff, [USER_CODE64 / 8] = 0x00affb000000ffff,
};
__attribute__((aligned(16))) uint64_t idt[512];
__attribute__((aligned(128))) uint32_t tss[64];
static uint8_t ring0_stack[8192] __attribute__((aligned(16)));
extern uint8_t vector_entries[];

uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attributes)
{
    uint32_t low = (limit & 0xffff) | base << 16;
    uint32_t high = (base >> 16 & 0xff) | attributes | (limit & 0xf0000) | (base & 0xff000000);
    return low | (uint64_t)high << 32;
}

void set_gate(unsigned vector, void *handler, uint16_t selector, unsigned type, unsigned dpl)
{
    Word p = (Word)handler;
    uint64_t gate = (p & 0xffff) | (uint64_t)selector << 16 | (uint64_t)(0x8000 | dpl << 13 | type << 8) << 32 | (uint64_t)(p & 0xffff0000) << 32;
    if (sizeof(Word) == 8) {
        idt[2 * vector] = gate;
        idt[2 * vector + 1] = (uint64_t)p >> 32;
    } else {
        idt[vector] = gate;
    }
}

struct __attribute__((packed)) TableRegister { uint16_t limit; Word base; };

static void load_tables(void)
{
    struct TableRegister g = { sizeof(gdt) - 1, (Word)gdt }, i = { sizeof(Word) * 512 - 1, (Word)idt };
    __asm__ volatile("lgdt %0; lidt %1" :: "m"(g), "m"(i) : "memory");
}

static void set_up_tables(void)
{
    for (unsigned v = 0; v < 256; v++) {
        set_gate(v, vector_entries + 16 * v, CODE, 14, v == USER_RETURN || v == BP || v == OF ? 3 : 0);
    }
    Word top = (Word)(ring0_stack + sizeof(ring0_stack));
    if (sizeof(Word) == 8) {
        tss[1] = top;
        gdt[TSS / 8 + 1] = 0;
    } else {
        tss[1] = top;
        tss[2] = DATA;
    }
    tss[25] = 104u << 16;
    gdt[TSS / 8] = descriptor((Word)tss, 103, 0x8900);
    load_tables();
    __asm__ volatile("ltr %w0" :: "r"(TSS));
}

/* ---- memory ---- */

extern uint8_t heap_start[];
static uint8_t *heap = heap_start;

void *memset(void *to, int value, size_t bytes)
{
    void *p = to;
    __asm__ volatile("rep stosb" : "+D"(p), "+c"(bytes) : "a"(value) : "memory");
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    void *p = to;
    __asm__ volatile("rep movsb" : "+D"(p), "+S"(from), "+c"(bytes) :: "memory");
    return to;
}

void *page_alloc(unsigned count)
{
    void *p = heap;
    heap += 4096 * count;
    return memset(p, 0, 4096 * count);
}

/* ---- other processors ---- */

extern uint8_t ap_start[], ap_end[];
unsigned ap_number;
volatile unsigned nr_processors_up;
static void (*ap_run)(unsigned number);

void runtime_ap(void)
{
    load_tables();
    apic_enable();
    unsigned number = __atomic_add_fetch(&nr_processors_up, 1, __ATOMIC_SEQ_CST);
    ap_run(number);
}

void apic_enable(void)
{
    APIC(0xf0) = 0x1ff;
}

void send_ipi(uint32_t destination, uint32_t low)
{
    APIC(0x310) = destination << 24;
    APIC(0x300) = low;
    while (APIC(0x300) & 0x1000) {
        pause_a_little();
    }
}

bool start_processors(unsigned count, void (*run)(unsigned number))
{
    ap_run = run;
    memcpy((void *)0x8000, ap_start, ap_end - ap_start);
    apic_enable();
    APIC(0x300) = 0xc4500;
    for (volatile unsigned i = 0; i < 10000; i++) {
    }
    APIC(0x300) = 0xc4608;
    for (unsigned i = 0; i < 200000000 && nr_processors_up < count; i++) {
        pause_a_little();
    }
    return nr_processors_up >= count;
}

/* ---- the frame of a program ---- */

void runtime_main(void)
{
    set_up_tables();
    for (const Subject *s = subjects; s->name; s++) {
        subject_name = s->name;
        s->run();
        hook = NULL;
        detail = NULL;
        user_flags = 2;
    }
    print("1..%u\n", nr_checks);
    leave(nr_failed ? 1 : 0);
}
