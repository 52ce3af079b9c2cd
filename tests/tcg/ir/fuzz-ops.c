/*
 * Random values, slots and ops, and what each op gives.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz-internal.h"
#include <string.h>

/* ---- chance ---- */

uint64_t fuzz_next_random(Fuzz *f)
{
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return f->random * UINT64_C(0x2545f4914f6cdd1d);
}

unsigned fuzz_below(Fuzz *f, unsigned n)
{
    return (fuzz_next_random(f) >> 32) % n;
}

bool fuzz_chance(Fuzz *f, unsigned percent)
{
    return fuzz_below(f, 100) < percent;
}

uint64_t fuzz_random_number(Fuzz *f)
{
    static const uint64_t edges[] = { 0, 1, 2, 7, 8, 0x1f, 0x20, 0x3f, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
                                      0x100000000, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 1, 0xffffffffffffff80, 0xffffffff80000000 };
    uint64_t x = fuzz_next_random(f);
    switch (fuzz_below(f, 4)) {
    case 0:
        return edges[fuzz_below(f, G_N_ELEMENTS(edges))];
    case 1:
        return x >> fuzz_below(f, 64);
    case 2:
        return (int64_t)x >> fuzz_below(f, 64);
    default:
        return x;
    }
}

/* ---- values ---- */

const Value *fuzz_add_value(Fuzz *f, IrRef ref, IrType type, IrValue v)
{
    Value *value = &f->values[f->nr_values < MAX_VALUES ? f->nr_values++ : fuzz_below(f, MAX_VALUES)];
    g_assert(ir_type_of(f->b, ref) == type);
    *value = (Value){ ref, type, v };
    return value;
}

const Value *fuzz_constant(Fuzz *f, IrType type, uint64_t x)
{
    x = type == IR_I32 || type == IR_F32 ? (uint32_t)x : type == IR_FLAGS ? (x & FLAGS_ALL) | FLAGS_ONE : x;
    return fuzz_add_value(f, ir_const(f->b, type, x), type, (IrValue){ .u64 = { x } });
}

static const Value *vector_constant(Fuzz *f)
{
    uint64_t lo = fuzz_random_number(f), hi = fuzz_random_number(f);
    return fuzz_add_value(f, ir_const_v128(f->b, lo, hi), IR_V128, (IrValue){ .u64 = { lo, hi } });
}

const Value *fuzz_compute(Fuzz *f, IrOp op, IrType type, unsigned sub, unsigned imm, const Value *x, const Value *y, const Value *z);
static const Value *read_slot(Fuzz *f, unsigned slot);

static const Value *make_value(Fuzz *f, IrType type)
{
    switch (type) {
    case IR_I64:
        return read_slot(f, TOY_R0 + fuzz_below(f, TOY_NR_REGS));
    case IR_I32:
        return read_slot(f, TOY_W0 + fuzz_below(f, TOY_NR_WORDS));
    case IR_FLAGS:
        return read_slot(f, TOY_FLAGS);
    case IR_V128:
        return fuzz_chance(f, 20) ? vector_constant(f) : read_slot(f, TOY_X0 + fuzz_below(f, TOY_NR_VECTORS));
    case IR_V256:
        return read_slot(f, TOY_Y0 + fuzz_below(f, TOY_NR_VECTORS));
    case IR_F32:
        return fuzz_compute(f, IR_FLANE, IR_F32, 0, 0, make_value(f, IR_V128), NULL, NULL);
    default:
        return fuzz_compute(f, IR_FLANE, IR_F64, 0, 0, make_value(f, IR_V128), NULL, NULL);
    }
}

/* One that is there, a constant, or one from a slot. */
const Value *fuzz_pick(Fuzz *f, IrType type)
{
    if ((type == IR_I32 || type == IR_I64) && fuzz_chance(f, 20)) {
        return fuzz_constant(f, type, fuzz_random_number(f));
    }
    for (int i = 0; i < 12 && f->nr_values; i++) {
        unsigned recent = MIN(f->nr_values, 24u);
        const Value *v = &f->values[fuzz_chance(f, 70) ? f->nr_values - 1 - fuzz_below(f, recent) : fuzz_below(f, f->nr_values)];
        if (v->type == type) {
            return v;
        }
    }
    return make_value(f, type);
}

