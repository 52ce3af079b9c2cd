/*
 * System registers of EL2.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D19.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

#define SCTLR_TRANSLATION (SCTLR_M | SCTLR_WXN | SCTLR_EE | SCTLR_EPAN)

static void write_sctlr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t changed = cpu->sctlr_el[2] ^ value;
    cpu->sctlr_el[2] = value;
    if (changed & SCTLR_TRANSLATION) {
        arm_flush_translations(cpu);
    }
    arm_state_changed(cpu);
}

static void write_mair(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    cpu->mair_el[2] = value;
    cpu->walk_cache_epoch++;        /* which pages have tags */
}

/* Bits of features that are not there stay clear; RW is set where EL1 knows no AArch32. */
static void write_hcr(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t mask = MAKE_MASK(0, 34) & ~(cpu->has_el3 ? HCR_HCD : 0);
    mask |= arm_has(cpu, vhe) ? HCR_E2H : 0;
    mask |= arm_has(cpu, lor) ? HCR_TLOR : 0;
    mask |= arm_has(cpu, ras) ? HCR_TERR | HCR_TEA : 0;
    mask |= arm_has(cpu, pauth) ? HCR_APK | HCR_API : 0;
    mask |= arm_has(cpu, s2fwb) ? HCR_FWB : 0;
    mask |= arm_has(cpu, evt) ? HCR_TID4 | HCR_TICAB | HCR_TOCU | HCR_TTLBIS | HCR_TTLBOS : 0;
    mask |= arm_has(cpu, csv2_2) ? HCR_ENSCXT : 0;
    mask |= arm_has(cpu, mte2) ? HCR_ATA | HCR_DCT | HCR_TID5 : 0;
    value = (value & mask) | (arm_has(cpu, el1_aarch32) ? 0 : HCR_RW);
    uint64_t changed = cpu->hcr_el2 ^ value;
    cpu->hcr_el2 = value;
    if (changed & (HCR_E2H | HCR_RW | HCR_DCT)) {
        arm_flush_translations(cpu);
    }
    if (cpu->cntpoff_el2 && (changed & (HCR_E2H | HCR_TGE))) {
        arm_timer_update(cpu, ARM_TIMER_PHYS);
    }
    arm_state_changed(cpu);
}

/* A secure EL2's own. */
static ArmSysregResult check_secure(ArmCpu *cpu, const Sysreg *r, bool write)
{
    return cpu->el == 3 || arm_is_secure(cpu) ? SYSREG_OK : SYSREG_UNDEFINED;
}

/* What EL3 lets EL2 have: SCR_EL3.FGTEn, HXEn. */
static ArmSysregResult let_by_el3(const ArmCpu *cpu, uint64_t bit)
{
    return cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & bit) ? SYSREG_TRAP_EL3 : SYSREG_OK;
}

static ArmSysregResult check_fgten(ArmCpu *cpu, const Sysreg *r, bool write) { return let_by_el3(cpu, SCR_FGTEN); }
static ArmSysregResult check_enscxt(ArmCpu *cpu, const Sysreg *r, bool write) { return let_by_el3(cpu, SCR_ENSCXT); }
static ArmSysregResult check_hxen(ArmCpu *cpu, const Sysreg *r, bool write) { return let_by_el3(cpu, SCR_HXEN); }
static ArmSysregResult check_sctlr2(ArmCpu *cpu, const Sysreg *r, bool write) { return let_by_el3(cpu, SCR_SCTLR2EN); }
static ArmSysregResult check_tcr2(ArmCpu *cpu, const Sysreg *r, bool write) { return let_by_el3(cpu, SCR_TCR2EN); }

