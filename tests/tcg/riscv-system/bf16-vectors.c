/*
 * BF16 elements by vtype.altfmt (Zvfbfa 0.9): what is computed in that format, what is reserved.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { E8MF2 = 0x07, E16 = 0x08, E32 = 0x10, ALT = 0x100 };
enum { ONE = 0x3f80, TWO = 0x4000, THREE = 0x4040, SIX = 0x40c0, MINUS = 0x8000, NAN = 0x7fc0, INFINITE = 0x7f80 };
static uint16_t a[8], b[8], d[16] __attribute__((aligned(16)));
static Word status;
#define FLAGS_NX 1

/* Eight elements of 16 bits, or as many of 8: v4 from a, v6 from b, v8 and v9 begin as d and go there. fa0 has the scalar's bits. */
#define RUN(vtype, scalar, code) \
    CATCH(uint64_t bits_ = (scalar); \
          asm volatile(".option push\n.option arch, +v\n" \
                       "vl1re16.v v4, (%0)\nvl1re16.v v6, (%1)\nvl2re16.v v8, (%2)\nfld fa0, (%4)\ncsrw fflags, x0\n" \
                       "li t0, 8\nli t1, %3\nvsetvl t0, t0, t1\n" code "\nvs2r.v v8, (%2)\n.option pop" \
                       :: "r"(a), "r"(b), "r"(d), "i"(vtype), "r"(&bits_) : "t0", "t1", "fa0", "memory"); \
          asm volatile("csrr %0, fflags" : "=r"(status)))

static uint64_t boxed(uint16_t value) { return UINT64_C(0xffffffffffff0000) | value; }

static void set(uint16_t *to, uint16_t first, uint16_t second)
{
    for (unsigned i = 0; i < 8; i++) {
        to[i] = i & 1 ? second : first;
    }
}

static void operands(uint16_t a0, uint16_t a1, uint16_t b0, uint16_t b1)
{
    set(a, a0, a1);
    set(b, b0, b1);
    set(d, 0, 0);
    set(d + 8, 0, 0);
}

static void check_pair(const char *name, uint16_t first, uint16_t second)
{
    bool good = outcome.level == NO_TRAP && d[0] == first && d[1] == second && d[6] == first && d[7] == second;
    check(good, "%s", name);
    if (!good) {
        print("# level %d, %x %x, not %x %x\n", outcome.level, d[0], d[1], first, second);
    }
}

static void check_wide(const char *name, uint32_t first, uint32_t second)
{
    uint32_t got0 = d[0] | (uint32_t)d[1] << 16, got1 = d[2] | (uint32_t)d[3] << 16;
    bool good = outcome.level == NO_TRAP && got0 == first && got1 == second;
    check(good, "%s", name);
    if (!good) {
        print("# level %d, %x %x, not %x %x\n", outcome.level, got0, got1, first, second);
    }
}

static Word read_vtype(Word wanted)
{
    Word got;
    asm volatile(".option push\n.option arch, +v\nvsetvl x0, x0, %1\ncsrr %0, vtype\n.option pop" : "=r"(got) : "r"(wanted));
    return got;
}

static Word set_by_immediate(void)
{
    Word got;
    asm volatile(".option push\n.option arch, +v\n.insn 4, 0x10807057\ncsrr %0, vtype\n.option pop" : "=r"(got));     /* vsetvli x0, x0, e16alt, m1 */
    return got;
}

static void configuration(void)
{
    check_is("e16 and altfmt", read_vtype(E16 | ALT), E16 | ALT);
    check_is("e8 and altfmt", read_vtype(E8MF2 | ALT), E8MF2 | ALT);
    check(read_vtype(E32 | ALT) >> (XLEN - 1), "e32 and altfmt are reserved");
    check(read_vtype(E16 | 0x200) >> (XLEN - 1), "so is the bit above");
    read_vtype(E16);
    check_is("by VSETVLI", set_by_immediate(), E16 | ALT);
}

static void arithmetic(void)
{
    operands(ONE, SIX, TWO, MINUS | ONE);
    RUN(E16 | ALT, 0, "vfadd.vv v8, v4, v6");
    check_pair("VFADD", THREE, 0x40a0);
    RUN(E16 | ALT, 0, "vfsub.vv v8, v4, v6");
    check_pair("VFSUB", MINUS | ONE, 0x40e0);
    RUN(E16 | ALT, 0, "vfmul.vv v8, v4, v6");
    check_pair("VFMUL", TWO, MINUS | SIX);
    RUN(E16 | ALT, 0, "vfmin.vv v8, v4, v6");
    check_pair("VFMIN", ONE, MINUS | ONE);
    RUN(E16 | ALT, boxed(TWO), "vfrsub.vf v8, v4, fa0");
    check_pair("VFRSUB by a scalar", ONE, MINUS | 0x4080);
    RUN(E16 | ALT, boxed(TWO), "vfmacc.vf v8, fa0, v4");
    check_pair("VFMACC", THREE, 0x4100);
    RUN(E16 | ALT, 0, "vfsgnjn.vv v8, v4, v6");
    check_pair("VFSGNJN", MINUS | ONE, SIX);
    RUN(E16 | ALT, 0, "vfclass.v v8, v4");
    check_pair("VFCLASS", 0x40, 0x40);
    operands(0x3f81, ONE, 0x3b80, 0x3b00);
    RUN(E16 | ALT, 0, "vfadd.vv v8, v4, v6");
    check_pair("eight bits of precision: ties to even, and away from odd", 0x3f82, ONE);
    check_is("which is inexact", status, FLAGS_NX);
    operands(ONE, SIX, ONE, INFINITE);
    RUN(E16 | ALT, 0, "vmflt.vv v8, v4, v6");
    check_is("VMFLT", d[0] & 0xff, 0xaa);
    RUN(E16, 0, "vfadd.vv v8, v4, v6");
    check(d[0] != TWO, "without altfmt they are halves");
}

