/*
 * VFP: floating point of AArch32. Registers S0 to S31 and D0 to D31 are parts of V0 to V31.
 *
 * Addition, multiplication, division and square roots are done on the host's unit; what that does otherwise than Arm, and the rest of arithmetic, by C code.
 * Short vectors (FPSCR.LEN, deprecated in ARMv7) are not implemented: instructions are UNDEFINED there.
 *
 * DDI 0487, E1.3, F6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-vfp.h"

/* ---- registers ---- */

/* The number of a register of a format: of doubles the extra bit is the upper one. */
static unsigned number(unsigned size, unsigned v, unsigned extra) { return size == FLOAT_D ? extra << 4 | v : v << 1 | extra; }

static IrType integer(unsigned size) { return size == FLOAT_D ? IR_I64 : IR_I32; }
static IrType floating(unsigned size) { return size == FLOAT_D ? IR_F64 : IR_F32; }

static IrRef read_lane(ArmTranslate *s, unsigned v, unsigned lane_log2, unsigned lane)
{
    return ir_emit(s->b, IR_VEXTRACT, lane_log2 == 3 ? IR_I64 : IR_I32, lane_log2, lane, ir_read(s->b, SLOT_V0 + v), 0, 0);
}

static void write_lane(ArmTranslate *s, unsigned v, unsigned lane_log2, unsigned lane, IrRef value)
{
    ir_write(s->b, SLOT_V0 + v, ir_emit(s->b, IR_VINSERT, IR_V128, lane_log2, lane, ir_read(s->b, SLOT_V0 + v), value, 0));
}

/* As integers. Half precision is the low half of a single's register. */
static IrRef read_bits(ArmTranslate *s, unsigned size, unsigned n)
{
    if (size == FLOAT_D) {
        return read_lane(s, n >> 1, 3, n & 1);
    }
    IrRef word = read_lane(s, n >> 2, 2, n & 3);
    return size == FLOAT_H ? ir_zext(s->b, IR_I32, 1, word) : word;
}

static void write_bits(ArmTranslate *s, unsigned size, unsigned n, IrRef value)
{
    if (size == FLOAT_D) {
        write_lane(s, n >> 1, 3, n & 1, value);
    } else {
        write_lane(s, n >> 2, 2, n & 3, value);
    }
}

static IrRef read_float(ArmTranslate *s, unsigned size, unsigned n) { return ir_op1(s->b, IR_FBITS, floating(size), read_bits(s, size, n)); }
static void write_float(ArmTranslate *s, unsigned size, unsigned n, IrRef value) { write_bits(s, size, n, ir_op1(s->b, IR_FBITS, integer(size), value)); }

static bool has_doubles(const ArmTranslate *s, unsigned n) { return NEEDS(vfp_double) && (n < 16 || NEEDS(vfp_d32)); }

/* The format exists, and the registers do. */
static bool exists(const ArmTranslate *s, unsigned size, unsigned a, unsigned b, unsigned c)
{
    if (FIELD_GET(s->mode, ARM_MODE_VECTOR_LEN)) {
        return false;
    }
    switch (size) {
    case FLOAT_H: return NEEDS(a32_fp16);
    case FLOAT_S: return NEEDS(vfp_single);
    case FLOAT_D: return has_doubles(s, a) && has_doubles(s, b) && has_doubles(s, c);
    default: return false;
    }
}

static IrRef word_of(ArmTranslate *s, unsigned size, IrRef bits) { return size == FLOAT_D ? bits : ir_zext(s->b, IR_I64, 2, bits); }
static IrRef bits_of_word(ArmTranslate *s, unsigned size, IrRef word) { return size == FLOAT_D ? word : ir_trunc(s->b, word); }

/* ---- arithmetic ---- */

static void by_c(ArmTranslate *s, VfpOp op, unsigned size, unsigned d, unsigned n, unsigned m)
{
    IrRef a = word_of(s, size, read_bits(s, size, d)), b = word_of(s, size, read_bits(s, size, n)), c = word_of(s, size, read_bits(s, size, m));
    IrRef result = ARM_CALL(s, vfp, arm_i32(s, VFP_SPEC(op, size, 0, 0, 0)), a, b, c);
    write_bits(s, size, d, bits_of_word(s, size, result));
}

static bool is_fast(const ArmTranslate *s, unsigned size) { return size >= FLOAT_S && !(s->mode & (ARM_MODE_FZ | ARM_MODE_AH)); }

