/*
 * SVE2: logic, bits of elements, cryptography.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve2.h"

/* d, m and k are the manual's Zdn, Zm and Zk. */
static uint64_t logic(unsigned op, uint64_t d, uint64_t m, uint64_t k)
{
    switch (op) {
    case SVE2_EOR3: return d ^ m ^ k;
    case SVE2_BCAX: return d ^ (m & ~k);
    case SVE2_BSL: return (d & k) | (m & ~k);
    case SVE2_BSL1N: return (~d & k) | (m & ~k);
    case SVE2_BSL2N: return (d & k) | (~m & ~k);
    default: return ~((d & k) | (m & ~k));
    }
}

bool sve2_op_logic3(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, 3) && !s->dry; i++) {
        sve_set(s, o->rd, 3, i, logic(o->op, sve_get(s, o->rd, 3, i), sve_get(s, o->rm, 3, i), sve_get(s, o->rn, 3, i)));
    }
    return true;
}

bool sve2_op_xor_rotate(SveExec *s, const Sve2Operands *o)
{
    unsigned size = sve2_shift_size(o), bits = 8u << size, by = sve2_shift_right(o);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        uint64_t value = sve_get(s, o->rd, size, i) ^ sve_get(s, o->rm, size, i);
        sve_set(s, o->rd, size, i, by == bits ? value : value >> by | value << (bits - by));
    }
    return true;
}

/* EORBT (t 0), EORTB: the other ones of rd stay. */
bool sve2_op_xor_interleaved(SveExec *s, const Sve2Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i += 2) {
        sve_set(s, o->rd, o->size, i + o->t, sve_get_of(n.b, o->size, i + o->t) ^ sve_get_of(m.b, o->size, i + !o->t));
    }
    return true;
}

/* BEXT gathers the bits that the mask has at the low end, BDEP scatters them from there; BGRP gathers, and puts the others above. */
static uint64_t permuted(unsigned op, unsigned bits, uint64_t n, uint64_t mask)
{
    uint64_t result = 0;
    unsigned low = 0, high = op == SVE2_BGRP ? (unsigned)__builtin_popcountll(mask) : 64;
    for (unsigned i = 0; i < bits; i++) {
        if (mask >> i & 1) {
            result |= op == SVE2_BDEP ? (n >> low & 1) << i : (n >> i & 1) << low;
            low++;
        } else if (high < 64) {
            result |= (n >> i & 1) << high++;
        }
    }
    return result;
}

bool sve2_op_permute_bits(SveExec *s, const Sve2Operands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, permuted(o->op, 8u << o->size, sve_get(s, o->rn, o->size, i), sve_get(s, o->rm, o->size, i)));
    }
    return true;
}

/* What AdvSIMD does to 128 bits, on each 128 bits. */
bool sve2_op_cipher(SveExec *s, const Sve2Operands *o)
{
    for (unsigned at = 0; at < s->vl && !s->dry; at += 16) {
        ArmV d, n, m;
        memcpy(&d, s->cpu->v[o->rd] + at, 16);
        memcpy(&n, s->cpu->v[o->rn] + at, 16);
        memcpy(&m, s->cpu->v[o->rm] + at, 16);
        d = arm_simd_crypto(SIMD_SPEC(o->op, SHAPE_WHOLE, 2, FORM_128, 0, 0), &d, &n, &m);
        memcpy(s->cpu->v[o->rd] + at, &d, 16);
    }
    return true;
}
