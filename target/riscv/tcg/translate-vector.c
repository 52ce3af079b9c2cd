/*
 * Vector instructions in IR: configuration, which elements are active, loads and stores, and the way to the groups.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.3 to 30.7.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/translate-vector.h"
#include "target/riscv/tcg/vector.h"

#include <string.h>

/* ---- the state of the unit ---- */

/* Registers or configuration change. */
static void dirty(RvTranslate *s)
{
    if (FIELD_GET(s->mode, RV_MODE_VECTOR) == FLOAT_DIRTY) {
        return;
    }
    IrRef bits = rv_i64(s, FIELD_MASK(MSTATUS_VS));
    ir_write(s->b, SLOT_MSTATUS, ir_op2(s->b, IR_OR, IR_I64, ir_read(s->b, SLOT_MSTATUS), bits));
    if (s->mode & RV_MODE_VIRT) {
        ir_write(s->b, SLOT_VSSTATUS, ir_op2(s->b, IR_OR, IR_I64, ir_read(s->b, SLOT_VSSTATUS), bits));
    }
    s->mode = FIELD_SET(s->mode, RV_MODE_VECTOR, FLOAT_DIRTY);
    s->status_changed = true;
}

static bool is_vill(const RvTranslate *s) { return FIELD_GET(s->mode, RV_MODE_VTYPE) >> 8; }

/* By C code, whatever it is. changes_mode: it may set vl, vtype or the floating-point unit's state. */
static bool by_helper(RvTranslate *s, bool changes_mode)
{
    bool to_vectors = riscv_vector_writes_vectors_only(s->insn);
    if (to_vectors) {
        RV_CALL(s, vector_only, rv_i64(s, s->insn));
    } else {
        RV_CALL(s, vector, rv_i64(s, s->insn));
        memset(s->single, 0, sizeof(s->single));    /* it may have written any register */
        s->boxed = 0;
    }
    if (changes_mode || (s->mode & RV_MODE_VSTART) || FIELD_GET(s->mode, RV_MODE_VECTOR) != FLOAT_DIRTY || FIELD_GET(s->mode, RV_MODE_FLOAT) == FLOAT_CLEAN) {
        rv_end_lookup(s);
    }
    return true;
}

/* ---- constants ---- */

IrRef rvv_splat_const(RvVector *v, unsigned sew, uint64_t value)
{
    for (unsigned bits = 8u << sew; bits < 64; bits *= 2) {
        value = (value & MAKE_MASK(0, bits)) | value << bits;
    }
    return ir_const_v128(v->b, value, value);
}

IrRef rvv_splat(RvVector *v, unsigned sew, IrRef integer)
{
    uint64_t value;
    if (ir_get_const(v->b, integer, &value)) {
        return rvv_splat_const(v, sew, value);
    }
    return ir_emit(v->b, IR_VSPLAT, IR_V128, sew, 0, sew == 3 ? ir_zext(v->b, IR_I64, 3, integer) : ir_trunc(v->b, integer), 0, 0);
}

IrRef rvv_bias(RvVector *v, unsigned sew, IrRef x) { return rvv_op(v, IR_VXOR, sew, x, rvv_splat_const(v, sew, BIT((8u << sew) - 1))); }

IrRef rvv_second(RvVector *v, unsigned k)
{
    if (rvv_is_vector(v)) {
        return rvv_read(v, v->vs1 + k);
    }
    return v->funct3 == 3 ? rvv_splat_const(v, v->sew, (uint64_t)sextract64(v->vs1, 0, 5)) : rvv_splat(v, v->sew, rv_x(v->s, v->vs1));
}

/* A constant whose lanes are made by a function of their number. */
typedef uint64_t LaneValue(unsigned lane, unsigned first);

static IrRef lane_const(RvVector *v, unsigned sew, unsigned first, LaneValue *value)
{
    uint64_t half[2] = { 0, 0 };
    unsigned bits = 8u << sew, lanes = VREG_BYTES >> sew;
    for (unsigned i = 0; i < lanes; i++) {
        half[i * bits / 64] |= (value(i, first) & MAKE_MASK(0, bits)) << (i * bits % 64);
    }
    return ir_const_v128(v->b, half[0], half[1]);
}

