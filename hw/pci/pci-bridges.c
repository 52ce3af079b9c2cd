/*
 * Conventional PCI bridges: the generic one, the one behind a PCI Express link (PCI Express to PCI/PCI-X Bridge 1.0), and Intel's 82801 (ICH9
 * datasheet, 316972, chapter 11). Hot-plug behind them is ACPI's: their standard hot-plug controller (SHPC 1.0) has no slots.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci/pci_bridge.h"

#include "pcie_port.h"
#include "util/error.h"

#include <string.h>

enum { SHPC_CAP_SIZE = 8, SHPC_DWORD_SELECT = 2, SHPC_DWORD_DATA = 4, SHPC_BAR_SIZE = 256, SHPC_REGISTERS = 0x24, SHPC_BASE_OFFSET = 0x00, SHPC_PROG_IFC = 0x12 };
enum { SLOTID_SIZE = 4, PCI_BRIDGE_MSI_VECTORS = 1, EXP_OFFSET_PCIE_BRIDGE = 0x48 };

typedef struct PciBridgeDevice {
    PciBridge parent;
    MemoryRegion shpc;
    bool has_shpc_bar;
    uint8_t chassis_nr;
    int msi;                            /* OnOffAuto */
    bool shpc_enabled;
    PciBridgeReserve reserve;
} PciBridgeDevice;

/* ---- the hot-plug controller without slots ---- */
static uint64_t shpc_read(void *opaque, uint64_t addr, unsigned size)
{
    return addr == SHPC_PROG_IFC ? 1 : 0;       /* SHPC 1.0, 4.5: slots available, first device, number of slots: none */
}

static void shpc_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }

static const MemoryRegionOps shpc_ops = { .read = shpc_read, .write = shpc_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 } };

static bool add_shpc(PciBridgeDevice *b, GError **err)
{
    PciDevice *dev = PCI_DEVICE(b);
    uint8_t cap = pci_add_capability(dev, PCI_CAP_ID_SHPC, 0, SHPC_CAP_SIZE, err);
    if (!cap) {
        return false;
    }
    dev->write_mask[cap + SHPC_DWORD_SELECT] = 0xff;
    memory_region_init_io(&b->shpc, OBJECT(b), &shpc_ops, b, "shpc-mmio", SHPC_BAR_SIZE);
    b->has_shpc_bar = true;
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY | PCI_BASE_ADDRESS_MEM_TYPE_64, &b->shpc);
    return true;
}

static void bridge_device_unrealize(Device *device)
{
    PciBridgeDevice *b = (PciBridgeDevice *)device;
    if (b->has_shpc_bar) {
        pci_unregister_bar(PCI_DEVICE(b), 0);
        memory_region_destroy(&b->shpc);
        b->has_shpc_bar = false;
    }
}

static void set_bus_status(PciDevice *dev)
{
    pci_set_word(dev->config + PCI_STATUS, pci_get_word(dev->config + PCI_STATUS) | PCI_STATUS_66MHZ | PCI_STATUS_FAST_BACK);
    pci_set_word(dev->config + PCI_SEC_STATUS, PCI_STATUS_66MHZ | PCI_STATUS_FAST_BACK);
}

static bool add_msi(PciBridgeDevice *b, GError **err)
{
    if (b->msi == ON_OFF_AUTO_OFF) {
        return true;
    }
    return msi_init(PCI_DEVICE(b), 0, PCI_BRIDGE_MSI_VECTORS, true, true, err);
}

/* ---- pci-bridge ---- */
static bool pci_bridge_realize(Device *device, GError **err)
{
    PciBridgeDevice *b = (PciBridgeDevice *)device;
    PciDevice *dev = PCI_DEVICE(device);
    if (!b->chassis_nr) {
        return error_set(err, "Bridge chassis not specified. Each bridge is required to be assigned a unique chassis id > 0.");
    }
    set_bus_status(dev);
    if (b->shpc_enabled) {
        pci_set_interrupt_pin(dev, 1);
        if (!add_shpc(b, err)) {
            return false;
        }
    }
    uint8_t slotid = pci_add_capability(dev, PCI_CAP_ID_SLOTID, 0, SLOTID_SIZE, err);
    if (!slotid) {
        return false;
    }
    dev->config[slotid + PCI_SID_ESR] = PCI_SID_ESR_FIC;
    dev->config[slotid + PCI_SID_CHASSIS_NR] = b->chassis_nr;
    dev->write_mask[slotid + PCI_SID_CHASSIS_NR] = 0xff;
    return add_msi(b, err) && pci_bridge_add_reserve(dev, 0, &b->reserve, err);
}

static void pci_bridge_reset(Device *device)
{
    PciBridgeDevice *b = (PciBridgeDevice *)device;
    PciDevice *dev = PCI_DEVICE(device);
    for (uint8_t cap = dev->config[PCI_CAPABILITY_LIST], guard = 0; cap && guard < 48; cap = dev->config[cap + PCI_CAP_LIST_NEXT], guard++) {
        if (dev->config[cap] == PCI_CAP_ID_SLOTID) {
            dev->config[cap + PCI_SID_CHASSIS_NR] = b->chassis_nr;
        }
    }
}

