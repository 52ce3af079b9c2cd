/*
 * The commands of the Interrupt Translation Service that are about physical LPIs, and the translation of a message (IHI 0069, 5.2, 5.3).
 *
 * A command with a number that is out of range, or about something that is not mapped, is ignored (5.3.1: CTLR_UNPREDICTABLE commands); one that cannot be read stalls the
 * queue.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "its.h"

#include "softmmu/dma.h"
#include "util/log.h"

#include <inttypes.h>

/* 5.3.3: by their number. */
enum {
    MOVI = 0x01, INT = 0x03, CLEAR = 0x04, SYNC = 0x05, MAPD = 0x08, MAPC = 0x09, MAPTI = 0x0a, MAPI = 0x0b, INV = 0x0c, INVALL = 0x0d, MOVALL = 0x0e, DISCARD = 0x0f,
};

/* ---- who takes them ---- */

GicCpu *its_redistributor(const ArmGicv3Its *s, uint64_t number) { return number < its_gic(s)->num_cpu ? &its_gic(s)->cpus[number] : NULL; }

/* Whose the interrupts of a collection are; NULL: it is not mapped. */
static GicCpu *collection_target(const ArmGicv3Its *s, uint64_t collection)
{
    uint64_t entry;
    return its_load_entry(s, ITS_COLLECTIONS, collection, &entry) ? its_redistributor(s, FIELD_GET(entry, COLLECTION_TARGET)) : NULL;
}

/* ---- translation ---- */

bool its_look_up(const ArmGicv3Its *s, uint32_t device, uint32_t event, ItsTranslation *t)
{
    if (!its_load_event(s, device, event, &t->addr, &t->entry)) {
        return false;
    }
    t->is_virtual = t->entry & EVENT_VIRTUAL;
    if (t->is_virtual) {
        t->lpi = (uint32_t)FIELD_GET(t->entry, EVENT_VLPI);
        t->doorbell = (uint32_t)FIELD_GET(t->entry, EVENT_DOORBELL);
        return its_load_vpe(s, FIELD_GET(t->entry, EVENT_VPE), &t->vpe);
    }
    t->lpi = (uint32_t)FIELD_GET(t->entry, EVENT_LPI);
    t->target = collection_target(s, FIELD_GET(t->entry, EVENT_COLLECTION));
    return t->target != NULL;
}

static void set_pending(const ItsTranslation *t, bool pending)
{
    if (t->is_virtual) {
        gicv3_vlpi_set_pending(&t->vpe, t->lpi, pending, t->doorbell);
    } else {
        gicv3_lpi_set_pending(t->target, t->lpi, pending);
    }
}

void its_translate(ArmGicv3Its *s, uint32_t device, uint32_t event)
{
    ItsTranslation t;
    if (s->ctlr & 1 && its_look_up(s, device, event, &t)) {
        set_pending(&t, true);
    } else {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3-its: a message of device 0x%x with event %u, which are not mapped\n", device, event);
    }
}

/* ---- commands ---- */

static uint64_t collection_of(const ItsCommand *c) { return FIELD_GET(c->word[2], COMMAND_COLLECTION); }

static bool map_device(ArmGicv3Its *s, const ItsCommand *c)
{
    uint64_t bits = FIELD_GET(c->word[1], COMMAND_SIZE);
    bool valid = c->word[2] & COMMAND_VALID;
    if (its_device_of(c) >= its_table_entries(s, ITS_DEVICES) || (valid && bits >= ITS_EVENT_BITS)) {
        return false;
    }
    uint64_t entry = ENTRY_VALID | bits << DEVICE_BITS_SHIFT | (c->word[2] & COMMAND_ITT);
    its_store_entry(s, ITS_DEVICES, its_device_of(c), valid ? entry : 0);
    return true;
}

static bool map_collection(ArmGicv3Its *s, const ItsCommand *c)
{
    uint64_t target = FIELD_GET(c->word[2], COMMAND_REDISTRIBUTOR);
    bool valid = c->word[2] & COMMAND_VALID;
    if (collection_of(c) >= its_table_entries(s, ITS_COLLECTIONS) || (valid && !its_redistributor(s, target))) {
        return false;
    }
    its_store_entry(s, ITS_COLLECTIONS, collection_of(c), valid ? ENTRY_VALID | target << COLLECTION_TARGET_SHIFT : 0);
    return true;
}

/* MAPTI, or MAPI, whose interrupt has the number of the event. */
static bool map_event(ArmGicv3Its *s, const ItsCommand *c, uint32_t lpi)
{
    uint64_t addr;
    if (!gicv3_lpi_valid(lpi) || collection_of(c) >= its_table_entries(s, ITS_COLLECTIONS) || !its_event_address(s, its_device_of(c), its_event_of(c), &addr)) {
        return false;
    }
    uint64_t entry = ENTRY_VALID | (uint64_t)lpi << EVENT_LPI_SHIFT | collection_of(c) << EVENT_COLLECTION_SHIFT;
    return dma_store_le64(&its_gic(s)->memory, addr, entry) == MEM_OK;
}

