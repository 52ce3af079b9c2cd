/*
 * Data processing of AArch32: the barrel shifter, arithmetic and logic with flags, multiplication, bit fields.
 *
 * DDI 0487, F1.4, F2.4 (shifts), F5.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a32.h"

enum { SHIFT_LSL, SHIFT_LSR, SHIFT_ASR, SHIFT_ROR };
enum { FLAG_OF = 1, FLAG_CF = 2, FLAG_ZF = 16, FLAG_SF = 32 };

static IrRef bit_of(ArmTranslate *s, IrRef value, unsigned bit) { return ir_emit(s->b, IR_EXTRACT, IR_I32, 1, bit, value, 0, 0); }
static IrRef choose(ArmTranslate *s, IrRef cond, IrRef yes, IrRef no) { return ir_op3(s->b, IR_SELECT, IR_I32, cond, yes, no); }

/* ---- the shifter ---- */

IrRef a32_shift_imm(ArmTranslate *s, IrRef value, unsigned type, unsigned count, IrRef *carry)
{
    *carry = 0;
    switch (type) {
    case SHIFT_LSL:
        if (count == 0) {
            return value;
        }
        *carry = bit_of(s, value, 32 - count);
        return a32_op2(s, IR_SHL, value, arm_i32(s, count));
    case SHIFT_LSR:
        *carry = bit_of(s, value, count ? count - 1 : 31);
        return count ? a32_op2(s, IR_SHR, value, arm_i32(s, count)) : arm_i32(s, 0);
    case SHIFT_ASR:
        *carry = bit_of(s, value, count ? count - 1 : 31);
        return a32_op2(s, IR_SAR, value, arm_i32(s, count ? count : 31));
    default:
        if (count == 0) {       /* RRX */
            IrRef high = a32_op2(s, IR_SHL, a32_carry(s), arm_i32(s, 31));
            *carry = bit_of(s, value, 0);
            return a32_op2(s, IR_OR, a32_op2(s, IR_SHR, value, arm_i32(s, 1)), high);
        }
        *carry = bit_of(s, value, count - 1);
        return a32_op2(s, IR_ROR, value, arm_i32(s, count));
    }
}

/* By the low byte of a register: in 64 bits, so that 32 and more need no special care. */
static IrRef shift_reg(ArmTranslate *s, IrRef value, unsigned type, IrRef amount, IrRef *carry)
{
    IrRef count = ir_zext(s->b, IR_I32, 0, amount), none = ir_setcc(s->b, IR_CC_EQ, count, arm_i32(s, 0)), out, result;
    if (type == SHIFT_ROR) {
        result = a32_op2(s, IR_ROR, value, count);
        out = bit_of(s, result, 31);
    } else {
        IrRef limited = choose(s, ir_setcc(s->b, IR_CC_GTU, count, arm_i32(s, 63)), arm_i32(s, 63), count);
        IrOp op = type == SHIFT_LSL ? IR_SHL : type == SHIFT_LSR ? IR_SHR : IR_SAR;
        IrRef wide = type == SHIFT_ASR ? ir_sext(s->b, IR_I64, 2, value) : ir_zext(s->b, IR_I64, 2, value);
        IrRef shifted = ir_op2(s->b, op, IR_I64, wide, limited);
        result = ir_trunc(s->b, shifted);
        if (type == SHIFT_LSL) {
            out = ir_trunc(s->b, ir_emit(s->b, IR_EXTRACT, IR_I64, 1, 32, shifted, 0, 0));
        } else {
            IrRef doubled = ir_op2(s->b, IR_SHL, IR_I64, wide, arm_i32(s, 1));
            out = a32_op2(s, IR_AND, ir_trunc(s->b, ir_op2(s->b, op, IR_I64, doubled, limited)), arm_i32(s, 1));
        }
    }
    *carry = choose(s, none, a32_carry(s), out);
    return result;
}

/* ---- flags ---- */

static IrRef inverted_carry(ArmTranslate *s, IrRef flags) { return ir_emit(s->b, IR_FL_CMC, IR_FLAGS, 0, 0, flags, 0, 0); }

