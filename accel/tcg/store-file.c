/*
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/store-file.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define LIMIT_BYTES (512 * MiB)
#define BUFFER_BYTES (1 * MiB)
#define KEEP_FILES 8
#define MAX_TURNS 100           /* to lock a file that others replace meanwhile */
#define SUFFIX ".units"

typedef struct Header { char magic[8]; uint64_t what[4], unused[3]; } Header;
static const char magic[8] = "OSTUNIT1";

/* ---- records ---- */

StoreLayout store_layout(const StoreRecord *r)
{
    StoreLayout l = { .guest = sizeof(StoreRecord) };
    l.exits = ROUND_UP(l.guest + r->guest_bytes, 8);
    l.relocs = l.exits + r->nr_exits * sizeof(StoreExit);
    l.code = ROUND_UP(l.relocs + r->nr_relocs * sizeof(TcgReloc), 16);
    l.end = ROUND_UP(l.code + r->code_bytes, 16);
    return l;
}

bool store_record_fits(const StoreRecord *r)
{
    return r->bytes >= sizeof(*r) && r->bytes <= STORE_MAX_RECORD && r->guest_bytes > 0 && r->guest_bytes < 8192 && r->code_bytes < STORE_MAX_RECORD
        && r->nr_relocs < STORE_MAX_RECORD / sizeof(TcgReloc) && r->offset < 4096
        && r->nr_quick <= TCG_QUICK_SLOTS && store_layout(r).end == r->bytes;
}

/* Eight bytes a step: multiply and fold, as in Fibonacci hashing (Knuth, The Art of Computer Programming 3, 6.4). */
uint32_t store_hash(const void *bytes, size_t size)
{
    const uint8_t *p = bytes;
    uint64_t h = size;
    for (; size; p += MIN(size, 8), size -= MIN(size, 8)) {
        uint64_t word = 0;
        memcpy(&word, p, MIN(size, 8));
        h = (h ^ word) * UINT64_C(0x9e3779b97f4a7c15);
        h ^= h >> 29;
    }
    return (uint32_t)(h ^ h >> 32);
}

uint32_t store_sum(const StoreRecord *r)
{
    size_t skip = offsetof(StoreRecord, sum) + sizeof(r->sum);
    return store_hash((const uint8_t *)r + skip, r->bytes - skip);
}

/* ---- the directory ---- */

static bool check_directory(const char *dir, GError **err)
{
    struct stat st;
    if (g_mkdir_with_parents(dir, 0700) < 0 || stat(dir, &st) < 0) {
        return error_set_errno(err, errno, "cache=%s: cannot make the directory", dir);
    }
    if (!S_ISDIR(st.st_mode) || st.st_uid != geteuid() || (st.st_mode & 022)) {
        return error_set(err, "cache=%s: must be a directory of the user's own that nobody else can write to", dir);
    }
    return true;
}

typedef struct Aged { char *path; time_t time; } Aged;

static int compare_age(const void *a, const void *b)
{
    const Aged *x = a, *y = b;
    return x->time < y->time ? 1 : x->time > y->time ? -1 : 0;
}

/* Files of other programs and hosts: the oldest go. */
static void limit_files(const char *dir)
{
    g_autoptr(GDir) d = g_dir_open(dir, 0, NULL);
    g_autoptr(GArray) files = g_array_new(FALSE, FALSE, sizeof(Aged));
    const char *name;
    while (d && (name = g_dir_read_name(d))) {
        struct stat st;
        char *path = g_build_filename(dir, name, NULL);
        if (g_str_has_suffix(name, SUFFIX) && !lstat(path, &st) && S_ISREG(st.st_mode)) {
            g_array_append_val(files, ((Aged){ path, st.st_mtime }));
        } else {
            g_free(path);
        }
    }
    g_array_sort(files, compare_age);
    for (unsigned i = 0; i < files->len; i++) {
        Aged *a = &g_array_index(files, Aged, i);
        if (i >= KEEP_FILES) {
            unlink(a->path);
        }
        g_free(a->path);
    }
}

/* ---- opening ---- */

static bool header_is_right(int fd, const Header *wanted)
{
    Header h;
    return pread(fd, &h, sizeof(h), 0) == sizeof(h) && !memcmp(&h, wanted, sizeof(h));
}

/* Whether the path still leads to the file: another may have taken its place before it was locked. */
static bool is_at(const char *path, const struct stat *st)
{
    struct stat now;
    return lstat(path, &now) == 0 && now.st_dev == st->st_dev && now.st_ino == st->st_ino;
}

/* Locked. A file that is not what it should be makes way for a new one; whoever has it open keeps it. */
static int open_locked(const char *path, bool anew, struct stat *st)
{
    if (anew) {
        unlink(path);
    }
    for (unsigned turn = 0; turn < MAX_TURNS; turn++) {
        int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
        if (fd < 0) {
            return -1;
        }
        if (flock(fd, LOCK_EX) == 0 && fstat(fd, st) == 0 && is_at(path, st)) {
            return fd;
        }
        close(fd);
    }
    errno = EBUSY;
    return -1;
}

