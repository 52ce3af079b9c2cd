/*
 * MMX, SSE and AVX: availability, operands, and the packed instructions that are one op of the IR.
 *
 * Intel SDM volume 1, chapters 9 to 14; volume 2, chapter 2.3 and 2.4 (VEX, classes of exceptions).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/simd.h"

/* ---- registers ---- */

IrRef simd_read_mmx(X86Translate *s, unsigned reg)
{
    return ir_read(s->b, SLOT_MM0 + (reg & 7));
}

void simd_write_mmx(X86Translate *s, unsigned reg, IrRef value)
{
    ir_write(s->b, SLOT_MM0 + (reg & 7), value);
    ir_write(s->b, SLOT_FPE0 + (reg & 7), x86_i32(s, 0xffff));
}

IrRef simd_read128(X86Translate *s, unsigned reg)
{
    if (s->vex) {
        return ir_op1(s->b, IR_VLOW, IR_V128, ir_read(s->b, SLOT_YMM0 + reg));
    }
    return ir_read(s->b, SLOT_XMM0 + reg);
}

void simd_write128(X86Translate *s, unsigned reg, IrRef value)
{
    if (s->vex) {
        ir_write(s->b, SLOT_YMM0 + reg, ir_op2(s->b, IR_VJOIN, IR_V256, value, ir_const_v128(s->b, 0, 0)));
    } else {
        ir_write(s->b, SLOT_XMM0 + reg, value);
    }
}

IrRef simd_read(X86Translate *s, unsigned reg)
{
    switch (s->simd_form) {
    case FORM_MMX:
        return ir_op1(s->b, IR_VFROM_INT, IR_V128, simd_read_mmx(s, reg));
    case FORM_VEX256:
        return ir_read(s->b, SLOT_YMM0 + reg);
    default:
        return simd_read128(s, reg);
    }
}

void simd_write(X86Translate *s, unsigned reg, IrRef value)
{
    value = simd_guard_out(s, value);
    switch (s->simd_form) {
    case FORM_MMX:
        simd_write_mmx(s, reg, ir_op1(s->b, IR_VTO_INT, IR_I64, value));
        break;
    case FORM_VEX256:
        ir_write(s->b, SLOT_YMM0 + reg, value);
        break;
    default:
        simd_write128(s, reg, value);
        break;
    }
}

IrRef simd_first(X86Translate *s)
{
    return simd_read(s, s->vex ? s->vex_v : s->reg);
}

IrRef simd_first128(X86Translate *s)
{
    return simd_read128(s, s->vex ? s->vex_v : s->reg);
}

/* ---- the r/m operand ---- */

static X86Address address(X86Translate *s, unsigned log2, int access)
{
    return x86_operand_address(s, 1u << log2, access);
}

IrRef simd_source(X86Translate *s, const X86Simd *i)
{
    if (!s->is_memory) {
        return simd_guard_in(s, simd_read(s, s->rm));
    }
    IrRef value;
    unsigned log2 = s->simd_form == FORM_VEX256 ? 5 : 4;
    if (simd_is_mmx(s)) {
        value = ir_op1(s->b, IR_VFROM_INT, IR_V128, x86_load(s, address(s, 3, X86_ACCESS_LOAD), IR_I64, 3));
    } else if (s->vex ? i->flags & SIMD_ALIGNED : !(i->flags & SIMD_UNALIGNED)) {
        value = x86_load_aligned(s, address(s, log2, X86_ACCESS_LOAD), simd_type(s), log2);
    } else {
        value = x86_load(s, address(s, log2, X86_ACCESS_LOAD), simd_type(s), log2);
    }
    return simd_guard_in(s, value);
}

IrRef simd_source_low(X86Translate *s, unsigned log2)
{
    IrRef value;
    if (!s->is_memory) {
        value = simd_read128(s, s->rm);
    } else if (log2 < 2) {
        value = ir_op1(s->b, IR_VFROM_INT, IR_V128, x86_load(s, address(s, log2, X86_ACCESS_LOAD), IR_I32, log2));
    } else {
        value = x86_load(s, address(s, log2, X86_ACCESS_LOAD), IR_V128, log2);
    }
    return simd_guard_in(s, value);
}

