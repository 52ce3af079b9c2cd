/*
 * What the translator asks of a guest architecture, and what it offers to its helpers. target/ARCH fills one constant TcgTarget.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_TARGET_H
#define TCG_TARGET_H

#include "accel/cpu.h"
#include "tcg/builder.h"

typedef enum TcgAccess { TCG_ACCESS_LOAD, TCG_ACCESS_STORE, TCG_ACCESS_FETCH } TcgAccess;

/* Reasons of IR_EXIT_FAULT that the compiler itself makes; a target's own start at TCG_REASON_TARGET. */
enum { TCG_REASON_DIVIDE = 1, TCG_REASON_FETCH, TCG_REASON_TARGET = 16 };

/* A translation of a virtual page, as the walker found it. */
typedef struct TcgTranslation {
    uint64_t paddr;             /* physical address of the first byte of the 4 KiB page */
    uint8_t page_bits;          /* of the whole mapping (12, 21, 30): a later access within it would find the same */
    bool read, write, exec;     /* what this privilege may do. write false also where the dirty bit has still to be set */
    bool global;                /* survives a change of address space */
    bool apart;                 /* a part of a larger mapping whose other pages may have other rights: nothing is said of them */
    bool once;                  /* true of this access alone, not of all bytes of the page: asked for again each time */
    MemAttrs attrs;
} TcgTranslation;

/* Where the front end reads the guest's code from. */
typedef struct TcgSource TcgSource;
/* Reads len bytes of code at offset from the start of the block's first page, perhaps from the second page. false: the fetch from the second page would fault:
 * end the block before this instruction; when it is the first, end with ir_exit_fault(b, TCG_REASON_FETCH). */
bool tcg_fetch(TcgSource *source, int32_t offset, void *bytes, unsigned len);

typedef struct TcgTranslate {
    IrBuilder *builder;
    TcgSource *source;
    uint64_t mode;              /* the mode key */
    int32_t offset;             /* of the first instruction from the start of its page */
    int max_insns;              /* stop after so many (1: Single) */
    int32_t end;                /* out: behind the last byte that the block depends on; 0: not known */
    Cpu *cpu;                   /* for what is constant for the machine (features); not for state: the mode key holds that */
} TcgTranslate;

typedef struct TcgTarget {
    const char *name;
    const IrSlot *slots; unsigned nr_slots;
    unsigned slot_pc;           /* I64: address of the next instruction, true whenever C code of the target runs */
    unsigned slot_pc_base;      /* I64: in TcgHot; pc - (offset of pc's linear address in its 4 KiB page) */
    unsigned nr_privs;          /* of privilege indices: at most TCG_MAX_PRIVS */

    /* ---- state; vCPU thread ---- */
    /* The mode key: everything but the bytes that decides how code is translated. */
    uint64_t (*mode)(Cpu *cpu);
    /* A number for all that translate() asks of the CPU besides: features. Never changes. */
    uint64_t (*constants)(Cpu *cpu);
    /* The virtual (linear) address of the next instruction; the privilege index of fetches and plain accesses. */
    uint64_t (*linear_pc)(Cpu *cpu);
    unsigned (*priv)(Cpu *cpu);
    /* Names the current address space for tagged TLB sets; 0: untagged, do not reuse (see the design, 4.4). */
    uint64_t (*space_id)(Cpu *cpu);
    /* Builds one block; ends at a control transfer, after max_insns, at the end of the page at the latest with the instruction that crosses it. */
    void (*translate)(TcgTranslate *t);

    /* Translates vaddr for an access by a privilege. A fault: false, the exception is recorded in the CPU (not delivered) unless probe. */
    bool (*translate_address)(Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv, bool probe, TcgTranslation *out);
    /* Records the exception of an unaligned access, or of one that no device answers (result is not 0). false: none, go on. */
    bool (*unaligned)(Cpu *cpu, uint64_t vaddr, TcgAccess access, unsigned priv);
    /* An access of translated code (IrMem.extra tells more of it) has recorded an exception: the last word on which it is. true: it is taken back, and the instruction
     * is run alone. May be NULL. */
    bool (*access_failed)(Cpu *cpu, const IrMem *mem);
    bool (*bus_error)(Cpu *cpu, uint64_t vaddr, uint64_t paddr, TcgAccess access, MemResult result);
    /* Records the exception of an IR_EXIT_FAULT. The state is as of the start of the instruction. */
    void (*raise)(Cpu *cpu, uint32_t reason);

    /* ---- events; vCPU thread ---- */
    /* A recorded exception is pending? Delivers it: changes the state to that of the handler's first instruction. Machine lock not held. */
    bool (*exception_pending)(Cpu *cpu);
    void (*deliver)(Cpu *cpu);
    /* Looks at interrupt_request and takes one interrupt if the state lets it; true when the state changed. Machine lock held. */
    bool (*interrupt)(Cpu *cpu);
    /* An EVENT exit was taken, or the block that shadows interrupts ended: clears what holds for one instruction only. May be NULL. */
    void (*after_block)(Cpu *cpu);
    /* One of the guest's own breakpoints (by_gdb false) was hit: BREAK_HW before its instruction, WATCH_* when the instruction that made the access has ended.
     * Records the exception; false: it does not count (x86: RF). May be NULL. */
    bool (*guest_breakpoint)(Cpu *cpu, BreakpointKind kind, uint64_t addr);
    /* Single-step by a debugger or the trap flag: the exception after one instruction. */
    void (*single_step)(Cpu *cpu);
    /* Entering and leaving translated code: host floating-point mode (MXCSR) for the guest's. May be NULL. */
    uint32_t (*host_fp_mode)(Cpu *cpu);     /* the value for the host's control register */
    void (*store_fp_mode)(Cpu *cpu, uint32_t value);
    /* Before translated code runs, with that mode set: other state that the host holds for the guest meanwhile (store_fp_mode takes it back). May be NULL. */
    void (*enter)(Cpu *cpu);
    /* What other vCPUs have asked for by tcg_ask, before more guest code is run. May be NULL when nobody asks. */
    void (*serve)(Cpu *cpu);
} TcgTarget;

