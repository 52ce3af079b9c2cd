/*
 * Making units: reading the guest's bytes, watching the pages that they lie on, and compiling.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/store.h"
#include "softmmu/dma.h"
#include "util/log.h"
#include "util/spin.h"

#include <limits.h>
#include <string.h>

#define MAX_INSNS 256
#define MAX_TRIES 16
#define LOCK_TRIES 1000         /* some 50 us */

/* One of the two pages that a unit may lie on. */
typedef struct SourcePage {
    const uint8_t *host;        /* NULL: read by dispatch */
    uint64_t ram_addr, paddr;
    MemAttrs attrs;
    CodePage *page;
    uint32_t serial;
} SourcePage;

struct TcgSource {
    TcgVcpu *v;
    uint64_t linear;            /* of the first page */
    SourcePage pages[2];
    bool second_asked, second_there;
    bool interrupted;           /* another vCPU could not be waited for */
    int32_t end;                /* behind the unit's last byte; 0: not known */
};

/* ---- pages under translation ---- */

bool watch_page_ask(TcgVcpu *v, uint64_t ram_page)
{
    TcgAccel *t = tcg_accel;
    bool others = false;
    for (unsigned i = 0; i < t->vcpus->len; i++) {
        TcgVcpu *other = t->vcpus->pdata[i];
        if (other != v && tlb_may_write_fast(other, ram_page)) {
            vcpu_request_downgrade(other, ram_page, ram_page + PAGE_BYTES - 1, false);
            others = true;
        }
    }
    if (tlb_may_write_fast(v, ram_page)) {
        tlb_downgrade(v, ram_page, ram_page + PAGE_BYTES - 1, false);
    }
    return others;
}

/*
 * It is held for some microseconds a unit, and a vCPU that translates one unit behind the other has it half of the time: who sleeps for it may lose its host processor
 * for milliseconds, so that one vCPU stands still while another runs through hundreds of units. It is waited for awake first.
 */
static void lock_code(TcgAccel *t)
{
    for (unsigned i = 0; i < LOCK_TRIES; i++) {
        if (g_mutex_trylock(&t->code_lock)) {
            return;
        }
        spin_relax();
    }
    g_mutex_lock(&t->code_lock);
}

/* No vCPU writes to the page without being noticed from here on. Until then it is unsettled: whoever else opens it meanwhile waits, too. */
static bool watch_page(TcgVcpu *v, CodePage *page)
{
    ram_set_has_code(page->ram_addr, true);
    lock_code(tcg_accel);
    bool others = watch_page_ask(v, page->ram_addr);
    g_mutex_unlock(&tcg_accel->code_lock);
    if (others && !vcpu_wait_for_others(v)) {
        return false;
    }
    lock_code(tcg_accel);
    page->unsettled = false;        /* its reader keeps it marked */
    g_mutex_unlock(&tcg_accel->code_lock);
    return true;
}

/* offset: of the first byte that is wanted; rights may differ within the page. */
static bool open_page(TcgSource *s, unsigned n, unsigned offset, bool probe)
{
    TcgVcpu *v = s->v;
    TcgAccel *t = tcg_accel;
    SourcePage *p = &s->pages[n];
    uint64_t linear = s->linear + n * PAGE_BYTES;
    linear = v->delta || v->cpu->arch->address_bits == 32 ? (uint32_t)linear : linear;
    if (!fetch_page(v, linear + offset, probe, &p->ram_addr)) {
        return false;
    }
    const TlbPage *info = tlb_lookup(v, linear + offset, TCG_ACCESS_FETCH, v->fetch_priv, probe);
    p->paddr = tlb_paddr(info, 0);
    p->attrs = info->attrs;
    if (p->ram_addr == NO_RAM) {
        return true;
    }
    p->host = (const uint8_t *)(uintptr_t)(linear + info->addend);
    lock_code(t);
    p->page = page_get(t, p->ram_addr);
    bool fresh = p->page && (!p->page->marked || p->page->unsettled);
    if (p->page) {
        p->page->marked = true;
        p->page->unsettled = fresh;
        p->page->readers++;
        p->serial = p->page->serial;
    }
    g_mutex_unlock(&t->code_lock);
    if (!p->page) {
        p->ram_addr = NO_RAM;       /* beyond what is tracked: never kept */
    } else if (fresh && !watch_page(v, p->page)) {
        s->interrupted = true;
        return false;
    }
    return true;
}

