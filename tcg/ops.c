/*
 * The table of ops, from ops.def.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/ir.h"

const IrOpInfo ir_op_info[IR_OP_COUNT] = {
#define OP(op_name, operands, effects) [IR_##op_name] = { .name = #op_name, .nargs = operands, .flags = effects },
#include "tcg/ops.def"
#undef OP
};
