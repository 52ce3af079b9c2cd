/*
 * SVE2: integers of one size, complex numbers.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve2.h"

/* ---- predicated ---- */

bool sve2_op_binary(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, o->reversed ? sve2_element(o->op, o->size, o->u, 0, m, n) : sve2_element(o->op, o->size, o->u, 0, n, m));
        }
    }
    return true;
}

/* SUQADD, USQADD */
bool sve2_op_add_other_sign(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, sve2_element(OP_QADDO, o->size, o->u, sve_get(s, o->rd, o->size, i), sve_get(s, o->rm, o->size, i), 0));
        }
    }
    return true;
}

bool sve2_op_unary(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, sve2_element(o->op, o->size, o->u, 0, sve_get(s, o->rn, o->size, i), 0));
        }
    }
    return true;
}

bool sve2_op_add_pairs_long(SveExec *s, const Sve2Operands *o)
{
    unsigned half = o->size - 1, bits = 8u << half;
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            int64_t even = arm_extend(sve_get_of(n.b, half, 2 * i), bits, o->u), odd = arm_extend(sve_get_of(n.b, half, 2 * i + 1), bits, o->u);
            sve_set(s, o->rd, o->size, i, sve_get(s, o->rd, o->size, i) + (uint64_t)(even + odd));
        }
    }
    return true;
}

/* Even results are of pairs of rd, odd ones of rm. */
bool sve2_op_pairwise(SveExec *s, const Sve2Operands *o)
{
    SveVector n = sve_vector(s, o->rd), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            const uint8_t *from = i & 1 ? m.b : n.b;
            sve_set(s, o->rd, o->size, i, sve2_element(o->op, o->size, o->u, 0, sve_get_of(from, o->size, i & ~1u), sve_get_of(from, o->size, i | 1)));
        }
    }
    return true;
}

/* ---- shifts ---- */

/* By a signed number of places, which is all of the element. */
static uint64_t shifted(const Sve2Operands *o, uint64_t n, uint64_t by)
{
    SimdEnv env = { .saturated = false };
    int bits = 8 << o->size;
    int64_t places = arm_extend(by, bits, false);
    places = MIN(MAX(places, -bits - 1), bits);
    return arm_simd_element(&env, o->op, bits, o->u, 0, 0, arm_extend(n, bits, o->u), places);
}

bool sve2_op_shift_vector(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, o->reversed ? shifted(o, m, n) : shifted(o, n, m));
        }
    }
    return true;
}

static uint64_t shifted_imm(const Sve2Operands *o, uint64_t d, uint64_t n)
{
    SimdEnv env = { .saturated = false };
    unsigned bits = 8u << sve2_shift_size(o);
    return arm_simd_element(&env, o->op, bits, o->u, 0, d, arm_extend(n, bits, o->u), o->left ? sve2_shift_left(o) : sve2_shift_right(o));
}

bool sve2_op_shift_imm(SveExec *s, const Sve2Operands *o)
{
    unsigned size = sve2_shift_size(o);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        if (sve_active(s, o->pg, size, i)) {
            sve_set(s, o->rd, size, i, shifted_imm(o, 0, sve_get(s, o->rd, size, i)));
        }
    }
    return true;
}

bool sve2_op_shift_imm_all(SveExec *s, const Sve2Operands *o)
{
    unsigned size = sve2_shift_size(o);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        sve_set(s, o->rd, size, i, shifted_imm(o, sve_get(s, o->rd, size, i), sve_get(s, o->rn, size, i)));
    }
    return true;
}

/* ---- not predicated ---- */

bool sve2_op_each(SveExec *s, const Sve2Operands *o)
{
    SveVector m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t d = sve_get(s, o->rd, o->size, i), n = sve_get(s, o->rn, o->size, i);
        sve_set(s, o->rd, o->size, i, sve2_element(o->op, o->size, o->u, d, n, sve_get_of(m.b, o->size, sve2_place(o, o->size, i))));
    }
    return true;
}

