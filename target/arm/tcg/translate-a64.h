/*
 * What the files that translate a64.table share beyond translate.h: the words of the table.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_A64_H
#define TARGET_ARM_TCG_TRANSLATE_A64_H

#include "target/arm/tcg/translate.h"
#include "target/arm/tcg/a64-decode.h"

enum { LOGIC_AND, LOGIC_OR, LOGIC_XOR, LOGIC_ANDS };
enum { MOVE_N, MOVE_Z, MOVE_K };
enum { MIN_SMAX, MIN_UMAX, MIN_SMIN, MIN_UMIN };
enum { BRANCH_BR, BRANCH_BLR, BRANCH_RET };
/* Instructions that check a guarded control stack, as the syndrome names them (ESR_ELx, EC 0x2d: IT). */
enum { GCS_RET, GCS_POPM, GCS_RET_KEYA, GCS_RET_KEYB, GCS_SS1, GCS_SS2, GCS_POPCX = 8, GCS_POPX = 9 };
enum { PAC_SIGN, PAC_AUTH };
enum { SELECT_PLAIN, SELECT_INC, SELECT_INV, SELECT_NEG };
enum { INDEX_OFFSET, INDEX_POST, INDEX_PRE, INDEX_UNPRIV };

static inline IrType a64_type(bool is64) { return is64 ? IR_I64 : IR_I32; }
/* The value that a bit mask immediate (N, immr, imms) stands for. false: none (DDI 0487, DecodeBitMasks). */
bool a64_bit_mask(bool is64, unsigned n, unsigned immr, unsigned imms, uint64_t *mask);
/* A pointer signed or authenticated as the mode lets it: the pointer itself where the key is off. */
IrRef a64_authenticate(ArmTranslate *s, bool sign, IrRef pointer, IrRef modifier, unsigned key);

#endif
