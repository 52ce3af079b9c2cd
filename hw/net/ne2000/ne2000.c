/*
 * The controller of the NE2000: registers, the remote DMA behind the data port, sending, the receive ring (documents: ne2000.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/net/ne2000/ne2000.h"

#include <string.h>

enum { PAGE = 256, HEADER = 4, FCS = 4, MIN_FRAME = 60, MAX_FRAME = 1514 + 4, PROM_MARK = 0x57, BUS_OPEN = 0xff };

static void update_irq(Ne2000 *s) { irq_set(s->irq, (s->isr & s->imr & ~ISR_RST) != 0); }

static void raise_isr(Ne2000 *s, uint8_t bits)
{
    s->isr |= bits;
    update_irq(s);
}

/* ---- the board's memory, as the controller addresses it ---- */

static uint8_t load(const Ne2000 *s, uint16_t addr)
{
    if (addr < NE2000_PROM_SIZE) {
        return s->prom[addr];
    }
    return addr >= NE2000_MEMORY_BASE && addr < NE2000_MEMORY_BASE + NE2000_MEMORY_SIZE ? s->memory[addr - NE2000_MEMORY_BASE] : BUS_OPEN;
}

static void store(Ne2000 *s, uint16_t addr, uint8_t value)
{
    if (addr >= NE2000_MEMORY_BASE && addr < NE2000_MEMORY_BASE + NE2000_MEMORY_SIZE) {
        s->memory[addr - NE2000_MEMORY_BASE] = value;
    }
}

/* ---- remote DMA: bytes through the data port ---- */

static void step_dma(Ne2000 *s)
{
    s->rsar++;
    if (s->rsar == s->pstop * PAGE) {
        s->rsar = s->pstart * PAGE;
    }
    if (s->rbcr && --s->rbcr == 0) {
        raise_isr(s, ISR_RDC);
    }
}

static uint8_t read_data(Ne2000 *s)
{
    if ((s->cr & CR_RD) != CR_RD_READ) {
        return BUS_OPEN;
    }
    uint8_t value = load(s, s->rsar);
    step_dma(s);
    return value;
}

static void write_data(Ne2000 *s, uint8_t value)
{
    if ((s->cr & CR_RD) == CR_RD_WRITE && s->rbcr) {
        store(s, s->rsar, value);
        step_dma(s);
    }
}

/* ---- sending ---- */

static void transmit(Ne2000 *s)
{
    uint8_t frame[MAX_FRAME];
    unsigned start = s->tpsr * PAGE, length = s->tbcr;
    s->cr &= ~CR_TXP;
    s->tsr = TSR_PTX;
    if (length <= MAX_FRAME && !(s->tcr & TCR_LOOPBACK)) {
        for (unsigned n = 0; n < length; n++) {
            frame[n] = load(s, (uint16_t)(start + n));
        }
        net_send(s->nic, frame, length, NULL);
    }
    raise_isr(s, ISR_PTX);
}

/* ---- receiving ---- */

static bool ring_is_valid(const Ne2000 *s) { return s->pstart < s->pstop && s->curr >= s->pstart && s->curr < s->pstop; }

/* Pages that may be filled: up to the one before BNRY, which the driver has read last. */
static unsigned free_pages(const Ne2000 *s)
{
    unsigned size = s->pstop - s->pstart;
    if (s->bnry < s->pstart || s->bnry >= s->pstop || s->bnry == s->curr) {
        return size - 1;
    }
    return (s->bnry + size - s->curr) % size - 1;
}

static bool can_receive(NetClient *nc)
{
    const Ne2000 *s = nc->opaque;
    return (s->cr & CR_STP) || !ring_is_valid(s) || free_pages(s) >= (MAX_FRAME + HEADER + FCS + PAGE - 1) / PAGE;
}

static bool accepts(const Ne2000 *s, const uint8_t *address)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    if (s->rcr & RCR_PRO) {
        return true;
    }
    if (!memcmp(address, broadcast, 6)) {
        return s->rcr & RCR_AB;
    }
    if (address[0] & 1) {
        unsigned bit = net_crc32_be(address, 6) >> 26;
        return (s->rcr & RCR_AM) && (s->mar[bit / 8] >> (bit & 7) & 1);
    }
    return !memcmp(address, s->par, 6);
}