IrRef simd_source_float(X86Translate *s, IrType type)
{
    unsigned log2 = type == IR_F64 ? 3 : 2;
    IrRef value = s->is_memory ? x86_load(s, address(s, log2, X86_ACCESS_LOAD), type, log2) : ir_op1(s->b, IR_FLANE, type, simd_read128(s, s->rm));
    return simd_guard_in(s, value);
}

IrRef simd_source_int(X86Translate *s, unsigned log2)
{
    if (s->is_memory) {
        return x86_load(s, address(s, log2, X86_ACCESS_LOAD), x86_type(log2), log2);
    }
    return ir_emit(s->b, IR_VEXTRACT, x86_type(log2), log2, 0, simd_read128(s, s->rm), 0, 0);
}

void simd_store(X86Translate *s, unsigned log2, IrRef value, bool aligned)
{
    X86Address a = address(s, log2, X86_ACCESS_STORE);
    if (aligned) {
        x86_store_aligned(s, a, log2, value);
    } else {
        x86_store(s, a, log2, value);
    }
}

/* ---- exceptions that are not masked ---- */

static bool is_guarded(const X86Translate *s)
{
    return (s->mode & X86_MODE_XM) && (s->simd->flags & SIMD_FP);
}

/* log2 of the bytes of the lanes of a result that may underflow; 0: it cannot. */
static unsigned underflow_lanes(const X86Translate *s, IrType type)
{
    const X86Simd *i = s->simd;
    if (i->translate == avx_fma || i->translate == avx_fma_scalar) {
        return s->vex_w ? 3 : 2;
    }
    if (i->translate == avx_ps2ph) {
        return 1;
    }
    if (i->translate == simd_cvt_scalar || i->op == IR_VCVT_PD_PS) {
        return i->translate == simd_cvt_scalar && type == IR_F64 ? 0 : 2;
    }
    switch (i->op) {
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FDIV:
    case IR_VFADD:
    case IR_VFSUB:
    case IR_VFMUL:
    case IR_VFDIV:
    case IR_VFADDSUB:
    case IR_VFHADD:
    case IR_VFHSUB:
    case IR_VFDOT:
        return i->sub;
    default:
        return 0;
    }
}

/* Values of the other types by way of I64. lanes: the helper's second argument, or 0: it has none. */
static IrRef guard_integer(X86Translate *s, const IrHelper *helper, IrRef value, IrRef lanes)
{
    IrType type = ir_type_of(s->b, value);
    bool narrow = type == IR_F32 || type == IR_I32, floating = type == IR_F32 || type == IR_F64;
    IrRef x = floating ? ir_op1(s->b, IR_FBITS, narrow ? IR_I32 : IR_I64, value) : value;
    x = narrow ? ir_zext(s->b, IR_I64, 2, x) : x;
    x = lanes ? ir_calln(s->b, helper, x, lanes) : ir_calln(s->b, helper, x);
    x = narrow ? ir_trunc(s->b, x) : x;
    return floating ? ir_op1(s->b, IR_FBITS, type, x) : x;
}

IrRef simd_guard_in(X86Translate *s, IrRef value)
{
    if (!is_guarded(s)) {
        return value;
    }
    switch (ir_type_of(s->b, value)) {
    case IR_V128:
        return X86_CALL(s, simd_begin128, value);
    case IR_V256:
        return X86_CALL(s, simd_begin256, value);
    default:
        return guard_integer(s, &x86_ir_simd_begin, value, 0);
    }
}

IrRef simd_guard_out(X86Translate *s, IrRef value)
{
    if (!is_guarded(s)) {
        return value;
    }
    IrRef lanes = x86_i32(s, underflow_lanes(s, ir_type_of(s->b, value)));
    switch (ir_type_of(s->b, value)) {
    case IR_V128:
        return X86_CALL(s, simd_end128, value, lanes);
    case IR_V256:
        return X86_CALL(s, simd_end256, value, lanes);
    default:
        return guard_integer(s, &x86_ir_simd_end, value, lanes);
    }
}

/* ---- packed instructions ---- */

bool simd_unary(X86Translate *s, const X86Simd *i)
{
    simd_result(s, simd_op1(s, i->op, i->sub, i->imm, simd_source(s, i)));
    return true;
}

