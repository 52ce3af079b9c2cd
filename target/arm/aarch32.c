/*
 * AArch32 at the system level: not implemented yet. Nothing reaches it, for no model shows AArch32 and aarch64=off is refused.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/mmu.h"
#include "util/log.h"

void arm_take_aarch32(ArmCpu *cpu)
{
    log_mask(LOG_UNIMP, "exceptions to AArch32 are not implemented\n");
}

WalkResult arm_walk_short(ArmCpu *cpu, uint64_t vaddr, ArmWalk *w)
{
    return arm_walk_fault(w, FSC_TRANSLATION, 1);
}

static bool undefined(ArmCpu *cpu)
{
    arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
    return false;
}

bool arm_coprocessor_read(ArmCpu *cpu, unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, bool is64, uint32_t syndrome, uint64_t *value)
{
    return undefined(cpu);
}

bool arm_coprocessor_write(ArmCpu *cpu, unsigned cp, unsigned op1, unsigned crn, unsigned crm, unsigned op2, bool is64, uint32_t syndrome, uint64_t value)
{
    return undefined(cpu);
}
