/*
 * Stream sockets: TCP and unix, client (reconnecting when asked to) and server (one client at a time), telnet.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"
#include "chardev/socket-address.h"
#include "chardev/telnet.h"

#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

enum { READ_CHUNK = 4096, PASSED_FDS = 16 };

typedef struct SocketChardev {
    Chardev parent;
    SocketAddress address;
    bool server, telnet, nodelay, is_unix;
    int64_t reconnect_ms;               /* 0: a client whose peer is gone stays alone */
    int listen_fd, fd;
    unsigned listen_watch, in_watch, out_watch;
    Timer reconnect_timer;
    GCancellable *connecting;
    BottomHalf *broken;                 /* a write found the peer gone */
    TelnetReader reader;
    bool escape_pending;                /* the second IAC of an escaped 0xff is still to be written */
    int passed[PASSED_FDS]; unsigned nr_passed;
} SocketChardev;

static void socket_disconnected(SocketChardev *s);
static void socket_try_again(SocketChardev *s);

/* ---- names ---- */

static const char *protocol(const SocketChardev *s) { return s->is_unix ? "unix" : s->telnet ? "telnet" : "tcp"; }

/* The address that a socket is bound to or connected to. */
static char *name_of(int fd, int (*get)(int, struct sockaddr *, socklen_t *))
{
    struct sockaddr_storage sa = { 0 };
    socklen_t len = sizeof(sa);
    return get(fd, (struct sockaddr *)&sa, &len) == 0 ? sockaddr_describe(&sa, len) : g_strdup("");
}

static int get_local(int fd, struct sockaddr *sa, socklen_t *len) { return getsockname(fd, sa, len); }
static int get_peer(int fd, struct sockaddr *sa, socklen_t *len) { return getpeername(fd, sa, len); }

static void name_disconnected(SocketChardev *s)
{
    g_autofree char *where = s->listen_fd >= 0 ? name_of(s->listen_fd, get_local) : socket_address_describe(&s->address);
    chardev_set_filename(&s->parent, g_strdup_printf("disconnected:%s:%s%s", protocol(s), where, s->server ? ",server=on" : ""));
}

static void name_connected(SocketChardev *s)
{
    g_autofree char *local = name_of(s->fd, get_local), *peer = name_of(s->fd, get_peer);
    const char *mode = s->server ? ",server=on" : "";
    chardev_set_filename(&s->parent, s->is_unix ? g_strdup_printf("unix:%s%s", local, mode)
                                                : g_strdup_printf("%s:%s%s <-> %s", protocol(s), local, mode, peer));
}

/* ---- input ---- */

static void passed_close(SocketChardev *s)
{
    for (unsigned n = 0; n < s->nr_passed; n++) {
        close(s->passed[n]);
    }
    s->nr_passed = 0;
}

static void passed_take_from(SocketChardev *s, struct msghdr *msg)
{
    for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c; c = CMSG_NXTHDR(msg, c)) {
        if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(0)) {
            continue;
        }
        size_t count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        for (size_t n = 0; n < count; n++) {
            int fd;
            memcpy(&fd, CMSG_DATA(c) + n * sizeof(int), sizeof(fd));
            if (s->nr_passed < PASSED_FDS) {
                s->passed[s->nr_passed++] = fd;
            } else {
                close(fd);
            }
        }
    }
}

static ssize_t socket_read(SocketChardev *s, uint8_t *buf, size_t len)
{
    if (!s->is_unix) {
        return recv(s->fd, buf, len, 0);
    }
    union { char bytes[CMSG_SPACE(sizeof(int) * PASSED_FDS)]; struct cmsghdr align; } control;
    struct iovec iov = { buf, len };
    struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes, .msg_controllen = sizeof(control.bytes) };
    ssize_t n = recvmsg(s->fd, &msg, MSG_CMSG_CLOEXEC);
    if (n >= 0) {
        passed_take_from(s, &msg);
    }
    return n;
}

