/*
 * The platform bus of a board: "platform-bus-device".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_PLATFORM_BUS_H
#define HW_CORE_PLATFORM_BUS_H

#include "hw/core/device.h"

/* Made, realized and mapped at addr; its line n goes to irqs[n]. NULL with an error. */
Device *platform_bus_create(MemoryRegion *memory, uint64_t addr, uint32_t size, Irq *const *irqs, uint32_t num_irqs, GError **err);

#endif
