/*
 * The file of units that outlives the process: a header that says what they were made by, and records one behind the other.
 *
 * Processes that run at the same time may use one file: each reads what was there when it opened it, and appends whole records under a lock. A record that is damaged or
 * cut off ends the file for its readers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef ACCEL_TCG_STORE_FILE_H
#define ACCEL_TCG_STORE_FILE_H

#include "tcg/backend.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* A record's head. Behind it: the guest's bytes (padded to 8), exits, relocations, code; padded to 16 in all. */
typedef struct StoreRecord {
    uint32_t bytes;                     /* of all of it */
    uint32_t sum;                       /* of what follows */
    uint64_t mode, constants;           /* what the front end was told besides the bytes */
    uint32_t offset;                    /* of the first instruction in its page */
    uint32_t guest_bytes, guest_hash, key;      /* key: what the index finds it by */
    uint32_t code_bytes, nr_relocs;
    uint16_t nr_exits, nr_guest_insns;
    uint32_t nr_quick;
    TcgQuickEntry quick[TCG_QUICK_SLOTS];
} StoreRecord;
typedef struct StoreExit { int64_t target; uint32_t patch_offset, stub_offset, carried; uint8_t kind, same_page, unused[2]; } StoreExit;
enum { STORE_MAX_RECORD = 1 << 20 };

/* Where the parts of a record lie, from its start. */
typedef struct StoreLayout { uint32_t guest, exits, relocs, code, end; } StoreLayout;
StoreLayout store_layout(const StoreRecord *r);
/* Whether head and parts fit each other and the record's size. */
bool store_record_fits(const StoreRecord *r);
uint32_t store_hash(const void *bytes, size_t size);
uint32_t store_sum(const StoreRecord *r);

typedef struct StoreFile {
    int fd;
    const uint8_t *map; uint64_t size;  /* of what was there at the start and can be read */
    uint64_t limit;                     /* it does not grow beyond that */
    GByteArray *pending;                /* records to be appended */
} StoreFile;

/* The file for `name` in the directory, which is made if need be and must be the user's own. what: identifies program, host and target. scan is called for each record that
 * is there; they stay where they are. */
bool store_file_open(StoreFile *f, const char *dir, const char *name, const uint64_t what[4], void (*scan)(void *opaque, const StoreRecord *r), void *opaque,
                     GError **err);
/* The record is written some time. What cannot be written is lost, no more. */
void store_file_append(StoreFile *f, const StoreRecord *r);
void store_file_flush(StoreFile *f);

#endif
