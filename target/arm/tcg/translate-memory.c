/*
 * Loads and stores of general registers of A64: single ones, pairs, literals, with acquire and release; memory tags.
 *
 * DDI 0487, C4.1.94, C6.2; B2.3 (order). A load with acquire needs nothing more on hosts that order loads; a store with release that a later load with acquire may not
 * pass (RCsc) is IR_ORDER_SEQ.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a64.h"

/* ---- what all accesses share ---- */

IrMem arm_mem(ArmTranslate *s, unsigned size_log2)
{
    return (IrMem){ .size_log2 = size_log2, .priv = arm_data_of(s), .big_endian = (s->mode & ARM_MODE_BIG_ENDIAN) != 0,
                    .align_log2 = s->mode & ARM_MODE_ALIGN ? size_log2 : 0 };
}

IrRef a64_base(ArmTranslate *s, unsigned n)
{
    IrRef base = a64_sp(s, n);
    if (n == 31 && (s->mode & ARM_MODE_SP_ALIGN)) {
        IrRef low = ir_op2(s->b, IR_AND, IR_I32, ir_trunc(s->b, base), arm_i32(s, 15));
        ir_exit_fault_if(s->b, low, ARM_REASON_SP_ALIGNMENT);
    }
    return base;
}

IrRef a64_checked(ArmTranslate *s, IrRef address, unsigned size_bytes, unsigned what, bool unpriv)
{
    if (s->mode & (unpriv ? ARM_MODE_MTE_UNPRIV : ARM_MODE_MTE)) {
        unsigned index = unpriv ? FIELD_GET(s->mode, ARM_MODE_UNPRIV) : arm_data_of(s);
        ARM_CALL(s, tag_check, address, arm_i32(s, size_bytes << 8 | index << 4 | unpriv << 1 | what));
    }
    return address;
}

/* Accesses relative to SP alone are not checked (DDI 0487, D10.8.1). */
static IrRef checked(ArmTranslate *s, unsigned base_register, bool plain_offset, IrRef address, int64_t offset, unsigned bytes, bool is_write, bool unpriv)
{
    if ((base_register == 31 && plain_offset) || !(s->mode & (unpriv ? ARM_MODE_MTE_UNPRIV : ARM_MODE_MTE))) {
        return address;
    }
    IrRef at = offset ? ir_op2(s->b, IR_ADD, IR_I64, address, arm_i64(s, offset)) : address;
    a64_checked(s, at, bytes, is_write, unpriv);
    return address;
}

static IrRef add(ArmTranslate *s, IrRef base, int64_t offset)
{
    return offset ? ir_op2(s->b, IR_ADD, IR_I64, base, arm_i64(s, offset)) : base;
}

/* ---- single registers ---- */

/* opc: 0 store, 1 load, 2 load sign-extended to 64 bits, 3 to 32. false: not allocated. */
static bool is_single(unsigned size, unsigned opc) { return opc < 2 || (opc == 2 && size < 3) || (opc == 3 && size < 2); }

static void access_single(ArmTranslate *s, unsigned size, unsigned opc, unsigned rt, IrRef base, IrMem mem)
{
    if (opc == 0) {
        ir_store(s->b, base, a64_x(s, rt), mem);
        return;
    }
    mem.sign = opc >= 2;
    if (opc == 3) {
        a64_set_w(s, rt, ir_load(s->b, IR_I32, base, mem));
    } else {
        a64_set_x(s, rt, ir_load(s->b, IR_I64, base, mem));
    }
}

static void set_syndrome(IrMem *mem, unsigned size, unsigned opc, unsigned rt)
{
    mem->extra = arm_access_syndrome(size, opc >= 2, rt, opc == 2 || (opc < 2 && size == 3), false);
}

