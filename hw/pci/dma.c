/*
 * What a function's DMA and messages reach: the machine's memory while bus mastering is enabled, through an IOMMU where the root bus has one, and under which number
 * (PCI Local Bus 3.0, 6.2.2; PCI Express Base 3.0, 2.2.4.2; PCI Express to PCI/PCI-X Bridge 1.0, 2.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include <string.h>

/* Of bus and what is above: as deep as the tree that the user built. */
static PciBus *root_of(PciBus *bus)
{
    while (bus->bridge) {
        bus = pci_device_bus(bus->bridge);
    }
    return bus;
}

uint16_t pci_requester_id(PciBus *bus, unsigned devfn)
{
    uint16_t id = (uint16_t)(pci_bus_number(bus) << 8 | devfn);
    for (; bus->bridge; bus = pci_device_bus(bus->bridge)) {
        const PciDevice *bridge = bus->bridge;
        if (object_is_a(OBJECT(bus), "PCIE")) {
            continue;                   /* the id goes upstream as it is */
        }
        /* Behind a bridge from PCI Express everybody is function 0 of the secondary bus; a conventional bridge makes accesses its own. */
        id = bridge->exp_cap ? (uint16_t)(pci_bus_number(bus) << 8) : (uint16_t)(pci_bus_number(pci_device_bus(bridge)) << 8 | bridge->devfn);
    }
    return id;
}

void pci_dma_space_init(PciBus *bus, PciDevice *dev)
{
    Object *owner = OBJECT(dev);
    const PciBus *root = root_of(bus);
    MemoryRegion *space = root->iommu ? root->iommu->requester_space(root->iommu_opaque, bus, (unsigned)dev->devfn) : NULL;
    dev->translated = space != NULL;
    memory_region_init(&dev->bus_master_container, owner, "bus master container", UINT64_MAX);
    if (!space && bus->dma_space) {
        space = bus->dma_space->root;
    }
    if (space) {
        memory_region_init_alias(&dev->bus_master_alias, owner, "bus master", space, 0, UINT64_MAX);
        memory_region_set_enabled(&dev->bus_master_alias, false);
        memory_region_add_subregion(&dev->bus_master_container, 0, &dev->bus_master_alias);
    }
    address_space_init(&dev->bus_master_space, &dev->bus_master_container, dev->parent.parent.type->name);
}

void pci_dma_space_free(PciDevice *dev)
{
    address_space_destroy(&dev->bus_master_space);
    if (dev->bus_master_alias.container) {
        memory_region_del_subregion(&dev->bus_master_container, &dev->bus_master_alias);
        memory_region_destroy(&dev->bus_master_alias);
    }
    memory_region_destroy(&dev->bus_master_container);
}

static void change_over(PciBus *bus, PciDevice *dev, void *opaque)
{
    pci_dma_space_free(dev);
    memset(&dev->bus_master_container, 0, sizeof(dev->bus_master_container));
    memset(&dev->bus_master_alias, 0, sizeof(dev->bus_master_alias));
    pci_dma_space_init(bus, dev);
    pci_update_bus_master(dev);
}

void pci_bus_set_iommu(PciBus *root, const PciIommuOps *ops, void *opaque)
{
    root->iommu = ops;
    root->iommu_opaque = opaque;
    pci_foreach_device(root, change_over, NULL);
}

bool pci_is_translated(const PciDevice *dev) { return dev->translated; }
AddressSpace *pci_untranslated_space(PciDevice *dev) { return pci_device_bus(dev)->dma_space; }
