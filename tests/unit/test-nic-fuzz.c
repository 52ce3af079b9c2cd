/*
 * Random rings, descriptors and registers for every network card and virtio device: whatever comes, the process lives and a reset device works.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-fixture.h"
#include "block/drive.h"

#include <unistd.h>

enum { ROUNDS = 300, RINGS = 0x100000, AREA = 0x200000, MMIO = 0xe0000000, PORTS = 0xc000 };

static uint32_t any(uint32_t bound) { return (uint32_t)g_test_rand_int_range(0, INT32_MAX) % bound; }
static uint32_t any32(void) { return (uint32_t)g_test_rand_int() ^ (uint32_t)g_test_rand_int() << 1; }

/* An address that is mostly good. */
static uint64_t any_address(void)
{
    static const uint64_t bad[] = { 0, 0xa0000, 0xf0000, 16 * MiB - 4, 16 * MiB, MMIO, MODERN, MODERN + 0x3000, 0xfee00000, UINT32_MAX, UINT64_MAX, UINT64_MAX - 7, 1ull << 63 };
    return any(8) ? RINGS + any(0x300000) : bad[any(ARRAY_SIZE(bad))];
}

static uint32_t any_length(void) { return any(8) ? any(2048) : any(4) ? any(200000) : any32(); }

/* ---- virtio ---- */

static void fill_ring(const GuestQueue *q)
{
    for (unsigned n = 0; n < q->size; n++) {
        uint16_t flags = (any(3) ? 0 : D_NEXT) | (any(2) ? D_WRITE : 0) | (any(12) ? 0 : D_INDIRECT);
        uint32_t length = flags & D_INDIRECT && any(4) ? 16 * (1 + any(20)) : any_length();
        put_desc(q->desc, n, any_address(), length, flags, any(10) ? any(q->size) : any32());
    }
    for (unsigned n = 0; n < q->size; n++) {
        dma_store_le16(&pc.system.memory_space, q->avail + 4 + 2 * n, any(20) ? any(q->size) : any32());
    }
}

static void poke_virtio(unsigned nr_queues)
{
    GuestQueue q[8];
    virtio_negotiate(any(2) ? UINT64_MAX : BIT(VIRTIO_F_VERSION_1) | any32());
    for (unsigned i = 0; i < MIN(nr_queues, 8); i++) {
        queue_setup(&q[i], i, 1u << any(8), RINGS + 0x10000 * i);
        q[i].size = MAX(common_read(0x18, 2), 1);
        fill_ring(&q[i]);
    }
    virtio_driver_ok();
    for (unsigned n = 0; n < 12; n++) {
        GuestQueue *k = &q[any(MIN(nr_queues, 8))];
        uint16_t index;
        dma_load_le16(&pc.system.memory_space, k->avail + 2, &index);
        dma_store_le16(&pc.system.memory_space, k->avail + 2, any(15) ? index + any(4) : any32());
        queue_kick(k);
        if (!any(4)) {
            common_write(0x2000 + any(64), any32(), 1u << any(3));
        }
        if (!any(10)) {
            common_write(any(0x40), any32(), 1u << any(3));
        }
    }
}

static void fuzz_virtio(const void *opaque)
{
    const char *type = opaque;
    GError *err = NULL;
    Wire *wire = NULL;
    g_autofree char *path = NULL;
    uint8_t frame[1514];
    PciDevice *dev = pci_new(VIRTIO_DEVFN, type);
    if (!strcmp(type, "virtio-net-pci")) {
        wire = wire_new("w");
        object_set_text(OBJECT(dev), "romfile", "", &err);
        object_set_text(OBJECT(dev), "netdev", "w", &err);
    } else if (!strcmp(type, "virtio-blk-pci")) {
        int fd = g_file_open_tmp("test-nic-fuzz-XXXXXX", &path, NULL);
        g_assert_cmpint(ftruncate(fd, 1 << 20), ==, 0);
        close(fd);
        g_autofree char *text = g_strdup_printf("if=none,id=fuzz,format=raw,file=%s", path);
        g_assert_nonnull(drive_add(text, IF_NONE, &err));
        g_assert_true(object_set_text(OBJECT(dev), "drive", "fuzz", &err));
    }
    virtio_attach(dev);
    unsigned nr_queues = common_read(0x12, 2);
    make_frame(frame, sizeof(frame));
    for (unsigned round = 0; round < ROUNDS; round++) {
        poke_virtio(nr_queues);
        for (unsigned i = 0; wire && i < 3; i++) {
            net_send(&wire->parent, frame, 14 + any(1500), NULL);
        }
        if (wire) {
            wire->full = any(2);
            net_flush_queue(&wire->parent);
            g_ptr_array_set_size(wire->got, 0);
        }
    }
    common_write(0x14, 0, 1);
    g_assert_cmphex(virtio_status(), ==, 0);
    device_unplug(DEVICE(dev));
    if (wire) {
        net_client_free(&wire->parent);
    }
    if (path) {
        unlink(path);
    }
}

