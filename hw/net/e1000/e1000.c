/*
 * e1000: Intel 82540EM, 82544GC and 82545EM Gigabit Ethernet (Intel, "PCI/PCI-X Family of Gigabit Ethernet Controllers Software Developer's Manual", 13).
 * This file: registers, interrupts, the PCI device. link.c, tx.c and rx.c have the rest.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "e1000.h"
#include "hw/nvram/fw_cfg.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { IO_BAR_SIZE = 64, IO_ADDRESS = 0, IO_DATA = 4, VET_8021Q = 0x8100 };
#define MITIGATION_UNIT_NS 256
enum { COMPAT_MIGRATE_TSO, COMPAT_EXTRA_REGISTERS, COMPAT_INIT_VET };

/* ---- statistics ---- */

void e1000_count(E1000 *s, uint32_t statistic, uint32_t n)
{
    uint32_t *counter = &s->mac[statistic / 4];
    *counter = *counter > UINT32_MAX - n ? UINT32_MAX : *counter + n;
}

void e1000_count64(E1000 *s, uint32_t low, uint64_t n)
{
    uint64_t sum = ((uint64_t)s->mac[low / 4 + 1] << 32 | s->mac[low / 4]);
    sum = sum > UINT64_MAX - n ? UINT64_MAX : sum + n;
    s->mac[low / 4] = sum;
    s->mac[low / 4 + 1] = sum >> 32;
}

void e1000_count_size(E1000 *s, uint32_t first_bucket, size_t length)
{
    static const uint16_t bounds[] = { 64, 127, 255, 511, 1023, 1522 };
    for (unsigned i = 0; i < ARRAY_SIZE(bounds); i++) {
        if (length <= bounds[i]) {
            e1000_count(s, first_bucket + 4 * i, 1);
            return;
        }
    }
}

/* ---- interrupts ---- */

/* How long the next interrupt has to wait after this one (13.4.17, 13.4.30, 13.4.44), in units of 256 ns. */
static uint32_t mitigation_delay(const E1000 *s, uint32_t pending)
{
    uint32_t delay = s->mac[REG_ITR / 4] & 0xffff, radv = (s->mac[REG_RADV / 4] & 0xffff) * 4, tadv = (s->mac[REG_TADV / 4] & 0xffff) * 4;
    if (s->mitigation_ide && (pending & (ICR_TXQE | ICR_TXDW)) && tadv && (!delay || tadv < delay)) {
        delay = tadv;
    }
    if (s->mac[REG_RDTR / 4] && (pending & ICR_RXT0) && radv && (!delay || radv < delay)) {
        delay = radv;
    }
    return delay;
}

void e1000_update_irq(E1000 *s)
{
    if (s->model->is_82574) {
        e1000e_update_irq(s);
        return;
    }
    uint32_t pending = s->mac[REG_ICR / 4] & s->mac[REG_IMS / 4];
    if (pending && !s->irq_level) {
        if (s->mitigation_running) {
            return;             /* the timer comes back to it */
        }
        uint32_t delay = mitigation_delay(s, pending);
        if (delay) {
            s->mitigation_running = true;
            timer_set_ns(&s->mitigation_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + (int64_t)delay * MITIGATION_UNIT_NS);
        }
        s->mitigation_ide = false;
    }
    s->irq_level = pending != 0;
    pci_set_irq(&s->parent, s->irq_level);
}

static void mitigation_over(void *opaque)
{
    E1000 *s = opaque;
    s->mitigation_running = false;
    e1000_update_irq(s);
}

void e1000_raise(E1000 *s, uint32_t causes)
{
    s->mac[REG_ICR / 4] |= s->model->is_82574 ? e1000e_queue_causes(causes) : causes;
    e1000_update_irq(s);
}

/* ---- registers ---- */

uint32_t e1000_read_plain(E1000 *s, uint32_t addr) { return s->mac[addr / 4]; }
void e1000_write_plain(E1000 *s, uint32_t addr, uint32_t value) { s->mac[addr / 4] = value; }
#define read_plain e1000_read_plain
#define write_plain e1000_write_plain
static void write_16(E1000 *s, uint32_t addr, uint32_t value) { s->mac[addr / 4] = value & 0xffff; }
static void write_13(E1000 *s, uint32_t addr, uint32_t value) { s->mac[addr / 4] = value & 0x1fff; }
static void write_base(E1000 *s, uint32_t addr, uint32_t value) { s->mac[addr / 4] = value & ~0xfu; }
static void write_length(E1000 *s, uint32_t addr, uint32_t value) { s->mac[addr / 4] = value & 0xfff80; }
static uint32_t read_eecd(E1000 *s, uint32_t addr) { return e1000_eecd_read(s); }
static void write_eecd(E1000 *s, uint32_t addr, uint32_t value) { e1000_eecd_write(s, value); }
static uint32_t read_eerd(E1000 *s, uint32_t addr) { return e1000_eerd_read(s); }
static void write_mdic(E1000 *s, uint32_t addr, uint32_t value) { e1000_mdic_write(s, value); }

