/*
 * The virtio core by a device that copies what it reads to what it writes: negotiation, rings, interrupts, and guests that break every rule.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-fixture.h"

/* ---- a device for tests: queue 0 echoes at once, queue 1 keeps its elements until told ---- */

typedef struct Echo { VirtioDevice parent; Virtqueue *echo, *keep; VirtqElement *kept[64]; unsigned nr_kept; uint8_t config[8]; } Echo;
static Echo *echo;

static void echo_handle(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtqElement *e;
    while ((e = virtqueue_pop(vq, sizeof(*e)))) {
        g_autofree uint8_t *data = g_malloc(MAX(e->out_size, 1));
        size_t size = iov_to_buffer(e->out, e->nr_out, 0, data, e->out_size);
        virtqueue_push(vq, e, iov_from_buffer(e->in, e->nr_in, 0, data, size));
        g_free(e);
    }
    virtqueue_notify(vq);
}

static void keep_handle(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtqElement *e;
    while (echo->nr_kept < 64 && (e = virtqueue_pop(vq, sizeof(*e)))) {
        echo->kept[echo->nr_kept++] = e;
    }
}

static void echo_get_config(VirtioDevice *vdev, uint8_t *config) { memcpy(config, echo->config, 8); }
static void echo_set_config(VirtioDevice *vdev, const uint8_t *config) { memcpy(echo->config, config, 8); }

static bool echo_realize(Device *dev, GError **err)
{
    echo = (Echo *)dev;
    virtio_init(&echo->parent, 8);
    echo->echo = virtio_add_queue(&echo->parent, 64, echo_handle);
    echo->keep = virtio_add_queue(&echo->parent, 8, keep_handle);
    return true;
}

static const VirtioType echo_type = { .id = 63, .get_config = echo_get_config, .set_config = echo_set_config };
static const DeviceType echo_device = { .name = "virtio-echo-device", .parent = "virtio-device", .size = sizeof(Echo), .realize = echo_realize, .family = &echo_type };
REGISTER_DEVICE(echo_device)
static const VirtioPciInfo echo_pci = { .name = "virtio-echo-pci", .backend = &echo_device, .device_id = 0x103f, .class = PCI_CLASS_OTHERS, .vectors = VIRTIO_PCI_VECTORS_AUTO };
REGISTER_VIRTIO_PCI(echo_pci)

enum { RING = 0x100000, RING2 = 0x110000, IN = 0x200000, OUT = 0x300000 };
static GuestQueue q, q2;

static void setup(uint64_t features)
{
    virtio_attach(pci_new(VIRTIO_DEVFN, "virtio-echo-pci"));
    virtio_negotiate(features);
    queue_setup(&q, 0, 0, RING);
    queue_setup(&q2, 1, 0, RING2);
    virtio_driver_ok();
}

static void teardown(void)
{
    for (unsigned i = 0; i < echo->nr_kept; i++) {
        virtqueue_detach(echo->keep, echo->kept[i]);
        g_free(echo->kept[i]);
    }
    device_unplug(DEVICE(virtio_dev));
}

#define ALL_FEATURES UINT64_MAX
#define PLAIN BIT(VIRTIO_F_VERSION_1)

static bool needs_reset(void) { return virtio_status() & VIRTIO_S_NEEDS_RESET; }

static void echo_one(const char *text)
{
    char got[64] = "";
    uint32_t length;
    mem_put(IN, text, strlen(text));
    unsigned head = queue_add(&q, IN, strlen(text), false, true);
    queue_add(&q, OUT, 64, true, false);
    queue_show(&q, head);
    queue_kick(&q);
    g_assert_cmpuint(queue_take(&q, &length), ==, head);
    g_assert_cmpuint(length, ==, strlen(text));
    mem_get(OUT, got, length);
    g_assert_cmpstr(got, ==, text);
}

