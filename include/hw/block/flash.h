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

#endif