bool a64_op_ldst_imm(ArmTranslate *s, const A64Operands *o)
{
    bool unpriv = o->index == INDEX_UNPRIV, writes_back = o->index == INDEX_POST || o->index == INDEX_PRE;
    if (!is_single(o->size, o->opc)) {
        return false;
    }
    IrRef base = a64_base(s, o->rn);
    IrMem mem = arm_mem(s, o->size);
    mem.offset = o->index == INDEX_POST ? 0 : o->imm;
    if (unpriv) {
        mem.priv = FIELD_GET(s->mode, ARM_MODE_UNPRIV);
    }
    if (!writes_back) {
        set_syndrome(&mem, o->size, o->opc, o->rt);
    }
    checked(s, o->rn, !writes_back, base, mem.offset, 1u << o->size, o->opc == 0, unpriv);
    if (o->opc == 0) {
        ir_store(s->b, base, a64_x(s, o->rt), mem);
        if (writes_back) {
            a64_set_sp(s, o->rn, add(s, base, o->imm));
        }
        return true;
    }
    mem.sign = o->opc >= 2;
    IrRef value = ir_load(s->b, o->opc == 3 ? IR_I32 : IR_I64, base, mem);
    if (writes_back) {
        a64_set_sp(s, o->rn, add(s, base, o->imm));
    }
    a64_set_x(s, o->rt, o->opc == 3 ? ir_zext(s->b, IR_I64, 2, value) : value);
    return true;
}

bool a64_op_ldst_uimm(ArmTranslate *s, const A64Operands *o)
{
    if (!is_single(o->size, o->opc)) {
        return false;
    }
    IrRef base = a64_base(s, o->rn);
    IrMem mem = arm_mem(s, o->size);
    mem.offset = (int64_t)o->uimm << o->size;
    set_syndrome(&mem, o->size, o->opc, o->rt);
    access_single(s, o->size, o->opc, o->rt, checked(s, o->rn, true, base, mem.offset, 1u << o->size, o->opc == 0, false), mem);
    return true;
}

/* Base and a register, extended (option) and shifted by the size. */
bool a64_op_ldst_reg(ArmTranslate *s, const A64Operands *o)
{
    if (!is_single(o->size, o->opc) || !(o->option & 2)) {
        return false;
    }
    IrRef base = a64_base(s, o->rn), index = a64_x(s, o->rm);
    if ((o->option & 3) == 2) {
        index = o->option & 4 ? ir_sext(s->b, IR_I64, 2, index) : ir_zext(s->b, IR_I64, 2, index);
    }
    if (o->s && o->size) {
        index = ir_op2(s->b, IR_SHL, IR_I64, index, arm_i32(s, o->size));
    }
    IrMem mem = arm_mem(s, o->size);
    set_syndrome(&mem, o->size, o->opc, o->rt);
    IrRef address = ir_op2(s->b, IR_ADD, IR_I64, base, index);
    access_single(s, o->size, o->opc, o->rt, checked(s, o->rn, false, address, 0, 1u << o->size, o->opc == 0, false), mem);
    return true;
}

bool a64_op_ldr_lit(ArmTranslate *s, const A64Operands *o)
{
    IrMem mem = arm_mem(s, o->size);
    mem.sign = o->sign;
    a64_set_x(s, o->rt, ir_load(s->b, IR_I64, ir_pc(s->b, s->start + (int64_t)o->imm * 4), mem));
    return true;
}

/* LDRAA, LDRAB: the base is authenticated first. */
bool a64_op_ldraa(ArmTranslate *s, const A64Operands *o)
{
    IrRef base = a64_authenticate(s, false, a64_base(s, o->rn), arm_i64(s, 0), 2 + o->m), address = add(s, base, (int64_t)o->imm * 8);
    IrRef value = ir_load(s->b, IR_I64, checked(s, o->rn, !o->w, address, 0, 8, false, false), arm_mem(s, 3));
    if (o->w) {
        a64_set_sp(s, o->rn, address);
    }
    a64_set_x(s, o->rt, value);
    return true;
}

/* ---- pairs ---- */

static IrMem pair_half(IrMem mem, unsigned size, int64_t offset, unsigned which)
{
    mem.offset = offset + ((int64_t)which << size);
    return mem;
}

