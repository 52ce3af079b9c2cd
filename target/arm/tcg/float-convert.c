/*
 * Floating point in C: conversions, rounding to integers, estimates.
 *
 * DDI 0487, J1 (shared/functions/float): FPToFixed, FixedToFP, FPConvert, FPRoundInt, FPRoundIntN, FPToFixedJS, FPRecipEstimate, FPRSqrtEstimate, FPRecpX.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/float-internal.h"

/* ---- integers ---- */

bool arm_float_to_integer(Parts p, unsigned rounding, uint64_t *value, bool *inexact)
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
    uint64_t whole = shift < 64 ? p.sig >> shift : 0;
    /* What lies behind the point, against a half at bit 63. */
    uint64_t low = shift < 64 ? p.sig << (64 - shift) : shift_jam(p.sig, shift - 64);
    *inexact = low != 0;
    *value = whole + arm_float_rounds_up(rounding, p.sign, whole & 1, low, BIT(63));
    return *value >= whole;
}

uint64_t arm_float_to_fixed(ArmFloat *e, unsigned format, uint64_t a, unsigned fraction_bits, bool is_unsigned, unsigned rounding, unsigned bits)
{
    Parts p = arm_float_unpack(e, format, a);
    if (is_nan(p)) {
        e->flags |= FPSR_IOC;
        return 0;
    }
    uint64_t largest = is_unsigned ? MAKE_MASK(0, bits) : MAKE_MASK(0, bits - 1), smallest = is_unsigned ? 0 : largest + 1, value;
    bool inexact;
    p.exp += (int)fraction_bits;
    if (p.class != INFINITE && arm_float_to_integer(p, rounding, &value, &inexact) && value <= (p.sign ? smallest : largest)) {
        e->flags |= inexact ? FPSR_IXC : 0;
        value = p.sign ? -value : value;
    } else {
        e->flags |= FPSR_IOC;
        value = p.sign ? -smallest : largest;
    }
    return value & MAKE_MASK(0, bits);
}

uint64_t arm_float_from_fixed(ArmFloat *e, unsigned format, uint64_t value, unsigned fraction_bits, bool is_unsigned, unsigned bits)
{
    value &= MAKE_MASK(0, bits);
    bool sign = !is_unsigned && value >> (bits - 1) & 1;
    value = sign ? -value & MAKE_MASK(0, bits) : value;
    if (!value) {
        return 0;
    }
    unsigned zeroes = __builtin_clzll(value);
    return arm_float_pack(e, format, (Parts){ NUMBER, sign, 63 - (int)zeroes - (int)fraction_bits, value << zeroes }, e->rounding);
}

/* Operands that are subnormal are not told of here. */
uint64_t arm_float_round_int(ArmFloat *e, unsigned format, uint64_t a, unsigned rounding, bool exact)
{
    const Format *f = &arm_float_formats[format];
    Parts p = arm_float_unpack(e, format, a);
    e->denormal = false;
    if (is_nan(p)) {
        return arm_float_process_nan(e, format, p, a);
    }
    if (p.class == ZERO) {
        return zero(f, p.sign);
    }
    if (p.class == INFINITE || p.exp >= (int)f->precision - 1) {
        return a;
    }
    uint64_t value;
    bool inexact;
    arm_float_to_integer(p, rounding, &value, &inexact);
    e->flags |= inexact && exact ? FPSR_IXC : 0;
    ArmFloat quiet = { .rounding = ROUND_ZERO };
    return zero(f, p.sign) | arm_float_from_fixed(&quiet, format, value, 0, true, 64);
}

/* What does not fit an integer of size bits is the smallest one. */
uint64_t arm_float_round_int_n(ArmFloat *e, unsigned format, uint64_t a, unsigned rounding, unsigned size)
{
    const Format *f = &arm_float_formats[format];
    Parts p = arm_float_unpack(e, format, a);
    e->denormal = false;
    if (p.class == ZERO) {
        return zero(f, p.sign);
    }
    uint64_t value = 0, limit = BIT(size - 1);
    bool inexact = false, fits = !is_nan(p) && p.class != INFINITE && arm_float_to_integer(p, rounding, &value, &inexact) && value <= limit - !p.sign;
    if (!fits) {
        e->flags |= FPSR_IOC;
        return zero(f, true) | (uint64_t)(f->emax + (int)size - 1) << (f->precision - 1);
    }
    e->flags |= inexact ? FPSR_IXC : 0;
    ArmFloat quiet = { .rounding = ROUND_ZERO };
    return zero(f, p.sign) | arm_float_from_fixed(&quiet, format, value, 0, true, 64);
}