/* ---- slots ---- */

static IrValue state_of_slot(const State *s, unsigned slot)
{
    IrValue v = { 0 };
    if (slot < TOY_W0) {
        v.u64[0] = s->regs[slot - TOY_R0];
    } else if (slot < TOY_PC) {
        v.u64[0] = s->words[slot - TOY_W0];
    } else if (slot == TOY_PC) {
        v.u64[0] = s->pc;
    } else if (slot == TOY_FLAGS) {
        v.u64[0] = s->flags;
    } else if (slot < TOY_Y0) {
        memcpy(&v, s->vectors[slot - TOY_X0], 16);
    } else {
        memcpy(&v, s->vectors[slot - TOY_Y0], 32);
    }
    return v;
}

static void set_slot_state(State *s, unsigned slot, const IrValue *v)
{
    if (slot < TOY_W0) {
        s->regs[slot - TOY_R0] = v->u64[0];
    } else if (slot < TOY_PC) {
        s->words[slot - TOY_W0] = v->u64[0];
    } else if (slot == TOY_PC) {
        s->pc = v->u64[0];
    } else if (slot == TOY_FLAGS) {
        s->flags = v->u64[0];
    } else if (slot < TOY_Y0) {
        memcpy(s->vectors[slot - TOY_X0], v, 16);
    } else {
        memcpy(s->vectors[slot - TOY_Y0], v, 32);
    }
}

static const Value *read_slot(Fuzz *f, unsigned slot)
{
    return fuzz_add_value(f, ir_read(f->b, slot), toy_target.slots[slot].type, state_of_slot(&f->now, slot));
}

void fuzz_write_slot(Fuzz *f, unsigned slot, const Value *v)
{
    if (slot >= TOY_X0 && slot != TOY_FLAGS) {
        /* One write a vector and instruction: what was there may have to be stored for the second. */
        unsigned bit = 1 << (slot - TOY_X0) % TOY_NR_VECTORS;
        if (f->wrote_vectors & bit) {
            return;
        }
        f->wrote_vectors |= bit;
    }
    ir_write(f->b, slot, v->ref);
    if (!f->left) {
        set_slot_state(&f->now, slot, &v->v);
    }
    f->wrote = true;
}

/* ---- leaving ---- */

void fuzz_leave(Fuzz *f, TcgLeaveKind kind, uint64_t pc)
{
    if (!f->left) {
        f->left = true;
        f->kind = kind;
        f->now.pc = pc;
    }
}

/* The state goes back to the start of the instruction. */
void fuzz_leave_by_fault(Fuzz *f, int fault)
{
    if (!f->left) {
        f->now = f->start;
        f->fault = fault;
        fuzz_leave(f, TCG_LEAVE_EXCEPTION, TOY_PAGE + f->offset);
    }
}

/* ---- ops ---- */

const Value *fuzz_compute(Fuzz *f, IrOp op, IrType type, unsigned sub, unsigned imm, const Value *x, const Value *y, const Value *z)
{
    const Value none = { 0 };
    Value a = x ? *x : none, b = y ? *y : none, c = z ? *z : none;
    IrValue result = { 0 };
    if (op == IR_SELECT) {
        result = a.v.u64[0] ? b.v : c.v;
    } else if (op >= IR_FADD) {
        IrInsn insn = { .op = op, .type = type, .sub = sub, .imm = imm };
        InterpOperands v = { &a.v, &b.v, &c.v, a.type, b.type };
        if (op >= IR_VAND) {
            interp_vector(&insn, &v, &result);
        } else {
            interp_float(&insn, &v, &result);
        }
    } else if (!ir_evaluate(op, type, a.type, sub, imm, (IrOperands){ a.v.u64[0], b.v.u64[0], c.v.u64[0] }, &result.u64[0])) {
        g_assert(op >= IR_DIVW_U && op <= IR_REMW_S);
        fuzz_leave_by_fault(f, TCG_REASON_DIVIDE);
        result = (IrValue){ 0 };
    }
    return fuzz_add_value(f, ir_emit(f->b, op, type, sub, imm, a.ref, b.ref, c.ref), type, result);
}

