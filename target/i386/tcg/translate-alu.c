/*
 * Addition, subtraction, logic, comparison, multiplication, division, the atomic exchanges, decimal adjustments.
 *
 * Intel SDM volume 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/ops.h"

/* In the order of the opcodes. */
enum { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };

static IrRef flags_now(X86Translate *s)
{
    return ir_read(s->b, SLOT_FLAGS);
}

static IrRef op2(X86Translate *s, IrOp op, IrRef x, IrRef y)
{
    return ir_op2(s->b, op, x86_type(s->operand_log2), x, y);
}

static IrRef zero_extended(X86Translate *s, unsigned size_log2, IrRef x)
{
    return size_log2 == 3 ? x : ir_zext(s->b, IR_I32, size_log2, x);
}

static IrRef sign_extended(X86Translate *s, unsigned size_log2, IrRef x)
{
    return size_log2 == 3 ? x : ir_sext(s->b, IR_I32, size_log2, x);
}

/* ---- the eight ---- */

static IrRef alu_result(X86Translate *s, unsigned op, IrRef x, IrRef y)
{
    static const uint8_t ops[8] = { IR_ADD, IR_OR, IR_ADC, IR_SBB, IR_AND, IR_SUB, IR_XOR, IR_SUB };
    if (op == ALU_ADC || op == ALU_SBB) {
        return ir_op3(s->b, ops[op], x86_type(s->operand_log2), x, y, flags_now(s));
    }
    return op2(s, ops[op], x, y);
}

static IrRef alu_flags(X86Translate *s, unsigned op, IrRef x, IrRef y, IrRef result)
{
    unsigned size = s->operand_log2;
    switch (op) {
    case ALU_ADD:
        return ir_flags(s->b, IR_FL_ADD, size, x, y, 0);
    case ALU_ADC:
        return ir_flags(s->b, IR_FL_ADC, size, x, y, flags_now(s));
    case ALU_SBB:
        return ir_flags(s->b, IR_FL_SBB, size, x, y, flags_now(s));
    case ALU_SUB:
    case ALU_CMP:
        return ir_flags(s->b, IR_FL_SUB, size, x, y, 0);
    default:
        return ir_flags(s->b, IR_FL_LOGIC, size, result, 0, 0);
    }
}

static void alu_locked(X86Translate *s, unsigned op, IrRef y)
{
    static const int8_t atomics[8] = { IR_ATOMIC_ADD, IR_ATOMIC_OR, -1, -1, IR_ATOMIC_AND, IR_ATOMIC_SUB, IR_ATOMIC_XOR, -1 };
    IrRef x, result;
    if (atomics[op] >= 0) {
        x = x86_atomic_rm(s, atomics[op], s->operand_log2, y);
        result = alu_result(s, op, x, y);
    } else {
        x = x86_read_rm_to_write(s, s->operand_log2);
        result = alu_result(s, op, x, y);
        x86_replace_rm(s, s->operand_log2, x, result);
    }
    ir_write(s->b, SLOT_FLAGS, alu_flags(s, op, x, y, result));
}

/* OR and XOR of the low byte or word of a register leave the rest of it alone when they are done on all of it. */
static bool alu_on_whole(X86Translate *s, unsigned op, unsigned reg, IrRef y)
{
    unsigned size = s->operand_log2;
    if ((op != ALU_OR && op != ALU_XOR) || size > 1 || (size == 0 && !s->rex && reg >= 4)) {
        return false;
    }
    IrRef result = ir_op2(s->b, op == ALU_OR ? IR_OR : IR_XOR, IR_I64, x86_read_reg64(s, reg), ir_zext(s->b, IR_I64, size, y));
    x86_write_reg(s, reg, 3, result);
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, size, ir_trunc(s->b, result), 0, 0));
    return true;
}

/* x is the r/m operand. */
static void alu_to_rm(X86Translate *s, unsigned op, IrRef y)
{
    if (s->lock) {
        alu_locked(s, op, y);
        return;
    }
    if (!s->is_memory && alu_on_whole(s, op, s->rm, y)) {
        return;
    }
    unsigned size = s->operand_log2;
    IrRef x = op == ALU_CMP ? x86_read_rm(s, size) : x86_read_rm_to_write(s, size);
    IrRef result = alu_result(s, op, x, y), flags = alu_flags(s, op, x, y, result);
    if (op != ALU_CMP) {
        x86_write_rm(s, size, result);
    }
    ir_write(s->b, SLOT_FLAGS, flags);
}

