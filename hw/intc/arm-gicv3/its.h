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

/* GITS_BASER0 and on; vPEs are a GICv4's. */
enum { ITS_DEVICES, ITS_COLLECTIONS, ITS_VPES, ITS_TABLES, ITS_BASERS = 8 };
enum { ITS_DEVICE_BITS = 16, ITS_COLLECTION_BITS = 16, ITS_VPE_BITS = 16, ITS_EVENT_BITS = 16, ITS_ENTRY_SIZE = 8, ITS_COMMAND_SIZE = 32 };

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
bool its_load_entry(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t *entry);
void its_store_entry(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t entry);
/* Where the entry of an event of a device is, and what it holds; false: the device, or the event, is not mapped. */
bool its_event_address(const ArmGicv3Its *s, uint32_t device, uint32_t event, uint64_t *addr);
bool its_load_event(const ArmGicv3Its *s, uint32_t device, uint32_t event, uint64_t *addr, uint64_t *entry);
GicCpu *its_redistributor(const ArmGicv3Its *s, uint64_t number);
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

/* 5.3.3: a command has its operands by word and field. */
typedef struct ItsCommand { uint64_t word[4]; } ItsCommand;
FIELD(COMMAND_NUMBER, 0, 8);
FIELD(COMMAND_DEVICE, 32, 32);          /* of word 0 */
FIELD(COMMAND_EVENT, 0, 32);            /* of word 1 */
FIELD(COMMAND_LPI, 32, 32);             /* of word 1 */
FIELD(COMMAND_VPE, 32, 16);             /* of word 1 */
FIELD(COMMAND_SIZE, 0, 5);              /* of word 1; of VMAPP: of word 3 */
FIELD(COMMAND_COLLECTION, 0, 16);       /* of word 2 */
FIELD(COMMAND_REDISTRIBUTOR, 16, 32);   /* of word 2, and 3 */
FIELD(COMMAND_VLPI, 0, 32);             /* of word 2 */
FIELD(COMMAND_DOORBELL, 32, 32);        /* of word 2 */
#define COMMAND_ITT UINT64_C(0x000fffffffffff00)    /* of word 2 */
#define COMMAND_VALID (UINT64_C(1) << 63)           /* of word 2 */
static inline uint32_t its_device_of(const ItsCommand *c) { return (uint32_t)FIELD_GET(c->word[0], COMMAND_DEVICE); }
static inline uint32_t its_event_of(const ItsCommand *c) { return (uint32_t)FIELD_GET(c->word[1], COMMAND_EVENT); }

/* Entries of tables. */
#define ENTRY_VALID UINT64_C(1)
FIELD(DEVICE_BITS, 1, 5);               /* of an event */
#define DEVICE_ITT COMMAND_ITT
FIELD(COLLECTION_TARGET, 1, 32);
/* An event: an LPI of a collection, or a virtual LPI of a vPE with the physical one that tells of it. */
FIELD(EVENT_LPI, 1, 32);
FIELD(EVENT_COLLECTION, 33, 16);
#define EVENT_VIRTUAL (UINT64_C(1) << 63)
FIELD(EVENT_VLPI, 1, 16);
FIELD(EVENT_DOORBELL, 17, 16);
FIELD(EVENT_VPE, 33, 16);

/* What a message becomes. */
typedef struct ItsTranslation {
    uint64_t addr, entry;               /* of the event */
    uint32_t lpi;
    bool is_virtual;
    GicCpu *target;                     /* of a physical one */
    GicVpe vpe; uint32_t doorbell;      /* of a virtual one */
} ItsTranslation;
bool its_look_up(const ArmGicv3Its *s, uint32_t device, uint32_t event, ItsTranslation *t);

/* ---- GICv4.0 ---- */
bool its_load_vpe(const ArmGicv3Its *s, uint64_t n, GicVpe *vpe);
/* A command of GICv4; false: it is none, or to be ignored. */
bool its_run_virtual(ArmGicv3Its *s, const ItsCommand *c);

#endif
