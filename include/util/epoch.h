/*
 * Epochs: readers without locks, and memory that is given back when the last reader that could see it is gone.
 *
 * A reader brackets its look-ups with epoch_enter and epoch_leave. A writer takes a structure out of sight first, then retires it. Where the
 * kernel has membarrier(2) a reader costs two plain stores.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_EPOCH_H
#define UTIL_EPOCH_H

#include <stdbool.h>

void epoch_enter(void);     /* nests; any thread */
void epoch_leave(void);
bool epoch_inside(void);

/* Calls release(data), under the machine lock, once every reader of now has left. Machine lock held. */
typedef void EpochRelease(void *data);
void epoch_retire(EpochRelease *release, void *data);
/* Releases what nobody can see any more. Machine lock held; called by epoch_retire and now and then by the main loop. */
void epoch_reclaim(void);

#endif