static bool write_all(int fd, const uint8_t *bytes, uint64_t size)
{
    for (uint64_t done = 0; done < size;) {
        ssize_t n = write(fd, bytes + done, size - done);
        if (n <= 0) {
            return false;
        }
        done += (uint64_t)n;
    }
    return true;
}

/* The records that are whole go to a file of their own, which takes the damaged one's place. That one is never made shorter: others may have it mapped, and what is read here
 * stays mapped from it. */
static bool replace_by_whole_records(StoreFile *f, const char *path)
{
    g_autofree char *aside = g_strdup_printf("%s-%d" SUFFIX, path, (int)getpid());
    unlink(aside);
    int fd = open(aside, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return false;
    }
    if (flock(fd, LOCK_EX) < 0 || !write_all(fd, f->map, f->size) || rename(aside, path) < 0) {
        int why = errno;
        close(fd);
        unlink(aside);
        errno = why;
        return false;
    }
    close(f->fd);
    f->fd = fd;
    return true;
}

static bool is_own_file(const struct stat *st)
{
    return st->st_uid == geteuid() && S_ISREG(st->st_mode);
}

/* Ends at the first record that is not whole. */
static void scan_records(StoreFile *f, void (*scan)(void *opaque, const StoreRecord *r), void *opaque)
{
    uint64_t at = sizeof(Header), end = f->size;
    while (end - at >= sizeof(StoreRecord)) {
        const StoreRecord *r = (const StoreRecord *)(f->map + at);
        if (!store_record_fits(r) || r->bytes > end - at) {
            break;
        }
        scan(opaque, r);
        at += r->bytes;
    }
    f->size = at;
}

static bool map_file(StoreFile *f, uint64_t size)
{
    void *map = mmap(NULL, size, PROT_READ, MAP_SHARED, f->fd, 0);
    f->map = map == MAP_FAILED ? NULL : map;
    f->size = size;
    return f->map != NULL;
}

bool store_file_open(StoreFile *f, const char *dir, const char *name, const uint64_t what[4], void (*scan)(void *opaque, const StoreRecord *r), void *opaque,
                     GError **err)
{
    Header header = { 0 };
    struct stat st;
    memcpy(header.magic, magic, sizeof(magic));
    memcpy(header.what, what, sizeof(header.what));
    if (!check_directory(dir, err)) {
        return false;
    }
    g_autofree char *path = g_strdup_printf("%s/%s-%08x" SUFFIX, dir, name, store_hash(what, sizeof(header.what)));
    f->fd = open_locked(path, false, &st);
    bool whole = f->fd >= 0 && is_own_file(&st) && st.st_size <= (off_t)LIMIT_BYTES && header_is_right(f->fd, &header);
    if (f->fd >= 0 && is_own_file(&st) && !whole) {
        close(f->fd);
        f->fd = open_locked(path, true, &st);
        st.st_size = sizeof(header);
        if (f->fd >= 0 && pwrite(f->fd, &header, sizeof(header), 0) != sizeof(header)) {
            return error_set_errno(err, errno, "cache=%s: cannot write to '%s'", dir, path);
        }
    }
    if (f->fd < 0) {
        return error_set_errno(err, errno, "cache=%s: cannot open '%s'", dir, path);
    }
    if (!is_own_file(&st)) {
        return error_set(err, "cache=%s: '%s' is not a file of the user's own", dir, path);
    }
    if (!map_file(f, st.st_size)) {
        return error_set_errno(err, errno, "cache=%s: cannot map '%s'", dir, path);
    }
    scan_records(f, scan, opaque);
    if (f->size < (uint64_t)st.st_size && !replace_by_whole_records(f, path)) {
        return error_set_errno(err, errno, "cache=%s: cannot replace the damaged file '%s'", dir, path);
    }
    flock(f->fd, LOCK_UN);
    f->limit = LIMIT_BYTES;
    f->pending = g_byte_array_new();
    limit_files(dir);
    return true;
}

/* ---- writing ---- */

void store_file_append(StoreFile *f, const StoreRecord *r)
{
    g_byte_array_append(f->pending, (const uint8_t *)r, r->bytes);
    if (f->pending->len >= BUFFER_BYTES) {
        store_file_flush(f);
    }
}

void store_file_flush(StoreFile *f)
{
    if (f->pending->len && flock(f->fd, LOCK_EX) == 0) {
        off_t end = lseek(f->fd, 0, SEEK_END);
        if (end >= 0 && (uint64_t)end + f->pending->len <= f->limit) {
            ssize_t n = pwrite(f->fd, f->pending->data, f->pending->len, end);
            if (n != (ssize_t)f->pending->len && ftruncate(f->fd, end) < 0) {
                f->limit = 0;       /* the next reader leaves it out */
            }
        }
        flock(f->fd, LOCK_UN);
    }
    g_byte_array_set_size(f->pending, 0);
}
