/*
 * Random states of the x87 and of the vector registers: numbers at which they differ from each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "case.h"
#include <glib.h>
#include <string.h>

/* ---- the x87's state ---- */

static uint64_t interesting_mantissa(X86Random *r)
{
    static const uint64_t some[] = { 0, 1, UINT64_C(1) << 63, UINT64_C(3) << 62, UINT64_MAX, UINT64_C(0xffffffff80000000), UINT64_C(0xfffffffffffffc00) };
    return random_chance(r, 60) ? random64(r) | UINT64_C(1) << 63 : random_chance(r, 60) ? some[random_below(r, G_N_ELEMENTS(some))] : random_interesting(r);
}

static unsigned interesting_exponent(X86Random *r)
{
    static const uint16_t some[] = { 0, 1, 2, 0x3fff, 0x4000, 0x3ffe, 0x403e, 0x7ffe, 0x7fff, 0x3f81, 0x3f80, 0x3c01, 0x3c00, 0x407e, 0x43fe };
    return random_chance(r, 60) ? 0x3fff - 40 + random_below(r, 80) : random_chance(r, 60) ? some[random_below(r, G_N_ELEMENTS(some))] : random_below(r, 0x8000);
}

void random_x87_registers(X86Random *r, uint8_t *registers)
{
    for (unsigned i = 0; i < 128; i += 16) {
        uint64_t mantissa = interesting_mantissa(r);
        uint16_t top = interesting_exponent(r) | (random64(r) & 0x8000);
        memcpy(registers + i, &mantissa, 8);
        memcpy(registers + i + 8, &top, 2);
    }
}

void random_x87(X86Random *r, X86State *s)
{
    uint16_t control = 0x40 | (random_chance(r, 80) ? 0x3f : random_below(r, 64)) | (random_chance(r, 60) ? 0x300 : random_below(r, 16) << 8);
    uint16_t status = random64(r) & 0x4700;
    status |= random_chance(r, 50) ? 0 : random64(r) & 0x3f & (random_chance(r, 90) ? control : 0x3f);
    status |= status & ~control & 0x3f ? 0x8080 : 0;
    status |= random_below(r, 8) << 11;
    memcpy(s->fx, &control, 2);
    memcpy(s->fx + 2, &status, 2);
    s->fx[4] = random_chance(r, 70) ? 0xff & ~(1 << ((status >> 11) + 7) % 8) : random64(r);
    random_x87_registers(r, s->fx + 32);
    /* Memory that is not only noise as numbers. */
    for (unsigned i = 0; i < DATA_WRITABLE; i += 16) {
        double d = (double)(int64_t)random64(r) / (double)(1 + (random64(r) >> (random64(r) & 63)));
        float f[2] = { (float)d, (float)(random64(r) >> (random64(r) & 63)) };
        if (random_chance(r, 60)) {
            memcpy(s->memory + i, random_chance(r, 50) ? (void *)&d : (void *)f, 8);
        }
    }
}

/* ---- vectors ---- */

uint32_t random_float(X86Random *r)
{
    static const uint32_t some[] = { 0, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000, 0xffc00001, 0x7f800001, 0xff812345, 0x00000001, 0x807fffff,
                                     0x00800000, 0x7f7fffff, 0x4f000000, 0xcf000000, 0x4effffff, 0x4b000001, 0x3f000000, 0x34000000 };
    unsigned kind = random_below(r, 100);
    if (kind < 55) {
        return (random64(r) & 0x807fffff) | (127 - 20 + random_below(r, 48)) << 23;
    }
    return kind < 85 ? some[random_below(r, G_N_ELEMENTS(some))] : random64(r);
}

uint64_t random_double(X86Random *r)
{
    static const uint64_t some[] = {
        0, UINT64_C(1) << 63, UINT64_C(0x3ff) << 52, UINT64_C(0xbff) << 52, UINT64_C(0x7ff) << 52, UINT64_C(0xfff) << 52, UINT64_C(0x7ff8000000000000),
        UINT64_C(0xfff8000000000001), UINT64_C(0x7ff0000000000001), UINT64_C(0xfff0000000012345), 1, UINT64_C(0x800fffffffffffff), UINT64_C(1) << 52,
        UINT64_C(0x7fefffffffffffff), UINT64_C(0x41e0000000000000), UINT64_C(0xc1e0000000000000), UINT64_C(0x41dfffffffc00000), UINT64_C(0x43e0000000000000),
        UINT64_C(0x3fe0000000000000), UINT64_C(0x380fffffffffffff), UINT64_C(0x47efffffffffffff), UINT64_C(0x36a0000000000001),
    };
    unsigned kind = random_below(r, 100);
    if (kind < 55) {
        return (random64(r) & UINT64_C(0x800fffffffffffff)) | (uint64_t)(1023 - 40 + random_below(r, 100)) << 52;
    }
    return kind < 85 ? some[random_below(r, G_N_ELEMENTS(some))] : random64(r);
}

static void random_vector(X86Random *r, uint8_t *bytes, unsigned n, unsigned kind)
{
    for (unsigned i = 0; i < n; i += 8) {
        uint64_t v = kind == 0 ? random64(r) : kind == 1 ? random_interesting(r) : kind == 2 ? random_double(r)
            : random_float(r) | (uint64_t)random_float(r) << 32;
        memcpy(bytes + i, &v, 8);
    }
}

void random_simd(X86Random *r, X86State *s)
{
    random_x87(r, s);
    for (unsigned i = 0; i < 16; i++) {
        unsigned kind = random_below(r, 4);
        random_vector(r, s->fx + 160 + 16 * i, 16, kind);
        random_vector(r, s->ymm_high[i], 16, kind);
    }
    for (unsigned i = 0; i < DATA_WRITABLE; i += 32) {
        random_vector(r, s->memory + i, 32, random_below(r, 4));
    }
    if (random_chance(r, 60)) {
        /* Nothing is empty or pending: MMX is itself then. */
        s->fx[0] = 0x7f;
        s->fx[2] &= 0x7f;
        s->fx[3] &= 0x7f;
    }
    uint32_t mxcsr = random_chance(r, 85) ? 0x1f80 : random64(r) & 0x1f80;
    mxcsr |= random_chance(r, 60) ? 0 : random64(r) & 0x6000;
    mxcsr |= random_chance(r, 75) ? 0 : random64(r) & 0x8040;
    mxcsr |= random_chance(r, 70) ? 0 : random64(r) & 0x3f;
    memcpy(s->fx + 24, &mxcsr, 4);
}