static IrRef compare(ArmTranslate *s, IrRef a, IrRef b) { return ir_emit(s->b, IR_FCMP, IR_FLAGS, 0, 0, a, b, 0); }

/* C code does it where the result is a NaN or, of products and quotients, of the smallest normal magnitude: that may have been tiny before it was rounded. */
static void redo_special(ArmTranslate *s, unsigned size, IrRef value, bool may_be_tiny, uint32_t spec)
{
    IrRef special = ir_test(s->b, IR_CC_P, compare(s, value, value));
    ir_exit_fault_if(s->b, special, ARM_REASON_FLOAT | spec);
    if (may_be_tiny) {
        IrRef bits = ir_op1(s->b, IR_FBITS, integer(size), value);
        IrRef mask = ir_const(s->b, integer(size), MAKE_MASK(0, (8u << size) - 1)), smallest = ir_const(s->b, integer(size), size == FLOAT_D ? BIT(52) : BIT(23));
        IrRef magnitude = ir_op2(s->b, IR_AND, integer(size), bits, mask);
        ir_exit_fault_if(s->b, ir_setcc(s->b, IR_CC_EQ, magnitude, smallest), ARM_REASON_FLOAT | spec);
    }
}

static bool fast_two(ArmTranslate *s, ArmFloatOp op, unsigned size, unsigned d, unsigned n, unsigned m)
{
    IrOp ir = op == FLOAT_ADD ? IR_FADD : op == FLOAT_SUB ? IR_FSUB : op == FLOAT_MUL ? IR_FMUL : op == FLOAT_DIV ? IR_FDIV : IR_NOP;
    if (ir == IR_NOP || !is_fast(s, size)) {
        return false;
    }
    IrRef result = ir_op2(s->b, ir, floating(size), read_float(s, size, n), read_float(s, size, m));
    redo_special(s, size, result, op == FLOAT_MUL || op == FLOAT_DIV, VFP_SPEC(VFP_FLOAT + op, size, d, n, m));
    write_float(s, size, d, result);
    return true;
}

static bool two(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(o->size, o->vd, o->d), n = number(o->size, o->vn, o->n), m = number(o->size, o->vm, o->m);
    if (!exists(s, o->size, d, n, m)) {
        return false;
    }
    if (arm_fp_access(s) && !fast_two(s, o->op, o->size, d, n, m)) {
        by_c(s, VFP_FLOAT + o->op, o->size, d, n, m);
    }
    return true;
}

bool vfp_op_vfp_two(ArmTranslate *s, const VfpOperands *o) { return two(s, o); }
bool vfp_op_vfp_fma(ArmTranslate *s, const VfpOperands *o) { return two(s, o); }
bool vfp_op_vfp_two8(ArmTranslate *s, const VfpOperands *o) { return NEEDS(vfp8_misc) && two(s, o); }

/* A product, rounded, that is added to the destination. op: FLOAT_SUB negates what is added to (VNMLA, VNMLS); w: the product. */
bool vfp_op_vfp_chain(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(o->size, o->vd, o->d), n = number(o->size, o->vn, o->n), m = number(o->size, o->vm, o->m);
    if (!exists(s, o->size, d, n, m)) {
        return false;
    }
    if (arm_fp_access(s)) {
        by_c(s, VFP_CHAIN + (o->op == FLOAT_SUB ? 2 : 0) + o->w, o->size, d, n, m);
    }
    return true;
}

