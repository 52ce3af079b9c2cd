/*
 * Random blocks. Each op is worked out by its definition (tcg/evaluate.h, tcg/interp) on the state of this run while it is handed to the builder; so what the builder folds,
 * keeps in values and puts back at exits and faults can be compared with what the CPU's state and memory must be in the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz.h"
#include "tcg/evaluate.h"
#include "tcg/interp/interp.h"
#include <stdlib.h>
#include <string.h>

enum { MAX_VALUES = 2048, MAX_INSNS = 12 };

typedef struct Value { IrRef ref; IrType type; IrValue v; } Value;

typedef struct State {
    uint64_t regs[TOY_NR_REGS], pc;
    uint32_t words[TOY_NR_WORDS];
    uint16_t flags;
    uint8_t vectors[TOY_NR_VECTORS][32];
} State;

typedef struct Fuzz {
    uint64_t random;
    IrBuilder *b;
    bool vectors;               /* this block has some */
    Value values[MAX_VALUES];
    unsigned nr_values;
    /* What must become of it. */
    State first, now, start;    /* before; as of here; as of the instruction's start */
    uint8_t first_memory[TOY_READABLE], memory[TOY_READABLE];
    bool left;                  /* control has gone: the rest of the block is never reached */
    TcgLeaveKind kind;
    unsigned exit;
    int fault;
    int32_t offset;
    uint64_t nr_refused;        /* blocks that a back end had no room for */
    bool wrote;                 /* a slot, in this instruction */
    unsigned wrote_vectors;
} Fuzz;

/* ---- chance ---- */

static uint64_t next_random(Fuzz *f)
{
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return f->random * UINT64_C(0x2545f4914f6cdd1d);
}

static unsigned below(Fuzz *f, unsigned n)
{
    return (next_random(f) >> 32) % n;
}

static bool chance(Fuzz *f, unsigned percent)
{
    return below(f, 100) < percent;
}

static uint64_t random_number(Fuzz *f)
{
    static const uint64_t edges[] = { 0, 1, 2, 7, 8, 0x1f, 0x20, 0x3f, 0x7f, 0x80, 0xff, 0x100, 0x7fff, 0x8000, 0xffff, 0x10000, 0x7fffffff, 0x80000000, 0xffffffff,
                                      0x100000000, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX, UINT64_MAX - 1, 0xffffffffffffff80, 0xffffffff80000000 };
    uint64_t x = next_random(f);
    switch (below(f, 4)) {
    case 0:
        return edges[below(f, G_N_ELEMENTS(edges))];
    case 1:
        return x >> below(f, 64);
    case 2:
        return (int64_t)x >> below(f, 64);
    default:
        return x;
    }
}

/* ---- values ---- */

static const Value *add_value(Fuzz *f, IrRef ref, IrType type, IrValue v)
{
    Value *value = &f->values[f->nr_values < MAX_VALUES ? f->nr_values++ : below(f, MAX_VALUES)];
    g_assert(ir_type_of(f->b, ref) == type);
    *value = (Value){ ref, type, v };
    return value;
}

static const Value *constant(Fuzz *f, IrType type, uint64_t x)
{
    x = type == IR_I32 || type == IR_F32 ? (uint32_t)x : type == IR_FLAGS ? (x & FLAGS_ALL) | FLAGS_ONE : x;
    return add_value(f, ir_const(f->b, type, x), type, (IrValue){ .u64 = { x } });
}

static const Value *vector_constant(Fuzz *f)
{
    uint64_t lo = random_number(f), hi = random_number(f);
    return add_value(f, ir_const_v128(f->b, lo, hi), IR_V128, (IrValue){ .u64 = { lo, hi } });
}

static const Value *compute(Fuzz *f, IrOp op, IrType type, unsigned sub, unsigned imm, const Value *x, const Value *y, const Value *z);
static const Value *read_slot(Fuzz *f, unsigned slot);