static uint32_t read_statistic(E1000 *s, uint32_t addr)
{
    uint32_t value = s->mac[addr / 4];
    s->mac[addr / 4] = 0;
    return value;
}

static uint32_t read_icr(E1000 *s, uint32_t addr)
{
    uint32_t causes = s->mac[REG_ICR / 4];
    s->mac[REG_ICR / 4] = 0;
    e1000_update_irq(s);
    return causes;
}

static void write_icr(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[REG_ICR / 4] &= ~value;
    e1000_update_irq(s);
}

static void write_ics(E1000 *s, uint32_t addr, uint32_t value) { e1000_raise(s, value); }

static void write_ims(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[REG_IMS / 4] |= value;
    e1000_update_irq(s);
}

static void write_imc(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[REG_IMS / 4] &= ~value;
    e1000_update_irq(s);
}

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
}

static void write_rctl(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[REG_RCTL / 4] = value;
    net_flush_queue(s->nic);
}

static void write_rdt(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[REG_RDT / 4] = value & 0xffff;
    if (e1000_can_receive(s)) {
        net_flush_queue(s->nic);
    }
}

static void write_transmit(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[addr / 4] = addr == REG_TDT ? value & 0xffff : value;
    e1000_transmit(s);
}

/* RAL and RAH of entry 0 are the station address that monitors show. */
static void write_ra(E1000 *s, uint32_t addr, uint32_t value)
{
    s->mac[addr / 4] = value;
    if (addr == REG_RAL + 4 && (value & RAH_AV)) {
        uint8_t address[6];
        store_le32(address, s->mac[REG_RAL / 4]);
        store_le16(address + 4, value);
        net_nic_set_mac(s->nic, address);
    }
}

#define ONE(reg, r, w) { (reg), (reg), (r), (w) }
/* Sorted by address. */
static const RegisterRange ranges[] = {
    ONE(REG_CTRL, read_plain, write_ctrl), ONE(REG_STATUS, read_plain, NULL), ONE(REG_EECD, read_eecd, write_eecd), ONE(REG_EERD, read_eerd, write_plain),
    ONE(REG_CTRL_EXT, read_plain, write_plain), ONE(REG_FLA, read_plain, write_plain), ONE(REG_MDIC, read_plain, write_mdic),
    { REG_FCAL, REG_FCT, read_plain, write_plain }, ONE(REG_VET, read_plain, write_16), ONE(REG_ICR, read_icr, write_icr), ONE(REG_ITR, read_plain, write_16),
    ONE(REG_ICS, NULL, write_ics), ONE(REG_IMS, read_plain, write_ims), ONE(REG_IMC, NULL, write_imc), ONE(REG_RCTL, read_plain, write_rctl),
    ONE(REG_FCTTV, read_plain, write_16), ONE(REG_TXCW, read_plain, write_plain), ONE(REG_RXCW, read_plain, NULL), ONE(REG_TCTL, read_plain, write_transmit),
    ONE(REG_TIPG, read_plain, write_plain), ONE(REG_AIT, read_plain, write_16), ONE(REG_LEDCTL, read_plain, write_plain), ONE(REG_PBA, read_plain, write_plain),
    { REG_FCRTL, REG_FCRTH, read_plain, write_plain }, { REG_RDFH, REG_RDFPC, read_plain, write_13 }, ONE(REG_RDBAL, read_plain, write_base),
    ONE(REG_RDBAH, read_plain, write_plain), ONE(REG_RDLEN, read_plain, write_length), ONE(REG_RDH, read_plain, write_16), ONE(REG_RDT, read_plain, write_rdt),
    ONE(REG_RDTR, read_plain, write_16), ONE(REG_RXDCTL, read_plain, write_plain), ONE(REG_RADV, read_plain, write_16), ONE(REG_RSRPD, read_plain, write_plain),
    ONE(REG_TXDMAC, read_plain, write_plain), { REG_TDFH, REG_TDFPC, read_plain, write_13 }, ONE(REG_TDBAL, read_plain, write_base),
    ONE(REG_TDBAH, read_plain, write_plain), ONE(REG_TDLEN, read_plain, write_length), ONE(REG_TDH, read_plain, write_16),
    ONE(REG_TDT, read_plain, write_transmit), ONE(REG_TIDV, read_plain, write_16), ONE(REG_TXDCTL, read_plain, write_plain),
    ONE(REG_TADV, read_plain, write_16), ONE(REG_TSPMT, read_plain, write_plain), { REG_STATISTICS, REG_STATISTICS_END - 4, read_statistic, NULL },
    ONE(REG_RXCSUM, read_plain, write_plain), { REG_MTA, REG_MTA + 0x1fc, read_plain, write_plain }, { REG_RAL, REG_RAL + 0x7c, read_plain, write_ra },
    { REG_VFTA, REG_VFTA + 0x1fc, read_plain, write_plain }, { REG_WUC, REG_WUFC, read_plain, write_plain }, ONE(REG_WUS, read_plain, write_plain),
    ONE(REG_MANC, read_plain, write_plain), ONE(REG_IPAV, read_plain, write_plain), { REG_IP4AT, REG_IP4AT + 0x18, read_plain, write_plain },
    { REG_IP6AT, REG_IP6AT + 0xc, read_plain, write_plain }, ONE(REG_WUPL, read_plain, write_plain), { REG_WUPM, REG_WUPM + 0x7c, read_plain, write_plain },
    ONE(REG_SWSM, read_plain, write_plain), { REG_FFLT, REG_FFLT + 0x18, read_plain, write_plain }, { REG_FFMT, REG_FFMT + 0x3fc, read_plain, write_plain },
    { REG_FFVT, REG_FFVT + 0x3fc, read_plain, write_plain }, { REG_PBM, REG_PBM + 0xfffc, read_plain, write_plain },
};

