/*
 * The block layer: a graph of nodes (protocol, format, filter) with drivers as constant tables, and back ends that devices, exports and monitors
 * hold on to.
 *
 * A request is a coroutine: a driver's co_ callbacks read like straight-line code and return 0 or a negative errno. All of this runs under the machine
 * lock; requests may be started on any thread that holds it and go on from the main loop.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef BLOCK_BLOCK_H
#define BLOCK_BLOCK_H

#include "util/coroutine.h"
#include "util/iov.h"
#include "util/keyval.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct BlockNode BlockNode;
typedef struct BlockDriver BlockDriver;
typedef struct BlockChild BlockChild;
typedef struct BlockBackend BlockBackend;
struct Device;

#define SECTOR_BITS 9
#define SECTOR_SIZE (UINT64_C(1) << SECTOR_BITS)
/* No request is longer, no image is larger. */
#define BLOCK_MAX_REQUEST (UINT64_C(1) << 30)
#define BLOCK_MAX_LENGTH (INT64_MAX & ~(int64_t)4095)

/* ---- requests ---- */
typedef enum BlockRequestFlags {
    BLOCK_REQ_FUA = 1 << 0,             /* durable when it completes */
    BLOCK_REQ_MAY_UNMAP = 1 << 1,       /* write zeroes: a hole will do */
    BLOCK_REQ_NO_FALLBACK = 1 << 2,     /* write zeroes: -ENOTSUP rather than writing a buffer of zeroes */
    BLOCK_REQ_WRITE_UNCHANGED = 1 << 3, /* the guest sees the same data afterwards */
    BLOCK_REQ_SERIALISING = 1 << 4,     /* waits for what overlaps and keeps it waiting */
} BlockRequestFlags;

/* What a range of a node holds: a set of these. */
enum {
    BLOCK_STATUS_DATA = 1,              /* allocated in this node */
    BLOCK_STATUS_ZERO = 2,              /* reads as zeroes */
    BLOCK_STATUS_OFFSET_VALID = 4,      /* *map is where it lies in *file */
    BLOCK_STATUS_ALLOCATED = 8,         /* this node (not its backing node) decides */
    BLOCK_STATUS_RAW = 16,              /* ask *file at *map */
};

/* ---- permissions: what a parent does to a node, and what it lets others do ---- */
enum {
    BLOCK_PERM_CONSISTENT_READ = 1 << 0, BLOCK_PERM_WRITE = 1 << 1, BLOCK_PERM_WRITE_UNCHANGED = 1 << 2, BLOCK_PERM_RESIZE = 1 << 3,
    BLOCK_PERM_COUNT = 4, BLOCK_PERM_ALL = 15,
};
/* "consistent read", "write", "write unchanged", "resize". */
extern const char *const block_perm_names[BLOCK_PERM_COUNT];

/* ---- options of a node (QMP's BlockdevOptions), flattened: "driver", "node-name", "file.filename", "cache.direct" ... ---- */
typedef enum DetectZeroes { DETECT_ZEROES_OFF, DETECT_ZEROES_ON, DETECT_ZEROES_UNMAP } DetectZeroes;
typedef struct BlockNodeOptions {
    bool read_only, auto_read_only, force_share;
    bool cache_direct, cache_no_flush;
    bool discard;                       /* unmap: discards reach the image */
    DetectZeroes detect_zeroes;
} BlockNodeOptions;

/* What a driver wants known about its limits; powers of 2 where they are alignments. 0: none. */
typedef struct BlockLimits {
    uint32_t request_alignment;         /* bytes; at least 1 */
    uint32_t memory_alignment;
    uint32_t min_io, opt_io;
    uint64_t max_transfer; int max_iov;
    uint64_t max_discard; uint32_t discard_alignment;
    uint64_t max_write_zeroes; uint32_t write_zeroes_alignment;
} BlockLimits;

typedef struct BlockSpecificInfo { int64_t cluster_size; bool is_dirty; GVariant *format_specific; /* a{sv} or NULL */ } BlockSpecificInfo;

