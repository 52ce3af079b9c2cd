/*
 * The runtime of test programs on the bare processor (runtime.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"
#include <stdarg.h>

enum { CALL_RETURNED = 1, CALL_HANDLED = 2 };
extern volatile uint64_t tohost, fromhost;
extern char lower_return[], lower_stack_top[], machine_entry[];
void __attribute__((noreturn)) lower_enter(Word function, Word argument, Word stack, Word ra);
void __attribute__((noreturn)) machine_trap(Word a0, Word a7);

/* The compiler asks for it by itself. */
void *memset(void *to, int byte, size_t size);
void *memset(void *to, int byte, size_t size)
{
    volatile char *p = to;
    while (size--) {
        *p++ = byte;
    }
    return to;
}

/* ---- text ---- */

#ifdef BOARD_VIRT
#define UART ((volatile uint8_t *)0x10000000)
#define FINISHER (*(volatile uint32_t *)0x100000)

static void put(char c)
{
    enum { THR = 0, LSR = 5, LSR_THRE = 0x20 };
    while (!(UART[LSR] & LSR_THRE)) {
    }
    UART[THR] = c;
}

static void end(unsigned code)
{
    FINISHER = code ? code << 16 | 0x3333 : 0x5555;
}
#else
static void put(char c)
{
    while (tohost) {
        fromhost = 0;
    }
    /* RV32 stores a half at a time, and the upper one is the command: it goes last. */
    volatile uint32_t *halves = (volatile uint32_t *)&tohost;
    if (RV64) {
        tohost = UINT64_C(0x0101) << 48 | (uint8_t)c;
    } else {
        halves[0] = (uint8_t)c;
        halves[1] = 0x01010000;
    }
}

static void end(unsigned code)
{
    while (tohost) {
    }
    tohost = code << 1 | 1;
}
#endif

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

static unsigned nr_checks, nr_failed;
static const char *subject;

void check(bool good, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    nr_failed += !good;
    print("%sok %u %s: ", good ? "" : "not ", ++nr_checks, subject);
    print_list(format, args);
    print("\n");
    va_end(args);
}

void check_is(const char *name, uint64_t got, uint64_t want)
{
    check(got == want, "%s", name);
    if (got != want) {
        print("# 0x%llx, not 0x%llx\n", (unsigned long long)got, (unsigned long long)want);
    }
}

void skip(const char *name, const char *why)
{
    print("ok %u %s: %s # SKIP %s\n", ++nr_checks, subject, name, why);
}

void leave(unsigned code)
{
    print("1..%u\n", nr_checks);
    for (;;) {
        end(code);
    }
}

/* ---- traps ---- */

volatile Outcome outcome;
static volatile bool expecting;

static void report(const char *what)
{
    print("# %s: level %d, interrupt %d, cause %lu, epc 0x%lx, tval 0x%lx, value 0x%lx\n", what, outcome.level, outcome.interrupt, outcome.cause, outcome.epc, outcome.tval,
          outcome.value);
}

static uint64_t status(void)
{
    return csr_read(mstatus) | (RV64 ? 0 : (uint64_t)csr_read(0x310) << 32);
}

void machine_trap(Word a0, Word a7)
{
    Word cause = csr_read(mcause);
    uint64_t before = status();
    outcome = (Outcome){ .level = TO_M, .interrupt = cause >> (XLEN - 1), .cause = cause << 1 >> 1, .epc = csr_read(mepc), .tval = csr_read(mtval), .status = before };
    bool guest = has_letter('H') && (RV64 ? before & MSTATUS_MPV : csr_read(0x310) & 0x80);
    if (!outcome.interrupt && outcome.cause >= ECALL_U && outcome.cause <= ECALL_M && a7 == CALL_RETURNED) {
        outcome = (Outcome){ .level = NO_TRAP, .value = a0, .status = before };
    } else if (!outcome.interrupt && (outcome.cause == ECALL_S || outcome.cause == ECALL_VS) && a7 == CALL_HANDLED) {
        Word inner = guest ? csr_read(0x242) : csr_read(scause);
        outcome = (Outcome){ .level = guest ? TO_VS : TO_S, .interrupt = inner >> (XLEN - 1), .cause = inner << 1 >> 1, .epc = guest ? csr_read(0x241) : csr_read(sepc),
                             .tval = guest ? csr_read(0x243) : csr_read(stval), .status = before };
        if (!guest && has_letter('H')) {
            outcome.tval2 = csr_read(0x643);
            outcome.tinst = csr_read(0x64a);
        }
    } else if (has_letter('H')) {
        outcome.tval2 = csr_read(0x34b);
        outcome.tinst = csr_read(0x34a);
    }
    if (!expecting) {
        report("an unexpected trap");
        leave(2);
    }
    expecting = false;
    context_restore();
}

