/*
 * SVE2: searches, histograms, permutations, predicates made of pairs of numbers.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve2.h"

/* ---- tables by indices of a few bits (FEAT_LUT): those that the instruction's number tells of m. A table of 16 halfwords needs 256 bits ---- */

bool sve2_op_look_up(SveExec *s, const Sve2Operands *o)
{
    unsigned nr = sve_count(s, o->size), entries = 1u << o->bits, in_one = MIN(entries, nr);
    if (entries > nr * o->registers) {
        return false;
    }
    SveVector n = sve_vector(s, o->rn), second = sve_vector(s, (o->rn + 1) % 32), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < nr && !s->dry; i++) {
        unsigned at = (o->index * nr + i) * o->bits, index = m.b[at / 8] >> (at % 8) & (entries - 1);
        in_one = o->registers == 2 ? 8 : in_one;
        sve_set(s, o->rd, o->size, i, sve_get_of(index < in_one ? n.b : second.b, o->size, index < in_one ? index : index - in_one));
    }
    return true;
}

/* ---- searches ---- */

/* How many elements of the 128 bits of m that element i is in are this one. */
static unsigned times_in_segment(const uint8_t *m, unsigned size, unsigned i, uint64_t value)
{
    unsigned count = 0, segment = 16u >> size, from = i / segment * segment;
    for (unsigned k = from; k < from + segment; k++) {
        count += sve_get_of(m, size, k) == value;
    }
    return count;
}

bool sve2_op_match(SveExec *s, const Sve2Operands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        if (sve_active(s, o->pg, o->size, i)) {
            bool found = times_in_segment(s->cpu->v[o->rm], o->size, i, sve_get(s, o->rn, o->size, i)) != 0;
            sve_set_bit(r.b, i << o->size, found != o->negated);
        }
    }
    sve_test(s, s->cpu->p[o->pg], r.b, o->size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve2_op_histogram_segment(SveExec *s, const Sve2Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < s->vl && !s->dry; i++) {
        sve_set(s, o->rd, 0, i, times_in_segment(m.b, 0, i, n.b[i]));
    }
    return true;
}

/* Of the active elements of m up to here. */
bool sve2_op_histogram(SveExec *s, const Sve2Operands *o)
{
    SveVector n = sve_vector(s, o->rn), m = sve_vector(s, o->rm);
    for (unsigned i = 0; i < sve_count(s, o->size) && !s->dry; i++) {
        uint64_t count = 0;
        for (unsigned k = 0; k <= i && sve_active(s, o->pg, o->size, i); k++) {
            count += sve_active(s, o->pg, o->size, k) && sve_get_of(m.b, o->size, k) == sve_get_of(n.b, o->size, i);
        }
        sve_set(s, o->rd, o->size, i, count);
    }
    return true;
}

/* ---- permutations ---- */

/* TBL of two registers, TBX: what is out of range is 0, or stays. */
bool sve2_op_table(SveExec *s, const Sve2Operands *o)
{
    SveVector n[2] = { sve_vector(s, o->rn), sve_vector(s, (o->rn + 1) % 32) };
    unsigned nr = sve_count(s, o->size);
    for (unsigned i = 0; i < nr && !s->dry; i++) {
        uint64_t index = sve_get(s, o->rm, o->size, i);
        if (index < (uint64_t)nr * o->registers) {
            sve_set(s, o->rd, o->size, i, sve_get_of(n[index / nr].b, o->size, index % nr));
        } else if (!o->extends) {
            sve_set(s, o->rd, o->size, i, 0);
        }
    }
    return true;
}

bool sve2_op_ext(SveExec *s, const Sve2Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r;
    unsigned from = (unsigned)o->imm8 < s->vl ? o->imm8 : 0;
    memcpy(r.b, s->cpu->v[o->rn] + from, s->vl - from);
    memcpy(r.b + s->vl - from, s->cpu->v[(o->rn + 1) % 32], from);
    sve_write(s, o->rd, &r);
    return true;
}

/* From the first active element to the last of rn, then from the start of the register behind it. */
bool sve2_op_splice(SveExec *s, const Sve2Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r;
    unsigned nr = sve_count(s, o->size), first = 0, end = nr, to = 0;
    while (first < nr && !sve_active(s, o->pg, o->size, first)) {
        first++;
    }
    while (end > first && !sve_active(s, o->pg, o->size, end - 1)) {
        end--;
    }
    for (unsigned i = first; i < end; i++) {
        sve_set_of(r.b, o->size, to++, sve_get(s, o->rn, o->size, i));
    }
    for (unsigned i = 0; to < nr; i++) {
        sve_set_of(r.b, o->size, to++, sve_get(s, (o->rn + 1) % 32, o->size, i));
    }
    sve_write(s, o->rd, &r);
    return true;
}

/* ---- predicates ---- */

/* From the last element down, as long as the first number, which falls, is greater. */
bool sve2_op_while_greater(SveExec *s, const Sve2Operands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t a = sve_x(s, o->rn), b = sve_x(s, o->rm);
    SvePredicate r = { { 0 } };
    bool holds = true;
    for (unsigned i = sve_count(s, o->size); i-- > 0 && holds; a--) {
        int64_t x = arm_extend(a, o->sf ? 64 : 32, o->u), y = arm_extend(b, o->sf ? 64 : 32, o->u);
        holds = (!o->gt && x == y) || (o->u ? (uint64_t)x > (uint64_t)y : x > y);
        sve_set_bit(r.b, i << o->size, holds);
    }
    sve_test(s, NULL, r.b, o->size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* WHILEWR: elements before a store at rm would reach a load at rn; WHILERW: in either order. */
bool sve2_op_while_apart(SveExec *s, const Sve2Operands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t a = sve_x(s, o->rn), b = sve_x(s, o->rm), apart = (b > a ? b - a : o->either_order ? a - b : 0) >> o->size;
    SvePredicate r = { { 0 } };
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        sve_set_bit(r.b, i << o->size, apart == 0 || i < apart);
    }
    sve_test(s, NULL, r.b, o->size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}