/*
 * How ops are made up: a letter for the type, then one for each operand. n: I32 or I64, i: I32, l: I64, f: FLAGS, s: F32 or F64, v: V128 or V256, x: V128, y: V256, t: the op's
 * own, a: as the first operand. subs: one of these bits; SUB_*: other fields.
 */
enum { SUB_FIELD = 0x100, SUB_COND = 0x200, SUB_FLAGS_COND = 0x300, SUB_EXTEND = 0x400, SUB_LANE_OF_TYPE = 0x500 };
typedef struct Form { uint8_t op; const char *types; uint16_t subs; uint8_t max_imm; } Form;

static const Form integer_forms[] = {
    { IR_ADD, "ntt" }, { IR_ADD, "ntt" }, { IR_SUB, "ntt" }, { IR_AND, "ntt" }, { IR_OR, "ntt" }, { IR_XOR, "ntt" }, { IR_ANDN, "ntt" }, { IR_NEG, "nt" }, { IR_NOT, "nt" },
    { IR_MUL, "ntt" }, { IR_MULHI_U, "ntt" }, { IR_MULHI_S, "ntt" }, { IR_DIVW_U, "nttt" }, { IR_DIVW_S, "nttt" }, { IR_SHL, "nti" }, { IR_SHR, "nti" }, { IR_SAR, "nti" },
    { IR_ROL, "nti" }, { IR_ROR, "nti" }, { IR_ROLW, "iti", 3 }, { IR_RORW, "iti", 3 }, { IR_SHLD, "ntti" }, { IR_SHRD, "ntti" }, { IR_CLZ, "nt" }, { IR_CTZ, "nt" },
    { IR_POPCNT, "nt" }, { IR_BSWAP, "nt" }, { IR_PDEP, "ntt" }, { IR_PEXT, "ntt" }, { IR_CRC32C, "iti", 7 }, { IR_CRC32C, "itl", 8 },
    { IR_EXT_U, "nn", SUB_EXTEND }, { IR_EXT_S, "nn", SUB_EXTEND }, { IR_EXT_U, "nn", SUB_EXTEND }, { IR_EXT_S, "nn", SUB_EXTEND }, { IR_TRUNC, "il" }, { IR_TRUNC, "il" },
    { IR_EXTRACT, "nt", SUB_FIELD }, { IR_SEXTRACT, "nt", SUB_FIELD }, { IR_DEPOSIT, "ntt", SUB_FIELD }, { IR_DEPOSIT, "ntt", SUB_FIELD }, { IR_SETCC, "ina", SUB_COND },
    { IR_SETCC, "ina", SUB_COND }, { IR_SELECT, "nitt" }, { IR_SELECT, "fitt" },
    { IR_FL_ADD, "fna", 15 }, { IR_FL_SUB, "fna", 15 }, { IR_FL_ADC, "fnaf", 15 }, { IR_FL_SBB, "fnaf", 15 }, { IR_FL_LOGIC, "fn", 15 }, { IR_FL_INC, "fnf", 15 },
    { IR_FL_DEC, "fnf", 15 }, { IR_FL_MERGE, "fff", 1, 63 }, { IR_FL_CMC, "ff" }, { IR_FL_SET_CF, "ff", 1, 1 }, { IR_FL_FROM_CF, "ffi" }, { IR_FL_UNPACK, "fi" },
    { IR_FL_PACK, "if" }, { IR_TEST, "if", SUB_FLAGS_COND }, { IR_TEST, "if", SUB_FLAGS_COND }, { IR_ADC, "nttf" }, { IR_SBB, "nttf" },
};

