/*
 * System registers of the generic timer.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D11, D19.12.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"
#include "util/main-loop.h"

/* CNTKCTL_EL1, and CNTHCTL_EL2 with E2H; EL1PCTEN and so on of CNTHCTL_EL2 without. */
enum { EL0PCTEN = 1, EL0VCTEN = 2, EL0VTEN = 1 << 8, EL0PTEN = 1 << 9, EL1PCTEN = 1, EL1PCEN = 2, E2H_EL1PCTEN = 1 << 10, E2H_EL1PTEN = 1 << 11, EL1TVT = 1 << 13, EL1TVCT = 1 << 14 };

static unsigned timer_of(const Sysreg *r)
{
    /* By CRm and op1: CNTP 3,2; CNTV 3,3; CNTHP 4,2; CNTHV 4,3; CNTPS 7,2. */
    unsigned op1 = r->encoding >> 11 & 7, crm = r->encoding >> 3 & 15;
    return op1 == 3 ? (crm == 2 ? ARM_TIMER_PHYS : ARM_TIMER_VIRT) : op1 == 4 ? (crm == 2 ? ARM_TIMER_HYP : ARM_TIMER_HYPVIRT) : ARM_TIMER_SEC;
}

/* ---- who may ---- */

/* EL0's access as the register of its regime's level allows it; physical, counter: which of the bits. */
static ArmSysregResult check_el0(const ArmCpu *cpu, uint64_t own_bit)
{
    bool host = arm_in_host(arm_hcr(cpu));
    if (cpu->el == 0 && !((host ? cpu->cnthctl_el2 : cpu->cntkctl_el1) & own_bit)) {
        return host ? SYSREG_TRAP_EL2 : arm_trap_to_el1(cpu);
    }
    return SYSREG_OK;
}

static ArmSysregResult check_el1(const ArmCpu *cpu, uint64_t plain_bit, uint64_t e2h_bit)
{
    uint64_t hcr = arm_hcr(cpu);
    if (cpu->el >= 2 || !arm_el2_enabled(cpu) || arm_in_host(hcr)) {
        return SYSREG_OK;
    }
    return cpu->cnthctl_el2 & (arm_e2h(hcr) ? e2h_bit : plain_bit) ? SYSREG_OK : SYSREG_TRAP_EL2;
}

static ArmSysregResult check_physical_counter(ArmCpu *cpu, const Sysreg *r, bool write)
{
    ArmSysregResult result = check_el0(cpu, EL0PCTEN);
    return result == SYSREG_OK ? check_el1(cpu, EL1PCTEN, E2H_EL1PCTEN) : result;
}

static ArmSysregResult check_virtual_counter(ArmCpu *cpu, const Sysreg *r, bool write)
{
    ArmSysregResult result = check_el0(cpu, EL0VCTEN);
    bool trapped = cpu->el < 2 && arm_has(cpu, ecv) && arm_el2_enabled(cpu) && !arm_in_host(arm_hcr(cpu)) && (cpu->cnthctl_el2 & EL1TVCT);
    return result == SYSREG_OK && trapped ? SYSREG_TRAP_EL2 : result;
}

static ArmSysregResult check_physical_timer(ArmCpu *cpu, const Sysreg *r, bool write)
{
    ArmSysregResult result = check_el0(cpu, EL0PTEN);
    return result == SYSREG_OK ? check_el1(cpu, EL1PCEN, E2H_EL1PTEN) : result;
}

static ArmSysregResult check_virtual_timer(ArmCpu *cpu, const Sysreg *r, bool write)
{
    ArmSysregResult result = check_el0(cpu, EL0VTEN);
    bool trapped = cpu->el < 2 && arm_has(cpu, ecv) && arm_el2_enabled(cpu) && !arm_in_host(arm_hcr(cpu)) && (cpu->cnthctl_el2 & EL1TVT);
    return result == SYSREG_OK && trapped ? SYSREG_TRAP_EL2 : result;
}

static ArmSysregResult check_frequency(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (write) {
        unsigned highest = cpu->has_el3 ? 3 : cpu->has_el2 ? 2 : 1;
        return cpu->el == highest ? SYSREG_OK : SYSREG_UNDEFINED;
    }
    return check_el0(cpu, EL0PCTEN | EL0VCTEN);
}

/* The secure timer: EL3's, or secure EL1's with SCR_EL3.ST. */
static ArmSysregResult check_secure_timer(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el == 3) {
        return SYSREG_OK;
    }
    if (cpu->el != 1 || !arm_is_secure(cpu)) {
        return SYSREG_UNDEFINED;
    }
    return cpu->scr_el3 & SCR_ST ? SYSREG_OK : SYSREG_TRAP_EL3;
}

/* ---- values ---- */

static uint64_t read_physical(ArmCpu *cpu, const Sysreg *r) { return arm_counter(cpu) - (cpu->el < 2 ? arm_physical_offset(cpu) : 0); }

/* A host sees no offset. */
static uint64_t read_virtual(ArmCpu *cpu, const Sysreg *r)
{
    uint64_t hcr = arm_hcr(cpu);
    bool host = (cpu->el == 2 && arm_e2h(hcr)) || (cpu->el == 0 && arm_in_host(hcr));
    return arm_counter(cpu) - (host || !cpu->has_el2 ? 0 : cpu->cntvoff_el2);
}

static uint64_t read_ctl(ArmCpu *cpu, const Sysreg *r)
{
    unsigned n = timer_of(r);
    uint64_t ctl = cpu->timer_ctl[n] & (TIMER_ENABLE | TIMER_IMASK);
    bool due = (ctl & TIMER_ENABLE) && arm_counter(cpu) - arm_timer_offset(cpu, n) >= cpu->timer_cval[n];
    return ctl | (due ? TIMER_ISTATUS : 0);
}

