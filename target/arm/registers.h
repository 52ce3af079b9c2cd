/*
 * Bits of system registers that more than one file needs. DDI 0487, D19 (AArch64 system registers), G8 (AArch32), in the names of the manual.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_REGISTERS_H
#define TARGET_ARM_REGISTERS_H

#include "util/bits.h"

/* ---- PSTATE as in SPSR_ELx and CPSR ---- */
#define PSTATE_N BIT(31)
#define PSTATE_Z BIT(30)
#define PSTATE_C BIT(29)
#define PSTATE_V BIT(28)
#define PSTATE_NZCV (PSTATE_N | PSTATE_Z | PSTATE_C | PSTATE_V)
#define PSTATE_D BIT(9)
#define PSTATE_A BIT(8)
#define PSTATE_I BIT(7)
#define PSTATE_F BIT(6)
#define PSTATE_DAIF (PSTATE_D | PSTATE_A | PSTATE_I | PSTATE_F)
#define PSTATE_SP BIT(0)
#define PSTATE_AARCH32 BIT(4)
FIELD(PSTATE_EL, 2, 2);
FIELD(PSTATE_BTYPE, 10, 2);
#define PSTATE_SSBS BIT(12)
#define PSTATE_ALLINT BIT(13)
#define PSTATE_IL BIT(20)
#define PSTATE_SS BIT(21)
#define PSTATE_PAN BIT(22)
#define PSTATE_UAO BIT(23)
#define PSTATE_DIT BIT(24)
#define PSTATE_TCO BIT(25)
#define PSTATE_EXLOCK BIT(34)
/* CPSR's own */
#define CPSR_T BIT(5)
#define CPSR_E BIT(9)
#define CPSR_IT_LOW (BIT(25) | BIT(26))
#define CPSR_J BIT(24)
#define CPSR_Q BIT(27)
FIELD(CPSR_M, 0, 5);
FIELD(CPSR_IT_HIGH, 10, 6);
FIELD(CPSR_GE, 16, 4);
#define CPSR_SSBS BIT(23)
#define CPSR_DIT BIT(21)

/* ---- SCTLR_ELx ---- */
#define SCTLR_M BIT(0)
#define SCTLR_A BIT(1)
#define SCTLR_C BIT(2)
#define SCTLR_SA BIT(3)
#define SCTLR_SA0 BIT(4)
#define SCTLR_CP15BEN BIT(5)
#define SCTLR_NAA BIT(6)
#define SCTLR_ITD BIT(7)
#define SCTLR_SED BIT(8)
#define SCTLR_UMA BIT(9)
#define SCTLR_ENRCTX BIT(10)
#define SCTLR_I BIT(12)
#define SCTLR_V BIT(13)             /* AArch32: high vectors */
#define SCTLR_ENDB BIT(13)
#define SCTLR_DZE BIT(14)
#define SCTLR_UCT BIT(15)
#define SCTLR_NTWI BIT(16)
#define SCTLR_NTWE BIT(18)
#define SCTLR_WXN BIT(19)
#define SCTLR_UWXN BIT(20)
#define SCTLR_TSCXT BIT(20)
#define SCTLR_SPAN BIT(23)
#define SCTLR_E0E BIT(24)
#define SCTLR_EE BIT(25)
#define SCTLR_UCI BIT(26)
#define SCTLR_ENDA BIT(27)
#define SCTLR_TRE BIT(28)           /* AArch32 */
#define SCTLR_AFE BIT(29)
#define SCTLR_TE BIT(30)
#define SCTLR_ENIB BIT(30)
#define SCTLR_ENIA BIT(31)
#define SCTLR_BT0 BIT(35)
#define SCTLR_BT1 BIT(36)
#define SCTLR_BT BIT(36)            /* of EL2 (not EL2&0) and EL3 */
#define SCTLR_ITFSB BIT(37)
FIELD(SCTLR_TCF0, 38, 2);
FIELD(SCTLR_TCF, 40, 2);
#define SCTLR_ATA0 BIT(42)
#define SCTLR_ATA BIT(43)
#define SCTLR_DSSBS BIT(44)
#define SCTLR_EPAN BIT(57)
#define SCTLR_TCSO0 BIT(58)
#define SCTLR_TCSO BIT(59)
#define SCTLR_NMI BIT(61)
#define SCTLR_SPINTMASK BIT(62)
#define SCTLR_TIDCP BIT(63)

/* ---- GCR_EL1 ---- */
#define GCR_RRND BIT(16)            /* random tags are the implementation's */