static void test_identity(void)
{
    setup(ALL_FEATURES);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0, 4), ==, 0x103f1af4);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0x2c, 4), ==, 0x003f1af4);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0x40, 4), ==, 0x01100009);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0x84, 4), ==, 0x05147009);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0x98, 4), ==, 0x00028411);
    g_assert_cmpuint(common_read(0x12, 2), ==, 2);
    g_assert_cmphex(virtio_offered() & (BIT(28) | BIT(29) | BIT(32) | BIT(40)), ==, BIT(28) | BIT(29) | BIT(32) | BIT(40));
    common_write(0x2004, 0x12345678, 4);
    g_assert_cmphex(common_read(0x2004, 4), ==, 0x12345678);
    g_assert_cmphex(common_read(0x2008, 4), ==, 0xffffffff);
    /* By configuration space alone. */
    config_write(VIRTIO_DEVFN, 0x84 + 4, 4, 1);
    config_write(VIRTIO_DEVFN, 0x84 + 8, 0x2004, 4);
    config_write(VIRTIO_DEVFN, 0x84 + 12, 4, 4);
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0x84 + 16, 4), ==, 0x12345678);
    config_write(VIRTIO_DEVFN, 0x84 + 16, 0x87654321, 4);
    g_assert_cmphex(common_read(0x2004, 4), ==, 0x87654321);
    teardown();
}

static void test_negotiation(void)
{
    setup(ALL_FEATURES);
    common_write(0x14, 0, 1);
    common_write(0x14, 3, 1);
    common_write(8, 0, 4);
    common_write(0xc, 0xffffffff, 4);
    common_write(0x14, 3 | VIRTIO_S_FEATURES_OK, 1);
    g_assert_cmphex(virtio_status(), ==, 3);
    /* A non-transitional device insists on VERSION_1. */
    teardown();
    virtio_attach(pci_new(VIRTIO_DEVFN, "virtio-echo-pci-non-transitional"));
    g_assert_cmphex(config_read(VIRTIO_DEVFN, 0, 4), ==, 0x107f1af4);
    virtio_negotiate(0);
    g_assert_false(virtio_status() & VIRTIO_S_FEATURES_OK);
    virtio_negotiate(ALL_FEATURES);
    g_assert_true(virtio_status() & VIRTIO_S_FEATURES_OK);
    teardown();
}

static void test_echo(void)
{
    setup(PLAIN);
    for (int i = 0; i < 300; i++) {
        g_autofree char *text = g_strdup_printf("request %d", i);
        echo_one(text);
    }
    g_assert_cmphex(common_read(0x1000, 1), ==, VIRTIO_ISR_QUEUE);
    g_assert_cmphex(common_read(0x1000, 1), ==, 0);
    teardown();
}

static void test_legacy(void)
{
    virtio_attach(pci_new(VIRTIO_DEVFN, "virtio-echo-pci-transitional"));
    outb(LEGACY + 18, 0);
    outb(LEGACY + 18, 3);
    outl(LEGACY + 4, in(LEGACY, 4) & ~BIT(VIRTIO_F_EVENT_IDX));
    outw(LEGACY + 14, 0);
    g_assert_cmpuint(in(LEGACY + 12, 2), ==, 64);
    outl(LEGACY + 8, RING >> 12);
    outb(LEGACY + 18, 7);
    q = (GuestQueue){ .size = 64, .desc = RING, .avail = RING + 1024, .used = RING + 4096 };
    dma_set(&pc.system.memory_space, RING, 0, 0x3000);
    mem_put(IN, "old", 3);
    unsigned head = queue_add(&q, IN, 3, false, true);
    queue_add(&q, OUT, 3, true, false);
    queue_show(&q, head);
    outw(LEGACY + 16, 0);
    uint32_t length;
    g_assert_cmpuint(queue_take(&q, &length), ==, head);
    g_assert_cmpuint(length, ==, 3);
    g_assert_true(virtio_dev->irq_state);
    g_assert_cmphex(inb(LEGACY + 19), ==, 1);
    g_assert_false(virtio_dev->irq_state);
    outl(LEGACY + 8, 0);
    g_assert_cmphex(inb(LEGACY + 18), ==, 0);
    teardown();
}

