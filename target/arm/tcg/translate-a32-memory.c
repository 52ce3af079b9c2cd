/*
 * Loads and stores of AArch32: single registers, pairs, blocks of registers, exclusives.
 *
 * p, u, w: index before the access, add the offset, write the address back. p 0 and w 1 (of T32: w 2): as if by EL0. DDI 0487, F5.1, E2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a32.h"

enum { T32_UNPRIVILEGED = 2, T16_LDM_WRITE_BACK = 2 };

/* ---- addresses ---- */

typedef struct Address {
    IrRef base;                 /* of the access */
    int64_t offset;
    IrRef written;              /* I32: what the base register becomes; 0: it stays */
    bool unprivileged;
} Address;

static Address address_of(ArmTranslate *s, const A32Operands *o, IrRef offset32, int64_t constant)
{
    Address a = { .base = a32_base(s, o->rn) };
    bool writes = o->p ? o->w == 1 : true;
    a.unprivileged = o->w == T32_UNPRIVILEGED || (!o->p && o->w == 1 && !s->thumb);
    if (offset32) {
        IrRef moved = a32_op2(s, o->u ? IR_ADD : IR_SUB, ir_trunc(s->b, a.base), offset32);
        a.base = o->p ? ir_zext(s->b, IR_I64, 2, moved) : a.base;
        a.written = writes ? moved : 0;
    } else {
        constant = o->u ? constant : -constant;
        a.offset = o->p ? constant : 0;
        a.written = writes ? a32_op2(s, IR_ADD, ir_trunc(s->b, a.base), arm_i32(s, (uint32_t)constant)) : 0;
    }
    return a;
}

static IrMem mem_of(ArmTranslate *s, const Address *a, unsigned size)
{
    IrMem mem = arm_mem(s, size);
    mem.offset = a->offset;
    if (a->unprivileged) {
        mem.priv = ARM_TLB_EL0;
    }
    return mem;
}

static void write_back(ArmTranslate *s, const A32Operands *o, const Address *a)
{
    if (a->written) {
        a32_set_r(s, o->rn, a->written);
    }
}

/* ---- single registers ---- */

/* Loads and stores that write no address back, and not of PC, are described to a hypervisor. */
static void describe(const ArmTranslate *s, IrMem *mem, unsigned rt, unsigned size, bool ordered)
{
    mem->extra = arm_access_syndrome(size, mem->sign, rt, false, ordered) | (s->thumb && !s->wide ? ARM_ACCESS_SHORT : 0);
}

static bool load_register(ArmTranslate *s, const A32Operands *o, const Address *a, unsigned size, bool sign)
{
    IrMem mem = mem_of(s, a, size);
    mem.sign = sign;
    if (!a->written && o->rt != 15) {
        describe(s, &mem, o->rt, size, false);
    }
    IrRef value = ir_load(s->b, IR_I32, a->base, mem);
    if (o->rt == 15 && size != 2) {
        return false;
    }
    if (o->rt != o->rn || !a->written) {
        write_back(s, o, a);
    }
    a32_loaded(s, o->rt, value);
    return true;
}

static bool store_register(ArmTranslate *s, const A32Operands *o, const Address *a, unsigned size)
{
    IrMem mem = mem_of(s, a, size);
    if (!a->written && o->rt != 15) {
        describe(s, &mem, o->rt, size, false);
    }
    ir_store(s->b, a->base, a32_r(s, o->rt), mem);
    write_back(s, o, a);
    return !(a->written && o->rn == 15);
}

static bool access_word(ArmTranslate *s, const A32Operands *o, const Address *a)
{
    unsigned size = o->b ? 0 : 2;
    return o->load ? load_register(s, o, a, size, false) : store_register(s, o, a, size);
}

bool a32_op_ldst(ArmTranslate *s, const A32Operands *o)
{
    Address a = address_of(s, o, 0, o->imm);
    return access_word(s, o, &a);
}

bool a32_op_ldst_reg(ArmTranslate *s, const A32Operands *o)
{
    IrRef carry, offset = a32_shift_imm(s, a32_r(s, o->rm), o->shift, o->imm, &carry);
    Address a = address_of(s, o, offset, 0);
    return access_word(s, o, &a);
}

