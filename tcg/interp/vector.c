/*
 * The interpreter's vector ops on integers, and moves of lanes; floating point: vector-float.c. V256 is done by 128-bit halves, as the x86 instructions do.
 *
 * Intel SDM volume 2, the instruction that ops.def names beside each op.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interp.h"
#include "vector.h"
#include <string.h>

/* ---- lanes ---- */

uint64_t interp_lane(const InterpHalf *h, unsigned sub, unsigned n)
{
    switch (sub) {
    case 0:
        return h->u8[n];
    case 1:
        return h->u16[n];
    case 2:
        return h->u32[n];
    default:
        return h->u64[n];
    }
}

static int64_t signed_lane(const InterpHalf *h, unsigned sub, unsigned n)
{
    unsigned up = 64 - (8u << sub);
    return (int64_t)(interp_lane(h, sub, n) << up) >> up;
}

static void set_lane(InterpHalf *h, unsigned sub, unsigned n, uint64_t x)
{
    switch (sub) {
    case 0:
        h->u8[n] = x;
        break;
    case 1:
        h->u16[n] = x;
        break;
    case 2:
        h->u32[n] = x;
        break;
    default:
        h->u64[n] = x;
        break;
    }
}

static int64_t saturate_signed(int64_t x, unsigned bits)
{
    int64_t top = (INT64_C(1) << (bits - 1)) - 1;
    return x > top ? top : x < -top - 1 ? -top - 1 : x;
}

static int64_t saturate_unsigned(int64_t x, unsigned bits)
{
    int64_t top = (INT64_C(1) << bits) - 1;
    return x > top ? top : x < 0 ? 0 : x;
}

/* ---- lane by lane ---- */

typedef struct Lane { uint64_t ux, uy; int64_t sx, sy; unsigned bits; uint64_t ones; } Lane;

static bool lane_arithmetic(IrOp op, const Lane *l, uint64_t *r)
{
    switch (op) {
    case IR_VADD:
        *r = l->ux + l->uy;
        return true;
    case IR_VSUB:
        *r = l->ux - l->uy;
        return true;
    case IR_VMUL:
        *r = l->ux * l->uy;
        return true;
    case IR_VMULHI_U:
        *r = l->ux * l->uy >> l->bits;
        return true;
    case IR_VMULHI_S:
        *r = l->sx * l->sy >> l->bits;
        return true;
    case IR_VMULHRS:
        *r = ((l->sx * l->sy >> 14) + 1) >> 1;
        return true;
    case IR_VADDS_U:
        *r = saturate_unsigned(l->ux + l->uy, l->bits);
        return true;
    case IR_VADDS_S:
        *r = saturate_signed(l->sx + l->sy, l->bits);
        return true;
    case IR_VSUBS_U:
        *r = saturate_unsigned((int64_t)(l->ux - l->uy), l->bits);
        return true;
    case IR_VSUBS_S:
        *r = saturate_signed(l->sx - l->sy, l->bits);
        return true;
    case IR_VAVG_U:
        *r = (l->ux + l->uy + 1) >> 1;
        return true;
    default:
        return false;
    }
}

static bool lane_choice(IrOp op, const Lane *l, uint64_t *r)
{
    switch (op) {
    case IR_VMIN_U:
        *r = MIN(l->ux, l->uy);
        return true;
    case IR_VMIN_S:
        *r = MIN(l->sx, l->sy);
        return true;
    case IR_VMAX_U:
        *r = MAX(l->ux, l->uy);
        return true;
    case IR_VMAX_S:
        *r = MAX(l->sx, l->sy);
        return true;
    case IR_VABS:
        *r = l->sx < 0 ? -l->sx : l->sx;
        return true;
    case IR_VSIGN:
        *r = l->sy < 0 ? -l->sx : l->sy == 0 ? 0 : l->sx;
        return true;
    case IR_VCMPEQ:
        *r = l->ux == l->uy ? l->ones : 0;
        return true;
    case IR_VCMPGT_S:
        *r = l->sx > l->sy ? l->ones : 0;
        return true;
    default:
        return false;
    }
}

