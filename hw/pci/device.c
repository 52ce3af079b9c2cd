/*
 * The base of all PCI devices: configuration space with its write masks, identity, properties, reset and the end of a device.
 * PCI Local Bus 3.0, 6.1 to 6.2; PCI Express Base 3.0, 7.5.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { DEFAULT_BOUNCE_BYTES = 4096 };

/* ---- identity ---- */
const PciIdentity *pci_identity(const PciDevice *dev)
{
    for (const DeviceType *type = device_type(&dev->parent); type; type = (const DeviceType *)object_type_parent((const ObjectType *)type)) {
        if (!strcmp(type->name, "pci-device")) {
            break;
        }
        if (type->pci.vendor) {
            return &type->pci;
        }
    }
    static const PciIdentity nothing = { .vendor = 0xffff, .device = 0xffff };
    return &nothing;
}

/* The hooks and the ROM may come from another type of the chain than the numbers. */
#define DEFINE_INHERITED(fn, field, type_) \
    static type_ fn(const PciDevice *dev) \
    { \
        const DeviceType *type = device_type(&dev->parent); \
        for (; type && strcmp(type->name, "pci-device"); type = (const DeviceType *)object_type_parent((const ObjectType *)type)) { \
            if (type->pci.field) { \
                return type->pci.field; \
            } \
        } \
        return NULL; \
    }
typedef uint32_t ConfigRead(Device *dev, uint32_t addr, unsigned size);
typedef void ConfigWrite(Device *dev, uint32_t addr, uint32_t value, unsigned size);
DEFINE_INHERITED(identity_romfile, romfile, const char *)
DEFINE_INHERITED(identity_config_read, config_read, ConfigRead *)
DEFINE_INHERITED(identity_config_write, config_write, ConfigWrite *)

uint32_t pci_config_read(PciDevice *dev, uint32_t addr, unsigned size)
{
    ConfigRead *read = identity_config_read(dev);
    return read ? read(&dev->parent, addr, size) : pci_default_config_read(&dev->parent, addr, size);
}

void pci_config_write(PciDevice *dev, uint32_t addr, uint32_t value, unsigned size)
{
    ConfigWrite *write = identity_config_write(dev);
    if (write) {
        write(&dev->parent, addr, value, size);
    } else {
        pci_default_config_write(&dev->parent, addr, value, size);
    }
}

static void config_free(PciDevice *dev)
{
    g_clear_pointer(&dev->config, g_free);
    g_clear_pointer(&dev->write_mask, g_free);
    g_clear_pointer(&dev->write_1_clear_mask, g_free);
    g_clear_pointer(&dev->check_mask, g_free);
    g_clear_pointer(&dev->used, g_free);
}

