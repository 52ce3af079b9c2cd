/*
 * Files of semihosting: handles, and the operations on them by this process. Handles are small numbers from 1; what stands behind one is a file of the host, the console, a
 * descriptor of the debugger, or the constant file ":semihosting-features".
 *
 * "Semihosting for AArch32 and AArch64", Release 2.0: 7 (operations), 8 (features).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/internal.h"

#include "util/bits.h"
#include "util/main-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { HANDLE_MAX = 256, PART_MAX = 65536, MODE_COUNT = 12, MODE_READ_PLUS = 2, REMOTE_STRING_MAX = 1 << 20 };

typedef enum HandleKind { HANDLE_FREE, HANDLE_HOST, HANDLE_CONSOLE_IN, HANDLE_CONSOLE_OUT, HANDLE_REMOTE, HANDLE_FEATURES } HandleKind;
typedef struct Handle { HandleKind kind; int fd; unsigned position; } Handle;

/* An operation holds the lock from the look-up of its handle to its end, so that no other vCPU closes what it works on. Before the machine lock. */
static GMutex handles_lock;
static Handle handles[HANDLE_MAX + 1];

/* "SHFB", then the bits of byte 0: SH_EXT_EXIT_EXTENDED, SH_EXT_STDOUT_STDERR. */
static const uint8_t features[] = { 'S', 'H', 'F', 'B', BIT(0) | BIT(1) };

/* NULL: no such handle. handles_lock held. */
static Handle *find_handle(uint64_t number)
{
    return number && number <= HANDLE_MAX && handles[number].kind != HANDLE_FREE ? &handles[number] : NULL;
}

/* Its number; 0: all are taken. handles_lock held. */
static unsigned new_handle(HandleKind kind, int fd)
{
    for (unsigned n = 1; n <= HANDLE_MAX; n++) {
        if (handles[n].kind == HANDLE_FREE) {
            handles[n] = (Handle){ .kind = kind, .fd = fd };
            return n;
        }
    }
    return 0;
}

unsigned semihost_handle_for_remote(int fd)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&handles_lock);
    return new_handle(HANDLE_REMOTE, fd);
}

void semihost_handle_free(unsigned handle)
{
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&handles_lock);
    handles[handle].kind = HANDLE_FREE;
}

/* ---- opening and closing ---- */

/* By the mode's number: r r+ w w+ a a+, each without and with b. */
static const int open_flags[MODE_COUNT / 2] = { O_RDONLY, O_RDWR, O_WRONLY | O_CREAT | O_TRUNC, O_RDWR | O_CREAT | O_TRUNC, O_WRONLY | O_CREAT | O_APPEND, O_RDWR | O_CREAT | O_APPEND };

/* Where ":tt" leads: reading, writing, and appending, which is standard error. */
static int console_fd(unsigned mode) { return mode < 4 ? STDIN_FILENO : mode < 8 ? STDOUT_FILENO : STDERR_FILENO; }

static SemihostOutcome opened(const SemihostCall *call, HandleKind kind, int fd)
{
    unsigned handle = new_handle(kind, fd);
    if (!handle && kind == HANDLE_HOST) {
        close(fd);
    }
    return handle ? semihost_result(call, handle) : semihost_failed(call, EMFILE);
}

SemihostOutcome semihost_open(const SemihostCall *call)
{
    uint64_t fields[3];
    int error;
    if (!semihost_fields(call, fields, 3)) {
        return semihost_failed(call, EFAULT);
    }
    g_autofree char *name = semihost_string(call, fields[0], fields[2], &error);
    if (!name || fields[1] >= MODE_COUNT) {
        return semihost_failed(call, name ? EINVAL : error);
    }
    unsigned mode = (unsigned)fields[1];
    if (strcmp(name, ":semihosting-features")) {
        MACHINE_LOCK_GUARD();
        if (semihost_to_debugger()) {
            return semihost_remote_open(call, fields[0], fields[2], mode);
        }
    }
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&handles_lock);
    if (!strcmp(name, ":semihosting-features")) {
        return mode < MODE_READ_PLUS ? opened(call, HANDLE_FEATURES, -1) : semihost_failed(call, EACCES);
    }
    if (!strcmp(name, ":tt")) {
        return opened(call, mode < 4 ? HANDLE_CONSOLE_IN : HANDLE_CONSOLE_OUT, console_fd(mode));
    }
    int fd = open(name, open_flags[mode / 2] | O_CLOEXEC | O_NOCTTY, 0644);
    return fd < 0 ? semihost_failed(call, errno) : opened(call, HANDLE_HOST, fd);
}

