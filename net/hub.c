/*
 * Hubs: every packet that comes in at a port goes out at all others. `-net` puts its clients on hub 0; `-netdev hubport` makes ports by hand.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "util/error.h"

#include <string.h>

typedef struct Hub { int id; unsigned next_port; GPtrArray *ports; /* of HubPort* */ } Hub;
typedef struct HubPort { NetClient parent; Hub *hub; } HubPort;

static GPtrArray *hubs;     /* of Hub* */

static ssize_t hub_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    Hub *hub = ((HubPort *)nc)->hub;
    for (unsigned i = 0; i < hub->ports->len; i++) {
        NetClient *other = hub->ports->pdata[i];
        if (other != nc) {
            net_send_iov(other, iov, count, NULL);
        }
    }
    return size;
}

/* A sender may go on as soon as one of the others can take a packet; for the rest, packets wait in their queues. */
static bool hub_can_receive(NetClient *nc)
{
    Hub *hub = ((HubPort *)nc)->hub;
    for (unsigned i = 0; i < hub->ports->len; i++) {
        NetClient *other = hub->ports->pdata[i];
        if (other != nc && net_can_send(other)) {
            return true;
        }
    }
    return hub->ports->len < 2;
}

static void hub_port_destroy(NetClient *nc)
{
    Hub *hub = ((HubPort *)nc)->hub;
    g_ptr_array_remove(hub->ports, nc);
    if (hub->ports->len == 0) {
        g_ptr_array_remove(hubs, hub);
        g_ptr_array_unref(hub->ports);
        g_free(hub);
    }
}

const NetClientType net_type_hubport = {
    .name = "hubport", .size = sizeof(HubPort), .can_receive = hub_can_receive, .receive = hub_receive, .destroy = hub_port_destroy,
};

static Hub *hub_get(int id)
{
    for (unsigned i = 0; hubs && i < hubs->len; i++) {
        Hub *hub = hubs->pdata[i];
        if (hub->id == id) {
            return hub;
        }
    }
    if (!hubs) {
        hubs = g_ptr_array_new();
    }
    Hub *hub = g_new0(Hub, 1);
    hub->id = id;
    hub->ports = g_ptr_array_new();
    g_ptr_array_add(hubs, hub);
    return hub;
}

NetClient *hub_add_port(int hub_id, const char *name, NetClient *peer)
{
    Hub *hub = hub_get(hub_id);
    g_autofree char *made_up = g_strdup_printf("hub%dport%u", hub_id, hub->next_port++);
    NetClient *nc = net_client_new(&net_type_hubport, "hubport", name ? name : made_up, NULL);
    ((HubPort *)nc)->hub = hub;
    g_ptr_array_add(hub->ports, nc);
    if (peer) {
        net_client_connect(nc, peer);
    }
    return nc;
}

/* Packets that waited for the hub because nobody could take one. */
void hub_flush(NetClient *port)
{
    Hub *hub = ((HubPort *)port)->hub;
    for (unsigned i = 0; i < hub->ports->len; i++) {
        NetClient *other = hub->ports->pdata[i];
        if (other != port && other->incoming.length) {
            net_flush_queue(other);
        }
    }
}

int hub_of_client(const NetClient *nc)
{
    const NetClient *port = nc->type == &net_type_hubport ? nc : nc->peer;
    return port && port->type == &net_type_hubport ? ((const HubPort *)port)->hub->id : -1;
}

void hub_describe(GString *out)
{
    for (unsigned i = hubs ? hubs->len : 0; i-- > 0;) {
        const Hub *hub = hubs->pdata[i];
        g_string_append_printf(out, "hub %d\n", hub->id);
        for (unsigned p = hub->ports->len; p-- > 0;) {
            const NetClient *port = hub->ports->pdata[p];
            g_string_append_printf(out, " \\ %s", port->name);
            if (port->peer) {
                g_string_append(out, ": ");
                net_client_describe(port->peer, out);
            } else {
                g_string_append_c(out, '\n');
            }
        }
    }
}

void hub_check(void)
{
    for (unsigned i = hubs ? hubs->len : 0; i-- > 0;) {
        const Hub *hub = hubs->pdata[i];
        bool has_nic = false, has_host = false;
        for (unsigned p = hub->ports->len; p-- > 0;) {
            const NetClient *port = hub->ports->pdata[p];
            if (!port->peer) {
                warn_report("hub port %s has no peer", port->name);
            } else if (net_client_is_nic(port->peer)) {
                has_nic = true;
            } else {
                has_host = true;
            }
        }
        if (has_host && !has_nic) {
            warn_report("hub %d with no nics", hub->id);
        }
        if (has_nic && !has_host) {
            warn_report("hub %d is not connected to host network", hub->id);
        }
    }
}

static bool hubport_add(KeyVals *kv, const char *name, NetClient *peer, GError **err)
{
    const char *hub_text = keyvals_get(kv, "hubid"), *netdev = keyvals_get(kv, "netdev");
    int64_t id;
    if (!hub_text) {
        return error_set(err, "Parameter 'hubid' is missing");
    }
    if (!parse_int64(hub_text, &id)) {
        return error_set(err, "Parameter 'hubid' expects an int64 value");
    }
    if (id < INT32_MIN || id > INT32_MAX) {
        return error_set(err, "Parameter 'hubid' expects int32_t");
    }
    if (!keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (netdev) {
        peer = net_client_find(netdev);
        if (!peer) {
            return error_set(err, "netdev '%s' not found", netdev);
        }
        if (peer->peer) {
            return error_set(err, "netdev '%s' is already connected", netdev);
        }
    }
    hub_add_port(id, name, peer);
    return true;
}

const NetBackend net_backend_hubport = { "hubport", .netdev_only = true, .add = hubport_add };
