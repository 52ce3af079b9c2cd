/*
 * VFP and Advanced SIMD of AArch32.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_VFP_H
#define TARGET_ARM_TCG_TRANSLATE_VFP_H

#include "target/arm/tcg/float.h"
#include "target/arm/tcg/translate-a32.h"
#include "target/arm/tcg/vfp-decode.h"

/* Work of C code on scalars: op (VfpOp), format, registers by number, as an argument and as a reason to leave (ARM_REASON_FLOAT). */
typedef enum VfpOp { VFP_FLOAT, VFP_CHAIN = 48, VFP_CHAIN_SUB, VFP_CHAIN_NEG, VFP_CHAIN_NEG_SUB } VfpOp;       /* VFP_FLOAT + an ArmFloatOp */
#define VFP_SPEC(op, size, d, n, m) ((uint32_t)(op) | (uint32_t)(size) << 6 | (uint32_t)(d) << 8 | (uint32_t)(n) << 13 | (uint32_t)(m) << 18)
/* Conversions: format << 4 | unsigned << 8 | rounding << 9 | 32 bits (of fixed point) << 12 | fraction bits << 16; VFP_FORMAT: from << 4 | to << 8. */
typedef enum VfpConversion { VFP_FROM_INT, VFP_TO_INT, VFP_FROM_FIXED, VFP_TO_FIXED, VFP_FORMAT, VFP_TO_JS } VfpConversion;
enum { VFP_ROUND_FPSCR = 7 };
/* Does the instruction that translated code has left: all of it. reason: ARM_REASON_FLOAT | VFP_SPEC (not 0: its format is not). */
void arm_vfp_redo(ArmCpu *cpu, uint32_t reason);

/* An instruction of coprocessors 9 (half precision), 10 and 11, in A32's encoding. */
static inline bool vfp_is_coprocessor(uint32_t insn)
{
    unsigned cp = insn >> 8 & 15;
    return ((insn & 0x0e000000) == 0x0c000000 || (insn & 0x0f000000) == 0x0e000000) && cp >= 9 && cp <= 11;
}
/* In A32's encoding; unconditional: its condition is 15 (Advanced SIMD, and what ARMv8 added). */
bool vfp_translate(ArmTranslate *s, uint32_t insn, bool unconditional);
/* s->insn in T32's. */
bool vfp_translate_t32(ArmTranslate *s);

#endif
