/*
 * The options of -netdev user: addresses of the inner network, DHCP, TFTP, port forwarding.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/user.h"
#include "util/error.h"

#include <string.h>

/* ---- forwarding rules ---- */

/* Cuts the text before the next separator off *p; NULL when there is no separator. */
static char *cut(const char **p, char separator)
{
    const char *end = strchr(*p, separator);
    if (!end) {
        return NULL;
    }
    char *part = g_strndup(*p, end - *p);
    *p = end + 1;
    return part;
}

static bool parse_port(const char *text, int minimum, int *port)
{
    char *end;
    long value = strtol(text, &end, 0);
    if (end == text || *end || value < minimum || value > 65535) {
        return false;
    }
    *port = value;
    return true;
}

typedef struct HostRule { bool udp; struct in_addr host, guest; int host_port, guest_port; } HostRule;

static const char *parse_protocol(const char **p, bool *udp)
{
    g_autofree char *protocol = cut(p, ':');
    if (!protocol) {
        return "No : separators";
    }
    *udp = !strcmp(protocol, "udp");
    return *udp || !strcmp(protocol, "tcp") || !*protocol ? NULL : "Bad protocol name";
}

/* [tcp|udp]:[hostaddr]:hostport-[guestaddr]:guestport. Returns NULL, or what is wrong. */
static const char *parse_host_rule(const char *text, HostRule *rule)
{
    const char *p = text, *wrong = parse_protocol(&p, &rule->udp);
    if (wrong) {
        return wrong;
    }
    g_autofree char *host = cut(&p, ':');
    if (!host) {
        return "Missing : separator";
    }
    rule->host.s_addr = INADDR_ANY;
    if (*host && !inet_aton(host, &rule->host)) {
        return "Bad host address";
    }
    g_autofree char *host_port = cut(&p, '-');
    if (!host_port) {
        return "Bad host port separator";
    }
    if (!parse_port(host_port, 0, &rule->host_port)) {
        return "Bad host port";
    }
    g_autofree char *guest = cut(&p, ':');
    if (!guest) {
        return "Missing guest address";
    }
    if (*guest && !inet_aton(guest, &rule->guest)) {
        return "Bad guest address";
    }
    return parse_port(p, 1, &rule->guest_port) ? NULL : "Bad guest port";
}

bool net_user_hostfwd_add(NetClient *nc, const char *text, GError **err)
{
    UserClient *user = (UserClient *)nc;
    HostRule rule = { .guest = user->default_guest };
    const char *wrong = parse_host_rule(text, &rule);
    if (wrong) {
        return error_set(err, "Invalid host forwarding rule '%s' (%s)", text, wrong);
    }
    if (slirp_add_hostfwd(user->slirp, rule.udp, rule.host, rule.host_port, rule.guest, rule.guest_port) < 0) {
        return error_set(err, "Could not set up host forwarding rule '%s'", text);
    }
    return true;
}

/* rule: [tcp|udp]:[hostaddr]:hostport */
bool net_user_hostfwd_remove(NetClient *nc, const char *text, char **result, GError **err)
{
    UserClient *user = (UserClient *)nc;
    const char *p = text;
    bool udp;
    int port;
    struct in_addr host = { INADDR_ANY };
    if (parse_protocol(&p, &udp)) {
        return error_set(err, "invalid format");
    }
    g_autofree char *address = cut(&p, ':');
    if (!address || (*address && !inet_aton(address, &host)) || !parse_port(p, 0, &port)) {
        return error_set(err, "invalid format");
    }
    bool removed = slirp_remove_hostfwd(user->slirp, udp, host, port) == 0;
    *result = g_strdup_printf("host forwarding rule for %s %s", text, removed ? "removed" : "not found");
    return true;
}

/* tcp:server:port-cmd:command */
static bool guestfwd_add(UserClient *user, const char *text, GError **err)
{
    const char *p = text;
    g_autofree char *protocol = cut(&p, ':');
    g_autofree char *server = protocol ? cut(&p, ':') : NULL;
    g_autofree char *port_text = server ? cut(&p, '-') : NULL;
    struct in_addr address = { INADDR_ANY };
    int port;
    if (!port_text || (*protocol && strcmp(protocol, "tcp")) || (*server && !inet_aton(server, &address)) || !parse_port(port_text, 1, &port) || !*p) {
        return error_set(err, "Invalid guest forwarding rule '%s'", text);
    }
    if (!g_str_has_prefix(p, "cmd:")) {
        return user_guestfwd_chardev(user, address, port, p, text, err);
    }
    if (slirp_add_exec(user->slirp, p + 4, &address, port) < 0) {
        return error_set(err, "Conflicting/invalid host:port in guest forwarding rule '%s'", text);
    }
    return true;
}

/* ---- addresses ---- */

typedef struct UserConfig { SlirpConfig slirp; GPtrArray *search, *host_rules, *guest_rules; } UserConfig;

static bool parse_ipv4(const char *text, struct in_addr *address, const char *what, GError **err)
{
    return !text || inet_aton(text, address) || error_set(err, "Failed to parse %s", what);
}

