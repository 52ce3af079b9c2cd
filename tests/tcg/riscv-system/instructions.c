/*
 * Instructions of user programs: corners of M, A, F, D, C, the fences and cache blocks, unaligned accesses (volume I). Random ones are compared in tests/tcg/riscv.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define TWO(op, a, b) ({ Word r_; asm volatile(op " %0, %1, %2" : "=r"(r_) : "r"((Word)(a)), "r"((Word)(b))); r_; })
#define MIN_WORD ((Word)1 << (XLEN - 1))

static void multiply(void)
{
    check_is("div by 0", TWO("div", 7, 0), (Word)-1);
    check_is("divu by 0", TWO("divu", 7, 0), (Word)-1);
    check_is("rem by 0", TWO("rem", 7, 0), 7);
    check_is("remu by 0", TWO("remu", 7, 0), 7);
    check_is("div overflow", TWO("div", MIN_WORD, -1), MIN_WORD);
    check_is("rem overflow", TWO("rem", MIN_WORD, -1), 0);
    check_is("div truncates", TWO("div", -7, 2), (Word)-3);
    check_is("rem has the dividend's sign", TWO("rem", -7, 2), (Word)-1);
    check_is("mulh", TWO("mulh", MIN_WORD, 2), (Word)-1);
    check_is("mulhu", TWO("mulhu", -1, -1), (Word)-2);
    check_is("mulhsu", TWO("mulhsu", -1, -1), (Word)-1);
#if RV64
    check_is("mulw", TWO("mulw", 0x10000, 0x8000), 0xffffffff80000000);
    check_is("divw by 0", TWO("divw", 7, 0), (Word)-1);
    check_is("divuw", TWO("divuw", 0xfffffffe, 1), (Word)-2);
    check_is("remw overflow", TWO("remw", 0x80000000, -1), 0);
    check_is("addw extends", TWO("addw", 0x7fffffff, 1), 0xffffffff80000000);
    check_is("sraw", TWO("sraw", 0x80000000, 31), (Word)-1);
    check_is("sllw takes 5 bits", TWO("sllw", 1, 33), 2);
#endif
    check_is("sll takes the register's width", TWO("sll", 1, XLEN + 1), 2);
    check_is("sltu", TWO("sltu", 1, -1), 1);
    check_is("slt", TWO("slt", 1, -1), 0);
}

/* ---- A ---- */

static uint64_t words[8] __attribute__((aligned(64)));
#define AMO(op, old, value) ({ Word r_; *(uint32_t *)words = (old); asm volatile(op " %0, %1, (%2)" : "=r"(r_) : "r"((Word)(value)), "r"(words) : "memory"); r_; })

static void atomics(void)
{
    static const uint32_t a = 0x80000005, b = 3;
    check(AMO("amoswap.w", a, b) == (Word)(SignedWord)(int32_t)a && (uint32_t)words[0] == b, "amoswap.w, the old value sign-extended");
    check(AMO("amoadd.w", a, b) && (uint32_t)words[0] == a + b, "amoadd.w");
    check(AMO("amoxor.w", a, b) && (uint32_t)words[0] == (a ^ b), "amoxor.w");
    check(AMO("amoand.w", a, b) && (uint32_t)words[0] == (a & b), "amoand.w");
    check(AMO("amoor.w", a, b) && (uint32_t)words[0] == (a | b), "amoor.w");
    check(AMO("amomin.w", a, b) && (uint32_t)words[0] == a, "amomin.w");
    check(AMO("amomax.w", a, b) && (uint32_t)words[0] == b, "amomax.w");
    check(AMO("amominu.w", a, b) && (uint32_t)words[0] == b, "amominu.w");
    check(AMO("amomaxu.w.aqrl", a, b) && (uint32_t)words[0] == a, "amomaxu.w.aqrl");
    Word value, failed;
    asm volatile("lr.w %0, (%2)\n sc.w %1, %3, (%2)" : "=&r"(value), "=&r"(failed) : "r"(words), "r"((Word)9) : "memory");
    check(!failed && (uint32_t)words[0] == 9, "lr and sc");
    asm volatile("sc.w %0, %2, (%1)" : "=&r"(failed) : "r"(words), "r"((Word)10) : "memory");
    check(failed && (uint32_t)words[0] == 9, "sc without lr");
    asm volatile("lr.w %0, (%2)\n sc.w %1, %3, (%4)" : "=&r"(value), "=&r"(failed) : "r"(words), "r"((Word)9), "r"(words + 4) : "memory");
    check(failed, "sc to another place");
    CATCH(asm volatile("amoadd.w x0, x0, (%0)" :: "r"((Word)words + 2) : "memory"));
    check(outcome.level == NO_TRAP || (outcome.cause == STORE_MISALIGNED || outcome.cause == STORE_ACCESS), "an AMO that is not aligned");
    CATCH(asm volatile("lr.w %0, (%1)" : "=r"(value) : "r"((Word)words + 2) : "memory"));
    check(outcome.level == TO_M && (outcome.cause == LOAD_MISALIGNED || outcome.cause == LOAD_ACCESS), "an lr that is not aligned");
    CATCH(asm volatile("amoadd.w x0, x0, (%0)" :: "r"((Word)0x40) : "memory"));
    check_trap("an AMO where nothing answers is a store", TO_M, STORE_ACCESS, 0x40);
}