/* N and Z of the result, C of the shifter (none: as it was), V as it was. */
static void set_logic_flags(ArmTranslate *s, IrRef result, IrRef carry)
{
    IrRef old = ir_read(s->b, SLOT_FLAGS), made = ir_flags(s->b, IR_FL_LOGIC, 2, result, 0, 0);
    IrRef flags = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, FLAG_ZF | FLAG_SF, old, made, 0);
    if (carry) {
        IrRef inverse = a32_op2(s, IR_XOR, carry, arm_i32(s, 1));
        flags = ir_emit(s->b, IR_FL_FROM_CF, IR_FLAGS, 0, 0, flags, inverse, 0);
    }
    ir_write(s->b, SLOT_FLAGS, flags);
}

/* ---- the sixteen ---- */

static IrRef logic(ArmTranslate *s, unsigned op, IrRef a, IrRef b)
{
    switch (op) {
    case DP_AND: case DP_TST: return a32_op2(s, IR_AND, a, b);
    case DP_EOR: case DP_TEQ: return a32_op2(s, IR_XOR, a, b);
    case DP_ORR: return a32_op2(s, IR_OR, a, b);
    case DP_BIC: return a32_op2(s, IR_ANDN, a, b);
    case DP_ORN: return a32_op2(s, IR_OR, a, ir_op1(s->b, IR_NOT, IR_I32, b));
    case DP_MVN: return ir_op1(s->b, IR_NOT, IR_I32, b);
    default: return b;
    }
}

static IrRef arithmetic(ArmTranslate *s, unsigned op, IrRef a, IrRef b, bool sets)
{
    bool subtracts = op != DP_ADD && op != DP_CMN && op != DP_ADC, with_carry = op == DP_ADC || op == DP_SBC || op == DP_RSC;
    if (op == DP_RSB || op == DP_RSC) {
        IrRef swapped = a;
        a = b;
        b = swapped;
    }
    IrRef result, flags;
    if (with_carry) {
        IrRef old = ir_read(s->b, SLOT_FLAGS), carry = subtracts ? old : inverted_carry(s, old);
        result = ir_op3(s->b, subtracts ? IR_SBB : IR_ADC, IR_I32, a, b, carry);
        flags = sets ? ir_flags(s->b, subtracts ? IR_FL_SBB : IR_FL_ADC, 2, a, b, carry) : 0;
    } else {
        result = a32_op2(s, subtracts ? IR_SUB : IR_ADD, a, b);
        flags = sets ? ir_flags(s->b, subtracts ? IR_FL_SUB : IR_FL_ADD, 2, a, b, 0) : 0;
    }
    if (sets) {
        ir_write(s->b, SLOT_FLAGS, subtracts ? flags : inverted_carry(s, flags));
    }
    return result;
}

static bool is_arithmetic(unsigned op) { return (op >= DP_SUB && op <= DP_RSC) || op == DP_CMP || op == DP_CMN; }
static bool is_test(unsigned op) { return op >= DP_TST && op <= DP_CMN; }

/* The second operand and the shifter's carry are there. */
static bool process(ArmTranslate *s, const A32Operands *o, IrRef b, IrRef carry)
{
    bool sets = a32_sets(s, o), unary = o->op == DP_MOV || o->op == DP_MVN;
    /* With S to PC: back from an exception. */
    bool returns = sets && o->rd == 15 && !is_test(o->op);
    IrRef a = unary ? 0 : a32_r(s, o->rn), result;
    if (is_arithmetic(o->op)) {
        result = arithmetic(s, o->op, a, b, sets && !returns);
    } else {
        result = logic(s, o->op, a, b);
        if (sets && !returns) {
            set_logic_flags(s, result, carry);
        }
    }
    if (is_test(o->op)) {
        return true;
    }
    if (returns) {
        ARM_CALL(s, a32_return, result);
        ir_exit_event(s->b);
        s->ended = true;
        return true;
    }
    a32_result(s, o->rd, result);
    return true;
}

