/*
 * SVE: integers.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve.h"

static uint64_t element(const SveOperands *o, unsigned op, uint64_t d, uint64_t n, uint64_t m)
{
    SimdEnv env = { .saturated = false };       /* SVE has no QC */
    unsigned bits = 8u << o->size;
    return arm_simd_element(&env, op, bits, o->u, 0, d, arm_extend(n, bits, o->u), arm_extend(m, bits, o->u));
}

bool sve_op_binary(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, o->reversed ? element(o, o->op, 0, m, n) : element(o, o->op, 0, n, m));
        }
    }
    return true;
}

bool sve_op_binary_all(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, element(o, o->op, 0, sve_get(s, o->rn, o->size, i), sve_get(s, o->rm, o->size, i)));
    }
    return true;
}

bool sve_op_multiply_high(SveExec *s, const SveOperands *o)
{
    unsigned bits = 8u << o->size;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            int64_t n = arm_extend(sve_get(s, o->rd, o->size, i), bits, o->u), m = arm_extend(sve_get(s, o->rm, o->size, i), bits, o->u);
            uint64_t r = o->u ? (uint64_t)((unsigned __int128)(uint64_t)n * (uint64_t)m >> bits) : (uint64_t)((__int128)n * m >> bits);
            sve_set(s, o->rd, o->size, i, r);
        }
    }
    return true;
}

static uint64_t quotient(uint64_t n, uint64_t m, unsigned bits, bool u)
{
    int64_t a = arm_extend(n, bits, u), b = arm_extend(m, bits, u);
    return b == 0 ? 0 : u ? (uint64_t)a / (uint64_t)b : b == -1 ? -(uint64_t)a : (uint64_t)(a / b);
}

bool sve_op_divide(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, o->reversed ? quotient(m, n, 8u << o->size, o->u) : quotient(n, m, 8u << o->size, o->u));
        }
    }
    return true;
}

/* ---- shifts ---- */

static uint64_t shifted(unsigned op, unsigned bits, uint64_t n, uint64_t by)
{
    int64_t value = arm_extend(n, bits, false);
    switch (op) {
    case SHIFT_ASR: return (uint64_t)(value >> (by >= bits ? bits - 1 : by));
    case SHIFT_LSR: return by >= bits ? 0 : n >> by;
    case SHIFT_LSL: return by >= bits ? 0 : n << by;
    default: return (uint64_t)(((__int128)value + (value < 0 ? ((__int128)1 << by) - 1 : 0)) >> by);
    }
}

bool sve_op_shift_vector(SveExec *s, const SveOperands *o)
{
    unsigned bits = 8u << o->size;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rd, o->size, i), m = o->wide ? sve_get(s, o->rm, 3, i >> (3 - o->size)) : sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, o->reversed ? shifted(o->op, bits, m, n) : shifted(o->op, bits, n, m));
        }
    }
    return true;
}

bool sve_op_shift_wide_all(SveExec *s, const SveOperands *o)
{
    SveVector r;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set_of(r.b, o->size, i, shifted(o->op, 8u << o->size, sve_get(s, o->rn, o->size, i), sve_get(s, o->rm, 3, i >> (3 - o->size))));
    }
    if (!s->dry) {
        sve_write(s, o->rd, &r);
    }
    return true;
}

static unsigned shift_size(const SveOperands *o) { return 31 - __builtin_clz(o->tszimm) - 3; }
static unsigned shift_places(const SveOperands *o, unsigned size) { return o->op == SHIFT_LSL ? o->tszimm - (8u << size) : (16u << size) - o->tszimm; }

bool sve_op_shift_imm(SveExec *s, const SveOperands *o)
{
    unsigned size = shift_size(o), by = shift_places(o, size);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        if (sve_active(s, o->pg, size, i)) {
            sve_set(s, o->rd, size, i, shifted(o->op, 8u << size, sve_get(s, o->rd, size, i), by));
        }
    }
    return true;
}

bool sve_op_shift_imm_all(SveExec *s, const SveOperands *o)
{
    unsigned size = shift_size(o), by = shift_places(o, size);
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        sve_set(s, o->rd, size, i, shifted(o->op, 8u << size, sve_get(s, o->rn, size, i), by));
    }
    return true;
}

/* ---- reductions ---- */

bool sve_op_add_across(SveExec *s, const SveOperands *o)
{
    uint64_t sum = 0;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sum += sve_active(s, o->pg, o->size, i) ? (uint64_t)arm_extend(sve_get(s, o->rn, o->size, i), 8u << o->size, o->u) : 0;
    }
    if (!s->dry) {
        sve_write_scalar(s, o->rd, 3, sum);
    }
    return true;
}

