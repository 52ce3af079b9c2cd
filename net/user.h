/*
 * What the two files of the user back end share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef NET_USER_H
#define NET_USER_H

#include "net/internal.h"
#include <slirp/libslirp.h>

typedef struct UserClient {
    NetClient parent;
    Slirp *slirp;
    GSource *source;
    int64_t deadline_us;
    struct in_addr default_guest;       /* hostfwd without a guest address: the first that DHCP gives out */
    GPtrArray *guest_forwards;          /* of GuestForward* */
} UserClient;

/* NULL when libslirp refuses the configuration. */
UserClient *user_client_new(const SlirpConfig *config, const char *name, NetClient *peer);
/* guestfwd to a character device; spec as -serial has it, rule for messages. */
bool user_guestfwd_chardev(UserClient *user, struct in_addr address, int port, const char *spec, const char *rule, GError **err);
/* Guests take more: asks the forwards' devices for input. */
void user_poke_forwards(UserClient *user);
void user_drop_forwards(UserClient *user);

#endif
