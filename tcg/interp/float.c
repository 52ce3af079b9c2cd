/*
 * The interpreter's floating point: scalars, and packed numbers lane by lane, under the host's current mode.
 *
 * On an x86 host the machine's own instructions are spelled out, so that NaNs, flags and denormals come out as theirs. Elsewhere it is the C of the host: right for numbers,
 * not for which NaN comes out of two.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interp.h"
#include "float-lanes.h"
#include <math.h>

/* ---- two operands ---- */

#ifdef __x86_64__
#define OP2(name, mnemonic, expression) \
    static float name##_32(float x, float y) { __asm__(mnemonic "ss %1, %0" : "+x"(x) : "x"(y)); return x; } \
    static double name##_64(double x, double y) { __asm__(mnemonic "sd %1, %0" : "+x"(x) : "x"(y)); return x; }
#define OP1(name, mnemonic, f32, f64) \
    static float name##_32(float x) { __asm__(mnemonic "ss %0, %0" : "+x"(x)); return x; } \
    static double name##_64(double x) { __asm__(mnemonic "sd %0, %0" : "+x"(x)); return x; }
#else
#define OP2(name, mnemonic, expression) \
    static float name##_32(float x, float y) { return expression; } \
    static double name##_64(double x, double y) { return expression; }
#define OP1(name, mnemonic, f32, f64) \
    static float name##_32(float x) { return f32(x); } \
    static double name##_64(double x) { return f64(x); }
#endif

OP2(add, "add", x + y)
OP2(sub, "sub", x - y)
OP2(mul, "mul", x * y)
OP2(divide, "div", x / y)
OP2(min, "min", x < y ? x : y)
OP2(max, "max", x > y ? x : y)
OP1(root, "sqrt", sqrtf, sqrt)

float interp_op2_32(IrOp op, float x, float y)
{
    switch (op) {
    case IR_FADD:
    case IR_VFADD:
        return add_32(x, y);
    case IR_FSUB:
    case IR_VFSUB:
        return sub_32(x, y);
    case IR_FMUL:
    case IR_VFMUL:
        return mul_32(x, y);
    case IR_FDIV:
    case IR_VFDIV:
        return divide_32(x, y);
    case IR_FMIN:
    case IR_VFMIN:
        return min_32(x, y);
    default:
        return max_32(x, y);
    }
}

double interp_op2_64(IrOp op, double x, double y)
{
    switch (op) {
    case IR_FADD:
    case IR_VFADD:
        return add_64(x, y);
    case IR_FSUB:
    case IR_VFSUB:
        return sub_64(x, y);
    case IR_FMUL:
    case IR_VFMUL:
        return mul_64(x, y);
    case IR_FDIV:
    case IR_VFDIV:
        return divide_64(x, y);
    case IR_FMIN:
    case IR_VFMIN:
        return min_64(x, y);
    default:
        return max_64(x, y);
    }
}

float interp_root_32(float x) { return root_32(x); }
double interp_root_64(double x) { return root_64(x); }

/* ---- fused ---- */

#ifdef __x86_64__
#define FMA_CASE(n, name, suffix) \
    case n: \
        __asm__(name suffix " %2, %1, %0" : "+x"(x) : "x"(z), "x"(y)); \
        return x;
#define FMA_CASES(suffix) \
    FMA_CASE(0, "vfmadd132", suffix) FMA_CASE(1, "vfmsub132", suffix) FMA_CASE(2, "vfnmadd132", suffix) FMA_CASE(3, "vfnmsub132", suffix)
#endif

/* By the C library: a NaN comes out as it went in, the first one. */
#define FMA_PLAIN(function) \
    if (x != x || y != y || z != z) { \
        return x != x ? x + x : y != y ? y + y : z + z; \
    } \
    return function(how & 2 ? -x : x, y, how & 1 ? -z : z);

float interp_fma_32(float x, float y, float z, unsigned how)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("fma")) {
        switch (how & 3) {
        FMA_CASES("ss")
        }
    }
#endif
    FMA_PLAIN(fmaf)
}

double interp_fma_64(double x, double y, double z, unsigned how)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("fma")) {
        switch (how & 3) {
        FMA_CASES("sd")
        }
    }
#endif
    FMA_PLAIN(fma)
}

/* ---- to integral: imm as ROUNDSS has it ---- */

#ifdef __x86_64__
#define ROUND_CASE(n, suffix) \
    case n: \
        __asm__("round" suffix " $" #n ", %0, %0" : "+x"(x)); \
        return x;
#define ROUND_CASES(suffix) \
    ROUND_CASE(0, suffix) ROUND_CASE(1, suffix) ROUND_CASE(2, suffix) ROUND_CASE(3, suffix) ROUND_CASE(4, suffix) ROUND_CASE(8, suffix) \
    ROUND_CASE(9, suffix) ROUND_CASE(10, suffix) ROUND_CASE(11, suffix) ROUND_CASE(12, suffix)
#endif

/* Bits 0 and 1: the mode; bit 2: the current one instead; bit 3: an inexact result is not reported. */
static unsigned round_mode(unsigned imm)
{
    return imm & 4 ? (imm & 8) | 4 : imm & 11;
}

double interp_round_64(double x, unsigned imm)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.1")) {
        switch (round_mode(imm)) {
        ROUND_CASES("sd")
        }
    }
