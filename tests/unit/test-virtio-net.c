/*
 * virtio-net by its queues: packets both ways, buffers that are merged, the control queue, full peers and resets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-fixture.h"

enum { RX_RING = 0x100000, TX_RING = 0x110000, CTRL_RING = 0x120000, RX_DATA = 0x200000, TX_DATA = 0x300000, HEADER = 12 };
enum { F_MAC = 5, F_MRG = 15, F_STATUS = 16, F_CTRL_VQ = 17, F_CTRL_RX = 18, F_CTRL_VLAN = 19, F_CTRL_MAC = 23 };
#define FEATURES (BIT(VIRTIO_F_VERSION_1) | BIT(F_MAC) | BIT(F_STATUS) | BIT(F_CTRL_VQ) | BIT(F_CTRL_RX) | BIT(F_CTRL_VLAN) | BIT(F_CTRL_MAC))
static Wire *wire;
static GuestQueue rx, tx, ctrl;

static void start(uint64_t features)
{
    virtio_negotiate(features);
    queue_setup(&rx, 0, 0, RX_RING);
    queue_setup(&tx, 1, 0, TX_RING);
    queue_setup(&ctrl, 2, 0, CTRL_RING);
    virtio_driver_ok();
}

static void setup(uint64_t features)
{
    GError *err = NULL;
    wire = wire_new("w");
    PciDevice *dev = pci_new(VIRTIO_DEVFN, "virtio-net-pci");
    g_assert_true(object_set_text(OBJECT(dev), "romfile", "", &err));
    g_assert_true(object_set_text(OBJECT(dev), "netdev", "w", &err));
    g_assert_true(object_set_text(OBJECT(dev), "mac", "52:54:00:01:02:03", &err));
    virtio_attach(dev);
    start(features);
}

static void teardown(void)
{
    device_unplug(DEVICE(virtio_dev));
    net_client_free(&wire->parent);
}

static void add_rx(unsigned count, uint32_t size)
{
    for (unsigned i = 0; i < count; i++) {
        unsigned head = queue_add(&rx, RX_DATA + 0x1000 * (rx.next_desc % 256), size, true, false);
        queue_show(&rx, head);
    }
    queue_kick(&rx);
}

static void send(const uint8_t *frame, size_t length)
{
    uint8_t header[HEADER] = { 0 };
    mem_put(TX_DATA, header, HEADER);
    mem_put(TX_DATA + HEADER, frame, length);
    unsigned head = queue_add(&tx, TX_DATA, HEADER, false, true);
    queue_add(&tx, TX_DATA + HEADER, length, false, false);
    queue_show(&tx, head);
    queue_kick(&tx);
}

static uint8_t command(uint8_t class, uint8_t what, const void *data, size_t size)
{
    uint8_t status = 0xee, header[2] = { class, what };
    mem_put(0x400000, header, 2);
    mem_put(0x400100, data, size);
    mem_put(0x410000, &status, 1);
    unsigned head = queue_add(&ctrl, 0x400000, 2, false, true);
    if (size) {
        queue_add(&ctrl, 0x400100, size, false, true);
    }
    queue_add(&ctrl, 0x410000, 1, true, false);
    queue_show(&ctrl, head);
    queue_kick(&ctrl);
    queue_take(&ctrl, NULL);
    mem_get(0x410000, &status, 1);
    return status;
}

static void test_config(void)
{
    setup(FEATURES);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0, 4), ==, 0x10001af4);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0x98, 4), ==, 0x00038411);
    g_assert_cmphex(common_read(0x2000, 4), ==, 0x01005452);
    g_assert_cmphex(common_read(0x2006, 2), ==, 1);
    g_assert_false(virtio_offered() & 1);       /* a back end without headers: no offloads */
    net_set_link("w", false, NULL);
    g_assert_cmphex(common_read(0x2006, 2), ==, 0);
    g_assert_cmphex(common_read(0x1000, 1) & 2, ==, 2);
    teardown();
}

static void test_transmit(void)
{
    uint8_t frame[1514];
    size_t size;
    setup(FEATURES);
    make_frame(frame, sizeof(frame));
    for (int i = 0; i < 600; i++) {
        frame[30] = i;
        send(frame, 60 + i);
        queue_take(&tx, NULL);
        const uint8_t *p = wire_packet(wire, i, &size);
        g_assert_cmpmem(p, size, frame, 60 + i);
    }
    teardown();
}

static void test_full_peer(void)
{
    uint8_t frame[100];
    setup(FEATURES);
    make_frame(frame, sizeof(frame));
    wire->full = true;
    for (int i = 0; i < 5; i++) {
        send(frame, sizeof(frame));
    }
    g_assert_cmpuint(queue_used_index(&tx), ==, 0);
    wire->full = false;
    net_flush_queue(&wire->parent);
    for (int i = 0; i < 5; i++) {
        queue_take(&tx, NULL);
    }
    g_assert_cmpuint(wire->got->len, ==, 5);
    /* A reset while a packet waits. */
    wire->full = true;
    send(frame, sizeof(frame));
    start(FEATURES);
    wire->full = false;
    net_flush_queue(&wire->parent);
    g_assert_cmpuint(wire->got->len, ==, 5);
    g_assert_cmpuint(queue_used_index(&tx), ==, 0);
    wire->full = true;
    send(frame, sizeof(frame));
    teardown();
}

