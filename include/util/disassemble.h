/*
 * Disassembly by capstone, which is loaded when it is first asked for: few runs need it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_DISASSEMBLE_H
#define UTIL_DISASSEMBLE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct DisassembledInsn { uint64_t address; unsigned size; const uint8_t *bytes; const char *mnemonic, *operands; } DisassembledInsn;

/* Calls fn for each instruction of the bytes (up to max_insns; 0: all); bytes that are none become ".byte". arch and mode as capstone numbers them (CS_ARCH_*, CS_MODE_*);
 * x86 in AT&T syntax. false: there is no capstone, or it does not know the architecture. Any thread. */
bool disassemble(int arch, int mode, uint64_t address, const uint8_t *bytes, size_t size, unsigned max_insns,
                 void (*fn)(const DisassembledInsn *insn, void *opaque), void *opaque);

#endif