static bool parse_ipv6(const char *text, struct in6_addr *address, const char *what, GError **err)
{
    return !text || inet_pton(AF_INET6, text, address) == 1 || error_set(err, "Failed to parse %s", what);
}

/* net=addr[/mask]: the mask as dotted quad or as a number of bits; without one the class of the address decides. */
static bool parse_network(const char *text, uint32_t *network, uint32_t *mask, GError **err)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", 2);
    struct in_addr address;
    if (!inet_aton(parts[0] ? parts[0] : "", &address)) {
        return error_set(err, "Failed to parse netmask");
    }
    *network = ntohl(address.s_addr);
    if (!parts[1]) {
        *mask = !(*network >> 31) ? 0xff000000 : *network >> 30 == 2 ? 0xffff0000 : *network >> 29 == 6 ? 0xffffff00 : 0xfffffff0;
        return true;
    }
    char *end;
    unsigned long bits = strtoul(parts[1], &end, 10);
    if (!*end && end != parts[1]) {
        if (bits < 4 || bits > 32) {
            return error_set(err, "Invalid netmask provided (must be in range 4-32)");
        }
        *mask = (uint32_t)(UINT64_MAX << (32 - bits));
        return true;
    }
    if (!inet_aton(parts[1], &address)) {
        return error_set(err, "Failed to parse netmask");
    }
    *mask = ntohl(address.s_addr);
    return true;
}

static bool read_ipv4(KeyVals *kv, SlirpConfig *c, GError **err)
{
    uint32_t network = 0x0a000200, mask = 0xffffff00;
    const char *ip = keyvals_get(kv, "ip"), *net = keyvals_get(kv, "net"), *host = keyvals_get(kv, "host"), *dns = keyvals_get(kv, "dns"),
               *dhcp = keyvals_get(kv, "dhcpstart");
    net = net ? net : ip;
    if (!c->in_enabled && (net || host || dns)) {
        return error_set(err, "IPv4 disabled but netmask/host/dns provided");
    }
    if (net && !parse_network(net, &network, &mask, err)) {
        return false;
    }
    network &= mask;
    c->vnetwork.s_addr = htonl(network);
    c->vnetmask.s_addr = htonl(mask);
    c->vhost.s_addr = htonl(network | (0x0202 & ~mask));
    c->vdhcp_start.s_addr = htonl(network | (0x020f & ~mask));
    c->vnameserver.s_addr = htonl(network | (0x0203 & ~mask));
    if (!parse_ipv4(host, &c->vhost, "host", err)) {
        return false;
    }
    if ((ntohl(c->vhost.s_addr) & mask) != network) {
        return error_set(err, "Host doesn't belong to network");
    }
    if (!parse_ipv4(dhcp, &c->vdhcp_start, "DHCP start address", err)) {
        return false;
    }
    if ((ntohl(c->vdhcp_start.s_addr) & mask) != network) {
        return error_set(err, "DHCP doesn't belong to network");
    }
    if (c->vdhcp_start.s_addr == c->vhost.s_addr || c->vdhcp_start.s_addr == c->vnameserver.s_addr) {
        if (dhcp) {
            return error_set(err, "DNS must be different from host and DHCP");
        }
    }
    if (!parse_ipv4(dns, &c->vnameserver, "DNS", err)) {
        return false;
    }
    return c->vhost.s_addr != c->vnameserver.s_addr || error_set(err, "DNS must be different from host");
}

static bool read_ipv6(KeyVals *kv, SlirpConfig *c, GError **err)
{
    const char *net = keyvals_get(kv, "ipv6-net"), *host = keyvals_get(kv, "ipv6-host"), *dns = keyvals_get(kv, "ipv6-dns");
    const char *prefix_only = keyvals_get(kv, "ipv6-prefix");
    uint64_t length = 64;
    bool has_length = keyvals_has(kv, "ipv6-prefixlen");
    g_auto(GStrv) parts = net ? g_strsplit(net, "/", 2) : NULL;
    const char *prefix = parts ? parts[0] ? parts[0] : "" : prefix_only;
    if (!keyvals_get_uint64(kv, "ipv6-prefixlen", &length, err)) {
        return false;
    }
    if (parts && parts[0] && parts[1] && !parse_uint64(parts[1], &length)) {
        return error_set(err, "Parameter 'ipv6-net' expects a number");
    }
    if (!c->in6_enabled && (prefix || host || dns || has_length)) {
        return error_set(err, "IPv6 disabled but prefix/host6/dns6 provided");
    }
    inet_pton(AF_INET6, "fec0::", &c->vprefix_addr6);
    if (!parse_ipv6(prefix, &c->vprefix_addr6, "IPv6 prefix", err)) {
        return false;
    }
    if (length > 126) {
        return error_set(err, "Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and 126)");
    }
    c->vprefix_len = length;
    c->vhost6 = c->vnameserver6 = c->vprefix_addr6;
    c->vhost6.s6_addr[15] |= 2;
    c->vnameserver6.s6_addr[15] |= 3;
    return parse_ipv6(host, &c->vhost6, "IPv6 host", err) && parse_ipv6(dns, &c->vnameserver6, "IPv6 DNS", err);
}

