/*
 * Pseudo terminals. Nothing on the master's side tells that somebody opened the slave: a timer looks, as long as nobody is there.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

typedef struct PtyChardev { FdChardev parent; char *path, *link; bool connected; Timer timer; } PtyChardev;

#define LOOK_INTERVAL_NS (NS_PER_S / 4)

static bool somebody_there(PtyChardev *pty)
{
    struct pollfd pfd = { .fd = pty->parent.out_fd, .events = POLLOUT };
    return poll(&pfd, 1, 0) >= 0 && !(pfd.revents & POLLHUP);
}

static void pty_look(void *opaque)
{
    PtyChardev *pty = opaque;
    bool there = somebody_there(pty);
    if (there && !pty->connected) {
        pty->connected = true;
        pty->parent.polled = true;
        chardev_event(&pty->parent.parent, CHAR_EVENT_OPENED);
        fd_chardev_accept_input(&pty->parent.parent);
        chardev_writable(&pty->parent.parent);
    } else if (!there && pty->connected) {
        /* Output left over is for whoever comes next; input is read up by then. */
        pty->connected = false;
        pty->parent.polled = false;
        chardev_event(&pty->parent.parent, CHAR_EVENT_CLOSED);
        chardev_writable(&pty->parent.parent);
    }
    timer_set_ns(&pty->timer, clock_get_ns(CLOCK_TYPE_REALTIME) + LOOK_INTERVAL_NS);
}

static bool pty_make_link(PtyChardev *pty, const char *link, GError **err)
{
    if (symlink(pty->path, link) < 0) {
        return error_set_errno(err, errno, "Failed to create PTY symlink '%s'", link);
    }
    pty->link = g_strdup(link);
    return true;
}

static bool pty_open(Chardev *chr, KeyVals *kv, GError **err)
{
    PtyChardev *pty = (PtyChardev *)chr;
    const char *link = keyvals_get(kv, "path");
    int master = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (master < 0 || grantpt(master) < 0 || unlockpt(master) < 0) {
        int saved_errno = errno;
        if (master >= 0) {
            close(master);
        }
        return error_set_errno(err, saved_errno, "Failed to create PTY");
    }
    char path[64];
    if (ptsname_r(master, path, sizeof(path)) != 0) {
        close(master);
        return error_set(err, "Failed to create PTY: it has no name");
    }
    int slave = open(path, O_RDWR | O_NOCTTY | O_CLOEXEC);
    struct termios raw;
    if (slave >= 0 && tcgetattr(slave, &raw) == 0) {
        cfmakeraw(&raw);
        tcsetattr(slave, TCSAFLUSH, &raw);
    }
    if (slave >= 0) {
        close(slave);       /* from here on the master sees that nobody is there */
    }
    pty->path = g_strdup(path);
    fd_chardev_open(&pty->parent, master, master);
    pty->parent.polled = false;
    if (link && !pty_make_link(pty, link, err)) {
        return false;
    }
    chardev_set_filename(chr, g_strdup_printf("pty:%s", path));
    chardev_message("char device redirected to %s (label %s)", path, chr->label);
    timer_init(&pty->timer, CLOCK_TYPE_REALTIME, pty_look, pty);
    timer_set_ns(&pty->timer, clock_get_ns(CLOCK_TYPE_REALTIME) + LOOK_INTERVAL_NS);
    return true;
}

static size_t pty_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    PtyChardev *pty = (PtyChardev *)chr;
    if (!pty->connected && !somebody_there(pty)) {
        return len;         /* a line without a plug */
    }
    return fd_chardev_write(chr, buf, len);
}

static void pty_cleanup(Chardev *chr)
{
    PtyChardev *pty = (PtyChardev *)chr;
    timer_cancel(&pty->timer);
    if (pty->link) {
        unlink(pty->link);
    }
    g_clear_pointer(&pty->link, g_free);
}

static void pty_finalize(Object *object)
{
    PtyChardev *pty = (PtyChardev *)object;
    pty_cleanup((Chardev *)object);
    g_free(pty->path);
}

static const ChardevType chardev_pty = {
    .name = "chardev-pty", .parent = "chardev-fd", .size = sizeof(PtyChardev), .backend = "pty", .opens_itself = true, .open = pty_open,
    .cleanup = pty_cleanup, .finalize = pty_finalize, .write = pty_write, .watch_output = fd_chardev_watch_output,
    .accept_input = fd_chardev_accept_input,
};
REGISTER_TYPE(chardev_pty)

const char *chardev_pty_path(const Chardev *chr)
{
    return object_is_a((const Object *)chr, "chardev-pty") ? ((const PtyChardev *)chr)->path : NULL;
}
