/*
 * When SIMD and x87 instructions are there: CR0.EM, CR0.TS, CR4.OSFXSR, CR4.OSXSAVE, XCR0 and CPUID against the exceptions of the manuals, which no user program can ask
 * the host about.
 *
 * Intel SDM volume 3, 2.5 (CR0, CR4), 13.1; volume 1, 13.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "availability.h"
#include "case.h"
#include "engine.h"
#include <glib.h>
#include <string.h>

typedef enum Setting { EM, TS, NO_MP_TS, NO_OSFXSR, NO_OSXSAVE, NO_XCR0_AVX, NO_FEATURE, NR_SETTINGS } Setting;
enum { NONE = -1, UD = EXCP_UD, NM = EXCP_NM };

/* What each setting makes of an instruction. The feature is what CPUID then lacks. */
static const struct {
    const char *name;
    uint8_t code[8];
    unsigned bytes;
    X86FeatureWord word;
    unsigned bit;
    int traps[NR_SETTINGS];
} cases[] = {
    /*                                                                                             EM  TS  -MP  -FXSR -XSAVE -XCR0 -feature */
    { "addps",    { 0x0f, 0x58, 0xc1 },             3, FEAT_1_EDX, 25,        { UD, NM, NM, UD, NONE, NONE, UD } },
    { "addpd",    { 0x66, 0x0f, 0x58, 0xc1 },       4, FEAT_1_EDX, 26,        { UD, NM, NM, UD, NONE, NONE, UD } },
    { "pshufb",   { 0x66, 0x0f, 0x38, 0x00, 0xc1 }, 5, FEAT_1_ECX, 9,         { UD, NM, NM, UD, NONE, NONE, UD } },
    { "extrq",    { 0x66, 0x0f, 0x79, 0xc1 },       4, FEAT_8000_0001_ECX, 6, { UD, NM, NM, UD, NONE, NONE, UD } },
    { "paddb",    { 0x0f, 0xfc, 0xc1 },             3, FEAT_1_EDX, 23,        { UD, NM, NM, NONE, NONE, NONE, UD } },
    { "emms",     { 0x0f, 0x77 },                   2, FEAT_1_EDX, 23,        { UD, NM, NM, NONE, NONE, NONE, UD } },
    { "cvtpi2ps", { 0x0f, 0x2a, 0xc1 },             3, FEAT_1_EDX, 25,        { UD, NM, NM, UD, NONE, NONE, UD } },
    { "fld1",     { 0xd9, 0xe8 },                   2, FEAT_1_EDX, 40,        { NM, NM, NM, NONE, NONE, NONE, NONE } },
    { "fwait",    { 0x9b },                         1, FEAT_1_EDX, 40,        { NONE, NM, NONE, NONE, NONE, NONE, NONE } },
    { "fnstsw",   { 0xdf, 0xe0 },                   2, FEAT_1_EDX, 40,        { NM, NM, NM, NONE, NONE, NONE, NONE } },
    { "fxsave",   { 0x0f, 0xae, 0x04, 0x24 },       4, FEAT_1_EDX, 24,        { NM, NM, NM, NONE, NONE, NONE, UD } },
    { "stmxcsr",  { 0x0f, 0xae, 0x1c, 0x24 },       4, FEAT_1_EDX, 25,        { UD, NM, NM, UD, NONE, NONE, UD } },
    { "xsave",    { 0x0f, 0xae, 0x24, 0x24 },       4, FEAT_1_ECX, 26,        { NONE, NM, NM, NONE, UD, NONE, UD } },
    { "vaddps",   { 0xc5, 0xf0, 0x58, 0xc2 },       4, FEAT_1_ECX, 28,        { NONE, NM, NM, NONE, UD, UD, UD } },
    { "vpaddb256", { 0xc5, 0xf5, 0xfc, 0xc2 },      4, FEAT_7_0_EBX, 5,       { NONE, NM, NM, NONE, UD, UD, UD } },
    { "vpaddb128", { 0xc5, 0xf1, 0xfc, 0xc2 },      4, FEAT_7_0_EBX, 5,       { NONE, NM, NM, NONE, UD, UD, NONE } },
    { "vfmadd231ps", { 0xc4, 0xe2, 0x71, 0xb8, 0xc2 }, 5, FEAT_1_ECX, 12,     { NONE, NM, NM, NONE, UD, UD, UD } },
    { "andn",     { 0xc4, 0xe2, 0x70, 0xf2, 0xc2 }, 5, FEAT_7_0_EBX, 3,       { NONE, NONE, NONE, NONE, NONE, NONE, UD } },
    { "cmpbexadd", { 0xc4, 0xe2, 0x71, 0xe6, 0x04, 0x24 }, 6, FEAT_7_1_EAX, 7, { NONE, NONE, NONE, NONE, NONE, NONE, UD } },
    { "movnti",   { 0x0f, 0xc3, 0x04, 0x24 },       4, FEAT_1_EDX, 26,        { NONE, NONE, NONE, NONE, NONE, NONE, UD } },
    { "crc32",    { 0xf2, 0x0f, 0x38, 0xf1, 0xc1 }, 5, FEAT_1_ECX, 20,        { NONE, NONE, NONE, NONE, NONE, NONE, UD } },
    { "sfence",   { 0x0f, 0xae, 0xf8 },             3, FEAT_1_EDX, 40,        { NONE, NONE, NONE, NONE, NONE, NONE, NONE } },
};

