/*
 * x87 arithmetic on the host's own x87: a guest's instruction is the host's, so that each bit of the result, the flags and C0 to C3 are right.
 *
 * The functions here take values and give values. They run with all exceptions masked, under the precision and rounding of the host's control word (x87_enter sets the
 * guest's), and return the status word behind the instruction. The host's register stack is empty before and after.
 *
 * x87_run carries out any instruction on a whole state, unmasked exceptions, stack faults and all.
 *
 * Intel SDM volume 1, chapter 8.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_X87_HOST_H
#define TARGET_I386_TCG_X87_HOST_H

#include "target/i386/cpu.h"

#ifndef __x86_64__
#error "the x87 in software is not implemented: this needs an x86 host"
#endif

enum { X87_HOST_CONTROL = 0x37f, X87_PC_RC = 0xf00, X87_PC_RC_DEFAULT = 0x300 };

static inline void x87_load_control(uint16_t control)
{
    __asm__ volatile("fldcw %0" : : "m"(control));
}

/* Before and after the functions below. control: the guest's. */
static inline void x87_enter(uint16_t control)
{
    if ((control & X87_PC_RC) != X87_PC_RC_DEFAULT) {
        x87_load_control((control & X87_PC_RC) | 0x7f);
    }
}

static inline void x87_leave(uint16_t control)
{
    if ((control & X87_PC_RC) != X87_PC_RC_DEFAULT) {
        x87_load_control(X87_HOST_CONTROL);
    }
}

static inline void x87_clear_host(void)
{
    __asm__ volatile("fnclex");
}

/* x op y; x op a memory operand; x alone; a constant. */
#define X87_BINARY(name, insn) \
    static inline uint16_t name(Float80 *r, const Float80 *x, const Float80 *y) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %3\n\tfldt %2\n\t" insn "\n\tfnstsw %0\n\tfstpt %1\n\tfstp %%st(0)" \
                         : "=&a"(status), "=m"(*r) : "m"(*x), "m"(*y) : "st", "st(1)"); \
        return status; \
    }
#define X87_BINARY_MEMORY(name, insn, type) \
    static inline uint16_t name(Float80 *r, const Float80 *x, const void *m) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %2\n\t" insn " %3\n\tfnstsw %0\n\tfstpt %1" \
                         : "=&a"(status), "=m"(*r) : "m"(*x), "m"(*(const type *)m) : "st"); \
        return status; \
    }
#define X87_UNARY(name, insn) \
    static inline uint16_t name(Float80 *r, const Float80 *x) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %2\n\t" insn "\n\tfnstsw %0\n\tfstpt %1" : "=&a"(status), "=m"(*r) : "m"(*x) : "st"); \
        return status; \
    }
#define X87_NULLARY(name, insn) \
    static inline uint16_t name(Float80 *r) \
    { \
        uint16_t status; \
        __asm__ volatile(insn "\n\tfnstsw %0\n\tfstpt %1" : "=&a"(status), "=m"(*r) : : "st"); \
        return status; \
    }
/* Y := f(Y, X), X popped. */
#define X87_POPPING(name, insn) \
    static inline uint16_t name(Float80 *r, const Float80 *x, const Float80 *y) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %3\n\tfldt %2\n\t" insn "\n\tfnstsw %0\n\tfstpt %1" \
                         : "=&a"(status), "=m"(*r) : "m"(*x), "m"(*y) : "st", "st(1)"); \
        return status; \
    }
#define X87_COMPARE(name, insn) \
    static inline uint16_t name(const Float80 *x, const Float80 *y) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %2\n\tfldt %1\n\t" insn " %%st(1)\n\tfnstsw %0\n\tfstp %%st(0)\n\tfstp %%st(0)" \
                         : "=&a"(status) : "m"(*x), "m"(*y) : "st", "st(1)"); \
        return status; \
    }
#define X87_COMPARE_MEMORY(name, insn, type) \
    static inline uint16_t name(const Float80 *x, const void *m) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %1\n\t" insn " %2\n\tfnstsw %0\n\tfstp %%st(0)" : "=&a"(status) : "m"(*x), "m"(*(const type *)m) : "st"); \
        return status; \
    }
#define X87_LOAD(name, insn, type) \
    static inline uint16_t name(Float80 *r, const void *m) \
    { \
        uint16_t status; \
        __asm__ volatile(insn " %2\n\tfnstsw %0\n\tfstpt %1" : "=&a"(status), "=m"(*r) : "m"(*(const type *)m) : "st"); \
        return status; \
    }
#define X87_STORE(name, insn, type) \
    static inline uint16_t name(void *m, const Float80 *x) \
    { \
        uint16_t status; \
        __asm__ volatile("fldt %2\n\t" insn " %1\n\tfnstsw %0" : "=&a"(status), "=m"(*(type *)m) : "m"(*x) : "st"); \
        return status; \
    }

