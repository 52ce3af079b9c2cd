/*
 * Integer computation, loads and stores, control transfer: RV32I, RV64I, M, and the bit-manipulation extensions.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 2, 4, 13 "M", 28 "B", 12 "Zicond", 31 "Scalar cryptography" (Zbkb, Zbkx).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

/* ---- constants and addresses ---- */

bool rv_op_nop(RvTranslate *s, const RvOperands *o)
{
    return true;
}

/* The immediate is the upper bits, as a value of 32 bits. */
bool rv_op_lui(RvTranslate *s, const RvOperands *o)
{
    rv_set_x(s, o->rd, rv_i64(s, (uint64_t)(int64_t)o->imm));
    return true;
}

bool rv_op_auipc(RvTranslate *s, const RvOperands *o)
{
    rv_set_x(s, o->rd, rv_pc(s, s->start + (int64_t)o->imm));
    return true;
}

/* ---- computation ---- */

/* Operands of 32 bits, W instructions and RV32. */
static bool is_narrow(const RvTranslate *s, const RvOperands *o) { return s->rv32 || o->w; }
static IrType type_of(bool narrow) { return narrow ? IR_I32 : IR_I64; }

static IrRef op2(RvTranslate *s, IrOp op, IrType t, IrRef a, IrRef b) { return ir_op2(s->b, op, t, a, b); }
static IrRef constant(RvTranslate *s, IrType t, uint64_t value) { return ir_const(s->b, t, value); }

static IrRef shift(RvTranslate *s, IrOp op, IrType t, IrRef a, IrRef count)
{
    return op2(s, op, t, a, ir_trunc(s->b, count));
}

/* The bit that a shift amount names. */
static IrRef bit_mask(RvTranslate *s, IrType t, IrRef count)
{
    return shift(s, IR_SHL, t, constant(s, t, 1), count);
}

static IrRef less(RvTranslate *s, IrCond cc, IrType t, IrRef a, IrRef b)
{
    IrRef bit = ir_setcc(s->b, cc, a, b);
    return t == IR_I64 ? ir_zext(s->b, IR_I64, 2, bit) : bit;
}

static IrRef choose(RvTranslate *s, IrType t, IrRef cond, IrRef yes, IrRef no) { return ir_op3(s->b, IR_SELECT, t, cond, yes, no); }

static IrRef shifted_add(RvTranslate *s, IrType t, unsigned by, IrRef a, IrRef b)
{
    return op2(s, IR_ADD, t, op2(s, IR_SHL, t, a, rv_i32(s, by)), b);
}

static IrRef unsigned_word(RvTranslate *s, IrRef a) { return ir_zext(s->b, IR_I64, 2, a); }

/* The high half of signed times unsigned. */
static IrRef multiply_high_mixed(RvTranslate *s, IrType t, IrRef a, IrRef b)
{
    IrRef high = op2(s, IR_MULHI_U, t, a, b), sign = op2(s, IR_SAR, t, a, rv_i32(s, t == IR_I32 ? 31 : 63));
    return op2(s, IR_SUB, t, high, op2(s, IR_AND, t, sign, b));
}

static IrRef pack(RvTranslate *s, IrType t, IrRef a, IrRef b)
{
    return ir_emit(s->b, IR_DEPOSIT, t, t == IR_I32 ? 16 : 32, t == IR_I32 ? 16 : 32, a, b, 0);
}

static IrRef pack_bytes(RvTranslate *s, IrType t, IrRef a, IrRef b)
{
    IrRef low = op2(s, IR_AND, t, a, constant(s, t, 0xff));
    return ir_emit(s->b, IR_DEPOSIT, t, 8, 8, low, b, 0);
}

