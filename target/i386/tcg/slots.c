/*
 * The table of slots: names, homes in X86Cpu, and which of them deserve a host register between blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/slots.h"
#include "target/i386/cpu.h"
#include "tcg/hot.h"

/* Stack pointer, accumulator and the argument registers of the usual calling conventions come first. */
#define GPR(reg, slot_name, priority) \
    [SLOT_RAX + (reg)] = { .name = slot_name, .type = IR_I64, .offset = offsetof(X86Cpu, regs) + 8 * (reg), .pin_priority = (priority) }
#define SEGMENT(seg, slot_name) \
    [SLOT_ES_BASE + (seg)] = { .name = slot_name "_base", .type = IR_I64, .offset = offsetof(X86Cpu, segs[seg].base) }, \
    [SLOT_ES_SELECTOR + (seg)] = { .name = slot_name "_selector", .type = IR_I32, .offset = offsetof(X86Cpu, segs[seg].selector) }, \
    [SLOT_ES_LIMIT + (seg)] = { .name = slot_name "_limit", .type = IR_I32, .offset = offsetof(X86Cpu, segs[seg].limit) }
#define MM(n) [SLOT_MM0 + (n)] = { .name = "mm" #n, .type = IR_I64, .offset = offsetof(X86Cpu, fpr[n]) }
#define FPE(n) [SLOT_FPE0 + (n)] = { .name = "fpe" #n, .type = IR_I32, .offset = offsetof(X86Cpu, fpr[n]) + 8 }
#define FPU(slot, slot_type, field) [slot] = { .name = #field, .type = slot_type, .offset = offsetof(X86Cpu, field) }
#define VECTOR(n) \
    [SLOT_XMM0 + (n)] = { .name = "xmm" #n, .type = IR_V128, .offset = offsetof(X86Cpu, ymm[n]), .overlap = 1 + (n) }, \
    [SLOT_YMM0 + (n)] = { .name = "ymm" #n, .type = IR_V256, .offset = offsetof(X86Cpu, ymm[n]), .overlap = 1 + (n) }

const IrSlot x86_slots[X86_NR_SLOTS] = {
    GPR(R_ESP, "rsp", 1), GPR(R_EAX, "rax", 2), GPR(R_EDX, "rdx", 3), GPR(R_ECX, "rcx", 4), GPR(R_EBX, "rbx", 5), GPR(R_ESI, "rsi", 6),
    GPR(R_EDI, "rdi", 7), GPR(R_EBP, "rbp", 8), GPR(R_R8, "r8", 9), GPR(R_R9, "r9", 10), GPR(R_R10, "r10", 11), GPR(R_R12, "r12", 12),
    GPR(R_R11, "r11", 13), GPR(R_R13, "r13", 14), GPR(R_R14, "r14", 15), GPR(R_R15, "r15", 16),
    [SLOT_PC] = { .name = "pc", .type = IR_I64, .offset = offsetof(X86Cpu, pc) },
    [SLOT_PC_BASE] = { .name = "pc_base", .type = IR_I64, .offset = offsetof(Cpu, hot) + offsetof(TcgHot, pc_base) },
    [SLOT_FLAGS] = { .name = "flags", .type = IR_FLAGS, .offset = offsetof(X86Cpu, flags) },
    [SLOT_DF] = { .name = "df", .type = IR_I32, .offset = offsetof(X86Cpu, df) },
    [SLOT_EFLAGS] = { .name = "eflags", .type = IR_I32, .offset = offsetof(X86Cpu, eflags) },
    [SLOT_KERNEL_GS_BASE] = { .name = "kernel_gs_base", .type = IR_I64, .offset = offsetof(X86Cpu, kernel_gs_base) },
    [SLOT_LAST_JUMP] = { .name = "last_jump", .type = IR_I32, .offset = offsetof(X86Cpu, last_jump) },
    [SLOT_REQUEST] = { .name = "request", .type = IR_I32, .offset = offsetof(Cpu, interrupt_request) },
    [SLOT_INHIBIT] = { .name = "inhibit_irq", .type = IR_I32, .offset = offsetof(X86Cpu, inhibit_irq) },
    SEGMENT(R_ES, "es"), SEGMENT(R_CS, "cs"), SEGMENT(R_SS, "ss"), SEGMENT(R_DS, "ds"), SEGMENT(R_FS, "fs"), SEGMENT(R_GS, "gs"),
    MM(0), MM(1), MM(2), MM(3), MM(4), MM(5), MM(6), MM(7),
    VECTOR(0), VECTOR(1), VECTOR(2), VECTOR(3), VECTOR(4), VECTOR(5), VECTOR(6), VECTOR(7),
    VECTOR(8), VECTOR(9), VECTOR(10), VECTOR(11), VECTOR(12), VECTOR(13), VECTOR(14), VECTOR(15),
    FPE(0), FPE(1), FPE(2), FPE(3), FPE(4), FPE(5), FPE(6), FPE(7),
    FPU(SLOT_FPU_TOP, IR_I32, fpu_top), FPU(SLOT_FPU_EMPTY, IR_I64, fpu_empty), FPU(SLOT_FPU_PENDING, IR_I32, fpu_pending),
    FPU(SLOT_FPU_NO_STORE, IR_I32, fpu_no_store), FPU(SLOT_FPU_OPCODE, IR_I32, fpu_opcode), FPU(SLOT_FPU_IP, IR_I64, fpu_ip),
    FPU(SLOT_FPU_DP, IR_I64, fpu_dp), FPU(SLOT_FPU_CS, IR_I32, fpu_cs), FPU(SLOT_FPU_DS, IR_I32, fpu_ds), FPU(SLOT_FPU_ON_HOST, IR_I32, fpu_on_host),
};
