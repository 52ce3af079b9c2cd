/*
 * System registers of self-hosted debugging: breakpoints, watchpoints, the OS lock, the debug communication channel.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D2, D19.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

static void write_oslar(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->oslar_locked = value & 1;
    arm_debug_changed(cpu);
}

static uint64_t read_oslsr(ArmCpu *cpu, const Sysreg *r)
{
    enum { OSLM_IMPLEMENTED = 8, OSLK = 2 };
    return OSLM_IMPLEMENTED | (cpu->oslar_locked ? OSLK : 0);
}

static void write_debug(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    ARM_FIELD64(cpu, r) = value;
    arm_debug_changed(cpu);
}

static uint64_t read_claim(ArmCpu *cpu, const Sysreg *r) { return cpu->dbgclaim; }
static uint64_t read_claim_set(ArmCpu *cpu, const Sysreg *r) { return 0xff; }
static void write_claim_set(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->dbgclaim |= value & 0xff; }
static void write_claim_clear(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->dbgclaim &= ~value; }

/* Registers of breakpoints that the model has not. */
static ArmSysregResult check_breakpoint(ArmCpu *cpu, const Sysreg *r, bool write)
{
    unsigned n = r->encoding >> 3 & 15, count = extract64(cpu->id.value[ARM_ID_AA64DFR0], 12, 4) + 1;
    return n < count ? SYSREG_OK : SYSREG_UNDEFINED;
}

static ArmSysregResult check_watchpoint(ArmCpu *cpu, const Sysreg *r, bool write)
{
    unsigned n = r->encoding >> 3 & 15, count = extract64(cpu->id.value[ARM_ID_AA64DFR0], 20, 4) + 1;
    return n < count ? SYSREG_OK : SYSREG_UNDEFINED;
}

#define BREAKPOINT(n) \
    { ARM_SYSREG(2, 0, 0, n, 4), "DBGBVR" #n "_EL1", SR_DEBUG, SYSREG_FIELD(dbgbvr[n]), .check = check_breakpoint, .write = write_debug }, \
    { ARM_SYSREG(2, 0, 0, n, 5), "DBGBCR" #n "_EL1", SR_DEBUG, SYSREG_FIELD(dbgbcr[n]), .check = check_breakpoint, .write = write_debug }, \
    { ARM_SYSREG(2, 0, 0, n, 6), "DBGWVR" #n "_EL1", SR_DEBUG, SYSREG_FIELD(dbgwvr[n]), .check = check_watchpoint, .write = write_debug }, \
    { ARM_SYSREG(2, 0, 0, n, 7), "DBGWCR" #n "_EL1", SR_DEBUG, SYSREG_FIELD(dbgwcr[n]), .check = check_watchpoint, .write = write_debug }

static const Sysreg rows[] = {
    { ARM_SYSREG(2, 0, 0, 2, 2), "MDSCR_EL1", SR_DEBUG, SYSREG_FIELD(mdscr_el1), .write = write_debug },
    { ARM_SYSREG(2, 0, 0, 2, 0), "MDCCINT_EL1", SR_DEBUG | SR_QUIET, SYSREG_FIELD(mdccint_el1) },
    { ARM_SYSREG(2, 0, 0, 0, 2), "OSDTRRX_EL1", SR_DEBUG | SR_QUIET | SR_ZERO }, { ARM_SYSREG(2, 0, 0, 3, 2), "OSDTRTX_EL1", SR_DEBUG | SR_QUIET | SR_ZERO },
    { ARM_SYSREG(2, 0, 0, 6, 2), "OSECCR_EL1", SR_DEBUG | SR_QUIET | SR_ZERO },
    { ARM_SYSREG(2, 0, 1, 0, 0), "MDRAR_EL1", SR_READ_ONLY | SR_ZERO },
    { ARM_SYSREG(2, 0, 1, 0, 4), "OSLAR_EL1", SR_WRITE_ONLY | SR_DEBUG_OS, .write = write_oslar },
    { ARM_SYSREG(2, 0, 1, 1, 4), "OSLSR_EL1", SR_READ_ONLY | SR_DEBUG_OS, .read = read_oslsr },
    { ARM_SYSREG(2, 0, 1, 3, 4), "OSDLR_EL1", SR_DEBUG_OS, SYSREG_FIELD(osdlr_el1), .mask = 1 },
    { ARM_SYSREG(2, 0, 1, 4, 4), "DBGPRCR_EL1", SR_DEBUG_OS | SR_QUIET | SR_ZERO },
    { ARM_SYSREG(2, 0, 7, 8, 6), "DBGCLAIMSET_EL1", SR_DEBUG | SR_QUIET, .read = read_claim_set, .write = write_claim_set },
    { ARM_SYSREG(2, 0, 7, 9, 6), "DBGCLAIMCLR_EL1", SR_DEBUG | SR_QUIET, .read = read_claim, .write = write_claim_clear },
    { ARM_SYSREG(2, 0, 7, 14, 6), "DBGAUTHSTATUS_EL1", SR_READ_ONLY | SR_ZERO },
    { ARM_SYSREG(2, 3, 0, 1, 0), "MDCCSR_EL0", SR_READ_ONLY | SR_ZERO },
    { ARM_SYSREG(2, 3, 0, 4, 0), "DBGDTR_EL0", SR_QUIET | SR_ZERO }, { ARM_SYSREG(2, 3, 0, 5, 0), "DBGDTRRX_EL0", SR_QUIET | SR_ZERO },
    { ARM_SYSREG(2, 4, 0, 7, 0), "DBGVCR32_EL2", SR_QUIET, SYSREG_FIELD(dbgvcr32_el2) },
    BREAKPOINT(0), BREAKPOINT(1), BREAKPOINT(2), BREAKPOINT(3), BREAKPOINT(4), BREAKPOINT(5), BREAKPOINT(6), BREAKPOINT(7),
    BREAKPOINT(8), BREAKPOINT(9), BREAKPOINT(10), BREAKPOINT(11), BREAKPOINT(12), BREAKPOINT(13), BREAKPOINT(14), BREAKPOINT(15),
};
const SysregTable arm_debug_sysregs = { rows, ARRAY_SIZE(rows) };
