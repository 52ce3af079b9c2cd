/*
 * The floppy disk controller as boards see it: "isa-fdc" with the bus "floppy-bus" and devices "floppy".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_BLOCK_FDC_H
#define HW_BLOCK_FDC_H

#include "hw/isa/isa.h"

/* As the property "fdtypeA" numbers them. */
typedef enum FloppyDriveType { FLOPPY_DRIVE_144, FLOPPY_DRIVE_288, FLOPPY_DRIVE_120, FLOPPY_DRIVE_NONE, FLOPPY_DRIVE_AUTO } FloppyDriveType;

/* isa-fdc with the drives of -drive if=floppy. */
bool fdc_create_isa(IsaBus *bus, GError **err);
/* The type of drive 0 or 1 as CMOS byte 0x10 has it: 0 none, 2 1.2 MB, 4 1.44 MB, 5 2.88 MB. */
uint8_t fdc_cmos_type(int drive);
/* The type of drive 0 or 1 of a controller. */
FloppyDriveType fdc_drive_type(Device *fdc, int drive);

#endif
