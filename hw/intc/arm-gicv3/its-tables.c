/*
 * The tables of the Interrupt Translation Service in the guest's memory: of devices, collections, vPEs (GITS_BASER<n>), and of a device's events (IHI 0069, 5.2.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "its.h"

#include "softmmu/dma.h"

static uint64_t page_size(uint64_t baser)
{
    static const uint32_t sizes[] = { 0x1000, 0x4000, 0x10000, 0x10000 };
    return sizes[FIELD_GET(baser, ITS_BASER_PAGE_SIZE)];
}

/* 12.19.1: with pages of 64 KiB bits 51:48 of the address are in bits 15:12. */
static uint64_t table_address(uint64_t baser)
{
    if (page_size(baser) == 0x10000) {
        return (baser & UINT64_C(0xffffffff0000)) | (baser >> 12 & 0xf) << 48;
    }
    return baser & UINT64_C(0xfffffffff000);
}

uint64_t its_table_entries(const ArmGicv3Its *s, unsigned table)
{
    uint64_t baser = s->baser[table], bytes = (FIELD_GET(baser, ITS_BASER_SIZE) + 1) * page_size(baser);
    static const uint8_t index_bits[] = { [ITS_DEVICES] = ITS_DEVICE_BITS, [ITS_COLLECTIONS] = ITS_COLLECTION_BITS, [ITS_VPES] = ITS_VPE_BITS };
    uint64_t limit = UINT64_C(1) << index_bits[table];
    uint64_t room = bytes / ITS_ENTRY_SIZE;
    if (baser & ITS_INDIRECT) {
        room *= page_size(baser) / ITS_ENTRY_SIZE;
    }
    return baser & ITS_VALID ? MIN(room, limit) : 0;
}

/* Where an entry is; false: out of the table, or in a page of it that is not there. */
static bool entry_address(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t *addr)
{
    uint64_t baser = s->baser[table], page, per_page = page_size(baser) / ITS_ENTRY_SIZE;
    if (n >= its_table_entries(s, table)) {
        return false;
    }
    if (!(baser & ITS_INDIRECT)) {
        *addr = table_address(baser) + n * ITS_ENTRY_SIZE;
        return true;
    }
    if (dma_load_le64(&its_gic(s)->memory, table_address(baser) + n / per_page * 8, &page) != MEM_OK || !(page & ITS_VALID)) {
        return false;
    }
    *addr = (page & UINT64_C(0x000ffffffffff000)) + n % per_page * ITS_ENTRY_SIZE;
    return true;
}

bool its_load_entry(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t *entry)
{
    uint64_t addr;
    return entry_address(s, table, n, &addr) && dma_load_le64(&its_gic(s)->memory, addr, entry) == MEM_OK && *entry & ENTRY_VALID;
}

void its_store_entry(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t entry)
{
    uint64_t addr;
    if (entry_address(s, table, n, &addr)) {
        dma_store_le64(&its_gic(s)->memory, addr, entry);
    }
}

/* Of an event of a device. */
bool its_event_address(const ArmGicv3Its *s, uint32_t device, uint32_t event, uint64_t *addr)
{
    uint64_t entry;
    if (!its_load_entry(s, ITS_DEVICES, device, &entry) || event >> FIELD_GET(entry, DEVICE_BITS) >> 1) {
        return false;
    }
    *addr = (entry & DEVICE_ITT) + (uint64_t)event * ITS_ENTRY_SIZE;
    return true;
}

bool its_load_event(const ArmGicv3Its *s, uint32_t device, uint32_t event, uint64_t *addr, uint64_t *entry)
{
    return its_event_address(s, device, event, addr) && dma_load_le64(&its_gic(s)->memory, *addr, entry) == MEM_OK && *entry & ENTRY_VALID;
}
