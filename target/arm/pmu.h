/*
 * The performance monitors' counters (pmu.c), for their registers (sysregs-pmu.c) and for what changes the exception level.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_PMU_H
#define TARGET_ARM_PMU_H

#include "target/arm/internal.h"

enum { PMCR_E = BIT(0), PMCR_P = BIT(1), PMCR_C = BIT(2), PMCR_D = BIT(3), PMCR_DP = BIT(5), PMCR_LC = BIT(6), PMCR_LP = BIT(7) };
FIELD(PMCR_N, 11, 5);
enum { CYCLE_COUNTER = 31 };            /* its bit in the registers of bits; the others are event counters */

/* How many event counters there are, and how many of them EL0 and EL1 have (MDCR_EL2.HPMN). */
unsigned arm_pmu_counters(const ArmCpu *cpu);
unsigned arm_pmu_lower_counters(const ArmCpu *cpu);
/* Around a change of what counts, on the vCPU's thread: first what has been counted until now, then what counts from now on. */
void arm_pmu_sync(ArmCpu *cpu);
void arm_pmu_changed(ArmCpu *cpu);
/* Whether a counter counts its event at the current exception level. */
bool arm_pmu_counts(const ArmCpu *cpu, unsigned counter);
/* So many events of one counter at once; its overflow is noted. */
void arm_pmu_add(ArmCpu *cpu, unsigned counter, uint64_t count);

#endif
