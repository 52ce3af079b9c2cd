/*
 * Helpers of SSE: unmasked exceptions, masked stores, bit fields of SSE4A, string comparison, SHA.
 *
 * Intel SDM volume 1, 11.5 (exceptions); volume 2, 4.1 (PCMPxSTRx) and the SHA instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/internal.h"
#include <string.h>

/* ---- exceptions that are not masked ---- */

enum { MXCSR_UNDERFLOW = 0x10, PRE_COMPUTATION = 0x07 };        /* invalid, denormal, divide by zero: found before anything is computed */

static void begin(X86Cpu *cpu)
{
    x86_collect_mxcsr(cpu);
    x86_set_host_mxcsr(x86_host_mxcsr() & ~MXCSR_FLAGS);
}

/* A lane that is tiny. */
static bool has_tiny(const void *value, unsigned bytes, unsigned lane_log2)
{
    static const uint64_t magnitudes[4] = { 0, 0x7fff, 0x7fffffff, INT64_MAX }, normals[4] = { 0, 0x400, 0x800000, UINT64_C(1) << 52 };
    for (unsigned i = 0; i < bytes && lane_log2; i += 1u << lane_log2) {
        uint64_t lane = 0;
        memcpy(&lane, (const uint8_t *)value + i, 1u << lane_log2);
        lane &= magnitudes[lane_log2];
        if (lane && lane < normals[lane_log2]) {
            return true;
        }
    }
    return false;
}

/* Where underflow is not masked, a tiny result counts though it be exact; the host, which has it masked, does not tell of it. */
static void end(X86Cpu *cpu, const void *value, unsigned bytes, unsigned lane_log2)
{
    uint32_t flags = x86_host_mxcsr() & MXCSR_FLAGS;
    flags |= !(cpu->mxcsr & MXCSR_UNDERFLOW << 7) && has_tiny(value, bytes, lane_log2) ? MXCSR_UNDERFLOW : 0;
    uint32_t unmasked = flags & ~(cpu->mxcsr >> 7);
    if (unmasked & PRE_COMPUTATION) {
        flags &= PRE_COMPUTATION;
    }
    x86_load_mxcsr(cpu, cpu->mxcsr | flags);
    if (unmasked) {
        x86_raise(cpu, cpu->cr[4] & CR4_OSXMMEXCPT ? EXCP_XM : EXCP_UD);
    }
}

static uint64_t x86_helper_simd_begin(Cpu *c, uint64_t value)
{
    begin(X86_CPU(c));
    return value;
}

static void x86_helper_simd_begin128(Cpu *c, X86Vector *r, const X86Vector *x)
{
    begin(X86_CPU(c));
    memcpy(r, x, 16);
}

static void x86_helper_simd_begin256(Cpu *c, X86Vector *r, const X86Vector *x)
{
    begin(X86_CPU(c));
    memcpy(r, x, 32);
}

static uint64_t x86_helper_simd_end(Cpu *c, uint64_t value, uint32_t lane_log2)
{
    end(X86_CPU(c), &value, 1u << lane_log2, lane_log2);
    return value;
}

static void x86_helper_simd_end128(Cpu *c, X86Vector *r, const X86Vector *x, uint32_t lane_log2)
{
    end(X86_CPU(c), x, 16, lane_log2);
    memcpy(r, x, 16);
}

static void x86_helper_simd_end256(Cpu *c, X86Vector *r, const X86Vector *x, uint32_t lane_log2)
{
    end(X86_CPU(c), x, 32, lane_log2);
    memcpy(r, x, 32);
}

/* ---- masked stores, fields ---- */

static void x86_helper_simd_mask_store(Cpu *c, uint64_t address, const X86Vector *data, const X86Vector *mask, uint32_t bytes)
{
    unsigned priv = x86_priv(X86_CPU(c));
    unsigned first = bytes, last = 0;
    for (unsigned i = 0; i < bytes; i++) {
        if (mask->b[i] & 0x80) {
            first = MIN(first, i);
            last = i;
        }
    }
    if (first == bytes) {
        return;
    }
    x86_or_leave(X86_CPU(c), tcg_probe(c, address + first, last - first + 1, TCG_ACCESS_STORE, priv));
    for (unsigned i = first; i <= last; i++) {
        if (mask->b[i] & 0x80) {
            tcg_store_or_leave(c, address + i, 1, priv, data->b[i]);
        }
    }
}

