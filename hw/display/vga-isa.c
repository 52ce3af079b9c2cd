/*
 * The standard VGA card on the ISA bus: "isa-vga". Its display memory also lies in one piece where PCI would have put it, for the VESA modes of its BIOS.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "hw/core/loader.h"
#include "hw/isa/isa.h"
#include "util/error.h"

#define LINEAR_BASE UINT64_C(0xe0000000)

typedef struct IsaVga { IsaDevice parent; VgaState vga; } IsaVga;

static bool isa_vga_realize(Device *device, GError **err)
{
    static const char rom[] = "vgabios-isavga.bin";
    IsaVga *d = (IsaVga *)device;
    IsaBus *bus = isa_bus_of(&d->parent);
    if (!rom_add_vga(rom, err) || !vga_init(&d->vga, OBJECT(d), err)) {
        return false;
    }
    vga_map_legacy(&d->vga, bus->memory, bus->io, true);
    memory_region_add_subregion_overlap(bus->memory, LINEAR_BASE, &d->vga.vram, 1);
    return true;
}

static void isa_vga_reset(Device *device) { vga_reset(&((IsaVga *)device)->vga); }

static const Property isa_vga_properties[] = { PROP_UINT32("vgamem_mb", IsaVga, vga.vgamem_mb, 8) };
static const DeviceType isa_vga = {
    .name = "isa-vga", .parent = "isa-device", .size = sizeof(IsaVga), .category = DEVICE_DISPLAY, .user_creatable = true,
    .properties = PROPERTIES(isa_vga_properties), .realize = isa_vga_realize, .reset = isa_vga_reset,
};
REGISTER_DEVICE(isa_vga)