bool sve_op_reduce(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t ones = MAKE_MASK(0, 8u << o->size), top = ones & ~(ones >> 1);
    uint64_t r = o->op == OP_MAX ? (o->u ? 0 : top) : o->op == OP_MIN ? (o->u ? ones : ones >> 1) : o->op == OP_AND ? ones : 0;
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            r = sve_low(element(o, o->op, 0, r, sve_get(s, o->rn, o->size, i)), o->size);
        }
    }
    sve_write_scalar(s, o->rd, o->size, r);
    return true;
}

/* ---- one operand ---- */

bool sve_op_movprfx(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, sve_get(s, o->rn, o->size, i));
        } else if (!o->m) {
            sve_set(s, o->rd, o->size, i, 0);
        }
    }
    return true;
}

bool sve_op_move_all(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        memcpy(s->cpu->v[o->rd], s->cpu->v[o->rn], s->vl);
    }
    return true;
}

bool sve_op_extend(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, (uint64_t)arm_extend(sve_get(s, o->rn, o->size, i), 8u << o->from, o->u));
        }
    }
    return true;
}

bool sve_op_unary(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, element(o, o->op, 0, sve_get(s, o->rn, o->size, i), 0));
        }
    }
    return true;
}

bool sve_op_cnot(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, sve_get(s, o->rn, o->size, i) == 0);
        }
    }
    return true;
}

bool sve_op_muladd(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t d = sve_get(s, o->rd, o->size, i), m = sve_get(s, o->rm, o->size, i);
            sve_set(s, o->rd, o->size, i, o->multiplicand ? element(o, o->op, sve_get(s, o->ra, o->size, i), d, m)
                                                          : element(o, o->op, d, sve_get(s, o->rn, o->size, i), m));
        }
    }
    return true;
}

/* ---- series, addresses, lengths ---- */

bool sve_op_index(SveExec *s, const SveOperands *o)
{
    uint64_t base = o->base_register ? sve_x(s, o->rn) : (uint64_t)arm_extend(o->imm5, 5, false);
    uint64_t step = o->step_register ? sve_x(s, o->rm) : (uint64_t)arm_extend(o->imm5b, 5, false);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, base + i * step);
    }
    return true;
}

bool sve_op_add_length(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t add = (uint64_t)((int64_t)o->imm * (o->predicate ? s->vl / 8 : s->vl));
    if (o->nothing) {
        sve_set_x(s, o->rd, add);
    } else {
        s->cpu->x[o->rd] = sve_sp(s, o->rn) + add;
    }
    return true;
}

bool sve_op_adr(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t offset = sve_get(s, o->rm, o->size, i);
        offset = o->signed_offset ? (uint64_t)(int32_t)offset : o->unsigned_offset ? (uint32_t)offset : offset;
        sve_set(s, o->rd, o->size, i, sve_get(s, o->rn, o->size, i) + (offset << o->msz));
    }
    return true;
}

/* ---- immediates ---- */

bool sve_bit_mask(unsigned imm13, uint64_t *mask)
{
    unsigned n = imm13 >> 12, immr = imm13 >> 6 & 63, imms = imm13 & 63, tested = n << 6 | (~imms & 63);
    if (tested < 2) {
        return false;
    }
    unsigned length = 31 - __builtin_clz(tested), width = 1u << length, levels = width - 1, ones = imms & levels, turn = immr & levels;
    if (ones == levels) {
        return false;
    }
    uint64_t pattern = MAKE_MASK(0, ones + 1), field = MAKE_MASK(0, width);
    pattern = turn ? (pattern >> turn | pattern << (width - turn)) & field : pattern;
    for (; width < 64; width *= 2) {
        pattern |= pattern << width;
    }
    *mask = pattern;
    return true;
}

bool sve_op_bitwise_imm(SveExec *s, const SveOperands *o)
{
    uint64_t mask;
    if (!sve_bit_mask(o->imm13, &mask)) {
        return false;
    }
    SimdEnv env = { .saturated = false };
    for (unsigned i = 0; i < sve_count(s, 3) && !s->dry; i++) {
        sve_set(s, o->rd, 3, i, o->only ? mask : arm_simd_element(&env, o->op, 64, true, 0, 0, (int64_t)sve_get(s, o->rd, 3, i), (int64_t)mask));
    }
    return true;
}

bool sve_op_copy_imm(SveExec *s, const SveOperands *o)
{
    if (o->size == 0 && o->sh) {
        return false;
    }
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, (uint64_t)(int64_t)o->simm8 << (o->sh ? 8 : 0));
        } else if (!o->m) {
            sve_set(s, o->rd, o->size, i, 0);
        }
    }
    return true;
}

bool sve_op_dup_imm(SveExec *s, const SveOperands *o)
{
    if (o->size == 0 && o->sh) {
        return false;
    }
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, (uint64_t)(int64_t)o->simm8 << (o->sh ? 8 : 0));
    }
    return true;
}

