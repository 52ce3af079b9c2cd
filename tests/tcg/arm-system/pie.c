/*
 * Permissions by index (FEAT_S1PIE): every pair of fields of PIR_EL1 and PIRE0_EL1, with PSTATE.PAN, where the index comes from, what tables and AP take no part in.
 * Attributes by four bits (FEAT_AIE). At EL2: permissions of stage 2 by index (FEAT_S2PIE).
 *
 * DDI 0487, D8.4.1 (indirect permissions), D19.2 (PIR_EL1, PIRE0_EL1, TCR2_EL1, MAIR2_EL1, S2PIR_EL2, VTCR_EL2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define TCR2 S3_0_C2_C0_3
#define PIR S3_0_C10_C2_3
#define PIRE0 S3_0_C10_C2_2
#define MAIR2 S3_0_C10_C2_1
#define S2PIR S3_4_C10_C2_5
/* By these names. */
#define GET(register) READ(register)
#define PUT(register, value) WRITE(register, value)
enum { DAIF = 0x3c0, PIE = 2, AIE = 16, VALID = 1, PAGE = 3, TABLE = 3, AF = 1 << 10, SHARED = 3 << 8 };
#define SPAN (1ull << 23)
#define VA 0x80000000ull
#define CODE_OF_EL0 16

static u64 *level2, *level3;
static uint32_t *page;
static bool pan;

static void flush(void) { __asm__ volatile("dsb ishst\n tlbi vmalle1is\n dsb ish\n isb" ::: "memory"); }
static void set_pan(void) { __asm__ volatile(".arch armv8.2-a+memtag\n cbz %w0, 1f\n msr pan, #1\n b 2f\n 1: msr pan, #0\n 2:" :: "r"(pan)); }

/* All of RAM and the devices have index 0: the privileged do everything there. */
static void set_up(void)
{
    u64 *root = pages(4096);
    level2 = pages(4096);
    level3 = pages(4096);
    page = pages(4096);
    root[0] = AF | VALID | 1 << 2;
    root[1] = 0x40000000 | AF | SHARED | VALID;
    root[2] = (u64)level2 | TABLE;
    level2[0] = (u64)level3 | TABLE;
    page[0] = 0xd65f03c0;                       /* RET */
    page[CODE_OF_EL0 / 4] = 0xd401ffe1;         /* SVC #0xfff */
    WRITE(mair_el1, 0xff);
    WRITE(ttbr0_el1, (u64)root);
    WRITE(tcr_el1, 25 | 1 << 23 | 3 << 12 | 1 << 8 | 1 << 10 | 2ull << 32);
    PUT(PIR, 0xe);
    PUT(PIRE0, 0);
    PUT(TCR2, PIE);
    isb();
    flush();
    WRITE(sctlr_el1, READ(sctlr_el1) | SPAN | 1);
    isb();
}

static void set_fields(unsigned index, unsigned own, unsigned user)
{
    u64 all = (u64)0xe & ~(index ? 0 : 15);
    PUT(PIR, all | (u64)own << 4 * index);
    PUT(PIRE0, (u64)user << 4 * index);
    isb();
    flush();
}

/* ---- what may be done ---- */

enum { READ_ = 1, WRITE_ = 2, RUN = 4, USER = 3 /* the same, shifted by */ };

static void call(u64 a) { ((void (*)(void))a)(); }

static bool translates(bool write)
{
    if (write) {
        __asm__ volatile("at s1e0w, %0\n isb" :: "r"(VA));
    } else {
        __asm__ volatile("at s1e0r, %0\n isb" :: "r"(VA));
    }
    return !(READ(par_el1) & 1);
}

static unsigned rights(void)
{
    unsigned r = 0;
    set_pan();
    r |= CATCH((void)*(volatile u64 *)(VA + 64)) ? 0 : READ_;
    set_pan();
    r |= CATCH(*(volatile u64 *)(VA + 64) = 1) ? 0 : WRITE_;
    set_pan();
    r |= CATCH(call(VA)) ? 0 : RUN;
    r |= translates(false) ? READ_ << USER : 0;
    r |= translates(true) ? WRITE_ << USER : 0;
    r |= run_at(0, DAIF, (void (*)(u64))(VA + CODE_OF_EL0), 0) == NONE ? RUN << USER : 0;
    __asm__ volatile("msr pan, #0");
    return r;
}

