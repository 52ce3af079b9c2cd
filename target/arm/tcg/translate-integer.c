/*
 * Integer computation of A64: data processing by immediates and by registers, the condition flags.
 *
 * Flags: the slot holds N, Z and V as the IR's SF, ZF and OF, and CF is the inverse of C: so it is what a subtraction leaves there as it stands, and all conditions are
 * the IR's own; additions invert it.
 *
 * DDI 0487, C4.1.92 to C4.1.95, C6.2, J1 (AddWithCarry, DecodeBitMasks, ConditionHolds).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a64.h"

static IrRef op2(ArmTranslate *s, IrOp op, bool is64, IrRef a, IrRef b) { return ir_op2(s->b, op, a64_type(is64), a, b); }
static IrRef constant(ArmTranslate *s, bool is64, uint64_t value) { return ir_const(s->b, a64_type(is64), is64 ? value : (uint32_t)value); }
static IrRef choose(ArmTranslate *s, bool is64, IrRef cond, IrRef yes, IrRef no) { return ir_op3(s->b, IR_SELECT, a64_type(is64), cond, yes, no); }

/* ---- flags ---- */

IrRef arm_condition(ArmTranslate *s, unsigned cond)
{
    static const uint8_t conditions[14] = {
        IR_CC_EQ, IR_CC_NE, IR_CC_GEU, IR_CC_LTU, IR_CC_S, IR_CC_NS, IR_CC_O, IR_CC_NO, IR_CC_GTU, IR_CC_LEU, IR_CC_GE, IR_CC_LT, IR_CC_GT, IR_CC_LE,
    };
    return cond >= 14 ? arm_i32(s, 1) : ir_test(s->b, conditions[cond], ir_read(s->b, SLOT_FLAGS));
}

static IrRef inverted_carry(ArmTranslate *s, IrRef flags) { return ir_emit(s->b, IR_FL_CMC, IR_FLAGS, 0, 0, flags, 0, 0); }

static IrRef flags_of(ArmTranslate *s, bool subtract, bool is64, IrRef a, IrRef b)
{
    IrRef flags = ir_flags(s->b, subtract ? IR_FL_SUB : IR_FL_ADD, is64 ? 3 : 2, a, b, 0);
    return subtract ? flags : inverted_carry(s, flags);
}

/* C and V are 0. */
static IrRef flags_of_logic(ArmTranslate *s, bool is64, IrRef result)
{
    return ir_emit(s->b, IR_FL_SET_CF, IR_FLAGS, 0, 1, ir_flags(s->b, IR_FL_LOGIC, is64 ? 3 : 2, result, 0, 0), 0, 0);
}

/* Bits N, Z, C, V (3 to 0) as a value of the slot. */
static uint64_t flags_constant(unsigned nzcv)
{
    return FLAGS_ONE | (nzcv & 8 ? FLAGS_SF : 0) | (nzcv & 4 ? FLAGS_ZF : 0) | (nzcv & 2 ? 0 : FLAGS_CF) | (nzcv & 1 ? FLAGS_OF : 0);
}

static void add_with_flags(ArmTranslate *s, const A64Operands *o, IrRef a, IrRef b)
{
    IrRef result = op2(s, o->op ? IR_SUB : IR_ADD, o->sf, a, b);
    ir_write(s->b, SLOT_FLAGS, flags_of(s, o->op, o->sf, a, b));
    a64_set_reg(s, o->rd, o->sf, result);
}

/* SP as the source and, without flags, as the destination. */
static IrRef source_sp(ArmTranslate *s, const A64Operands *o) { return o->sf ? a64_sp(s, o->rn) : ir_trunc(s->b, a64_sp(s, o->rn)); }

static void set_sp(ArmTranslate *s, const A64Operands *o, IrRef result)
{
    a64_set_sp(s, o->rd, o->sf ? result : ir_zext(s->b, IR_I64, 2, result));
}

/* ---- addresses ---- */

