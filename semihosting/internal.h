/*
 * What the files of semihosting/ share. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SEMIHOSTING_INTERNAL_H
#define SEMIHOSTING_INTERNAL_H

#include "semihosting/semihosting.h"

/* ---- settings.c ---- */
extern SemihostSettings semihost_settings;
/* Requests go to the debugger. Machine lock held. */
bool semihost_to_debugger(void);
const SemihostDebugger *semihost_debugger(void);

/* ---- calls.c ---- */
/* The result of a call that is done: sets it, and with failed the error that SYS_ERRNO tells. */
SemihostOutcome semihost_result(const SemihostCall *call, int64_t value);
SemihostOutcome semihost_failed(const SemihostCall *call, int error);
/* 0 or -1 by errno of the host. */
SemihostOutcome semihost_status(const SemihostCall *call, int status);

/* ---- guest.c: false: some byte is not to be accessed (EFAULT) ---- */
bool semihost_read(const SemihostCall *call, uint64_t address, void *buf, uint64_t bytes);
bool semihost_write(const SemihostCall *call, uint64_t address, const void *buf, uint64_t bytes);
/* Fields 0 to count - 1 of the parameter block. */
bool semihost_fields(const SemihostCall *call, uint64_t *fields, unsigned count);
bool semihost_set_field(const SemihostCall *call, uint64_t block, unsigned n, uint64_t value);
/* A string of that length, and then a 0 byte. NULL with *error set: it cannot be read, is too long or holds a 0. The caller frees. */
char *semihost_string(const SemihostCall *call, uint64_t address, uint64_t length, int *error);

/* ---- console.c ---- */
bool semihost_console_connect(const char *chardev, GError **err);
bool semihost_console_has_chardev(void);
/* To the character device, else to a file of this process: all of it. 0 or an errno. */
int semihost_console_write(int fd, const void *buf, size_t bytes);
/* What has come, at most `bytes`; 0: the end. -1: nothing has come yet, and the vCPU has been put to sleep until something does: SEMIHOST_AGAIN. */
ssize_t semihost_console_read(Cpu *cpu, void *buf, size_t bytes);

/* ---- files.c: one function an operation ---- */
SemihostOutcome semihost_open(const SemihostCall *call);
SemihostOutcome semihost_close(const SemihostCall *call);
SemihostOutcome semihost_writec(const SemihostCall *call);
SemihostOutcome semihost_write0(const SemihostCall *call);
SemihostOutcome semihost_write_file(const SemihostCall *call);
SemihostOutcome semihost_read_file(const SemihostCall *call);
SemihostOutcome semihost_readc(const SemihostCall *call);
SemihostOutcome semihost_istty(const SemihostCall *call);
SemihostOutcome semihost_seek(const SemihostCall *call);
SemihostOutcome semihost_flen(const SemihostCall *call);

/* ---- remote.c: the same by the debugger; handles are its descriptors. Machine lock held ---- */
SemihostOutcome semihost_remote_open(const SemihostCall *call, uint64_t name, uint64_t length, unsigned mode);
SemihostOutcome semihost_remote_close(const SemihostCall *call, int fd, unsigned handle);
SemihostOutcome semihost_remote_write(const SemihostCall *call, int fd, uint64_t address, uint64_t bytes, bool quiet);
SemihostOutcome semihost_remote_read(const SemihostCall *call, int fd, uint64_t address, uint64_t bytes);
SemihostOutcome semihost_remote_istty(const SemihostCall *call, int fd);
SemihostOutcome semihost_remote_seek(const SemihostCall *call, int fd, uint64_t offset);
SemihostOutcome semihost_remote_flen(const SemihostCall *call, int fd);
SemihostOutcome semihost_remote_remove(const SemihostCall *call, uint64_t name, uint64_t length);
SemihostOutcome semihost_remote_rename(const SemihostCall *call, const uint64_t fields[4]);
SemihostOutcome semihost_remote_system(const SemihostCall *call, uint64_t command, uint64_t length);
/* A handle for a descriptor of the debugger's; 0: there are too many. The handle is free again. Any thread. */
unsigned semihost_handle_for_remote(int fd);
void semihost_handle_free(unsigned handle);

#endif
