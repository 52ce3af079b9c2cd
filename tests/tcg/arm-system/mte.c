/*
 * Memory tags (FEAT_MTE3): making and storing tags, checks that fault at once, later, or by kind of access, who is checked and what is not.
 *
 * DDI 0487, D10, C6.2 (IRG, ADDG, STG ...), D19.2 (GCR_EL1, RGSR_EL1, TFSR_EL1, TFSRE0_EL1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { DABT = 0x25, DABT_LOWER = 0x24, TAG_CHECK = 0x11, TRANSLATION = 0x07, PERMISSION = 0x0f, ALIGNMENT = 0x21, WNR = 1 << 6 };
enum { NORMAL, TAGGED, DEVICE };        /* indices of MAIR */
#define TABLE 3ull
#define PAGE(index) (0x703ull | (u64)(index) << 2)
#define BLOCK(index) (0x701ull | (u64)(index) << 2)
#define USER (1ull << 6)
#define READ_ONLY (1ull << 7)
#define UXN (1ull << 54)
#define PLACE 0x80200000ull             /* Tagged, Tagged too, untagged, Tagged and read-only, nothing */
#define USER_PLACE 0x80210000ull
#define HIGH_PLACE 0xffffffc000000000ull
#define ATA0 (1ull << 42)
#define ATA (1ull << 43)
#define TCF(n) ((u64)(n) << 40)
#define TCF0(n) ((u64)(n) << 38)
enum { CHECK_NONE, CHECK_SYNC, CHECK_ASYNC, CHECK_ASYMM };
#define GCR_EL1 S3_0_C1_C0_6
#define RGSR_EL1 S3_0_C1_C0_5
#define TFSR_EL1 S3_0_C5_C6_0
#define TFSRE0_EL1 S3_0_C5_C6_1
#define GMID_EL1 S3_1_C0_C0_4
#define WITH(address, tag) (((u64)(address) & ~(15ull << 56)) | (u64)(tag) << 56)
#define TAG(address) ((unsigned)((u64)(address) >> 56 & 15))
#define FAULT(code) ((unsigned)DABT << 8 | (code))

/* ---- translation ---- */

static uint8_t *memory;                 /* what PLACE maps */

static void turn_on(void)
{
    static u64 *root;
    if (!root) {
        root = pages(4096);
        u64 *high = pages(4096), *middle = pages(4096), *leaves = pages(4096), *user = pages(4096);
        memory = pages(16384);
        root[0] = BLOCK(DEVICE);
        root[1] = 0x40000000ull | BLOCK(NORMAL);
        root[2] = (u64)middle | TABLE;
        high[256] = (u64)middle | TABLE;
        middle[0] = (u64)leaves | TABLE;
        middle[1] = (u64)leaves | TABLE;
        for (unsigned i = 0; i < 4; i++) {
            leaves[i] = ((u64)memory + 4096 * i) | PAGE(i == 2 ? NORMAL : TAGGED) | (i == 3 ? READ_ONLY : 0);
        }
        leaves[16] = (u64)user | PAGE(TAGGED) | USER | UXN;
        WRITE(mair_el1, 0xffull | 0xf0ull << 8);
        WRITE(tcr_el1, 25 | 25 << 16 | 2ull << 30 | 2ull << 32 | 1ull << 37 | 1ull << 38);    /* 39 bits, 4 KiB, TBI0 and TBI1 */
        WRITE(ttbr0_el1, (u64)root);
        WRITE(ttbr1_el1, (u64)high);
        isb();
    }
    __asm__ volatile("dsb ish\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~(TCF(3) | TCF0(3))) | 1 | ATA | ATA0);
    WRITE(GCR_EL1, 0);
    isb();
}

static void checks(u64 bits)
{
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~(TCF(3) | TCF0(3))) | bits);
    isb();
}

/* ---- instructions ---- */

