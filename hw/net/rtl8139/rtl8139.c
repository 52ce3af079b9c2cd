/*
 * rtl8139: Realtek RTL8139C+ Fast Ethernet (Realtek, "RTL8139C(L)+ datasheet", 1.6). This file: registers, EEPROM, timer, the PCI device; rings.c has the
 * data paths.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rtl8139.h"
#include "hw/nvram/fw_cfg.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

#define TIMER_PERIOD_NS 30      /* TCTR counts the PCI clock */
enum { CAPR_BIAS = 16 };

static void update_irq(Rtl8139 *s) { pci_set_irq(&s->parent, (s->isr & s->imr) != 0); }

void rtl8139_raise(Rtl8139 *s, uint16_t causes)
{
    s->isr |= causes;
    update_irq(s);
}

/* ---- the timer ---- */

static uint32_t timer_count(const Rtl8139 *s) { return (clock_get_ns(CLOCK_TYPE_VIRTUAL) - s->timer_base_ns) / TIMER_PERIOD_NS; }

/* Arms the timer for when TCTR next equals TIMERINT. */
static void arm_timer(Rtl8139 *s)
{
    if (!s->timer_interrupt) {
        timer_cancel(&s->timer);
        return;
    }
    int64_t now = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    uint32_t ahead = s->timer_interrupt - timer_count(s);
    timer_set_ns(&s->timer, now + (ahead ? ahead : INT64_C(1) << 32) * TIMER_PERIOD_NS);
}

static void timer_hit(void *opaque)
{
    Rtl8139 *s = opaque;
    rtl8139_raise(s, ISR_TIMEOUT);
    arm_timer(s);
}

/* ---- EEPROM 93C46 (5.1): a start bit, two opcode bits (10b: read), six address bits ---- */

static void eeprom_init(Rtl8139 *s)
{
    s->eeprom[0] = 0x8129;
    s->eeprom[1] = PCI_VENDOR_ID_REALTEK;
    s->eeprom[2] = 0x8139;
    for (int i = 0; i < 3; i++) {
        s->eeprom[7 + i] = load_le16(s->conf.mac + 2 * i);
    }
}

static void eeprom_clock(Rtl8139 *s, bool in)
{
    if (s->ee.reading) {
        if (s->ee.bits_out == 16) {
            s->ee.bits_out = 0;
            s->ee.address++;
        }
        s->ee.bits_out++;
        return;
    }
    s->ee.command = s->ee.command << 1 | in;
    s->ee.bits_in += s->ee.bits_in || in;
    if (s->ee.bits_in == 9) {
        s->ee.reading = s->ee.command >> 6 == 6;
        s->ee.address = s->ee.command & (EEPROM_WORDS - 1);
        s->ee.command = s->ee.bits_in = s->ee.bits_out = 0;
    }
}

static void eeprom_write(Rtl8139 *s, uint8_t value)
{
    bool clock = value & EE_SK;
    s->ee_mode = value & (EE_MODE | EE_CS | EE_SK | EE_DI);
    if ((value & EE_MODE) != EE_PROGRAM || !(value & EE_CS)) {
        memset(&s->ee, 0, sizeof(s->ee));
        return;
    }
    if (clock && !s->ee.clock) {
        eeprom_clock(s, value & EE_DI);
    }
    s->ee.clock = clock;
}

static uint8_t eeprom_read(const Rtl8139 *s)
{
    if ((s->ee_mode & EE_MODE) != EE_PROGRAM) {
        return s->ee_mode;
    }
    bool out = !s->ee.reading || (s->ee.bits_out && (s->eeprom[s->ee.address & (EEPROM_WORDS - 1)] >> (16 - s->ee.bits_out) & 1));
    return s->ee_mode | (out ? EE_DO : 0);
}

/* ---- reset ---- */

