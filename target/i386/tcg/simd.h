/*
 * MMX, SSE and AVX: what the tables (simd-opcodes.c) and the translating functions (translate-sse*.c, translate-avx*.c) share.
 *
 * One table serves the three encodings of an instruction: MMX registers, legacy SSE (the upper half of the YMM register stays), VEX (it becomes 0, and the first source has
 * its own field). An entry stands at its mandatory prefix; one that MMX has too is found without prefix as well.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_SIMD_H
#define TARGET_I386_TCG_SIMD_H

#include "target/i386/tcg/translate.h"

typedef struct X86Simd X86Simd;
typedef bool X86SimdFn(X86Translate *s, const X86Simd *i);

/* What CPUID has to offer for it (simd-opcodes.c names the bits). */
typedef enum X86SimdFeature {
    SIMD_NEVER, SIMD_MMX, SIMD_MMXEXT, SIMD_SSE, SIMD_SSE2, SIMD_SSE3, SIMD_SSSE3, SIMD_SSE41, SIMD_SSE42, SIMD_SSE4A, SIMD_AES, SIMD_PCLMUL, SIMD_SHA,
    SIMD_AVX, SIMD_AVX2, SIMD_FMA, SIMD_F16C, SIMD_VAES, SIMD_AVX_AES, SIMD_AVX_PCLMUL, SIMD_VPCLMUL, SIMD_GFNI, SIMD_AVX_GFNI,
    SIMD_FEATURES
} X86SimdFeature;

enum {
    SIMD_INT256   = 1 << 0,     /* VEX.256 needs AVX2 (integers), or what vex256 says */
    SIMD_L0       = 1 << 1,     /* VEX.L must be 0 */
    SIMD_L1       = 1 << 2,     /* or 1 */
    SIMD_LIG      = 1 << 3,     /* VEX.L is ignored: scalars */
    SIMD_NO_V     = 1 << 4,     /* VEX.vvvv is not used and must be 1111 */
    SIMD_MEMORY   = 1 << 5,     /* #UD with a register operand, with a memory operand */
    SIMD_REGISTER = 1 << 6,
    SIMD_FP       = 1 << 7,     /* raises floating-point exceptions */
    SIMD_TOUCHES_MMX = 1 << 8,  /* an XMM instruction with an MMX operand */
    SIMD_W0       = 1 << 9,     /* VEX.W must be 0, 1 */
    SIMD_W1       = 1 << 10,
    SIMD_UNALIGNED = 1 << 11,   /* 16-byte memory operands of the legacy form need not be aligned */
    SIMD_ALIGNED  = 1 << 12,    /* those of the VEX form must be aligned */
};

struct X86Simd {
    X86SimdFn *translate;
    const char *name;           /* the manual's mnemonic, without the v of VEX */
    uint8_t op, sub, imm;       /* IrOp, its lane and immediate */
    uint8_t param;              /* the function's own */
    uint8_t feature, vex, mmx;  /* X86SimdFeature of the legacy form, the VEX form, the form with MMX registers: SIMD_NEVER: there is none */
    uint16_t flags;
};

typedef enum X86SimdForm { FORM_MMX, FORM_SSE, FORM_VEX128, FORM_VEX256 } X86SimdForm;

/* The entry for an instruction, or NULL; *mmx: it is the form with MMX registers. prefix: 0, 66, f3, f2. */
const X86Simd *x86_simd_lookup(unsigned map, unsigned prefix, unsigned opcode, bool vex, bool *mmx);
bool x86_simd_has_feature(const X86Translate *s, X86SimdFeature feature);
/* Group 15 (0F AE) with a memory operand: translate-fxsave.c. */
bool x86_translate_fxsave(X86Translate *s);

