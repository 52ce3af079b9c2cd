/*
 * SIMD moves: whole registers, halves, scalars, to and from general and MMX registers, masked stores; SSE4A's fields.
 *
 * Intel SDM volume 2; AMD APM volume 4 (EXTRQ, INSERTQ, MOVNTSS, MOVNTSD).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/simd.h"

static IrRef lane64(X86Translate *s, IrRef x, unsigned lane)
{
    return ir_emit(s->b, IR_VEXTRACT, IR_I64, 3, lane, x, 0, 0);
}

static IrRef load64(X86Translate *s)
{
    return x86_load(s, x86_operand_address(s, 8, X86_ACCESS_LOAD), IR_I64, 3);
}

/* ---- whole ---- */

/* MOVAPS, MOVUPS, MOVDQA, LDDQU ... to a register. */
bool simd_load(X86Translate *s, const X86Simd *i)
{
    simd_result(s, simd_source(s, i));
    return true;
}

/* The same to r/m. param 1: the legacy form wants alignment (SIMD_ALIGNED says so for VEX). */
bool simd_store_op(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_read(s, s->reg);
    if (!s->is_memory) {
        simd_write(s, s->rm, x);
        return true;
    }
    if (simd_is_mmx(s)) {
        simd_store(s, 3, simd_read_mmx(s, s->reg), false);
    } else {
        simd_store(s, s->simd_form == FORM_VEX256 ? 5 : 4, x, i->param);
    }
    return true;
}

/* ---- scalars ---- */

/* MOVSS, MOVSD (sub 2, 3): from memory the rest becomes 0, from a register it comes from the first source. */
bool simd_movs(X86Translate *s, const X86Simd *i)
{
    IrType type = i->sub == 3 ? IR_F64 : IR_F32;
    if (s->is_memory) {
        if (s->vex_v) {
            return false;
        }
        simd_write128(s, s->reg, simd_source_low(s, i->sub));
    } else {
        simd_write128(s, s->reg, ir_op2(s->b, IR_VSET_FLANE, IR_V128, simd_first128(s), ir_op1(s->b, IR_FLANE, type, simd_read128(s, s->rm))));
    }
    return true;
}

bool simd_movs_store(X86Translate *s, const X86Simd *i)
{
    IrType type = i->sub == 3 ? IR_F64 : IR_F32;
    IrRef x = ir_op1(s->b, IR_FLANE, type, simd_read128(s, s->reg));
    if (s->is_memory) {
        if (s->vex_v) {
            return false;
        }
        simd_store(s, i->sub, x, false);
    } else {
        simd_write128(s, s->rm, ir_op2(s->b, IR_VSET_FLANE, IR_V128, s->vex ? simd_read128(s, s->vex_v) : simd_read128(s, s->rm), x));
    }
    return true;
}

/* ---- halves ---- */

/* MOVLPS, MOVLPD; MOVHLPS with a register operand (not MOVLPD, which the table keeps to memory). */
bool simd_movlp(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first128(s);
    if (s->is_memory) {
        simd_write128(s, s->reg, ir_emit(s->b, IR_VINSERT, IR_V128, 3, 0, x, load64(s), 0));
    } else {
        simd_write128(s, s->reg, ir_emit(s->b, IR_VUNPACK_HI, IR_V128, 3, 0, simd_read128(s, s->rm), x, 0));
    }
    return true;
}

/* MOVHPS, MOVHPD; MOVLHPS. */
bool simd_movhp(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_first128(s);
    if (s->is_memory) {
        simd_write128(s, s->reg, ir_emit(s->b, IR_VINSERT, IR_V128, 3, 1, x, load64(s), 0));
    } else {
        simd_write128(s, s->reg, ir_emit(s->b, IR_VUNPACK_LO, IR_V128, 3, 0, x, simd_read128(s, s->rm), 0));
    }
    return true;
}

/* MOVLPS, MOVHPS (param 1) to memory. */
bool simd_store_half(X86Translate *s, const X86Simd *i)
{
    simd_store(s, 3, lane64(s, simd_read128(s, s->reg), i->param), false);
    return true;
}

/* MOVDDUP; MOVSLDUP, MOVSHDUP as shuffles are in the table. */
bool simd_movdup(X86Translate *s, const X86Simd *i)
{
    IrRef x = s->simd_form == FORM_VEX256 ? simd_source(s, i) : simd_source_low(s, 3);
    simd_result(s, simd_op1(s, IR_VSHUF_I32, 0, 0x44, x));
    return true;
}

/* ---- general registers ---- */

static unsigned general_log2(const X86Translate *s)
{
    return s->vex ? (x86_in_64(s) && s->vex_w ? 3 : 2) : s->rex & 8 ? 3 : 2;
}

