/*
 * Random states around a case's own, weighted towards the numbers and addresses at which instructions go wrong; and the window of memory that they run on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "states.h"
#include "target/i386/cpu.h"
#include <string.h>

/* ---- numbers ---- */

enum { POOL = 4096 };

/* Drawn once: a state takes five of them for one random number. */
static struct { uint64_t integers[POOL], floats[POOL], doubles[POOL]; bool filled; } pool;

static void fill_pool(void)
{
    X86Random r = { 1 };
    for (unsigned i = 0; i < POOL; i++) {
        pool.integers[i] = i % 8 == 0 ? 0 : i % 8 == 1 ? UINT64_MAX : random_interesting(&r);
        pool.floats[i] = random_float(&r) | (uint64_t)random_float(&r) << 32;
        pool.doubles[i] = random_double(&r);
    }
    pool.filled = true;
}

/* n bytes, a multiple of 8, of one kind: noise, integers, floats, doubles. */
static void fill(X86Random *r, uint8_t *bytes, unsigned n, unsigned kind)
{
    const uint64_t *from = kind == 1 ? pool.integers : kind == 2 ? pool.floats : pool.doubles;
    uint64_t bits = 0;
    for (unsigned i = 0; i < n; i += 8) {
        if (i % 40 == 0) {
            bits = random64(r);
        }
        uint64_t v = kind == 0 ? random64(r) : from[bits % POOL];
        bits >>= 12;
        memcpy(bytes + i, &v, 8);
    }
}

/* ---- a variant ---- */

static void vary_registers(X86Random *r, const X86Case *c, X86Variant *v)
{
    uint64_t bits = random64(r);
    for (unsigned i = 0; i < 16; i++, bits >>= 4) {
        if (c->pinned_regs >> i & 1) {
            continue;
        }
        /* One in four stays; the rest is noise or of the pool, sometimes equal to another one. */
        unsigned kind = bits & 15;
        v->regs[i] = kind < 4 ? v->regs[i] : kind < 8 ? random64(r) : kind == 8 ? v->regs[random64(r) & 3] : pool.integers[random64(r) % POOL];
    }
    v->eflags = random64(r) & (CC_ALL | (random_chance(r, 30) ? DF_MASK : 0));
}

/* Where R15 points in a sequence: mostly well inside and aligned, now and then at the edges of what can be written, read, at all. */
static uint64_t base_address(X86Random *r)
{
    static const struct { uint32_t at, below; } edges[] = { { 0x1000, 128 }, { 0x1000, 128 }, { 0x1000, 128 }, { 0x2000, 128 }, { 0x3000, 128 }, { 0, 128 } };
    unsigned kind = random_below(r, 100);
    if (kind < 92) {
        return DATA_ADDRESS + 0x800;
    }
    if (kind < 95) {
        return DATA_ADDRESS + 0x800 + random_below(r, 64);
    }
    if (kind == 99 && random_chance(r, 30)) {
        return random_chance(r, 50) ? UINT64_C(0x8000000000000000) | DATA_ADDRESS : random64(r) & 0xfff;
    }
    unsigned i = random_below(r, sizeof(edges) / sizeof(edges[0]));
    return DATA_ADDRESS + edges[i].at - random_below(r, edges[i].below);
}

static void vary_bases(X86Random *r, const X86Case *c, X86Variant *v)
{
    if (!c->flow) {
        return;
    }
    if (!(c->pinned_regs >> 15 & 1)) {
        v->regs[15] = base_address(r);
    }
    /* R12 is R15 by way of FS. */
    v->regs[12] = v->regs[15] - c->fs_base;
    unsigned kind = random_below(r, 100);
    v->regs[R_ESP] = DATA_ADDRESS + (kind == 0 ? 0x2000 + 8 * random_below(r, 4) : kind == 1 ? 8 * random_below(r, 4) : 0x1800 + 8 * random_below(r, 16));
    v->regs[R_ESP] += kind == 2 ? random_below(r, 8) : 0;
}

static void vary_x87(X86Random *r, X86Variant *v)
{
    unsigned kind = random_below(r, 100);
    if (kind < 50) {
        random_x87_registers(r, v->image + 32);
        v->image[4] = random_chance(r, 60) ? random64(r) : v->image[4];
    }
    if (kind < 25) {
        /* TOP and the conditions. */
        v->image[3] = (v->image[3] & 0x80) | (random64(r) & 0x7f);
    }
    if (kind < 12) {
        /* Rounding and precision; an exception that is not masked is another translation. */
        v->image[1] = (v->image[1] & 0xf0) | random_below(r, 16);
        v->image[0] = 0x40 | (random_chance(r, 90) ? 0x3f : random64(r) & 0x3f);
    }
    unsigned pending = v->image[2] & ~v->image[0] & 0x3f;
    v->image[2] = (v->image[2] & 0x7f) | (pending ? 0x80 : 0);
    v->image[3] = (v->image[3] & 0x7f) | (pending ? 0x80 : 0);
}

