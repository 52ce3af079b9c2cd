/*
 * The two 8237A DMA controllers of a PC (Intel 8237A datasheet, 231466): type "i8257". They become the bus's IsaBus.dma.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_DMA_I8257_H
#define HW_DMA_I8257_H

#include "hw/isa/isa.h"

/* Both controllers of the bus; dma[0], dma[1] get the devices, children dma[0], dma[1] of parent (NULL: unattached). memory: what they copy to and from. */
bool i8257_create_pair(IsaBus *bus, Object *parent, AddressSpace *memory, bool high_page, Device *dma[2], GError **err);

#endif