bool simd_unary_imm(X86Translate *s, const X86Simd *i)
{
    simd_result(s, simd_op1(s, i->op, i->sub, s->immediate, simd_source(s, i)));
    return true;
}

bool simd_binary(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, simd_op2(s, i->op, i->sub, i->imm, x, y));
    return true;
}

bool simd_binary_imm(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, simd_op2(s, i->op, i->sub, s->immediate, x, y));
    return true;
}

/* Shifts by a count: it is 128 bits wide in all forms. */
bool simd_binary_swapped(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), count;
    if (simd_is_mmx(s) || !s->is_memory) {
        count = simd_is_mmx(s) ? simd_source(s, i) : simd_read128(s, s->rm);
    } else {
        X86Address a = address(s, 4, X86_ACCESS_LOAD);
        count = s->vex ? x86_load(s, a, IR_V128, 4) : x86_load_aligned(s, a, IR_V128, 4);
    }
    simd_result(s, simd_op2(s, i->op, i->sub, 0, x, count));
    return true;
}

/* MMX: both operands side by side, as one of 128 bits. */
static IrRef side_by_side(X86Translate *s, IrRef low, IrRef high)
{
    return ir_emit(s->b, IR_VUNPACK_LO, IR_V128, 3, 0, low, high, 0);
}

bool simd_pack(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    if (simd_is_mmx(s)) {
        x = y = side_by_side(s, x, y);
    }
    simd_result(s, simd_op2(s, i->op, i->sub, 0, x, y));
    return true;
}

bool simd_horizontal(X86Translate *s, const X86Simd *i)
{
    return simd_pack(s, i);
}

/* MMX takes half of what it reads: 4 bytes of memory. */
bool simd_unpack_low(X86Translate *s, const X86Simd *i)
{
    if (simd_is_mmx(s) && s->is_memory) {
        IrRef x = simd_first(s), y = x86_load(s, address(s, 2, X86_ACCESS_LOAD), IR_V128, 2);
        simd_result(s, simd_op2(s, IR_VUNPACK_LO, i->sub, 0, x, y));
        return true;
    }
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, simd_op2(s, IR_VUNPACK_LO, i->sub, 0, x, y));
    return true;
}

bool simd_unpack_high(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    if (simd_is_mmx(s)) {
        simd_result(s, simd_op1(s, IR_VSHR_BYTES, 0, 8, simd_op2(s, IR_VUNPACK_LO, i->sub, 0, x, y)));
    } else {
        simd_result(s, simd_op2(s, IR_VUNPACK_HI, i->sub, 0, x, y));
    }
    return true;
}

bool simd_pshufb(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    if (simd_is_mmx(s)) {
        y = simd_op2(s, IR_VAND, 0, 0, y, ir_const_v128(s->b, UINT64_C(0x8787878787878787), 0));
    }
    simd_result(s, simd_op2(s, IR_VTABLE8, 0, 0, x, y));
    return true;
}

bool simd_palignr(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    if (simd_is_mmx(s)) {
        simd_result(s, simd_op1(s, IR_VSHR_BYTES, 0, s->immediate, side_by_side(s, y, x)));
    } else {
        simd_result(s, simd_op2(s, IR_VALIGNR, 0, s->immediate, x, y));
    }
    return true;
}

/* 0F 71, 72, 73: /2 right, /4 right arithmetic, /6 left; 73 /3 and /7 by bytes, not with MMX. The destination is VEX.vvvv. */
bool simd_shift_group(X86Translate *s, const X86Simd *i)
{
    static const uint8_t ops[8] = { [2] = IR_VSHR_IMM, [3] = IR_VSHR_BYTES, [4] = IR_VSAR_IMM, [6] = IR_VSHL_IMM, [7] = IR_VSHL_BYTES };
    unsigned n = s->modrm >> 3 & 7, sub = s->opcode - 0x70;
    bool bytes = n & 1;
    if (!ops[n] || (bytes && (sub != 3 || simd_is_mmx(s))) || (n == 4 && sub == 3)) {
        return false;
    }
    IrRef r = simd_op1(s, ops[n], bytes ? 0 : sub, s->immediate, simd_read(s, s->rm));
    simd_write(s, s->vex ? s->vex_v : s->rm, r);
    return true;
}

