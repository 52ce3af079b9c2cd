/*
 * What FEAT_MTE4 adds to memory tags: checks of stores alone (FEAT_MTE_STORE_ONLY), canonical tags of pages that have none of their own and addresses with a tag that translation
 * does not see (TCR_EL1.MTX: FEAT_MTE_CANONICAL_TAGS, FEAT_MTE_NO_ADDRESS_TAGS).
 *
 * DDI 0487, D10.3 (memory region tagging types), D10.4 (tag checking), D24.2 (SCTLR_EL1.TCSO, TCR_EL1.MTX0, ESR_EL1.ISS2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { DABT = 0x25, DABT_LOWER = 0x24, TAG_CHECK = 0x11, TRANSLATION_0 = 0x04, PERMISSION = 0x0f, WNR = 1 << 6 };
enum { NORMAL, TAGGED, DEVICE };        /* indices of MAIR */
#define TABLE 3ull
#define PAGE(index) (0x703ull | (u64)(index) << 2)
#define BLOCK(index) (0x701ull | (u64)(index) << 2)
#define USER (1ull << 6)
#define READ_ONLY (1ull << 7)
#define PLACE 0x80200000ull             /* Tagged, untagged, untagged and read-only, device */
#define USER_PLACE 0x80210000ull
#define HIGH_PLACE 0xffffffc000000000ull
enum { UNTAGGED = 0x1000, READ_ONLY_PAGE = 0x2000 };
#define ATA0 (1ull << 42)
#define ATA (1ull << 43)
#define TCSO0 (1ull << 58)
#define TCSO (1ull << 59)
#define TCF(n) ((u64)(n) << 40)
#define TCF0(n) ((u64)(n) << 38)
#define TBI (3ull << 37)
#define TCMA (3ull << 57)
#define MTX (3ull << 60)
#define TND (1ull << 42)
enum { CHECK_SYNC = 1 };
#define WITH(address, tag) (((u64)(address) & ~(15ull << 56)) | (u64)(tag) << 56)
#define TAG(address) ((unsigned)((u64)(address) >> 56 & 15))
#define FAULT(code) ((unsigned)DABT << 8 | (code))

static void turn_on(void)
{
    static u64 *root;
    if (!root) {
        root = pages(4096);
        u64 *high = pages(4096), *middle = pages(4096), *leaves = pages(4096), *user = pages(4096);
        uint8_t *memory = pages(16384);
        root[0] = BLOCK(DEVICE);
        root[1] = 0x40000000ull | BLOCK(NORMAL);
        root[2] = (u64)middle | TABLE;
        high[256] = (u64)middle | TABLE;
        middle[0] = (u64)leaves | TABLE;
        middle[1] = (u64)leaves | TABLE;
        for (unsigned i = 0; i < 3; i++) {
            leaves[i] = ((u64)memory + 4096 * i) | PAGE(i == 0 ? TAGGED : NORMAL) | (i == 2 ? READ_ONLY : 0);
        }
        leaves[16] = (u64)user | PAGE(TAGGED) | USER;
        WRITE(mair_el1, 0xffull | 0xf0ull << 8);
        WRITE(ttbr0_el1, (u64)root);
        WRITE(ttbr1_el1, (u64)high);
    }
    WRITE(tcr_el1, 25 | 25 << 16 | 2ull << 30 | 2ull << 32 | TBI);        /* 39 bits, 4 KiB */
    __asm__ volatile("isb\n dsb ish\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~(TCF(3) | TCF0(3) | TCSO | TCSO0)) | 1 | ATA | ATA0);
    isb();
}

static void checks(u64 bits)
{
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~(TCF(3) | TCF0(3) | TCSO | TCSO0)) | bits);
    isb();
}

