/*
 * virtio devices: status, features, configuration space, queues, the error state (VIRTIO 1.2, 2 and 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/virtio/virtio.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

/* ---- the bus ---- */

static void print_nothing(const Device *dev, GString *out, int indent) { }
static const BusType virtio_bus_type = {
    .name = "virtio-bus", .parent = "bus", .size = sizeof(VirtioBus), .abstract = true, .max_devices = 1, .print_device = print_nothing,
};
REGISTER_TYPE(virtio_bus_type)
const BusType virtio_pci_bus_type = { .name = "virtio-pci-bus", .parent = "virtio-bus", .size = sizeof(VirtioBus), .max_devices = 1 };
REGISTER_TYPE(virtio_pci_bus_type)
const BusType virtio_mmio_bus_type = { .name = "virtio-mmio-bus", .parent = "virtio-bus", .size = sizeof(VirtioBus), .max_devices = 1 };
REGISTER_TYPE(virtio_mmio_bus_type)

/* ---- errors and notifications ---- */

void virtio_error(VirtioDevice *vdev, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    log_mask(LOG_GUEST_ERROR, "%s: virtio: %s\n", vdev->parent.parent.type->name, text);
    if (!vdev->broken) {
        vdev->broken = true;
        if (virtio_has_feature(vdev, VIRTIO_F_VERSION_1)) {
            vdev->status |= VIRTIO_S_NEEDS_RESET;
            virtio_notify_config(vdev);
        }
    }
}

void virtio_notify_config(VirtioDevice *vdev)
{
    vdev->config_generation++;
    if (vdev->status & VIRTIO_S_DRIVER_OK) {
        vdev->transport->notify_config(vdev->transport_opaque);
    }
}

bool virtio_is_running(const VirtioDevice *vdev) { return (vdev->status & VIRTIO_S_DRIVER_OK) && !vdev->broken; }

/* ---- queues ---- */

Virtqueue *virtio_queue(VirtioDevice *vdev, unsigned queue)
{
    return queue < vdev->nr_queues ? &vdev->queues[queue] : NULL;
}

Virtqueue *virtio_add_queue(VirtioDevice *vdev, uint16_t size, VirtqueueHandler *handler)
{
    g_assert(vdev->nr_queues < VIRTIO_QUEUE_MAX && size <= VIRTQUEUE_MAX_SIZE);
    Virtqueue *vq = &vdev->queues[vdev->nr_queues];
    *vq = (Virtqueue){ .vdev = vdev, .index = vdev->nr_queues++, .size = size, .max_size = size, .handler = handler, .vector = VIRTIO_NO_VECTOR,
                       .notification = true };
    return vq;
}

static void reset_queue(Virtqueue *vq)
{
    vq->desc = vq->avail = vq->used = 0;
    vq->size = vq->max_size;
    vq->enabled = vq->signalled_valid = false;
    vq->notification = true;
    vq->vector = VIRTIO_NO_VECTOR;
    vq->last_avail = vq->used_index = vq->signalled_used = 0;
    vq->in_flight = 0;
    vq->generation++;
}

void virtio_queue_reset(VirtioDevice *vdev, unsigned queue)
{
    Virtqueue *vq = virtio_queue(vdev, queue);
    if (vq) {
        if (vdev->vtype->queue_reset) {
            vdev->vtype->queue_reset(vdev, queue);
        }
        uint16_t vector = vq->vector;
        reset_queue(vq);
        vq->vector = vector;
    }
}

void virtio_queue_set_legacy_address(Virtqueue *vq, uint64_t addr, unsigned align)
{
    vq->desc = addr;
    vq->avail = addr ? addr + 16 * (uint64_t)vq->size : 0;
    vq->used = addr ? ROUND_UP(vq->avail + 4 + 2 * (uint64_t)vq->size + 2, align) : 0;
}

void virtio_ring(VirtioDevice *vdev, unsigned queue)
{
    Virtqueue *vq = virtio_queue(vdev, queue);
    if (!vq || !vq->handler || !virtqueue_is_ready(vq) || vq->handling) {
        return;
    }
    if (!(vdev->status & VIRTIO_S_DRIVER_OK) && virtio_has_feature(vdev, VIRTIO_F_VERSION_1)) {
        log_mask(LOG_GUEST_ERROR, "%s: queue %u is rung before DRIVER_OK\n", vdev->parent.parent.type->name, queue);
        return;
    }
    vq->handling = true;
    vq->handler(vdev, vq);
    vq->handling = false;
}

