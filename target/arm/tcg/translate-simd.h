/*
 * What the files that translate floating point and AdvSIMD share.
 *
 * A handler that has nothing better calls simd_by_c, which has C code do the instruction. The same handlers do an instruction again that translated code has left
 * (ARM_REASON_FLOAT): s->b is NULL then, and simd_by_c does it at once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_SIMD_H
#define TARGET_ARM_TCG_TRANSLATE_SIMD_H

#include "target/arm/tcg/simd.h"
#include "target/arm/tcg/translate.h"

#include "target/arm/tcg/a64v-decode.h"

enum { INDEX_OFFSET, INDEX_POST, INDEX_PRE };
enum { SIMD_NONE = -1 };

/* The instruction is done again by C code. */
static inline bool simd_redoes(const ArmTranslate *s) { return !s->b; }
/* False: an exception is emitted, the handler returns true. */
static inline bool simd_access(ArmTranslate *s) { return simd_redoes(s) || arm_fp_access(s); }
/* Registers d (old destination or third operand), n, m: SIMD_NONE is 0. */
bool simd_by_c(ArmTranslate *s, uint32_t spec, unsigned rd, int d, int n, int m);
/* C code does the instruction where cond (I32) is not 0. */
static inline void simd_redo_if(ArmTranslate *s, IrRef cond) { ir_exit_fault_if(s->b, cond, ARM_REASON_FLOAT); }
/* Vectors of half precision. */
static inline bool simd_has_half(const ArmTranslate *s) { return s->mode & ARM_MODE_AARCH32 ? NEEDS(a32_neon_fp16) : NEEDS(advsimd_fp16); }
/* FORM_* of operands that have q and scalar. */
static inline unsigned simd_form_of(const A64vOperands *o) { return o->scalar ? FORM_SCALAR : o->q ? FORM_128 : FORM_64; }

/* FPCR.NEP: the register whose bits above the element the result of a scalar instruction keeps, and the element's size; SIMD_NONE: not of such an instruction. */
typedef struct NepSource { int n; unsigned size; } NepSource;
NepSource simd_nep_source(uint32_t insn);

