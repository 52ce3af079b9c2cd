/*
 * Atomic memory operations of A64: exclusives, compare-and-swap, read-modify-write, barriers.
 *
 * LDXR remembers the address and the value; STXR compares and swaps with that value. DDI 0487, B2.9 (exclusives), C4.1.94, C6.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-a64.h"

static IrMem atomic_access(ArmTranslate *s, unsigned size)
{
    IrMem mem = arm_mem(s, size);
    mem.align_log2 = size;
    mem.order = IR_ORDER_SEQ;
    return mem;
}

/* what: for the check of tags. */
static IrRef base_of(ArmTranslate *s, unsigned rn, unsigned bytes, unsigned what)
{
    IrRef base = a64_base(s, rn);
    return rn == 31 ? base : a64_checked(s, base, bytes, what, false);
}

/* Of 128 bits: aligned whatever FEAT_LSE2 lets through of shorter ones. */
static IrRef pair_base(ArmTranslate *s, unsigned rn, unsigned what)
{
    IrRef base = base_of(s, rn, 16, what);
    IrRef low = ir_op2(s->b, IR_AND, IR_I64, base, arm_i64(s, 15));
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, low, arm_i64(s, 0)), ARM_REASON_PAIR_ALIGNMENT);
    return base;
}

/* A register's low bytes, as CAS and ATOMIC compare and store them: the rest is 0. */
static IrRef operand(ArmTranslate *s, unsigned reg, unsigned size)
{
    return size == 3 ? a64_x(s, reg) : size == 2 ? a64_w(s, reg) : ir_zext(s->b, IR_I32, size, a64_w(s, reg));
}

static IrType type_of(unsigned size) { return size == 3 ? IR_I64 : IR_I32; }

static void set_old(ArmTranslate *s, unsigned reg, unsigned size, IrRef old)
{
    a64_set_reg(s, reg, size == 3, old);
}

/* ---- exclusives ---- */

static void remember(ArmTranslate *s, IrRef address, IrRef low, IrRef high)
{
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, address);
    ir_write(s->b, SLOT_EXCLUSIVE_LOW, low);
    ir_write(s->b, SLOT_EXCLUSIVE_HIGH, high);
}

bool a64_op_ldxr(ArmTranslate *s, const A64Operands *o)
{
    IrRef address = base_of(s, o->rn, 1u << o->size, ARM_READS);
    IrMem mem = atomic_access(s, o->size);
    mem.order = IR_ORDER_ACQUIRE;
    IrRef value = ir_load(s->b, IR_I64, address, mem);
    remember(s, address, value, arm_i64(s, 0));
    a64_set_x(s, o->rt, value);
    return true;
}

bool a64_op_ldxp(ArmTranslate *s, const A64Operands *o)
{
    IrRef address = o->size ? pair_base(s, o->rn, ARM_READS) : base_of(s, o->rn, 8, ARM_READS), low, high;
    IrMem mem = atomic_access(s, o->size ? 4 : 3);
    mem.order = IR_ORDER_ACQUIRE;
    if (o->size) {
        IrRef pair = ir_load(s->b, IR_I128, address, mem);
        low = ir_op1(s->b, IR_I128_LO, IR_I64, pair);
        high = ir_op1(s->b, IR_I128_HI, IR_I64, pair);
        remember(s, address, low, high);
    } else {
        IrRef both = ir_load(s->b, IR_I64, address, mem);
        remember(s, address, both, arm_i64(s, 0));
        low = ir_zext(s->b, IR_I64, 2, both);
        high = ir_op2(s->b, IR_SHR, IR_I64, both, arm_i32(s, 32));
        if (mem.big_endian) {
            IrRef swapped = low;
            low = high;
            high = swapped;
        }
    }
    a64_set_x(s, o->rt, low);
    a64_set_x(s, o->rt2, high);
    return true;
}

/* It fails without the monitor; rare, and C code does it. */
static IrRef monitored(ArmTranslate *s, unsigned rn, unsigned rs, unsigned bytes)
{
    IrRef address = base_of(s, rn, bytes, ARM_WRITES), marked = ir_read(s->b, SLOT_EXCLUSIVE_ADDRESS);
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, address, marked), ARM_REASON_EXCLUSIVE_FAILS | rs << 8 | 4 << 16);
    return address;
}

