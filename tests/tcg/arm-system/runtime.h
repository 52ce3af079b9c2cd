/*
 * What test programs on the bare Arm processor have: checks that are printed as TAP, exceptions that can be caught, lower exception levels, pages, other processors.
 *
 * A program is a list of functions in `subjects`; each calls check*(). It begins at the highest exception level that the board leaves to it, MMU off.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ARM_SYSTEM_RUNTIME_H
#define ARM_SYSTEM_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint64_t u64;

/* ---- the program's ---- */
typedef struct Subject { const char *name; void (*run)(void); } Subject;
extern const Subject subjects[];        /* the last has no name */

/* ---- results ---- */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));      /* %s %d %u %x %lx %c %% */
void check(bool good, const char *name);
void check_is(const char *name, u64 got, u64 want);             /* both are shown when they differ */
void skip(const char *name, const char *why);
void __attribute__((noreturn)) leave(void);

/* ---- exceptions ---- */
typedef struct Frame { u64 x[31], elr, spsr, esr, far, vector; } Frame;
/* The last exception that was caught; level: where it was taken. */
typedef struct Fault { u64 vector, esr, far, elr, spsr; unsigned level; } Fault;
extern volatile Fault fault;
/* Asked first about every exception; true: go on where the frame says. */
extern bool (*volatile hook)(Frame *frame);
typedef struct Context { u64 words[16]; } Context;
int context_save(Context *c) __attribute__((returns_twice));
extern Context *volatile catcher;
enum { NONE = -1 };
#define EC(esr) ((unsigned)((esr) >> 26 & 0x3f))
#define ISS(esr) ((unsigned)((esr) & 0x1ffffff))
/* Runs the statements: true when an exception ended them, told in `fault`. */
#define CATCH(...) ({ Context context_; bool caught_ = context_save(&context_); \
    if (!caught_) { catcher = &context_; __VA_ARGS__; catcher = NULL; } caught_; })
/* An exception of that class was taken? (-1: none) */
#define CATCH_EC(...) (CATCH(__VA_ARGS__) ? (int)EC(fault.esr) : NONE)
void __attribute__((noreturn)) enter_lower(unsigned level, u64 spsr, void (*function)(u64), u64 argument, void *stack);
/* function(argument) at a lower level, until it returns (NONE) or an exception is taken to here (its class). spsr: DAIF and so on. */
int run_at(unsigned level, u64 spsr, void (*function)(u64), u64 argument);
unsigned current_el(void);

/* ---- memory ---- */
void *pages(unsigned bytes);            /* zeroed, aligned to its size (a power of 2) */

/* ---- other processors ---- */
/* Starts processor n (from 1): run(n). PSCI's result. */
long start_processor(unsigned n, void (*run)(unsigned n));
long psci(u64 function, u64 a, u64 b, u64 c);

/* ---- instructions ---- */
#define READ(register) ({ u64 v_; __asm__ volatile("mrs %0, " #register : "=r"(v_)); v_; })
#define WRITE(register, value) do { __asm__ volatile("msr " #register ", %0" :: "r"((u64)(value)) : "memory"); } while (0)
static inline void isb(void) { __asm__ volatile("isb" ::: "memory"); }
static inline void dsb(void) { __asm__ volatile("dsb sy" ::: "memory"); }
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

#endif
