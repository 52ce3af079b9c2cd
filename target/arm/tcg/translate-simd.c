/*
 * AdvSIMD: the entry of its table, moves between registers and lanes, permutations, tables, cryptography.
 *
 * DDI 0487, C7.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/helpers-simd.h"
#include "target/arm/tcg/translate-simd.h"

#include <string.h>

bool a64v_translate(ArmTranslate *s)
{
    NepSource kept = { SIMD_NONE, 0 };
    if (!(s->mode & ARM_MODE_NEP) || FIELD_GET(s->mode, ARM_MODE_FP_TRAP) || (kept = simd_nep_source(s->insn)).n == SIMD_NONE) {
        return a64v_decode(s, s->insn);
    }
    IrRef old = a64_v(s, kept.n);
    if (!a64v_decode(s, s->insn)) {
        return false;
    }
    unsigned rd = s->insn & 31;
    IrRef lane = ir_emit(s->b, IR_VEXTRACT, kept.size == 3 ? IR_I64 : IR_I32, kept.size, 0, a64_v(s, rd), 0, 0);
    a64_set_v(s, rd, ir_emit(s->b, IR_VINSERT, IR_V128, kept.size, 0, old, lane, 0));
    return true;
}

/* ---- registers ---- */

IrRef a64_v(ArmTranslate *s, unsigned n)
{
    if (n < SIMD_D) {
        return ir_read(s->b, SLOT_V0 + n);
    }
    unsigned part = n >= SIMD_S ? n & 3 : n & 1;
    IrRef v = ir_read(s->b, SLOT_V0 + (n >= SIMD_S ? (n - SIMD_S) >> 2 : (n - SIMD_D) >> 1));
    return part ? simd_imm1(s, IR_VSHR_BYTES, 0, part * (n >= SIMD_S ? 4 : 8), v) : v;
}

void a64_set_v(ArmTranslate *s, unsigned n, IrRef v128)
{
    if (n >= SIMD_D) {
        unsigned v = (n - SIMD_D) >> 1;
        IrRef old = ir_read(s->b, SLOT_V0 + v);
        /* SHUFPD: the low half from its first operand, the high from the second. */
        ir_write(s->b, SLOT_V0 + v, n & 1 ? simd_op2(s, IR_VUNPACK_LO, 3, old, v128) : ir_emit(s->b, IR_VSHUF_PD, IR_V128, 3, 2, v128, old, 0));
        return;
    }
    if ((s->mode & ARM_MODE_Z_HIGH) && FIELD_GET(s->mode, ARM_MODE_VQ)) {
        sve_write_scalar_vector(s, n, v128);
    } else {
        ir_write(s->b, SLOT_V0 + n, v128);
    }
}

/* V register and index in it of an element. */
static unsigned place_of_lane(unsigned n, unsigned size, unsigned *index)
{
    if (n < SIMD_D) {
        return n;
    }
    *index += n & 1 ? 8u >> size : 0;
    return (n - SIMD_D) >> 1;
}

IrRef simd_get_lane(ArmTranslate *s, unsigned n, unsigned size, unsigned index)
{
    unsigned v = place_of_lane(n, size, &index);
    return ir_emit(s->b, IR_VEXTRACT, size == 3 ? IR_I64 : IR_I32, size, index, a64_v(s, v), 0, 0);
}

void simd_set_lane(ArmTranslate *s, unsigned n, unsigned size, unsigned index, IrRef value)
{
    unsigned v = place_of_lane(n, size, &index);
    a64_set_v(s, v, ir_emit(s->b, IR_VINSERT, IR_V128, size, index, a64_v(s, v), value, 0));
}

/* ---- by C code ---- */

/* Where a register lies in ArmCpu, and its length. */
static uint8_t *home_of(ArmCpu *cpu, unsigned n, unsigned *bytes)
{
    *bytes = n < SIMD_D ? 16 : n < SIMD_S ? 8 : 4;
    return n < SIMD_D ? cpu->v[n] : n < SIMD_S ? &cpu->v[(n - SIMD_D) >> 1][8 * (n & 1)] : &cpu->v[(n - SIMD_S) >> 2][4 * (n & 3)];
}

static ArmV value_of(ArmCpu *cpu, int n)
{
    ArmV v = { { 0, 0 } };
    unsigned bytes;
    if (n != SIMD_NONE) {
        const uint8_t *home = home_of(cpu, n, &bytes);
        memcpy(&v, home, bytes);
    }
    return v;
}

