/*
 * PCI Express root ports and switch ports (PCI Express Base 3.0, 7.8; advanced error reporting 7.10; access control 7.16). The switch is TI's
 * XIO3130 (datasheet SLLS693), one of the root ports that of Intel's 5520 (datasheet 321328).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pcie_port.h"

#include "pci-internal.h"
#include "util/error.h"

enum { AER_UNCOR_MASK = 0x03fff030, AER_UNCOR_SEVERITY = 0x00462030, AER_UNCOR_INTERNAL = 0x00400000, AER_COR_MASK = 0xf1c1, AER_COR_MASK_DEFAULT = 0xe000,
       AER_CAP_BRIDGE = 0xa0, AER_CAP_BRIDGE_MASK = 0x1e0, AER_CAP_MULTI_HEADER = 0x200, AER_CAP_MULTI_HEADER_MASK = 0x600 };
enum { ACS_CAP = 0x04, ACS_CTL = 0x06, ACS_ALL = 0x5f, ACS_SIZE = 8, MSIX_BAR_SIZE = 4096 };
enum { DEVCTL_ERRORS = PCI_EXP_DEVCTL_CERE | PCI_EXP_DEVCTL_NFERE | PCI_EXP_DEVCTL_FERE | PCI_EXP_DEVCTL_URRE, DEVSTA_ERRORS = 0x0f };

void pcie_aer_init(PciDevice *dev, uint16_t offset, bool multi_header)
{
    pcie_add_capability(dev, PCI_EXT_CAP_ID_ERR, 2, offset, PCI_ERR_SIZEOF);
    uint8_t *cap = dev->config + offset, *mask = dev->write_mask + offset, *w1c = dev->write_1_clear_mask + offset;
    pci_set_long(w1c + PCI_ERR_UNCOR_STATUS, AER_UNCOR_MASK);
    if (dev->capability_flags & 1u << PCI_FLAG_ERR_UNC_MASK) {
        pci_set_long(cap + PCI_ERR_UNCOR_MASK, AER_UNCOR_INTERNAL);
        pci_set_long(mask + PCI_ERR_UNCOR_MASK, AER_UNCOR_MASK);
    }
    pci_set_long(cap + PCI_ERR_UNCOR_SEVER, AER_UNCOR_SEVERITY);
    pci_set_long(mask + PCI_ERR_UNCOR_SEVER, AER_UNCOR_MASK);
    pci_set_long(w1c + PCI_ERR_COR_STATUS, AER_COR_MASK);
    pci_set_long(cap + PCI_ERR_COR_MASK, AER_COR_MASK_DEFAULT);
    pci_set_long(mask + PCI_ERR_COR_MASK, AER_COR_MASK);
    pci_set_long(cap + PCI_ERR_CAP, AER_CAP_BRIDGE | (multi_header ? AER_CAP_MULTI_HEADER : 0));
    pci_set_long(mask + PCI_ERR_CAP, AER_CAP_BRIDGE_MASK | (multi_header ? AER_CAP_MULTI_HEADER_MASK : 0));
}

static const PciePortType *port_type(const PciePort *port)
{
    return ((const PciBridgeType *)device_type((const Device *)port)->family)->port;
}

static bool is_slot(const PciePort *port) { return object_is_a((const Object *)port, "pcie-slot"); }

static void port_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    PciePort *port = PCIE_PORT(device);
    PciDevice *dev = PCI_DEVICE(device);
    uint16_t old_control = pci_get_word(dev->config + dev->exp_cap + PCI_EXP_SLTCTL);
    pci_bridge_config_write(device, addr, value, size);
    if (is_slot(port)) {
        pcie_slot_config_written(port, addr, value, size, old_control);
    }
}

static bool init_interrupts(PciePort *port, const PciePortType *type, GError **err)
{
    PciDevice *dev = PCI_DEVICE(port);
    if (type->interrupt_pin) {
        pci_set_interrupt_pin(dev, 1);
    }
    if (type->msi_offset && !msi_init(dev, type->msi_offset, type->msi_vectors, type->msi_64bit, type->msi_mask, err)) {
        return false;
    }
    return !type->msix || msix_init_exclusive(dev, 1, 0, err);
}

static bool init_express(PciePort *port, const PciePortType *type, GError **err)
{
    PciDevice *dev = PCI_DEVICE(port);
    if (!pcie_cap_init(dev, type->exp_offset, type->exp_type, port->port, err)) {
        return false;
    }
    uint8_t *cap = dev->config + dev->exp_cap, *mask = dev->write_mask + dev->exp_cap;
    if (type->link_capabilities) {
        pci_set_long(cap + PCI_EXP_LNKCAP, type->link_capabilities);
    }
    if (type->flr) {
        pci_set_long(cap + PCI_EXP_DEVCAP, pci_get_long(cap + PCI_EXP_DEVCAP) | PCI_EXP_DEVCAP_FLR);
    }
    pci_set_word(mask + PCI_EXP_DEVCTL, type->root ? DEVCTL_ERRORS : 0);
    pci_set_word(dev->write_1_clear_mask + dev->exp_cap + PCI_EXP_DEVSTA, DEVSTA_ERRORS);
    if (is_slot(port)) {
        pci_set_long(cap + PCI_EXP_DEVCAP2, pci_get_long(cap + PCI_EXP_DEVCAP2) | PCI_EXP_DEVCAP2_ARI);
        pci_set_word(mask + PCI_EXP_DEVCTL2, pci_get_word(mask + PCI_EXP_DEVCTL2) | PCI_EXP_DEVCTL2_ARI);
    }
    if (type->root) {
        pci_set_word(mask + PCI_EXP_RTCTL, 7);
    }
    return true;
}

static void init_extended(PciePort *port, const PciePortType *type)
{
    PciDevice *dev = PCI_DEVICE(port);
    if (type->aer_offset) {
        pcie_aer_init(dev, type->aer_offset, true);
        if (type->root) {
            pci_set_long(dev->write_mask + type->aer_offset + PCI_ERR_ROOT_COMMAND, 7);
            pci_set_long(dev->write_1_clear_mask + type->aer_offset + PCI_ERR_ROOT_STATUS, 0x7f);
        }
    }
    if (type->acs_offset) {
        pcie_add_capability(dev, PCI_EXT_CAP_ID_ACS, 1, type->acs_offset, ACS_SIZE);
        pci_set_word(dev->config + type->acs_offset + ACS_CAP, ACS_ALL);
        pci_set_word(dev->write_mask + type->acs_offset + ACS_CTL, ACS_ALL);
    }
}

static bool port_realize(Device *device, GError **err)
{
    PciePort *port = PCIE_PORT(device);
    PciDevice *dev = PCI_DEVICE(device);
    const PciePortType *type = port_type(port);

    /* Ports have one conventional write mask less: no fast back-to-back, no discard timers on a serial link. */
    pci_set_word(dev->write_mask + PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR | PCI_BRIDGE_CTL_ISA | PCI_BRIDGE_CTL_VGA |
                 PCI_BRIDGE_CTL_VGA_16BIT | PCI_BRIDGE_CTL_BUS_RESET);
    dev->write_mask[PCI_SEC_LATENCY_TIMER] = 0xff;
    if (type->ssvid_offset && !pci_bridge_add_ssvid(dev, type->ssvid_offset, type->ssvid_vendor, type->ssvid_device, err)) {
        return false;
    }
    if (!init_interrupts(port, type, err) || !init_express(port, type, err)) {
        return false;
    }
    init_extended(port, type);
    return true;
}