static IrRef alu(RvTranslate *s, enum RvAlu op, IrType t, IrRef a, IrRef b)
{
    switch (op) {
    case ALU_ADD: return op2(s, IR_ADD, t, a, b);
    case ALU_SUB: return op2(s, IR_SUB, t, a, b);
    case ALU_XOR: return op2(s, IR_XOR, t, a, b);
    case ALU_OR: return op2(s, IR_OR, t, a, b);
    case ALU_AND: return op2(s, IR_AND, t, a, b);
    case ALU_SLL: return shift(s, IR_SHL, t, a, b);
    case ALU_SRL: return shift(s, IR_SHR, t, a, b);
    case ALU_SRA: return shift(s, IR_SAR, t, a, b);
    case ALU_ROL: return shift(s, IR_ROL, t, a, b);
    case ALU_ROR: return shift(s, IR_ROR, t, a, b);
    case ALU_SLT: return less(s, IR_CC_LT, t, a, b);
    case ALU_SLTU: return less(s, IR_CC_LTU, t, a, b);
    case ALU_MUL: return op2(s, IR_MUL, t, a, b);
    case ALU_MULH: return op2(s, IR_MULHI_S, t, a, b);
    case ALU_MULHU: return op2(s, IR_MULHI_U, t, a, b);
    case ALU_MULHSU: return multiply_high_mixed(s, t, a, b);
    case ALU_SH1ADD: return shifted_add(s, t, 1, a, b);
    case ALU_SH2ADD: return shifted_add(s, t, 2, a, b);
    case ALU_SH3ADD: return shifted_add(s, t, 3, a, b);
    case ALU_ADD_UW: return op2(s, IR_ADD, t, unsigned_word(s, a), b);
    case ALU_SH1ADD_UW: return shifted_add(s, t, 1, unsigned_word(s, a), b);
    case ALU_SH2ADD_UW: return shifted_add(s, t, 2, unsigned_word(s, a), b);
    case ALU_SH3ADD_UW: return shifted_add(s, t, 3, unsigned_word(s, a), b);
    case ALU_SLL_UW: return shift(s, IR_SHL, t, unsigned_word(s, a), b);
    case ALU_ANDN: return op2(s, IR_ANDN, t, a, b);
    case ALU_ORN: return op2(s, IR_OR, t, a, ir_op1(s->b, IR_NOT, t, b));
    case ALU_XNOR: return ir_op1(s->b, IR_NOT, t, op2(s, IR_XOR, t, a, b));
    case ALU_MAX: return choose(s, t, ir_setcc(s->b, IR_CC_LT, a, b), b, a);
    case ALU_MAXU: return choose(s, t, ir_setcc(s->b, IR_CC_LTU, a, b), b, a);
    case ALU_MIN: return choose(s, t, ir_setcc(s->b, IR_CC_LT, a, b), a, b);
    case ALU_MINU: return choose(s, t, ir_setcc(s->b, IR_CC_LTU, a, b), a, b);
    case ALU_PACK: return pack(s, t, a, b);
    case ALU_PACKH: return pack_bytes(s, t, a, b);
    case ALU_BCLR: return op2(s, IR_ANDN, t, a, bit_mask(s, t, b));
    case ALU_BINV: return op2(s, IR_XOR, t, a, bit_mask(s, t, b));
    case ALU_BSET: return op2(s, IR_OR, t, a, bit_mask(s, t, b));
    case ALU_BEXT: return op2(s, IR_AND, t, shift(s, IR_SHR, t, a, b), constant(s, t, 1));
    case ALU_CZERO_EQZ: return choose(s, t, ir_setcc(s->b, IR_CC_EQ, b, constant(s, t, 0)), constant(s, t, 0), a);
    case ALU_CZERO_NEZ: return choose(s, t, ir_setcc(s->b, IR_CC_NE, b, constant(s, t, 0)), constant(s, t, 0), a);
    }
    return a;
}

static bool compute(RvTranslate *s, const RvOperands *o, IrRef a, IrRef b)
{
    bool narrow = is_narrow(s, o);
    IrType t = type_of(narrow);
    if (!o->rd) {
        return true;
    }
    if (narrow) {
        a = ir_trunc(s->b, a);
        b = ir_trunc(s->b, b);
    }
    IrRef result = alu(s, o->op, t, a, b);
    if (narrow) {
        rv_set_x32(s, o->rd, result);
    } else {
        rv_set_x(s, o->rd, result);
    }
    return true;
}

bool rv_op_alu(RvTranslate *s, const RvOperands *o)
{
    return compute(s, o, rv_x(s, o->rs1), rv_x(s, o->rs2));
}

bool rv_op_alu_imm(RvTranslate *s, const RvOperands *o)
{
    return compute(s, o, rv_x(s, o->rs1), rv_i64(s, (uint64_t)(int64_t)o->imm));
}

bool rv_op_shift_imm(RvTranslate *s, const RvOperands *o)
{
    unsigned count = o->imm & 63;
    if (s->rv32 && count > 31) {
        return false;
    }
    return compute(s, o, rv_x(s, o->rs1), rv_i64(s, count));
}

/* ---- one operand ---- */

/* Each byte: all ones when it is not 0. */
static IrRef or_combine(RvTranslate *s, IrType t, IrRef a)
{
    IrRef low = constant(s, t, UINT64_C(0x7f7f7f7f7f7f7f7f)), high = constant(s, t, UINT64_C(0x8080808080808080));
    IrRef carried = op2(s, IR_OR, t, op2(s, IR_ADD, t, op2(s, IR_AND, t, a, low), low), a);
    IrRef bits = op2(s, IR_SHR, t, op2(s, IR_AND, t, carried, high), rv_i32(s, 7));
    return op2(s, IR_MUL, t, bits, constant(s, t, 0xff));
}

