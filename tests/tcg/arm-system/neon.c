/*
 * Advanced SIMD of AArch32 at PL1: who may use it, alignment that instructions ask for, write-back, what FPSCR has to do with it.
 *
 * DDI 0487, G1.17.1 (CPACR, FPEXC), E2.5 (alignment), E1.3.4 (the standard FPSCR value), F6.1 (VLD1 ...).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime32.h"

__asm__(".fpu neon-vfpv4");

enum { CPACR_FULL = 0xf << 20, FPEXC_EN = 1 << 30, SCTLR_M = 1, SCTLR_A = 2 };
#define CPACR_ASEDIS (1u << 31)
enum { FPSCR_QC = 1 << 27, FPSCR_IDC = 1 << 7, FPSCR_IXC = 1 << 4, FPSCR_PLUS = 1 << 22 };

static void set_cpacr(uint32_t value)
{
    SET15(0, c1, c0, 2, value);
    __asm__ volatile("isb");
}

static void set_fpexc(uint32_t value) { __asm__ volatile("vmsr fpexc, %0" :: "r"(value)); }
static void set_fpscr(uint32_t value) { __asm__ volatile("vmsr fpscr, %0" :: "r"(value)); }
static uint32_t fpscr(void) { uint32_t v; __asm__ volatile("vmrs %0, fpscr" : "=r"(v)); return v; }

static unsigned simd(void) { return TRY("vadd.i32 d16, d17, d18"); }
static unsigned load(void) { return TRY("vld1.8 {d16}, [%[a]]", [a] "r"(stack)); }
static unsigned floating(void) { return TRY("vadd.f32 s0, s1, s2"); }

static void access(void)
{
    set_cpacr(0);
    check_is("CPACR.cp10 0: Advanced SIMD is undefined", simd(), UNDEFINED);
    check_is("so are its loads", load(), UNDEFINED);
    check_is("and the control registers", TRY("vmrs r2, fpexc"), UNDEFINED);
    set_cpacr(CPACR_FULL);
    set_fpexc(0);
    check_is("FPEXC.EN 0: undefined", simd(), UNDEFINED);
    check_is("floating point, too", floating(), UNDEFINED);
    check_is("and FPSCR", TRY("vmrs r2, fpscr"), UNDEFINED);
    check_is("FPEXC is there", TRY("vmrs r2, fpexc"), 0);
    set_fpexc(FPEXC_EN);
    check_is("FPEXC.EN 1: Advanced SIMD", simd(), 0);
    check_is("its loads", load(), 0);
    check_is("floating point", floating(), 0);
    set_cpacr(CPACR_FULL | CPACR_ASEDIS);
    if (CP15(0, c1, c0, 2) & CPACR_ASEDIS) {
        check_is("CPACR.ASEDIS: Advanced SIMD is undefined", simd(), UNDEFINED);
        check_is("VDUP is part of it", TRY("vdup.32 d16, r2"), UNDEFINED);
        check_is("a move of 8 bits is", TRY("vmov.8 d16[0], r2"), UNDEFINED);
        check_is("one of 32 bits is not", TRY("vmov.32 d16[0], r2"), 0);
        check_is("floating point is not", floating(), 0);
    }
    set_cpacr(CPACR_FULL);
    check_is("an odd number of a Q register is undefined", TRY(".inst 0xf2201842"), UNDEFINED);
}

static uint32_t table[4096] __attribute__((aligned(16384)));
static uint8_t bytes[64] __attribute__((aligned(64)));

/* Normal memory: unaligned accesses are let through. */
static void turn_on_mmu(void)
{
    for (unsigned i = 0; i < 4096; i++) {
        table[i] = i << 20 | 2 | 3 << 10 | (i >= 0x400 ? 3 << 2 | 1 << 12 : 0);
    }
    SET15(0, c2, c0, 2, 0);
    SET15(0, c2, c0, 0, (uint32_t)table);
    SET15(0, c3, c0, 0, 1);
    __asm__ volatile("dsb\n mcr p15, 0, %0, c8, c7, 0\n dsb\n isb" :: "r"(0) : "memory");
    SET15(0, c1, c0, 0, (CP15(0, c1, c0, 0) & ~(uint32_t)SCTLR_A) | SCTLR_M);
    __asm__ volatile("isb");
}

#define AT(offset, instruction) TRY(instruction, [a] "r"(bytes + (offset)))

