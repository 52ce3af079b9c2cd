/*
 * What test programs on the bare RISC-V processor have: checks that are printed as TAP, functions run in lower modes, traps that can be looked at.
 *
 * A program is a list of functions in `subjects`; each calls check*(). The machine is "spike": RAM from 0x80000000, a CLINT, and HTIF, which prints and ends the program;
 * with BOARD_VIRT "virt", whose UART and finisher do that.
 * All runs on hart 0 in M-mode; the PMP is open, nothing is delegated, and paging is off when a subject begins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RISCV_SYSTEM_RUNTIME_H
#define RISCV_SYSTEM_RUNTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned long Word;
typedef long SignedWord;
enum { XLEN = __riscv_xlen };
#define RV64 (__riscv_xlen == 64)

/* ---- the program's ---- */
typedef struct Subject { const char *name; void (*run)(void); } Subject;
extern const Subject subjects[];        /* the last has no name */

/* ---- results ---- */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));      /* %s %d %u %x %lx %llx %% */
void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* got and want are shown when they differ. */
void check_is(const char *name, uint64_t got, uint64_t want);
void skip(const char *name, const char *why);
void __attribute__((noreturn)) leave(unsigned code);

/* ---- CSRs ---- */
#define TEXT_(x) #x
#define TEXT(x) TEXT_(x)
#define csr_read(csr) ({ Word value_; asm volatile("csrr %0, " TEXT(csr) : "=r"(value_) :: "memory"); value_; })
#define csr_write(csr, value) asm volatile("csrw " TEXT(csr) ", %0" :: "rK"((Word)(value)) : "memory")
#define csr_set(csr, value) asm volatile("csrs " TEXT(csr) ", %0" :: "rK"((Word)(value)) : "memory")
#define csr_clear(csr, value) asm volatile("csrc " TEXT(csr) ", %0" :: "rK"((Word)(value)) : "memory")
#define csr_swap(csr, value) ({ Word old_; asm volatile("csrrw %0, " TEXT(csr) ", %1" : "=r"(old_) : "rK"((Word)(value)) : "memory"); old_; })

#define MSTATUS_SIE ((Word)1 << 1)
#define MSTATUS_MIE ((Word)1 << 3)
#define MSTATUS_SPIE ((Word)1 << 5)
#define MSTATUS_MPIE ((Word)1 << 7)
#define MSTATUS_SPP ((Word)1 << 8)
#define MSTATUS_MPP ((Word)3 << 11)
#define MSTATUS_FS ((Word)3 << 13)
#define MSTATUS_MPRV ((Word)1 << 17)
#define MSTATUS_SUM ((Word)1 << 18)
#define MSTATUS_MXR ((Word)1 << 19)
#define MSTATUS_TVM ((Word)1 << 20)
#define MSTATUS_TW ((Word)1 << 21)
#define MSTATUS_TSR ((Word)1 << 22)
#define MSTATUS_MPV ((uint64_t)1 << 39)     /* RV32: bit 7 of mstatush */

enum { FETCH_MISALIGNED = 0, FETCH_ACCESS, ILLEGAL, BREAKPOINT, LOAD_MISALIGNED, LOAD_ACCESS, STORE_MISALIGNED, STORE_ACCESS, ECALL_U, ECALL_S, ECALL_VS, ECALL_M,
       FETCH_PAGE, LOAD_PAGE, STORE_PAGE = 15, FETCH_GUEST_PAGE = 20, LOAD_GUEST_PAGE, VIRTUAL, STORE_GUEST_PAGE };
enum { IRQ_SSOFT = 1, IRQ_VSSOFT, IRQ_MSOFT, IRQ_STIMER = 5, IRQ_VSTIMER, IRQ_MTIMER, IRQ_SEXT = 9, IRQ_VSEXT, IRQ_MEXT, IRQ_SGEXT, IRQ_OVERFLOW };

/* ---- modes and traps ---- */
typedef enum Mode { MODE_U, MODE_S, MODE_VU, MODE_VS, MODE_M } Mode;
typedef enum Level { NO_TRAP, TO_M, TO_S, TO_VS } Level;
/* How a function run by run_in(), or the statements of CATCH, came to their end. */
typedef struct Outcome {
    Level level;
    bool interrupt;
    Word cause, epc, tval, tval2, tinst;
    uint64_t status;            /* mstatus as the trap left it, RV32's mstatush in the upper half */
    Word value;                 /* what the function gave when it returned */
} Outcome;
extern volatile Outcome outcome;
typedef Word Function(Word argument);
/* Runs a function in a mode. `place` is added to the addresses of its code and its stack: where the mode's page tables have the program. */
void run_at(Mode mode, Function *function, Word argument, Word place);
static inline void run_in(Mode mode, Function *function, Word argument) { run_at(mode, function, argument, 0); }
/* The outcome was a trap to a level with a cause and tval; check_returned: it was none, with this value. */
void check_trap(const char *name, Level level, Word cause, Word tval);
void check_interrupt(const char *name, Level level, Word number);
void check_returned(const char *name, Word value);
int context_save(void) __attribute__((returns_twice));
void __attribute__((noreturn)) context_restore(void);
void supervisor_entry(void);
void catch_begin(void);
void catch_end(void);
/* Runs the statements in M-mode until they end or trap. Locals that they change must be volatile. */
#define CATCH(...) ({ if (!context_save()) { catch_begin(); __VA_ARGS__; catch_end(); } })

/* One instruction each, whatever is at the address. */
#if RV64
#define LOAD_WORD "ld"
#define STORE_WORD "sd"
#else
#define LOAD_WORD "lw"
#define STORE_WORD "sw"
#endif
static inline Word load_at(Word address)
{
    Word value;
    asm volatile(LOAD_WORD " %0, 0(%1)" : "=r"(value) : "r"(address) : "memory");
    return value;
}
static inline void store_at(Word address, Word value) { asm volatile(STORE_WORD " %0, 0(%1)" :: "r"(value), "r"(address) : "memory"); }
static inline void jump_to(Word address) { asm volatile("jalr ra, 0(%0)" :: "r"(address) : "ra", "memory"); }

/* Exceptions and interrupts by these bits go to S-mode, there to supervisor_entry. */
void delegate(Word exceptions, Word interrupts);
bool has_letter(char letter);

/* ---- the CLINT ---- */
#define CLINT_MSIP ((volatile uint32_t *)0x2000000)
uint64_t read_time(void);
void set_timer(uint64_t time);
void wait_until(uint64_t time);

/* ---- other harts: 1 to 3, in M-mode without handlers. A hart runs one function after the other; when it is in one it must not be started again. ---- */
void start_hart(unsigned n, void (*run)(unsigned n));

#endif
