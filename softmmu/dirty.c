/*
 * Dirty bits of RAM pages, a bitmap a block and client that comes into being when the client first asks, and the marks of pages that hold
 * translated code. All of it lock-free.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/ram.h"
#include "util/bits.h"

#include <stdlib.h>
#include <string.h>

#define WORD_BITS (8 * sizeof(unsigned long))

static RamCodeWriteHook *code_write_hook;
static RamDirtyClearHook *dirty_clear_hook;

void ram_set_code_write_hook(RamCodeWriteHook *hook)
{
    code_write_hook = hook;
}

void ram_set_dirty_clear_hook(RamDirtyClearHook *hook)
{
    dirty_clear_hook = hook;
}

static uint64_t block_pages(const RamBlock *block)
{
    return (block->size + RAM_PAGE_SIZE - 1) >> RAM_PAGE_BITS;
}

/* The bitmap, made with every bit set or clear if it is not there; two that come at once agree on one. */
static unsigned long *bitmap_get(RamBlock *block, unsigned long **place, bool all_set)
{
    unsigned long *bitmap = __atomic_load_n(place, __ATOMIC_ACQUIRE);
    if (bitmap) {
        return bitmap;
    }
    size_t words = (block_pages(block) + WORD_BITS - 1) / WORD_BITS;
    unsigned long *fresh = g_new0(unsigned long, words);
    if (all_set) {
        memset(fresh, 0xff, words * sizeof(*fresh));
    }
    if (__atomic_compare_exchange_n(place, &bitmap, fresh, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
        return fresh;
    }
    g_free(fresh);
    return bitmap;
}

static bool bit_test(const unsigned long *bitmap, uint64_t bit)
{
    return __atomic_load_n(&bitmap[bit / WORD_BITS], __ATOMIC_RELAXED) >> (bit % WORD_BITS) & 1;
}

static void bits_set(unsigned long *bitmap, uint64_t first, uint64_t last)
{
    for (uint64_t word = first / WORD_BITS; word <= last / WORD_BITS; word++) {
        unsigned low = word == first / WORD_BITS ? first % WORD_BITS : 0;
        unsigned high = word == last / WORD_BITS ? last % WORD_BITS : WORD_BITS - 1;
        unsigned long mask = (unsigned long)MAKE_MASK(low, high - low + 1);
        if ((__atomic_load_n(&bitmap[word], __ATOMIC_RELAXED) & mask) != mask) {
            __atomic_fetch_or(&bitmap[word], mask, __ATOMIC_SEQ_CST);
        }
    }
}

/* Cuts [offset, offset + size) to the block and turns it into pages; false when nothing is left. */
static bool block_range(const RamBlock *block, uint64_t offset, uint64_t size, uint64_t *first, uint64_t *last)
{
    if (!size || offset >= block->size) {
        return false;
    }
    *first = offset >> RAM_PAGE_BITS;
    *last = (offset + MIN(size, block->size - offset) - 1) >> RAM_PAGE_BITS;
    return true;
}

void ram_block_set_dirty(RamBlock *block, uint64_t offset, uint64_t size)
{
    uint64_t first, last;
    if (!block_range(block, offset, size, &first, &last)) {
        return;
    }
    for (unsigned client = 0; client < DIRTY_CLIENT_COUNT; client++) {
        unsigned long *bitmap = __atomic_load_n(&block->dirty[client], __ATOMIC_ACQUIRE);
        if (bitmap && client != DIRTY_CODE) {
            bits_set(bitmap, first, last);
        }
    }
}

void ram_block_written(RamBlock *block, uint64_t offset, uint64_t size)
{
    uint64_t first, last;
    const unsigned long *code = __atomic_load_n(&block->code, __ATOMIC_ACQUIRE);
    if (code && code_write_hook && block_range(block, offset, size, &first, &last)) {
        for (uint64_t page = first; page <= last; page++) {
            if (bit_test(code, page)) {
                code_write_hook(block->ram_addr + offset, size);
                break;
            }
        }
    }
    ram_block_set_dirty(block, offset, size);
}

bool ram_block_write_tracked(RamBlock *block, uint64_t offset, uint8_t mask)
{
    uint64_t page = offset >> RAM_PAGE_BITS;
    const unsigned long *code = __atomic_load_n(&block->code, __ATOMIC_ACQUIRE);
    if (code && bit_test(code, page)) {
        return true;
    }
    for (unsigned client = 0; mask >> client; client++) {
        const unsigned long *bitmap = __atomic_load_n(&block->dirty[client], __ATOMIC_ACQUIRE);
        if ((mask >> client & 1) && bitmap && client != DIRTY_CODE && !bit_test(bitmap, page)) {
            return true;
        }
    }
    return false;
}

void ram_set_dirty(uint64_t ram_addr, uint64_t size)
{
    while (size) {
        RamBlock *block = ram_block_find(ram_addr);
        if (!block) {
            return;
        }
        uint64_t offset = ram_addr - block->ram_addr, part = MIN(size, block->size - offset);
        ram_block_set_dirty(block, offset, part);
        ram_addr += part;
        size -= part;
    }
}

/* One word of the bitmap: fetches and clears the bits of [first, last]. */
static unsigned long word_take(unsigned long *bitmap, uint64_t word, uint64_t first, uint64_t last)
{
    unsigned low = word == first / WORD_BITS ? first % WORD_BITS : 0;
    unsigned high = word == last / WORD_BITS ? last % WORD_BITS : WORD_BITS - 1;
    unsigned long mask = (unsigned long)MAKE_MASK(low, high - low + 1);
    if (!(__atomic_load_n(&bitmap[word], __ATOMIC_RELAXED) & mask)) {
        return 0;
    }
    return __atomic_fetch_and(&bitmap[word], ~mask, __ATOMIC_SEQ_CST) & mask;
}

bool ram_test_and_clear_dirty(uint64_t ram_addr, uint64_t size, unsigned client, unsigned long *out)
{
    RamBlock *block = ram_block_find(ram_addr);
    uint64_t first, last;
    if (!block || !block_range(block, ram_addr - block->ram_addr, size, &first, &last)) {
        return false;
    }
    unsigned long *bitmap = bitmap_get(block, &block->dirty[client], true);
    bool any = false;
    if (out) {
        memset(out, 0, (last - first + WORD_BITS) / WORD_BITS * sizeof(*out));
    }
    for (uint64_t word = first / WORD_BITS; word <= last / WORD_BITS; word++) {
        unsigned long bits = word_take(bitmap, word, first, last);
        any |= bits != 0;
        for (; out && bits; bits &= bits - 1) {
            uint64_t page = word * WORD_BITS + (unsigned)__builtin_ctzl(bits) - first;
            out[page / WORD_BITS] |= 1ul << (page % WORD_BITS);
        }
    }
    if (any && dirty_clear_hook) {
        dirty_clear_hook(block->ram_addr + (first << RAM_PAGE_BITS), (last - first + 1) << RAM_PAGE_BITS);
    }
    return any;
}

bool ram_is_dirty(uint64_t ram_addr, unsigned client)
{
    RamBlock *block = ram_block_find(ram_addr);
    if (!block) {
        return false;
    }
    const unsigned long *bitmap = __atomic_load_n(&block->dirty[client], __ATOMIC_ACQUIRE);
    return !bitmap || bit_test(bitmap, (ram_addr - block->ram_addr) >> RAM_PAGE_BITS);
}

void ram_set_has_code(uint64_t ram_addr, bool has_code)
{
    RamBlock *block = ram_block_find(ram_addr);
    if (!block || (!has_code && !__atomic_load_n(&block->code, __ATOMIC_ACQUIRE))) {
        return;
    }
    unsigned long *bitmap = bitmap_get(block, &block->code, false);
    uint64_t page = (ram_addr - block->ram_addr) >> RAM_PAGE_BITS;
    unsigned long mask = 1ul << (page % WORD_BITS);
    if (has_code) {
        __atomic_fetch_or(&bitmap[page / WORD_BITS], mask, __ATOMIC_SEQ_CST);
    } else {
        __atomic_fetch_and(&bitmap[page / WORD_BITS], ~mask, __ATOMIC_SEQ_CST);
    }
}

bool ram_has_code(uint64_t ram_addr)
{
    RamBlock *block = ram_block_find(ram_addr);
    const unsigned long *bitmap = block ? __atomic_load_n(&block->code, __ATOMIC_ACQUIRE) : NULL;
    return bitmap && bit_test(bitmap, (ram_addr - block->ram_addr) >> RAM_PAGE_BITS);
}
