/*
 * What NICs have in common: MAC addresses, the property that names the back end, and the client that a device makes.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "qom/object.h"
#include "util/error.h"

#include <string.h>

/* ---- MAC addresses: 52:54:00:12:34:56 and the next ones, those taken by the user excepted ---- */

static const uint8_t mac_base[6] = { 0x52, 0x54, 0x00, 0x12, 0x34, 0x56 };
static unsigned mac_users[256];

static bool mac_is_default_kind(const uint8_t mac[6]) { return !memcmp(mac, mac_base, 5) && mac[5] >= mac_base[5]; }

void mac_use(const uint8_t mac[6])
{
    if (mac_is_default_kind(mac)) {
        mac_users[mac[5]]++;
    }
}

void mac_release(const uint8_t mac[6])
{
    if (mac_is_default_kind(mac) && mac_users[mac[5]]) {
        mac_users[mac[5]]--;
    }
}

void mac_pick_default(uint8_t mac[6])
{
    memcpy(mac, mac_base, 6);
    for (unsigned last = mac_base[5]; last < 256; last++) {
        if (!mac_users[last]) {
            mac[5] = last;
            break;
        }
    }
}

bool mac_parse(const char *text, uint8_t mac[6])
{
    uint8_t bytes[6];
    for (int i = 0; i < 6; i++) {
        int high = g_ascii_xdigit_value(text[0]), low = high < 0 ? -1 : g_ascii_xdigit_value(text[1]);
        if (high < 0) {
            return false;
        }
        bytes[i] = low < 0 ? high : high << 4 | low;
        text += low < 0 ? 1 : 2;
        if (i < 5 ? *text != ':' && *text != '-' : *text != 0) {
            return false;
        }
        text++;
    }
    memcpy(mac, bytes, 6);
    return true;
}

char *mac_to_text(const uint8_t m[6])
{
    return g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", m[0], m[1], m[2], m[3], m[4], m[5]);
}

/* ---- property "netdev" ---- */

static bool set_netdev_text(Object *object, const Property *p, const char *text, GError **err)
{
    NetPeers *peers = PROPERTY_FIELD(object, p, NetPeers);
    NetPeers found = { .count = 0 };
    if (!*text) {
        *peers = found;
        return true;
    }
    found.count = net_client_find_queues(text, found.clients, NET_MAX_QUEUES);
    if (!found.count) {
        return error_set(err, "Property '%s.%s' can't find value '%s'", object->type->name, p->name, text);
    }
    for (int i = 0; i < found.count; i++) {
        if (found.clients[i]->peer) {
            return error_set(err, "Property '%s.%s' can't take value '%s', it's in use", object->type->name, p->name, text);
        }
    }
    *peers = found;
    return true;
}

static bool set_netdev(Object *object, const Property *p, GVariant *value, GError **err)
{
    if (!g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return error_set(err, "Invalid parameter type for '%s', expected: string", p->name);
    }
    return set_netdev_text(object, p, g_variant_get_string(value, NULL), err);
}

static GVariant *get_netdev(const Object *object, const Property *p, GError **err)
{
    const NetPeers *peers = PROPERTY_FIELD(object, p, const NetPeers);
    return g_variant_new_string(peers->count && peers->clients[0] ? peers->clients[0]->name : "");
}

static char *print_netdev(const Object *object, const Property *p)
{
    const NetPeers *peers = PROPERTY_FIELD(object, p, const NetPeers);
    return g_strdup_printf("\"%s\"", peers->count && peers->clients[0] ? peers->clients[0]->name : "");
}

static void no_default(Object *object, const Property *p) { }

const PropertyKind property_kind_netdev = { "str", set_netdev, set_netdev_text, get_netdev, print_netdev, no_default, NULL };

/* ---- clients of devices ---- */

static void describe_nic(NetClient *nc)
{
    g_autofree char *mac = mac_to_text(nc->mac);
    net_client_set_info(nc, "model=%s,macaddr=%s", nc->model, mac);
}

/* "e1000.0": the device's id, or its model and the number of NICs of that model before it. */
static char *nic_name(const char *model, const char *id)
{
    unsigned before = 0;
    if (id) {
        return g_strdup(id);
    }
    for (unsigned i = 0; net_clients && i < net_clients->len; i++) {
        const NetClient *nc = net_clients->pdata[i];
        before += net_client_is_nic(nc) && nc->queue_index == 0 && !strcmp(nc->model, model);
    }
    return g_strdup_printf("%s.%u", model, before);
}

void net_nic_new_queues(const NetClientType *type, NicConf *conf, const char *model, const char *id, void *opaque, int nr_queues, NetClient **queues)
{
    static const uint8_t no_mac[6];
    g_autofree char *name = nic_name(model, id);
    if (!memcmp(conf->mac, no_mac, 6)) {
        mac_pick_default(conf->mac);
    }
    mac_use(conf->mac);
    for (int i = 0; i < nr_queues; i++) {
        NetClient *nc = net_client_new(type, model, name, NULL);
        nc->queue_index = i;
        nc->opaque = opaque;
        nc->conf = conf;
        memcpy(nc->mac, conf->mac, 6);
        describe_nic(nc);
        queues[i] = nc;
    }
    for (int i = 0; i < nr_queues && i < conf->peers.count; i++) {
        if (conf->peers.clients[i] && !conf->peers.clients[i]->peer) {
            net_client_connect(queues[i], conf->peers.clients[i]);
        }
    }
}

NetClient *net_nic_new(const NetClientType *type, NicConf *conf, const char *model, const char *id, void *opaque)
{
    NetClient *nc;
    net_nic_new_queues(type, conf, model, id, opaque, 1, &nc);
    return nc;
}

void net_nic_set_mac(NetClient *nc, const uint8_t mac[6])
{
    if (memcmp(nc->mac, mac, 6)) {
        mac_release(nc->mac);
        mac_use(mac);
        memcpy(nc->mac, mac, 6);
        describe_nic(nc);
    }
}