static void set_status(ArmTranslate *s, unsigned rs, IrRef failed)
{
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, arm_i64(s, UINT64_MAX));
    a64_set_w(s, rs, failed);
}

bool a64_op_stxr(ArmTranslate *s, const A64Operands *o)
{
    IrRef address = monitored(s, o->rn, o->rs, 1u << o->size), expected = ir_read(s->b, SLOT_EXCLUSIVE_LOW), desired = operand(s, o->rt, o->size);
    if (o->size < 3) {
        expected = ir_trunc(s->b, expected);
    }
    IrRef old = ir_cas(s->b, type_of(o->size), address, expected, desired, atomic_access(s, o->size));
    set_status(s, o->rs, ir_setcc(s->b, IR_CC_NE, old, expected));
    return true;
}

static IrRef join_words(ArmTranslate *s, unsigned low, unsigned high, bool swapped)
{
    return ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, a64_x(s, swapped ? high : low), a64_x(s, swapped ? low : high), 0);
}

static IrRef join(ArmTranslate *s, IrRef low, IrRef high) { return ir_op2(s->b, IR_I128_MAKE, IR_I128, low, high); }

static IrRef differ(ArmTranslate *s, IrRef pair, IrRef low, IrRef high)
{
    IrRef a = ir_op2(s->b, IR_XOR, IR_I64, ir_op1(s->b, IR_I128_LO, IR_I64, pair), low);
    IrRef b = ir_op2(s->b, IR_XOR, IR_I64, ir_op1(s->b, IR_I128_HI, IR_I64, pair), high);
    return ir_setcc(s->b, IR_CC_NE, ir_op2(s->b, IR_OR, IR_I64, a, b), arm_i64(s, 0));
}

bool a64_op_stxp(ArmTranslate *s, const A64Operands *o)
{
    IrRef address = monitored(s, o->rn, o->rs, o->size ? 16 : 8), low = ir_read(s->b, SLOT_EXCLUSIVE_LOW), failed;
    if (o->size) {
        IrRef high = ir_read(s->b, SLOT_EXCLUSIVE_HIGH);
        IrRef old = ir_cas(s->b, IR_I128, address, join(s, low, high), join(s, a64_x(s, o->rt), a64_x(s, o->rt2)), atomic_access(s, 4));
        failed = differ(s, old, low, high);
    } else {
        IrMem mem = atomic_access(s, 3);
        IrRef old = ir_cas(s->b, IR_I64, address, low, join_words(s, o->rt, o->rt2, mem.big_endian), mem);
        failed = ir_setcc(s->b, IR_CC_NE, old, low);
    }
    set_status(s, o->rs, failed);
    return true;
}

bool a64_op_clrex(ArmTranslate *s, const A64Operands *o)
{
    ir_write(s->b, SLOT_EXCLUSIVE_ADDRESS, arm_i64(s, UINT64_MAX));
    return true;
}

/* ---- FEAT_LSE ---- */

bool a64_op_cas(ArmTranslate *s, const A64Operands *o)
{
    IrRef address = base_of(s, o->rn, 1u << o->size, ARM_READS_AND_WRITES);
    set_old(s, o->rs, o->size, ir_cas(s->b, type_of(o->size), address, operand(s, o->rs, o->size), operand(s, o->rt, o->size), atomic_access(s, o->size)));
    return true;
}

/* Pairs of registers, even and odd. Register 31 is ZR. */
bool a64_op_casp(ArmTranslate *s, const A64Operands *o)
{
    if ((o->rs | o->rt) & 1) {
        return false;
    }
    IrRef address = o->size ? pair_base(s, o->rn, ARM_READS_AND_WRITES) : base_of(s, o->rn, 8, ARM_READS_AND_WRITES);
    if (o->size) {
        IrRef expected = join(s, a64_x(s, o->rs), a64_x(s, o->rs + 1)), desired = join(s, a64_x(s, o->rt), a64_x(s, o->rt + 1));
        IrRef old = ir_cas(s->b, IR_I128, address, expected, desired, atomic_access(s, 4));
        a64_set_x(s, o->rs, ir_op1(s->b, IR_I128_LO, IR_I64, old));
        a64_set_x(s, o->rs + 1, ir_op1(s->b, IR_I128_HI, IR_I64, old));
        return true;
    }
    IrMem mem = atomic_access(s, 3);
    IrRef expected = join_words(s, o->rs, o->rs + 1, mem.big_endian), desired = join_words(s, o->rt, o->rt + 1, mem.big_endian);
    IrRef old = ir_cas(s->b, IR_I64, address, expected, desired, mem);
    IrRef low = ir_zext(s->b, IR_I64, 2, old), high = ir_op2(s->b, IR_SHR, IR_I64, old, arm_i32(s, 32));
    a64_set_x(s, o->rs, mem.big_endian ? high : low);
    a64_set_x(s, o->rs + 1, mem.big_endian ? low : high);
    return true;
}