static u64 irg(u64 a, u64 exclude) { u64 r; __asm__ volatile("irg %0, %1, %2" : "=r"(r) : "r"(a), "r"(exclude)); return r; }
static u64 gmi(u64 a, u64 mask) { u64 r; __asm__ volatile("gmi %0, %1, %2" : "=r"(r) : "r"(a), "r"(mask)); return r; }
static u64 ldg(u64 a) { u64 r = a; __asm__ volatile("ldg %0, [%1]" : "+r"(r) : "r"(a) : "memory"); return r; }
static void stg(u64 a) { __asm__ volatile("stg %0, [%0]" :: "r"(a) : "memory"); }
static unsigned tag_at(u64 a) { return TAG(ldg(WITH(a, 0))); }
static u64 load(u64 a) { return *(volatile u64 *)a; }
static void store(u64 a) { *(volatile u64 *)a = 0x55; }
static void load_pair(u64 a) { __asm__ volatile("ldp x9, x10, [%0]" :: "r"(a) : "x9", "x10", "memory"); }
static void load_unprivileged(u64 a) { __asm__ volatile("ldtr x9, [%0]" :: "r"(a) : "x9", "memory"); }
static void add(u64 a) { __asm__ volatile(".arch_extension lse\n ldadd %0, x9, [%0]" :: "r"(a) : "x9", "memory"); }
static void zero(u64 a) { __asm__ volatile("dc zva, %0" :: "r"(a) : "memory"); }
static void load_by_sp(u64 a) { __asm__ volatile("mov x9, sp\n mov sp, %0\n ldr x10, [sp]\n mov sp, x9" :: "r"(a) : "x9", "x10", "memory"); }
static void load_by_sp_index(u64 a) { __asm__ volatile("mov x9, sp\n mov sp, %0\n ldr x10, [sp, xzr]\n mov sp, x9" :: "r"(a) : "x9", "x10", "memory"); }
static void user_load(u64 a) { *(volatile u64 *)a; }
static void user_store(u64 a) { *(volatile u64 *)a = 1; }

/* An exception leaves PSTATE.TCO set. The fault's class and code; 0: none. */
static unsigned abort_of(int ec) { return ec == NONE ? 0 : (unsigned)ec << 8 | (ISS(fault.esr) & 0x7f); }
#define TRY(...) ({ __asm__ volatile("msr tco, #0" ::: "memory"); unsigned result_ = abort_of(CATCH_EC(__VA_ARGS__)); __asm__ volatile("msr tco, #0" ::: "memory"); result_; })
static unsigned try_user(void (*f)(u64), u64 a) { return abort_of(run_at(0, 0, f, a)); }

/* ---- subjects ---- */

static void making(void)
{
    turn_on();
    check_is("ID_AA64PFR1_EL1.MTE is 3", READ(id_aa64pfr1_el1) >> 8 & 15, 3);
    check_is("GMID_EL1: 256 bytes have their tags in one register", READ(GMID_EL1), 6);
    WRITE(RGSR_EL1, ~0ull);
    check_is("RGSR_EL1 has a seed and a tag", READ(RGSR_EL1), 0xffff0f);
    WRITE(RGSR_EL1, 0x1234ull << 8 | 5);
    check_is("IRG goes on from RGSR_EL1.TAG by the seed's bits", TAG(irg(PLACE, 0)), (5 + 14) & 15);
    check_is("and moves the seed on", READ(RGSR_EL1), 0xe123ull << 8 | 3);
    unsigned seen = 0;
    for (unsigned i = 0; i < 500; i++) {
        seen |= 1u << TAG(irg(PLACE, 0x00f0));
    }
    check_is("IRG makes all but what Xm excludes", seen, 0xff0f);
    WRITE(GCR_EL1, 1 << 16 | 0x8001);
    for (unsigned i = seen = 0; i < 500; i++) {
        seen |= 1u << TAG(irg(PLACE, 0));
    }
    check_is("and, of its own randomness, what GCR_EL1 excludes", seen, 0x7ffe);
    check_is("all excluded: tag 0", TAG(irg(WITH(PLACE, 3), 0xffff)), 0);
    u64 r;
    __asm__ volatile("addg %0, %1, #32, #1" : "=r"(r) : "r"(WITH(PLACE, 14)));
    check_is("ADDG passes what is excluded", r, WITH(PLACE + 32, 1));
    __asm__ volatile("subg %0, %1, #16, #2" : "=r"(r) : "r"(WITH(PLACE, 3)));
    check_is("SUBG moves the address back, the tag on", r, WITH(PLACE - 16, 5));
    check_is("GMI sets the tag's bit", gmi(WITH(PLACE, 9), 1), 1 | 1 << 9);
    __asm__ volatile("subp %0, %1, %2" : "=r"(r) : "r"(WITH(PLACE, 9)), "r"(WITH(PLACE + 8, 3)));
    check_is("SUBP ignores tags", r, -8ull);
    u64 flags;
    __asm__ volatile("subps xzr, %1, %2\n mrs %0, nzcv" : "=r"(flags) : "r"(WITH(PLACE, 9)), "r"(WITH(PLACE, 3)) : "cc");
    check_is("SUBPS of one address: equal", flags, 0x60000000);
    WRITE(sctlr_el1, READ(sctlr_el1) & ~ATA);
    isb();
    check_is("without SCTLR_EL1.ATA, IRG gives tag 0", TAG(irg(WITH(PLACE, 3), 0)), 0);
}

