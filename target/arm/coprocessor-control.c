/*
 * AArch32: identification, control, exceptions, threads, debug: c0, c1, c12, c13 of coprocessor 15, and coprocessor 14.
 *
 * DDI 0487, G8.2; DDI 0406, B4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/coprocessor.h"

#define EL1(crn, crm, op2) ARM_SYSREG(3, 0, crn, crm, op2)
#define EL2(crn, crm, op2) ARM_SYSREG(3, 4, crn, crm, op2)

/* ---- values of their own ---- */

static uint64_t read_midr(ArmCpu *cpu, const CpRegister *r) { return cpu->el == 1 && arm_el2_enabled(cpu) ? (uint32_t)cpu->vpidr_el2 : cpu->id.value[ARM_MIDR]; }
static uint64_t read_ctr(ArmCpu *cpu, const CpRegister *r) { return cpu->id.value[ARM_CTR]; }

/* Of Secure state (G8.2.117); the others may read it. */
static void write_nsacr(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    if (cpu->el != 3) {
        arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
        return;
    }
    cpu->nsacr = (uint32_t)value;
}

/* Only with the multiprocessing extensions; else MIDR's alias. */
static uint64_t read_mpidr(ArmCpu *cpu, const CpRegister *r)
{
    if (!arm_has(cpu, v7)) {
        return cpu->id.value[ARM_MIDR];
    }
    uint64_t own = (arm_has(cpu, a32_mpext) ? BIT(31) : 0) | (uint32_t)cpu->affinity;
    return cpu->el == 1 && arm_el2_enabled(cpu) ? (uint32_t)cpu->vmpidr_el2 : own;
}

static uint64_t read_revidr(ArmCpu *cpu, const CpRegister *r)
{
    return arm_has(cpu, v7) && cpu->id.value[ARM_REVIDR] ? cpu->id.value[ARM_REVIDR] : arm_has(cpu, v8) ? 0 : cpu->id.value[ARM_MIDR];
}

static void write_scr(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    cpu->scr_el3 = value & 0x3fff;
    arm_flush_translations(cpu);
    arm_state_changed(cpu);
}

/* ARMv8 alone has no fast context switch. */
static void write_fcse(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    if (!arm_has(cpu, v7)) {
        cpu->fcseidr = value & 0xfe000000;
        arm_flush_translations(cpu);
    }
}

static uint64_t read_fcse(ArmCpu *cpu, const CpRegister *r) { return cpu->fcseidr; }

/* The ASID of short descriptors is here. */
static void write_contextidr(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    bool secure = arm_is_secure(cpu) && !cpu->has_aarch64;
    cpu->contextidr_el[secure ? 3 : 1] = (uint32_t)value;
    arm_state_changed(cpu);
}

static uint64_t read_contextidr(ArmCpu *cpu, const CpRegister *r) { return cpu->contextidr_el[arm_is_secure(cpu) && !cpu->has_aarch64 ? 3 : 1]; }

/* Vectors of Monitor mode. */
static uint64_t read_mvbar(ArmCpu *cpu, const CpRegister *r) { return cpu->mvbar; }
static void write_mvbar(ArmCpu *cpu, const CpRegister *r, uint64_t value) { cpu->mvbar = value & ~UINT32_C(31); }

static uint64_t read_vbar(ArmCpu *cpu, const CpRegister *r) { return cpu->vbar_el[arm_regime_el(cpu, 0) == 3 ? 3 : 1]; }
static void write_vbar(ArmCpu *cpu, const CpRegister *r, uint64_t value) { cpu->vbar_el[arm_regime_el(cpu, 0) == 3 ? 3 : 1] = value & ~UINT32_C(31); }
static uint64_t read_hvbar(ArmCpu *cpu, const CpRegister *r) { return cpu->vbar_el[2]; }
static void write_hvbar(ArmCpu *cpu, const CpRegister *r, uint64_t value) { cpu->vbar_el[2] = value & ~UINT32_C(31); }

