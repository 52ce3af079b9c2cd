/*
 * PCI devices as text: class names (PCI Code and ID Assignment 1.11; IEEE 1275 PCI binding for the firmware names) and the monitor's `info pci`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

#include <inttypes.h>

typedef struct PciClass { uint16_t class; const char *name, *firmware_name; uint16_t firmware_mask; } PciClass;
static const PciClass classes[] = {
    { 0x0001, "VGA controller", "display" },
    { 0x0100, "SCSI controller", "scsi" },
    { 0x0101, "IDE controller", "ide" },
    { 0x0102, "Floppy controller", "fdc" },
    { 0x0103, "IPI controller", "ipi" },
    { 0x0104, "RAID controller", "raid" },
    { 0x0106, "SATA controller" },
    { 0x0107, "SAS controller" },
    { 0x0180, "Storage controller" },
    { 0x0200, "Ethernet controller", "ethernet" },
    { 0x0201, "Token Ring controller", "token-ring" },
    { 0x0202, "FDDI controller", "fddi" },
    { 0x0203, "ATM controller", "atm" },
    { 0x0280, "Network controller" },
    { 0x0300, "VGA controller", "display", 0x00ff },
    { 0x0301, "XGA controller" },
    { 0x0302, "3D controller" },
    { 0x0380, "Display controller" },
    { 0x0400, "Video controller", "video" },
    { 0x0401, "Audio controller", "sound" },
    { 0x0402, "Phone" },
    { 0x0403, "Audio controller", "sound" },
    { 0x0480, "Multimedia controller" },
    { 0x0500, "RAM controller", "memory" },
    { 0x0501, "Flash controller", "flash" },
    { 0x0580, "Memory controller" },
    { 0x0600, "Host bridge", "host" },
    { 0x0601, "ISA bridge", "isa" },
    { 0x0602, "EISA bridge", "eisa" },
    { 0x0603, "MC bridge", "mca" },
    { 0x0604, "PCI bridge", "pci-bridge" },
    { 0x0605, "PCMCIA bridge", "pcmcia" },
    { 0x0606, "NUBUS bridge", "nubus" },
    { 0x0607, "CARDBUS bridge", "cardbus" },
    { 0x0608, "RACEWAY bridge" },
    { 0x0680, "Bridge" },
    { 0x0700, "Serial port", "serial" },
    { 0x0701, "Parallel port", "parallel" },
    { 0x0800, "Interrupt controller", "interrupt-controller" },
    { 0x0801, "DMA controller", "dma-controller" },
    { 0x0802, "Timer", "timer" },
    { 0x0803, "RTC", "rtc" },
    { 0x0900, "Keyboard", "keyboard" },
    { 0x0901, "Pen", "pen" },
    { 0x0902, "Mouse", "mouse" },
    { 0x0a00, "Dock station", "dock", 0x00ff },
    { 0x0b00, "i386 cpu", "cpu", 0x00ff },
    { 0x0c00, "Firewire controller", "firewire" },
    { 0x0c01, "Access bus controller", "access-bus" },
    { 0x0c02, "SSA controller", "ssa" },
    { 0x0c03, "USB controller", "usb" },
    { 0x0c04, "Fibre channel controller", "fibre-channel" },
    { 0x0c05, "SMBus" },
};

static const PciClass *find_class(uint16_t class)
{
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
        if (classes[i].class == class) {
            return &classes[i];
        }
    }
    return NULL;
}

const char *pci_class_name(uint16_t class)
{
    const PciClass *c = find_class(class);
    return c ? c->name : NULL;
}

const char *pci_class_firmware_name(uint16_t class)
{
    for (unsigned i = 0; i < ARRAY_SIZE(classes); i++) {
        if ((classes[i].class & ~classes[i].firmware_mask) == (class & ~classes[i].firmware_mask) && classes[i].firmware_name) {
            return classes[i].firmware_name;
        }
    }
    return NULL;
}

/* ---- info pci ---- */
static void describe_bar(const PciBar *bar, int n, GString *out)
{
    bool is_io = bar->type & PCI_BASE_ADDRESS_SPACE_IO;
    if (is_io) {
        g_string_append_printf(out, "      BAR%d: I/O ", n);
    } else {
        g_string_append_printf(out, "      BAR%d: %d bit%s memory ", n, bar->type & PCI_BASE_ADDRESS_MEM_TYPE_64 ? 64 : 32,
                               bar->type & PCI_BASE_ADDRESS_MEM_PREFETCH ? " prefetchable" : "");
    }
    if (bar->addr == PCI_BAR_UNMAPPED) {
        g_string_append(out, "(not mapped)\n");
    } else if (is_io) {
        g_string_append_printf(out, "at 0x%04" PRIx64 " [0x%04" PRIx64 "]\n", bar->addr, bar->addr + bar->size - 1);
    } else {
        g_string_append_printf(out, "at 0x%08" PRIx64 " [0x%08" PRIx64 "]\n", bar->addr, bar->addr + bar->size - 1);
    }
}

