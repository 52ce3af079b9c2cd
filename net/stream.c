/*
 * -netdev stream: packets over a TCP or UNIX connection, as server or client, with reconnection.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/stream.h"
#include "util/error.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

typedef struct StreamClient {
    NetClient parent;
    StreamConfig config;
    int listen_fd, fd;
    unsigned listen_watch, read_watch, write_watch;
    PacketReader reader;
    uint8_t *out; size_t out_length, out_sent;      /* a packet that the socket has not taken whole */
    Timer reconnect;
} StreamClient;

static void start_reading(StreamClient *s);
static void try_connect(void *opaque);

static bool is_socket(const StreamClient *s) { return s->config.type == &net_type_socket; }

static void drop_connection(StreamClient *s)
{
    fd_watch_remove(s->read_watch);
    fd_watch_remove(s->write_watch);
    s->read_watch = s->write_watch = 0;
    if (s->fd >= 0) {
        close(s->fd);
        s->fd = -1;
    }
    g_clear_pointer(&s->out, g_free);
    packet_reader_reset(&s->reader);
}

static bool on_listen(int fd, GIOCondition condition, void *opaque);

/* The peer is gone: what comes after depends on who we are. */
static void on_disconnect(StreamClient *s)
{
    bool was_connected = s->fd >= 0;
    drop_connection(s);
    net_client_set_info(&s->parent, "%s", "");
    if (was_connected && !is_socket(s)) {
        net_emit_event("NETDEV_STREAM_DISCONNECTED", g_variant_new_parsed("{'netdev-id': <%s>}", s->parent.name));
    }
    if (s->listen_fd >= 0 && !s->listen_watch) {
        s->listen_watch = fd_watch_add(s->listen_fd, G_IO_IN, on_listen, s);
    }
    if (!s->config.server && s->config.reconnect_ms) {
        timer_set_ns(&s->reconnect, clock_get_ns(CLOCK_TYPE_REALTIME) + s->config.reconnect_ms * NS_PER_MS);
    }
    net_flush_queue(&s->parent);
}

/* ---- out ---- */

static bool on_writable(int fd, GIOCondition condition, void *opaque)
{
    StreamClient *s = opaque;
    while (s->out && s->out_sent < s->out_length) {
        ssize_t n = send(s->fd, s->out + s->out_sent, s->out_length - s->out_sent, MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            return true;
        }
        if (n <= 0) {
            s->write_watch = 0;
            on_disconnect(s);
            return false;
        }
        s->out_sent += n;
    }
    g_clear_pointer(&s->out, g_free);
    s->write_watch = 0;
    net_flush_queue(&s->parent);
    return false;
}

static ssize_t stream_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    StreamClient *s = (StreamClient *)nc;
    if (s->fd < 0) {
        return size;                /* nobody there: the cable ends here */
    }
    if (s->out) {
        return 0;
    }
    uint8_t *frame = g_malloc(size + 4);
    frame[0] = size >> 24;
    frame[1] = size >> 16;
    frame[2] = size >> 8;
    frame[3] = size;
    iov_to_buffer(iov, count, 0, frame + 4, size);
    ssize_t n = send(s->fd, frame, size + 4, MSG_NOSIGNAL);
    if (n == (ssize_t)(size + 4)) {
        g_free(frame);
        return size;
    }
    if (n < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
        g_free(frame);
        return size;                /* the reader sees the end of the connection */
    }
    s->out = frame;
    s->out_length = size + 4;
    s->out_sent = MAX(n, 0);
    s->write_watch = fd_watch_add(s->fd, G_IO_OUT, on_writable, s);
    return size;
}

/* ---- in ---- */

static void resume_reading(NetClient *nc) { start_reading((StreamClient *)nc); }

static void deliver(void *opaque, const uint8_t *data, size_t length)
{
    StreamClient *s = opaque;
    if (net_send(&s->parent, data, length, resume_reading) == 0) {
        /* The peer is full: read no more until it has taken this one. */
        fd_watch_remove(s->read_watch);
        s->read_watch = 0;
    }
}