static uint64_t read_dbgdidr(ArmCpu *cpu, const CpRegister *r) { return cpu->id.value[ARM_DBGDIDR]; }
static uint64_t read_dbgdevid(ArmCpu *cpu, const CpRegister *r) { return cpu->id.value[ARM_DBGDEVID]; }
static uint64_t read_dbgdevid1(ArmCpu *cpu, const CpRegister *r) { return cpu->id.value[ARM_DBGDEVID1]; }
static uint64_t read_dscr(ArmCpu *cpu, const CpRegister *r) { return (uint32_t)cpu->mdscr_el1; }

/* L2CTLR: how many processors there are. */
static uint64_t read_l2ctlr(ArmCpu *cpu, const CpRegister *r) { return (uint64_t)(MIN(cpu_count(), 4) - 1) << 24; }

/* Waiting as ARMv6 and before does it. */
static void wait(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    if (!arm_has_work(&cpu->parent)) {
        atomic_store(&cpu->parent.halted, true);
        if (arm_has_work(&cpu->parent)) {
            atomic_store(&cpu->parent.halted, false);
        }
    }
}

/* Processors before ARMv7 have what they have: all of c0 is there that the model has values for. */
#define ID(crm, op2, label) { CP(15, 0, 0, crm, op2), #label, CP_V6 | CP_READ_ONLY, EL1(0, crm, op2) }
#define VIEW(op1, crn, crm, op2, label, more, to) { CP(15, op1, crn, crm, op2), label, more, to }

