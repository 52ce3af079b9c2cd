/*
 * What the boards tell the firmware through fw_cfg: sizes, processors, NUMA, the memory map, the menu and the sleep states.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "hw/i386/irqchip.h"
#include "hw/nvram/boot-order.h"
#include "hw/timer/hpet.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum {
    FW_CFG_IO_BASE = 0x510, FW_CFG_DMA_IO_BASE = 0x514,
    FW_CFG_ACPI_TABLES = FW_CFG_ARCH_LOCAL + 0, FW_CFG_SMBIOS_ENTRIES = FW_CFG_ARCH_LOCAL + 1, FW_CFG_IRQ0_OVERRIDE = FW_CFG_ARCH_LOCAL + 2,
    FW_CFG_HPET = FW_CFG_ARCH_LOCAL + 4,
};

/* ---- the memory map: int 15h, ax e820 ---- */

enum { E820_RAM = 1, E820_RESERVED = 2, E820_ENTRY_SIZE = 20 };
/* What AMD processors keep for HyperTransport below 1 TiB (AMD BIOS and Kernel Developer's Guide, "Memory map"): guests with assigned devices must not use it. */
#define HYPERTRANSPORT_START UINT64_C(0xfd00000000)
#define HYPERTRANSPORT_SIZE UINT64_C(0x300000000)

static void add_e820(GByteArray *map, uint64_t start, uint64_t size, uint32_t type)
{
    uint8_t entry[E820_ENTRY_SIZE];
    store_le64(entry, start);
    store_le64(entry + 8, size);
    store_le32(entry + 16, type);
    g_byte_array_append(map, entry, sizeof(entry));
}

static void add_memory_map(X86Machine *m)
{
    GByteArray *map = g_byte_array_new();
    if (!m->no_hypertransport_hole) {
        add_e820(map, HYPERTRANSPORT_START, HYPERTRANSPORT_SIZE, E820_RESERVED);
    }
    add_e820(map, 0, m->below_4g_mem_size, E820_RAM);
    if (m->above_4g_mem_size) {
        add_e820(map, 4 * GiB, m->above_4g_mem_size, E820_RAM);
    }
    const X86Irqchip *irqchip = x86_irqchip();
    if (irqchip->reserved_size) {
        add_e820(map, irqchip->reserved_address, irqchip->reserved_size, E820_RESERVED);
    }
    size_t size = map->len;
    fw_cfg_add_file(m->fw_cfg, "etc/e820", g_byte_array_free(map, FALSE), size);
}

/* ---- NUMA: number of nodes, a node for each APIC id, memory of each node ---- */

static void add_numa(X86Machine *m)
{
    const Machine *machine = &m->parent;
    size_t count = 1 + m->apic_id_limit + (size_t)machine->nr_numa_nodes;
    uint8_t *table = g_malloc0(count * 8);
    store_le64(table, (uint64_t)machine->nr_numa_nodes);
    CPU_FOREACH(cpu) {
        int64_t node = cpu->topology[0];
        GVariant *id = object_get(OBJECT(cpu), "apic-id", NULL);
        uint64_t apic_id = id && g_variant_is_of_type(id, G_VARIANT_TYPE_UINT64) ? g_variant_get_uint64(id) : UINT64_MAX;
        if (node >= 0 && apic_id < m->apic_id_limit) {
            store_le64(table + 8 * (1 + apic_id), (uint64_t)node);
        }
        g_clear_pointer(&id, g_variant_unref);
    }
    for (int n = 0; n < machine->nr_numa_nodes; n++) {
        store_le64(table + 8 * (1 + m->apic_id_limit + (size_t)n), machine->numa[n].mem);
    }
    fw_cfg_add_bytes(m->fw_cfg, FW_CFG_NUMA, table, count * 8);
}

/* ---- booting ---- */

static bool add_boot_settings(X86Machine *m, GError **err)
{
    const BootConfig *boot = &m->parent.boot;
    FwCfg *f = m->fw_cfg;
    fw_cfg_add_u16(f, FW_CFG_BOOT_MENU, boot->has_menu && boot->menu);
    if (boot->splash) {
        g_autoptr(GError) failure = NULL;
        char *picture = NULL;
        gsize size;
        if (!g_file_get_contents(boot->splash, &picture, &size, &failure)) {
            return error_set(err, "failed to open splash file '%s': %s", boot->splash, failure->message);
        }
        bool jpeg = size >= 2 && (uint8_t)picture[0] == 0xff && (uint8_t)picture[1] == 0xd8;
        fw_cfg_add_file(f, jpeg ? "bootsplash.jpg" : "bootsplash.bmp", picture, size);
    }
    if (boot->splash_time >= 0) {
        uint8_t *time = g_malloc(2);
        store_le16(time, (uint16_t)boot->splash_time);
        fw_cfg_add_file(f, "etc/boot-menu-wait", time, 2);
    }
    uint8_t *wait = g_malloc(4);
    store_le32(wait, (uint32_t)boot->reboot_timeout);
    fw_cfg_add_file(f, "etc/boot-fail-wait", wait, 4);
    return true;
}

bool x86_add_fw_cfg(X86Machine *m, GError **err)
{
    Machine *machine = &m->parent;
    m->fw_cfg = fw_cfg_new_io(FW_CFG_IO_BASE, FW_CFG_DMA_IO_BASE, &machine->system_memory.io, &machine->system_memory.memory_space, err);
    if (!m->fw_cfg) {
        return false;
    }
    FwCfg *f = m->fw_cfg;
    fw_cfg_add_bytes(f, FW_CFG_UUID, g_memdup2(machine->uuid, sizeof(machine->uuid)), sizeof(machine->uuid));
    fw_cfg_add_u64(f, FW_CFG_RAM_SIZE, machine->ram_size);
    fw_cfg_add_u16(f, FW_CFG_NOGRAPHIC, !machine->graphics);
    fw_cfg_add_u16(f, FW_CFG_NB_CPUS, (uint16_t)machine->smp.cpus);
    fw_cfg_add_u16(f, FW_CFG_MAX_CPUS, (uint16_t)MAX(m->apic_id_limit, machine->smp.max_cpus));
    fw_cfg_add_u32(f, FW_CFG_IRQ0_OVERRIDE, 1);
    fw_cfg_add_bytes(f, FW_CFG_ACPI_TABLES, g_malloc0(2), 2);
    fw_cfg_add_bytes(f, FW_CFG_SMBIOS_ENTRIES, g_malloc0(2), 2);
    if (hpet_present()) {
        fw_cfg_add_bytes(f, FW_CFG_HPET, g_memdup2(&hpet_fw_config, sizeof(hpet_fw_config)), sizeof(hpet_fw_config));
    }
    add_memory_map(m);
    add_numa(m);
    return add_boot_settings(m, err);
}
