/*
 * What boards do with the boot order that devices have entered themselves into (boot_order_add of hw/nvram/fw_cfg.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_NVRAM_BOOT_ORDER_H
#define HW_NVRAM_BOOT_ORDER_H

#include "hw/nvram/fw_cfg.h"

/* "/pci@i0cf8/ide@1,1/drive@0": where firmware finds the device; caller frees. */
char *device_firmware_path(const Device *dev);
/* The contents of the file "bootorder" as of now; *size counts the final zero byte, 0 when nothing has an index. strict: nothing else is tried. Caller frees. */
char *boot_order_text(bool strict, size_t *size);

#endif
