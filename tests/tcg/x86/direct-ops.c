/*
 * The integer and flags ops as ops.def describes them, one value at a time.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "direct.h"
#include "util/bits.h"
#include <glib.h>

typedef unsigned __int128 u128;
typedef __int128 s128;

static const char *const op_names[] = {
#define OP(name, ...) #name,
#include "tcg/ops.def"
#undef OP
};

#define MASK(width) MAKE_MASK(0, width)

static int64_t sign_extend(uint64_t x, unsigned width)
{
    return (int64_t)(x << (64 - width)) >> (64 - width);
}

/* ---- flags ---- */

static uint16_t result_flags(uint64_t result, unsigned width)
{
    result &= MASK(width);
    return FLAGS_ONE | (result ? 0 : FLAGS_ZF) | (result >> (width - 1) & 1 ? FLAGS_SF : 0) | (__builtin_parity(result & 0xff) ? 0 : FLAGS_PF);
}

static uint16_t carry_flags(bool carry, bool overflow)
{
    return (carry ? FLAGS_CF : 0) | (overflow ? FLAGS_OF : 0);
}

static uint16_t add_flags(uint64_t x, uint64_t y, unsigned carry, unsigned width)
{
    x &= MASK(width);
    y &= MASK(width);
    u128 sum = (u128)x + y + carry;
    uint64_t result = sum & MASK(width);
    return result_flags(result, width) | carry_flags(sum >> width, ((x ^ result) & (y ^ result)) >> (width - 1) & 1)
        | ((x ^ y ^ result) & 16 ? FLAGS_AF : 0);
}

static uint16_t sub_flags(uint64_t x, uint64_t y, unsigned borrow, unsigned width)
{
    x &= MASK(width);
    y &= MASK(width);
    uint64_t result = (x - y - borrow) & MASK(width);
    return result_flags(result, width) | carry_flags((u128)y + borrow > x, ((x ^ y) & (x ^ result)) >> (width - 1) & 1)
        | ((x ^ y ^ result) & 16 ? FLAGS_AF : 0);
}

static uint16_t shift_flags(IrOp op, uint64_t x, unsigned count, uint16_t old, unsigned width)
{
    x &= MASK(width);
    if (count == 0) {
        return old;
    }
    if (op == IR_FL_SHL) {
        uint64_t result = count >= width ? 0 : (x << count) & MASK(width);
        bool carry = count <= width && (x >> (width - count) & 1);
        return result_flags(result, width) | carry_flags(carry, (result >> (width - 1) & 1) != carry);
    }
    if (op == IR_FL_SHR) {
        uint64_t result = count >= width ? 0 : x >> count;
        return result_flags(result, width) | carry_flags(count <= width && (x >> (count - 1) & 1), x >> (width - 1) & 1);
    }
    int64_t value = sign_extend(x, width);
    return result_flags(value >> count, width) | carry_flags(value >> (count - 1) & 1, false);
}

static uint64_t rotate_left(uint64_t x, unsigned count, unsigned width)
{
    x &= MASK(width);
    count %= width;
    return count ? (x << count | x >> (width - count)) & MASK(width) : x;
}

static uint16_t rotate_flags(IrOp op, uint64_t x, unsigned count, uint16_t old, unsigned width)
{
    if (count == 0) {
        return old;
    }
    count %= width;
    uint64_t result = rotate_left(x, op == IR_FL_ROL ? count : width - count, width);
    bool top = result >> (width - 1) & 1, below = result >> (width - 2) & 1, low = result & 1;
    old &= ~(FLAGS_CF | FLAGS_OF);
    return old | (op == IR_FL_ROL ? carry_flags(low, top != low) : carry_flags(top, top != below));
}

static uint16_t mul_flags(IrOp op, uint64_t x, uint64_t y, unsigned width)
{
    bool wide;
    uint64_t low;
    if (op == IR_FL_MUL_U) {
        u128 product = (u128)(x & MASK(width)) * (y & MASK(width));
        low = product;
        wide = product >> width;
    } else {
        s128 product = (s128)sign_extend(x, width) * sign_extend(y, width);
        low = product;
        wide = product != sign_extend(low, width);
    }
    return result_flags(low, width) | carry_flags(wide, wide);
}

static uint16_t merge(uint16_t x, uint16_t y, unsigned which)
{
    static const uint16_t bits[6] = { FLAGS_OF, FLAGS_CF, FLAGS_PF, FLAGS_AF, FLAGS_ZF, FLAGS_SF };
    for (unsigned i = 0; i < 6; i++) {
        if (which >> i & 1) {
            x = (x & ~bits[i]) | (y & bits[i]);
        }
    }
    return x;
}

static bool test(uint16_t flags, unsigned cc)
{
    bool zero = flags & FLAGS_ZF, carry = flags & FLAGS_CF, sign = flags & FLAGS_SF, overflow = flags & FLAGS_OF, parity = flags & FLAGS_PF;
    const bool conditions[8] = { zero, carry, carry || zero, sign != overflow, zero || sign != overflow, sign, overflow, parity };
    return conditions[cc >> 1] != (cc & 1);
}