static bool on_readable(int fd, GIOCondition condition, void *opaque)
{
    StreamClient *s = opaque;
    uint8_t buffer[65536];
    ssize_t n = recv(fd, buffer, sizeof(buffer), 0);
    if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR)) {
        return true;
    }
    unsigned watch = s->read_watch;
    if (n <= 0 || !packet_reader_feed(&s->reader, buffer, n, deliver, s)) {
        s->read_watch = 0;
        on_disconnect(s);
        return false;
    }
    return s->read_watch == watch;
}

static void start_reading(StreamClient *s)
{
    if (s->fd >= 0 && !s->read_watch) {
        s->read_watch = fd_watch_add(s->fd, G_IO_IN | G_IO_HUP, on_readable, s);
    }
}

/* ---- connections ---- */

/* "tcp:127.0.0.1:22", "unix:/path" for stream; the older back end words it by itself. */
static char *peer_uri(StreamClient *s, char **inet_text)
{
    struct sockaddr_storage a;
    socklen_t length = sizeof(a);
    memset(&a, 0, sizeof(a));
    if (getpeername(s->fd, (struct sockaddr *)&a, &length) < 0) {
        memset(&a, 0, sizeof(a));
    }
    *inet_text = net_sockaddr_text((struct sockaddr *)&a);
    if (a.ss_family == AF_UNIX) {
        return g_strdup_printf("unix:%s", s->config.address.text ? s->config.address.text : "");
    }
    return g_strdup_printf("tcp:%s", *inet_text);
}

static void on_connected(StreamClient *s)
{
    int one = 1;
    setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
    g_autofree char *text = NULL;
    g_autofree char *uri = peer_uri(s, &text);
    if (is_socket(s)) {
        net_client_set_info(&s->parent, "socket: %s %s", s->config.server ? "connection from" : "connect to", text);
    } else {
        net_client_set_info(&s->parent, "%s", uri);
        net_emit_event("NETDEV_STREAM_CONNECTED", g_variant_new_parsed("{'netdev-id': <%s>, 'uri': <%s>}", s->parent.name, uri));
    }
    start_reading(s);
}

static bool on_listen(int fd, GIOCondition condition, void *opaque)
{
    StreamClient *s = opaque;
    int connection = accept4(fd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (connection < 0) {
        return true;
    }
    /* One peer at a time: the next one waits in the backlog. */
    s->listen_watch = 0;
    s->fd = connection;
    on_connected(s);
    return false;
}

static void connection_failed(StreamClient *s)
{
    on_disconnect(s);
    if (!is_socket(s)) {
        net_client_set_info(&s->parent, "connection error");
    }
}

static bool on_connect_result(int fd, GIOCondition condition, void *opaque)
{
    StreamClient *s = opaque;
    int error = 0;
    socklen_t length = sizeof(error);
    s->write_watch = 0;
    if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &length) < 0 || error) {
        close(s->fd);
        s->fd = -1;
        connection_failed(s);
    } else {
        on_connected(s);
    }
    return false;
}

static void try_connect(void *opaque)
{
    StreamClient *s = opaque;
    const NetAddress *a = &s->config.address;
    int fd = socket(a->address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd >= 0 && connect(fd, a->address, a->length) < 0 && errno != EINPROGRESS && errno != EAGAIN) {
        close(fd);
        fd = -1;
    }
    if (fd < 0) {
        connection_failed(s);
        return;
    }
    s->fd = fd;
    s->write_watch = fd_watch_add(fd, G_IO_OUT | G_IO_ERR | G_IO_HUP, on_connect_result, s);
}

