/*
 * A host back end: compiles a recorded block to something that can be run, and runs it. tcg/x86_64 makes machine code, tcg/interp keeps the IR.
 *
 * The contract of running (unit ABI): entered with pc_base, fetch_epoch, tlb[] and the FP mode set up by the executor; all slots in their homes (or pins loaded by
 * the entry trampoline). A unit goes from unit to unit by itself (chaining, inline caches) and comes back with a TcgLeave.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_BACKEND_H
#define TCG_BACKEND_H

#include "tcg/hot.h"

typedef struct TcgUnit TcgUnit;
typedef struct UnitExit UnitExit;

/* Why translated code came back. The guest state is complete in the CPU struct then, the PC slot included. */
typedef enum TcgLeaveKind {
    TCG_LEAVE_GOTO,         /* an exit that is not linked: `exit` tells which; PC holds the target */
    TCG_LEAVE_LOOKUP,       /* PC and perhaps the mode changed */
    TCG_LEAVE_EVENT,        /* ditto, look for interrupts */
    TCG_LEAVE_KICK,         /* the kick flag was seen */
    TCG_LEAVE_EXCEPTION,    /* an exception is recorded in the CPU */
    TCG_LEAVE_SINGLE,       /* run the instruction at PC alone, then go on (MMIO that must be last, code writes on the own unit ...) */
} TcgLeaveKind;

/* An exit of a unit that can be linked to its target. */
struct UnitExit {
    TcgUnit *unit;              /* whose exit it is */
    uint32_t number;            /* index into the block's exits */
    uint8_t kind;               /* IrExitKind */
    bool same_page;
    int64_t target;             /* offset from the page start */
    TcgUnit *linked;            /* where it goes now, or NULL */
    UnitExit *next_incoming;    /* list of the exits linked to a unit */
    uint32_t patch_offset;      /* back end: of the jump in the code */
    uint32_t stub_offset;       /* back end: of the way out when not linked */
    uint32_t carried;           /* back end: what of the slots is in registers there */
    uint32_t cell;              /* to another page: its number in every vCPU's cells, from TCG_FIRST_CELL; 0: none, it cannot be linked */
};

/* Back end: an entry behind the loads of the first few slots that the unit wants in registers, for jumps forwards and backwards (0: none); offsets from the code. */
enum { TCG_QUICK_SLOTS = 6 };
typedef struct TcgQuickEntry { uint16_t at, pad; uint8_t slot; } TcgQuickEntry;

/* What is kept of a translated block. */
struct TcgUnit {
    /* What finding a unit looks at comes first. */
    uint64_t ram_addr;          /* of the first byte of its first page, in the space of RAM addresses */
    uint64_t mode;
    TcgUnit *hash_next;
    int32_t offset;             /* of the first instruction in the page */
    uint32_t flags;             /* UNIT_* */
    bool valid;
    uint16_t nr_guest_insns, nr_exits;
    uint32_t guest_bytes;
    uint64_t ram_addr2;         /* of the second page, or UINT64_MAX */
    const uint8_t *code;        /* executable mapping; the interpreter: NULL */
    uint32_t code_size;
    UnitExit *exits;
    void *recorded;             /* the IR as recorded (interpreter; later tier 2), or NULL */
    UnitExit *incoming;         /* linked exits of others */
    TcgUnit *page_next[2];
    uint64_t executions;
    uint8_t nr_quick;
    TcgQuickEntry quick[TCG_QUICK_SLOTS];
};
enum {
    UNIT_SINGLE = 1 << 0, UNIT_SELF_CHECK = 1 << 1,
    UNIT_INTERP = 1 << 2,       /* one instruction that the host's back end has no room for: tcg/interp runs it, nothing is linked with it */
};

/* What became of compiling a block. */
typedef enum TcgCompiled {
    TCG_COMPILED,
    TCG_AREA_FULL,          /* the same block may go into an area with more room */
    TCG_DOES_NOT_FIT,       /* too much for this back end (registers, spill places, its buffers), wherever it is put: a shorter block may do */
} TcgCompiled;

/* Room for code: two mappings of the same memory, one writable, one executable. */
typedef struct CodeArea { uint8_t *write, *execute; size_t size, used; } CodeArea;

