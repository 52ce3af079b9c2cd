/*
 * Advanced SIMD of AArch32: loads and stores of elements and structures (VLD1 to VLD4, VST1 to VST4).
 *
 * DDI 0487, F4.1.23, F6.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-neon.h"

/* m 15: the base stays; 13: it goes on behind what was accessed; else by that register. */
static void write_back(ArmTranslate *s, const NeonOperands *o, IrRef base, unsigned bytes)
{
    if (o->rm == 15) {
        return;
    }
    a32_set_r(s, o->rn, a32_op2(s, IR_ADD, ir_trunc(s->b, base), o->rm == 13 ? arm_i32(s, bytes) : a32_r(s, o->rm)));
}

/* The registers: a run's first is the one behind that of the run before. false: beyond the last. */
static bool take_registers(const NeonOperands *o, unsigned runs, SimdStructures *st)
{
    unsigned last = o->d + runs - 1 + (o->group - 1) * o->step;
    for (unsigned run = 0; run < runs; run++) {
        for (int i = 0; i < o->group; i++) {
            st->regs[run * o->group + i] = SIMD_D + (o->d + run + i * o->step) % 32;
        }
    }
    st->load = o->load;
    st->size = o->size;
    st->runs = runs;
    st->group = o->group;
    return last < 32 && o->rn != 15;
}

/* Runs that fill Q registers are half as many of twice the length. */
static void take_whole(const NeonOperands *o, SimdStructures *st)
{
    unsigned registers = st->runs * st->group;
    if ((o->d & 1) || (st->runs & 1) || (st->group > 1 && (o->step & 1))) {
        return;
    }
    st->all = true;
    st->runs /= 2;
    for (unsigned i = 0; i < registers / 2; i++) {
        st->regs[i] = (o->d >> 1) + i;
    }
}

bool neon_op_vld_multiple(ArmTranslate *s, const NeonOperands *o)
{
    SimdStructures st = { .align_log2 = o->align ? 2 + o->align : 0 };
    if (!take_registers(o, o->runs, &st)) {
        return false;
    }
    take_whole(o, &st);
    if (arm_fp_access(s)) {
        IrRef base = a32_x(s, o->rn);
        simd_structures(s, &st, base);
        write_back(s, o, base, 8 * o->runs * o->group);
    }
    return true;
}

/* imm: index, step and alignment of one element; false: not allocated. */
static bool take_place(const NeonOperands *o, NeonOperands *one, unsigned *index, unsigned *align_log2)
{
    unsigned size = o->size, low = o->imm & ((1u << size) - 1), aligned = o->imm & 1;
    *one = *o;
    *index = o->imm >> (size + 1);
    one->step = size && (o->imm >> size & 1) ? 2 : 1;
    switch (o->group) {
    case 1:
        /* (A byte's lowest bit and what would be the step are 0; a word is aligned by 11.) */
        *align_log2 = low ? size : 0;
        return size == 0 ? !(o->imm & 1) : !(o->imm >> size & 1) && (size == 1 || low == 0 || low == 3);
    case 2:
        *align_log2 = aligned ? size + 1 : 0;
        return size < 2 || !(low & 2);
    case 3:
        *align_log2 = 0;
        return size == 0 ? !aligned : !low;
    default:
        *align_log2 = size == 2 ? (low ? 2 + low : 0) : aligned ? size + 2 : 0;
        return size < 2 || low != 3;
    }
}

bool neon_op_vld_single(ArmTranslate *s, const NeonOperands *o)
{
    NeonOperands one;
    SimdStructures st = { 0 };
    unsigned index;
    if (!take_place(o, &one, &index, &st.align_log2) || !take_registers(&one, 1, &st)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef base = a32_x(s, o->rn);
        simd_structure_lane(s, &st, index, base);
        write_back(s, o, base, (unsigned)o->group << o->size);
    }
    return true;
}

/* To all lanes. One element: the step tells how many registers there are. Size 3: four words, aligned. */
bool neon_op_vld_all(ArmTranslate *s, const NeonOperands *o)
{
    NeonOperands all = *o;
    SimdStructures st = { 0 };
    unsigned runs = o->group == 1 ? o->step : 1;
    all.load = 1;
    if (o->size == 3) {
        if (o->group != 4 || !o->align) {
            return false;
        }
        all.size = 2;
        st.align_log2 = 4;
    } else if (o->align) {
        static const uint8_t factors_log2[] = { 0, 1, 0, 2 };
        st.align_log2 = o->group == 4 && o->size == 2 ? 3 : o->size + factors_log2[o->group - 1];
    }
    if ((o->align && (o->group == 3 || (o->group == 1 && o->size == 0))) || !take_registers(&all, runs, &st)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef base = a32_x(s, o->rn);
        simd_structure_replicated(s, &st, base);
        write_back(s, o, base, (unsigned)o->group << all.size);
    }
    return true;
}
