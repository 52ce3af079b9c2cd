/*
 * Vector floating point, element by element in integers (helpers-float.c). Elements of 16 bits are halves, or BF16 where vtype.altfmt says so; without it
 * BF16 has conversions and a widening multiply-add.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.13, 30.14.3, 30.16.2; 30.18 "Zvfhmin", 30.19 "Zvfh"; RISC-V BF16 Extensions 1.0, "Zvfbfmin", "Zvfbfwma"; Zvfbfa 0.9.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/vector.h"
#include "target/riscv/tcg/float-host.h"

/* ---- elements ---- */

static RvFormat format(const Vector *v, unsigned bits) { return bits == 16 ? (v->altfmt ? FMT_BF : FMT_H) : bits == 32 ? FMT_S : FMT_D; }
static uint64_t boxed(uint64_t value, unsigned bits) { return bits < 64 ? value | ~MAKE_MASK(0, bits) : value; }
static uint64_t get(const Vector *v, unsigned reg, unsigned i, unsigned bits) { return boxed(vector_get(v, reg, i, bits), bits); }

enum { VFWMACCBF16 = 0x3b };
/* The scalar as an element: NaN-boxed, or the canonical NaN. */
static uint64_t scalar(const Vector *v) { return riscv_vector_scalar(v->cpu, v->vs1, v->sew, v->altfmt || v->funct6 == VFWMACCBF16); }

/* Numbers of so many bits are computed with; conversion: are converted from and to other ones. */
static bool has_format(const Vector *v, unsigned bits, bool conversion)
{
    return bits == 16 ? v->altfmt || riscv_has(v->cpu, zvfh) || (conversion && riscv_has(v->cpu, zvfhmin))
        : bits == 32 ? riscv_has(v->cpu, zve32f) : bits == 64 && riscv_has(v->cpu, zve64d);
}

static uint64_t compute(Vector *v, RvFloatOp op, unsigned bits, unsigned rm, uint64_t a, uint64_t b, uint64_t c)
{
    return riscv_float_compute(FLOAT_SPEC(op, format(v, bits), rm, 0), a, b, c, &v->cpu->fflags);
}

static uint64_t convert_format(Vector *v, RvFormat to, RvFormat from, unsigned rm, uint64_t a)
{
    return riscv_float_compute(FLOAT_SPEC(FP_CONVERT, to, rm, from), a, 0, 0, &v->cpu->fflags);
}

static uint64_t convert(Vector *v, unsigned to, unsigned from, unsigned rm, uint64_t a) { return convert_format(v, format(v, to), format(v, from), rm, a); }

static bool is_vector(const Vector *v) { return v->funct3 == 1; }
static uint64_t second(const Vector *v, unsigned i) { return is_vector(v) ? get(v, v->vs1, i, v->sew) : scalar(v); }

static bool aligned_all(const Vector *v)
{
    return vector_aligned(v->vd, v->lmul) && vector_aligned(v->vs2, v->lmul) && (!is_vector(v) || vector_aligned(v->vs1, v->lmul)) && vector_mask_ok(v);
}

/* ---- two and three operands ---- */

typedef struct FloatOp { int8_t op; bool swap; } FloatOp;   /* op -1: none; swap: the second operand first */

static FloatOp arithmetic_op(const Vector *v)
{
    switch (v->funct6) {
    case 0x00: return (FloatOp){ FP_ADD, false };
    case 0x02: return (FloatOp){ FP_SUB, false };
    case 0x04: return (FloatOp){ FP_MIN, false };
    case 0x06: return (FloatOp){ FP_MAX, false };
    case 0x08: return (FloatOp){ FP_SGNJ, false };
    case 0x09: return (FloatOp){ FP_SGNJN, false };
    case 0x0a: return (FloatOp){ FP_SGNJX, false };
    case 0x20: return (FloatOp){ FP_DIV, false };
    case 0x21: return (FloatOp){ is_vector(v) ? -1 : FP_DIV, true };
    case 0x24: return (FloatOp){ FP_MUL, false };
    case 0x27: return (FloatOp){ is_vector(v) ? -1 : FP_SUB, true };
    default: return (FloatOp){ -1, false };
    }
}

