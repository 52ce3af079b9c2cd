/*
 * SVE in IR: contiguous loads and stores.
 *
 * A load under a predicate reads whole pieces, and what is not active becomes 0: it is marked (IrMem.masked), so that where this faults or meets a device the instruction is
 * run alone, which C code does element by element (sve-memory.c). So first-fault and non-fault loads are loads as any here.
 *
 * DDI 0487, C8.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-sve.h"

static IrRef base_of(SveIr *v, const SveOperands *o, unsigned memory_size, unsigned bytes)
{
    IrRef base = a64_base(v->s, o->rn);
    if (o->scalar) {
        return svei_op(v, IR_ADD, base, svei_shift(v, IR_SHL, a64_x(v->s, o->rm), memory_size));
    }
    return svei_op(v, IR_ADD, base, svei_const(v, (uint64_t)((int64_t)o->imm * (int64_t)bytes)));
}

static IrMem access_at(SveIr *v, unsigned offset, unsigned size_log2, bool masked)
{
    IrMem mem = arm_mem(v->s, size_log2);
    mem.offset += offset;
    mem.masked = masked;
    mem.align_log2 = 0;
    return mem;
}

static IrRef load_piece(SveIr *v, unsigned k, IrRef base, unsigned offset, bool masked)
{
    return ir_load(v->b, svei_type(v, k), base, access_at(v, offset, svei_bytes(v, k) == 32 ? 5 : 4, masked));
}

/* ---- loads of whole elements, or widened ---- */

/* As many bytes as piece k has when each element of 1 << from is widened to 1 << to. */
static IrRef load_narrow(SveIr *v, unsigned k, SveLoadType t, IrRef base, bool masked)
{
    unsigned shift = t.element - t.memory, bytes = svei_bytes(v, k) >> shift;
    IrMem mem = access_at(v, 32 * k >> shift, (unsigned)__builtin_ctz(bytes), masked);
    IrRef narrow;
    if (bytes < 4) {
        narrow = ir_op1(v->b, IR_VFROM_INT, IR_V128, ir_load(v->b, IR_I32, base, mem));
    } else {
        narrow = ir_load(v->b, IR_V128, base, mem);
    }
    return ir_emit(v->b, t.sign ? IR_VWIDEN_S : IR_VWIDEN_U, svei_type(v, k), t.memory, t.element, narrow, 0, 0);
}

bool svei_op_load_contiguous(SveIr *v, const SveOperands *o)
{
    SveLoadType t = sve_load_type(o->dtype);
    bool masked = !svei_is_all(v, o->pg, t.element) || o->first_fault;
    IrRef base = base_of(v, o, t.memory, v->vl >> (t.element - t.memory));
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        r.at[k] = t.memory == t.element ? load_piece(v, k, base, 32 * k, masked) : load_narrow(v, k, t, base, masked);
    }
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = svei_and(v, r.at[k], svei_mask(v, o->pg, t.element, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

bool svei_op_load_broadcast(SveIr *v, const SveOperands *o)
{
    SveLoadType t = sve_load_type(o->dtype);
    IrMem mem = access_at(v, o->imm6 << t.memory, t.memory, !svei_is_all(v, o->pg, t.element));
    mem.sign = t.sign;
    IrRef value = ir_load(v->b, IR_I64, a64_base(v->s, o->rn), mem);
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        r.at[k] = svei_splat(v, k, t.element, value);
        r.at[k] = svei_and(v, r.at[k], svei_mask(v, o->pg, t.element, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* 16 bytes, again and again. */
bool svei_op_load_replicated(SveIr *v, const SveOperands *o)
{
    if (o->bytes != 16) {
        return false;
    }
    IrRef quad = ir_load(v->b, IR_V128, base_of(v, o, o->msz, 16), access_at(v, 0, 4, !svei_is_all(v, o->pg, o->msz))), r[SVEI_MAX_QUADS];
    IrRef mask = svei_mask(v, o->pg, o->msz, 0);
    if (mask) {
        quad = ir_emit(v->b, IR_VAND, IR_V128, 3, 0, quad, v->vl == 16 ? mask : ir_op1(v->b, IR_VLOW, IR_V128, mask), 0);
    }
    for (unsigned j = 0; j < v->vl / 16; j++) {
        r[j] = quad;
    }
    svei_write_quads(v, o->rd, r);
    return true;
}

/* ---- structures of two ---- */

static IrRef quad_of(SveIr *v, const IrRef *pieces, unsigned j)
{
    return v->vl == 16 ? pieces[j] : ir_op1(v->b, j & 1 ? IR_VHIGH : IR_VLOW, IR_V128, pieces[j / 2]);
}

static bool load_pairs(SveIr *v, const SveOperands *o, IrRef base, bool masked)
{
    unsigned quads = v->vl / 16;
    IrRef pieces[2 * SVEI_MAX_PIECES], r[2][SVEI_MAX_QUADS];
    if (v->vl > 16 && (quads & 1)) {
        return false;
    }
    for (unsigned k = 0; k < 2 * v->pieces; k++) {
        pieces[k] = load_piece(v, 0, base, (v->vl == 16 ? 16 : 32) * k, masked);
    }
    v->s->vector = IR_V128;
    for (unsigned j = 0; j < quads; j++) {
        IrRef low = quad_of(v, pieces, 2 * j), high = quad_of(v, pieces, 2 * j + 1);
        r[0][j] = simd_unzip(v->s, o->msz, false, true, low, high);
        r[1][j] = simd_unzip(v->s, o->msz, true, true, low, high);
    }
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned k = 0; k < v->pieces; k++) {
            svei_piece(v, k);
            IrRef whole = v->vl == 16 ? r[i][k] : ir_op2(v->b, IR_VJOIN, IR_V256, r[i][2 * k], r[i][2 * k + 1]);
            r[i][k] = svei_and(v, whole, svei_mask(v, o->pg, o->msz, k));
        }
    }
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_set_z(v, o->rd, k, r[0][k]);
        svei_set_z(v, (o->rd + 1) % 32, k, r[1][k]);
    }
    return true;
}

bool svei_op_load_group(SveIr *v, const SveOperands *o)
{
    if (o->registers > 2) {
        return false;
    }
    bool masked = !svei_is_all(v, o->pg, o->msz);
    IrRef base = base_of(v, o, o->msz, o->registers * v->vl);
    if (o->registers == 2) {
        return load_pairs(v, o, base, masked);
    }
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        r.at[k] = load_piece(v, k, base, 32 * k, masked);
    }
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_piece(v, k);
        r.at[k] = svei_and(v, r.at[k], svei_mask(v, o->pg, o->msz, k));
    }
    svei_write(v, o->rd, &r);
    return true;
}

