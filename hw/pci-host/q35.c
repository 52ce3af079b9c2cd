/*
 * The Q35 memory controller hub: host bridge with ECAM, PAM, SMRAM in its compatible, high and top segments (Intel 3 Series Express Chipset Family
 * datasheet, 316966, 5.1; the extended TSEG size and SMRAM at the default SMBASE are additions that OVMF knows).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci-host/q35.h"

#include "hw/pci-host/pam.h"
#include "util/bits.h"
#include "util/error.h"

enum { MCH_EXT_TSEG_MBYTES = 0x50, MCH_PCIEXBAR = 0x60, MCH_PAM = 0x90, MCH_F_SMBASE = 0x9c, MCH_SMRAM = 0x9d, MCH_ESMRAMC = 0x9e };
enum { PCIEXBAR_ENABLE = 1, PCIEXBAR_LENGTH_SHIFT = 1 };
enum { SMRAM_C_BASE_SEG = 0x02, SMRAM_G_SMRAME = 0x08, SMRAM_D_LCK = 0x10, SMRAM_D_CLS = 0x20, SMRAM_D_OPEN = 0x40,
       SMRAM_WMASK = SMRAM_G_SMRAME | SMRAM_D_LCK | SMRAM_D_CLS | SMRAM_D_OPEN, SMRAM_WMASK_LOCKED = SMRAM_D_CLS };
enum { ESMRAMC_T_EN = 0x01, ESMRAMC_TSEG_SHIFT = 1, ESMRAMC_SM_BITS = 0x38, ESMRAMC_E_SMERR = 0x40, ESMRAMC_H_SMRAME = 0x80,
       ESMRAMC_WMASK = ESMRAMC_H_SMRAME | 0x06 | ESMRAMC_T_EN };
enum { F_SMBASE_QUERY = 0xff, F_SMBASE_IN_RAM = 0x01, F_SMBASE_LCK = 0x02 };
enum { SMRAM_BASE = 0xa0000, SMRAM_SIZE = 0x20000, SMBASE_ADDR = 0x30000, SMBASE_SIZE = 0x20000, EXT_TSEG_QUERY = 0xffff, EXT_TSEG_MAX = 0xfff };
#define SMRAM_HIGH_BASE UINT64_C(0xfeda0000)
#define Q35_PCI_HOLE64_DEFAULT (32 * GiB)

typedef struct Mch {
    PciDevice parent;
    Q35Host *host;
    PamRegion pam[PAM_REGION_COUNT];
    MemoryRegion smram_region, open_high;           /* over the system's memory */
    MemoryRegion smram, low_smram, high_smram;      /* what SMM sees besides */
    MemoryRegion tseg_blackhole, tseg_window, smbase_blackhole, smbase_window;
    uint16_t ext_tseg_mbytes;
    bool smbase_smram, smm_ranges;
} Mch;

/* Where SMM's memory is, everybody else reads ones. */
static uint64_t blackhole_read(void *opaque, uint64_t addr, unsigned size) { return UINT64_MAX; }
static void blackhole_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps blackhole_ops = { .read = blackhole_read, .write = blackhole_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 4, 4 } };

/* ---- what follows from the registers ---- */
static void update_pciexbar(Mch *mch)
{
    uint64_t bar = load_le64(mch->parent.config + MCH_PCIEXBAR);
    uint64_t size;
    bool enabled = bar & PCIEXBAR_ENABLE;
    switch (bar >> PCIEXBAR_LENGTH_SHIFT & 3) {
    case 0:
        size = 256 * MiB;
        break;
    case 1:
        size = 128 * MiB;
        break;
    case 2:
        size = 64 * MiB;
        break;
    default:
        enabled = false;                            /* reserved */
        size = 64 * MiB;
        break;
    }
    uint64_t base = bar & MAKE_MASK(26, 10) & ~(size - 1);
    pcie_host_map_ecam(&mch->host->parent, mch->host->config.system_memory, enabled, base, size);
}

static uint64_t tseg_size(const Mch *mch)
{
    uint8_t esmramc = mch->parent.config[MCH_ESMRAMC];
    switch (esmramc >> ESMRAMC_TSEG_SHIFT & 3) {
    case 0:
        return 1 * MiB;
    case 1:
        return 2 * MiB;
    case 2:
        return 8 * MiB;
    default:
        return mch->ext_tseg_mbytes * MiB;
    }
}

static void place(MemoryRegion *mr, bool enabled, uint64_t base, uint64_t size)
{
    memory_region_set_enabled(mr, false);
    if (enabled && size) {
        memory_region_set_address(mr, base);
        memory_region_set_size(mr, size);
        if (mr->kind == MR_ALIAS) {
            memory_region_set_alias_offset(mr, base);
        }
        memory_region_set_enabled(mr, true);
    }
}

