/*
 * Vector ops: the host's SSE instructions, in their VEX form where the host has AVX. What it lacks is done by C code (call.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"

/* ---- moves ---- */

static void plain(Compiler *c, uint32_t op, bool wide, unsigned reg, Place rm, int imm)
{
    if (c->e.vex) {
        emit_vex(&c->e, op, wide, reg, NO_REG, rm, imm >= 0);
    } else {
        emit_op(&c->e, op, reg, rm, imm >= 0);
    }
    if (imm >= 0) {
        emit8(&c->e, imm);
    }
}

void vmov(Compiler *c, unsigned to, unsigned from, IrType t)
{
    if (to != from) {
        plain(c, OP(MAP_0F, PP_NONE, 0x28), t == IR_V256, to, at_reg(from), -1);
    }
}

void vload(Compiler *c, unsigned to, Place mem, unsigned bytes)
{
    static const uint32_t ops[2] = { OP(MAP_0F, PP_F3, 0x10), OP(MAP_0F, PP_F2, 0x10) };
    plain(c, bytes == 4 ? ops[0] : bytes == 8 ? ops[1] : OP(MAP_0F, PP_NONE, 0x10), bytes == 32, to, mem, -1);
}

void vstore(Compiler *c, Place mem, unsigned from, unsigned bytes)
{
    static const uint32_t ops[2] = { OP(MAP_0F, PP_F3, 0x11), OP(MAP_0F, PP_F2, 0x11) };
    plain(c, bytes == 4 ? ops[0] : bytes == 8 ? ops[1] : OP(MAP_0F, PP_NONE, 0x11), bytes == 32, from, mem, -1);
}

void vop3(Compiler *c, uint32_t op, bool wide, unsigned to, unsigned a, Place b, int imm)
{
    Emitter *e = &c->e;
    if (e->vex) {
        emit_vex(e, op, wide, to, a, b, imm >= 0);
    } else {
        if (to != a && b.kind == PLACE_REG && b.reg == to) {
            vmov(c, XMM14, b.reg, IR_V128);
            b = at_reg(XMM14);
        }
        vmov(c, to, a, IR_V128);
        emit_op(e, op, to, b, imm >= 0);
    }
    if (imm >= 0) {
        emit8(e, imm);
    }
}

/* ---- what has one instruction ---- */

typedef enum VectorKind {
    V_NONE, V_TWO, V_ONE, V_TWO_IMM, V_ONE_IMM, V_SHIFT_IMM,
} VectorKind;
typedef struct VectorOp { uint32_t op; uint8_t kind, n; uint16_t needs; bool floating; } VectorOp;    /* n: of SHIFT_IMM, its /n */

#define INT2(opcode) { OP(MAP_0F, PP_66, opcode), V_TWO, 0, 0, false }
#define INT2_38(opcode, host) { OP(MAP_0F38, PP_66, opcode), V_TWO, 0, host, false }
#define INT1_38(opcode, host) { OP(MAP_0F38, PP_66, opcode), V_ONE, 0, host, false }
#define SHIFT(opcode, digit) { OP(MAP_0F, PP_66, opcode), V_SHIFT_IMM, digit, 0, false }
#define IMM2_3A(opcode, host) { OP(MAP_0F3A, PP_66, opcode), V_TWO_IMM, 0, host, false }
#define FLOAT2(pp, opcode) { OP(MAP_0F, pp, opcode), V_TWO, 0, 0, true }
#define FLOAT1(pp, opcode) { OP(MAP_0F, pp, opcode), V_ONE, 0, 0, true }
#define PACKED(opcode) { [2] = FLOAT2(PP_NONE, opcode), [3] = FLOAT2(PP_66, opcode) }

