/*
 * SVE2 in IR: as SVE (translate-sve.h), with handlers sve2i_op_NAME.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_SVE2_H
#define TARGET_ARM_TCG_TRANSLATE_SVE2_H

#include "target/arm/tcg/sve2.h"
#include "target/arm/tcg/translate-sve.h"
#include "target/arm/tcg/sve2i-decode.h"

#endif
