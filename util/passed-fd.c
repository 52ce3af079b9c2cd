/*
 * File descriptors that somebody hands to the process.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "util/passed-fd.h"

#include "util/error.h"
#include "util/keyval.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

typedef struct PassedFd { int set, fd; char *opaque; } PassedFd;
static GPtrArray *passed;           /* of PassedFd*, by set */
static GHashTable *named;           /* name -> fd */

static void passed_free(void *p)
{
    PassedFd *f = p;
    close(f->fd);
    g_free(f->opaque);
    g_free(f);
}

/* ---- sets ---- */

static bool access_fits(int wanted, int fd)
{
    int flags = fcntl(fd, F_GETFL);
    return flags >= 0 && ((flags & O_ACCMODE) == O_RDWR || (flags & O_ACCMODE) == (wanted & O_ACCMODE));
}

static int open_from_set(const char *number, int flags)
{
    uint64_t set;
    bool found = false;
    if (!parse_uint64(number, &set)) {
        errno = EINVAL;
        return -1;
    }
    for (unsigned n = 0; passed && n < passed->len; n++) {
        const PassedFd *f = passed->pdata[n];
        if ((uint64_t)f->set == set) {
            found = true;
            if (access_fits(flags, f->fd)) {
                return fcntl(f->fd, F_DUPFD_CLOEXEC, 3);
            }
        }
    }
    errno = found ? EACCES : ENOENT;
    return -1;
}

int passed_open(const char *path, int flags, mode_t mode)
{
    static const char prefix[] = "/dev/fdset/";
    return g_str_has_prefix(path, prefix) ? open_from_set(path + strlen(prefix), flags) : open(path, flags | O_CLOEXEC, mode);
}

static int free_set(void)
{
    int set = 0;
    for (unsigned n = 0; passed && n < passed->len; n++) {
        set = MAX(set, ((PassedFd *)passed->pdata[n])->set + 1);
    }
    return set;
}

int fdset_add(int set, int fd, const char *opaque, GError **err)
{
    if (fcntl(fd, F_GETFD) < 0) {
        error_set(err, "fd is not valid: %d", fd);
        return -1;
    }
    if (!passed) {
        passed = g_ptr_array_new_with_free_func(passed_free);
    }
    PassedFd *f = g_new(PassedFd, 1);
    *f = (PassedFd){ set < 0 ? free_set() : set, fd, g_strdup(opaque) };
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    g_ptr_array_add(passed, f);
    return f->set;
}

bool fdset_add_option(const char *text, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(text, NULL, NULL, err);
    uint64_t fd = UINT64_MAX, set = UINT64_MAX;
    if (!kv || !keyvals_get_uint64(kv, "fd", &fd, err) || !keyvals_get_uint64(kv, "set", &set, err)) {
        return false;
    }
    const char *opaque = keyvals_get(kv, "opaque");
    if (!keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (fd > INT32_MAX) {
        return error_set(err, "fd option is required and must be non-negative");
    }
    if (fd <= 2) {
        return error_set(err, "fd cannot be a standard I/O stream");
    }
    if (set > INT32_MAX) {
        return error_set(err, "set option is required and must be non-negative");
    }
    return fdset_add((int)set, (int)fd, opaque, err) >= 0;
}

bool fdset_remove(int set, int fd, GError **err)
{
    bool found = false;
    for (unsigned n = passed ? passed->len : 0; n-- > 0;) {
        const PassedFd *f = passed->pdata[n];
        if (f->set == set && (fd < 0 || f->fd == fd)) {
            g_ptr_array_remove_index(passed, n);
            found = true;
        }
    }
    if (found) {
        return true;
    }
    return fd < 0 ? error_set(err, "File descriptor named 'fdset-id:%d' not found", set)
                  : error_set(err, "File descriptor named 'fdset-id:%d, fd:%d' not found", set, fd);
}

static GVariant *describe_set(int set)
{
    GVariantBuilder fds, d;
    g_variant_builder_init(&fds, G_VARIANT_TYPE("aa{sv}"));
    for (unsigned n = 0; n < passed->len; n++) {
        const PassedFd *f = passed->pdata[n];
        if (f->set != set) {
            continue;
        }
        g_variant_builder_open(&fds, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&fds, "{sv}", "fd", g_variant_new_int64(f->fd));
        if (f->opaque) {
            g_variant_builder_add(&fds, "{sv}", "opaque", g_variant_new_string(f->opaque));
        }
        g_variant_builder_close(&fds);
    }
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "fds", g_variant_builder_end(&fds));
    g_variant_builder_add(&d, "{sv}", "fdset-id", g_variant_new_int64(set));
    return g_variant_builder_end(&d);
}

GVariant *fdset_query(void)
{
    GVariantBuilder list;
    g_autoptr(GHashTable) seen = g_hash_table_new(NULL, NULL);
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (unsigned n = 0; passed && n < passed->len; n++) {
        int set = ((PassedFd *)passed->pdata[n])->set;
        if (g_hash_table_add(seen, GINT_TO_POINTER(set + 1))) {
            g_variant_builder_add_value(&list, describe_set(set));
        }
    }
    return g_variant_builder_end(&list);
}

/* ---- names ---- */

void named_fd_set(const char *name, int fd)
{
    void *old;
    if (!named) {
        named = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    }
    if (g_hash_table_lookup_extended(named, name, NULL, &old)) {
        close(GPOINTER_TO_INT(old));
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    g_hash_table_insert(named, g_strdup(name), GINT_TO_POINTER(fd));
}

bool named_fd_close(const char *name, GError **err)
{
    void *fd;
    if (!named || !g_hash_table_lookup_extended(named, name, NULL, &fd)) {
        return error_set(err, "File descriptor named '%s' not found", name);
    }
    close(GPOINTER_TO_INT(fd));
    g_hash_table_remove(named, name);
    return true;
}

int named_fd_take(const char *text, GError **err)
{
    uint64_t number;
    void *fd;
    if (named && g_hash_table_lookup_extended(named, text, NULL, &fd)) {
        g_hash_table_remove(named, text);
        return GPOINTER_TO_INT(fd);
    }
    if (parse_uint64(text, &number) && number <= INT32_MAX) {
        return (int)number;
    }
    error_set(err, g_ascii_isdigit(*text) || !*text ? "Unable to parse FD number %s" : "File descriptor named '%s' has not been found", text);
    return -1;
}
