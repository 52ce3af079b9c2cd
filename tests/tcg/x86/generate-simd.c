/*
 * Random MMX, SSE and AVX instructions from the translator's table, with prefixes, VEX and vectors of indices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "writer.h"
#include <glib.h>
#include <string.h>

/* Whether the host has a feature: what it lacks cannot be compared. */
static bool host_has(X86SimdFeature feature)
{
    switch (feature) {
    case SIMD_SSE3:
        return __builtin_cpu_supports("sse3");
    case SIMD_SSSE3:
        return __builtin_cpu_supports("ssse3");
    case SIMD_SSE41:
        return __builtin_cpu_supports("sse4.1");
    case SIMD_SSE42:
        return __builtin_cpu_supports("sse4.2");
    case SIMD_SSE4A:
        return __builtin_cpu_supports("sse4a");
    case SIMD_AES:
        return __builtin_cpu_supports("aes");
    case SIMD_PCLMUL:
        return __builtin_cpu_supports("pclmul");
    case SIMD_SHA: {
        uint32_t a, b, c, d;
        __asm__("cpuid" : "=a"(a), "=b"(b), "=c"(c), "=d"(d) : "a"(7), "c"(0));
        return b >> 29 & 1;
    }
    case SIMD_AVX:
    case SIMD_AVX_AES:
    case SIMD_AVX_PCLMUL:
        return __builtin_cpu_supports("avx");
    case SIMD_AVX2:
        return __builtin_cpu_supports("avx2");
    case SIMD_FMA:
        return __builtin_cpu_supports("fma");
    case SIMD_F16C:
        return __builtin_cpu_supports("avx2");
    case SIMD_VAES:
        return __builtin_cpu_supports("vaes");
    case SIMD_VPCLMUL:
        return __builtin_cpu_supports("vpclmulqdq");
    case SIMD_GFNI:
    case SIMD_AVX_GFNI:
        return __builtin_cpu_supports("gfni");
    default:
        return true;
    }
}

/* ---- group 15 with a memory operand ---- */

enum { GROUP15_STATE_BYTES = 576 + 256 };

static const X86Simd group15[8] = {
    { .name = "fxsave", .feature = SIMD_SSE }, { .name = "fxrstor", .feature = SIMD_SSE }, { .name = "ldmxcsr", .feature = SIMD_SSE, .vex = SIMD_AVX },
    { .name = "stmxcsr", .feature = SIMD_SSE, .vex = SIMD_AVX }, { .name = "xsave", .feature = SIMD_AVX }, { .name = "xrstor", .feature = SIMD_AVX },
};

bool simd_is_group15(const Writer *w)
{
    return w->simd >= group15 && w->simd < group15 + 8;
}

static bool pick_group15(Writer *w)
{
    w->map = X86_MAP_0F;
    w->opcode = 0xae;
    w->prefix = 0;
    w->group_reg = random_below(w->random, 6);
    w->simd = &group15[w->group_reg];
    w->in_group = true;
    w->op = &x86_opcodes[X86_MAP_0F][0xae];
    w->vex = w->simd->vex && random_chance(w->random, 30);
    w->vex_l = false;
    w->flags = X86_OP_MODRM | X86_OP_MEMORY;
    return host_has(w->vex ? w->simd->vex : w->simd->feature);
}

/* An image that can be restored, mostly; and what of a saved one does not count: pointers, the mask of MXCSR. */
static void prepare_group15(Writer *w)
{
    X86Random *r = w->random;
    X86State *s = &w->c->before;
    if (w->group_reg == 2 || w->group_reg == 3) {
        uint32_t mxcsr = random64(r) & (random_chance(r, 90) ? 0xffff : UINT32_MAX);
        w->forced_target = random_chance(r, 80) ? DATA_ADDRESS + 0x400 + random_below(r, 64) : 0;
        memcpy(s->memory + (w->forced_target ? w->forced_target - DATA_ADDRESS : 0), &mxcsr, 4);
        return;
    }
    bool xsave = w->group_reg >= 4;
    w->forced_target = DATA_ADDRESS + 0x400 + 64 * random_below(r, 16) + (random_chance(r, 95) ? 0 : 16 * random_below(r, 4) + random_below(r, 16));
    if (w->c->bits == 16) {
        w->forced_target -= DATA_ADDRESS;
    }
    unsigned at = w->forced_target & 0x1fff;
    X86State *image = g_new0(X86State, 1);
    random_simd(r, image);
    memcpy(s->memory + at, image->fx, 416);
    memset(s->memory + at + 416, 0, GROUP15_STATE_BYTES - 416);
    memcpy(s->memory + at + 576, image->ymm_high, 256);
    s->memory[at + 512] = random_chance(r, 90) ? random_below(r, 8) : random64(r) & 0x0f;
    s->memory[at + 520] = random_chance(r, 95) ? 0 : random64(r);
    g_free(image);
    if (xsave) {
        s->regs[R_EAX] = random_below(r, 8);
        s->regs[R_EDX] = 0;
        /* In all variants: the host may have more components than are compared. */
        w->c->pinned_regs |= 1u << R_EAX | 1u << R_EDX;
    }
    if (!(w->group_reg & 1)) {
        w->c->ignored_at = at + 6;
        w->c->ignored_bytes = 26;
    }
}

