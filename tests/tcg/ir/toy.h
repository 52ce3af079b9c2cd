/*
 * A guest architecture of the tests' own: some slots of each type, memory of a few pages, helpers with every kind of effect. It is never translated from bytes: tests build
 * its blocks.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_IR_TOY_H
#define TESTS_TCG_IR_TOY_H

#include "tcg/backend.h"

enum {
    TOY_R0 = 0,                 /* I64, 8 of them */
    TOY_W0 = 8,                 /* I32, 4 of them */
    TOY_PC = 12, TOY_PC_BASE = 13,
    TOY_FLAGS = 14,
    TOY_X0 = 16, TOY_Y0 = 20,   /* V128 and V256 over the same memory, 4 of them */
    TOY_NR_SLOTS = 24,
};
enum { TOY_NR_REGS = 8, TOY_NR_WORDS = 4, TOY_NR_VECTORS = 4, TOY_STATE_BYTES = 96 };

typedef struct ToyCpu {
    Cpu parent;
    uint64_t regs[TOY_NR_REGS], pc;
    uint32_t words[TOY_NR_WORDS];
    uint16_t flags;
    uint8_t vectors[TOY_NR_VECTORS][32] __attribute__((aligned(32)));
    uint8_t state[TOY_STATE_BYTES] __attribute__((aligned(32)));        /* without slots */
    int fault;                  /* TOY_FAULT_* or a reason of IR_EXIT_FAULT that was raised; 0: none */
    uint64_t fault_address;
} ToyCpu;
enum { TOY_FAULT_ACCESS = 1000, TOY_FAULT_UNALIGNED, TOY_FAULT_HELPER };

/* Guest memory: two pages that can be written, one that can be read, and nothing behind. */
#define TOY_MEMORY UINT64_C(0x40000000)
enum { TOY_WRITABLE = 0x2000, TOY_READABLE = 0x3000 };
#define TOY_PAGE UINT64_C(0x12345000)     /* pc_base */

extern const TcgTarget toy_target;
/* Sums of arguments and slots: pure; reading r1; reading and writing r2, w1 and x0, which faults when its argument is 7 mod 8. */
extern IrHelper toy_pure, toy_reader, toy_worker;

ToyCpu *toy_new(void);
/* Guest memory where the host has it. */
uint8_t *toy_memory(ToyCpu *cpu);
bool toy_may_access(uint64_t address, unsigned size, bool write);

/* The back ends that are there. */
unsigned toy_nr_engines(void);
const char *toy_engine_name(unsigned n);
/* Compiles and runs a block from the CPU's state until it leaves. *exit: the exit's number, for TCG_LEAVE_GOTO. */
#define TOY_NOT_COMPILED ((TcgLeaveKind)99)
TcgLeaveKind toy_run(ToyCpu *cpu, const IrBlock *block, unsigned engine, unsigned *exit);

#endif
