/*
 * The 8254x's PHY behind MDIC, the link with its auto-negotiation, and the EEPROM (Software Developer's Manual, 5 and 13.4; IEEE 802.3, 22.2.4 and 28).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "e1000.h"
#include "util/log.h"

#include <string.h>

#define AUTONEG_NS (500 * NS_PER_MS)

/* ---- link ---- */

void e1000_set_link(E1000 *s, bool up)
{
    if (up) {
        s->mac[REG_STATUS / 4] |= STATUS_LU;
        s->phy[PHY_STATUS] |= PHY_STATUS_LINK;
        s->phy[M88_PSSR] |= M88_PSSR_LINK;
    } else {
        s->mac[REG_STATUS / 4] &= ~STATUS_LU;
        s->phy[PHY_STATUS] &= ~(PHY_STATUS_LINK | PHY_STATUS_AUTONEG_DONE);
        s->phy[PHY_LP_ABILITY] &= ~PHY_LP_ACK;
        s->phy[M88_PSSR] &= ~M88_PSSR_LINK;
    }
}

static void autoneg_done(void *opaque)
{
    E1000 *s = opaque;
    if (!s->nic->link_down) {
        s->phy[PHY_LP_ABILITY] |= PHY_LP_ACK;
        s->phy[PHY_STATUS] |= PHY_STATUS_AUTONEG_DONE;
        e1000_set_link(s, true);
        e1000_raise(s, ICR_LSC);
        net_flush_queue(s->nic);
    }
}

static void restart_autoneg(E1000 *s)
{
    if (s->phy[PHY_CTRL] & PHY_CTRL_AUTONEG_EN) {
        e1000_set_link(s, false);
        timer_set_ns(&s->autoneg_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + AUTONEG_NS);
    }
}

void e1000_link_init(E1000 *s)
{
    timer_init(&s->autoneg_timer, CLOCK_TYPE_VIRTUAL, autoneg_done, s);
}

static const struct { uint8_t reg; uint16_t reset; } phy_reset_values[] = {
    { PHY_CTRL, 0x1140 }, { PHY_STATUS, 0x7949 }, { PHY_ID1, 0x0141 }, { PHY_AUTONEG_ADV, 0x0de1 }, { PHY_LP_ABILITY, 0x01e0 }, { PHY_1000T_CTRL, 0x0e00 },
    { PHY_1000T_STATUS, 0x3c00 }, { PHY_EXT_STATUS, 0x3000 }, { M88_PSCR, 0x0360 }, { M88_PSSR, M88_PSSR_DEFAULT }, { M88_EPSCR, 0x0d60 },
};

static void reset_phy(E1000 *s)
{
    memset(s->phy, 0, sizeof(s->phy));
    for (size_t i = 0; i < ARRAY_SIZE(phy_reset_values); i++) {
        s->phy[phy_reset_values[i].reg] = phy_reset_values[i].reset;
    }
    s->phy[PHY_ID2] = s->model->phy_id2;
}

void e1000_link_reset(E1000 *s)
{
    timer_cancel(&s->autoneg_timer);
    reset_phy(s);
    e1000_set_link(s, !s->nic->link_down);
}

/* Loop-back in the PHY or at the MAC's side of the transceiver. */
bool e1000_loops_back(const E1000 *s)
{
    return (s->phy[PHY_CTRL] & PHY_CTRL_LOOPBACK) || (s->mac[REG_RCTL / 4] & RCTL_LBM);
}

static void phy_write(E1000 *s, unsigned reg, uint16_t value)
{
    switch (reg) {
    case PHY_CTRL:
        if (value & PHY_CTRL_RESET) {
            reset_phy(s);
            e1000_set_link(s, !s->nic->link_down);
            value = s->phy[PHY_CTRL];
        }
        s->phy[PHY_CTRL] = value & ~(PHY_CTRL_RESET | PHY_CTRL_RESTART_AUTONEG | 0x3f);
        if (value & PHY_CTRL_RESTART_AUTONEG) {
            restart_autoneg(s);
        }
        break;
    case PHY_STATUS: case PHY_ID1: case PHY_ID2: case PHY_LP_ABILITY: case PHY_AUTONEG_EXP: case PHY_1000T_STATUS: case PHY_EXT_STATUS: case M88_PSSR: case M88_REC:
        break;              /* read only */
    default:
        s->phy[reg] = value;
    }
}

