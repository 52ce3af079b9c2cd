/*
 * Files and devices of the host: the protocols "file", "host_device" and "host_cdrom" (open(2), io_uring(7), fallocate(2), ioctl_list(2), cdrom.h).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/file-lock.h"
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/passed-fd.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/cdrom.h>
#include <linux/falloc.h>
#include <linux/fs.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

typedef enum FileAio { FILE_AIO_DEFAULT, FILE_AIO_THREADS, FILE_AIO_NATIVE, FILE_AIO_IO_URING } FileAio;

typedef struct FileState {
    int fd;
    FileAio aio;
    bool use_lock, is_device, is_block_device, is_char_device;
    FileLock lock;
    bool no_discard, no_write_zeroes, no_punch;
} FileState;

static FileState *file_state(BlockNode *node) { return node->state; }

/* ---- reading and writing ---- */
typedef struct FileRequest { int fd; const struct iovec *iov; int count; int64_t offset; bool is_write; } FileRequest;

/* A piece, as far as the kernel goes in one call. Thread pool, or the thread that waits anyway. */
static int transfer_piece(void *opaque)
{
    FileRequest *r = opaque;
    ssize_t done;
    do {
        done = r->is_write ? pwritev(r->fd, r->iov, r->count, r->offset) : preadv(r->fd, r->iov, r->count, r->offset);
    } while (done < 0 && errno == EINTR);
    return done < 0 ? -errno : (int)done;
}

enum { READ_AT_ONCE_MAX = 64 * 1024 };

/* What the host has in its page cache is cheaper to copy now than to ask another thread for (preadv2(2), RWF_NOWAIT). -EAGAIN: it would have to wait. */
static int read_at_once(const FileRequest *r)
{
    size_t size = 0;
    for (int n = 0; n < r->count; n++) {
        size += r->iov[n].iov_len;
    }
    ssize_t done = size <= READ_AT_ONCE_MAX ? preadv2(r->fd, r->iov, r->count, r->offset, RWF_NOWAIT) : -1;
    return done > 0 ? (int)done : -EAGAIN;
}

static int coroutine_fn transfer(BlockNode *node, FileRequest *r)
{
    FileState *s = file_state(node);
    if (block_in_sync()) {
        return transfer_piece(r);
    }
    int at_once = r->is_write ? -EAGAIN : read_at_once(r);
    if (at_once > 0) {
        return at_once;
    }
    if (s->aio != FILE_AIO_THREADS && uring_available()) {
        int result;
        do {
            result = r->is_write ? uring_writev(r->fd, r->iov, r->count, r->offset) : uring_readv(r->fd, r->iov, r->count, r->offset);
        } while (result == -EINTR || result == -EAGAIN);
        return result;
    }
    return co_run_in_pool(transfer_piece, r);
}

static int coroutine_fn file_rw(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, bool is_write)
{
    FileRequest r = { file_state(node)->fd, qiov->iov, MIN(qiov->count, IOV_MAX), offset, is_write };
    int done = transfer(node, &r);
    if (done == bytes || done < 0) {
        return done < 0 ? done : 0;
    }
    /* The rest of a request that was cut short: many pieces of memory, the end of the file, a signal. */
    for (int64_t at = done;;) {
        if (done == 0) {
            if (is_write) {
                return -ENOSPC;
            }
            io_vector_set(qiov, at, 0, bytes - at);
            return 0;
        }
        if (at >= bytes) {
            return 0;
        }
        IoVector rest = { 0 };
        io_vector_add_part(&rest, qiov, at, bytes - at);
        FileRequest next = { r.fd, rest.iov, MIN(rest.count, IOV_MAX), offset + at, is_write };
        done = transfer(node, &next);
        io_vector_clear(&rest);
        if (done < 0) {
            return done;
        }
        at += done;
    }
}

static int coroutine_fn file_co_preadv(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    return file_rw(node, offset, bytes, qiov, false);
}

static int coroutine_fn file_co_pwritev(BlockNode *node, int64_t offset, int64_t bytes, IoVector *qiov, unsigned flags)
{
    return file_rw(node, offset, bytes, qiov, true);
}