static const RegisterRange *search(const RegisterRange *table, size_t high, uint32_t addr)
{
    size_t low = 0;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (addr > table[middle].last) {
            low = middle + 1;
        } else if (addr < table[middle].first) {
            high = middle;
        } else {
            return &table[middle];
        }
    }
    return NULL;
}

static const RegisterRange *find_range(const E1000 *s, uint32_t addr)
{
    const RegisterRange *range = s->model->is_82574 ? search(e1000e_ranges, e1000e_nr_ranges, addr) : NULL;
    return range ? range : search(ranges, ARRAY_SIZE(ranges), addr);
}

static uint64_t mmio_read(void *opaque, uint64_t addr, unsigned size)
{
    const RegisterRange *range = find_range(opaque, addr & ~3u);
    if (!range) {
        log_mask(LOG_UNIMP, "e1000: read of unknown register 0x%05x\n", (unsigned)addr);
    }
    return range && range->read ? range->read(opaque, addr & ~3u) : 0;
}

static void mmio_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    const RegisterRange *range = find_range(opaque, addr & ~3u);
    if (range && range->write) {
        range->write(opaque, addr & ~3u, value);
    } else {
        log_mask(LOG_UNIMP, "e1000: write of register 0x%05x ignored\n", (unsigned)addr);
    }
}

static const MemoryRegionOps mmio_ops = {
    .read = mmio_read, .write = mmio_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8, true }, .impl = { 4, 4 },
};

/* Indirect access by ports (13.2.2). */
static uint64_t io_read(void *opaque, uint64_t addr, unsigned size)
{
    E1000 *s = opaque;
    if (addr == IO_ADDRESS) {
        return s->io_address;
    }
    return addr == IO_DATA && s->io_address < REG_SPACE ? mmio_read(s, s->io_address, 4) : 0;
}

static void io_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    E1000 *s = opaque;
    if (addr == IO_ADDRESS) {
        s->io_address = value;
    } else if (addr == IO_DATA && s->io_address < REG_SPACE) {
        mmio_write(s, s->io_address, value, 4);
    }
}

static const MemoryRegionOps io_ops = {
    .read = io_read, .write = io_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 4, 4 },
};

/* ---- the client ---- */

static bool nic_can_receive(NetClient *nc) { return e1000_can_receive(nc->opaque); }
static ssize_t nic_receive(NetClient *nc, const struct iovec *iov, int count, size_t size) { return e1000_receive(nc->opaque, iov, count, size); }