struct BlockDriver {
    const char *name;                   /* "raw" */
    const char *protocol;               /* "file": what "file:..." opens; NULL: none */
    size_t state_size;                  /* of node->state, zeroed */
    bool is_protocol, is_filter, is_host_device;
    bool supports_backing;
    const char *const *runtime_options; /* keys that open takes, NULL-terminated; a last '.' stands for all keys that begin so */
    /* How sure the driver is that this is its format: 0 to 100. buf: the image's first bytes. */
    int (*probe)(const uint8_t *buf, size_t len, const char *filename);
    /* Fills options from the part of a file name behind "protocol:". */
    bool (*parse_filename)(const char *filename, KeyVals *options, GError **err);
    /* Takes its keys out of options by keyvals_get. node->options is valid. Children are opened by block_open_child. */
    bool (*open)(BlockNode *node, KeyVals *options, GError **err);
    void (*close)(BlockNode *node);
    bool (*reopen)(BlockNode *node, const BlockNodeOptions *now, GError **err);

    int coroutine_fn (*co_preadv)(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags);
    int coroutine_fn (*co_pwritev)(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags);
    int coroutine_fn (*co_pwrite_zeroes)(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags);
    int coroutine_fn (*co_pdiscard)(BlockNode *node, int64_t offset, int64_t bytes);
    /* To the operating system (formats: metadata), and from there to the disk (protocols). */
    int coroutine_fn (*co_flush_to_os)(BlockNode *node);
    int coroutine_fn (*co_flush_to_disk)(BlockNode *node);
    /* *pnum: how many bytes from offset on are alike, 1 to bytes. Returns BLOCK_STATUS_ bits. */
    int coroutine_fn (*co_block_status)(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file);
    int coroutine_fn (*co_truncate)(BlockNode *node, int64_t length, bool exact, bool prealloc, unsigned flags, GError **err);
    /* Bytes, or a negative errno. */
    int64_t (*getlength)(BlockNode *node);
    int64_t (*get_allocated_size)(BlockNode *node);
    void (*refresh_limits)(BlockNode *node, BlockLimits *limits);
    bool (*get_info)(BlockNode *node, BlockSpecificInfo *info);
    /* What it needs of a child, given what its parents do to the node. NULL: the rule of its kind. */
    void (*child_perm)(BlockNode *node, const BlockChild *child, unsigned perm, unsigned shared, unsigned *child_perm, unsigned *child_shared);
    /* Protocols: the permissions of all parents are about to change. */
    bool (*check_perm)(BlockNode *node, unsigned perm, unsigned shared, GError **err);
    void (*set_perm)(BlockNode *node, unsigned perm, unsigned shared);
    void (*abort_perm)(BlockNode *node);
    /* Removable media of the host. */
    bool (*is_inserted)(BlockNode *node);
    void (*eject)(BlockNode *node, bool eject);
    void (*lock_medium)(BlockNode *node, bool locked);
    int coroutine_fn (*co_ioctl)(BlockNode *node, unsigned long request, void *buf);
    void (*drain_begin)(BlockNode *node);
    void (*drain_end)(BlockNode *node);
    /* blockdev-create, qemu-img create. */
    bool coroutine_fn (*co_create)(KeyVals *options, GError **err);
};
void block_driver_register(const BlockDriver *driver);
#define REGISTER_BLOCK_DRIVER(variable) \
    static void __attribute__((constructor)) register_driver_##variable(void) { block_driver_register(&(variable)); }
const BlockDriver *block_driver_find(const char *name);
void block_driver_foreach(void (*fn)(const BlockDriver *driver, void *opaque), void *opaque);

struct BlockChild {
    char *name;                         /* "file", "backing" */
    BlockNode *node;                    /* who is used */
    BlockNode *parent;                  /* by whom: a node ... */
    BlockBackend *blk;                  /* ... or a back end */
    unsigned perm, shared;
};

struct BlockNode {
    char *node_name;                    /* "#block123" when the user gave none */
    char *filename;                     /* for messages and query-block */
    const BlockDriver *driver;
    void *state;                        /* the driver's */
    BlockNodeOptions options;
    BlockLimits limits;
    BlockChild *file, *backing;         /* the usual children, among children; may be NULL */
    GPtrArray *children, *parents;      /* of BlockChild* */
    int64_t length;                     /* bytes, kept up to date */
    int ref_count;
    bool probed;                        /* raw without having been asked for: block 0 is watched */
    bool monitor_owned;                 /* -blockdev, blockdev-add: until blockdev-del */
    bool implicit, temporary;
    bool encrypted;
    unsigned supported_write_flags, supported_zero_flags;   /* BLOCK_REQ_FUA ... that the driver's callbacks heed */
    unsigned in_flight, quiesce;        /* requests; drained sections */
    struct TrackedRequest *tracked;     /* in flight */
    unsigned serialising;               /* how many of these serialise */
    uint64_t write_gen, flushed_gen;
    bool flush_active; CoQueue flush_queue;
    uint64_t write_threshold; uint64_t wr_highest_offset;
};