/* By op and sub. */
static const VectorOp vector_ops[][4] = {
    [IR_VAND - IR_VAND] = { INT2(0xdb), INT2(0xdb), INT2(0xdb), INT2(0xdb) },
    [IR_VOR - IR_VAND] = { INT2(0xeb), INT2(0xeb), INT2(0xeb), INT2(0xeb) },
    [IR_VXOR - IR_VAND] = { INT2(0xef), INT2(0xef), INT2(0xef), INT2(0xef) },
    [IR_VANDN - IR_VAND] = { INT2(0xdf), INT2(0xdf), INT2(0xdf), INT2(0xdf) },
    [IR_VADD - IR_VAND] = { INT2(0xfc), INT2(0xfd), INT2(0xfe), INT2(0xd4) },
    [IR_VSUB - IR_VAND] = { INT2(0xf8), INT2(0xf9), INT2(0xfa), INT2(0xfb) },
    [IR_VMUL - IR_VAND] = { [1] = INT2(0xd5), [2] = INT2_38(0x40, HOST_SSE41) },
    [IR_VMULHI_U - IR_VAND] = { [1] = INT2(0xe4) },
    [IR_VMULHI_S - IR_VAND] = { [1] = INT2(0xe5) },
    [IR_VMULHRS - IR_VAND] = { INT2_38(0x0b, HOST_SSSE3), INT2_38(0x0b, HOST_SSSE3) },
    [IR_VMULX_U - IR_VAND] = { INT2(0xf4), INT2(0xf4), INT2(0xf4), INT2(0xf4) },
    [IR_VMULX_S - IR_VAND] = { INT2_38(0x28, HOST_SSE41), INT2_38(0x28, HOST_SSE41), INT2_38(0x28, HOST_SSE41), INT2_38(0x28, HOST_SSE41) },
    [IR_VMADD_S16 - IR_VAND] = { INT2(0xf5), INT2(0xf5), INT2(0xf5), INT2(0xf5) },
    [IR_VMADD_U8S8 - IR_VAND] = { INT2_38(0x04, HOST_SSSE3), INT2_38(0x04, HOST_SSSE3), INT2_38(0x04, HOST_SSSE3), INT2_38(0x04, HOST_SSSE3) },
    [IR_VSAD_U8 - IR_VAND] = { INT2(0xf6), INT2(0xf6), INT2(0xf6), INT2(0xf6) },
    [IR_VMPSAD - IR_VAND] = { IMM2_3A(0x42, HOST_SSE41), IMM2_3A(0x42, HOST_SSE41), IMM2_3A(0x42, HOST_SSE41), IMM2_3A(0x42, HOST_SSE41) },
    [IR_VPHMINPOS - IR_VAND] = { INT1_38(0x41, HOST_SSE41), INT1_38(0x41, HOST_SSE41), INT1_38(0x41, HOST_SSE41), INT1_38(0x41, HOST_SSE41) },
    [IR_VADDS_U - IR_VAND] = { INT2(0xdc), INT2(0xdd) },
    [IR_VADDS_S - IR_VAND] = { INT2(0xec), INT2(0xed) },
    [IR_VSUBS_U - IR_VAND] = { INT2(0xd8), INT2(0xd9) },
    [IR_VSUBS_S - IR_VAND] = { INT2(0xe8), INT2(0xe9) },
    [IR_VMIN_U - IR_VAND] = { INT2(0xda), INT2_38(0x3a, HOST_SSE41), INT2_38(0x3b, HOST_SSE41) },
    [IR_VMIN_S - IR_VAND] = { INT2_38(0x38, HOST_SSE41), INT2(0xea), INT2_38(0x39, HOST_SSE41) },
    [IR_VMAX_U - IR_VAND] = { INT2(0xde), INT2_38(0x3e, HOST_SSE41), INT2_38(0x3f, HOST_SSE41) },
    [IR_VMAX_S - IR_VAND] = { INT2_38(0x3c, HOST_SSE41), INT2(0xee), INT2_38(0x3d, HOST_SSE41) },
    [IR_VAVG_U - IR_VAND] = { INT2(0xe0), INT2(0xe3) },
    [IR_VABS - IR_VAND] = { INT1_38(0x1c, HOST_SSSE3), INT1_38(0x1d, HOST_SSSE3), INT1_38(0x1e, HOST_SSSE3) },
    [IR_VSIGN - IR_VAND] = { INT2_38(0x08, HOST_SSSE3), INT2_38(0x09, HOST_SSSE3), INT2_38(0x0a, HOST_SSSE3) },
    [IR_VHADD - IR_VAND] = { [1] = INT2_38(0x01, HOST_SSSE3), [2] = INT2_38(0x02, HOST_SSSE3) },
    [IR_VHADDS - IR_VAND] = { [1] = INT2_38(0x03, HOST_SSSE3) },
    [IR_VHSUB - IR_VAND] = { [1] = INT2_38(0x05, HOST_SSSE3), [2] = INT2_38(0x06, HOST_SSSE3) },
    [IR_VHSUBS - IR_VAND] = { [1] = INT2_38(0x07, HOST_SSSE3) },
    [IR_VCMPEQ - IR_VAND] = { INT2(0x74), INT2(0x75), INT2(0x76), INT2_38(0x29, HOST_SSE41) },
    [IR_VCMPGT_S - IR_VAND] = { INT2(0x64), INT2(0x65), INT2(0x66), INT2_38(0x37, HOST_SSE42) },
    [IR_VSHL_IMM - IR_VAND] = { [1] = SHIFT(0x71, 6), [2] = SHIFT(0x72, 6), [3] = SHIFT(0x73, 6) },
    [IR_VSHR_IMM - IR_VAND] = { [1] = SHIFT(0x71, 2), [2] = SHIFT(0x72, 2), [3] = SHIFT(0x73, 2) },
    [IR_VSAR_IMM - IR_VAND] = { [1] = SHIFT(0x71, 4), [2] = SHIFT(0x72, 4) },
    [IR_VSHL - IR_VAND] = { [1] = INT2(0xf1), [2] = INT2(0xf2), [3] = INT2(0xf3) },
    [IR_VSHR - IR_VAND] = { [1] = INT2(0xd1), [2] = INT2(0xd2), [3] = INT2(0xd3) },
    [IR_VSAR - IR_VAND] = { [1] = INT2(0xe1), [2] = INT2(0xe2) },
#define EACH(opcode) OP(MAP_0F38, PP_66, opcode)
    [IR_VSHL_EACH - IR_VAND] = { [2] = { EACH(0x47), V_TWO, 0, HOST_AVX2, false }, [3] = { EACH(0x47) | OP_W, V_TWO, 0, HOST_AVX2, false } },
    [IR_VSHR_EACH - IR_VAND] = { [2] = { EACH(0x45), V_TWO, 0, HOST_AVX2, false }, [3] = { EACH(0x45) | OP_W, V_TWO, 0, HOST_AVX2, false } },
    [IR_VSAR_EACH - IR_VAND] = { [2] = { EACH(0x46), V_TWO, 0, HOST_AVX2, false } },
    [IR_VPERMIL - IR_VAND] = { [2] = { EACH(0x0c), V_TWO, 0, HOST_AVX, true }, [3] = { EACH(0x0d), V_TWO, 0, HOST_AVX, true } },
    [IR_VPERM_I32 - IR_VAND] = { { EACH(0x36), V_TWO, 0, HOST_AVX2, false } },
    [IR_VPERM_I64 - IR_VAND] = { { OP(MAP_0F3A, PP_66, 0x00) | OP_W, V_ONE_IMM, 0, HOST_AVX2, false } },
    [IR_VSHL_BYTES - IR_VAND] = { SHIFT(0x73, 7), SHIFT(0x73, 7), SHIFT(0x73, 7), SHIFT(0x73, 7) },
    [IR_VSHR_BYTES - IR_VAND] = { SHIFT(0x73, 3), SHIFT(0x73, 3), SHIFT(0x73, 3), SHIFT(0x73, 3) },
    [IR_VALIGNR - IR_VAND] = { IMM2_3A(0x0f, HOST_SSSE3), IMM2_3A(0x0f, HOST_SSSE3), IMM2_3A(0x0f, HOST_SSSE3), IMM2_3A(0x0f, HOST_SSSE3) },
    [IR_VPACK_SS - IR_VAND] = { [1] = INT2(0x63), [2] = INT2(0x6b) },
    [IR_VPACK_US - IR_VAND] = { [1] = INT2(0x67), [2] = INT2_38(0x2b, HOST_SSE41) },
    [IR_VUNPACK_LO - IR_VAND] = { INT2(0x60), INT2(0x61), INT2(0x62), INT2(0x6c) },
    [IR_VUNPACK_HI - IR_VAND] = { INT2(0x68), INT2(0x69), INT2(0x6a), INT2(0x6d) },
#define SHUF(pp) { OP(MAP_0F, pp, 0x70), V_ONE_IMM, 0, 0, false }
    [IR_VSHUF_I32 - IR_VAND] = { SHUF(PP_66), SHUF(PP_66), SHUF(PP_66), SHUF(PP_66) },
    [IR_VSHUF_LO16 - IR_VAND] = { SHUF(PP_F2), SHUF(PP_F2), SHUF(PP_F2), SHUF(PP_F2) },
    [IR_VSHUF_HI16 - IR_VAND] = { SHUF(PP_F3), SHUF(PP_F3), SHUF(PP_F3), SHUF(PP_F3) },
#define SHUFP(pp) { OP(MAP_0F, pp, 0xc6), V_TWO_IMM, 0, 0, true }
    [IR_VSHUF_PS - IR_VAND] = { SHUFP(PP_NONE), SHUFP(PP_NONE), SHUFP(PP_NONE), SHUFP(PP_NONE) },
    [IR_VSHUF_PD - IR_VAND] = { SHUFP(PP_66), SHUFP(PP_66), SHUFP(PP_66), SHUFP(PP_66) },
    [IR_VTABLE8 - IR_VAND] = { INT2_38(0x00, HOST_SSSE3), INT2_38(0x00, HOST_SSSE3), INT2_38(0x00, HOST_SSSE3), INT2_38(0x00, HOST_SSSE3) },
    [IR_VBLEND_IMM - IR_VAND] = { [1] = IMM2_3A(0x0e, HOST_SSE41), [2] = { OP(MAP_0F3A, PP_66, 0x0c), V_TWO_IMM, 0, HOST_SSE41, true },
                                  [3] = { OP(MAP_0F3A, PP_66, 0x0d), V_TWO_IMM, 0, HOST_SSE41, true } },
    [IR_VFADD - IR_VAND] = PACKED(0x58),
    [IR_VFSUB - IR_VAND] = PACKED(0x5c),
    [IR_VFMUL - IR_VAND] = PACKED(0x59),
    [IR_VFDIV - IR_VAND] = PACKED(0x5e),
    [IR_VFMIN - IR_VAND] = PACKED(0x5d),
    [IR_VFMAX - IR_VAND] = PACKED(0x5f),
    [IR_VFSQRT - IR_VAND] = { [2] = FLOAT1(PP_NONE, 0x51), [3] = FLOAT1(PP_66, 0x51) },
    [IR_VFADDSUB - IR_VAND] = { [2] = FLOAT2(PP_F2, 0xd0), [3] = FLOAT2(PP_66, 0xd0) },
    [IR_VFHADD - IR_VAND] = { [2] = FLOAT2(PP_F2, 0x7c), [3] = FLOAT2(PP_66, 0x7c) },
    [IR_VFHSUB - IR_VAND] = { [2] = FLOAT2(PP_F2, 0x7d), [3] = FLOAT2(PP_66, 0x7d) },
    [IR_VFCMP - IR_VAND] = { [2] = { OP(MAP_0F, PP_NONE, 0xc2), V_TWO_IMM, 0, 0, true }, [3] = { OP(MAP_0F, PP_66, 0xc2), V_TWO_IMM, 0, 0, true } },
    [IR_VFROUND - IR_VAND] = { [2] = { OP(MAP_0F3A, PP_66, 0x08), V_ONE_IMM, 0, HOST_SSE41, true },
                               [3] = { OP(MAP_0F3A, PP_66, 0x09), V_ONE_IMM, 0, HOST_SSE41, true } },
    [IR_VFDOT - IR_VAND] = { [2] = { OP(MAP_0F3A, PP_66, 0x40), V_TWO_IMM, 0, HOST_SSE41, true },
                             [3] = { OP(MAP_0F3A, PP_66, 0x41), V_TWO_IMM, 0, HOST_SSE41, true } },
    [IR_VCLMUL - IR_VAND] = { IMM2_3A(0x44, HOST_CLMUL), IMM2_3A(0x44, HOST_CLMUL), IMM2_3A(0x44, HOST_CLMUL), IMM2_3A(0x44, HOST_CLMUL) },
    [IR_VGF2_MUL - IR_VAND] = { INT2_38(0xcf, HOST_GFNI) },
    [IR_VGF2_AFFINE - IR_VAND] = { { OP(MAP_0F3A, PP_66, 0xce) | OP_W, V_TWO_IMM, 0, HOST_GFNI, false } },
    [IR_VGF2_INVERSE - IR_VAND] = { { OP(MAP_0F3A, PP_66, 0xcf) | OP_W, V_TWO_IMM, 0, HOST_GFNI, false } },
};

