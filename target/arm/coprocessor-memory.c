/*
 * AArch32: translation tables, domains, faults and memory attributes (c2, c3, c5, c6, c10 of coprocessor 15), and the generic timer (c14).
 *
 * DDI 0487, G8.2, G8.7; DDI 0406, B4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/coprocessor.h"

#define EL1(crn, crm, op2) ARM_SYSREG(3, 0, crn, crm, op2)
#define EL2(crn, crm, op2) ARM_SYSREG(3, 4, crn, crm, op2)
#define EL0(crn, crm, op2) ARM_SYSREG(3, 3, crn, crm, op2)

static unsigned bank(const ArmCpu *cpu) { return arm_cp_secure_bank(cpu) ? 3 : 1; }

/* ---- c2, c3 ---- */

/* Of short descriptors TTBR holds no ASID: a new table needs no more than the guest's own invalidation. */
static uint64_t read_ttbr1(ArmCpu *cpu, const CpRegister *r) { return cpu->ttbr1_el[bank(cpu)]; }

static void write_ttbr1_low(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    cpu->ttbr1_el[bank(cpu)] = (uint32_t)value;
    arm_state_changed(cpu);
}

static void write_ttbr1(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    cpu->ttbr1_el[bank(cpu)] = value;
    arm_state_changed(cpu);
}

static uint64_t read_dacr(ArmCpu *cpu, const CpRegister *r) { return bank(cpu) == 3 ? cpu->dacr_s : cpu->dacr32_el2; }

static void write_dacr(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    if (bank(cpu) == 3) {
        cpu->dacr_s = (uint32_t)value;
    } else {
        cpu->dacr32_el2 = (uint32_t)value;
    }
    arm_state_changed(cpu);
}

/* ---- c5 ---- */

static uint64_t read_ifsr(ArmCpu *cpu, const CpRegister *r) { return bank(cpu) == 3 ? cpu->ifsr_s : cpu->ifsr32_el2; }

static void write_ifsr(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    if (bank(cpu) == 3) {
        cpu->ifsr_s = (uint32_t)value;
    } else {
        cpu->ifsr32_el2 = (uint32_t)value;
    }
}

#define VIEW(op1, crn, crm, op2, label, more, to) { CP(15, op1, crn, crm, op2), label, more, to }
#define VIEW64(op1, crm, label, more, to) { CP64(15, op1, crm), label, more, to }
#define TIMER CP_TIMER | CP_EL0 | CP_EL0_WRITE