/* ---- nodes ---- */
/* filename may be NULL (options say it all), "json:{...}", "protocol:rest" or a path. options: flattened, may be NULL; what nobody takes is an error. format
 * NULL: probed. Returns a reference. Main thread, not in a coroutine. */
BlockNode *block_open(const char *filename, const char *format, KeyVals *options, const BlockNodeOptions *defaults, GError **err);
/* For drivers: opens options "NAME.*" (or the node that "NAME" names) and attaches it. */
BlockChild *block_open_child(BlockNode *parent, KeyVals *options, const char *name, GError **err);
BlockChild *block_attach_child(BlockNode *parent, BlockNode *node /* reference taken over */, const char *name, GError **err);
void block_detach_child(BlockNode *parent, BlockChild *child);
BlockNode *block_node_ref(BlockNode *node);
void block_node_unref(BlockNode *node);
BlockNode *block_node_find(const char *node_name);
BlockNode *block_node_next(BlockNode *node);                /* NULL: first; all nodes in order of creation */
bool block_node_is_read_only(const BlockNode *node);
BlockNode *block_node_skip_filters(BlockNode *node);
/* Asks all nodes below for the new permissions, or says who objects. */
bool block_refresh_perms(BlockNode *node, GError **err);
void block_refresh_limits(BlockNode *node);
int64_t block_getlength(BlockNode *node);                   /* asks the driver */
/* blockdev-add / -blockdev; blockdev-del. */
BlockNode *blockdev_add(KeyVals *options, GError **err);
bool blockdev_add_text(const char *text, GError **err);     /* keyval or {JSON} */
bool blockdev_del(const char *node_name, GError **err);

/* ---- I/O of nodes, for drivers and jobs (in coroutines); any offset and length within the node ---- */
int coroutine_fn block_co_preadv(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags);
int coroutine_fn block_co_pwritev(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags);
int coroutine_fn block_co_pread(BlockNode *node, int64_t offset, int64_t bytes, void *buf, unsigned flags);
int coroutine_fn block_co_pwrite(BlockNode *node, int64_t offset, int64_t bytes, const void *buf, unsigned flags);
int coroutine_fn block_co_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags);
int coroutine_fn block_co_pdiscard(BlockNode *node, int64_t offset, int64_t bytes);
int coroutine_fn block_co_flush(BlockNode *node);
int coroutine_fn block_co_truncate(BlockNode *node, int64_t length, bool exact, bool prealloc, unsigned flags, GError **err);
int coroutine_fn block_co_block_status(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file);
/* The same as block_co_..., from outside coroutines: the thread waits. */
int block_pread(BlockNode *node, int64_t offset, int64_t bytes, void *buf, unsigned flags);
int block_pwrite(BlockNode *node, int64_t offset, int64_t bytes, const void *buf, unsigned flags);
int block_flush(BlockNode *node);
/* Runs entry(opaque) in a coroutine and waits for its end. Requests of that coroutine block the thread rather than the main loop going round. */
void block_run_sync(CoroutineEntry *entry, void *opaque);
bool block_in_sync(void);               /* this coroutine is such a one */

/* ---- drained sections: no request is under way and none begins ---- */
void block_drained_begin(BlockNode *node);
void block_drained_end(BlockNode *node);
void block_drain_all(void);             /* waits for all requests of all back ends */
int block_flush_all(void);              /* 0 or the first error */
void block_close_all(void);             /* at the end of the process */

/* ---- memory for I/O ---- */
void *block_memory_alloc(const BlockNode *node, size_t bytes);      /* NULL: no memory; free() */

/* ======== back ends ======== */