/* ---- F and D ---- */

#define FLAGS(...) ({ csr_write(fflags, 0); __VA_ARGS__; csr_read(fflags); })
enum { NX = 1, UF = 2, OF = 4, DZ = 8, NV = 16 };

static double as_double(uint64_t bits)
{
    union { uint64_t bits; double value; } u = { bits };
    return u.value;
}
static uint64_t bits_of(double value)
{
    union { double value; uint64_t bits; } u = { value };
    return u.bits;
}
static uint32_t bits_of_float(float value)
{
    union { float value; uint32_t bits; } u = { value };
    return u.bits;
}

static Word to_word(double value, unsigned mode)
{
    Word r;
    csr_write(frm, mode);
    asm volatile("fcvt.w.d %0, %1" : "=r"(r) : "f"(value));
    csr_write(frm, 0);
    return r;
}

static void floats(void)
{
    double d;
    float f;
    Word w;
    check_is("1/0 sets DZ", FLAGS(asm volatile("fdiv.d %0, %1, %2" : "=f"(d) : "f"(1.0), "f"(0.0))), DZ);
    check_is("and is infinite", bits_of(d), 0x7ff0000000000000);
    check_is("0/0 sets NV", FLAGS(asm volatile("fdiv.d %0, %1, %1" : "=f"(d) : "f"(0.0))), NV);
    check_is("and is the canonical NaN", bits_of(d), 0x7ff8000000000000);
    check_is("1/3 sets NX", FLAGS(asm volatile("fdiv.d %0, %1, %2" : "=f"(d) : "f"(1.0), "f"(3.0))), NX);
    check_is("overflow", FLAGS(asm volatile("fmul.d %0, %1, %1" : "=f"(d) : "f"(as_double(0x7fe0000000000000)))), OF | NX);
    check_is("underflow", FLAGS(asm volatile("fmul.d %0, %1, %1" : "=f"(d) : "f"(as_double(0x0010000000000001)))), UF | NX);
    check_is("a NaN's payload is not kept", ({ asm volatile("fadd.d %0, %1, %1" : "=f"(d) : "f"(as_double(0x7ff8000000001234))); bits_of(d); }), 0x7ff8000000000000);
    check_is("fmin of NaN and a number", ({ asm volatile("fmin.d %0, %1, %2" : "=f"(d) : "f"(as_double(0x7ff8000000000000)), "f"(2.0)); bits_of(d); }), bits_of(2.0));
    check_is("fmin of zeros", ({ asm volatile("fmin.d %0, %1, %2" : "=f"(d) : "f"(0.0), "f"(-0.0)); bits_of(d); }), bits_of(-0.0));
    check_is("feq with a quiet NaN sets nothing", FLAGS(asm volatile("feq.d %0, %1, %1" : "=r"(w) : "f"(as_double(0x7ff8000000000000)))), 0);
    check_is("flt does", FLAGS(asm volatile("flt.d %0, %1, %1" : "=r"(w) : "f"(as_double(0x7ff8000000000000)))), NV);
    static const Word rounded[] = { 2, 2, 2, 3, 3 };      /* 2.5 by RNE, RTZ, RDN, RUP, RMM */
    for (unsigned mode = 0; mode < 5; mode++) {
        check(to_word(2.5, mode) == rounded[mode], "2.5 by rounding mode %u", mode);
    }
    check_is("too large an integer", to_word(3e9, 1), 0x7fffffff);
    check_is("too small a one", to_word(-3e9, 1), (Word)(SignedWord)INT32_MIN);
    check_is("a NaN as integer", to_word(as_double(0x7ff8000000000000), 1), 0x7fffffff);
    asm volatile("fcvt.wu.d %0, %1, rtz" : "=r"(w) : "f"(-1.0));
    check_is("-1 as unsigned", w, 0);
    asm volatile("fmv.d %1, %2\n fadd.s %0, %1, %1" : "=&f"(f), "=&f"(d) : "f"(1.0));
    check_is("a double is no boxed float: a NaN", bits_of_float(f), 0x7fc00000);
    asm volatile("fsgnjn.s %0, %1, %1" : "=f"(f) : "f"(1.5f));
    check_is("fsgnjn", bits_of_float(f), 0xbfc00000);
    asm volatile("fclass.d %0, %1" : "=r"(w) : "f"(as_double(0x7ff0000000000001)));
    check_is("fclass of a signalling NaN", w, 1 << 8);
    asm volatile("fmadd.d %0, %1, %1, %2" : "=f"(d) : "f"(as_double(0x3ff0000000000001)), "f"(-1.0));
    check_is("fmadd rounds once", bits_of(d), 0x3cc0000000000000);
    csr_write(frm, 5);
    CATCH(asm volatile("fadd.d %0, %1, %1, dyn" : "=f"(d) : "f"(1.0)));
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "a rounding mode that is reserved");
    csr_write(frm, 0);
}

