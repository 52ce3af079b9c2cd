/*
 * Split virtqueues (VIRTIO 1.2, 2.7): taking chains of descriptors out of the guest's rings and giving them back.
 *
 * Every field comes from the guest. A chain is bounded by the number of descriptors, an element by VIRTQUEUE_MAX_SIZE pieces, and each piece must be RAM.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/virtio/virtio.h"
#include "util/log.h"

#include <stdatomic.h>
#include <string.h>

enum { DESC_SIZE = 16, DESC_F_NEXT = 1, DESC_F_WRITE = 2, DESC_F_INDIRECT = 4, AVAIL_F_NO_INTERRUPT = 1, USED_F_NO_NOTIFY = 1 };
typedef struct Desc { uint64_t addr; uint32_t len; uint16_t flags, next; } Desc;

/* ---- the rings' fields ---- */

static uint16_t load16(Virtqueue *vq, uint64_t addr)
{
    uint16_t value;
    dma_load_le16(vq->vdev->dma, addr, &value);
    return value;
}

static uint16_t avail_flags(Virtqueue *vq) { return load16(vq, vq->avail); }
static uint16_t avail_index(Virtqueue *vq) { return load16(vq, vq->avail + 2); }
static uint16_t avail_ring(Virtqueue *vq, unsigned i) { return load16(vq, vq->avail + 4 + 2 * (i % vq->size)); }
static uint16_t used_event(Virtqueue *vq) { return load16(vq, vq->avail + 4 + 2 * vq->size); }
static void set_avail_event(Virtqueue *vq, uint16_t value) { dma_store_le16(vq->vdev->dma, vq->used + 4 + 8 * (uint64_t)vq->size, value); }

static bool load_desc(Virtqueue *vq, uint64_t table, unsigned i, Desc *d)
{
    uint8_t raw[DESC_SIZE];
    if (dma_read(vq->vdev->dma, table + (uint64_t)i * DESC_SIZE, raw, DESC_SIZE) != MEM_OK) {
        virtio_error(vq->vdev, "Cannot map descriptor ring");
        return false;
    }
    *d = (Desc){ load_le64(raw), load_le32(raw + 8), load_le16(raw + 12), load_le16(raw + 14) };
    return true;
}

/* ---- state ---- */

bool virtqueue_is_ready(const Virtqueue *vq)
{
    const VirtioDevice *vdev = vq->vdev;
    return !vdev->broken && vq->desc && vq->size && vdev->dma && (!vdev->transport->dma_enabled || vdev->transport->dma_enabled(vdev->transport_opaque));
}

/* How many elements wait; 0 also when the guest's index is nonsense. */
static unsigned nr_available(Virtqueue *vq)
{
    uint16_t count = avail_index(vq) - vq->last_avail;
    if (count > vq->size) {
        virtio_error(vq->vdev, "Guest moved used index from %u to %u", vq->last_avail, avail_index(vq));
        return 0;
    }
    /* What the elements say is read after the index that shows them (2.7.13.2). */
    atomic_thread_fence(memory_order_acquire);
    return count;
}

bool virtqueue_is_empty(Virtqueue *vq) { return !virtqueue_is_ready(vq) || avail_index(vq) == vq->last_avail; }

bool virtqueue_set_notification(Virtqueue *vq, bool on)
{
    vq->notification = on;
    if (!virtqueue_is_ready(vq)) {
        return false;
    }
    if (virtio_has_feature(vq->vdev, VIRTIO_F_EVENT_IDX)) {
        /* Off: the event index stays where the guest has been already. */
        if (on) {
            set_avail_event(vq, vq->last_avail);
        }
    } else {
        uint16_t flags = load16(vq, vq->used);
        dma_store_le16(vq->vdev->dma, vq->used, on ? flags & ~USED_F_NO_NOTIFY : flags | USED_F_NO_NOTIFY);
    }
    atomic_thread_fence(memory_order_seq_cst);
    return on && !virtqueue_is_empty(vq);
}

/* ---- chains ---- */

/* Walks one chain: each descriptor in turn, bounded, with indirect tables and the order of readable and writable ones checked. */
typedef struct ChainWalk { Virtqueue *vq; uint64_t table; unsigned max, seen, next; bool more, indirect, any_in; } ChainWalk;

static bool walk_begin(ChainWalk *w, Virtqueue *vq, unsigned head)
{
    *w = (ChainWalk){ .vq = vq, .table = vq->desc, .max = vq->size, .next = head, .more = true };
    if (head >= vq->size) {
        virtio_error(vq->vdev, "Guest says index %u is available", head);
        return false;
    }
    return true;
}

