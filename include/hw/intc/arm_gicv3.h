/*
 * The Generic Interrupt Controller of versions 3 and 4 ("arm-gicv3"): distributor, redistributors, and the CPU interface that processors reach by system registers.
 *
 * A board makes one so, after its processors (they are named by their affinity):
 *     uint32_t regions[] = { 4 };                                     redistributors of each region
 *     ArmGicv3Config config = { .num_cpu = 4, .num_irq = 288, .revision = 3, .has_lpi = true, .sysmem = memory, .num_redist_regions = 1, .redist_region_count = regions };
 *     Device *gic = arm_gicv3_create(&config, err);                   realized; num_irq counts the 32 private ones: 256 SPIs here
 *     sysbus_map((SysBusDevice *)gic, 0, memory, 0x08000000, 0);      the distributor, 64 KiB
 *     sysbus_map((SysBusDevice *)gic, 1, memory, 0x080a0000, 0);      region 1 + i of redistributors: 128 KiB for each (256 KiB: revision 4)
 *     for each processor n: arm_gicv3_connect_cpu(gic, n, cpu);
 *     device_connect_irq(DEVICE(uart), IRQ_GROUP_SYSBUS, 0, arm_gic_spi(gic, 1));
 *     device_connect_irq(DEVICE(cpu), NULL, ARM_TIMER_PHYS, arm_gic_ppi(gic, n, 30));
 *     device_connect_irq(DEVICE(cpu), "gicv3-maintenance-interrupt", 0, arm_gic_ppi(gic, n, 25));     the GIC drives that output of the processor
 *
 * Inputs are as those of a GICv2 (hw/intc/arm_gic.h). Outputs (IRQ_GROUP_SYSBUS): IRQ of each processor, then FIQ, VIRQ, VFIQ, NMI and VNMI of each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GICV3_H
#define HW_INTC_ARM_GICV3_H

#include "hw/intc/arm_gic.h"

enum { ARM_GICV3_DISTRIBUTOR_SIZE = 0x10000, ARM_GICV3_REDISTRIBUTOR_SIZE = 0x20000, ARM_GICV4_REDISTRIBUTOR_SIZE = 0x40000, ARM_GICV3_MAX_CPUS = 512 };

typedef struct ArmGicv3Config {
    uint32_t num_cpu, num_irq, revision;
    bool has_security_extensions, has_nmi, has_lpi;     /* LPIs need sysmem: where their tables are */
    MemoryRegion *sysmem;
    unsigned num_redist_regions;
    const uint32_t *redist_region_count;
} ArmGicv3Config;
/* Realized, not mapped. NULL with an error. */
Device *arm_gicv3_create(const ArmGicv3Config *config, GError **err);
/* Redistributor n is that of the processor: lines and system registers are connected. Before the processor's first reset. */
void arm_gicv3_connect_cpu(Device *gic, uint32_t n, Cpu *cpu);
/* As arm_gic_set_reset_nonsecure. */
void arm_gicv3_set_reset_nonsecure(Device *gic);

#endif