static bool check_length(const char *text, size_t max, const char *key, GError **err)
{
    return !text || strlen(text) <= max || error_set(err, "Parameter '%s' is too long (at most %zu characters)", key, max);
}

static bool read_names(KeyVals *kv, UserConfig *config, GError **err)
{
    SlirpConfig *c = &config->slirp;
    c->vhostname = keyvals_get(kv, "hostname");
    c->vdomainname = keyvals_get(kv, "domainname");
    c->tftp_path = keyvals_get(kv, "tftp");
    c->tftp_server_name = keyvals_get(kv, "tftp-server-name");
    c->bootfile = keyvals_get(kv, "bootfile");
    if (c->vdomainname && !*c->vdomainname) {
        return error_set(err, "'domainname' parameter cannot be empty");
    }
    if (c->vdomainname && strlen(c->vdomainname) > 255) {
        return error_set(err, "'domainname' parameter cannot exceed 255 bytes");
    }
    if (c->vhostname && strlen(c->vhostname) > 255) {
        return error_set(err, "'hostname' parameter cannot exceed 255 bytes");
    }
    if (c->tftp_server_name && strlen(c->tftp_server_name) > 255) {
        return error_set(err, "'tftp-server-name' parameter cannot exceed 255 bytes");
    }
    return check_length(c->bootfile, 127, "bootfile", err);
}

/* All values of a key, in order. */
static void read_list(KeyVals *kv, const char *key, GPtrArray *list)
{
    for (unsigned i = 0; i < kv->items->len; i++) {
        KeyVal *item = kv->items->pdata[i];
        if (!strcmp(item->key, key)) {
            item->used = true;
            g_ptr_array_add(list, item->value);
        }
    }
}

static bool read_on_off(KeyVals *kv, const char *key, bool *value, GError **err) { return keyvals_get_bool(kv, key, value, err); }

static bool read_config(KeyVals *kv, UserConfig *config, GError **err)
{
    SlirpConfig *c = &config->slirp;
    bool restricted = false, ipv4 = true, ipv6 = true, has4 = keyvals_has(kv, "ipv4"), has6 = keyvals_has(kv, "ipv6");
    if (!read_on_off(kv, "restrict", &restricted, err) || !read_on_off(kv, "ipv4", &ipv4, err) || !read_on_off(kv, "ipv6", &ipv6, err)) {
        return false;
    }
    c->version = 1;
    c->restricted = restricted;
    c->in_enabled = has4 ? ipv4 : !(has6 && ipv6);
    c->in6_enabled = has6 ? ipv6 : !(has4 && ipv4);
    read_list(kv, "dnssearch", config->search);
    read_list(kv, "hostfwd", config->host_rules);
    read_list(kv, "guestfwd", config->guest_rules);
    const char *smb = keyvals_get(kv, "smb");
    keyvals_get(kv, "smbserver");
    if (!c->in_enabled && !c->in6_enabled) {
        return error_set(err, "IPv4 and IPv6 disabled");
    }
    if (!read_ipv4(kv, c, err) || !read_ipv6(kv, c, err) || !read_names(kv, config, err) || !keyvals_check_all_used(kv, err)) {
        return false;
    }
    return !smb || error_set(err, "smb= of the user network back end is not implemented");
}

static bool add_forwards(UserClient *user, const UserConfig *config, GError **err)
{
    for (unsigned i = 0; i < config->host_rules->len; i++) {
        if (!net_user_hostfwd_add(&user->parent, config->host_rules->pdata[i], err)) {
            return false;
        }
    }
    for (unsigned i = 0; i < config->guest_rules->len; i++) {
        if (!guestfwd_add(user, config->guest_rules->pdata[i], err)) {
            return false;
        }
    }
    return true;
}

static bool make_user(UserConfig *config, const char *name, NetClient *peer, GError **err)
{
    if (config->search->len) {
        g_ptr_array_add(config->search, NULL);
        config->slirp.vdnssearch = (const char **)config->search->pdata;
    }
    UserClient *user = user_client_new(&config->slirp, name, peer);
    if (!user) {
        return error_set(err, "the user network stack refuses this configuration");
    }
    struct in_addr network = config->slirp.vnetwork;
    user->default_guest = config->slirp.vdhcp_start;
    net_client_set_info(&user->parent, "net=%s,restrict=%s", inet_ntoa(network), config->slirp.restricted ? "on" : "off");
    if (!add_forwards(user, config, err)) {
        net_client_free(&user->parent);
        return false;
    }
    return true;
}

static bool user_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    UserConfig config = { .search = g_ptr_array_new(), .host_rules = g_ptr_array_new(), .guest_rules = g_ptr_array_new() };
    bool done = read_config(kv, &config, err) && make_user(&config, name, peer, err);
    g_ptr_array_unref(config.search);
    g_ptr_array_unref(config.host_rules);
    g_ptr_array_unref(config.guest_rules);
    return done;
}

const NetBackend net_backend_user = { "user", .add = user_add };