static void alu_to_reg(X86Translate *s, unsigned op, unsigned reg, IrRef y)
{
    unsigned size = s->operand_log2;
    if (alu_on_whole(s, op, reg, y)) {
        return;
    }
    IrRef x = x86_read_reg(s, reg, size);
    IrRef result = alu_result(s, op, x, y), flags = alu_flags(s, op, x, y, result);
    if (op != ALU_CMP) {
        x86_write_reg(s, reg, size, result);
    }
    ir_write(s->b, SLOT_FLAGS, flags);
}

/* XOR and SUB of a register with itself: the old value does not matter. */
static bool clears_itself(const X86Translate *s, unsigned op)
{
    return (op == ALU_XOR || op == ALU_SUB) && !s->is_memory && s->reg == s->rm && s->operand_log2 >= 2;
}

bool x86_op_alu(X86Translate *s)
{
    unsigned op = s->op->param;
    switch (s->opcode & 7) {
    case 0:
    case 1:
        if (clears_itself(s, op)) {
            IrRef zero = x86_constant(s, s->operand_log2, 0);
            x86_write_rm(s, s->operand_log2, zero);
            ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, s->operand_log2, zero, 0, 0));
            return true;
        }
        if (op == ALU_CMP && s->lock) {
            return false;
        }
        alu_to_rm(s, op, x86_read_g(s, s->operand_log2));
        return true;
    case 2:
    case 3:
        alu_to_reg(s, op, s->reg, x86_read_rm(s, s->operand_log2));
        return true;
    default:
        alu_to_reg(s, op, R_EAX, x86_constant(s, s->operand_log2, s->immediate));
        return true;
    }
}

/* 80 to 83: the r/m operand with an immediate. */
bool x86_op_alu_immediate(X86Translate *s)
{
    alu_to_rm(s, s->op->param, x86_constant(s, s->operand_log2, s->immediate));
    return true;
}

bool x86_op_test(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x, y;
    if (s->opcode == 0xa8 || s->opcode == 0xa9) {
        x = x86_read_reg(s, R_EAX, size);
        y = x86_constant(s, size, s->immediate);
    } else {
        x = x86_read_rm(s, size);
        y = s->opcode >= 0xf6 ? x86_constant(s, size, s->immediate) : x86_read_g(s, size);
    }
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, size, op2(s, IR_AND, x, y), 0, 0));
    return true;
}

/* ---- one operand ---- */

/* param 0: INC, 1: DEC. */
bool x86_op_inc_dec(X86Translate *s)
{
    unsigned size = s->operand_log2;
    bool dec = s->op->param;
    IrRef by = x86_constant(s, size, dec ? UINT64_MAX : 1), x;
    if (s->map == X86_MAP_ONE && s->opcode < 0x50) {
        s->rm = s->opcode & 7;
    }
    if (s->lock) {
        x = x86_atomic_rm(s, IR_ATOMIC_ADD, size, by);
    } else {
        x = x86_read_rm_to_write(s, size);
        x86_write_rm(s, size, op2(s, IR_ADD, x, by));
    }
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, dec ? IR_FL_DEC : IR_FL_INC, size, x, flags_now(s), 0));
    return true;
}

bool x86_op_not(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef ones = x86_constant(s, size, UINT64_MAX);
    if (s->lock) {
        x86_atomic_rm(s, IR_ATOMIC_XOR, size, ones);
    } else {
        x86_write_rm(s, size, ir_op1(s->b, IR_NOT, x86_type(size), x86_read_rm_to_write(s, size)));
    }
    return true;
}

bool x86_op_neg(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_rm_to_write(s, size), result = ir_op1(s->b, IR_NEG, x86_type(size), x);
    if (s->lock) {
        x86_replace_rm(s, size, x, result);
    } else {
        x86_write_rm(s, size, result);
    }
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_SUB, size, x86_constant(s, size, 0), x, 0));
    return true;
}

/* ---- multiplication ---- */

/* Writes (high:low) of an operation on AL, AX, EAX, RAX: AX, or rDX:rAX. */
static void write_pair(X86Translate *s, IrRef low, IrRef high)
{
    unsigned size = s->operand_log2;
    if (size == 0) {
        x86_write_reg(s, R_EAX, 1, low);
    } else {
        x86_write_reg(s, R_EAX, size, low);
        x86_write_reg(s, R_EDX, size, high);
    }
}

