/*
 * SVE in IR: an instruction's way to IR or to C code; vectors in pieces, predicates as words and as masks of lanes.
 *
 * DDI 0487, B1.4 (registers), C8.2; J1 aarch64/functions/sve (PredTest, ElemP).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/sve21.h"
#include "target/arm/tcg/translate-sve2.h"

/* ---- one instruction ---- */

/* Whether the memory that the mode has is the plain one, and the instruction is not run alone since it was left before. */
static bool is_plain(const ArmTranslate *s) { return s->t->max_insns > 1 && !(s->mode & (ARM_MODE_BIG_ENDIAN | ARM_MODE_MTE | ARM_MODE_ALIGN)); }
static bool is_memory(uint32_t insn) { return insn >> 31; }

/* What C code needs to know of the mode's memory. */
static unsigned memory_of(const ArmTranslate *s)
{
    return (s->mode & ARM_MODE_MTE ? SVE_CHECKS_TAGS : 0) | (s->mode & ARM_MODE_ALIGN ? SVE_CHECKS_ALIGNMENT : 0) | (s->mode & ARM_MODE_SP_ALIGN ? SVE_CHECKS_SP : 0)
        | (s->mode & ARM_MODE_BIG_ENDIAN ? SVE_BIG_ENDIAN : 0);
}

bool sve_translate(ArmTranslate *s)
{
    unsigned vl = 16 * (FIELD_GET(s->mode, ARM_MODE_VQ) + 1);
    SveExec e = { .cpu = (ArmCpu *)s->cpu, .insn = s->insn, .vl = vl, .dry = true };
    if (!NEEDS(sve) || !(sve_decode(&e, s->insn) || sve2_decode(&e, s->insn) || sve21_decode(&e, s->insn))) {
        return false;
    }
    if (!arm_sve_access(s)) {
        return true;
    }
    SveIr v = { .s = s, .b = s->b, .cpu = s->cpu, .vl = vl, .pieces = (vl + 31) / 32, .words = (vl + 63) / 64 };
    if (!s->sve_known) {
        memset(s->sve, 0, sizeof(*s->sve));
        s->sve_known = true;
    }
    bool done = (!is_memory(s->insn) || is_plain(s)) && (svei_decode(&v, s->insn) || sve2i_decode(&v, s->insn));
    s->vector = IR_V128;
    if (!done) {
        ARM_CALL(s, sve, arm_i32(s, s->insn), arm_i32(s, vl | memory_of(s)));
        s->sve_known = false;
        v.dirtied = vl > 16 && !(s->mode & ARM_MODE_Z_HIGH);
    }
    if (v.dirtied) {
        arm_end_lookup(s);      /* AdvSIMD has bits to clear from here on */
    }
    return true;
}

/* ---- vectors ---- */

static uint32_t place_of(unsigned n, unsigned k) { return offsetof(ArmCpu, v) + n * ARM_MAX_VL_BYTES + 32 * k; }

IrRef svei_z(SveIr *v, unsigned n, unsigned k)
{
    if (k == 0) {
        return ir_read(v->b, v->vl == 16 ? SLOT_V0 + n : SLOT_Z0 + n);
    }
    IrRef *known = &v->s->sve->z[n][k];
    if (!*known) {
        *known = ir_state_read(v->b, svei_type(v, k), place_of(n, k));
    }
    return *known;
}

void svei_set_z(SveIr *v, unsigned n, unsigned k, IrRef value)
{
    if (v->vl > 16 && !(v->s->mode & ARM_MODE_Z_HIGH) && !v->dirtied) {
        ARM_CALL0(v->s, sve_dirty);
        v->dirtied = true;
    }
    if (k == 0) {
        ir_write(v->b, v->vl == 16 ? SLOT_V0 + n : SLOT_Z0 + n, value);
    } else if (v->s->sve->z[n][k] != value) {
        ir_state_write(v->b, place_of(n, k), value);
        v->s->sve->z[n][k] = value;
    }
}

void svei_write(SveIr *v, unsigned n, const SveValue *value)
{
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_set_z(v, n, k, value->at[k]);
    }
}