static bool access_extra(ArmTranslate *s, const A32Operands *o, const Address *a)
{
    switch (o->kind) {
    case EXTRA_STRH: return store_register(s, o, a, 1);
    case EXTRA_LDRH: return load_register(s, o, a, 1, false);
    case EXTRA_LDRSB: return load_register(s, o, a, 0, true);
    default: return load_register(s, o, a, 1, true);
    }
}

bool a32_op_ldst_extra(ArmTranslate *s, const A32Operands *o)
{
    Address a = address_of(s, o, 0, o->imm);
    return access_extra(s, o, &a);
}

bool a32_op_ldst_extra_reg(ArmTranslate *s, const A32Operands *o)
{
    IrRef offset = a32_r(s, o->rm);
    if (s->thumb && o->imm) {
        offset = a32_op2(s, IR_SHL, offset, arm_i32(s, o->imm));
    }
    Address a = address_of(s, o, offset, 0);
    return access_extra(s, o, &a);
}

/* ---- pairs ---- */

/* Words at whatever SCTLR.A says of alignment: E2.5.3. rt2 16: A32's, the register behind rt. */
static unsigned second_of(const A32Operands *o) { return o->rt2 == 16 ? o->rt + 1u : (unsigned)o->rt2; }

static bool access_pair(ArmTranslate *s, const A32Operands *o, Address *a)
{
    unsigned second = second_of(o);
    IrMem low = mem_of(s, a, 2), high;
    low.align_log2 = 2;
    high = low;
    high.offset += 4;
    if (o->rt == 15 || second >= 15) {
        return false;
    }
    if (o->op) {
        IrRef first = a32_r(s, o->rt), other = a32_r(s, second);
        ir_store(s->b, a->base, first, low);
        ir_store(s->b, a->base, other, high);
        write_back(s, o, a);
        return true;
    }
    IrRef first = ir_load(s->b, IR_I32, a->base, low), other = ir_load(s->b, IR_I32, a->base, high);
    write_back(s, o, a);
    a32_set_r(s, o->rt, first);
    a32_set_r(s, second, other);
    return true;
}

bool a32_op_ldst_pair(ArmTranslate *s, const A32Operands *o)
{
    Address a = address_of(s, o, 0, o->imm);
    a.unprivileged = false;
    return access_pair(s, o, &a);
}

bool a32_op_ldst_pair_reg(ArmTranslate *s, const A32Operands *o)
{
    A32Operands with_second = *o;
    with_second.rt2 = 16;
    Address a = address_of(s, o, a32_r(s, o->rm), 0);
    a.unprivileged = false;
    return access_pair(s, &with_second, &a);
}

/* ---- blocks of registers ---- */

typedef struct Block { IrRef base; int64_t offset, written; unsigned count; } Block;

static Block block_of(ArmTranslate *s, const A32Operands *o)
{
    Block b = { .base = a32_x(s, o->rn), .count = __builtin_popcount(o->list) };
    int64_t bytes = 4 * (int64_t)b.count;
    b.written = o->u ? bytes : -bytes;
    b.offset = o->u ? (o->p ? 4 : 0) : (o->p ? -bytes : 4 - bytes);
    return b;
}

static IrMem block_mem(ArmTranslate *s, const Block *b, unsigned n)
{
    IrMem mem = arm_mem(s, 2);
    mem.offset = b->offset + 4 * n;
    mem.align_log2 = 2;
    return mem;
}

static void write_block_base(ArmTranslate *s, const A32Operands *o, const Block *b)
{
    a32_set_r(s, o->rn, a32_op2(s, IR_ADD, ir_trunc(s->b, b->base), arm_i32(s, (uint32_t)b->written)));
}

bool a32_op_stm(ArmTranslate *s, const A32Operands *o)
{
    Block b = block_of(s, o);
    unsigned n = 0;
    if (o->rn == 15 || !o->list || (o->op && (a32_user(s) || (s->mode & ARM_MODE_HYP)))) {
        return false;
    }
    for (unsigned i = 0; i < 16; i++) {
        if (o->list >> i & 1) {
            IrRef value = o->op && i >= 8 && i < 15 ? ARM_CALL(s, a32_user_register, arm_i32(s, i)) : a32_r(s, i);
            ir_store(s->b, b.base, value, block_mem(s, &b, n++));
        }
    }
    if (o->w) {
        write_block_base(s, o, &b);
    }
    return true;
}