/* ---- work for the pool ---- */
typedef struct FileWork { int fd; int mode; int64_t offset, bytes; unsigned long request; void *buf; } FileWork;

static int coroutine_fn run_work(int (*work)(void *), FileWork *w) { return block_in_sync() ? work(w) : co_run_in_pool(work, w); }

static int do_fdatasync(void *opaque) { return fdatasync(((FileWork *)opaque)->fd) < 0 ? -errno : 0; }

static int do_fallocate(void *opaque)
{
    FileWork *w = opaque;
    int result;
    do {
        result = fallocate(w->fd, w->mode, w->offset, w->bytes);
    } while (result < 0 && errno == EINTR);
    if (result == 0) {
        return 0;
    }
    return errno == EOPNOTSUPP || errno == ENODEV || errno == ENOSYS || errno == EINVAL || errno == ENOTTY || errno == EPERM ? -ENOTSUP : -errno;
}

static int do_range_ioctl(void *opaque)
{
    FileWork *w = opaque;
    uint64_t range[2] = { w->offset, w->bytes };
    if (ioctl(w->fd, w->request, range) == 0) {
        return 0;
    }
    return errno == EOPNOTSUPP || errno == ENOTTY || errno == EINVAL ? -ENOTSUP : -errno;
}

static int coroutine_fn file_co_flush(BlockNode *node)
{
    FileState *s = file_state(node);
    if (!block_in_sync() && s->aio != FILE_AIO_THREADS && uring_available()) {
        return uring_fdatasync(s->fd);
    }
    FileWork w = { .fd = s->fd };
    return run_work(do_fdatasync, &w);
}

static int coroutine_fn file_co_pwrite_zeroes(BlockNode *node, int64_t offset, int64_t bytes, unsigned flags)
{
    FileState *s = file_state(node);
    FileWork w = { .fd = s->fd, .offset = offset, .bytes = bytes, .request = BLKZEROOUT };
    int result = -ENOTSUP;
    if ((flags & BLOCK_REQ_MAY_UNMAP) && !s->no_punch && offset + bytes <= node->length) {
        w.mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE;
        result = run_work(do_fallocate, &w);
        s->no_punch = result == -ENOTSUP;
    }
    if (result == -ENOTSUP && !s->no_write_zeroes) {
        w.mode = FALLOC_FL_ZERO_RANGE;
        result = s->is_block_device ? run_work(do_range_ioctl, &w) : run_work(do_fallocate, &w);
        s->no_write_zeroes = result == -ENOTSUP;
    }
    return result;
}

static int coroutine_fn file_co_pdiscard(BlockNode *node, int64_t offset, int64_t bytes)
{
    FileState *s = file_state(node);
    FileWork w = { .fd = s->fd, .offset = offset, .bytes = bytes, .mode = FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, .request = BLKDISCARD };
    if (s->no_discard) {
        return -ENOTSUP;
    }
    int result = s->is_block_device ? run_work(do_range_ioctl, &w) : run_work(do_fallocate, &w);
    s->no_discard = result == -ENOTSUP;
    return result;
}

static int coroutine_fn file_co_block_status(BlockNode *node, bool want_zero, int64_t offset, int64_t bytes, int64_t *pnum, int64_t *map, BlockNode **file)
{
    FileState *s = file_state(node);
    *pnum = bytes;
    *map = offset;
    *file = node;
    if (!want_zero || s->is_device) {
        return BLOCK_STATUS_DATA | BLOCK_STATUS_OFFSET_VALID;
    }
    off_t data = lseek(s->fd, offset, SEEK_DATA);
    if (data < 0 && errno != ENXIO) {
        return BLOCK_STATUS_DATA | BLOCK_STATUS_OFFSET_VALID;
    }
    if (data < 0 || data > offset) {
        *pnum = data < 0 ? bytes : MIN(bytes, data - offset);
        return BLOCK_STATUS_ZERO | BLOCK_STATUS_OFFSET_VALID;
    }
    off_t hole = lseek(s->fd, offset, SEEK_HOLE);
    *pnum = hole > offset ? MIN(bytes, hole - offset) : bytes;
    return BLOCK_STATUS_DATA | BLOCK_STATUS_OFFSET_VALID;
}

