/*
 * What the files of the SMMUv3 share. Section numbers are those of IHI 0070 (SMMUv3.0 to 3.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ARM_SMMUV3_SMMUV3_H
#define HW_ARM_SMMUV3_SMMUV3_H

#include "hw/arm/smmuv3.h"
#include "util/bits.h"

/* ---- registers (6.2), by their offset; 64-bit ones are two words ---- */
enum {
    IDR0 = 0x00, IDR1 = 0x04, IDR2 = 0x08, IDR3 = 0x0c, IDR4 = 0x10, IDR5 = 0x14, IIDR = 0x18, AIDR = 0x1c, CR0 = 0x20, CR0ACK = 0x24, CR1 = 0x28, CR2 = 0x2c, GBPR = 0x44,
    IRQ_CTRL = 0x50, IRQ_CTRLACK = 0x54, GERROR = 0x60, GERRORN = 0x64, STRTAB_BASE = 0x80, STRTAB_BASE_CFG = 0x88, CMDQ_BASE = 0x90, CMDQ_PROD = 0x98, CMDQ_CONS = 0x9c,
    EVENTQ_BASE = 0xa0, EVENTQ_PROD = 0xa8, EVENTQ_CONS = 0xac, REGISTERS_END = 0xb0, PAGE1 = 0x10000, ID_REGISTERS = 0xfd0, ID_REGISTERS_END = 0x1000,
};
enum { IDR0_S2P = 1 << 0, IDR0_S1P = 1 << 1 };
enum { CR0_SMMUEN = 1 << 0, CR0_EVENTQEN = 1 << 2, CR0_CMDQEN = 1 << 3, CR2_RECINVSID = 1 << 1, GBPR_ABORT = 1 << 20 };
#define GBPR_UPDATE (1u << 31)
enum { IRQ_CTRL_GERROR = 1 << 0, IRQ_CTRL_EVENTQ = 1 << 2 };
enum { GERROR_CMDQ = 1 << 0, GERROR_EVENTQ_ABT = 1 << 2 };
enum { SMMU_SID_BITS = 16, SMMU_OUTPUT_BITS = 44, SMMU_QUEUE_BITS = 19, SMMU_VA_BITS = 48 };
#define SMMU_ADDRESS_MASK UINT64_C(0x000fffffffffffff)      /* of a base register or a descriptor's address */

/* ---- events (7.3) ---- */
enum {
    C_BAD_STREAMID = 0x02, F_STE_FETCH = 0x03, C_BAD_STE = 0x04, F_CD_FETCH = 0x09, C_BAD_CD = 0x0a, F_WALK_EABT = 0x0b, F_TRANSLATION = 0x10, F_ADDR_SIZE = 0x11,
    F_ACCESS = 0x12, F_PERMISSION = 0x13,
};
enum { CLASS_CD = 0, CLASS_TT = 1, CLASS_IN = 2 };

/* What went wrong; event 0: nothing. */
typedef struct SmmuFault {
    uint8_t event, class;
    bool stage2;
    uint64_t ipa;                       /* of stage 2 */
    uint64_t fetch;                     /* the structure that could not be read */
} SmmuFault;

/* ---- configuration of a stream ---- */

/* One translation table. */
typedef struct SmmuTable {
    uint64_t base;
    uint8_t granule_bits, input_bits, start_level, output_bits;
    bool enabled, top_byte_ignored, flat_attributes, ignore_access_flag;
    bool stage2, protect_walks;         /* stage 2: tables of stage 1 may not lie in device memory */
} SmmuTable;

typedef enum SmmuAction { SMMU_ABORT, SMMU_BYPASS, SMMU_TRANSLATE } SmmuAction;

typedef struct SmmuConfig {
    bool cached;
    uint16_t sid, asid, vmid;
    SmmuAction action;
    bool stage1, stage2, privileged, privileged_never;      /* the last: privileged accesses may not touch what is the user's */
    bool record1, record2;              /* faults of which stages are recorded */
    SmmuTable lower, upper, second;     /* TTB0, TTB1; stage 2 */
} SmmuConfig;

/* ---- results ---- */

/* Where a range of addresses goes: the block or page around the address that was asked for. mask: its size - 1. */
typedef struct SmmuLeaf { uint64_t address, mask; bool readable, writable, global, device; } SmmuLeaf;

