/*
 * The engine's executor: units are made by the real builder and back ends and run one at a time, against a TLB that is filled as the accesses come.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "case.h"
#include "engine.h"
#include "target/i386/internal.h"
#include "target/i386/tcg/translate.h"
#include "tcg/backend.h"
#include <string.h>
#include <sys/mman.h>
#ifdef __x86_64__
#include <xmmintrin.h>
#endif

enum { AREA_BYTES = 16 << 20, MAX_EXITS = 512 };

static const TcgBackend *engines[2], *engine;
static CodeArea areas[2];
static size_t area_starts[2];           /* behind the trampolines */
static unsigned nr_engines, engine_number;
static IrBuilder *builder;
static TlbSet tlb;
static TlbRecord second;           /* of no page */
static JumpCell jump_cache[JUMP_CACHE_ENTRIES];
static UnitExit unit_exits[MAX_EXITS];

/* ---- what units call ---- */

void tcg_leave(Cpu *cpu)
{
    engine->leave(cpu, TCG_LEAVE_EXCEPTION);
}

static void fill_tlb(uint64_t vaddr)
{
    uint64_t page = vaddr & ~UINT64_C(0xfff);
    unsigned rights = engine_page_rights(vaddr);
    tlb.entries[(vaddr >> 12) % TLB_ENTRIES] = (TlbEntry){ .read = rights & 1 << TCG_ACCESS_LOAD ? page : TLB_INVALID,
                                                           .write = rights & 1 << TCG_ACCESS_STORE ? page : TLB_INVALID };
}

/* Alignment, then rights. */
static bool check(Cpu *cpu, uint64_t vaddr, const IrMem *mem, TcgAccess access)
{
    if ((vaddr & MAKE_MASK(0, mem->align_log2)) && x86_tcg_target.unaligned(cpu, vaddr, access, mem->priv)) {
        return false;
    }
    bool allowed = engine_check(cpu, vaddr, 1u << mem->size_log2, access);
    if (!allowed) {
        x86_tcg_target.access_failed(cpu, mem);
    }
    return allowed;
}

bool tcg_slow_access(Cpu *cpu, uint64_t vaddr, const IrMem *mem, TcgAccess access, void *value)
{
    unsigned size = 1u << mem->size_log2;
    if (!check(cpu, vaddr, mem, mem->will_write ? TCG_ACCESS_STORE : access)) {
        return false;
    }
    fill_tlb(vaddr);
    if (access == TCG_ACCESS_STORE) {
        if (value) {
            memcpy((void *)(uintptr_t)vaddr, value, size);
        }
        return true;
    }
    memcpy(value, (void *)(uintptr_t)vaddr, size);
    if (mem->sign && size < 8) {
        uint64_t x = 0;
        memcpy(&x, value, size);
        x = (int64_t)(x << (64 - 8 * size)) >> (64 - 8 * size);
        memcpy(value, &x, sizeof(x));
    } else if (size < 8) {
        memset((uint8_t *)value + size, 0, 8 - size);
    }
    return true;
}

bool tcg_slow_store_masked(Cpu *cpu, uint64_t vaddr, const IrMem *mem, const void *value, uint32_t mask) { g_assert_not_reached(); }

bool tcg_slow_atomic(Cpu *cpu, uint64_t vaddr, const IrMem *mem, int op, void *value)
{
    uint64_t (*v)[2] = value, old[2] = { 0, 0 }, x = v[1][0];
    unsigned size = 1u << mem->size_log2;
    void *at = (void *)(uintptr_t)vaddr;
    if (!check(cpu, vaddr, mem, TCG_ACCESS_STORE)) {
        return false;
    }
    fill_tlb(vaddr);
    memcpy(old, at, size);
    if (op < 0) {
        if (!memcmp(old, v[1], size)) {
            memcpy(at, v[2], size);
        }
    } else {
        const uint64_t results[] = { [IR_ATOMIC_XCHG] = x, [IR_ATOMIC_ADD] = old[0] + x, [IR_ATOMIC_AND] = old[0] & x, [IR_ATOMIC_OR] = old[0] | x,
                                     [IR_ATOMIC_XOR] = old[0] ^ x, [IR_ATOMIC_SUB] = old[0] - x };
        g_assert(op < (int)G_N_ELEMENTS(results));
        memcpy(at, &results[op], size);
    }
    memcpy(v[0], old, sizeof(old));
    return true;
}

