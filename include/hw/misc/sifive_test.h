/*
 * The test finisher "riscv.sifive.test".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_MISC_SIFIVE_TEST_H
#define HW_MISC_SIFIVE_TEST_H

#include "hw/core/device.h"

/* Made, realized and mapped at addr; NULL with an error. */
Device *sifive_test_create(MemoryRegion *memory, uint64_t addr, GError **err);

#endif