static void config_init_header(PciDevice *dev)
{
    const PciIdentity *id = pci_identity(dev);
    uint8_t *c = dev->config, *w = dev->write_mask;

    pci_set_word(c + PCI_VENDOR_ID, id->vendor);
    pci_set_word(c + PCI_DEVICE_ID, id->device);
    c[PCI_REVISION_ID] = id->revision;
    c[PCI_CLASS_PROG] = id->interface;
    pci_set_word(c + PCI_CLASS_DEVICE, id->class);
    c[PCI_HEADER_TYPE] = id->bridge ? PCI_HEADER_TYPE_BRIDGE : PCI_HEADER_TYPE_NORMAL;

    pci_set_word(w + PCI_COMMAND, PCI_COMMAND_IO | PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER | PCI_COMMAND_SERR | PCI_COMMAND_INTX_DISABLE);
    pci_set_word(dev->write_1_clear_mask + PCI_STATUS, PCI_STATUS_PARITY | PCI_STATUS_SIG_TARGET_ABORT | PCI_STATUS_REC_TARGET_ABORT |
                 PCI_STATUS_REC_MASTER_ABORT | PCI_STATUS_SIG_SYSTEM_ERROR | PCI_STATUS_DETECTED_PARITY);
    w[PCI_CACHE_LINE_SIZE] = 0xff;
    w[PCI_INTERRUPT_LINE] = 0xff;
    /* What lies behind the header is the device's own; capabilities take their places out of it. */
    memset(w + PCI_STD_HEADER_SIZEOF, 0xff, PCI_CFG_SPACE_EXP_SIZE - PCI_STD_HEADER_SIZEOF);
    if (!id->bridge) {
        pci_set_word(c + PCI_SUBSYSTEM_VENDOR_ID, id->subsystem_vendor || id->subsystem ? id->subsystem_vendor : PCI_SUBVENDOR_ID_REDHAT_QUMRANET);
        pci_set_word(c + PCI_SUBSYSTEM_ID, id->subsystem_vendor || id->subsystem ? id->subsystem : PCI_SUBDEVICE_ID_QEMU);
    } else {
        static const struct { uint8_t offset, value; } bridge_mask[] = {
            { PCI_PRIMARY_BUS, 0xff }, { PCI_SECONDARY_BUS, 0xff }, { PCI_SUBORDINATE_BUS, 0xff }, { PCI_SEC_LATENCY_TIMER, 0xff },
            { PCI_IO_BASE, 0xf0 }, { PCI_IO_LIMIT, 0xf0 }, { PCI_MEMORY_BASE, 0xf0 }, { PCI_MEMORY_BASE + 1, 0xff },
            { PCI_MEMORY_LIMIT, 0xf0 }, { PCI_MEMORY_LIMIT + 1, 0xff }, { PCI_PREF_MEMORY_BASE, 0xf0 }, { PCI_PREF_MEMORY_BASE + 1, 0xff },
            { PCI_PREF_MEMORY_LIMIT, 0xf0 }, { PCI_PREF_MEMORY_LIMIT + 1, 0xff },
        };
        for (unsigned i = 0; i < ARRAY_SIZE(bridge_mask); i++) {
            w[bridge_mask[i].offset] = bridge_mask[i].value;
        }
        memset(w + PCI_PREF_BASE_UPPER32, 0xff, 8);
        /* 64-bit prefetchable window; 16-bit ports. */
        pci_set_word(c + PCI_PREF_MEMORY_BASE, PCI_PREF_RANGE_TYPE_64);
        pci_set_word(c + PCI_PREF_MEMORY_LIMIT, PCI_PREF_RANGE_TYPE_64);
        pci_set_word(w + PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_PARITY | PCI_BRIDGE_CTL_SERR | PCI_BRIDGE_CTL_ISA | PCI_BRIDGE_CTL_VGA |
                     PCI_BRIDGE_CTL_VGA_16BIT | PCI_BRIDGE_CTL_MASTER_ABORT | PCI_BRIDGE_CTL_BUS_RESET | PCI_BRIDGE_CTL_FAST_BACK |
                     PCI_BRIDGE_CTL_DISCARD | PCI_BRIDGE_CTL_SEC_DISCARD | PCI_BRIDGE_CTL_DISCARD_SERR);
        pci_set_word(dev->write_1_clear_mask + PCI_SEC_STATUS, 0xf900);
        pci_set_word(dev->write_1_clear_mask + PCI_BRIDGE_CONTROL, PCI_BRIDGE_CTL_DISCARD_STATUS);
    }
}

static void config_init(PciDevice *dev)
{
    /* Room for the extended space is always there; a device that is not Express does not show it. */
    dev->config = g_malloc0(PCI_CFG_SPACE_EXP_SIZE);
    dev->write_mask = g_malloc0(PCI_CFG_SPACE_EXP_SIZE);
    dev->write_1_clear_mask = g_malloc0(PCI_CFG_SPACE_EXP_SIZE);
    dev->check_mask = g_malloc0(PCI_CFG_SPACE_EXP_SIZE);
    dev->used = g_malloc0(PCI_CFG_SPACE_EXP_SIZE);
    dev->express = pci_identity(dev)->express;
    dev->config_size = dev->express ? PCI_CFG_SPACE_EXP_SIZE : PCI_CFG_SPACE_SIZE;
    memset(dev->used, 0xff, PCI_STD_HEADER_SIZEOF);
    config_init_header(dev);
}

