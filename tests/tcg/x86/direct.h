/*
 * The builder played by the test: what the front end says is done at once, value by value, on the CPU's state. So front ends are tested without a compiler,
 * and what a compiler makes of them is tested against the same cases.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_DIRECT_H
#define TESTS_TCG_X86_DIRECT_H

#include "tcg/ir.h"

typedef struct DirectValue { IrType type; bool known; uint64_t lo, hi; } DirectValue;   /* known: what a builder could have folded */
typedef struct DirectOp { IrOp op; IrType type; unsigned sub, imm; DirectValue a, b, c; } DirectOp;

/* The value of an integer or flags op; false: division by zero or overflow. Wrong types are fatal. */
bool direct_evaluate(const DirectOp *op, uint64_t *value);

#endif
