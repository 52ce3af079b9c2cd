/*
 * Addresses of sockets as -chardev names them, and opening them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/socket-address.h"

#include "util/error.h"
#include "util/passed-fd.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

bool socket_address_parse(SocketAddress *a, KeyVals *kv, GError **err)
{
    const char *path = keyvals_get(kv, "path"), *host = keyvals_get(kv, "host"), *port = keyvals_get(kv, "port"), *fd = keyvals_get(kv, "fd");
    uint64_t to = 0;
    *a = (SocketAddress){ .tight = true };
    a->has_ipv4 = keyvals_has(kv, "ipv4");
    a->has_ipv6 = keyvals_has(kv, "ipv6");
    if (!keyvals_get_bool(kv, "ipv4", &a->ipv4, err) || !keyvals_get_bool(kv, "ipv6", &a->ipv6, err) || !keyvals_get_uint64(kv, "to", &to, err) ||
        !keyvals_get_bool(kv, "abstract", &a->abstract, err) || !keyvals_get_bool(kv, "tight", &a->tight, err)) {
        return false;
    }
    if (!!path + !!fd + !!host > 1) {
        return error_set(err, "None or one of 'path', 'fd' or 'host' option required.");
    }
    if (path) {
        a->path = g_strdup(path);
    } else if (host || port) {
        if (!port) {
            return error_set(err, "chardev: socket: no port given");
        }
        a->host = g_strdup(host ? host : "");
        a->port = g_strdup(port);
        a->to = (unsigned)MIN(to, 65535);
    } else {
        a->fd = g_strdup(fd ? fd : "");
    }
    return true;
}

void socket_address_clear(SocketAddress *a)
{
    g_free(a->path);
    g_free(a->fd);
    g_free(a->host);
    g_free(a->port);
    *a = (SocketAddress){ 0 };
}

char *socket_address_describe(const SocketAddress *a)
{
    return a->path ? g_strdup(a->path) : a->fd ? g_strdup_printf("fd:%s", a->fd)
        : g_strdup_printf(strchr(a->host, ':') ? "[%s]:%s" : "%s:%s", a->host, a->port);
}

char *sockaddr_describe(const struct sockaddr_storage *sa, socklen_t len)
{
    if (sa->ss_family == AF_UNIX) {
        const struct sockaddr_un *un = (const struct sockaddr_un *)sa;
        size_t room = len > offsetof(struct sockaddr_un, sun_path) ? len - offsetof(struct sockaddr_un, sun_path) : 0;
        return room && !un->sun_path[0] ? g_strdup_printf("@%.*s", (int)strnlen(un->sun_path + 1, room - 1), un->sun_path + 1)
                                        : g_strndup(un->sun_path, strnlen(un->sun_path, room));
    }
    char host[NI_MAXHOST], port[NI_MAXSERV];
    if (getnameinfo((const struct sockaddr *)sa, len, host, sizeof(host), port, sizeof(port), NI_NUMERICHOST | NI_NUMERICSERV) != 0) {
        return g_strdup("");
    }
    return g_strdup_printf(sa->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

static int address_family(const SocketAddress *a)
{
    bool v4 = a->has_ipv4 ? a->ipv4 : !(a->has_ipv6 && a->ipv6), v6 = a->has_ipv6 ? a->ipv6 : !(a->has_ipv4 && a->ipv4);
    return v4 && v6 ? AF_UNSPEC : v6 ? AF_INET6 : AF_INET;
}

static struct addrinfo *resolve(const char *host, const char *port, int family, int type, int flags, GError **err)
{
    struct addrinfo hints = { .ai_family = family, .ai_socktype = type, .ai_flags = flags | (family == AF_UNSPEC ? AI_ADDRCONFIG : 0) }, *found = NULL;
    int rc = getaddrinfo(host && *host ? host : flags & AI_PASSIVE ? NULL : "localhost", port, &hints, &found);
    if (rc != 0 && (hints.ai_flags & AI_ADDRCONFIG)) {
        hints.ai_flags &= ~AI_ADDRCONFIG;       /* a host with nothing but a loopback */
        rc = getaddrinfo(host && *host ? host : flags & AI_PASSIVE ? NULL : "localhost", port, &hints, &found);
    }
    if (rc != 0) {
        error_set(err, "address resolution failed for %s:%s: %s", host && *host ? host : "", port, gai_strerror(rc));
        return NULL;
    }
    return found;
}

/* ---- unix ---- */

static bool unix_address(const SocketAddress *a, struct sockaddr_un *un, socklen_t *len, GError **err)
{
    *un = (struct sockaddr_un){ .sun_family = AF_UNIX };
    size_t length = strlen(a->path), room = sizeof(un->sun_path) - (a->abstract ? 1 : 0);
    if (length > room) {
        error_set(err, "UNIX socket path '%s' is too long", a->path);
        error_set_bare_hint(err, "Path must be less than %zu bytes", sizeof(un->sun_path));
        return false;
    }
    memcpy(un->sun_path + (a->abstract ? 1 : 0), a->path, length);
    *len = a->abstract && a->tight ? (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + length) : (socklen_t)sizeof(*un);
    return true;
}