bool a64_op_adr(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, o->rd, ir_pc(s->b, s->start + (int64_t)o->imm));
    return true;
}

bool a64_op_adrp(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, o->rd, ir_pc(s->b, ((int64_t)s->start & ~INT64_C(0xfff)) + (int64_t)o->imm * 4096));
    return true;
}

/* ---- addition ---- */

static IrRef immediate12(ArmTranslate *s, const A64Operands *o) { return constant(s, o->sf, (uint64_t)o->uimm << (o->sh ? 12 : 0)); }

bool a64_op_add_imm(ArmTranslate *s, const A64Operands *o)
{
    set_sp(s, o, op2(s, o->op ? IR_SUB : IR_ADD, o->sf, source_sp(s, o), immediate12(s, o)));
    return true;
}

bool a64_op_adds_imm(ArmTranslate *s, const A64Operands *o)
{
    add_with_flags(s, o, source_sp(s, o), immediate12(s, o));
    return true;
}

static IrRef shifted(ArmTranslate *s, bool is64, unsigned reg, unsigned shift, unsigned count)
{
    static const IrOp ops[] = { IR_SHL, IR_SHR, IR_SAR, IR_ROR };
    IrRef value = a64_reg(s, reg, is64);
    return count ? op2(s, ops[shift], is64, value, arm_i32(s, count)) : value;
}

bool a64_op_add(ArmTranslate *s, const A64Operands *o)
{
    if (!o->sf && o->uimm > 31) {
        return false;
    }
    IrRef b = shifted(s, o->sf, o->rm, o->shift, o->uimm);
    a64_set_reg(s, o->rd, o->sf, op2(s, o->op ? IR_SUB : IR_ADD, o->sf, a64_reg(s, o->rn, o->sf), b));
    return true;
}

bool a64_op_adds(ArmTranslate *s, const A64Operands *o)
{
    if (!o->sf && o->uimm > 31) {
        return false;
    }
    add_with_flags(s, o, a64_reg(s, o->rn, o->sf), shifted(s, o->sf, o->rm, o->shift, o->uimm));
    return true;
}

/* UXTB ... SXTX of a register, shifted left. */
static IrRef extended(ArmTranslate *s, bool is64, unsigned reg, unsigned option, unsigned shift)
{
    unsigned size = option & 3;
    IrRef value = a64_reg(s, reg, is64);
    if (size < (is64 ? 3u : 2u)) {
        value = option & 4 ? ir_sext(s->b, a64_type(is64), size, value) : ir_zext(s->b, a64_type(is64), size, value);
    }
    return shift ? op2(s, IR_SHL, is64, value, arm_i32(s, shift)) : value;
}

bool a64_op_add_ext(ArmTranslate *s, const A64Operands *o)
{
    set_sp(s, o, op2(s, o->op ? IR_SUB : IR_ADD, o->sf, source_sp(s, o), extended(s, o->sf, o->rm, o->option, o->uimm)));
    return true;
}

bool a64_op_adds_ext(ArmTranslate *s, const A64Operands *o)
{
    add_with_flags(s, o, source_sp(s, o), extended(s, o->sf, o->rm, o->option, o->uimm));
    return true;
}

bool a64_op_adc(ArmTranslate *s, const A64Operands *o)
{
    IrRef a = a64_reg(s, o->rn, o->sf), b = a64_reg(s, o->rm, o->sf), old = ir_read(s->b, SLOT_FLAGS);
    IrRef carry = o->op ? old : inverted_carry(s, old);
    IrRef result = ir_op3(s->b, o->op ? IR_SBB : IR_ADC, a64_type(o->sf), a, b, carry);
    if (o->s) {
        IrRef flags = ir_flags(s->b, o->op ? IR_FL_SBB : IR_FL_ADC, o->sf ? 3 : 2, a, b, carry);
        ir_write(s->b, SLOT_FLAGS, o->op ? flags : inverted_carry(s, flags));
    }
    a64_set_reg(s, o->rd, o->sf, result);
    return true;
}

