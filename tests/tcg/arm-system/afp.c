/*
 * Alternate floating point (FEAT_AFP: FPCR.AH, FIZ, NEP), estimates of 12 bits (FEAT_RPRES), products of BFloat16 that are rounded once (FEAT_EBF16); conversions from
 * vector registers to such (FEAT_FPRCVT), greatest magnitudes (FEAT_FAMINMAX), tables by indices of a few bits (FEAT_LUT).
 *
 * DDI 0487, C5.2.8 (FPCR), A1.5 (NaNs, flushing), J1 (FPProcessNaNs, FPMax, FPRound, FPRecipEstimate, BFDotAdd).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { FIZ = 1, AH = 2, NEP = 4, EBF = 1 << 13, FZ = 1 << 24, IOC = 1, DZC = 2, UFC = 8, IXC = 16, IDC = 128 };

/* V0 to V3, all of 128 bits; then what became of V0. */
static u64 regs[10] __attribute__((aligned(16)));
static u64 flags, x0;
#define D 0
#define N 2
#define M 4
#define A 6
#define R 8

#define DO(fpcr, insn) \
    __asm__ volatile("msr fpcr, %2\n msr fpsr, xzr\n ldp q0, q1, [%3]\n ldp q2, q3, [%3, #32]\n .arch armv8.6-a+fp16\n " insn "\n str q0, [%3, #64]\n mov %0, x0\n mrs %1, fpsr\n msr fpcr, xzr" \
                     : "=&r"(x0), "=&r"(flags) : "r"((u64)(fpcr)), "r"(regs) : "x0", "memory")

static void set(u64 d, u64 n, u64 m, u64 a)
{
    u64 low[] = { d, n, m, a };
    for (unsigned i = 0; i < 4; i++) {
        regs[2 * i] = low[i];
        regs[2 * i + 1] = 0x1111111111111111 * (i + 1);
    }
}

#define UPPER(i) (0x1111111111111111ull * ((i) / 2 + 1))
#define ABOVE(x) ((u64)(x) | 0xabcdef0100000000)      /* a single, with something above it */
enum { ONE = 0x3f800000, TWO = 0x40000000, THREE = 0x40400000, QNAN = 0x7fc01234, SNAN = 0x7f812345, INF = 0x7f800000, TINY = 1, SMALLEST = 0x00800000 };

static bool there(void)
{
    WRITE(cpacr_el1, 3 << 20);
    isb();
    if (READ(id_aa64mmfr1_el1) >> 44 & 15) {
        return true;
    }
    skip("alternate floating point", "the processor has none");
    return false;
}

/* ---- NEP ---- */

static void elements(void)
{
    if (!there()) {
        return;
    }
    set(ABOVE(TWO), ABOVE(ONE), ABOVE(TWO), ABOVE(THREE));
    DO(0, "fadd s0, s1, s2");
    check(regs[R] == THREE && regs[R + 1] == 0, "FADD without NEP: zeroes above");
    DO(NEP, "fadd s0, s1, s2");
    check(regs[R] == ABOVE(THREE) && regs[R + 1] == UPPER(N), "FADD with NEP: the first operand's");
    DO(NEP, "fmadd s0, s1, s2, s3");
    check(regs[R] == ABOVE(0x40a00000) && regs[R + 1] == UPPER(A), "FMADD: the addend's");
    DO(NEP, "fcmeq s0, s1, s2");
    check(regs[R] == ABOVE(0) && regs[R + 1] == UPPER(M), "FCMEQ: the second operand's");
    DO(NEP, "fcmeq s0, s1, #0.0");
    check(regs[R] == 0 && regs[R + 1] == 0, "with zero: none");
    DO(NEP, "fneg s0, s1");
    check(regs[R] == ABOVE(0xbf800000) && regs[R + 1] == UPPER(D), "FNEG: the destination's");
    DO(NEP, "fcvt h0, s1");
    check(regs[R] == (ABOVE(TWO & 0xffff0000) | 0x3c00) && regs[R + 1] == UPPER(D), "FCVT to half: from bit 16 on");
    DO(NEP, "fmla s0, s1, v2.s[0]");
    check(regs[R] == ABOVE(0x40800000) && regs[R + 1] == UPPER(D), "FMLA by an element: the destination's");
    DO(NEP, "fmov s0, s1");
    check(regs[R] == ONE && regs[R + 1] == 0, "a move: none");
    DO(NEP, "mov x0, #3\n scvtf s0, x0");
    check(regs[R] == ABOVE(THREE) && regs[R + 1] == UPPER(D), "SCVTF: the destination's");
    DO(NEP, "fadd v0.2s, v1.2s, v2.2s");
    check(regs[R + 1] == 0, "vectors have none of it");
    set(ABOVE(TWO), ABOVE(SNAN), ABOVE(TWO), ABOVE(THREE));
    DO(NEP, "fadd s0, s1, s2");
    check(regs[R] == ABOVE(SNAN | 0x400000) && regs[R + 1] == UPPER(N) && flags == IOC, "where a NaN comes of it, too");
}

