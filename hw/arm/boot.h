/*
 * Getting an Arm machine started: kernel, initial RAM disk and device tree into memory, and where the first processor goes on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ARM_BOOT_H
#define HW_ARM_BOOT_H

#include "hw/core/boot-files.h"
#include "target/arm.h"

typedef struct ArmBoot {
    const Machine *machine;
    Cpu *cpu;                           /* the first one */
    bool aarch64, has_el2;              /* how a kernel is entered: in AArch64, with EL2 */
    uint64_t ram_base;
    uint64_t entry, kernel_end;         /* kernel_end 0: there is none */
    uint64_t initrd, initrd_end;        /* initrd_end 0: none */
    bool is_linux;                      /* it wants to be entered by Linux's rules, and to be told where the tree is */
    uint64_t tree_addr;
} ArmBoot;

/* -kernel, -initrd: Linux's Image, zImage or uImage, packed by gzip or not, an ELF file, or what else there is (taken for a Linux kernel). Fills entry to is_linux. */
bool arm_load_kernel(ArmBoot *boot, GError **err);
/* Puts the tree where the kernel's rules, or firmware, look for it. */
bool arm_load_device_tree(ArmBoot *boot, const DeviceTree *tree, GError **err);
/* The tree has changed (seeds): again, after the ROMs were written. */
void arm_rewrite_device_tree(const ArmBoot *boot, const DeviceTree *tree);
/* The first processor begins with the kernel. */
void arm_set_boot_state(const ArmBoot *boot);

#endif
