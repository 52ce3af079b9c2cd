/*
 * SVE2 in C: what is shared by the files of its operations. They are run as those of SVE are (sve.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_SVE2_H
#define TARGET_ARM_TCG_SVE2_H

#include "target/arm/tcg/sve.h"
#include "target/arm/tcg/sve2-decode.h"

enum { SVE2_EOR3, SVE2_BCAX, SVE2_BSL, SVE2_BSL1N, SVE2_BSL2N, SVE2_NBSL };
enum { SVE2_BEXT, SVE2_BDEP, SVE2_BGRP };

/* One element of an operation of size: n and m are bits of it (SVE has no QC, so that nobody asks what was saturated). */
static inline uint64_t sve2_element(unsigned op, unsigned size, bool u, uint64_t d, uint64_t n, uint64_t m)
{
    SimdEnv env = { .saturated = false };
    unsigned bits = 8u << size;
    return arm_simd_element(&env, op, bits, u, 0, d, arm_extend(n, bits, u), arm_extend(m, bits, u));
}
/* The place of the second operand's element: that of the first, or by index within its 128 bits. */
static inline unsigned sve2_place(const Sve2Operands *o, unsigned size, unsigned i)
{
    unsigned segment = 16u >> size;
    return o->indexed ? i / segment * segment + o->index : i;
}
/* tsz:imm3 tells the size by its highest bit, and a number of places. */
static inline unsigned sve2_shift_size(const Sve2Operands *o) { return 28 - __builtin_clz(o->tszimm); }
static inline unsigned sve2_shift_left(const Sve2Operands *o) { return o->tszimm - (8u << sve2_shift_size(o)); }
static inline unsigned sve2_shift_right(const Sve2Operands *o) { return (16u << sve2_shift_size(o)) - o->tszimm; }

#endif