#endif
    switch (round_mode(imm) & 7) {
    case 0:
        return roundeven(x);
    case 1:
        return floor(x);
    case 2:
        return ceil(x);
    case 3:
        return trunc(x);
    default:
        return imm & 8 ? nearbyint(x) : rint(x);
    }
}

float interp_round_32(float x, unsigned imm)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("sse4.1")) {
        switch (round_mode(imm)) {
        ROUND_CASES("ss")
        }
    }
#endif
    switch (round_mode(imm) & 7) {
    case 0:
        return roundevenf(x);
    case 1:
        return floorf(x);
    case 2:
        return ceilf(x);
    case 3:
        return truncf(x);
    default:
        return imm & 8 ? nearbyintf(x) : rintf(x);
    }
}

/* ---- comparison ---- */

enum { LESS = 1, EQUAL = 2, GREATER = 4, UNORDERED = 8 };

/* loud: a quiet NaN is invalid too. */
static unsigned relation(double x, double y, bool loud)
{
    bool less = loud ? x < y : __builtin_isless(x, y), greater = loud ? x > y : __builtin_isgreater(x, y), equal = loud ? x <= y && x >= y : x == y;
    return less ? LESS : greater ? GREATER : equal ? EQUAL : UNORDERED;
}

static unsigned relation_32(float x, float y, bool loud)
{
    bool less = loud ? x < y : __builtin_isless(x, y), greater = loud ? x > y : __builtin_isgreater(x, y), equal = loud ? x <= y && x >= y : x == y;
    return less ? LESS : greater ? GREATER : equal ? EQUAL : UNORDERED;
}

/* The predicates of CMPSS, by their low four bits; the fifth turns about what is loud. */
static const uint8_t predicates[16] = {
    EQUAL, LESS, LESS | EQUAL, UNORDERED, LESS | GREATER | UNORDERED, EQUAL | GREATER | UNORDERED, GREATER | UNORDERED, LESS | EQUAL | GREATER,
    EQUAL | UNORDERED, LESS | UNORDERED, LESS | EQUAL | UNORDERED, 0, LESS | GREATER, EQUAL | GREATER, GREATER, LESS | EQUAL | GREATER | UNORDERED,
};

static bool is_loud(unsigned predicate)
{
    return ((0x6666 >> (predicate & 15)) & 1) != (predicate >> 4 & 1);
}

bool interp_predicate_32(float x, float y, unsigned predicate)
{
    return predicates[predicate & 15] & relation_32(x, y, is_loud(predicate));
}

bool interp_predicate_64(double x, double y, unsigned predicate)
{
    return predicates[predicate & 15] & relation(x, y, is_loud(predicate));
}

/* like_integers: imm bit 1. */
static uint16_t compare_flags(unsigned relation, bool like_integers)
{
    if (like_integers) {
        return FLAGS_ONE | (relation == LESS ? FLAGS_SF | FLAGS_CF : relation == EQUAL ? FLAGS_ZF : relation == GREATER ? 0 : FLAGS_OF);
    }
    switch (relation) {
    case LESS:
        return FLAGS_ONE | FLAGS_CF;
    case EQUAL:
        return FLAGS_ONE | FLAGS_ZF;
    case GREATER:
        return FLAGS_ONE;
    default:
        return FLAGS_ONE | FLAGS_ZF | FLAGS_PF | FLAGS_CF;
    }
}

/* ---- approximations ---- */

float interp_reciprocal(float x, bool root)
{
#ifdef __x86_64__
    if (root) {
        __asm__("rsqrtss %0, %0" : "+x"(x));
    } else {
        __asm__("rcpss %0, %0" : "+x"(x));
    }
    return x;
#else
    return 1.0f / (root ? sqrtf(x) : x);
#endif
}

/* ---- to integers: out of range gives the integer indefinite ---- */

#ifdef __x86_64__
#define TO_INT(name, mnemonic, from, to) static to name(from x) { to r; __asm__(mnemonic " %1, %0" : "=r"(r) : "x"(x)); return r; }
TO_INT(cut_32_32, "cvttss2si", float, int32_t)
TO_INT(cut_32_64, "cvttss2si", float, int64_t)
TO_INT(cut_64_32, "cvttsd2si", double, int32_t)
TO_INT(cut_64_64, "cvttsd2si", double, int64_t)
TO_INT(near_32_32, "cvtss2si", float, int32_t)
TO_INT(near_32_64, "cvtss2si", float, int64_t)
TO_INT(near_64_32, "cvtsd2si", double, int32_t)
TO_INT(near_64_64, "cvtsd2si", double, int64_t)
#else
static int64_t bounded_64(double x) { return x >= -0x1p63 && x < 0x1p63 ? (int64_t)x : INT64_MIN; }
static int32_t bounded_32(double x) { return x >= -0x1p31 && x < 0x1p31 ? (int32_t)x : INT32_MIN; }
static int32_t cut_32_32(float x) { return bounded_32(truncf(x)); }
static int64_t cut_32_64(float x) { return bounded_64(truncf(x)); }
static int32_t cut_64_32(double x) { return bounded_32(trunc(x)); }
static int64_t cut_64_64(double x) { return bounded_64(trunc(x)); }
static int32_t near_32_32(float x) { return bounded_32(rintf(x)); }
static int64_t near_32_64(float x) { return bounded_64(rintf(x)); }
static int32_t near_64_32(double x) { return bounded_32(rint(x)); }
static int64_t near_64_64(double x) { return bounded_64(rint(x)); }
#endif

