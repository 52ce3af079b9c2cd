/*
 * Plain integer code: loops, branches, calls, indirect jumps.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "bench.h"

static uint64_t sieve(unsigned turns)
{
    enum { N = 1 << 16 };
    static uint8_t composite[N];
    uint64_t sum = 0;
    while (turns--) {
        memset(composite, 0, N);
        for (unsigned i = 2; i < N; i++) {
            sum += !composite[i];
            for (unsigned k = composite[i] ? N : 2 * i; k < N; k += i) {
                composite[k] = 1;
            }
        }
    }
    return sum;
}

static void quicksort(uint32_t *a, int n)
{
    while (n > 1) {
        uint32_t pivot = a[n / 2];
        int i = 0, k = n - 1;
        while (i <= k) {
            while (a[i] < pivot) {
                i++;
            }
            while (a[k] > pivot) {
                k--;
            }
            if (i <= k) {
                uint32_t t = a[i];
                a[i++] = a[k];
                a[k--] = t;
            }
        }
        quicksort(a, k + 1);
        a += i;
        n -= i;
    }
}

static uint64_t sort(unsigned turns)
{
    enum { N = 20000 };
    static uint32_t a[N];
    uint64_t state = 1, sum = 0;
    while (turns--) {
        for (int i = 0; i < N; i++) {
            a[i] = next_random(&state);
        }
        quicksort(a, N);
        sum = mix(sum, a[N / 3]);
    }
    return sum;
}

static uint64_t hash(unsigned turns)
{
    enum { BITS = 17 };
    static uint64_t table[1 << BITS];
    uint64_t found = 0;
    memset(table, 0, sizeof(table));
    for (uint64_t i = 1; i <= turns; i++) {
        uint64_t key = (i % 50000 + 1) * UINT64_C(0xc2b2ae3d27d4eb4f);
        uint64_t at = key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - BITS);
        while (table[at] && table[at] != key) {
            at = (at + 1) & ((1 << BITS) - 1);
        }
        found += table[at] == key;
        table[at] = key;
    }
    return found;
}

static __attribute__((noinline)) unsigned fib(unsigned n)
{
    FORGET(&n);
    return n < 2 ? n : fib(n - 1) + fib(n - 2);
}

static uint64_t calls(unsigned turns)
{
    uint64_t sum = 0;
    while (turns--) {
        sum += fib(20);
    }
    return sum;
}

typedef struct Shape { unsigned (*area)(const struct Shape *); unsigned a, b; } Shape;
static unsigned square(const Shape *s) { return s->a * s->a; }
static unsigned rectangle(const Shape *s) { return s->a * s->b; }
static unsigned frame(const Shape *s) { return 2 * (s->a + s->b); }
static unsigned line(const Shape *s) { return s->a + s->b; }

static uint64_t dispatch(unsigned turns)
{
    static unsigned (*const kinds[])(const Shape *) = { square, rectangle, frame, line };
    static Shape shapes[1000];
    uint64_t state = 7, sum = 0;
    for (int i = 0; i < 1000; i++) {
        shapes[i] = (Shape){ kinds[next_random(&state) % 4], i, 2 * i + 1 };
    }
    while (turns--) {
        for (int i = 0; i < 1000; i++) {
            sum += shapes[i].area(&shapes[i]);
        }
    }
    return sum;
}

/* A machine of one accumulator: its program counts down and mixes. */
static uint64_t interpret(unsigned turns)
{
    enum { LOAD, ADD, XOR, SHIFT, COUNT, JUMP };
    static const uint8_t program[] = { LOAD, 3, ADD, 5, XOR, 0x5a, SHIFT, 1, COUNT, 0, JUMP, 2 };
    static const void *const code[] = { &&load, &&add, &&xor, &&shift, &&count, &&jump };
    const uint8_t *pc = program;
    uint64_t a = 0, left = turns * UINT64_C(1000);
#define NEXT() do { const void *to = code[*pc]; pc += 2; goto *to; } while (0)
    NEXT();
load:
    a = pc[-1];
    NEXT();
add:
    a += pc[-1];
    NEXT();
xor:
    a ^= pc[-1];
    NEXT();
shift:
    a = a << pc[-1] | a >> (64 - pc[-1]);
    NEXT();
count:
    if (!--left) {
        return a;
    }
    NEXT();
jump:
    pc = program + pc[-1];
    NEXT();
}

static uint64_t crc(unsigned turns)
{
    static uint32_t table[256];
    static uint8_t data[4096];
    for (uint32_t i = 0; i < 256; i++) {
        uint32_t c = i;
        for (int k = 0; k < 8; k++) {
            c = c >> 1 ^ (c & 1 ? 0xedb88320 : 0);
        }
        table[i] = c;
        data[i * 16] = i;
    }
    uint32_t sum = ~0u;
    while (turns--) {
        for (unsigned i = 0; i < sizeof(data); i++) {
            sum = sum >> 8 ^ table[(sum ^ data[i]) & 255];
        }
    }
    return sum;
}

static uint64_t divide(unsigned turns)
{
    uint64_t state = 3, sum = 0;
    while (turns--) {
        uint64_t a = next_random(&state), b = (next_random(&state) >> 40) | 1;
        unsigned __int128 product = (unsigned __int128)a * b;
        sum = mix(sum, a / b + a % b + (uint64_t)(product >> 64));
    }
    return sum;
}

/* Matches by a table of the last place of three bytes; what it finds is counted, not kept. */
static uint64_t compress(unsigned turns)
{
    enum { N = 32768 };
    static uint8_t text[N];
    static uint16_t last[4096];
    uint64_t state = 5, sum = 0;
    for (int i = 0; i < N; i++) {
        text[i] = "the quick brown fox jumps over it "[next_random(&state) % 5 * 7 % 34 + i % 2];
    }
    while (turns--) {
        memset(last, 0, sizeof(last));
        for (unsigned at = 0; at + 64 < N;) {
            unsigned h = (text[at] << 4 ^ text[at + 1] << 2 ^ text[at + 2] << 7) & 4095, from = last[h], n = 0;
            while (from && n < 63 && text[from + n] == text[at + n]) {
                n++;
            }
            last[h] = at;
            sum += n;
            at += n > 3 ? n : 1;
        }
    }
    return sum;
}

const Work int_works[] = {
    { "int.sieve", sieve, 375, NULL }, { "int.sort", sort, 100, NULL }, { "int.hash", hash, 7500000, NULL }, { "int.calls", calls, 2000, NULL }, { "int.dispatch", dispatch, 25000, NULL },
    { "int.interp", interpret, 10000, NULL }, { "int.crc", crc, 10000, NULL }, { "int.divide", divide, 7500000, NULL }, { "int.compress", compress, 1000, NULL }, { 0 },
};
