/*
 * Where control goes next: fetch epochs, the jump cache, the cells of jumps between pages.
 *
 * An epoch stands for (mode key, distance of linear address and pc, address space, the executable mappings in it that were used). It is drawn anew when one of those
 * mappings goes. A context that has only fetched from global pages belongs to no space: a new root leaves it alone, so that a kernel's code stays known.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "util/log.h"

#include <string.h>
#include <sys/mman.h>

enum { NR_CELLS = TCG_FIRST_CELL + SEGMENTS * SEGMENT_CELLS };
/* What of it is never used is never there. */
#define ROOM_BYTES (sizeof(JumpCell) * (JUMP_CACHE_ENTRIES + NR_CELLS) + sizeof(TcgUnit *) * JUMP_CACHE_ENTRIES + sizeof(uint64_t) * FETCHED_PAGES)

void fetch_init(TcgVcpu *v)
{
    uint8_t *room = mmap(NULL, ROOM_BYTES, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    g_assert(room != MAP_FAILED);
    v->hot->jump_cache = (JumpCell *)room;
    v->hot->cells = v->hot->jump_cache + JUMP_CACHE_ENTRIES;
    v->cached_units = (TcgUnit **)(v->hot->cells + NR_CELLS);
    v->fetched = (uint64_t *)(v->cached_units + JUMP_CACHE_ENTRIES);
    v->fetched_turn = 1;
    v->epoch_state = (uint64_t)g_random_int() << 32 | g_random_int();
    fetch_stop(v);
}

void fetch_free(TcgVcpu *v)
{
    munmap(v->hot->jump_cache, ROOM_BYTES);
}

/* ---- epochs ---- */

/* SplitMix64 from a random start: neither 0 nor like anything that the guest could know. */
static uint64_t draw_epoch(TcgVcpu *v)
{
    uint64_t z = v->epoch_state += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    z ^= z >> 31;
    return z ? z : 1;
}

void fetch_stop(TcgVcpu *v)
{
    v->hot->fetch_epoch = draw_epoch(v);
}

/* ---- contexts ---- */

static unsigned page_bit(uint64_t vaddr)
{
    return ((vaddr >> 12) * UINT64_C(0x9e3779b97f4a7c15)) >> 52;
}

static bool context_has_page(const FetchContext *c, uint64_t vaddr)
{
    unsigned bit = page_bit(vaddr);
    return c->pages[bit / 64] >> (bit % 64) & 1;
}

static bool is_stale(const TcgVcpu *v, const FetchContext *c)
{
    bool current = c->only_global && c->key == v->global_key;
    for (unsigned i = 0; i < TLB_SPACES && !current; i++) {
        current = !c->only_global && v->spaces[i].key == c->key;
    }
    return !c->epoch || !current;
}

static bool is_context(const TcgVcpu *v, const FetchContext *c, uint64_t mode, uint64_t delta)
{
    return c && c->mode == mode && c->delta == delta && c->epoch && c->key == (c->only_global ? v->global_key : v->space->key);
}

static FetchContext *find_context(TcgVcpu *v, uint64_t mode, uint64_t delta)
{
    uint64_t hash = (mode ^ delta * 31) * UINT64_C(0x9e3779b97f4a7c15);
    FetchContext *ways = v->contexts[hash >> 60];
    for (unsigned i = 0; i < FETCH_WAYS; i++) {
        if (is_context(v, &ways[i], mode, delta)) {
            return &ways[i];
        }
    }
    FetchContext *c = &ways[v->context_turn++ % FETCH_WAYS];
    for (unsigned i = 0; i < FETCH_WAYS; i++) {
        c = is_stale(v, &ways[i]) ? &ways[i] : c;
    }
    v->contexts_made++;
    *c = (FetchContext){ .epoch = draw_epoch(v), .mode = mode, .delta = delta, .key = v->global_key, .only_global = true,
                         .priv = v->target->priv(v->cpu) };
    return c;
}

void fetch_select(TcgVcpu *v)
{
    Cpu *cpu = v->cpu;
    uint64_t pc = *(uint64_t *)((char *)cpu + v->target->slots[v->target->slot_pc].offset);
    v->mode = v->target->mode(cpu);
    v->delta = v->target->linear_pc(cpu) - pc;
    if (!is_context(v, v->context, v->mode, v->delta)) {
        /* Mostly to and fro: a system call and its end. */
        FetchContext *back = v->previous;
        v->previous = v->context;
        v->context = is_context(v, back, v->mode, v->delta) ? back : find_context(v, v->mode, v->delta);
    }
    v->fetch_priv = v->context->priv;
    v->hot->fetch_epoch = v->context->epoch;
}

static void context_kill(TcgVcpu *v, FetchContext *c)
{
    c->epoch = 0;
    if (c == v->context) {
        fetch_stop(v);
    }
}

/* ---- which pages were fetched at all ---- */

#define FETCHED_PROBES 8

static bool fetched_find(const TcgVcpu *v, uint64_t vaddr, uint64_t **free_place)
{
    uint64_t wanted = (vaddr & ~PAGE_MASK_LOW) | v->fetched_turn;
    unsigned at = page_bit(vaddr);
    for (unsigned i = 0; i < FETCHED_PROBES; i++) {
        uint64_t *place = &v->fetched[(at + i) % FETCHED_PAGES];
        if (*place == wanted) {
            return true;
        }
        if ((*place & PAGE_MASK_LOW) != v->fetched_turn) {
            *free_place = place;
            return false;
        }
    }
    *free_place = NULL;
    return false;
}

static void fetched_add(TcgVcpu *v, uint64_t vaddr)
{
    uint64_t *place;
    if (!fetched_find(v, vaddr, &place)) {
        if (place) {
            *place = (vaddr & ~PAGE_MASK_LOW) | v->fetched_turn;
        } else {
            v->fetched_overflow = true;
        }
    }
}

static void fetched_clear(TcgVcpu *v)
{
    v->fetched_overflow = false;
    if (++v->fetched_turn > PAGE_MASK_LOW) {
        memset(v->fetched, 0, sizeof(uint64_t) * FETCHED_PAGES);
        v->fetched_turn = 1;
    }
}

void fetch_forget_page(TcgVcpu *v, uint64_t vaddr)
{
    uint64_t *place;
    if (!v->fetched_overflow && !fetched_find(v, vaddr, &place)) {
        return;
    }
    FetchContext *all = &v->contexts[0][0];
    for (unsigned i = 0; i < FETCH_SETS * FETCH_WAYS; i++) {
        if (all[i].epoch && context_has_page(&all[i], vaddr)) {
            context_kill(v, &all[i]);
        }
    }
}

void fetch_forget_everything(TcgVcpu *v)
{
    FetchContext *all = &v->contexts[0][0];
    for (unsigned i = 0; i < FETCH_SETS * FETCH_WAYS; i++) {
        all[i].epoch = 0;
    }
    fetched_clear(v);
    fetch_stop(v);
}

/* ---- pages ---- */

bool fetch_page(TcgVcpu *v, uint64_t linear, bool probe, uint64_t *ram_addr)
{
    const TlbPage *info = tlb_lookup(v, linear, TCG_ACCESS_FETCH, v->fetch_priv, probe);
    if (!info) {
        return false;
    }
    *ram_addr = info->ram_addr;
    FetchContext *c = v->context;
    unsigned bit = page_bit(linear);
    c->pages[bit / 64] |= BIT(bit % 64);
    fetched_add(v, linear);
    if (c->only_global && !(info->flags & INFO_GLOBAL)) {
        c->only_global = false;
        c->key = v->space->key;
    }
    return true;
}

TcgUnit *fetch_find(TcgVcpu *v, uint64_t pc, uint64_t linear, uint64_t ram_addr, uint32_t flags)
{
    TcgUnit *unit = unit_find(tcg_accel, ram_addr, linear & PAGE_MASK_LOW, v->mode, flags);
    for (; unit && unit->ram_addr2 != NO_RAM; unit = unit_find(tcg_accel, ram_addr, linear & PAGE_MASK_LOW, v->mode, flags)) {
        uint64_t second;
        if (fetch_page(v, (linear | PAGE_MASK_LOW) + 1, true, &second) && second == unit->ram_addr2) {
            break;
        }
        /* The page behind is another one by now: it takes this one's place. */
        g_mutex_lock(&tcg_accel->code_lock);
        if (unit->valid) {
            unit_remove(tcg_accel, unit);
        }
        g_mutex_unlock(&tcg_accel->code_lock);
    }
    return unit;
}

/* ---- jump cache ---- */

void fetch_remember(TcgVcpu *v, uint64_t pc, TcgUnit *base)
{
    Unit *unit = unit_of(base);
    unsigned i = jump_cache_hash(pc);
    JumpCell *cell = &v->hot->jump_cache[i];
    uint64_t known = NO_PC;
    if (!atomic_compare_exchange_strong(&unit->cached_pc, &known, pc) && known != pc) {
        unit->cached_odd |= ((known ^ pc) & PAGE_MASK_LOW) != 0;
        unit->cached_many = true;
    }
    atomic_store_explicit(&cell->tag, 0, memory_order_relaxed);
    __atomic_store_n(&cell->code, v->backend->entry(base), __ATOMIC_RELAXED);
    v->cached_units[i] = base;
    atomic_store_explicit(&cell->tag, jump_tag(pc, v->hot->fetch_epoch), memory_order_relaxed);
    /* Whoever takes it away marks it first and then looks here. */
    atomic_thread_fence(memory_order_seq_cst);
    if (!__atomic_load_n(&base->valid, __ATOMIC_RELAXED)) {
        atomic_store_explicit(&cell->tag, 0, memory_order_relaxed);
    }
}

static void drop_from_vcpu(TcgVcpu *v, Unit *unit, const void *code)
{
    JumpCell *cache = v->hot->jump_cache;
    if (unit->cached_pc == NO_PC) {
        return;
    }
    unsigned step = unit->cached_odd ? 1 : unit->cached_many ? PAGE_BYTES : JUMP_CACHE_ENTRIES;
    for (unsigned i = jump_cache_hash(unit->cached_pc) % step; i < JUMP_CACHE_ENTRIES; i += step) {
        if (__atomic_load_n(&cache[i].code, __ATOMIC_RELAXED) == code) {
            atomic_store_explicit(&cache[i].tag, 0, memory_order_relaxed);
        }
    }
}

void fetch_drop_unit(TcgUnit *base)
{
    const void *code = tcg_accel->backend->entry(base);
    atomic_thread_fence(memory_order_seq_cst);
    for (unsigned i = 0; i < tcg_accel->vcpus->len; i++) {
        drop_from_vcpu(tcg_accel->vcpus->pdata[i], unit_of(base), code);
    }
}

/* ---- cells ---- */

void fetch_fill_cell(TcgVcpu *v, const UnitExit *exit, TcgUnit *target, uint64_t source_pc_base)
{
    JumpCell *cell = &v->hot->cells[exit->cell];
    /* To pages further on nobody jumps for ever: there the kick flag needs no look. */
    __atomic_store_n(&cell->code, v->backend->entry_direct(target, exit->target < 0), __ATOMIC_RELAXED);
    atomic_store_explicit(&cell->tag, jump_tag(source_pc_base, v->hot->fetch_epoch), memory_order_relaxed);
}

void fetch_clear_cells(const UnitExit *exit)
{
    for (unsigned i = 0; i < tcg_accel->vcpus->len; i++) {
        TcgVcpu *v = tcg_accel->vcpus->pdata[i];
        atomic_store_explicit(&v->hot->cells[exit->cell].tag, 0, memory_order_relaxed);
    }
}

TcgUnit *fetch_cached(TcgVcpu *v, uint64_t pc)
{
    unsigned i = jump_cache_hash(pc);
    if (v->hot->jump_cache[i].tag != jump_tag(pc, v->hot->fetch_epoch)) {
        return NULL;
    }
    TcgUnit *unit = v->cached_units[i];
    v->hot->pc_base = pc - unit->offset;
    return unit;
}

/* ---- look-ups by translated code ---- */

/* The unit at pc, in the selected context. NULL: it has to be made, or the fetch faults, or it must not be entered this way. */
static const void *find_code(TcgVcpu *v, uint64_t pc)
{
    uint64_t linear = pc + v->delta, ram_addr;
    if (debug_page_has_breakpoint(v, linear) || !fetch_page(v, linear, true, &ram_addr) || ram_addr == NO_RAM) {
        return NULL;
    }
    TcgUnit *unit = fetch_find(v, pc, linear, ram_addr, 0);
    if (!unit || (unit->flags & (UNIT_SELF_CHECK | UNIT_INTERP))) {
        return NULL;
    }
    v->hot->pc_base = pc - (linear & PAGE_MASK_LOW);
    fetch_remember(v, pc, unit);
    return v->backend->entry_direct(unit, true);
}

/* The loop has to see each unit, or what comes next. */
static bool is_watched(const TcgVcpu *v)
{
    return v->single || log_on(LOG_NOCHAIN | LOG_EXEC | LOG_CPU);
}

const void *tcg_lookup_code(Cpu *cpu, uint64_t pc)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    v->lookups++;
    if (is_watched(v) || v->target->linear_pc(cpu) - pc != v->delta || v->hot->fetch_epoch != v->context->epoch) {
        return NULL;
    }
    return find_code(v, pc);
}

