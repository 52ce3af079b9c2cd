/*
 * An instruction while it is written: what generate.c and generate-simd.c share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_WRITER_H
#define TESTS_TCG_X86_WRITER_H

#include "case.h"
#include "target/i386/tcg/decode.h"
#include "target/i386/tcg/simd.h"

typedef struct Writer {
    X86Random *random;
    X86Case *c;
    const X86Opcode *op;
    uint32_t flags;
    unsigned map, opcode, position, rex, operand_bytes, group_reg;
    uint64_t target;                    /* of the memory operand */
    bool has_66, has_67, in_group, vex;
    /* MMX, SSE, AVX: the entry of their table, its prefix, the form with MMX registers, whether the operand's index is a vector */
    const X86Simd *simd;
    unsigned prefix;
    bool mmx, vsib, vex_l;
    bool valid;                         /* no encodings that are #UD by fields of VEX */
    bool no_67;                         /* an address of 32 bits would lie elsewhere */
    uint64_t forced_target;             /* not 0: where the memory operand is to lie */
} Writer;

void writer_put(Writer *w, uint64_t value, unsigned bytes);
/* An address for a memory operand: mostly well inside, now and then over the edges. */
uint64_t writer_target(Writer *w);

/* Picks an entry of the opcode tables that can be tested; false: this one cannot. */
bool writer_pick_opcode(Writer *w, X86Group group, const char *only);
unsigned writer_immediate_bytes(const Writer *w);
/* The EFLAGS bits that the entry leaves defined. */
uint32_t writer_defined_flags(const Writer *w);
void writer_put_prefixes(Writer *w);
/* LOCK, REX, escape; sets operand_bytes. */
void writer_put_legacy_head(Writer *w, bool memory);
/* vvvv: as it is encoded. */
void writer_put_vex(Writer *w, unsigned vvvv, unsigned pp);

/* ---- generate-simd.c ---- */
/* Picks an entry that this host has too. only: NULL or its name. */
bool simd_pick(Writer *w, const char *only);
/* Prefixes and opcode. */
void simd_put_head(Writer *w);
/* A memory operand with a vector of indices (gathers). */
void simd_put_vsib(Writer *w, unsigned reg);
/* Registers that it uses without naming them; what does not count of its results. */
void simd_prepare(Writer *w, bool memory, unsigned reg);
/* The whole instruction can be tested. */
bool simd_accept(const Writer *w);
/* Group 15 with a memory operand. */
bool simd_is_group15(const Writer *w);
/* Several instructions with registers and [R15 + n]. The state has been made. */
void simd_put_sequence(Writer *w);
/* One such instruction, of the vectors or the x87. */
void simd_put_one(Writer *w);
void simd_put_x87(Writer *w);

#endif
