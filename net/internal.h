/*
 * What the files of net/ share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef NET_INTERNAL_H
#define NET_INTERNAL_H

#include "net/net.h"
#include "util/keyval.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

/* Sees packets that pass a back end. from_client: sent by it, else on the way to it. */
struct NetFilter {
    void (*see)(NetFilter *f, bool from_client, const struct iovec *iov, int count, size_t size);
    char *(*describe)(NetFilter *f);        /* "f: type=filter-dump,..." */
};
void net_client_add_filter(NetClient *nc, NetFilter *f);
void net_client_remove_filter(NetClient *nc, NetFilter *f);

static inline bool net_client_is_nic(const NetClient *nc) { return !strcmp(nc->type->name, "nic"); }
/* All clients, oldest first. */
extern GPtrArray *net_clients;
/* "#net012": a name that no user can give. */
char *net_made_up_name(void);
/* Marks an address as taken (by -nic mac= and by devices), or free again; picks the next free default. */
void mac_use(const uint8_t mac[6]);
void mac_release(const uint8_t mac[6]);
void mac_pick_default(uint8_t mac[6]);

/* A back end: the word behind -netdev. add reads its own options from kv and ties its clients to peer (may be NULL). */
typedef struct NetBackend {
    const char *name;
    bool netdev_only;                       /* not with -net */
    bool (*add)(KeyVals *kv, const char *name, NetClient *peer, GError **err);
} NetBackend;
extern const NetBackend net_backend_user, net_backend_socket, net_backend_stream, net_backend_dgram, net_backend_tap, net_backend_bridge, net_backend_hubport;

/* ---- hubs ---- */
/* A new port of the hub; name NULL: "hub0port0"; tied to peer unless NULL. */
NetClient *hub_add_port(int hub_id, const char *name, NetClient *peer);
/* The hub that a client is on (its peer is a port, or it is one); -1: none. */
int hub_of_client(const NetClient *nc);
/* The client behind the port can take packets again. */
void hub_flush(NetClient *port);
void hub_describe(GString *out);
void hub_check(void);
extern const NetClientType net_type_hubport;

/* ---- user ---- */
extern const NetClientType net_type_user;
void net_user_describe_connections(NetClient *nc, GString *out);
bool net_user_hostfwd_add(NetClient *nc, const char *rule, GError **err);
bool net_user_hostfwd_remove(NetClient *nc, const char *rule, char **text, GError **err);

void net_client_describe(const NetClient *nc, GString *out);    /* one line and its filters */

/* ---- addresses of socket, stream, dgram ---- */
typedef struct NetAddress {
    struct sockaddr *address; unsigned length;      /* NULL for fd */
    int fd;                                         /* -1, or the descriptor of addr.type=fd */
    char *text;                                     /* for info network */
} NetAddress;
/* prefix "addr", "local" or "remote": reads PREFIX.type, .host, .port, .path, .str. */
bool net_address_from_keyvals(KeyVals *kv, const char *prefix, bool datagram, bool passive, NetAddress *a, GError **err);
/* "host:port"; host may be empty (any). */
bool net_address_from_text(const char *text, bool datagram, struct sockaddr_in *a, GError **err);
void net_address_clear(NetAddress *a);
/* Descriptors that the user hands over: a number; fails as the reference does, with the back end's name. Made non-blocking. */
int net_take_fd(const char *name, const char *text, GError **err);
bool net_set_nonblocking(int fd, GError **err);
char *net_sockaddr_text(const struct sockaddr *a);      /* "127.0.0.1:22", "/path" */

/* A stream of packets with a length word (big endian, 4 bytes) before each: takes bytes as they come, hands packets to deliver. */
typedef struct PacketReader { uint8_t header[4]; unsigned header_length; uint32_t length, filled; uint8_t *data; } PacketReader;
/* False when the length is out of range: the stream is lost. */
bool packet_reader_feed(PacketReader *r, const uint8_t *bytes, size_t count, void (*deliver)(void *opaque, const uint8_t *data, size_t length), void *opaque);
void packet_reader_reset(PacketReader *r);

#endif