static bool start_listening(StreamClient *s, GError **err)
{
    const NetAddress *a = &s->config.address;
    int one = 1;
    if (a->address->sa_family == AF_UNIX && ((struct sockaddr_un *)a->address)->sun_path[0]) {
        unlink(((struct sockaddr_un *)a->address)->sun_path);
    }
    int fd = socket(a->address->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return error_set_errno(err, errno, "can't create stream socket");
    }
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
    if (bind(fd, a->address, a->length) < 0) {
        int code = errno;
        close(fd);
        return error_set_errno(err, code, "can't bind ip=%s to socket", a->text);
    }
    if (listen(fd, 1) < 0) {
        int code = errno;
        close(fd);
        return error_set_errno(err, code, "can't listen on socket");
    }
    s->listen_fd = fd;
    s->listen_watch = fd_watch_add(fd, G_IO_IN, on_listen, s);
    return true;
}

/* A descriptor that the user gives: a connection, or (server) a listening socket. */
static bool use_fd(StreamClient *s, int fd)
{
    if (s->config.server) {
        s->listen_fd = fd;
        s->listen_watch = fd_watch_add(fd, G_IO_IN, on_listen, s);
    } else {
        s->fd = fd;
        on_connected(s);
        if (is_socket(s)) {
            net_client_set_info(&s->parent, "fd=%d", fd);
        }
    }
    return true;
}

static void stream_destroy(NetClient *nc)
{
    StreamClient *s = (StreamClient *)nc;
    timer_cancel(&s->reconnect);
    drop_connection(s);
    fd_watch_remove(s->listen_watch);
    if (s->listen_fd >= 0) {
        close(s->listen_fd);
        if (s->config.address.address && s->config.address.address->sa_family == AF_UNIX) {
            unlink(((struct sockaddr_un *)s->config.address.address)->sun_path);
        }
    }
    net_address_clear(&s->config.address);
}

const NetClientType net_type_stream = { .name = "stream", .size = sizeof(StreamClient), .receive = stream_receive, .destroy = stream_destroy };
const NetClientType net_type_socket = { .name = "socket", .size = sizeof(StreamClient), .receive = stream_receive, .destroy = stream_destroy };

bool stream_new(StreamConfig *config, const char *name, NetClient *peer, GError **err)
{
    StreamClient *s = (StreamClient *)net_client_new(config->type, config->type->name, name, NULL);
    bool done = true;
    s->config = *config;
    s->fd = s->listen_fd = -1;
    timer_init(&s->reconnect, CLOCK_TYPE_REALTIME, try_connect, s);
    if (config->address.fd >= 0) {
        done = use_fd(s, config->address.fd);
    } else if (config->server) {
        done = start_listening(s, err);
    } else {
        try_connect(s);
    }
    if (!done) {
        net_client_free(&s->parent);
    } else if (peer) {
        net_client_connect(&s->parent, peer);
    }
    return done;
}

static bool stream_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    StreamConfig config = { .type = &net_type_stream };
    uint64_t reconnect_ms = 0, reconnect_s = 0;
    bool has_ms = keyvals_has(kv, "reconnect-ms"), has_s = keyvals_has(kv, "reconnect");
    if (!keyvals_get_bool(kv, "server", &config.server, err) || !keyvals_get_uint64(kv, "reconnect-ms", &reconnect_ms, err) ||
        !keyvals_get_uint64(kv, "reconnect", &reconnect_s, err)) {
        return false;
    }
    if (!keyvals_has(kv, "addr.type")) {
        return error_set(err, "Parameter 'addr' is missing");
    }
    if (has_ms && has_s) {
        return error_set(err, "'reconnect' and 'reconnect-ms' are mutually exclusive");
    }
    if ((has_ms || has_s) && config.server) {
        return error_set(err, "'reconnect-ms' option is incompatible with socket in server mode");
    }
    config.reconnect_ms = has_s ? MIN(reconnect_s, 1000000) * 1000 : MIN(reconnect_ms, UINT32_MAX);
    if (!net_address_from_keyvals(kv, "addr", false, config.server, &config.address, err)) {
        return false;
    }
    if (!keyvals_check_all_used(kv, err)) {
        net_address_clear(&config.address);
        return false;
    }
    return stream_new(&config, name, peer, err);
}

const NetBackend net_backend_stream = { "stream", .netdev_only = true, .add = stream_add };
