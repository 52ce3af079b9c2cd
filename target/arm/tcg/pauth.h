/*
 * Pointer authentication as C code uses it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_PAUTH_H
#define TARGET_ARM_TCG_PAUTH_H

#include "target/arm/cpu.h"

/* qarma.c: the cipher. low, high: the key's halves. */
typedef enum ArmQarma { ARM_QARMA5, ARM_QARMA3 } ArmQarma;
uint64_t arm_qarma(ArmQarma which, uint64_t data, uint64_t modifier, uint64_t low, uint64_t high);

/* Keys by number: 0 IA, 1 IB, 2 DA, 3 DB. */
uint64_t arm_pauth_sign(const ArmCpu *cpu, uint64_t pointer, uint64_t modifier, unsigned key);
/* The pointer without its code; where that is wrong a pointer that faults when it is used, or (FEAT_FPAC) an exception is raised: HELPER_FAULTS. */
uint64_t arm_pauth_verify(ArmCpu *cpu, uint64_t pointer, uint64_t modifier, unsigned key);
/* The code itself: 64 bits of them. low, high: the key. */
uint64_t arm_pauth_code(const ArmCpu *cpu, uint64_t data, uint64_t modifier, uint64_t low, uint64_t high);

#endif
