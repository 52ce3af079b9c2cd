/*
 * FLAGS values: the host's own flags as long as nothing changes them; then either made anew by the compare or addition that they come from, or kept in the form that
 * slots have (LAHF, SETO).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"

/* By IrCond. */
static const uint8_t host_conditions[16] = { CC_E, CC_NE, CC_B, CC_AE, CC_BE, CC_A, CC_L, CC_GE, CC_LE, CC_G, CC_S, CC_NS, CC_O, CC_NO, CC_P, CC_NP };

static void lahf_seto(Compiler *c)
{
    emit8(&c->e, 0x9f);
    emit_setcc(&c->e, CC_O, RAX);
}

/* From eax in the slots' form to the host's flags. */
static void eax_to_host(Compiler *c)
{
    emit8(&c->e, 0x04);         /* add al, 127: overflows when OF is set */
    emit8(&c->e, 0x7f);
    emit8(&c->e, 0x9e);         /* sahf */
}

/* ---- keeping ---- */

static bool has_place(const Value *v)
{
    return v->reg != NO_REG || v->spill >= 0 || v->lazy >= 0;
}

static void keep(Compiler *c, uint32_t from)
{
    if (!c->host_flags) {
        return;
    }
    Value *v = &c->v[c->host_flags];
    if (v->form == FORM_NORMAL && v->last >= from && !has_place(v)) {
        lahf_seto(c);
        unsigned reg = alloc_gpr(c, NO_REG);
        emit_mov(&c->e, false, reg, RAX);
        define(c, c->host_flags, reg);
    }
}

void flags_keep(Compiler *c)
{
    keep(c, c->at + 1);
}

void flags_clobber(Compiler *c)
{
    keep(c, c->at);
    c->host_flags = 0;
}

/* ---- making anew ---- */

static void load_rax(Compiler *c, Place from, unsigned width)
{
    if (from.kind == PLACE_IMM) {
        emit_imm(&c->e, RAX, (uint64_t)(int64_t)from.disp);
    } else if (from.kind == PLACE_REG) {
        emit_mov(&c->e, true, RAX, from.reg);
    } else if (width < 2) {
        emit_op(&c->e, width == 0 ? OP_MOVZX8 : OP_MOVZX16, RAX, from, 0);
    } else {
        emit_load(&c->e, width == 3, RAX, from);
    }
}

static void compare_places(Compiler *c, unsigned width, Place a, Place b)
{
    Emitter *e = &c->e;
    if (a.kind == PLACE_REG) {
        if (b.kind == PLACE_IMM && b.disp == 0) {
            emit_op(e, width == 0 ? OP_ONE(0x84) | OP_BYTE | OP_BYTE_RM : width == 1 ? OP(MAP_ONE, PP_66, 0x85) : OP_TEST | (width == 3 ? OP_W : 0), a.reg, a, 0);
        } else {
            emit_alu(e, ALU_CMP, width, a.reg, b);
        }
    } else if (a.kind != PLACE_IMM && b.kind == PLACE_IMM) {
        emit_alu_imm(e, ALU_CMP, width, a, b.disp);
    } else if (a.kind != PLACE_IMM && b.kind == PLACE_REG) {
        emit_alu_to(e, ALU_CMP, width, a, b.reg);
    } else {
        load_rax(c, a, width);
        emit_alu(e, ALU_CMP, width, RAX, b);
    }
}

static void test_places(Compiler *c, unsigned width, Place a, Place b)
{
    Emitter *e = &c->e;
    uint32_t op = width == 0 ? OP_ONE(0x84) | OP_BYTE | OP_BYTE_RM : width == 1 ? OP(MAP_ONE, PP_66, 0x85) : OP_TEST | (width == 3 ? OP_W : 0);
    if (a.kind == PLACE_IMM || (a.kind != PLACE_REG && b.kind != PLACE_REG && b.kind != PLACE_IMM)) {
        load_rax(c, a, width);
        a = at_reg(RAX);
    }
    if (b.kind == PLACE_REG) {
        emit_op(e, op, b.reg, a, 0);
    } else if (b.kind == PLACE_IMM) {
        bool byte = width == 0 || (a.kind != PLACE_REG && b.disp >= 0 && b.disp < 128);
        unsigned bytes = byte ? 1 : width == 1 ? 2 : 4;
        emit_op(e, byte ? OP_ONE(0xf6) | OP_BYTE_RM : width == 1 ? OP(MAP_ONE, PP_66, 0xf7) : OP_ONE(0xf7) | (width == 3 ? OP_W : 0), 0, a, bytes);
        bytes == 1 ? emit8(e, b.disp) : bytes == 2 ? emit16(e, b.disp) : emit32(e, b.disp);
    } else {
        emit_op(e, op, a.reg, b, 0);
    }
}

