/*
 * Floating-point arithmetic in C, exact: what the host cannot do as Arm wants it (NaNs, flushing, half precision, underflow at the border).
 *
 * DDI 0487, J1 (shared/functions/float): FPAdd, FPMul, FPDiv, FPSqrt, FPMulAdd, FPMulX, FPMax, FPMaxNum, FPRecipStepFused, FPRSqrtStepFused, FPCompare; BFDotAdd.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/float-internal.h"

static Wide wide_shift_jam(Wide sig, unsigned by)
{
    return by == 0 ? sig : by < 128 ? sig >> by | ((sig << (128 - by)) != 0) : sig != 0;
}

/* A sum or product before it is rounded: bit 126 is worth 2^exp. */
typedef struct WideParts { bool sign; int exp; Wide sig; } WideParts;

static WideParts widen(Parts p) { return (WideParts){ p.sign, p.exp, p.class == ZERO ? 0 : (Wide)p.sig << 63 }; }

static WideParts product(Parts a, Parts b)
{
    WideParts p = { a.sign ^ b.sign, a.exp + b.exp, (Wide)a.sig * b.sig };
    if (a.class == ZERO || b.class == ZERO) {
        p.sig = 0;
    } else if (p.sig >> 127) {
        p.sig >>= 1;        /* the lowest bits of sigs are 0: nothing is lost */
        p.exp++;
    }
    return p;
}

/* The sum; halved: divided by 2 (an exponent less). Zeroes of one sign have been seen to. */
static uint64_t add_wide(ArmFloat *e, unsigned format, WideParts a, WideParts b, int scale)
{
    if (!a.sig || !b.sig) {
        WideParts *one = a.sig ? &a : &b;
        return one->sig ? arm_float_pack(e, format, arm_float_narrow(one->sign, one->exp + 1 + scale, one->sig), e->rounding)
            : zero(&arm_float_formats[format], e->rounding == ROUND_MINUS);
    }
    int exp = MAX(a.exp, b.exp);
    a.sig = wide_shift_jam(a.sig, exp - a.exp);
    b.sig = wide_shift_jam(b.sig, exp - b.exp);
    if (a.sign == b.sign) {
        return arm_float_pack(e, format, arm_float_narrow(a.sign, exp + 1 + scale, a.sig + b.sig), e->rounding);
    }
    if (a.sig == b.sig) {
        return zero(&arm_float_formats[format], e->rounding == ROUND_MINUS);
    }
    return a.sig > b.sig ? arm_float_pack(e, format, arm_float_narrow(a.sign, exp + 1 + scale, a.sig - b.sig), e->rounding)
        : arm_float_pack(e, format, arm_float_narrow(b.sign, exp + 1 + scale, b.sig - a.sig), e->rounding);
}

/* ---- two operands ---- */

/* negate: of b, where it is a number (FPSub leaves NaNs as they are). */
static uint64_t add(ArmFloat *e, unsigned format, uint64_t x, uint64_t y, bool negate)
{
    const Format *f = &arm_float_formats[format];
    Parts a = arm_float_unpack(e, format, x), b = arm_float_unpack(e, format, y);
    uint64_t nan;
    if (arm_float_process_nans(e, format, a, b, x, y, &nan)) {
        return nan;
    }
    b.sign ^= negate;
    if (a.class == INFINITE || b.class == INFINITE) {
        return a.class == b.class && a.sign != b.sign ? arm_float_invalid(e, format) : infinite(f, a.class == INFINITE ? a.sign : b.sign);
    }
    if (a.class == ZERO && b.class == ZERO && a.sign == b.sign) {
        return zero(f, a.sign);
    }
    return add_wide(e, format, widen(a), widen(b), 0);
}

static uint64_t told(ArmFloat *e, uint64_t result)
{
    arm_float_tell_denormal(e);
    return result;
}

uint64_t arm_float_add(ArmFloat *e, unsigned format, uint64_t a, uint64_t b) { return told(e, add(e, format, a, b, false)); }

