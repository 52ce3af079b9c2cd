/*
 * The e1000 by its registers and rings, as a driver uses it, and as a hostile one does (Intel 8254x Software Developer's Manual).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "nic-fixture.h"
#include "../../hw/net/e1000/regs.h"

enum { DEVFN = PCI_DEVFN(4, 0), BAR = 0xe0000000, IO = 0xc000, TX_RING = 0x10000, RX_RING = 0x11000, BUFFERS = 0x20000, RING_LENGTH = 8 };
static Wire *wire;
static PciDevice *dev;

static uint32_t reg(uint32_t r) { return mmio32(BAR + r); }
static void reg_set(uint32_t r, uint32_t value) { mmio_set32(BAR + r, value); }
static bool irq(void) { return dev->irq_state & 1; }

static void setup(void)
{
    wire = wire_new("w");
    dev = nic_add("e1000", DEVFN, "w");
    config_write(DEVFN, PCI_BASE_ADDRESS_0, BAR, 4);
    config_write(DEVFN, PCI_BASE_ADDRESS_1, IO, 4);
    config_write(DEVFN, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_IO | PCI_COMMAND_MASTER, 2);
    reg_set(REG_TDBAL, TX_RING);
    reg_set(REG_TDLEN, RING_LENGTH * TXD_SIZE);
    reg_set(REG_TCTL, TCTL_EN);
    reg_set(REG_RDBAL, RX_RING);
    reg_set(REG_RDLEN, RING_LENGTH * RXD_SIZE);
    for (int i = 0; i < RING_LENGTH; i++) {
        mem_set64(RX_RING + i * RXD_SIZE, BUFFERS + 0x1000 * i);
        mem_set64(RX_RING + i * RXD_SIZE + 8, 0);
    }
    reg_set(REG_RDT, RING_LENGTH - 1);
    reg_set(REG_RCTL, RCTL_EN | RCTL_BAM | RCTL_SECRC);
}

static void teardown(void)
{
    device_unplug(DEVICE(dev));
    net_client_free(&wire->parent);
}

static void tx_descriptor(unsigned n, uint64_t addr, uint32_t command, uint32_t rest)
{
    mem_set64(TX_RING + n * TXD_SIZE, addr);
    mem_set32(TX_RING + n * TXD_SIZE + 8, command);
    mem_set32(TX_RING + n * TXD_SIZE + 12, rest);
}

static void test_identity(void)
{
    setup();
    g_assert_cmphex(config_read(DEVFN, 0, 4), ==, 0x100e8086);
    g_assert_cmphex(reg(REG_STATUS) & STATUS_LU, ==, STATUS_LU);
    g_assert_cmphex(reg(REG_RAL), ==, 0x12005452);
    g_assert_cmphex(reg(REG_RAL + 4) & 0x8000ffff, ==, 0x80005634);
    uint16_t sum = 0;
    for (uint32_t i = 0; i < EEPROM_WORDS; i++) {
        reg_set(REG_EERD, i << EERD_ADDRESS_SHIFT | EERD_START);
        g_assert_true(reg(REG_EERD) & EERD_DONE);
        sum += reg(REG_EERD) >> EERD_DATA_SHIFT;
    }
    g_assert_cmphex(sum, ==, EEPROM_CHECKSUM);
    reg_set(REG_MDIC, MDIC_READ | PHY_ADDRESS << MDIC_PHY_SHIFT | PHY_ID1 << MDIC_REGISTER_SHIFT);
    g_assert_cmphex(reg(REG_MDIC), ==, MDIC_READY | MDIC_READ | PHY_ADDRESS << MDIC_PHY_SHIFT | PHY_ID1 << MDIC_REGISTER_SHIFT | 0x0141);
    /* By ports it is the same register. */
    outl(IO, REG_STATUS);
    g_assert_cmphex(in(IO + 4, 4), ==, reg(REG_STATUS));
    teardown();
}

/* One clock of the Microwire port. */
static bool microwire(bool bit)
{
    uint32_t value = EECD_CS | (bit ? EECD_DI : 0);
    reg_set(REG_EECD, value);
    reg_set(REG_EECD, value | EECD_SK);
    bool out = reg(REG_EECD) & EECD_DO;
    reg_set(REG_EECD, value);
    return out;
}

