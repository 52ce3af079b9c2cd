/*
 * -netdev tap: a TAP interface of the host (Linux Documentation/networking/tuntap), one descriptor a queue, with virtio-net headers where both ends can; and
 * bridge, which gets its interface from a helper program.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define DEFAULT_SCRIPT      "/etc/qemu-ifup"
#define DEFAULT_DOWN_SCRIPT "/etc/qemu-ifdown"
#define DEFAULT_HELPER      "/usr/lib/qemu/qemu-bridge-helper"
enum { MAX_BURST = 64, VNET_HEADER_MAX = 12, VNET_HEADER_OLD = 10 };

typedef struct TapClient {
    NetClient parent;
    int fd;
    unsigned read_watch, write_watch;
    bool host_vnet_header;              /* IFF_VNET_HDR: the descriptor always has headers */
    unsigned host_header_length;
    unsigned offloads;
    char *down_script, *ifname;
} TapClient;

static bool on_readable(int fd, GIOCondition condition, void *opaque);

static void resume_reading(NetClient *nc)
{
    TapClient *t = (TapClient *)nc;
    if (!t->read_watch) {
        t->read_watch = fd_watch_add(t->fd, G_IO_IN, on_readable, t);
    }
}

static bool on_readable(int fd, GIOCondition condition, void *opaque)
{
    TapClient *t = opaque;
    static uint8_t buffer[NET_MAX_PACKET];      /* the main thread's: packets are queued by copy */
    for (int i = 0; i < MAX_BURST; i++) {
        ssize_t n = read(fd, buffer, sizeof(buffer));
        if (n <= 0) {
            return true;
        }
        size_t skip = t->host_vnet_header && !t->parent.vnet_header ? t->host_header_length : 0;
        if ((size_t)n <= skip) {
            continue;
        }
        if (net_send(&t->parent, buffer + skip, n - skip, resume_reading) == 0) {
            t->read_watch = 0;
            return false;
        }
    }
    return true;
}

static bool on_writable(int fd, GIOCondition condition, void *opaque)
{
    TapClient *t = opaque;
    t->write_watch = 0;
    net_flush_queue(&t->parent);
    return false;
}

static ssize_t tap_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    TapClient *t = (TapClient *)nc;
    uint8_t no_header[VNET_HEADER_MAX] = { 0 };
    struct iovec with_header[NET_MAX_IOV + 1];
    if (t->host_vnet_header && !nc->vnet_header) {
        int n = MIN(count, NET_MAX_IOV);
        with_header[0] = (struct iovec){ no_header, t->host_header_length };
        memcpy(with_header + 1, iov, n * sizeof(*iov));
        iov = with_header;
        count = n + 1;
    }
    ssize_t n;
    do {
        n = writev(t->fd, iov, count);
    } while (n < 0 && errno == EINTR);
    if (n < 0 && errno == EAGAIN) {
        if (!t->write_watch) {
            t->write_watch = fd_watch_add(t->fd, G_IO_OUT, on_writable, t);
        }
        return 0;
    }
    return size;
}

/* ---- virtio-net headers and offloads ---- */

static bool tap_can_vnet_header(NetClient *nc) { return ((TapClient *)nc)->host_vnet_header; }

static void tap_set_vnet_header(NetClient *nc, unsigned length)
{
    TapClient *t = (TapClient *)nc;
    int value = length ? length : VNET_HEADER_OLD;
    if (t->host_vnet_header && ioctl(t->fd, TUNSETVNETHDRSZ, &value) == 0) {
        t->host_header_length = value;
        nc->vnet_header = length;
    }
}

static unsigned tap_offloads(NetClient *nc) { return ((TapClient *)nc)->offloads; }

/* TUN_F_* of NET_OFFLOAD_*. */
static unsigned to_tun(unsigned offloads)
{
    return (offloads & NET_OFFLOAD_CSUM ? TUN_F_CSUM : 0) | (offloads & NET_OFFLOAD_TSO4 ? TUN_F_TSO4 : 0) | (offloads & NET_OFFLOAD_TSO6 ? TUN_F_TSO6 : 0) |
           (offloads & NET_OFFLOAD_ECN ? TUN_F_TSO_ECN : 0) | (offloads & NET_OFFLOAD_UFO ? TUN_F_UFO : 0) |
           (offloads & NET_OFFLOAD_USO4 ? 0x20 : 0) | (offloads & NET_OFFLOAD_USO6 ? 0x40 : 0);
}

static void tap_set_offloads(NetClient *nc, unsigned offloads)
{
    TapClient *t = (TapClient *)nc;
    if (t->host_vnet_header && ioctl(t->fd, TUNSETOFFLOAD, to_tun(offloads & t->offloads)) < 0) {
        warn_report("TUNSETOFFLOAD ioctl() failed: %s", g_strerror(errno));
    }
}

