/*
 * Floating point in integers: half, single, double and BFloat16, exact as the manual's pseudocode has it (shared/functions/float).
 *
 * Values are bit patterns in the low bits of a uint64_t. What an operation raises is gathered in ArmFloat.flags.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_FLOAT_H
#define TARGET_ARM_TCG_FLOAT_H

#include "target/arm/cpu.h"
#include "target/arm/tcg/float-host.h"

/* Formats are named by the logarithm of their size in bytes; BFloat16 by the number left. */
enum { FLOAT_BF16, FLOAT_H, FLOAT_S, FLOAT_D };
/* Rounding beyond FPCR.RMode: ties away from zero; to odd. */
enum { ROUND_TIES_AWAY = 4, ROUND_ODD };

/*
 * The environment: FPCR in parts, and the flags of FPSR that are raised. ah: the alternate behaviour of FEAT_AFP, with what FEAT_RPRES has estimates more precise;
 * denormal: an operand is one that was not flushed (with ah that is told by FPSR.IDC where no NaN comes of the operation).
 */
typedef struct ArmFloat { uint8_t rounding; bool fz, fz16, dn, ahp, ah, fiz, rpres, ebf, denormal; uint32_t flags; } ArmFloat;

/* What FPCR says in the current state: AArch32 has nothing of AH, FIZ, EBF. */
ArmFloat arm_float_of(const ArmCpu *cpu);
/* That of AdvSIMD in AArch32 (StandardFPSCRValue). */
ArmFloat arm_float_standard(uint32_t fpcr);

typedef enum ArmFloatOp {
    /* Two operands. */
    FLOAT_ADD, FLOAT_SUB, FLOAT_MUL, FLOAT_DIV, FLOAT_MAX, FLOAT_MIN, FLOAT_MAXNM, FLOAT_MINNM, FLOAT_NMUL, FLOAT_MULX, FLOAT_ABD, FLOAT_RECPS, FLOAT_RSQRTS,
    /* Comparisons: all ones or 0. */
    FLOAT_CMEQ, FLOAT_CMGE, FLOAT_CMGT, FLOAT_ACGE, FLOAT_ACGT,
    /* One operand. */
    FLOAT_MOV, FLOAT_ABS, FLOAT_NEG, FLOAT_SQRT, FLOAT_RECPE, FLOAT_RSQRTE, FLOAT_RECPX,
    FLOAT_RINTN, FLOAT_RINTP, FLOAT_RINTM, FLOAT_RINTZ, FLOAT_RINTA, FLOAT_RINTX, FLOAT_RINTI, FLOAT_RINT32Z, FLOAT_RINT32X, FLOAT_RINT64Z, FLOAT_RINT64X,
    /* d + n * m, d - n * m, -d - n * m, -d + n * m */
    FLOAT_MLA, FLOAT_MLS, FLOAT_NMLA, FLOAT_NMLS,
    /* Of AArch32's Advanced SIMD: the product is rounded before it is added (VMLA, VMLS, VRECPS, VRSQRTS). */
    FLOAT_CHAIN_MLA, FLOAT_CHAIN_MLS, FLOAT_CHAIN_RECPS, FLOAT_CHAIN_RSQRTS,
    /* The greater and the lesser magnitude (FEAT_FAMINMAX). */
    FLOAT_AMAX, FLOAT_AMIN,
} ArmFloatOp;
uint64_t arm_float_op(ArmFloat *f, ArmFloatOp op, unsigned format, uint64_t d, uint64_t n, uint64_t m);

uint64_t arm_float_add(ArmFloat *f, unsigned format, uint64_t a, uint64_t b);
uint64_t arm_float_mul(ArmFloat *f, unsigned format, uint64_t a, uint64_t b);
/* d + n * m */
uint64_t arm_float_muladd(ArmFloat *f, unsigned format, uint64_t d, uint64_t n, uint64_t m);
/* The same, d single, n and m half. */
uint64_t arm_float_muladd_half(ArmFloat *f, uint64_t d, uint64_t n, uint64_t m);
static inline uint64_t arm_float_sign(unsigned format) { return format == FLOAT_D ? BIT(63) : format == FLOAT_S ? BIT(31) : BIT(15); }
/* Changes the sign (FPNeg). */
uint64_t arm_float_neg(const ArmFloat *f, unsigned format, uint64_t a);
/* N, Z, C, V in bits 3 to 0. */
unsigned arm_float_compare(ArmFloat *f, unsigned format, uint64_t a, uint64_t b, bool signals);

/* FPToFixed: to an integer of bits (16, 32, 64), saturated, of value * 2^fraction_bits. */
uint64_t arm_float_to_fixed(ArmFloat *f, unsigned format, uint64_t a, unsigned fraction_bits, bool is_unsigned, unsigned rounding, unsigned bits);
uint64_t arm_float_from_fixed(ArmFloat *f, unsigned format, uint64_t value, unsigned fraction_bits, bool is_unsigned, unsigned bits);
uint64_t arm_float_convert(ArmFloat *f, unsigned to, unsigned from, uint64_t a, unsigned rounding);
/* FJCVTZS: the word; *exact: Z. */
uint32_t arm_float_to_js(ArmFloat *f, uint64_t a, bool *exact);
uint32_t arm_float_recip_estimate(uint32_t a);      /* URECPE */
uint32_t arm_float_rsqrt_estimate(uint32_t a);      /* URSQRTE */
/* BFMLALB: d + n * m, of numbers of BFloat16 as single ones. With AH as estimates are made. */
uint64_t arm_bf16_muladd(ArmFloat *f, uint64_t d, uint64_t n, uint64_t m);
/* BFDOT: d + (n0 * m0 + n1 * m1), operands two BFloat16s each. */
uint32_t arm_bf16_dot(const ArmFloat *f, uint32_t d, uint32_t n, uint32_t m);
/* FDOT: the same of two halves each, with flags and NaNs as FPCR has it. */
uint32_t arm_float_dot_half(ArmFloat *f, uint32_t d, uint32_t n, uint32_t m);
/* VFPExpandImm */
uint64_t arm_float_immediate(unsigned format, unsigned imm8);

#endif
