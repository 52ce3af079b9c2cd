/*
 * -netdev dgram: one packet a datagram, over UDP, multicast or UNIX sockets.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/stream.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct DgramClient {
    NetClient parent;
    int fd;
    unsigned read_watch, write_watch;
    struct sockaddr *destination; socklen_t destination_length;     /* NULL: the socket is connected */
    char *unlink_path;
} DgramClient;

static bool on_readable(int fd, GIOCondition condition, void *opaque);

static void resume_reading(NetClient *nc)
{
    DgramClient *d = (DgramClient *)nc;
    if (!d->read_watch) {
        d->read_watch = fd_watch_add(d->fd, G_IO_IN, on_readable, d);
    }
}

static bool on_readable(int fd, GIOCondition condition, void *opaque)
{
    DgramClient *d = opaque;
    static uint8_t buffer[NET_MAX_PACKET];      /* the main thread's: packets are queued by copy */
    /* A bounded burst: the rest comes in the next round. */
    for (int i = 0; i < 64; i++) {
        ssize_t n = recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT);
        if (n <= 0) {
            return true;
        }
        if (net_send(&d->parent, buffer, n, resume_reading) == 0) {
            d->read_watch = 0;
            return false;
        }
    }
    return true;
}

static bool on_writable(int fd, GIOCondition condition, void *opaque)
{
    DgramClient *d = opaque;
    d->write_watch = 0;
    net_flush_queue(&d->parent);
    return false;
}

static ssize_t dgram_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    DgramClient *d = (DgramClient *)nc;
    struct msghdr message = { .msg_name = d->destination, .msg_namelen = d->destination_length, .msg_iov = (struct iovec *)iov, .msg_iovlen = count };
    ssize_t n;
    do {
        n = sendmsg(d->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
        if (!d->write_watch) {
            d->write_watch = fd_watch_add(d->fd, G_IO_OUT, on_writable, d);
        }
        return 0;
    }
    return size;
}

static void dgram_destroy(NetClient *nc)
{
    DgramClient *d = (DgramClient *)nc;
    fd_watch_remove(d->read_watch);
    fd_watch_remove(d->write_watch);
    close(d->fd);
    if (d->unlink_path) {
        unlink(d->unlink_path);
    }
    g_free(d->unlink_path);
    g_free(d->destination);
}

const NetClientType net_type_dgram = { .name = "dgram", .size = sizeof(DgramClient), .receive = dgram_receive, .destroy = dgram_destroy };
const NetClientType net_type_socket_dgram = { .name = "socket", .size = sizeof(DgramClient), .receive = dgram_receive, .destroy = dgram_destroy };

bool dgram_new(const NetClientType *type, int fd, const NetAddress *destination, const char *info, const char *name, NetClient *peer, GError **err)
{
    DgramClient *d = (DgramClient *)net_client_new(type, type->name, name, NULL);
    d->fd = fd;
    if (destination) {
        d->destination = g_memdup2(destination->address, destination->length);
        d->destination_length = destination->length;
    }
    d->read_watch = fd_watch_add(fd, G_IO_IN, on_readable, d);
    net_client_set_info(&d->parent, "%s", info);
    if (peer) {
        net_client_connect(&d->parent, peer);
    }
    return true;
}

/* ---- making sockets ---- */

static int fail_fd(int fd, const char *what, GError **err)
{
    int code = errno;
    error_set_errno(err, code, "%s", what);
    if (fd >= 0) {
        close(fd);
    }
    return -1;
}

int dgram_multicast_socket(const struct sockaddr_in *group, const struct in_addr *local, GError **err)
{
    uint32_t address = ntohl(group->sin_addr.s_addr);
    struct ip_mreq membership = { .imr_multiaddr = group->sin_addr, .imr_interface = { local ? local->s_addr : INADDR_ANY } };
    int one = 1;
    if (!IN_MULTICAST(address)) {
        error_set(err, "specified mcastaddr %u.%u.%u.%u (0x%08x) does not contain a multicast address", address >> 24, address >> 16 & 0xff, address >> 8 & 0xff,
                  address & 0xff, address);
        return -1;
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail_fd(fd, "can't create datagram socket", err);
    }
    /* Several machines of one host on one group: each binds the port and hears the others. */
    if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0) {
        return fail_fd(fd, "can't set socket option SO_REUSEADDR", err);
    }
    if (bind(fd, (const struct sockaddr *)group, sizeof(*group)) < 0) {
        return fail_fd(fd, "can't bind ip to socket", err);
    }
    if (setsockopt(fd, IPPROTO_IP, IP_ADD_MEMBERSHIP, &membership, sizeof(membership)) < 0) {
        return fail_fd(fd, "can't add socket to multicast group", err);
    }
    if (setsockopt(fd, IPPROTO_IP, IP_MULTICAST_LOOP, &one, sizeof(one)) < 0) {
        return fail_fd(fd, "can't force multicast message to loopback", err);
    }
    if (local && setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, local, sizeof(*local)) < 0) {
        return fail_fd(fd, "can't set the default network send interface", err);
    }
    return fd;
}