/* ---- length ---- */
static int64_t file_getlength(BlockNode *node)
{
    FileState *s = file_state(node);
    uint64_t bytes;
    if (s->is_block_device) {
        return ioctl(s->fd, BLKGETSIZE64, &bytes) < 0 ? -errno : (int64_t)MIN(bytes, (uint64_t)BLOCK_MAX_LENGTH);
    }
    off_t end = lseek(s->fd, 0, SEEK_END);
    return end < 0 ? (s->is_char_device ? 0 : -errno) : MIN(end, BLOCK_MAX_LENGTH);
}

static int64_t file_get_allocated_size(BlockNode *node)
{
    struct stat st;
    return fstat(file_state(node)->fd, &st) < 0 ? -errno : (int64_t)st.st_blocks * 512;
}

static int do_truncate(void *opaque)
{
    FileWork *w = opaque;
    if (ftruncate(w->fd, w->bytes) < 0) {
        return -errno;
    }
    return w->mode && w->bytes > w->offset && posix_fallocate(w->fd, w->offset, w->bytes - w->offset) != 0 ? -ENOSPC : 0;
}

static int coroutine_fn file_co_truncate(BlockNode *node, int64_t length, bool exact, bool prealloc, unsigned flags, GError **err)
{
    FileState *s = file_state(node);
    if (s->is_device) {
        int64_t now = file_getlength(node);
        if (now < 0 || length > now || (exact && length != now)) {
            error_set(err, length > now ? "Cannot grow device files" : "Cannot resize device files");
            return -EINVAL;
        }
        return 0;
    }
    FileWork w = { .fd = s->fd, .offset = node->length, .bytes = length, .mode = prealloc };
    int result = run_work(do_truncate, &w);
    if (result < 0) {
        error_set_errno(err, -result, "Failed to resize file");
    }
    return result;
}

/* ---- limits ---- */
/* What O_DIRECT asks for is found out by trying: the length first, then the memory. */
static void probe_direct_alignment(FileState *s, BlockLimits *limits)
{
    enum { MOST = 4096 };
    void *buf;
    limits->request_alignment = limits->memory_alignment = MOST;
    if (posix_memalign(&buf, MOST, 2 * MOST) != 0) {
        return;
    }
    for (unsigned align = 512; align < MOST; align *= 2) {
        if (pread(s->fd, buf, align, 0) >= 0) {
            limits->request_alignment = align;
            break;
        }
    }
    for (unsigned align = 512; align < MOST; align *= 2) {
        if (pread(s->fd, (char *)buf + align, MOST, 0) >= 0) {
            limits->memory_alignment = align;
            break;
        }
    }
    free(buf);
}

static void file_refresh_limits(BlockNode *node, BlockLimits *limits)
{
    FileState *s = file_state(node);
    int sector_size;
    limits->max_iov = IOV_MAX;
    if (node->options.cache_direct) {
        probe_direct_alignment(s, limits);
    }
    if (s->is_block_device && node->options.cache_direct && ioctl(s->fd, BLKSSZGET, &sector_size) == 0 && IS_POWER_OF_2(sector_size)) {
        limits->request_alignment = MAX(limits->request_alignment, (unsigned)sector_size);
    }
    if (s->is_block_device) {
        limits->discard_alignment = limits->write_zeroes_alignment = 512;
    }
}

/* ---- permissions ---- */
static bool file_check_perm(BlockNode *node, unsigned perm, unsigned shared, GError **err)
{
    FileState *s = file_state(node);
    return !s->use_lock || file_lock_prepare(&s->lock, perm, shared, node->filename, err);
}

static void file_set_perm(BlockNode *node, unsigned perm, unsigned shared)
{
    FileState *s = file_state(node);
    if (s->use_lock) {
        file_lock_commit(&s->lock, perm, shared);
    }
}

/* Back to what the parents have now. */
static void file_abort_perm(BlockNode *node)
{
    unsigned perm = 0, shared = BLOCK_PERM_ALL;
    for (unsigned n = 0; n < node->parents->len; n++) {
        const BlockChild *edge = g_ptr_array_index(node->parents, n);
        perm |= edge->perm;
        shared &= edge->shared;
    }
    file_set_perm(node, perm, shared);
}

