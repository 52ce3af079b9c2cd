/*
 * Shadow stacks: instructions that are may-be operations (Zimop, Zcmop) where they are not in force.
 *
 * The RISC-V Instruction Set Manual, volume I (20250508), 32.2 "Zicfiss".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

bool rv_op_ss_push(RvTranslate *s, const RvOperands *o)
{
    if ((s->mode & RV_MODE_SSE) && rv_is_link(o->rs2)) {
        RV_CALL(s, ss_push, rv_x(s, o->rs2));
    }
    return true;
}

/* SSPOPCHK, SSRDP, or a may-be operation. */
bool rv_op_ss_pop(RvTranslate *s, const RvOperands *o)
{
    if ((s->mode & RV_MODE_SSE) && !o->rd && rv_is_link(o->rs1)) {
        RV_CALL(s, ss_pop, rv_x(s, o->rs1));
    } else if ((s->mode & RV_MODE_SSE) && o->rd && !o->rs1) {
        rv_set_x(s, o->rd, RV_CALL0(s, ss_read));
    } else {
        rv_set_x(s, o->rd, rv_i64(s, 0));
    }
    return true;
}

bool rv_op_ss_swap(RvTranslate *s, const RvOperands *o)
{
    rv_set_x(s, o->rd, RV_CALL(s, ss_swap, rv_i32(s, 1u << o->size), rv_x(s, o->rs1), rv_x(s, o->rs2), rv_i64(s, s->insn)));
    return true;
}
