/*
 * Operations that the debugger carries out, by gdb's File-I/O extension. The debugger reads and writes the guest's memory itself.
 *
 * GDB manual, appendix E.13 "File-I/O Remote Protocol Extension".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/internal.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

/* E.13.7: flags of open, and errors whose numbers are not the host's. */
enum { GDB_O_RDONLY = 0, GDB_O_WRONLY = 1, GDB_O_RDWR = 2, GDB_O_APPEND = 8, GDB_O_CREAT = 0x200, GDB_O_TRUNC = 0x400, GDB_ENAMETOOLONG = 91, GDB_EUNKNOWN = 9999 };
enum { FILE_MODE = 0644 };

/* A call that the debugger works on. */
typedef struct Request {
    SemihostCall call;
    void (*then)(struct Request *r, int64_t result);    /* what the answer means; result >= 0 */
    uint64_t bytes;             /* of a read or write */
    unsigned handle;            /* to be freed */
    int fd;
    bool quiet;                 /* the call has no result */
    int64_t position, length;   /* of flen */
} Request;

static void finish(Request *r, int64_t value)
{
    semihost_result(&r->call, value);
    g_free(r);
}

static int host_errno(int gdb_errno) { return gdb_errno == GDB_ENAMETOOLONG ? ENAMETOOLONG : gdb_errno == GDB_EUNKNOWN || !gdb_errno ? EIO : gdb_errno; }

static void answered(const SemihostAnswer *answer, void *opaque)
{
    Request *r = opaque;
    if (answer->result >= 0) {
        r->then(r, answer->result);
        return;
    }
    if (r->quiet) {
        semihost_result(&r->call, 0);
    } else {
        semihost_failed(&r->call, host_errno(answer->gdb_errno));
    }
    g_free(r);
}

static SemihostOutcome ask(Request *r, const char *format, ...) G_GNUC_PRINTF(2, 3);
static SemihostOutcome ask(Request *r, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_autofree char *text = g_strdup_vprintf(format, args);
    va_end(args);
    semihost_debugger()->request(r->call.cpu, text, answered, r);
    return SEMIHOST_LATER;
}

static Request *request(const SemihostCall *call, void (*then)(Request *r, int64_t result), int fd)
{
    Request *r = g_new0(Request, 1);
    *r = (Request){ .call = *call, .then = then, .fd = fd };
    return r;
}

static void then_result(Request *r, int64_t result) { finish(r, result); }
static void then_zero(Request *r, int64_t result) { finish(r, 0); }
static void then_bool(Request *r, int64_t result) { finish(r, result != 0); }
static void then_left(Request *r, int64_t result) { finish(r, r->quiet ? 0 : (int64_t)(r->bytes - MIN((uint64_t)result, r->bytes))); }

static void then_handle(Request *r, int64_t result)
{
    unsigned handle = semihost_handle_for_remote((int)result);
    if (handle) {
        finish(r, handle);
    } else {
        semihost_failed(&r->call, EMFILE);
        g_free(r);
    }
}

static void then_closed(Request *r, int64_t result)
{
    semihost_handle_free(r->handle);
    finish(r, 0);
}

/* ---- operations ---- */

SemihostOutcome semihost_remote_open(const SemihostCall *call, uint64_t name, uint64_t length, unsigned mode)
{
    static const int flags[] = { GDB_O_RDONLY, GDB_O_RDWR, GDB_O_WRONLY | GDB_O_CREAT | GDB_O_TRUNC, GDB_O_RDWR | GDB_O_CREAT | GDB_O_TRUNC, GDB_O_WRONLY | GDB_O_CREAT | GDB_O_APPEND,
                                 GDB_O_RDWR | GDB_O_CREAT | GDB_O_APPEND };
    int error;
    g_autofree char *text = semihost_string(call, name, length, &error);
    if (!text) {
        return semihost_failed(call, error);
    }
    if (g_str_equal(text, ":tt")) {
        /* The debugger's own console is there already. */
        unsigned handle = semihost_handle_for_remote(mode < 4 ? STDIN_FILENO : mode < 8 ? STDOUT_FILENO : STDERR_FILENO);
        return handle ? semihost_result(call, handle) : semihost_failed(call, EMFILE);
    }
    return ask(request(call, then_handle, -1), "Fopen,%" PRIx64 "/%" PRIx64 ",%x,%x", name, length + 1, flags[mode / 2], FILE_MODE);
}

SemihostOutcome semihost_remote_close(const SemihostCall *call, int fd, unsigned handle)
{
    if (fd <= STDERR_FILENO) {
        semihost_handle_free(handle);       /* the debugger's console stays */
        return semihost_status(call, 0);
    }
    Request *r = request(call, then_closed, fd);
    r->handle = handle;
    return ask(r, "Fclose,%x", fd);
}

SemihostOutcome semihost_remote_write(const SemihostCall *call, int fd, uint64_t address, uint64_t bytes, bool quiet)
{
    Request *r = request(call, then_left, fd);
    r->bytes = bytes;
    r->quiet = quiet;
    return ask(r, "Fwrite,%x,%" PRIx64 ",%" PRIx64, fd, address, bytes);
}

SemihostOutcome semihost_remote_read(const SemihostCall *call, int fd, uint64_t address, uint64_t bytes)
{
    Request *r = request(call, then_left, fd);
    r->bytes = bytes;
    return ask(r, "Fread,%x,%" PRIx64 ",%" PRIx64, fd, address, bytes);
}

SemihostOutcome semihost_remote_istty(const SemihostCall *call, int fd) { return ask(request(call, then_bool, fd), "Fisatty,%x", fd); }

SemihostOutcome semihost_remote_seek(const SemihostCall *call, int fd, uint64_t offset)
{
    return ask(request(call, then_zero, fd), "Flseek,%x,%" PRIx64 ",%x", fd, offset, SEEK_SET);
}

/* The length is where the end is: fstat would want room in the guest's memory, and the guest has given none. */
static void then_back(Request *r, int64_t result) { finish(r, r->length); }

static void then_at_end(Request *r, int64_t result)
{
    r->length = result;
    r->then = then_back;
    ask(r, "Flseek,%x,%" PRIx64 ",%x", r->fd, (uint64_t)r->position, SEEK_SET);
}

static void then_position(Request *r, int64_t result)
{
    r->position = result;
    r->then = then_at_end;
    ask(r, "Flseek,%x,0,%x", r->fd, SEEK_END);
}

SemihostOutcome semihost_remote_flen(const SemihostCall *call, int fd) { return ask(request(call, then_position, fd), "Flseek,%x,0,%x", fd, SEEK_CUR); }

SemihostOutcome semihost_remote_remove(const SemihostCall *call, uint64_t name, uint64_t length)
{
    return ask(request(call, then_zero, -1), "Funlink,%" PRIx64 "/%" PRIx64, name, length + 1);
}

SemihostOutcome semihost_remote_rename(const SemihostCall *call, const uint64_t fields[4])
{
    return ask(request(call, then_zero, -1), "Frename,%" PRIx64 "/%" PRIx64 ",%" PRIx64 "/%" PRIx64, fields[0], fields[1] + 1, fields[2], fields[3] + 1);
}

SemihostOutcome semihost_remote_system(const SemihostCall *call, uint64_t command, uint64_t length)
{
    return ask(request(call, then_result, -1), "Fsystem,%" PRIx64 "/%" PRIx64, command, length + 1);
}