static void set_value(ArmCpu *cpu, unsigned n, ArmV v)
{
    unsigned bytes;
    uint8_t *home = home_of(cpu, n, &bytes);
    memcpy(home, &v, bytes);
    if (n < SIMD_D) {
        memset(home + 16, 0, ARM_MAX_VL_BYTES - 16);
    }
}

bool simd_by_c(ArmTranslate *s, uint32_t spec, unsigned rd, int d, int n, int m)
{
    if (simd_redoes(s)) {
        ArmCpu *cpu = (ArmCpu *)s->cpu;
        ArmV old = value_of(cpu, d), x = value_of(cpu, n), y = value_of(cpu, m);
        set_value(cpu, rd, arm_simd_run(cpu, spec, &old, &x, &y));
        return true;
    }
    IrRef word = arm_i32(s, spec), zero = simd_const(s, 0), x = n == SIMD_NONE ? zero : a64_v(s, n), y = m == SIMD_NONE ? zero : a64_v(s, m);
    if (d != SIMD_NONE) {
        a64_set_v(s, rd, ARM_CALL(s, simd3, word, a64_v(s, d), x, y));
    } else if (m != SIMD_NONE) {
        a64_set_v(s, rd, ARM_CALL(s, simd2, word, x, y));
    } else {
        a64_set_v(s, rd, ARM_CALL(s, simd1, word, x));
    }
    return true;
}

void arm_float_redo(ArmCpu *cpu, uint32_t insn)
{
    if ((insn >> 25 & 15) == 2) {
        sve_redo(cpu, insn);
        return;
    }
    ArmTranslate s = { .cpu = cpu, .mode = arm_mode_key(&cpu->parent), .insn = insn };
    NepSource kept = s.mode & ARM_MODE_NEP ? simd_nep_source(insn) : (NepSource){ SIMD_NONE, 0 };
    ArmV old = value_of(cpu, kept.n);
    a64v_decode(&s, insn);
    if (kept.n != SIMD_NONE) {
        memcpy(&old, cpu->v[insn & 31], (size_t)1 << kept.size);
        set_value(cpu, insn & 31, old);
    }
    cpu->pc += 4;
}

/* ---- lanes ---- */

IrRef simd_shuffle(ArmTranslate *s, IrRef a, const uint8_t indices[16])
{
    uint64_t both[2];
    memcpy(both, indices, 16);
    return simd_op2(s, IR_VTABLE8, 0, a, simd_halves(s, both[0], both[1]));
}

IrRef simd_splat_lane(ArmTranslate *s, unsigned size, unsigned index, IrRef v)
{
    if (size >= 2) {
        return simd_imm1(s, IR_VSHUF_I32, 0, size == 2 ? index * 0x55 : index ? 0xee : 0x44, v);
    }
    uint8_t indices[16];
    for (unsigned i = 0; i < 16; i++) {
        indices[i] = (index << size) + (i & ((1u << size) - 1));
    }
    return simd_shuffle(s, v, indices);
}

IrRef simd_unzip(ArmTranslate *s, unsigned size, bool second, bool all, IrRef n, IrRef m)
{
    if (size == 3) {
        return simd_op2(s, second ? IR_VUNPACK_HI : IR_VUNPACK_LO, 3, n, m);
    }
    if (size == 2 && all) {
        return ir_emit(s->b, IR_VSHUF_PS, IR_V128, 2, second ? 0xdd : 0x88, n, m, 0);
    }
    uint8_t indices[16];
    for (unsigned i = 0; i < 16; i++) {
        unsigned element = i >> size, at = (2 * element + second) << size | (i & ((1u << size) - 1));
        indices[i] = at < 16 ? at : 0x80;
    }
    if (!all) {
        return simd_shuffle(s, simd_op2(s, IR_VUNPACK_LO, 3, n, m), indices);
    }
    return simd_op2(s, IR_VUNPACK_LO, 3, simd_shuffle(s, n, indices), n == m ? simd_shuffle(s, n, indices) : simd_shuffle(s, m, indices));
}

/* imm5 tells size and index of a lane. */
static bool lane_of(unsigned imm5, unsigned *size, unsigned *index)
{
    if (!(imm5 & 15)) {
        return false;
    }
    *size = __builtin_ctz(imm5);
    *index = imm5 >> (*size + 1);
    return true;
}

