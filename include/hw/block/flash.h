/*
 * Flash with the Intel/Sharp command set: "cfi.pflash01".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_BLOCK_FLASH_H
#define HW_BLOCK_FLASH_H

#include "block/drive.h"
#include "hw/core/device.h"

/* Its memory, once realized; sysbus region 0 as well. */
MemoryRegion *pflash_cfi01_memory(Device *pflash);
BlockBackend *pflash_cfi01_blk(Device *pflash);

/* A bank of size bytes as "virt" boards have them, as child virt.flashN of the board: realized, not mapped. property: the machine's property pflashN, which goes before
 * the drive of -drive if=pflash,unit=n; may be NULL. NULL with an error. */
Device *flash_bank_create(Object *board, int n, const char *property, uint64_t size, GError **err);

#endif
