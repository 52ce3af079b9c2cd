/*
 * What the files of the RISC-V IOMMU share. Section numbers are those of the RISC-V IOMMU Architecture Specification, version 1.0; AIA is the RISC-V Advanced
 * Interrupt Architecture, version 1.0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_IOMMU_IOMMU_H
#define HW_RISCV_IOMMU_IOMMU_H

#include "hw/riscv/riscv_iommu.h"
#include "util/bits.h"
#include "util/main-loop.h"
#include "util/timer.h"

/* ---- registers (chapter 5), by their offset; 64-bit ones are two words ---- */
enum {
    CAPABILITIES = 0x00, FCTL = 0x08, DDTP = 0x10, CQB = 0x18, CQH = 0x20, CQT = 0x24, FQB = 0x28, FQH = 0x30, FQT = 0x34, PQB = 0x38, PQH = 0x40, PQT = 0x44, CQCSR = 0x48,
    FQCSR = 0x4c, PQCSR = 0x50, IPSR = 0x54, IOCOUNTOVF = 0x58, IOCOUNTINH = 0x5c, IOHPMCYCLES = 0x60, IOHPMCTR = 0x68, IOHPMEVT = 0x160, TR_REQ_IOVA = 0x258,
    TR_REQ_CTL = 0x260, TR_RESPONSE = 0x268, ICVEC = 0x2f8, MSI_CFG_TBL = 0x300, REGISTERS_END = 0x400,
};
#define CAP_SV32 BIT(8)
#define CAP_SV39 BIT(9)
#define CAP_SV48 BIT(10)
#define CAP_SV57 BIT(11)
#define CAP_SVRSW60T59B BIT(14)
#define CAP_SV32X4 BIT(16)
#define CAP_SV39X4 BIT(17)
#define CAP_SV48X4 BIT(18)
#define CAP_SV57X4 BIT(19)
#define CAP_MSI_FLAT BIT(22)
#define CAP_MSI_MRIF BIT(23)
#define CAP_ATS BIT(25)
#define CAP_IGS_BOTH BIT(29)            /* both messages and wires; else messages alone */
#define CAP_HPM BIT(30)
#define CAP_DBG BIT(31)
FIELD(CAP_PAS, 32, 6);
#define CAP_PD8 BIT(38)
enum { FCTL_WSI = 1 << 1, FCTL_GXL = 1 << 2 };
enum { DDTP_OFF = 0, DDTP_BARE = 1, DDTP_1LVL = 2, DDTP_3LVL = 4, DDTP_MODE = 0xf };
/* Of all three queues, then the command queue's. */
enum { CSR_ENABLE = 1 << 0, CSR_IRQ_ENABLE = 1 << 1, CSR_MEMORY_FAULT = 1 << 8, CSR_OVERFLOW = 1 << 9, CSR_ON = 1 << 16, CSR_BUSY = 1 << 17 };
enum { CQCSR_CMD_TO = 1 << 9, CQCSR_CMD_ILL = 1 << 10, CQCSR_FENCE_W_IP = 1 << 11 };
enum { IPSR_CIP = 1 << 0, IPSR_FIP = 1 << 1, IPSR_PMIP = 1 << 2, IPSR_PIP = 1 << 3 };
enum { RISCV_IOMMU_VECTORS = 4, RISCV_IOMMU_COUNTERS = 31, RISCV_IOMMU_EVENTS = 9 };

/* ---- requests and faults (3.2) ---- */
enum {
    CAUSE_EXECUTE_ACCESS = 1, CAUSE_READ_ACCESS = 5, CAUSE_WRITE_ACCESS = 7, CAUSE_EXECUTE_PAGE = 12, CAUSE_READ_PAGE = 13, CAUSE_WRITE_PAGE = 15, CAUSE_EXECUTE_GUEST = 20,
    CAUSE_READ_GUEST = 21, CAUSE_WRITE_GUEST = 23, CAUSE_ALL_DISALLOWED = 256, CAUSE_DDT_LOAD = 257, CAUSE_DDT_INVALID = 258, CAUSE_DDT_MISCONFIGURED = 259,
    CAUSE_TYPE_DISALLOWED = 260, CAUSE_MSI_LOAD = 261, CAUSE_MSI_INVALID = 262, CAUSE_MSI_MISCONFIGURED = 263, CAUSE_MRIF_ACCESS = 264, CAUSE_PDT_LOAD = 265,
    CAUSE_PDT_INVALID = 266, CAUSE_PDT_MISCONFIGURED = 267, CAUSE_MSI_WRITE = 273,
};
/* TTYP of untranslated transactions. */
typedef enum RiscvIommuAccess { ACCESS_NONE, ACCESS_EXECUTE, ACCESS_READ, ACCESS_WRITE } RiscvIommuAccess;

