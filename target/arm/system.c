/*
 * Calls from one exception level to another: SVC, HVC, SMC, where each goes and when PSCI answers instead.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C6.2 (SVC, HVC, SMC), D1.3; SMC Calling Convention (DEN 0028).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"

void arm_svc(ArmCpu *cpu, uint32_t imm16)
{
    bool narrow = !cpu->aarch64 && cpu->thumb;
    uint32_t syndrome = ARM_SYNDROME(cpu->aarch64 ? EC_SVC64 : EC_SVC32, imm16 & 0xffff);
    if (arm_fine_traps_instruction(cpu, cpu->el == 0 ? HFGITR_SVC_EL0 : HFGITR_SVC_EL1)) {
        arm_record(cpu, narrow ? syndrome & ~(uint32_t)ESR_IL : syndrome, 2);
        return;
    }
    arm_record_return(cpu, narrow ? syndrome & ~(uint32_t)ESR_IL : syndrome, 0, cpu->pc + (narrow ? 2 : 4));
}

static void undefined(ArmCpu *cpu)
{
    arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
}

void arm_hvc(ArmCpu *cpu, uint32_t imm16, uint64_t next_pc)
{
    if (cpu->psci_conduit == PSCI_CONDUIT_HVC) {
        cpu->pc = next_pc;
        arm_psci_call(cpu);
        return;
    }
    bool enabled = cpu->has_el3 ? cpu->scr_el3 & SCR_HCE : !(cpu->hcr_el2 & HCR_HCD);
    if (cpu->el == 0 || !cpu->has_el2 || !enabled || (cpu->el < 3 && !arm_el2_enabled(cpu))) {
        undefined(cpu);
        return;
    }
    arm_record_return(cpu, ARM_SYNDROME(cpu->aarch64 ? EC_HVC64 : EC_HVC32, imm16), MAX(2, cpu->el), next_pc);
}

void arm_smc(ArmCpu *cpu, uint32_t imm16, uint64_t next_pc)
{
    uint32_t syndrome = ARM_SYNDROME(cpu->aarch64 ? EC_SMC64 : EC_SMC32, cpu->aarch64 ? imm16 : 0);
    if (cpu->el == 0) {
        undefined(cpu);
    } else if (cpu->el == 1 && (arm_hcr(cpu) & HCR_TSC)) {
        arm_record(cpu, syndrome, 2);
    } else if (cpu->psci_conduit == PSCI_CONDUIT_SMC) {
        cpu->pc = next_pc;
        arm_psci_call(cpu);
    } else if (!cpu->has_el3 || (cpu->scr_el3 & SCR_SMD)) {
        undefined(cpu);
    } else {
        arm_record_return(cpu, syndrome, 3, next_pc);
    }
}