bool a64_op_stp(ArmTranslate *s, const A64Operands *o)
{
    unsigned size = o->x ? 3 : 2;
    int64_t offset = (int64_t)o->imm * (1 << size), at = o->index == INDEX_POST ? 0 : offset;
    IrRef base = checked(s, o->rn, o->index == INDEX_OFFSET, a64_base(s, o->rn), at, 2u << size, true, false);
    IrRef first = a64_x(s, o->rt), second = a64_x(s, o->rt2);
    IrMem mem = arm_mem(s, size);
    /* Where the second half faults, the first may have been stored (DDI 0487, D1.3.5): the instruction is run again as a whole. */
    ir_store(s->b, base, first, pair_half(mem, size, at, 0));
    ir_store(s->b, base, second, pair_half(mem, size, at, 1));
    if (o->index != INDEX_OFFSET) {
        a64_set_sp(s, o->rn, add(s, base, offset));
    }
    return true;
}

bool a64_op_ldp(ArmTranslate *s, const A64Operands *o)
{
    unsigned size = o->x ? 3 : 2;
    int64_t offset = (int64_t)o->imm * (1 << size), at = o->index == INDEX_POST ? 0 : offset;
    IrRef base = checked(s, o->rn, o->index == INDEX_OFFSET, a64_base(s, o->rn), at, 2u << size, false, false);
    IrMem mem = arm_mem(s, size);
    mem.sign = o->sign;
    IrRef first = ir_load(s->b, IR_I64, base, pair_half(mem, size, at, 0)), second = ir_load(s->b, IR_I64, base, pair_half(mem, size, at, 1));
    if (o->index != INDEX_OFFSET) {
        a64_set_sp(s, o->rn, add(s, base, offset));
    }
    a64_set_x(s, o->rt, first);
    a64_set_x(s, o->rt2, second);
    return true;
}

/* ---- acquire and release without exclusives ---- */

static IrMem ordered(ArmTranslate *s, unsigned size, IrOrder order, unsigned rt)
{
    IrMem mem = arm_mem(s, size);
    mem.order = order;
    mem.align_log2 = size;
    mem.extra = arm_access_syndrome(size, false, rt, size == 3, true);
    return mem;
}

bool a64_op_ldar(ArmTranslate *s, const A64Operands *o)
{
    IrRef base = checked(s, o->rn, true, a64_base(s, o->rn), 0, 1u << o->size, false, false);
    a64_set_x(s, o->rt, ir_load(s->b, IR_I64, base, ordered(s, o->size, IR_ORDER_ACQUIRE, o->rt)));
    return true;
}

bool a64_op_stlr(ArmTranslate *s, const A64Operands *o)
{
    IrRef base = checked(s, o->rn, true, a64_base(s, o->rn), 0, 1u << o->size, true, false);
    ir_store(s->b, base, a64_x(s, o->rt), ordered(s, o->size, IR_ORDER_SEQ, o->rt));
    return true;
}

bool a64_op_ldapur(ArmTranslate *s, const A64Operands *o)
{
    IrMem mem = ordered(s, o->size, IR_ORDER_ACQUIRE, o->rt);
    mem.offset = o->imm;
    mem.sign = o->sign;
    IrRef base = checked(s, o->rn, true, a64_base(s, o->rn), o->imm, 1u << o->size, false, false);
    if (o->sign && !o->sf) {
        a64_set_w(s, o->rt, ir_load(s->b, IR_I32, base, mem));
    } else {
        a64_set_x(s, o->rt, ir_load(s->b, IR_I64, base, mem));
    }
    return true;
}

bool a64_op_stlur(ArmTranslate *s, const A64Operands *o)
{
    IrMem mem = ordered(s, o->size, IR_ORDER_SEQ, o->rt);
    mem.offset = o->imm;
    ir_store(s->b, checked(s, o->rn, true, a64_base(s, o->rn), o->imm, 1u << o->size, true, false), a64_x(s, o->rt), mem);
    return true;
}

/* ---- memory tags: FEAT_MTE ---- */

/* The tag, bits 59 to 56 of an address, moved on by an amount. */
static IrRef with_tag_of(ArmTranslate *s, IrRef address, IrRef tag)
{
    return ir_emit(s->b, IR_DEPOSIT, IR_I64, 4, 56, address, tag, 0);
}

bool a64_op_addg(ArmTranslate *s, const A64Operands *o)
{
    int64_t offset = (int64_t)o->uimm * 16;
    IrRef source = a64_sp(s, o->rn), moved = add(s, source, o->op ? -offset : offset);
    /* The tag that the excluded ones leave is found as IRG finds it: from the old one on, without randomness. */
    IrRef tag = ARM_CALL(s, tag_add, source, arm_i32(s, o->uimm2));
    a64_set_sp(s, o->rd, with_tag_of(s, moved, tag));
    return true;
}

