/*
 * A random block in the making, shared by fuzz.c (accesses, calls, exits, whole blocks) and fuzz-ops.c (values, slots, ops).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_IR_FUZZ_INTERNAL_H
#define TESTS_TCG_IR_FUZZ_INTERNAL_H

#include "fuzz.h"
#include "tcg/evaluate.h"
#include "tcg/interp/interp.h"

enum { MAX_VALUES = 2048, MAX_INSNS = 12 };

typedef struct Value { IrRef ref; IrType type; IrValue v; } Value;

typedef struct State {
    uint64_t regs[TOY_NR_REGS], pc;
    uint32_t words[TOY_NR_WORDS];
    uint16_t flags;
    uint8_t vectors[TOY_NR_VECTORS][32], state[TOY_STATE_BYTES];
} State;

typedef struct Fuzz {
    uint64_t random;
    IrBuilder *b;
    bool vectors;               /* this block has some */
    Value values[MAX_VALUES];
    unsigned nr_values;
    /* What must become of it. */
    State first, now, start;    /* before; as of here; as of the instruction's start */
    uint8_t first_memory[TOY_READABLE], memory[TOY_READABLE];
    bool left;                  /* control has gone: the rest of the block is never reached */
    TcgLeaveKind kind;
    unsigned exit;
    int fault;
    int32_t offset;
    uint64_t nr_refused;        /* blocks that a back end had no room for */
    bool wrote;                 /* a slot, in this instruction */
    unsigned wrote_vectors;
} Fuzz;

unsigned fuzz_below(Fuzz *f, unsigned n);
bool fuzz_chance(Fuzz *f, unsigned percent);
uint64_t fuzz_random_number(Fuzz *f);
uint64_t fuzz_next_random(Fuzz *f);
const Value *fuzz_add_value(Fuzz *f, IrRef ref, IrType type, IrValue v);
const Value *fuzz_constant(Fuzz *f, IrType type, uint64_t x);
const Value *fuzz_compute(Fuzz *f, IrOp op, IrType type, unsigned sub, unsigned imm, const Value *x, const Value *y, const Value *z);
const Value *fuzz_pick(Fuzz *f, IrType type);
void fuzz_write_slot(Fuzz *f, unsigned slot, const Value *v);
void fuzz_leave(Fuzz *f, TcgLeaveKind kind, uint64_t pc);
void fuzz_leave_by_fault(Fuzz *f, int fault);
void fuzz_random_op(Fuzz *f);
void fuzz_random_shift_flags(Fuzz *f);
void fuzz_random_division(Fuzz *f);

#endif
