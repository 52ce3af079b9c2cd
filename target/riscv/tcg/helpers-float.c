/*
 * Floating point in integers, for half, single, double and BF16: what the host cannot do in one instruction (static rounding modes, ties away, minima and maxima, conversions out
 * of range, NaN boxing). Slow and exact.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 20 "F" (20.3 NaNs, 20.6 minimum and maximum, 20.7 conversions), 21 "D", 23 "Zfh", 24 "Zfa"; IEEE 754-2019, 4.3,
 * 7.5 (tininess is detected after rounding).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/helpers.h"
#include "target/riscv/tcg/float-host.h"

typedef unsigned __int128 Wide;
typedef struct Format { unsigned bits, precision; int emin, emax; } Format;    /* precision: with the leading bit */
static const Format formats[] = { [FMT_S] = { 32, 24, -126, 127 }, [FMT_D] = { 64, 53, -1022, 1023 }, [FMT_H] = { 16, 11, -14, 15 },
                                  [FMT_BF] = { 16, 8, -126, 127 } };

typedef enum Class { ZERO, NUMBER, INFINITE, QUIET_NAN, SIGNALING_NAN } Class;
/* A number is sig * 2^(exp - 63); bit 63 of sig is set. */
typedef struct Parts { Class class; bool sign; int exp; uint64_t sig; } Parts;

static uint64_t canonical_nan(const Format *f) { return MAKE_MASK(f->precision - 2, f->bits - f->precision + 1); }
static uint64_t box(const Format *f, uint64_t bits) { return f->bits == 64 ? bits : bits | ~MAKE_MASK(0, f->bits); }
static uint64_t sign_bit(const Format *f) { return BIT(f->bits - 1); }
static uint64_t infinity(const Format *f) { return MAKE_MASK(f->precision - 1, f->bits - f->precision); }

/* The bits of a register's value as the format: canonical NaN when they are not boxed. */
static uint64_t unbox(const Format *f, uint64_t reg)
{
    if (f->bits < 64 && reg >> f->bits != MAKE_MASK(0, 64 - f->bits)) {
        return canonical_nan(f);
    }
    return reg & MAKE_MASK(0, f->bits);
}

static Parts unpack(const Format *f, uint64_t bits)
{
    unsigned fraction_bits = f->precision - 1;
    uint64_t fraction = bits & MAKE_MASK(0, fraction_bits);
    unsigned exponent = bits >> fraction_bits & MAKE_MASK(0, f->bits - f->precision), all_ones = MAKE_MASK(0, f->bits - f->precision);
    Parts p = { .sign = bits >> (f->bits - 1) & 1 };
    if (exponent == all_ones) {
        p.class = !fraction ? INFINITE : fraction >> (fraction_bits - 1) & 1 ? QUIET_NAN : SIGNALING_NAN;
    } else if (exponent) {
        p = (Parts){ NUMBER, p.sign, (int)exponent - f->emax, (fraction | BIT(fraction_bits)) << (63 - fraction_bits) };
    } else if (fraction) {
        unsigned zeroes = __builtin_clzll(fraction);
        p = (Parts){ NUMBER, p.sign, f->emin + (int)(63 - zeroes) - (int)fraction_bits, fraction << zeroes };
    }
    return p;
}

static bool is_nan(Parts p) { return p.class >= QUIET_NAN; }

/* ---- rounding ---- */

static bool rounds_up(unsigned rm, bool sign, bool odd, uint64_t low, uint64_t half)
{
    switch (rm) {
    case RM_RNE: return low > half || (low == half && odd);
    case RM_RDN: return sign && low;
    case RM_RUP: return !sign && low;
    case RM_RMM: return low >= half;
    default: return false;
    }
}

static uint64_t shift_jam(uint64_t sig, unsigned by)
{
    return by == 0 ? sig : by < 64 ? sig >> by | ((sig << (64 - by)) != 0) : sig != 0;
}

