/*
 * Integer ops: arithmetic, logic, shifts, extensions, fields, comparison.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"

static bool is_wide(const IrInsn *insn)
{
    return insn->type == IR_I64;
}

static unsigned width_of(const IrInsn *insn)
{
    return is_wide(insn) ? 3 : 2;
}

/* Behind an instruction that made the flags of the op's pair. */
static void flags_came(Compiler *c, const IrInsn *insn)
{
    c->host_flags = flags_of_pair(c, insn);
}

/* ---- sums ---- */

/* The scaled index that the sum takes in: its SHL, or NULL. */
static const IrInsn *scaled_operand(Compiler *c, const IrInsn *insn, IrRef *other)
{
    for (unsigned k = 0; k < 2; k++) {
        IrRef r = k ? insn->a : insn->b;
        if (!ir_is_const(r) && c->v[r].root == r && c->v[r].form == FORM_FUSED && insn_of(c, r)->op == IR_SHL) {
            *other = k ? insn->b : insn->a;
            return insn_of(c, r);
        }
    }
    return NULL;
}

static unsigned scale_of(const Compiler *c, const IrInsn *shift)
{
    return ir_const_value(c->block, shift->b)->lo;
}

/* With its flags: an addition in place. */
static void add_with_flags(Compiler *c, const IrInsn *insn, uint32_t pair)
{
    IrRef other;
    const IrInsn *shift = scaled_operand(c, insn, &other), *flags = insn_of(c, pair);
    unsigned width = width_of(insn);
    if (flags->op == IR_FL_INC || flags->op == IR_FL_DEC) {
        unsigned reg = use_copy(c, insn->a, is_wide(insn));
        carry_to_host(c, flags->b);
        flags_keep(c);
        emit_op(&c->e, OP_ONE(0xff) | (width == 3 ? OP_W : 0), flags->op == IR_FL_DEC, at_reg(reg), 0);
        define(c, c->at, reg);
        flags_came(c, insn);
        return;
    }
    flags_clobber(c);
    if (shift) {
        unsigned reg = alloc_gpr(c, hint_of(c, c->at));
        load_value(c, reg, shift->a, is_wide(insn));
        emit_shift_imm(&c->e, SHIFT_SHL, width, reg, scale_of(c, shift));
        emit_alu(&c->e, ALU_ADD, width, reg, use_place(c, other, width, true));
        define(c, c->at, reg);
    } else if (flags->op == IR_FL_SUB) {
        /* x + (-n) for x - n: the carry is that of the subtraction. */
        Place n = use_place(c, flags->b, width, true);
        unsigned reg = use_copy(c, insn->a, is_wide(insn));
        emit_alu(&c->e, ALU_SUB, width, reg, n);
        define(c, c->at, reg);
    } else {
        Place b = use_place(c, insn->b, width, true);
        unsigned reg = use_copy(c, insn->a, is_wide(insn));
        emit_alu(&c->e, ALU_ADD, width, reg, b);
        define(c, c->at, reg);
    }
    flags_came(c, insn);
}

static void add(Compiler *c, const IrInsn *insn)
{
    IrRef other;
    uint32_t pair = flags_of_pair(c, insn);
    const IrInsn *shift = scaled_operand(c, insn, &other);
    unsigned width = width_of(insn);
    uint64_t n;
    if (pair) {
        add_with_flags(c, insn, pair);
        return;
    }
    if (shift) {
        unsigned index = use_gpr(c, shift->a);
        Place place;
        if (is_const(c, other, &n) && (int64_t)n == (int32_t)n) {
            place = at_index(NO_REG, index, scale_of(c, shift), n);
        } else {
            place = at_index(use_gpr(c, other), index, scale_of(c, shift), 0);
        }
        unsigned reg = result_gpr(c);
        emit_lea(&c->e, is_wide(insn), reg, place);
        define(c, c->at, reg);
        return;
    }
    Place b = use_place(c, insn->b, width, true);
    if (b.kind == PLACE_MEM) {
        flags_clobber(c);
        unsigned reg = use_copy(c, insn->a, is_wide(insn));
        emit_alu(&c->e, ALU_ADD, width, reg, b);
        define(c, c->at, reg);
        return;
    }
    unsigned a = use_gpr(c, insn->a), reg = result_gpr(c);
    bool wanted = c->host_flags && c->v[c->host_flags].last > c->at;
    if (!wanted && (reg == a || (b.kind == PLACE_REG && reg == b.reg))) {
        c->host_flags = 0;
        emit_alu(&c->e, ALU_ADD, width, reg, reg == a ? b : at_reg(a));
    } else {
        emit_lea(&c->e, is_wide(insn), reg, b.kind == PLACE_IMM ? at_mem(a, b.disp) : at_index(a, b.reg, 0, 0));
    }
    define(c, c->at, reg);
}

