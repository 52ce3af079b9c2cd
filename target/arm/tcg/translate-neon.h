/*
 * Advanced SIMD of AArch32.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_NEON_H
#define TARGET_ARM_TCG_TRANSLATE_NEON_H

#include "target/arm/tcg/translate-a32.h"
#include "target/arm/tcg/translate-simd.h"

#include "target/arm/tcg/neon-decode.h"

/* s->insn, an unconditional instruction of A32; of T32. false: not allocated. */
bool neon_translate(ArmTranslate *s);
bool neon_translate_t32(ArmTranslate *s);

#endif