uint32_t arm_float_to_js(ArmFloat *e, uint64_t a, bool *exact)
{
    Parts p = arm_float_unpack(e, FLOAT_D, a);
    *exact = false;
    if (is_nan(p) || p.class == INFINITE) {
        e->flags |= FPSR_IOC;
        return 0;
    }
    if (p.class == ZERO) {
        /* -0, and what was flushed to 0, are not the integer 0. */
        *exact = a == 0;
        return 0;
    }
    uint64_t magnitude = p.exp > 63 + 31 ? 0 : p.exp > 63 ? p.sig << (p.exp - 63) : p.exp < 0 ? 0 : p.sig >> (63 - p.exp);
    bool whole = p.exp >= 63 || (p.exp >= 0 && (p.sig << p.exp << 1) == 0), fits = p.exp < 31 || (p.sign && p.exp == 31 && p.sig >> 32 == BIT(31));
    e->flags |= !fits ? FPSR_IOC : !whole ? FPSR_IXC : 0;
    *exact = fits && whole;
    return (uint32_t)(p.sign ? -magnitude : magnitude);
}

/* ---- formats ---- */

static uint64_t convert_nan(ArmFloat *e, unsigned to, unsigned from, uint64_t a)
{
    const Format *f = &arm_float_formats[to], *g = &arm_float_formats[from];
    unsigned f_bits = f->precision - 1, g_bits = g->precision - 1;
    uint64_t fraction = a & MAKE_MASK(0, g_bits);
    fraction = f_bits >= g_bits ? fraction << (f_bits - g_bits) : fraction >> (g_bits - f_bits);
    return e->dn ? arm_float_default_nan(e, to) : zero(f, (a & sign_bit(g)) != 0) | infinity(f) | quiet_bit(f) | fraction;
}

static uint64_t convert(ArmFloat *e, unsigned to, unsigned from, uint64_t a, unsigned rounding)
{
    const Format *f = &arm_float_formats[to];
    Parts p = arm_float_unpack_convert(e, from, a);
    bool alternative = to == FLOAT_H && e->ahp;
    if (is_nan(p)) {
        e->flags |= p.class == SIGNALING_NAN || alternative ? FPSR_IOC : 0;
        e->denormal = false;
        return alternative ? zero(f, p.sign) : convert_nan(e, to, from, a);
    }
    if (p.class == INFINITE) {
        e->flags |= alternative ? FPSR_IOC : 0;
        return alternative ? zero(f, p.sign) | MAKE_MASK(0, 15) : infinite(f, p.sign);
    }
    return p.class == ZERO ? zero(f, p.sign) : arm_float_pack_convert(e, to, p, rounding);
}

/* To BFloat16 with AH as estimates are made. */
uint64_t arm_float_convert(ArmFloat *e, unsigned to, unsigned from, uint64_t a, unsigned rounding)
{
    if (to == FLOAT_BF16 && e->ah) {
        ArmFloat f = arm_float_for_estimates(e);
        return convert(&f, to, from, a, f.rounding);
    }
    uint64_t r = convert(e, to, from, a, rounding);
    arm_float_tell_denormal(e);
    return r;
}

uint64_t arm_float_immediate(unsigned format, unsigned imm8)
{
    const Format *f = &arm_float_formats[format];
    unsigned exponent_bits = f->bits - f->precision, fraction_bits = f->precision - 1;
    uint64_t exponent = (imm8 & 0x40 ? MAKE_MASK(0, exponent_bits - 3) << 2 : BIT(exponent_bits - 1)) | (imm8 >> 4 & 3);
    return zero(f, imm8 >> 7) | exponent << fraction_bits | (uint64_t)(imm8 & 15) << (fraction_bits - 4);
}

/* ---- estimates: of 9 bits, operands scaled to 0.5 .. 1 (RecipEstimate), 0.25 .. 1 (RecipSqrtEstimate) ---- */

static unsigned recip_estimate(unsigned a)      /* 256 to 511: the same */
{
    a = a * 2 + 1;
    unsigned b = (1 << 19) / a;
    return (b + 1) / 2;
}

static unsigned rsqrt_estimate(unsigned a)      /* 128 to 511: 256 to 511 */
{
    a = a < 256 ? a * 2 + 1 : ((a >> 1) << 1) * 2 + 2;
    unsigned b = 512;
    for (unsigned bit = 256; bit; bit >>= 1) {
        b |= a * (b | bit) * (b | bit) < 1u << 28 ? bit : 0;
    }
    return (b + 1) / 2;
}

