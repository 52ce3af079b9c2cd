/*
 * The state as text (dump.c) and as gdb sees it (gdb.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_DUMP_H
#define TARGET_I386_DUMP_H

#include "target/i386/cpu.h"

void x86_dump_registers(Cpu *cpu, GString *out, bool fpu);
void x86_info_mem(Cpu *cpu, GString *out);
void x86_info_tlb(Cpu *cpu, GString *out);

extern GdbFeature x86_64_gdb_features[], i386_gdb_features[];
int x86_64_gdb_read(Cpu *cpu, int reg, uint8_t *buf);
int x86_64_gdb_write(Cpu *cpu, int reg, const uint8_t *buf, int len);
int i386_gdb_read(Cpu *cpu, int reg, uint8_t *buf);
int i386_gdb_write(Cpu *cpu, int reg, const uint8_t *buf, int len);

#endif
