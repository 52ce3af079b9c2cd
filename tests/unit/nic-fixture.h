/* A peer for NICs under test: keeps what it gets and sends what it is told. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_NIC_FIXTURE_H
#define TESTS_UNIT_NIC_FIXTURE_H

#include "net/net.h"
#include "pc-fixture.h"

#include <string.h>

typedef struct Wire { NetClient parent; GPtrArray *got; bool full; } Wire;

static ssize_t wire_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    Wire *w = (Wire *)nc;
    if (w->full) {
        return 0;
    }
    uint8_t *copy = g_malloc(size);
    iov_to_buffer(iov, count, 0, copy, size);
    g_ptr_array_add(w->got, g_bytes_new_take(copy, size));
    return size;
}

static void wire_destroy(NetClient *nc) { g_ptr_array_unref(((Wire *)nc)->got); }
static const NetClientType wire_type = { .name = "wire", .size = sizeof(Wire), .receive = wire_receive, .destroy = wire_destroy };

static inline Wire *wire_new(const char *name)
{
    Wire *w = (Wire *)net_client_new(&wire_type, "wire", name, NULL);
    w->got = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    return w;
}

static inline const uint8_t *wire_packet(Wire *w, unsigned n, size_t *size)
{
    g_assert_cmpuint(n, <, w->got->len);
    return g_bytes_get_data(w->got->pdata[n], size);
}

/* An untagged broadcast frame of that length whose bytes count up. */
static inline void make_frame(uint8_t *frame, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        frame[i] = i < 6 ? 0xff : i;
    }
    frame[12] = 0x88;
    frame[13] = 0xb5;       /* local experimental */
}

static inline uint32_t mem32(uint64_t addr)
{
    uint32_t value;
    dma_load_le32(&pc.system.memory_space, addr, &value);
    return value;
}
static inline void mem_set32(uint64_t addr, uint32_t value) { dma_store_le32(&pc.system.memory_space, addr, value); }
static inline void mem_set64(uint64_t addr, uint64_t value) { dma_store_le64(&pc.system.memory_space, addr, value); }
static inline void mem_put(uint64_t addr, const void *data, size_t length) { dma_write(&pc.system.memory_space, addr, data, length); }
static inline void mem_get(uint64_t addr, void *data, size_t length) { dma_read(&pc.system.memory_space, addr, data, length); }
static inline uint32_t mmio32(uint64_t addr)
{
    uint64_t value = 0;
    address_space_load(&pc.system.memory_space, addr, &value, 4, MEM_ATTRS_NONE);
    return value;
}
static inline void mmio_set32(uint64_t addr, uint32_t value) { address_space_store(&pc.system.memory_space, addr, value, 4, MEM_ATTRS_NONE); }

static inline PciDevice *nic_add(const char *type, int devfn, const char *netdev)
{
    GError *err = NULL;
    PciDevice *dev = pci_new(devfn, type);
    g_assert_true(object_set_text(OBJECT(dev), "romfile", "", &err));
    if (netdev) {
        g_assert_true(object_set_text(OBJECT(dev), "netdev", netdev, &err));
    }
    g_assert_true(pci_realize(dev, pc.host->parent.bus, &err));
    device_cold_reset(DEVICE(dev));
    return dev;
}

static inline void step_ns(int64_t ns) { clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + ns); }

#endif
