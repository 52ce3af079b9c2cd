/*
 * The rules that a recorded block keeps: types of operands, values defined before they are used, side tables in range, points in order.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/target.h"
#include "tcg/text.h"

/* What the operands of an op have to be, a letter each. */
enum { MAX_OPERANDS = 3 };
static const char *const operand_rules[IR_OP_COUNT] = {
    /* t: the op's own type; i: I32; l: I64; n: I32 or I64; f: FLAGS; s: F32 or F64; x: V128; y: V256; a: as the first; *: any; the op's own type is ruled below */
    [IR_ADD] = "tt", [IR_SUB] = "tt", [IR_AND] = "tt", [IR_OR] = "tt", [IR_XOR] = "tt", [IR_ANDN] = "tt", [IR_NEG] = "t", [IR_NOT] = "t", [IR_MUL] = "tt",
    [IR_MULHI_U] = "tt", [IR_MULHI_S] = "tt", [IR_DIV_U] = "tt", [IR_DIV_S] = "tt", [IR_REM_U] = "tt", [IR_REM_S] = "tt", [IR_DIVW_U] = "ttt", [IR_REMW_U] = "ttt",
    [IR_DIVW_S] = "ttt", [IR_REMW_S] = "ttt", [IR_SHL] = "ti", [IR_SHR] = "ti", [IR_SAR] = "ti", [IR_ROL] = "ti", [IR_ROR] = "ti", [IR_ROLW] = "ti", [IR_RORW] = "ti",
    [IR_SHLD] = "tti", [IR_SHRD] = "tti", [IR_CLZ] = "t", [IR_CTZ] = "t", [IR_POPCNT] = "t", [IR_BSWAP] = "t", [IR_PDEP] = "tt", [IR_PEXT] = "tt", [IR_CRC32C] = "tn",
    [IR_EXT_U] = "n", [IR_EXT_S] = "n", [IR_TRUNC] = "l", [IR_EXTRACT] = "t", [IR_SEXTRACT] = "t", [IR_DEPOSIT] = "tt", [IR_SETCC] = "na", [IR_SELECT] = "itt",
    [IR_I128_MAKE] = "ll", [IR_I128_LO] = "p", [IR_I128_HI] = "p",
    [IR_FL_ADD] = "na", [IR_FL_SUB] = "na", [IR_FL_ADC] = "naf", [IR_FL_SBB] = "naf", [IR_FL_LOGIC] = "n", [IR_FL_INC] = "nF", [IR_FL_DEC] = "nF", [IR_FL_SHL] = "nif",
    [IR_FL_SHR] = "nif", [IR_FL_SAR] = "nif", [IR_FL_ROL] = "nif", [IR_FL_ROR] = "nif", [IR_FL_MUL_U] = "na", [IR_FL_MUL_S] = "na", [IR_FL_MERGE] = "ff",
    [IR_FL_CMC] = "f", [IR_FL_SET_CF] = "f", [IR_FL_FROM_CF] = "fi", [IR_FL_UNPACK] = "i", [IR_FL_PACK] = "f", [IR_TEST] = "f", [IR_ADC] = "ttf", [IR_SBB] = "ttf",
    [IR_LOAD] = "l", [IR_STORE] = "l*", [IR_PROBE_WRITE] = "l", [IR_ATOMIC] = "lt", [IR_CAS] = "l*", [IR_ACCESS_ARGS] = "**", [IR_STATE_WRITE] = "*", [IR_STORE_MASKED] = "l*", [IR_EXIT_VALUE] = "l", [IR_EXIT_IF] = "i",
    [IR_FADD] = "tt", [IR_FSUB] = "tt", [IR_FMUL] = "tt", [IR_FDIV] = "tt", [IR_FMIN] = "tt", [IR_FMAX] = "tt", [IR_FSQRT] = "t", [IR_FMA] = "ttt", [IR_FROUND] = "t",
    [IR_FCMP] = "sa", [IR_FCMP_MASK] = "sa", [IR_FCVT] = "s", [IR_FCVT_INT] = "n", [IR_INT_FCVT] = "s", [IR_FBITS] = "*", [IR_FLANE] = "x", [IR_VSET_FLANE] = "xs",
    [IR_VSPLAT] = "n", [IR_VFROM_INT] = "n", [IR_VTO_INT] = "v", [IR_VINSERT] = "tn", [IR_VEXTRACT] = "v", [IR_VMOVMSK] = "v", [IR_VTEST] = "va", [IR_VLOW] = "y",
    [IR_VHIGH] = "y", [IR_VJOIN] = "xx", [IR_VZERO_UPPER] = "x", [IR_VWIDEN_U] = "v", [IR_VWIDEN_S] = "v", [IR_VSHL] = "tx", [IR_VSHR] = "tx", [IR_VSAR] = "tx",
    [IR_VCVT_DQ_PD] = "v", [IR_VCVT_PD_DQ] = "v", [IR_VCVT_PS_PD] = "v", [IR_VCVT_PD_PS] = "v",
};

static const char *rules_of(IrOp op)
{
    /* Vectors of one type, where nothing else is said. */
    return operand_rules[op] ? operand_rules[op] : op > IR_VSET_FLANE ? "ttt" : "";
}