static int unix_listen(const SocketAddress *a, GError **err)
{
    struct sockaddr_un un;
    socklen_t len;
    if (!unix_address(a, &un, &len, err)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (!a->abstract && unlink(a->path) < 0 && errno != ENOENT) {
        error_set_errno(err, errno, "Failed to unlink socket %s", a->path);
    } else if (fd < 0 || bind(fd, (struct sockaddr *)&un, len) < 0) {
        error_set_errno(err, errno, "Failed to bind socket to %s", a->path);
    } else if (listen(fd, 1) < 0) {
        error_set_errno(err, errno, "Failed to listen on socket");
    } else {
        return fd;
    }
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

static int unix_connect(const SocketAddress *a, GError **err)
{
    struct sockaddr_un un;
    socklen_t len;
    if (!unix_address(a, &un, &len, err)) {
        return -1;
    }
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || connect(fd, (struct sockaddr *)&un, len) < 0) {
        error_set_errno(err, errno, "Failed to connect to '%s'", a->path);
        if (fd >= 0) {
            close(fd);
        }
        return -1;
    }
    return fd;
}

/* ---- internet ---- */

static int bind_one(const struct addrinfo *ai, bool v6_only)
{
    int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol), one = 1;
    if (fd < 0) {
        return -1;
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (ai->ai_family == AF_INET6) {
        int only = v6_only;
        setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &only, sizeof(only));
    }
    if (bind(fd, ai->ai_addr, ai->ai_addrlen) < 0 || listen(fd, 1) < 0) {
        int saved_errno = errno;
        close(fd);
        errno = saved_errno;
        return -1;
    }
    return fd;
}

static int inet_listen(const SocketAddress *a, GError **err)
{
    char *end;
    unsigned long first = strtoul(a->port, &end, 10);
    bool numeric = *a->port && !*end;
    int last_errno = 0;
    for (unsigned long port = first; port <= MAX(first, a->to); port++) {
        g_autofree char *text = numeric ? g_strdup_printf("%lu", port) : g_strdup(a->port);
        struct addrinfo *list = resolve(a->host, text, address_family(a), SOCK_STREAM, AI_PASSIVE, err);
        if (!list) {
            return -1;
        }
        int fd = -1;
        for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next) {
            fd = bind_one(ai, address_family(a) == AF_INET6);
            last_errno = fd < 0 ? errno : 0;
        }
        freeaddrinfo(list);
        if (fd >= 0) {
            return fd;
        }
        if (!numeric || last_errno != EADDRINUSE) {
            break;
        }
    }
    g_autofree char *where = socket_address_describe(a);
    error_set_errno(err, last_errno, "Failed to find an available port");
    return -1;
}

static int inet_connect(const SocketAddress *a, GError **err)
{
    struct addrinfo *list = resolve(a->host, a->port, address_family(a), SOCK_STREAM, 0, err);
    if (!list) {
        return -1;
    }
    int last_errno = ECONNREFUSED, fd = -1;
    for (struct addrinfo *ai = list; ai && fd < 0; ai = ai->ai_next) {
        fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol);
        if (fd >= 0 && connect(fd, ai->ai_addr, ai->ai_addrlen) < 0) {
            last_errno = errno;
            close(fd);
            fd = -1;
        }
    }
    freeaddrinfo(list);
    if (fd < 0) {
        error_set_errno(err, last_errno, "Failed to connect to '%s:%s'", *a->host ? a->host : "localhost", a->port);
    }
    return fd;
}

int socket_datagram(const char *host, const char *port, const char *local_host, const char *local_port, int family, GError **err)
{
    struct addrinfo *remote = resolve(host, port, family, SOCK_DGRAM, 0, err);
    if (!remote) {
        return -1;
    }
    struct addrinfo *local = resolve(local_host, local_port && *local_port ? local_port : "0", remote->ai_family, SOCK_DGRAM, AI_PASSIVE, err);
    int fd = -1;
    if (local) {
        int one = 1;
        fd = socket(remote->ai_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        if (fd >= 0) {
            setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
        }
        if (fd < 0 || bind(fd, local->ai_addr, local->ai_addrlen) < 0) {
            error_set_errno(err, errno, "Failed to bind socket");
        } else if (connect(fd, remote->ai_addr, remote->ai_addrlen) < 0) {
            error_set_errno(err, errno, "Failed to connect to '%s:%s'", host && *host ? host : "localhost", port);
        } else {
            freeaddrinfo(local);
            freeaddrinfo(remote);
            return fd;
        }
        if (fd >= 0) {
            close(fd);
        }
        freeaddrinfo(local);
    }
    freeaddrinfo(remote);
    return -1;
}

/* ---- all kinds ---- */

int socket_from_fd(const char *text, GError **err)
{
    int type, fd = named_fd_take(text, err);
    socklen_t len = sizeof(type);
    if (fd < 0) {
        return -1;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &len) < 0) {
        error_set(err, "File descriptor '%s' is not a socket", text);
        return -1;
    }
    fcntl(fd, F_SETFD, FD_CLOEXEC);
    return fd;
}

int socket_listen(const SocketAddress *a, GError **err)
{
    if (a->fd) {
        int fd = socket_from_fd(a->fd, err);
        if (fd >= 0 && listen(fd, 1) < 0) {
            error_set_errno(err, errno, "Failed to listen on fd socket");
            return -1;
        }
        return fd;
    }
    return a->path ? unix_listen(a, err) : inet_listen(a, err);
}

int socket_connect(const SocketAddress *a, GError **err)
{
    return a->fd ? socket_from_fd(a->fd, err) : a->path ? unix_connect(a, err) : inet_connect(a, err);
}
