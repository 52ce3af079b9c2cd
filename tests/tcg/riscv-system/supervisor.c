/*
 * A payload for SBI firmware: the smallest thing that behaves as a kernel. It runs in S-mode, prints by the SBI's console, turns paging on, waits for a timer interrupt,
 * and switches the machine off (RISC-V SBI 1.0: 5 "Legacy", 6 "Timer", 10 "System reset").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

enum { SBI_PUTCHAR = 1, SBI_TIME = 0x54494d45, SBI_RESET = 0x53525354, INTERRUPTED = 1 };

void __attribute__((noreturn)) payload(Word hart, Word tree);
void __attribute__((noreturn)) leave(unsigned code);
static volatile Word interrupts;
static char stack[8192] __attribute__((aligned(16)));

asm(".section .text.start, \"ax\"\n .globl _start\n _start: la sp, stack + 8192\n j payload\n.text\n");

static Word sbi(Word extension, Word function, Word a, Word b)
{
    register Word a0 asm("a0") = a;
    register Word a1 asm("a1") = b;
    register Word a6 asm("a6") = function;
    register Word a7 asm("a7") = extension;
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
    return a0;
}

void print(const char *text, ...)
{
    for (; *text; text++) {
        sbi(SBI_PUTCHAR, 0, *text, 0);
    }
}

void leave(unsigned code)
{
    sbi(SBI_RESET, 0, 0, code);
    for (;;) {
        asm volatile("wfi");
    }
}

/* The timer is put off; SIE stays off behind sret, so that it comes once. */
static void __attribute__((used, interrupt("supervisor"), aligned(4))) trap_seen(void)
{
    if (csr_read(scause) == ((Word)1 << (XLEN - 1) | IRQ_STIMER)) {
        interrupts = interrupts + 1;
        csr_clear(sie, 1 << IRQ_STIMER);
    } else {
        print("PAYLOAD BAD trap\n");
        leave(1);
    }
}

static uint64_t now(void)
{
#if RV64
    return csr_read(time);
#else
    Word high, low;
    do {
        high = csr_read(timeh);
        low = csr_read(time);
    } while (high != csr_read(timeh));
    return (uint64_t)high << 32 | low;
#endif
}

static void paging_on(void)
{
    const Paging *p = &pagings[0];
    Word *root = new_table(1), here = (Word)payload, size = (Word)1 << (12 + INDEX_BITS);
    map_page(root, p, here & -size, here & -size, PTE_ALL, 1);
    map_page(root, p, TEST_PAGE, (Word)stack & -(Word)PAGE, PTE_ALL, 0);
    csr_write(satp, atp(p, root, 1));
    fence();
    volatile Word *near = (Word *)((Word)stack & -(Word)PAGE), *far = (Word *)TEST_PAGE;
    far[3] = 0x1234;
    print(near[3] == 0x1234 ? "PAYLOAD ok paging\n" : "PAYLOAD BAD paging\n");
}

void payload(Word hart, Word tree)
{
    print(RV64 ? "PAYLOAD RV64\n" : "PAYLOAD RV32\n");
    csr_write(stvec, trap_seen);
    paging_on();
    uint64_t due = now() + 100000;
    csr_set(sie, 1 << IRQ_STIMER);
    csr_set(sstatus, MSTATUS_SIE);
#if RV64
    sbi(SBI_TIME, 0, due, 0);
#else
    sbi(SBI_TIME, 0, (Word)due, due >> 32);
#endif
    while (!interrupts) {
        asm volatile("wfi");
    }
    print(now() + 1000 >= due ? "PAYLOAD ok timer\n" : "PAYLOAD BAD timer\n");
    print("PAYLOAD PASS\n");
    leave(0);
}
