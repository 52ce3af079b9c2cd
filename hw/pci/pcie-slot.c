/*
 * Slots behind PCI Express ports: presence, power, indicators, the attention button, and native hot-plug (PCI Express Base 3.0, 6.7 and 7.8.9 to 7.8.11).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pcie_port.h"

#include "pci-internal.h"
#include "util/error.h"

enum { SLOT_EVENTS = PCI_EXP_SLTSTA_ABP | PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_CC, PCI_EXP_FLAGS_IRQ_SHIFT = 9 };

static uint8_t *cap_of(PciePort *port) { return port->parent.parent.config + port->parent.parent.exp_cap; }

/* Chassis and slot together name a slot; no two ports may have the same name. */
static GHashTable *slot_names;
static gpointer slot_key(const PciePort *port) { return GUINT_TO_POINTER(((unsigned)port->chassis << 16 | port->slot) + 1); }

/* ---- interrupts ---- */
static void update_irq(PciePort *port)
{
    PciDevice *dev = &port->parent.parent;
    const uint8_t *cap = cap_of(port);
    uint16_t control = pci_get_word(cap + PCI_EXP_SLTCTL), status = pci_get_word(cap + PCI_EXP_SLTSTA);
    /* ABPE to CCIE lie at the places of ABP to CC. */
    bool level = control & PCI_EXP_SLTCTL_HPIE && control & status & SLOT_EVENTS;
    if (level == port->irq_level) {
        return;
    }
    port->irq_level = level;
    unsigned vector = (pci_get_word(cap + PCI_EXP_FLAGS) & PCI_EXP_FLAGS_IRQ) >> PCI_EXP_FLAGS_IRQ_SHIFT;
    if (msix_enabled(dev)) {
        if (level) {
            msix_notify(dev, vector);
        }
    } else if (msi_enabled(dev)) {
        if (level) {
            msi_notify(dev, vector);
        }
    } else {
        pci_set_irq(dev, level);
    }
}

static void set_status(PciePort *port, uint16_t bits)
{
    uint8_t *status = cap_of(port) + PCI_EXP_SLTSTA;
    pci_set_word(status, pci_get_word(status) | bits);
    update_irq(port);
}

static bool is_occupied(const PciePort *port) { return port->parent.secondary && port->parent.secondary->devices[0]; }

static void update_presence(PciePort *port, bool occupied)
{
    uint8_t *cap = cap_of(port);
    uint16_t status = pci_get_word(cap + PCI_EXP_SLTSTA) & ~PCI_EXP_SLTSTA_PDS;
    pci_set_word(cap + PCI_EXP_SLTSTA, status | (occupied ? PCI_EXP_SLTSTA_PDS : 0));
    if (port->parent.parent.capability_flags & 1u << PCI_FLAG_LNKSTA_DLLLA) {
        uint16_t link = pci_get_word(cap + PCI_EXP_LNKSTA) & ~PCI_EXP_LNKSTA_DLLLA;
        pci_set_word(cap + PCI_EXP_LNKSTA, link | (occupied ? PCI_EXP_LNKSTA_DLLLA : 0));
    }
}

void pcie_slot_presence_changed(PciBus *bus)
{
    if (bus->bridge && object_is_a(OBJECT(bus->bridge), "pcie-slot")) {
        update_presence(PCIE_PORT(bus->bridge), bus->devices[0] != NULL);
    }
}

/* ---- the slot's hot-plug handler ---- */
static bool slot_pre_plug(void *opaque, Device *device, GError **err)
{
    PciePort *port = opaque;
    if (device->hotplugged && !port->hotplug) {
        return error_set(err, "Hot-plug failed: unsupported by the port device '%s'", port->parent.parent.parent.id ? port->parent.parent.parent.id
                         : port->parent.parent.parent.parent.type->name);
    }
    return true;
}

static bool slot_plug(void *opaque, Device *device, GError **err)
{
    PciePort *port = opaque;
    if (PCI_FUNC(PCI_DEVICE(device)->devfn) != 0) {
        return true;                    /* the slot is told with function 0 */
    }
    update_presence(port, true);
    if (device->hotplugged) {
        set_status(port, PCI_EXP_SLTSTA_PDC | PCI_EXP_SLTSTA_ABP);
    }
    return true;
}

static bool slot_unplug_request(void *opaque, Device *device, GError **err)
{
    PciePort *port = opaque;
    uint16_t control = pci_get_word(cap_of(port) + PCI_EXP_SLTCTL);
    if ((control & PCI_EXP_SLTCTL_PIC) == PCI_EXP_SLTCTL_PWR_IND_BLINK) {
        return error_set(err, "Hot-unplug failed: guest is busy (power indicator blinking)");
    }
    device->unplug_pending = true;
    port->unplug_asked = true;
    set_status(port, PCI_EXP_SLTSTA_ABP);
    return true;
}

static void slot_remove(PciePort *port)
{
    PciBus *bus = port->parent.secondary;
    for (int devfn = 7; devfn >= 0; devfn--) {
        if (bus->devices[devfn]) {
            device_unplug(&bus->devices[devfn]->parent);
        }
    }
    port->unplug_asked = false;
    update_presence(port, false);
    set_status(port, PCI_EXP_SLTSTA_PDC);
}