/* ---- status and features ---- */

static void set_host_notifiers(VirtioDevice *vdev, bool on)
{
    if (vdev->host_notifiers != on && vdev->transport->set_host_notifiers) {
        vdev->host_notifiers = on;
        vdev->transport->set_host_notifiers(vdev->transport_opaque, on);
    }
}

void virtio_reset(VirtioDevice *vdev)
{
    set_host_notifiers(vdev, false);
    if (vdev->vtype->set_status && vdev->status) {
        vdev->vtype->set_status(vdev, 0);
    }
    if (vdev->vtype->reset) {
        vdev->vtype->reset(vdev);
    }
    vdev->status = vdev->isr = 0;
    vdev->guest_features = 0;
    vdev->broken = vdev->driver_features_too_many = false;
    vdev->config_vector = VIRTIO_NO_VECTOR;
    for (unsigned i = 0; i < vdev->nr_queues; i++) {
        reset_queue(&vdev->queues[i]);
    }
}

/* 3.1.1, step 5: the driver must not accept what was not offered, and a device without legacy interface wants VERSION_1. */
static bool features_are_good(const VirtioDevice *vdev)
{
    return !vdev->driver_features_too_many && (virtio_has_feature(vdev, VIRTIO_F_VERSION_1) || !vdev->modern_only);
}

void virtio_set_status(VirtioDevice *vdev, uint8_t status)
{
    if (status == 0) {
        virtio_reset(vdev);
        return;
    }
    if ((status & VIRTIO_S_FEATURES_OK) && !(vdev->status & VIRTIO_S_FEATURES_OK) && !features_are_good(vdev)) {
        status &= ~VIRTIO_S_FEATURES_OK;
    }
    if ((status & VIRTIO_S_DRIVER_OK) && virtio_has_feature(vdev, VIRTIO_F_VERSION_1) && !(status & VIRTIO_S_FEATURES_OK)) {
        log_mask(LOG_GUEST_ERROR, "%s: DRIVER_OK without FEATURES_OK\n", vdev->parent.parent.type->name);
    }
    bool starts = (status & VIRTIO_S_DRIVER_OK) && !(vdev->status & VIRTIO_S_DRIVER_OK);
    status |= vdev->status & VIRTIO_S_NEEDS_RESET;
    if (vdev->vtype->set_status) {
        vdev->vtype->set_status(vdev, status);
    }
    vdev->status = status;
    if (starts) {
        set_host_notifiers(vdev, true);
    }
}

void virtio_set_guest_features(VirtioDevice *vdev, uint64_t features)
{
    if (vdev->status & VIRTIO_S_FEATURES_OK) {
        return;
    }
    vdev->driver_features_too_many = (features & ~vdev->host_features) != 0;
    vdev->guest_features = features & vdev->host_features;
    if (vdev->vtype->set_features) {
        vdev->vtype->set_features(vdev);
    }
}

/* ---- configuration space ---- */

uint64_t virtio_config_read(VirtioDevice *vdev, uint64_t offset, unsigned size)
{
    if (offset > vdev->config_size || size > vdev->config_size - offset) {
        return UINT64_MAX >> (64 - 8 * size);
    }
    g_autofree uint8_t *config = g_malloc0(vdev->config_size);
    uint64_t value = 0;
    vdev->vtype->get_config(vdev, config);
    memcpy(&value, config + offset, size);
    return value;
}

void virtio_config_write(VirtioDevice *vdev, uint64_t offset, uint64_t value, unsigned size)
{
    if (offset > vdev->config_size || size > vdev->config_size - offset || !vdev->vtype->set_config) {
        return;
    }
    g_autofree uint8_t *config = g_malloc0(vdev->config_size);
    vdev->vtype->get_config(vdev, config);
    memcpy(config + offset, &value, size);
    vdev->vtype->set_config(vdev, config);
}

/* ---- device ---- */

void virtio_init(VirtioDevice *vdev, size_t config_size)
{
    vdev->config_size = config_size;
    vdev->queues = g_new0(Virtqueue, VIRTIO_QUEUE_MAX);
    vdev->nr_queues = 0;
    vdev->config_vector = VIRTIO_NO_VECTOR;
}

void virtio_cleanup(VirtioDevice *vdev)
{
    g_clear_pointer(&vdev->queues, g_free);
    vdev->nr_queues = 0;
}

