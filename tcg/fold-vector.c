/*
 * Folding of moves between registers of different kinds, and of the vector idioms for 0 and all ones. Arithmetic is left alone: floating point depends on the mode.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"

static IrRef vector_const(IrBuilder *b, IrType type, uint64_t lo, uint64_t hi)
{
    IrRef half = builder_const(b, IR_V128, lo, hi);
    return type == IR_V256 ? ir_op2(b, IR_VJOIN, IR_V256, half, half) : half;
}

static IrRef fold_bits(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (builder_known(b, insn->a, &value)) {
        return builder_const(b, insn->type, value, 0);
    }
    const IrInsn *inner = builder_insn(b, insn->a);
    return inner->op == IR_FBITS && builder_type(b, inner->a) == insn->type ? inner->a : 0;
}

static IrRef fold_to_int(IrBuilder *b, IrInsn *insn)
{
    const IrInsn *inner = builder_insn(b, insn->a);
    if (ir_is_const(insn->a)) {
        return ir_const(b, insn->type, ir_const_value(&b->block, insn->a)->lo);
    }
    if (inner->op != IR_VFROM_INT) {
        return 0;
    }
    return insn->type == IR_I32 ? ir_trunc(b, inner->a) : ir_zext(b, IR_I64, builder_type(b, inner->a) == IR_I32 ? 2 : 3, inner->a);
}

static IrRef fold_constants(IrBuilder *b, const IrInsn *insn)
{
    const IrConst *x = ir_const_value(&b->block, insn->a), *y = ir_const_value(&b->block, insn->b);
    switch (insn->op) {
    case IR_VAND:
        return builder_const(b, IR_V128, x->lo & y->lo, x->hi & y->hi);
    case IR_VOR:
        return builder_const(b, IR_V128, x->lo | y->lo, x->hi | y->hi);
    case IR_VXOR:
        return builder_const(b, IR_V128, x->lo ^ y->lo, x->hi ^ y->hi);
    case IR_VANDN:
        return builder_const(b, IR_V128, ~x->lo & y->lo, ~x->hi & y->hi);
    default:
        return 0;
    }
}

static bool is_zero(const IrBuilder *b, IrRef r)
{
    return ir_is_const(r) && !(ir_const_value(&b->block, r)->lo | ir_const_value(&b->block, r)->hi);
}

static IrRef fold_logic(IrBuilder *b, IrInsn *insn)
{
    if (insn->a == insn->b) {
        bool same = insn->op == IR_VAND || insn->op == IR_VOR;
        return same ? insn->a : vector_const(b, insn->type, 0, 0);
    }
    if (ir_is_const(insn->a) && ir_is_const(insn->b)) {
        return fold_constants(b, insn);
    }
    if (is_zero(b, insn->b)) {
        return insn->op == IR_VOR || insn->op == IR_VXOR ? insn->a : insn->b;
    }
    return insn->op == IR_VANDN && is_zero(b, insn->a) ? insn->b : 0;
}

IrRef fold_vector(IrBuilder *b, IrInsn *insn)
{
    const IrInsn *inner = builder_insn(b, insn->a);
    switch (insn->op) {
    case IR_FBITS:
        return fold_bits(b, insn);
    case IR_FLANE:
        return inner->op == IR_VSET_FLANE && builder_type(b, inner->b) == insn->type ? inner->b : 0;
    case IR_VTO_INT:
        return fold_to_int(b, insn);
    case IR_VLOW:
        return inner->op == IR_VJOIN ? inner->a : 0;
    case IR_VHIGH:
        return inner->op == IR_VJOIN ? inner->b : 0;
    case IR_VJOIN: {
        const IrInsn *high = builder_insn(b, insn->b);
        return inner->op == IR_VLOW && high->op == IR_VHIGH && inner->a == high->a ? inner->a : 0;
    }
    case IR_VAND:
    case IR_VOR:
    case IR_VXOR:
    case IR_VANDN:
        return fold_logic(b, insn);
    case IR_VSUB:
    case IR_VCMPGT_S:
        return insn->a == insn->b ? vector_const(b, insn->type, 0, 0) : 0;
    case IR_VCMPEQ:
        return insn->a == insn->b ? vector_const(b, insn->type, UINT64_MAX, UINT64_MAX) : 0;
    case IR_VZERO_UPPER:
        if (ir_is_const(insn->a)) {
            return builder_const(b, IR_V128, ir_const_value(&b->block, insn->a)->lo, 0);
        }
        return inner->op == IR_VZERO_UPPER || inner->op == IR_VFROM_INT ? insn->a : 0;
    default:
        return 0;
    }
}
