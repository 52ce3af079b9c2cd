/*
 * Floating point: on the host's unit under the guest's rounding mode, where the host's result is RISC-V's or can be made so; else by C code.
 *
 * A rounding mode in the instruction that is not frm's, RMM, and half precision are done by a helper; what is rare (NaNs,
 * conversions out of range) leaves the block and is done by C code there (RV_REASON_FLOAT).
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 20 "F", 21 "D", 23 "Zfh", 24 "Zfa".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/float-host.h"
#include "target/riscv/tcg/translate.h"

#define BOX_S UINT64_C(0xffffffff00000000)
#define BOX_H UINT64_C(0xffffffffffff0000)
enum { NO_RM = -1 };

/* ---- the unit's state ---- */

static bool is_on(const RvTranslate *s) { return FIELD_GET(s->mode, RV_MODE_FLOAT) != FLOAT_OFF; }

/* Registers or flags change: the last thing that an instruction does. */
static void dirty(RvTranslate *s)
{
    if (FIELD_GET(s->mode, RV_MODE_FLOAT) == FLOAT_DIRTY) {
        return;
    }
    IrRef bits = rv_i64(s, FIELD_MASK(MSTATUS_FS));
    ir_write(s->b, SLOT_MSTATUS, ir_op2(s->b, IR_OR, IR_I64, ir_read(s->b, SLOT_MSTATUS), bits));
    if (s->mode & RV_MODE_VIRT) {
        ir_write(s->b, SLOT_VSSTATUS, ir_op2(s->b, IR_OR, IR_I64, ir_read(s->b, SLOT_VSSTATUS), bits));
    }
    s->mode = FIELD_SET(s->mode, RV_MODE_FLOAT, FLOAT_DIRTY);
    s->status_changed = true;
}

/* The rounding mode of an instruction, or NO_RM: a reserved one. */
static int rounding(const RvTranslate *s, const RvOperands *o)
{
    int rm = o->rm == RM_DYN ? (int)FIELD_GET(s->mode, RV_MODE_FRM) : o->rm;
    return rm <= RM_RMM ? rm : NO_RM;
}

/* The host rounds so. */
static bool is_host_mode(const RvTranslate *s, int rm) { return rm != RM_RMM && rm == (int)FIELD_GET(s->mode, RV_MODE_FRM); }

/* ---- registers ---- */

static IrRef f64(RvTranslate *s, unsigned n) { return ir_read(s->b, SLOT_F0 + n); }
IrRef rv_f_bits(RvTranslate *s, unsigned n) { return ir_op1(s->b, IR_FBITS, IR_I64, f64(s, n)); }

IrRef rv_f32(RvTranslate *s, unsigned n)
{
    if (!s->single[n]) {
        IrRef bits = rv_f_bits(s, n), high = ir_op2(s->b, IR_SHR, IR_I64, bits, rv_i32(s, 32));
        IrRef boxed = ir_setcc(s->b, IR_CC_EQ, high, rv_i64(s, UINT32_MAX));
        IrRef low = ir_op3(s->b, IR_SELECT, IR_I32, boxed, ir_trunc(s->b, bits), rv_i32(s, 0x7fc00000));
        s->single[n] = ir_op1(s->b, IR_FBITS, IR_F32, low);
    }
    return s->single[n];
}

static void set_bits(RvTranslate *s, unsigned n, IrRef bits)
{
    ir_write(s->b, SLOT_F0 + n, ir_op1(s->b, IR_FBITS, IR_F64, bits));
    s->single[n] = 0;
    s->boxed &= ~BIT(n);
    dirty(s);
}

static void set_f64(RvTranslate *s, unsigned n, IrRef value)
{
    ir_write(s->b, SLOT_F0 + n, value);
    s->single[n] = 0;
    s->boxed &= ~BIT(n);
    dirty(s);
}

static void set_f32(RvTranslate *s, unsigned n, IrRef value)
{
    IrRef low = ir_zext(s->b, IR_I64, 2, ir_op1(s->b, IR_FBITS, IR_I32, value));
    set_bits(s, n, ir_op2(s->b, IR_OR, IR_I64, low, rv_i64(s, BOX_S)));
    s->single[n] = value;
    s->boxed |= BIT(n);
}

void rv_set_f_bits(RvTranslate *s, bool wide, unsigned n, IrRef bits)
{
    if (wide) {
        set_bits(s, n, bits);
    } else {
        set_f32(s, n, ir_op1(s->b, IR_FBITS, IR_F32, bits));
    }
}