#define TCG_MAX_PRIVS 10

/* ---- offered to the target's C code, on the vCPU thread ---- */
/* Leaves the helper and the translated code: the state must be complete (an exception recorded, or PC at what is to run next). Does not return. Only from helpers
 * with HELPER_FAULTS. */
G_NORETURN void tcg_leave(Cpu *cpu);

/* Guest virtual memory by privilege: through the TLB. On a fault the exception is recorded; the _or_leave forms tcg_leave. size 1, 2, 4, 8 (little-endian
 * value for little-endian targets). */
bool tcg_load(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t *value);
bool tcg_store(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value);
uint64_t tcg_load_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv);
void tcg_store_or_leave(Cpu *cpu, uint64_t vaddr, unsigned size, unsigned priv, uint64_t value);
bool tcg_read_bytes(Cpu *cpu, uint64_t vaddr, void *buf, unsigned len, unsigned priv);
bool tcg_write_bytes(Cpu *cpu, uint64_t vaddr, const void *buf, unsigned len, unsigned priv);
/* A host pointer for an access of up to *len bytes at vaddr within its page, *len shrunk to the page; NULL with the exception recorded on a fault; NULL without one
 * (tcg_exception tells) when it is not plain RAM: then use tcg_load and tcg_store. A pointer for writing has dirtied the page and dropped translated code. */
void *tcg_host_pointer(Cpu *cpu, uint64_t vaddr, unsigned *len, TcgAccess access, unsigned priv);
/* True when [vaddr, vaddr + len) may be accessed; else the exception is recorded. */
bool tcg_probe(Cpu *cpu, uint64_t vaddr, unsigned len, TcgAccess access, unsigned priv);

/* Invalidation: what the guest's instructions ask for. Own vCPU. */
void tcg_tlb_flush_page(Cpu *cpu, uint64_t vaddr);          /* in the current space, and global ones */
void tcg_tlb_flush_page_everywhere(Cpu *cpu, uint64_t vaddr);       /* in all spaces */
void tcg_tlb_flush_all(Cpu *cpu);                           /* everything, global too */
void tcg_tlb_flush_space(Cpu *cpu, uint64_t space_id);      /* non-global entries of that space */
/* The root changed (CR3, TTBR, satp): the new space's set becomes current. flush: entries of the new space that are not global are stale. */
void tcg_tlb_switch(Cpu *cpu, bool flush);
/* The translator runs this CPU, and its own state of it is there: for state that other accelerators set, too. */
bool tcg_runs(const Cpu *cpu);
/* The target's serve() is to run on another vCPU's thread before that runs more guest code. One that sleeps or stands still is not woken. Any thread. */
void tcg_ask(Cpu *other);
/* No vCPU but this one is in guest code with something asked for that it has not done. */
bool tcg_others_have_served(Cpu *self);
/* Drops translated code that lies on physical [paddr, paddr + size). */
void tcg_invalidate_code(Cpu *cpu, uint64_t paddr, uint64_t size);
/* Watches the 64 bytes of RAM around vaddr, in place of what the vCPU watched before; false: a fault, recorded. A write raises CPU_INTERRUPT_LINE, which ends `halted`. */
bool tcg_monitor(Cpu *cpu, uint64_t vaddr, unsigned priv);
/* Whether it may halt: nothing has been written since, and no write can have been missed. */
bool tcg_monitor_waits(Cpu *cpu);
/* Runs the rest of the current instruction with all other vCPUs outside guest code (for atomics that the host cannot do). */
void tcg_exclusive_begin(Cpu *cpu);
void tcg_exclusive_end(Cpu *cpu);
/* The feature bits of CPU models that the translator runs, by target (x86: accessor in target/i386). */

#endif