bool sve_op_arith_imm(SveExec *s, const SveOperands *o)
{
    if (o->size == 0 && o->sh) {
        return false;
    }
    SimdEnv env = { .saturated = false };
    unsigned bits = 8u << o->size;
    int64_t imm = (int64_t)o->imm8 << (o->sh ? 8 : 0);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        int64_t n = arm_extend(sve_get(s, o->rd, o->size, i), bits, o->u);
        sve_set(s, o->rd, o->size, i, arm_simd_element(&env, o->op, bits, o->u, 0, 0, o->reversed ? imm : n, o->reversed ? n : imm));
    }
    return true;
}

bool sve_op_min_max_imm(SveExec *s, const SveOperands *o)
{
    SimdEnv env = { .saturated = false };
    unsigned bits = 8u << o->size;
    int64_t imm = o->u ? o->simm8 & 0xff : o->simm8;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, arm_simd_element(&env, o->op, bits, o->u, 0, 0, arm_extend(sve_get(s, o->rd, o->size, i), bits, o->u), imm));
    }
    return true;
}

/* ---- comparison ---- */

static bool holds(unsigned op, bool u, int64_t a, int64_t b)
{
    bool less = u ? (uint64_t)a < (uint64_t)b : a < b;
    switch (op) {
    case COMPARE_EQ: return a == b;
    case COMPARE_NE: return a != b;
    case COMPARE_GE: return !less;
    case COMPARE_GT: return !less && a != b;
    case COMPARE_LT: return less;
    default: return less || a == b;
    }
}

bool sve_op_compare(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    unsigned bits = 8u << o->size;
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            int64_t a = arm_extend(sve_get(s, o->rn, o->size, i), bits, o->u);
            int64_t b = o->wide ? (int64_t)sve_get(s, o->rm, 3, i >> (3 - o->size)) : arm_extend(sve_get(s, o->rm, o->size, i), bits, o->u);
            sve_set_bit(r.b, i << o->size, holds(o->op, o->u, a, b));
        }
    }
    sve_test(s, s->cpu->p[o->pg], r.b, o->size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_compare_imm(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set_bit(r.b, i << o->size, holds(o->op, o->u, arm_extend(sve_get(s, o->rn, o->size, i), 8u << o->size, o->u), o->u ? o->imm7 : o->simm5));
        }
    }
    sve_test(s, s->cpu->p[o->pg], r.b, o->size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* ---- what AdvSIMD does to 128 bits, on each 128 bits ---- */

static bool by_segments(SveExec *s, uint32_t spec, unsigned rd, unsigned rn, unsigned rm)
{
    SimdEnv env = { .fp = arm_float_of(s->cpu) };
    for (unsigned at = 0; at < s->vl && !s->dry; at += 16) {
        ArmV d, n, m;
        memcpy(&d, s->cpu->v[rd] + at, 16);
        memcpy(&n, s->cpu->v[rn] + at, 16);
        memcpy(&m, s->cpu->v[rm] + at, 16);
        d = arm_simd_compute(&env, spec, &d, &n, &m);
        memcpy(s->cpu->v[rd] + at, &d, 16);
    }
    s->cpu->fpsr |= env.fp.flags;
    return true;
}

bool sve_op_dot(SveExec *s, const SveOperands *o)
{
    return by_segments(s, SIMD_SPEC(o->mixed ? OP_USDOT : OP_DOT, SHAPE_WHOLE, o->size, FORM_128, o->u, 0), o->rd, o->rn, o->rm);
}

bool sve_op_dot_indexed(SveExec *s, const SveOperands *o)
{
    return by_segments(s, SIMD_SPEC(o->mixed ? OP_USDOT : OP_DOT, SHAPE_WHOLE, o->size, FORM_128, o->u, 0) | SIMD_ELEMENT(o->size, o->index), o->rd, o->rn, o->rmx);
}

bool sve_op_segments(SveExec *s, const SveOperands *o)
{
    uint32_t spec = SIMD_SPEC(o->op, SHAPE_WHOLE, 2, FORM_128, o->u, 0) | (o->by_element ? SIMD_ELEMENT(o->element, o->index) : 0);
    return by_segments(s, spec, o->rd, o->rn, o->by_element ? o->rmx : o->rm);
}

bool sve_op_float_indexed(SveExec *s, const SveOperands *o)
{
    return by_segments(s, SIMD_SPEC(OP_FLOAT + o->op, SHAPE_EACH, o->size, FORM_128, 0, 0) | SIMD_ELEMENT(o->size, o->index), o->rd, o->rn, o->rmx);
}

bool sve_op_fcmla_indexed(SveExec *s, const SveOperands *o)
{
    return by_segments(s, SIMD_SPEC(OP_FCMLA, SHAPE_WHOLE, o->size, FORM_128, 0, o->rot) | SIMD_ELEMENT(o->size + 1, o->index), o->rd, o->rn, o->rmx);
}