static bool fits(char rule, IrType have, IrType own, IrType first)
{
    switch (rule) {
    case 't':
        return have == own;
    case 'i':
        return have == IR_I32;
    case 'l':
        return have == IR_I64;
    case 'n':
        return have == IR_I32 || have == IR_I64;
    case 'p':
        return have == IR_I128;
    case 'f':
    case 'F':
        return have == IR_FLAGS;
    case 's':
        return have == IR_F32 || have == IR_F64;
    case 'x':
        return have == IR_V128;
    case 'y':
        return have == IR_V256;
    case 'v':
        return have == IR_V128 || have == IR_V256;
    case 'a':
        return have == first;
    default:
        return true;
    }
}

/* The ops that make a value always do; those with rule 't' make an integer or vector of a certain kind. */
static bool own_type_fits(const IrInsn *insn)
{
    unsigned flags = ir_op_info[insn->op].flags;
    IrType t = insn->type;
    if (flags & IROP_FLAGS) {
        return t == IR_FLAGS;
    }
    switch (insn->op) {
    case IR_NOP:
    case IR_INSN_START:
    case IR_SLOT_STORE:
    case IR_STATE_WRITE:
    case IR_STORE:
    case IR_STORE_MASKED:
    case IR_PROBE_WRITE:
    case IR_FENCE:
    case IR_EXIT:
    case IR_EXIT_VALUE:
    case IR_EXIT_IF:
        return t == IR_NONE;
    case IR_SETCC:
    case IR_TEST:
    case IR_TRUNC:
    case IR_FL_PACK:
    case IR_VMOVMSK:
        return t == IR_I32;
    case IR_CALL:
    case IR_SLOT_READ:
    case IR_STATE_READ:
    case IR_SELECT:
    case IR_LOAD:
        return true;
    case IR_I128_MAKE:
        return t == IR_I128;
    case IR_ATOMIC:
    case IR_FCMP_MASK:
    case IR_INT_FCVT:
    case IR_VTO_INT:
    case IR_VEXTRACT:
        return t == IR_I32 || t == IR_I64;
    case IR_CAS:
        return t == IR_I32 || t == IR_I64 || t == IR_I128;
    default:
        break;
    }
    if (insn->op < IR_FADD) {
        return t == IR_I32 || t == IR_I64;
    }
    if (insn->op <= IR_FLANE) {
        return t == IR_F32 || t == IR_F64 || insn->op == IR_FBITS;
    }
    return t == IR_V128 || t == IR_V256;
}

static char *fault_at(const IrBlock *b, uint32_t n, const char *what)
{
    return g_strdup_printf("%%%u %s: %s", n, ir_op_info[b->insns[n].op].name, what);
}

static bool is_defined(const IrBlock *b, IrRef r, uint32_t before)
{
    if (ir_is_const(r)) {
        r &= ~IR_CONST_BIT;
        return r && r < b->nr_consts;
    }
    return r && r < before && b->insns[r].type != IR_NONE;
}

static const char *check_operands(const IrBlock *b, uint32_t n)
{
    const IrInsn *insn = &b->insns[n];
    const IrRef operands[MAX_OPERANDS] = { insn->a, insn->b, insn->c };
    const char *rules = rules_of(insn->op);
    for (unsigned i = 0; i < ir_op_info[insn->op].nargs && rules[i]; i++) {
        /* FL_INC without its carry is FL_ADD: there is no operand that may be missing. */
        if (!is_defined(b, operands[i], n)) {
            return "an operand is not defined";
        }
        if (!fits(rules[i], ir_type(b, operands[i]), insn->type, ir_type(b, insn->a))) {
            return "an operand has the wrong type";
        }
    }
    return NULL;
}

static const char *check_call(const IrBlock *b, uint32_t n)
{
    const IrInsn *insn = &b->insns[n];
    if (insn->a >= b->nr_calls) {
        return "no such call";
    }
    const IrCall *call = &b->calls[insn->a];
    if (insn->type != call->helper->result) {
        return "not the type of the helper's result";
    }
    for (unsigned i = 0; i < call->nargs; i++) {
        if (!is_defined(b, call->args[i], n) || ir_type(b, call->args[i]) != call->helper->args[i]) {
            return "an argument has the wrong type";
        }
    }
    return NULL;
}