static IrRef swap_bits(RvTranslate *s, IrType t, IrRef a, uint64_t mask, unsigned by)
{
    IrRef m = constant(s, t, mask), n = rv_i32(s, by);
    return op2(s, IR_OR, t, op2(s, IR_SHL, t, op2(s, IR_AND, t, a, m), n), op2(s, IR_AND, t, op2(s, IR_SHR, t, a, n), m));
}

static IrRef reverse_in_bytes(RvTranslate *s, IrType t, IrRef a)
{
    a = swap_bits(s, t, a, UINT64_C(0x5555555555555555), 1);
    a = swap_bits(s, t, a, UINT64_C(0x3333333333333333), 2);
    return swap_bits(s, t, a, UINT64_C(0x0f0f0f0f0f0f0f0f), 4);
}

/* RV32: even bits to the low half, odd ones to the high half; and back. */
static IrRef unzip(RvTranslate *s, IrRef a)
{
    IrRef even = op2(s, IR_PEXT, IR_I32, a, rv_i32(s, 0x55555555)), odd = op2(s, IR_PEXT, IR_I32, a, rv_i32(s, 0xaaaaaaaa));
    return op2(s, IR_OR, IR_I32, even, op2(s, IR_SHL, IR_I32, odd, rv_i32(s, 16)));
}

static IrRef zip(RvTranslate *s, IrRef a)
{
    IrRef low = op2(s, IR_PDEP, IR_I32, a, rv_i32(s, 0x55555555));
    IrRef high = op2(s, IR_PDEP, IR_I32, op2(s, IR_SHR, IR_I32, a, rv_i32(s, 16)), rv_i32(s, 0xaaaaaaaa));
    return op2(s, IR_OR, IR_I32, low, high);
}

static IrRef unary(RvTranslate *s, enum RvUnary op, IrType t, IrRef a)
{
    switch (op) {
    case UNARY_REV8: return ir_op1(s->b, IR_BSWAP, t, a);
    case UNARY_CLZ: return ir_op1(s->b, IR_CLZ, t, a);
    case UNARY_CTZ: return ir_op1(s->b, IR_CTZ, t, a);
    case UNARY_CPOP: return ir_op1(s->b, IR_POPCNT, t, a);
    case UNARY_SEXT_B: return ir_sext(s->b, t, 0, a);
    case UNARY_SEXT_H: return ir_sext(s->b, t, 1, a);
    case UNARY_ZEXT_B: return ir_zext(s->b, t, 0, a);
    case UNARY_ZEXT_H: return ir_zext(s->b, t, 1, a);
    case UNARY_ORC_B: return or_combine(s, t, a);
    case UNARY_BREV8: return reverse_in_bytes(s, t, a);
    case UNARY_ZIP: return zip(s, a);
    case UNARY_UNZIP: return unzip(s, a);
    }
    return a;
}

bool rv_op_unary(RvTranslate *s, const RvOperands *o)
{
    bool narrow = is_narrow(s, o);
    IrRef a = narrow ? rv_x32(s, o->rs1) : rv_x(s, o->rs1), result = unary(s, o->op, type_of(narrow), a);
    if (narrow) {
        rv_set_x32(s, o->rd, result);
    } else {
        rv_set_x(s, o->rd, result);
    }
    return true;
}

/* ---- division: by 0 all ones and the dividend; the overflow gives the dividend and 0 ---- */

bool rv_op_divide(RvTranslate *s, const RvOperands *o)
{
    bool narrow = is_narrow(s, o), is_signed = o->op == IR_DIV_S || o->op == IR_REM_S, quotient = o->op == IR_DIV_S || o->op == IR_DIV_U;
    IrType t = type_of(narrow);
    IrRef a = narrow ? rv_x32(s, o->rs1) : rv_x(s, o->rs1), b = narrow ? rv_x32(s, o->rs2) : rv_x(s, o->rs2);
    IrRef zero = constant(s, t, 0), one = constant(s, t, 1), by_zero = ir_setcc(s->b, IR_CC_EQ, b, zero), safe = choose(s, t, by_zero, one, b);
    if (is_signed) {
        /* By -1 it is a negation, which cannot overflow: the division is by 1 instead, and the sign is changed. */
        IrRef minus_one = constant(s, t, UINT64_MAX), by_minus = ir_setcc(s->b, IR_CC_EQ, b, minus_one);
        safe = choose(s, t, by_minus, one, safe);
        IrRef result = op2(s, o->op, t, a, safe);
        if (quotient) {
            result = choose(s, t, by_minus, ir_op1(s->b, IR_NEG, t, a), result);
        }
        result = choose(s, t, by_zero, quotient ? minus_one : a, result);
        rv_set_x(s, o->rd, narrow ? ir_sext(s->b, IR_I64, 2, result) : result);
        return true;
    }
    IrRef result = choose(s, t, by_zero, quotient ? constant(s, t, UINT64_MAX) : a, op2(s, o->op, t, a, safe));
    rv_set_x(s, o->rd, narrow ? ir_sext(s->b, IR_I64, 2, result) : result);
    return true;
}

