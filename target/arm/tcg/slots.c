/*
 * The table of slots: names, homes in ArmCpu, and which registers are kept in the host's between blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/cpu.h"
#include "target/arm/tcg/slots.h"
#include "tcg/hot.h"

#define X(n, priority) [SLOT_X0 + n] = { .name = "x" #n, .type = IR_I64, .offset = offsetof(ArmCpu, x[n]), .pin_priority = priority }
#define V(n) [SLOT_V0 + n] = { .name = "v" #n, .type = IR_V128, .offset = offsetof(ArmCpu, v[n]), .overlap = 1 + (n) }
#define Z(n) [SLOT_Z0 + n] = { .name = "z" #n, .type = IR_V256, .offset = offsetof(ArmCpu, v[n]), .overlap = 1 + (n) }
#define SYSTEM(slot, field) [slot] = { .name = #field, .type = IR_I64, .offset = offsetof(ArmCpu, field) }
#define WORD(slot, field) [slot] = { .name = #field, .type = IR_I32, .offset = offsetof(ArmCpu, field) }

/* Pinned: what compilers use most: the first arguments and temporaries, the stack, the first saved ones. */
const IrSlot arm_slots[ARM_NR_SLOTS] = {
    X(0, 1), X(1, 2), X(2, 3), X(3, 5), X(4, 8), X(5, 0), X(6, 0), X(7, 0), X(8, 9), X(9, 0), X(10, 0), X(11, 0), X(12, 0), X(13, 0), X(14, 0), X(15, 0),
    X(16, 0), X(17, 0), X(18, 0), X(19, 6), X(20, 7), X(21, 10), X(22, 0), X(23, 0), X(24, 0), X(25, 0), X(26, 0), X(27, 0), X(28, 0), X(29, 0), X(30, 0),
    [SLOT_SP] = { .name = "sp", .type = IR_I64, .offset = offsetof(ArmCpu, x[31]), .pin_priority = 4 },
    V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7), V(8), V(9), V(10), V(11), V(12), V(13), V(14), V(15),
    V(16), V(17), V(18), V(19), V(20), V(21), V(22), V(23), V(24), V(25), V(26), V(27), V(28), V(29), V(30), V(31),
    SYSTEM(SLOT_PC, pc), [SLOT_PC_BASE] = { .name = "pc_base", .type = IR_I64, .offset = offsetof(Cpu, hot) + offsetof(TcgHot, pc_base) },
    [SLOT_FLAGS] = { .name = "nzcv", .type = IR_FLAGS, .offset = offsetof(ArmCpu, nzcv) }, WORD(SLOT_DAIF, daif),
    SYSTEM(SLOT_EXCLUSIVE_ADDRESS, exclusive_address), SYSTEM(SLOT_EXCLUSIVE_LOW, exclusive_low), SYSTEM(SLOT_EXCLUSIVE_HIGH, exclusive_high),
    SYSTEM(SLOT_TPIDR_EL0, tpidr_el[0]), SYSTEM(SLOT_TPIDR_EL1, tpidr_el[1]), SYSTEM(SLOT_TPIDR_EL2, tpidr_el[2]), SYSTEM(SLOT_TPIDRRO_EL0, tpidrro_el0),
    SYSTEM(SLOT_SP_EL0, sp_el[0]), SYSTEM(SLOT_ELR_EL1, elr_el[1]), SYSTEM(SLOT_SPSR_EL1, spsr_el[1]), SYSTEM(SLOT_ESR_EL1, esr_el[1]),
    SYSTEM(SLOT_FAR_EL1, far_el[1]), SYSTEM(SLOT_ELR_EL2, elr_el[2]), SYSTEM(SLOT_SPSR_EL2, spsr_el[2]), SYSTEM(SLOT_ESR_EL2, esr_el[2]),
    SYSTEM(SLOT_FAR_EL2, far_el[2]), WORD(SLOT_QC, qc), WORD(SLOT_Q, q_flag), WORD(SLOT_GE, ge), WORD(SLOT_THUMB, thumb),
    WORD(SLOT_IT, it), WORD(SLOT_FPSCR, fpscr_len_stride),
    Z(0), Z(1), Z(2), Z(3), Z(4), Z(5), Z(6), Z(7), Z(8), Z(9), Z(10), Z(11), Z(12), Z(13), Z(14), Z(15),
    Z(16), Z(17), Z(18), Z(19), Z(20), Z(21), Z(22), Z(23), Z(24), Z(25), Z(26), Z(27), Z(28), Z(29), Z(30), Z(31),
};