void e1000_mdic_write(E1000 *s, uint32_t value)
{
    unsigned reg = value >> MDIC_REGISTER_SHIFT & 0x1f, phy = value >> MDIC_PHY_SHIFT & 0x1f;
    bool other_page = s->model->is_82574 && s->phy[PHY_PAGE] && reg != PHY_PAGE;
    if (phy != PHY_ADDRESS) {
        value |= MDIC_ERROR;
    } else if (other_page) {
        value &= value & MDIC_READ ? ~0xffffu : UINT32_MAX;     /* pages other than 0 hold nothing here */
    } else if (value & MDIC_READ) {
        value = (value & ~0xffffu) | s->phy[reg];
    } else if (value & MDIC_WRITE) {
        phy_write(s, reg, value);
    }
    s->mac[REG_MDIC / 4] = value | MDIC_READY;
    if (value & MDIC_INTERRUPT) {
        e1000_raise(s, ICR_MDAC);
    }
}

/* ---- EEPROM (5.6): address, identification, and a checksum that makes all words sum to BABAh ---- */

void e1000_eeprom_init(E1000 *s)
{
    uint16_t sum = 0;
    memset(s->eeprom, 0xff, sizeof(s->eeprom));
    for (int i = 0; i < 3; i++) {
        s->eeprom[i] = load_le16(s->conf.mac + 2 * i);
    }
    s->eeprom[0x03] = 0x0420;                           /* copper, RJ-45 */
    s->eeprom[0x08] = s->eeprom[0x09] = 0;              /* no board assembly number */
    s->eeprom[0x05] = 0x0100;                           /* version of the image */
    s->eeprom[0x0a] = 0x4408;                           /* initialization control 1, signature 01b */
    s->eeprom[0x0b] = 0x1100;
    s->eeprom[0x0c] = 0x1af4;
    s->eeprom[0x0d] = s->model->device_id;
    s->eeprom[0x0e] = 0x8086;
    s->eeprom[0x0f] = 0x3040;                           /* initialization control 2 */
    s->eeprom[0x21] = 0x7061;
    s->eeprom[0x23] = 0x0060;
    s->eeprom[0x24] = 0x0400;
    for (int i = 0; i < EEPROM_WORDS - 1; i++) {
        sum += s->eeprom[i];
    }
    s->eeprom[EEPROM_WORDS - 1] = EEPROM_CHECKSUM - sum;
}

/* Microwire: a start bit, a two-bit opcode (10b: read), six address bits; then 16 data bits, most significant first, behind a zero. */
enum { MICROWIRE_READ = 6, MICROWIRE_COMMAND_BITS = 9 };

uint32_t e1000_eecd_read(E1000 *s)
{
    if (s->model->is_82574) {
        return EECD_AUTO_RD | EECD_PRES;        /* read by EERD alone */
    }
    EepromPort *e = &s->eeprom_port;
    uint32_t value = EECD_PRES | EECD_GNT | e->last_eecd;
    bool bit = !e->reading || (e->bits_out && (s->eeprom[e->address & (EEPROM_WORDS - 1)] >> (16 - e->bits_out) & 1));
    return value | (bit ? EECD_DO : 0);
}

void e1000_eecd_write(E1000 *s, uint32_t value)
{
    EepromPort *e = &s->eeprom_port;
    uint32_t old = e->last_eecd;
    e->last_eecd = value & (EECD_SK | EECD_CS | EECD_DI | EECD_FWE_MASK | EECD_REQ);
    if (!(value & EECD_CS)) {
        e->command = e->bits_in = e->bits_out = 0;
        e->reading = false;
        return;
    }
    if (!((old ^ value) & EECD_SK) || !(value & EECD_SK)) {
        return;                                         /* data move with the rising clock */
    }
    if (e->reading) {
        if (e->bits_out == 16) {                        /* the next word follows without a command */
            e->bits_out = 0;
            e->address++;
        }
        e->bits_out++;
        return;
    }
    e->command = e->command << 1 | !!(value & EECD_DI);
    e->bits_in += e->bits_in || e->command;             /* zeroes before the start bit do not count */
    if (e->bits_in == MICROWIRE_COMMAND_BITS) {
        e->reading = e->command >> 6 == MICROWIRE_READ;
        e->address = e->command & (EEPROM_WORDS - 1);
        e->command = e->bits_in = e->bits_out = 0;
    }
}

uint32_t e1000_eerd_read(E1000 *s)
{
    uint32_t request = s->mac[REG_EERD / 4];
    unsigned address = request >> EERD_ADDRESS_SHIFT & 0xff;
    if (s->model->is_82574) {
        /* 82574 datasheet, 10.2.2.6: the address begins at bit 2, DONE is bit 1. */
        address = request >> 2 & 0x3fff;
        return (request & 0xffff) | EERD_DONE_82574 | (request & EERD_START && address < EEPROM_WORDS ? (uint32_t)s->eeprom[address] << EERD_DATA_SHIFT : 0);
    }
    if (!(request & EERD_START) || !s->model->eerd) {
        return request;
    }
    if (address >= EEPROM_WORDS) {
        return request | EERD_DONE;
    }
    return (request & 0xffff) | EERD_DONE | (uint32_t)s->eeprom[address] << EERD_DATA_SHIFT;
}
