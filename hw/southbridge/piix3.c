/*
 * The PIIX3's function 0: ISA bridge, PCI interrupt routing, reset control (Intel 82371SB datasheet, 290550, 2.2), and what hangs below it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/southbridge/piix.h"

#include "hw/core/machine.h"
#include "hw/dma/i8257.h"
#include "hw/intc/i8259.h"
#include "hw/rtc/mc146818.h"
#include "hw/timer/i8254.h"
#include "system/runstate.h"
#include "util/error.h"

enum { IORT = 0x4c, XBCS = 0x4e, PIRQRC = 0x60, PIRQ_COUNT = 4, PIRQ_DISABLED = 16, RST_CONTROL_PORT = 0xcf9, SCI_IRQ = 9 };
enum { RCR_SRST = 0x02, RCR_RCPU = 0x04 };

/* ---- PCI interrupts ---- */
/* Each slot's INTA goes to the next PIRQ. */
static int piix_map_irq(PciDevice *dev, int pin)
{
    return (pin + PCI_SLOT(dev->devfn) - 1) & 3;
}

static void set_pic_line(PiixState *piix, int line)
{
    irq_set(piix->isa_irqs[line], (piix->pic_levels >> line * PIRQ_COUNT & 0xf) != 0);
}

static void set_route_level(PiixState *piix, int pirq, int level)
{
    unsigned line = piix->parent.config[PIRQRC + pirq];
    if (line >= PIRQ_DISABLED) {
        return;
    }
    uint64_t bit = UINT64_C(1) << (line * PIRQ_COUNT + pirq);
    piix->pic_levels = level ? piix->pic_levels | bit : piix->pic_levels & ~bit;
    set_pic_line(piix, line);
}

static void piix_set_irq(void *opaque, int pirq, int level)
{
    set_route_level(opaque, pirq, level);
}

static void update_routes(PiixState *piix)
{
    const PciBus *bus = pci_device_bus(&piix->parent);
    uint64_t before = piix->pic_levels;
    piix->pic_levels = 0;
    for (int pirq = 0; pirq < PIRQ_COUNT; pirq++) {
        set_route_level(piix, pirq, bus->irq_count[pirq] != 0);
    }
    for (int line = 0; line < 16; line++) {
        if (before >> line * PIRQ_COUNT & 0xf) {
            set_pic_line(piix, line);
        }
    }
}

static void piix_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    pci_default_config_write(device, addr, value, size);
    if (addr < PIRQRC + PIRQ_COUNT && PIRQRC < addr + size) {
        update_routes(PIIX_STATE(device));
    }
}

/* ---- reset control ---- */
static uint64_t rcr_read(void *opaque, uint64_t addr, unsigned size)
{
    return PIIX_STATE(opaque)->rcr;
}

static void rcr_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PiixState *piix = opaque;
    if (value & RCR_RCPU) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
        return;
    }
    piix->rcr = value & RCR_SRST;
}

static const MemoryRegionOps rcr_ops = { .read = rcr_read, .write = rcr_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 1 } };

/* ---- the device ---- */
typedef struct ResetValue { uint8_t offset, value; } ResetValue;
static const ResetValue reset_values[] = {
    { PCI_STATUS, 0x00 }, { PCI_STATUS + 1, 0x02 }, { IORT, 0x4d }, { XBCS, 0x03 }, { XBCS + 1, 0x00 },
    { PIRQRC, 0x80 }, { PIRQRC + 1, 0x80 }, { PIRQRC + 2, 0x80 }, { PIRQRC + 3, 0x80 }, { 0x69, 0x02 }, { 0x6a, 0x00 }, { 0x70, 0x80 },
    { 0x76, 0x0c }, { 0x77, 0x0c }, { 0x78, 0x02 }, { 0x79, 0x00 }, { 0x80, 0x00 }, { 0x82, 0x00 }, { 0xa0, 0x08 }, { 0xa2, 0x00 }, { 0xa3, 0x00 },
    { 0xa4, 0x00 }, { 0xa5, 0x00 }, { 0xa6, 0x00 }, { 0xa7, 0x00 }, { 0xa8, 0x0f }, { 0xaa, 0x00 }, { 0xab, 0x00 }, { 0xac, 0x00 }, { 0xae, 0x00 },
};

static void piix_reset(Device *device)
{
    PiixState *piix = PIIX_STATE(device);
    for (unsigned i = 0; i < G_N_ELEMENTS(reset_values); i++) {
        piix->parent.config[reset_values[i].offset] = reset_values[i].value;
    }
    piix->pic_levels = 0;
    piix->rcr = 0;
}

static bool add_child(PiixState *piix, const char *name, Device *dev, GError **err)
{
    return object_add_child(OBJECT(piix), name, OBJECT(dev), err);
}