static void subtract(Compiler *c, const IrInsn *insn)
{
    unsigned width = width_of(insn);
    flags_clobber(c);
    Place b = use_place(c, insn->b, width, true);
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    emit_alu(&c->e, ALU_SUB, width, reg, b);
    define(c, c->at, reg);
    flags_came(c, insn);
}

/* ---- logic ---- */

static bool and_by_extension(Compiler *c, const IrInsn *insn)
{
    uint64_t mask;
    if (insn->op != IR_AND || flags_of_pair(c, insn) || !is_const(c, insn->b, &mask) || (mask != 0xff && mask != 0xffff && mask != UINT32_MAX)) {
        return false;
    }
    unsigned width = mask == 0xff ? 0 : mask == 0xffff ? 1 : 2;
    Place a = use_place(c, insn->a, width, false);
    unsigned reg = result_gpr(c);
    emit_op(&c->e, width == 0 ? OP_MOVZX8 : width == 1 ? OP_MOVZX16 : OP_MOV_LOAD, reg, a, 0);
    define(c, c->at, reg);
    return true;
}

static void logic(Compiler *c, const IrInsn *insn)
{
    unsigned alu = insn->op == IR_AND ? ALU_AND : insn->op == IR_OR ? ALU_OR : ALU_XOR, width = width_of(insn);
    if (and_by_extension(c, insn)) {
        return;
    }
    flags_clobber(c);
    Place b = use_place(c, insn->b, width, true);
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    emit_alu(&c->e, alu, width, reg, b);
    define(c, c->at, reg);
    flags_came(c, insn);
}

static void and_not(Compiler *c, const IrInsn *insn)
{
    unsigned width = width_of(insn);
    flags_clobber(c);
    Place a = use_place(c, insn->a, width, true);
    unsigned reg = use_copy(c, insn->b, is_wide(insn));
    emit_unary(&c->e, 2, width, at_reg(reg));
    emit_alu(&c->e, ALU_AND, width, reg, a);
    define(c, c->at, reg);
    flags_came(c, insn);
}

static void unary(Compiler *c, const IrInsn *insn)
{
    if (insn->op == IR_NEG) {
        flags_clobber(c);
    }
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    emit_unary(&c->e, insn->op == IR_NEG ? 3 : 2, width_of(insn), at_reg(reg));
    define(c, c->at, reg);
    if (insn->op == IR_NEG) {
        flags_came(c, insn);
    }
}

/* ---- products ---- */

static void multiply(Compiler *c, const IrInsn *insn)
{
    uint64_t n;
    flags_clobber(c);
    if (is_const(c, insn->b, &n)) {
        int64_t x = is_wide(insn) ? (int64_t)n : (int32_t)n;
        if (x == (int32_t)x) {
            Place a = use_place(c, insn->a, width_of(insn), false);
            unsigned reg = result_gpr(c);
            bool small = x == (int8_t)x;
            emit_op(&c->e, OP_ONE(small ? 0x6b : 0x69) | (is_wide(insn) ? OP_W : 0), reg, a, small ? 1 : 4);
            small ? emit8(&c->e, x) : emit32(&c->e, x);
            define(c, c->at, reg);
            return;
        }
    }
    Place b = use_place(c, insn->b, width_of(insn), false);
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    emit_op(&c->e, OP_0F(0xaf) | (is_wide(insn) ? OP_W : 0), reg, b, 0);
    define(c, c->at, reg);
}

