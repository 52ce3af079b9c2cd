/*
 * Bit tests, scans, counts, byte swaps, carry chains of ADX, and the BMI groups.
 *
 * Intel SDM volume 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/ops.h"

enum { MERGE_OF = 1, MERGE_CF = 2 };

static IrRef flags_now(X86Translate *s)
{
    return ir_read(s->b, SLOT_FLAGS);
}

static IrRef op1(X86Translate *s, IrOp op, IrRef x)
{
    return ir_op1(s->b, op, x86_type(s->operand_log2), x);
}

static IrRef op2(X86Translate *s, IrOp op, IrRef x, IrRef y)
{
    return ir_op2(s->b, op, x86_type(s->operand_log2), x, y);
}

static IrRef constant(X86Translate *s, uint64_t value)
{
    return x86_constant(s, s->operand_log2, value);
}

/* 1 as I32 when x, of which the operand size counts, is 0. */
static IrRef is_zero(X86Translate *s, IrRef x)
{
    if (s->operand_log2 < 2) {
        x = ir_zext(s->b, IR_I32, s->operand_log2, x);
    }
    return ir_setcc(s->b, IR_CC_EQ, x, constant(s, 0));
}

static IrRef logic_flags_with_carry(X86Translate *s, IrRef result, IrRef carry)
{
    IrRef flags = ir_flags(s->b, IR_FL_LOGIC, s->operand_log2, result, 0, 0);
    return ir_op2(s->b, IR_FL_FROM_CF, IR_FLAGS, flags, carry);
}

/* ---- BT, BTS, BTR, BTC ---- */

enum { BIT_TEST, BIT_SET, BIT_RESET, BIT_COMPLEMENT };

/* The bit number within the operand (I32). A register's value reaches beyond a memory operand: that moves the address. */
static IrRef bit_number(X86Translate *s)
{
    unsigned size = s->operand_log2, mask = (8 << size) - 1;
    if (s->opcode == 0xba) {
        return x86_i32(s, s->immediate & mask);
    }
    IrRef bit = x86_read_g(s, size);
    if (s->is_memory) {
        IrRef wide = size == 3 ? bit : ir_sext(s->b, IR_I64, size, bit);
        IrRef index = ir_op2(s->b, IR_SAR, IR_I64, wide, x86_i32(s, 3 + size));
        s->ea_extra = ir_op2(s->b, IR_SHL, IR_I64, index, x86_i32(s, size));
    }
    return ir_op2(s->b, IR_AND, IR_I32, ir_trunc(s->b, bit), x86_i32(s, mask));
}

bool x86_op_bit_test(X86Translate *s)
{
    static const uint8_t atomics[4] = { 0, IR_ATOMIC_OR, IR_ATOMIC_AND, IR_ATOMIC_XOR };
    static const uint8_t ops[4] = { 0, IR_OR, IR_ANDN, IR_XOR };
    unsigned size = s->operand_log2, kind = s->op->param;
    if (s->lock && kind == BIT_TEST) {
        return false;
    }
    IrRef number = bit_number(s), x;
    IrRef mask = op2(s, IR_SHL, constant(s, 1), number);
    if (s->lock) {
        x = x86_atomic_rm(s, atomics[kind], size, kind == BIT_RESET ? op1(s, IR_NOT, mask) : mask);
    } else if (kind == BIT_TEST) {
        x = x86_read_rm(s, size);
    } else {
        x = x86_read_rm_to_write(s, size);
        x86_write_rm(s, size, op2(s, ops[kind], x, mask));
    }
    IrRef bit = ir_trunc(s->b, op2(s, IR_SHR, x, number));
    ir_write(s->b, SLOT_FLAGS, ir_op2(s->b, IR_FL_FROM_CF, IR_FLAGS, flags_now(s), bit));
    return true;
}

/* ---- scans and counts ---- */

/* Trailing zeros of x; of 0: the operand size. */
static IrRef trailing_zeros(X86Translate *s, IrRef x)
{
    return op1(s, IR_CTZ, s->operand_log2 == 1 ? ir_op2(s->b, IR_OR, IR_I32, x, x86_i32(s, 0x10000)) : x);
}

