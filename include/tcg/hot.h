/*
 * The state of a vCPU that translated code touches directly: laid over Cpu.hot. Back ends take these offsets; nobody else but accel/tcg looks inside.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_HOT_H
#define TCG_HOT_H

#include "tcg/target.h"
#include <stddef.h>

/*
 * The first level of the TLB, by privilege and address space: what translated code looks at. A tag is the address of a virtual page that the fast path may take,
 * or TLB_INVALID. The host address is vaddr + addend. Loads and stores have entries of their own, so that a copy between pages of equal index keeps both.
 */
typedef struct TlbEntry { uint64_t read, read_addend, write, write_addend; } TlbEntry;
#define TLB_ENTRIES 1024
#define TLB_TOUCH 16            /* entries to a byte of TlbSet.touched */
#define TLB_INVALID (~UINT64_C(0))
typedef struct TlbSet {
    TlbEntry entries[TLB_ENTRIES];
    uint64_t tag, global_tag;   /* 1 to 0xffd: added to a page's address in the second level's tags */
    uint64_t salt, global_salt; /* exclusive-ored to the place there */
    uint8_t touched[TLB_ENTRIES / TLB_TOUCH];   /* which entries may be valid */
    uint64_t records;           /* made with its tag */
} TlbSet;
/* What back ends put into a set that nobody uses: no record has it. */
#define TLB_NO_TAG 0xffe

/*
 * The second level, of a vCPU: what back ends refill the first from by themselves. The record of a page lies at byte (page >> 7 ^ page >> 18 ^ salt) & second_mask;
 * its tags are page + tag while the fast path may read or write, a store asks for equal write_turn, too.
 */
typedef struct TlbRecord { uint64_t read, write, addend, write_turn; } TlbRecord;

/* A place that control goes to, while tag is what the vCPU makes of where it stands; 0: nothing. Only the vCPU's own thread fills it, any may make the tag 0. */
typedef struct JumpCell { _Atomic uint64_t tag; const void *code; } JumpCell;

/* Numbers of cells start here, so that all their offsets take 32 bits in instructions. */
#define TCG_FIRST_CELL 16

/* The inline jump cache, by the low bits of the pc: jump_tag(pc, epoch) -> code, entered with the pc. Large, for only what is used of it is ever touched; and a unit's
 * places in it are few, since the lowest bits are its offset in the page. */
#define JUMP_CACHE_ENTRIES 65536
static inline unsigned jump_cache_hash(uint64_t pc) { return pc % JUMP_CACHE_ENTRIES; }

/* Epochs are drawn at random from 64 bits: two pairs with the same tag do not happen. */
static inline uint64_t jump_tag(uint64_t pc, uint64_t epoch) { return pc ^ epoch; }

typedef struct TcgHot {
    _Atomic uint32_t kick;          /* not 0: leave at the next check */
    uint64_t pc_base;               /* slot_pc_base of every target */
    uint64_t fetch_epoch;           /* id of (mode key, address space, its executable mappings): what was cached under it is valid while it is equal */
    TlbSet *tlb[TCG_MAX_PRIVS];     /* first level by privilege index */
    TlbRecord *second; uint64_t second_mask;
    uint64_t write_turn;            /* not 0 */
    uint64_t refills;               /* counted: from the second level */
    JumpCell *jump_cache;
    JumpCell *cells;                /* by UnitExit.cell: jump_tag(pc_base of the source, epoch) -> the target of an exit to another page */
    void *host_stack;               /* of the running translated code, for leaving it */
    uint64_t scratch[8];            /* the back end's */
    uint64_t pending_leave;         /* a slow path recorded an exception: TcgLeave */
} TcgHot;
_Static_assert(sizeof(TcgHot) <= CPU_HOT_BYTES, "TcgHot must fit");
static inline TcgHot *tcg_hot(Cpu *cpu) { return (TcgHot *)cpu->hot; }
#define TCG_HOT_OFFSET(field) ((int32_t)(offsetof(Cpu, hot) + offsetof(TcgHot, field)))

#endif
