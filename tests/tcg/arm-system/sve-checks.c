/*
 * What SVE's loads and stores check: memory tags of each active element, alignment by SCTLR_EL1.A, and what of that first-fault loads tell in FFR; order of bytes.
 *
 * DDI 0487, C8.2, D10.8 (tag checking), B2.7.2 (alignment), J1 (MemNF).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define SVE(text, ...) __asm__ volatile(".arch_extension sve2\n" text __VA_ARGS__)
enum { DABT = 0x25, SP_ALIGNMENT = 0x26, TAG_CHECK = 0x11, TRANSLATION = 0x07, ALIGNMENT = 0x21, WNR = 1 << 6, VL = 64, A = 1 << 1, SA = 1 << 3, BIG_ENDIAN = 1 << 25 };
enum { NORMAL, TAGGED, DEVICE };        /* indices of MAIR */
#define TABLE 3ull
#define PAGE(index) (0x703ull | (u64)(index) << 2)
#define BLOCK(index) (0x701ull | (u64)(index) << 2)
#define PLACE 0x80200000ull             /* Tagged, Tagged too, untagged, nothing */
#define ATA (1ull << 43)
#define TCF(n) ((u64)(n) << 40)
enum { CHECK_SYNC = 1, CHECK_ASYNC };
#define TFSR_EL1 S3_0_C5_C6_0
#define ZCR_EL1 S3_0_C1_C2_0
#define WITH(address, tag) (((u64)(address) & ~(15ull << 56)) | (u64)(tag) << 56)
#define READS(code) ((unsigned)DABT << 8 | (code))
#define WRITES(code) (READS(code) | WNR)

/* ---- translation, modes ---- */

static uint8_t *memory;                 /* what PLACE maps */
static u64 pointer;                     /* PLACE with the tag 5; the granule at PLACE + 32 has tag 6, the others of its page 5 */

static void stg(u64 a) { __asm__ volatile("stg %0, [%0]" :: "r"(a) : "memory"); }

static void turn_on(void)
{
    if (!memory) {
        u64 *root = pages(4096), *middle = pages(4096), *leaves = pages(4096);
        memory = pages(16384);
        root[0] = BLOCK(DEVICE);
        root[1] = 0x40000000ull | BLOCK(NORMAL);
        root[2] = (u64)middle | TABLE;
        middle[1] = (u64)leaves | TABLE;
        for (unsigned i = 0; i < 3; i++) {
            leaves[i] = ((u64)memory + 4096 * i) | PAGE(i == 2 ? NORMAL : TAGGED);
        }
        WRITE(mair_el1, 0xffull | 0xf0ull << 8);
        WRITE(tcr_el1, 25 | 1ull << 23 | 2ull << 32 | 1ull << 37);      /* 39 bits, 4 KiB, TBI0 */
        WRITE(ttbr0_el1, (u64)root);
        WRITE(cpacr_el1, 3 << 20 | 3 << 16);
        WRITE(ZCR_EL1, VL / 16 - 1);
        isb();
        __asm__ volatile("tlbi vmalle1\n dsb ish\n isb" ::: "memory");
        WRITE(sctlr_el1, (READ(sctlr_el1) & ~(u64)A) | 1 | ATA);
        isb();
        for (u64 at = 0; at < 4096; at += 16) {
            stg(WITH(PLACE + at, at == 32 ? 6 : 5));
        }
    }
    pointer = WITH(PLACE, 5);
}

static void mode(u64 bits)
{
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~(TCF(3) | A | SA)) | bits);
    isb();
}

/* An exception leaves PSTATE.TCO set. The fault's class and code; 0: none. */
static unsigned abort_of(int ec) { return ec == NONE ? 0 : (unsigned)ec << 8 | (ISS(fault.esr) & 0x7f); }
#define TRY(...) ({ __asm__ volatile("msr tco, #0" ::: "memory"); unsigned result_ = abort_of(CATCH_EC(__VA_ARGS__)); __asm__ volatile("msr tco, #0" ::: "memory"); result_; })
/* One instruction (or some) with an address in %0. */
#define ON(text, a) TRY(SVE(text, :: "r"(a) : "memory", "x1", "x10"))

/* A fault at an offset from PLACE. */
static void faults_at(const char *name, unsigned got, unsigned want, u64 offset)
{
    check(got == want && fault.far == pointer + offset, name);
    if (got != want || fault.far != pointer + offset) {
        print("# class and code %x, expected %x; FAR %lx, expected %lx\n", got, want, (u64)fault.far, pointer + offset);
    }
}