static const Form vector_forms[] = {
    { IR_VAND, "vtt" }, { IR_VOR, "vtt" }, { IR_VXOR, "vtt" }, { IR_VANDN, "vtt" }, { IR_VADD, "vtt", 15 }, { IR_VSUB, "vtt", 15 }, { IR_VMUL, "vtt", 6 },
    { IR_VMULHI_U, "vtt", 2 }, { IR_VMULHI_S, "vtt", 2 }, { IR_VMULHRS, "vtt", 2 }, { IR_VMULX_U, "vtt", 4 }, { IR_VMULX_S, "vtt", 4 }, { IR_VMADD_S16, "vtt", 2 },
    { IR_VMADD_U8S8, "vtt", 1 }, { IR_VSAD_U8, "vtt", 1 }, { IR_VMPSAD, "vtt", 1, 63 }, { IR_VPHMINPOS, "xt", 2 }, { IR_VADDS_U, "vtt", 3 }, { IR_VADDS_S, "vtt", 3 },
    { IR_VSUBS_U, "vtt", 3 }, { IR_VSUBS_S, "vtt", 3 }, { IR_VMIN_U, "vtt", 7 }, { IR_VMIN_S, "vtt", 7 }, { IR_VMAX_U, "vtt", 7 }, { IR_VMAX_S, "vtt", 7 },
    { IR_VAVG_U, "vtt", 3 }, { IR_VABS, "vt", 7 }, { IR_VSIGN, "vtt", 7 }, { IR_VHADD, "vtt", 6 }, { IR_VHADDS, "vtt", 2 }, { IR_VHSUB, "vtt", 6 }, { IR_VHSUBS, "vtt", 2 },
    { IR_VCMPEQ, "vtt", 15 }, { IR_VCMPGT_S, "vtt", 15 }, { IR_VSHL_IMM, "vt", 14, 70 }, { IR_VSHR_IMM, "vt", 14, 70 }, { IR_VSAR_IMM, "vt", 6, 40 },
    { IR_VSHL, "vtx", 14 }, { IR_VSHR, "vtx", 14 }, { IR_VSAR, "vtx", 6 }, { IR_VSHL_BYTES, "vt", 1, 17 }, { IR_VSHR_BYTES, "vt", 1, 17 }, { IR_VALIGNR, "vtt", 1, 35 },
    { IR_VPACK_SS, "vtt", 6 }, { IR_VPACK_US, "vtt", 6 }, { IR_VUNPACK_LO, "vtt", 15 }, { IR_VUNPACK_HI, "vtt", 15 }, { IR_VSHUF_I32, "vt", 1, 255 },
    { IR_VSHUF_LO16, "vt", 1, 255 }, { IR_VSHUF_HI16, "vt", 1, 255 }, { IR_VSHUF_PS, "vtt", 1, 255 }, { IR_VSHUF_PD, "vtt", 1, 15 }, { IR_VTABLE8, "vtt", 1 },
    { IR_VSHL_EACH, "vtt", 12 }, { IR_VSHR_EACH, "vtt", 12 }, { IR_VSAR_EACH, "vtt", 4 }, { IR_VPERMIL, "vtt", 12 }, { IR_VPERM_I32, "ytt" }, { IR_VPERM_I64, "yt", 1, 255 },
    { IR_VFMA, "vttt", 12, 5 }, { IR_FMA, "sttt", 1, 3 },
    { IR_VBLEND_IMM, "vtt", 14, 255 }, { IR_VBLEND, "vttt", 13 }, { IR_VWIDEN_U, "vx", SUB_EXTEND }, { IR_VWIDEN_S, "vx", SUB_EXTEND }, { IR_VSPLAT, "vi", 7 },
    { IR_VSPLAT, "vl", 8 }, { IR_VFROM_INT, "xn" }, { IR_VTO_INT, "nx" }, { IR_VINSERT, "xti", 7, 15 }, { IR_VINSERT, "xtl", 8, 1 }, { IR_VEXTRACT, "ix", 7, 15 },
    { IR_VEXTRACT, "lx", 8, 1 }, { IR_VMOVMSK, "iv", 13 }, { IR_VTEST, "fva" }, { IR_VZERO_UPPER, "xt" }, { IR_VLOW, "xy" }, { IR_VHIGH, "xy" }, { IR_VJOIN, "yxx" },
    { IR_VFADD, "vtt", 12 }, { IR_VFSUB, "vtt", 12 }, { IR_VFMUL, "vtt", 12 }, { IR_VFDIV, "vtt", 12 }, { IR_VFMIN, "vtt", 12 }, { IR_VFMAX, "vtt", 12 },
    { IR_VFSQRT, "vt", 12 }, { IR_VFRCP, "xt", 4, 1 }, { IR_VFRSQRT, "xt", 4, 1 }, { IR_VFADDSUB, "vtt", 12 }, { IR_VFHADD, "vtt", 12 }, { IR_VFHSUB, "vtt", 12 },
    { IR_VFCMP, "vtt", 12, 7 }, { IR_VFROUND, "vt", 12, 11 }, { IR_VCVT_DQ_PS, "vt" }, { IR_VCVT_PS_DQ, "vt", 1, 1 }, { IR_VCVT_DQ_PD, "vx" }, { IR_VCVT_PD_DQ, "xv", 1, 1 },
    { IR_VCVT_PS_PD, "vx" }, { IR_VCVT_PD_PS, "xv" }, { IR_VAES_ENC, "xtt", 1, 1 }, { IR_VAES_DEC, "xtt", 1, 1 }, { IR_VAES_IMC, "xt" }, { IR_VAES_KEYGEN, "xt", 1, 255 },
    { IR_VCLMUL, "vtt", 1, 17 }, { IR_VGF2_MUL, "vtt" }, { IR_VGF2_AFFINE, "vtt", 1, 255 }, { IR_VGF2_INVERSE, "vtt", 1, 255 },
    { IR_FADD, "stt" }, { IR_FSUB, "stt" }, { IR_FMUL, "stt" }, { IR_FDIV, "stt" }, { IR_FMIN, "stt" }, { IR_FMAX, "stt" }, { IR_FSQRT, "st" }, { IR_FROUND, "st", 1, 11 },
    { IR_FCMP, "fsa", 1, 3 }, { IR_FCMP_MASK, "nsa", 1, 7 }, { IR_FCVT_INT, "sn" }, { IR_INT_FCVT, "ns", 1, 1 }, { IR_VSET_FLANE, "xts" }, { IR_FLANE, "sx" },
};