/* ---- opening ---- */
static bool parse_aio(const char *text, FileAio *aio, GError **err)
{
    static const char *const names[] = { "", "threads", "native", "io_uring" };
    for (unsigned n = 1; text && n < ARRAY_SIZE(names); n++) {
        if (g_str_equal(text, names[n])) {
            *aio = n;
            return true;
        }
    }
    return !text || error_set(err, "Parameter 'aio' does not accept value '%s'", text);
}

static int open_path(const char *filename, int flags)
{
    int fd = passed_open(filename, flags | O_NOCTTY, 0);
    return fd < 0 ? -errno : fd;
}

static bool check_kind(BlockNode *node, FileState *s, const char *filename, GError **err)
{
    struct stat st;
    if (fstat(s->fd, &st) < 0) {
        return error_set_errno(err, errno, "Could not stat file");
    }
    s->is_block_device = S_ISBLK(st.st_mode);
    s->is_char_device = S_ISCHR(st.st_mode);
    s->is_device = s->is_block_device || s->is_char_device;
    if (node->driver->is_host_device && !s->is_device) {
        return error_set(err, "'%s' driver requires '%s' to be either a character or block device", node->driver->name, filename);
    }
    if (!node->driver->is_host_device && !S_ISREG(st.st_mode)) {
        return error_set(err, "'%s' driver requires '%s' to be a regular file", node->driver->name, filename);
    }
    return true;
}

static bool choose_lock(FileState *s, const char *locking, bool force_share, GError **err)
{
    bool on = file_locks_supported();
    if (locking && g_str_equal(locking, "off")) {
        on = false;
    } else if (locking && g_str_equal(locking, "on")) {
        if (!on) {
            warn_report("File lock requested but OFD locking syscall is unavailable");
        }
    } else if (locking && !g_str_equal(locking, "auto")) {
        return error_set(err, "Parameter 'locking' does not accept value '%s'", locking);
    }
    s->use_lock = on && !force_share;
    return true;
}

static bool file_open_fd(BlockNode *node, const char *filename, GError **err)
{
    FileState *s = file_state(node);
    int direct = node->options.cache_direct ? O_DIRECT : 0;
    struct stat st;
    if (!node->driver->is_host_device && stat(filename, &st) == 0 && S_ISDIR(st.st_mode)) {
        return error_set(err, "'%s' driver requires '%s' to be a regular file", node->driver->name, filename);
    }
    int nonblock = node->driver->is_host_device ? O_NONBLOCK : 0;
    s->fd = open_path(filename, (node->options.read_only ? O_RDONLY : O_RDWR) | direct | nonblock);
    if (!node->options.read_only && node->options.auto_read_only && (s->fd == -EACCES || s->fd == -EROFS || s->fd == -EPERM)) {
        s->fd = open_path(filename, O_RDONLY | direct | nonblock);
        node->options.read_only = s->fd >= 0;
    }
    if (s->fd == -EINVAL && direct) {
        return error_set(err, "Could not open '%s': filesystem does not support O_DIRECT", filename);
    }
    return s->fd >= 0 || error_set_errno(err, -s->fd, "Could not open '%s'", filename);
}

static bool file_open(BlockNode *node, KeyVals *options, GError **err)
{
    FileState *s = file_state(node);
    const char *filename = keyvals_get(options, "filename"), *locking = keyvals_get(options, "locking");
    keyvals_get(options, "drop-cache");
    keyvals_get(options, "x-check-cache-dropped");
    s->fd = -1;
    if (keyvals_get(options, "pr-manager")) {
        return error_set(err, "pr-manager is not implemented");
    }
    if (!filename) {
        return error_set(err, "Parameter 'filename' is missing");
    }
    if (!parse_aio(keyvals_get(options, "aio"), &s->aio, err) || !choose_lock(s, locking, node->options.force_share, err)) {
        return false;
    }
    if (s->aio == FILE_AIO_NATIVE && !node->options.cache_direct) {
        return error_set(err, "aio=native was specified, but it requires cache.direct=on, which was not specified.");
    }
    if (s->aio == FILE_AIO_IO_URING && !uring_available()) {
        return error_set(err, "aio=io_uring was specified, but is not supported by this host's kernel");
    }
    g_free(node->filename);
    node->filename = g_strdup(filename);
    if (!file_open_fd(node, filename, err)) {
        return false;
    }
    if (!check_kind(node, s, filename, err)) {
        close(s->fd);
        return false;
    }
    s->lock = (FileLock){ .fd = s->fd, .shared = BLOCK_PERM_ALL };
    return true;
}

