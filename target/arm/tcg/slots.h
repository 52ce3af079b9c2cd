/*
 * The slots of Arm: what translated code reads and writes by number (tcg/slot.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_SLOTS_H
#define TARGET_ARM_TCG_SLOTS_H

#include "tcg/slot.h"

enum {
    SLOT_X0 = 0, SLOT_SP = 31,  /* I64, 32 of them; the last is SP of AArch64. AArch32: r0 to r14 are the first 15, zero-extended */
    SLOT_V0 = 32,               /* V128, 32 of them */
    SLOT_PC = 64, SLOT_PC_BASE,
    SLOT_FLAGS,                 /* FLAGS: N is SF, Z is ZF, V is OF, and CF the INVERSE of C */
    SLOT_DAIF,                  /* I32 */
    SLOT_EXCLUSIVE_ADDRESS, SLOT_EXCLUSIVE_LOW, SLOT_EXCLUSIVE_HIGH,     /* I64 */
    SLOT_TPIDR_EL0, SLOT_TPIDR_EL1, SLOT_TPIDR_EL2, SLOT_TPIDRRO_EL0, SLOT_SP_EL0,
    SLOT_ELR_EL1, SLOT_SPSR_EL1, SLOT_ESR_EL1, SLOT_FAR_EL1, SLOT_ELR_EL2, SLOT_SPSR_EL2, SLOT_ESR_EL2, SLOT_FAR_EL2,
    SLOT_QC, SLOT_Q, SLOT_GE, SLOT_THUMB, SLOT_IT, SLOT_FPSCR,   /* I32 */
    SLOT_Z0,                    /* V256, 32 of them: the first 32 bytes of Zn, over Vn. What lies behind has no slots */
    SLOT_Z_END = SLOT_Z0 + 32,
    ARM_NR_SLOTS = SLOT_Z_END
};

extern const IrSlot arm_slots[ARM_NR_SLOTS];

#endif
