/*
 * The parts of the AHCI controller: ports (ahci-port.c), queued commands (ahci-ncq.c), the host's registers and the PCI device (ahci.c).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_IDE_AHCI_H
#define HW_IDE_AHCI_H

#include "hw/ide/internal.h"
#include "hw/pci/pci.h"
#include "util/main-loop.h"

enum { AHCI_PORTS = 6, AHCI_SLOTS = 32 };
/* Port interrupts (AHCI 1.3.1, 3.3.5). */
enum { PORT_IS_DHRS = 1u << 0, PORT_IS_PSS = 1u << 1, PORT_IS_SDBS = 1u << 3, PORT_IS_HBFS = 1u << 29, PORT_IS_TFES = 1u << 30 };
enum { PORT_CMD_ST = 1u << 0, PORT_CMD_SUD = 1u << 1, PORT_CMD_POD = 1u << 2, PORT_CMD_CLO = 1u << 3, PORT_CMD_FRE = 1u << 4, PORT_CMD_FR = 1u << 14,
       PORT_CMD_CR = 1u << 15 };

typedef struct AhciState AhciState;
typedef struct AhciPort AhciPort;

/* A walk over the physical region descriptors of a slot. */
typedef struct AhciData { uint64_t table; uint32_t entries, index; uint64_t addr, left; uint32_t moved; } AhciData;

typedef struct NcqSlot {
    AhciPort *port;
    struct NcqRequest *request;         /* NULL: none under way */
    bool used, is_read, retry;
    int slot;
    uint64_t sector; uint32_t sectors_left;
    AhciData data;
} NcqSlot;

struct AhciPort {
    AhciState *ahci;
    int number;
    IdeBus *bus;
    uint64_t clb, fb;
    uint32_t is, ie, cmd, tfd, sig, sstatus, scontrol, serror, sactive, ci;
    int busy_slot;                      /* of a command that is not queued; -1: none */
    bool failed;                        /* nothing more is fetched until ST goes down and up */
    bool soft_reset, signature_sent, pio_pending, pio_running;
    AhciData data;                      /* of busy_slot */
    uint8_t packet[16];
    Irq irq;
    NcqSlot ncq[AHCI_SLOTS];
};

struct AhciState {
    PciDevice parent;                   /* "ich9-ahci" */
    MemoryRegion mmio, idp;
    AhciPort ports[AHCI_PORTS];
    BottomHalf *fetch;                  /* commands that wait for their turn */
    uint32_t ghc, is, idp_index;
    RunStateHandler *run_state;
};

/* ---- ahci.c ---- */
void ahci_update_irq(AhciState *s);

/* ---- ahci-port.c ---- */
extern const IdeTransport ahci_transport;       /* opaque: the port */
void ahci_port_init(AhciState *s, int number);
void ahci_port_reset(AhciPort *p);
uint32_t ahci_port_read(AhciPort *p, unsigned reg);
void ahci_port_write(AhciPort *p, unsigned reg, uint32_t value);
void ahci_port_fetch(AhciPort *p);
void ahci_raise(AhciPort *p, uint32_t bits);
void ahci_data_init(AhciData *data, uint64_t command_table, uint32_t entries);
size_t ahci_data_copy(AhciPort *p, AhciData *data, void *buf, size_t len, bool to_guest);
void ahci_send_d2h(AhciPort *p, bool interrupt);
static inline IdeDrive *ahci_drive(AhciPort *p) { return &p->bus->drives[0]; }

/* ---- ahci-ncq.c ---- */
bool ahci_is_queued(uint8_t command);
/* fis: the command's. */
void ahci_ncq_start(AhciPort *p, int slot, const uint8_t *fis, uint64_t command_table, uint32_t entries);
void ahci_ncq_cancel(AhciPort *p);
void ahci_ncq_retry(AhciPort *p);

#endif
