/*
 * Memory: latency, independent accesses, streams, copies.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "bench.h"

/* One cycle through all of it (Sattolo's shuffle): each load waits for the one before, in another page. */
static uint64_t chase(unsigned turns)
{
    enum { N = 8 << 20 };
    uint32_t *next = malloc(N * sizeof(*next)), at = 0;
    uint64_t state = 31;
    for (uint32_t i = 0; i < N; i++) {
        next[i] = i;
    }
    for (uint32_t i = N - 1; i > 0; i--) {
        uint32_t k = next_random(&state) % i, t = next[i];
        next[i] = next[k];
        next[k] = t;
    }
    while (turns--) {
        at = next[at];
    }
    free(next);
    return at;
}

static uint64_t scatter(unsigned turns)
{
    enum { N = 32 << 20 };
    uint64_t *words = calloc(N, 8), state = 33, sum = 0;
    while (turns--) {
        sum += words[next_random(&state) % N]++;
    }
    free(words);
    return sum;
}

static uint64_t stream(unsigned turns)
{
    enum { N = 1 << 20 };
    uint64_t *words = calloc(N, 8), sum = 0;
    while (turns--) {
        for (int i = 0; i < N; i++) {
            words[i] += i;
        }
        FORGET(words);
        for (int i = 0; i < N; i++) {
            sum += words[i];
        }
    }
    free(words);
    return sum;
}

enum { LARGE = 16 << 20 };

static uint64_t copy(unsigned turns)
{
    uint8_t *a = malloc(LARGE), *b = malloc(LARGE);
    memset(a, 5, LARGE);
    while (turns--) {
        memcpy(b, a, LARGE);
        FORGET(b);
    }
    uint64_t sum = b[LARGE / 2];
    free(a);
    free(b);
    return sum;
}

static uint64_t set(unsigned turns)
{
    uint8_t *a = malloc(LARGE);
    while (turns--) {
        memset(a, (int)turns, LARGE);
        FORGET(a);
    }
    uint64_t sum = a[LARGE / 2];
    free(a);
    return sum;
}

static uint64_t small(unsigned turns)
{
    static uint8_t a[256], b[256];
    uint64_t state = 35, sum = 0;
    while (turns--) {
        size_t n = next_random(&state) % 128 + 1;
        FORGET(a);
        memcpy(b, a, n);
        b[n] = n;
        sum += b[n / 2];
    }
    return sum;
}

#ifdef __x86_64__
static uint64_t rep(unsigned turns)
{
    static uint8_t a[4096], b[4096];
    while (turns--) {
        void *to = b, *from = a;
        size_t n = sizeof(a);
        __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(n) : : "memory");
        to = a;
        n = sizeof(a) / 8;
        __asm__ volatile("rep stosq" : "+D"(to), "+c"(n) : "a"((uint64_t)turns) : "memory");
    }
    return b[100] + a[200];
}
#endif

const Work mem_works[] = {
    { "mem.chase", chase, 2500000, NULL }, { "mem.random", scatter, 5000000, NULL }, { "mem.stream", stream, 30, NULL }, { "mem.copy", copy, 7, NULL },
    { "mem.set", set, 60, NULL }, { "mem.small", small, 3750000, NULL },
#ifdef __x86_64__
    { "mem.rep", rep, 40000, NULL },
#endif
    { 0 },
};
