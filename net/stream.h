/*
 * Packets over a connection: what -netdev stream and the connected forms of -netdev socket are made of; and datagrams for dgram, mcast= and udp=.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "net/internal.h"

/* How a connection is made. */
typedef struct StreamConfig {
    const NetClientType *type;          /* net_type_stream or net_type_socket */
    NetAddress address;                 /* taken over */
    bool server;
    int64_t reconnect_ms;               /* 0: never */
} StreamConfig;
extern const NetClientType net_type_stream, net_type_socket;
bool stream_new(StreamConfig *config, const char *name, NetClient *peer, GError **err);

/* destination NULL: fd is connected. Both are taken over. */
extern const NetClientType net_type_dgram, net_type_socket_dgram;
bool dgram_new(const NetClientType *type, int fd, const NetAddress *destination, const char *info, const char *name, NetClient *peer, GError **err);
/* A socket that sends to and hears the group; local NULL: any interface. */
int dgram_multicast_socket(const struct sockaddr_in *group, const struct in_addr *local, GError **err);

#endif
