/*
 * Counts, scatters, checksums; divisions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"

static bool is_wide(const IrInsn *insn)
{
    return insn->type == IR_I64;
}

static uint32_t sized(const IrInsn *insn, uint32_t op)
{
    return op | (is_wide(insn) ? OP_W : 0);
}

static void by_one_instruction(Compiler *c, const IrInsn *insn, uint32_t op)
{
    flags_clobber(c);
    Place a = use_place(c, insn->a, is_wide(insn) ? 3 : 2, false);
    unsigned reg = result_gpr(c);
    emit_op(&c->e, sized(insn, op), reg, a, 0);
    define(c, c->at, reg);
}

/* Without LZCNT and TZCNT: BSR and BSF leave Z of 0. */
static void count_zeros_by_scan(Compiler *c, const IrInsn *insn)
{
    bool leading = insn->op == IR_CLZ;
    unsigned bits = is_wide(insn) ? 64 : 32;
    flags_clobber(c);
    Place a = use_place(c, insn->a, is_wide(insn) ? 3 : 2, false);
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    emit_imm(&c->e, RAX, leading ? 2 * bits - 1 : bits);
    emit_op(&c->e, sized(insn, OP_0F(leading ? 0xbd : 0xbc)), reg, a, 0);
    emit_cmov(&c->e, CC_E, is_wide(insn), reg, at_reg(RAX));
    if (leading) {
        emit_alu_imm(&c->e, ALU_XOR, 2, at_reg(reg), bits - 1);
    }
    define(c, c->at, reg);
}

static void swap_bytes(Compiler *c, const IrInsn *insn)
{
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    unsigned rex = (is_wide(insn) ? 8 : 0) | (reg >> 3);
    if (rex) {
        emit8(&c->e, 0x40 | rex);
    }
    emit8(&c->e, 0x0f);
    emit8(&c->e, 0xc8 | (reg & 7));
    define(c, c->at, reg);
}

static void scatter(Compiler *c, const IrInsn *insn)
{
    unsigned a = use_gpr(c, insn->a);
    Place mask = use_place(c, insn->b, is_wide(insn) ? 3 : 2, false);
    unsigned reg = result_gpr(c);
    emit_vex(&c->e, sized(insn, OP(MAP_0F38, insn->op == IR_PDEP ? PP_F2 : PP_F3, 0xf5)), false, reg, a, mask, 0);
    define(c, c->at, reg);
}

static void checksum(Compiler *c, const IrInsn *insn)
{
    Place data = use_place(c, insn->b, insn->sub, false);
    unsigned reg = use_copy(c, insn->a, false);
    uint32_t op = OP(MAP_0F38, PP_F2, insn->sub == 0 ? 0xf0 : 0xf1);
    if (insn->sub == 1) {
        emit8(&c->e, 0x66);
    }
    emit_op(&c->e, op | (insn->sub == 0 ? OP_BYTE_RM : insn->sub == 3 ? OP_W : 0), reg, data, 0);
    emit_mov(&c->e, false, reg, reg);
    define(c, c->at, reg);
}

bool emit_bits(Compiler *c, const IrInsn *insn)
{
    uint32_t host = x64.host;
    switch (insn->op) {
    case IR_CLZ:
        if (host & HOST_LZCNT) {
            by_one_instruction(c, insn, OP(MAP_0F, PP_F3, 0xbd));
        } else {
            count_zeros_by_scan(c, insn);
        }
        return true;
    case IR_CTZ:
        if (host & HOST_BMI1) {
            by_one_instruction(c, insn, OP(MAP_0F, PP_F3, 0xbc));
        } else {
            count_zeros_by_scan(c, insn);
        }
        return true;
    case IR_POPCNT:
        if (!(host & HOST_POPCNT)) {
            return false;
        }
        by_one_instruction(c, insn, OP(MAP_0F, PP_F3, 0xb8));
        return true;
    case IR_BSWAP:
        swap_bytes(c, insn);
        return true;
    case IR_PDEP:
    case IR_PEXT:
        if (!(host & HOST_BMI2)) {
            return false;
        }
        scatter(c, insn);
        return true;
    case IR_CRC32C:
        if (!(host & HOST_SSE42)) {
            return false;
        }
        checksum(c, insn);
        return true;
    default:
        return false;
    }
}

/* ---- divisions ---- */