bool a64_op_irg(ArmTranslate *s, const A64Operands *o)
{
    a64_set_sp(s, o->rd, ARM_CALL(s, tag_insert, a64_sp(s, o->rn), a64_x(s, o->rm)));
    return true;
}

bool a64_op_gmi(ArmTranslate *s, const A64Operands *o)
{
    IrRef tag = ir_emit(s->b, IR_EXTRACT, IR_I64, 4, 56, a64_sp(s, o->rn), 0, 0);
    IrRef bit = ir_op2(s->b, IR_SHL, IR_I64, arm_i64(s, 1), ir_trunc(s->b, tag));
    a64_set_x(s, o->rd, ir_op2(s->b, IR_OR, IR_I64, a64_x(s, o->rm), bit));
    return true;
}

/* The difference of two addresses without their tags. */
bool a64_op_subp(ArmTranslate *s, const A64Operands *o)
{
    IrRef a = ir_emit(s->b, IR_SEXTRACT, IR_I64, 56, 0, a64_sp(s, o->rn), 0, 0), b = ir_emit(s->b, IR_SEXTRACT, IR_I64, 56, 0, a64_sp(s, o->rm), 0, 0);
    if (o->s) {
        ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_SUB, 3, a, b, 0));
    }
    a64_set_x(s, o->rd, ir_op2(s->b, IR_SUB, IR_I64, a, b));
    return true;
}

/* op: bit 0 the memory is cleared, bit 1 two granules. */
bool a64_op_stg(ArmTranslate *s, const A64Operands *o)
{
    int64_t offset = (int64_t)o->imm * 16;
    IrRef base = a64_base(s, o->rn), address = o->index == INDEX_POST ? base : add(s, base, offset);
    ARM_CALL(s, tag_store, address, a64_sp(s, o->rt), arm_i32(s, (o->op & 2 ? 2 : 1) | (o->op & 1) << 8));
    if (o->index != INDEX_OFFSET) {
        a64_set_sp(s, o->rn, add(s, base, offset));
    }
    return true;
}

bool a64_op_stgp(ArmTranslate *s, const A64Operands *o)
{
    int64_t offset = (int64_t)o->imm * 16, at = o->index == INDEX_POST ? 0 : offset;
    IrRef base = a64_base(s, o->rn), address = add(s, base, at);
    IrMem mem = arm_mem(s, 3);
    ARM_CALL(s, tag_store, address, address, arm_i32(s, 1));
    ir_store(s->b, address, a64_x(s, o->rt), pair_half(mem, 3, 0, 0));
    ir_store(s->b, address, a64_x(s, o->rt2), pair_half(mem, 3, 0, 1));
    if (o->index != INDEX_OFFSET) {
        a64_set_sp(s, o->rn, add(s, base, offset));
    }
    return true;
}

bool a64_op_ldg(ArmTranslate *s, const A64Operands *o)
{
    IrRef address = add(s, a64_base(s, o->rn), (int64_t)o->imm * 16);
    a64_set_x(s, o->rt, ARM_CALL(s, tag_load, address, a64_x(s, o->rt)));
    return true;
}

bool a64_op_ldgm(ArmTranslate *s, const A64Operands *o)
{
    if (arm_el(s) == 0) {
        return false;
    }
    a64_set_x(s, o->rt, ARM_CALL(s, tag_load_many, a64_base(s, o->rn)));
    return true;
}

bool a64_op_stgm(ArmTranslate *s, const A64Operands *o)
{
    if (arm_el(s) == 0) {
        return false;
    }
    ARM_CALL(s, tag_store_many, a64_base(s, o->rn), a64_x(s, o->rt), arm_i32(s, o->op));
    return true;
}

/* ---- guarded control stacks ---- */

bool a64_op_gcsstr(ArmTranslate *s, const A64Operands *o)
{
    ARM_CALL(s, gcs_store, a64_base(s, o->rn), a64_x(s, o->rt), arm_i32(s, o->rn << 10 | o->rt << 5 | o->op));
    return true;
}
