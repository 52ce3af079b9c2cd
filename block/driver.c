/*
 * The list of block drivers, and which of them an image's first bytes belong to.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include <string.h>

static GPtrArray *drivers;

static int compare_drivers(gconstpointer a, gconstpointer b)
{
    return strcmp((*(const BlockDriver *const *)a)->name, (*(const BlockDriver *const *)b)->name);
}

void block_driver_register(const BlockDriver *driver)
{
    if (!drivers) {
        drivers = g_ptr_array_new();
    }
    g_ptr_array_add(drivers, (void *)driver);
    g_ptr_array_sort(drivers, compare_drivers);
}

const BlockDriver *block_driver_find(const char *name)
{
    for (unsigned n = 0; drivers && n < drivers->len; n++) {
        const BlockDriver *driver = g_ptr_array_index(drivers, n);
        if (g_str_equal(driver->name, name)) {
            return driver;
        }
    }
    return NULL;
}

void block_driver_foreach(void (*fn)(const BlockDriver *driver, void *opaque), void *opaque)
{
    for (unsigned n = 0; drivers && n < drivers->len; n++) {
        fn(g_ptr_array_index(drivers, n), opaque);
    }
}

const BlockDriver *block_probe(const uint8_t *buf, size_t len, const char *filename)
{
    const BlockDriver *best = NULL;
    int best_score = 0;
    for (unsigned n = 0; drivers && n < drivers->len; n++) {
        const BlockDriver *driver = g_ptr_array_index(drivers, n);
        int score = driver->probe ? driver->probe(buf, len, filename) : 0;
        if (score > best_score) {
            best = driver;
            best_score = score;
        }
    }
    return best;
}

bool block_probe_changes(const uint8_t sector[512])
{
    const BlockDriver *driver = block_probe(sector, 512, "");
    return driver && !g_str_equal(driver->name, "raw");
}