static void storing(void)
{
    turn_on();
    stg(WITH(PLACE, 5));
    stg(WITH(PLACE + 16, 6));
    check_is("STG, LDG", tag_at(PLACE), 5);
    check_is("the other half of the byte", tag_at(PLACE + 16 + 7), 6);
    check_is("LDG changes the tag alone", ldg(WITH(PLACE, 3) | 8), WITH(PLACE, 5) | 8);
    check_is("another name of the page has the same tags", tag_at(HIGH_PLACE), 5);
    stg(WITH(PLACE + 0x2000, 7));
    check_is("an untagged page keeps none", tag_at(PLACE + 0x2000), 0);
    u64 a = PLACE + 0x100;
    __asm__ volatile("st2g %0, [%0], #32" : "+r"(a) : "r"(0) : "memory");
    check_is("ST2G writes back", a, PLACE + 0x120);
    a = WITH(PLACE + 0x100, 4);
    __asm__ volatile("st2g %0, [%0]" :: "r"(a) : "memory");
    check_is("ST2G: the second granule", tag_at(PLACE + 0x110), 4);
    check_is("and not the third", tag_at(PLACE + 0x120), 0);
    for (unsigned i = 0; i < 64; i++) {
        memory[0x200 + i] = 0xee;
    }
    __asm__ volatile("stzg %0, [%0]" :: "r"(WITH(PLACE + 0x200, 8)) : "memory");
    check(*(u64 *)&memory[0x208] == 0 && memory[0x210] == 0xee, "STZG clears 16 bytes");
    check_is("and stores the tag", tag_at(PLACE + 0x200), 8);
    __asm__ volatile("stz2g %0, [%0]" :: "r"(WITH(PLACE + 0x200, 9)) : "memory");
    check(*(u64 *)&memory[0x218] == 0 && memory[0x220] == 0xee && tag_at(PLACE + 0x210) == 9, "STZ2G does two");
    __asm__ volatile("stgp %1, %2, [%0]" :: "r"(WITH(PLACE + 0x220, 10)), "r"(0x11ull), "r"(0x22ull) : "memory");
    check(*(u64 *)&memory[0x220] == 0x11 && *(u64 *)&memory[0x228] == 0x22 && tag_at(PLACE + 0x220) == 10, "STGP stores a pair and its tag");
    __asm__ volatile("stgm %1, [%0]" :: "r"(PLACE + 0x400), "r"(0xfedcba9876543210ull) : "memory");
    check_is("STGM: 16 tags", tag_at(PLACE + 0x470), 7);
    u64 tags;
    __asm__ volatile("ldgm %0, [%1]" : "=r"(tags) : "r"(PLACE + 0x400) : "memory");
    check_is("LDGM", tags, 0xfedcba9876543210ull);
    memory[0x53f] = 1;
    __asm__ volatile("stzgm %1, [%0]" :: "r"(PLACE + 0x500), "r"(3ull) : "memory");
    check(tag_at(PLACE + 0x530) == 3 && tag_at(PLACE + 0x540) == 0 && memory[0x53f] == 0, "STZGM: tags and bytes of a line");
    memory[0x600] = 1;
    __asm__ volatile("dc gva, %0" :: "r"(WITH(PLACE + 0x608, 11)) : "memory");
    check(memory[0x600] == 1 && tag_at(PLACE + 0x630) == 11 && tag_at(PLACE + 0x640) == 0, "DC GVA: tags of a line alone");
    __asm__ volatile("dc gzva, %0" :: "r"(WITH(PLACE + 0x608, 12)) : "memory");
    check(memory[0x600] == 0 && tag_at(PLACE + 0x600) == 12, "DC GZVA: and its bytes");
    check_is("STG wants 16 bytes' alignment", TRY(stg(PLACE + 8)), FAULT(ALIGNMENT | WNR));
    check_is("STG asks for the right to store", TRY(stg(PLACE + 0x3000)), FAULT(PERMISSION | WNR));
    check_is("LDG asks for the page", TRY(ldg(PLACE + 0x4000)), FAULT(TRANSLATION));
    WRITE(sctlr_el1, READ(sctlr_el1) & ~ATA);
    isb();
    stg(WITH(PLACE, 1));
    check_is("without ATA, LDG gives 0", tag_at(PLACE), 0);
    WRITE(sctlr_el1, READ(sctlr_el1) | ATA);
    isb();
    check_is("and STG stored nothing", tag_at(PLACE), 5);
}