static IrRef leading_zeros(X86Translate *s, IrRef x)
{
    if (s->operand_log2 != 1) {
        return op1(s, IR_CLZ, x);
    }
    return ir_op2(s->b, IR_SUB, IR_I32, op1(s, IR_CLZ, ir_zext(s->b, IR_I32, 1, x)), x86_i32(s, 16));
}

static void scan(X86Translate *s, bool reverse)
{
    unsigned size = s->operand_log2, top = (8 << size) - 1;
    IrRef x = x86_read_rm(s, size);
    IrRef position = reverse ? op2(s, IR_SUB, constant(s, top), leading_zeros(s, x)) : trailing_zeros(s, x);
    /* Of 0 the destination stays as it is, upper half and all. */
    unsigned write_size = size == 1 ? 1 : 3;
    IrRef wide = size == 2 ? ir_zext(s->b, IR_I64, 2, position) : position;
    IrRef result = ir_op3(s->b, IR_SELECT, x86_type(write_size), is_zero(s, x), x86_read_g(s, write_size), wide);
    x86_write_g(s, write_size, result);
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, size, x, 0, 0));
}

static void count(X86Translate *s, bool leading)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_rm(s, size), result = leading ? leading_zeros(s, x) : trailing_zeros(s, x);
    x86_write_g(s, size, result);
    ir_write(s->b, SLOT_FLAGS, logic_flags_with_carry(s, result, is_zero(s, x)));
}

/* BC: BSF, or TZCNT with F3. */
bool x86_op_bsf(X86Translate *s)
{
    if (s->rep == 0xf3 && x86_feature(s, FEAT_7_0_EBX, 3)) {
        count(s, false);
    } else {
        scan(s, false);
    }
    return true;
}

/* BD: BSR, or LZCNT with F3. */
bool x86_op_bsr(X86Translate *s)
{
    if (s->rep == 0xf3 && x86_feature(s, FEAT_8000_0001_ECX, 5)) {
        count(s, true);
    } else {
        scan(s, true);
    }
    return true;
}

bool x86_op_popcnt(X86Translate *s)
{
    unsigned size = s->operand_log2;
    if (s->rep != 0xf3) {
        return false;
    }
    IrRef x = x86_read_rm(s, size);
    if (size == 1) {
        x = ir_zext(s->b, IR_I32, 1, x);
    }
    /* ZF alone tells something, the others are 0. */
    IrRef zero = ir_op2(s->b, IR_SHL, IR_I32, is_zero(s, x), x86_i32(s, 6));
    x86_write_g(s, size, op1(s, IR_POPCNT, x));
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, zero));
    return true;
}

/* ---- bytes ---- */

static IrRef swap_bytes(X86Translate *s, IrRef x)
{
    if (s->operand_log2 == 1) {
        return ir_emit(s->b, IR_ROLW, IR_I32, 1, 0, x, x86_i32(s, 8), 0);
    }
    return op1(s, IR_BSWAP, x);
}

bool x86_op_bswap(X86Translate *s)
{
    unsigned reg = (s->opcode & 7) | (s->rex & 1) << 3;
    if (s->operand_log2 == 1) {
        /* Undefined; processors clear the word. */
        x86_write_reg(s, reg, 1, x86_i32(s, 0));
        return true;
    }
    x86_write_reg(s, reg, s->operand_log2, swap_bytes(s, x86_read_reg(s, reg, s->operand_log2)));
    return true;
}

/* 0F 38 F0, F1: MOVBE, or CRC32 with F2. */
bool x86_op_movbe_crc32(X86Translate *s)
{
    bool second = s->opcode & 1;
    if (s->rep == 0xf2) {
        unsigned size = second ? s->operand_log2 : 0;
        if (!x86_feature(s, FEAT_1_ECX, 20)) {
            return false;
        }
        IrRef data = x86_read_rm(s, size), sum = x86_read_g(s, 2);
        x86_write_g(s, 2, ir_emit(s->b, IR_CRC32C, IR_I32, size, 0, sum, data, 0));
        return true;
    }
    if (s->rep || !s->is_memory || !x86_feature(s, FEAT_1_ECX, 22)) {
        return false;
    }
    if (second) {
        x86_write_rm(s, s->operand_log2, swap_bytes(s, x86_read_g(s, s->operand_log2)));
    } else {
        x86_write_g(s, s->operand_log2, swap_bytes(s, x86_read_rm(s, s->operand_log2)));
    }
    return true;
}

