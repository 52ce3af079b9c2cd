/*
 * Folding: what an op comes to when its operands are constants, or are made by ops that it can see through. Flags and vectors: fold-flags.c, fold-vector.c.
 *
 * Each rule looks at the op and the ops that make its operands, no deeper; since those were folded when they were made, that is enough.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"
#include "tcg/evaluate.h"

static inline unsigned type_width(IrType t)
{
    return t == IR_I32 ? 32 : 64;
}

static inline IrRef zero_of(IrBuilder *b, IrType t)
{
    return builder_const(b, t, 0, 0);
}

/* ---- what is known of values ---- */

static unsigned bits_of(uint64_t value)
{
    return value ? 64 - __builtin_clzll(value) : 0;
}

/* How many low bits of a value may be other than 0. */
static unsigned significant_bits(const IrBuilder *b, IrRef r)
{
    uint64_t value;
    if (builder_known(b, r, &value)) {
        return bits_of(value);
    }
    const IrInsn *insn = builder_insn(b, r);
    unsigned width = type_width(insn->type);
    switch (insn->op) {
    case IR_SETCC:
    case IR_TEST:
        return 1;
    case IR_LOAD: {
        const IrMem *mem = &b->block.mems[insn->c];
        return mem->sign ? width : MIN(width, 8u << MIN(mem->size_log2, 3));
    }
    case IR_ATOMIC:
    case IR_CAS:
        return MIN(width, 8u << MIN(b->block.mems[insn->c].size_log2, 3));
    case IR_EXT_U:
    case IR_ROLW:
    case IR_RORW:
        return MIN(width, 8u << insn->sub);
    case IR_EXTRACT:
        return insn->sub;
    case IR_AND:
        return builder_known(b, insn->b, &value) ? bits_of(value) : width;
    case IR_SHR:
        return builder_known(b, insn->b, &value) ? width - (unsigned)(value % width) : width;
    case IR_FL_PACK:
        return 12;
    default:
        return width;
    }
}

static bool is_boolean(const IrBuilder *b, IrRef r)
{
    const IrInsn *insn = builder_insn(b, r);
    return insn->op == IR_SETCC || insn->op == IR_TEST;
}

/* A SETCC or TEST with the inverse condition. */
static IrRef inverted(IrBuilder *b, IrRef r)
{
    IrInsn insn = *builder_insn(b, r);
    return ir_emit(b, insn.op, IR_I32, insn.sub ^ 1, 0, insn.a, insn.b, 0);
}

/* ---- sums ---- */

/* op with a constant b over the same op with a constant: both constants in one. */
static bool merge_constants(IrBuilder *b, IrInsn *insn, uint64_t value)
{
    const IrInsn *inner = builder_insn(b, insn->a);
    uint64_t other, both;
    if (inner->op != insn->op || inner->type != insn->type || !builder_known(b, inner->b, &other)) {
        return false;
    }
    switch (insn->op) {
    case IR_ADD:
        both = value + other;
        break;
    case IR_AND:
        both = value & other;
        break;
    case IR_OR:
        both = value | other;
        break;
    default:
        both = value ^ other;
        break;
    }
    insn->a = inner->a;
    insn->b = ir_const(b, insn->type, both);
    return true;
}

static IrRef fold_add(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    while (builder_known(b, insn->b, &value)) {
        if (value == 0) {
            return insn->a;
        }
        if (!merge_constants(b, insn, value)) {
            return 0;
        }
    }
    return 0;
}

static IrRef fold_sub(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (insn->a == insn->b) {
        return zero_of(b, insn->type);
    }
    if (builder_known(b, insn->b, &value) && value == 0) {
        return insn->a;
    }
    if (builder_known(b, insn->a, &value) && value == 0) {
        return ir_op1(b, IR_NEG, insn->type, insn->b);
    }
    return 0;
}

/* ---- logic ---- */

static IrRef fold_and(IrBuilder *b, IrInsn *insn)
{
    uint64_t value, ones = ir_mask(type_width(insn->type));
    if (insn->a == insn->b) {
        return insn->a;
    }
    while (builder_known(b, insn->b, &value)) {
        if (value == 0) {
            return insn->b;
        }
        unsigned bits = significant_bits(b, insn->a);
        if ((ir_mask(bits) & ~value) == 0) {
            return insn->a;
        }
        if (merge_constants(b, insn, value)) {
            continue;
        }
        if (value == 0xff || value == 0xffff || (value == UINT32_MAX && value != ones)) {
            return ir_zext(b, insn->type, value == 0xff ? 0 : value == 0xffff ? 1 : 2, insn->a);
        }
        return 0;
    }
    return 0;
}