/* extended: infinity times 0 is 2 (FMULX). */
static uint64_t multiply(ArmFloat *e, unsigned format, uint64_t x, uint64_t y, bool extended)
{
    const Format *f = &arm_float_formats[format];
    Parts a = arm_float_unpack(e, format, x), b = arm_float_unpack(e, format, y);
    bool sign = a.sign ^ b.sign;
    uint64_t nan;
    if (arm_float_process_nans(e, format, a, b, x, y, &nan)) {
        return nan;
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        if (a.class == ZERO || b.class == ZERO) {
            return extended ? zero(f, sign) | (uint64_t)(f->emax + 1) << (f->precision - 1) : arm_float_invalid(e, format);
        }
        return infinite(f, sign);
    }
    WideParts p = product(a, b);
    return p.sig ? arm_float_pack(e, format, arm_float_narrow(sign, p.exp + 1, p.sig), e->rounding) : zero(f, sign);
}

uint64_t arm_float_mul(ArmFloat *e, unsigned format, uint64_t a, uint64_t b) { return told(e, multiply(e, format, a, b, false)); }

static uint64_t divide(ArmFloat *e, unsigned format, uint64_t x, uint64_t y)
{
    const Format *f = &arm_float_formats[format];
    Parts a = arm_float_unpack(e, format, x), b = arm_float_unpack(e, format, y);
    bool sign = a.sign ^ b.sign;
    uint64_t nan;
    if (arm_float_process_nans(e, format, a, b, x, y, &nan)) {
        return nan;
    }
    if (a.class == b.class && (a.class == INFINITE || a.class == ZERO)) {
        return arm_float_invalid(e, format);
    }
    if (a.class == INFINITE || b.class == ZERO) {
        e->flags |= a.class == INFINITE ? 0 : FPSR_DZC;
        e->denormal &= a.class == INFINITE;
        return infinite(f, sign);
    }
    if (a.class == ZERO || b.class == INFINITE) {
        return zero(f, sign);
    }
    Wide dividend = (Wide)a.sig << 63, quotient = dividend / b.sig;
    quotient = quotient << 1 | (dividend % b.sig != 0);
    return arm_float_pack(e, format, arm_float_narrow(sign, a.exp - b.exp + 63, quotient), e->rounding);
}

static uint64_t square_root(ArmFloat *e, unsigned format, uint64_t x)
{
    const Format *f = &arm_float_formats[format];
    Parts a = arm_float_unpack(e, format, x);
    if (is_nan(a)) {
        return arm_float_process_nan(e, format, a, x);
    }
    if (a.class == ZERO) {
        return zero(f, a.sign);
    }
    if (a.sign) {
        return arm_float_invalid(e, format);
    }
    if (a.class == INFINITE) {
        return infinite(f, false);
    }
    /* The exponent is made even; root of sig * 2^63 or 2^64, bit by bit. */
    Wide rest = (Wide)a.sig << (a.exp & 1 ? 64 : 63), root = 0;
    int exp = (a.exp & 1 ? a.exp - 1 : a.exp) / 2;
    for (int bit = 63; bit >= 0; bit--) {
        Wide t = (root << (bit + 1)) + ((Wide)1 << 2 * bit);
        if (rest >= t) {
            rest -= t;
            root |= (Wide)1 << bit;
        }
    }
    return arm_float_pack(e, format, (Parts){ NUMBER, false, exp, (uint64_t)root | (rest != 0) }, e->rounding);
}

/* -1, 0, 1; no NaNs. */
static int compare(Parts a, Parts b)
{
    if (a.class == ZERO && b.class == ZERO) {
        return 0;
    }
    if (a.class == ZERO || b.class == ZERO || a.sign != b.sign) {
        return a.class == ZERO ? (b.sign ? 1 : -1) : a.sign ? -1 : 1;
    }
    int order = a.class != b.class ? (a.class > b.class ? 1 : -1) : a.class == INFINITE ? 0 : a.exp != b.exp ? (a.exp > b.exp ? 1 : -1)
        : a.sig != b.sig ? (a.sig > b.sig ? 1 : -1) : 0;
    return a.sign ? -order : order;
}