/* ---- ADX ---- */

/* 0F 38 F6: ADCX with 66, ADOX with F3. */
bool x86_op_adx(X86Translate *s)
{
    bool overflow = s->prefix == 0xf3;
    if (s->prefix != 0x66 && !overflow) {
        return false;
    }
    unsigned size = s->rex & 8 ? 3 : 2;
    IrType type = x86_type(size);
    IrRef x = x86_read_g(s, size), y = x86_read_rm(s, size), old = flags_now(s), in = old;
    if (overflow) {
        in = ir_op2(s->b, IR_FL_FROM_CF, IR_FLAGS, old, ir_test(s->b, IR_CC_O, old));
    }
    IrRef sum = ir_op3(s->b, IR_ADC, type, x, y, in), out = ir_flags(s->b, IR_FL_ADC, size, x, y, in), flags;
    if (overflow) {
        IrRef bit = ir_op2(s->b, IR_SHL, IR_I32, ir_test(s->b, IR_CC_LTU, out), x86_i32(s, 11));
        flags = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_OF, old, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, bit), 0);
    } else {
        flags = ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_CF, old, out, 0);
    }
    x86_write_g(s, size, sum);
    ir_write(s->b, SLOT_FLAGS, flags);
    return true;
}

/* ---- BMI, all with VEX ---- */

static void write_logic(X86Translate *s, unsigned reg, IrRef result)
{
    x86_write_reg(s, reg, s->operand_log2, result);
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, s->operand_log2, result, 0, 0));
}

bool x86_op_andn(X86Translate *s)
{
    if (s->prefix) {
        return false;
    }
    IrRef x = x86_read_reg(s, s->vex_v, s->operand_log2), y = x86_read_rm(s, s->operand_log2);
    write_logic(s, s->reg, op2(s, IR_ANDN, y, x));
    return true;
}

/* CMPccXADD: memory and the register compared; the third operand is added to memory where the condition holds; the register takes what memory was. */
bool x86_op_cmpccxadd(X86Translate *s)
{
    unsigned size = s->operand_log2;
    if (s->prefix != 0x66 || s->vex_l || size < 2) {
        return false;
    }
    X86Address a = x86_operand_address(s, 1u << size, X86_ACCESS_STORE);
    IrRef address = ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)), low = ir_op2(s->b, IR_AND, IR_I64, address, x86_i64(s, (1u << size) - 1));
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, low, x86_i64(s, 0)), X86_FAULT_0(EXCP_GP));
    IrRef old = x86_read_rm_to_write(s, size), flags = ir_flags(s->b, IR_FL_SUB, size, old, x86_read_g(s, size), 0);
    IrRef sum = op2(s, IR_ADD, old, x86_read_reg(s, s->vex_v, size));
    x86_replace_rm(s, size, old, ir_op3(s->b, IR_SELECT, x86_type(size), x86_condition_of(s, s->opcode, flags), sum, old));
    x86_write_g(s, size, old);
    ir_write(s->b, SLOT_FLAGS, flags);
    return true;
}

/* Group 17: BLSR, BLSMSK, BLSI. */
bool x86_op_bls(X86Translate *s)
{
    unsigned n = s->reg & 7;
    if (s->prefix || n < 1 || n > 3) {
        return false;
    }
    IrRef x = x86_read_rm(s, s->operand_log2), less = op2(s, IR_SUB, x, constant(s, 1)), result, carry = is_zero(s, x);
    if (n == 3) {
        result = op2(s, IR_AND, x, op1(s, IR_NEG, x));
        carry = ir_op2(s->b, IR_XOR, IR_I32, carry, x86_i32(s, 1));
    } else {
        result = op2(s, n == 1 ? IR_AND : IR_XOR, x, less);
    }
    x86_write_reg(s, s->vex_v, s->operand_log2, result);
    ir_write(s->b, SLOT_FLAGS, logic_flags_with_carry(s, result, carry));
    return true;
}