static void nic_link_changed(NetClient *nc)
{
    E1000 *s = nc->opaque;
    bool up = !nc->link_down;
    if (up != !!(s->mac[REG_STATUS / 4] & STATUS_LU)) {
        e1000_set_link(s, up);
        if (up) {
            s->phy[PHY_STATUS] |= PHY_STATUS_AUTONEG_DONE;
            s->phy[PHY_LP_ABILITY] |= PHY_LP_ACK;
        }
        e1000_raise(s, ICR_LSC);
    }
}

static const NetClientType nic_type = { .name = "nic", .can_receive = nic_can_receive, .receive = nic_receive, .link_changed = nic_link_changed };

/* ---- device ---- */

static const RegisterReset mac_reset_values[] = {
    { REG_PBA, 0x00100030 }, { REG_LEDCTL, 0x00000602 }, { REG_CTRL, 0x00140000 | CTRL_SLU | CTRL_SPEED_1000 },
    { REG_STATUS, 0x80000000 | STATUS_GIO_MASTER_ENABLE | 0x400 | STATUS_ASDV_1000 | 0x100 | STATUS_SPEED_1000 | STATUS_FD },
    { REG_MANC, 0x00222300 },
};

void e1000_reset_mac(E1000 *s)
{
    bool link = s->mac[REG_STATUS / 4] & STATUS_LU;
    timer_cancel(&s->mitigation_timer);
    s->mitigation_running = s->mitigation_ide = false;
    memset(s->mac, 0, sizeof(s->mac));
    s->tx.length = 0;
    s->tx.in_packet = s->tx.overflow = false;
    memset(&s->tx.checksum, 0, sizeof(s->tx.checksum));
    memset(&s->tx.segmentation, 0, sizeof(s->tx.segmentation));
    memset(&s->eeprom_port, 0, sizeof(s->eeprom_port));
    const RegisterReset *values = s->model->is_82574 ? e1000e_reset_values : mac_reset_values;
    size_t count = s->model->is_82574 ? e1000e_nr_reset_values : ARRAY_SIZE(mac_reset_values);
    for (size_t i = 0; i < count; i++) {
        s->mac[values[i].reg / 4] = values[i].value;
    }
    s->fired = 0;
    s->mac[REG_STATUS / 4] |= link ? STATUS_LU : 0;
    s->mac[REG_VET / 4] = (s->model->is_82574 ? s->init_vet : s->compat_flags >> COMPAT_INIT_VET & 1) ? VET_8021Q : 0;
    s->mac[REG_RAL / 4] = load_le32(s->conf.mac);
    s->mac[REG_RAL / 4 + 1] = load_le16(s->conf.mac + 4) | RAH_AV;
    net_nic_set_mac(s->nic, s->conf.mac);
    e1000_update_irq(s);
}

void e1000_reset(Device *dev)
{
    E1000 *s = (E1000 *)dev;
    s->io_address = 0;
    s->tx.busy = false;
    e1000_reset_mac(s);
    e1000_link_reset(s);
}

bool e1000_realize_common(E1000 *s, const char *prefix, uint64_t io_size, GError **err)
{
    Device *dev = DEVICE(s);
    g_autofree char *mmio_name = g_strdup_printf("%s-mmio", prefix), *io_name = g_strdup_printf("%s-io", prefix);
    if (!boot_order_add(dev, s->conf.bootindex, "/ethernet-phy@0", err)) {
        return false;
    }
    s->model = device_type(dev)->family;
    pci_set_interrupt_pin(&s->parent, 1);
    memory_region_init_io(&s->mmio, OBJECT(s), &mmio_ops, s, mmio_name, REG_SPACE);
    memory_region_init_io(&s->io, OBJECT(s), &io_ops, s, io_name, io_size);
    timer_init(&s->mitigation_timer, CLOCK_TYPE_VIRTUAL, mitigation_over, s);
    e1000_link_init(s);
    s->nic = net_nic_new(&nic_type, &s->conf, dev->parent.type->name, dev->id, s);
    e1000_eeprom_init(s);
    return true;
}

static bool e1000_realize(Device *dev, GError **err)
{
    E1000 *s = (E1000 *)dev;
    if (!e1000_realize_common(s, "e1000", IO_BAR_SIZE, err)) {
        return false;
    }
    pci_register_bar(&s->parent, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mmio);
    pci_register_bar(&s->parent, 1, PCI_BASE_ADDRESS_SPACE_IO, &s->io);
    return true;
}

