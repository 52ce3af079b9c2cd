/*
 * Helpers of MMX, SSE and AVX: helpers-simd.def, and the host's FP control register.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_HELPERS_SIMD_H
#define TARGET_I386_TCG_HELPERS_SIMD_H

#include "target/i386/tcg/helpers.h"

typedef union { _Alignas(32) uint8_t b[32]; uint16_t w[16]; uint32_t d[8]; uint64_t q[4]; int32_t sd[8]; int64_t sq[4]; } X86Vector;

/* simd_sha */
enum { X86_SHA1_NEXTE, X86_SHA1_MSG1, X86_SHA1_MSG2, X86_SHA256_RNDS2, X86_SHA256_MSG1, X86_SHA256_MSG2, X86_SHA1_RNDS4 };
/* simd_3dnow: the last byte of the instruction. */
enum {
    X86_3DNOW_PI2FW = 0x0c, X86_3DNOW_PI2FD = 0x0d, X86_3DNOW_PF2IW = 0x1c, X86_3DNOW_PF2ID = 0x1d, X86_3DNOW_PFNACC = 0x8a, X86_3DNOW_PFPNACC = 0x8e, X86_3DNOW_PFCMPGE = 0x90,
    X86_3DNOW_PFMIN = 0x94, X86_3DNOW_PFRCP = 0x96, X86_3DNOW_PFRSQRT = 0x97, X86_3DNOW_PFSUB = 0x9a, X86_3DNOW_PFADD = 0x9e, X86_3DNOW_PFCMPGT = 0xa0, X86_3DNOW_PFMAX = 0xa4,
    X86_3DNOW_PFRCPIT1 = 0xa6, X86_3DNOW_PFRSQIT1 = 0xa7, X86_3DNOW_PFSUBR = 0xaa, X86_3DNOW_PFACC = 0xae, X86_3DNOW_PFCMPEQ = 0xb0, X86_3DNOW_PFMUL = 0xb4,
    X86_3DNOW_PFRCPIT2 = 0xb6, X86_3DNOW_PMULHRW = 0xb7, X86_3DNOW_PSWAPD = 0xbb, X86_3DNOW_PAVGUSB = 0xbf,
};
/* avx_gather: log2 of data and index, of the scale, how many, whether addresses are truncated to 32 bits. */
enum { AVX_GATHER_DATA_SHIFT = 0, AVX_GATHER_INDEX_SHIFT = 2, AVX_GATHER_SCALE_SHIFT = 4, AVX_GATHER_COUNT_SHIFT = 8, AVX_GATHER_32 = 0x10000 };
/* xsave, xrstor: REX.W; XSAVEOPT; XSAVEC, XSAVES; XRSTORS. */
enum { XSAVE_WIDE = 1, XSAVE_OPT = 2, XSAVE_COMPACT = 4, XSAVE_SUPERVISOR = 8 };

#define DECLARED(name, ...) extern IrHelper x86_ir_##name;
#define SIMD_SSE DECLARED
#define SIMD_STATE DECLARED
#define SIMD_AVX DECLARED
#define SIMD_3DNOW DECLARED
#include "target/i386/tcg/helpers-simd.def"
#undef SIMD_SSE
#undef SIMD_STATE
#undef SIMD_AVX
#undef SIMD_3DNOW
#undef DECLARED
/* A file that defines one of the groups defines its macro as this and the others as nothing. */
#define SIMD_DEFINE(id, result_type, effects, written, ...) \
    X86_HELPER_FULL(x86_ir_##id, x86_helper_##id, result_type, effects, SLOTS_NONE, SIMD_WRITES_##written, __VA_ARGS__);
#define SIMD_WRITES_NOTHING SLOTS_NONE
#define SIMD_WRITES_FPU SLOT_SET_FPU_ALL
#define SIMD_WRITES_X87_PLACE { { 0, UINT64_C(1) << (SLOT_FPU_ON_HOST - 64) } }

/* The host's control register of SSE, in helpers with HELPER_HOST_FP. */
static inline uint32_t x86_host_mxcsr(void)
{
#ifdef __x86_64__
    return __builtin_ia32_stmxcsr();
#else
    return MXCSR_RESET;
#endif
}

static inline void x86_set_host_mxcsr(uint32_t value)
{
#ifdef __x86_64__
    __builtin_ia32_ldmxcsr(value);
#endif
}

/* The guest's MXCSR now, its sticky flags collected; and a new one, for the host's register too. */
static inline uint32_t x86_collect_mxcsr(X86Cpu *cpu)
{
    return cpu->mxcsr |= x86_host_mxcsr() & MXCSR_FLAGS;
}

static inline void x86_load_mxcsr(X86Cpu *cpu, uint32_t value)
{
    cpu->mxcsr = value;
    x86_set_host_mxcsr(value | MXCSR_MASKS);
}

#endif
