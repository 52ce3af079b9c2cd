/*
 * QARMA-64 as pointer authentication computes it (QARMA5, QARMA3): a block cipher of 16 cells of 4 bits with a tweak.
 *
 * R. Avanzi, "The QARMA Block Cipher Family" (2017); Arm Architecture Reference Manual for A-profile (DDI 0487), J1.1 (ComputePAC, PACCellShuffle, PACMult, PACSub, PACSub1,
 * TweakShuffle, TweakCellRot).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/pauth.h"

enum { CELLS = 16, MAX_ROUNDS = 5 };

#define ALPHA UINT64_C(0xc0ac29b7c97c50dd)
static const uint64_t round_constants[MAX_ROUNDS] = {
    0, UINT64_C(0x13198a2e03707344), UINT64_C(0xa4093822299f31d0), UINT64_C(0x082efa98ec4e6c89), UINT64_C(0x452821e638d01377),
};

/* What differs between the two: S-boxes (of QARMA3 its own inverse), rounds. */
typedef struct Variant { uint8_t forward[16], back[16]; unsigned rounds; } Variant;
static const Variant variants[] = {
    [ARM_QARMA5] = { { 11, 6, 8, 15, 12, 0, 9, 14, 3, 7, 4, 5, 13, 2, 1, 10 }, { 5, 14, 13, 8, 10, 11, 1, 9, 2, 6, 15, 0, 4, 12, 7, 3 }, 5 },
    [ARM_QARMA3] = { { 10, 13, 14, 6, 15, 7, 3, 5, 9, 8, 0, 12, 11, 1, 2, 4 }, { 10, 13, 14, 6, 15, 7, 3, 5, 9, 8, 0, 12, 11, 1, 2, 4 }, 3 },
};

static unsigned cell(uint64_t x, unsigned n) { return x >> 4 * n & 15; }

static uint64_t substitute(uint64_t x, const uint8_t box[16])
{
    uint64_t result = 0;
    for (unsigned n = 0; n < CELLS; n++) {
        result |= (uint64_t)box[cell(x, n)] << 4 * n;
    }
    return result;
}

/* Cell n comes from where the table says, or goes there. */
static uint64_t gather(uint64_t x, const uint8_t from[CELLS])
{
    uint64_t result = 0;
    for (unsigned n = 0; n < CELLS; n++) {
        result |= (uint64_t)cell(x, from[n]) << 4 * n;
    }
    return result;
}

static uint64_t scatter(uint64_t x, const uint8_t to[CELLS])
{
    uint64_t result = 0;
    for (unsigned n = 0; n < CELLS; n++) {
        result |= (uint64_t)cell(x, n) << 4 * to[n];
    }
    return result;
}

static const uint8_t state_cells[CELLS] = { 13, 6, 11, 0, 7, 12, 1, 10, 8, 3, 14, 5, 2, 9, 4, 15 };
static uint64_t shuffle(uint64_t x) { return gather(x, state_cells); }
static uint64_t unshuffle(uint64_t x) { return scatter(x, state_cells); }

static uint64_t rotate_cells(uint64_t x, unsigned by)
{
    uint64_t kept = UINT64_C(0x1111111111111111) * (15u >> by), moved = UINT64_C(0x1111111111111111) * ((1u << by) - 1);
    return (x & kept) << by | (x >> (4 - by) & moved);
}

/* The matrix whose rows are 0, 1, 2, 1 rotated: a row is 16 bits. Its own inverse. */
static uint64_t multiply(uint64_t x)
{
    uint64_t next = x >> 16 | x << 48, opposite = x >> 32 | x << 32, last = x >> 48 | x << 16;
    return rotate_cells(next, 1) ^ rotate_cells(opposite, 2) ^ rotate_cells(last, 1);
}

/* ---- the tweak: cells move, some by a register with feedback ---- */

static const uint8_t tweak_cells[CELLS] = { 4, 5, 6, 7, 11, 2, 3, 8, 12, 13, 14, 15, 0, 1, 10, 9 };
static const uint16_t fed_back = 1 << 2 | 1 << 4 | 1 << 7 | 1 << 11 | 1 << 12 | 1 << 14 | 1 << 15;      /* of the cells as they lie afterwards */

static uint64_t next_tweak(uint64_t x)
{
    uint64_t moved = gather(x, tweak_cells), result = 0;
    for (unsigned n = 0; n < CELLS; n++) {
        unsigned c = cell(moved, n), fed = c >> 1 | ((c ^ c >> 1) & 1) << 3;
        result |= (uint64_t)(fed_back >> n & 1 ? fed : c) << 4 * n;
    }
    return result;
}

static uint64_t previous_tweak(uint64_t x)
{
    uint64_t moved = 0;
    for (unsigned n = 0; n < CELLS; n++) {
        unsigned c = cell(x, n), before = (c << 1 & 15) | ((c >> 3 ^ c) & 1);
        moved |= (uint64_t)(fed_back >> n & 1 ? before : c) << 4 * n;
    }
    return scatter(moved, tweak_cells);
}

uint64_t arm_qarma(ArmQarma which, uint64_t data, uint64_t modifier, uint64_t low, uint64_t high)
{
    const Variant *v = &variants[which];
    uint64_t key0 = high, key1 = low, middle = (key0 << 63 | key0 >> 1) ^ key0 >> 63, tweak = modifier, x = data ^ key0;
    for (unsigned i = 0; i < v->rounds; i++) {
        x ^= key1 ^ tweak ^ round_constants[i];
        x = substitute(i ? multiply(shuffle(x)) : x, v->forward);
        tweak = next_tweak(tweak);
    }
    x = substitute(multiply(shuffle(x ^ middle ^ tweak)), v->forward);
    x = multiply(shuffle(x)) ^ key1;
    x = substitute(unshuffle(x), v->back);
    x = unshuffle(multiply(x)) ^ key0 ^ tweak;
    for (unsigned i = 0; i < v->rounds; i++) {
        x = substitute(x, v->back);
        x = i + 1 < v->rounds ? unshuffle(multiply(x)) : x;
        tweak = previous_tweak(tweak);
        x ^= round_constants[v->rounds - 1 - i] ^ key1 ^ tweak ^ ALPHA;
    }
    return x ^ middle;
}
