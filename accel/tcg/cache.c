/*
 * The code cache: one reservation seen through two mappings, in sixteen segments that are filled in turn. When the last is full the oldest goes, not all of
 * them: its units are taken out of sight, and its room is used again when every vCPU has left the code that it was in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/internal.h"
#include "util/epoch.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#define STUBS_BYTES (64 * KiB)
#define DEFAULT_MIB 1024
#ifndef MADV_POPULATE_READ
#define MADV_POPULATE_READ 22
#define MADV_POPULATE_WRITE 23
#endif
#define MAX_MIB 2047                    /* jumps reach 2 GiB */

static bool map_twice(TcgAccel *t, GError **err)
{
    t->code_fd = memfd_create("tcg-jit", MFD_CLOEXEC);
    if (t->code_fd < 0 || ftruncate(t->code_fd, (off_t)t->code_size) < 0) {
        return error_set_errno(err, errno, "failed to allocate shared memory for the code cache");
    }
    t->code_write = mmap(NULL, t->code_size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE, t->code_fd, 0);
    t->code_execute = mmap(NULL, t->code_size, PROT_READ | PROT_EXEC, MAP_SHARED | MAP_NORESERVE, t->code_fd, 0);
    if (t->code_write == MAP_FAILED || t->code_execute == MAP_FAILED) {
        return error_set_errno(err, errno, "failed to map shared memory for execute");
    }
    madvise(t->code_write, t->code_size, MADV_DONTDUMP);
    madvise(t->code_execute, t->code_size, MADV_DONTDUMP);
    return true;
}

