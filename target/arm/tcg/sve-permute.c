/*
 * SVE: copies and permutations of elements.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve.h"

/* ---- copies ---- */

static bool fill(SveExec *s, unsigned rd, unsigned size, uint64_t value)
{
    for (unsigned i = 0; i < sve_count(s, size) && !s->dry; i++) {
        sve_set(s, rd, size, i, value);
    }
    return true;
}

bool sve_op_dup_float(SveExec *s, const SveOperands *o) { return fill(s, o->rd, o->size, arm_float_immediate(o->size, o->imm8)); }
bool sve_op_dup_register(SveExec *s, const SveOperands *o) { return fill(s, o->rd, o->size, sve_sp(s, o->rn)); }

bool sve_op_copy_float(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, arm_float_immediate(o->size, o->imm8));
        }
    }
    return true;
}

bool sve_op_copy_register(SveExec *s, const SveOperands *o)
{
    uint64_t value = o->vector ? sve_get(s, o->rn, o->size, 0) : sve_sp(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set(s, o->rd, o->size, i, value);
        }
    }
    return true;
}

/* imm2:tsz tells size and index, up to elements of 128 bits. */
bool sve_op_dup_indexed(SveExec *s, const SveOperands *o)
{
    unsigned word = o->imm2 << 5 | o->tsz, size = __builtin_ctz(word), index = word >> (size + 1), bytes = 1u << size;
    if (s->dry) {
        return true;
    }
    uint8_t value[16] = { 0 };
    if (index < sve_count(s, size)) {
        memcpy(value, s->cpu->v[o->rn] + (index << size), bytes);
    }
    for (unsigned at = 0; at < s->vl; at += bytes) {
        memcpy(s->cpu->v[o->rd] + at, value, bytes);
    }
    return true;
}

bool sve_op_insr(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t value = o->vector ? sve_get(s, o->rn, o->size, 0) : sve_x(s, o->rn);
    memmove(s->cpu->v[o->rd] + (1u << o->size), s->cpu->v[o->rd], s->vl - (1u << o->size));
    sve_set(s, o->rd, o->size, 0, value);
    return true;
}

bool sve_op_sel(SveExec *s, const SveOperands *o)
{
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, sve_get(s, sve_active(s, o->pg, o->size, i) ? o->rn : o->rm, o->size, i));
    }
    return true;
}

/* ---- orders ---- */

bool sve_op_reverse_all(SveExec *s, const SveOperands *o)
{
    SveVector n = sve_vector(s, o->rn);
    unsigned nr = sve_count(s, o->size);
    for (unsigned i = 0; i < nr && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, sve_get_of(n.b, o->size, nr - 1 - i));
    }
    return true;
}

/* Parts of 1 << from bytes within each element. */
bool sve_op_reverse(SveExec *s, const SveOperands *o)
{
    unsigned bits = 8u << o->from;
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            uint64_t n = sve_get(s, o->rn, o->size, i), r = 0;
            for (unsigned at = 0; at < 8u << o->size; at += bits) {
                r = r << bits | (n >> at & MAKE_MASK(0, bits));
            }
            sve_set(s, o->rd, o->size, i, r);
        }
    }
    return true;
}

bool sve_op_unpack(SveExec *s, const SveOperands *o)
{
    SveVector n = sve_vector(s, o->rn);
    unsigned nr = sve_count(s, o->size), half = o->size - 1;
    for (unsigned i = 0; i < nr && !s->dry; i++) {
        sve_set(s, o->rd, o->size, i, (uint64_t)arm_extend(sve_get_of(n.b, half, i + (o->h ? nr : 0)), 8u << half, o->u));
    }
    return true;
}

