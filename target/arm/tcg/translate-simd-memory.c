/*
 * Loads and stores of floating-point and vector registers.
 *
 * DDI 0487, C4.1.95; C7.2: LDR, STR, LDP, STP, LDNP, STNP (SIMD&FP), LD1 .. LD4R, ST1 .. ST4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-simd.h"

#include <string.h>

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

static IrMem memory_of(ArmTranslate *s, const SimdStructures *st, unsigned size, int64_t offset)
{
    IrMem mem = arm_mem(s, size);
    mem.offset += offset;
    if (offset == 0) {
        mem.align_log2 = MAX(mem.align_log2, st->align_log2);
    }
    return mem;
}

/* A register's bytes, whole. */
static IrRef load_whole(ArmTranslate *s, const SimdStructures *st, IrRef address, unsigned i)
{
    return ir_load(s->b, IR_V128, address, memory_of(s, st, st->all ? 4 : 3, (int64_t)i * (st->all ? 16 : 8)));
}

static void store_whole(ArmTranslate *s, const SimdStructures *st, IrRef address, unsigned i, IrRef v)
{
    ir_store(s->b, address, v, memory_of(s, st, st->all ? 4 : 3, (int64_t)i * (st->all ? 16 : 8)));
}

static void zip(ArmTranslate *s, const SimdStructures *st, IrRef x, IrRef y, IrRef out[2])
{
    out[0] = simd_permute(s, OP_ZIP1, st->size, st->all, x, y);
    out[1] = simd_permute(s, OP_ZIP2, st->size, st->all, x, y);
}

static void unzip(ArmTranslate *s, const SimdStructures *st, IrRef x, IrRef y, IrRef *even, IrRef *odd)
{
    *even = simd_unzip(s, st->size, false, st->all, x, y);
    *odd = simd_unzip(s, st->size, true, st->all, x, y);
}

/*
 * Three registers to three others, bytes from anywhere: byte j of register i of the result is that of number place(i, j) of what is given. Elements are of e bytes, registers
 * of as many as the structure has: in memory element 3 * k + i is element k of register i.
 */
static void shuffle_three(ArmTranslate *s, const SimdStructures *st, bool to_memory, const IrRef from[3], IrRef to[3])
{
    unsigned bytes = st->all ? 16 : 8, e = 1u << st->size;
    for (unsigned i = 0; i < 3; i++) {
        uint8_t indices[3][16];
        memset(indices, 0x80, sizeof(indices));
        for (unsigned j = 0; j < bytes; j++) {
            unsigned here = i * bytes + j, element = here / e, there = (3 * (j / e) + i) * e + j % e;
            unsigned reg = to_memory ? element % 3 : there / bytes, at = to_memory ? element / 3 * e + j % e : there % bytes;
            indices[reg][j] = at;
        }
        IrRef parts[3];
        for (unsigned k = 0; k < 3; k++) {
            parts[k] = simd_shuffle(s, from[k], indices[k]);
        }
        to[i] = simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VOR, 3, parts[0], parts[1]), parts[2]);
    }
}

/* From the bytes of memory, in v, to registers. */
static void take_apart(ArmTranslate *s, const SimdStructures *st, IrRef v[4])
{
    IrRef even[2], odd[2], w[3] = { v[0], v[1], v[2] };
    switch (st->group) {
    case 2:
        unzip(s, st, w[0], w[1], &v[0], &v[1]);
        break;
    case 3:
        shuffle_three(s, st, false, w, v);
        break;
    case 4:
        unzip(s, st, v[0], v[1], &even[0], &odd[0]);
        unzip(s, st, v[2], v[3], &even[1], &odd[1]);
        unzip(s, st, even[0], even[1], &v[0], &v[2]);
        unzip(s, st, odd[0], odd[1], &v[1], &v[3]);
        break;
    }
}

static void put_together(ArmTranslate *s, const SimdStructures *st, IrRef v[4])
{
    IrRef even[2], odd[2], w[3] = { v[0], v[1], v[2] };
    switch (st->group) {
    case 2:
        zip(s, st, w[0], w[1], v);
        break;
    case 3:
        shuffle_three(s, st, true, w, v);
        break;
    case 4:
        zip(s, st, v[0], v[2], even);
        zip(s, st, v[1], v[3], odd);
        zip(s, st, even[0], odd[0], v);
        zip(s, st, even[1], odd[1], v + 2);
        break;
    }
}

/* Registers' bytes at once. What is loaded comes before what is written. */
static void whole_registers(ArmTranslate *s, const SimdStructures *st, IrRef address)
{
    IrRef v[4][4];
    for (unsigned run = 0; run < st->runs; run++) {
        for (unsigned i = 0; i < st->group; i++) {
            v[run][i] = st->load ? load_whole(s, st, address, run * st->group + i) : a64_v(s, st->regs[run * st->group + i]);
        }
        if (st->load) {
            take_apart(s, st, v[run]);
            continue;
        }
        put_together(s, st, v[run]);
        for (unsigned i = 0; i < st->group; i++) {
            store_whole(s, st, address, run * st->group + i, v[run][i]);
        }
    }
    for (unsigned i = 0; st->load && i < st->runs * st->group; i++) {
        simd_finish(s, st->regs[i], st->all, v[i / st->group][i % st->group]);
    }
}

