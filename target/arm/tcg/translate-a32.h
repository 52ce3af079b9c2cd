/*
 * What the files that translate AArch32's tables (a32, a32u, t16, t32) share beyond translate.h: the words of the tables, registers, conditions.
 *
 * A conditional instruction leaves the block before it when its condition fails, to the instruction behind it (for an IT block: behind all that would fail, too); computation
 * in IT blocks with both senses is done on both ways and chosen from. ITSTATE is a slot, written for each instruction of an IT block.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_TRANSLATE_A32_H
#define TARGET_ARM_TCG_TRANSLATE_A32_H

#include "target/arm/tcg/translate.h"
#include "target/arm/tcg/a32-decode.h"
#include "target/arm/tcg/a32u-decode.h"
#include "target/arm/tcg/t16-decode.h"
#include "target/arm/tcg/t32-decode.h"

/* Data processing: the first 16 as A32 encodes them. */
enum { DP_AND, DP_EOR, DP_SUB, DP_RSB, DP_ADD, DP_ADC, DP_SBC, DP_RSC, DP_TST, DP_TEQ, DP_CMP, DP_CMN, DP_ORR, DP_MOV, DP_BIC, DP_MVN, DP_ORN };
enum { EXTRA_STRH, EXTRA_LDRH, EXTRA_LDRSB, EXTRA_LDRSH };
enum { PARALLEL_S, PARALLEL_Q, PARALLEL_SH, PARALLEL_U, PARALLEL_UQ, PARALLEL_UH };
enum { EXTEND_B16, EXTEND_B, EXTEND_H };
enum { REVERSE_BYTES, REVERSE_HALVES, REVERSE_BITS, REVERSE_SIGNED };
/* s of T16: flags are set outside IT blocks. */
enum { SETS_OUTSIDE_IT = 2 };

/* ---- registers: I32; PC reads as the address of the instruction and 8 (T32: 4) ---- */
IrRef a32_r(ArmTranslate *s, unsigned n);
IrRef a32_x(ArmTranslate *s, unsigned n);               /* I64, zero-extended */
/* As the base of an access: PC is aligned to 4. I64. */
IrRef a32_base(ArmTranslate *s, unsigned n);
void a32_set_r(ArmTranslate *s, unsigned n, IrRef value);       /* n is not 15 */
/* PC as data processing writes it: A32 changes the instruction set by bit 0, T32 does not. */
void a32_write_pc(ArmTranslate *s, IrRef value);
/* And as BX and loads do. */
void a32_exchange(ArmTranslate *s, IrRef value);
/* Either, by what n is. */
void a32_result(ArmTranslate *s, unsigned n, IrRef value);
void a32_loaded(ArmTranslate *s, unsigned n, IrRef value);

static inline IrRef a32_op2(ArmTranslate *s, IrOp op, IrRef a, IrRef b) { return ir_op2(s->b, op, IR_I32, a, b); }
static inline bool a32_user(const ArmTranslate *s) { return (s->mode & ARM_MODE_USER) != 0; }
/* The instruction sets flags. */
static inline bool a32_sets(const ArmTranslate *s, const A32Operands *o) { return o->s == SETS_OUTSIDE_IT ? s->it == 0 : o->s; }
/* A shift by a constant (0 as the encoding has it: 32 or RRX); *carry: its carry out as 0 or 1, or 0 (no value): the old one. */
IrRef a32_shift_imm(ArmTranslate *s, IrRef value, unsigned type, unsigned count, IrRef *carry);
IrRef a32_carry(ArmTranslate *s);                       /* C, 0 or 1 */
/* CPSR.Q is set where the I32 is not 0. */
void a32_set_q(ArmTranslate *s, IrRef saturated);

#endif
