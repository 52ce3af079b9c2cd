/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/evaluate.h"

/* ---- flags ---- */

static uint16_t shift_flags(IrOp op, uint64_t x, unsigned count, uint16_t old, unsigned width)
{
    x &= ir_mask(width);
    if (count == 0) {
        return old;
    }
    if (op == IR_FL_SHL) {
        uint64_t result = count >= width ? 0 : (x << count) & ir_mask(width);
        bool carry = count <= width && (x >> (width - count) & 1);
        return ir_result_flags(result, width) | ir_carry_flags(carry, (result >> (width - 1) & 1) != carry);
    }
    if (op == IR_FL_SHR) {
        uint64_t result = count >= width ? 0 : x >> count;
        return ir_result_flags(result, width) | ir_carry_flags(count <= width && (x >> (count - 1) & 1), x >> (width - 1) & 1);
    }
    int64_t value = ir_sign_extend(x, width);
    return ir_result_flags(value >> count, width) | ir_carry_flags(value >> (count - 1) & 1, false);
}

static uint64_t rotate_left(uint64_t x, unsigned count, unsigned width)
{
    x &= ir_mask(width);
    count %= width;
    return count ? (x << count | x >> (width - count)) & ir_mask(width) : x;
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
    return old | (op == IR_FL_ROL ? ir_carry_flags(low, top != low) : ir_carry_flags(top, top != below));
}

static uint16_t mul_flags(IrOp op, uint64_t x, uint64_t y, unsigned width)
{
    bool wide;
    uint64_t low;
    if (op == IR_FL_MUL_U) {
        IrU128 product = (IrU128)(x & ir_mask(width)) * (y & ir_mask(width));
        low = product;
        wide = product >> width;
    } else {
        IrS128 product = (IrS128)ir_sign_extend(x, width) * ir_sign_extend(y, width);
        low = product;
        wide = product != ir_sign_extend(low, width);
    }
    return ir_result_flags(low, width) | ir_carry_flags(wide, wide);
}

static bool evaluate_flags(IrOp op, unsigned width, unsigned imm, IrOperands v, uint64_t *value)
{
    uint64_t x = v.x, y = v.y, z = v.z;
    switch (op) {
    case IR_FL_ADD:
        *value = ir_add_flags(x, y, 0, width);
        return true;
    case IR_FL_SUB:
        *value = ir_sub_flags(x, y, 0, width);
        return true;
    case IR_FL_ADC:
        *value = ir_add_flags(x, y, !!(z & FLAGS_CF), width);
        return true;
    case IR_FL_SBB:
        *value = ir_sub_flags(x, y, !!(z & FLAGS_CF), width);
        return true;
    case IR_FL_LOGIC:
        *value = ir_result_flags(x, width);
        return true;
    case IR_FL_INC:
        *value = ir_merge_flags(ir_add_flags(x, 1, 0, width), y, FLAGS_CF);
        return true;
    case IR_FL_DEC:
        *value = ir_merge_flags(ir_sub_flags(x, 1, 0, width), y, FLAGS_CF);
        return true;
    case IR_FL_SHL:
    case IR_FL_SHR:
    case IR_FL_SAR:
        *value = shift_flags(op, x, y, z, width);
        return true;
    case IR_FL_ROL:
    case IR_FL_ROR:
        *value = rotate_flags(op, x, y, z, width);
        return true;
    case IR_FL_MUL_U:
    case IR_FL_MUL_S:
        *value = mul_flags(op, x, y, width);
        return true;
    case IR_FL_MERGE:
        *value = ir_merge_flags(x, y, ir_flag_bits(imm));
        return true;
    case IR_FL_CMC:
        *value = x ^ FLAGS_CF;
        return true;
    case IR_FL_SET_CF:
        *value = ir_merge_flags(x, imm & 1 ? FLAGS_CF : 0, FLAGS_CF);
        return true;
    case IR_FL_FROM_CF:
        *value = ir_merge_flags(x, y & 1 ? FLAGS_CF : 0, FLAGS_CF);
        return true;
    case IR_FL_UNPACK:
        *value = ir_unpack_flags(x);
        return true;
    case IR_SELECT:
        *value = x ? y : z;
        return true;
    default:
        return false;
    }
}

/* ---- divisions of a double word ---- */

static bool divide_wide(IrOp op, IrOperands v, unsigned width, uint64_t *value)
{
    bool remainder = op == IR_REMW_U || op == IR_REMW_S;
    if (v.z == 0) {
        return false;
    }
    if (op == IR_DIVW_U || op == IR_REMW_U) {
        IrU128 dividend = (IrU128)v.x << width | v.y, quotient = dividend / v.z;
        *value = remainder ? dividend % v.z : quotient;
        return quotient >> width == 0;
    }
    IrS128 dividend = width == 64 ? (IrS128)((IrU128)v.x << 64 | v.y) : (IrS128)(int64_t)(v.x << 32 | v.y), by = ir_sign_extend(v.z, width);
    if (by == -1) {
        /* The smallest number has no negative. */
        IrS128 negated = (IrS128)-(IrU128)dividend;
        *value = remainder ? 0 : (uint64_t)negated;
        return negated == (IrS128)ir_sign_extend(negated, width);
    }
    IrS128 quotient = dividend / by;
    *value = remainder ? dividend % by : quotient;
    return quotient == (IrS128)ir_sign_extend(quotient, width);
}

