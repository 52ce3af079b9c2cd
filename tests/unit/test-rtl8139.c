/*
 * The RTL8139C+ by its registers: both modes, as a driver uses it and as a hostile one does.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nic-fixture.h"
#include "../../hw/net/rtl8139/rtl8139.h"

enum { DEVFN = PCI_DEVFN(4, 0), IO = 0xc000, RX_BUFFER = 0x40000, TX_RING = 0x10000, RX_RING = 0x11000, DATA = 0x20000 };
static Wire *wire;
static PciDevice *dev;

static bool irq(void) { return dev->irq_state & 1; }

static void setup(void)
{
    wire = wire_new("w");
    dev = nic_add("rtl8139", DEVFN, "w");
    config_write(DEVFN, PCI_BASE_ADDRESS_0, IO, 4);
    config_write(DEVFN, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER, 2);
    outl(IO + REG_RBSTART, RX_BUFFER);
    outb(IO + REG_CR, CR_TE | CR_RE);
    outl(IO + REG_RCR, RCR_APM | RCR_AB);
    outw(IO + REG_IMR, ISR_ROK | ISR_TOK | ISR_RXOVW);
}

static void teardown(void)
{
    device_unplug(DEVICE(dev));
    net_client_free(&wire->parent);
}

static void test_identity(void)
{
    setup();
    g_assert_cmphex(config_read(DEVFN, 0, 4), ==, 0x813910ec);
    g_assert_cmphex(in(IO + REG_IDR0, 4), ==, 0x12005452);
    g_assert_cmphex(in(IO + REG_TCR, 4), ==, TCR_VERSION_CPLUS);
    g_assert_cmphex(in(IO + REG_BMSR, 2) & BMSR_LINK, ==, BMSR_LINK);
    g_assert_cmphex(inb(IO + REG_CR), ==, CR_TE | CR_RE | CR_BUFE);
    /* The address is locked unless 9346CR says otherwise. */
    outb(IO + REG_IDR0, 0x02);
    g_assert_cmphex(inb(IO + REG_IDR0), ==, 0x52);
    outb(IO + REG_9346CR, EE_UNLOCK);
    outb(IO + REG_IDR0, 0x02);
    g_assert_cmphex(inb(IO + REG_IDR0), ==, 0x02);
    /* Word 7 of the EEPROM. */
    unsigned command = 6 << 6 | 7, word = 0;
    outb(IO + REG_9346CR, EE_PROGRAM | EE_CS);
    for (int i = 8; i >= -16; i--) {
        uint8_t bit = i >= 0 && command >> i & 1 ? EE_DI : 0;
        outb(IO + REG_9346CR, EE_PROGRAM | EE_CS | bit);
        outb(IO + REG_9346CR, EE_PROGRAM | EE_CS | bit | EE_SK);
        word = word << 1 | (inb(IO + REG_9346CR) & EE_DO);
    }
    g_assert_cmphex(word & 0xffff, ==, 0x5452);
    teardown();
}

static void test_slots(void)
{
    uint8_t frame[100];
    size_t size;
    setup();
    make_frame(frame, sizeof(frame));
    mem_put(DATA, frame, sizeof(frame));
    for (int i = 0; i < 5; i++) {
        outl(IO + REG_TSAD0 + 4 * (i % 4), DATA);
        outl(IO + REG_TSD0 + 4 * (i % 4), 60 + i);
        g_assert_cmphex(in(IO + REG_TSD0 + 4 * (i % 4), 4), ==, (TSD_TOK | TSD_OWN | (60 + i)));
    }
    g_assert_cmpuint(wire->got->len, ==, 5);
    const uint8_t *p = wire_packet(wire, 4, &size);
    g_assert_cmpmem(p, size, frame, 64);
    g_assert_true(irq());
    outw(IO + REG_ISR, 0xffff);
    g_assert_false(irq());
    teardown();
}

/* Many frames through the 8 KiB buffer, taken out as a driver does, around its end. */
static void test_buffer(void)
{
    uint8_t frame[1000], got[1008];
    uint32_t read = 0;
    setup();
    make_frame(frame, sizeof(frame));
    for (int i = 0; i < 40; i++) {
        frame[20] = i;
        net_send(&wire->parent, frame, sizeof(frame), NULL);
        g_assert_false(inb(IO + REG_CR) & CR_BUFE);
        for (unsigned b = 0; b < sizeof(got); b++) {
            mem_get(RX_BUFFER + (read + b) % 8192, got + b, 1);
        }
        g_assert_cmphex(load_le16(got), ==, RX_ROK | RX_BAR);
        g_assert_cmpuint(load_le16(got + 2), ==, 1004);
        g_assert_cmpmem(got + 4, 1000, frame, 1000);
        g_assert_cmphex(load_le32(got + 1004), ==, ~net_crc32_le(frame, 1000));
        read = (read + 1008) % 8192;
        outw(IO + REG_CAPR, read - 16);
        g_assert_true(inb(IO + REG_CR) & CR_BUFE);
    }
    outw(IO + REG_ISR, 0xffff);
    for (int i = 0; i < 10; i++) {
        net_send(&wire->parent, frame, sizeof(frame), NULL);
    }
    g_assert_true(in(IO + REG_ISR, 2) & ISR_RXOVW);
    g_assert_cmpuint(in(IO + REG_MPC, 4), ==, 2);
    teardown();
}

