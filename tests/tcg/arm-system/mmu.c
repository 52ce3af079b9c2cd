/*
 * Translation at EL1&0: granules, block sizes, both ranges, rights, access flag and dirty state, PAN, tagged addresses, what an invalidation changes, AT.
 *
 * DDI 0487, D8.2 to D8.8, D8.15, D8.16, C5.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define VALID 1ull
#define TABLE 2ull
#define PAGE 2ull
#define USER (1ull << 6)
#define READ_ONLY (1ull << 7)
#define SHARED (3ull << 8)
#define AF (1ull << 10)
#define NG (1ull << 11)
#define DBM (1ull << 51)
#define PXN (1ull << 53)
#define UXN (1ull << 54)
#define OUTPUT 0x0000fffffffff000ull
#define NORMAL (VALID | AF | SHARED)
#define MAIR 0x00000000000000ffull         /* index 0: normal memory */

enum { DABT_LOWER = 0x24, DABT = 0x25, IABT_LOWER = 0x20, IABT = 0x21, WNR = 1 << 6 };
#define TEST 0x80200000ull              /* what is tried; all else lies one to one in 1 GiB blocks (or what the granule has) */

/* ---- tables ---- */

static unsigned granule, stride;
static u64 *root0, *root1;
static uint8_t *page;                   /* what TEST maps */

static u64 *slot(u64 *table, u64 address, int level) { return &table[(address & 0xffffffffffffull) >> (granule + stride * (3 - level)) & ((1u << stride) - 1)]; }

/* The entry of an address at a level, with tables above it as needed. 48 bits: the first level is 0, or 1 with 64 KiB. */
static u64 *reach(u64 *root, u64 address, int level)
{
    u64 *table = root;
    for (int l = granule == 16 ? 1 : 0; l < level; l++) {
        u64 *e = slot(table, address, l);
        if (!(*e & VALID)) {
            *e = (u64)pages(1u << granule) | TABLE | VALID;
        }
        table = (u64 *)(*e & OUTPUT & ~((1ull << granule) - 1));
    }
    return slot(table, address, level);
}

static void flush(void)
{
    __asm__ volatile("dsb ishst\n tlbi vmalle1is\n dsb ish\n isb" ::: "memory");
}

static void flush_page(u64 address)
{
    __asm__ volatile("dsb ishst\n tlbi vae1is, %0\n dsb ish\n isb" :: "r"(address << 8 >> 20) : "memory");
}

static void map(u64 *root, u64 address, int level, u64 entry)
{
    *reach(root, address, level) = entry;
    flush();
}

/* The program, its stacks and the UART one to one. */
static void turn_on(unsigned bits)
{
    granule = bits;
    stride = bits - 3;
    root0 = pages(1u << granule);
    root1 = pages(1u << granule);
    unsigned block = granule + stride;          /* of level 2 */
    for (u64 a = 0; a < 0x60000000; a += 1ull << block) {
        *reach(root0, a, 2) = a | NORMAL | VALID;
    }
    page = pages(1u << granule);
    WRITE(mair_el1, MAIR);
    WRITE(tcr_el1, (16 | 16 << 16 | 5ull << 32) | (granule == 12 ? 2ull << 30 : granule == 14 ? 2ull << 14 | 1ull << 30 : 1ull << 14 | 3ull << 30));
    WRITE(ttbr0_el1, (u64)root0);
    WRITE(ttbr1_el1, (u64)root1);
    isb();
    flush();
    WRITE(sctlr_el1, READ(sctlr_el1) | 1);
    isb();
}

static void turn_off(void)
{
    WRITE(sctlr_el1, READ(sctlr_el1) & ~1ull);
    isb();
    flush();
}

/* ---- accesses ---- */

static u64 load(u64 a) { return *(volatile u64 *)a; }
static void store(u64 a) { *(volatile u64 *)a = 0x55; }
static void user_load(u64 a) { (void)load(a); }
static void call(u64 a) { ((void (*)(void))a)(); }
static u64 load_unprivileged(u64 a) { u64 v; __asm__ volatile("ldtr %0, [%1]" : "=r"(v) : "r"(a) : "memory"); return v; }