static bool host_does(const Compiler *c, const IrInsn *insn, const VectorOp *v)
{
    if (v->kind == V_NONE || (v->needs & ~x64.host)) {
        return false;
    }
    if (insn->op == IR_VFCMP && insn->imm >= 8 && !c->e.vex) {
        return false;
    }
    /* SSE3's are taken to be there with SSSE3. */
    if ((insn->op == IR_VFADDSUB || insn->op == IR_VFHADD || insn->op == IR_VFHSUB) && !(x64.host & HOST_SSSE3)) {
        return false;
    }
    if (insn->type != IR_V256) {
        return true;
    }
    if (insn->op == IR_VPHMINPOS || (insn->op == IR_VCLMUL && !(x64.host & HOST_VPCLMUL))) {
        return false;
    }
    return x64.host & (v->floating ? HOST_AVX : HOST_AVX2);
}

static bool by_table(Compiler *c, const IrInsn *insn)
{
    unsigned n = insn->op - IR_VAND;
    if (insn->op < IR_VAND || n >= G_N_ELEMENTS(vector_ops) || insn->sub > 3) {
        return false;
    }
    const VectorOp *v = &vector_ops[n][insn->sub];
    if (!host_does(c, insn, v)) {
        return false;
    }
    bool wide = insn->type == IR_V256;
    unsigned bytes = wide && insn->op != IR_VSHL && insn->op != IR_VSHR && insn->op != IR_VSAR ? 32 : 16, a, to;
    Place b;
    switch ((VectorKind)v->kind) {
    case V_TWO:
    case V_TWO_IMM:
        a = use_xmm(c, insn->a);
        b = use_xmm_place(c, insn->b, bytes);
        to = result_xmm(c);
        vop3(c, v->op, wide, to, a, b, v->kind == V_TWO_IMM ? insn->imm : -1);
        break;
    case V_ONE:
    case V_ONE_IMM:
        b = use_xmm_place(c, insn->a, bytes);
        to = result_xmm(c);
        plain(c, v->op, wide, to, b, v->kind == V_ONE_IMM ? insn->imm : -1);
        break;
    default:
        a = use_xmm(c, insn->a);
        to = result_xmm(c);
        if (c->e.vex) {
            emit_vex(&c->e, v->op, wide, v->n, to & 15, at_reg(a), 1);
        } else {
            vmov(c, to, a, IR_V128);
            emit_op(&c->e, v->op, v->n, at_reg(to), 1);
        }
        emit8(&c->e, insn->imm);
        break;
    }
    define(c, c->at, to);
    return true;
}