/* vd := vs1 * vs2 + vd and so on (2c to 2f), or vs1 * vd + vs2 (28 to 2b), in the order add, negated add, subtract, negated subtract. */
static RvFloatOp fused_op(unsigned funct6)
{
    static const uint8_t ops[4] = { FP_MADD, FP_NMADD, FP_MSUB, FP_NMSUB };
    return ops[funct6 & 3];
}

static bool arithmetic(Vector *v)
{
    FloatOp f = arithmetic_op(v);
    bool fused = v->funct6 >= 0x28;
    if ((f.op < 0 && !fused) || !aligned_all(v)) {
        return false;
    }
    unsigned rm = v->cpu->frm;
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (!vector_active(v, i)) {
            continue;
        }
        uint64_t a = get(v, v->vs2, i, v->sew), b = second(v, i), d = get(v, v->vd, i, v->sew), result;
        if (fused) {
            bool accumulates = v->funct6 >= 0x2c;
            result = compute(v, fused_op(v->funct6), v->sew, rm, b, accumulates ? a : d, accumulates ? d : a);
        } else {
            result = f.swap ? compute(v, f.op, v->sew, rm, b, a, 0) : compute(v, f.op, v->sew, rm, a, b, 0);
        }
        vector_set(v, v->vd, i, v->sew, result);
    }
    return true;
}

static bool widen(Vector *v)
{
    unsigned wide = v->sew * 2, f = v->funct6, rm = v->cpu->frm;
    bool wide_source = f == 0x34 || f == 0x36, bf16 = f == VFWMACCBF16;
    RvFormat narrow_format = bf16 ? FMT_BF : format(v, v->sew);
    if (!has_format(v, wide, false) || v->lmul > 2 || !vector_aligned(v->vd, v->lmul + 1) || !vector_mask_ok(v) || !vector_aligned(v->vs2, v->lmul + wide_source)
        || (!wide_source && !vector_overlap_ok(v->vd, v->lmul + 1, wide, v->vs2, v->lmul, v->sew))) {
        return false;
    }
    if (is_vector(v) && (!vector_aligned(v->vs1, v->lmul) || !vector_overlap_ok(v->vd, v->lmul + 1, wide, v->vs1, v->lmul, v->sew))) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (!vector_active(v, i)) {
            continue;
        }
        uint64_t a = wide_source ? get(v, v->vs2, i, wide) : convert_format(v, format(v, wide), narrow_format, rm, get(v, v->vs2, i, v->sew));
        uint64_t b = convert_format(v, format(v, wide), narrow_format, rm, second(v, i));
        uint64_t result = f >= VFWMACCBF16 ? compute(v, bf16 ? FP_MADD : fused_op(f), wide, rm, b, a, get(v, v->vd, i, wide))
            : compute(v, f == 0x38 ? FP_MUL : f & 2 ? FP_SUB : FP_ADD, wide, rm, a, b, 0);
        vector_set(v, v->vd, i, wide, result);
    }
    return true;
}

static bool reduce(Vector *v)
{
    bool widens = v->funct6 >= 0x30;
    unsigned bits = widens ? v->sew * 2 : v->sew, rm = v->cpu->frm;
    if (!has_format(v, bits, false) || v->vstart || !vector_aligned(v->vs2, v->lmul)) {
        return false;
    }
    RvFloatOp op = v->funct6 == 0x05 ? FP_MIN : v->funct6 == 0x07 ? FP_MAX : FP_ADD;
    uint64_t result = get(v, v->vs1, 0, bits);
    for (unsigned i = 0; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t a = get(v, v->vs2, i, v->sew);
            result = compute(v, op, bits, rm, result, widens ? convert(v, bits, v->sew, rm, a) : a, 0);
        }
    }
    if (v->vl) {
        vector_set(v, v->vd, 0, bits, result);
    }
    return true;
}

