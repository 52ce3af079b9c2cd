/* A guest's virtio driver over PCI for tests: finds the structures, sets queues up, puts chains in. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_VIRTIO_FIXTURE_H
#define TESTS_UNIT_VIRTIO_FIXTURE_H

#include "hw/virtio/virtio-pci.h"
#include "nic-fixture.h"
#include "wait-until.h"

enum { VIRTIO_DEVFN = PCI_DEVFN(6, 0), MODERN = 0xe0800000, LEGACY = 0xd000, D_NEXT = 1, D_WRITE = 2, D_INDIRECT = 4 };

typedef struct GuestQueue { unsigned index, size, next_desc; uint64_t desc, avail, used; uint16_t avail_index, used_seen; } GuestQueue;

static PciDevice *virtio_dev;

static inline uint32_t common_read(unsigned offset, unsigned size)
{
    uint64_t value = 0;
    address_space_load(&pc.system.memory_space, MODERN + offset, &value, size, MEM_ATTRS_NONE);
    return value;
}
static inline void common_write(unsigned offset, uint32_t value, unsigned size)
{
    address_space_store(&pc.system.memory_space, MODERN + offset, value, size, MEM_ATTRS_NONE);
}
static inline uint8_t virtio_status(void) { return common_read(0x14, 1); }

/* The device is on the bus already: maps it. */
static inline void virtio_map(void)
{
    config_write(VIRTIO_DEVFN, PCI_BASE_ADDRESS_0, LEGACY, 4);
    config_write(VIRTIO_DEVFN, PCI_BASE_ADDRESS_4, MODERN, 4);
    config_write(VIRTIO_DEVFN, PCI_BASE_ADDRESS_5, 0, 4);
    config_write(VIRTIO_DEVFN, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER, 2);
}

static inline void virtio_attach(PciDevice *dev)
{
    GError *err = NULL;
    virtio_dev = dev;
    if (!pci_realize(dev, pc.host->parent.bus, &err)) {
        g_error("%s", err->message);
    }
    device_cold_reset(DEVICE(dev));
    virtio_map();
}

static inline uint64_t virtio_offered(void)
{
    common_write(0, 0, 4);
    uint64_t low = common_read(4, 4);
    common_write(0, 1, 4);
    return low | (uint64_t)common_read(4, 4) << 32;
}

/* Reset, features (of those offered), FEATURES_OK. */
static inline uint64_t virtio_negotiate(uint64_t wanted)
{
    common_write(0x14, 0, 1);
    g_assert_cmphex(virtio_status(), ==, 0);
    common_write(0x14, VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER, 1);
    uint64_t features = virtio_offered() & wanted;
    for (unsigned half = 0; half < 2; half++) {
        common_write(8, half, 4);
        common_write(0xc, features >> (32 * half), 4);
    }
    common_write(0x14, VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER | VIRTIO_S_FEATURES_OK, 1);
    return features;
}

static inline void virtio_driver_ok(void) { common_write(0x14, VIRTIO_S_ACKNOWLEDGE | VIRTIO_S_DRIVER | VIRTIO_S_FEATURES_OK | VIRTIO_S_DRIVER_OK, 1); }

static inline void queue_setup(GuestQueue *q, unsigned index, unsigned size, uint64_t memory)
{
    *q = (GuestQueue){ .index = index, .size = size, .desc = memory, .avail = memory + 0x4000, .used = memory + 0x6000 };
    dma_set(&pc.system.memory_space, memory, 0, 0x9000);
    common_write(0x16, index, 2);
    if (size) {
        common_write(0x18, size, 2);
    } else {
        q->size = common_read(0x18, 2);
    }
    common_write(0x20, q->desc, 4);
    common_write(0x24, 0, 4);
    common_write(0x28, q->avail, 4);
    common_write(0x2c, 0, 4);
    common_write(0x30, q->used, 4);
    common_write(0x34, 0, 4);
    common_write(0x1c, 1, 2);
}

static inline void put_desc(uint64_t table, unsigned n, uint64_t addr, uint32_t length, uint16_t flags, uint16_t next)
{
    uint8_t raw[16];
    store_le64(raw, addr);
    store_le32(raw + 8, length);
    store_le16(raw + 12, flags);
    store_le16(raw + 14, next);
    mem_put(table + 16 * n, raw, 16);
}

/* One piece of a chain; more: another follows. Returns the descriptor's number. */
static inline unsigned queue_add(GuestQueue *q, uint64_t addr, uint32_t length, bool write, bool more)
{
    unsigned n = q->next_desc++ % q->size;
    put_desc(q->desc, n, addr, length, (write ? D_WRITE : 0) | (more ? D_NEXT : 0), q->next_desc % q->size);
    return n;
}

static inline void queue_show(GuestQueue *q, unsigned head)
{
    dma_store_le16(&pc.system.memory_space, q->avail + 4 + 2 * (q->avail_index % q->size), head);
    dma_store_le16(&pc.system.memory_space, q->avail + 2, ++q->avail_index);
}

/* The main loop hears of it by an event descriptor. */
static inline void queue_kick(GuestQueue *q)
{
    common_write(0x3000 + 4 * q->index, q->index, 2);
    for (int i = 0; i < 3; i++) {
        main_loop_iterate(false);
    }
}

static inline uint16_t queue_used_index(GuestQueue *q)
{
    uint16_t value;
    dma_load_le16(&pc.system.memory_space, q->used + 2, &value);
    return value;
}

/* The next used entry; fails when there is none after a while. */
static inline uint32_t queue_take(GuestQueue *q, uint32_t *length)
{
    WAIT_UNTIL(queue_used_index(q) != q->used_seen);
    g_assert_cmpuint(queue_used_index(q), !=, q->used_seen);
    uint64_t entry = q->used + 4 + 8 * (q->used_seen++ % q->size);
    if (length) {
        *length = mem32(entry + 4);
    }
    return mem32(entry);
}

#endif