uint32_t arm_float_recip_estimate(uint32_t a) { return a >> 31 ? recip_estimate(a >> 23) << 23 : UINT32_MAX; }
uint32_t arm_float_rsqrt_estimate(uint32_t a) { return a >> 30 ? rsqrt_estimate(a >> 23) << 23 : UINT32_MAX; }

/* FEAT_RPRES: of 12 bits in place of 8, from 11 of the operand in place of 8. */
static uint64_t precise_recip(uint64_t sig)
{
    unsigned a = (unsigned)(sig >> 52) * 2 + 1;         /* 2048 to 4095 */
    return ((1u << 26) / a + 1) / 2 & 0xfff;
}

static uint64_t precise_rsqrt(unsigned a)               /* 1024 to 4095 */
{
    a = a < 2048 ? a * 2 + 1 : ((a >> 1) << 1) * 2 + 2;
    uint64_t b = 8192;
    for (unsigned bit = 4096; bit; bit >>= 1) {
        b |= a * (b | bit) * (b | bit) < UINT64_C(1) << 39 ? bit : 0;
    }
    return (b + 1) / 2 & 0xfff;
}

uint64_t arm_float_recpe(ArmFloat *e, unsigned format, uint64_t a)
{
    const Format *f = &arm_float_formats[format];
    Parts p = arm_float_unpack(e, format, a);
    bool flush = format == FLOAT_H ? e->fz16 : e->fz;
    if (is_nan(p)) {
        return arm_float_process_nan(e, format, p, a);
    }
    if (p.class == INFINITE) {
        return zero(f, p.sign);
    }
    if (p.class == ZERO) {
        e->flags |= FPSR_DZC;
        return infinite(f, p.sign);
    }
    if (p.exp < f->emin - 2) {
        bool to_infinity = e->rounding == ROUND_NEAREST || e->rounding == (p.sign ? ROUND_MINUS : ROUND_PLUS);
        e->flags |= FPSR_OFC | FPSR_IXC;
        return infinite(f, p.sign) - !to_infinity;
    }
    if (flush && p.exp >= f->emax - 1) {
        e->flags |= FPSR_UFC;
        return zero(f, p.sign);
    }
    bool precise = e->rpres && format == FLOAT_S;
    uint64_t fraction = precise ? precise_recip(p.sig) : recip_estimate(p.sig >> 55) & 0xff;
    int exponent = 2 * f->emax - 1 - (p.exp + f->emax);
    unsigned fraction_bits = f->precision - 1;
    fraction <<= fraction_bits - (precise ? 12 : 8);
    if (exponent == 0) {
        fraction = BIT(fraction_bits - 1) | fraction >> 1;
    } else if (exponent == -1) {
        fraction = BIT(fraction_bits - 2) | fraction >> 2;
        exponent = 0;
    }
    return zero(f, p.sign) | (uint64_t)exponent << fraction_bits | fraction;
}

uint64_t arm_float_rsqrte(ArmFloat *e, unsigned format, uint64_t a)
{
    const Format *f = &arm_float_formats[format];
    Parts p = arm_float_unpack(e, format, a);
    if (is_nan(p)) {
        return arm_float_process_nan(e, format, p, a);
    }
    if (p.class == ZERO) {
        e->flags |= FPSR_DZC;
        return infinite(f, p.sign);
    }
    if (p.sign) {
        return arm_float_invalid(e, format);
    }
    if (p.class == INFINITE) {
        return 0;
    }
    /* An even biased exponent leaves 0.25 .. 0.5. */
    int biased = p.exp + f->emax;
    uint64_t exponent = (3 * f->emax - 1 - biased) >> 1;
    if (e->rpres && format == FLOAT_S) {
        return exponent << (f->precision - 1) | precise_rsqrt(biased & 1 ? p.sig >> 53 : p.sig >> 52) << (f->precision - 13);
    }
    unsigned scaled = biased & 1 ? p.sig >> 56 : p.sig >> 55;
    return exponent << (f->precision - 1) | (uint64_t)(rsqrt_estimate(scaled) & 0xff) << (f->precision - 9);
}

uint64_t arm_float_recpx(ArmFloat *e, unsigned format, uint64_t a)
{
    const Format *f = &arm_float_formats[format];
    unsigned fraction_bits = f->precision - 1;
    uint64_t ones = MAKE_MASK(0, f->bits - f->precision), exponent = a >> fraction_bits & ones;
    Parts p = arm_float_unpack(e, format, a);
    if (is_nan(p)) {
        return arm_float_process_nan(e, format, p, a);
    }
    return zero(f, p.sign) | (exponent ? ~exponent & ones : ones - 1) << fraction_bits;
}
