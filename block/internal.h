/*
 * What the files of the block layer share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BLOCK_INTERNAL_H
#define BLOCK_INTERNAL_H

#include "block/block.h"

typedef struct TrackedRequest TrackedRequest;

struct BlockBackend {
    char *name;                     /* NULL: anonymous */
    BlockChild *root;               /* NULL: no medium */
    int ref_count;
    unsigned perm, shared;
    struct Device *dev;
    const BlockDeviceOps *ops;
    void *ops_opaque;
    unsigned guest_block_size;
    bool write_cache;
    bool monitor_owned;             /* -drive: until drive_del */
    BlockOnError on_read_error, on_write_error;
    BlockStats stats;
    unsigned in_flight;
    CoQueue drained_waiters;
    /* What a new medium is opened with (blockdev-change-medium). */
    BlockNodeOptions root_options;
    GPtrArray *aios;                /* unused */
};

/* ---- options ---- */
/* Moves the keys "PREFIX..." to a new list without the prefix; never NULL. */
KeyVals *options_take_prefix(KeyVals *options, const char *prefix);
bool options_any_prefix(const KeyVals *options, const char *prefix);
/* The first key that nobody asked for, or NULL. */
const char *options_first_unused(const KeyVals *options);
void options_merge(KeyVals *into, KeyVals *from);       /* from's keys come last and win */
/* Takes the keys that all nodes have. */
bool node_options_parse(KeyVals *options, BlockNodeOptions *o, GError **err);
/* {"driver": ...} into flattened keys. */
bool options_from_json(const char *text, KeyVals *options, GError **err);

/* ---- nodes ---- */
BlockNode *node_new(const BlockDriver *driver, const char *node_name, const BlockNodeOptions *options, GError **err);
void node_set_length(BlockNode *node, int64_t length);
BlockChild *node_attach(BlockNode *parent, BlockBackend *blk, BlockNode *node, const char *name, unsigned perm, unsigned shared, GError **err);
void node_detach(BlockChild *child);
bool child_set_perm(BlockChild *child, unsigned perm, unsigned shared, GError **err);
char *child_parent_describe(const BlockChild *child);
bool node_contains(const BlockNode *node, const BlockNode *below);
/* A protocol node on an open file, which it takes over. */
BlockNode *block_file_from_fd(int fd, const char *filename, bool read_only, GError **err);
/* Puts a temporary overlay on top of the node (whose reference it takes over). */
BlockNode *block_overlay_new(BlockNode *backing, GError **err);
/* The driver that recognises the image's first bytes. */
const BlockDriver *block_probe(const uint8_t *buf, size_t len, const char *filename);
#define BLOCK_PROBE_BYTES 2048
/* Block 0 of a guessed raw image must not become another format. */
bool block_probe_changes(const uint8_t sector[512]);

/* ---- waiting ---- */
extern unsigned block_drained_sections;
bool blk_is_quiesced(const BlockBackend *blk);
void blk_wake_drained(void);
/* Goes round the main loop, or lets the main thread do it, until something of the block layer has completed. */
void block_wait_progress(void);
void block_progress(void);          /* something has completed */

/* ---- the ring ---- */
bool uring_available(void);
int coroutine_fn uring_readv(int fd, const struct iovec *iov, int count, int64_t offset);
int coroutine_fn uring_writev(int fd, const struct iovec *iov, int count, int64_t offset);
int coroutine_fn uring_fdatasync(int fd);
void uring_plug(void);
void uring_unplug(void);

#endif