/* ---- predicates, vectors ---- */

static void all(void) { SVE("ptrue p0.b"); }
static void first(u64 n) { SVE("whilelo p0.b, xzr, %0", :: "r"(n) : "cc"); }
/* All elements, but for the bytes from 32 to 47. */
static void but_third(void)
{
    SVE("mov x9, #32\n whilelo p1.b, xzr, x9\n mov x9, #48\n whilelo p2.b, xzr, x9\n ptrue p0.b\n not p2.b, p0/z, p2.b\n orr p0.b, p0/z, p1.b, p2.b", ::: "x9", "cc");
}
static void set_z(const u64 *values) { SVE("ldr z2, [%0]", :: "r"(values) : "memory"); }
static void set_ffr(void) { SVE("setffr"); }
static u64 ffr_count(void)
{
    u64 n;
    SVE("rdffr p1.b\n ptrue p2.b\n cntp %0, p2, p1.b", : "=r"(n));
    return n;
}

/* ---- subjects ---- */

/* Elements are turned, registers whole are not. With the MMU off, for tables would be read in that order, too. */
static void big_endian(void)
{
    static uint8_t from[VL] __attribute__((aligned(64))), to[3][VL] __attribute__((aligned(64)));
    WRITE(cpacr_el1, 3 << 20 | 3 << 16);
    WRITE(ZCR_EL1, VL / 16 - 1);
    isb();
    for (unsigned i = 0; i < VL; i++) {
        from[i] = i + 1;
    }
    SVE("ptrue p0.s\n ldr z0, [%0]\n msr sctlr_el1, %2\n isb\n ld1w {z1.s}, p0/z, [%0]\n ldr z0, [%0]\n st1h {z0.s}, p0, [%1]\n str z0, [%1, #1, mul vl]\n"
        "msr sctlr_el1, %3\n isb\n str z1, [%1, #2, mul vl]\n", :: "r"(from), "r"(to), "r"(READ(sctlr_el1) | BIG_ENDIAN), "r"(READ(sctlr_el1)) : "memory");
    bool loaded = true, stored = true;
    for (unsigned i = 0; i < VL; i++) {
        loaded = loaded && to[2][i] == from[i ^ 3];
        stored = stored && (i >= VL / 2 || to[0][i] == from[i / 2 * 4 + (i % 2 ? 0 : 1)]);
    }
    check(loaded, "LD1W of words turned");
    check(stored, "ST1H of halves of words");
    check(to[1][0] == 1 && to[1][VL - 1] == VL, "LDR and STR keep the order of bytes");
}