static bool socket_readable(int fd, GIOCondition condition, void *opaque)
{
    SocketChardev *s = opaque;
    uint8_t buf[READ_CHUNK];
    int room = chardev_room(&s->parent);
    if (room <= 0) {
        s->in_watch = 0;
        return false;
    }
    ssize_t n = socket_read(s, buf, MIN(room, READ_CHUNK));
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return true;
    }
    if (n <= 0) {
        s->in_watch = 0;
        socket_disconnected(s);
        return false;
    }
    unsigned breaks = 0;
    size_t len = s->telnet ? telnet_read(&s->reader, buf, n, &breaks) : (size_t)n;
    for (; breaks; breaks--) {
        chardev_event(&s->parent, CHAR_EVENT_BREAK);
    }
    chardev_receive(&s->parent, buf, len);
    return true;
}

static void socket_accept_input(Chardev *chr)
{
    SocketChardev *s = (SocketChardev *)chr;
    if (s->fd >= 0 && !s->in_watch && chardev_room(chr) > 0) {
        s->in_watch = fd_watch_add(s->fd, G_IO_IN | G_IO_HUP | G_IO_ERR, socket_readable, s);
    }
}

static int socket_take_fd(Chardev *chr)
{
    SocketChardev *s = (SocketChardev *)chr;
    if (!s->nr_passed) {
        return -1;
    }
    int fd = s->passed[0];
    memmove(s->passed, s->passed + 1, --s->nr_passed * sizeof(int));
    return fd;
}

/* ---- output ---- */

static void socket_broken(void *opaque) { socket_disconnected(opaque); }

/* How many bytes went out; len when the peer is gone. */
static size_t send_some(SocketChardev *s, const uint8_t *buf, size_t len)
{
    for (;;) {
        ssize_t n = send(s->fd, buf, len, MSG_NOSIGNAL);
        if (n >= 0) {
            return n;
        }
        if (errno == EINTR) {
            continue;
        }
        if (errno == EAGAIN || errno == ENOBUFS) {
            return 0;
        }
        bottom_half_schedule(s->broken);
        return len;
    }
}

static size_t send_telnet(SocketChardev *s, const uint8_t *buf, size_t len)
{
    static const uint8_t iac = 0xff;
    size_t done = 0;
    while (done < len || s->escape_pending) {
        if (s->escape_pending) {
            if (!send_some(s, &iac, 1)) {
                break;
            }
            s->escape_pending = false;
            continue;
        }
        const uint8_t *special = memchr(buf + done, 0xff, len - done);
        size_t part = special ? (size_t)(special - buf) - done + 1 : len - done, n = send_some(s, buf + done, part);
        done += n;
        s->escape_pending = special && n == part;
        if (n < part) {
            break;
        }
    }
    return done;
}

static size_t socket_write(Chardev *chr, const uint8_t *buf, size_t len)
{
    SocketChardev *s = (SocketChardev *)chr;
    if (s->fd < 0) {
        return len;
    }
    if (s->telnet) {
        return send_telnet(s, buf, len);
    }
    size_t done = 0, n;
    while (done < len && s->fd >= 0 && (n = send_some(s, buf + done, len - done)) > 0) {
        done += n;
    }
    return done;
}

static bool socket_room_again(int fd, GIOCondition condition, void *opaque)
{
    SocketChardev *s = opaque;
    s->out_watch = 0;
    chardev_writable(&s->parent);
    return false;
}

static void socket_watch_output(Chardev *chr)
{
    SocketChardev *s = (SocketChardev *)chr;
    if (s->fd >= 0 && !s->out_watch) {
        s->out_watch = fd_watch_add(s->fd, G_IO_OUT | G_IO_HUP | G_IO_ERR, socket_room_again, s);
    }
}

/* ---- connections come and go ---- */

static void socket_connected(SocketChardev *s, int fd)
{
    int one = 1;
    s->fd = fd;
    chardev_set_nonblocking(fd);
    if (s->nodelay && !s->is_unix) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    }
    s->reader = (TelnetReader){ 0 };
    s->escape_pending = false;
    if (s->telnet && s->server) {
        send_some(s, telnet_greeting, sizeof(telnet_greeting));
    }
    name_connected(s);
    chardev_event(&s->parent, CHAR_EVENT_OPENED);
    socket_accept_input(&s->parent);
    chardev_writable(&s->parent);
}

static bool socket_client_waits(int listen_fd, GIOCondition condition, void *opaque)
{
    SocketChardev *s = opaque;
    int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) {
        return true;
    }
    s->listen_watch = 0;        /* one at a time: others wait in the backlog */
    socket_connected(s, fd);
    return false;
}