static uint64_t field_mask(uint32_t field)
{
    return MAKE_MASK(0, (field & 63) ? field & 63 : 64);
}

static uint64_t x86_helper_simd_extract_field(Cpu *c, uint64_t x, uint32_t field)
{
    return x >> (field >> 8 & 63) & field_mask(field);
}

static uint64_t x86_helper_simd_insert_field(Cpu *c, uint64_t x, uint64_t y, uint32_t field)
{
    unsigned index = field >> 8 & 63;
    uint64_t mask = field_mask(field);
    return (x & ~(mask << index)) | (y & mask) << index;
}

/* ---- PCMPESTRI and kin ---- */

/* imm: bit 0 words, bit 1 signed, bits 2 and 3 the aggregation, 4 and 5 the polarity, 6 the most significant index. */
enum { STR_WORDS = 1, STR_SIGNED = 2, STR_MASKED = 0x20, STR_NEGATIVE = 0x10, STR_LAST = 0x40, STR_ANY = 0, STR_RANGES, STR_EACH, STR_ORDERED };

static int element(const X86Vector *v, unsigned i, uint32_t imm)
{
    if (imm & STR_WORDS) {
        return imm & STR_SIGNED ? (int16_t)v->w[i] : v->w[i];
    }
    return imm & STR_SIGNED ? (int8_t)v->b[i] : v->b[i];
}

static bool aggregate(const X86Vector *a, const X86Vector *b, unsigned la, unsigned lb, unsigned i, uint32_t imm)
{
    unsigned n = imm & STR_WORDS ? 8 : 16;
    switch (imm >> 2 & 3) {
    case STR_ANY:
        for (unsigned j = 0; i < lb && j < la; j++) {
            if (element(a, j, imm) == element(b, i, imm)) {
                return true;
            }
        }
        return false;
    case STR_RANGES:
        for (unsigned j = 0; i < lb && j + 1 < la; j += 2) {
            if (element(a, j, imm) <= element(b, i, imm) && element(b, i, imm) <= element(a, j + 1, imm)) {
                return true;
            }
        }
        return false;
    case STR_EACH:
        return i < la && i < lb ? element(a, i, imm) == element(b, i, imm) : i >= la && i >= lb;
    default:
        for (unsigned j = 0; j < la && i + j < n; j++) {
            if (i + j >= lb || element(a, j, imm) != element(b, i + j, imm)) {
                return false;
            }
        }
        return true;
    }
}

static uint64_t x86_helper_simd_string(Cpu *c, const X86Vector *a, const X86Vector *b, uint32_t imm, uint64_t la, uint64_t lb)
{
    unsigned n = imm & STR_WORDS ? 8 : 16, index = n;
    uint32_t mask = 0, all = MAKE_MASK(0, n);
    for (unsigned i = 0; i < n; i++) {
        mask |= aggregate(a, b, la, lb, i, imm) << i;
    }
    if (imm & STR_NEGATIVE) {
        mask ^= imm & STR_MASKED ? MAKE_MASK(0, lb) & all : all;
    }
    if (mask) {
        index = imm & STR_LAST ? 31 - (unsigned)__builtin_clz(mask) : (unsigned)__builtin_ctz(mask);
    }
    uint64_t flags = (mask ? CC_C : 0) | (lb < n ? CC_Z : 0) | (la < n ? CC_S : 0) | (mask & 1 ? CC_O : 0);
    return mask | index << 16 | flags << 32;
}

static void x86_helper_simd_string_mask(Cpu *c, X86Vector *r, uint32_t mask, uint32_t words)
{
    for (unsigned i = 0; i < 16; i++) {
        r->b[i] = mask >> (words ? i / 2 : i) & 1 ? 0xff : 0;
    }
}

/* ---- SHA ---- */

static uint32_t rotate(uint32_t x, unsigned n)
{
    return x << n | x >> (32 - n);
}

