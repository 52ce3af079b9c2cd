/*
 * The vector extension's part of the mode key.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_VECTOR_H
#define TARGET_RISCV_TCG_VECTOR_H

#include "target/riscv/tcg/mode.h"

/* state: FLOAT_*, of mstatus.VS. */
static inline uint64_t riscv_vector_mode(const RiscvCpu *cpu, unsigned state)
{
    if (state == FLOAT_OFF || !riscv_has(cpu, zve32x)) {
        return 0;
    }
    return (uint64_t)state << RV_MODE_VECTOR_SHIFT;
}

#endif
