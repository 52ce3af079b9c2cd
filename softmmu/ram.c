/*
 * RAM blocks: host memory for the guest. Nothing is touched here unless preallocation is asked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/ram.h"
#include "util/bits.h"
#include "util/epoch.h"
#include "util/error.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/vfs.h>
#include <unistd.h>

#define HUGE_PAGE (2 * MiB)
#define HUGE_BLOCK (32 * MiB)           /* from here on huge pages are asked for: below, they would cost more than they give */
#define RAM_ADDR_ALIGN (256 * KiB)
#define HUGETLBFS_MAGIC 0x958458f6
#ifndef MADV_POPULATE_WRITE
#define MADV_POPULATE_WRITE 23
#endif

static RamBlock *blocks;                /* changed under the machine lock, read inside an epoch */
static RamBlock *last_found;            /* a hint; may be stale only within an epoch */
static uint64_t next_ram_addr;

/* ---- mapping ---- */

static uint64_t fd_page_size(int fd)
{
    struct statfs fs;
    if (fd >= 0 && fstatfs(fd, &fs) == 0 && fs.f_type == HUGETLBFS_MAGIC) {
        return (uint64_t)fs.f_bsize;
    }
    return (uint64_t)getpagesize();
}

/* Maps size bytes at a multiple of align with an inaccessible page behind them. */
static void *map_aligned(const RamRequest *request, uint64_t size, uint64_t align)
{
    uint64_t guard = getpagesize(), total = size + align + guard;
    if (total < size) {
        errno = ENOMEM;
        return NULL;
    }
    char *reserved = mmap(NULL, total, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (reserved == MAP_FAILED) {
        return NULL;
    }
    char *start = (char *)ROUND_UP((uintptr_t)reserved, align);
    int flags = MAP_FIXED | (request->flags & RAM_SHARED ? MAP_SHARED : MAP_PRIVATE) | (request->fd < 0 ? MAP_ANONYMOUS : 0) |
                (request->flags & RAM_NORESERVE ? MAP_NORESERVE : 0);
    int protection = PROT_READ | (request->flags & RAM_READONLY ? 0 : PROT_WRITE);
    if (mmap(start, size, protection, flags, request->fd, (off_t)request->fd_offset) == MAP_FAILED) {
        int saved_errno = errno;
        munmap(reserved, total);
        errno = saved_errno;
        return NULL;
    }
    if (start > reserved) {
        munmap(reserved, start - reserved);
    }
    char *end = start + size + guard;
    if (reserved + total > end) {
        munmap(end, reserved + total - end);
    }
    return start;
}

static void advise(RamBlock *block)
{
    if (block->fd < 0 && block->size >= HUGE_BLOCK) {
        madvise(block->host, block->size, MADV_HUGEPAGE);
    }
    if (block->flags & RAM_MERGE) {
        madvise(block->host, block->size, MADV_MERGEABLE);
    }
    if (!(block->flags & RAM_DUMP)) {
        madvise(block->host, block->size, MADV_DONTDUMP);
    }
    if (!(block->flags & RAM_SHARED)) {
        madvise(block->host, block->size, MADV_DONTFORK);
    }
}

/* ---- preallocation ---- */

typedef struct PreallocPart { uint8_t *start; uint64_t size, page_size; int error; } PreallocPart;

static void *prealloc_part(void *opaque)
{
    PreallocPart *part = opaque;
    if (!part->size || madvise(part->start, part->size, MADV_POPULATE_WRITE) == 0) {
        return NULL;
    }
    if (errno != EINVAL) {
        part->error = errno;
        return NULL;
    }
    /* An older kernel: write every page, with what it holds. */
    for (uint64_t at = 0; at < part->size; at += part->page_size) {
        volatile uint8_t *byte = part->start + at;
        *byte = *byte;
    }
    return NULL;
}

bool ram_block_prealloc(RamBlock *block, unsigned threads, GError **err)
{
    uint64_t pages = block->size / block->page_size;
    threads = MIN(MAX(threads, 1), MIN(MAX(pages, 1), 256));
    g_autofree PreallocPart *parts = g_new0(PreallocPart, threads);
    g_autofree GThread **workers = g_new0(GThread *, threads);
    uint64_t done = 0;
    for (unsigned i = 0; i < threads; i++) {
        uint64_t share = i + 1 == threads ? block->size - done : pages / threads * block->page_size;
        parts[i] = (PreallocPart){ block->host + done, share, block->page_size, 0 };
        done += share;
        if (i) {
            workers[i] = g_thread_new("prealloc", prealloc_part, &parts[i]);
        }
    }
    prealloc_part(&parts[0]);
    int error = parts[0].error;
    for (unsigned i = 1; i < threads; i++) {
        g_thread_join(workers[i]);
        error = error ? error : parts[i].error;
    }
    return !error || error_set_errno(err, error, "preallocating memory failed");
}

/* ---- life ---- */

static void insert_block(RamBlock *block)
{
    RamBlock **link = &blocks;
    block->ram_addr = next_ram_addr;
    next_ram_addr = ROUND_UP(next_ram_addr + block->size, RAM_ADDR_ALIGN);
    while (*link) {
        link = &(*link)->next;
    }
    __atomic_store_n(link, block, __ATOMIC_RELEASE);
}

RamBlock *ram_block_new(const RamRequest *request, GError **err)
{
    uint64_t page_size = fd_page_size(request->fd);
    uint64_t size = ROUND_UP(request->size, page_size);
    if (!size || size < request->size) {
        error_set(err, "cannot set up guest memory '%s': size 0x%" G_GINT64_MODIFIER "x is not possible", request->name, request->size);
        return NULL;
    }
    uint64_t align = MAX(request->align, MAX(page_size, size >= HUGE_PAGE ? HUGE_PAGE : (uint64_t)getpagesize()));
    if (!IS_POWER_OF_2(align)) {
        error_set(err, "cannot set up guest memory '%s': alignment is no power of 2", request->name);
        return NULL;
    }
    void *host = map_aligned(request, size, align);
    if (!host) {
        error_set_errno(err, errno, "cannot set up guest memory '%s'", request->name);
        return NULL;
    }
    RamBlock *block = g_new0(RamBlock, 1);
    *block = (RamBlock){ .name = g_strdup(request->name), .host = host, .size = size, .page_size = page_size, .fd = request->fd,
                         .fd_offset = request->fd_offset, .flags = request->flags, .ref_count = 1 };
    advise(block);
    if ((request->flags & RAM_PREALLOC) && !ram_block_prealloc(block, request->prealloc_threads, err)) {
        munmap(host, size + getpagesize());
        g_free(block->name);
        g_free(block);
        return NULL;
    }
    insert_block(block);
    return block;
}

RamBlock *ram_block_new_foreign(const char *name, void *host, uint64_t size)
{
    RamBlock *block = g_new0(RamBlock, 1);
    *block = (RamBlock){ .name = g_strdup(name), .host = host, .size = size, .page_size = getpagesize(), .fd = -1, .flags = RAM_FOREIGN,
                         .ref_count = 1 };
    insert_block(block);
    return block;
}

static void block_release(void *data)
{
    RamBlock *block = data;
    if (!(block->flags & RAM_FOREIGN)) {
        munmap(block->host, block->size + getpagesize());
    }
    if (block->fd >= 0) {
        close(block->fd);
    }
    for (unsigned client = 0; client < DIRTY_CLIENT_COUNT; client++) {
        g_free(block->dirty[client]);
    }
    g_free(block->code);
    g_free(block->name);
    g_free(block);
}

RamBlock *ram_block_ref(RamBlock *block)
{
    __atomic_add_fetch(&block->ref_count, 1, __ATOMIC_RELAXED);
    return block;
}

void ram_block_unref(RamBlock *block)
{
    if (__atomic_sub_fetch(&block->ref_count, 1, __ATOMIC_ACQ_REL)) {
        return;
    }
    RamBlock **link = &blocks;
    while (*link != block) {
        link = &(*link)->next;
    }
    __atomic_store_n(link, block->next, __ATOMIC_RELEASE);
    __atomic_store_n(&last_found, NULL, __ATOMIC_RELAXED);
    epoch_retire(block_release, block);
}

void ram_block_free(RamBlock *block)
{
    if (block) {
        ram_block_unref(block);
    }
}

/* ---- looking for blocks ---- */

RamBlock *ram_block_first(void)
{
    return __atomic_load_n(&blocks, __ATOMIC_ACQUIRE);
}

RamBlock *ram_block_find(uint64_t ram_addr)
{
    RamBlock *hint = __atomic_load_n(&last_found, __ATOMIC_RELAXED);
    if (hint && ram_addr - hint->ram_addr < hint->size) {
        return hint;
    }
    for (RamBlock *block = ram_block_first(); block; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE)) {
        if (ram_addr - block->ram_addr < block->size) {
            __atomic_store_n(&last_found, block, __ATOMIC_RELAXED);
            return block;
        }
    }
    return NULL;
}

RamBlock *ram_block_from_host(const void *host, uint64_t *offset)
{
    for (RamBlock *block = ram_block_first(); block; block = __atomic_load_n(&block->next, __ATOMIC_ACQUIRE)) {
        uint64_t distance = (uint64_t)((uintptr_t)host - (uintptr_t)block->host);
        if (distance < block->size) {
            if (offset) {
                *offset = distance;
            }
            return block;
        }
    }
    return NULL;
}

uint64_t ram_total_size(void)
{
    return next_ram_addr;
}