/* Something is to be done before more code is run. */
static bool is_wanted(TcgVcpu *v)
{
    Cpu *cpu = v->cpu;
    uint32_t request = atomic_load_explicit(&cpu->interrupt_request, memory_order_relaxed);
    if (request && ((request & ~CPU_INTERRUPT_HARD) || !cpu->arch->has_work || cpu->arch->has_work(cpu))) {
        return true;
    }
    return v->exclusive || atomic_load_explicit(&cpu->exit_request, memory_order_relaxed) || atomic_load_explicit(&cpu->halted, memory_order_relaxed);
}

const void *tcg_next_code(Cpu *cpu, TcgLeaveKind kind)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    v->nexts++;
    if (is_watched(v) || v->event || v->want_single || v->watch_hit || atomic_load_explicit(&v->hot->kick, memory_order_relaxed)
        || (cpu->singlestep & SSTEP_ENABLE)) {
        return NULL;
    }
    if (kind == TCG_LEAVE_EVENT) {
        if (v->target->exception_pending(cpu)) {
            return NULL;
        }
        if (v->target->after_block) {
            v->target->after_block(cpu);
        }
        if (is_wanted(v)) {
            return NULL;
        }
    }
    fetch_select(v);
    uint64_t pc = *(const uint64_t *)((const char *)cpu + v->target->slots[v->target->slot_pc].offset);
    TcgUnit *unit = fetch_cached(v, pc);
    return unit ? v->backend->entry_direct(unit, false) : find_code(v, pc);
}