static void multiply_high(Compiler *c, const IrInsn *insn)
{
    alloc_fixed(c, RDX);
    flags_clobber(c);
    Place b = use_place(c, insn->b, width_of(insn), false);
    load_value(c, RAX, insn->a, is_wide(insn));
    emit_unary(&c->e, insn->op == IR_MULHI_S ? 5 : 4, width_of(insn), b);
    define(c, c->at, RDX);
}

/* ---- shifts ---- */

static void shift_by_constant(Compiler *c, const IrInsn *insn, unsigned shift, unsigned count)
{
    unsigned width = width_of(insn);
    count &= 8 * (1u << width) - 1;
    uint32_t pair = flags_of_pair(c, insn);
    if (!pair && shift == SHIFT_SHL && count > 0 && count <= 3 && (!dies(c, insn->a) || (c->host_flags && c->v[c->host_flags].last > c->at))) {
        unsigned a = use_gpr(c, insn->a), reg = result_gpr(c);
        emit_lea(&c->e, is_wide(insn), reg, count == 1 ? at_index(a, a, 0, 0) : at_index(NO_REG, a, count, 0));
        define(c, c->at, reg);
        return;
    }
    if (!pair && shift <= SHIFT_ROR && count && (x64.host & HOST_BMI2) && !dies(c, insn->a)) {
        Place a = use_place(c, insn->a, width, false);
        unsigned reg = result_gpr(c);
        emit_vex(&c->e, OP(MAP_0F3A, PP_F2, 0xf0) | (is_wide(insn) ? OP_W : 0), false, reg, NO_REG, a, 1);
        emit8(&c->e, shift == SHIFT_ROR ? count : 8 * (1u << width) - count);
        define(c, c->at, reg);
        return;
    }
    flags_clobber(c);
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    if (count) {
        emit_shift_imm(&c->e, shift, width, reg, count);
    } else if (!is_wide(insn)) {
        emit_mov(&c->e, false, reg, reg);
    }
    define(c, c->at, reg);
    c->host_flags = count ? pair : 0;
}

/* rcx holds the count; the register with the value is not rcx. */
static unsigned copy_beside_count(Compiler *c, IrRef value, IrRef count, bool wide)
{
    unsigned hint = hint_of(c, c->at);
    alloc_fixed(c, RCX);
    if (!ir_is_const(value) && value_of(c, value)->last <= c->at && value_of(c, value)->reg != NO_REG) {
        unsigned reg = use_copy(c, value, wide);
        load_value(c, RCX, count, false);
        return reg;
    }
    unsigned reg = alloc_gpr(c, hint);
    load_value(c, reg, value, wide);
    load_value(c, RCX, count, false);
    return reg;
}

static void shift(Compiler *c, const IrInsn *insn)
{
    static const uint8_t shifts[] = { SHIFT_SHL, SHIFT_SHR, SHIFT_SAR, SHIFT_ROL, SHIFT_ROR }, prefixes[] = { PP_66, PP_F2, PP_F3 };
    unsigned n = insn->op - IR_SHL;
    uint64_t count;
    if (is_const(c, insn->b, &count)) {
        shift_by_constant(c, insn, shifts[n], count);
        return;
    }
    if (n < 3 && (x64.host & HOST_BMI2)) {
        unsigned by = use_gpr(c, insn->b);
        Place a = use_place(c, insn->a, width_of(insn), false);
        unsigned reg = result_gpr(c);
        emit_vex(&c->e, OP(MAP_0F38, prefixes[n], 0xf7) | (is_wide(insn) ? OP_W : 0), false, reg, by, a, 0);
        define(c, c->at, reg);
        return;
    }
    flags_clobber(c);
    unsigned reg = copy_beside_count(c, insn->a, insn->b, is_wide(insn));
    emit_shift_cl(&c->e, shifts[n], width_of(insn), reg);
    if (!is_wide(insn)) {
        emit_mov(&c->e, false, reg, reg);       /* a count of 0 leaves the upper half as it was */
    }
    define(c, c->at, reg);
}

