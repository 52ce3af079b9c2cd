/*
 * Memory copy and set instructions (FEAT_MOPS): results in both directions, faults in the middle, interrupts, the wrong option, tags (SETG), who may.
 *
 * DDI 0487, C6.2 (CPYP, CPYFP, SETP, SETGP), D19.2.40 (ISS of EC 0x27).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { MOPS = 0x27, UNKNOWN = 0, DABT = 0x25, DABT_LOWER = 0x24, WNR = 1 << 6, SIZE = 5 * 4096 };
#define TABLE 3ull
#define PAGE 0x707ull                   /* MAIR index 1 */
#define BLOCK 0x701ull
#define PLACE 0x80200000ull             /* pages 0 to 9; the sixth is missing */
#define USER_PLACE 0x80210000ull
#define MSCEN (1ull << 33)

static u64 *leaves;
static uint8_t *memory;

static void turn_on(void)
{
    if (!memory) {
        u64 *root = pages(4096), *middle = pages(4096);
        leaves = pages(4096);
        memory = pages(65536);
        root[0] = 8 | BLOCK;
        root[1] = 0x40000000ull | BLOCK;
        root[2] = (u64)middle | TABLE;
        middle[1] = (u64)leaves | TABLE;
        for (unsigned i = 0; i < 16; i++) {
            leaves[i] = ((u64)memory + 4096 * i) | PAGE;
        }
        leaves[16] = (u64)memory | PAGE | 1 << 6 | 1ull << 54;
        WRITE(mair_el1, 0xffull | 0xf0ull << 8);
        WRITE(tcr_el1, 25 | 25 << 16 | 2ull << 30 | 2ull << 32 | 1ull << 37);
        WRITE(ttbr0_el1, (u64)root);
        isb();
        WRITE(sctlr_el1, READ(sctlr_el1) | 1 | 1ull << 43);
        isb();
    }
    for (unsigned i = 0; i < SIZE; i++) {
        memory[i] = (uint8_t)(i * 7 + i / 251);
    }
}

static void present(unsigned n, bool is)
{
    leaves[n] = is ? ((u64)memory + 4096 * n) | PAGE : 0;
    __asm__ volatile("dsb ish\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
}

typedef struct Regs { u64 to, from, size, flags; } Regs;
#define ARCH ".arch_extension mops\n .arch_extension memtag\n "
#define COPY(name, t, f, n) ({ Regs r_ = { t, f, n, 0 }; \
    __asm__ volatile(ARCH name "p [%0]!, [%1]!, %2!\n " name "m [%0]!, [%1]!, %2!\n " name "e [%0]!, [%1]!, %2!\n mrs %3, nzcv" \
                     : "+r"(r_.to), "+r"(r_.from), "+r"(r_.size), "=r"(r_.flags) :: "cc", "memory"); r_; })
#define SET(name, t, n, v) ({ Regs r_ = { t, 0, n, 0 }; \
    __asm__ volatile(ARCH name "p [%0]!, %1!, %3\n " name "m [%0]!, %1!, %3\n " name "e [%0]!, %1!, %3\n mrs %2, nzcv" \
                     : "+r"(r_.to), "+r"(r_.size), "=r"(r_.flags) : "r"((u64)(v)) : "cc", "memory"); r_; })

static uint8_t pattern(unsigned i) { return (uint8_t)(i * 7 + i / 251); }

/* memory[to ..] is the pattern of from. */
static bool moved(unsigned to, unsigned from, unsigned bytes)
{
    for (unsigned i = 0; i < bytes; i++) {
        if (memory[to + i] != pattern(from + i)) {
            print("# byte %u is %x, not %x\n", i, memory[to + i], pattern(from + i));
            return false;
        }
    }
    return true;
}

