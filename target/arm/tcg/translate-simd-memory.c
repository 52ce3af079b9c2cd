/*
 * Loads and stores of floating-point and vector registers.
 *
 * DDI 0487, C4.1.95; C7.2: LDR, STR, LDP, STP, LDNP, STNP (SIMD&FP), LD1 .. LD4R, ST1 .. ST4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-simd.h"

/* Types of values of 1 << size bytes on their way to memory. */
static IrType type_of(unsigned size) { return size == 4 ? IR_V128 : size == 3 ? IR_I64 : IR_I32; }

static IrRef load(ArmTranslate *s, unsigned size, IrRef address, int64_t offset)
{
    IrMem mem = arm_mem(s, size);
    mem.offset += offset;
    /* The rest is zero. */
    if ((size == 2 || size == 3) && !mem.big_endian) {
        return ir_load(s->b, IR_V128, address, mem);
    }
    IrRef value = ir_load(s->b, type_of(size), address, mem);
    return size == 4 ? value : ir_op1(s->b, IR_VFROM_INT, IR_V128, value);
}

static void store(ArmTranslate *s, unsigned size, IrRef address, int64_t offset, IrRef v)
{
    IrMem mem = arm_mem(s, size);
    mem.offset += offset;
    if (size < 2 || mem.big_endian) {
        v = size == 4 ? v : ir_op1(s->b, IR_VTO_INT, type_of(size), v);
    }
    ir_store(s->b, address, v, mem);
}

static IrRef plus(ArmTranslate *s, IrRef base, int64_t offset) { return offset ? ir_op2(s->b, IR_ADD, IR_I64, base, arm_i64(s, offset)) : base; }

/* One register at base + offset; index: what becomes of the base. */
static bool access_one(ArmTranslate *s, const A64vOperands *o, int64_t offset, unsigned index)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef base = a64_base(s, o->rn);
    int64_t at = index == INDEX_POST ? 0 : offset;
    IrRef address = base;
    if (s->mode & ARM_MODE_MTE) {
        address = a64_checked_base(s, o->rn, index == INDEX_OFFSET, plus(s, base, at), 1u << o->size, !o->load);
        at = 0;
    }
    if (o->load) {
        IrRef value = load(s, o->size, address, at);
        a64_set_v(s, o->rd, value);
    } else {
        store(s, o->size, address, at, a64_v(s, o->rd));
    }
    if (index != INDEX_OFFSET) {
        a64_set_sp(s, o->rn, plus(s, base, offset));
    }
    return true;
}

bool a64v_op_single(ArmTranslate *s, const A64vOperands *o) { return access_one(s, o, o->imm, o->index); }
bool a64v_op_single_scaled(ArmTranslate *s, const A64vOperands *o) { return access_one(s, o, (int64_t)o->uimm << o->size, INDEX_OFFSET); }

