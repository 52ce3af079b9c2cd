/*
 * Serial ports for boards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CHAR_SERIAL_H
#define HW_CHAR_SERIAL_H

#include "chardev/char.h"
#include "hw/isa/isa.h"

#define SERIAL_MAX_ISA 4        /* COM1 to COM4: 3f8/4, 2f8/3, 3e8/4, 2e8/3 */

/* isa-serial number index (0 to 3) on chr; NULL with an error. */
Device *serial_isa_create(IsaBus *bus, int index, Chardev *chr, GError **err);
/* All of -serial: one isa-serial for each serial_hd(0 .. 3) that is not NULL. */
bool serial_isa_create_all(IsaBus *bus, GError **err);

/* A 16550A behind memory, registers 1 << shift bytes apart (microvm and other boards' own); baud_base: 115200 on PCs. */
Device *serial_mm_create(MemoryRegion *memory, uint64_t addr, int shift, Irq *irq, int baud_base, Chardev *chr, DeviceEndian endian, GError **err);

#endif
