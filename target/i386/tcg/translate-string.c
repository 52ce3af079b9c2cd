/*
 * String instructions: one element as IR, repeated ones by helpers (helpers-string.c).
 *
 * Intel SDM volume 2; volume 1, 7.3.9.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/ops.h"

/* ---- one element ---- */

static X86Address source_address(X86Translate *s)
{
    return x86_segment_address(s, s->segment, x86_read_reg64(s, R_ESI), 0, s->address_log2, 1u << s->operand_log2, X86_ACCESS_LOAD);
}

static X86Address destination_address(X86Translate *s, int access)
{
    return x86_segment_address(s, R_ES, x86_read_reg64(s, R_EDI), 0, s->address_log2, 1u << s->operand_log2, access);
}

/* Moves RSI or RDI by one element in the direction of DF. */
static void advance(X86Translate *s, unsigned reg)
{
    unsigned size = s->address_log2;
    IrRef step = ir_op2(s->b, IR_SHL, IR_I32, ir_read(s->b, SLOT_DF), x86_i32(s, s->operand_log2));
    step = size == 3 ? ir_sext(s->b, IR_I64, 2, step) : step;
    x86_write_reg(s, reg, size, ir_op2(s->b, IR_ADD, x86_type(size), x86_read_reg(s, reg, size), step));
}

static void movs(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef value = x86_load(s, source_address(s), x86_type(size), size);
    x86_store(s, destination_address(s, X86_ACCESS_STORE), size, value);
    advance(s, R_ESI);
    advance(s, R_EDI);
}

static void stos(X86Translate *s)
{
    unsigned size = s->operand_log2;
    x86_store(s, destination_address(s, X86_ACCESS_STORE), size, x86_read_reg(s, R_EAX, size));
    advance(s, R_EDI);
}

static void lods(X86Translate *s)
{
    unsigned size = s->operand_log2;
    x86_write_reg(s, R_EAX, size, x86_load(s, source_address(s), x86_type(size), size));
    advance(s, R_ESI);
}

static void cmps(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef x = x86_load(s, source_address(s), x86_type(size), size);
    IrRef y = x86_load(s, destination_address(s, X86_ACCESS_LOAD), x86_type(size), size);
    advance(s, R_ESI);
    advance(s, R_EDI);
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_SUB, size, x, y, 0));
}

static void scas(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef y = x86_load(s, destination_address(s, X86_ACCESS_LOAD), x86_type(size), size);
    IrRef x = x86_read_reg(s, R_EAX, size);
    advance(s, R_EDI);
    ir_write(s->b, SLOT_FLAGS, ir_flags(s->b, IR_FL_SUB, size, x, y, 0));
}

/* ---- repeated ---- */

static IrRef string_spec(X86Translate *s)
{
    uint32_t spec = s->operand_log2 | s->address_log2 << X86_STRING_ADDRESS_SHIFT | s->segment << X86_STRING_SEGMENT_SHIFT;
    spec |= s->rep == 0xf2 ? X86_STRING_REPNE : 0;
    spec |= s->rep == 0 ? X86_STRING_NO_REP : 0;
    spec |= s->entry_mode & X86_MODE_TF ? X86_STRING_ONE : 0;
    return x86_i32(s, spec);
}

/* Under the trap flag a helper does one element, and the trap comes behind each. Otherwise it returns when all are done. */
static void repeated(X86Translate *s, IrRef done)
{
    if (s->entry_mode & X86_MODE_TF) {
        x86_end_goto_if(s, ir_setcc(s->b, IR_CC_EQ, done, x86_i32(s, 0)), s->start);
    }
}

bool x86_op_movs(X86Translate *s)
{
    if (s->rep) {
        repeated(s, X86_CALL(s, rep_movs, string_spec(s)));
    } else {
        movs(s);
    }
    return true;
}

bool x86_op_stos(X86Translate *s)
{
    if (s->rep) {
        repeated(s, X86_CALL(s, rep_stos, string_spec(s)));
    } else {
        stos(s);
    }
    return true;
}

bool x86_op_lods(X86Translate *s)
{
    if (s->rep) {
        repeated(s, X86_CALL(s, rep_lods, string_spec(s)));
    } else {
        lods(s);
    }
    return true;
}

bool x86_op_cmps(X86Translate *s)
{
    if (s->rep) {
        repeated(s, X86_CALL(s, rep_cmps, string_spec(s)));
    } else {
        cmps(s);
    }
    return true;
}

bool x86_op_scas(X86Translate *s)
{
    if (s->rep) {
        repeated(s, X86_CALL(s, rep_scas, string_spec(s)));
    } else {
        scas(s);
    }
    return true;
}

/* ---- with ports ---- */

/* The device may have asked for something: the block ends. */
static void end_after_io(X86Translate *s, IrRef done)
{
    repeated(s, done);
    if (!s->ended) {
        x86_end_event(s);
    }
}

bool x86_op_ins(X86Translate *s)
{
    s->operand_log2 = MIN(s->operand_log2, 2);
    end_after_io(s, X86_CALL(s, ins, string_spec(s)));
    return true;
}

bool x86_op_outs(X86Translate *s)
{
    s->operand_log2 = MIN(s->operand_log2, 2);
    end_after_io(s, X86_CALL(s, outs, string_spec(s)));
    return true;
}