static IrRef fold_or(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (insn->a == insn->b) {
        return insn->a;
    }
    while (builder_known(b, insn->b, &value)) {
        if (value == 0) {
            return insn->a;
        }
        if (value == ir_mask(type_width(insn->type))) {
            return insn->b;
        }
        if (!merge_constants(b, insn, value)) {
            return 0;
        }
    }
    return 0;
}

static IrRef fold_xor(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (insn->a == insn->b) {
        return zero_of(b, insn->type);
    }
    while (builder_known(b, insn->b, &value)) {
        if (value == 0) {
            return insn->a;
        }
        if (value == ir_mask(type_width(insn->type))) {
            return ir_op1(b, IR_NOT, insn->type, insn->a);
        }
        if (value == 1 && is_boolean(b, insn->a)) {
            return inverted(b, insn->a);
        }
        if (!merge_constants(b, insn, value)) {
            return 0;
        }
    }
    return 0;
}

static IrRef fold_andn(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (insn->a == insn->b) {
        return zero_of(b, insn->type);
    }
    if (builder_known(b, insn->b, &value)) {
        return ir_op2(b, IR_AND, insn->type, insn->a, ir_const(b, insn->type, ~value));
    }
    return builder_known(b, insn->a, &value) && value == 0 ? insn->a : 0;
}

/* NEG and NOT undo themselves, BSWAP too. */
static IrRef fold_involution(IrBuilder *b, IrInsn *insn)
{
    const IrInsn *inner = builder_insn(b, insn->a);
    return inner->op == insn->op && inner->type == insn->type ? inner->a : 0;
}

/* ---- multiplication and division ---- */

static IrRef fold_mul(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (!builder_known(b, insn->b, &value)) {
        return 0;
    }
    if (value == 0) {
        return insn->b;
    }
    if (value == 1) {
        return insn->a;
    }
    return IS_POWER_OF_2(value) ? ir_op2(b, IR_SHL, insn->type, insn->a, ir_const(b, IR_I32, __builtin_ctzll(value))) : 0;
}

static IrRef fold_mulhi_u(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    return builder_known(b, insn->b, &value) && value <= 1 ? zero_of(b, insn->type) : 0;
}

static IrRef fold_divide_unsigned(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (!builder_known(b, insn->b, &value) || !IS_POWER_OF_2(value)) {
        return 0;
    }
    if (insn->op == IR_REM_U) {
        return ir_op2(b, IR_AND, insn->type, insn->a, ir_const(b, insn->type, value - 1));
    }
    return ir_op2(b, IR_SHR, insn->type, insn->a, ir_const(b, IR_I32, __builtin_ctzll(value)));
}

/* With a high half of 0 and a known divisor nothing can go wrong. */
static IrRef fold_divide_wide(IrBuilder *b, IrInsn *insn)
{
    uint64_t high, divisor;
    if ((insn->op == IR_DIVW_U || insn->op == IR_REMW_U) && builder_known(b, insn->a, &high) && high == 0 && builder_known(b, insn->c, &divisor) && divisor) {
        return ir_op2(b, insn->op == IR_DIVW_U ? IR_DIV_U : IR_REM_U, insn->type, insn->b, insn->c);
    }
    return 0;
}

/* ---- shifts ---- */

static IrRef fold_shift(IrBuilder *b, IrInsn *insn)
{
    unsigned width = type_width(insn->type);
    uint64_t count, value, inner_count;
    if (builder_known(b, insn->a, &value) && value == 0) {
        return insn->a;
    }
    if (!builder_known(b, insn->b, &count)) {
        /* The count is taken modulo the width anyway. */
        const IrInsn *mask = builder_insn(b, insn->b);
        if (mask->op == IR_AND && builder_known(b, mask->b, &value) && (value & (width - 1)) == width - 1) {
            insn->b = mask->a;
        }
        return 0;
    }
    count %= width;
    if (count == 0) {
        return insn->a;
    }
    const IrInsn *inner = builder_insn(b, insn->a);
    if (inner->type == insn->type && builder_known(b, inner->b, &inner_count) && inner->op == insn->op && insn->op != IR_ROL && insn->op != IR_ROR) {
        unsigned both = count + inner_count % width;
        if (both < width) {
            return ir_op2(b, insn->op, insn->type, inner->a, ir_const(b, IR_I32, both));
        }
        return insn->op == IR_SAR ? ir_op2(b, IR_SAR, insn->type, inner->a, ir_const(b, IR_I32, width - 1)) : zero_of(b, insn->type);
    }
    if (insn->op == IR_SHR && significant_bits(b, insn->a) <= count) {
        return zero_of(b, insn->type);
    }
    if (insn->op == IR_SAR && significant_bits(b, insn->a) < width) {
        return ir_op2(b, IR_SHR, insn->type, insn->a, insn->b);
    }
    insn->b = ir_const(b, IR_I32, count);
    return 0;
}