static const Value *make_value(Fuzz *f, IrType type)
{
    switch (type) {
    case IR_I64:
        return read_slot(f, TOY_R0 + below(f, TOY_NR_REGS));
    case IR_I32:
        return read_slot(f, TOY_W0 + below(f, TOY_NR_WORDS));
    case IR_FLAGS:
        return read_slot(f, TOY_FLAGS);
    case IR_V128:
        return chance(f, 20) ? vector_constant(f) : read_slot(f, TOY_X0 + below(f, TOY_NR_VECTORS));
    case IR_V256:
        return read_slot(f, TOY_Y0 + below(f, TOY_NR_VECTORS));
    case IR_F32:
        return compute(f, IR_FLANE, IR_F32, 0, 0, make_value(f, IR_V128), NULL, NULL);
    default:
        return compute(f, IR_FLANE, IR_F64, 0, 0, make_value(f, IR_V128), NULL, NULL);
    }
}

/* One that is there, a constant, or one from a slot. */
static const Value *pick(Fuzz *f, IrType type)
{
    if ((type == IR_I32 || type == IR_I64) && chance(f, 20)) {
        return constant(f, type, random_number(f));
    }
    for (int i = 0; i < 12 && f->nr_values; i++) {
        unsigned recent = MIN(f->nr_values, 24u);
        const Value *v = &f->values[chance(f, 70) ? f->nr_values - 1 - below(f, recent) : below(f, f->nr_values)];
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
    return add_value(f, ir_read(f->b, slot), toy_target.slots[slot].type, state_of_slot(&f->now, slot));
}

static void write_slot(Fuzz *f, unsigned slot, const Value *v)
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

static void leave(Fuzz *f, TcgLeaveKind kind, uint64_t pc)
{
    if (!f->left) {
        f->left = true;
        f->kind = kind;
        f->now.pc = pc;
    }
}

/* The state goes back to the start of the instruction. */
static void leave_by_fault(Fuzz *f, int fault)
{
    if (!f->left) {
        f->now = f->start;
        f->fault = fault;
        leave(f, TCG_LEAVE_EXCEPTION, TOY_PAGE + f->offset);
    }
}

/* ---- ops ---- */

static const Value *compute(Fuzz *f, IrOp op, IrType type, unsigned sub, unsigned imm, const Value *x, const Value *y, const Value *z)
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
        leave_by_fault(f, TCG_REASON_DIVIDE);
        result = (IrValue){ 0 };
    }
    return add_value(f, ir_emit(f->b, op, type, sub, imm, a.ref, b.ref, c.ref), type, result);
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
    { IR_VBLEND_IMM, "vtt", 14, 255 }, { IR_VBLEND, "vttt", 13 }, { IR_VWIDEN_U, "vx", SUB_EXTEND }, { IR_VWIDEN_S, "vx", SUB_EXTEND }, { IR_VSPLAT, "vi", 7 },
    { IR_VSPLAT, "vl", 8 }, { IR_VFROM_INT, "xn" }, { IR_VTO_INT, "nx" }, { IR_VINSERT, "xti", 7, 15 }, { IR_VINSERT, "xtl", 8, 1 }, { IR_VEXTRACT, "ix", 7, 15 },
    { IR_VEXTRACT, "lx", 8, 1 }, { IR_VMOVMSK, "iv", 13 }, { IR_VTEST, "fva" }, { IR_VZERO_UPPER, "xt" }, { IR_VLOW, "xy" }, { IR_VHIGH, "xy" }, { IR_VJOIN, "yxx" },
    { IR_VFADD, "vtt", 12 }, { IR_VFSUB, "vtt", 12 }, { IR_VFMUL, "vtt", 12 }, { IR_VFDIV, "vtt", 12 }, { IR_VFMIN, "vtt", 12 }, { IR_VFMAX, "vtt", 12 },
    { IR_VFSQRT, "vt", 12 }, { IR_VFRCP, "xt", 4, 1 }, { IR_VFRSQRT, "xt", 4, 1 }, { IR_VFADDSUB, "vtt", 12 }, { IR_VFHADD, "vtt", 12 }, { IR_VFHSUB, "vtt", 12 },
    { IR_VFCMP, "vtt", 12, 7 }, { IR_VFROUND, "vt", 12, 11 }, { IR_VCVT_DQ_PS, "vt" }, { IR_VCVT_PS_DQ, "vt", 1, 1 }, { IR_VCVT_DQ_PD, "vx" }, { IR_VCVT_PD_DQ, "xv", 1, 1 },
    { IR_VCVT_PS_PD, "vx" }, { IR_VCVT_PD_PS, "xv" }, { IR_VAES_ENC, "xtt", 1, 1 }, { IR_VAES_DEC, "xtt", 1, 1 }, { IR_VAES_IMC, "xt" }, { IR_VAES_KEYGEN, "xt", 1, 255 },
    { IR_VCLMUL, "xtt", 1, 17 },
    { IR_FADD, "stt" }, { IR_FSUB, "stt" }, { IR_FMUL, "stt" }, { IR_FDIV, "stt" }, { IR_FMIN, "stt" }, { IR_FMAX, "stt" }, { IR_FSQRT, "st" }, { IR_FROUND, "st", 1, 11 },
    { IR_FCMP, "fsa", 1, 1 }, { IR_FCMP_MASK, "nsa", 1, 7 }, { IR_FCVT_INT, "sn" }, { IR_INT_FCVT, "ns", 1, 1 }, { IR_VSET_FLANE, "xts" }, { IR_FLANE, "sx" },
};

