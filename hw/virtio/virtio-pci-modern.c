/*
 * The registers of virtio 1.x over PCI, found by capabilities (VIRTIO 1.2, 4.1.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-pci-internal.h"
#include "util/log.h"

enum { CAP_COMMON = 1, CAP_NOTIFY = 2, CAP_ISR = 3, CAP_DEVICE = 4, CAP_PCI_CFG = 5, CAP_SIZE = 16, CAP_NOTIFY_SIZE = 20, CAP_CFG_SIZE = 20 };
enum { CAP_BAR = 4, CAP_OFFSET = 8, CAP_LENGTH = 12, CAP_DATA = 16, CAP_MULTIPLIER = 16 };
enum { MODERN_BAR = 4, PIO_BAR = 2, REGION_SIZE = 0x1000, COMMON_OFFSET = 0x0000, ISR_OFFSET = 0x1000, DEVICE_OFFSET = 0x2000, NOTIFY_OFFSET = 0x3000 };
enum {
    COMMON_DFSELECT = 0x00, COMMON_DF = 0x04, COMMON_GFSELECT = 0x08, COMMON_GF = 0x0c, COMMON_MSIX = 0x10, COMMON_NUMQ = 0x12, COMMON_STATUS = 0x14,
    COMMON_GENERATION = 0x15, COMMON_Q_SELECT = 0x16, COMMON_Q_SIZE = 0x18, COMMON_Q_MSIX = 0x1a, COMMON_Q_ENABLE = 0x1c, COMMON_Q_NOFF = 0x1e,
    COMMON_Q_DESC = 0x20, COMMON_Q_AVAIL = 0x28, COMMON_Q_USED = 0x30, COMMON_Q_NOTIFY_DATA = 0x38, COMMON_Q_RESET = 0x3a,
};

/* ---- common configuration ---- */

static Virtqueue *selected(VirtioPci *proxy) { return virtio_queue(proxy->vdev, proxy->queue_select); }

static uint64_t read_queue(VirtioPci *proxy, uint64_t addr)
{
    Virtqueue *vq = selected(proxy);
    if (!vq) {
        return 0;
    }
    const PendingQueue *p = &proxy->pending[vq->index];
    switch (addr) {
    case COMMON_Q_SIZE:
        return vq->enabled ? vq->size : p->size;
    case COMMON_Q_MSIX:
        return vq->vector;
    case COMMON_Q_ENABLE:
        return vq->enabled;
    case COMMON_Q_NOFF:
        return vq->index;
    case COMMON_Q_DESC:
        return (uint32_t)p->desc;
    case COMMON_Q_DESC + 4:
        return p->desc >> 32;
    case COMMON_Q_AVAIL:
        return (uint32_t)p->avail;
    case COMMON_Q_AVAIL + 4:
        return p->avail >> 32;
    case COMMON_Q_USED:
        return (uint32_t)p->used;
    case COMMON_Q_USED + 4:
        return p->used >> 32;
    case COMMON_Q_NOTIFY_DATA:
        return vq->index;
    default:
        return 0;
    }
}

static uint64_t common_read(void *opaque, uint64_t addr, unsigned size)
{
    VirtioPci *proxy = opaque;
    VirtioDevice *vdev = proxy->vdev;
    switch (addr) {
    case COMMON_DFSELECT:
        return proxy->feature_select;
    case COMMON_DF:
        return proxy->feature_select <= 1 ? (uint32_t)(vdev->host_features >> (32 * proxy->feature_select)) : 0;
    case COMMON_GFSELECT:
        return proxy->driver_feature_select;
    case COMMON_GF:
        return proxy->driver_feature_select <= 1 ? proxy->driver_features[proxy->driver_feature_select] : 0;
    case COMMON_MSIX:
        return vdev->config_vector;
    case COMMON_NUMQ:
        return vdev->nr_queues;
    case COMMON_STATUS:
        return vdev->status;
    case COMMON_GENERATION:
        return vdev->config_generation & 0xff;
    case COMMON_Q_SELECT:
        return proxy->queue_select;
    default:
        return read_queue(proxy, addr);
    }
}