static uint64_t overflow(const Format *f, bool sign, unsigned rm, uint32_t *flags)
{
    *flags |= FFLAGS_OF | FFLAGS_NX;
    bool to_infinity = rm == RM_RNE || rm == RM_RMM || (rm == RM_RUP && !sign) || (rm == RM_RDN && sign);
    return (sign ? sign_bit(f) : 0) | (to_infinity ? infinity(f) : infinity(f) - 1);
}

/* The nearest value of the format. The lowest bit of sig stands for all that was lost below it. */
static uint64_t pack(const Format *f, Parts p, unsigned rm, uint32_t *flags)
{
    unsigned shift = 64 - f->precision;
    uint64_t mask = MAKE_MASK(0, shift), half = BIT(shift - 1), sign = p.sign ? sign_bit(f) : 0;
    bool tiny = p.exp < f->emin;
    if (tiny) {
        /* Not when it would be rounded up to the smallest normal number with an exponent without bounds. */
        bool carries = p.sig >> shift == MAKE_MASK(0, f->precision) && rounds_up(rm, p.sign, true, p.sig & mask, half);
        unsigned by = f->emin - p.exp;
        tiny = !(by == 1 && carries);
        p.sig = shift_jam(p.sig, by);
        p.exp = f->emin;
    }
    uint64_t low = p.sig & mask, sig = p.sig >> shift;
    sig += rounds_up(rm, p.sign, sig & 1, low, half);
    if (sig >> f->precision) {
        sig >>= 1;
        p.exp++;
    }
    if (p.exp > f->emax) {
        return overflow(f, p.sign, rm, flags);
    }
    *flags |= low ? FFLAGS_NX : 0;
    *flags |= low && tiny ? FFLAGS_UF : 0;
    return sign | ((((uint64_t)(p.exp - f->emin)) << (f->precision - 1)) + sig);
}

/* Of a wide one: bit 127 - n is its highest, worth 2^exp. 0: not allowed. */
static Parts narrow(bool sign, int exp, Wide sig)
{
    uint64_t high = sig >> 64, low = sig;
    unsigned zeroes = high ? __builtin_clzll(high) : 64 + __builtin_clzll(low);
    sig <<= zeroes;
    return (Parts){ NUMBER, sign, exp - (int)zeroes, (uint64_t)(sig >> 64) | ((uint64_t)sig != 0) };
}

static Wide wide_shift_jam(Wide sig, unsigned by)
{
    return by == 0 ? sig : by < 128 ? sig >> by | ((sig << (128 - by)) != 0) : sig != 0;
}

/* ---- arithmetic ---- */

static uint64_t invalid(const Format *f, uint32_t *flags)
{
    *flags |= FFLAGS_NV;
    return canonical_nan(f);
}

static uint64_t nan_of(const Format *f, Parts a, Parts b, uint32_t *flags)
{
    *flags |= a.class == SIGNALING_NAN || b.class == SIGNALING_NAN ? FFLAGS_NV : 0;
    return canonical_nan(f);
}

static uint64_t zero(const Format *f, bool sign) { return sign ? sign_bit(f) : 0; }
static uint64_t infinite(const Format *f, bool sign) { return infinity(f) | (sign ? sign_bit(f) : 0); }

/* The sum of two numbers; their sigs have bits 126 and below. */
static uint64_t add_wide(const Format *f, bool sign_a, int exp_a, Wide a, bool sign_b, int exp_b, Wide b, unsigned rm, uint32_t *flags)
{
    if (exp_a < exp_b) {
        a = wide_shift_jam(a, exp_b - exp_a);
        exp_a = exp_b;
    } else {
        b = wide_shift_jam(b, exp_a - exp_b);
    }
    if (sign_a == sign_b) {
        return pack(f, narrow(sign_a, exp_a + 1, a + b), rm, flags);
    }
    if (a == b) {
        return zero(f, rm == RM_RDN);
    }
    return a > b ? pack(f, narrow(sign_a, exp_a + 1, a - b), rm, flags) : pack(f, narrow(sign_b, exp_a + 1, b - a), rm, flags);
}

