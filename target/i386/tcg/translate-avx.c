/*
 * What only the VEX encodings have: broadcasts, 128-bit halves, permutations, masked moves, gathers, half precision, fused multiply and add.
 *
 * Intel SDM volume 2; volume 1, chapter 14.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/simd.h"

static bool is256(const X86Translate *s)
{
    return s->simd_form == FORM_VEX256;
}

/* Helpers work on 256 bits: a narrow value with a 0 above. */
static IrRef wide(X86Translate *s, IrRef x)
{
    return ir_type_of(s->b, x) == IR_V256 ? x : ir_op2(s->b, IR_VJOIN, IR_V256, x, ir_const_v128(s->b, 0, 0));
}

static IrRef narrow(X86Translate *s, IrRef x)
{
    return is256(s) ? x : ir_op1(s->b, IR_VLOW, IR_V128, x);
}

static IrRef linear(X86Translate *s, unsigned bytes, int access)
{
    X86Address a = x86_operand_address(s, bytes, access);
    IrRef address = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
    return x86_in_64(s) ? address : ir_zext(s->b, IR_I64, 2, address);
}

/* ---- broadcasts ---- */

bool avx_broadcast(X86Translate *s, const X86Simd *i)
{
    simd_result(s, simd_op1(s, IR_VSPLAT, i->sub, 0, simd_source_int(s, i->sub)));
    return true;
}

bool avx_broadcast128(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source_low(s, 4);
    simd_result(s, ir_op2(s->b, IR_VJOIN, IR_V256, x, x));
    return true;
}

/* ---- halves ---- */

static IrRef half(X86Translate *s, IrRef x, bool high)
{
    return ir_op1(s->b, high ? IR_VHIGH : IR_VLOW, IR_V128, x);
}

bool avx_insert128(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source_low(s, 4);
    bool high = s->immediate & 1;
    simd_result(s, ir_op2(s->b, IR_VJOIN, IR_V256, high ? half(s, x, false) : y, high ? y : half(s, x, true)));
    return true;
}

bool avx_extract128(X86Translate *s, const X86Simd *i)
{
    IrRef x = half(s, simd_read(s, s->reg), s->immediate & 1);
    if (s->is_memory) {
        simd_store(s, 4, x, false);
    } else {
        simd_write128(s, s->rm, x);
    }
    return true;
}

static IrRef chosen_half(X86Translate *s, IrRef x, IrRef y, unsigned control)
{
    return control & 8 ? ir_const_v128(s->b, 0, 0) : half(s, control & 2 ? y : x, control & 1);
}

/* VPERM2F128, VPERM2I128. */
bool avx_permute128(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, ir_op2(s->b, IR_VJOIN, IR_V256, chosen_half(s, x, y, s->immediate & 15), chosen_half(s, x, y, s->immediate >> 4)));
    return true;
}

/* ---- permutations, shifts by lane ---- */

/* VPERMQ, VPERMPD. */
bool avx_permute_imm64(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source(s, i);
    simd_result(s, simd_op1(s, IR_VPERM_I64, 0, s->immediate, x));
    return true;
}

/* VPSLLV, VPSRLV, VPSRAV: doublewords; quadwords with VEX.W. */
bool avx_shift_variable(X86Translate *s, const X86Simd *i)
{
    if (s->vex_w && i->op == IR_VSAR_EACH) {
        return false;
    }
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, simd_op2(s, i->op, s->vex_w ? 3 : 2, 0, x, y));
    return true;
}

bool avx_permil_imm_ps(X86Translate *s, const X86Simd *i)
{
    simd_result(s, simd_op1(s, IR_VSHUF_I32, 0, s->immediate, simd_source(s, i)));
    return true;
}

bool avx_permil_imm_pd(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source(s, i);
    simd_result(s, simd_op2(s, IR_VSHUF_PD, 0, s->immediate, x, x));
    return true;
}

/* VBLENDVPS, VBLENDVPD, VPBLENDVB: by a fourth register. */
bool avx_blend_by(X86Translate *s, const X86Simd *i)
{
    unsigned reg = s->immediate >> 4 & (x86_in_64(s) ? 15 : 7);
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, ir_emit(s->b, IR_VBLEND, simd_type(s), i->sub, 0, x, y, simd_read(s, reg)));
    return true;
}

/* VTESTPS, VTESTPD: the top bits alone. */
bool avx_test(X86Translate *s, const X86Simd *i)
{
    IrRef x = ir_emit(s->b, IR_VMOVMSK, IR_I32, i->sub, 0, simd_read(s, s->reg), 0, 0);
    IrRef y = ir_emit(s->b, IR_VMOVMSK, IR_I32, i->sub, 0, simd_source(s, i), 0, 0);
    IrRef zero = x86_i32(s, 0);
    IrRef zf = ir_setcc(s->b, IR_CC_EQ, ir_op2(s->b, IR_AND, IR_I32, y, x), zero), cf = ir_setcc(s->b, IR_CC_EQ, ir_op2(s->b, IR_ANDN, IR_I32, y, x), zero);
    IrRef flags = ir_op2(s->b, IR_OR, IR_I32, cf, ir_op2(s->b, IR_SHL, IR_I32, zf, x86_i32(s, 6)));
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, flags));
    return true;
}

/* ---- masked moves ---- */