/* ---- HCR_EL2 ---- */
#define HCR_VM BIT(0)
#define HCR_SWIO BIT(1)
#define HCR_PTW BIT(2)
#define HCR_FMO BIT(3)
#define HCR_IMO BIT(4)
#define HCR_AMO BIT(5)
#define HCR_VF BIT(6)
#define HCR_VI BIT(7)
#define HCR_VSE BIT(8)
#define HCR_FB BIT(9)
#define HCR_DC BIT(12)
#define HCR_TWI BIT(13)
#define HCR_TWE BIT(14)
#define HCR_TID0 BIT(15)
#define HCR_TID1 BIT(16)
#define HCR_TID2 BIT(17)
#define HCR_TID3 BIT(18)
#define HCR_TSC BIT(19)
#define HCR_TIDCP BIT(20)
#define HCR_TACR BIT(21)
#define HCR_TSW BIT(22)
#define HCR_TPCP BIT(23)
#define HCR_TPU BIT(24)
#define HCR_TTLB BIT(25)
#define HCR_TVM BIT(26)
#define HCR_TGE BIT(27)
#define HCR_TDZ BIT(28)
#define HCR_HCD BIT(29)
#define HCR_TRVM BIT(30)
#define HCR_RW BIT(31)
#define HCR_CD BIT(32)
#define HCR_ID BIT(33)
#define HCR_E2H BIT(34)
#define HCR_TLOR BIT(35)
#define HCR_TERR BIT(36)
#define HCR_TEA BIT(37)
#define HCR_APK BIT(40)
#define HCR_API BIT(41)
#define HCR_NV BIT(42)
#define HCR_NV1 BIT(43)
#define HCR_AT BIT(44)
#define HCR_NV2 BIT(45)
#define HCR_FWB BIT(46)
#define HCR_FIEN BIT(47)
#define HCR_TID4 BIT(49)
#define HCR_TICAB BIT(50)
#define HCR_TOCU BIT(52)
#define HCR_ENSCXT BIT(53)
#define HCR_TTLBIS BIT(54)
#define HCR_TTLBOS BIT(55)
#define HCR_ATA BIT(56)
#define HCR_DCT BIT(57)
#define HCR_TID5 BIT(58)

/* ---- HCRX_EL2 ---- */
#define HCRX_FNXS BIT(3)
#define HCRX_FGTNXS BIT(4)
#define HCRX_TALLINT BIT(6)
#define HCRX_VINMI BIT(7)
#define HCRX_VFNMI BIT(8)
#define HCRX_CMOW BIT(9)
#define HCRX_MCE2 BIT(10)
#define HCRX_MSCEN BIT(11)
#define HCRX_TCR2EN BIT(14)
#define HCRX_SCTLR2EN BIT(15)
#define HCRX_GCSEN BIT(22)

/* ---- HFGITR_EL2: what is no SYS instruction ---- */
#define HFGITR_ERET BIT(51)
#define HFGITR_SVC_EL0 BIT(52)
#define HFGITR_SVC_EL1 BIT(53)
#define HFGITR_NGCSPUSHM_EL1 BIT(57) /* these three trap while they are clear */
#define HFGITR_NGCSSTR_EL1 BIT(58)
#define HFGITR_NGCSEPP BIT(59)

/* ---- SCR_EL3 ---- */
#define SCR_NS BIT(0)
#define SCR_IRQ BIT(1)
#define SCR_FIQ BIT(2)
#define SCR_EA BIT(3)
#define SCR_FW BIT(4)               /* AArch32 */
#define SCR_AW BIT(5)
#define SCR_RES1 (BIT(4) | BIT(5)) /* AArch64 */
#define SCR_SMD BIT(7)
#define SCR_HCE BIT(8)
#define SCR_SIF BIT(9)
#define SCR_RW BIT(10)
#define SCR_ST BIT(11)
#define SCR_TWI BIT(12)
#define SCR_TWE BIT(13)
#define SCR_TLOR BIT(14)
#define SCR_TERR BIT(15)
#define SCR_APK BIT(16)
#define SCR_API BIT(17)
#define SCR_EEL2 BIT(18)
#define SCR_EASE BIT(19)
#define SCR_FIEN BIT(21)
#define SCR_ENSCXT BIT(25)
#define SCR_ATA BIT(26)
#define SCR_FGTEN BIT(27)
#define SCR_ECVEN BIT(28)
#define SCR_HXEN BIT(38)
#define SCR_GCSEN BIT(39)
#define SCR_TRNDR BIT(40)
#define SCR_TCR2EN BIT(43)
#define SCR_SCTLR2EN BIT(44)
#define SCR_PIEN BIT(45)
#define SCR_AIEN BIT(46)