static IrType type_of_letter(Fuzz *f, char letter, IrType own, IrType first)
{
    switch (letter) {
    case 'n':
        return fuzz_chance(f, 50) ? IR_I32 : IR_I64;
    case 'i':
        return IR_I32;
    case 'l':
        return IR_I64;
    case 'f':
        return IR_FLAGS;
    case 's':
        return fuzz_chance(f, 50) ? IR_F32 : IR_F64;
    case 'v':
        return fuzz_chance(f, 70) ? IR_V128 : IR_V256;
    case 'x':
        return IR_V128;
    case 'y':
        return IR_V256;
    case 'a':
        return first;
    default:
        return own;
    }
}

static unsigned pick_bit(Fuzz *f, unsigned bits)
{
    for (;;) {
        unsigned n = fuzz_below(f, 4);
        if (bits >> n & 1) {
            return n;
        }
    }
}

/* false: the extension would be none, or the field lies outside. */
static bool pick_fields(Fuzz *f, const Form *form, IrType own, IrType operand, unsigned *sub, unsigned *imm)
{
    unsigned width = own == IR_I32 ? 32 : 64;
    *imm = form->max_imm ? fuzz_below(f, form->max_imm + 1u) : 0;
    switch (form->subs) {
    case 0:
        *sub = 0;
        return true;
    case SUB_FIELD:
        *imm = fuzz_below(f, width);
        *sub = fuzz_chance(f, 40) ? 8u << fuzz_below(f, 3) : 1 + fuzz_below(f, width - *imm);
        *sub = MIN(*sub, width - *imm);
        return true;
    case SUB_COND:
        *sub = fuzz_below(f, IR_CC_GT + 1);
        return true;
    case SUB_FLAGS_COND:
        *sub = fuzz_below(f, 16);
        return true;
    case SUB_EXTEND:
        if (operand == IR_V128) {
            *sub = fuzz_below(f, 3);
            *imm = *sub + 1 + fuzz_below(f, 3 - *sub);
            return true;
        }
        *sub = fuzz_below(f, own == IR_I32 ? 2 : 3);
        return true;
    default:
        *sub = pick_bit(f, form->subs);
        return true;
    }
}