/* Which of the newer offloads the kernel takes. */
static unsigned probe_offloads(int fd)
{
    static const unsigned tries[] = {
        NET_OFFLOAD_CSUM | NET_OFFLOAD_TSO4 | NET_OFFLOAD_TSO6 | NET_OFFLOAD_ECN | NET_OFFLOAD_UFO | NET_OFFLOAD_USO4 | NET_OFFLOAD_USO6,
        NET_OFFLOAD_CSUM | NET_OFFLOAD_TSO4 | NET_OFFLOAD_TSO6 | NET_OFFLOAD_ECN | NET_OFFLOAD_UFO,
        NET_OFFLOAD_CSUM | NET_OFFLOAD_TSO4 | NET_OFFLOAD_TSO6 | NET_OFFLOAD_ECN,
    };
    for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
        if (ioctl(fd, TUNSETOFFLOAD, to_tun(tries[i])) == 0) {
            ioctl(fd, TUNSETOFFLOAD, 0);
            return tries[i];
        }
    }
    return 0;
}

/* ---- scripts ---- */

static bool run_program(const char *script, const char *ifname, GError **err)
{
    char *arguments[] = { (char *)script, (char *)ifname, NULL };
    int status;
    if (!g_spawn_sync(NULL, arguments, NULL, G_SPAWN_CHILD_INHERITS_STDIN | G_SPAWN_SEARCH_PATH, NULL, NULL, NULL, NULL, &status, NULL)) {
        return error_set(err, "network script %s failed: could not be started", script);
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return true;
    }
    return error_set(err, "network script %s failed with status %d", script, WIFEXITED(status) ? WEXITSTATUS(status) : status);
}

static void tap_destroy(NetClient *nc)
{
    TapClient *t = (TapClient *)nc;
    fd_watch_remove(t->read_watch);
    fd_watch_remove(t->write_watch);
    if (t->down_script && *t->down_script) {
        g_autoptr(GError) err = NULL;
        if (!run_program(t->down_script, t->ifname, &err)) {
            warn_report("%s", err->message);
        }
    }
    close(t->fd);
    g_free(t->down_script);
    g_free(t->ifname);
}

static const NetClientType tap_type = {
    .name = "tap", .size = sizeof(TapClient), .receive = tap_receive, .destroy = tap_destroy, .can_vnet_header = tap_can_vnet_header,
    .set_vnet_header = tap_set_vnet_header, .offloads = tap_offloads, .set_offloads = tap_set_offloads,
};

static TapClient *tap_client_new(int fd, bool vnet_header, const char *name, unsigned queue, NetClient *peer)
{
    TapClient *t = (TapClient *)net_client_new(&tap_type, "tap", name, NULL);
    t->fd = fd;
    t->parent.queue_index = queue;
    t->host_vnet_header = vnet_header;
    t->host_header_length = VNET_HEADER_OLD;
    t->offloads = vnet_header ? probe_offloads(fd) : 0;
    t->read_watch = fd_watch_add(fd, G_IO_IN, on_readable, t);
    if (peer) {
        net_client_connect(&t->parent, peer);
    }
    return t;
}

/* ---- opening ---- */

typedef struct TapOptions {
    const char *ifname, *fd, *fds, *script, *downscript, *br, *helper, *vhostfd, *vhostfds;
    uint64_t sndbuf, queues;
    bool has_sndbuf, has_queues, has_vnet_hdr, vnet_hdr, vhost, vhostforce, has_poll;
} TapOptions;

/* ifname: in the wanted name or pattern, out what the kernel made of it. */
static int open_interface(char ifname[IFNAMSIZ], bool want_header, bool must_header, bool multi_queue, bool *vnet_header, GError **err)
{
    struct ifreq request = { .ifr_flags = IFF_TAP | IFF_NO_PI | (multi_queue ? IFF_MULTI_QUEUE : 0) };
    unsigned features = 0;
    int fd = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0) {
        error_set_errno(err, errno, "could not open /dev/net/tun");
        return -1;
    }
    *vnet_header = want_header && ioctl(fd, TUNGETFEATURES, &features) == 0 && (features & IFF_VNET_HDR);
    if (must_header && !*vnet_header) {
        error_set(err, "vnet_hdr=1 requested, but no kernel support for IFF_VNET_HDR available");
        close(fd);
        return -1;
    }
    request.ifr_flags |= *vnet_header ? IFF_VNET_HDR : 0;
    g_strlcpy(request.ifr_name, *ifname ? ifname : "tap%d", IFNAMSIZ);
    if (ioctl(fd, TUNSETIFF, &request) < 0) {
        error_set_errno(err, errno, "could not configure /dev/net/tun%s%s%s", *ifname ? " (" : "", ifname, *ifname ? ")" : "");
        close(fd);
        return -1;
    }
    g_strlcpy(ifname, request.ifr_name, IFNAMSIZ);
    return fd;
}

