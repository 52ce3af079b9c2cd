/*
 * Identification registers: what the model's table holds, and the few that are made up from more.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D19.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

#define MPIDR_RES1 BIT(31)

static uint64_t read_midr(ArmCpu *cpu, const Sysreg *r)
{
    return cpu->el == 1 && arm_el2_enabled(cpu) ? cpu->vpidr_el2 : cpu->id.value[ARM_MIDR];
}

static uint64_t read_mpidr(ArmCpu *cpu, const Sysreg *r)
{
    return cpu->el == 1 && arm_el2_enabled(cpu) ? cpu->vmpidr_el2 : MPIDR_RES1 | cpu->affinity;
}

static uint64_t read_ccsidr(ArmCpu *cpu, const Sysreg *r)
{
    unsigned select = cpu->csselr_el1 & 15;
    return select < ARRAY_SIZE(cpu->id.ccsidr) ? cpu->id.ccsidr[select] : 0;
}

/* The other half of CCSIDR_EL1's sets, for AArch32; a model with FEAT_CCIDX has its 64 bits. */
static uint64_t read_ccsidr2(ArmCpu *cpu, const Sysreg *r) { return read_ccsidr(cpu, r) >> 32; }

/* EL0 reads CTR_EL0 with SCTLR.UCT. */
static ArmSysregResult check_ctr(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_UCT)) {
        return arm_trap_to_el1(cpu);
    }
    return SYSREG_OK;
}

/* DZP: DC ZVA is not allowed to whoever asks. */
static uint64_t read_dczid(ArmCpu *cpu, const Sysreg *r)
{
    bool refused = (cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_DZE)) || (cpu->el < 2 && !arm_in_host(arm_hcr(cpu)) && (arm_hcr(cpu) & HCR_TDZ));
    return cpu->id.value[ARM_DCZID] | (refused ? BIT(4) : 0);
}

/* HCR_EL2.TID5. */
static ArmSysregResult check_gmid(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->el < 2 && (arm_hcr(cpu) & HCR_TID5) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

static uint64_t read_cbar(ArmCpu *cpu, const Sysreg *r) { return cpu->id.value[ARM_RESET_CBAR]; }

#define ID(op1, crn, crm, op2, register, traps) \
    { ARM_SYSREG(3, op1, crn, crm, op2), #register "_EL1", SR_READ_ONLY | (traps), SYSREG_FIELD(id.value[ARM_##register]) }

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 0, 0, 0, 0), "MIDR_EL1", SR_READ_ONLY, .read = read_midr },
    { ARM_SYSREG(3, 0, 0, 0, 5), "MPIDR_EL1", SR_READ_ONLY, .read = read_mpidr },
    ID(0, 0, 0, 6, REVIDR, SR_TID1), ID(1, 0, 0, 7, AIDR, SR_TID1), ID(1, 0, 0, 1, CLIDR, SR_TID2),
    { ARM_SYSREG(3, 1, 0, 0, 0), "CCSIDR_EL1", SR_READ_ONLY | SR_TID2, .read = read_ccsidr },
    { ARM_SYSREG(3, 1, 0, 0, 2), "CCSIDR2_EL1", SR_READ_ONLY | SR_TID2, SYSREG_NEEDS(ccidx), .read = read_ccsidr2 },
    { ARM_SYSREG(3, 1, 0, 0, 4), "GMID_EL1", SR_READ_ONLY, SYSREG_FIELD(id.value[ARM_GMID]), SYSREG_NEEDS(mte2), .check = check_gmid },
    { ARM_SYSREG(3, 3, 0, 0, 1), "CTR_EL0", SR_READ_ONLY | SR_TID2, SYSREG_FIELD(id.value[ARM_CTR]), .check = check_ctr },
    { ARM_SYSREG(3, 3, 0, 0, 7), "DCZID_EL0", SR_READ_ONLY, .read = read_dczid },
    { ARM_SYSREG(3, 1, 15, 3, 0), "CBAR_EL1", SR_READ_ONLY, .read = read_cbar },
    ID(0, 0, 1, 0, ID_PFR0, SR_TID3), ID(0, 0, 1, 1, ID_PFR1, SR_TID3), ID(0, 0, 1, 2, ID_DFR0, SR_TID3), ID(0, 0, 1, 3, ID_AFR0, SR_TID3),
    ID(0, 0, 1, 4, ID_MMFR0, SR_TID3), ID(0, 0, 1, 5, ID_MMFR1, SR_TID3), ID(0, 0, 1, 6, ID_MMFR2, SR_TID3), ID(0, 0, 1, 7, ID_MMFR3, SR_TID3),
    ID(0, 0, 2, 0, ID_ISAR0, SR_TID3), ID(0, 0, 2, 1, ID_ISAR1, SR_TID3), ID(0, 0, 2, 2, ID_ISAR2, SR_TID3), ID(0, 0, 2, 3, ID_ISAR3, SR_TID3),
    ID(0, 0, 2, 4, ID_ISAR4, SR_TID3), ID(0, 0, 2, 5, ID_ISAR5, SR_TID3), ID(0, 0, 2, 6, ID_MMFR4, SR_TID3), ID(0, 0, 2, 7, ID_ISAR6, SR_TID3),
    ID(0, 0, 3, 0, MVFR0, SR_TID3), ID(0, 0, 3, 1, MVFR1, SR_TID3), ID(0, 0, 3, 2, MVFR2, SR_TID3), ID(0, 0, 3, 4, ID_PFR2, SR_TID3),
    ID(0, 0, 3, 5, ID_DFR1, SR_TID3), ID(0, 0, 3, 6, ID_MMFR5, SR_TID3),
    ID(0, 0, 4, 0, ID_AA64PFR0, SR_TID3), ID(0, 0, 4, 1, ID_AA64PFR1, SR_TID3), ID(0, 0, 4, 2, ID_AA64PFR2, SR_TID3), ID(0, 0, 4, 4, ID_AA64ZFR0, SR_TID3),
    ID(0, 0, 4, 5, ID_AA64SMFR0, SR_TID3), ID(0, 0, 4, 7, ID_AA64FPFR0, SR_TID3), ID(0, 0, 5, 0, ID_AA64DFR0, SR_TID3), ID(0, 0, 5, 1, ID_AA64DFR1, SR_TID3),
    ID(0, 0, 5, 4, ID_AA64AFR0, SR_TID3), ID(0, 0, 5, 5, ID_AA64AFR1, SR_TID3), ID(0, 0, 6, 0, ID_AA64ISAR0, SR_TID3), ID(0, 0, 6, 1, ID_AA64ISAR1, SR_TID3),
    ID(0, 0, 6, 2, ID_AA64ISAR2, SR_TID3), ID(0, 0, 6, 3, ID_AA64ISAR3, SR_TID3), ID(0, 0, 7, 0, ID_AA64MMFR0, SR_TID3), ID(0, 0, 7, 1, ID_AA64MMFR1, SR_TID3),
    ID(0, 0, 7, 2, ID_AA64MMFR2, SR_TID3), ID(0, 0, 7, 3, ID_AA64MMFR3, SR_TID3), ID(0, 0, 7, 4, ID_AA64MMFR4, SR_TID3),
};
const SysregTable arm_id_sysregs = { rows, ARRAY_SIZE(rows) };
