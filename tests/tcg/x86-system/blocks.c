/*
 * What a translator may get wrong where instructions are put together: jumps that are not taken within a block, the state at a fault and at a side exit behind them, low
 * halves of registers moved in rings, accesses off one base that lie on two pages.
 *
 * Intel SDM volume 1, 3.4.1.1 (the upper half of a 64-bit register), 3.4.3.1 (status flags); volume 2 for the instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { STATUS = 0x8d5 };        /* OF SF ZF AF PF CF */

static void jumps(void)
{
    unsigned bad = 0;
    for (unsigned n = 0; n < 32; n++) {
        unsigned got, want = (n & 1 ? 1 : 0) + (n & 2 ? 20 : 0) + (n & 4 ? 300 : 0) + (n & 8 ? 4000 : 0) + (n & 16 ? 50000 : 0);
        __asm__ volatile("xorl %0, %0\n"
                         "testl $1, %1; jz 1f; addl $1, %0; 1:\n"
                         "testl $2, %1; jz 2f; addl $20, %0; 2:\n"
                         "btl $2, %1; jnc 3f; addl $300, %0; 3:\n"
                         "testl $8, %1; jz 4f; addl $4000, %0; 4:\n"
                         "cmpl $16, %1; jb 5f; addl $50000, %0; 5:\n" : "=&r"(got) : "r"(n) : "cc");
        bad += got != want;
    }
    check_is("a chain of jumps goes the way of its flags", bad, 0);
}

static void jumps_over(void)
{
    unsigned got, bad = 0;
    for (unsigned n = 0; n < 4; n++) {
        __asm__ volatile("movl $7, %0; testl $1, %1; jnz 1f; addl $10, %0; jmp 2f; ud2; 1: addl $200, %0; jmp 2f; ud2; 2: testl $2, %1; jz 4f\n"
                         "jmp 3f; ud2; 4: addl $3000, %0; jmp 5f; 3: addl $40000, %0; 5: adcl $0, %0" : "=&r"(got) : "r"(n) : "cc");
        bad += got != 7u + (n & 1 ? 200 : 10) + (n & 2 ? 40000 : 3000);
    }
    check_is("jumps forwards over what is not run", bad, 0);
    int v = CATCH(__asm__ volatile("movl $3, %%ecx; jmp 1f; ud2; 1: shll $4, %%ecx; jmp 2f; .byte 0xff, 0xff; 2: divl %%eax" :: "a"(0) : "ecx", "edx", "cc"));
    check_fault("a fault behind two of them", v, DE, 0);
    check_is("with the register of the one between", (uint32_t)fault.cx, 48);
}

static void state_behind_jumps(void)
{
    int v = CATCH(__asm__ volatile("movl $5, %%ecx; cmpl $7, %%ecx; ja 1f; movl $-1, %%eax; subl $9, %%ecx; 1: ud2" ::: "eax", "ecx", "cc"));
    check_fault("behind a jump that is not taken", v, UD, 0);
    check_is("a register written there", (uint32_t)fault.cx, (uint32_t)-4);
    check_is("the upper half of it is 0", fault.cx >> 16 >> 16, 0);
    check_is("another", (uint32_t)fault.ax, UINT32_MAX);
    check_is("the flags made there", fault.flags & STATUS, 0x95);
    v = CATCH(__asm__ volatile("movl $16, %%ecx; cmpl $1, %%ecx; ja 1f; xorl %%ecx, %%ecx; 1: ud2" ::: "ecx", "cc"));
    check_fault("behind a jump that is taken", v, UD, 0);
    check_is("a register is what it was before it", (uint32_t)fault.cx, 16);
    check_is("flags are those of the comparison", fault.flags & STATUS, 0x14);
    v = CATCH(__asm__ volatile("movl $16, %%ecx; cmpl $17, %%ecx; ja 1f; incl %%ecx; ja 1f; subl $17, %%ecx; 1: ud2" ::: "ecx", "cc"));
    check_fault("behind two of them", v, UD, 0);
    check_is("the carry goes through INC", (uint32_t)fault.cx, 0);
    check_is("the last flags count", fault.flags & STATUS, 0x44);
}

static void loops(void)
{
    unsigned sum = 0, odd = 0;
    __asm__ volatile("movl $1000, %%ecx; 1: testl $1, %%ecx; jz 2f; incl %1; 2: addl %%ecx, %0; jo 3f; decl %%ecx; jnz 1b; 3:" : "+r"(sum), "+r"(odd) :: "ecx", "cc");
    check_is("a loop with a jump in it: its sum", sum, 500500);
    check_is("how often the jump was not taken", odd, 500);
}

