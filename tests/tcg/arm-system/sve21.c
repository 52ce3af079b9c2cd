/*
 * SVE2.1 and arithmetic of BFloat16: instructions against models of them in C, at vectors of 64 bytes; loads and stores by counters and of quadwords, where they fault.
 *
 * DDI 0487, C8.2; J1 aarch64/functions/sve (EncodePredCount). Assemblers do not know them yet: instructions are numbers, of Z0, Z1, Z2, P0, P1, P8.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define SVE(text, ...) __asm__ volatile(".arch_extension sve\n" text __VA_ARGS__)
enum { CPTR_RES1 = 0x32ff & ~(1 << 8), EC_UNDEFINED = 0, EC_SVE = 0x19, EC_ABORT = 0x25, NEOVERSE_V1 = 0xd40, VL = 64, RET = 0xd65f03c0, TZ = 1 << 8 };

static uint8_t d[VL] __attribute__((aligned(64))), n[VL] __attribute__((aligned(64))), m[VL] __attribute__((aligned(64))), r[VL] __attribute__((aligned(64)));
static uint8_t p[VL / 8] __attribute__((aligned(16))), q[VL / 8] __attribute__((aligned(16))), counter[VL / 8] __attribute__((aligned(16)));
static uint8_t buffer[8 * VL] __attribute__((aligned(64)));
static u64 x0, x1, x2, flags;
uint32_t code[2] __attribute__((aligned(64)));

static bool has_sve21(void) { return (READ(midr_el1) >> 4 & 0xfff) != NEOVERSE_V1; }

static void open_all(void)
{
    WRITE(cptr_el2, CPTR_RES1);
    WRITE(S3_4_C1_C2_0, VL / 16 - 1);
    isb();
}

/* One instruction, with d, n, m in Z0 to Z2, p in P0, counter in P8 and x0 to x2; r, q, counter and x0 take what it leaves in Z0, P1, P8, X0. The class of its exception. */
static int run(uint32_t insn)
{
    code[0] = insn;
    code[1] = RET;
    __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" :: "r"(code) : "memory");
    return CATCH_EC({
        register u64 a __asm__("x0") = x0;
        register u64 b __asm__("x1") = x1;
        register u64 c __asm__("x2") = x2;
        u64 nzcv;
        SVE("ldr z0, [%4]\n ldr z1, [%5]\n ldr z2, [%6]\n ldr z3, [%6]\n ldr p0, [%7]\n ldr p8, [%8]\n blr %9\n mrs %3, nzcv\n str z0, [%10]\n str p1, [%11]\n str p8, [%8]\n",
            : "+r"(a), "+r"(b), "+r"(c), "=&r"(nzcv) : "r"(d), "r"(n), "r"(m), "r"(p), "r"(counter), "r"(code), "r"(r), "r"(q) : "memory", "cc", "x30");
        x0 = a;
        flags = nzcv >> 28;
    });
}

static u64 get(const uint8_t *v, unsigned size, unsigned i)
{
    u64 value = 0;
    for (unsigned k = 0; k < 1u << size; k++) {
        value |= (u64)v[(i << size) + k] << 8 * k;
    }
    return value;
}

static void put(uint8_t *v, unsigned size, unsigned i, u64 value)
{
    for (unsigned k = 0; k < 1u << size; k++) {
        v[(i << size) + k] = (uint8_t)(value >> 8 * k);
    }
}

static bool active(unsigned size, unsigned i) { return p[(i << size) / 8] >> ((i << size) % 8) & 1; }
static int64_t extend(u64 value, unsigned size) { return (int64_t)(value << (64 - (8u << size))) >> (64 - (8u << size)); }
static unsigned count(unsigned size) { return (unsigned)VL >> size; }
static u64 low(u64 value, unsigned size) { return size == 3 ? value : value & ((1ull << (8u << size)) - 1); }