/* ---- stores ---- */

/* value: 16 or 32 bytes; bits: of those that are stored. */
static void store_bytes(SveIr *v, IrRef base, unsigned offset, unsigned bytes, IrRef value, IrRef bits)
{
    IrMem mem = access_at(v, offset, bytes == 32 ? 5 : 4, false);
    uint64_t known, all = MAKE_MASK(0, bytes);
    if (!ir_get_const(v->b, bits, &known)) {
        ir_store_masked(v->b, base, value, bits, mem);
    } else if ((known & all) == all) {
        ir_store(v->b, base, value, mem);
    } else if (known & all) {
        ir_store_masked(v->b, base, value, bits, mem);
    }
}

static void store_piece(SveIr *v, unsigned k, IrRef base, IrRef value, unsigned p, unsigned size)
{
    store_bytes(v, base, 32 * k, svei_bytes(v, k), value, svei_byte_bits(v, p, size, k));
}

static bool store_whole(SveIr *v, const SveOperands *o, unsigned size)
{
    IrRef base = base_of(v, o, size, v->vl);
    for (unsigned k = 0; k < v->pieces; k++) {
        store_piece(v, k, base, svei_z(v, o->rd, k), o->pg, size);
    }
    return true;
}

/* The low 1 << to bytes of each element of a quad, side by side. */
static IrRef narrowed(SveIr *v, unsigned from, unsigned to, IrRef quad)
{
    uint8_t indices[16];
    unsigned bytes = 16 >> (from - to);
    for (unsigned i = 0; i < 16; i++) {
        indices[i] = i < bytes ? (i >> to) << from | (i & ((1u << to) - 1)) : 0x80;
    }
    v->s->vector = IR_V128;
    return simd_shuffle(v->s, quad, indices);
}

/* A bit for each element of so many quads from j on. */
static IrRef active_elements(SveIr *v, const SveOperands *o, unsigned j, unsigned quads)
{
    IrRef active = svei_const(v, 0);
    unsigned nr = 0;
    for (unsigned i = j; i < j + quads; i++) {
        uint64_t own = svei_element_bits(v, o->size, i / 4) & MAKE_MASK(16 * (i % 4), 16);
        IrRef bits = svei_op(v, IR_PEXT, svei_p(v, o->pg, i / 4), svei_const(v, own));
        active = svei_op(v, IR_OR, active, svei_shift(v, IR_SHL, bits, nr));
        nr += 16 >> o->size;
    }
    return active;
}

