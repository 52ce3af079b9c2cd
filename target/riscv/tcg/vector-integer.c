/*
 * Vector integers: arithmetic, comparison, fixed point, reductions, masks, bits (Zvbb, Zvbc).
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.11 to 30.15, 34.2.1, 34.2.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/vector.h"

/* ---- operands ---- */

/* The second operand of an element: a vector's, a register, an immediate. */
static uint64_t second(const Vector *v, unsigned i, unsigned bits)
{
    switch (v->funct3) {
    case 0:
    case 2:
        return vector_get(v, v->vs1, i, bits);
    case 3:
        return (uint64_t)sextract64(v->vs1, 0, 5);
    default:
        return v->cpu->x[v->vs1];
    }
}

static bool is_vector(const Vector *v) { return v->funct3 == 0 || v->funct3 == 2; }
static uint64_t cut(uint64_t value, unsigned bits) { return value & MAKE_MASK(0, bits); }
static int64_t sign(uint64_t value, unsigned bits) { return sextract64(value, 0, bits); }

/* Rounding of what is shifted out, by vxrm. */
static uint64_t rounding(const Vector *v, Wide128 value, unsigned shift)
{
    if (!shift) {
        return 0;
    }
    bool last = value >> (shift - 1) & 1, lower = shift > 1 && (value & (((Wide128)1 << (shift - 1)) - 1)) != 0, odd = value >> shift & 1;
    switch (v->cpu->vxrm & 3) {
    case 0: return last;
    case 1: return last && (lower || odd);
    case 2: return 0;
    default: return !odd && (last || lower);
    }
}

static uint64_t saturate(Vector *v, uint64_t value)
{
    v->cpu->vxsat = 1;
    return value;
}

static uint64_t saturate_signed(Vector *v, __int128 value, unsigned bits)
{
    __int128 high = ((__int128)1 << (bits - 1)) - 1, low = -high - 1;
    return value > high ? saturate(v, (uint64_t)high) : value < low ? saturate(v, (uint64_t)low) : (uint64_t)value;
}

static uint64_t saturate_unsigned(Vector *v, Wide128 value, unsigned bits)
{
    return value >> bits ? saturate(v, MAKE_MASK(0, bits)) : (uint64_t)value;
}

/* ---- elements ---- */

/* Without carries: 128 bits. */
static Wide128 multiply_carryless(uint64_t a, uint64_t b)
{
    Wide128 result = 0;
    for (unsigned bit = 0; bit < 64; bit++) {
        result ^= b >> bit & 1 ? (Wide128)a << bit : 0;
    }
    return result;
}

static uint64_t rotate_right(uint64_t a, unsigned by, unsigned bits) { return a >> by | (by ? a << (bits - by) : 0); }

/* a: of vs2, b: the second operand; both cut to the width. */
static uint64_t integer_element(Vector *v, uint64_t a, uint64_t b)
{
    unsigned bits = v->sew, shift = b & (bits - 1);
    int64_t sa = sign(a, bits), sb = sign(b, bits);
    switch (v->funct6) {
    case 0x00: return a + b;
    case 0x01: return a & ~b;
    case 0x02: return a - b;
    case 0x03: return b - a;
    case 0x04: return MIN(a, b);
    case 0x05: return (uint64_t)MIN(sa, sb);
    case 0x06: return MAX(a, b);
    case 0x07: return (uint64_t)MAX(sa, sb);
    case 0x09: return a & b;
    case 0x0a: return a | b;
    case 0x0b: return a ^ b;
    case 0x14: return rotate_right(a, shift, bits);
    case 0x15: return rotate_right(a, (v->funct3 == 3 ? shift : -shift) & (bits - 1), bits);     /* VROR.VI has the sixth bit of its count here */
    case 0x20: return saturate_unsigned(v, (Wide128)a + b, bits);
    case 0x21: return saturate_signed(v, (__int128)sa + sb, bits);
    case 0x22: return a < b ? saturate(v, 0) : a - b;
    case 0x23: return saturate_signed(v, (__int128)sa - sb, bits);
    case 0x25: return a << shift;
    case 0x27: {
        __int128 product = (__int128)sa * sb;
        return saturate_signed(v, (product >> (bits - 1)) + (__int128)rounding(v, (Wide128)product, bits - 1), bits);
    }
    case 0x28: return a >> shift;
    case 0x29: return (uint64_t)(sa >> shift);
    case 0x2a: return (a >> shift) + rounding(v, a, shift);
    case 0x2b: return (uint64_t)(sa >> shift) + rounding(v, (Wide128)(__int128)sa, shift);
    default: return 0;
    }
}

