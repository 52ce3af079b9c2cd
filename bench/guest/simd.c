/*
 * Vectors: SSE2 by intrinsics, loops that the compiler makes vectors of, AVX2, the C library's string functions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "bench.h"
#ifdef __x86_64__
#include <immintrin.h>
#endif

enum { BYTES = 4096 };
static uint8_t left[BYTES + 64] __attribute__((aligned(64))), right[BYTES + 64] __attribute__((aligned(64)));

static void fill(void)
{
    uint64_t state = 21;
    for (int i = 0; i < BYTES; i++) {
        left[i] = next_random(&state) | 1;
        right[i] = next_random(&state) | 1;
    }
}

#ifdef __x86_64__
static uint64_t differences(unsigned turns)
{
    __m128i sum = _mm_setzero_si128();
    fill();
    while (turns--) {
        for (int i = 0; i < BYTES; i += 16) {
            sum = _mm_add_epi64(sum, _mm_sad_epu8(_mm_load_si128((__m128i *)(left + i)), _mm_loadu_si128((__m128i *)(right + i + 1))));
        }
    }
    return _mm_cvtsi128_si64(sum) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sum, sum));
}

static uint64_t products(unsigned turns)
{
    __m128i sum = _mm_setzero_si128();
    fill();
    while (turns--) {
        for (int i = 0; i < BYTES; i += 16) {
            sum = _mm_add_epi32(sum, _mm_madd_epi16(_mm_load_si128((__m128i *)(left + i)), _mm_load_si128((__m128i *)(right + i))));
        }
    }
    return _mm_cvtsi128_si64(sum) + _mm_cvtsi128_si64(_mm_unpackhi_epi64(sum, sum));
}

static uint64_t blend(unsigned turns)
{
    __m128i zero = _mm_setzero_si128(), weight = _mm_set1_epi16(77);
    fill();
    while (turns--) {
        for (int i = 0; i < BYTES; i += 16) {
            __m128i a = _mm_load_si128((__m128i *)(left + i)), b = _mm_load_si128((__m128i *)(right + i));
            __m128i low = _mm_srli_epi16(_mm_mullo_epi16(_mm_sub_epi16(_mm_unpacklo_epi8(a, zero), _mm_unpacklo_epi8(b, zero)), weight), 8);
            __m128i high = _mm_srli_epi16(_mm_mullo_epi16(_mm_sub_epi16(_mm_unpackhi_epi8(a, zero), _mm_unpackhi_epi8(b, zero)), weight), 8);
            _mm_store_si128((__m128i *)(left + i), _mm_add_epi8(b, _mm_packus_epi16(low, high)));
        }
    }
    uint64_t sum = 0;
    for (int i = 0; i < BYTES; i++) {
        sum = mix(sum, left[i]);
    }
    return sum;
}

static uint64_t floats(unsigned turns)
{
    __m128 x = _mm_set_ps(1, 2, 3, 4), step = _mm_set1_ps(0.5f), limit = _mm_set1_ps(100);
    while (turns--) {
        for (int i = 0; i < 100; i++) {
            x = _mm_add_ps(_mm_mul_ps(x, _mm_set1_ps(1.25f)), step);
            __m128 over = _mm_cmpgt_ps(x, limit);
            x = _mm_or_ps(_mm_andnot_ps(over, x), _mm_and_ps(over, step));
        }
    }
    uint64_t out[2];
    _mm_storeu_ps((float *)out, x);
    return out[0] ^ out[1];
}

static int has_avx2(void) { return __builtin_cpu_supports("avx2"); }

static __attribute__((target("avx2"))) uint64_t avx2(unsigned turns)
{
    __m256i sum = _mm256_setzero_si256();
    fill();
    while (turns--) {
        for (int i = 0; i < BYTES; i += 32) {
            __m256i a = _mm256_load_si256((__m256i *)(left + i)), b = _mm256_load_si256((__m256i *)(right + i));
            sum = _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_shuffle_epi8(a, b), _mm256_min_epu8(a, b)));
            sum = _mm256_permute4x64_epi64(_mm256_xor_si256(sum, _mm256_cmpeq_epi8(a, b)), 0x39);
        }
    }
    uint64_t out[4];
    _mm256_storeu_si256((__m256i *)out, sum);
    return out[0] ^ out[1] ^ out[2] ^ out[3];
}
#endif

static __attribute__((optimize("O3"))) uint64_t loops(unsigned turns)
{
    static int32_t a[1024], b[1024];
    static int16_t c[1024];
    static float d[1024], e[1024];
    for (int i = 0; i < 1024; i++) {
        a[i] = i * 7;
        c[i] = i * 3;
        d[i] = i;
    }
    while (turns--) {
        FORGET(a);
        for (int i = 0; i < 1024; i++) {
            b[i] = a[i] * 3 + c[i];
        }
        for (int i = 0; i < 1024; i++) {
            c[i] = c[i] > 100 ? c[i] - 100 : c[i] + 3;
        }
        for (int i = 0; i < 1024; i++) {
            e[i] = d[i] * 0.5f + e[i] * 0.25f;
        }
        for (int i = 0; i < 1024; i++) {
            a[i] ^= b[i];
        }
    }
    uint64_t sum = 0;
    for (int i = 0; i < 1024; i++) {
        sum = mix(sum, a[i] + c[i] + (int)e[i]);
    }
    return sum;
}

static uint64_t strings(unsigned turns)
{
    uint64_t sum = 0;
    fill();
    left[BYTES - 1] = 0;
    memcpy(right, left, BYTES);
    while (turns--) {
        FORGET(left);
        sum += strlen((char *)left) + (memchr(left, 0, BYTES) != NULL) + (strcmp((char *)left, (char *)right) == 0) + (memcmp(left, right, BYTES) == 0);
        sum += strchr((char *)left + 100, 0) - (char *)left;
    }
    return sum;
}

const Work simd_works[] = {
#ifdef __x86_64__
    { "simd.sad", differences, 60000, NULL }, { "simd.dot", products, 60000, NULL }, { "simd.blend", blend, 30000, NULL }, { "simd.float", floats, 150000, NULL },
    { "simd.avx2", avx2, 30000, has_avx2 },
#endif
    { "simd.loops", loops, 20000, NULL }, { "simd.string", strings, 30000, NULL }, { 0 },
};
