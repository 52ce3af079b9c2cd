/*
 * pvpanic: a register by which a guest says that it crashed ("QEMU pvpanic device" specification: bit 0 panicked, 1 crash kernel loaded, 2 shutdown),
 * on ISA or PCI.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/isa/isa.h"
#include "hw/pci/pci.h"
#include "system/runstate.h"
#include "util/log.h"

enum { PVPANIC_PANICKED = 1 << 0, PVPANIC_CRASH_LOADED = 1 << 1, PVPANIC_SHUTDOWN = 1 << 2, PVPANIC_EVENTS = 7 };

typedef struct Pvpanic { MemoryRegion io; uint8_t events; } Pvpanic;
typedef struct PvpanicIsa { IsaDevice parent; uint16_t ioport; Pvpanic pvpanic; } PvpanicIsa;
typedef struct PvpanicPci { PciDevice parent; Pvpanic pvpanic; } PvpanicPci;

static uint64_t pvpanic_read(void *opaque, uint64_t addr, unsigned size)
{
    return ((const Pvpanic *)opaque)->events;
}

static void pvpanic_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (value & ~(uint64_t)PVPANIC_EVENTS) {
        log_mask(LOG_GUEST_ERROR, "pvpanic: unknown event 0x%02x\n", (unsigned)value);
    }
    if (value & PVPANIC_PANICKED) {
        system_guest_panicked();
    } else if (value & PVPANIC_CRASH_LOADED) {
        system_guest_crash_loaded();
    } else if (value & PVPANIC_SHUTDOWN) {
        system_shutdown_request(SHUTDOWN_GUEST_SHUTDOWN);
    }
}

static const MemoryRegionOps pvpanic_ops = { .read = pvpanic_read, .write = pvpanic_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

static bool pvpanic_isa_realize(Device *device, GError **err)
{
    PvpanicIsa *d = (PvpanicIsa *)device;
    memory_region_init_io(&d->pvpanic.io, OBJECT(d), &pvpanic_ops, &d->pvpanic, "pvpanic", 1);
    isa_register_ports(&d->parent, &d->pvpanic.io, d->ioport);
    return true;
}

static const Property pvpanic_isa_properties[] = {
    PROP_UINT16("ioport", PvpanicIsa, ioport, 0x505),
    PROP_UINT8("events", PvpanicIsa, pvpanic.events, PVPANIC_EVENTS),
};
static const DeviceType pvpanic_isa = {
    .name = "pvpanic", .parent = "isa-device", .size = sizeof(PvpanicIsa), .category = DEVICE_MISC, .user_creatable = true,
    .properties = PROPERTIES(pvpanic_isa_properties), .realize = pvpanic_isa_realize,
};
REGISTER_DEVICE(pvpanic_isa)

static bool pvpanic_pci_realize(Device *device, GError **err)
{
    PvpanicPci *d = (PvpanicPci *)device;
    memory_region_init_io(&d->pvpanic.io, OBJECT(d), &pvpanic_ops, &d->pvpanic, "pvpanic", 2);
    pci_register_bar(&d->parent, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &d->pvpanic.io);
    return true;
}

static void pvpanic_pci_unrealize(Device *device)
{
    PvpanicPci *d = (PvpanicPci *)device;
    pci_unregister_bar(&d->parent, 0);
    memory_region_destroy(&d->pvpanic.io);
}

static const Property pvpanic_pci_properties[] = {
    PROP_UINT8("events", PvpanicPci, pvpanic.events, PVPANIC_EVENTS),
};
static const DeviceType pvpanic_pci = {
    .name = "pvpanic-pci", .parent = "pci-device", .size = sizeof(PvpanicPci), .category = DEVICE_MISC, .user_creatable = true,
    .pci = { .vendor = PCI_VENDOR_ID_REDHAT, .device = 0x0011, .revision = 1, .class = PCI_CLASS_SYSTEM_OTHER },
    .properties = PROPERTIES(pvpanic_pci_properties), .realize = pvpanic_pci_realize, .unrealize = pvpanic_pci_unrealize,
};
REGISTER_DEVICE(pvpanic_pci)