bool vfp_op_vfp_one(ArmTranslate *s, const VfpOperands *o)
{
    unsigned size = o->size, d = number(size, o->vd, o->d), m = number(size, o->vm, o->m);
    if (!exists(s, size, d, m, m) || (o->op == FLOAT_MOV && size == FLOAT_H)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    uint64_t sign = arm_float_sign(size);
    IrRef bits = read_bits(s, size, m);
    switch (o->op) {
    case FLOAT_MOV:
        write_bits(s, size, d, bits);
        return true;
    case FLOAT_ABS:
        write_bits(s, size, d, ir_op2(s->b, IR_AND, integer(size), bits, ir_const(s->b, integer(size), ~sign)));
        return true;
    case FLOAT_NEG:
        write_bits(s, size, d, ir_op2(s->b, IR_XOR, integer(size), bits, ir_const(s->b, integer(size), sign)));
        return true;
    case FLOAT_SQRT:
        if (is_fast(s, size)) {
            IrRef result = ir_op1(s->b, IR_FSQRT, floating(size), read_float(s, size, m));
            redo_special(s, size, result, false, VFP_SPEC(VFP_FLOAT + FLOAT_SQRT, size, d, m, m));
            write_float(s, size, d, result);
            return true;
        }
        break;
    }
    by_c(s, VFP_FLOAT + o->op, size, d, m, m);
    return true;
}

bool vfp_op_vrint8(ArmTranslate *s, const VfpOperands *o)
{
    static const uint8_t ops[] = { FLOAT_RINTA, FLOAT_RINTN, FLOAT_RINTP, FLOAT_RINTM };
    VfpOperands one = *o;
    one.op = ops[o->rm];
    return NEEDS(vfp8_misc) && vfp_op_vfp_one(s, &one);
}

bool vfp_op_vmov_imm(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(o->size, o->vd, o->d);
    if (!exists(s, o->size, d, d, d) || !NEEDS(vfp3)) {
        return false;
    }
    if (arm_fp_access(s)) {
        write_bits(s, o->size, d, ir_const(s->b, integer(o->size), arm_float_immediate(o->size, o->imm)));
    }
    return true;
}

/* cc: EQ, VS, GE, GT of CPSR. */
bool vfp_op_vsel(ArmTranslate *s, const VfpOperands *o)
{
    static const uint8_t conditions[] = { 0, 6, 10, 12 };
    unsigned d = number(o->size, o->vd, o->d), n = number(o->size, o->vn, o->n), m = number(o->size, o->vm, o->m);
    if (!NEEDS(vfp8_misc) || !exists(s, o->size, d, n, m)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef yes = read_bits(s, o->size, n), no = read_bits(s, o->size, m);
        write_bits(s, o->size, d, ir_op3(s->b, IR_SELECT, integer(o->size), arm_condition(s, conditions[o->cc]), yes, no));
    }
    return true;
}

/* ---- comparison: the flags are FPSCR's own ---- */

bool vfp_op_vcmp(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(o->size, o->vd, o->d), m = number(o->size, o->vm, o->m);
    if (!exists(s, o->size, d, m, m)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef b = o->op ? arm_i64(s, 0) : word_of(s, o->size, read_bits(s, o->size, m));
        IrRef nzcv = ARM_CALL(s, vfp_compare, arm_i32(s, o->size | o->w << 4), word_of(s, o->size, read_bits(s, o->size, d)), b);
        IrRef rest = a32_op2(s, IR_AND, ir_read(s->b, SLOT_FPSCR), arm_i32(s, 0x0fffffff));
        ir_write(s->b, SLOT_FPSCR, a32_op2(s, IR_OR, rest, nzcv));
    }
    return true;
}

/* ---- conversion ---- */

/* Between a number's format and a single's register with an integer. */
static bool convert_int(ArmTranslate *s, const VfpOperands *o, uint32_t how, bool to_int)
{
    unsigned fd = to_int ? FLOAT_S : o->size, fm = to_int ? o->size : FLOAT_S;
    unsigned d = number(fd, o->vd, o->d), m = number(fm, o->vm, o->m), number_register = to_int ? m : d;
    if (!exists(s, o->size, number_register, number_register, number_register)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef result = ARM_CALL(s, vfp_convert, arm_i32(s, how | o->size << 4), word_of(s, fm, read_bits(s, fm, m)));
        write_bits(s, fd, d, bits_of_word(s, fd, result));
    }
    return true;
}

bool vfp_op_vcvt_from_int(ArmTranslate *s, const VfpOperands *o) { return convert_int(s, o, VFP_FROM_INT | !o->w << 8, false); }
/* op: signed; w: towards zero, else as FPSCR says. */
bool vfp_op_vcvt_to_int(ArmTranslate *s, const VfpOperands *o) { return convert_int(s, o, VFP_TO_INT | !o->op << 8 | (o->w ? ROUND_ZERO : VFP_ROUND_FPSCR) << 9, true); }

/* u: signed. */
bool vfp_op_vcvt8(ArmTranslate *s, const VfpOperands *o)
{
    static const uint8_t modes[] = { ROUND_TIES_AWAY, ROUND_NEAREST, ROUND_PLUS, ROUND_MINUS };
    return NEEDS(vfp8_misc) && convert_int(s, o, VFP_TO_INT | !o->u << 8 | modes[o->rm] << 9, true);
}

/* op: bit 1 to fixed, bit 0 unsigned; q: 32 bits, else 16. */
bool vfp_op_vcvt_fixed(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(o->size, o->vd, o->d), bits = o->q ? 32 : 16;
    if (!exists(s, o->size, d, d, d) || !NEEDS(vfp3) || (unsigned)o->imm > bits) {
        return false;
    }
    if (arm_fp_access(s)) {
        uint32_t how = (o->op & 2 ? VFP_TO_FIXED : VFP_FROM_FIXED) | o->size << 4 | (o->op & 1) << 8 | (uint32_t)(o->q != 0) << 12 | (bits - o->imm) << 16;
        unsigned source = o->size == FLOAT_H && !(o->op & 2) ? FLOAT_S : o->size;       /* (an integer may have all of a single's register) */
        IrRef result = ARM_CALL(s, vfp_convert, arm_i32(s, how), word_of(s, source, read_bits(s, source, d)));
        write_bits(s, o->size, d, bits_of_word(s, o->size, result));
    }
    return true;
}

/* q: from double to single. */
bool vfp_op_vcvt_double(ArmTranslate *s, const VfpOperands *o)
{
    unsigned from = o->q ? FLOAT_D : FLOAT_S, to = o->q ? FLOAT_S : FLOAT_D, d = number(to, o->vd, o->d), m = number(from, o->vm, o->m), wide = o->q ? m : d;
    if (!exists(s, FLOAT_D, wide, wide, wide)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef result = ARM_CALL(s, vfp_convert, arm_i32(s, VFP_FORMAT | from << 4 | to << 8), word_of(s, from, read_bits(s, from, m)));
        write_bits(s, to, d, bits_of_word(s, to, result));
    }
    return true;
}

/* q: the other format is double; w: the upper half of a single's register; op 0: from half. In the table: bit 7 is T, bit 16 the direction. */
bool vfp_op_vcvt_half(ArmTranslate *s, const VfpOperands *o)
{
    unsigned other = o->q ? FLOAT_D : FLOAT_S, to = o->op ? FLOAT_H : other, from = o->op ? other : FLOAT_H;
    unsigned d = number(to == FLOAT_H ? FLOAT_S : to, o->vd, o->d), m = number(from == FLOAT_H ? FLOAT_S : from, o->vm, o->m), wide = o->op ? m : d;
    if (!NEEDS(a32_fp16_conv) || (o->q && !NEEDS(a32_half_double)) || !exists(s, other, other == FLOAT_D ? wide : 0, 0, 0)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef source = read_bits(s, from == FLOAT_H ? FLOAT_S : from, m);
    if (from == FLOAT_H) {
        source = o->w ? a32_op2(s, IR_SHR, source, arm_i32(s, 16)) : ir_zext(s->b, IR_I32, 1, source);
    }
    IrRef result = ARM_CALL(s, vfp_convert, arm_i32(s, VFP_FORMAT | from << 4 | to << 8), word_of(s, from, source));
    if (to == FLOAT_H) {
        write_lane(s, d >> 2, 1, (d & 3) * 2 + o->w, ir_trunc(s->b, result));
    } else {
        write_bits(s, to, d, bits_of_word(s, to, result));
    }
    return true;
}

bool vfp_op_vjcvt(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(FLOAT_S, o->vd, o->d), m = number(FLOAT_D, o->vm, o->m);
    if (!exists(s, FLOAT_D, m, m, m)) {
        return false;
    }
    if (arm_fp_access(s)) {
        IrRef both = ARM_CALL(s, vfp_convert, arm_i32(s, VFP_TO_JS), read_bits(s, FLOAT_D, m));
        IrRef exact = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, both, arm_i32(s, 32)));
        IrRef rest = a32_op2(s, IR_AND, ir_read(s->b, SLOT_FPSCR), arm_i32(s, 0x0fffffff));
        ir_write(s->b, SLOT_FPSCR, a32_op2(s, IR_OR, rest, a32_op2(s, IR_SHL, exact, arm_i32(s, 30))));
        write_bits(s, FLOAT_S, d, ir_trunc(s->b, both));
    }
    return true;
}