bool a32_op_dp_reg(ArmTranslate *s, const A32Operands *o)
{
    IrRef carry, b = a32_shift_imm(s, a32_r(s, o->rm), o->shift, o->imm, &carry);
    return process(s, o, b, carry);
}

bool a32_op_dp_shifted(ArmTranslate *s, const A32Operands *o)
{
    IrRef carry, b = shift_reg(s, a32_r(s, o->rm), o->shift, a32_r(s, o->rs), &carry);
    return o->rd != 15 && process(s, o, b, carry);
}

/* A byte rotated right by twice four bits. */
bool a32_op_dp_imm(ArmTranslate *s, const A32Operands *o)
{
    unsigned rotate = o->imm >> 8 << 1;
    uint32_t byte = o->imm & 0xff, value = rotate ? byte >> rotate | byte << (32 - rotate) : byte;
    return process(s, o, arm_i32(s, value), rotate ? arm_i32(s, value >> 31) : 0);
}

/* ThumbExpandImm: patterns of a byte, or a byte with its top bit set rotated. */
bool a32_op_dp_thumb_imm(ArmTranslate *s, const A32Operands *o)
{
    uint32_t byte = o->imm & 0xff, value;
    unsigned rotate = o->imm >> 7;
    if (rotate < 8) {
        static const uint32_t patterns[4] = { 1, 0x00010001, 0x01000100, 0x01010101 };
        value = byte * patterns[o->imm >> 8 & 3];
        return process(s, o, arm_i32(s, value), 0);
    }
    byte = 0x80 | (o->imm & 0x7f);
    value = byte >> rotate | byte << (32 - rotate);
    return process(s, o, arm_i32(s, value), arm_i32(s, value >> 31));
}

bool a32_op_dp_value(ArmTranslate *s, const A32Operands *o) { return process(s, o, arm_i32(s, o->imm), 0); }

bool a32_op_adr(ArmTranslate *s, const A32Operands *o)
{
    IrRef base = ir_trunc(s->b, a32_base(s, 15));
    a32_set_r(s, o->rd, a32_op2(s, IR_ADD, base, arm_i32(s, o->imm)));
    return true;
}

bool a32_op_adr_thumb(ArmTranslate *s, const A32Operands *o)
{
    IrRef base = ir_trunc(s->b, a32_base(s, 15));
    a32_result(s, o->rd, a32_op2(s, o->op ? IR_SUB : IR_ADD, base, arm_i32(s, o->imm)));
    return true;
}

bool a32_op_movw(ArmTranslate *s, const A32Operands *o)
{
    if (o->rd == 15) {
        return false;
    }
    a32_set_r(s, o->rd, arm_i32(s, o->imm));
    return true;
}

bool a32_op_movt(ArmTranslate *s, const A32Operands *o)
{
    if (o->rd == 15) {
        return false;
    }
    a32_set_r(s, o->rd, ir_emit(s->b, IR_DEPOSIT, IR_I32, 16, 16, a32_r(s, o->rd), arm_i32(s, o->imm), 0));
    return true;
}

/* ---- multiplication ---- */

static bool any_pc(unsigned a, unsigned b, unsigned c) { return a == 15 || b == 15 || c == 15; }

/* op: 0 MUL, 1 MLA, 2 MLS. */
bool a32_op_mul(ArmTranslate *s, const A32Operands *o)
{
    if (any_pc(o->rd, o->rn, o->rm)) {
        return false;
    }
    IrRef result = a32_op2(s, IR_MUL, a32_r(s, o->rn), a32_r(s, o->rm));
    if (o->op) {
        result = a32_op2(s, o->op == 1 ? IR_ADD : IR_SUB, a32_r(s, o->ra), result);
    }
    if (a32_sets(s, o)) {
        set_logic_flags(s, result, 0);
    }
    a32_set_r(s, o->rd, result);
    return true;
}

static IrRef wide(ArmTranslate *s, unsigned reg, bool is_signed)
{
    return is_signed ? ir_sext(s->b, IR_I64, 2, a32_r(s, reg)) : a32_x(s, reg);
}