static void write_features(VirtioPci *proxy, uint32_t value)
{
    if (proxy->driver_feature_select <= 1) {
        proxy->driver_features[proxy->driver_feature_select] = value;
        virtio_set_guest_features(proxy->vdev, (uint64_t)proxy->driver_features[1] << 32 | proxy->driver_features[0]);
    }
}

static void enable_queue(VirtioPci *proxy, Virtqueue *vq)
{
    const PendingQueue *p = &proxy->pending[vq->index];
    if (vq->enabled) {
        return;
    }
    if (!p->desc || !p->avail || !p->used || (p->desc & 15) || (p->avail & 1) || (p->used & 3)) {
        virtio_error(proxy->vdev, "queue %u is enabled without proper addresses", vq->index);
        return;
    }
    vq->size = p->size;
    vq->desc = p->desc;
    vq->avail = p->avail;
    vq->used = p->used;
    vq->enabled = true;
}

static void set_half(uint64_t *field, bool high, uint32_t value)
{
    *field = high ? (*field & UINT32_MAX) | (uint64_t)value << 32 : (*field & ~(uint64_t)UINT32_MAX) | value;
}

static void write_queue(VirtioPci *proxy, uint64_t addr, uint64_t value)
{
    Virtqueue *vq = selected(proxy);
    if (!vq) {
        return;
    }
    PendingQueue *p = &proxy->pending[vq->index];
    switch (addr) {
    case COMMON_Q_SIZE:
        if (!IS_POWER_OF_2(value) || value > vq->max_size) {
            log_mask(LOG_GUEST_ERROR, "virtio-pci: queue %u cannot have %u elements\n", vq->index, (unsigned)value);
        } else {
            p->size = value;
        }
        break;
    case COMMON_Q_MSIX:
        vq->vector = virtio_pci_check_vector(proxy, value);
        break;
    case COMMON_Q_ENABLE:
        if (value == 1) {
            enable_queue(proxy, vq);
        }
        break;
    case COMMON_Q_DESC: case COMMON_Q_DESC + 4:
        set_half(&p->desc, addr & 4, value);
        break;
    case COMMON_Q_AVAIL: case COMMON_Q_AVAIL + 4:
        set_half(&p->avail, addr & 4, value);
        break;
    case COMMON_Q_USED: case COMMON_Q_USED + 4:
        set_half(&p->used, addr & 4, value);
        break;
    case COMMON_Q_RESET:
        if (value == 1 && virtio_has_feature(proxy->vdev, VIRTIO_F_RING_RESET)) {
            virtio_queue_reset(proxy->vdev, vq->index);
            *p = (PendingQueue){ .size = vq->max_size };
        }
        break;
    }
}

static void common_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    VirtioPci *proxy = opaque;
    switch (addr) {
    case COMMON_DFSELECT:
        proxy->feature_select = value;
        break;
    case COMMON_GFSELECT:
        proxy->driver_feature_select = value;
        break;
    case COMMON_GF:
        write_features(proxy, value);
        break;
    case COMMON_MSIX:
        proxy->vdev->config_vector = virtio_pci_check_vector(proxy, value);
        break;
    case COMMON_STATUS:
        virtio_pci_set_status(proxy, value);
        break;
    case COMMON_Q_SELECT:
        proxy->queue_select = MIN(value, VIRTIO_QUEUE_MAX);
        break;
    default:
        write_queue(proxy, addr, value);
    }
}

/* ---- the other structures ---- */

static uint64_t isr_read(void *opaque, uint64_t addr, unsigned size) { return addr == 0 ? virtio_pci_read_isr(opaque) : 0; }
static void ignore_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static uint64_t device_read(void *opaque, uint64_t addr, unsigned size) { return virtio_config_read(((VirtioPci *)opaque)->vdev, addr, size); }
static void device_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { virtio_config_write(((VirtioPci *)opaque)->vdev, addr, value, size); }
static uint64_t read_zero(void *opaque, uint64_t addr, unsigned size) { return 0; }

static void notify_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    VirtioPci *proxy = opaque;
    virtio_ring(proxy->vdev, addr / proxy->notify_multiplier);
}

static void notify_pio_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { virtio_ring(((VirtioPci *)opaque)->vdev, value & 0xffff); }

#define MODERN_OPS(name, r, w) \
    static const MemoryRegionOps name##_ops = { .read = r, .write = w, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 4, true } }
