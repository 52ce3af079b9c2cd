/*
 * Semihosting: not implemented yet; its calls are UNDEFINED.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"

bool arm_semihosting_enabled(const ArmCpu *cpu)
{
    return false;
}

void arm_semihosting_call(ArmCpu *cpu)
{
    arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
}
