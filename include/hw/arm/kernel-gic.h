/*
 * An interrupt controller that the accelerator keeps in the kernel, in place of the devices of hw/intc: between boards and KVM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ARM_KERNEL_GIC_H
#define HW_ARM_KERNEL_GIC_H

#include "hw/core/device.h"

typedef struct ArmKernelGicConfig {
    unsigned version;                   /* 2 or 3 */
    uint32_t num_cpu, num_irq;          /* num_irq counts the 32 private ones */
    uint64_t distributor, cpu_interface;    /* guest-physical addresses; cpu_interface: of version 2 */
    struct { uint64_t base; uint32_t count; } redistributors[2];    /* of version 3; count 0: there is no second */
    bool has_its; uint64_t its;
} ArmKernelGicConfig;

typedef struct ArmKernelGic {
    unsigned versions;                  /* bit n: version n can be had */
    /* Realized; its unnamed inputs are those of arm_gic.h. NULL with an error. */
    Device *(*create)(const ArmKernelGicConfig *config, GError **err);
} ArmKernelGic;
/* NULL: boards make the devices of hw/intc. Set by an accelerator's start. */
void arm_kernel_gic_set(const ArmKernelGic *gic);
const ArmKernelGic *arm_kernel_gic(void);

/* ---- KVM's (hw/arm/kvm/gic.c), for target/arm/kvm ---- */
/* Asks which versions the kernel has, and offers them. */
bool arm_kvm_gic_start(GError **err);
void arm_kvm_gic_routes(void);
/* All processors are there: the controller is complete. */
bool arm_kvm_gic_finish(GError **err);

#endif
