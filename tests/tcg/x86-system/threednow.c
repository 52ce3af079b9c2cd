/*
 * 3DNow! and its extensions: each operation on numbers whose results the manual leaves no choice about, what it does to the x87's tags, and who may run it.
 *
 * AMD 3DNow! Technology Manual (21928); AMD Extensions to the 3DNow! and MMX Instruction Sets (22466).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define PAIR(low, high) ((uint64_t)(high) << 32 | (uint32_t)(low))
enum { ONE = 0x3f800000, TWO = 0x40000000, THREE = 0x40400000, FOUR = 0x40800000, HALF = 0x3f000000, MINUS_ONE = 0xbf800000u, MINUS_TWO = 0xc0000000u,
       LARGEST = 0x7f7fffff, TINY = 0x00400000, LEAST = 0x00800000, BIG = 0x4f800000 /* 2^32 */, ALL = 0xffffffffu, QUARTER = 0x3e800000, ZERO = 0,
       MINUS_ZERO = 0x80000000u, MINUS_THREE = 0xc0400000u, FIVE = 0x40a00000, SEVEN = 0x40e00000, THREE_HALVES = 0x3fc00000 };

static const struct { const char *name; uint8_t op; uint64_t x, y, want; } cases[] = {
    { "pi2fd", 0x0d, 0, PAIR(3, -1), PAIR(THREE, MINUS_ONE) },
    { "pf2id cuts off", 0x1d, 0, PAIR(0x403fffff, 0xbfc00000), PAIR(2, -1) },
    { "pf2id saturates", 0x1d, 0, PAIR(BIG, BIG | MINUS_ZERO), PAIR(0x7fffffff, 0x80000000u) },
    { "pfcmpge", 0x90, PAIR(ONE, MINUS_TWO), PAIR(ONE, MINUS_ONE), PAIR(ALL, 0) },
    { "pfcmpgt", 0xa0, PAIR(TWO, ONE), PAIR(ONE, ONE), PAIR(ALL, 0) },
    { "pfcmpeq", 0xb0, PAIR(ZERO, ONE), PAIR(MINUS_ZERO, TWO), PAIR(ALL, 0) },
    { "pfmin", 0x94, PAIR(ONE, MINUS_TWO), PAIR(TWO, MINUS_ONE), PAIR(ONE, MINUS_TWO) },
    { "pfmax", 0xa4, PAIR(ONE, MINUS_TWO), PAIR(TWO, MINUS_ONE), PAIR(TWO, MINUS_ONE) },
    { "pfadd", 0x9e, PAIR(ONE, THREE), PAIR(TWO, MINUS_ONE), PAIR(THREE, TWO) },
    { "pfsub", 0x9a, PAIR(ONE, THREE), PAIR(TWO, MINUS_ONE), PAIR(MINUS_ONE, FOUR) },
    { "pfsubr", 0xaa, PAIR(ONE, THREE), PAIR(TWO, MINUS_ONE), PAIR(ONE, 0xc0800000u) },
    { "pfmul", 0xb4, PAIR(TWO, HALF), PAIR(TWO, MINUS_ONE), PAIR(FOUR, 0xbf000000u) },
    { "pfacc", 0xae, PAIR(ONE, TWO), PAIR(THREE, FOUR), PAIR(THREE, SEVEN) },
    { "pavgusb", 0xbf, 0x00ff0102ff000001, 0x01ff0203fe01ff01, 0x01ff0203ff018001 },
    { "pmulhrw", 0xb7, 0x7fff800040000001, 0x7fff800000020001, 0x3fff400000010000 },
    { "pi2fw", 0x0c, 0, PAIR(0xdead0003u, 0xbeefffffu), PAIR(THREE, MINUS_ONE) },
    { "pf2iw", 0x1c, 0, PAIR(THREE_HALVES, MINUS_THREE), PAIR(1, -3) },
    { "pfnacc", 0x8a, PAIR(ONE, TWO), PAIR(FIVE, TWO), PAIR(MINUS_ONE, THREE) },
    { "pfpnacc", 0x8e, PAIR(ONE, TWO), PAIR(FIVE, TWO), PAIR(MINUS_ONE, SEVEN) },
    { "pswapd", 0xbb, 0, PAIR(1, 2), PAIR(2, 1) },
};
/* Which other emulators may see differently: integers are cut off; there are no infinities and no denormals. */
static const struct { const char *name; uint8_t op; uint64_t x, y, want; } own_cases[] = {
    { "pi2fd cuts off", 0x0d, 0, PAIR(0x7fffffff, 0x1000001), PAIR(0x4effffff, 0x4b800000) },
    { "denormals count as 0", 0x9e, PAIR(TINY, TINY), PAIR(TINY, ONE), PAIR(0, ONE) },
    { "and do not come out", 0xb4, PAIR(LEAST, LEAST | MINUS_ZERO), PAIR(HALF, HALF), PAIR(0, MINUS_ZERO) },
    { "the largest number stays it", 0x9e, PAIR(LARGEST, LARGEST | MINUS_ZERO), PAIR(LARGEST, LARGEST | MINUS_ZERO), PAIR(LARGEST, LARGEST | MINUS_ZERO) },
    { "pf2iw saturates", 0x1c, 0, PAIR(BIG, BIG | MINUS_ZERO), PAIR(0x7fff, 0xffff8000u) },
};