static void translate_with(u64 bits)
{
    WRITE(tcr_el1, (READ(tcr_el1) & ~(TBI | TCMA | MTX)) | bits);
    __asm__ volatile("isb\n dsb ish\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
}

/* ---- instructions ---- */

static u64 ldg(u64 a) { u64 r = a; __asm__ volatile("ldg %0, [%1]" : "+r"(r) : "r"(a) : "memory"); return r; }
static void stg(u64 a) { __asm__ volatile("stg %0, [%0]" :: "r"(a) : "memory"); }
static void stzg(u64 a) { __asm__ volatile("stzg %0, [%0]" :: "r"(a) : "memory"); }
static void stgp(u64 a) { __asm__ volatile("stgp xzr, xzr, [%0]" :: "r"(a) : "memory"); }
static void stgm(u64 a) { __asm__ volatile("stgm xzr, [%0]" :: "r"(a) : "memory"); }
static void gva(u64 a) { __asm__ volatile("dc gva, %0" :: "r"(a) : "memory"); }
static u64 ldgm(u64 a) { u64 r; __asm__ volatile("ldgm %0, [%1]" : "=r"(r) : "r"(a) : "memory"); return r; }
static void zero(u64 a) { __asm__ volatile("dc zva, %0" :: "r"(a) : "memory"); }
static void load(u64 a) { (void)*(volatile u64 *)a; }
static void store(u64 a) { *(volatile u64 *)a = 0x55; }
static void load_pair(u64 a) { __asm__ volatile("ldp x9, x10, [%0]" :: "r"(a) : "x9", "x10", "memory"); }
static void load_unprivileged(u64 a) { __asm__ volatile("ldtr x9, [%0]" :: "r"(a) : "x9", "memory"); }
static void store_unprivileged(u64 a) { __asm__ volatile("sttr x9, [%0]" :: "r"(a) : "x9", "memory"); }
static void add(u64 a) { __asm__ volatile(".arch_extension lse\n ldadd %0, x9, [%0]" :: "r"(a) : "x9", "memory"); }
static void swap(u64 a) { __asm__ volatile(".arch_extension lse\n swp %0, x9, [%0]" :: "r"(a) : "x9", "memory"); }
static void exclusive(u64 a) { __asm__ volatile("ldxr x9, [%0]" :: "r"(a) : "x9", "memory"); }

/* An exception leaves PSTATE.TCO set. The fault's class and code; 0: none. */
static unsigned abort_of(int ec) { return ec == NONE ? 0 : (unsigned)ec << 8 | (ISS(fault.esr) & 0x7f); }
#define TRY(...) ({ __asm__ volatile("msr tco, #0" ::: "memory"); unsigned result_ = abort_of(CATCH_EC(__VA_ARGS__)); __asm__ volatile("msr tco, #0" ::: "memory"); result_; })
static unsigned try_user(void (*f)(u64), u64 a) { return abort_of(run_at(0, 0, f, a)); }

/* ---- subjects ---- */

static void stores_alone(void)
{
    turn_on();
    check_is("ID_AA64PFR2_EL1.MTESTOREONLY", READ(S3_0_C0_C4_2) >> 4 & 15, 1);
    check_is("ID_AA64PFR2_EL1.MTEFAR", READ(S3_0_C0_C4_2) >> 8 & 15, 1);
    stg(WITH(PLACE, 5));
    stg(WITH(USER_PLACE, 5));
    checks(TCF(CHECK_SYNC) | TCSO);
    check_is("SCTLR_EL1.TCSO stays set", READ(sctlr_el1) >> 58 & 3, 2);
    check_is("a load is not checked", TRY(load(WITH(PLACE, 4))), 0);
    check_is("nor a pair", TRY(load_pair(WITH(PLACE, 4))), 0);
    check_is("nor a load-exclusive", TRY(exclusive(WITH(PLACE, 4))), 0);
    check_is("a store is", TRY(store(WITH(PLACE, 4))), FAULT(TAG_CHECK | WNR));
    check_is("DC ZVA is", TRY(zero(WITH(PLACE, 4))), FAULT(TAG_CHECK | WNR));
    check_is("the store of LDADD is", TRY(add(WITH(PLACE, 4))), FAULT(TAG_CHECK | WNR));
    check_is("that of SWP is", TRY(swap(WITH(PLACE, 4))), FAULT(TAG_CHECK | WNR));
    check_is("the right tag", TRY(store(WITH(PLACE, 5))), 0);
    checks(TCF(CHECK_SYNC) | TCF0(CHECK_SYNC) | TCSO0);
    check_is("TCSO0 does not count at EL1", TRY(load(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    check_is("but for LDTR", TRY(load_unprivileged(WITH(USER_PLACE, 4))), 0);
    check_is("and not for STTR", TRY(store_unprivileged(WITH(USER_PLACE, 4))), FAULT(TAG_CHECK | WNR));
    check_is("EL0's load", try_user(load, WITH(USER_PLACE, 4)), 0);
    check_is("EL0's store", try_user(store, WITH(USER_PLACE, 4)), DABT_LOWER << 8 | TAG_CHECK | WNR);
    checks(TCF(CHECK_SYNC) | TCF0(CHECK_SYNC) | TCSO);
    check_is("TCSO does not count at EL0", try_user(load, WITH(USER_PLACE, 4)), DABT_LOWER << 8 | TAG_CHECK);
    check_is("nor for LDTR", TRY(load_unprivileged(WITH(USER_PLACE, 4))), FAULT(TAG_CHECK));
    checks(TCF(CHECK_SYNC));
    check_is("FAR holds bits 63 to 60, too", (TRY(load(WITH(PLACE, 4) | 10ull << 60)), fault.far), WITH(PLACE, 4) | 10ull << 60);
    checks(0);
}

static void canonical(void)
{
    turn_on();
    check_is("ID_AA64PFR1_EL1.MTEX", READ(id_aa64pfr1_el1) >> 52 & 15, 1);
    stg(WITH(PLACE, 5));
    checks(TCF(CHECK_SYNC));
    check_is("without MTX, a page without tags is not checked", TRY(load(WITH(PLACE + UNTAGGED, 4))), 0);
    check_is("its tag is 0", TAG(ldg(WITH(HIGH_PLACE + UNTAGGED, 4))), 0);
    translate_with(TBI | MTX);
    check_is("TCR_EL1 keeps MTX0 and MTX1", READ(tcr_el1) >> 60 & 3, 3);
    check_is("with it, tag 0 is right in the lower range", TRY(load(PLACE + UNTAGGED)), 0);
    check_is("another is not", TRY(load(WITH(PLACE + UNTAGGED, 4))), FAULT(TAG_CHECK));
    check_is("FAR has it", fault.far, WITH(PLACE + UNTAGGED, 4));
    check_is("nor for a store", TRY(store(WITH(PLACE + UNTAGGED, 15))), FAULT(TAG_CHECK | WNR));
    check_is("tag 15 is right in the upper range", TRY(store(HIGH_PLACE + UNTAGGED)), 0);
    check_is("another is not", TRY(load(WITH(HIGH_PLACE + UNTAGGED, 0))), FAULT(TAG_CHECK));
    check_is("devices have canonical tags, too", TRY(load(WITH(0x09000018, 1))), FAULT(TAG_CHECK));
    check_is("a page with tags has its own", TRY(load(WITH(PLACE, 5))), 0);
    check_is("and no other", TRY(load(PLACE)), FAULT(TAG_CHECK));
    check_is("LDG", TAG(ldg(WITH(PLACE + UNTAGGED, 4))), 0);
    check_is("LDG in the upper range", TAG(ldg(WITH(HIGH_PLACE + UNTAGGED, 4))), 15);
    check_is("LDGM there", ldgm(HIGH_PLACE + UNTAGGED), ~0ull);
    check_is("STG is refused", TRY(stg(PLACE + UNTAGGED)), FAULT(PERMISSION | WNR));
    check_is("ISS2: TnD", fault.esr >> 32, TND >> 32);
    check_is("FAR", fault.far, PLACE + UNTAGGED);
    check_is("STZG", TRY(stzg(WITH(PLACE + UNTAGGED, 3))), FAULT(PERMISSION | WNR));
    check_is("STGP", TRY(stgp(WITH(PLACE + UNTAGGED, 3))), FAULT(PERMISSION | WNR));
    check_is("STGM", TRY(stgm(PLACE + UNTAGGED)), FAULT(PERMISSION | WNR));
    check_is("DC GVA", TRY(gva(PLACE + UNTAGGED)), FAULT(PERMISSION | WNR));
    check_is("a page that may not be written says that first", TRY(stg(PLACE + READ_ONLY_PAGE)), FAULT(PERMISSION | WNR));
    check_is("without TnD", fault.esr >> 32, 0);
    translate_with(TBI | MTX | TCMA);
    check_is("TCMA0: tag 0", TRY(load(PLACE)), 0);
    check_is("no other", TRY(load(WITH(PLACE + UNTAGGED, 15))), FAULT(TAG_CHECK));
    __asm__ volatile("msr tco, #1");
    check_is("PSTATE.TCO: no check", abort_of(CATCH_EC(load(WITH(PLACE + UNTAGGED, 4)))), 0);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~ATA);
    isb();
    check_is("without ATA no check", TRY(load(WITH(PLACE + UNTAGGED, 4))), 0);
    check_is("and STG stores nothing", TRY(stg(WITH(PLACE + UNTAGGED, 4))), 0);
    checks(0);
}

/* TBI off: bits 63 to 60 are translated, the tag is not. */
static void addresses(void)
{
    turn_on();
    stg(WITH(PLACE, 5));
    translate_with(MTX);
    checks(TCF(CHECK_SYNC));
    check_is("the tag is not translated", TRY(load(WITH(PLACE, 5))), 0);
    check_is("but checked", TRY(load(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    check_is("in the upper range, too", TRY(load(WITH(HIGH_PLACE, 5))), 0);
    check_is("bits 63 to 60 are translated", TRY(load(WITH(PLACE, 5) | 1ull << 60)), FAULT(TRANSLATION_0));
    check_is("in the upper range, too", TRY(load(WITH(HIGH_PLACE, 5) & ~(1ull << 63))), FAULT(TRANSLATION_0));
    u64 a = PLACE, b = HIGH_PLACE;
    WRITE(S3_0_C2_C2_0, 0x1234567);
    WRITE(sctlr_el1, READ(sctlr_el1) | 1ull << 27);
    isb();
    __asm__ volatile(".arch_extension pauth\n pacda %0, %2\n pacda %1, %2" : "+r"(a), "+r"(b) : "r"(7ull));
    check_is("the tag is no part of a pointer's code", TAG(a), 0);
    check_is("nor in the upper range", TAG(b), 15);
    u64 c = a;
    __asm__ volatile("autda %0, %1" : "+r"(c) : "r"(7ull));
    check_is("AUTDA", c, PLACE);
    c = WITH(a, 6);
    __asm__ volatile("xpacd %0" : "+r"(c));
    check_is("XPACD leaves the tag", c, WITH(PLACE, 6));
    WRITE(sctlr_el1, READ(sctlr_el1) & ~(1ull << 27));
    isb();
    translate_with(0);
    check_is("without MTX and TBI the tag is translated", TRY(load(WITH(PLACE, 5))), FAULT(TRANSLATION_0));
    check_is("and nothing checked", TRY(load(PLACE)), 0);
    checks(0);
}

const Subject subjects[] = { { "stores alone", stores_alone }, { "canonical tags", canonical }, { "addresses", addresses }, { NULL, NULL } };
