/*
 * A GICv3 between its files.
 *
 * Arm Generic Interrupt Controller Architecture Specification, GIC architecture version 3 and version 4 (IHI 0069); sections and names of registers in the files are its.
 * Affinity routing is always on, for both security states; SPIs of "1 of N" are not there (GICD_TYPER.No1N).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GICV3_INTERNAL_H
#define HW_INTC_ARM_GICV3_INTERNAL_H

#include "hw/intc/arm-gic-ready.h"
#include "hw/intc/arm_gicv3.h"

enum { GIC_SGIS = 16, GIC_SPECIAL_SECURE = 1020, GIC_SPECIAL_NONSECURE = 1021, GIC_SPECIAL_NMI = 1022, GIC_SPURIOUS = 1023, GIC_FIRST_LPI = 8192, GIC_ID_BITS = 16, GIC_IDS = 1 << GIC_ID_BITS };
enum { GIC_MAX_APRS = 4, GIC_MAX_LIST_REGISTERS = 16, GIC_PROCESSOR_OUTPUTS = 6 };
/* Groups; also the number of the bit in GICD_CTLR of secure software. */
typedef enum GicGroup { GROUP_0, GROUP_1NS, GROUP_1S, GROUP_COUNT } GicGroup;
/* GICD_CTLR. */
enum { GICD_CTLR_GRP0 = 1 << GROUP_0, GICD_CTLR_GRP1NS = 1 << GROUP_1NS, GICD_CTLR_GRP1S = 1 << GROUP_1S, GICD_CTLR_ARE_S = 1 << 4, GICD_CTLR_ARE_NS = 1 << 5, GICD_CTLR_DS = 1 << 6 };

/* 32 interrupts, a bit each. */
typedef struct GicWord { uint32_t level, latched, active, enabled, group, modifier, edge, nonmaskable; } GicWord;

/* LPIs of a processor that are pending, and those of them that are enabled; the best of these. */
typedef struct GicLpis {
    uint64_t pending[GIC_IDS / 64], ready[GIC_IDS / 64], summary[GIC_IDS / 64 / 64];
    uint32_t best;                      /* 0: none */
    uint16_t best_priority;             /* 256: none */
} GicLpis;

/* What the registers of the virtual CPU interface hold (ICH_*, 9.4; ICV_*, 9.5). */
typedef struct GicVirtual { uint64_t lr[GIC_MAX_LIST_REGISTERS]; uint32_t hcr, vmcr, apr[2][GIC_MAX_APRS]; bool nmi_active; } GicVirtual;

/* A redistributor and the CPU interface of its processor. */
typedef struct GicCpu {
    struct ArmGicv3 *gic;
    unsigned number;
    Cpu *cpu;
    uint64_t affinity;
    bool last;                          /* of its region */
    GicWord word;                       /* SGIs and PPIs */
    uint8_t priority[ARM_GIC_INTERNAL];
    uint32_t nsacr;
    GicReady ready;
    bool sleeps, lpis_enabled;          /* GICR_WAKER.ProcessorSleep, GICR_CTLR.EnableLPIs */
    uint64_t propbaser, pendbaser;
    GicLpis *lpis;                      /* NULL: no LPIs */
    uint64_t vpropbaser, vpendbaser;    /* of the vPE that is resident */
    uint32_t vlpi;                      /* its best virtual LPI; 0: none */
    uint16_t vlpi_priority;             /* 256: none */
    /* The CPU interface. */
    unsigned priority_bits, preemption_bits;
    uint8_t pmr, bpr[GROUP_COUNT];
    uint32_t apr[GROUP_COUNT][GIC_MAX_APRS];
    bool nmi_active[GROUP_COUNT];       /* bit 63 of ICC_AP1R0: an interrupt with superpriority runs */
    uint32_t enabled_groups;            /* ICC_IGRPEN*: bits by GicGroup */
    bool cbpr[GROUP_COUNT], split_eoi[GROUP_COUNT], split_eoi_el3;  /* of the states: at [GROUP_1S] and [GROUP_1NS] */
    unsigned list_registers, virtual_priority_bits, virtual_preemption_bits;
    GicVirtual virt;
    bool driven[GIC_PROCESSOR_OUTPUTS], maintenance;
} GicCpu;

