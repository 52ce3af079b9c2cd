/*
 * Random bytes for guests. The sequence of -seed is xorshift64* (S. Vigna, "An experimental exploration of Marsaglia's xorshift generators, scrambled", 2016); it is for
 * runs that repeat, not for secrets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/guest-random.h"

#include <glib.h>
#include <string.h>
#include <sys/random.h>

#define MULTIPLIER UINT64_C(2685821657736338717)

static GMutex lock;
static uint64_t state;      /* 0: not seeded */

void guest_random_seed(uint64_t seed)
{
    /* 0 is the one state that the generator never leaves. */
    state = seed ^ UINT64_C(0x9e3779b97f4a7c15) ? seed ^ UINT64_C(0x9e3779b97f4a7c15) : 1;
}

static uint64_t next(void)
{
    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * MULTIPLIER;
}

static void fill_from_sequence(uint8_t *p, size_t len)
{
    g_mutex_lock(&lock);
    while (len) {
        uint64_t value = next();
        size_t part = MIN(len, sizeof(value));
        memcpy(p, &value, part);
        p += part;
        len -= part;
    }
    g_mutex_unlock(&lock);
}

void guest_random_bytes(void *buf, size_t len)
{
    uint8_t *p = buf;
    if (state) {
        fill_from_sequence(p, len);
        return;
    }
    while (len) {
        ssize_t got = getrandom(p, len, 0);     /* fails only when a signal comes between: ask again */
        if (got > 0) {
            p += got;
            len -= (size_t)got;
        }
    }
}