/* ---- conversions, whose operand and result differ in width ---- */

typedef struct ConvertOp { uint32_t op; bool by_source; } ConvertOp;     /* by_source: 256 bits when the operand is */

static const ConvertOp *conversion(const IrInsn *insn)
{
    static const ConvertOp ops[][2] = {
        { { OP(MAP_0F, PP_NONE, 0x5b), false }, { OP(MAP_0F, PP_NONE, 0x5b), false } },       /* VCVT_DQ_PS; by imm & 1 */
        { { OP(MAP_0F, PP_66, 0x5b), false }, { OP(MAP_0F, PP_F3, 0x5b), false } },
        { { OP(MAP_0F, PP_F3, 0xe6), false }, { OP(MAP_0F, PP_F3, 0xe6), false } },
        { { OP(MAP_0F, PP_F2, 0xe6), true }, { OP(MAP_0F, PP_66, 0xe6), true } },
        { { OP(MAP_0F, PP_NONE, 0x5a), false }, { OP(MAP_0F, PP_NONE, 0x5a), false } },
        { { OP(MAP_0F, PP_66, 0x5a), true }, { OP(MAP_0F, PP_66, 0x5a), true } },
    };
    return &ops[insn->op - IR_VCVT_DQ_PS][insn->imm & 1];
}