typedef struct ArmGicv3 {
    SysBusDevice parent;
    uint32_t num_cpu, num_irq, revision;
    bool has_lpi, has_nmi, has_security, force_8_bit_priority, reset_nonsecure;
    uint32_t *region_counts; unsigned num_regions;
    Object *sysmem;
    AddressSpace memory;                /* of sysmem: where LPIs' tables are */
    MemoryRegion distributor, *regions;
    struct GicRegion { struct ArmGicv3 *gic; uint32_t first; } *region_owners;
    uint32_t ctlr;                      /* as secure software sees it */
    GicWord words[32];                  /* of SPIs: from [1] on */
    uint8_t priority[ARM_GIC_MAX_IRQS], nsacr[ARM_GIC_MAX_IRQS];
    uint64_t router[ARM_GIC_MAX_IRQS];
    GicCpu *target[ARM_GIC_MAX_IRQS];   /* whose affinity the router has; NULL: nobody's */
    GicCpu *cpus;
    Irq **lines;
    uint8_t *lpi_config;                /* [GIC_IDS]: what was read of the configuration table */
    bool vlpi_writing;
} ArmGicv3;

/* ---- who accesses ---- */
/* One security state alone: there is no other, or GICD_CTLR.DS has put them together. */
static inline bool gicv3_single(const ArmGicv3 *g) { return g->ctlr & GICD_CTLR_DS; }
static inline bool gicv3_nonsecure(const ArmGicv3 *g, MemAttrs attrs) { return !gicv3_single(g) && !attrs.secure; }

/* ---- interrupts ---- */
static inline GicWord *gicv3_word(GicCpu *c, unsigned irq) { return irq < ARM_GIC_INTERNAL ? &c->word : &c->gic->words[irq / 32]; }
static inline uint8_t *gicv3_priority(GicCpu *c, unsigned irq) { return irq < ARM_GIC_INTERNAL ? &c->priority[irq] : &c->gic->priority[irq]; }
GicGroup gicv3_group(const ArmGicv3 *g, const GicWord *w, unsigned irq);
/* 4.8: an interrupt of group 1 with the non-maskable property has superpriority, whatever its priority register says. */
bool gicv3_superpriority(const ArmGicv3 *g, const GicWord *w, unsigned irq);
/* What interrupts are ordered by: priorities, and within one of them superpriority first. */
static inline uint16_t gicv3_rank(uint8_t priority, bool superpriority) { return (uint16_t)(priority << 1 | !superpriority); }
static inline uint8_t gicv3_rank_priority(uint16_t rank) { return (uint8_t)(rank >> 1); }
/* Of group 1 with superpriority: non-secure ones stay behind secure software's half of the priorities. */
static inline uint8_t gicv3_nmi_priority(const ArmGicv3 *g, GicGroup group) { return !gicv3_single(g) && group == GROUP_1NS ? 0x80 : 0; }
/* Those of a word that accesses may see: of group 1 when they are non-secure (4.8). */
uint32_t gicv3_visible(const ArmGicv3 *g, const GicWord *w, bool nonsecure);
uint32_t gicv3_pending(const GicWord *w);
/* The interrupt has changed; c: whose it is when it is private. */
void gicv3_irq_changed(ArmGicv3 *g, GicCpu *c, unsigned irq);
void gicv3_word_changed(ArmGicv3 *g, GicCpu *c, unsigned word, uint32_t which);
/* Group enables have changed: everything is looked at anew. */
void gicv3_cpu_rebuild(GicCpu *c);
void gicv3_rebuild(ArmGicv3 *g);
GicCpu *gicv3_by_affinity(ArmGicv3 *g, uint64_t affinity);
/* 4.6.3: an SGI to a processor. group: that it is sent as. */
void gicv3_send_sgi(GicCpu *to, unsigned irq, GicGroup group, bool nonsecure);

/* ---- registers that the distributor and redistributors share: words of a bit an interrupt, bytes and pairs; c NULL: shared ones ---- */
typedef struct GicAccess { ArmGicv3 *gic; GicCpu *c; bool nonsecure; } GicAccess;
bool gicv3_read_common(const GicAccess *a, uint32_t offset, unsigned size, uint64_t *value);
bool gicv3_write_common(const GicAccess *a, uint32_t offset, unsigned size, uint64_t value);
uint8_t gicv3_id_register(const ArmGicv3 *g, uint32_t offset);
enum { GICV3_IIDR_ARM = 0x43b, GICV3_ID_REGISTERS = 0xffd0 };
extern const MemoryRegionOps gicv3_distributor_ops, gicv3_redistributor_ops;

