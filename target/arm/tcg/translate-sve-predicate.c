/*
 * SVE in IR: predicates and counts of elements.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-sve.h"

static void write_predicate(SveIr *v, unsigned n, const IrRef *words)
{
    for (unsigned w = 0; w < v->words; w++) {
        svei_set_p(v, n, w, words[w]);
    }
}

static void read_predicate(SveIr *v, unsigned n, IrRef *words)
{
    for (unsigned w = 0; w < v->words; w++) {
        words[w] = svei_p(v, n, w);
    }
}

/* PredTest with all elements of a size governing. */
static void test_all(SveIr *v, const IrRef *r, unsigned size)
{
    IrRef g[SVEI_MAX_WORDS];
    for (unsigned w = 0; w < v->words; w++) {
        g[w] = svei_const(v, svei_element_bits(v, size, w));
    }
    svei_test(v, g, r, size);
}

/* ---- logic ---- */

static IrRef logic(SveIr *v, unsigned op, IrRef g, IrRef n, IrRef m)
{
    switch (op) {
    case 0: return svei_op(v, IR_AND, svei_op(v, IR_AND, n, m), g);
    case 1: return svei_op(v, IR_AND, svei_op(v, IR_ANDN, n, m), g);
    case 2: return svei_op(v, IR_AND, svei_op(v, IR_XOR, n, m), g);
    case 3: return svei_op(v, IR_OR, svei_op(v, IR_AND, n, g), svei_op(v, IR_ANDN, m, g));
    case 4: return svei_op(v, IR_AND, svei_op(v, IR_OR, n, m), g);
    case 5: return svei_op(v, IR_ANDN, g, svei_op(v, IR_ANDN, m, n));
    case 6: return svei_op(v, IR_ANDN, g, svei_op(v, IR_OR, n, m));
    default: return svei_op(v, IR_ANDN, g, svei_op(v, IR_AND, n, m));
    }
}

bool svei_op_logic_predicate(SveIr *v, const SveOperands *o)
{
    IrRef g[SVEI_MAX_WORDS], r[SVEI_MAX_WORDS];
    read_predicate(v, o->pg, g);
    for (unsigned w = 0; w < v->words; w++) {
        r[w] = logic(v, o->m << 2 | o->b << 1 | o->d, g[w], svei_p(v, o->pn, w), svei_p(v, o->pm, w));
    }
    if (o->s) {
        svei_test(v, g, r, 0);
    }
    write_predicate(v, o->pd, r);
    return true;
}

bool svei_op_ptest(SveIr *v, const SveOperands *o)
{
    IrRef g[SVEI_MAX_WORDS], r[SVEI_MAX_WORDS];
    read_predicate(v, o->pg, g);
    read_predicate(v, o->pn, r);
    svei_test(v, g, r, 0);
    return true;
}

/* ---- constants, the first-fault register ---- */

bool svei_op_ptrue(SveIr *v, const SveOperands *o)
{
    SveExec e = { .vl = v->vl };
    unsigned count = sve_pattern_count(&e, o->pattern, o->size), bits = count << o->size;
    IrRef one = ir_const(v->b, IR_I32, 1), zero = ir_const(v->b, IR_I32, 0);
    for (unsigned w = 0; w < v->words; w++) {
        uint64_t below = bits >= 64 * (w + 1) ? UINT64_MAX : bits > 64 * w ? MAKE_MASK(0, bits - 64 * w) : 0;
        svei_set_p(v, o->pd, w, svei_const(v, below & svei_element_bits(v, o->size, w)));
    }
    if (o->s) {
        svei_set_flags(v, count ? one : zero, count ? zero : one, count ? one : zero);
    }
    return true;
}

bool svei_op_pfalse(SveIr *v, const SveOperands *o)
{
    for (unsigned w = 0; w < v->words; w++) {
        svei_set_p(v, o->pd, w, svei_const(v, 0));
    }
    return true;
}

bool svei_op_rdffr(SveIr *v, const SveOperands *o)
{
    IrRef g[SVEI_MAX_WORDS], r[SVEI_MAX_WORDS];
    read_predicate(v, SVE_FFR, r);
    for (unsigned w = 0; w < v->words && o->governed; w++) {
        g[w] = svei_p(v, o->pn, w);
        r[w] = svei_op(v, IR_AND, r[w], g[w]);
    }
    if (o->s) {
        svei_test(v, g, r, 0);
    }
    write_predicate(v, o->pd, r);
    return true;
}

bool svei_op_wrffr(SveIr *v, const SveOperands *o)
{
    IrRef r[SVEI_MAX_WORDS];
    read_predicate(v, o->pn, r);
    write_predicate(v, SVE_FFR, r);
    return true;
}

bool svei_op_setffr(SveIr *v, const SveOperands *o)
{
    for (unsigned w = 0; w < v->words; w++) {
        svei_set_p(v, SVE_FFR, w, svei_const(v, svei_element_bits(v, 0, w)));
    }
    return true;
}

/* ---- while ---- */