static uint64_t element_number(unsigned lane, unsigned first) { return first + lane; }
static uint64_t below(unsigned lane, unsigned end) { return lane < end ? VONES : 0; }
static uint64_t bit_of_mask(unsigned lane, unsigned first) { return BIT((first + lane) % 8); }

IrRef rvv_numbers(RvVector *v, unsigned k) { return lane_const(v, v->sew, k * (VREG_BYTES >> v->sew), element_number); }

/* ---- which elements are active ---- */

IrRef rvv_body(RvVector *v, unsigned k, unsigned sew)
{
    unsigned lanes = VREG_BYTES >> sew, first = k * lanes;
    if (!v->vl_max) {
        /* (vl is below VLMAX, so below 128: a byte has room for it.) */
        IrRef vl = rvv_splat(v, sew, ir_read(v->b, SLOT_VL));
        return rvv_op(v, IR_VCMPGT_S, sew, vl, lane_const(v, sew, first, element_number));
    }
    return v->vlmax >= first + lanes ? 0 : lane_const(v, sew, v->vlmax > first ? v->vlmax - first : 0, below);
}

/* v0's bits for register k: each lane takes the byte that its bit is in, then the bit decides for all of it. */
static IrRef mask_lanes(RvVector *v, unsigned k, unsigned sew)
{
    unsigned lanes = VREG_BYTES >> sew, first = k * lanes;
    uint64_t low = 0x0101010101010101 * (first / 8), high = lanes > 8 ? low + 0x0101010101010101 : low;
    IrRef bytes = rvv_op(v, IR_VTABLE8, 0, rvv_read(v, 0), ir_const_v128(v->b, low, high)), bit = lane_const(v, sew, first, bit_of_mask);
    return rvv_op(v, IR_VCMPEQ, sew, rvv_op(v, IR_VAND, 3, bytes, bit), bit);
}

IrRef rvv_active(RvVector *v, unsigned k, unsigned sew)
{
    IrRef body = rvv_body(v, k, sew);
    if (!v->masked) {
        return body;
    }
    IrRef mask = mask_lanes(v, k, sew);
    return body ? rvv_op(v, IR_VAND, 3, body, mask) : mask;
}

void rvv_write_lanes(RvVector *v, unsigned reg, IrRef value, IrRef mask)
{
    ir_write(v->b, SLOT_V0 + reg, mask ? rvv_blend(v, rvv_read(v, reg), value, mask) : value);
}

void rvv_touched(RvVector *v) { dirty(v->s); }

void rvv_write(RvVector *v, unsigned sew, int emul, const RvGroup *values)
{
    unsigned n = rvv_regs(emul);
    RvGroup masks;
    for (unsigned k = 0; k < n; k++) {
        masks.at[k] = rvv_active(v, k, sew);        /* before v0 is written */
    }
    for (unsigned k = 0; k < n; k++) {
        rvv_write_lanes(v, v->vd + k, values->at[k], masks.at[k]);
    }
    dirty(v->s);
}

/* ---- masks as bits ---- */

static IrRef top_bits(RvVector *v, unsigned sew, IrRef lanes)
{
    if (sew == 1) {
        lanes = rvv_op(v, IR_VPACK_SS, 1, lanes, ir_const_v128(v->b, 0, 0));
        sew = 0;
    }
    return ir_zext(v->b, IR_I64, 2, ir_emit(v->b, IR_VMOVMSK, IR_I32, sew, 0, lanes, 0, 0));
}

RvBits rvv_collect(RvVector *v, unsigned sew, int emul, const RvGroup *lanes)
{
    RvBits bits = { rv_i64(v->s, 0), rv_i64(v->s, 0) };
    for (unsigned k = 0; k < rvv_regs(emul); k++) {
        unsigned at = k * (VREG_BYTES >> sew);
        IrRef *half = at < 64 ? &bits.lo : &bits.hi;
        *half = ir_op2(v->b, IR_OR, IR_I64, *half, ir_op2(v->b, IR_SHL, IR_I64, top_bits(v, sew, lanes->at[k]), rv_i32(v->s, at % 64)));
    }
    return bits;
}

static IrRef half_of(RvVector *v, unsigned reg, unsigned half) { return ir_emit(v->b, IR_VEXTRACT, IR_I64, 3, half, rvv_read(v, reg), 0, 0); }

