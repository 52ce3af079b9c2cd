/*
 * Declarations of helpers for the compiler (x86_ir_NAME, from helpers.def), and the helpers that are not system instructions (those: system.h).
 *
 * How to add a group of one's own: a .def file of the same form, and the two inclusions at the end of this file and of helpers.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_HELPERS_H
#define TARGET_I386_TCG_HELPERS_H

#include "target/i386/tcg/slots.h"
#include "target/i386/tcg/system.h"
#include "tcg/helper.h"

/* ---- the trap flag ---- */
/* Ends the instruction that ran with TF set: PC := next_pc, #DB with DR6.BS is recorded. Always leaves. */
void x86_helper_trap_step(Cpu *cpu, uint64_t next_pc);

/* ---- segments ---- */
/* The checks of an access of size bytes (bit 31 of size: a write) at offset in a segment that is null, read-only, execute-only or expands down. */
void x86_helper_check_segment(Cpu *cpu, uint32_t seg, uint64_t offset, uint32_t size);

/* ARPL's store: a word at a linear address, when cond is not 0. */
void x86_helper_store_word_if(Cpu *cpu, uint64_t address, uint32_t value, uint32_t cond);

/* What SLDT, STR, SMSW, SGDT, SIDT store. Plain. */
enum { X86_SYSTEM_LDT, X86_SYSTEM_TR, X86_SYSTEM_MSW, X86_SYSTEM_GDT_BASE, X86_SYSTEM_GDT_LIMIT, X86_SYSTEM_IDT_BASE, X86_SYSTEM_IDT_LIMIT };
uint64_t x86_helper_read_system(Cpu *cpu, uint32_t what);

/* Whether such an access is allowed. */
bool x86_segment_allows(const X86Cpu *cpu, unsigned seg, uint64_t offset, uint64_t size, bool write);

/* ---- strings with a REP prefix: counters, pointers and flags are as the architecture has them when a helper faults. After a bounded number of elements it leaves
 * with PC at the instruction, so that requests are looked at. Result: 1, or with X86_STRING_ONE 0 when the instruction is to be run again ---- */
#define X86_STRING_SIZE_MASK    0x03u   /* log2 of the element */
#define X86_STRING_ADDRESS_SHIFT 2      /* log2 of the bytes of an address: 1, 2, 3 */
#define X86_STRING_SEGMENT_SHIFT 4      /* of the source */
#define X86_STRING_REPNE        0x80u
#define X86_STRING_ONE          0x100u  /* one element a call: TF */
#define X86_STRING_NO_REP       0x200u  /* INS, OUTS alone */
uint32_t x86_helper_rep_movs(Cpu *cpu, uint32_t spec);
uint32_t x86_helper_rep_stos(Cpu *cpu, uint32_t spec);
uint32_t x86_helper_rep_lods(Cpu *cpu, uint32_t spec);
uint32_t x86_helper_rep_cmps(Cpu *cpu, uint32_t spec);
uint32_t x86_helper_rep_scas(Cpu *cpu, uint32_t spec);
/* With the permission of the port (DX). */
uint32_t x86_helper_ins(Cpu *cpu, uint32_t spec);
uint32_t x86_helper_outs(Cpu *cpu, uint32_t spec);

/* ---- arithmetic ---- */
/* value of 8 << (spec & 3) bits rotated through the carry (bit 8 of spec) by count (0 to 63 as given, masked here). _flags: CF and OF in EFLAGS layout. */
uint64_t x86_helper_rcl(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec);
uint32_t x86_helper_rcl_flags(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec);
uint64_t x86_helper_rcr(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec);
uint32_t x86_helper_rcr_flags(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec);
/* DAA, DAS, AAA, AAS by their opcode (27, 2f, 37, 3f): AX in the low half of the result, EFLAGS bits in the high half. */
uint64_t x86_helper_decimal(Cpu *cpu, uint32_t opcode, uint32_t ax, uint32_t eflags);
/* ENTER with operand size bytes. */
void x86_helper_enter(Cpu *cpu, uint32_t size, uint32_t level, uint32_t bytes);

/* ---- declarations ---- */
/* As arguments: the C function's name, the result, HELPER_*, the low 64 slots that it writes, its argument types. reads: for helpers that are not HELPER_FAULTS. */
#define X86_HELPER_FULL(id, fn, result_type, effects, read_set, written_set, ...) \
    IrHelper id = { .name = #fn, .function = fn, .result = result_type, .nargs = sizeof((IrType[]){ __VA_ARGS__ }) / sizeof(IrType), \
                    .args = { __VA_ARGS__ }, .flags = effects, .reads = read_set, .writes = written_set }

#define HELPER(name, ...) extern IrHelper x86_ir_##name;
#include "target/i386/tcg/helpers.def"
#undef HELPER

#endif
