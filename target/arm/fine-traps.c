/*
 * Fine-grained traps: which bit of HFGRTR_EL2, HFGWTR_EL2, HDFGRTR_EL2, HDFGWTR_EL2 or HFGITR_EL2 sends an access or an instruction of EL1 and EL0 to EL2.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D1.3.4 (FEAT_FGT), D19.2 (the five registers). Bits of registers that are not there have no row.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

/* ---- the table: a row a register, or a block of them (crms * op2s names from the first on) ---- */

/* The pair of registers that has the bit: for reads and writes of registers, those of debugging and the monitors; instructions have one. */
typedef enum FineGroup {
    FINE_REGISTER, FINE_READ, FINE_LET_THROUGH,         /* LET_THROUGH: trapped while its bit is clear */
    FINE_DEBUG, FINE_DEBUG_READ, FINE_DEBUG_WRITE, FINE_INSTRUCTION,
} FineGroup;
typedef struct FineTrap { uint16_t encoding; uint8_t group, bit, crms, op2s; } FineTrap;

#define ROW(op0, op1, crn, crm, op2, group, bit) { ARM_SYSREG(op0, op1, crn, crm, op2) & 0xffff, FINE_##group, bit, 1, 1 }
#define BLOCK(op0, op1, crn, crm, op2, crms, op2s, group, bit) { ARM_SYSREG(op0, op1, crn, crm, op2) & 0xffff, FINE_##group, bit, crms, op2s }
/* A form of TLBI for each of its six or four operations, and with nXS. */
#define TLBI(crn, crm, low) \
    ROW(1, 0, crn, crm, 0, INSTRUCTION, low), ROW(1, 0, crn, crm, 1, INSTRUCTION, low + 1), ROW(1, 0, crn, crm, 2, INSTRUCTION, low + 2), \
    ROW(1, 0, crn, crm, 3, INSTRUCTION, low + 3), ROW(1, 0, crn, crm, 5, INSTRUCTION, low + 4), ROW(1, 0, crn, crm, 7, INSTRUCTION, low + 5)
#define TLBI_RANGE(crn, crm, low) \
    ROW(1, 0, crn, crm, 1, INSTRUCTION, low), ROW(1, 0, crn, crm, 3, INSTRUCTION, low + 1), ROW(1, 0, crn, crm, 5, INSTRUCTION, low + 2), ROW(1, 0, crn, crm, 7, INSTRUCTION, low + 3)
/* Maintenance of data, tags, and both. */
#define DC(op1, crm, op2, bit) ROW(1, op1, 7, crm, op2, INSTRUCTION, bit)

