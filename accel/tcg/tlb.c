/*
 * The TLBs of a vCPU: a first level a privilege for each address space seen lately, a second level behind them all, large mappings, and what takes pages out.
 *
 * The second level knows all that is known of a page; the first is a copy for translated code of what may be done at once. A set's tag is drawn anew when all of
 * it that is not global goes, so that this takes no time; tags are few, and when they have run out everything starts over. What the guest invalidates goes at once.
 * A space without an id gets new tags whenever its root is loaded.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "util/log.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define LAST_TAG (TLB_NO_TAG - 1)

static _Atomic uint64_t last_unique;
static TlbSet *empty_set;           /* nothing is in it; for privileges that nobody has used yet */

uint64_t tcg_unique(void)
{
    return atomic_fetch_add(&last_unique, 1) + 1;
}

/* ---- sets ---- */

static void set_clear(TlbSet *set)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(set->touched); i++) {
        if (set->touched[i]) {
            memset(&set->entries[i * TLB_TOUCH], 0xff, TLB_TOUCH * sizeof(TlbEntry));
            set->touched[i] = 0;
        }
    }
}

static uint64_t global_salt(unsigned priv)
{
    return priv * UINT64_C(0xad40);
}

static TlbSet *set_new(unsigned space, unsigned priv)
{
    TlbSet *set = g_aligned_alloc(1, sizeof(TlbSet), 64);
    memset(set, 0, sizeof(*set));
    memset(set->entries, 0xff, sizeof(set->entries));
    set->tag = set->global_tag = TLB_NO_TAG;
    set->global_salt = global_salt(priv);
    set->salt = set->global_salt ^ (space + 1) * UINT64_C(0x4f3a0);
    return set;
}

#define EACH_TOUCHED(set, e) \
    for (unsigned e##_group = 0; e##_group < G_N_ELEMENTS((set)->touched); e##_group++) \
        for (TlbEntry *e = &(set)->entries[e##_group * TLB_TOUCH], *e##_end = e + ((set)->touched[e##_group] ? TLB_TOUCH : 0); e < e##_end; e++)

/* ---- tags ---- */

static bool evict(TcgVcpu *v, TlbPage *p);

/* Tags have run out: nothing is known any more. */
static void start_over(TcgVcpu *v)
{
    for (unsigned i = 0; i < v->nr_second; i++) {
        evict(v, &v->second[i]);
    }
    v->last_tag = 0;
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        v->global_tags[p] = ++v->last_tag;
    }
    for (unsigned s = 0; s < TLB_SPACES; s++) {
        for (unsigned p = 0; p < v->target->nr_privs; p++) {
            TlbSet *set = v->spaces[s].sets[p];
            if (set) {
                set_clear(set);
                set->tag = ++v->last_tag;
                set->global_tag = v->global_tags[p];
                set->records = 0;
            }
        }
    }
}
_Static_assert(TCG_MAX_PRIVS * (TLB_SPACES + 1) < LAST_TAG, "one for each at least");

/* What is not global goes out of a set. */
static void set_retag(TcgVcpu *v, TlbSet *set)
{
    set_clear(set);
    if (!set->records) {
        return;         /* nothing bears its tag */
    }
    if (v->last_tag == LAST_TAG) {
        start_over(v);
        return;
    }
    set->tag = ++v->last_tag;
    set->records = 0;
}

static void point_at_sets(TcgVcpu *v)
{
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        v->hot->tlb[p] = v->space->sets[p] ? v->space->sets[p] : empty_set;
    }
}

static TlbSet *current_set(TcgVcpu *v, unsigned priv)
{
    TlbSet *set = v->space->sets[priv];
    if (!set) {
        set = v->space->sets[priv] = set_new(v->space - v->spaces, priv);
        set->global_tag = v->global_tags[priv];
        set->records = 1;
        set_retag(v, set);
        point_at_sets(v);
    }
    return set;
}

/* ---- spaces ---- */

static void *room_new(size_t bytes)
{
    void *room = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return room == MAP_FAILED ? NULL : room;
}

/* An empty second level in place of the one before, which the caller has kept. false: no memory. */
static bool second_new(TcgVcpu *v, unsigned count)
{
    TlbPage *pages = room_new(count * sizeof(TlbPage));
    TlbRecord *records = room_new(count * sizeof(TlbRecord));
    if (!pages || !records) {
        if (pages) {
            munmap(pages, count * sizeof(TlbPage));
        }
        if (records) {
            munmap(records, count * sizeof(TlbRecord));
        }
        return false;
    }
    v->second = pages;
    v->nr_second = count;
    v->hot->second = records;
    v->hot->second_mask = (count - 1) * sizeof(TlbRecord);
    return true;
}

static void second_free(TlbPage *pages, TlbRecord *records, unsigned count)
{
    munmap(pages, count * sizeof(TlbPage));
    munmap(records, count * sizeof(TlbRecord));
}

/* What translated code may do with a page has changed. */
static inline void tell_record(TcgVcpu *v, const TlbPage *p)
{
    v->hot->second[p - v->second] = (TlbRecord){ p->read, p->write, p->addend, p->write_turn };
}

void tlb_init(TcgVcpu *v)
{
    if (!empty_set) {
        empty_set = set_new(0, 0);
        empty_set->tag = empty_set->global_tag = TLB_NO_TAG;
    }
    bool there = second_new(v, SECOND_MIN);
    g_assert(there);
    v->hot->write_turn = 1;
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        v->global_tags[p] = ++v->last_tag;
    }
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
    second_free(v->second, v->hot->second, v->nr_second);
}