static void vary_vectors(X86Random *r, const X86Case *c, X86Variant *v)
{
    uint64_t bits = random64(r);
    for (unsigned i = 0; i < 16; i++, bits >>= 4) {
        unsigned kind = bits & 3;
        if (!(c->pinned_vectors >> i & 1) && (bits & 12)) {
            fill(r, v->image + 160 + 16 * i, 16, kind);
            fill(r, v->image + XSAVE_YMM_AT + 16 * i, 16, kind);
        }
    }
    uint32_t mxcsr;
    memcpy(&mxcsr, v->image + 24, 4);
    unsigned kind = random_below(r, 100);
    mxcsr = kind < 30 ? (mxcsr & ~0xe040u) | (random64(r) & 0xe040) : mxcsr;
    mxcsr = kind < 60 ? (mxcsr & ~0x3fu) | (random64(r) & 0x3f) : mxcsr;
    mxcsr = kind >= 99 ? (mxcsr & ~0x1f80u) | (random64(r) & 0x1f80) : mxcsr;
    memcpy(v->image + 24, &mxcsr, 4);
}

void variant_make(X86Random *r, const X86Case *c, X86Variant *v)
{
    if (!pool.filled) {
        fill_pool();
    }
    static const uint64_t present = 7;
    memcpy(v->image, c->before.fx, 416);
    memset(v->image + 416, 0, XSAVE_YMM_AT - 416);
    memcpy(v->image + XSAVE_HEADER_AT, &present, 8);
    memcpy(v->image + XSAVE_YMM_AT, c->before.ymm_high, 256);
    memcpy(v->regs, c->before.regs, sizeof(v->regs));
    vary_registers(r, c, v);
    vary_bases(r, c, v);
    vary_x87(r, v);
    vary_vectors(r, c, v);
    v->hot_at = c->hot_at;
    memcpy(v->hot, c->before.memory + v->hot_at, HOT_BYTES);
    for (unsigned i = 0; !c->pinned_memory && i < HOT_BYTES; i += 32) {
        unsigned kind = random_below(r, 5);
        if (kind < 4) {
            fill(r, v->hot + i, 32, kind);
        }
    }
}

void variant_expand(const X86Case *c, const X86Variant *v, X86Case *whole)
{
    *whole = *c;
    X86State *s = &whole->before;
    memcpy(s->fx, v->image, 512);
    memcpy(s->ymm_high, v->image + XSAVE_YMM_AT, 256);
    memcpy(s->regs, v->regs, sizeof(s->regs));
    memcpy(s->memory + v->hot_at, v->hot, HOT_BYTES);
    s->eflags = v->eflags;
}

/* ---- the window ---- */

static uint8_t *live(void)
{
    return (uint8_t *)(uintptr_t)DATA_ADDRESS;
}

void window_begin(StateWindow *w, const X86Case *c)
{
    w->c = c;
    memcpy(w->before, c->before.memory, DATA_WRITABLE);
    memcpy(live(), c->before.memory, DATA_WRITABLE);
}

void window_load(StateWindow *w, const X86Variant *v)
{
    memcpy(w->before + v->hot_at, v->hot, HOT_BYTES);
    memcpy(live() + v->hot_at, v->hot, HOT_BYTES);
}

/* A bit a line that differs, of 64. */
__attribute__((target_clones("avx2", "default"))) static uint64_t lines_that_differ(const uint8_t *a, const uint8_t *b)
{
    typedef long long Vector __attribute__((vector_size(32)));
    const Vector *x = (const Vector *)a, *y = (const Vector *)b;
    uint64_t lines = 0;
    for (unsigned i = 0; i < 64; i++) {
        Vector d = (x[2 * i] ^ y[2 * i]) | (x[2 * i + 1] ^ y[2 * i + 1]);
        lines |= (uint64_t)((d[0] | d[1] | d[2] | d[3]) != 0) << i;
    }
    return lines;
}

static uint64_t hash_line(uint64_t hash, const uint8_t *line)
{
    uint64_t words[LINE_BYTES / 8];
    memcpy(words, line, LINE_BYTES);
    for (unsigned i = 0; i < LINE_BYTES / 8; i++) {
        hash = (hash ^ words[i]) * UINT64_C(0x9e3779b97f4a7c15);
        hash ^= hash >> 32;
    }
    return hash;
}

void window_scan(const StateWindow *w, X86Outcome *o)
{
    uint8_t *now = live();
    if (w->c->ignored_bytes) {
        /* As if it had not been written. */
        unsigned bytes = w->c->ignored_at < DATA_WRITABLE ? DATA_WRITABLE - w->c->ignored_at : 0;
        memcpy(now + w->c->ignored_at, w->before + w->c->ignored_at, w->c->ignored_bytes < bytes ? w->c->ignored_bytes : bytes);
    }
    o->hash = 0;
    for (unsigned word = 0; word < NR_LINES / 64; word++) {
        o->changed[word] = lines_that_differ(now + word * 64 * LINE_BYTES, w->before + word * 64 * LINE_BYTES);
        for (uint64_t left = o->changed[word]; left; left &= left - 1) {
            unsigned at = (word * 64 + __builtin_ctzll(left)) * LINE_BYTES;
            o->hash = hash_line(o->hash + at, now + at);
        }
    }
}

void window_restore(const StateWindow *w, const X86Outcome *o)
{
    for (unsigned word = 0; word < NR_LINES / 64; word++) {
        for (uint64_t left = o->changed[word]; left; left &= left - 1) {
            unsigned at = (word * 64 + __builtin_ctzll(left)) * LINE_BYTES;
            memcpy(live() + at, w->before + at, LINE_BYTES);
        }
    }
}
