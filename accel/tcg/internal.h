/*
 * What the files of accel/tcg share: the state of the accelerator, of a vCPU, of translated units and of the pages that they lie on.
 *
 * Locks, in this order: machine lock, code_lock. Nobody takes the machine lock while holding code_lock. What a vCPU keeps for itself (TLB, jump cache) is
 * touched by its own thread only, or while it stands outside guest code; others ask for changes by TcgVcpu.pending.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_INTERNAL_H
#define ACCEL_TCG_INTERNAL_H

#include "accel/accel.h"
#include "softmmu/ram.h"
#include "tcg/backend.h"
#include "util/bits.h"

#include <setjmp.h>
#include <stdio.h>

#define PAGE_BYTES 4096u
#define PAGE_MASK_LOW UINT64_C(0xfff)
#define NO_RAM UINT64_MAX
#define NO_PC UINT64_MAX

typedef struct TcgVcpu TcgVcpu;
typedef struct Store Store;

/* ---- the TLB ---- */

/* What a page may be used for, and what is known of it. */
enum {
    INFO_READ = 1 << 0, INFO_WRITE = 1 << 1, INFO_EXEC = 1 << 2,    /* what the privilege may do */
    INFO_GLOBAL = 1 << 3,
    INFO_WATCH = 1 << 4,        /* a watchpoint lies on the page */
    INFO_READONLY = 1 << 5,     /* RAM or ROM that is never written by pointer */
};

/* What is known of a page, beside its record in the second level (TlbRecord), which says again how translated code may use it. Every entry of a first level is in one. */
typedef struct TlbPage {
    uint64_t read, write;       /* the fast path may: page + tag; else TLB_INVALID */
    uint64_t addend, write_turn;
    uint64_t key;               /* page + tag, of the set or of global pages; 0: none */
    uint64_t ram_addr;          /* of the page, or NO_RAM: reached by dispatch only */
    uint64_t frame : 44;        /* physical address / 4096 */
    uint64_t flags : 8;         /* INFO_* */
    uint64_t space : 4, priv : 4;       /* whose set */
    MemAttrs attrs;
} TlbPage;
_Static_assert(sizeof(TlbPage) == 64, "a line of the host's cache");
static inline uint64_t tlb_paddr(const TlbPage *p, uint64_t vaddr) { return (uint64_t)p->frame << 12 | (vaddr & PAGE_MASK_LOW); }

/* How many: more when many are dropped that could still be used. */
#define SECOND_MIN 4096
#define SECOND_MAX 65536

#define TLB_SPACES 8
/* An address space seen lately. key: unique for ever; drawn anew when all that is not global goes. */
typedef struct TlbSpace { uint64_t id, key, last_use; TlbSet *sets[TCG_MAX_PRIVS]; } TlbSpace;

/* A large mapping that was walked lately: pages within it need no walk. */
#define LARGE_ENTRIES 128
typedef struct LargeEntry { uint64_t base, key, paddr; uint8_t bits, flags; MemAttrs attrs; } LargeEntry;
#define LARGE_FILTER_BITS 65536

/* ---- where control goes ---- */

/* What fetch_epoch stands for. */
#define FETCH_SETS 16
#define FETCH_WAYS 4
#define FETCH_FILTER_BITS 4096
#define FETCHED_PAGES 4096            /* room for the pages fetched since the last full flush */
typedef struct FetchContext {
    uint64_t epoch;             /* 0: dead */
    uint64_t mode, delta;       /* delta: linear address - pc */
    uint64_t key;               /* of the space; while only_global: of the global mappings */
    bool only_global;           /* nothing but global pages was fetched under it */
    unsigned priv;              /* of fetches, as the mode has it */
    uint64_t pages[FETCH_FILTER_BITS / 64];     /* hashed: the pages fetched under it */
} FetchContext;

/* ---- units ---- */