static void fill(unsigned seed)
{
    u64 state = seed * 0x9e3779b97f4a7c15ull + 1;
    uint8_t *const all[] = { d, n, m, p };
    for (unsigned k = 0; k < 4; k++) {
        for (unsigned i = 0; i < (k == 3 ? VL / 8 : VL); i++) {
            state = state * 6364136223846793005ull + 1442695040888963407ull;
            all[k][i] = (uint8_t)(state >> 33);
        }
    }
}

/* ---- is it there ---- */

static void features(void)
{
    u64 value = READ(S3_0_C0_C4_4), has = has_sve21();
    open_all();
    check_is("SVEver", (value & 15) >= 2, has);
    check_is("B16B16", value >> 24 & 15, has);
    u64 expected = has ? (u64)NONE : EC_UNDEFINED;
    fill(1);
    check_is("ZIPQ1", run(0x4402e020), expected);
    check_is("PTRUE of a counter", run(0x25207810), expected);
    check_is("LD1B of two vectors, none active", run(0xa0400000), has ? (u64)NONE : EC_UNDEFINED);
    check_is("BFADD", run(0x65020020), expected);
    check_is("SVE's own", run(0x04220020), (u64)NONE);
    WRITE(cptr_el2, CPTR_RES1 | TZ);
    isb();
    check_is("TZ traps what is there", CATCH_EC(__asm__ volatile(".inst 0xa0400000" ::: "memory")), has ? EC_SVE : EC_UNDEFINED);
    open_all();
}

/* ---- predicates as counters ---- */

static unsigned bits(void) { return (unsigned)get(counter, 1, 0); }

static void counters(void)
{
    if (!has_sve21()) {
        return;
    }
    run(0x25207810);
    check_is("PTRUE PN8.B", bits(), 0x8001);
    run(0x25e07810);
    check_is("PTRUE PN8.D", bits(), 0x8008);
    check_is("and nothing above", get(counter, 2, 1), 0);
    run(0x25e08700);
    check_is("CNTP X0, PN8.D, VLx4", x0, 4 * VL / 8);
    run(0x25208300);
    check_is("CNTP X0, PN8.B, VLx2: of bytes every eighth", x0, 2 * VL / 8);
    x1 = 10;
    x2 = 15;
    run(0x25a24430);
    check_is("WHILELT PN8.S, X1, X2, VLx2: five", bits(), 5 << 3 | 4);
    check_is("N and C", flags, 10);
    run(0x25a24438);
    check_is("WHILELE: six", bits(), 6 << 3 | 4);
    x2 = 1000;
    run(0x25a26430);
    check_is("WHILELT VLx4, beyond the end: all", bits(), 0x8004);
    check_is("the last one is active: no C", flags, 8);
    run(0x25a24030);
    check_is("WHILEGE of the lesser: none", bits(), 0);
    check_is("Z and C", flags, 6);
    x1 = 15;
    x2 = 10;
    run(0x25a24030);
    check_is("WHILEGE: the last six", bits(), 0x8000 | (2 * VL / 4 - 6) << 3 | 4);
    check_is("the first is not active", flags, 0);
    x1 = 1;
    x2 = ~0ull;
    run(0x25624c30);
    check_is("WHILELO is without sign", bits(), 0x8002);
    put(counter, 1, 0, 21 << 3 | 4);
    run(0x25a07111);
    check_is("PEXT P1.S, PN8[1]: five of the second vector", get(q, 3, 0), 0x11111);
    run(0x25a07511);
    check_is("PEXT {P1.S, P2.S}, PN8[1]: none", get(q, 3, 0), 0);
    put(counter, 1, 0, 0x8000 | 21 << 3 | 4);
    run(0x25a07111);
    check_is("inverted: the others", get(q, 3, 0), 0x1111111111100000);
    x1 = 0;
    x2 = VL + 3;
    run(0x25225430);
    SVE("str p0, [%0]", :: "r"(q) : "memory");
    check_is("WHILELT {P0.B, P1.B}: all of the first", get(q, 3, 0), ~0ull);
    SVE("str p1, [%0]", :: "r"(q) : "memory");
    check_is("three of the second", get(q, 3, 0), 7);
}