static bool compare_element(unsigned funct6, uint64_t a, uint64_t b, unsigned bits)
{
    int64_t sa = sign(a, bits), sb = sign(b, bits);
    switch (funct6) {
    case 0x18: return a == b;
    case 0x19: return a != b;
    case 0x1a: return a < b;
    case 0x1b: return sa < sb;
    case 0x1c: return a <= b;
    case 0x1d: return sa <= sb;
    case 0x1e: return a > b;
    default: return sa > sb;
    }
}

static bool aligned_all(const Vector *v)
{
    return vector_aligned(v->vd, v->lmul) && vector_aligned(v->vs2, v->lmul) && (!is_vector(v) || vector_aligned(v->vs1, v->lmul));
}

static bool plain(Vector *v)
{
    if (!aligned_all(v) || !vector_mask_ok(v)) {
        return false;
    }
    /* Shifts by an immediate have it without a sign. */
    bool rotates = v->funct6 == 0x14 || v->funct6 == 0x15, unsigned_immediate = v->funct3 == 3 && (rotates || (v->funct6 >= 0x25 && v->funct6 <= 0x2b));
    unsigned immediate = v->vs1 | (v->funct6 == 0x15) << 5;
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t b = unsigned_immediate ? immediate : second(v, i, v->sew);
            vector_set(v, v->vd, i, v->sew, integer_element(v, vector_get(v, v->vs2, i, v->sew), cut(b, v->sew)));
        }
    }
    return true;
}

/* Results that are masks may lie over a source only as a narrower destination may. */
static bool mask_result_ok(const Vector *v)
{
    return vector_aligned(v->vs2, v->lmul) && vector_overlap_ok(v->vd, 0, 1, v->vs2, v->lmul, v->sew)
        && (!is_vector(v) || (vector_aligned(v->vs1, v->lmul) && vector_overlap_ok(v->vd, 0, 1, v->vs1, v->lmul, v->sew)));
}

static bool compare(Vector *v)
{
    if (!mask_result_ok(v)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            vector_set_mask(v, v->vd, i, compare_element(v->funct6, vector_get(v, v->vs2, i, v->sew), cut(second(v, i, v->sew), v->sew), v->sew));
        }
    }
    return true;
}

/* VADC, VSBC; VMADC, VMSBC with or without a carry in. */
static bool with_carry(Vector *v)
{
    bool to_mask = v->funct6 & 1, subtracts = v->funct6 & 2;
    if (to_mask ? !mask_result_ok(v) : !aligned_all(v) || !v->masked || v->vd == 0) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        uint64_t a = vector_get(v, v->vs2, i, v->sew), b = cut(second(v, i, v->sew), v->sew);
        unsigned carry = v->masked && vector_mask_bit(v, 0, i);
        if (to_mask) {
            vector_set_mask(v, v->vd, i, subtracts ? (Wide128)b + carry > a : ((Wide128)a + b + carry) >> v->sew);
        } else {
            vector_set(v, v->vd, i, v->sew, subtracts ? a - b - carry : a + b + carry);
        }
    }
    return true;
}

static bool merge(Vector *v)
{
    if (!vector_aligned(v->vd, v->lmul) || (is_vector(v) && !vector_aligned(v->vs1, v->lmul)) || (v->masked ? v->vd == 0 || !vector_aligned(v->vs2, v->lmul) : v->vs2 != 0)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        vector_set(v, v->vd, i, v->sew, vector_active(v, i) ? second(v, i, v->sew) : vector_get(v, v->vs2, i, v->sew));
    }
    return true;
}