static void contiguous(void)
{
    turn_on();
    mode(TCF(CHECK_SYNC));
    all();
    faults_at("LD1B: the third granule has another tag", ON("ld1b {z0.b}, p0/z, [%0]", pointer), READS(TAG_CHECK), 32);
    faults_at("LD1D by a register", ON("mov x10, xzr\n ld1d {z0.d}, p0/z, [%0, x10, lsl #3]", pointer), READS(TAG_CHECK), 32);
    check_is("LD1B of so few that they end before", ON("ld1b {z0.d}, p0/z, [%0]", pointer), 0);
    faults_at("and behind", ON("ld1b {z0.s}, p0/z, [%0, #2, mul vl]", pointer), READS(TAG_CHECK), 32);
    faults_at("LDNT1W", ON("ldnt1w {z0.s}, p0/z, [%0]", pointer), READS(TAG_CHECK), 32);
    faults_at("LD1RQB", ON("ld1rqb {z0.b}, p0/z, [%0, #32]", pointer), READS(TAG_CHECK), 32);
    check_is("LD1RQB before", ON("ld1rqb {z0.b}, p0/z, [%0, #16]", pointer), 0);
    faults_at("LD1RD", ON("ld1rd {z0.d}, p0/z, [%0, #40]", pointer), READS(TAG_CHECK), 40);
    faults_at("ST1B", ON("st1b {z0.b}, p0, [%0]", pointer), WRITES(TAG_CHECK), 32);
    faults_at("ST1B of words", ON("st1b {z0.s}, p0, [%0, #2, mul vl]", pointer), WRITES(TAG_CHECK), 32);
    faults_at("STNT1D", ON("stnt1d {z0.d}, p0, [%0]", pointer), WRITES(TAG_CHECK), 32);
    but_third();
    check_is("LD1B without the third granule", ON("ld1b {z0.b}, p0/z, [%0]", pointer), 0);
    check_is("ST1D", ON("st1d {z0.d}, p0, [%0]", pointer), 0);
    faults_at("but not a byte further", ON("st1b {z0.b}, p0, [%0]", pointer + 1), WRITES(TAG_CHECK), 32);
    first(1);
    faults_at("an element in two granules", ON("ld1w {z0.s}, p0/z, [%0]", pointer + 30), READS(TAG_CHECK), 32);
    faults_at("begins in the wrong one", ON("st1w {z0.s}, p0, [%0]", pointer + 46), WRITES(TAG_CHECK), 46);
    check_is("another tag in an untagged page", ON("ld1b {z0.b}, p0/z, [%0]", pointer + 0x2000), 0);
    check_is("rights count first", ON("ld1b {z0.b}, p0/z, [%0]", pointer + 0x3000), READS(TRANSLATION));
    first(0);
    check_is("nothing active is nothing to check", ON("ld1b {z0.b}, p0/z, [%0]", pointer + 32), 0);
    check_is("nor of LD1RD", ON("ld1rd {z0.d}, p0/z, [%0, #40]", pointer), 0);
    all();
    check_is("prefetches are not checked", ON("prfb #0, p0, [%0, #0, mul vl]", pointer), 0);
    __asm__ volatile("msr tco, #1");
    check_is("nor anything with PSTATE.TCO", abort_of(CATCH_EC(SVE("ld1b {z0.b}, p0/z, [%0]", :: "r"(pointer) : "memory"))), 0);
    __asm__ volatile("msr tco, #0");
    check_is("the other tag is right for the third granule alone", ON("ld1b {z0.d}, p0/z, [%0]", WITH(PLACE + 32, 6)), 0);
    mode(0);
    check_is("without checks", ON("ld1b {z0.b}, p0/z, [%0]", pointer), 0);
}

static void structures(void)
{
    turn_on();
    mode(TCF(CHECK_SYNC));
    all();
    faults_at("LD2B", ON("ld2b {z4.b, z5.b}, p0/z, [%0]", pointer), READS(TAG_CHECK), 32);
    faults_at("LD3D", ON("ld3d {z4.d - z6.d}, p0/z, [%0]", pointer), READS(TAG_CHECK), 32);
    faults_at("LD4W", ON("ld4w {z4.s - z7.s}, p0/z, [%0]", pointer), READS(TAG_CHECK), 32);
    faults_at("ST2H", ON("st2h {z4.h, z5.h}, p0, [%0]", pointer), WRITES(TAG_CHECK), 32);
    faults_at("ST3B", ON("st3b {z4.b - z6.b}, p0, [%0]", pointer), WRITES(TAG_CHECK), 32);
    first(8);
    check_is("LD4D of the first structure", ON("ld4d {z4.d - z7.d}, p0/z, [%0]", pointer), 0);
    check_is("ST4D", ON("st4d {z4.d - z7.d}, p0, [%0]", pointer), 0);
    faults_at("of more", ON("st4d {z4.d - z7.d}, p0, [%0]", pointer + 16), WRITES(TAG_CHECK), 32);
    mode(0);
}

/* Of SVE2.1, which assemblers do not know yet: LD1B of two vectors by PN8, LD2Q, ST2Q, of Z4 and Z5 by X1. */
#define OF_SVE21(insn, a) ON("mov x1, %0\n .inst " #insn, a)

static void quadwords(void)
{
    if ((READ(S3_0_C0_C4_4) & 15) < 2) {
        return;
    }
    turn_on();
    mode(TCF(CHECK_SYNC));
    all();
    SVE(".inst 0x25207810");        /* PTRUE PN8.B */
    faults_at("LD1B of two vectors", OF_SVE21(0xa0400024, pointer), READS(TAG_CHECK), 32);
    faults_at("ST1B of two vectors", OF_SVE21(0xa0600024, pointer), WRITES(TAG_CHECK), 32);
    faults_at("LD2Q", OF_SVE21(0xa490e024, pointer), READS(TAG_CHECK), 32);
    faults_at("ST2Q", OF_SVE21(0xe4400024, pointer), WRITES(TAG_CHECK), 32);
    first(16);
    check_is("LD2Q of the first", OF_SVE21(0xa490e024, pointer), 0);
    mode(A);
    faults_at("LD2Q wants 16 bytes", OF_SVE21(0xa490e024, pointer + 0x108), READS(ALIGNMENT), 0x108);
    check_is("and has them", OF_SVE21(0xa490e024, pointer + 0x110), 0);
    check_is("LD1B of two vectors wants none", OF_SVE21(0xa0400024, pointer + 0x101), 0);
    mode(0);
}

