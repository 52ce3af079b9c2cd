/*
 * Socket addresses of the network back ends, as the options write them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "util/error.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

char *net_sockaddr_text(const struct sockaddr *a)
{
    char host[INET6_ADDRSTRLEN] = "";
    if (a->sa_family == AF_INET) {
        const struct sockaddr_in *in = (const struct sockaddr_in *)a;
        inet_ntop(AF_INET, &in->sin_addr, host, sizeof(host));
        return g_strdup_printf("%s:%u", host, ntohs(in->sin_port));
    }
    if (a->sa_family == AF_INET6) {
        const struct sockaddr_in6 *in6 = (const struct sockaddr_in6 *)a;
        inet_ntop(AF_INET6, &in6->sin6_addr, host, sizeof(host));
        return g_strdup_printf("%s:%u", host, ntohs(in6->sin6_port));
    }
    return g_strdup(a->sa_family == AF_UNIX ? ((const struct sockaddr_un *)a)->sun_path : "unknown");
}

bool net_set_nonblocking(int fd, GError **err)
{
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0) {
        return error_set_errno(err, errno, "can't set file descriptor %d non-blocking", fd);
    }
    return true;
}

int net_take_fd(const char *name, const char *text, GError **err)
{
    uint64_t value;
    if (!parse_uint64(text, &value) || value > INT_MAX) {
        error_set(err, "File descriptor named '%s' has not been found", text);
        return -1;
    }
    int flags = fcntl(value, F_GETFL);
    if (flags < 0 || fcntl(value, F_SETFL, flags | O_NONBLOCK) < 0) {
        error_set_errno(err, errno, "%s: Can't use file descriptor %d", name, (int)value);
        return -1;
    }
    return value;
}

bool net_address_from_text(const char *text, bool datagram, struct sockaddr_in *a, GError **err)
{
    const char *colon = strchr(text, ':');
    if (!colon) {
        return error_set(err, "host address '%s' doesn't contain ':' separating host from port", text);
    }
    g_autofree char *host = g_strndup(text, colon - text);
    memset(a, 0, sizeof(*a));
    a->sin_family = AF_INET;
    if (*host && !inet_aton(host, &a->sin_addr)) {
        struct addrinfo hints = { .ai_family = AF_INET, .ai_socktype = datagram ? SOCK_DGRAM : SOCK_STREAM }, *found = NULL;
        if (getaddrinfo(host, NULL, &hints, &found) || !found) {
            return error_set(err, "can't resolve host address '%s'", host);
        }
        a->sin_addr = ((struct sockaddr_in *)found->ai_addr)->sin_addr;
        freeaddrinfo(found);
    }
    uint64_t port;
    if (!parse_uint64(colon + 1, &port) || port > 65535) {
        return error_set(err, "port number '%s' is invalid", colon + 1);
    }
    a->sin_port = htons(port);
    return true;
}

void net_address_clear(NetAddress *a)
{
    g_clear_pointer(&a->address, g_free);
    g_clear_pointer(&a->text, g_free);
}

typedef struct AddressKeys { KeyVals *kv; const char *prefix; } AddressKeys;

static const char *member(const AddressKeys *k, const char *name)
{
    g_autofree char *key = g_strdup_printf("%s.%s", k->prefix, name);
    return keyvals_get(k->kv, key);
}

static const char *required(const AddressKeys *k, const char *name, GError **err)
{
    const char *value = member(k, name);
    if (!value) {
        error_set(err, "Parameter '%s.%s' is missing", k->prefix, name);
    }
    return value;
}

static bool member_bool(const AddressKeys *k, const char *name, bool *given, bool *value, GError **err)
{
    g_autofree char *key = g_strdup_printf("%s.%s", k->prefix, name);
    *given = keyvals_has(k->kv, key);
    return keyvals_get_bool(k->kv, key, value, err);
}

static bool read_inet(const AddressKeys *k, bool datagram, bool passive, NetAddress *a, GError **err)
{
    const char *host = required(k, "host", err), *port = host ? required(k, "port", err) : NULL;
    bool has4, has6, ipv4 = true, ipv6 = true, given, ignored = false;
    if (!port || !member_bool(k, "ipv4", &has4, &ipv4, err) || !member_bool(k, "ipv6", &has6, &ipv6, err) ||
        !member_bool(k, "numeric", &given, &ignored, err) || !member_bool(k, "keep-alive", &given, &ignored, err)) {
        return false;
    }
    bool mptcp = false;
    if (!member_bool(k, "mptcp", &given, &mptcp, err)) {
        return false;
    }
    if (mptcp) {
        return error_set(err, "MPTCP of network sockets is not implemented");
    }
    if (member(k, "to")) {
        return error_set(err, "a range of ports (to=) of network sockets is not implemented");
    }
    struct addrinfo hints = { .ai_socktype = datagram ? SOCK_DGRAM : SOCK_STREAM, .ai_flags = passive ? AI_PASSIVE : 0, .ai_family = AF_UNSPEC };
    if ((has4 && ipv4 && !(has6 && ipv6)) || (has6 && !ipv6)) {
        hints.ai_family = AF_INET;
    } else if ((has6 && ipv6 && !(has4 && ipv4)) || (has4 && !ipv4)) {
        hints.ai_family = AF_INET6;
    }
    struct addrinfo *found = NULL;
    int code = getaddrinfo(*host ? host : NULL, port, &hints, &found);
    if (code || !found) {
        return error_set(err, "address resolution failed for %s:%s: %s", host, port, gai_strerror(code));
    }
    a->address = g_memdup2(found->ai_addr, found->ai_addrlen);
    a->length = found->ai_addrlen;
    freeaddrinfo(found);
    a->text = net_sockaddr_text(a->address);
    return true;
}

static bool read_unix(const AddressKeys *k, NetAddress *a, GError **err)
{
    const char *path = required(k, "path", err);
    bool given, abstract = false, tight = true;
    if (!path || !member_bool(k, "abstract", &given, &abstract, err) || !member_bool(k, "tight", &given, &tight, err)) {
        return false;
    }
    struct sockaddr_un un = { .sun_family = AF_UNIX };
    size_t length = strlen(path);
    if (length + abstract >= sizeof(un.sun_path)) {
        return error_set(err, "UNIX socket path '%s' is too long", path);
    }
    memcpy(un.sun_path + abstract, path, length);
    a->address = g_memdup2(&un, sizeof(un));
    a->length = abstract && tight ? offsetof(struct sockaddr_un, sun_path) + 1 + length : sizeof(un);
    a->text = g_strdup(path);
    return true;
}

bool net_address_from_keyvals(KeyVals *kv, const char *prefix, bool datagram, bool passive, NetAddress *a, GError **err)
{
    AddressKeys k = { kv, prefix };
    const char *type = required(&k, "type", err);
    *a = (NetAddress){ .fd = -1 };
    if (!type) {
        return false;
    }
    if (!strcmp(type, "inet")) {
        return read_inet(&k, datagram, passive, a, err);
    }
    if (!strcmp(type, "unix")) {
        return read_unix(&k, a, err);
    }
    if (!strcmp(type, "fd")) {
        const char *text = required(&k, "str", err);
        a->fd = text ? net_take_fd(prefix, text, err) : -1;
        return a->fd >= 0;
    }
    if (!strcmp(type, "vsock")) {
        return error_set(err, "vsock addresses of network sockets are not implemented");
    }
    return error_set(err, "Parameter 'type' does not accept value '%s'", type);
}
