/*
 * Shifts and rotates, single and double.
 *
 * Intel SDM volume 2: ROL/ROR/RCL/RCR, SHL/SHR/SAR, SHLD, SHRD.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/ops.h"

enum { SHIFT_ROL, SHIFT_ROR, SHIFT_RCL, SHIFT_RCR, SHIFT_SHL, SHIFT_SHR, SHIFT_SAL, SHIFT_SAR };
enum { MERGE_OF = 1, MERGE_CF = 2, MERGE_CF_OF = 3 };

/* The count as I32, masked as the operand size wants it. */
static IrRef shift_count(X86Translate *s)
{
    unsigned mask = s->operand_log2 == 3 ? 63 : 31;
    unsigned low = s->opcode & 0xfe;
    bool by_cl = s->map == X86_MAP_ONE ? low == 0xd2 : (s->opcode & 7) == 5;
    if (by_cl) {
        return ir_op2(s->b, IR_AND, IR_I32, x86_read_reg(s, R_ECX, 2), x86_i32(s, mask));
    }
    return x86_i32(s, (s->map == X86_MAP_ONE && low == 0xd0 ? 1 : s->immediate) & mask);
}

static IrRef rotate(X86Translate *s, bool left, IrRef x, IrRef count)
{
    unsigned size = s->operand_log2;
    if (size < 2) {
        return ir_emit(s->b, left ? IR_ROLW : IR_RORW, IR_I32, size, 0, x, count, 0);
    }
    return ir_op2(s->b, left ? IR_ROL : IR_ROR, x86_type(size), x, count);
}

static IrRef shift(X86Translate *s, unsigned op, IrRef x, IrRef count)
{
    unsigned size = s->operand_log2;
    switch (op) {
    case SHIFT_SHR:
        x = size < 2 ? ir_zext(s->b, IR_I32, size, x) : x;
        return ir_op2(s->b, IR_SHR, x86_type(size), x, count);
    case SHIFT_SAR:
        x = size < 2 ? ir_sext(s->b, IR_I32, size, x) : x;
        return ir_op2(s->b, IR_SAR, x86_type(size), x, count);
    default:
        return ir_op2(s->b, IR_SHL, x86_type(size), x, count);
    }
}

/* RCL and RCR by helpers. */
static IrRef rotate_through_carry(X86Translate *s, bool left, IrRef x, IrRef count, IrRef old_flags, IrRef *flags)
{
    unsigned size = s->operand_log2;
    IrRef wide = size == 3 ? x : ir_zext(s->b, IR_I64, size, x);
    IrRef carry = ir_op2(s->b, IR_SHL, IR_I32, ir_test(s->b, IR_CC_LTU, old_flags), x86_i32(s, 8));
    IrRef spec = ir_op2(s->b, IR_OR, IR_I32, carry, x86_i32(s, size));
    IrRef result, bits;
    if (left) {
        result = X86_CALL(s, rcl, wide, count, spec);
        bits = X86_CALL(s, rcl_flags, wide, count, spec);
    } else {
        result = X86_CALL(s, rcr, wide, count, spec);
        bits = X86_CALL(s, rcr_flags, wide, count, spec);
    }
    IrRef changed = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_CF_OF, old_flags, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, bits), 0);
    uint64_t known;
    *flags = ir_get_const(s->b, count, &known) ? changed : ir_op3(s->b, IR_SELECT, IR_FLAGS, count, changed, old_flags);
    return size == 3 ? result : ir_trunc(s->b, result);
}

/* RCL and RCR by one, the common case. */
static IrRef rotate_through_carry_once(X86Translate *s, bool left, IrRef x, IrRef old_flags, IrRef *flags)
{
    unsigned size = s->operand_log2, top = (8 << size) - 1;
    IrType type = x86_type(size);
    IrRef carry = ir_test(s->b, IR_CC_LTU, old_flags), result, out, sign, below;
    carry = size == 3 ? ir_zext(s->b, IR_I64, 2, carry) : carry;
    if (left) {
        result = ir_op2(s->b, IR_OR, type, ir_op2(s->b, IR_SHL, type, x, x86_i32(s, 1)), carry);
        out = ir_emit(s->b, IR_EXTRACT, type, 1, top, x, 0, 0);
        sign = ir_emit(s->b, IR_EXTRACT, type, 1, top, result, 0, 0);
        below = out;
    } else {
        IrRef low = size < 2 ? ir_zext(s->b, IR_I32, size, x) : x;
        IrRef high = ir_op2(s->b, IR_SHL, type, carry, x86_i32(s, top));
        result = ir_op2(s->b, IR_OR, type, ir_op2(s->b, IR_SHR, type, low, x86_i32(s, 1)), high);
        out = ir_op2(s->b, IR_AND, type, x, x86_constant(s, size, 1));
        sign = carry;
        below = ir_emit(s->b, IR_EXTRACT, type, 1, top, x, 0, 0);
    }
    IrRef overflow = ir_trunc(s->b, ir_op2(s->b, IR_XOR, type, sign, below));
    IrRef bits = ir_op2(s->b, IR_OR, IR_I32, ir_trunc(s->b, out), ir_op2(s->b, IR_SHL, IR_I32, overflow, x86_i32(s, 11)));
    *flags = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_CF_OF, old_flags, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, bits), 0);
    return result;
}

