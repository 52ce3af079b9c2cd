/*
 * VFP and Advanced SIMD of AArch32.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_VFP_H
#define TARGET_ARM_TCG_TRANSLATE_VFP_H

#include "target/arm/tcg/translate-a32.h"

/* An instruction of coprocessors 10 and 11, in A32's encoding. */
static inline bool vfp_is_coprocessor(uint32_t insn) { return ((insn & 0x0e000000) == 0x0c000000 || (insn & 0x0f000000) == 0x0e000000) && (insn >> 8 & 14) == 10; }
/* In A32's encoding; unconditional: its condition is 15 (Advanced SIMD, and what ARMv8 added). */
bool vfp_translate(ArmTranslate *s, uint32_t insn, bool unconditional);
/* s->insn in T32's. */
bool vfp_translate_t32(ArmTranslate *s);

#endif
