/*
 * Programmable attribute maps: each 16 or 32 KiB between 0xc0000 and 0xfffff goes to RAM or to PCI, for reads and for writes (Intel 82441FX
 * datasheet, 3.2.18; 3 Series datasheet, 5.1.17).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_HOST_PAM_H
#define HW_PCI_HOST_PAM_H

#include "hw/pci-host/pci_host.h"

enum { PAM_REGION_COUNT = 13, PAM_REGISTER_COUNT = 7 };
/* The four ways of a piece: everything to PCI; reads from RAM; writes to RAM, reads from PCI; RAM. */
typedef struct PamRegion { MemoryRegion alias[4]; unsigned mode; } PamRegion;

/* Puts the 13 pieces over config->system_memory. */
void pam_init(PamRegion pam[PAM_REGION_COUNT], Object *owner, const PcHostConfig *config);
void pam_destroy(PamRegion pam[PAM_REGION_COUNT]);
/* As the seven registers, PAM0 first, say. */
void pam_update(PamRegion pam[PAM_REGION_COUNT], const uint8_t registers[PAM_REGISTER_COUNT]);

#endif