static void remake_sum(Compiler *c, const IrInsn *insn, uint32_t pair, bool pair_known)
{
    unsigned width = insn->sub;
    Place b = peek_place(c, insn->b, width);
    bool add = insn->op == IR_FL_ADD;
    if (!pair_known) {
        Place a = peek_place(c, insn->a, width);
        if (add) {
            load_rax(c, a, width);
            emit_alu(&c->e, ALU_ADD, width, RAX, b);
        } else {
            compare_places(c, width, a, b);
        }
        return;
    }
    load_rax(c, peek_place(c, pair, width), width);
    emit_alu(&c->e, add ? ALU_SUB : ALU_ADD, width, RAX, b);
    emit_alu(&c->e, add ? ALU_ADD : ALU_CMP, width, RAX, b);
}

static void remake(Compiler *c, uint32_t root)
{
    const IrInsn *insn = insn_of(c, root);
    const Value *v = &c->v[root];
    if (insn->op != IR_FL_LOGIC) {
        remake_sum(c, insn, v->pair, v->pair_known);
        return;
    }
    if (!ir_is_const(insn->a) && value_of(c, insn->a)->form == FORM_FUSED) {
        const IrInsn *both = insn_of(c, c->v[insn->a].root);
        test_places(c, insn->sub, peek_place(c, both->a, insn->sub), peek_place(c, both->b, insn->sub));
        return;
    }
    compare_places(c, insn->sub, peek_place(c, insn->a, insn->sub), at_imm(0));
}

/* Not in the host's flags: how to get there. */
static void bring_to_host(Compiler *c, IrRef flags)
{
    uint64_t known;
    if (is_const(c, flags, &known)) {
        emit_imm(&c->e, RAX, known);
        eax_to_host(c);
        return;
    }
    Value *v = value_of(c, flags);
    if (v->form == FORM_FLAGS && !has_place(v)) {
        remake(c, v->root);
        return;
    }
    load_rax(c, peek_place(c, flags, 1), 1);
    eax_to_host(c);
}

void flags_to_host(Compiler *c, IrRef flags)
{
    IrRef root = root_of(c, flags);
    if (c->host_flags == root) {
        return;
    }
    flags_clobber(c);
    bring_to_host(c, flags);
    c->host_flags = ir_is_const(root) ? 0 : root;
}

void carry_to_host(Compiler *c, IrRef flags)
{
    uint64_t known;
    if (c->host_flags == root_of(c, flags)) {
        return;
    }
    flags_clobber(c);
    if (is_const(c, flags, &known)) {
        emit8(&c->e, known & FLAGS_CF ? 0xf9 : 0xf8);
        return;
    }
    Value *v = value_of(c, flags);
    if (v->form == FORM_FLAGS && !has_place(v)) {
        remake(c, v->root);
        c->host_flags = v->root;
        return;
    }
    Place place = peek_place(c, flags, 1);
    emit_op(&c->e, OP_0F(0xba), 4, place.kind == PLACE_REG ? place : at_mem(place.reg, place.disp + 1), 1);
    emit8(&c->e, place.kind == PLACE_REG ? 8 : 0);
}

unsigned flags_to_gpr(Compiler *c, IrRef flags)
{
    if (!ir_is_const(flags)) {
        Value *v = value_of(c, flags);
        if (!has_place(v)) {
            flags_to_host(c, flags);
            lahf_seto(c);
            unsigned reg = alloc_gpr(c, v->hint);
            emit_mov(&c->e, false, reg, RAX);
            define(c, flags, reg);
            c->locked |= 1u << reg;
            return reg;
        }
    }
    return use_gpr(c, flags);
}

