/*
 * SVE2: floating point.
 *
 * DDI 0487, C8.2; J1 shared/functions/float (FPLogB, FPConvertSVE, FPMulAddH).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/float-internal.h"
#include "target/arm/tcg/sve2.h"

static ArmFloat environment(const SveExec *s) { return arm_float_of(s->cpu); }
static bool done(SveExec *s, const ArmFloat *f)
{
    s->cpu->fpsr |= f->flags;
    return true;
}

bool sve2_op_float_pairwise(SveExec *s, const Sve2Operands *o)
{
    ArmFloat f = environment(s);
    SveVector n = sve_vector(s, o->rd), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            const uint8_t *from = i & 1 ? m.b : n.b;
            sve_set(s, o->rd, o->size, i, arm_float_op(&f, o->op, o->size, 0, sve_get_of(from, o->size, i & ~1u), sve_get_of(from, o->size, i | 1)));
        }
    }
    return done(s, &f);
}

/* ---- conversions; the alternative format of halves is not for SVE ---- */

static ArmFloat conversion(const SveExec *s)
{
    ArmFloat f = environment(s);
    f.ahp = false;
    return f;
}

/* Into the odd ones of the narrow elements. */
bool sve2_op_float_narrow_top(SveExec *s, const Sve2Operands *o)
{
    ArmFloat f = conversion(s);
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, o->from) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->from, i)) {
            sve_set(s, o->rd, o->to, 2 * i + 1, arm_float_convert(&f, o->to, o->from, sve_get_of(n.b, o->from, i), o->odd ? ROUND_ODD : f.rounding));
        }
    }
    return done(s, &f);
}

bool sve2_op_float_widen_top(SveExec *s, const Sve2Operands *o)
{
    ArmFloat f = conversion(s);
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, o->to) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->to, i)) {
            sve_set(s, o->rd, o->to, i, arm_float_convert(&f, o->to, o->from, sve_get_of(n.b, o->from, 2 * i + 1), f.rounding));
        }
    }
    return done(s, &f);
}

/* FCVTX: the singles lie in elements of doubles, with 0 above. */
bool sve2_op_float_to_odd(SveExec *s, const Sve2Operands *o)
{
    ArmFloat f = conversion(s);
    for (unsigned i = 0; i < sve_count(s, FLOAT_D) && !s->dry; i++) {
        if (sve_active(s, o->pg, FLOAT_D, i)) {
            sve_set(s, o->rd, FLOAT_D, i, arm_float_convert(&f, FLOAT_S, FLOAT_D, sve_get(s, o->rn, FLOAT_D, i), ROUND_ODD));
        }
    }
    return done(s, &f);
}

/* FPLogB */
static uint64_t exponent(ArmFloat *f, unsigned size, uint64_t x)
{
    uint64_t smallest = BIT((8u << size) - 1);
    Parts p = arm_float_unpack(f, size, x);
    if (p.class == NUMBER) {
        return (uint64_t)(int64_t)p.exp;
    }
    if (p.class == INFINITE) {
        return smallest - 1;
    }
    arm_float_invalid(f, size);
    return smallest;
}

bool sve2_op_flogb(SveExec *s, const Sve2Operands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, exponent(&f, o->size, sve_get(s, o->rn, o->size, i)));
            arm_float_tell_denormal(&f);
        }
    }
    return done(s, &f);
}

/* FMLALB, FMLSLT, ...: products of halves, added to singles (d: the product is negated). */
bool sve2_op_float_muladd_long(SveExec *s, const Sve2Operands *o)
{
    ArmFloat f = environment(s);
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, FLOAT_S) && !s->dry; i++) {
        unsigned other = o->indexed ? sve2_place(o, FLOAT_H, 2 * i) : 2 * i + o->t;
        uint64_t a = sve_get_of(n.b, FLOAT_H, 2 * i + o->t);
        a = o->d ? arm_float_neg(&f, FLOAT_H, a) : a;
        sve_set(s, o->rd, FLOAT_S, i, arm_float_muladd_half(&f, sve_get(s, o->rd, FLOAT_S, i), a, sve_get_of(m.b, FLOAT_H, other)));
    }
    return done(s, &f);
}
