/*
 * Port 61: the PC speaker's gate, timer 2 and the refresh bit (IBM PC/AT Technical Reference, "System Control Port B"): type "isa-pcspk".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MISC_PCSPK_H
#define HW_MISC_PCSPK_H

#include "hw/isa/isa.h"

typedef struct PcSpeaker {
    IsaDevice parent;
    MemoryRegion io;
    Device *pit;                        /* set before realize */
    char *audiodev; uint32_t iobase;
    uint8_t data_on, dummy_refresh_clock; bool migrate;
} PcSpeaker;
Device *pcspk_create(IsaBus *bus, Device *pit, GError **err);

#endif
