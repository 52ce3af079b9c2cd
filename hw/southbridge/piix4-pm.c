/*
 * Function 3 of the PIIX4: power management and SMBus (Intel 82371AB datasheet, 290562, chapter 7), with the hot-plug registers that the machine's
 * ACPI tables use.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/acpi.h"
#include "hw/acpi/apm.h"
#include "hw/acpi/cpu_hotplug.h"
#include "hw/acpi/pci_hotplug.h"
#include "hw/core/machine.h"
#include "hw/i2c/pm_smbus.h"
#include "hw/southbridge/piix.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"

enum { PMBA = 0x40, DEVACTB = 0x58, DEVRESJ = 0x5f, DEVRESA = 0x63, DEVRESB = 0x67, PMREGMISC = 0x80, SMBBA = 0x90, SMBHSTCFG = 0xd2 };
enum { PMREGMISC_PMIOSE = 0x01, SMBHSTCFG_HST_EN = 0x01, SMBHSTCFG_IRQ9 = 0x08, DEVACTB_APMC_EN = 0x02 };
enum { PM_IO_SIZE = 64, GPE_BASE = 0xafe0, GPE_LEN = 4 };

typedef struct Piix4Pm {
    PciDevice parent;
    AcpiPm1 pm1;
    AcpiGpe gpe;
    ApmPorts apm;
    PmSmbus smbus;
    AcpiPciHotplug pci_hotplug;
    AcpiCpuHotplug cpu_hotplug;
    MemoryRegion io, gpe_io;
    Irq *irq, *smi_irq;
    uint32_t smb_io_base;
    bool smm_enabled, smm_compat, memory_hotplug, not_migrate_acpi_index;
} Piix4Pm;

static void update_sci(Piix4Pm *pm)
{
    irq_set(pm->irq, acpi_sci_level(&pm->pm1, &pm->gpe));
}

static void pm1_changed(AcpiPm1 *pm1)
{
    update_sci(container_of(pm1, Piix4Pm, pm1));
}

static void send_event(void *opaque, AcpiEvent event)
{
    Piix4Pm *pm = opaque;
    pm->gpe.sts[0] |= event;
    update_sci(pm);
}

static void power_button(void *opaque) { acpi_pm1_power_button(&((Piix4Pm *)opaque)->pm1); }
static void woken(void *opaque) { acpi_pm1_set_wake(&((Piix4Pm *)opaque)->pm1, ACPI_BITMASK_POWER_BUTTON_STATUS); }

static uint64_t gpe_read(void *opaque, uint64_t addr, unsigned size)
{
    return acpi_gpe_read(&((Piix4Pm *)opaque)->gpe, addr);
}

static void gpe_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Piix4Pm *pm = opaque;
    acpi_gpe_write(&pm->gpe, addr, value);
    update_sci(pm);
}

static const MemoryRegionOps gpe_ops = {
    .read = gpe_read, .write = gpe_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 },
};

static void apm_command(void *opaque, uint8_t value)
{
    Piix4Pm *pm = opaque;
    if (value == PIIX4_ACPI_ENABLE || value == PIIX4_ACPI_DISABLE) {
        acpi_pm1_enable(&pm->pm1, value == PIIX4_ACPI_ENABLE);
    }
    if (pm->parent.config[DEVACTB + 3] & DEVACTB_APMC_EN) {
        irq_raise(pm->smi_irq);
    }
}

/* ---- configuration ---- */
static void map_ports(Piix4Pm *pm)
{
    const uint8_t *c = pm->parent.config;
    memory_transaction_begin();
    memory_region_set_enabled(&pm->io, c[PMREGMISC] & PMREGMISC_PMIOSE);
    memory_region_set_address(&pm->io, pci_get_long(c + PMBA) & 0xffc0);
    memory_region_set_enabled(&pm->smbus.io, c[SMBHSTCFG] & SMBHSTCFG_HST_EN);
    memory_region_set_address(&pm->smbus.io, pci_get_long(c + SMBBA) & 0xffc0);
    memory_transaction_commit();
}

static void pm_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    Piix4Pm *pm = (Piix4Pm *)device;
    pci_default_config_write(device, addr, value, size);
    pm->parent.config[PMBA] |= 1;
    pm->parent.config[SMBBA] |= 1;
    map_ports(pm);
}

/* Who else is on the board is said here, for drivers that look. */
static uint8_t port_present(uint16_t port, uint8_t bits)
{
    Machine *machine = machine_current();
    return machine && dma_range_valid(&machine->system_memory.io_space, port, 1, false) ? bits : 0;
}