static IrRef fold_word_rotate(IrBuilder *b, IrInsn *insn)
{
    uint64_t count;
    if (builder_known(b, insn->b, &count) && count % (8u << insn->sub) == 0) {
        return ir_zext(b, insn->type, insn->sub, insn->a);
    }
    return 0;
}

static IrRef fold_double_shift(IrBuilder *b, IrInsn *insn)
{
    uint64_t count;
    if (builder_known(b, insn->c, &count) && count % type_width(insn->type) == 0) {
        return insn->a;
    }
    if (insn->a == insn->b) {
        return ir_op2(b, insn->op == IR_SHLD ? IR_ROL : IR_ROR, insn->type, insn->a, insn->c);
    }
    return 0;
}

/* ---- extensions and fields ---- */

IrRef fold_strip_to_low_bits(const IrBuilder *b, IrRef r, unsigned bits)
{
    for (;;) {
        const IrInsn *insn = builder_insn(b, r);
        uint64_t value;
        bool through;
        switch (insn->op) {
        case IR_TRUNC:
            through = bits <= 32;
            break;
        case IR_EXT_U:
        case IR_EXT_S:
            through = bits <= 8u << insn->sub;
            break;
        case IR_AND:
            through = builder_known(b, insn->b, &value) && (~value & ir_mask(bits)) == 0;
            break;
        case IR_OR:
            through = builder_known(b, insn->b, &value) && (value & ir_mask(bits)) == 0;
            break;
        case IR_DEPOSIT:
            if (insn->imm == 0 && bits <= insn->sub) {
                r = insn->b;
                continue;
            }
            through = bits <= insn->imm;
            break;
        default:
            return r;
        }
        if (!through) {
            return r;
        }
        r = insn->a;
    }
}

static IrRef fold_extend(IrBuilder *b, IrInsn *insn)
{
    unsigned bits = 8u << insn->sub;
    IrRef x = insn->a;
    if (insn->op == IR_EXT_U && builder_type(b, x) == insn->type && significant_bits(b, x) <= bits) {
        return x;
    }
    if (insn->op == IR_EXT_S && significant_bits(b, x) < bits) {
        return ir_zext(b, insn->type, insn->sub, x);
    }
    const IrInsn *inner = builder_insn(b, x);
    if (insn->op == IR_EXT_S && inner->op == IR_EXT_S && inner->sub <= insn->sub) {
        return ir_sext(b, insn->type, inner->sub, inner->a);
    }
    if (insn->op == IR_EXT_U && inner->op == IR_EXT_U && inner->sub <= insn->sub) {
        return ir_zext(b, insn->type, inner->sub, inner->a);
    }
    IrRef low = fold_strip_to_low_bits(b, x, bits);
    if (low != x) {
        return insn->op == IR_EXT_U ? ir_zext(b, insn->type, insn->sub, low) : ir_sext(b, insn->type, insn->sub, low);
    }
    return 0;
}

static IrRef fold_trunc(IrBuilder *b, IrInsn *insn)
{
    const IrInsn *inner = builder_insn(b, insn->a);
    if ((inner->op == IR_EXT_U || inner->op == IR_EXT_S) && inner->sub <= 2) {
        if (inner->sub == 2) {
            return ir_trunc(b, inner->a);
        }
        return ir_emit(b, inner->op, IR_I32, inner->sub, 0, inner->a, 0, 0);
    }
    uint64_t value;
    if (inner->op == IR_AND && builder_known(b, inner->b, &value) && (uint32_t)value == UINT32_MAX) {
        return ir_trunc(b, inner->a);
    }
    if (inner->op == IR_DEPOSIT && inner->imm >= 32) {
        return ir_trunc(b, inner->a);
    }
    if (inner->op == IR_DEPOSIT && inner->imm == 0 && inner->sub >= 32) {
        return ir_trunc(b, inner->b);
    }
    if (inner->op == IR_SETCC || inner->op == IR_TEST) {
        return insn->a;
    }
    return 0;
}