static const FineTrap rows[] = {
    ROW(3, 0, 5, 1, 0, REGISTER, 0) /* AFSR0_EL1 */, ROW(3, 0, 5, 1, 1, REGISTER, 1) /* AFSR1_EL1 */, ROW(3, 1, 0, 0, 7, READ, 2) /* AIDR_EL1 */,
    ROW(3, 0, 10, 3, 0, REGISTER, 3) /* AMAIR_EL1 */, BLOCK(3, 0, 2, 2, 0, 1, 2, REGISTER, 4) /* APDAKey */, BLOCK(3, 0, 2, 2, 2, 1, 2, REGISTER, 5) /* APDBKey */,
    BLOCK(3, 0, 2, 3, 0, 1, 2, REGISTER, 6) /* APGAKey */, BLOCK(3, 0, 2, 1, 0, 1, 2, REGISTER, 7) /* APIAKey */, BLOCK(3, 0, 2, 1, 2, 1, 2, REGISTER, 8) /* APIBKey */,
    ROW(3, 1, 0, 0, 0, READ, 9) /* CCSIDR_EL1 */, ROW(3, 1, 0, 0, 1, READ, 10) /* CLIDR_EL1 */, ROW(3, 0, 13, 0, 1, REGISTER, 11) /* CONTEXTIDR_EL1 */,
    ROW(3, 0, 1, 0, 2, REGISTER, 12) /* CPACR_EL1 */, ROW(3, 2, 0, 0, 0, REGISTER, 13) /* CSSELR_EL1 */, ROW(3, 3, 0, 0, 1, READ, 14) /* CTR_EL0 */,
    ROW(3, 3, 0, 0, 7, READ, 15) /* DCZID_EL0 */, ROW(3, 0, 5, 2, 0, REGISTER, 16) /* ESR_EL1 */, ROW(3, 0, 6, 0, 0, REGISTER, 17) /* FAR_EL1 */,
    ROW(3, 0, 12, 1, 0, READ, 18) /* ISR_EL1 */, ROW(3, 0, 10, 4, 3, REGISTER, 19) /* LORC_EL1 */, ROW(3, 0, 10, 4, 1, REGISTER, 20) /* LOREA_EL1 */,
    ROW(3, 0, 10, 4, 7, READ, 21) /* LORID_EL1 */, ROW(3, 0, 10, 4, 2, REGISTER, 22) /* LORN_EL1 */, ROW(3, 0, 10, 4, 0, REGISTER, 23) /* LORSA_EL1 */,
    ROW(3, 0, 10, 2, 0, REGISTER, 24) /* MAIR_EL1 */, ROW(3, 0, 0, 0, 0, READ, 25) /* MIDR_EL1 */, ROW(3, 0, 0, 0, 5, READ, 26) /* MPIDR_EL1 */,
    ROW(3, 0, 7, 4, 0, REGISTER, 27) /* PAR_EL1 */, ROW(3, 0, 0, 0, 6, READ, 28) /* REVIDR_EL1 */, ROW(3, 0, 1, 0, 0, REGISTER, 29) /* SCTLR_EL1 */,
    ROW(3, 0, 1, 0, 3, REGISTER, 29) /* SCTLR2_EL1 */, ROW(3, 0, 13, 0, 7, REGISTER, 30) /* SCXTNUM_EL1 */, ROW(3, 3, 13, 0, 7, REGISTER, 31) /* SCXTNUM_EL0 */,
    ROW(3, 0, 2, 0, 2, REGISTER, 32) /* TCR_EL1 */, ROW(3, 0, 2, 0, 3, REGISTER, 32) /* TCR2_EL1 */, ROW(3, 0, 13, 0, 4, REGISTER, 33) /* TPIDR_EL1 */,
    ROW(3, 3, 13, 0, 3, REGISTER, 34) /* TPIDRRO_EL0 */, ROW(3, 3, 13, 0, 2, REGISTER, 35) /* TPIDR_EL0 */, ROW(3, 0, 2, 0, 0, REGISTER, 36) /* TTBR0_EL1 */,
    ROW(3, 0, 2, 0, 1, REGISTER, 37) /* TTBR1_EL1 */, ROW(3, 0, 12, 0, 0, REGISTER, 38) /* VBAR_EL1 */, BLOCK(3, 0, 12, 12, 6, 1, 2, REGISTER, 39) /* ICC_IGRPENn_EL1 */,
    ROW(3, 0, 5, 3, 0, READ, 40) /* ERRIDR_EL1 */, ROW(3, 0, 10, 2, 2, LET_THROUGH, 57) /* PIRE0_EL1 */, ROW(3, 0, 10, 2, 3, LET_THROUGH, 58) /* PIR_EL1 */,
    ROW(3, 3, 2, 5, 1, LET_THROUGH, 52) /* GCSPR_EL0 */, ROW(3, 0, 2, 5, 2, LET_THROUGH, 52) /* GCSCRE0_EL1 */, BLOCK(3, 0, 2, 5, 0, 1, 2, LET_THROUGH, 53) /* GCSCR_EL1, GCSPR_EL1 */,
    ROW(3, 0, 10, 2, 1, LET_THROUGH, 62) /* MAIR2_EL1 */, ROW(3, 0, 10, 3, 1, LET_THROUGH, 63) /* AMAIR2_EL1 */,
    /* debugging */
    BLOCK(2, 0, 0, 0, 5, 16, 1, DEBUG, 0) /* DBGBCRn_EL1 */, BLOCK(2, 0, 0, 0, 4, 16, 1, DEBUG, 1) /* DBGBVRn_EL1 */, BLOCK(2, 0, 0, 0, 7, 16, 1, DEBUG, 2) /* DBGWCRn_EL1 */,
    BLOCK(2, 0, 0, 0, 6, 16, 1, DEBUG, 3) /* DBGWVRn_EL1 */, ROW(2, 0, 0, 2, 2, DEBUG, 4) /* MDSCR_EL1 */, BLOCK(2, 0, 7, 8, 6, 2, 1, DEBUG, 5) /* DBGCLAIMSET_EL1, CLR */,
    ROW(2, 0, 7, 14, 6, DEBUG_READ, 6) /* DBGAUTHSTATUS_EL1 */, ROW(2, 0, 1, 4, 4, DEBUG, 7) /* DBGPRCR_EL1 */, ROW(2, 0, 1, 0, 4, DEBUG_WRITE, 8) /* OSLAR_EL1 */,
    ROW(2, 0, 1, 1, 4, DEBUG_READ, 9) /* OSLSR_EL1 */, ROW(2, 0, 0, 6, 2, DEBUG, 10) /* OSECCR_EL1 */, ROW(2, 0, 1, 3, 4, DEBUG, 11) /* OSDLR_EL1 */,
    /* performance monitors: PMCCFILTR_EL0 lies behind the last PMEVTYPER */
    BLOCK(3, 3, 14, 8, 0, 4, 8, DEBUG, 12) /* PMEVCNTRn_EL0 */, ROW(3, 3, 9, 13, 2, DEBUG, 12) /* PMXEVCNTR_EL0 */, BLOCK(3, 3, 14, 12, 0, 4, 8, DEBUG, 13) /* PMEVTYPERn_EL0 */,
    ROW(3, 3, 9, 13, 1, DEBUG, 13) /* PMXEVTYPER_EL0 */, ROW(3, 3, 14, 15, 7, DEBUG, 14) /* PMCCFILTR_EL0 */, ROW(3, 3, 9, 13, 0, DEBUG, 15) /* PMCCNTR_EL0 */,
    BLOCK(3, 3, 9, 12, 1, 1, 2, DEBUG, 16) /* PMCNTENSET_EL0, CLR */, BLOCK(3, 0, 9, 14, 1, 1, 2, DEBUG, 17) /* PMINTENSET_EL1, CLR */, ROW(3, 3, 9, 12, 3, DEBUG, 18) /* PMOVSCLR_EL0 */,
    ROW(3, 3, 9, 14, 3, DEBUG, 18) /* PMOVSSET_EL0 */, ROW(3, 3, 9, 12, 5, DEBUG, 19) /* PMSELR_EL0 */, ROW(3, 3, 9, 12, 4, DEBUG_WRITE, 20) /* PMSWINC_EL0 */,
    ROW(3, 3, 9, 12, 0, DEBUG_WRITE, 21) /* PMCR_EL0 */, ROW(3, 0, 9, 14, 6, DEBUG_READ, 22) /* PMMIR_EL1 */, ROW(3, 3, 9, 14, 0, DEBUG, 57) /* PMUSERENR_EL0 */,
    BLOCK(3, 3, 9, 12, 6, 1, 2, DEBUG_READ, 58) /* PMCEIDn_EL0 */,
    /* caches */
    ROW(1, 0, 7, 1, 0, INSTRUCTION, 0) /* IC IALLUIS */, ROW(1, 0, 7, 5, 0, INSTRUCTION, 1) /* IC IALLU */, ROW(1, 3, 7, 5, 1, INSTRUCTION, 2) /* IC IVAU */,
    DC(0, 6, 1, 3), DC(0, 6, 3, 3), DC(0, 6, 5, 3) /* DC IVAC, IGVAC, IGDVAC */, DC(0, 6, 2, 4), DC(0, 6, 4, 4), DC(0, 6, 6, 4) /* ISW, IGSW, IGDSW */,
    DC(0, 10, 2, 5), DC(0, 10, 4, 5), DC(0, 10, 6, 5) /* CSW */, DC(0, 14, 2, 6), DC(0, 14, 4, 6), DC(0, 14, 6, 6) /* CISW */, DC(3, 11, 1, 7) /* CVAU */,
    DC(3, 12, 1, 8), DC(3, 12, 3, 8), DC(3, 12, 5, 8) /* CVAP */, DC(3, 13, 1, 9), DC(3, 13, 3, 9), DC(3, 13, 5, 9) /* CVADP */,
    DC(3, 14, 1, 10), DC(3, 14, 3, 10), DC(3, 14, 5, 10) /* CIVAC */, DC(3, 4, 1, 11), DC(3, 4, 3, 11), DC(3, 4, 4, 11) /* ZVA, GVA, GZVA */,
    DC(3, 10, 1, 54), DC(3, 10, 3, 54), DC(3, 10, 5, 54) /* CVAC */,
    /* translations, predictions */
    ROW(1, 0, 7, 8, 0, INSTRUCTION, 12) /* AT S1E1R */, ROW(1, 0, 7, 8, 1, INSTRUCTION, 13) /* AT S1E1W */, ROW(1, 0, 7, 8, 2, INSTRUCTION, 14) /* AT S1E0R */,
    ROW(1, 0, 7, 8, 3, INSTRUCTION, 15) /* AT S1E0W */, ROW(1, 0, 7, 9, 0, INSTRUCTION, 16) /* AT S1E1RP */, ROW(1, 0, 7, 9, 1, INSTRUCTION, 17) /* AT S1E1WP */,
    ROW(1, 0, 7, 9, 2, INSTRUCTION, 62) /* AT S1E1A */,
    TLBI(8, 1, 18), TLBI(9, 1, 18), TLBI_RANGE(8, 5, 24), TLBI_RANGE(9, 5, 24), TLBI(8, 3, 28), TLBI(9, 3, 28), TLBI_RANGE(8, 2, 34), TLBI_RANGE(9, 2, 34),
    TLBI_RANGE(8, 6, 38), TLBI_RANGE(9, 6, 38), TLBI(8, 7, 42), TLBI(9, 7, 42),
    ROW(1, 3, 7, 3, 4, INSTRUCTION, 48) /* CFP RCTX */, ROW(1, 3, 7, 3, 5, INSTRUCTION, 49) /* DVP RCTX */, ROW(1, 3, 7, 3, 7, INSTRUCTION, 50) /* CPP RCTX */,
};
G_STATIC_ASSERT(ARRAY_SIZE(rows) < UINT8_MAX);

