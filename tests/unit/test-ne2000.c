/*
 * The NE2000 on PCI by its registers, as a driver uses it and as a hostile one does (DP8390D datasheet; Linux, drivers/net/ethernet/8390).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nic-fixture.h"
#include "../../hw/net/ne2000/ne2000.h"

enum { DEVFN = PCI_DEVFN(4, 0), IO = 0xc000, TX_PAGE = 0x40, RX_START = 0x46, RX_STOP = 0x80 };
static Wire *wire;
static PciDevice *dev;

static bool irq(void) { return dev->irq_state & 1; }

static void remote(uint8_t direction, uint16_t addr, uint16_t length)
{
    outb(IO + W0_RBCR0, length & 0xff);
    outb(IO + W0_RBCR1, length >> 8);
    outb(IO + W0_RSAR0, addr & 0xff);
    outb(IO + W0_RSAR1, addr >> 8);
    outb(IO + PORT_CR, direction | CR_STA);
}

static void read_memory(uint16_t addr, void *buf, uint16_t length)
{
    uint8_t *p = buf;
    remote(CR_RD_READ, addr, length);
    for (unsigned n = 0; n < length; n += 2) {
        unsigned value = in(IO + PORT_DATA, 2);
        p[n] = value & 0xff;
        p[n + 1] = value >> 8 & 0xff;
    }
}

static void write_memory(uint16_t addr, const uint8_t *data, uint16_t length)
{
    remote(CR_RD_WRITE, addr, length);
    for (unsigned n = 0; n < length; n += 2) {
        outw(IO + PORT_DATA, data[n] | data[n + 1] << 8);
    }
}

static void set_current(uint8_t page)
{
    outb(IO + PORT_CR, 1 << CR_PAGE_SHIFT | CR_RD_ABORT | CR_STP);
    outb(IO + P1_CURR, page);
    outb(IO + PORT_CR, CR_RD_ABORT | CR_STP);
}

static uint8_t current(void)
{
    outb(IO + PORT_CR, 1 << CR_PAGE_SHIFT | CR_RD_ABORT | CR_STA);
    uint8_t page = inb(IO + P1_CURR);
    outb(IO + PORT_CR, CR_RD_ABORT | CR_STA);
    return page;
}

static void setup(void)
{
    wire = wire_new("w");
    dev = nic_add("ne2k_pci", DEVFN, "w");
    config_write(DEVFN, PCI_BASE_ADDRESS_0, IO, 4);
    config_write(DEVFN, PCI_COMMAND, PCI_COMMAND_IO, 2);
    outb(IO + PORT_CR, CR_RD_ABORT | CR_STP);
    outb(IO + W0_DCR, 0x48 | DCR_WTS);
    outb(IO + W0_PSTART, RX_START);
    outb(IO + W0_PSTOP, RX_STOP);
    outb(IO + W0_BNRY, RX_STOP - 1);
    outb(IO + W0_RCR, RCR_AB);
    outb(IO + W0_TCR, 0);
    outb(IO + W0_ISR, 0xff);
    outb(IO + W0_IMR, ISR_PRX | ISR_PTX | ISR_RDC);
    set_current(RX_START);
    outb(IO + PORT_CR, CR_RD_ABORT | CR_STA);
}

static void teardown(void)
{
    device_unplug(DEVICE(dev));
    net_client_free(&wire->parent);
}

static void test_identity(void)
{
    uint8_t prom[32];
    setup();
    g_assert_cmphex(config_read(DEVFN, 0, 4), ==, 0x802910ec);
    read_memory(0, prom, sizeof(prom));
    g_assert_cmphex(prom[0], ==, 0x52);
    g_assert_cmphex(prom[1], ==, 0x52);
    g_assert_cmphex(prom[2], ==, 0x54);
    g_assert_cmphex(prom[28], ==, 0x57);
    g_assert_cmphex(prom[30], ==, 0x57);
    g_assert_cmphex(inb(IO + R0_ISR) & ISR_RDC, ==, ISR_RDC);
    g_assert_true(irq());
    outb(IO + W0_ISR, ISR_RDC);
    g_assert_false(irq());
    inb(IO + PORT_RESET + 7);
    g_assert_cmphex(inb(IO + R0_ISR), ==, ISR_RST);
    teardown();
}

static void test_transmit(void)
{
    uint8_t frame[64];
    size_t size;
    setup();
    make_frame(frame, sizeof(frame));
    write_memory(TX_PAGE * 256, frame, sizeof(frame));
    outb(IO + W0_ISR, 0xff);
    outb(IO + W0_TPSR, TX_PAGE);
    outb(IO + W0_TBCR0, sizeof(frame));
    outb(IO + W0_TBCR1, 0);
    outb(IO + PORT_CR, CR_RD_ABORT | CR_TXP | CR_STA);
    g_assert_cmpuint(wire->got->len, ==, 1);
    const uint8_t *p = wire_packet(wire, 0, &size);
    g_assert_cmpmem(p, size, frame, sizeof(frame));
    g_assert_cmphex(inb(IO + R0_ISR), ==, ISR_PTX);
    g_assert_cmphex(inb(IO + R0_TSR), ==, TSR_PTX);
    g_assert_cmphex(inb(IO + PORT_CR) & CR_TXP, ==, 0);
    g_assert_true(irq());
    teardown();
}

static void test_receive(void)
{
    uint8_t frame[100], got[104];
    setup();
    make_frame(frame, sizeof(frame));
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_true(irq());
    g_assert_cmphex(inb(IO + R0_RSR), ==, RSR_PRX | RSR_PHY);
    g_assert_cmphex(current(), ==, RX_START + 1);
    read_memory(RX_START * 256, got, sizeof(got));
    g_assert_cmphex(got[0], ==, RSR_PRX | RSR_PHY);
    g_assert_cmphex(got[1], ==, RX_START + 1);
    g_assert_cmpuint(got[2] | got[3] << 8, ==, sizeof(frame) + 4);
    g_assert_cmpmem(got + 4, sizeof(frame), frame, sizeof(frame));
    /* Another's address. */
    frame[0] = 0x02;
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmphex(current(), ==, RX_START + 1);
    teardown();
}

