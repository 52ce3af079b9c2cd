/*
 * Names in the text form of IR, shared by printing and parsing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_TEXT_H
#define TCG_TEXT_H

#include "tcg/ir.h"

extern const char *const ir_type_names[IR_TYPE_COUNT], *const ir_cond_names[16], *const ir_atomic_names[10], *const ir_order_names[5], *const ir_exit_names[9];

#endif
