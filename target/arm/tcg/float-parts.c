/*
 * Floating point in C: numbers taken apart, rounded and put together, and what becomes of NaNs.
 *
 * DDI 0487, J1 (shared/functions/float): FPUnpackBase, FPRoundBase, FPProcessNaN, FPDefaultNaN. Tininess is detected before rounding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/float-internal.h"

const Format arm_float_formats[4] = {
    [FLOAT_BF16] = { 16, 8, -126, 127 }, [FLOAT_H] = { 16, 11, -14, 15 }, [FLOAT_S] = { 32, 24, -126, 127 }, [FLOAT_D] = { 64, 53, -1022, 1023 },
};

ArmFloat arm_float_of(const ArmCpu *cpu)
{
    uint32_t fpcr = cpu->aarch64 ? cpu->fpcr : cpu->fpcr & ~(uint32_t)(FPCR_AH | FPCR_FIZ | FPCR_EBF);
    return (ArmFloat){ .rounding = FIELD_GET(fpcr, FPCR_RMODE), .fz = fpcr & FPCR_FZ, .fz16 = fpcr & FPCR_FZ16, .dn = fpcr & FPCR_DN, .ahp = fpcr & FPCR_AHP,
                       .ah = fpcr & FPCR_AH, .fiz = fpcr & FPCR_FIZ, .ebf = fpcr & FPCR_EBF, .rpres = arm_has(cpu, rpres) && (fpcr & FPCR_AH) };
}

ArmFloat arm_float_standard(uint32_t fpcr)
{
    return (ArmFloat){ .rounding = ROUND_NEAREST, .fz = true, .fz16 = fpcr & FPCR_FZ16, .dn = true, .ahp = fpcr & FPCR_AHP };
}

static Parts unpack(unsigned format, uint64_t bits, bool has_specials)
{
    const Format *f = &arm_float_formats[format];
    unsigned fraction_bits = f->precision - 1, all_ones = MAKE_MASK(0, f->bits - f->precision);
    uint64_t fraction = bits & MAKE_MASK(0, fraction_bits);
    unsigned exponent = bits >> fraction_bits & all_ones;
    Parts p = { .sign = bits >> (f->bits - 1) & 1 };
    if (exponent == all_ones && has_specials) {
        p.class = !fraction ? INFINITE : fraction >> (fraction_bits - 1) & 1 ? QUIET_NAN : SIGNALING_NAN;
    } else if (exponent) {
        p = (Parts){ NUMBER, p.sign, (int)exponent - f->emax, (fraction | BIT(fraction_bits)) << (63 - fraction_bits) };
    } else if (fraction) {
        unsigned zeroes = __builtin_clzll(fraction);
        p = (Parts){ NUMBER, p.sign, f->emin + (int)(63 - zeroes) - (int)fraction_bits, fraction << zeroes };
    }
    return p;
}

/* FZ is of results alone with AH, FIZ of operands without a flag. */
static void flush_input(ArmFloat *e, unsigned format, Parts *p, bool fz16)
{
    bool fz = e->fz && !e->ah;
    if (p->class != NUMBER || p->exp >= arm_float_formats[format].emin) {
        return;
    }
    if (format == FLOAT_H ? fz16 : fz || e->fiz) {
        e->flags |= format == FLOAT_H || !fz ? 0 : FPSR_IDC;
        p->class = ZERO;
    } else {
        e->denormal |= format != FLOAT_H;
    }
}

void arm_float_tell_denormal(ArmFloat *e)
{
    e->flags |= e->ah && e->denormal ? FPSR_IDC : 0;
    e->denormal = false;
}

Parts arm_float_unpack(ArmFloat *e, unsigned format, uint64_t bits)
{
    Parts p = unpack(format, bits, true);
    flush_input(e, format, &p, e->fz16);
    return p;
}

Parts arm_float_unpack_convert(ArmFloat *e, unsigned format, uint64_t bits)
{
    Parts p = unpack(format, bits, !(format == FLOAT_H && e->ahp));
    flush_input(e, format, &p, false);
    return p;
}

/* ---- rounding ---- */

bool arm_float_rounds_up(unsigned rounding, bool sign, bool odd, uint64_t low, uint64_t half)
{
    switch (rounding) {
    case ROUND_NEAREST: return low > half || (low == half && odd);
    case ROUND_MINUS: return sign && low;
    case ROUND_PLUS: return !sign && low;
    case ROUND_TIES_AWAY: return low >= half;
    case ROUND_ODD: return low && !odd;
    default: return false;
    }
}