static bool virtio_device_realize(Device *dev, GError **err)
{
    VirtioDevice *vdev = VIRTIO_DEVICE(dev);
    VirtioBus *bus = (VirtioBus *)dev->bus;
    vdev->vtype = device_type(dev)->family;
    vdev->transport = bus->transport;
    vdev->transport_opaque = bus->opaque;
    if (vdev->host_features & BIT(VIRTIO_F_RING_PACKED)) {
        return error_set(err, "packed virtqueues (packed=on) are not implemented");
    }
    if (vdev->host_features & BIT(VIRTIO_F_IN_ORDER)) {
        return error_set(err, "in-order virtqueues (in_order=on) are not implemented");
    }
    return true;
}

/* The device's own realize is done: queues are there. */
static bool virtio_device_after_realize(Device *dev, GError **err)
{
    VirtioDevice *vdev = VIRTIO_DEVICE(dev);
    VirtioBus *bus = (VirtioBus *)dev->bus;
    bus->device = vdev;
    vdev->dma = vdev->transport->dma_space(vdev->transport_opaque);
    if (vdev->vtype->get_features) {
        vdev->host_features = vdev->vtype->get_features(vdev, vdev->host_features);
    }
    if (vdev->transport->plugged) {
        vdev->transport->plugged(vdev->transport_opaque, vdev);
    }
    return true;
}

static void virtio_device_unrealize(Device *dev)
{
    VirtioDevice *vdev = VIRTIO_DEVICE(dev);
    VirtioBus *bus = (VirtioBus *)dev->bus;
    if (bus && bus->device == vdev) {
        if (vdev->transport->unplugged) {
            vdev->transport->unplugged(vdev->transport_opaque, vdev);
        }
        bus->device = NULL;
    }
    virtio_cleanup(vdev);
}

static void virtio_device_reset(Device *dev) { virtio_reset(VIRTIO_DEVICE(dev)); }

static const Property virtio_properties[] = {
    PROP_BIT64("indirect_desc", VirtioDevice, host_features, VIRTIO_F_INDIRECT_DESC, true, .description = "on/off"),
    PROP_BIT64("event_idx", VirtioDevice, host_features, VIRTIO_F_EVENT_IDX, true, .description = "on/off"),
    PROP_BIT64("notify_on_empty", VirtioDevice, host_features, VIRTIO_F_NOTIFY_ON_EMPTY, true, .description = "on/off"),
    PROP_BIT64("any_layout", VirtioDevice, host_features, VIRTIO_F_ANY_LAYOUT, true, .description = "on/off"),
    PROP_BIT64("iommu_platform", VirtioDevice, host_features, VIRTIO_F_ACCESS_PLATFORM, false, .description = "on/off"),
    PROP_BIT64("packed", VirtioDevice, host_features, VIRTIO_F_RING_PACKED, false, .description = "on/off"),
    PROP_BIT64("queue_reset", VirtioDevice, host_features, VIRTIO_F_RING_RESET, true, .description = "on/off"),
    PROP_BIT64("in_order", VirtioDevice, host_features, VIRTIO_F_IN_ORDER, false, .description = "on/off"),
    PROP_BOOL("use-started", VirtioDevice, use_started, true),
    PROP_BOOL("use-disabled-flag", VirtioDevice, use_disabled_flag, true),
    PROP_BOOL("x-disable-legacy-check", VirtioDevice, disable_legacy_check, false),
};
const PropertyTable virtio_device_properties = PROPERTIES(virtio_properties);
static const StateField virtio_state[] = {
    STATE_UINT64(VirtioDevice, guest_features), STATE_UINT8(VirtioDevice, status), STATE_UINT8(VirtioDevice, isr), STATE_BOOL(VirtioDevice, broken),
    STATE_UINT16(VirtioDevice, config_vector), STATE_UINT32(VirtioDevice, config_generation),
};
static const DeviceType virtio_device = {
    .name = "virtio-device", .parent = "device", .size = sizeof(VirtioDevice), .abstract = true, .bus_type = "virtio-bus",
    .properties = PROPERTIES(virtio_properties), .state = STATE(virtio_state, .version = 1), .realize = virtio_device_realize,
    .after_realize = virtio_device_after_realize, .unrealize = virtio_device_unrealize, .reset = virtio_device_reset,
};
REGISTER_DEVICE(virtio_device)
