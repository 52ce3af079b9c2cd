/*
 * SVE: floating point.
 *
 * DDI 0487, C8.2; J1 shared/functions/float (FPScale, FPTrigMAdd, FPTrigSMul, FPTrigSSel, FPExpA, FPReduce).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/float-internal.h"
#include "target/arm/tcg/sve.h"

#include <math.h>

static ArmFloat environment(const SveExec *s) { return arm_float_of(s->cpu); }
static bool done(SveExec *s, const ArmFloat *f)
{
    s->cpu->fpsr |= f->flags;
    return true;
}

/* ---- one and two operands ---- */

bool sve_op_float_unary(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, arm_float_op(&f, o->op, o->size, 0, sve_get(s, o->rn, o->size, i), 0));
        }
    }
    return done(s, &f);
}

bool sve_op_float_unary_all(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, arm_float_op(&f, o->op, o->size, 0, sve_get(s, o->rn, o->size, i), 0));
    }
    return done(s, &f);
}

bool sve_op_float_binary(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, arm_float_op(&f, o->op, o->size, 0, o->reversed ? m : n, o->reversed ? n : m));
        }
    }
    return done(s, &f);
}

bool sve_op_float_binary_all(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, arm_float_op(&f, o->op, o->size, 0, sve_get(s, o->rn, o->size, i), sve_get(s, o->rm, o->size, i)));
    }
    return done(s, &f);
}

/* which: the pair of constants that i1 chooses from. */
uint64_t sve_float_constant(const SveOperands *o)
{
    enum { ZERO_POINT_FIVE = 0x60, ONE = 0x70, TWO = 0x00 };
    static const uint8_t constants[3][2] = { { ZERO_POINT_FIVE, ONE }, { ZERO_POINT_FIVE, TWO }, { 0, ONE } };
    return o->which == 2 && !o->i1 ? 0 : arm_float_immediate(o->size, constants[o->which][o->i1]);
}

bool sve_op_float_imm(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    uint64_t m = sve_float_constant(o);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i);
            sve_set(s, o->rd, o->size, i, arm_float_op(&f, o->op, o->size, 0, o->reversed ? m : n, o->reversed ? n : m));
        }
    }
    return done(s, &f);
}

static uint64_t scaled(ArmFloat *f, unsigned size, uint64_t x, int64_t by)
{
    Parts p = arm_float_unpack(f, size, x);
    if (is_nan(p)) {
        return arm_float_process_nan(f, size, p, x);
    }
    if (p.class != NUMBER) {
        return p.class == ZERO ? zero(&arm_float_formats[size], p.sign) : infinite(&arm_float_formats[size], p.sign);
    }
    p.exp += (int)(by > 10000 ? 10000 : by < -10000 ? -10000 : by);
    return arm_float_pack(f, size, p, f->rounding);
}

bool sve_op_fscale(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, scaled(&f, o->size, sve_get(s, o->rd, o->size, i), arm_extend(sve_get(s, o->rm, o->size, i), 8u << o->size, false)));
            arm_float_tell_denormal(&f);
        }
    }
    return done(s, &f);
}

bool sve_op_float_muladd(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t d = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            uint64_t r = o->multiplicand ? arm_float_op(&f, o->op, o->size, sve_get(s, o->ra, o->size, i), d, m)
                : arm_float_op(&f, o->op, o->size, d, sve_get(s, o->rn, o->size, i), m);
            sve_set(s, o->rd, o->size, i, r);
        }
    }
    return done(s, &f);
}

/* ---- complex numbers, matrices ---- */

bool sve_op_fcadd(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    SveVector m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t other = sve_get_of(m.b, o->size, i ^ 1);
            bool negate = o->rot ? i & 1 : !(i & 1);
            sve_set(s, o->rd, o->size, i, arm_float_add(&f, o->size, sve_get(s, o->rd, o->size, i), negate ? arm_float_neg(&f, o->size, other) : other));
        }
    }
    return done(s, &f);
}

bool sve_op_fcmla(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    unsigned odd = o->rot & 1;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            bool imaginary = i & 1, negate = imaginary ? o->rot >= 2 : o->rot == 1 || o->rot == 2;
            uint64_t a = sve_get_of(n.b, o->size, (i & ~1u) + odd), b = sve_get_of(m.b, o->size, (i & ~1u) + (odd ^ imaginary));
            sve_set(s, o->rd, o->size, i, arm_float_muladd(&f, o->size, sve_get(s, o->rd, o->size, i), a, negate ? arm_float_neg(&f, o->size, b) : b));
        }
    }
    return done(s, &f);
}

