/*
 * Floating point in the integer registers (volume I, 25 "Zfinx, Zdinx, Zhinx"), with the state enable that guards fcsr (volume II, 4).
 *
 * The CPU has Zdinx and Zhinx, thus no F; it is compiled so.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#if RV64
#define A "a0"
#define B "a1"
#define C "a2"
#else
#define A "a0"                  /* and a1: pairs */
#define B "a2"
#define C "a4"
#endif

typedef uint64_t Operation(uint64_t a, uint64_t b, uint64_t c);
typedef struct Case { const char *name; Operation *run; unsigned bits, out; } Case;
/* A function of its own for each: the arguments are where the instruction wants them. */
#define DEFINE(name, text) \
    uint64_t name(uint64_t a, uint64_t b, uint64_t c); \
    asm(".option push\n.option arch, +zdinx, +zhinx\n.globl " #name "\n.balign 4\n" #name ": " text "\nret\n.option pop");
#define THREE(op, f) DEFINE(op##_##f, #op "." #f " " A ", " A ", " B ", " C)
#define TWO(op, f) DEFINE(op##_##f, #op "." #f " " A ", " A ", " B)
#define ONE(op, f) DEFINE(op##_##f, #op "." #f " " A ", " A)
#define FORMAT(f) \
    TWO(fadd, f) TWO(fsub, f) TWO(fmul, f) TWO(fdiv, f) ONE(fsqrt, f) THREE(fmadd, f) THREE(fmsub, f) THREE(fnmsub, f) THREE(fnmadd, f) \
    TWO(fsgnj, f) TWO(fsgnjn, f) TWO(fsgnjx, f) TWO(fmin, f) TWO(fmax, f) TWO(feq, f) TWO(flt, f) TWO(fle, f) ONE(fclass, f) \
    DEFINE(to_w_##f, "fcvt.w." #f " " A ", " A) DEFINE(to_wu_##f, "fcvt.wu." #f " " A ", " A) \
    DEFINE(from_w_##f, "fcvt." #f ".w " A ", " A) DEFINE(from_wu_##f, "fcvt." #f ".wu " A ", " A)
FORMAT(s)
FORMAT(d)
FORMAT(h)
DEFINE(s_to_d, "fcvt.d.s " A ", " A)
DEFINE(d_to_s, "fcvt.s.d " A ", " A)
DEFINE(s_to_h, "fcvt.h.s " A ", " A)
DEFINE(h_to_s, "fcvt.s.h " A ", " A)
DEFINE(d_to_h, "fcvt.h.d " A ", " A)
DEFINE(h_to_d, "fcvt.d.h " A ", " A)

#define CASE(op, f, bits, out) { #op "." #f, op##_##f, bits, out }
#define CASES(f, bits) \
    CASE(fadd, f, bits, bits), CASE(fsub, f, bits, bits), CASE(fmul, f, bits, bits), CASE(fdiv, f, bits, bits), CASE(fsqrt, f, bits, bits), CASE(fmadd, f, bits, bits), \
    CASE(fmsub, f, bits, bits), CASE(fnmsub, f, bits, bits), CASE(fnmadd, f, bits, bits), CASE(fsgnj, f, bits, bits), CASE(fsgnjn, f, bits, bits), \
    CASE(fsgnjx, f, bits, bits), CASE(fmin, f, bits, bits), CASE(fmax, f, bits, bits), CASE(feq, f, bits, 32), CASE(flt, f, bits, 32), CASE(fle, f, bits, 32), \
    CASE(fclass, f, bits, 32), CASE(to_w, f, bits, 32), CASE(to_wu, f, bits, 32), CASE(from_w, f, 32, bits), CASE(from_wu, f, 32, bits)
static const Case cases[] = {
    CASES(s, 32), CASES(d, 64), CASES(h, 16), { "fcvt.d.s", s_to_d, 32, 64 }, { "fcvt.s.d", d_to_s, 64, 32 }, { "fcvt.h.s", s_to_h, 32, 16 }, { "fcvt.s.h", h_to_s, 16, 32 },
    { "fcvt.h.d", d_to_h, 64, 16 }, { "fcvt.d.h", h_to_d, 16, 64 },
};
/* What the reference (11.1.3, RV64; its RV32 has FSGNJN.H and FSGNJX.H otherwise) makes of `hash` below, in the order of the cases. */
static const uint32_t expected[] = {
    0x783f4087, 0xb39cfe24, 0xb2b80b9d, 0x9be865fb, 0x427b7159, 0xae7dbb27, 0x596d3417, 0x38e43af3, 0xd9bf74e3, 0x1dd80d85, 0x1dd80d85, 0x1dd80d85,
    0x2513ee8a, 0x943e8be0, 0xe3351455, 0x55e7baad, 0xaa2f34a9, 0xbf7ee195, 0xea895b9b, 0xa6bfc36b, 0x1298ffe1, 0xaa6cafc6, 0xd73df259, 0x4a3d31f7,
    0xd209891f, 0x53459ab0, 0xc7f1ba9b, 0xd88e673, 0x964188c6, 0x6a0416e5, 0x4fcc33da, 0x780af1d5, 0x780af1d5, 0x780af1d5, 0x377c2f23, 0x6835a52b,
    0xe3351455, 0x55e7baad, 0xaa2f34a9, 0xbf7ee195, 0x6e40130b, 0x6ce5fcdb, 0x89d0cf75, 0x31e07065, 0xfd5dc584, 0xc80210ea, 0x5ba5f06c, 0xacbe2f4f,
    0x2cfc2b45, 0xe217287e, 0xae0a44ef, 0x8d6311fc, 0x354064da, 0xdc3d315, 0x9356d315, 0x25ccd315, 0x48874d81, 0xeab8cf7d, 0xe3351455, 0x55e7baad,
    0xaa2f34a9, 0xbf7ee195, 0x45cc5be9, 0xb89a4fca, 0xde4a22fb, 0xb4d32c9c, 0x7bfa1775, 0xdd23eac1, 0x27c93537, 0xc2de71c5, 0xd00d99aa, 0x68e6e1c5,
};

static const uint64_t singles[] = { 0, 0x80000000, 0x3f800000, 0xbf800000, 0x40490fdb, 0x7f7fffff, 0x00800001, 0x00000001, 0x7f800000, 0xff800000, 0x7fc00000, 0x7f800001, 0x4effffff,
                                    0x4f800000, 0xcf000001, 0x33333333 };
static const uint64_t doubles[] = { 0, 0x8000000000000000, 0x3ff0000000000000, 0xbff0000000000000, 0x400921fb54442d18, 0x7fefffffffffffff, 0x0010000000000001, 1, 0x7ff0000000000000,
                                    0xfff0000000000000, 0x7ff8000000000000, 0x7ff0000000000001, 0x41dfffffffc00000, 0x41f0000000000000, 0xc1e0000000200000, 0x3fd5555555555555 };
static const uint64_t halves[] = { 0, 0x8000, 0x3c00, 0xbc00, 0x4248, 0x7bff, 0x0401, 1, 0x7c00, 0xfc00, 0x7e00, 0x7c01, 0x5bff, 0x6400, 0xc801, 0x3555 };
enum { VALUES = 16 };

static uint64_t input(const Case *c, unsigned i)
{
    /* What is above a narrow operand does not count. */
    return c->bits == 64 ? doubles[i] : c->bits == 32 ? singles[i] | 0x1234567800000000 : halves[i] | 0x1234567812340000;
}

/* Results and flags of all pairs of values; *extended: whether narrow results were sign-extended. */
static uint32_t hash(const Case *c, bool *extended)
{
    uint32_t h = 2166136261;
    *extended = true;
    for (unsigned i = 0; i < VALUES * VALUES; i++) {
        csr_write(0x003, (i % 5) << 5);
        uint64_t r = c->run(input(c, i / VALUES), input(c, i % VALUES), input(c, (i * 7 + 3) % VALUES));
        Word flags = csr_read(0x003);
        if (c->out < XLEN) {
            *extended &= (SignedWord)r == (SignedWord)((Word)r << (XLEN - c->out)) >> (XLEN - c->out);
        }
        r = c->out == 64 ? r : c->out == 32 ? (uint32_t)r : (uint16_t)r;
        uint64_t parts[] = { r, r >> 32, flags };
        for (unsigned k = 0; k < 3; k++) {
            h = (h ^ (uint32_t)parts[k]) * 16777619;
        }
    }
    return h;
}

static void results(void)
{
    for (unsigned i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        bool extended;
        uint32_t h = hash(&cases[i], &extended);
        check(h == expected[i], "%s", cases[i].name);
        if (h != expected[i]) {
            print("# hash 0x%x\n", h);
        }
        check(extended, "%s extends its result", cases[i].name);
    }
}

static Word zero_pair(Word a)
{
    Word low = 1, high = 2;
    asm volatile(".option push\n.option arch, +zdinx\nli a0, 0\nli a1, 0x3ff00000\n"
#if RV64
                 "slli a0, a1, 32\n"
#endif
                 "fadd.d x0, a0, a0\nfadd.d a2, a0, x0\nmv %0, a2\nmv %1, a3\n.option pop" : "=r"(low), "=r"(high) :: "a0", "a1", "a2", "a3");
    return RV64 ? low >> 31 >> 1 : high;
}

/* The encodings: fadd.d a1, a0, a0 and so on. */
static Word odd_destination(Word a) { asm volatile(".word 0x02a575d3" ::: "a1"); return 0; }
static Word odd_source(Word a) { asm volatile(".word 0x02b57653" ::: "a2"); return 0; }
static Word load_float(Word a) { asm volatile(".word 0x00012007" ::: "memory"); return 0; }
static Word move_float(Word a) { asm volatile(".word 0xe0050553" ::: "a0"); return 0; }

static void registers(void)
{
    run_in(MODE_M, zero_pair, 0);
    check_returned("x0 is 0, and a sum into it goes nowhere", 0x3ff00000);
    csr_set(mstatus, MSTATUS_FS);
    check(!(csr_read(mstatus) & MSTATUS_FS), "mstatus.FS is 0");
    run_in(MODE_M, odd_destination, 0);
    if (RV64) {
        check_returned("an odd register holds a double", 0);
    } else {
        check_trap("an odd destination of a pair", TO_M, ILLEGAL, 0x02a575d3);
        run_in(MODE_M, odd_source, 0);
        check_trap("an odd source of a pair", TO_M, ILLEGAL, 0x02b57653);
    }
    run_in(MODE_M, load_float, 0);
    check_trap("there is no FLW", TO_M, ILLEGAL, 0x00012007);
    run_in(MODE_M, move_float, 0);
    check_trap("nor FMV.X.W", TO_M, ILLEGAL, 0xe0050553);
}

static Word add(Word a) { return fadd_s(0x3f800000, 0x3f800000, 0); }
static Word read_flags(Word a) { return csr_read(0x003) & 0; }

static void try_mode(const char *name, Mode mode, Word cause)
{
    run_in(mode, add, 0);
    check(cause ? outcome.level == TO_M && outcome.cause == cause : outcome.level == NO_TRAP && (uint32_t)outcome.value == 0x40000000, "%s: FADD.S", name);
    run_in(mode, read_flags, 0);
    check(cause ? outcome.level == TO_M && outcome.cause == cause : outcome.level == NO_TRAP, "%s: fcsr", name);
}

static void state_enables(void)
{
    enum { FCSR = 2 };
    csr_write(0x30c, 0);
    try_mode("M-mode needs no state enable", MODE_M, 0);
    try_mode("S-mode without mstateen0.FCSR", MODE_S, ILLEGAL);
    csr_write(0x30c, -1);
    check_is("mstateen0.FCSR can be set", csr_read(0x30c) & FCSR, FCSR);
    csr_write(0x10c, 0);
    try_mode("S-mode with it", MODE_S, 0);
    try_mode("U-mode without sstateen0.FCSR", MODE_U, ILLEGAL);
    csr_write(0x10c, FCSR);
    try_mode("U-mode with it", MODE_U, 0);
    csr_write(0x60c, 0);
    try_mode("VS-mode without hstateen0.FCSR", MODE_VS, VIRTUAL);
    csr_write(0x60c, -1);
    try_mode("VS-mode with it", MODE_VS, 0);
}

const Subject subjects[] = { { "results", results }, { "registers", registers }, { "state enables", state_enables }, { NULL, NULL } };
