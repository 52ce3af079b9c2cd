/*
 * The slots of RISC-V: what translated code reads and writes by number (tcg/slot.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_SLOTS_H
#define TARGET_RISCV_TCG_SLOTS_H

#include "tcg/slot.h"

enum {
    SLOT_X0 = 0,                /* I64, 32 of them; that of x0 is never used */
    SLOT_F0 = 32,               /* F64, 32 of them */
    SLOT_PC = 64, SLOT_PC_BASE, SLOT_RESERVED_ADDRESS, SLOT_RESERVED_VALUE, SLOT_MSTATUS, SLOT_VSSTATUS,
    SLOT_SSCRATCH, SLOT_MSCRATCH, SLOT_SEPC, SLOT_SCAUSE, SLOT_STVAL, SLOT_MEPC, SLOT_MCAUSE, SLOT_MTVAL, SLOT_VL, SLOT_VSTART, SLOT_VTYPE, SLOT_ELP,     /* I64 */
    SLOT_V0,                    /* V128, 32 of them: the low 128 bits of vector registers, all of them where VLEN is 128 */
    RISCV_NR_SLOTS = SLOT_V0 + 32
};

extern const IrSlot riscv_slots[RISCV_NR_SLOTS];

#endif