static void watch_listener(SocketChardev *s)
{
    if (s->listen_fd >= 0 && !s->listen_watch) {
        s->listen_watch = fd_watch_add(s->listen_fd, G_IO_IN, socket_client_waits, s);
    }
}

static void socket_close(SocketChardev *s)
{
    fd_watch_remove(s->in_watch);
    fd_watch_remove(s->out_watch);
    s->in_watch = s->out_watch = 0;
    passed_close(s);
    if (s->fd >= 0) {
        close(s->fd);
    }
    s->fd = -1;
}

static void socket_disconnected(SocketChardev *s)
{
    if (s->fd < 0) {
        return;
    }
    socket_close(s);
    name_disconnected(s);
    chardev_event(&s->parent, CHAR_EVENT_CLOSED);
    chardev_writable(&s->parent);       /* what waits for room goes nowhere now */
    watch_listener(s);
    socket_try_again(s);
}

static void socket_drop_peer(Chardev *chr) { socket_disconnected((SocketChardev *)chr); }

static void async_connected(GObject *source, GAsyncResult *result, void *opaque)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(GSocketConnection) connection = g_socket_client_connect_finish(G_SOCKET_CLIENT(source), result, &error);
    if (g_error_matches(error, G_IO_ERROR, G_IO_ERROR_CANCELLED)) {
        return;                 /* the back end is gone */
    }
    SocketChardev *s = opaque;
    g_clear_object(&s->connecting);
    int fd = connection ? fcntl(g_socket_get_fd(g_socket_connection_get_socket(connection)), F_DUPFD_CLOEXEC, 3) : -1;
    if (fd >= 0) {
        socket_connected(s, fd);
    } else {
        socket_try_again(s);
    }
}

/* Connects without waiting: names are looked up by a thread of GLib's. */
static void async_connect(void *opaque)
{
    SocketChardev *s = opaque;
    const SocketAddress *a = &s->address;
    uint64_t port = 0;
    g_autoptr(GSocketConnectable) where = NULL;
    if (a->path) {
        where = G_SOCKET_CONNECTABLE(g_unix_socket_address_new_with_type(a->path, -1, a->abstract ? G_UNIX_SOCKET_ADDRESS_ABSTRACT
                                                                                                  : G_UNIX_SOCKET_ADDRESS_PATH));
    } else if (a->port && parse_uint64(a->port, &port) && port < 65536) {
        where = g_network_address_new(*a->host ? a->host : "localhost", (uint16_t)port);
    }
    if (!where) {
        return;
    }
    g_autoptr(GSocketClient) client = g_socket_client_new();
    g_socket_client_set_enable_proxy(client, FALSE);
    s->connecting = g_cancellable_new();
    g_socket_client_connect_async(client, where, s->connecting, async_connected, s);
}

static void socket_try_again(SocketChardev *s)
{
    if (s->reconnect_ms && !s->server) {
        timer_set_ns(&s->reconnect_timer, clock_get_ns(CLOCK_TYPE_REALTIME) + s->reconnect_ms * NS_PER_MS);
    }
}

/* ---- life ---- */

static bool parse_mode(SocketChardev *s, KeyVals *kv, bool *wait, GError **err)
{
    bool delay = true, websocket = false, tn3270 = false;
    uint64_t reconnect = 0, reconnect_ms = 0;
    if (!keyvals_get_bool(kv, "server", &s->server, err) || !keyvals_get_bool(kv, "wait", wait, err) || !keyvals_get_bool(kv, "delay", &delay, err) ||
        !keyvals_get_bool(kv, "telnet", &s->telnet, err) || !keyvals_get_bool(kv, "websocket", &websocket, err) ||
        !keyvals_get_bool(kv, "tn3270", &tn3270, err) || !keyvals_get_uint64(kv, "reconnect", &reconnect, err) ||
        !keyvals_get_uint64(kv, "reconnect-ms", &reconnect_ms, err)) {
        return false;
    }
    s->nodelay = !delay;
    if (!keyvals_get_bool(kv, "nodelay", &s->nodelay, err)) {
        return false;
    }
    if (reconnect && reconnect_ms) {
        return error_set(err, "'reconnect' and 'reconnect-ms' are mutually exclusive");
    }
    s->reconnect_ms = (int64_t)(reconnect ? MIN(reconnect, 1000000) * 1000 : MIN(reconnect_ms, 1000000000));
    if (s->server && s->reconnect_ms) {
        return error_set(err, "'reconnect' option is incompatible with socket in server listen mode");
    }
    if (!s->server && keyvals_has(kv, "wait")) {
        return error_set(err, "'wait' option is incompatible with socket in client connect mode");
    }
    if (websocket && !s->server) {
        return error_set(err, "Websocket client is not implemented");
    }
    if (websocket || tn3270) {
        return error_set(err, "chardev: socket: %s is not implemented", websocket ? "websocket" : "tn3270");
    }
    if (keyvals_get(kv, "tls-creds") || keyvals_get(kv, "tls-authz")) {
        return error_set(err, "chardev: socket: tls-creds is not implemented");
    }
    return true;
}