static void set_link(Rtl8139 *s, bool up)
{
    s->msr = up ? s->msr & ~MSR_LINKB : s->msr | MSR_LINKB;
    s->bmsr = up ? s->bmsr | BMSR_LINK | BMSR_AUTONEG_DONE : s->bmsr & ~(BMSR_LINK | BMSR_AUTONEG_DONE);
}

static void reset_phy(Rtl8139 *s)
{
    s->bmcr = BMCR_AUTONEG;
    s->bmsr = 0x7809;
    s->anar = 0x05e1;
    s->anlpar = 0x05e1;
    s->aner = 1;
    s->cscr = 0x20f8;
    s->msr = MSR_DEFAULT;
    set_link(s, !s->nic->link_down);
}

/* CR.RST: all but the address, the configuration and the PHY. */
static void soft_reset(Rtl8139 *s)
{
    s->cr = 0;
    s->isr = s->imr = 0;
    s->tcr = s->rcr = s->mpc = s->timer_interrupt = 0;
    s->rbstart = s->capr = s->cbr = s->next_slot = 0;
    s->cpcr = s->intr_mitigate = s->mulint = 0;
    s->cp_rx = s->cp_tx[0] = s->cp_tx[1] = s->cp_tx_length = 0;
    s->cp_tx_active = s->transmitting = false;
    s->dtccr[0] = s->dtccr[1] = 0;
    for (int i = 0; i < TX_SLOTS; i++) {
        s->tsd[i] = TSD_OWN;
        s->tsad[i] = 0;
    }
    s->timer_base_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
    timer_cancel(&s->timer);
    update_irq(s);
}

static void rtl8139_reset(Device *dev)
{
    Rtl8139 *s = (Rtl8139 *)dev;
    soft_reset(s);
    reset_phy(s);
    memcpy(s->idr, s->conf.mac, 6);
    memset(s->mar, 0, sizeof(s->mar));
    memset(s->rdsar, 0, sizeof(s->rdsar));
    memset(s->tnpds, 0, sizeof(s->tnpds));
    memset(s->thpds, 0, sizeof(s->thpds));
    memset(&s->ee, 0, sizeof(s->ee));
    memset(&s->tally, 0, sizeof(s->tally));
    s->ee_mode = 0;
    memcpy(s->config, (const uint8_t[]){ 0x00, 0x0c, 0x00, 0x01, 0x00, 0x00 }, sizeof(s->config));
    net_nic_set_mac(s->nic, s->conf.mac);
}

/* ---- registers: read as a snapshot of bytes, written by their width ---- */

typedef struct WordRegister { uint8_t reg; size_t offset; uint16_t writable; } WordRegister;
#define WORD(reg, field, mask) { reg, offsetof(Rtl8139, field), mask }
static const WordRegister words[] = {
    WORD(REG_IMR, imr, 0xe1ff), WORD(REG_MULINT, mulint, 0x0fff), WORD(REG_BMSR, bmsr, 0), WORD(REG_ANAR, anar, 0xffff), WORD(REG_ANLPAR, anlpar, 0),
    WORD(REG_ANER, aner, 0), WORD(REG_CSCR, cscr, 0), WORD(REG_INTRMIT, intr_mitigate, 0xffff),
};

typedef struct LongRegister { uint8_t reg; size_t offset; uint32_t writable; } LongRegister;
#define LONG(reg, field, mask) { reg, offsetof(Rtl8139, field), mask }
static const LongRegister longs[] = {
    LONG(REG_RBSTART, rbstart, UINT32_MAX), LONG(REG_RDSAR, rdsar[0], ~0xffu), LONG(REG_RDSAR + 4, rdsar[1], UINT32_MAX), LONG(REG_THPDS, thpds[0], ~0xffu),
    LONG(REG_THPDS + 4, thpds[1], UINT32_MAX),
};

static bool is_cplus_tx(const Rtl8139 *s) { return s->cpcr & CPCR_TXON; }
static bool unlocked(const Rtl8139 *s) { return (s->ee_mode & EE_MODE) == EE_UNLOCK; }