/* ---- C ---- */

static void compressed(void)
{
    Word r;
    asm volatile(".option push\n .option rvc\n c.li a0, -3\n c.addi a0, 5\n c.slli a0, 4\n c.mv %0, a0\n .option pop" : "=r"(r) :: "a0");
    check_is("c.li, c.addi, c.slli, c.mv", r, 32);
    asm volatile(".option push\n .option rvc\n li a0, 6\n li a1, 3\n c.sub a0, a1\n c.xor a0, a1\n c.or a0, a1\n c.and a0, a1\n mv %0, a0\n .option pop" : "=r"(r) :: "a0", "a1");
    check_is("c.sub, c.xor, c.or, c.and", r, 3);
    asm volatile(".option push\n .option rvc\n li a0, -16\n c.srai a0, 2\n c.andi a0, 15\n mv %0, a0\n .option pop" : "=r"(r) :: "a0");
    check_is("c.srai, c.andi", r, 12);
    asm volatile(".option push\n .option rvc\n li a0, 0\n c.beqz a0, 1f\n li a0, 5\n 1: c.bnez a0, 2f\n c.addi a0, 1\n 2: mv %0, a0\n .option pop" : "=r"(r) :: "a0");
    check_is("c.beqz, c.bnez", r, 1);
    asm volatile(".option push\n .option rvc\n c.addi16sp sp, -32\n c.li a0, 9\n c.swsp a0, 4(sp)\n c.lwsp a1, 4(sp)\n c.addi4spn a2, sp, 4\n c.lw a3, 0(a2)\n c.addi16sp sp, 32\n"
                 "add %0, a1, a3\n .option pop" : "=r"(r) :: "a0", "a1", "a2", "a3", "memory");
    check_is("c.swsp, c.lwsp, c.addi4spn, c.lw", r, 18);
    CATCH(asm volatile(".option push\n .option rvc\n c.ebreak\n .option pop"));
    check(outcome.level == TO_M && outcome.cause == BREAKPOINT, "c.ebreak");
    CATCH(asm volatile(".insn 2, 0x4002"));     /* c.lwsp x0 */
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "c.lwsp to x0 is reserved");
    CATCH(asm volatile(".insn 2, 0x6101"));     /* c.addi16sp 0 */
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "c.addi16sp by 0 is reserved");
}