/* ---- AH ---- */

static bool gives(u64 r, u64 fpsr) { return (uint32_t)regs[R] == (uint32_t)r && flags == fpsr; }

static void alternate(void)
{
    if (!there()) {
        return;
    }
    set(0, 0, 0, 0);
    DO(0, "fdiv s0, s1, s2");
    check(gives(0x7fc00000, IOC), "the default NaN");
    DO(AH, "fdiv s0, s1, s2");
    check(gives(0xffc00000, IOC), "is negative with AH");
    set(0, QNAN, SNAN, 0);
    DO(0, "fadd s0, s1, s2");
    check(gives(SNAN | 0x400000, IOC), "of two NaNs the one that signals");
    DO(AH, "fadd s0, s1, s2");
    check(gives(QNAN, IOC), "with AH the first");
    DO(AH, "fmaxnm s0, s1, s2");
    check(gives(QNAN, IOC), "FMAXNM as well");
    set(0, QNAN, ONE, 0);
    DO(AH, "fmax s0, s1, s2");
    check(gives(ONE, IOC), "FMAX of a NaN and a number: the second");
    set(0, ONE, QNAN, 0);
    DO(AH, "fmax s0, s1, s2");
    check(gives(QNAN, IOC), "whichever that is");
    set(0, 0, 0x80000000, 0);
    DO(AH, "fmax s0, s1, s2");
    check(gives(0x80000000, 0), "and of zeroes");
    set(0, QNAN, 0, 0);
    DO(AH, "fneg s0, s1");
    check(gives(QNAN, 0), "FNEG leaves the sign of a NaN");
    set(0, INF, 0, QNAN);
    DO(AH, "fmadd s0, s1, s2, s3");
    check(gives(QNAN, 0), "infinity times zero plus a NaN is that");
    set(0, TINY, ONE, 0);
    DO(AH, "fadd s0, s1, s2");
    check(gives(ONE, IDC | IXC), "a subnormal operand is told");
    DO(AH | FZ, "fmul s0, s1, s2");
    check(gives(0, IDC | UFC | IXC), "FZ flushes the result alone, which is inexact");
    DO(FZ, "fmul s0, s1, s2");
    check(gives(0, IDC), "without AH the operand");
    set(0, 0x7f7fffff, 0x007fffff, 0);
    DO(AH | FZ, "fadd s0, s1, s2");
    check(gives(0x7f7fffff, IDC | IXC), "nothing else is flushed");
    set(0, 0x35800001, 0x0a7ffffe, 0);
    DO(0, "fmul s0, s1, s2");
    check(gives(SMALLEST, UFC | IXC), "what rounds up to the smallest normal number is tiny");
    DO(AH, "fmul s0, s1, s2");
    check(gives(SMALLEST, IXC), "with AH not, for without a limit to exponents it is no less");
}

static void operands(void)
{
    if (!there()) {
        return;
    }
    set(0, TINY, ONE, 0);
    DO(FIZ, "fmul s0, s1, s2");
    check(gives(0, 0), "FIZ flushes operands, and does not tell");
    DO(FIZ | FZ, "fmul s0, s1, s2");
    check(gives(0, IDC), "FZ does");
    set(0, SMALLEST, 0x3f000000, 0);
    DO(FIZ, "fmul s0, s1, s2");
    check(gives(0x00400000, 0), "results stay subnormal");
}

static void estimates(void)
{
    if (!there()) {
        return;
    }
    set(0, ONE, 0, 0);
    DO(0, "frecpe s0, s1");
    check(gives(0x3f7f8000, 0), "FRECPE of 8 bits");
    DO(AH, "frecpe s0, s1");
    check(gives(0x3f7ff000, 0), "of 12 with AH");
    DO(AH, "frsqrte s0, s1");
    check(gives(0x3f7ff000, 0), "FRSQRTE");
    set(0, THREE, 0, 0);
    DO(AH, "frsqrte s0, s1");
    check(gives(0x3f13c800, 0), "of three");
    set(0, 0, 0, 0);
    DO(0, "frecpe s0, s1");
    check(gives(INF, DZC), "of zero");
    DO(AH, "frecpe s0, s1");
    check(gives(INF, 0), "tells nothing with AH");
}

static void products(void)
{
    if (!there()) {
        return;
    }
    set(0, 0x00000080, 0x00003f00, 0);
    DO(0, "bfdot v0.4s, v1.8h, v2.8h");
    check_is("a product of BFloat16s that is subnormal", (uint32_t)regs[R], 0);
    DO(EBF, "bfdot v0.4s, v1.8h, v2.8h");
    check_is("is kept with EBF", (uint32_t)regs[R], 0x00400000);
    set(0x33800000, 0x3f803f80, 0x00003f80, 0);
    DO(0, "bfdot v0.4s, v1.8h, v2.8h");
    check_is("a sum is rounded to odd", (uint32_t)regs[R], 0x3f800001);
    DO(EBF, "bfdot v0.4s, v1.8h, v2.8h");
    check_is("as FPCR says with EBF", (uint32_t)regs[R], 0x3f800000);
    check_is("without a flag", flags, 0);
}