static void put(Ne2000 *s, uint16_t *addr, const uint8_t *data, size_t length)
{
    for (size_t n = 0; n < length; n++) {
        store(s, *addr, data[n]);
        if (++*addr == s->pstop * PAGE) {
            *addr = s->pstart * PAGE;
        }
    }
}

static ssize_t receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    Ne2000 *s = nc->opaque;
    uint8_t frame[MAX_FRAME] = { 0 };
    if ((s->cr & CR_STP) || (s->rcr & RCR_MON) || size > MAX_FRAME || size < ETH_HEADER_SIZE || !ring_is_valid(s)) {
        return size;
    }
    iov_to_buffer(iov, count, 0, frame, size);
    if (!accepts(s, frame)) {
        return size;
    }
    size_t length = MAX(size, MIN_FRAME) + FCS;
    unsigned pages = (unsigned)(HEADER + length + PAGE - 1) / PAGE;
    if (pages > free_pages(s)) {
        return can_receive(nc) ? (ssize_t)size : 0;    /* a ring that can never take it: lost */
    }
    unsigned next = s->curr + pages;
    next = next >= s->pstop ? next - (s->pstop - s->pstart) : next;
    s->rsr = RSR_PRX | (frame[0] & 1 ? RSR_PHY : 0);
    const uint8_t header[HEADER] = { s->rsr, (uint8_t)next, (uint8_t)length, (uint8_t)(length >> 8) };
    uint16_t addr = s->curr * PAGE;
    put(s, &addr, header, HEADER);
    put(s, &addr, frame, length - FCS);
    s->curr = (uint8_t)next;
    raise_isr(s, ISR_PRX);
    return size;
}

/* ---- registers ---- */

static uint8_t read_register(const Ne2000 *s, unsigned reg)
{
    unsigned page = s->cr >> CR_PAGE_SHIFT;
    if (reg == PORT_CR) {
        return s->cr;
    }
    if (page == 1) {
        return reg < P1_CURR ? s->par[reg - P1_PAR0] : reg == P1_CURR ? s->curr : s->mar[reg - P1_MAR0];
    }
    const uint8_t pages[2][16] = {
        { [R0_BNRY] = s->bnry, [R0_TSR] = s->tsr, [R0_ISR] = s->isr, [R0_CRDA0] = (uint8_t)s->rsar, [R0_CRDA1] = s->rsar >> 8, [R0_ID0] = 0x50,
          [R0_ID1] = 0x43, [R0_RSR] = s->rsr },
        { [W0_PSTART] = s->pstart, [W0_PSTOP] = s->pstop, [W0_TPSR] = s->tpsr, [W0_RCR] = s->rcr, [W0_TCR] = s->tcr, [W0_DCR] = s->dcr, [W0_IMR] = s->imr },
    };
    return page == 0 ? pages[0][reg] : page == 2 ? pages[1][reg] : 0;
}

static void write_command(Ne2000 *s, uint8_t value)
{
    s->cr = value;
    if (value & CR_STP) {
        raise_isr(s, ISR_RST);
        return;
    }
    s->isr &= ~ISR_RST;
    uint8_t remote = value & CR_RD;
    if ((remote == CR_RD_READ || remote == CR_RD_WRITE) && s->rbcr == 0) {
        raise_isr(s, ISR_RDC);
    }
    if (value & CR_TXP) {
        transmit(s);
    }
    net_flush_queue(s->nic);
}

