/*
 * Reset in three phases: each phase runs over the whole tree, children before their parent, before the next one begins.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"

#include <string.h>

typedef enum ResetPhase { RESET_ENTER, RESET_HOLD, RESET_EXIT } ResetPhase;

static void call_types(Device *dev, const ObjectType *type, ResetPhase phase)
{
    if (strcmp(type->name, "device")) {
        call_types(dev, object_type_parent(type), phase);   /* ancestors first */
    }
    const DeviceType *t = (const DeviceType *)type;
    void (*fn)(Device *) = phase == RESET_ENTER ? t->reset_enter : phase == RESET_HOLD ? t->reset : t->reset_exit;
    if (fn) {
        fn(dev);
    }
}

static void bus_phase(Bus *bus, ResetPhase phase);

static void device_phase(Device *dev, ResetPhase phase)
{
    if (phase == RESET_ENTER) {
        dev->in_reset = true;
    }
    for (unsigned i = 0; dev->buses && i < dev->buses->len; i++) {
        bus_phase(dev->buses->pdata[i], phase);
    }
    call_types(dev, dev->parent.type, phase);
    if (phase == RESET_EXIT) {
        dev->in_reset = false;
    }
}

static void bus_phase(Bus *bus, ResetPhase phase)
{
    const BusType *type;
    BUS_TYPE_WITH(bus, reset, type);
    for (unsigned i = 0; i < bus->devices->len; i++) {
        Device *dev = bus->devices->pdata[i];
        if (dev->realized) {
            device_phase(dev, phase);
        }
    }
    if (phase == RESET_HOLD && type) {
        type->reset(bus);
    }
}

void device_cold_reset(Device *dev)
{
    device_phase(dev, RESET_ENTER);
    device_phase(dev, RESET_HOLD);
    device_phase(dev, RESET_EXIT);
}

void bus_cold_reset(Bus *bus)
{
    bus_phase(bus, RESET_ENTER);
    bus_phase(bus, RESET_HOLD);
    bus_phase(bus, RESET_EXIT);
}

/* ---- the machine ---- */

typedef struct ResetEntry { void (*fn)(void *opaque); void *opaque; struct ResetEntry *next; bool removed; } ResetEntry;
static ResetEntry *entries, **entries_end = &entries;
static bool entries_running;

void reset_register(void (*fn)(void *opaque), void *opaque)
{
    ResetEntry *entry = g_new(ResetEntry, 1);
    *entry = (ResetEntry){ .fn = fn, .opaque = opaque };
    *entries_end = entry;
    entries_end = &entry->next;
}

static void sweep(void)
{
    ResetEntry **link = &entries;
    while (*link) {
        ResetEntry *entry = *link;
        if (entry->removed) {
            *link = entry->next;
            g_free(entry);
        } else {
            link = &entry->next;
        }
    }
    entries_end = link;
}

void reset_unregister(void (*fn)(void *opaque), void *opaque)
{
    for (ResetEntry *entry = entries; entry; entry = entry->next) {
        if (entry->fn == fn && entry->opaque == opaque && !entry->removed) {
            entry->removed = true;
            break;
        }
    }
    if (!entries_running) {
        sweep();
    }
}

void reset_all(void)
{
    Bus *system = bus_main_system();
    bus_phase(system, RESET_ENTER);
    bus_phase(system, RESET_HOLD);
    entries_running = true;
    for (ResetEntry *entry = entries; entry; entry = entry->next) {
        if (!entry->removed) {
            entry->fn(entry->opaque);
        }
    }
    entries_running = false;
    sweep();
    bus_phase(system, RESET_EXIT);
}
