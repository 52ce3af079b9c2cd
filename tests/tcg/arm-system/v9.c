/*
 * Newer instructions beside vectors and floating point: atomics of 128 bits (FEAT_LSE128), compare and branch (FEAT_CMPBR).
 *
 * DDI 0487, C6.2 (LDCLRP, LDSETP, SWPP, CB<cc>, CBB<cc>, CBH<cc>). Instructions that assemblers may not know stand as words.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

/* ---- FEAT_LSE128: x1 and x2, at [x3] ---- */

typedef struct Pair { u64 low, high; } Pair;
static Pair memory __attribute__((aligned(32)));
#define PAIR(word, a, b, at) ({ \
    register u64 x1 __asm__("x1") = a; register u64 x2 __asm__("x2") = b; register void *x3 __asm__("x3") = at; \
    __asm__ volatile(".inst " #word : "+r"(x1), "+r"(x2) : "r"(x3) : "memory"); (Pair){ x1, x2 }; })

static bool is(Pair p, u64 low, u64 high) { return p.low == low && p.high == high; }

static void pairs(void)
{
    if ((READ(id_aa64isar0_el1) >> 20 & 15) < 3) {
        skip("atomics of 128 bits", "the processor has none");
        return;
    }
    memory = (Pair){ 0x1111222233334444, 0x5555666677778888 };
    check(is(PAIR(0x19228061, 10, 20, &memory), 0x1111222233334444, 0x5555666677778888), "SWPP returns what was there");
    check(is(memory, 10, 20), "and stores the pair");
    memory = (Pair){ 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0 };
    check(is(PAIR(0x19221061, 0xf0f0f0f0f0f0f0f0, 0xffffffff00000000, &memory), 0xff00ff00ff00ff00, 0x0ff00ff00ff00ff0), "LDCLRP returns what was there");
    check(is(memory, 0x0f000f000f000f00, 0x000000000ff00ff0), "and clears bits");
    memory = (Pair){ 1, 2 };
    check(is(PAIR(0x19e23061, 0x100, 0x200, &memory), 1, 2), "LDSETPAL returns what was there");
    check(is(memory, 0x101, 0x202), "and sets bits");
    check_is("8 bytes off the boundary", CATCH_EC(PAIR(0x19228061, 10, 20, &memory.high)), 0x25);
    check_is("is an alignment fault", ISS(fault.esr) & 0x3f, 0x21);
    check_is("FAR is the address", fault.far, (u64)&memory.high);
    check_is("told as a read's, which would have it as well", ISS(fault.esr) >> 6 & 1, 0);
    check_is("so has CASP", CATCH_EC(__asm__ volatile(".arch armv8.1-a\n casp x4, x5, x6, x7, [%0]" :: "r"(&memory.high) : "x4", "x5", "memory")), 0x25);
    check_is("and LDXP, which loads", CATCH_EC(__asm__ volatile("ldxp x4, x5, [%0]" :: "r"(&memory.high) : "x4", "x5", "memory")), 0x25);
    check_is("its syndrome", ISS(fault.esr), 0x21);
    check_is("XZR is not allocated", CATCH_EC(PAIR(0x193f8061, 10, 20, &memory)), 0);
}

/* ---- FEAT_CMPBR ---- */

static uint32_t code[4] __attribute__((aligned(64)));

/* Whether the instruction, of x0 and x1, branches: over what makes x2 0. */
static bool branches(uint32_t insn, u64 a, u64 b)
{
    enum { TWO_ON = 2 << 5, MOV_X2_0 = 0xd2800002, MOV_X0_X2 = 0xaa0203e0, RET = 0xd65f03c0 };
    code[0] = insn | TWO_ON;
    code[1] = MOV_X2_0;
    code[2] = MOV_X0_X2;
    code[3] = RET;
    __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" :: "r"(code) : "memory");
    return ((u64 (*)(u64, u64, u64))code)(a, b, 1);
}

typedef struct Condition { const char *name; uint8_t cc; bool (*holds)(u64 a, u64 b, int64_t sa, int64_t sb); } Condition;
static bool gt(u64 a, u64 b, int64_t sa, int64_t sb) { return sa > sb; }
static bool ge(u64 a, u64 b, int64_t sa, int64_t sb) { return sa >= sb; }
static bool hi(u64 a, u64 b, int64_t sa, int64_t sb) { return a > b; }
static bool hs(u64 a, u64 b, int64_t sa, int64_t sb) { return a >= b; }
static bool lt(u64 a, u64 b, int64_t sa, int64_t sb) { return sa < sb; }
static bool lo(u64 a, u64 b, int64_t sa, int64_t sb) { return a < b; }
static bool eq(u64 a, u64 b, int64_t sa, int64_t sb) { return a == b; }
static bool ne(u64 a, u64 b, int64_t sa, int64_t sb) { return a != b; }
static const Condition of_registers[] = { { "GT", 0, gt }, { "GE", 1, ge }, { "HI", 2, hi }, { "HS", 3, hs }, { "EQ", 6, eq }, { "NE", 7, ne } };
static const Condition of_immediates[] = { { "GT", 0, gt }, { "LT", 1, lt }, { "HI", 2, hi }, { "LO", 3, lo }, { "EQ", 6, eq }, { "NE", 7, ne } };
static const u64 values[] = { 0, 1, 2, 5, 63, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10005, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000005, 0x7fffffffffffffff, 0x8000000000000000,
                              0xffffffffffffffff };

static bool agrees(const Condition *c, uint32_t insn, unsigned bits, u64 a, u64 b, bool immediate)
{
    unsigned out = 64 - bits;
    bool want = c->holds(a << out >> out, b << out >> out, (int64_t)(a << out) >> out, (int64_t)(b << out) >> out);
    return branches(insn, a, immediate ? 0 : b) == want;
}

static void compare_and_branch(void)
{
    if ((READ(S3_0_C0_C6_2) >> 52 & 15) < 2) {
        skip("compare and branch", "the processor has none");
        return;
    }
    static const struct { const char *name; uint32_t insn; unsigned bits; } forms[] = {
        { "CB of X", 0xf4000000, 64 }, { "CB of W", 0x74000000, 32 }, { "CBB", 0x74008000, 8 }, { "CBH", 0x7400c000, 16 } };
    for (unsigned f = 0; f < ARRAY_SIZE(forms); f++) {
        for (unsigned c = 0; c < ARRAY_SIZE(of_registers); c++) {
            bool good = true;
            for (unsigned i = 0; i < ARRAY_SIZE(values) * ARRAY_SIZE(values); i++) {
                uint32_t insn = forms[f].insn | (uint32_t)of_registers[c].cc << 21 | 1 << 16;
                good = good && agrees(&of_registers[c], insn, forms[f].bits, values[i / ARRAY_SIZE(values)], values[i % ARRAY_SIZE(values)], false);
            }
            print("# %s\n", of_registers[c].name);
            check(good, forms[f].name);
        }
    }
    for (unsigned c = 0; c < ARRAY_SIZE(of_immediates); c++) {
        bool good = true;
        for (unsigned i = 0; i < ARRAY_SIZE(values) * 64; i++) {
            uint32_t insn = 0x75000000 | (uint32_t)of_immediates[c].cc << 21 | (i % 64) << 15;
            good = good && agrees(&of_immediates[c], insn, 32, values[i / 64], i % 64, true) && agrees(&of_immediates[c], insn | 1u << 31, 64, values[i / 64], i % 64, true);
        }
        print("# %s\n", of_immediates[c].name);
        check(good, "CB of a register and a number");
    }
}

const Subject subjects[] = { { "pairs", pairs }, { "compare and branch", compare_and_branch }, { NULL, NULL } };