/* ---- transfers ---- */

bool vfp_op_vmov_single(ArmTranslate *s, const VfpOperands *o)
{
    unsigned n = number(FLOAT_S, o->vn, o->n);
    if (o->rt == 15 || !NEEDS(vfp_single)) {
        return false;
    }
    if (arm_fp_access(s)) {
        if (o->op) {
            a32_set_r(s, o->rt, read_bits(s, FLOAT_S, n));
        } else {
            write_bits(s, FLOAT_S, n, a32_r(s, o->rt));
        }
    }
    return true;
}

bool vfp_op_vmov_half(ArmTranslate *s, const VfpOperands *o)
{
    unsigned n = number(FLOAT_S, o->vn, o->n);
    if (o->rt == 15) {
        return false;
    }
    if (arm_fp_access(s)) {
        if (o->op) {
            a32_set_r(s, o->rt, read_bits(s, FLOAT_H, n));
        } else {
            write_bits(s, FLOAT_S, n, ir_zext(s->b, IR_I32, 1, a32_r(s, o->rt)));
        }
    }
    return true;
}

/* op 0: two singles in a row, 1: a double. w: to the core's registers. */
bool vfp_op_vmov_two(ArmTranslate *s, const VfpOperands *o)
{
    unsigned m = number(o->op ? FLOAT_D : FLOAT_S, o->vm, o->m), v = o->op ? m >> 1 : m >> 2, first = o->op ? (m & 1) * 2 : m & 3;
    if (o->rt == 15 || o->rt2 == 15 || (o->op ? m >= 16 && !NEEDS(vfp_d32) : m == 31)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned second_v = first == 3 ? v + 1 : v, second = (first + 1) & 3;
    if (o->w) {
        IrRef low = read_lane(s, v, 2, first), high = read_lane(s, second_v, 2, second);
        a32_set_r(s, o->rt, low);
        a32_set_r(s, o->rt2, high);
    } else {
        IrRef low = a32_r(s, o->rt), high = a32_r(s, o->rt2);
        write_lane(s, v, 2, first, low);
        write_lane(s, second_v, 2, second, high);
    }
    return true;
}

static unsigned lane_of(unsigned d, unsigned size, unsigned index) { return ((d & 1) << (3 - size)) + index; }

bool vfp_op_vmov_to_lane(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(FLOAT_D, o->vd, o->d);
    if (o->rt == 15 || (d >= 16 && !NEEDS(vfp_d32)) || (o->size < 2 && !NEEDS(a32_neon))) {
        return false;
    }
    s->simd = o->size < 2;
    if (arm_fp_access(s)) {
        write_lane(s, d >> 1, o->size, lane_of(d, o->size, o->imm), a32_r(s, o->rt));
    }
    return true;
}

bool vfp_op_vmov_from_lane(ArmTranslate *s, const VfpOperands *o)
{
    unsigned n = number(FLOAT_D, o->vn, o->n);
    if (o->rt == 15 || (n >= 16 && !NEEDS(vfp_d32)) || (o->size < 2 && !NEEDS(a32_neon))) {
        return false;
    }
    s->simd = o->size < 2;
    if (arm_fp_access(s)) {
        IrRef value = read_lane(s, n >> 1, o->size, lane_of(n, o->size, o->imm));
        a32_set_r(s, o->rt, o->size < 2 && !o->u ? ir_sext(s->b, IR_I32, o->size, value) : value);
    }
    return true;
}

bool vfp_op_vdup(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(FLOAT_D, o->vd, o->d);
    if (o->rt == 15 || (o->q && (d & 1))) {
        return false;
    }
    s->simd = true;
    if (arm_fp_access(s)) {
        IrRef all = ir_emit(s->b, IR_VSPLAT, IR_V128, o->size, 0, a32_r(s, o->rt), 0, 0);
        if (o->q) {
            ir_write(s->b, SLOT_V0 + (d >> 1), all);
        } else {
            write_lane(s, d >> 1, 3, d & 1, ir_op1(s->b, IR_VTO_INT, IR_I64, all));
        }
    }
    return true;
}

/* ---- status and control ---- */

enum { VFP_FPSID = 0, VFP_FPSCR = 1, VFP_MVFR2 = 5, VFP_MVFR1 = 6, VFP_MVFR0 = 7, VFP_FPEXC = 8 };

bool vfp_op_vmrs(ArmTranslate *s, const VfpOperands *o)
{
    if (o->vn == VFP_FPSCR) {
        if (!arm_fp_access(s)) {
            return true;
        }
        if (o->rt == 15) {
            arm_write_nzcv(s, ir_read(s->b, SLOT_FPSCR));
        } else {
            a32_set_r(s, o->rt, ARM_CALL0(s, vfp_read_fpscr));
        }
        return true;
    }
    if (o->rt == 15 || a32_user(s)) {
        return false;
    }
    /* (FPEXC.EN does not count for these: C code looks at the rest.) */
    a32_set_r(s, o->rt, ARM_CALL(s, vfp_mrs, arm_i32(s, o->vn)));
    return true;
}

bool vfp_op_vmsr(ArmTranslate *s, const VfpOperands *o)
{
    if (o->rt == 15 || (o->vn != VFP_FPSCR && a32_user(s))) {
        return false;
    }
    if (o->vn == VFP_FPSCR) {
        if (!arm_fp_access(s)) {
            return true;
        }
        ARM_CALL(s, vfp_write_fpscr, a32_r(s, o->rt));
    } else {
        ARM_CALL(s, vfp_msr, arm_i32(s, o->vn), a32_r(s, o->rt));
    }
    arm_end_lookup(s);
    return true;
}

/* ---- memory ---- */

static void load(ArmTranslate *s, unsigned size, unsigned n, IrRef base, int64_t offset)
{
    IrMem mem = arm_mem(s, size);
    mem.offset = offset;
    mem.align_log2 = MIN(size, 2u);
    write_bits(s, size, n, ir_load(s->b, integer(size), base, mem));
}

static void store(ArmTranslate *s, unsigned size, unsigned n, IrRef base, int64_t offset)
{
    IrMem mem = arm_mem(s, size);
    mem.offset = offset;
    mem.align_log2 = MIN(size, 2u);
    ir_store(s->b, base, read_bits(s, size, n), mem);
}

/* w: load. */
bool vfp_op_vldst(ArmTranslate *s, const VfpOperands *o)
{
    unsigned d = number(o->size, o->vd, o->d);
    int64_t offset = (int64_t)o->imm * (o->size == FLOAT_H ? 2 : 4);
    if (!exists(s, o->size == FLOAT_D ? FLOAT_S : o->size, 0, 0, 0) || (o->size == FLOAT_D && d >= 16 && !NEEDS(vfp_d32))) {
        return false;
    }
    if (arm_fp_access(s)) {
        (o->w ? load : store)(s, o->size, d, a32_base(s, o->rn), o->u ? offset : -offset);
    }
    return true;
}

/* p and u: 1 0 with write-back (decrement before), 0 1 (increment after). q: doubles. op: load. */
bool vfp_op_vldstm(ArmTranslate *s, const VfpOperands *o)
{
    unsigned size = o->q ? FLOAT_D : FLOAT_S, d = number(size, o->vd, o->d), count = o->q ? o->imm / 2 : o->imm, limit = o->q && NEEDS(vfp_d32) ? 32 : o->q ? 16 : 32;
    if (o->p == o->u || (o->p && !o->w) || !count || count > 16 + 16 * !o->q || d + count > limit || (o->rn == 15 && (o->w || s->thumb))) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef base = a32_base(s, o->rn);
    int64_t at = o->u ? 0 : -(int64_t)o->imm * 4;
    IrRef written = a32_op2(s, IR_ADD, ir_trunc(s->b, base), arm_i32(s, (uint32_t)(o->u ? o->imm * 4 : -o->imm * 4)));
    if (o->op) {
        IrRef values[32];
        for (unsigned i = 0; i < count; i++) {
            IrMem mem = arm_mem(s, size);
            mem.offset = at + ((int64_t)i << size);
            mem.align_log2 = 2;
            values[i] = ir_load(s->b, integer(size), base, mem);
        }
        for (unsigned i = 0; i < count; i++) {
            write_bits(s, size, d + i, values[i]);
        }
    } else {
        for (unsigned i = 0; i < count; i++) {
            store(s, size, d + i, base, at + ((int64_t)i << size));
        }
    }
    if (o->w) {
        a32_set_r(s, o->rn, written);
    }
    return true;
}

/* ---- entries ---- */

bool vfp_translate(ArmTranslate *s, uint32_t insn, bool unconditional)
{
    if (!NEEDS(vfp_simd)) {
        return false;
    }
    return vfp_is_coprocessor(insn) && (insn >> 28 != 15 || (insn & 0x0f000000) == 0x0e000000) && vfp_decode(s, insn);
}

/* T32 has them with 1110 and 1111 in the place of the condition, too. */
bool vfp_translate_t32(ArmTranslate *s) { return vfp_translate(s, s->insn, s->insn >> 28 == 15); }
