/*
 * Ports 0xb2 and 0xb3; see the header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/apm.h"

static uint64_t apm_read(void *opaque, uint64_t addr, unsigned size)
{
    const ApmPorts *apm = opaque;
    return addr & 1 ? apm->status : apm->control;
}

static void apm_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    ApmPorts *apm = opaque;
    if (addr & 1) {
        apm->status = value;
    } else {
        apm->control = value;
        apm->command(apm->opaque, value);
    }
}

static const MemoryRegionOps apm_ops = { .read = apm_read, .write = apm_write, .endian = DEVICE_LITTLE_ENDIAN, .impl = { 1, 1 } };

void apm_init(ApmPorts *apm, Object *owner, MemoryRegion *io, void (*command)(void *opaque, uint8_t value), void *opaque)
{
    apm->command = command;
    apm->opaque = opaque;
    memory_region_init_io(&apm->io, owner, &apm_ops, apm, "apm-io", 2);
    memory_region_add_subregion(io, APM_CONTROL_PORT, &apm->io);
}

void apm_destroy(ApmPorts *apm)
{
    memory_region_del_subregion(apm->io.container, &apm->io);
    memory_region_destroy(&apm->io);
}