/* By encoding: 1 + index of the row. */
static uint8_t index_of[1 << 16];

static void __attribute__((constructor)) make_index(void)
{
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        for (unsigned crm = 0; crm < rows[i].crms; crm++) {
            for (unsigned op2 = 0; op2 < rows[i].op2s; op2++) {
                index_of[rows[i].encoding + (crm << 3) + op2] = i + 1;
            }
        }
    }
}

/* ---- what it says ---- */

bool arm_fine_traps_enabled(const ArmCpu *cpu)
{
    return arm_has(cpu, fgt) && cpu->el < 2 && arm_el2_enabled(cpu) && !arm_in_host(arm_hcr(cpu)) && arm_el_is_aarch64(cpu, 1)
        && (!cpu->has_el3 || (cpu->scr_el3 & SCR_FGTEN));
}

bool arm_fine_traps_any(const ArmCpu *cpu)
{
    return (cpu->hfgrtr_el2 | cpu->hfgwtr_el2 | cpu->hdfgrtr_el2 | cpu->hdfgwtr_el2 | cpu->hfgitr_el2) && arm_fine_traps_enabled(cpu);
}

bool arm_fine_traps_instruction(const ArmCpu *cpu, uint64_t bit)
{
    return (cpu->hfgitr_el2 & bit) && arm_fine_traps_enabled(cpu);
}

