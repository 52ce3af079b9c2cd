/*
 * SYS instructions: address translation and cache maintenance. TLB maintenance is in tlbi.c.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C5.3 (AT, DC, IC).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

/* ---- AT ---- */

static ArmSysregResult at(ArmCpu *cpu, unsigned op1, unsigned crm, unsigned op2, uint64_t address)
{
    bool unchecked = crm == 9 && op2 == 2, stage12 = op1 == 4 && op2 >= 4, pan = op1 == 0 && crm == 9 && !unchecked;
    unsigned least = op1 == 0 ? 1 : op1 == 4 ? 2 : 3;
    if (cpu->el < least || (op1 == 4 && !cpu->has_el2) || (pan && !arm_has(cpu, pan2)) || (unchecked && !arm_has(cpu, ats1a))) {
        return SYSREG_UNDEFINED;
    }
    if (op1 == 0 && cpu->el == 1 && (arm_hcr(cpu) & HCR_AT)) {
        return SYSREG_TRAP_EL2;
    }
    TcgAccess access = op2 & 1 ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD;
    unsigned el = op1 == 6 ? 3 : op1 == 4 && !stage12 ? 2 : (op2 & 2) && !unchecked ? 0 : 1;
    cpu->par_el1 = arm_address_translate(cpu, address, access, el, (stage12 ? AT_BOTH_STAGES : 0) | (pan && cpu->pan ? AT_PAN : 0) | (unchecked ? AT_UNCHECKED : 0));
    return SYSREG_OK;
}

/* ---- caches, which are not modelled ---- */

static ArmSysregResult user_cache_operation(const ArmCpu *cpu)
{
    bool refused = cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_UCI);
    return refused ? arm_trap_to_el1(cpu) : cpu->el < 2 && !arm_in_host(arm_hcr(cpu)) && (arm_hcr(cpu) & HCR_TPCP) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

static ArmSysregResult user_unification(const ArmCpu *cpu)
{
    bool refused = cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_UCI);
    return refused ? arm_trap_to_el1(cpu) : cpu->el < 2 && !arm_in_host(arm_hcr(cpu)) && (arm_hcr(cpu) & HCR_TPU) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

static ArmSysregResult zero_allowed(const ArmCpu *cpu)
{
    if (cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_DZE)) {
        return arm_trap_to_el1(cpu);
    }
    return cpu->el < 2 && !arm_in_host(arm_hcr(cpu)) && (arm_hcr(cpu) & HCR_TDZ) ? SYSREG_TRAP_EL2 : SYSREG_OK;
}

/* op1 is 3: from EL0 on. */
static ArmSysregResult user_cache(const ArmCpu *cpu, unsigned crm, unsigned op2)
{
    bool tags = op2 == 3 || op2 == 5;
    switch (crm) {
    case 3:         /* CFP, DVP, CPP RCTX */
        if (!arm_has(cpu, specres) || op2 < 4) {
            return SYSREG_UNDEFINED;
        }
        return cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_ENRCTX) ? arm_trap_to_el1(cpu) : SYSREG_OK;
    case 4:         /* ZVA, GVA, GZVA */
        return op2 == 1 || (op2 == 3 && arm_has(cpu, mte)) || (op2 == 4 && arm_has(cpu, mte)) ? zero_allowed(cpu) : SYSREG_UNDEFINED;
    case 5:         /* IC IVAU */
    case 11:        /* DC CVAU */
        return op2 == 1 ? user_unification(cpu) : SYSREG_UNDEFINED;
    case 10: case 12: case 13: case 14:     /* CVAC, CVAP, CVADP, CIVAC, and with tags */
        if ((crm == 12 && !arm_has(cpu, dpb)) || (crm == 13 && !arm_has(cpu, dpb2)) || (tags && !arm_has(cpu, mte)) || (op2 != 1 && !tags)) {
            return SYSREG_UNDEFINED;
        }
        return user_cache_operation(cpu);
    default:
        return SYSREG_UNDEFINED;
    }
}

