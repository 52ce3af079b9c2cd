/*
 * The table of MMX, SSE and AVX instructions: by map, mandatory prefix and opcode.
 *
 * Intel SDM volume 2, appendix A; AMD APM volume 4 (SSE4A).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/simd.h"

/* Features by their short names in this file. */
enum { NONE = SIMD_NEVER, MMX = SIMD_MMX, EXT = SIMD_MMXEXT, SSE = SIMD_SSE, SSE2 = SIMD_SSE2, SSE3 = SIMD_SSE3, SSSE3 = SIMD_SSSE3, SSE41 = SIMD_SSE41, SSE42 = SIMD_SSE42,
       SSE4A = SIMD_SSE4A, AVX = SIMD_AVX, AVX2 = SIMD_AVX2 };

/* fn, mnemonic, legacy feature, VEX feature, flags, other fields. */
#define I(fn, mnemonic, legacy, vex_feature, how, ...) \
    { .translate = fn, .name = mnemonic, .feature = legacy, .vex = vex_feature, .flags = (how), __VA_ARGS__ }
/* Packed integers with 66, in MMX registers without prefix from a feature on. */
#define PI(mnemonic, ir_op, lane, legacy, mmx_feature) \
    I(simd_binary, mnemonic, legacy, AVX, SIMD_INT256, .op = IR_##ir_op, .sub = lane, .mmx = mmx_feature)
#define PI_FN(fn, mnemonic, ir_op, lane, legacy, mmx_feature) \
    I(fn, mnemonic, legacy, AVX, SIMD_INT256, .op = IR_##ir_op, .sub = lane, .mmx = mmx_feature)
#define P1(mnemonic, ir_op, lane, legacy, mmx_feature) \
    I(simd_unary, mnemonic, legacy, AVX, SIMD_INT256 | SIMD_NO_V, .op = IR_##ir_op, .sub = lane, .mmx = mmx_feature)
/* Packed and scalar floating point. */
#define PF(mnemonic, ir_op, lane, legacy) I(simd_binary, mnemonic, legacy, AVX, SIMD_FP, .op = IR_##ir_op, .sub = lane)
#define PF1(mnemonic, ir_op, lane, legacy) I(simd_unary, mnemonic, legacy, AVX, SIMD_FP | SIMD_NO_V, .op = IR_##ir_op, .sub = lane)
#define SF(mnemonic, ir_op, lane, legacy) I(simd_scalar, mnemonic, legacy, AVX, SIMD_FP | SIMD_LIG, .op = IR_##ir_op, .sub = lane)
#define SF1(mnemonic, ir_op, lane, legacy) I(simd_scalar_unary, mnemonic, legacy, AVX, SIMD_FP | SIMD_LIG, .op = IR_##ir_op, .sub = lane)
/* Bitwise floating point, moves: nothing is raised. */
#define PB(mnemonic, ir_op, lane, legacy) I(simd_binary, mnemonic, legacy, AVX, 0, .op = IR_##ir_op, .sub = lane)
#define LOAD(mnemonic, legacy, how) I(simd_load, mnemonic, legacy, AVX, SIMD_NO_V | (how))
#define STORE(mnemonic, legacy, how) I(simd_store_op, mnemonic, legacy, AVX, SIMD_NO_V | (how), .param = !((how) & SIMD_UNALIGNED))
#define MMX_ONLY(fn, mnemonic, mmx_feature, ...) { .translate = fn, .name = mnemonic, .mmx = mmx_feature, __VA_ARGS__ }

enum { P_NONE, P_66, P_F3, P_F2 };

/* ---- 0F ---- */

static const X86Simd map_0f[4][256] = {
    [P_NONE] = {
        [0x10] = LOAD("movups", SSE, SIMD_UNALIGNED), STORE("movups", SSE, SIMD_UNALIGNED), I(simd_movlp, "movlps", SSE, AVX, SIMD_L0),
        I(simd_store_half, "movlps", SSE, AVX, SIMD_L0 | SIMD_NO_V | SIMD_MEMORY, .param = 0), PB("unpcklps", VUNPACK_LO, 2, SSE), PB("unpckhps", VUNPACK_HI, 2, SSE),
        I(simd_movhp, "movhps", SSE, AVX, SIMD_L0), I(simd_store_half, "movhps", SSE, AVX, SIMD_L0 | SIMD_NO_V | SIMD_MEMORY, .param = 1),
        [0x28] = LOAD("movaps", SSE, SIMD_ALIGNED), STORE("movaps", SSE, SIMD_ALIGNED),
        I(simd_cvt_pi2p, "cvtpi2ps", SSE, NONE, SIMD_FP | SIMD_TOUCHES_MMX, .op = IR_VCVT_DQ_PS, .sub = 2),
        STORE("movntps", SSE, SIMD_ALIGNED | SIMD_MEMORY),
        I(simd_cvt_p2pi, "cvttps2pi", SSE, NONE, SIMD_FP | SIMD_TOUCHES_MMX, .op = IR_VCVT_PS_DQ, .sub = 2, .imm = 1),
        I(simd_cvt_p2pi, "cvtps2pi", SSE, NONE, SIMD_FP | SIMD_TOUCHES_MMX, .op = IR_VCVT_PS_DQ, .sub = 2),
        I(simd_comis, "ucomiss", SSE, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 2), I(simd_comis, "comiss", SSE, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 2, .imm = 1),
        [0x50] = I(simd_movmsk, "movmskps", SSE, AVX, SIMD_REGISTER | SIMD_NO_V, .sub = 2), PF1("sqrtps", VFSQRT, 2, SSE),
        I(simd_unary, "rsqrtps", SSE, AVX, SIMD_NO_V, .op = IR_VFRSQRT, .sub = 2), I(simd_unary, "rcpps", SSE, AVX, SIMD_NO_V, .op = IR_VFRCP, .sub = 2),
        PB("andps", VAND, 0, SSE), PB("andnps", VANDN, 0, SSE), PB("orps", VOR, 0, SSE), PB("xorps", VXOR, 0, SSE),
        PF("addps", VFADD, 2, SSE), PF("mulps", VFMUL, 2, SSE), I(simd_cvt_widen, "cvtps2pd", SSE2, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VCVT_PS_PD),
        PF1("cvtdq2ps", VCVT_DQ_PS, 2, SSE2), PF("subps", VFSUB, 2, SSE), PF("minps", VFMIN, 2, SSE), PF("divps", VFDIV, 2, SSE), PF("maxps", VFMAX, 2, SSE),
        [0x70] = MMX_ONLY(simd_unary_imm, "pshufw", EXT, .op = IR_VSHUF_LO16),
        [0x77] = { .translate = simd_emms, .name = "emms", .vex = AVX, .mmx = MMX, .flags = SIMD_NO_V },
        [0xc2] = I(simd_compare, "cmpps", SSE, AVX, SIMD_FP, .sub = 2),
        [0xc6] = I(simd_binary_imm, "shufps", SSE, AVX, 0, .op = IR_VSHUF_PS, .sub = 2),
        [0xe7] = MMX_ONLY(simd_store_op, "movntq", EXT, .flags = SIMD_MEMORY),
        [0xf7] = MMX_ONLY(simd_maskmov_bytes, "maskmovq", EXT, .flags = SIMD_REGISTER),
    },
    [P_66] = {
        [0x10] = LOAD("movupd", SSE2, SIMD_UNALIGNED), STORE("movupd", SSE2, SIMD_UNALIGNED), I(simd_movlp, "movlpd", SSE2, AVX, SIMD_L0 | SIMD_MEMORY),
        I(simd_store_half, "movlpd", SSE2, AVX, SIMD_L0 | SIMD_NO_V | SIMD_MEMORY, .param = 0), PB("unpcklpd", VUNPACK_LO, 3, SSE2), PB("unpckhpd", VUNPACK_HI, 3, SSE2),
        I(simd_movhp, "movhpd", SSE2, AVX, SIMD_L0 | SIMD_MEMORY), I(simd_store_half, "movhpd", SSE2, AVX, SIMD_L0 | SIMD_NO_V | SIMD_MEMORY, .param = 1),
        [0x28] = LOAD("movapd", SSE2, SIMD_ALIGNED), STORE("movapd", SSE2, SIMD_ALIGNED),
        I(simd_cvt_pi2p, "cvtpi2pd", SSE2, NONE, SIMD_TOUCHES_MMX, .op = IR_VCVT_DQ_PD, .sub = 3),
        STORE("movntpd", SSE2, SIMD_ALIGNED | SIMD_MEMORY),
        I(simd_cvt_p2pi, "cvttpd2pi", SSE2, NONE, SIMD_FP | SIMD_TOUCHES_MMX, .op = IR_VCVT_PD_DQ, .sub = 3, .imm = 1),
        I(simd_cvt_p2pi, "cvtpd2pi", SSE2, NONE, SIMD_FP | SIMD_TOUCHES_MMX, .op = IR_VCVT_PD_DQ, .sub = 3),
        I(simd_comis, "ucomisd", SSE2, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 3), I(simd_comis, "comisd", SSE2, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 3, .imm = 1),
        [0x50] = I(simd_movmsk, "movmskpd", SSE2, AVX, SIMD_REGISTER | SIMD_NO_V, .sub = 3), PF1("sqrtpd", VFSQRT, 3, SSE2),
        [0x54] = PB("andpd", VAND, 0, SSE2), PB("andnpd", VANDN, 0, SSE2), PB("orpd", VOR, 0, SSE2), PB("xorpd", VXOR, 0, SSE2),
        PF("addpd", VFADD, 3, SSE2), PF("mulpd", VFMUL, 3, SSE2), I(simd_cvt_narrow, "cvtpd2ps", SSE2, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VCVT_PD_PS),
        PF1("cvtps2dq", VCVT_PS_DQ, 2, SSE2), PF("subpd", VFSUB, 3, SSE2), PF("minpd", VFMIN, 3, SSE2), PF("divpd", VFDIV, 3, SSE2), PF("maxpd", VFMAX, 3, SSE2),
        [0x60] = PI_FN(simd_unpack_low, "punpcklbw", VUNPACK_LO, 0, SSE2, MMX), PI_FN(simd_unpack_low, "punpcklwd", VUNPACK_LO, 1, SSE2, MMX),
        PI_FN(simd_unpack_low, "punpckldq", VUNPACK_LO, 2, SSE2, MMX), PI_FN(simd_pack, "packsswb", VPACK_SS, 1, SSE2, MMX),
        PI("pcmpgtb", VCMPGT_S, 0, SSE2, MMX), PI("pcmpgtw", VCMPGT_S, 1, SSE2, MMX), PI("pcmpgtd", VCMPGT_S, 2, SSE2, MMX),
        PI_FN(simd_pack, "packuswb", VPACK_US, 1, SSE2, MMX), PI_FN(simd_unpack_high, "punpckhbw", VUNPACK_HI, 0, SSE2, MMX),
        PI_FN(simd_unpack_high, "punpckhwd", VUNPACK_HI, 1, SSE2, MMX), PI_FN(simd_unpack_high, "punpckhdq", VUNPACK_HI, 2, SSE2, MMX),
        PI_FN(simd_pack, "packssdw", VPACK_SS, 2, SSE2, MMX), PI_FN(simd_unpack_low, "punpcklqdq", VUNPACK_LO, 3, SSE2, NONE),
        PI_FN(simd_unpack_high, "punpckhqdq", VUNPACK_HI, 3, SSE2, NONE), I(simd_movd_to, "movd", SSE2, AVX, SIMD_L0 | SIMD_NO_V, .mmx = MMX),
        { .translate = simd_load, .name = "movdqa", .feature = SSE2, .vex = AVX, .flags = SIMD_NO_V | SIMD_ALIGNED, .mmx = MMX },
        [0x70] = I(simd_unary_imm, "pshufd", SSE2, AVX, SIMD_INT256 | SIMD_NO_V, .op = IR_VSHUF_I32),
        I(simd_shift_group, "psrlw/psraw/psllw", SSE2, AVX, SIMD_INT256 | SIMD_REGISTER, .mmx = MMX),
        I(simd_shift_group, "psrld/psrad/pslld", SSE2, AVX, SIMD_INT256 | SIMD_REGISTER, .mmx = MMX),
        I(simd_shift_group, "psrlq/psllq", SSE2, AVX, SIMD_INT256 | SIMD_REGISTER, .mmx = MMX),
        PI("pcmpeqb", VCMPEQ, 0, SSE2, MMX), PI("pcmpeqw", VCMPEQ, 1, SSE2, MMX), PI("pcmpeqd", VCMPEQ, 2, SSE2, MMX),
        [0x78] = I(simd_extrq, "extrq", SSE4A, NONE, SIMD_REGISTER), I(simd_extrq, "extrq", SSE4A, NONE, SIMD_REGISTER),
        [0x7c] = PF("haddpd", VFHADD, 3, SSE3), PF("hsubpd", VFHSUB, 3, SSE3), I(simd_movd_from, "movd", SSE2, AVX, SIMD_L0 | SIMD_NO_V, .mmx = MMX),
        { .translate = simd_store_op, .name = "movdqa", .feature = SSE2, .vex = AVX, .flags = SIMD_NO_V | SIMD_ALIGNED, .mmx = MMX, .param = 1 },
        [0xc2] = I(simd_compare, "cmppd", SSE2, AVX, SIMD_FP, .sub = 3),
        [0xc4] = I(simd_pinsr, "pinsrw", SSE2, AVX, SIMD_L0, .sub = 1, .mmx = EXT),
        I(simd_pextr_old, "pextrw", SSE2, AVX, SIMD_L0 | SIMD_NO_V | SIMD_REGISTER, .mmx = EXT), I(simd_binary_imm, "shufpd", SSE2, AVX, 0, .op = IR_VSHUF_PD, .sub = 3),
        [0xd0] = PF("addsubpd", VFADDSUB, 3, SSE3), PI_FN(simd_binary_swapped, "psrlw", VSHR, 1, SSE2, MMX), PI_FN(simd_binary_swapped, "psrld", VSHR, 2, SSE2, MMX),
        PI_FN(simd_binary_swapped, "psrlq", VSHR, 3, SSE2, MMX), PI("paddq", VADD, 3, SSE2, SSE2), PI("pmullw", VMUL, 1, SSE2, MMX),
        I(simd_movq_store, "movq", SSE2, AVX, SIMD_L0 | SIMD_NO_V), I(simd_movmsk, "pmovmskb", SSE2, AVX, SIMD_INT256 | SIMD_NO_V | SIMD_REGISTER, .sub = 0, .mmx = EXT),
        PI("psubusb", VSUBS_U, 0, SSE2, MMX), PI("psubusw", VSUBS_U, 1, SSE2, MMX), PI("pminub", VMIN_U, 0, SSE2, EXT), PI("pand", VAND, 0, SSE2, MMX),
        PI("paddusb", VADDS_U, 0, SSE2, MMX), PI("paddusw", VADDS_U, 1, SSE2, MMX), PI("pmaxub", VMAX_U, 0, SSE2, EXT), PI("pandn", VANDN, 0, SSE2, MMX),
        PI("pavgb", VAVG_U, 0, SSE2, EXT), PI_FN(simd_binary_swapped, "psraw", VSAR, 1, SSE2, MMX), PI_FN(simd_binary_swapped, "psrad", VSAR, 2, SSE2, MMX),
        PI("pavgw", VAVG_U, 1, SSE2, EXT), PI("pmulhuw", VMULHI_U, 1, SSE2, EXT), PI("pmulhw", VMULHI_S, 1, SSE2, MMX),
        I(simd_cvt_narrow, "cvttpd2dq", SSE2, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VCVT_PD_DQ, .imm = 1), STORE("movntdq", SSE2, SIMD_ALIGNED | SIMD_MEMORY),
        PI("psubsb", VSUBS_S, 0, SSE2, MMX), PI("psubsw", VSUBS_S, 1, SSE2, MMX), PI("pminsw", VMIN_S, 1, SSE2, EXT), PI("por", VOR, 0, SSE2, MMX),
        PI("paddsb", VADDS_S, 0, SSE2, MMX), PI("paddsw", VADDS_S, 1, SSE2, MMX), PI("pmaxsw", VMAX_S, 1, SSE2, EXT), PI("pxor", VXOR, 0, SSE2, MMX),
        [0xf1] = PI_FN(simd_binary_swapped, "psllw", VSHL, 1, SSE2, MMX), PI_FN(simd_binary_swapped, "pslld", VSHL, 2, SSE2, MMX),
        PI_FN(simd_binary_swapped, "psllq", VSHL, 3, SSE2, MMX), PI("pmuludq", VMULX_U, 2, SSE2, SSE2), PI("pmaddwd", VMADD_S16, 1, SSE2, MMX),
        PI("psadbw", VSAD_U8, 0, SSE2, EXT), I(simd_maskmov_bytes, "maskmovdqu", SSE2, AVX, SIMD_L0 | SIMD_NO_V | SIMD_REGISTER),
        PI("psubb", VSUB, 0, SSE2, MMX), PI("psubw", VSUB, 1, SSE2, MMX), PI("psubd", VSUB, 2, SSE2, MMX), PI("psubq", VSUB, 3, SSE2, SSE2),
        PI("paddb", VADD, 0, SSE2, MMX), PI("paddw", VADD, 1, SSE2, MMX), PI("paddd", VADD, 2, SSE2, MMX),
    },
    [P_F3] = {
        [0x10] = I(simd_movs, "movss", SSE, AVX, SIMD_LIG, .sub = 2), I(simd_movs_store, "movss", SSE, AVX, SIMD_LIG, .sub = 2),
        { .translate = simd_unary, .name = "movsldup", .feature = SSE3, .vex = AVX, .flags = SIMD_NO_V, .op = IR_VSHUF_I32, .imm = 0xa0 },
        [0x16] = { .translate = simd_unary, .name = "movshdup", .feature = SSE3, .vex = AVX, .flags = SIMD_NO_V, .op = IR_VSHUF_I32, .imm = 0xf5 },
        [0x2a] = I(simd_cvt_int_to_float, "cvtsi2ss", SSE, AVX, SIMD_FP | SIMD_LIG, .sub = 2),
        I(simd_movnt_scalar, "movntss", SSE4A, NONE, SIMD_MEMORY, .sub = 2),
        I(simd_cvt_float_to_int, "cvttss2si", SSE, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 2, .imm = 1),
        I(simd_cvt_float_to_int, "cvtss2si", SSE, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 2),
        [0x51] = SF1("sqrtss", FSQRT, 2, SSE), I(simd_scalar_approx, "rsqrtss", SSE, AVX, SIMD_LIG, .op = IR_VFRSQRT, .sub = 2),
        I(simd_scalar_approx, "rcpss", SSE, AVX, SIMD_LIG, .op = IR_VFRCP, .sub = 2),
        [0x58] = SF("addss", FADD, 2, SSE), SF("mulss", FMUL, 2, SSE), I(simd_cvt_scalar, "cvtss2sd", SSE2, AVX, SIMD_FP | SIMD_LIG, .sub = 2),
        I(simd_unary, "cvttps2dq", SSE2, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VCVT_PS_DQ, .sub = 2, .imm = 1),
        SF("subss", FSUB, 2, SSE), SF("minss", FMIN, 2, SSE), SF("divss", FDIV, 2, SSE), SF("maxss", FMAX, 2, SSE),
        [0x6f] = LOAD("movdqu", SSE2, SIMD_UNALIGNED),
        [0x70] = I(simd_unary_imm, "pshufhw", SSE2, AVX, SIMD_INT256 | SIMD_NO_V, .op = IR_VSHUF_HI16),
        [0x7e] = I(simd_movq_load, "movq", SSE2, AVX, SIMD_L0 | SIMD_NO_V), STORE("movdqu", SSE2, SIMD_UNALIGNED),
        [0xc2] = I(simd_compare_scalar, "cmpss", SSE, AVX, SIMD_FP | SIMD_LIG, .sub = 2),
        [0xd6] = I(simd_movq2dq, "movq2dq", SSE2, NONE, SIMD_REGISTER | SIMD_TOUCHES_MMX),
        [0xe6] = I(simd_cvt_widen, "cvtdq2pd", SSE2, AVX, SIMD_NO_V, .op = IR_VCVT_DQ_PD),
    },
    [P_F2] = {
        [0x10] = I(simd_movs, "movsd", SSE2, AVX, SIMD_LIG, .sub = 3), I(simd_movs_store, "movsd", SSE2, AVX, SIMD_LIG, .sub = 3),
        I(simd_movdup, "movddup", SSE3, AVX, SIMD_NO_V | SIMD_UNALIGNED),
        [0x2a] = I(simd_cvt_int_to_float, "cvtsi2sd", SSE2, AVX, SIMD_FP | SIMD_LIG, .sub = 3),
        I(simd_movnt_scalar, "movntsd", SSE4A, NONE, SIMD_MEMORY, .sub = 3),
        I(simd_cvt_float_to_int, "cvttsd2si", SSE2, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 3, .imm = 1),
        I(simd_cvt_float_to_int, "cvtsd2si", SSE2, AVX, SIMD_FP | SIMD_LIG | SIMD_NO_V, .sub = 3),
        [0x51] = SF1("sqrtsd", FSQRT, 3, SSE2),
        [0x58] = SF("addsd", FADD, 3, SSE2), SF("mulsd", FMUL, 3, SSE2), I(simd_cvt_scalar, "cvtsd2ss", SSE2, AVX, SIMD_FP | SIMD_LIG, .sub = 3),
        [0x5c] = SF("subsd", FSUB, 3, SSE2), SF("minsd", FMIN, 3, SSE2), SF("divsd", FDIV, 3, SSE2), SF("maxsd", FMAX, 3, SSE2),
        [0x70] = I(simd_unary_imm, "pshuflw", SSE2, AVX, SIMD_INT256 | SIMD_NO_V, .op = IR_VSHUF_LO16),
        [0x78] = I(simd_insertq, "insertq", SSE4A, NONE, SIMD_REGISTER), I(simd_insertq, "insertq", SSE4A, NONE, SIMD_REGISTER),
        [0x7c] = PF("haddps", VFHADD, 2, SSE3), PF("hsubps", VFHSUB, 2, SSE3),
        [0xc2] = I(simd_compare_scalar, "cmpsd", SSE2, AVX, SIMD_FP | SIMD_LIG, .sub = 3),
        [0xd0] = PF("addsubps", VFADDSUB, 2, SSE3),
        [0xd6] = I(simd_movdq2q, "movdq2q", SSE2, NONE, SIMD_REGISTER | SIMD_TOUCHES_MMX),
        [0xe6] = I(simd_cvt_narrow, "cvtpd2dq", SSE2, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VCVT_PD_DQ),
        [0xf0] = LOAD("lddqu", SSE3, SIMD_UNALIGNED | SIMD_MEMORY),
    },
};

/* ---- 0F 38 ---- */

#define WIDEN(mnemonic, ir_op, from, to) \
    I(simd_widen, mnemonic, SSE41, AVX, SIMD_INT256 | SIMD_NO_V, .op = IR_##ir_op, .sub = from, .imm = to)
#define WIDENS(suffix, ir_op) \
    WIDEN("pmov" suffix "bw", ir_op, 0, 1), WIDEN("pmov" suffix "bd", ir_op, 0, 2), WIDEN("pmov" suffix "bq", ir_op, 0, 3), \
    WIDEN("pmov" suffix "wd", ir_op, 1, 2), WIDEN("pmov" suffix "wq", ir_op, 1, 3), WIDEN("pmov" suffix "dq", ir_op, 2, 3)
#define V(fn, mnemonic, vex_feature, how, ...) I(fn, mnemonic, NONE, vex_feature, how, __VA_ARGS__)
#define AES(mnemonic, ir_op, last) I(simd_binary, mnemonic, SIMD_AES, SIMD_AVX_AES, SIMD_INT256, .op = IR_##ir_op, .imm = last)
#define SHA(mnemonic, which) I(simd_sha, mnemonic, SIMD_SHA, NONE, 0, .param = which)
#define FMA(mnemonic) V(avx_fma, mnemonic, SIMD_FMA, SIMD_FP)
#define FMAS(mnemonic) V(avx_fma_scalar, mnemonic, SIMD_FMA, SIMD_FP | SIMD_LIG)
#define FMA_ROW(form) \
    FMA("fmaddsub" form), FMA("fmsubadd" form), FMA("fmadd" form), FMAS("fmadd" form), FMA("fmsub" form), FMAS("fmsub" form), \
    FMA("fnmadd" form), FMAS("fnmadd" form), FMA("fnmsub" form), FMAS("fnmsub" form)

static const X86Simd map_0f38_66[256] = {
    [0x00] = PI_FN(simd_pshufb, "pshufb", VTABLE8, 0, SSSE3, SSSE3), PI_FN(simd_horizontal, "phaddw", VHADD, 1, SSSE3, SSSE3),
    PI_FN(simd_horizontal, "phaddd", VHADD, 2, SSSE3, SSSE3), PI_FN(simd_horizontal, "phaddsw", VHADDS, 1, SSSE3, SSSE3), PI("pmaddubsw", VMADD_U8S8, 0, SSSE3, SSSE3),
    PI_FN(simd_horizontal, "phsubw", VHSUB, 1, SSSE3, SSSE3), PI_FN(simd_horizontal, "phsubd", VHSUB, 2, SSSE3, SSSE3),
    PI_FN(simd_horizontal, "phsubsw", VHSUBS, 1, SSSE3, SSSE3), PI("psignb", VSIGN, 0, SSSE3, SSSE3), PI("psignw", VSIGN, 1, SSSE3, SSSE3),
    PI("psignd", VSIGN, 2, SSSE3, SSSE3), PI("pmulhrsw", VMULHRS, 1, SSSE3, SSSE3),
    V(simd_binary, "permilps", AVX, SIMD_W0, .op = IR_VPERMIL, .sub = 2), V(simd_binary, "permilpd", AVX, SIMD_W0, .op = IR_VPERMIL, .sub = 3),
    V(avx_test, "testps", AVX, SIMD_W0 | SIMD_NO_V, .sub = 2), V(avx_test, "testpd", AVX, SIMD_W0 | SIMD_NO_V, .sub = 3),
    [0x10] = I(simd_blend_by, "pblendvb", SSE41, NONE, 0, .sub = 0), [0x13] = V(avx_ph2ps, "cvtph2ps", SIMD_F16C, SIMD_FP | SIMD_W0 | SIMD_NO_V),
    I(simd_blend_by, "blendvps", SSE41, NONE, 0, .sub = 2), I(simd_blend_by, "blendvpd", SSE41, NONE, 0, .sub = 3),
    V(simd_binary, "permps", AVX2, SIMD_W0 | SIMD_L1, .op = IR_VPERM_I32), I(simd_ptest, "ptest", SSE41, AVX, SIMD_NO_V),
    V(avx_broadcast, "broadcastss", AVX, SIMD_W0 | SIMD_NO_V, .sub = 2), V(avx_broadcast, "broadcastsd", AVX, SIMD_W0 | SIMD_L1 | SIMD_NO_V, .sub = 3),
    V(avx_broadcast128, "broadcastf128", AVX, SIMD_W0 | SIMD_L1 | SIMD_NO_V | SIMD_MEMORY),
    [0x1c] = P1("pabsb", VABS, 0, SSSE3, SSSE3), P1("pabsw", VABS, 1, SSSE3, SSSE3), P1("pabsd", VABS, 2, SSSE3, SSSE3),
    [0x20] = WIDENS("sx", VWIDEN_S), [0x28] = PI("pmuldq", VMULX_S, 2, SSE41, NONE), PI("pcmpeqq", VCMPEQ, 3, SSE41, NONE),
    I(simd_load, "movntdqa", SSE41, AVX, SIMD_INT256 | SIMD_NO_V | SIMD_ALIGNED | SIMD_MEMORY), PI("packusdw", VPACK_US, 2, SSE41, NONE),
    V(avx_mask_move, "maskmovps", AVX, SIMD_W0 | SIMD_MEMORY, .sub = 2), V(avx_mask_move, "maskmovpd", AVX, SIMD_W0 | SIMD_MEMORY, .sub = 3),
    V(avx_mask_move, "maskmovps", AVX, SIMD_W0 | SIMD_MEMORY, .sub = 2, .param = 1), V(avx_mask_move, "maskmovpd", AVX, SIMD_W0 | SIMD_MEMORY, .sub = 3, .param = 1),
    [0x30] = WIDENS("zx", VWIDEN_U), V(simd_binary, "permd", AVX2, SIMD_W0 | SIMD_L1, .op = IR_VPERM_I32), PI("pcmpgtq", VCMPGT_S, 3, SSE42, NONE),
    PI("pminsb", VMIN_S, 0, SSE41, NONE), PI("pminsd", VMIN_S, 2, SSE41, NONE), PI("pminuw", VMIN_U, 1, SSE41, NONE), PI("pminud", VMIN_U, 2, SSE41, NONE),
    PI("pmaxsb", VMAX_S, 0, SSE41, NONE), PI("pmaxsd", VMAX_S, 2, SSE41, NONE), PI("pmaxuw", VMAX_U, 1, SSE41, NONE), PI("pmaxud", VMAX_U, 2, SSE41, NONE),
    [0x40] = PI("pmulld", VMUL, 2, SSE41, NONE), I(simd_unary, "phminposuw", SSE41, AVX, SIMD_L0 | SIMD_NO_V, .op = IR_VPHMINPOS),
    [0x45] = V(avx_shift_variable, "psrlv", AVX2, 0, .op = IR_VSHR_EACH), V(avx_shift_variable, "psravd", AVX2, SIMD_W0, .op = IR_VSAR_EACH),
    V(avx_shift_variable, "psllv", AVX2, 0, .op = IR_VSHL_EACH),
    [0x58] = V(avx_broadcast, "pbroadcastd", AVX2, SIMD_W0 | SIMD_NO_V, .sub = 2), V(avx_broadcast, "pbroadcastq", AVX2, SIMD_W0 | SIMD_NO_V, .sub = 3),
    V(avx_broadcast128, "broadcasti128", AVX2, SIMD_W0 | SIMD_L1 | SIMD_NO_V | SIMD_MEMORY),
    [0x78] = V(avx_broadcast, "pbroadcastb", AVX2, SIMD_W0 | SIMD_NO_V, .sub = 0), V(avx_broadcast, "pbroadcastw", AVX2, SIMD_W0 | SIMD_NO_V, .sub = 1),
    [0x8c] = V(avx_mask_move, "pmaskmov", AVX2, SIMD_MEMORY), [0x8e] = V(avx_mask_move, "pmaskmov", AVX2, SIMD_MEMORY, .param = 1),
    [0x90] = V(avx_gather, "pgatherd", AVX2, SIMD_MEMORY), V(avx_gather, "pgatherq", AVX2, SIMD_MEMORY), V(avx_gather, "gatherd", AVX2, SIMD_MEMORY),
    V(avx_gather, "gatherq", AVX2, SIMD_MEMORY),
    [0x96] = FMA_ROW("132"), [0xa6] = FMA_ROW("213"), [0xb6] = FMA_ROW("231"),
    [0xcf] = I(simd_binary, "gf2p8mulb", SIMD_GFNI, SIMD_AVX_GFNI, SIMD_W0, .op = IR_VGF2_MUL),
    [0xdb] = I(simd_unary, "aesimc", SIMD_AES, SIMD_AVX_AES, SIMD_L0 | SIMD_NO_V, .op = IR_VAES_IMC), AES("aesenc", VAES_ENC, 0), AES("aesenclast", VAES_ENC, 1),
    AES("aesdec", VAES_DEC, 0), AES("aesdeclast", VAES_DEC, 1),
};

static const X86Simd map_0f38_none[256] = {
    [0xc8] = SHA("sha1nexte", X86_SHA1_NEXTE), SHA("sha1msg1", X86_SHA1_MSG1), SHA("sha1msg2", X86_SHA1_MSG2), SHA("sha256rnds2", X86_SHA256_RNDS2),
    SHA("sha256msg1", X86_SHA256_MSG1), SHA("sha256msg2", X86_SHA256_MSG2),
};

/* ---- 0F 3A ---- */

#define STRING(mnemonic) I(simd_string_compare, mnemonic, SSE42, AVX, SIMD_L0 | SIMD_NO_V | SIMD_UNALIGNED)

static const X86Simd map_0f3a_66[256] = {
    [0x00] = V(avx_permute_imm64, "permq", AVX2, SIMD_L1 | SIMD_W1 | SIMD_NO_V), V(avx_permute_imm64, "permpd", AVX2, SIMD_L1 | SIMD_W1 | SIMD_NO_V),
    V(simd_binary_imm, "pblendd", AVX2, SIMD_W0, .op = IR_VBLEND_IMM, .sub = 2),
    [0x04] = V(avx_permil_imm_ps, "permilps", AVX, SIMD_W0 | SIMD_NO_V), V(avx_permil_imm_pd, "permilpd", AVX, SIMD_W0 | SIMD_NO_V),
    V(avx_permute128, "perm2f128", AVX, SIMD_L1 | SIMD_W0),
    [0x08] = I(simd_unary_imm, "roundps", SSE41, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VFROUND, .sub = 2),
    I(simd_unary_imm, "roundpd", SSE41, AVX, SIMD_FP | SIMD_NO_V, .op = IR_VFROUND, .sub = 3),
    I(simd_round_scalar, "roundss", SSE41, AVX, SIMD_FP | SIMD_LIG, .sub = 2), I(simd_round_scalar, "roundsd", SSE41, AVX, SIMD_FP | SIMD_LIG, .sub = 3),
    I(simd_binary_imm, "blendps", SSE41, AVX, 0, .op = IR_VBLEND_IMM, .sub = 2), I(simd_binary_imm, "blendpd", SSE41, AVX, 0, .op = IR_VBLEND_IMM, .sub = 3),
    I(simd_binary_imm, "pblendw", SSE41, AVX, SIMD_INT256, .op = IR_VBLEND_IMM, .sub = 1), PI_FN(simd_palignr, "palignr", VALIGNR, 0, SSSE3, SSSE3),
    [0x14] = I(simd_pextr, "pextrb", SSE41, AVX, SIMD_L0 | SIMD_NO_V, .sub = 0), I(simd_pextr, "pextrw", SSE41, AVX, SIMD_L0 | SIMD_NO_V, .sub = 1),
    I(simd_pextr, "pextrd", SSE41, AVX, SIMD_L0 | SIMD_NO_V, .sub = 2), I(simd_pextr, "extractps", SSE41, AVX, SIMD_L0 | SIMD_NO_V, .sub = 2, .param = 1),
    V(avx_insert128, "insertf128", AVX, SIMD_L1 | SIMD_W0), V(avx_extract128, "extractf128", AVX, SIMD_L1 | SIMD_W0 | SIMD_NO_V),
    [0x1d] = V(avx_ps2ph, "cvtps2ph", SIMD_F16C, SIMD_FP | SIMD_W0 | SIMD_NO_V),
    [0x20] = I(simd_pinsr, "pinsrb", SSE41, AVX, SIMD_L0, .sub = 0), I(simd_insertps, "insertps", SSE41, AVX, SIMD_L0), I(simd_pinsr, "pinsrd", SSE41, AVX, SIMD_L0, .sub = 2),
    [0x38] = V(avx_insert128, "inserti128", AVX2, SIMD_L1 | SIMD_W0), V(avx_extract128, "extracti128", AVX2, SIMD_L1 | SIMD_W0 | SIMD_NO_V),
    [0x40] = I(simd_dot, "dpps", SSE41, AVX, SIMD_FP, .op = IR_VFDOT, .sub = 2), I(simd_dot, "dppd", SSE41, AVX, SIMD_FP | SIMD_L0, .op = IR_VFDOT, .sub = 3),
    I(simd_binary_imm, "mpsadbw", SSE41, AVX, SIMD_INT256, .op = IR_VMPSAD), [0x44] = I(simd_binary_imm, "pclmulqdq", SIMD_PCLMUL, SIMD_AVX_PCLMUL, SIMD_INT256, .op = IR_VCLMUL),
    [0x46] = V(avx_permute128, "perm2i128", AVX2, SIMD_L1 | SIMD_W0),
    [0x4a] = V(avx_blend_by, "blendvps", AVX, SIMD_W0, .sub = 2), V(avx_blend_by, "blendvpd", AVX, SIMD_W0, .sub = 3), V(avx_blend_by, "pblendvb", AVX, SIMD_INT256 | SIMD_W0, .sub = 0),
    [0x60] = STRING("pcmpestrm"), STRING("pcmpestri"), STRING("pcmpistrm"), STRING("pcmpistri"),
    [0xce] = I(simd_binary_imm, "gf2p8affineqb", SIMD_GFNI, SIMD_AVX_GFNI, SIMD_W1, .op = IR_VGF2_AFFINE),
    I(simd_binary_imm, "gf2p8affineinvqb", SIMD_GFNI, SIMD_AVX_GFNI, SIMD_W1, .op = IR_VGF2_INVERSE),
    [0xdf] = I(simd_unary_imm, "aeskeygenassist", SIMD_AES, SIMD_AVX_AES, SIMD_L0 | SIMD_NO_V, .op = IR_VAES_KEYGEN),
};

static const X86Simd map_0f3a_none[256] = { [0xcc] = I(simd_sha_round, "sha1rnds4", SIMD_SHA, NONE, 0, .param = X86_SHA1_RNDS4) };

/* ---- look-up ---- */

static const X86Simd *entry(unsigned map, unsigned prefix, unsigned opcode)
{
    unsigned p = prefix == 0x66 ? P_66 : prefix == 0xf3 ? P_F3 : prefix == 0xf2 ? P_F2 : P_NONE;
    const X86Simd *i = NULL;
    if (map == X86_MAP_0F) {
        i = &map_0f[p][opcode];
    } else if (map == X86_MAP_0F38 && p <= P_66) {
        i = p == P_66 ? &map_0f38_66[opcode] : &map_0f38_none[opcode];
    } else if (map == X86_MAP_0F3A && p <= P_66) {
        i = p == P_66 ? &map_0f3a_66[opcode] : &map_0f3a_none[opcode];
    }
    return i && i->translate ? i : NULL;
}

const X86Simd *x86_simd_lookup(unsigned map, unsigned prefix, unsigned opcode, bool vex, bool *mmx)
{
    const X86Simd *i = entry(map, prefix, opcode);
    *mmx = false;
    if (vex) {
        return i && i->vex ? i : NULL;
    }
    if (i && i->feature) {
        return i;
    }
    if (prefix == 0 && !i) {
        i = entry(map, 0x66, opcode);
    }
    *mmx = true;
    return prefix == 0 && i && i->mmx ? i : NULL;
}

bool x86_simd_has_feature(const X86Translate *s, X86SimdFeature feature)
{
    /* All of the first that are named, or the last. */
    static const struct { uint16_t first, second, instead; } bits[SIMD_FEATURES] = {
        [SIMD_MMX] = { X86_NEEDS(FEAT_1_EDX, 23) }, [SIMD_MMXEXT] = { X86_NEEDS(FEAT_1_EDX, 25), 0, X86_NEEDS(FEAT_8000_0001_EDX, 22) },
        [SIMD_SSE] = { X86_NEEDS(FEAT_1_EDX, 25) }, [SIMD_SSE2] = { X86_NEEDS(FEAT_1_EDX, 26) }, [SIMD_SSE3] = { X86_NEEDS(FEAT_1_ECX, 0) },
        [SIMD_SSSE3] = { X86_NEEDS(FEAT_1_ECX, 9) }, [SIMD_SSE41] = { X86_NEEDS(FEAT_1_ECX, 19) }, [SIMD_SSE42] = { X86_NEEDS(FEAT_1_ECX, 20) },
        [SIMD_SSE4A] = { X86_NEEDS(FEAT_8000_0001_ECX, 6) }, [SIMD_AES] = { X86_NEEDS(FEAT_1_ECX, 25) }, [SIMD_PCLMUL] = { X86_NEEDS(FEAT_1_ECX, 1) },
        [SIMD_SHA] = { X86_NEEDS(FEAT_7_0_EBX, 29) }, [SIMD_AVX] = { X86_NEEDS(FEAT_1_ECX, 28) }, [SIMD_AVX2] = { X86_NEEDS(FEAT_7_0_EBX, 5) },
        [SIMD_FMA] = { X86_NEEDS(FEAT_1_ECX, 12) }, [SIMD_F16C] = { X86_NEEDS(FEAT_1_ECX, 29) }, [SIMD_VAES] = { X86_NEEDS(FEAT_7_0_ECX, 9) },
        [SIMD_AVX_AES] = { X86_NEEDS(FEAT_1_ECX, 28), X86_NEEDS(FEAT_1_ECX, 25) }, [SIMD_AVX_PCLMUL] = { X86_NEEDS(FEAT_1_ECX, 28), X86_NEEDS(FEAT_1_ECX, 1) },
        [SIMD_VPCLMUL] = { X86_NEEDS(FEAT_7_0_ECX, 10) }, [SIMD_GFNI] = { X86_NEEDS(FEAT_7_0_ECX, 8) },
        [SIMD_AVX_GFNI] = { X86_NEEDS(FEAT_1_ECX, 28), X86_NEEDS(FEAT_7_0_ECX, 8) },
    };
    const uint16_t first = bits[feature].first, second = bits[feature].second, instead = bits[feature].instead;
#define HAS(need) ((need) && x86_feature(s, ((need) - 1) >> 6, ((need) - 1) & 63))
    return (HAS(first) && (!second || HAS(second))) || HAS(instead);
#undef HAS
}