static void predicates(void)
{
    if (!has_sve21()) {
        return;
    }
    fill(2);
    run(0x052a3821);
    check_is("PMOV P1.B, Z1", get(q, 3, 0), get(n, 3, 0));
    run(0x056e3821);
    bool good = true;
    for (unsigned i = 0; i < VL / 4; i++) {
        good = good && (q[i / 2] >> (i % 2 * 4) & 15) == (n[(3 * VL / 4 + i) / 8] >> ((3 * VL / 4 + i) % 8) & 1);
    }
    check(good, "PMOV P1.S, Z1[3]");
    run(0x052b3800);
    check(get(r, 3, 0) == get(p, 3, 0) && get(r, 3, 1) == 0 && get(r, 3, 7) == 0, "PMOV Z0, P0.B clears the rest");
    run(0x052f3800);
    good = get(r, 2, 0) == get(d, 2, 0) && get(r, 3, 1) == get(d, 3, 1);
    for (unsigned i = 0; i < VL / 2; i++) {
        good = good && (r[4 + i / 8] >> i % 8 & 1) == active(1, i);
    }
    check(good, "PMOV Z0[1], P0.H leaves it");
    __asm__ volatile(".arch_extension sve\n ldr p0, [%0]\n mov w12, %w1\n .inst 0x25244001\n str p1, [%2]" :: "r"(p), "r"(VL + 9), "r"(q) : "memory", "x12");
    check_is("PSEL P1, P0, P0.B[W12, 0]: element 9 decides", get(q, 3, 0), active(0, 9) ? get(p, 3, 0) : 0);
}

/* ---- of each quadword ---- */

typedef u64 Combine(u64 a, u64 b, unsigned size);
static u64 add(u64 a, u64 b, unsigned size) { return low(a + b, size); }
static u64 or(u64 a, u64 b, unsigned size) { return a | b; }
static u64 eor(u64 a, u64 b, unsigned size) { return a ^ b; }
static u64 and(u64 a, u64 b, unsigned size) { return a & b; }
static u64 smax(u64 a, u64 b, unsigned size) { return extend(a, size) > extend(b, size) ? a : b; }
static u64 smin(u64 a, u64 b, unsigned size) { return extend(a, size) < extend(b, size) ? a : b; }
static u64 umax(u64 a, u64 b, unsigned size) { return a > b ? a : b; }
static u64 umin(u64 a, u64 b, unsigned size) { return a < b ? a : b; }

static bool reduces(uint32_t insn, unsigned size, Combine *f, u64 identity)
{
    bool good = run(insn | size << 22) == NONE;
    unsigned in_quad = 16 >> size;
    for (unsigned k = 0; k < in_quad; k++) {
        u64 value = low(identity, size);
        for (unsigned i = k; i < count(size); i += in_quad) {
            value = active(size, i) ? f(value, get(n, size, i), size) : value;
        }
        good = good && get(r, size, k) == value;
    }
    return good && get(r, 3, 2) == 0 && get(r, 3, 7) == 0;
}

static void reductions(void)
{
    bool good[8] = { true, true, true, true, true, true, true, true };
    for (unsigned size = 0; size < 4 && has_sve21(); size++) {
        fill(10 + size);
        u64 sign = 1ull << ((8u << size) - 1);
        good[0] &= reduces(0x04052020, size, add, 0);
        good[1] &= reduces(0x041c2020, size, or, 0);
        good[2] &= reduces(0x041d2020, size, eor, 0);
        good[3] &= reduces(0x041e2020, size, and, ~0ull);
        good[4] &= reduces(0x040c2020, size, smax, sign);
        good[5] &= reduces(0x040d2020, size, umax, 0);
        good[6] &= reduces(0x040e2020, size, smin, sign - 1);
        good[7] &= reduces(0x040f2020, size, umin, ~0ull);
    }
    static const char *const names[] = { "ADDQV", "ORQV", "EORQV", "ANDQV", "SMAXQV", "UMAXQV", "SMINQV", "UMINQV" };
    for (unsigned i = 0; i < 8; i++) {
        check(good[i], names[i]);
    }
}