/* ---- logic ---- */

bool a64_bit_mask(bool is64, unsigned n, unsigned immr, unsigned imms, uint64_t *mask)
{
    unsigned pattern = n << 6 | (~imms & 0x3f);
    if (pattern < 2 || (n && !is64)) {
        return false;       /* an element of one bit, or of 64 in 32 */
    }
    unsigned size = 1u << (31 - __builtin_clz(pattern)), ones = (imms & (size - 1)) + 1, rotate = immr & (size - 1);
    if (ones == size) {
        return false;
    }
    uint64_t element = MAKE_MASK(0, ones), all = MAKE_MASK(0, size);
    element = rotate ? (element >> rotate | element << (size - rotate)) & all : element;
    for (; size < 64; size *= 2) {
        element |= element << size;
    }
    *mask = is64 ? element : (uint32_t)element;
    return true;
}

static IrRef logic(ArmTranslate *s, unsigned op, bool is64, IrRef a, IrRef b)
{
    return op2(s, op == LOGIC_OR ? IR_OR : op == LOGIC_XOR ? IR_XOR : IR_AND, is64, a, b);
}

bool a64_op_logic_imm(ArmTranslate *s, const A64Operands *o)
{
    uint64_t mask;
    if (!a64_bit_mask(o->sf, o->n, o->immr, o->imms, &mask)) {
        return false;
    }
    IrRef result = logic(s, o->op, o->sf, a64_reg(s, o->rn, o->sf), constant(s, o->sf, mask));
    if (o->op == LOGIC_ANDS) {
        ir_write(s->b, SLOT_FLAGS, flags_of_logic(s, o->sf, result));
        a64_set_reg(s, o->rd, o->sf, result);
    } else {
        set_sp(s, o, result);
    }
    return true;
}

bool a64_op_logic(ArmTranslate *s, const A64Operands *o)
{
    if (!o->sf && o->uimm > 31) {
        return false;
    }
    IrRef a = a64_reg(s, o->rn, o->sf), b = shifted(s, o->sf, o->rm, o->shift, o->uimm), result;
    if (o->n && (o->op == LOGIC_AND || o->op == LOGIC_ANDS)) {
        result = op2(s, IR_ANDN, o->sf, a, b);
    } else if (o->op == LOGIC_OR && o->rn == 31) {
        result = o->n ? ir_op1(s->b, IR_NOT, a64_type(o->sf), b) : b;      /* MVN, MOV */
    } else {
        result = logic(s, o->op, o->sf, a, o->n ? ir_op1(s->b, IR_NOT, a64_type(o->sf), b) : b);
    }
    if (o->op == LOGIC_ANDS) {
        ir_write(s->b, SLOT_FLAGS, flags_of_logic(s, o->sf, result));
    }
    a64_set_reg(s, o->rd, o->sf, result);
    return true;
}

bool a64_op_mov_wide(ArmTranslate *s, const A64Operands *o)
{
    unsigned shift = 16 * o->hw;
    if (!o->sf && o->hw > 1) {
        return false;
    }
    uint64_t value = (uint64_t)o->uimm << shift;
    if (o->op == MOVE_K) {
        IrRef half = constant(s, o->sf, o->uimm);
        a64_set_reg(s, o->rd, o->sf, ir_emit(s->b, IR_DEPOSIT, a64_type(o->sf), 16, shift, a64_reg(s, o->rd, o->sf), half, 0));
        return true;
    }
    a64_set_reg(s, o->rd, o->sf, constant(s, o->sf, o->op == MOVE_N ? ~value : value));
    return true;
}

/* ---- bit fields ---- */

static bool bit_field_fits(const A64Operands *o) { return o->n == o->sf && (o->sf || (o->immr < 32 && o->imms < 32)); }

static IrRef extract(ArmTranslate *s, bool is64, bool is_signed, IrRef value, unsigned low, unsigned length)
{
    return ir_emit(s->b, is_signed ? IR_SEXTRACT : IR_EXTRACT, a64_type(is64), length, low, value, 0, 0);
}

