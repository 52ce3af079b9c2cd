/*
 * CPU hot-plug registers for the guest's ACPI code: the old bitmap of present CPUs, and the newer selector, flags, command and data registers into
 * which a guest switches by writing 0 to the first byte (0xaf00 on the 440FX, 0xcd8 on Q35).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_CPU_HOTPLUG_H
#define HW_ACPI_CPU_HOTPLUG_H

#include "hw/acpi/acpi.h"

enum { ACPI_CPU_HOTPLUG_LEN = 32, ACPI_CPU_HOTPLUG_MAX = 288, ACPI_CPU_HOTPLUG_IO_BASE_PIIX = 0xaf00, ACPI_CPU_HOTPLUG_IO_BASE_ICH9 = 0x0cd8 };

typedef struct AcpiCpuSlot {
    uint64_t arch_id;
    Device *cpu;                            /* NULL: empty */
    bool inserting, removing, fw_remove;
    bool leaving;                           /* asked to go: the guest may eject it */
    uint32_t ost_event, ost_status;
} AcpiCpuSlot;
typedef struct AcpiCpuHotplug {
    MemoryRegion io;                        /* "acpi-cpu-hotplug" */
    Object *owner;
    bool modern;                            /* the newer registers */
    uint8_t present[ACPI_CPU_HOTPLUG_LEN];  /* bitmap by APIC id, of the old ones */
    AcpiCpuSlot *slots; unsigned nr_slots;
    uint32_t selector; uint8_t command;
} AcpiCpuHotplug;

void acpi_cpu_hotplug_init(AcpiCpuHotplug *hp, Object *owner, MemoryRegion *io, uint16_t base);
void acpi_cpu_hotplug_destroy(AcpiCpuHotplug *hp);
/* By the board, once it knows its CPUs: one slot for each that is possible, in the order of the ACPI tables. */
void acpi_cpu_hotplug_set_slots(AcpiCpuHotplug *hp, const uint64_t *arch_ids, unsigned count);
/* A CPU is there (hotplugged: tells the guest by GPE 2), asks to go, is gone. The id is one of the slots'. */
void acpi_cpu_hotplug_plug(AcpiCpuHotplug *hp, uint64_t arch_id, Device *cpu, bool hotplugged);
void acpi_cpu_hotplug_unplug_request(AcpiCpuHotplug *hp, uint64_t arch_id);
void acpi_cpu_hotplug_unplug(AcpiCpuHotplug *hp, uint64_t arch_id);
/* The machine's registers (PIIX4_PM or ICH9), or NULL. */
AcpiCpuHotplug *acpi_cpu_hotplug_find(void);

#endif