static void test_indirect(void)
{
    uint32_t length;
    setup(PLAIN | BIT(VIRTIO_F_INDIRECT_DESC));
    mem_put(IN, "abcdef", 6);
    put_desc(0x400000, 0, IN, 3, D_NEXT, 2);
    put_desc(0x400000, 2, IN + 3, 3, D_NEXT, 1);
    put_desc(0x400000, 1, OUT, 6, D_WRITE, 0);
    put_desc(q.desc, 0, 0x400000, 48, D_INDIRECT, 0);
    queue_show(&q, 0);
    queue_kick(&q);
    queue_take(&q, &length);
    g_assert_cmpuint(length, ==, 6);
    char got[7] = "";
    mem_get(OUT, got, 6);
    g_assert_cmpstr(got, ==, "abcdef");
    teardown();
}

static void test_event_index(void)
{
    setup(PLAIN | BIT(VIRTIO_F_EVENT_IDX));
    echo_one("1");
    g_assert_cmphex(common_read(0x1000, 1), ==, 1);
    /* Next interrupt when three more were used. */
    dma_store_le16(&pc.system.memory_space, q.avail + 4 + 2 * q.size, q.used_seen + 2);
    echo_one("2");
    echo_one("3");
    g_assert_cmphex(common_read(0x1000, 1), ==, 0);
    echo_one("4");
    g_assert_cmphex(common_read(0x1000, 1), ==, 1);
    /* The device says how far it has looked. */
    uint16_t seen;
    dma_load_le16(&pc.system.memory_space, q.used + 4 + 8 * q.size, &seen);
    g_assert_cmpuint(seen, ==, q.avail_index);
    teardown();
}

/* Each case leaves a queue that the device refuses; it says so and works again after a reset. */
typedef void BreakIt(void);
static void break_loop(void) { put_desc(q.desc, 0, IN, 1, D_NEXT, 1); put_desc(q.desc, 1, IN, 1, D_NEXT, 0); queue_show(&q, 0); }
static void break_self_loop(void) { put_desc(q.desc, 5, IN, 1, D_NEXT, 5); queue_show(&q, 5); }
static void break_head(void) { queue_show(&q, 999); }
static void break_next(void) { put_desc(q.desc, 0, IN, 1, D_NEXT, 4000); queue_show(&q, 0); }
static void break_address(void) { put_desc(q.desc, 0, 0x7fffffff00000000, 16, 0, 0); queue_show(&q, 0); }
static void break_wrap(void) { put_desc(q.desc, 0, UINT64_MAX - 3, 16, D_WRITE, 0); queue_show(&q, 0); }
static void break_mmio(void) { put_desc(q.desc, 0, MODERN, 16, D_WRITE, 0); queue_show(&q, 0); }
static void break_end_of_ram(void) { put_desc(q.desc, 0, 16 * MiB - 8, 16, D_WRITE, 0); queue_show(&q, 0); }
static void break_length(void) { put_desc(q.desc, 0, IN, UINT32_MAX, D_WRITE, 0); queue_show(&q, 0); }
static void break_zero(void) { put_desc(q.desc, 0, IN, 0, 0, 0); queue_show(&q, 0); }
static void break_order(void) { put_desc(q.desc, 0, OUT, 1, D_WRITE | D_NEXT, 1); put_desc(q.desc, 1, IN, 1, 0, 0); queue_show(&q, 0); }
static void break_index(void) { dma_store_le16(&pc.system.memory_space, q.avail + 2, 1000); }
static void break_indirect_size(void) { put_desc(q.desc, 0, 0x400000, 17, D_INDIRECT, 0); queue_show(&q, 0); }
static void break_indirect_none(void) { put_desc(q.desc, 0, 0x400000, 0, D_INDIRECT, 0); queue_show(&q, 0); }
static void break_indirect_huge(void) { put_desc(q.desc, 0, 0x400000, 0xfffffff0, D_INDIRECT, 0); queue_show(&q, 0); }
static void break_indirect_nested(void) { put_desc(0x400000, 0, 0x400000, 16, D_INDIRECT, 0); put_desc(q.desc, 0, 0x400000, 16, D_INDIRECT, 0); queue_show(&q, 0); }
static void break_indirect_nowhere(void) { put_desc(q.desc, 0, 0xdead00000000, 16, D_INDIRECT, 0); queue_show(&q, 0); }
static void break_indirect_loop(void) { put_desc(0x400000, 0, IN, 1, D_NEXT, 0); put_desc(q.desc, 0, 0x400000, 16, D_INDIRECT, 0); queue_show(&q, 0); }

