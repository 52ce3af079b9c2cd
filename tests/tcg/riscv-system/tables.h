/*
 * Page tables for test programs: Sv32, Sv39, Sv48, Sv57, and their forms with a wider root for the second stage (volume II, 12.3 to 12.6, 18.5.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RISCV_SYSTEM_TABLES_H
#define RISCV_SYSTEM_TABLES_H

#include "runtime.h"

enum { PTE_V = 1, PTE_R = 2, PTE_W = 4, PTE_X = 8, PTE_U = 16, PTE_G = 32, PTE_A = 64, PTE_D = 128 };
enum { PTE_AD = PTE_A | PTE_D, PTE_RWX = PTE_R | PTE_W | PTE_X, PTE_ALL = PTE_V | PTE_RWX | PTE_AD };
enum { PAGE = 4096, INDEX_BITS = RV64 ? 9 : 10, TABLE_ENTRIES = PAGE / sizeof(Word) };
#define BARE 0
#define SV32 1
#define SV39 8
#define SV48 9
#define SV57 10

typedef struct Paging { const char *name; unsigned mode, levels; } Paging;
static const Paging pagings[] = {
#if RV64
    { "Sv39", SV39, 3 }, { "Sv48", SV48, 4 }, { "Sv57", SV57, 5 },
#else
    { "Sv32", SV32, 2 },
#endif
};
enum { NR_PAGINGS = sizeof(pagings) / sizeof(pagings[0]), POOL_PAGES = 96 };

static char pool[POOL_PAGES * PAGE] __attribute__((aligned(4 * PAGE)));
static unsigned pool_used;

static inline Word *new_table(unsigned pages)
{
    Word *table = (Word *)(pool + pool_used * PAGE);
    pool_used += pages;
    if (pool_used > POOL_PAGES) {
        print("# no page is left for tables\n");
        leave(2);
    }
    for (unsigned i = 0; i < pages * TABLE_ENTRIES; i++) {
        table[i] = 0;
    }
    return table;
}

static inline void forget_tables(void) { pool_used = 0; }

/* The entry of a level (0: the leaves of 4 KiB) for an address, the tables above made where they are missing. `wide`: the root has two bits more. */
static inline Word *entry_for(Word *root, const Paging *p, Word address, unsigned level, bool wide)
{
    Word *table = root;
    for (unsigned l = p->levels - 1;; l--) {
        unsigned mask = TABLE_ENTRIES * (wide && l == p->levels - 1 ? 4 : 1) - 1;
        Word *entry = &table[address >> (12 + l * INDEX_BITS) & mask];
        if (l == level) {
            return entry;
        }
        if (!(*entry & PTE_V)) {
            *entry = (Word)new_table(1) >> 2 | PTE_V;
        }
        table = (Word *)(*entry >> 10 << 12);
    }
}

static inline Word *map_page(Word *root, const Paging *p, Word address, Word physical, Word flags, unsigned level)
{
    Word *entry = entry_for(root, p, address, level, false);
    *entry = physical >> 12 << 10 | flags;
    return entry;
}

static inline Word atp(const Paging *p, Word *root, unsigned id)
{
    return RV64 ? (uint64_t)p->mode << 60 | (uint64_t)id << 44 | (Word)root >> 12 : (Word)p->mode << 31 | id << 22 | (Word)root >> 12;
}

static inline void fence(void) { asm volatile("sfence.vma" ::: "memory"); }

/* The program: for S-mode where it lies, for U-mode ALIAS above it. */
#define PROGRAM ((Word)0x80000000)
#define ALIAS ((Word)0x40000000)
/* Where tests map what they try. */
#define TEST_PAGE ((Word)0x50000000)

static inline Word *map_program(const Paging *p)
{
    Word *root = new_table(1);
    map_page(root, p, PROGRAM, PROGRAM, PTE_ALL, 1);
    map_page(root, p, PROGRAM + ALIAS, PROGRAM, PTE_ALL | PTE_U, 1);
    return root;
}

/* What is tried: one access each. */
static inline Word try_load(Word address) { return load_at(address); }
static inline Word try_store(Word address)
{
    store_at(address, 0x00008067);      /* ret: what try_jump wants to find */
    return 0;
}
static inline Word try_jump(Word address)
{
    jump_to(address);
    return 0;
}

#endif