/* By the letters of the manual; n: counts as executable although it is not, g: of a guarded stack, counts as both. */
static const char *const meaning[16] = { "", "r", "x", "rx", "", "rw", "rwn", "rwx", "r", "rg", "rx", "", "rw", "", "rwx", "" };

static bool has(const char *letters, char letter)
{
    for (; *letters; letters++) {
        if (*letters == letter) {
            return true;
        }
    }
    return false;
}

static unsigned rights_of(const char *s) { return (has(s, 'r') ? READ_ : 0) | (has(s, 'w') ? WRITE_ : 0) | (has(s, 'x') ? RUN : 0); }

static unsigned expected(unsigned own, unsigned user)
{
    const char *o = meaning[own], *u = meaning[user];
    if ((has(o, 'x') || has(o, 'n') || has(o, 'g')) && (has(u, 'w') || has(u, 'g'))) {
        return 0;
    }
    unsigned of_user = rights_of(u), of_own = rights_of(o);
    return (pan && of_user ? of_own & RUN : of_own) | of_user << USER;
}

static bool there(void)
{
    if ((GET(S3_0_C0_C7_3) >> 8 & 15) && current_el() == 1) {
        return true;
    }
    if (current_el() == 1) {
        skip("permissions by index", "the processor has none");
    }
    return false;
}

static void fields(void)
{
    static const char *const names[2][4] = { { "fields 0 to 3 of PIR_EL1", "4 to 7", "8 to 11", "12 to 15" },
                                             { "with PAN: 0 to 3", "4 to 7", "8 to 11", "12 to 15" } };
    if (!there()) {
        return;
    }
    set_up();
    level3[0] = (u64)page | SHARED | AF | PAGE | 1 << 6;
    for (unsigned with_pan = 0; with_pan < 2; with_pan++) {
        for (unsigned group = 0; group < 4; group++) {
            bool good = true;
            for (unsigned i = 0; i < 64; i++) {
                unsigned own = 4 * group + i / 16, user = i % 16;
                set_fields(1, own, user);
                pan = with_pan;
                unsigned got = rights(), want = expected(own, user);
                if (got != want) {
                    print("# PIR %x PIRE0 %x: %x, not %x\n", own, user, got, want);
                }
                good = good && got == want;
            }
            check(good, names[with_pan][group]);
        }
    }
    pan = false;
}

static void indices(void)
{
    if (!there()) {
        return;
    }
    bool good = true;
    for (unsigned i = 1; i < 16; i++) {
        level3[0] = (u64)page | SHARED | AF | PAGE | (i & 1 ? 1ull << 6 : 0) | (i & 2 ? 1ull << 51 : 0) | (i & 4 ? 1ull << 53 : 0) | (i & 8 ? 1ull << 54 : 0);
        set_fields(i, 0xc, 1);
        good = good && rights() == (READ_ | WRITE_ | READ_ << USER);
    }
    check(good, "bits 54, 53, 51 and 6 are the index");
    set_fields(1, 0xc, 1);
    level3[0] = (u64)page | SHARED | AF | PAGE | 1 << 6;
    level2[0] = (u64)level3 | TABLE | 15ull << 59;
    flush();
    check_is("limits of tables do not count", rights(), READ_ | WRITE_ | READ_ << USER);
    level2[0] = (u64)level3 | TABLE;
    WRITE(sctlr_el1, READ(sctlr_el1) & ~1ull);
    PUT(TCR2, 0);
    isb();
    flush();
}

static unsigned attribute(void)
{
    __asm__ volatile("at s1e1r, %0\n isb" :: "r"(VA));
    return READ(par_el1) >> 56;
}

static void attributes(void)
{
    if (!there()) {
        return;
    }
    set_up();
    WRITE(mair_el1, 0x44ff);
    PUT(MAIR2, 0xbbee);
    level3[0] = (u64)page | SHARED | AF | PAGE | 1ull << 59 | 1 << 2;
    flush();
    check_is("bit 59 does not count without TCR2_EL1.AIE", attribute(), 0x44);
    PUT(TCR2, PIE | AIE);
    isb();
    flush();
    check_is("with it the attribute is MAIR2_EL1's", attribute(), 0xbb);
    level3[0] = (u64)page | SHARED | AF | PAGE | 1 << 2;
    flush();
    check_is("or MAIR_EL1's", attribute(), 0x44);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~1ull);
    PUT(TCR2, 0);
    isb();
    flush();
}

