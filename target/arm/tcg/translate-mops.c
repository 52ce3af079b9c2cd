/*
 * Memory copy and set (FEAT_MOPS): CPYF*, CPY*, SET*, SETG*. The helper does a piece; where more is left than may keep interrupts waiting, the instruction runs again.
 *
 * DDI 0487, C4.1.94, C6.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/mops.h"
#include "target/arm/tcg/translate-a64.h"

static uint32_t access_of(const ArmTranslate *s, bool read_unpriv, bool write_unpriv)
{
    unsigned own = arm_data_of(s), unpriv = FIELD_GET(s->mode, ARM_MODE_UNPRIV);
    bool checked = s->mode & ARM_MODE_MTE, unpriv_checked = arm_el(s) == 0 ? checked : (s->mode & ARM_MODE_MTE_UNPRIV) != 0;
    uint32_t how = (read_unpriv ? unpriv : own) << MOPS_READ_INDEX_SHIFT | (write_unpriv ? unpriv : own) << MOPS_WRITE_INDEX_SHIFT;
    how |= (read_unpriv ? (uint32_t)MOPS_READ_UNPRIV : 0) | (write_unpriv ? (uint32_t)MOPS_WRITE_UNPRIV : 0);
    return how | ((read_unpriv ? unpriv_checked : checked) ? (uint32_t)MOPS_READ_CHECKED : 0) | ((write_unpriv ? unpriv_checked : checked) ? (uint32_t)MOPS_WRITE_CHECKED : 0);
}

static bool run(ArmTranslate *s, uint32_t how)
{
    IrRef done = ARM_CALL(s, mops, arm_i32(s, s->insn), arm_i32(s, how));
    if (mops_stage(s->insn) != MOPS_PROLOGUE) {
        ir_exit_event_if(s->b, ir_op2(s->b, IR_XOR, IR_I32, done, arm_i32(s, 1)), s->start);
    }
    return true;
}

bool a64_op_mops_copy(ArmTranslate *s, const A64Operands *o)
{
    enum { WRITE_UNPRIV = 1, READ_UNPRIV = 2 };
    if (o->rd == o->rs || o->rd == o->rn || o->rs == o->rn || o->rd == 31 || o->rs == 31 || o->rn == 31) {
        return false;
    }
    return run(s, access_of(s, o->options & READ_UNPRIV, o->options & WRITE_UNPRIV));
}

bool a64_op_mops_set(ArmTranslate *s, const A64Operands *o)
{
    if (o->rd == o->rn || o->rd == o->rs || o->rn == o->rs || o->rd == 31 || o->rn == 31) {
        return false;
    }
    return run(s, access_of(s, false, o->m));
}
