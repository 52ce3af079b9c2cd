/*
 * Control transfer records of jumps and branches, where the mode says that they are on.
 *
 * The RISC-V Instruction Set Manual, volume II (20250508), "Smctr": "Transfer Type Filtering".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

void rv_record(RvTranslate *s, RiscvTransfer type, IrRef target)
{
    if (s->mode & RV_MODE_CTR) {
        RV_CALL(s, ctr_record, rv_i32(s, type), ir_pc(s->b, s->start), target);
    }
}

void rv_record_branch(RvTranslate *s, IrRef taken, int64_t target)
{
    if (s->mode & RV_MODE_CTR) {
        IrRef type = ir_op3(s->b, IR_SELECT, IR_I32, taken, rv_i32(s, CTR_TAKEN_BRANCH), rv_i32(s, CTR_NOT_TAKEN_BRANCH));
        RV_CALL(s, ctr_record, type, ir_pc(s->b, s->start), ir_op3(s->b, IR_SELECT, IR_I64, taken, ir_pc(s->b, target), ir_pc(s->b, s->next)));
    }
}

RiscvTransfer rv_direct_transfer(unsigned rd) { return rv_is_link(rd) ? CTR_DIRECT_CALL : rd ? CTR_OTHER_DIRECT : CTR_DIRECT_JUMP; }

RiscvTransfer rv_indirect_transfer(unsigned rd, unsigned rs1)
{
    if (rv_is_link(rd)) {
        return rv_is_link(rs1) && rs1 != rd ? CTR_COROUTINE_SWAP : CTR_INDIRECT_CALL;
    }
    return rv_is_link(rs1) ? CTR_RETURN : rd ? CTR_OTHER_INDIRECT : CTR_INDIRECT_JUMP;
}
