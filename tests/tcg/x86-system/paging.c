/*
 * Page tables of every shape: rights by ring, level and control bit with their error codes, reserved bits, accessed and dirty bits, large and global pages,
 * what a change needs to be seen, PDPTEs, PCIDs, protection keys.
 *
 * Intel SDM volume 3, chapter 4 (4.4.1 PDPTEs, 4.6 rights, 4.7 error codes, 4.8 accessed and dirty bits, 4.10 caching), 2.5; volume 2, INVPCID, WRPKRU.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { P = 1, W = 2, U = 4, A = 0x20, DIRTY = 0x40, LARGE = 0x80, G = 0x100 };
#define NX (1ull << 63)
#define ALL (P | W | U | A | DIRTY)
enum { CR0_WP = 0x10000, CR4_PSE = 0x10, CR4_PAE = 0x20, CR4_PGE = 0x80, CR4_LA57 = 0x1000, CR4_PCIDE = 0x20000, CR4_SMEP = 0x100000, CR4_SMAP = 0x200000,
       CR4_PKE = 0x400000 };
#define CR0_PG 0x80000000ul
#define EFER 0xc0000080
#define EFER_NXE 0x800
#define TEST 0x40200000ul       /* the page that is tried; what else the program needs lies one to one in the first 16 MiB */

/* ---- building ---- */

static unsigned levels;         /* 2: entries of four bytes */
static uint8_t *root;
static uint8_t *entry[6];       /* of TEST, by level */
static uint8_t *page;           /* what TEST maps */

static void write_entry(void *p, uint64_t value)
{
    if (levels == 2) {
        *(volatile uint32_t *)p = value;
    } else {
        *(volatile uint64_t *)p = value;
    }
}

static uint64_t read_entry(void *p)
{
    return levels == 2 ? *(volatile uint32_t *)p : *(volatile uint64_t *)p;
}

static unsigned index_of(Word address, unsigned level)
{
    return levels == 2 ? address >> (12 + 10 * (level - 1)) & 1023 : (uint64_t)address >> (12 + 9 * (level - 1)) & 511;
}

static uint8_t *slot(uint8_t *table, Word address, unsigned level)
{
    return table + (levels == 2 ? 4 : 8) * index_of(address, level);
}

/* The entry of an address at a level, with tables above it as needed. */
static uint8_t *reach(Word address, unsigned level)
{
    uint8_t *table = root;
    for (unsigned l = levels; l > level; l--) {
        uint8_t *e = slot(table, address, l);
        if (!(read_entry(e) & P)) {
            write_entry(e, (Word)page_alloc(1) | (levels == 3 && l == 3 ? P : ALL));
        }
        table = (uint8_t *)(Word)(read_entry(e) & 0xfffff000);
    }
    return slot(table, address, level);
}

static void reset_entries(void)
{
    for (unsigned l = 1; l <= levels; l++) {
        if (!(levels == 3 && l == 3)) {
            write_entry(entry[l], (read_entry(entry[l]) & 0xfffff000) | ALL);
        }
    }
    write_entry(entry[1], (Word)page | ALL);
    flush_tlb();
}

static void build(unsigned nr_levels)
{
    levels = nr_levels;
    root = page_alloc(1);
    for (Word at = 0; at < 0x1000000; at += levels == 2 ? 0x1000 : 0x200000) {
        write_entry(reach(at, levels == 2 ? 1 : 2), at | ALL | (levels == 2 ? 0 : LARGE));
    }
    page = page_alloc(2);
    for (unsigned l = 1; l <= levels; l++) {
        entry[l] = reach(TEST, l);
    }
    write_entry(entry[1], (Word)page | ALL);
    page[0] = 0xc3;
}

/* ---- rights ---- */

/* level, set, clear: the change to an entry of TEST. access: r, w, x. error: -1: none. */
typedef struct Right {
    const char *name;
    unsigned level;
    uint64_t set, clear;
    unsigned ring;
    char access;
    uint32_t cr0, cr4;
    bool nxe, ac;
    int error;
} Right;