/* The ring wraps, fills up to BNRY, holds what comes then, and goes on when the driver moves BNRY. */
static void test_ring(void)
{
    uint8_t frame[1514], got[8];
    unsigned sent = 0, size = RX_STOP - RX_START;
    setup();
    make_frame(frame, sizeof(frame));
    for (; sent < 20; sent++) {
        net_send(&wire->parent, frame, sizeof(frame), NULL);
    }
    unsigned used = (current() - RX_START) % size;
    g_assert_cmpuint(used, ==, (size - 1) / 6 * 6);
    outb(IO + W0_BNRY, RX_START + 11);      /* two frames are read: room for two */
    g_assert_cmpuint((current() + size - RX_START) % size, ==, ((size - 1) / 6 * 6 + 12) % size);
    g_assert_cmphex(current(), <, RX_START + 12);
    read_memory((RX_START + (size - 1) / 6 * 6) * 256, got, sizeof(got));
    g_assert_cmphex(got[0], ==, RSR_PRX | RSR_PHY);
    teardown();
}

/* Nonsense in every register moves nothing outside the card's memory. */
static void test_hostile(void)
{
    uint8_t frame[1514];
    setup();
    make_frame(frame, sizeof(frame));
    static const uint8_t rings[][3] = { { 0, 0, 0 }, { 0xff, 0, 0xff }, { 0, 0xff, 0xfe }, { 0x7f, 0x80, 0x7f }, { 0, 1, 0 }, { 0xfe, 0xff, 0xfe }, { 0x40, 0x80, 0x20 } };
    for (unsigned n = 0; n < G_N_ELEMENTS(rings); n++) {
        set_current(rings[n][2]);
        outb(IO + W0_PSTART, rings[n][0]);
        outb(IO + W0_PSTOP, rings[n][1]);
        outb(IO + W0_BNRY, rings[n][2]);
        outb(IO + PORT_CR, CR_RD_ABORT | CR_STA);
        for (int i = 0; i < 4; i++) {
            net_send(&wire->parent, frame, sizeof(frame), NULL);
        }
        remote(CR_RD_READ, 0xfffe, 0xffff);
        for (int i = 0; i < 8; i++) {
            in(IO + PORT_DATA, 4);
        }
        remote(CR_RD_WRITE, 0xfffe, 0xffff);
        for (int i = 0; i < 8; i++) {
            outl(IO + PORT_DATA, 0xdeadbeef);
        }
        outb(IO + W0_TPSR, 0xff);
        outb(IO + W0_TBCR0, 0xff);
        outb(IO + W0_TBCR1, n & 1 ? 0xff : 0x05);
        outb(IO + PORT_CR, CR_RD_ABORT | CR_TXP | CR_STA);
    }
    teardown();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/ne2000/identity", test_identity);
    g_test_add_func("/ne2000/transmit", test_transmit);
    g_test_add_func("/ne2000/receive", test_receive);
    g_test_add_func("/ne2000/ring", test_ring);
    g_test_add_func("/ne2000/hostile", test_hostile);
    return g_test_run();
}
