/*
 * Many states of one sequence: what test-x86-states.c runs, and what is kept of each run.
 *
 * Variants and outcomes hold the registers of x87, SSE and AVX in XSAVE's standard form (Intel SDM volume 1, 13.4), so that the native side loads and stores them by
 * one instruction each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_STATES_H
#define TESTS_TCG_X86_STATES_H

#include "case.h"

enum { XSAVE_HEADER_AT = 512, XSAVE_YMM_AT = 576, XSAVE_BYTES = 832, HOT_BYTES = 256, LINE_BYTES = 64, NR_LINES = DATA_WRITABLE / LINE_BYTES };

/* GS's base on both sides; FS's is the native program's own, which the translated code gets too. */
#define STATES_GS_BASE 0x12345000u

/* A state that a sequence begins with: the memory is its case's but for some bytes from hot_at. */
typedef struct X86Variant {
    _Alignas(64) uint8_t image[XSAVE_BYTES];
    uint64_t regs[16], eflags;
    uint32_t hot_at;
    uint8_t hot[HOT_BYTES];
} X86Variant;

/* What has become of it. Memory: the lines that were changed, and a hash of what they hold. */
typedef struct X86Outcome {
    _Alignas(64) uint8_t image[XSAVE_BYTES];
    uint64_t regs[16], rip, eflags, error, cr2, changed[NR_LINES / 64], hash;
    int trap;                           /* as X86Result has it */
} X86Outcome;

/* ---- variants (states.c) ---- */
/* Of a sequence that case_make_flow or generate_case made. */
void variant_make(X86Random *r, const X86Case *c, X86Variant *v);
/* The case as one of its own, with the whole of the variant's state. */
void variant_expand(const X86Case *c, const X86Variant *v, X86Case *whole);

/* ---- the window of data, live at DATA_ADDRESS (states.c) ---- */
typedef struct StateWindow { _Alignas(64) uint8_t before[DATA_WRITABLE]; const X86Case *c; } StateWindow;
void window_begin(StateWindow *w, const X86Case *c);
void window_load(StateWindow *w, const X86Variant *v);
/* What has changed since. */
void window_scan(const StateWindow *w, X86Outcome *o);
/* Live is as before again. */
void window_restore(const StateWindow *w, const X86Outcome *o);

/* ---- a batch natively, in a process that stays (native-states.c) ---- */
typedef struct StateBatch { unsigned nr_cases, nr_variants /* of each */; X86Case *cases; X86Variant *variants; X86Outcome *outcomes; } StateBatch;
/* The batch's arrays, in shared memory. */
StateBatch *batch_new(unsigned nr_cases, unsigned nr_variants);
void batch_free(StateBatch *b);
/* Fills outcomes. false: the process died; *crashed is the number of the variant that it was at. */
bool batch_run_native(StateBatch *b, unsigned *crashed);

/* ---- the same by the translator (engine-states.c) ---- */
typedef enum StateMode { STATES_LINKED, STATES_SINGLE /* an instruction a block */ } StateMode;
/* A new sequence, by one of the engines. Nothing that was translated is kept. */
void states_begin(StateWindow *w, const X86Case *c, unsigned engine);
void states_run(StateWindow *w, const X86Case *c, const X86Variant *v, StateMode mode, X86Outcome *o);
/* The result of the last states_run in full; before window_restore. */
void states_result(const X86Case *c, X86Result *r);

/* ---- sequences (generate-flow.c) ---- */
/* Any instructions of the tables, with jumps, loops, calls, strings, segments, atomics; what they leave undefined is not read. */
void generate_flow(X86Random *r, X86Case *c);

#endif
