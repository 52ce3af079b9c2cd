/*
 * The terminal that the emulator was started from: raw while we run, as it was afterwards, even after Ctrl-Z and fg.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

typedef struct StdioChardev { FdChardev parent; bool signals; } StdioChardev;

/* The process has one terminal: its state is global, and so is what restores it. */
static bool in_use, saved, echo_allowed = true, signals_allowed = true;
static struct termios original;
static int original_flags[2] = { -1, -1 };

/* Async-signal-safe: also called from the handler below. */
static void terminal_apply(void)
{
    struct termios raw = original;
    if (!echo_allowed) {
        raw.c_iflag &= ~(IGNBRK | BRKINT | PARMRK | ISTRIP | INLCR | IGNCR | ICRNL | IXON);
        raw.c_oflag |= OPOST;
        raw.c_lflag &= ~(ECHO | ECHONL | ICANON | IEXTEN);
        raw.c_cflag = (raw.c_cflag & ~(CSIZE | PARENB)) | CS8;
        raw.c_cc[VMIN] = 1;
        raw.c_cc[VTIME] = 0;
    }
    if (!signals_allowed) {
        raw.c_lflag &= ~ISIG;
    }
    tcsetattr(STDIN_FILENO, TCSANOW, &raw);
}

static void continued(int signal_number) { terminal_apply(); }

static void terminal_restore(void)
{
    if (saved) {
        tcsetattr(STDIN_FILENO, TCSANOW, &original);
    }
    for (int fd = 0; fd < 2; fd++) {
        if (original_flags[fd] >= 0) {
            fcntl(fd, F_SETFL, original_flags[fd]);
            original_flags[fd] = -1;
        }
    }
}

static void stdio_set_echo(Chardev *chr, bool echo)
{
    echo_allowed = echo;
    signals_allowed = ((StdioChardev *)chr)->signals;
    if (saved) {
        terminal_apply();
    }
}

static bool stdio_open(Chardev *chr, KeyVals *kv, GError **err)
{
    StdioChardev *s = (StdioChardev *)chr;
    s->signals = true;
    if (!keyvals_get_bool(kv, "signal", &s->signals, err)) {
        return false;
    }
    if (in_use) {
        return error_set(err, "cannot use stdio by multiple character devices");
    }
    static bool registered;
    if (!registered) {
        registered = true;
        atexit(terminal_restore);
    }
    in_use = true;
    for (int fd = 0; fd < 2; fd++) {
        original_flags[fd] = fcntl(fd, F_GETFL);
    }
    if (tcgetattr(STDIN_FILENO, &original) == 0) {
        saved = true;
        struct sigaction action = { .sa_handler = continued, .sa_flags = SA_RESTART };
        sigaction(SIGCONT, &action, NULL);
    }
    fd_chardev_open(&s->parent, STDIN_FILENO, STDOUT_FILENO);
    stdio_set_echo(chr, false);
    return true;
}

static void stdio_cleanup(Chardev *chr)
{
    FdChardev *fd = (FdChardev *)chr;
    if (fd->in_fd < 0) {
        return;             /* never opened */
    }
    fd->in_fd = fd->out_fd = -1;        /* not ours to close */
    fd_chardev_close(fd);
    terminal_restore();
    if (saved) {
        signal(SIGCONT, SIG_DFL);
    }
    saved = in_use = false;
}

static void stdio_finalize(Object *object) { stdio_cleanup((Chardev *)object); }

static const ChardevType chardev_stdio = {
    .name = "chardev-stdio", .parent = "chardev-fd", .size = sizeof(StdioChardev), .backend = "stdio", .open = stdio_open, .cleanup = stdio_cleanup,
    .finalize = stdio_finalize, .write = fd_chardev_write, .watch_output = fd_chardev_watch_output, .accept_input = fd_chardev_accept_input,
    .set_echo = stdio_set_echo,
};
REGISTER_TYPE(chardev_stdio)