static void test_hostile(void)
{
    static BreakIt *const cases[] = {
        break_loop, break_self_loop, break_head, break_next, break_address, break_wrap, break_mmio, break_end_of_ram, break_length, break_zero, break_order, break_index,
        break_indirect_size, break_indirect_none, break_indirect_huge, break_indirect_nested, break_indirect_nowhere, break_indirect_loop,
    };
    setup(PLAIN | BIT(VIRTIO_F_INDIRECT_DESC));
    for (unsigned i = 0; i < ARRAY_SIZE(cases); i++) {
        g_test_message("case %u", i);
        cases[i]();
        queue_kick(&q);
        g_assert_true(needs_reset());
        g_assert_cmphex(common_read(0x1000, 1) & VIRTIO_ISR_CONFIG, ==, VIRTIO_ISR_CONFIG);
        queue_kick(&q);
        common_write(0x14, 0, 1);
        g_assert_cmphex(virtio_status(), ==, 0);
        virtio_negotiate(PLAIN | BIT(VIRTIO_F_INDIRECT_DESC));
        queue_setup(&q, 0, 0, RING);
        virtio_driver_ok();
        echo_one("alive");
    }
    teardown();
}

/* Buffers may overlap each other and the rings: the guest hurts itself only. */
static void test_overlap(void)
{
    setup(PLAIN);
    unsigned head = queue_add(&q, q.desc, 1024, false, true);
    queue_add(&q, q.used, 512, true, true);
    queue_add(&q, q.avail, 256, true, false);
    queue_show(&q, head);
    queue_kick(&q);
    common_write(0x14, 0, 1);
    virtio_negotiate(PLAIN);
    queue_setup(&q, 0, 0, RING);
    virtio_driver_ok();
    echo_one("alive");
    teardown();
}

static void test_bad_rings(void)
{
    setup(PLAIN);
    common_write(0x14, 0, 1);
    virtio_negotiate(PLAIN);
    common_write(0x16, 0, 2);
    common_write(0x18, 48, 2);              /* no power of two: ignored */
    g_assert_cmpuint(common_read(0x18, 2), ==, 64);
    common_write(0x18, 128, 2);             /* more than there are */
    g_assert_cmpuint(common_read(0x18, 2), ==, 64);
    common_write(0x1c, 1, 2);               /* without addresses */
    g_assert_true(needs_reset());
    for (uint64_t where = 1; where < 4; where++) {
        virtio_negotiate(PLAIN);
        queue_setup(&q, 0, 0, RING);
        common_write(0x14, 0, 1);
        virtio_negotiate(PLAIN);
        common_write(0x16, 0, 2);
        static const uint64_t addresses[] = { 0, 0xffffffffffff0000, MODERN, 16 * MiB - 16 };
        for (unsigned field = 0x20; field <= 0x30; field += 8) {
            common_write(field, addresses[where], 4);
            common_write(field + 4, addresses[where] >> 32, 4);
        }
        common_write(0x1c, 1, 2);
        virtio_driver_ok();
        common_write(0x3000, 0, 2);
    }
    /* Queues and selections that are not there. */
    common_write(0x16, 0xffff, 2);
    g_assert_cmpuint(common_read(0x18, 2), ==, 0);
    common_write(0x18, 4, 2);
    common_write(0x1c, 1, 2);
    for (unsigned offset = 0; offset < 0x4000; offset += 4) {
        if (offset != 0x14) {
            common_write(offset, 0xffffffff, 4);
            common_read(offset, 4);
        }
    }
    teardown();
}