static void set(X86Cpu *cpu, Setting setting)
{
    switch (setting) {
    case EM:
        cpu->cr[0] |= CR0_EM;
        break;
    case TS:
        cpu->cr[0] |= CR0_TS;
        break;
    case NO_MP_TS:
        cpu->cr[0] = (cpu->cr[0] | CR0_TS) & ~(uint64_t)CR0_MP;
        break;
    case NO_OSFXSR:
        cpu->cr[4] &= ~(uint64_t)CR4_OSFXSR;
        break;
    case NO_OSXSAVE:
        cpu->cr[4] &= ~(uint64_t)CR4_OSXSAVE;
        break;
    case NO_XCR0_AVX:
        cpu->xcr0 &= ~UINT64_C(4);
        break;
    default:
        break;
    }
}

static void test_one(unsigned n, Setting setting)
{
    static X86Case c;
    static X86Result r;
    X86Cpu *cpu = engine_cpu;
    uint64_t cr0 = cpu->cr[0], cr4 = cpu->cr[4], xcr0 = cpu->xcr0, *features = &cpu->features[cases[n].word], old = *features;
    memset(&c, 0, sizeof(c));
    memset(c.code, 0xf4, sizeof(c.code));
    memcpy(c.code, cases[n].code, cases[n].bytes);
    c.code_bytes = cases[n].bytes + 1;
    c.bits = 64;
    c.before.regs[R_ESP] = DATA_ADDRESS + 0x1000;
    c.before.fx[0] = 0x7f;
    c.before.fx[1] = 0x03;
    c.before.fx[24] = 0x80;
    c.before.fx[25] = 0x1f;
    set(cpu, setting);
    if (setting == NO_FEATURE) {
        *features &= ~(UINT64_C(1) << cases[n].bit);
    }
    translated_run(&c, &r, 0);
    cpu->cr[0] = cr0;
    cpu->cr[4] = cr4;
    cpu->xcr0 = xcr0;
    *features = old;
    if (r.trap != cases[n].traps[setting]) {
        g_test_message("%s, setting %u: trap %d, not %d", cases[n].name, setting, r.trap, cases[n].traps[setting]);
        g_test_fail();
    }
}

void test_availability(void)
{
    for (unsigned n = 0; n < G_N_ELEMENTS(cases); n++) {
        for (Setting setting = 0; setting < NR_SETTINGS; setting++) {
            test_one(n, setting);
        }
    }
}

/* ---- CMPccXADD, which few processors have ---- */

static bool holds(unsigned cc, uint64_t flags)
{
    bool o = flags & CC_O, c = flags & CC_C, z = flags & CC_Z, s = flags & CC_S, p = flags & CC_P;
    const bool table[8] = { o, c, z, c || z, s, p, s != o, z || s != o };
    return table[cc >> 1] != (cc & 1);
}

/* cmpCCxadd %rbx, %rcx, (%rax) with W as wide says. */
void test_cmpccxadd(void)
{
    static const uint64_t numbers[] = { 0, 1, 5, 0x7fffffff, 0x80000000, 0xffffffff, INT64_MAX, UINT64_C(1) << 63, UINT64_MAX };
    static X86Case c;
    static X86Result r;
    enum { N = G_N_ELEMENTS(numbers) };
    for (unsigned n = 0; n < 16 * 2 * N * N; n++) {
        unsigned cc = n % 16, wide = n / 16 % 2;
        uint64_t memory = numbers[n / 32 % N], with = numbers[n / 32 / N], mask = wide ? UINT64_MAX : UINT32_MAX, flags;
        const uint8_t code[] = { 0xc4, 0xe2, wide ? 0xe1 : 0x61, 0xe0 + cc, 0x08, 0xf4 };
        memset(&c, 0, sizeof(c));
        memcpy(c.code, code, sizeof(code));
        c.code_bytes = sizeof(code);
        c.bits = 64;
        c.before.regs[R_EAX] = DATA_ADDRESS + 64;
        c.before.regs[R_ECX] = with;
        c.before.regs[R_EBX] = 3;
        memcpy(c.before.memory + 64, &memory, 8);
        c.before.fx[0] = 0x7f;
        c.before.fx[1] = 0x03;
        if (wide) {
            __asm__("cmp %2, %1\n\tpushfq\n\tpop %0" : "=r"(flags) : "r"(memory), "r"(with) : "cc", "memory");
        } else {
            __asm__("cmp %2, %1\n\tpushfq\n\tpop %0" : "=r"(flags) : "r"((uint32_t)memory), "r"((uint32_t)with) : "cc", "memory");
        }
        uint64_t sum = (memory + (holds(cc, flags) ? 3 : 0)) & mask, stored;
        for (unsigned mode = 0; mode < TRANSLATED_MODES * translated_engines(); mode++) {
            translated_run(&c, &r, mode);
            memcpy(&stored, r.after.memory + 64, 8);
            g_assert_cmpint(r.trap, ==, -1);
            g_assert_cmphex(stored, ==, sum | (memory & ~mask));
            g_assert_cmphex(r.after.regs[R_ECX], ==, memory & mask);
            g_assert_cmphex(r.after.eflags & CC_ALL, ==, flags & CC_ALL);
        }
    }
}
