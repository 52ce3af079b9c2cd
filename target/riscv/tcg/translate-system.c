/*
 * System instructions: CSRs, environment calls, returns from traps, WFI, fences of translations, cache blocks.
 *
 * The RISC-V Instruction Set Manual, volume II (20240411), 3.3, 12.2; volume I, 6, 7, 5 (Zifencei), 19 (cache-block operations), 11 (Zimop).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

/* ---- CSRs ---- */

/* Plain registers: no check but of privilege, no effect. The bits that they have not are masked by how they are written. */
static int plain_slot(const RvTranslate *s, unsigned csr)
{
    static const struct { uint16_t csr, slot; } plain[] = {
        { 0x140, SLOT_SSCRATCH }, { 0x142, SLOT_SCAUSE }, { 0x143, SLOT_STVAL }, { 0x340, SLOT_MSCRATCH }, { 0x342, SLOT_MCAUSE }, { 0x343, SLOT_MTVAL },
    };
    if ((s->mode & RV_MODE_VIRT) || rv_priv(s) < (csr >> 8 & 3) || s->rv32 || !NEEDS(s)) {
        return -1;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(plain); i++) {
        if (plain[i].csr == csr) {
            return plain[i].slot;
        }
    }
    return -1;
}

static IrRef changed(RvTranslate *s, unsigned op, IrRef old, IrRef value)
{
    return op == CSR_RW ? value : ir_op2(s->b, op == CSR_RS ? IR_OR : IR_AND, IR_I64, old, op == CSR_RS ? value : ir_op1(s->b, IR_NOT, IR_I64, value));
}

/* Floating-point status is the host's, too. */
static bool is_float_csr(unsigned csr) { return csr >= 1 && csr <= 3; }
/* What changes nothing in how code is translated, nor which interrupts are let through. */
static bool is_quiet(unsigned csr)
{
    static const uint16_t quiet[] = { 0x001, 0x105, 0x106, 0x141, 0x142, 0x143, 0x140, 0x305, 0x306, 0x340, 0x341, 0x342, 0x343, 0x14d, 0x15d };
    for (unsigned i = 0; i < ARRAY_SIZE(quiet); i++) {
        if (quiet[i] == csr) {
            return true;
        }
    }
    return false;
}

bool rv_op_csr(RvTranslate *s, const RvOperands *o)
{
    unsigned csr = o->csr;
    bool write = o->op == CSR_RW || o->rs1 != 0, read = o->rd != 0 || o->op != CSR_RW;
    IrRef value = o->w ? rv_i64(s, o->rs1) : rv_x(s, o->rs1);
    int slot = plain_slot(s, csr);
    if (slot >= 0) {
        IrRef old = ir_read(s->b, slot);
        rv_set_x(s, o->rd, old);
        if (write) {
            ir_write(s->b, slot, changed(s, o->op, old, value));
        }
        return true;
    }
    IrRef spec = rv_i32(s, csr | o->op << 12 | read << 14 | write << 15);
    IrRef old = is_float_csr(csr) ? RV_CALL(s, csr_float, spec, value, rv_i64(s, s->insn)) : RV_CALL(s, csr, spec, value, rv_i64(s, s->insn));
    rv_set_x(s, o->rd, old);
    if (write && !is_quiet(csr)) {
        rv_end_lookup(s);
    }
    return true;
}

/* ---- calls and returns ---- */

bool rv_op_ecall(RvTranslate *s, const RvOperands *o)
{
    unsigned priv = rv_priv(s);
    return rv_fault(s, priv == PRIV_U ? CAUSE_USER_ECALL : priv == PRIV_M ? CAUSE_MACHINE_ECALL
                    : s->mode & RV_MODE_VIRT ? CAUSE_VIRTUAL_SUPERVISOR_ECALL : CAUSE_SUPERVISOR_ECALL);
}

bool rv_op_ebreak(RvTranslate *s, const RvOperands *o)
{
    if (s->next - s->start != 4) {
        return rv_fault(s, CAUSE_BREAKPOINT);
    }
    RV_CALL0(s, ebreak);
    ir_exit_event(s->b);
    s->ended = true;
    return true;
}

