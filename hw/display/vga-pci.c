/*
 * The standard VGA card: "VGA" on PCI, with display memory in BAR 0 and its registers in BAR 2 (QEMU's "standard VGA" specification; Linux, drivers/gpu/drm/tiny/bochs.c).
 * "secondary-vga" is the same without the legacy addresses.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "hw/pci/pci.h"
#include "util/bits.h"
#include "util/error.h"

/* Offsets in BAR 2. */
enum { MMIO_SIZE = 0x1000, EDID_OFFSET = 0, EDID_ROOM = 0x400, IOPORTS_OFFSET = 0x400, IOPORTS_SIZE = 0x20, BOCHS_OFFSET = 0x500, BOCHS_SIZE = 2 * VBE_COUNT,
       EXTENDED_OFFSET = 0x600, EXTENDED_SIZE = 8 };
/* The two extended registers: their size, and the byte order of the frame buffer. */
#define ORDER_LITTLE 0x1e1e1e1eu
#define ORDER_BIG 0xbebebebeu

typedef struct PciVga {
    PciDevice parent;
    VgaState vga;
    MemoryRegion mmio;
    uint8_t edid[128];
    uint32_t xres, yres, xmax, ymax, refresh_rate;
    bool has_mmio, has_extended, has_edid, big_endian, global_vmstate;
} PciVga;

static uint64_t mmio_read(void *opaque, uint64_t addr, unsigned size)
{
    PciVga *d = opaque;
    if (addr < EDID_OFFSET + EDID_ROOM) {
        return d->has_edid && addr < sizeof(d->edid) ? d->edid[addr] : 0;
    }
    if (addr >= IOPORTS_OFFSET && addr < IOPORTS_OFFSET + IOPORTS_SIZE) {
        return vga_port_read(&d->vga, (uint16_t)(addr - IOPORTS_OFFSET + 0x3c0));
    }
    if (addr >= BOCHS_OFFSET && addr < BOCHS_OFFSET + BOCHS_SIZE) {
        return vbe_read(&d->vga, (unsigned)(addr - BOCHS_OFFSET) / 2) >> (addr & 1 ? 8 : 0) & (size == 1 ? 0xff : 0xffff);
    }
    if (d->has_extended && addr >= EXTENDED_OFFSET && addr < EXTENDED_OFFSET + EXTENDED_SIZE) {
        return addr < EXTENDED_OFFSET + 4 ? EXTENDED_SIZE : d->big_endian ? ORDER_BIG : ORDER_LITTLE;
    }
    return UINT64_MAX;
}

static void mmio_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PciVga *d = opaque;
    if (addr >= IOPORTS_OFFSET && addr < IOPORTS_OFFSET + IOPORTS_SIZE) {
        vga_port_write(&d->vga, (uint16_t)(addr - IOPORTS_OFFSET + 0x3c0), (uint8_t)value);
    } else if (addr >= BOCHS_OFFSET && addr < BOCHS_OFFSET + BOCHS_SIZE && size == 2 && !(addr & 1)) {
        vbe_write(&d->vga, (unsigned)(addr - BOCHS_OFFSET) / 2, (uint16_t)value);
    } else if (d->has_extended && addr == EXTENDED_OFFSET + 4 && size == 4) {
        d->big_endian = value == ORDER_BIG;
    }
}

/* 8 and 16 bits as the drivers use them; the extended registers take 32. */
static MemResult mmio_read_checked(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = 0;
    bool wide = addr >= EXTENDED_OFFSET;
    if (wide || (addr >= BOCHS_OFFSET && size == 2)) {
        *value = mmio_read(opaque, addr, size);
        return MEM_OK;
    }
    for (unsigned n = 0; n < size; n++) {
        *value |= (mmio_read(opaque, addr + n, 1) & 0xff) << (8 * n);
    }
    return MEM_OK;
}

static MemResult mmio_write_checked(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    if (addr >= IOPORTS_OFFSET && addr < IOPORTS_OFFSET + IOPORTS_SIZE) {
        for (unsigned n = 0; n < size; n++) {
            mmio_write(opaque, addr + n, value >> (8 * n) & 0xff, 1);
        }
    } else {
        mmio_write(opaque, addr, value, size);
    }
    return MEM_OK;
}

static const MemoryRegionOps mmio_ops = {
    .read_checked = mmio_read_checked, .write_checked = mmio_write_checked, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 4 },
};

static bool init_common(PciVga *d, GError **err)
{
    if (!vga_init(&d->vga, OBJECT(d), err)) {
        return false;
    }
    edid_make(d->edid, &(EdidInfo){ .vendor = "RHT", .name = "QEMU Monitor", .width = d->xres ? d->xres : 1280, .height = d->yres ? d->yres : 800,
                                    .max_width = d->xmax, .max_height = d->ymax, .refresh_mhz = d->refresh_rate ? d->refresh_rate : 75000 });
    pci_register_bar(&d->parent, 0, PCI_BASE_ADDRESS_MEM_PREFETCH, &d->vga.vram);
    if (d->has_mmio) {
        memory_region_init_io(&d->mmio, OBJECT(d), &mmio_ops, d, "vga.mmio", MMIO_SIZE);
        pci_register_bar(&d->parent, 2, PCI_BASE_ADDRESS_SPACE_MEMORY, &d->mmio);
    }
    return true;
}

