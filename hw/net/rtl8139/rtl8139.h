/*
 * Registers and state of the RTL8139C+ (Realtek, "RTL8139C(L)+ datasheet", 1.6, sections 6 to 9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_NET_RTL8139_H
#define HW_NET_RTL8139_H

#include "hw/pci/pci.h"
#include "net/net.h"
#include "util/timer.h"

enum {
    REG_IDR0 = 0x00, REG_MAR0 = 0x08, REG_TSD0 = 0x10, REG_DTCCR = 0x10, REG_TSAD0 = 0x20, REG_TNPDS = 0x20, REG_THPDS = 0x28, REG_RBSTART = 0x30,
    REG_ERBCR = 0x34, REG_ERSR = 0x36, REG_CR = 0x37, REG_CAPR = 0x38, REG_CBR = 0x3a, REG_IMR = 0x3c, REG_ISR = 0x3e, REG_TCR = 0x40, REG_RCR = 0x44,
    REG_TCTR = 0x48, REG_MPC = 0x4c, REG_9346CR = 0x50, REG_CONFIG0 = 0x51, REG_CONFIG1 = 0x52, REG_TIMERINT = 0x54, REG_MSR = 0x58, REG_CONFIG3 = 0x59,
    REG_CONFIG4 = 0x5a, REG_HLTCLK = 0x5b, REG_MULINT = 0x5c, REG_RERID = 0x5e, REG_TSAD = 0x60, REG_BMCR = 0x62, REG_BMSR = 0x64, REG_ANAR = 0x66,
    REG_ANLPAR = 0x68, REG_ANER = 0x6a, REG_CSCR = 0x74, REG_CONFIG5 = 0xd8, REG_TPPOLL = 0xd9, REG_CPCR = 0xe0, REG_INTRMIT = 0xe2, REG_RDSAR = 0xe4,
    REG_ETTHR = 0xec,
};
enum {
    CR_BUFE = 0x01, CR_TE = 0x04, CR_RE = 0x08, CR_RST = 0x10,
    ISR_ROK = 0x0001, ISR_RER = 0x0002, ISR_TOK = 0x0004, ISR_TER = 0x0008, ISR_RXOVW = 0x0010, ISR_LINKCHG = 0x0020, ISR_FOVW = 0x0040, ISR_TDU = 0x0080,
    ISR_SWINT = 0x0100, ISR_TIMEOUT = 0x4000, ISR_SERR = 0x8000,
    TSD_SIZE = 0x1fff, TSD_OWN = 1 << 13, TSD_TUN = 1 << 14, TSD_TOK = 1 << 15, TSD_TABT = 1 << 30,
    TCR_CLRABT = 1, TCR_LOOPBACK = 3 << 17, TCR_WRITABLE = 0x03071ff1, TCR_VERSION_CPLUS = 0x74800000,
    RCR_AAP = 0x01, RCR_APM = 0x02, RCR_AM = 0x04, RCR_AB = 0x08, RCR_AR = 0x10, RCR_AER = 0x20, RCR_WRAP = 0x80, RCR_RBLEN_SHIFT = 11,
    RX_ROK = 0x0001, RX_BAR = 0x2000, RX_PAM = 0x4000, RX_MAR = 0x8000,
    EE_DO = 1, EE_DI = 2, EE_SK = 4, EE_CS = 8, EE_MODE = 0xc0, EE_PROGRAM = 0x80, EE_UNLOCK = 0xc0,
    MSR_LINKB = 0x04, MSR_DEFAULT = 0xd0, BMCR_AUTONEG = 0x1000, BMCR_RESTART = 0x0200, BMCR_RESET = 0x8000, BMSR_LINK = 0x0004, BMSR_AUTONEG_DONE = 0x0020,
    TPPOLL_HPQ = 0x80, TPPOLL_NPQ = 0x40, TPPOLL_FSWINT = 0x01,
    CPCR_TXON = 0x01, CPCR_RXON = 0x02, CPCR_RXCHKSUM = 0x20, CPCR_RXVLAN = 0x40, DTCCR_DUMP = 0x08, DTCCR_CLEAR = 0x01,
};
/* C+ descriptors: 16 bytes (9.2, 9.3). */
enum {
    CP_EOR = 1 << 30, CP_FS = 1 << 29, CP_LS = 1 << 28, CP_SIZE = 0x1fff, CP_TX_LARGE_SEND = 1 << 27, CP_TX_MSS_SHIFT = 16, CP_TX_MSS = 0x7ff, CP_TX_IPCS = 1 << 18,
    CP_TX_UDPCS = 1 << 17, CP_TX_TCPCS = 1 << 16, CP_TX_TAGC = 1 << 17, CP_RX_MAR = 1 << 26, CP_RX_PAM = 1 << 25, CP_RX_BAR = 1 << 24, CP_RX_TAVA = 1 << 16,
    CP_DESCRIPTOR = 16,
};
#define CP_OWN (1u << 31)
enum { REGISTER_SPACE = 256, EEPROM_WORDS = 64, TX_SLOTS = 4, CP_TX_BUFFER = 64 * 1024 + 256, MIN_FRAME = 60, FCS_SIZE = 4, MAX_RX_FRAME = 8192 };

typedef struct TallyCounters {
    uint64_t tx_ok, rx_ok, tx_error, rx_ok_physical, rx_ok_broadcast;
    uint32_t rx_error, tx_one_collision, tx_collisions, rx_ok_multicast;
    uint16_t missed, alignment, tx_abort, tx_underrun;
} TallyCounters;

typedef struct Rtl8139 {
    PciDevice parent;
    NicConf conf;
    NetClient *nic;
    MemoryRegion io, mmio;
    uint8_t idr[8], mar[8], cr, config[6], ee_mode, msr, ersr, tppoll;
    uint32_t tsd[TX_SLOTS], tsad[TX_SLOTS], rbstart, tcr, rcr, mpc, timer_interrupt, dtccr[2];
    uint32_t capr, cbr;                     /* offsets in the receive buffer; capr without the chip's bias of 16 */
    uint16_t imr, isr, mulint, bmcr, bmsr, anar, anlpar, aner, cscr, cpcr, intr_mitigate;
    uint32_t rdsar[2], tnpds[2], thpds[2];
    uint32_t cp_rx, cp_tx[2];               /* descriptor numbers; 0: normal, 1: high priority queue */
    uint32_t next_slot;                     /* of the C mode's four */
    uint32_t cp_tx_length; bool cp_tx_active, transmitting;
    uint8_t cp_tx_buffer[CP_TX_BUFFER];
    uint16_t eeprom[EEPROM_WORDS];
    struct { uint16_t command, address; uint8_t bits_in, bits_out; bool reading, clock; } ee;
    int64_t timer_base_ns;
    Timer timer;
    TallyCounters tally;
} Rtl8139;

void rtl8139_raise(Rtl8139 *s, uint16_t causes);
/* rings.c */
void rtl8139_transmit_slots(Rtl8139 *s);
void rtl8139_transmit_cplus(Rtl8139 *s, int queue);
bool rtl8139_can_receive(Rtl8139 *s);
ssize_t rtl8139_receive(Rtl8139 *s, const struct iovec *iov, int count, size_t size);
bool rtl8139_buffer_empty(const Rtl8139 *s);
uint32_t rtl8139_buffer_size(const Rtl8139 *s);
void rtl8139_dump_tally(Rtl8139 *s);

#endif
