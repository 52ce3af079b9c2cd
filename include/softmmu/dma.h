/*
 * Access to guest memory by address, for devices, loaders and debuggers. Every call is checked and returns a result: an address from
 * the guest can be anything.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SOFTMMU_DMA_H
#define SOFTMMU_DMA_H

#include "softmmu/memory.h"
#include "util/bits.h"

/* Any thread; takes the machine lock itself for device regions. A failed read fills the rest with zeroes. len has no bound. */
MemResult dma_read(AddressSpace *as, uint64_t addr, void *buf, uint64_t len);
MemResult dma_write(AddressSpace *as, uint64_t addr, const void *buf, uint64_t len);
MemResult dma_set(AddressSpace *as, uint64_t addr, uint8_t byte, uint64_t len);
MemResult dma_rw(AddressSpace *as, uint64_t addr, void *buf, uint64_t len, bool is_write, MemAttrs attrs);
/* Debuggers and loaders: writes ROM too. */
MemResult dma_write_rom(AddressSpace *as, uint64_t addr, const void *buf, uint64_t len);
/* True when every byte of the range is answered by someone. */
bool dma_range_valid(AddressSpace *as, uint64_t addr, uint64_t len, bool is_write);

/* A host pointer to at most *len bytes of guest RAM at addr; *len shrinks to what lies together. NULL when it is not RAM: then use
 * dma_read/write. Give it back with dma_unmap (written: how many bytes were changed). Holds the view until then. */
void *dma_map(AddressSpace *as, uint64_t addr, uint64_t *len, bool is_write);
void dma_unmap(AddressSpace *as, void *host, uint64_t len, bool is_write, uint64_t written);

/* A list of guest ranges. */
typedef struct DmaRange { uint64_t addr, len; } DmaRange;
typedef struct DmaList { AddressSpace *as; GArray *ranges; /* of DmaRange */ uint64_t size; } DmaList;
void dma_list_init(DmaList *list, AddressSpace *as);
void dma_list_add(DmaList *list, uint64_t addr, uint64_t len);
void dma_list_clear(DmaList *list);
/* Copies len bytes from offset of the list; returns how many were copied (0 past its end), *result gets the worst result. */
uint64_t dma_list_read(DmaList *list, uint64_t offset, void *buf, uint64_t len, MemResult *result);
uint64_t dma_list_write(DmaList *list, uint64_t offset, const void *buf, uint64_t len, MemResult *result);

#define DEFINE_DMA_ACCESS(bits, type) \
    static inline MemResult dma_load_le##bits(AddressSpace *as, uint64_t addr, type *v) \
    { uint8_t b[sizeof(type)]; MemResult r = dma_read(as, addr, b, sizeof(b)); *v = load_le##bits(b); return r; } \
    static inline MemResult dma_store_le##bits(AddressSpace *as, uint64_t addr, type v) \
    { uint8_t b[sizeof(type)]; store_le##bits(b, v); return dma_write(as, addr, b, sizeof(b)); }
DEFINE_DMA_ACCESS(16, uint16_t)
DEFINE_DMA_ACCESS(32, uint32_t)
DEFINE_DMA_ACCESS(64, uint64_t)
#undef DEFINE_DMA_ACCESS

/* Port and memory accesses of a CPU: one access of 1, 2, 4 or 8 bytes. Nobody there: reads give all ones. */
MemResult address_space_load(AddressSpace *as, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs);
MemResult address_space_store(AddressSpace *as, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs);

#endif
