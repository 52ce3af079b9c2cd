/*
 * Helpers of AVX, AVX2 and F16C: masked moves, gathers, half precision.
 *
 * Intel SDM volume 2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers-simd.h"
#include "target/i386/tcg/mode.h"
#include "target/i386/internal.h"
#include <string.h>
#ifdef __x86_64__
#include <immintrin.h>
#endif

/* ---- masked moves ---- */

static bool is_selected(const X86Vector *mask, unsigned log2, unsigned i)
{
    return log2 == 3 ? mask->q[i] >> 63 : mask->d[i] >> 31;
}

static void put_lane(X86Vector *v, unsigned log2, unsigned i, uint64_t value)
{
    if (log2 == 3) {
        v->q[i] = value;
    } else {
        v->d[i] = value;
    }
}

static void x86_helper_avx_mask_load(Cpu *c, X86Vector *r, uint64_t address, const X86Vector *mask, uint32_t how)
{
    unsigned log2 = how & 0xff;
    X86Vector out = { .q = { 0 } };
    for (unsigned i = 0; i < how >> 8; i++) {
        if (is_selected(mask, log2, i)) {
            put_lane(&out, log2, i, tcg_load_or_leave(c, address + (i << log2), 1 << log2, x86_priv(X86_CPU(c))));
        }
    }
    *r = out;
}

static void x86_helper_avx_mask_store(Cpu *c, uint64_t address, const X86Vector *data, const X86Vector *mask, uint32_t how)
{
    unsigned log2 = how & 0xff, priv = x86_priv(X86_CPU(c));
    for (unsigned i = 0; i < how >> 8; i++) {
        x86_or_leave(X86_CPU(c), !is_selected(mask, log2, i) || tcg_probe(c, address + (i << log2), 1 << log2, TCG_ACCESS_STORE, priv));
    }
    for (unsigned i = 0; i < how >> 8; i++) {
        if (is_selected(mask, log2, i)) {
            tcg_store_or_leave(c, address + (i << log2), 1 << log2, priv, log2 == 3 ? data->q[i] : data->d[i]);
        }
    }
}

/* A fault leaves nothing done: the architecture lets it be so. */
static void x86_helper_avx_gather(Cpu *c, X86Vector *r, uint64_t base, const X86Vector *indices, const X86Vector *mask, const X86Vector *old, uint32_t how)
{
    unsigned log2 = (how >> AVX_GATHER_DATA_SHIFT & 3), index_log2 = how >> AVX_GATHER_INDEX_SHIFT & 3, scale = how >> AVX_GATHER_SCALE_SHIFT & 3;
    unsigned count = how >> AVX_GATHER_COUNT_SHIFT & 15;
    X86Vector out = { .q = { 0 } };
    for (unsigned i = 0; i < count; i++) {
        int64_t index = index_log2 == 3 ? indices->sq[i] : indices->sd[i];
        uint64_t address = base + ((uint64_t)index << scale);
        address = how & AVX_GATHER_32 ? (uint32_t)address : x86_masked_pointer(X86_CPU(c), address);
        uint64_t value = log2 == 3 ? old->q[i] : old->d[i];
        if (is_selected(mask, log2, i)) {
            value = tcg_load_or_leave(c, address, 1 << log2, x86_priv(X86_CPU(c)));
        }
        put_lane(&out, log2, i, value);
    }
    *r = out;
}

/* ---- half precision ---- */

#ifdef __x86_64__
__attribute__((target("f16c")))
static void x86_helper_avx_ph2ps(Cpu *c, X86Vector *r, const X86Vector *x, uint32_t lanes)
{
    X86Vector in = { .q = { x->q[0], lanes > 4 ? x->q[1] : 0 } };
    __m256 y = _mm256_cvtph_ps(_mm_load_si128((const __m128i *)in.b));
    memcpy(r, &y, 32);
}

#define BY_ROUNDING(n) case n: y = _mm256_cvtps_ph(in, n); break;
__attribute__((target("f16c")))
static void x86_helper_avx_ps2ph(Cpu *c, X86Vector *r, const X86Vector *x, uint32_t how)
{
    X86Vector lanes = *x;
    __m128i y = _mm_setzero_si128();
    if ((how & 0xff) == 4) {
        lanes.q[2] = lanes.q[3] = 0;
    }
    __m256 in = _mm256_load_ps((const float *)lanes.b);
    switch (how >> 8 & 7) {
    BY_ROUNDING(0) BY_ROUNDING(1) BY_ROUNDING(2) BY_ROUNDING(3) BY_ROUNDING(4) BY_ROUNDING(5) BY_ROUNDING(6) BY_ROUNDING(7)
    }
    memcpy(r, &y, 16);
}
#else
#error "half precision in software is not implemented"
#endif

#define SIMD_AVX SIMD_DEFINE
#define SIMD_SSE(...)
#define SIMD_STATE(...)
#define SIMD_3DNOW(...)
#include "target/i386/tcg/helpers-simd.def"