void e1000_unrealize(Device *dev)
{
    E1000 *s = (E1000 *)dev;
    boot_order_remove(dev);
    timer_cancel(&s->mitigation_timer);
    timer_cancel(&s->autoneg_timer);
    g_clear_pointer(&s->nic, net_client_free);
    for (int i = 0; i < 4; i++) {
        if (s->parent.bars[i].mr) {
            pci_unregister_bar(&s->parent, i);
        }
    }
    memory_region_destroy(&s->mmio);
    memory_region_destroy(&s->io);
}

static const Property e1000_properties[] = {
    NIC_PROPERTIES(E1000, conf),
    PROP_BIT32("extra_mac_registers", E1000, compat_flags, COMPAT_EXTRA_REGISTERS, true),
    PROP_BIT32("migrate_tso_props", E1000, compat_flags, COMPAT_MIGRATE_TSO, true),
    PROP_BIT32("init-vet", E1000, compat_flags, COMPAT_INIT_VET, true),
};
#define STATE_CONTEXT(member) \
    STATE_UINT8(E1000, tx.member.ipcss), STATE_UINT8(E1000, tx.member.ipcso), STATE_UINT16(E1000, tx.member.ipcse), STATE_UINT8(E1000, tx.member.tucss), \
    STATE_UINT8(E1000, tx.member.tucso), STATE_UINT16(E1000, tx.member.tucse), STATE_UINT32(E1000, tx.member.payload_length), \
    STATE_UINT8(E1000, tx.member.header_length), STATE_UINT16(E1000, tx.member.mss), STATE_BOOL(E1000, tx.member.ip), STATE_BOOL(E1000, tx.member.tcp)
static const StateField e1000_state[] = {
    STATE_UINT32_ARRAY(E1000, mac), STATE_UINT16_ARRAY(E1000, phy), STATE_UINT16_ARRAY(E1000, eeprom), STATE_UINT32(E1000, eeprom_port.last_eecd),
    STATE_UINT16(E1000, eeprom_port.command), STATE_UINT16(E1000, eeprom_port.address), STATE_UINT8(E1000, eeprom_port.bits_in),
    STATE_UINT8(E1000, eeprom_port.bits_out), STATE_BOOL(E1000, eeprom_port.reading), STATE_CONTEXT(checksum), STATE_CONTEXT(segmentation),
    STATE_UINT8(E1000, tx.options), STATE_BOOL(E1000, tx.in_packet), STATE_BOOL(E1000, tx.tse), STATE_BOOL(E1000, tx.overflow), STATE_UINT32(E1000, tx.length),
    STATE_BUFFER(E1000, tx.buffer), STATE_UINT32(E1000, io_address), STATE_TIMER(E1000, autoneg_timer), STATE_TIMER(E1000, mitigation_timer),
    STATE_BOOL(E1000, mitigation_running), STATE_BOOL(E1000, mitigation_ide), STATE_BOOL(E1000, irq_level),
};

/* What comes from a file is no better than what comes from a guest. */
static bool after_load(void *object, int version)
{
    E1000 *s = object;
    return s->tx.length <= TX_BUFFER_SIZE;
}

static const DeviceType e1000_base = {
    .name = "e1000-base", .parent = "pci-device", .size = sizeof(E1000), .abstract = true, .category = DEVICE_NETWORK, .firmware_name = "ethernet",
    .properties = PROPERTIES(e1000_properties), .state = STATE(e1000_state, .version = 2, .after_load = after_load),
    .realize = NULL, .unrealize = e1000_unrealize, .reset = e1000_reset,
};
REGISTER_DEVICE(e1000_base)

#define E1000_DEVICE(variable, type_name, id, phy, has_eerd) \
    static const E1000Model variable##_model = { .device_id = (id), .phy_id2 = (phy), .eerd = (has_eerd) }; \
    static const DeviceType variable = { \
        .name = type_name, .parent = "e1000-base", .category = DEVICE_NETWORK, .user_creatable = true, .description = "Intel Gigabit Ethernet", .realize = e1000_realize, \
        .family = &variable##_model, \
        .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = (id), .revision = 3, .class = PCI_CLASS_NETWORK_ETHERNET, .romfile = "efi-e1000.rom" }, \
    }; \
    REGISTER_DEVICE(variable)
E1000_DEVICE(e1000_82540em, "e1000", 0x100e, 0x0c20, true)
E1000_DEVICE(e1000_82544gc, "e1000-82544gc", 0x1008, 0x0c30, false)
E1000_DEVICE(e1000_82545em, "e1000-82545em", 0x100f, 0x0c20, true)