/* A reset while the device has requests: their answers go nowhere. */
static void test_reset_in_flight(void)
{
    setup(PLAIN | BIT(VIRTIO_F_RING_RESET));
    for (int i = 0; i < 4; i++) {
        queue_show(&q2, queue_add(&q2, OUT + 64 * i, 64, true, false));
    }
    queue_kick(&q2);
    g_assert_cmpuint(echo->nr_kept, ==, 4);
    common_write(0x14, 0, 1);
    virtio_negotiate(PLAIN | BIT(VIRTIO_F_RING_RESET));
    queue_setup(&q2, 1, 0, RING2);
    virtio_driver_ok();
    virtqueue_push(echo->keep, echo->kept[0], 64);
    g_free(echo->kept[0]);
    g_assert_cmpuint(queue_used_index(&q2), ==, 0);
    memmove(echo->kept, echo->kept + 1, 3 * sizeof(void *));
    echo->nr_kept = 3;
    queue_show(&q2, queue_add(&q2, OUT, 64, true, false));
    queue_kick(&q2);
    g_assert_cmpuint(echo->nr_kept, ==, 4);
    virtqueue_push(echo->keep, echo->kept[3], 64);
    g_free(echo->kept[3]);
    echo->nr_kept = 3;
    g_assert_cmpuint(queue_used_index(&q2), ==, 1);
    /* The reset of one queue (1.2, 2.6.1). */
    common_write(0x16, 1, 2);
    common_write(0x3a, 1, 2);
    g_assert_cmpuint(common_read(0x1c, 2), ==, 0);
    teardown();
}

/* More elements than the queue has places. */
static void test_exceeded(void)
{
    setup(PLAIN);
    for (int i = 0; i < 9; i++) {
        queue_show(&q2, queue_add(&q2, OUT, 64, true, false));
        queue_kick(&q2);
    }
    g_assert_true(needs_reset());
    g_assert_cmpuint(echo->nr_kept, ==, 8);
    teardown();
}

static void test_no_bus_master(void)
{
    setup(PLAIN);
    config_write(VIRTIO_DEVFN, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    mem_put(IN, "x", 1);
    unsigned head = queue_add(&q, IN, 1, false, true);
    queue_add(&q, OUT, 1, true, false);
    queue_show(&q, head);
    queue_kick(&q);
    g_assert_cmpuint(queue_used_index(&q), ==, 0);
    config_write(VIRTIO_DEVFN, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
    queue_kick(&q);
    g_assert_cmpuint(queue_used_index(&q), ==, 1);
    teardown();
}

static void test_rng(void)
{
    uint32_t length;
    virtio_attach(pci_new(VIRTIO_DEVFN, "virtio-rng-pci"));
    virtio_negotiate(ALL_FEATURES);
    queue_setup(&q, 0, 0, RING);
    virtio_driver_ok();
    queue_show(&q, queue_add(&q, OUT, 256, true, false));
    queue_kick(&q);
    queue_take(&q, &length);
    g_assert_cmpuint(length, ==, 256);
    /* A reset while bytes are asked for. */
    queue_show(&q, queue_add(&q, OUT, 256, true, false));
    queue_kick(&q);
    common_write(0x14, 0, 1);
    main_loop_iterate(false);
    device_unplug(DEVICE(virtio_dev));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/virtio/the PCI device shows its structures", test_identity);
    g_test_add_func("/virtio/features are negotiated", test_negotiation);
    g_test_add_func("/virtio/requests go round", test_echo);
    g_test_add_func("/virtio/a legacy driver works", test_legacy);
    g_test_add_func("/virtio/indirect tables", test_indirect);
    g_test_add_func("/virtio/interrupts follow the event index", test_event_index);
    g_test_add_func("/virtio/hostile rings break the device until reset", test_hostile);
    g_test_add_func("/virtio/overlapping buffers", test_overlap);
    g_test_add_func("/virtio/rings in bad places", test_bad_rings);
    g_test_add_func("/virtio/reset with requests in flight", test_reset_in_flight);
    g_test_add_func("/virtio/more requests than places", test_exceeded);
    g_test_add_func("/virtio/nothing moves without bus mastering", test_no_bus_master);
    g_test_add_func("/virtio/rng fills buffers", test_rng);
    return g_test_run();
}
