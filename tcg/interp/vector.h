/*
 * Vectors by halves of 128 bits, within the interpreter.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_INTERP_VECTOR_H
#define TCG_INTERP_VECTOR_H

#include "interp.h"

typedef union InterpHalf {
    uint64_t u64[2]; int64_t s64[2];
    uint32_t u32[4]; int32_t s32[4];
    uint16_t u16[8]; int16_t s16[8];
    uint8_t u8[16]; int8_t s8[16];
    float f32[4]; double f64[2];
} InterpHalf;

/* Lane n of 8 << sub bits. */
uint64_t interp_lane(const InterpHalf *h, unsigned sub, unsigned n);
/* Packed floating point of one half; conversions of whole values. false: not one of theirs. */
bool interp_vector_float(const IrInsn *insn, const InterpHalf *a, const InterpHalf *b, const InterpHalf *c, InterpHalf *r);
bool interp_vector_convert(const IrInsn *insn, const InterpOperands *v, IrValue *r);

#endif
