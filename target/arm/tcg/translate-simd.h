/*
 * What the files that translate floating point and AdvSIMD share.
 *
 * A handler that has nothing better calls simd_by_c, which has C code do the instruction. The same handlers do an instruction again that translated code has left
 * (ARM_REASON_FLOAT): s->b is NULL then, and simd_by_c does it at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_SIMD_H
#define TARGET_ARM_TCG_TRANSLATE_SIMD_H

#include "target/arm/tcg/simd.h"
#include "target/arm/tcg/translate.h"

#include "target/arm/tcg/a64v-decode.h"

enum { INDEX_OFFSET, INDEX_POST, INDEX_PRE };
enum { SIMD_NONE = -1 };

/* The instruction is done again by C code. */
static inline bool simd_redoes(const ArmTranslate *s) { return !s->b; }
/* False: an exception is emitted, the handler returns true. */
static inline bool simd_access(ArmTranslate *s) { return simd_redoes(s) || arm_fp_access(s); }
/* Registers d (old destination or third operand), n, m: SIMD_NONE is 0. */
bool simd_by_c(ArmTranslate *s, uint32_t spec, unsigned rd, int d, int n, int m);
/* C code does the instruction where cond (I32) is not 0. */
static inline void simd_redo_if(ArmTranslate *s, IrRef cond) { ir_exit_fault_if(s->b, cond, ARM_REASON_FLOAT); }
/* FORM_* of operands that have q and scalar. */
static inline unsigned simd_form_of(const A64vOperands *o) { return o->scalar ? FORM_SCALAR : o->q ? FORM_128 : FORM_64; }

/* ---- values ---- */
static inline IrRef simd_const(ArmTranslate *s, uint64_t both) { return ir_const_v128(s->b, both, both); }
/* A constant of lanes. */
static inline IrRef simd_lanes(ArmTranslate *s, unsigned size, uint64_t value)
{
    value &= MAKE_MASK(0, 8u << size);
    for (; size < 3; size++) {
        value |= value << (8u << size);
    }
    return simd_const(s, value);
}
static inline IrRef simd_op2(ArmTranslate *s, IrOp op, unsigned size, IrRef a, IrRef b) { return ir_emit(s->b, op, IR_V128, size, 0, a, b, 0); }
static inline IrRef simd_imm1(ArmTranslate *s, IrOp op, unsigned size, unsigned imm, IrRef a) { return ir_emit(s->b, op, IR_V128, size, imm, a, 0, 0); }
static inline IrRef simd_not(ArmTranslate *s, IrRef a) { return simd_op2(s, IR_VXOR, 3, a, simd_const(s, UINT64_MAX)); }
static inline IrRef simd_zero_upper(ArmTranslate *s, IrRef a) { return ir_op1(s->b, IR_VZERO_UPPER, IR_V128, a); }
/* The result of an instruction of 64 (or a scalar of 64) or 128 bits. */
static inline void simd_finish(ArmTranslate *s, unsigned rd, bool all, IrRef value) { a64_set_v(s, rd, all ? value : simd_zero_upper(s, value)); }
/* One element everywhere. */
IrRef simd_splat_lane(ArmTranslate *s, unsigned size, unsigned index, IrRef v);
/* UZP1 and UZP2 of 128 bits, or (all false) of the low halves. */
IrRef simd_unzip(ArmTranslate *s, unsigned size, bool second, bool all, IrRef n, IrRef m);
/* Bytes of a by constant indices (80 and more: 0). */
IrRef simd_shuffle(ArmTranslate *s, IrRef a, const uint8_t indices[16]);
/* Element of by-element forms: its register and index. */
typedef struct SimdIndex { unsigned rm, index; } SimdIndex;
static inline SimdIndex simd_index_of(const A64vOperands *o, unsigned size)
{
    return size == 1 ? (SimdIndex){ o->rm, o->h << 2 | o->l << 1 | o->m } : (SimdIndex){ o->rm | o->m << 4, size == 2 ? o->h << 1 | o->l : o->h };
}

#endif
