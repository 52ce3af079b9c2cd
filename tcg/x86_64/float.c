/*
 * Scalar floating point: the host's own instructions under the guest's mode. A value lies in the low lane; the lanes above are those of the first operand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"

static bool is_double(IrType t)
{
    return t == IR_F64;
}

/* The op as it is for the type: F3 for single, F2 for double. */
static uint32_t scalar(IrType t, unsigned opcode)
{
    return OP(MAP_0F, is_double(t) ? PP_F2 : PP_F3, opcode);
}

static unsigned bytes_of(IrType t)
{
    return is_double(t) ? 8 : 4;
}

static void binary(Compiler *c, const IrInsn *insn, uint32_t op)
{
    unsigned a = use_xmm(c, insn->a);
    Place b = use_xmm_place(c, insn->b, bytes_of(insn->type));
    unsigned to = result_xmm(c);
    vop3(c, op, false, to, a, b, -1);
    define(c, c->at, to);
}

/* imm -1: none. */
static void unary(Compiler *c, const IrInsn *insn, uint32_t op, int imm)
{
    unsigned a = use_xmm(c, insn->a), to = result_xmm(c);
    if (c->e.vex) {
        vop3(c, op, false, to, a, at_reg(a), imm);
    } else {
        emit_op(&c->e, op, to, at_reg(a), imm >= 0);
        if (imm >= 0) {
            emit8(&c->e, imm);
        }
    }
    define(c, c->at, to);
}

/* ---- between kinds ---- */

static void from_integer(Compiler *c, const IrInsn *insn)
{
    IrType from = type_of(c, insn->a);
    Place a = use_place(c, insn->a, from == IR_I64 ? 3 : 2, false);
    unsigned to = alloc_xmm(c, hint_of(c, c->at));
    vop3(c, OP(MAP_0F, PP_NONE, 0x57), false, to, to, at_reg(to), -1);
    uint32_t op = scalar(insn->type, 0x2a) | (from == IR_I64 ? OP_W : 0);
    if (c->e.vex) {
        emit_vex(&c->e, op, false, to, to, a, 0);
    } else {
        emit_op(&c->e, op, to, a, 0);
    }
    define(c, c->at, to);
}

static void plain(Compiler *c, uint32_t op, unsigned reg, Place rm)
{
    if (c->e.vex) {
        emit_vex(&c->e, op, false, reg, NO_REG, rm, 0);
    } else {
        emit_op(&c->e, op, reg, rm, 0);
    }
}

static void to_integer(Compiler *c, const IrInsn *insn)
{
    IrType from = type_of(c, insn->a);
    Place a = use_xmm_place(c, insn->a, bytes_of(from));
    unsigned to = alloc_gpr(c, hint_of(c, c->at));
    plain(c, scalar(from, insn->imm & 1 ? 0x2c : 0x2d) | (insn->type == IR_I64 ? OP_W : 0), to, a);
    define(c, c->at, to);
}

static void bits(Compiler *c, const IrInsn *insn)
{
    IrType from = type_of(c, insn->a);
    if (is_vector(from)) {
        unsigned a = use_xmm(c, insn->a), to = alloc_gpr(c, hint_of(c, c->at));
        plain(c, OP(MAP_0F, PP_66, 0x7e) | (insn->type == IR_I64 ? OP_W : 0), a, at_reg(to));
        define(c, c->at, to);
    } else {
        Place a = use_place(c, insn->a, from == IR_I64 ? 3 : 2, false);
        unsigned to = alloc_xmm(c, hint_of(c, c->at));
        plain(c, OP(MAP_0F, PP_66, 0x6e) | (from == IR_I64 ? OP_W : 0), to, a);
        define(c, c->at, to);
    }
}

static void lane(Compiler *c, const IrInsn *insn)
{
    unsigned to = use_copy_xmm(c, insn->a);
    define(c, c->at, to);
}

static void set_lane(Compiler *c, const IrInsn *insn)
{
    unsigned a = use_xmm(c, insn->a), b = use_xmm(c, insn->b), to = result_xmm(c);
    vop3(c, scalar(type_of(c, insn->b), 0x10), false, to, a, at_reg(b), -1);
    define(c, c->at, to);
}

/* ---- comparison ---- */