/* What is not global goes. */
static void space_clear(TcgVcpu *v, TlbSpace *space)
{
    space->key = tcg_unique();
    for (unsigned p = 0; p < TCG_MAX_PRIVS; p++) {
        if (space->sets[p]) {
            set_retag(v, space->sets[p]);
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
    space_clear(v, oldest);
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

static void global_tags_new(TcgVcpu *v)
{
    if (v->last_tag + v->target->nr_privs > LAST_TAG) {
        start_over(v);
        return;
    }
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        v->global_tags[p] = ++v->last_tag;
        for (unsigned s = 0; s < TLB_SPACES; s++) {
            if (v->spaces[s].sets[p]) {
                v->spaces[s].sets[p]->global_tag = v->global_tags[p];
            }
        }
    }
}

void tlb_flush_everything(TcgVcpu *v)
{
    if (atomic_load(&v->pending) & PENDING_DOWNGRADE) {
        vcpu_serve(v);      /* it has to see what was written until now */
    }
    v->flushes++;
    for (unsigned i = 0; i < TLB_SPACES; i++) {
        space_clear(v, &v->spaces[i]);
    }
    global_tags_new(v);
    v->global_key = tcg_unique();
    if (v->large_sizes) {
        memset(v->large_filter, 0, sizeof(v->large_filter));
        v->large_sizes = 0;
    }
    memset(v->write_filter, 0, sizeof(v->write_filter));
    fetch_forget_everything(v);
}

/* ---- second level ---- */

static inline TlbPage *second_place(const TcgVcpu *v, uint64_t page, uint64_t salt)
{
    return &v->second[((page >> 7 ^ page >> 18 ^ salt) & v->hot->second_mask) / sizeof(TlbRecord)];
}

static inline TlbPage *second_find(const TcgVcpu *v, const TlbSet *set, uint64_t page)
{
    TlbPage *p = second_place(v, page, set->salt);
    if (p->key == page + set->tag) {
        return p;
    }
    p = second_place(v, page, set->global_salt);
    return p->key == page + set->global_tag ? p : NULL;
}

static void entry_drop(TlbSet *set, uint64_t page)
{
    TlbEntry *e = &set->entries[tlb_index(page)];
    e->read = e->read == page ? TLB_INVALID : e->read;
    e->write = e->write == page ? TLB_INVALID : e->write;
}

static bool is_good(const TcgVcpu *v, const TlbPage *p)
{
    return (p->key & PAGE_MASK_LOW) == (p->flags & INFO_GLOBAL ? v->global_tags[p->priv] : v->spaces[p->space].sets[p->priv]->tag);
}

/* Out of the first levels, too; true when it was still good. Whether it was written to is noted: nobody will know any more. */
static bool evict(TcgVcpu *v, TlbPage *p)
{
    uint64_t page = p->key & ~PAGE_MASK_LOW;
    if (!p->key) {
        return false;
    }
    if (p->write != TLB_INVALID) {
        RamBlock *block = ram_block_find(p->ram_addr);
        if (block) {
            ram_block_set_dirty(block, p->ram_addr - block->ram_addr, PAGE_BYTES);
        }
    }
    bool good = is_good(v, p);
    if (good && (p->flags & INFO_GLOBAL)) {
        for (unsigned s = 0; s < TLB_SPACES; s++) {
            if (v->spaces[s].sets[p->priv]) {
                entry_drop(v->spaces[s].sets[p->priv], page);
            }
        }
    } else if (good) {
        entry_drop(v->spaces[p->space].sets[p->priv], page);
    }
    p->key = 0;
    p->read = p->write = TLB_INVALID;
    tell_record(v, p);
    return good;
}

/* More room, when what is dropped was still good too often. */
static void second_grow(TcgVcpu *v)
{
    unsigned old_count = v->nr_second;
    TlbPage *old = v->second;
    TlbRecord *old_records = v->hot->second;
    v->second_dropped = 0;
    if (!second_new(v, old_count * 4)) {
        return;
    }
    for (unsigned i = 0; i < old_count; i++) {
        if (!old[i].key) {
            continue;
        }
        const TlbSet *set = v->spaces[old[i].space].sets[old[i].priv];
        TlbPage *p = second_place(v, old[i].key & ~PAGE_MASK_LOW, old[i].flags & INFO_GLOBAL ? set->global_salt : set->salt);
        *p = old[i];
        if (is_good(v, p)) {
            tell_record(v, p);
        } else {
            evict(v, p);
        }
    }
    second_free(old, old_records, old_count);
}

/* The place for a page that is not known yet. */
static TlbPage *second_take(TcgVcpu *v, const TlbSet *set, uint64_t page, bool global)
{
    TlbPage *p = second_place(v, page, global ? set->global_salt : set->salt);
    v->second_dropped += evict(v, p);
    if (v->second_dropped > v->nr_second && v->nr_second < SECOND_MAX) {
        second_grow(v);
        p = second_place(v, page, global ? set->global_salt : set->salt);
        evict(v, p);
    }
    return p;
}

/* ---- filling ---- */

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

/* The record of a translation. */
static TlbPage *make_page(TcgVcpu *v, uint64_t page, const TcgTranslation *t, unsigned priv)
{
    AddressSpace *as = v->cpu->memory;
    TlbSet *set = current_set(v, priv);
    TlbPage *p = second_take(v, set, page, t->global);
    set->records++;
    uint64_t ram_addr = NO_RAM, key = page + (t->global ? set->global_tag : set->tag);
    memory_read_lock();
    uint8_t *host = address_space_frame(as, t->paddr, false, &ram_addr);
    bool watch = v->cpu->breakpoints->len && debug_page_has_watchpoint(v, page), write_fast = false;
    if (host && t->write && !watch) {
        /* Noted before it is asked whether the page holds code: who makes code there does it the other way round. */
        write_filter_add(v, ram_addr);
        write_fast = address_space_frame(as, t->paddr, true, NULL) == host;
    }
    MemorySection section;
    uint64_t at;
    bool readonly = host && t->write && !write_fast && address_space_find(as, t->paddr, true, &section, &at) && (section.readonly || section.romd);
    memory_read_unlock();
    *p = (TlbPage){
        .read = t->read && host && !watch ? key : TLB_INVALID, .write = write_fast ? key : TLB_INVALID, .addend = (uintptr_t)host - page,
        .write_turn = v->hot->write_turn, .key = key, .frame = t->paddr >> 12, .ram_addr = host ? ram_addr : NO_RAM,
        .space = v->space - v->spaces, .priv = priv, .attrs = t->attrs,
        .flags = (t->read ? INFO_READ : 0) | (t->write ? INFO_WRITE : 0) | (t->exec ? INFO_EXEC : 0) | (t->global ? INFO_GLOBAL : 0)
            | (watch ? INFO_WATCH : 0) | (readonly ? INFO_READONLY : 0),
    };
    tell_record(v, p);
    return p;
}

/* ---- large mappings ---- */

#define LARGE_CHUNK_BITS 21

static inline uint64_t keyed(uint64_t key, unsigned priv)
{
    return key * TCG_MAX_PRIVS + priv;
}

static unsigned large_filter_bit(uint64_t vaddr, unsigned bits)
{
    return filter_hash((vaddr >> bits) * 64 + bits, 16);
}

static void large_add(TcgVcpu *v, uint64_t page, unsigned priv, const TcgTranslation *t)
{
    unsigned bit = large_filter_bit(page, t->page_bits);
    v->large_filter[bit / 64] |= BIT(bit % 64);
    v->large_sizes |= BIT(t->page_bits);
    if (t->page_bits < LARGE_CHUNK_BITS || t->apart) {
        return;
    }
    uint64_t within = page & MAKE_MASK(0, LARGE_CHUNK_BITS);
    v->large[(page >> LARGE_CHUNK_BITS) % LARGE_ENTRIES] = (LargeEntry){
        .base = page - within, .key = keyed(t->global ? v->global_key : v->space->key, priv), .paddr = t->paddr - within, .bits = t->page_bits,
        .flags = (t->read ? INFO_READ : 0) | (t->write ? INFO_WRITE : 0) | (t->exec ? INFO_EXEC : 0) | (t->global ? INFO_GLOBAL : 0),
        .attrs = t->attrs,
    };
}

static inline uint8_t right_for(TcgAccess access)
{
    return access == TCG_ACCESS_LOAD ? INFO_READ : access == TCG_ACCESS_STORE ? INFO_WRITE : INFO_EXEC;
}

static bool large_find(TcgVcpu *v, uint64_t page, TcgAccess access, unsigned priv, TcgTranslation *t)
{
    const LargeEntry *l = &v->large[(page >> LARGE_CHUNK_BITS) % LARGE_ENTRIES];
    uint64_t within = page & MAKE_MASK(0, LARGE_CHUNK_BITS);
    if (l->base != page - within || !(l->flags & right_for(access)) || (l->key != keyed(v->space->key, priv) && l->key != keyed(v->global_key, priv))) {
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

/* A record that nobody finds, and that nothing is written by. */
static TlbPage *use_once(TcgVcpu *v, TlbPage *made)
{
    v->once = *made;
    v->once.read = v->once.write = TLB_INVALID;
    v->once.flags |= INFO_READONLY;
    evict(v, made);
    return &v->once;
}

static __attribute__((noinline)) TlbPage *miss(TcgVcpu *v, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe)
{
    uint64_t page = vaddr & ~PAGE_MASK_LOW;
    TcgTranslation t;
    v->misses++;
    if (!large_find(v, page, access, priv, &t)) {
        v->walks++;
        if (!v->target->translate_address(v->cpu, vaddr, access, priv, probe, &t)) {
            return NULL;
        }
        if (t.page_bits > 12 && !t.once) {
            large_add(v, page, priv, &t);
        }
    }
    log_mask(LOG_MMU, "TLB fill: addr=%016" G_GINT64_MODIFIER "x paddr=%016" G_GINT64_MODIFIER "x access=%d priv=%u rights=%c%c%c\n", page, t.paddr,
             access, priv, t.read ? 'r' : '-', t.write ? 'w' : '-', t.exec ? 'x' : '-');
    TlbPage *known = tlb_peek(v, vaddr, priv);
    if (known) {
        evict(v, known);        /* it may have been global, and is not now */
    }
    TlbPage *made = make_page(v, page, &t, priv);
    return t.once ? use_once(v, made) : made;
}

TlbPage *tlb_peek(TcgVcpu *v, uint64_t vaddr, unsigned priv)
{
    const TlbSet *set = v->space->sets[priv];
    return set ? second_find(v, set, vaddr & ~PAGE_MASK_LOW) : NULL;
}

TlbPage *tlb_lookup(TcgVcpu *v, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe)
{
    TlbPage *p = tlb_peek(v, vaddr, priv);
    if (!p || !(p->flags & right_for(access))) {
        return miss(v, vaddr, access, priv, probe);
    }
    if (access == TCG_ACCESS_STORE && p->write != TLB_INVALID && p->write_turn != v->hot->write_turn) {
        tlb_upgrade(v, p);
    }
    return p;
}

void tlb_install(TcgVcpu *v, const TlbPage *p, uint64_t vaddr, TcgAccess access, unsigned priv)
{
    unsigned i = tlb_index(vaddr);
    TlbSet *set = v->space->sets[priv];
    TlbEntry *e = &set->entries[i];
    if (!tlb_is_fast(v, p, access)) {
        return;
    }
    set->touched[i / TLB_TOUCH] = 1;
    if (access == TCG_ACCESS_STORE) {
        e->write = vaddr & ~PAGE_MASK_LOW;
        e->write_addend = p->addend;
    } else {
        e->read = vaddr & ~PAGE_MASK_LOW;
        e->read_addend = p->addend;
    }
}

/* ---- writes that have to be noticed ---- */

void tlb_upgrade(TcgVcpu *v, TlbPage *p)
{
    if (p->ram_addr == NO_RAM || (p->flags & (INFO_WATCH | INFO_READONLY)) || !(p->flags & INFO_WRITE)) {
        return;
    }
    write_filter_add(v, p->ram_addr);
    bool fast = address_space_frame(v->cpu->memory, tlb_paddr(p, 0), true, NULL);
    p->write = fast ? p->key : TLB_INVALID;
    p->write_turn = v->hot->write_turn;
    tell_record(v, p);
}

/* What RAM an entry writes to: the range's host addresses, or none when it lies on several blocks. */
typedef struct Range { uint64_t first, last; uintptr_t host; uint64_t bytes; } Range;

static bool range_has(const Range *r, uintptr_t host)
{
    uint64_t offset;
    if (r->host) {
        return host + PAGE_MASK_LOW >= r->host && host - r->host < r->bytes;
    }
    RamBlock *block = ram_block_from_host((void *)host, &offset);
    return block && block->ram_addr + offset + PAGE_MASK_LOW >= r->first && block->ram_addr + offset <= r->last;
}

static void first_levels_downgrade(TcgVcpu *v, const Range *range)
{
    for (unsigned s = 0; s < TLB_SPACES; s++) {
        for (unsigned p = 0; p < v->target->nr_privs; p++) {
            TlbSet *set = v->spaces[s].sets[p];
            if (!set) {
                continue;
            }
            EACH_TOUCHED(set, e) {
                if (e->write != TLB_INVALID && range_has(range, e->write + e->write_addend)) {
                    e->write = TLB_INVALID;
                }
            }
        }
    }
}

void tlb_downgrade(TcgVcpu *v, uint64_t first, uint64_t last, bool dirty)
{
    Range range = { .first = first & ~PAGE_MASK_LOW, .last = last };
    RamBlock *block = ram_block_find(range.first);
    if (block && last - block->ram_addr < block->size) {
        range.host = (uintptr_t)block->host + (range.first - block->ram_addr);
        range.bytes = last - range.first + 1;
    }
    v->hot->write_turn++;
    first_levels_downgrade(v, &range);
    for (unsigned i = 0; dirty && i < v->nr_second; i++) {
        TlbPage *p = &v->second[i];
        if (p->key && p->write != TLB_INVALID && p->ram_addr >= range.first && p->ram_addr <= last && (block = ram_block_find(p->ram_addr))) {
            /* It may have been written since whoever asks for this took the dirty bits. */
            ram_block_set_dirty(block, p->ram_addr - block->ram_addr, PAGE_BYTES);
            p->write = TLB_INVALID;
            tell_record(v, p);
        }
    }
}

/* ---- what guests ask for ---- */

static void evict_own(TcgVcpu *v, const TlbSpace *space, uint64_t page)
{
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        const TlbSet *set = space->sets[p];
        TlbPage *own = set ? second_place(v, page, set->salt) : NULL;
        if (own && own->key == page + set->tag) {
            evict(v, own);
        }
    }
}

static void flush_page(TcgVcpu *v, uint64_t vaddr, bool everywhere)
{
    uint64_t page = vaddr & ~PAGE_MASK_LOW;
    if (large_may_hold(v, vaddr)) {
        tlb_flush_everything(v);
        return;
    }
    v->partial_flushes++;
    for (unsigned s = 0; everywhere && s < TLB_SPACES; s++) {
        evict_own(v, &v->spaces[s], page);
    }
    evict_own(v, v->space, page);
    for (unsigned p = 0; p < v->target->nr_privs; p++) {
        TlbPage *global = second_place(v, page, global_salt(p));
        if (global->key == page + v->global_tags[p]) {
            evict(v, global);
        }
    }
    fetch_forget_page(v, vaddr);
}

void tcg_tlb_flush_page(Cpu *cpu, uint64_t vaddr)
{
    flush_page(tcg_vcpu(cpu), vaddr, false);
}

void tcg_tlb_flush_page_everywhere(Cpu *cpu, uint64_t vaddr)
{
    flush_page(tcg_vcpu(cpu), vaddr, true);
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
            space_clear(v, &v->spaces[i]);
        }
    }
    fetch_stop(v);
}

void tcg_tlb_switch(Cpu *cpu, bool flush)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    tlb_select_space(v);
    if (flush) {
        v->partial_flushes++;
        space_clear(v, v->space);
    }
    fetch_stop(v);
}