static IrRef lane(ArmTranslate *s, unsigned size, unsigned index, IrRef v)
{
    return ir_emit(s->b, IR_VEXTRACT, size == 3 ? IR_I64 : IR_I32, size, index, v, 0, 0);
}

/* Element by element. */
static void element_by_element(ArmTranslate *s, const SimdStructures *st, IrRef address)
{
    unsigned elements = (st->all ? 16 : 8) >> st->size, registers = st->runs * st->group;
    IrRef values[4];
    int64_t offset = 0;
    for (unsigned i = 0; i < registers; i++) {
        values[i] = st->load ? simd_const(s, 0) : a64_v(s, st->regs[i]);
    }
    for (unsigned run = 0; run < st->runs; run++) {
        for (unsigned e = 0; e < elements; e++) {
            for (unsigned g = 0; g < st->group; g++, offset += 1 << st->size) {
                IrRef *v = &values[run * st->group + g];
                IrMem mem = memory_of(s, st, st->size, offset);
                if (st->load) {
                    *v = ir_emit(s->b, IR_VINSERT, IR_V128, st->size, e, *v, ir_load(s->b, type_of(st->size), address, mem), 0);
                } else {
                    ir_store(s->b, address, lane(s, st->size, e, *v), mem);
                }
            }
        }
    }
    for (unsigned i = 0; st->load && i < registers; i++) {
        simd_finish(s, st->regs[i], st->all, values[i]);
    }
}

void simd_structures(ArmTranslate *s, const SimdStructures *st, IrRef address)
{
    /* In big-endian order elements are turned one by one, and where alignment is checked it is theirs. */
    if (arm_mem(s, 1).big_endian || (s->mode & ARM_MODE_ALIGN)) {
        element_by_element(s, st, address);
    } else {
        whole_registers(s, st, address);
    }
}

void simd_structure_lane(ArmTranslate *s, const SimdStructures *st, unsigned index, IrRef address)
{
    IrRef values[4];
    for (unsigned i = 0; i < st->group; i++) {
        IrMem mem = memory_of(s, st, st->size, (int64_t)i << st->size);
        if (st->load) {
            values[i] = ir_load(s->b, type_of(st->size), address, mem);
        } else {
            ir_store(s->b, address, simd_get_lane(s, st->regs[i], st->size, index), mem);
        }
    }
    for (unsigned i = 0; i < st->group && st->load; i++) {
        simd_set_lane(s, st->regs[i], st->size, index, values[i]);
    }
}

void simd_structure_replicated(ArmTranslate *s, const SimdStructures *st, IrRef address)
{
    IrRef values[4];
    for (unsigned i = 0; i < st->group; i++) {
        values[i] = ir_load(s->b, type_of(st->size), address, memory_of(s, st, st->size, (int64_t)i << st->size));
    }
    for (unsigned i = 0; i < st->runs * st->group; i++) {
        simd_finish(s, st->regs[i], st->all, ir_emit(s->b, IR_VSPLAT, IR_V128, st->size, 0, values[i % st->group], 0, 0));
    }
}

/* ---- A64's ---- */

/* Post-index: by Xm, or (31) by the bytes moved. rm -1: none. */
static void write_back(ArmTranslate *s, const A64vOperands *o, IrRef base, unsigned bytes)
{
    if (o->rm >= 0) {
        a64_set_sp(s, o->rn, o->rm == 31 ? plus(s, base, bytes) : ir_op2(s->b, IR_ADD, IR_I64, base, a64_x(s, o->rm)));
    }
}

/* Registers one behind the other, V0 behind V31. */
static SimdStructures structures_of(const A64vOperands *o, unsigned group, bool load)
{
    SimdStructures st = { .load = load, .all = o->q, .size = o->size, .group = group, .runs = o->registers / group };
    for (int i = 0; i < o->registers; i++) {
        st.regs[i] = (o->rd + i) % 32;
    }
    return st;
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
    SimdStructures st = structures_of(o, o->grouped, o->load);
    IrRef base = a64_base(s, o->rn);
    simd_structures(s, &st, a64_checked_base(s, o->rn, o->rm < 0, base, bytes, !o->load));
    write_back(s, o, base, bytes);
    return true;
}

bool a64v_op_lane(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned index = o->size == 0 ? o->q << 3 | o->imm3 : o->size == 1 ? o->q << 2 | o->imm2 : o->size == 2 ? o->q << 1 | o->h : o->q, bytes = o->registers << o->size;
    SimdStructures st = structures_of(o, o->registers, o->load);
    IrRef base = a64_base(s, o->rn);
    simd_structure_lane(s, &st, index, a64_checked_base(s, o->rn, o->rm < 0, base, bytes, !o->load));
    write_back(s, o, base, bytes);
    return true;
}

bool a64v_op_replicate(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    SimdStructures st = structures_of(o, o->registers, true);
    IrRef base = a64_base(s, o->rn);
    simd_structure_replicated(s, &st, a64_checked_base(s, o->rn, o->rm < 0, base, o->registers << o->size, false));
    write_back(s, o, base, o->registers << o->size);
    return true;
}
