/*
 * Stand-ins for the compiler and for the SIMD and x87 parts until they land: weak, so that each gives way to the real function. This file goes then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/translate.h"

#define WEAK __attribute__((weak))
#define ABSENT { g_assert_not_reached(); }

WEAK IrRef ir_const_v128(IrBuilder *b, uint64_t lo, uint64_t hi) ABSENT