static const Right rights[] = {
    { "read in ring 0", 1, 0, 0, 0, 'r', 0, 0, false, false, -1 },
    { "write in ring 3", 1, 0, 0, 3, 'w', 0, 0, false, false, -1 },
    { "execute in ring 3", 1, 0, 0, 3, 'x', 0, 0, false, false, -1 },
    { "not present: read in ring 0", 1, 0, P, 0, 'r', 0, 0, false, false, 0 },
    { "not present: write in ring 0", 1, 0, P, 0, 'w', 0, 0, false, false, 2 },
    { "not present: read in ring 3", 1, 0, P, 3, 'r', 0, 0, false, false, 4 },
    { "not present: write in ring 3", 1, 0, P, 3, 'w', 0, 0, false, false, 6 },
    { "not present: execute in ring 3", 1, 0, P, 3, 'x', 0, 0, false, false, 4 },
    { "not present above: write in ring 3", 2, 0, P, 3, 'w', 0, 0, false, false, 6 },
    { "not present, other bits set", 1, NX | 0x7ffffffffffffe, P, 0, 'r', 0, 0, false, false, 0 },
    { "read-only: read in ring 3", 1, 0, W, 3, 'r', 0, 0, false, false, -1 },
    { "read-only: write in ring 3", 1, 0, W, 3, 'w', 0, 0, false, false, 7 },
    { "read-only: write in ring 0", 1, 0, W, 0, 'w', 0, 0, false, false, -1 },
    { "read-only: write in ring 0 with WP", 1, 0, W, 0, 'w', CR0_WP, 0, false, false, 3 },
    { "read-only above: write in ring 3", 2, 0, W, 3, 'w', 0, 0, false, false, 7 },
    { "read-only above: write in ring 0 with WP", 2, 0, W, 0, 'w', CR0_WP, 0, false, false, 3 },
    { "read-only further up", 3, 0, W, 3, 'w', 0, 0, false, false, 7 },
    { "supervisor: read in ring 0", 1, 0, U, 0, 'r', 0, 0, false, false, -1 },
    { "supervisor: read in ring 3", 1, 0, U, 3, 'r', 0, 0, false, false, 5 },
    { "supervisor: write in ring 3", 1, 0, U, 3, 'w', 0, 0, false, false, 7 },
    { "supervisor: execute in ring 3", 1, 0, U, 3, 'x', 0, 0, false, false, 5 },
    { "supervisor above: read in ring 3", 2, 0, U, 3, 'r', 0, 0, false, false, 5 },
    { "supervisor further up: read in ring 3", 3, 0, U, 3, 'r', 0, 0, false, false, 5 },
    { "SMEP: execute a user's page in ring 0", 1, 0, 0, 0, 'x', 0, CR4_SMEP, false, false, 0x11 },
    { "SMEP: execute a supervisor's page in ring 0", 1, 0, U, 0, 'x', 0, CR4_SMEP, false, false, -1 },
    { "SMEP: not present", 1, 0, P, 0, 'x', 0, CR4_SMEP, false, false, 0x10 },
    { "SMEP: supervisor above", 2, 0, U, 0, 'x', 0, CR4_SMEP, false, false, -1 },
    { "SMAP: read a user's page in ring 0", 1, 0, 0, 0, 'r', 0, CR4_SMAP, false, false, 1 },
    { "SMAP: write a user's page in ring 0", 1, 0, 0, 0, 'w', 0, CR4_SMAP, false, false, 3 },
    { "SMAP: read with AC", 1, 0, 0, 0, 'r', 0, CR4_SMAP, false, true, -1 },
    { "SMAP: a supervisor's page", 1, 0, U, 0, 'w', 0, CR4_SMAP, false, false, -1 },
    { "SMAP: execute", 1, 0, 0, 0, 'x', 0, CR4_SMAP, false, false, -1 },
    { "NX: execute in ring 0", 1, NX, 0, 0, 'x', 0, 0, true, false, 0x11 },
    { "NX: execute in ring 3", 1, NX, 0, 3, 'x', 0, 0, true, false, 0x15 },
    { "NX: read in ring 3", 1, NX, 0, 3, 'r', 0, 0, true, false, -1 },
    { "NX above: execute in ring 3", 2, NX, 0, 3, 'x', 0, 0, true, false, 0x15 },
    { "NXE: not present, execute", 1, 0, P, 3, 'x', 0, 0, true, false, 0x14 },
    { "NXE: supervisor, execute in ring 3", 1, 0, U, 3, 'x', 0, 0, true, false, 0x15 },
    { "NX without NXE is reserved", 1, NX, 0, 0, 'r', 0, 0, false, false, 9 },
    { "NX without NXE above", 2, NX, 0, 3, 'w', 0, 0, false, false, 0xf },
    { "a reserved address bit", 1, 1ull << 51, 0, 0, 'r', 0, 0, false, false, 9 },
    { "a reserved address bit above: write in ring 3", 2, 1ull << 51, 0, 3, 'w', 0, 0, false, false, 0xf },
    { "reserved, execute with NXE", 1, 1ull << 51, 0, 3, 'x', 0, 0, true, false, 0x1d },
    { "a reserved bit in an entry that is not present", 2, 1ull << 51, P, 0, 'r', 0, 0, false, false, 0 },
};