X87_BINARY(x87_add, "fadd %%st(1), %%st")
X87_BINARY(x87_mul, "fmul %%st(1), %%st")
X87_BINARY(x87_sub, "fsub %%st(1), %%st")
X87_BINARY(x87_subr, "fsubr %%st(1), %%st")
X87_BINARY(x87_div, "fdiv %%st(1), %%st")
X87_BINARY(x87_divr, "fdivr %%st(1), %%st")
X87_BINARY(x87_prem, "fprem")
X87_BINARY(x87_prem1, "fprem1")
X87_BINARY(x87_scale, "fscale")
X87_POPPING(x87_yl2x, "fyl2x")
X87_POPPING(x87_yl2xp1, "fyl2xp1")
X87_POPPING(x87_patan, "fpatan")
#define X87_MEMORY_KIND(suffix, prefix, size, type) \
    X87_BINARY_MEMORY(x87_add_##suffix, prefix "add" size, type) X87_BINARY_MEMORY(x87_mul_##suffix, prefix "mul" size, type) \
    X87_BINARY_MEMORY(x87_sub_##suffix, prefix "sub" size, type) X87_BINARY_MEMORY(x87_subr_##suffix, prefix "subr" size, type) \
    X87_BINARY_MEMORY(x87_div_##suffix, prefix "div" size, type) X87_BINARY_MEMORY(x87_divr_##suffix, prefix "divr" size, type) \
    X87_COMPARE_MEMORY(x87_compare_##suffix, prefix "com" size, type)
X87_MEMORY_KIND(f32, "f", "s", float)
X87_MEMORY_KIND(f64, "f", "l", double)
X87_MEMORY_KIND(i16, "fi", "s", int16_t)
X87_MEMORY_KIND(i32, "fi", "l", int32_t)
X87_COMPARE(x87_compare, "fcom")
X87_COMPARE(x87_compare_quiet, "fucom")
X87_UNARY(x87_sqrt, "fsqrt")
X87_UNARY(x87_round, "frndint")
X87_UNARY(x87_2xm1, "f2xm1")
X87_UNARY(x87_sin, "fsin")
X87_UNARY(x87_cos, "fcos")
X87_NULLARY(x87_one, "fld1")
X87_NULLARY(x87_l2t, "fldl2t")
X87_NULLARY(x87_l2e, "fldl2e")
X87_NULLARY(x87_pi, "fldpi")
X87_NULLARY(x87_lg2, "fldlg2")
X87_NULLARY(x87_ln2, "fldln2")
X87_NULLARY(x87_zero, "fldz")
X87_LOAD(x87_load_f32, "flds", float)
X87_LOAD(x87_load_f64, "fldl", double)
X87_LOAD(x87_load_i16, "filds", int16_t)
X87_LOAD(x87_load_i32, "fildl", int32_t)
X87_LOAD(x87_load_i64, "fildll", int64_t)
X87_STORE(x87_store_f32, "fstps", float)
X87_STORE(x87_store_f64, "fstpl", double)
X87_STORE(x87_store_i16, "fistps", int16_t)
X87_STORE(x87_store_i32, "fistpl", int32_t)
X87_STORE(x87_store_i64, "fistpll", int64_t)
X87_STORE(x87_truncate_i16, "fisttps", int16_t)
X87_STORE(x87_truncate_i32, "fisttpl", int32_t)
X87_STORE(x87_truncate_i64, "fisttpll", int64_t)

/* ST tested against 0, examined: the status alone. */
static inline uint16_t x87_test(const Float80 *x)
{
    uint16_t status;
    __asm__ volatile("fldt %1\n\tftst\n\tfnstsw %0\n\tfstp %%st(0)" : "=&a"(status) : "m"(*x) : "st");
    return status;
}

static inline uint16_t x87_examine(const Float80 *x)
{
    uint16_t status;
    __asm__ volatile("fldt %1\n\tfxam\n\tfnstsw %0\n\tfstp %%st(0)" : "=&a"(status) : "m"(*x) : "st");
    return status;
}

/* ---- whole instructions ---- */

/* As FNSAVE writes it in 32-bit protected form. */
typedef struct X87Image {
    uint16_t control, pad0, status, pad1, tags, pad2;
    uint32_t ip, cs_opcode, dp, ds;
    uint8_t st[8][10];
} X87Image;
_Static_assert(sizeof(X87Image) == 108, "the FSAVE image has 108 bytes");

/* The instruction with opcode D8 + number / 64 and ModRM C0 + number % 64; or with a memory operand: D8 + number / 8, ModRM.reg number % 8. */
const void *x87_stub_register(unsigned number);
const void *x87_stub_memory(unsigned number);
/* Loads the image, carries out the stub on the operand and with RFLAGS, saves the image and RFLAGS. The host's x87 is as after FNINIT then. */
void x87_run(X87Image *image, const void *stub, void *operand, uint64_t *flags);

#endif