bool a64v_op_single_register(ArmTranslate *s, const A64vOperands *o)
{
    if (!(o->option & 2)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef index = a64_x(s, o->rm);
    if (!(o->option & 1)) {
        index = o->option & 4 ? ir_sext(s->b, IR_I64, 2, index) : ir_zext(s->b, IR_I64, 2, index);
    }
    if (o->sz) {
        index = ir_op2(s->b, IR_SHL, IR_I64, index, arm_i32(s, o->size));
    }
    IrRef address = a64_checked(s, ir_op2(s->b, IR_ADD, IR_I64, a64_base(s, o->rn), index), 1u << o->size, !o->load, false);
    if (o->load) {
        a64_set_v(s, o->rd, load(s, o->size, address, 0));
    } else {
        store(s, o->size, address, 0, a64_v(s, o->rd));
    }
    return true;
}

bool a64v_op_load_literal(ArmTranslate *s, const A64vOperands *o)
{
    if (arm_fp_access(s)) {
        a64_set_v(s, o->rd, load(s, o->size, ir_pc(s->b, s->start + o->imm), 0));
    }
    return true;
}

bool a64v_op_pair(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    int64_t bytes = 1 << o->size, offset = (int64_t)o->imm * bytes, at = o->index == INDEX_POST ? 0 : offset;
    IrRef base = a64_base(s, o->rn), address = base;
    if (s->mode & ARM_MODE_MTE) {
        address = a64_checked_base(s, o->rn, o->index == INDEX_OFFSET, plus(s, base, at), 2 * bytes, !o->load);
        at = 0;
    }
    if (o->load) {
        IrRef first = load(s, o->size, address, at), second = load(s, o->size, address, at + bytes);
        a64_set_v(s, o->rd, first);
        a64_set_v(s, o->rt2, second);
    } else {
        store(s, o->size, address, at, a64_v(s, o->rd));
        store(s, o->size, address, at + bytes, a64_v(s, o->rt2));
    }
    if (o->index != INDEX_OFFSET) {
        a64_set_sp(s, o->rn, plus(s, base, offset));
    }
    return true;
}

/* ---- structures ---- */

/* Post-index: by Xm, or (31) by the bytes moved. rm -1: none. */
static void write_back(ArmTranslate *s, const A64vOperands *o, IrRef base, unsigned bytes)
{
    if (o->rm >= 0) {
        a64_set_sp(s, o->rn, o->rm == 31 ? plus(s, base, bytes) : ir_op2(s->b, IR_ADD, IR_I64, base, a64_x(s, o->rm)));
    }
}

/* Registers one behind the other, each wholly. In big-endian order elements are turned one by one. */
static bool whole_registers(ArmTranslate *s, const A64vOperands *o, IrRef base, IrRef address)
{
    unsigned bytes = o->q ? 16 : 8;
    IrRef values[4];
    for (int i = 0; i < o->registers; i++) {
        if (o->load) {
            values[i] = load(s, o->q ? 4 : 3, address, (int64_t)i * bytes);
        } else {
            store(s, o->q ? 4 : 3, address, (int64_t)i * bytes, a64_v(s, (o->rd + i) % 32));
        }
    }
    for (int i = 0; i < o->registers && o->load; i++) {
        a64_set_v(s, (o->rd + i) % 32, values[i]);
    }
    write_back(s, o, base, bytes * o->registers);
    return true;
}

/* Two registers whose elements alternate in memory. */
static void zip_two(ArmTranslate *s, const A64vOperands *o, IrRef address)
{
    unsigned r0 = o->rd, r1 = (o->rd + 1) % 32, bytes = o->q ? 16 : 8, size = o->q ? 4 : 3;
    if (o->load) {
        IrRef low = load(s, size, address, 0), high = load(s, size, address, bytes);
        IrRef even = simd_unzip(s, o->size, false, o->q, low, high), odd = simd_unzip(s, o->size, true, o->q, low, high);
        simd_finish(s, r0, o->q, even);
        simd_finish(s, r1, o->q, odd);
    } else {
        IrRef x = a64_v(s, r0), y = a64_v(s, r1), low = simd_op2(s, IR_VUNPACK_LO, o->size, x, y);
        IrRef high = o->q ? simd_op2(s, IR_VUNPACK_HI, o->size, x, y) : simd_imm1(s, IR_VSHR_BYTES, 0, 8, low);
        store(s, size, address, 0, low);
        store(s, size, address, bytes, high);
    }
}

static IrRef lane(ArmTranslate *s, unsigned size, unsigned index, IrRef v)
{
    return ir_emit(s->b, IR_VEXTRACT, size == 3 ? IR_I64 : IR_I32, size, index, v, 0, 0);
}

static IrRef with_lane(ArmTranslate *s, unsigned size, unsigned index, IrRef v, IrRef value)
{
    return ir_emit(s->b, IR_VINSERT, IR_V128, size, index, v, value, 0);
}

/* Element by element. */
static void element_by_element(ArmTranslate *s, const A64vOperands *o, IrRef address)
{
    unsigned elements = (o->q ? 16 : 8) >> o->size, groups = o->grouped == 1 ? 1 : o->registers, runs = o->grouped == 1 ? o->registers : 1;
    IrRef values[4];
    int64_t offset = 0;
    for (int i = 0; i < o->registers; i++) {
        values[i] = o->load ? simd_const(s, 0) : a64_v(s, (o->rd + i) % 32);
    }
    for (unsigned run = 0; run < runs; run++) {
        for (unsigned e = 0; e < elements; e++) {
            for (unsigned g = 0; g < groups; g++, offset += 1 << o->size) {
                unsigned r = run + g;
                IrMem mem = arm_mem(s, o->size);
                mem.offset += offset;
                if (o->load) {
                    values[r] = with_lane(s, o->size, e, values[r], ir_load(s->b, type_of(o->size), address, mem));
                } else {
                    ir_store(s->b, address, lane(s, o->size, e, values[r]), mem);
                }
            }
        }
    }
    for (int i = 0; i < o->registers && o->load; i++) {
        a64_set_v(s, (o->rd + i) % 32, values[i]);
    }
}

bool a64v_op_multiple(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 3 && !o->q && o->grouped != 1) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned bytes = (o->q ? 16 : 8) * o->registers;
    bool swaps = arm_mem(s, 1).big_endian;
    IrRef base = a64_base(s, o->rn), address = a64_checked_base(s, o->rn, o->rm < 0, base, bytes, !o->load);
    if (o->grouped == 1 && (!swaps || (o->size == 3 && !o->q)) && !(s->mode & ARM_MODE_ALIGN)) {
        return whole_registers(s, o, base, address);
    }
    if (o->grouped == 2 && !swaps && !(s->mode & ARM_MODE_ALIGN)) {
        zip_two(s, o, address);
    } else {
        element_by_element(s, o, address);
    }
    write_back(s, o, base, bytes);
    return true;
}

bool a64v_op_lane(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned index = o->size == 0 ? o->q << 3 | o->imm3 : o->size == 1 ? o->q << 2 | o->imm2 : o->size == 2 ? o->q << 1 | o->h : o->q;
    IrRef base = a64_base(s, o->rn), address = a64_checked_base(s, o->rn, o->rm < 0, base, o->registers << o->size, !o->load), values[4];
    for (int i = 0; i < o->registers; i++) {
        IrMem mem = arm_mem(s, o->size);
        mem.offset += (int64_t)i << o->size;
        if (o->load) {
            values[i] = ir_load(s->b, type_of(o->size), address, mem);
        } else {
            ir_store(s->b, address, lane(s, o->size, index, a64_v(s, (o->rd + i) % 32)), mem);
        }
    }
    for (int i = 0; i < o->registers && o->load; i++) {
        unsigned r = (o->rd + i) % 32;
        a64_set_v(s, r, with_lane(s, o->size, index, a64_v(s, r), values[i]));
    }
    write_back(s, o, base, o->registers << o->size);
    return true;
}

bool a64v_op_replicate(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef base = a64_base(s, o->rn), address = a64_checked_base(s, o->rn, o->rm < 0, base, o->registers << o->size, false), values[4];
    for (int i = 0; i < o->registers; i++) {
        IrMem mem = arm_mem(s, o->size);
        mem.offset += (int64_t)i << o->size;
        values[i] = ir_load(s->b, type_of(o->size), address, mem);
    }
    for (int i = 0; i < o->registers; i++) {
        simd_finish(s, (o->rd + i) % 32, o->q, ir_emit(s->b, IR_VSPLAT, IR_V128, o->size, 0, values[i], 0, 0));
    }
    write_back(s, o, base, o->registers << o->size);
    return true;
}