/* ---- picking ---- */

bool simd_pick(Writer *w, const char *only)
{
    static const uint8_t prefixes[4] = { 0, 0x66, 0xf3, 0xf2 };
    X86Random *r = w->random;
    if (random_chance(r, only ? 20 : 1) && pick_group15(w)) {
        return !only || !strcmp(only, w->simd->name);
    }
    w->map = 1 + random_below(r, 3);
    w->opcode = random_below(r, 256);
    w->prefix = prefixes[random_below(r, 4)];
    w->vex = random_chance(r, 50);
    w->vex_l = w->vex && random_chance(r, 50);
    w->simd = x86_simd_lookup(w->map, w->prefix, w->opcode, w->vex, &w->mmx);
    w->op = &x86_opcodes[w->map][w->opcode];
    if (!w->simd || (only && strcmp(only, w->simd->name))) {
        return false;
    }
    /* In 32-bit and 16-bit code the addresses of a gather are 32 bits wide at least. */
    w->flags = w->op->flags | (w->simd->flags & SIMD_MEMORY ? X86_OP_MEMORY : 0) | (w->simd->flags & SIMD_REGISTER ? X86_OP_REGISTER : 0);
    w->vsib = w->map == X86_MAP_0F38 && (w->opcode & 0xfc) == 0x90;
    X86SimdFeature feature = w->vex ? w->simd->vex : w->mmx ? w->simd->mmx : w->simd->feature;
    if (w->vex_l && (w->simd->flags & SIMD_INT256)) {
        feature = feature == SIMD_AVX_AES ? SIMD_VAES : feature == SIMD_AVX_PCLMUL ? SIMD_VPCLMUL : feature;
    }
    return host_has(feature) && !(w->vsib && w->c->bits == 16);
}

static void put_vex(Writer *w)
{
    X86Random *r = w->random;
    bool code64 = w->c->bits == 64;
    unsigned flags = w->simd->flags, v = (flags & SIMD_NO_V) && (w->valid || random_chance(r, 95)) ? 15 : random_below(r, 16);
    unsigned pp = w->prefix == 0x66 ? 1 : w->prefix == 0xf3 ? 2 : w->prefix == 0xf2 ? 3 : 0;
    bool moves_scalar = w->simd->translate == simd_movs || w->simd->translate == simd_movs_store;
    if (moves_scalar && (w->valid || random_chance(r, 50))) {
        v = 15;
    }
    if ((flags & (SIMD_L0 | SIMD_L1)) && (w->valid || random_chance(r, 95))) {
        w->vex_l = flags & SIMD_L1;
    }
    /* Not all processors look at W where it has to be so. */
    if (flags & (SIMD_W0 | SIMD_W1)) {
        w->rex = (w->rex & 7) | (flags & SIMD_W1 ? 8 : 0);
    }
    if (!code64) {
        w->rex &= 8;
        v |= 8;
    }
    unsigned last = v << 3 | w->vex_l << 2 | pp;
    if (w->map == X86_MAP_0F && !(w->rex & 11) && random_chance(r, 50)) {
        writer_put(w, 0xc5, 1);
        writer_put(w, (w->rex & 4 ? 0 : 0x80) | last, 1);
    } else {
        writer_put(w, 0xc4, 1);
        writer_put(w, (~w->rex & 7) << 5 | w->map, 1);
        writer_put(w, (w->rex & 8 ? 0x80 : 0) | last, 1);
    }
    w->operand_bytes = 4;
}

void simd_put_head(Writer *w)
{
    static const uint8_t escapes[4] = { 0, 0, 0x38, 0x3a };
    X86Random *r = w->random;
    if (random_chance(r, 8) && w->c->bits == 64 && !w->no_67) {
        writer_put(w, 0x67, 1);
        w->has_67 = true;
    }
    if (w->vex) {
        put_vex(w);
        return;
    }
    if (w->prefix == 0xf3 || w->prefix == 0xf2 ? random_chance(r, 5) : w->prefix == 0x66) {
        writer_put(w, 0x66, 1);
        w->has_66 = true;
    }
    if (w->prefix > 0x66) {
        writer_put(w, w->prefix, 1);
    }
    if (w->rex) {
        writer_put(w, w->rex, 1);
    }
    writer_put(w, 0x0f, 1);
    if (escapes[w->map]) {
        writer_put(w, escapes[w->map], 1);
    }
    w->operand_bytes = w->rex & 8 ? 8 : w->has_66 ? 2 : 4;
}