/* PMOVSX, PMOVZX: sub to imm; the source has as many lanes as the destination. */
bool simd_widen(X86Translate *s, const X86Simd *i)
{
    unsigned log2 = 4 - (i->imm - i->sub) + (s->simd_form == FORM_VEX256);
    simd_result(s, simd_op1(s, i->op, i->sub, i->imm, simd_source_low(s, log2)));
    return true;
}

/* PBLENDVB, BLENDVPS, BLENDVPD: by XMM0. */
bool simd_blend_by(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first(s), y = simd_source(s, i);
    simd_result(s, ir_emit(s->b, IR_VBLEND, IR_V128, i->sub, 0, x, y, simd_read128(s, 0)));
    return true;
}

bool simd_ptest(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_read(s, s->reg), y = simd_source(s, i);
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_VTEST, IR_FLAGS, 0, 0, x, y, 0));
    return true;
}

/* ---- the whole ---- */

/* TOP and the tags as every instruction with MMX registers leaves them. */
static void enter_mmx(X86Translate *s)
{
    ir_write(s->b, SLOT_FPU_TOP, x86_i32(s, 0));
    ir_write(s->b, SLOT_FPU_EMPTY, x86_i64(s, 0));
}

/* CVTPI2PS and CVTPI2PD do not where their operand is in memory. */
static bool touches_mmx(const X86Translate *s, const X86Simd *i)
{
    return simd_is_mmx(s) || ((i->flags & SIMD_TOUCHES_MMX) && !(i->translate == simd_cvt_pi2p && s->is_memory));
}

static bool vex_is_valid(X86Translate *s, const X86Simd *i)
{
    unsigned feature = i->vex;
    if (s->vex_l && (i->flags & SIMD_INT256)) {
        feature = feature == SIMD_AVX ? SIMD_AVX2 : feature == SIMD_AVX_AES ? SIMD_VAES : feature == SIMD_AVX_PCLMUL ? SIMD_VPCLMUL : feature;
    }
    bool wide = s->vex_w;
    return x86_simd_has_feature(s, feature) && (s->mode & X86_MODE_AVX) && !((i->flags & SIMD_L0) && s->vex_l) && !((i->flags & SIMD_L1) && !s->vex_l)
        && !((i->flags & SIMD_NO_V) && s->vex_v) && !((i->flags & SIMD_W0) && wide) && !((i->flags & SIMD_W1) && !wide);
}

/* false: a fault has been emitted, or #UD (*valid false). */
static bool prepare(X86Translate *s, const X86Simd *i, bool mmx, bool *valid)
{
    *valid = !((i->flags & SIMD_MEMORY) && !s->is_memory) && !((i->flags & SIMD_REGISTER) && s->is_memory);
    if (s->vex) {
        s->simd_form = s->vex_l && !(i->flags & SIMD_LIG) ? FORM_VEX256 : FORM_VEX128;
        *valid = *valid && vex_is_valid(s, i);
        if (*valid && (s->mode & X86_MODE_TS)) {
            x86_end_fault(s, X86_FAULT(EXCP_NM));
            return false;
        }
        return *valid;
    }
    s->simd_form = mmx ? FORM_MMX : FORM_SSE;
    *valid = *valid && x86_simd_has_feature(s, mmx ? i->mmx : i->feature);
    if (!*valid || !(mmx ? x86_require_mmx(s) : x86_require_sse(s))) {
        return false;
    }
    if (touches_mmx(s, i)) {
        x86_check_x87_error(s);
        x86_take_x87_from_host(s);
    }
    return true;
}

bool x86_translate_sse(X86Translate *s)
{
    if (s->map == X86_MAP_0F && s->opcode == 0xae) {
        return x86_translate_fxsave(s);
    }
    bool mmx, valid;
    const X86Simd *i = x86_simd_lookup(s->map, s->prefix, s->opcode, s->vex, &mmx);
    if (!i) {
        return false;
    }
    s->simd = i;
    if (!prepare(s, i, mmx, &valid)) {
        return valid;
    }
    if (!i->translate(s, i)) {
        return false;
    }
    if (touches_mmx(s, i) && i->translate != simd_emms) {
        enter_mmx(s);
    }
    return true;
}