static void low_halves(void)
{
    Word a = (Word)-1 ^ 0x11, c = (Word)-1 ^ 0x2222, d = (Word)-1 ^ 0x333333, s = 0;
    /* A ring of three, and one that stays where it is. */
    __asm__ volatile("movl %k0, %%esi; movl %k1, %k0; movl %k2, %k1; movl %%esi, %k2; testl %%esp, %%esp; jnz 1f; ud2; 1: xorl %%esi, %%esi"
                     : "+a"(a), "+c"(c), "+d"(d), "+D"(s) :: "esi", "cc");
    check_is("the first of a ring", a, (uint32_t)-1 ^ 0x2222);
    check_is("the second", c, (uint32_t)-1 ^ 0x333333);
    check_is("the third", d, (uint32_t)-1 ^ 0x11);
    a = c = (Word)-1;
    __asm__ volatile("movl %k0, %k0; movl %k0, %k1; testl %%esp, %%esp; jnz 1f; ud2; 1:" : "+b"(a), "+c"(c) :: "cc");
    check_is("a register moved onto itself", a, UINT32_MAX);
    check_is("and from there to another", c, UINT32_MAX);
#ifdef LONG
    Word n = 0;
    __asm__ volatile("movq $-1, %%r9; movq $-2, %%r10; movl %%r9d, %%r10d; movl %%r10d, %%r9d; testl %%esp, %%esp; jnz 1f; ud2; 1: leaq (%%r9,%%r10), %0"
                     : "=r"(n) :: "r9", "r10", "cc");
    check_is("registers above the eighth", n, 2 * (Word)UINT32_MAX);
#endif
}

static void two_pages(void)
{
    uint8_t *pages = page_alloc(2);
    unsigned bad = 0;
    for (unsigned round = 0; round < 4; round++) {
        for (unsigned at = 4096 - 40; at <= 4096; at++) {
            uint32_t sum;
            memset(pages + 4000, 0, 256);
            __asm__ volatile("movl $1, (%1); movl $2, 4(%1); movl $4, 8(%1); movl $8, 12(%1); movl $16, 16(%1); movl $32, 28(%1)\n"
                             "movl (%1), %0; addl 4(%1), %0; addl 8(%1), %0; addl 12(%1), %0; addl 16(%1), %0; addl 28(%1), %0"
                             : "=&r"(sum) : "r"(pages + at) : "memory", "cc");
            bad += sum != 63 || pages[at] != 1 || pages[at + 8] != 4 || pages[at + 28] != 32 || pages[at + 29];
        }
    }
    check_is("stores and loads off one base across a page's end", bad, 0);
}

/* A scalar instruction leaves the rest of its register; of a wider scalar's result only the narrow lane moves on. */
static void low_lanes(void)
{
    enum { OSFXSR = 0x200 };
    static const uint32_t old[4] __attribute__((aligned(16))) = { 0x11111111, 0x3ff80000, 0x22222222, 0x40080000 }, one[4] __attribute__((aligned(16))) = { 0, 0x3ff00000 };
    uint32_t got[4] __attribute__((aligned(16)));
    write_cr4(read_cr4() | OSFXSR);
    __asm__ volatile("movapd %1, %%xmm0; movapd %%xmm0, %%xmm1; addsd %2, %%xmm1; movss %%xmm1, %%xmm0; movapd %%xmm0, %0" : "=m"(got) : "m"(old), "m"(one));
    check_is("MOVSS of what ADDSD made of the same register: the low word", got[0], 0x08888888);
    check_is("the next is the old one's", got[1], old[1]);
    check(got[2] == old[2] && got[3] == old[3], "and so is the upper half");
    __asm__ volatile("movapd %1, %%xmm0; movapd %%xmm0, %%xmm1; addsd %2, %%xmm1; movsd %%xmm1, %%xmm0; movapd %%xmm0, %0" : "=m"(got) : "m"(old), "m"(one));
    check(got[0] == 0x08888888 && got[1] == 0x40040000, "MOVSD takes both words");
    check(got[2] == old[2] && got[3] == old[3], "and no more");
}

const Subject subjects[] = {
    { "jumps", jumps }, { "jumps over", jumps_over }, { "state behind jumps", state_behind_jumps }, { "loops", loops }, { "low halves", low_halves }, { "low lanes", low_lanes }, { "two pages", two_pages }, { 0 },
};
