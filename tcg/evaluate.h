/*
 * The integer and flags ops by value, as ops.def describes them: for folding and for the interpreter.
 *
 * x86 SDM volume 1, 3.4.3 (flags) and the instructions' pages in volume 2 for the flags of shifts and rotates.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_EVALUATE_H
#define TCG_EVALUATE_H

#include "tcg/ir.h"
#include "util/bits.h"

typedef unsigned __int128 IrU128;
typedef __int128 IrS128;

static inline uint64_t ir_mask(unsigned width) { return MAKE_MASK(0, width); }
static inline int64_t ir_sign_extend(uint64_t x, unsigned width) { return (int64_t)(x << (64 - width)) >> (64 - width); }

/* ---- flags ---- */

static inline uint16_t ir_result_flags(uint64_t result, unsigned width)
{
    result &= ir_mask(width);
    return FLAGS_ONE | (result ? 0 : FLAGS_ZF) | (result >> (width - 1) & 1 ? FLAGS_SF : 0) | (__builtin_parity(result & 0xff) ? 0 : FLAGS_PF);
}

static inline uint16_t ir_carry_flags(bool carry, bool overflow)
{
    return (carry ? FLAGS_CF : 0) | (overflow ? FLAGS_OF : 0);
}

static inline uint16_t ir_add_flags(uint64_t x, uint64_t y, unsigned carry, unsigned width)
{
    x &= ir_mask(width);
    y &= ir_mask(width);
    IrU128 sum = (IrU128)x + y + carry;
    uint64_t result = sum & ir_mask(width);
    return ir_result_flags(result, width) | ir_carry_flags(sum >> width, ((x ^ result) & (y ^ result)) >> (width - 1) & 1)
        | ((x ^ y ^ result) & 16 ? FLAGS_AF : 0);
}

static inline uint16_t ir_sub_flags(uint64_t x, uint64_t y, unsigned borrow, unsigned width)
{
    x &= ir_mask(width);
    y &= ir_mask(width);
    uint64_t result = (x - y - borrow) & ir_mask(width);
    return ir_result_flags(result, width) | ir_carry_flags((IrU128)y + borrow > x, ((x ^ y) & (x ^ result)) >> (width - 1) & 1)
        | ((x ^ y ^ result) & 16 ? FLAGS_AF : 0);
}

/* which: as FL_MERGE's imm. */
static inline uint16_t ir_flag_bits(unsigned which)
{
    return (which & 1 ? FLAGS_OF : 0) | (which & 2 ? FLAGS_CF : 0) | (which & 4 ? FLAGS_PF : 0) | (which & 8 ? FLAGS_AF : 0)
        | (which & 16 ? FLAGS_ZF : 0) | (which & 32 ? FLAGS_SF : 0);
}

static inline uint16_t ir_merge_flags(uint16_t x, uint16_t y, uint16_t bits)
{
    return (x & ~bits) | (y & bits);
}

static inline bool ir_test_flags(uint16_t flags, unsigned cc)
{
    bool zero = flags & FLAGS_ZF, carry = flags & FLAGS_CF, sign = flags & FLAGS_SF, overflow = flags & FLAGS_OF, holds;
    switch (cc >> 1) {
    case 0:
        holds = zero;
        break;
    case 1:
        holds = carry;
        break;
    case 2:
        holds = carry || zero;
        break;
    case 3:
        holds = sign != overflow;
        break;
    case 4:
        holds = zero || sign != overflow;
        break;
    case 5:
        holds = sign;
        break;
    case 6:
        holds = overflow;
        break;
    default:
        holds = flags & FLAGS_PF;
        break;
    }
    return holds != (cc & 1);
}

static inline uint32_t ir_pack_flags(uint16_t f) { return (f >> 8 & 0xd5) | (f & FLAGS_OF) << 11; }
static inline uint16_t ir_unpack_flags(uint32_t eflags) { return (eflags & 0xd5) << 8 | FLAGS_ONE | (eflags >> 11 & 1); }

/* ---- comparison ---- */

static inline bool ir_compare(unsigned cc, uint64_t x, uint64_t y, unsigned width)
{
    int64_t sx = ir_sign_extend(x, width), sy = ir_sign_extend(y, width);
    bool holds;
    switch (cc >> 1) {
    case 0:
        holds = x == y;
        break;
    case 1:
        holds = x < y;
        break;
    case 2:
        holds = x <= y;
        break;
    case 3:
        holds = sx < sy;
        break;
    default:
        holds = sx <= sy;
        break;
    }
    return holds != (cc & 1);
}

/* What the operands are: values of I32 zero-extended. */
typedef struct IrOperands { uint64_t x, y, z; } IrOperands;

/* The value of an op on integers and FLAGS (t: of the result; I32: zero-extended). false: not such an op, or a division that faults. */
bool ir_evaluate(IrOp op, IrType t, IrType operand_type, unsigned sub, unsigned imm, IrOperands v, uint64_t *value);

#endif