bool sve2_op_multiply_high(SveExec *s, const Sve2Operands *o)
{
    unsigned bits = 8u << o->size;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        int64_t n = arm_extend(sve_get(s, o->rn, o->size, i), bits, o->u), m = arm_extend(sve_get(s, o->rm, o->size, i), bits, o->u);
        uint64_t r = o->u ? (uint64_t)((unsigned __int128)(uint64_t)n * (uint64_t)m >> bits) : (uint64_t)((__int128)n * m >> bits);
        sve_set(s, o->rd, o->size, i, r);
    }
    return true;
}

/* ADCLB, SBCLB, ...: a carry comes from the odd elements of rm and goes to those of rd. */
bool sve2_op_add_carry(SveExec *s, const Sve2Operands *o)
{
    unsigned size = 2 + o->sz, bits = 8u << size;
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i += 2) {
        uint64_t other = sve_get_of(n.b, size, i + o->t);
        other = sve_low(o->d ? ~other : other, size);
        unsigned __int128 sum = (unsigned __int128)sve_get(s, o->rd, size, i) + other + (sve_get_of(m.b, size, i + 1) & 1);
        sve_set(s, o->rd, size, i, (uint64_t)sum);
        sve_set(s, o->rd, size, i + 1, (uint64_t)(sum >> bits));
    }
    return true;
}

/* ---- complex numbers: even elements are real, odd ones imaginary; rot in quarters of a turn ---- */

/* By a quarter (rot 0), by three. */
bool sve2_op_complex_add(SveExec *s, const Sve2Operands *o)
{
    unsigned plus = o->op, minus = plus == OP_ADD ? OP_SUB : OP_QSUB, quarters = o->rot;
    SveVector m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        bool negates = (i & 1) == quarters;
        sve_set(s, o->rd, o->size, i, sve2_element(negates ? minus : plus, o->size, false, 0, sve_get(s, o->rd, o->size, i), sve_get_of(m.b, o->size, i ^ 1)));
    }
    return true;
}

bool sve2_op_complex_muladd(SveExec *s, const Sve2Operands *o)
{
    unsigned plus = o->op, minus = plus == OP_MLA ? OP_MLS : OP_QRDMLSH, odd = o->rot & 1;
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        bool imaginary = i & 1, negates = imaginary ? o->rot >= 2 : o->rot == 1 || o->rot == 2;
        unsigned pair = o->indexed ? sve2_place(o, o->size + 1, i / 2) * 2 : i & ~1u;
        uint64_t a = sve_get_of(n.b, o->size, (i & ~1u) + odd), b = sve_get_of(m.b, o->size, pair + (odd ^ imaginary));
        sve_set(s, o->rd, o->size, i, sve2_element(negates ? minus : plus, o->size, false, sve_get(s, o->rd, o->size, i), a, b));
    }
    return true;
}

/* Two complex numbers of quarters of the size. */
bool sve2_op_complex_dot(SveExec *s, const Sve2Operands *o)
{
    unsigned part = o->size - 2, bits = 8u << part, odd = o->rot & 1;
    bool negates = o->rot == 0 || o->rot == 3;
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t sum = sve_get(s, o->rd, o->size, i);
        for (unsigned k = 0; k < 4; k += 2) {
            unsigned at = 4 * i + k, other = 4 * sve2_place(o, o->size, i) + k;
            int64_t real = arm_extend(sve_get_of(n.b, part, at), bits, false) * arm_extend(sve_get_of(m.b, part, other + odd), bits, false);
            int64_t imaginary = arm_extend(sve_get_of(n.b, part, at + 1), bits, false) * arm_extend(sve_get_of(m.b, part, other + !odd), bits, false);
            sum += (uint64_t)(negates ? real - imaginary : real + imaginary);
        }
        sve_set(s, o->rd, o->size, i, sum);
    }
    return true;
}
