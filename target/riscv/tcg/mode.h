/*
 * The mode key of RISC-V: everything but the bytes of the code that decides how it is translated.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_RISCV_TCG_MODE_H
#define TARGET_RISCV_TCG_MODE_H

#include "target/riscv/cpu.h"

FIELD(RV_MODE_PRIV, 0, 2);
FIELD(RV_MODE_DATA, 2, 3);      /* RV_TLB_* of loads and stores */
FIELD(RV_MODE_FLOAT, 5, 2);     /* FLOAT_* */
FIELD(RV_MODE_FRM, 7, 3);
FIELD(RV_MODE_VECTOR, 10, 2);   /* FLOAT_*, of mstatus.VS */
FIELD(RV_MODE_VTYPE, 12, 9);    /* vtype's low 8 bits, and vill */
#define RV_MODE_VIRT BIT(24)
#define RV_MODE_RV32 BIT(25)
#define RV_MODE_VL_MAX BIT(26)  /* vl is VLMAX */
#define RV_MODE_VSTART BIT(27)  /* vstart is not 0 */
FIELD(RV_MODE_PMM, 28, 3);      /* pointer masking of loads and stores: riscv_pointer_mask() */
#define RV_MODE_LPE BIT(31)     /* indirect jumps need landing pads */
#define RV_MODE_ELP BIT(32)     /* one has been made: the next instruction has to be such */
#define RV_MODE_SSE BIT(33)     /* shadow stacks are in force */
#define RV_MODE_CTR BIT(34)     /* jumps and branches are recorded */
#define RV_MODE_TRIGGERS_ACCESS BIT(35)     /* a trigger may be met by a load or store, */
#define RV_MODE_TRIGGERS_EXECUTE BIT(36)    /* by any instruction */
/* Whether the unit is off; on, with the first write to set mstatus.FS to dirty; on and dirty. */
enum { FLOAT_OFF, FLOAT_CLEAN, FLOAT_DIRTY };

#endif