/* rd: the high half, ra: the low one. */
static IrRef pair_of(ArmTranslate *s, const A32Operands *o) { return ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, a32_x(s, o->ra), a32_x(s, o->rd), 0); }

static void set_pair(ArmTranslate *s, const A32Operands *o, IrRef value)
{
    a32_set_r(s, o->ra, ir_trunc(s->b, value));
    a32_set_r(s, o->rd, ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, value, arm_i32(s, 32))));
}

bool a32_op_mull(ArmTranslate *s, const A32Operands *o)
{
    if (any_pc(o->rd, o->rn, o->rm) || o->ra == 15 || o->ra == o->rd) {
        return false;
    }
    IrRef result = ir_op2(s->b, IR_MUL, IR_I64, wide(s, o->rn, o->sign), wide(s, o->rm, o->sign));
    if (o->op) {
        result = ir_op2(s->b, IR_ADD, IR_I64, result, pair_of(s, o));
    }
    if (o->s) {
        IrRef old = ir_read(s->b, SLOT_FLAGS), made = ir_flags(s->b, IR_FL_LOGIC, 3, result, 0, 0);
        ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, FLAG_ZF | FLAG_SF, old, made, 0));
    }
    set_pair(s, o, result);
    return true;
}

bool a32_op_umaal(ArmTranslate *s, const A32Operands *o)
{
    IrRef product = ir_op2(s->b, IR_MUL, IR_I64, a32_x(s, o->rn), a32_x(s, o->rm));
    set_pair(s, o, ir_op2(s->b, IR_ADD, IR_I64, ir_op2(s->b, IR_ADD, IR_I64, product, a32_x(s, o->ra)), a32_x(s, o->rd)));
    return !any_pc(o->rd, o->rn, o->rm);
}

/* A half of a register, sign-extended. */
static IrRef half(ArmTranslate *s, unsigned reg, bool top)
{
    return top ? a32_op2(s, IR_SAR, a32_r(s, reg), arm_i32(s, 16)) : ir_sext(s->b, IR_I32, 1, a32_r(s, reg));
}

/* a + b, with Q where it overflows. */
static IrRef add_with_q(ArmTranslate *s, IrRef a, IrRef b)
{
    a32_set_q(s, ir_test(s->b, IR_CC_O, ir_flags(s->b, IR_FL_ADD, 2, a, b, 0)));
    return a32_op2(s, IR_ADD, a, b);
}

bool a32_op_mul_half(ArmTranslate *s, const A32Operands *o)
{
    IrRef product = a32_op2(s, IR_MUL, half(s, o->rn, o->x), half(s, o->rm, o->y));
    a32_set_r(s, o->rd, o->op ? add_with_q(s, product, a32_r(s, o->ra)) : product);
    return o->rd != 15;
}

bool a32_op_mul_word_half(ArmTranslate *s, const A32Operands *o)
{
    IrRef product = ir_op2(s->b, IR_MUL, IR_I64, wide(s, o->rn, true), ir_sext(s->b, IR_I64, 2, half(s, o->rm, o->y)));
    IrRef result = ir_trunc(s->b, ir_op2(s->b, IR_SAR, IR_I64, product, arm_i32(s, 16)));
    a32_set_r(s, o->rd, o->op ? add_with_q(s, result, a32_r(s, o->ra)) : result);
    return o->rd != 15;
}

bool a32_op_mull_half(ArmTranslate *s, const A32Operands *o)
{
    IrRef product = a32_op2(s, IR_MUL, half(s, o->rn, o->x), half(s, o->rm, o->y));
    set_pair(s, o, ir_op2(s->b, IR_ADD, IR_I64, pair_of(s, o), ir_sext(s->b, IR_I64, 2, product)));
    return o->rd != 15;
}

