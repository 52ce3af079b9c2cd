/*
 * Addresses of 52 bits: descriptors of FEAT_LPA2 (TCR_ELx.DS) with granules of 4 and 16 KiB, of FEAT_LPA with 64 KiB, the level -1, blocks that only they have, sizes that are
 * too large; stage 2 with VTCR_EL2.DS and SL2. No board has memory so far up: where a page lies is asked of AT.
 *
 * DDI 0487, D8.2.2 to D8.2.10 (tables, 52 bits), D8.3.1 (descriptors), D19.2 (TCR_EL1, VTCR_EL2, PAR_EL1), D19.2.40 (fault codes of level -1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define VALID 1ull
#define TABLE 2ull
#define PAGE 2ull
#define AF (1ull << 10)
#define NORMAL (VALID | AF)             /* bits 9:8 are the address's with DS */
#define DS (1ull << 59)
#define RAM_END 0x60000000ull
#define FIELD_PA(par) ((par) & 0xffffffffff000ull)
enum { DABT = 0x25, EXTERNAL = 0x10, TRANSLATION = 4, ADDRESS_SIZE = 0, TRANSLATION_MINUS_1 = 0x2b, ADDRESS_SIZE_MINUS_1 = 0x29 };
#define FAULT(ec, code) ((unsigned)(ec) << 8 | (code))

/* ---- tables ---- */

static unsigned granule, stride, input;
static int first;                       /* the first level */
static bool wide;                       /* LPA2's descriptors; else those of 64 KiB */

static u64 *slot(u64 *table, u64 address, int level)
{
    unsigned shift = granule + stride * (unsigned)(3 - level), bits = level == first ? input - shift : stride;
    return &table[address >> shift & ((1ull << bits) - 1)];
}

/* An output address as a descriptor has it. */
static u64 output(u64 pa)
{
    return wide ? (pa & 0x3ffffffffffffull) | pa >> 50 << 8 : (pa & 0xffffffffffffull) | pa >> 48 << 12;
}

static u64 *reach(u64 *root, u64 address, int level)
{
    u64 *table = root;
    for (int l = first; l < level; l++) {
        u64 *e = slot(table, address, l);
        if (!(*e & VALID)) {
            *e = (u64)pages(1u << granule) | TABLE | VALID;
        }
        table = (u64 *)(*e & 0xfffffffff000ull & ~((1ull << granule) - 1));
    }
    return slot(table, address, level);
}

static void flush(void) { __asm__ volatile("dsb ishst\n tlbi vmalle1is\n dsb ish\n isb" ::: "memory"); }

static void map(u64 *root, u64 address, int level, u64 entry)
{
    *reach(root, address, level) = entry;
    flush();
}

static u64 *root;
static uint8_t *page;

static void make_tables(unsigned bits, unsigned input_bits)
{
    granule = bits;
    stride = bits - 3;
    input = input_bits;
    wide = bits != 16;
    first = 3 - (int)((input - granule - 1) / stride);
    root = pages(1u << granule);
    page = pages(1u << granule);
    for (u64 a = 0; a < RAM_END; a += 1ull << (granule + stride)) {
        *reach(root, a, 2) = a | NORMAL;
    }
}

static u64 control(unsigned ips)
{
    u64 tg0 = granule == 12 ? 0 : granule == 14 ? 2 : 1;
    return (64 - input) | 1 << 23 | tg0 << 14 | (u64)ips << 32 | (wide ? DS : 0);
}

static void set_output_size(unsigned ips)
{
    WRITE(tcr_el1, control(ips));
    isb();
    flush();
}