static void widening(void)
{
    operands(ONE, SIX, TWO, MINUS | ONE);
    RUN(E16 | ALT, 0, "vfwadd.vv v8, v4, v6");
    check_wide("VFWADD", 0x40400000, 0x40a00000);
    RUN(E16 | ALT, 0, "vfwmul.vv v8, v4, v6");
    check_wide("VFWMUL", 0x40000000, 0xc0c00000);
    RUN(E16 | ALT, 0, "vfwcvt.f.f.v v8, v4");
    check_wide("VFWCVT.F.F.V", 0x3f800000, 0x40c00000);
    operands(0x8001, 0x3f80, 0x8001, 0x3f81);
    RUN(E16 | ALT, 0, "vmv1r.v v10, v4\nvmv1r.v v11, v6\nvfncvt.f.f.w v8, v10");
    check(d[0] == 0x3f81 && d[4] == 0x3f82, "VFNCVT.F.F.W");
    RUN(E16 | ALT, 0, "vmv1r.v v10, v4\nvmv1r.v v11, v6\nvfncvt.rod.f.f.w v8, v10");
    check(d[0] == 0x3f81 && d[4] == 0x3f81, "VFNCVT.ROD.F.F.W");
    operands(0x0503, 0x0101, 0, 0);
    RUN(E8MF2 | ALT, 0, "vfwcvt.f.x.v v8, v4");
    check(outcome.level == NO_TRAP && d[0] == THREE && d[1] == 0x40a0 && d[2] == ONE, "VFWCVT.F.X.V of bytes");
    operands(SIX, MINUS | TWO, 0, 0);
    RUN(E8MF2 | ALT, 0, "vfncvt.x.f.w v8, v4");
    check_is("VFNCVT.X.F.W to bytes", d[0], 0xfe06);
    RUN(E8MF2 | ALT, 0, "vfncvt.rtz.xu.f.w v8, v4");
    check_is("VFNCVT.RTZ.XU.F.W", d[0], 0x0006);
}

static void estimates(void)
{
    operands(TWO, 0x4080, 0, 0);
    RUN(E16 | ALT, 0, "vfrec7.v v8, v4");
    check_pair("VFREC7", 0x3eff, 0x3e7f);
    RUN(E16 | ALT, 0, "vfrsqrt7.v v8, v4");
    check_pair("VFRSQRT7", 0x3f34, 0x3eff);
    operands(0x7f00, 0x7eff, 0, 0);
    RUN(E16 | ALT, 0, "vfrec7.v v8, v4");
    check_pair("a subnormal result is cut off", 0x003f, 0x0040);
}

static void scalars(void)
{
    operands(ONE, ONE, 0, 0);
    RUN(E16 | ALT, ONE, "vfmv.v.f v8, fa0");
    check_pair("what is not boxed is BF16's NaN", NAN, NAN);
    RUN(E16, ONE, "vfmv.v.f v8, fa0");
    check_pair("and the half's without altfmt", 0x7e00, 0x7e00);
    RUN(E16, ONE, ".insn 4, 0xee455457");
    check_wide("but BF16's of VFWMACCBF16.VF", 0x7fc00000, 0x7fc00000);
    RUN(E16 | ALT, boxed(SIX), "vfslide1down.vf v8, v4, fa0");
    check_is("a slide takes it as it is", d[7], SIX);
    RUN(E16 | ALT, SIX, "vfslide1down.vf v8, v4, fa0");
    check_is("if it is boxed", d[7], NAN);
    RUN(E16 | ALT, boxed(SIX), "vfmv.s.f v8, fa0");
    check_is("VFMV.S.F", d[0], SIX);
}

#define RESERVED(name, vtype, code) \
    RUN(vtype, boxed(ONE), code); \
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, name " is reserved")

static void reserved(void)
{
    operands(ONE, ONE, ONE, ONE);
    RESERVED("VFDIV", E16 | ALT, "vfdiv.vv v8, v4, v6");
    RESERVED("VFRDIV", E16 | ALT, "vfrdiv.vf v8, v4, fa0");
    RESERVED("VFSQRT", E16 | ALT, "vfsqrt.v v8, v4");
    RESERVED("VFREDUSUM", E16 | ALT, "vfredusum.vs v8, v4, v6");
    RESERVED("VFWREDUSUM", E16 | ALT, "vfwredusum.vs v8, v4, v6");
    RESERVED("VFCVT.X.F.V", E16 | ALT, "vfcvt.x.f.v v8, v4");
    RESERVED("VFWCVT.F.X.V of 16 bits", E16 | ALT, "vfwcvt.f.x.v v8, v4");
    RESERVED("VFNCVT.X.F.W to 16 bits", E16 | ALT, "vfncvt.x.f.w v8, v4");
    RESERVED("VFADD of bytes", E8MF2 | ALT, "vfadd.vv v8, v4, v6");
    RESERVED("VFWCVT.F.F.V of bytes", E8MF2 | ALT, "vfwcvt.f.f.v v8, v4");
}

const Subject subjects[] = {
    { "vtype", configuration }, { "arithmetic", arithmetic }, { "widths", widening }, { "estimates", estimates }, { "scalars", scalars }, { "reserved", reserved }, { NULL, NULL },
};