/* alternate: with AH as the x86's, where the second is the result of all that cannot be ordered, and nothing is flushed. */
static uint64_t greatest(ArmFloat *e, unsigned format, uint64_t x, uint64_t y, bool min, bool alternate)
{
    const Format *f = &arm_float_formats[format];
    Parts a = arm_float_unpack(e, format, x), b = arm_float_unpack(e, format, y);
    uint64_t nan;
    if (alternate && (is_nan(a) || is_nan(b))) {
        e->flags |= FPSR_IOC;
        e->denormal = false;
        return b.class == ZERO ? zero(f, b.sign) : y;
    }
    if (arm_float_process_nans(e, format, a, b, x, y, &nan)) {
        return nan;
    }
    if (alternate && a.class == ZERO && b.class == ZERO) {
        return zero(f, b.sign);
    }
    if (a.class == ZERO && b.class == ZERO) {
        return zero(f, min ? a.sign | b.sign : a.sign & b.sign);
    }
    bool first = compare(a, b) * (min ? -1 : 1) > 0;
    Parts p = first ? a : b;
    if (p.class != NUMBER || alternate) {
        return p.class == ZERO ? zero(f, p.sign) : p.class == INFINITE ? infinite(f, p.sign) : first ? x : y;
    }
    return arm_float_pack(e, format, p, e->rounding);
}

/* FAMAX, FAMIN: FPCR's AH, FIZ, FZ and FZ16 do not count. */
static uint64_t greatest_magnitude(ArmFloat *env, unsigned format, uint64_t x, uint64_t y, bool min)
{
    ArmFloat e = { .rounding = env->rounding, .dn = env->dn };
    uint64_t sign = arm_float_sign(format), r;
    Parts a = arm_float_unpack(&e, format, x), b = arm_float_unpack(&e, format, y);
    if (!arm_float_process_nans(&e, format, a, b, x, y, &r)) {
        r = greatest(&e, format, x & ~sign, y & ~sign, min, false);
    }
    env->flags |= e.flags;
    return r;
}

/* A single quiet NaN loses. With AH, of two NaNs one is the result. */
static uint64_t greatest_number(ArmFloat *e, unsigned format, uint64_t x, uint64_t y, bool min)
{
    const Format *f = &arm_float_formats[format];
    ArmFloat quiet = *e;
    bool a = arm_float_unpack(&quiet, format, x).class == QUIET_NAN, b = arm_float_unpack(&quiet, format, y).class == QUIET_NAN;
    uint64_t loser = infinite(f, !min);
    if (e->ah && is_nan(arm_float_unpack(&quiet, format, x)) && is_nan(arm_float_unpack(&quiet, format, y))) {
        return greatest(e, format, x, y, min, false);
    }
    return greatest(e, format, a && !b ? loser : x, b && !a ? loser : y, min, false);
}

/* ---- multiply and add ---- */

/* Of a half to single. */
static uint64_t widen_nan(const ArmFloat *e, uint64_t nan)
{
    return e->dn ? arm_float_default_nan(e, FLOAT_S) : (nan & BIT(15)) << 16 | infinity(&arm_float_formats[FLOAT_S]) | (nan & MAKE_MASK(0, 10)) << 13;
}

/* d + n * m. The operands as bits, of which NaNs are made; n and m in a format of their own. */
static uint64_t multiply_add(ArmFloat *e, unsigned format, unsigned narrow, uint64_t d, uint64_t n, uint64_t m)
{
    const Format *f = &arm_float_formats[format];
    Parts c = arm_float_unpack(e, format, d), a = arm_float_unpack(e, narrow, n), b = arm_float_unpack(e, narrow, m);
    bool sign = a.sign ^ b.sign, invalid = (a.class == INFINITE && b.class == ZERO) || (a.class == ZERO && b.class == INFINITE);
    if (is_nan(a) || is_nan(b) || is_nan(c)) {
        if (c.class == QUIET_NAN && invalid && !e->ah) {
            return arm_float_invalid(e, format);
        }
        if (e->ah && is_nan(a) + is_nan(b) + is_nan(c) > 1) {
            /* Of more than one the multiplicand, or the multiplier. */
            e->flags |= a.class == SIGNALING_NAN || b.class == SIGNALING_NAN || c.class == SIGNALING_NAN ? FPSR_IOC : 0;
            uint64_t chosen = arm_float_process_nan(e, narrow, is_nan(a) ? a : b, is_nan(a) ? n : m);
            return narrow == format ? chosen : widen_nan(e, chosen);
        }
        if (c.class == SIGNALING_NAN || (a.class != SIGNALING_NAN && b.class != SIGNALING_NAN && is_nan(c))) {
            return arm_float_process_nan(e, format, c, d);
        }
        uint64_t nan = 0;
        arm_float_process_nans(e, narrow, a, b, n, m, &nan);
        return narrow == format ? nan : widen_nan(e, nan);
    }
    if (invalid) {
        return arm_float_invalid(e, format);
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        return c.class == INFINITE && c.sign != sign ? arm_float_invalid(e, format) : infinite(f, sign);
    }
    if (c.class == INFINITE) {
        return infinite(f, c.sign);
    }
    WideParts p = product(a, b);
    if (!p.sig && c.class == ZERO && c.sign == sign) {
        return zero(f, sign);
    }
    return add_wide(e, format, p, widen(c), 0);
}