/* ---- memory ---- */

static void unaligned(void)
{
    uint8_t *bytes = (uint8_t *)words;
    for (unsigned i = 0; i < sizeof(words); i++) {
        bytes[i] = i;
    }
    for (unsigned offset = 1; offset < sizeof(Word); offset++) {
        Word value = load_at((Word)words + offset), want = 0;
        for (unsigned i = 0; i < sizeof(Word); i++) {
            want |= (Word)(offset + i) << 8 * i;
        }
        check(value == want, "a load %u bytes beside", offset);
        store_at((Word)words + 32 + offset, value);
        check(load_at((Word)words + 32 + offset) == want, "a store %u bytes beside", offset);
    }
}

/* Code that is written, then run: after fence.i it is the new one. */
static uint32_t code[2] __attribute__((aligned(8))) = { 0x00100513, 0x00008067 };   /* li a0, 1; ret */
static void own_code(void)
{
    Word (*function)(void) = (Word (*)(void))code;
    check_is("code as it was", function(), 1);
    for (unsigned n = 2; n < 40; n++) {
        ((volatile uint32_t *)code)[0] = 0x00000513 | n << 20;
        asm volatile("fence.i" ::: "memory");
        if (function() != n) {
            check(false, "code that was changed %u times", n - 1);
            return;
        }
    }
    check(true, "code that was changed 38 times");
}

/* ---- cache blocks ---- */

static Word zero_block(Word address)
{
    asm volatile(".insn i 0x0f, 2, x0, %0, 4" :: "r"(address) : "memory");
    return 0;
}
static Word flush_block(Word address)
{
    asm volatile(".insn i 0x0f, 2, x0, %0, 2" :: "r"(address) : "memory");
    return 0;
}
static Word invalidate_block(Word address)
{
    asm volatile(".insn i 0x0f, 2, x0, %0, 0" :: "r"(address) : "memory");
    return 0;
}

static void blocks(void)
{
    uint8_t *bytes = (uint8_t *)words;
    csr_write(0x30a, 0);
    for (unsigned i = 0; i < sizeof(words); i++) {
        bytes[i] = 0xaa;
    }
    run_in(MODE_M, zero_block, (Word)words + 5);
    bool zero = true;
    for (unsigned i = 0; i < sizeof(words); i++) {
        zero &= !bytes[i];
    }
    check(outcome.level == NO_TRAP && zero, "cbo.zero clears the block of 64 bytes around its address");
    run_in(MODE_S, zero_block, (Word)words);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "S needs menvcfg.CBZE for cbo.zero");
    run_in(MODE_S, flush_block, (Word)words);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "CBCFE for cbo.flush");
    run_in(MODE_S, invalidate_block, (Word)words);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "CBIE for cbo.inval");
    csr_write(0x30a, 0xf0);
    csr_write(0x10a, 0);
    run_in(MODE_S, zero_block, (Word)words);
    check(outcome.level == NO_TRAP, "and has it with it");
    run_in(MODE_S, flush_block, (Word)words);
    check(outcome.level == NO_TRAP, "cbo.flush, too");
    run_in(MODE_S, invalidate_block, (Word)words);
    check(outcome.level == NO_TRAP, "cbo.inval, too");
    run_in(MODE_U, zero_block, (Word)words);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "U needs senvcfg.CBZE besides");
    csr_write(0x10a, 0xf0);
    run_in(MODE_U, zero_block, (Word)words);
    check(outcome.level == NO_TRAP, "and has it with both");
    run_in(MODE_U, zero_block, 0x100);
    check_trap("where nothing answers it is a store", TO_M, STORE_ACCESS, 0x100);
}

const Subject subjects[] = {
    { "multiply", multiply }, { "atomics", atomics }, { "floats", floats }, { "compressed", compressed }, { "unaligned", unaligned }, { "own code", own_code },
    { "cache blocks", blocks }, { NULL, NULL },
};
