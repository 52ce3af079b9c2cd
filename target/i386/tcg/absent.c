/*
 * Stand-ins for the compiler and for the SIMD and x87 parts until they land: weak, so that each gives way to the real function. This file goes then.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/translate.h"

#define WEAK __attribute__((weak))
#define ABSENT { g_assert_not_reached(); }

WEAK bool x86_translate_sse(X86Translate *s) { return false; }
WEAK bool x86_translate_x87(X86Translate *s) { return false; }
WEAK void x86_fxsave(const X86Cpu *cpu, uint8_t image[512]) { }
WEAK void x86_fxrstor(X86Cpu *cpu, const uint8_t image[512]) { }