static IrRef zero_of(SveIr *v, unsigned k)
{
    svei_piece(v, k);
    return simd_const(v->s, 0);
}

/* A quad, and 0 above. */
static void write_lowest(SveIr *v, unsigned n, IrRef quad)
{
    svei_set_z(v, n, 0, v->vl == 16 ? quad : ir_op2(v->b, IR_VJOIN, IR_V256, quad, ir_const_v128(v->b, 0, 0)));
    for (unsigned k = 1; k < v->pieces; k++) {
        svei_set_z(v, n, k, zero_of(v, k));
    }
}

void svei_write_scalar(SveIr *v, unsigned n, IrRef integer) { write_lowest(v, n, ir_op1(v->b, IR_VFROM_INT, IR_V128, integer)); }

void sve_write_scalar_vector(ArmTranslate *s, unsigned n, IrRef v128)
{
    unsigned vl = 16 * (FIELD_GET(s->mode, ARM_MODE_VQ) + 1);
    SveIr v = { .s = s, .b = s->b, .cpu = s->cpu, .vl = vl, .pieces = (vl + 31) / 32, .words = (vl + 63) / 64 };
    if (!s->sve_known) {
        memset(s->sve, 0, sizeof(*s->sve));
        s->sve_known = true;
    }
    write_lowest(&v, n, v128);
    s->vector = IR_V128;
}

IrRef svei_quad(SveIr *v, unsigned n, unsigned j)
{
    IrRef piece = svei_z(v, n, j / 2);
    return svei_type(v, j / 2) == IR_V128 ? piece : ir_op1(v->b, j & 1 ? IR_VHIGH : IR_VLOW, IR_V128, piece);
}

void svei_write_quads(SveIr *v, unsigned n, const IrRef *quads)
{
    for (unsigned k = 0; k < v->pieces; k++) {
        svei_set_z(v, n, k, svei_type(v, k) == IR_V128 ? quads[2 * k] : ir_op2(v->b, IR_VJOIN, IR_V256, quads[2 * k], quads[2 * k + 1]));
    }
}

IrRef svei_lanes(SveIr *v, unsigned k, unsigned size, SveLane *value, const void *opaque)
{
    uint64_t words[4] = { 0 };
    unsigned bits = 8u << size, lanes = svei_bytes(v, k) >> size, first = 32 * k >> size;
    for (unsigned i = 0; i < lanes; i++) {
        words[i * bits / 64] |= (value(first + i, opaque) & MAKE_MASK(0, bits)) << (i * bits % 64);
    }
    IrRef low = ir_const_v128(v->b, words[0], words[1]);
    return svei_type(v, k) == IR_V128 ? low : ir_op2(v->b, IR_VJOIN, IR_V256, low, ir_const_v128(v->b, words[2], words[3]));
}

IrRef svei_splat(SveIr *v, unsigned k, unsigned size, IrRef integer)
{
    uint64_t value;
    svei_piece(v, k);
    if (ir_get_const(v->b, integer, &value)) {
        return simd_lanes(v->s, size, value);
    }
    return ir_emit(v->b, IR_VSPLAT, svei_type(v, k), size, 0, size == 3 ? integer : ir_trunc(v->b, integer), 0, 0);
}

IrRef svei_blend(SveIr *v, IrRef off, IrRef on, IrRef mask) { return mask ? ir_emit(v->b, IR_VBLEND, v->s->vector, 0, 0, off, on, mask) : on; }
IrRef svei_and(SveIr *v, IrRef a, IrRef mask) { return mask ? simd_op2(v->s, IR_VAND, 3, a, mask) : a; }

/* ---- predicates ---- */

static uint64_t all_bits(const SveIr *v, unsigned w) { return v->vl - 64 * w >= 64 ? UINT64_MAX : MAKE_MASK(0, v->vl - 64 * w); }
static uint32_t predicate_place(unsigned n, unsigned w) { return offsetof(ArmCpu, p) + n * (ARM_MAX_VL_BYTES / 8) + 8 * w; }