const void *tcg_lookup_code(Cpu *cpu, uint64_t pc)
{
    return NULL;
}

const void *tcg_next_code(Cpu *cpu, TcgLeaveKind kind)
{
    return NULL;
}

/* ---- the engine's part ---- */

static void add_engine(const TcgBackend *backend)
{
    uint8_t *area = mmap(NULL, AREA_BYTES, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    g_autoptr(GError) err = NULL;
    g_assert(area != MAP_FAILED);
    areas[nr_engines] = (CodeArea){ .write = area, .execute = area, .size = AREA_BYTES };
    if (!backend->init(&areas[nr_engines], &x86_tcg_target, &err)) {
        g_error("%s: %s", backend->name, err->message);
    }
    area_starts[nr_engines] = areas[nr_engines].used;
    engines[nr_engines++] = backend;
}

void engine_backend_init(void)
{
    builder = ir_builder_new(&x86_tcg_target);
    add_engine(&tcg_backend_interp);
    add_engine(&tcg_backend_x86_64);
    engine = engines[0];
}

unsigned translated_engines(void)
{
    return nr_engines;
}

const char *translated_engine_name(unsigned n)
{
    return engines[n]->name;
}

void engine_choose(unsigned n)
{
    engine_number = n;
    engine = engines[n];
}

static const IrBlock *translate(int max_insns)
{
    Cpu *cpu = &engine_cpu->parent;
    uint64_t pc = x86_tcg_target.linear_pc(cpu);
    TcgTranslate t = { .builder = builder, .mode = x86_mode_key(cpu), .offset = pc & 4095, .max_insns = max_insns, .cpu = cpu };
    x86_translate(&t);
    const IrBlock *block = ir_finish(builder);
    g_autofree char *fault = ir_verify(block);
    if (fault) {
        g_autoptr(GString) text = g_string_new(NULL);
        ir_print(block, text);
        g_error("%s\n%s", text->str, fault);
    }
    return block;
}

static void set_up(void)
{
    TcgHot *hot = tcg_hot(&engine_cpu->parent);
    memset(tlb.entries, 0xff, sizeof(tlb.entries));
    tlb.tag = tlb.global_tag = TLB_NO_TAG;
    hot->second = &second;
    hot->write_turn = 1;
    for (unsigned i = 0; i < TCG_MAX_PRIVS; i++) {
        hot->tlb[i] = &tlb;
    }
    hot->jump_cache = jump_cache;
    hot->fetch_epoch = UINT64_C(0x5bd1e995f3a2c847);
    hot->pc_base = engine_cpu->pc - (x86_tcg_target.linear_pc(&engine_cpu->parent) & 4095);
}

/* The exit that wants a link, or NULL. */
static UnitExit *run(TcgUnit *unit)
{
    Cpu *cpu = &engine_cpu->parent;
    UnitExit *exit = NULL;
#ifdef __x86_64__
    unsigned host_mode = _mm_getcsr();
    _mm_setcsr(x86_tcg_target.host_fp_mode(cpu));
    x86_tcg_target.enter(cpu);
#endif
    TcgLeaveKind kind = engine->run(cpu, unit, &exit);
#ifdef __x86_64__
    x86_tcg_target.store_fp_mode(cpu, _mm_getcsr());
    _mm_setcsr(host_mode);
#endif
    g_assert(kind != TCG_LEAVE_GOTO || exit);
    return kind == TCG_LEAVE_GOTO ? exit : NULL;
}

/* What is too much for a back end is made shorter, as the executor does. */
static void compile(TcgUnit *unit, UnitExit *exits, int max_insns)
{
    TcgCompiled result;
    do {
        const IrBlock *block = translate(max_insns);
        *unit = (TcgUnit){ .mode = x86_mode_key(&engine_cpu->parent), .offset = x86_tcg_target.linear_pc(&engine_cpu->parent) & 4095, .exits = exits,
                           .nr_exits = block->nr_exits, .valid = true };
        g_assert(block->nr_exits <= MAX_EXITS);
        for (unsigned i = 0; i < block->nr_exits; i++) {
            const IrExit *e = &block->exits[i];
            exits[i] = (UnitExit){ .unit = unit, .number = i, .kind = e->kind, .same_page = e->same_page, .target = e->target };
        }
        result = engine->compile(block, &areas[engine_number], unit);
        max_insns = MIN(max_insns, 64) / 2;
    } while (result == TCG_DOES_NOT_FIT && max_insns > 0);
    if (result != TCG_COMPILED) {
        g_error("the block was not compiled");
    }
}

void engine_run_block(int max_insns)
{
    if (!engine_check(&engine_cpu->parent, x86_tcg_target.linear_pc(&engine_cpu->parent), 1, TCG_ACCESS_FETCH)) {
        return;
    }
    set_up();
    TcgUnit unit;
    areas[engine_number].used = area_starts[engine_number];
    compile(&unit, unit_exits, max_insns);
    run(&unit);
    engine->release(&unit);
}

/* ---- kept blocks ---- */

enum { MAX_KEPT = 256 };
typedef struct Kept { uint64_t pc; int max_insns; TcgUnit unit; UnitExit exits[MAX_EXITS]; } Kept;
static Kept *kept[MAX_KEPT];
static unsigned nr_kept;
static UnitExit *wants_link;

static void forget(void)
{
    while (nr_kept) {
        engine->release(&kept[--nr_kept]->unit);
    }
    areas[engine_number].used = area_starts[engine_number];
    wants_link = NULL;
}

static Kept *find_kept(uint64_t pc, uint64_t mode, int max_insns)
{
    for (unsigned i = 0; i < nr_kept; i++) {
        if (kept[i]->pc == pc && kept[i]->unit.mode == mode && kept[i]->max_insns == max_insns) {
            return kept[i];
        }
    }
    if (nr_kept == MAX_KEPT) {
        forget();
    }
    Kept *k = kept[nr_kept] ? kept[nr_kept] : (kept[nr_kept] = g_new0(Kept, 1));
    nr_kept++;
    k->pc = pc;
    k->max_insns = max_insns;
    compile(&k->unit, k->exits, max_insns);
    return k;
}

static void run_kept(int max_insns)
{
    uint64_t pc = x86_tcg_target.linear_pc(&engine_cpu->parent);
    if (!engine_check(&engine_cpu->parent, pc, 1, TCG_ACCESS_FETCH)) {
        return;
    }
    Kept *k = find_kept(pc, x86_mode_key(&engine_cpu->parent), max_insns);
    if (wants_link && wants_link->same_page && wants_link->unit->mode == k->unit.mode) {
        engine->link(wants_link, &k->unit);
        wants_link->linked = &k->unit;
    }
    wants_link = run(&k->unit);
    if (max_insns == 1) {
        wants_link = NULL;
    }
}

void engine_run_linked(bool first)
{
    if (first) {
        forget();
    }
    set_up();
    run_kept(512);
}

void engine_keep_begin(void)
{
    forget();
    set_up();
}

void engine_keep_run(int max_insns)
{
    wants_link = NULL;
    for (int i = 0; i < 2000 && engine_cpu->exception < 0; i++) {
        run_kept(max_insns);
    }
}

char *engine_ir(void)
{
    g_autoptr(GString) text = g_string_new(NULL);
    ir_print(translate(512), text);
    return g_strdup(text->str);
}