void flags_store(Compiler *c, IrRef flags, Place mem)
{
    uint64_t known;
    if (is_const(c, flags, &known)) {
        emit_store_imm(&c->e, 1, mem, known);
        return;
    }
    Value *v = value_of(c, flags);
    if (c->host_flags != v->root && has_place(v)) {
        Place from = peek_place(c, flags, 1);
        unsigned reg = from.kind == PLACE_REG ? from.reg : RAX;
        if (from.kind != PLACE_REG) {
            load_rax(c, from, 1);
        }
        emit_store(&c->e, 1, mem, reg);
        return;
    }
    flags_to_host(c, flags);
    lahf_seto(c);
    emit_store(&c->e, 1, mem, RAX);
}

/* ---- conditions ---- */

/* A condition that one bit, or one of two, of the slots' form tells: its mask, or 0. */
static unsigned plain_mask(unsigned cond)
{
    static const uint16_t masks[8] = { FLAGS_ZF, FLAGS_CF, FLAGS_CF | FLAGS_ZF, 0, 0, FLAGS_SF, FLAGS_OF, FLAGS_PF };
    return masks[cond >> 1];
}

static unsigned test_to_host(Compiler *c, IrRef flags, unsigned cond)
{
    IrRef root = root_of(c, flags);
    unsigned mask = plain_mask(cond);
    if (c->host_flags == root || ir_is_const(root) || !mask || !has_place(value_of(c, flags))) {
        flags_to_host(c, flags);
        return host_conditions[cond];
    }
    flags_clobber(c);
    Place place = peek_place(c, flags, 1);
    if (place.kind == PLACE_REG) {
        emit_op(&c->e, OP_ONE(0xf7), 0, place, 4);
        emit32(&c->e, mask);
    } else {
        bool high = mask != FLAGS_OF;
        emit_op(&c->e, OP_ONE(0xf6) | OP_BYTE_RM, 0, at_mem(place.reg, place.disp + high), 1);
        emit8(&c->e, high ? mask >> 8 : mask);
    }
    return cond & 1 ? CC_E : CC_NE;
}

unsigned condition_to_host(Compiler *c, IrRef cond)
{
    uint64_t known;
    if (is_const(c, cond, &known)) {
        flags_clobber(c);
        emit_imm(&c->e, RAX, known);
        emit_op(&c->e, OP_TEST, RAX, at_reg(RAX), 0);
        return CC_NE;
    }
    uint32_t root = c->v[cond].root;
    const IrInsn *insn = insn_of(c, root);
    if (c->v[root].form != FORM_FUSED) {
        flags_clobber(c);
        compare_places(c, 2, peek_place(c, cond, 2), at_imm(0));
        return CC_NE;
    }
    if (insn->op == IR_TEST) {
        return test_to_host(c, insn->a, insn->sub);
    }
    unsigned width = type_of(c, insn->a) == IR_I64 ? 3 : 2;
    flags_clobber(c);
    compare_places(c, width, peek_place(c, insn->a, width), peek_place(c, insn->b, width));
    return host_conditions[insn->sub];
}

/* ---- flags with the op before them ---- */

uint32_t flags_of_pair(const Compiler *c, const IrInsn *insn)
{
    uint32_t pair = c->v[c->at].pair;
    return pair && c->block->insns[pair].sub == (insn->type == IR_I64 ? 3 : 2) ? pair : 0;
}

/* ---- ops ---- */

/* A copy of an operand that only serves to make flags. */
static unsigned copy_of(Compiler *c, IrRef r)
{
    unsigned reg = alloc_gpr(c, NO_REG);
    load_value(c, reg, r, true);
    return reg;
}

static void with_carry(Compiler *c, const IrInsn *insn)
{
    Place b = use_place(c, insn->b, insn->sub, true);
    unsigned reg = copy_of(c, insn->a);
    carry_to_host(c, insn->c);
    flags_keep(c);
    emit_alu(&c->e, insn->op == IR_FL_ADC ? ALU_ADC : ALU_SBB, insn->sub, reg, b);
}