static uint64_t overflow(ArmFloat *e, const Format *f, bool sign, unsigned rounding)
{
    e->flags |= FPSR_OFC | FPSR_IXC;
    bool to_infinity = rounding == ROUND_NEAREST || rounding == ROUND_TIES_AWAY || (rounding == ROUND_PLUS && !sign) || (rounding == ROUND_MINUS && sign);
    return zero(f, sign) | (to_infinity ? infinity(f) : infinity(f) - 1);
}

/* The significand, rounded to what is left of it above shift, becomes the next power of two. */
static bool rounds_to_power(Parts p, unsigned shift, unsigned rounding)
{
    uint64_t low = p.sig & MAKE_MASK(0, shift), sig = p.sig >> shift;
    return arm_float_rounds_up(rounding, p.sign, sig & 1, low, BIT(shift - 1)) && (sig + 1) >> (64 - shift);
}

static uint64_t pack(ArmFloat *e, unsigned format, Parts p, unsigned rounding, bool flush, bool alternative)
{
    const Format *f = &arm_float_formats[format];
    unsigned shift = 64 - f->precision;
    bool tiny = p.exp < f->emin, told = tiny;
    if (tiny) {
        /* With AH what is tiny is told by the number as it would be rounded without a limit to exponents. */
        told = !e->ah || p.exp < f->emin - 1 || !rounds_to_power(p, shift, rounding);
        if (flush && told) {
            e->flags |= FPSR_UFC | (e->ah ? FPSR_IXC : 0);
            return zero(f, p.sign);
        }
        p.sig = shift_jam(p.sig, f->emin - p.exp);
        p.exp = f->emin;
    }
    uint64_t low = p.sig & MAKE_MASK(0, shift), sig = p.sig >> shift;
    sig += arm_float_rounds_up(rounding, p.sign, sig & 1, low, BIT(shift - 1));
    if (sig >> f->precision) {
        sig >>= 1;
        p.exp++;
    }
    if (alternative && p.exp > f->emax + 1) {
        e->flags |= FPSR_IOC;
        return zero(f, p.sign) | MAKE_MASK(0, f->bits - 1);
    }
    if (!alternative && p.exp > f->emax) {
        return overflow(e, f, p.sign, rounding);
    }
    e->flags |= low ? FPSR_IXC : 0;
    e->flags |= low && told ? FPSR_UFC : 0;
    return zero(f, p.sign) | ((((uint64_t)(p.exp - f->emin)) << (f->precision - 1)) + sig);
}

uint64_t arm_float_pack(ArmFloat *e, unsigned format, Parts p, unsigned rounding)
{
    return pack(e, format, p, rounding, format == FLOAT_H ? e->fz16 : e->fz, false);
}

uint64_t arm_float_pack_convert(ArmFloat *e, unsigned format, Parts p, unsigned rounding)
{
    return pack(e, format, p, rounding, format != FLOAT_H && e->fz, format == FLOAT_H && e->ahp);
}

Parts arm_float_narrow(bool sign, int exp, Wide sig)
{
    uint64_t high = sig >> 64, low = sig;
    unsigned zeroes = high ? __builtin_clzll(high) : 64 + __builtin_clzll(low);
    sig <<= zeroes;
    return (Parts){ NUMBER, sign, exp - (int)zeroes, (uint64_t)(sig >> 64) | ((uint64_t)sig != 0) };
}

/* ---- NaNs ---- */

uint64_t arm_float_default_nan(const ArmFloat *e, unsigned format)
{
    const Format *f = &arm_float_formats[format];
    return infinity(f) | quiet_bit(f) | zero(f, e->ah);
}

uint64_t arm_float_invalid(ArmFloat *e, unsigned format)
{
    e->flags |= FPSR_IOC;
    e->denormal = false;
    return arm_float_default_nan(e, format);
}

uint64_t arm_float_process_nan(ArmFloat *e, unsigned format, Parts p, uint64_t bits)
{
    e->flags |= p.class == SIGNALING_NAN ? FPSR_IOC : 0;
    e->denormal = false;
    return e->dn ? arm_float_default_nan(e, format) : bits | quiet_bit(&arm_float_formats[format]);
}

bool arm_float_process_nans(ArmFloat *e, unsigned format, Parts a, Parts b, uint64_t x, uint64_t y, uint64_t *result)
{
    if (!is_nan(a) && !is_nan(b)) {
        return false;
    }
    bool first = a.class == SIGNALING_NAN || (b.class != SIGNALING_NAN && is_nan(a));
    if (e->ah && is_nan(a) && is_nan(b)) {
        /* The first, whichever signals. */
        e->flags |= b.class == SIGNALING_NAN ? FPSR_IOC : 0;
        first = true;
    }
    *result = first ? arm_float_process_nan(e, format, a, x) : arm_float_process_nan(e, format, b, y);
    return true;
}