static IrType type_of(int fmt) { return fmt == FMT_D ? IR_F64 : IR_F32; }
static IrRef read_f(RvTranslate *s, int fmt, unsigned n) { return fmt == FMT_D ? f64(s, n) : rv_f32(s, n); }
static void write_f(RvTranslate *s, int fmt, unsigned n, IrRef value)
{
    if (fmt == FMT_D) {
        set_f64(s, n, value);
    } else {
        set_f32(s, n, value);
    }
}

/* ---- results ---- */

static IrRef compare(RvTranslate *s, bool signals, IrRef a, IrRef b) { return ir_emit(s->b, IR_FCMP, IR_FLAGS, 0, signals, a, b, 0); }
static IrRef unordered(RvTranslate *s, IrRef a, IrRef b) { return ir_test(s->b, IR_CC_P, compare(s, false, a, b)); }

/* By the helper: operands as the registers hold them. */
static IrRef by_helper(RvTranslate *s, uint32_t spec, IrRef a, IrRef b, IrRef c)
{
    return RV_CALL(s, float_op, rv_i32(s, spec), a, b, c);
}

static bool helped(RvTranslate *s, const RvOperands *o, int op, int rm)
{
    bool three = op >= FP_MADD && op <= FP_NMADD, one = op == FP_SQRT || op >= FP_TO_W;
    IrRef zero = rv_i64(s, 0), b = one ? zero : rv_f_bits(s, o->rs2), c = three ? rv_f_bits(s, o->rs3) : zero;
    set_bits(s, o->rd, by_helper(s, FLOAT_SPEC(op, o->fmt, rm, o->from), rv_f_bits(s, o->rs1), b, c));
    return true;
}

/* Leaves when cond is not 0; C code does the instruction. */
static void redo_if(RvTranslate *s, const RvOperands *o, int op, int rm, IrRef cond)
{
    ir_exit_fault_if(s->b, cond, RV_REASON_FLOAT_OF(op, o->fmt, rm, o->rd, o->rs1, o->rs2, o->rs3));
}

/* A NaN is for C code, which makes it the canonical one. (The value is wanted for that, so that the flags are raised even when nobody else wants it.) */
static void write_number(RvTranslate *s, const RvOperands *o, int op, int rm, IrRef value)
{
    redo_if(s, o, op, rm, unordered(s, value, value));
    write_f(s, o->fmt, o->rd, value);
}

/* ---- arithmetic ---- */

bool rv_op_fp_arith(RvTranslate *s, const RvOperands *o)
{
    static const IrOp ops[] = { [FP_ADD] = IR_FADD, [FP_SUB] = IR_FSUB, [FP_MUL] = IR_FMUL, [FP_DIV] = IR_FDIV, [FP_SQRT] = IR_FSQRT };
    int rm = rounding(s, o);
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, rm);
    }
    if (!is_on(s) || rm == NO_RM) {
        return false;
    }
    if (o->fmt == FMT_H || !is_host_mode(s, rm)) {
        return helped(s, o, o->op, rm);
    }
    IrRef a = read_f(s, o->fmt, o->rs1), b = o->op == FP_SQRT ? 0 : read_f(s, o->fmt, o->rs2);
    write_number(s, o, o->op, rm, ir_op2(s->b, ops[o->op], type_of(o->fmt), a, b));
    return true;
}

static IrRef negated(RvTranslate *s, int fmt, IrRef value)
{
    IrType integer = fmt == FMT_D ? IR_I64 : IR_I32;
    IrRef bits = ir_op1(s->b, IR_FBITS, integer, value), sign = ir_const(s->b, integer, fmt == FMT_D ? BIT(63) : BIT(31));
    return ir_op1(s->b, IR_FBITS, type_of(fmt), ir_op2(s->b, IR_XOR, integer, bits, sign));
}

bool rv_op_fp_fma(RvTranslate *s, const RvOperands *o)
{
    int rm = rounding(s, o);
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, rm);
    }
    if (!is_on(s) || rm == NO_RM) {
        return false;
    }
    if (o->fmt == FMT_H || !is_host_mode(s, rm)) {
        return helped(s, o, o->op, rm);
    }
    IrRef a = read_f(s, o->fmt, o->rs1), b = read_f(s, o->fmt, o->rs2), c = read_f(s, o->fmt, o->rs3);
    if (o->op == FP_NMSUB || o->op == FP_NMADD) {
        a = negated(s, o->fmt, a);
    }
    if (o->op == FP_MSUB || o->op == FP_NMADD) {
        c = negated(s, o->fmt, c);
    }
    /* (Infinity times 0 plus a quiet NaN is invalid here and not on the host: C code sees to that, too.) */
    write_number(s, o, o->op, rm, ir_op3(s->b, IR_FMA, type_of(o->fmt), a, b, c));
    return true;
}