/* Elements cut down: as many bytes as there are in all have to be a number of quads. */
static bool store_narrow(SveIr *v, const SveOperands *o)
{
    unsigned shift = o->size - o->msz, quads = v->vl / 16, group = 1u << shift;
    if (quads % group) {
        return false;
    }
    IrRef base = base_of(v, o, o->msz, v->vl >> shift);
    for (unsigned j = 0; j < quads; j += group) {
        IrRef parts[8];
        for (unsigned i = 0; i < group; i++) {
            parts[i] = narrowed(v, o->size, o->msz, svei_quad(v, o->rd, j + i));
        }
        for (unsigned nr = group, lane = 4 - shift; nr > 1; nr /= 2, lane++) {
            for (unsigned i = 0; i < nr / 2; i++) {
                parts[i] = ir_emit(v->b, IR_VUNPACK_LO, IR_V128, lane, 0, parts[2 * i], parts[2 * i + 1], 0);
            }
        }
        IrRef bytes = ir_trunc(v->b, svei_op(v, IR_PDEP, active_elements(v, o, j, group), svei_const(v, svei_lowest_bits(o->msz) & 0xffff)));
        bytes = ir_op2(v->b, IR_MUL, IR_I32, bytes, ir_const(v->b, IR_I32, MAKE_MASK(0, 1u << o->msz)));
        store_bytes(v, base, j / group * 16, 16, parts[0], bytes);
    }
    return true;
}

bool svei_op_store_contiguous(SveIr *v, const SveOperands *o) { return o->msz == o->size ? store_whole(v, o, o->size) : store_narrow(v, o); }

/* ST2: bits of the predicate for both of each pair. */
static bool store_pairs(SveIr *v, const SveOperands *o)
{
    static const uint64_t groups[4] = { UINT64_C(0x5555555555555555), UINT64_C(0x3333333333333333), UINT64_C(0x0f0f0f0f0f0f0f0f), UINT64_C(0x00ff00ff00ff00ff) };
    IrRef base = base_of(v, o, o->msz, 2 * v->vl);
    for (unsigned k = 0; k < v->pieces; k++) {
        IrRef bits = svei_op(v, IR_PDEP, ir_zext(v->b, IR_I64, 2, svei_byte_bits(v, o->pg, o->msz, k)), svei_const(v, groups[o->msz]));
        bits = svei_op(v, IR_OR, bits, svei_shift(v, IR_SHL, bits, 1u << o->msz));
        for (unsigned i = 0; i < svei_bytes(v, k) / 16; i++) {
            IrRef x = svei_quad(v, o->rd, 2 * k + i), y = svei_quad(v, (o->rd + 1) % 32, 2 * k + i);
            for (unsigned high = 0; high < 2; high++) {
                IrRef quad = ir_emit(v->b, high ? IR_VUNPACK_HI : IR_VUNPACK_LO, IR_V128, o->msz, 0, x, y, 0);
                IrRef own = ir_op2(v->b, IR_AND, IR_I32, ir_trunc(v->b, svei_shift(v, IR_SHR, bits, 32 * i + 16 * high)), ir_const(v->b, IR_I32, 0xffff));
                store_bytes(v, base, 64 * k + 32 * i + 16 * high, 16, quad, own);
            }
        }
    }
    return true;
}

bool svei_op_store_group(SveIr *v, const SveOperands *o)
{
    return o->registers == 1 ? store_whole(v, o, o->msz) : o->registers == 2 ? store_pairs(v, o) : false;
}

/* ---- registers whole ---- */

bool svei_op_whole_vector(SveIr *v, const SveOperands *o)
{
    IrRef base = svei_op(v, IR_ADD, a64_base(v->s, o->rn), svei_const(v, (uint64_t)(arm_extend(o->imm, 9, false) * (int64_t)v->vl)));
    SveValue r;
    for (unsigned k = 0; k < v->pieces; k++) {
        if (o->load) {
            r.at[k] = load_piece(v, k, base, 32 * k, false);
        } else {
            ir_store(v->b, base, svei_z(v, o->rd, k), access_at(v, 32 * k, svei_bytes(v, k) == 32 ? 5 : 4, false));
        }
    }
    if (o->load) {
        svei_write(v, o->rd, &r);
    }
    return true;
}

bool svei_op_whole_predicate(SveIr *v, const SveOperands *o)
{
    unsigned bytes = v->vl / 8, size = bytes >= 8 ? 3 : (unsigned)__builtin_ctz(bytes);
    if (bytes != v->words << size) {
        return false;
    }
    IrRef base = svei_op(v, IR_ADD, a64_base(v->s, o->rn), svei_const(v, (uint64_t)(arm_extend(o->imm, 9, false) * (int64_t)bytes))), r[SVEI_MAX_WORDS];
    for (unsigned w = 0; w < v->words; w++) {
        if (o->load) {
            r[w] = ir_load(v->b, IR_I64, base, access_at(v, 8 * w, size, false));
        } else {
            ir_store(v->b, base, svei_p(v, o->pd, w), access_at(v, 8 * w, size, false));
        }
    }
    for (unsigned w = 0; w < v->words && o->load; w++) {
        svei_set_p(v, o->pd, w, r[w]);
    }
    return true;
}