/* ---- operands (translate-sse.c) ---- */
static inline IrType simd_type(const X86Translate *s) { return s->simd_form == FORM_VEX256 ? IR_V256 : IR_V128; }
static inline bool simd_is_mmx(const X86Translate *s) { return s->simd_form == FORM_MMX; }
/* A register by form: MMX as V128 with the upper half 0. Writing one of VEX form clears what lies above. */
IrRef simd_read(X86Translate *s, unsigned reg);
void simd_write(X86Translate *s, unsigned reg, IrRef value);
/* Always 128 bits. */
IrRef simd_read128(X86Translate *s, unsigned reg);
void simd_write128(X86Translate *s, unsigned reg, IrRef value);
/* An MMX register as I64. */
IrRef simd_read_mmx(X86Translate *s, unsigned reg);
void simd_write_mmx(X86Translate *s, unsigned reg, IrRef value);
/* The first source: VEX.vvvv, or the destination. */
IrRef simd_first(X86Translate *s);
IrRef simd_first128(X86Translate *s);
static inline void simd_result(X86Translate *s, IrRef value) { simd_write(s, s->reg, value); }
/* The r/m operand: whole; as V128 of which 1 << log2 bytes are read from memory (rest 0); lane 0 as F32 or F64; as I32 or I64 from memory or lane 0. */
IrRef simd_source(X86Translate *s, const X86Simd *i);
IrRef simd_source_low(X86Translate *s, unsigned log2);
IrRef simd_source_float(X86Translate *s, IrType type);
IrRef simd_source_int(X86Translate *s, unsigned log2);
void simd_store(X86Translate *s, unsigned log2, IrRef value, bool aligned);
/* The exceptions of MXCSR where they are not masked: of the last operand read, and of the result before it is written; both give the value. */
IrRef simd_guard_in(X86Translate *s, IrRef value);
IrRef simd_guard_out(X86Translate *s, IrRef value);
static inline IrRef simd_op1(X86Translate *s, IrOp op, unsigned sub, unsigned imm, IrRef x) { return ir_emit(s->b, op, simd_type(s), sub, imm, x, 0, 0); }
static inline IrRef simd_op2(X86Translate *s, IrOp op, unsigned sub, unsigned imm, IrRef x, IrRef y)
{
    return ir_emit(s->b, op, simd_type(s), sub, imm, x, y, 0);
}

/* ---- the functions of the tables ---- */
/* translate-sse.c */
X86SimdFn simd_unary, simd_unary_imm, simd_binary, simd_binary_imm, simd_binary_swapped, simd_pack, simd_unpack_low, simd_unpack_high, simd_horizontal, simd_pshufb, simd_palignr,
    simd_shift_group, simd_shift_bytes, simd_widen, simd_blend_by, simd_ptest;
/* translate-sse-move.c */
X86SimdFn simd_load, simd_store_op, simd_movs, simd_movs_store, simd_movlp, simd_movhp, simd_store_half, simd_movd_to, simd_movd_from, simd_movq_load, simd_movq_store,
    simd_movmsk, simd_pinsr, simd_pextr, simd_pextr_old, simd_insertps, simd_movdup, simd_movq2dq, simd_movdq2q, simd_maskmov_bytes, simd_emms, simd_extrq, simd_insertq,
    simd_movnt_scalar;
/* translate-sse-float.c */
X86SimdFn simd_dot, simd_scalar, simd_scalar_unary, simd_scalar_approx, simd_round_scalar, simd_compare, simd_compare_scalar, simd_comis, simd_cvt_int_to_float, simd_cvt_float_to_int,
    simd_cvt_scalar, simd_cvt_widen, simd_cvt_narrow, simd_cvt_pi2p, simd_cvt_p2pi;
/* translate-sse-helped.c */
X86SimdFn simd_string_compare, simd_sha, simd_sha_round;
/* translate-avx.c */
X86SimdFn avx_broadcast, avx_broadcast128, avx_insert128, avx_extract128, avx_permute128, avx_permute_imm64, avx_permil_imm_ps, avx_permil_imm_pd, avx_blend_by,
    avx_mask_move, avx_gather, avx_shift_variable, avx_test, avx_ph2ps, avx_ps2ph, avx_fma, avx_fma_scalar;

#endif