/* The call's handle, field 0 of the parameter block, and the fields behind it. NULL with *error. handles_lock held. */
static Handle *handle_of(const SemihostCall *call, uint64_t *fields, unsigned count, int *error)
{
    if (!semihost_fields(call, fields, count)) {
        *error = EFAULT;
        return NULL;
    }
    *error = EBADF;
    return find_handle(fields[0]);
}

#define WITH_HANDLE(count) \
    uint64_t fields[count]; \
    int error; \
    g_autoptr(GMutexLocker) locker = g_mutex_locker_new(&handles_lock); \
    Handle *h = handle_of(call, fields, count, &error); \
    if (!h) { \
        return semihost_failed(call, error); \
    }

SemihostOutcome semihost_close(const SemihostCall *call)
{
    WITH_HANDLE(1)
    if (h->kind == HANDLE_REMOTE) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_close(call, h->fd, (unsigned)fields[0]);
    }
    int status = h->kind == HANDLE_HOST ? close(h->fd) : 0;
    h->kind = HANDLE_FREE;
    return semihost_status(call, status);
}

/* ---- writing ---- */

static int write_bytes(const Handle *h, const uint8_t *buf, size_t bytes, size_t *done)
{
    if (h->kind == HANDLE_CONSOLE_OUT) {
        int error = semihost_console_write(h->fd, buf, bytes);
        *done = error ? 0 : bytes;
        return error;
    }
    while (*done < bytes) {
        ssize_t part = write(h->fd, buf + *done, bytes - *done);
        if (part < 0 && errno != EINTR) {
            return errno;
        }
        *done += (size_t)MAX(part, 0);
    }
    return 0;
}

/* The result is what is left unwritten. */
SemihostOutcome semihost_write_file(const SemihostCall *call)
{
    WITH_HANDLE(3)
    if (h->kind == HANDLE_REMOTE) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_write(call, h->fd, fields[1], fields[2], false);
    }
    if (h->kind != HANDLE_HOST && h->kind != HANDLE_CONSOLE_OUT) {
        return semihost_failed(call, EBADF);
    }
    g_autofree uint8_t *buf = g_malloc(PART_MAX);
    uint64_t left = fields[2];
    while (left) {
        size_t part = MIN(left, PART_MAX), done = 0;
        if (!semihost_read(call, fields[1] + fields[2] - left, buf, part)) {
            error = EFAULT;
        } else {
            error = write_bytes(h, buf, part, &done);
        }
        left -= done;
        if (error) {
            return left == fields[2] ? semihost_failed(call, error) : semihost_result(call, (int64_t)left);
        }
    }
    return semihost_result(call, 0);
}

/* Characters go to the character device, without one to standard error, as the reference has it. */
static int console_output(void) { return semihost_console_has_chardev() ? STDOUT_FILENO : STDERR_FILENO; }

static bool asks_debugger(void)
{
    MACHINE_LOCK_GUARD();
    return semihost_to_debugger();
}

SemihostOutcome semihost_writec(const SemihostCall *call)
{
    uint8_t byte;
    if (asks_debugger()) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_write(call, STDOUT_FILENO, call->parameter, 1, true);
    }
    if (!semihost_read(call, call->parameter, &byte, 1)) {
        return semihost_failed(call, EFAULT);
    }
    semihost_console_write(console_output(), &byte, 1);
    return semihost_result(call, 0);
}

enum { PIECE = 256 };       /* of a string; none crosses a page */

/* The bytes of a string from address to its end or to that of the piece. false: memory ends before. */
static bool string_piece(const SemihostCall *call, uint64_t address, uint8_t buf[PIECE], size_t *length, bool *ends)
{
    size_t room = PIECE - address % PIECE;
    if (!semihost_read(call, address, buf, room)) {
        return false;
    }
    const uint8_t *zero = memchr(buf, 0, room);
    *ends = zero != NULL;
    *length = zero ? (size_t)(zero - buf) : room;
    return true;
}

static SemihostOutcome remote_write0(const SemihostCall *call)
{
    uint8_t buf[PIECE];
    size_t total = 0, length;
    for (bool ends = false; !ends && total < REMOTE_STRING_MAX; total += length) {
        if (!string_piece(call, call->parameter + total, buf, &length, &ends)) {
            return semihost_failed(call, EFAULT);
        }
    }
    MACHINE_LOCK_GUARD();
    return semihost_remote_write(call, STDOUT_FILENO, call->parameter, total, true);
}