static uint16_t transmit_summary(const Rtl8139 *s)
{
    uint16_t summary = 0;
    for (int i = 0; i < TX_SLOTS; i++) {
        summary |= (s->tsd[i] & TSD_TOK ? 0x1000 : 0) << i | (s->tsd[i] & TSD_TUN ? 0x100 : 0) << i | (s->tsd[i] & TSD_TABT ? 0x10 : 0) << i |
                   (s->tsd[i] & TSD_OWN ? 1 : 0) << i;
    }
    return summary;
}

static void snapshot(const Rtl8139 *s, uint8_t r[REGISTER_SPACE])
{
    memset(r, 0, REGISTER_SPACE);
    memcpy(r + REG_IDR0, s->idr, 6);
    memcpy(r + REG_MAR0, s->mar, 8);
    for (int i = 0; i < TX_SLOTS; i++) {
        store_le32(r + REG_TSD0 + 4 * i, s->tsd[i]);
        store_le32(r + REG_TSAD0 + 4 * i, s->tsad[i]);
    }
    if (is_cplus_tx(s)) {
        store_le32(r + REG_DTCCR, s->dtccr[0]);
        store_le32(r + REG_DTCCR + 4, s->dtccr[1]);
        store_le32(r + REG_TNPDS, s->tnpds[0]);
        store_le32(r + REG_TNPDS + 4, s->tnpds[1]);
    }
    for (size_t i = 0; i < ARRAY_SIZE(longs); i++) {
        if (is_cplus_tx(s) || longs[i].reg == REG_RBSTART || longs[i].reg >= REG_RDSAR) {
            memcpy(r + longs[i].reg, (const uint8_t *)s + longs[i].offset, 4);
        }
    }
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        memcpy(r + words[i].reg, (const uint8_t *)s + words[i].offset, 2);
    }
    r[REG_CR] = s->cr | (rtl8139_buffer_empty(s) ? CR_BUFE : 0);
    store_le16(r + REG_CAPR, s->capr - CAPR_BIAS);
    store_le16(r + REG_CBR, s->cbr);
    store_le16(r + REG_ISR, s->isr);
    store_le32(r + REG_TCR, s->tcr | TCR_VERSION_CPLUS);
    store_le32(r + REG_RCR, s->rcr);
    store_le32(r + REG_TCTR, timer_count(s));
    store_le32(r + REG_MPC, s->mpc);
    r[REG_9346CR] = eeprom_read(s);
    r[REG_CONFIG0] = s->config[0];
    r[REG_CONFIG1] = s->config[1];
    store_le32(r + REG_TIMERINT, s->timer_interrupt);
    r[REG_MSR] = s->msr;
    r[REG_CONFIG3] = s->config[3];
    r[REG_CONFIG4] = s->config[4];
    r[REG_HLTCLK] = 1;
    r[REG_RERID] = 0x20;
    store_le16(r + REG_TSAD, transmit_summary(s));
    store_le16(r + REG_BMCR, s->bmcr);
    r[REG_CONFIG5] = s->config[5];
    store_le16(r + REG_CPCR, s->cpcr);
}

static uint64_t rtl_read(void *opaque, uint64_t addr, unsigned size)
{
    uint8_t r[REGISTER_SPACE + 8] = { 0 };
    uint64_t value = 0;
    snapshot(opaque, r);
    memcpy(&value, r + (addr & 0xff), size);
    return value;
}

static void write_cr(Rtl8139 *s, uint8_t value)
{
    if (value & CR_RST) {
        soft_reset(s);
        return;
    }
    bool receive_on = (value & CR_RE) && !(s->cr & CR_RE);
    s->cr = value & (CR_RE | CR_TE);
    if (receive_on) {
        s->cp_rx = 0;
    }
    if (value & CR_TE) {
        if (!is_cplus_tx(s)) {
            rtl8139_transmit_slots(s);
        }
    } else {
        s->cp_tx[0] = s->cp_tx[1] = 0;
    }
    net_flush_queue(s->nic);
}