uint64_t arm_float_muladd(ArmFloat *e, unsigned format, uint64_t d, uint64_t n, uint64_t m) { return told(e, multiply_add(e, format, format, d, n, m)); }
uint64_t arm_float_muladd_half(ArmFloat *e, uint64_t d, uint64_t n, uint64_t m) { return told(e, multiply_add(e, FLOAT_S, FLOAT_H, d, n, m)); }

/* FRECPS: 2 - n * m; FRSQRTS: (3 - n * m) / 2. */
static uint64_t step(ArmFloat *e, unsigned format, uint64_t n, uint64_t m, bool root)
{
    const Format *f = &arm_float_formats[format];
    n = arm_float_neg(e, format, n);
    Parts a = arm_float_unpack(e, format, n), b = arm_float_unpack(e, format, m);
    uint64_t nan, one = (uint64_t)f->emax << (f->precision - 1);
    if (arm_float_process_nans(e, format, a, b, n, m, &nan)) {
        return nan;
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        if (a.class == ZERO || b.class == ZERO) {
            return root ? one | BIT(f->precision - 2) : one + BIT(f->precision - 1);    /* 1.5, 2 */
        }
        return infinite(f, a.sign ^ b.sign);
    }
    Parts k = { NUMBER, false, 1, root ? UINT64_C(3) << 62 : BIT(63) };
    return add_wide(e, format, widen(k), product(a, b), root ? -1 : 0);
}

uint64_t arm_float_neg(const ArmFloat *e, unsigned format, uint64_t a)
{
    uint64_t sign = arm_float_sign(format), magnitude = a & ~sign & MAKE_MASK(0, arm_float_formats[format].bits);
    return e->ah && magnitude > infinity(&arm_float_formats[format]) ? a : a ^ sign;
}

static uint64_t absolute(const ArmFloat *e, unsigned format, uint64_t a)
{
    uint64_t magnitude = a & ~arm_float_sign(format);
    return e->ah && magnitude > infinity(&arm_float_formats[format]) ? a : magnitude;
}

/* ---- comparison ---- */

unsigned arm_float_compare(ArmFloat *e, unsigned format, uint64_t x, uint64_t y, bool signals)
{
    Parts a = arm_float_unpack(e, format, x), b = arm_float_unpack(e, format, y);
    if (is_nan(a) || is_nan(b)) {
        e->flags |= signals || a.class == SIGNALING_NAN || b.class == SIGNALING_NAN ? FPSR_IOC : 0;
        e->denormal = false;
        return 3;
    }
    arm_float_tell_denormal(e);
    int order = compare(a, b);
    return order == 0 ? 6 : order < 0 ? 8 : 2;
}

static uint64_t relation(ArmFloat *e, ArmFloatOp op, unsigned format, uint64_t n, uint64_t m)
{
    if (op == FLOAT_ACGE || op == FLOAT_ACGT) {
        n = absolute(e, format, n);
        m = absolute(e, format, m);
    }
    unsigned nzcv = arm_float_compare(e, format, n, m, op != FLOAT_CMEQ);
    bool holds = op == FLOAT_CMEQ ? nzcv == 6 : op == FLOAT_CMGE || op == FLOAT_ACGE ? nzcv == 6 || nzcv == 2 : nzcv == 2;
    return holds ? MAKE_MASK(0, arm_float_formats[format].bits) : 0;
}

