/*
 * virtio-blk by its queue on a raw file, and virtio-serial and the balloon by theirs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-fixture.h"
#include "block/drive.h"
#include "chardev/char.h"

#include <unistd.h>

enum { RING = 0x100000, HEADER = 0x200000, DATA = 0x210000, STATUS = 0x280000, DISK_BYTES = 1 << 20 };
enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4, T_GET_ID = 8, T_DISCARD = 11, T_WRITE_ZEROES = 13 };
#define FEATURES (BIT(VIRTIO_F_VERSION_1) | BIT(9) | BIT(13) | BIT(14))
static GuestQueue q;
static char *disk_path;
static unsigned disks;

static void start(void)
{
    virtio_negotiate(FEATURES);
    queue_setup(&q, 0, 0, RING);
    virtio_driver_ok();
}

static void setup(void)
{
    GError *err = NULL;
    g_autofree char *id = g_strdup_printf("d%u", disks++);
    int fd = g_file_open_tmp("test-virtio-blk-XXXXXX", &disk_path, NULL);
    g_assert_cmpint(ftruncate(fd, DISK_BYTES), ==, 0);
    close(fd);
    g_autofree char *text = g_strdup_printf("if=none,id=%s,format=raw,discard=unmap,file=%s", id, disk_path);
    if (!drive_add(text, IF_NONE, &err)) {
        g_error("%s", err->message);
    }
    PciDevice *dev = pci_new(VIRTIO_DEVFN, "virtio-blk-pci");
    if (!object_set_text(OBJECT(dev), "drive", id, &err)) {
        g_error("%s", err->message);
    }
    g_assert_true(object_set_text(OBJECT(dev), "serial", "ABC123", &err));
    virtio_attach(dev);
    start();
}

static void teardown(void)
{
    device_unplug(DEVICE(virtio_dev));
    unlink(disk_path);
    g_clear_pointer(&disk_path, g_free);
}

/* Puts a request in; length bytes of data to or from DATA. Returns its head. */
static unsigned submit(uint32_t type, uint64_t sector, uint32_t length, bool in)
{
    uint8_t header[16] = { 0 }, none = 0xee;
    store_le32(header, type);
    store_le64(header + 8, sector);
    mem_put(HEADER, header, 16);
    mem_put(STATUS, &none, 1);
    unsigned head = queue_add(&q, HEADER, 16, false, true);
    if (length) {
        queue_add(&q, DATA, length, in, true);
    }
    queue_add(&q, STATUS, 1, true, false);
    queue_show(&q, head);
    queue_kick(&q);
    return head;
}

static uint8_t request(uint32_t type, uint64_t sector, uint32_t length, bool in)
{
    uint8_t status;
    unsigned head = submit(type, sector, length, in);
    g_assert_cmpuint(queue_take(&q, NULL), ==, head);
    mem_get(STATUS, &status, 1);
    return status;
}

static void test_rw(void)
{
    uint8_t data[4096], got[4096];
    setup();
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0, 4), ==, 0x10011af4);
    g_assert_cmpuint(common_read(0x2000, 4), ==, DISK_BYTES / 512);
    for (unsigned i = 0; i < sizeof(data); i++) {
        data[i] = i * 13;
    }
    mem_put(DATA, data, sizeof(data));
    g_assert_cmpuint(request(T_OUT, 16, 4096, false), ==, 0);
    g_assert_cmpuint(request(T_FLUSH, 0, 0, false), ==, 0);
    dma_set(&pc.system.memory_space, DATA, 0, 4096);
    g_assert_cmpuint(request(T_IN, 16, 4096, true), ==, 0);
    mem_get(DATA, got, 4096);
    g_assert_cmpmem(got, 4096, data, 4096);
    g_assert_cmpuint(request(T_GET_ID, 0, 20, true), ==, 0);
    mem_get(DATA, got, 20);
    g_assert_cmpstr((char *)got, ==, "ABC123");
    uint8_t segment[16] = { 16, 0, 0, 0, 0, 0, 0, 0, 8 };
    mem_put(DATA, segment, 16);
    g_assert_cmpuint(request(T_WRITE_ZEROES, 0, 16, false), ==, 0);
    g_assert_cmpuint(request(T_IN, 16, 4096, true), ==, 0);
    mem_get(DATA, got, 4096);
    memset(data, 0, sizeof(data));
    g_assert_cmpmem(got, 4096, data, 4096);
    mem_put(DATA, segment, 16);
    g_assert_cmpuint(request(T_DISCARD, 0, 16, false), ==, 0);
    teardown();
}

