/*
 * The table of slots: names, homes in RiscvCpu, and which of them deserve a host register between blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/slots.h"
#include "target/riscv/cpu.h"
#include "tcg/hot.h"

#define X(n, text, priority) [SLOT_X0 + (n)] = { .name = text, .type = IR_I64, .offset = offsetof(RiscvCpu, x) + 8 * (n), .pin_priority = (priority) }
#define F(n) [SLOT_F0 + (n)] = { .name = "f" #n, .type = IR_F64, .offset = offsetof(RiscvCpu, f) + 8 * (n) }
#define V(n) [SLOT_V0 + (n)] = { .name = "v" #n, .type = IR_V128, .offset = offsetof(RiscvCpu, v) + RISCV_MAX_VLEN_BYTES * (n) }
#define SYSTEM(slot, member) [slot] = { .name = #member, .type = IR_I64, .offset = offsetof(RiscvCpu, member) }

/* What compilers use most: the first arguments and temporaries, the stack, the first saved ones. */
const IrSlot riscv_slots[RISCV_NR_SLOTS] = {
    X(0, "zero", 0), X(1, "ra", 9), X(2, "sp", 3), X(3, "gp", 0), X(4, "tp", 0), X(5, "t0", 0), X(6, "t1", 0), X(7, "t2", 0), X(8, "s0", 7), X(9, "s1", 8),
    X(10, "a0", 2), X(11, "a1", 4), X(12, "a2", 5), X(13, "a3", 6), X(14, "a4", 10), X(15, "a5", 1), X(16, "a6", 0), X(17, "a7", 0), X(18, "s2", 0),
    X(19, "s3", 0), X(20, "s4", 0), X(21, "s5", 0), X(22, "s6", 0), X(23, "s7", 0), X(24, "s8", 0), X(25, "s9", 0), X(26, "s10", 0), X(27, "s11", 0),
    X(28, "t3", 0), X(29, "t4", 0), X(30, "t5", 0), X(31, "t6", 0),
    F(0), F(1), F(2), F(3), F(4), F(5), F(6), F(7), F(8), F(9), F(10), F(11), F(12), F(13), F(14), F(15),
    F(16), F(17), F(18), F(19), F(20), F(21), F(22), F(23), F(24), F(25), F(26), F(27), F(28), F(29), F(30), F(31),
    SYSTEM(SLOT_PC, pc), [SLOT_PC_BASE] = { .name = "pc_base", .type = IR_I64, .offset = offsetof(Cpu, hot) + offsetof(TcgHot, pc_base) },
    SYSTEM(SLOT_RESERVED_ADDRESS, reserved_address), SYSTEM(SLOT_RESERVED_VALUE, reserved_value), SYSTEM(SLOT_MSTATUS, mstatus), SYSTEM(SLOT_VSSTATUS, vsstatus),
    SYSTEM(SLOT_SSCRATCH, sscratch), SYSTEM(SLOT_MSCRATCH, mscratch), SYSTEM(SLOT_SEPC, sepc), SYSTEM(SLOT_SCAUSE, scause), SYSTEM(SLOT_STVAL, stval),
    SYSTEM(SLOT_MEPC, mepc), SYSTEM(SLOT_MCAUSE, mcause), SYSTEM(SLOT_MTVAL, mtval), SYSTEM(SLOT_VL, vl), SYSTEM(SLOT_VSTART, vstart),
    SYSTEM(SLOT_VTYPE, vtype), SYSTEM(SLOT_ELP, elp),
    V(0), V(1), V(2), V(3), V(4), V(5), V(6), V(7), V(8), V(9), V(10), V(11), V(12), V(13), V(14), V(15),
    V(16), V(17), V(18), V(19), V(20), V(21), V(22), V(23), V(24), V(25), V(26), V(27), V(28), V(29), V(30), V(31),
};
