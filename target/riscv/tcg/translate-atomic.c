/*
 * Atomic memory operations, load-reserved and store-conditional, compare-and-swap, fences.
 *
 * LR remembers the address and the value; SC compares and swaps with that value. The RISC-V Instruction Set Manual, volume I (20240411), 14 "A", 15 to 17 (Zawrs,
 * Zacas, Zabha), 2.7 (FENCE); RISC-V Load-Acquire and Store-Release Instructions 1.0 (Zalasr).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate.h"

static IrMem atomic_access(RvTranslate *s, const RvOperands *o)
{
    return (IrMem){ .size_log2 = o->size, .align_log2 = o->size, .sign = true, .order = IR_ORDER_SEQ, .priv = rv_data_index(s), .extra = RV_MEM_AMO };
}

enum { LOADS = RISCV_TRIGGER_LOADS, STORES = RISCV_TRIGGER_STORES };
static IrRef address_of(RvTranslate *s, const RvOperands *o, unsigned kinds)
{
    IrMem mem = { .size_log2 = o->size };
    return rv_base(s, rv_x(s, o->rs1), &mem, kinds);
}

static IrType type_of(const RvOperands *o) { return o->size == 3 ? IR_I64 : IR_I32; }

/* The old value as the destination holds it. */
static void set_old(RvTranslate *s, const RvOperands *o, IrRef old)
{
    rv_set_x(s, o->rd, ir_sext(s->b, IR_I64, o->size, old));
}

static IrRef operand(RvTranslate *s, const RvOperands *o, unsigned reg)
{
    IrRef x = rv_x(s, reg);
    return o->size == 3 ? x : ir_trunc(s->b, x);
}

bool rv_op_amo(RvTranslate *s, const RvOperands *o)
{
    IrRef value = operand(s, o, o->rs2);
    if (o->size < 2) {
        bool is_signed = o->op == IR_ATOMIC_SMIN || o->op == IR_ATOMIC_SMAX;
        value = is_signed ? ir_sext(s->b, IR_I32, o->size, value) : ir_zext(s->b, IR_I32, o->size, value);
    }
    set_old(s, o, ir_atomic(s->b, o->op, type_of(o), address_of(s, o, LOADS | STORES), value, atomic_access(s, o)));
    return true;
}

bool rv_op_amocas(RvTranslate *s, const RvOperands *o)
{
    IrRef expected = operand(s, o, o->rd), desired = operand(s, o, o->rs2);
    if (o->size < 2) {
        expected = ir_zext(s->b, IR_I32, o->size, expected);
        desired = ir_zext(s->b, IR_I32, o->size, desired);
    }
    set_old(s, o, ir_cas(s->b, type_of(o), address_of(s, o, LOADS | STORES), expected, desired, atomic_access(s, o)));
    return true;
}

/* Pairs of registers, even and odd; x0 stands for a pair of zeroes. */
bool rv_op_amocas_pair(RvTranslate *s, const RvOperands *o)
{
    if ((o->rd | o->rs2) & 1) {
        return false;
    }
    IrRef low = rv_x(s, o->rd), high = o->rd ? rv_x(s, o->rd + 1) : low;
    IrRef new_low = rv_x(s, o->rs2), new_high = o->rs2 ? rv_x(s, o->rs2 + 1) : new_low;
    IrMem mem = atomic_access(s, o);
    if (o->size == 4) {
        IrRef expected = ir_op2(s->b, IR_I128_MAKE, IR_I128, low, high), desired = ir_op2(s->b, IR_I128_MAKE, IR_I128, new_low, new_high);
        IrRef old = ir_cas(s->b, IR_I128, address_of(s, o, LOADS | STORES), expected, desired, mem);
        if (o->rd) {
            rv_set_x(s, o->rd, ir_op1(s->b, IR_I128_LO, IR_I64, old));
            rv_set_x(s, o->rd + 1, ir_op1(s->b, IR_I128_HI, IR_I64, old));
        }
        return true;
    }
    IrRef expected = ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, low, high, 0), desired = ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, new_low, new_high, 0);
    IrRef old = ir_cas(s->b, IR_I64, address_of(s, o, LOADS | STORES), expected, desired, mem);
    if (o->rd) {
        rv_set_x(s, o->rd, ir_sext(s->b, IR_I64, 2, old));
        rv_set_x(s, o->rd + 1, ir_op2(s->b, IR_SAR, IR_I64, old, rv_i32(s, 32)));
    }
    return true;
}

