/*
 * The mode key of x86: everything but the bytes of the code that decides how it is translated.
 *
 * What changes often and matters little to the code (IF, DF, TOP of the x87, MXCSR but for its masks) is not in it; the instructions that depend on it read it from its slot or leave it
 * to a helper.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_MODE_H
#define TARGET_I386_TCG_MODE_H

#include "target/i386/cpu.h"

#define X86_MODE_BIT(n) (UINT64_C(1) << (n))
enum { X86_MODE_CPL_SHIFT = 0, X86_MODE_IOPL_SHIFT = 8, X86_MODE_PRIV_SHIFT = 10, X86_MODE_ADD_BASE_SHIFT = 24, X86_MODE_LIMIT_SHIFT = 32 };
#define X86_MODE_CODE32     X86_MODE_BIT(2)     /* CS.D; neither CODE32 nor CODE64: 16 bits */
#define X86_MODE_CODE64     X86_MODE_BIT(3)     /* long mode and CS.L */
#define X86_MODE_LMA        X86_MODE_BIT(4)
#define X86_MODE_PE         X86_MODE_BIT(5)     /* protected mode and not virtual-8086 mode */
#define X86_MODE_VM86       X86_MODE_BIT(6)
#define X86_MODE_SS32       X86_MODE_BIT(7)     /* SS.B; not set in 64-bit code */
#define X86_MODE_TF         X86_MODE_BIT(12)
#define X86_MODE_SHADOW     X86_MODE_BIT(13)    /* the next instruction is shadowed by STI or MOV SS */
#define X86_MODE_AC         X86_MODE_BIT(14)    /* alignment is checked: CR0.AM, EFLAGS.AC, CPL 3 */
#define X86_MODE_EM         X86_MODE_BIT(15)
#define X86_MODE_TS         X86_MODE_BIT(16)
#define X86_MODE_MP         X86_MODE_BIT(17)
#define X86_MODE_OSFXSR     X86_MODE_BIT(18)
#define X86_MODE_OSXSAVE    X86_MODE_BIT(19)
#define X86_MODE_FSGSBASE   X86_MODE_BIT(20)
#define X86_MODE_UMIP       X86_MODE_BIT(21)
#define X86_MODE_SMAP       X86_MODE_BIT(22)
#define X86_MODE_RF         X86_MODE_BIT(23)    /* EFLAGS.RF, while breakpoints are armed: it covers one instruction */
#define X86_MODE_XM         X86_MODE_BIT(44)    /* MXCSR has an exception that is not masked */
#define X86_MODE_AVX        X86_MODE_BIT(45)    /* CR4.OSXSAVE, and XCR0 has SSE and AVX */
#define X86_MODE_X87_HELPED X86_MODE_BIT(46)    /* the x87's control word has an exception that is not masked: its instructions go by helpers */
#define X86_MODE_CS_END     X86_MODE_BIT(51)    /* 16-bit code of a 64 KiB segment that ends within a page: any instruction may be the last */
/* Linear-address masking of 64-bit code: how wide the addresses are of pointers with bit 63 clear (two bits: X86_LAM_*) and with bit 63 set. */
enum { X86_MODE_LAM_USER_SHIFT = 47, X86_MODE_LAM_SUPERVISOR_SHIFT = 49 };
enum { X86_LAM_NONE, X86_LAM_48, X86_LAM_57 };
/* A bit a segment from X86_MODE_ADD_BASE_SHIFT: its base has to be added. Clear: it is 0. */
#define X86_MODE_ADD_BASE(seg) X86_MODE_BIT(X86_MODE_ADD_BASE_SHIFT + (seg))

/* Two bits a segment from X86_MODE_LIMIT_SHIFT: how an access through it is checked. */
enum {
    X86_LIMIT_NONE,         /* flat (0 to 4 GiB, readable, and writable where it is not CS), or 64-bit code */
    X86_LIMIT_64K,          /* readable, writable unless CS, expand-up, limit exactly 0xffff: real mode as a rule */
    X86_LIMIT_UP,           /* ditto with another limit: compared with the slot */
    X86_LIMIT_ODD,          /* null, read-only, execute-only, expand-down: by a helper */
};

static inline unsigned x86_mode_cpl(uint64_t mode) { return mode >> X86_MODE_CPL_SHIFT & 3; }
static inline unsigned x86_mode_iopl(uint64_t mode) { return mode >> X86_MODE_IOPL_SHIFT & 3; }
/* The privilege index (X86_PRIV_*) of plain accesses. */
static inline unsigned x86_mode_priv(uint64_t mode) { return mode >> X86_MODE_PRIV_SHIFT & 3; }
static inline unsigned x86_mode_limit(uint64_t mode, int seg) { return mode >> (X86_MODE_LIMIT_SHIFT + 2 * seg) & 3; }

/* The bits of a pointer that do not count, by X86_LAM_*. */
static inline uint64_t x86_lam_metadata(unsigned lam) { return lam == X86_LAM_48 ? UINT64_C(0x7fff) << 48 : lam == X86_LAM_57 ? UINT64_C(0x3f) << 57 : 0; }
static inline unsigned x86_mode_lam(uint64_t mode, bool supervisor) { return mode >> (supervisor ? X86_MODE_LAM_SUPERVISOR_SHIFT : X86_MODE_LAM_USER_SHIFT) & 3; }
/* An address of data as 64-bit code means it now: for helpers that compute addresses of their own. */
uint64_t x86_masked_pointer(const X86Cpu *cpu, uint64_t address);

/* The key of the CPU's state now. vCPU thread. */
uint64_t x86_mode_key(Cpu *cpu);

#endif
