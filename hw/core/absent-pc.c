/*
 * Stand-ins for rooms that the PC's chips lean on and that are not built yet: weak, so that each gives way to the real function when that lands.
 * This file goes when the last of them is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/cpu.h"
#include "hw/core/loader.h"
#include "hw/core/machine.h"
#include "hw/nvram/fw_cfg.h"
#include "system/runstate.h"
#include "util/error.h"

#define WEAK __attribute__((weak))

WEAK Cpu *cpu_first(void) { return NULL; }
WEAK Cpu *cpu_next(Cpu *cpu) { return NULL; }
WEAK char *firmware_find(const char *name) { return g_file_test(name, G_FILE_TEST_EXISTS) ? g_strdup(name) : NULL; }
WEAK bool rom_add_option(const char *path, int32_t bootindex, GError **err) { return error_set(err, "option ROMs outside BARs are not implemented"); }
WEAK void fw_cfg_add_file(FwCfg *s, const char *name, void *data, size_t len) { }
WEAK void fw_cfg_add_file_callback(FwCfg *s, const char *name, void (*select)(void *opaque), void (*written)(void *opaque, size_t offset, size_t len),
                                   void *opaque, void *data, size_t len, bool read_only) { }
