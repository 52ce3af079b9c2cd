/*
 * Programmable attribute maps of Intel's host bridges; see the header for the documents.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci-host/pam.h"

enum { PAM_READ = 1, PAM_WRITE = 2 };       /* of a piece's nibble: RE, WE */
enum { PAM_BIOS_BASE = 0xf0000, PAM_BIOS_SIZE = 0x10000, PAM_EXPANSION_BASE = 0xc0000, PAM_EXPANSION_SIZE = 0x4000 };

static void init_region(PamRegion *pam, Object *owner, const PcHostConfig *config, uint64_t base, uint64_t size)
{
    memory_region_init_alias(&pam->alias[PAM_READ | PAM_WRITE], owner, "pam-ram", config->ram, base, size);
    memory_region_init_alias(&pam->alias[PAM_READ], owner, "pam-rom", config->ram, base, size);
    memory_region_set_readonly(&pam->alias[PAM_READ], true);
    /* Writes to RAM while reads go to PCI cannot be split here; reads of PCI are what matters (shadowing copies a range onto itself with both on). */
    memory_region_init_alias(&pam->alias[PAM_WRITE], owner, "pam-pci", config->pci_memory, base, size);
    memory_region_init_alias(&pam->alias[0], owner, "pam-pci", config->pci_memory, base, size);
    for (unsigned mode = 0; mode < 4; mode++) {
        memory_region_set_enabled(&pam->alias[mode], mode == 0);
        memory_region_add_subregion_overlap(config->system_memory, base, &pam->alias[mode], 1);
    }
    pam->mode = 0;
}

void pam_init(PamRegion pam[PAM_REGION_COUNT], Object *owner, const PcHostConfig *config)
{
    init_region(&pam[0], owner, config, PAM_BIOS_BASE, PAM_BIOS_SIZE);
    for (unsigned i = 1; i < PAM_REGION_COUNT; i++) {
        init_region(&pam[i], owner, config, PAM_EXPANSION_BASE + (i - 1) * PAM_EXPANSION_SIZE, PAM_EXPANSION_SIZE);
    }
}

void pam_destroy(PamRegion pam[PAM_REGION_COUNT])
{
    for (unsigned i = 0; i < PAM_REGION_COUNT; i++) {
        for (unsigned mode = 0; mode < 4; mode++) {
            memory_region_del_subregion(pam[i].alias[mode].container, &pam[i].alias[mode]);
            memory_region_destroy(&pam[i].alias[mode]);
        }
    }
}

/* PAM0's upper nibble is 0xf0000; then each register has two pieces, the lower address in the lower nibble. */
void pam_update(PamRegion pam[PAM_REGION_COUNT], const uint8_t registers[PAM_REGISTER_COUNT])
{
    memory_transaction_begin();
    for (unsigned i = 0; i < PAM_REGION_COUNT; i++) {
        unsigned mode = registers[(i + 1) / 2] >> (i & 1 ? 0 : 4) & 3;
        if (mode != pam[i].mode) {
            memory_region_set_enabled(&pam[i].alias[pam[i].mode], false);
            memory_region_set_enabled(&pam[i].alias[mode], true);
            pam[i].mode = mode;
        }
    }
    memory_transaction_commit();
}
