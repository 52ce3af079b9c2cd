/*
 * SVE2.1: integers and permutations, most of them of each quadword by itself.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve21.h"

enum { QUAD = 16 };

/* ---- reductions: elements of one place of all quadwords ---- */

static uint64_t identity(const Sve21Operands *o)
{
    uint64_t ones = MAKE_MASK(0, 8u << o->size), sign = BIT((8u << o->size) - 1);
    switch (o->op) {
    case OP_AND: return ones;
    case OP_MAX: return o->u ? 0 : sign;
    case OP_MIN: return o->u ? ones : ones ^ sign;
    default: return 0;
    }
}

bool sve21_op_reduce_quads(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SimdEnv env = { .saturated = false };
    SveVector r = { { 0 } };
    unsigned in_quad = QUAD >> o->size, bits = 8u << o->size;
    for (unsigned k = 0; k < in_quad; k++) {
        uint64_t value = identity(o);
        for (unsigned i = k; i < sve_count(s, o->size); i += in_quad) {
            if (sve_active(s, o->pg, o->size, i)) {
                value = arm_simd_element(&env, o->op, bits, o->u, 0, 0, arm_extend(value, bits, o->u), arm_extend(sve_get(s, o->rn, o->size, i), bits, o->u));
            }
        }
        sve_set_of(r.b, o->size, k, value);
    }
    sve_write(s, o->rd, &r);
    return true;
}

/* ---- permutations ---- */

/* tsz: an index, then a 1 and as many zeroes as the element's size says. */
bool sve21_op_dup_in_quads(SveExec *s, const Sve21Operands *o)
{
    if (!(o->tsz & 15)) {
        return false;
    }
    unsigned size = (unsigned)__builtin_ctz((unsigned)o->tsz), index = (unsigned)o->tsz >> (size + 1), in_quad = QUAD >> size;
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        sve_set(s, o->rd, size, i, sve_get_of(n.b, size, i / in_quad * in_quad + index));
    }
    return true;
}

bool sve21_op_extract_in_quads(SveExec *s, const Sve21Operands *o)
{
    SveVector n = sve_vector(s, o->rd), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < s->vl && !s->dry; i++) {
        unsigned at = i % QUAD + o->imm4;
        sve_set(s, o->rd, 0, i, at < QUAD ? n.b[i - i % QUAD + at] : m.b[i - i % QUAD + at - QUAD]);
    }
    return true;
}

bool sve21_op_permute_in_quads(SveExec *s, const Sve21Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    unsigned in_quad = QUAD >> o->size, second = o->op == OP_ZIP2 || o->op == OP_UZP2;
    bool zips = o->op == OP_ZIP1 || o->op == OP_ZIP2;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        unsigned k = i % in_quad, half = in_quad / 2;
        unsigned at = zips ? k / 2 + second * half : 2 * (k % half) + second;
        sve_set(s, o->rd, o->size, i, sve_get_of((zips ? k & 1 : k >= half) ? m.b : n.b, o->size, i - k + at));
    }
    return true;
}

bool sve21_op_table_in_quads(SveExec *s, const Sve21Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    unsigned in_quad = QUAD >> o->size;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t index = sve_get_of(m.b, o->size, i);
        if (index < in_quad) {
            sve_set(s, o->rd, o->size, i, sve_get_of(n.b, o->size, i - i % in_quad + (unsigned)index));
        } else if (!o->extends) {
            sve_set(s, o->rd, o->size, i, 0);
        }
    }
    return true;
}

bool sve21_op_reverse_doublewords(SveExec *s, const Sve21Operands *o)
{
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < s->vl / 8 && !s->dry; i++) {
        if (sve_active(s, o->pg, 4, i / 2)) {
            sve_set(s, o->rd, 3, i, sve_get_of(n.b, 3, i ^ 1));
        }
    }
    return true;
}

/* ---- arithmetic ---- */

bool sve21_op_clamp(SveExec *s, const Sve21Operands *o)
{
    SimdEnv env = { .saturated = false };
    unsigned bits = 8u << o->size;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        int64_t d = arm_extend(sve_get(s, o->rd, o->size, i), bits, o->u), n = arm_extend(sve_get(s, o->rn, o->size, i), bits, o->u);
        uint64_t least = arm_simd_element(&env, OP_MAX, bits, o->u, 0, 0, n, d);
        sve_set(s, o->rd, o->size, i, arm_simd_element(&env, OP_MIN, bits, o->u, 0, 0, arm_extend(least, bits, o->u), arm_extend(sve_get(s, o->rm, o->size, i), bits, o->u)));
    }
    return true;
}

/* Two products of halfwords to a word; indexed: pairs of the same place of each quadword of m. */
bool sve21_op_dot2(SveExec *s, const Sve21Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, 2) && !s->dry; i++) {
        uint64_t sum = sve_get(s, o->rd, 2, i);
        unsigned pair = o->indexed ? i / 4 * 4 + o->index : i;
        for (unsigned k = 0; k < 2; k++) {
            sum += (uint64_t)(arm_extend(sve_get_of(n.b, 1, 2 * i + k), 16, o->u) * arm_extend(sve_get_of(m.b, 1, 2 * pair + k), 16, o->u));
        }
        sve_set(s, o->rd, 2, i, sum);
    }
    return true;
}

/* Words of two registers, rounded and saturated to halfwords that alternate. */
bool sve21_op_narrow_pair(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    int64_t least = o->u || o->to_unsigned ? 0 : INT16_MIN, most = o->u || o->to_unsigned ? UINT16_MAX : INT16_MAX;
    unsigned by = o->shifts ? 16 - o->imm4 : 0;
    SveVector r;
    for (unsigned i = 0; i < sve_count(s, 1); i++) {
        int64_t value = arm_extend(sve_get(s, o->rn + i % 2, 2, i / 2), 32, o->u);
        value = by ? (value + (INT64_C(1) << (by - 1))) >> by : value;
        sve_set_of(r.b, 1, i, (uint64_t)(value < least ? least : value > most ? most : value));
    }
    sve_write(s, o->rd, &r);
    return true;
}