/* op1 is 0: from EL1 on. By set and way, the whole instruction cache, invalidation by address. */
static ArmSysregResult kernel_cache(const ArmCpu *cpu, unsigned crm, unsigned op2)
{
    uint64_t hcr = arm_hcr(cpu);
    bool tags = op2 >= 3 && op2 <= 6;
    if (cpu->el == 0) {
        return SYSREG_UNDEFINED;
    }
    switch (crm) {
    case 1: case 5:
        return op2 != 0 ? SYSREG_UNDEFINED : cpu->el == 1 && (hcr & HCR_TPU) ? SYSREG_TRAP_EL2 : SYSREG_OK;
    case 6:
        if ((tags && !arm_has(cpu, mte2)) || op2 == 0 || op2 == 7) {
            return SYSREG_UNDEFINED;
        }
        return cpu->el == 1 && (hcr & (op2 == 1 || op2 == 3 || op2 == 5 ? HCR_TPCP : HCR_TSW)) ? SYSREG_TRAP_EL2 : SYSREG_OK;
    case 10: case 14:
        if ((op2 != 2 && op2 != 4 && op2 != 6) || (op2 != 2 && !arm_has(cpu, mte2))) {
            return SYSREG_UNDEFINED;
        }
        return cpu->el == 1 && (hcr & HCR_TSW) ? SYSREG_TRAP_EL2 : SYSREG_OK;
    default:
        return SYSREG_UNDEFINED;
    }
}

/* ---- all ---- */

/* ESB: a pending physical SError that is masked is deferred to DISR_EL1 (D1.3, ESB). */
static void error_barrier(ArmCpu *cpu)
{
    uint64_t hcr = arm_hcr(cpu);
    if (cpu->el < 2 && (hcr & HCR_AMO) && !(hcr & HCR_TGE)) {
        /* The virtual one: to VDISR_EL2. */
        if ((hcr & HCR_VSE) && (cpu->daif & PSTATE_A)) {
            cpu->hcr_el2 &= ~HCR_VSE;
            cpu->vdisr_el2 = BIT(31) | (cpu->vsesr_el2 & MAKE_MASK(0, 25));
            arm_own_interrupts_changed(cpu);
        }
        return;
    }
    if (cpu->serror_pending && (cpu->daif & PSTATE_A)) {
        cpu->serror_pending = false;
        cpu->disr_el1 = BIT(31);
        arm_own_interrupts_changed(cpu);
    }
}

static ArmSysregResult perform(ArmCpu *cpu, uint32_t sysreg, uint64_t value)
{
    unsigned op1 = sysreg >> 11 & 7, crn = sysreg >> 7 & 15, crm = sysreg >> 3 & 15, op2 = sysreg & 7;
    if (crn == 8 || crn == 9) {
        return arm_tlbi(cpu, op1, crn, crm, op2, value);
    }
    if (crn == 7 && (crm == 8 || (crm == 9 && (op2 == 2 || (op1 == 0 && op2 < 2)))) && (op1 == 0 || op1 == 4 || op1 == 6)) {
        return at(cpu, op1, crm, op2, value);
    }
    if (crn == 7 && op1 == 3) {
        return user_cache(cpu, crm, op2);
    }
    return crn == 7 && op1 == 0 ? kernel_cache(cpu, crm, op2) : SYSREG_UNDEFINED;
}

/* What EL2 traps by name comes before what the instruction does; EL0's own permission (op1 is 3) before that. */
static ArmSysregResult trap(ArmCpu *cpu, uint32_t sysreg)
{
    unsigned op1 = sysreg >> 11 & 7;
    ArmSysregResult own = arm_implementation_trap(cpu, sysreg);
    if (own != SYSREG_OK || (cpu->el == 0 && op1 != 3)) {
        return own;
    }
    ArmSysregResult fine = arm_fine_trap(cpu, sysreg, false);
    ArmSysregResult permission = fine != SYSREG_OK && op1 == 3 ? user_cache(cpu, sysreg >> 3 & 15, sysreg & 7) : SYSREG_OK;
    return permission == SYSREG_OK ? fine : permission;
}

bool arm_sys_instruction(ArmCpu *cpu, uint32_t sysreg, uint64_t value)
{
    if (sysreg == ARM_SYS_ESB) {
        error_barrier(cpu);
        return true;
    }
    ArmSysregResult result = trap(cpu, sysreg);
    result = result == SYSREG_OK ? perform(cpu, sysreg, value) : result;
    if (result == SYSREG_OK) {
        return true;
    }
    if (result == SYSREG_UNDEFINED) {
        arm_record(cpu, ARM_SYNDROME(EC_UNKNOWN, 0), 0);
    } else {
        arm_record(cpu, arm_trap_syndrome(cpu), result - SYSREG_TRAP_EL1 + 1);
    }
    return false;
}