static bool compare(Vector *v)
{
    static const struct { uint8_t op; bool swap, invert, scalar_only; } kinds[8] = {
        [0] = { FP_EQ, false, false, false }, [1] = { FP_LE, false, false, false }, [3] = { FP_LT, false, false, false }, [4] = { FP_EQ, false, true, false },
        [5] = { FP_LT, true, false, true }, [7] = { FP_LE, true, false, true },
    };
    unsigned k = v->funct6 & 7;
    if (!kinds[k].op || (kinds[k].scalar_only && is_vector(v)) || !vector_aligned(v->vs2, v->lmul) || !vector_overlap_ok(v->vd, 0, 1, v->vs2, v->lmul, v->sew)
        || (is_vector(v) && (!vector_aligned(v->vs1, v->lmul) || !vector_overlap_ok(v->vd, 0, 1, v->vs1, v->lmul, v->sew)))) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t a = get(v, v->vs2, i, v->sew), b = second(v, i);
            bool r = kinds[k].swap ? compute(v, kinds[k].op, v->sew, 0, b, a, 0) : compute(v, kinds[k].op, v->sew, 0, a, b, 0);
            vector_set_mask(v, v->vd, i, r != kinds[k].invert);
        }
    }
    return true;
}

/* ---- one operand ---- */

/* Estimates to seven bits, by what their tables were made from. */
static uint64_t estimate_reciprocal(unsigned index) { return (65536u + (257u + 2 * index) / 2) / (257u + 2 * index) - 128; }

/* 256 / sqrt(x) - 128, rounded; x from 1 to 2 (index 64 and more) or 2 to 4, the middle of its interval, in 128ths. */
static unsigned estimate_root(unsigned index)
{
    unsigned x = index >= 64 ? 128 + 2 * (index - 64) + 1 : 256 + 4 * index + 2, best = 128;
    /* The largest y with y - 1/2 not above it: compared squared. */
    while (best < 255 && (2 * best + 1) * (2 * best + 1) * x <= 4u * 65536 * 128) {
        best++;
    }
    return best - 128;
}

static uint64_t estimate(Vector *v, uint64_t bits_in, bool root)
{
    static const struct { uint8_t precision; uint16_t bias; } formats[] = { [FMT_H] = { 10, 15 }, [FMT_BF] = { 7, 127 }, [FMT_S] = { 23, 127 }, [FMT_D] = { 52, 1023 } };
    RvFormat f = format(v, v->sew);
    unsigned bits = v->sew, precision = formats[f].precision, bias = formats[f].bias, all_ones = 2 * bias + 1;
    uint64_t value = bits_in & MAKE_MASK(0, bits), fraction = value & MAKE_MASK(0, precision), sign_bit = value >> (bits - 1) << (bits - 1);
    int exponent = value >> precision & all_ones;
    uint64_t infinity = (uint64_t)all_ones << precision, nan = infinity | BIT(precision - 1);
    if (exponent == (int)all_ones && fraction) {
        v->cpu->fflags |= fraction >> (precision - 1) ? 0 : FFLAGS_NV;
        return nan;
    }
    if (root && sign_bit && (exponent || fraction)) {
        v->cpu->fflags |= FFLAGS_NV;
        return nan;
    }
    if (exponent == (int)all_ones) {
        return root ? 0 : sign_bit;
    }
    if (!exponent && !fraction) {
        v->cpu->fflags |= FFLAGS_DZ;
        return sign_bit | infinity;
    }
    if (!exponent) {
        while (!(fraction >> (precision - 1) & 1)) {
            fraction <<= 1;
            exponent--;
        }
        fraction = fraction << 1 & MAKE_MASK(0, precision);
    }
    if (root) {
        unsigned index = (exponent & 1) << 6 | fraction >> (precision - 6);
        uint64_t out = estimate_root(index);
        return (uint64_t)((3 * (int)bias - 1 - exponent) / 2) << precision | out << (precision - 7);
    }
    int out_exponent = 2 * (int)bias - 1 - exponent;
    if (exponent < -1) {
        unsigned rm = v->cpu->frm;
        v->cpu->fflags |= FFLAGS_NX | FFLAGS_OF;
        bool largest = rm == RM_RTZ || (rm == RM_RDN && !sign_bit) || (rm == RM_RUP && sign_bit);
        return sign_bit | (largest ? infinity - 1 : infinity);
    }
    uint64_t out = estimate_reciprocal(fraction >> (precision - 7)) << (precision - 7);
    if (out_exponent <= 0) {
        out = (out | BIT(precision)) >> (1 - out_exponent);
        out_exponent = 0;
    }
    return sign_bit | (uint64_t)out_exponent << precision | out;
}