/* Flags as of integers, in the form that slots have, from those that the host's comparison leaves: unordered is seen last. */
static void flags_like_integers(Compiler *c, unsigned to)
{
    static const struct { uint8_t cc; uint16_t flags; } cases[] = { { CC_B, FLAGS_SF | FLAGS_CF }, { CC_E, FLAGS_ZF }, { CC_P, FLAGS_OF } };
    emit_imm(&c->e, to, FLAGS_ONE);
    for (unsigned i = 0; i < G_N_ELEMENTS(cases); i++) {
        emit_imm(&c->e, RAX, FLAGS_ONE | cases[i].flags);
        emit_cmov(&c->e, cases[i].cc, false, to, at_reg(RAX));
    }
}

static void compare(Compiler *c, const IrInsn *insn)
{
    IrType t = type_of(c, insn->a);
    unsigned a = use_xmm(c, insn->a);
    Place b = use_xmm_place(c, insn->b, bytes_of(t));
    flags_clobber(c);
    unsigned to = insn->imm & 2 ? alloc_gpr(c, hint_of(c, c->at)) : NO_REG;
    plain(c, OP(MAP_0F, is_double(t) ? PP_66 : PP_NONE, insn->imm & 1 ? 0x2f : 0x2e), a, b);
    if (insn->imm & 2) {
        flags_like_integers(c, to);
        define(c, c->at, to);
    } else {
        c->host_flags = c->at;
    }
}

static bool compare_mask(Compiler *c, const IrInsn *insn)
{
    IrType t = type_of(c, insn->a);
    if (insn->imm >= 8 && !c->e.vex) {
        return false;
    }
    unsigned a = use_xmm(c, insn->a);
    Place b = use_xmm_place(c, insn->b, bytes_of(t));
    vop3(c, scalar(t, 0xc2), false, XMM15, a, b, insn->imm);
    unsigned to = alloc_gpr(c, hint_of(c, c->at));
    if (insn->type == IR_I64 && !is_double(t)) {
        plain(c, OP(MAP_0F, PP_66, 0x7e), XMM15, at_reg(to));
        emit_op(&c->e, OP_MOVSXD | OP_W, to, at_reg(to), 0);
    } else {
        plain(c, OP(MAP_0F, PP_66, 0x7e) | (insn->type == IR_I64 ? OP_W : 0), XMM15, at_reg(to));
    }
    define(c, c->at, to);
    return true;
}

static bool multiply_add(Compiler *c, const IrInsn *insn)
{
    if (!(x64.host & HOST_FMA)) {
        return false;
    }
    emit_multiply_add(c, insn, OP(MAP_0F38, PP_66, 0x99 + 2 * insn->imm) | (is_double(insn->type) ? OP_W : 0), bytes_of(insn->type));
    return true;
}

static bool round_to_integral(Compiler *c, const IrInsn *insn)
{
    if (!(x64.host & HOST_SSE41)) {
        return false;
    }
    unary(c, insn, OP(MAP_0F3A, PP_66, is_double(insn->type) ? 0x0b : 0x0a), insn->imm & 15);
    return true;
}

bool emit_float(Compiler *c, const IrInsn *insn)
{
    static const uint8_t opcodes[] = { [IR_FADD - IR_FADD] = 0x58, [IR_FSUB - IR_FADD] = 0x5c, [IR_FMUL - IR_FADD] = 0x59, [IR_FDIV - IR_FADD] = 0x5e,
                                       [IR_FMIN - IR_FADD] = 0x5d, [IR_FMAX - IR_FADD] = 0x5f };
    switch (insn->op) {
    case IR_FADD:
    case IR_FSUB:
    case IR_FMUL:
    case IR_FDIV:
    case IR_FMIN:
    case IR_FMAX:
        binary(c, insn, scalar(insn->type, opcodes[insn->op - IR_FADD]));
        return true;
    case IR_FSQRT:
        unary(c, insn, scalar(insn->type, 0x51), -1);
        return true;
    case IR_FMA:
        return multiply_add(c, insn);
    case IR_FROUND:
        return round_to_integral(c, insn);
    case IR_FCMP:
        compare(c, insn);
        return true;
    case IR_FCMP_MASK:
        return compare_mask(c, insn);
    case IR_FCVT:
        unary(c, insn, scalar(type_of(c, insn->a), 0x5a), -1);
        return true;
    case IR_FCVT_INT:
        from_integer(c, insn);
        return true;
    case IR_INT_FCVT:
        to_integer(c, insn);
        return true;
    case IR_FBITS:
        bits(c, insn);
        return true;
    case IR_FLANE:
        lane(c, insn);
        return true;
    case IR_VSET_FLANE:
        set_lane(c, insn);
        return true;
    default:
        return false;
    }
}
