/*
 * State of the PCI transport, shared by its files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_VIRTIO_PCI_INTERNAL_H
#define HW_VIRTIO_VIRTIO_PCI_INTERNAL_H

#include "hw/virtio/virtio-pci.h"

enum {
    FLAG_BUS_MASTER_BUG_MIGRATION, FLAG_USE_IOEVENTFD, FLAG_MIGRATE_EXTRA, FLAG_MODERN_PIO_NOTIFY, FLAG_DISABLE_PCIE, FLAG_PAGE_PER_VQ, FLAG_ATS, FLAG_INIT_DEVERR,
    FLAG_INIT_LNKCTL, FLAG_INIT_PM, FLAG_INIT_FLR, FLAG_AER, FLAG_ATS_PAGE_ALIGNED, FLAG_PM_NO_SOFT_RESET,
};

/* What the guest has written of a queue before it enabled it (4.1.4.3). */
typedef struct PendingQueue { uint16_t size; uint64_t desc, avail, used; } PendingQueue;
typedef struct HostNotifier { struct VirtioPci *proxy; unsigned queue; int fd; unsigned watch; } HostNotifier;

struct VirtioPci {
    PciDevice parent;
    VirtioBus *bus;
    VirtioDevice *vdev;
    const VirtioPciInfo *info;
    uint32_t flags;
    uint32_t nr_vectors, class_code;
    int disable_legacy;                         /* OnOffAuto */
    bool disable_modern, ignore_backend_features;
    bool legacy, modern;                        /* as realized */
    MemoryRegion legacy_io, bar, common, isr, device_config, notify, notify_pio;
    uint8_t cfg_cap;                            /* offset of the PCI configuration access capability */
    uint32_t feature_select, driver_feature_select, driver_features[2];
    uint16_t queue_select;
    uint32_t notify_multiplier;
    PendingQueue *pending;
    HostNotifier *notifiers;
};

enum { CONFIG_OFFSET_MSIX = 24, CONFIG_OFFSET_PLAIN = 20 };

/* Of each of the types that are made for a virtio device: makes that device. */
void virtio_pci_init(Object *object);
void virtio_pci_set_status(VirtioPci *proxy, uint8_t status);
void virtio_pci_forget_pending(VirtioPci *proxy);
uint8_t virtio_pci_read_isr(VirtioPci *proxy);
/* A vector that the guest asks for, or VIRTIO_NO_VECTOR when there is no such. */
uint16_t virtio_pci_check_vector(VirtioPci *proxy, uint32_t vector);
bool virtio_pci_legacy_init(VirtioPci *proxy, GError **err);
bool virtio_pci_modern_init(VirtioPci *proxy, GError **err);
void virtio_pci_modern_cleanup(VirtioPci *proxy);
uint32_t virtio_pci_config_read(Device *dev, uint32_t addr, unsigned size);
void virtio_pci_config_write(Device *dev, uint32_t addr, uint32_t value, unsigned size);

#endif