/* ---- configuration accesses ---- */
uint32_t pci_default_config_read(Device *device, uint32_t addr, unsigned size)
{
    PciDevice *dev = PCI_DEVICE(device);
    uint32_t value = 0;
    if (addr + size > dev->config_size) {
        return UINT32_MAX;
    }
    memcpy(&value, dev->config + addr, size);
    return value;
}

static void config_store(PciDevice *dev, uint32_t addr, uint32_t value, unsigned size)
{
    for (unsigned i = 0; i < size; i++, value >>= 8) {
        uint8_t w = dev->write_mask[addr + i], w1c = dev->write_1_clear_mask[addr + i];
        dev->config[addr + i] = (dev->config[addr + i] & ~w) | (value & w);
        dev->config[addr + i] &= ~(value & w1c);
    }
}

void pci_default_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    PciDevice *dev = PCI_DEVICE(device);
    if (addr + size > dev->config_size) {
        return;
    }
    bool msix_was_masked = msix_function_masked(dev);
    config_store(dev, addr, value, size);

    bool command = ranges_overlap(addr, size, PCI_COMMAND, 2);
    bool power = dev->pm_cap && ranges_overlap(addr, size, dev->pm_cap + PCI_PM_CTRL, 2);
    if (command || power || ranges_overlap(addr, size, PCI_BASE_ADDRESS_0, 24) || ranges_overlap(addr, size, PCI_ROM_ADDRESS, 4) ||
        ranges_overlap(addr, size, PCI_ROM_ADDRESS1, 4)) {
        pci_update_bars(dev);
    }
    if (command || power) {
        pci_update_bus_master(dev);
        pci_update_intx(dev);
    }
    msi_config_written(dev, addr, size);
    msix_config_written(dev, addr, size, msix_was_masked);
}

/* ---- the properties of every PCI device ---- */
static const Property pci_properties[] = {
    { .name = "addr", .description = "Slot and optional function number, example: 06.0 or 06", .kind = &property_kind_pci_devfn,
      .offset = offsetof(PciDevice, devfn), .initial.i = -1 },
    PROP_STRING("romfile", PciDevice, romfile, NULL),
    PROP_UINT32("romsize", PciDevice, romsize, UINT32_MAX),
    PROP_INT32("rombar", PciDevice, rombar, -1),
    PROP_BOOL("multifunction", PciDevice, multifunction, false, .description = "on/off"),
    PROP_BIT32("x-pcie-lnksta-dllla", PciDevice, capability_flags, PCI_FLAG_LNKSTA_DLLLA, true, .description = "on/off"),
    PROP_BIT32("x-pcie-extcap-init", PciDevice, capability_flags, PCI_FLAG_EXTCAP_INIT, true, .description = "on/off"),
    PROP_STRING("failover_pair_id", PciDevice, failover_pair_id, NULL),
    PROP_UINT32("acpi-index", PciDevice, acpi_index, 0),
    PROP_BIT32("x-pcie-err-unc-mask", PciDevice, capability_flags, PCI_FLAG_ERR_UNC_MASK, true, .description = "on/off"),
    PROP_BIT32("x-pcie-ari-nextfn-1", PciDevice, capability_flags, PCI_FLAG_ARI_NEXTFN_1, false, .description = "on/off"),
    PROP_SIZE("x-max-bounce-buffer-size", PciDevice, max_bounce_buffer_size, DEFAULT_BOUNCE_BYTES),
    PROP_BIT32("x-pcie-ext-tag", PciDevice, capability_flags, PCI_FLAG_EXT_TAG, true, .description = "on/off"),
    { .name = "busnr", .kind = &property_kind_pci_busnr, .offset = 0, .flags = PROP_READ_ONLY | PROP_NO_DEFAULT },
};