/* A place in a unit's code that depends on where code, records and the program lie: what a unit that was kept on disk is fitted in by. */
enum { TCG_RELOC_STUB,          /* 32-bit distance to a place in the area of stubs */
       TCG_RELOC_EXIT,          /* 64-bit address within the unit's exits[] */
       TCG_RELOC_FUNCTION,      /* 64-bit address of a C function, from the start of the program's image */
       TCG_RELOC_CELL };        /* 32-bit offset of an exit's cell, or of a part of it; value: as if the exit's number were the cell's */
typedef struct TcgReloc { uint32_t at, kind : 2, value : 30; } TcgReloc;      /* at: from the start of the code; value: offset in what the kind says */

typedef struct TcgBackend {
    const char *name;
    /* From now on code counts the calls of helpers (IrHelper.calls). Before init; NULL: it always does. */
    void (*count_helpers)(void);
    /* Emits trampolines and stubs into area; called once. */
    bool (*init)(CodeArea *area, const TcgTarget *target, GError **err);
    /* Compiles; fills code, code_size, exits' offsets. exits[] is allocated by the caller with kind, target set. */
    TcgCompiled (*compile)(const IrBlock *block, CodeArea *area, TcgUnit *unit);
    void (*release)(TcgUnit *unit);                         /* what compile allocated outside the area */
    /* Runs from `unit` until something is to do. *exit: for TCG_LEAVE_GOTO. */
    TcgLeaveKind (*run)(Cpu *cpu, TcgUnit *unit, UnitExit **exit);
    /* Ends run() from within C code that a unit has called (a helper): run returns kind. The state in the CPU struct is complete. Does not return. */
    G_NORETURN void (*leave)(Cpu *cpu, TcgLeaveKind kind);
    /* Links an exit to a unit on the same page and back. Any thread with the code lock; atomic for those that run. */
    void (*link)(UnitExit *exit, TcgUnit *target);
    void (*unlink)(UnitExit *exit);
    /* The code that compile has just made, not linked yet, as it can be put elsewhere. false: it cannot. Valid until the next compile. */
    bool (*relocations)(const TcgReloc **relocs, uint32_t *count);
    /* Code at unit->code (code_size, exits[] with their offsets are set) is fitted to where it lies and to this process. false: these relocations are none of ours. */
    bool (*relocate)(TcgUnit *unit, const TcgReloc *relocs, uint32_t count);
    /* Of all that the code depends on besides block and program: the host's features. */
    uint64_t (*identity)(void);
    /* Where a unit is entered: from the jump cache, which leaves it to the unit to set pc_base; and from cells, which is done when pc_base is right, with a look at the
     * kick flag or without. */
    const void *(*entry)(TcgUnit *unit);
    const void *(*entry_direct)(TcgUnit *unit, bool look);
} TcgBackend;

extern const TcgBackend tcg_backend_interp, tcg_backend_x86_64;

/* ---- what units call back (accel/tcg provides these) ---- */
/* The slow path of a memory access: TLB miss, device, page crossing, code page, watch point. value: the loaded or the to be stored bytes (as many as 32), little end
 * first as the host has them (endianness and extension are done by the callee for loads into `value` as the full type).
 * access: LOAD also where mem->will_write has it checked as a store; STORE with value NULL: checked alone (PROBE_WRITE).
 * Returns true when done; false: an exception is recorded, or hot->pending_leave says what else: the back end recovers the state at the point and leaves. */
bool tcg_slow_access(Cpu *cpu, uint64_t vaddr, const IrMem *mem, TcgAccess access, void *value);
/* A store of the bytes of value whose bit in mask is set, when the fast path does not take it. */
bool tcg_slow_store_masked(Cpu *cpu, uint64_t vaddr, const IrMem *mem, const void *value, uint32_t mask);
/* Atomics and CAS when the fast path does not take them; operands and old value in `value`: [0] old out, [1] operand or expected, [2] desired (16 bytes each). */
bool tcg_slow_atomic(Cpu *cpu, uint64_t vaddr, const IrMem *mem, int op /* IrAtomic, or -1: CAS */, void *value);
/* Look-up of the code for PC (already in the slot) in the current mode: NULL when the executor has to do it (translate, events). Fills the jump cache and sets
 * pc_base for what it returns (entry_direct). */
const void *tcg_lookup_code(Cpu *cpu, uint64_t pc);
/* The same behind an exit of kind LOOKUP or EVENT, when mode, address space and what interrupts may have changed: all slots are in their homes. NULL: leave so. */
const void *tcg_next_code(Cpu *cpu, TcgLeaveKind kind);

#endif
