/*
 * e1000e: Intel 82574L Gigabit Ethernet (Intel, "82574 GbE Controller Family Datasheet", 7 and 10). It is an 8254x on PCI Express with extended receive
 * descriptors and MSI-X; the rest is shared with e1000. The second pair of queues, receive-side scaling and packet split are not there: drivers that find one
 * queue use one.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "e1000.h"
#include "util/error.h"

enum { FLASH_SIZE = 128 * 1024, IO_SIZE = 32, MSIX_BAR_SIZE = 16 * 1024, MSIX_PBA_OFFSET = 0x2000, FLASH_BAR = 1, IO_BAR = 2, MSIX_BAR = 3,
       PM_OFFSET = 0xc8, MSI_OFFSET = 0xd0, PCIE_OFFSET = 0xe0, PCIE_V1_SIZE = 0x14, MSIX_OFFSET = 0xa0, AER_OFFSET = 0x100, DSN_OFFSET = 0x140, DSN_SIZE = 12, AER_SIZE = 0x48 };

/* ---- interrupts (7.4, 10.2.4) ---- */

/* The groups that MSI-X vectors are given to, by place in IVAR. */
static const uint32_t groups[] = { ICR_RXQ0, ICR_RXQ1, ICR_TXQ0, ICR_TXQ1, ICR_OTHER };
#define OTHER_CAUSES (ICR_LSC | ICR_RXO | ICR_MDAC | ICR_SRPD | ICR_ACK | ICR_MNG)

uint32_t e1000e_queue_causes(uint32_t causes)
{
    return causes | (causes & (ICR_RXT0 | ICR_RXDMT0) ? ICR_RXQ0 : 0) | (causes & ICR_TXDW ? ICR_TXQ0 : 0) | (causes & OTHER_CAUSES ? ICR_OTHER : 0);
}

static void send_msix(E1000 *s, unsigned place, uint32_t group)
{
    unsigned entry = s->mac[REG_IVAR / 4] >> (4 * place) & 0xf;
    if (!(entry & 8) || (entry & 7) >= MSIX_VECTORS_82574) {
        return;
    }
    msix_notify(&s->parent, entry & 7);
    if (s->mac[REG_EIAC / 4] & group) {
        s->mac[REG_ICR / 4] &= ~group;
    }
    if (s->mac[REG_CTRL_EXT / 4] & CTRL_EXT_EIAME) {
        s->mac[REG_IMS / 4] &= ~(s->mac[REG_IAM / 4] & group);
    }
}

static uint32_t pending_causes(const E1000 *s) { return s->mac[REG_ICR / 4] & s->mac[REG_IMS / 4] & ~ICR_INT_ASSERTED; }

static void update_msix(E1000 *s)
{
    for (unsigned i = 0; i < ARRAY_SIZE(groups); i++) {
        if (pending_causes(s) & ~s->fired & groups[i]) {
            s->fired |= groups[i];
            send_msix(s, i, groups[i]);
        }
    }
    s->fired &= pending_causes(s);
}

/* Throttled by ITR, as the pin's and MSI's interrupts are. */
static bool throttled(E1000 *s)
{
    uint32_t interval = s->mac[REG_ITR / 4] & 0xffff;
    if (s->mitigation_running) {
        return true;
    }
    if (interval) {
        s->mitigation_running = true;
        timer_set_ns(&s->mitigation_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + (int64_t)interval * 256);
    }
    return false;
}

void e1000e_update_irq(E1000 *s)
{
    if (msix_enabled(&s->parent)) {
        update_msix(s);
        return;
    }
    uint32_t pending = pending_causes(s);
    if (msi_enabled(&s->parent)) {
        if ((pending & ~s->fired) && !throttled(s)) {
            s->fired |= pending;
            msi_notify(&s->parent, 0);
        }
        s->fired &= pending;
        return;
    }
    if (!pending || s->irq_level || !throttled(s)) {
        s->irq_level = pending != 0;
        pci_set_irq(&s->parent, s->irq_level);
    }
}

static uint32_t read_icr(E1000 *s, uint32_t addr)
{
    uint32_t value = s->mac[REG_ICR / 4];
    if (pending_causes(s)) {
        value |= ICR_INT_ASSERTED;
        if (s->mac[REG_CTRL_EXT / 4] & CTRL_EXT_IAME) {
            s->mac[REG_IMS / 4] &= ~s->mac[REG_IAM / 4];
        }
    }
    s->mac[REG_ICR / 4] = 0;
    e1000_update_irq(s);
    return value;
}

/* Writing ones clears; with IAME the mask goes too. */
static void write_icr(E1000 *s, uint32_t addr, uint32_t value)
{
    if (pending_causes(s) && (s->mac[REG_CTRL_EXT / 4] & CTRL_EXT_IAME)) {
        s->mac[REG_IMS / 4] &= ~s->mac[REG_IAM / 4];
    }
    s->mac[REG_ICR / 4] &= ~value;
    e1000_update_irq(s);
}

