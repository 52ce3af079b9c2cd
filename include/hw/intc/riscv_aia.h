/*
 * The controllers of the RISC-V Advanced Interrupt Architecture: the incoming MSI controller of a hart ("riscv.imsic") and the platform-level controller
 * ("riscv.aplic"), which passes wired interrupts to harts or, as messages, to IMSICs.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_RISCV_AIA_H
#define HW_INTC_RISCV_AIA_H

#include "hw/core/device.h"
#include "target/riscv.h"

enum { RISCV_IMSIC_PAGE = 4096, RISCV_APLIC_MIN_SIZE = 0x4000, RISCV_APLIC_IDC_SIZE = 32 };

/* One hart's interrupt files of a level, a page each, at addr: machine level has one; supervisor level may have guests' behind it. num_irqs: identities and 0, a multiple
 * of 64 up to 2048. The hart's lines and its ways to the files are connected. NULL with an error. */
typedef struct RiscvImsicConfig { bool machine_level; uint32_t hartid, num_pages, num_irqs; } RiscvImsicConfig;
Device *riscv_imsic_create(MemoryRegion *memory, uint64_t addr, const RiscvImsicConfig *config, Cpu *hart, GError **err);

/* A domain. parent NULL: the root, whose input n is source n. by_message: to IMSICs in that space, num_harts is 0 then; else output n is the line of hart
 * hartid_base + n. num_irqs: sources and 0. iprio_mask: the bits that priorities have. msi_config: where the files are, as mmsiaddrcfg, mmsiaddrcfgh, smsiaddrcfg and smsiaddrcfgh
 * say it (4.5.3, 4.5.4), until a root of machine level is told otherwise. */
typedef struct RiscvAplicConfig {
    uint32_t size, hartid_base, num_harts, iprio_mask, num_irqs;
    bool by_message, machine_level;
    AddressSpace *messages;
    uint32_t msi_config[4];
} RiscvAplicConfig;
Device *riscv_aplic_create(MemoryRegion *memory, uint64_t addr, const RiscvAplicConfig *config, Device *parent, GError **err);

#endif
