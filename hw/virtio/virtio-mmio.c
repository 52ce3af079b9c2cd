/*
 * virtio over memory-mapped registers (VIRTIO 1.2, 4.2): version 2, and version 1 for legacy drivers (4.2.4), which is the default as in the reference.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/virtio/virtio.h"
#include "util/log.h"
#include "hw/core/machine.h"

enum {
    REG_MAGIC = 0x000, REG_VERSION = 0x004, REG_DEVICE_ID = 0x008, REG_VENDOR_ID = 0x00c, REG_DEVICE_FEATURES = 0x010, REG_DEVICE_FEATURES_SEL = 0x014,
    REG_DRIVER_FEATURES = 0x020, REG_DRIVER_FEATURES_SEL = 0x024, REG_GUEST_PAGE_SIZE = 0x028, REG_QUEUE_SEL = 0x030, REG_QUEUE_NUM_MAX = 0x034,
    REG_QUEUE_NUM = 0x038, REG_QUEUE_ALIGN = 0x03c, REG_QUEUE_PFN = 0x040, REG_QUEUE_READY = 0x044, REG_QUEUE_NOTIFY = 0x050, REG_INTERRUPT_STATUS = 0x060,
    REG_INTERRUPT_ACK = 0x064, REG_STATUS = 0x070, REG_QUEUE_DESC = 0x080, REG_QUEUE_DRIVER = 0x090, REG_QUEUE_DEVICE = 0x0a0, REG_SHM_LEN = 0x0b0,
    REG_SHM_BASE = 0x0b8, REG_QUEUE_RESET = 0x0c0, REG_CONFIG_GENERATION = 0x0fc, REG_CONFIG = 0x100, REGION_SIZE = 0x200,
};
#define MAGIC 0x74726976u       /* "virt" */
#define VENDOR 0x554d4551u      /* "QEMU" */

typedef struct MmioQueue { uint16_t size; uint64_t desc, avail, used; } MmioQueue;

typedef struct VirtioMmio {
    SysBusDevice parent;
    MemoryRegion region;
    Irq *irq;
    VirtioBus *bus;
    bool legacy, format_transport_address, ioeventfd;
    uint32_t host_features_sel, guest_features_sel, guest_features[2], page_shift, queue_sel;
    MmioQueue *queues;                  /* what the guest wrote of them; for legacy drivers the alignment in desc */
} VirtioMmio;

static void update_irq(VirtioMmio *m)
{
    irq_set(m->irq, m->bus->device && m->bus->device->isr);
}

static void notify_queue(void *opaque, unsigned queue)
{
    VirtioMmio *m = opaque;
    m->bus->device->isr |= VIRTIO_ISR_QUEUE;
    update_irq(m);
}

static void notify_config(void *opaque)
{
    VirtioMmio *m = opaque;
    m->bus->device->isr |= VIRTIO_ISR_CONFIG;
    update_irq(m);
}

static AddressSpace *dma_space(void *opaque) { return &machine_current()->system_memory.memory_space; }

static void forget(VirtioMmio *m)
{
    VirtioDevice *vdev = m->bus->device;
    m->host_features_sel = m->guest_features_sel = m->guest_features[0] = m->guest_features[1] = m->page_shift = m->queue_sel = 0;
    for (unsigned i = 0; vdev && m->queues && i < vdev->nr_queues; i++) {
        m->queues[i] = (MmioQueue){ .size = vdev->queues[i].max_size };
    }
}

static void plugged(void *opaque, VirtioDevice *vdev)
{
    VirtioMmio *m = opaque;
    m->queues = g_new0(MmioQueue, VIRTIO_QUEUE_MAX);
    vdev->modern_only = !m->legacy;
    if (!m->legacy) {
        vdev->host_features |= BIT(VIRTIO_F_VERSION_1);
    }
    forget(m);
}

static void unplugged(void *opaque, VirtioDevice *vdev) { g_clear_pointer(&((VirtioMmio *)opaque)->queues, g_free); }

static const VirtioTransport transport = {
    .notify_queue = notify_queue, .notify_config = notify_config, .dma_space = dma_space, .plugged = plugged, .unplugged = unplugged,
};

/* ---- registers ---- */

static uint64_t read_queue(VirtioMmio *m, Virtqueue *vq, uint64_t addr)
{
    switch (addr) {
    case REG_QUEUE_NUM_MAX:
        return vq ? vq->max_size : 0;
    case REG_QUEUE_PFN:
        return vq && m->legacy ? vq->desc >> m->page_shift : 0;
    case REG_QUEUE_READY:
        return vq && !m->legacy ? vq->enabled : 0;
    default:
        return 0;
    }
}