static void touch(char access)
{
    if (access == 'r') {
        (void)*(volatile uint8_t *)TEST;
    } else if (access == 'w') {
        *(volatile uint8_t *)(TEST + 1) = 1;
    } else {
        ((void (*)(void))TEST)();
    }
}

static void set_nxe(bool on)
{
    uint64_t efer = read_msr(EFER);
    write_msr(EFER, on ? efer | EFER_NXE : efer & ~EFER_NXE);
}

static void check_rights(void)
{
    Word cr0 = read_cr0(), cr4 = read_cr4();
    for (unsigned i = 0; i < sizeof(rights) / sizeof(rights[0]); i++) {
        const Right *r = &rights[i];
        uint64_t top = r->set >> 32;
        if ((levels == 2 && (top || r->nxe)) || (levels < 4 && r->level == 3)) {
            continue;
        }
        reset_entries();
        write_entry(entry[r->level], (read_entry(entry[r->level]) & ~r->clear) | r->set);
        /* With SMAP or SMEP the program's own pages would fault: those of ring 0 are mapped for it alone. */
        bool own = r->cr4 && r->ring == 0;
        for (Word a = 0; own && a < 0x1000000; a += levels == 2 ? 0x400000 : 0x200000) {
            write_entry(reach(a, 2), read_entry(reach(a, 2)) & ~(uint64_t)U);
        }
        set_nxe(r->nxe);
        write_cr0((cr0 & ~CR0_WP) | r->cr0);
        write_cr4(cr4 | r->cr4);
        flush_tlb();
        Word flags = r->ac ? 0x40002 : 2;
        int v = r->ring ? USER(touch(r->access)) : CATCH(write_flags(flags); touch(r->access); write_flags(2));
        write_cr4(cr4);
        for (Word a = 0; own && a < 0x1000000; a += levels == 2 ? 0x400000 : 0x200000) {
            write_entry(reach(a, 2), read_entry(reach(a, 2)) | U);
        }
        flush_tlb();
        check_fault(r->name, v, r->error < 0 ? NONE : PF, r->error);
        if (r->error >= 0 && v == PF) {
            check(fault.cr2 == TEST + (r->access == 'w'), "CR2 is 0x%lx", fault.cr2);
        }
    }
    set_nxe(false);
    write_cr0(cr0);
    reset_entries();
}

/* ---- accessed and dirty ---- */

static uint64_t bits(unsigned level)
{
    return read_entry(entry[level]) & (A | DIRTY);
}

static void check_accessed(void)
{
    unsigned top = levels == 3 ? 2 : levels;
    for (unsigned l = 1; l <= top; l++) {
        write_entry(entry[l], read_entry(entry[l]) & ~(uint64_t)(A | DIRTY));
    }
    flush_tlb();
    touch('r');
    check_is("a read sets the accessed bit", bits(1), A);
    unsigned upper = 0;
    for (unsigned l = 2; l <= top; l++) {
        upper += bits(l) == A;
    }
    check_is("and those above", upper, top - 1);
    touch('w');
    check_is("a write sets the dirty bit", bits(1), A | DIRTY);
    check_is("of the last level alone", bits(2) & DIRTY, 0);
    write_entry(entry[1], read_entry(entry[1]) & ~(uint64_t)(DIRTY));
    invlpg((void *)TEST);
    touch('w');
    check_is("again after INVLPG", bits(1), A | DIRTY);
    write_entry(entry[1], read_entry(entry[1]) & ~(uint64_t)(A | DIRTY | W));
    invlpg((void *)TEST);
    USER(touch('w'));
    check_is("a write that is refused sets no dirty bit", bits(1) & DIRTY, 0);
    write_entry(entry[1], (Word)page | P | W | U);
    invlpg((void *)TEST);
    USER(touch('x'));
    check_is("a fetch sets the accessed bit", bits(1), A);
    write_entry(entry[1], (Word)page | P | W | U);
    invlpg((void *)TEST);
    Word zero = 0;
    __asm__ volatile("lock xadd %0, (%1)" : "+r"(zero) : "r"(TEST) : "memory");
    check_is("a locked access sets the dirty bit", bits(1), A | DIRTY);
    write_entry(entry[1], (Word)page | P | W | U);
    invlpg((void *)TEST);
    __asm__ volatile("cmpl %%eax, (%0)" :: "r"(TEST) : "cc");
    check_is("CMP does not", bits(1), A);
    reset_entries();
}

/* ---- large pages, changes ---- */