static void write_hcrx(ArmCpu *cpu, const Sysreg *r, uint64_t value)
{
    uint64_t mask = (arm_has(cpu, xs) ? HCRX_FNXS | HCRX_FGTNXS : 0) | (arm_has(cpu, nmi) ? HCRX_TALLINT | HCRX_VINMI | HCRX_VFNMI : 0) | (arm_has(cpu, cmow) ? HCRX_CMOW : 0);
    mask |= (arm_has(cpu, mops) ? HCRX_MCE2 | HCRX_MSCEN : 0) | (arm_has(cpu, tcrx) ? HCRX_TCR2EN : 0) | (arm_has(cpu, sctlrx) ? HCRX_SCTLR2EN : 0);
    mask |= arm_has(cpu, gcs) ? HCRX_GCSEN : 0;
    uint64_t changed = cpu->hcrx_el2 ^ (value & mask);
    cpu->hcrx_el2 = value & mask;
    if (changed & HCRX_TCR2EN) {
        arm_flush_translations(cpu);
    }
    arm_state_changed(cpu);
}

#define E2 SR_EL2
#define QUIET (SR_EL2 | SR_QUIET)

static const Sysreg rows[] = {
    { ARM_SYSREG(3, 4, 0, 0, 0), "VPIDR_EL2", QUIET | SR_WORD, SYSREG_FIELD(vpidr_el2) },
    { ARM_SYSREG(3, 4, 0, 0, 5), "VMPIDR_EL2", QUIET, SYSREG_FIELD(vmpidr_el2) },
    { ARM_SYSREG(3, 4, 1, 0, 0), "SCTLR_EL2", E2, SYSREG_FIELD(sctlr_el[2]), .write = write_sctlr },
    /* (of what SCTLR2_ELx extends nothing is there) */
    { ARM_SYSREG(3, 4, 1, 0, 3), "SCTLR2_EL2", QUIET | SR_ZERO, SYSREG_NEEDS(sctlrx), .check = check_sctlr2 },
    { ARM_SYSREG(3, 4, 2, 0, 3), "TCR2_EL2", E2, SYSREG_FIELD(tcr2_el[2]), SYSREG_NEEDS(tcrx), .check = check_tcr2, .write = arm_write_tcr2 },
    { ARM_SYSREG(3, 4, 10, 1, 1), "MAIR2_EL2", E2, SYSREG_FIELD(mair2_el[2]), SYSREG_NEEDS(aie), .check = arm_check_attributes, .write = arm_write_and_flush },
    { ARM_SYSREG(3, 4, 10, 3, 1), "AMAIR2_EL2", QUIET | SR_ZERO, SYSREG_NEEDS(aie), .check = arm_check_attributes },
    { ARM_SYSREG(3, 4, 10, 2, 5), "S2PIR_EL2", E2, SYSREG_FIELD(s2pir_el2), SYSREG_NEEDS(s2pie), .check = arm_check_indirection, .write = arm_write_and_flush },
    { ARM_SYSREG(3, 4, 10, 2, 3), "PIR_EL2", E2, SYSREG_FIELD(pir_el[2]), SYSREG_NEEDS(s1pie), .check = arm_check_indirection, .write = arm_write_and_flush },
    { ARM_SYSREG(3, 4, 10, 2, 2), "PIRE0_EL2", E2, SYSREG_FIELD(pire0_el[2]), SYSREG_NEEDS(s1pie), .check = arm_check_indirection, .write = arm_write_and_flush },
    { ARM_SYSREG(3, 4, 1, 0, 1), "ACTLR_EL2", QUIET, SYSREG_FIELD(actlr_el[2]) },
    { ARM_SYSREG(3, 4, 1, 1, 0), "HCR_EL2", E2, SYSREG_FIELD(hcr_el2), .write = write_hcr },
    { ARM_SYSREG(3, 4, 1, 1, 1), "MDCR_EL2", E2, SYSREG_FIELD(mdcr_el2), .write = arm_write_mdcr },
    { ARM_SYSREG(3, 4, 1, 1, 2), "CPTR_EL2", E2, SYSREG_FIELD(cptr_el2) },
    { ARM_SYSREG(3, 4, 1, 1, 3), "HSTR_EL2", E2, SYSREG_FIELD(hstr_el2) },
    { ARM_SYSREG(3, 4, 1, 1, 7), "HACR_EL2", QUIET, SYSREG_FIELD(hacr_el2) },
    { ARM_SYSREG(3, 4, 1, 2, 0), "ZCR_EL2", E2, SYSREG_FIELD(zcr_el[2]), SYSREG_NEEDS(sve), .mask = 15, .check = arm_check_zcr },
    { ARM_SYSREG(3, 4, 1, 2, 2), "HCRX_EL2", E2, SYSREG_FIELD(hcrx_el2), SYSREG_NEEDS(hcx), .check = check_hxen, .write = write_hcrx },
    { ARM_SYSREG(3, 4, 2, 0, 0), "TTBR0_EL2", E2, SYSREG_FIELD(ttbr0_el[2]), .write = arm_write_and_change },
    { ARM_SYSREG(3, 4, 2, 0, 1), "TTBR1_EL2", E2, SYSREG_FIELD(ttbr1_el[2]), .write = arm_write_and_change, SYSREG_NEEDS(vhe) },
    { ARM_SYSREG(3, 4, 2, 0, 2), "TCR_EL2", E2, SYSREG_FIELD(tcr_el[2]), .write = arm_write_and_flush },
    { ARM_SYSREG(3, 4, 2, 1, 0), "VTTBR_EL2", E2, SYSREG_FIELD(vttbr_el2), .write = arm_write_and_change },
    { ARM_SYSREG(3, 4, 2, 1, 2), "VTCR_EL2", E2, SYSREG_FIELD(vtcr_el2), .write = arm_write_and_flush },
    { ARM_SYSREG(3, 4, 2, 6, 0), "VSTTBR_EL2", E2, SYSREG_FIELD(vsttbr_el2), .write = arm_write_and_flush, SYSREG_NEEDS(sel2), .check = check_secure },
    { ARM_SYSREG(3, 4, 2, 6, 2), "VSTCR_EL2", E2, SYSREG_FIELD(vstcr_el2), .write = arm_write_and_flush, SYSREG_NEEDS(sel2), .check = check_secure },
    { ARM_SYSREG(3, 4, 3, 0, 0), "DACR32_EL2", QUIET | SR_WORD, SYSREG_FIELD(dacr32_el2) },
    { ARM_SYSREG(3, 4, 5, 0, 1), "IFSR32_EL2", QUIET | SR_WORD, SYSREG_FIELD(ifsr32_el2) },
    { ARM_SYSREG(3, 4, 4, 0, 0), "SPSR_EL2", QUIET, SYSREG_FIELD(spsr_el[2]), .check = arm_check_exlock },
    { ARM_SYSREG(3, 4, 4, 0, 1), "ELR_EL2", QUIET, SYSREG_FIELD(elr_el[2]), .check = arm_check_exlock },
    { ARM_SYSREG(3, 4, 5, 1, 0), "AFSR0_EL2", QUIET, SYSREG_FIELD(afsr0_el[2]) },
    { ARM_SYSREG(3, 4, 5, 1, 1), "AFSR1_EL2", QUIET, SYSREG_FIELD(afsr1_el[2]) },
    { ARM_SYSREG(3, 4, 5, 2, 0), "ESR_EL2", QUIET, SYSREG_FIELD(esr_el[2]) },
    { ARM_SYSREG(3, 4, 5, 2, 3), "VSESR_EL2", QUIET, SYSREG_FIELD(vsesr_el2), SYSREG_NEEDS(ras) },
    { ARM_SYSREG(3, 4, 12, 1, 1), "VDISR_EL2", QUIET, SYSREG_FIELD(vdisr_el2), SYSREG_NEEDS(ras) },
    { ARM_SYSREG(3, 4, 5, 6, 0), "TFSR_EL2", QUIET | SR_TAGS, SYSREG_FIELD(tfsr_el[2]), SYSREG_NEEDS(mte2), .mask = 3 },
    { ARM_SYSREG(3, 4, 6, 0, 0), "FAR_EL2", QUIET, SYSREG_FIELD(far_el[2]) },
    { ARM_SYSREG(3, 4, 6, 0, 4), "HPFAR_EL2", QUIET, SYSREG_FIELD(hpfar_el2) },
    { ARM_SYSREG(3, 4, 10, 2, 0), "MAIR_EL2", QUIET, SYSREG_FIELD(mair_el[2]), .write = write_mair },
    { ARM_SYSREG(3, 4, 10, 3, 0), "AMAIR_EL2", QUIET, SYSREG_FIELD(amair_el[2]) },
    { ARM_SYSREG(3, 4, 12, 0, 0), "VBAR_EL2", QUIET, SYSREG_FIELD(vbar_el[2]), .mask = ~UINT64_C(0x7ff) },
    { ARM_SYSREG(3, 4, 12, 0, 1), "RVBAR_EL2", E2 | SR_READ_ONLY, SYSREG_FIELD(rvbar) },
    { ARM_SYSREG(3, 4, 13, 0, 1), "CONTEXTIDR_EL2", QUIET | SR_WORD, SYSREG_FIELD(contextidr_el[2]), SYSREG_NEEDS(vhe) },
    { ARM_SYSREG(3, 4, 13, 0, 2), "TPIDR_EL2", QUIET, SYSREG_FIELD(tpidr_el[2]) },
    { ARM_SYSREG(3, 4, 13, 0, 7), "SCXTNUM_EL2", QUIET, SYSREG_FIELD(scxtnum_el[2]), SYSREG_NEEDS(csv2_2), .check = check_enscxt },
    /* fine-grained traps */
    { ARM_SYSREG(3, 4, 1, 1, 4), "HFGRTR_EL2", E2, SYSREG_FIELD(hfgrtr_el2), SYSREG_NEEDS(fgt), .check = check_fgten },
    { ARM_SYSREG(3, 4, 1, 1, 5), "HFGWTR_EL2", E2, SYSREG_FIELD(hfgwtr_el2), SYSREG_NEEDS(fgt), .check = check_fgten },
    { ARM_SYSREG(3, 4, 1, 1, 6), "HFGITR_EL2", E2, SYSREG_FIELD(hfgitr_el2), SYSREG_NEEDS(fgt), .check = check_fgten },
    { ARM_SYSREG(3, 4, 3, 1, 4), "HDFGRTR_EL2", E2, SYSREG_FIELD(hdfgrtr_el2), SYSREG_NEEDS(fgt), .check = check_fgten },
    { ARM_SYSREG(3, 4, 3, 1, 5), "HDFGWTR_EL2", E2, SYSREG_FIELD(hdfgwtr_el2), SYSREG_NEEDS(fgt), .check = check_fgten },
    /* AArch32's banked SPSRs and floating point, for those who switch guests */
    { ARM_SYSREG(3, 4, 4, 3, 0), "SPSR_irq", QUIET | SR_WORD, SYSREG_FIELD(spsr_irq) },
    { ARM_SYSREG(3, 4, 4, 3, 1), "SPSR_abt", QUIET | SR_WORD, SYSREG_FIELD(spsr_abt) },
    { ARM_SYSREG(3, 4, 4, 3, 2), "SPSR_und", QUIET | SR_WORD, SYSREG_FIELD(spsr_und) },
    { ARM_SYSREG(3, 4, 4, 3, 3), "SPSR_fiq", QUIET | SR_WORD, SYSREG_FIELD(spsr_fiq) },
    { ARM_SYSREG(3, 4, 5, 3, 0), "FPEXC32_EL2", QUIET | SR_WORD, SYSREG_FIELD(fpexc32_el2) },
};
const SysregTable arm_hypervisor_sysregs = { rows, ARRAY_SIZE(rows) };