static void describe_bridge(const PciBus *bus, const PciDevice *dev, GString *out)
{
    const uint8_t *c = dev->config;
    uint64_t prefetch_base = (uint64_t)(pci_get_word(c + PCI_PREF_MEMORY_BASE) & 0xfff0) << 16 | (uint64_t)pci_get_long(c + PCI_PREF_BASE_UPPER32) << 32;
    uint64_t prefetch_limit = (uint64_t)(pci_get_word(c + PCI_PREF_MEMORY_LIMIT) & 0xfff0) << 16 | 0xfffff |
        (uint64_t)pci_get_long(c + PCI_PREF_LIMIT_UPPER32) << 32;
    g_string_append_printf(out, "      BUS %d.\n      secondary bus %d.\n      subordinate bus %d.\n", pci_bus_number(bus), c[PCI_SECONDARY_BUS],
                           c[PCI_SUBORDINATE_BUS]);
    g_string_append_printf(out, "      IO range [0x%04x, 0x%04x]\n", (c[PCI_IO_BASE] & 0xf0) << 8, (c[PCI_IO_LIMIT] & 0xf0) << 8 | 0xfff);
    g_string_append_printf(out, "      memory range [0x%08x, 0x%08x]\n", (uint32_t)(pci_get_word(c + PCI_MEMORY_BASE) & 0xfff0) << 16,
                           (uint32_t)(pci_get_word(c + PCI_MEMORY_LIMIT) & 0xfff0) << 16 | 0xfffff);
    g_string_append_printf(out, "      prefetchable memory range [0x%08" PRIx64 ", 0x%08" PRIx64 "]\n", prefetch_base, prefetch_limit);
}

static void describe_device(PciBus *bus, PciDevice *dev, void *opaque)
{
    GString *out = opaque;
    uint16_t class = pci_get_word(dev->config + PCI_CLASS_DEVICE);
    const char *name = pci_class_name(class);

    g_string_append_printf(out, "  Bus %2d, device %3d, function %d:\n    ", pci_bus_number(bus), PCI_SLOT(dev->devfn), PCI_FUNC(dev->devfn));
    if (name) {
        g_string_append(out, name);
    } else {
        g_string_append_printf(out, "Class %04d", class);
    }
    g_string_append_printf(out, ": PCI device %04x:%04x\n", pci_get_word(dev->config + PCI_VENDOR_ID), pci_get_word(dev->config + PCI_DEVICE_ID));
    bool is_bridge = (dev->config[PCI_HEADER_TYPE] & PCI_HEADER_TYPE_MASK) == PCI_HEADER_TYPE_BRIDGE;
    if (!is_bridge && (pci_get_word(dev->config + PCI_SUBSYSTEM_VENDOR_ID) || pci_get_word(dev->config + PCI_SUBSYSTEM_ID))) {
        g_string_append_printf(out, "      PCI subsystem %04x:%04x\n", pci_get_word(dev->config + PCI_SUBSYSTEM_VENDOR_ID),
                               pci_get_word(dev->config + PCI_SUBSYSTEM_ID));
    }
    if (dev->config[PCI_INTERRUPT_PIN]) {
        g_string_append_printf(out, "      IRQ %d, pin %c\n", dev->config[PCI_INTERRUPT_LINE], 'A' + ((dev->config[PCI_INTERRUPT_PIN] - 1) & 3));
    }
    if (is_bridge) {
        describe_bridge(bus, dev, out);
    }
    for (int i = 0; i < PCI_BAR_COUNT; i++) {
        if (dev->bars[i].mr) {
            describe_bar(&dev->bars[i], i, out);
        }
    }
    g_string_append_printf(out, "      id \"%s\"\n", dev->parent.id ? dev->parent.id : "");
}

char *pci_describe(void)
{
    GString *out = g_string_new(NULL);
    PciBus *root = pci_root_bus_first();
    if (root) {
        pci_foreach_device(root, describe_device, out);
    }
    return g_string_free(out, FALSE);
}
