/*
 * The cards with an NE2000: "ne2k_isa" and, on PCI, "ne2k_pci" (Realtek RTL8029AS).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/isa/isa.h"
#include "hw/net/ne2000/ne2000.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci/pci.h"
#include "util/error.h"

enum { PCI_PORTS = 0x100 };

typedef struct IsaNe2000 { IsaDevice parent; uint32_t iobase, irq; Ne2000 chip; } IsaNe2000;
typedef struct PciNe2000 { PciDevice parent; Irq *line; Ne2000 chip; } PciNe2000;

/* ---- ISA ---- */

static bool isa_ne2000_realize(Device *device, GError **err)
{
    IsaNe2000 *d = (IsaNe2000 *)device;
    GError *error = NULL;
    if (d->iobase > 0x10000 - NE2000_PORTS) {
        return error_set(err, "ne2k_isa: iobase=0x%x is out of range", d->iobase);
    }
    d->chip.irq = isa_get_irq(&d->parent, d->irq, &error);
    if (error) {
        g_propagate_error(err, error);
        return false;
    }
    if (!boot_order_add(device, d->chip.conf.bootindex, "/ethernet-phy@0", err)) {
        return false;
    }
    ne2000_init(&d->chip, device, "ne2000", NE2000_PORTS);
    isa_register_ports(&d->parent, &d->chip.io, (uint16_t)d->iobase);
    return true;
}

static void isa_ne2000_reset(Device *device) { ne2000_reset(&((IsaNe2000 *)device)->chip); }

static const Property isa_ne2000_properties[] = {
    PROP_UINT32("iobase", IsaNe2000, iobase, 0x300), PROP_UINT32("irq", IsaNe2000, irq, 9), NIC_PROPERTIES(IsaNe2000, chip.conf),
};
static const StateField isa_ne2000_state[] = { NE2000_STATE(IsaNe2000, chip) };
static const DeviceType ne2k_isa = {
    .name = "ne2k_isa", .parent = "isa-device", .size = sizeof(IsaNe2000), .category = DEVICE_NETWORK, .user_creatable = true, .firmware_name = "ethernet",
    .properties = PROPERTIES(isa_ne2000_properties), .state = STATE(isa_ne2000_state, .version = 2),
    .realize = isa_ne2000_realize, .reset = isa_ne2000_reset,
};
REGISTER_DEVICE(ne2k_isa)

/* ---- PCI ---- */

static void pci_line_set(void *opaque, int n, int level) { pci_set_irq(opaque, level); }

static bool pci_ne2000_realize(Device *device, GError **err)
{
    PciNe2000 *d = (PciNe2000 *)device;
    if (!boot_order_add(device, d->chip.conf.bootindex, "/ethernet-phy@0", err)) {
        return false;
    }
    pci_set_interrupt_pin(&d->parent, 1);
    d->chip.irq = d->line = irq_new(pci_line_set, d, 0);
    ne2000_init(&d->chip, device, "ne2000", PCI_PORTS);
    pci_register_bar(&d->parent, 0, PCI_BASE_ADDRESS_SPACE_IO, &d->chip.io);
    return true;
}

static void pci_ne2000_unrealize(Device *device)
{
    PciNe2000 *d = (PciNe2000 *)device;
    boot_order_remove(device);
    pci_unregister_bar(&d->parent, 0);
    ne2000_destroy(&d->chip);
    g_clear_pointer(&d->line, irq_free);
}

static void pci_ne2000_reset(Device *device) { ne2000_reset(&((PciNe2000 *)device)->chip); }

static const Property pci_ne2000_properties[] = { NIC_PROPERTIES(PciNe2000, chip.conf) };
static const StateField pci_ne2000_state[] = { NE2000_STATE(PciNe2000, chip) };
static const DeviceType ne2k_pci = {
    .name = "ne2k_pci", .parent = "pci-device", .size = sizeof(PciNe2000), .category = DEVICE_NETWORK, .user_creatable = true, .firmware_name = "ethernet",
    .properties = PROPERTIES(pci_ne2000_properties), .state = STATE(pci_ne2000_state, .version = 3),
    .realize = pci_ne2000_realize, .unrealize = pci_ne2000_unrealize, .reset = pci_ne2000_reset,
    .pci = { .vendor = PCI_VENDOR_ID_REALTEK, .device = 0x8029, .class = PCI_CLASS_NETWORK_ETHERNET, .romfile = "efi-ne2k_pci.rom" },
};
REGISTER_DEVICE(ne2k_pci)