/* ---- LPIs ---- */
void gicv3_lpi_set_pending(GicCpu *c, uint32_t lpi, bool pending);
/* Reads the configuration of one or all anew. */
void gicv3_lpi_reload(ArmGicv3 *g, uint32_t lpi);
void gicv3_lpi_reload_all(ArmGicv3 *g);
void gicv3_lpi_move_all(GicCpu *from, GicCpu *to);
void gicv3_lpi_enable(GicCpu *c);
void gicv3_lpi_reset(GicCpu *c);
static inline bool gicv3_lpi_valid(uint32_t lpi) { return lpi >= GIC_FIRST_LPI && lpi < GIC_IDS; }

/* ---- virtual LPIs (GICv4.0) ---- */
static inline bool gicv3_has_vlpis(const ArmGicv3 *g) { return g->revision >= 4 && g->has_lpi; }
static inline uint32_t gicv3_redistributor_size(const ArmGicv3 *g) { return g->revision >= 4 ? ARM_GICV4_REDISTRIBUTOR_SIZE : ARM_GICV3_REDISTRIBUTOR_SIZE; }
/* A virtual processor as its ITS knows it. home: where it runs, and where doorbells ring meanwhile; id_bits: less one. */
typedef struct GicVpe { uint64_t pending_table; unsigned id_bits; GicCpu *home; } GicVpe;
/* doorbell: the LPI that becomes pending with it when the vPE is not resident; GIC_SPURIOUS: none. */
void gicv3_vlpi_set_pending(const GicVpe *vpe, uint32_t vlpi, bool pending, uint32_t doorbell);
bool gicv3_vlpi_is_pending(const GicVpe *vpe, uint32_t vlpi);
/* The configuration of its interrupts has changed. */
void gicv3_vlpi_reload(const GicVpe *vpe);
/* The best of the resident vPE is taken: it is pending no longer. */
void gicv3_vlpi_acknowledge(GicCpu *c);
void gicv3_vlpi_rescan(GicCpu *c);
void gicv3_vlpi_write_propbaser(GicCpu *c, uint64_t value);
void gicv3_vlpi_write_pendbaser(GicCpu *c, uint64_t value);
void gicv3_vlpi_reset(GicCpu *c);

/* ---- the CPU interface ---- */
/* The best interrupt for the processor: GIC_SPURIOUS when there is none. */
typedef struct GicBest { uint32_t irq; uint8_t priority; GicGroup group; bool nmi; } GicBest;
GicBest gicv3_best(const GicCpu *c);
void gicv3_cpu_update(GicCpu *c);
void gicv3_cpu_reset(GicCpu *c);
void gicv3_cpu_drive(GicCpu *c, unsigned output, bool level);
/* The physical interrupt ends; whether it is one. */
void gicv3_cpu_deactivate(GicCpu *c, uint32_t irq);
static inline unsigned gicv3_apr_count(unsigned preemption_bits) { return preemption_bits > 5 ? 1u << (preemption_bits - 5) : 1; }
static inline unsigned gicv3_lowest_level(const uint32_t *apr)
{
    for (unsigned w = 0; w < GIC_MAX_APRS; w++) {
        if (apr[w]) {
            return w * 32 + (unsigned)__builtin_ctz(apr[w]);
        }
    }
    return 256;
}

/* Accesses that have passed the traps. false: there is no such register. */
typedef struct GicRegister { uint32_t sysreg; const ArmGicView *view; bool write; uint64_t *value; } GicRegister;
bool gicv3_physical_access(GicCpu *c, const GicRegister *r);
bool gicv3_virtual_access(GicCpu *c, const GicRegister *r);
bool gicv3_hypervisor_access(GicCpu *c, const GicRegister *r);
void gicv3_virtual_update(GicCpu *c);
void gicv3_virtual_reset(GicCpu *c);
extern const ArmGicOps gicv3_sysreg_ops;