static void set_send_buffer(int fd, const TapOptions *o)
{
    int value = !o->has_sndbuf ? 0 : o->sndbuf > INT_MAX ? INT_MAX : (int)o->sndbuf;
    value = value ? value : INT_MAX;
    ioctl(fd, TUNSETSNDBUF, &value);
}

static bool add_from_fds(const TapOptions *o, const char *name, NetClient *peer, GError **err)
{
    g_auto(GStrv) texts = g_strsplit(o->fds ? o->fds : o->fd, ":", 0);
    unsigned count = g_strv_length(texts);
    if (!count || count > NET_MAX_QUEUES) {
        return error_set(err, "at most %d descriptors can be given with fds=", NET_MAX_QUEUES);
    }
    for (unsigned i = 0; i < count; i++) {
        struct ifreq request = { .ifr_flags = 0 };
        int fd = net_take_fd(name, texts[i], err);
        if (fd < 0) {
            return false;
        }
        if (ioctl(fd, TUNGETIFF, &request) < 0) {
            return error_set_errno(err, errno, "Unable to query TUNGETIFF on FD %d", fd);
        }
        set_send_buffer(fd, o);
        TapClient *t = tap_client_new(fd, request.ifr_flags & IFF_VNET_HDR, name, i, i == 0 ? peer : NULL);
        net_client_set_info(&t->parent, "fd=%d", fd);
    }
    return true;
}

static bool add_interface(const TapOptions *o, const char *name, NetClient *peer, GError **err)
{
    const char *script = o->script ? o->script : DEFAULT_SCRIPT, *down = o->downscript ? o->downscript : DEFAULT_DOWN_SCRIPT;
    script = strcmp(script, "no") ? script : "";
    down = strcmp(down, "no") ? down : "";
    char ifname[IFNAMSIZ] = "";
    unsigned queues = o->has_queues ? o->queues : 1;
    if (o->ifname && g_strlcpy(ifname, o->ifname, IFNAMSIZ) >= IFNAMSIZ) {
        return error_set(err, "interface name '%s' is too long", o->ifname);
    }
    for (unsigned i = 0; i < queues; i++) {
        bool header;
        int fd = open_interface(ifname, !o->has_vnet_hdr || o->vnet_hdr, o->has_vnet_hdr && o->vnet_hdr, queues > 1, &header, err);
        if (fd < 0) {
            return false;
        }
        if (i == 0 && *script && !run_program(script, ifname, err)) {
            close(fd);
            return false;
        }
        set_send_buffer(fd, o);
        TapClient *t = tap_client_new(fd, header, name, i, i == 0 ? peer : NULL);
        net_client_set_info(&t->parent, "ifname=%s,script=%s,downscript=%s", ifname, *script ? script : "no", *down ? down : "no");
        t->ifname = g_strdup(ifname);
        t->down_script = i == 0 ? g_strdup(down) : NULL;
    }
    return true;
}

/* The helper is given one end of a socket pair and sends the interface's descriptor over it. */
static int receive_fd(int socket_fd)
{
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec iov = { &byte, 1 };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = control, .msg_controllen = sizeof(control) };
    int fd = -1;
    if (recvmsg(socket_fd, &message, MSG_CMSG_CLOEXEC) <= 0) {
        return -1;
    }
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS && header->cmsg_len == CMSG_LEN(sizeof(int))) {
        memcpy(&fd, CMSG_DATA(header), sizeof(fd));
    }
    return fd;
}

static void clear_close_on_exec(void *opaque) { fcntl(GPOINTER_TO_INT(opaque), F_SETFD, 0); }