static void update_smram(Mch *mch)
{
    uint8_t *c = mch->parent.config;
    if (c[MCH_SMRAM] & SMRAM_D_LCK) {
        c[MCH_SMRAM] &= ~SMRAM_D_OPEN;
        mch->parent.write_mask[MCH_SMRAM] = SMRAM_WMASK_LOCKED;
        mch->parent.write_mask[MCH_ESMRAMC] = 0;
    }
    bool open = c[MCH_SMRAM] & SMRAM_D_OPEN, enabled = c[MCH_SMRAM] & SMRAM_G_SMRAME, high = c[MCH_ESMRAMC] & ESMRAMC_H_SMRAME;
    bool tseg = enabled && c[MCH_ESMRAMC] & ESMRAMC_T_EN;
    uint64_t size = tseg ? tseg_size(mch) : 0, below_4g = mch->host->config.below_4g_mem_size;
    uint64_t base = size <= below_4g ? below_4g - size : 0;

    memory_transaction_begin();
    memory_region_set_enabled(&mch->smram_region, !(open && !high));
    memory_region_set_enabled(&mch->open_high, open && high);
    memory_region_set_enabled(&mch->low_smram, enabled && !high);
    memory_region_set_enabled(&mch->high_smram, enabled && high);
    place(&mch->tseg_blackhole, tseg && size <= below_4g, base, size);
    place(&mch->tseg_window, tseg && size <= below_4g, base, size);
    memory_transaction_commit();
}

static void update_ext_tseg(Mch *mch)
{
    uint8_t *reg = mch->parent.config + MCH_EXT_TSEG_MBYTES;
    if (mch->ext_tseg_mbytes && pci_get_word(reg) == EXT_TSEG_QUERY) {
        pci_set_word(reg, mch->ext_tseg_mbytes);
    }
}

static void update_smbase(Mch *mch)
{
    uint8_t *reg = &mch->parent.config[MCH_F_SMBASE], *mask = &mch->parent.write_mask[MCH_F_SMBASE];
    if (!mch->smbase_smram) {
        return;
    }
    if (*reg == F_SMBASE_QUERY) {
        *reg = F_SMBASE_IN_RAM;
    }
    bool locked = *reg & F_SMBASE_LCK;
    if (locked) {
        *mask = 0;
        *reg = F_SMBASE_LCK;
    }
    memory_transaction_begin();
    memory_region_set_enabled(&mch->smbase_blackhole, locked);
    memory_region_set_enabled(&mch->smbase_window, locked);
    memory_transaction_commit();
}

static void mch_update(Mch *mch)
{
    update_pciexbar(mch);
    pam_update(mch->pam, mch->parent.config + MCH_PAM);
    if (mch->smm_ranges) {
        update_smram(mch);
        update_ext_tseg(mch);
        update_smbase(mch);
    }
}

static void mch_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    pci_default_config_write(device, addr, value, size);
    mch_update((Mch *)device);
}

static void mch_reset(Device *device)
{
    Mch *mch = (Mch *)device;
    uint8_t *c = mch->parent.config, *w = mch->parent.write_mask;
    store_le64(c + MCH_PCIEXBAR, MCH_PCIEXBAR_DEFAULT);
    for (unsigned i = 0; i < PAM_REGISTER_COUNT; i++) {
        c[MCH_PAM + i] = 0;
    }
    if (mch->smm_ranges) {
        c[MCH_SMRAM] = SMRAM_C_BASE_SEG;
        c[MCH_ESMRAMC] = ESMRAMC_SM_BITS;
        w[MCH_SMRAM] = SMRAM_WMASK;
        w[MCH_ESMRAMC] = ESMRAMC_WMASK;
        pci_set_word(c + MCH_EXT_TSEG_MBYTES, mch->ext_tseg_mbytes);
        c[MCH_F_SMBASE] = 0;
        w[MCH_F_SMBASE] = 0xff;
    }
    mch_update(mch);
}

static void add_smram(Mch *mch, const PcHostConfig *m)
{
    Object *owner = OBJECT(mch);
    memory_region_init_alias(&mch->smram_region, owner, "smram-region", m->pci_memory, SMRAM_BASE, SMRAM_SIZE);
    memory_region_add_subregion_overlap(m->system_memory, SMRAM_BASE, &mch->smram_region, 1);
    memory_region_init_alias(&mch->open_high, owner, "smram-open-high", m->ram, SMRAM_BASE, SMRAM_SIZE);
    memory_region_set_enabled(&mch->open_high, false);
    memory_region_add_subregion_overlap(m->system_memory, SMRAM_HIGH_BASE, &mch->open_high, 1);

    memory_region_init(&mch->smram, owner, "smram", 4 * GiB);
    memory_region_init_alias(&mch->low_smram, owner, "smram-low", m->ram, SMRAM_BASE, SMRAM_SIZE);
    memory_region_set_enabled(&mch->low_smram, false);
    memory_region_add_subregion(&mch->smram, SMRAM_BASE, &mch->low_smram);
    memory_region_init_alias(&mch->high_smram, owner, "smram-high", m->ram, SMRAM_BASE, SMRAM_SIZE);
    memory_region_set_enabled(&mch->high_smram, false);
    memory_region_add_subregion(&mch->smram, SMRAM_HIGH_BASE, &mch->high_smram);

    memory_region_init_io(&mch->tseg_blackhole, owner, &blackhole_ops, NULL, "tseg-blackhole", 1 * MiB);
    memory_region_set_enabled(&mch->tseg_blackhole, false);
    memory_region_add_subregion_overlap(m->system_memory, 0, &mch->tseg_blackhole, 1);
    memory_region_init_alias(&mch->tseg_window, owner, "tseg-window", m->ram, 0, 1 * MiB);
    memory_region_set_enabled(&mch->tseg_window, false);
    memory_region_add_subregion(&mch->smram, 0, &mch->tseg_window);

    memory_region_init_io(&mch->smbase_blackhole, owner, &blackhole_ops, NULL, "smbase-blackhole", SMBASE_SIZE);
    memory_region_set_enabled(&mch->smbase_blackhole, false);
    memory_region_add_subregion_overlap(m->system_memory, SMBASE_ADDR, &mch->smbase_blackhole, 1);
    memory_region_init_alias(&mch->smbase_window, owner, "smbase-window", m->ram, SMBASE_ADDR, SMBASE_SIZE);
    memory_region_set_enabled(&mch->smbase_window, false);
    memory_region_add_subregion(&mch->smram, SMBASE_ADDR, &mch->smbase_window);
}