/* ---- integers ---- */

static bool compare(const DirectOp *o)
{
    unsigned width = o->a.type == IR_I32 ? 32 : 64;
    uint64_t x = o->a.lo, y = o->b.lo;
    int64_t sx = sign_extend(x, width), sy = sign_extend(y, width);
    const bool conditions[5] = { x == y, x < y, x <= y, sx < sy, sx <= sy };
    g_assert(o->sub <= IR_CC_GT && o->a.type == o->b.type);
    return conditions[o->sub >> 1] != (o->sub & 1);
}

static bool divide_wide(const DirectOp *o, unsigned width, uint64_t *value)
{
    uint64_t high = o->a.lo, low = o->b.lo, divisor = o->c.lo;
    bool remainder = o->op == IR_REMW_U || o->op == IR_REMW_S;
    if (divisor == 0) {
        return false;
    }
    if (o->op == IR_DIVW_U || o->op == IR_REMW_U) {
        u128 dividend = (u128)high << width | low, quotient = dividend / divisor;
        *value = remainder ? dividend % divisor : quotient;
        return quotient >> width == 0;
    }
    s128 dividend = width == 64 ? (s128)((u128)high << 64 | low) : (s128)(int64_t)(high << 32 | low), by = sign_extend(divisor, width);
    if (by == -1) {
        /* The smallest number has no negative. */
        *value = remainder ? 0 : (uint64_t)-(u128)dividend;
        return -(u128)dividend == (u128)(s128)sign_extend(*value, width) || remainder;
    }
    s128 quotient = dividend / by;
    *value = remainder ? dividend % by : quotient;
    return quotient == (s128)sign_extend(quotient, width);
}

static uint64_t deposit_bits(uint64_t x, uint64_t mask)
{
    uint64_t result = 0;
    for (; mask; mask &= mask - 1, x >>= 1) {
        result |= x & 1 ? mask & -mask : 0;
    }
    return result;
}

static uint64_t extract_bits(uint64_t x, uint64_t mask)
{
    uint64_t result = 0;
    for (unsigned i = 0; mask; mask &= mask - 1, i++) {
        result |= x & mask & -mask ? UINT64_C(1) << i : 0;
    }
    return result;
}

static uint32_t crc32c(uint32_t sum, uint64_t data, unsigned width)
{
    for (unsigned i = 0; i < width; i++) {
        sum = sum >> 1 ^ ((sum ^ data >> i) & 1 ? 0x82f63b78u : 0);
    }
    return sum;
}

/* ---- types ---- */

static bool types_fit(const DirectOp *o)
{
    IrType t = o->type, a = o->a.type, b = o->b.type, c = o->c.type;
    switch (o->op) {
    case IR_ADD ... IR_REM_S:
        return a == t && (b == t || b == IR_NONE);
    case IR_DIVW_U ... IR_REMW_S:
        return a == t && b == t && c == t;
    case IR_SHL ... IR_RORW:
        return a == t && b == IR_I32;
    case IR_SHLD:
    case IR_SHRD:
        return a == t && b == t && c == IR_I32;
    case IR_CLZ ... IR_BSWAP:
    case IR_EXTRACT:
    case IR_SEXTRACT:
        return a == t;
    case IR_PDEP:
    case IR_PEXT:
    case IR_DEPOSIT:
        return a == t && b == t;
    case IR_SELECT:
        return a == IR_I32 && b == t && c == t;
    case IR_FL_ADC:
    case IR_FL_SBB:
        return a == b && c == IR_FLAGS;
    case IR_FL_SHL ... IR_FL_ROR:
        return b == IR_I32 && c == IR_FLAGS;
    case IR_FL_INC:
    case IR_FL_DEC:
        return b == IR_FLAGS;
    case IR_FL_MERGE:
        return a == IR_FLAGS && b == IR_FLAGS;
    case IR_TEST:
    case IR_FL_PACK:
        return a == IR_FLAGS && t == IR_I32;
    case IR_ADC:
    case IR_SBB:
        return a == t && b == t && c == IR_FLAGS;
    default:
        return true;
    }
}

/* ---- all of them ---- */

