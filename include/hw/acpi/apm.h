/*
 * The APM control and status ports 0xb2 and 0xb3: a write to the first asks the firmware's SMI handler for something (Intel 82371AB, 3.7.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_APM_H
#define HW_ACPI_APM_H

#include "hw/core/device.h"

enum { APM_CONTROL_PORT = 0xb2 };
/* What firmware tables name as ACPI_ENABLE and ACPI_DISABLE. PIIX4 and ICH9 differ. */
enum { PIIX4_ACPI_ENABLE = 0xf1, PIIX4_ACPI_DISABLE = 0xf0, ICH9_ACPI_ENABLE = 0x02, ICH9_ACPI_DISABLE = 0x03 };

typedef struct ApmPorts {
    MemoryRegion io;                        /* "apm-io" */
    uint8_t control, status;
    void (*command)(void *opaque, uint8_t value);
    void *opaque;
} ApmPorts;
void apm_init(ApmPorts *apm, Object *owner, MemoryRegion *io, void (*command)(void *opaque, uint8_t value), void *opaque);
void apm_destroy(ApmPorts *apm);

#endif