static IrRef fold_extract(IrBuilder *b, IrInsn *insn)
{
    unsigned first = insn->imm, bits = insn->sub, width = type_width(insn->type);
    bool is_signed = insn->op == IR_SEXTRACT;
    if (first == 0 && bits == width) {
        return insn->a;
    }
    if (first == 0 && (bits == 8 || bits == 16 || bits == 32)) {
        unsigned log2 = bits == 8 ? 0 : bits == 16 ? 1 : 2;
        return is_signed ? ir_sext(b, insn->type, log2, insn->a) : ir_zext(b, insn->type, log2, insn->a);
    }
    if (first + bits == width) {
        return ir_op2(b, is_signed ? IR_SAR : IR_SHR, insn->type, insn->a, ir_const(b, IR_I32, first));
    }
    const IrInsn *inner = builder_insn(b, insn->a);
    if (inner->op == IR_DEPOSIT && inner->type == insn->type) {
        unsigned start = inner->imm, end = start + inner->sub;
        if (first >= end || first + bits <= start) {
            return ir_emit(b, insn->op, insn->type, bits, first, inner->a, 0, 0);
        }
        if (first >= start && first + bits <= end) {
            return ir_emit(b, insn->op, insn->type, bits, first - start, inner->b, 0, 0);
        }
    }
    if (inner->op == IR_TRUNC) {
        const IrInsn *wide = builder_insn(b, inner->a);
        unsigned start = wide->imm, end = start + wide->sub;
        if (wide->op == IR_DEPOSIT && first >= start && first + bits <= end) {
            return ir_emit(b, insn->op, insn->type, bits, first - start, ir_trunc(b, wide->b), 0, 0);
        }
        if (wide->op == IR_DEPOSIT && (first >= end || first + bits <= start)) {
            return ir_emit(b, insn->op, insn->type, bits, first, ir_trunc(b, wide->a), 0, 0);
        }
    }
    if (!is_signed && significant_bits(b, insn->a) <= first) {
        return zero_of(b, insn->type);
    }
    return 0;
}

static IrRef fold_deposit(IrBuilder *b, IrInsn *insn)
{
    unsigned first = insn->imm, bits = insn->sub;
    uint64_t x, y;
    if (first == 0 && bits == type_width(insn->type)) {
        return insn->b;
    }
    const IrInsn *inner = builder_insn(b, insn->a);
    if (inner->op == IR_DEPOSIT && inner->imm >= first && inner->imm + inner->sub <= first + bits) {
        insn->a = inner->a;
        return ir_emit(b, IR_DEPOSIT, insn->type, bits, first, insn->a, insn->b, 0);
    }
    IrRef low = fold_strip_to_low_bits(b, insn->b, bits);
    if (low != insn->b && builder_type(b, low) == insn->type) {
        return ir_emit(b, IR_DEPOSIT, insn->type, bits, first, insn->a, low, 0);
    }
    if (builder_known(b, insn->a, &x) && builder_known(b, insn->b, &y)) {
        return ir_const(b, insn->type, (x & ~MAKE_MASK(first, bits)) | (y << first & MAKE_MASK(first, bits)));
    }
    /* The field's own value. */
    if (first == 0 && insn->a == insn->b) {
        return insn->a;
    }
    return 0;
}

/* ---- comparison and choice ---- */

static unsigned swapped(unsigned cc)
{
    static const uint8_t swaps[10] = { IR_CC_EQ, IR_CC_NE, IR_CC_GTU, IR_CC_LEU, IR_CC_GEU, IR_CC_LTU, IR_CC_GT, IR_CC_LE, IR_CC_GE, IR_CC_LT };
    return swaps[cc];
}

/* A value that is 0 or 1, compared with 0 or 1. */
static IrRef fold_boolean_compare(IrBuilder *b, const IrInsn *insn, uint64_t value)
{
    if (!is_boolean(b, insn->a) || insn->sub > IR_CC_NE || value > 1) {
        return 0;
    }
    bool same = (insn->sub == IR_CC_NE) == (value == 0);
    return same ? insn->a : inverted(b, insn->a);
}