/* How many elements from the first on have it, at most all. */
static IrRef while_count(SveIr *v, const SveOperands *o, unsigned elements)
{
    IrRef a = a64_x(v->s, o->rn), b = a64_x(v->s, o->rm), all = svei_const(v, elements);
    uint64_t most = o->u ? (o->sf ? UINT64_MAX : UINT32_MAX) : o->sf ? INT64_MAX : INT32_MAX;
    if (!o->sf) {
        a = o->u ? ir_zext(v->b, IR_I64, 2, a) : ir_sext(v->b, IR_I64, 2, a);
        b = o->u ? ir_zext(v->b, IR_I64, 2, b) : ir_sext(v->b, IR_I64, 2, b);
    }
    IrRef distance = svei_op(v, IR_SUB, b, a), holds = ir_setcc(v->b, o->eq ? (o->u ? IR_CC_LEU : IR_CC_LE) : o->u ? IR_CC_LTU : IR_CC_LT, a, b);
    distance = o->eq ? svei_op(v, IR_ADD, distance, svei_const(v, 1)) : distance;
    IrRef count = svei_select(v, ir_setcc(v->b, IR_CC_LTU, distance, all), distance, all);
    count = svei_select(v, holds, count, svei_const(v, 0));
    /* Not even the greatest number is less. */
    return o->eq ? svei_select(v, ir_setcc(v->b, IR_CC_EQ, b, svei_const(v, most)), all, count) : count;
}

bool svei_op_while_less(SveIr *v, const SveOperands *o)
{
    unsigned elements = v->vl >> o->size;
    IrRef count = while_count(v, o, elements), bits = svei_shift(v, IR_SHL, count, o->size), zero = svei_const(v, 0), ones = svei_const(v, UINT64_MAX);
    for (unsigned w = 0; w < v->words; w++) {
        IrRef here = w ? svei_op(v, IR_SUB, bits, svei_const(v, 64 * w)) : bits;
        IrRef part = svei_op(v, IR_SUB, ir_op2(v->b, IR_SHL, IR_I64, svei_const(v, 1), ir_trunc(v->b, here)), svei_const(v, 1));
        if (v->vl - 64 * w >= 64) {
            part = svei_select(v, ir_setcc(v->b, IR_CC_GE, here, svei_const(v, 64)), ones, part);
        }
        part = w ? svei_select(v, ir_setcc(v->b, IR_CC_GT, here, zero), part, zero) : part;
        svei_set_p(v, o->pd, w, svei_op(v, IR_AND, part, svei_const(v, svei_element_bits(v, o->size, w))));
    }
    svei_set_flags(v, ir_setcc(v->b, IR_CC_NE, count, zero), ir_setcc(v->b, IR_CC_EQ, count, zero), ir_setcc(v->b, IR_CC_EQ, count, svei_const(v, elements)));
    return true;
}

/* ---- in order of elements: where a predicate is one word ---- */

static IrRef lowest_of(SveIr *v, IrRef x) { return svei_op(v, IR_AND, x, ir_op1(v->b, IR_NEG, IR_I64, x)); }
/* The bits up to the lowest of x, that among them; all where there is none. */
static IrRef through_lowest(SveIr *v, IrRef x) { return svei_op(v, IR_XOR, x, svei_op(v, IR_SUB, x, svei_const(v, 1))); }
static IrRef below_lowest(SveIr *v, IrRef x) { return svei_op(v, IR_SUB, lowest_of(v, x), svei_const(v, 1)); }
/* I32: x has the last element of g. */
static IrRef has_last(SveIr *v, IrRef g, IrRef x)
{
    IrRef up = ir_op2(v->b, IR_SHL, IR_I64, svei_op(v, IR_AND, x, g), ir_trunc(v->b, ir_op1(v->b, IR_CLZ, IR_I64, g)));
    return ir_trunc(v->b, svei_shift(v, IR_SHR, up, 63));
}

bool svei_op_break_after(SveIr *v, const SveOperands *o)
{
    if (v->words > 1) {
        return false;
    }
    IrRef g = svei_p(v, o->pg, 0), breaks = svei_op(v, IR_AND, svei_p(v, o->pn, 0), g);
    IrRef r = svei_op(v, IR_AND, o->b ? below_lowest(v, breaks) : through_lowest(v, breaks), g);
    r = o->m ? svei_op(v, IR_OR, r, svei_op(v, IR_ANDN, svei_p(v, o->pd, 0), g)) : r;
    if (o->s) {
        svei_test(v, &g, &r, 0);
    }
    svei_set_p(v, o->pd, 0, r);
    return true;
}

bool svei_op_break_pair(SveIr *v, const SveOperands *o)
{
    if (v->words > 1) {
        return false;
    }
    IrRef g = svei_p(v, o->pg, 0), breaks = svei_op(v, IR_AND, svei_p(v, o->pm, 0), g);
    IrRef r = svei_op(v, IR_AND, o->b ? below_lowest(v, breaks) : through_lowest(v, breaks), g);
    r = svei_select(v, has_last(v, g, svei_p(v, o->pn, 0)), r, svei_const(v, 0));
    if (o->s) {
        svei_test(v, &g, &r, 0);
    }
    svei_set_p(v, o->pd, 0, r);
    return true;
}

