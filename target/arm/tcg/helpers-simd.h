/*
 * Helpers of AdvSIMD and floating point: declarations for C.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_HELPERS_SIMD_H
#define TARGET_ARM_TCG_HELPERS_SIMD_H

#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/simd.h"

void arm_helper_simd3(Cpu *cpu, ArmV *result, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m);
void arm_helper_simd2(Cpu *cpu, ArmV *result, uint32_t spec, const ArmV *n, const ArmV *m);
void arm_helper_simd1(Cpu *cpu, ArmV *result, uint32_t spec, const ArmV *n);
/* size of the number | (bits of the integer are 64) << 3 | unsigned << 4 | rounding << 5 | fraction bits << 12 */
#define FLOAT_INT_SPEC(format, is64, u, rounding, fraction_bits) \
    ((uint32_t)(format) | (uint32_t)(is64) << 3 | (uint32_t)(u) << 4 | (uint32_t)(rounding) << 5 | (uint32_t)(fraction_bits) << 12)
uint64_t arm_helper_float_to_int(Cpu *cpu, uint32_t spec, uint64_t a);
uint64_t arm_helper_float_from_int(Cpu *cpu, uint32_t spec, uint64_t a);
uint64_t arm_helper_float_convert(Cpu *cpu, uint32_t spec, uint64_t a);
uint32_t arm_helper_float_compare(Cpu *cpu, uint32_t spec, uint64_t a, uint64_t b);
uint64_t arm_helper_float_to_js(Cpu *cpu, uint64_t a);

#endif