bool x86_op_shift(X86Translate *s)
{
    static const uint8_t flag_ops[8] = { IR_FL_ROL, IR_FL_ROR, 0, 0, IR_FL_SHL, IR_FL_SHR, IR_FL_SHL, IR_FL_SAR };
    unsigned size = s->operand_log2, op = s->op->param;
    IrRef count = shift_count(s), x = x86_read_rm_to_write(s, size), old_flags = ir_read(s->b, SLOT_FLAGS), result, flags;
    uint64_t known;
    bool is_known = ir_get_const(s->b, count, &known);
    if (is_known && known == 0) {
        /* Nothing happens but the write. */
        x86_write_rm(s, size, x);
        return true;
    }
    if (op == SHIFT_RCL || op == SHIFT_RCR) {
        result = is_known && known == 1 ? rotate_through_carry_once(s, op == SHIFT_RCL, x, old_flags, &flags)
            : rotate_through_carry(s, op == SHIFT_RCL, x, count, old_flags, &flags);
    } else {
        result = op < SHIFT_SHL ? rotate(s, op == SHIFT_ROL, x, count) : shift(s, op, x, count);
        flags = ir_flags(s->b, flag_ops[op], size, x, count, old_flags);
    }
    x86_write_rm(s, size, result);
    ir_write(s->b, SLOT_FLAGS, flags);
    return true;
}

/* ---- SHLD, SHRD ---- */

/* Of words: both operands in 32 bits, in the order that lets one rotation do. */
static IrRef double_shift_word(X86Translate *s, bool left, IrRef x, IrRef y, IrRef count)
{
    x = ir_zext(s->b, IR_I32, 1, x);
    y = ir_zext(s->b, IR_I32, 1, y);
    if (left) {
        IrRef both = ir_op2(s->b, IR_OR, IR_I32, ir_op2(s->b, IR_SHL, IR_I32, x, x86_i32(s, 16)), y);
        return ir_op2(s->b, IR_SHR, IR_I32, ir_op2(s->b, IR_ROL, IR_I32, both, count), x86_i32(s, 16));
    }
    IrRef both = ir_op2(s->b, IR_OR, IR_I32, ir_op2(s->b, IR_SHL, IR_I32, y, x86_i32(s, 16)), x);
    return ir_op2(s->b, IR_ROR, IR_I32, both, count);
}

bool x86_op_double_shift(X86Translate *s)
{
    bool left = s->op->param == 0;
    unsigned size = s->operand_log2;
    IrType type = x86_type(size);
    IrRef count = shift_count(s), x = x86_read_rm_to_write(s, size), y = x86_read_g(s, size), result;
    if (size == 1) {
        result = double_shift_word(s, left, x, y, count);
    } else {
        result = ir_op3(s->b, left ? IR_SHLD : IR_SHRD, type, x, y, count);
    }
    /* CF is as of a single shift; SF, ZF, PF are the result's; OF tells, for a shift by one, whether the sign changed. */
    IrRef old_flags = ir_read(s->b, SLOT_FLAGS);
    IrRef carry = ir_flags(s->b, left ? IR_FL_SHL : IR_FL_SHR, size, x, count, old_flags);
    IrRef change = ir_emit(s->b, IR_EXTRACT, type, 1, (8 << size) - 1, ir_op2(s->b, IR_XOR, type, result, x), 0, 0);
    IrRef overflow = ir_op2(s->b, IR_SHL, IR_I32, ir_trunc(s->b, change), x86_i32(s, 11));
    IrRef flags = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_CF, ir_flags(s->b, IR_FL_LOGIC, size, result, 0, 0), carry, 0);
    flags = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_OF, flags, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, overflow), 0);
    x86_write_rm(s, size, result);
    ir_write(s->b, SLOT_FLAGS, ir_op3(s->b, IR_SELECT, IR_FLAGS, count, flags, old_flags));
    return true;
}