static uint32_t sha1_function(uint32_t b, uint32_t c, uint32_t d, unsigned which)
{
    switch (which) {
    case 0:
        return (b & c) ^ (~b & d);
    case 2:
        return (b & c) ^ (b & d) ^ (c & d);
    default:
        return b ^ c ^ d;
    }
}

static void sha1_rounds(X86Vector *r, const X86Vector *x, const X86Vector *y, unsigned which)
{
    static const uint32_t constants[4] = { 0x5a827999, 0x6ed9eba1, 0x8f1bbcdc, 0xca62c1d6 };
    uint32_t a = x->d[3], b = x->d[2], c = x->d[1], d = x->d[0], e = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t next = sha1_function(b, c, d, which) + rotate(a, 5) + y->d[3 - i] + e + constants[which];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    *r = (X86Vector){ .d = { d, c, b, a } };
}

static void sha1_schedule(X86Vector *r, const X86Vector *x, const X86Vector *y)
{
    uint32_t w16 = rotate(x->d[3] ^ y->d[2], 1), w17 = rotate(x->d[2] ^ y->d[1], 1), w18 = rotate(x->d[1] ^ y->d[0], 1);
    *r = (X86Vector){ .d = { rotate(x->d[0] ^ w16, 1), w18, w17, w16 } };
}

static uint32_t sigma0(uint32_t x)
{
    return rotate(x, 25) ^ rotate(x, 14) ^ x >> 3;
}

static uint32_t sigma1(uint32_t x)
{
    return rotate(x, 15) ^ rotate(x, 13) ^ x >> 10;
}

static void sha256_rounds(X86Vector *r, const X86Vector *x, const X86Vector *y, const X86Vector *wk)
{
    uint32_t a = y->d[3], b = y->d[2], c = x->d[3], d = x->d[2], e = y->d[1], f = y->d[0], g = x->d[1], h = x->d[0];
    for (int i = 0; i < 2; i++) {
        uint32_t t1 = h + (rotate(e, 26) ^ rotate(e, 21) ^ rotate(e, 7)) + ((e & f) ^ (~e & g)) + wk->d[i];
        uint32_t t2 = (rotate(a, 30) ^ rotate(a, 19) ^ rotate(a, 10)) + ((a & b) ^ (a & c) ^ (b & c));
        h = g;
        g = f;
        f = e;
        e = d + t1;
        d = c;
        c = b;
        b = a;
        a = t1 + t2;
    }
    *r = (X86Vector){ .d = { f, e, b, a } };
}

static void x86_helper_simd_sha(Cpu *c, X86Vector *r, const X86Vector *x, const X86Vector *y, const X86Vector *wk, uint32_t which, uint32_t imm)
{
    X86Vector out;
    switch (which) {
    case X86_SHA1_NEXTE:
        out = (X86Vector){ .d = { y->d[0], y->d[1], y->d[2], y->d[3] + rotate(x->d[3], 30) } };
        break;
    case X86_SHA1_MSG1:
        out = (X86Vector){ .d = { y->d[2] ^ x->d[0], y->d[3] ^ x->d[1], x->d[0] ^ x->d[2], x->d[1] ^ x->d[3] } };
        break;
    case X86_SHA1_MSG2:
        sha1_schedule(&out, x, y);
        break;
    case X86_SHA256_RNDS2:
        sha256_rounds(&out, x, y, wk);
        break;
    case X86_SHA256_MSG1:
        out = (X86Vector){ .d = { x->d[0] + sigma0(x->d[1]), x->d[1] + sigma0(x->d[2]), x->d[2] + sigma0(x->d[3]), x->d[3] + sigma0(y->d[0]) } };
        break;
    case X86_SHA256_MSG2: {
        uint32_t w16 = x->d[0] + sigma1(y->d[2]), w17 = x->d[1] + sigma1(y->d[3]);
        out = (X86Vector){ .d = { w16, w17, x->d[2] + sigma1(w16), x->d[3] + sigma1(w17) } };
        break;
    }
    default:
        sha1_rounds(&out, x, y, imm & 3);
        break;
    }
    memcpy(r, &out, 16);
}

#define SIMD_SSE SIMD_DEFINE
#define SIMD_STATE(...)
#define SIMD_AVX(...)
#define SIMD_3DNOW(...)
#include "target/i386/tcg/helpers-simd.def"
