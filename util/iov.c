/*
 * Scatter lists of host memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/iov.h"

#include "util/bits.h"

#include <glib.h>
#include <string.h>

void io_vector_init(IoVector *v) { *v = (IoVector){ 0 }; }

void io_vector_init_external(IoVector *v, struct iovec *iov, int count)
{
    *v = (IoVector){ .iov = iov, .count = count };
    for (int i = 0; i < count; i++) {
        v->size += iov[i].iov_len;
    }
}

void io_vector_add(IoVector *v, void *base, size_t len)
{
    if (v->count == v->room) {
        v->room = v->room ? v->room * 2 : 8;
        v->iov = g_renew(struct iovec, v->iov, v->room);
    }
    v->iov[v->count++] = (struct iovec){ base, len };
    v->size += len;
}

/* Calls step for each piece of [offset, offset + len); returns how many bytes there were. */
#define FOR_PIECES(v, offset, len, base, piece, action) \
    size_t done = 0; \
    for (int i = 0; i < (v)->count && done < (len); i++) { \
        size_t have = (v)->iov[i].iov_len; \
        if (offset >= have) { \
            offset -= have; \
            continue; \
        } \
        char *base = (char *)(v)->iov[i].iov_base + offset; \
        size_t piece = MIN(have - offset, (len) - done); \
        offset = 0; \
        action; \
        done += piece; \
    }

void io_vector_add_part(IoVector *v, const IoVector *src, size_t offset, size_t len)
{
    FOR_PIECES(src, offset, len, base, piece, io_vector_add(v, base, piece))
}

void io_vector_clear(IoVector *v)
{
    if (v->room) {
        g_free(v->iov);
    }
    *v = (IoVector){ 0 };
}

size_t io_vector_read(const IoVector *v, size_t offset, void *buf, size_t len)
{
    FOR_PIECES(v, offset, len, base, piece, memcpy((char *)buf + done, base, piece))
    return done;
}

size_t io_vector_write(const IoVector *v, size_t offset, const void *buf, size_t len)
{
    FOR_PIECES(v, offset, len, base, piece, memcpy(base, (const char *)buf + done, piece))
    return done;
}

size_t io_vector_set(const IoVector *v, size_t offset, int byte, size_t len)
{
    FOR_PIECES(v, offset, len, base, piece, memset(base, byte, piece))
    return done;
}

bool io_vector_is_zero(const IoVector *v, size_t offset, size_t len)
{
    FOR_PIECES(v, offset, len, base, piece, if (!buffer_is_zero(base, piece)) { return false; })
    return true;
}

bool io_vector_is_aligned(const IoVector *v, size_t align)
{
    for (int i = 0; i < v->count; i++) {
        if (((uintptr_t)v->iov[i].iov_base | v->iov[i].iov_len) & (align - 1)) {
            return false;
        }
    }
    return true;
}

bool buffer_is_zero(const void *buf, size_t len)
{
    const unsigned char *p = buf;
    while (len && ((uintptr_t)p & 7)) {
        if (*p++) {
            return false;
        }
        len--;
    }
    /* A word is enough to tell most data; blocks of eight let the compiler use vectors. */
    for (; len >= 64; p += 64, len -= 64) {
        const uint64_t *w = (const uint64_t *)p;
        if (w[0] | w[1] | w[2] | w[3] | w[4] | w[5] | w[6] | w[7]) {
            return false;
        }
    }
    while (len--) {
        if (*p++) {
            return false;
        }
    }
    return true;
}