/* ---- values ---- */
/* Ops are on vectors of s->vector's type: V128 but for SVE. */
static inline IrRef simd_halves(ArmTranslate *s, uint64_t lo, uint64_t hi)
{
    IrRef half = ir_const_v128(s->b, lo, hi);
    return s->vector == IR_V256 ? ir_op2(s->b, IR_VJOIN, IR_V256, half, half) : half;
}
static inline IrRef simd_const(ArmTranslate *s, uint64_t both) { return simd_halves(s, both, both); }
/* A constant of lanes. */
static inline IrRef simd_lanes(ArmTranslate *s, unsigned size, uint64_t value)
{
    value &= MAKE_MASK(0, 8u << size);
    for (; size < 3; size++) {
        value |= value << (8u << size);
    }
    return simd_const(s, value);
}
static inline IrRef simd_op2(ArmTranslate *s, IrOp op, unsigned size, IrRef a, IrRef b) { return ir_emit(s->b, op, s->vector, size, 0, a, b, 0); }
static inline IrRef simd_imm1(ArmTranslate *s, IrOp op, unsigned size, unsigned imm, IrRef a) { return ir_emit(s->b, op, s->vector, size, imm, a, 0, 0); }
static inline IrRef simd_not(ArmTranslate *s, IrRef a) { return simd_op2(s, IR_VXOR, 3, a, simd_const(s, UINT64_MAX)); }
static inline IrRef simd_zero_upper(ArmTranslate *s, IrRef a) { return ir_op1(s->b, IR_VZERO_UPPER, IR_V128, a); }
/* The result of an instruction of 64 (or a scalar of 64) or 128 bits. */
static inline void simd_finish(ArmTranslate *s, unsigned rd, bool all, IrRef value)
{
    a64_set_v(s, rd, all || rd >= SIMD_D ? value : simd_zero_upper(s, value));
}
/* An element, an I64 or I32, of a register that is not Sn. */
IrRef simd_get_lane(ArmTranslate *s, unsigned n, unsigned size, unsigned index);
void simd_set_lane(ArmTranslate *s, unsigned n, unsigned size, unsigned index, IrRef value);
/* One element everywhere. */
IrRef simd_splat_lane(ArmTranslate *s, unsigned size, unsigned index, IrRef v);
/* UZP1 and UZP2 of 128 bits, or (all false) of the low halves. */
IrRef simd_unzip(ArmTranslate *s, unsigned size, bool second, bool all, IrRef n, IrRef m);
/* Bytes of a by constant indices (80 and more: 0). */
IrRef simd_shuffle(ArmTranslate *s, IrRef a, const uint8_t indices[16]);
/* OP_ZIP1 to OP_TRN2; all: of 128 bits. */
IrRef simd_permute(ArmTranslate *s, SimdOp op, unsigned size, bool all, IrRef n, IrRef m);
/* Bytes of tables, 16 each (but where nr_bytes says less), by indices; where these are beyond: those of old, or (0) 0. */
IrRef simd_table(ArmTranslate *s, const IrRef *tables, unsigned nr_bytes, IrRef indices, IrRef old);
/* ---- on integers (translate-simd-integer.c) ---- */
IrRef simd_shift_left(ArmTranslate *s, unsigned size, unsigned by, IrRef a);
IrRef simd_shift_right(ArmTranslate *s, unsigned size, bool u, unsigned by, IrRef a);     /* by up to the width */
IrRef simd_greater(ArmTranslate *s, unsigned size, bool u, IrRef a, IrRef b);
IrRef simd_product(ArmTranslate *s, unsigned size, IrRef a, IrRef b);                       /* size up to 2 */
IrRef simd_absolute(ArmTranslate *s, unsigned size, IrRef n);
IrRef simd_count_bits(ArmTranslate *s, IrRef n);                                            /* of bytes */
/* OP_* of registers; 0: not here. Not of 64 bits where the host has none: MUL, MLA, MLS, MAX, MIN, ABD, ABA. */
IrRef simd_three(ArmTranslate *s, SimdOp op, unsigned size, bool u, bool all, IrRef d, IrRef n, IrRef m);
IrRef simd_transpose(ArmTranslate *s, unsigned size, bool second, IrRef n, IrRef m);       /* TRN1, TRN2 */
/* Element of by-element forms: its register and index. */
typedef struct SimdIndex { unsigned rm, index; } SimdIndex;
static inline SimdIndex simd_index_of(const A64vOperands *o, unsigned size)
{
    return size == 1 ? (SimdIndex){ o->rm, o->h << 2 | o->l << 1 | o->m } : (SimdIndex){ o->rm | o->m << 4, size == 2 ? o->h << 1 | o->l : o->h };
}

/* ---- structures in memory (translate-simd-memory.c): runs, each of elements of as many registers as the group has in turn ---- */
typedef struct SimdStructures {
    bool load, all;             /* all: 128 bits of each register, else 64 */
    unsigned size, runs, group; /* size: logarithm of the bytes of an element. runs * group: 4 at most */
    uint8_t regs[4];            /* in the order of memory */
    unsigned align_log2;        /* that is asked of the address; 0: nothing */
} SimdStructures;
void simd_structures(ArmTranslate *s, const SimdStructures *st, IrRef address);
/* One element of each register of one group; loaded into all lanes of the registers of each run. */
void simd_structure_lane(ArmTranslate *s, const SimdStructures *st, unsigned index, IrRef address);
void simd_structure_replicated(ArmTranslate *s, const SimdStructures *st, IrRef address);

/* FCMLA by a pair of elements of m; o: all but that. */
bool simd_complex_element(ArmTranslate *s, const A64vOperands *o, unsigned m, unsigned index);

#endif