MODERN_OPS(common, common_read, common_write);
MODERN_OPS(isr, isr_read, ignore_write);
MODERN_OPS(device, device_read, device_write);
MODERN_OPS(notify, read_zero, notify_write);
MODERN_OPS(notify_pio, read_zero, notify_pio_write);

/* ---- capabilities ---- */

static uint8_t add_cap(VirtioPci *proxy, uint8_t type, uint8_t size, uint8_t bar, uint32_t offset, uint32_t length, GError **err)
{
    uint8_t at = pci_add_capability(&proxy->parent, PCI_CAP_ID_VNDR, 0, size, err);
    uint8_t *c = proxy->parent.config + at;
    if (at) {
        c[2] = size;
        c[3] = type;
        c[CAP_BAR] = bar;
        pci_set_long(c + CAP_OFFSET, offset);
        pci_set_long(c + CAP_LENGTH, length);
    }
    return at;
}

static bool add_caps(VirtioPci *proxy, uint32_t notify_length, GError **err)
{
    uint8_t at;
    if (!add_cap(proxy, CAP_COMMON, CAP_SIZE, MODERN_BAR, COMMON_OFFSET, REGION_SIZE, err) ||
        !add_cap(proxy, CAP_ISR, CAP_SIZE, MODERN_BAR, ISR_OFFSET, REGION_SIZE, err) ||
        !add_cap(proxy, CAP_DEVICE, CAP_SIZE, MODERN_BAR, DEVICE_OFFSET, REGION_SIZE, err) ||
        !(at = add_cap(proxy, CAP_NOTIFY, CAP_NOTIFY_SIZE, MODERN_BAR, NOTIFY_OFFSET, notify_length, err))) {
        return false;
    }
    pci_set_long(proxy->parent.config + at + CAP_MULTIPLIER, proxy->notify_multiplier);
    if ((proxy->flags & BIT(FLAG_MODERN_PIO_NOTIFY)) && !add_cap(proxy, CAP_NOTIFY, CAP_NOTIFY_SIZE, PIO_BAR, 0, 4, err)) {
        return false;
    }
    proxy->cfg_cap = add_cap(proxy, CAP_PCI_CFG, CAP_CFG_SIZE, 0, 0, 0, err);
    if (!proxy->cfg_cap) {
        return false;
    }
    uint8_t *mask = proxy->parent.write_mask + proxy->cfg_cap;
    mask[CAP_BAR] = 0xff;
    pci_set_long(mask + CAP_OFFSET, UINT32_MAX);
    pci_set_long(mask + CAP_LENGTH, UINT32_MAX);
    pci_set_long(mask + CAP_DATA, UINT32_MAX);
    return true;
}

/* The access that the PCI configuration capability describes (4.1.4.9): through the BAR's region, whether it is mapped or not. */
static MemoryRegion *cfg_target(VirtioPci *proxy, uint32_t *offset, unsigned *size)
{
    const uint8_t *c = proxy->parent.config + proxy->cfg_cap;
    uint32_t length = pci_get_long(c + CAP_LENGTH), at = pci_get_long(c + CAP_OFFSET);
    struct { MemoryRegion *mr; uint32_t base; } parts[] = {
        { &proxy->common, COMMON_OFFSET }, { &proxy->isr, ISR_OFFSET }, { &proxy->device_config, DEVICE_OFFSET }, { &proxy->notify, NOTIFY_OFFSET },
    };
    if ((length != 1 && length != 2 && length != 4) || c[CAP_BAR] != MODERN_BAR || (at & (length - 1))) {
        return NULL;
    }
    for (unsigned i = 0; i < ARRAY_SIZE(parts); i++) {
        if (at >= parts[i].base && at - parts[i].base < memory_region_size(parts[i].mr)) {
            *offset = at - parts[i].base;
            *size = length;
            return parts[i].mr;
        }
    }
    return NULL;
}

static bool touches_data(const VirtioPci *proxy, uint32_t addr, unsigned size)
{
    return proxy->cfg_cap && addr < proxy->cfg_cap + CAP_DATA + 4u && addr + size > proxy->cfg_cap + (uint32_t)CAP_DATA;
}