static void test_cplus(void)
{
    uint8_t frame[200], got[200];
    size_t size;
    setup();
    make_frame(frame, sizeof(frame));
    outw(IO + REG_CPCR, CPCR_TXON | CPCR_RXON | CPCR_RXVLAN);
    outl(IO + REG_RDSAR, RX_RING);
    outl(IO + REG_TNPDS, TX_RING);
    for (int i = 0; i < 2; i++) {
        mem_set32(RX_RING + 16 * i, CP_OWN | (i ? CP_EOR : 0) | 2048);
        mem_set64(RX_RING + 16 * i + 8, DATA + 0x1000 * i);
    }
    for (int i = 0; i < 3; i++) {
        net_send(&wire->parent, frame, sizeof(frame), NULL);
    }
    g_assert_cmphex(mem32(RX_RING), ==, CP_FS | CP_LS | CP_RX_BAR | 204);
    g_assert_cmphex(mem32(RX_RING + 16), ==, CP_EOR | CP_FS | CP_LS | CP_RX_BAR | 204);
    mem_get(DATA, got, 200);
    g_assert_cmpmem(got, 200, frame, 200);
    g_assert_true(in(IO + REG_ISR, 2) & ISR_RXOVW);
    mem_set32(TX_RING, CP_OWN | CP_FS | 100);
    mem_set32(TX_RING + 4, CP_TX_TAGC | 0x0520);
    mem_set64(TX_RING + 8, DATA);
    mem_set32(TX_RING + 16, CP_OWN | CP_LS | CP_EOR | 100);
    mem_set32(TX_RING + 20, CP_TX_TAGC | 0x0520);
    mem_set64(TX_RING + 24, DATA + 100);
    outb(IO + REG_TPPOLL, TPPOLL_NPQ);
    const uint8_t *p = wire_packet(wire, 0, &size);
    g_assert_cmpuint(size, ==, 204);
    g_assert_cmphex(load_be32(p + 12), ==, 0x81002005);
    g_assert_cmpmem(p + 16, 188, frame + 12, 188);
    g_assert_cmphex(mem32(TX_RING + 16), ==, CP_LS | CP_EOR | 100);
    outl(IO + REG_DTCCR + 4, 0);
    outl(IO + REG_DTCCR, 0x50000 | DTCCR_DUMP);
    g_assert_cmpuint(mem32(0x50000), ==, 1);
    g_assert_cmpuint(mem32(0x50008), ==, 3);
    teardown();
}

static void test_timer(void)
{
    setup();
    outw(IO + REG_IMR, ISR_TIMEOUT);
    outl(IO + REG_TCTR, 0);
    outl(IO + REG_TIMERINT, 1000);
    step_ns(29 * NS_PER_US);
    g_assert_false(irq());
    step_ns(2 * NS_PER_US);
    g_assert_true(irq());
    teardown();
}

static void test_hostile(void)
{
    uint8_t frame[1500];
    setup();
    make_frame(frame, sizeof(frame));
    outl(IO + REG_RBSTART, 0xffffff00);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    outw(IO + REG_CAPR, 0x7777);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    outl(IO + REG_TSAD0, 0xfffffff0);
    outl(IO + REG_TSD0, TSD_SIZE);
    outl(IO + REG_RCR, UINT32_MAX);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    outw(IO + REG_CPCR, 0xffff);
    outl(IO + REG_TNPDS, TX_RING);
    /* A ring that never ends, of pieces that never end, and large sends of nothing. */
    mem_set32(TX_RING, CP_OWN | CP_FS | CP_LS | CP_EOR | CP_TX_LARGE_SEND | 3);
    mem_set64(TX_RING + 8, DATA);
    outb(IO + REG_TPPOLL, TPPOLL_NPQ);
    for (int i = 0; i < 100; i++) {
        mem_set32(TX_RING + 16 * i, CP_OWN | (i ? 0 : CP_FS) | 0xffff);
        mem_set64(TX_RING + 16 * i + 8, UINT64_MAX - 100);
    }
    outl(IO + REG_TNPDS, TX_RING);
    outb(IO + REG_TPPOLL, 0xff);
    outl(IO + REG_RDSAR, 0xffffff00);
    outl(IO + REG_RDSAR + 4, UINT32_MAX);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    outb(IO + REG_CR, CR_RST);
    g_assert_cmphex(inb(IO + REG_CR), ==, CR_BUFE);
    for (int i = 0; i < 256; i++) {
        outb(IO + i, 0xa5);
        in(IO + i, 1);
    }
    teardown();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/rtl8139/identity, lock and EEPROM", test_identity);
    g_test_add_func("/rtl8139/the four slots send", test_slots);
    g_test_add_func("/rtl8139/the receive buffer goes round", test_buffer);
    g_test_add_func("/rtl8139/descriptor rings, VLAN and counters", test_cplus);
    g_test_add_func("/rtl8139/the timer interrupts", test_timer);
    g_test_add_func("/rtl8139/hostile rings lose packets only", test_hostile);
    return g_test_run();
}