static void whole(void)
{
    turn_on();
    mode(TCF(CHECK_SYNC));
    faults_at("LDR of a vector", ON("ldr z0, [%0]", pointer), READS(TAG_CHECK), 32);
    faults_at("STR of a vector", ON("str z0, [%0]", pointer), WRITES(TAG_CHECK), 32);
    check_is("one behind", ON("ldr z0, [%0, #1, mul vl]", pointer), 0);
    faults_at("LDR of a predicate", ON("ldr p4, [%0]", pointer + 28), READS(TAG_CHECK), 32);
    faults_at("STR of a predicate", ON("str p4, [%0, #4, mul vl]", pointer), WRITES(TAG_CHECK), 32);
    check_is("one before", ON("str p4, [%0, #3, mul vl]", pointer), 0);
    mode(0);
}

/* By SP_EL0: exceptions have the other one. */
#define BY_SP(text) "mov x10, xzr\n msr spsel, #0\n mov sp, %0\n" text "\n msr spsel, #1"

static void stack(void)
{
    turn_on();
    mode(TCF(CHECK_SYNC));
    first(16);
    check_is("LD1B by SP is not checked", ON(BY_SP("ld1b {z0.b}, p0/z, [sp]"), WITH(PLACE, 4)), 0);
    check_is("nor ST2B", ON(BY_SP("st2b {z0.b, z1.b}, p0, [sp]"), WITH(PLACE, 4)), 0);
    check_is("nor LD1RD", ON(BY_SP("ld1rd {z0.d}, p0/z, [sp]"), WITH(PLACE, 4)), 0);
    check_is("nor LDR", ON(BY_SP("ldr z0, [sp]"), WITH(PLACE, 4)), 0);
    check_is("nor STR of a predicate", ON(BY_SP("str p0, [sp]"), WITH(PLACE, 4)), 0);
    check_is("but with an index", ON(BY_SP("ld1b {z0.b}, p0/z, [sp, x10]"), WITH(PLACE, 4)), READS(TAG_CHECK));
    check_is("of vectors, too", ON(BY_SP("index z2.d, #0, #1\n ld1b {z0.d}, p0/z, [sp, z2.d]"), WITH(PLACE, 4)), READS(TAG_CHECK));
    mode(SA | TCF(CHECK_SYNC));
    check_is("SP has to be aligned", ON(BY_SP("ldr z0, [sp]"), pointer + 0x108) >> 8, SP_ALIGNMENT);
    check_is("for a store of a structure", ON(BY_SP("st2b {z0.b, z1.b}, p0, [sp]"), pointer + 0x108) >> 8, SP_ALIGNMENT);
    mode(0);
    check_is("not with SCTLR_EL1.SA clear", ON(BY_SP("ldr z0, [sp]"), pointer + 0x108), 0);
}