/* Of two by two elements. */
bool sve_op_float_matrix(SveExec *s, const SveOperands *o)
{
    unsigned segment = 4u << o->size;
    if (s->vl < segment) {
        return false;
    }
    ArmFloat f = environment(s);
    SveVector r = sve_vector(s, o->rd);
    for (unsigned at = 0; at + segment <= s->vl && !s->dry; at += segment) {
        const uint8_t *n = s->cpu->v[o->rn] + at, *m = s->cpu->v[o->rm] + at;
        for (unsigned k = 0; k < 4; k++) {
            unsigned i = k / 2 * 2, j = k % 2 * 2;
            uint64_t first = arm_float_mul(&f, o->size, sve_get_of(n, o->size, i), sve_get_of(m, o->size, j));
            uint64_t second = arm_float_mul(&f, o->size, sve_get_of(n, o->size, i + 1), sve_get_of(m, o->size, j + 1));
            uint64_t sum = arm_float_add(&f, o->size, first, second);
            sve_set_of(r.b + at, o->size, k, arm_float_add(&f, o->size, sve_get_of(r.b + at, o->size, k), sum));
        }
    }
    if (!s->dry) {
        memset(r.b + s->vl / segment * segment, 0, s->vl % segment);
        sve_write(s, o->rd, &r);
    }
    return done(s, &f);
}

/* ---- reductions ---- */

uint64_t sve_float_identity(const ArmFloat *f, unsigned op, unsigned size)
{
    const Format *format = &arm_float_formats[size];
    switch (op) {
    case FLOAT_ADD: return 0;
    case FLOAT_MAX: return infinite(format, true);
    case FLOAT_MIN: return infinite(format, false);
    default: return arm_float_default_nan(f, size);
    }
}

uint64_t sve_float_reduced(ArmFloat *f, unsigned op, unsigned size, const uint64_t *values, unsigned nr)
{
    if (nr == 1) {
        return values[0];
    }
    uint64_t low = sve_float_reduced(f, op, size, values, nr / 2), high = sve_float_reduced(f, op, size, values + nr / 2, nr / 2);
    return arm_float_op(f, op, size, 0, low, high);
}

bool sve_op_float_reduce(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    ArmFloat f = environment(s);
    uint64_t values[ARM_MAX_VL_BYTES / 2], none = sve_float_identity(&f, o->op, o->size);
    unsigned nr = sve_count(s, o->size), all = 1;
    for (; all < nr; all *= 2) {
    }
    for (unsigned i = 0; i < all; i++) {
        values[i] = i < nr && sve_active(s, o->pg, o->size, i) ? sve_get(s, o->rn, o->size, i) : none;
    }
    sve_write_scalar(s, o->rd, o->size, sve_float_reduced(&f, o->op, o->size, values, all));
    return done(s, &f);
}

bool sve_op_fadda(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    ArmFloat f = environment(s);
    uint64_t sum = sve_get(s, o->rd, o->size, 0);
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        sum = sve_active(s, o->pg, o->size, i) ? arm_float_add(&f, o->size, sum, sve_get(s, o->rn, o->size, i)) : sum;
    }
    sve_write_scalar(s, o->rd, o->size, sum);
    return done(s, &f);
}

/* ---- comparison ---- */

static bool holds(ArmFloat *f, unsigned op, unsigned size, uint64_t a, uint64_t b)
{
    if (op == COMPARE_LT || op == COMPARE_LE) {
        return holds(f, op == COMPARE_LT ? COMPARE_GT : COMPARE_GE, size, b, a);
    }
    unsigned nzcv = arm_float_compare(f, size, a, b, op == COMPARE_GE || op == COMPARE_GT);
    bool unordered = nzcv == 3, equal = nzcv == 6, greater = nzcv == 2;
    return op == COMPARE_UNORDERED ? unordered : op == COMPARE_EQ ? equal : op == COMPARE_NE ? !equal : greater || (op == COMPARE_GE && equal);
}

bool sve_op_float_compare(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    ArmFloat f = environment(s);
    SvePredicate r = { { 0 } };
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t a = sve_get(s, o->rn, o->size, i), b = o->zero ? 0 : sve_get(s, o->rm, o->size, i);
            if (o->absolute) {
                a = arm_float_op(&f, FLOAT_ABS, o->size, 0, a, 0);
                b = arm_float_op(&f, FLOAT_ABS, o->size, 0, b, 0);
            }
            sve_set_bit(r.b, i << o->size, holds(&f, o->op, o->size, a, b));
        }
    }
    sve_write_predicate(s, o->pd, &r);
    return done(s, &f);
}

/* ---- conversions: elements are as wide as the wider of the two ---- */

