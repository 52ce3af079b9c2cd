/*
 * The legacy registers of virtio over PCI: an I/O BAR (VIRTIO 1.2, 4.1.4.10).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-pci-internal.h"
#include "util/log.h"

enum {
    REG_HOST_FEATURES = 0, REG_GUEST_FEATURES = 4, REG_QUEUE_PFN = 8, REG_QUEUE_NUM = 12, REG_QUEUE_SELECT = 14, REG_QUEUE_NOTIFY = 16, REG_STATUS = 18,
    REG_ISR = 19, REG_CONFIG_VECTOR = 20, REG_QUEUE_VECTOR = 22, QUEUE_ALIGN = 4096, PFN_SHIFT = 12,
};

static unsigned config_offset(const VirtioPci *proxy) { return msix_enabled(&proxy->parent) ? CONFIG_OFFSET_MSIX : CONFIG_OFFSET_PLAIN; }

static uint64_t read_register(VirtioPci *proxy, uint64_t addr)
{
    VirtioDevice *vdev = proxy->vdev;
    Virtqueue *vq = virtio_queue(vdev, proxy->queue_select);
    switch (addr) {
    case REG_HOST_FEATURES:
        return vdev->host_features & UINT32_MAX;
    case REG_GUEST_FEATURES:
        return vdev->guest_features & UINT32_MAX;
    case REG_QUEUE_PFN:
        return vq ? vq->desc >> PFN_SHIFT : 0;
    case REG_QUEUE_NUM:
        return vq ? vq->max_size : 0;
    case REG_QUEUE_SELECT:
        return proxy->queue_select;
    case REG_STATUS:
        return vdev->status;
    case REG_ISR:
        return virtio_pci_read_isr(proxy);
    case REG_CONFIG_VECTOR:
        return vdev->config_vector;
    case REG_QUEUE_VECTOR:
        return vq ? vq->vector : VIRTIO_NO_VECTOR;
    default:
        return UINT64_MAX;
    }
}

static uint64_t legacy_read(void *opaque, uint64_t addr, unsigned size)
{
    VirtioPci *proxy = opaque;
    unsigned offset = config_offset(proxy);
    return addr < offset ? read_register(proxy, addr) : virtio_config_read(proxy->vdev, addr - offset, size);
}

static void write_pfn(VirtioPci *proxy, uint64_t pfn)
{
    Virtqueue *vq = virtio_queue(proxy->vdev, proxy->queue_select);
    if (pfn == 0) {
        virtio_pci_set_status(proxy, 0);
    } else if (vq) {
        virtio_queue_set_legacy_address(vq, pfn << PFN_SHIFT, QUEUE_ALIGN);
        vq->enabled = true;
    }
}

static void legacy_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    VirtioPci *proxy = opaque;
    VirtioDevice *vdev = proxy->vdev;
    Virtqueue *vq = virtio_queue(vdev, proxy->queue_select);
    unsigned offset = config_offset(proxy);
    if (addr >= offset) {
        virtio_config_write(vdev, addr - offset, value, size);
        return;
    }
    switch (addr) {
    case REG_GUEST_FEATURES:
        /* Old drivers accept what they see without knowing it. */
        virtio_set_guest_features(vdev, value & UINT32_MAX & vdev->host_features);
        break;
    case REG_QUEUE_PFN:
        write_pfn(proxy, value);
        break;
    case REG_QUEUE_SELECT:
        proxy->queue_select = MIN(value, VIRTIO_QUEUE_MAX);
        break;
    case REG_QUEUE_NOTIFY:
        virtio_ring(vdev, value);
        break;
    case REG_STATUS:
        virtio_pci_set_status(proxy, value);
        break;
    case REG_CONFIG_VECTOR:
        vdev->config_vector = virtio_pci_check_vector(proxy, value);
        break;
    case REG_QUEUE_VECTOR:
        if (vq) {
            vq->vector = virtio_pci_check_vector(proxy, value);
        }
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "virtio-pci: write of legacy register 0x%02x\n", (unsigned)addr);
    }
}

static const MemoryRegionOps legacy_ops = { .read = legacy_read, .write = legacy_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 4, true } };

bool virtio_pci_legacy_init(VirtioPci *proxy, GError **err)
{
    uint64_t used = (msix_present(&proxy->parent) ? CONFIG_OFFSET_MSIX : CONFIG_OFFSET_PLAIN) + proxy->vdev->config_size, size = 32;
    while (size < used) {
        size *= 2;
    }
    memory_region_init_io(&proxy->legacy_io, OBJECT(proxy), &legacy_ops, proxy, "virtio-pci", size);
    pci_register_bar(&proxy->parent, 0, PCI_BASE_ADDRESS_SPACE_IO, &proxy->legacy_io);
    return true;
}