typedef struct SmmuTlbEntry {
    uint64_t page, output, mask;        /* page: 4 KiB; mask: of the block that it is from */
    uint16_t asid, vmid;
    bool valid, readable, writable, privileged, stage1, stage2, global;
} SmmuTlbEntry;

enum { SMMU_TLB_ENTRIES = 2048, SMMU_CONFIGS = 64 };

typedef struct SmmuV3 {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq *irqs[SMMUV3_IRQS];
    char *stage;
    AddressSpace *memory;
    PciBus *root;
    GPtrArray *functions;               /* of SmmuFunction: those that asked */

    GMutex lock;                        /* all that follows; taken with or without the machine lock, which is not taken under it */
    uint32_t reg[REGISTERS_END / 4];
    uint32_t pending_irqs;              /* a bit a line: to be pulsed once the lock is free; atomic */
    SmmuConfig configs[SMMU_CONFIGS];   /* by a hash of the StreamID */
    SmmuTlbEntry tlb[SMMU_TLB_ENTRIES];
    unsigned irregular;                 /* how many entries, at most, of blocks and global pages the TLB has: with any, a search looks at all entries */
} SmmuV3;

static inline uint32_t smmu_reg(const SmmuV3 *s, unsigned offset) { return s->reg[offset / 4]; }
static inline uint64_t smmu_reg64(const SmmuV3 *s, unsigned offset) { return s->reg[offset / 4] | (uint64_t)s->reg[offset / 4 + 1] << 32; }

/* ---- memory: structures that lie in one page of RAM. false: there is none ---- */
bool smmu_read(SmmuV3 *s, uint64_t addr, void *buf, unsigned len);
bool smmu_write(SmmuV3 *s, uint64_t addr, const void *buf, unsigned len);
bool smmu_read_words(SmmuV3 *s, uint64_t addr, uint64_t *words, unsigned count);

/* ---- queues.c ---- */
void smmu_run_commands(SmmuV3 *s);
/* record: 4 words. */
void smmu_record_event(SmmuV3 *s, const uint64_t record[4]);
void smmu_raise_gerror(SmmuV3 *s, uint32_t error);
void smmu_want_irq(SmmuV3 *s, unsigned line);
/* Pulses what is wanted: without the lock, with or without the machine lock. */
void smmu_deliver_irqs(SmmuV3 *s);

/* ---- commands.c ---- */
enum { CERROR_NONE = 0, CERROR_ILL = 1, CERROR_ABT = 2 };
/* Returns a CERROR. */
unsigned smmu_command(SmmuV3 *s, const uint64_t command[2]);

/* ---- config.c ---- */
/* The configuration of a stream; NULL with a fault (whose event may be 0: an abort that nobody hears of). */
const SmmuConfig *smmu_config(SmmuV3 *s, uint16_t sid, SmmuFault *fault);
/* Streams first to last. */
void smmu_forget_configs(SmmuV3 *s, uint32_t first, uint32_t last);

/* ---- walk.c ---- */
/* Follows a table for an access. Without a fault, leaf is filled in and allows the access. */
bool smmu_walk(SmmuV3 *s, const SmmuConfig *config, const SmmuTable *table, uint64_t address, bool is_write, SmmuLeaf *leaf, SmmuFault *fault);
/* Stage 2 of an address that stage 1, or the SMMU itself for a structure of that class, has come to. */
bool smmu_walk_stage2(SmmuV3 *s, const SmmuConfig *config, uint64_t ipa, bool is_write, uint8_t class, SmmuLeaf *leaf, SmmuFault *fault);

/* ---- tlb.c ---- */
const SmmuTlbEntry *smmu_tlb_find(const SmmuV3 *s, const SmmuConfig *config, uint64_t address);
const SmmuTlbEntry *smmu_tlb_add(SmmuV3 *s, const SmmuConfig *config, uint64_t address, const SmmuLeaf *leaf);
/* Which entries go. */
typedef struct SmmuTlbRange {
    bool by_vmid, by_asid, by_address, stage1, stage2;      /* stage1, stage2: entries that have at least this one of the stages */
    uint16_t vmid, asid;
    uint64_t first, last;
} SmmuTlbRange;
void smmu_tlb_drop(SmmuV3 *s, const SmmuTlbRange *range);
void smmu_tlb_clear(SmmuV3 *s);

/* ---- translate.c ---- */
extern const PciIommuOps smmu_pci_ops;

#endif