/* Of the low byte or word. */
static void rotate_narrow(Compiler *c, const IrInsn *insn)
{
    unsigned rotation = insn->op == IR_ROLW ? SHIFT_ROL : SHIFT_ROR;
    uint64_t count;
    flags_clobber(c);
    bool known = is_const(c, insn->b, &count);
    if (!known) {
        alloc_fixed(c, RCX);
    }
    Place a = use_place(c, insn->a, insn->sub, false);
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    emit_op(&c->e, insn->sub == 0 ? OP_MOVZX8 : OP_MOVZX16, reg, a, 0);
    if (known) {
        count &= (8u << insn->sub) - 1;
        if (count) {
            emit_shift_imm(&c->e, rotation, insn->sub, reg, count);
        }
    } else {
        load_value(c, RCX, insn->b, false);
        emit_shift_cl(&c->e, rotation, insn->sub, reg);
    }
    define(c, c->at, reg);
}

static void double_shift(Compiler *c, const IrInsn *insn)
{
    unsigned opcode = insn->op == IR_SHLD ? 0xa4 : 0xac;
    uint64_t count;
    flags_clobber(c);
    if (is_const(c, insn->c, &count)) {
        unsigned b = use_gpr(c, insn->b), reg = use_copy(c, insn->a, is_wide(insn));
        emit_op(&c->e, OP_0F(opcode) | (is_wide(insn) ? OP_W : 0), b, at_reg(reg), 1);
        emit8(&c->e, count & (is_wide(insn) ? 63 : 31));
        define(c, c->at, reg);
        return;
    }
    alloc_fixed(c, RCX);
    unsigned b = use_gpr(c, insn->b), reg = use_copy(c, insn->a, is_wide(insn));
    load_value(c, RCX, insn->c, false);
    emit_op(&c->e, OP_0F(opcode + 1) | (is_wide(insn) ? OP_W : 0), b, at_reg(reg), 0);
    if (!is_wide(insn)) {
        emit_mov(&c->e, false, reg, reg);
    }
    define(c, c->at, reg);
}

/* ---- extensions and fields ---- */

static void extend(Compiler *c, const IrInsn *insn)
{
    static const uint32_t zero[3] = { OP_MOVZX8, OP_MOVZX16, OP_MOV_LOAD }, sign[3] = { OP_MOVSX8, OP_MOVSX16, OP_MOVSXD };
    Place a = use_place(c, insn->a, insn->sub, false);
    unsigned reg = result_gpr(c);
    if (insn->op == IR_EXT_U) {
        emit_op(&c->e, zero[insn->sub], reg, a, 0);
    } else {
        emit_op(&c->e, sign[insn->sub] | (is_wide(insn) ? OP_W : 0), reg, a, 0);
    }
    define(c, c->at, reg);
}

static void extract(Compiler *c, const IrInsn *insn)
{
    unsigned width = 8u << width_of(insn), first = insn->imm, bits = insn->sub;
    Emitter *e = &c->e;
    flags_clobber(c);
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    if (insn->op == IR_SEXTRACT) {
        if (first + bits < width) {
            emit_shift_imm(e, SHIFT_SHL, width_of(insn), reg, width - first - bits);
        }
        if (bits < width) {
            emit_shift_imm(e, SHIFT_SAR, width_of(insn), reg, width - bits);
        }
    } else {
        if (first) {
            emit_shift_imm(e, SHIFT_SHR, width_of(insn), reg, first);
        }
        if (first + bits < width) {
            if (bits == 8) {
                emit_op(e, OP_MOVZX8, reg, at_reg(reg), 0);
            } else if (bits == 16) {
                emit_op(e, OP_MOVZX16, reg, at_reg(reg), 0);
            } else if (bits < 32) {
                emit_alu_imm(e, ALU_AND, 2, at_reg(reg), (1u << bits) - 1);
            } else {
                emit_shift_imm(e, SHIFT_SHL, 3, reg, 64 - bits);
                emit_shift_imm(e, SHIFT_SHR, 3, reg, 64 - bits);
            }
        }
    }
    if (bits == 32 && !is_wide(insn)) {
        emit_mov(e, false, reg, reg);
    }
    define(c, c->at, reg);
}