/* ESR's class and fault code together: 0: none. */
static unsigned abort_of(int ec) { return ec == NONE ? 0 : (unsigned)ec << 8 | (ISS(fault.esr) & 0x7f); }
static unsigned try_load(u64 a) { return abort_of(CATCH_EC(load(a))); }
static u64 spare;
/* The address of a load that has others before it. */
extern char late_load[];
static __attribute__((noinline)) u64 try_late_load(u64 a)
{
    CATCH_EC(__asm__ volatile("mov x9, #1\n add x9, x9, #2\n str x9, [%0]\n .global late_load\nlate_load: ldr x9, [%1]" :: "r"(&spare), "r"(a) : "x9", "memory"));
    return fault.elr;
}
static unsigned try_store(u64 a) { return abort_of(CATCH_EC(store(a))); }
static unsigned try_call(u64 a) { return abort_of(CATCH_EC(call(a))); }
static unsigned try_user(void (*f)(u64), u64 a) { return abort_of(run_at(0, 0, f, a)); }
#define FAULT(ec, code) ((unsigned)(ec) << 8 | (code))

/* ---- subjects ---- */

static void one_granule(unsigned bits, const char *name)
{
    turn_on(bits);
    print("# %s\n", name);
    *(u64 *)page = 0x1122334455667788;
    map(root0, TEST, 3, (u64)page | NORMAL | PAGE);
    check_is("a page is mapped", load(TEST), 0x1122334455667788);
    map(root0, TEST, 3, 0);
    check_is("no page: translation fault, level 3", try_load(TEST), FAULT(DABT, 0x07));
    check_is("FAR is the address", fault.far, TEST);
    check_is("ELR is the instruction, which is not the first of its block", try_late_load(TEST), (u64)late_load);
    check_is("a store says so", try_store(TEST + 8), FAULT(DABT, 0x07 | WNR));
    check_is("a fetch has another class", try_call(TEST), FAULT(IABT, 0x07));
    check_is("from EL0: the class of a lower level", try_user(user_load, TEST), FAULT(DABT_LOWER, 0x07));
    check_is("no table: a fault of its level", try_load(TEST + (1ull << (granule + 2 * stride))), FAULT(DABT, 0x05));
    u64 high = 0xffff000000200000ull;
    map(root1, high, 3, (u64)page | NORMAL | PAGE);
    check_is("TTBR1's range", load(high), 0x1122334455667788);
    check_is("between the ranges: translation fault, level 0", try_load(0x0001000000000000ull), FAULT(DABT, 0x04));
    turn_off();
}

static void granules(void)
{
    one_granule(12, "4 KiB");
    one_granule(14, "16 KiB");
    one_granule(16, "64 KiB");
}

static void rights(void)
{
    turn_on(12);
    *(uint32_t *)page = 0xd65f03c0;     /* RET */
    u64 p = (u64)page | NORMAL | PAGE;
    map(root0, TEST, 3, p);
    check_is("EL1's page: EL1 stores", try_store(TEST + 8), 0);
    check_is("EL1's page: EL1 runs it", try_call(TEST), 0);
    check_is("EL1's page: EL0 may not load", try_user(user_load, TEST), FAULT(DABT_LOWER, 0x0f));
    check_is("EL1's page without UXN: EL0 runs it", try_user((void (*)(u64))TEST, 0), 0);
    check_is("LDTR goes by EL0's rights", abort_of(CATCH_EC(load_unprivileged(TEST))), FAULT(DABT, 0x0f));
    map(root0, TEST, 3, p | READ_ONLY);
    check_is("read-only: a load", try_load(TEST), 0);
    check_is("read-only: a store faults", try_store(TEST), FAULT(DABT, 0x0f | WNR));
    map(root0, TEST, 3, p | USER);
    check_is("EL0's page: EL0 stores", try_user(store, TEST + 8), 0);
    check_is("EL0's page that it may write: EL1 does not run it", try_call(TEST), FAULT(IABT, 0x0f));
    map(root0, TEST, 3, p | USER | READ_ONLY);
    check_is("EL0's page that is read-only: EL1 runs it", try_call(TEST), 0);
    check_is("and EL0 does not store", try_user(store, TEST), FAULT(DABT_LOWER, 0x0f | WNR));
    map(root0, TEST, 3, p | USER | READ_ONLY | UXN);
    check_is("UXN: EL0 does not run it", try_user((void (*)(u64))TEST, 0), FAULT(IABT_LOWER, 0x0f));
    map(root0, TEST, 3, p | PXN);
    check_is("PXN: EL1 does not run it", try_call(TEST), FAULT(IABT, 0x0f));
    turn_off();
}

