/*
 * Memory copy and set instructions (FEAT_MOPS): what translated code tells the helper.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_ARM_TCG_MOPS_H
#define TARGET_ARM_TCG_MOPS_H

#include "target/arm/tcg/helpers.h"

/* The second argument beside the instruction's bits: privilege indices of reads and writes, who of them is unprivileged, whose tags are checked. */
FIELD(MOPS_READ_INDEX, 0, 4);
FIELD(MOPS_WRITE_INDEX, 4, 4);
#define MOPS_READ_UNPRIV BIT(8)
#define MOPS_WRITE_UNPRIV BIT(9)
#define MOPS_READ_CHECKED BIT(10)
#define MOPS_WRITE_CHECKED BIT(11)

/* Which of the three instructions that belong together. */
enum { MOPS_PROLOGUE, MOPS_MAIN, MOPS_EPILOGUE };

/* Fields of the instruction. */
static inline unsigned mops_rd(uint32_t insn) { return insn & 31; }
static inline unsigned mops_rn(uint32_t insn) { return insn >> 5 & 31; }
static inline unsigned mops_rs(uint32_t insn) { return insn >> 16 & 31; }
static inline bool mops_is_set(uint32_t insn) { return (insn >> 22 & 3) == 3; }
static inline bool mops_is_general(uint32_t insn) { return insn >> 26 & 1; }    /* CPY* (either direction) beside CPYF*, SETG* beside SET* */
static inline unsigned mops_stage(uint32_t insn) { return mops_is_set(insn) ? insn >> 14 & 3 : insn >> 22 & 3; }
static inline unsigned mops_options(uint32_t insn) { return mops_is_set(insn) ? insn >> 12 & 3 : insn >> 12 & 15; }

#endif
