/*
 * FPCR.NEP (FEAT_AFP): which register the result of a scalar floating-point instruction keeps the upper elements of.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C5.2.8 (FPCR, NEP); C4.1.95 (encodings of scalars).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/translate-simd.h"

static int rd(uint32_t insn) { return insn & 31; }
static int rn(uint32_t insn) { return insn >> 5 & 31; }
static int rm(uint32_t insn) { return insn >> 16 & 31; }
static int ra(uint32_t insn) { return insn >> 10 & 31; }
static const NepSource none = { SIMD_NONE, 0 };

/* FEAT_FPRCVT: rmode and opcode of conversions from vector registers to vector registers. */
static bool integer_in_lane(uint32_t insn)
{
    unsigned rmode = insn >> 19 & 3, opcode = insn >> 16 & 7;
    return rmode == 1 ? (opcode & 6) == 2 : rmode == 2 ? opcode >= 2 : rmode == 3 && opcode >= 2 && opcode <= 5;
}

/* 00011110: conversions from integers, one and two operands; 00011111: three. */
static NepSource scalar(uint32_t insn)
{
    static const uint8_t sizes[] = { FLOAT_S, FLOAT_D, FLOAT_S, FLOAT_H };
    enum { BFCVT = 6, FIRST_FCVT = 4 };
    unsigned size = sizes[insn >> 22 & 3], opcode = insn >> 15 & 63;
    if (insn >> 24 & 1) {
        return (NepSource){ ra(insn), size };
    }
    bool from_integer = (insn >> 17 & 3) == 1 && (insn >> 19 & 3) == 0;
    if ((insn >> 21 & 1) && !(insn >> 10 & 63) && integer_in_lane(insn)) {
        return (NepSource){ rd(insn), (insn >> 17 & 15) == 0xe ? size : insn >> 31 ? FLOAT_D : FLOAT_S };
    }
    if (!(insn >> 21 & 1) || !(insn >> 10 & 63)) {
        return from_integer ? (NepSource){ rd(insn), size } : none;
    }
    if ((insn >> 10 & 3) == 2) {
        return (NepSource){ rn(insn), size };
    }
    if ((insn >> 10 & 31) != 16 || opcode == 0) {
        return none;            /* comparisons, selection, moves */
    }
    bool converts = opcode >= FIRST_FCVT && opcode < FIRST_FCVT + 4;
    return (NepSource){ rd(insn), converts ? opcode == BFCVT ? FLOAT_H : sizes[opcode & 3] : size };
}

/* AdvSIMD of one element: three registers, two (not comparisons with zero), by an element, by an immediate. */
static NepSource of_element(uint32_t insn)
{
    unsigned size = insn >> 22 & 1 ? FLOAT_D : FLOAT_S, three = insn >> 11 & 31;
    bool first = insn >> 10 & 1;
    if (insn >> 24 & 1) {
        unsigned opcode = insn >> 12 & 15, immh = insn >> 19 & 15;
        if (first && !(insn >> 23 & 1)) {
            return immh && (three == 0x1c || three == 0x1f) ? (NepSource){ rd(insn), immh >= 8 ? FLOAT_D : immh >= 4 ? FLOAT_S : FLOAT_H } : none;
        }
        size = insn >> 23 & 1 ? size : FLOAT_H;
        return first ? none : opcode == 1 || opcode == 5 ? (NepSource){ rd(insn), size } : opcode == 9 ? (NepSource){ rn(insn), size } : none;
    }
    if ((insn >> 17 & 31) == 0x10 && (insn >> 10 & 3) == 2 && (insn >> 21 & 1)) {
        unsigned opcode = insn >> 12 & 31;
        return opcode == 0x16 ? (NepSource){ rd(insn), FLOAT_S } : opcode >= 0x1a ? (NepSource){ rd(insn), size } : none;
    }
    if ((insn >> 17 & 31) == 0x1c && (insn >> 10 & 3) == 2 && (insn >> 21 & 3) == 3) {
        return (insn >> 12 & 31) >= 0x1a ? (NepSource){ rd(insn), FLOAT_H } : none;
    }
    if (first && (insn >> 21 & 1) && three >= 0x1a) {
        return (NepSource){ three == 0x1c || three == 0x1d ? rm(insn) : rn(insn), size };
    }
    if (first && (insn >> 21 & 3) == 2 && !(insn >> 14 & 3)) {
        unsigned opcode = insn >> 11 & 7;
        return (NepSource){ opcode == 4 || opcode == 5 ? rm(insn) : rn(insn), FLOAT_H };
    }
    return none;
}

NepSource simd_nep_source(uint32_t insn)
{
    if ((insn & 0x7e000000) == 0x1e000000) {
        return scalar(insn);
    }
    return (insn & 0xde000000) == 0x5e000000 ? of_element(insn) : none;
}
