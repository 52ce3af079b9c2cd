/*
 * File descriptors that somebody hands to the process instead of a name: sets (-add-fd, add-fd), opened as /dev/fdset/N, and named ones (getfd).
 *
 * Machine lock held, or before threads exist.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_PASSED_FD_H
#define UTIL_PASSED_FD_H

#include <glib.h>
#include <stdbool.h>
#include <sys/types.h>

/* open(2), or a duplicate of the descriptor of set N with that access mode for the path "/dev/fdset/N". -1 with errno. Close-on-exec. */
int passed_open(const char *path, int flags, mode_t mode);

/* -add-fd: "fd=N,set=N[,opaque=TEXT]". */
bool fdset_add_option(const char *text, GError **err);
/* Takes fd over; set -1: a new one. Returns the set. */
int fdset_add(int set, int fd, const char *opaque, GError **err);
/* fd -1: all of the set. */
bool fdset_remove(int set, int fd, GError **err);
GVariant *fdset_query(void);                /* query-fdsets; floating */

/* getfd, closefd. */
void named_fd_set(const char *name, int fd);        /* takes it over, in place of an older one of that name */
bool named_fd_close(const char *name, GError **err);
/* A number, or the name of a descriptor, which is the caller's from then on. -1 with an error. */
int named_fd_take(const char *text, GError **err);

#endif