bool a64v_op_dup_element(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, index;
    if (!lane_of(o->imm5, &size, &index) || (size == 3 && !o->q && !o->scalar)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    if (o->scalar) {
        IrRef value = ir_emit(s->b, IR_VEXTRACT, size == 3 ? IR_I64 : IR_I32, size, index, a64_v(s, o->rn), 0, 0);
        a64_set_v(s, o->rd, size == 3 && index == 0 ? simd_zero_upper(s, a64_v(s, o->rn)) : ir_op1(s->b, IR_VFROM_INT, IR_V128, value));
    } else {
        simd_finish(s, o->rd, o->q, simd_splat_lane(s, size, index, a64_v(s, o->rn)));
    }
    return true;
}

bool a64v_op_dup_general(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, index;
    if (!lane_of(o->imm5, &size, &index) || (size == 3 && !o->q)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    simd_finish(s, o->rd, o->q, ir_emit(s->b, IR_VSPLAT, IR_V128, size, 0, a64_reg(s, o->rn, size == 3), 0, 0));
    return true;
}

bool a64v_op_to_general(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, index;
    if (!lane_of(o->imm5, &size, &index) || (o->sign ? size + !o->q > 2 : o->q != (size == 3))) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrType t = size == 3 ? IR_I64 : IR_I32;
    IrRef value = ir_emit(s->b, IR_VEXTRACT, t, size, index, a64_v(s, o->rn), 0, 0);
    if (o->sign) {
        value = ir_sext(s->b, o->q ? IR_I64 : IR_I32, size, value);
    }
    a64_set_reg(s, o->rd, size == 3 || (o->sign && o->q), value);
    return true;
}

bool a64v_op_ins_general(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, index;
    if (!lane_of(o->imm5, &size, &index)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    a64_set_v(s, o->rd, ir_emit(s->b, IR_VINSERT, IR_V128, size, index, a64_v(s, o->rd), a64_reg(s, o->rn, size == 3), 0));
    return true;
}

bool a64v_op_ins_element(ArmTranslate *s, const A64vOperands *o)
{
    unsigned size, index;
    if (!lane_of(o->imm5, &size, &index)) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned from = o->imm4 >> size;
    IrRef d = a64_v(s, o->rd), n = a64_v(s, o->rn);
    if (size == 3) {
        /* SHUFPD: the low half from its first operand, the high from the second. */
        a64_set_v(s, o->rd, index ? ir_emit(s->b, IR_VSHUF_PD, IR_V128, 3, from << 1, d, n, 0) : ir_emit(s->b, IR_VSHUF_PD, IR_V128, 3, from | 2, n, d, 0));
    } else {
        IrRef value = ir_emit(s->b, IR_VEXTRACT, IR_I32, size, from, n, 0, 0);
        a64_set_v(s, o->rd, ir_emit(s->b, IR_VINSERT, IR_V128, size, index, d, value, 0));
    }
    return true;
}

/* ---- permutations ---- */

IrRef simd_transpose(ArmTranslate *s, unsigned size, bool second, IrRef n, IrRef m)
{
    if (size == 3) {
        return simd_op2(s, second ? IR_VUNPACK_HI : IR_VUNPACK_LO, 3, n, m);
    }
    unsigned bits = 8u << size;
    IrRef evens = simd_lanes(s, size + 1, MAKE_MASK(0, bits));
    if (!second) {
        return simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VAND, 3, n, evens), simd_imm1(s, IR_VSHL_IMM, size + 1, bits, m));
    }
    return simd_op2(s, IR_VOR, 3, simd_imm1(s, IR_VSHR_IMM, size + 1, bits, n), simd_op2(s, IR_VANDN, 3, evens, m));
}

IrRef simd_permute(ArmTranslate *s, SimdOp op, unsigned size, bool all, IrRef n, IrRef m)
{
    switch (op) {
    case OP_ZIP1: return simd_op2(s, IR_VUNPACK_LO, size, n, m);
    case OP_ZIP2: return all ? simd_op2(s, IR_VUNPACK_HI, size, n, m) : simd_imm1(s, IR_VSHR_BYTES, 0, 8, simd_op2(s, IR_VUNPACK_LO, size, n, m));
    case OP_UZP1: case OP_UZP2: return simd_unzip(s, size, op == OP_UZP2, all, n, m);
    default: return simd_transpose(s, size, op == OP_TRN2, n, m);
    }
}

bool a64v_op_permute(ArmTranslate *s, const A64vOperands *o)
{
    if (o->size == 3 && !o->q) {
        return false;
    }
    if (arm_fp_access(s)) {
        simd_finish(s, o->rd, o->q, simd_permute(s, o->op, o->size, o->q, a64_v(s, o->rn), a64_v(s, o->rm)));
    }
    return true;
}

bool a64v_op_ext(ArmTranslate *s, const A64vOperands *o)
{
    if (!o->q && o->imm4 >= 8) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    IrRef n = a64_v(s, o->rn), m = a64_v(s, o->rm);
    if (o->q) {
        a64_set_v(s, o->rd, ir_emit(s->b, IR_VALIGNR, IR_V128, 0, o->imm4, m, n, 0));
    } else {
        simd_finish(s, o->rd, false, simd_imm1(s, IR_VSHR_BYTES, 0, o->imm4, simd_op2(s, IR_VUNPACK_LO, 3, n, m)));
    }
    return true;
}

/* An index counts for one register when it is below 16; made so, and any other one beyond 127, by subtraction and saturating addition. */
IrRef simd_table(ArmTranslate *s, const IrRef *tables, unsigned nr_bytes, IrRef indices, IrRef old)
{
    IrRef r = 0;
    for (unsigned i = 0; 16 * i < nr_bytes; i++) {
        IrRef own = i ? simd_op2(s, IR_VSUB, 0, indices, simd_lanes(s, 0, 16 * i)) : indices;
        IrRef part = simd_op2(s, IR_VTABLE8, 0, tables[i], simd_op2(s, IR_VADDS_U, 0, own, simd_lanes(s, 0, 0x70)));
        r = r ? simd_op2(s, IR_VOR, 3, r, part) : part;
    }
    if (old) {
        IrRef inside = simd_op2(s, IR_VCMPEQ, 0, simd_op2(s, IR_VMIN_U, 0, indices, simd_lanes(s, 0, nr_bytes - 1)), indices);
        r = simd_op2(s, IR_VOR, 3, simd_op2(s, IR_VAND, 3, r, inside), simd_op2(s, IR_VANDN, 3, inside, old));
    }
    return r;
}

bool a64v_op_table(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    unsigned registers = o->imm2 + 1;
    IrRef tables[4];
    for (unsigned i = 0; i < registers; i++) {
        tables[i] = a64_v(s, (o->rn + i) % 32);
    }
    simd_finish(s, o->rd, o->q, simd_table(s, tables, 16 * registers, a64_v(s, o->rm), o->extend ? a64_v(s, o->rd) : 0));
    return true;
}

/* FEAT_LUT. Of halfwords by 4 bits the table has two registers. */
bool a64v_op_look_up(ArmTranslate *s, const A64vOperands *o)
{
    bool two = o->op == OP_LUTI4 && o->size == 1;
    unsigned index = o->op == OP_LUTI2 && o->size == 1 ? o->imm3 : o->op == OP_LUTI4 && o->size == 0 ? o->l : o->imm2;
    if (!arm_fp_access(s)) {
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, o->size, FORM_128, 0, index), o->rd, two ? (o->rn + 1) % 32 : SIMD_NONE, o->rn, o->rm);
}