static void test_microwire(void)
{
    setup();
    reg_set(REG_EECD, 0);
    unsigned command = 6 << 6 | 2, word = 0;
    for (int i = 8; i >= 0; i--) {
        microwire(command >> i & 1);
    }
    for (int i = 0; i < 16; i++) {
        word = word << 1 | microwire(false);
    }
    g_assert_cmphex(word, ==, 0x5634);
    teardown();
}

static void test_transmit(void)
{
    uint8_t frame[200];
    size_t size;
    setup();
    make_frame(frame, sizeof(frame));
    mem_put(BUFFERS, frame, sizeof(frame));
    tx_descriptor(0, BUFFERS, 100, 0);
    tx_descriptor(1, BUFFERS + 100, 100 | TXD_CMD_EOP | TXD_CMD_RS, 0);
    reg_set(REG_IMS, ICR_TXDW);
    reg_set(REG_TDT, 2);
    g_assert_cmpuint(wire->got->len, ==, 1);
    const uint8_t *p = wire_packet(wire, 0, &size);
    g_assert_cmpmem(p, size, frame, sizeof(frame));
    g_assert_cmpuint(mem32(TX_RING + 12) & TXD_STAT_DD, ==, 0);
    g_assert_cmpuint(mem32(TX_RING + 28) & TXD_STAT_DD, ==, 1);
    g_assert_cmpuint(reg(REG_TDH), ==, 2);
    g_assert_true(irq());
    g_assert_cmphex(reg(REG_ICR), ==, ICR_TXDW | ICR_TXQE);
    g_assert_false(irq());
    g_assert_cmpuint(reg(STAT_GPTC), ==, 1);
    g_assert_cmpuint(reg(STAT_GPTC), ==, 0);
    teardown();
}

/* A TCP segment of 2,500 bytes goes out as three, with lengths, sequence numbers and checksums of their own. */
static void test_segmentation(void)
{
    enum { HEADER = 54, PAYLOAD = 2500, MSS = 1000 };
    uint8_t packet[HEADER + PAYLOAD] = { 0x52, 0x54, 0, 1, 2, 3, 0x52, 0x54, 0, 0x12, 0x34, 0x56, 0x08, 0x00, 0x45, 0, 0, 0, 0, 7, 0x40, 0, 64, 6, 0, 0,
                                         10, 0, 2, 15, 10, 0, 2, 2 };
    size_t size;
    store_be16(packet + 34, 1234);
    store_be16(packet + 36, 80);
    store_be32(packet + 38, 1000000);
    packet[46] = 0x50;
    packet[47] = 0x19;      /* ACK, PSH, FIN */
    /* The driver leaves the pseudo header's sum without the length. */
    store_be16(packet + 50, ~net_checksum_finish(net_checksum_add(packet + 26, 8, false) + 6));
    for (int i = 0; i < PAYLOAD; i++) {
        packet[HEADER + i] = i * 7;
    }
    setup();
    mem_put(BUFFERS, packet, sizeof(packet));
    uint8_t context[TXD_SIZE] = { 14, 24, 33, 0, 34, 50, 0, 0 };
    store_le32(context + 8, PAYLOAD | TXD_CMD_DEXT | TXD_CMD_TSE | TXD_TUCMD_TCP | TXD_TUCMD_IP);
    context[13] = HEADER;
    store_le16(context + 14, MSS);
    mem_put(TX_RING, context, sizeof(context));
    tx_descriptor(1, BUFFERS, HEADER | TXD_DTYP_DATA | TXD_CMD_DEXT | TXD_CMD_TSE, (TXD_POPTS_IXSM | TXD_POPTS_TXSM) << 8);
    tx_descriptor(2, BUFFERS + HEADER, PAYLOAD | TXD_DTYP_DATA | TXD_CMD_DEXT | TXD_CMD_TSE | TXD_CMD_EOP | TXD_CMD_RS, 0);
    reg_set(REG_TDT, 3);
    g_assert_cmpuint(wire->got->len, ==, 3);
    for (unsigned n = 0; n < 3; n++) {
        size_t expected = n < 2 ? MSS : PAYLOAD - 2 * MSS;
        const uint8_t *p = wire_packet(wire, n, &size);
        g_assert_cmpuint(size, ==, HEADER + expected);
        g_assert_cmpuint(load_be16(p + 16), ==, 40 + expected);
        g_assert_cmpuint(load_be16(p + 18), ==, 7 + n);
        g_assert_cmpuint(load_be32(p + 38), ==, 1000000 + n * MSS);
        g_assert_cmphex(p[47], ==, n == 2 ? 0x19 : 0x10);
        g_assert_cmphex(net_checksum_finish(net_checksum_add(p + 14, 20, false)), ==, 0);
        g_assert_cmphex(net_checksum_finish(net_checksum_add(p + 26, 8, false) + 6 + 20 + expected + net_checksum_add(p + 34, 20 + expected, false)), ==, 0);
        g_assert_cmpmem(p + HEADER, expected, packet + HEADER + n * MSS, expected);
    }
    teardown();
}