static void pci_device_init(Object *object)
{
    PciDevice *dev = PCI_DEVICE(object);
    const char *romfile = identity_romfile(dev);
    if (romfile) {
        g_free(dev->romfile);
        dev->romfile = g_strdup(romfile);
    }
}

static bool check_failover(PciDevice *dev, GError **err)
{
    if (!dev->failover_pair_id) {
        return true;
    }
    if (!object_is_a((Object *)dev->parent.bus, "PCIE")) {
        return error_set(err, "failover primary device must be on PCIExpress bus");
    }
    if (pci_identity(dev)->class != PCI_CLASS_NETWORK_ETHERNET) {
        return error_set(err, "failover primary device is not an Ethernet device");
    }
    return error_set(err, "failover_pair_id is not implemented");
}

static bool acpi_index_taken(PciBus *bus, const PciDevice *dev)
{
    for (int devfn = 0; devfn < 256; devfn++) {
        if (bus->devices[devfn] && bus->devices[devfn] != dev && bus->devices[devfn]->acpi_index == dev->acpi_index) {
            return true;
        }
    }
    return false;
}

/* PCI Local Bus 3.0, 6.2.1, header type: a function other than 0 is looked for only when function 0 says that there are more. */
static bool check_multifunction(PciBus *bus, PciDevice *dev, GError **err)
{
    int slot = PCI_SLOT(dev->devfn), function = PCI_FUNC(dev->devfn);
    if (function) {
        const PciDevice *first = bus->devices[PCI_DEVFN(slot, 0)];
        if (first && !first->multifunction) {
            return error_set(err, "PCI: single function device can't be populated in function %x.%x", slot, function);
        }
        return true;
    }
    if (dev->multifunction) {
        return true;
    }
    for (function = 1; function < 8; function++) {
        if (bus->devices[PCI_DEVFN(slot, function)]) {
            return error_set(err, "PCI: %x.0 indicates single function, but %x.%x is already populated.", slot, slot, function);
        }
    }
    return true;
}

static bool check_settings(PciBus *bus, PciDevice *dev, GError **err)
{
    if (dev->devfn < 0 || dev->devfn > 255 || bus->devices[dev->devfn]) {
        return error_set(err, "PCI: no slot/function available for %s, all in use or reserved", dev->parent.parent.type->name);
    }
    if (dev->romsize != UINT32_MAX && !IS_POWER_OF_2(dev->romsize)) {
        return error_set(err, "ROM size %u is not a power of two", dev->romsize);
    }
    if (dev->acpi_index && acpi_index_taken(bus, dev)) {
        return error_set(err, "a PCI device with acpi-index = %u already exist", dev->acpi_index);
    }
    return check_failover(dev, err) && check_multifunction(bus, dev, err);
}

static void pci_device_unrealize(Device *device)
{
    PciDevice *dev = PCI_DEVICE(device);
    PciBus *bus = pci_device_bus(dev);

    pci_deassert_intx(dev);
    pci_unmap_bars(dev);
    msix_uninit(dev);
    msi_uninit(dev);
    pci_rom_free(dev);
    memset(dev->bars, 0, sizeof(dev->bars));
    pci_dma_space_free(dev);
    if (bus->devices[dev->devfn] == dev) {
        bus->devices[dev->devfn] = NULL;
    }
    config_free(dev);
    g_clear_pointer(&dev->irq_line, irq_free);
    dev->irq_state = 0;
    dev->pm_cap = dev->exp_cap = 0;
}

