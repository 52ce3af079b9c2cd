/*
 * SMBIOS tables for boards.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_SMBIOS_SMBIOS_H
#define HW_SMBIOS_SMBIOS_H

#include "hw/core/machine.h"
#include "hw/nvram/fw_cfg.h"

typedef struct SmbiosRange { uint64_t start, size; } SmbiosRange;
/* What a board says of itself; entry_point: "32", "64" or "auto". */
typedef struct SmbiosMachine { Machine *machine; const char *entry_point; SmbiosRange ranges[2]; unsigned nr_ranges; } SmbiosMachine;

/* Puts the tables into fw_cfg; all CPUs are there. */
bool smbios_setup(const SmbiosMachine *facts, FwCfg *fw_cfg, GError **err);
/* -smbios, before that. */
bool smbios_entry_add(const char *options_text, GError **err);

#endif
