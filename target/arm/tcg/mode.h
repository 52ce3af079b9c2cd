/*
 * The mode key of Arm: everything but the bytes of the code that decides how it is translated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_MODE_H
#define TARGET_ARM_TCG_MODE_H

#include "target/arm/cpu.h"

#define ARM_MODE_AARCH32 BIT(0)
FIELD(ARM_MODE_EL, 1, 2);
FIELD(ARM_MODE_DATA, 3, 3);             /* ARM_TLB_* of loads and stores */
FIELD(ARM_MODE_UNPRIV, 6, 3);           /* of LDTR, STTR */
FIELD(ARM_MODE_FP_TRAP, 9, 2);          /* exception level that FP and AdvSIMD trap to; 0: none */
FIELD(ARM_MODE_SVE_TRAP, 11, 2);
FIELD(ARM_MODE_VQ, 13, 4);              /* vector length in units of 128 bits, less one. Where SVE traps: 0 */
#define ARM_MODE_Z_HIGH BIT(17)         /* bits above 127 of Zn may be set: writes to Vn clear them */
FIELD(ARM_MODE_FPCR, 18, 7);            /* RMODE 2, FZ, DN, FZ16, AHP, AH (or FIZ: C code does both) */
#define ARM_MODE_FPCR_RMODE_SHIFT 18
#define ARM_MODE_FZ BIT(20)
#define ARM_MODE_DN BIT(21)
#define ARM_MODE_FZ16 BIT(22)
#define ARM_MODE_AHP BIT(23)
#define ARM_MODE_AH BIT(24)
/* AArch64 */
#define ARM_MODE_E2H BIT(25)            /* at EL2: names of EL1 mean EL2's registers */
#define ARM_MODE_SP_EL0 BIT(26)         /* PSTATE.SP is 0 at EL1 to EL3 */
FIELD(ARM_MODE_TBI, 27, 2);             /* of addresses of code; bit 0: those with bit 55 clear, bit 1: set */
#define ARM_MODE_GUARDED BIT(29)        /* some page of code is guarded: indirect branches look at their targets */
#define ARM_MODE_MTE BIT(30)            /* loads and stores check tags */
#define ARM_MODE_MTE_UNPRIV BIT(31)
#define ARM_MODE_SINGLE_STEP BIT(32)    /* software step is active: one instruction, then an exception */
#define ARM_MODE_ALIGN BIT(33)          /* SCTLR.A */
#define ARM_MODE_SP_ALIGN BIT(34)       /* SCTLR.SA (or SA0) */
FIELD(ARM_MODE_PAUTH, 35, 4);           /* SCTLR.EnIA, EnIB, EnDA, EnDB: which of PACIA .. are not NOPs */
#define ARM_MODE_TRAP_FEW BIT(39)       /* something that is rarely trapped is: WFx, cache operations by EL0 ...: C code looks before each */
#define ARM_MODE_BIG_ENDIAN BIT(40)     /* of data: SCTLR.EE or E0E; CPSR.E */
#define ARM_MODE_ILLEGAL BIT(41)        /* PSTATE.IL */
/* AArch32 */
#define ARM_MODE_FP_UNDEFINED BIT(42)   /* by FPEXC, or without that */
#define ARM_MODE_THUMB BIT(43)
FIELD(ARM_MODE_IT, 44, 8);
#define ARM_MODE_USER BIT(52)           /* CPSR.M is User */
#define ARM_MODE_HYP BIT(53)
#define ARM_MODE_SECURE BIT(54)
FIELD(ARM_MODE_VECTOR_LEN, 55, 3);      /* FPSCR.LEN (short vectors, ARMv7 VFP) */
#define ARM_MODE_SIMD_UNDEFINED BIT(58) /* Advanced SIMD, not floating point */
#define ARM_MODE_SYS BIT(59)            /* CPSR.M is System */
/* AArch64 */
#define ARM_MODE_GCS BIT(62)            /* calls and returns use a guarded control stack */
#define ARM_MODE_NEP BIT(61)            /* FPCR.NEP: results of scalars keep what is above them of a register */
/* AArch32 */
#define ARM_MODE_SIMD_TRAP BIT(60)      /* Advanced SIMD goes to Hyp mode */

#endif
