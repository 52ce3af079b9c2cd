/*
 * -netdev socket: the older form of stream (listen=, connect=, fd=) and dgram (mcast=, udp=).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/stream.h"
#include "util/error.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

typedef struct SocketOptions { const char *fd, *listen, *connect, *mcast, *udp, *localaddr; } SocketOptions;

static bool add_stream(const char *text, bool server, const char *name, NetClient *peer, GError **err)
{
    struct sockaddr_in a;
    if (!net_address_from_text(text, false, &a, err)) {
        return false;
    }
    StreamConfig config = { .type = &net_type_socket, .server = server, .reconnect_ms = 0,
                            .address = { .fd = -1, .address = g_memdup2(&a, sizeof(a)), .length = sizeof(a) } };
    config.address.text = net_sockaddr_text(config.address.address);
    return stream_new(&config, name, peer, err);
}

static bool add_fd(const char *text, const char *name, NetClient *peer, GError **err)
{
    int type, fd = net_take_fd(name, text, err);
    socklen_t length = sizeof(type);
    if (fd < 0) {
        return false;
    }
    if (getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &length) < 0) {
        return error_set_errno(err, errno, "can't get socket option SO_TYPE");
    }
    if (type == SOCK_STREAM) {
        StreamConfig config = { .type = &net_type_socket, .address = { .fd = fd } };
        return stream_new(&config, name, peer, err);
    }
    if (type != SOCK_DGRAM) {
        return error_set(err, "socket type=%d for fd=%d must be either SOCK_DGRAM or SOCK_STREAM", type, fd);
    }
    g_autofree char *info = g_strdup_printf("fd=%d", fd);
    return dgram_new(&net_type_socket_dgram, fd, NULL, info, name, peer, err);
}

static bool add_multicast(const SocketOptions *o, const char *name, NetClient *peer, GError **err)
{
    struct sockaddr_in group, local;
    if (!net_address_from_text(o->mcast, true, &group, err)) {
        return false;
    }
    if (o->localaddr) {
        memset(&local, 0, sizeof(local));
        g_autofree char *with_port = strchr(o->localaddr, ':') ? g_strdup(o->localaddr) : g_strdup_printf("%s:0", o->localaddr);
        if (!net_address_from_text(with_port, true, &local, err)) {
            return false;
        }
    }
    int fd = dgram_multicast_socket(&group, o->localaddr ? &local.sin_addr : NULL, err);
    NetAddress destination = { .address = (struct sockaddr *)&group, .length = sizeof(group), .fd = -1 };
    g_autofree char *text = net_sockaddr_text((struct sockaddr *)&group);
    g_autofree char *info = g_strdup_printf("socket: mcast=%s", text);
    return fd >= 0 && dgram_new(&net_type_socket_dgram, fd, &destination, info, name, peer, err);
}

static bool add_udp(const SocketOptions *o, const char *name, NetClient *peer, GError **err)
{
    struct sockaddr_in local, remote;
    int one = 1;
    if (!o->localaddr) {
        return error_set(err, "localaddr= is mandatory with udp=");
    }
    if (!net_address_from_text(o->localaddr, true, &local, err) || !net_address_from_text(o->udp, true, &remote, err)) {
        return false;
    }
    int fd = socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return error_set_errno(err, errno, "can't create datagram socket");
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, (struct sockaddr *)&local, sizeof(local)) < 0) {
        int code = errno;
        close(fd);
        return error_set_errno(err, code, "can't bind ip=%s to socket", o->localaddr);
    }
    NetAddress destination = { .address = (struct sockaddr *)&remote, .length = sizeof(remote), .fd = -1 };
    g_autofree char *text = net_sockaddr_text((struct sockaddr *)&remote);
    g_autofree char *info = g_strdup_printf("socket: udp=%s", text);
    return dgram_new(&net_type_socket_dgram, fd, &destination, info, name, peer, err);
}

static bool socket_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    SocketOptions o = { keyvals_get(kv, "fd"), keyvals_get(kv, "listen"), keyvals_get(kv, "connect"), keyvals_get(kv, "mcast"), keyvals_get(kv, "udp"),
                        keyvals_get(kv, "localaddr") };
    if (!keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (!!o.fd + !!o.listen + !!o.connect + !!o.mcast + !!o.udp != 1) {
        return error_set(err, "exactly one of listen=, connect=, mcast= or udp= is required");
    }
    if (o.localaddr && !o.mcast && !o.udp) {
        return error_set(err, "localaddr= is only valid with mcast= or udp=");
    }
    if (o.fd) {
        return add_fd(o.fd, name, peer, err);
    }
    if (o.listen || o.connect) {
        return add_stream(o.listen ? o.listen : o.connect, o.listen != NULL, name, peer, err);
    }
    return o.mcast ? add_multicast(&o, name, peer, err) : add_udp(&o, name, peer, err);
}

const NetBackend net_backend_socket = { "socket", .add = socket_add };