static const Property port_properties[] = {
    PROP_UINT8("port", PciePort, port, 0),
    PROP_UINT16("aer_log_max", PciePort, aer_log_max, 8),
};
static const DeviceType pcie_port = {
    .name = "pcie-port", .parent = "base-pci-bridge", .size = sizeof(PciePort), .abstract = true, .properties = PROPERTIES(port_properties),
    .pci = { .config_write = port_config_write }, .realize = port_realize,
};
REGISTER_DEVICE(pcie_port)

/* ---- ports with a slot ---- */
static bool slot_realize(Device *device, GError **err) { return pcie_slot_init(PCIE_PORT(device), err); }
static void slot_unrealize(Device *device) { pcie_slot_exit(PCIE_PORT(device)); }
static void slot_reset(Device *device) { pcie_slot_reset(PCIE_PORT(device)); }

static const Property slot_properties[] = {
    PROP_BOOL("power_controller_present", PciePort, power_controller, true, .description = "on/off"),
    PROP_UINT8("chassis", PciePort, chassis, 0),
    PROP_UINT16("slot", PciePort, slot, 0),
    PROP_BOOL("hotplug", PciePort, hotplug, true),
    PROP_BOOL("x-do-not-expose-native-hotplug-cap", PciePort, hide_native_hotplug, false),
};
static const DeviceType pcie_slot = {
    .name = "pcie-slot", .parent = "pcie-port", .size = sizeof(PciePort), .abstract = true, .properties = PROPERTIES(slot_properties),
    .realize = slot_realize, .unrealize = slot_unrealize, .reset = slot_reset,
};
REGISTER_DEVICE(pcie_slot)

