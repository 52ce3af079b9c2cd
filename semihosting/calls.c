/*
 * Semihosting calls by number, and those that are not about files.
 *
 * "Semihosting for AArch32 and AArch64", Release 2.0: 5 (numbers), 7 (operations).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/internal.h"

#include "hw/core/loader.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum {
    SYS_OPEN = 0x01, SYS_CLOSE, SYS_WRITEC, SYS_WRITE0, SYS_WRITE, SYS_READ, SYS_READC, SYS_ISERROR, SYS_ISTTY, SYS_SEEK, SYS_FLEN = 0x0c, SYS_TMPNAM, SYS_REMOVE, SYS_RENAME,
    SYS_CLOCK, SYS_TIME, SYS_SYSTEM, SYS_ERRNO, SYS_GET_CMDLINE = 0x15, SYS_HEAPINFO, SYS_EXIT = 0x18, SYS_EXIT_EXTENDED = 0x20, SYS_ELAPSED = 0x30, SYS_TICKFREQ,
};
enum { ADP_STOPPED_APPLICATION_EXIT = 0x20026, TICKS_PER_SECOND = 1000000000, NS_PER_CENTISECOND = 10000000, TMPNAM_ID_MAX = 255, HEAP_ALIGN = 16 };

/* What SYS_ERRNO tells: of the last call that failed, by whichever vCPU. */
static _Atomic int last_errno;

SemihostOutcome semihost_result(const SemihostCall *call, int64_t value)
{
    call->front->set_result(call->cpu, (uint64_t)value);
    return SEMIHOST_DONE;
}

SemihostOutcome semihost_failed(const SemihostCall *call, int error)
{
    atomic_store(&last_errno, error);
    return semihost_result(call, -1);
}

SemihostOutcome semihost_status(const SemihostCall *call, int status) { return status < 0 ? semihost_failed(call, errno) : semihost_result(call, 0); }

/* ---- names ---- */

static SemihostOutcome call_iserror(const SemihostCall *call)
{
    uint64_t field;
    if (!semihost_fields(call, &field, 1)) {
        return semihost_failed(call, EFAULT);
    }
    return semihost_result(call, call->word_bytes == 4 ? (int32_t)field < 0 : (int64_t)field < 0);
}

static SemihostOutcome call_tmpnam(const SemihostCall *call)
{
    uint64_t fields[3];
    if (!semihost_fields(call, fields, 3)) {
        return semihost_failed(call, EFAULT);
    }
    if (fields[1] > TMPNAM_ID_MAX) {
        return semihost_failed(call, EINVAL);
    }
    g_autofree char *name = g_strdup_printf("%s/qemu-%x%02x", g_get_tmp_dir(), (unsigned)getpid(), (unsigned)fields[1]);
    size_t bytes = strlen(name) + 1;
    if (bytes > fields[2]) {
        return semihost_failed(call, ENAMETOOLONG);
    }
    return semihost_write(call, fields[0], name, bytes) ? semihost_result(call, 0) : semihost_failed(call, EFAULT);
}

static bool asks_debugger(void)
{
    MACHINE_LOCK_GUARD();
    return semihost_to_debugger();
}

static SemihostOutcome call_remove(const SemihostCall *call)
{
    uint64_t fields[2];
    int error;
    if (!semihost_fields(call, fields, 2)) {
        return semihost_failed(call, EFAULT);
    }
    g_autofree char *name = semihost_string(call, fields[0], fields[1], &error);
    if (!name) {
        return semihost_failed(call, error);
    }
    if (asks_debugger()) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_remove(call, fields[0], fields[1]);
    }
    return semihost_status(call, remove(name));
}

static SemihostOutcome call_rename(const SemihostCall *call)
{
    uint64_t fields[4];
    int error;
    if (!semihost_fields(call, fields, 4)) {
        return semihost_failed(call, EFAULT);
    }
    g_autofree char *from = semihost_string(call, fields[0], fields[1], &error);
    g_autofree char *to = from ? semihost_string(call, fields[2], fields[3], &error) : NULL;
    if (!to) {
        return semihost_failed(call, error);
    }
    if (asks_debugger()) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_rename(call, fields);
    }
    return semihost_status(call, rename(from, to));
}

static SemihostOutcome call_system(const SemihostCall *call)
{
    uint64_t fields[2];
    int error;
    if (!semihost_fields(call, fields, 2)) {
        return semihost_failed(call, EFAULT);
    }
    g_autofree char *command = semihost_string(call, fields[0], fields[1], &error);
    if (!command) {
        return semihost_failed(call, error);
    }
    if (asks_debugger()) {
        MACHINE_LOCK_GUARD();
        return semihost_remote_system(call, fields[0], fields[1]);
    }
    int status = system(command);
    return status < 0 ? semihost_failed(call, errno) : semihost_result(call, status);
}

/* ---- time ---- */

static SemihostOutcome call_clock(const SemihostCall *call) { return semihost_result(call, clock_get_ns(CLOCK_TYPE_VIRTUAL) / NS_PER_CENTISECOND); }
static SemihostOutcome call_time(const SemihostCall *call) { return semihost_result(call, time(NULL)); }
static SemihostOutcome call_tickfreq(const SemihostCall *call) { return semihost_result(call, TICKS_PER_SECOND); }

