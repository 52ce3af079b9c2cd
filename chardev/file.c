/*
 * Files and named pipes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"
#include "util/passed-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static int open_path(const char *path, int flags, GError **err)
{
    int fd = passed_open(path, flags | O_NOCTTY, 0666);
    if (fd < 0) {
        error_set_errno(err, errno, "Could not open '%s'", path);
    }
    return fd;
}

/* ---- file: written, and optionally another one read ---- */

static bool file_open(Chardev *chr, KeyVals *kv, GError **err)
{
    const char *path = keyvals_get(kv, "path"), *input = keyvals_get(kv, "input-path");
    bool append = false;
    if (!path) {
        return error_set(err, "chardev: file: no filename given");
    }
    if (!keyvals_get_bool(kv, "append", &append, err)) {
        return false;
    }
    int in = -1, out = open_path(path, O_WRONLY | O_CREAT | (append ? O_APPEND : O_TRUNC), err);
    if (out < 0) {
        return false;
    }
    if (input && (in = open_path(input, O_RDONLY, err)) < 0) {
        close(out);
        return false;
    }
    fd_chardev_open((FdChardev *)chr, in, out);
    return true;
}

static const ChardevType chardev_file = {
    .name = "chardev-file", .parent = "chardev-fd", .size = sizeof(FdChardev), .backend = "file", .open = file_open,
    .write = fd_chardev_write, .watch_output = fd_chardev_watch_output, .accept_input = fd_chardev_accept_input,
};
REGISTER_TYPE(chardev_file)

/* ---- pipe: PATH.in and PATH.out, or one that goes both ways ---- */

static bool pipe_open(Chardev *chr, KeyVals *kv, GError **err)
{
    const char *path = keyvals_get(kv, "path");
    if (!path) {
        return error_set(err, "chardev: pipe: no device path given");
    }
    g_autofree char *in_path = g_strconcat(path, ".in", NULL), *out_path = g_strconcat(path, ".out", NULL);
    /* Read and write, so that neither open waits for the other side. */
    int in = open(in_path, O_RDWR | O_CLOEXEC | O_NONBLOCK), out = open(out_path, O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (in < 0 || out < 0) {
        if (in >= 0) {
            close(in);
        }
        if (out >= 0) {
            close(out);
        }
        in = out = open_path(path, O_RDWR | O_NONBLOCK, err);
        if (in < 0) {
            return false;
        }
    }
    fd_chardev_open((FdChardev *)chr, in, out);
    return true;
}

static const ChardevType chardev_pipe = {
    .name = "chardev-pipe", .parent = "chardev-fd", .size = sizeof(FdChardev), .backend = "pipe", .open = pipe_open,
    .write = fd_chardev_write, .watch_output = fd_chardev_watch_output, .accept_input = fd_chardev_accept_input,
};
REGISTER_TYPE(chardev_pipe)