/* A byte or word at the bottom: a move of that width. */
static void deposit_low(Compiler *c, const IrInsn *insn)
{
    unsigned width = insn->sub == 8 ? 0 : 1;
    uint64_t n;
    bool known = is_const(c, insn->b, &n);
    Place b = known ? at_imm(0) : use_place(c, insn->b, width, false);
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    if (known) {
        emit_store_imm(&c->e, width, at_reg(reg), n);
    } else {
        emit_op(&c->e, width == 0 ? OP_ONE(0x8a) | OP_BYTE | OP_BYTE_RM : OP(MAP_ONE, PP_66, 0x8b), reg, b, 0);
    }
    if (!is_wide(insn)) {
        emit_mov(&c->e, false, reg, reg);
    }
    define(c, c->at, reg);
}

static void deposit(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    unsigned width = width_of(insn), first = insn->imm, bits = insn->sub;
    if (first == 0 && (bits == 8 || bits == 16)) {
        deposit_low(c, insn);
        return;
    }
    uint64_t mask = (bits >= 64 ? UINT64_MAX : (UINT64_C(1) << bits) - 1) << first;
    uint64_t n;
    flags_clobber(c);
    if (!ir_is_const(insn->b)) {
        use_gpr(c, insn->b);
    }
    unsigned reg = use_copy(c, insn->a, is_wide(insn));
    if (is_const(c, insn->b, &n)) {
        emit_imm(e, RAX, (n << first) & mask);
    } else {
        load_value(c, RAX, insn->b, true);
        if (bits == 8 || bits == 16) {
            emit_op(e, bits == 8 ? OP_MOVZX8 : OP_MOVZX16, RAX, at_reg(RAX), 0);
            emit_shift_imm(e, SHIFT_SHL, 3, RAX, first);
        } else if (first + bits < 64) {
            emit_shift_imm(e, SHIFT_SHL, 3, RAX, 64 - bits);
            emit_shift_imm(e, SHIFT_SHR, 3, RAX, 64 - bits - first);
        } else if (first) {
            emit_shift_imm(e, SHIFT_SHL, 3, RAX, first);
        }
    }
    int64_t keep = is_wide(insn) ? (int64_t)~mask : (int32_t)~mask;
    if (keep == (int32_t)keep) {
        emit_alu_imm(e, ALU_AND, width, at_reg(reg), keep);
    } else {
        emit_alu(e, ALU_AND, width, reg, pool_place(e, keep, 0));
    }
    emit_alu(e, ALU_OR, width, reg, at_reg(RAX));
    define(c, c->at, reg);
}

/* ---- comparison and choice ---- */

static void set_condition(Compiler *c, const IrInsn *insn)
{
    static const uint8_t conditions[10] = { CC_E, CC_NE, CC_B, CC_AE, CC_BE, CC_A, CC_L, CC_GE, CC_LE, CC_G };
    unsigned width = type_of(c, insn->a) == IR_I64 ? 3 : 2;
    flags_clobber(c);
    Place b = use_place(c, insn->b, width, true);
    unsigned a = use_gpr(c, insn->a);
    if (b.kind == PLACE_IMM && b.disp == 0) {
        emit_op(&c->e, OP_TEST | (width == 3 ? OP_W : 0), a, at_reg(a), 0);
    } else {
        emit_alu(&c->e, ALU_CMP, width, a, b);
    }
    emit_setcc(&c->e, conditions[insn->sub], RAX);
    unsigned reg = result_gpr(c);
    emit_op(&c->e, OP_MOVZX8, reg, at_reg(RAX), 0);
    define(c, c->at, reg);
}

