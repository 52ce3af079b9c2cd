/*
 * The state of a vCPU that translated code touches directly: laid over Cpu.hot. Back ends take these offsets; nobody else but accel/tcg looks inside.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_HOT_H
#define TCG_HOT_H

#include "tcg/target.h"
#include <stddef.h>

/* One entry of the first-level TLB. A tag is the virtual page address, with TLB_SLOW bits in the low 12 when the fast path must not take it (device,
 * ROM, code on the page, watch point, dirty tracking), or TLB_INVALID. The host address is vaddr + addend. */
typedef struct TlbEntry { uint64_t read, write, exec, addend; } TlbEntry;
#define TLB_ENTRIES 1024
#define TLB_INVALID (~UINT64_C(0))
enum { TLB_SLOW = 1 };

/* The inline jump cache: (pc, epoch) -> code. Two-way sets are the executor's affair; back ends probe entry [hash] only. */
typedef struct JumpCacheEntry { uint64_t pc, epoch; const void *code; uint64_t pc_base; } JumpCacheEntry;
#define JUMP_CACHE_ENTRIES 8192
static inline unsigned jump_cache_hash(uint64_t pc) { return (unsigned)((pc >> 0) ^ (pc >> 11)) % JUMP_CACHE_ENTRIES; }

/* The return ring. */
typedef struct ReturnEntry { uint64_t pc, epoch; const void *code; uint64_t pc_base; } ReturnEntry;
#define RETURN_RING_ENTRIES 16

typedef struct TcgHot {
    _Atomic uint32_t kick;          /* not 0: leave at the next check */
    uint32_t ring_top;              /* index, mod RETURN_RING_ENTRIES */
    uint64_t pc_base;               /* slot_pc_base of every target */
    uint64_t fetch_epoch;           /* id of (mode key, address space, its executable mappings): a cached (pc, epoch) -> code is valid while it is equal */
    TlbEntry *tlb[TCG_MAX_PRIVS];   /* first level by privilege index */
    JumpCacheEntry *jump_cache;
    void *host_stack;               /* of the running translated code, for leaving it */
    uint64_t scratch[8];            /* the back end's */
    uint64_t pending_leave;         /* a slow path recorded an exception: TcgLeave */
    ReturnEntry ring[RETURN_RING_ENTRIES];
} TcgHot;
_Static_assert(sizeof(TcgHot) <= CPU_HOT_BYTES, "TcgHot must fit");
static inline TcgHot *tcg_hot(Cpu *cpu) { return (TcgHot *)cpu->hot; }
#define TCG_HOT_OFFSET(field) ((int32_t)(offsetof(Cpu, hot) + offsetof(TcgHot, field)))

#endif