static void check_large(void)
{
    uint64_t old = read_entry(entry[2]);
    Word size = levels == 2 ? 0x400000 : 0x200000, base = TEST & ~(size - 1);
    write_entry(entry[2], P | W | U | LARGE | 0x800000);
    flush_tlb();
    *(volatile uint32_t *)0x834560 = 0xabcdef;
    check_is("a large page", *(volatile uint32_t *)(base + 0x34560), 0xabcdef);
    check_is("gets its accessed bit", read_entry(entry[2]) & (A | DIRTY), A);
    *(volatile uint32_t *)(base + 0x34560) = 1;
    check_is("and its dirty bit", read_entry(entry[2]) & (A | DIRTY), A | DIRTY);
    if (levels > 2) {
        write_entry(entry[2], P | W | U | LARGE | 0x802000);
        flush_tlb();
        check_fault("a reserved bit in its address", CATCH(touch('r')), PF, 9);
        write_entry(entry[2], P | W | U | LARGE | 0x801000);
        flush_tlb();
        check_fault("bit 12 is its PAT bit", CATCH(touch('r')), NONE, 0);
    } else {
        write_cr4(read_cr4() & ~(Word)CR4_PSE);
        write_entry(entry[2], (old | LARGE));
        flush_tlb();
        check_fault("without PSE the bit means nothing", CATCH(touch('r')), NONE, 0);
        write_cr4(read_cr4() | CR4_PSE);
        write_entry(entry[2], P | W | U | LARGE | 0x800000 | 0x200000);
        flush_tlb();
        check_fault("a reserved bit in its address", CATCH(touch('r')), PF, 9);
    }
    if (levels >= 4) {
        uint64_t third = read_entry(entry[3]);
        write_entry(entry[3], P | W | U | LARGE);
        flush_tlb();
        check_is("a page of 1 GiB", *(volatile uint32_t *)(0x40000000 + 0x834560), 1);
        write_entry(entry[3], P | W | U | LARGE | 0x200000);
        flush_tlb();
        check_fault("a reserved bit in its address", CATCH(touch('r')), PF, 9);
        write_entry(entry[3], third);
        uint8_t *top = reach((Word)1 << (9 * levels + 3), levels);
        reach((Word)1 << (9 * levels + 3), 1);
        write_entry(top, read_entry(top) | LARGE);
        check_fault("the large bit is reserved at the top", CATCH((void)*(volatile uint8_t *)((Word)1 << (9 * levels + 3))), PF, 9);
        write_entry(top, 0);
    }
    write_entry(entry[2], old);
    flush_tlb();
}

static void check_changes(void)
{
    uint8_t *other = page_alloc(1);
    page[8] = 1;
    other[8] = 2;
    volatile uint8_t *p = (volatile uint8_t *)TEST + 8;
    check_is("before", *p, 1);
    write_entry(entry[1], (Word)other | ALL);
    invlpg((void *)TEST);
    check_is("after INVLPG", *p, 2);
    write_entry(entry[1], (Word)page | ALL);
    flush_tlb();
    check_is("after MOV to CR3", *p, 1);
    write_entry(entry[1], (Word)page | ALL | G);
    write_cr4(read_cr4() | CR4_PGE);
    check_is("a global page", *p, 1);
    write_entry(entry[1], (Word)other | ALL | G);
    invlpg((void *)TEST);
    check_is("after INVLPG", *p, 2);
    write_entry(entry[1], (Word)page | ALL | G);
    write_cr4(read_cr4() & ~(Word)CR4_PGE);
    check_is("after clearing CR4.PGE", *p, 1);
    write_entry(entry[1], (Word)page);
    invlpg((void *)TEST);
    check_fault("after taking it away", CATCH(touch('r')), PF, 0);
    write_entry(entry[1], (Word)page | ALL);
    check_fault("what was not present needs no invalidation", CATCH(touch('r')), NONE, 0);
    write_entry(entry[1], (Word)page | P | A);
    invlpg((void *)TEST);
    check_fault("read-only", USER(touch('w')), PF, 5 + 2);
    write_entry(entry[1], (Word)page | ALL);
    check_fault("more rights need none either", USER(touch('w')), NONE, 0);
    /* A table further up. */
    uint64_t old = read_entry(entry[2]);
    uint8_t *table = page_alloc(1);
    write_entry(slot(table, TEST, 1), (Word)other | ALL);
    check_is("before", *p, 1);
    write_entry(entry[2], (Word)table | ALL);
    invlpg((void *)TEST);
    check_is("another table after INVLPG", *p, 2);
    write_entry(entry[2], old);
    flush_tlb();
    /* Over two pages. */
    uint8_t *next = slot((uint8_t *)(Word)(old & 0xfffff000), TEST + 4096, 1);
    write_entry(next, 0);
    invlpg((void *)(TEST + 4096));
    page[4094] = page[4095] = 0x11;
    check_fault("an access over the page's end", CATCH((void)*(volatile uint32_t *)(TEST + 4094)), PF, 0);
    check_is("CR2 is the second page", fault.cr2, TEST + 4096);
    check_fault("a write over the page's end", CATCH(*(volatile uint32_t *)(TEST + 4094) = 0x22222222), PF, 2);
    check_is("nothing is written", page[4094] << 8 | page[4095], 0x1111);
    page[4095] = 0xb8;
    check_fault("an instruction over the page's end", CATCH(((void (*)(void))(TEST + 4095))()), PF, 0);
    check_is("CR2 is the second page", fault.cr2, TEST + 4096);
    check_is("the instruction begins on the first", fault.ip, TEST + 4095);
    write_entry(next, (Word)other | ALL);
    other[0] = 1, other[1] = other[2] = other[3] = 0, other[4] = 0xc3;
    check_fault("and runs over both", CATCH(((void (*)(void))(TEST + 4095))()), NONE, 0);
    reset_entries();
}