bool rvv_active_bits(RvVector *v, bool ignore_mask, RvBits *out)
{
    if (!v->vl_max && v->vlmax > 64) {
        return false;
    }
    if (v->vl_max) {
        out->lo = rv_i64(v->s, v->vlmax >= 64 ? VONES : MAKE_MASK(0, v->vlmax));
        out->hi = rv_i64(v->s, v->vlmax > 64 ? VONES : 0);
    } else {
        IrRef bit = ir_op2(v->b, IR_SHL, IR_I64, rv_i64(v->s, 1), ir_trunc(v->b, ir_read(v->b, SLOT_VL)));
        out->lo = ir_op2(v->b, IR_SUB, IR_I64, bit, rv_i64(v->s, 1));
        out->hi = rv_i64(v->s, 0);
    }
    if (v->masked && !ignore_mask) {
        out->lo = ir_op2(v->b, IR_AND, IR_I64, out->lo, half_of(v, 0, 0));
        out->hi = v->vlmax > 64 ? half_of(v, 0, 1) : out->hi;
    }
    return true;
}

static IrRef merge_bits(RvVector *v, IrRef old, IrRef bits, IrRef active)
{
    return ir_op2(v->b, IR_OR, IR_I64, ir_op2(v->b, IR_ANDN, IR_I64, old, active), ir_op2(v->b, IR_AND, IR_I64, bits, active));
}

bool rvv_write_mask(RvVector *v, RvBits bits)
{
    RvBits active;
    if (!rvv_active_bits(v, false, &active)) {
        return false;
    }
    IrRef value = ir_emit(v->b, IR_VINSERT, IR_V128, 3, 0, rvv_read(v, v->vd), merge_bits(v, half_of(v, v->vd, 0), bits.lo, active.lo), 0);
    if (v->vlmax > 64) {
        value = ir_emit(v->b, IR_VINSERT, IR_V128, 3, 1, value, merge_bits(v, half_of(v, v->vd, 1), bits.hi, active.hi), 0);
    }
    ir_write(v->b, SLOT_V0 + v->vd, value);
    dirty(v->s);
    return true;
}

/* ---- configuration ---- */

/* vtype is a constant that is good; what vl becomes follows from a register or a constant. false: by C code. */
static bool configure(RvTranslate *s)
{
    const RiscvCpu *cpu = s->cpu;
    unsigned rd = s->insn >> 7 & 31, rs1 = s->insn >> 15 & 31;
    bool immediate = s->insn >> 30 == 3, by_register = s->insn >> 31 && !immediate;
    uint64_t vtype = s->insn >> 20 & (immediate ? 0x3ff : 0x7ff), vlmax;
    if (by_register || !riscv_valid_vtype(cpu, vtype) || cpu->rvv_vl_half_avl || cpu->rvv_vsetvl_x0_vill) {
        return false;
    }
    vlmax = riscv_vlmax(cpu, vtype);
    uint64_t before = s->mode;
    IrRef limit = rv_i64(s, vlmax), vl;
    bool max = immediate ? rs1 >= vlmax : !rs1 && rd, keeps = !immediate && !rs1 && !rd;
    if (keeps) {
        /* Only with the same VLMAX: vl stays. */
        if (is_vill(s) || (s->mode & RV_MODE_VSTART) || riscv_vlmax(cpu, FIELD_GET(s->mode, RV_MODE_VTYPE)) != vlmax) {
            return false;
        }
        vl = ir_read(s->b, SLOT_VL);
        max = s->mode & RV_MODE_VL_MAX;
    } else if (immediate || max) {
        vl = max ? limit : rv_i64(s, rs1);
    } else {
        IrRef avl = s->rv32 ? ir_zext(s->b, IR_I64, 2, rv_x(s, rs1)) : rv_x(s, rs1);
        vl = ir_op3(s->b, IR_SELECT, IR_I64, ir_setcc(s->b, IR_CC_LTU, avl, limit), avl, limit);
    }
    rv_set_x(s, rd, vl);
    ir_write(s->b, SLOT_VL, vl);
    ir_write(s->b, SLOT_VTYPE, rv_i64(s, vtype));
    ir_write(s->b, SLOT_VSTART, rv_i64(s, 0));
    dirty(s);
    s->mode = FIELD_SET(s->mode, RV_MODE_VTYPE, vtype & 0xff) & ~(RV_MODE_VL_MAX | RV_MODE_VSTART);
    s->mode |= max ? RV_MODE_VL_MAX : 0;
    if (keeps || immediate || max) {
        s->status_changed |= s->mode != before;     /* what it is from here on is known */
    } else {
        rv_end_lookup(s);
    }
    return true;
}