static const CpRegister rows[] = {
    VIEW(0, 2, 0, 0, "TTBR0", CP_BANKED, EL1(2, 0, 0)), VIEW64(0, 2, "TTBR0", CP_BANKED | CP_LPAE, EL1(2, 0, 0)),
    { CP(15, 0, 2, 0, 1), "TTBR1", CP_V6, .read = read_ttbr1, .write = write_ttbr1_low }, { CP64(15, 1, 2), "TTBR1", CP_LPAE, .read = read_ttbr1, .write = write_ttbr1 },
    VIEW(0, 2, 0, 2, "TTBCR", CP_V6 | CP_BANKED, EL1(2, 0, 2)), VIEW(4, 2, 0, 2, "HTCR", CP_HYP, EL2(2, 0, 2)), VIEW(4, 2, 1, 2, "VTCR", CP_HYP, EL2(2, 1, 2)),
    VIEW64(4, 2, "HTTBR", CP_HYP, EL2(2, 0, 0)), VIEW64(6, 2, "VTTBR", CP_HYP, EL2(2, 1, 0)),
    { CP(15, 0, 3, 0, 0), "DACR", 0, .read = read_dacr, .write = write_dacr },
    VIEW(0, 5, 0, 0, "DFSR", CP_BANKED, EL1(5, 2, 0)), { CP(15, 0, 5, 0, 1), "IFSR", 0, .read = read_ifsr, .write = write_ifsr },
    VIEW(0, 5, 1, 0, "ADFSR", CP_V7 | CP_BANKED, EL1(5, 1, 0)), VIEW(0, 5, 1, 1, "AIFSR", CP_V7 | CP_BANKED, EL1(5, 1, 1)),
    VIEW(4, 5, 1, 0, "HADFSR", CP_HYP, EL2(5, 1, 0)), VIEW(4, 5, 1, 1, "HAIFSR", CP_HYP, EL2(5, 1, 1)), VIEW(4, 5, 2, 0, "HSR", CP_HYP, EL2(5, 2, 0)),
    VIEW(0, 6, 0, 0, "DFAR", CP_BANKED | CP_LOW, EL1(6, 0, 0)), VIEW(0, 6, 0, 2, "IFAR", CP_V6 | CP_BANKED | CP_HIGH, EL1(6, 0, 0)), { CP(15, 0, 6, 0, 1), "WFAR", CP_OLD },
    VIEW(4, 6, 0, 0, "HDFAR", CP_HYP | CP_LOW, EL2(6, 0, 0)), VIEW(4, 6, 0, 2, "HIFAR", CP_HYP | CP_HIGH, EL2(6, 0, 0)), VIEW(4, 6, 0, 4, "HPFAR", CP_HYP, EL2(6, 0, 4)),
    VIEW(0, 7, 4, 0, "PAR", CP_V7 | CP_LOW, EL1(7, 4, 0)), VIEW64(0, 7, "PAR", CP_LPAE, EL1(7, 4, 0)),
    /* c10: TEX remap, or MAIR with long descriptors */
    VIEW(0, 10, 2, 0, "PRRR", CP_V6 | CP_BANKED | CP_LOW, EL1(10, 2, 0)), VIEW(0, 10, 2, 1, "NMRR", CP_V6 | CP_BANKED | CP_HIGH, EL1(10, 2, 0)),
    VIEW(0, 10, 3, 0, "AMAIR0", CP_LPAE | CP_BANKED | CP_LOW, EL1(10, 3, 0)), VIEW(0, 10, 3, 1, "AMAIR1", CP_LPAE | CP_BANKED | CP_HIGH, EL1(10, 3, 0)),
    VIEW(4, 10, 2, 0, "HMAIR0", CP_HYP | CP_LOW, EL2(10, 2, 0)), VIEW(4, 10, 2, 1, "HMAIR1", CP_HYP | CP_HIGH, EL2(10, 2, 0)),
    VIEW(4, 10, 3, 0, "HAMAIR0", CP_HYP | CP_LOW, EL2(10, 3, 0)), VIEW(4, 10, 3, 1, "HAMAIR1", CP_HYP | CP_HIGH, EL2(10, 3, 0)),
    { CP(15, 0, 10, 0, 0), "DTLB lockdown", CP_OLD }, { CP(15, 0, 10, 0, 1), "ITLB lockdown", CP_OLD },
    { CP(15, 0, 9, 0, 0), "cache lockdown", CP_OLD }, { CP(15, 0, 9, 0, 1), "cache lockdown", CP_OLD }, { CP(15, 0, 9, 1, 0), "TCM", CP_OLD }, { CP(15, 0, 9, 1, 1), "TCM", CP_OLD },
    /* c14 */
    VIEW(0, 14, 0, 0, "CNTFRQ", TIMER, EL0(14, 0, 0)), VIEW(0, 14, 1, 0, "CNTKCTL", CP_TIMER, EL1(14, 1, 0)), VIEW(0, 14, 2, 0, "CNTP_TVAL", TIMER, EL0(14, 2, 0)),
    VIEW(0, 14, 2, 1, "CNTP_CTL", TIMER, EL0(14, 2, 1)), VIEW(0, 14, 3, 0, "CNTV_TVAL", TIMER, EL0(14, 3, 0)), VIEW(0, 14, 3, 1, "CNTV_CTL", TIMER, EL0(14, 3, 1)),
    VIEW64(0, 14, "CNTPCT", CP_TIMER | CP_EL0 | CP_READ_ONLY, EL0(14, 0, 1)), VIEW64(1, 14, "CNTVCT", CP_TIMER | CP_EL0 | CP_READ_ONLY, EL0(14, 0, 2)),
    VIEW64(2, 14, "CNTP_CVAL", TIMER, EL0(14, 2, 2)), VIEW64(3, 14, "CNTV_CVAL", TIMER, EL0(14, 3, 2)), VIEW64(4, 14, "CNTVOFF", CP_HYP | CP_TIMER, EL2(14, 0, 3)),
    VIEW64(6, 14, "CNTHP_CVAL", CP_HYP | CP_TIMER, EL2(14, 2, 2)), VIEW(4, 14, 1, 0, "CNTHCTL", CP_HYP | CP_TIMER, EL2(14, 1, 0)),
    VIEW(4, 14, 2, 0, "CNTHP_TVAL", CP_HYP | CP_TIMER, EL2(14, 2, 0)), VIEW(4, 14, 2, 1, "CNTHP_CTL", CP_HYP | CP_TIMER, EL2(14, 2, 1)),
};
const CpTable arm_cp_memory = { rows, ARRAY_SIZE(rows) };
