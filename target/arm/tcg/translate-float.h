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
IrRef float_read(ArmTranslate *s, unsigned size, unsigned n);
void float_write(ArmTranslate *s, unsigned n, IrRef value);
void float_redo_nan(ArmTranslate *s, IrRef value);
/* For FROUND and VFROUND; -1: the host has none. */
int float_host_rounding(ArmFloatOp op);

#endif
