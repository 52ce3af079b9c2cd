/*
 * Accesses to regions: validity, splitting to what the device takes, byte order, event file descriptors; and translation through IOMMUs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/internal.h"
#include "util/bits.h"
#include "util/epoch.h"
#include "util/log.h"
#include "util/main-loop.h"

#include <string.h>
#include <unistd.h>

#define DISPATCH_DEPTH 16       /* of devices that access devices: a guest can make a loop of them */
#define IOMMU_DEPTH 8

static _Thread_local unsigned dispatch_depth;
static void (*coalesced_flush)(void);

void memory_read_lock(void)
{
    epoch_enter();
}

void memory_read_unlock(void)
{
    epoch_leave();
}

/* ---- what a region takes ---- */

static unsigned valid_min(const MemoryRegionOps *ops) { return ops->valid.min ? ops->valid.min : 1; }
static unsigned valid_max(const MemoryRegionOps *ops) { return ops->valid.max ? ops->valid.max : 8; }
static unsigned impl_min(const MemoryRegionOps *ops) { return ops->impl.min ? ops->impl.min : 1; }
static unsigned impl_max(const MemoryRegionOps *ops) { return ops->impl.max ? ops->impl.max : 4; }

static bool access_valid(const MemoryRegion *mr, uint64_t offset, unsigned size)
{
    const MemoryRegionOps *ops = mr->ops;
    if (size < valid_min(ops) || size > valid_max(ops) || (!ops->valid.unaligned && (offset & (size - 1)))) {
        log_mask(LOG_INVALID_MEM | LOG_GUEST_ERROR, "Invalid access at addr 0x%" G_GINT64_MODIFIER "X, size %u, region '%s'\n", offset, size,
                 mr->label);
        return false;
    }
    return true;
}

unsigned memory_region_access_size(const MemoryRegion *mr, uint64_t offset, uint64_t len)
{
    const MemoryRegionOps *ops = mr->ops;
    unsigned max = ops && ops->valid.max ? ops->valid.max : 4;
    if (ops && !ops->valid.unaligned && offset) {
        uint64_t alignment = offset & -offset;
        max = (unsigned)MIN(max, alignment);
    }
    unsigned size = (unsigned)MIN(max, MIN(len, 8));
    return 1u << (31 - __builtin_clz(size));
}

static uint64_t swap_bytes(uint64_t value, unsigned size)
{
    return __builtin_bswap64(value) >> (64 - 8 * size);
}

/* ---- the device's callbacks, on one access that it takes ---- */

static MemResult call_read(MemoryRegion *mr, uint64_t offset, uint64_t *value, unsigned size, MemAttrs attrs)
{
    const MemoryRegionOps *ops = mr->ops;
    MemResult result = MEM_OK;
    *value = 0;
    if (ops->read_checked) {
        result = ops->read_checked(mr->opaque, offset, value, size, attrs);
    } else if (ops->read) {
        *value = ops->read(mr->opaque, offset, size);
    } else {
        return MEM_DECODE_ERROR;
    }
    *value &= MAKE_MASK(0, size * 8);
    if (ops->endian == DEVICE_BIG_ENDIAN) {
        *value = swap_bytes(*value, size);
    }
    return result;
}

static MemResult call_write(MemoryRegion *mr, uint64_t offset, uint64_t value, unsigned size, MemAttrs attrs)
{
    const MemoryRegionOps *ops = mr->ops;
    value &= MAKE_MASK(0, size * 8);
    if (ops->endian == DEVICE_BIG_ENDIAN) {
        value = swap_bytes(value, size);
    }
    if (ops->write_checked) {
        return ops->write_checked(mr->opaque, offset, value, size, attrs);
    }
    if (!ops->write) {
        return MEM_DECODE_ERROR;
    }
    ops->write(mr->opaque, offset, value, size);
    return MEM_OK;
}

/* ---- splitting and joining ---- */