IrRef svei_p(SveIr *v, unsigned n, unsigned w)
{
    IrRef *known = &v->s->sve->p[n][w];
    if (!*known) {
        IrRef word = ir_state_read(v->b, IR_I64, predicate_place(n, w));
        *known = all_bits(v, w) == UINT64_MAX ? word : svei_op(v, IR_AND, word, svei_const(v, all_bits(v, w)));
    }
    return *known;
}

void svei_set_p(SveIr *v, unsigned n, unsigned w, IrRef value)
{
    IrRef *known = &v->s->sve->p[n][w];
    if (*known != value) {
        ir_state_write(v->b, predicate_place(n, w), value);
        *known = value;
    }
}

uint64_t svei_lowest_bits(unsigned size)
{
    static const uint64_t lowest[4] = { UINT64_MAX, UINT64_C(0x5555555555555555), UINT64_C(0x1111111111111111), UINT64_C(0x0101010101010101) };
    return lowest[size];
}

uint64_t svei_element_bits(const SveIr *v, unsigned size, unsigned w) { return svei_lowest_bits(size) & all_bits(v, w); }

bool svei_is_all(SveIr *v, unsigned p, unsigned size)
{
    for (unsigned w = 0; w < v->words; w++) {
        uint64_t value, wanted = svei_element_bits(v, size, w);
        if (!ir_get_const(v->b, svei_p(v, p, w), &value) || (value & wanted) != wanted) {
            return false;
        }
    }
    return true;
}

/* The bits of piece k as I32. */
static IrRef bits_at(SveIr *v, unsigned p, unsigned k) { return ir_trunc(v->b, svei_shift(v, IR_SHR, svei_p(v, p, k / 2), 32 * (k & 1))); }

typedef struct KnownBits { uint64_t word; unsigned size, first; } KnownBits;
static uint64_t known_lane(unsigned lane, const void *opaque)
{
    const KnownBits *bits = opaque;
    return bits->word >> ((lane << bits->size) % 64) & 1 ? UINT64_MAX : 0;
}

/* Each lane takes the byte of the predicate that its bit is in, then the bit decides for all of it. */
static IrRef lanes_of_bits(SveIr *v, unsigned size, unsigned k, IrRef bits)
{
    static const uint64_t bytes[2][2] = { { 0x0000000000000000, UINT64_C(0x0101010101010101) }, { UINT64_C(0x0202020202020202), UINT64_C(0x0303030303030303) } };
    static const uint64_t bit[4][4] = {
        { UINT64_C(0x8040201008040201), UINT64_C(0x8040201008040201), UINT64_C(0x8040201008040201), UINT64_C(0x8040201008040201) },
        { UINT64_C(0x0040001000040001), UINT64_C(0x0040001000040001), UINT64_C(0x0040001000040001), UINT64_C(0x0040001000040001) },
        { UINT64_C(0x0000001000000001), UINT64_C(0x0000100000000100), UINT64_C(0x0010000000010000), UINT64_C(0x1000000001000000) },
        { 0x01, 0x0100, 0x010000, 0x01000000 },
    };
    IrType type = svei_type(v, k);
    IrRef all = ir_emit(v->b, IR_VSPLAT, type, 2, 0, bits, 0, 0), wanted = ir_const_v128(v->b, bit[size][0], bit[size][1]);
    if (type == IR_V256) {
        wanted = ir_op2(v->b, IR_VJOIN, IR_V256, wanted, ir_const_v128(v->b, bit[size][2], bit[size][3]));
    }
    if (size < 2) {
        IrRef indices = ir_const_v128(v->b, bytes[0][0], bytes[0][1]);
        indices = type == IR_V256 ? ir_op2(v->b, IR_VJOIN, IR_V256, indices, ir_const_v128(v->b, bytes[1][0], bytes[1][1])) : indices;
        all = ir_emit(v->b, IR_VTABLE8, type, 0, 0, all, indices, 0);
    }
    return ir_emit(v->b, IR_VCMPEQ, type, size, 0, ir_emit(v->b, IR_VAND, type, 3, 0, all, wanted, 0), wanted, 0);
}