static bool realize_rtc(PiixState *piix, GError **err)
{
    piix->rtc = device_new("mc146818rtc");
    if (!object_set_int(OBJECT(piix->rtc), "base_year", 0, err) || !add_child(piix, "rtc", piix->rtc, err) ||
        !device_realize(piix->rtc, &piix->isa_bus->parent, err)) {
        return false;
    }
    device_connect_irq(piix->rtc, NULL, 0, piix->rtc_irq ? piix->rtc_irq : piix->isa_irqs[RTC_ISA_IRQ]);
    return true;
}

/* Another function of the chip. A kind of device that this build has not is left out. */
static bool realize_function(PiixState *piix, const char *name, const char *type, int function, PciDevice **result, GError **err)
{
    if (!object_type_find(type)) {
        return true;
    }
    PciDevice *dev = pci_new(piix->parent.devfn + function, type);
    if (!add_child(piix, name, &dev->parent, err)) {
        return false;
    }
    *result = dev;
    return true;
}

static bool realize_pm(PiixState *piix, PciBus *bus, GError **err)
{
    if (!realize_function(piix, "pm", "PIIX4_PM", 3, &piix->pm, err) ||
        !object_set_uint(OBJECT(piix->pm), "smb_io_base", piix->smb_io_base, err) ||
        !object_set_bool(OBJECT(piix->pm), "smm-enabled", piix->smm_enabled, err) || !pci_realize(piix->pm, bus, err)) {
        return false;
    }
    device_connect_irq(&piix->pm->parent, NULL, 0, piix->isa_irqs[SCI_IRQ]);
    return true;
}

static bool piix_realize(Device *device, GError **err)
{
    PiixState *piix = PIIX_STATE(device);
    PciBus *bus = pci_device_bus(&piix->parent);

    if (piix->has_pic || piix->has_pit) {
        return error_set(err, "PIIX3: has-pic and has-pit are not implemented: the board makes these chips");
    }
    memory_region_init_io(&piix->reset_control, OBJECT(piix), &rcr_ops, piix, "piix-reset-control", 1);
    memory_region_add_subregion_overlap(bus->io, RST_CONTROL_PORT, &piix->reset_control, 1);
    piix->isa_bus = isa_bus_new(device, bus->memory, bus->io);
    isa_bus_set_irqs(piix->isa_bus, piix->isa_irqs);
    pci_bus_set_routing(bus, &(PciIrqRouting){ .map = piix_map_irq, .set = piix_set_irq, .opaque = piix, .nr_lines = PIRQ_COUNT });

    if (!i8257_create_pair(piix->isa_bus, OBJECT(piix), bus->dma_space, false, piix->dma, err) || !realize_rtc(piix, err)) {
        return false;
    }
    if (!realize_function(piix, "ide", "piix3-ide", 1, &piix->ide, err)) {
        return false;
    }
    for (int n = 0; piix->ide && n < 2; n++) {
        device_connect_irq(&piix->ide->parent, "isa-irq", n, piix->isa_irqs[14 + n]);
    }
    if (piix->ide && !pci_realize(piix->ide, bus, err)) {
        return false;
    }
    if (piix->has_usb) {
        if (!object_type_find("piix3-usb-uhci")) {
            return error_set(err, "PIIX3: USB (piix3-usb-uhci) is not implemented");
        }
        if (!realize_function(piix, "uhci", "piix3-usb-uhci", 2, &piix->usb, err) || !pci_realize(piix->usb, bus, err)) {
            return false;
        }
    }
    return !piix->has_acpi || realize_pm(piix, bus, err);
}

static void piix_init(Object *object)
{
    PiixState *piix = PIIX_STATE(object);
    device_add_irq_outputs(&piix->parent.parent, "isa-irqs", piix->isa_irqs, 16);
}

static const Property piix_properties[] = {
    PROP_UINT32("smb_io_base", PiixState, smb_io_base, 0),
    PROP_BOOL("has-acpi", PiixState, has_acpi, true),
    PROP_BOOL("has-pic", PiixState, has_pic, true),
    PROP_BOOL("has-pit", PiixState, has_pit, true),
    PROP_BOOL("has-usb", PiixState, has_usb, true),
    PROP_BOOL("smm-enabled", PiixState, smm_enabled, false),
};
static const StateField piix_state[] = { STATE_UINT64(PiixState, pic_levels), STATE_UINT8(PiixState, rcr) };
static const DeviceType pci_piix = {
    .name = "pci-piix", .parent = "pci-device", .size = sizeof(PiixState), .abstract = true, .category = DEVICE_BRIDGE, .description = "ISA bridge",
    .not_hotpluggable = true, .properties = PROPERTIES(piix_properties), .state = STATE(piix_state, .version = 3),
    .init = piix_init, .realize = piix_realize, .reset = piix_reset,
};
REGISTER_DEVICE(pci_piix)

static const DeviceType piix3 = {
    .name = "PIIX3", .parent = "pci-piix", .size = sizeof(PiixState),
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x7000, .class = PCI_CLASS_BRIDGE_ISA, .config_write = piix_config_write },
};
REGISTER_DEVICE(piix3)