static bool convert(Compiler *c, const IrInsn *insn)
{
    IrType from = type_of(c, insn->a);
    const ConvertOp *v = conversion(insn);
    bool wide = (v->by_source ? from : insn->type) == IR_V256;
    unsigned a = use_xmm(c, insn->a), to = result_xmm(c);
    plain(c, v->op, wide, to, at_reg(a), -1);
    define(c, c->at, to);
    return true;
}

static bool widen(Compiler *c, const IrInsn *insn)
{
    bool wide = insn->type == IR_V256;
    if (!(x64.host & HOST_SSE41) || (wide && !(x64.host & HOST_AVX2)) || insn->sub > 2 || insn->imm <= insn->sub || insn->imm > 3) {
        return false;
    }
    static const uint8_t first[3] = { 0, 3, 5 };
    unsigned opcode = (insn->op == IR_VWIDEN_U ? 0x30 : 0x20) + first[insn->sub] + insn->imm - insn->sub - 1;
    unsigned a = use_xmm(c, insn->a), to = result_xmm(c);
    plain(c, OP(MAP_0F38, PP_66, opcode), wide, to, at_reg(a), -1);
    define(c, c->at, to);
    return true;
}

/* ---- between vectors and integers ---- */

static void move_from_gpr(Compiler *c, unsigned to, Place from, bool wide)
{
    plain(c, OP(MAP_0F, PP_66, 0x6e) | (wide ? OP_W : 0), false, to, from, -1);
}