/* ---- of later years: words, which assemblers may not know ---- */

static void conversions(void)
{
    if (!there() || !(READ(S3_0_C0_C6_3) >> 28 & 15)) {
        return;
    }
    set(0, 0x4004000000000000 /* 2.5 */, 0, 0);
    DO(0, ".inst 0x1e720020");
    check(regs[R] == 3 && regs[R + 1] == 0 && flags == IXC, "FCVTPS S0, D1");
    DO(NEP, ".inst 0x1e720020");
    check(regs[R] == 3 && regs[R + 1] == UPPER(D), "with NEP the destination's bits above");
    set(0, 0xc0200000 /* -2.5 */, 0, 0);
    DO(0, ".inst 0x9e3a0020");
    check_is("FCVTAS D0, S1", regs[R], -3ull);
    DO(0, ".inst 0x9e370020");
    check(regs[R] == 0 && flags == IOC, "FCVTZU D0, S1 of what is less than 0");
    set(0, 0x8000000000000001, 0, 0);
    DO(0, ".inst 0x9e3d0020");
    check(regs[R] == 0x5f000000 && flags == IXC, "UCVTF S0, D1");
    DO(0, ".inst 0x1efc0020");
    check_is("SCVTF H0, S1", regs[R], 0x3c00);
    check_is("of one size they are another instruction's", CATCH_EC(DO(0, ".inst 0x1e320020")), 0);
}

static void magnitudes(void)
{
    if (!there() || !(READ(S3_0_C0_C6_3) >> 4 & 15)) {
        return;
    }
    set(0, 0xc000000040400000 /* 3, -2 */, 0x3f800000c0800000 /* -4, 1 */, 0);
    DO(0, ".inst 0x0ea2dc20");
    check_is("FAMAX V0.2S", regs[R], 0x4000000040800000);
    DO(0, ".inst 0x2ea2dc20");
    check_is("FAMIN V0.2S", regs[R], 0x3f80000040400000);
    set(0, TINY | 0x8000000000000000, 0, 0);
    DO(AH | FZ | FIZ, ".inst 0x0ea2dc20");
    check(regs[R] == TINY && flags == 0, "nothing is flushed whatever FPCR says");
    set(0, ABOVE(QNAN), ABOVE(ONE), 0);
    DO(0, ".inst 0x0ea2dc20");
    check(gives(QNAN, 0), "a NaN stays one");
    set(0, 0x3c00c000b8000000, 0x4000bc0034008000, 0);
    DO(0, ".inst 0x0ec21c20");
    check_is("FAMAX V0.4H", regs[R], 0x4000400038000000);
}

/* Whether V0 is what the manual says: elements of 1 << size bytes of V1 (and V2 behind it) by indices of that many bits, the part of V2 that is named. */
static bool looked_up(unsigned size, unsigned bits, unsigned part)
{
    const uint8_t *n = (const uint8_t *)&regs[N], *m = (const uint8_t *)&regs[M], *r = (const uint8_t *)&regs[R];
    unsigned nr = 16 >> size;
    bool good = true;
    for (unsigned i = 0; i < nr; i++) {
        unsigned at = (part * nr + i) * bits, index = m[at / 8] >> at % 8 & ((1u << bits) - 1);
        for (unsigned k = 0; k < 1u << size; k++) {
            const uint8_t *table = index < nr ? n : m;
            good = good && r[(i << size) + k] == table[((index % nr) << size) + k];
        }
    }
    return good;
}

static void tables(void)
{
    if (!there() || !(READ(S3_0_C0_C6_2) >> 56 & 15)) {
        return;
    }
    set(0, 0x1716151413121110, 0xe4b13c5a00ff1b93, 0);
    regs[N + 1] = 0x1f1e1d1c1b1a1918;
    regs[M + 1] = 0x0123456789abcdef;
    DO(0, ".inst 0x4e823020");
    check(looked_up(0, 2, 1), "LUTI2 V0.16B, by the second word");
    DO(0, ".inst 0x4ec25020");
    check(looked_up(1, 2, 5), "LUTI2 V0.8H, by the sixth halfword");
    DO(0, ".inst 0x4e426020");
    check(looked_up(0, 4, 1), "LUTI4 V0.16B, by the high half");
    DO(0, ".inst 0x4e425020");
    check(looked_up(1, 4, 2), "LUTI4 V0.8H of two registers, by the third word");
}

const Subject subjects[] = { { "elements", elements }, { "AH", alternate }, { "FIZ", operands }, { "estimates", estimates }, { "BFloat16", products }, { "FPRCVT", conversions }, { "FAMINMAX", magnitudes },
                             { "LUT", tables }, { NULL, NULL } };
