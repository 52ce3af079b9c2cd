/*
 * The devices of a PC that do not depend on its chipset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "hw/block/fdc.h"
#include "hw/char/parallel.h"
#include "hw/char/serial.h"
#include "hw/i386/apic.h"
#include "hw/i386/smm.h"
#include "hw/input/i8042.h"
#include "hw/misc/pc_ports.h"
#include "hw/misc/pcspk.h"
#include "hw/timer/hpet.h"
#include "hw/timer/i8254.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

/* ---- settings ---- */

const char *const pc_smp_levels[] = { "dies", "modules", NULL };

bool pc_check_options(const PcMachine *m, GError **err)
{
    const struct { const char *name; bool given; } missing[] = {
        { "bus-lock-ratelimit", m->parent.bus_lock_ratelimit != 0 }, { "cxl", m->cxl }, { "default-bus-bypass-iommu", m->default_bus_bypass_iommu },
        { "hmat", m->parent.hmat }, { "nvdimm", m->nvdimm }, { "nvdimm-persistence", m->nvdimm_persistence != NULL }, { "pcspk-audiodev", m->pcspk_audiodev != NULL },
        { "usb", m->parent.parent.usb }, { "vmport", m->vmport == ON_OFF_AUTO_ON },
    };
    for (size_t n = 0; n < ARRAY_SIZE(missing); n++) {
        if (missing[n].given) {
            return error_set(err, "%s: the machine option %s is not implemented", machine_type(MACHINE(m))->machine_name, missing[n].name);
        }
    }
    return true;
}

/* ---- timers ---- */

static bool create_timers(PcMachine *m, GError **err)
{
    X86Machine *x86 = &m->parent;
    Irq *pit_irq = m->hpet_device ? device_irq_input(m->hpet_device, NULL, HPET_LEGACY_PIT_INT) : NULL;
    if (x86->pit == ON_OFF_AUTO_OFF) {
        return true;
    }
    Device *pit = i8254_create(m->isa_bus, 0x40, m->hpet_device ? -1 : 0, pit_irq, err);
    if (!pit) {
        return false;
    }
    if (m->hpet_device) {
        device_connect_irq(m->hpet_device, NULL, 0, device_irq_input(pit, NULL, 0));
    }
    return pcspk_create(m->isa_bus, pit, err) != NULL;
}

/* ---- keyboard and the gate of address line 20 ---- */

static void a20_set(void *opaque, int n, int level) { x86_set_a20_gate(level); }

static bool create_keyboard(PcMachine *m, GError **err)
{
    Device *port92;
    if (m->i8042) {
        Device *i8042 = isa_create(m->isa_bus, "i8042", err);
        if (!i8042) {
            return false;
        }
        device_connect_irq(i8042, I8042_A20_LINE, 0, irq_new(a20_set, NULL, 0));
    }
    port92 = isa_create(m->isa_bus, "port92", err);
    if (!port92) {
        return false;
    }
    device_connect_irq(port92, "a20", 0, irq_new(a20_set, NULL, 1));
    return true;
}

bool pc_create_isa_devices(PcMachine *m, bool has_floppy_controller, GError **err)
{
    pc_ports_init(&m->parent.parent.system_memory.io, x86_ignore_numeric_error);
    x86_set_numeric_error_line(&m->parent.gsi[13]);
    return create_timers(m, err) && serial_isa_create_all(m->isa_bus, err) && parallel_create_all(m->isa_bus, err) &&
           (!has_floppy_controller || fdc_create_isa(m->isa_bus, err)) && create_keyboard(m, err);
}

/* ---- cards ---- */

