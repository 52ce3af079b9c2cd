/*
 * One test of x86 code: the state before, the bytes, and what has become of it. Run natively (native.c) and by the translator (engine.c).
 *
 * Memory: a page of code, then a window of data pages at fixed addresses below 2 GiB, the same natively and translated: two writable, one read-only, one absent.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TESTS_TCG_X86_CASE_H
#define TESTS_TCG_X86_CASE_H

#include <stdbool.h>
#include <stdint.h>

#define CODE_ADDRESS 0x10000000u
#define CODE_BYTES 0x1000u
#define DATA_ADDRESS 0x20000000u
#define DATA_WRITABLE 0x2000u           /* bytes that can be written */
#define DATA_READABLE 0x3000u           /* and read; the page behind is absent */
/* 16-bit code runs in segments at these addresses; stack and extra segment have 64 KiB, the data segment this limit. */
#define DATA_LIMIT16 0x2fffu

typedef struct X86State {
    uint64_t regs[16], rip;
    uint32_t eflags;                    /* the arithmetic flags and DF; before: perhaps TF, then one instruction is run */
    _Alignas(16) uint8_t fx[512];       /* as FXSAVE64 writes it */
    uint8_t ymm_high[16][16];           /* the upper halves of the YMM registers */
    uint8_t memory[DATA_WRITABLE];
} X86State;

typedef struct X86Case {
    uint8_t code[256]; unsigned code_bytes;     /* ends with HLT, which faults in user mode */
    uint32_t code_offset;               /* in the page */
    unsigned bits;                      /* 16, 32, 64 */
    bool sequence;                      /* of several: at a fault, flags are what the ones before left */
    bool uses_fpu, uses_ymm;            /* fx counts, ymm_high does */
    uint32_t ignored_mxcsr;             /* bits that do not count */
    uint32_t ignored_at, ignored_bytes; /* memory that does not count, from DATA_ADDRESS */
    uint16_t ignored_status;            /* bits of FSW that do not count */
    uint32_t defined_flags;             /* EFLAGS bits to be compared */
    const char *name;                   /* of the instruction, for messages */
    /* For its variants (states.h): a bit a register that has to stay, whether memory has to, where the memory lies that it works on. */
    uint32_t pinned_regs, pinned_vectors;
    bool pinned_memory;
    uint32_t hot_at;
    /* Of generate_flow: R15 is where memory operands lie, R12 the same for FS. Flags that are not defined before the instruction at an offset: at a fault. */
    bool flow;
    uint64_t fs_base;
    uint16_t undefined_at[256];
    X86State before;
} X86Case;

typedef struct X86Result {
    X86State after;
    int trap;                           /* vector; HLT's #GP at the end: -1 */
    uint64_t error, cr2;                /* of a page fault */
} X86Result;

/* Runs n cases natively in a child process. false: the child died (crashed: number of the case). */
bool native_run(const X86Case *cases, X86Result *results, unsigned n, unsigned *crashed);

/* Whether this host runs programs with code of so many bits: not all kernels and hypervisors do. */
bool native_runs_bits(unsigned bits);

/* Runs a case by the translator. mode 0: whole blocks; 1: one instruction a block; 2: whole blocks that are kept and linked; all for each engine (back end). */
enum { TRANSLATED_MODES = 3 };
void translated_init(void);
unsigned translated_engines(void);
const char *translated_engine_name(unsigned n);
void translated_run(const X86Case *c, X86Result *r, int mode);
/* The IR of a case's first block, for messages. Caller frees. */
char *translated_ir(const X86Case *c);

/* ---- generation (generate.c) ---- */
typedef struct X86Random { uint64_t state; } X86Random;
/* The numbers of one case, from a seed and its number alone. */
X86Random random_of_case(uint64_t seed, uint64_t number);
uint64_t random64(X86Random *r);
static inline unsigned random_below(X86Random *r, unsigned n) { return random64(r) % n; }
typedef enum X86Group { GROUP_INTEGER, GROUP_SIMD, GROUP_X87, GROUP_SEQUENCE, GROUP_SIMD_SEQUENCE, GROUP_MIXED /* 64 bits */ } X86Group;
/* Makes a case of one instruction of the opcode tables; only: NULL or the mnemonic wanted. */
void generate_case(X86Random *r, X86Group group, unsigned bits, const char *only, X86Case *c);
/* Makes a case of some harmless instructions one behind the other: what is kept from one to the next counts. */
void generate_sequence(X86Random *r, unsigned bits, X86Case *c);
/* Integer, vector and x87 instructions in one, with jumps and loops. */
void generate_mixed(X86Random *r, X86Case *c);
void random_state(X86Random *r, X86Case *c);
bool random_chance(X86Random *r, unsigned percent);
/* Numbers at which arithmetic goes wrong, beside any. */
uint64_t random_interesting(X86Random *r);
/* generate-fpu.c */
void random_x87(X86Random *r, X86State *s);
void random_simd(X86Random *r, X86State *s);
/* The eight registers in FXSAVE's form. */
void random_x87_registers(X86Random *r, uint8_t *registers);
uint32_t random_float(X86Random *r);
uint64_t random_double(X86Random *r);

#endif