/* ---- TCR2_ELx, and TCR_EL3's bit for the same ---- */
#define TCR2_PIE BIT(1)
#define TCR_EL3_PIE BIT(35)
#define TCR2_AIE BIT(4)
#define TCR_EL3_AIE BIT(37)
#define TCR2_A2 BIT(16)
#define TCR2_FNG0 BIT(17)
#define TCR2_FNG1 BIT(18)

/* ---- GCSCR_ELx, GCSCRE0_EL1 ---- */
#define GCSCR_PCRSEL BIT(0)
#define GCSCR_RVCHKEN BIT(5)
#define GCSCR_EXLOCKEN BIT(6)       /* not of GCSCRE0_EL1 */
#define GCSCR_PUSHMEN BIT(8)
#define GCSCR_STREN BIT(9)
#define GCSCRE0_NTR BIT(10)

/* ---- classes of exceptions: ESR_ELx.EC ---- */
enum {
    EC_UNKNOWN = 0x00, EC_WFX = 0x01, EC_CP15_RT = 0x03, EC_CP15_RRT = 0x04, EC_CP14_RT = 0x05, EC_CP14_DT = 0x06, EC_FP_ACCESS = 0x07, EC_FPID = 0x08, EC_PAC = 0x09,
    EC_CP14_RRT = 0x0c, EC_BTI = 0x0d, EC_ILLEGAL_STATE = 0x0e, EC_SVC32 = 0x11, EC_HVC32 = 0x12, EC_SMC32 = 0x13, EC_SVC64 = 0x15, EC_HVC64 = 0x16, EC_SMC64 = 0x17,
    EC_SYSREG = 0x18, EC_SVE_ACCESS = 0x19, EC_ERET = 0x1a, EC_PAC_FAIL = 0x1c, EC_SME = 0x1d, EC_INSN_ABORT_LOWER = 0x20, EC_INSN_ABORT = 0x21, EC_PC_ALIGNMENT = 0x22,
    EC_DATA_ABORT_LOWER = 0x24, EC_DATA_ABORT = 0x25, EC_SP_ALIGNMENT = 0x26, EC_MOPS = 0x27, EC_FP_TRAP32 = 0x28, EC_FP_TRAP64 = 0x2c, EC_GCS = 0x2d, EC_SERROR = 0x2f,
    EC_BREAKPOINT_LOWER = 0x30, EC_BREAKPOINT = 0x31, EC_STEP_LOWER = 0x32, EC_STEP = 0x33, EC_WATCHPOINT_LOWER = 0x34, EC_WATCHPOINT = 0x35, EC_BKPT32 = 0x38,
    EC_VECTOR_CATCH = 0x3a, EC_BRK64 = 0x3c,
};
#define ESR_IL BIT(25)
#define ISS2_GCS BIT(8)             /* of data aborts: an access to a guarded control stack */
#define ISS_GCS_EXLOCK BIT(20)      /* of EC_GCS: ExType */
#define ISS_GCS_STORE BIT(21)
#define ARM_SYNDROME(ec, iss) ((uint32_t)(ec) << 26 | (uint32_t)ESR_IL | (uint32_t)(iss))

/* ---- AArch32: who may use floating point and Advanced SIMD ---- */
FIELD(CPACR_CP10, 20, 2);
#define CPACR_ASEDIS BIT(31)
#define NSACR_CP10 BIT(10)
#define NSACR_CP11 BIT(11)
#define NSACR_NSASEDIS BIT(15)
#define HCPTR_TASE BIT(15)
#define FPEXC_EN BIT(30)

/* ---- FPCR, FPSR ---- */
#define FPCR_FIZ BIT(0)
#define FPCR_AH BIT(1)
#define FPCR_NEP BIT(2)
#define FPCR_EBF BIT(13)
#define FPCR_FZ16 BIT(19)
FIELD(FPCR_RMODE, 22, 2);
#define FPCR_FZ BIT(24)
#define FPCR_DN BIT(25)
#define FPCR_AHP BIT(26)
FIELD(FPSCR_LEN, 16, 3);
#define FPSR_IOC BIT(0)
#define FPSR_DZC BIT(1)
#define FPSR_OFC BIT(2)
#define FPSR_UFC BIT(3)
#define FPSR_IXC BIT(4)
#define FPSR_IDC BIT(7)
#define FPSR_QC BIT(27)

#endif