static void test_bad_requests(void)
{
    setup();
    g_assert_cmpuint(request(T_IN, DISK_BYTES / 512, 512, true), ==, 1);
    g_assert_cmpuint(request(T_IN, UINT64_MAX - 1, 1024, true), ==, 1);
    g_assert_cmpuint(request(T_OUT, DISK_BYTES / 512 - 1, 1024, false), ==, 1);
    g_assert_cmpuint(request(T_IN, 0, 100, true), ==, 1);
    g_assert_cmpuint(request(99, 0, 0, false), ==, 2);
    uint8_t segment[16] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    mem_put(DATA, segment, 16);
    g_assert_cmpuint(request(T_DISCARD, 0, 16, false), ==, 1);
    segment[12] = 0xfe;
    mem_put(DATA, segment, 16);
    g_assert_cmpuint(request(T_WRITE_ZEROES, 0, 16, false), ==, 2);
    g_assert_cmpuint(request(T_DISCARD, 0, 8, false), ==, 2);
    /* Without a header, or without a place for the status. */
    queue_show(&q, queue_add(&q, HEADER, 8, false, false));
    queue_kick(&q);
    g_assert_true(virtio_status() & VIRTIO_S_NEEDS_RESET);
    start();
    queue_show(&q, queue_add(&q, HEADER, 16, false, false));
    queue_kick(&q);
    g_assert_true(virtio_status() & VIRTIO_S_NEEDS_RESET);
    start();
    g_assert_cmpuint(request(T_IN, 0, 512, true), ==, 0);
    teardown();
}

static void test_reset(void)
{
    setup();
    for (int i = 0; i < 20; i++) {
        submit(T_IN, i, 4096, true);
        common_write(0x14, 0, 1);
        start();
    }
    for (int i = 0; i < 20; i++) {
        main_loop_iterate(false);
    }
    g_assert_cmpuint(queue_used_index(&q), ==, 0);
    g_assert_cmpuint(request(T_IN, 0, 512, true), ==, 0);
    submit(T_IN, 0, 512, true);
    teardown();
}

/* ---- virtio-serial ---- */

static GuestQueue to_guest, from_guest, ctrl_in, ctrl_out;

static void give(GuestQueue *g, uint64_t addr, uint32_t size)
{
    queue_show(g, queue_add(g, addr, size, true, false));
    queue_kick(g);
}

static void tell(uint32_t id, uint16_t event, uint16_t value)
{
    uint8_t message[8];
    store_le32(message, id);
    store_le16(message + 4, event);
    store_le16(message + 6, value);
    mem_put(HEADER, message, 8);
    queue_show(&ctrl_out, queue_add(&ctrl_out, HEADER, 8, false, false));
    queue_kick(&ctrl_out);
    queue_take(&ctrl_out, NULL);
}

static void expect(uint32_t id, uint16_t event, uint16_t value)
{
    uint8_t got[8];
    unsigned n = queue_take(&ctrl_in, NULL);
    mem_get(DATA + 64 * n, got, 8);
    g_assert_cmpuint(load_le32(got), ==, id);
    g_assert_cmpuint(load_le16(got + 4), ==, event);
    g_assert_cmpuint(load_le16(got + 6), ==, value);
}