typedef enum BlockOnError { BLOCK_ON_ERROR_REPORT, BLOCK_ON_ERROR_IGNORE, BLOCK_ON_ERROR_ENOSPC, BLOCK_ON_ERROR_STOP, BLOCK_ON_ERROR_AUTO } BlockOnError;
typedef enum BlockErrorAction { BLOCK_ERROR_ACTION_IGNORE, BLOCK_ERROR_ACTION_REPORT, BLOCK_ERROR_ACTION_STOP } BlockErrorAction;
extern const struct EnumNames block_on_error_names;                 /* BlockdevOnError: report ignore enospc stop auto */

/* What a device tells its back end, and is told by it. All may be NULL. */
typedef struct BlockDeviceOps {
    /* Another medium, or none (load false); the tray follows. */
    void (*change_media)(void *opaque, bool load);
    void (*eject_request)(void *opaque, bool force);
    bool (*is_tray_open)(void *opaque);
    bool (*is_medium_locked)(void *opaque);
    void (*resize)(void *opaque);
    void (*drained_begin)(void *opaque);
    void (*drained_end)(void *opaque);
} BlockDeviceOps;

enum { BLOCK_ACCT_READ, BLOCK_ACCT_WRITE, BLOCK_ACCT_FLUSH, BLOCK_ACCT_UNMAP, BLOCK_ACCT_COUNT };
typedef struct BlockStats {
    uint64_t bytes[BLOCK_ACCT_COUNT], operations[BLOCK_ACCT_COUNT], failed[BLOCK_ACCT_COUNT], invalid[BLOCK_ACCT_COUNT], merged[BLOCK_ACCT_COUNT],
             total_time_ns[BLOCK_ACCT_COUNT];
    int64_t last_access_ns;
    bool account_invalid, account_failed;
} BlockStats;

/* ---- life ---- */
/* name: the drive's id, or NULL for an anonymous one. No medium. One reference. */
BlockBackend *blk_new(const char *name, GError **err);
BlockBackend *blk_ref(BlockBackend *blk);
void blk_unref(BlockBackend *blk);
BlockBackend *blk_find(const char *name);                   /* named ones only */
BlockBackend *blk_next(BlockBackend *blk);                  /* NULL: first; all, in order of creation */
const char *blk_name(const BlockBackend *blk);              /* "" when anonymous */
BlockNode *blk_node(const BlockBackend *blk);               /* NULL: no medium */
/* perm, shared: BLOCK_PERM_. They are asked for when a medium is there, and for each later medium. */
bool blk_set_perm(BlockBackend *blk, unsigned perm, unsigned shared, GError **err);
/* The medium: takes its own reference. */
bool blk_insert(BlockBackend *blk, BlockNode *node, GError **err);
void blk_remove(BlockBackend *blk);
/* Image as blockdev-change-medium gives it: opens, ejects the old one, inserts, tells the device. format may be NULL. */
bool blk_change_medium(BlockBackend *blk, const char *filename, const char *format, bool force, const bool *read_only, GError **err);
bool blk_eject(BlockBackend *blk, bool force, GError **err);    /* eject: opens the tray and takes the medium */

/* ---- the device at it ---- */
/* false: another device has it. */
bool blk_attach_device(BlockBackend *blk, struct Device *dev);
void blk_detach_device(BlockBackend *blk, struct Device *dev);
struct Device *blk_device(const BlockBackend *blk);
/* ops lives for ever. */
void blk_set_device_ops(BlockBackend *blk, const BlockDeviceOps *ops, void *opaque);
void blk_set_guest_block_size(BlockBackend *blk, unsigned bytes);
bool blk_has_tray(const BlockBackend *blk);
bool blk_is_tray_open(const BlockBackend *blk);
bool blk_is_medium_locked(const BlockBackend *blk);
bool blk_dev_is_removable(const BlockBackend *blk);
/* The guest opened (eject) or closed the tray, or locked it: for the host's drive and DEVICE_TRAY_MOVED. */
void blk_tray_moved(BlockBackend *blk, bool open);
void blk_lock_medium(BlockBackend *blk, bool locked);