int32_t interp_to_int_32(float x, bool truncate) { return truncate ? cut_32_32(x) : near_32_32(x); }
int32_t interp_to_int_64(double x, bool truncate) { return truncate ? cut_64_32(x) : near_64_32(x); }

static uint64_t to_int(const IrInsn *insn, const InterpOperands *v)
{
    bool truncate = insn->imm & 1, from_32 = v->type_a == IR_F32;
    if (insn->type == IR_I32) {
        return (uint32_t)(from_32 ? interp_to_int_32(v->a->f32[0], truncate) : interp_to_int_64(v->a->f64[0], truncate));
    }
    if (from_32) {
        return truncate ? cut_32_64(v->a->f32[0]) : near_32_64(v->a->f32[0]);
    }
    return truncate ? cut_64_64(v->a->f64[0]) : near_64_64(v->a->f64[0]);
}

/* ---- ops ---- */

/* Those that have one form for each width. */
static void arithmetic(const IrInsn *insn, const InterpOperands *v, IrValue *r)
{
    bool narrow = insn->type == IR_F32;
    float a32 = v->a->f32[0];
    double a64 = v->a->f64[0];
    switch (insn->op) {
    case IR_FSQRT:
        narrow ? (void)(r->f32[0] = root_32(a32)) : (void)(r->f64[0] = root_64(a64));
        break;
    case IR_FMA:
        narrow ? (void)(r->f32[0] = interp_fma_32(a32, v->b->f32[0], v->c->f32[0], insn->imm)) : (void)(r->f64[0] = interp_fma_64(a64, v->b->f64[0], v->c->f64[0], insn->imm));
        break;
    case IR_FROUND:
        narrow ? (void)(r->f32[0] = interp_round_32(a32, insn->imm)) : (void)(r->f64[0] = interp_round_64(a64, insn->imm));
        break;
    default:
        narrow ? (void)(r->f32[0] = interp_op2_32(insn->op, a32, v->b->f32[0])) : (void)(r->f64[0] = interp_op2_64(insn->op, a64, v->b->f64[0]));
        break;
    }
}

static void from_int(const IrInsn *insn, const InterpOperands *v, IrValue *r)
{
    int64_t x = v->type_a == IR_I32 ? v->a->s32[0] : v->a->s64[0];
    if (insn->type == IR_F32) {
        r->f32[0] = x;
    } else {
        r->f64[0] = x;
    }
}

void interp_float(const IrInsn *insn, const InterpOperands *v, IrValue *r)
{
    bool narrow = v->type_a == IR_F32;
    *r = (IrValue){ 0 };
    switch (insn->op) {
    case IR_FCMP:
        r->u64[0] = compare_flags(narrow ? relation_32(v->a->f32[0], v->b->f32[0], insn->imm & 1) : relation(v->a->f64[0], v->b->f64[0], insn->imm & 1), insn->imm & 2);
        break;
    case IR_FCMP_MASK: {
        bool holds = narrow ? interp_predicate_32(v->a->f32[0], v->b->f32[0], insn->imm) : interp_predicate_64(v->a->f64[0], v->b->f64[0], insn->imm);
        r->u64[0] = !holds ? 0 : insn->type == IR_I32 ? UINT32_MAX : UINT64_MAX;
        break;
    }
    case IR_FCVT:
        if (narrow) {
            r->f64[0] = v->a->f32[0];
        } else {
            r->f32[0] = v->a->f64[0];
        }
        break;
    case IR_FCVT_INT:
        from_int(insn, v, r);
        break;
    case IR_INT_FCVT:
        r->u64[0] = to_int(insn, v);
        break;
    case IR_FBITS:
    case IR_FLANE:
        r->u64[0] = insn->type == IR_F32 || insn->type == IR_I32 ? v->a->u32[0] : v->a->u64[0];
        break;
    case IR_VSET_FLANE:
        r->u64[0] = v->a->u64[0];
        r->u64[1] = v->a->u64[1];
        if (v->type_b == IR_F32) {
            r->u32[0] = v->b->u32[0];
        } else {
            r->u64[0] = v->b->u64[0];
        }
        break;
    default:
        arithmetic(insn, v, r);
        break;
    }
}