static void write_ics(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[REG_ICR / 4] |= value & ~ICR_INT_ASSERTED;
    s->fired &= ~value;
    e1000_update_irq(s);
}

/* ---- other registers ---- */

static void write_ctrl(E1000 *s, uint32_t addr, uint32_t value)
{
    if (value & CTRL_RST) {
        e1000_reset_mac(s);
        return;
    }
    if (value & CTRL_PHY_RST) {
        e1000_link_reset(s);
    }
    s->mac[REG_CTRL / 4] = value & ~(CTRL_RST | CTRL_PHY_RST);
    uint32_t *status = &s->mac[REG_STATUS / 4];
    *status = value & CTRL_GIO_MASTER_DISABLE ? *status & ~STATUS_GIO_MASTER_ENABLE : *status | STATUS_GIO_MASTER_ENABLE;
}

/* The semaphore is taken by reading it (10.2.8.9). */
static uint32_t read_swsm(E1000 *s, uint32_t addr)
{
    uint32_t value = s->mac[REG_SWSM / 4];
    s->mac[REG_SWSM / 4] |= SWSM_SMBI;
    return value;
}

#define PLAIN(first, last) { (first), (last), e1000_read_plain, e1000_write_plain }
#define ONE(reg, r, w) { (reg), (reg), (r), (w) }
/* Sorted by address. */
const RegisterRange e1000e_ranges[] = {
    ONE(REG_CTRL, e1000_read_plain, write_ctrl), ONE(REG_ICR, read_icr, write_icr), ONE(REG_ICS, NULL, write_ics), PLAIN(REG_EIAC, REG_EITR + 4 * 4),
    PLAIN(REG_EXTCNF_CTRL, REG_EXTCNF_SIZE), PLAIN(REG_PBS, REG_EEMNGCTL), PLAIN(REG_FLASHT, REG_FLOP), PLAIN(REG_PSRCTL, REG_PSRCTL),
    PLAIN(REG_RX1, REG_RX1 + 0x3c), PLAIN(REG_TARC0, REG_TARC0), PLAIN(REG_TX1, REG_TX1 + 0x40), PLAIN(REG_RFCTL, REG_RFCTL), PLAIN(REG_MRQC, REG_MRQC),
    PLAIN(REG_RSSIM, REG_RSSIM + 4), PLAIN(REG_GCR, REG_FACTPS), ONE(REG_SWSM, read_swsm, e1000_write_plain), PLAIN(REG_FWSM, REG_GCR2),
    PLAIN(REG_RETA, REG_RETA + 0xa4), PLAIN(REG_TSYNC, REG_TSYNC_END),
};
const size_t e1000e_nr_ranges = ARRAY_SIZE(e1000e_ranges);

const RegisterReset e1000e_reset_values[] = {
    { REG_CTRL, 0x00140201 | CTRL_SLU }, { REG_STATUS, STATUS_GIO_MASTER_ENABLE | STATUS_ASDV_1000 | STATUS_SPEED_1000 | STATUS_FD }, { REG_EXTCNF_CTRL, 0x8 },
    { REG_PBA, 0x00140014 }, { REG_PBS, 0x28 }, { REG_EEMNGCTL, 0x80040000 }, { REG_TIPG, 0x00602008 }, { REG_RXDCTL, 0x10000 }, { REG_TARC0, 0x403 },
    { REG_TX1 + 0x40, 0x403 }, { REG_RXCSUM, 0x300 }, { REG_MANC, 0x10000000 }, { REG_LEDCTL, 0x00068302 }, { REG_GCR, 0x06800200 }, { REG_FUNCTAG, 0x00000000 },
    { REG_FACTPS, 0x20000004 }, { REG_SWSM, SWSM_SMBI },
};
const size_t e1000e_nr_reset_values = ARRAY_SIZE(e1000e_reset_values);

/* ---- device ---- */