static bool is_signed(const IrInsn *insn)
{
    return insn->op == IR_DIVW_S || insn->op == IR_REMW_S || insn->op == IR_DIV_S || insn->op == IR_REM_S;
}

static bool wants_remainder(const IrInsn *insn)
{
    return insn->op == IR_REMW_U || insn->op == IR_REMW_S || insn->op == IR_REM_U || insn->op == IR_REM_S;
}

/* The remainder of the division at hand, when it is asked for next. */
static uint32_t following_remainder(const Compiler *c, const IrInsn *insn)
{
    uint32_t next = next_insn(c, c->at);
    const IrInsn *other = next < c->n ? insn_of(c, next) : NULL;
    bool pair = other && ((insn->op == IR_DIVW_U && other->op == IR_REMW_U) || (insn->op == IR_DIVW_S && other->op == IR_REMW_S));
    return pair && other->a == insn->a && other->b == insn->b && other->c == insn->c ? next : 0;
}

/* Where the division would trap, or might: off the path, by C code that leaves quotient and remainder in rax and rdx. */
static Label slow_division(Compiler *c, const IrInsn *insn, Label resume)
{
    Label slow = label_new(&c->e);
    use_cold(&c->e);
    label_here(&c->e, slow);
    emit_record(c, &(Record){ .kind = RECORD_DIVIDE, .type = insn->type, .op = insn->op, .result = RAX, .result2 = RDX, .x = insn->a, .y = insn->b, .z = insn->c,
                              .resume = resume });
    use_hot(&c->e);
    return slow;
}

static void finish_division(Compiler *c, const IrInsn *insn)
{
    uint32_t rest = following_remainder(c, insn);
    if (wants_remainder(insn)) {
        define(c, c->at, RDX);
        return;
    }
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    emit_mov(&c->e, true, reg, RAX);
    define(c, c->at, reg);
    if (rest) {
        define(c, rest, RDX);
        c->skip = rest;
    }
}

static void divide_wide(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    unsigned width = is_wide(insn) ? 3 : 2;
    Label resume = label_new(e);
    alloc_fixed(c, RDX);
    flags_clobber(c);
    unsigned divisor = use_gpr(c, insn->c);
    /* So that the record finds them where they are. */
    use_places_for_record(c, insn->a);
    use_places_for_record(c, insn->b);
    Label slow = slow_division(c, insn, resume);
    load_value(c, RDX, insn->a, true);
    if (!is_signed(insn)) {
        emit_alu(e, ALU_CMP, width, RDX, at_reg(divisor));
        emit_jcc(e, CC_AE, slow);
        load_value(c, RAX, insn->b, true);
    } else {
        load_value(c, RAX, insn->b, true);
        emit_shift_imm(e, SHIFT_SAR, width, RAX, 8 * (1u << width) - 1);
        emit_alu(e, ALU_CMP, width, RDX, at_reg(RAX));
        emit_jcc(e, CC_NE, slow);
        emit_lea(e, is_wide(insn), RAX, at_mem(divisor, 1));
        emit_alu_imm(e, ALU_CMP, width, at_reg(RAX), 1);
        emit_jcc(e, CC_BE, slow);
        load_value(c, RAX, insn->b, true);
    }
    emit_unary(e, is_signed(insn) ? 7 : 6, width, at_reg(divisor));
    label_here(e, resume);
    finish_division(c, insn);
}

static void divide_plain(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    unsigned width = is_wide(insn) ? 3 : 2;
    alloc_fixed(c, RDX);
    flags_clobber(c);
    unsigned divisor = use_gpr(c, insn->b);
    load_value(c, RAX, insn->a, true);
    if (is_signed(insn)) {
        emit_op(e, OP_ONE(0x99) | (is_wide(insn) ? OP_W : 0), 0, at_reg(0), 0);
        e->p--;                     /* CDQ and CQO have no operands */
    } else {
        emit_imm(e, RDX, 0);
    }
    emit_unary(e, is_signed(insn) ? 7 : 6, width, at_reg(divisor));
    finish_division(c, insn);
}

bool emit_division(Compiler *c, const IrInsn *insn)
{
    switch (insn->op) {
    case IR_DIVW_U:
    case IR_DIVW_S:
    case IR_REMW_U:
    case IR_REMW_S:
        divide_wide(c, insn);
        return true;
    case IR_DIV_U:
    case IR_DIV_S:
    case IR_REM_U:
    case IR_REM_S:
        divide_plain(c, insn);
        return true;
    default:
        return false;
    }
}