/* What is pending goes along (5.3.9). */
static bool move_event(ArmGicv3Its *s, const ItsCommand *c)
{
    ItsTranslation t;
    GicCpu *to = collection_target(s, collection_of(c));
    if (!to || !its_look_up(s, its_device_of(c), its_event_of(c), &t) || t.is_virtual || !gicv3_lpi_valid(t.lpi)) {
        return false;
    }
    dma_store_le64(&its_gic(s)->memory, t.addr, FIELD_SET(t.entry, EVENT_COLLECTION, collection_of(c)));
    if (to != t.target && t.target->lpis_enabled && t.target->lpis->pending[t.lpi / 64] >> t.lpi % 64 & 1) {
        gicv3_lpi_set_pending(t.target, t.lpi, false);
        gicv3_lpi_set_pending(to, t.lpi, true);
    }
    return true;
}

static bool on_event(ArmGicv3Its *s, const ItsCommand *c, unsigned number)
{
    ItsTranslation t;
    if (!its_look_up(s, its_device_of(c), its_event_of(c), &t)) {
        return false;
    }
    if (number != INV) {
        set_pending(&t, number == INT);
    } else if (t.is_virtual) {
        gicv3_vlpi_reload(&t.vpe);
    } else {
        gicv3_lpi_reload(its_gic(s), t.lpi);
    }
    if (number == DISCARD) {
        dma_store_le64(&its_gic(s)->memory, t.addr, 0);
    }
    return true;
}

static bool move_all(ArmGicv3Its *s, const ItsCommand *c)
{
    GicCpu *from = its_redistributor(s, FIELD_GET(c->word[2], COMMAND_REDISTRIBUTOR)), *to = its_redistributor(s, FIELD_GET(c->word[3], COMMAND_REDISTRIBUTOR));
    if (from && to) {
        gicv3_lpi_move_all(from, to);
    }
    return from && to;
}

static bool invalidate_all(ArmGicv3Its *s, const ItsCommand *c)
{
    if (!collection_target(s, collection_of(c))) {
        return false;
    }
    gicv3_lpi_reload_all(its_gic(s));
    return true;
}

static bool run(ArmGicv3Its *s, const ItsCommand *c)
{
    unsigned number = (unsigned)FIELD_GET(c->word[0], COMMAND_NUMBER);
    switch (number) {
    case MAPD: return map_device(s, c);
    case MAPC: return map_collection(s, c);
    case MAPTI: return map_event(s, c, (uint32_t)FIELD_GET(c->word[1], COMMAND_LPI));
    case MAPI: return map_event(s, c, its_event_of(c));
    case MOVI: return move_event(s, c);
    case INT: case CLEAR: case INV: case DISCARD: return on_event(s, c, number);
    case INVALL: return invalidate_all(s, c);
    case MOVALL: return move_all(s, c);
    case SYNC: return true;             /* everything is done at once */
    default: return its_run_virtual(s, c);
    }
}

static void run_queue(ArmGicv3Its *s)
{
    uint64_t size = its_queue_size(s), base = s->cbaser & UINT64_C(0x000ffffffffff000);
    /* Each command is run once at most: the queue has an end. */
    for (uint64_t at = s->creadr, end = s->cwriter; at != end; s->creadr = at) {
        uint8_t bytes[ITS_COMMAND_SIZE];
        if (dma_read(&its_gic(s)->memory, base + at, bytes, sizeof(bytes)) != MEM_OK) {
            s->creadr |= ITS_STALLED;
            return;
        }
        ItsCommand c;
        for (unsigned n = 0; n < G_N_ELEMENTS(c.word); n++) {
            c.word[n] = load_le64(bytes + 8 * n);
        }
        if (!run(s, &c)) {
            log_mask(LOG_GUEST_ERROR, "arm-gicv3-its: command 0x%" PRIx64 " 0x%" PRIx64 " 0x%" PRIx64 " is ignored\n", c.word[0], c.word[1], c.word[2]);
        }
        at = (at + ITS_COMMAND_SIZE) % size;
    }
}

void its_run_commands(ArmGicv3Its *s)
{
    bool ready = s->ctlr & 1 && s->cbaser & ITS_VALID && s->cwriter < its_queue_size(s) && !(s->creadr & ITS_STALLED);
    if (ready && !s->running) {
        s->running = true;
        run_queue(s);
        s->running = false;
    }
}