typedef struct RiscvIommuRequest {
    RiscvIommuAccess access;
    uint32_t device_id, process_id;
    bool has_process, supervisor;
    uint64_t iova;
} RiscvIommuRequest;

typedef struct RiscvIommuFault { uint16_t cause; uint64_t iotval2; } RiscvIommuFault;

/* ---- the context of a device, and of a process where it has them (chapter 2) ---- */

typedef struct RiscvIommuScheme { uint8_t levels, index_bits, pte_size; } RiscvIommuScheme;
typedef struct RiscvIommuTable { const RiscvIommuScheme *scheme; uint64_t root; } RiscvIommuTable;      /* scheme NULL: Bare */

typedef struct RiscvIommuContext {
    bool cached, faults_disabled, sum, has_msi, is_32;          /* the last: SXL */
    uint32_t device_id, pscid;
    uint16_t gscid;
    RiscvIommuTable first, second;
    uint64_t msi_table, msi_mask, msi_pattern;
} RiscvIommuContext;

/* ---- results ---- */

/* Where a range of addresses goes: the page or superpage around the address that was asked for. mask: its size - 1. */
typedef struct RiscvIommuLeaf { uint64_t address, mask; bool readable, writable, executable, global; } RiscvIommuLeaf;

typedef struct RiscvIommuResult {
    RiscvIommuLeaf leaf;
    bool in_mrif;                       /* not to memory: a message, for a memory-resident interrupt file */
    uint64_t mrif, notice;
    uint32_t notice_id;
} RiscvIommuResult;

typedef struct RiscvIommuTlbEntry {
    uint64_t page, output, mask;        /* page: 4 KiB; mask: of what the translation is good for */
    uint64_t first_mask;                /* of the leaf of the first stage */
    uint32_t device_id, pscid;
    uint16_t gscid;
    bool valid, readable, writable, first, second, global;
} RiscvIommuTlbEntry;

enum { RISCV_IOMMU_TLB_ENTRIES = 2048, RISCV_IOMMU_CONTEXTS = 64 };

/* ---- the IOMMU ---- */

typedef struct RiscvIommuOptions { uint32_t version, tlb_limit, pas_bits; uint8_t counters; bool has_ats, has_msi, has_first, has_second, starts_off; } RiscvIommuOptions;

typedef struct RiscvIommu RiscvIommu;
struct RiscvIommu {
    RiscvIommuOptions options;
    Object *owner;
    AddressSpace *memory;
    MemoryRegion mmio;
    Irq *irqs[RISCV_IOMMU_IRQS];
    void (*send)(RiscvIommu *s, unsigned vector);       /* NULL: messages are those of msi_cfg_tbl */
    GPtrArray *functions;               /* those that asked */
    BottomHalf *later;                  /* interrupts of accesses without the machine lock; the rest of long queues */
    Timer overflow_timer;               /* of iohpmcycles */
    bool storing;                       /* machine lock: a store of the IOMMU's own is on its way */

    GMutex lock;                        /* all that follows; taken with or without the machine lock, which is not taken under it */
    uint32_t reg[REGISTERS_END / 4];
    uint32_t raised, held_back;         /* a bit a vector: to be signalled; masked messages */
    int64_t cycles_ns;                  /* when iohpmcycles had its value */
    bool attention;                     /* interrupts may have changed; atomic */
    uint32_t counting[RISCV_IOMMU_EVENTS];      /* a bit a counter that counts the event */
    RiscvIommuContext contexts[RISCV_IOMMU_CONTEXTS];   /* of requests without a process, by a hash of the device_id */
    RiscvIommuTlbEntry tlb[RISCV_IOMMU_TLB_ENTRIES];    /* of the same */
    unsigned irregular;                 /* how many entries, at most, of superpages and global pages the TLB has: with any, a search looks at all entries */
};