enum { ZIP1, ZIP2, UZP1, UZP2, TABLE, TABLE_EXTENDS, NR_PERMUTATIONS };

static u64 permuted(unsigned what, unsigned size, unsigned i)
{
    unsigned in_quad = 16 >> size, half = in_quad / 2, k = i % in_quad, from = i - k;
    u64 index = get(m, size, i);
    switch (what) {
    case ZIP1: case ZIP2: return get(k & 1 ? m : n, size, from + (what == ZIP2 ? half : 0) + k / 2);
    case UZP1: case UZP2: return get(k < half ? n : m, size, from + 2 * (k % half) + (what == UZP2));
    default: return index < in_quad ? get(n, size, from + index) : what == TABLE_EXTENDS ? get(d, size, i) : 0;
    }
}

static void permutations(void)
{
    static const uint32_t insns[NR_PERMUTATIONS] = { 0x4402e020, 0x4402e420, 0x4402e820, 0x4402ec20, 0x4402f820, 0x05223420 };
    static const char *const names[NR_PERMUTATIONS] = { "ZIPQ1", "ZIPQ2", "UZPQ1", "UZPQ2", "TBLQ", "TBXQ" };
    if (!has_sve21()) {
        return;
    }
    for (unsigned what = 0; what < NR_PERMUTATIONS; what++) {
        bool good = true;
        for (unsigned size = 0; size < 4; size++) {
            fill(20 + size);
            for (unsigned i = 0; i < count(size); i += 3) {
                put(m, size, i, i % 16);
            }
            good = good && run(insns[what] | size << 22) == NONE;
            for (unsigned i = 0; i < count(size); i++) {
                good = good && get(r, size, i) == permuted(what, size, i);
            }
        }
        check(good, names[what]);
    }
    bool dup = true, ext = true, rev = true;
    fill(30);
    run(0x052c2420);
    for (unsigned i = 0; i < VL / 4; i++) {
        dup = dup && get(r, 2, i) == get(n, 2, i / 4 * 4 + 1);
    }
    check(dup, "DUPQ Z0.S, Z1.S[1]");
    check_is("DUPQ of no size", run(0x05202420), EC_UNDEFINED);
    run(0x05652440);
    for (unsigned i = 0; i < VL; i++) {
        ext = ext && r[i] == (i % 16 + 5 < 16 ? d[i + 5] : m[i + 5 - 16]);
    }
    check(ext, "EXTQ Z0, Z2, 5");
    run(0x052e8020);
    for (unsigned i = 0; i < VL / 8; i++) {
        rev = rev && get(r, 3, i) == (p[i / 2 * 2] & 1 ? get(n, 3, i ^ 1) : get(d, 3, i));
    }
    check(rev, "REVD");
}

/* ---- arithmetic ---- */