typedef struct Unit {
    TcgUnit base;
    struct Unit *segment_next;
    TcgUnit *page_previous[2];  /* as page_next */
    _Atomic uint64_t cached_pc; /* the pc under which jump caches may hold it; NO_PC: none yet */
    _Atomic bool cached_many;   /* other pcs, too, which differ in the number of the page */
    _Atomic bool cached_odd;    /* in the offset within it, too */
    uint32_t first_byte, last_byte;     /* of its code, from the start of the first page; last_byte may lie on the second */
    uint8_t *check;             /* UNIT_SELF_CHECK: the bytes it was made from */
    uint32_t matches;           /* how often in a row they were still there */
} Unit;
static inline const TcgBackend *unit_backend(const TcgBackend *usual, const TcgUnit *u) { return u->flags & UNIT_INTERP ? &tcg_backend_interp : usual; }
static inline Unit *unit_of(TcgUnit *u) { return (Unit *)u; }

/*
 * Code in a granule that is written to again and again is run an instruction at a time by units that are compared with memory before each run, so that writes need not
 * take them away. When the bytes have stayed the same for long it is translated like any other again.
 */
#define GRANULE_HOT 16
#define GRANULE_CALM 4096

/* A page of RAM with translated code. Never freed. */
typedef struct CodePage {
    uint64_t ram_addr;
    _Atomic uint64_t granules;  /* a bit for each 64 bytes that units lie on */
    _Atomic uint64_t watched;   /* those that a vCPU waits for a write to (monitor.c) */
    _Atomic uint32_t readers;   /* translations under way */
    uint32_t serial;            /* counts writes to it while there were readers */
    uint32_t hits;              /* writes that met a unit */
    uint8_t heat[64];           /* the same by granule: HOT and more: code there checks itself */
    uint16_t units_on[64];      /* by granule: how many units that do not check themselves lie on it */
    TcgUnit *units;             /* by page_next; and those that check themselves, which writes need not look at */
    TcgUnit *checking;
    bool marked;                /* ram_set_has_code */
    bool unsettled;             /* but nobody has waited until all vCPUs know */
    _Atomic uint32_t calm;      /* writes since one met a unit or a unit was made */
    uint8_t patience;           /* how often it was given up while units lay on it */
} CodePage;

/* So many writes that meet no code, and the page is no longer watched: while no unit lies on it, or even then (shifted by its patience). */
#define PAGE_CALM_EMPTY 256
#define PAGE_CALM 8192
#define PAGE_MAX_PATIENCE 4

/* A sixteenth of the code cache. */
#define SEGMENTS 16
typedef struct Segment {
    CodeArea area;
    size_t write_dropped;       /* so much of the writable mapping was given back */
    size_t populated;                               /* how much of the area has pages */
    uint8_t *arena; size_t arena_used, arena_size;  /* Unit and UnitExit records */
    Unit *units;
    enum { SEGMENT_FREE, SEGMENT_IN_USE, SEGMENT_DRAINING } state;
    unsigned nr_units, cells_used;
} Segment;
/* As many exits to other pages as a segment can have. */
#define SEGMENT_CELLS 65536

typedef struct TcgAccel {
    Accel parent;
    uint32_t tb_size_mib;
    bool split_wx, one_insn;
    bool count_helpers;         /* code counts the calls of helpers, for info jit */
    uint32_t refuse_above;      /* for tests: blocks with more IR instructions count as those that the back end has no room for; 0: none */
    int thread, backend_choice; /* THREAD_*, BACKEND_*: tcg.c */
    char *thread_text;          /* the property's; not used */
    char *cache;                /* the property: off, on or a directory */
    Store *store;               /* units kept from run to run; NULL: not wanted */

    const TcgTarget *target;
    const TcgBackend *backend;
    GMutex code_lock;           /* units, pages, segments, links, the list of vCPUs */
    GPtrArray *vcpus;           /* of TcgVcpu */
    Segment segments[SEGMENTS]; unsigned current;
    CodeArea stubs;
    int code_fd; uint8_t *code_write, *code_execute; size_t code_size;
    _Atomic(TcgUnit *) *hash;
    uint64_t nr_units, nr_translated, nr_interpreted, nr_invalidated, nr_evicted_segments, guest_bytes, max_guest_bytes, host_bytes, nr_cross, nr_links, nr_cross_links, nr_relinked,
             nr_loaded, nr_stored;
    FILE *perf_map, *jit_dump; uint64_t dump_index;
    GHashTable *helpers;        /* of IrHelper: those that units call */
    MemoryListener listener;
} TcgAccel;
extern TcgAccel *tcg_accel;     /* the one in use */

