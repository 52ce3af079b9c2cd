/*
 * The bus master of a PCI IDE channel.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_IDE_BMDMA_H
#define HW_IDE_BMDMA_H

#include "hw/ide/internal.h"
#include "hw/pci/pci.h"

typedef struct BusMaster {
    MemoryRegion io, address_io;
    PciDevice *pci;
    IdeDrive *waiting;                  /* has data to move */
    Irq *line;                          /* where the drive's interrupt goes on to */
    Irq irq;                            /* where it comes in */
    uint8_t command, status;
    uint32_t address, next;             /* of the table; of the next entry */
    uint32_t piece_addr, piece_left;
    bool last;
    unsigned entries;
} BusMaster;

extern const IdeTransport bmdma_transport;      /* opaque: the BusMaster */
/* Its eight registers at offset of container. */
void bmdma_init(BusMaster *bm, PciDevice *pci, MemoryRegion *container, unsigned offset, const char *name);
void bmdma_reset(BusMaster *bm);

#endif
