/*
 * User-mode networking: a small IP network behind NAT by libslirp, with DHCP, DNS and TFTP inside. This file runs libslirp on the main loop; its options are
 * in user-options.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/user.h"
#include "util/log.h"
#include "util/main-loop.h"
#include "util/timer.h"

#include <string.h>

/* ---- timers ---- */

typedef struct SlirpTimer { Timer timer; SlirpTimerCb fn; void *opaque; } SlirpTimer;

static void timer_fired(void *opaque)
{
    SlirpTimer *t = opaque;
    t->fn(t->opaque);
}

static void *slirp_timer_new(SlirpTimerCb fn, void *fn_opaque, void *opaque)
{
    SlirpTimer *t = g_new0(SlirpTimer, 1);
    t->fn = fn;
    t->opaque = fn_opaque;
    timer_init(&t->timer, CLOCK_TYPE_VIRTUAL, timer_fired, t);
    return t;
}

static void slirp_timer_free(void *timer, void *opaque)
{
    SlirpTimer *t = timer;
    timer_cancel(&t->timer);
    g_free(t);
}

static void slirp_timer_mod(void *timer, int64_t expire_ms, void *opaque)
{
    SlirpTimer *t = timer;
    timer_set_ns(&t->timer, expire_ms * NS_PER_MS);
}

/* ---- other services that libslirp asks for ---- */

static ssize_t to_guest(const void *data, size_t size, void *opaque)
{
    UserClient *user = opaque;
    net_send(&user->parent, data, size, NULL);
    return size;
}

static void guest_error(const char *message, void *opaque) { log_mask(LOG_GUEST_ERROR, "%s\n", message); }
static int64_t clock_ns(void *opaque) { return clock_get_ns(CLOCK_TYPE_VIRTUAL); }
static void fd_changed(int fd, void *opaque) { main_loop_wake(); }

static void notify(void *opaque)
{
    user_poke_forwards(opaque);
    main_loop_wake();
}


static const SlirpCb callbacks = {
    .send_packet = to_guest, .guest_error = guest_error, .clock_get_ns = clock_ns, .timer_new = slirp_timer_new, .timer_free = slirp_timer_free,
    .timer_mod = slirp_timer_mod, .register_poll_fd = fd_changed, .unregister_poll_fd = fd_changed, .notify = notify,
};

/* ---- polling: a source whose descriptors libslirp names anew in each round ---- */

/* fds: of GPollFD*, which stay where they are. What is the same as in the round before stays with the loop: each change would wake it at once. */
typedef struct SlirpSource { GSource source; UserClient *user; GPtrArray *fds; unsigned nr_wanted; } SlirpSource;

static int add_poll(int fd, int events, void *opaque)
{
    SlirpSource *s = opaque;
    GPollFD *p = s->nr_wanted < s->fds->len ? s->fds->pdata[s->nr_wanted] : NULL;
    gushort wanted = (events & SLIRP_POLL_IN ? G_IO_IN : 0) | (events & SLIRP_POLL_OUT ? G_IO_OUT : 0) | (events & SLIRP_POLL_PRI ? G_IO_PRI : 0) | G_IO_ERR | G_IO_HUP;
    if (p && p->fd == fd) {
        p->events = wanted;
        p->revents = 0;
        return s->nr_wanted++;
    }
    if (p) {
        g_source_remove_poll(&s->source, p);
    } else {
        p = g_new0(GPollFD, 1);
        g_ptr_array_add(s->fds, p);
    }
    *p = (GPollFD){ .fd = fd, .events = wanted };
    g_source_add_poll(&s->source, p);
    return s->nr_wanted++;
}