static bool open_server(SocketChardev *s, bool wait, GError **err)
{
    s->listen_fd = socket_listen(&s->address, err);
    if (s->listen_fd < 0) {
        return false;
    }
    name_disconnected(s);
    if (!wait) {
        chardev_set_nonblocking(s->listen_fd);
        watch_listener(s);
        return true;
    }
    info_report("QEMU waiting for connection on: %s", s->parent.filename);
    int fd;
    do {
        fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC);
    } while (fd < 0 && (errno == EINTR || errno == ECONNABORTED));
    chardev_set_nonblocking(s->listen_fd);
    if (fd < 0) {
        return error_set_errno(err, errno, "Unable to accept connection");
    }
    socket_connected(s, fd);
    return true;
}

static bool socket_open(Chardev *chr, KeyVals *kv, GError **err)
{
    SocketChardev *s = (SocketChardev *)chr;
    bool wait = true;
    if (!parse_mode(s, kv, &wait, err) || !socket_address_parse(&s->address, kv, err)) {
        return false;
    }
    s->is_unix = s->address.path != NULL;
    s->broken = bottom_half_new(socket_broken, s);
    timer_init(&s->reconnect_timer, CLOCK_TYPE_REALTIME, async_connect, s);
    if (s->address.fd) {
        int family, fd = socket_from_fd(s->address.fd, err);
        socklen_t len = sizeof(family);
        if (fd < 0) {
            return false;
        }
        s->is_unix = getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &family, &len) == 0 && family == AF_UNIX;
        g_free(s->address.fd);          /* a named one has been taken by now: from here on it is a number */
        s->address.fd = g_strdup_printf("%d", fd);
    }
    if (s->server) {
        return open_server(s, wait, err);
    }
    name_disconnected(s);
    if (s->reconnect_ms && !s->address.fd) {
        async_connect(s);
        return true;
    }
    int fd = socket_connect(&s->address, err);
    if (fd < 0) {
        return false;
    }
    socket_connected(s, fd);
    return true;
}

static void socket_cleanup(Chardev *chr)
{
    SocketChardev *s = (SocketChardev *)chr;
    timer_cancel(&s->reconnect_timer);
    if (s->connecting) {
        g_cancellable_cancel(s->connecting);
        g_clear_object(&s->connecting);
    }
    fd_watch_remove(s->listen_watch);
    s->listen_watch = 0;
    socket_close(s);
    if (s->listen_fd >= 0) {
        close(s->listen_fd);
        s->listen_fd = -1;
        if (s->address.path && !s->address.abstract) {
            unlink(s->address.path);
        }
    }
    g_clear_pointer(&s->broken, bottom_half_free);
}

static void socket_init(Object *object)
{
    SocketChardev *s = (SocketChardev *)object;
    s->listen_fd = s->fd = -1;
}

static void socket_finalize(Object *object)
{
    socket_cleanup((Chardev *)object);
    socket_address_clear(&((SocketChardev *)object)->address);
}

static const ChardevType chardev_socket = {
    .name = "chardev-socket", .parent = "chardev", .size = sizeof(SocketChardev), .backend = "socket", .opens_itself = true, .open = socket_open,
    .init = socket_init, .cleanup = socket_cleanup, .finalize = socket_finalize, .write = socket_write, .watch_output = socket_watch_output,
    .accept_input = socket_accept_input, .drop_peer = socket_drop_peer, .take_fd = socket_take_fd,
};
REGISTER_TYPE(chardev_socket)