uint32_t virtio_pci_config_read(Device *dev, uint32_t addr, unsigned size)
{
    VirtioPci *proxy = (VirtioPci *)dev;
    if (touches_data(proxy, addr, size)) {
        uint32_t offset;
        unsigned length;
        uint64_t value = 0;
        MemoryRegion *mr = cfg_target(proxy, &offset, &length);
        if (mr && memory_region_dispatch_read(mr, offset, &value, length, MEM_ATTRS_NONE) == MEM_OK) {
            pci_set_long(proxy->parent.config + proxy->cfg_cap + CAP_DATA, value);
        }
    }
    return pci_default_config_read(dev, addr, size);
}

void virtio_pci_config_write(Device *dev, uint32_t addr, uint32_t value, unsigned size)
{
    VirtioPci *proxy = (VirtioPci *)dev;
    pci_default_config_write(dev, addr, value, size);
    if (touches_data(proxy, addr, size)) {
        uint32_t offset;
        unsigned length;
        MemoryRegion *mr = cfg_target(proxy, &offset, &length);
        if (mr) {
            uint32_t data = pci_get_long(proxy->parent.config + proxy->cfg_cap + CAP_DATA);
            memory_region_dispatch_write(mr, offset, data & (UINT32_MAX >> (32 - 8 * length)), length, MEM_ATTRS_NONE);
        }
    }
}

bool virtio_pci_modern_init(VirtioPci *proxy, GError **err)
{
    Object *owner = OBJECT(proxy);
    bool page_per_vq = proxy->flags & BIT(FLAG_PAGE_PER_VQ);
    proxy->notify_multiplier = page_per_vq ? 4096 : 4;
    uint32_t notify_length = proxy->notify_multiplier * VIRTIO_QUEUE_MAX, size = page_per_vq ? 8 * MiB : 16 * KiB;
    const char *name = virtio_user_device(proxy->vdev)->parent.type->name;
    g_autofree char *label = g_strdup_printf("virtio-pci-common-%s", proxy->vdev->parent.parent.type->name);
    if (!add_caps(proxy, notify_length, err)) {
        return false;
    }
    proxy->pending = g_new0(PendingQueue, VIRTIO_QUEUE_MAX);
    memory_region_init(&proxy->bar, owner, name, size);
    memory_region_init_io(&proxy->common, owner, &common_ops, proxy, label, REGION_SIZE);
    memory_region_init_io(&proxy->isr, owner, &isr_ops, proxy, "virtio-pci-isr", REGION_SIZE);
    memory_region_init_io(&proxy->device_config, owner, &device_ops, proxy, "virtio-pci-device", REGION_SIZE);
    memory_region_init_io(&proxy->notify, owner, &notify_ops, proxy, "virtio-pci-notify", notify_length);
    memory_region_add_subregion(&proxy->bar, COMMON_OFFSET, &proxy->common);
    memory_region_add_subregion(&proxy->bar, ISR_OFFSET, &proxy->isr);
    memory_region_add_subregion(&proxy->bar, DEVICE_OFFSET, &proxy->device_config);
    memory_region_add_subregion(&proxy->bar, NOTIFY_OFFSET, &proxy->notify);
    pci_register_bar(&proxy->parent, MODERN_BAR, PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_PREFETCH | PCI_BASE_ADDRESS_MEM_TYPE_64, &proxy->bar);
    if (proxy->flags & BIT(FLAG_MODERN_PIO_NOTIFY)) {
        memory_region_init_io(&proxy->notify_pio, owner, &notify_pio_ops, proxy, "virtio-pci-notify-pio", 4);
        pci_register_bar(&proxy->parent, PIO_BAR, PCI_BASE_ADDRESS_SPACE_IO, &proxy->notify_pio);
    }
    return true;
}

void virtio_pci_modern_cleanup(VirtioPci *proxy)
{
    pci_unregister_bar(&proxy->parent, MODERN_BAR);
    if (proxy->flags & BIT(FLAG_MODERN_PIO_NOTIFY)) {
        pci_unregister_bar(&proxy->parent, PIO_BAR);
        memory_region_destroy(&proxy->notify_pio);
    }
    memory_region_destroy(&proxy->common);
    memory_region_destroy(&proxy->isr);
    memory_region_destroy(&proxy->device_config);
    memory_region_destroy(&proxy->notify);
    memory_region_destroy(&proxy->bar);
    g_clear_pointer(&proxy->pending, g_free);
}