IrRef svei_mask(SveIr *v, unsigned p, unsigned size, unsigned k)
{
    uint64_t word, wanted = svei_element_bits(v, size, k / 2) & MAKE_MASK(32 * (k & 1), svei_bytes(v, k));
    if (ir_get_const(v->b, svei_p(v, p, k / 2), &word)) {
        return (word & wanted) == wanted ? 0 : svei_lanes(v, k, size, known_lane, &(KnownBits){ word, size, 0 });
    }
    return lanes_of_bits(v, size, k, bits_at(v, p, k));
}

IrRef svei_byte_bits(SveIr *v, unsigned p, unsigned size, unsigned k)
{
    IrRef bits = bits_at(v, p, k);
    if (size) {
        bits = ir_op2(v->b, IR_AND, IR_I32, bits, ir_const(v->b, IR_I32, (uint32_t)svei_lowest_bits(size)));
        bits = ir_op2(v->b, IR_MUL, IR_I32, bits, ir_const(v->b, IR_I32, MAKE_MASK(0, 1u << size)));
    }
    return svei_bytes(v, k) == 32 ? bits : ir_op2(v->b, IR_AND, IR_I32, bits, ir_const(v->b, IR_I32, 0xffff));
}

IrRef svei_bits_of(SveIr *v, unsigned k, IrRef lanes)
{
    IrRef bits = ir_zext(v->b, IR_I64, 2, ir_emit(v->b, IR_VMOVMSK, IR_I32, 0, 0, lanes, 0, 0));
    return svei_shift(v, IR_SHL, bits, 32 * (k & 1));
}

/* ---- flags ---- */

void svei_set_flags(SveIr *v, IrRef n, IrRef z, IrRef last)
{
    enum { EFLAGS_CF = 0, EFLAGS_ZF = 6, EFLAGS_SF = 7 };
    IrRef sf = ir_op2(v->b, IR_SHL, IR_I32, n, ir_const(v->b, IR_I32, EFLAGS_SF)), zf = ir_op2(v->b, IR_SHL, IR_I32, z, ir_const(v->b, IR_I32, EFLAGS_ZF));
    IrRef all = ir_op2(v->b, IR_OR, IR_I32, ir_op2(v->b, IR_OR, IR_I32, sf, zf), last);
    ir_write(v->b, SLOT_FLAGS, ir_emit(v->b, IR_FL_UNPACK, IR_FLAGS, 0, 0, all, 0, 0));
}

static IrRef is_nonzero(SveIr *v, IrRef x) { return ir_setcc(v->b, IR_CC_NE, x, svei_const(v, 0)); }

/* From the last word to the first: the lowest element of g decides N; from the first to the last: the highest does C. */
void svei_test(SveIr *v, const IrRef *g, const IrRef *r, unsigned size)
{
    IrRef first = ir_const(v->b, IR_I32, 0), last = first, any = svei_const(v, 0), governing[SVEI_MAX_WORDS], result[SVEI_MAX_WORDS];
    for (unsigned w = 0; w < v->words; w++) {
        governing[w] = svei_op(v, IR_AND, g[w], svei_const(v, svei_element_bits(v, size, w)));
        result[w] = svei_op(v, IR_AND, r[w], governing[w]);
        any = svei_op(v, IR_OR, any, result[w]);
    }
    for (unsigned w = v->words; w-- > 0;) {
        IrRef lowest = svei_op(v, IR_AND, governing[w], ir_op1(v->b, IR_NEG, IR_I64, governing[w])), here = is_nonzero(v, svei_op(v, IR_AND, result[w], lowest));
        first = w + 1 == v->words ? here : ir_op3(v->b, IR_SELECT, IR_I32, is_nonzero(v, governing[w]), here, first);
    }
    for (unsigned w = 0; w < v->words; w++) {
        IrRef up = ir_op2(v->b, IR_SHL, IR_I64, result[w], ir_trunc(v->b, ir_op1(v->b, IR_CLZ, IR_I64, governing[w])));
        IrRef here = ir_trunc(v->b, svei_shift(v, IR_SHR, up, 63));
        last = w == 0 ? here : ir_op3(v->b, IR_SELECT, IR_I32, is_nonzero(v, governing[w]), here, last);
    }
    svei_set_flags(v, first, ir_setcc(v->b, IR_CC_EQ, any, svei_const(v, 0)), last);
}
