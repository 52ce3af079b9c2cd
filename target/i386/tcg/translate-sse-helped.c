/*
 * SSE instructions that are done by helpers: string comparison, SHA.
 *
 * Intel SDM volume 2, 4.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/simd.h"

/* The explicit length in a general register: its absolute value, at most the number of elements. */
static IrRef explicit_length(X86Translate *s, unsigned reg, unsigned elements)
{
    bool wide = x86_in_64(s) && (s->vex ? s->vex_w : s->rex & 8);
    IrRef x = wide ? x86_read_reg64(s, reg) : ir_sext(s->b, IR_I64, 2, x86_read_reg64(s, reg)), zero = x86_i64(s, 0);
    IrRef negative = ir_setcc(s->b, IR_CC_LT, x, zero);
    IrRef length = ir_op3(s->b, IR_SELECT, IR_I64, negative, ir_op1(s->b, IR_NEG, IR_I64, x), x);
    IrRef most = x86_i64(s, elements);
    return ir_op3(s->b, IR_SELECT, IR_I64, ir_setcc(s->b, IR_CC_GTU, length, most), most, length);
}

/* The implicit one: up to the first element that is 0. */
static IrRef implicit_length(X86Translate *s, IrRef x, bool words)
{
    IrRef zeros = ir_emit(s->b, IR_VCMPEQ, IR_V128, words, 0, x, ir_const_v128(s->b, 0, 0), 0);
    IrRef mask = ir_emit(s->b, IR_VMOVMSK, IR_I32, 0, 0, zeros, 0, 0);
    IrRef position = ir_op1(s->b, IR_CTZ, IR_I32, ir_op2(s->b, IR_OR, IR_I32, mask, x86_i32(s, 0x10000)));
    if (words) {
        position = ir_op2(s->b, IR_SHR, IR_I32, position, x86_i32(s, 1));
    }
    return ir_zext(s->b, IR_I64, 2, position);
}

/* 0F 3A 60 to 63: PCMPESTRM, PCMPESTRI, PCMPISTRM, PCMPISTRI. */
bool simd_string_compare(X86Translate *s, const X86Simd *i)
{
    bool is_implicit = s->opcode & 2, to_index = s->opcode & 1, words = s->immediate & 1;
    unsigned elements = words ? 8 : 16;
    IrRef x = simd_read128(s, s->reg), y = simd_source(s, i);
    IrRef lx = is_implicit ? implicit_length(s, x, words) : explicit_length(s, R_EAX, elements);
    IrRef ly = is_implicit ? implicit_length(s, y, words) : explicit_length(s, R_EDX, elements);
    IrRef r = X86_CALL(s, simd_string, x, y, x86_i32(s, s->immediate), lx, ly);
    IrRef flags = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, r, x86_i32(s, 32))), low = ir_trunc(s->b, r);
    if (to_index) {
        x86_write_reg(s, R_ECX, 2, ir_op2(s->b, IR_SHR, IR_I32, low, x86_i32(s, 16)));
    } else {
        IrRef mask = ir_zext(s->b, IR_I32, 1, low);
        bool expand = s->immediate & 0x40;
        simd_write128(s, 0, expand ? X86_CALL(s, simd_string_mask, mask, x86_i32(s, words)) : ir_op1(s->b, IR_VFROM_INT, IR_V128, mask));
    }
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, flags));
    return true;
}

bool simd_sha(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_read128(s, s->reg), y = simd_source(s, i);
    simd_write128(s, s->reg, X86_CALL(s, simd_sha, x, y, simd_read128(s, 0), x86_i32(s, i->param), x86_i32(s, 0)));
    return true;
}

/* SHA1RNDS4. */
bool simd_sha_round(X86Translate *s, const X86Simd *i)
{
    IrRef x = simd_read128(s, s->reg), y = simd_source(s, i);
    simd_write128(s, s->reg, X86_CALL(s, simd_sha, x, y, x, x86_i32(s, i->param), x86_i32(s, s->immediate)));
    return true;
}
