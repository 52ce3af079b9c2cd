/*
 * The NE2000 family: a National DP8390 network controller with 16 KiB of memory behind a data port (National DP8390D/NS32490D datasheet, sections 9 and 10; Novell's
 * NE2000 board for the address PROM, the data port and the reset port; Realtek RTL8029AS datasheet for the PCI card).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_NET_NE2000_H
#define HW_NET_NE2000_H

#include "hw/core/device.h"
#include "net/net.h"

enum { NE2000_PROM_SIZE = 32, NE2000_MEMORY_BASE = 0x4000, NE2000_MEMORY_SIZE = 0x4000, NE2000_PORTS = 0x20 };
/* Ports. Registers 0x01 to 0x0f by page (CR_PAGE); names of page 0 with their direction, then page 1. */
enum {
    PORT_CR = 0x00, PORT_DATA = 0x10, PORT_RESET = 0x18,
    R0_CLDA0 = 0x01, R0_CLDA1, R0_BNRY, R0_TSR, R0_NCR, R0_FIFO, R0_ISR, R0_CRDA0, R0_CRDA1, R0_ID0, R0_ID1, R0_RSR, R0_CNTR0, R0_CNTR1, R0_CNTR2,
    W0_PSTART = 0x01, W0_PSTOP, W0_BNRY, W0_TPSR, W0_TBCR0, W0_TBCR1, W0_ISR, W0_RSAR0, W0_RSAR1, W0_RBCR0, W0_RBCR1, W0_RCR, W0_TCR, W0_DCR, W0_IMR,
    P1_PAR0 = 0x01, P1_CURR = 0x07, P1_MAR0 = 0x08,
};
enum {
    CR_STP = 0x01, CR_STA = 0x02, CR_TXP = 0x04, CR_RD = 0x38, CR_RD_READ = 0x08, CR_RD_WRITE = 0x10, CR_RD_ABORT = 0x20, CR_PAGE_SHIFT = 6,
    ISR_PRX = 0x01, ISR_PTX = 0x02, ISR_RXE = 0x04, ISR_TXE = 0x08, ISR_OVW = 0x10, ISR_CNT = 0x20, ISR_RDC = 0x40, ISR_RST = 0x80,
    DCR_WTS = 0x01, TCR_LOOPBACK = 0x06, TSR_PTX = 0x01, RSR_PRX = 0x01, RSR_PHY = 0x20,
    RCR_AR = 0x02, RCR_AB = 0x04, RCR_AM = 0x08, RCR_PRO = 0x10, RCR_MON = 0x20,
};

typedef struct Ne2000 {
    NicConf conf;
    NetClient *nic;
    MemoryRegion io;
    Irq *irq;
    uint8_t cr, pstart, pstop, bnry, curr, tsr, tpsr, isr, imr, rcr, rsr, tcr, dcr;
    uint16_t tbcr, rsar, rbcr;
    uint8_t par[6], mar[8];
    uint8_t prom[NE2000_PROM_SIZE], memory[NE2000_MEMORY_SIZE];
} Ne2000;

/* Ports as region s->io (name: what info mtree shows, size at least NE2000_PORTS), the PROM by the address, the network client. conf and irq are set. */
void ne2000_init(Ne2000 *s, Device *owner, const char *name, uint64_t size);
void ne2000_destroy(Ne2000 *s);
void ne2000_reset(Ne2000 *s);
#define NE2000_STATE(S, f) \
    STATE_UINT8(S, f.cr), STATE_UINT8(S, f.pstart), STATE_UINT8(S, f.pstop), STATE_UINT8(S, f.bnry), STATE_UINT8(S, f.curr), STATE_UINT8(S, f.tsr), \
    STATE_UINT8(S, f.tpsr), STATE_UINT8(S, f.isr), STATE_UINT8(S, f.imr), STATE_UINT8(S, f.rcr), STATE_UINT8(S, f.rsr), STATE_UINT8(S, f.tcr), \
    STATE_UINT8(S, f.dcr), STATE_UINT16(S, f.tbcr), STATE_UINT16(S, f.rsar), STATE_UINT16(S, f.rbcr), STATE_BUFFER(S, f.par), STATE_BUFFER(S, f.mar), \
    STATE_BUFFER(S, f.memory)

#endif