/* ---- signs, minima ---- */

bool rv_op_fp_sign(RvTranslate *s, const RvOperands *o)
{
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, 0);
    }
    if (!is_on(s)) {
        return false;
    }
    if (o->op == FP_SGNJ && o->rs1 == o->rs2 && o->fmt == FMT_D) {
        set_f64(s, o->rd, f64(s, o->rs1));      /* FMV.D */
        return true;
    }
    if (o->op == FP_SGNJ && o->rs1 == o->rs2 && o->fmt == FMT_S) {
        set_f32(s, o->rd, rv_f32(s, o->rs1));
        return true;
    }
    if (o->fmt == FMT_H) {
        set_bits(s, o->rd, RV_CALL(s, float_quiet, rv_i32(s, FLOAT_SPEC(o->op, FMT_H, 0, 0)), rv_f_bits(s, o->rs1), rv_f_bits(s, o->rs2)));
        return true;
    }
    bool wide = o->fmt == FMT_D;
    IrType integer = wide ? IR_I64 : IR_I32;
    IrRef a = ir_op1(s->b, IR_FBITS, integer, read_f(s, o->fmt, o->rs1)), b = ir_op1(s->b, IR_FBITS, integer, read_f(s, o->fmt, o->rs2));
    IrRef sign = ir_const(s->b, integer, wide ? BIT(63) : BIT(31)), magnitude = ir_const(s->b, integer, wide ? ~BIT(63) : UINT32_MAX >> 1), result;
    if (o->op == FP_SGNJX) {
        result = o->rs1 == o->rs2 ? ir_op2(s->b, IR_AND, integer, a, magnitude)
            : ir_op2(s->b, IR_XOR, integer, a, ir_op2(s->b, IR_AND, integer, b, sign));
    } else if (o->op == FP_SGNJN && o->rs1 == o->rs2) {
        result = ir_op2(s->b, IR_XOR, integer, a, sign);
    } else {
        IrRef from = o->op == FP_SGNJN ? ir_op1(s->b, IR_NOT, integer, b) : b;
        result = ir_op2(s->b, IR_OR, integer, ir_op2(s->b, IR_AND, integer, a, magnitude), ir_op2(s->b, IR_AND, integer, from, sign));
    }
    write_f(s, o->fmt, o->rd, ir_op1(s->b, IR_FBITS, type_of(o->fmt), result));
    return true;
}

/* The host's depend on the order of operands for two zeroes: both orders together give the sign. */
bool rv_op_fp_minmax(RvTranslate *s, const RvOperands *o)
{
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, 0);
    }
    if (!is_on(s)) {
        return false;
    }
    if (o->fmt == FMT_H) {
        return helped(s, o, o->op, 0);
    }
    bool min = o->op == FP_MIN || o->op == FP_MINM, wide = o->fmt == FMT_D;
    IrType t = type_of(o->fmt), integer = wide ? IR_I64 : IR_I32;
    IrRef a = read_f(s, o->fmt, o->rs1), b = read_f(s, o->fmt, o->rs2);
    redo_if(s, o, o->op, 0, unordered(s, a, b));
    IrOp op = min ? IR_FMIN : IR_FMAX;
    IrRef one = ir_op1(s->b, IR_FBITS, integer, ir_op2(s->b, op, t, a, b)), other = ir_op1(s->b, IR_FBITS, integer, ir_op2(s->b, op, t, b, a));
    write_f(s, o->fmt, o->rd, ir_op1(s->b, IR_FBITS, t, ir_op2(s->b, min ? IR_OR : IR_AND, integer, one, other)));
    return true;
}

/* ---- comparison, classes ---- */

bool rv_op_fp_compare(RvTranslate *s, const RvOperands *o)
{
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, 0);
    }
    if (!is_on(s)) {
        return false;
    }
    IrRef result;
    if (o->fmt == FMT_H) {
        result = by_helper(s, FLOAT_SPEC(o->op, FMT_H, 0, 0), rv_f_bits(s, o->rs1), rv_f_bits(s, o->rs2), rv_i64(s, 0));
    } else {
        IrRef a = read_f(s, o->fmt, o->rs1), b = read_f(s, o->fmt, o->rs2);
        bool or_equal = o->op == FP_LE || o->op == FP_LEQ, signals = o->op == FP_LT || o->op == FP_LE;
        IrRef flags = compare(s, signals, b, a);
        redo_if(s, o, o->op, 0, ir_test(s->b, IR_CC_P, flags));
        result = ir_zext(s->b, IR_I64, 2, ir_test(s->b, o->op == FP_EQ ? IR_CC_EQ : or_equal ? IR_CC_GEU : IR_CC_GTU, flags));
    }
    rv_set_x(s, o->rd, result);
    dirty(s);
    return true;
}

