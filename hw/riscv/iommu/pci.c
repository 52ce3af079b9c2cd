/*
 * The IOMMU as a function of the root bus that it serves (PCI Code and ID Assignment: class 08h, sub-class 06h). Its messages are those of its MSI-X table, which lies
 * where msi_cfg_tbl is; it has no wires.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

#include "util/error.h"

typedef struct RiscvIommuPci { PciDevice parent; RiscvIommu iommu; uint16_t vendor, device; uint8_t revision; bool attached; } RiscvIommuPci;

enum { DEVICE_RISCV_IOMMU = 0x0014, MSIX_AT = 0x7c, EXPRESS_AT = 0x40, PBA_AT = 0x400, MSIX_VECTORS = 5 };

static PciBus *root_of(const PciDevice *dev)
{
    PciBus *bus = pci_device_bus(dev);
    while (bus->bridge) {
        bus = pci_device_bus(bus->bridge);
    }
    return bus;
}

static void send(RiscvIommu *iommu, unsigned vector) { msix_notify(&container_of(iommu, RiscvIommuPci, iommu)->parent, vector); }

static void set_identity(RiscvIommuPci *s)
{
    uint8_t *config = s->parent.config;
    pci_set_word(config + PCI_VENDOR_ID, s->vendor);
    pci_set_word(config + PCI_DEVICE_ID, s->device);
    pci_set_word(config + PCI_SUBSYSTEM_VENDOR_ID, s->vendor);
    pci_set_word(config + PCI_SUBSYSTEM_ID, s->device);
    config[PCI_REVISION_ID] = s->revision;
}

static bool set_up_bar(RiscvIommuPci *s, GError **err)
{
    MsixLayout layout = { .table_bar = &s->iommu.mmio, .pba_bar = &s->iommu.mmio, .table_offset = MSI_CFG_TBL, .pba_offset = PBA_AT, .cap_offset = MSIX_AT };
    if (!msix_init(&s->parent, MSIX_VECTORS, &layout, err)) {
        return false;
    }
    pci_register_bar(&s->parent, 0, PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64, &s->iommu.mmio);
    return true;
}

static void riscv_iommu_pci_unrealize(Device *dev)
{
    RiscvIommuPci *s = (RiscvIommuPci *)dev;
    if (s->attached) {
        riscv_iommu_detach(&s->iommu, root_of(&s->parent));
    }
    msix_uninit(&s->parent);
    pci_unregister_bar(&s->parent, 0);
    riscv_iommu_free(&s->iommu);
}

static bool riscv_iommu_pci_realize(Device *dev, GError **err)
{
    RiscvIommuPci *s = (RiscvIommuPci *)dev;
    set_identity(s);
    if (!pcie_cap_init(&s->parent, EXPRESS_AT, PCI_EXP_TYPE_RC_END, 0, err) ||
        !riscv_iommu_init(&s->iommu, OBJECT(s), pci_untranslated_space(&s->parent), false, err)) {
        return false;
    }
    s->iommu.send = send;
    s->attached = set_up_bar(s, err) && riscv_iommu_attach(&s->iommu, root_of(&s->parent), err);
    if (!s->attached) {
        riscv_iommu_pci_unrealize(dev);
    }
    return s->attached;
}

static void riscv_iommu_pci_reset(Device *dev) { riscv_iommu_reset(&((RiscvIommuPci *)dev)->iommu); }

static const Property riscv_iommu_pci_properties[] = {
    RISCV_IOMMU_PROPERTIES(RiscvIommuPci), PROP_UINT16("vendor-id", RiscvIommuPci, vendor, PCI_VENDOR_ID_REDHAT), PROP_UINT16("device-id", RiscvIommuPci, device, DEVICE_RISCV_IOMMU),
    PROP_UINT8("revision", RiscvIommuPci, revision, 1),
};
static const StateField riscv_iommu_pci_state[] = { STATE_STRUCT(RiscvIommuPci, iommu, riscv_iommu_state) };
static const char *const targets[] = { "riscv64", "riscv32", NULL };
static const DeviceType riscv_iommu_pci = {
    .name = "riscv-iommu-pci", .parent = "pci-device", .size = sizeof(RiscvIommuPci), .category = DEVICE_MISC, .user_creatable = true, .targets = targets,
    .summary = "RISC-V IOMMU", .not_hotpluggable = true,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT, .device = DEVICE_RISCV_IOMMU, .revision = 1, .class = PCI_CLASS_SYSTEM_IOMMU, .express = true },
    .properties = PROPERTIES(riscv_iommu_pci_properties), .state = STATE(riscv_iommu_pci_state, .version = 1), .realize = riscv_iommu_pci_realize,
    .unrealize = riscv_iommu_pci_unrealize, .reset = riscv_iommu_pci_reset,
};
REGISTER_DEVICE(riscv_iommu_pci)

PciDevice *riscv_iommu_find_pci(PciBus *root)
{
    for (unsigned devfn = 0; devfn < ARRAY_SIZE(root->devices); devfn++) {
        if (root->devices[devfn] && object_is_a(OBJECT(root->devices[devfn]), riscv_iommu_pci.name)) {
            return root->devices[devfn];
        }
    }
    return NULL;
}