/* ---- memory ---- */

static bool is_alone(const RvTranslate *s) { return s->t->max_insns == 1; }

static IrMem piece_at(const RvTranslate *s, unsigned offset, unsigned size_log2)
{
    return (IrMem){ .offset = offset, .size_log2 = size_log2, .priv = rv_data_index(s), .extra = RV_MEM_VECTOR };
}

/* So many bytes (16 times a number, or a power of 2 below 16) from or to the registers at vd, without a mask. */
static void load_bytes(RvTranslate *s, unsigned vd, IrRef base, unsigned bytes)
{
    IrRef loaded[VGROUP_MAX];
    if (bytes < VREG_BYTES) {
        unsigned log2 = (unsigned)__builtin_ctz(bytes);
        IrRef value = ir_load(s->b, IR_I64, base, piece_at(s, 0, log2));
        value = log2 == 3 ? value : ir_trunc(s->b, value);
        ir_write(s->b, SLOT_V0 + vd, ir_emit(s->b, IR_VINSERT, IR_V128, log2, 0, ir_read(s->b, SLOT_V0 + vd), value, 0));
        return;
    }
    for (unsigned k = 0; k < bytes / VREG_BYTES; k++) {
        loaded[k] = ir_load(s->b, IR_V128, base, piece_at(s, k * VREG_BYTES, 4));
    }
    for (unsigned k = 0; k < bytes / VREG_BYTES; k++) {
        ir_write(s->b, SLOT_V0 + vd + k, loaded[k]);
    }
}

static void store_bytes(RvTranslate *s, unsigned vd, IrRef base, unsigned bytes)
{
    if (bytes < VREG_BYTES) {
        unsigned log2 = (unsigned)__builtin_ctz(bytes);
        IrRef value = ir_emit(s->b, IR_VEXTRACT, log2 == 3 ? IR_I64 : IR_I32, log2, 0, ir_read(s->b, SLOT_V0 + vd), 0, 0);
        ir_store(s->b, base, value, piece_at(s, 0, log2));
        return;
    }
    for (unsigned k = 0; k < bytes / VREG_BYTES; k++) {
        ir_store(s->b, base, ir_read(s->b, SLOT_V0 + vd + k), piece_at(s, k * VREG_BYTES, 4));
    }
}

/* How many bytes a contiguous access without a mask moves, as a constant; 0: by C code. */
static unsigned contiguous_bytes(RvTranslate *s, bool store)
{
    unsigned width = s->insn >> 12 & 7, eew = width ? width - 4 : 0, nf = (s->insn >> 29) + 1, lumop = s->insn >> 20 & 31, vd = s->insn >> 7 & 31;
    bool unit_stride = !(s->insn >> 26 & 7), unmasked = s->insn >> 25 & 1;
    if (!unit_stride || !unmasked || is_alone(s) || (s->mode & RV_MODE_VSTART)) {
        return 0;
    }
    if (lumop == 8) {
        return IS_POWER_OF_2(nf) && nf <= VGROUP_MAX && !(vd & (nf - 1)) && !(store && eew) ? nf * VREG_BYTES : 0;
    }
    if (is_vill(s) || !(s->mode & RV_MODE_VL_MAX) || nf > 1) {
        return 0;
    }
    uint64_t vtype = FIELD_GET(s->mode, RV_MODE_VTYPE);
    int emul = (int)sextract64(vtype, 0, 3) + (int)eew - (int)(vtype >> 3 & 7);
    unsigned vlmax = riscv_vlmax(s->cpu, vtype);
    if (lumop == 11) {
        return eew ? 0 : MAX(vlmax / 8, 1);
    }
    if ((lumop && (lumop != 16 || store)) || emul < -3 || emul > 3 || !rvv_aligned(vd, emul)) {
        return 0;
    }
    return vlmax << eew;
}