static bool splat(Compiler *c, const IrInsn *insn)
{
    static const uint8_t broadcasts[4] = { 0x78, 0x79, 0x58, 0x59 };
    bool wide = insn->type == IR_V256;
    if (wide && !(x64.host & HOST_AVX2)) {
        return false;
    }
    unsigned a = use_gpr(c, insn->a), to = alloc_xmm(c, hint_of(c, c->at));
    move_from_gpr(c, to, at_reg(a), insn->sub == 3);
    if (x64.host & HOST_AVX2) {
        plain(c, OP(MAP_0F38, PP_66, broadcasts[insn->sub]), wide, to, at_reg(to), -1);
    } else {
        if (insn->sub == 0) {
            vop3(c, OP(MAP_0F, PP_66, 0x60), false, to, to, at_reg(to), -1);
        }
        if (insn->sub <= 1) {
            plain(c, OP(MAP_0F, PP_F2, 0x70), false, to, at_reg(to), 0);
        }
        plain(c, OP(MAP_0F, PP_66, 0x70), false, to, at_reg(to), insn->sub == 3 ? 0x44 : 0);
    }
    define(c, c->at, to);
    return true;
}

static bool insert(Compiler *c, const IrInsn *insn)
{
    static const uint32_t ops[4] = { OP(MAP_0F3A, PP_66, 0x20), OP(MAP_0F, PP_66, 0xc4), OP(MAP_0F3A, PP_66, 0x22), OP(MAP_0F3A, PP_66, 0x22) | OP_W };
    if (insn->type == IR_V256 || (insn->sub != 1 && !(x64.host & HOST_SSE41))) {
        return false;
    }
    unsigned b = use_gpr(c, insn->b), a = use_xmm(c, insn->a), to = result_xmm(c);
    vop3(c, ops[insn->sub], false, to, a, at_reg(b), insn->imm & ((16 >> insn->sub) - 1));
    define(c, c->at, to);
    return true;
}

static bool extract(Compiler *c, const IrInsn *insn)
{
    if (type_of(c, insn->a) == IR_V256 || (insn->sub != 1 && !(x64.host & HOST_SSE41))) {
        return false;
    }
    unsigned a = use_xmm(c, insn->a), to = alloc_gpr(c, hint_of(c, c->at)), lane = insn->imm & ((16 >> insn->sub) - 1);
    if (insn->sub == 1) {
        plain(c, OP(MAP_0F, PP_66, 0xc5), false, to, at_reg(a), lane);
    } else {
        plain(c, OP(MAP_0F3A, PP_66, insn->sub == 0 ? 0x14 : 0x16) | (insn->sub == 3 ? OP_W : 0), false, a, at_reg(to), lane);
    }
    define(c, c->at, to);
    return true;
}

static bool mask_of_signs(Compiler *c, const IrInsn *insn)
{
    bool wide = type_of(c, insn->a) == IR_V256;
    static const uint32_t ops[4] = { OP(MAP_0F, PP_66, 0xd7), 0, OP(MAP_0F, PP_NONE, 0x50), OP(MAP_0F, PP_66, 0x50) };
    if (!ops[insn->sub] || (wide && insn->sub == 0 && !(x64.host & HOST_AVX2))) {
        return false;
    }
    unsigned a = use_xmm(c, insn->a), to = alloc_gpr(c, hint_of(c, c->at));
    plain(c, ops[insn->sub], wide, to, at_reg(a), -1);
    define(c, c->at, to);
    return true;
}

static void from_int(Compiler *c, const IrInsn *insn)
{
    bool wide = type_of(c, insn->a) == IR_I64;
    Place a = use_place(c, insn->a, wide ? 3 : 2, false);
    unsigned to = alloc_xmm(c, hint_of(c, c->at));
    move_from_gpr(c, to, a, wide);
    define(c, c->at, to);
}

static void to_int(Compiler *c, const IrInsn *insn)
{
    unsigned a = use_xmm(c, insn->a), to = alloc_gpr(c, hint_of(c, c->at));
    plain(c, OP(MAP_0F, PP_66, 0x7e) | (insn->type == IR_I64 ? OP_W : 0), false, a, at_reg(to), -1);
    define(c, c->at, to);
}

/* ---- others ---- */

static bool blend(Compiler *c, const IrInsn *insn)
{
    static const uint8_t opcodes[4] = { 0x4c, 0, 0x4a, 0x4b };
    bool wide = insn->type == IR_V256;
    if (!c->e.vex || !opcodes[insn->sub] || (wide && insn->sub == 0 && !(x64.host & HOST_AVX2))) {
        return false;
    }
    unsigned a = use_xmm(c, insn->a), b = use_xmm(c, insn->b), mask = use_xmm(c, insn->c), to = result_xmm(c);
    emit_vex(&c->e, OP(MAP_0F3A, PP_66, opcodes[insn->sub]), wide, to, a, at_reg(b), 1);
    emit8(&c->e, (mask & 15) << 4);
    define(c, c->at, to);
    return true;
}

