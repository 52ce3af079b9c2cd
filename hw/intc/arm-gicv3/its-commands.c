/*
 * The commands of the Interrupt Translation Service, its tables in the guest's memory, and the translation of a message (IHI 0069, 5.2, 5.3).
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
/* Where commands have their operands: word and field. */
FIELD(COMMAND_NUMBER, 0, 8);
FIELD(COMMAND_DEVICE, 32, 32);          /* of word 0 */
FIELD(COMMAND_EVENT, 0, 32);            /* of word 1 */
FIELD(COMMAND_LPI, 32, 32);             /* of word 1 */
FIELD(COMMAND_SIZE, 0, 5);              /* of word 1 */
FIELD(COMMAND_COLLECTION, 0, 16);       /* of word 2 */
FIELD(COMMAND_REDISTRIBUTOR, 16, 32);   /* of word 2, and 3 */
#define COMMAND_ITT UINT64_C(0x000fffffffffff00)    /* of word 2 */
#define COMMAND_VALID (UINT64_C(1) << 63)           /* of word 2 */
typedef struct Command { uint64_t word[4]; } Command;

/* Entries of tables. */
#define ENTRY_VALID UINT64_C(1)
FIELD(DEVICE_BITS, 1, 5);               /* of an event */
#define DEVICE_ITT COMMAND_ITT
FIELD(COLLECTION_TARGET, 1, 32);
FIELD(EVENT_LPI, 1, 32);
FIELD(EVENT_COLLECTION, 33, 16);

/* ---- tables ---- */

static uint64_t page_size(uint64_t baser)
{
    static const uint32_t sizes[] = { 0x1000, 0x4000, 0x10000, 0x10000 };
    return sizes[FIELD_GET(baser, ITS_BASER_PAGE_SIZE)];
}

/* 12.19.1: with pages of 64 KiB bits 51:48 of the address are in bits 15:12. */
static uint64_t table_address(uint64_t baser)
{
    if (page_size(baser) == 0x10000) {
        return (baser & UINT64_C(0xffffffff0000)) | (baser >> 12 & 0xf) << 48;
    }
    return baser & UINT64_C(0xfffffffff000);
}

uint64_t its_table_entries(const ArmGicv3Its *s, unsigned table)
{
    uint64_t baser = s->baser[table], bytes = (FIELD_GET(baser, ITS_BASER_SIZE) + 1) * page_size(baser);
    uint64_t limit = table == ITS_DEVICES ? UINT64_C(1) << ITS_DEVICE_BITS : UINT64_C(1) << ITS_COLLECTION_BITS;
    uint64_t room = bytes / ITS_ENTRY_SIZE;
    if (baser & ITS_INDIRECT) {
        room *= page_size(baser) / ITS_ENTRY_SIZE;
    }
    return baser & ITS_VALID ? MIN(room, limit) : 0;
}

/* Where an entry is; false: out of the table, or in a page of it that is not there. */
static bool entry_address(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t *addr)
{
    uint64_t baser = s->baser[table], page, per_page = page_size(baser) / ITS_ENTRY_SIZE;
    if (n >= its_table_entries(s, table)) {
        return false;
    }
    if (!(baser & ITS_INDIRECT)) {
        *addr = table_address(baser) + n * ITS_ENTRY_SIZE;
        return true;
    }
    if (dma_load_le64(&its_gic(s)->memory, table_address(baser) + n / per_page * 8, &page) != MEM_OK || !(page & ITS_VALID)) {
        return false;
    }
    *addr = (page & UINT64_C(0x000ffffffffff000)) + n % per_page * ITS_ENTRY_SIZE;
    return true;
}

static bool load_entry(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t *entry)
{
    uint64_t addr;
    return entry_address(s, table, n, &addr) && dma_load_le64(&its_gic(s)->memory, addr, entry) == MEM_OK && *entry & ENTRY_VALID;
}

static void store_entry(const ArmGicv3Its *s, unsigned table, uint64_t n, uint64_t entry)
{
    uint64_t addr;
    if (entry_address(s, table, n, &addr)) {
        dma_store_le64(&its_gic(s)->memory, addr, entry);
    }
}

/* Of an event of a device. */
static bool event_address(const ArmGicv3Its *s, uint32_t device, uint32_t event, uint64_t *addr)
{
    uint64_t entry;
    if (!load_entry(s, ITS_DEVICES, device, &entry) || event >> FIELD_GET(entry, DEVICE_BITS) >> 1) {
        return false;
    }
    *addr = (entry & DEVICE_ITT) + (uint64_t)event * ITS_ENTRY_SIZE;
    return true;
}

static bool load_event(const ArmGicv3Its *s, uint32_t device, uint32_t event, uint64_t *addr, uint64_t *entry)
{
    return event_address(s, device, event, addr) && dma_load_le64(&its_gic(s)->memory, *addr, entry) == MEM_OK && *entry & ENTRY_VALID;
}

static GicCpu *redistributor(const ArmGicv3Its *s, uint64_t number) { return number < its_gic(s)->num_cpu ? &its_gic(s)->cpus[number] : NULL; }

/* Whose the interrupts of a collection are; NULL: it is not mapped. */
static GicCpu *collection_target(const ArmGicv3Its *s, uint64_t collection)
{
    uint64_t entry;
    return load_entry(s, ITS_COLLECTIONS, collection, &entry) ? redistributor(s, FIELD_GET(entry, COLLECTION_TARGET)) : NULL;
}

/* ---- translation ---- */

typedef struct Translation { uint64_t addr, entry; uint32_t lpi; GicCpu *target; } Translation;

