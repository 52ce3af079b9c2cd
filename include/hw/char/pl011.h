/*
 * Arm's PrimeCell UART: "pl011".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CHAR_PL011_H
#define HW_CHAR_PL011_H

#include "chardev/char.h"
#include "hw/core/device.h"

enum { PL011_SIZE = 0x1000 };

/* Made, realized and mapped; irq is its combined interrupt. NULL with an error. */
Device *pl011_create(MemoryRegion *memory, uint64_t addr, Irq *irq, Chardev *chr, GError **err);

#endif
