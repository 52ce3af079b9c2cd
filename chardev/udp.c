/*
 * Datagrams: what is written goes out as one packet, what comes in is read in pieces.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"
#include "chardev/socket-address.h"

#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

enum { DATAGRAM_MAX = 65536 };

typedef struct UdpChardev { Chardev parent; int fd; unsigned watch; uint8_t *data; size_t len, taken; } UdpChardev;

static void udp_pass(UdpChardev *u)
{
    int room;
    while (u->taken < u->len && (room = chardev_room(&u->parent)) > 0) {
        size_t n = MIN((size_t)room, u->len - u->taken), from = u->taken;
        u->taken += n;
        chardev_receive(&u->parent, u->data + from, n);
    }
}

static bool udp_readable(int fd, GIOCondition condition, void *opaque)
{
    UdpChardev *u = opaque;
    udp_pass(u);
    if (u->taken < u->len || chardev_room(&u->parent) <= 0) {
        u->watch = 0;
        return false;
    }
    ssize_t n = recv(u->fd, u->data, DATAGRAM_MAX, 0);
    u->len = n > 0 ? (size_t)n : 0;      /* an error is that of an earlier packet of ours */
    u->taken = 0;
    udp_pass(u);
    return true;
}

static void udp_accept_input(Chardev *chr)
{
    UdpChardev *u = (UdpChardev *)chr;
    udp_pass(u);
    if (!u->watch && u->fd >= 0 && chardev_room(chr) > 0) {
        u->watch = fd_watch_add(u->fd, G_IO_IN, udp_readable, u);
    }
}

static size_t udp_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    UdpChardev *u = (UdpChardev *)chr;
    for (size_t done = 0; done < len;) {
        size_t part = MIN(len - done, DATAGRAM_MAX - 1024);
        if (send(u->fd, buf + done, part, MSG_NOSIGNAL) < 0 && errno == EINTR) {
            continue;
        }
        done += part;           /* what the network does not take is lost, as datagrams are */
    }
    return len;
}

static bool udp_open(Chardev *chr, KeyVals *kv, GError **err)
{
    UdpChardev *u = (UdpChardev *)chr;
    const char *host = keyvals_get(kv, "host"), *port = keyvals_get(kv, "port");
    bool ipv4 = false, ipv6 = false;
    if (!port || !*port) {
        return error_set(err, "chardev: udp: remote port not specified");
    }
    if (!keyvals_get_bool(kv, "ipv4", &ipv4, err) || !keyvals_get_bool(kv, "ipv6", &ipv6, err)) {
        return false;
    }
    u->fd = socket_datagram(host && *host ? host : "localhost", port, keyvals_get(kv, "localaddr"), keyvals_get(kv, "localport"),
                            ipv4 == ipv6 ? AF_UNSPEC : ipv6 ? AF_INET6 : AF_INET, err);
    if (u->fd < 0) {
        return false;
    }
    u->data = g_malloc(DATAGRAM_MAX);
    chardev_set_nonblocking(u->fd);
    return true;
}

static void udp_init(Object *object) { ((UdpChardev *)object)->fd = -1; }

static void udp_finalize(Object *object)
{
    UdpChardev *u = (UdpChardev *)object;
    fd_watch_remove(u->watch);
    if (u->fd >= 0) {
        close(u->fd);
    }
    g_free(u->data);
}

static const ChardevType chardev_udp = {
    .name = "chardev-udp", .parent = "chardev", .size = sizeof(UdpChardev), .backend = "udp", .open = udp_open, .init = udp_init,
    .finalize = udp_finalize, .write = udp_write, .accept_input = udp_accept_input,
};
REGISTER_TYPE(chardev_udp)
