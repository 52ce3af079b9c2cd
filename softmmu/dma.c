/*
 * Access to guest memory by address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/dma.h"
#include "softmmu/internal.h"
#include "util/main-loop.h"

#include <string.h>

/* One piece that lies together in one range: at most *len bytes, *len gets how many were done. force: writes ROM too. */
static MemResult piece_rw(const FlatRange *range, uint64_t addr, uint8_t *buf, uint64_t *len, bool is_write, MemAttrs attrs, bool force)
{
    uint64_t offset = addr - range->first + range->offset;
    bool writable = !range->readonly && !range->romd;
    if (range->host && (!is_write || writable || force)) {
        uint8_t *host = range->host + (addr - range->first);
        if (is_write) {
            ram_block_written(range->ram, offset, *len);
            memcpy(host, buf, *len);
        } else {
            memcpy(buf, host, *len);
        }
        return MEM_OK;
    }
    if (force) {
        return MEM_OK;      /* a loader's image that reaches over a device: left alone */
    }
    unsigned size = memory_region_access_size(range->mr, offset, *len);
    uint64_t value = 0;
    *len = size;
    if (is_write) {
        if (range->readonly && range->ram && range->mr->kind != MR_ROM_DEVICE) {
            return MEM_DECODE_ERROR;
        }
        memcpy(&value, buf, size);
        return memory_region_dispatch_write(range->mr, offset, value, size, attrs);
    }
    MemResult result = memory_region_dispatch_read(range->mr, offset, &value, size, attrs);
    memcpy(buf, &value, size);
    return result;
}

static MemResult rw(AddressSpace *as, uint64_t addr, uint8_t *buf, uint64_t len, bool is_write, MemAttrs attrs, bool force)
{
    MemResult result = MEM_OK;
    memory_read_lock();
    while (len) {
        AddressSpace *target = as;
        uint64_t at = addr, part = len;
        MemResult piece_result;
        const FlatRange *range = address_space_translate(&target, &at, &part, is_write, attrs, &piece_result);
        if (range) {
            piece_result = piece_rw(range, at, buf, &part, is_write, attrs, force);
        } else {
            /* Nobody there: not byte by byte over the whole hole, but not further than a page either. What an IOMMU refuses, it refuses by the page, and once. */
            part = MIN(len, RAM_PAGE_SIZE - (addr & (RAM_PAGE_SIZE - 1)));
            const FlatRange *next = target == as && !(piece_result & MEM_ACCESS_ERROR) ? flat_view_find(address_space_view(as), addr + part - 1) : NULL;
            part = next ? MIN(part, 1) : part;
        }
        if (piece_result && !is_write) {
            memset(buf, 0, part);
        }
        result |= piece_result;
        addr += part;
        buf += part;
        len -= part;
    }
    memory_read_unlock();
    return result;
}

MemResult dma_rw(AddressSpace *as, uint64_t addr, void *buf, uint64_t len, bool is_write, MemAttrs attrs)
{
    return rw(as, addr, buf, len, is_write, attrs, false);
}

MemResult dma_read(AddressSpace *as, uint64_t addr, void *buf, uint64_t len)
{
    return rw(as, addr, buf, len, false, MEM_ATTRS_NONE, false);
}

MemResult dma_write(AddressSpace *as, uint64_t addr, const void *buf, uint64_t len)
{
    return rw(as, addr, (uint8_t *)buf, len, true, MEM_ATTRS_NONE, false);
}

MemResult dma_write_rom(AddressSpace *as, uint64_t addr, const void *buf, uint64_t len)
{
    return rw(as, addr, (uint8_t *)buf, len, true, MEM_ATTRS_NONE, true);
}

MemResult dma_set(AddressSpace *as, uint64_t addr, uint8_t byte, uint64_t len)
{
    uint8_t chunk[512];
    MemResult result = MEM_OK;
    memset(chunk, byte, MIN(len, sizeof(chunk)));
    while (len) {
        uint64_t part = MIN(len, sizeof(chunk));
        result |= dma_write(as, addr, chunk, part);
        addr += part;
        len -= part;
    }
    return result;
}

bool dma_range_valid(AddressSpace *as, uint64_t addr, uint64_t len, bool is_write)
{
    bool valid = len == 0 || addr + (len - 1) >= addr;
    memory_read_lock();
    while (valid && len) {
        AddressSpace *target = as;
        uint64_t at = addr, part = len;
        MemResult result;
        const FlatRange *range = address_space_translate(&target, &at, &part, is_write, MEM_ATTRS_NONE, &result);
        valid = range && !(is_write && range->readonly && range->mr->kind != MR_ROM_DEVICE);
        addr += part;
        len -= part;
    }
    memory_read_unlock();
    return valid;
}

/* ---- mapping ---- */