static inline uint32_t riscv_iommu_reg(const RiscvIommu *s, unsigned offset) { return s->reg[offset / 4]; }
static inline uint64_t riscv_iommu_reg64(const RiscvIommu *s, unsigned offset) { return s->reg[offset / 4] | (uint64_t)s->reg[offset / 4 + 1] << 32; }
static inline void riscv_iommu_set_reg64(RiscvIommu *s, unsigned offset, uint64_t value)
{
    s->reg[offset / 4] = (uint32_t)value;
    s->reg[offset / 4 + 1] = (uint32_t)(value >> 32);
}
static inline uint64_t riscv_iommu_capabilities(const RiscvIommu *s) { return riscv_iommu_reg64(s, CAPABILITIES); }
static inline bool riscv_iommu_reachable(const RiscvIommu *s, uint64_t addr) { return !(addr >> FIELD_GET(riscv_iommu_capabilities(s), CAP_PAS)); }

/* ---- registers.c ---- */
extern const StateTable riscv_iommu_state;
bool riscv_iommu_init(RiscvIommu *s, Object *owner, AddressSpace *memory, bool has_wires, GError **err);
void riscv_iommu_free(RiscvIommu *s);
void riscv_iommu_reset(RiscvIommu *s);
/* Of both devices; S: the device's struct, which has the IOMMU as its member iommu. */
#define RISCV_IOMMU_PROPERTIES(S) \
    PROP_UINT32("version", S, iommu.options.version, 0x10), PROP_UINT32("ioatc-limit", S, iommu.options.tlb_limit, 1024 * 1024), \
    PROP_UINT32("pas-bits", S, iommu.options.pas_bits, 0), PROP_UINT8("hpm-counters", S, iommu.options.counters, RISCV_IOMMU_COUNTERS), \
    PROP_BOOL("ats", S, iommu.options.has_ats, true), PROP_BOOL("intremap", S, iommu.options.has_msi, true), PROP_BOOL("off", S, iommu.options.starts_off, true), \
    PROP_BOOL("s-stage", S, iommu.options.has_first, true), PROP_BOOL("g-stage", S, iommu.options.has_second, true)

/* ---- memory: structures that lie in one page of RAM. false: there is none ---- */
bool riscv_iommu_read_words(RiscvIommu *s, uint64_t addr, uint64_t *words, unsigned count);
bool riscv_iommu_write(RiscvIommu *s, uint64_t addr, const void *buf, unsigned len);

/* ---- queues.c ---- */
/* Machine lock held. */
void riscv_iommu_run_commands(RiscvIommu *s);
/* The last index of the queue with that base register. */
uint32_t riscv_iommu_queue_mask(const RiscvIommu *s, unsigned base);
void riscv_iommu_report(RiscvIommu *s, const RiscvIommuRequest *r, const RiscvIommuFault *fault);

/* ---- interrupts.c ---- */
/* bit: of IPSR. */
void riscv_iommu_raise(RiscvIommu *s, uint32_t bit);
/* Raises what the states of the queues ask for. */
void riscv_iommu_update_interrupts(RiscvIommu *s);
/* The lines, or which message goes where, may have changed. */
void riscv_iommu_attend(RiscvIommu *s);
/* Signals what is raised: without the lock, with or without the machine lock. */
void riscv_iommu_deliver(RiscvIommu *s);
/* A store of the IOMMU's own, to memory or a device: machine lock held, without the lock. Its own registers do not hear of it. */
bool riscv_iommu_store(RiscvIommu *s, uint64_t addr, uint32_t value);

/* ---- commands.c ---- */
/* Returns the bit of CQCSR that stops the queue, or 0. The lock may be released in between. */
uint32_t riscv_iommu_command(RiscvIommu *s, const uint64_t command[2]);

/* ---- context.c ---- */
/* Reads the context of a request. */
bool riscv_iommu_read_context(RiscvIommu *s, const RiscvIommuRequest *r, RiscvIommuContext *c, RiscvIommuFault *fault);
/* The same, with a cache, for requests without a process. NULL: a fault. Whether it is to be reported is in *faults_disabled. */
const RiscvIommuContext *riscv_iommu_context(RiscvIommu *s, const RiscvIommuRequest *r, bool *faults_disabled, RiscvIommuFault *fault);
void riscv_iommu_forget_context(RiscvIommu *s, uint32_t device_id);
void riscv_iommu_forget_contexts(RiscvIommu *s);