static void integers(void)
{
    bool clamps = true, dots = true, indexed = true, narrows = true, shifts = true, to_unsigned = true;
    if (!has_sve21()) {
        return;
    }
    for (unsigned size = 0; size < 4; size++) {
        fill(40 + size);
        run(0x4402c020 | size << 22);
        for (unsigned i = 0; i < count(size); i++) {
            clamps = clamps && get(r, size, i) == smin(smax(get(n, size, i), get(d, size, i), size), get(m, size, i), size);
        }
        run(0x4402c420 | size << 22);
        for (unsigned i = 0; i < count(size); i++) {
            clamps = clamps && get(r, size, i) == umin(umax(get(n, size, i), get(d, size, i), size), get(m, size, i), size);
        }
    }
    check(clamps, "SCLAMP, UCLAMP");
    run(0x4402c820);
    for (unsigned i = 0; i < VL / 4; i++) {
        u64 sum = get(d, 2, i) + (u64)(extend(get(n, 1, 2 * i), 1) * extend(get(m, 1, 2 * i), 1)) + (u64)(extend(get(n, 1, 2 * i + 1), 1) * extend(get(m, 1, 2 * i + 1), 1));
        dots = dots && get(r, 2, i) == low(sum, 2);
    }
    check(dots, "SDOT of halfwords");
    run(0x4492cc20);
    for (unsigned i = 0; i < VL / 4; i++) {
        unsigned at = i / 4 * 8 + 4;
        indexed = indexed && get(r, 2, i) == low(get(d, 2, i) + get(n, 1, 2 * i) * get(m, 1, at) + get(n, 1, 2 * i + 1) * get(m, 1, at + 1), 2);
    }
    check(indexed, "UDOT of halfwords by index");
    for (unsigned i = 0; i < VL / 4; i += 2) {
        put(m, 2, i, (u64)extend(get(m, 1, i), 1) * 2);
    }
    run(0x45314040);
    for (unsigned i = 0; i < VL / 2; i++) {
        int64_t value = extend(get(m, 2, i / 2), 2);
        narrows = narrows && get(r, 1, i) == low((u64)(value < -0x8000 ? -0x8000 : value > 0x7fff ? 0x7fff : value), 1);
    }
    check(narrows, "SQCVTN of a pair, by turns");
    run(0x45bb3840);
    for (unsigned i = 0; i < VL / 2; i++) {
        u64 value = (get(m, 2, i / 2) + 16) >> 5;
        shifts = shifts && get(r, 1, i) == (value > 0xffff ? 0xffff : value);
    }
    check(shifts, "UQRSHRN by 5");
    run(0x45bb0840);
    for (unsigned i = 0; i < VL / 2; i++) {
        int64_t value = (extend(get(m, 2, i / 2), 2) + 16) >> 5;
        to_unsigned = to_unsigned && get(r, 1, i) == (u64)(value < 0 ? 0 : value > 0xffff ? 0xffff : value);
    }
    check(to_unsigned, "SQRSHRUN by 5");
}

enum { ONE_S = 0x3f800000, TWO_S = 0x40000000, THREE_S = 0x40400000, FOUR_S = 0x40800000, NAN_S = 0x7fc00000, ONE_H = 0x3c00, TWO_H = 0x4000 };
enum { ONE_B = 0x3f80, TWO_B = 0x4000, THREE_B = 0x4040, FIVE_B = 0x40a0, MINUS_ONE_B = 0xbf80, INFINITY_B = 0x7f80 };

static void all_of(uint8_t *v, unsigned size, u64 value)
{
    for (unsigned i = 0; i < count(size); i++) {
        put(v, size, i, value);
    }
}

static u64 result(uint32_t insn, unsigned size) { return run(insn) == NONE ? get(r, size, VL / 2 >> size) : ~0ull; }

