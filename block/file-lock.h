/*
 * Locks on image files, between processes: open file description locks (fcntl(2), F_OFD_SETLK) on single bytes. Byte 100 + n is read-locked by who uses
 * permission n (1 << n of BLOCK_PERM_), byte 200 + n by who does not let others use it; who wants something looks whether a lock of the other kind stands
 * in the way. The offsets are the same in all programs that share images.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BLOCK_FILE_LOCK_H
#define BLOCK_FILE_LOCK_H

#include <glib.h>
#include <stdbool.h>

typedef struct FileLock { int fd; unsigned perm, shared; } FileLock;    /* shared: as BLOCK_PERM_; begins with all */

bool file_locks_supported(void);
/* Adds locks for perm and ~shared to those that are there, and checks that nobody objects. On failure the locks are as before. filename: for the hint. */
bool file_lock_prepare(FileLock *lock, unsigned perm, unsigned shared, const char *filename, GError **err);
/* Gives back what is not needed for perm and shared any more. */
void file_lock_commit(FileLock *lock, unsigned perm, unsigned shared);

#endif