static void copies(void)
{
    static const struct { unsigned to, from, bytes; const char *name; } cases[] = {
        { 0x5000, 0, 1, "one byte" }, { 0x5003, 0x11, 0x2345, "over pages" }, { 0x100, 0, 0x3000, "upwards into itself: from above" }, { 1, 0, 0x4fff, "by one byte" },
        { 0, 1, 0x4fff, "downwards by one byte" }, { 0x5000, 0x1000, 4096, "a page" }, { 0xfff, 0x1001, 0x2000, "by two bytes over a page's end" },
    };
    turn_on();
    check_is("ID_AA64ISAR2_EL1.MOPS", READ(S3_0_C0_C6_2) >> 16 & 15, 1);
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        turn_on();
        Regs r = COPY("cpy", PLACE + cases[i].to, PLACE + cases[i].from, cases[i].bytes);
        check(moved(cases[i].to, cases[i].from, cases[i].bytes), cases[i].name);
        check_is("nothing is left", r.size, 0);
        bool down = cases[i].from < cases[i].to && cases[i].from + cases[i].bytes > cases[i].to;
        check_is("the target register is where it ended", r.to, PLACE + cases[i].to + (down ? 0 : cases[i].bytes));
        check_is("the source register, too", r.from, PLACE + cases[i].from + (down ? 0 : cases[i].bytes));
    }
    turn_on();
    Regs r = COPY("cpyf", PLACE + 0x5000, PLACE + 0x10, 0x1800);
    check(moved(0x5000, 0x10, 0x1800), "CPYF");
    check_is("its target register", r.to, PLACE + 0x6800);
    r = COPY("cpy", PLACE, 0x7f, 0);
    check_is("no byte: no access", r.size, 0);
}

static void sets(void)
{
    turn_on();
    Regs r = SET("set", PLACE + 3, 0x2000, 0x1a5);
    bool good = memory[2] == pattern(2) && memory[0x2003] == pattern(0x2003);
    for (unsigned i = 3; i < 0x2003; i++) {
        good &= memory[i] == 0xa5;
    }
    check(good, "SET fills with the low byte");
    check_is("and ends behind", r.to, PLACE + 0x2003);
    check_is("with nothing left", r.size, 0);
    __asm__ volatile(ARCH "mov x9, %0\n mov x10, #16\n setp [x9]!, x10!, xzr\n setm [x9]!, x10!, xzr\n sete [x9]!, x10!, xzr" :: "r"(PLACE) : "x9", "x10", "cc", "memory");
    check_is("XZR is 0", *(u64 *)memory, 0);
    u64 a = PLACE | 5ull << 56, tag = 0;
    r = SET("setg", a, 0x1020, 0x11);
    check_is("SETG fills", *(u64 *)&memory[0x1018], 0x1111111111111111);
    __asm__ volatile("ldg %0, [%1]" : "+r"(tag) : "r"(PLACE + 0x1010));
    check_is("and stores the tag", tag >> 56, 5);
    tag = 0;
    __asm__ volatile("ldg %0, [%1]" : "+r"(tag) : "r"(PLACE + 0x1020));
    check_is("no further", tag >> 56, 0);
    check_is("SETG wants 16 bytes' alignment", CATCH_EC(SET("setg", a + 8, 16, 0)), DABT);
    check_is("as an alignment fault", ISS(fault.esr) & 0x3f, 0x21);
    SET("setg", PLACE, 0x1020, 0);
}

/* The page is given when it is missed; the instruction goes on. */
static unsigned faults;
static u64 fault_far;
static bool give_page(Frame *f)
{
    if (EC(f->esr) != DABT) {
        return false;
    }
    faults++;
    fault_far = f->far;
    present(6, true);
    return true;
}

static void faulting(void)
{
    turn_on();
    present(6, false);
    hook = give_page;
    COPY("cpy", PLACE + 0x5800, PLACE + 0x20, 0x2000);
    check_is("a fault in the target", faults, 1);
    check_is("FAR", fault_far, PLACE + 0x6000);
    check(moved(0x5800, 0x20, 0x2000), "and it goes on behind it");
    present(6, false);
    SET("set", PLACE + 0x5f00, 0x200, 0x77);
    check_is("a fault of SET", faults, 2);
    check_is("is done in the end", memory[0x60ff] << 8 | memory[0x5f00], 0x7777);
    present(6, false);
    for (unsigned i = 0; i < 0x200; i++) {
        memory[0x5f00 + i] = pattern(i);
    }
    COPY("cpy", PLACE + 0x6010, PLACE + 0x5f00, 0x200);
    check_is("a fault from above", faults, 3);
    check(moved(0x6010, 0, 0x200), "is done, too");
    hook = NULL;
    present(6, false);
    check_is("a fault that is not mended", CATCH_EC(SET("set", PLACE + 0x5f00, 0x200, 1)), DABT);
    check_is("is a store's", ISS(fault.esr) & 0x7f, 0x07 | WNR);
    present(6, true);
}