static const DeviceType root_port_base = { .name = "pcie-root-port-base", .parent = "pcie-slot", .size = sizeof(PciePort), .abstract = true };
REGISTER_DEVICE(root_port_base)

/* ---- the generic root port ---- */
static const char *const speed_names[] = { "2_5", "5", "8", "16", "32", "64", NULL };
static const EnumNames link_speed = { "PCIELinkSpeed", speed_names };
static const char *const width_names[] = { "1", "2", "4", "8", "12", "16", "32", NULL };
static const EnumNames link_width = { "PCIELinkWidth", width_names };
static const uint8_t widths[] = { 1, 2, 4, 8, 12, 16, 32 };
enum { SPEED_16 = 3, WIDTH_32 = 6 };

static bool root_port_realize(Device *device, GError **err)
{
    PciePort *port = PCIE_PORT(device);
    PciDevice *dev = PCI_DEVICE(device);
    uint8_t *cap = dev->config + dev->exp_cap;
    unsigned speed = port->speed + 1, width = widths[port->width];
    uint32_t capabilities = pci_get_long(cap + PCI_EXP_LNKCAP) & ~(uint32_t)(PCI_EXP_LNKCAP_SLS | PCI_EXP_LNKCAP_MLW);
    capabilities |= speed | width << 4;
    if (speed > 1) {
        /* 7.8.6: faster ports report the link's state and bandwidth changes. */
        capabilities |= PCI_EXP_LNKCAP_DLLLARC | PCI_EXP_LNKCAP_LBNC;
        pci_set_long(cap + PCI_EXP_LNKCAP2, ((1u << speed) - 1) << 1);
        pci_set_word(cap + PCI_EXP_LNKCTL2, speed);
    }
    pci_set_long(cap + PCI_EXP_LNKCAP, capabilities);
    pci_set_word(cap + PCI_EXP_LNKSTA, (pci_get_word(cap + PCI_EXP_LNKSTA) & PCI_EXP_LNKSTA_DLLLA) | speed | width << 4);
    return pci_bridge_add_reserve(dev, 0, &port->reserve, err);
}