static void table_limits(void)
{
    turn_on(12);
    *(uint32_t *)page = 0xd65f03c0;
    map(root0, TEST, 3, (u64)page | NORMAL | PAGE | USER);
    u64 *table = reach(root0, TEST, 2), plain = *table;
    *table = plain | 1ull << 61;
    flush();
    check_is("APTable[0]: EL0 may not load", try_user(user_load, TEST), FAULT(DABT_LOWER, 0x0f));
    *table = plain | 1ull << 62;
    flush();
    check_is("APTable[1]: nobody stores", try_store(TEST), FAULT(DABT, 0x0f | WNR));
    check_is("APTable[1]: loads are free", try_load(TEST), 0);
    check_is("the second access finds the same", try_store(TEST + 16), FAULT(DABT, 0x0f | WNR));
    *table = plain | 1ull << 60;
    flush();
    check_is("UXNTable: EL0 does not run it", try_user((void (*)(u64))TEST, 0), FAULT(IABT_LOWER, 0x0f));
    *table = plain | 1ull << 59;
    *reach(root0, TEST, 3) = (u64)page | NORMAL | PAGE;
    flush();
    check_is("PXNTable: EL1 does not run it", try_call(TEST), FAULT(IABT, 0x0f));
    WRITE(tcr_el1, READ(tcr_el1) | 1ull << 41);
    isb();
    flush();
    check_is("HPD0: tables limit nothing", try_call(TEST), 0);
    turn_off();
}

static void access_flag(void)
{
    turn_on(12);
    u64 *e = reach(root0, TEST, 3), bare = (u64)page | VALID | SHARED | PAGE;
    *e = bare;
    flush();
    check_is("AF clear: access flag fault", try_load(TEST), FAULT(DABT, 0x0b));
    WRITE(tcr_el1, READ(tcr_el1) | 1ull << 39);
    isb();
    check_is("HA: no fault", try_load(TEST), 0);
    check_is("HA sets the flag", *(volatile u64 *)e & AF, AF);
    *e = bare | READ_ONLY | DBM;
    flush();
    check_is("DBM without HD: read-only", try_store(TEST), FAULT(DABT, 0x0f | WNR));
    WRITE(tcr_el1, READ(tcr_el1) | 1ull << 40);
    isb();
    flush();
    check_is("HD: a load leaves it clean", try_load(TEST), 0);
    check_is("clean is AP[2]", *(volatile u64 *)e & READ_ONLY, READ_ONLY);
    check_is("HD: a store is let through", try_store(TEST), 0);
    check_is("and makes it dirty", *(volatile u64 *)e & READ_ONLY, 0);
    turn_off();
}

static void pan(void)
{
    turn_on(12);
    map(root0, TEST, 3, (u64)page | NORMAL | PAGE | USER);
    __asm__ volatile(".inst 0xd500419f");     /* MSR PAN, #1 */
    check_is("PAN: EL1 may not load EL0's page", try_load(TEST), FAULT(DABT, 0x0f));
    check_is("PAN: nor store", try_store(TEST), FAULT(DABT, 0x0f | WNR));
    check_is("LDTR may", abort_of(CATCH_EC(load_unprivileged(TEST))), 0);
    __asm__ volatile(".inst 0xd500409f");     /* MSR PAN, #0 */
    check_is("without PAN it may", try_load(TEST), 0);
    turn_off();
}

static void blocks(void)
{
    turn_on(12);
    u64 base = 0x40000000;
    *(volatile u64 *)page = 77;
    map(root0, 0x8000000000ull, 1, base | NORMAL | VALID);
    check_is("a block of 1 GiB", load(0x8000000000ull + ((u64)page - base)), 77);
    u64 two = (u64)page & ~0x1fffffull;
    map(root0, 0x80400000ull, 2, two | NORMAL | VALID);
    check_is("a block of 2 MiB", load(0x80400000ull + ((u64)page - two)), 77);
    *reach(root0, 0x80400000ull, 2) = 0;
    flush_page(0x80400000ull + 0x5000);
    check_is("an invalidation by any page of a block ends it", try_load(0x80400000ull + ((u64)page - two)), FAULT(DABT, 0x06));
    *slot((u64 *)(root0), 0x10000000000ull, 0) = base | NORMAL | VALID;
    flush();
    check_is("no block at level 0", try_load(0x10000000000ull), FAULT(DABT, 0x04));
    map(root0, TEST, 3, 0x0000ffff00000000ull | NORMAL | PAGE);
    turn_off();
}