/* code_lock. false: something was written meanwhile. */
static bool close_pages(TcgSource *s)
{
    bool unchanged = true;
    for (unsigned n = 0; n < 2; n++) {
        SourcePage *p = &s->pages[n];
        if (p->page) {
            unchanged &= p->page->serial == p->serial;
            p->page->readers--;
            if (s->interrupted && !p->page->units && !p->page->checking && !p->page->readers) {
                /* So that the next one waits again. */
                p->page->unsettled = p->page->watched != 0;
                p->page->marked = p->page->unsettled;
            }
        }
    }
    return unchanged;
}

static void read_by_dispatch(const SourcePage *p, AddressSpace *as, unsigned offset, uint8_t *bytes, unsigned len)
{
    for (unsigned i = 0; i < len; i++) {
        uint64_t value;
        address_space_load(as, p->paddr + offset + i, &value, 1, p->attrs);
        bytes[i] = value;
    }
}

bool tcg_fetch(TcgSource *s, int32_t offset, void *bytes, unsigned len)
{
    uint8_t *out = bytes;
    while (len) {
        unsigned n = offset >= (int32_t)PAGE_BYTES, in_page = offset - n * PAGE_BYTES;
        if (offset < 0 || in_page >= PAGE_BYTES) {
            return false;
        }
        if (n && !s->second_asked) {
            s->second_asked = true;
            s->second_there = open_page(s, 1, 0, true);
        }
        if (n && !s->second_there) {
            return false;
        }
        unsigned part = MIN(len, PAGE_BYTES - in_page);
        if (s->pages[n].host) {
            memcpy(out, s->pages[n].host + in_page, part);
        } else {
            read_by_dispatch(&s->pages[n], s->v->cpu->memory, in_page, out, part);
        }
        out += part;
        offset += part;
        len -= part;
    }
    return true;
}

/* ---- building ---- */

static const IrBlock *build(TcgVcpu *v, TcgSource *s, int32_t offset, int max_insns)
{
    TcgTranslate t = { .builder = v->builder, .source = s, .mode = v->mode, .offset = offset, .max_insns = max_insns, .cpu = v->cpu };
    v->target->translate(&t);
    s->end = t.end;
    if (log_on(LOG_OP)) {
        log_ir(v, "OP", ir_block(v->builder));
    }
    const IrBlock *block = ir_finish(v->builder);
    if (log_on(LOG_OP_OPT)) {
        log_ir(v, "OP after optimization", block);
    }
    return block;
}

/* How far behind the last instruction's start a block may have looked. */
#define LONGEST_INSN 16

static void set_extent(Unit *unit, const TcgSource *s, const IrBlock *block, int32_t offset)
{
    int32_t last = block->nr_guest_insns ? block->guest_insns[block->nr_guest_insns - 1].offset : offset;
    unsigned covered = s->end > last ? s->end - offset : last - offset + LONGEST_INSN;
    unit->first_byte = offset;
    unit->last_byte = offset + MAX(covered, 1) - 1;
    if (unit->last_byte >= PAGE_BYTES && !s->second_there) {
        unit->last_byte = PAGE_BYTES - 1;
    }
    unit->base.guest_bytes = covered;
}

static void set_pages(Unit *unit, const TcgSource *s)
{
    unit->base.ram_addr = s->pages[0].ram_addr;
    unit->base.ram_addr2 = unit->last_byte >= PAGE_BYTES ? s->pages[1].ram_addr : NO_RAM;
}