static const char *check_memory(const IrBlock *b, uint32_t n)
{
    static const uint8_t bits[IR_TYPE_COUNT] = { [IR_I32] = 0x07, [IR_I64] = 0x0f, [IR_I128] = 0x10, [IR_F32] = 0x04, [IR_F64] = 0x08, [IR_V128] = 0x1c,
                                                 [IR_V256] = 0x20 };
    const IrInsn *insn = &b->insns[n];
    if (insn->c >= b->nr_mems) {
        return "no such access";
    }
    bool has_args = insn->op == IR_CAS || insn->op == IR_STORE_MASKED;
    if (has_args && (ir_is_const(insn->b) || b->insns[insn->b].op != IR_ACCESS_ARGS)) {
        return "without ACCESS_ARGS";
    }
    const IrMem *mem = &b->mems[insn->c];
    IrType type = insn->op == IR_STORE ? ir_type(b, insn->b) : insn->op == IR_STORE_MASKED ? ir_type(b, b->insns[insn->b].a) : insn->type;
    if (mem->priv >= b->target->nr_privs) {
        return "no such privilege";
    }
    if (insn->op != IR_PROBE_WRITE && !(bits[type] >> mem->size_log2 & 1)) {
        return "the type has not that size in memory";
    }
    if (insn->op == IR_CAS && ir_type(b, b->insns[insn->b].a) != ir_type(b, b->insns[insn->b].b)) {
        return "operands of different types";
    }
    if (insn->op == IR_STORE_MASKED && (mem->size_log2 < 4 || ir_type(b, b->insns[insn->b].b) != IR_I32)) {
        return "no mask of whole vectors";
    }
    return NULL;
}

static bool is_state_type(IrType t) { return t == IR_I64 || t == IR_V128 || t == IR_V256; }

static const char *check_insn(const IrBlock *b, uint32_t n)
{
    const IrInsn *insn = &b->insns[n];
    if (insn->op >= IR_OP_COUNT || insn->type >= IR_TYPE_COUNT) {
        return "no such op";
    }
    if (!own_type_fits(insn)) {
        return "wrong type";
    }
    const char *fault = check_operands(b, n);
    if (fault) {
        return fault;
    }
    switch (insn->op) {
    case IR_INSN_START:
        return insn->a < b->nr_guest_insns ? NULL : "no such guest instruction";
    case IR_SLOT_READ:
        return insn->a < b->target->nr_slots && b->target->slots[insn->a].type == insn->type ? NULL : "no such slot";
    case IR_SLOT_STORE:
        return insn->b < b->target->nr_slots && b->target->slots[insn->b].type == ir_type(b, insn->a) ? NULL : "no such slot";
    case IR_STATE_READ:
        return is_state_type(insn->type) ? NULL : "no type of state";
    case IR_STATE_WRITE:
        return is_state_type(ir_type(b, insn->a)) ? NULL : "no type of state";
    case IR_CALL:
        return check_call(b, n);
    case IR_LOAD:
    case IR_STORE:
    case IR_STORE_MASKED:
    case IR_PROBE_WRITE:
    case IR_ATOMIC:
    case IR_CAS:
        return check_memory(b, n);
    case IR_EXIT:
    case IR_EXIT_VALUE:
    case IR_EXIT_IF:
        return insn->c < b->nr_exits ? NULL : "no such exit";
    case IR_EXTRACT:
    case IR_SEXTRACT:
    case IR_DEPOSIT:
        return insn->sub && insn->imm + insn->sub <= (insn->type == IR_I32 ? 32 : 64) ? NULL : "the field lies outside";
    case IR_EXT_U:
    case IR_EXT_S:
        return insn->sub <= (insn->type == IR_I32 ? 1 : 2) ? NULL : "nothing is extended";
    case IR_SETCC:
        return insn->sub <= IR_CC_GT ? NULL : "no such condition";
    default:
        return NULL;
    }
}

/* Every op that can leave has a point, and each delta goes on from the one before. */
static char *check_points(const IrBlock *b)
{
    IrRef slots[TCG_MAX_SLOTS] = { 0 };
    uint32_t point = 0, delta = 0;
    for (uint32_t n = 1; n < b->nr_insns; n++) {
        bool has = ir_op_info[b->insns[n].op].flags & (IROP_CAN_FAULT | IROP_EXIT);
        if (!has) {
            continue;
        }
        const IrPoint *p = &b->points[point++];
        if (point > b->nr_points || p->insn != n || p->first_delta != delta || p->guest >= b->nr_guest_insns) {
            return fault_at(b, n, "its point is missing");
        }
        for (; delta < p->first_delta + p->nr_deltas; delta++) {
            const IrSlotDelta *d = &b->deltas[delta];
            if (d->slot >= b->target->nr_slots || slots[d->slot] != d->old_value || d->old_value == d->new_value) {
                return fault_at(b, n, "its slots do not go on from the point before");
            }
            if (d->new_value && (!is_defined(b, d->new_value, n) || ir_type(b, d->new_value) != b->target->slots[d->slot].type)) {
                return fault_at(b, n, "a slot has the wrong type or no value");
            }
            slots[d->slot] = d->new_value;
        }
    }
    return point == b->nr_points && delta == b->nr_deltas ? NULL : g_strdup("points without an op");
}

char *ir_verify(const IrBlock *b)
{
    if (b->nr_insns < 2 || !(ir_op_info[b->insns[b->nr_insns - 1].op].flags & IROP_END)) {
        return g_strdup("the block does not end");
    }
    for (uint32_t n = 1; n < b->nr_insns; n++) {
        const char *fault = check_insn(b, n);
        if (!fault && n < b->nr_insns - 1 && (ir_op_info[b->insns[n].op].flags & IROP_END)) {
            fault = "the end, but more comes behind";
        }
        if (fault) {
            return fault_at(b, n, fault);
        }
    }
    return check_points(b);
}
