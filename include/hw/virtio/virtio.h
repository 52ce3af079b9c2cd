/*
 * virtio devices (OASIS "Virtual I/O Device (VIRTIO) Version 1.2"), apart from how the guest reaches them.
 *
 * A device type is a DeviceType whose family is a VirtioType and whose parent is "virtio-device". It makes its queues in realize, gets a call when the guest
 * rings one, takes elements (scatter lists of guest memory, mapped), and gives them back with the number of bytes written. What the guest got wrong breaks
 * the device (DEVICE_NEEDS_RESET) until it is reset; nothing of a guest is trusted. Machine lock held throughout.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_VIRTIO_H
#define HW_VIRTIO_VIRTIO_H

#include "hw/core/device.h"
#include "softmmu/dma.h"
#include <sys/uio.h>

typedef struct VirtioDevice VirtioDevice;
typedef struct Virtqueue Virtqueue;

enum { VIRTIO_ID_NET = 1, VIRTIO_ID_BLOCK = 2, VIRTIO_ID_CONSOLE = 3, VIRTIO_ID_RNG = 4, VIRTIO_ID_BALLOON = 5, VIRTIO_ID_SCSI = 8 };
enum { VIRTIO_S_ACKNOWLEDGE = 1, VIRTIO_S_DRIVER = 2, VIRTIO_S_DRIVER_OK = 4, VIRTIO_S_FEATURES_OK = 8, VIRTIO_S_NEEDS_RESET = 64, VIRTIO_S_FAILED = 128 };
/* Feature bits that are not a device's own (6). */
enum {
    VIRTIO_F_NOTIFY_ON_EMPTY = 24, VIRTIO_F_ANY_LAYOUT = 27, VIRTIO_F_INDIRECT_DESC = 28, VIRTIO_F_EVENT_IDX = 29, VIRTIO_F_BAD_FEATURE = 30,
    VIRTIO_F_VERSION_1 = 32, VIRTIO_F_ACCESS_PLATFORM = 33, VIRTIO_F_RING_PACKED = 34, VIRTIO_F_IN_ORDER = 35, VIRTIO_F_ORDER_PLATFORM = 36,
    VIRTIO_F_RING_RESET = 40,
};
enum { VIRTIO_QUEUE_MAX = 1024 /* queues */, VIRTQUEUE_MAX_SIZE = 1024, VIRTIO_NO_VECTOR = 0xffff, VIRTIO_ISR_QUEUE = 1, VIRTIO_ISR_CONFIG = 2 };

/* What a kind of device is. Callbacks may be NULL. */
typedef struct VirtioType {
    uint16_t id;
    /* Features to offer, of those that properties allow (offered) and of what the back end can. */
    uint64_t (*get_features)(VirtioDevice *vdev, uint64_t offered);
    void (*set_features)(VirtioDevice *vdev);           /* vdev->guest_features is final */
    void (*get_config)(VirtioDevice *vdev, uint8_t *config);                /* fills config_size bytes */
    void (*set_config)(VirtioDevice *vdev, const uint8_t *config);          /* the guest wrote some of them */
    void (*set_status)(VirtioDevice *vdev, uint8_t status);                 /* the new one; vdev->status is still the old one */
    void (*reset)(VirtioDevice *vdev);                  /* drop requests; the queues are reset by the core */
    void (*queue_reset)(VirtioDevice *vdev, unsigned queue);
} VirtioType;

/* How the guest reaches a device: PCI, MMIO. */
typedef struct VirtioTransport {
    void (*notify_queue)(void *opaque, unsigned queue); /* raise the queue's interrupt */
    void (*notify_config)(void *opaque);
    AddressSpace *(*dma_space)(void *opaque);
    bool (*dma_enabled)(void *opaque);                  /* NULL: always */
    void (*plugged)(void *opaque, VirtioDevice *vdev);  /* a device is there; it is realized. May be NULL */
    void (*unplugged)(void *opaque, VirtioDevice *vdev);
    /* Told when a device wants its notifications without an exit of the vCPU (ioeventfd): from DRIVER_OK to reset. May be NULL. */
    void (*set_host_notifiers)(void *opaque, bool on);
} VirtioTransport;

/* The one-device bus between a transport and its device; types "virtio-pci-bus", "virtio-mmio-bus". */
typedef struct VirtioBus { Bus parent; const VirtioTransport *transport; void *opaque; VirtioDevice *device; } VirtioBus;
extern const BusType virtio_pci_bus_type, virtio_mmio_bus_type;

typedef void VirtqueueHandler(VirtioDevice *vdev, Virtqueue *vq);

struct Virtqueue {
    VirtioDevice *vdev;
    unsigned index;
    uint16_t size, max_size;                /* elements; the guest may make it smaller (1.x) */
    uint64_t desc, avail, used;             /* guest addresses */
    bool enabled;                           /* 1.x: queue_enable */
    uint16_t vector;                        /* of MSI-X */
    uint16_t last_avail, used_index, signalled_used;
    bool signalled_valid, notification;
    bool handling;
    unsigned in_flight, generation;         /* generation: counts resets; elements of an older one are dropped */
    VirtqueueHandler *handler;
};

