/*
 * Stand-ins for rooms that system/ leans on and that are not built yet: weak, so that each gives way to the real function when that lands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/loader.h"
#include "hw/core/machine.h"

#define WEAK __attribute__((weak))
WEAK void firmware_add_directory(const char *path) { }
WEAK char *firmware_directories(void) { return g_strdup(""); }
WEAK void machine_foreach(const TargetArch *arch, void (*fn)(const MachineType *type, void *opaque), void *opaque) { }
WEAK const MachineType *machine_find(const TargetArch *arch, const char *name_or_alias) { return NULL; }