static void step_by_one(Compiler *c, const IrInsn *insn)
{
    unsigned reg = copy_of(c, insn->a), width = insn->sub;
    carry_to_host(c, insn->b);
    flags_keep(c);
    uint32_t op = width == 0 ? OP_ONE(0xfe) | OP_BYTE_RM : width == 1 ? OP(MAP_ONE, PP_66, 0xff) : OP_ONE(0xff) | (width == 3 ? OP_W : 0);
    emit_op(&c->e, op, insn->op == IR_FL_DEC, at_reg(reg), 0);
}

static void shifted(Compiler *c, const IrInsn *insn)
{
    static const uint8_t shifts[] = { SHIFT_SHL, SHIFT_SHR, SHIFT_SAR, SHIFT_ROL, SHIFT_ROR };
    unsigned shift = shifts[insn->op - IR_FL_SHL];
    uint64_t count;
    unsigned reg = copy_of(c, insn->a);
    if (is_const(c, insn->b, &count)) {
        if (shift <= SHIFT_ROR) {
            flags_to_host(c, insn->c);
            flags_keep(c);
        } else {
            flags_clobber(c);
        }
        emit_shift_imm(&c->e, shift, insn->sub, reg, count & (insn->sub == 3 ? 63 : 31));
        return;
    }
    if (reg == RCX) {
        unsigned other = alloc_gpr(c, NO_REG);
        emit_mov(&c->e, true, other, RCX);
        temp_free(c, RCX);
        reg = other;
    }
    alloc_fixed(c, RCX);
    load_value(c, RCX, insn->b, false);
    flags_to_host(c, insn->c);
    flags_keep(c);
    emit_shift_cl(&c->e, shift, insn->sub, reg);
}

static void multiplied(Compiler *c, const IrInsn *insn)
{
    unsigned width = insn->sub;
    if (insn->op == IR_FL_MUL_S && width > 0) {
        Place b = use_place(c, insn->b, width, false);
        unsigned reg = copy_of(c, insn->a);
        flags_clobber(c);
        emit_op(&c->e, (width == 1 ? OP(MAP_0F, PP_66, 0xaf) : OP_0F(0xaf)) | (width == 3 ? OP_W : 0), reg, b, 0);
        return;
    }
    alloc_fixed(c, RDX);
    flags_clobber(c);
    Place b = use_place(c, insn->b, width, false);
    load_value(c, RAX, insn->a, true);
    emit_unary(&c->e, insn->op == IR_FL_MUL_S ? 5 : 4, width, b);
}

static unsigned merge_bits(unsigned imm)
{
    return (imm & 1 ? FLAGS_OF : 0) | (imm & 2 ? FLAGS_CF : 0) | (imm & 4 ? FLAGS_PF : 0) | (imm & 8 ? FLAGS_AF : 0) | (imm & 16 ? FLAGS_ZF : 0)
        | (imm & 32 ? FLAGS_SF : 0);
}

static void merge(Compiler *c, const IrInsn *insn)
{
    unsigned bits = merge_bits(insn->imm), b = flags_to_gpr(c, insn->b);
    flags_to_gpr(c, insn->a);
    unsigned reg = use_copy(c, insn->a, false);
    flags_clobber(c);
    emit_mov(&c->e, false, RAX, b);
    emit_alu_imm(&c->e, ALU_AND, 2, at_reg(RAX), bits);
    emit_alu_imm(&c->e, ALU_AND, 2, at_reg(reg), (uint16_t)~bits);
    emit_alu(&c->e, ALU_OR, 2, reg, at_reg(RAX));
    define(c, c->at, reg);
}

static void change_carry(Compiler *c, const IrInsn *insn)
{
    flags_to_gpr(c, insn->a);
    if (insn->op == IR_FL_FROM_CF) {
        use_gpr(c, insn->b);
    }
    unsigned reg = use_copy(c, insn->a, false);
    flags_clobber(c);
    Emitter *e = &c->e;
    if (insn->op == IR_FL_CMC) {
        emit_alu_imm(e, ALU_XOR, 2, at_reg(reg), FLAGS_CF);
    } else if (insn->op == IR_FL_SET_CF) {
        emit_alu_imm(e, insn->imm & 1 ? ALU_OR : ALU_AND, 2, at_reg(reg), insn->imm & 1 ? FLAGS_CF : (uint16_t)~FLAGS_CF);
    } else {
        load_value(c, RAX, insn->b, false);
        emit_alu_imm(e, ALU_AND, 2, at_reg(RAX), 1);
        emit_shift_imm(e, SHIFT_SHL, 2, RAX, 8);
        emit_alu_imm(e, ALU_AND, 2, at_reg(reg), (uint16_t)~FLAGS_CF);
        emit_alu(e, ALU_OR, 2, reg, at_reg(RAX));
    }
    define(c, c->at, reg);
}