/* SBFM, UBFM: bits immr to imms moved down, or the low bits moved up; SXTB, LSL, ASR and so on are these. */
static bool move_field(ArmTranslate *s, const A64Operands *o, bool is_signed)
{
    unsigned width = o->sf ? 64 : 32, r = o->immr, last = o->imms;
    if (!bit_field_fits(o)) {
        return false;
    }
    IrRef value = a64_reg(s, o->rn, o->sf), result;
    if (last >= r) {
        unsigned length = last - r + 1;
        result = length == width ? value : last == width - 1 ? op2(s, is_signed ? IR_SAR : IR_SHR, o->sf, value, arm_i32(s, r))
            : extract(s, o->sf, is_signed, value, r, length);
    } else {
        unsigned length = last + 1, up = width - r;
        IrRef field = length + up >= width ? value : extract(s, o->sf, is_signed, value, 0, length);
        result = op2(s, IR_SHL, o->sf, field, arm_i32(s, up));
    }
    a64_set_reg(s, o->rd, o->sf, result);
    return true;
}

bool a64_op_sbfm(ArmTranslate *s, const A64Operands *o) { return move_field(s, o, true); }
bool a64_op_ubfm(ArmTranslate *s, const A64Operands *o) { return move_field(s, o, false); }

bool a64_op_bfm(ArmTranslate *s, const A64Operands *o)
{
    unsigned width = o->sf ? 64 : 32, r = o->immr, last = o->imms;
    if (!bit_field_fits(o)) {
        return false;
    }
    IrRef value = a64_reg(s, o->rn, o->sf), old = a64_reg(s, o->rd, o->sf), result;
    if (last >= r) {
        unsigned length = last - r + 1;
        IrRef field = r ? op2(s, IR_SHR, o->sf, value, arm_i32(s, r)) : value;
        result = length == width ? field : ir_emit(s->b, IR_DEPOSIT, a64_type(o->sf), length, 0, old, field, 0);
    } else {
        result = ir_emit(s->b, IR_DEPOSIT, a64_type(o->sf), last + 1, width - r, old, value, 0);
    }
    a64_set_reg(s, o->rd, o->sf, result);
    return true;
}

bool a64_op_extr(ArmTranslate *s, const A64Operands *o)
{
    if (o->n != o->sf || (!o->sf && o->imms > 31)) {
        return false;
    }
    IrRef high = a64_reg(s, o->rn, o->sf), low = a64_reg(s, o->rm, o->sf), result;
    if (o->imms == 0) {
        result = low;
    } else if (o->rn == o->rm) {
        result = op2(s, IR_ROR, o->sf, low, arm_i32(s, o->imms));
    } else {
        result = ir_op3(s->b, IR_SHRD, a64_type(o->sf), low, high, arm_i32(s, o->imms));
    }
    a64_set_reg(s, o->rd, o->sf, result);
    return true;
}

/* ---- shifts, multiplication, division ---- */

bool a64_op_shift(ArmTranslate *s, const A64Operands *o)
{
    a64_set_reg(s, o->rd, o->sf, op2(s, o->op, o->sf, a64_reg(s, o->rn, o->sf), a64_w(s, o->rm)));
    return true;
}

static bool multiply_add(ArmTranslate *s, const A64Operands *o, IrOp op)
{
    IrRef product = op2(s, IR_MUL, o->sf, a64_reg(s, o->rn, o->sf), a64_reg(s, o->rm, o->sf));
    a64_set_reg(s, o->rd, o->sf, op2(s, op, o->sf, a64_reg(s, o->ra, o->sf), product));
    return true;
}

bool a64_op_madd(ArmTranslate *s, const A64Operands *o) { return multiply_add(s, o, IR_ADD); }
bool a64_op_msub(ArmTranslate *s, const A64Operands *o) { return multiply_add(s, o, IR_SUB); }

