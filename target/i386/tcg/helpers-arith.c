/*
 * Arithmetic that is rare enough for C: rotation through the carry by more than one, decimal adjustment.
 *
 * Intel SDM volume 2: RCL/RCR, DAA, DAS, AAA, AAS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers.h"
#include "util/bits.h"

/* ---- rotation through the carry ---- */

typedef struct Rotated { uint64_t value; bool carry; } Rotated;

/* Left by n of width + 1 bits. */
static Rotated rotate_left(uint64_t value, bool carry, unsigned width, unsigned n)
{
    for (; n; n--) {
        bool out = value >> (width - 1) & 1;
        value = (value << 1 | carry) & MAKE_MASK(0, width);
        carry = out;
    }
    return (Rotated){ value, carry };
}

static unsigned rotate_count(uint32_t count, unsigned width)
{
    return (count & (width == 64 ? 63 : 31)) % (width + 1);
}

static Rotated rotate(uint64_t value, uint32_t count, uint32_t spec, bool left)
{
    unsigned width = 8u << (spec & 3), n = rotate_count(count, width);
    return rotate_left(value & MAKE_MASK(0, width), spec >> 8 & 1, width, left || n == 0 ? n : width + 1 - n);
}

uint64_t x86_helper_rcl(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec)
{
    return rotate(value, count, spec, true).value;
}

uint32_t x86_helper_rcl_flags(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec)
{
    Rotated r = rotate(value, count, spec, true);
    bool top = r.value >> ((8u << (spec & 3)) - 1) & 1;
    return (r.carry ? CC_C : 0) | (top != r.carry ? CC_O : 0);
}

uint64_t x86_helper_rcr(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec)
{
    return rotate(value, count, spec, false).value;
}

uint32_t x86_helper_rcr_flags(Cpu *cpu, uint64_t value, uint32_t count, uint32_t spec)
{
    Rotated r = rotate(value, count, spec, false);
    unsigned width = 8u << (spec & 3);
    bool top = r.value >> (width - 1) & 1, below = r.value >> (width - 2) & 1;
    return (r.carry ? CC_C : 0) | (top != below ? CC_O : 0);
}

/* ---- decimal adjustment ---- */

static uint32_t result_flags(uint8_t al)
{
    return (al ? 0 : CC_Z) | (al & 0x80 ? CC_S : 0) | (__builtin_parity(al) ? 0 : CC_P);
}

static uint64_t adjust_packed(uint32_t ax, uint32_t eflags, bool subtract)
{
    uint8_t al = ax, old = al;
    uint32_t flags = 0;
    int sign = subtract ? -1 : 1;
    bool low = (al & 15) > 9 || (eflags & CC_A), high = old > 0x99 || (eflags & CC_C);
    if (low) {
        flags |= CC_A;
        if (subtract && old < 6) {
            flags |= CC_C;
        }
        al += sign * 6;
    }
    if (high) {
        flags |= CC_C;
        al += sign * 0x60;
    }
    return (uint64_t)(flags | result_flags(al)) << 32 | (ax & 0xff00) | al;
}

static uint64_t adjust_unpacked(uint32_t ax, uint32_t eflags, bool subtract)
{
    uint32_t flags = 0;
    if ((ax & 15) > 9 || (eflags & CC_A)) {
        ax = subtract ? ax - 0x106 : ax + 0x106;
        flags = CC_A | CC_C;
    }
    ax &= 0xff0f;
    return (uint64_t)(flags | result_flags(ax)) << 32 | ax;
}

uint64_t x86_helper_decimal(Cpu *cpu, uint32_t opcode, uint32_t ax, uint32_t eflags)
{
    bool subtract = opcode & 8;
    ax &= 0xffff;
    return opcode < 0x30 ? adjust_packed(ax, eflags, subtract) : adjust_unpacked(ax, eflags, subtract);
}