void simd_put_vsib(Writer *w, unsigned reg)
{
    X86Random *r = w->random;
    X86State *s = &w->c->before;
    unsigned base = random_below(r, 8), index = random_below(r, 8), scale = random_below(r, 4), whole = index | (w->rex & 2) << 2;
    while (base == 4 || base == 5) {
        base = random_below(r, 8);
    }
    writer_put(w, 0x40 | reg << 3 | 4, 1);
    writer_put(w, scale << 6 | index << 3 | base, 1);
    writer_put(w, random64(r), 1);
    s->regs[base | (w->rex & 1) << 3] = DATA_ADDRESS + 0x1000;
    bool wide = w->opcode & 1;
    for (unsigned i = 0; i < 32; i += wide ? 8 : 4) {
        int64_t value = (int64_t)random_below(r, 200) - 100;
        memcpy((i < 16 ? s->fx + 160 + 16 * whole : s->ymm_high[whole]) + i % 16, &value, wide ? 8 : 4);
    }
}

void simd_prepare(Writer *w, bool memory, unsigned reg)
{
    X86Random *r = w->random;
    X86State *s = &w->c->before;
    if (simd_is_group15(w)) {
        prepare_group15(w);
        return;
    }
    if (w->simd->translate == simd_maskmov_bytes) {
        s->regs[R_EDI] = writer_target(w);
    }
    if (w->simd->translate == simd_string_compare) {
        s->regs[R_EAX] = random_chance(r, 70) ? (uint64_t)((int64_t)random_below(r, 40) - 20) : s->regs[R_EAX];
        s->regs[R_EDX] = random_chance(r, 70) ? (uint64_t)((int64_t)random_below(r, 40) - 20) : s->regs[R_EDX];
        /* Bytes that are often equal and sometimes 0. */
        for (unsigned i = 0; i < 256 && random_chance(r, 90); i++) {
            s->fx[160 + i] = random_below(r, 5) * (random_chance(r, 90) ? 1 : 0x41);
        }
        for (unsigned i = 0; i < DATA_WRITABLE; i++) {
            s->memory[i] = random_below(r, 5);
        }
    }
}

/* Images have to lie where they are expected, and not over the end of 4 GiB. XSAVE where the address has taken the place of the mask would save components that only one side has. */
bool simd_accept(const Writer *w)
{
    if (simd_is_group15(w) && (!w->target || w->has_67)) {
        return false;
    }
    return !simd_is_group15(w) || w->group_reg < 4 || (w->c->before.regs[R_EAX] < 8 && w->c->before.regs[R_EDX] == 0);
}

/* ---- sequences ---- */

/* Registers and [R15 + n]; R15 itself is never written. */
static void put_operands(Writer *w, bool memory, unsigned reg)
{
    X86Random *r = w->random;
    unsigned rm = memory ? 7 : random_below(r, 7);
    writer_put(w, (memory ? 0x40 : 0xc0) | reg << 3 | rm, 1);
    if (memory) {
        writer_put(w, random_below(r, 8) * 16 + (random_chance(r, 10) ? random_below(r, 16) : 0), 1);
    }
}

static void put_simd(Writer *w)
{
    X86Random *r = w->random;
    do {
        w->has_66 = w->has_67 = false;
    } while (!simd_pick(w, NULL) || simd_is_group15(w) || w->vsib || w->simd->translate == simd_maskmov_bytes || w->simd->translate == simd_dot);
    /* Which NaN a dot product ends with: processors.c. SHA: see test-x86-insns.c. */
    bool sha = w->simd->feature == SIMD_SHA;
    bool memory = !sha && ((w->flags & X86_OP_MEMORY) || (!(w->flags & X86_OP_REGISTER) && random_chance(r, 30)));
    w->rex = memory ? 0x41 | (random64(r) & 8) : random_chance(r, 50) ? 0x40 | (random64(r) & 8) : 0;
    simd_put_head(w);
    writer_put(w, w->opcode, 1);
    if (w->flags & X86_OP_MODRM) {
        put_operands(w, memory, random_below(r, 7));
    }
    writer_put(w, random64(r), w->flags & X86_OP_IMM_2B ? 2 : w->flags & X86_OP_IMM_UB ? 1 : 0);
}

void simd_put_x87(Writer *w)
{
    X86Random *r = w->random;
    bool memory = random_chance(r, 40);
    unsigned opcode = 0xd8 + random_below(r, 8), reg = random_below(r, 8);
    /* Not the images, nor what replaces the control word. */
    if (memory && (opcode == 0xd9 || opcode == 0xdd) && reg >= 4) {
        reg &= 3;
    }
    if (!memory && opcode == 0xdb && reg >= 4) {
        reg = 0;
    }
    if (!memory && opcode == 0xdf && reg >= 4) {
        reg = 3;
    }
    if (memory) {
        writer_put(w, 0x41, 1);
    }
    writer_put(w, opcode, 1);
    put_operands(w, memory, reg);
}

void simd_put_one(Writer *w)
{
    if (random_chance(w->random, 25)) {
        simd_put_x87(w);
    } else {
        put_simd(w);
    }
}

void simd_put_sequence(Writer *w)
{
    X86Random *r = w->random;
    unsigned x87 = random_chance(r, 30) ? 30 : 0;
    for (unsigned n = 2 + random_below(r, 12); n && w->position < sizeof(w->c->code) - 32; n--) {
        if (random_chance(r, x87)) {
            simd_put_x87(w);
        } else {
            put_simd(w);
        }
    }
}
