/*
 * The floppy disk controller as boards see it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_BLOCK_FDC_H
#define HW_BLOCK_FDC_H

#include "hw/isa/isa.h"

/* isa-fdc with the drives of -drive if=floppy. */
bool fdc_create_isa(IsaBus *bus, GError **err);
/* The type of drive 0 or 1 as CMOS byte 0x10 has it: 0 none, 2 1.2 MB, 4 1.44 MB, 5 2.88 MB. */
uint8_t fdc_cmos_type(int drive);

#endif
