/*
 * RAM blocks: pieces of host memory that the guest uses as RAM, and the space of RAM addresses (ram_addr) in which all blocks lie one behind the
 * other, for dirty bitmaps and code tracking.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SOFTMMU_RAM_H
#define SOFTMMU_RAM_H

#include "softmmu/memory.h"

#define RAM_PAGE_BITS 12
#define RAM_PAGE_SIZE (1u << RAM_PAGE_BITS)

typedef enum RamFlags {
    RAM_SHARED = 1 << 0, RAM_PREALLOC = 1 << 1, RAM_MERGE = 1 << 2, RAM_DUMP = 1 << 3, RAM_NORESERVE = 1 << 4,
    RAM_READONLY = 1 << 5, RAM_FOREIGN = 1 << 6 /* host memory is not ours to free */,
} RamFlags;

struct RamBlock {
    char *name;
    uint8_t *host;
    uint64_t ram_addr;          /* its first byte in the space of RAM addresses; page aligned */
    uint64_t size;              /* multiple of RAM_PAGE_SIZE */
    uint64_t page_size;         /* of the host memory below (huge pages) */
    int fd;                     /* -1 for anonymous memory */
    uint64_t fd_offset;
    RamFlags flags;
    RamBlock *next;             /* in ram_addr order */
    int ref_count;              /* its maker and who has a part of it mapped */
    /* A bit a page; NULL: all dirty (nobody has asked yet), no code. Changed lock-free, allocated once. */
    unsigned long *dirty[DIRTY_CLIENT_COUNT];
    unsigned long *code;
};

typedef struct RamRequest {
    const char *name;
    uint64_t size;
    int fd;                     /* -1: anonymous; else mapped from fd_offset; the block owns it */
    uint64_t fd_offset;
    uint64_t align;             /* 0: default (2 MiB for large blocks, so that huge pages fit) */
    RamFlags flags;
    unsigned prealloc_threads;  /* 0: one */
} RamRequest;

/* Size is rounded up to a page. Machine lock held. */
RamBlock *ram_block_new(const RamRequest *request, GError **err);
RamBlock *ram_block_new_foreign(const char *name, void *host, uint64_t size);
RamBlock *ram_block_ref(RamBlock *block);   /* any thread */
void ram_block_unref(RamBlock *block);      /* any thread, as long as it is not the last one; else machine lock held */
void ram_block_free(RamBlock *block);       /* its maker's reference: memory goes after the last reader's epoch; NULL is fine */
/* Makes the host pages of a block real, by `threads` threads at a time. */
bool ram_block_prealloc(RamBlock *block, unsigned threads, GError **err);
RamBlock *ram_block_first(void);
RamBlock *ram_block_find(uint64_t ram_addr);
/* The block and offset of a host address in guest RAM; NULL when it is none. */
RamBlock *ram_block_from_host(const void *host, uint64_t *offset);
uint64_t ram_total_size(void);              /* of the space of RAM addresses, so far */

/* Dirty bits, lock-free. set_dirty marks all clients but DIRTY_CODE, which the translator keeps through the hook below; before a client's first
 * test_and_clear every page counts as dirty. */
void ram_set_dirty(uint64_t ram_addr, uint64_t size);
void ram_block_set_dirty(RamBlock *block, uint64_t offset, uint64_t size);
/* What a write by anyone but translated code has to do: the code hook before it, the dirty bits (after it is fine too). */
void ram_block_written(RamBlock *block, uint64_t offset, uint64_t size);
/* Whether a write to the page would have something to record for the clients of mask, or holds code. */
bool ram_block_write_tracked(RamBlock *block, uint64_t offset, uint8_t mask);
/* Called after dirty bits were cleared: whoever keeps pointers for writing without tracking drops those of the range. Any thread. */
typedef void RamDirtyClearHook(uint64_t ram_addr, uint64_t size);
void ram_set_dirty_clear_hook(RamDirtyClearHook *hook);
bool ram_test_and_clear_dirty(uint64_t ram_addr, uint64_t size, unsigned client, unsigned long *bitmap);
bool ram_is_dirty(uint64_t ram_addr, unsigned client);
/* Called before guest RAM is written by anyone but translated code, when a page of the range holds translated code. */
typedef void RamCodeWriteHook(uint64_t ram_addr, uint64_t size);
void ram_set_code_write_hook(RamCodeWriteHook *hook);
/* Marks a page as holding translated code, or not. */
void ram_set_has_code(uint64_t ram_addr, bool has_code);
bool ram_has_code(uint64_t ram_addr);

#endif