static void test_receive(void)
{
    uint8_t frame[100], got[100];
    setup();
    make_frame(frame, sizeof(frame));
    reg_set(REG_IMS, ICR_RXT0);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_true(irq());
    g_assert_cmpuint(mem32(RX_RING + 8) & 0xffff, ==, 100);
    g_assert_cmphex(mem32(RX_RING + 12) & 0xff, ==, RXD_STAT_DD | RXD_STAT_EOP | RXD_STAT_IXSM);
    mem_get(BUFFERS, got, 100);
    g_assert_cmpmem(got, 100, frame, 100);
    g_assert_cmpuint(reg(REG_RDH), ==, 1);
    /* Not for us: dropped; promiscuous: taken. */
    frame[0] = 0x02;
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmpuint(reg(REG_RDH), ==, 1);
    reg_set(REG_RCTL, reg(REG_RCTL) | RCTL_UPE);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmpuint(reg(REG_RDH), ==, 2);
    /* The ring is full after seven: the others wait until the driver gives buffers. */
    for (int i = 0; i < 10; i++) {
        net_send(&wire->parent, frame, sizeof(frame), NULL);
    }
    g_assert_cmpuint(reg(REG_RDH), ==, 7);
    reg_set(REG_RDT, 6);
    g_assert_cmpuint(reg(REG_RDH), ==, 4);
    teardown();
}

static void test_vlan(void)
{
    uint8_t frame[100], got[100];
    size_t size;
    setup();
    make_frame(frame, sizeof(frame));
    reg_set(REG_CTRL, reg(REG_CTRL) | CTRL_VME);
    store_be16(frame + 12, 0x8100);
    store_be16(frame + 14, 0x2005);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmpuint(mem32(RX_RING + 8) & 0xffff, ==, 96);
    g_assert_cmphex(mem32(RX_RING + 12), ==, 0x20050000 | RXD_STAT_DD | RXD_STAT_EOP | RXD_STAT_IXSM | RXD_STAT_VP);
    mem_get(BUFFERS, got, 96);
    g_assert_cmpmem(got, 12, frame, 12);
    g_assert_cmpmem(got + 12, 84, frame + 16, 84);
    tx_descriptor(0, BUFFERS, 96 | TXD_CMD_EOP | TXD_CMD_VLE, 0x20050000);
    reg_set(REG_TDT, 1);
    const uint8_t *p = wire_packet(wire, 0, &size);
    g_assert_cmpmem(p, size, frame, 100);
    /* The filter table knows which identifiers pass. */
    reg_set(REG_RCTL, reg(REG_RCTL) | RCTL_VFE);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmpuint(reg(REG_RDH), ==, 1);
    reg_set(REG_VFTA, 1 << 5);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmpuint(reg(REG_RDH), ==, 2);
    teardown();
}

static void test_autonegotiation(void)
{
    setup();
    reg_set(REG_IMS, ICR_LSC);
    reg_set(REG_MDIC, MDIC_WRITE | PHY_ADDRESS << MDIC_PHY_SHIFT | PHY_CTRL << MDIC_REGISTER_SHIFT | PHY_CTRL_AUTONEG_EN | PHY_CTRL_RESTART_AUTONEG);
    g_assert_false(reg(REG_STATUS) & STATUS_LU);
    step_ns(600 * NS_PER_MS);
    g_assert_true(reg(REG_STATUS) & STATUS_LU);
    g_assert_true(irq());
    g_assert_cmphex(reg(REG_ICR), ==, ICR_LSC);
    net_set_link("w", false, NULL);
    g_assert_false(reg(REG_STATUS) & STATUS_LU);
    net_set_link("w", true, NULL);
    g_assert_true(reg(REG_STATUS) & STATUS_LU);
    teardown();
}

