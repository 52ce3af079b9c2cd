/*
 * What test programs on the bare processor have: checks that are printed as TAP, faults that can be caught, ring 3, descriptor tables, other processors.
 *
 * A program is a list of functions in `subjects`; each calls check*(). The machine is a PC with nothing set up: no interrupts, paging off in 32-bit programs,
 * 4 GiB mapped one to one for both rings in 64-bit ones.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef X86_SYSTEM_RUNTIME_H
#define X86_SYSTEM_RUNTIME_H

#include "selectors.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef unsigned long Word;

/* ---- the program's ---- */
typedef struct Subject { const char *name; void (*run)(void); } Subject;
extern const Subject subjects[];        /* the last has no name */

/* ---- results ---- */
void print(const char *format, ...) __attribute__((format(printf, 1, 2)));      /* %s %d %u %x %lx %llx %c %% */
void check(bool good, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* got and want are shown when they differ. */
void check_is(const char *name, uint64_t got, uint64_t want);
/* The vector and, where there is one, the error code that CATCH or USER gave; NONE: nothing happened. */
void check_fault(const char *name, int vector, int want_vector, uint32_t want_error);
extern const char *detail;             /* printed before the names of checks unless NULL; each subject begins without */
void skip(const char *name, const char *why);
void __attribute__((noreturn)) leave(unsigned code);

/* ---- exceptions ---- */
enum { DE, DB, NMI, BP, OF, BR, UD, NM, DF, TS = 10, NP, SS, GP, PF, MF = 16, AC, MC, XM, NONE = -1 };
typedef struct Frame {
#ifdef LONG
    Word r15, r14, r13, r12, r11, r10, r9, r8, di, si, bp, bx, dx, cx, ax;
#else
    Word es, ds, di, si, bp, bx, dx, cx, ax;
#endif
    Word vector, error, ip, cs, flags, sp, ss;      /* 32 bits: the last two of another ring only */
    Word vm_es, vm_ds, vm_fs, vm_gs;                /* from virtual-8086 mode */
} Frame;
/* The last exception that was caught. */
typedef struct Fault { int vector; Word error, ip, cs, flags, sp, ss, cr2, dr6, ax, cx; } Fault;
extern volatile Fault fault;
/* Asked first about every vector; true: go on where the frame says. */
extern bool (*volatile hook)(Frame *frame);

int context_save(void) __attribute__((returns_twice));
void __attribute__((noreturn)) context_restore(int value);
void user_enter(void);
extern volatile bool catching;
extern Word user_flags;                 /* of ring 3: 2 and what the test wants */
enum { USER_RETURN = 0x80 };
/* Runs the statements; the vector of the exception that ended them, or NONE. Locals that they change must be volatile. */
#define CATCH(...) ({ int caught_ = context_save(); if (!caught_) { catching = true; __VA_ARGS__; catching = false; } caught_ - 1; })
/* The same in ring 3. */
#define USER(...) ({ int caught_ = context_save(); \
    if (!caught_) { catching = true; user_enter(); __VA_ARGS__; __asm__ volatile("int $0x80" ::: "memory"); } \
    caught_ - 1 == USER_RETURN ? NONE : caught_ - 1; })

/* ---- tables ---- */
extern uint64_t gdt[128], idt[512];
extern uint32_t tss[64];                /* the current task: 32-bit or long mode's; an empty I/O bitmap behind its limit */
uint64_t descriptor(uint32_t base, uint32_t limit, uint32_t attributes);       /* attributes: bits 8 to 23 of the second word; limit is that of the G bit */
enum { DESC_CODE = 0x9a00, DESC_DATA = 0x9200, DESC_DPL3 = 0x6000, DESC_PRESENT = 0x8000, DESC_BIG = 0x400000, DESC_LONG = 0x200000, DESC_GRANULAR = 0x800000,
       DESC_CONFORMING = 0x400, DESC_DOWN = 0x400, DESC_READABLE = 0x200, DESC_WRITABLE = 0x200, DESC_ACCESSED = 0x100 };
void set_gate(unsigned vector, void *handler, uint16_t selector, unsigned type, unsigned dpl);      /* type 14: interrupt, 15: trap */
static inline void set_selector(uint16_t selector, uint64_t d) { *(volatile uint64_t *)&gdt[selector / 8] = d; }

/* ---- memory ---- */
void *page_alloc(unsigned count);       /* zeroed, at a page's start, one to one */

/* ---- other processors ---- */
extern volatile unsigned nr_processors_up;
/* Starts those that the machine has, up to seven; each calls run(number from 1). Returns when `count` are there. */
bool start_processors(unsigned count, void (*run)(unsigned number));
#define APIC(reg) (*(volatile uint32_t *)(0xfee00000u + (reg)))
void apic_enable(void);
void send_ipi(uint32_t destination, uint32_t low);

/* ---- instructions ---- */
#define REGISTER_ACCESS(name) \
    static inline Word read_##name(void) { Word v; __asm__ volatile("mov %%" #name ", %0" : "=r"(v)); return v; } \
    static inline void write_##name(Word v) { __asm__ volatile("mov %0, %%" #name :: "r"(v) : "memory"); }
REGISTER_ACCESS(cr0)
REGISTER_ACCESS(cr2)
REGISTER_ACCESS(cr3)
REGISTER_ACCESS(cr4)
REGISTER_ACCESS(dr0)
REGISTER_ACCESS(dr1)
REGISTER_ACCESS(dr2)
REGISTER_ACCESS(dr3)
REGISTER_ACCESS(dr6)
REGISTER_ACCESS(dr7)
static inline uint64_t read_msr(uint32_t index)
{
    uint32_t low, high;
    __asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(index));
    return low | (uint64_t)high << 32;
}
static inline void write_msr(uint32_t index, uint64_t value)
{
    __asm__ volatile("wrmsr" :: "a"((uint32_t)value), "d"((uint32_t)(value >> 32)), "c"(index) : "memory");
}
static inline void out8(uint16_t port, uint8_t value) { __asm__ volatile("outb %0, %1" :: "a"(value), "Nd"(port) : "memory"); }
static inline uint8_t in8(uint16_t port) { uint8_t v; __asm__ volatile("inb %1, %0" : "=a"(v) : "Nd"(port) : "memory"); return v; }
static inline void out32(uint16_t port, uint32_t value) { __asm__ volatile("outl %0, %1" :: "a"(value), "Nd"(port) : "memory"); }
typedef struct Cpuid { uint32_t a, b, c, d; } Cpuid;
static inline Cpuid cpuid(uint32_t leaf, uint32_t sub)
{
    Cpuid r;
    __asm__ volatile("cpuid" : "=a"(r.a), "=b"(r.b), "=c"(r.c), "=d"(r.d) : "0"(leaf), "2"(sub));
    return r;
}
static inline Word read_flags(void) { Word v; __asm__ volatile("pushf; pop %0" : "=r"(v)); return v; }
static inline void write_flags(Word v) { __asm__ volatile("push %0; popf" :: "r"(v) : "memory", "cc"); }
static inline void invlpg(volatile void *p) { __asm__ volatile("invlpg (%0)" :: "r"(p) : "memory"); }
static inline void flush_tlb(void) { write_cr3(read_cr3()); }
static inline void pause_a_little(void) { __asm__ volatile("pause" ::: "memory"); }

void *memset(void *to, int value, size_t bytes);
void *memcpy(void *to, const void *from, size_t bytes);

#endif
