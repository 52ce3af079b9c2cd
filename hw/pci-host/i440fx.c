/*
 * The 440FX: host bridge, PAM and SMRAM (Intel 82441FX PCI and Memory Controller datasheet, 290549, 3.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci-host/i440fx.h"

#include "hw/pci-host/pam.h"
#include "util/bits.h"
#include "util/error.h"

enum { I440FX_DRAMC = 0x57, I440FX_PAM = 0x59, I440FX_SMRAM = 0x72 };
enum { SMRAM_C_BASE_SEG = 0x02, SMRAM_G_SMRAME = 0x08, SMRAM_D_LCK = 0x10, SMRAM_D_OPEN = 0x40 };
enum { SMRAM_BASE = 0xa0000, SMRAM_SIZE = 0x20000 };
#define I440FX_PCI_HOLE64_DEFAULT (2 * GiB)

typedef struct I440fx {
    PciDevice parent;
    const PcHostConfig *memory;             /* of the host device */
    PamRegion pam[PAM_REGION_COUNT];
    MemoryRegion smram_region;              /* over RAM: PCI (the VGA) shows there while SMRAM is closed */
    MemoryRegion smram, smram_low;          /* what SMM sees besides */
} I440fx;

static void update_memory(I440fx *d)
{
    const uint8_t *c = d->parent.config;
    uint8_t smram = c[I440FX_SMRAM];
    memory_transaction_begin();
    pam_update(d->pam, c + I440FX_PAM);
    memory_region_set_enabled(&d->smram_region, !(smram & SMRAM_D_OPEN));
    memory_region_set_enabled(&d->smram, smram & SMRAM_G_SMRAME);
    memory_transaction_commit();
}

static void i440fx_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    I440fx *d = (I440fx *)device;
    uint8_t old = d->parent.config[I440FX_SMRAM];
    pci_default_config_write(device, addr, value, size);
    uint8_t *smram = &d->parent.config[I440FX_SMRAM];
    if (old & SMRAM_D_LCK) {
        /* Locked until reset: D_OPEN stays closed, G_SMRAME and the lock as they are. */
        *smram = (*smram & ~(SMRAM_D_OPEN | SMRAM_G_SMRAME | SMRAM_D_LCK)) | (old & (SMRAM_G_SMRAME | SMRAM_D_LCK));
    } else if (*smram & SMRAM_D_LCK) {
        *smram &= ~SMRAM_D_OPEN;
    }
    *smram = (*smram & ~7) | SMRAM_C_BASE_SEG;
    update_memory(d);
}

static void i440fx_reset(Device *device)
{
    I440fx *d = (I440fx *)device;
    uint8_t *c = d->parent.config;
    c[I440FX_DRAMC] = 0x10;
    for (unsigned i = 0; i < PAM_REGISTER_COUNT; i++) {
        c[I440FX_PAM + i] = 0;
    }
    c[I440FX_SMRAM] = SMRAM_C_BASE_SEG;
    update_memory(d);
}

static bool i440fx_realize(Device *device, GError **err)
{
    I440fx *d = (I440fx *)device;
    Object *owner = OBJECT(d);
    if (!d->memory) {
        return error_set(err, "i440FX is made by its host bridge");
    }
    const PcHostConfig *m = d->memory;
    pam_init(d->pam, owner, m);
    memory_region_init_alias(&d->smram_region, owner, "smram-region", m->pci_memory, SMRAM_BASE, SMRAM_SIZE);
    memory_region_add_subregion_overlap(m->system_memory, SMRAM_BASE, &d->smram_region, 1);
    memory_region_init(&d->smram, owner, "smram", 4 * GiB);
    memory_region_init_alias(&d->smram_low, owner, "smram-low", m->ram, SMRAM_BASE, SMRAM_SIZE);
    memory_region_add_subregion(&d->smram, SMRAM_BASE, &d->smram_low);
    memory_region_set_enabled(&d->smram, false);
    return true;
}

static const DeviceType i440fx_device = {
    .name = "i440FX", .parent = "pci-device", .size = sizeof(I440fx), .category = DEVICE_BRIDGE, .description = "Host bridge", .not_hotpluggable = true,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x1237, .revision = 2, .class = PCI_CLASS_BRIDGE_HOST, .config_write = i440fx_config_write },
    .realize = i440fx_realize, .reset = i440fx_reset,
};
REGISTER_DEVICE(i440fx_device)

/* ---- the host bridge on the system bus ---- */
static bool host_realize(Device *device, GError **err)
{
    I440fxHost *host = I440FX_HOST(device);
    PcHostConfig *m = &host->config;
    if (!m->system_memory || !m->ram || !m->pci_memory || !m->io) {
        return error_set(err, "i440FX-pcihost is made by a board, which gives it its memory");
    }
    memory_region_add_subregion(m->io, 0xcf8, &host->parent.conf_idx);
    memory_region_add_subregion(m->io, 0xcfc, &host->parent.conf_data);
    host->parent.bus = pci_root_bus_new(device, "pci.0", "PCI", m->pci_memory, m->io, 0);

    I440fx *d = (I440fx *)pci_new(0, host->pci_type);
    d->memory = m;
    if (!pci_realize(&d->parent, host->parent.bus, err)) {
        return false;
    }
    host->pmc = &d->parent;
    host->smram = &d->smram;
    return true;
}

PciHole i440fx_hole64(I440fxHost *host)
{
    uint64_t start = ROUND_UP(4 * GiB + host->config.above_4g_mem_size, GiB);
    return pci_host_hole64(&host->parent, start, host->pci_hole64_size, host->pci_hole64_fix);
}

static const Property host_properties[] = {
    PROP_SIZE("pci-hole64-size", I440fxHost, pci_hole64_size, I440FX_PCI_HOLE64_DEFAULT),
    PROP_SIZE("below-4g-mem-size", I440fxHost, config.below_4g_mem_size, 0),
    PROP_SIZE("above-4g-mem-size", I440fxHost, config.above_4g_mem_size, 0),
    PROP_BOOL("x-pci-hole64-fix", I440fxHost, pci_hole64_fix, true),
    PROP_STRING("pci-type", I440fxHost, pci_type, "i440FX"),
};
static const DeviceType i440fx_host = {
    .name = "i440FX-pcihost", .parent = "pci-host-bridge", .size = sizeof(I440fxHost), .properties = PROPERTIES(host_properties), .realize = host_realize,
};
REGISTER_DEVICE(i440fx_host)