static void test_mitigation(void)
{
    setup();
    reg_set(REG_IMS, ICR_TXDW);
    reg_set(REG_ITR, 1000);         /* 256 us */
    reg_set(REG_ICS, ICR_TXDW);
    g_assert_true(irq());
    reg(REG_ICR);
    reg_set(REG_ICS, ICR_TXDW);
    g_assert_false(irq());
    step_ns(300 * NS_PER_US);
    g_assert_true(irq());
    teardown();
}

/* Rings and buffers nowhere, heads outside, endless packets, loop-back into oneself: no more than lost packets. */
static void test_hostile(void)
{
    uint8_t frame[64];
    setup();
    make_frame(frame, sizeof(frame));
    tx_descriptor(0, 0x7fffffffffff0000, 100 | TXD_CMD_EOP | TXD_CMD_RS, 0);
    reg_set(REG_TDT, 1);
    reg_set(REG_TDH, 0xffff);
    reg_set(REG_TDT, 5);
    reg_set(REG_TDH, 0);
    for (unsigned i = 0; i < RING_LENGTH; i++) {
        tx_descriptor(i, BUFFERS, 0xfffff | TXD_DTYP_DATA | TXD_CMD_DEXT, 0);
    }
    reg_set(REG_TDT, RING_LENGTH - 1);
    reg_set(REG_TDBAH, 0xffffffff);
    reg_set(REG_TDH, 0);
    reg_set(REG_TDT, 3);
    reg_set(REG_TDBAH, 0);
    reg_set(REG_TDLEN, 0);
    reg_set(REG_TDT, 3);
    /* Segments of no size, headers longer than the packet. */
    reg_set(REG_TDLEN, RING_LENGTH * TXD_SIZE);
    for (int mss = 0; mss < 2; mss++) {
        uint8_t context[TXD_SIZE] = { 255, 255, 255, 255, 255, 255, 255, 255 };
        store_le32(context + 8, TXD_CMD_DEXT | TXD_CMD_TSE);
        context[13] = 255;
        store_le16(context + 14, mss);
        mem_put(TX_RING, context, sizeof(context));
        tx_descriptor(1, BUFFERS, 300 | TXD_DTYP_DATA | TXD_CMD_DEXT | TXD_CMD_TSE | TXD_CMD_EOP, 0x300);
        reg_set(REG_TDH, 0);
        reg_set(REG_TDT, 2);
    }
    reg_set(REG_RDBAH, 0x12345678);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_true(reg(REG_ICR) & ICR_RXO);
    reg_set(REG_RDBAH, 0);
    reg_set(REG_RDH, 0xffff);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    reg_set(REG_RDLEN, 0);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    reg_set(REG_RDLEN, RING_LENGTH * RXD_SIZE);
    reg_set(REG_RDH, 0);
    /* The ring lies in the device's own registers. */
    reg_set(REG_TDBAL, BAR + REG_TDBAL);
    reg_set(REG_TDH, 0);
    reg_set(REG_TDT, 7);
    reg_set(REG_CTRL, CTRL_RST);
    g_assert_cmpuint(reg(REG_TDLEN), ==, 0);
    teardown();
}

static void test_loopback(void)
{
    uint8_t frame[64];
    setup();
    make_frame(frame, sizeof(frame));
    reg_set(REG_MDIC, MDIC_WRITE | PHY_ADDRESS << MDIC_PHY_SHIFT | PHY_CTRL << MDIC_REGISTER_SHIFT | PHY_CTRL_LOOPBACK);
    mem_put(BUFFERS + 0x8000, frame, 64);
    tx_descriptor(0, BUFFERS + 0x8000, 64 | TXD_CMD_EOP, 0);
    reg_set(REG_TDT, 1);
    g_assert_cmpuint(wire->got->len, ==, 0);
    g_assert_cmpuint(reg(REG_RDH), ==, 1);
    teardown();
}