static IrRef fold_setcc(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (insn->a == insn->b) {
        return ir_const(b, IR_I32, ir_compare(insn->sub, 0, 0, 64));
    }
    if (ir_is_const(insn->a) && !ir_is_const(insn->b)) {
        return ir_emit(b, IR_SETCC, IR_I32, swapped(insn->sub), 0, insn->b, insn->a, 0);
    }
    if (!builder_known(b, insn->b, &value)) {
        return 0;
    }
    /* Nothing is less than 0, or more than the bits allow. */
    if (value == 0 && (insn->sub == IR_CC_LTU || insn->sub == IR_CC_GEU)) {
        return ir_const(b, IR_I32, insn->sub == IR_CC_GEU);
    }
    if (insn->sub == IR_CC_GTU || insn->sub == IR_CC_LEU) {
        if (ir_mask(significant_bits(b, insn->a)) <= value) {
            return ir_const(b, IR_I32, insn->sub == IR_CC_LEU);
        }
    }
    IrRef simpler = fold_boolean_compare(b, insn, value);
    if (simpler) {
        return simpler;
    }
    /* An extension of 32 bits compares as what was extended does. */
    const IrInsn *inner = builder_insn(b, insn->a);
    if (insn->sub <= IR_CC_NE && inner->op == IR_EXT_U && inner->type == IR_I64 && inner->sub == 2 && builder_type(b, inner->a) == IR_I32) {
        if (value > UINT32_MAX) {
            return ir_const(b, IR_I32, insn->sub == IR_CC_NE);
        }
        return ir_setcc(b, insn->sub, inner->a, ir_const(b, IR_I32, value));
    }
    return 0;
}

static IrRef fold_select(IrBuilder *b, IrInsn *insn)
{
    uint64_t value, x, y;
    if (builder_known(b, insn->a, &value)) {
        return value ? insn->b : insn->c;
    }
    if (insn->b == insn->c) {
        return insn->b;
    }
    if (insn->type == IR_I32 && is_boolean(b, insn->a) && builder_known(b, insn->b, &x) && builder_known(b, insn->c, &y) && x + y == 1 && x <= 1) {
        return x ? insn->a : inverted(b, insn->a);
    }
    return 0;
}

/* ---- pairs ---- */

static IrRef fold_i128_half(IrBuilder *b, IrInsn *insn)
{
    const IrInsn *inner = builder_insn(b, insn->a);
    return inner->op != IR_I128_MAKE ? 0 : insn->op == IR_I128_LO ? inner->a : inner->b;
}

/* ---- all of them ---- */

static bool evaluate_constants(IrBuilder *b, const IrInsn *insn, IrRef *r)
{
    IrOperands v = { 0 };
    uint64_t value;
    unsigned nargs = ir_op_info[insn->op].nargs;
    if (nargs == 0 || !builder_known(b, insn->a, &v.x) || (nargs > 1 && !builder_known(b, insn->b, &v.y)) || (nargs > 2 && !builder_known(b, insn->c, &v.z))
        || !ir_evaluate(insn->op, insn->type, builder_type(b, insn->a), insn->sub, insn->imm, v, &value)) {
        return false;
    }
    *r = builder_const(b, insn->type, value, 0);
    return true;
}

static IrRef fold_integer(IrBuilder *b, IrInsn *insn)
{
    switch (insn->op) {
    case IR_ADD:
        return fold_add(b, insn);
    case IR_SUB:
        return fold_sub(b, insn);
    case IR_AND:
        return fold_and(b, insn);
    case IR_OR:
        return fold_or(b, insn);
    case IR_XOR:
        return fold_xor(b, insn);
    case IR_ANDN:
        return fold_andn(b, insn);
    case IR_NEG:
    case IR_NOT:
    case IR_BSWAP:
        return fold_involution(b, insn);
    case IR_MUL:
        return fold_mul(b, insn);
    case IR_MULHI_U:
        return fold_mulhi_u(b, insn);
    case IR_DIV_U:
    case IR_REM_U:
        return fold_divide_unsigned(b, insn);
    case IR_DIVW_U:
    case IR_REMW_U:
        return fold_divide_wide(b, insn);
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_ROL:
    case IR_ROR:
        return fold_shift(b, insn);
    case IR_ROLW:
    case IR_RORW:
        return fold_word_rotate(b, insn);
    case IR_SHLD:
    case IR_SHRD:
        return fold_double_shift(b, insn);
    case IR_EXT_U:
    case IR_EXT_S:
        return fold_extend(b, insn);
    case IR_TRUNC:
        return fold_trunc(b, insn);
    case IR_EXTRACT:
    case IR_SEXTRACT:
        return fold_extract(b, insn);
    case IR_DEPOSIT:
        return fold_deposit(b, insn);
    case IR_SETCC:
        return fold_setcc(b, insn);
    case IR_SELECT:
        return fold_select(b, insn);
    case IR_I128_LO:
    case IR_I128_HI:
        return fold_i128_half(b, insn);
    default:
        return 0;
    }
}

IrRef fold(IrBuilder *b, IrInsn *insn)
{
    IrRef r;
    if (insn->op >= IR_FADD) {
        return fold_vector(b, insn);
    }
    if (ir_is_const(insn->a) && evaluate_constants(b, insn, &r)) {
        return r;
    }
    return insn->op >= IR_FL_ADD ? fold_flags(b, insn) : fold_integer(b, insn);
}
