/*
 * rvv_ta_all_1s and rvv_ma_all_1s: agnostic elements become ones, undisturbed ones stay (volume I, 30.3.4). The CPU has both.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

static uint8_t before[32] __attribute__((aligned(16))), after[32] __attribute__((aligned(16)));

/* Runs `code` with v8 and v9 as they were, v0's bits 0b0101, v4 of ones and twos, by `vtype` and VL 3 of 4 elements of 32 bits; gives v8, v9 and the mask v10. */
#define RUN(vtype, code) \
    asm volatile(".option push\n.option arch, +v\n" \
                 "vsetvli t0, x0, e8, m1, ta, ma\nli t1, 0x5\nvmv.v.x v0, t1\nvmv.v.i v4, 1\nvmv.v.i v8, 7\nvmv.v.i v9, 7\n" \
                 "li t0, 3\nvsetvli x0, t0, " vtype "\n" code "\n" \
                 "vs1r.v v8, (%0)\naddi t1, %0, 16\nvs1r.v v9, (t1)\n.option pop" :: "r"(after), "r"(before) : "t0", "t1", "memory")

static uint32_t word(unsigned n)
{
    uint32_t value = 0;
    for (unsigned i = 0; i < 4; i++) {
        value |= (uint32_t)after[4 * n + i] << 8 * i;
    }
    return value;
}

static void check_words(const char *name, uint32_t a, uint32_t b, uint32_t c, uint32_t d)
{
    bool good = word(0) == a && word(1) == b && word(2) == c && word(3) == d;
    check(good, "%s", name);
    if (!good) {
        print("# %x %x %x %x\n", word(0), word(1), word(2), word(3));
    }
}

enum { OLD = 0x07070707, SUM = 0x02020202, ONE = 0x01010101 };
#define ONES UINT32_MAX

static void elements(void)
{
    RUN("e32, m1, tu, mu", "vadd.vv v8, v4, v4");
    check_words("an undisturbed tail stays", SUM, SUM, SUM, OLD);
    RUN("e32, m1, ta, mu", "vadd.vv v8, v4, v4");
    check_words("an agnostic tail becomes ones", SUM, SUM, SUM, ONES);
    RUN("e32, m1, tu, mu", "vadd.vv v8, v4, v4, v0.t");
    check_words("undisturbed masked elements stay", SUM, OLD, SUM, OLD);
    RUN("e32, m1, tu, ma", "vadd.vv v8, v4, v4, v0.t");
    check_words("agnostic masked elements become ones", SUM, ONES, SUM, OLD);
    RUN("e32, m1, ta, ma", "vadd.vv v8, v4, v4, v0.t");
    check_words("both", SUM, ONES, SUM, ONES);
    RUN("e32, m1, ta, ma", "vmerge.vvm v8, v8, v4, v0");
    check_words("what a merge does not take is no masked element", ONE, OLD, ONE, ONES);
    RUN("e32, m1, ta, ma", "vmv.s.x v8, x0");
    check_words("all behind a scalar is its tail", 0, ONES, ONES, ONES);
    RUN("e32, m1, ta, ma", "vslideup.vi v8, v4, 2, v0.t");
    check_words("below a slide's offset nothing is written", OLD, OLD, ONE, ONES);
    RUN("e32, m1, ta, ma", "vcompress.vm v8, v4, v0");
    check_words("what is behind the last that is picked is the tail", ONE, ONE, ONES, ONES);
    RUN("e16, mf2, ta, ma", "vwadd.vv v8, v4, v4");
    check_words("a wider destination has its own tail", 0x0202, 0x0202, 0x0202, ONES);
}

static void masks(void)
{
    RUN("e32, m1, tu, mu", "vmseq.vv v8, v4, v4");
    check_words("the tail of a mask is agnostic always", ONES, ONES, ONES, ONES);
    RUN("e32, m1, tu, mu", "vmsne.vv v8, v4, v4");
    check_words("from the bit behind VL on", ONES - 7, ONES, ONES, ONES);
    RUN("e32, m1, tu, ma", "vmsne.vv v8, v4, v4, v0.t");
    check_words("a masked bit", ONES - 5, ONES, ONES, ONES);
    RUN("e32, m1, tu, ma", "vmsne.vv v0, v4, v4, v0.t\nvmv1r.v v8, v0");
    check_words("a compare over its mask", ONES - 5, ONES, ONES, ONES);
}

static void memory(void)
{
    for (unsigned i = 0; i < 32; i++) {
        before[i] = i < 4 ? 0x22 : 0x33;
    }
    RUN("e32, m1, ta, ma", "vle32.v v8, (%1)");
    check_words("a load has a tail", 0x22222222, 0x33333333, 0x33333333, ONES);
    RUN("e32, m1, ta, ma", "vle32.v v8, (%1), v0.t");
    check_words("and masked elements", 0x22222222, ONES, 0x33333333, ONES);
    RUN("e32, m1, ta, ma", "vlseg2e32.v v8, (%1)");
    check(word(3) == ONES && word(7) == ONES && word(4) == 0x33333333, "each field of a segment has its tail");
    RUN("e32, m1, ta, ma", "vl1re32.v v8, (%1)");
    check_words("a whole register has none", 0x22222222, 0x33333333, 0x33333333, 0x33333333);
    RUN("e32, m1, ta, ma", "vlm.v v8, (%1)");
    check_words("a mask's is behind the last byte", ONES - 0xdd, ONES, ONES, ONES);
    RUN("e32, m1, ta, ma", "vsetvli x0, x0, e32, m1, ta, ma\nli t1, 0\nvsetvli x0, t1, e32, m1, ta, ma\nvadd.vv v8, v4, v4");
    check_words("nothing is written where VL is 0", OLD, OLD, OLD, OLD);
}

const Subject subjects[] = { { "elements", elements }, { "masks", masks }, { "memory", memory }, { NULL, NULL } };
