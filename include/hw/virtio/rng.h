/*
 * Where virtio-rng's random bytes come from: objects rng-builtin and rng-random.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_RNG_H
#define HW_VIRTIO_RNG_H

#include "qom/object.h"

typedef struct RngBackend RngBackend;
typedef void RngReady(void *opaque, const uint8_t *data, size_t size);
typedef struct RngRequest { RngReady *ready; void *opaque; size_t size; } RngRequest;

struct RngBackend {
    Object parent;              /* type "rng-backend" */
    bool opened;
    GQueue requests;            /* of RngRequest* */
};
/* The backend's own: there is a new request. */
typedef struct RngType { void (*start)(RngBackend *rng); } RngType;

/* Calls ready(opaque) once, later, from the main loop, with 1 to size bytes. */
RngRequest *rng_request(RngBackend *rng, size_t size, RngReady *ready, void *opaque);
void rng_cancel(RngBackend *rng, RngRequest *request);
/* For backends: answers the oldest request. */
void rng_answer(RngBackend *rng, const uint8_t *data, size_t size);

#endif