static bool vga_realize(Device *device, GError **err)
{
    PciVga *d = (PciVga *)device;
    PciBus *bus = pci_device_bus(&d->parent);
    if (!init_common(d, err)) {
        return false;
    }
    vga_map_legacy(&d->vga, bus->memory, bus->io, true);
    return true;
}

static bool secondary_realize(Device *device, GError **err) { return init_common((PciVga *)device, err); }

static void pci_vga_unrealize(Device *device)
{
    PciVga *d = (PciVga *)device;
    pci_unregister_bar(&d->parent, 0);
    if (d->has_mmio) {
        pci_unregister_bar(&d->parent, 2);
        memory_region_destroy(&d->mmio);
    }
    vga_destroy(&d->vga);
}

static void pci_vga_reset(Device *device)
{
    PciVga *d = (PciVga *)device;
    vga_reset(&d->vga);
    d->big_endian = false;
}

static const Property pci_vga_properties[] = {
    PROP_UINT32("vgamem_mb", PciVga, vga.vgamem_mb, 16),
    PROP_BOOL("mmio", PciVga, has_mmio, true),
    PROP_BOOL("qemu-extended-regs", PciVga, has_extended, true),
    PROP_BOOL("edid", PciVga, has_edid, true),
    PROP_UINT32("xres", PciVga, xres, 0), PROP_UINT32("yres", PciVga, yres, 0),
    PROP_UINT32("xmax", PciVga, xmax, 0), PROP_UINT32("ymax", PciVga, ymax, 0),
    PROP_UINT32("refresh_rate", PciVga, refresh_rate, 0),
    PROP_BOOL("global-vmstate", PciVga, global_vmstate, false),
    PROP_BOOL("big-endian-framebuffer", PciVga, big_endian, false, .flags = PROP_ANY_TIME | PROP_NO_DEFAULT),
};
static const StateField pci_vga_state[] = {
    STATE_UINT8(PciVga, vga.seq_index), STATE_UINT8_ARRAY(PciVga, vga.seq), STATE_UINT8(PciVga, vga.gr_index), STATE_UINT8_ARRAY(PciVga, vga.gr),
    STATE_UINT8(PciVga, vga.ar_index), STATE_UINT8_ARRAY(PciVga, vga.ar), STATE_BOOL(PciVga, vga.ar_data_next), STATE_UINT8(PciVga, vga.cr_index),
    STATE_UINT8_ARRAY(PciVga, vga.cr), STATE_UINT8(PciVga, vga.misc), STATE_UINT8(PciVga, vga.feature), STATE_UINT8(PciVga, vga.dac_state),
    STATE_UINT8(PciVga, vga.dac_sub_index), STATE_UINT8(PciVga, vga.dac_read_index), STATE_UINT8(PciVga, vga.dac_write_index),
    STATE_UINT8_ARRAY(PciVga, vga.dac_cache), STATE_UINT8_ARRAY(PciVga, vga.palette), STATE_UINT32(PciVga, vga.latch), STATE_UINT16(PciVga, vga.vbe_index),
    STATE_UINT16_ARRAY(PciVga, vga.vbe), STATE_UINT32(PciVga, vga.vbe_start), STATE_UINT32(PciVga, vga.vbe_line), STATE_UINT32(PciVga, vga.bank_offset),
};

static const DeviceType pci_vga = {
    .name = "pci-vga", .parent = "pci-device", .size = sizeof(PciVga), .abstract = true, .category = DEVICE_DISPLAY, .not_hotpluggable = true,
    .properties = PROPERTIES(pci_vga_properties), .state = STATE(pci_vga_state, .version = 2), .unrealize = pci_vga_unrealize, .reset = pci_vga_reset,
};
REGISTER_DEVICE(pci_vga)
static const DeviceType vga_device = {
    .name = "VGA", .parent = "pci-vga", .size = sizeof(PciVga), .category = DEVICE_DISPLAY, .user_creatable = true, .not_hotpluggable = true,
    .pci = { .vendor = 0x1234, .device = 0x1111, .revision = 2, .class = PCI_CLASS_DISPLAY_VGA, .romfile = "vgabios-stdvga.bin" }, .realize = vga_realize,
};
REGISTER_DEVICE(vga_device)
static const DeviceType secondary_vga = {
    .name = "secondary-vga", .parent = "pci-vga", .size = sizeof(PciVga), .category = DEVICE_DISPLAY, .user_creatable = true,
    .pci = { .vendor = 0x1234, .device = 0x1111, .revision = 2, .class = PCI_CLASS_DISPLAY_OTHER }, .realize = secondary_realize,
};
REGISTER_DEVICE(secondary_vga)