/* The page behind could not be fetched from, which can be different the next time. */
static bool lacks_page(const IrBlock *block)
{
    for (unsigned i = 0; i < block->nr_exits; i++) {
        if (block->exits[i].kind == IR_EXIT_FAULT && block->exits[i].reason == TCG_REASON_FETCH) {
            return true;
        }
    }
    return false;
}

static bool is_kept(const TcgSource *s, const Unit *unit, const IrBlock *block)
{
    return !(block && lacks_page(block)) && s->pages[0].ram_addr != NO_RAM
        && (unit->last_byte < PAGE_BYTES || (s->pages[1].ram_addr != NO_RAM && s->pages[1].ram_addr != s->pages[0].ram_addr));
}

static bool fill_exits(TcgAccel *t, Segment *segment, Unit *unit, const IrBlock *block)
{
    for (unsigned i = 0; i < block->nr_exits; i++) {
        const IrExit *e = &block->exits[i];
        UnitExit *exit = &unit->base.exits[i];
        *exit = (UnitExit){ .unit = &unit->base, .number = i, .kind = e->kind, .same_page = e->same_page, .target = e->target };
        bool linked = !(unit->base.flags & (UNIT_SINGLE | UNIT_SELF_CHECK | UNIT_INTERP));
        if (linked && !segment_give_cell(t, segment, exit)) {
            return false;
        }
    }
    unit->base.nr_exits = block->nr_exits;
    return true;
}

static TcgCompiled compile(TcgAccel *t, const IrBlock *block, CodeArea *area, TcgUnit *unit)
{
    if (t->refuse_above && block->nr_insns > t->refuse_above && !(unit->flags & UNIT_INTERP)) {
        return TCG_DOES_NOT_FIT;
    }
    return unit_backend(t->backend, unit)->compile(block, area, unit);
}

static void add_to_segment(Segment *segment, Unit *unit)
{
    unit->segment_next = segment->units;
    segment->units = unit;
    segment->nr_units++;
    cache_wrote(segment);
}

/* The record and the code of a unit in the current segment. code_lock. NULL: *result tells why. */
static Unit *emit(TcgAccel *t, TcgSource *s, const IrBlock *block, uint64_t mode, int32_t offset, uint32_t flags, TcgCompiled *result)
{
    *result = TCG_AREA_FULL;
    Segment *segment = cache_segment(t);
    size_t arena_before = segment->arena_used, area_before = segment->area.used;
    unsigned cells_before = segment->cells_used;
    Unit *unit = segment_alloc(segment, sizeof(Unit));
    UnitExit *exits = segment_alloc(segment, sizeof(UnitExit) * MAX(block->nr_exits, 1));
    if (unit && exits) {
        *unit = (Unit){ .base = { .mode = mode, .offset = offset, .exits = exits, .nr_guest_insns = block->nr_guest_insns, .flags = flags }, .cached_pc = NO_PC };
        set_extent(unit, s, block, offset);
        set_pages(unit, s);
        *result = fill_exits(t, segment, unit, block) ? compile(t, block, &segment->area, &unit->base) : TCG_AREA_FULL;
        if (*result == TCG_COMPILED) {
            if (!unit->base.code) {
                segment->area.used += 64 + 64 * block->nr_guest_insns;  /* kept elsewhere: so that old ones go some time */
                segment->area.used = MIN(segment->area.used, segment->area.size);
            }
            if (flags & UNIT_SELF_CHECK) {
                unit->check = g_malloc(unit->last_byte - unit->first_byte + 1);
                unit_read_bytes(unit, unit->check);
            }
            for (unsigned i = 0; i < block->nr_calls; i++) {
                g_hash_table_add(t->helpers, (void *)block->calls[i].helper);
            }
            add_to_segment(segment, unit);
            return unit;
        }
    }
    segment->arena_used = arena_before;
    segment->area.used = area_before;
    segment->cells_used = cells_before;
    return NULL;
}