static void select_vector(Compiler *c, const IrInsn *insn)
{
    unsigned yes = use_xmm(c, insn->b), reg = alloc_xmm(c, hint_of(c, c->at));
    load_value_xmm(c, reg, insn->c);
    unsigned cc = condition_to_host(c, insn->a);
    Label skip = label_new(&c->e);
    emit_jcc(&c->e, cc ^ 1, skip);
    vmov(c, reg, yes, insn->type);
    label_here(&c->e, skip);
    define(c, c->at, reg);
}

static void select_value(Compiler *c, const IrInsn *insn)
{
    if (is_vector(insn->type)) {
        select_vector(c, insn);
        return;
    }
    bool wide = insn->type == IR_I64;
    if (insn->type == IR_FLAGS) {
        flags_to_gpr(c, insn->b);
        flags_to_gpr(c, insn->c);
    }
    unsigned yes = use_gpr(c, insn->b), reg;
    /* The register may be that of the other value, but not one that the condition is made from. */
    Value *no = ir_is_const(insn->c) ? NULL : value_of(c, insn->c);
    if (no && no->reg != NO_REG && no->last <= c->at && no->reg != yes && !(c->pin_locked >> no->reg & 1)) {
        reg = no->reg;
        c->locked |= 1u << reg;
    } else {
        reg = alloc_gpr(c, hint_of(c, c->at));
        load_value(c, reg, insn->c, true);
    }
    unsigned cc = condition_to_host(c, insn->a);
    emit_cmov(&c->e, cc, wide, reg, at_reg(yes));
    define(c, c->at, reg);
}

/* ---- 128-bit pairs: in memory ---- */

static void make_pair(Compiler *c, const IrInsn *insn)
{
    unsigned low = use_gpr(c, insn->a), high = use_gpr(c, insn->b);
    Place place = spill_place(c, c->at);
    emit_store(&c->e, 3, place, low);
    emit_store(&c->e, 3, place_beyond(place, 8), high);
}

static void take_from_pair(Compiler *c, const IrInsn *insn)
{
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    emit_load(&c->e, true, reg, place_beyond(peek_place(c, insn->a, 3), insn->op == IR_I128_HI ? 8 : 0));
    define(c, c->at, reg);
}

bool emit_integer(Compiler *c, const IrInsn *insn)
{
    switch (insn->op) {
    case IR_ADD:
        add(c, insn);
        return true;
    case IR_SUB:
        subtract(c, insn);
        return true;
    case IR_AND:
    case IR_OR:
    case IR_XOR:
        logic(c, insn);
        return true;
    case IR_ANDN:
        and_not(c, insn);
        return true;
    case IR_NEG:
    case IR_NOT:
        unary(c, insn);
        return true;
    case IR_MUL:
        multiply(c, insn);
        return true;
    case IR_MULHI_U:
    case IR_MULHI_S:
        multiply_high(c, insn);
        return true;
    case IR_SHL:
    case IR_SHR:
    case IR_SAR:
    case IR_ROL:
    case IR_ROR:
        shift(c, insn);
        return true;
    case IR_ROLW:
    case IR_RORW:
        rotate_narrow(c, insn);
        return true;
    case IR_SHLD:
    case IR_SHRD:
        double_shift(c, insn);
        return true;
    case IR_EXT_U:
    case IR_EXT_S:
        extend(c, insn);
        return true;
    case IR_EXTRACT:
    case IR_SEXTRACT:
        extract(c, insn);
        return true;
    case IR_DEPOSIT:
        deposit(c, insn);
        return true;
    case IR_SETCC:
        set_condition(c, insn);
        return true;
    case IR_SELECT:
        if (is_memory_type(insn->type)) {
            return false;
        }
        select_value(c, insn);
        return true;
    case IR_I128_MAKE:
        make_pair(c, insn);
        return true;
    case IR_I128_LO:
    case IR_I128_HI:
        take_from_pair(c, insn);
        return true;
    default:
        return false;
    }
}