static void pm_reset(Device *device)
{
    Piix4Pm *pm = (Piix4Pm *)device;
    uint8_t *c = pm->parent.config;
    for (unsigned i = 0; i < 4; i++) {
        c[DEVACTB + i] = 0;
    }
    pci_set_long(c + PMBA, 1);
    c[PMREGMISC] = 0;
    pci_set_long(c + SMBBA, pm->smb_io_base | 1);
    c[SMBHSTCFG] = SMBHSTCFG_HST_EN | SMBHSTCFG_IRQ9;
    c[DEVRESJ] = port_present(0x378, 0x80) | 0x10;
    c[DEVRESA] = 0x60;
    c[DEVRESB] = port_present(0x3f8, 0x08) | port_present(0x2f8, 0x90);
    acpi_pm1_reset(&pm->pm1);
    acpi_gpe_reset(&pm->gpe);
    pm_smbus_reset(&pm->smbus);
    acpi_pci_hotplug_reset(&pm->pci_hotplug);
    if (!pm->smm_enabled) {
        c[DEVACTB + 3] |= DEVACTB_APMC_EN;      /* SMM cannot be: the firmware shall not try */
    }
    map_ports(pm);
    update_sci(pm);
}

static bool pm_realize(Device *device, GError **err)
{
    Piix4Pm *pm = (Piix4Pm *)device;
    MemoryRegion *io = pci_device_bus(&pm->parent)->io;
    Object *owner = OBJECT(pm);
    uint8_t *c = pm->parent.config;

    pci_set_word(c + PCI_STATUS, PCI_STATUS_FAST_BACK | PCI_STATUS_DEVSEL_MEDIUM);
    c[PCI_INTERRUPT_PIN] = 1;
    device_add_irq_outputs(device, NULL, &pm->irq, 1);
    device_add_irq_outputs(device, "smi-irq", &pm->smi_irq, 1);

    memory_region_init(&pm->io, owner, "piix4-pm", PM_IO_SIZE);
    memory_region_set_enabled(&pm->io, false);
    memory_region_add_subregion(io, 0, &pm->io);
    acpi_pm1_init(&pm->pm1, owner, &pm->io, pm1_changed);
    acpi_gpe_init(&pm->gpe, GPE_LEN);
    memory_region_init_io(&pm->gpe_io, owner, &gpe_ops, pm, "acpi-gpe0", GPE_LEN);
    memory_region_add_subregion(io, GPE_BASE, &pm->gpe_io);
    apm_init(&pm->apm, owner, io, apm_command, pm);
    pm_smbus_init(&pm->smbus, device);
    memory_region_set_enabled(&pm->smbus.io, false);
    memory_region_add_subregion(io, pm->smb_io_base, &pm->smbus.io);
    acpi_pci_hotplug_init(&pm->pci_hotplug, owner, pci_device_bus(&pm->parent), io, ACPI_PCIHP_IO_BASE_PIIX);
    acpi_cpu_hotplug_init(&pm->cpu_hotplug, owner, io, ACPI_CPU_HOTPLUG_IO_BASE_PIIX);
    acpi_set_event_sink(send_event, pm);
    powerdown_add_notifier(power_button, pm);
    wakeup_add_notifier(woken, pm);
    return true;
}

static const Property pm_properties[] = {
    PROP_UINT32("smb_io_base", Piix4Pm, smb_io_base, 0),
    PROP_UINT8("disable_s3", Piix4Pm, pm1.disable_s3, 0),
    PROP_UINT8("disable_s4", Piix4Pm, pm1.disable_s4, 0),
    PROP_UINT8("s4_val", Piix4Pm, pm1.s4_val, 2),
    PROP_BOOL("acpi-pci-hotplug-with-bridge-support", Piix4Pm, pci_hotplug.bridges_enabled, true),
    PROP_BOOL("acpi-root-pci-hotplug", Piix4Pm, pci_hotplug.root_enabled, true),
    PROP_BOOL("memory-hotplug-support", Piix4Pm, memory_hotplug, true),
    PROP_BOOL("smm-compat", Piix4Pm, smm_compat, false),
    PROP_BOOL("smm-enabled", Piix4Pm, smm_enabled, false),
    PROP_BOOL("x-not-migrate-acpi-index", Piix4Pm, not_migrate_acpi_index, false),
};
static const StateField pm_state[] = {
    STATE_UINT16(Piix4Pm, pm1.sts), STATE_UINT16(Piix4Pm, pm1.en), STATE_UINT16(Piix4Pm, pm1.control), STATE_INT64(Piix4Pm, pm1.overflow_ticks),
    STATE_TIMER(Piix4Pm, pm1.timer), STATE_UINT8(Piix4Pm, apm.control), STATE_UINT8(Piix4Pm, apm.status),
};
static const DeviceType piix4_pm = {
    .name = "PIIX4_PM", .parent = "pci-device", .size = sizeof(Piix4Pm), .category = DEVICE_BRIDGE, .description = "PM", .not_hotpluggable = true,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x7113, .revision = 3, .class = PCI_CLASS_BRIDGE_OTHER, .config_write = pm_config_write },
    .properties = PROPERTIES(pm_properties), .state = STATE(pm_state, .version = 3), .realize = pm_realize, .reset = pm_reset,
};
REGISTER_DEVICE(piix4_pm)