static bool by_lanes(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned bits = 8u << insn->sub;
    for (unsigned i = 0; i < 128 / bits; i++) {
        Lane l = { interp_lane(a, insn->sub, i), interp_lane(b, insn->sub, i), signed_lane(a, insn->sub, i), signed_lane(b, insn->sub, i), bits,
                   bits == 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1 };
        uint64_t x;
        if (!lane_arithmetic(insn->op, &l, &x) && !lane_choice(insn->op, &l, &x)) {
            return false;
        }
        set_lane(r, insn->sub, i, x);
    }
    return true;
}

/* ---- shifts ---- */

static void shift(IrOp op, unsigned sub, const InterpHalf *a, uint64_t count, InterpHalf *r)
{
    unsigned bits = 8u << sub;
    for (unsigned i = 0; i < 128 / bits; i++) {
        uint64_t x = interp_lane(a, sub, i), y;
        if (op == IR_VSAR || op == IR_VSAR_IMM) {
            y = signed_lane(a, sub, i) >> MIN(count, bits - 1);
        } else if (count >= bits) {
            y = 0;
        } else {
            y = op == IR_VSHL || op == IR_VSHL_IMM ? x << count : x >> count;
        }
        set_lane(r, sub, i, y);
    }
}

/* 16 bytes out of the 32 of low and high, from a byte on; zeros behind. */
static void window(const InterpHalf *low, const InterpHalf *high, unsigned first, InterpHalf *r)
{
    uint8_t bytes[64] = { 0 };
    memcpy(bytes, low, 16);
    memcpy(bytes + 16, high, 16);
    memcpy(r, bytes + MIN(first, 32), 16);
}

static bool shifts(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, uint64_t count, InterpHalf *r)
{
    static const InterpHalf zero;
    switch (insn->op) {
    case IR_VSHL_IMM:
    case IR_VSHR_IMM:
    case IR_VSAR_IMM:
        shift(insn->op, insn->sub, a, insn->imm, r);
        return true;
    case IR_VSHL:
    case IR_VSHR:
    case IR_VSAR:
        shift(insn->op, insn->sub, a, count, r);
        return true;
    case IR_VSHL_BYTES:
        window(&zero, a, 16 - MIN(insn->imm, 16), r);
        return true;
    case IR_VSHR_BYTES:
        window(a, &zero, MIN(insn->imm, 16), r);
        return true;
    case IR_VALIGNR:
        window(b, a, insn->imm, r);
        return true;
    default:
        return false;
    }
}

/* ---- lanes that meet their neighbours ---- */

static void pack(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned bits = 8u << insn->sub, n = 128 / bits;
    for (unsigned i = 0; i < 2 * n; i++) {
        int64_t x = signed_lane(i < n ? a : b, insn->sub, i % n);
        set_lane(r, insn->sub - 1, i, insn->op == IR_VPACK_SS ? saturate_signed(x, bits / 2) : saturate_unsigned(x, bits / 2));
    }
}

static void unpack(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned n = 128 / (8u << insn->sub), first = insn->op == IR_VUNPACK_HI ? n / 2 : 0;
    for (unsigned i = 0; i < n; i++) {
        set_lane(r, insn->sub, i, interp_lane(i & 1 ? b : a, insn->sub, first + i / 2));
    }
}

static void horizontal(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned n = 128 / (8u << insn->sub);
    for (unsigned i = 0; i < n; i++) {
        const InterpHalf *from = i < n / 2 ? a : b;
        int64_t x = signed_lane(from, insn->sub, 2 * i % n), y = signed_lane(from, insn->sub, 2 * i % n + 1);
        int64_t z = insn->op == IR_VHADD || insn->op == IR_VHADDS ? x + y : x - y;
        bool saturates = insn->op == IR_VHADDS || insn->op == IR_VHSUBS;
        set_lane(r, insn->sub, i, saturates ? saturate_signed(z, 8u << insn->sub) : z);
    }
}

static void multiply_even(const InterpHalf *a, const InterpHalf *b, bool is_signed, InterpHalf *r)
{
    for (unsigned i = 0; i < 2; i++) {
        r->u64[i] = is_signed ? (uint64_t)((int64_t)a->s32[2 * i] * b->s32[2 * i]) : (uint64_t)a->u32[2 * i] * b->u32[2 * i];
    }
}