static bool unary(Vector *v)
{
    if (!is_vector(v) || !vector_aligned(v->vd, v->lmul) || !vector_aligned(v->vs2, v->lmul) || !vector_mask_ok(v)
        || (v->vs1 != 0 && v->vs1 != 4 && v->vs1 != 5 && v->vs1 != 16)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t a = get(v, v->vs2, i, v->sew);
            vector_set(v, v->vd, i, v->sew, v->vs1 == 0 ? compute(v, FP_SQRT, v->sew, v->cpu->frm, a, 0, 0)
                       : v->vs1 == 16 ? compute(v, FP_CLASS, v->sew, 0, a, 0, 0) : estimate(v, a, v->vs1 == 4));
        }
    }
    return true;
}

/* Between integers and floats of widths; kind: bits 0 to 2 of vs1. Integers of less than a word are saturated here. */
static uint64_t convert_element(Vector *v, unsigned kind, unsigned to, unsigned from, uint64_t a)
{
    unsigned rm = kind >= 6 ? RM_RTZ : v->cpu->frm;
    bool is_signed = kind & 1;
    if (kind == 2 || kind == 3) {
        RvFloatOp op = from == 64 ? (is_signed ? FP_FROM_L : FP_FROM_LU) : is_signed ? FP_FROM_W : FP_FROM_WU;
        uint64_t value = is_signed ? (uint64_t)sextract64(a, 0, from) : a & MAKE_MASK(0, from);
        return compute(v, op, to, rm, value, 0, 0);
    }
    if (to >= 32) {
        RvFloatOp op = to == 64 ? (is_signed ? FP_TO_L : FP_TO_LU) : is_signed ? FP_TO_W : FP_TO_WU;
        return compute(v, op, from, rm, a, 0, 0);
    }
    uint32_t flags = 0;
    int64_t value = (int64_t)riscv_float_compute(FLOAT_SPEC(is_signed ? FP_TO_L : FP_TO_LU, format(v, from), rm, 0), a, 0, 0, &flags);
    int64_t high = is_signed ? (INT64_C(1) << (to - 1)) - 1 : (INT64_C(1) << to) - 1, low = is_signed ? -high - 1 : 0;
    bool over = (!is_signed && value < 0) || value > high, outside = over || (is_signed && value < low);
    v->cpu->fflags |= outside || (flags & FFLAGS_NV) ? FFLAGS_NV : flags;
    return (uint64_t)(outside ? (over ? high : low) : value);
}

static bool conversion(Vector *v)
{
    unsigned form = v->vs1 >> 3, kind = v->vs1 & 7, to = form == 1 ? v->sew * 2 : v->sew, from = form == 2 ? v->sew * 2 : v->sew;
    int to_lmul = v->lmul + (form == 1), from_lmul = v->lmul + (form == 2);
    bool bf16 = (v->vs1 == 13 || v->vs1 == 29) && v->sew == 16 && riscv_has(v->cpu, zvfbfmin), between_floats = kind == 4 || bf16, odd = kind == 5 && !bf16;
    bool from_integer = kind == 2 || kind == 3;
    if (bf16) {
        form = v->vs1 == 13 ? 1 : 2;
        to = form == 1 ? 32 : 16;
        from = 48 - to;
        to_lmul = v->lmul + (form == 1);
        from_lmul = v->lmul + (form == 2);
    }
    RvFormat to_format = bf16 && to == 16 ? FMT_BF : format(v, to), from_format = bf16 && from == 16 ? FMT_BF : format(v, from);
    if (!is_vector(v) || form > 2 || (between_floats && form == 0) || (odd && form != 2) || to > 64 || from > 64
        || (!bf16 && (!(from_integer || has_format(v, from, between_floats)) || !(kind < 2 || kind > 5 || has_format(v, to, between_floats)))) || !vector_aligned(v->vd, to_lmul) || !vector_aligned(v->vs2, from_lmul) || !vector_mask_ok(v)
        || !vector_overlap_ok(v->vd, to_lmul, to, v->vs2, from_lmul, from)) {
        return false;
    }
    uint8_t results[RISCV_MAX_VLEN_BYTES * 8];      /* it may lie over its source */
    unsigned bytes = to / 8;
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (!vector_active(v, i)) {
            continue;
        }
        uint64_t a = from_integer ? vector_get(v, v->vs2, i, from) : get(v, v->vs2, i, from), r;
        if (odd) {
            uint32_t flags = 0;
            r = riscv_float_compute(FLOAT_SPEC(FP_CONVERT, format(v, to), RM_RTZ, format(v, from)), a, 0, 0, &flags);
            r |= flags & FFLAGS_NX ? 1 : 0;
            v->cpu->fflags |= flags;
        } else {
            r = between_floats ? convert_format(v, to_format, from_format, v->cpu->frm, a) : convert_element(v, kind, to, from, a);
        }
        memcpy(results + i * bytes, &r, bytes);
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            memcpy(vector_at(v, v->vd, i, to), results + i * bytes, bytes);
        }
    }
    return true;
}