static void tags(void)
{
    turn_on(12);
    *(volatile u64 *)page = 42;
    map(root0, TEST, 3, (u64)page | NORMAL | PAGE);
    check_is("a tag is no address", try_load(TEST | 0x5aull << 56), FAULT(DABT, 0x04));
    WRITE(tcr_el1, READ(tcr_el1) | 1ull << 37);
    isb();
    check_is("TBI0: a tag is ignored", load(TEST | 0x5aull << 56), 42);
    check_is("another too", load(TEST | 0x01ull << 56), 42);
    *reach(root0, TEST, 3) = 0;
    flush_page(TEST);
    check_is("an invalidation reaches those with tags", try_load(TEST | 0x5aull << 56), FAULT(DABT, 0x07));
    check_is("FAR keeps the tag", fault.far, TEST | 0x5aull << 56);
    turn_off();
}

static void spaces(void)
{
    static u64 *other_root;
    turn_on(12);
    uint8_t *other_page = pages(4096);
    *(volatile u64 *)page = 1;
    *(volatile u64 *)other_page = 2;
    map(root0, TEST, 3, (u64)page | NORMAL | PAGE | NG);
    WRITE(ttbr0_el1, (u64)root0 | 1ull << 48);
    isb();
    u64 *first = root0;
    check_is("ASID 1", load(TEST), 1);
    other_root = pages(4096);
    for (unsigned i = 0; i < 512; i++) {
        other_root[i] = first[i];
    }
    /* TEST lies behind the same first entry as the program: that table is copied too. */
    u64 *copy = pages(4096), *old = (u64 *)(first[0] & OUTPUT);
    for (unsigned i = 0; i < 512; i++) {
        copy[i] = old[i];
    }
    copy[TEST >> 30] = 0;
    other_root[0] = (u64)copy | TABLE | VALID;
    *reach(other_root, TEST, 3) = (u64)other_page | NORMAL | PAGE | NG;
    dsb();
    WRITE(ttbr0_el1, (u64)other_root | 2ull << 48);
    isb();
    check_is("ASID 2 sees its own", load(TEST), 2);
    WRITE(ttbr0_el1, (u64)first | 1ull << 48);
    isb();
    check_is("ASID 1 still its own", load(TEST), 1);
    *reach(first, TEST, 3) = 0;
    __asm__ volatile("dsb ishst\n tlbi aside1is, %0\n dsb ish\n isb" :: "r"(1ull << 48) : "memory");
    check_is("by ASID: gone", try_load(TEST), FAULT(DABT, 0x07));
    WRITE(ttbr0_el1, (u64)other_root | 2ull << 48);
    isb();
    check_is("and not of the other", load(TEST), 2);
    *reach(other_root, TEST, 3) = (u64)page | NORMAL | PAGE | NG;
    __asm__ volatile("dsb ishst\n tlbi vaae1is, %0\n dsb ish\n isb" :: "r"(TEST >> 12) : "memory");
    check_is("by address of all ASIDs", load(TEST), 1);
    turn_off();
}

static void address_translation(void)
{
    turn_on(12);
    map(root0, TEST, 3, (u64)page | NORMAL | PAGE | READ_ONLY);
    __asm__ volatile("at s1e1r, %0\n isb" :: "r"(TEST + 0x123) : "memory");
    check_is("AT S1E1R gives the page", READ(par_el1) & 0xfffffffff001ull, (u64)page);
    check_is("and its attributes", READ(par_el1) >> 56, 0xff);
    __asm__ volatile("at s1e1w, %0\n isb" :: "r"(TEST) : "memory");
    check_is("AT S1E1W of a read-only page: permission fault", READ(par_el1) & 0x7f, 1 | 0x0f << 1);
    __asm__ volatile("at s1e0r, %0\n isb" :: "r"(TEST) : "memory");
    check_is("AT S1E0R of EL1's page: permission fault", READ(par_el1) & 0x7f, 1 | 0x0f << 1);
    __asm__ volatile("at s1e1r, %0\n isb" :: "r"(TEST + 0x1000) : "memory");
    check_is("AT of nothing: translation fault", READ(par_el1) & 0x7f, 1 | 0x07 << 1);
    turn_off();
}

const Subject subjects[] = {
    { "granules", granules }, { "rights", rights }, { "tables", table_limits }, { "access flag", access_flag }, { "PAN", pan }, { "blocks", blocks }, { "tags", tags },
    { "spaces", spaces }, { "AT", address_translation }, { NULL, NULL },
};
