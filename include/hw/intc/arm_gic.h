/*
 * The Generic Interrupt Controller of versions 1 and 2 ("arm_gic") and its frame for messages ("arm-gicv2m").
 *
 * A board makes one so:
 *     ArmGicConfig config = { .num_cpu = 4, .num_irq = 288, .revision = 2, .has_virtualization_extensions = true };
 *     Device *gic = arm_gic_create(&config, err);                     realized; num_irq counts the 32 private ones: 256 SPIs here
 *     sysbus_map((SysBusDevice *)gic, ARM_GIC_DISTRIBUTOR, memory, 0x08000000, 0);    ARM_GIC_CPU, and with virtualization ARM_GIC_HYP and ARM_GIC_VCPU
 *     for each processor n: arm_gic_connect_cpu(gic, n, cpu);
 *     device_connect_irq(DEVICE(uart), IRQ_GROUP_SYSBUS, 0, arm_gic_spi(gic, 1));
 *     device_connect_irq(DEVICE(cpu), NULL, ARM_TIMER_PHYS, arm_gic_ppi(gic, n, 30));
 *     sysbus_connect_irq((SysBusDevice *)gic, (int)(4 * config.num_cpu + n), arm_gic_ppi(gic, n, 25));    maintenance, with virtualization
 *
 * Inputs (unnamed group): SPI 32 + i is input i, interrupt i (16 to 31) of processor n is input num_irq - 32 + 32 * n + i. Outputs (IRQ_GROUP_SYSBUS): IRQ of each processor,
 * then FIQ, VIRQ, VFIQ of each, then with virtualization the maintenance interrupt of each.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_ARM_GIC_H
#define HW_INTC_ARM_GIC_H

#include "hw/core/device.h"
#include "target/arm.h"

/* Numbers of MMIO regions; those of processors apart (the interface of processor n wherever the access is from) are behind them. */
enum { ARM_GIC_DISTRIBUTOR, ARM_GIC_CPU, ARM_GIC_HYP, ARM_GIC_VCPU };
enum { ARM_GIC_MAX_CPUS = 8, ARM_GIC_INTERNAL = 32, ARM_GIC_MAX_IRQS = 1020 };

typedef struct ArmGicConfig { uint32_t num_cpu, num_irq, revision; bool has_security_extensions, has_virtualization_extensions; } ArmGicConfig;
/* Realized, not mapped. NULL with an error. */
Device *arm_gic_create(const ArmGicConfig *config, GError **err);
/* Interface n is that of the processor: its IRQ, FIQ, VIRQ and VFIQ are connected, and what it reads and writes goes to that interface. */
void arm_gic_connect_cpu(Device *gic, uint32_t n, Cpu *cpu);
/* For a kernel that is started non-secure without firmware: resets leave all interrupts in group 1, as firmware would have. Before the first reset. */
void arm_gic_set_reset_nonsecure(Device *gic);

/* Input of a shared interrupt (0 is interrupt 32), of a private one (16 to 31) of a processor; of a GICv3 as well. */
Irq *arm_gic_spi(Device *gic, uint32_t spi);
Irq *arm_gic_ppi(Device *gic, uint32_t cpu, uint32_t ppi);

/* The MSI frame, mapped at addr, a page: a write of n raises SPI n of the GIC's for n (an interrupt number) from 32 + base_spi on, num_spi of them. Device tree: "arm,gic-v2m-frame". */
Device *arm_gicv2m_create(MemoryRegion *memory, uint64_t addr, Device *gic, uint32_t base_spi, uint32_t num_spi, GError **err);

#endif