/* ---- moves ---- */

static bool move(Vector *v)
{
    if (v->masked) {
        return false;
    }
    if (is_vector(v)) {
        if (v->vs1) {
            return false;
        }
        v->cpu->f[v->vd] = get(v, v->vs2, 0, v->sew);
        v->cpu->mstatus |= FIELD_MASK(MSTATUS_FS);
        return true;
    }
    if (v->vs2) {
        return false;
    }
    if (v->vstart < v->vl) {
        vector_set(v, v->vd, 0, v->sew, scalar(v));
    }
    return true;
}

static bool merge(Vector *v)
{
    if (is_vector(v) || !vector_aligned(v->vd, v->lmul) || (v->masked ? v->vd == 0 || !vector_aligned(v->vs2, v->lmul) : v->vs2 != 0)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        vector_set(v, v->vd, i, v->sew, vector_active(v, i) ? scalar(v) : vector_get(v, v->vs2, i, v->sew));
    }
    return true;
}

/* What there is of BF16 under altfmt: no division, square root, reduction, nor conversion of integers but those of bytes. */
static bool allows_altfmt(const Vector *v)
{
    enum { CONVERSIONS = 0x12, UNARY = 0x13 };
    static const uint32_t of_bytes = 1u << 10 | 1u << 11 | 1u << 16 | 1u << 17 | 1u << 22 | 1u << 23;       /* by vs1: VFWCVT.F.X[U].V, VFNCVT[.RTZ].X[U].F.W */
    static const uint32_t of_floats = 1u << 12 | 1u << 20 | 1u << 21 | 1u << 13 | 1u << 29;                 /* VFWCVT.F.F.V, VFNCVT[.ROD].F.F.W, those of Zvfbfmin */
    static const uint64_t reserved = BIT(0x01) | BIT(0x03) | BIT(0x05) | BIT(0x07) | BIT(0x20) | BIT(0x21) | BIT(0x31) | BIT(0x33);
    if (v->funct6 == CONVERSIONS) {
        return (v->sew == 8 ? of_bytes : of_floats) >> v->vs1 & 1;
    }
    return v->sew == 16 && !(reserved >> v->funct6 & 1) && !(v->funct6 == UNARY && !v->vs1);
}

bool vector_float(Vector *v)
{
    bool own_formats = v->funct6 == 0x12 || (v->funct6 == VFWMACCBF16 && v->sew == 16 && riscv_has(v->cpu, zvfbfwma));
    if (!riscv_float_on(v->cpu) || v->cpu->frm > RM_RMM || !(own_formats || has_format(v, v->sew, false)) || (v->altfmt && !allows_altfmt(v))) {
        return false;
    }
    v->cpu->mstatus |= FIELD_MASK(MSTATUS_FS);
    v->cpu->vsstatus |= v->cpu->virt ? FIELD_MASK(MSTATUS_FS) : 0;
    switch (v->funct6) {
    case 0x01: case 0x03: case 0x05: case 0x07: case 0x31: case 0x33: return is_vector(v) && reduce(v);
    case 0x10: return move(v);
    case 0x12: return conversion(v);
    case 0x13: return unary(v);
    case 0x17: return merge(v);
    case 0x18 ... 0x1f: return compare(v);
    case 0x30: case 0x32: case 0x34: case 0x36: case 0x38: case 0x3c ... 0x3f: return widen(v);
    case VFWMACCBF16: return own_formats && widen(v);
    default: return arithmetic(v);
    }
}