bool rv_op_sret(RvTranslate *s, const RvOperands *o)
{
    if (rv_priv(s) < PRIV_S) {
        return s->mode & RV_MODE_VIRT ? rv_virtual(s) : false;
    }
    RV_CALL(s, sret, rv_i64(s, s->insn));
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

bool rv_op_mret(RvTranslate *s, const RvOperands *o)
{
    if (rv_priv(s) != PRIV_M) {
        return false;
    }
    RV_CALL0(s, mret);
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

bool rv_op_mnret(RvTranslate *s, const RvOperands *o)
{
    if (rv_priv(s) != PRIV_M) {
        return false;
    }
    RV_CALL0(s, mnret);
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

bool rv_op_sctrclr(RvTranslate *s, const RvOperands *o)
{
    RV_CALL(s, ctr_clear, rv_i64(s, s->insn));
    return true;
}

bool rv_op_wfi(RvTranslate *s, const RvOperands *o)
{
    RV_CALL(s, wfi, ir_pc(s->b, s->next), rv_i64(s, s->insn));
    ir_exit_event(s->b);
    s->ended = true;
    return true;
}

/* Until a reservation is lost: a short rest. */
bool rv_op_wrs(RvTranslate *s, const RvOperands *o)
{
    rv_end_event(s);
    return true;
}

bool rv_op_pause(RvTranslate *s, const RvOperands *o)
{
    RV_CALL(s, pause, ir_pc(s->b, s->next));
    ir_exit_lookup(s->b);
    s->ended = true;
    return true;
}

/* ---- fences of code and translations ---- */

/* Code is taken away when it is written; what is left is to leave this block, which may have been. */
bool rv_op_fence_i(RvTranslate *s, const RvOperands *o)
{
    rv_end_lookup(s);
    return true;
}

bool rv_op_sfence_vma(RvTranslate *s, const RvOperands *o)
{
    if (rv_priv(s) == PRIV_U) {
        return s->mode & RV_MODE_VIRT ? rv_virtual(s) : false;
    }
    uint32_t which = (o->rs1 ? 1 : 0) | (o->rs2 ? 2 : 0);
    RV_CALL(s, sfence_vma, rv_i32(s, which), rv_x(s, o->rs1), rv_x(s, o->rs2), rv_i64(s, s->insn));
    rv_end_lookup(s);
    return true;
}

bool rv_op_sfence_inval(RvTranslate *s, const RvOperands *o)
{
    if (rv_priv(s) == PRIV_U) {
        return s->mode & RV_MODE_VIRT ? rv_virtual(s) : false;
    }
    return true;
}

/* ---- guests' memory ---- */

bool rv_op_hfence(RvTranslate *s, const RvOperands *o)
{
    RV_CALL(s, hfence, rv_i32(s, o->op == HFENCE_GVMA), rv_i64(s, s->insn));
    rv_end_lookup(s);
    return true;
}

bool rv_op_hlv(RvTranslate *s, const RvOperands *o)
{
    uint32_t spec = o->size | o->sign << 2 | o->w << 3;
    rv_set_x(s, o->rd, RV_CALL(s, hlv, rv_i32(s, spec), rv_x(s, o->rs1), rv_i64(s, s->insn)));
    return true;
}

bool rv_op_hsv(RvTranslate *s, const RvOperands *o)
{
    RV_CALL(s, hsv, rv_i32(s, o->size), rv_x(s, o->rs1), rv_x(s, o->rs2), rv_i64(s, s->insn));
    return true;
}

/* ---- cache blocks ---- */

bool rv_op_cbo(RvTranslate *s, const RvOperands *o)
{
    RV_CALL(s, cbo, rv_i32(s, o->op), rv_x(s, o->rs1), rv_i64(s, s->insn));
    return true;
}

/* ---- may-be operations ---- */

bool rv_op_mop(RvTranslate *s, const RvOperands *o)
{
    rv_set_x(s, o->rd, rv_i64(s, 0));
    return true;
}