static bool narrow(Vector *v)
{
    unsigned wide = v->sew * 2;
    if (v->sew == 64 || v->lmul > 2 || !vector_aligned(v->vd, v->lmul) || !vector_aligned(v->vs2, v->lmul + 1) || !vector_mask_ok(v)
        || !vector_overlap_ok(v->vd, v->lmul, v->sew, v->vs2, v->lmul + 1, wide) || (is_vector(v) && !vector_aligned(v->vs1, v->lmul))) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (!vector_active(v, i)) {
            continue;
        }
        uint64_t a = vector_get(v, v->vs2, i, wide);
        unsigned shift = (v->funct3 == 3 ? v->vs1 : second(v, i, v->sew)) & (wide - 1);
        int64_t sa = sign(a, wide);
        uint64_t result = v->funct6 == 0x2c ? a >> shift : v->funct6 == 0x2d ? (uint64_t)(sa >> shift)
            : v->funct6 == 0x2e ? saturate_unsigned(v, (Wide128)(a >> shift) + rounding(v, a, shift), v->sew)
            : saturate_signed(v, (__int128)(sa >> shift) + (__int128)rounding(v, (Wide128)(__int128)sa, shift), v->sew);
        vector_set(v, v->vd, i, v->sew, result);
    }
    return true;
}

/* VWSLL. */
static bool shift_widened(Vector *v)
{
    unsigned wide = v->sew * 2;
    if (v->sew == 64 || v->lmul > 2 || !vector_aligned(v->vd, v->lmul + 1) || !vector_aligned(v->vs2, v->lmul) || !vector_mask_ok(v)
        || !vector_overlap_ok(v->vd, v->lmul + 1, wide, v->vs2, v->lmul, v->sew)
        || (is_vector(v) && (!vector_aligned(v->vs1, v->lmul) || !vector_overlap_ok(v->vd, v->lmul + 1, wide, v->vs1, v->lmul, v->sew)))) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            unsigned shift = (v->funct3 == 3 ? v->vs1 : second(v, i, v->sew)) & (wide - 1);
            vector_set(v, v->vd, i, wide, vector_get(v, v->vs2, i, v->sew) << shift);
        }
    }
    return true;
}

/* VMV1R to VMV8R. */
static bool move_whole(Vector *v)
{
    unsigned count = v->vs1 + 1;
    if (v->masked || v->vs1 > 7 || !IS_POWER_OF_2(count) || (v->vd & (count - 1)) || (v->vs2 & (count - 1))) {
        return false;
    }
    memmove(v->cpu->v[v->vd], v->cpu->v[v->vs2], count * sizeof(v->cpu->v[0]));
    return true;
}

static uint64_t reduce_element(unsigned funct6, uint64_t a, uint64_t b, unsigned bits)
{
    int64_t sa = sign(a, bits), sb = sign(b, bits);
    switch (funct6) {
    case 0x00: return a + b;
    case 0x01: return a & b;
    case 0x02: return a | b;
    case 0x03: return a ^ b;
    case 0x04: return MIN(a, b);
    case 0x05: return (uint64_t)MIN(sa, sb);
    case 0x06: return MAX(a, b);
    default: return (uint64_t)MAX(sa, sb);
    }
}

static bool reduce(Vector *v, bool widens, bool is_signed)
{
    unsigned bits = widens ? v->sew * 2 : v->sew;
    if (bits > 64 || v->vstart || !vector_aligned(v->vs2, v->lmul)) {
        return false;
    }
    uint64_t result = vector_get(v, v->vs1, 0, bits);
    for (unsigned i = 0; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t a = is_signed ? (uint64_t)vector_get_signed(v, v->vs2, i, v->sew) : vector_get(v, v->vs2, i, v->sew);
            result = cut(reduce_element(widens ? 0 : v->funct6, result, a, bits), bits);
        }
    }
    if (v->vl) {
        vector_set(v, v->vd, 0, bits, result);
    }
    return true;
}