static IrRef word(ArmTranslate *s, unsigned reg, bool is_signed)
{
    return is_signed ? ir_sext(s->b, IR_I64, 2, a64_x(s, reg)) : ir_zext(s->b, IR_I64, 2, a64_x(s, reg));
}

bool a64_op_maddl(ArmTranslate *s, const A64Operands *o)
{
    IrRef product = op2(s, IR_MUL, true, word(s, o->rn, o->sign), word(s, o->rm, o->sign));
    a64_set_x(s, o->rd, op2(s, o->op ? IR_SUB : IR_ADD, true, a64_x(s, o->ra), product));
    return true;
}

bool a64_op_mulh(ArmTranslate *s, const A64Operands *o)
{
    a64_set_x(s, o->rd, op2(s, o->sign ? IR_MULHI_S : IR_MULHI_U, true, a64_x(s, o->rn), a64_x(s, o->rm)));
    return true;
}

/* By 0 the quotient is 0; the least number by -1 is itself. */
bool a64_op_div(ArmTranslate *s, const A64Operands *o)
{
    IrRef a = a64_reg(s, o->rn, o->sf), b = a64_reg(s, o->rm, o->sf), zero = constant(s, o->sf, 0), one = constant(s, o->sf, 1);
    IrRef by_zero = ir_setcc(s->b, IR_CC_EQ, b, zero), safe = choose(s, o->sf, by_zero, one, b), result;
    if (o->op) {
        IrRef by_minus = ir_setcc(s->b, IR_CC_EQ, b, constant(s, o->sf, UINT64_MAX));
        safe = choose(s, o->sf, by_minus, one, safe);
        result = choose(s, o->sf, by_minus, ir_op1(s->b, IR_NEG, a64_type(o->sf), a), op2(s, IR_DIV_S, o->sf, a, safe));
    } else {
        result = op2(s, IR_DIV_U, o->sf, a, safe);
    }
    a64_set_reg(s, o->rd, o->sf, choose(s, o->sf, by_zero, zero, result));
    return true;
}

/* ---- conditions ---- */

bool a64_op_csel(ArmTranslate *s, const A64Operands *o)
{
    IrType t = a64_type(o->sf);
    IrRef cond = arm_condition(s, o->cond), yes = a64_reg(s, o->rn, o->sf), no = a64_reg(s, o->rm, o->sf);
    if (o->op == SELECT_INC && o->rn == 31 && o->rm == 31) {     /* CSET: 1 when the condition does not hold */
        IrRef bit = op2(s, IR_XOR, false, cond, arm_i32(s, 1));
        a64_set_x(s, o->rd, ir_zext(s->b, IR_I64, 2, bit));
        return true;
    }
    switch (o->op) {
    case SELECT_INC: no = op2(s, IR_ADD, o->sf, no, constant(s, o->sf, 1)); break;
    case SELECT_INV: no = ir_op1(s->b, IR_NOT, t, no); break;
    case SELECT_NEG: no = ir_op1(s->b, IR_NEG, t, no); break;
    }
    a64_set_reg(s, o->rd, o->sf, choose(s, o->sf, cond, yes, no));
    return true;
}

bool a64_op_ccmp(ArmTranslate *s, const A64Operands *o)
{
    IrRef cond = arm_condition(s, o->cond), a = a64_reg(s, o->rn, o->sf), b = o->w ? constant(s, o->sf, o->rm) : a64_reg(s, o->rm, o->sf);
    IrRef flags = flags_of(s, o->op, o->sf, a, b);
    if (o->cond < 14) {
        flags = ir_op3(s->b, IR_SELECT, IR_FLAGS, cond, flags, ir_const(s->b, IR_FLAGS, flags_constant(o->nzcv)));
    }
    ir_write(s->b, SLOT_FLAGS, flags);
    return true;
}

/* ---- flags by themselves: FEAT_FlagM ---- */

/* The slot's value from EFLAGS-like bits: N 7, Z 6, C (as it is) 0, V 11. */
static IrRef unpacked(ArmTranslate *s, IrRef bits) { return inverted_carry(s, ir_emit(s->b, IR_FL_UNPACK, IR_FLAGS, 0, 0, bits, 0, 0)); }