/* ---- walk.c ---- */
/* NULL: no such mode, or not here; Bare is bare. */
typedef struct RiscvIommuMode { bool known; const RiscvIommuScheme *scheme; } RiscvIommuMode;
RiscvIommuMode riscv_iommu_first_mode(const RiscvIommu *s, unsigned mode, bool is_32);
RiscvIommuMode riscv_iommu_second_mode(const RiscvIommu *s, unsigned mode, bool is_32);
/* Follows the first stage, if there is one. Without a fault, leaf is filled in and allows the access. */
bool riscv_iommu_walk_first(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, RiscvIommuLeaf *leaf, RiscvIommuFault *fault);
/* The second stage of an address that the first has come to. implicit: for a structure of the first stage. */
bool riscv_iommu_walk_second(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, uint64_t gpa, bool implicit, RiscvIommuLeaf *leaf, RiscvIommuFault *fault);
/* The cause of an access fault. */
uint16_t riscv_iommu_access_fault(RiscvIommuAccess access);

/* ---- msi.c ---- */
bool riscv_iommu_is_msi(const RiscvIommuContext *c, uint64_t gpa);
bool riscv_iommu_translate_msi(RiscvIommu *s, const RiscvIommuContext *c, const RiscvIommuRequest *r, uint64_t gpa, RiscvIommuResult *result, RiscvIommuFault *fault);
/* data: the identity in little-endian order. */
bool riscv_iommu_set_pending(RiscvIommu *s, const RiscvIommuResult *result, uint32_t identity);

/* ---- tlb.c ---- */
const RiscvIommuTlbEntry *riscv_iommu_tlb_find(const RiscvIommu *s, const RiscvIommuContext *c, uint64_t iova);
void riscv_iommu_tlb_add(RiscvIommu *s, const RiscvIommuContext *c, uint64_t iova, const RiscvIommuLeaf *leaf, uint64_t first_mask);
/* Which entries go. */
typedef struct RiscvIommuTlbRange { bool by_pscid, by_address, by_gscid, second; uint32_t pscid; uint16_t gscid; uint64_t address; } RiscvIommuTlbRange;
void riscv_iommu_tlb_drop(RiscvIommu *s, const RiscvIommuTlbRange *range);
void riscv_iommu_tlb_drop_device(RiscvIommu *s, uint32_t device_id);
void riscv_iommu_tlb_clear(RiscvIommu *s);

/* ---- translate.c ---- */
extern const PciIommuOps riscv_iommu_pci_ops;
/* What TR_REQ_CTL asks for. */
void riscv_iommu_debug_translate(RiscvIommu *s);
/* Sets it before the root bus. The IOMMU's owner is not translated if it is a function itself. */
bool riscv_iommu_attach(RiscvIommu *s, PciBus *root, GError **err);
void riscv_iommu_detach(RiscvIommu *s, PciBus *root);

/* ---- counters.c ---- */
enum { EVENT_UNTRANSLATED = 1, EVENT_TLB_MISS = 4, EVENT_DDT_WALK = 5, EVENT_PDT_WALK = 6, EVENT_FIRST_STAGE = 7, EVENT_SECOND_STAGE = 8 };
/* c: NULL while there is none. */
void riscv_iommu_count_slowly(RiscvIommu *s, unsigned event, const RiscvIommuRequest *r, const RiscvIommuContext *c);
static inline void riscv_iommu_count(RiscvIommu *s, unsigned event, const RiscvIommuRequest *r, const RiscvIommuContext *c)
{
    if (s->counting[event]) {
        riscv_iommu_count_slowly(s, event, r, c);
    }
}
/* Brings iohpmcycles to what it is now. */
void riscv_iommu_sync_cycles(RiscvIommu *s);
/* A register of the counters was written. Machine lock held. */
void riscv_iommu_counters_changed(RiscvIommu *s);
uint32_t riscv_iommu_overflows(const RiscvIommu *s);
void riscv_iommu_cycles_expired(void *opaque);

#endif