bool svei_op_break_next(SveIr *v, const SveOperands *o)
{
    if (v->words > 1) {
        return false;
    }
    IrRef r = svei_select(v, has_last(v, svei_p(v, o->pg, 0), svei_p(v, o->pn, 0)), svei_p(v, o->pd, 0), svei_const(v, 0));
    if (o->s) {
        test_all(v, &r, 0);
    }
    svei_set_p(v, o->pd, 0, r);
    return true;
}

bool svei_op_pfirst(SveIr *v, const SveOperands *o)
{
    if (v->words > 1) {
        return false;
    }
    IrRef g = svei_p(v, o->pn, 0), r = svei_op(v, IR_OR, svei_p(v, o->pd, 0), lowest_of(v, g));
    svei_test(v, &g, &r, 0);
    svei_set_p(v, o->pd, 0, r);
    return true;
}

bool svei_op_pnext(SveIr *v, const SveOperands *o)
{
    if (v->words > 1) {
        return false;
    }
    IrRef elements = svei_const(v, svei_element_bits(v, o->size, 0)), g = svei_p(v, o->pn, 0), before = svei_op(v, IR_AND, svei_p(v, o->pd, 0), elements);
    IrRef through = ir_op2(v->b, IR_SHR, IR_I64, svei_const(v, UINT64_MAX), ir_trunc(v->b, ir_op1(v->b, IR_CLZ, IR_I64, before)));
    through = svei_select(v, ir_setcc(v->b, IR_CC_NE, before, svei_const(v, 0)), through, svei_const(v, 0));
    IrRef r = lowest_of(v, svei_op(v, IR_ANDN, svei_op(v, IR_AND, g, elements), through));
    svei_test(v, &g, &r, o->size);
    svei_set_p(v, o->pd, 0, r);
    return true;
}

bool svei_op_unpack_predicate(SveIr *v, const SveOperands *o)
{
    if (v->words > 1) {
        return false;
    }
    IrRef half = svei_shift(v, IR_SHR, svei_p(v, o->pn, 0), o->h ? v->vl / 2 : 0);
    svei_set_p(v, o->pd, 0, svei_op(v, IR_PDEP, half, svei_const(v, svei_element_bits(v, 1, 0))));
    return true;
}

/* ---- counts ---- */

static uint64_t pattern_elements(SveIr *v, const SveOperands *o)
{
    SveExec e = { .vl = v->vl };
    return (uint64_t)sve_pattern_count(&e, o->pattern, o->size) * (o->imm4 + 1);
}

static IrRef active_elements(SveIr *v, unsigned p, unsigned other, unsigned size)
{
    IrRef count = svei_const(v, 0);
    for (unsigned w = 0; w < v->words; w++) {
        IrRef bits = svei_op(v, IR_AND, svei_op(v, IR_AND, svei_p(v, p, w), svei_p(v, other, w)), svei_const(v, svei_element_bits(v, size, w)));
        count = svei_op(v, IR_ADD, count, ir_op1(v->b, IR_POPCNT, IR_I64, bits));
    }
    return count;
}

static bool add_to_vector(SveIr *v, const SveOperands *o, IrRef count)
{
    if (o->saturates) {
        return false;
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        IrRef add = svei_splat(v, k, o->size, count);
        r.at[k] = simd_op2(v->s, o->d ? IR_VSUB : IR_VADD, o->size, svei_z(v, o->rd, k), add);
    }
    svei_write(v, o->rd, &r);
    return true;
}

static bool add_to_register(SveIr *v, const SveOperands *o, IrRef count)
{
    a64_set_x(v->s, o->rd, svei_op(v, o->d ? IR_SUB : IR_ADD, a64_x(v->s, o->rd), count));
    return true;
}

bool svei_op_count(SveIr *v, const SveOperands *o)
{
    a64_set_x(v->s, o->rd, svei_const(v, pattern_elements(v, o)));
    return true;
}

bool svei_op_cntp(SveIr *v, const SveOperands *o)
{
    a64_set_x(v->s, o->rd, active_elements(v, o->pg, o->pn, o->size));
    return true;
}

bool svei_op_count_add(SveIr *v, const SveOperands *o) { return add_to_register(v, o, svei_const(v, pattern_elements(v, o))); }
bool svei_op_count_vector(SveIr *v, const SveOperands *o) { return add_to_vector(v, o, svei_const(v, pattern_elements(v, o))); }
bool svei_op_count_predicate_add(SveIr *v, const SveOperands *o) { return add_to_register(v, o, active_elements(v, o->pm, o->pm, o->size)); }
bool svei_op_count_predicate_vector(SveIr *v, const SveOperands *o) { return add_to_vector(v, o, active_elements(v, o->pm, o->pm, o->size)); }
