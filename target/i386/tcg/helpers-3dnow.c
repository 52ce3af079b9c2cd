/*
 * The arithmetic of 3DNow!: two single-precision numbers side by side, without infinities, NaNs and denormals.
 *
 * AMD 3DNow! Technology Manual (21928), chapter 2: operands that are denormal count as 0, results that would be become 0, those too large the largest number; rounding is to the
 * nearest. PFRCP and PFRSQRT give all 24 bits at once, so that the steps behind them (PFRCPIT1, PFRSQIT1, PFRCPIT2) have but to hand on their second operand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "util/bits.h"
#include <math.h>
#include <string.h>

enum { SIGN = 1u << 31, EXPONENT = 0x7f800000, LARGEST = 0x7f7fffff };
typedef union { uint64_t q; uint32_t d[2]; int32_t sd[2]; int16_t sw[4]; uint8_t b[8]; } Pair;

static float number(uint32_t bits)
{
    float f;
    bits = bits & EXPONENT ? bits : bits & SIGN;
    memcpy(&f, &bits, 4);
    return f;
}

static uint32_t bits_of(float f)
{
    uint32_t bits;
    memcpy(&bits, &f, 4);
    if (!(bits & EXPONENT)) {
        return bits & SIGN;
    }
    return (bits & EXPONENT) == EXPONENT ? (bits & SIGN) | LARGEST : bits;
}

/* Zeros are positive in the results of PFMIN and PFMAX. */
static uint32_t chosen(float x)
{
    return x == 0 ? 0 : bits_of(x);
}

static uint32_t to_int(float x, int32_t least, int32_t most)
{
    return x <= (float)least ? (uint32_t)least : x >= (float)most ? (uint32_t)most : (uint32_t)(int32_t)x;
}

/* What does not fit 24 bits is cut off. */
static uint32_t from_int(int32_t x)
{
    uint32_t magnitude = x < 0 ? -(uint32_t)x : (uint32_t)x;
    if (magnitude >> 24) {
        magnitude &= ~MAKE_MASK(0, 8 - (unsigned)__builtin_clz(magnitude));
    }
    float f = (float)magnitude;
    return bits_of(x < 0 ? -f : f);
}

static uint32_t approximate(uint32_t op, uint32_t bits)
{
    float x = number(bits);
    return op == X86_3DNOW_PFRCP ? bits_of(1 / x) : bits_of((float)(1 / sqrt(fabsf(x)))) | (bits & SIGN);
}

/* One of the two that are done alike in both halves. */
static uint32_t half(uint32_t op, uint32_t xbits, uint32_t ybits)
{
    float x = number(xbits), y = number(ybits);
    switch (op) {
    case X86_3DNOW_PI2FW:
        return from_int((int16_t)ybits);
    case X86_3DNOW_PI2FD:
        return from_int((int32_t)ybits);
    case X86_3DNOW_PF2IW:
        return to_int(y, INT16_MIN, INT16_MAX);
    case X86_3DNOW_PF2ID:
        return to_int(y, INT32_MIN, INT32_MAX);
    case X86_3DNOW_PFCMPGE:
        return x >= y ? UINT32_MAX : 0;
    case X86_3DNOW_PFCMPGT:
        return x > y ? UINT32_MAX : 0;
    case X86_3DNOW_PFCMPEQ:
        return x == y ? UINT32_MAX : 0;
    case X86_3DNOW_PFMIN:
        return chosen(x < y ? x : y);
    case X86_3DNOW_PFMAX:
        return chosen(x > y ? x : y);
    case X86_3DNOW_PFADD:
        return bits_of(x + y);
    case X86_3DNOW_PFSUB:
        return bits_of(x - y);
    case X86_3DNOW_PFSUBR:
        return bits_of(y - x);
    case X86_3DNOW_PFMUL:
        return bits_of(x * y);
    default:        /* PFRCPIT1, PFRSQIT1, PFRCPIT2 */
        return ybits;
    }
}

/* Sums and differences of the two halves of each operand. */
static Pair across(uint32_t op, Pair x, Pair y)
{
    float a = number(x.d[0]), b = number(x.d[1]), c = number(y.d[0]), d = number(y.d[1]);
    return (Pair){ .d = { bits_of(op == X86_3DNOW_PFACC ? a + b : a - b), bits_of(op == X86_3DNOW_PFNACC ? c - d : c + d) } };
}

static Pair of_words(Pair x, Pair y)
{
    for (unsigned i = 0; i < 4; i++) {
        x.sw[i] = (x.sw[i] * y.sw[i] + 0x8000) >> 16;
    }
    return x;
}

static Pair of_bytes(Pair x, Pair y)
{
    for (unsigned i = 0; i < 8; i++) {
        x.b[i] = (x.b[i] + y.b[i] + 1) >> 1;
    }
    return x;
}

static Pair operate(uint32_t op, Pair x, Pair y)
{
    switch (op) {
    case X86_3DNOW_PFRCP:
    case X86_3DNOW_PFRSQRT: {
        uint32_t r = approximate(op, y.d[0]);
        return (Pair){ .d = { r, r } };
    }
    case X86_3DNOW_PFACC:
    case X86_3DNOW_PFNACC:
    case X86_3DNOW_PFPNACC:
        return across(op, x, y);
    case X86_3DNOW_PMULHRW:
        return of_words(x, y);
    case X86_3DNOW_PAVGUSB:
        return of_bytes(x, y);
    case X86_3DNOW_PSWAPD:
        return (Pair){ .d = { y.d[1], y.d[0] } };
    default:
        return (Pair){ .d = { half(op, x.d[0], y.d[0]), half(op, x.d[1], y.d[1]) } };
    }
}

static uint64_t x86_helper_simd_3dnow(Cpu *c, uint64_t x, uint64_t y, uint32_t op)
{
    /* MXCSR does not count here, nor do its flags come from here. */
    uint32_t mode = x86_host_mxcsr();
    x86_set_host_mxcsr(MXCSR_RESET);
    Pair r = operate(op, (Pair){ .q = x }, (Pair){ .q = y });
    x86_set_host_mxcsr(mode);
    return r.q;
}

#define SIMD_3DNOW SIMD_DEFINE
#define SIMD_SSE(...)
#define SIMD_STATE(...)
#define SIMD_AVX(...)
#include "target/i386/tcg/helpers-simd.def"
