/*
 * guestfwd= to a character device: a TCP port of the inner network whose connection is the device's byte stream.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "net/user.h"
#include "util/error.h"

typedef struct GuestForward { CharFrontend fe; UserClient *user; struct in_addr address; int port; } GuestForward;

static int forward_can_receive(void *opaque)
{
    GuestForward *f = opaque;
    return MIN(slirp_socket_can_recv(f->user->slirp, f->address, f->port), 65536);
}

static void forward_receive(void *opaque, const uint8_t *buf, int len)
{
    GuestForward *f = opaque;
    slirp_socket_recv(f->user->slirp, f->address, f->port, buf, len);
}

static const CharCallbacks forward_callbacks = { .can_receive = forward_can_receive, .receive = forward_receive };

static ssize_t forward_from_guest(const void *buf, size_t len, void *opaque)
{
    GuestForward *f = opaque;
    char_write_all(&f->fe, buf, len);
    return len;
}

bool user_guestfwd_chardev(UserClient *user, struct in_addr address, int port, const char *spec, const char *rule, GError **err)
{
    g_autofree char *label = g_strdup_printf("guestfwd.tcp.%d", port);
    Chardev *chr = chardev_from_legacy(label, spec, false, err);
    if (!chr) {
        return (err && *err) ? false : error_set(err, "Could not open guest forwarding device '%s'", label);
    }
    GuestForward *f = g_new0(GuestForward, 1);
    *f = (GuestForward){ .user = user, .address = address, .port = port };
    if (!char_frontend_connect(&f->fe, chr, err)) {
        g_free(f);
        return false;
    }
    if (slirp_add_guestfwd(user->slirp, forward_from_guest, f, &f->address, port) < 0) {
        char_frontend_disconnect(&f->fe);
        g_free(f);
        return error_set(err, "Conflicting/invalid host:port in guest forwarding rule '%s'", rule);
    }
    char_set_handlers(&f->fe, &forward_callbacks, f);
    if (!user->guest_forwards) {
        user->guest_forwards = g_ptr_array_new();
    }
    g_ptr_array_add(user->guest_forwards, f);
    return true;
}

void user_poke_forwards(UserClient *user)
{
    for (unsigned i = 0; user->guest_forwards && i < user->guest_forwards->len; i++) {
        char_accept_input(&((GuestForward *)user->guest_forwards->pdata[i])->fe);
    }
}

void user_drop_forwards(UserClient *user)
{
    for (unsigned i = 0; user->guest_forwards && i < user->guest_forwards->len; i++) {
        GuestForward *f = user->guest_forwards->pdata[i];
        slirp_remove_guestfwd(user->slirp, f->address, f->port);
        char_set_handlers(&f->fe, NULL, NULL);
        char_frontend_disconnect(&f->fe);
        g_free(f);
    }
    g_clear_pointer(&user->guest_forwards, g_ptr_array_unref);
}