/* FPRecipStep, FPRSqrtStep: 2 - n * m, (3 - n * m) / 2. */
static uint64_t chained_step(ArmFloat *e, unsigned format, uint64_t n, uint64_t m, bool root)
{
    enum { IMM_HALF = 0x60, IMM_TWO = 0x00, IMM_THREE = 0x08 };
    Class a = arm_float_unpack(e, format, n).class, b = arm_float_unpack(e, format, m).class;
    bool is_zero = (a == ZERO && b == INFINITE) || (a == INFINITE && b == ZERO);
    uint64_t r = add(e, format, arm_float_immediate(format, root ? IMM_THREE : IMM_TWO), is_zero ? 0 : multiply(e, format, n, m, false), true);
    return root ? multiply(e, format, r, arm_float_immediate(format, IMM_HALF), false) : r;
}

/* ---- all of it ---- */

ArmFloat arm_float_for_estimates(const ArmFloat *e)
{
    ArmFloat f = *e;
    if (e->ah) {
        f.rounding = ROUND_NEAREST;
        f.fz = f.fiz = true;
    }
    return f;
}

static uint64_t estimate(ArmFloat *e, ArmFloatOp op, unsigned format, uint64_t n, uint64_t m)
{
    ArmFloat f = arm_float_for_estimates(e);
    uint64_t r = op == FLOAT_RECPE ? arm_float_recpe(&f, format, n) : op == FLOAT_RSQRTE ? arm_float_rsqrte(&f, format, n)
        : op == FLOAT_RECPX ? arm_float_recpx(&f, format, n) : step(&f, format, n, m, op == FLOAT_RSQRTS);
    e->flags |= e->ah ? 0 : f.flags;
    return r;
}

static uint64_t operate(ArmFloat *e, ArmFloatOp op, unsigned format, uint64_t d, uint64_t n, uint64_t m)
{
    switch (op) {
    case FLOAT_ADD: return add(e, format, n, m, false);
    case FLOAT_SUB: return add(e, format, n, m, true);
    case FLOAT_MUL: return multiply(e, format, n, m, false);
    case FLOAT_NMUL: return arm_float_neg(e, format, multiply(e, format, n, m, false));
    case FLOAT_MULX: return multiply(e, format, n, m, true);
    case FLOAT_DIV: return divide(e, format, n, m);
    case FLOAT_MAX: return greatest(e, format, n, m, false, e->ah);
    case FLOAT_MIN: return greatest(e, format, n, m, true, e->ah);
    case FLOAT_MAXNM: return greatest_number(e, format, n, m, false);
    case FLOAT_MINNM: return greatest_number(e, format, n, m, true);
    case FLOAT_ABD: return absolute(e, format, add(e, format, n, m, true));
    case FLOAT_RECPS: case FLOAT_RSQRTS: case FLOAT_RECPE: case FLOAT_RSQRTE: case FLOAT_RECPX: return estimate(e, op, format, n, m);
    case FLOAT_CMEQ: case FLOAT_CMGE: case FLOAT_CMGT: case FLOAT_ACGE: case FLOAT_ACGT: return relation(e, op, format, n, m);
    case FLOAT_MOV: return n;
    case FLOAT_ABS: return absolute(e, format, n);
    case FLOAT_NEG: return arm_float_neg(e, format, n);
    case FLOAT_SQRT: return square_root(e, format, n);
    case FLOAT_RINTN: return arm_float_round_int(e, format, n, ROUND_NEAREST, false);
    case FLOAT_RINTP: return arm_float_round_int(e, format, n, ROUND_PLUS, false);
    case FLOAT_RINTM: return arm_float_round_int(e, format, n, ROUND_MINUS, false);
    case FLOAT_RINTZ: return arm_float_round_int(e, format, n, ROUND_ZERO, false);
    case FLOAT_RINTA: return arm_float_round_int(e, format, n, ROUND_TIES_AWAY, false);
    case FLOAT_RINTX: return arm_float_round_int(e, format, n, e->rounding, true);
    case FLOAT_RINTI: return arm_float_round_int(e, format, n, e->rounding, false);
    case FLOAT_RINT32Z: return arm_float_round_int_n(e, format, n, ROUND_ZERO, 32);
    case FLOAT_RINT32X: return arm_float_round_int_n(e, format, n, e->rounding, 32);
    case FLOAT_RINT64Z: return arm_float_round_int_n(e, format, n, ROUND_ZERO, 64);
    case FLOAT_RINT64X: return arm_float_round_int_n(e, format, n, e->rounding, 64);
    case FLOAT_MLA: return multiply_add(e, format, format, d, n, m);
    case FLOAT_MLS: return multiply_add(e, format, format, d, arm_float_neg(e, format, n), m);
    case FLOAT_NMLA: return multiply_add(e, format, format, arm_float_neg(e, format, d), arm_float_neg(e, format, n), m);
    case FLOAT_NMLS: return multiply_add(e, format, format, arm_float_neg(e, format, d), n, m);
    case FLOAT_AMAX: case FLOAT_AMIN: return greatest_magnitude(e, format, n, m, op == FLOAT_AMIN);
    case FLOAT_CHAIN_MLA: case FLOAT_CHAIN_MLS: return add(e, format, d, multiply(e, format, n, m, false), op == FLOAT_CHAIN_MLS);
    case FLOAT_CHAIN_RECPS: case FLOAT_CHAIN_RSQRTS: return chained_step(e, format, n, m, op == FLOAT_CHAIN_RSQRTS);
    }
    return 0;
}