static void write_bmcr(Rtl8139 *s, uint16_t value)
{
    if (value & BMCR_RESET) {
        reset_phy(s);
        return;
    }
    s->bmcr = value & ~(BMCR_RESET | BMCR_RESTART);
    if (value & BMCR_RESTART) {
        set_link(s, !s->nic->link_down);
    }
}

static void write_tppoll(Rtl8139 *s, uint8_t value)
{
    if (value & TPPOLL_HPQ) {
        rtl8139_transmit_cplus(s, 1);
    }
    if (value & TPPOLL_NPQ) {
        rtl8139_transmit_cplus(s, 0);
    }
    if (value & TPPOLL_FSWINT) {
        rtl8139_raise(s, ISR_SWINT);
    }
}

static void write_byte(Rtl8139 *s, uint8_t addr, uint8_t value)
{
    switch (addr) {
    case REG_IDR0 ... REG_IDR0 + 5:
        if (unlocked(s)) {
            s->idr[addr] = value;
            if (addr == 5) {
                net_nic_set_mac(s->nic, s->idr);
            }
        }
        break;
    case REG_MAR0 ... REG_MAR0 + 7:
        s->mar[addr - REG_MAR0] = value;
        break;
    case REG_CR:
        write_cr(s, value);
        break;
    case REG_9346CR:
        eeprom_write(s, value);
        break;
    case REG_CONFIG0 ... REG_CONFIG1:
        if (unlocked(s) && addr == REG_CONFIG1) {
            s->config[1] = (s->config[1] & 0x0c) | (value & 0xf3);
        }
        break;
    case REG_CONFIG3 ... REG_CONFIG4:
        if (unlocked(s)) {
            s->config[3 + addr - REG_CONFIG3] = value & 0x7f;
        }
        break;
    case REG_CONFIG5:
        s->config[5] = value;
        break;
    case REG_TPPOLL:
        write_tppoll(s, value);
        break;
    default:
        log_mask(LOG_UNIMP, "rtl8139: write of 0x%02x to register 0x%02x ignored\n", value, addr);
    }
}

static void write_capr(Rtl8139 *s, uint16_t value)
{
    s->capr = (value + CAPR_BIAS) & (rtl8139_buffer_size(s) - 1);
    net_flush_queue(s->nic);
}

static bool write_word(Rtl8139 *s, uint8_t addr, uint16_t value)
{
    for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
        if (words[i].reg == addr) {
            uint16_t *field = (uint16_t *)((uint8_t *)s + words[i].offset);
            *field = (*field & ~words[i].writable) | (value & words[i].writable);
            update_irq(s);
            return true;
        }
    }
    switch (addr) {
    case REG_CAPR:
        write_capr(s, value);
        return true;
    case REG_ISR:
        s->isr &= ~value;
        update_irq(s);
        return true;
    case REG_BMCR:
        write_bmcr(s, value);
        return true;
    case REG_CPCR:
        s->cpcr = value & 0x02ff;
        return true;
    default:
        return false;
    }
}

static void write_tsd(Rtl8139 *s, unsigned n, uint32_t value)
{
    if (is_cplus_tx(s)) {
        if (n < 2) {
            s->dtccr[n] = value;
        }
        if (n == 0 && (value & DTCCR_DUMP)) {
            rtl8139_dump_tally(s);
            s->dtccr[0] &= ~DTCCR_DUMP;
        }
        return;
    }
    s->tsd[n] = value & ~(TSD_TOK | TSD_TUN | TSD_TABT | 0x0f000000u);
    rtl8139_transmit_slots(s);
}

