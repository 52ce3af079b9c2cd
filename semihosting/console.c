/*
 * The console of semihosting: a character device, or the standard files of this process. A vCPU that reads where nothing has come sleeps; its instruction is run again when
 * something has, so that it can be stopped and interrupted meanwhile.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/internal.h"

#include "chardev/char.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_MAX = 4096 };

/* Machine lock. */
static CharFrontend console;
static GByteArray *input;           /* what has come and nobody has read */
static GPtrArray *waiting;          /* of Cpu *, asleep until something comes */
static bool at_end, watching;       /* of standard input */

static void wake_readers(void)
{
    for (unsigned n = 0; n < waiting->len; n++) {
        Cpu *cpu = waiting->pdata[n];
        atomic_store(&cpu->halted, false);
        cpu_kick(cpu);
    }
    g_ptr_array_set_size(waiting, 0);
}

/* ---- the character device ---- */

static int console_room(void *opaque) { return INPUT_MAX - (int)input->len; }

static void console_receive(void *opaque, const uint8_t *buf, int len)
{
    g_byte_array_append(input, buf, (guint)len);
    wake_readers();
}

static const CharCallbacks console_callbacks = { console_room, console_receive, NULL };

bool semihost_console_has_chardev(void) { return char_is_connected(&console); }

bool semihost_console_connect(const char *chardev, GError **err)
{
    input = g_byte_array_new();
    waiting = g_ptr_array_new();
    if (!chardev) {
        return true;
    }
    Chardev *chr = chardev_find(chardev);
    if (!chr) {
        return error_set(err, "semihosting chardev '%s' not found", chardev);
    }
    if (!char_frontend_connect(&console, chr, err)) {
        return false;
    }
    char_set_handlers(&console, &console_callbacks, NULL);
    return true;
}

/* ---- standard input: looked at only while somebody waits for it ---- */

static bool stdin_ready(int fd, GIOCondition condition, void *opaque)
{
    uint8_t bytes[INPUT_MAX];
    ssize_t got = read(fd, bytes, sizeof(bytes));
    if (got < 0 && (errno == EINTR || errno == EAGAIN)) {
        return true;
    }
    at_end = got <= 0;
    g_byte_array_append(input, bytes, (guint)MAX(got, 0));
    watching = false;
    wake_readers();
    return false;
}

static void watch_stdin(void *opaque) { fd_watch_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, stdin_ready, NULL); }

/* ---- reading and writing ---- */

ssize_t semihost_console_read(Cpu *cpu, void *buf, size_t bytes)
{
    MACHINE_LOCK_GUARD();
    if (input->len) {
        size_t part = MIN(bytes, input->len);
        memcpy(buf, input->data, part);
        g_byte_array_remove_range(input, 0, (guint)part);
        if (semihost_console_has_chardev()) {
            char_accept_input(&console);
        }
        return (ssize_t)part;
    }
    if (at_end || !bytes) {
        return 0;
    }
    g_ptr_array_add(waiting, cpu);
    atomic_store(&cpu->halted, true);
    if (!semihost_console_has_chardev() && !watching) {
        watching = true;
        main_loop_schedule(watch_stdin, NULL);
    }
    return -1;
}

int semihost_console_write(int fd, const void *buf, size_t bytes)
{
    if (semihost_console_has_chardev() && fd != STDERR_FILENO) {
        MACHINE_LOCK_GUARD();
        return char_write_all(&console, buf, bytes) ? 0 : EIO;
    }
    for (const uint8_t *at = buf; bytes;) {
        ssize_t done = write(fd, at, bytes);
        if (done < 0 && errno != EINTR) {
            return errno;
        }
        at += MAX(done, 0);
        bytes -= (size_t)MAX(done, 0);
    }
    return 0;
}
