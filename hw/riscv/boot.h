/*
 * Getting a RISC-V machine started: firmware, kernel, initial RAM disk and device tree into memory, and the code that the harts begin with.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_BOOT_H
#define HW_RISCV_BOOT_H

#include "hw/core/boot-files.h"
#include "hw/nvram/fw_cfg.h"

typedef struct RiscvBoot {
    Machine *machine;
    unsigned xlen;
    bool has_zicsr;
    uint64_t ram_base;                  /* of the RAM that loading goes to; its size is the machine's */
    uint64_t start;                     /* where the first code after the reset vector is */
    uint64_t firmware_end;              /* first byte behind it; the start of RAM without */
    uint64_t kernel_entry, kernel_end;  /* entry 0: none */
    uint64_t initrd, initrd_end;        /* both 0: none */
    uint64_t fdt_addr;
} RiscvBoot;

/* -bios: nothing or "default" is OpenSBI, which goes on to the kernel in supervisor mode; "none"; a file, raw or ELF. Fills start and firmware_end. */
bool riscv_load_firmware(RiscvBoot *boot, GError **err);
/* -kernel, -initrd: ELF, or an image at the first 2 MiB (RV32: 4 MiB) behind the firmware; fills the fields above. Nothing without -kernel. */
bool riscv_load_kernel(RiscvBoot *boot, GError **err);
/* Puts the tree at the end of RAM, 2 MiB aligned. ram_top: first byte behind the RAM that it may lie in. */
bool riscv_load_device_tree(RiscvBoot *boot, const DeviceTree *tree, uint64_t ram_top, GError **err);
/* New random numbers for the next run; after the ROMs were written. */
void riscv_reseed_device_tree(const RiscvBoot *boot, DeviceTree *tree);
/* What each hart runs at reset, at addr: gives its id, the tree and a fw_dynamic_info in a0 to a2 and jumps to start. */
bool riscv_add_reset_vector(const RiscvBoot *boot, uint64_t addr, GError **err);

#endif