/* FEAT_LSE128: compared and swapped until nobody came between. */
bool a64_op_atomic_pair(ArmTranslate *s, const A64Operands *o)
{
    if (o->rt == 31 || o->rt2 == 31) {
        return false;
    }
    IrRef address = pair_base(s, o->rn, ARM_READS_AND_WRITES), old = ir_load(s->b, IR_I128, address, atomic_access(s, 4));
    IrRef low = ir_op1(s->b, IR_I128_LO, IR_I64, old), high = ir_op1(s->b, IR_I128_HI, IR_I64, old), t = a64_x(s, o->rt), t2 = a64_x(s, o->rt2);
    if (o->op == IR_ATOMIC_AND) {       /* LDCLRP */
        t = ir_op2(s->b, IR_ANDN, IR_I64, low, t);
        t2 = ir_op2(s->b, IR_ANDN, IR_I64, high, t2);
    } else if (o->op == IR_ATOMIC_OR) {
        t = ir_op2(s->b, IR_OR, IR_I64, low, t);
        t2 = ir_op2(s->b, IR_OR, IR_I64, high, t2);
    }
    IrRef seen = ir_cas(s->b, IR_I128, address, join(s, low, high), join(s, t, t2), atomic_access(s, 4));
    ir_exit_event_if(s->b, differ(s, seen, low, high), s->start);
    a64_set_x(s, o->rt, low);
    a64_set_x(s, o->rt2, high);
    return true;
}

bool a64_op_atomic(ArmTranslate *s, const A64Operands *o)
{
    bool is_signed = o->op == IR_ATOMIC_SMIN || o->op == IR_ATOMIC_SMAX;
    IrRef address = base_of(s, o->rn, 1u << o->size, ARM_READS_AND_WRITES), value = operand(s, o->rs, o->size);
    if (o->op == IR_ATOMIC_AND) {       /* LDCLR */
        value = ir_op1(s->b, IR_NOT, type_of(o->size), value);
        value = o->size < 2 ? ir_zext(s->b, IR_I32, o->size, value) : value;
    }
    if (is_signed && o->size < 2) {
        value = ir_sext(s->b, IR_I32, o->size, value);
    }
    set_old(s, o->rt, o->size, ir_atomic(s->b, o->op, type_of(o->size), address, value, atomic_access(s, o->size)));
    return true;
}

/* ---- barriers ---- */

/* Bits 1 and 0 of CRm: which accesses before it are ordered: 1 loads, 2 stores, 3 all. */
static void barrier(ArmTranslate *s, unsigned crm)
{
    ir_fence(s->b, (crm & 3) == 1 || (crm & 3) == 2 ? IR_ORDER_ACQUIRE : IR_ORDER_SEQ);
}

bool a64_op_dmb(ArmTranslate *s, const A64Operands *o)
{
    barrier(s, o->crm);
    return true;
}

/* Translations that others were to forget have been forgotten. */
bool a64_op_dsb(ArmTranslate *s, const A64Operands *o)
{
    barrier(s, o->crm);
    if (arm_el(s) > 0) {
        IrRef done = ARM_CALL0(s, dsb);
        IrRef waits = ir_op2(s->b, IR_XOR, IR_I32, done, arm_i32(s, 1));
        ir_exit_event_if(s->b, waits, s->start);
    }
    return true;
}

/* What was written to memory or registers before counts from here on: the block ends, for this code may have been among it. */
bool a64_op_isb(ArmTranslate *s, const A64Operands *o)
{
    ir_fence(s->b, IR_ORDER_SEQ);
    arm_end_lookup(s);
    return true;
}
