/*
 * IDE and AHCI as boards see them. Controllers: "piix3-ide", "piix4-ide", "isa-ide", "ich9-ahci"; each offers buses of type "IDE" (ide.0 ...) for
 * the devices "ide-hd", "ide-cd" and "ide-cf".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_IDE_IDE_H
#define HW_IDE_IDE_H

#include "block/drive.h"
#include "hw/core/device.h"
#include "hw/isa/isa.h"

typedef struct IdeGeometry { unsigned cylinders, heads, sectors; int translation; /* 0 none, 1 LBA, 2 large, 3 rechs: as CMOS byte 0x39 has it */ } IdeGeometry;

/* Makes the drives of -drive if=ide (drive_get) on a controller that is realized: PIIX or ISA IDE, two units a bus; AHCI, one a port. */
bool ide_create_drives(Device *controller, GError **err);
/* The geometry of a hard disk on the board's first controller; false: there is none. */
bool ide_get_geometry(int bus, int unit, IdeGeometry *geometry);

/* One drive on one bus. */
Device *ide_create_drive(Bus *bus, int unit, DriveInfo *drive, GError **err);
/* The n-th bus of a controller, or NULL. */
Bus *ide_controller_bus(Device *controller, int n);
/* An isa-ide at these ports, with the if=ide drives of bus number `drives` (isapc). */
Device *isa_ide_create(IsaBus *bus, uint32_t iobase, uint32_t iobase2, uint32_t irq, int drives, GError **err);

#endif