/* The operands' size must not be more than their type has. */
static bool size_fits(const Form *form, IrType operand, unsigned sub)
{
    bool sized = form->op >= IR_FL_ADD && form->op <= IR_FL_MUL_S;
    return !sized || sub <= (operand == IR_I64 ? 3 : 2);
}

void fuzz_random_op(Fuzz *f)
{
    bool vector = f->vectors && fuzz_chance(f, 50);
    const Form *form = vector ? &vector_forms[fuzz_below(f, G_N_ELEMENTS(vector_forms))] : &integer_forms[fuzz_below(f, G_N_ELEMENTS(integer_forms))];
    IrType own = type_of_letter(f, form->types[0], IR_NONE, IR_NONE), first = IR_NONE;
    Value operands[3] = { 0 };
    unsigned n = strlen(form->types) - 1, sub, imm;
    for (unsigned i = 0; i < n; i++) {
        operands[i] = *fuzz_pick(f, type_of_letter(f, form->types[1 + i], own, first));
        first = operands[0].type;
    }
    if (!pick_fields(f, form, own, first, &sub, &imm) || !size_fits(form, first, sub)) {
        return;
    }
    if (form->op == IR_EXT_U && own == IR_I32 && first == IR_I64 && sub > 1) {
        return;
    }
    fuzz_compute(f, form->op, own, sub, imm, n > 0 ? &operands[0] : NULL, n > 1 ? &operands[1] : NULL, n > 2 ? &operands[2] : NULL);
}

/* Flags of shifts, rotates and products: what the architecture leaves undefined is taken from other flags. */
void fuzz_random_shift_flags(Fuzz *f)
{
    static const uint8_t ops[] = { IR_FL_SHL, IR_FL_SHR, IR_FL_SAR, IR_FL_ROL, IR_FL_ROR, IR_FL_MUL_U, IR_FL_MUL_S };
    IrOp op = ops[fuzz_below(f, G_N_ELEMENTS(ops))];
    IrType type = fuzz_chance(f, 50) ? IR_I32 : IR_I64;
    unsigned sub = fuzz_below(f, type == IR_I32 ? 3 : 4), undefined = op < IR_FL_ROL ? 1 | 8 : op <= IR_FL_ROR ? 1 : 4 | 8 | 16 | 32;
    Value x = *fuzz_pick(f, type), y = *fuzz_pick(f, op >= IR_FL_MUL_U ? type : IR_I32), old = *fuzz_pick(f, IR_FLAGS), r;
    if (op < IR_FL_MUL_U) {
        y = *fuzz_compute(f, IR_AND, IR_I32, 0, 0, &y, fuzz_constant(f, IR_I32, sub == 3 ? 63 : 31), NULL);
        undefined |= sub < 2 && op < IR_FL_ROL ? 2 : 0;
    }
    r = *fuzz_compute(f, op, IR_FLAGS, sub, 0, &x, &y, op < IR_FL_MUL_U ? &old : NULL);
    /* The merge uses the flags up: nobody else may see them. */
    f->nr_values--;
    fuzz_compute(f, IR_FL_MERGE, IR_FLAGS, 0, undefined, &r, &old, NULL);
}

void fuzz_random_division(Fuzz *f)
{
    static const uint8_t ops[] = { IR_DIV_U, IR_REM_U, IR_DIV_S, IR_REM_S };
    IrType type = fuzz_chance(f, 50) ? IR_I32 : IR_I64;
    Value x = *fuzz_pick(f, type), y = *fuzz_pick(f, type);
    y = *fuzz_compute(f, IR_EXT_U, type, 0, 0, &y, NULL, NULL);
    y = *fuzz_compute(f, IR_OR, type, 0, 0, &y, fuzz_constant(f, type, 1 + fuzz_below(f, 64)), NULL);
    fuzz_compute(f, ops[fuzz_below(f, 4)], type, 0, 0, &x, &y, NULL);
}
