/*
 * Advanced SIMD of AArch32: the instructions are those of A64 (translate-simd*.c, translate-float-vector.c), whose handlers are called with D and Q registers.
 *
 * What is different: floating point under the standard FPSCR value (flushed to zero, default NaNs, to nearest), sums whose products are rounded, permutations of two
 * registers in place, tables of D registers, elements of half a register.
 *
 * DDI 0487, F6 and E1.3 (standard value), F4.1.22.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-neon.h"
#include "target/arm/tcg/float.h"

/* ---- operands ---- */

/* A number of the table as that of a register; false: Q registers have even ones. */
static bool register_of(unsigned number, bool is_q, int32_t *n)
{
    *n = is_q ? (int32_t)(number >> 1) : SIMD_D + (int32_t)number;
    return !is_q || !(number & 1);
}

static bool operands(const NeonOperands *o, bool d_is_q, bool n_is_q, bool m_is_q, A64vOperands *a)
{
    *a = (A64vOperands){ .op = o->op, .shape = o->shape, .size = o->size, .half = o->half, .q = o->q, .u = o->u, .swap = o->swap, .width = o->width,
                         .rounding = o->rounding, .shift = o->shift, .rot = o->rot, .imm4 = o->imm, .imm5 = o->imm };
    return register_of(o->d, d_is_q, &a->rd) && register_of(o->n, n_is_q, &a->rn) && register_of(o->m, m_is_q, &a->rm);
}

static bool same(const NeonOperands *o, A64vOperands *a) { return operands(o, o->q, o->q, o->q, a); }
static bool lengthening(const NeonOperands *o, A64vOperands *a) { return operands(o, true, o->shape == SHAPE_WIDE, false, a); }
static bool narrowing(const NeonOperands *o, A64vOperands *a) { return operands(o, false, true, true, a); }

/* The only element of a D register is what A64 calls a scalar. */
static bool same_integers(const NeonOperands *o, A64vOperands *a)
{
    bool fits = same(o, a);
    a->scalar = !o->q && (o->size == 3 || o->shift >= 64);
    return fits;
}

static bool half_is_there(const ArmTranslate *s, const A64vOperands *a) { return !a->half || NEEDS(a32_neon_fp16); }
/* Floating point whose size is told as that of integers. */
static bool sized_floats(const NeonOperands *o, A64vOperands *a)
{
    bool fits = same(o, a);
    a->half = o->size == FLOAT_H;
    return fits;
}

/* Handlers of A64, with registers as the function says. */
#define AS_A64(name, registers) \
    bool neon_op_##name(ArmTranslate *s, const NeonOperands *o) { A64vOperands a; return registers(o, &a) && half_is_there(s, &a) && a64v_op_##name(s, &a); }
AS_A64(three, same_integers)
AS_A64(shift_right, same_integers)
AS_A64(shift_left, same_integers)
AS_A64(pairwise, same)
AS_A64(long, lengthening)
AS_A64(pmull_d, lengthening)
AS_A64(shift_long, lengthening)
AS_A64(shift_long_whole, lengthening)
AS_A64(narrow, narrowing)
AS_A64(narrow_high, narrowing)
AS_A64(shift_narrow, narrowing)
AS_A64(two, same)
AS_A64(compare_zero, same)
AS_A64(reverse, same)
AS_A64(add_pairs, same)
AS_A64(ext, same)
AS_A64(crypto, same)
AS_A64(dot, same)
AS_A64(complex, same)
AS_A64(float_three, same)
AS_A64(float_pairwise, same)
AS_A64(float_two, sized_floats)
AS_A64(float_compare_zero, sized_floats)
AS_A64(float_to_lanes, sized_floats)
AS_A64(float_from_lanes, sized_floats)
AS_A64(float_widen, lengthening)
AS_A64(float_narrow, narrowing)

/* ---- by an element: of D0 to D7 (16 bits) or D0 to D15 ---- */

static void take_element(A64vOperands *a, unsigned size, unsigned m)
{
    unsigned index = size == 1 ? m >> 4 << 1 | (m >> 3 & 1) : m >> 4;
    a->rm = SIMD_D + (m & (size == 1 ? 7 : 15));
    /* (As simd_index_of puts it together.) */
    a->h = 0;
    a->l = size == 1 ? index >> 1 : index;
    a->m = size == 1 ? index & 1 : 0;
}

static bool with_element(const NeonOperands *o, unsigned size, bool d_is_q, bool n_is_q, A64vOperands *a)
{
    bool fits = operands(o, d_is_q, n_is_q, false, a);
    take_element(a, size, o->m);
    return fits;
}

bool neon_op_element(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    bool is_long = o->shape == SHAPE_LONG;
    return with_element(o, o->size, is_long || o->q, !is_long && o->q, &a) && a64v_op_element(s, &a);
}

bool neon_op_float_element(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    bool fits = with_element(o, o->size, o->q, o->q, &a);
    a.half = o->size == FLOAT_H;
    return fits && half_is_there(s, &a) && a64v_op_float_element(s, &a);
}

bool neon_op_dot_element(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    return with_element(o, 2, o->q, o->q, &a) && a64v_op_dot_element(s, &a);
}

/* Sn of a number whose extra bit is uppermost. */
static int32_t single(unsigned number) { return SIMD_S + (int32_t)((number & 15) << 1 | number >> 4); }
static bool is_muladd_long(const NeonOperands *o) { return o->op == OP_FMLAL || o->op == OP_FMLSL; }

