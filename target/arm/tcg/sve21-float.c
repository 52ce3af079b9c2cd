/*
 * SVE2.1: floating point, and that of BFloat16 (FEAT_SVE_B16B16).
 *
 * DDI 0487, C8.2; J1 shared/functions/float (FPReduce, FPDotAdd, BFMulAddH, BFAdd).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve21.h"

enum { QUAD = 16, BF16_SIZE = 1 };

static ArmFloat environment(const SveExec *s) { return arm_float_of(s->cpu); }
static bool done(SveExec *s, const ArmFloat *f)
{
    s->cpu->fpsr |= f->flags;
    return true;
}

/* ---- reductions: elements of one place of all quadwords ---- */

bool sve21_op_float_reduce_quads(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    ArmFloat f = environment(s);
    SveVector r = { { 0 } };
    unsigned in_quad = QUAD >> o->size, quads = s->vl / QUAD, all = 1;
    for (; all < quads; all *= 2) {
    }
    for (unsigned k = 0; k < in_quad; k++) {
        uint64_t values[ARM_MAX_VL_BYTES / QUAD], none = sve_float_identity(&f, o->op, o->size);
        for (unsigned j = 0; j < all; j++) {
            unsigned i = j * in_quad + k;
            values[j] = j < quads && sve_active(s, o->pg, o->size, i) ? sve_get(s, o->rn, o->size, i) : none;
        }
        sve_set_of(r.b, o->size, k, sve_float_reduced(&f, o->op, o->size, values, all));
    }
    sve_write(s, o->rd, &r);
    return done(s, &f);
}

/* ---- clamping ---- */

static bool clamp(SveExec *s, const Sve21Operands *o, unsigned size, unsigned format)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        uint64_t least = arm_float_op(&f, FLOAT_MAXNM, format, 0, sve_get(s, o->rn, size, i), sve_get(s, o->rd, size, i));
        sve_set(s, o->rd, size, i, arm_float_op(&f, FLOAT_MINNM, format, 0, least, sve_get(s, o->rm, size, i)));
    }
    return done(s, &f);
}

bool sve21_op_float_clamp(SveExec *s, const Sve21Operands *o) { return clamp(s, o, o->size, o->size); }
bool sve21_op_bf16_clamp(SveExec *s, const Sve21Operands *o) { return clamp(s, o, BF16_SIZE, FLOAT_BF16); }

/* ---- to single ---- */

bool sve21_op_fdot2(SveExec *s, const Sve21Operands *o)
{
    ArmFloat f = environment(s);
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, 2) && !s->dry; i++) {
        unsigned pair = o->indexed ? i / 4 * 4 + o->index : i;
        sve_set(s, o->rd, 2, i, arm_float_dot_half(&f, (uint32_t)sve_get(s, o->rd, 2, i), (uint32_t)sve_get_of(n.b, 2, i), (uint32_t)sve_get_of(m.b, 2, pair)));
    }
    return done(s, &f);
}

bool sve21_op_bfmlsl(SveExec *s, const Sve21Operands *o)
{
    ArmFloat f = environment(s);
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, 2) && !s->dry; i++) {
        unsigned other = o->indexed ? i / 4 * 8 + o->index : 2 * i + o->t;
        uint64_t a = arm_float_neg(&f, FLOAT_BF16, sve_get_of(n.b, 1, 2 * i + o->t)) << 16, b = sve_get_of(m.b, 1, other) << 16;
        sve_set(s, o->rd, 2, i, arm_bf16_muladd(&f, sve_get(s, o->rd, 2, i), a, b));
    }
    return done(s, &f);
}

/* ---- BFloat16 ---- */

bool sve21_op_bf16_binary(SveExec *s, const Sve21Operands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, BF16_SIZE) && !s->dry; i++) {
        if (sve_active(s, o->pg, BF16_SIZE, i)) {
            sve_set(s, o->rd, BF16_SIZE, i, arm_float_op(&f, o->op, FLOAT_BF16, 0, sve_get(s, o->rd, BF16_SIZE, i), sve_get(s, o->rm, BF16_SIZE, i)));
        }
    }
    return done(s, &f);
}

bool sve21_op_bf16_binary_all(SveExec *s, const Sve21Operands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, BF16_SIZE) && !s->dry; i++) {
        sve_set(s, o->rd, BF16_SIZE, i, arm_float_op(&f, o->op, FLOAT_BF16, 0, sve_get(s, o->rn, BF16_SIZE, i), sve_get(s, o->rm, BF16_SIZE, i)));
    }
    return done(s, &f);
}

bool sve21_op_bf16_muladd(SveExec *s, const Sve21Operands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, BF16_SIZE) && !s->dry; i++) {
        if (sve_active(s, o->pg, BF16_SIZE, i)) {
            uint64_t n = sve_get(s, o->rn, BF16_SIZE, i), m = sve_get(s, o->rm, BF16_SIZE, i);
            sve_set(s, o->rd, BF16_SIZE, i, arm_float_op(&f, o->op, FLOAT_BF16, sve_get(s, o->rd, BF16_SIZE, i), n, m));
        }
    }
    return done(s, &f);
}

bool sve21_op_bf16_indexed(SveExec *s, const Sve21Operands *o)
{
    ArmFloat f = environment(s);
    SveVector m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, BF16_SIZE) && !s->dry; i++) {
        uint64_t element = sve_get_of(m.b, BF16_SIZE, i / 8 * 8 + o->index);
        sve_set(s, o->rd, BF16_SIZE, i, arm_float_op(&f, o->op, FLOAT_BF16, sve_get(s, o->rd, BF16_SIZE, i), sve_get(s, o->rn, BF16_SIZE, i), element));
    }
    return done(s, &f);
}
