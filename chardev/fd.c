/*
 * Back ends that read and write file descriptors: the common part of file, pipe, stdio, pty and serial.
 *
 * The input is watched only while the front end has room, so that a guest that does not read costs nothing.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/main-loop.h"

#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_CHUNK = 4096 };

static bool fd_readable(int fd_number, GIOCondition condition, void *opaque)
{
    FdChardev *fd = opaque;
    uint8_t buf[READ_CHUNK];
    int room = chardev_room(&fd->parent);
    if (room <= 0) {
        fd->in_watch = 0;
        return false;
    }
    ssize_t n = read(fd->in_fd, buf, MIN(room, READ_CHUNK));
    if (n > 0) {
        chardev_receive(&fd->parent, buf, n);
        return true;
    }
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    fd->in_watch = 0;
    fd->polled = false;         /* the end: no more input comes from there */
    chardev_event(&fd->parent, CHAR_EVENT_CLOSED);
    return false;
}

static bool fd_room_again(int fd_number, GIOCondition condition, void *opaque)
{
    FdChardev *fd = opaque;
    fd->out_watch = 0;
    chardev_writable(&fd->parent);
    return false;
}

size_t fd_chardev_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    FdChardev *fd = (FdChardev *)chr;
    size_t done = 0;
    while (done < len && fd->out_fd >= 0) {
        ssize_t n = write(fd->out_fd, buf + done, len - done);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && errno == EAGAIN) {
            return done;
        }
        if (n <= 0) {
            return len;         /* nobody will ever read it */
        }
        done += n;
    }
    return len;
}

void fd_chardev_watch_output(Chardev *chr)
{
    FdChardev *fd = (FdChardev *)chr;
    if (fd->out_fd >= 0 && !fd->out_watch) {
        fd->out_watch = fd_watch_add(fd->out_fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, fd_room_again, fd);
    }
}

void fd_chardev_accept_input(Chardev *chr)
{
    FdChardev *fd = (FdChardev *)chr;
    if (fd->polled && !fd->in_watch && chardev_room(chr) > 0) {
        fd->in_watch = fd_watch_add(fd->in_fd, G_IO_IN | G_IO_HUP | G_IO_ERR, fd_readable, fd);
    }
}

void fd_chardev_open(FdChardev *fd, int in_fd, int out_fd)
{
    fd->in_fd = in_fd;
    fd->out_fd = out_fd;
    fd->polled = in_fd >= 0;
    if (in_fd >= 0) {
        chardev_set_nonblocking(in_fd);
    }
    if (out_fd >= 0) {
        chardev_set_nonblocking(out_fd);
    }
}

void fd_chardev_close(FdChardev *fd)
{
    fd_watch_remove(fd->in_watch);
    fd_watch_remove(fd->out_watch);
    fd->in_watch = fd->out_watch = 0;
    fd->polled = false;
    if (fd->in_fd >= 0) {
        close(fd->in_fd);
    }
    if (fd->out_fd >= 0 && fd->out_fd != fd->in_fd) {
        close(fd->out_fd);
    }
    fd->in_fd = fd->out_fd = -1;
}

static void fd_chardev_init(Object *object)
{
    FdChardev *fd = (FdChardev *)object;
    fd->in_fd = fd->out_fd = -1;
}

static void fd_chardev_finalize(Object *object) { fd_chardev_close((FdChardev *)object); }

static const ChardevType chardev_fd = {
    .name = "chardev-fd", .parent = "chardev", .size = sizeof(FdChardev), .abstract = true, .init = fd_chardev_init, .finalize = fd_chardev_finalize,
};
REGISTER_TYPE(chardev_fd)
