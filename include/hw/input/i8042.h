/*
 * The keyboard controller (Intel 8042; IBM PS/2 Hardware Interface Technical Reference, "Keyboard and Auxiliary Device Controller"): type "i8042", and
 * the devices behind it, "ps2-kbd" and "ps2-mouse".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INPUT_I8042_H
#define HW_INPUT_I8042_H

#include "hw/isa/isa.h"

/* Output "a20": level 1 is A20 open. The board connects it; port 92 ("port92") has one of the same name. */
#define I8042_A20_LINE "a20"
/* vmmouse: moves the pointer's events away from the PS/2 mouse, or says that there is something to fetch. */
void i8042_mouse_fake_event(Device *i8042);

#endif