/* SMLAD, SMLSD: two products of halves; x: those of rm are exchanged. */
bool a32_op_dual(ArmTranslate *s, const A32Operands *o)
{
    IrRef first = ir_sext(s->b, IR_I64, 2, a32_op2(s, IR_MUL, half(s, o->rn, false), half(s, o->rm, o->x)));
    IrRef second = ir_sext(s->b, IR_I64, 2, a32_op2(s, IR_MUL, half(s, o->rn, true), half(s, o->rm, !o->x)));
    IrRef sum = ir_op2(s->b, o->op ? IR_SUB : IR_ADD, IR_I64, first, second);
    if (o->ra != 15) {
        sum = ir_op2(s->b, IR_ADD, IR_I64, sum, wide(s, o->ra, true));
    }
    IrRef result = ir_trunc(s->b, sum), back = ir_sext(s->b, IR_I64, 2, result);
    a32_set_q(s, ir_setcc(s->b, IR_CC_NE, back, sum));
    a32_set_r(s, o->rd, result);
    return o->rd != 15;
}

bool a32_op_dual_long(ArmTranslate *s, const A32Operands *o)
{
    IrRef first = ir_sext(s->b, IR_I64, 2, a32_op2(s, IR_MUL, half(s, o->rn, false), half(s, o->rm, o->x)));
    IrRef second = ir_sext(s->b, IR_I64, 2, a32_op2(s, IR_MUL, half(s, o->rn, true), half(s, o->rm, !o->x)));
    IrRef sum = ir_op2(s->b, o->op ? IR_SUB : IR_ADD, IR_I64, first, second);
    set_pair(s, o, ir_op2(s->b, IR_ADD, IR_I64, pair_of(s, o), sum));
    return o->rd != 15;
}

/* SMMLA, SMMLS: the high half of a product and an addend above it; x rounds. */
bool a32_op_mul_high(ArmTranslate *s, const A32Operands *o)
{
    IrRef product = ir_op2(s->b, IR_MUL, IR_I64, wide(s, o->rn, true), wide(s, o->rm, true)), sum = product;
    if (o->ra != 15 || o->op) {
        IrRef high = ir_op2(s->b, IR_SHL, IR_I64, a32_x(s, o->ra), arm_i32(s, 32));
        sum = ir_op2(s->b, o->op ? IR_SUB : IR_ADD, IR_I64, high, product);
    }
    if (o->x) {
        sum = ir_op2(s->b, IR_ADD, IR_I64, sum, arm_i64(s, 0x80000000));
    }
    a32_set_r(s, o->rd, ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, sum, arm_i32(s, 32))));
    return o->rd != 15;
}

bool a32_op_div(ArmTranslate *s, const A32Operands *o)
{
    IrRef a = a32_r(s, o->rn), b = a32_r(s, o->rm), zero = arm_i32(s, 0), one = arm_i32(s, 1), by_zero = ir_setcc(s->b, IR_CC_EQ, b, zero);
    IrRef safe = choose(s, by_zero, one, b), result;
    if (o->op) {
        IrRef by_minus = ir_setcc(s->b, IR_CC_EQ, b, arm_i32(s, UINT32_MAX));
        safe = choose(s, by_minus, one, safe);
        result = choose(s, by_minus, ir_op1(s->b, IR_NEG, IR_I32, a), a32_op2(s, IR_DIV_S, a, safe));
    } else {
        result = a32_op2(s, IR_DIV_U, a, safe);
    }
    a32_set_r(s, o->rd, choose(s, by_zero, zero, result));
    return !any_pc(o->rd, o->rn, o->rm);
}

/* ---- bit fields, extension, reversal ---- */

/* msb: the width less one. */
bool a32_op_bit_field(ArmTranslate *s, const A32Operands *o)
{
    if (o->lsb + o->msb > 31 || o->rd == 15 || o->rn == 15) {
        return false;
    }
    a32_set_r(s, o->rd, ir_emit(s->b, o->sign ? IR_SEXTRACT : IR_EXTRACT, IR_I32, o->msb + 1, o->lsb, a32_r(s, o->rn), 0, 0));
    return true;
}

