/*
 * Far transfers (far.c). bytes: the operand size, 2, 4 or 8. next_pc: of the instruction behind. false: an exception was recorded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_FAR_H
#define TARGET_I386_FAR_H

#include "target/i386/internal.h"

bool x86_far_jump(X86Cpu *cpu, uint16_t selector, uint64_t offset, uint64_t next_pc);
bool x86_far_call(X86Cpu *cpu, uint16_t selector, uint64_t offset, unsigned bytes, uint64_t next_pc);
bool x86_far_return(X86Cpu *cpu, unsigned bytes, unsigned release);
bool x86_iret(X86Cpu *cpu, unsigned bytes, uint64_t next_pc);

#endif