bool cache_init(TcgAccel *t, GError **err)
{
    uint64_t mib = t->tb_size_mib ? MIN(t->tb_size_mib, MAX_MIB) : DEFAULT_MIB;
    uint64_t part = ROUND_DOWN(mib * MiB / SEGMENTS, 4 * KiB);
    t->code_size = STUBS_BYTES + part * SEGMENTS;
    if (!map_twice(t, err)) {
        return false;
    }
    t->stubs = (CodeArea){ .write = t->code_write, .execute = t->code_execute, .size = STUBS_BYTES };
    uint8_t *arenas = mmap(NULL, part * SEGMENTS, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (arenas == MAP_FAILED) {
        return error_set_errno(err, errno, "failed to allocate memory for translated units");
    }
    madvise(arenas, part * SEGMENTS, MADV_HUGEPAGE);
    for (unsigned i = 0; i < SEGMENTS; i++) {
        size_t at = STUBS_BYTES + part * i;
        t->segments[i] = (Segment){ .area = { .write = t->code_write + at, .execute = t->code_execute + at, .size = part },
                                    .arena = arenas + part * i, .arena_size = part };
    }
    t->segments[0].state = SEGMENT_IN_USE;
    return true;
}

/* Pages of the cache are asked for many at once, ahead of use: each would fault twice. */
static void populate_ahead(Segment *s)
{
    enum { STEP = 256 * 1024, AHEAD = 32 * 1024 };
    if (s->area.used + AHEAD > s->populated && s->populated < s->area.size) {
        size_t bytes = MIN(STEP, s->area.size - s->populated);
        madvise(s->area.write + s->populated, bytes, MADV_POPULATE_WRITE);
        madvise(s->area.execute + s->populated, bytes, MADV_POPULATE_READ);
        s->populated += bytes;
    }
}

Segment *cache_segment(TcgAccel *t)
{
    Segment *s = &t->segments[t->current];
    populate_ahead(s);
    return s;
}

void *segment_alloc(Segment *s, size_t bytes)
{
    bytes = ROUND_UP(bytes, 16);
    if (bytes > s->arena_size - s->arena_used) {
        return NULL;
    }
    void *p = s->arena + s->arena_used;
    s->arena_used += bytes;
    return p;
}

/* Of what is written and rarely touched again the writable mapping keeps no pages: each would count twice, and for longer than it is used. */
void cache_wrote(Segment *s)
{
    enum { STEP = 256 * KiB };
    size_t done = ROUND_DOWN(s->area.used, STEP);
    if (done > s->write_dropped) {
        madvise(s->area.write + s->write_dropped, done - s->write_dropped, MADV_DONTNEED);
        s->write_dropped = done;
    }
}

bool segment_give_cell(TcgAccel *t, Segment *s, UnitExit *exit)
{
    if (exit->same_page || (exit->kind != IR_EXIT_GOTO && exit->kind != IR_EXIT_CALL)) {
        return true;
    }
    if (s->cells_used >= SEGMENT_CELLS) {
        return false;
    }
    exit->cell = TCG_FIRST_CELL + (unsigned)(s - t->segments) * SEGMENT_CELLS + s->cells_used++;
    return true;
}

/* ---- emptying ---- */

/* No vCPU is in its code any more. Machine lock held. */
static void segment_release(void *data)
{
    Segment *s = data;
    TcgAccel *t = tcg_accel;
    g_mutex_lock(&t->code_lock);
    for (Unit *unit = s->units; unit; unit = unit->segment_next) {
        unit_backend(t->backend, &unit->base)->release(&unit->base);
        g_free(unit->check);
    }
    s->units = NULL;
    s->nr_units = s->cells_used = 0;
    s->area.used = s->arena_used = s->write_dropped = 0;
    s->state = SEGMENT_FREE;
    g_mutex_unlock(&t->code_lock);
}

/* code_lock, given up meanwhile. */
static void segment_drain(TcgAccel *t, Segment *s)
{
    if (s->state != SEGMENT_IN_USE) {
        return;
    }
    s->state = SEGMENT_DRAINING;
    t->nr_evicted_segments++;
    for (Unit *unit = s->units; unit; unit = unit->segment_next) {
        if (unit->base.valid) {
            unit_remove(t, &unit->base);
        }
    }
    g_mutex_unlock(&t->code_lock);
    {
        MACHINE_LOCK_GUARD();
        epoch_retire(segment_release, s);
    }
    g_mutex_lock(&t->code_lock);
}

/* Stands outside until the segment is free, or is another's that was quicker. code_lock, given up meanwhile. false: wanted elsewhere. */
static bool wait_until_free(TcgAccel *t, TcgVcpu *v, Segment *s)
{
    g_mutex_unlock(&t->code_lock);
    memory_read_unlock();
    vcpu_leave(v);
    bool wanted = false;
    unsigned rounds = 0;
    while (__atomic_load_n(&s->state, __ATOMIC_ACQUIRE) == SEGMENT_DRAINING && !wanted) {
        for (unsigned i = 0; i < t->vcpus->len; i++) {
            if (t->vcpus->pdata[i] != v) {
                atomic_store(&((TcgVcpu *)t->vcpus->pdata[i])->hot->kick, 1);
            }
        }
        {
            MACHINE_LOCK_GUARD();
            epoch_reclaim();
        }
        wanted = atomic_load(&v->cpu->exit_request);
        /* Those that are waited for may need this very processor. */
        g_usleep(MIN(10u << MIN(rounds++, 7), 1000));
    }
    vcpu_enter(v);
    memory_read_lock();
    v->outside++;
    g_mutex_lock(&t->code_lock);
    return s->state != SEGMENT_DRAINING;
}

bool cache_advance(TcgAccel *t, TcgVcpu *v)
{
    unsigned before = t->current;
    Segment *next = &t->segments[(before + 1) % SEGMENTS];
    if (next->state == SEGMENT_IN_USE) {
        segment_drain(t, next);
    }
    if (t->current == before && next->state == SEGMENT_DRAINING && !wait_until_free(t, v, next)) {
        return false;
    }
    if (t->current == before && next->state == SEGMENT_FREE) {
        t->current = (before + 1) % SEGMENTS;
        next->state = SEGMENT_IN_USE;
        /* Emptied while this one is filled, so that nobody has to wait for it. */
        segment_drain(t, &t->segments[(t->current + 1) % SEGMENTS]);
    }
    return true;
}