bool pcie_slot_init(PciePort *port, GError **err)
{
    PciDevice *dev = &port->parent.parent;
    if (!slot_names) {
        slot_names = g_hash_table_new(NULL, NULL);
    }
    if (!g_hash_table_add(slot_names, slot_key(port))) {
        return error_set(err, "Can't add chassis slot, error %d", -16);
    }
    uint8_t *cap = cap_of(port), *mask = dev->write_mask + dev->exp_cap, *w1c = dev->write_1_clear_mask + dev->exp_cap;
    pci_set_word(cap + PCI_EXP_FLAGS, pci_get_word(cap + PCI_EXP_FLAGS) | PCI_EXP_FLAGS_SLOT);
    uint32_t capabilities = PCI_EXP_SLTCAP_ABP | PCI_EXP_SLTCAP_AIP | PCI_EXP_SLTCAP_PIP | PCI_EXP_SLTCAP_EIP |
        (uint32_t)(port->slot & 0x1fff) << PCI_EXP_SLTCAP_PSN_SHIFT;
    uint16_t control = PCI_EXP_SLTCTL_ABPE | PCI_EXP_SLTCTL_PDCE | PCI_EXP_SLTCTL_CCIE | PCI_EXP_SLTCTL_HPIE | PCI_EXP_SLTCTL_AIC | PCI_EXP_SLTCTL_PIC;
    if (port->hotplug && !port->hide_native_hotplug) {
        capabilities |= PCI_EXP_SLTCAP_HPS | PCI_EXP_SLTCAP_HPC;
    }
    if (port->power_controller) {
        capabilities |= PCI_EXP_SLTCAP_PCP;
        control |= PCI_EXP_SLTCTL_PCC;
    }
    pci_set_long(cap + PCI_EXP_SLTCAP, capabilities);
    pci_set_word(mask + PCI_EXP_SLTCTL, control);
    pci_set_word(w1c + PCI_EXP_SLTSTA, SLOT_EVENTS | PCI_EXP_SLTSTA_PFD | PCI_EXP_SLTSTA_MRLSC | PCI_EXP_SLTSTA_DLLSC);
    if (dev->capability_flags & 1u << PCI_FLAG_LNKSTA_DLLLA && port->hotplug) {
        pci_set_long(cap + PCI_EXP_LNKCAP, pci_get_long(cap + PCI_EXP_LNKCAP) | PCI_EXP_LNKCAP_DLLLARC);
    }
    port->handler = (HotplugHandler){ .pre_plug = slot_pre_plug, .plug = slot_plug, .unplug_request = slot_unplug_request, .opaque = port };
    port->parent.secondary->parent.hotplug = &port->handler;
    return true;
}

void pcie_slot_exit(PciePort *port)
{
    g_hash_table_remove(slot_names, slot_key(port));
}

void pcie_slot_reset(PciePort *port)
{
    uint8_t *cap = cap_of(port);
    bool occupied = is_occupied(port);
    uint16_t control = PCI_EXP_SLTCTL_ATTN_IND_OFF;
    if (occupied) {
        control |= PCI_EXP_SLTCTL_PWR_IND_ON;
    } else {
        control |= PCI_EXP_SLTCTL_PWR_IND_OFF | (port->power_controller ? PCI_EXP_SLTCTL_PCC : 0);
    }
    pci_set_word(cap + PCI_EXP_SLTCTL, control);
    pci_set_word(cap + PCI_EXP_SLTSTA, 0);
    update_presence(port, occupied);
    port->unplug_asked = false;
    update_irq(port);
}

void pcie_slot_config_written(PciePort *port, uint32_t addr, uint32_t value, unsigned size, uint16_t old_control)
{
    PciDevice *dev = &port->parent.parent;
    uint8_t *cap = cap_of(port);
    if (!ranges_overlap(addr, size, dev->exp_cap + PCI_EXP_SLTCTL, 4)) {
        return;
    }
    if (!ranges_overlap(addr, size, dev->exp_cap + PCI_EXP_SLTCTL, 2)) {
        update_irq(port);               /* status bits were cleared */
        return;
    }
    /* The interlock is a command: a one toggles its state and reads as zero. */
    unsigned shift = (addr - (dev->exp_cap + PCI_EXP_SLTCTL)) * 8;
    if (shift < 32 && value << shift & PCI_EXP_SLTCTL_EIC) {
        pci_set_word(cap + PCI_EXP_SLTSTA, pci_get_word(cap + PCI_EXP_SLTSTA) ^ PCI_EXP_SLTSTA_EIS);
    }
    uint16_t control = pci_get_word(cap + PCI_EXP_SLTCTL);
    bool off = control & PCI_EXP_SLTCTL_PCC && (control & PCI_EXP_SLTCTL_PIC) == PCI_EXP_SLTCTL_PWR_IND_OFF;
    bool was_off = old_control & PCI_EXP_SLTCTL_PCC && (old_control & PCI_EXP_SLTCTL_PIC) == PCI_EXP_SLTCTL_PWR_IND_OFF;
    if (off && !was_off && is_occupied(port) && port->hotplug && port->unplug_asked) {
        slot_remove(port);
    }
    /* Every command is done at once (6.7.3.2). */
    set_status(port, PCI_EXP_SLTSTA_CC);
}