static void vectors(void)
{
    static const u64 offsets[VL / 8] = { 0, 8, 48, 32, 56, 16, 24, 40 };
    turn_on();
    mode(TCF(CHECK_SYNC));
    u64 addresses[VL / 8];
    for (unsigned i = 0; i < VL / 8; i++) {
        addresses[i] = pointer + offsets[i];
    }
    all();
    set_z(offsets);
    faults_at("LD1D by offsets", ON("ld1d {z0.d}, p0/z, [%0, z2.d]", pointer), READS(TAG_CHECK), 32);
    faults_at("by 32 bits of them", ON("ld1b {z0.d}, p0/z, [%0, z2.d, uxtw]", pointer), READS(TAG_CHECK), 32);
    faults_at("ST1D", ON("st1d {z0.d}, p0, [%0, z2.d]", pointer), WRITES(TAG_CHECK), 32);
    check_is("the sum has the tag", ON("ld1d {z0.d}, p0/z, [%0, z2.d]", WITH(pointer, 4)), READS(TAG_CHECK));
    set_z(addresses);
    faults_at("LD1D by addresses", ON("ld1d {z0.d}, p0/z, [z2.d]", pointer), READS(TAG_CHECK), 32);
    faults_at("ST1H", ON("st1h {z0.d}, p0, [z2.d]", pointer), WRITES(TAG_CHECK), 32);
    faults_at("LDNT1D", ON("ldnt1d {z0.d}, p0/z, [z2.d, xzr]", pointer), READS(TAG_CHECK), 32);
    faults_at("STNT1B", ON("stnt1b {z0.d}, p0, [z2.d, xzr]", pointer), WRITES(TAG_CHECK), 32);
    first(24);
    check_is("of three", ON("ld1d {z0.d}, p0/z, [z2.d]", pointer), 0);
    check_is("stored", ON("stnt1d {z0.d}, p0, [z2.d, xzr]", pointer), 0);
    all();
    set_ffr();
    check_is("LDFF1D", ON("ldff1d {z0.d}, p0/z, [z2.d]", pointer), 0);
    check_is("has three", ffr_count(), 24);
    check_is("prefetches", ON("prfd #0, p0, [z2.d]", pointer), 0);
    mode(0);
}

static void first_fault(void)
{
    turn_on();
    mode(TCF(CHECK_SYNC));
    all();
    set_ffr();
    check_is("LDFF1B", ON("ldff1b {z0.b}, p0/z, [%0]", pointer), 0);
    check_is("has two granules", ffr_count(), 32);
    faults_at("its first element faults", ON("ldff1b {z0.b}, p0/z, [%0]", pointer + 32), READS(TAG_CHECK), 32);
    set_ffr();
    check_is("LDNF1B never does", ON("ldnf1b {z0.b}, p0/z, [%0, #0, mul vl]", pointer + 32), 0);
    check_is("and has none", ffr_count(), 0);
    set_ffr();
    check_is("LDNF1B from before", ON("ldnf1b {z0.b}, p0/z, [%0, #0, mul vl]", pointer + 20), 0);
    check_is("has what is there", ffr_count(), 12);
    set_ffr();
    but_third();
    check_is("what is not active is not checked", ON("ldff1b {z0.b}, p0/z, [%0]", pointer), 0);
    check_is("and all is there", ffr_count(), VL);
    all();
    set_ffr();
    check_is("by SP", ON(BY_SP("ldnf1b {z0.b}, p0/z, [sp, #0, mul vl]"), pointer), 0);
    check_is("nothing is checked", ffr_count(), VL);
    mode(0);
}

static void asynchronous(void)
{
    turn_on();
    mode(TCF(CHECK_ASYNC));
    WRITE(TFSR_EL1, 0);
    all();
    check_is("LD1B does not fault", ON("ld1b {z0.b}, p0/z, [%0]", pointer), 0);
    check_is("but it is noted", READ(TFSR_EL1), 1);
    WRITE(TFSR_EL1, 0);
    but_third();
    check_is("what is not active", ON("st1b {z0.b}, p0, [%0]", pointer), 0);
    check_is("is not", READ(TFSR_EL1), 0);
    memory[47] = 0;
    SVE("mov z0.b, #7");
    check_is("STR of a vector", ON("str z0, [%0]", pointer), 0);
    check(READ(TFSR_EL1) == 1 && memory[47] == 7, "is noted and done");
    WRITE(TFSR_EL1, 0);
    all();
    set_ffr();
    check_is("LDFF1B", ON("ldff1b {z0.b}, p0/z, [%0]", pointer), 0);
    check_is("tells behind its first element by FFR", ffr_count(), 32);
    check_is("not by TFSR_EL1", READ(TFSR_EL1), 0);
    mode(0);
}