bool neon_op_half_element(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    bool fits = with_element(o, 1, o->q, o->q && !is_muladd_long(o), &a);
    if (is_muladd_long(o) && !o->q) {
        a.rn = single(o->n);
    }
    return fits && a64v_op_half_element(s, &a);
}

bool neon_op_muladd_long(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    bool fits = operands(o, o->q, false, false, &a);
    if (!o->q) {
        a.rn = single(o->n);
        a.rm = single(o->m);
    }
    return fits && a64v_op_muladd_long(s, &a);
}

/* Of halves a pair of D0 to D15, of singles one of D0 to D31. */
bool neon_op_complex_element(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    bool fits = operands(o, o->q, o->q, false, &a), is_half = o->size == FLOAT_H;
    return fits && simd_complex_element(s, &a, SIMD_D + (is_half ? o->m & 15 : o->m), is_half ? o->m >> 4 : 0);
}

/* ---- conversions with places behind the point ---- */

/* The places less 1, inverted, are given: A64's operand has the size above them. */
static bool fixed(const NeonOperands *o, A64vOperands *a)
{
    bool fits = same(o, a);
    a->shift = o->shift | (o->half ? 16 : 32);
    return fits;
}

bool neon_op_float_to_fixed(ArmTranslate *s, const NeonOperands *o) { A64vOperands a; return fixed(o, &a) && a64v_op_float_to_fixed(s, &a); }
bool neon_op_float_from_fixed(ArmTranslate *s, const NeonOperands *o) { A64vOperands a; return fixed(o, &a) && a64v_op_float_from_fixed(s, &a); }

/* ---- moves, permutations, tables ---- */

bool neon_op_dup_element(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    return (o->imm & 7) && operands(o, o->q, false, false, &a) && a64v_op_dup_element(s, &a);
}

bool neon_op_modified_immediate(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    bool fits = same(o, &a);
    a.imm = o->imm;
    a.cmode = o->cmode;
    a.sz = o->u;
    return fits && a64v_op_modified_immediate(s, &a);
}

static bool set_both(ArmTranslate *s, const A64vOperands *a, IrRef d, IrRef m)
{
    a64_set_v(s, a->rd, d);
    a64_set_v(s, a->rm, m);
    return true;
}

bool neon_op_swap(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    if (!same(o, &a)) {
        return false;
    }
    return !arm_fp_access(s) || set_both(s, &a, a64_v(s, a.rm), a64_v(s, a.rd));
}

/* op: A64's instruction for the first register; the next one is that for the second. */
bool neon_op_permute(ArmTranslate *s, const NeonOperands *o)
{
    A64vOperands a;
    if (!same(o, &a) || (o->size == 2 && !o->q && o->op != OP_TRN1)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef d = a64_v(s, a.rd), m = a64_v(s, a.rm);
    return set_both(s, &a, simd_permute(s, o->op, o->size, o->q, d, m), simd_permute(s, o->op + 1, o->size, o->q, d, m));
}

/* D registers n and n + 1 as one of 128 bits. */
static IrRef pair(ArmTranslate *s, unsigned n)
{
    return n & 1 ? simd_op2(s, IR_VUNPACK_LO, 3, a64_v(s, SIMD_D + n), a64_v(s, SIMD_D + n + 1)) : a64_v(s, n >> 1);
}

bool neon_op_table(ArmTranslate *s, const NeonOperands *o)
{
    unsigned registers = o->imm + 1;
    IrRef tables[2];
    if (o->n + registers > 32) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    for (unsigned i = 0; i < registers; i += 2) {
        tables[i / 2] = i + 1 < registers ? pair(s, o->n + i) : simd_zero_upper(s, a64_v(s, SIMD_D + o->n + i));
    }
    a64_set_v(s, SIMD_D + o->d, simd_table(s, tables, 8 * registers, a64_v(s, SIMD_D + o->m), o->extend ? a64_v(s, SIMD_D + o->d) : 0));
    return true;
}

/* ---- entries ---- */

bool neon_translate(ArmTranslate *s)
{
    s->simd = true;
    return neon_decode(s, s->insn);
}

/* 111u1111 is 1111001u there, 11111001 is 11110100, and 111111-- is the same. false: none of these. */
static bool a32_of_t32(uint32_t insn, uint32_t *a32)
{
    uint32_t top = insn >> 24, rest = insn & 0xffffff;
    if ((top & 0xef) == 0xef) {
        *a32 = (0xf2 | (top >> 4 & 1)) << 24 | rest;
    } else {
        *a32 = (top == 0xf9 ? 0xf4 : top) << 24 | rest;
    }
    return (top & 0xef) == 0xef || top == 0xf9 || top >> 2 == 0x3f;
}

bool neon_translate_t32(ArmTranslate *s)
{
    uint32_t insn;
    s->simd = true;
    return a32_of_t32(s->insn, &insn) && neon_decode(s, insn);
}

void arm_neon_redo(ArmCpu *cpu)
{
    ArmTranslate s = { .cpu = cpu, .mode = arm_mode_key(&cpu->parent) };
    uint32_t insn = 0, second = 0;
    arm_peek_insn(cpu, cpu->pc, &insn);
    if (cpu->thumb) {
        /* (The second half may lie on another page.) */
        arm_peek_insn(cpu, (uint32_t)cpu->pc + 2, &second);
        a32_of_t32(insn << 16 | (second & 0xffff), &insn);
    }
    neon_decode(&s, insn);
    cpu->pc = (uint32_t)(cpu->pc + 4);
    cpu->it = arm_it_advance(cpu->it);
}