static void all_checks(void)
{
    check_rights();
    check_accessed();
    check_large();
    check_changes();
}

#ifndef LONG
/* ---- 32-bit and PAE ---- */

static void two_levels(void)
{
    build(2);
    write_cr4(read_cr4() | CR4_PSE);
    write_cr3((Word)root);
    write_cr0(read_cr0() | CR0_PG);
    all_checks();
    write_cr0(read_cr0() & ~CR0_PG);
    write_cr4(read_cr4() & ~(Word)CR4_PSE);
}

static void three_levels(void)
{
    build(3);
    write_cr4(read_cr4() | CR4_PAE);
    write_cr3((Word)root);
    write_cr0(read_cr0() | CR0_PG);
    all_checks();

    detail = "PDPTEs";
    static const struct { const char *name; uint64_t set; bool good; } list[] = {
        { "with nothing else", 0, true }, { "writable", W, false }, { "for users", U, false }, { "accessed", A, false }, { "dirty", DIRTY, false },
        { "large", LARGE, false }, { "global", G, false }, { "write-through", 8, true }, { "cache-disabled", 16, true }, { "ignored bits", 0xe00, true },
        { "NX", NX, false }, { "an address bit beyond the processor's", 1ull << 51, false }, { "bit 52", 1ull << 52, false },
    };
    uint8_t *copy = page_alloc(1);
    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        memcpy(copy, root, 32);
        write_entry(copy + 8, read_entry(copy + 8) | list[i].set);
        int v = CATCH(write_cr3((Word)copy));
        check_fault(list[i].name, v, list[i].good ? NONE : GP, 0);
        check_is("CR3", read_cr3(), (Word)(list[i].good ? copy : root));
        write_cr3((Word)root);
    }
    memcpy(copy, root, 32);
    write_entry(copy + 8, W | A);
    check_fault("one that is not present may have any", CATCH(write_cr3((Word)copy)), NONE, 0);
    memcpy(copy + 0x20, root, 32);
    check_fault("a root at 32 bytes", CATCH(write_cr3((Word)copy + 0x20)), NONE, 0);
    write_cr3((Word)root);
    /* They are loaded with CR3. */
    uint64_t old = read_entry(root + 8);
    write_entry(root + 8, 0);
    invlpg((void *)TEST);
    check_fault("a change is not seen before CR3 is loaded", CATCH(touch('r')), NONE, 0);
    flush_tlb();
    check_fault("but then", CATCH(touch('r')), PF, 0);
    write_entry(root + 8, old | W);
    write_cr0(read_cr0() & ~CR0_PG);
    check_fault("MOV to CR0 checks them", CATCH(write_cr0(read_cr0() | CR0_PG)), GP, 0);
    check_is("and leaves PG", read_cr0() & CR0_PG, 0);
    write_entry(root + 8, old);
    write_cr0(read_cr0() | CR0_PG);
    write_entry(root + 8, old | W);
    check_fault("so does a change of CR4.PSE", CATCH(write_cr4(read_cr4() | CR4_PSE)), GP, 0);
    write_entry(root + 8, old);
    check_fault("a page behind the new root", CATCH(touch('r')), NONE, 0);
    write_cr0(read_cr0() & ~CR0_PG);
    write_cr4(read_cr4() & ~(Word)CR4_PAE);
}