bool vector_integer(Vector *v)
{
    /* Which of the three forms an operation has: bits 0 to 2 VV, VX, VI. */
    static const uint8_t forms[64] = {
        [0x00] = 7, [0x02] = 3, [0x03] = 6, [0x04] = 3, [0x05] = 3, [0x06] = 3, [0x07] = 3, [0x09] = 7, [0x0a] = 7, [0x0b] = 7, [0x10] = 7, [0x11] = 7, [0x12] = 3,
        [0x13] = 3, [0x17] = 7, [0x18] = 7, [0x19] = 7, [0x1a] = 3, [0x1b] = 3, [0x1c] = 7, [0x1d] = 7, [0x1e] = 6, [0x1f] = 6, [0x20] = 7, [0x21] = 7, [0x22] = 3,
        [0x23] = 3, [0x25] = 7, [0x27] = 7, [0x28] = 7, [0x29] = 7, [0x2a] = 7, [0x2b] = 7, [0x2c] = 7, [0x2d] = 7, [0x2e] = 7, [0x2f] = 7, [0x30] = 1, [0x31] = 1,
        [0x01] = 3, [0x14] = 7, [0x15] = 7, [0x35] = 7,
    };
    unsigned form = v->funct3 == 0 ? 1 : v->funct3 == 4 ? 2 : 4;
    bool for_cryptography = v->funct6 == 0x01 || v->funct6 == 0x14 || v->funct6 == 0x15, has_bits = riscv_has(v->cpu, zvbb);
    if (!(forms[v->funct6] & form) || (for_cryptography && !has_bits && !riscv_has(v->cpu, zvkb)) || (v->funct6 == 0x35 && !has_bits)) {
        return false;
    }
    switch (v->funct6) {
    case 0x10 ... 0x13: return with_carry(v);
    case 0x17: return merge(v);
    case 0x18 ... 0x1f: return compare(v);
    case 0x27: return v->funct3 == 3 ? move_whole(v) : plain(v);
    case 0x2c ... 0x2f: return narrow(v);
    case 0x30: return reduce(v, true, false);
    case 0x31: return reduce(v, true, true);
    case 0x35: return shift_widened(v);
    default: return plain(v);
    }
}

/* ---- OPMVV, OPMVX ---- */

static uint64_t divide(uint64_t a, uint64_t b, unsigned bits, unsigned funct6)
{
    int64_t sa = sign(a, bits), sb = sign(b, bits);
    switch (funct6) {
    case 0x20: return b ? a / b : UINT64_MAX;
    case 0x21: return !b ? UINT64_MAX : sb == -1 ? -(uint64_t)sa : (uint64_t)(sa / sb);
    case 0x22: return b ? a % b : a;
    default: return !b ? a : sb == -1 ? 0 : (uint64_t)(sa % sb);
    }
}

static uint64_t multiply_element(Vector *v, uint64_t a, uint64_t b, uint64_t d)
{
    unsigned bits = v->sew;
    int64_t sa = sign(a, bits), sb = sign(b, bits);
    switch (v->funct6) {
    case 0x08: return (uint64_t)(((Wide128)a + b) >> 1) + rounding(v, (Wide128)a + b, 1);
    case 0x09: return (uint64_t)(((__int128)sa + sb) >> 1) + rounding(v, (Wide128)((__int128)sa + sb), 1);
    case 0x0a: return (uint64_t)(((Wide128)a - b) >> 1) + rounding(v, (Wide128)a - b, 1);
    case 0x0b: return (uint64_t)(((__int128)sa - sb) >> 1) + rounding(v, (Wide128)((__int128)sa - sb), 1);
    case 0x0c: return (uint64_t)multiply_carryless(a, b);
    case 0x0d: return (uint64_t)(multiply_carryless(a, b) >> 64);
    case 0x20: case 0x21: case 0x22: case 0x23: return divide(a, b, bits, v->funct6);
    case 0x24: return (uint64_t)(((Wide128)a * b) >> bits);
    case 0x25: return a * b;
    case 0x26: return (uint64_t)(((__int128)sa * (__int128)b) >> bits);
    case 0x27: return (uint64_t)(((__int128)sa * sb) >> bits);
    case 0x29: return b * d + a;
    case 0x2b: return a - b * d;
    case 0x2d: return b * a + d;
    default: return d - b * a;
    }
}

static bool multiply_plain(Vector *v)
{
    if (!aligned_all(v) || !vector_mask_ok(v)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            uint64_t a = vector_get(v, v->vs2, i, v->sew), b = cut(second(v, i, v->sew), v->sew), d = vector_get(v, v->vd, i, v->sew);
            vector_set(v, v->vd, i, v->sew, multiply_element(v, a, b, d));
        }
    }
    return true;
}