/* These writes are the lock's: the main thread changes the same fields when a timer expires. */
static void write_ctl(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    MACHINE_LOCK_GUARD();
    unsigned n = timer_of(r);
    cpu->timer_ctl[n] = value & (TIMER_ENABLE | TIMER_IMASK);
    arm_timer_update(cpu, n);
}

static uint64_t read_cval(ArmCpu *cpu, const Sysreg *r) { return cpu->timer_cval[timer_of(r)]; }

static void write_cval(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    MACHINE_LOCK_GUARD();
    unsigned n = timer_of(r);
    cpu->timer_cval[n] = value;
    arm_timer_update(cpu, n);
}

static uint64_t read_tval(ArmCpu *cpu, const Sysreg *r)
{
    unsigned n = timer_of(r);
    return (uint32_t)(cpu->timer_cval[n] - (arm_counter(cpu) - arm_timer_offset(cpu, n)));
}

static void write_tval(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    MACHINE_LOCK_GUARD();
    unsigned n = timer_of(r);
    cpu->timer_cval[n] = arm_counter(cpu) - arm_timer_offset(cpu, n) + (uint64_t)(int64_t)(int32_t)value;
    arm_timer_update(cpu, n);
}

static void write_offset(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    MACHINE_LOCK_GUARD();
    cpu->cntvoff_el2 = value;
    arm_timer_update(cpu, ARM_TIMER_VIRT);
}

static void write_physical_offset(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    MACHINE_LOCK_GUARD();
    cpu->cntpoff_el2 = value;
    arm_timer_update(cpu, ARM_TIMER_PHYS);
}

static ArmSysregResult check_physical_offset(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_ECVEN) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

/* EL0's bits (as in CNTKCTL_EL1) count with E2H alone, the last ones are of FEAT_ECV. */
static void write_cnthctl(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    MACHINE_LOCK_GUARD();
    uint64_t mask = MAKE_MASK(0, 12) | (arm_has(cpu, ecv) ? MAKE_MASK(12, 6) : 0);
    cpu->cnthctl_el2 = value & mask & ~(arm_has(cpu, ecv_poff) ? 0 : CNTHCTL_ECV);
    arm_timer_update(cpu, ARM_TIMER_PHYS);
}

#define TIMER(op1, crm, prefix, suffix, bits, who, host_op1) \
    { ARM_SYSREG(3, op1, 14, crm, 0), prefix "_TVAL_" suffix, bits, .check = who, .read = read_tval, .write = write_tval, .host = host_op1 ? ARM_SYSREG(3, 4, 14, crm, 0) : 0 }, \
    { ARM_SYSREG(3, op1, 14, crm, 1), prefix "_CTL_" suffix, bits, .check = who, .read = read_ctl, .write = write_ctl, .host = host_op1 ? ARM_SYSREG(3, 4, 14, crm, 1) : 0 }, \
    { ARM_SYSREG(3, op1, 14, crm, 2), prefix "_CVAL_" suffix, bits, .check = who, .read = read_cval, .write = write_cval, .host = host_op1 ? ARM_SYSREG(3, 4, 14, crm, 2) : 0 }

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 3, 14, 0, 0), "CNTFRQ_EL0", SR_QUIET, SYSREG_FIELD(cntfrq), .check = check_frequency },
    { ARM_SYSREG(3, 3, 14, 0, 1), "CNTPCT_EL0", SR_READ_ONLY, .check = check_physical_counter, .read = read_physical },
    { ARM_SYSREG(3, 3, 14, 0, 2), "CNTVCT_EL0", SR_READ_ONLY, .check = check_virtual_counter, .read = read_virtual },
    { ARM_SYSREG(3, 3, 14, 0, 5), "CNTPCTSS_EL0", SR_READ_ONLY, .check = check_physical_counter, .read = read_physical, SYSREG_NEEDS(ecv) },
    { ARM_SYSREG(3, 3, 14, 0, 6), "CNTVCTSS_EL0", SR_READ_ONLY, .check = check_virtual_counter, .read = read_virtual, SYSREG_NEEDS(ecv) },
    { ARM_SYSREG(3, 0, 14, 1, 0), "CNTKCTL_EL1", SR_ALIAS_EL12 | SR_QUIET, SYSREG_FIELD(cntkctl_el1), .host = ARM_SYSREG(3, 4, 14, 1, 0) },
    { ARM_SYSREG(3, 4, 14, 1, 0), "CNTHCTL_EL2", SR_EL2, SYSREG_FIELD(cnthctl_el2), .write = write_cnthctl },
    { ARM_SYSREG(3, 4, 14, 0, 6), "CNTPOFF_EL2", SR_EL2, SYSREG_FIELD(cntpoff_el2), SYSREG_NEEDS(ecv_poff), .check = check_physical_offset, .write = write_physical_offset },
    { ARM_SYSREG(3, 4, 14, 0, 3), "CNTVOFF_EL2", SR_EL2, SYSREG_FIELD(cntvoff_el2), .write = write_offset },
    TIMER(3, 2, "CNTP", "EL0", SR_ALIAS_EL12 | SR_HOST_EL0, check_physical_timer, true),
    TIMER(3, 3, "CNTV", "EL0", SR_ALIAS_EL12 | SR_HOST_EL0, check_virtual_timer, true),
    TIMER(4, 2, "CNTHP", "EL2", SR_EL2, NULL, false),
    TIMER(4, 3, "CNTHV", "EL2", SR_EL2, NULL, false),
    TIMER(7, 2, "CNTPS", "EL1", SR_EL3, check_secure_timer, false),
};
const SysregTable arm_timer_sysregs = { rows, ARRAY_SIZE(rows) };
