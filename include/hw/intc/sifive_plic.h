/*
 * The platform-level interrupt controller of RISC-V boards: "riscv.sifive.plic".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INTC_SIFIVE_PLIC_H
#define HW_INTC_SIFIVE_PLIC_H

#include "hw/core/device.h"

/* The properties of the same names. hart_config: for each hart its contexts ("MS,MS"); offsets and strides in bytes. */
typedef struct SifivePlicConfig {
    const char *hart_config;
    uint32_t hartid_base, num_sources, num_priorities, priority_base, pending_base, enable_base, enable_stride, context_base, context_stride, aperture_size;
} SifivePlicConfig;

/* Made, realized and mapped at addr; NULL with an error. Input n is source n (0 is none). Output n is the supervisor line of hart n, output harts + n its machine
 * line. */
Device *sifive_plic_create(MemoryRegion *memory, uint64_t addr, const SifivePlicConfig *config, GError **err);

#endif