static void multiply_add_16(const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    for (unsigned i = 0; i < 4; i++) {
        r->u32[i] = (uint32_t)(a->s16[2 * i] * b->s16[2 * i]) + (uint32_t)(a->s16[2 * i + 1] * b->s16[2 * i + 1]);
    }
}

static void multiply_add_8(const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    for (unsigned i = 0; i < 8; i++) {
        r->s16[i] = saturate_signed(a->u8[2 * i] * b->s8[2 * i] + a->u8[2 * i + 1] * b->s8[2 * i + 1], 16);
    }
}

static void sums_of_differences(const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    for (unsigned i = 0; i < 2; i++) {
        r->u64[i] = 0;
        for (unsigned k = 8 * i; k < 8 * i + 8; k++) {
            r->u64[i] += ABS(a->u8[k] - b->u8[k]);
        }
    }
}

static void multiple_sums(const InterpHalf *a, const InterpHalf *b, unsigned imm, InterpHalf *r)
{
    unsigned from_a = imm & 4, from_b = 4 * (imm & 3);
    for (unsigned i = 0; i < 8; i++) {
        r->u16[i] = 0;
        for (unsigned k = 0; k < 4; k++) {
            r->u16[i] += ABS(a->u8[from_a + i + k] - b->u8[from_b + k]);
        }
    }
}

static void least_position(const InterpHalf *a, InterpHalf *r)
{
    unsigned least = 0;
    for (unsigned i = 1; i < 8; i++) {
        least = a->u16[i] < a->u16[least] ? i : least;
    }
    r->u16[0] = a->u16[least];
    r->u16[1] = least;
}

static bool with_neighbours(const IrInsn *insn, unsigned half, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    switch (insn->op) {
    case IR_VPACK_SS:
    case IR_VPACK_US:
        pack(insn, a, b, r);
        return true;
    case IR_VUNPACK_LO:
    case IR_VUNPACK_HI:
        unpack(insn, a, b, r);
        return true;
    case IR_VHADD:
    case IR_VHADDS:
    case IR_VHSUB:
    case IR_VHSUBS:
        horizontal(insn, a, b, r);
        return true;
    case IR_VMULX_U:
    case IR_VMULX_S:
        multiply_even(a, b, insn->op == IR_VMULX_S, r);
        return true;
    case IR_VMADD_S16:
        multiply_add_16(a, b, r);
        return true;
    case IR_VMADD_U8S8:
        multiply_add_8(a, b, r);
        return true;
    case IR_VSAD_U8:
        sums_of_differences(a, b, r);
        return true;
    case IR_VMPSAD:
        multiple_sums(a, b, insn->imm >> 3 * half, r);
        return true;
    case IR_VPHMINPOS:
        least_position(a, r);
        return true;
    default:
        return false;
    }
}

/* ---- permutations ---- */

static void shuffle_words(const InterpHalf *a, unsigned first, unsigned imm, InterpHalf *r)
{
    *r = *a;
    for (unsigned i = 0; i < 4; i++) {
        r->u16[first + i] = a->u16[first + (imm >> 2 * i & 3)];
    }
}

static void table(const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    for (unsigned i = 0; i < 16; i++) {
        r->u8[i] = b->u8[i] & 0x80 ? 0 : a->u8[b->u8[i] & 15];
    }
}

static void blend_by_imm(const IrInsn *insn, unsigned half, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned n = 128 / (8u << insn->sub), imm = insn->sub == 1 ? insn->imm : insn->imm >> half * n;
    for (unsigned i = 0; i < n; i++) {
        set_lane(r, insn->sub, i, interp_lane(imm >> i & 1 ? b : a, insn->sub, i));
    }
}

static void blend(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c, InterpHalf *r)
{
    for (unsigned i = 0; i < 128 / (8u << insn->sub); i++) {
        set_lane(r, insn->sub, i, interp_lane(signed_lane(c, insn->sub, i) < 0 ? b : a, insn->sub, i));
    }
}

static void permute_in_half(unsigned sub, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    for (unsigned i = 0; i < (sub == 3 ? 2 : 4); i++) {
        unsigned n = interp_lane(b, sub, i);
        set_lane(r, sub, i, interp_lane(a, sub, sub == 3 ? n >> 1 & 1 : n & 3));
    }
}

