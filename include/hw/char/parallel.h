/*
 * Parallel ports for boards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CHAR_PARALLEL_H
#define HW_CHAR_PARALLEL_H

#include "chardev/char.h"
#include "hw/isa/isa.h"

#define PARALLEL_MAX 3          /* LPT1 to LPT3: 378, 278, 3bc; interrupt 7 */

/* One isa-parallel for each parallel_hd(0 .. 2) that is not NULL. */
bool parallel_create_all(IsaBus *bus, GError **err);

#endif
