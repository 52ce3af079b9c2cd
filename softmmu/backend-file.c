/*
 * Memory back ends with a file descriptor: a file (hugetlbfs, DAX, plain), a memfd, POSIX shared memory.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "softmmu/backend-internal.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- memory-backend-file ---- */

typedef struct FileBackend {
    MemoryBackend parent;
    char *path;
    uint64_t align, offset;
    bool discard_data, readonly, pmem;
    int rom;                    /* OnOffAuto */
} FileBackend;

static const Property file_properties[] = {
    PROP_SIZE("align", FileBackend, align, 0, .type_name = "int"),
    PROP_BOOL("discard-data", FileBackend, discard_data, false, .flags = PROP_ANY_TIME),
    PROP_STRING("mem-path", FileBackend, path, NULL),
    PROP_SIZE("offset", FileBackend, offset, 0, .type_name = "int"),
    PROP_BOOL("pmem", FileBackend, pmem, false),
    PROP_BOOL("readonly", FileBackend, readonly, false),
    PROP_ON_OFF_AUTO("rom", FileBackend, rom, ON_OFF_AUTO_AUTO),
};

/* A nameless file in the directory. */
static int open_in_directory(const FileBackend *file, GError **err)
{
    g_autofree char *name = g_strdelimit(g_strdup(file->parent.parent.name), "/", '_');
    g_autofree char *template = g_strdup_printf("%s/qemu_back_mem.%s.XXXXXX", file->path, name);
    int fd = g_mkstemp_full(template, O_RDWR | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_set_errno(err, errno, "can't create backing store %s for guest RAM", template);
        return -1;
    }
    unlink(template);
    return fd;
}

/* *created: the file is new and has to get its size. */
static int open_file(const FileBackend *file, bool *created, GError **err)
{
    struct stat st;
    *created = false;
    if (stat(file->path, &st) == 0 && S_ISDIR(st.st_mode)) {
        if (file->readonly) {
            error_set_errno(err, EISDIR, "can't open backing store %s for guest RAM", file->path);
            return -1;
        }
        *created = true;
        return open_in_directory(file, err);
    }
    int fd = open(file->path, (file->readonly ? O_RDONLY : O_RDWR) | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT && !file->readonly) {
        fd = open(file->path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
        *created = fd >= 0;
    }
    if (fd < 0) {
        error_set_errno(err, errno, "can't open backing store %s for guest RAM", file->path);
    }
    return fd;
}

static bool check_alignment(const FileBackend *file, int fd, GError **err)
{
    struct stat st;
    uint64_t page = (uint64_t)getpagesize();
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && (uint64_t)st.st_blksize > page && IS_POWER_OF_2(st.st_blksize) &&
        st.st_blksize >= (int64_t)(2 * MiB)) {
        page = (uint64_t)st.st_blksize;     /* hugetlbfs */
    }
    if (file->align % page) {
        return error_set(err, "alignment 0x%" G_GINT64_MODIFIER "x must be multiples of page size 0x%" G_GINT64_MODIFIER "x", file->align, page);
    }
    if (file->align && !IS_POWER_OF_2(file->align)) {
        return error_set(err, "alignment 0x%" G_GINT64_MODIFIER "x must be a power of two", file->align);
    }
    if (file->offset % page) {
        return error_set(err, "offset 0x%" G_GINT64_MODIFIER "x must be multiples of page size 0x%" G_GINT64_MODIFIER "x", file->offset, page);
    }
    if (file->parent.size < page) {
        return error_set(err, "memory size 0x%" G_GINT64_MODIFIER "x must be equal to or larger than page size 0x%" G_GINT64_MODIFIER "x",
                         file->parent.size, page);
    }
    return true;
}

static bool check_size(const FileBackend *file, int fd, bool created, GError **err)
{
    struct stat st;
    uint64_t end;
    if (__builtin_add_overflow(file->offset, ROUND_UP(file->parent.size, (uint64_t)getpagesize()), &end) || end > INT64_MAX) {
        return error_set(err, "offset and size of the memory back end are too large");
    }
    if (fstat(fd, &st) < 0) {
        return error_set_errno(err, errno, "can't get the size of backing store %s", file->path);
    }
    if (!S_ISREG(st.st_mode)) {
        return true;    /* a DAX device: the kernel refuses what does not fit */
    }
    if (st.st_size > 0 && (uint64_t)st.st_size < file->offset + file->parent.size) {
        return error_set(err, "backing store size 0x%" G_GINT64_MODIFIER "x does not match 'size' option 0x%" G_GINT64_MODIFIER "x",
                         (uint64_t)st.st_size, file->parent.size);
    }
    if (st.st_size == 0 && (created || !file->readonly) && ftruncate(fd, (off_t)end) < 0) {
        return error_set_errno(err, errno, "can't set the size of backing store %s", file->path);
    }
    return true;
}

static bool check_options(const FileBackend *file, GError **err)
{
    if (!file->path) {
        return error_set(err, "Parameter 'mem-path' is missing");
    }
    if (file->pmem) {
        return error_set(err, "Lack of libpmem support while setting the 'pmem=on' of %s. We can't ensure data persistence.",
                         file->parent.parent.name);
    }
    if (file->rom == ON_OFF_AUTO_ON && !file->readonly) {
        return error_set(err, "property 'rom' = 'on' is not supported with 'readonly' = 'off'");
    }
    if (file->rom == ON_OFF_AUTO_OFF && file->readonly && file->parent.share) {
        return error_set(err, "property 'rom' = 'off' is incompatible with 'readonly' = 'on' and 'share' = 'on'");
    }
    return true;
}

