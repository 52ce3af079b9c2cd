/*
 * Packets in a byte stream: each behind its length, 4 bytes, most significant first.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "util/bits.h"

#include <string.h>

bool packet_reader_feed(PacketReader *r, const uint8_t *bytes, size_t count, void (*deliver)(void *opaque, const uint8_t *data, size_t length), void *opaque)
{
    while (count) {
        if (r->header_length < 4) {
            size_t n = MIN(4 - r->header_length, count);
            memcpy(r->header + r->header_length, bytes, n);
            r->header_length += n;
            bytes += n;
            count -= n;
            if (r->header_length < 4) {
                return true;
            }
            r->length = load_be32(r->header);
            r->filled = 0;
            if (r->length > NET_MAX_PACKET) {
                return false;
            }
            if (!r->data) {
                r->data = g_malloc(NET_MAX_PACKET);
            }
        }
        size_t n = MIN(r->length - r->filled, count);
        memcpy(r->data + r->filled, bytes, n);
        r->filled += n;
        bytes += n;
        count -= n;
        if (r->filled == r->length) {
            r->header_length = 0;
            deliver(opaque, r->data, r->length);
        }
    }
    return true;
}

void packet_reader_reset(PacketReader *r)
{
    g_clear_pointer(&r->data, g_free);
    r->header_length = 0;
}