/* The 82574: extended descriptors, vectors by IVAR, automatic masks. */
static void test_82574(void)
{
    enum { MSIX = 0xe0100000, TARGET = 0x600000 };
    uint8_t frame[100];
    wire = wire_new("w");
    dev = nic_add("e1000e", DEVFN, "w");
    g_assert_cmphex(config_read(DEVFN, 0, 4), ==, 0x10d38086);
    g_assert_cmphex(config_read(DEVFN, 0x34, 1), ==, 0xc8);
    g_assert_cmphex(config_read(DEVFN, 0xa0, 4), ==, 0x00040011);
    g_assert_cmphex(config_read(DEVFN, 0xe0, 4), ==, 0x0001a010);
    config_write(DEVFN, PCI_BASE_ADDRESS_0, BAR, 4);
    config_write(DEVFN, PCI_BASE_ADDRESS_3, MSIX, 4);
    config_write(DEVFN, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
    config_write(DEVFN, 0xa2, 0x8000, 2);
    for (int i = 0; i < 3; i++) {
        mmio_set32(MSIX + 16 * i, TARGET + 4 * i);
        mmio_set32(MSIX + 16 * i + 4, 0);
        mmio_set32(MSIX + 16 * i + 8, 0x50 + i);
        mmio_set32(MSIX + 16 * i + 12, 0);
        mem_set32(TARGET + 4 * i, 0);
    }
    uint16_t sum = 0;
    for (uint32_t i = 0; i < EEPROM_WORDS; i++) {
        reg_set(REG_EERD, i << 2 | EERD_START);
        g_assert_true(reg(REG_EERD) & EERD_DONE_82574);
        sum += reg(REG_EERD) >> EERD_DATA_SHIFT;
    }
    g_assert_cmphex(sum, ==, EEPROM_CHECKSUM);
    reg_set(REG_IVAR, 0x8 | 0x9 << 8 | 0xa << 16);
    reg_set(REG_EIAC, ICR_RXQ0 | ICR_TXQ0);
    reg_set(REG_IAM, 0xffffffff);
    reg_set(REG_CTRL_EXT, CTRL_EXT_EIAME);
    reg_set(REG_IMS, ICR_RXQ0 | ICR_TXQ0 | ICR_OTHER | ICR_LSC);
    reg_set(REG_RDBAL, RX_RING);
    reg_set(REG_RDLEN, RING_LENGTH * RXD_SIZE);
    for (int i = 0; i < RING_LENGTH; i++) {
        mem_set64(RX_RING + i * RXD_SIZE, BUFFERS + 0x1000 * i);
        mem_set64(RX_RING + i * RXD_SIZE + 8, 0);
    }
    reg_set(REG_RDT, RING_LENGTH - 1);
    reg_set(REG_RFCTL, RFCTL_EXSTEN);
    reg_set(REG_RCTL, RCTL_EN | RCTL_BAM | RCTL_SECRC);
    make_frame(frame, sizeof(frame));
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmphex(mem32(RX_RING + 8), ==, RXD_STAT_DD | RXD_STAT_EOP | RXD_STAT_IXSM);
    g_assert_cmphex(mem32(RX_RING + 12), ==, 100);
    g_assert_cmphex(mem32(TARGET), ==, 0x50);
    g_assert_cmphex(mem32(TARGET + 4), ==, 0);
    /* Its cause is masked now and was cleared. */
    g_assert_false(reg(REG_IMS) & ICR_RXQ0);
    mem_set32(TARGET, 0);
    net_send(&wire->parent, frame, sizeof(frame), NULL);
    g_assert_cmphex(mem32(TARGET), ==, 0);
    reg_set(REG_IMS, ICR_RXQ0);
    g_assert_cmphex(mem32(TARGET), ==, 0x50);
    net_set_link("w", false, NULL);
    g_assert_cmphex(mem32(TARGET + 8), ==, 0x52);
    g_assert_true(reg(REG_ICR) & ICR_LSC);
    teardown();
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/e1000/identity, EEPROM, PHY and ports", test_identity);
    g_test_add_func("/e1000/the EEPROM answers Microwire", test_microwire);
    g_test_add_func("/e1000/legacy descriptors go out", test_transmit);
    g_test_add_func("/e1000/TCP is segmented", test_segmentation);
    g_test_add_func("/e1000/frames come in, filtered, and wait for buffers", test_receive);
    g_test_add_func("/e1000/VLAN tags are stripped and inserted", test_vlan);
    g_test_add_func("/e1000/the link comes up by auto-negotiation", test_autonegotiation);
    g_test_add_func("/e1000/interrupts are throttled", test_mitigation);
    g_test_add_func("/e1000/loop-back", test_loopback);
    g_test_add_func("/e1000/hostile rings lose packets only", test_hostile);
    g_test_add_func("/e1000/the 82574 has extended descriptors and vectors", test_82574);
    return g_test_run();
}
