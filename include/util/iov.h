/*
 * Scatter lists of host memory, as readv(2) takes them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_IOV_H
#define UTIL_IOV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

/* A list that grows, or (room 0) one that stands in memory of somebody else. */
typedef struct IoVector {
    struct iovec *iov;
    int count, room;
    size_t size;            /* bytes of all pieces */
    struct iovec one;       /* the list of io_vector_init_buffer */
} IoVector;

void io_vector_init(IoVector *v);
/* One piece; nothing to clear. The vector must not be copied or moved. */
static inline void io_vector_init_buffer(IoVector *v, void *buf, size_t len)
{
    *v = (IoVector){ .count = 1, .size = len, .one = { buf, len } };
    v->iov = &v->one;
}
/* A list that somebody else holds; nothing to clear. */
void io_vector_init_external(IoVector *v, struct iovec *iov, int count);
void io_vector_add(IoVector *v, void *base, size_t len);        /* not on external ones */
/* Adds len bytes from offset of src on (which must have them). */
void io_vector_add_part(IoVector *v, const IoVector *src, size_t offset, size_t len);
void io_vector_clear(IoVector *v);      /* frees the list, not the memory that it names */

/* Copies up to len bytes from offset of the list to buf and the other way; returns how many there were. */
size_t io_vector_read(const IoVector *v, size_t offset, void *buf, size_t len);
size_t io_vector_write(const IoVector *v, size_t offset, const void *buf, size_t len);
size_t io_vector_set(const IoVector *v, size_t offset, int byte, size_t len);
bool io_vector_is_zero(const IoVector *v, size_t offset, size_t len);
/* True when every address and length is a multiple of align (a power of 2). */
bool io_vector_is_aligned(const IoVector *v, size_t align);
bool buffer_is_zero(const void *buf, size_t len);

#endif