/* Where fields are of 32 bits the low half comes first, whatever the byte order. */
static SemihostOutcome call_elapsed(const SemihostCall *call)
{
    uint64_t ticks = (uint64_t)clock_get_ns(CLOCK_TYPE_VIRTUAL);
    bool good = semihost_set_field(call, call->parameter, 0, ticks) && (call->word_bytes == 8 || semihost_set_field(call, call->parameter, 1, ticks >> 32));
    return good ? semihost_result(call, 0) : semihost_failed(call, EFAULT);
}

/* ---- the program ---- */

static SemihostOutcome call_errno(const SemihostCall *call) { return semihost_result(call, atomic_load(&last_errno)); }

static SemihostOutcome call_get_cmdline(const SemihostCall *call)
{
    uint64_t fields[2];
    size_t length = strlen(semihost_settings.command_line);
    if (!semihost_fields(call, fields, 2)) {
        return semihost_failed(call, EFAULT);
    }
    if (length + 1 > fields[1]) {
        return semihost_failed(call, E2BIG);
    }
    if (!semihost_write(call, fields[0], semihost_settings.command_line, length + 1) || !semihost_set_field(call, call->parameter, 1, length)) {
        return semihost_failed(call, EFAULT);
    }
    return semihost_result(call, 0);
}

/* The heap grows up and the stack down in the largest piece of RAM that no image lies in. */
static SemihostOutcome call_heapinfo(const SemihostCall *call)
{
    uint64_t block, low, high;
    const Machine *machine = machine_current();
    uint64_t base = 0;
    for (const MemoryRegion *r = machine->ram; r; r = r->container) {
        base += r->addr;
    }
    rom_find_gap(base, machine->ram_size, &low, &high);
    low = ROUND_UP(low, HEAP_ALIGN);
    high = MAX(low, high & ~(uint64_t)(HEAP_ALIGN - 1));
    const uint64_t values[] = { low, high, high, low };        /* heap base and limit, stack base and limit */
    if (!semihost_fields(call, &block, 1)) {
        return semihost_failed(call, EFAULT);
    }
    for (unsigned n = 0; n < ARRAY_SIZE(values); n++) {
        if (!semihost_set_field(call, block, n, values[n])) {
            return semihost_failed(call, EFAULT);
        }
    }
    return semihost_result(call, 0);
}

/* The process ends soon; this vCPU does nothing more. */
static SemihostOutcome leave(const SemihostCall *call, uint64_t reason, uint64_t status)
{
    MACHINE_LOCK_GUARD();
    system_shutdown_request_with_code(SHUTDOWN_GUEST_SHUTDOWN, reason == ADP_STOPPED_APPLICATION_EXIT ? (int)(status & 0xff) : 1);
    return SEMIHOST_AGAIN;
}

static SemihostOutcome call_exit_extended(const SemihostCall *call)
{
    uint64_t fields[2];
    return semihost_fields(call, fields, 2) ? leave(call, fields[0], fields[1]) : semihost_failed(call, EFAULT);
}

/* With fields of 32 bits the parameter is the reason itself, and there is no status. */
static SemihostOutcome call_exit(const SemihostCall *call)
{
    return call->word_bytes == 8 ? call_exit_extended(call) : leave(call, (uint32_t)call->parameter, 0);
}

/* ---- the table ---- */

typedef SemihostOutcome Operation(const SemihostCall *call);

static Operation *const operations[] = {
    [SYS_OPEN] = semihost_open, [SYS_CLOSE] = semihost_close, [SYS_WRITEC] = semihost_writec, [SYS_WRITE0] = semihost_write0, [SYS_WRITE] = semihost_write_file,
    [SYS_READ] = semihost_read_file, [SYS_READC] = semihost_readc, [SYS_ISERROR] = call_iserror, [SYS_ISTTY] = semihost_istty, [SYS_SEEK] = semihost_seek,
    [SYS_FLEN] = semihost_flen, [SYS_TMPNAM] = call_tmpnam, [SYS_REMOVE] = call_remove, [SYS_RENAME] = call_rename, [SYS_CLOCK] = call_clock, [SYS_TIME] = call_time,
    [SYS_SYSTEM] = call_system, [SYS_ERRNO] = call_errno, [SYS_GET_CMDLINE] = call_get_cmdline, [SYS_HEAPINFO] = call_heapinfo, [SYS_EXIT] = call_exit,
    [SYS_EXIT_EXTENDED] = call_exit_extended, [SYS_ELAPSED] = call_elapsed, [SYS_TICKFREQ] = call_tickfreq,
};

SemihostOutcome semihosting_call(const SemihostCall *call)
{
    Operation *operation = call->operation < ARRAY_SIZE(operations) ? operations[call->operation] : NULL;
    if (!operation) {
        log_mask(LOG_GUEST_ERROR, "semihosting: call 0x%x is none of the specification's\n", call->operation);
        return semihost_failed(call, ENOSYS);
    }
    return operation(call);
}