bool rv_op_fp_class(RvTranslate *s, const RvOperands *o)
{
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, FP_CLASS, 0);
    }
    if (!is_on(s)) {
        return false;
    }
    rv_set_x(s, o->rd, RV_CALL(s, float_quiet, rv_i32(s, FLOAT_SPEC(FP_CLASS, o->fmt, 0, 0)), rv_f_bits(s, o->rs1), rv_i64(s, 0)));
    return true;
}

/* ---- conversion ---- */

static IrRef float_const(RvTranslate *s, int fmt, double value)
{
    union { float f; uint32_t u; } single = { .f = (float)value };
    union { double f; uint64_t u; } wide = { .f = value };
    return fmt == FMT_D ? ir_const(s->b, IR_F64, wide.u) : ir_const(s->b, IR_F32, single.u);
}

/* Towards zero, to a number of 32 or 64 bits without sign: what is not above -1 and below the bound is for C code. */
static IrRef to_unsigned(RvTranslate *s, const RvOperands *o, IrRef a, int rm)
{
    double bound = o->op == FP_TO_WU ? 4294967296.0 : 9223372036854775808.0;
    IrRef above = ir_test(s->b, IR_CC_LEU, compare(s, false, float_const(s, o->fmt, bound), a));
    IrRef below = ir_test(s->b, IR_CC_LEU, compare(s, false, a, float_const(s, o->fmt, -1.0)));
    redo_if(s, o, o->op, rm, above);
    redo_if(s, o, o->op, rm, below);
    IrRef value = ir_emit(s->b, IR_INT_FCVT, IR_I64, 0, 1, a, 0, 0);
    return o->op == FP_TO_WU ? ir_sext(s->b, IR_I64, 2, value) : value;
}

bool rv_op_fp_to_int(RvTranslate *s, const RvOperands *o)
{
    int rm = rounding(s, o);
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, rm);
    }
    if (!is_on(s) || rm == NO_RM) {
        return false;
    }
    bool is_unsigned = o->op == FP_TO_WU || o->op == FP_TO_LU;
    if (o->fmt == FMT_H || (rm != RM_RTZ && (is_unsigned || !is_host_mode(s, rm)))) {
        rv_set_x(s, o->rd, by_helper(s, FLOAT_SPEC(o->op, o->fmt, rm, 0), rv_f_bits(s, o->rs1), rv_i64(s, 0), rv_i64(s, 0)));
        dirty(s);
        return true;
    }
    IrRef a = read_f(s, o->fmt, o->rs1);
    if (is_unsigned) {
        rv_set_x(s, o->rd, to_unsigned(s, o, a, rm));
        dirty(s);
        return true;
    }
    IrType t = o->op == FP_TO_W ? IR_I32 : IR_I64;
    IrRef value = ir_emit(s->b, IR_INT_FCVT, t, 0, rm == RM_RTZ, a, 0, 0);
    redo_if(s, o, o->op, rm, ir_setcc(s->b, IR_CC_EQ, value, ir_const(s->b, t, t == IR_I32 ? BIT(31) : BIT(63))));
    rv_set_x(s, o->rd, t == IR_I32 ? ir_sext(s->b, IR_I64, 2, value) : value);
    dirty(s);
    return true;
}

bool rv_op_fp_to_int_mod(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    rv_set_x(s, o->rd, by_helper(s, FLOAT_SPEC(FP_TO_W_MOD, FMT_D, RM_RTZ, 0), rv_f_bits(s, o->rs1), rv_i64(s, 0), rv_i64(s, 0)));
    dirty(s);
    return true;
}

bool rv_op_fp_from_int(RvTranslate *s, const RvOperands *o)
{
    int rm = rounding(s, o);
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, o->op, rm);
    }
    if (!is_on(s) || rm == NO_RM) {
        return false;
    }
    bool exact = o->fmt == FMT_D && (o->op == FP_FROM_W || o->op == FP_FROM_WU);
    IrRef x = rv_x(s, o->rs1);
    if (o->fmt == FMT_H || (!exact && !is_host_mode(s, rm))) {
        set_bits(s, o->rd, by_helper(s, FLOAT_SPEC(o->op, o->fmt, rm, 0), x, rv_i64(s, 0), rv_i64(s, 0)));
        return true;
    }
    if (o->op == FP_FROM_W) {
        x = ir_trunc(s->b, x);
    } else if (o->op == FP_FROM_WU) {
        x = ir_zext(s->b, IR_I64, 2, x);
    } else if (o->op == FP_FROM_LU) {
        redo_if(s, o, o->op, rm, ir_setcc(s->b, IR_CC_LT, x, rv_i64(s, 0)));
    }
    IrRef value = ir_op1(s->b, IR_FCVT_INT, type_of(o->fmt), x);
    if (exact) {
        write_f(s, o->fmt, o->rd, value);
    } else {
        write_number(s, o, o->op, rm, value);
    }
    return true;
}