uint64_t arm_float_op(ArmFloat *e, ArmFloatOp op, unsigned format, uint64_t d, uint64_t n, uint64_t m)
{
    return told(e, operate(e, op, format, d, n, m));
}

/* ---- BFloat16: to odd, no flags, no subnormals, no NaNs but the default one ---- */

static uint32_t bf16_round(WideParts p)
{
    Parts q = arm_float_narrow(p.sign, p.exp + 1, p.sig);
    uint32_t sign = (uint32_t)p.sign << 31;
    if (q.exp < -126) {
        return sign;
    }
    if (q.exp > 127) {
        return sign | 0x7f800000;
    }
    return sign | (((uint32_t)(q.exp + 127) << 23 | (uint32_t)(q.sig >> 40 & 0x7fffff)) | ((q.sig & MAKE_MASK(0, 40)) != 0));
}

static uint32_t bf16_mul(const ArmFloat *env, uint32_t x, uint32_t y)
{
    ArmFloat e = { .fz = true };
    Parts a = arm_float_unpack(&e, FLOAT_BF16, x), b = arm_float_unpack(&e, FLOAT_BF16, y);
    uint32_t sign = (uint32_t)(a.sign ^ b.sign) << 31;
    if (is_nan(a) || is_nan(b) || (a.class == INFINITE && b.class == ZERO) || (a.class == ZERO && b.class == INFINITE)) {
        return (uint32_t)arm_float_default_nan(env, FLOAT_S);
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        return sign | 0x7f800000;
    }
    WideParts p = product(a, b);
    return p.sig ? bf16_round(p) : sign;
}

static uint32_t bf16_add(const ArmFloat *env, uint32_t x, uint32_t y)
{
    ArmFloat e = { .fz = true };
    Parts a = arm_float_unpack(&e, FLOAT_S, x), b = arm_float_unpack(&e, FLOAT_S, y);
    if (is_nan(a) || is_nan(b) || (a.class == INFINITE && b.class == INFINITE && a.sign != b.sign)) {
        return (uint32_t)arm_float_default_nan(env, FLOAT_S);
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        return (uint32_t)(a.class == INFINITE ? a.sign : b.sign) << 31 | 0x7f800000;
    }
    if (a.class == ZERO && b.class == ZERO) {
        return a.sign && b.sign ? BIT(31) : 0;
    }
    WideParts p = widen(a), q = widen(b), sum = { p.sign, 0, 0 };
    if (!p.sig || !q.sig) {
        return bf16_round(p.sig ? p : q);
    }
    sum.exp = MAX(p.exp, q.exp);
    p.sig = wide_shift_jam(p.sig, sum.exp - p.exp);
    q.sig = wide_shift_jam(q.sig, sum.exp - q.exp);
    if (p.sign == q.sign) {
        sum.sig = p.sig + q.sig;
    } else {
        sum.sign = p.sig >= q.sig ? p.sign : q.sign;
        sum.sig = p.sig >= q.sig ? p.sig - q.sig : q.sig - p.sig;
    }
    return sum.sig ? bf16_round(sum) : 0;
}