static void alignment(void)
{
    turn_on_mmu();
    check_is("without a demand any address is good", AT(1, "vld1.32 {d16, d17}, [%[a]]"), 0);
    check_is("64 bits, at 8", AT(8, "vld1.8 {d16}, [%[a]:64]"), 0);
    check_is("64 bits, at 4", AT(4, "vld1.8 {d16}, [%[a]:64]"), DATA_ABORT);
    check_is("DFSR: alignment", CP15(0, c5, c0, 0) & 0xcff, 1);
    check_is("DFAR", CP15(0, c6, c0, 0), (uint32_t)bytes + 4);
    check_is("a store says so", AT(4, "vst1.8 {d16}, [%[a]:64]"), DATA_ABORT);
    check_is("DFSR.WnR", CP15(0, c5, c0, 0) & 0xcff, 0x801);
    check_is("128 bits, at 8", AT(8, "vld1.8 {d16, d17}, [%[a]:128]"), DATA_ABORT);
    check_is("128 bits, at 16", AT(16, "vld1.8 {d16, d17}, [%[a]:128]"), 0);
    check_is("256 bits, at 32", AT(32, "vld1.8 {d16-d19}, [%[a]:256]"), 0);
    check_is("256 bits, at 16", AT(16, "vld1.8 {d16-d19}, [%[a]:256]"), DATA_ABORT);
    check_is("a lane of four: 32 bits, at 2", AT(2, "vld4.8 {d16[0], d17[0], d18[0], d19[0]}, [%[a]:32]"), DATA_ABORT);
    check_is("to all lanes: 32 bits, at 2", AT(2, "vld1.32 {d16[]}, [%[a]:32]"), DATA_ABORT);
    check_is("VLDR: 32 bits", AT(2, "vldr d16, [%[a]]"), DATA_ABORT);
    SET15(0, c1, c0, 0, CP15(0, c1, c0, 0) | SCTLR_A);
    __asm__ volatile("isb");
    check_is("SCTLR.A: elements are aligned", AT(2, "vld1.32 {d16}, [%[a]]"), DATA_ABORT);
    check_is("bytes always are", AT(3, "vld1.8 {d16}, [%[a]]"), 0);
    check_is("halfwords, at 2", AT(2, "vld2.16 {d16, d17}, [%[a]]"), 0);
    SET15(0, c1, c0, 0, CP15(0, c1, c0, 0) & ~(uint32_t)SCTLR_A);
    __asm__ volatile("isb");
}

static void write_back(void)
{
    uint8_t *p = bytes, *q = bytes;
    uint32_t low;
    for (unsigned i = 0; i < sizeof(bytes); i++) {
        bytes[i] = i;
    }
    __asm__ volatile("vld3.8 {d16, d17, d18}, [%0]!\n vld1.16 {d20[1]}, [%1], %3\n vmov.32 %2, d17[0]" : "+r"(p), "+r"(q), "=r"(low) : "r"(20) : "memory");
    check_is("VLD3: the second bytes of threes", low, 0x0a070401);
    check_is("the base is behind 24 bytes", (uint32_t)(p - bytes), 24);
    check_is("or an index further", (uint32_t)(q - bytes), 20);
    p = bytes;
    __asm__ volatile("vst4.16 {d16, d17, d18, d19}, [%0]!" : "+r"(p) :: "memory");
    check_is("VST4: the base is behind 32 bytes", (uint32_t)(p - bytes), 32);
    check_is("a halfword of each register in turn", *(uint32_t *)(bytes + 8), 0x0a070906);
}

/* One lane of an operation of two. */
#define LANE(instruction, x, y) ({ uint32_t r_; __asm__ volatile("vdup.32 d16, %1\n vdup.32 d17, %2\n " instruction " d18, d16, d17\n vmov.32 %0, d18[1]" : "=r"(r_) : "r"(x), "r"(y)); r_; })

static void status(void)
{
    set_fpscr(0);
    check_is("subnormals are flushed whatever FPSCR.FZ says", LANE("vadd.f32", 0x00000001, 0x80000000), 0);
    check_is("FPSCR.IDC tells of it, and nothing else", fpscr(), FPSCR_IDC);
    set_fpscr(FPSCR_PLUS);
    check_is("rounding is to nearest whatever FPSCR.RMode says", LANE("vadd.f32", 0x3f800000, 0x2f800000), 0x3f800000);
    check_is("it is inexact", fpscr(), FPSCR_PLUS | FPSCR_IXC);
    set_fpscr(0);
    check_is("NaNs are the default one", LANE("vmul.f32", 0xffc12345, 0x3f800000), 0x7fc00000);
    check_is("a quiet NaN tells nothing", fpscr(), 0);
    check_is("VMLA's product is rounded", LANE("vmul.f32 d18, d16, d17\n vneg.f32 d18, d18\n vmla.f32", 0x3f800001, 0x3f800001), 0);
    set_fpscr(0);
    check_is("VQADD saturates", LANE("vqadd.s8", 0x7f7f7f7f, 0x01010101), 0x7f7f7f7f);
    check_is("QC", fpscr(), FPSCR_QC);
    LANE("vqadd.s8", 0, 0);
    check_is("it stays", fpscr(), FPSCR_QC);
    set_fpscr(0);
    LANE("vqadd.s8 d19, d19, d19\n vqdmulh.s16", 0x80008000, 0x80008000);
    check_is("C code's counts, too", fpscr() & FPSCR_QC, FPSCR_QC);
}

void run_tests(void)
{
    access();
    alignment();
    write_back();
    status();
}
