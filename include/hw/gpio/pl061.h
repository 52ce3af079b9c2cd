/*
 * Arm's PrimeCell general purpose lines ("pl061"), and the devices that hang on them: a key ("gpio-key") and the line that ends or restarts the machine ("gpio-pwr").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_GPIO_PL061_H
#define HW_GPIO_PL061_H

#include "hw/core/device.h"

enum { PL061_SIZE = 0x1000, PL061_LINES = 8 };

/* Made, realized, mapped and connected. pulls: what a line is that nobody drives. Lines are inputs and outputs 0 to 7 of the unnamed group. NULL with an error. */
Device *pl061_create(MemoryRegion *memory, uint64_t addr, Irq *irq, uint8_t pullups, uint8_t pulldowns, GError **err);

/* A key at that line of a controller: its input 0 is pushed by a pulse. */
Device *gpio_key_create(Irq *line, GError **err);
/* Its inputs "reset" and "shutdown" do what they say. */
Device *gpio_pwr_create(GError **err);

#endif
