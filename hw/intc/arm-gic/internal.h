/*
 * A GICv2 between its files: interrupts, CPU interfaces, list registers.
 *
 * Arm Generic Interrupt Controller Architecture Specification, version 2.0 (IHI 0048B); sections in the files are its. Sets of processors are bit masks: 8 at most.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GIC_INTERNAL_H
#define HW_INTC_ARM_GIC_INTERNAL_H

#include "hw/intc/arm-gic-ready.h"
#include "hw/intc/arm_gic.h"

enum { GIC_SGIS = 16, GIC_SPURIOUS = 1023, GIC_OTHER_GROUP = 1022, GIC_LIST_REGISTERS = 4, GIC_APRS = 4, GIC_ALL_CPUS = 0xff };
/* The output that each processor has of a kind. */
enum { GIC_OUT_IRQ, GIC_OUT_FIQ, GIC_OUT_VIRQ, GIC_OUT_VFIQ, GIC_OUT_MAINTENANCE, GIC_OUTPUTS };

/* An interrupt. Of a shared one all processors' bits are alike in level, latched, active, enabled, group1. */
typedef struct GicInterrupt { uint8_t level, latched, active, enabled, group1, targets; bool edge; } GicInterrupt;

/* GICC_CTLR. */
enum { CTLR_GRP0 = 1 << 0, CTLR_GRP1 = 1 << 1, CTLR_ACKCTL = 1 << 2, CTLR_FIQEN = 1 << 3, CTLR_CBPR = 1 << 4, CTLR_BYPASS = 0xf << 5, CTLR_EOIMODE_S = 1 << 9, CTLR_EOIMODE_NS = 1 << 10 };

/* The virtual interface of a processor (5.3, 5.5). */
typedef struct GicVirtual { uint32_t hcr, apr, lr[GIC_LIST_REGISTERS]; uint32_t ctlr; uint8_t pmr, bpr, abpr; } GicVirtual;

/* The CPU interface of a processor (4.4). */
typedef struct GicCpu {
    struct ArmGic *gic;
    unsigned number;
    Cpu *cpu;                           /* NULL: not connected */
    GicReady ready;
    uint32_t ctlr, apr[GIC_APRS], nsapr[GIC_APRS];
    uint8_t pmr, bpr, abpr;
    uint8_t sgi_sources[GIC_SGIS];      /* whose SGIs are pending here */
    uint8_t private_priority[ARM_GIC_INTERNAL];
    bool driven[GIC_OUTPUTS];
    GicVirtual virt;
    MemoryRegion interface, hyp;        /* this one's, wherever the access is from */
} GicCpu;

typedef struct ArmGic {
    SysBusDevice parent;
    uint32_t num_cpu, num_irq, revision, priority_bits;
    bool has_security, has_virtualization;
    bool reset_nonsecure;               /* as firmware would have left it: all interrupts in group 1 */
    MemoryRegion distributor, interface, hyp, virtual_interface;
    uint32_t ctlr;                      /* GICD_CTLR */
    GicInterrupt irqs[ARM_GIC_MAX_IRQS];
    uint8_t priority[ARM_GIC_MAX_IRQS];     /* of shared ones */
    uint8_t nsacr[ARM_GIC_MAX_IRQS];
    GicCpu cpus[ARM_GIC_MAX_CPUS];
    Irq *lines[GIC_OUTPUTS * ARM_GIC_MAX_CPUS];
} ArmGic;

/* The interface of the processor whose thread this is; the first for everybody else. */
GicCpu *gic_current(ArmGic *g);
/* Whether an access is non-secure, of a GIC that tells. */
static inline bool gic_nonsecure(const ArmGic *g, MemAttrs attrs) { return g->has_security && !attrs.secure; }

/* ---- interrupts, of a processor's view ---- */
bool gic_pending(const GicCpu *c, unsigned irq);
uint8_t *gic_priority(GicCpu *c, unsigned irq);
static inline bool gic_group1(const GicCpu *c, unsigned irq) { return c->gic->irqs[irq].group1 >> c->number & 1; }
/* Bits of a processor or, for a shared interrupt, of all. */
static inline uint8_t gic_bits(const GicCpu *c, unsigned irq) { return irq < ARM_GIC_INTERNAL ? (uint8_t)(1u << c->number) : GIC_ALL_CPUS; }
/* Something of the interrupt has changed: outputs follow. */
void gic_irq_changed(ArmGic *g, unsigned irq);
void gic_all_changed(ArmGic *g);
/* Values that a priority may have. */
static inline uint8_t gic_priority_mask(const ArmGic *g) { return (uint8_t)(0xff << (8 - g->priority_bits)); }

/* ---- a CPU interface ---- */
void gic_cpu_update(GicCpu *c);
void gic_cpu_reset(GicCpu *c);
void gic_cpu_deactivate(GicCpu *c, unsigned irq);
void gic_drive(GicCpu *c, unsigned output, bool level);
void gic_virtual_update(GicCpu *c);
void gic_virtual_reset(GicCpu *c);

extern const MemoryRegionOps gic_distributor_ops;       /* opaque: ArmGic */
extern const MemoryRegionOps gic_interface_ops, gic_virtual_ops, gic_hyp_ops;   /* ArmGic: the current processor's */
extern const MemoryRegionOps gic_own_interface_ops, gic_own_hyp_ops;            /* GicCpu */

#endif