static uint16_t evaluate_flags(const DirectOp *o)
{
    uint64_t x = o->a.lo, y = o->b.lo, z = o->c.lo;
    unsigned width = 8u << (o->sub & 3);
    switch (o->op) {
    case IR_FL_ADD:
        return add_flags(x, y, 0, width);
    case IR_FL_SUB:
        return sub_flags(x, y, 0, width);
    case IR_FL_ADC:
        return add_flags(x, y, !!(z & FLAGS_CF), width);
    case IR_FL_SBB:
        return sub_flags(x, y, !!(z & FLAGS_CF), width);
    case IR_FL_LOGIC:
        return result_flags(x, width);
    case IR_FL_INC:
        return merge(add_flags(x, 1, 0, width), y, 2);
    case IR_FL_DEC:
        return merge(sub_flags(x, 1, 0, width), y, 2);
    case IR_FL_SHL:
    case IR_FL_SHR:
    case IR_FL_SAR:
        return shift_flags(o->op, x, y, z, width);
    case IR_FL_ROL:
    case IR_FL_ROR:
        return rotate_flags(o->op, x, y, z, width);
    case IR_FL_MUL_U:
    case IR_FL_MUL_S:
        return mul_flags(o->op, x, y, width);
    case IR_FL_MERGE:
        return merge(x, y, o->imm);
    case IR_FL_CMC:
        return x ^ FLAGS_CF;
    case IR_FL_SET_CF:
        return merge(x, o->imm & 1 ? FLAGS_CF : 0, 2);
    case IR_FL_FROM_CF:
        return merge(x, y & 1 ? FLAGS_CF : 0, 2);
    case IR_FL_UNPACK:
        return (x & 0xd5) << 8 | FLAGS_ONE | (x >> 11 & 1);
    case IR_SELECT:
        return x ? y : z;
    default:
        g_error("op %s is not known here", op_names[o->op]);
    }
}

static uint64_t evaluate_bits(const DirectOp *o, unsigned width)
{
    uint64_t x = o->a.lo, y = o->b.lo, z = o->c.lo;
    switch (o->op) {
    case IR_SHL:
        return x << y % width;
    case IR_SHR:
        return x >> y % width;
    case IR_SAR:
        return sign_extend(x, width) >> y % width;
    case IR_ROL:
        return rotate_left(x, y, width);
    case IR_ROR:
        return rotate_left(x, width - y % width, width);
    case IR_ROLW:
        return rotate_left(x, y, 8u << o->sub);
    case IR_RORW:
        return rotate_left(x, (8u << o->sub) - y % (8u << o->sub), 8u << o->sub);
    case IR_SHLD:
        return z % width ? x << z % width | y >> (width - z % width) : x;
    case IR_SHRD:
        return z % width ? x >> z % width | y << (width - z % width) : x;
    case IR_CLZ:
        return x ? __builtin_clzll(x) - (64 - width) : width;
    case IR_CTZ:
        return x ? (unsigned)__builtin_ctzll(x) : width;
    case IR_POPCNT:
        return __builtin_popcountll(x);
    case IR_BSWAP:
        return __builtin_bswap64(x) >> (64 - width);
    case IR_PDEP:
        return deposit_bits(x, y);
    case IR_PEXT:
        return extract_bits(x, y);
    case IR_CRC32C:
        return crc32c(x, y, 8u << o->sub);
    case IR_EXTRACT:
        return x >> o->imm & MASK(o->sub);
    case IR_SEXTRACT:
        return sign_extend(x >> o->imm, o->sub);
    case IR_DEPOSIT:
        return (x & ~MAKE_MASK(o->imm, o->sub)) | (y << o->imm & MAKE_MASK(o->imm, o->sub));
    default:
        g_error("op %s is not known here", op_names[o->op]);
    }
}

bool direct_evaluate(const DirectOp *o, uint64_t *value)
{
    uint64_t x = o->a.lo, y = o->b.lo, z = o->c.lo;
    unsigned width = o->type == IR_I32 ? 32 : 64;
    if (!types_fit(o)) {
        g_error("wrong types: %s.%d (%d, %d, %d) sub %u", op_names[o->op], o->type, o->a.type, o->b.type, o->c.type, o->sub);
    }
    if (o->type == IR_FLAGS) {
        *value = evaluate_flags(o);
        return true;
    }
    switch (o->op) {
    case IR_ADD:
        *value = x + y;
        break;
    case IR_SUB:
        *value = x - y;
        break;
    case IR_AND:
        *value = x & y;
        break;
    case IR_OR:
        *value = x | y;
        break;
    case IR_XOR:
        *value = x ^ y;
        break;
    case IR_ANDN:
        *value = x & ~y;
        break;
    case IR_NEG:
        *value = -x;
        break;
    case IR_NOT:
        *value = ~x;
        break;
    case IR_MUL:
        *value = x * y;
        break;
    case IR_MULHI_U:
        *value = (u128)x * y >> width;
        break;
    case IR_MULHI_S:
        *value = (s128)sign_extend(x, width) * sign_extend(y, width) >> width;
        break;
    case IR_DIV_U:
        *value = x / y;
        break;
    case IR_REM_U:
        *value = x % y;
        break;
    case IR_DIVW_U ... IR_REMW_S:
        return divide_wide(o, width, value);
    case IR_SETCC:
        *value = compare(o);
        break;
    case IR_SELECT:
        *value = x ? y : z;
        break;
    case IR_FL_PACK:
        *value = (x >> 8 & 0xd5) | (x & FLAGS_OF) << 11;
        break;
    case IR_TEST:
        *value = test(x, o->sub);
        break;
    case IR_ADC:
        *value = x + y + !!(z & FLAGS_CF);
        break;
    case IR_SBB:
        *value = x - y - !!(z & FLAGS_CF);
        break;
    default:
        *value = evaluate_bits(o, width);
        break;
    }
    return true;
}
