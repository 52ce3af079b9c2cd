/*
 * The VM generation id (Microsoft "Virtual Machine Generation ID", 2012): device "vmgenid". The firmware places a page with the GUID; the machine's
 * ACPI tables say where. A new GUID is a general purpose event.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_VMGENID_H
#define HW_ACPI_VMGENID_H

#include "hw/core/device.h"
#include "hw/nvram/fw_cfg.h"

#define VMGENID_GUID_FW_CFG_FILE "etc/vmgenid_guid"
#define VMGENID_ADDR_FW_CFG_FILE "etc/vmgenid_addr"
/* The page; the GUID stands behind room that the firmware's table loader needs for a header. */
enum { VMGENID_FW_CFG_SIZE = 4096, VMGENID_GUID_OFFSET = 40 };

/* The machine's, or NULL. */
Device *vmgenid_find(void);
/* For the tables: the page's contents (4096 bytes, caller frees), and the file that gets its address. Once, before the machine runs. */
uint8_t *vmgenid_page(Device *vmgenid);
void vmgenid_add_fw_cfg(Device *vmgenid, FwCfg *fw_cfg);
/* The GUID in text (query-vm-generation-id); caller frees. */
char *vmgenid_text(Device *vmgenid);

#endif