/* ---- network cards ---- */

static void fuzz_nic(const void *opaque)
{
    const char *type = opaque;
    uint8_t frame[1514];
    unsigned devfn = PCI_DEVFN(4, 0);
    bool ports = !strcmp(type, "rtl8139");
    Wire *wire = wire_new("w");
    PciDevice *dev = nic_add(type, devfn, "w");
    config_write(devfn, PCI_BASE_ADDRESS_0, ports ? PORTS : MMIO, 4);
    make_frame(frame, sizeof(frame));
    for (unsigned round = 0; round < ROUNDS * 4; round++) {
        config_write(devfn, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | (any(8) ? PCI_COMMAND_MASTER : 0), 2);
        /* Somewhere there are descriptors of any kind. */
        for (unsigned n = 0; n < 16; n++) {
            mem_set64(RINGS + 16 * n, any_address());
            mem_set32(RINGS + 16 * n + 8, any(2) ? any32() : any_length() | 0x21000000);
            mem_set32(RINGS + 16 * n + 12, any(2) ? any32() : 0x00000300);
        }
        for (unsigned n = 0; n < 24; n++) {
            if (ports) {
                uint8_t addr = any(256) & ~3u;
                outl(PORTS + addr, any(3) ? any32() : RINGS + 256 * any(4));
                outb(PORTS + any(256), any32());
                in(PORTS + any(256), 1u << any(3));
            } else {
                static const uint16_t bases[] = { 0x0, 0xc0, 0x100, 0x400, 0x2800, 0x3800, 0x2820, 0x3820, 0x5000, 0x5400 };
                uint32_t addr = bases[any(ARRAY_SIZE(bases))] + 4 * any(8);
                mmio_set32(MMIO + addr, any(4) ? any(3) ? RINGS + 16 * any(8) : any(300) : any32());
                mmio32(MMIO + 4 * any(0x8000));
            }
        }
        if (!ports) {
            mmio_set32(MMIO + 0x2800, RINGS);
            mmio_set32(MMIO + 0x2804, 0);
            mmio_set32(MMIO + 0x2808, 256);
            mmio_set32(MMIO + 0x3800, RINGS);
            mmio_set32(MMIO + 0x3804, 0);
            mmio_set32(MMIO + 0x3808, 256);
            mmio_set32(MMIO + 0x400, 2);
            mmio_set32(MMIO + 0x100, any32() | 2);
            mmio_set32(MMIO + 0x2818, any(16));
            mmio_set32(MMIO + 0x3818, any(16));
        }
        net_send(&wire->parent, frame, 14 + any(1500), NULL);
        step_ns(any(1000000));
        g_ptr_array_set_size(wire->got, 0);
    }
    device_cold_reset(DEVICE(dev));
    device_unplug(DEVICE(dev));
    net_client_free(&wire->parent);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    static const char *const virtio[] = { "virtio-net-pci", "virtio-blk-pci", "virtio-rng-pci", "virtio-serial-pci", "virtio-balloon-pci" };
    static const char *const nics[] = { "e1000", "e1000e", "rtl8139" };
    for (size_t i = 0; i < ARRAY_SIZE(virtio); i++) {
        g_autofree char *name = g_strdup_printf("/fuzz/%s", virtio[i]);
        g_test_add_data_func(name, virtio[i], fuzz_virtio);
    }
    for (size_t i = 0; i < ARRAY_SIZE(nics); i++) {
        g_autofree char *name = g_strdup_printf("/fuzz/%s", nics[i]);
        g_test_add_data_func(name, nics[i], fuzz_nic);
    }
    return g_test_run();
}