static bool widen(Vector *v)
{
    unsigned wide = v->sew * 2, f = v->funct6;
    bool wide_source = f >= 0x34 && f <= 0x37;
    if (wide > 64 || v->lmul > 2 || !vector_aligned(v->vd, v->lmul + 1) || !vector_mask_ok(v) || !vector_aligned(v->vs2, v->lmul + wide_source)) {
        return false;
    }
    if (!wide_source && !vector_overlap_ok(v->vd, v->lmul + 1, wide, v->vs2, v->lmul, v->sew)) {
        return false;
    }
    if (is_vector(v) && (!vector_aligned(v->vs1, v->lmul) || !vector_overlap_ok(v->vd, v->lmul + 1, wide, v->vs1, v->lmul, v->sew))) {
        return false;
    }
    /* Which of a (vs2) and b have a sign. */
    bool signed_a = f == 0x31 || f == 0x33 || f == 0x35 || f == 0x37 || f == 0x3a || f == 0x3b || f == 0x3d || f == 0x3e;
    bool signed_b = f == 0x31 || f == 0x33 || f == 0x35 || f == 0x37 || f == 0x3b || f == 0x3d || f == 0x3f;
    if (f == 0x3e) {
        signed_a = true;        /* VWMACCUS: the scalar has none */
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (!vector_active(v, i)) {
            continue;
        }
        uint64_t b = cut(second(v, i, v->sew), v->sew), d = vector_get(v, v->vd, i, wide);
        uint64_t a = wide_source ? vector_get(v, v->vs2, i, wide) : signed_a ? (uint64_t)vector_get_signed(v, v->vs2, i, v->sew) : vector_get(v, v->vs2, i, v->sew);
        b = signed_b ? (uint64_t)sign(b, v->sew) : b;
        uint64_t result = f >= 0x3c ? d + a * b : f >= 0x38 ? a * b : (f & 2) ? a - b : a + b;
        vector_set(v, v->vd, i, wide, result);
    }
    return true;
}

static bool extend(Vector *v)
{
    unsigned by = v->vs1 <= 3 ? 3 : v->vs1 <= 5 ? 2 : 1, narrow_bits = v->sew >> by;
    int narrow_lmul = v->lmul - (int)by;
    if (v->vs1 < 2 || v->vs1 > 7 || narrow_bits < 8 || narrow_lmul < -3 || !vector_aligned(v->vd, v->lmul) || !vector_aligned(v->vs2, narrow_lmul) || !vector_mask_ok(v)
        || !vector_overlap_ok(v->vd, v->lmul, v->sew, v->vs2, narrow_lmul, narrow_bits)) {
        return false;
    }
    for (unsigned n = v->vl - v->vstart; v->vl > v->vstart && n-- > 0;) {      /* from the highest: it may lie over its source */
        unsigned i = v->vstart + n;
        if (vector_active(v, i)) {
            vector_set(v, v->vd, i, v->sew, v->vs1 & 1 ? (uint64_t)vector_get_signed(v, v->vs2, i, narrow_bits) : vector_get(v, v->vs2, i, narrow_bits));
        }
    }
    return true;
}

static uint64_t bits_of_element(unsigned kind, uint64_t a, unsigned bits)
{
    switch (kind) {
    case 8: return vector_reverse_bits(a, 8);
    case 9: return __builtin_bswap64(a) >> (64 - bits);
    case 10: return vector_reverse_bits(a, bits);
    case 12: return a ? (unsigned)__builtin_clzll(a) - (64 - bits) : bits;
    case 13: return a ? (unsigned)__builtin_ctzll(a) : bits;
    default: return (unsigned)__builtin_popcountll(a);
    }
}

/* VBREV8, VREV8 (of Zvkb, too), VBREV, VCLZ, VCTZ, VCPOP. */
static bool bits_unary(Vector *v)
{
    bool in_zvkb = v->vs1 == 8 || v->vs1 == 9;
    if (v->vs1 > 14 || v->vs1 == 11 || !(riscv_has(v->cpu, zvbb) || (in_zvkb && riscv_has(v->cpu, zvkb))) || !vector_aligned(v->vd, v->lmul)
        || !vector_aligned(v->vs2, v->lmul) || !vector_mask_ok(v)) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            vector_set(v, v->vd, i, v->sew, bits_of_element(v->vs1, vector_get(v, v->vs2, i, v->sew), v->sew));
        }
    }
    return true;
}

/* ---- masks ---- */

