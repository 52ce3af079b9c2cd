/*
 * Addresses of sockets as -chardev names them, and opening them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef CHARDEV_SOCKET_ADDRESS_H
#define CHARDEV_SOCKET_ADDRESS_H

#include "util/keyval.h"

#include <sys/socket.h>

/* One of: path (unix), fd, host and port. */
typedef struct SocketAddress {
    char *path; bool abstract, tight;
    char *fd;
    char *host, *port;
    unsigned to;                    /* servers: the last port to try; 0: only port */
    bool ipv4, ipv6, has_ipv4, has_ipv6;
} SocketAddress;

bool socket_address_parse(SocketAddress *a, KeyVals *kv, GError **err);
void socket_address_clear(SocketAddress *a);
/* A socket that listens, connects (waits for it), or was handed to us; -1 with an error. */
int socket_listen(const SocketAddress *a, GError **err);
int socket_connect(const SocketAddress *a, GError **err);
/* A datagram socket for UDP: bound to local (host and port may be NULL), connected to remote. */
int socket_datagram(const char *host, const char *port, const char *local_host, const char *local_port, int family, GError **err);
int socket_from_fd(const char *text, GError **err);
/* "10.0.0.1:80", "[::1]:80", "/path"; empty for unnamed. Caller frees. */
char *sockaddr_describe(const struct sockaddr_storage *sa, socklen_t len);
/* "host:port" or the path, before there is a connection. */
char *socket_address_describe(const SocketAddress *a);

#endif