/* ---- carry-less multiplication ---- */

bool rv_op_clmul(RvTranslate *s, const RvOperands *o)
{
    IrRef a = rv_x(s, o->rs1), b = rv_x(s, o->rs2);
    if (s->rv32) {
        a = unsigned_word(s, a);
        b = unsigned_word(s, b);
    }
    IrRef va = ir_op1(s->b, IR_VFROM_INT, IR_V128, a), vb = ir_op1(s->b, IR_VFROM_INT, IR_V128, b);
    IrRef product = ir_emit(s->b, IR_VCLMUL, IR_V128, 0, 0, va, vb, 0);
    IrRef low = ir_emit(s->b, IR_VEXTRACT, IR_I64, 3, 0, product, 0, 0), high = ir_emit(s->b, IR_VEXTRACT, IR_I64, 3, 1, product, 0, 0), result;
    if (s->rv32) {
        unsigned by = o->op == CLMUL ? 0 : o->op == CLMULH ? 32 : 31;
        result = ir_sext(s->b, IR_I64, 2, op2(s, IR_SHR, IR_I64, low, rv_i32(s, by)));
    } else {
        result = o->op == CLMUL ? low : o->op == CLMULH ? high : ir_op3(s->b, IR_SHLD, IR_I64, high, low, rv_i32(s, 1));
    }
    rv_set_x(s, o->rd, result);
    return true;
}

/* ---- memory ---- */

static IrMem access_of(RvTranslate *s, const RvOperands *o, unsigned size_log2)
{
    return (IrMem){ .offset = o->imm, .size_log2 = size_log2, .priv = rv_data_index(s) };
}

bool rv_op_load(RvTranslate *s, const RvOperands *o)
{
    IrMem mem = access_of(s, o, o->size);
    mem.sign = o->sign;
    IrRef base = rv_base(s, rv_x(s, o->rs1), &mem, RISCV_TRIGGER_LOADS);
    rv_set_x(s, o->rd, ir_load(s->b, IR_I64, base, mem));
    return true;
}

bool rv_op_store(RvTranslate *s, const RvOperands *o)
{
    IrMem mem = access_of(s, o, o->size);
    IrRef base = rv_base(s, rv_x(s, o->rs1), &mem, RISCV_TRIGGER_STORES);
    ir_store(s->b, base, rv_x(s, o->rs2), mem);
    return true;
}

/* Zilsd (volume I (20250508), 8): an even register and the next; x0's takes nothing and gives 0. */
bool rv_op_load_pair(RvTranslate *s, const RvOperands *o)
{
    IrMem mem = access_of(s, o, 3);
    if (o->rd & 1) {
        return false;
    }
    IrRef base = rv_base(s, rv_x(s, o->rs1), &mem, RISCV_TRIGGER_LOADS), value = ir_load(s->b, IR_I64, base, mem);
    rv_set_x(s, o->rd, ir_sext(s->b, IR_I64, 2, value));
    rv_set_x(s, o->rd ? o->rd + 1 : 0, op2(s, IR_SAR, IR_I64, value, rv_i32(s, 32)));
    return true;
}

bool rv_op_store_pair(RvTranslate *s, const RvOperands *o)
{
    IrMem mem = access_of(s, o, 3);
    if (o->rs2 & 1) {
        return false;
    }
    IrRef value = o->rs2 ? ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, rv_x(s, o->rs2), rv_x(s, o->rs2 + 1), 0) : rv_i64(s, 0);
    IrRef base = rv_base(s, rv_x(s, o->rs1), &mem, RISCV_TRIGGER_STORES);
    ir_store(s->b, base, value, mem);
    return true;
}

/* ---- control ---- */

static bool misaligned(const RvTranslate *s, int64_t target) { return (target & 2) && !NEEDS(zca); }

