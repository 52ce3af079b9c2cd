/*
 * The NICs of -nic and -net nic as PCI devices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"
#include "hw/pci/pci.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

bool pci_create_nics(PciBus *bus, const char *default_model, GError **err)
{
    NicInfo *nic;
    while ((nic = nic_take(NULL, true, NULL))) {
        const char *model = !nic->model ? default_model : !strcmp(nic->model, "virtio") ? "virtio-net-pci" : nic->model;
        const DeviceType *type = device_type_for_user(model, NULL);
        if (!type || !object_type_is_a((const ObjectType *)type, "pci-device") || !bus) {
            return error_set(err, "Unsupported NIC model: %s", model);
        }
        PciDevice *dev = pci_new(nic->devaddr ? (int)strtol(nic->devaddr, NULL, 16) : -1, type->name);
        if (!nic_apply(nic, DEVICE(dev), err) || !pci_realize(dev, bus, err)) {
            return false;
        }
    }
    return true;
}