static void wrong_option(void)
{
    turn_on();
    register u64 x0 __asm__("x9") = PLACE + 0x5000, x1 __asm__("x10") = PLACE, x2 __asm__("x11") = 64;
    check_is("main with C set", CATCH_EC(__asm__ volatile("msr nzcv, %3\n .inst 0x1d4a0569" :: "r"(x0), "r"(x1), "r"(x2), "r"(1ull << 29) : "cc", "memory")), MOPS);
    check_is("says that it was another's form, and which registers", ISS(fault.esr), 1 << 17 | 1 << 16 | 9 << 10 | 10 << 5 | 11);
    check_is("epilogue, too", CATCH_EC(__asm__ volatile("msr nzcv, %3\n .inst 0x1d8a0569" :: "r"(x0), "r"(x1), "r"(x2), "r"(1ull << 29) : "cc", "memory")), MOPS);
    check_is("says so", ISS(fault.esr), 1 << 18 | 1 << 17 | 1 << 16 | 9 << 10 | 10 << 5 | 11);
    check_is("one register twice: UNDEFINED", CATCH_EC(__asm__ volatile(".inst 0x1d0a0549")), UNKNOWN);
}

static void user_set(u64 a)
{
    SET("set", a, 64, 0x42);
}

static void user_level(void)
{
    turn_on();
    WRITE(sctlr_el1, READ(sctlr_el1) & ~MSCEN);
    isb();
    check_is("EL0 without SCTLR_EL1.MSCEn: UNDEFINED", run_at(0, 0, user_set, USER_PLACE), UNKNOWN);
    WRITE(sctlr_el1, READ(sctlr_el1) | MSCEN);
    isb();
    check_is("with it, it runs", run_at(0, 0, user_set, USER_PLACE), NONE);
    check_is("and is done", memory[63], 0x42);
    check_is("EL0 has EL0's rights", run_at(0, 0, user_set, PLACE), DABT_LOWER);
    check_is("so has SETPT of EL1", CATCH_EC(SET("set", PLACE, 16, 0)), NONE);
    check_is("which faults", CATCH_EC(__asm__ volatile("mov x9, %0\n mov x10, #16\n .inst 0x19c01549\n .inst 0x19c05549" :: "r"(PLACE) : "x9", "x10", "cc", "memory")), DABT);
    check_is("for permission", ISS(fault.esr) & 0x3f, 0x0f);
}

static void tags(void)
{
    turn_on();
    u64 a = PLACE + 0x800, tagged = a | 3ull << 56;
    WRITE(sctlr_el1, READ(sctlr_el1) | 1ull << 40);
    isb();
    __asm__ volatile("msr tco, #0");
    for (unsigned i = 0; i < 64; i += 16) {
        __asm__ volatile("stg %0, [%0]" :: "r"(tagged + i) : "memory");
    }
    check_is("SET with the tag", CATCH_EC(SET("set", tagged, 64, 9)), NONE);
    check_is("with another", CATCH_EC(SET("set", a, 64, 9)), DABT);
    check_is("tag check fault", ISS(fault.esr) & 0x7f, 0x11 | WNR);
    __asm__ volatile("msr tco, #0");
    check_is("a copy reads by tags", CATCH_EC(COPY("cpy", PLACE, a, 64)), DABT);
    check_is("and says that it read", ISS(fault.esr) & 0x7f, 0x11);
    __asm__ volatile("msr tco, #0");
    check_is("to behind the tagged", CATCH_EC(COPY("cpy", tagged, PLACE, 65)), DABT);
    check_is("FAR", fault.far, tagged + 64);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~(1ull << 40));
    isb();
}

const Subject subjects[] = {
    { "copy", copies }, { "set", sets }, { "faults", faulting }, { "wrong option", wrong_option }, { "EL0", user_level }, { "tags", tags }, { NULL, NULL },
};