static bool translate(const ArmGicv3Its *s, uint32_t device, uint32_t event, Translation *t)
{
    if (!load_event(s, device, event, &t->addr, &t->entry)) {
        return false;
    }
    t->lpi = (uint32_t)FIELD_GET(t->entry, EVENT_LPI);
    t->target = collection_target(s, FIELD_GET(t->entry, EVENT_COLLECTION));
    return t->target != NULL;
}

void its_translate(ArmGicv3Its *s, uint32_t device, uint32_t event)
{
    Translation t;
    if (s->ctlr & 1 && translate(s, device, event, &t)) {
        gicv3_lpi_set_pending(t.target, t.lpi, true);
    } else {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3-its: a message of device 0x%x with event %u, which are not mapped\n", device, event);
    }
}

/* ---- commands ---- */

static uint32_t device_of(const Command *c) { return (uint32_t)FIELD_GET(c->word[0], COMMAND_DEVICE); }
static uint32_t event_of(const Command *c) { return (uint32_t)FIELD_GET(c->word[1], COMMAND_EVENT); }
static uint64_t collection_of(const Command *c) { return FIELD_GET(c->word[2], COMMAND_COLLECTION); }

static bool map_device(ArmGicv3Its *s, const Command *c)
{
    uint64_t bits = FIELD_GET(c->word[1], COMMAND_SIZE);
    bool valid = c->word[2] & COMMAND_VALID;
    if (device_of(c) >= its_table_entries(s, ITS_DEVICES) || (valid && bits >= ITS_EVENT_BITS)) {
        return false;
    }
    uint64_t entry = ENTRY_VALID | bits << DEVICE_BITS_SHIFT | (c->word[2] & COMMAND_ITT);
    store_entry(s, ITS_DEVICES, device_of(c), valid ? entry : 0);
    return true;
}

static bool map_collection(ArmGicv3Its *s, const Command *c)
{
    uint64_t target = FIELD_GET(c->word[2], COMMAND_REDISTRIBUTOR);
    bool valid = c->word[2] & COMMAND_VALID;
    if (collection_of(c) >= its_table_entries(s, ITS_COLLECTIONS) || (valid && !redistributor(s, target))) {
        return false;
    }
    store_entry(s, ITS_COLLECTIONS, collection_of(c), valid ? ENTRY_VALID | target << COLLECTION_TARGET_SHIFT : 0);
    return true;
}

/* MAPTI, or MAPI, whose interrupt has the number of the event. */
static bool map_event(ArmGicv3Its *s, const Command *c, uint32_t lpi)
{
    uint64_t addr;
    if (!gicv3_lpi_valid(lpi) || collection_of(c) >= its_table_entries(s, ITS_COLLECTIONS) || !event_address(s, device_of(c), event_of(c), &addr)) {
        return false;
    }
    uint64_t entry = ENTRY_VALID | (uint64_t)lpi << EVENT_LPI_SHIFT | collection_of(c) << EVENT_COLLECTION_SHIFT;
    return dma_store_le64(&its_gic(s)->memory, addr, entry) == MEM_OK;
}

/* What is pending goes along (5.3.9). */
static bool move_event(ArmGicv3Its *s, const Command *c)
{
    Translation t;
    GicCpu *to = collection_target(s, collection_of(c));
    if (!to || !translate(s, device_of(c), event_of(c), &t) || !gicv3_lpi_valid(t.lpi)) {
        return false;
    }
    dma_store_le64(&its_gic(s)->memory, t.addr, FIELD_SET(t.entry, EVENT_COLLECTION, collection_of(c)));
    if (to != t.target && t.target->lpis_enabled && t.target->lpis->pending[t.lpi / 64] >> t.lpi % 64 & 1) {
        gicv3_lpi_set_pending(t.target, t.lpi, false);
        gicv3_lpi_set_pending(to, t.lpi, true);
    }
    return true;
}

static bool on_event(ArmGicv3Its *s, const Command *c, unsigned number)
{
    Translation t;
    if (!translate(s, device_of(c), event_of(c), &t)) {
        return false;
    }
    if (number == INV) {
        gicv3_lpi_reload(its_gic(s), t.lpi);
    } else {
        gicv3_lpi_set_pending(t.target, t.lpi, number == INT);
    }
    if (number == DISCARD) {
        dma_store_le64(&its_gic(s)->memory, t.addr, 0);
    }
    return true;
}

static bool move_all(ArmGicv3Its *s, const Command *c)
{
    GicCpu *from = redistributor(s, FIELD_GET(c->word[2], COMMAND_REDISTRIBUTOR)), *to = redistributor(s, FIELD_GET(c->word[3], COMMAND_REDISTRIBUTOR));
    if (from && to) {
        gicv3_lpi_move_all(from, to);
    }
    return from && to;
}

static bool invalidate_all(ArmGicv3Its *s, const Command *c)
{
    if (!collection_target(s, collection_of(c))) {
        return false;
    }
    gicv3_lpi_reload_all(its_gic(s));
    return true;
}

static bool run(ArmGicv3Its *s, const Command *c)
{
    unsigned number = (unsigned)FIELD_GET(c->word[0], COMMAND_NUMBER);
    switch (number) {
    case MAPD: return map_device(s, c);
    case MAPC: return map_collection(s, c);
    case MAPTI: return map_event(s, c, (uint32_t)FIELD_GET(c->word[1], COMMAND_LPI));
    case MAPI: return map_event(s, c, event_of(c));
    case MOVI: return move_event(s, c);
    case INT: case CLEAR: case INV: case DISCARD: return on_event(s, c, number);
    case INVALL: return invalidate_all(s, c);
    case MOVALL: return move_all(s, c);
    case SYNC: return true;             /* everything is done at once */
    default: return false;
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
        Command c;
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