uint64_t arm_bf16_muladd(ArmFloat *e, uint64_t d, uint64_t n, uint64_t m)
{
    ArmFloat f = arm_float_for_estimates(e);
    uint64_t r = told(&f, multiply_add(&f, FLOAT_S, FLOAT_S, d, n, m));
    e->flags |= e->ah ? 0 : f.flags;
    return r;
}

/* FPProcessNaNs4: a signaling one first, as a single one. */
static bool dot_nan(ArmFloat *e, unsigned narrow, const Parts p[4], const uint64_t bits[4], uint32_t *result)
{
    unsigned chosen = 4;
    for (unsigned i = 0; i < 4; i++) {
        bool signals = p[i].class == SIGNALING_NAN;
        if (is_nan(p[i]) && (chosen == 4 || (signals && p[chosen].class != SIGNALING_NAN))) {
            chosen = i;
        }
    }
    if (chosen < 4) {
        uint64_t nan = arm_float_process_nan(e, narrow, p[chosen], bits[chosen]);
        *result = (uint32_t)(narrow == FLOAT_H ? widen_nan(e, nan) : nan << 16);
    }
    return chosen < 4;
}

/* FPDot: two products are added before they are rounded. */
static uint32_t fused_products(ArmFloat *e, unsigned narrow, uint32_t n, uint32_t m)
{
    const uint64_t bits[4] = { n & 0xffff, n >> 16, m & 0xffff, m >> 16 };
    Parts p[4];
    for (unsigned i = 0; i < 4; i++) {
        p[i] = arm_float_unpack(e, narrow, bits[i]);
    }
    uint32_t nan;
    bool infinities[2], signs[2], invalid = false;
    for (unsigned i = 0; i < 2; i++) {
        infinities[i] = p[i].class == INFINITE || p[i + 2].class == INFINITE;
        signs[i] = p[i].sign ^ p[i + 2].sign;
        invalid |= infinities[i] && (p[i].class == ZERO || p[i + 2].class == ZERO);
    }
    if (dot_nan(e, narrow, p, bits, &nan)) {
        return nan;
    }
    if (invalid || (infinities[0] && infinities[1] && signs[0] != signs[1])) {
        return (uint32_t)arm_float_invalid(e, FLOAT_S);
    }
    if (infinities[0] || infinities[1]) {
        return (uint32_t)infinite(&arm_float_formats[FLOAT_S], infinities[0] ? signs[0] : signs[1]);
    }
    WideParts a = product(p[0], p[2]), b = product(p[1], p[3]);
    if (!a.sig && !b.sig && signs[0] == signs[1]) {
        return (uint32_t)zero(&arm_float_formats[FLOAT_S], signs[0]);
    }
    return (uint32_t)add_wide(e, FLOAT_S, a, b, 0);
}

uint32_t arm_float_dot_half(ArmFloat *f, uint32_t d, uint32_t n, uint32_t m)
{
    uint32_t sum = fused_products(f, FLOAT_H, n, m);
    return (uint32_t)told(f, add(f, FLOAT_S, d, sum, false));
}

/* FPCR.EBF: as FPCR has it; no flags, the default NaN. */
static uint32_t bf16_fused(const ArmFloat *env, uint32_t d, uint32_t n, uint32_t m)
{
    ArmFloat e = *env;
    e.dn = true;
    uint32_t sum = fused_products(&e, FLOAT_BF16, n, m);
    return (uint32_t)add(&e, FLOAT_S, d, sum, false);
}

uint32_t arm_bf16_dot(const ArmFloat *f, uint32_t d, uint32_t n, uint32_t m)
{
    if (f->ebf) {
        return bf16_fused(f, d, n, m);
    }
    return bf16_add(f, d, bf16_add(f, bf16_mul(f, n & 0xffff, m & 0xffff), bf16_mul(f, n >> 16, m >> 16)));
}