static uint64_t mmio_read(void *opaque, uint64_t addr, unsigned size)
{
    VirtioMmio *m = opaque;
    VirtioDevice *vdev = m->bus->device;
    if (!vdev) {
        /* An empty place: a driver that finds device 0 passes on. */
        return addr == REG_MAGIC ? MAGIC : addr == REG_VERSION ? (m->legacy ? 1 : 2) : addr == REG_VENDOR_ID ? VENDOR : 0;
    }
    if (addr >= REG_CONFIG) {
        return virtio_config_read(vdev, addr - REG_CONFIG, size);
    }
    if (size != 4) {
        log_mask(LOG_GUEST_ERROR, "virtio-mmio: register 0x%03x is read by %u bytes\n", (unsigned)addr, size);
        return 0;
    }
    switch (addr) {
    case REG_MAGIC:
        return MAGIC;
    case REG_VERSION:
        return m->legacy ? 1 : 2;
    case REG_DEVICE_ID:
        return vdev->vtype->id;
    case REG_VENDOR_ID:
        return VENDOR;
    case REG_DEVICE_FEATURES:
        return m->host_features_sel > 1 || (m->legacy && m->host_features_sel) ? 0 : (uint32_t)(vdev->host_features >> (32 * m->host_features_sel));
    case REG_INTERRUPT_STATUS:
        return vdev->isr;
    case REG_STATUS:
        return vdev->status;
    case REG_SHM_LEN: case REG_SHM_LEN + 4: case REG_SHM_BASE: case REG_SHM_BASE + 4:
        return UINT32_MAX;              /* no shared memory */
    case REG_CONFIG_GENERATION:
        return m->legacy ? 0 : vdev->config_generation;
    default:
        return read_queue(m, virtio_queue(vdev, m->queue_sel), addr);
    }
}

static void write_features(VirtioMmio *m, VirtioDevice *vdev, uint32_t value)
{
    if (m->legacy) {
        if (!m->guest_features_sel) {
            virtio_set_guest_features(vdev, value & vdev->host_features);
        }
    } else if (m->guest_features_sel <= 1) {
        m->guest_features[m->guest_features_sel] = value;
        virtio_set_guest_features(vdev, (uint64_t)m->guest_features[1] << 32 | m->guest_features[0]);
    }
}

static void write_status(VirtioMmio *m, VirtioDevice *vdev, uint8_t status)
{
    virtio_set_status(vdev, status);
    if (status == 0) {
        uint32_t shift = m->page_shift;
        forget(m);
        m->page_shift = m->legacy ? shift : 0;
    }
    update_irq(m);
}

static void write_pfn(VirtioMmio *m, VirtioDevice *vdev, Virtqueue *vq, MmioQueue *q, uint32_t pfn)
{
    if (pfn == 0) {
        virtio_reset(vdev);
        update_irq(m);
        return;
    }
    vq->size = q->size;
    virtio_queue_set_legacy_address(vq, (uint64_t)pfn << m->page_shift, q->desc ? q->desc : 4096);
    vq->enabled = true;
}

static void make_ready(VirtioDevice *vdev, Virtqueue *vq, const MmioQueue *q)
{
    if (!q->desc || !q->avail || !q->used || (q->desc & 15) || (q->avail & 1) || (q->used & 3)) {
        virtio_error(vdev, "queue %u is enabled without proper addresses", vq->index);
        return;
    }
    vq->size = q->size;
    vq->desc = q->desc;
    vq->avail = q->avail;
    vq->used = q->used;
    vq->enabled = true;
}

static void set_half(uint64_t *field, bool high, uint32_t value)
{
    *field = high ? (*field & UINT32_MAX) | (uint64_t)value << 32 : (*field & ~(uint64_t)UINT32_MAX) | value;
}

