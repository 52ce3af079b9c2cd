/*
 * Virtual LPIs of a GICv4: pending tables of vPEs in memory, and the best interrupt of the vPE that is resident at a redistributor (IHI 0069, GICv4.0: 12.11, GICR_VPROPBASER
 * and GICR_VPENDBASER).
 *
 * The table in memory always has what is pending, so that a vPE can come and go; the configuration is read whenever it is asked for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "softmmu/dma.h"

enum { CONFIG_ENABLE = 1, CONFIG_PRIORITY = 0xfc };
FIELD(VPROPBASER_ID_BITS, 0, 5);
#define VPROPBASER_ADDRESS UINT64_C(0x000ffffffffff000)
#define VPROPBASER_WRITABLE UINT64_C(0x070fffffffffff9f)
#define VPENDBASER_ADDRESS UINT64_C(0x000fffffffff0000)
#define VPENDBASER_WRITABLE UINT64_C(0xc70fffffffff0f80)
#define VPENDBASER_PENDING_LAST (UINT64_C(1) << 61)
#define VPENDBASER_VALID (UINT64_C(1) << 63)

/* Identifiers up to (not with) this one; less than 14 bits mean none. */
static uint32_t end_of(unsigned id_bits) { return id_bits + 1 >= GIC_ID_BITS ? GIC_IDS : MAX(2u << id_bits, (uint32_t)GIC_FIRST_LPI); }

static bool resident(const GicCpu *c) { return c->vpendbaser & VPENDBASER_VALID; }
static uint64_t pending_table(const GicCpu *c) { return c->vpendbaser & VPENDBASER_ADDRESS; }

static bool resident_at_home(const GicVpe *vpe) { return resident(vpe->home) && pending_table(vpe->home) == vpe->pending_table; }

/* ---- the best one ---- */

static void consider(GicCpu *c, uint32_t vlpi, uint8_t config)
{
    if (config & CONFIG_ENABLE && (config & CONFIG_PRIORITY) < c->vlpi_priority) {
        c->vlpi = vlpi;
        c->vlpi_priority = config & CONFIG_PRIORITY;
    }
}

/* Of 64 identifiers: their configuration is read only where one is pending. */
static void consider_word(GicCpu *c, uint32_t first, uint64_t pending)
{
    uint8_t config[64];
    if (!pending || dma_read(&c->gic->memory, (c->vpropbaser & VPROPBASER_ADDRESS) + first - GIC_FIRST_LPI, config, sizeof(config)) != MEM_OK) {
        return;
    }
    for (; pending; pending &= pending - 1) {
        unsigned n = (unsigned)__builtin_ctzll(pending);
        consider(c, first + n, config[n]);
    }
}

static void find_best(GicCpu *c)
{
    uint8_t table[GIC_IDS / 8];
    uint32_t end = end_of((unsigned)FIELD_GET(c->vpropbaser, VPROPBASER_ID_BITS)), first = GIC_FIRST_LPI / 8;
    c->vlpi = 0;
    c->vlpi_priority = 256;
    if (!resident(c) || end == GIC_FIRST_LPI || dma_read(&c->gic->memory, pending_table(c) + first, table + first, end / 8 - first) != MEM_OK) {
        return;
    }
    for (uint32_t vlpi = GIC_FIRST_LPI; vlpi < end; vlpi += 64) {
        consider_word(c, vlpi, load_le64(table + vlpi / 8));
    }
}

void gicv3_vlpi_rescan(GicCpu *c)
{
    find_best(c);
    gicv3_virtual_update(c);
}

/* ---- what is pending ---- */

/* Tables that lie over a device could make it send a message in turn, and so on: that one is lost. */
static bool write_pending(ArmGicv3 *g, uint64_t table, uint32_t vlpi, bool pending)
{
    uint8_t byte, bit = (uint8_t)(1 << vlpi % 8);
    if (g->vlpi_writing || dma_read(&g->memory, table + vlpi / 8, &byte, 1) != MEM_OK) {
        return false;
    }
    byte = pending ? byte | bit : byte & (uint8_t)~bit;
    g->vlpi_writing = true;
    MemResult result = dma_write(&g->memory, table + vlpi / 8, &byte, 1);
    g->vlpi_writing = false;
    return result == MEM_OK;
}

static bool in_table(const GicVpe *vpe, uint32_t vlpi) { return vlpi >= GIC_FIRST_LPI && vlpi < end_of(vpe->id_bits); }

void gicv3_vlpi_set_pending(const GicVpe *vpe, uint32_t vlpi, bool pending, uint32_t doorbell)
{
    if (!in_table(vpe, vlpi) || !write_pending(vpe->home->gic, vpe->pending_table, vlpi, pending)) {
        return;
    }
    if (resident_at_home(vpe)) {
        gicv3_vlpi_rescan(vpe->home);
    } else if (pending && doorbell != GIC_SPURIOUS) {
        gicv3_lpi_set_pending(vpe->home, doorbell, true);
    }
}

bool gicv3_vlpi_is_pending(const GicVpe *vpe, uint32_t vlpi)
{
    uint8_t byte;
    return in_table(vpe, vlpi) && dma_read(&vpe->home->gic->memory, vpe->pending_table + vlpi / 8, &byte, 1) == MEM_OK && byte >> vlpi % 8 & 1;
}

void gicv3_vlpi_reload(const GicVpe *vpe)
{
    if (resident_at_home(vpe)) {
        gicv3_vlpi_rescan(vpe->home);
    }
}

void gicv3_vlpi_acknowledge(GicCpu *c)
{
    write_pending(c->gic, pending_table(c), c->vlpi, false);
    find_best(c);
}

/* ---- registers ---- */

void gicv3_vlpi_write_propbaser(GicCpu *c, uint64_t value)
{
    if (!resident(c)) {
        c->vpropbaser = value & VPROPBASER_WRITABLE;
    }
}

/* Valid makes a vPE resident, and clearing it takes it away: then PendingLast says whether it has something to do. Nothing else changes while one is there. */
void gicv3_vlpi_write_pendbaser(GicCpu *c, uint64_t value)
{
    if (!resident(c)) {
        c->vpendbaser = value & VPENDBASER_WRITABLE;
    } else if (!(value & VPENDBASER_VALID)) {
        find_best(c);
        c->vpendbaser = (c->vpendbaser & ~VPENDBASER_VALID) | (c->vlpi ? VPENDBASER_PENDING_LAST : 0);
    }
    gicv3_vlpi_rescan(c);
}

void gicv3_vlpi_reset(GicCpu *c)
{
    c->vpropbaser = 0;
    c->vpendbaser = 0;
    c->vlpi = 0;
    c->vlpi_priority = 256;
}
