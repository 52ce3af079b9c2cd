/*
 * The balloon as the monitor sees it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_BALLOON_H
#define HW_VIRTIO_BALLOON_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* balloon: the guest shall have so many bytes. Errors are the reference's ("No balloon device has been activated"). */
bool balloon_set_target(uint64_t bytes, GError **err);
/* query-balloon: how many it has. */
bool balloon_query(uint64_t *actual_bytes, GError **err);
/* BALLOON_CHANGE: told of each change of what the guest has. */
void balloon_set_change_hook(void (*fn)(uint64_t actual_bytes));

#endif