/* movq (%edi), %mm0; movq (%esi), %mm1; op %mm1, %mm0; movq %mm0, (%edi); femms; ret */
static uint8_t *code;

static uint64_t run(uint8_t op, uint64_t x, uint64_t y)
{
    static const uint8_t bytes[] = { 0x0f, 0x6f, 0x07, 0x0f, 0x6f, 0x0e, 0x0f, 0x0f, 0xc1, 0, 0x0f, 0x7f, 0x07, 0x0f, 0x0e, 0xc3 };
    code = code ? code : page_alloc(1);
    memcpy(code, bytes, sizeof(bytes));
    code[9] = op;
    volatile uint64_t a = x, b = y;
    __asm__ volatile("call *%0" :: "r"(code), "D"(&a), "S"(&b) : "memory");
    return a;
}

static void arithmetic(void)
{
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        check_is(cases[i].name, run(cases[i].op, cases[i].x, cases[i].y), cases[i].want);
    }
    for (unsigned i = 0; i < sizeof(own_cases) / sizeof(own_cases[0]); i++) {
        check_is(own_cases[i].name, run(own_cases[i].op, own_cases[i].x, own_cases[i].y), own_cases[i].want);
    }
}

/* The program that the manual gives for a quotient and a reciprocal square root, of powers of two and others. */
static void iterations(void)
{
    uint64_t b = PAIR(THREE, FOUR), x0 = run(0x96, 0, b), x1 = run(0xa6, b, x0), x2 = run(0xb6, x1, x0);
    uint32_t third = (uint32_t)x2;
    check(third >= 0x3eaaaaaa && third <= 0x3eaaaaac, "a third is 0x%x", third);
    check_is("in both halves", x2 >> 32, third);
    uint64_t r0 = run(0x97, 0, b), square = run(0xb4, r0, r0), r1 = run(0xa7, b, square), r2 = run(0xb6, r1, r0);
    uint32_t root = (uint32_t)r2;
    check(root >= 0x3f13cd39 && root <= 0x3f13cd3b, "1 / sqrt(3) is 0x%x", root);
    check_is("the reciprocal root of a negative number is negative", (uint32_t)run(0x97, 0, PAIR(0xc0800000u, 0)) >> 31, 1);
}

static void environment(void)
{
    static const uint8_t pfadd[] = { 0x0f, 0x0f, 0xc1, 0x9e, 0xc3 }, none[] = { 0x0f, 0x0f, 0xc1, 0x00, 0xc3 };
    uint16_t env[14];
    code = code ? code : page_alloc(1);
    memcpy(code, pfadd, sizeof(pfadd));
    __asm__ volatile("fninit; fldz; call *%1; fnstenv %0" : "=m"(env) : "r"(code) : "memory");
    check_is("no register is empty", env[4] & env[4] >> 1 & 0x5555, 0);
    check_is("and TOP is 0", env[2] >> 11 & 7, 0);
    __asm__ volatile(".byte 0x0f, 0x0e; fnstenv %0" : "=m"(env));
    check_is("FEMMS empties them", env[4], 0xffff);
    memcpy(code, none, sizeof(none));
    check_fault("an operation that is none", CATCH(__asm__ volatile("call *%0" :: "r"(code) : "memory")), UD, 0);
    memcpy(code, pfadd, sizeof(pfadd));
    Word cr0 = read_cr0();
    write_cr0(cr0 | 8);
    check_fault("CR0.TS", CATCH(__asm__ volatile("call *%0" :: "r"(code) : "memory")), NM, 0);
    write_cr0((cr0 & ~(Word)2) | 4);
    check_fault("CR0.EM", CATCH(__asm__ volatile("call *%0" :: "r"(code) : "memory")), UD, 0);
    write_cr0(cr0);
    /* PREFETCH and PREFETCHW of any address. */
    __asm__ volatile("prefetchw (%0); .byte 0x0f, 0x0d, 0x00" :: "a"(~(Word)0xfff));
    check(true, "prefetches of what is not there do nothing");
}

const Subject subjects[] = { { "arithmetic", arithmetic }, { "iterations", iterations }, { "environment", environment }, { 0 } };
