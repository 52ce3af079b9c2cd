/*
 * The ICH9's SMBus controller, function 3 (Intel ICH9 datasheet, 316972, chapter 20).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i2c/pm_smbus.h"
#include "hw/pci/pci.h"
#include "util/bits.h"

enum { SMB_HOSTC = 0x40, HOSTC_HST_EN = 0x01, HOSTC_SMB_SMI_EN = 0x02, HOSTC_I2C_EN = 0x04, SMB_BAR = 4 };

typedef struct Ich9Smb {
    PciDevice parent;
    PmSmbus smbus;
    bool irq_level;
} Ich9Smb;

static void set_irq(PmSmbus *smbus, bool level)
{
    Ich9Smb *s = container_of(smbus, Ich9Smb, smbus);
    if (level != s->irq_level) {
        s->irq_level = level;
        pci_set_irq(&s->parent, level);
    }
}

static void smb_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    Ich9Smb *s = (Ich9Smb *)device;
    pci_default_config_write(device, addr, value, size);
    if (addr <= SMB_HOSTC && SMB_HOSTC < addr + size) {
        memory_region_set_enabled(&s->smbus.io, s->parent.config[SMB_HOSTC] & HOSTC_HST_EN);
    }
}

static bool smb_realize(Device *device, GError **err)
{
    Ich9Smb *s = (Ich9Smb *)device;
    pci_set_interrupt_pin(&s->parent, 1);
    s->parent.write_mask[SMB_HOSTC] = HOSTC_HST_EN | HOSTC_SMB_SMI_EN | HOSTC_I2C_EN;
    pm_smbus_init(&s->smbus, device);
    s->smbus.set_irq = set_irq;
    memory_region_set_enabled(&s->smbus.io, false);
    pci_register_bar(&s->parent, SMB_BAR, PCI_BASE_ADDRESS_SPACE_IO, &s->smbus.io);
    return true;
}

static void smb_reset(Device *device)
{
    Ich9Smb *s = (Ich9Smb *)device;
    s->parent.config[SMB_HOSTC] = 0;
    s->irq_level = false;
    pm_smbus_reset(&s->smbus);
    memory_region_set_enabled(&s->smbus.io, false);
}

static const DeviceType ich9_smb = {
    .name = "ICH9-SMB", .parent = "pci-device", .size = sizeof(Ich9Smb), .category = DEVICE_BRIDGE, .description = "ICH9 SMBUS Bridge",
    .not_hotpluggable = true,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x2930, .revision = 2, .class = PCI_CLASS_SERIAL_SMBUS, .config_write = smb_config_write },
    .realize = smb_realize, .reset = smb_reset,
};
REGISTER_DEVICE(ich9_smb)
