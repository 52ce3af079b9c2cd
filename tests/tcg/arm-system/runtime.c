/*
 * The runtime of test programs: output by the PL011, results, exceptions, lower levels, other processors by PSCI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#include <stdarg.h>

#define UART_DATA (*(volatile uint32_t *)0x09000000)

volatile Fault fault;
bool (*volatile hook)(Frame *frame);
Context *volatile catcher;
static unsigned number, start_level;
static const char *subject;
extern char image_end[], vectors[], _start[];
static char *free_memory;

void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);
void runtime_main(void);
void runtime_exception(Frame *frame);
void other_main(u64 context, u64 n);
void __attribute__((noreturn)) context_restore(Context *c);

void *memset(void *to, int value, size_t bytes)
{
    for (char *p = to; bytes--; p++) {
        *(volatile char *)p = value;
    }
    return to;
}

void *memcpy(void *to, const void *from, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++) {
        ((volatile char *)to)[i] = ((const char *)from)[i];
    }
    return to;
}

/* ---- output ---- */

static void put(char c) { UART_DATA = c; }

static void put_number(u64 value, unsigned base)
{
    char digits[24];
    int n = 0;
    do {
        digits[n++] = "0123456789abcdef"[value % base];
        value /= base;
    } while (value);
    while (n) {
        put(digits[--n]);
    }
}

static void put_string(const char *s)
{
    while (*s) {
        put(*s++);
    }
}

static void print_list(const char *format, va_list list)
{
    for (; *format; format++) {
        if (*format != '%') {
            put(*format);
            continue;
        }
        bool is_long = format[1] == 'l';
        format += is_long ? 2 : 1;
        switch (*format) {
        case 's': put_string(va_arg(list, const char *)); break;
        case 'c': put(va_arg(list, int)); break;
        case 'x': put_number(is_long ? va_arg(list, u64) : va_arg(list, unsigned), 16); break;
        case 'u': put_number(is_long ? va_arg(list, u64) : va_arg(list, unsigned), 10); break;
        case 'd': {
            int64_t v = is_long ? va_arg(list, int64_t) : va_arg(list, int);
            if (v < 0) {
                put('-');
            }
            put_number(v < 0 ? -(u64)v : (u64)v, 10);
            break;
        }
        default: put(*format); break;
        }
    }
}

void print(const char *format, ...)
{
    va_list list;
    va_start(list, format);
    print_list(format, list);
    va_end(list);
}

void check(bool good, const char *name) { print("%sok %u %s: %s\n", good ? "" : "not ", ++number, subject, name); }
void skip(const char *name, const char *why) { print("ok %u %s: %s # SKIP %s\n", ++number, subject, name, why); }

void check_is(const char *name, u64 got, u64 want)
{
    check(got == want, name);
    if (got != want) {
        print("# got %lx, want %lx\n", got, want);
    }
}

/* ---- levels ---- */

unsigned current_el(void) { return READ(CurrentEL) >> 2; }

void runtime_exception(Frame *frame)
{
    if (hook && hook(frame)) {
        return;
    }
    fault = (Fault){ .vector = frame->vector, .esr = frame->esr, .far = frame->far, .elr = frame->elr, .spsr = frame->spsr, .level = current_el() };
    Context *c = catcher;
    catcher = NULL;
    if (c) {
        context_restore(c);
    }
    print("Bail out! exception at EL%u: vector %lx ESR %lx FAR %lx ELR %lx SPSR %lx\n", current_el(), frame->vector, frame->esr, frame->far, frame->elr, frame->spsr);
    leave();
}

static char lower_stack[2][0x4000] __attribute__((aligned(16)));

int run_at(unsigned level, u64 spsr, void (*function)(u64), u64 argument)
{
    enum { CALL_OF_RUNTIME = 0xfff };
    unsigned mode = level << 2 | (level ? 1 : 0);
    int ec = CATCH_EC(enter_lower(level, spsr | mode, function, argument, lower_stack[1]));
    return (ec == 0x15 || ec == 0x16 || ec == 0x17) && (fault.esr & 0xffff) == CALL_OF_RUNTIME ? NONE : ec;
}

/* ---- memory ---- */

void *pages(unsigned bytes)
{
    u64 at = ((u64)free_memory + bytes - 1) & ~(u64)(bytes - 1);
    free_memory = (char *)at + bytes;
    for (u64 *p = (u64 *)at; (char *)p < free_memory; p++) {
        *p = 0;
    }
    return (void *)at;
}

/* ---- processors ---- */

long psci(u64 function, u64 a, u64 b, u64 c)
{
    register u64 x0 __asm__("x0") = function, x1 __asm__("x1") = a, x2 __asm__("x2") = b, x3 __asm__("x3") = c;
    if (start_level == 1) {
        __asm__ volatile("hvc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3) : "memory");
    } else {
        __asm__ volatile("smc #0" : "+r"(x0) : "r"(x1), "r"(x2), "r"(x3) : "memory");
    }
    return x0;
}

void leave(void)
{
    print("1..%u\n", number);
    if (start_level < 3) {
        psci(0x84000008, 0, 0, 0);
    }
    for (;;) {
        __asm__ volatile("wfi");
    }
}

static void (*volatile other_run)(unsigned n);

void other_main(u64 context, u64 n)
{
    other_run(n);
    psci(0x84000002, 0, 0, 0);
}

long start_processor(unsigned n, void (*run)(unsigned n))
{
    other_run = run;
    dsb();
    return psci(0xc4000003, n, (u64)_start, 0);
}

void runtime_main(void)
{
    start_level = current_el();
    free_memory = image_end;
    for (const Subject *s = subjects; s->name; s++) {
        subject = s->name;
        hook = NULL;
        s->run();
    }
    leave();
}