static void file_close(BlockNode *node)
{
    FileState *s = file_state(node);
    if (s->fd >= 0) {
        close(s->fd);
    }
}

static bool file_parse_filename(const char *filename, KeyVals *options, GError **err)
{
    keyvals_set(options, "filename", filename);
    return true;
}

static const char *const file_options[] = { "filename", "aio", "locking", "pr-manager", "drop-cache", "x-check-cache-dropped", NULL };

#define FILE_CALLBACKS \
    .state_size = sizeof(FileState), .is_protocol = true, .runtime_options = file_options, .parse_filename = file_parse_filename, .open = file_open, \
    .close = file_close, .co_preadv = file_co_preadv, .co_pwritev = file_co_pwritev, .co_pwrite_zeroes = file_co_pwrite_zeroes, \
    .co_pdiscard = file_co_pdiscard, .co_flush_to_disk = file_co_flush, .co_truncate = file_co_truncate, .getlength = file_getlength, \
    .get_allocated_size = file_get_allocated_size, .refresh_limits = file_refresh_limits, .check_perm = file_check_perm, .set_perm = file_set_perm, \
    .abort_perm = file_abort_perm, .co_block_status = file_co_block_status

static const BlockDriver file = { .name = "file", .protocol = "file", FILE_CALLBACKS };
REGISTER_BLOCK_DRIVER(file)

/* A file that the process has open already, and that nobody else knows. */
BlockNode *block_file_from_fd(int fd, const char *filename, bool read_only, GError **err)
{
    BlockNodeOptions options = { .read_only = read_only, .discard = true, .cache_no_flush = true };
    BlockNode *node = node_new(&file, NULL, &options, err);
    FileState *s = file_state(node);
    s->fd = fd;
    s->lock = (FileLock){ .fd = fd, .shared = BLOCK_PERM_ALL };
    node->filename = g_strdup(filename);
    block_refresh_limits(node);
    block_getlength(node);
    return node;
}

/* ---- devices of the host ---- */
static int do_ioctl(void *opaque)
{
    FileWork *w = opaque;
    return ioctl(w->fd, w->request, w->buf) < 0 ? -errno : 0;
}

static int coroutine_fn device_co_ioctl(BlockNode *node, unsigned long request, void *buf)
{
    FileWork w = { .fd = file_state(node)->fd, .request = request, .buf = buf };
    return run_work(do_ioctl, &w);
}

static const BlockDriver host_device = { .name = "host_device", .protocol = "host_device", .is_host_device = true, .co_ioctl = device_co_ioctl, FILE_CALLBACKS };
REGISTER_BLOCK_DRIVER(host_device)

static bool cdrom_is_inserted(BlockNode *node) { return ioctl(file_state(node)->fd, CDROM_DRIVE_STATUS, CDSL_CURRENT) == CDS_DISC_OK; }
static void cdrom_eject(BlockNode *node, bool eject) { (void)!ioctl(file_state(node)->fd, eject ? CDROMEJECT : CDROMCLOSETRAY, 0); }
static void cdrom_lock_medium(BlockNode *node, bool locked) { (void)!ioctl(file_state(node)->fd, CDROM_LOCKDOOR, locked); }

static const BlockDriver host_cdrom = {
    .name = "host_cdrom", .protocol = "host_cdrom", .is_host_device = true, .is_inserted = cdrom_is_inserted, .eject = cdrom_eject,
    .lock_medium = cdrom_lock_medium, .co_ioctl = device_co_ioctl, FILE_CALLBACKS
};
REGISTER_BLOCK_DRIVER(host_cdrom)
