/*
 * rng-builtin (the operating system's generator) and rng-random (a device or file).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/virtio/rng.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/guest-random.h"
#include "util/main-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { CHUNK = 4096 };

/* ---- requests ---- */

RngRequest *rng_request(RngBackend *rng, size_t size, RngReady *ready, void *opaque)
{
    RngRequest *request = g_new(RngRequest, 1);
    *request = (RngRequest){ ready, opaque, size };
    g_queue_push_tail(&rng->requests, request);
    ((const RngType *)rng->parent.type->class_data)->start(rng);
    return request;
}

void rng_cancel(RngBackend *rng, RngRequest *request)
{
    if (g_queue_remove(&rng->requests, request)) {
        g_free(request);
    }
}

void rng_answer(RngBackend *rng, const uint8_t *data, size_t size)
{
    RngRequest *request = g_queue_pop_head(&rng->requests);
    if (request) {
        RngRequest copy = *request;
        g_free(request);
        copy.ready(copy.opaque, data, MIN(size, copy.size));
    }
}

static void backend_init(Object *object) { g_queue_init(&((RngBackend *)object)->requests); }

static void backend_finalize(Object *object)
{
    RngBackend *rng = (RngBackend *)object;
    for (RngRequest *r; (r = g_queue_pop_head(&rng->requests));) {
        g_free(r);
    }
}

static const Property backend_properties[] = { PROP_BOOL("opened", RngBackend, opened, false, .flags = PROP_NO_DEFAULT | PROP_DEPRECATED) };
static const ObjectType rng_backend = {
    .name = "rng-backend", .parent = "object", .size = sizeof(RngBackend), .abstract = true, .properties = PROPERTIES(backend_properties), .init = backend_init,
    .finalize = backend_finalize,
};
REGISTER_TYPE(rng_backend)

/* ---- rng-builtin ---- */

typedef struct RngBuiltin { RngBackend parent; BottomHalf *answer; } RngBuiltin;

static void builtin_answer(void *opaque)
{
    RngBackend *rng = opaque;
    uint8_t data[CHUNK];
    /* Those that are there now; what they ask for next comes in the next round. */
    for (unsigned n = rng->requests.length; n && rng->requests.length; n--) {
        RngRequest *request = rng->requests.head->data;
        size_t size = MIN(request->size, sizeof(data));
        guest_random_bytes(data, size);
        rng_answer(rng, data, size);
    }
}

static void builtin_start(RngBackend *rng) { bottom_half_schedule(((RngBuiltin *)rng)->answer); }
static void builtin_init(Object *object) { ((RngBuiltin *)object)->answer = bottom_half_new(builtin_answer, object); }
static void builtin_finalize(Object *object) { bottom_half_free(((RngBuiltin *)object)->answer); }

static const RngType builtin_class = { builtin_start };
static const ObjectType rng_builtin = {
    .name = "rng-builtin", .parent = "rng-backend", .size = sizeof(RngBuiltin), .user_creatable_object = true, .summary = "random bytes of the operating system",
    .init = builtin_init, .finalize = builtin_finalize, .class_data = &builtin_class,
};
REGISTER_TYPE(rng_builtin)

/* ---- rng-random ---- */

typedef struct RngRandom { RngBackend parent; char *filename; int fd; unsigned watch; } RngRandom;

static bool on_readable(int fd, GIOCondition condition, void *opaque)
{
    RngRandom *random = opaque;
    uint8_t data[CHUNK];
    while (random->parent.requests.length) {
        RngRequest *request = random->parent.requests.head->data;
        ssize_t got = read(fd, data, MIN(request->size, sizeof(data)));
        if (got < 0 && (errno == EAGAIN || errno == EINTR)) {
            return true;
        }
        if (got <= 0) {
            break;              /* the file's end: no more answers */
        }
        rng_answer(&random->parent, data, got);
    }
    random->watch = 0;
    return false;
}

static void random_start(RngBackend *rng)
{
    RngRandom *random = (RngRandom *)rng;
    if (!random->watch && random->fd >= 0) {
        random->watch = fd_watch_add(random->fd, G_IO_IN, on_readable, random);
    }
}

static bool random_complete(Object *object, GError **err)
{
    RngRandom *random = (RngRandom *)object;
    if (!random->filename || !*random->filename) {
        return error_set(err, "Parameter 'filename' expects a valid filename");
    }
    random->fd = open(random->filename, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    return random->fd >= 0 || error_set_errno(err, errno, "Could not open '%s'", random->filename);
}

static void random_init(Object *object) { ((RngRandom *)object)->fd = -1; }

static void random_finalize(Object *object)
{
    RngRandom *random = (RngRandom *)object;
    fd_watch_remove(random->watch);
    if (random->fd >= 0) {
        close(random->fd);
    }
}

static const RngType random_class = { random_start };
static const Property random_properties[] = { PROP_STRING("filename", RngRandom, filename, "/dev/urandom", .description = "device or file to read") };
static const ObjectType rng_random = {
    .name = "rng-random", .parent = "rng-backend", .size = sizeof(RngRandom), .user_creatable_object = true, .summary = "random bytes of a device or file",
    .properties = PROPERTIES(random_properties), .init = random_init, .complete = random_complete, .finalize = random_finalize, .class_data = &random_class,
};
REGISTER_TYPE(rng_random)
