/*
 * SVE in C: the helper, and the operations on predicates and counts.
 *
 * DDI 0487, C8.2; J1 aarch64/functions/sve.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve2.h"
#include "target/arm/tcg/sve21.h"

#define HELPER ARM_HELPER_DEFINITION
#define NONE SLOTS_NONE
#define ALL SLOTS_ALL
#include "target/arm/tcg/helpers-sve.def"
#undef HELPER

void arm_helper_sve(Cpu *cpu, uint32_t insn, uint32_t how)
{
    SveExec e = { .cpu = ARM_CPU(cpu), .insn = insn, .vl = how & SVE_LENGTH, .memory = how & ~(unsigned)SVE_LENGTH };
    ARM_CPU(cpu)->z_high |= e.vl > 16;
    if (!sve_decode(&e, insn) && !sve2_decode(&e, insn)) {
        sve21_decode(&e, insn);
    }
}

void arm_helper_sve_dirty(Cpu *cpu) { ARM_CPU(cpu)->z_high = true; }

void sve_redo(ArmCpu *cpu, uint32_t insn)
{
    arm_helper_sve(&cpu->parent, insn, 16 * arm_sve_vq(cpu));
    cpu->pc += 4;
}

/* ---- flags ---- */

void sve_flags(SveExec *s, bool n, bool z, bool c, bool v)
{
    s->cpu->nzcv = FLAGS_ONE | (n ? FLAGS_SF : 0) | (z ? FLAGS_ZF : 0) | (c ? 0 : FLAGS_CF) | (v ? FLAGS_OF : 0);
}

void sve_test(SveExec *s, const uint8_t *mask, const uint8_t *result, unsigned size)
{
    bool first = false, any = false, last = false, seen = false;
    for (unsigned i = 0; i < sve_count(s, size); i++) {
        if (!mask || sve_bit(mask, i << size)) {
            bool bit = sve_bit(result, i << size);
            first = seen ? first : bit;
            seen = true;
            any |= bit;
            last = bit;
        }
    }
    sve_flags(s, first, !any, !last, false);
}

static bool last_active(const SveExec *s, const uint8_t *mask, const uint8_t *value)
{
    for (unsigned i = s->vl; i-- > 0;) {
        if (sve_bit(mask, i)) {
            return sve_bit(value, i);
        }
    }
    return false;
}

/* ---- logic ---- */