static void alignment(void)
{
    turn_on();
    all();
    check_is("without SCTLR_EL1.A", ON("ld1d {z0.d}, p0/z, [%0]", pointer + 0x101), 0);
    mode(A);
    faults_at("LD1D", ON("ld1d {z0.d}, p0/z, [%0]", pointer + 0x104), READS(ALIGNMENT), 0x104);
    check_is("LD1B", ON("ld1b {z0.b}, p0/z, [%0]", pointer + 0x101), 0);
    check_is("LD1B to wider ones", ON("ld1b {z0.d}, p0/z, [%0]", pointer + 0x101), 0);
    faults_at("LD1H to wider ones", ON("ld1h {z0.s}, p0/z, [%0]", pointer + 0x101), READS(ALIGNMENT), 0x101);
    check_is("aligned to what they are in memory", ON("ld1h {z0.s}, p0/z, [%0]", pointer + 0x102), 0);
    faults_at("ST1W", ON("st1w {z0.s}, p0, [%0]", pointer + 0x102), WRITES(ALIGNMENT), 0x102);
    check_is("ST1W", ON("st1w {z0.s}, p0, [%0]", pointer + 0x104), 0);
    faults_at("LD2W", ON("ld2w {z4.s, z5.s}, p0/z, [%0]", pointer + 0x102), READS(ALIGNMENT), 0x102);
    check_is("LD2W by elements", ON("ld2w {z4.s, z5.s}, p0/z, [%0]", pointer + 0x104), 0);
    faults_at("LD1RW", ON("ld1rw {z0.s}, p0/z, [%0]", pointer + 0x102), READS(ALIGNMENT), 0x102);
    faults_at("LD1RQW", ON("ld1rqw {z0.s}, p0/z, [%0]", pointer + 0x102), READS(ALIGNMENT), 0x102);
    check_is("LD1RQW by elements", ON("ld1rqw {z0.s}, p0/z, [%0]", pointer + 0x104), 0);
    faults_at("LDR of a vector", ON("ldr z0, [%0]", pointer + 0x108), READS(ALIGNMENT), 0x108);
    check_is("wants 16 bytes", ON("ldr z0, [%0]", pointer + 0x110), 0);
    faults_at("STR of a vector", ON("str z0, [%0]", pointer + 0x108), WRITES(ALIGNMENT), 0x108);
    faults_at("LDR of a predicate", ON("ldr p4, [%0]", pointer + 0x101), READS(ALIGNMENT), 0x101);
    check_is("wants 2 bytes", ON("ldr p4, [%0]", pointer + 0x102), 0);
    faults_at("STR of a predicate", ON("str p4, [%0]", pointer + 0x101), WRITES(ALIGNMENT), 0x101);
    faults_at("it counts before what is mapped", ON("ld1d {z0.d}, p0/z, [%0]", pointer + 0x3004), READS(ALIGNMENT), 0x3004);
    first(0);
    check_is("nothing active", ON("ld1d {z0.d}, p0/z, [%0]", pointer + 0x101), 0);
    mode(0);
}

static void alignment_of_each(void)
{
    turn_on();
    mode(A);
    u64 addresses[VL / 8];
    for (unsigned i = 0; i < VL / 8; i++) {
        addresses[i] = pointer + 0x100 + 8 * i + (i == 3 ? 4 : 0);
    }
    all();
    set_z(addresses);
    faults_at("LD1D by addresses", ON("ld1d {z0.d}, p0/z, [z2.d]", pointer), READS(ALIGNMENT), 0x11c);
    check_is("LD1W", ON("ld1w {z0.d}, p0/z, [z2.d]", pointer), 0);
    faults_at("ST1D", ON("st1d {z0.d}, p0, [z2.d]", pointer), WRITES(ALIGNMENT), 0x11c);
    faults_at("STNT1D", ON("stnt1d {z0.d}, p0, [z2.d, xzr]", pointer), WRITES(ALIGNMENT), 0x11c);
    set_ffr();
    check_is("LDFF1D", ON("ldff1d {z0.d}, p0/z, [z2.d]", pointer), 0);
    check_is("has three", ffr_count(), 24);
    faults_at("its first element faults", ON("ldff1d {z0.d}, p0/z, [%0]", pointer + 0x104), READS(ALIGNMENT), 0x104);
    set_ffr();
    check_is("LDNF1D does not", ON("ldnf1d {z0.d}, p0/z, [%0, #0, mul vl]", pointer + 0x104), 0);
    check_is("and has none", ffr_count(), 0);
    mode(0);
}

const Subject subjects[] = { { "big-endian", big_endian }, { "contiguous", contiguous }, { "structures", structures }, { "several vectors, quadwords", quadwords },
                             { "whole registers", whole }, { "by SP", stack }, { "by vectors", vectors }, { "first fault", first_fault }, { "asynchronous", asynchronous },
                             { "alignment", alignment }, { "alignment of each element", alignment_of_each }, { NULL, NULL } };
