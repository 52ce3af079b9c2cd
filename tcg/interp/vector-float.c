/*
 * The interpreter's packed floating point.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "vector.h"
#include "float-lanes.h"

/* ---- lane by lane ---- */

/* The signs of a lane's FMA. */
static unsigned fma_sign(unsigned imm, unsigned lane)
{
    return imm < 4 ? imm : (lane & 1) == (imm & 1);
}

static float lane_32(const IrInsn *insn, unsigned i, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c)
{
    float x = a->f32[i], y = b->f32[i];
    switch (insn->op) {
    case IR_VFSQRT:
        return interp_root_32(x);
    case IR_VFROUND:
        return interp_round_32(x, insn->imm);
    case IR_VFMA:
        return interp_fma_32(x, y, c->f32[i], fma_sign(insn->imm, i));
    case IR_VFADDSUB:
        return interp_op2_32(i & 1 ? IR_FADD : IR_FSUB, x, y);
    default:
        return interp_op2_32(insn->op, x, y);
    }
}

static double lane_64(const IrInsn *insn, unsigned i, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c)
{
    double x = a->f64[i], y = b->f64[i];
    switch (insn->op) {
    case IR_VFSQRT:
        return interp_root_64(x);
    case IR_VFROUND:
        return interp_round_64(x, insn->imm);
    case IR_VFMA:
        return interp_fma_64(x, y, c->f64[i], fma_sign(insn->imm, i));
    case IR_VFADDSUB:
        return interp_op2_64(i & 1 ? IR_FADD : IR_FSUB, x, y);
    default:
        return interp_op2_64(insn->op, x, y);
    }
}

static void by_lanes(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c, InterpHalf *r)
{
    if (insn->sub == 2) {
        for (unsigned i = 0; i < 4; i++) {
            r->f32[i] = lane_32(insn, i, a, b, c);
        }
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        r->f64[i] = lane_64(insn, i, a, b, c);
    }
}

/* ---- others ---- */

static void horizontal(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    IrOp op = insn->op == IR_VFHADD ? IR_FADD : IR_FSUB;
    if (insn->sub == 2) {
        for (unsigned i = 0; i < 4; i++) {
            const InterpHalf *from = i < 2 ? a : b;
            r->f32[i] = interp_op2_32(op, from->f32[2 * (i & 1)], from->f32[2 * (i & 1) + 1]);
        }
        return;
    }
    r->f64[0] = interp_op2_64(op, a->f64[0], a->f64[1]);
    r->f64[1] = interp_op2_64(op, b->f64[0], b->f64[1]);
}

static void compare(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    if (insn->sub == 2) {
        for (unsigned i = 0; i < 4; i++) {
            r->u32[i] = interp_predicate_32(a->f32[i], b->f32[i], insn->imm) ? UINT32_MAX : 0;
        }
        return;
    }
    for (unsigned i = 0; i < 2; i++) {
        r->u64[i] = interp_predicate_64(a->f64[i], b->f64[i], insn->imm) ? UINT64_MAX : 0;
    }
}

/* imm: the high half says which products count, the low half which lanes take the sum. */
static void dot_product(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, InterpHalf *r)
{
    unsigned imm = insn->imm;
    if (insn->sub == 2) {
        float p[4];
        for (unsigned i = 0; i < 4; i++) {
            p[i] = imm >> (4 + i) & 1 ? interp_op2_32(IR_FMUL, a->f32[i], b->f32[i]) : 0;
        }
        float sum = interp_op2_32(IR_FADD, interp_op2_32(IR_FADD, p[0], p[1]), interp_op2_32(IR_FADD, p[2], p[3]));
        for (unsigned i = 0; i < 4; i++) {
            r->f32[i] = imm >> i & 1 ? sum : 0;
        }
        return;
    }
    double p[2];
    for (unsigned i = 0; i < 2; i++) {
        p[i] = imm >> (4 + i) & 1 ? interp_op2_64(IR_FMUL, a->f64[i], b->f64[i]) : 0;
    }
    double sum = interp_op2_64(IR_FADD, p[0], p[1]);
    for (unsigned i = 0; i < 2; i++) {
        r->f64[i] = imm >> i & 1 ? sum : 0;
    }
}

static void approximate(const IrInsn *insn, const InterpHalf *a, InterpHalf *r)
{
    *r = *a;
    for (unsigned i = 0; i < (insn->imm & 1 ? 1 : 4); i++) {
        r->f32[i] = interp_reciprocal(a->f32[i], insn->op == IR_VFRSQRT);
    }
}

bool interp_vector_float(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c, InterpHalf *r)
{
    switch (insn->op) {
    case IR_VFADD:
    case IR_VFSUB:
    case IR_VFMUL:
    case IR_VFDIV:
    case IR_VFMIN:
    case IR_VFMAX:
    case IR_VFSQRT:
    case IR_VFADDSUB:
    case IR_VFROUND:
    case IR_VFMA:
        by_lanes(insn, a, b, c, r);
        return true;
    case IR_VFRCP:
    case IR_VFRSQRT:
        approximate(insn, a, r);
        return true;
    case IR_VFHADD:
    case IR_VFHSUB:
        horizontal(insn, a, b, r);
        return true;
    case IR_VFCMP:
        compare(insn, a, b, r);
        return true;
    case IR_VFDOT:
        dot_product(insn, a, b, r);
        return true;
    default:
        return false;
    }
}

/* ---- conversions ---- */

bool interp_vector_convert(const IrInsn *insn, const InterpOperands *v, IrValue *r)
{
    const IrValue *a = v->a;
    unsigned bytes_from = v->type_a == IR_V256 ? 32 : 16, bytes_to = insn->type == IR_V256 ? 32 : 16;
    switch (insn->op) {
    case IR_VCVT_DQ_PS:
        for (unsigned i = 0; i < bytes_to / 4; i++) {
            r->f32[i] = a->s32[i];
        }
        return true;
    case IR_VCVT_PS_DQ:
        for (unsigned i = 0; i < bytes_to / 4; i++) {
            r->s32[i] = interp_to_int_32(a->f32[i], insn->imm & 1);
        }
        return true;
    case IR_VCVT_DQ_PD:
        for (unsigned i = 0; i < bytes_to / 8; i++) {
            r->f64[i] = a->s32[i];
        }
        return true;
    case IR_VCVT_PD_DQ:
        for (unsigned i = 0; i < bytes_from / 8; i++) {
            r->s32[i] = interp_to_int_64(a->f64[i], insn->imm & 1);
        }
        return true;
    case IR_VCVT_PS_PD:
        for (unsigned i = 0; i < bytes_to / 8; i++) {
            r->f64[i] = a->f32[i];
        }
        return true;
    case IR_VCVT_PD_PS:
        for (unsigned i = 0; i < bytes_from / 8; i++) {
            r->f32[i] = a->f64[i];
        }
        return true;
    default:
        return false;
    }
}