/* Registers of the selected queue. */
static void write_queue(VirtioMmio *m, VirtioDevice *vdev, uint64_t addr, uint32_t value)
{
    Virtqueue *vq = virtio_queue(vdev, m->queue_sel);
    if (!vq) {
        return;
    }
    MmioQueue *q = &m->queues[vq->index];
    switch (addr) {
    case REG_QUEUE_NUM:
        if (IS_POWER_OF_2(value) && value <= vq->max_size) {
            q->size = value;
        }
        break;
    case REG_QUEUE_ALIGN:
        if (m->legacy && IS_POWER_OF_2(value) && value <= MiB) {
            q->desc = value;
        }
        break;
    case REG_QUEUE_PFN:
        if (m->legacy) {
            write_pfn(m, vdev, vq, q, value);
        }
        break;
    case REG_QUEUE_READY:
        if (!m->legacy && value) {
            make_ready(vdev, vq, q);
        } else if (!m->legacy) {
            virtio_queue_reset(vdev, vq->index);
        }
        break;
    case REG_QUEUE_RESET:
        if (!m->legacy && value && virtio_has_feature(vdev, VIRTIO_F_RING_RESET)) {
            virtio_queue_reset(vdev, vq->index);
            *q = (MmioQueue){ .size = vq->max_size };
        }
        break;
    default:
        if (!m->legacy) {
            uint64_t *fields[] = { &q->desc, &q->avail, &q->used };
            unsigned n = (addr - REG_QUEUE_DESC) / 16;
            if (addr >= REG_QUEUE_DESC && n < 3 && (addr & 0xf) < 8) {
                set_half(fields[n], addr & 4, value);
            }
        }
    }
}

static void mmio_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    VirtioMmio *m = opaque;
    VirtioDevice *vdev = m->bus->device;
    if (!vdev) {
        return;
    }
    if (addr >= REG_CONFIG) {
        virtio_config_write(vdev, addr - REG_CONFIG, value, size);
        return;
    }
    if (size != 4) {
        log_mask(LOG_GUEST_ERROR, "virtio-mmio: register 0x%03x is written by %u bytes\n", (unsigned)addr, size);
        return;
    }
    switch (addr) {
    case REG_DEVICE_FEATURES_SEL:
        m->host_features_sel = value;
        break;
    case REG_DRIVER_FEATURES:
        write_features(m, vdev, value);
        break;
    case REG_DRIVER_FEATURES_SEL:
        m->guest_features_sel = value;
        break;
    case REG_GUEST_PAGE_SIZE:
        if (m->legacy && IS_POWER_OF_2(value)) {
            m->page_shift = __builtin_ctz(value);
        }
        break;
    case REG_QUEUE_SEL:
        m->queue_sel = value;
        break;
    case REG_QUEUE_NOTIFY:
        virtio_ring(vdev, value);
        break;
    case REG_INTERRUPT_ACK:
        vdev->isr &= ~value;
        update_irq(m);
        break;
    case REG_STATUS:
        write_status(m, vdev, value);
        break;
    default:
        write_queue(m, vdev, addr, value);
    }
}

static const MemoryRegionOps mmio_ops = { .read = mmio_read, .write = mmio_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 4, true } };

/* ---- device ---- */

static bool virtio_mmio_realize(Device *dev, GError **err)
{
    VirtioMmio *m = (VirtioMmio *)dev;
    memory_region_init_io(&m->region, OBJECT(m), &mmio_ops, m, "virtio-mmio", REGION_SIZE);
    sysbus_add_mmio(&m->parent, &m->region);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, &m->irq, 1);
    m->bus = (VirtioBus *)bus_new(&virtio_mmio_bus_type, dev, NULL);
    m->bus->transport = &transport;
    m->bus->opaque = m;
    return true;
}

static void virtio_mmio_reset(Device *dev)
{
    VirtioMmio *m = (VirtioMmio *)dev;
    if (m->bus->device) {
        virtio_reset(m->bus->device);
    }
    forget(m);
    update_irq(m);
}

static const Property virtio_mmio_properties[] = {
    PROP_BOOL("format_transport_address", VirtioMmio, format_transport_address, true),
    PROP_BOOL("force-legacy", VirtioMmio, legacy, true),
    PROP_BOOL("ioeventfd", VirtioMmio, ioeventfd, true, .description = "on/off"),
};
static const StateField virtio_mmio_state[] = {
    STATE_UINT32(VirtioMmio, host_features_sel), STATE_UINT32(VirtioMmio, guest_features_sel), STATE_UINT32_ARRAY(VirtioMmio, guest_features),
    STATE_UINT32(VirtioMmio, page_shift), STATE_UINT32(VirtioMmio, queue_sel),
};
static const DeviceType virtio_mmio = {
    .name = "virtio-mmio", .parent = "sys-bus-device", .size = sizeof(VirtioMmio), .category = DEVICE_MISC, .properties = PROPERTIES(virtio_mmio_properties),
    .state = STATE(virtio_mmio_state, .version = 1), .realize = virtio_mmio_realize, .reset = virtio_mmio_reset,
};
REGISTER_DEVICE(virtio_mmio)