#else
/* ---- 4 and 5 levels ---- */

static void four_levels(void)
{
    build(4);
    write_cr3((Word)root);
    all_checks();
}

/* Switches CR4.LA57: only without paging, so by way of 32-bit code. */
void switch_la57(Word cr4, Word cr3);
__asm__(".pushsection .text; switch_la57:\n"
        "push %rbx; mov %edi, %ebx; lea 2f(%rip), %rax; ljmpl *la57_pointer\n"
        ".code32\n"
        "2: mov %cr0, %eax; andl $0x7fffffff, %eax; mov %eax, %cr0; mov %ebx, %cr4; mov %esi, %cr3; orl $0x80000000, %eax; mov %eax, %cr0; ljmpl $0x18, $3f\n"
        ".code64; 3: pop %rbx; ret\n"
        ".balign 8; la57_pointer: .long 2b; .word 8; .popsection");

static void five_levels(void)
{
    if (!(cpuid(7, 0).c >> 16 & 1)) {
        skip("five levels", "no LA57");
        return;
    }
    Word old = read_cr3();
    check_fault("LA57 does not change in long mode", CATCH(write_cr4(read_cr4() | CR4_LA57)), GP, 0);
    build(5);
    switch_la57(read_cr4() | CR4_LA57, (Word)root);
    check_is("CR4.LA57", read_cr4() & CR4_LA57, CR4_LA57);
    all_checks();
    Word high = 0x0080000000000000, far = 0x00ff000012345000;
    write_entry(reach(far, 1), (Word)page | ALL);
    page[0x10] = 0x77;
    check_is("an address of 57 bits", *(volatile uint8_t *)(far + 0x10), 0x77);
    check_fault("what is canonical with 57 bits only", CATCH((void)*(volatile uint8_t *)high), PF, 0);
    check_fault("what is not canonical", CATCH((void)*(volatile uint8_t *)(high << 1)), GP, 0);
    check_fault("LA57 does not change back in long mode", CATCH(write_cr4(read_cr4() & ~(Word)CR4_LA57)), GP, 0);
    switch_la57(read_cr4() & ~(Word)CR4_LA57, old);
}

/* ---- PCIDs ---- */

static int invpcid(uint64_t type, uint64_t pcid, uint64_t address)
{
    uint64_t d[2] = { pcid, address };
    return CATCH(__asm__ volatile("invpcid %0, %1" :: "m"(d), "r"(type) : "memory"));
}

static void pcids(void)
{
    build(4);
    write_cr3((Word)root);
    check_fault("INVPCID of all without PCIDE", invpcid(2, 0, 0), NONE, 0);
    check_fault("INVPCID of a PCID without PCIDE", invpcid(1, 1, 0), GP, 0);
    check_fault("INVPCID of PCID 0 without PCIDE", invpcid(1, 0, 0), NONE, 0);
    write_cr3((Word)root | 0x18);
    check_fault("PCIDE with a PCID in CR3", CATCH(write_cr4(read_cr4() | CR4_PCIDE)), GP, 0);
    write_cr3((Word)root);
    check_fault("PCIDE", CATCH(write_cr4(read_cr4() | CR4_PCIDE)), NONE, 0);
    uint8_t *first = root, *first_entry = entry[1];
    build(4);
    uint8_t *second = root, *second_entry = entry[1];
    uint8_t *one = page_alloc(1), *two = page_alloc(1), *three = page_alloc(1);
    *one = 1, *two = 2, *three = 3;
    write_entry(first_entry, (Word)one | ALL);
    write_entry(second_entry, (Word)two | ALL);
    volatile uint8_t *p = (volatile uint8_t *)TEST;
    write_cr3((Word)first | 1);
    check_is("the first space", *p, 1);
    write_cr3((Word)second | 2);
    check_is("the second space", *p, 2);
    write_cr3((Word)first | 1 | 1ull << 63);
    check_is("the first without a flush", *p, 1);
    check_is("CR3 reads without bit 63", read_cr3(), (Word)first | 1);
    write_cr3((Word)second | 2 | 1ull << 63);
    check_is("the second without a flush", *p, 2);
    write_entry(first_entry, (Word)three | ALL);
    check_fault("INVPCID of an address", invpcid(0, 1, TEST), NONE, 0);
    write_cr3((Word)first | 1 | 1ull << 63);
    check_is("changes what the other space has", *p, 3);
    write_entry(second_entry, (Word)three | ALL);
    check_fault("INVPCID of a space", invpcid(1, 2, 0), NONE, 0);
    write_cr3((Word)second | 2 | 1ull << 63);
    check_is("changes what that space has", *p, 3);
    write_entry(first_entry, (Word)one | ALL);
    write_entry(second_entry, (Word)two | ALL);
    check_fault("INVPCID of all but global", invpcid(3, 0, 0), NONE, 0);
    check_is("changes this one", *p, 2);
    write_cr3((Word)first | 1 | 1ull << 63);
    check_is("and that", *p, 1);
    write_entry(first_entry, (Word)three | ALL);
    write_cr3((Word)first | 1);
    check_is("CR3 without bit 63 flushes its own", *p, 3);
    write_cr4(read_cr4() | CR4_PGE);
    write_entry(first_entry, (Word)one | ALL | G);
    invlpg((void *)p);
    check_is("a global page", *p, 1);
    write_entry(first_entry, (Word)two | ALL | G);
    check_fault("INVPCID of all", invpcid(2, 0, 0), NONE, 0);
    check_is("takes global ones", *p, 2);
    write_cr4(read_cr4() & ~(Word)CR4_PGE);
    check_fault("INVPCID type 4", invpcid(4, 0, 0), GP, 0);
    check_fault("INVPCID with a long PCID", invpcid(1, 0x1000, 0), GP, 0);
    check_fault("INVPCID of an address that is not canonical", invpcid(0, 1, 0x800000000000), GP, 0);
    check_fault("INVPCID in ring 3", USER(__asm__ volatile("invpcid (%0), %1" :: "r"(first), "r"(2ul) : "memory")), GP, 0);
    write_cr3((Word)first | 1);
    check_fault("PCIDE is cleared with a PCID in CR3", CATCH(write_cr4(read_cr4() & ~(Word)CR4_PCIDE)), NONE, 0);
    check_fault("MOV to CR3 with bit 63 and without PCIDE", CATCH(write_cr3((Word)first | 1ull << 63)), GP, 0);
    check_fault("MOV to CR3 with a bit beyond the processor's address", CATCH(write_cr3((Word)first | 1ull << 51)), GP, 0);
    root = first;
    write_cr3((Word)first);
}