/* ---- bits ---- */

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

static bool evaluate_bits(IrOp op, unsigned width, unsigned sub, unsigned imm, IrOperands v, uint64_t *value)
{
    uint64_t x = v.x, y = v.y, z = v.z;
    switch (op) {
    case IR_SHL:
        *value = x << y % width;
        return true;
    case IR_SHR:
        *value = x >> y % width;
        return true;
    case IR_SAR:
        *value = ir_sign_extend(x, width) >> y % width;
        return true;
    case IR_ROL:
        *value = rotate_left(x, y, width);
        return true;
    case IR_ROR:
        *value = rotate_left(x, width - y % width, width);
        return true;
    case IR_ROLW:
        *value = rotate_left(x, y, 8u << sub);
        return true;
    case IR_RORW:
        *value = rotate_left(x, (8u << sub) - y % (8u << sub), 8u << sub);
        return true;
    case IR_SHLD:
        *value = z % width ? x << z % width | y >> (width - z % width) : x;
        return true;
    case IR_SHRD:
        *value = z % width ? x >> z % width | y << (width - z % width) : x;
        return true;
    case IR_CLZ:
        *value = x ? __builtin_clzll(x) - (64 - width) : width;
        return true;
    case IR_CTZ:
        *value = x ? (unsigned)__builtin_ctzll(x) : width;
        return true;
    case IR_POPCNT:
        *value = __builtin_popcountll(x);
        return true;
    case IR_BSWAP:
        *value = __builtin_bswap64(x) >> (64 - width);
        return true;
    case IR_PDEP:
        *value = deposit_bits(x, y);
        return true;
    case IR_PEXT:
        *value = extract_bits(x, y);
        return true;
    case IR_CRC32C:
        *value = crc32c(x, y, 8u << sub);
        return true;
    case IR_EXT_U:
        *value = x & ir_mask(8u << sub);
        return true;
    case IR_EXT_S:
        *value = ir_sign_extend(x, 8u << sub);
        return true;
    case IR_TRUNC:
        *value = x;
        return true;
    case IR_EXTRACT:
        *value = x >> imm & ir_mask(sub);
        return true;
    case IR_SEXTRACT:
        *value = ir_sign_extend(x >> imm, sub);
        return true;
    case IR_DEPOSIT:
        *value = (x & ~MAKE_MASK(imm, sub)) | (y << imm & MAKE_MASK(imm, sub));
        return true;
    default:
        return false;
    }
}

/* ---- all of them ---- */

static bool evaluate_integer(IrOp op, unsigned width, unsigned operand_width, unsigned sub, unsigned imm, IrOperands v, uint64_t *value)
{
    uint64_t x = v.x, y = v.y;
    switch (op) {
    case IR_ADD:
        *value = x + y;
        return true;
    case IR_SUB:
        *value = x - y;
        return true;
    case IR_AND:
        *value = x & y;
        return true;
    case IR_OR:
        *value = x | y;
        return true;
    case IR_XOR:
        *value = x ^ y;
        return true;
    case IR_ANDN:
        *value = x & ~y;
        return true;
    case IR_NEG:
        *value = -x;
        return true;
    case IR_NOT:
        *value = ~x;
        return true;
    case IR_MUL:
        *value = x * y;
        return true;
    case IR_MULHI_U:
        *value = (IrU128)x * y >> width;
        return true;
    case IR_MULHI_S:
        *value = (IrS128)ir_sign_extend(x, width) * ir_sign_extend(y, width) >> width;
        return true;
    case IR_DIV_U:
        *value = y ? x / y : 0;
        return y != 0;
    case IR_REM_U:
        *value = y ? x % y : 0;
        return y != 0;
    case IR_DIV_S:
    case IR_REM_S:
        return divide_wide(op == IR_DIV_S ? IR_DIVW_S : IR_REMW_S, (IrOperands){ x >> (width - 1) & 1 ? ir_mask(width) : 0, x, y }, width, value);
    case IR_DIVW_U:
    case IR_REMW_U:
    case IR_DIVW_S:
    case IR_REMW_S:
        return divide_wide(op, v, width, value);
    case IR_SETCC:
        *value = ir_compare(sub, x, y, operand_width);
        return true;
    case IR_SELECT:
        *value = x ? y : v.z;
        return true;
    case IR_FL_PACK:
        *value = ir_pack_flags(x);
        return true;
    case IR_TEST:
        *value = ir_test_flags(x, sub);
        return true;
    case IR_ADC:
        *value = x + y + !!(v.z & FLAGS_CF);
        return true;
    case IR_SBB:
        *value = x - y - !!(v.z & FLAGS_CF);
        return true;
    default:
        return evaluate_bits(op, width, sub, imm, v, value);
    }
}

bool ir_evaluate(IrOp op, IrType t, IrType operand_type, unsigned sub, unsigned imm, IrOperands v, uint64_t *value)
{
    if (t == IR_FLAGS) {
        return evaluate_flags(op, 8u << (sub & 3), imm, v, value);
    }
    if (t != IR_I32 && t != IR_I64) {
        return false;
    }
    if (!evaluate_integer(op, t == IR_I32 ? 32 : 64, operand_type == IR_I32 ? 32 : 64, sub, imm, v, value)) {
        return false;
    }
    if (t == IR_I32) {
        *value = (uint32_t)*value;
    }
    return true;
}