static void floats(void)
{
    if (!has_sve21()) {
        return;
    }
    WRITE(fpcr, 0);
    WRITE(fpsr, 0);
    for (unsigned i = 0; i < VL / 8; i++) {
        p[i] = i == 7 ? 0 : 0xff;
    }
    all_of(n, 2, ONE_S);
    run(0x6490a020);
    check_is("FADDQV of four", get(r, 2, 0), FOUR_S);
    check_is("of three that are active", get(r, 2, 3), THREE_S);
    put(n, 2, 4, NAN_S);
    run(0x6495a020);
    check_is("FMINNMQV leaves NaNs out", get(r, 2, 0), ONE_S);
    run(0x6496a020);
    check_is("FMAXQV does not", get(r, 2, 0), NAN_S);
    all_of(n, 2, ONE_S);
    all_of(d, 2, THREE_S);
    all_of(m, 2, TWO_S);
    check_is("FCLAMP", result(0x64a22420, 2), TWO_S);
    all_of(n, 1, ONE_H);
    all_of(m, 1, TWO_H);
    all_of(d, 2, 0);
    check_is("FDOT of halves", result(0x64228020, 2), FOUR_S);
    all_of(n, 1, ONE_B);
    all_of(m, 1, TWO_B);
    all_of(d, 2, THREE_S);
    check_is("BFMLSLB", result(0x64e2a020, 2), ONE_S);
    check_is("BFMLSLT", result(0x64e2a420, 2), ONE_S);
}

static void bfloat16(void)
{
    if (!has_sve21()) {
        return;
    }
    WRITE(fpcr, 0);
    WRITE(fpsr, 0);
    for (unsigned i = 0; i < VL / 8; i++) {
        p[i] = 0xff;
    }
    all_of(n, 1, ONE_B);
    all_of(m, 1, TWO_B);
    all_of(d, 1, THREE_B);
    check_is("BFADD", result(0x65020020, 1), THREE_B);
    check_is("BFSUB", result(0x65020420, 1), MINUS_ONE_B);
    check_is("BFMUL", result(0x65020820, 1), TWO_B);
    check_is("BFMLA", result(0x65220020, 1), FIVE_B);
    check_is("BFMLS", result(0x65222020, 1), ONE_B);
    check_is("BFMUL by index", result(0x643a2820, 1), TWO_B);
    check_is("BFCLAMP", result(0x64222420, 1), TWO_B);
    check_is("BFMAX", result(0x65068040, 1), THREE_B);
    check_is("BFMINNM", result(0x65058040, 1), TWO_B);
    check_is("all of that was exact", READ(fpsr), 0);
    all_of(m, 1, 0x3b80);
    check_is("BFADD of less than half a place", result(0x65020020, 1), ONE_B);
    check_is("is inexact", READ(fpsr), 0x10);
    WRITE(fpcr, 1 << 22);
    check_is("rounded upwards", result(0x65020020, 1), ONE_B + 1);
    WRITE(fpcr, 0);
    all_of(n, 1, INFINITY_B - 1);
    all_of(m, 1, TWO_B);
    check_is("BFMUL overflows", result(0x65020820, 1), INFINITY_B);
    check_is("with OFC", READ(fpsr), 0x14);
    WRITE(fpsr, 0);
}

/* ---- memory ---- */

/* r has so many bytes of memory, then 0. */
static bool loaded(const uint8_t *from, unsigned bytes)
{
    bool good = true;
    for (unsigned i = 0; i < VL; i++) {
        good = good && r[i] == (i < bytes ? from[i] : 0);
    }
    return good;
}

static void vectors(void)
{
    if (!has_sve21()) {
        return;
    }
    fill(50);
    for (unsigned i = 0; i < sizeof(buffer); i++) {
        buffer[i] = (uint8_t)(i * 7 + 1);
    }
    x0 = (u64)buffer;
    put(counter, 3, 0, 5 << 3 | 4);
    check_is("LD1W of two", run(0xa0404000), (u64)NONE);
    check(loaded(buffer, 20), "five words");
    x0 = (u64)buffer;
    put(counter, 3, 0, (VL / 4 + 2) << 3 | 4);
    run(0xa0404000);
    SVE("str z1, [%0]", :: "r"(r) : "memory");
    check(loaded(buffer + VL, 8), "two of the second vector");
    put(counter, 3, 0, (VL / 4 + 2) << 3 | 4);
    x0 = (u64)buffer;
    run(0xa0604000);
    bool good = true;
    for (unsigned i = 0; i < VL + 12; i++) {
        good = good && buffer[i] == (i < VL ? d[i] : i < VL + 8 ? n[i - VL] : (uint8_t)(i * 7 + 1));
    }
    check(good, "ST1W of two");
    put(counter, 3, 0, 0x8000 | (4 * VL / 8 - 1) << 4 | 8);
    x0 = (u64)buffer;
    x1 = 1;
    run(0xa021e000);
    check_is("ST1D of four by a register: the last one alone", get(buffer, 3, 4 * VL / 8), get(m, 3, VL / 8 - 1));
    put(counter, 3, 0, 0x8001);
    x0 = 1ull << 47;
    check_is("a fault", run(0xa0404000), EC_ABORT);
    put(counter, 3, 0, 0);
    check_is("none active, none", run(0xa0404000), (u64)NONE);
}