static bool mch_realize(Device *device, GError **err)
{
    Mch *mch = (Mch *)device;
    if (!mch->host) {
        return error_set(err, "mch is made by its host bridge");
    }
    if (mch->ext_tseg_mbytes > EXT_TSEG_MAX) {
        return error_set(err, "invalid extended-tseg-mbytes value: %u", mch->ext_tseg_mbytes);
    }
    pam_init(mch->pam, OBJECT(mch), &mch->host->config);
    add_smram(mch, &mch->host->config);
    return true;
}

static const Property mch_properties[] = {
    PROP_UINT16("extended-tseg-mbytes", Mch, ext_tseg_mbytes, 16),
    PROP_BOOL("smbase-smram", Mch, smbase_smram, true),
};
static const DeviceType mch_type = {
    .name = "mch", .parent = "pci-device", .size = sizeof(Mch), .category = DEVICE_BRIDGE, .description = "Host bridge", .not_hotpluggable = true,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x29c0, .revision = 0, .class = PCI_CLASS_BRIDGE_HOST, .config_write = mch_config_write },
    .properties = PROPERTIES(mch_properties), .realize = mch_realize, .reset = mch_reset,
};
REGISTER_DEVICE(mch_type)

/* ---- the host bridge on the system bus ---- */
static void q35_host_init(Object *object)
{
    Q35Host *host = Q35_HOST(object);
    PciDevice *mch = pci_new(0, "mch");
    host->mch = mch;
    object_add_child(object, "mch", OBJECT(mch), NULL);
}

static bool q35_host_realize(Device *device, GError **err)
{
    Q35Host *host = Q35_HOST(device);
    PcHostConfig *m = &host->config;
    if (!m->system_memory || !m->ram || !m->pci_memory || !m->io) {
        return error_set(err, "q35-pcihost is made by a board, which gives it its memory");
    }
    PciHost *pci = &host->parent.parent;
    memory_region_add_subregion(m->io, 0xcf8, &pci->conf_idx);
    memory_region_add_subregion(m->io, 0xcfc, &pci->conf_data);
    pci->bus = pci_root_bus_new(device, "pcie.0", "PCIE", m->pci_memory, m->io, 0);
    Mch *mch = (Mch *)host->mch;
    mch->host = host;
    mch->smm_ranges = host->smm_ranges;
    if (!pci_realize(&mch->parent, pci->bus, err)) {
        host->mch = NULL;
        return false;
    }
    host->smram = &mch->smram;
    return true;
}

PciHole q35_hole64(Q35Host *host)
{
    uint64_t start = ROUND_UP(4 * GiB + host->config.above_4g_mem_size, GiB);
    return pci_host_hole64(&host->parent.parent, start, host->pci_hole64_size, host->pci_hole64_fix);
}

bool q35_get_ecam(Q35Host *host, uint64_t *base, uint64_t *size)
{
    *base = host->parent.ecam_base;
    *size = host->parent.ecam_size;
    return *base != PCI_BAR_UNMAPPED;
}

static const Property q35_host_properties[] = {
    PROP_UINT64("MCFG", Q35Host, parent.ecam_base, PCI_BAR_UNMAPPED),
    PROP_SIZE("pci-hole64-size", Q35Host, pci_hole64_size, Q35_PCI_HOLE64_DEFAULT),
    PROP_SIZE("below-4g-mem-size", Q35Host, config.below_4g_mem_size, 0),
    PROP_SIZE("above-4g-mem-size", Q35Host, config.above_4g_mem_size, 0),
    PROP_BOOL("smm-ranges", Q35Host, smm_ranges, true),
    PROP_BOOL("x-pci-hole64-fix", Q35Host, pci_hole64_fix, true),
};
static const DeviceType q35_host = {
    .name = "q35-pcihost", .parent = "pcie-host-bridge", .size = sizeof(Q35Host), .properties = PROPERTIES(q35_host_properties),
    .init = q35_host_init, .realize = q35_host_realize,
};
REGISTER_DEVICE(q35_host)