static int bound_socket(const NetAddress *local, GError **err)
{
    int one = 1, fd = socket(local->address->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return fail_fd(fd, "can't create datagram socket", err);
    }
    if (local->address->sa_family == AF_UNIX) {
        unlink(((struct sockaddr_un *)local->address)->sun_path);
    } else {
        setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    }
    if (bind(fd, local->address, local->length) < 0) {
        g_autofree char *what = g_strdup_printf("can't bind %s to socket", local->text);
        return fail_fd(fd, what, err);
    }
    return fd;
}

static bool is_multicast(const NetAddress *a)
{
    return a->address && a->address->sa_family == AF_INET && IN_MULTICAST(ntohl(((struct sockaddr_in *)a->address)->sin_addr.s_addr));
}

static bool make_multicast(const NetAddress *group, const NetAddress *local, const char *name, NetClient *peer, GError **err)
{
    g_autofree char *info = g_strdup_printf("mcast=%s", group->text);
    const struct in_addr *interface = local->address && local->address->sa_family == AF_INET ? &((struct sockaddr_in *)local->address)->sin_addr : NULL;
    int fd = local->fd >= 0 ? local->fd : dgram_multicast_socket((struct sockaddr_in *)group->address, interface, err);
    return fd >= 0 && dgram_new(&net_type_dgram, fd, group, info, name, peer, err);
}

static bool make_from_fd(int fd, const char *name, NetClient *peer, GError **err)
{
    struct sockaddr_storage a;
    socklen_t length = sizeof(a);
    if (getsockname(fd, (struct sockaddr *)&a, &length) < 0) {
        return error_set_errno(err, errno, "Unable to query local socket address");
    }
    g_autofree char *text = a.ss_family == AF_INET || a.ss_family == AF_INET6 ? net_sockaddr_text((struct sockaddr *)&a) : NULL;
    g_autofree char *info = text ? g_strdup_printf("fd=%d %s", fd, text) : g_strdup_printf("fd=%d unix", fd);
    return dgram_new(&net_type_dgram, fd, NULL, info, name, peer, err);
}

static bool make_dgram(const NetAddress *local, const NetAddress *remote, const char *name, NetClient *peer, GError **err)
{
    if (is_multicast(remote)) {
        return make_multicast(remote, local, name, peer, err);
    }
    if (local->fd >= 0) {
        return remote->address ? error_set(err, "don't set remote with local.fd") : make_from_fd(local->fd, name, peer, err);
    }
    if (!local->address) {
        return error_set(err, "dgram requires local= parameter");
    }
    if (!remote->address) {
        return error_set(err, "type=inet or type=unix requires remote parameter");
    }
    if (local->address->sa_family == AF_UNIX ? remote->address->sa_family != AF_UNIX : remote->address->sa_family == AF_UNIX) {
        return error_set(err, "local and remote must be of the same type");
    }
    int fd = bound_socket(local, err);
    if (fd < 0) {
        return false;
    }
    bool is_unix = local->address->sa_family == AF_UNIX;
    g_autofree char *info = g_strdup_printf("udp=%s%s%s", local->text, is_unix ? ":" : "/", remote->text);
    return dgram_new(&net_type_dgram, fd, remote, info, name, peer, err);
}

static bool dgram_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    NetAddress local = { .fd = -1 }, remote = { .fd = -1 };
    bool done = true;
    if (keyvals_has(kv, "remote.type")) {
        done = net_address_from_keyvals(kv, "remote", true, false, &remote, err);
    }
    if (done && keyvals_has(kv, "local.type")) {
        /* A descriptor's errors name the back end. */
        const char *text = !g_strcmp0(keyvals_get(kv, "local.type"), "fd") ? keyvals_get(kv, "local.str") : NULL;
        if (text) {
            local.fd = net_take_fd(name, text, err);
            done = local.fd >= 0;
        } else {
            /* For multicast the port of the local address is not asked for. */
            if (is_multicast(&remote) && !keyvals_has(kv, "local.port")) {
                keyvals_set(kv, "local.port", "0");
            }
            done = net_address_from_keyvals(kv, "local", true, true, &local, err);
        }
    }
    done = done && keyvals_check_all_used(kv, err) && make_dgram(&local, &remote, name, peer, err);
    net_address_clear(&local);
    net_address_clear(&remote);
    return done;
}

const NetBackend net_backend_dgram = { "dgram", .netdev_only = true, .add = dgram_add };
