/*
 * The memory map of "virt".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "util/bits.h"
#include "util/error.h"

#include <inttypes.h>
#include <string.h>

static const GpexWindow low_map[VIRT_MEM + 1] = {
    [VIRT_FLASH] = { 0, 128 * MiB }, [VIRT_CPUPERIPHS] = { 0x08000000, 0x20000 }, [VIRT_GIC_DIST] = { 0x08000000, 0x10000 }, [VIRT_GIC_CPU] = { 0x08010000, 0x10000 },
    [VIRT_GIC_V2M] = { 0x08020000, 0x1000 }, [VIRT_GIC_HYP] = { 0x08030000, 0x10000 }, [VIRT_GIC_VCPU] = { 0x08040000, 0x10000 }, [VIRT_GIC_ITS] = { 0x08080000, 0x20000 },
    [VIRT_GIC_REDIST] = { 0x080a0000, 0xf60000 }, [VIRT_UART] = { 0x09000000, 0x1000 }, [VIRT_RTC] = { 0x09010000, 0x1000 }, [VIRT_FW_CFG] = { 0x09020000, 0x18 },
    [VIRT_GPIO] = { 0x09030000, 0x1000 }, [VIRT_UART1] = { 0x09040000, 0x1000 }, [VIRT_SMMU] = { 0x09050000, 0x20000 }, [VIRT_GED] = { 0x09080000, 4 },
    [VIRT_SECURE_GPIO] = { 0x090b0000, 0x1000 }, [VIRT_VIRTIO] = { 0x0a000000, VIRT_VIRTIO_COUNT * VIRT_VIRTIO_SIZE }, [VIRT_PLATFORM_BUS] = { 0x0c000000, 0x02000000 },
    [VIRT_SECURE_MEM] = { 0x0e000000, 0x01000000 }, [VIRT_PCIE_MMIO] = { 0x10000000, 0x2eff0000 }, [VIRT_PCIE_PIO] = { 0x3eff0000, 0x10000 },
    [VIRT_PCIE_ECAM] = { 0x3f000000, 0x01000000 }, [VIRT_MEM] = { 0x40000000, 0 },
};
/* The high regions do not come nearer than this, however little RAM there is. */
#define HIGH_MINIMUM (256 * GiB)
#define HIGH_REDIST_SIZE (64 * MiB)
#define HIGH_ECAM_SIZE (256 * MiB)

/* The regions follow each other, each aligned to its size. Before the compact layout, those that are not there left a hole. */
static void place_high_regions(ArmVirt *m, uint64_t at, unsigned address_bits)
{
    const struct { VirtRegion region; uint64_t size; bool enabled; } high[] = {
        { VIRT_HIGH_REDIST, HIGH_REDIST_SIZE, m->highmem_redists }, { VIRT_HIGH_ECAM, HIGH_ECAM_SIZE, m->highmem_ecam },
        { VIRT_HIGH_MMIO, m->highmem_mmio_size, m->highmem_mmio },
    };
    for (size_t n = 0; n < ARRAY_SIZE(high); n++) {
        uint64_t base = ROUND_UP(at, high[n].size);
        bool there = m->highmem && high[n].enabled && base + high[n].size <= UINT64_C(1) << address_bits;
        m->map[high[n].region] = (GpexWindow){ base, there ? high[n].size : 0 };
        at = there || !m->compact_highmem ? base + high[n].size : at;
    }
}

void arm_virt_init_map(ArmVirt *m) { memcpy(m->map, low_map, sizeof(low_map)); }

bool arm_virt_make_map(ArmVirt *m, GError **err)
{
    unsigned bits = m->highmem ? MIN(m->cpu_info.physical_bits, 52) : 32;
    uint64_t ram_size = m->parent.ram_size, top = low_map[VIRT_MEM].base + ram_size;
    m->map[VIRT_MEM].size = ram_size;
    if (top > UINT64_C(1) << bits) {
        return error_set(err, "Addressing limited to %u bits, but memory exceeds it by %" PRIu64 " bytes", bits, top - (UINT64_C(1) << bits));
    }
    place_high_regions(m, MAX(ROUND_UP(top, GiB), HIGH_MINIMUM), bits);
    memory_region_add_subregion(virt_memory(m), m->map[VIRT_MEM].base, m->parent.ram);
    return true;
}