static void shift_each(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned bits = 8u << insn->sub;
    for (unsigned i = 0; i < 128 / bits; i++) {
        uint64_t n = interp_lane(b, insn->sub, i), x = interp_lane(a, insn->sub, i);
        if (insn->op == IR_VSAR_EACH) {
            x = (uint64_t)(signed_lane(a, insn->sub, i) >> MIN(n, bits - 1));
        } else {
            x = n >= bits ? 0 : insn->op == IR_VSHL_EACH ? x << n : x >> n;
        }
        set_lane(r, insn->sub, i, x);
    }
}

static bool permutations(const IrInsn *insn, unsigned half, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c, InterpHalf *r)
{
    unsigned imm = insn->imm;
    switch (insn->op) {
    case IR_VSHUF_I32:
    case IR_VSHUF_PS:
        for (unsigned i = 0; i < 4; i++) {
            r->u32[i] = (insn->op == IR_VSHUF_PS && i >= 2 ? b : a)->u32[imm >> 2 * i & 3];
        }
        return true;
    case IR_VSHUF_PD:
        r->u64[0] = a->u64[imm >> 2 * half & 1];
        r->u64[1] = b->u64[imm >> (2 * half + 1) & 1];
        return true;
    case IR_VSHUF_LO16:
        shuffle_words(a, 0, imm, r);
        return true;
    case IR_VSHUF_HI16:
        shuffle_words(a, 4, imm, r);
        return true;
    case IR_VTABLE8:
        table(a, b, r);
        return true;
    case IR_VPERMIL:
        permute_in_half(insn->sub, a, b, r);
        return true;
    case IR_VSHL_EACH:
    case IR_VSHR_EACH:
    case IR_VSAR_EACH:
        shift_each(insn, a, b, r);
        return true;
    case IR_VBLEND_IMM:
        blend_by_imm(insn, half, a, b, r);
        return true;
    case IR_VBLEND:
        blend(insn, a, b, c, r);
        return true;
    default:
        return false;
    }
}

/* ---- logic, and what has instructions of its own ---- */

static bool logic(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    for (unsigned i = 0; i < 2; i++) {
        switch (insn->op) {
        case IR_VAND:
            r->u64[i] = a->u64[i] & b->u64[i];
            break;
        case IR_VOR:
            r->u64[i] = a->u64[i] | b->u64[i];
            break;
        case IR_VXOR:
            r->u64[i] = a->u64[i] ^ b->u64[i];
            break;
        case IR_VANDN:
            r->u64[i] = ~a->u64[i] & b->u64[i];
            break;
        default:
            return false;
        }
    }
    return true;
}

static bool crypto(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    switch (insn->op) {
    case IR_VAES_ENC:
    case IR_VAES_DEC:
        interp_aes_round(a->u8, b->u8, r->u8, insn->op == IR_VAES_ENC, insn->imm & 1);
        return true;
    case IR_VAES_IMC:
        interp_aes_imc(a->u8, r->u8);
        return true;
    case IR_VAES_KEYGEN:
        interp_aes_keygen(a->u8, insn->imm, r->u8);
        return true;
    case IR_VCLMUL:
        interp_clmul(a->u64[insn->imm & 1], b->u64[insn->imm >> 4 & 1], r->u64);
        return true;
    case IR_VGF2_MUL:
        interp_gf2_multiply(a->u8, b->u8, r->u8);
        return true;
    case IR_VGF2_AFFINE:
    case IR_VGF2_INVERSE:
        interp_gf2_affine(a->u8, b->u64, insn->imm, insn->op == IR_VGF2_INVERSE, r->u8);
        return true;
    default:
        return false;
    }
}

/* ---- between vectors of different widths, and integers ---- */

static void widen(const IrInsn *insn, const IrValue *a, IrValue *r)
{
    unsigned n = (insn->type == IR_V256 ? 256 : 128) / (8u << insn->imm);
    for (unsigned i = 0; i < n; i++) {
        unsigned per_half = 128 / (8u << insn->imm);
        const InterpHalf *from = (const InterpHalf *)a;
        uint64_t x = insn->op == IR_VWIDEN_S ? (uint64_t)signed_lane(from, insn->sub, i) : interp_lane(from, insn->sub, i);
        set_lane((InterpHalf *)r + i / per_half, insn->imm, i % per_half, x);
    }
}

