/*
 * Between the kinds of memory back ends.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SOFTMMU_BACKEND_INTERNAL_H
#define SOFTMMU_BACKEND_INTERNAL_H

#include "softmmu/backend.h"

/* What every kind demands of its properties. */
bool memory_backend_check(MemoryBackend *backend, GError **err);
/* Makes the block of the request (whose fd, fd_offset, align and flags the kind has set) and the region. The fd is its
 * own from here on, after a failure too. */
bool memory_backend_map(MemoryBackend *backend, RamRequest *request, GError **err);

#endif