static void multiply(X86Translate *s, bool is_signed)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_reg(s, R_EAX, size), y = x86_read_rm(s, size), low, high = 0;
    IrRef flags = ir_flags(s->b, is_signed ? IR_FL_MUL_S : IR_FL_MUL_U, size, x, y, 0);
    if (size == 3) {
        low = op2(s, IR_MUL, x, y);
        high = op2(s, is_signed ? IR_MULHI_S : IR_MULHI_U, x, y);
    } else if (size == 2) {
        IrRef wide_x = is_signed ? ir_sext(s->b, IR_I64, 2, x) : ir_zext(s->b, IR_I64, 2, x);
        IrRef wide_y = is_signed ? ir_sext(s->b, IR_I64, 2, y) : ir_zext(s->b, IR_I64, 2, y);
        IrRef product = ir_op2(s->b, IR_MUL, IR_I64, wide_x, wide_y);
        low = ir_trunc(s->b, product);
        high = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, product, x86_i32(s, 32)));
    } else {
        x = is_signed ? sign_extended(s, size, x) : zero_extended(s, size, x);
        y = is_signed ? sign_extended(s, size, y) : zero_extended(s, size, y);
        low = op2(s, IR_MUL, x, y);
        high = op2(s, IR_SHR, low, x86_i32(s, 16));
    }
    write_pair(s, low, high);
    ir_write(s->b, SLOT_FLAGS, flags);
}

bool x86_op_mul(X86Translate *s)
{
    multiply(s, false);
    return true;
}

bool x86_op_imul(X86Translate *s)
{
    multiply(s, true);
    return true;
}

/* IMUL with two and three operands: 0F AF, 69, 6B. */
bool x86_op_imul_to_reg(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_read_rm(s, size);
    IrRef y = s->map == X86_MAP_0F ? x86_read_g(s, size) : x86_constant(s, size, s->immediate);
    IrRef flags = ir_flags(s->b, IR_FL_MUL_S, size, x, y, 0);
    x86_write_g(s, size, op2(s, IR_MUL, sign_extended(s, size, x), sign_extended(s, size, y)));
    ir_write(s->b, SLOT_FLAGS, flags);
    return true;
}

/* ---- division ---- */

/* AX by a byte: quotient to AL, remainder to AH; and DX:AX by a word. In 32 bits; the quotient must fit the size. */
static void divide_narrow(X86Translate *s, bool is_signed)
{
    unsigned size = s->operand_log2;
    IrRef divisor = x86_read_rm(s, size), low = x86_read_reg(s, R_EAX, 1), high;
    divisor = is_signed ? sign_extended(s, size, divisor) : zero_extended(s, size, divisor);
    if (size == 0) {
        low = is_signed ? sign_extended(s, 1, low) : zero_extended(s, 1, low);
    } else {
        IrRef upper = ir_op2(s->b, IR_SHL, IR_I32, x86_read_reg(s, R_EDX, 1), x86_i32(s, 16));
        low = ir_op2(s->b, IR_OR, IR_I32, zero_extended(s, 1, low), upper);
    }
    high = is_signed ? ir_op2(s->b, IR_SAR, IR_I32, low, x86_i32(s, 31)) : x86_i32(s, 0);
    IrRef quotient = ir_op3(s->b, is_signed ? IR_DIVW_S : IR_DIVW_U, IR_I32, high, low, divisor);
    IrRef remainder = ir_op3(s->b, is_signed ? IR_REMW_S : IR_REMW_U, IR_I32, high, low, divisor);
    IrRef cut = is_signed ? sign_extended(s, size, quotient) : zero_extended(s, size, quotient);
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, cut, quotient), X86_FAULT(EXCP_DE));
    if (size == 0) {
        IrRef ah = ir_op2(s->b, IR_SHL, IR_I32, remainder, x86_i32(s, 8));
        x86_write_reg(s, R_EAX, 1, ir_op2(s->b, IR_OR, IR_I32, ah, zero_extended(s, 0, quotient)));
    } else {
        write_pair(s, quotient, remainder);
    }
}

static void divide(X86Translate *s, bool is_signed)
{
    unsigned size = s->operand_log2;
    if (size < 2) {
        divide_narrow(s, is_signed);
        return;
    }
    IrRef divisor = x86_read_rm(s, size), low = x86_read_reg(s, R_EAX, size), high = x86_read_reg(s, R_EDX, size);
    IrRef quotient = ir_op3(s->b, is_signed ? IR_DIVW_S : IR_DIVW_U, x86_type(size), high, low, divisor);
    IrRef remainder = ir_op3(s->b, is_signed ? IR_REMW_S : IR_REMW_U, x86_type(size), high, low, divisor);
    write_pair(s, quotient, remainder);
}

