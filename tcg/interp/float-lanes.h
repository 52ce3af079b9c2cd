/*
 * Floating-point operations of one lane, for the packed ops. op: of the scalar or the packed form.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_INTERP_FLOAT_H
#define TCG_INTERP_FLOAT_H

#include "tcg/ir.h"

float interp_op2_32(IrOp op, float x, float y);
double interp_op2_64(IrOp op, double x, double y);
float interp_root_32(float x);
double interp_root_64(double x);
/* how: the low two bits of the imm of FMA. */
float interp_fma_32(float x, float y, float z, unsigned how);
double interp_fma_64(double x, double y, double z, unsigned how);
float interp_round_32(float x, unsigned imm);
double interp_round_64(double x, unsigned imm);
bool interp_predicate_32(float x, float y, unsigned predicate);
bool interp_predicate_64(double x, double y, unsigned predicate);
int32_t interp_to_int_32(float x, bool truncate);
int32_t interp_to_int_64(double x, bool truncate);
/* The approximations of RCPSS and RSQRTSS. */
float interp_reciprocal(float x, bool root);

#endif