/* VMASKMOVPS, VMASKMOVPD, VPMASKMOVD, VPMASKMOVQ (sub 0: by VEX.W); param 1: stores. */
bool avx_mask_move(X86Translate *s, const X86Simd *i)
{
    unsigned log2 = i->sub ? i->sub : s->vex_w ? 3 : 2, bytes = is256(s) ? 32 : 16;
    IrRef address = linear(s, bytes, i->param ? X86_ACCESS_STORE : X86_ACCESS_LOAD);
    IrRef mask = wide(s, simd_first(s)), how = x86_i32(s, log2 | (bytes >> log2) << 8);
    if (i->param) {
        X86_CALL(s, avx_mask_store, address, wide(s, simd_read(s, s->reg)), mask, how);
    } else {
        simd_result(s, narrow(s, X86_CALL(s, avx_mask_load, address, mask, how)));
    }
    return true;
}

/* VPGATHERDD .. VGATHERQPD: 90 and 92 with indices of 32 bits, 91 and 93 of 64. */
bool avx_gather(X86Translate *s, const X86Simd *i)
{
    unsigned data = s->vex_w ? 3 : 2, indices = s->opcode & 1 ? 3 : 2, widest = MAX(data, indices), count = (is256(s) ? 32 : 16) >> widest;
    unsigned index = s->ea_index == X86_NO_REG ? 4 : s->ea_index;
    if ((s->modrm & 7) != 4 || s->address_log2 == 1 || index == s->vex_v || index == s->reg || s->vex_v == s->reg) {
        return false;
    }
    s->ea_index = X86_NO_REG;
    X86Address a = x86_operand_address(s, 1, X86_ACCESS_LOAD);
    s->ea_index = index;
    IrRef base = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
    uint32_t how = data << AVX_GATHER_DATA_SHIFT | indices << AVX_GATHER_INDEX_SHIFT | (uint32_t)s->ea_scale << AVX_GATHER_SCALE_SHIFT
        | count << AVX_GATHER_COUNT_SHIFT | (s->address_log2 == 2 ? AVX_GATHER_32 : 0);
    IrRef r = X86_CALL(s, avx_gather, base, ir_read(s->b, SLOT_YMM0 + index), ir_read(s->b, SLOT_YMM0 + s->vex_v), ir_read(s->b, SLOT_YMM0 + s->reg), x86_i32(s, how));
    bool whole = is256(s) && data >= indices;
    if (whole) {
        ir_write(s->b, SLOT_YMM0 + s->reg, r);
    } else {
        simd_write128(s, s->reg, ir_op1(s->b, IR_VLOW, IR_V128, r));
    }
    simd_write128(s, s->vex_v, ir_const_v128(s->b, 0, 0));
    return true;
}

/* ---- half precision ---- */

bool avx_ph2ps(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source_low(s, is256(s) ? 4 : 3);
    simd_result(s, narrow(s, X86_CALL(s, avx_ph2ps, x, x86_i32(s, is256(s) ? 8 : 4))));
    return true;
}

bool avx_ps2ph(X86Translate *s, const X86Simd *i)
{
    if (s->is_memory) {
        /* The fault of the store comes before what the conversion raises, be it flags alone. */
        X86Address a = x86_operand_address(s, is256(s) ? 16 : 8, X86_ACCESS_STORE);
        ir_probe_write(s->b, a.base, x86_mem(s, a, is256(s) ? 4 : 3));
    }
    IrRef x = simd_guard_in(s, wide(s, simd_read(s, s->reg)));
    IrRef r = simd_guard_out(s, X86_CALL(s, avx_ps2ph, x, x86_i32(s, (is256(s) ? 8 : 4) | s->immediate << 8)));
    if (!s->is_memory) {
        simd_write128(s, s->rm, r);
    } else if (is256(s)) {
        simd_store(s, 4, r, false);
    } else {
        simd_store(s, 3, ir_op1(s->b, IR_VTO_INT, IR_I64, r), false);
    }
    return true;
}

/* ---- fused multiply and add ---- */

enum { FMA_132 = 0x90, FMA_213 = 0xa0, FMA_231 = 0xb0 };

/* The operands x * y + z by the form. */
typedef struct Fma { IrRef x, y, z; } Fma;

static Fma fma_operands(const X86Translate *s, IrRef first, IrRef second, IrRef third)
{
    switch (s->opcode & 0xf0) {
    case FMA_132:
        return (Fma){ first, third, second };
    case FMA_213:
        return (Fma){ second, first, third };
    default:
        return (Fma){ second, third, first };
    }
}

/* The imm of FMA by the low digit of the opcode: 6 FMADDSUB, 7 FMSUBADD, 8 FMADD, A FMSUB, C FNMADD, E FNMSUB; 9, B, D, F are scalar. */
static unsigned fma_kind(const X86Translate *s)
{
    unsigned digit = s->opcode & 15;
    return digit < 8 ? digit - 2 : (digit - 8) >> 1;
}

bool avx_fma(X86Translate *s, const X86Simd *i)
{
    unsigned sub = s->vex_w ? 3 : 2;
    IrRef first = simd_read(s, s->reg), second = simd_first(s), third = simd_source(s, i);
    Fma f = fma_operands(s, first, second, third);
    simd_result(s, ir_emit(s->b, IR_VFMA, simd_type(s), sub, fma_kind(s), f.x, f.y, f.z));
    return true;
}

bool avx_fma_scalar(X86Translate *s, const X86Simd *i)
{
    IrType type = s->vex_w ? IR_F64 : IR_F32;
    IrRef old = simd_read128(s, s->reg);
    Fma f = fma_operands(s, ir_op1(s->b, IR_FLANE, type, old), ir_op1(s->b, IR_FLANE, type, simd_first128(s)), simd_source_float(s, type));
    IrRef sum = simd_guard_out(s, ir_emit(s->b, IR_FMA, type, 0, fma_kind(s), f.x, f.y, f.z));
    simd_write128(s, s->reg, ir_op2(s->b, IR_VSET_FLANE, IR_V128, old, sum));
    return true;
}
