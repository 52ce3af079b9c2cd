/*
 * System registers that control EL1 and EL3, and those of exceptions, memory and pointer authentication at all levels.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D19.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

/* ---- writes ---- */

/* What of SCTLR_ELx decides translations. */
#define SCTLR_TRANSLATION (SCTLR_M | SCTLR_WXN | SCTLR_EE | SCTLR_EPAN | SCTLR_UWXN)

static void write_sctlr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t changed = ARM_FIELD64(cpu, r) ^ value;
    ARM_FIELD64(cpu, r) = value;
    if (changed & SCTLR_TRANSLATION) {
        arm_flush_translations(cpu);
    }
    arm_state_changed(cpu);
}

/* What is not a tag of translations: sizes, granules, permissions by index. */
void arm_write_and_flush(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t changed = ARM_FIELD64(cpu, r) ^ value;
    ARM_FIELD64(cpu, r) = value;
    if (changed) {
        arm_flush_translations(cpu);
    }
    arm_state_changed(cpu);
}

/* Which pages have tags may be another set now. */
static void write_mair(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    ARM_FIELD64(cpu, r) = value;
    cpu->walk_cache_epoch++;
}

static void write_csselr(ArmCpu *cpu, const Sysreg *r, uint64_t value) { cpu->csselr_el1 = value & 15; }

static void write_scr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t changed = cpu->scr_el3 ^ value;
    /* Lower levels that know no AArch32: RW stays set. */
    cpu->scr_el3 = value | (cpu->has_aarch64 ? SCR_RES1 : 0) | (arm_has(cpu, el1_aarch32) ? 0 : SCR_RW);
    if (changed & (SCR_RW | SCR_EEL2 | SCR_TCR2EN)) {
        arm_flush_translations(cpu);
    }
    if (cpu->cntpoff_el2 && (changed & (SCR_ECVEN | SCR_NS | SCR_EEL2))) {
        arm_timer_update(cpu, ARM_TIMER_PHYS);
    }
    arm_state_changed(cpu);
}

/* ---- checks ---- */

/* CPACR_EL1: CPTR_EL2.TCPAC and CPTR_EL3.TCPAC. */
static ArmSysregResult check_cpacr(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el == 1 && arm_el2_enabled(cpu) && (cpu->cptr_el2 & BIT(31))) {
        return SYSREG_TRAP_EL2;
    }
    return cpu->el < 3 && cpu->has_el3 && (cpu->cptr_el3 & BIT(31)) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

/* SCXTNUM_ELx: HCR_EL2.EnSCXT, SCR_EL3.EnSCXT let lower levels have them. */
static ArmSysregResult check_scxtnum(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el < 2 && arm_el2_enabled(cpu) && !arm_in_host(arm_hcr(cpu)) && !(arm_hcr(cpu) & HCR_ENSCXT)) {
        return SYSREG_TRAP_EL2;
    }
    return cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_ENSCXT) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

static ArmSysregResult check_scxtnum_el0(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el == 0 && (cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_TSCXT)) {
        return arm_trap_to_el1(cpu);
    }
    return check_scxtnum(cpu, r, write);
}

static ArmSysregResult check_read_at_el0(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->el == 0 && write ? SYSREG_UNDEFINED : SYSREG_OK;
}

static uint64_t read_isr(ArmCpu *cpu, const Sysreg *r) { return arm_pending_interrupts(cpu); }

/* SCTLR2_ELx, TCR2_ELx: EL2 and EL3 must know of them. */
static ArmSysregResult check_extension(const ArmCpu *cpu, uint64_t hcrx_bit, uint64_t scr_bit)
{
    if (cpu->el == 1 && arm_el2_enabled(cpu) && !(arm_hcrx(cpu) & hcrx_bit)) {
        return SYSREG_TRAP_EL2;
    }
    return cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & scr_bit) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