void catch_begin(void)
{
    outcome = (Outcome){ .level = NO_TRAP };
    expecting = true;
}

void catch_end(void)
{
    expecting = false;
}

void run_at(Mode mode, Function *function, Word argument, Word place)
{
    if (context_save()) {
        return;
    }
    catch_begin();
    bool guest = mode == MODE_VU || mode == MODE_VS;
    csr_clear(mstatus, MSTATUS_MPP | MSTATUS_MPIE);
    csr_set(mstatus, mode == MODE_M ? MSTATUS_MPP : mode == MODE_S || mode == MODE_VS ? MSTATUS_MPP / 3 : 0);
    if (has_letter('H')) {
#if RV64
        csr_clear(mstatus, MSTATUS_MPV);
        csr_set(mstatus, guest ? MSTATUS_MPV : 0);
#else
        csr_clear(0x310, 0x80);
        csr_set(0x310, guest ? 0x80 : 0);
#endif
    }
    lower_enter((Word)function + place, argument, (Word)lower_stack_top + place, (Word)lower_return + place);
}

void check_trap(const char *name, Level level, Word cause, Word tval)
{
    bool good = outcome.level == level && !outcome.interrupt && outcome.cause == cause && outcome.tval == tval;
    check(good, "%s", name);
    if (!good) {
        report("it came to");
        print("# not to level %d, cause %lu, tval 0x%lx\n", level, cause, tval);
    }
}

void check_interrupt(const char *name, Level level, Word number)
{
    bool good = outcome.level == level && outcome.interrupt && outcome.cause == number;
    check(good, "%s", name);
    if (!good) {
        report("it came to");
    }
}

void check_returned(const char *name, Word value)
{
    bool good = outcome.level == NO_TRAP && outcome.value == value;
    check(good, "%s", name);
    if (!good) {
        report("it came to");
        print("# not to 0x%lx\n", value);
    }
}

void delegate(Word exceptions, Word interrupts)
{
    csr_write(medeleg, exceptions);
    csr_write(mideleg, interrupts);
    csr_write(stvec, supervisor_entry);
}

bool has_letter(char letter)
{
    return csr_read(misa) >> (letter - 'A') & 1;
}

/* ---- the CLINT ---- */

#define CLINT_MTIMECMP ((volatile uint32_t *)0x2004000)
#define CLINT_MTIME ((volatile uint32_t *)0x200bff8)

uint64_t read_time(void)
{
    uint32_t high, low;
    do {
        high = CLINT_MTIME[1];
        low = CLINT_MTIME[0];
    } while (high != CLINT_MTIME[1]);
    return (uint64_t)high << 32 | low;
}

void set_timer(uint64_t time)
{
    CLINT_MTIMECMP[1] = UINT32_MAX;
    CLINT_MTIMECMP[0] = (uint32_t)time;
    CLINT_MTIMECMP[1] = (uint32_t)(time >> 32);
}

void wait_until(uint64_t time)
{
    while (read_time() < time) {
    }
}

/* ---- other harts ---- */

extern void (*volatile hart_entry)(unsigned n);

void start_hart(unsigned n, void (*run)(unsigned n))
{
    hart_entry = run;
    asm volatile("fence" ::: "memory");
    CLINT_MSIP[n] = 1;
}

/* ---- the program ---- */

/* As a subject finds the machine. */
static void prepare(void)
{
    csr_clear(mstatus, MSTATUS_MPRV | MSTATUS_SUM | MSTATUS_MXR | MSTATUS_TVM | MSTATUS_TW | MSTATUS_TSR | MSTATUS_MIE | MSTATUS_SIE);
    csr_write(mie, 0);
    csr_write(medeleg, 0);
    csr_write(mideleg, 0);
    csr_write(satp, 0);
    csr_write(pmpaddr0, -1);
    csr_write(pmpcfg0, 0x1f);
    csr_write(mtvec, machine_entry);
    asm volatile("sfence.vma" ::: "memory");
    set_timer(UINT64_MAX);
}

int main(void);
int main(void)
{
    for (const Subject *s = subjects; s->name; s++) {
        subject = s->name;
        prepare();
        s->run();
    }
    leave(nr_failed ? 1 : 0);
}