bool sve_op_logic_predicate(SveExec *s, const SveOperands *o)
{
    unsigned op = o->m << 2 | o->b << 1 | o->d;
    if (op == 3 && o->s) {
        return false;
    }
    if (s->dry) {
        return true;
    }
    SvePredicate r;
    const uint8_t *n = s->cpu->p[o->pn], *m = s->cpu->p[o->pm], *g = s->cpu->p[o->pg];
    for (unsigned i = 0; i < s->vl / 8; i++) {
        uint8_t a = n[i], b = m[i], values[8] = { a & b, a & ~b, a ^ b, (a & g[i]) | (b & ~g[i]), a | b, a | ~b, ~(a | b), ~(a & b) };
        r.b[i] = op == 3 ? values[3] : values[op] & g[i];
    }
    if (o->s) {
        sve_test(s, g, r.b, 0);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_break_pair(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    const uint8_t *g = s->cpu->p[o->pg], *m = s->cpu->p[o->pm];
    bool last = last_active(s, g, s->cpu->p[o->pn]);
    for (unsigned i = 0; i < s->vl; i++) {
        if (sve_bit(g, i)) {
            bool before = last;
            last &= !sve_bit(m, i);
            sve_set_bit(r.b, i, o->b ? last : before);
        }
    }
    if (o->s) {
        sve_test(s, g, r.b, 0);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* b: before the break; m: inactive ones stay. */
bool sve_op_break_after(SveExec *s, const SveOperands *o)
{
    if (o->s && o->m) {
        return false;
    }
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    const uint8_t *g = s->cpu->p[o->pg];
    bool broken = false;
    for (unsigned i = 0; i < s->vl; i++) {
        if (sve_bit(g, i)) {
            bool before = broken;
            broken |= sve_bit(s->cpu->p[o->pn], i);
            sve_set_bit(r.b, i, o->b ? !broken : !before);
        } else {
            sve_set_bit(r.b, i, o->m && sve_bit(s->cpu->p[o->pd], i));
        }
    }
    if (o->s) {
        sve_test(s, g, r.b, 0);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_break_next(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    if (!last_active(s, s->cpu->p[o->pg], s->cpu->p[o->pn])) {
        memset(s->cpu->p[o->pd], 0, s->vl / 8);
    }
    if (o->s) {
        sve_test(s, NULL, s->cpu->p[o->pd], 0);
    }
    return true;
}

bool sve_op_ptest(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        sve_test(s, s->cpu->p[o->pg], s->cpu->p[o->pn], 0);
    }
    return true;
}

bool sve_op_pfirst(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate mask;
    memcpy(mask.b, s->cpu->p[o->pn], sizeof(mask.b));
    for (unsigned i = 0; i < s->vl; i++) {
        if (sve_bit(mask.b, i)) {
            sve_set_bit(s->cpu->p[o->pd], i, true);
            break;
        }
    }
    sve_test(s, mask.b, s->cpu->p[o->pd], 0);
    return true;
}

bool sve_op_pnext(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } }, mask;
    memcpy(mask.b, s->cpu->p[o->pn], sizeof(mask.b));
    unsigned next = sve_count(s, o->size), size = o->size;
    while (next > 0 && !sve_active(s, o->pd, size, next - 1)) {
        next--;
    }
    while (next < sve_count(s, size) && !sve_bit(mask.b, next << size)) {
        next++;
    }
    if (next < sve_count(s, size)) {
        sve_set_bit(r.b, next << size, true);
    }
    sve_test(s, mask.b, r.b, size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* ---- made of counts ---- */

unsigned sve_pattern_count(const SveExec *s, unsigned pattern, unsigned size)
{
    unsigned elements = sve_count(s, size), wanted;
    switch (pattern) {
    case 0: return 1u << (31 - __builtin_clz(elements));
    case 1 ... 8: wanted = pattern; break;
    case 9 ... 13: wanted = 16u << (pattern - 9); break;
    case 29: return elements - elements % 4;
    case 30: return elements - elements % 3;
    case 31: return elements;
    default: return 0;
    }
    return elements >= wanted ? wanted : 0;
}

static void first_elements(SveExec *s, unsigned pd, unsigned size, unsigned count)
{
    SvePredicate r = { { 0 } };
    for (unsigned i = 0; i < count; i++) {
        sve_set_bit(r.b, i << size, true);
    }
    sve_write_predicate(s, pd, &r);
}

bool sve_op_ptrue(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        first_elements(s, o->pd, o->size, sve_pattern_count(s, o->pattern, o->size));
        if (o->s) {
            sve_test(s, NULL, s->cpu->p[o->pd], o->size);
            if (sve_pattern_count(s, o->pattern, o->size)) {
                sve_flags(s, true, false, false, false);
            }
        }
    }
    return true;
}

bool sve_op_pfalse(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        memset(s->cpu->p[o->pd], 0, s->vl / 8);
    }
    return true;
}

bool sve_op_while_less(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    uint64_t a = sve_x(s, o->rn), b = sve_x(s, o->rm);
    SvePredicate r = { { 0 } };
    bool last = true;
    for (unsigned i = 0; i < sve_count(s, o->size) && last; i++, a++) {
        int64_t x = arm_extend(a, o->sf ? 64 : 32, o->u), y = arm_extend(b, o->sf ? 64 : 32, o->u);
        last = (o->eq && x == y) || (o->u ? (uint64_t)x < (uint64_t)y : x < y);
        sve_set_bit(r.b, i << o->size, last);
    }
    sve_test(s, NULL, r.b, o->size);
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_cterm(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        uint64_t a = sve_x(s, o->rn), b = sve_x(s, o->rm);
        bool equal = o->sf ? a == b : (uint32_t)a == (uint32_t)b, ends = o->ne ? !equal : equal, carry = !(s->cpu->nzcv & FLAGS_CF);
        sve_flags(s, ends, s->cpu->nzcv & FLAGS_ZF, carry, !ends && !carry);
    }
    return true;
}

/* ---- the first-fault register ---- */

bool sve_op_rdffr(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r;
    for (unsigned i = 0; i < s->vl / 8; i++) {
        r.b[i] = s->cpu->p[SVE_FFR][i] & (o->governed ? s->cpu->p[o->pn][i] : 0xff);
    }
    if (o->s) {
        sve_test(s, s->cpu->p[o->pn], r.b, 0);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_wrffr(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        memcpy(s->cpu->p[SVE_FFR], s->cpu->p[o->pn], s->vl / 8);
    }
    return true;
}

bool sve_op_setffr(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        memset(s->cpu->p[SVE_FFR], 0xff, s->vl / 8);
    }
    return true;
}

/* ---- permutations ---- */

/* Elements are groups of 1 << size bits. */
static void copy_group(SvePredicate *to, unsigned i, const uint8_t *from, unsigned j, unsigned size)
{
    for (unsigned bit = 0; bit < 1u << size; bit++) {
        sve_set_bit(to->b, (i << size) + bit, sve_bit(from, (j << size) + bit));
    }
}

bool sve_op_permute_predicate(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    unsigned nr = sve_count(s, o->size);
    for (unsigned i = 0; i < nr; i++) {
        unsigned from = i & 1, at = o->op == OP_ZIP1 ? i / 2 + (o->h ? nr / 2 : 0) : (i & ~1u) + o->h;
        if (o->op == OP_UZP1) {
            from = i >= nr / 2;
            at = i % (nr / 2) * 2 + o->h;
        }
        copy_group(&r, i, s->cpu->p[from ? o->pm : o->pn], at, o->size);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_reverse_predicate(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    unsigned nr = sve_count(s, o->size);
    for (unsigned i = 0; i < nr; i++) {
        copy_group(&r, i, s->cpu->p[o->pn], nr - 1 - i, o->size);
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

bool sve_op_unpack_predicate(SveExec *s, const SveOperands *o)
{
    if (s->dry) {
        return true;
    }
    SvePredicate r = { { 0 } };
    for (unsigned i = 0; i < s->vl / 2; i++) {
        sve_set_bit(r.b, 2 * i, sve_bit(s->cpu->p[o->pn], i + (o->h ? s->vl / 2 : 0)));
    }
    sve_write_predicate(s, o->pd, &r);
    return true;
}

/* ---- counting ---- */

static unsigned active_count(const SveExec *s, unsigned p, unsigned size)
{
    unsigned count = 0;
    for (unsigned i = 0; i < sve_count(s, size); i++) {
        count += sve_active(s, p, size, i);
    }
    return count;
}

static uint64_t add_saturating(uint64_t value, bool subtracts, unsigned count, unsigned bits, bool u)
{
    SimdEnv env = { .saturated = false };
    int64_t n = arm_extend(value, bits, u);
    uint64_t r = arm_simd_element(&env, subtracts ? OP_QSUB : OP_QADD, bits, u, 0, 0, n, count);
    return (uint64_t)arm_extend(r, bits, u);
}

static void add_to_vector(SveExec *s, const SveOperands *o, unsigned count)
{
    for (unsigned i = 0; i < sve_count(s, o->size); i++) {
        uint64_t value = sve_get(s, o->rd, o->size, i);
        /* The count may be more than an element of a byte's width holds: it is not reduced. */
        value = o->saturates ? add_saturating(value, o->d, count, 8u << o->size, o->u) : o->d ? value - count : value + count;
        sve_set(s, o->rd, o->size, i, value);
    }
}

bool sve_op_count(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        sve_set_x(s, o->rd, (uint64_t)sve_pattern_count(s, o->pattern, o->size) * (o->imm4 + 1));
    }
    return true;
}

bool sve_op_count_add(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        uint64_t count = (uint64_t)sve_pattern_count(s, o->pattern, o->size) * (o->imm4 + 1), x = sve_x(s, o->rd);
        sve_set_x(s, o->rd, o->d ? x - count : x + count);
    }
    return true;
}

bool sve_op_count_add_saturating(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        sve_set_x(s, o->rd, add_saturating(sve_x(s, o->rd), o->d, sve_pattern_count(s, o->pattern, o->size) * (o->imm4 + 1), o->sf ? 64 : 32, o->u));
    }
    return true;
}

bool sve_op_count_vector(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        add_to_vector(s, o, sve_pattern_count(s, o->pattern, o->size) * (o->imm4 + 1));
    }
    return true;
}

bool sve_op_cntp(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        unsigned count = 0;
        for (unsigned i = 0; i < sve_count(s, o->size); i++) {
            count += sve_active(s, o->pg, o->size, i) && sve_active(s, o->pn, o->size, i);
        }
        sve_set_x(s, o->rd, count);
    }
    return true;
}

bool sve_op_count_predicate_vector(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        add_to_vector(s, o, active_count(s, o->pm, o->size));
    }
    return true;
}

bool sve_op_count_predicate_add(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        unsigned count = active_count(s, o->pm, o->size);
        sve_set_x(s, o->rd, o->d ? sve_x(s, o->rd) - count : sve_x(s, o->rd) + count);
    }
    return true;
}

bool sve_op_count_predicate_add_saturating(SveExec *s, const SveOperands *o)
{
    if (!s->dry) {
        sve_set_x(s, o->rd, add_saturating(sve_x(s, o->rd), o->d, active_count(s, o->pm, o->size), o->sf ? 64 : 32, o->u));
    }
    return true;
}