/* The pieces of an access as the device takes them: the size, and where the first one begins. */
static unsigned piece_size(const MemoryRegionOps *ops, uint64_t offset, unsigned size, uint64_t *first)
{
    unsigned piece = MAX(impl_min(ops), MIN(size, impl_max(ops)));
    while (!ops->impl.unaligned && (offset & (piece - 1)) && piece > impl_min(ops)) {
        piece /= 2;
    }
    /* Smaller than the device takes: from the aligned address on. */
    *first = ops->impl.unaligned && piece <= size ? offset : ROUND_DOWN(offset, piece);
    return piece;
}

static MemResult split_read(MemoryRegion *mr, uint64_t offset, uint64_t *value, unsigned size, MemAttrs attrs)
{
    uint64_t first, part;
    unsigned piece = piece_size(mr->ops, offset, size, &first);
    MemResult result = MEM_OK;
    *value = 0;
    for (uint64_t at = first; at < offset + size; at += piece) {
        result |= call_read(mr, at, &part, piece, attrs);
        *value |= at >= offset ? part << (8 * (at - offset)) : part >> (8 * (offset - at));
    }
    *value &= MAKE_MASK(0, size * 8);
    return result;
}

static MemResult split_write(MemoryRegion *mr, uint64_t offset, uint64_t value, unsigned size, MemAttrs attrs)
{
    uint64_t first;
    unsigned piece = piece_size(mr->ops, offset, size, &first);
    MemResult result = MEM_OK;
    value &= MAKE_MASK(0, size * 8);
    for (uint64_t at = first; at < offset + size; at += piece) {
        result |= call_write(mr, at, at >= offset ? value >> (8 * (at - offset)) : value << (8 * (offset - at)), piece, attrs);
    }
    return result;
}

static bool signal_ioeventfd(MemoryRegion *mr, uint64_t offset, uint64_t value, unsigned size)
{
    for (unsigned i = 0; i < mr->ioeventfds->len; i++) {
        const MemoryIoeventfd *e = &g_array_index(mr->ioeventfds, MemoryIoeventfd, i);
        if (e->addr == offset && (!e->size || e->size == size) && (!e->match_data || e->data == (value & MAKE_MASK(0, size * 8)))) {
            uint64_t one = 1;
            if (write(e->fd, &one, sizeof(one)) == sizeof(one)) {
                return true;
            }
        }
    }
    return false;
}

/* Memory behind a region that is not reached by a host pointer: a ROM that is written, a RAM device. */
static MemResult ram_access(MemoryRegion *mr, uint64_t offset, uint64_t *value, unsigned size, bool is_write)
{
    if (offset > mr->ram->size || size > mr->ram->size - offset) {
        return MEM_DECODE_ERROR;
    }
    uint8_t *host = mr->ram->host + offset;
    if (!is_write) {
        *value = 0;
        memcpy(value, host, size);
        return MEM_OK;
    }
    if (mr->readonly) {
        return MEM_DECODE_ERROR;
    }
    ram_block_written(mr->ram, offset, size);
    memcpy(host, value, size);
    return MEM_OK;
}

static bool dispatch_enter(const MemoryRegion *mr)
{
    if (dispatch_depth >= DISPATCH_DEPTH) {
        log_mask(LOG_GUEST_ERROR, "Blocked re-entrant IO on MemoryRegion: %s\n", mr->label);
        return false;
    }
    dispatch_depth++;
    return true;
}

MemResult memory_region_dispatch_read(MemoryRegion *mr, uint64_t offset, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = 0;
    while (mr->kind == MR_ALIAS) {
        offset += mr->alias_offset;
        mr = mr->alias;
    }
    if (mr->ram && (mr->kind != MR_ROM_DEVICE || mr->rom_mode)) {
        return ram_access(mr, offset, value, size, false);
    }
    if (!mr->ops || !access_valid(mr, offset, size)) {
        return MEM_DECODE_ERROR;
    }
    if (!dispatch_enter(mr)) {
        return MEM_ACCESS_ERROR;
    }
    MemResult result;
    if (mr->lock_free) {
        result = split_read(mr, offset, value, size, attrs);
    } else {
        MACHINE_LOCK_GUARD();
        if (mr->flush_coalesced) {
            memory_flush_coalesced();
        }
        result = split_read(mr, offset, value, size, attrs);
    }
    dispatch_depth--;
    return result;
}

