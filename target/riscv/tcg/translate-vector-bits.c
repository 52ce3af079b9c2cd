/*
 * Vector instructions on bits in IR: Zvkb, Zvbb where a 128-bit op does it, and AES (Zvkned), which is the host's own.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 34.3; Intel SDM, volume 1, 12.13 (AES instructions): the same rounds, but for the place of the key in the
 * equivalent inverse cipher.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate-vector.h"

/* ---- rotation ---- */

/* By a count (I32, below the width) to the right; bytes have no shifts of their own below shift_all. */
static IrRef rotate_all(RvVector *v, IrRef a, IrRef count)
{
    IrRef width_mask = rv_i32(v->s, (8u << v->sew) - 1), back = ir_op2(v->b, IR_AND, IR_I32, ir_op2(v->b, IR_SUB, IR_I32, rv_i32(v->s, 0), count), width_mask);
    return rvv_op(v, IR_VOR, 3, rvv_shift_all(v, SHIFT_RIGHT, v->sew, a, count), rvv_shift_all(v, SHIFT_LEFT, v->sew, a, back));
}

static IrRef rotate_each(RvVector *v, IrRef a, IrRef count)
{
    IrRef back = rvv_op(v, IR_VSUB, v->sew, ir_const_v128(v->b, 0, 0), count);
    IrRef right = rvv_shift_each(v, SHIFT_RIGHT, v->sew, a, count), left = right ? rvv_shift_each(v, SHIFT_LEFT, v->sew, a, back) : 0;
    return left ? rvv_op(v, IR_VOR, 3, right, left) : 0;
}

static IrRef rotate(RvVector *v, unsigned k)
{
    IrRef a = rvv_read(v, v->vs2 + k);
    bool left = v->funct6 == 0x15 && v->funct3 != 3;
    if (rvv_is_vector(v)) {
        IrRef by = rvv_read(v, v->vs1 + k);
        return rotate_each(v, a, left ? rvv_op(v, IR_VSUB, v->sew, ir_const_v128(v->b, 0, 0), by) : by);
    }
    unsigned mask = (8u << v->sew) - 1;
    IrRef count = v->funct3 == 3 ? rv_i32(v->s, (v->vs1 | (v->funct6 & 1) << 5) & mask) : rv_x32(v->s, v->vs1);
    count = left ? ir_op2(v->b, IR_SUB, IR_I32, rv_i32(v->s, 0), count) : count;
    return rotate_all(v, a, ir_op2(v->b, IR_AND, IR_I32, count, rv_i32(v->s, mask)));
}

/* ---- order of bits and bytes ---- */

/* The matrix that turns the bits of a byte round. */
static IrRef reverse_bits(RvVector *v, IrRef a)
{
    const uint64_t anti_diagonal = 0x8040201008040201;
    return rvv_imm(v, IR_VGF2_AFFINE, 0, 0, a, ir_const_v128(v->b, anti_diagonal, anti_diagonal));
}

static IrRef reverse_bytes(RvVector *v, IrRef a)
{
    static const uint64_t order[4] = { 0x0706050403020100, 0x0607040502030001, 0x0405060700010203, 0x0001020304050607 };
    return rvv_op(v, IR_VTABLE8, 0, a, ir_const_v128(v->b, order[v->sew], order[v->sew] + 0x0808080808080808));
}

static IrRef unary(RvVector *v, unsigned k)
{
    IrRef a = rvv_read(v, v->vs2 + k);
    return v->vs1 == 8 ? reverse_bits(v, a) : v->vs1 == 9 ? reverse_bytes(v, a) : reverse_bits(v, reverse_bytes(v, a));
}

/* ---- groups ---- */

static bool has_insn(const RvVector *v, bool opm)
{
    const RiscvCpu *cpu = v->s->cpu;
    bool both = riscv_has(cpu, zvbb) || riscv_has(cpu, zvkb);
    if (opm) {
        return v->funct3 == 2 && v->funct6 == 0x12 && (v->vs1 == 10 ? riscv_has(cpu, zvbb) : (v->vs1 == 8 || v->vs1 == 9) && both);
    }
    return both && (v->funct6 == 0x14 || v->funct6 == 0x15 || (v->funct6 == 0x01 && v->funct3 != 3));
}

static bool shift_widened(RvVector *v)
{
    int emul = v->lmul + 1;
    if (!riscv_has(v->s->cpu, zvbb) || rvv_is_vector(v) || v->sew == 3 || emul > 3 || !rvv_dest_ok(v, emul) || !rvv_aligned(v->vs2, v->lmul)
        || !rvv_source_under_ok(v, emul, v->vs2, v->lmul)) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(emul); k++) {
        results.at[k] = rvv_shift_all(v, SHIFT_LEFT, v->sew + 1, rvv_widened(v, v->vs2, k, v->sew, 1, false), rvv_shift_count(v, v->sew + 1));
    }
    rvv_write(v, v->sew + 1, emul, &results);
    return true;
}

bool rvv_bits(RvVector *v)
{
    bool opm = v->funct3 == 2 || v->funct3 == 6;
    if (!opm && v->funct6 == 0x35) {
        return shift_widened(v);
    }
    if (!has_insn(v, opm) || !rvv_dest_ok(v, v->lmul) || !rvv_aligned(v->vs2, v->lmul) || (!opm && rvv_is_vector(v) && !rvv_aligned(v->vs1, v->lmul))) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = opm ? unary(v, k) : v->funct6 == 0x01 ? rvv_op(v, IR_VANDN, 3, rvv_second(v, k), rvv_read(v, v->vs2 + k)) : rotate(v, k);
        if (!results.at[k]) {
            return false;
        }
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}

/* ---- AES ---- */

static IrRef aes_round(RvVector *v, IrRef state, IrRef key)
{
    const unsigned last = 1;
    switch (v->vs1) {
    case 0: return ir_emit(v->b, IR_VAES_IMC, IR_V128, 0, 0, rvv_imm(v, IR_VAES_DEC, 0, last, state, key), 0, 0);
    case 1: return rvv_imm(v, IR_VAES_DEC, 0, last, state, key);
    case 2: return rvv_imm(v, IR_VAES_ENC, 0, 0, state, key);
    case 3: return rvv_imm(v, IR_VAES_ENC, 0, last, state, key);
    default: return rvv_op(v, IR_VXOR, 3, state, key);
    }
}

bool rvv_crypto(RvVector *v)
{
    bool single = v->funct6 == 0x29;
    if ((v->funct6 != 0x28 && !single) || (v->vs1 > 3 && !(v->vs1 == 7 && single)) || v->masked || v->sew != 2 || v->lmul < 0 || !v->vl_max
        || !riscv_has(v->s->cpu, zvkned) || !rvv_aligned(v->vd, v->lmul) || (single ? !rvv_apart(v->vd, v->lmul, v->vs2, 0) : !rvv_aligned(v->vs2, v->lmul))) {
        return false;
    }
    RvGroup results;
    for (unsigned k = 0; k < rvv_regs(v->lmul); k++) {
        results.at[k] = aes_round(v, rvv_read(v, v->vd + k), rvv_read(v, single ? v->vs2 : v->vs2 + k));
    }
    rvv_write(v, v->sew, v->lmul, &results);
    return true;
}