/* w 2: T16's, which writes the base back unless it is loaded. */
bool a32_op_ldm(ArmTranslate *s, const A32Operands *o)
{
    Block b = block_of(s, o);
    IrRef values[16];
    unsigned n = 0;
    bool to_user = o->op && !(o->list >> 15 & 1), writes = o->w == T16_LDM_WRITE_BACK ? !(o->list >> o->rn & 1) : o->w;
    if (o->rn == 15 || !o->list || (o->op && (a32_user(s) || (s->mode & ARM_MODE_HYP)))) {
        return false;
    }
    for (unsigned i = 0; i < 16; i++) {
        if (o->list >> i & 1) {
            values[i] = ir_load(s->b, IR_I32, b.base, block_mem(s, &b, n++));
        }
    }
    if (writes && !(o->list >> o->rn & 1)) {
        write_block_base(s, o, &b);
    }
    for (unsigned i = 0; i < 15; i++) {
        if (o->list >> i & 1) {
            if (to_user && i >= 8) {
                ARM_CALL(s, a32_set_user_register, arm_i32(s, i), values[i]);
            } else {
                a32_set_r(s, i, values[i]);
            }
        }
    }
    if (!(o->list >> 15 & 1)) {
        return true;
    }
    if (o->op) {
        ARM_CALL(s, a32_return, values[15]);
        ir_exit_event(s->b);
        s->ended = true;
    } else {
        a32_exchange(s, values[15]);
    }
    return true;
}

/* ---- return state: SRS, RFE ---- */

bool a32_op_srs(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s) || (s->mode & (ARM_MODE_SYS | ARM_MODE_HYP))) {
        return false;
    }
    ARM_CALL(s, a32_srs, arm_i32(s, o->mode | o->p << 8 | o->u << 9 | o->w << 10));
    return true;
}

bool a32_op_rfe(ArmTranslate *s, const A32Operands *o)
{
    if (a32_user(s) || (s->mode & ARM_MODE_HYP) || o->rn == 15) {
        return false;
    }
    A32Operands two = *o;
    two.list = 3;
    Block b = block_of(s, &two);
    IrRef pc = ir_load(s->b, IR_I32, b.base, block_mem(s, &b, 0)), cpsr = ir_load(s->b, IR_I32, b.base, block_mem(s, &b, 1));
    if (o->w) {
        write_block_base(s, &two, &b);
    }
    ARM_CALL(s, a32_rfe, pc, cpsr);
    ir_exit_event(s->b);
    s->ended = true;
    return true;
}

/* ---- exclusives and ordered accesses ---- */

static IrMem ordered(ArmTranslate *s, unsigned size, IrOrder order, int64_t offset)
{
    IrMem mem = arm_mem(s, size);
    mem.align_log2 = size;
    mem.order = order;
    mem.offset = offset;
    return mem;
}

static IrRef exclusive_address(ArmTranslate *s, const A32Operands *o)
{
    IrRef base = a32_r(s, o->rn);
    return ir_zext(s->b, IR_I64, 2, o->imm ? a32_op2(s, IR_ADD, base, arm_i32(s, o->imm)) : base);
}

bool a32_op_ldrex(ArmTranslate *s, const A32Operands *o)
{
    IrRef address = exclusive_address(s, o), value = ir_load(s->b, IR_I32, address, ordered(s, o->size, IR_ORDER_ACQUIRE, 0));
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, address);
    ir_write(s->b, SLOT_EXCLUSIVE_LOW, ir_zext(s->b, IR_I64, 2, value));
    a32_set_r(s, o->rt, value);
    return o->rt != 15 && o->rn != 15;
}

