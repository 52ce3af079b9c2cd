/*
 * IDE and AHCI as boards see them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_IDE_IDE_H
#define HW_IDE_IDE_H

#include "hw/core/device.h"

typedef struct IdeGeometry { unsigned cylinders, heads, sectors; int translation; /* 0 none, 1 LBA, 2 large, 3 rechs: as CMOS byte 0x39 has it */ } IdeGeometry;

/* Makes the drives of -drive if=ide (drive_get) on a controller that is realized: PIIX or ISA IDE, two units a bus; AHCI, one a port. */
bool ide_create_drives(Device *controller, GError **err);
/* The geometry of a hard disk on the board's first controller; false: there is none. */
bool ide_get_geometry(int bus, int unit, IdeGeometry *geometry);

#endif