static uint64_t add(const Format *f, Parts a, Parts b, unsigned rm, uint32_t *flags)
{
    if (is_nan(a) || is_nan(b)) {
        return nan_of(f, a, b, flags);
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        if (a.class == b.class && a.sign != b.sign) {
            return invalid(f, flags);
        }
        return infinite(f, a.class == INFINITE ? a.sign : b.sign);
    }
    if (a.class == ZERO && b.class == ZERO) {
        return zero(f, a.sign == b.sign ? a.sign : rm == RM_RDN);
    }
    if (a.class == ZERO || b.class == ZERO) {
        return pack(f, a.class == ZERO ? b : a, rm, flags);
    }
    return add_wide(f, a.sign, a.exp, (Wide)a.sig << 63, b.sign, b.exp, (Wide)b.sig << 63, rm, flags);
}

static uint64_t multiply(const Format *f, Parts a, Parts b, unsigned rm, uint32_t *flags)
{
    bool sign = a.sign ^ b.sign;
    if (is_nan(a) || is_nan(b)) {
        return nan_of(f, a, b, flags);
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        return a.class == ZERO || b.class == ZERO ? invalid(f, flags) : infinite(f, sign);
    }
    if (a.class == ZERO || b.class == ZERO) {
        return zero(f, sign);
    }
    return pack(f, narrow(sign, a.exp + b.exp + 1, (Wide)a.sig * b.sig), rm, flags);
}

static uint64_t divide(const Format *f, Parts a, Parts b, unsigned rm, uint32_t *flags)
{
    bool sign = a.sign ^ b.sign;
    if (is_nan(a) || is_nan(b)) {
        return nan_of(f, a, b, flags);
    }
    if (a.class == b.class && (a.class == INFINITE || a.class == ZERO)) {
        return invalid(f, flags);
    }
    if (a.class == INFINITE || (b.class == ZERO && (*flags |= FFLAGS_DZ))) {
        return infinite(f, sign);
    }
    if (a.class == ZERO || b.class == INFINITE) {
        return zero(f, sign);
    }
    Wide dividend = (Wide)a.sig << 63, quotient = dividend / b.sig;
    quotient = quotient << 1 | (dividend % b.sig != 0);
    return pack(f, narrow(sign, a.exp - b.exp + 63, quotient), rm, flags);
}