enum { PENDING_FLUSH = 1, PENDING_DOWNGRADE = 2, PENDING_EPOCH = 4, PENDING_TARGET = 8 };

struct TcgVcpu {
    Cpu *cpu;
    TcgHot *hot;
    const TcgTarget *target;
    const TcgBackend *backend, *runs;   /* runs: whose run() is under way */
    IrBuilder *builder;

    /* Asked for by others. */
    _Atomic uint32_t pending;           /* PENDING_* */
    _Atomic bool in_guest;              /* between vcpu_enter and vcpu_leave: may use what it has cached */
    _Atomic uint64_t requested, served; /* numbers of requests */
    GMutex pending_lock;
    uint64_t downgrade_first, downgrade_last;   /* RAM addresses */
    bool downgrade_dirty;

    /* The TLB. */
    TlbSpace spaces[TLB_SPACES], *space;
    uint64_t global_key, clock;
    TlbPage *second; unsigned nr_second, second_dropped;      /* beside hot->second */
    uint16_t last_tag, global_tags[TCG_MAX_PRIVS];
    LargeEntry large[LARGE_ENTRIES]; unsigned large_turn;
    uint64_t large_filter[LARGE_FILTER_BITS / 64]; uint64_t large_sizes;
    TlbPage once;               /* of a translation that is not kept */
    uint64_t write_filter[128];         /* hashed RAM pages that a write entry without tracking may exist for */

    /* Fetching. */
    FetchContext contexts[FETCH_SETS][FETCH_WAYS], *context, *previous; uint8_t context_turn;
    uint64_t mode, delta;               /* of the context in use */
    uint64_t constants;                 /* what the target says of this CPU's model; 0: not asked yet */
    unsigned fetch_priv;
    TcgUnit **cached_units;             /* beside hot->jump_cache */
    uint64_t epoch_state;               /* fetch_draw_epoch */
    uint64_t *fetched;                  /* hash of pages, FETCHED_PAGES; low bits: fetched_turn */
    unsigned fetched_turn; bool fetched_overflow;

    /* Running. */
    sigjmp_buf leave_point;
    uint64_t outside;           /* how often it stood outside: what was in sight before may be gone */
    bool in_code;                       /* the back end runs */
    bool single;                        /* one instruction alone is run: accesses do what they must */
    bool event;                         /* look for requests before going on */
    bool want_single;                   /* a helper left because its instruction has to run alone */
    bool watch_hit, watch_by_gdb; uint64_t watch_addr; BreakpointKind watch_kind;
    bool exclusive;                     /* this one runs alone */
    uint64_t monitored;                 /* the line that MONITOR watches, until it is written to; NO_RAM: none; code_lock */
    bool monitor_holds;                 /* no write since then can have been missed */

    /* Counted. */
    uint64_t lookups, nexts, misses, walks, flushes, partial_flushes, slow_accesses, mmio, singles, nr_runs, code_hits, leaves[6], contexts_made;
};
struct AccelCpu { TcgVcpu vcpu; };
static inline TcgVcpu *tcg_vcpu(Cpu *cpu) { return &cpu->accel->vcpu; }
uint64_t tcg_unique(void);              /* a number never drawn before, not 0 */

/* ---- vcpu.c: standing inside and outside guest code ---- */
void vcpu_enter(TcgVcpu *v);            /* serves what is pending; waits while another runs alone */
void vcpu_leave(TcgVcpu *v);
void vcpu_request(TcgVcpu *v, uint32_t what);           /* any thread */
void vcpu_request_downgrade(TcgVcpu *v, uint64_t first, uint64_t last, bool dirty);
/* Waits until the others have served what was asked of them; false: the caller is wanted elsewhere itself (exit_request). From outside translated code. */
bool vcpu_wait_for_others(TcgVcpu *self);
/* Whether there is nothing to wait for; code_lock. */
bool vcpu_others_have_served(const TcgVcpu *self);
void vcpu_serve(TcgVcpu *v);
void vcpu_kick(Cpu *cpu);
void vcpu_interrupt(Cpu *cpu, uint32_t mask);

