/*
 * Vector instructions in IR: what the files that translate them share. They take what VLEN 128 and the mode key leave simple (vl and vtype are known to be valid,
 * vstart is 0); the rest is done by one helper (vector.h). A function of a group returns false, with nothing written, for what is the helper's affair.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_TRANSLATE_VECTOR_H
#define TARGET_RISCV_TCG_TRANSLATE_VECTOR_H

#include "target/riscv/tcg/translate.h"

enum { VREG_BYTES = 16, VGROUP_MAX = 8 };
#define VONES ~UINT64_C(0)

typedef struct RvVector {
    RvTranslate *s;
    IrBuilder *b;
    unsigned vd, vs1, vs2, funct6, funct3;
    bool masked;                /* vm is 0 */
    bool vl_max;                /* vl is VLMAX */
    unsigned sew;               /* log2 of bytes: the lane of IR ops */
    int lmul;                   /* log2 */
    unsigned vlmax;
} RvVector;

/* The values of a group, register by register. */
typedef struct RvGroup { IrRef at[VGROUP_MAX]; } RvGroup;

static inline unsigned rvv_regs(int emul) { return emul > 0 ? 1u << emul : 1; }
static inline bool rvv_aligned(unsigned reg, int emul) { return emul <= 3 && !(reg & (rvv_regs(emul) - 1)); }
static inline bool rvv_apart(unsigned a, int a_emul, unsigned b, int b_emul) { return a + rvv_regs(a_emul) <= b || b + rvv_regs(b_emul) <= a; }
/* The second operand is a vector. */
static inline bool rvv_is_vector(const RvVector *v) { return v->funct3 <= 2; }
/* The destination may be of 2^emul registers. */
static inline bool rvv_dest_ok(const RvVector *v, int emul) { return rvv_aligned(v->vd, emul) && !(v->masked && v->vd == 0); }

/* Ops on vectors of 128 bits. */
static inline IrRef rvv_op(RvVector *v, IrOp op, unsigned sub, IrRef x, IrRef y) { return ir_emit(v->b, op, IR_V128, sub, 0, x, y, 0); }
static inline IrRef rvv_imm(RvVector *v, IrOp op, unsigned sub, unsigned imm, IrRef x, IrRef y) { return ir_emit(v->b, op, IR_V128, sub, imm, x, y, 0); }
static inline IrRef rvv_read(RvVector *v, unsigned reg) { return ir_read(v->b, SLOT_V0 + reg); }
static inline IrRef rvv_blend(RvVector *v, IrRef off, IrRef on, IrRef mask) { return ir_emit(v->b, IR_VBLEND, IR_V128, 0, 0, off, on, mask); }
static inline IrRef rvv_not(RvVector *v, IrRef x) { return rvv_op(v, IR_VXOR, 3, x, ir_const_v128(v->b, VONES, VONES)); }
/* Every lane of 1 << sew bytes. */
IrRef rvv_splat_const(RvVector *v, unsigned sew, uint64_t value);
IrRef rvv_splat(RvVector *v, unsigned sew, IrRef integer);
/* The sign bit of each lane turned: unsigned order becomes signed. */
IrRef rvv_bias(RvVector *v, unsigned sew, IrRef x);
/* The second operand of an integer instruction in register k of its group: a vector, rs1, an immediate with its sign. */
IrRef rvv_second(RvVector *v, unsigned k);

/* Which lanes of register k of a group with lanes of 1 << sew bytes are active, as a mask by lane; 0: all. tail: those below vl, whatever the mask. */
IrRef rvv_active(RvVector *v, unsigned k, unsigned sew);
IrRef rvv_body(RvVector *v, unsigned k, unsigned sew);
/* The numbers of the elements of register k. */
IrRef rvv_numbers(RvVector *v, unsigned k);
/* Registers have been written by other means than the functions below. */
void rvv_touched(RvVector *v);
/* Results go to the active lanes of the group at vd. */
void rvv_write(RvVector *v, unsigned sew, int emul, const RvGroup *values);
/* Some bits of them are all that is wanted: the same with lanes by mask (0: all) in one register. */
void rvv_write_lanes(RvVector *v, unsigned reg, IrRef value, IrRef mask);

/* A mask as bits: 64 in lo, where VLMAX is above that as many in hi. */
typedef struct RvBits { IrRef lo, hi; } RvBits;
/* The top bits of lanes, of a whole group. */
RvBits rvv_collect(RvVector *v, unsigned sew, int emul, const RvGroup *lanes);
/* The bits of active elements; false: vl is not known well enough. ignore_mask: of all below vl. */
bool rvv_active_bits(RvVector *v, bool ignore_mask, RvBits *out);
bool rvv_write_mask(RvVector *v, RvBits bits);

/* ---- shifts and widths: translate-vector-int.c ---- */
typedef enum RvShift { SHIFT_LEFT, SHIFT_RIGHT, SHIFT_ARITHMETIC } RvShift;
/* All lanes by one count (I32, below the width); each by its own, of which the low bits count (0: not here). */
IrRef rvv_shift_all(RvVector *v, RvShift kind, unsigned sew, IrRef a, IrRef count);
IrRef rvv_shift_each(RvVector *v, RvShift kind, unsigned sew, IrRef a, IrRef count);
/* The count of an instruction by a register or an immediate, below the width. */
IrRef rvv_shift_count(RvVector *v, unsigned sew);
/* Register k of a group of lanes twice as wide (1 << steps times as wide) as those of the group at reg. */
IrRef rvv_widened(RvVector *v, unsigned reg, unsigned k, unsigned from_sew, unsigned steps, bool is_signed);
/* A narrower source group may lie over the upper part of the destination. */
bool rvv_source_under_ok(const RvVector *v, int dest_emul, unsigned source, int source_emul);

/* ---- groups ---- */
bool rvv_integer(RvVector *v);      /* OPIVV, OPIVX, OPIVI, OPMVV, OPMVX: lane by lane */
bool rvv_widening(RvVector *v);     /* those whose operands and results differ in width */
bool rvv_bits(RvVector *v);         /* Zvbb, Zvkb */
bool rvv_crypto(RvVector *v);       /* OP-VE */
bool rvv_move(RvVector *v);         /* moves, merges, slides, masks, reductions */
bool rvv_float(RvVector *v);        /* OPFVV, OPFVF */

/* a * b, lanes of 1 << sew bytes; 0: not here. */
IrRef rvv_multiply(RvVector *v, unsigned sew, IrRef a, IrRef b);
/* By the funct6 of OPIVV (add, sub, minima, logic); 0: not one of those. */
IrRef rvv_simple(RvVector *v, unsigned funct6, unsigned sew, IrRef a, IrRef b);

#endif
