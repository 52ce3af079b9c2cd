/*
 * The Interrupt Translation Service between its files (IHI 0069, 5.2, 5.3, 12.18).
 *
 * Of tables the guest gives the memory, the layout of entries is ours (5.2.3): eight bytes each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GICV3_ITS_INTERNAL_H
#define HW_INTC_ARM_GICV3_ITS_INTERNAL_H

#include "hw/intc/arm_gicv3_its.h"
#include "internal.h"

/* GITS_BASER0 and 1. */
enum { ITS_DEVICES, ITS_COLLECTIONS, ITS_TABLES, ITS_BASERS = 8 };
enum { ITS_DEVICE_BITS = 16, ITS_COLLECTION_BITS = 16, ITS_EVENT_BITS = 16, ITS_ENTRY_SIZE = 8, ITS_COMMAND_SIZE = 32 };

typedef struct ArmGicv3Its {
    SysBusDevice parent;
    Object *gic_link;
    MemoryRegion whole, control, translation;
    uint32_t ctlr;
    bool running;                       /* commands: their tables may lie over our own registers */
    uint64_t cbaser, cwriter, creadr, baser[ITS_BASERS];
} ArmGicv3Its;

static inline ArmGicv3 *its_gic(const ArmGicv3Its *s) { return (ArmGicv3 *)s->gic_link; }
/* Entries that a table has room for. */
uint64_t its_table_entries(const ArmGicv3Its *s, unsigned table);
/* The commands from GITS_CREADR to GITS_CWRITER. */
void its_run_commands(ArmGicv3Its *s);
uint64_t its_queue_size(const ArmGicv3Its *s);
/* A message: the device's event becomes an LPI. */
void its_translate(ArmGicv3Its *s, uint32_t device, uint32_t event);

FIELD(ITS_BASER_SIZE, 0, 8);
FIELD(ITS_BASER_PAGE_SIZE, 8, 2);
#define ITS_VALID (UINT64_C(1) << 63)
#define ITS_INDIRECT (UINT64_C(1) << 62)
enum { ITS_STALLED = 1 };

#endif