static uint64_t no_flash(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void ignore(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps flash_ops = { .read = no_flash, .write = ignore, .endian = DEVICE_LITTLE_ENDIAN };

/* The Express capability in its first version, which ends before the extended space (PCI Express Base 1.1, 7.8): 2.5 GT/s, one lane. */
static bool add_express(PciDevice *dev, bool on_root, GError **err)
{
    uint8_t *c = dev->config + PCIE_OFFSET;
    if (!pci_add_capability(dev, PCI_CAP_ID_EXP, PCIE_OFFSET, PCIE_V1_SIZE, err)) {
        return false;
    }
    dev->exp_cap = PCIE_OFFSET;
    pci_set_word(c + PCI_EXP_FLAGS, 1 | (on_root ? PCI_EXP_TYPE_RC_END : PCI_EXP_TYPE_ENDPOINT) << 4);
    pci_set_long(c + PCI_EXP_DEVCAP, 0x8020);
    pci_set_long(c + PCI_EXP_LNKCAP, 0x411);
    pci_set_word(c + PCI_EXP_LNKSTA, 0x11);
    pci_set_word(dev->write_mask + PCIE_OFFSET + PCI_EXP_DEVCTL, 0x79ff);
    pci_set_word(dev->write_1_clear_mask + PCIE_OFFSET + PCI_EXP_DEVSTA, 0xf);
    return true;
}

static bool add_capabilities(E1000 *s, GError **err)
{
    PciDevice *dev = &s->parent;
    const PciBus *bus = pci_device_bus(dev);
    bool on_root = object_is_a(OBJECT(bus), "PCIE") && !bus->bridge;
    MsixLayout layout = { &s->msix_bar, &s->msix_bar, MSIX_BAR, MSIX_BAR, 0, MSIX_PBA_OFFSET, MSIX_OFFSET };
    /* Without the platform's message interrupts the pin serves. */
    if (msix_init(dev, MSIX_VECTORS_82574, &layout, NULL)) {
        pci_set_word(dev->config + MSIX_OFFSET + 2, MSIX_VECTORS_82574 - 1);
    }
    if (!add_express(dev, on_root, err)) {
        return false;
    }
    msi_init(dev, MSI_OFFSET, 1, true, false, NULL);
    if (!pci_pm_init(dev, PM_OFFSET, err)) {
        return false;
    }
    pcie_add_capability(dev, PCI_EXT_CAP_ID_ERR, 2, AER_OFFSET, AER_SIZE);
    pcie_add_capability(dev, PCI_EXT_CAP_ID_DSN, 1, DSN_OFFSET, DSN_SIZE);
    uint8_t *serial = dev->config + DSN_OFFSET + 4;
    for (int i = 0; i < 3; i++) {
        serial[i] = s->conf.mac[5 - i];
        serial[5 + i] = s->conf.mac[2 - i];
    }
    serial[3] = serial[4] = 0xff;
    return true;
}

static bool e1000e_realize(Device *dev, GError **err)
{
    E1000 *s = (E1000 *)dev;
    if (!e1000_realize_common(s, "e1000e", IO_SIZE, err)) {
        return false;
    }
    pci_set_word(s->parent.config + PCI_SUBSYSTEM_VENDOR_ID, s->subsystem_vendor);
    pci_set_word(s->parent.config + PCI_SUBSYSTEM_ID, s->subsystem);
    memory_region_init_io(&s->flash, OBJECT(s), &flash_ops, s, "e1000e-flash", FLASH_SIZE);
    memory_region_init(&s->msix_bar, OBJECT(s), "e1000e-msix", MSIX_BAR_SIZE);
    pci_register_bar(&s->parent, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mmio);
    pci_register_bar(&s->parent, FLASH_BAR, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->flash);
    pci_register_bar(&s->parent, IO_BAR, PCI_BASE_ADDRESS_SPACE_IO, &s->io);
    pci_register_bar(&s->parent, MSIX_BAR, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->msix_bar);
    if (!add_capabilities(s, err)) {
        e1000_unrealize(dev);
        return false;
    }
    return true;
}

static void e1000e_unrealize(Device *dev)
{
    E1000 *s = (E1000 *)dev;
    msix_uninit(&s->parent);
    e1000_unrealize(dev);
    memory_region_destroy(&s->flash);
    memory_region_destroy(&s->msix_bar);
}

static const Property e1000e_properties[] = {
    NIC_PROPERTIES(E1000, conf),
    PROP_UINT8("disable_vnet_hdr", E1000, disable_vnet_header, 0, .description = "Do not use virtio headers, perform SW offloads emulation instead"),
    PROP_UINT16("subsys_ven", E1000, subsystem_vendor, PCI_VENDOR_ID_INTEL, .description = "PCI device Subsystem Vendor ID"),
    PROP_UINT16("subsys", E1000, subsystem, 0, .description = "PCI device Subsystem ID"),
    PROP_BOOL("init-vet", E1000, init_vet, true), PROP_BOOL("migrate-timadj", E1000, migrate_timadj, true),
};
static const StateField e1000e_state[] = {
    STATE_UINT32_ARRAY(E1000, mac), STATE_UINT16_ARRAY(E1000, phy), STATE_UINT16_ARRAY(E1000, eeprom), STATE_UINT32(E1000, fired), STATE_BOOL(E1000, irq_level),
    STATE_TIMER(E1000, autoneg_timer), STATE_TIMER(E1000, mitigation_timer), STATE_BOOL(E1000, mitigation_running),
};
static const E1000Model e1000e_model = { .device_id = 0x10d3, .phy_id2 = 0x0cb1, .eerd = true, .is_82574 = true };
static const DeviceType e1000e = {
    .name = "e1000e", .parent = "pci-device", .size = sizeof(E1000), .category = DEVICE_NETWORK, .user_creatable = true, .firmware_name = "ethernet",
    .description = "Intel 82574L GbE Controller", .properties = PROPERTIES(e1000e_properties), .state = STATE(e1000e_state, .version = 1),
    .realize = e1000e_realize, .unrealize = e1000e_unrealize, .reset = e1000_reset, .family = &e1000e_model,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x10d3, .class = PCI_CLASS_NETWORK_ETHERNET, .express = true, .romfile = "efi-e1000e.rom" },
};
REGISTER_DEVICE(e1000e)