/* ICC_AP1R0_EL1, ICH_AP1R0_EL2; of ICC_RPR_EL1: secure (or the guest's own), non-secure. */
#define GIC_APR_NMI (UINT64_C(1) << 63)
#define GIC_RPR_NMI (UINT64_C(1) << 63)
#define GIC_RPR_NMI_NS (UINT64_C(1) << 62)
/* ICH_HCR_EL2. */
enum { HCR_EN = 1 << 0, HCR_UIE = 1 << 1, HCR_LRENPIE = 1 << 2, HCR_NPIE = 1 << 3, HCR_VGRP0EIE = 1 << 4, HCR_VGRP0DIE = 1 << 5, HCR_VGRP1EIE = 1 << 6, HCR_VGRP1DIE = 1 << 7,
       HCR_TC = 1 << 10, HCR_TALL0 = 1 << 11, HCR_TALL1 = 1 << 12, HCR_TDIR = 1 << 14 };

/* 12.3: the system registers. AP0R and AP1R: n in the last two bits. */
enum {
    ICC_NMIAR1_EL1 = ARM_SYSREG(3, 0, 12, 9, 5), ICC_PMR_EL1 = ARM_SYSREG(3, 0, 4, 6, 0), ICC_IAR0_EL1 = ARM_SYSREG(3, 0, 12, 8, 0), ICC_EOIR0_EL1 = ARM_SYSREG(3, 0, 12, 8, 1), ICC_HPPIR0_EL1 = ARM_SYSREG(3, 0, 12, 8, 2),
    ICC_BPR0_EL1 = ARM_SYSREG(3, 0, 12, 8, 3), ICC_AP0R0_EL1 = ARM_SYSREG(3, 0, 12, 8, 4), ICC_AP1R0_EL1 = ARM_SYSREG(3, 0, 12, 9, 0), ICC_DIR_EL1 = ARM_SYSREG(3, 0, 12, 11, 1),
    ICC_RPR_EL1 = ARM_SYSREG(3, 0, 12, 11, 3), ICC_SGI1R_EL1 = ARM_SYSREG(3, 0, 12, 11, 5), ICC_ASGI1R_EL1 = ARM_SYSREG(3, 0, 12, 11, 6), ICC_SGI0R_EL1 = ARM_SYSREG(3, 0, 12, 11, 7),
    ICC_IAR1_EL1 = ARM_SYSREG(3, 0, 12, 12, 0), ICC_EOIR1_EL1 = ARM_SYSREG(3, 0, 12, 12, 1), ICC_HPPIR1_EL1 = ARM_SYSREG(3, 0, 12, 12, 2), ICC_BPR1_EL1 = ARM_SYSREG(3, 0, 12, 12, 3),
    ICC_CTLR_EL1 = ARM_SYSREG(3, 0, 12, 12, 4), ICC_SRE_EL1 = ARM_SYSREG(3, 0, 12, 12, 5), ICC_IGRPEN0_EL1 = ARM_SYSREG(3, 0, 12, 12, 6), ICC_IGRPEN1_EL1 = ARM_SYSREG(3, 0, 12, 12, 7),
    ICC_SRE_EL2 = ARM_SYSREG(3, 4, 12, 9, 5), ICC_CTLR_EL3 = ARM_SYSREG(3, 6, 12, 12, 4), ICC_SRE_EL3 = ARM_SYSREG(3, 6, 12, 12, 5), ICC_IGRPEN1_EL3 = ARM_SYSREG(3, 6, 12, 12, 7),
    ICH_AP0R0_EL2 = ARM_SYSREG(3, 4, 12, 8, 0), ICH_AP1R0_EL2 = ARM_SYSREG(3, 4, 12, 9, 0), ICH_HCR_EL2 = ARM_SYSREG(3, 4, 12, 11, 0), ICH_VTR_EL2 = ARM_SYSREG(3, 4, 12, 11, 1),
    ICH_MISR_EL2 = ARM_SYSREG(3, 4, 12, 11, 2), ICH_EISR_EL2 = ARM_SYSREG(3, 4, 12, 11, 3), ICH_ELRSR_EL2 = ARM_SYSREG(3, 4, 12, 11, 5), ICH_VMCR_EL2 = ARM_SYSREG(3, 4, 12, 11, 7),
    ICH_LR0_EL2 = ARM_SYSREG(3, 4, 12, 12, 0), ICH_LR15_EL2 = ARM_SYSREG(3, 4, 12, 13, 7),
};

#endif
