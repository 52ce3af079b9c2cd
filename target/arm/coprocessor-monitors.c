/*
 * AArch32: performance monitors, c9 of coprocessor 15.
 *
 * DDI 0487, G8.4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/coprocessor.h"

#define USER CP_V7 | CP_EL0 | CP_EL0_WRITE
#define VIEW(crm, op2, label, more) { CP(15, 0, 9, crm, op2), label, more, ARM_SYSREG(3, 3, 9, crm, op2) }

static const CpRegister rows[] = {
    VIEW(12, 0, "PMCR", USER), VIEW(12, 1, "PMCNTENSET", USER), VIEW(12, 2, "PMCNTENCLR", USER), VIEW(12, 3, "PMOVSR", USER), VIEW(12, 4, "PMSWINC", USER | CP_WRITE_ONLY),
    VIEW(12, 5, "PMSELR", USER), VIEW(12, 6, "PMCEID0", USER | CP_READ_ONLY), VIEW(12, 7, "PMCEID1", USER | CP_READ_ONLY), VIEW(13, 0, "PMCCNTR", USER | CP_LOW),
    VIEW(13, 1, "PMXEVTYPER", USER), VIEW(13, 2, "PMXEVCNTR", USER), VIEW(14, 0, "PMUSERENR", CP_V7 | CP_EL0), VIEW(14, 3, "PMOVSSET", USER),
    { CP(15, 0, 9, 14, 1), "PMINTENSET", CP_V7, ARM_SYSREG(3, 0, 9, 14, 1) }, { CP(15, 0, 9, 14, 2), "PMINTENCLR", CP_V7, ARM_SYSREG(3, 0, 9, 14, 2) },
    { CP64(15, 0, 9), "PMCCNTR", USER, ARM_SYSREG(3, 3, 9, 13, 0) },
};
const CpTable arm_cp_monitors = { rows, ARRAY_SIZE(rows) };
