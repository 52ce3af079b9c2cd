/*
 * Interrupt pins: from a device's pin through bridges to a line of the root bus (PCI-to-PCI Bridge 1.2, 9.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "pci-internal.h"

void pci_set_interrupt_pin(PciDevice *dev, int pin)
{
    dev->config[PCI_INTERRUPT_PIN] = pin;
}

static int swizzle(const PciDevice *dev, int pin)
{
    return (pin + PCI_SLOT(dev->devfn)) & 3;
}

static void change_line(PciDevice *dev, int pin, int change)
{
    PciBus *bus;
    for (;;) {
        bus = pci_device_bus(dev);
        pin = bus->routing.map ? bus->routing.map(dev, pin) : swizzle(dev, pin);
        if (!bus->bridge) {
            break;
        }
        dev = bus->bridge;
    }
    if (!bus->routing.set || pin < 0 || pin >= bus->routing.nr_lines) {
        return;
    }
    bus->irq_count[pin] += change;
    bus->routing.set(bus->routing.opaque, pin, bus->irq_count[pin] != 0);
}

static bool intx_disabled(const PciDevice *dev)
{
    return pci_get_word(dev->config + PCI_COMMAND) & PCI_COMMAND_INTX_DISABLE;
}

/* What the pin drives now is kept in irq_state's upper half, what the device wants in the lower. */
enum { DRIVEN_SHIFT = 4 };

void pci_update_intx(PciDevice *dev)
{
    for (int pin = 0; pin < 4; pin++) {
        bool wanted = dev->irq_state >> pin & 1 && !intx_disabled(dev);
        bool driven = dev->irq_state >> (pin + DRIVEN_SHIFT) & 1;
        if (wanted != driven) {
            dev->irq_state ^= 1u << (pin + DRIVEN_SHIFT);
            change_line(dev, pin, wanted ? 1 : -1);
        }
    }
}

static void update_status(PciDevice *dev)
{
    uint16_t status = pci_get_word(dev->config + PCI_STATUS) & ~PCI_STATUS_INTERRUPT;
    pci_set_word(dev->config + PCI_STATUS, status | (dev->irq_state & 0xf ? PCI_STATUS_INTERRUPT : 0));
}

void pci_set_irq(PciDevice *dev, int level)
{
    int pin = dev->config[PCI_INTERRUPT_PIN] - 1;
    if (pin < 0 || pin > 3) {
        return;
    }
    dev->irq_state = (dev->irq_state & ~(1u << pin)) | (unsigned)!!level << pin;
    update_status(dev);
    pci_update_intx(dev);
}

void pci_deassert_intx(PciDevice *dev)
{
    dev->irq_state &= ~0xfu;
    update_status(dev);
    pci_update_intx(dev);
}

static void irq_line_set(void *opaque, int n, int level)
{
    pci_set_irq(opaque, level);
}

Irq *pci_irq(PciDevice *dev)
{
    if (!dev->irq_line) {
        dev->irq_line = irq_new(irq_line_set, dev, 0);
    }
    return dev->irq_line;
}