static IrRef bit_at(ArmTranslate *s, IrRef bits, unsigned from, unsigned to)
{
    IrRef bit = extract(s, false, false, bits, from, 1);
    return to ? op2(s, IR_SHL, false, bit, arm_i32(s, to)) : bit;
}

bool a64_op_rmif(ArmTranslate *s, const A64Operands *o)
{
    IrRef value = ir_trunc(s->b, op2(s, IR_ROR, true, a64_x(s, o->rn), arm_i32(s, o->uimm)));
    IrRef bits = op2(s, IR_OR, false, op2(s, IR_OR, false, bit_at(s, value, 3, 7), bit_at(s, value, 2, 6)),
                     op2(s, IR_OR, false, bit_at(s, value, 1, 0), bit_at(s, value, 0, 11)));
    enum { OF = 1, CF = 2, ZF = 16, SF = 32 };
    unsigned which = (o->nzcv & 8 ? SF : 0) | (o->nzcv & 4 ? ZF : 0) | (o->nzcv & 2 ? CF : 0) | (o->nzcv & 1 ? OF : 0);
    IrRef old = ir_read(s->b, SLOT_FLAGS);
    ir_write(s->b, SLOT_FLAGS, which ? ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, which, old, unpacked(s, bits), 0) : old);
    return true;
}

/* N and Z of the low bits, V where the bit above differs from the sign. C stays. */
bool a64_op_setf(ArmTranslate *s, const A64Operands *o)
{
    enum { NOT_CF = 63 & ~2 };
    unsigned bits = 8u << o->size;
    IrRef value = a64_w(s, o->rn), old = ir_read(s->b, SLOT_FLAGS);
    IrRef differ = extract(s, false, false, op2(s, IR_XOR, false, value, op2(s, IR_SHR, false, value, arm_i32(s, 1))), bits - 1, 1);
    IrRef zero = ir_setcc(s->b, IR_CC_EQ, ir_zext(s->b, IR_I32, o->size, value), arm_i32(s, 0));
    IrRef packed = op2(s, IR_OR, false, op2(s, IR_OR, false, bit_at(s, value, bits - 1, 7), op2(s, IR_SHL, false, zero, arm_i32(s, 6))),
                       op2(s, IR_SHL, false, differ, arm_i32(s, 11)));
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, NOT_CF, old, unpacked(s, packed), 0));
    return true;
}

/* ---- one operand ---- */

bool a64_op_clz(ArmTranslate *s, const A64Operands *o)
{
    a64_set_reg(s, o->rd, o->sf, ir_op1(s->b, IR_CLZ, a64_type(o->sf), a64_reg(s, o->rn, o->sf)));
    return true;
}

/* Bits behind the sign that are equal to it: zeroes on top of the value xor itself shifted, with a 1 below. */
bool a64_op_cls(ArmTranslate *s, const A64Operands *o)
{
    IrRef value = a64_reg(s, o->rn, o->sf), one = arm_i32(s, 1);
    IrRef changes = op2(s, IR_XOR, o->sf, op2(s, IR_SHL, o->sf, value, one), value);
    IrRef marked = op2(s, IR_OR, o->sf, changes, constant(s, o->sf, 1));
    a64_set_reg(s, o->rd, o->sf, ir_op1(s->b, IR_CLZ, a64_type(o->sf), marked));
    return true;
}

static IrRef swap_groups(ArmTranslate *s, bool is64, IrRef value, uint64_t mask, unsigned by)
{
    IrRef m = constant(s, is64, mask), n = arm_i32(s, by);
    return op2(s, IR_OR, is64, op2(s, IR_SHL, is64, op2(s, IR_AND, is64, value, m), n), op2(s, IR_AND, is64, op2(s, IR_SHR, is64, value, n), m));
}