/* MOVD, MOVQ from r/m. */
bool simd_movd_to(X86Translate *s, const X86Simd *i)
{
    unsigned log2 = general_log2(s);
    IrRef x = x86_read_rm(s, log2);
    if (simd_is_mmx(s)) {
        simd_write_mmx(s, s->reg, log2 == 3 ? x : ir_zext(s->b, IR_I64, 2, x));
    } else {
        simd_write128(s, s->reg, ir_op1(s->b, IR_VFROM_INT, IR_V128, x));
    }
    return true;
}

bool simd_movd_from(X86Translate *s, const X86Simd *i)
{
    unsigned log2 = general_log2(s);
    IrRef x;
    if (simd_is_mmx(s)) {
        x = simd_read_mmx(s, s->reg);
        x = log2 == 3 ? x : ir_trunc(s->b, x);
    } else {
        x = ir_op1(s->b, IR_VTO_INT, x86_type(log2), simd_read128(s, s->reg));
    }
    x86_write_rm(s, log2, x);
    return true;
}

/* F3 0F 7E, 66 0F D6: MOVQ between XMM and XMM/m64. */
bool simd_movq_load(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_source_low(s, 3);
    simd_write128(s, s->reg, s->is_memory ? x : ir_op1(s->b, IR_VZERO_UPPER, IR_V128, x));
    return true;
}

bool simd_movq_store(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_read128(s, s->reg);
    if (s->is_memory) {
        simd_store(s, 3, ir_op1(s->b, IR_VTO_INT, IR_I64, x), false);
    } else {
        simd_write128(s, s->rm, ir_op1(s->b, IR_VZERO_UPPER, IR_V128, x));
    }
    return true;
}

/* PMOVMSKB, MOVMSKPS, MOVMSKPD. */
bool simd_movmsk(X86Translate *s, const X86Simd *i)
{
    IrRef mask = ir_emit(s->b, IR_VMOVMSK, IR_I32, i->sub, 0, simd_read(s, s->rm), 0, 0);
    x86_write_reg(s, s->reg, 2, mask);
    return true;
}

/* PINSRB, PINSRW, PINSRD, PINSRQ: sub; 2: by the operand size. */
bool simd_pinsr(X86Translate *s, const X86Simd *i)
{
    unsigned sub = i->sub == 2 ? general_log2(s) : i->sub, lanes = (simd_is_mmx(s) ? 8 : 16) >> sub;
    IrRef x = s->simd_form == FORM_MMX ? simd_first(s) : simd_first128(s);
    IrRef y = s->is_memory ? x86_read_rm(s, sub) : x86_read_reg(s, s->rm, sub < 2 ? 2 : sub);
    IrRef r = ir_emit(s->b, IR_VINSERT, IR_V128, sub, s->immediate & (lanes - 1), x, y, 0);
    if (simd_is_mmx(s)) {
        simd_result(s, r);
    } else {
        simd_write128(s, s->reg, r);
    }
    return true;
}

/* 0F 3A 14 to 17: PEXTRB, PEXTRW, PEXTRD, PEXTRQ, EXTRACTPS (param 1: always 4 bytes). */
bool simd_pextr(X86Translate *s, const X86Simd *i)
{
    unsigned sub = i->sub == 2 && !i->param ? general_log2(s) : i->sub;
    IrRef x = ir_emit(s->b, IR_VEXTRACT, x86_type(sub), sub, s->immediate & ((16 >> sub) - 1), simd_read128(s, s->reg), 0, 0);
    if (s->is_memory) {
        simd_store(s, sub, x, false);
    } else {
        x86_write_reg(s, s->rm, MAX(sub, 2), x);
    }
    return true;
}

/* 0F C5: PEXTRW from r/m to a general register. */
bool simd_pextr_old(X86Translate *s, const X86Simd *i)
{
    unsigned lanes = simd_is_mmx(s) ? 4 : 8;
    x86_write_reg(s, s->reg, 2, ir_emit(s->b, IR_VEXTRACT, IR_I32, 1, s->immediate & (lanes - 1), simd_read(s, s->rm), 0, 0));
    return true;
}

