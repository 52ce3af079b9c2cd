/*
 * SVE2.1: predicates as counters, and predicates from and to vectors.
 *
 * DDI 0487, C8.2; J1 aarch64/functions/sve (CounterToPredicate, EncodePredCount, PredCountTest).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve21.h"

/* ---- counters: 16 bits, the lowest set one of four tells the size, bit 15 inverts, between them is the count ---- */

enum { INVERTED = 1 << 15, MOST_VECTORS = 4 };

SveCounter sve21_counter(const SveExec *s, unsigned pn)
{
    unsigned bits = (unsigned)sve_get_of(s->cpu->p[pn], 1, 0), top = 31 - __builtin_clz(2 * MOST_VECTORS * s->vl - 1);
    SveCounter c = { .none = !(bits & 15) };
    if (!c.none) {
        c.size = (unsigned)__builtin_ctz(bits);
        c.inverted = bits & INVERTED;
        c.count = (bits & MAKE_MASK(0, top + 1)) >> (c.size + 1);
    }
    return c;
}

bool sve21_counted(const SveCounter *c, unsigned size, unsigned i)
{
    unsigned place = i << size;
    return !c->none && !(place & ((1u << c->size) - 1)) && (place >> c->size < c->count) != c->inverted;
}

/* The first (or, inverted, the last) count of so many elements. */
static void write_counter(SveExec *s, unsigned pn, unsigned size, unsigned elements, unsigned count, bool inverted)
{
    unsigned bits = 0;
    if (count) {
        inverted = inverted || count == elements;
        unsigned rest = inverted ? elements - count : count;
        bits = (inverted ? INVERTED : 0) | rest << (size + 1) | 1u << size;
    }
    memset(s->cpu->p[pn], 0, s->vl / 8);
    sve_set_of(s->cpu->p[pn], 1, 0, bits);
}

bool sve21_op_counter_true(SveExec *s, const Sve21Operands *o)
{
    if (!s->dry) {
        write_counter(s, sve21_p8(o->pd8), o->size, sve_count(s, o->size), sve_count(s, o->size), true);
    }
    return true;
}

bool sve21_op_counter_count(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveCounter c = sve21_counter(s, o->pn);
    unsigned nr = sve_count(s, o->size) << (o->vlx + 1), count = 0;
    for (unsigned i = 0; i < nr; i++) {
        count += sve21_counted(&c, o->size, i);
    }
    sve_set_x(s, o->rd, count);
    return true;
}

/* The part of a counter that is one vector's predicate, or two of them. */
bool sve21_op_counter_extract(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveCounter c = sve21_counter(s, sve21_p8(o->pn8));
    unsigned nr = sve_count(s, o->size), results = o->pair ? 2 : 1;
    for (unsigned k = 0; k < results; k++) {
        SvePredicate r = { { 0 } };
        for (unsigned i = 0; i < nr; i++) {
            sve_set_bit(r.b, i << o->size, sve21_counted(&c, o->size, (o->part * results + k) * nr + i));
        }
        sve_write_predicate(s, (o->pd + k) % 16, &r);
    }
    return true;
}

/* ---- loops ---- */

/* How many of so many steps the condition holds: a goes up while it is less, down while it is greater. */
static unsigned steps(SveExec *s, const Sve21Operands *o, unsigned most)
{
    uint64_t a = sve_x(s, o->rn), b = sve_x(s, o->rm);
    bool or_equal = o->lt ? o->eq : !o->eq;
    unsigned count = 0;
    for (; count < most; count++, a += o->lt ? 1 : UINT64_MAX) {
        bool less = o->u ? a < b : (int64_t)a < (int64_t)b;
        if (a == b ? !or_equal : less != o->lt) {
            break;
        }
    }
    return count;
}

static void test_count(SveExec *s, unsigned elements, unsigned count, bool from_last)
{
    sve_flags(s, from_last ? count == elements : count != 0, count == 0, from_last ? count == 0 : count != elements, false);
}

bool sve21_op_while_counter(SveExec *s, const Sve21Operands *o)
{
    if (!s->dry) {
        unsigned elements = sve_count(s, o->size) << (o->vlx + 1), count = steps(s, o, elements);
        test_count(s, elements, count, !o->lt);
        write_counter(s, sve21_p8(o->pd8), o->size, elements, count, !o->lt);
    }
    return true;
}

bool sve21_op_while_pair(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    unsigned nr = sve_count(s, o->size), count = steps(s, o, 2 * nr);
    test_count(s, 2 * nr, count, !o->lt);
    for (unsigned k = 0; k < 2; k++) {
        SvePredicate r = { { 0 } };
        for (unsigned i = 0; i < nr; i++) {
            unsigned at = k * nr + i;
            sve_set_bit(r.b, i << o->size, o->lt ? at < count : at >= 2 * nr - count);
        }
        sve_write_predicate(s, (unsigned)o->pd + k, &r);
    }
    return true;
}

/* ---- predicates ---- */

/* imm5: an index, then a 1 and as many zeroes as the element's size says. */
bool sve21_op_select_predicate(SveExec *s, const Sve21Operands *o)
{
    enum { FIRST_REGISTER = 12 };
    if (s->dry) {
        return true;
    }
    unsigned size = (unsigned)__builtin_ctz((unsigned)o->imm5), index = (unsigned)o->imm5 >> (size + 1);
    unsigned i = (unsigned)(((uint64_t)(uint32_t)sve_x(s, FIRST_REGISTER + o->rv) + index) % sve_count(s, size));
    SvePredicate r = { { 0 } };
    if (sve_active(s, o->pm, size, i)) {
        memcpy(r.b, s->cpu->p[o->pn], s->vl / 8);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* A bit for each element, the vector's bits from those of its part on. */
bool sve21_op_predicate_from_vector(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    unsigned nr = sve_count(s, o->size);
    for (unsigned i = 0; i < nr; i++) {
        sve_set_bit(r.b, i << o->size, sve_bit(s->cpu->v[o->rn], o->part * nr + i));
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* Part 0 clears the rest. */
bool sve21_op_predicate_to_vector(SveExec *s, const Sve21Operands *o)
{
    if (s->dry) {
        return true;
    }
    SveVector r = { { 0 } };
    unsigned nr = sve_count(s, o->size);
    if (o->part) {
        r = sve_vector(s, o->rd);
    }
    for (unsigned i = 0; i < nr; i++) {
        sve_set_bit(r.b, o->part * nr + i, sve_active(s, o->pn, o->size, i));
    }
    sve_write(s, o->rd, &r);
    return true;
}