bool pc_create_vga(PcMachine *m, GError **err)
{
    static const struct { const char *vga, *type_name; } cards[] = {
        { "std", "VGA" }, { "cirrus", "cirrus-vga" }, { "vmware", "vmware-svga" }, { "qxl", "qxl-vga" }, { "virtio", "virtio-vga" },
    };
    const char *vga = m->parent.parent.vga ? m->parent.parent.vga : "std";
    if (!strcmp(vga, "none")) {
        return true;
    }
    for (unsigned n = 0; n < ARRAY_SIZE(cards); n++) {
        if (!strcmp(cards[n].vga, vga)) {
            if (!object_type_find(cards[n].type_name)) {
                return error_set(err, "-vga %s is not implemented", vga);
            }
            if (!m->pci_bus) {
                return error_set(err, "-vga %s: this machine has no PCI bus, and the ISA card is not implemented", vga);
            }
            return pci_realize(pci_new(-1, cards[n].type_name), m->pci_bus, err);
        }
    }
    return error_set(err, "unknown vga type: %s", vga);
}

/* ---- system management mode ---- */

void pc_open_smm(PcMachine *m, MemoryRegion *smram)
{
    SystemMemory *system = &m->parent.parent.system_memory;
    memory_region_init(&m->smm_memory, OBJECT(m), "memory", UINT64_MAX);
    memory_region_init_alias(&m->smm_system_alias, OBJECT(m), "memory", &system->memory, 0, UINT64_MAX);
    memory_region_init_alias(&m->smram_alias, OBJECT(m), "smram", smram, 0, 4 * GiB);
    memory_region_add_subregion_overlap(&m->smm_memory, 0, &m->smm_system_alias, 0);
    memory_region_add_subregion_overlap(&m->smm_memory, 0, &m->smram_alias, 1);
    address_space_init(&m->smm_space, &m->smm_memory, "cpu-smm-0");
    x86_set_smm_memory(&m->smm_space);
}

/* ---- the type ---- */

static const Property pc_properties[] = {
    PROP_BOOL("cxl", PcMachine, cxl, false),
    PROP_BOOL("default-bus-bypass-iommu", PcMachine, default_bus_bypass_iommu, false),
    PROP_BOOL("fd-bootchk", PcMachine, fd_bootchk, true),
    PROP_BOOL("hpet", PcMachine, hpet, true, .description = "Enable/disable high precision event timer emulation"),
    PROP_BOOL("i8042", PcMachine, i8042, true, .description = "Enable/disable Intel 8042 PS/2 controller emulation"),
    PROP_SIZE("max-fw-size", PcMachine, max_fw_size, 8 * MiB, .description = "Maximum combined firmware size"),
    PROP_SIZE("max-ram-below-4g", PcMachine, max_ram_below_4g, 0, .description = "Maximum ram below the 4G boundary (32bit boundary)"),
    PROP_BOOL("nvdimm", PcMachine, nvdimm, false, .description = "Set on/off to enable/disable NVDIMM instantiation"),
    PROP_STRING("nvdimm-persistence", PcMachine, nvdimm_persistence, NULL),
    PROP_STRING("pcspk-audiodev", PcMachine, pcspk_audiodev, NULL, .type_name = "str"),
    PROP_STRING("pflash0", PcMachine, pflash[0], NULL, .type_name = "str", .description = "Node name or ID of backend to use as backend for pflash0"),
    PROP_STRING("pflash1", PcMachine, pflash[1], NULL, .type_name = "str", .description = "Node name or ID of backend to use as backend for pflash1"),
    PROP_BOOL("sata", PcMachine, sata, true, .description = "Enable/disable Serial ATA bus"),
    PROP_STRING("smbios-entry-point-type", PcMachine, smbios_entry_point, "auto", .type_name = "str", .description = "SMBIOS Entry Point type [32, 64]"),
    PROP_BOOL("smbus", PcMachine, smbus, true, .description = "Enable/disable system management bus"),
    PROP_ON_OFF_AUTO("vmport", PcMachine, vmport, ON_OFF_AUTO_AUTO, .description = "Enable vmport (pc & q35)"),
};
static const MachineType pc_machine = {
    .name = "generic-pc-machine", .parent = "x86-machine", .size = sizeof(PcMachine), .abstract = true, .properties = PROPERTIES(pc_properties),
};
REGISTER_TYPE(pc_machine)