/* Agnostic elements become ones: C code's affair. */
static bool fills(const RvTranslate *s) { return !is_vill(s) && riscv_vector_fills(s->cpu, FIELD_GET(s->mode, RV_MODE_VTYPE)); }

static bool memory_access(RvTranslate *s, bool store)
{
    bool first_only = !store && (s->insn >> 26 & 3) == 0 && (s->insn >> 20 & 31) == 16;
    bool by_element = fills(s) || (s->mode & RV_MODE_TRIGGERS_ACCESS);
    unsigned bytes = s->cpu->vlen == VREG_BYTES * 8 && !by_element ? contiguous_bytes(s, store) : 0;
    if (!bytes) {
        return by_helper(s, first_only);
    }
    IrMem none = { 0 };
    IrRef base = rv_base(s, rv_x(s, s->insn >> 15 & 31), &none, 0);
    if (store) {
        store_bytes(s, s->insn >> 7 & 31, base, bytes);
    } else {
        load_bytes(s, s->insn >> 7 & 31, base, bytes);
    }
    dirty(s);
    return true;
}

/* ---- one instruction ---- */

static bool in_ir(RvTranslate *s)
{
    if (is_vill(s) || (s->mode & RV_MODE_VSTART) || fills(s) || s->cpu->vlen != VREG_BYTES * 8) {
        return false;
    }
    uint64_t vtype = FIELD_GET(s->mode, RV_MODE_VTYPE);
    uint32_t insn = s->insn;
    RvVector v = { .s = s, .b = s->b, .vd = insn >> 7 & 31, .vs1 = insn >> 15 & 31, .vs2 = insn >> 20 & 31, .funct6 = insn >> 26, .funct3 = insn >> 12 & 7,
                   .masked = !(insn >> 25 & 1), .vl_max = s->mode & RV_MODE_VL_MAX, .sew = vtype >> 3 & 3, .lmul = (int)sextract64(vtype, 0, 3),
                   .vlmax = riscv_vlmax(s->cpu, vtype) };
    if ((insn & 0x7f) == 0x77) {
        return rvv_crypto(&v);
    }
    if (!riscv_vector_sources_ok(insn, vtype)) {
        return false;
    }
    if ((v.funct3 & 3) == 1) {
        return rvv_float(&v);
    }
    return rvv_bits(&v) || rvv_move(&v) || rvv_widening(&v) || rvv_integer(&v);
}

/* The integer registers that it names, which C code reaches by itself. */
static void name_registers(RvTranslate *s)
{
    enum { OP_V = 0x57, OP_VE = 0x77, OPMVV = 2, OPIVX = 4, OPMVX = 6, VSETVL = 7, WXUNARY0 = 0x10, STRIDED = 2 };
    unsigned opcode = s->insn & 0x7f, funct3 = s->insn >> 12 & 7, rd = s->insn >> 7 & 31, rs1 = s->insn >> 15 & 31, rs2 = s->insn >> 20 & 31;
    bool memory = opcode != OP_V && opcode != OP_VE, configures = opcode == OP_V && funct3 == VSETVL;
    bool to_integer = configures || (opcode == OP_V && funct3 == OPMVV && s->insn >> 26 == WXUNARY0);
    bool from_first = memory || (configures ? s->insn >> 30 != 3 : opcode == OP_V && (funct3 == OPIVX || funct3 == OPMVX));
    bool from_second = memory ? (s->insn >> 26 & 3) == STRIDED : configures && s->insn >> 30 == 2;
    rv_register(s, to_integer ? rd : 0);
    rv_register(s, from_first ? rs1 : 0);
    rv_register(s, from_second ? rs2 : 0);
}

bool rv_op_vector(RvTranslate *s, const RvOperands *o)
{
    name_registers(s);
    if (FIELD_GET(s->mode, RV_MODE_VECTOR) == FLOAT_OFF) {
        return false;
    }
    unsigned opcode = s->insn & 0x7f;
    if (opcode != 0x57 && opcode != 0x77) {
        return memory_access(s, opcode == 0x27);
    }
    if (opcode == 0x57 && (s->insn >> 12 & 7) == 7) {
        return configure(s) || by_helper(s, true);
    }
    return in_ir(s) || by_helper(s, false);
}