/* ---- protection keys ---- */

static void write_pkru(uint32_t value)
{
    __asm__ volatile("wrpkru" :: "a"(value), "c"(0), "d"(0) : "memory");
}

static void keys(void)
{
    if (!(cpuid(7, 0).c >> 3 & 1)) {
        skip("protection keys", "the processor has none");
        return;
    }
    build(4);
    write_cr3((Word)root);
    check_fault("WRPKRU without CR4.PKE", CATCH(write_pkru(0)), UD, 0);
    write_cr4(read_cr4() | CR4_PKE);
    check_is("CPUID says OSPKE", cpuid(7, 0).c >> 4 & 1, 1);
    static const struct { const char *name; unsigned key; uint32_t pkru; bool user, wp; unsigned ring; char access; int error; } list[] = {
        { "key 3, nothing forbidden", 3, 0, true, false, 3, 'w', -1 },
        { "access forbidden: read in ring 3", 3, 0x40, true, false, 3, 'r', 0x25 },
        { "access forbidden: write in ring 3", 3, 0x40, true, false, 3, 'w', 0x27 },
        { "access forbidden: read in ring 0", 3, 0x40, true, false, 0, 'r', 0x21 },
        { "access forbidden: execute", 3, 0x40, true, false, 3, 'x', -1 },
        { "access forbidden, a supervisor's page", 3, 0x40, false, false, 0, 'r', -1 },
        { "access forbidden, another key", 4, 0x40, true, false, 3, 'r', -1 },
        { "writes forbidden: read", 3, 0x80, true, false, 3, 'r', -1 },
        { "writes forbidden: write in ring 3", 3, 0x80, true, false, 3, 'w', 0x27 },
        { "writes forbidden: write in ring 0", 3, 0x80, true, false, 0, 'w', -1 },
        { "writes forbidden: write in ring 0 with WP", 3, 0x80, true, true, 0, 'w', 0x23 },
        { "key 15", 15, 0x40000000, true, false, 3, 'r', 0x25 },
    };
    Word cr0 = read_cr0();
    for (unsigned i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
        write_entry(entry[1], (Word)page | P | W | A | DIRTY | (list[i].user ? U : 0) | (uint64_t)list[i].key << 59);
        invlpg((void *)TEST);
        write_cr0(list[i].wp ? cr0 | CR0_WP : cr0 & ~(Word)CR0_WP);
        write_pkru(list[i].pkru);
        int v = list[i].ring ? USER(touch(list[i].access)) : CATCH(touch(list[i].access));
        check_fault(list[i].name, v, list[i].error < 0 ? NONE : PF, list[i].error);
    }
    write_cr0(cr0);
    uint32_t value;
    __asm__ volatile("rdpkru" : "=a"(value) : "c"(0) : "edx");
    check_is("RDPKRU", value, 0x40000000);
    check_fault("RDPKRU with ECX", CATCH(__asm__ volatile("rdpkru" :: "c"(1) : "eax", "edx")), GP, 0);
    check_fault("WRPKRU with EDX", CATCH(__asm__ volatile("wrpkru" :: "a"(0), "c"(0), "d"(1))), GP, 0);
    check_fault("WRPKRU in ring 3", USER(write_pkru(0)), NONE, 0);
    write_cr4(read_cr4() & ~(Word)CR4_PKE);
}
#endif