bool x86_op_div(X86Translate *s)
{
    divide(s, false);
    return true;
}

bool x86_op_idiv(X86Translate *s)
{
    divide(s, true);
    return true;
}

/* ---- exchanges ---- */

bool x86_op_xchg(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x, y;
    if (s->map == X86_MAP_ONE && s->opcode >= 0x90) {
        s->rm = (s->opcode & 7) | (s->rex & 1) << 3;
        s->reg = R_EAX;
    }
    y = x86_read_g(s, size);
    if (s->is_memory) {
        /* With memory it is atomic, LOCK or not. */
        x = x86_atomic_rm(s, IR_ATOMIC_XCHG, size, y);
    } else {
        x = x86_read_rm(s, size);
        x86_write_rm(s, size, y);
    }
    x86_write_g(s, size, x);
    return true;
}

bool x86_op_xadd(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef y = x86_read_g(s, size), x;
    if (s->lock) {
        x = x86_atomic_rm(s, IR_ATOMIC_ADD, size, y);
        x86_write_g(s, size, x);
    } else {
        x = x86_read_rm_to_write(s, size);
        IrRef sum = op2(s, IR_ADD, x, y);
        if (s->is_memory) {
            x86_write_rm(s, size, sum);
            x86_write_g(s, size, x);
        } else {
            x86_write_g(s, size, x);
            x86_write_rm(s, size, sum);
        }
    }
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_ADD, size, x, y, 0));
    return true;
}

bool x86_op_cmpxchg(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrType type = x86_type(size);
    IrRef expected = zero_extended(s, size, x86_read_reg(s, R_EAX, size)), desired = x86_read_g(s, size), old, equal;
    if (s->lock) {
        X86Address a = x86_operand_address(s, 1u << size, X86_ACCESS_STORE);
        old = ir_cas(s->b, type, a.base, expected, desired, x86_mem(s, a, size));
        equal = ir_setcc(s->b, IR_CC_EQ, old, expected);
    } else {
        old = zero_extended(s, size, x86_read_rm_to_write(s, size));
        equal = ir_setcc(s->b, IR_CC_EQ, old, expected);
        IrRef stored = ir_op3(s->b, IR_SELECT, type, equal, desired, old);
        if (s->is_memory) {
            x86_write_rm(s, size, stored);
        } else if (size == 2) {
            /* When they differ the register keeps its upper half. */
            IrRef whole = ir_op3(s->b, IR_SELECT, IR_I64, equal, ir_zext(s->b, IR_I64, 2, desired), x86_read_reg64(s, s->rm));
            x86_write_reg(s, s->rm, 3, whole);
        } else {
            x86_write_rm(s, size, stored);
        }
    }
    /* The accumulator takes what was found, when it was not what was expected; its upper half stays otherwise. */
    unsigned write_size = size == 2 ? 3 : size;
    IrRef found = size == 2 ? ir_zext(s->b, IR_I64, 2, old) : old;
    IrRef kept = x86_read_reg(s, R_EAX, write_size);
    x86_write_reg(s, R_EAX, write_size, ir_op3(s->b, IR_SELECT, x86_type(write_size), equal, kept, found));
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_SUB, size, expected, old, 0));
    return true;
}

static void cmpxchg8b(X86Translate *s)
{
    X86Address a = x86_operand_address(s, 8, X86_ACCESS_STORE);
    IrRef low = ir_zext(s->b, IR_I64, 2, x86_read_reg64(s, R_EAX)), high = x86_read_reg64(s, R_EDX);
    IrRef expected = ir_op2(s->b, IR_OR, IR_I64, low, ir_op2(s->b, IR_SHL, IR_I64, high, x86_i32(s, 32)));
    low = ir_zext(s->b, IR_I64, 2, x86_read_reg64(s, R_EBX));
    high = x86_read_reg64(s, R_ECX);
    IrRef desired = ir_op2(s->b, IR_OR, IR_I64, low, ir_op2(s->b, IR_SHL, IR_I64, high, x86_i32(s, 32)));
    IrMem mem = x86_mem(s, a, 3);
    IrRef old = ir_cas(s->b, IR_I64, a.base, expected, desired, mem);
    IrRef equal = ir_setcc(s->b, IR_CC_EQ, old, expected);
    IrRef old_low = ir_zext(s->b, IR_I64, 2, old), old_high = ir_op2(s->b, IR_SHR, IR_I64, old, x86_i32(s, 32));
    x86_write_reg(s, R_EAX, 3, ir_op3(s->b, IR_SELECT, IR_I64, equal, x86_read_reg64(s, R_EAX), old_low));
    x86_write_reg(s, R_EDX, 3, ir_op3(s->b, IR_SELECT, IR_I64, equal, x86_read_reg64(s, R_EDX), old_high));
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, 16, flags_now(s), ir_flags(s->b, IR_FL_SUB, 3, old, expected, 0), 0));
}