MemResult memory_region_dispatch_write(MemoryRegion *mr, uint64_t offset, uint64_t value, unsigned size, MemAttrs attrs)
{
    while (mr->kind == MR_ALIAS) {
        offset += mr->alias_offset;
        mr = mr->alias;
    }
    if (mr->ram && mr->kind != MR_ROM_DEVICE) {
        return ram_access(mr, offset, &value, size, true);
    }
    if (!mr->ops || !access_valid(mr, offset, size)) {
        return MEM_DECODE_ERROR;
    }
    if (!dispatch_enter(mr)) {
        return MEM_ACCESS_ERROR;
    }
    MemResult result = MEM_OK;
    if (mr->lock_free) {
        result = split_write(mr, offset, value, size, attrs);
    } else {
        MACHINE_LOCK_GUARD();
        if (mr->flush_coalesced) {
            memory_flush_coalesced();
        }
        if (!mr->ioeventfds || !mr->ioeventfds->len || !signal_ioeventfd(mr, offset, value, size)) {
            result = split_write(mr, offset, value, size, attrs);
        }
    }
    dispatch_depth--;
    return result;
}

/* ---- coalesced writes ---- */

void memory_set_coalesced_flush(void (*flush)(void))
{
    coalesced_flush = flush;
}

void memory_flush_coalesced(void)
{
    if (coalesced_flush) {
        coalesced_flush();
    }
}

/* ---- translation ---- */

const FlatRange *address_space_translate(AddressSpace **as, uint64_t *addr, uint64_t *len, bool is_write, MemAttrs attrs, MemResult *result)
{
    for (unsigned depth = 0; depth < IOMMU_DEPTH; depth++) {
        const FlatRange *range = flat_view_find(address_space_view(*as), *addr);
        if (!range) {
            *result = MEM_DECODE_ERROR;
            return NULL;
        }
        uint64_t left = range->last - *addr;        /* behind the first byte */
        *len = *len - 1 > left ? left + 1 : *len;
        if (range->mr->kind != MR_IOMMU) {
            *result = MEM_OK;
            return range;
        }
        IommuEntry entry = range->mr->iommu_translate(range->mr, *addr - range->first + range->offset, is_write, attrs);
        if (!(is_write ? entry.writable : entry.readable) || !entry.target) {
            *result = MEM_ACCESS_ERROR;
            return NULL;
        }
        uint64_t in_page = (*addr - range->first + range->offset) & entry.mask;
        *len = *len - 1 > entry.mask - in_page ? entry.mask - in_page + 1 : *len;
        *addr = (entry.translated & ~entry.mask) | in_page;
        *as = entry.target;
    }
    *result = MEM_ACCESS_ERROR;
    return NULL;
}

bool address_space_find(AddressSpace *as, uint64_t addr, bool is_write, MemorySection *section, uint64_t *offset)
{
    uint64_t len = 1;
    MemResult result;
    const FlatRange *range = address_space_translate(&as, &addr, &len, is_write, MEM_ATTRS_NONE, &result);
    if (!range) {
        return false;
    }
    section_of_range(section, as, range);
    *offset = addr - range->first + range->offset;
    return true;
}

void *address_space_frame(AddressSpace *as, uint64_t addr, bool for_write, uint64_t *ram_addr)
{
    uint64_t page = ROUND_DOWN(addr, (uint64_t)RAM_PAGE_SIZE);
    const FlatRange *range = flat_view_find(address_space_view(as), addr);
    if (!range || !range->host || page < range->first || page + (RAM_PAGE_SIZE - 1) > range->last) {
        return NULL;
    }
    uint64_t offset = page - range->first + range->offset;
    if (offset & (RAM_PAGE_SIZE - 1)) {
        return NULL;
    }
    if (for_write && (range->readonly || range->romd ||
                      ram_block_write_tracked(range->ram, offset, range->dirty_log_mask | 1u << DIRTY_MIGRATION))) {
        return NULL;
    }
    if (ram_addr) {
        *ram_addr = range->ram->ram_addr + offset;
    }
    return range->host + (page - range->first);
}