static void turn_on(void)
{
    WRITE(mair_el1, 0xff);
    WRITE(ttbr0_el1, (u64)root);
    set_output_size(6);
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
static unsigned try_load(u64 a) { int ec = CATCH_EC(load(a)); return ec == NONE ? 0 : (unsigned)ec << 8 | (ISS(fault.esr) & 0x3f); }

static u64 locate(u64 a)
{
    __asm__ volatile("at s1e1r, %0\n isb" :: "r"(a) : "memory");
    return READ(par_el1);
}

/* ---- subjects ---- */

/* The highest address bit of 52, the page of the program's memory and one further up than any board's. */
static void pages_of(unsigned bits, const char *name)
{
    static const u64 far[] = { 0x4000000000000ull, 0x8000000000000ull, 0x1000000000000ull, 0x2000000000000ull, 0xf000000000000ull };
    make_tables(bits, 52);
    turn_on();
    print("# %s\n", name);
    u64 high = 0xc000080400000ull & ~((1ull << bits) - 1);
    *(volatile u64 *)page = 0x1122334455667788;
    map(root, high, 3, (u64)page | NORMAL | PAGE);
    check_is("a page at an address of 52 bits", load(high), 0x1122334455667788);
    check_is("AT finds it", FIELD_PA(locate(high)), (u64)page);
    check_is("what lies 48 bits lower is another, and not there", try_load(high & 0xffffffffffffull) & ~3u, FAULT(DABT, TRANSLATION));
    for (unsigned i = 0; i < ARRAY_SIZE(far); i++) {
        map(root, high, 3, output(far[i] | 0x70000000) | NORMAL | PAGE);
        check_is("an output address of 52 bits", FIELD_PA(locate(high)), far[i] | 0x70000000);
    }
    check_is("where nobody is", try_load(high), FAULT(DABT, EXTERNAL));
    if (wide) {
        set_output_size(5);
        check_is("more than IPS: address size fault, level 3", try_load(high), FAULT(DABT, ADDRESS_SIZE | 3));
        *(volatile u64 *)page = 9;
        map(root, high, 3, (u64)page | NORMAL | PAGE);
        check_is("not more: none", load(high), 9);
    }
    turn_off();
}

static void four(void)
{
    pages_of(12, "4 KiB");
    make_tables(12, 52);
    turn_on();
    check_is("the first level is -1", (u64)first, (u64)-1);
    check_is("no table there: translation fault, level -1", try_load(0x5000000000000ull), FAULT(DABT, TRANSLATION_MINUS_1));
    *slot(root, 0x5000000000000ull, -1) = NORMAL;
    flush();
    check_is("no block at level -1", try_load(0x5000000000000ull), FAULT(DABT, TRANSLATION_MINUS_1));
    *(volatile u64 *)page = 31;
    map(root, 0x3008000000000ull, 0, NORMAL);
    check_is("a block of 512 GiB at level 0", load(0x3008000000000ull + (u64)page), 31);
    map(root, 0x3010000000000ull, 0, output(0x9008000000000ull) | NORMAL);
    check_is("that lies far up", FIELD_PA(locate(0x3010000000000ull + 0x12345000)), 0x9008012345000ull);
    *slot(root, 0x5000000000000ull, -1) = output(0x1000000000000ull) | TABLE | VALID;
    set_output_size(5);
    check_is("a table beyond IPS: address size fault, level -1", try_load(0x5000000000000ull), FAULT(DABT, ADDRESS_SIZE_MINUS_1));
    turn_off();
    /* Of 48 bits: level 0 as ever. */
    make_tables(12, 48);
    turn_on();
    check_is("48 bits begin at level 0", try_load(0x700000000000ull), FAULT(DABT, TRANSLATION | 0));
    turn_off();
}

/* Descriptors have no shareability, TCR has; AT S1E1A asks for no permission. */
static void attributes(void)
{
    make_tables(12, 52);
    turn_on();
    u64 high = 0xc000080400000ull;
    map(root, high, 3, (u64)page | NORMAL | PAGE | 1 << 7);
    for (unsigned sh = 0; sh < 4; sh++) {
        WRITE(tcr_el1, control(6) | (u64)sh << 12);
        isb();
        flush();
        if (sh != 1) {
            check_is("shareability is TCR_EL1.SH0", locate(high) >> 7 & 3, sh);
        }
    }
    __asm__ volatile("at s1e1w, %0\n isb" :: "r"(high) : "memory");
    check_is("AT S1E1W may not store", READ(par_el1) & 0x7f, 1 | (0xc | 3) << 1);
    if (READ(S3_0_C0_C6_2) >> 60) {
        __asm__ volatile("sys #0, c7, c9, #2, %0\n isb" :: "r"(high) : "memory");
        check_is("AT S1E1A does not ask", READ(par_el1) & 0xffffffffff001ull, (u64)page);
        __asm__ volatile("sys #0, c7, c9, #2, %0\n isb" :: "r"(0x700000000000ull) : "memory");
        check_is("what is not there is not", READ(par_el1) & 1, 1);
    }
    turn_off();
}

static void sixteen(void)
{
    pages_of(14, "16 KiB");
    make_tables(14, 52);
    turn_on();
    *(volatile u64 *)page = 32;
    map(root, 0x3001000000000ull, 1, NORMAL);
    check_is("a block of 64 GiB at level 1", load(0x3001000000000ull + (u64)page), 32);
    turn_off();
}

static void sixty_four(void)
{
    pages_of(16, "64 KiB");
    make_tables(16, 52);
    turn_on();
    *(volatile u64 *)page = 33;
    map(root, 0x3040000000000ull, 1, NORMAL);
    check_is("a block of 4 TiB at level 1", load(0x3040000000000ull + (u64)page), 33);
    turn_off();
}

/* ---- stage 2: looked at from EL2, for an EL1 that has its MMU off ---- */

enum { VM = 1 };
#define RW (1ull << 31)
#define VTCR_DS (1ull << 32)
#define VTCR_SL2 (1ull << 33)

static u64 locate_both(u64 ipa)
{
    __asm__ volatile("at s12e1r, %0\n isb" :: "r"(ipa) : "memory");
    return READ(par_el1);
}

static void flush_stage2(void) { __asm__ volatile("dsb ishst\n tlbi vmalls12e1is\n dsb ish\n isb" ::: "memory"); }

static void stage2(void)
{
    enum { S2_NORMAL = 0xf << 2, S2_READ = 1 << 6, S2_WRITE = 1 << 7, BEGIN_MINUS_1 = 0, IPA_FAULT = 1 | 1 << 9 };
    u64 entry = NORMAL | S2_NORMAL | S2_READ | S2_WRITE;
    granule = 12, stride = 9, input = 52, wide = true, first = -1;
    root = pages(4096);
    *reach(root, 0x9000000000000ull, 3) = output(0x6000012345000ull) | entry | PAGE;
    *reach(root, 0xa000000000000ull, 0) = output(0x5008000000000ull) | entry;
    WRITE(vtcr_el2, (64 - 52) | BEGIN_MINUS_1 << 6 | 6ull << 16 | 1ull << 31 | VTCR_DS | VTCR_SL2);
    WRITE(vttbr_el2, (u64)root);
    WRITE(hcr_el2, RW | VM);
    WRITE(sctlr_el1, 0x30d00800);
    isb();
    flush_stage2();
    check_is("stage 2: a page, by five levels", FIELD_PA(locate_both(0x9000000000000ull)), 0x6000012345000ull);
    check_is("stage 2: a block at level 0", FIELD_PA(locate_both(0xa000023456000ull)), 0x5008023456000ull);
    u64 par = locate_both(0x7000000000000ull);
    check_is("no table at level -1", par & 0x7f, 1 | TRANSLATION_MINUS_1 << 1);
    check_is("by stage 2", par >> 9 & 1, 1);
    /* Beginning at level 0, with 48 bits. */
    first = 0, input = 48;
    root = pages(4096);
    *reach(root, 0x800000000000ull, 3) = output(0x3000000054000ull) | entry | PAGE;
    WRITE(vtcr_el2, (64 - 48) | 2 << 6 | 6ull << 16 | 1ull << 31 | VTCR_DS);
    WRITE(vttbr_el2, (u64)root);
    isb();
    flush_stage2();
    check_is("stage 2 of 48 bits with DS", FIELD_PA(locate_both(0x800000000000ull)), 0x3000000054000ull);
    WRITE(vtcr_el2, (64 - 48) | 2 << 6 | 5ull << 16 | 1ull << 31 | VTCR_DS);
    isb();
    flush_stage2();
    check_is("beyond PS: address size fault", locate_both(0x800000000000ull) & 0x7f, 1 | (ADDRESS_SIZE | 3) << 1);
    WRITE(hcr_el2, RW);
    isb();
}

static void addresses(void)
{
    if (current_el() == 2) {
        stage2();
    } else {
        four();
        attributes();
        sixteen();
        sixty_four();
    }
}

const Subject subjects[] = { { "52 bits", addresses }, { NULL, NULL } };