bool rv_op_fp_convert(RvTranslate *s, const RvOperands *o)
{
    int rm = rounding(s, o);
    if (NEEDS(zfinx)) {
        return rv_finx(s, o, FP_CONVERT, rm);
    }
    if (!is_on(s) || rm == NO_RM) {
        return false;
    }
    bool widens = o->fmt == FMT_D && o->from == FMT_S;
    if (o->fmt >= FMT_H || o->from >= FMT_H || (!widens && !is_host_mode(s, rm))) {
        return helped(s, o, FP_CONVERT, rm);
    }
    write_number(s, o, FP_CONVERT, rm, ir_op1(s->b, IR_FCVT, type_of(o->fmt), read_f(s, o->from, o->rs1)));
    return true;
}

bool rv_op_fp_round(RvTranslate *s, const RvOperands *o)
{
    int rm = rounding(s, o);
    return is_on(s) && rm != NO_RM ? helped(s, o, o->op, rm) : false;
}

/* ---- moves ---- */

static uint64_t box_mask(int fmt) { return fmt == FMT_H ? BOX_H : BOX_S; }

bool rv_op_fp_to_bits(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    IrRef bits = rv_f_bits(s, o->rs1);
    rv_set_x(s, o->rd, o->fmt == FMT_D ? bits : ir_sext(s->b, IR_I64, o->fmt == FMT_S ? 2 : 1, bits));
    return true;
}

bool rv_op_fp_from_bits(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    IrRef x = rv_x(s, o->rs1);
    if (o->fmt == FMT_S) {
        set_f32(s, o->rd, ir_op1(s->b, IR_FBITS, IR_F32, ir_trunc(s->b, x)));
    } else {
        set_bits(s, o->rd, o->fmt == FMT_D ? x : ir_op2(s->b, IR_OR, IR_I64, x, rv_i64(s, box_mask(o->fmt))));
    }
    return true;
}

bool rv_op_fp_high_to_bits(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    rv_set_x(s, o->rd, ir_op2(s->b, IR_SAR, IR_I64, rv_f_bits(s, o->rs1), rv_i32(s, 32)));
    return true;
}

bool rv_op_fp_from_pair(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    set_bits(s, o->rd, ir_emit(s->b, IR_DEPOSIT, IR_I64, 32, 32, rv_x(s, o->rs1), rv_x(s, o->rs2), 0));
    return true;
}

bool rv_op_fp_load_immediate(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    set_bits(s, o->rd, rv_i64(s, riscv_float_immediate(o->fmt, o->rs1)));
    return true;
}

/* ---- memory ---- */

static IrMem access_of(RvTranslate *s, const RvOperands *o)
{
    return (IrMem){ .offset = o->imm, .size_log2 = o->fmt == FMT_D ? 3 : o->fmt == FMT_S ? 2 : 1, .priv = rv_data_index(s) };
}

bool rv_op_fp_load(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    IrMem mem = access_of(s, o);
    IrRef base = rv_base(s, rv_x(s, o->rs1), &mem, RISCV_TRIGGER_LOADS);
    if (o->fmt == FMT_H) {
        IrRef low = ir_load(s->b, IR_I64, base, mem);
        set_bits(s, o->rd, ir_op2(s->b, IR_OR, IR_I64, low, rv_i64(s, BOX_H)));
    } else {
        write_f(s, o->fmt, o->rd, ir_load(s->b, type_of(o->fmt), base, mem));
    }
    return true;
}

bool rv_op_fp_store(RvTranslate *s, const RvOperands *o)
{
    if (!is_on(s)) {
        return false;
    }
    IrRef value = o->fmt == FMT_D ? f64(s, o->rs2) : o->fmt == FMT_S && (s->boxed >> o->rs2 & 1) ? s->single[o->rs2] : rv_f_bits(s, o->rs2);
    IrMem mem = access_of(s, o);
    IrRef base = rv_base(s, rv_x(s, o->rs1), &mem, RISCV_TRIGGER_STORES);
    ir_store(s->b, base, value, mem);
    return true;
}
