/*
 * The AIA's controllers that the accelerator keeps in the kernel, in place of the devices of hw/intc: between boards and KVM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_KERNEL_AIA_H
#define HW_RISCV_KERNEL_AIA_H

#include "hw/core/device.h"

/* Guest-physical addresses. The harts' pages lie in files of files_size bytes, as AIA 1.0, 3.6 numbers them: hart_files[n] is the supervisor's page of the CPU of index n. */
typedef struct RiscvKernelAiaConfig {
    uint32_t num_ids, num_sources;      /* identities of a file, and wired sources: without the 0 that is neither */
    uint64_t aplic, aplic_size, files, files_size;
    const uint64_t *hart_files;
    uint32_t num_harts;
    unsigned hart_bits, guest_bits, group_bits, group_shift;
} RiscvKernelAiaConfig;

typedef struct RiscvKernelAia {
    bool wires;                         /* wired sources are the kernel's, too; else the board's APLIC sends messages */
    /* Realized; input n is source n, if wires. NULL with an error. */
    Device *(*create)(const RiscvKernelAiaConfig *config, GError **err);
} RiscvKernelAia;
/* NULL: the kernel has none. Set by an accelerator's start. */
void riscv_kernel_aia_set(const RiscvKernelAia *aia);
const RiscvKernelAia *riscv_kernel_aia(void);

/* ---- KVM's (hw/riscv/kvm/aia.c), for target/riscv/kvm ---- */
/* Offers the AIA if the kernel has it. wires: kernel-irqchip=on, else split. */
void riscv_kvm_aia_start(bool wires);
/* The board has taken it: external interrupts are not ours to raise. */
bool riscv_kvm_aia_used(void);
/* All harts are there: it is complete. */
bool riscv_kvm_aia_finish(GError **err);

#endif