static IrType type_of_letter(Fuzz *f, char letter, IrType own, IrType first)
{
    switch (letter) {
    case 'n':
        return chance(f, 50) ? IR_I32 : IR_I64;
    case 'i':
        return IR_I32;
    case 'l':
        return IR_I64;
    case 'f':
        return IR_FLAGS;
    case 's':
        return chance(f, 50) ? IR_F32 : IR_F64;
    case 'v':
        return chance(f, 70) ? IR_V128 : IR_V256;
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
        unsigned n = below(f, 4);
        if (bits >> n & 1) {
            return n;
        }
    }
}

/* false: the extension would be none, or the field lies outside. */
static bool pick_fields(Fuzz *f, const Form *form, IrType own, IrType operand, unsigned *sub, unsigned *imm)
{
    unsigned width = own == IR_I32 ? 32 : 64;
    *imm = form->max_imm ? below(f, form->max_imm + 1u) : 0;
    switch (form->subs) {
    case 0:
        *sub = 0;
        return true;
    case SUB_FIELD:
        *imm = below(f, width);
        *sub = chance(f, 40) ? 8u << below(f, 3) : 1 + below(f, width - *imm);
        *sub = MIN(*sub, width - *imm);
        return true;
    case SUB_COND:
        *sub = below(f, IR_CC_GT + 1);
        return true;
    case SUB_FLAGS_COND:
        *sub = below(f, 16);
        return true;
    case SUB_EXTEND:
        if (operand == IR_V128) {
            *sub = below(f, 3);
            *imm = *sub + 1 + below(f, 3 - *sub);
            return true;
        }
        *sub = below(f, own == IR_I32 ? 2 : 3);
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

static void random_op(Fuzz *f)
{
    bool vector = f->vectors && chance(f, 50);
    const Form *form = vector ? &vector_forms[below(f, G_N_ELEMENTS(vector_forms))] : &integer_forms[below(f, G_N_ELEMENTS(integer_forms))];
    IrType own = type_of_letter(f, form->types[0], IR_NONE, IR_NONE), first = IR_NONE;
    Value operands[3] = { 0 };
    unsigned n = strlen(form->types) - 1, sub, imm;
    for (unsigned i = 0; i < n; i++) {
        operands[i] = *pick(f, type_of_letter(f, form->types[1 + i], own, first));
        first = operands[0].type;
    }
    if (!pick_fields(f, form, own, first, &sub, &imm) || !size_fits(form, first, sub)) {
        return;
    }
    if (form->op == IR_EXT_U && own == IR_I32 && first == IR_I64 && sub > 1) {
        return;
    }
    compute(f, form->op, own, sub, imm, n > 0 ? &operands[0] : NULL, n > 1 ? &operands[1] : NULL, n > 2 ? &operands[2] : NULL);
}

/* Flags of shifts, rotates and products: what the architecture leaves undefined is taken from other flags. */
static void random_shift_flags(Fuzz *f)
{
    static const uint8_t ops[] = { IR_FL_SHL, IR_FL_SHR, IR_FL_SAR, IR_FL_ROL, IR_FL_ROR, IR_FL_MUL_U, IR_FL_MUL_S };
    IrOp op = ops[below(f, G_N_ELEMENTS(ops))];
    IrType type = chance(f, 50) ? IR_I32 : IR_I64;
    unsigned sub = below(f, type == IR_I32 ? 3 : 4), undefined = op < IR_FL_ROL ? 1 | 8 : op <= IR_FL_ROR ? 1 : 4 | 8 | 16 | 32;
    Value x = *pick(f, type), y = *pick(f, op >= IR_FL_MUL_U ? type : IR_I32), old = *pick(f, IR_FLAGS), r;
    if (op < IR_FL_MUL_U) {
        y = *compute(f, IR_AND, IR_I32, 0, 0, &y, constant(f, IR_I32, sub == 3 ? 63 : 31), NULL);
        undefined |= sub < 2 && op < IR_FL_ROL ? 2 : 0;
    }
    r = *compute(f, op, IR_FLAGS, sub, 0, &x, &y, op < IR_FL_MUL_U ? &old : NULL);
    /* The merge uses the flags up: nobody else may see them. */
    f->nr_values--;
    compute(f, IR_FL_MERGE, IR_FLAGS, 0, undefined, &r, &old, NULL);
}

static void random_division(Fuzz *f)
{
    static const uint8_t ops[] = { IR_DIV_U, IR_REM_U, IR_DIV_S, IR_REM_S };
    IrType type = chance(f, 50) ? IR_I32 : IR_I64;
    Value x = *pick(f, type), y = *pick(f, type);
    y = *compute(f, IR_EXT_U, type, 0, 0, &y, NULL, NULL);
    y = *compute(f, IR_OR, type, 0, 0, &y, constant(f, type, 1 + below(f, 64)), NULL);
    compute(f, ops[below(f, 4)], type, 0, 0, &x, &y, NULL);
}

/* ---- memory ---- */

static Value random_address(Fuzz *f, IrMem *mem)
{
    unsigned place = below(f, 100);
    uint64_t at = TOY_MEMORY + (place < 80 ? 0x100 + below(f, 0x1e00) : place < 90 ? TOY_WRITABLE - below(f, 40) : place < 97 ? 0x1000 - below(f, 32) : TOY_READABLE - below(f, 40));
    Value base = *pick(f, IR_I64);
    mem->offset = chance(f, 30) ? 0 : (int32_t)random_number(f) >> below(f, 28);
    /* base' + offset = at: through an addition that the builder may see through. */
    uint64_t rest = at - mem->offset - base.v.u64[0];
    if (chance(f, 5)) {
        return base;
    }
    return *compute(f, IR_ADD, IR_I64, 0, 0, &base, constant(f, IR_I64, rest), NULL);
}

/* false: it faults. */
static bool may_access(Fuzz *f, const IrMem *mem, uint64_t address, bool write)
{
    if (address & ((UINT64_C(1) << mem->align_log2) - 1)) {
        leave_by_fault(f, TOY_FAULT_UNALIGNED);
        return false;
    }
    if (!toy_may_access(address, 1u << mem->size_log2, write)) {
        leave_by_fault(f, TOY_FAULT_ACCESS);
        return false;
    }
    return true;
}

static void swap_bytes(void *p, unsigned size)
{
    uint8_t *bytes = p;
    for (unsigned i = 0; i < size / 2; i++) {
        uint8_t x = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = x;
    }
}

static IrMem random_mem(Fuzz *f, unsigned size_log2)
{
    return (IrMem){ .size_log2 = size_log2, .order = IR_ORDER_TSO, .priv = below(f, 2), .big_endian = size_log2 <= 3 && chance(f, 10),
                    .align_log2 = chance(f, 10) ? below(f, size_log2 + 1) : 0 };
}

static IrType random_memory_type(Fuzz *f, unsigned *size_log2)
{
    if (f->vectors && chance(f, 40)) {
        *size_log2 = 2 + below(f, 4);
        return *size_log2 == 5 ? IR_V256 : IR_V128;
    }
    if (chance(f, 50)) {
        *size_log2 = below(f, 3);
        return IR_I32;
    }
    *size_log2 = below(f, 4);
    return IR_I64;
}

static void random_load(Fuzz *f)
{
    unsigned size_log2, size;
    IrType type = random_memory_type(f, &size_log2);
    IrMem mem = random_mem(f, size_log2);
    mem.will_write = chance(f, 15);
    mem.sign = size_log2 < 3 && type < IR_I128 && chance(f, 30);
    size = 1u << size_log2;
    Value base = random_address(f, &mem);
    uint64_t address = base.v.u64[0] + mem.offset;
    IrValue v = { 0 };
    if (!f->left && may_access(f, &mem, address, mem.will_write)) {
        memcpy(&v, &f->memory[address - TOY_MEMORY], size);
        if (mem.big_endian) {
            swap_bytes(&v, size);
        }
        if (mem.sign) {
            v.s64[0] = (int64_t)(v.u64[0] << (64 - 8 * size)) >> (64 - 8 * size);
        }
        if (type == IR_I32) {
            v.u64[0] = v.u32[0];
        }
    }
    add_value(f, ir_load(f->b, type, base.ref, mem), type, v);
}

static void random_store(Fuzz *f)
{
    unsigned size_log2;
    IrType type = random_memory_type(f, &size_log2);
    IrMem mem = random_mem(f, size_log2);
    Value value = *pick(f, type), base = random_address(f, &mem);
    uint64_t address = base.v.u64[0] + mem.offset;
    bool probe = chance(f, 10);
    if (!f->left && may_access(f, &mem, address, true) && !probe) {
        IrValue v = value.v;
        if (mem.big_endian) {
            swap_bytes(&v, 1u << size_log2);
        }
        memcpy(&f->memory[address - TOY_MEMORY], &v, 1u << size_log2);
    }
    if (probe) {
        ir_probe_write(f->b, base.ref, mem);
    } else {
        ir_store(f->b, base.ref, value.ref, mem);
    }
}

static uint64_t atomic_result(IrAtomic op, uint64_t old, uint64_t x)
{
    switch (op) {
    case IR_ATOMIC_XCHG:
        return x;
    case IR_ATOMIC_ADD:
        return old + x;
    case IR_ATOMIC_AND:
        return old & x;
    case IR_ATOMIC_OR:
        return old | x;
    case IR_ATOMIC_XOR:
        return old ^ x;
    default:
        return old - x;
    }
}

static void random_atomic(Fuzz *f)
{
    IrType type = chance(f, 50) ? IR_I32 : IR_I64;
    IrMem mem = random_mem(f, below(f, type == IR_I32 ? 3 : 4));
    mem.big_endian = false;
    bool cas = chance(f, 40);
    IrAtomic op = below(f, IR_ATOMIC_SUB + 1);
    Value x = *pick(f, type), y = *pick(f, type), base = random_address(f, &mem);
    uint64_t address = base.v.u64[0] + mem.offset, old = 0, size = 1u << mem.size_log2, ones = ir_mask(8 * size);
    if (!f->left && may_access(f, &mem, address, true)) {
        uint8_t *at = &f->memory[address - TOY_MEMORY];
        memcpy(&old, at, size);
        uint64_t result = cas ? (old == (x.v.u64[0] & ones) ? y.v.u64[0] : old) : atomic_result(op, old, x.v.u64[0]);
        memcpy(at, &result, size);
    }
    IrRef r = cas ? ir_cas(f->b, type, base.ref, x.ref, y.ref, mem) : ir_atomic(f->b, op, type, base.ref, x.ref, mem);
    add_value(f, r, type, (IrValue){ .u64 = { old } });
}

/* ---- helpers ---- */

static void call_worker(Fuzz *f)
{
    Value x = *pick(f, IR_I64);
    uint64_t result = 0;
    if (!f->left && x.v.u64[0] % 8 == 7) {
        f->fault = TOY_FAULT_HELPER;
        leave(f, TCG_LEAVE_EXCEPTION, TOY_PAGE + f->offset);
    }
    if (!f->left) {
        f->now.regs[2] += x.v.u64[0];
        f->now.words[1] ^= (uint32_t)(TOY_PAGE + f->offset);
        f->now.vectors[0][3]++;
        f->start.regs[2] = f->now.regs[2];
        f->start.words[1] = f->now.words[1];
        memcpy(f->start.vectors[0], f->now.vectors[0], 32);
        result = f->now.regs[3] + x.v.u64[0];
    }
    add_value(f, ir_calln(f->b, &toy_worker, x.ref), IR_I64, (IrValue){ .u64 = { result } });
}

static void random_call(Fuzz *f)
{
    if (chance(f, 40)) {
        Value x = *pick(f, IR_I64), y = *pick(f, IR_I32);
        add_value(f, ir_calln(f->b, &toy_pure, x.ref, y.ref), IR_I64, (IrValue){ .u64 = { x.v.u64[0] * 3 + y.v.u64[0] } });
    } else if (f->wrote) {
        /* What it stores could not be taken back by a fault that comes behind. */
        return;
    } else if (chance(f, 50)) {
        Value x = *pick(f, IR_I32);
        add_value(f, ir_calln(f->b, &toy_reader, x.ref), IR_I32, (IrValue){ .u64 = { (uint32_t)(x.v.u64[0] + f->now.regs[1]) } });
    } else {
        call_worker(f);
    }
}

/* ---- exits ---- */

static void random_condition_exit(Fuzz *f)
{
    Value cond = *pick(f, IR_I32);
    if (chance(f, 60)) {
        cond = *compute(f, IR_SETCC, IR_I32, IR_CC_EQ, 0, &cond, constant(f, IR_I32, random_number(f)), NULL);
    } else if (chance(f, 50)) {
        Value flags = *pick(f, IR_FLAGS);
        cond = *compute(f, IR_TEST, IR_I32, below(f, 16), 0, &flags, NULL, NULL);
    }
    bool taken = cond.v.u64[0] && !f->left;
    if (chance(f, 50)) {
        unsigned reason = 20 + below(f, 100);
        ir_exit_fault_if(f->b, cond.ref, reason);
        if (taken) {
            leave_by_fault(f, reason);
        }
        return;
    }
    unsigned target = below(f, 8192);
    ir_exit_goto_if(f->b, cond.ref, target);
    if (taken) {
        leave(f, TCG_LEAVE_GOTO, TOY_PAGE + target);
        f->exit = ir_block(f->b)->nr_exits - 1;
    }
}

static void last_exit(Fuzz *f)
{
    unsigned target = below(f, 8192);
    Value pc = *pick(f, IR_I64);
    switch (below(f, 6)) {
    case 0:
        ir_exit_call(f->b, target, 0x30);
        break;
    case 1:
        ir_exit_indirect(f->b, pc.ref);
        leave(f, TCG_LEAVE_LOOKUP, pc.v.u64[0]);
        return;
    case 2:
        ir_exit_return(f->b, pc.ref);
        leave(f, TCG_LEAVE_LOOKUP, pc.v.u64[0]);
        return;
    case 3:
        write_slot(f, TOY_PC, &pc);
        ir_exit_lookup(f->b);
        leave(f, TCG_LEAVE_LOOKUP, pc.v.u64[0]);
        return;
    case 4:
        ir_exit_fault(f->b, 50);
        leave_by_fault(f, 50);
        return;
    default:
        ir_exit_goto(f->b, target);
        break;
    }
    if (!f->left) {
        leave(f, TCG_LEAVE_GOTO, TOY_PAGE + target);
        f->exit = ir_block(f->b)->nr_exits - 1;
    }
}

/* ---- a block ---- */

static void random_write(Fuzz *f)
{
    if (f->vectors && chance(f, 30)) {
        bool wide = chance(f, 40);
        Value v = *pick(f, wide ? IR_V256 : IR_V128);
        write_slot(f, (wide ? TOY_Y0 : TOY_X0) + below(f, TOY_NR_VECTORS), &v);
        return;
    }
    unsigned kind = below(f, 10);
    Value v = *pick(f, kind < 5 ? IR_I64 : kind < 7 ? IR_I32 : IR_FLAGS);
    write_slot(f, kind < 5 ? TOY_R0 + below(f, TOY_NR_REGS) : kind < 7 ? TOY_W0 + below(f, TOY_NR_WORDS) : TOY_FLAGS, &v);
}

static void random_step(Fuzz *f)
{
    unsigned what = below(f, 100);
    if (what < 55) {
        random_op(f);
    } else if (what < 75) {
        random_write(f);
    } else if (what < 79) {
        random_shift_flags(f);
    } else if (what < 81) {
        random_division(f);
    } else if (what < 88) {
        random_load(f);
    } else if (what < 93) {
        random_store(f);
    } else if (what < 95) {
        random_atomic(f);
    } else if (what < 98) {
        random_call(f);
    } else {
        random_condition_exit(f);
    }
}

static void random_state(Fuzz *f)
{
    State *s = &f->first;
    for (unsigned i = 0; i < TOY_NR_REGS; i++) {
        s->regs[i] = random_number(f);
    }
    for (unsigned i = 0; i < TOY_NR_WORDS; i++) {
        s->words[i] = random_number(f);
    }
    s->flags = (next_random(f) & FLAGS_ALL) | FLAGS_ONE;
    for (unsigned i = 0; i < sizeof(s->vectors); i += 8) {
        uint64_t x = random_number(f);
        memcpy((uint8_t *)s->vectors + i, &x, 8);
    }
    for (unsigned i = 0; i < sizeof(f->first_memory); i += 8) {
        uint64_t x = next_random(f);
        memcpy(f->first_memory + i, &x, 8);
    }
    s->pc = 0xdead;
    f->now = f->start = f->first;
    memcpy(f->memory, f->first_memory, sizeof(f->memory));
}

static void random_insn(Fuzz *f, unsigned number)
{
    f->offset = 0x40 + 4 * number;
    f->wrote = false;
    f->wrote_vectors = 0;
    if (!f->left) {
        f->start = f->now;
    }
    ir_insn_start(f->b, f->offset, 0);
    for (unsigned steps = 1 + below(f, 8); steps; steps--) {
        random_step(f);
    }
}

/* Some instructions that are taken back. */
static void random_detour(Fuzz *f, unsigned number, unsigned depth)
{
    Fuzz *before = g_new(Fuzz, 1);
    *before = *f;
    IrMark mark = ir_mark(f->b);
    for (unsigned n = 1 + below(f, 3); n; n--) {
        random_insn(f, number++);
        if (depth < 2 && chance(f, 20)) {
            random_detour(f, number, depth + 1);
        }
    }
    ir_rewind(f->b, mark);
    before->random = f->random;
    *f = *before;
    g_free(before);
}

static const IrBlock *build(Fuzz *f)
{
    f->nr_values = 0;
    f->left = false;
    f->fault = 0;
    f->exit = 0;
    f->vectors = chance(f, 40);
    random_state(f);
    ir_begin(f->b, 64, 64);
    unsigned nr_insns = 1 + below(f, MAX_INSNS);
    for (unsigned i = 0; i < nr_insns; i++) {
        if (chance(f, 4)) {
            random_detour(f, i, 0);
        }
        random_insn(f, i);
    }
    last_exit(f);
    return ir_finish(f->b);
}

/* ---- running and comparing ---- */

static void load_state(ToyCpu *cpu, const Fuzz *f)
{
    const State *s = &f->first;
    memcpy(cpu->regs, s->regs, sizeof(cpu->regs));
    memcpy(cpu->words, s->words, sizeof(cpu->words));
    memcpy(cpu->vectors, s->vectors, sizeof(cpu->vectors));
    memcpy(toy_memory(cpu), f->first_memory, sizeof(f->first_memory));
    cpu->flags = s->flags;
    cpu->pc = s->pc;
    cpu->fault = 0;
}

static void compare(const Fuzz *f, ToyCpu *cpu, TcgLeaveKind kind, unsigned exit, GString *out)
{
    const State *s = &f->now;
    if (kind != f->kind || (kind == TCG_LEAVE_GOTO && exit != f->exit) || cpu->fault != f->fault) {
        g_string_append_printf(out, "left by %d exit %u fault %d, not %d %u %d\n", kind, exit, cpu->fault, f->kind, f->exit, f->fault);
    }
    if (cpu->pc != s->pc) {
        g_string_append_printf(out, "pc %" G_GINT64_MODIFIER "x, not %" G_GINT64_MODIFIER "x\n", cpu->pc, s->pc);
    }
    for (unsigned i = 0; i < TOY_NR_REGS; i++) {
        if (cpu->regs[i] != s->regs[i]) {
            g_string_append_printf(out, "r%u %" G_GINT64_MODIFIER "x, not %" G_GINT64_MODIFIER "x\n", i, cpu->regs[i], s->regs[i]);
        }
    }
    for (unsigned i = 0; i < TOY_NR_WORDS; i++) {
        if (cpu->words[i] != s->words[i]) {
            g_string_append_printf(out, "w%u %x, not %x\n", i, cpu->words[i], s->words[i]);
        }
    }
    if ((cpu->flags ^ s->flags) & FLAGS_ALL) {
        g_string_append_printf(out, "flags %x, not %x\n", cpu->flags, s->flags);
    }
    for (unsigned i = 0; i < TOY_NR_VECTORS; i++) {
        if (memcmp(cpu->vectors[i], s->vectors[i], 32)) {
            g_string_append_printf(out, "vector %u:", i);
            for (unsigned k = 0; k < 32; k++) {
                g_string_append_printf(out, " %02x%s", cpu->vectors[i][k], cpu->vectors[i][k] == s->vectors[i][k] ? "" : "!");
            }
            g_string_append(out, "\n");
        }
    }
    for (unsigned i = 0; i < TOY_READABLE; i++) {
        if (toy_memory(cpu)[i] != f->memory[i]) {
            g_string_append_printf(out, "memory %x: %02x, not %02x\n", i, toy_memory(cpu)[i], f->memory[i]);
            break;
        }
    }
}

static char *check_block(Fuzz *f, ToyCpu *cpu, const IrBlock *block)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *fault = ir_verify(block);
    if (fault) {
        g_string_append_printf(out, "%s\n", fault);
    }
    for (unsigned engine = 0; engine < toy_nr_engines() && out->len == 0; engine++) {
        unsigned exit;
        load_state(cpu, f);
        TcgLeaveKind kind = toy_run(cpu, block, engine, &exit);
        if (kind == TOY_NOT_COMPILED) {
            f->nr_refused++;
            continue;
        }
        compare(f, cpu, kind, exit, out);
        if (out->len) {
            g_string_append_printf(out, "by %s\n", toy_engine_name(engine));
        }
    }
    if (out->len == 0) {
        return NULL;
    }
    ir_print(block, out);
    return g_strdup(out->str);
}

char *fuzz_run(uint64_t seed, uint64_t count, unsigned seconds)
{
    static ToyCpu *cpu;
    Fuzz *f = g_new0(Fuzz, 1);
    char *fault = NULL;
    uint64_t built = 0;
    int64_t end = g_get_monotonic_time() + (int64_t)seconds * G_USEC_PER_SEC;
    cpu = cpu ? cpu : toy_new();
    f->b = ir_builder_new(&toy_target);
    for (uint64_t i = 0; i < count && !fault && (!seconds || g_get_monotonic_time() < end); i++) {
        f->random = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
        next_random(f);
        char *difference = check_block(f, cpu, build(f));
        built++;
        if (difference) {
            fault = g_strdup_printf("block %" G_GUINT64_FORMAT ":\n%s", seed + i, difference);
            g_free(difference);
        }
    }
    /* A back end may give up on a block that wants too much at once: seldom. */
    if (!fault && f->nr_refused * 50 > built) {
        fault = g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " blocks were refused\n", f->nr_refused, built);
    }
    ir_builder_free(f->b);
    g_free(f);
    return fault;
}
