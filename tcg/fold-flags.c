/*
 * Folding of flags: what a condition or a merge comes to when the op that made the flags is known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"
#include "tcg/evaluate.h"

/* As imm of FL_MERGE. */
enum { WHICH_OF = 1, WHICH_CF = 2, WHICH_PF = 4, WHICH_ZF = 16, WHICH_SF = 32, WHICH_ALL = 63 };

/* The flags that a condition looks at. */
static unsigned condition_flags(unsigned cc)
{
    static const uint8_t flags[8] = { WHICH_ZF, WHICH_CF, WHICH_CF | WHICH_ZF, WHICH_SF | WHICH_OF, WHICH_ZF | WHICH_SF | WHICH_OF, WHICH_SF, WHICH_OF, WHICH_PF };
    return flags[cc >> 1];
}

static IrRef test(IrBuilder *b, unsigned cc, IrRef flags)
{
    return ir_emit(b, IR_TEST, IR_I32, cc, 0, flags, 0, 0);
}

/* The carry, or its inverse. */
static IrRef carry_if(IrBuilder *b, unsigned cc, IrRef carry)
{
    IrRef bit = ir_op2(b, IR_AND, IR_I32, carry, ir_const(b, IR_I32, 1));
    return cc == IR_CC_LTU ? bit : ir_op2(b, IR_XOR, IR_I32, bit, ir_const(b, IR_I32, 1));
}

/* Of a comparison of numbers whose flags are like those of integers: by the plain one, the right way round. */
static IrRef test_of_numbers(IrBuilder *b, unsigned cc, const IrInsn *compare)
{
    static const struct { uint8_t cc; bool turned; } plain[16] = {
        [IR_CC_LTU] = { IR_CC_GTU, true }, [IR_CC_GEU] = { IR_CC_LEU, true }, [IR_CC_LEU] = { IR_CC_GEU, true }, [IR_CC_GTU] = { IR_CC_LTU, true },
        [IR_CC_LT] = { IR_CC_LTU, false }, [IR_CC_GE] = { IR_CC_GEU, false }, [IR_CC_LE] = { IR_CC_LEU, false }, [IR_CC_GT] = { IR_CC_GTU, false },
        [IR_CC_S] = { IR_CC_GTU, true }, [IR_CC_NS] = { IR_CC_LEU, true }, [IR_CC_O] = { IR_CC_P, false }, [IR_CC_NO] = { IR_CC_NP, false },
    };
    bool equality = cc == IR_CC_EQ || cc == IR_CC_NE, turned = !equality && plain[cc].turned;
    if (cc == IR_CC_P || cc == IR_CC_NP) {
        return 0;
    }
    IrRef flags = ir_emit(b, IR_FCMP, IR_FLAGS, 0, compare->imm & 1, turned ? compare->b : compare->a, turned ? compare->a : compare->b, 0);
    if (!equality) {
        return test(b, plain[cc].cc, flags);
    }
    /* The plain one says equal of what is unordered, too. */
    return cc == IR_CC_EQ ? ir_op2(b, IR_AND, IR_I32, test(b, IR_CC_EQ, flags), test(b, IR_CC_NP, flags))
        : ir_op2(b, IR_OR, IR_I32, test(b, IR_CC_NE, flags), test(b, IR_CC_P, flags));
}

static IrRef fold_test(IrBuilder *b, IrInsn *insn)
{
    IrInsn inner = *builder_insn(b, insn->a);
    unsigned cc = insn->sub, wanted = condition_flags(cc);
    switch (inner.op) {
    case IR_FL_MERGE:
        if (!(wanted & inner.imm)) {
            return test(b, cc, inner.a);
        }
        return (wanted & ~inner.imm) == 0 ? test(b, cc, inner.b) : 0;
    case IR_FL_CMC:
        if (wanted == WHICH_CF) {
            return test(b, cc ^ 1, inner.a);
        }
        return wanted & WHICH_CF ? 0 : test(b, cc, inner.a);
    case IR_FL_SET_CF:
        if (wanted == WHICH_CF) {
            return ir_const(b, IR_I32, (inner.imm & 1) == (cc == IR_CC_LTU));
        }
        return wanted & WHICH_CF ? 0 : test(b, cc, inner.a);
    case IR_FL_FROM_CF:
        if (wanted == WHICH_CF) {
            return carry_if(b, cc, inner.b);
        }
        return wanted & WHICH_CF ? 0 : test(b, cc, inner.a);
    case IR_FL_INC:
    case IR_FL_DEC:
        return wanted == WHICH_CF ? test(b, cc, inner.b) : 0;
    case IR_FL_LOGIC:
        return (wanted & ~(WHICH_CF | WHICH_OF)) == 0 ? ir_const(b, IR_I32, cc & 1) : 0;
    case IR_FCMP:
        return inner.imm & 2 ? test_of_numbers(b, cc, &inner) : 0;
    default:
        return 0;
    }
}

/* The value where the carry of c is known. */
static IrRef fold_with_carry(IrBuilder *b, IrInsn *insn)
{
    uint64_t flags;
    const IrInsn *inner = builder_insn(b, insn->c);
    bool known = builder_known(b, insn->c, &flags), carry = known && (flags & FLAGS_CF);
    if (!known && (inner->op == IR_FL_SET_CF || inner->op == IR_FL_LOGIC)) {
        known = true;
        carry = inner->op == IR_FL_SET_CF && (inner->imm & 1);
    }
    if (!known || carry) {
        return 0;
    }
    switch (insn->op) {
    case IR_ADC:
        return ir_op2(b, IR_ADD, insn->type, insn->a, insn->b);
    case IR_SBB:
        return ir_op2(b, IR_SUB, insn->type, insn->a, insn->b);
    case IR_FL_ADC:
        return ir_flags(b, IR_FL_ADD, insn->sub, insn->a, insn->b, 0);
    default:
        return ir_flags(b, IR_FL_SUB, insn->sub, insn->a, insn->b, 0);
    }
}