/* ---- loop.c ---- */
VcpuExit tcg_vcpu_run(Cpu *cpu);

/* ---- tlb.c ---- */
void tlb_init(TcgVcpu *v);
void tlb_free(TcgVcpu *v);
/* The space as the CPU's state has it now becomes current. */
void tlb_select_space(TcgVcpu *v);
void tlb_flush_everything(TcgVcpu *v);
static inline unsigned tlb_index(uint64_t vaddr) { return vaddr >> 12 & (TLB_ENTRIES - 1); }
/* The page for an access, walked for if need be. A fault: NULL, recorded unless probe. Good until the next look-up. */
TlbPage *tlb_lookup(TcgVcpu *v, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe);
/* What is known of it without a walk, or NULL. */
TlbPage *tlb_peek(TcgVcpu *v, uint64_t vaddr, unsigned priv);
/* Whether the fast path may take such an access. */
static inline bool tlb_is_fast(const TcgVcpu *v, const TlbPage *p, TcgAccess access)
{
    return access == TCG_ACCESS_STORE ? p->write != TLB_INVALID && p->write_turn == v->hot->write_turn : p->read != TLB_INVALID;
}
/* Lets translated code take it from now on, if it may. */
void tlb_install(TcgVcpu *v, const TlbPage *p, uint64_t vaddr, TcgAccess access, unsigned priv);
/* Pages on [first, last] of RAM that are written to without tracking are so no longer. dirty: they have been. */
void tlb_downgrade(TcgVcpu *v, uint64_t first, uint64_t last, bool dirty);
/* Lets the page be written to without tracking if nothing is to be tracked any more. */
void tlb_upgrade(TcgVcpu *v, TlbPage *p);
bool tlb_may_write_fast(TcgVcpu *v, uint64_t ram_page);     /* hint, any thread */

/* ---- fetch.c: epochs, jump cache ---- */
void fetch_init(TcgVcpu *v);
void fetch_free(TcgVcpu *v);
/* Takes mode and address space from the CPU's state and sets hot->fetch_epoch. */
void fetch_select(TcgVcpu *v);
/* Nothing goes on by what is cached until fetch_select. */
void fetch_stop(TcgVcpu *v);
void fetch_forget_page(TcgVcpu *v, uint64_t vaddr);
void fetch_forget_everything(TcgVcpu *v);
/* RAM address of the page of code at linear, NO_RAM when there is none; false: fault (recorded). */
bool fetch_page(TcgVcpu *v, uint64_t linear, bool probe, uint64_t *ram_addr);
/* The unit for the current pc if there is one already. */
TcgUnit *fetch_find(TcgVcpu *v, uint64_t pc, uint64_t linear, uint64_t ram_addr, uint32_t flags);
/* The unit at pc by the jump cache, pc_base set for it; or NULL. */
TcgUnit *fetch_cached(TcgVcpu *v, uint64_t pc);
void fetch_remember(TcgVcpu *v, uint64_t pc, TcgUnit *unit);
void fetch_drop_unit(TcgUnit *unit);    /* out of all jump caches; code_lock */
/* The vCPU's cell for an exit that stands at source_pc_base; out of the cells of all. code_lock. */
void fetch_fill_cell(TcgVcpu *v, const UnitExit *exit, TcgUnit *target, uint64_t source_pc_base);
void fetch_clear_cells(const UnitExit *exit);
static inline uint64_t fetch_linear(const TcgVcpu *v, uint64_t linear) { return v->delta == 0 ? linear : (uint32_t)linear; }

/* ---- monitor.c ---- */
/* Lines (a bit for each 64 bytes of a page) are written to: those who wait for it wake. code_lock. */
void monitor_wake(TcgAccel *t, CodePage *page, uint64_t lines);
void monitor_woken(Cpu *cpu);           /* on the thread of the one that CPU_INTERRUPT_LINE has woken */
void monitor_end(TcgVcpu *v);           /* the vCPU goes */
/* Asks all who write to the page without being noticed to do so no more; code_lock. true: some other was asked. translate.c. */
bool watch_page_ask(TcgVcpu *v, uint64_t ram_page);