/* x with its bits from n (I32, 0 to 255) upwards cleared. */
static IrRef low_bits(X86Translate *s, IrRef x, IrRef n)
{
    IrRef mask = op2(s, IR_SUB, op2(s, IR_SHL, constant(s, 1), n), constant(s, 1));
    IrRef whole = ir_setcc(s->b, IR_CC_GEU, n, x86_i32(s, 8 << s->operand_log2));
    return ir_op3(s->b, IR_SELECT, x86_type(s->operand_log2), whole, x, op2(s, IR_AND, x, mask));
}

static void bzhi(X86Translate *s)
{
    IrRef x = x86_read_rm(s, s->operand_log2), n = ir_zext(s->b, IR_I32, 0, ir_trunc(s->b, x86_read_reg(s, s->vex_v, s->operand_log2)));
    IrRef result = low_bits(s, x, n);
    IrRef carry = ir_setcc(s->b, IR_CC_GTU, n, x86_i32(s, (8 << s->operand_log2) - 1));
    x86_write_g(s, s->operand_log2, result);
    ir_write(s->b, SLOT_FLAGS, logic_flags_with_carry(s, result, carry));
}

static bool deposit_extract(X86Translate *s, IrOp op)
{
    IrRef x = x86_read_reg(s, s->vex_v, s->operand_log2), mask = x86_read_rm(s, s->operand_log2);
    x86_write_g(s, s->operand_log2, op2(s, op, x, mask));
    return true;
}

/* F5: BZHI; PEXT with F3, PDEP with F2. */
bool x86_op_bzhi_pdep(X86Translate *s)
{
    switch (s->prefix) {
    case 0:
        bzhi(s);
        return true;
    case 0xf3:
        return deposit_extract(s, IR_PEXT);
    case 0xf2:
        return deposit_extract(s, IR_PDEP);
    default:
        return false;
    }
}

bool x86_op_mulx(X86Translate *s)
{
    unsigned size = s->operand_log2;
    if (s->prefix != 0xf2) {
        return false;
    }
    IrRef x = x86_read_reg(s, R_EDX, size), y = x86_read_rm(s, size), low, high;
    if (size == 3) {
        low = op2(s, IR_MUL, x, y);
        high = op2(s, IR_MULHI_U, x, y);
    } else {
        IrRef product = ir_op2(s->b, IR_MUL, IR_I64, ir_zext(s->b, IR_I64, 2, x), ir_zext(s->b, IR_I64, 2, y));
        low = ir_trunc(s->b, product);
        high = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, product, x86_i32(s, 32)));
    }
    x86_write_reg(s, s->vex_v, size, low);
    x86_write_g(s, size, high);
    return true;
}

static void bextr(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_rm(s, size), control = ir_trunc(s->b, x86_read_reg(s, s->vex_v, size));
    IrRef start = ir_zext(s->b, IR_I32, 0, control), length = ir_emit(s->b, IR_EXTRACT, IR_I32, 8, 8, control, 0, 0);
    IrRef inside = ir_setcc(s->b, IR_CC_LTU, start, x86_i32(s, 8 << size));
    IrRef shifted = ir_op3(s->b, IR_SELECT, x86_type(size), inside, op2(s, IR_SHR, x, start), constant(s, 0));
    write_logic(s, s->reg, low_bits(s, shifted, length));
}

/* F7: BEXTR; SHLX with 66, SARX with F3, SHRX with F2. */
bool x86_op_bextr_shift(X86Translate *s)
{
    if (s->prefix == 0) {
        if (!x86_feature(s, FEAT_7_0_EBX, 3)) {
            return false;
        }
        bextr(s);
        return true;
    }
    if (!x86_feature(s, FEAT_7_0_EBX, 8)) {
        return false;
    }
    IrRef x = x86_read_rm(s, s->operand_log2), n = ir_trunc(s->b, x86_read_reg(s, s->vex_v, s->operand_log2));
    x86_write_g(s, s->operand_log2, op2(s, s->prefix == 0x66 ? IR_SHL : s->prefix == 0xf3 ? IR_SAR : IR_SHR, x, n));
    return true;
}

bool x86_op_rorx(X86Translate *s)
{
    if (s->prefix != 0xf2 || s->vex_v) {
        return false;
    }
    x86_write_g(s, s->operand_log2, op2(s, IR_ROR, x86_read_rm(s, s->operand_log2), x86_i32(s, s->immediate & 63)));
    return true;
}