/* ---- immediates ---- */

/* AdvSIMDExpandImm; false: not allocated. */
static uint64_t expand(unsigned cmode, bool op, unsigned imm8)
{
    uint64_t value = imm8;
    switch (cmode >> 1) {
    case 0: case 1: case 2: case 3:
        value <<= 8 * (cmode >> 1);
        return value | value << 32;
    case 4: case 5:
        value <<= 8 * (cmode >> 1 & 1);
        return value * UINT64_C(0x0001000100010001);
    case 6:
        value = cmode & 1 ? value << 16 | 0xffff : value << 8 | 0xff;
        return value | value << 32;
    default:
        if (cmode & 1) {
            return op ? arm_float_immediate(FLOAT_D, imm8) : arm_float_immediate(FLOAT_S, imm8) * UINT64_C(0x100000001);
        }
        if (!op) {
            return value * UINT64_C(0x0101010101010101);
        }
        value = 0;
        for (unsigned i = 0; i < 8; i++) {
            value |= imm8 >> i & 1 ? UINT64_C(0xff) << 8 * i : 0;
        }
        return value;
    }
}

bool a64v_op_modified_immediate(ArmTranslate *s, const A64vOperands *o)
{
    unsigned imm8 = o->imm & 0xff;
    bool op = o->sz, is_logic = o->cmode < 12 && (o->cmode & 1);
    if (!o->half && op && o->cmode == 15 && !o->q) {
        return false;
    }
    if (!arm_fp_access(s)) {
        return true;
    }
    uint64_t value = o->half ? arm_float_immediate(FLOAT_H, imm8) * UINT64_C(0x0001000100010001) : expand(o->cmode, op, imm8);
    IrRef r;
    if (!o->half && is_logic) {
        IrRef bits = simd_const(s, value), d = a64_v(s, o->rd);
        r = op ? simd_op2(s, IR_VANDN, 3, bits, d) : simd_op2(s, IR_VOR, 3, d, bits);
    } else {
        bool inverted = !o->half && op && o->cmode < 14;
        r = simd_const(s, inverted ? ~value : value);
    }
    simd_finish(s, o->rd, o->q, r);
    return true;
}

