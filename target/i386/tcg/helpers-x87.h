/*
 * The x87's helpers (helpers-x87.def) and what its translator and the target share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_HELPERS_X87_H
#define TARGET_I386_TCG_HELPERS_X87_H

#include "target/i386/tcg/helpers.h"

enum { X87_ENV_32 = 1, X87_ENV_REAL = 2, X87_ENV_REGISTERS = 4 };

#define X87(name, ...) extern IrHelper x86_ir_##name;
#define X87_MEMORY(name, ...) extern IrHelper x86_ir_##name;
#define X87_HOST(name, ...) extern IrHelper x86_ir_##name;
#include "target/i386/tcg/helpers-x87.def"
#undef X87
#undef X87_MEMORY
#undef X87_HOST

/* The x87 as the host's, for translated code (TcgTarget.enter), where it was asked for; back into the CPU's fields where it is there. */
void x86_x87_enter_host(X86Cpu *cpu);
void x86_x87_park(X86Cpu *cpu);
/* X86_FAULT_X87_*. */
void x86_x87_move(X86Cpu *cpu, uint32_t reason);

/* The reason of the fault that ends a store which is not done: nothing is written, the status tells, the instruction is over. */
#define X86_FAULT_NO_STORE(number, length) ((uint32_t)TCG_REASON_TARGET + 0x1000 + ((number) << 4 | (length)))
void x86_x87_no_store(X86Cpu *cpu, unsigned number);
/* #MF, or FERR# where CR0.NE is clear: then the instruction is tried again until the error is gone or ignored. */
void x86_x87_raise(X86Cpu *cpu);

#endif