/* ---- facts ---- */
bool blk_is_inserted(const BlockBackend *blk);              /* a medium is there, and the host's drive has one too */
bool blk_is_available(const BlockBackend *blk);             /* inserted, and the tray is closed */
bool blk_is_writable(const BlockBackend *blk);
bool blk_supports_write_perm(const BlockBackend *blk);      /* not a read-only medium */
int64_t blk_getlength(const BlockBackend *blk);             /* bytes; -ENOMEDIUM */
uint64_t blk_nr_sectors(const BlockBackend *blk);           /* of 512 bytes, 0 without a medium */
bool blk_write_cache_enabled(const BlockBackend *blk);
void blk_set_write_cache(BlockBackend *blk, bool writeback);
BlockOnError blk_on_error(const BlockBackend *blk, bool is_read);
void blk_set_on_error(BlockBackend *blk, BlockOnError on_read_error, BlockOnError on_write_error);
BlockStats *blk_stats(BlockBackend *blk);
uint64_t blk_max_transfer(const BlockBackend *blk);         /* bytes; a multiple of the alignment */
int blk_max_iov(const BlockBackend *blk);
void blk_get_limits(const BlockBackend *blk, BlockLimits *limits);

/* ---- I/O in coroutines; offset and bytes of any alignment, checked against the medium's end. -EIO, -ENOMEDIUM ... ---- */
int coroutine_fn blk_co_preadv(BlockBackend *blk, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags);
int coroutine_fn blk_co_pwritev(BlockBackend *blk, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags);
int coroutine_fn blk_co_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, unsigned flags);
int coroutine_fn blk_co_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes);
int coroutine_fn blk_co_flush(BlockBackend *blk);
int coroutine_fn blk_co_ioctl(BlockBackend *blk, unsigned long request, void *buf);

/* ---- I/O with a callback: never called before the function has returned, always under the machine lock (main thread). qiov lives until then. ---- */
typedef void BlockCompletion(void *opaque, int result);     /* 0 or a negative errno */
typedef struct BlockAio BlockAio;
BlockAio *blk_aio_preadv(BlockBackend *blk, int64_t offset, IoVector *qiov, unsigned flags, BlockCompletion *done, void *opaque);
BlockAio *blk_aio_pwritev(BlockBackend *blk, int64_t offset, IoVector *qiov, unsigned flags, BlockCompletion *done, void *opaque);
BlockAio *blk_aio_pwrite_zeroes(BlockBackend *blk, int64_t offset, int64_t bytes, unsigned flags, BlockCompletion *done, void *opaque);
BlockAio *blk_aio_pdiscard(BlockBackend *blk, int64_t offset, int64_t bytes, BlockCompletion *done, void *opaque);
BlockAio *blk_aio_flush(BlockBackend *blk, BlockCompletion *done, void *opaque);
BlockAio *blk_aio_ioctl(BlockBackend *blk, unsigned long request, void *buf, BlockCompletion *done, void *opaque);
/* The callback will not be called any more; the request itself may still run (its memory must stay: see blk_drain). */
void blk_aio_forget(BlockAio *aio);
/* Between plug and unplug requests gather and go to the host together. Nests. */
void blk_io_plug(void);
void blk_io_unplug(void);

/* ---- I/O while the thread waits ---- */
int blk_pread(BlockBackend *blk, int64_t offset, int64_t bytes, void *buf, unsigned flags);
int blk_pwrite(BlockBackend *blk, int64_t offset, int64_t bytes, const void *buf, unsigned flags);
int blk_flush(BlockBackend *blk);
int blk_truncate(BlockBackend *blk, int64_t length, GError **err);
void blk_drain(BlockBackend *blk);                          /* waits for its requests */
unsigned blk_in_flight(const BlockBackend *blk);

/* ---- errors ---- */
/* What werror=/rerror= says of a failed request (error: a positive errno). */
BlockErrorAction blk_error_action(const BlockBackend *blk, bool is_read, int error);
/* Carries it out: the event, and on STOP the machine stops with io-error (the device keeps the request and retries when the machine runs again). */
void blk_do_error_action(BlockBackend *blk, BlockErrorAction action, bool is_read, int error);

/* QMP events (BLOCK_IO_ERROR, DEVICE_TRAY_MOVED, BLOCK_WRITE_THRESHOLD): data is a{sv}, floating. Set by the monitor. */
void block_set_event_hook(void (*fn)(const char *event, GVariant *data));
void block_send_event(const char *event, GVariant *data);

/* Names for messages and queries. */
char *block_node_name_new(void);        /* the next free "#blockNNN" */

#endif