static void test_serial(void)
{
    GError *err = NULL;
    uint32_t length;
    virtio_attach(pci_new(VIRTIO_DEVFN, "virtio-serial-pci"));
    g_assert_nonnull(chardev_add("ringbuf,id=ring,size=1024", &err));
    Bus *bus = bus_find_by_type("virtio-serial-bus");
    Device *port = device_new("virtserialport");
    g_assert_true(object_set_text(OBJECT(port), "name", "org.test", &err));
    g_assert_true(object_set_text(OBJECT(port), "chardev", "ring", &err));
    g_assert_true(device_realize(port, bus, &err));
    virtio_negotiate(BIT(VIRTIO_F_VERSION_1) | BIT(1));
    queue_setup(&ctrl_in, 2, 0, RING);
    queue_setup(&ctrl_out, 3, 0, RING + 0x10000);
    queue_setup(&to_guest, 4, 0, RING + 0x20000);
    queue_setup(&from_guest, 5, 0, RING + 0x30000);
    virtio_driver_ok();
    for (int i = 0; i < 8; i++) {
        give(&ctrl_in, DATA + 64 * i, 64);
    }
    tell(0, 0, 1);
    expect(1, 1, 1);
    tell(1, 3, 1);
    expect(1, 7, 1);
    expect(1, 6, 1);
    tell(1, 6, 1);
    mem_put(HEADER, "hello", 5);
    queue_show(&from_guest, queue_add(&from_guest, HEADER, 5, false, false));
    queue_kick(&from_guest);
    queue_take(&from_guest, NULL);
    size_t size;
    g_autofree char *text = chardev_ring_read("ring", 100, &size, &err);
    g_assert_cmpmem(text, size, "hello", 5);
    /* Ports that are not there, messages that are none. */
    tell(77, 3, 1);
    tell(UINT32_MAX, 6, 1);
    tell(1, 99, 1);
    queue_show(&ctrl_out, queue_add(&ctrl_out, HEADER, 3, false, false));
    queue_kick(&ctrl_out);
    queue_take(&ctrl_out, &length);
    Device *second = device_new("virtserialport");
    g_assert_true(object_set_text(OBJECT(second), "nr", "1", &err));
    g_assert_false(device_realize(second, bus, &err));
    g_assert_cmpstr(err->message, ==, "virtio-serial-bus: A port already exists at id 1");
    device_unplug(port);
    expect(1, 2, 1);
    device_unplug(DEVICE(virtio_dev));
}

/* ---- balloon ---- */

static void test_balloon(void)
{
    uint8_t pfns[12];
    virtio_attach(pci_new(VIRTIO_DEVFN, "virtio-balloon-pci"));
    virtio_negotiate(BIT(VIRTIO_F_VERSION_1) | BIT(1));
    queue_setup(&q, 0, 0, RING);
    GuestQueue stats;
    queue_setup(&stats, 2, 0, RING + 0x10000);
    virtio_driver_ok();
    mem_set32(0x500000, 0x12345678);
    mem_set32(0x501000, 0x12345678);
    store_le32(pfns, 0x500);
    store_le32(pfns + 4, 0xffffffff);
    store_le32(pfns + 8, 0xe0000);
    mem_put(HEADER, pfns, 12);
    queue_show(&q, queue_add(&q, HEADER, 12, false, false));
    queue_kick(&q);
    queue_take(&q, NULL);
    g_assert_cmphex(mem32(0x500000), ==, 0);
    g_assert_cmphex(mem32(0x501000), ==, 0x12345678);
    queue_show(&stats, queue_add(&stats, HEADER, 12, false, false));
    queue_kick(&stats);
    common_write(0x14, 0, 1);
    device_unplug(DEVICE(virtio_dev));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/virtio-blk/reads, writes, zeroes, discards", test_rw);
    g_test_add_func("/virtio-blk/bad requests fail", test_bad_requests);
    g_test_add_func("/virtio-blk/reset with requests in flight", test_reset);
    g_test_add_func("/virtio-serial/ports talk", test_serial);
    g_test_add_func("/virtio-balloon/pages go and numbers come", test_balloon);
    return g_test_run();
}
