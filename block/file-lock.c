/*
 * Locks on image files between processes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/file-lock.h"

#include "block/internal.h"
#include "util/error.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOCK_PERM_BASE = 100, LOCK_UNSHARED_BASE = 200 };

bool file_locks_supported(void)
{
#ifdef F_OFD_SETLK
    static int supported = -1;
    if (supported < 0) {
        struct flock fl = { .l_whence = SEEK_SET, .l_type = F_WRLCK };
        int fd = open("/dev/null", O_RDWR | O_CLOEXEC);
        supported = fd >= 0 && fcntl(fd, F_OFD_GETLK, &fl) == 0;
        if (fd >= 0) {
            close(fd);
        }
    }
    return supported;
#else
    return false;
#endif
}

static int set_lock(int fd, off_t byte, short type)
{
    struct flock fl = { .l_whence = SEEK_SET, .l_start = byte, .l_len = 1, .l_type = type };
    int result;
    do {
        result = fcntl(fd, F_OFD_SETLK, &fl);
    } while (result < 0 && errno == EINTR);
    return result < 0 ? -errno : 0;
}

/* -EAGAIN when somebody else has the byte locked. */
static int test_lock(int fd, off_t byte)
{
    struct flock fl = { .l_whence = SEEK_SET, .l_start = byte, .l_len = 1, .l_type = F_WRLCK };
    if (fcntl(fd, F_OFD_GETLK, &fl) < 0) {
        return -errno;
    }
    return fl.l_type == F_UNLCK ? 0 : -EAGAIN;
}

static void set_locks(FileLock *lock, unsigned perm, unsigned shared)
{
    for (int n = 0; n < BLOCK_PERM_COUNT; n++) {
        unsigned bit = 1u << n;
        if ((lock->perm & bit) != (perm & bit)) {
            set_lock(lock->fd, LOCK_PERM_BASE + n, perm & bit ? F_RDLCK : F_UNLCK);
        }
        if ((lock->shared & bit) != (shared & bit)) {
            set_lock(lock->fd, LOCK_UNSHARED_BASE + n, shared & bit ? F_UNLCK : F_RDLCK);
        }
    }
    lock->perm = perm;
    lock->shared = shared;
}

static bool add_locks(FileLock *lock, unsigned perm, unsigned shared, GError **err)
{
    for (int n = 0; n < BLOCK_PERM_COUNT; n++) {
        unsigned bit = 1u << n;
        int result = 0;
        if ((perm & bit) && !(lock->perm & bit) && (result = set_lock(lock->fd, LOCK_PERM_BASE + n, F_RDLCK)) == 0) {
            lock->perm |= bit;
        }
        if (result < 0) {
            return error_set_errno(err, -result, "Failed to lock byte %d", LOCK_PERM_BASE + n);
        }
        if (!(shared & bit) && (lock->shared & bit) && (result = set_lock(lock->fd, LOCK_UNSHARED_BASE + n, F_RDLCK)) == 0) {
            lock->shared &= ~bit;
        }
        if (result < 0) {
            return error_set_errno(err, -result, "Failed to lock byte %d", LOCK_UNSHARED_BASE + n);
        }
    }
    return true;
}

static bool check_locks(const FileLock *lock, unsigned perm, unsigned shared, GError **err)
{
    for (int n = 0; n < BLOCK_PERM_COUNT; n++) {
        unsigned bit = 1u << n;
        if ((perm & bit) && test_lock(lock->fd, LOCK_UNSHARED_BASE + n) == -EAGAIN) {
            return error_set(err, "Failed to get \"%s\" lock", block_perm_names[n]);
        }
        if (!(shared & bit) && test_lock(lock->fd, LOCK_PERM_BASE + n) == -EAGAIN) {
            return error_set(err, "Failed to get shared \"%s\" lock", block_perm_names[n]);
        }
    }
    return true;
}

bool file_lock_prepare(FileLock *lock, unsigned perm, unsigned shared, const char *filename, GError **err)
{
    unsigned old_perm = lock->perm, old_shared = lock->shared;
    if (!(perm & ~old_perm) && !(old_shared & ~shared)) {
        return true;
    }
    if (add_locks(lock, perm, shared, err) && check_locks(lock, perm, shared, err)) {
        return true;
    }
    set_locks(lock, old_perm, old_shared);
    error_set_bare_hint(err, "Is another process using the image [%s]?", filename);
    return false;
}

void file_lock_commit(FileLock *lock, unsigned perm, unsigned shared) { set_locks(lock, perm, shared); }