/* The same of a unit that was kept on disk. code_lock. */
static Unit *emit_stored(TcgAccel *t, TcgSource *s, const StoreRecord *stored, TcgCompiled *result)
{
    Segment *segment = cache_segment(t);
    size_t arena_before = segment->arena_used, area_before = segment->area.used;
    unsigned cells_before = segment->cells_used;
    Unit *unit = store_place(t, stored, segment, result);
    if (unit) {
        set_pages(unit, s);
        add_to_segment(segment, unit);
        return unit;
    }
    segment->arena_used = arena_before;
    segment->area.used = area_before;
    segment->cells_used = cells_before;
    return NULL;
}

/* code_lock. */
static void finish(TcgVcpu *v, TcgSource *s, Unit *unit, const IrBlock *block, uint64_t linear)
{
    TcgAccel *t = tcg_accel;
    t->nr_translated++;
    if (is_kept(s, unit, block)) {
        unit_insert(t, unit);
    }
    if (t->perf_map || t->jit_dump) {
        profile_add(t, &unit->base, linear);
    }
    if (log_on(LOG_OUT_ASM)) {
        log_host_code(&unit->base, linear);
    }
}

static void log_source(TcgVcpu *v, TcgSource *s, const Unit *unit, uint64_t linear)
{
    unsigned size = MIN(unit->last_byte - unit->first_byte + 1, PAGE_BYTES);
    g_autofree uint8_t *bytes = g_malloc0(size);
    if (tcg_fetch(s, unit->first_byte, bytes, size)) {
        log_guest_code(v, linear, bytes, size);
    }
}

/* How many instructions of the block end before the first granule that is hot; all of them: INT_MAX. */
static int insns_before_heat(const TcgSource *s, const IrBlock *block, int32_t offset)
{
    const CodePage *page = s->pages[0].page;
    if (!page || !page->hits) {
        return INT_MAX;
    }
    for (unsigned i = 0; i < block->nr_guest_insns; i++) {
        int32_t end = i + 1 < block->nr_guest_insns ? block->guest_insns[i + 1].offset : MAX(s->end, block->guest_insns[i].offset + 1);
        if (unit_is_hot(page, block->guest_insns[i].offset, end - 1)) {
            return (int)i;
        }
    }
    return INT_MAX;
}

/* The block from the offset on; *flags: where its first instruction lies where code is written again and again, alone, to be checked before each run. */
static const IrBlock *build_for_heat(TcgVcpu *v, TcgSource *s, int32_t offset, int max_insns, uint32_t *flags)
{
    const IrBlock *block = build(v, s, offset, max_insns);
    int limit = insns_before_heat(s, block, offset);
    if (limit == INT_MAX || (*flags & UNIT_SINGLE)) {
        return block;
    }
    *flags |= limit == 0 && s->pages[0].ram_addr != NO_RAM ? UNIT_SELF_CHECK : 0;
    return build(v, s, offset, MAX(limit, 1));
}

/*
 * The unit for a block, or room made for the next attempt. A block that does not fit, not even into a segment that is empty, is made anew with fewer instructions; one
 * instruction that does not fit is interpreted. code_lock, perhaps given up meanwhile.
 */
static Unit *emit_or_shrink(TcgVcpu *v, TcgSource *s, const IrBlock *block, int32_t offset, uint32_t flags, bool *again, bool *too_large)
{
    TcgAccel *t = tcg_accel;
    TcgCompiled result;
    Unit *unit = emit(t, s, block, v->mode, offset, flags, &result);
    if (!unit && (result == TCG_DOES_NOT_FIT || !cache_segment(t)->units)) {
        if (block->nr_guest_insns > 1) {
            *again = *too_large = true;
            return NULL;
        }
        unit = emit(t, s, block, v->mode, offset, flags | UNIT_INTERP, &result);
        t->nr_interpreted += unit != NULL;
    }
    if (!unit) {
        *again = cache_advance(t, v);
        s->interrupted |= !*again;
    }
    return unit;
}