/* ---- cryptography ---- */

static bool aes(ArmTranslate *s, const A64vOperands *o)
{
    IrRef n = a64_v(s, o->rn), zero = simd_const(s, 0), r;
    switch (o->op) {
    case OP_AESE: case OP_AESD:
        r = simd_op2(s, IR_VXOR, 3, a64_v(s, o->rd), n);
        r = ir_emit(s->b, o->op == OP_AESE ? IR_VAES_ENC : IR_VAES_DEC, IR_V128, 0, 1, r, zero, 0);
        break;
    case OP_AESMC:
        /* The last round of decryption undoes what a round of encryption does before it mixes. */
        r = ir_emit(s->b, IR_VAES_ENC, IR_V128, 0, 0, ir_emit(s->b, IR_VAES_DEC, IR_V128, 0, 1, n, zero, 0), zero, 0);
        break;
    default:
        r = ir_op1(s->b, IR_VAES_IMC, IR_V128, n);
        break;
    }
    a64_set_v(s, o->rd, r);
    return true;
}

bool a64v_op_crypto(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    if (o->op <= OP_AESIMC) {
        return aes(s, o);
    }
    IrRef n = a64_v(s, o->rn), m = a64_v(s, o->rm);
    if (o->op == OP_RAX1 || o->op == OP_XAR) {
        unsigned left = o->op == OP_RAX1 ? 1 : 64 - o->imm6;
        IrRef x = o->op == OP_RAX1 ? m : simd_op2(s, IR_VXOR, 3, n, m);
        IrRef r = left % 64 ? simd_op2(s, IR_VOR, 3, simd_imm1(s, IR_VSHL_IMM, 3, left, x), simd_imm1(s, IR_VSHR_IMM, 3, 64 - left, x)) : x;
        a64_set_v(s, o->rd, o->op == OP_RAX1 ? simd_op2(s, IR_VXOR, 3, r, n) : r);
        return true;
    }
    return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, 2, FORM_128, 0, o->imm2), o->rd, o->rd, o->rn, o->rm);
}

bool a64v_op_crypto_four(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    if (o->op == OP_SM3SS1) {
        return simd_by_c(s, SIMD_SPEC(o->op, SHAPE_WHOLE, 2, FORM_128, 0, 0), o->rd, o->ra, o->rn, o->rm);
    }
    IrRef n = a64_v(s, o->rn), m = a64_v(s, o->rm), a = a64_v(s, o->ra);
    a64_set_v(s, o->rd, simd_op2(s, IR_VXOR, 3, n, o->op == OP_EOR3 ? simd_op2(s, IR_VXOR, 3, m, a) : simd_op2(s, IR_VANDN, 3, a, m)));
    return true;
}

bool a64v_op_pmull_d(ArmTranslate *s, const A64vOperands *o)
{
    if (!arm_fp_access(s)) {
        return true;
    }
    a64_set_v(s, o->rd, ir_emit(s->b, IR_VCLMUL, IR_V128, 0, o->q ? 0x11 : 0, a64_v(s, o->rn), a64_v(s, o->rm), 0));
    return true;
}