/* Two words, the lower address first whatever the endianness. */
bool a32_op_ldrexd(ArmTranslate *s, const A32Operands *o)
{
    unsigned second = second_of(o);
    if (o->rt == 15 || second >= 15 || o->rn == 15) {
        return false;
    }
    IrMem mem = ordered(s, 3, IR_ORDER_ACQUIRE, 0);
    IrRef address = a32_x(s, o->rn), both = ir_load(s->b, IR_I64, address, mem);
    IrRef low = ir_trunc(s->b, both), high = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, both, arm_i32(s, 32)));
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, address);
    ir_write(s->b, SLOT_EXCLUSIVE_LOW, both);
    a32_set_r(s, o->rt, mem.big_endian ? high : low);
    a32_set_r(s, second, mem.big_endian ? low : high);
    return true;
}

static IrRef monitored(ArmTranslate *s, const A32Operands *o)
{
    IrRef address = exclusive_address(s, o), marked = ir_read(s->b, SLOT_EXCLUSIVE_ADDRESS);
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, address, marked), ARM_REASON_EXCLUSIVE_FAILS | o->rd << 8 | (s->next - s->start) << 16);
    return address;
}

static void set_status(ArmTranslate *s, const A32Operands *o, IrRef failed)
{
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, arm_i64(s, UINT64_MAX));
    a32_set_r(s, o->rd, failed);
}

bool a32_op_strex(ArmTranslate *s, const A32Operands *o)
{
    if (o->rd == 15 || o->rt == 15 || o->rn == 15) {
        return false;
    }
    IrRef address = monitored(s, o), expected = ir_trunc(s->b, ir_read(s->b, SLOT_EXCLUSIVE_LOW)), desired = a32_r(s, o->rt);
    desired = o->size < 2 ? ir_zext(s->b, IR_I32, o->size, desired) : desired;
    IrRef old = ir_cas(s->b, IR_I32, address, expected, desired, ordered(s, o->size, IR_ORDER_SEQ, 0));
    set_status(s, o, ir_setcc(s->b, IR_CC_NE, old, expected));
    return true;
}

bool a32_op_strexd(ArmTranslate *s, const A32Operands *o)
{
    unsigned second = second_of(o);
    if (o->rd == 15 || o->rt == 15 || second >= 15 || o->rn == 15) {
        return false;
    }
    IrMem mem = ordered(s, 3, IR_ORDER_SEQ, 0);
    IrRef address = monitored(s, o), expected = ir_read(s->b, SLOT_EXCLUSIVE_LOW);
    IrRef low = a32_x(s, mem.big_endian ? second : (unsigned)o->rt), high = a32_x(s, mem.big_endian ? (unsigned)o->rt : second);
    IrRef old = ir_cas(s->b, IR_I64, address, expected, ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, low, high, 0), mem);
    set_status(s, o, ir_setcc(s->b, IR_CC_NE, old, expected));
    return true;
}

bool a32_op_clrex(ArmTranslate *s, const A32Operands *o)
{
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, arm_i64(s, UINT64_MAX));
    return true;
}

bool a32_op_load_ordered(ArmTranslate *s, const A32Operands *o)
{
    if (o->rt == 15) {
        return false;
    }
    IrMem mem = ordered(s, o->size, IR_ORDER_ACQUIRE, 0);
    describe(s, &mem, o->rt, o->size, true);
    a32_set_r(s, o->rt, ir_load(s->b, IR_I32, a32_x(s, o->rn), mem));
    return true;
}

bool a32_op_store_ordered(ArmTranslate *s, const A32Operands *o)
{
    if (o->rt == 15) {
        return false;
    }
    IrMem mem = ordered(s, o->size, IR_ORDER_SEQ, 0);
    describe(s, &mem, o->rt, o->size, true);
    ir_store(s->b, a32_x(s, o->rn), a32_r(s, o->rt), mem);
    return true;
}

/* SWP: before ARMv8. */
bool a32_op_swp(ArmTranslate *s, const A32Operands *o)
{
    unsigned size = o->b ? 0 : 2;
    if (NEEDS(v8) || o->rt == 15 || o->rt2 == 15) {
        return false;
    }
    IrRef value = o->b ? ir_zext(s->b, IR_I32, 0, a32_r(s, o->rt2)) : a32_r(s, o->rt2);
    a32_set_r(s, o->rt, ir_atomic(s->b, IR_ATOMIC_XCHG, IR_I32, a32_x(s, o->rn), value, ordered(s, size, IR_ORDER_SEQ, 0)));
    return true;
}
