/*
 * The TLBs of a vCPU: a first level a privilege for each address space seen lately, a victim store behind it, large mappings, and what takes entries out.
 *
 * What the guest invalidates goes at once. A space without a tag gets a new key whenever its root is loaded; entries that are global stay, in place.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "util/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static _Atomic uint64_t last_unique;
static TlbSet *empty_set;           /* nothing is in it; for privileges that nobody has used yet */

uint64_t tcg_unique(void)
{
    return atomic_fetch_add(&last_unique, 1) + 1;
}

/* ---- sets ---- */

static void set_clear_all(TlbSet *set)
{
    memset(set->entries, 0xff, sizeof(set->entries));
    memset(set->filled, 0, sizeof(set->filled));
}

static TlbSet *set_new(void)
{
    TlbSet *set = g_aligned_alloc(1, sizeof(TlbSet), 64);
    set_clear_all(set);
    return set;
}

static inline void entry_invalidate(TlbEntry *e)
{
    e->read = e->write = e->exec = TLB_INVALID;
}

/* The page that an entry is for; TLB_INVALID when it is for none. */
static inline uint64_t entry_page(const TlbEntry *e)
{
    uint64_t tag = e->read != TLB_INVALID ? e->read : e->write != TLB_INVALID ? e->write : e->exec;
    return tag == TLB_INVALID ? TLB_INVALID : tag & ~PAGE_MASK_LOW;
}