static void write_page0(Ne2000 *s, unsigned reg, uint8_t value)
{
    uint8_t *const bytes[16] = {
        [W0_PSTART] = &s->pstart, [W0_PSTOP] = &s->pstop, [W0_BNRY] = &s->bnry, [W0_TPSR] = &s->tpsr, [W0_RCR] = &s->rcr, [W0_TCR] = &s->tcr,
        [W0_DCR] = &s->dcr, [W0_IMR] = &s->imr,
    };
    uint16_t *const words[16] = {
        [W0_TBCR0] = &s->tbcr, [W0_TBCR1] = &s->tbcr, [W0_RSAR0] = &s->rsar, [W0_RSAR1] = &s->rsar, [W0_RBCR0] = &s->rbcr, [W0_RBCR1] = &s->rbcr,
    };
    static const uint16_t high = 1 << W0_TBCR1 | 1 << W0_RSAR1 | 1 << W0_RBCR1;
    if (bytes[reg]) {
        *bytes[reg] = value;
    } else if (words[reg]) {
        *words[reg] = high >> reg & 1 ? (*words[reg] & 0xff) | value << 8 : (*words[reg] & 0xff00) | value;
    } else if (reg == W0_ISR) {
        s->isr &= ~(value & ~ISR_RST);
    }
    update_irq(s);
    if (reg == W0_BNRY) {
        net_flush_queue(s->nic);
    }
}

static void write_register(Ne2000 *s, unsigned reg, uint8_t value)
{
    unsigned page = s->cr >> CR_PAGE_SHIFT;
    if (reg == PORT_CR) {
        write_command(s, value);
    } else if (page == 0) {
        write_page0(s, reg, value);
    } else if (page == 1 && reg < P1_CURR) {
        s->par[reg - P1_PAR0] = value;
        net_nic_set_mac(s->nic, s->par);
    } else if (page == 1 && reg == P1_CURR) {
        s->curr = value;
    } else if (page == 1) {
        s->mar[reg - P1_MAR0] = value;
    }
}

static uint64_t port_read(void *opaque, uint64_t addr, unsigned size)
{
    Ne2000 *s = opaque;
    uint64_t value = 0;
    if (addr >= NE2000_PORTS) {
        return UINT64_MAX;
    }
    if (addr >= PORT_RESET) {
        ne2000_reset(s);
        return 0;
    }
    for (unsigned n = 0; n < size; n++) {
        uint8_t byte = addr >= PORT_DATA ? read_data(s) : read_register(s, (addr + n) & 15);
        value |= (uint64_t)byte << (8 * n);
    }
    return value;
}

static void port_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Ne2000 *s = opaque;
    for (unsigned n = 0; n < size && addr < PORT_RESET; n++) {
        if (addr >= PORT_DATA) {
            write_data(s, (uint8_t)(value >> (8 * n)));
        } else {
            write_register(s, (addr + n) & 15, (uint8_t)(value >> (8 * n)));
        }
    }
}

static const MemoryRegionOps port_ops = {
    .read = port_read, .write = port_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 4, true },
};

/* ---- life ---- */

static const NetClientType nic_type = { .name = "nic", .can_receive = can_receive, .receive = receive };

void ne2000_reset(Ne2000 *s)
{
    s->cr = CR_STP | CR_RD_ABORT;
    s->isr = ISR_RST;
    s->imr = s->tsr = s->rsr = 0;
    s->tcr = s->dcr = s->rcr = 0;
    memcpy(s->par, s->conf.mac, sizeof(s->par));
    update_irq(s);
}

/* The PROM is eight bits wide on a bus of sixteen: each byte is there twice. */
static void fill_prom(Ne2000 *s)
{
    for (unsigned n = 0; n < NE2000_PROM_SIZE / 2; n++) {
        s->prom[2 * n] = s->prom[2 * n + 1] = n < 6 ? s->conf.mac[n] : n >= 14 ? PROM_MARK : 0;
    }
}

void ne2000_init(Ne2000 *s, Device *owner, const char *name, uint64_t size)
{
    memory_region_init_io(&s->io, OBJECT(owner), &port_ops, s, name, size);
    s->nic = net_nic_new(&nic_type, &s->conf, owner->parent.type->name, owner->id, s);
    fill_prom(s);
}

void ne2000_destroy(Ne2000 *s)
{
    g_clear_pointer(&s->nic, net_client_free);
    memory_region_destroy(&s->io);
}

