/*
 * Scan codes of the sets 2 and 3, and the keyboard controller's translation of set 2 to set 1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INPUT_SCANCODE_H
#define HW_INPUT_SCANCODE_H

#include "ui/input.h"

/* The code of set 2 for one of set 1 (without prefix and break bit); 0: none. */
uint8_t scancode_set2(uint8_t set1);
uint8_t scancode_set3(QKeyCode key);                /* 0: none */
/* As the 8042 translates one byte of set 2; the caller keeps track of 0xf0. */
uint8_t scancode_translate(uint8_t set2);

#endif
