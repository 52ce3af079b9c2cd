/*
 * SVE2: integers whose results are twice or half as wide as the operands.
 *
 * DDI 0487, C8.2. Bottom (t = 0) and top are the even and the odd narrow elements.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve2.h"

/* ---- to twice the width ---- */

bool sve2_op_long(SveExec *s, const Sve2Operands *o)
{
    unsigned half = o->size - 1, bits = 8u << half;
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        SimdEnv env = { .saturated = false };
        unsigned other = o->indexed ? sve2_place(o, half, 2 * i) : 2 * i + (o->t ^ o->crossed);
        int64_t a = arm_extend(sve_get_of(n.b, half, 2 * i + o->t), bits, o->u), b = arm_extend(sve_get_of(m.b, half, other), bits, o->u);
        sve_set(s, o->rd, o->size, i, arm_simd_element(&env, o->op, 2 * bits, o->u, 0, sve_get(s, o->rd, o->size, i), a, b));
    }
    return true;
}

bool sve2_op_wide(SveExec *s, const Sve2Operands *o)
{
    unsigned half = o->size - 1;
    SveVector m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t b = (uint64_t)arm_extend(sve_get_of(m.b, half, 2 * i + o->t), 8u << half, o->u);
        sve_set(s, o->rd, o->size, i, sve2_element(o->op, o->size, o->u, 0, sve_get(s, o->rn, o->size, i), b));
    }
    return true;
}

bool sve2_op_shift_long(SveExec *s, const Sve2Operands *o)
{
    unsigned half = sve2_shift_size(o), by = sve2_shift_left(o);
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, half + 1) && !s->dry; i++) {
        sve_set(s, o->rd, half + 1, i, (uint64_t)arm_extend(sve_get_of(n.b, half, 2 * i + o->t), 8u << half, o->u) << by);
    }
    return true;
}

/* PMULLB, PMULLT of 64 bits. */
bool sve2_op_polynomial_long(SveExec *s, const Sve2Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, 3) && !s->dry; i += 2) {
        uint64_t a = sve_get_of(n.b, 3, i + o->t), b = sve_get_of(m.b, 3, i + o->t);
        unsigned __int128 product = 0;
        for (unsigned bit = 0; bit < 64; bit++) {
            product ^= b >> bit & 1 ? (unsigned __int128)a << bit : 0;
        }
        sve_set(s, o->rd, 3, i, (uint64_t)product);
        sve_set(s, o->rd, 3, i + 1, (uint64_t)(product >> 64));
    }
    return true;
}

/* ---- to half the width: bottom results have 0 beside them, top ones leave what is there ---- */

static void set_narrow(SveExec *s, const Sve2Operands *o, unsigned half, unsigned i, uint64_t value)
{
    if (!o->t) {
        sve_set(s, o->rd, half, 2 * i + 1, 0);
    }
    sve_set(s, o->rd, half, 2 * i + o->t, value);
}

static void narrow(SveExec *s, const Sve2Operands *o, unsigned half, unsigned by)
{
    SveVector n = sve_vector(s, o->rn);
    bool from_unsigned = o->u && o->op != OP_QXTUN && o->op != OP_QRXTUN;
    for (unsigned i = 0; i < sve_count(s, half + 1); i++) {
        SimdEnv env = { .saturated = false };
        int64_t value = arm_extend(sve_get_of(n.b, half + 1, i), 16u << half, from_unsigned);
        set_narrow(s, o, half, i, arm_simd_element(&env, o->op, 8u << half, o->u, by, 0, value, 0));
    }
}

bool sve2_op_extract_narrow(SveExec *s, const Sve2Operands *o)
{
    if (o->tsz == 0 || (o->tsz & (o->tsz - 1))) {
        return false;
    }
    if (!s->dry) {
        narrow(s, o, __builtin_ctz(o->tsz), 0);
    }
    return true;
}

bool sve2_op_shift_narrow(SveExec *s, const Sve2Operands *o)
{
    if (!s->dry) {
        narrow(s, o, sve2_shift_size(o), sve2_shift_right(o));
    }
    return true;
}

bool sve2_op_add_high(SveExec *s, const Sve2Operands *o)
{
    unsigned half = o->size - 1, bits = 8u << half;
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    uint64_t rounding = o->r ? BIT(bits - 1) : 0;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t a = sve_get_of(n.b, o->size, i), b = sve_get_of(m.b, o->size, i);
        set_narrow(s, o, half, i, ((o->op == OP_ADD ? a + b : a - b) + rounding) >> bits);
    }
    return true;
}