/* The alternative format of halves is not for SVE. */
bool sve_op_float_convert(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    f.ahp = false;
    unsigned to = o->to == FLOAT_BF16 ? 1 : o->to, size = MAX((unsigned)o->from, to);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        if (sve_active(s, o->pg, size, i)) {
            uint64_t r = arm_float_convert(&f, o->to, o->from, sve_low(sve_get(s, o->rn, size, i), o->from), f.rounding);
            sve_set(s, o->rd, size, i, o->top ? (sve_get(s, o->rd, size, i) & 0xffff) | r << 16 : r);
        }
    }
    return done(s, &f);
}

bool sve_op_float_from_int(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    unsigned size = MAX(o->from, o->to);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        if (sve_active(s, o->pg, size, i)) {
            sve_set(s, o->rd, size, i, arm_float_from_fixed(&f, o->to, sve_get(s, o->rn, size, i), 0, o->u, 8u << o->from));
        }
    }
    return done(s, &f);
}

bool sve_op_float_to_int(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    unsigned size = MAX(o->from, o->to), bits = 8u << o->to;
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        if (sve_active(s, o->pg, size, i)) {
            uint64_t r = arm_float_to_fixed(&f, o->from, sve_low(sve_get(s, o->rn, size, i), o->from), 0, o->u, ROUND_ZERO, bits);
            sve_set(s, o->rd, size, i, (uint64_t)arm_extend(r, bits, o->u));
        }
    }
    return done(s, &f);
}

/* ---- for exponentials and sines ---- */

/* FPExpA: 2^(i / 64) - 1 (of halves, i / 32) as a fraction. */
bool sve_op_fexpa(SveExec *s, const SveOperands *o)
{
    unsigned precision = arm_float_formats[o->size].precision, index_bits = o->size == FLOAT_H ? 5 : 6, exponent_bits = (8u << o->size) - precision;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t n = sve_get(s, o->rn, o->size, i), index = n & MAKE_MASK(0, index_bits), exponent = n >> index_bits & MAKE_MASK(0, exponent_bits);
        long double part = exp2l((long double)index / (1u << index_bits)) - 1;
        uint64_t fraction = (uint64_t)llroundl(ldexpl(part, (int)precision - 1));
        sve_set(s, o->rd, o->size, i, exponent << (precision - 1) | fraction);
    }
    return true;
}

bool sve_op_ftssel(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    enum { ONE = 0x70 };
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t n = sve_get(s, o->rn, o->size, i), m = sve_get(s, o->rm, o->size, i);
        n = m & 1 ? arm_float_immediate(o->size, ONE) : n;
        sve_set(s, o->rd, o->size, i, m & 2 ? arm_float_neg(&f, o->size, n) : n);
    }
    return true;
}

bool sve_op_ftsmul(SveExec *s, const SveOperands *o)
{
    ArmFloat f = environment(s);
    uint64_t sign = arm_float_sign(o->size);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t n = sve_get(s, o->rn, o->size, i), m = sve_get(s, o->rm, o->size, i), r = arm_float_mul(&f, o->size, n, n);
        bool nan = (r & ~sign) > infinity(&arm_float_formats[o->size]);
        sve_set(s, o->rd, o->size, i, nan ? r : (r & ~sign) | (m & 1 ? sign : 0));
    }
    return done(s, &f);
}

/* Coefficients of sine, then cosine: the sign of the second operand chooses. */
bool sve_op_ftmad(SveExec *s, const SveOperands *o)
{
    static const uint64_t coefficients[3][16] = {
        { 0x3c00, 0xb155, 0x2030, 0, 0, 0, 0, 0, 0x3c00, 0xb800, 0x293a, 0, 0, 0, 0, 0 },
        { 0x3f800000, 0xbe2aaaab, 0x3c088886, 0xb95008b9, 0x36369d6d, 0, 0, 0, 0x3f800000, 0xbf000000, 0x3d2aaaa6, 0xbab60705, 0x37cd37cc, 0, 0, 0 },
        { 0x3ff0000000000000, 0xbfc5555555555543, 0x3f8111111110f30c, 0xbf2a01a019b92fc6, 0x3ec71de351f3d22b, 0xbe5ae5e2b60f7b91, 0x3de5d8408868552f, 0,
          0x3ff0000000000000, 0xbfe0000000000000, 0x3fa5555555555536, 0xbf56c16c16c13a0b, 0x3efa01a019b1e8d8, 0xbe927e4f7282f468, 0x3e21ee96d2641b13, 0xbda8f76380fbb401 },
    };
    ArmFloat f = environment(s);
    uint64_t sign = arm_float_sign(o->size);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t n = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
        uint64_t c = coefficients[o->size - 1][o->imm3 + (m & sign ? 8 : 0)];
        sve_set(s, o->rd, o->size, i, arm_float_muladd(&f, o->size, c, n, arm_float_op(&f, FLOAT_ABS, o->size, 0, m, 0)));
    }
    return done(s, &f);
}