/* Flags that come from the old ones only where the carry is concerned: the carry's origin alone matters. */
static IrRef carry_origin(const IrBuilder *b, IrRef flags)
{
    for (;;) {
        const IrInsn *insn = builder_insn(b, flags);
        switch (insn->op) {
        case IR_FL_INC:
        case IR_FL_DEC:
            flags = insn->b;
            break;
        case IR_FL_MERGE:
            flags = insn->imm & WHICH_CF ? insn->b : insn->a;
            break;
        default:
            return flags;
        }
    }
}

static IrRef fold_shift_flags(IrBuilder *b, IrInsn *insn)
{
    uint64_t count;
    if (!builder_known(b, insn->b, &count)) {
        return 0;
    }
    if (count == 0) {
        return insn->c;
    }
    /* All flags are new: the old ones do not matter. */
    insn->c = builder_const(b, IR_FLAGS, FLAGS_ONE, 0);
    return 0;
}

static IrRef fold_rotate_flags(IrBuilder *b, IrInsn *insn)
{
    uint64_t count;
    return builder_known(b, insn->b, &count) && count == 0 ? insn->c : 0;
}

static IrRef fold_merge(IrBuilder *b, IrInsn *insn)
{
    unsigned which = insn->imm & WHICH_ALL;
    if (which == 0 || insn->a == insn->b) {
        return insn->a;
    }
    if (which == WHICH_ALL) {
        return insn->b;
    }
    const IrInsn *x = builder_insn(b, insn->a);
    if (x->op == IR_FL_MERGE && (x->imm & ~which) == 0) {
        insn->a = x->a;
        return ir_emit(b, IR_FL_MERGE, IR_FLAGS, 0, which, insn->a, insn->b, 0);
    }
    const IrInsn *y = builder_insn(b, insn->b);
    if (y->op == IR_FL_MERGE && (y->imm & which) == 0) {
        return ir_emit(b, IR_FL_MERGE, IR_FLAGS, 0, which, insn->a, y->a, 0);
    }
    if (y->op == IR_FL_MERGE && (which & ~y->imm) == 0) {
        return ir_emit(b, IR_FL_MERGE, IR_FLAGS, 0, which, insn->a, y->b, 0);
    }
    return 0;
}

/* An op that only replaces the carry, over another that did: that one was in vain. */
static void skip_carry_changes(const IrBuilder *b, IrInsn *insn)
{
    for (;;) {
        const IrInsn *inner = builder_insn(b, insn->a);
        if (inner->op != IR_FL_CMC && inner->op != IR_FL_SET_CF && inner->op != IR_FL_FROM_CF) {
            return;
        }
        insn->a = inner->a;
    }
}

/* Operands of which the low bytes count. */
static IrRef low_operand(const IrBuilder *b, IrRef r, unsigned bits)
{
    IrRef low = ir_is_const(r) ? r : fold_strip_to_low_bits(b, r, bits);
    return builder_type(b, low) == builder_type(b, r) ? low : r;
}

static void strip_operands(const IrBuilder *b, IrInsn *insn)
{
    unsigned bits = 8u << insn->sub;
    insn->a = low_operand(b, insn->a, bits);
    if (insn->op <= IR_FL_SBB || insn->op >= IR_FL_MUL_U) {
        insn->b = low_operand(b, insn->b, bits);
    }
}

IrRef fold_flags(IrBuilder *b, IrInsn *insn)
{
    uint64_t value;
    if (insn->op <= IR_FL_MUL_S && insn->sub < 2) {
        strip_operands(b, insn);
    }
    const IrInsn *inner = builder_insn(b, insn->a);
    switch (insn->op) {
    case IR_TEST:
        return fold_test(b, insn);
    case IR_ADC:
    case IR_SBB:
    case IR_FL_ADC:
    case IR_FL_SBB:
        insn->c = carry_origin(b, insn->c);
        return fold_with_carry(b, insn);
    case IR_FL_INC:
    case IR_FL_DEC:
        insn->b = carry_origin(b, insn->b);
        return 0;
    case IR_FL_SHL:
    case IR_FL_SHR:
    case IR_FL_SAR:
        return fold_shift_flags(b, insn);
    case IR_FL_ROL:
    case IR_FL_ROR:
        return fold_rotate_flags(b, insn);
    case IR_FL_MERGE:
        return fold_merge(b, insn);
    case IR_FL_CMC:
        return inner->op == IR_FL_CMC ? inner->a : 0;
    case IR_FL_FROM_CF:
        if (builder_known(b, insn->b, &value)) {
            return ir_emit(b, IR_FL_SET_CF, IR_FLAGS, 0, value & 1, insn->a, 0, 0);
        }
        skip_carry_changes(b, insn);
        return 0;
    case IR_FL_SET_CF:
        skip_carry_changes(b, insn);
        return 0;
    case IR_FL_UNPACK:
        return inner->op == IR_FL_PACK ? inner->a : 0;
    case IR_FL_PACK:
        if (inner->op == IR_FL_UNPACK) {
            return ir_op2(b, IR_AND, IR_I32, inner->a, ir_const(b, IR_I32, 0x8d5));
        }
        return 0;
    default:
        return 0;
    }
}
