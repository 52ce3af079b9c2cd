/*
 * Rings in memory: ringbuf (and its old name memory), read and written by the monitor; and vc, a text console that nobody can see until a
 * display shows it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"

#include <string.h>

enum { RING_DEFAULT_SIZE = 64 << 10 };
#define RING_MAX_SIZE (UINT64_C(1) << 30)

/* Bytes written so far and read so far; the newest size bytes are kept. */
typedef struct RingChardev { Chardev parent; uint8_t *data; uint64_t size, written, read; } RingChardev;

static bool ring_alloc(RingChardev *ring, uint64_t size, GError **err)
{
    if (!size || (size & (size - 1))) {
        return error_set(err, "size of ringbuf chardev must be power of two");
    }
    if (size > RING_MAX_SIZE) {
        return error_set(err, "size of ringbuf chardev %s is larger than 1 GiB", ring->parent.label);
    }
    ring->size = size;
    ring->data = g_malloc0(size);
    return true;
}

static bool ring_open(Chardev *chr, KeyVals *kv, GError **err)
{
    uint64_t size = RING_DEFAULT_SIZE;
    return keyvals_get_size(kv, "size", &size, err) && ring_alloc((RingChardev *)chr, size, err);
}

static bool vc_open(Chardev *chr, KeyVals *kv, GError **err)
{
    static const char *const sizes[] = { "width", "height", "cols", "rows" };
    for (unsigned n = 0; n < G_N_ELEMENTS(sizes); n++) {
        uint64_t value;
        if (!keyvals_get_uint64(kv, sizes[n], &value, err)) {
            return false;
        }
    }
    return ring_alloc((RingChardev *)chr, RING_DEFAULT_SIZE, err);
}

static size_t ring_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    RingChardev *ring = (RingChardev *)chr;
    for (size_t n = 0; n < len; n++) {
        ring->data[ring->written++ & (ring->size - 1)] = buf[n];
    }
    if (ring->written - ring->read > ring->size) {
        ring->read = ring->written - ring->size;
    }
    return len;
}

static void ring_finalize(Object *object) { g_free(((RingChardev *)object)->data); }

static const ChardevType chardev_ringbuf = {
    .name = "chardev-ringbuf", .parent = "chardev", .size = sizeof(RingChardev), .backend = "ringbuf", .open = ring_open, .write = ring_write,
    .finalize = ring_finalize,
};
REGISTER_TYPE(chardev_ringbuf)
static const ChardevType chardev_memory = {
    .name = "chardev-memory", .parent = "chardev-ringbuf", .size = sizeof(RingChardev), .backend = "memory", .open = ring_open, .write = ring_write,
};
REGISTER_TYPE(chardev_memory)
static const ChardevType chardev_vc = {
    .name = "chardev-vc", .parent = "chardev", .size = sizeof(RingChardev), .backend = "vc", .open = vc_open, .write = ring_write,
    .finalize = ring_finalize,
};
REGISTER_TYPE(chardev_vc)

static RingChardev *ring_find(const char *id, GError **err)
{
    Chardev *chr = chardev_find(id);
    if (!chr) {
        error_set(err, "Device '%s' not found", id);
        return NULL;
    }
    if (!object_is_a((Object *)chr, "chardev-ringbuf")) {
        error_set(err, "%s is not a ringbuf device", id);
        return NULL;
    }
    return (RingChardev *)chr;
}

char *chardev_ring_read(const char *id, size_t size, size_t *len, GError **err)
{
    RingChardev *ring = ring_find(id, err);
    if (!ring) {
        return NULL;
    }
    *len = MIN(size, ring->written - ring->read);
    char *data = g_malloc(*len + 1);
    for (size_t n = 0; n < *len; n++) {
        data[n] = (char)ring->data[ring->read++ & (ring->size - 1)];
    }
    data[*len] = '\0';
    return data;
}

bool chardev_ring_write(const char *id, const void *data, size_t len, GError **err)
{
    RingChardev *ring = ring_find(id, err);
    if (!ring) {
        return false;
    }
    ring_write(&ring->parent, data, len);
    return true;
}