static void test_receive(void)
{
    uint8_t frame[1000], got[1000], header[HEADER];
    uint32_t length;
    setup(FEATURES);
    make_frame(frame, sizeof(frame));
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    net_send(&wire->parent, frame, 60, NULL);
    add_rx(1, 2048);
    unsigned n = queue_take(&rx, &length);
    g_assert_cmpuint(length, ==, 1012);
    mem_get(RX_DATA + 0x1000 * n, header, HEADER);
    g_assert_cmpuint(load_le16(header + 10), ==, 1);
    mem_get(RX_DATA + 0x1000 * n + HEADER, got, 1000);
    g_assert_cmpmem(got, 1000, frame, 1000);
    add_rx(4, 2048);
    queue_take(&rx, &length);
    g_assert_cmpuint(length, ==, 72);
    /* Too long for a buffer: dropped, the buffer stays. */
    net_send(&wire->parent, g_malloc0(3000), 3000, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 2);
    net_send(&wire->parent, frame, 100, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 3);
    teardown();
}

static void test_mergeable(void)
{
    static uint8_t frame[9000], got[9000];
    uint32_t length, total = 0;
    setup(FEATURES | BIT(F_MRG));
    make_frame(frame, sizeof(frame));
    add_rx(4, 1024);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 0);     /* four are not enough: it waits */
    add_rx(6, 1024);
    g_assert_cmpuint(queue_used_index(&rx), ==, 9);
    for (int i = 0; i < 9; i++) {
        unsigned n = queue_take(&rx, &length);
        unsigned skip = i ? 0 : HEADER;
        if (!i) {
            uint8_t number[2];
            mem_get(RX_DATA + 0x1000 * n + 10, number, 2);
            g_assert_cmpuint(load_le16(number), ==, 9);
        }
        mem_get(RX_DATA + 0x1000 * n + skip, got + total, length - skip);
        total += length - skip;
    }
    g_assert_cmpmem(got, total, frame, sizeof(frame));
    teardown();
}

static void test_control(void)
{
    uint8_t frame[60], zero = 0, mac[6] = { 2, 0, 0, 0, 0, 9 }, table[32] = { 0 };
    setup(FEATURES);
    make_frame(frame, sizeof(frame));
    add_rx(8, 2048);
    g_assert_cmphex(command(0, 0, &zero, 1), ==, 0);    /* no longer promiscuous */
    memcpy(frame, mac, 6);
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 0);
    g_assert_cmphex(command(1, 1, mac, 6), ==, 0);
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 1);
    /* A multicast address by table. */
    frame[0] = 3;
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 1);
    table[4] = 1;
    memcpy(table + 8, frame, 6);
    g_assert_cmphex(command(1, 0, table, 14), ==, 0);
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 2);
    /* VLAN 5 passes when it was added. */
    store_be16(frame + 12, 0x8100);
    store_be16(frame + 14, 5);
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 2);
    uint8_t vlan[2] = { 5, 0 };
    g_assert_cmphex(command(2, 0, vlan, 2), ==, 0);
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_cmpuint(queue_used_index(&rx), ==, 3);
    /* Nonsense is refused. */
    uint8_t many[4] = { 0xff, 0xff, 0xff, 0xff };
    g_assert_cmphex(command(1, 0, many, 4), ==, 1);
    g_assert_cmphex(command(0, 99, &zero, 1), ==, 1);
    g_assert_cmphex(command(77, 0, &zero, 1), ==, 1);
    g_assert_cmphex(command(2, 0, many, 2), ==, 1);
    g_assert_cmphex(command(4, 0, vlan, 2), ==, 1);
    teardown();
}

static void test_short_buffers(void)
{
    setup(FEATURES);
    queue_show(&tx, queue_add(&tx, TX_DATA, 4, false, false));
    queue_kick(&tx);
    for (int i = 0; i < 10; i++) {
        main_loop_iterate(false);
    }
    g_assert_true(virtio_status() & VIRTIO_S_NEEDS_RESET);
    start(FEATURES);
    uint8_t frame[60];
    make_frame(frame, 60);
    add_rx(1, 4);
    net_send(&wire->parent, frame, 60, NULL);
    g_assert_true(virtio_status() & VIRTIO_S_NEEDS_RESET);
    start(FEATURES);
    queue_show(&ctrl, queue_add(&ctrl, TX_DATA, 1, false, false));
    queue_kick(&ctrl);
    g_assert_true(virtio_status() & VIRTIO_S_NEEDS_RESET);
    teardown();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/virtio-net/configuration and link", test_config);
    g_test_add_func("/virtio-net/packets go out", test_transmit);
    g_test_add_func("/virtio-net/a full peer holds the queue", test_full_peer);
    g_test_add_func("/virtio-net/packets come in", test_receive);
    g_test_add_func("/virtio-net/buffers are merged", test_mergeable);
    g_test_add_func("/virtio-net/the control queue sets filters", test_control);
    g_test_add_func("/virtio-net/short buffers break the device", test_short_buffers);
    return g_test_run();
}
