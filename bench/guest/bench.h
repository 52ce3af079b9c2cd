/*
 * The benchmark guest: one static program that runs on the host, or as process 1 of a Linux guest, and prints a line for each piece of work.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BENCH_H
#define BENCH_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A piece of work: does its unit so many times and returns a checksum that is the same everywhere. turns are chosen for a second or so under a translator. */
typedef struct Work {
    const char *name;
    uint64_t (*run)(unsigned turns);
    unsigned turns;
    int (*available)(void);     /* 0: this processor cannot. NULL: every one can */
} Work;

extern const Work int_works[], crypto_works[], fp_works[], simd_works[], mem_works[], os_works[], code_works[], smp_works[];

/* xorshift64 (Marsaglia, "Xorshift RNGs", 2003). */
static inline uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}
static inline uint64_t mix(uint64_t sum, uint64_t x) { return (sum ^ x) * UINT64_C(0x9e3779b97f4a7c15); }
/* The compiler knows nothing of *p from here on. */
#define FORGET(p) __asm__ volatile("" : : "r"(p) : "memory")

/* Started as "bench child": what os.exec starts. */
#define CHILD_ARGUMENT "child"

#endif