static void splat(const IrInsn *insn, const IrValue *a, IrValue *r)
{
    unsigned bytes = insn->type == IR_V256 ? 32 : 16;
    for (unsigned i = 0; i < bytes; i++) {
        r->u8[i] = a->u8[i & ((1u << insn->sub) - 1)];
    }
}

static uint64_t top_bits(unsigned sub, const IrValue *a, unsigned bytes)
{
    uint64_t bits = 0;
    unsigned lane = 1u << sub;
    for (unsigned i = 0; i < bytes / lane; i++) {
        bits |= (uint64_t)(a->u8[i * lane + lane - 1] >> 7) << i;
    }
    return bits;
}

static uint16_t test_bits(const IrValue *a, const IrValue *b, unsigned words)
{
    uint64_t both = 0, only_b = 0;
    for (unsigned i = 0; i < words; i++) {
        both |= a->u64[i] & b->u64[i];
        only_b |= ~a->u64[i] & b->u64[i];
    }
    return FLAGS_ONE | (both ? 0 : FLAGS_ZF) | (only_b ? 0 : FLAGS_CF);
}

/* Whole values. false: by halves. */
static bool moves(const IrInsn *insn, const InterpOperands *v, IrValue *r)
{
    unsigned bytes = v->type_a == IR_V256 ? 32 : 16, lane_mask = bytes / (1u << (insn->sub & 3)) - 1;
    switch (insn->op) {
    case IR_VWIDEN_U:
    case IR_VWIDEN_S:
        widen(insn, v->a, r);
        return true;
    case IR_VSPLAT:
        splat(insn, v->a, r);
        return true;
    case IR_VFROM_INT:
        r->u64[0] = v->type_a == IR_I32 ? v->a->u32[0] : v->a->u64[0];
        return true;
    case IR_VTO_INT:
        r->u64[0] = insn->type == IR_I32 ? v->a->u32[0] : v->a->u64[0];
        return true;
    case IR_VINSERT:
        *r = *v->a;
        memcpy(&r->u8[(insn->imm & lane_mask) << insn->sub], v->b, 1u << insn->sub);
        return true;
    case IR_VEXTRACT:
        memcpy(r, &v->a->u8[(insn->imm & lane_mask) << insn->sub], 1u << insn->sub);
        return true;
    case IR_VMOVMSK:
        r->u64[0] = top_bits(insn->sub, v->a, bytes);
        return true;
    case IR_VTEST:
        r->u64[0] = test_bits(v->a, v->b, bytes / 8);
        return true;
    case IR_VZERO_UPPER:
        r->u64[0] = v->a->u64[0];
        return true;
    case IR_VPERM_I32:
        for (unsigned i = 0; i < 8; i++) {
            r->u32[i] = v->b->u32[v->a->u32[i] & 7];
        }
        return true;
    case IR_VPERM_I64:
        for (unsigned i = 0; i < 4; i++) {
            r->u64[i] = v->a->u64[insn->imm >> 2 * i & 3];
        }
        return true;
    case IR_VLOW:
        memcpy(r, v->a, 16);
        return true;
    case IR_VHIGH:
        memcpy(r, &v->a->u64[2], 16);
        return true;
    case IR_VJOIN:
        memcpy(r, v->a, 16);
        memcpy(&r->u64[2], v->b, 16);
        return true;
    default:
        return interp_vector_convert(insn, v, r);
    }
}

void interp_vector(const IrInsn *insn, const InterpOperands *v, IrValue *r)
{
    *r = (IrValue){ 0 };
    if (moves(insn, v, r)) {
        return;
    }
    for (unsigned half = 0; half < (insn->type == IR_V256 ? 2 : 1); half++) {
        const InterpHalf *a = (const InterpHalf *)v->a + half, *b = (const InterpHalf *)v->b + half, *c = (const InterpHalf *)v->c + half;
        InterpHalf *to = (InterpHalf *)r + half;
        bool done = logic(insn, a, b, to) || shifts(insn, a, b, v->b->u64[0], to) || with_neighbours(insn, half, a, b, to)
            || permutations(insn, half, a, b, c, to) || crypto(insn, a, b, to) || interp_vector_float(insn, a, b, c, to) || by_lanes(insn, a, b, to);
        g_assert(done);
    }
}