static bool enter_indirect(ChainWalk *w, const Desc *d)
{
    VirtioDevice *vdev = w->vq->vdev;
    if (w->indirect || !virtio_has_feature(vdev, VIRTIO_F_INDIRECT_DESC)) {
        virtio_error(vdev, "Indirect descriptor where none may be");
        return false;
    }
    if (!d->len || d->len % DESC_SIZE || d->len / DESC_SIZE > VIRTQUEUE_MAX_SIZE) {
        virtio_error(vdev, "Invalid size for indirect buffer table");
        return false;
    }
    w->indirect = true;
    w->table = d->addr;
    w->max = d->len / DESC_SIZE;
    w->seen = 0;
    w->next = 0;
    return true;
}

/* The next descriptor of the chain into *d. False: the chain's end, or broken (vdev->broken tells). */
static bool walk_next(ChainWalk *w, Desc *d)
{
    VirtioDevice *vdev = w->vq->vdev;
    if (!w->more || !load_desc(w->vq, w->table, w->next, d)) {
        return false;
    }
    if ((d->flags & DESC_F_INDIRECT) && (!enter_indirect(w, d) || !load_desc(w->vq, w->table, 0, d))) {
        return false;
    }
    if (d->flags & DESC_F_INDIRECT) {
        virtio_error(vdev, "Indirect descriptor in an indirect table");
        return false;
    }
    if (++w->seen > w->max) {
        virtio_error(vdev, "Looped descriptor");
        return false;
    }
    if ((d->flags & DESC_F_WRITE)) {
        w->any_in = true;
    } else if (w->any_in) {
        virtio_error(vdev, "Incorrect order for descriptors");
        return false;
    }
    w->more = d->flags & DESC_F_NEXT;
    w->next = d->next;
    if (w->more && w->next >= w->max) {
        virtio_error(vdev, "Desc next is %u", w->next);
        return false;
    }
    return true;
}

/* ---- elements ---- */

typedef struct Mapping { struct iovec iov[VIRTQUEUE_MAX_SIZE]; unsigned count, nr_out; size_t out_size, in_size; } Mapping;

static void unmap_all(AddressSpace *as, const struct iovec *iov, unsigned count, bool is_write, size_t written)
{
    for (unsigned i = 0; i < count; i++) {
        size_t here = MIN(written, iov[i].iov_len);
        dma_unmap(as, iov[i].iov_base, iov[i].iov_len, is_write, here);
        written -= here;
    }
}

static bool map_desc(Virtqueue *vq, Mapping *m, const Desc *d)
{
    bool is_write = d->flags & DESC_F_WRITE;
    uint64_t addr = d->addr, left = d->len;
    if (!left) {
        virtio_error(vq->vdev, "zero sized buffers are not allowed");
        return false;
    }
    while (left) {
        uint64_t len = left;
        if (m->count == VIRTQUEUE_MAX_SIZE) {
            virtio_error(vq->vdev, "too many buffers in one request");
            return false;
        }
        void *host = dma_map(vq->vdev->dma, addr, &len, is_write);
        if (!host || !len) {
            virtio_error(vq->vdev, "bogus descriptor or out of resources");
            return false;
        }
        m->iov[m->count++] = (struct iovec){ host, len };
        addr += len;
        left -= len;
    }
    if (is_write) {
        m->in_size += d->len;
    } else {
        m->nr_out = m->count;
        m->out_size += d->len;
    }
    return true;
}

static VirtqElement *make_element(Virtqueue *vq, const Mapping *m, unsigned head, size_t struct_size)
{
    size_t iov_offset = ROUND_UP(struct_size, sizeof(void *));
    VirtqElement *e = g_malloc0(iov_offset + m->count * sizeof(struct iovec));
    struct iovec *iov = (struct iovec *)((uint8_t *)e + iov_offset);
    memcpy(iov, m->iov, m->count * sizeof(*iov));
    *e = (VirtqElement){ .vq = vq, .index = head, .generation = vq->generation, .nr_out = m->nr_out, .nr_in = m->count - m->nr_out, .out = iov,
                         .in = iov + m->nr_out, .out_size = m->out_size, .in_size = m->in_size };
    return e;
}

void *virtqueue_pop(Virtqueue *vq, size_t struct_size)
{
    Mapping m;
    ChainWalk walk;
    Desc d;
    bool good = true;
    m.count = m.nr_out = m.out_size = m.in_size = 0;
    if (!virtqueue_is_ready(vq) || !nr_available(vq)) {
        return NULL;
    }
    if (vq->in_flight >= vq->size) {
        virtio_error(vq->vdev, "Virtqueue size exceeded");
        return NULL;
    }
    unsigned head = avail_ring(vq, vq->last_avail);
    if (!walk_begin(&walk, vq, head)) {
        return NULL;
    }
    while (good && walk_next(&walk, &d)) {
        good = map_desc(vq, &m, &d);
    }
    if (vq->vdev->broken) {
        unmap_all(vq->vdev->dma, m.iov, m.count, false, 0);
        return NULL;
    }
    vq->last_avail++;
    if (vq->notification && virtio_has_feature(vq->vdev, VIRTIO_F_EVENT_IDX)) {
        set_avail_event(vq, vq->last_avail);
    }
    vq->in_flight++;
    return make_element(vq, &m, head, struct_size);
}