static bool pci_device_realize(Device *device, GError **err)
{
    PciDevice *dev = PCI_DEVICE(device);
    PciBus *bus = pci_device_bus(dev);

    if (!check_settings(bus, dev, err)) {
        return false;
    }
    const char *default_rom = identity_romfile(dev);
    config_init(dev);
    if (dev->multifunction) {
        dev->config[PCI_HEADER_TYPE] |= PCI_HEADER_TYPE_MULTI_FUNCTION;
    }
    for (int i = 0; i < PCI_BAR_COUNT; i++) {
        dev->bars[i].addr = PCI_BAR_UNMAPPED;
    }
    pci_dma_space_init(bus, dev);
    bus->devices[dev->devfn] = dev;
    if (!pci_rom_load(dev, default_rom && dev->romfile && !strcmp(default_rom, dev->romfile), err)) {
        pci_device_unrealize(device);
        return false;
    }
    return true;
}

/* PCI Local Bus 3.0, 4.3.2 and 6.2: what RST# does to the header. */
static void pci_device_reset_enter(Device *device)
{
    PciDevice *dev = PCI_DEVICE(device);
    uint8_t *c = dev->config;

    pci_deassert_intx(dev);
    pci_set_word(c + PCI_COMMAND, pci_get_word(c + PCI_COMMAND) & ~(pci_get_word(dev->write_mask + PCI_COMMAND) |
                                                                    pci_get_word(dev->write_1_clear_mask + PCI_COMMAND)));
    pci_set_word(c + PCI_STATUS, pci_get_word(c + PCI_STATUS) & ~(pci_get_word(dev->write_mask + PCI_STATUS) |
                                                                  pci_get_word(dev->write_1_clear_mask + PCI_STATUS)));
    c[PCI_INTERRUPT_LINE] &= ~dev->write_mask[PCI_INTERRUPT_LINE];
    c[PCI_CACHE_LINE_SIZE] = 0;
    for (int i = 0; i < PCI_BAR_COUNT; i++) {
        const PciBar *bar = &dev->bars[i];
        if (!bar->mr) {
            continue;
        }
        uint32_t offset = i == PCI_ROM_BAR ? (pci_identity(dev)->bridge ? PCI_ROM_ADDRESS1 : PCI_ROM_ADDRESS) : PCI_BASE_ADDRESS_0 + i * 4u;
        pci_set_long(c + offset, i == PCI_ROM_BAR ? 0 : bar->type);
        if (bar->type & PCI_BASE_ADDRESS_MEM_TYPE_64 && !(bar->type & PCI_BASE_ADDRESS_SPACE_IO)) {
            pci_set_long(c + offset + 4, 0);
        }
    }
    if (dev->pm_cap) {
        pci_set_word(c + dev->pm_cap + PCI_PM_CTRL, pci_get_word(c + dev->pm_cap + PCI_PM_CTRL) & ~PCI_PM_CTRL_STATE_MASK);
    }
    msi_reset(dev);
    msix_reset(dev);
    pci_update_bars(dev);
    pci_update_bus_master(dev);
}

static const StateField pci_device_state[] = {
    STATE_INT32(PciDevice, devfn), STATE_UINT8(PciDevice, irq_state),
};

static const DeviceType pci_device_type = {
    .name = "pci-device", .parent = "device", .size = sizeof(PciDevice), .abstract = true, .bus_type = "PCI",
    .properties = PROPERTIES(pci_properties), .state = STATE(pci_device_state, .version = 1), .init = pci_device_init,
    .realize = pci_device_realize, .unrealize = pci_device_unrealize, .reset_enter = pci_device_reset_enter,
};
REGISTER_DEVICE(pci_device_type)

PciDevice *pci_new(int devfn, const char *type_name)
{
    PciDevice *dev = PCI_DEVICE(device_new(type_name));
    dev->devfn = devfn;
    return dev;
}

PciDevice *pci_new_multifunction(int devfn, const char *type_name)
{
    PciDevice *dev = pci_new(devfn, type_name);
    dev->multifunction = true;
    return dev;
}

bool pci_realize(PciDevice *dev, PciBus *bus, GError **err)
{
    return device_realize(&dev->parent, &bus->parent, err);
}
