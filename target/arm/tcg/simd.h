/*
 * AdvSIMD in C: what an instruction does to 128 bits, told by a word (SimdSpec) that the translator makes and helpers read.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_SIMD_H
#define TARGET_ARM_TCG_SIMD_H

#include "target/arm/tcg/float.h"

typedef struct ArmV { _Alignas(16) uint64_t d[2]; } ArmV;

/* On elements. "u" of the spec says: without sign. */
typedef enum SimdOp {
    OP_ADD, OP_SUB, OP_HADD, OP_HSUB, OP_RHADD, OP_QADD, OP_QSUB, OP_CMGT, OP_CMGE, OP_CMEQ, OP_CMTST, OP_SHL, OP_QSHL, OP_RSHL, OP_QRSHL, OP_MAX, OP_MIN, OP_ABD, OP_ABA,
    OP_MLA, OP_MLS, OP_MUL, OP_PMUL, OP_QDMULH, OP_QRDMULH, OP_QRDMLAH, OP_QRDMLSH,
    OP_AND, OP_BIC, OP_ORR, OP_ORN, OP_EOR, OP_BSL, OP_BIT, OP_BIF,
    OP_PMULL, OP_QDMULL, OP_QDMLAL, OP_QDMLSL,                          /* of results twice as wide */
    OP_QADDO,                                                           /* SUQADD, USQADD: d + n of the other kind */
    OP_SHR, OP_SRA, OP_RSHR, OP_RSRA, OP_SRI, OP_SLI, OP_QSHLU,         /* by m */
    OP_CLS, OP_CLZ, OP_CNT, OP_NOT, OP_RBIT, OP_ABS, OP_NEG, OP_QABS, OP_QNEG, OP_REV,     /* of n; REV: of bytes in elements */
    OP_URECPE, OP_URSQRTE,
    /* to half the width, n shifted right by m */
    OP_XTN, OP_QXTN, OP_QXTUN, OP_RXTN, OP_QRXTN, OP_QRXTUN,
    OP_FLOAT,                                                           /* and ArmFloatOp */
    /* Other floating point, on elements. */
    OP_FTOI = OP_FLOAT + 64,                                            /* imm: rounding mode */
    OP_FTOFIX, OP_ITOF,                                                 /* imm: bits behind the point */
    OP_FCVTL, OP_FCVTN, OP_FCVTXN, OP_BFCVTN,
    OP_FMLAL, OP_FMLSL,
    /* Not on elements alone. */
    OP_FCADD, OP_FCMLA, OP_DOT, OP_USDOT, OP_MMLA, OP_USMMLA, OP_BFDOT, OP_BFMMLA, OP_BFMLALB, OP_BFMLALT,
    OP_ZIP1, OP_ZIP2, OP_UZP1, OP_UZP2, OP_TRN1, OP_TRN2, OP_EXT,
    OP_ADDLP, OP_ADALP, OP_LUTI2, OP_LUTI4,
    /* Cryptography. */
    OP_AESE, OP_AESD, OP_AESMC, OP_AESIMC, OP_SHA1C, OP_SHA1P, OP_SHA1M, OP_SHA1SU0, OP_SHA256H, OP_SHA256H2, OP_SHA256SU1, OP_SHA1H, OP_SHA1SU1, OP_SHA256SU0,
    OP_SHA512H, OP_SHA512H2, OP_SHA512SU1, OP_SHA512SU0, OP_RAX1, OP_XAR, OP_EOR3, OP_BCAX, OP_SM3PARTW1, OP_SM3PARTW2, OP_SM3SS1, OP_SM3TT1A, OP_SM3TT1B,
    OP_SM3TT2A, OP_SM3TT2B, OP_SM4E, OP_SM4EKEY,
    OP_COUNT
} SimdOp;
_Static_assert(OP_COUNT <= 256, "an op is eight bits of a spec");

/* How elements meet. */
typedef enum SimdShape {
    SHAPE_EACH,         /* d[i] = n[i] op m[i] */
    SHAPE_SHIFT,        /* d[i] = n[i] op imm */
    SHAPE_LONG,         /* operands of half the width: the low or (Q) the high halves of n and m */
    SHAPE_LONG_SHIFT,
    SHAPE_WIDE,         /* m so, n as wide as the result */
    SHAPE_NARROW,       /* the results are half as wide: into the low half, or (Q) the high half of d; imm: a shift */
    SHAPE_NARROW_HIGH,  /* the high halves of n op m; u: rounded */
    SHAPE_PAIR,         /* of neighbours in m:n */
    SHAPE_ACROSS,       /* of all of n, one result; in pairs where it is floating point */
    SHAPE_ACROSS_LONG,
    SHAPE_WHOLE,        /* the op knows */
} SimdShape;
enum { FORM_64, FORM_128, FORM_SCALAR };

/* size: logarithm of the bytes of an element: of a result's where widths differ, but of NARROW (of the operand's). */
#define SIMD_SPEC(op, shape, size, form, u, imm) \
    ((uint32_t)(op) | (uint32_t)(shape) << 8 | (uint32_t)(size) << 12 | (uint32_t)(form) << 14 | (uint32_t)(u) << 16 | (uint32_t)(imm) << 17)
/* m is one element of it, size_log2 and index, everywhere. */
#define SIMD_ELEMENT(size_log2, index) (1u << 25 | (uint32_t)(size_log2) << 26 | (uint32_t)(index) << 28)
static inline SimdOp simd_op(uint32_t spec) { return spec & 0xff; }
static inline SimdShape simd_shape(uint32_t spec) { return spec >> 8 & 15; }
static inline unsigned simd_size(uint32_t spec) { return spec >> 12 & 3; }
static inline unsigned simd_form(uint32_t spec) { return spec >> 14 & 3; }
static inline bool simd_unsigned(uint32_t spec) { return spec >> 16 & 1; }
static inline unsigned simd_imm(uint32_t spec) { return spec >> 17 & 0xff; }

/* What elements are computed in: flags of FPSR and QC are gathered. */
typedef struct SimdEnv { ArmFloat fp; bool saturated; } SimdEnv;

/* The result. d: the old value of the destination (or the third operand). */
ArmV arm_simd_compute(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m);
/* With the flags into the CPU: A64's instructions under FPCR, AArch32's under the standard value. */
ArmV arm_simd_run(ArmCpu *cpu, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m);
/* One element of bits (8 to 64); n and m extended by their sign unless u; imm as of the spec. */
uint64_t arm_simd_element(SimdEnv *env, SimdOp op, unsigned bits, bool u, unsigned imm, uint64_t d, int64_t n, int64_t m);
bool arm_simd_is_float(SimdOp op);
/* simd-whole.c, helpers-crypto.c */
ArmV arm_simd_whole(SimdEnv *env, uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m);
ArmV arm_simd_crypto(uint32_t spec, const ArmV *d, const ArmV *n, const ArmV *m);

static inline uint64_t arm_v_get(const ArmV *v, unsigned size, unsigned i)
{
    const uint8_t *p = (const uint8_t *)v + ((uint64_t)i << size);
    uint64_t value = 0;
    __builtin_memcpy(&value, p, 1u << size);
    return value;
}
static inline void arm_v_set(ArmV *v, unsigned size, unsigned i, uint64_t value)
{
    __builtin_memcpy((uint8_t *)v + ((uint64_t)i << size), &value, 1u << size);
}
static inline int64_t arm_extend(uint64_t value, unsigned bits, bool u)
{
    return u ? (int64_t)(value & MAKE_MASK(0, bits)) : (int64_t)(value << (64 - bits)) >> (64 - bits);
}

#endif