/* size up to 4: elements of 128 bits, of which there must be two. */
bool sve_op_permute(SveExec *s, const SveOperands *o)
{
    unsigned bytes = 1u << o->size, nr = s->vl / bytes / 2 * 2, second = o->op == OP_ZIP2 || o->op == OP_UZP2 || o->op == OP_TRN2;
    if (o->size == 4 && s->vl < 32) {
        return false;
    }
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    for (unsigned i = 0; i < nr; i++) {
        unsigned from = i & 1 ? o->rm : o->rn, at = o->op == OP_ZIP1 || o->op == OP_ZIP2 ? i / 2 + second * (nr / 2) : (i & ~1u) + second;
        if (o->op == OP_UZP1 || o->op == OP_UZP2) {
            from = i < nr / 2 ? o->rn : o->rm;
            at = i % (nr / 2) * 2 + second;
        }
        memcpy(r.b + i * bytes, s->cpu->v[from] + at * bytes, bytes);
    }
    sve_write(s, o->rd, &r);
    return true;
}

bool sve_op_table(SveExec *s, const SveOperands *o)
{
    SveVector n = sve_vector(s, o->rn);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t index = sve_get(s, o->rm, o->size, i);
        sve_set(s, o->rd, o->size, i, index < sve_count(s, o->size) ? sve_get_of(n.b, o->size, index) : 0);
    }
    return true;
}

bool sve_op_ext(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r, d = sve_vector(s, o->rd), n = sve_vector(s, o->rn);
    unsigned from = (unsigned)o->imm8 < s->vl ? o->imm8 : 0;
    memcpy(r.b, d.b + from, s->vl - from);
    memcpy(r.b + s->vl - from, n.b, from);
    sve_write(s, o->rd, &r);
    return true;
}

bool sve_op_compact(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    unsigned to = 0;
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            sve_set_of(r.b, o->size, to++, sve_get(s, o->rn, o->size, i));
        }
    }
    sve_write(s, o->rd, &r);
    return true;
}

bool sve_op_splice(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    unsigned to = 0, nr = sve_count(s, o->size), last = nr;
    while (last > 0 && !sve_active(s, o->pg, o->size, last - 1)) {
        last--;
    }
    bool started = false;
    for (unsigned i = 0; i < last; i++) {
        started |= sve_active(s, o->pg, o->size, i);
        if (started) {
            sve_set_of(r.b, o->size, to++, sve_get(s, o->rd, o->size, i));
        }
    }
    for (unsigned i = 0; to < nr; i++) {
        sve_set_of(r.b, o->size, to++, sve_get(s, o->rn, o->size, i));
    }
    sve_write(s, o->rd, &r);
    return true;
}

/* ---- the last active element, or (b clear) the one behind it ---- */

/* The number of the last active one, or -1. */
static int last_active(const SveExec *s, unsigned pg, unsigned size)
{
    int i = (int)sve_count(s, size) - 1;
    while (i >= 0 && !sve_active(s, pg, size, i)) {
        i--;
    }
    return i;
}

static uint64_t chosen(const SveExec *s, const SveOperands *o, int last)
{
    int nr = (int)sve_count(s, o->size), i = o->b ? (last < 0 ? nr - 1 : last) : last + 1 >= nr ? 0 : last + 1;
    return sve_get(s, o->rn, o->size, i);
}

bool sve_op_last(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t value = chosen(s, o, last_active(s, o->pg, o->size));
    if (o->vector) {
        sve_write_scalar(s, o->rd, o->size, value);
    } else {
        sve_set_x(s, o->rd, value);
    }
    return true;
}

bool sve_op_clast(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    int last = last_active(s, o->pg, o->size);
    if (o->vector) {
        sve_write_scalar(s, o->rd, o->size, last < 0 ? sve_get(s, o->rd, o->size, 0) : chosen(s, o, last));
    } else {
        sve_set_x(s, o->rd, last < 0 ? sve_low(sve_x(s, o->rd), o->size) : chosen(s, o, last));
    }
    return true;
}

bool sve_op_clast_all(SveExec *s, const SveOperands *o)
{
    int last = s->dry ? -1 : last_active(s, o->pg, o->size);
    return last < 0 || fill(s, o->rd, o->size, chosen(s, o, last));
}