void *dma_map(AddressSpace *as, uint64_t addr, uint64_t *len, bool is_write)
{
    void *host = NULL;
    RamBlock *block = NULL;
    uint64_t mapped = 0;
    memory_read_lock();
    while (mapped < *len) {
        AddressSpace *target = as;
        uint64_t at = addr + mapped, part = *len - mapped;
        MemResult result;
        const FlatRange *range = address_space_translate(&target, &at, &part, is_write, MEM_ATTRS_NONE, &result);
        if (!range || !range->host || (is_write && (range->readonly || range->romd))) {
            break;
        }
        uint8_t *here = range->host + (at - range->first);
        if (!host) {
            host = here;
            block = ram_block_ref(range->ram);
        } else if (range->ram != block || here != (uint8_t *)host + mapped) {
            break;
        }
        mapped += part;
    }
    memory_read_unlock();
    *len = mapped;
    return host;
}

static void unref_later(void *opaque)
{
    ram_block_unref(opaque);
}

void dma_unmap(AddressSpace *as, void *host, uint64_t len, bool is_write, uint64_t written)
{
    uint64_t offset;
    memory_read_lock();
    RamBlock *block = ram_block_from_host(host, &offset);
    if (block && is_write && written) {
        ram_block_written(block, offset, MIN(written, len));
    }
    memory_read_unlock();
    if (!block) {
        return;
    }
    if (__atomic_load_n(&block->ref_count, __ATOMIC_ACQUIRE) > 1 || machine_lock_held()) {
        ram_block_unref(block);
    } else {
        main_loop_schedule(unref_later, block);     /* the last one: under the machine lock */
    }
}

/* ---- lists ---- */

void dma_list_init(DmaList *list, AddressSpace *as)
{
    *list = (DmaList){ .as = as, .ranges = g_array_new(FALSE, FALSE, sizeof(DmaRange)) };
}

void dma_list_add(DmaList *list, uint64_t addr, uint64_t len)
{
    DmaRange range = { addr, MIN(len, UINT64_MAX - list->size) };
    list->size += range.len;
    g_array_append_val(list->ranges, range);
}

void dma_list_clear(DmaList *list)
{
    g_clear_pointer(&list->ranges, g_array_unref);
    list->size = 0;
}

static uint64_t list_rw(DmaList *list, uint64_t offset, uint8_t *buf, uint64_t len, bool is_write, MemResult *result)
{
    uint64_t done = 0;
    MemResult worst = MEM_OK;
    for (unsigned i = 0; list->ranges && i < list->ranges->len && done < len; i++) {
        const DmaRange *range = &g_array_index(list->ranges, DmaRange, i);
        if (offset >= range->len) {
            offset -= range->len;
            continue;
        }
        uint64_t part = MIN(range->len - offset, len - done);
        worst |= rw(list->as, range->addr + offset, buf + done, part, is_write, MEM_ATTRS_NONE, false);
        done += part;
        offset = 0;
    }
    if (result) {
        *result = worst;
    }
    return done;
}

uint64_t dma_list_read(DmaList *list, uint64_t offset, void *buf, uint64_t len, MemResult *result)
{
    return list_rw(list, offset, buf, len, false, result);
}

uint64_t dma_list_write(DmaList *list, uint64_t offset, const void *buf, uint64_t len, MemResult *result)
{
    return list_rw(list, offset, (uint8_t *)buf, len, true, result);
}

/* ---- a CPU's accesses ---- */

/* A device gets an access whole when its region has room for it, even where another region lies over the bytes behind the first: port 0xcf9 is not
 * in the way of a 32-bit write to 0xcf8. */
static bool goes_in_one(const FlatRange *range, uint64_t addr, unsigned size, uint64_t len)
{
    uint64_t offset = addr - range->first + range->offset;
    bool fits = len == size || (!range->host && range->mr->kind == MR_IO && size - 1 <= range->mr->size_minus_1 && offset <= range->mr->size_minus_1 - (size - 1));
    return fits && (range->host || memory_region_access_size(range->mr, offset, size) == size ||
                           (range->mr->ops && range->mr->ops->valid.max == 0 && !(offset & (size - 1))));
}

MemResult address_space_load(AddressSpace *as, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    MemResult result;
    memory_read_lock();
    AddressSpace *target = as;
    uint64_t at = addr, len = size;
    const FlatRange *range = address_space_translate(&target, &at, &len, false, attrs, &result);
    *value = 0;
    if (range && range->host && len == size) {
        memcpy(value, range->host + (at - range->first), size);
    } else if (range && goes_in_one(range, at, size, len)) {
        result = memory_region_dispatch_read(range->mr, at - range->first + range->offset, value, size, attrs);
    } else if (range) {
        result = rw(as, addr, (uint8_t *)value, size, false, attrs, false);
    }
    if (result & MEM_DECODE_ERROR) {
        *value = MAKE_MASK(0, size * 8);
    }
    memory_read_unlock();
    return result;
}

MemResult address_space_store(AddressSpace *as, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    MemResult result;
    memory_read_lock();
    AddressSpace *target = as;
    uint64_t at = addr, len = size;
    const FlatRange *range = address_space_translate(&target, &at, &len, true, attrs, &result);
    if (range && !range->host && goes_in_one(range, at, size, len)) {
        result = memory_region_dispatch_write(range->mr, at - range->first + range->offset, value, size, attrs);
    } else if (range) {
        result = rw(as, addr, (uint8_t *)&value, size, true, attrs, false);
    }
    memory_read_unlock();
    return result;
}