static bool add_by_helper(const char *helper, const char *bridge, const char *name, NetClient *peer, GError **err)
{
    int pair[2], status = -1;
    GPid child;
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair) < 0) {
        return error_set_errno(err, errno, "socketpair() failed");
    }
    g_autofree char *fd_option = g_strdup_printf("--fd=%d", pair[1]), *bridge_option = g_strdup_printf("--br=%s", bridge);
    g_autofree char *with_options = g_strdup_printf("%s %s %s %s", helper, "--use-vnet", fd_option, bridge_option);
    char *plain[] = { (char *)helper, (char *)"--use-vnet", fd_option, bridge_option, NULL };
    char *shell[] = { (char *)"/bin/sh", (char *)"-c", with_options, NULL };
    bool started = g_spawn_async(NULL, strpbrk(helper, " \t") ? shell : plain, NULL,
                                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_LEAVE_DESCRIPTORS_OPEN | G_SPAWN_CHILD_INHERITS_STDIN, clear_close_on_exec,
                                 GINT_TO_POINTER(pair[1]), &child, NULL);
    close(pair[1]);
    int fd = started ? receive_fd(pair[0]) : -1;
    close(pair[0]);
    if (started) {
        while (waitpid(child, &status, 0) < 0 && errno == EINTR) { }
        g_spawn_close_pid(child);
    }
    if (fd < 0 || status != 0) {
        if (fd >= 0) {
            close(fd);
        }
        return error_set(err, "bridge helper failed");
    }
    struct ifreq request = { .ifr_flags = 0 };
    net_set_nonblocking(fd, NULL);
    ioctl(fd, TUNGETIFF, &request);
    TapClient *t = tap_client_new(fd, request.ifr_flags & IFF_VNET_HDR, name, 0, peer);
    net_client_set_info(&t->parent, "helper=%s,br=%s", helper, bridge);
    return true;
}

static bool read_options(KeyVals *kv, TapOptions *o, GError **err)
{
    *o = (TapOptions){
        .ifname = keyvals_get(kv, "ifname"), .fd = keyvals_get(kv, "fd"), .fds = keyvals_get(kv, "fds"), .script = keyvals_get(kv, "script"),
        .downscript = keyvals_get(kv, "downscript"), .br = keyvals_get(kv, "br"), .helper = keyvals_get(kv, "helper"), .vhostfd = keyvals_get(kv, "vhostfd"),
        .vhostfds = keyvals_get(kv, "vhostfds"), .has_sndbuf = keyvals_has(kv, "sndbuf"), .has_queues = keyvals_has(kv, "queues"),
        .has_vnet_hdr = keyvals_has(kv, "vnet_hdr"), .has_poll = keyvals_has(kv, "poll-us"),
    };
    uint64_t poll_us;
    return keyvals_get_size(kv, "sndbuf", &o->sndbuf, err) && keyvals_get_uint64(kv, "queues", &o->queues, err) &&
           keyvals_get_bool(kv, "vnet_hdr", &o->vnet_hdr, err) && keyvals_get_bool(kv, "vhost", &o->vhost, err) &&
           keyvals_get_bool(kv, "vhostforce", &o->vhostforce, err) && keyvals_get_uint64(kv, "poll-us", &poll_us, err) && keyvals_check_all_used(kv, err);
}

static bool tap_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    TapOptions o;
    if (!read_options(kv, &o, err)) {
        return false;
    }
    bool named = o.ifname || o.script || o.downscript || o.has_vnet_hdr || o.helper || o.has_queues;
    if (peer && (o.has_queues || o.fds || o.vhostfds)) {
        return error_set(err, "Multiqueue tap cannot be used with hubs");
    }
    if (o.fd && (named || o.fds || o.vhostfds)) {
        return error_set(err, "ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, fds=, and vhostfds= are invalid with fd=");
    }
    if (o.fds && (named || o.vhostfd)) {
        return error_set(err, "ifname=, script=, downscript=, vnet_hdr=, helper=, queues=, and vhostfd= are invalid with fds=");
    }
    if (o.helper && (o.ifname || o.script || o.downscript || o.has_vnet_hdr || o.has_queues || o.vhostfds)) {
        return error_set(err, "ifname=, script=, downscript=, vnet_hdr=, queues=, and vhostfds= are invalid with helper=");
    }
    if (o.vhost || o.vhostforce || o.vhostfd || o.vhostfds) {
        return error_set(err, "vhost= of the tap network back end is not implemented");
    }
    if (o.has_queues && (o.queues < 1 || o.queues > NET_MAX_QUEUES)) {
        return error_set(err, "queues= of the tap network back end goes from 1 to %d", NET_MAX_QUEUES);
    }
    if (o.fd || o.fds) {
        return add_from_fds(&o, name, peer, err);
    }
    if (o.helper) {
        return add_by_helper(o.helper, o.br ? o.br : "br0", name, peer, err);
    }
    return add_interface(&o, name, peer, err);
}

const NetBackend net_backend_tap = { "tap", .add = tap_add };

static bool bridge_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    const char *bridge = keyvals_get(kv, "br"), *helper = keyvals_get(kv, "helper");
    return keyvals_check_all_used(kv, err) && add_by_helper(helper ? helper : DEFAULT_HELPER, bridge ? bridge : "br0", name, peer, err);
}

const NetBackend net_backend_bridge = { "bridge", .add = bridge_add };