static bool test_vector(Compiler *c, const IrInsn *insn)
{
    bool wide = type_of(c, insn->a) == IR_V256;
    if (!(x64.host & HOST_SSE41)) {
        return false;
    }
    unsigned a = use_xmm(c, insn->a);
    Place b = use_xmm_place(c, insn->b, wide ? 32 : 16);
    flags_clobber(c);
    plain(c, OP(MAP_0F38, PP_66, 0x17), wide, a, b, -1);
    c->host_flags = c->at;
    return true;
}

/* The low half, zeroes above: a move that clears, of what may still be in a slot's home. */
static bool clear_above(Compiler *c, const IrInsn *insn)
{
    if (insn->op != IR_VJOIN || !ir_is_const(insn->b) || ir_const_value(c->block, insn->b)->lo || ir_const_value(c->block, insn->b)->hi || ir_is_const(insn->a)) {
        return false;
    }
    const Value *v = value_of(c, insn->a);
    Place from;
    if (v->reg == NO_REG && v->spill < 0 && v->lazy >= 0) {
        from = at_env(x64.target->slots[v->lazy].offset);
    } else {
        from = at_reg(use_xmm(c, insn->a));
    }
    unsigned to = alloc_xmm(c, hint_of(c, c->at));
    plain(c, OP(MAP_0F, PP_NONE, from.kind == PLACE_REG ? 0x28 : 0x10), false, to, from, -1);
    define(c, c->at, to);
    return true;
}

static bool halves(Compiler *c, const IrInsn *insn)
{
    if (!c->e.vex) {
        return false;
    }
    if (clear_above(c, insn)) {
        return true;
    }
    unsigned a = use_xmm(c, insn->a), b, to;
    switch (insn->op) {
    case IR_VLOW:
        to = result_xmm(c);
        vmov(c, to, a, IR_V128);
        break;
    case IR_VHIGH:
        to = result_xmm(c);
        plain(c, OP(MAP_0F3A, PP_66, 0x19), true, a, at_reg(to), 1);
        break;
    default:
        b = use_xmm(c, insn->b);
        to = result_xmm(c);
        vop3(c, OP(MAP_0F3A, PP_66, 0x18), true, to, a, at_reg(b), 1);
        break;
    }
    define(c, c->at, to);
    return true;
}

static bool approximate(Compiler *c, const IrInsn *insn)
{
    unsigned opcode = insn->op == IR_VFRCP ? 0x53 : 0x52;
    bool wide = insn->type == IR_V256;
    unsigned a = use_xmm(c, insn->a), to = result_xmm(c);
    if (insn->imm & 1) {
        vop3(c, OP(MAP_0F, PP_F3, opcode), false, to, a, at_reg(a), -1);
    } else {
        plain(c, OP(MAP_0F, PP_NONE, opcode), wide, to, at_reg(a), -1);
    }
    define(c, c->at, to);
    return true;
}

/*
 * op is that of the form 132; 213 and 231 stand 16 and 32 behind it. The result goes to the register of the operand that the value says, else of one that is not wanted
 * any more: a (132: a * b + c), b (213: a * b + c with b and c in the places), or c (231).
 */
void emit_multiply_add(Compiler *c, const IrInsn *insn, uint32_t op, unsigned bytes)
{
    bool wide = bytes == 32;
    unsigned keep = c->v[c->at].keep;
    if (!keep) {
        keep = dies(c, insn->c) ? 3 : dies(c, insn->a) && !ir_is_const(insn->a) ? 1 : dies(c, insn->b) && !ir_is_const(insn->b) ? 2 : 3;
    }
    unsigned second, to;
    Place third;
    switch (keep) {
    case 1:
        second = use_xmm(c, insn->c);
        third = use_xmm_place(c, insn->b, bytes);
        to = use_copy_xmm(c, insn->a);
        break;
    case 2:
        second = use_xmm(c, insn->a);
        third = use_xmm_place(c, insn->c, bytes);
        to = use_copy_xmm(c, insn->b);
        break;
    default:
        second = use_xmm(c, insn->a);
        third = use_xmm_place(c, insn->b, bytes);
        to = use_copy_xmm(c, insn->c);
        break;
    }
    emit_vex(&c->e, op + 16 * (keep - 1), wide, to, second, third, 0);
    define(c, c->at, to);
}

static bool multiply_add(Compiler *c, const IrInsn *insn)
{
    if (!(x64.host & HOST_FMA)) {
        return false;
    }
    emit_multiply_add(c, insn, OP(MAP_0F38, PP_66, insn->imm < 4 ? 0x98 + 2 * insn->imm : 0x92 + insn->imm) | (insn->sub == 3 ? OP_W : 0), insn->type == IR_V256 ? 32 : 16);
    return true;
}