/* ---- control registers ---- */

static void control(void)
{
    static const struct { const char *name; char reg; uint64_t value; } bad[] = {
        { "CR4 with a bit that there is not", '4', 1u << 31 }, { "CR4 bit 15", '4', 1u << 15 }, { "CR0 with PG and without PE", '0', CR0_PG | 0x10 },
        { "CR0 with NW and without CD", '0', 0x20000011 },
#ifdef LONG
        { "CR0 with a high bit", '0', 0x100000011 | CR0_PG }, { "CR0 without PG in 64-bit code", '0', 0x11 }, { "CR4 without PAE in long mode", '4', 0 },
        { "CR4 with a high bit", '4', 0x100000020 }, { "CR8 above 15", '8', 16 },
#endif
    };
    for (unsigned i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        Word value = bad[i].value;
        int v = NONE;
        if (bad[i].reg == '0') {
            v = CATCH(write_cr0(value));
        } else if (bad[i].reg == '4') {
            v = CATCH(write_cr4(value));
#ifdef LONG
        } else {
            v = CATCH(__asm__ volatile("mov %0, %%cr8" :: "r"(value)));
#endif
        }
        check_fault(bad[i].name, v, GP, 0);
    }
    Word cr0 = read_cr0();
    __asm__ volatile("lmsw %w0" :: "r"(0x8));
    check_is("LMSW sets TS and does not clear PE", read_cr0() & 0xf, 0x9);
    Word msw;
    __asm__ volatile("smsw %0" : "=r"(msw));
    check_is("SMSW of a register has the whole of CR0", msw, read_cr0());
    write_cr0(cr0);
    write_cr0(cr0 & ~0x10ul);
    check_is("CR0.ET cannot be cleared", read_cr0() & 0x10, 0x10);
    write_cr0(cr0);
    write_cr2((Word)0x123456789abcdef0);
    check_is("CR2 can be written", read_cr2(), (Word)0x123456789abcdef0);
    write_cr4(read_cr4() | 0x800);
    static const char *const names[] = { "SGDT", "SIDT", "SLDT", "STR", "SMSW" };
    static uint8_t store[16];
    for (unsigned i = 0; i < 5; i++) {
        int v = i == 0 ? USER(__asm__ volatile("sgdt %0" : "=m"(store))) : i == 1 ? USER(__asm__ volatile("sidt %0" : "=m"(store)))
            : i == 2 ? USER(__asm__ volatile("sldt %0" : "=m"(store))) : i == 3 ? USER(__asm__ volatile("str %0" : "=m"(store)))
            : USER(__asm__ volatile("smsw %0" : "=m"(store)));
        detail = "UMIP";
        check_fault(names[i], v, GP, 0);
    }
    int v = CATCH(__asm__ volatile("sgdt %0" : "=m"(store)));
    check_fault("SGDT in ring 0", v, NONE, 0);
    write_cr4(read_cr4() & ~0x800ul);
    v = USER(__asm__ volatile("sgdt %0" : "=m"(store)));
    detail = NULL;
    check_fault("SGDT in ring 3 without UMIP", v, NONE, 0);
    write_cr4(read_cr4() | 4);
    v = USER(__asm__ volatile("rdtsc" ::: "eax", "edx"));
    check_fault("RDTSC in ring 3 with CR4.TSD", v, GP, 0);
    v = CATCH(__asm__ volatile("rdtsc" ::: "eax", "edx"));
    check_fault("RDTSC in ring 0 with CR4.TSD", v, NONE, 0);
    write_cr4(read_cr4() & ~4ul);
}

const Subject subjects[] = {
    { "control registers", control },
#ifdef LONG
    { "4 levels", four_levels }, { "5 levels", five_levels }, { "PCID", pcids }, { "protection keys", keys },
#else
    { "2 levels", two_levels }, { "PAE", three_levels },
#endif
    { 0 },
};