bool a64_op_rbit(ArmTranslate *s, const A64Operands *o)
{
    IrRef value = ir_op1(s->b, IR_BSWAP, a64_type(o->sf), a64_reg(s, o->rn, o->sf));
    value = swap_groups(s, o->sf, value, UINT64_C(0x0f0f0f0f0f0f0f0f), 4);
    value = swap_groups(s, o->sf, value, UINT64_C(0x3333333333333333), 2);
    a64_set_reg(s, o->rd, o->sf, swap_groups(s, o->sf, value, UINT64_C(0x5555555555555555), 1));
    return true;
}

bool a64_op_rev16(ArmTranslate *s, const A64Operands *o)
{
    a64_set_reg(s, o->rd, o->sf, swap_groups(s, o->sf, a64_reg(s, o->rn, o->sf), UINT64_C(0x00ff00ff00ff00ff), 8));
    return true;
}

/* Bytes turned around within words or the whole. */
bool a64_op_rev(ArmTranslate *s, const A64Operands *o)
{
    IrRef value = ir_op1(s->b, IR_BSWAP, a64_type(o->sf), a64_reg(s, o->rn, o->sf));
    if (o->sf && o->size == 2) {
        value = op2(s, IR_ROR, true, value, arm_i32(s, 32));
    }
    a64_set_reg(s, o->rd, o->sf, value);
    return true;
}

bool a64_op_ctz(ArmTranslate *s, const A64Operands *o)
{
    a64_set_reg(s, o->rd, o->sf, ir_op1(s->b, IR_CTZ, a64_type(o->sf), a64_reg(s, o->rn, o->sf)));
    return true;
}

bool a64_op_cnt(ArmTranslate *s, const A64Operands *o)
{
    a64_set_reg(s, o->rd, o->sf, ir_op1(s->b, IR_POPCNT, a64_type(o->sf), a64_reg(s, o->rn, o->sf)));
    return true;
}

bool a64_op_abs(ArmTranslate *s, const A64Operands *o)
{
    IrRef value = a64_reg(s, o->rn, o->sf), negative = ir_setcc(s->b, IR_CC_LT, value, constant(s, o->sf, 0));
    a64_set_reg(s, o->rd, o->sf, choose(s, o->sf, negative, ir_op1(s->b, IR_NEG, a64_type(o->sf), value), value));
    return true;
}

static bool min_max(ArmTranslate *s, const A64Operands *o, IrRef b)
{
    static const IrCond conditions[] = { [MIN_SMAX] = IR_CC_GT, [MIN_UMAX] = IR_CC_GTU, [MIN_SMIN] = IR_CC_LT, [MIN_UMIN] = IR_CC_LTU };
    IrRef a = a64_reg(s, o->rn, o->sf);
    a64_set_reg(s, o->rd, o->sf, choose(s, o->sf, ir_setcc(s->b, conditions[o->op], a, b), a, b));
    return true;
}

bool a64_op_min_max(ArmTranslate *s, const A64Operands *o) { return min_max(s, o, a64_reg(s, o->rm, o->sf)); }

bool a64_op_min_max_imm(ArmTranslate *s, const A64Operands *o)
{
    bool is_signed = o->op == MIN_SMAX || o->op == MIN_SMIN;
    return min_max(s, o, constant(s, o->sf, is_signed ? (uint64_t)(int8_t)o->uimm : (uint64_t)o->uimm));
}

/* ---- checksums ---- */

bool a64_op_crc32(ArmTranslate *s, const A64Operands *o)
{
    IrRef accumulator = a64_w(s, o->rn), result;
    if (o->op) {
        IrRef data = o->size == 3 ? a64_x(s, o->rm) : a64_w(s, o->rm);
        result = ir_emit(s->b, IR_CRC32C, IR_I32, o->size, 0, accumulator, data, 0);
    } else {
        result = ARM_CALL(s, crc32, accumulator, a64_x(s, o->rm), arm_i32(s, o->size));
    }
    a64_set_w(s, o->rd, result);
    return true;
}