static const CpRegister rows[] = {
    { CP(15, 0, 0, 0, 0), "MIDR", CP_READ_ONLY, .read = read_midr }, { CP(15, 0, 0, 0, 1), "CTR", CP_READ_ONLY, .read = read_ctr },
    { CP(15, 0, 0, 0, 2), "TCMTR", CP_READ_ONLY }, { CP(15, 0, 0, 0, 3), "TLBTR", CP_READ_ONLY }, { CP(15, 0, 0, 0, 4), "MIDR", CP_READ_ONLY, .read = read_midr },
    { CP(15, 0, 0, 0, 5), "MPIDR", CP_READ_ONLY, .read = read_mpidr }, { CP(15, 0, 0, 0, 6), "REVIDR", CP_READ_ONLY, .read = read_revidr },
    { CP(15, 0, 0, 0, 7), "MIDR", CP_READ_ONLY, .read = read_midr },
    ID(1, 0, ID_PFR0), ID(1, 1, ID_PFR1), ID(1, 2, ID_DFR0), ID(1, 3, ID_AFR0), ID(1, 4, ID_MMFR0), ID(1, 5, ID_MMFR1), ID(1, 6, ID_MMFR2), ID(1, 7, ID_MMFR3),
    ID(2, 0, ID_ISAR0), ID(2, 1, ID_ISAR1), ID(2, 2, ID_ISAR2), ID(2, 3, ID_ISAR3), ID(2, 4, ID_ISAR4), ID(2, 5, ID_ISAR5), ID(2, 6, ID_MMFR4), ID(2, 7, ID_ISAR6),
    ID(3, 4, ID_PFR2), ID(3, 5, ID_DFR1), ID(3, 6, ID_MMFR5), ID(3, 0, reserved), ID(3, 1, reserved), ID(3, 2, reserved), ID(3, 3, reserved), ID(3, 7, reserved),
    VIEW(1, 0, 0, 0, "CCSIDR", CP_V7 | CP_READ_ONLY, ARM_SYSREG(3, 1, 0, 0, 0)), VIEW(1, 0, 0, 1, "CLIDR", CP_READ_ONLY, ARM_SYSREG(3, 1, 0, 0, 1)),
    VIEW(1, 0, 0, 2, "CCSIDR2", CP_V8 | CP_READ_ONLY, ARM_SYSREG(3, 1, 0, 0, 2)), VIEW(1, 0, 0, 7, "AIDR", CP_READ_ONLY, ARM_SYSREG(3, 1, 0, 0, 7)),
    VIEW(2, 0, 0, 0, "CSSELR", CP_V7, ARM_SYSREG(3, 2, 0, 0, 0)),
    VIEW(4, 0, 0, 0, "VPIDR", CP_HYP, EL2(0, 0, 0)), VIEW(4, 0, 0, 5, "VMPIDR", CP_HYP | CP_LOW, EL2(0, 0, 5)),
    /* c1 */
    VIEW(0, 1, 0, 0, "SCTLR", CP_BANKED, EL1(1, 0, 0)), VIEW(0, 1, 0, 1, "ACTLR", CP_BANKED | CP_LOW, EL1(1, 0, 1)),
    VIEW(0, 1, 0, 3, "ACTLR2", CP_V8 | CP_BANKED | CP_HIGH, EL1(1, 0, 1)), VIEW(0, 1, 0, 2, "CPACR", CP_V6, EL1(1, 0, 2)),
    { CP(15, 0, 1, 1, 0), "SCR", CP_SECURITY, SYSREG_FIELD(scr_el3), .write = write_scr }, { CP(15, 0, 1, 1, 1), "SDER", CP_SECURITY, SYSREG_FIELD(sder_el3) },
    { CP(15, 0, 1, 1, 2), "NSACR", CP_V6 | CP_FIELD32, SYSREG_FIELD(nsacr), .write = write_nsacr }, { CP(15, 0, 1, 3, 1), "SDCR", CP_SECURITY | CP_V8, SYSREG_FIELD(mdcr_el3) },
    VIEW(4, 1, 0, 0, "HSCTLR", CP_HYP, EL2(1, 0, 0)), VIEW(4, 1, 0, 1, "HACTLR", CP_HYP | CP_LOW, EL2(1, 0, 1)),
    VIEW(4, 1, 1, 0, "HCR", CP_HYP | CP_LOW, EL2(1, 1, 0)), VIEW(4, 1, 1, 4, "HCR2", CP_HYP | CP_HIGH, EL2(1, 1, 0)), VIEW(4, 1, 1, 1, "HDCR", CP_HYP, EL2(1, 1, 1)),
    VIEW(4, 1, 1, 2, "HCPTR", CP_HYP, EL2(1, 1, 2)), VIEW(4, 1, 1, 3, "HSTR", CP_HYP, EL2(1, 1, 3)), VIEW(4, 1, 1, 7, "HACR", CP_HYP, EL2(1, 1, 7)),
    /* c7: waiting */
    { CP(15, 0, 7, 0, 4), "wait for interrupt", CP_OLD | CP_WRITE_ONLY, .write = wait }, { CP(15, 0, 7, 8, 2), "wait for interrupt", CP_OLD | CP_WRITE_ONLY, .write = wait },
    /* c9, c15: implementations' own */
    { CP(15, 1, 9, 0, 2), "L2CTLR", 0, .read = read_l2ctlr }, { CP(15, 1, 9, 0, 3), "L2ECTLR", 0 },
    { CP(15, 4, 15, 0, 0), "CBAR", CP_READ_ONLY, SYSREG_FIELD(id.value[ARM_RESET_CBAR]) },
    /* c12 */
    { CP(15, 0, 12, 0, 0), "VBAR", CP_V6, .read = read_vbar, .write = write_vbar }, { CP(15, 0, 12, 0, 1), "MVBAR", CP_SECURITY, .read = read_mvbar, .write = write_mvbar },
    VIEW(0, 12, 1, 0, "ISR", CP_V6 | CP_READ_ONLY, EL1(12, 1, 0)), { CP(15, 4, 12, 0, 0), "HVBAR", CP_HYP, .read = read_hvbar, .write = write_hvbar },
    { CP64(15, 0, 12), "ICC_SGI1R", CP_WRITE_ONLY, EL1(12, 11, 5) }, { CP64(15, 1, 12), "ICC_ASGI1R", CP_WRITE_ONLY, EL1(12, 11, 6) },
    { CP64(15, 2, 12), "ICC_SGI0R", CP_WRITE_ONLY, EL1(12, 11, 7) },
    /* c13 */
    { CP(15, 0, 13, 0, 0), "FCSEIDR", 0, .read = read_fcse, .write = write_fcse }, { CP(15, 0, 13, 0, 1), "CONTEXTIDR", CP_V6, .read = read_contextidr, .write = write_contextidr },
    { CP(15, 0, 13, 0, 2), "TPIDRURW", CP_V6 | CP_EL0 | CP_EL0_WRITE | CP_LOW, SYSREG_FIELD(tpidr_el[0]) },
    { CP(15, 0, 13, 0, 3), "TPIDRURO", CP_V6 | CP_EL0 | CP_LOW, SYSREG_FIELD(tpidrro_el0) },
    { CP(15, 0, 13, 0, 4), "TPIDRPRW", CP_V6 | CP_LOW, SYSREG_FIELD(tpidr_el[1]), .secure_offset = offsetof(ArmCpu, tpidr_el[3]) },
    { CP(15, 4, 13, 0, 2), "HTPIDR", CP_HYP | CP_LOW, SYSREG_FIELD(tpidr_el[2]) },
    /* coprocessor 14 */
    { CP(14, 0, 0, 0, 0), "DBGDIDR", CP_READ_ONLY | CP_EL0, .read = read_dbgdidr }, { CP(14, 0, 0, 1, 0), "DBGDSCRint", CP_READ_ONLY | CP_EL0, .read = read_dscr },
    { CP(14, 0, 0, 2, 2), "DBGDSCRext", 0, ARM_SYSREG(2, 0, 0, 2, 2) }, { CP(14, 0, 0, 6, 0), "DBGWFAR", 0 }, { CP(14, 0, 0, 7, 0), "DBGVCR", CP_LOW, SYSREG_FIELD(dbgvcr32_el2) },
    { CP(14, 0, 0, 2, 0), "DBGDCCINT", CP_LOW, SYSREG_FIELD(mdccint_el1) },
    { CP(14, 0, 1, 0, 0), "DBGDRAR", CP_READ_ONLY | CP_EL0 }, { CP(14, 0, 2, 0, 0), "DBGDSAR", CP_READ_ONLY | CP_EL0 }, { CP64(14, 0, 1), "DBGDRAR", CP_READ_ONLY | CP_EL0 },
    { CP64(14, 0, 2), "DBGDSAR", CP_READ_ONLY | CP_EL0 }, { CP(14, 0, 1, 0, 4), "DBGOSLAR", CP_WRITE_ONLY, ARM_SYSREG(2, 0, 1, 0, 4) },
    { CP(14, 0, 1, 1, 4), "DBGOSLSR", CP_READ_ONLY, ARM_SYSREG(2, 0, 1, 1, 4) }, { CP(14, 0, 1, 3, 4), "DBGOSDLR", CP_V7, ARM_SYSREG(2, 0, 1, 3, 4) },
    { CP(14, 0, 1, 4, 4), "DBGPRCR", CP_V7 }, { CP(14, 0, 7, 8, 6), "DBGCLAIMSET", CP_V7, ARM_SYSREG(2, 0, 7, 8, 6) }, { CP(14, 0, 7, 9, 6), "DBGCLAIMCLR", CP_V7, ARM_SYSREG(2, 0, 7, 9, 6) },
    { CP(14, 0, 7, 14, 6), "DBGAUTHSTATUS", CP_READ_ONLY }, { CP(14, 0, 7, 2, 7), "DBGDEVID", CP_READ_ONLY, .read = read_dbgdevid },
    { CP(14, 0, 7, 1, 7), "DBGDEVID1", CP_READ_ONLY, .read = read_dbgdevid1 }, { CP(14, 0, 7, 0, 7), "DBGDEVID2", CP_READ_ONLY },
    { CP(14, 6, 0, 0, 0), "TEECR", CP_FIELD32, SYSREG_FIELD(teecr) }, { CP(14, 6, 1, 0, 0), "TEEHBR", CP_FIELD32 | CP_EL0 | CP_EL0_WRITE, SYSREG_FIELD(teehbr) },
    { CP(14, 7, 0, 0, 0), "JIDR", CP_READ_ONLY | CP_EL0 }, { CP(14, 7, 1, 0, 0), "JOSCR", 0 }, { CP(14, 7, 2, 0, 0), "JMCR", 0 },
};
const CpTable arm_cp_control = { rows, ARRAY_SIZE(rows) };
