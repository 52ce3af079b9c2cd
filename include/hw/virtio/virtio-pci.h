/*
 * virtio over PCI: making the PCI device types of a virtio device ("virtio-net-pci" and its transitional and non-transitional forms).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_VIRTIO_PCI_H
#define HW_VIRTIO_VIRTIO_PCI_H

#include "hw/pci/pci.h"
#include "hw/virtio/virtio.h"

typedef struct VirtioPci VirtioPci;
enum { VIRTIO_PCI_VECTORS_AUTO = -1 };

typedef struct VirtioPciInfo {
    const char *name;                   /* "virtio-net-pci" */
    const DeviceType *backend;          /* "virtio-net-device", whose properties the PCI device passes on */
    uint16_t device_id;                 /* of the transitional device: 0x1000 ... */
    uint16_t class;
    DeviceCategory category;
    const char *romfile;
    uint32_t vectors;                   /* default of "vectors"; VIRTIO_PCI_VECTORS_AUTO: one a queue and one for the configuration */
    bool has_class_property;            /* "class" may set another class code */
} VirtioPciInfo;

/* Registers the types; from a constructor. */
void virtio_pci_register(const VirtioPciInfo *info);
#define REGISTER_VIRTIO_PCI(variable) \
    static void __attribute__((constructor)) register_virtio_pci_##variable(void) { virtio_pci_register(&(variable)); }

#endif