/* ---- units.c ---- */
void units_init(TcgAccel *t);
CodePage *page_find(uint64_t ram_addr);             /* any thread; NULL: no code there */
CodePage *page_get(TcgAccel *t, uint64_t ram_addr); /* code_lock */
TcgUnit *unit_find(TcgAccel *t, uint64_t ram_addr, int32_t offset, uint64_t mode, uint32_t flags);
void unit_insert(TcgAccel *t, Unit *unit);          /* code_lock */
bool unit_is_hot(const CodePage *page, unsigned first, unsigned last);
void unit_read_bytes(const Unit *unit, uint8_t *out);
void unit_remove(TcgAccel *t, TcgUnit *unit);       /* code_lock */
void unit_link(TcgVcpu *v, UnitExit *exit, TcgUnit *target, uint64_t source_pc_base, uint64_t target_pc_base);
/* Units that lie on the bytes go; true when there were any. code_lock. */
bool units_drop_range(TcgAccel *t, uint64_t ram_addr, uint64_t size);
/* Whether a unit lies on the bytes; code_lock. */
bool units_touch(uint64_t ram_addr, uint64_t size);
/* A write by the vCPU to a watched page met no code. true: the page is watched no longer, what code there was is gone. */
bool page_calms_down(TcgVcpu *v, CodePage *page);
bool page_hit(const CodePage *page, uint64_t ram_addr, uint64_t size);     /* by granules */
void units_drop_all(TcgAccel *t);                           /* code_lock */
void units_invalidate(uint64_t ram_addr, uint64_t size);    /* takes code_lock */

/* ---- cache.c ---- */
bool cache_init(TcgAccel *t, GError **err);
/* Room for a unit in the current segment. code_lock. */
Segment *cache_segment(TcgAccel *t);
void *segment_alloc(Segment *s, size_t bytes);      /* NULL: full */
/* An exit that can be linked to another page gets its cell; false: none is left in the segment. */
bool segment_give_cell(TcgAccel *t, Segment *s, UnitExit *exit);
void cache_wrote(Segment *s);                       /* a unit was put into it. code_lock */
/* The current segment is full: the next one becomes current, the one behind it is emptied. code_lock, given up meanwhile. false: try later. */
bool cache_advance(TcgAccel *t, TcgVcpu *v);

/* ---- translate.c ---- */
/* Makes the unit for the CPU's pc. NULL: an exception was recorded, or requests have to be looked at first. Code outside RAM is not kept. */
TcgUnit *unit_translate(TcgVcpu *v, uint64_t pc, uint64_t linear, uint64_t ram_addr, uint32_t flags);

/* ---- access.c ---- */
/* Whether the page of code that is run now, or the one behind it, is this page of RAM. */
bool access_hits_own_code(TcgVcpu *v, uint64_t ram_page);

/* ---- debug.c ---- */
bool debug_page_has_breakpoint(const TcgVcpu *v, uint64_t linear);
bool debug_page_has_watchpoint(const TcgVcpu *v, uint64_t vaddr);
const Breakpoint *debug_breakpoint_at(const TcgVcpu *v, uint64_t linear);
/* Notes the watchpoint that an access meets; true when there is one. */
bool debug_watch_access(TcgVcpu *v, uint64_t vaddr, unsigned size, TcgAccess access);
bool debug_breakpoint_insert(Cpu *cpu, const Breakpoint *b, GError **err);
bool debug_breakpoint_remove(Cpu *cpu, const Breakpoint *b, GError **err);
void debug_changed(Cpu *cpu);

/* ---- log.c ---- */
void log_guest_code(TcgVcpu *v, uint64_t linear, const uint8_t *bytes, size_t size);
void log_ir(TcgVcpu *v, const char *title, const IrBlock *block);
void log_host_code(const TcgUnit *unit, uint64_t linear);
void log_exec(TcgVcpu *v, const TcgUnit *unit, uint64_t pc);
void tcg_info(Accel *accel, GString *out);

/* ---- profile.c ---- */
bool profile_open(TcgAccel *t, GError **err);
void profile_add(TcgAccel *t, const TcgUnit *unit, uint64_t linear);    /* code_lock */

#endif