#define EACH_FILLED(set, i) \
    for (unsigned i##_word = 0; i##_word < TLB_ENTRIES / 64; i##_word++) \
        for (uint64_t i##_bits = (set)->filled[i##_word], i; i##_bits && (i = i##_word * 64 + (unsigned)__builtin_ctzll(i##_bits), true); \
             i##_bits &= i##_bits - 1)

static void set_clear(TlbSet *set, bool keep_global)
{
    EACH_FILLED(set, i) {
        if (!keep_global || !(set->info[i].flags & INFO_GLOBAL)) {
            entry_invalidate(&set->entries[i]);
            set->filled[i / 64] &= ~BIT(i % 64);
        }
    }
}

static void point_at_sets(TcgVcpu *v)
{
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        v->hot->tlb[p] = (v->space->sets[p] ? v->space->sets[p] : empty_set)->entries;
    }
}

/* ---- spaces ---- */

void tlb_init(TcgVcpu *v)
{
    if (!empty_set) {
        empty_set = set_new();
    }
    v->victims = mmap(NULL, sizeof(VictimEntry) * VICTIM_SETS * VICTIM_WAYS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_assert(v->victims != MAP_FAILED);
    v->global_key = tcg_unique();
    v->space = &v->spaces[0];       /* the untagged one has the first place for itself */
    v->space->key = tcg_unique();
    point_at_sets(v);
}

void tlb_free(TcgVcpu *v)
{
    for (unsigned s = 0; s < TLB_SPACES; s++) {
        for (unsigned p = 0; p < TCG_MAX_PRIVS; p++) {
            g_aligned_free(v->spaces[s].sets[p]);
        }
    }
    munmap(v->victims, sizeof(VictimEntry) * VICTIM_SETS * VICTIM_WAYS);
}

static void space_clear(TlbSpace *space, bool keep_global)
{
    space->key = tcg_unique();
    for (unsigned p = 0; p < TCG_MAX_PRIVS; p++) {
        if (space->sets[p]) {
            set_clear(space->sets[p], keep_global);
        }
    }
}

static TlbSpace *find_space(TcgVcpu *v, uint64_t id)
{
    TlbSpace *oldest = &v->spaces[1];
    if (!id) {
        return &v->spaces[0];
    }
    for (unsigned i = 1; i < TLB_SPACES; i++) {
        TlbSpace *s = &v->spaces[i];
        if (s->id == id) {
            return s;
        }
        if (s->last_use < oldest->last_use) {
            oldest = s;
        }
    }
    space_clear(oldest, false);
    oldest->id = id;
    return oldest;
}

void tlb_select_space(TcgVcpu *v)
{
    v->space = find_space(v, v->target->space_id(v->cpu));
    v->space->last_use = ++v->clock;
    if (!v->space->key) {
        v->space->key = tcg_unique();
    }
    point_at_sets(v);
}

void tlb_flush_everything(TcgVcpu *v)
{
    if (atomic_load(&v->pending) & PENDING_DOWNGRADE) {
        vcpu_serve(v);      /* it has to see what was written until now */
    }
    v->flushes++;
    for (unsigned i = 0; i < TLB_SPACES; i++) {
        space_clear(&v->spaces[i], false);
    }
    v->global_key = tcg_unique();
    if (v->large_sizes) {
        memset(v->large_filter, 0, sizeof(v->large_filter));
        v->large_sizes = 0;
    }
    memset(v->write_filter, 0, sizeof(v->write_filter));
    fetch_forget_everything(v);
}

/* ---- second level ---- */

static inline uint64_t keyed(uint64_t key, unsigned priv)
{
    return key * TCG_MAX_PRIVS + priv;
}

static VictimEntry *victim_ways(TcgVcpu *v, uint64_t page)
{
    uint64_t n = page >> 12;
    return &v->victims[((n ^ n >> 9 ^ n >> 18) % VICTIM_SETS) * VICTIM_WAYS];
}

static void victim_put(TcgVcpu *v, uint64_t page, unsigned priv, const TlbEntry *e, const TlbInfo *info)
{
    VictimEntry *ways = victim_ways(v, page);
    uint64_t key = keyed(info->flags & INFO_GLOBAL ? v->global_key : v->space->key, priv);
    VictimEntry *place = &ways[v->victim_turn++ % VICTIM_WAYS];
    for (unsigned i = 0; i < VICTIM_WAYS; i++) {
        if (ways[i].page == page && ways[i].key == key) {
            place = &ways[i];
        }
    }
    *place = (VictimEntry){ page, key, *e, *info };
}

static bool victim_take(TcgVcpu *v, uint64_t page, unsigned priv, VictimEntry *out)
{
    VictimEntry *ways = victim_ways(v, page);
    uint64_t own = keyed(v->space->key, priv), global = keyed(v->global_key, priv);
    for (unsigned i = 0; i < VICTIM_WAYS; i++) {
        if (ways[i].page == page && (ways[i].key == own || ways[i].key == global)) {
            *out = ways[i];
            ways[i].key = 0;
            return true;
        }
    }
    return false;
}

/* ---- filling ---- */

static inline uint64_t entry_tag(const TlbEntry *e, TcgAccess access)
{
    return access == TCG_ACCESS_LOAD ? e->read : access == TCG_ACCESS_STORE ? e->write : e->exec;
}

static TlbEntry *install(TcgVcpu *v, uint64_t page, unsigned priv, const TlbEntry *entry, const TlbInfo *info, TlbInfo **info_out)
{
    TlbSet *set = v->space->sets[priv];
    if (!set) {
        set = v->space->sets[priv] = set_new();
        point_at_sets(v);
    }
    unsigned i = tlb_index(page);
    TlbEntry *e = &set->entries[i];
    uint64_t old = entry_page(e);
    if (old != TLB_INVALID && old != page) {
        victim_put(v, old, priv, e, &set->info[i]);
    }
    *e = *entry;
    set->info[i] = *info;
    set->filled[i / 64] |= BIT(i % 64);
    *info_out = &set->info[i];
    return e;
}

static unsigned filter_hash(uint64_t n, unsigned bits)
{
    return (n * UINT64_C(0x9e3779b97f4a7c15)) >> (64 - bits);
}

static void write_filter_add(TcgVcpu *v, uint64_t ram_page)
{
    unsigned bit = filter_hash(ram_page >> 12, 13);
    uint64_t mask = BIT(bit % 64);
    if (!(__atomic_load_n(&v->write_filter[bit / 64], __ATOMIC_RELAXED) & mask)) {
        __atomic_fetch_or(&v->write_filter[bit / 64], mask, __ATOMIC_SEQ_CST);
    }
}

bool tlb_may_write_fast(TcgVcpu *v, uint64_t ram_page)
{
    unsigned bit = filter_hash(ram_page >> 12, 13);
    return __atomic_load_n(&v->write_filter[bit / 64], __ATOMIC_SEQ_CST) >> (bit % 64) & 1;
}

/* The entry for a translation. */
static void make_entry(TcgVcpu *v, uint64_t page, const TcgTranslation *t, TlbEntry *e, TlbInfo *info)
{
    AddressSpace *as = v->cpu->memory;
    memory_read_lock();
    uint64_t ram_addr = NO_RAM;
    uint8_t *host = address_space_frame(as, t->paddr, false, &ram_addr);
    bool watch = debug_page_has_watchpoint(v, page), write_fast = false;
    if (host && t->write && !watch) {
        /* Noted before it is asked whether the page holds code: who makes code there does it the other way round. */
        write_filter_add(v, ram_addr);
        write_fast = address_space_frame(as, t->paddr, true, NULL) == host;
    }
    MemorySection section;
    uint64_t at;
    bool readonly = host && t->write && !write_fast && address_space_find(as, t->paddr, true, &section, &at) && (section.readonly || section.romd);
    memory_read_unlock();
    uint64_t slow_page = page | TLB_SLOW, read_tag = host && !watch ? page : slow_page;
    *e = (TlbEntry){
        .read = t->read ? read_tag : TLB_INVALID, .write = !t->write ? TLB_INVALID : write_fast ? page : slow_page,
        .exec = t->exec ? host ? page : slow_page : TLB_INVALID, .addend = (uintptr_t)host - page,
    };
    *info = (TlbInfo){
        .paddr = t->paddr, .ram_addr = host ? ram_addr : NO_RAM, .page_bits = t->page_bits, .attrs = t->attrs,
        .flags = (t->read ? INFO_READ : 0) | (t->write ? INFO_WRITE : 0) | (t->exec ? INFO_EXEC : 0) | (t->global ? INFO_GLOBAL : 0)
            | (watch ? INFO_WATCH : 0) | (readonly ? INFO_READONLY : 0),
    };
}

/* ---- large mappings ---- */

#define LARGE_CHUNK_BITS 21

static unsigned large_filter_bit(uint64_t vaddr, unsigned bits)
{
    return filter_hash((vaddr >> bits) * 64 + bits, 16);
}

static void large_add(TcgVcpu *v, uint64_t page, unsigned priv, const TcgTranslation *t)
{
    unsigned bit = large_filter_bit(page, t->page_bits);
    v->large_filter[bit / 64] |= BIT(bit % 64);
    v->large_sizes |= BIT(t->page_bits);
    if (t->page_bits < LARGE_CHUNK_BITS) {
        return;
    }
    uint64_t within = page & MAKE_MASK(0, LARGE_CHUNK_BITS);
    v->large[(page >> LARGE_CHUNK_BITS) % LARGE_ENTRIES] = (LargeEntry){
        .base = page - within, .key = keyed(t->global ? v->global_key : v->space->key, priv), .paddr = t->paddr - within, .bits = t->page_bits,
        .flags = (t->read ? INFO_READ : 0) | (t->write ? INFO_WRITE : 0) | (t->exec ? INFO_EXEC : 0) | (t->global ? INFO_GLOBAL : 0),
        .attrs = t->attrs,
    };
}

static bool large_find(TcgVcpu *v, uint64_t page, TcgAccess access, unsigned priv, TcgTranslation *t)
{
    const LargeEntry *l = &v->large[(page >> LARGE_CHUNK_BITS) % LARGE_ENTRIES];
    unsigned needed = access == TCG_ACCESS_LOAD ? INFO_READ : access == TCG_ACCESS_STORE ? INFO_WRITE : INFO_EXEC;
    uint64_t within = page & MAKE_MASK(0, LARGE_CHUNK_BITS);
    if (l->base != page - within || !(l->flags & needed) || (l->key != keyed(v->space->key, priv) && l->key != keyed(v->global_key, priv))) {
        return false;
    }
    *t = (TcgTranslation){ .paddr = l->paddr + within, .page_bits = l->bits, .read = l->flags & INFO_READ, .write = l->flags & INFO_WRITE,
                           .exec = l->flags & INFO_EXEC, .global = l->flags & INFO_GLOBAL, .attrs = l->attrs };
    return true;
}

/* Whether a page may be a part of a large mapping that is held in pieces. */
static bool large_may_hold(const TcgVcpu *v, uint64_t vaddr)
{
    for (uint64_t sizes = v->large_sizes; sizes; sizes &= sizes - 1) {
        unsigned bit = large_filter_bit(vaddr, (unsigned)__builtin_ctzll(sizes));
        if (v->large_filter[bit / 64] >> (bit % 64) & 1) {
            return true;
        }
    }
    return false;
}

/* ---- look-up ---- */

static __attribute__((noinline)) TlbEntry *miss(TcgVcpu *v, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe, TlbInfo **info)
{
    uint64_t page = vaddr & ~PAGE_MASK_LOW;
    VictimEntry victim;
    v->misses++;
    if (victim_take(v, page, priv, &victim) && (entry_tag(&victim.entry, access) & ~SLOW_BIT) == page) {
        return install(v, page, priv, &victim.entry, &victim.info, info);
    }
    TcgTranslation t;
    if (!large_find(v, page, access, priv, &t)) {
        v->walks++;
        if (!v->target->translate_address(v->cpu, vaddr, access, priv, probe, &t)) {
            return NULL;
        }
        if (t.page_bits > 12) {
            large_add(v, page, priv, &t);
        }
    }
    log_mask(LOG_MMU, "TLB fill: addr=%016" G_GINT64_MODIFIER "x paddr=%016" G_GINT64_MODIFIER "x access=%d priv=%u rights=%c%c%c\n", page, t.paddr,
             access, priv, t.read ? 'r' : '-', t.write ? 'w' : '-', t.exec ? 'x' : '-');
    TlbEntry entry;
    TlbInfo made;
    make_entry(v, page, &t, &entry, &made);
    return install(v, page, priv, &entry, &made, info);
}

TlbEntry *tlb_lookup(TcgVcpu *v, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe, TlbInfo **info)
{
    TlbSet *set = v->space->sets[priv];
    if (set) {
        unsigned i = tlb_index(vaddr);
        TlbEntry *e = &set->entries[i];
        if ((entry_tag(e, access) & ~SLOW_BIT) == (vaddr & ~PAGE_MASK_LOW)) {
            *info = &set->info[i];
            return e;
        }
    }
    return miss(v, vaddr, access, priv, probe, info);
}

/* ---- writes that have to be noticed ---- */

void tlb_upgrade(TcgVcpu *v, TlbEntry *entry, TlbInfo *info, uint64_t vaddr)
{
    if (info->ram_addr == NO_RAM || (info->flags & (INFO_WATCH | INFO_READONLY)) || !(info->flags & INFO_WRITE)) {
        return;
    }
    write_filter_add(v, info->ram_addr);
    if (address_space_frame(v->cpu->memory, info->paddr, true, NULL)) {
        entry->write = vaddr & ~PAGE_MASK_LOW;
    }
}

static void entry_downgrade(TlbEntry *e, const TlbInfo *info, uint64_t first, uint64_t last)
{
    if (e->write != TLB_INVALID && !(e->write & TLB_SLOW) && info->ram_addr >= (first & ~PAGE_MASK_LOW) && info->ram_addr <= last) {
        RamBlock *block = ram_block_find(info->ram_addr);
        e->write |= TLB_SLOW;
        /* It may have been written since whoever asks for this took the dirty bits. */
        if (block) {
            ram_block_set_dirty(block, info->ram_addr - block->ram_addr, PAGE_BYTES);
        }
    }
}

void tlb_downgrade(TcgVcpu *v, uint64_t first, uint64_t last)
{
    for (unsigned s = 0; s < TLB_SPACES; s++) {
        for (unsigned p = 0; p < v->target->nr_privs; p++) {
            TlbSet *set = v->spaces[s].sets[p];
            if (set) {
                EACH_FILLED(set, i) {
                    entry_downgrade(&set->entries[i], &set->info[i], first, last);
                }
            }
        }
    }
    for (unsigned i = 0; i < VICTIM_SETS * VICTIM_WAYS; i++) {
        if (v->victims[i].key) {
            entry_downgrade(&v->victims[i].entry, &v->victims[i].info, first, last);
        }
    }
}

/* ---- what guests ask for ---- */

static void flush_page_in_space(TlbSpace *space, uint64_t vaddr, unsigned nr_privs, bool only_global)
{
    unsigned i = tlb_index(vaddr);
    for (unsigned p = 0; p < nr_privs; p++) {
        TlbSet *set = space->sets[p];
        if (set && entry_page(&set->entries[i]) == (vaddr & ~PAGE_MASK_LOW) && (!only_global || (set->info[i].flags & INFO_GLOBAL))) {
            entry_invalidate(&set->entries[i]);
        }
    }
}

void tcg_tlb_flush_page(Cpu *cpu, uint64_t vaddr)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    uint64_t page = vaddr & ~PAGE_MASK_LOW;
    if (large_may_hold(v, vaddr)) {
        tlb_flush_everything(v);
        return;
    }
    v->partial_flushes++;
    for (unsigned s = 0; s < TLB_SPACES; s++) {
        flush_page_in_space(&v->spaces[s], vaddr, v->target->nr_privs, &v->spaces[s] != v->space);
    }
    VictimEntry *ways = victim_ways(v, page);
    for (unsigned i = 0; i < VICTIM_WAYS; i++) {
        uint64_t key = ways[i].key / TCG_MAX_PRIVS;
        if (ways[i].page == page && (key == v->space->key || key == v->global_key)) {
            ways[i].key = 0;
        }
    }
    fetch_forget_page(v, vaddr);
}

void tcg_tlb_flush_all(Cpu *cpu)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    tlb_flush_everything(v);
    tlb_select_space(v);
}

void tcg_tlb_flush_space(Cpu *cpu, uint64_t space_id)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    v->partial_flushes++;
    for (unsigned i = 0; i < TLB_SPACES; i++) {
        if (v->spaces[i].id == space_id && v->spaces[i].key) {
            space_clear(&v->spaces[i], true);
        }
    }
    v->hot->fetch_epoch = tcg_unique();
}

void tcg_tlb_switch(Cpu *cpu, bool flush)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    tlb_select_space(v);
    if (flush) {
        v->partial_flushes++;
        space_clear(v->space, true);
    }
    v->hot->fetch_epoch = tcg_unique();     /* nothing goes on by what is cached until the executor has looked */
}