static bool file_complete(Object *object, GError **err)
{
    FileBackend *file = (FileBackend *)object;
    bool created;
    if (!memory_backend_check(&file->parent, err) || !check_options(file, err)) {
        return false;
    }
    int fd = open_file(file, &created, err);
    if (fd < 0) {
        return false;
    }
    bool rom = file->rom == ON_OFF_AUTO_ON || (file->rom == ON_OFF_AUTO_AUTO && file->readonly);
    RamRequest request = { .fd = fd, .fd_offset = file->offset, .align = file->align, .flags = rom ? RAM_READONLY : 0 };
    if (!check_alignment(file, fd, err) || !check_size(file, fd, created, err)) {
        close(fd);
        return false;
    }
    return memory_backend_map(&file->parent, &request, err);
}

static void file_finalize(Object *object)
{
    FileBackend *file = (FileBackend *)object;
    if (file->discard_data && file->parent.block) {
        madvise(file->parent.block->host, file->parent.block->size, MADV_REMOVE);
    }
}

static const ObjectType file_type = {
    .name = "memory-backend-file", .parent = "memory-backend", .size = sizeof(FileBackend), .user_creatable_object = true,
    .properties = PROPERTIES(file_properties), .complete = file_complete, .finalize = file_finalize,
};
REGISTER_TYPE(file_type)

/* ---- memory-backend-memfd ---- */

typedef struct MemfdBackend { MemoryBackend parent; bool hugetlb, seal; uint64_t hugetlb_size; } MemfdBackend;

static const Property memfd_properties[] = {
    PROP_BOOL("hugetlb", MemfdBackend, hugetlb, false, .description = "Use huge pages"),
    PROP_SIZE("hugetlbsize", MemfdBackend, hugetlb_size, 0, .type_name = "int", .description = "Huge pages size (ex: 2M, 1G)"),
    PROP_BOOL("seal", MemfdBackend, seal, true, .description = "Seal growing & shrinking"),
};

static void share_by_default(Object *object)
{
    ((MemoryBackend *)object)->share = true;
}

static int make_memfd(const MemfdBackend *backend, GError **err)
{
    unsigned flags = MFD_CLOEXEC | (backend->seal ? MFD_ALLOW_SEALING : 0);
    if (backend->hugetlb) {
        flags |= MFD_HUGETLB;
        if (backend->hugetlb_size && !IS_POWER_OF_2(backend->hugetlb_size)) {
            error_set(err, "Hugepage size must be a power of 2");
            return -1;
        }
        flags |= backend->hugetlb_size ? (unsigned)__builtin_ctzll(backend->hugetlb_size) << 26 : 0;    /* MFD_HUGE_SHIFT */
    }
    int fd = memfd_create("memory-backend-memfd", flags);
    if (fd < 0) {
        error_set_errno(err, errno, "failed to create memfd");
        return -1;
    }
    if (ftruncate(fd, (off_t)ROUND_UP(backend->parent.size, (uint64_t)getpagesize())) < 0) {
        error_set_errno(err, errno, "failed to resize memfd to %" G_GUINT64_FORMAT, backend->parent.size);
        close(fd);
        return -1;
    }
    if (backend->seal && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL) < 0) {
        error_set_errno(err, errno, "failed to add seals 0x%x", F_SEAL_GROW | F_SEAL_SHRINK | F_SEAL_SEAL);
        close(fd);
        return -1;
    }
    return fd;
}

static bool map_fd(MemoryBackend *backend, int fd, GError **err)
{
    RamRequest request = { .fd = fd };
    return fd >= 0 && memory_backend_map(backend, &request, err);
}

static bool memfd_complete(Object *object, GError **err)
{
    MemfdBackend *backend = (MemfdBackend *)object;
    return memory_backend_check(&backend->parent, err) && map_fd(&backend->parent, make_memfd(backend, err), err);
}

static const ObjectType memfd_type = {
    .name = "memory-backend-memfd", .parent = "memory-backend", .size = sizeof(MemfdBackend), .user_creatable_object = true,
    .properties = PROPERTIES(memfd_properties), .init = share_by_default, .complete = memfd_complete,
};
REGISTER_TYPE(memfd_type)

/* ---- memory-backend-shm ---- */

static int make_shm(const MemoryBackend *backend, GError **err)
{
    g_autofree char *name = g_strdup_printf("/ostrich-%d-%s", (int)getpid(), backend->parent.name);
    int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) {
        error_set_errno(err, errno, "failed to create POSIX shared memory");
        return -1;
    }
    shm_unlink(name);
    if (ftruncate(fd, (off_t)ROUND_UP(backend->size, (uint64_t)getpagesize())) < 0) {
        error_set_errno(err, errno, "failed to resize POSIX shared memory to %" G_GUINT64_FORMAT, backend->size);
        close(fd);
        return -1;
    }
    return fd;
}

static bool shm_complete(Object *object, GError **err)
{
    MemoryBackend *backend = (MemoryBackend *)object;
    if (!memory_backend_check(backend, err)) {
        return false;
    }
    return backend->share ? map_fd(backend, make_shm(backend, err), err) : error_set(err, "Cannot set 'share' to off");
}

static const ObjectType shm_type = {
    .name = "memory-backend-shm", .parent = "memory-backend", .user_creatable_object = true, .init = share_by_default, .complete = shm_complete,
};
REGISTER_TYPE(shm_type)