static void quads(void)
{
    if (!has_sve21()) {
        return;
    }
    fill(60);
    for (unsigned i = 0; i < sizeof(buffer); i++) {
        buffer[i] = (uint8_t)(i * 5 + 3);
    }
    put(p, 3, 0, 0x0001000000010001);      /* quadwords 0, 1, 3 */
    x0 = (u64)buffer;
    run(0xa5102000);
    check(get(r, 3, 0) == get(buffer, 2, 0) && get(r, 3, 1) == 0 && get(r, 3, 2) == get(buffer, 2, 1) && get(r, 3, 4) == 0 && get(r, 3, 6) == get(buffer, 2, 3), "LD1W of quadwords");
    x0 = (u64)buffer;
    x1 = 1;
    run(0xa5818000);
    check(get(r, 3, 0) == get(buffer, 3, 1) && get(r, 3, 1) == 0 && get(r, 3, 6) == get(buffer, 3, 4), "LD1D of quadwords");
    x0 = (u64)buffer;
    run(0xa490e000);
    check(get(r, 3, 1) == get(buffer, 3, 1) && get(r, 3, 2) == get(buffer, 3, 4) && get(r, 3, 4) == 0, "LD2Q, the first register");
    SVE("str z1, [%0]", :: "r"(r) : "memory");
    check(get(r, 3, 0) == get(buffer, 3, 2) && get(r, 3, 7) == get(buffer, 3, 15), "LD2Q, the second");
    x0 = (u64)buffer;
    run(0xe4400000);
    check(get(buffer, 3, 0) == get(d, 3, 0) && get(buffer, 3, 2) == get(n, 3, 0) && buffer[64] == (uint8_t)(64 * 5 + 3) && get(buffer, 3, 14) == get(n, 3, 6), "ST2Q");
    x0 = (u64)buffer;
    run(0xe5c0e000);
    check(get(buffer, 3, 1) == get(d, 3, 2) && get(buffer, 3, 3) == get(d, 3, 6), "ST1D of quadwords");
    for (unsigned i = 0; i < VL / 16; i++) {
        put(n, 3, 2 * i, 16 * (3 - i));
    }
    x1 = (u64)buffer + VL;
    run(0xc401a020);
    check(get(r, 3, 0) == get(buffer + VL, 3, 6) && get(r, 3, 1) == get(buffer + VL, 3, 7) && get(r, 3, 4) == 0, "LD1Q by addresses");
    run(0xe4212020);
    check(get(buffer + VL, 3, 6) == get(d, 3, 0) && get(buffer + VL, 3, 1) == get(d, 3, 7) && buffer[VL + 16] == (uint8_t)((VL + 16) * 5 + 3), "ST1Q");
    x1 = 1ull << 47;
    check_is("ST1Q to nowhere", run(0xe4212020), EC_ABORT);
}

const Subject subjects[] = { { "features", features }, { "counters", counters }, { "predicates", predicates }, { "reductions", reductions }, { "permutations", permutations },
                             { "integers", integers }, { "floats", floats }, { "BFloat16", bfloat16 }, { "vectors", vectors }, { "quadwords", quads }, { NULL, NULL } };