static uint64_t square_root(const Format *f, Parts a, unsigned rm, uint32_t *flags)
{
    if (is_nan(a)) {
        return nan_of(f, a, a, flags);
    }
    if (a.class == ZERO) {
        return zero(f, a.sign);
    }
    if (a.sign) {
        return invalid(f, flags);
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
    return pack(f, (Parts){ NUMBER, false, exp, (uint64_t)root | (rest != 0) }, rm, flags);
}

/* a * b + c, rounded once. */
static uint64_t multiply_add(const Format *f, Parts a, Parts b, Parts c, unsigned rm, uint32_t *flags)
{
    bool sign = a.sign ^ b.sign;
    if ((a.class == INFINITE && b.class == ZERO) || (a.class == ZERO && b.class == INFINITE)) {
        return invalid(f, flags);       /* even when c is a quiet NaN */
    }
    if (is_nan(a) || is_nan(b) || is_nan(c)) {
        *flags |= c.class == SIGNALING_NAN ? FFLAGS_NV : 0;
        return nan_of(f, a, b, flags);
    }
    if (a.class == INFINITE || b.class == INFINITE) {
        return c.class == INFINITE && c.sign != sign ? invalid(f, flags) : infinite(f, sign);
    }
    if (c.class == INFINITE) {
        return infinite(f, c.sign);
    }
    if (a.class == ZERO || b.class == ZERO) {
        return c.class == ZERO ? zero(f, sign == c.sign ? sign : rm == RM_RDN) : pack(f, c, rm, flags);
    }
    Wide product = (Wide)a.sig * b.sig;
    int exp = a.exp + b.exp;
    if (product >> 127) {
        product = wide_shift_jam(product, 1);   /* the lowest bits of sigs are 0: nothing is lost */
        exp++;
    }
    if (c.class == ZERO) {
        return pack(f, narrow(sign, exp + 1, product), rm, flags);
    }
    return add_wide(f, sign, exp, product, c.sign, c.exp, (Wide)c.sig << 63, rm, flags);
}

/* ---- comparison ---- */

/* -1, 0, 1; no NaNs. */
static int compare(const Format *f, uint64_t a, uint64_t b)
{
    uint64_t sign = sign_bit(f), magnitude_a = a & ~sign, magnitude_b = b & ~sign;
    if (!magnitude_a && !magnitude_b) {
        return 0;
    }
    int64_t x = a & sign ? -(int64_t)magnitude_a : (int64_t)magnitude_a, y = b & sign ? -(int64_t)magnitude_b : (int64_t)magnitude_b;
    return x < y ? -1 : x > y;
}

static uint64_t minimum(const Format *f, uint64_t a, uint64_t b, RvFloatOp op, uint32_t *flags)
{
    Parts p = unpack(f, a), q = unpack(f, b);
    *flags |= p.class == SIGNALING_NAN || q.class == SIGNALING_NAN ? FFLAGS_NV : 0;
    if (is_nan(p) || is_nan(q)) {
        bool numbers_win = op == FP_MIN || op == FP_MAX;
        return (is_nan(p) && is_nan(q)) || !numbers_win ? canonical_nan(f) : is_nan(p) ? b : a;
    }
    int order = compare(f, a, b);
    if (order == 0) {
        order = p.sign == q.sign ? 0 : p.sign ? -1 : 1;
    }
    bool wants_less = op == FP_MIN || op == FP_MINM;
    return (wants_less ? order <= 0 : order >= 0) ? a : b;
}

static bool relation(const Format *f, uint64_t a, uint64_t b, RvFloatOp op, uint32_t *flags)
{
    Parts p = unpack(f, a), q = unpack(f, b);
    if (is_nan(p) || is_nan(q)) {
        bool signals = op == FP_LT || op == FP_LE;
        *flags |= signals || p.class == SIGNALING_NAN || q.class == SIGNALING_NAN ? FFLAGS_NV : 0;
        return false;
    }
    int order = compare(f, a, b);
    return op == FP_EQ ? order == 0 : op == FP_LT || op == FP_LTQ ? order < 0 : order <= 0;
}

static uint64_t classify(const Format *f, uint64_t bits)
{
    Parts p = unpack(f, bits);
    bool subnormal = p.class == NUMBER && p.exp < f->emin;
    switch (p.class) {
    case INFINITE: return p.sign ? 1 << 0 : 1 << 7;
    case NUMBER: return subnormal ? (p.sign ? 1 << 2 : 1 << 5) : p.sign ? 1 << 1 : 1 << 6;
    case ZERO: return p.sign ? 1 << 3 : 1 << 4;
    case SIGNALING_NAN: return 1 << 8;
    default: return 1 << 9;
    }
}

/* ---- integers ---- */

/* The magnitude rounded to an integer: false when it does not fit 64 bits. */
static bool to_integer(Parts p, unsigned rm, uint64_t *value, bool *inexact)
{
    *inexact = false;
    *value = 0;
    if (p.class == ZERO) {
        return true;
    }
    if (p.exp > 63) {
        return false;
    }
    unsigned shift = 63 - p.exp;
    if (shift == 0) {
        *value = p.sig;
        return true;
    }
    uint64_t whole = shift < 64 ? p.sig >> shift : 0, low, half = BIT(63);
    /* What lies behind the point, against a half at bit 63. */
    low = shift < 64 ? p.sig << (64 - shift) : shift_jam(p.sig, shift - 64);
    *inexact = low != 0;
    whole += rounds_up(rm, p.sign, whole & 1, low, half);
    *value = whole;
    return true;
}

static uint64_t float_to_integer(const Format *f, uint64_t bits, RvFloatOp op, unsigned rm, uint32_t *flags)
{
    Parts p = unpack(f, bits);
    bool is_signed = op == FP_TO_W || op == FP_TO_L || op == FP_TO_W_MOD, is_word = op == FP_TO_W || op == FP_TO_WU || op == FP_TO_W_MOD, inexact;
    unsigned width = is_word ? 32 : 64;
    uint64_t largest = is_signed ? MAKE_MASK(0, width - 1) : MAKE_MASK(0, width), smallest = is_signed ? largest + 1 : 0, value;
    bool fits = !is_nan(p) && p.class != INFINITE && to_integer(p, rm, &value, &inexact);
    if (fits && !(p.sign ? value > smallest : value > largest)) {
        *flags |= inexact ? FFLAGS_NX : 0;
        value = p.sign ? -value : value;
    } else {
        *flags |= FFLAGS_NV;
        value = p.sign && !is_nan(p) ? -smallest : largest;
    }
    return is_word ? (uint64_t)(int32_t)value : value;
}

/* FCVTMOD.W.D: modulo 2^32, flags as FCVT.W.D has them. */
static uint64_t float_to_word_modular(uint64_t bits, uint32_t *flags)
{
    const Format *f = &formats[FMT_D];
    Parts p = unpack(f, bits);
    float_to_integer(f, bits, FP_TO_W, RM_RTZ, flags);
    if (p.class != NUMBER || p.exp > 63 + 31) {
        return 0;
    }
    uint64_t magnitude = p.exp > 63 ? p.sig << (p.exp - 63) : p.exp < 0 ? 0 : p.sig >> (63 - p.exp);
    return (uint64_t)(int32_t)(p.sign ? -magnitude : magnitude);
}

static uint64_t integer_to_float(const Format *f, uint64_t value, RvFloatOp op, unsigned rm, uint32_t *flags)
{
    bool sign = false;
    value = op == FP_FROM_W ? (uint64_t)(int32_t)value : op == FP_FROM_WU ? (uint32_t)value : value;
    if ((op == FP_FROM_W || op == FP_FROM_L) && (int64_t)value < 0) {
        sign = true;
        value = -value;
    }
    if (!value) {
        return 0;
    }
    unsigned zeroes = __builtin_clzll(value);
    return pack(f, (Parts){ NUMBER, sign, 63 - (int)zeroes, value << zeroes }, rm, flags);
}

static uint64_t round_to_integral(const Format *f, uint64_t bits, bool tells, unsigned rm, uint32_t *flags)
{
    Parts p = unpack(f, bits);
    uint64_t value;
    bool inexact;
    if (is_nan(p)) {
        return nan_of(f, p, p, flags);
    }
    if (p.class != NUMBER || p.exp >= (int)f->precision - 1) {
        return bits;
    }
    to_integer(p, rm, &value, &inexact);
    *flags |= inexact && tells ? FFLAGS_NX : 0;
    uint32_t none = 0;
    return (p.sign ? sign_bit(f) : 0) | integer_to_float(f, value, FP_FROM_LU, RM_RTZ, &none);
}

/* ---- all of it ---- */

static Parts negate(Parts p)
{
    p.sign = !p.sign;
    return p;
}

static uint64_t convert(const Format *to, const Format *from, uint64_t reg, unsigned rm, uint32_t *flags)
{
    Parts p = unpack(from, unbox(from, reg));
    return is_nan(p) ? nan_of(to, p, p, flags) : p.class == INFINITE ? infinite(to, p.sign) : p.class == ZERO ? zero(to, p.sign) : pack(to, p, rm, flags);
}

uint64_t riscv_float_compute(uint32_t spec, uint64_t ra, uint64_t rb, uint64_t rc, uint32_t *flags)
{
    RvFloatOp op = spec & 0xff;
    const Format *f = &formats[spec >> 8 & 15];
    unsigned rm = spec >> 12 & 15;
    if (op >= FP_FROM_W && op <= FP_FROM_LU) {
        return box(f, integer_to_float(f, ra, op, rm, flags));
    }
    if (op == FP_CONVERT) {
        return box(f, convert(f, &formats[spec >> 16 & 15], ra, rm, flags));
    }
    uint64_t a = unbox(f, ra), b = unbox(f, rb), c = unbox(f, rc), sign = sign_bit(f);
    Parts pa = unpack(f, a), pb = unpack(f, b), pc = unpack(f, c);
    switch (op) {
    case FP_ADD: return box(f, add(f, pa, pb, rm, flags));
    case FP_SUB: return box(f, add(f, pa, is_nan(pb) ? pb : negate(pb), rm, flags));
    case FP_MUL: return box(f, multiply(f, pa, pb, rm, flags));
    case FP_DIV: return box(f, divide(f, pa, pb, rm, flags));
    case FP_SQRT: return box(f, square_root(f, pa, rm, flags));
    case FP_MADD: return box(f, multiply_add(f, pa, pb, pc, rm, flags));
    case FP_MSUB: return box(f, multiply_add(f, pa, pb, negate(pc), rm, flags));
    case FP_NMSUB: return box(f, multiply_add(f, negate(pa), pb, pc, rm, flags));
    case FP_NMADD: return box(f, multiply_add(f, negate(pa), pb, negate(pc), rm, flags));
    case FP_MIN: case FP_MAX: case FP_MINM: case FP_MAXM: return box(f, minimum(f, a, b, op, flags));
    case FP_EQ: case FP_LT: case FP_LE: case FP_LTQ: case FP_LEQ: return relation(f, a, b, op, flags);
    case FP_TO_W: case FP_TO_WU: case FP_TO_L: case FP_TO_LU: return float_to_integer(f, a, op, rm, flags);
    case FP_TO_W_MOD: return float_to_word_modular(a, flags);
    case FP_ROUND: case FP_ROUNDNX: return box(f, round_to_integral(f, a, op == FP_ROUNDNX, rm, flags));
    case FP_CLASS: return classify(f, a);
    case FP_SGNJ: return box(f, (a & ~sign) | (b & sign));
    case FP_SGNJN: return box(f, (a & ~sign) | (~b & sign));
    case FP_SGNJX: return box(f, a ^ (b & sign));
    default: return 0;
    }
}

uint64_t riscv_float_immediate(RvFormat fmt, unsigned index)
{
    static const struct { int8_t exp; uint8_t eighths; } values[32] = {     /* (8 + eighths) / 8 * 2^exp */
        [2] = { -16, 0 }, [3] = { -15, 0 }, [4] = { -8, 0 }, [5] = { -7, 0 }, [6] = { -4, 0 }, [7] = { -3, 0 }, [8] = { -2, 0 }, [9] = { -2, 2 }, [10] = { -2, 4 },
        [11] = { -2, 6 }, [12] = { -1, 0 }, [13] = { -1, 2 }, [14] = { -1, 4 }, [15] = { -1, 6 }, [16] = { 0, 0 }, [17] = { 0, 2 }, [18] = { 0, 4 },
        [19] = { 0, 6 }, [20] = { 1, 0 }, [21] = { 1, 2 }, [22] = { 1, 4 }, [23] = { 2, 0 }, [24] = { 3, 0 }, [25] = { 4, 0 }, [26] = { 7, 0 }, [27] = { 8, 0 },
        [28] = { 15, 0 }, [29] = { 16, 0 },
    };
    const Format *f = &formats[fmt];
    uint32_t flags = 0;
    switch (index) {
    case 0: return box(f, pack(f, (Parts){ NUMBER, true, 0, BIT(63) }, RM_RNE, &flags));
    case 1: return box(f, BIT(f->precision - 1));
    case 30: return box(f, infinity(f));
    case 31: return box(f, canonical_nan(f));
    default: return box(f, pack(f, (Parts){ NUMBER, false, values[index].exp, (uint64_t)(8 + values[index].eighths) << 60 }, RM_RNE, &flags));
    }
}

uint64_t rv_helper_float_op(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b, uint64_t c)
{
    return riscv_float_compute(spec, a, b, c, &RISCV_CPU(cpu)->fflags);
}

uint64_t rv_helper_float_quiet(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b)
{
    uint32_t flags = 0;
    return riscv_float_compute(spec, a, b, 0, &flags);
}