bool rv_op_jal(RvTranslate *s, const RvOperands *o)
{
    int64_t target = s->start + (int64_t)o->imm;
    if (misaligned(s, target)) {
        RV_CALL(s, raise, rv_i32(s, CAUSE_MISALIGNED_FETCH), rv_pc(s, target));
        ir_exit_lookup(s->b);
        s->ended = true;
        return true;
    }
    rv_set_x(s, o->rd, rv_pc(s, s->next));
    rv_record(s, rv_direct_transfer(o->rd), ir_pc(s->b, target));
    if (rv_is_link(o->rd) && !s->status_changed) {
        ir_exit_call(s->b, target, s->next);
        s->ended = true;
    } else {
        rv_end_goto(s, target);
    }
    return true;
}

/* ---- Zicfilp (volume I (20250508), 32.1): a label in the pad is that of x7 ---- */

enum { LABEL = 7 };

/* Returns, and jumps that software guards (by x7), need none. */
static bool expects_landing_pad(const RvTranslate *s, int rs1) { return (s->mode & RV_MODE_LPE) && !rv_is_link(rs1) && rs1 != LABEL; }

bool rv_landing_pad(RvTranslate *s)
{
    uint32_t label = s->insn >> 12;
    if ((s->insn & 0xfff) != 0x17 || (s->insn & 3) != 3 || (s->start & 3)) {
        ir_exit_fault(s->b, RV_REASON_LANDING_PAD);
        s->ended = true;
        return true;
    }
    if (label) {
        IrRef have = op2(s, IR_AND, IR_I64, op2(s, IR_SHR, IR_I64, rv_x(s, LABEL), rv_i32(s, 12)), rv_i64(s, 0xfffff));
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, have, rv_i64(s, label)), RV_REASON_LANDING_PAD);
    }
    ir_write(s->b, SLOT_ELP, rv_i64(s, 0));
    rv_end_lookup(s);
    return true;
}

bool rv_op_jalr(RvTranslate *s, const RvOperands *o)
{
    IrRef target = op2(s, IR_ADD, IR_I64, rv_x(s, o->rs1), rv_i64(s, (uint64_t)(int64_t)o->imm));
    target = op2(s, IR_AND, IR_I64, target, rv_i64(s, ~UINT64_C(1)));
    if (s->rv32) {
        target = unsigned_word(s, target);
    }
    if (!NEEDS(zca)) {
        ir_exit_fault_if(s->b, ir_trunc(s->b, op2(s, IR_AND, IR_I64, target, rv_i64(s, 2))), RV_REASON_TARGET_MISALIGNED);
    }
    rv_set_x(s, o->rd, rv_pc(s, s->next));
    rv_record(s, rv_indirect_transfer(o->rd, o->rs1), target);
    s->ended = true;
    bool lands = expects_landing_pad(s, o->rs1);
    if (lands) {
        ir_write(s->b, SLOT_ELP, rv_i64(s, 1));
    }
    if (s->status_changed || lands) {
        ir_write(s->b, SLOT_PC, target);
        ir_exit_lookup(s->b);
    } else if (rv_is_link(o->rd)) {
        ir_exit_call_indirect(s->b, target, s->next);
    } else if (rv_is_link(o->rs1)) {
        ir_exit_return(s->b, target);
    } else {
        ir_exit_indirect(s->b, target);
    }
    return true;
}

bool rv_op_branch(RvTranslate *s, const RvOperands *o)
{
    int64_t target = s->start + (int64_t)o->imm;
    IrRef cond = ir_setcc(s->b, o->op, rv_x(s, o->rs1), rv_x(s, o->rs2));
    s->ended = true;
    if (misaligned(s, target)) {
        ir_exit_fault_if(s->b, cond, RV_REASON_TARGET_MISALIGNED);
        rv_record_branch(s, rv_i32(s, 0), target);
        s->ended = false;
        return true;
    }
    rv_record_branch(s, cond, target);
    if (s->status_changed) {
        ir_write(s->b, SLOT_PC, choose(s, IR_I64, cond, ir_pc(s->b, target), ir_pc(s->b, s->next)));
        ir_exit_lookup(s->b);
        return true;
    }
    ir_exit_goto_if(s->b, cond, target);
    ir_exit_goto(s->b, s->next);
    return true;
}

/* ---- cryptography ---- */

bool rv_op_crypto(RvTranslate *s, const RvOperands *o)
{
    uint32_t spec = o->op | o->bs << 8 | o->rnum << 16 | (uint32_t)s->rv32 << 24;
    rv_set_x(s, o->rd, RV_CALL(s, crypto, rv_i32(s, spec), rv_x(s, o->rs1), rv_x(s, o->rs2)));
    return true;
}
