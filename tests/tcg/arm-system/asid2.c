/*
 * Two ASIDs (FEAT_ASID2): with TCR2_EL1.A2 each range of addresses has that of its own TTBR, and TLBI by ASID means either; FNG0 and FNG1 leave no page global.
 *
 * DDI 0487, D8.16 (ASIDs), D24.2 (TCR2_EL1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define TCR2 S3_0_C2_C0_3
/* By this name. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { A2 = 1 << 16, FNG0 = 1 << 17, FNG1 = 1 << 18, TABLE = 3, NON_GLOBAL = 1 << 11, BLOCK = 0x701, PAGE = 0x703 };
#define LOW 0x80000000ull
#define HIGH 0xffffffc000000000ull

/* Of the same address two pages, which say 1 and 2. */
static u64 *page[2];
/* Tables of each range, two, and their last levels. */
static u64 *low[2], *high[2], *low_leaf[2], *high_leaf[2];

static u64 load(u64 a) { return *(volatile u64 *)a; }

static void set_up(u64 leaf_bits, u64 tcr2)
{
    if (!page[0]) {
        for (unsigned i = 0; i < 2; i++) {
            page[i] = pages(4096);
            *page[i] = i + 1;
            low[i] = pages(4096);
            high[i] = pages(4096);
            low_leaf[i] = pages(4096);
            high_leaf[i] = pages(4096);
            u64 *middle = pages(4096), *high_middle = pages(4096);
            low[i][0] = BLOCK | 1 << 2;
            low[i][1] = 0x40000000 | BLOCK;
            low[i][2] = (u64)middle | TABLE;
            high[i][256] = (u64)high_middle | TABLE;
            middle[0] = (u64)low_leaf[i] | TABLE;
            high_middle[0] = (u64)high_leaf[i] | TABLE;
        }
        WRITE(mair_el1, 0xff);
        WRITE(tcr_el1, 25 | 25 << 16 | 2ull << 30 | 2ull << 32 | 1ull << 36);       /* 39 bits, 4 KiB, ASIDs of 16 bits */
    }
    for (unsigned i = 0; i < 2; i++) {
        low_leaf[i][0] = (u64)page[i] | PAGE | leaf_bits;
        high_leaf[i][0] = (u64)page[i] | PAGE | leaf_bits;
    }
    WRITE(ttbr0_el1, (u64)low[0] | 1ull << 48);
    WRITE(ttbr1_el1, (u64)high[0] | 0x102ull << 48);
    PUT(TCR2, tcr2);
    __asm__ volatile("isb\n dsb ish\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
    WRITE(sctlr_el1, READ(sctlr_el1) | 1);
    isb();
}

static void use_low(unsigned i, u64 asid) { WRITE(ttbr0_el1, (u64)low[i] | asid << 48); isb(); }
static void use_high(unsigned i, u64 asid) { WRITE(ttbr1_el1, (u64)high[i] | asid << 48); isb(); }

static void put(u64 *leaf, unsigned i, u64 leaf_bits)
{
    *(volatile u64 *)leaf = (u64)page[i] | PAGE | leaf_bits;
    __asm__ volatile("dsb ish" ::: "memory");
}

static void by_asid(u64 asid) { __asm__ volatile("dsb ish\n tlbi aside1is, %0\n dsb ish\n isb" :: "r"(asid << 48) : "memory"); }
static void by_address(u64 address, u64 asid) { __asm__ volatile("dsb ish\n tlbi vae1is, %0\n dsb ish\n isb" :: "r"((address >> 12 & ((1ull << 44) - 1)) | asid << 48) : "memory"); }

static void each(void)
{
    check_is("ID_AA64MMFR4_EL1.ASID2", READ(S3_0_C0_C7_4) >> 8 & 15, 1);
    set_up(NON_GLOBAL, A2 | FNG0 | FNG1);
    check_is("TCR2_EL1 keeps A2, FNG0 and FNG1", GET(TCR2) >> 16, 7);
    set_up(NON_GLOBAL, A2);
    check_is("the lower range", load(LOW), 1);
    check_is("the upper range", load(HIGH), 1);
    use_high(1, 0x203);
    check_is("another ASID of the upper range", load(HIGH), 2);
    check_is("the lower range is as it was", load(LOW), 1);
    use_high(0, 0x102);
    check_is("the first again", load(HIGH), 1);
    use_low(1, 4);
    check_is("another ASID of the lower range", load(LOW), 2);
    check_is("the upper range is as it was", load(HIGH), 1);
    use_low(0, 1);
    check_is("the first again", load(LOW), 1);
}

static void invalidation(void)
{
    set_up(NON_GLOBAL, A2);
    load(LOW);
    load(HIGH);
    put(high_leaf[0], 1, NON_GLOBAL);
    by_asid(0x102);
    check_is("TLBI ASIDE1IS of the upper range's", load(HIGH), 2);
    put(low_leaf[0], 1, NON_GLOBAL);
    by_asid(1);
    check_is("of the lower range's", load(LOW), 2);
    put(high_leaf[0], 0, NON_GLOBAL);
    by_address(HIGH, 0x102);
    check_is("TLBI VAE1IS in the upper range", load(HIGH), 1);
    put(low_leaf[0], 0, NON_GLOBAL);
    by_address(LOW, 1);
    check_is("in the lower range", load(LOW), 1);
    /* What another pair has of the ASID is gone, too. */
    use_low(1, 4);
    load(HIGH);
    use_low(0, 1);
    put(high_leaf[0], 1, NON_GLOBAL);
    by_address(HIGH, 0x102);
    use_low(1, 4);
    check_is("by address, beside another ASID", load(HIGH), 2);
    use_low(0, 1);
    put(high_leaf[0], 0, NON_GLOBAL);
    by_asid(0x102);
    use_low(1, 4);
    check_is("by ASID, beside another ASID", load(HIGH), 1);
}

static void forced(void)
{
    set_up(0, A2 | FNG1);
    load(HIGH);
    use_high(1, 0x203);
    check_is("FNG1: a global page of the upper range is not", load(HIGH), 2);
    set_up(0, A2 | FNG0);
    load(LOW);
    use_low(1, 4);
    check_is("FNG0: nor one of the lower range", load(LOW), 2);
    set_up(0, FNG0);
    load(LOW);
    use_low(1, 4);
    check_is("without A2, too", load(LOW), 2);
}

/* With one ASID, TCR_EL1.A1 says whose. */
static void one(void)
{
    set_up(NON_GLOBAL, 0);
    check_is("ASID of TTBR0", load(HIGH), 1);
    WRITE(ttbr1_el1, (u64)high[1] | 0x102ull << 48);
    use_low(1, 5);
    check_is("another", load(HIGH), 2);
    use_low(0, 1);
    use_high(0, 0x102);
    check_is("the first again", load(HIGH), 1);
}

const Subject subjects[] = { { "each its own", each }, { "invalidation", invalidation }, { "forced", forced }, { "one", one }, { NULL, NULL } };