static void cmpxchg16b(X86Translate *s)
{
    X86Address a = x86_operand_address(s, 16, X86_ACCESS_STORE);
    IrMem mem = x86_mem(s, a, 4);
    mem.align_log2 = 4;
    IrRef low = x86_read_reg64(s, R_EAX), high = x86_read_reg64(s, R_EDX);
    IrRef expected = ir_op2(s->b, IR_I128_MAKE, IR_I128, low, high);
    IrRef desired = ir_op2(s->b, IR_I128_MAKE, IR_I128, x86_read_reg64(s, R_EBX), x86_read_reg64(s, R_ECX));
    IrRef old = ir_cas(s->b, IR_I128, a.base, expected, desired, mem);
    IrRef old_low = ir_op1(s->b, IR_I128_LO, IR_I64, old), old_high = ir_op1(s->b, IR_I128_HI, IR_I64, old);
    IrRef difference = ir_op2(s->b, IR_OR, IR_I64, ir_op2(s->b, IR_XOR, IR_I64, old_low, low), ir_op2(s->b, IR_XOR, IR_I64, old_high, high));
    /* When they are equal the old value is what the registers hold. */
    x86_write_reg(s, R_EAX, 3, old_low);
    x86_write_reg(s, R_EDX, 3, old_high);
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, 16, flags_now(s), ir_flags(s->b, IR_FL_LOGIC, 3, difference, 0, 0), 0));
}

bool x86_op_cmpxchg8b(X86Translate *s)
{
    if (s->operand_log2 != 3) {
        cmpxchg8b(s);
        return true;
    }
    if (!x86_feature(s, FEAT_1_ECX, 13)) {
        return false;
    }
    cmpxchg16b(s);
    return true;
}

/* ---- decimal arithmetic ---- */

bool x86_op_decimal(X86Translate *s)
{
    IrRef fl = ir_op1(s->b, IR_FL_PACK, IR_I32, flags_now(s));
    IrRef both = X86_CALL(s, decimal, x86_i32(s, s->opcode), x86_read_reg(s, R_EAX, 1), fl);
    x86_write_reg(s, R_EAX, 1, ir_trunc(s->b, both));
    IrRef packed = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, both, x86_i32(s, 32)));
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, packed));
    return true;
}

bool x86_op_aam(X86Translate *s)
{
    if (s->immediate == 0) {
        return x86_end_fault(s, X86_FAULT(EXCP_DE));
    }
    IrRef al = zero_extended(s, 0, x86_read_reg(s, R_EAX, 0)), by = x86_i32(s, s->immediate);
    IrRef low = ir_op2(s->b, IR_REM_U, IR_I32, al, by), high = ir_op2(s->b, IR_DIV_U, IR_I32, al, by);
    x86_write_reg(s, R_EAX, 1, ir_op2(s->b, IR_OR, IR_I32, low, ir_op2(s->b, IR_SHL, IR_I32, high, x86_i32(s, 8))));
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, 0, low, 0, 0));
    return true;
}

bool x86_op_aad(X86Translate *s)
{
    IrRef ax = zero_extended(s, 1, x86_read_reg(s, R_EAX, 1));
    IrRef tens = ir_op2(s->b, IR_MUL, IR_I32, ir_op2(s->b, IR_SHR, IR_I32, ax, x86_i32(s, 8)), x86_i32(s, s->immediate));
    IrRef result = zero_extended(s, 0, ir_op2(s->b, IR_ADD, IR_I32, ax, tens));
    x86_write_reg(s, R_EAX, 1, result);
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_LOGIC, 0, result, 0, 0));
    return true;
}
