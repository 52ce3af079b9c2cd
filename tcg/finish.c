/*
 * The end of building: one pass backwards that drops what nobody wants, says who wants the rest (IrBlock.uses), and cuts flags down to those that are wanted.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/builder-internal.h"
#include <string.h>

/* need[]: a value is wanted; of FLAGS values, the low six bits say which flags (as imm of FL_MERGE). */
enum { NEED_VALUE = 0x40, NEED_CF = 2, NEED_OF_CF = 3, NEED_FLAGS = 63, NEED_ALL = NEED_VALUE | NEED_FLAGS };

/* What comes behind the op that ends the block can never run. */
static void cut_tail(IrBuilder *b)
{
    IrBlock *block = &b->block;
    g_assert(b->first_end);
    block->nr_insns = b->first_end + 1;
    while (block->nr_points && block->points[block->nr_points - 1].insn > b->first_end) {
        block->nr_points--;
    }
    const IrPoint *last = &block->points[block->nr_points - 1];
    block->nr_deltas = last->first_delta + last->nr_deltas;
}

static inline void want(IrBuilder *b, IrRef r, unsigned need, bool counts)
{
    /* Neither none nor a constant. */
    if ((int32_t)r > 0) {
        b->need[r] |= need;
        b->uses[r] += counts & ((b->uses[r] & IR_USE_COUNT) != IR_USE_COUNT);
    }
}

static void want_call(IrBuilder *b, const IrCall *call, bool counts)
{
    for (unsigned i = 0; i < call->nargs; i++) {
        want(b, call->args[i], NEED_ALL, counts);
    }
}

/* The flags that a condition looks at. */
static const uint8_t condition_needs[8] = { 16, 2, 16 | 2, 32 | 1, 16 | 32 | 1, 32, 1, 4 };

/* Flags without their carry, which nobody wants: a plain addition or subtraction of 1. */
static void drop_old_carry(IrBuilder *b, IrInsn *insn)
{
    insn->op = insn->op == IR_FL_INC ? IR_FL_ADD : IR_FL_SUB;
    insn->b = ir_const(b, builder_type(b, insn->a), 1);
}

/* The value is that of a. */
static void make_copy(IrInsn *insn)
{
    insn->op = IR_FL_MERGE;
    insn->sub = insn->imm = 0;
    insn->b = insn->a;
    insn->c = 0;
}

/* The operands of an op on flags, by the flags that are wanted of it. */
static void want_flags(IrBuilder *b, IrInsn *insn, unsigned need, bool counts)
{
    need &= NEED_FLAGS;
    unsigned rest = need & ~NEED_CF;
    switch (insn->op) {
    case IR_FL_INC:
    case IR_FL_DEC:
        if (!(need & NEED_CF)) {
            drop_old_carry(b, insn);
        }
        want(b, insn->a, NEED_ALL, counts);
        want(b, insn->b, NEED_VALUE | NEED_CF, counts);
        return;
    case IR_FL_SHL:
    case IR_FL_SHR:
    case IR_FL_SAR:
    case IR_FL_ROL:
    case IR_FL_ROR:
    case IR_SELECT:
        want(b, insn->a, NEED_ALL, counts);
        want(b, insn->b, NEED_VALUE | need, counts);
        want(b, insn->c, NEED_VALUE | need, counts);
        return;
    case IR_FL_MERGE:
        if (!(need & insn->imm)) {
            make_copy(insn);
        } else if ((need & ~insn->imm) == 0) {
            insn->a = insn->b;
            make_copy(insn);
        }
        want(b, insn->a, NEED_VALUE | (need & ~insn->imm), counts);
        want(b, insn->b, NEED_VALUE | (need & insn->imm), counts);
        return;
    case IR_FL_CMC:
    case IR_FL_SET_CF:
    case IR_FL_FROM_CF:
        if (!(need & NEED_CF)) {
            make_copy(insn);
        }
        want(b, insn->a, NEED_VALUE | (insn->op == IR_FL_CMC || insn->op == IR_FL_MERGE ? need : rest), counts);
        want(b, insn->b, NEED_ALL, counts);
        return;
    default:
        want(b, insn->a, NEED_ALL, counts);
        want(b, insn->b, NEED_ALL, counts);
        want(b, insn->c, NEED_VALUE | NEED_CF, counts);
        return;
    }
}

/* By op: how many operands, and whether it stays when nobody wants its value, or wants its operands in a way of its own. */
enum { ACTION_NARGS = 3, ACTION_STAYS = 4, ACTION_SPECIAL = 8 };
static const uint8_t actions[IR_OP_COUNT] = {
#define OP(name, nargs, flags) \
    [IR_##name] = (nargs) | ((flags) & (IROP_EFFECT | IROP_CAN_FAULT | IROP_EXIT | IROP_END | IROP_RAISES) ? ACTION_STAYS : 0) | ((flags) & IROP_FLAGS ? ACTION_SPECIAL : 0),
#include "tcg/ops.def"
#undef OP
    [IR_CALL] = ACTION_SPECIAL,
    [IR_SELECT] = 3 | ACTION_SPECIAL,
    [IR_TEST] = 1 | ACTION_SPECIAL,
    [IR_ADC] = 3 | ACTION_SPECIAL,
    [IR_SBB] = 3 | ACTION_SPECIAL,
};

static void want_plain(IrBuilder *b, const IrInsn *insn, unsigned nargs, bool counts)
{
    switch (nargs) {
    case 3:
        want(b, insn->c, NEED_ALL, counts);
        /* fall through */
    case 2:
        want(b, insn->b, NEED_ALL, counts);
        /* fall through */
    case 1:
        want(b, insn->a, NEED_ALL, counts);
        /* fall through */
    default:
        return;
    }
}

static void want_specially(IrBuilder *b, IrInsn *insn, unsigned need, bool counts)
{
    switch (insn->op) {
    case IR_CALL:
        want_call(b, &b->block.calls[insn->a], counts);
        return;
    case IR_TEST:
        want(b, insn->a, NEED_VALUE | condition_needs[insn->sub >> 1], counts);
        return;
    case IR_ADC:
    case IR_SBB:
        want(b, insn->a, NEED_ALL, counts);
        want(b, insn->b, NEED_ALL, counts);
        want(b, insn->c, NEED_VALUE | NEED_CF, counts);
        return;
    default:
        if (insn->type == IR_FLAGS) {
            want_flags(b, insn, need, counts);
        } else {
            want_plain(b, insn, 3, counts);
        }
        return;
    }
}

static bool call_stays(const IrBuilder *b, const IrInsn *insn)
{
    return insn->op == IR_CALL && !(b->block.calls[insn->a].helper->flags & HELPER_PURE);
}

const IrBlock *ir_finish(IrBuilder *b)
{
    IrBlock *block = &b->block;
    cut_tail(b);
    memset(b->need, 0, block->nr_insns);
    for (uint32_t i = 0; i < block->nr_deltas; i++) {
        want(b, block->deltas[i].new_value, NEED_ALL, false);
    }
    for (uint32_t i = block->nr_insns - 1; i > 0; i--) {
        IrInsn *insn = &block->insns[i];
        unsigned action = actions[insn->op], need = b->need[i];
        bool stays = (action & ACTION_STAYS) || ((action & ACTION_SPECIAL) && call_stays(b, insn));
        if (!stays && !need) {
            *insn = (IrInsn){ .op = IR_NOP };
        } else if (action & ACTION_SPECIAL) {
            want_specially(b, insn, need, stays || b->uses[i]);
        } else {
            want_plain(b, insn, action & ACTION_NARGS, stays || b->uses[i]);
        }
    }
    return block;
}