/* A load with a release annotation comes after all accesses before it (17.1.5, preserved program order, rule 6). */
static void release_before_load(RvTranslate *s, const RvOperands *o)
{
    if (o->rl) {
        ir_fence(s->b, IR_ORDER_SEQ);
    }
}

/* ---- reservations ---- */

bool rv_op_lr(RvTranslate *s, const RvOperands *o)
{
    IrRef address = address_of(s, o, LOADS);
    IrMem mem = { .size_log2 = o->size, .align_log2 = o->size, .sign = true, .order = o->aq ? IR_ORDER_ACQUIRE : IR_ORDER_PLAIN, .priv = rv_data_index(s) };
    release_before_load(s, o);
    IrRef value = ir_load(s->b, IR_I64, address, mem);
    rv_set_x(s, o->rd, value);
    ir_write(s->b, SLOT_RESERVED_ADDRESS, address);
    ir_write(s->b, SLOT_RESERVED_VALUE, value);
    return true;
}

bool rv_op_sc(RvTranslate *s, const RvOperands *o)
{
    IrRef address = address_of(s, o, STORES), reserved = ir_read(s->b, SLOT_RESERVED_ADDRESS);
    /* It fails without a reservation; rare, and C code does it. */
    ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_NE, address, reserved), RV_REASON_SC_FAILS);
    IrRef expected = ir_read(s->b, SLOT_RESERVED_VALUE), desired = operand(s, o, o->rs2);
    if (o->size == 2) {
        expected = ir_trunc(s->b, expected);
    }
    IrMem mem = atomic_access(s, o);
    mem.sign = false;
    IrRef old = ir_cas(s->b, type_of(o), address, expected, desired, mem);
    ir_write(s->b, SLOT_RESERVED_ADDRESS, rv_i64(s, UINT64_MAX));
    rv_set_x(s, o->rd, ir_zext(s->b, IR_I64, 2, ir_setcc(s->b, IR_CC_NE, old, expected)));
    return true;
}

/* ---- Zalasr: what loads acquire and stores release ---- */

bool rv_op_load_acquire(RvTranslate *s, const RvOperands *o)
{
    IrMem mem = atomic_access(s, o);
    mem.extra = 0;
    mem.order = IR_ORDER_ACQUIRE;
    release_before_load(s, o);
    rv_set_x(s, o->rd, ir_load(s->b, IR_I64, address_of(s, o, LOADS), mem));
    return true;
}

/* All of its annotations are RCsc: what acquires comes after what released before it (rule 7), with aq or without. */
bool rv_op_store_release(RvTranslate *s, const RvOperands *o)
{
    IrMem mem = atomic_access(s, o);
    mem.sign = false;
    mem.extra = 0;
    mem.order = IR_ORDER_SEQ;
    ir_store(s->b, address_of(s, o, STORES), rv_x(s, o->rs2), mem);
    return true;
}

/* ---- order ---- */

bool rv_op_fence(RvTranslate *s, const RvOperands *o)
{
    enum { FENCE_W = 1 | 4, FENCE_R = 2 | 8, FM_TSO = 8 };      /* with devices' */
    ir_fence(s->b, (o->pred & FENCE_W) && (o->succ & FENCE_R) && o->fm != FM_TSO ? IR_ORDER_SEQ : IR_ORDER_ACQUIRE);
    return true;
}