static bool write_long(Rtl8139 *s, uint8_t addr, uint32_t value)
{
    if (addr >= REG_TSD0 && addr < REG_TSAD0) {
        write_tsd(s, (addr - REG_TSD0) / 4, value);
        return true;
    }
    if (addr >= REG_TSAD0 && addr < REG_RBSTART && !is_cplus_tx(s)) {
        s->tsad[(addr - REG_TSAD0) / 4] = value;
        return true;
    }
    for (size_t i = 0; i < ARRAY_SIZE(longs); i++) {
        if (longs[i].reg == addr) {
            uint32_t *field = (uint32_t *)((uint8_t *)s + longs[i].offset);
            *field = value & longs[i].writable;
            if (addr == REG_RBSTART) {
                s->capr = s->cbr = 0;
            } else if (addr == REG_RDSAR) {
                s->cp_rx = 0;
            }
            return true;
        }
    }
    switch (addr) {
    case REG_TNPDS:
        s->tnpds[0] = value & ~0xffu;
        s->cp_tx[0] = 0;
        return true;
    case REG_TNPDS + 4:
        s->tnpds[1] = value;
        return true;
    case REG_TCR:
        s->tcr = value & TCR_WRITABLE;
        return true;
    case REG_RCR:
        s->rcr = value & 0x0f00ffbf;
        s->capr = s->cbr = 0;
        net_flush_queue(s->nic);
        return true;
    case REG_TCTR:
        s->timer_base_ns = clock_get_ns(CLOCK_TYPE_VIRTUAL);
        arm_timer(s);
        return true;
    case REG_MPC:
        s->mpc = 0;
        return true;
    case REG_TIMERINT:
        s->timer_interrupt = value;
        arm_timer(s);
        return true;
    default:
        return false;
    }
}

/* A register takes a write of its own width; what is wider than the register is taken apart. */
static void rtl_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Rtl8139 *s = opaque;
    addr &= 0xff;
    if (size == 4 && !(addr & 3) && write_long(s, addr, value)) {
        return;
    }
    if (size == 2 && !(addr & 1) && write_word(s, addr, value)) {
        return;
    }
    if (size == 1) {
        write_byte(s, addr, value);
    } else {
        rtl_write(s, addr, value & MAKE_MASK(0, size * 4), size / 2);
        rtl_write(s, addr + size / 2, value >> (size * 4), size / 2);
    }
}

static const MemoryRegionOps rtl_ops = { .read = rtl_read, .write = rtl_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 4, true } };

/* ---- device ---- */

static bool nic_can_receive(NetClient *nc) { return rtl8139_can_receive(nc->opaque); }
static ssize_t nic_receive(NetClient *nc, const struct iovec *iov, int count, size_t size) { return rtl8139_receive(nc->opaque, iov, count, size); }

static void nic_link_changed(NetClient *nc)
{
    Rtl8139 *s = nc->opaque;
    set_link(s, !nc->link_down);
    rtl8139_raise(s, ISR_LINKCHG);
}

static const NetClientType nic_type = { .name = "nic", .can_receive = nic_can_receive, .receive = nic_receive, .link_changed = nic_link_changed };

static bool rtl8139_realize(Device *dev, GError **err)
{
    Rtl8139 *s = (Rtl8139 *)dev;
    if (!boot_order_add(dev, s->conf.bootindex, "/ethernet-phy@0", err)) {
        return false;
    }
    pci_set_interrupt_pin(&s->parent, 1);
    s->parent.config[PCI_CAPABILITY_LIST] = 0xdc;
    memory_region_init_io(&s->io, OBJECT(s), &rtl_ops, s, "rtl8139", REGISTER_SPACE);
    memory_region_init_alias(&s->mmio, OBJECT(s), "rtl8139-mem", &s->io, 0, REGISTER_SPACE);
    pci_register_bar(&s->parent, 0, PCI_BASE_ADDRESS_SPACE_IO, &s->io);
    pci_register_bar(&s->parent, 1, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mmio);
    timer_init(&s->timer, CLOCK_TYPE_VIRTUAL, timer_hit, s);
    s->nic = net_nic_new(&nic_type, &s->conf, dev->parent.type->name, dev->id, s);
    eeprom_init(s);
    return true;
}

