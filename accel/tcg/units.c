/*
 * Translated units: finding them by (RAM address, mode key), the pages that they lie on, links between them, and taking them away when their bytes change.
 *
 * A page remembers in 64 bits which of its 64-byte granules hold code, so that writes beside the code cost a look at a word.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define HASH_BITS 18
#define REGION_BITS 30                          /* of RAM addresses: a table of pages each */
#define REGIONS (1u << 14)
#define REGION_PAGES (1u << (REGION_BITS - 12))

static CodePage **regions[REGIONS];             /* filled under code_lock, read by anyone */

void units_init(TcgAccel *t)
{
    void *room = mmap(NULL, sizeof(t->hash[0]) << HASH_BITS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_assert(room != MAP_FAILED);
    t->hash = room;
}

/* ---- pages ---- */

CodePage *page_find(uint64_t ram_addr)
{
    uint64_t region = ram_addr >> REGION_BITS;
    CodePage **table = region < REGIONS ? __atomic_load_n(&regions[region], __ATOMIC_ACQUIRE) : NULL;
    return table ? __atomic_load_n(&table[ram_addr >> 12 & (REGION_PAGES - 1)], __ATOMIC_ACQUIRE) : NULL;
}

CodePage *page_get(TcgAccel *t, uint64_t ram_addr)
{
    CodePage *page = page_find(ram_addr);
    uint64_t region = ram_addr >> REGION_BITS;
    if (page || region >= REGIONS) {
        return page;
    }
    if (!regions[region]) {
        void *table = mmap(NULL, REGION_PAGES * sizeof(CodePage *), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (table == MAP_FAILED) {
            return NULL;
        }
        __atomic_store_n(&regions[region], table, __ATOMIC_RELEASE);
    }
    page = g_new0(CodePage, 1);
    page->ram_addr = ram_addr & ~PAGE_MASK_LOW;
    __atomic_store_n(&regions[region][ram_addr >> 12 & (REGION_PAGES - 1)], page, __ATOMIC_RELEASE);
    return page;
}

static uint64_t granule_mask(unsigned first, unsigned last)
{
    return MAKE_MASK(first >> 6, (last >> 6) - (first >> 6) + 1);
}

/* The bytes of a unit on a page; false: none. */
static bool bytes_on_page(const Unit *unit, uint64_t ram_page, unsigned *first, unsigned *last)
{
    const TcgUnit *u = &unit->base;
    if (u->ram_addr == ram_page) {
        *first = unit->first_byte;
        *last = MIN(unit->last_byte, PAGE_BYTES - 1);
        return unit->first_byte < PAGE_BYTES;
    }
    *first = 0;
    *last = unit->last_byte - PAGE_BYTES;
    return u->ram_addr2 == ram_page;
}

bool page_hit(const CodePage *page, uint64_t ram_addr, uint64_t size)
{
    if (!page) {
        return false;
    }
    uint64_t offset = ram_addr & PAGE_MASK_LOW, last = MIN(offset + size - 1, PAGE_BYTES - 1);
    return ((page->granules | page->watched) & granule_mask(offset, last)) || page->readers;
}

static unsigned side_of(const TcgUnit *unit, uint64_t ram_page)
{
    return unit->ram_addr == ram_page ? 0 : 1;
}

static TcgUnit **list_of(CodePage *page, const TcgUnit *unit)
{
    return unit->flags & UNIT_SELF_CHECK ? &page->checking : &page->units;
}

static void page_add(TcgAccel *t, TcgUnit *unit, uint64_t ram_page)
{
    CodePage *page = page_get(t, ram_page);
    TcgUnit **list = list_of(page, unit);
    unsigned first, last, side = side_of(unit, ram_page);
    unit->page_next[side] = *list;
    unit_of(unit)->page_previous[side] = NULL;
    if (*list) {
        unit_of(*list)->page_previous[side_of(*list, ram_page)] = unit;
    }
    *list = unit;
    if (!(unit->flags & UNIT_SELF_CHECK) && bytes_on_page(unit_of(unit), ram_page, &first, &last)) {
        for (unsigned g = first >> 6; g <= last >> 6; g++) {
            page->units_on[g]++;
        }
        atomic_fetch_or(&page->granules, granule_mask(first, last));
        atomic_store_explicit(&page->calm, 0, memory_order_relaxed);
    }
}

static void page_remove(TcgUnit *unit, uint64_t ram_page)
{
    CodePage *page = page_find(ram_page);
    unsigned first, last, side = side_of(unit, ram_page);
    TcgUnit *next = unit->page_next[side], *previous = unit_of(unit)->page_previous[side];
    if (next) {
        unit_of(next)->page_previous[side_of(next, ram_page)] = previous;
    }
    if (previous) {
        previous->page_next[side_of(previous, ram_page)] = next;
    } else {
        *list_of(page, unit) = next;
    }
    if (!(unit->flags & UNIT_SELF_CHECK) && bytes_on_page(unit_of(unit), ram_page, &first, &last)) {
        uint64_t empty = 0;
        for (unsigned g = first >> 6; g <= last >> 6; g++) {
            empty |= --page->units_on[g] ? 0 : BIT(g);
        }
        atomic_fetch_and(&page->granules, ~empty);
    }
    if (!page->units && !page->checking && !page->readers && !page->watched && page->marked && page->hits < 64) {
        /* Written freely again; a page that is code and data by turns stays watched. */
        page->marked = false;
        ram_set_has_code(ram_page, false);
    }
}

/* ---- finding ---- */

/* Neighbours in memory are neighbours here: what is run or made one after the other shares cache lines. */
static unsigned unit_hash(uint64_t ram_addr, int32_t offset, uint64_t mode)
{
    uint64_t n = ram_addr * UINT64_C(0x9e3779b97f4a7c15) ^ mode * UINT64_C(0xc2b2ae3d27d4eb4f);
    n = (n ^ n >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> (64 - HASH_BITS);
    return (n + (uint32_t)offset / 4) & (BIT(HASH_BITS) - 1);
}

/* ---- units that check themselves ---- */

bool unit_is_hot(const CodePage *page, unsigned first, unsigned last)
{
    for (unsigned g = first >> 6; page && g <= MIN(last, PAGE_BYTES - 1) >> 6; g++) {
        if (page->heat[g] >= GRANULE_HOT) {
            return true;
        }
    }
    return false;
}

static void read_ram(uint64_t ram_addr, uint8_t *out, unsigned size)
{
    RamBlock *block = ram_block_find(ram_addr);
    memcpy(out, block->host + (ram_addr - block->ram_addr), size);
}

void unit_read_bytes(const Unit *unit, uint8_t *out)
{
    unsigned size = unit->last_byte - unit->first_byte + 1, on_first = MIN(size, PAGE_BYTES - unit->first_byte);
    read_ram(unit->base.ram_addr + unit->first_byte, out, on_first);
    if (size > on_first) {
        read_ram(unit->base.ram_addr2, out + on_first, size - on_first);
    }
}

static void cool_down(TcgAccel *t, Unit *unit)
{
    g_mutex_lock(&t->code_lock);
    CodePage *page = page_find(unit->base.ram_addr);
    memset(&page->heat[unit->first_byte >> 6], 0, (MIN(unit->last_byte, PAGE_BYTES - 1) >> 6) - (unit->first_byte >> 6) + 1);
    if (unit->base.valid) {
        unit_remove(t, &unit->base);
    }
    g_mutex_unlock(&t->code_lock);
}

/* Whether its bytes are what they were; false too when it is time to translate them in the usual way. */
static bool still_matches(TcgAccel *t, Unit *unit)
{
    uint8_t now[PAGE_BYTES];
    unsigned size = unit->last_byte - unit->first_byte + 1;
    unit_read_bytes(unit, now);
    if (memcmp(now, unit->check, size)) {
        unit->matches = 0;
        return false;
    }
    if (++unit->matches >= GRANULE_CALM) {
        cool_down(t, unit);
        return false;
    }
    return true;
}

TcgUnit *unit_find(TcgAccel *t, uint64_t ram_addr, int32_t offset, uint64_t mode, uint32_t flags)
{
    TcgUnit *unit = atomic_load_explicit(&t->hash[unit_hash(ram_addr, offset, mode)], memory_order_acquire);
    for (; unit; unit = __atomic_load_n(&unit->hash_next, __ATOMIC_ACQUIRE)) {
        if (unit->ram_addr == ram_addr && unit->offset == offset && unit->mode == mode && (unit->flags & UNIT_SINGLE) == flags && unit->valid
            && (!(unit->flags & UNIT_SELF_CHECK) || still_matches(t, unit_of(unit)))) {
            return unit;
        }
    }
    return NULL;
}

/* Of units that check themselves as many stay as there are likely to be forms of the code; the oldest goes. */
#define MAX_FORMS 8

static void limit_forms(TcgAccel *t, const TcgUnit *unit)
{
    TcgUnit *oldest = NULL;
    unsigned count = 0;
    for (TcgUnit *u = t->hash[unit_hash(unit->ram_addr, unit->offset, unit->mode)]; u; u = u->hash_next) {
        if (u->ram_addr == unit->ram_addr && u->offset == unit->offset && u->mode == unit->mode && (u->flags & UNIT_SELF_CHECK)) {
            oldest = u;
            count++;
        }
    }
    if (count >= MAX_FORMS) {
        unit_remove(t, oldest);
    }
}

void unit_insert(TcgAccel *t, Unit *own)
{
    TcgUnit *unit = &own->base;
    if (unit->flags & UNIT_SELF_CHECK) {
        limit_forms(t, unit);
    }
    page_add(t, unit, unit->ram_addr);
    if (unit->ram_addr2 != NO_RAM) {
        page_add(t, unit, unit->ram_addr2);
        t->nr_cross++;
    }
    unit->valid = true;
    _Atomic(TcgUnit *) *head = &t->hash[unit_hash(unit->ram_addr, unit->offset, unit->mode)];
    unit->hash_next = *head;
    atomic_store_explicit(head, unit, memory_order_release);
    t->nr_units++;
    t->guest_bytes += unit->guest_bytes;
    t->host_bytes += unit->code_size;
    t->max_guest_bytes = MAX(t->max_guest_bytes, unit->guest_bytes);
}

/* ---- links ---- */

static void exit_unlink(TcgAccel *t, UnitExit *exit)
{
    TcgUnit *target = exit->linked;
    if (!target) {
        return;
    }
    for (UnitExit **link = &target->incoming; *link; link = &(*link)->next_incoming) {
        if (*link == exit) {
            *link = exit->next_incoming;
            break;
        }
    }
    exit->linked = NULL;
    exit->next_incoming = NULL;
    if (exit->same_page) {
        t->backend->unlink(exit);
        t->nr_links--;
    } else {
        fetch_clear_cells(exit);
        t->nr_cross_links--;
    }
}

static bool can_link(const UnitExit *exit, const TcgUnit *target, uint64_t source_pc_base, uint64_t target_pc_base)
{
    const TcgUnit *source = exit->unit;
    if (((source->flags | target->flags) & (UNIT_SINGLE | UNIT_SELF_CHECK | UNIT_INTERP)) || !source->valid || !target->valid) {
        return false;
    }
    if (exit->same_page) {
        return source->ram_addr == target->ram_addr && target->ram_addr2 == NO_RAM;
    }
    /* Not where the program counter wraps. */
    return exit->cell && target_pc_base == source_pc_base + (exit->target & ~(int64_t)PAGE_MASK_LOW);
}

void unit_link(TcgVcpu *v, UnitExit *exit, TcgUnit *target, uint64_t source_pc_base, uint64_t target_pc_base)
{
    TcgAccel *t = tcg_accel;
    g_mutex_lock(&t->code_lock);
    if (can_link(exit, target, source_pc_base, target_pc_base)) {
        if (exit->linked != target) {
            exit_unlink(t, exit);
            exit->linked = target;
            exit->next_incoming = target->incoming;
            target->incoming = exit;
            *(exit->same_page ? &t->nr_links : &t->nr_cross_links) += 1;
            if (exit->same_page) {
                t->backend->link(exit, target);
            }
        } else if (!exit->same_page) {
            t->nr_relinked++;
        }
        if (!exit->same_page) {
            fetch_fill_cell(v, exit, target, source_pc_base);
        }
    }
    g_mutex_unlock(&t->code_lock);
}

/* ---- going ---- */

void unit_remove(TcgAccel *t, TcgUnit *unit)
{
    __atomic_store_n(&unit->valid, false, __ATOMIC_SEQ_CST);
    _Atomic(TcgUnit *) *head = &t->hash[unit_hash(unit->ram_addr, unit->offset, unit->mode)];
    if (*head == unit) {
        atomic_store(head, unit->hash_next);
    } else {
        TcgUnit *u = *head;
        while (u && u->hash_next != unit) {
            u = u->hash_next;
        }
        if (u) {
            __atomic_store_n(&u->hash_next, unit->hash_next, __ATOMIC_RELEASE);
        }
    }
    while (unit->incoming) {
        exit_unlink(t, unit->incoming);
    }
    for (unsigned i = 0; i < unit->nr_exits; i++) {
        exit_unlink(t, &unit->exits[i]);
    }
    fetch_drop_unit(unit);
    page_remove(unit, unit->ram_addr);
    if (unit->ram_addr2 != NO_RAM) {
        page_remove(unit, unit->ram_addr2);
    }
    t->nr_units--;
    t->guest_bytes -= unit->guest_bytes;
    t->host_bytes -= unit->code_size;
}

/* On one page. */
static bool drop_on_page(TcgAccel *t, CodePage *page, unsigned from, unsigned to)
{
    bool any = false;
    if (page->readers) {
        page->serial++;
    }
    if (!(page->granules & granule_mask(from, to))) {
        return false;
    }
    for (TcgUnit *unit = page->units, *next; unit; unit = next) {
        unsigned first, last;
        next = unit->page_next[side_of(unit, page->ram_addr)];
        if (bytes_on_page(unit_of(unit), page->ram_addr, &first, &last) && first <= to && last >= from) {
            unit_remove(t, unit);
            t->nr_invalidated++;
            any = true;
        }
    }
    page->hits += any && page->hits < UINT32_MAX;
    if (any) {
        atomic_store_explicit(&page->calm, 0, memory_order_relaxed);
    }
    for (unsigned g = from >> 6; any && g <= to >> 6; g++) {
        page->heat[g] += page->heat[g] < UINT8_MAX && to - from < 64;    /* a page that is filled anew is no place that changes often */
    }
    return any;
}

/* Units that lie on it unchecked go; what was seen of how it is written is forgotten. code_lock. */
static void page_give_up(TcgAccel *t, CodePage *page)
{
    if (page->granules && page->patience < PAGE_MAX_PATIENCE) {
        page->patience++;
    }
    for (TcgUnit *unit = page->units, *next; unit; unit = next) {
        next = unit->page_next[side_of(unit, page->ram_addr)];
        if (!(unit->flags & UNIT_SELF_CHECK)) {
            unit_remove(t, unit);
        }
    }
    page->hits = 0;
    memset(page->heat, 0, sizeof(page->heat));
    page->marked = page->unsettled = false;
    ram_set_has_code(page->ram_addr, false);
}

/* Memory that was code once is data for long: a process has ended, a compiler has moved on. */
bool page_calms_down(TcgVcpu *v, CodePage *page)
{
    TcgAccel *t = tcg_accel;
    uint32_t calm = atomic_fetch_add_explicit(&page->calm, 1, memory_order_relaxed);
    if (calm < (page->granules ? (uint32_t)PAGE_CALM << page->patience : PAGE_CALM_EMPTY)) {
        return false;
    }
    atomic_store_explicit(&page->calm, 0, memory_order_relaxed);
    g_mutex_lock(&t->code_lock);
    bool given_up = page->marked && !page->readers && !page->watched && !(v->in_code && page->granules && access_hits_own_code(v, page->ram_addr));
    if (given_up) {
        page_give_up(t, page);
    }
    g_mutex_unlock(&t->code_lock);
    return given_up;
}

bool units_touch(uint64_t ram_addr, uint64_t size)
{
    CodePage *page = page_find(ram_addr);
    unsigned from = ram_addr & PAGE_MASK_LOW, to = MIN(from + size - 1, PAGE_BYTES - 1), first, last;
    if (!page || !(page->granules & granule_mask(from, to))) {
        return false;
    }
    for (TcgUnit *unit = page->units; unit; unit = unit->page_next[side_of(unit, page->ram_addr)]) {
        if (bytes_on_page(unit_of(unit), page->ram_addr, &first, &last) && first <= to && last >= from) {
            return true;
        }
    }
    return false;
}

bool units_drop_range(TcgAccel *t, uint64_t ram_addr, uint64_t size)
{
    bool any = false;
    uint64_t end = ram_addr + size;
    for (uint64_t at = ram_addr; at < end; at = (at | PAGE_MASK_LOW) + 1) {
        CodePage *page = page_find(at);
        if (page) {
            uint64_t last = MIN(end - 1, at | PAGE_MASK_LOW);
            uint64_t lines = granule_mask(at & PAGE_MASK_LOW, last & PAGE_MASK_LOW);
            if (page->watched & lines) {
                monitor_wake(t, page, lines);
            }
            any |= drop_on_page(t, page, at & PAGE_MASK_LOW, last & PAGE_MASK_LOW);
        }
    }
    return any;
}

void units_drop_all(TcgAccel *t)
{
    for (unsigned i = 0; i < SEGMENTS; i++) {
        for (Unit *unit = t->segments[i].units; unit; unit = unit->segment_next) {
            if (unit->base.valid) {
                unit_remove(t, &unit->base);
            }
        }
    }
}

void units_invalidate(uint64_t ram_addr, uint64_t size)
{
    g_mutex_lock(&tcg_accel->code_lock);
    units_drop_range(tcg_accel, ram_addr, size);
    g_mutex_unlock(&tcg_accel->code_lock);
}

void tcg_invalidate_code(Cpu *cpu, uint64_t paddr, uint64_t size)
{
    for (uint64_t at = paddr, end = paddr + size; at < end; at = (at | PAGE_MASK_LOW) + 1) {
        uint64_t ram_addr;
        memory_read_lock();
        if (address_space_frame(cpu->memory, at, false, &ram_addr)) {
            units_invalidate(ram_addr | (at & PAGE_MASK_LOW), MIN(end - at, PAGE_BYTES - (at & PAGE_MASK_LOW)));
        }
        memory_read_unlock();
    }
}
