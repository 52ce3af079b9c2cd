/*
 * Litmus tests: a few instructions a processor, run by all at once again and again, and the outcome that the architecture forbids. Shapes and their names are those of
 * Alglave, Maranget and Tautschnig, "Herding cats" (TOPLAS 2014), figure 3; an architecture's program (arm-system/litmus.c, riscv-system/litmus.c) fills the places between
 * the accesses with its own instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef LITMUS_H
#define LITMUS_H

#include <stdbool.h>
#include <stdint.h>

enum { LITMUS_MAX_THREADS = 4 };

/* Memory that the processors share, 0 at the start of a round; each variable on lines of its own. Registers: what they have read. */
typedef struct LitmusRound {
    _Alignas(256) uint64_t x;
    _Alignas(256) uint64_t y;
    _Alignas(256) uint64_t z;
    _Alignas(256) uint64_t r[4];
} LitmusRound;

typedef struct LitmusTest {
    const char *name;
    unsigned threads;
    void (*run[LITMUS_MAX_THREADS])(LitmusRound *m);
    bool (*seen)(const LitmusRound *m);         /* after the round: the outcome in question came up */
    bool allowed;                               /* it may: it is counted only. What the host does not order by itself shows here */
} LitmusTest;
extern const LitmusTest litmus_tests[];         /* those of fewer processors first; the last has no name */

/* The subject of the program: all tests, a check each. */
void litmus_run_all(void);

/* ---- what the architecture's program gives ---- */
void litmus_start(unsigned n, void (*run)(unsigned n));     /* starts processor n, from 1 */
uint64_t litmus_ticks(void);
uint64_t litmus_ticks_per_second(void);
void litmus_yield(void);
void litmus_check(bool good, const char *name, unsigned seen, unsigned rounds);

/* ---- shapes: Wn and Rn are writes and reads in order, what stands between them orders them (or not) ---- */
#define LITMUS_BODY(id, p, ...) static void id##_##p(LitmusRound *m) { __VA_ARGS__; }
#define LITMUS_SEEN(id, condition) static bool id##_seen(const LitmusRound *m) { return condition; }
#define LITMUS_2(id, a, b, condition) LITMUS_BODY(id, p0, a) LITMUS_BODY(id, p1, b) LITMUS_SEEN(id, condition)
#define LITMUS_3(id, a, b, c, condition) LITMUS_BODY(id, p2, c) LITMUS_2(id, a, b, condition)
#define LITMUS_4(id, a, b, c, d, condition) LITMUS_BODY(id, p3, d) LITMUS_3(id, a, b, c, condition)

/* Message passing: the flag is seen, the data is not. write_pair and read_pair: W x=1, W y=1; R y to r0, R x to r1. */
#define LITMUS_MP(id, write_pair, read_pair) LITMUS_2(id, write_pair, read_pair, m->r[0] == 1 && m->r[1] == 0)
/* Store buffering: neither sees the other's write. W x=1, R y to r0; W y=1, R x to r1. */
#define LITMUS_SB(id, a, b) LITMUS_2(id, a, b, m->r[0] == 0 && m->r[1] == 0)
/* Load buffering: each sees what the other wrote later. R x to r0, W y=1; R y to r1, W x=1. */
#define LITMUS_LB(id, a, b) LITMUS_2(id, a, b, m->r[0] == 1 && m->r[1] == 1)
/* S. W x=2, W y=1; R y to r0, W x=1. */
#define LITMUS_S(id, a, b) LITMUS_2(id, a, b, m->r[0] == 1 && m->x == 2)
/* R. W x=1, W y=1; W y=2, R x to r0. */
#define LITMUS_R(id, a, b) LITMUS_2(id, a, b, m->y == 2 && m->r[0] == 0)
/* 2+2W. W x=1, W y=2; W y=1, W x=2. */
#define LITMUS_2_2W(id, a, b) LITMUS_2(id, a, b, m->x == 1 && m->y == 1)
/* Write to read causality. W x=1; R x to r0, W y=1; R y to r1, R x to r2. */
#define LITMUS_WRC(id, a, b, c) LITMUS_3(id, a, b, c, m->r[0] == 1 && m->r[1] == 1 && m->r[2] == 0)
/* ISA2. W x=1, W y=1; R y to r0, W z=1; R z to r1, R x to r2. */
#define LITMUS_ISA2(id, a, b, c) LITMUS_3(id, a, b, c, m->r[0] == 1 && m->r[1] == 1 && m->r[2] == 0)
/* Independent reads of independent writes. W x=1; W y=1; R x to r0, R y to r1; R y to r2, R x to r3. */
#define LITMUS_IRIW(id, a, b, c, d) LITMUS_4(id, a, b, c, d, m->r[0] == 1 && m->r[1] == 0 && m->r[2] == 1 && m->r[3] == 0)

#define LITMUS_ROW2(id, text) { .name = text, .threads = 2, .run = { id##_p0, id##_p1 }, .seen = id##_seen }
#define LITMUS_ROW3(id, text) { .name = text, .threads = 3, .run = { id##_p0, id##_p1, id##_p2 }, .seen = id##_seen }
#define LITMUS_ROW4(id, text) { .name = text, .threads = 4, .run = { id##_p0, id##_p1, id##_p2, id##_p3 }, .seen = id##_seen }
#define LITMUS_ALLOWED2(id, text) { .name = text, .threads = 2, .run = { id##_p0, id##_p1 }, .seen = id##_seen, .allowed = true }

#endif