static void rtl8139_unrealize(Device *dev)
{
    Rtl8139 *s = (Rtl8139 *)dev;
    boot_order_remove(dev);
    timer_cancel(&s->timer);
    g_clear_pointer(&s->nic, net_client_free);
    pci_unregister_bar(&s->parent, 0);
    pci_unregister_bar(&s->parent, 1);
    memory_region_destroy(&s->mmio);
    memory_region_destroy(&s->io);
}

static bool after_load(void *object, int version)
{
    Rtl8139 *s = object;
    uint32_t mask = rtl8139_buffer_size(s) - 1;
    s->capr &= mask;
    s->cbr &= mask;
    return s->cp_tx_length <= CP_TX_BUFFER && s->next_slot < TX_SLOTS;
}

static const Property rtl8139_properties[] = { NIC_PROPERTIES(Rtl8139, conf) };
static const StateField rtl8139_state[] = {
    STATE_BUFFER(Rtl8139, idr), STATE_BUFFER(Rtl8139, mar), STATE_UINT8(Rtl8139, cr), STATE_BUFFER(Rtl8139, config), STATE_UINT8(Rtl8139, ee_mode),
    STATE_UINT8(Rtl8139, msr), STATE_UINT32_ARRAY(Rtl8139, tsd), STATE_UINT32_ARRAY(Rtl8139, tsad), STATE_UINT32(Rtl8139, rbstart), STATE_UINT32(Rtl8139, tcr),
    STATE_UINT32(Rtl8139, rcr), STATE_UINT32(Rtl8139, mpc), STATE_UINT32(Rtl8139, timer_interrupt), STATE_UINT32_ARRAY(Rtl8139, dtccr),
    STATE_UINT32(Rtl8139, capr), STATE_UINT32(Rtl8139, cbr), STATE_UINT16(Rtl8139, imr), STATE_UINT16(Rtl8139, isr), STATE_UINT16(Rtl8139, mulint),
    STATE_UINT16(Rtl8139, bmcr), STATE_UINT16(Rtl8139, bmsr), STATE_UINT16(Rtl8139, anar), STATE_UINT16(Rtl8139, anlpar), STATE_UINT16(Rtl8139, cpcr),
    STATE_UINT16(Rtl8139, intr_mitigate), STATE_UINT32_ARRAY(Rtl8139, rdsar), STATE_UINT32_ARRAY(Rtl8139, tnpds), STATE_UINT32_ARRAY(Rtl8139, thpds),
    STATE_UINT32(Rtl8139, cp_rx), STATE_UINT32_ARRAY(Rtl8139, cp_tx), STATE_UINT32(Rtl8139, next_slot), STATE_UINT32(Rtl8139, cp_tx_length),
    STATE_BOOL(Rtl8139, cp_tx_active), STATE_BUFFER(Rtl8139, cp_tx_buffer), STATE_INT64(Rtl8139, timer_base_ns), STATE_TIMER(Rtl8139, timer),
};
static const DeviceType rtl8139 = {
    .name = "rtl8139", .parent = "pci-device", .size = sizeof(Rtl8139), .category = DEVICE_NETWORK, .user_creatable = true, .firmware_name = "ethernet",
    .properties = PROPERTIES(rtl8139_properties), .state = STATE(rtl8139_state, .version = 5, .after_load = after_load),
    .realize = rtl8139_realize, .unrealize = rtl8139_unrealize, .reset = rtl8139_reset,
    .pci = { .vendor = PCI_VENDOR_ID_REALTEK, .device = 0x8139, .revision = 0x20, .class = PCI_CLASS_NETWORK_ETHERNET, .romfile = "efi-rtl8139.rom" },
};
REGISTER_DEVICE(rtl8139)