static void synchronous(void)
{
    turn_on();
    stg(WITH(PLACE, 5));
    stg(WITH(PLACE + 16, 6));
    stg(WITH(PLACE + 0xff0, 5));
    stg(WITH(PLACE + 0x1000, 4));
    checks(TCF(CHECK_SYNC));
    check_is("the right tag", TRY(load(WITH(PLACE, 5))), 0);
    check_is("a wrong one", TRY(load(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    check_is("FAR is the address with its tag", fault.far, WITH(PLACE, 4));
    check_is("a store", TRY(store(WITH(PLACE + 8, 4))), FAULT(TAG_CHECK | WNR));
    check_is("nothing is stored", *(u64 *)&memory[8], 0);
    check_is("LDADD is a load first", TRY(add(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    check_is("a pair in two granules", TRY(load_pair(WITH(PLACE + 8, 5))), FAULT(TAG_CHECK));
    check_is("FAR is in the second", fault.far, WITH(PLACE + 16, 5));
    check_is("a pair in two pages", TRY(load_pair(WITH(PLACE + 0xff8, 5))), FAULT(TAG_CHECK));
    check_is("FAR is in the second page", fault.far, WITH(PLACE + 0x1000, 5));
    check_is("DC ZVA", TRY(zero(WITH(PLACE, 5))), FAULT(TAG_CHECK | WNR));
    check_is("SP as base is not checked", TRY(load_by_sp(WITH(PLACE + 0x800, 4))), 0);
    check_is("but with an index", TRY(load_by_sp_index(WITH(PLACE + 0x800, 4))), FAULT(TAG_CHECK));
    check_is("an untagged page is not checked", TRY(load(WITH(PLACE + 0x2000, 4))), 0);
    check_is("rights count first", TRY(store(WITH(PLACE + 0x3000, 4))), FAULT(PERMISSION | WNR));
    check_is("so do missing pages", TRY(load(WITH(PLACE + 0x4000, 4))), FAULT(TRANSLATION));
    check_is("the upper range: tag 15 is as wrong", TRY(load(HIGH_PLACE)), FAULT(TAG_CHECK));
    check_is("the right tag there", TRY(load(WITH(HIGH_PLACE, 5))), 0);
    __asm__ volatile("msr tco, #1");
    check_is("PSTATE.TCO: no check", abort_of(CATCH_EC(load(WITH(PLACE, 4)))), 0);
    __asm__ volatile("msr tco, #0");
    (void)TRY(load(WITH(PLACE, 4)));
    check_is("SPSR keeps TCO, which was clear", fault.spsr >> 25 & 1, 0);
    CATCH_EC(load(WITH(PLACE + 0x4000, 5)));
    check_is("an exception sets it", READ(S3_3_C4_C2_7) >> 25 & 1, 1);
    WRITE(tcr_el1, READ(tcr_el1) | 1ull << 57 | 1ull << 58);
    isb();
    check_is("TCMA0: tag 0 matches all", TRY(load(PLACE)), 0);
    check_is("and no other", TRY(load(WITH(PLACE, 15))), FAULT(TAG_CHECK));
    check_is("TCMA1: tag 15 does", TRY(load(HIGH_PLACE)), 0);
    WRITE(tcr_el1, READ(tcr_el1) & ~(1ull << 57 | 1ull << 58));
    WRITE(mair_el1, 0xffull | 0xffull << 8);
    __asm__ volatile("isb\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
    check_is("not Tagged by MAIR any more: no check", TRY(load(WITH(PLACE, 4))), 0);
    WRITE(mair_el1, 0xffull | 0xf0ull << 8);
    __asm__ volatile("isb\n tlbi vmalle1\n dsb ish\n isb" ::: "memory");
    check_is("and Tagged again", TRY(load(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    stg(WITH(PLACE, 4));
    check_is("a tag that was stored counts at once", TRY(load(WITH(PLACE, 4))), 0);
    checks(0);
}

static void asynchronous(void)
{
    turn_on();
    stg(WITH(PLACE, 5));
    checks(TCF(CHECK_ASYNC));
    WRITE(TFSR_EL1, 0);
    WRITE(TFSRE0_EL1, 0);
    check_is("a wrong tag does not fault", TRY(load(WITH(PLACE, 4))), 0);
    check_is("but is noted for the lower range", READ(TFSR_EL1), 1);
    check_is("a store goes on, too", TRY(store(WITH(HIGH_PLACE, 4))), 0);
    check_is("stored", *(u64 *)memory, 0x55);
    check_is("and noted for the upper range", READ(TFSR_EL1), 3);
    check_is("not as EL0's", READ(TFSRE0_EL1), 0);
    WRITE(TFSR_EL1, ~0ull);
    check_is("TFSR_EL1 has two bits", READ(TFSR_EL1), 3);
    WRITE(TFSR_EL1, 0);
    checks(TCF(CHECK_ASYMM));
    check_is("asymmetric: a store goes on", TRY(store(WITH(PLACE, 4))), 0);
    check_is("and is noted", READ(TFSR_EL1), 1);
    check_is("a load faults", TRY(load(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    check_is("an atomic operation, too", TRY(add(WITH(PLACE, 4))), FAULT(TAG_CHECK));
    checks(0);
}

static void user(void)
{
    turn_on();
    stg(WITH(USER_PLACE, 5));
    checks(TCF0(CHECK_SYNC));
    check_is("TCF0 does not check EL1", TRY(load(WITH(USER_PLACE, 4))), 0);
    check_is("but LDTR", TRY(load_unprivileged(WITH(USER_PLACE, 4))), FAULT(TAG_CHECK));
    check_is("EL0 with the right tag", try_user(user_load, WITH(USER_PLACE, 5)), 0);
    check_is("EL0 with a wrong one", try_user(user_load, WITH(USER_PLACE, 4)), DABT_LOWER << 8 | TAG_CHECK);
    check_is("FAR", fault.far, WITH(USER_PLACE, 4));
    checks(TCF0(CHECK_ASYNC));
    WRITE(TFSRE0_EL1, 0);
    WRITE(TFSR_EL1, 0);
    check_is("asynchronous", try_user(user_store, WITH(USER_PLACE, 4)), 0);
    check_is("is noted as EL0's", READ(TFSRE0_EL1), 1);
    check_is("and not as EL1's", READ(TFSR_EL1), 0);
    checks(TCF(CHECK_SYNC));
    check_is("TCF does not check EL0", try_user(user_load, WITH(USER_PLACE, 4)), 0);
    checks(0);
}

const Subject subjects[] = { { "making tags", making }, { "storing tags", storing }, { "synchronous", synchronous }, { "asynchronous", asynchronous }, { "EL0", user }, { NULL, NULL } };