/* A request: guest memory that the device reads (out) and then writes (in). Allocated by virtqueue_pop in front of the device's own fields. */
typedef struct VirtqElement {
    Virtqueue *vq;
    unsigned index, generation, nr_out, nr_in;
    size_t out_size, in_size;
    struct iovec *out, *in;
} VirtqElement;

struct VirtioDevice {
    Device parent;                          /* type "virtio-device" */
    const VirtioType *vtype;
    const VirtioTransport *transport; void *transport_opaque;
    AddressSpace *dma;
    uint64_t host_features;                 /* offered: properties at first, all from realize on */
    uint64_t guest_features;                /* accepted */
    uint8_t status, isr;
    bool broken, use_started, use_disabled_flag, disable_legacy_check, legacy_only, modern_only, host_notifiers;
    bool owned_by_proxy;                    /* made by a transport's device (virtio-net-pci), not by the user */
    bool driver_features_too_many;          /* the driver accepted what was not offered */
    uint16_t config_vector;
    uint32_t config_generation;
    size_t config_size;
    Virtqueue *queues; unsigned nr_queues;
};
#define VIRTIO_DEVICE(p) ((VirtioDevice *)(p))

static inline bool virtio_has_feature(const VirtioDevice *vdev, unsigned bit) { return vdev->guest_features >> bit & 1; }
static inline bool virtio_host_has_feature(const VirtioDevice *vdev, unsigned bit) { return vdev->host_features >> bit & 1; }

/* The properties that every virtio device has: for transports' tables. */
extern const PropertyTable virtio_device_properties;
/* The device that the user made: the transport's, or the virtio device itself. */
static inline Device *virtio_user_device(VirtioDevice *vdev)
{
    Device *owner = vdev->parent.bus ? vdev->parent.bus->owner : NULL;
    return owner && vdev->owned_by_proxy ? owner : &vdev->parent;
}

/* ---- for devices ---- */
/* In realize, before anything else. */
void virtio_init(VirtioDevice *vdev, size_t config_size);
Virtqueue *virtio_add_queue(VirtioDevice *vdev, uint16_t size, VirtqueueHandler *handler);
/* In unrealize, last. */
void virtio_cleanup(VirtioDevice *vdev);
/* The guest broke the rules: the device stops until it is reset. */
void virtio_error(VirtioDevice *vdev, const char *format, ...) G_GNUC_PRINTF(2, 3);
void virtio_notify_config(VirtioDevice *vdev);          /* the configuration space changed */
bool virtio_is_running(const VirtioDevice *vdev);       /* DRIVER_OK, not broken */

/* The next request, or NULL: none, or the guest's mistake. struct_size: of the device's struct that begins with VirtqElement. Free with virtqueue_push,
 * virtqueue_unpop or virtqueue_detach and then g_free. */
void *virtqueue_pop(Virtqueue *vq, size_t struct_size);
/* Gives it back: written bytes of its in list are valid. Does not free it. Ignored after a reset of the queue. */
void virtqueue_push(Virtqueue *vq, VirtqElement *e, size_t written);
/* The same in two steps for several elements at once: fill n elements, numbered from 0, then make them visible. */
void virtqueue_fill(Virtqueue *vq, VirtqElement *e, size_t written, unsigned n);
void virtqueue_flush(Virtqueue *vq, unsigned count);
/* Puts back what was popped last, as if it had not been. */
void virtqueue_unpop(Virtqueue *vq, VirtqElement *e);
/* Lets its memory go without an answer. */
void virtqueue_detach(Virtqueue *vq, VirtqElement *e);
/* Raises the queue's interrupt if the guest wants it. */
void virtqueue_notify(Virtqueue *vq);
bool virtqueue_is_empty(Virtqueue *vq);
bool virtqueue_is_ready(const Virtqueue *vq);
/* Whether the guest should ring when it adds something. Returns true when something came in while it was off. */
bool virtqueue_set_notification(Virtqueue *vq, bool on);
/* True when the available elements have at least in_bytes to write and out_bytes to read. */
bool virtqueue_has_bytes(Virtqueue *vq, size_t in_bytes, size_t out_bytes);
/* How many bytes the available elements have to write, at most max. */
size_t virtqueue_in_bytes(Virtqueue *vq, size_t max);

/* ---- for transports ---- */
void virtio_set_status(VirtioDevice *vdev, uint8_t status);             /* 0: reset */
void virtio_reset(VirtioDevice *vdev);
void virtio_set_guest_features(VirtioDevice *vdev, uint64_t features);
uint64_t virtio_config_read(VirtioDevice *vdev, uint64_t offset, unsigned size);    /* all ones outside */
void virtio_config_write(VirtioDevice *vdev, uint64_t offset, uint64_t value, unsigned size);
void virtio_ring(VirtioDevice *vdev, unsigned queue);                   /* the guest notifies; any number */
Virtqueue *virtio_queue(VirtioDevice *vdev, unsigned queue);            /* NULL: no such queue */
void virtio_queue_reset(VirtioDevice *vdev, unsigned queue);
/* Legacy layout: one address in pages of align bytes for all three parts. 0 takes the queue away. */
void virtio_queue_set_legacy_address(Virtqueue *vq, uint64_t addr, unsigned align);


#endif