SemihostOutcome semihost_write0(const SemihostCall *call)
{
    uint8_t buf[PIECE];
    size_t length;
    uint64_t address = call->parameter;
    if (asks_debugger()) {
        return remote_write0(call);
    }
    for (bool ends = false; !ends; address += length) {
        if (!string_piece(call, address, buf, &length, &ends)) {
            return semihost_failed(call, EFAULT);
        }
        semihost_console_write(console_output(), buf, length);
    }
    return semihost_result(call, 0);
}

/* ---- reading ---- */

/* What a read gives, at most bytes; 0: the end; -1: *error, or with *error 0 nothing yet. */
static ssize_t read_bytes(const SemihostCall *call, Handle *h, uint8_t *buf, size_t bytes, int *error)
{
    ssize_t got;
    *error = 0;
    switch (h->kind) {
    case HANDLE_CONSOLE_IN:
        return semihost_console_read(call->cpu, buf, bytes);
    case HANDLE_FEATURES:
        got = (ssize_t)MIN(bytes, sizeof(features) - h->position);
        memcpy(buf, features + h->position, (size_t)got);
        h->position += (unsigned)got;
        return got;
    case HANDLE_HOST:
        do {
            got = read(h->fd, buf, bytes);
        } while (got < 0 && errno == EINTR);
        *error = got < 0 ? errno : 0;
        return got;
    default:
        *error = EBADF;
        return -1;
    }
}

/* The result is what is left unread. */
SemihostOutcome semihost_read_file(const SemihostCall *call)
{
    WITH_HANDLE(3)
    if (h->kind == HANDLE_REMOTE) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_read(call, h->fd, fields[1], fields[2]);
    }
    g_autofree uint8_t *buf = g_malloc(PART_MAX);
    uint64_t done = 0;
    while (done < fields[2]) {
        size_t part = MIN(fields[2] - done, PART_MAX);
        ssize_t got = read_bytes(call, h, buf, part, &error);
        if (got < 0 && !error) {
            return SEMIHOST_AGAIN;
        }
        if (got > 0 && !semihost_write(call, fields[1] + done, buf, (uint64_t)got)) {
            error = EFAULT;
        }
        if (error) {
            return done ? semihost_result(call, (int64_t)(fields[2] - done)) : semihost_failed(call, error);
        }
        done += (uint64_t)got;
        if ((size_t)got < part || h->kind == HANDLE_CONSOLE_IN) {
            break;
        }
    }
    return semihost_result(call, (int64_t)(fields[2] - done));
}

/* Always the console of this process: gdb's protocol reads into the guest's memory only, and the call names none. */
SemihostOutcome semihost_readc(const SemihostCall *call)
{
    uint8_t byte;
    ssize_t got = semihost_console_read(call->cpu, &byte, 1);
    return got < 0 ? SEMIHOST_AGAIN : semihost_result(call, got ? byte : -1);
}

/* ---- asking ---- */

SemihostOutcome semihost_istty(const SemihostCall *call)
{
    WITH_HANDLE(1)
    switch (h->kind) {
    case HANDLE_REMOTE: {
        MACHINE_LOCK_GUARD();
        return semihost_remote_istty(call, h->fd);
    }
    case HANDLE_FEATURES:
        return semihost_result(call, 0);
    case HANDLE_CONSOLE_IN:
    case HANDLE_CONSOLE_OUT:
        if (semihost_console_has_chardev() && h->fd != STDERR_FILENO) {
            return semihost_result(call, 1);
        }
        G_GNUC_FALLTHROUGH;
    default:
        return semihost_result(call, isatty(h->fd) ? 1 : 0);
    }
}

SemihostOutcome semihost_seek(const SemihostCall *call)
{
    WITH_HANDLE(2)
    switch (h->kind) {
    case HANDLE_REMOTE: {
        MACHINE_LOCK_GUARD();
        return semihost_remote_seek(call, h->fd, fields[1]);
    }
    case HANDLE_FEATURES:
        if (fields[1] > sizeof(features)) {
            return semihost_failed(call, EINVAL);
        }
        h->position = (unsigned)fields[1];
        return semihost_result(call, 0);
    case HANDLE_HOST:
        return semihost_status(call, lseek(h->fd, (off_t)fields[1], SEEK_SET) < 0 ? -1 : 0);
    default:
        return semihost_failed(call, ESPIPE);
    }
}

SemihostOutcome semihost_flen(const SemihostCall *call)
{
    WITH_HANDLE(1)
    struct stat st;
    switch (h->kind) {
    case HANDLE_REMOTE: {
        MACHINE_LOCK_GUARD();
        return semihost_remote_flen(call, h->fd);
    }
    case HANDLE_FEATURES:
        return semihost_result(call, sizeof(features));
    default:
        return fstat(h->fd, &st) ? semihost_failed(call, errno) : semihost_result(call, st.st_size);
    }
}