static void unpack(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    flags_clobber(c);
    load_value(c, reg, insn->a, false);
    emit_mov(e, false, RAX, reg);
    emit_shift_imm(e, SHIFT_SHR, 2, reg, 11);
    emit_alu_imm(e, ALU_AND, 2, at_reg(reg), 1);
    emit_alu_imm(e, ALU_AND, 2, at_reg(RAX), 0xd5);
    emit_shift_imm(e, SHIFT_SHL, 2, RAX, 8);
    emit_lea(e, false, reg, at_index(reg, RAX, 0, FLAGS_ONE));
    define(c, c->at, reg);
}

static void pack(Compiler *c, const IrInsn *insn)
{
    Emitter *e = &c->e;
    flags_to_gpr(c, insn->a);
    unsigned reg = alloc_gpr(c, hint_of(c, c->at));
    load_value(c, reg, insn->a, false);
    flags_clobber(c);
    emit_mov(e, false, RAX, reg);
    emit_alu_imm(e, ALU_AND, 2, at_reg(reg), 1);
    emit_shift_imm(e, SHIFT_SHL, 2, reg, 11);
    emit_shift_imm(e, SHIFT_SHR, 2, RAX, 8);
    emit_alu_imm(e, ALU_AND, 2, at_reg(RAX), 0xd5);
    emit_alu(e, ALU_OR, 2, reg, at_reg(RAX));
    define(c, c->at, reg);
}

static void arithmetic_with_carry(Compiler *c, const IrInsn *insn)
{
    bool wide = insn->type == IR_I64;
    Place b = use_place(c, insn->b, wide ? 3 : 2, true);
    unsigned reg = use_copy(c, insn->a, wide);
    carry_to_host(c, insn->c);
    flags_keep(c);
    emit_alu(&c->e, insn->op == IR_ADC ? ALU_ADC : ALU_SBB, wide ? 3 : 2, reg, b);
    c->host_flags = flags_of_pair(c, insn);
    define(c, c->at, reg);
}

static void test(Compiler *c, const IrInsn *insn)
{
    unsigned cc = test_to_host(c, insn->a, insn->sub);
    emit_setcc(&c->e, cc, RAX);
    unsigned reg = result_gpr(c);
    emit_op(&c->e, OP_MOVZX8, reg, at_reg(RAX), 0);
    define(c, c->at, reg);
}

bool emit_flags_op(Compiler *c, const IrInsn *insn)
{
    if (insn->type == IR_FLAGS && c->host_flags == c->at) {
        return true;
    }
    switch (insn->op) {
    case IR_FL_ADC:
    case IR_FL_SBB:
        with_carry(c, insn);
        break;
    case IR_FL_INC:
    case IR_FL_DEC:
        step_by_one(c, insn);
        break;
    case IR_FL_SHL:
    case IR_FL_SHR:
    case IR_FL_SAR:
    case IR_FL_ROL:
    case IR_FL_ROR:
        shifted(c, insn);
        break;
    case IR_FL_MUL_U:
    case IR_FL_MUL_S:
        multiplied(c, insn);
        break;
    case IR_FL_MERGE:
        merge(c, insn);
        return true;
    case IR_FL_CMC:
    case IR_FL_SET_CF:
    case IR_FL_FROM_CF:
        change_carry(c, insn);
        return true;
    case IR_FL_UNPACK:
        unpack(c, insn);
        return true;
    case IR_FL_PACK:
        pack(c, insn);
        return true;
    case IR_ADC:
    case IR_SBB:
        arithmetic_with_carry(c, insn);
        return true;
    case IR_TEST:
        test(c, insn);
        return true;
    default:
        return false;
    }
    c->host_flags = c->at;
    return true;
}