/* ---- stage 2 ---- */

enum { S2_NORMAL = 0xf << 2, VM = 1 };
#define RW (1ull << 31)
#define S2PIE (1ull << 36)
#define IPA 0x80200000ull

static void load(u64 a) { __asm__ volatile("ldr w7, [%0]" :: "r"(a) : "x7", "memory"); }
static void store(u64 a) { __asm__ volatile("str w7, [%0]" :: "r"(a) : "memory"); }
static void flush_guest(void) { __asm__ volatile("dsb ishst\n tlbi vmalls12e1is\n dsb ish\n isb" ::: "memory"); }

/* The end of what runs at EL0 goes on to EL2. */
static bool pass_on(Frame *f)
{
    if (current_el() != 1) {
        return false;
    }
    __asm__ volatile("hvc #0xfff");
    return true;
}

static unsigned rights_of_guest(void)
{
    unsigned r = run_at(1, DAIF, load, IPA + 64) == NONE ? READ_ : 0;
    r |= run_at(1, DAIF, store, IPA + 64) == NONE ? WRITE_ : 0;
    r |= run_at(1, DAIF, (void (*)(u64))IPA, 0) == NONE ? RUN : 0;
    return r | (run_at(0, DAIF, (void (*)(u64))IPA, 0) == NONE ? RUN << USER : 0);
}

static void stage2(void)
{
    /* u: EL0 runs it, x: EL1 does. */
    static const char *const of_fields[16] = { "", "", "r", "r", "w", "", "r", "r", "r", "ru", "rx", "rxu", "rw", "rwu", "rwx", "rwxu" };
    if (current_el() != 2 || !(GET(S3_0_C0_C7_3) >> 12 & 15)) {
        return;
    }
    u64 *root = pages(8192), *middle = pages(4096), *last = pages(4096);
    page = pages(4096);
    page[0] = 0xd65f03c0;                       /* RET */
    root[0] = S2_NORMAL | AF | VALID;
    root[1] = 0x40000000 | S2_NORMAL | AF | VALID;
    root[2] = (u64)middle | TABLE;
    middle[1] = (u64)last | TABLE;
    PUT(S2PIR, 0xf);
    WRITE(vtcr_el2, 24 | 1 << 6 | 1 << 8 | 1 << 10 | 3 << 12 | 2 << 16 | RW | S2PIE);
    WRITE(vttbr_el2, (u64)root | 1ull << 48);
    WRITE(vbar_el1, READ(vbar_el2));
    WRITE(hcr_el2, RW | VM);
    isb();
    flush_guest();
    hook = pass_on;
    bool good = true;
    for (unsigned i = 0; i < 16; i++) {
        last[0] = (u64)page | S2_NORMAL | AF | PAGE | 1 << 6;
        PUT(S2PIR, 0xf | i << 4);
        isb();
        flush_guest();
        unsigned got = rights_of_guest(), want = rights_of(of_fields[i]) | (has(of_fields[i], 'u') ? RUN << USER : 0);
        if (got != want) {
            print("# S2PIR %x: %x, not %x\n", i, got, want);
        }
        good = good && got == want;
    }
    check(good, "the fields of S2PIR_EL2");
    good = true;
    for (unsigned i = 1; i < 16; i++) {
        last[0] = (u64)page | S2_NORMAL | AF | PAGE | (i & 1 ? 1ull << 6 : 0) | (i & 2 ? 1ull << 51 : 0) | (i & 4 ? 1ull << 53 : 0) | (i & 8 ? 1ull << 54 : 0);
        PUT(S2PIR, 0xf | (u64)0xc << 4 * i);
        isb();
        flush_guest();
        good = good && rights_of_guest() == (READ_ | WRITE_);
    }
    check(good, "bits 54, 53, 51 and 6 are the index");
    hook = NULL;
    WRITE(hcr_el2, RW);
    isb();
}

const Subject subjects[] = { { "fields", fields }, { "indices", indices }, { "attributes", attributes }, { "stage 2", stage2 }, { NULL, NULL } };