static int get_revents(int index, void *opaque)
{
    SlirpSource *s = opaque;
    if (index < 0 || (unsigned)index >= s->fds->len) {
        return 0;
    }
    int got = ((GPollFD *)s->fds->pdata[index])->revents;
    return (got & G_IO_IN ? SLIRP_POLL_IN : 0) | (got & G_IO_OUT ? SLIRP_POLL_OUT : 0) | (got & G_IO_PRI ? SLIRP_POLL_PRI : 0) |
           (got & G_IO_ERR ? SLIRP_POLL_ERR : 0) | (got & G_IO_HUP ? SLIRP_POLL_HUP : 0);
}

static gboolean source_prepare(GSource *source, int *timeout_ms)
{
    SlirpSource *s = (SlirpSource *)source;
    uint32_t timeout = UINT32_MAX;
    s->nr_wanted = 0;
    slirp_pollfds_fill(s->user->slirp, &timeout, add_poll, s);
    for (unsigned i = s->nr_wanted; i < s->fds->len; i++) {
        g_source_remove_poll(source, s->fds->pdata[i]);
    }
    g_ptr_array_set_size(s->fds, (int)s->nr_wanted);
    *timeout_ms = timeout > INT_MAX ? -1 : (int)timeout;
    s->user->deadline_us = timeout > INT_MAX ? INT64_MAX : g_get_monotonic_time() + (int64_t)timeout * 1000;
    return FALSE;
}

static gboolean source_check(GSource *source)
{
    SlirpSource *s = (SlirpSource *)source;
    for (unsigned i = 0; i < s->fds->len; i++) {
        if (((GPollFD *)s->fds->pdata[i])->revents) {
            return TRUE;
        }
    }
    return g_get_monotonic_time() >= s->user->deadline_us;
}

static gboolean source_dispatch(GSource *source, GSourceFunc callback, void *opaque)
{
    SlirpSource *s = (SlirpSource *)source;
    slirp_pollfds_poll(s->user->slirp, 0, get_revents, s);
    return G_SOURCE_CONTINUE;
}

static void source_finalize(GSource *source)
{
    g_ptr_array_unref(((SlirpSource *)source)->fds);
}

static GSourceFuncs source_funcs = { .prepare = source_prepare, .check = source_check, .dispatch = source_dispatch, .finalize = source_finalize };

/* ---- the client ---- */

static ssize_t user_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    UserClient *user = (UserClient *)nc;
    g_autofree uint8_t *copy = NULL;
    const uint8_t *data = iov[0].iov_base;
    if (count > 1) {
        copy = g_malloc(size);
        iov_to_buffer(iov, count, 0, copy, size);
        data = copy;
    }
    slirp_input(user->slirp, data, size);
    /* The stack may want to hear of other descriptors or earlier deadlines now. */
    main_loop_wake();
    return size;
}

static void user_destroy(NetClient *nc)
{
    UserClient *user = (UserClient *)nc;
    if (user->source) {
        g_source_destroy(user->source);
        g_source_unref(user->source);
    }
    if (user->slirp) {
        user_drop_forwards(user);
        slirp_cleanup(user->slirp);
    }
}

const NetClientType net_type_user = { .name = "user", .size = sizeof(UserClient), .receive = user_receive, .destroy = user_destroy };

UserClient *user_client_new(const SlirpConfig *config, const char *name, NetClient *peer)
{
    UserClient *user = (UserClient *)net_client_new(&net_type_user, "user", name, NULL);
    user->slirp = slirp_new(config, &callbacks, user);
    if (!user->slirp) {
        net_client_free(&user->parent);
        return NULL;
    }
    user->source = g_source_new(&source_funcs, sizeof(SlirpSource));
    SlirpSource *s = (SlirpSource *)user->source;
    s->user = user;
    s->fds = g_ptr_array_new_with_free_func(g_free);
    g_source_attach(user->source, NULL);
    if (peer) {
        net_client_connect(&user->parent, peer);
    }
    return user;
}

void net_user_describe_connections(NetClient *nc, GString *out)
{
    char *text = slirp_connection_info(((UserClient *)nc)->slirp);
    g_string_append(out, text);
    g_free(text);
}
