/*
 * The commands of the Interrupt Translation Service that are about vPEs and their virtual LPIs (IHI 0069, 5.3, GICv4.0).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "its.h"

#include "softmmu/dma.h"

/* 5.3.3: by their number. VINV is INV of an event that is mapped to a vPE. */
enum { VMOVI = 0x21, VMOVP = 0x22, VSYNC = 0x25, VMAPP = 0x29, VMAPTI = 0x2a, VMAPI = 0x2b, VINVALL = 0x2d };
#define COMMAND_PENDING_TABLE UINT64_C(0x000fffffffff0000)      /* of word 3 */
#define COMMAND_NEW_DOORBELL UINT64_C(1)                        /* of word 2 */

/* An entry of the table of vPEs: the address of the pending table has the bits 51:16 of one. */
FIELD(VPE_SIZE, 1, 5);
FIELD(VPE_TARGET, 6, 10);
#define VPE_PENDING_TABLE COMMAND_PENDING_TABLE

static uint64_t vpe_of(const ItsCommand *c) { return FIELD_GET(c->word[1], COMMAND_VPE); }
static uint32_t doorbell_of(const ItsCommand *c) { return (uint32_t)FIELD_GET(c->word[2], COMMAND_DOORBELL); }

bool its_load_vpe(const ArmGicv3Its *s, uint64_t n, GicVpe *vpe)
{
    uint64_t entry;
    if (!its_load_entry(s, ITS_VPES, n, &entry)) {
        return false;
    }
    *vpe = (GicVpe){ entry & VPE_PENDING_TABLE, (unsigned)FIELD_GET(entry, VPE_SIZE), its_redistributor(s, FIELD_GET(entry, VPE_TARGET)) };
    return vpe->home != NULL;
}

static void store_vpe(const ArmGicv3Its *s, uint64_t n, const GicVpe *vpe)
{
    its_store_entry(s, ITS_VPES, n, ENTRY_VALID | (uint64_t)vpe->id_bits << VPE_SIZE_SHIFT | (uint64_t)vpe->home->number << VPE_TARGET_SHIFT | vpe->pending_table);
}

/* 5.3, VMAPP. */
static bool map_vpe(ArmGicv3Its *s, const ItsCommand *c)
{
    if (vpe_of(c) >= its_table_entries(s, ITS_VPES)) {
        return false;
    }
    if (!(c->word[2] & COMMAND_VALID)) {
        its_store_entry(s, ITS_VPES, vpe_of(c), 0);
        return true;
    }
    GicVpe vpe = {
        c->word[3] & COMMAND_PENDING_TABLE, (unsigned)FIELD_GET(c->word[3], COMMAND_SIZE), its_redistributor(s, FIELD_GET(c->word[2], COMMAND_REDISTRIBUTOR)),
    };
    if (!vpe.home || vpe.id_bits >= GIC_ID_BITS) {
        return false;
    }
    store_vpe(s, vpe_of(c), &vpe);
    return true;
}

/* What is pending stays in the vPE's table. */
static bool move_vpe(ArmGicv3Its *s, const ItsCommand *c)
{
    GicVpe vpe;
    GicCpu *to = its_redistributor(s, FIELD_GET(c->word[2], COMMAND_REDISTRIBUTOR));
    if (!to || !its_load_vpe(s, vpe_of(c), &vpe)) {
        return false;
    }
    vpe.home = to;
    store_vpe(s, vpe_of(c), &vpe);
    return true;
}

static bool doorbell_valid(uint32_t doorbell) { return doorbell == GIC_SPURIOUS || gicv3_lpi_valid(doorbell); }

/* VMAPTI, or VMAPI, whose interrupt has the number of the event. */
static bool map_event(ArmGicv3Its *s, const ItsCommand *c, uint32_t vlpi)
{
    uint64_t addr;
    if (!gicv3_lpi_valid(vlpi) || !doorbell_valid(doorbell_of(c)) || vpe_of(c) >= its_table_entries(s, ITS_VPES)
        || !its_event_address(s, its_device_of(c), its_event_of(c), &addr)) {
        return false;
    }
    uint64_t entry = ENTRY_VALID | EVENT_VIRTUAL | (uint64_t)vlpi << EVENT_VLPI_SHIFT | (uint64_t)doorbell_of(c) << EVENT_DOORBELL_SHIFT | vpe_of(c) << EVENT_VPE_SHIFT;
    return dma_store_le64(&its_gic(s)->memory, addr, entry) == MEM_OK;
}

/* VMOVI: what is pending goes along. */
static bool move_event(ArmGicv3Its *s, const ItsCommand *c)
{
    GicVpe to;
    ItsTranslation t;
    bool new_doorbell = c->word[2] & COMMAND_NEW_DOORBELL;
    if (!its_load_vpe(s, vpe_of(c), &to) || !its_look_up(s, its_device_of(c), its_event_of(c), &t) || !t.is_virtual || (new_doorbell && !doorbell_valid(doorbell_of(c)))) {
        return false;
    }
    uint32_t doorbell = new_doorbell ? doorbell_of(c) : t.doorbell;
    uint64_t entry = FIELD_SET(FIELD_SET(t.entry, EVENT_VPE, vpe_of(c)), EVENT_DOORBELL, doorbell);
    dma_store_le64(&its_gic(s)->memory, t.addr, entry);
    if (gicv3_vlpi_is_pending(&t.vpe, t.lpi)) {
        gicv3_vlpi_set_pending(&t.vpe, t.lpi, false, GIC_SPURIOUS);
        gicv3_vlpi_set_pending(&to, t.lpi, true, doorbell);
    }
    return true;
}

static bool invalidate_all(ArmGicv3Its *s, const ItsCommand *c)
{
    GicVpe vpe;
    if (!its_load_vpe(s, vpe_of(c), &vpe)) {
        return false;
    }
    gicv3_vlpi_reload(&vpe);
    return true;
}

bool its_run_virtual(ArmGicv3Its *s, const ItsCommand *c)
{
    if (!gicv3_has_vlpis(its_gic(s))) {
        return false;
    }
    switch (FIELD_GET(c->word[0], COMMAND_NUMBER)) {
    case VMAPP: return map_vpe(s, c);
    case VMOVP: return move_vpe(s, c);
    case VMAPTI: return map_event(s, c, (uint32_t)FIELD_GET(c->word[2], COMMAND_VLPI));
    case VMAPI: return map_event(s, c, its_event_of(c));
    case VMOVI: return move_event(s, c);
    case VINVALL: return invalidate_all(s, c);
    case VSYNC: return true;            /* everything is done at once */
    default: return false;
    }
}