static ArmSysregResult check_sctlr2(ArmCpu *cpu, const Sysreg *r, bool write) { return check_extension(cpu, HCRX_SCTLR2EN, SCR_SCTLR2EN); }
static ArmSysregResult check_tcr2(ArmCpu *cpu, const Sysreg *r, bool write) { return check_extension(cpu, HCRX_TCR2EN, SCR_TCR2EN); }

ArmSysregResult arm_check_indirection(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_PIEN) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

ArmSysregResult arm_check_attributes(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_AIEN) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

void arm_write_tcr2(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t mask = (arm_has(cpu, s1pie) ? TCR2_PIE : 0) | (arm_has(cpu, aie) ? TCR2_AIE : 0) | (arm_has(cpu, asid2) ? TCR2_A2 | TCR2_FNG0 | TCR2_FNG1 : 0);
    arm_write_and_flush(cpu, r, value & mask);
}

/* Error records: HCR_EL2.TERR, SCR_EL3.TERR. */
static ArmSysregResult check_errors(ArmCpu *cpu, const Sysreg *r, bool write)
{
    if (cpu->el == 1 && (arm_hcr(cpu) & HCR_TERR)) {
        return SYSREG_TRAP_EL2;
    }
    return cpu->el < 3 && cpu->has_el3 && (cpu->scr_el3 & SCR_TERR) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

/* A guest whose errors are virtual has the virtual register under the name. */
static uint64_t *deferred_error(ArmCpu *cpu) { return cpu->el == 1 && (arm_hcr(cpu) & HCR_AMO) ? &cpu->vdisr_el2 : &cpu->disr_el1; }
static uint64_t read_disr(ArmCpu *cpu, const Sysreg *r) { return *deferred_error(cpu); }
static void write_disr(ArmCpu *cpu, const Sysreg *r, uint64_t value) { *deferred_error(cpu) = value; }

/* Of the highest level that there is. */
static ArmSysregResult check_rvbar_el1(ArmCpu *cpu, const Sysreg *r, bool write) { return cpu->has_el2 || cpu->has_el3 ? SYSREG_UNDEFINED : SYSREG_OK; }

#define EL12 SR_ALIAS_EL12

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 0, 1, 0, 0), "SCTLR_EL1", SR_VM | EL12, SYSREG_FIELD(sctlr_el[1]), .host = ARM_SYSREG(3, 4, 1, 0, 0), .write = write_sctlr },
    { ARM_SYSREG(3, 6, 1, 0, 0), "SCTLR_EL3", SR_EL3, SYSREG_FIELD(sctlr_el[3]), .write = write_sctlr },
    /* (of what SCTLR2_ELx extends nothing is there) */
    { ARM_SYSREG(3, 0, 1, 0, 3), "SCTLR2_EL1", SR_VM | EL12 | SR_QUIET | SR_ZERO, .host = ARM_SYSREG(3, 4, 1, 0, 3), SYSREG_NEEDS(sctlrx), .check = check_sctlr2 },
    { ARM_SYSREG(3, 6, 1, 0, 3), "SCTLR2_EL3", SR_EL3 | SR_QUIET | SR_ZERO, SYSREG_NEEDS(sctlrx) },
    { ARM_SYSREG(3, 0, 2, 0, 3), "TCR2_EL1", SR_VM | EL12, SYSREG_FIELD(tcr2_el[1]), .host = ARM_SYSREG(3, 4, 2, 0, 3), SYSREG_NEEDS(tcrx), .check = check_tcr2, .write = arm_write_tcr2 },
    { ARM_SYSREG(3, 0, 10, 2, 3), "PIR_EL1", SR_VM | EL12, SYSREG_FIELD(pir_el[1]), .host = ARM_SYSREG(3, 4, 10, 2, 3), SYSREG_NEEDS(s1pie), .check = arm_check_indirection,
      .write = arm_write_and_flush },
    { ARM_SYSREG(3, 0, 10, 2, 2), "PIRE0_EL1", SR_VM | EL12, SYSREG_FIELD(pire0_el[1]), .host = ARM_SYSREG(3, 4, 10, 2, 2), SYSREG_NEEDS(s1pie), .check = arm_check_indirection,
      .write = arm_write_and_flush },
    { ARM_SYSREG(3, 0, 10, 2, 1), "MAIR2_EL1", SR_VM | EL12, SYSREG_FIELD(mair2_el[1]), .host = ARM_SYSREG(3, 4, 10, 1, 1), SYSREG_NEEDS(aie), .check = arm_check_attributes,
      .write = arm_write_and_flush },
    { ARM_SYSREG(3, 0, 10, 3, 1), "AMAIR2_EL1", SR_VM | EL12 | SR_ZERO | SR_QUIET, .host = ARM_SYSREG(3, 4, 10, 3, 1), SYSREG_NEEDS(aie), .check = arm_check_attributes },
    { ARM_SYSREG(3, 6, 10, 1, 1), "MAIR2_EL3", SR_EL3, SYSREG_FIELD(mair2_el[3]), SYSREG_NEEDS(aie), .write = arm_write_and_flush },
    { ARM_SYSREG(3, 6, 10, 3, 1), "AMAIR2_EL3", SR_EL3 | SR_ZERO | SR_QUIET, SYSREG_NEEDS(aie) },
    { ARM_SYSREG(3, 6, 10, 2, 3), "PIR_EL3", SR_EL3, SYSREG_FIELD(pir_el[3]), SYSREG_NEEDS(s1pie), .write = arm_write_and_flush },
    { ARM_SYSREG(3, 0, 1, 0, 1), "ACTLR_EL1", SR_TACR | SR_QUIET, SYSREG_FIELD(actlr_el[1]) },
    { ARM_SYSREG(3, 6, 1, 0, 1), "ACTLR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(actlr_el[3]) },
    { ARM_SYSREG(3, 0, 1, 0, 2), "CPACR_EL1", EL12, SYSREG_FIELD(cpacr_el1), .host = ARM_SYSREG(3, 4, 1, 1, 2), .check = check_cpacr },
    { ARM_SYSREG(3, 0, 1, 2, 0), "ZCR_EL1", EL12, SYSREG_FIELD(zcr_el[1]), .host = ARM_SYSREG(3, 4, 1, 2, 0), SYSREG_NEEDS(sve), .mask = 15, .check = arm_check_zcr },
    { ARM_SYSREG(3, 6, 1, 2, 0), "ZCR_EL3", SR_EL3, SYSREG_FIELD(zcr_el[3]), SYSREG_NEEDS(sve), .mask = 15, .check = arm_check_zcr },
    { ARM_SYSREG(3, 6, 1, 1, 0), "SCR_EL3", SR_EL3, SYSREG_FIELD(scr_el3), .write = write_scr },
    { ARM_SYSREG(3, 6, 1, 1, 1), "SDER32_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(sder_el3) },
    { ARM_SYSREG(3, 6, 1, 1, 2), "CPTR_EL3", SR_EL3, SYSREG_FIELD(cptr_el3) },
    { ARM_SYSREG(3, 6, 1, 3, 1), "MDCR_EL3", SR_EL3, SYSREG_FIELD(mdcr_el3), .write = arm_write_mdcr },
    { ARM_SYSREG(3, 0, 2, 0, 0), "TTBR0_EL1", SR_VM | EL12, SYSREG_FIELD(ttbr0_el[1]), .host = ARM_SYSREG(3, 4, 2, 0, 0), .write = arm_write_and_change },
    { ARM_SYSREG(3, 0, 2, 0, 1), "TTBR1_EL1", SR_VM | EL12, SYSREG_FIELD(ttbr1_el[1]), .host = ARM_SYSREG(3, 4, 2, 0, 1), .write = arm_write_and_change },
    { ARM_SYSREG(3, 6, 2, 0, 0), "TTBR0_EL3", SR_EL3, SYSREG_FIELD(ttbr0_el[3]), .write = arm_write_and_change },
    { ARM_SYSREG(3, 0, 2, 0, 2), "TCR_EL1", SR_VM | EL12, SYSREG_FIELD(tcr_el[1]), .host = ARM_SYSREG(3, 4, 2, 0, 2), .write = arm_write_and_flush },
    { ARM_SYSREG(3, 6, 2, 0, 2), "TCR_EL3", SR_EL3, SYSREG_FIELD(tcr_el[3]), .write = arm_write_and_flush },
    /* pointer authentication */
    { ARM_SYSREG(3, 0, 2, 1, 0), "APIAKeyLo_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[0][0]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 1, 1), "APIAKeyHi_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[0][1]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 1, 2), "APIBKeyLo_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[1][0]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 1, 3), "APIBKeyHi_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[1][1]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 2, 0), "APDAKeyLo_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[2][0]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 2, 1), "APDAKeyHi_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[2][1]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 2, 2), "APDBKeyLo_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[3][0]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 2, 3), "APDBKeyHi_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[3][1]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 3, 0), "APGAKeyLo_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[4][0]), SYSREG_NEEDS(pauth) },
    { ARM_SYSREG(3, 0, 2, 3, 1), "APGAKeyHi_EL1", SR_PAUTH | SR_QUIET, SYSREG_FIELD(pauth_keys[4][1]), SYSREG_NEEDS(pauth) },
    /* exceptions */
    { ARM_SYSREG(3, 0, 4, 0, 0), "SPSR_EL1", EL12 | SR_QUIET, SYSREG_FIELD(spsr_el[1]), .host = ARM_SYSREG(3, 4, 4, 0, 0), .check = arm_check_exlock },
    { ARM_SYSREG(3, 0, 4, 0, 1), "ELR_EL1", EL12 | SR_QUIET, SYSREG_FIELD(elr_el[1]), .host = ARM_SYSREG(3, 4, 4, 0, 1), .check = arm_check_exlock },
    { ARM_SYSREG(3, 6, 4, 0, 0), "SPSR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(spsr_el[3]), .check = arm_check_exlock },
    { ARM_SYSREG(3, 6, 4, 0, 1), "ELR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(elr_el[3]), .check = arm_check_exlock },
    { ARM_SYSREG(3, 4, 4, 1, 0), "SP_EL1", SR_QUIET, SYSREG_FIELD(sp_el[1]) },
    { ARM_SYSREG(3, 6, 4, 1, 0), "SP_EL2", SR_QUIET, SYSREG_FIELD(sp_el[2]) },
    { ARM_SYSREG(3, 0, 5, 1, 0), "AFSR0_EL1", SR_VM | EL12 | SR_QUIET, SYSREG_FIELD(afsr0_el[1]), .host = ARM_SYSREG(3, 4, 5, 1, 0) },
    { ARM_SYSREG(3, 0, 5, 1, 1), "AFSR1_EL1", SR_VM | EL12 | SR_QUIET, SYSREG_FIELD(afsr1_el[1]), .host = ARM_SYSREG(3, 4, 5, 1, 1) },
    { ARM_SYSREG(3, 6, 5, 1, 0), "AFSR0_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(afsr0_el[3]) },
    { ARM_SYSREG(3, 6, 5, 1, 1), "AFSR1_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(afsr1_el[3]) },
    { ARM_SYSREG(3, 0, 5, 2, 0), "ESR_EL1", SR_VM | EL12 | SR_QUIET, SYSREG_FIELD(esr_el[1]), .host = ARM_SYSREG(3, 4, 5, 2, 0) },
    { ARM_SYSREG(3, 6, 5, 2, 0), "ESR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(esr_el[3]) },
    { ARM_SYSREG(3, 0, 6, 0, 0), "FAR_EL1", SR_VM | EL12 | SR_QUIET, SYSREG_FIELD(far_el[1]), .host = ARM_SYSREG(3, 4, 6, 0, 0) },
    { ARM_SYSREG(3, 6, 6, 0, 0), "FAR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(far_el[3]) },
    { ARM_SYSREG(3, 0, 7, 4, 0), "PAR_EL1", SR_QUIET, SYSREG_FIELD(par_el1) },
    { ARM_SYSREG(3, 0, 10, 2, 0), "MAIR_EL1", SR_VM | EL12 | SR_QUIET, SYSREG_FIELD(mair_el[1]), .host = ARM_SYSREG(3, 4, 10, 2, 0), .write = write_mair },
    { ARM_SYSREG(3, 6, 10, 2, 0), "MAIR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(mair_el[3]), .write = write_mair },
    { ARM_SYSREG(3, 0, 10, 3, 0), "AMAIR_EL1", SR_VM | EL12 | SR_QUIET, SYSREG_FIELD(amair_el[1]), .host = ARM_SYSREG(3, 4, 10, 3, 0) },
    { ARM_SYSREG(3, 6, 10, 3, 0), "AMAIR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(amair_el[3]) },
    { ARM_SYSREG(3, 0, 12, 0, 0), "VBAR_EL1", EL12 | SR_QUIET, SYSREG_FIELD(vbar_el[1]), .host = ARM_SYSREG(3, 4, 12, 0, 0), .mask = ~UINT64_C(0x7ff) },
    { ARM_SYSREG(3, 6, 12, 0, 0), "VBAR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(vbar_el[3]), .mask = ~UINT64_C(0x7ff) },
    { ARM_SYSREG(3, 0, 12, 1, 0), "ISR_EL1", SR_READ_ONLY, .read = read_isr },
    { ARM_SYSREG(3, 0, 13, 0, 1), "CONTEXTIDR_EL1", SR_VM | EL12 | SR_QUIET | SR_WORD, SYSREG_FIELD(contextidr_el[1]), .host = ARM_SYSREG(3, 4, 13, 0, 1) },
    { ARM_SYSREG(3, 0, 13, 0, 4), "TPIDR_EL1", SR_QUIET, SYSREG_FIELD(tpidr_el[1]) },
    { ARM_SYSREG(3, 6, 13, 0, 2), "TPIDR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(tpidr_el[3]) },
    { ARM_SYSREG(3, 3, 13, 0, 2), "TPIDR_EL0", SR_QUIET, SYSREG_FIELD(tpidr_el[0]) },
    { ARM_SYSREG(3, 3, 13, 0, 3), "TPIDRRO_EL0", SR_QUIET, SYSREG_FIELD(tpidrro_el0), .check = check_read_at_el0 },
    { ARM_SYSREG(3, 3, 13, 0, 7), "SCXTNUM_EL0", SR_QUIET, SYSREG_FIELD(scxtnum_el[0]), SYSREG_NEEDS(csv2_2), .check = check_scxtnum_el0 },
    { ARM_SYSREG(3, 0, 13, 0, 7), "SCXTNUM_EL1", EL12 | SR_QUIET, SYSREG_FIELD(scxtnum_el[1]), SYSREG_NEEDS(csv2_2), .host = ARM_SYSREG(3, 4, 13, 0, 7), .check = check_scxtnum },
    { ARM_SYSREG(3, 6, 13, 0, 7), "SCXTNUM_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(scxtnum_el[3]), SYSREG_NEEDS(csv2_2) },
    { ARM_SYSREG(3, 2, 0, 0, 0), "CSSELR_EL1", SR_TID2 | SR_QUIET, SYSREG_FIELD(csselr_el1), .write = write_csselr },
    /* limited ordering regions: none */
    { ARM_SYSREG(3, 0, 10, 4, 0), "LORSA_EL1", SR_ZERO | SR_QUIET, SYSREG_NEEDS(lor) },
    { ARM_SYSREG(3, 0, 10, 4, 1), "LOREA_EL1", SR_ZERO | SR_QUIET, SYSREG_NEEDS(lor) },
    { ARM_SYSREG(3, 0, 10, 4, 2), "LORN_EL1", SR_ZERO | SR_QUIET, SYSREG_NEEDS(lor) },
    { ARM_SYSREG(3, 0, 10, 4, 3), "LORC_EL1", SR_ZERO | SR_QUIET, SYSREG_NEEDS(lor) },
    { ARM_SYSREG(3, 0, 10, 4, 7), "LORID_EL1", SR_ZERO | SR_READ_ONLY | SR_QUIET, SYSREG_NEEDS(lor) },
    /* errors: no records */
    { ARM_SYSREG(3, 0, 5, 3, 0), "ERRIDR_EL1", SR_ZERO | SR_READ_ONLY, SYSREG_NEEDS(ras), .check = check_errors },
    { ARM_SYSREG(3, 0, 12, 1, 1), "DISR_EL1", SR_QUIET, SYSREG_NEEDS(ras), .read = read_disr, .write = write_disr },
    /* memory tags */
    { ARM_SYSREG(3, 0, 1, 0, 5), "RGSR_EL1", SR_TAGS | SR_QUIET, SYSREG_FIELD(rgsr_el1), SYSREG_NEEDS(mte2), .mask = 0xffff0f },
    { ARM_SYSREG(3, 0, 1, 0, 6), "GCR_EL1", SR_TAGS | SR_QUIET, SYSREG_FIELD(gcr_el1), SYSREG_NEEDS(mte2), .mask = 0x1ffff },
    { ARM_SYSREG(3, 0, 5, 6, 0), "TFSR_EL1", SR_TAGS | EL12 | SR_QUIET, SYSREG_FIELD(tfsr_el[1]), .host = ARM_SYSREG(3, 4, 5, 6, 0), SYSREG_NEEDS(mte2), .mask = 3 },
    { ARM_SYSREG(3, 0, 5, 6, 1), "TFSRE0_EL1", SR_TAGS | SR_QUIET, SYSREG_FIELD(tfsre0_el1), SYSREG_NEEDS(mte2), .mask = 3 },
    { ARM_SYSREG(3, 6, 5, 6, 0), "TFSR_EL3", SR_EL3 | SR_QUIET, SYSREG_FIELD(tfsr_el[3]), SYSREG_NEEDS(mte2), .mask = 3 },
    /* An implementation's own, without effect (Cortex-A53, A57, A72). */
    { ARM_SYSREG(3, 1, 11, 0, 2), "L2CTLR_EL1", SR_ZERO | SR_QUIET }, { ARM_SYSREG(3, 1, 11, 0, 3), "L2ECTLR_EL1", SR_ZERO | SR_QUIET },
    { ARM_SYSREG(3, 1, 15, 0, 0), "L2ACTLR_EL1", SR_ZERO | SR_QUIET }, { ARM_SYSREG(3, 1, 15, 2, 0), "CPUACTLR_EL1", SR_ZERO | SR_QUIET },
    { ARM_SYSREG(3, 1, 15, 2, 1), "CPUECTLR_EL1", SR_ZERO | SR_QUIET }, { ARM_SYSREG(3, 1, 15, 2, 2), "CPUMERRSR_EL1", SR_ZERO | SR_QUIET },
    { ARM_SYSREG(3, 1, 15, 2, 3), "L2MERRSR_EL1", SR_ZERO | SR_QUIET },
    { ARM_SYSREG(3, 0, 12, 0, 1), "RVBAR_EL1", SR_READ_ONLY, SYSREG_FIELD(rvbar), .check = check_rvbar_el1 },
    { ARM_SYSREG(3, 6, 12, 0, 1), "RVBAR_EL3", SR_EL3 | SR_READ_ONLY, SYSREG_FIELD(rvbar) },
};
const SysregTable arm_control_sysregs = { rows, ARRAY_SIZE(rows) };