static const Property root_port_properties[] = {
    PROP_UINT32("bus-reserve", PciePort, reserve.bus, UINT32_MAX),
    PROP_SIZE("io-reserve", PciePort, reserve.io, UINT64_MAX),
    PROP_SIZE("mem-reserve", PciePort, reserve.mem, UINT64_MAX),
    PROP_SIZE("pref32-reserve", PciePort, reserve.pref32, UINT64_MAX),
    PROP_SIZE("pref64-reserve", PciePort, reserve.pref64, UINT64_MAX),
    PROP_ENUM("x-speed", PciePort, speed, link_speed, SPEED_16, .description = "2_5/5/8/16/32/64"),
    PROP_ENUM("x-width", PciePort, width, link_width, WIDTH_32, .description = "1/2/4/8/12/16/32"),
};
static const PciePortType root_port_layout = {
    .exp_offset = 0x54, .exp_type = PCI_EXP_TYPE_ROOT_PORT, .ssvid_offset = 0x40, .ssvid_vendor = PCI_VENDOR_ID_REDHAT, .msix = true,
    .aer_offset = 0x100, .acs_offset = 0x148, .interrupt_pin = true, .root = true,
};
static const PciBridgeType root_port_family = { .secondary_type = "PCIE", .port = &root_port_layout };
static const DeviceType root_port = {
    .name = "pcie-root-port", .parent = "pcie-root-port-base", .size = sizeof(PciePort), .description = "PCI Express Root Port", .user_creatable = true,
    .not_hotpluggable = true, .family = &root_port_family, .properties = PROPERTIES(root_port_properties), .realize = root_port_realize,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT, .device = 0x000c, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .express = true },
};
REGISTER_DEVICE(root_port)

/* ---- Intel's root port ---- */
static const PciePortType ioh3420_layout = {
    .exp_offset = 0x90, .exp_type = PCI_EXP_TYPE_ROOT_PORT, .ssvid_offset = 0x40, .ssvid_vendor = PCI_VENDOR_ID_INTEL, .msi_offset = 0x60, .msi_vectors = 2,
    .msi_mask = true, .aer_offset = 0x100, .interrupt_pin = true, .root = true,
};
static const PciBridgeType ioh3420_family = { .secondary_type = "PCIE", .port = &ioh3420_layout };
static const DeviceType ioh3420 = {
    .name = "ioh3420", .parent = "pcie-root-port-base", .size = sizeof(PciePort), .description = "Intel IOH device id 3420 PCIE Root Port",
    .user_creatable = true, .not_hotpluggable = true, .family = &ioh3420_family,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x3420, .revision = 2, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .express = true },
};
REGISTER_DEVICE(ioh3420)

/* ---- TI's switch ---- */
static const PciePortType upstream_layout = {
    .exp_offset = 0x90, .exp_type = PCI_EXP_TYPE_UPSTREAM, .ssvid_offset = 0x80, .msi_offset = 0x70, .msi_vectors = 1, .msi_64bit = true,
    .aer_offset = 0x100, .flr = true,
};
static const PciBridgeType upstream_family = { .secondary_type = "PCIE", .port = &upstream_layout };
static const DeviceType x3130_upstream = {
    .name = "x3130-upstream", .parent = "pcie-port", .size = sizeof(PciePort), .description = "TI X3130 Upstream Port of PCI Express Switch",
    .user_creatable = true, .family = &upstream_family,
    .pci = { .vendor = PCI_VENDOR_ID_TI, .device = 0x8232, .revision = 2, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .express = true },
};
REGISTER_DEVICE(x3130_upstream)

static const PciePortType downstream_layout = {
    .exp_offset = 0x90, .exp_type = PCI_EXP_TYPE_DOWNSTREAM, .ssvid_offset = 0x80, .msi_offset = 0x70, .msi_vectors = 1, .msi_64bit = true,
    .aer_offset = 0x100, .flr = true, .link_capabilities = PCI_EXP_LNKCAP_ASPM_L0S,
};
static const PciBridgeType downstream_family = { .secondary_type = "PCIE", .port = &downstream_layout };
static const DeviceType xio3130_downstream = {
    .name = "xio3130-downstream", .parent = "pcie-slot", .size = sizeof(PciePort), .description = "TI X3130 Downstream Port of PCI Express Switch",
    .user_creatable = true, .family = &downstream_family,
    .pci = { .vendor = PCI_VENDOR_ID_TI, .device = 0x8233, .revision = 1, .class = PCI_CLASS_BRIDGE_PCI, .bridge = true, .express = true },
};
REGISTER_DEVICE(xio3130_downstream)