bool simd_insertps(X86Translate *s, const X86Simd *i)
{
    static const uint64_t keep[4] = { UINT64_MAX, UINT64_C(0xffffffff00000000), UINT64_C(0x00000000ffffffff), 0 };
    unsigned zero = s->immediate & 15;
    IrRef x = simd_first128(s), y;
    if (s->is_memory) {
        y = x86_read_rm(s, 2);
    } else {
        y = ir_emit(s->b, IR_VEXTRACT, IR_I32, 2, s->immediate >> 6 & 3, simd_read128(s, s->rm), 0, 0);
    }
    IrRef r = ir_emit(s->b, IR_VINSERT, IR_V128, 2, s->immediate >> 4 & 3, x, y, 0);
    if (zero) {
        r = ir_op2(s->b, IR_VAND, IR_V128, r, ir_const_v128(s->b, keep[zero & 3], keep[zero >> 2]));
    }
    simd_write128(s, s->reg, r);
    return true;
}

/* ---- MMX ---- */

bool simd_movq2dq(X86Translate *s, const X86Simd *i)
{
    simd_write128(s, s->reg, ir_op1(s->b, IR_VFROM_INT, IR_V128, simd_read_mmx(s, s->rm)));
    return true;
}

bool simd_movdq2q(X86Translate *s, const X86Simd *i)
{
    simd_write_mmx(s, s->reg, ir_op1(s->b, IR_VTO_INT, IR_I64, simd_read128(s, s->rm)));
    return true;
}

/* 0F 77: EMMS; VZEROUPPER and VZEROALL with VEX. */
bool simd_emms(X86Translate *s, const X86Simd *i)
{
    if (!s->vex) {
        ir_write(s->b, SLOT_FPU_TOP, x86_i32(s, 0));
        ir_write(s->b, SLOT_FPU_EMPTY, x86_i64(s, UINT64_C(0x0101010101010101)));
        return true;
    }
    for (unsigned reg = 0; reg < (x86_in_64(s) ? 16 : 8); reg++) {
        simd_write128(s, reg, s->vex_l ? ir_const_v128(s->b, 0, 0) : simd_read128(s, reg));
    }
    return true;
}

/* MASKMOVQ, MASKMOVDQU: bytes of the first register whose mask has the top bit set, to DS:(E/R)DI. */
bool simd_maskmov_bytes(X86Translate *s, const X86Simd *i)
{
    unsigned bytes = simd_is_mmx(s) ? 8 : 16;
    X86Address a = x86_segment_address(s, s->segment, x86_read_reg64(s, R_EDI), 0, s->address_log2, bytes, X86_ACCESS_STORE);
    IrRef address = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
    IrRef x = simd_is_mmx(s) ? simd_read(s, s->reg) : simd_read128(s, s->reg), mask = simd_is_mmx(s) ? simd_read(s, s->rm) : simd_read128(s, s->rm);
    X86_CALL(s, simd_mask_store, address, x, mask, x86_i32(s, bytes));
    return true;
}

/* ---- SSE4A ---- */

/* MOVNTSS, MOVNTSD. */
bool simd_movnt_scalar(X86Translate *s, const X86Simd *i)
{
    simd_store(s, i->sub, ir_op1(s->b, IR_VTO_INT, x86_type(i->sub), simd_read128(s, s->reg)), false);
    return true;
}

/* The low 64 bits := result; what is above is undefined: processors clear it. */
static void write_low(X86Translate *s, unsigned reg, IrRef value)
{
    simd_write128(s, reg, ir_op1(s->b, IR_VFROM_INT, IR_V128, value));
}

/* 66 0F 78 (immediates, destination in r/m), 66 0F 79. A field of length 0 has 64 bits. */
bool simd_extrq(X86Translate *s, const X86Simd *i)
{
    bool by_immediate = s->opcode == 0x78;
    unsigned reg = by_immediate ? s->rm : s->reg;
    if (by_immediate && (s->modrm >> 3 & 7) != 0) {
        return false;
    }
    IrRef field = by_immediate ? x86_i32(s, (s->immediate & 63) | (s->immediate2 & 63) << 8) : ir_op1(s->b, IR_VTO_INT, IR_I32, simd_read128(s, s->rm));
    write_low(s, reg, X86_CALL(s, simd_extract_field, ir_op1(s->b, IR_VTO_INT, IR_I64, simd_read128(s, reg)), field));
    return true;
}

/* F2 0F 78 (immediates), F2 0F 79 (field in bits 64 to 79 of the source). */
bool simd_insertq(X86Translate *s, const X86Simd *i)
{
    IrRef y = simd_read128(s, s->rm);
    IrRef field = s->opcode == 0x78 ? x86_i32(s, (s->immediate & 63) | (s->immediate2 & 63) << 8) : ir_trunc(s->b, lane64(s, y, 1));
    IrRef x = ir_op1(s->b, IR_VTO_INT, IR_I64, simd_read128(s, s->reg));
    write_low(s, s->reg, X86_CALL(s, simd_insert_field, x, ir_op1(s->b, IR_VTO_INT, IR_I64, y), field));
    return true;
}