static const Property pci_bridge_properties[] = {
    PROP_UINT8("chassis_nr", PciBridgeDevice, chassis_nr, 0),
    PROP_ON_OFF_AUTO("msi", PciBridgeDevice, msi, ON_OFF_AUTO_AUTO, .description = "on/off/auto"),
    PROP_BOOL("shpc", PciBridgeDevice, shpc_enabled, true, .description = "on/off"),
    PROP_UINT32("bus-reserve", PciBridgeDevice, reserve.bus, UINT32_MAX),
    PROP_SIZE("io-reserve", PciBridgeDevice, reserve.io, UINT64_MAX),
    PROP_SIZE("mem-reserve", PciBridgeDevice, reserve.mem, UINT64_MAX),
    PROP_SIZE("pref32-reserve", PciBridgeDevice, reserve.pref32, UINT64_MAX),
    PROP_SIZE("pref64-reserve", PciBridgeDevice, reserve.pref64, UINT64_MAX),
};
static const PciBridgeType conventional = { .secondary_type = "PCI" };
static const DeviceType pci_bridge = {
    .name = "pci-bridge", .parent = "base-pci-bridge", .size = sizeof(PciBridgeDevice), .description = "Standard PCI Bridge", .user_creatable = true,
    .family = &conventional, .properties = PROPERTIES(pci_bridge_properties), .realize = pci_bridge_realize, .unrealize = bridge_device_unrealize,
    .reset = pci_bridge_reset,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT, .device = 0x0001, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .config_write = pci_bridge_config_write },
};
REGISTER_DEVICE(pci_bridge)

static const DeviceType pci_bridge_seat = {
    .name = "pci-bridge-seat", .parent = "pci-bridge", .size = sizeof(PciBridgeDevice), .description = "Standard PCI Bridge (multiseat)",
    .user_creatable = true, .family = &conventional,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT, .device = 0x000a, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .config_write = pci_bridge_config_write },
};
REGISTER_DEVICE(pci_bridge_seat)

/* ---- pcie-pci-bridge ---- */
static bool pcie_pci_bridge_realize(Device *device, GError **err)
{
    PciBridgeDevice *b = (PciBridgeDevice *)device;
    PciDevice *dev = PCI_DEVICE(device);
    set_bus_status(dev);
    pci_set_interrupt_pin(dev, 1);
    if (!add_shpc(b, err) || !pcie_cap_init(dev, EXP_OFFSET_PCIE_BRIDGE, PCI_EXP_TYPE_PCI_BRIDGE, 0, err)) {
        return false;
    }
    uint8_t exp = dev->exp_cap;
    pci_set_long(dev->config + exp + PCI_EXP_DEVCAP2, pci_get_long(dev->config + exp + PCI_EXP_DEVCAP2) | PCI_EXP_DEVCAP2_ARI);
    pci_set_word(dev->write_mask + exp + PCI_EXP_DEVCTL2, pci_get_word(dev->write_mask + exp + PCI_EXP_DEVCTL2) | PCI_EXP_DEVCTL2_ARI);
    pci_set_word(dev->write_mask + exp + PCI_EXP_DEVCTL, 0x0f);
    pci_set_word(dev->write_1_clear_mask + exp + PCI_EXP_DEVSTA, 0x0f);
    if (!pci_pm_init(dev, 0, err)) {
        return false;
    }
    /* D0 alone is offered. */
    pci_set_word(dev->write_mask + dev->pm_cap + PCI_PM_CTRL, 0);
    pcie_aer_init(dev, PCI_CFG_SPACE_SIZE, false);
    return add_msi(b, err);
}

static const Property pcie_pci_bridge_properties[] = {
    PROP_ON_OFF_AUTO("msi", PciBridgeDevice, msi, ON_OFF_AUTO_AUTO, .description = "on/off/auto"),
};
static const DeviceType pcie_pci_bridge = {
    .name = "pcie-pci-bridge", .parent = "base-pci-bridge", .size = sizeof(PciBridgeDevice), .user_creatable = true, .family = &conventional,
    .properties = PROPERTIES(pcie_pci_bridge_properties), .realize = pcie_pci_bridge_realize, .unrealize = bridge_device_unrealize,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT, .device = 0x000e, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .express = true,
             .config_write = pci_bridge_config_write },
};
REGISTER_DEVICE(pcie_pci_bridge)

/* ---- the ICH9's bridge to the old bus ---- */
static bool i82801b11_realize(Device *device, GError **err)
{
    set_bus_status(PCI_DEVICE(device));
    return pci_bridge_add_ssvid(PCI_DEVICE(device), 0x50, 0, 0, err);
}

static const DeviceType i82801b11_bridge = {
    .name = "i82801b11-bridge", .parent = "base-pci-bridge", .size = sizeof(PciBridge), .user_creatable = true, .family = &conventional,
    .realize = i82801b11_realize,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x244e, .revision = 0x92, .class = PCI_CLASS_BRIDGE_PCI, .interface = 1, .bridge = true,
             .config_write = pci_bridge_config_write },
};
REGISTER_DEVICE(i82801b11_bridge)
