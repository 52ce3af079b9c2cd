/*
 * SVE in IR: what the files that translate it share. The vector length is part of the mode key, so code is made for it: vectors are done in pieces of 32 bytes (V256), of 16
 * (V128) where VL is 128 or at the end of an odd multiple.
 *
 * The first piece of Zn is a slot (V where VL is 128, else Z); the others, and predicates, are state without slots, whose values are remembered within the block
 * (ArmSveKnown). Predicates are kept as words of 64 bits with 0 above VL.
 *
 * A handler svei_op_NAME returns false, with nothing written, for what is C code's affair (sve*.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_SVE_H
#define TARGET_ARM_TCG_TRANSLATE_SVE_H

#include "target/arm/tcg/sve.h"
#include "target/arm/tcg/translate-simd.h"

typedef struct SveIr {
    ArmTranslate *s;
    IrBuilder *b;
    const ArmCpu *cpu;          /* features only */
    unsigned vl;                /* in bytes */
    unsigned pieces, words;     /* of a vector; of a predicate */
    bool dirtied;               /* the first vector beyond 128 bits is written: the mode changes */
} SveIr;

enum { SVEI_MAX_PIECES = ARM_MAX_VL_BYTES / 32, SVEI_MAX_WORDS = ARM_MAX_VL_BYTES / 64, SVEI_MAX_QUADS = ARM_MAX_VL_BYTES / 16 };

#include "target/arm/tcg/svei-decode.h"

/* ---- vectors ---- */
static inline unsigned svei_bytes(const SveIr *v, unsigned k) { return v->vl - 32 * k >= 32 ? 32 : 16; }
static inline IrType svei_type(const SveIr *v, unsigned k) { return svei_bytes(v, k) == 32 ? IR_V256 : IR_V128; }
/* The functions of translate-simd.h are about piece k from here on. */
static inline void svei_piece(SveIr *v, unsigned k) { v->s->vector = svei_type(v, k); }
typedef struct SveValue { IrRef at[SVEI_MAX_PIECES]; } SveValue;
IrRef svei_z(SveIr *v, unsigned n, unsigned k);
void svei_set_z(SveIr *v, unsigned n, unsigned k, IrRef value);
void svei_write(SveIr *v, unsigned n, const SveValue *value);
/* One lane, and 0 everywhere else. integer: I32 or I64. */
void svei_write_scalar(SveIr *v, unsigned n, IrRef integer);
/* In pieces of 128 bits. */
IrRef svei_quad(SveIr *v, unsigned n, unsigned j);
void svei_write_quads(SveIr *v, unsigned n, const IrRef *quads);
/* Constants of a piece whose lanes are made by a function of their number in the vector. */
typedef uint64_t SveLane(unsigned lane, const void *opaque);
IrRef svei_lanes(SveIr *v, unsigned k, unsigned size, SveLane *value, const void *opaque);
/* Every lane of piece k; integer: I64. */
IrRef svei_splat(SveIr *v, unsigned k, unsigned size, IrRef integer);
IrRef svei_blend(SveIr *v, IrRef off, IrRef on, IrRef mask);    /* of the current piece; mask 0: all on */
IrRef svei_and(SveIr *v, IrRef a, IrRef mask);                   /* ditto */

/* ---- predicates ---- */
IrRef svei_p(SveIr *v, unsigned n, unsigned w);                  /* I64; n 16: FFR */
void svei_set_p(SveIr *v, unsigned n, unsigned w, IrRef value);
/* The bits of elements of a size in word w: the lowest of each. */
uint64_t svei_element_bits(const SveIr *v, unsigned size, unsigned w);
uint64_t svei_lowest_bits(unsigned size);                        /* the same of 64 bits */
/* Lanes of piece k that a predicate has; 0: all, for sure. */
IrRef svei_mask(SveIr *v, unsigned p, unsigned size, unsigned k);
/* A bit for each byte of piece k (I32); all ones as a constant: all, for sure. */
IrRef svei_byte_bits(SveIr *v, unsigned p, unsigned size, unsigned k);
/* Whether it is known to have all elements. */
bool svei_is_all(SveIr *v, unsigned p, unsigned size);
/* The bits of a piece from a mask of lanes (I64, at their place in the word): not yet cut down to elements. */
IrRef svei_bits_of(SveIr *v, unsigned k, IrRef lanes);
/* N, Z, C of a result under a governing predicate (PredTest), words of both. */
void svei_test(SveIr *v, const IrRef *g, const IrRef *r, unsigned size);
void svei_set_flags(SveIr *v, IrRef n, IrRef z, IrRef last);     /* I32, 0 or 1; last: C inverted */

/* ---- integers of 64 bits in shorthand ---- */
static inline IrRef svei_op(SveIr *v, IrOp op, IrRef a, IrRef b) { return ir_op2(v->b, op, IR_I64, a, b); }
static inline IrRef svei_const(SveIr *v, uint64_t value) { return ir_const(v->b, IR_I64, value); }
static inline IrRef svei_shift(SveIr *v, IrOp op, IrRef a, unsigned by) { return by ? ir_op2(v->b, op, IR_I64, a, ir_const(v->b, IR_I32, by)) : a; }
static inline IrRef svei_select(SveIr *v, IrRef cond, IrRef a, IrRef b) { return ir_op3(v->b, IR_SELECT, IR_I64, cond, a, b); }

/* OP_* of integers with all sizes; 0: not here. (translate-sve-integer.c) */
IrRef svei_three(SveIr *v, SimdOp op, unsigned size, bool u, IrRef d, IrRef n, IrRef m);

#endif