/* rn 15: BFC. */
bool a32_op_bfi(ArmTranslate *s, const A32Operands *o)
{
    if (o->msb < o->lsb || o->rd == 15) {
        return false;
    }
    IrRef field = o->rn == 15 ? arm_i32(s, 0) : a32_r(s, o->rn);
    a32_set_r(s, o->rd, ir_emit(s->b, IR_DEPOSIT, IR_I32, o->msb - o->lsb + 1, o->lsb, a32_r(s, o->rd), field, 0));
    return true;
}

bool a32_op_extend(ArmTranslate *s, const A32Operands *o)
{
    IrRef value = a32_r(s, o->rm), result;
    value = o->rot ? a32_op2(s, IR_ROR, value, arm_i32(s, 8 * o->rot)) : value;
    if (o->op == EXTEND_B16) {
        IrRef low = o->sign ? ir_sext(s->b, IR_I32, 0, value) : ir_zext(s->b, IR_I32, 0, value), high = a32_op2(s, IR_SHR, value, arm_i32(s, 16));
        high = o->sign ? ir_sext(s->b, IR_I32, 0, high) : ir_zext(s->b, IR_I32, 0, high);
        if (o->rn != 15) {
            low = a32_op2(s, IR_ADD, low, a32_r(s, o->rn));
            high = a32_op2(s, IR_ADD, high, a32_op2(s, IR_SHR, a32_r(s, o->rn), arm_i32(s, 16)));
        }
        result = ir_emit(s->b, IR_DEPOSIT, IR_I32, 16, 16, ir_zext(s->b, IR_I32, 1, low), high, 0);
    } else {
        unsigned size = o->op == EXTEND_H;
        result = o->sign ? ir_sext(s->b, IR_I32, size, value) : ir_zext(s->b, IR_I32, size, value);
        result = o->rn != 15 ? a32_op2(s, IR_ADD, result, a32_r(s, o->rn)) : result;
    }
    a32_set_r(s, o->rd, result);
    return o->rd != 15 && o->rm != 15;
}

static IrRef swap_groups(ArmTranslate *s, IrRef value, uint32_t mask, unsigned by)
{
    IrRef m = arm_i32(s, mask), n = arm_i32(s, by);
    return a32_op2(s, IR_OR, a32_op2(s, IR_SHL, a32_op2(s, IR_AND, value, m), n), a32_op2(s, IR_AND, a32_op2(s, IR_SHR, value, n), m));
}

bool a32_op_reverse(ArmTranslate *s, const A32Operands *o)
{
    IrRef value = a32_r(s, o->rm), result;
    switch (o->op) {
    case REVERSE_HALVES:
        result = swap_groups(s, value, 0x00ff00ff, 8);
        break;
    case REVERSE_SIGNED:
        result = ir_sext(s->b, IR_I32, 1, swap_groups(s, value, 0x00ff00ff, 8));
        break;
    case REVERSE_BITS:
        result = swap_groups(s, ir_op1(s->b, IR_BSWAP, IR_I32, value), 0x0f0f0f0f, 4);
        result = swap_groups(s, swap_groups(s, result, 0x33333333, 2), 0x55555555, 1);
        break;
    default:
        result = ir_op1(s->b, IR_BSWAP, IR_I32, value);
    }
    a32_set_r(s, o->rd, result);
    return o->rd != 15 && o->rm != 15;
}

bool a32_op_clz(ArmTranslate *s, const A32Operands *o)
{
    a32_set_r(s, o->rd, ir_op1(s->b, IR_CLZ, IR_I32, a32_r(s, o->rm)));
    return o->rd != 15;
}

bool a32_op_crc32(ArmTranslate *s, const A32Operands *o)
{
    IrRef accumulator = a32_r(s, o->rn), result;
    if (o->size == 3 || !NEEDS(a32_crc32)) {
        return false;
    }
    if (o->op) {
        result = ir_emit(s->b, IR_CRC32C, IR_I32, o->size, 0, accumulator, a32_r(s, o->rm), 0);
    } else {
        result = ARM_CALL(s, crc32, accumulator, a32_x(s, o->rm), arm_i32(s, o->size));
    }
    a32_set_r(s, o->rd, result);
    return true;
}