static bool aes(Compiler *c, const IrInsn *insn)
{
    bool wide = insn->type == IR_V256;
    if (!(x64.host & HOST_AES) || (wide && !(x64.host & HOST_VAES))) {
        return false;
    }
    unsigned a = use_xmm(c, insn->a), to;
    if (insn->op == IR_VAES_IMC || insn->op == IR_VAES_KEYGEN) {
        to = result_xmm(c);
        bool imc = insn->op == IR_VAES_IMC;
        plain(c, imc ? OP(MAP_0F38, PP_66, 0xdb) : OP(MAP_0F3A, PP_66, 0xdf), false, to, at_reg(a), imc ? -1 : insn->imm);
    } else {
        Place b = use_xmm_place(c, insn->b, wide ? 32 : 16);
        to = result_xmm(c);
        vop3(c, OP(MAP_0F38, PP_66, (insn->op == IR_VAES_ENC ? 0xdc : 0xde) + (insn->imm & 1)), wide, to, a, b, -1);
    }
    define(c, c->at, to);
    return true;
}

static void zero_upper(Compiler *c, const IrInsn *insn)
{
    Place a = use_xmm_place(c, insn->a, 16);
    unsigned to = result_xmm(c);
    plain(c, OP(MAP_0F, PP_F3, 0x7e), false, to, a, -1);
    define(c, c->at, to);
}

/* ---- state without a slot ---- */

static void copy_wide(Compiler *c, Place to, Place from)
{
    for (unsigned at = 0; at < 32; at += 16) {
        vload(c, XMM14, place_beyond(from, at), 16);
        vstore(c, place_beyond(to, at), XMM14, 16);
    }
}

void emit_state(Compiler *c, const IrInsn *insn)
{
    bool reads = insn->op == IR_STATE_READ;
    IrType t = reads ? insn->type : type_of(c, insn->a);
    Place home = at_env(reads ? insn->a : insn->b);
    if (is_memory_type(t)) {
        reads ? copy_wide(c, spill_place(c, c->at), home) : copy_wide(c, home, peek_place(c, insn->a, 3));
    } else if (!reads) {
        t == IR_I64 ? emit_store(&c->e, 3, home, use_gpr(c, insn->a)) : vstore(c, home, use_xmm(c, insn->a), slot_bytes(t));
    } else {
        unsigned to = t == IR_I64 ? alloc_gpr(c, hint_of(c, c->at)) : alloc_xmm(c, hint_of(c, c->at));
        t == IR_I64 ? emit_load(&c->e, true, to, home) : vload(c, to, home, slot_bytes(t));
        define(c, c->at, to);
    }
}

bool emit_vector(Compiler *c, const IrInsn *insn)
{
    if (insn->op < IR_VAND) {
        return false;
    }
    for (unsigned i = 0; i < ir_op_info[insn->op].nargs; i++) {
        if (is_memory_type(type_of(c, i == 0 ? insn->a : i == 1 ? insn->b : insn->c))) {
            return false;
        }
    }
    if (is_memory_type(insn->type)) {
        return false;
    }
    if (by_table(c, insn)) {
        return true;
    }
    switch (insn->op) {
    case IR_VCVT_DQ_PS:
    case IR_VCVT_PS_DQ:
    case IR_VCVT_DQ_PD:
    case IR_VCVT_PD_DQ:
    case IR_VCVT_PS_PD:
    case IR_VCVT_PD_PS:
        return convert(c, insn);
    case IR_VWIDEN_U:
    case IR_VWIDEN_S:
        return widen(c, insn);
    case IR_VSPLAT:
        return splat(c, insn);
    case IR_VFROM_INT:
        from_int(c, insn);
        return true;
    case IR_VTO_INT:
        to_int(c, insn);
        return true;
    case IR_VINSERT:
        return insert(c, insn);
    case IR_VEXTRACT:
        return extract(c, insn);
    case IR_VMOVMSK:
        return mask_of_signs(c, insn);
    case IR_VBLEND:
        return blend(c, insn);
    case IR_VTEST:
        return test_vector(c, insn);
    case IR_VLOW:
    case IR_VHIGH:
    case IR_VJOIN:
        return halves(c, insn);
    case IR_VFRCP:
    case IR_VFRSQRT:
        return approximate(c, insn);
    case IR_VFMA:
        return multiply_add(c, insn);
    case IR_VAES_ENC:
    case IR_VAES_DEC:
    case IR_VAES_IMC:
    case IR_VAES_KEYGEN:
        return aes(c, insn);
    case IR_VZERO_UPPER:
        zero_upper(c, insn);
        return true;
    default:
        return false;
    }
}