static bool mask_logic(Vector *v)
{
    if (v->masked) {
        return false;
    }
    for (unsigned i = v->vstart; i < v->vl; i++) {
        bool a = vector_mask_bit(v, v->vs2, i), b = vector_mask_bit(v, v->vs1, i), r;
        switch (v->funct6 & 7) {
        case 0: r = a && !b; break;
        case 1: r = a && b; break;
        case 2: r = a || b; break;
        case 3: r = a != b; break;
        case 4: r = a || !b; break;
        case 5: r = !(a && b); break;
        case 6: r = !(a || b); break;
        default: r = a == b; break;
        }
        vector_set_mask(v, v->vd, i, r);
    }
    return true;
}

static bool mask_first(Vector *v)
{
    if (v->vstart || v->vd == v->vs2 || !vector_mask_ok(v)) {
        return false;
    }
    bool found = false;
    for (unsigned i = 0; i < v->vl; i++) {
        if (vector_active(v, i)) {
            bool bit = vector_mask_bit(v, v->vs2, i), first = bit && !found;
            bool r = v->vs1 == 1 ? !found && !bit : v->vs1 == 2 ? first : !found;
            found |= bit;
            vector_set_mask(v, v->vd, i, r);
        }
    }
    return true;
}

static bool count_up(Vector *v)
{
    bool iota = v->vs1 == 16;
    unsigned registers = v->lmul > 0 ? 1u << v->lmul : 1;
    if (!vector_aligned(v->vd, v->lmul) || !vector_mask_ok(v) || (iota ? v->vstart || (v->vs2 >= v->vd && v->vs2 < v->vd + registers) : v->vs2 != 0)) {
        return false;
    }
    uint64_t sum = 0;
    for (unsigned i = iota ? 0 : v->vstart; i < v->vl; i++) {
        if (vector_active(v, i)) {
            vector_set(v, v->vd, i, v->sew, iota ? sum : i);
            sum += iota && vector_mask_bit(v, v->vs2, i);
        }
    }
    return true;
}

/* To a register: the first element, how many bits of a mask, the first of them. */
static bool to_register(Vector *v)
{
    uint64_t value = 0;
    if (v->vs1 == 0) {
        if (v->masked) {
            return false;
        }
        value = (uint64_t)vector_get_signed(v, v->vs2, 0, v->sew);
    } else if (v->vs1 == 16 || v->vs1 == 17) {
        if (v->vstart) {
            return false;
        }
        value = v->vs1 == 17 ? UINT64_MAX : 0;
        for (unsigned i = 0; i < v->vl; i++) {
            if (vector_active(v, i) && vector_mask_bit(v, v->vs2, i)) {
                if (v->vs1 == 17) {
                    value = i;
                    break;
                }
                value++;
            }
        }
    } else {
        return false;
    }
    v->cpu->x[v->vd] = v->vd ? riscv_to_xlen(v->cpu, value) : 0;
    return true;
}

static bool from_register(Vector *v)
{
    if (v->masked || v->vs2) {
        return false;
    }
    if (v->vstart < v->vl) {
        vector_set(v, v->vd, 0, v->sew, v->cpu->x[v->vs1]);
    }
    return true;
}

bool vector_multiply(Vector *v)
{
    bool vector = v->funct3 == 2;
    switch (v->funct6) {
    case 0x00 ... 0x07: return vector && reduce(v, false, false);
    case 0x10: return vector ? to_register(v) : from_register(v);
    case 0x0c: case 0x0d: return v->sew == 64 && riscv_has(v->cpu, zvbc) && multiply_plain(v);
    case 0x12: return vector && (v->vs1 < 8 ? extend(v) : bits_unary(v));
    case 0x14: return vector && (v->vs1 >= 16 ? v->vs1 <= 17 && count_up(v) : v->vs1 >= 1 && v->vs1 <= 3 && mask_first(v));
    case 0x18 ... 0x1f: return vector && mask_logic(v);
    case 0x08 ... 0x0b: case 0x20 ... 0x27: case 0x29: case 0x2b: case 0x2d: case 0x2f: return multiply_plain(v);
    case 0x30 ... 0x38: case 0x3a ... 0x3d: case 0x3f: return widen(v);
    case 0x3e: return !vector && widen(v);
    default: return false;
    }
}
