/*
 * What the files that translate floating point share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_FLOAT_H
#define TARGET_ARM_TCG_TRANSLATE_FLOAT_H

#include "target/arm/tcg/translate-simd.h"

#include <string.h>

static inline IrType float_type(unsigned size) { return size == FLOAT_D ? IR_F64 : IR_F32; }
/* The host's arithmetic is the guest's but for what is special. */
static inline bool float_is_fast(const ArmTranslate *s, unsigned size)
{
    return !simd_redoes(s) && size >= FLOAT_S && !(s->mode & (ARM_MODE_FZ | ARM_MODE_AH));
}
/* ---- vectors (translate-float-vector.c): of s->vector's type ---- */
/* Predicates of VFCMP. */
enum { PRED_EQ = 0, PRED_LT = 1, PRED_LE = 2, PRED_UNORDERED = 3, PRED_NE = 4, PRED_EQ_UNORDERED = 8 };
IrRef float_compare(ArmTranslate *s, unsigned size, unsigned predicate, IrRef a, IrRef b);
IrRef float_magnitude(ArmTranslate *s, unsigned size, IrRef a);
/* C code does the instruction where a lane of mask, a NaN, or what may have been tiny before it was rounded is. */
void float_redo_where(ArmTranslate *s, unsigned size, IrRef mask);
void float_redo_nans(ArmTranslate *s, unsigned size, IrRef r);
void float_redo_special(ArmTranslate *s, unsigned size, IrRef r);
/* FLOAT_*; 0: not here. All lanes are computed. */
IrRef float_three(ArmTranslate *s, ArmFloatOp op, unsigned size, IrRef d, IrRef n, IrRef m);

/* ---- scalars ---- */
IrRef float_read(ArmTranslate *s, unsigned size, unsigned n);
void float_write(ArmTranslate *s, unsigned n, IrRef value);
void float_redo_nan(ArmTranslate *s, IrRef value);
/* For FROUND and VFROUND; -1: the host has none. */
int float_host_rounding(ArmFloatOp op);

#endif