/* ---- units kept on disk ---- */

/* Blocks as they usually are, whose making nobody wants to see. */
static bool store_is_asked(const TcgSource *s, uint32_t flags, int max_insns)
{
    return tcg_accel->store && !(flags & UNIT_SINGLE) && max_insns == MAX_INSNS && s->pages[0].page && !s->pages[0].page->hits
        && !log_on(LOG_OP | LOG_OP_OPT | LOG_NOCHAIN);
}

/* The bytes that a unit was made from, if it is to be kept. */
static uint8_t *bytes_to_store(TcgSource *s, const Unit *unit, const IrBlock *block, int max_insns)
{
    if (!store_is_asked(s, unit->base.flags, max_insns) || unit->base.flags || !is_kept(s, unit, block)) {
        return NULL;
    }
    uint8_t *bytes = g_malloc(unit->last_byte - unit->first_byte + 1);
    unit_read_bytes(unit, bytes);
    return bytes;
}

/* ---- making ---- */

/* One attempt. *again: the bytes changed, or there was no room. */
static Unit *try_translate(TcgVcpu *v, TcgSource *s, uint64_t linear, uint32_t flags, int *max_insns, bool *again)
{
    TcgAccel *t = tcg_accel;
    int32_t offset = linear & PAGE_MASK_LOW;
    Unit *unit = NULL;
    bool opened = open_page(s, 0, linear & PAGE_MASK_LOW, false), too_large = false;
    TcgCompiled result = TCG_DOES_NOT_FIT;
    const StoreRecord *stored = opened && store_is_asked(s, flags, *max_insns) ? store_find(v, s, offset) : NULL;
    if (stored && !s->interrupted) {
        lock_code(t);
        unit = emit_stored(t, s, stored, &result);
        g_mutex_unlock(&t->code_lock);
    }
    const IrBlock *block = opened && !unit ? build_for_heat(v, s, offset, *max_insns, &flags) : NULL;
    lock_code(t);
    if (block && !s->interrupted) {
        unit = emit_or_shrink(v, s, block, offset, flags, again, &too_large);
        if (too_large) {
            *max_insns = MAX(MIN(*max_insns, (int)block->nr_guest_insns) / 4, 1);
        }
    }
    g_autofree uint8_t *to_store = block && unit ? bytes_to_store(s, unit, block, *max_insns) : NULL;
    bool unchanged = close_pages(s);
    if (unit && !unchanged) {
        *again = true;      /* stays in its segment, in nobody's sight */
        unit = NULL;
    }
    if (unit && to_store) {
        store_add(v, unit, to_store);
    }
    if (unit) {
        finish(v, s, unit, block, linear);
    }
    g_mutex_unlock(&t->code_lock);
    if (unit && log_on(LOG_IN_ASM)) {
        log_source(v, s, unit, linear);
    }
    return unit;
}

TcgUnit *unit_translate(TcgVcpu *v, uint64_t pc, uint64_t linear, uint64_t ram_addr, uint32_t flags)
{
    int max_insns = flags & UNIT_SINGLE || tcg_accel->one_insn ? 1 : MAX_INSNS;
    for (int i = 0; i < MAX_TRIES; i++) {
        TcgSource source = { .v = v, .linear = linear & ~PAGE_MASK_LOW, .pages[0].ram_addr = NO_RAM, .pages[1].ram_addr = NO_RAM };
        bool again = false;
        Unit *unit = try_translate(v, &source, linear, flags, &max_insns, &again);
        if (unit) {
            return &unit->base;
        }
        if (!again) {
            return NULL;
        }
    }
    /* Its bytes change all the time: what was read last is as good as any other moment. */
    v->event = true;
    return NULL;
}
