/*
 * CPU hot-plug registers; the header says how the two layouts relate. The newer one: selector 0 (4 bytes, written), flags 4 (1 byte), command 5
 * (1 byte), command data 8 (4 bytes), command data high 0 (4 bytes, read).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/cpu_hotplug.h"

#include "util/bits.h"
#include "util/log.h"

#include <string.h>

enum { REG_SELECTOR = 0x0, REG_DATA_HIGH = 0x0, REG_FLAGS = 0x4, REG_COMMAND = 0x5, REG_DATA = 0x8 };
enum { FLAG_ENABLED = 1 << 0, FLAG_INSERTING = 1 << 1, FLAG_REMOVING = 1 << 2, FLAG_EJECT = 1 << 3, FLAG_FW_REMOVE = 1 << 4 };
enum { COMMAND_NEXT_EVENT = 0, COMMAND_OST_EVENT = 1, COMMAND_OST_STATUS = 2, COMMAND_ARCH_ID = 3 };

static AcpiCpuHotplug *machine_registers;

AcpiCpuHotplug *acpi_cpu_hotplug_find(void) { return machine_registers; }

static AcpiCpuSlot *slot_by_id(AcpiCpuHotplug *hp, uint64_t arch_id)
{
    for (unsigned i = 0; i < hp->nr_slots; i++) {
        if (hp->slots[i].arch_id == arch_id) {
            return &hp->slots[i];
        }
    }
    return NULL;
}

static AcpiCpuSlot *selected(AcpiCpuHotplug *hp)
{
    return hp->selector < hp->nr_slots ? &hp->slots[hp->selector] : NULL;
}

/* Moves the selector to the next slot with something to tell, from where it is. */
static void select_next_event(AcpiCpuHotplug *hp)
{
    for (unsigned i = 0; i < hp->nr_slots; i++) {
        unsigned n = (hp->selector + i) % hp->nr_slots;
        if (hp->slots[n].inserting || hp->slots[n].removing || hp->slots[n].fw_remove) {
            hp->selector = n;
            return;
        }
    }
}

static uint64_t registers_read(void *opaque, uint64_t addr, unsigned size)
{
    AcpiCpuHotplug *hp = opaque;
    if (!hp->modern) {
        return addr < ACPI_CPU_HOTPLUG_LEN ? hp->present[addr] : 0;
    }
    AcpiCpuSlot *slot = selected(hp);
    if (!slot) {
        return 0;
    }
    switch (addr) {
    case REG_FLAGS:
        return (slot->cpu ? FLAG_ENABLED : 0) | (slot->inserting ? FLAG_INSERTING : 0) | (slot->removing ? FLAG_REMOVING : 0) |
            (slot->fw_remove ? FLAG_FW_REMOVE : 0);
    case REG_DATA:
        return hp->command == COMMAND_NEXT_EVENT ? hp->selector : hp->command == COMMAND_ARCH_ID ? (uint32_t)slot->arch_id : 0;
    case REG_DATA_HIGH:
        return hp->command == COMMAND_ARCH_ID ? slot->arch_id >> 32 : 0;
    default:
        return 0;
    }
}

static void write_flags(AcpiCpuSlot *slot, uint8_t value)
{
    if (value & FLAG_INSERTING) {
        slot->inserting = false;
    } else if (value & FLAG_REMOVING) {
        slot->removing = false;
    } else if (value & FLAG_EJECT) {
        /* Only a CPU that was asked to go: a guest is not to take the ground from under itself. */
        if (slot->cpu && slot->leaving) {
            device_unplug(slot->cpu);
            slot->cpu = NULL;
        }
        slot->leaving = slot->fw_remove = false;
    } else if (value & FLAG_FW_REMOVE) {
        slot->fw_remove = !slot->fw_remove;
    }
}

static void registers_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AcpiCpuHotplug *hp = opaque;
    if (!hp->modern) {
        if (addr == 0 && value == 0) {
            hp->modern = true;
        }
        return;
    }
    if (addr == REG_SELECTOR) {
        hp->selector = value;
        return;
    }
    AcpiCpuSlot *slot = selected(hp);
    if (!slot) {
        log_mask(LOG_GUEST_ERROR, "acpi: CPU selector %u is too large\n", hp->selector);
        return;
    }
    switch (addr) {
    case REG_FLAGS:
        write_flags(slot, value);
        break;
    case REG_COMMAND:
        hp->command = value;
        if (value == COMMAND_NEXT_EVENT) {
            select_next_event(hp);
        }
        break;
    case REG_DATA:
        if (hp->command == COMMAND_OST_EVENT) {
            slot->ost_event = value;
        } else if (hp->command == COMMAND_OST_STATUS) {
            slot->ost_status = value;
        }
        break;
    }
}

static const MemoryRegionOps registers_ops = {
    .read = registers_read, .write = registers_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 4 },
};

void acpi_cpu_hotplug_init(AcpiCpuHotplug *hp, Object *owner, MemoryRegion *io, uint16_t base)
{
    hp->owner = owner;
    memory_region_init_io(&hp->io, owner, &registers_ops, hp, "acpi-cpu-hotplug", ACPI_CPU_HOTPLUG_LEN);
    memory_region_add_subregion(io, base, &hp->io);
    machine_registers = hp;
}

void acpi_cpu_hotplug_destroy(AcpiCpuHotplug *hp)
{
    memory_region_del_subregion(hp->io.container, &hp->io);
    memory_region_destroy(&hp->io);
    g_clear_pointer(&hp->slots, g_free);
    hp->nr_slots = 0;
    machine_registers = NULL;
}

void acpi_cpu_hotplug_set_slots(AcpiCpuHotplug *hp, const uint64_t *arch_ids, unsigned count)
{
    g_free(hp->slots);
    hp->slots = g_new0(AcpiCpuSlot, count);
    hp->nr_slots = count;
    for (unsigned i = 0; i < count; i++) {
        hp->slots[i].arch_id = arch_ids[i];
    }
}

void acpi_cpu_hotplug_plug(AcpiCpuHotplug *hp, uint64_t arch_id, Device *cpu, bool hotplugged)
{
    AcpiCpuSlot *slot = slot_by_id(hp, arch_id);
    if (slot) {
        slot->cpu = cpu;
        slot->inserting = hotplugged;
    }
    if (arch_id / 8 < ACPI_CPU_HOTPLUG_LEN) {
        hp->present[arch_id / 8] |= 1u << arch_id % 8;
    }
    if (hotplugged) {
        acpi_send_event(ACPI_EVENT_CPU_HOTPLUG);
    }
}

void acpi_cpu_hotplug_unplug_request(AcpiCpuHotplug *hp, uint64_t arch_id)
{
    AcpiCpuSlot *slot = slot_by_id(hp, arch_id);
    if (slot) {
        slot->removing = slot->leaving = true;
        acpi_send_event(ACPI_EVENT_CPU_HOTPLUG);
    }
}

void acpi_cpu_hotplug_unplug(AcpiCpuHotplug *hp, uint64_t arch_id)
{
    AcpiCpuSlot *slot = slot_by_id(hp, arch_id);
    if (slot) {
        slot->cpu = NULL;
        slot->leaving = false;
    }
    if (arch_id / 8 < ACPI_CPU_HOTPLUG_LEN) {
        hp->present[arch_id / 8] &= ~(1u << arch_id % 8);
    }
}