static void unmap_element(Virtqueue *vq, VirtqElement *e, size_t written)
{
    if (e->out) {
        unmap_all(vq->vdev->dma, e->out, e->nr_out, false, 0);
        unmap_all(vq->vdev->dma, e->in, e->nr_in, true, written);
        e->out = e->in = NULL;
        e->nr_out = e->nr_in = 0;
    }
}

static bool is_current(const Virtqueue *vq, const VirtqElement *e) { return e->generation == vq->generation && !vq->vdev->broken; }

void virtqueue_fill(Virtqueue *vq, VirtqElement *e, size_t written, unsigned n)
{
    uint8_t entry[8];
    written = MIN(written, e->in_size);
    unmap_element(vq, e, written);
    if (is_current(vq, e)) {
        store_le32(entry, e->index);
        store_le32(entry + 4, written);
        dma_write(vq->vdev->dma, vq->used + 4 + 8 * (uint64_t)((uint16_t)(vq->used_index + n) % vq->size), entry, sizeof(entry));
    }
}

void virtqueue_flush(Virtqueue *vq, unsigned count)
{
    if (vq->vdev->broken || !vq->size) {
        return;
    }
    uint16_t old = vq->used_index, new = old + count;
    /* The entries before the index that shows them (2.7.13.4). */
    atomic_thread_fence(memory_order_release);
    dma_store_le16(vq->vdev->dma, vq->used + 2, new);
    vq->used_index = new;
    vq->in_flight -= MIN(count, vq->in_flight);
    if ((int16_t)(new - vq->signalled_used) < (uint16_t)(new - old)) {
        vq->signalled_valid = false;
    }
}

void virtqueue_push(Virtqueue *vq, VirtqElement *e, size_t written)
{
    bool current = is_current(vq, e);
    virtqueue_fill(vq, e, written, 0);
    if (current) {
        virtqueue_flush(vq, 1);
    }
}

void virtqueue_detach(Virtqueue *vq, VirtqElement *e)
{
    unmap_element(vq, e, 0);
    if (is_current(vq, e)) {
        vq->in_flight -= MIN(1, vq->in_flight);
    }
}

void virtqueue_unpop(Virtqueue *vq, VirtqElement *e)
{
    bool current = is_current(vq, e);
    virtqueue_detach(vq, e);
    if (current) {
        vq->last_avail--;
    }
}

/* Sums up what the available elements have, until both maxima are reached. False: there is none, or the guest broke a rule. */
static bool count_bytes(Virtqueue *vq, size_t max_in, size_t max_out, size_t *in, size_t *out)
{
    unsigned count = virtqueue_is_ready(vq) ? nr_available(vq) : 0;
    *in = *out = 0;
    for (unsigned i = 0; i < count && (*in < max_in || *out < max_out); i++) {
        ChainWalk walk;
        Desc d;
        if (!walk_begin(&walk, vq, avail_ring(vq, vq->last_avail + i))) {
            return false;
        }
        while (walk_next(&walk, &d)) {
            *(d.flags & DESC_F_WRITE ? in : out) += d.len;
        }
        if (vq->vdev->broken) {
            return false;
        }
    }
    return count;
}

bool virtqueue_has_bytes(Virtqueue *vq, size_t in_bytes, size_t out_bytes)
{
    size_t in, out;
    return count_bytes(vq, in_bytes, out_bytes, &in, &out) && in >= in_bytes && out >= out_bytes;
}

size_t virtqueue_in_bytes(Virtqueue *vq, size_t max)
{
    size_t in, out;
    return count_bytes(vq, max, 0, &in, &out) ? MIN(in, max) : 0;
}

/* ---- interrupts ---- */

static bool guest_wants_interrupt(Virtqueue *vq)
{
    atomic_thread_fence(memory_order_seq_cst);
    if (virtio_has_feature(vq->vdev, VIRTIO_F_NOTIFY_ON_EMPTY) && !vq->in_flight && virtqueue_is_empty(vq)) {
        return true;
    }
    if (!virtio_has_feature(vq->vdev, VIRTIO_F_EVENT_IDX)) {
        return !(avail_flags(vq) & AVAIL_F_NO_INTERRUPT);
    }
    bool valid = vq->signalled_valid;
    uint16_t old = vq->signalled_used, new = vq->used_index;
    vq->signalled_valid = true;
    vq->signalled_used = new;
    /* 2.7.7.2: was the event index passed since the last interrupt? */
    return !valid || (uint16_t)(new - used_event(vq) - 1) < (uint16_t)(new - old);
}

void virtqueue_notify(Virtqueue *vq)
{
    if (virtqueue_is_ready(vq) && guest_wants_interrupt(vq)) {
        vq->vdev->transport->notify_queue(vq->vdev->transport_opaque, vq->index);
    }
}