static uint64_t bits_of(const ArmCpu *cpu, FineGroup group, bool write)
{
    switch (group) {
    case FINE_REGISTER: return write ? cpu->hfgwtr_el2 : cpu->hfgrtr_el2;
    case FINE_LET_THROUGH: return write ? ~cpu->hfgwtr_el2 : ~cpu->hfgrtr_el2;
    case FINE_READ: return write ? 0 : cpu->hfgrtr_el2;
    case FINE_DEBUG: return write ? cpu->hdfgwtr_el2 : cpu->hdfgrtr_el2;
    case FINE_DEBUG_READ: return write ? 0 : cpu->hdfgrtr_el2;
    case FINE_DEBUG_WRITE: return write ? cpu->hdfgwtr_el2 : 0;
    default: return cpu->hfgitr_el2;
    }
}

ArmSysregResult arm_fine_trap(const ArmCpu *cpu, uint32_t encoding, bool write)
{
    enum { NXS = ARM_SYSREG(1, 0, 9, 0, 0), NXS_MASK = ARM_SYSREG(3, 7, 15, 0, 0) };
    if (!index_of[encoding & 0xffff] || !arm_fine_traps_enabled(cpu)) {
        return SYSREG_OK;
    }
    const FineTrap *row = &rows[index_of[encoding & 0xffff] - 1];
    if ((encoding & NXS_MASK) == NXS && (arm_hcrx(cpu) & HCRX_FGTNXS)) {
        return SYSREG_OK;
    }
    return bits_of(cpu, row->group, write) >> row->bit & 1 ? SYSREG_TRAP_EL2 : SYSREG_OK;
}
