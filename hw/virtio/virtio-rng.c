/*
 * virtio-rng: an entropy device (VIRTIO 1.2, 5.4): one queue of buffers to fill, at no more than max-bytes in each period.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/virtio/rng.h"
#include "hw/virtio/virtio-pci.h"
#include "net/net.h"
#include "util/error.h"
#include "util/timer.h"

enum { QUEUE_SIZE = 8, MAX_REQUEST = 65536 };

typedef struct VirtioRng {
    VirtioDevice parent;
    Object *rng;                        /* property: an RngBackend */
    uint64_t max_bytes;
    uint32_t period_ms;
    Object *own_rng;                    /* made here when the user names none */
    Virtqueue *vq;
    VirtqElement *element;              /* waits for bytes */
    RngRequest *request;
    uint64_t quota;
    Timer period_timer;
} VirtioRng;

static RngBackend *rng_of(VirtioRng *s) { return (RngBackend *)(s->rng ? s->rng : s->own_rng); }
static bool is_limited(const VirtioRng *s) { return s->max_bytes < INT64_MAX; }

static void ask(VirtioRng *s);

static void on_bytes(void *opaque, const uint8_t *data, size_t size)
{
    VirtioRng *s = opaque;
    s->request = NULL;
    size_t done = iov_from_buffer(s->element->in, s->element->nr_in, 0, data, size);
    if (is_limited(s)) {
        s->quota -= MIN(s->quota, done);
    }
    virtqueue_push(s->vq, s->element, done);
    g_clear_pointer(&s->element, g_free);
    virtqueue_notify(s->vq);
    ask(s);
}

static void ask(VirtioRng *s)
{
    if (s->element || !virtio_is_running(&s->parent)) {
        return;
    }
    if (is_limited(s) && !s->quota) {
        return;                         /* the timer goes on */
    }
    s->element = virtqueue_pop(s->vq, sizeof(VirtqElement));
    if (!s->element) {
        return;
    }
    size_t size = MIN(s->element->in_size, MAX_REQUEST);
    s->request = rng_request(rng_of(s), is_limited(s) ? MIN(size, s->quota) : size, on_bytes, s);
}

static void on_period(void *opaque)
{
    VirtioRng *s = opaque;
    s->quota = s->max_bytes;
    timer_set_ns(&s->period_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + s->period_ms * NS_PER_MS);
    ask(s);
}

static void handle_queue(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioRng *s = (VirtioRng *)vdev;
    if (is_limited(s) && !timer_pending(&s->period_timer)) {
        s->quota = s->max_bytes;
        timer_set_ns(&s->period_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + s->period_ms * NS_PER_MS);
    }
    ask(s);
}

static void rng_reset(VirtioDevice *vdev)
{
    VirtioRng *s = (VirtioRng *)vdev;
    if (s->element) {
        rng_cancel(rng_of(s), s->request);
        s->request = NULL;
        virtqueue_detach(s->vq, s->element);
        g_clear_pointer(&s->element, g_free);
    }
}

static void rng_queue_reset(VirtioDevice *vdev, unsigned queue) { rng_reset(vdev); }
static void get_config(VirtioDevice *vdev, uint8_t *config) { }

static bool virtio_rng_realize(Device *dev, GError **err)
{
    VirtioRng *s = (VirtioRng *)dev;
    if (!s->period_ms) {
        return error_set(err, "'period' parameter expects a positive integer");
    }
    if (s->max_bytes > INT64_MAX) {
        return error_set(err, "'max-bytes' parameter must be non-negative, and less than 2^63");
    }
    if (!s->rng) {
        s->own_rng = object_new_named("rng-builtin");
        object_complete(s->own_rng, NULL);
        object_add_child(OBJECT(s), "default-backend", s->own_rng, NULL);
    }
    virtio_init(&s->parent, 0);
    s->vq = virtio_add_queue(&s->parent, QUEUE_SIZE, handle_queue);
    s->quota = s->max_bytes;
    timer_init(&s->period_timer, CLOCK_TYPE_VIRTUAL, on_period, s);
    return true;
}

static void virtio_rng_unrealize(Device *dev)
{
    VirtioRng *s = (VirtioRng *)dev;
    rng_reset(&s->parent);
    timer_cancel(&s->period_timer);
    if (s->own_rng) {
        object_unparent(s->own_rng);
        object_unref(s->own_rng);
        s->own_rng = NULL;
    }
}

static const Property virtio_rng_properties[] = {
    PROP_UINT64("max-bytes", VirtioRng, max_bytes, INT64_MAX),
    PROP_UINT32("period", VirtioRng, period_ms, 1 << 16),
    PROP_LINK("rng", VirtioRng, rng, "rng-backend"),
};
static const VirtioType virtio_rng_type = { .id = VIRTIO_ID_RNG, .get_config = get_config, .reset = rng_reset, .queue_reset = rng_queue_reset };
static const DeviceType virtio_rng = {
    .name = "virtio-rng-device", .parent = "virtio-device", .size = sizeof(VirtioRng), .category = DEVICE_MISC, .user_creatable = true,
    .properties = PROPERTIES(virtio_rng_properties), .realize = virtio_rng_realize, .unrealize = virtio_rng_unrealize, .family = &virtio_rng_type,
};
REGISTER_DEVICE(virtio_rng)

static const VirtioPciInfo virtio_rng_pci = {
    .name = "virtio-rng-pci", .backend = &virtio_rng, .device_id = 0x1005, .class = PCI_CLASS_OTHERS, .category = DEVICE_MISC, .vectors = VIRTIO_PCI_VECTORS_AUTO,
};
REGISTER_VIRTIO_PCI(virtio_rng_pci)
