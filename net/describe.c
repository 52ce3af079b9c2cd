/*
 * What the monitor shows of the network and does to it; warnings of what is not connected.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "net/nic-list.h"
#include "ostrich-config.h"
#include "util/error.h"

#include <string.h>

void net_client_describe(const NetClient *nc, GString *out)
{
    g_string_append_printf(out, "%s: index=%u,type=%s,%s\n", nc->name, nc->queue_index, nc->type->name, nc->info);
    if (nc->filters && nc->filters->len) {
        g_string_append(out, "filters:\n");
    }
    for (unsigned i = 0; nc->filters && i < nc->filters->len; i++) {
        NetFilter *f = nc->filters->pdata[i];
        g_autofree char *text = f->describe(f);
        g_string_append_printf(out, "  - %s\n", text);
    }
}

char *net_describe(void)
{
    GString *out = g_string_new(NULL);
    hub_describe(out);
    for (unsigned i = 0; net_clients && i < net_clients->len; i++) {
        const NetClient *nc = net_clients->pdata[i];
        if (hub_of_client(nc) >= 0) {
            continue;
        }
        if (!nc->peer || net_client_is_nic(nc)) {
            net_client_describe(nc, out);
        }
        if (nc->peer && net_client_is_nic(nc)) {
            g_string_append(out, " \\ ");
            net_client_describe(nc->peer, out);
        }
    }
    return g_string_free(out, FALSE);
}

char *net_describe_user(void)
{
    GString *out = g_string_new(NULL);
#ifdef CONFIG_SLIRP
    for (unsigned i = 0; net_clients && i < net_clients->len; i++) {
        NetClient *nc = net_clients->pdata[i];
        if (nc->type == &net_type_user) {
            g_string_append_printf(out, "Hub %d (%s):\n", hub_of_client(nc), nc->name);
            net_user_describe_connections(nc, out);
        }
    }
#endif
    return g_string_free(out, FALSE);
}

/* ---- link state ---- */

static void change_link(NetClient *nc, bool down)
{
    nc->link_down = down;
    if (nc->type->link_changed) {
        nc->type->link_changed(nc);
    }
    if (!down) {
        net_flush_queue(nc);
    }
}

bool net_set_link(const char *name, bool up, GError **err)
{
    bool found = false;
    g_autoptr(GPtrArray) all = net_clients ? g_ptr_array_copy(net_clients, NULL, NULL) : g_ptr_array_new();
    for (unsigned i = 0; i < all->len; i++) {
        NetClient *nc = all->pdata[i];
        if (strcmp(nc->name, name)) {
            continue;
        }
        found = true;
        change_link(nc, !up);
        /* A back end's cable is its NIC's cable; a NIC's is its own. */
        if (nc->peer && net_client_is_nic(nc->peer)) {
            change_link(nc->peer, !up);
        }
    }
    return found || error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", name);
}

/* ---- port forwarding ---- */

#ifdef CONFIG_SLIRP
static NetClient *find_user(const char *id, GError **err)
{
    for (unsigned i = 0; net_clients && i < net_clients->len; i++) {
        NetClient *nc = net_clients->pdata[i];
        if (nc->type == &net_type_user && (!id || !strcmp(nc->name, id))) {
            return nc;
        }
    }
    if (!id) {
        error_set(err, "user mode network stack not in use");
    } else if (net_client_find(id)) {
        error_set(err, "invalid device specified");
    } else {
        error_set(err, "unrecognized netdev id '%s'", id);
    }
    return NULL;
}

bool net_hostfwd_add(const char *id, const char *rule, GError **err)
{
    NetClient *nc = find_user(id, err);
    return nc && net_user_hostfwd_add(nc, rule, err);
}

bool net_hostfwd_remove(const char *id, const char *rule, char **text, GError **err)
{
    NetClient *nc = find_user(id, err);
    return nc && net_user_hostfwd_remove(nc, rule, text, err);
}
#else
bool net_hostfwd_add(const char *id, const char *rule, GError **err) { return error_set(err, "user mode network stack not in use"); }
bool net_hostfwd_remove(const char *id, const char *rule, char **text, GError **err) { return error_set(err, "user mode network stack not in use"); }
#endif

/* ---- the rest ---- */

static NetEventHook *event_hook;

void net_set_event_hook(NetEventHook *hook) { event_hook = hook; }

void net_emit_event(const char *event, GVariant *data)
{
    g_variant_ref_sink(data);
    if (event_hook) {
        event_hook(event, data);
    }
    g_variant_unref(data);
}

void net_check_clients(void)
{
    if (!net_options_given()) {
        return;
    }
    hub_check();
    for (unsigned i = 0; net_clients && i < net_clients->len; i++) {
        const NetClient *nc = net_clients->pdata[i];
        if (!nc->peer) {
            warn_report("%s %s has no peer", net_client_is_nic(nc) ? "nic" : "netdev", nc->name);
        }
    }
    nic_list_check();
}

void net_cleanup(void)
{
    while (net_clients && net_clients->len) {
        NetClient *nc = net_clients->pdata[net_clients->len - 1];
        /* Devices own their clients: those are cut off and left to them. */
        if (net_client_is_nic(nc)) {
            net_client_disconnect(nc);
            g_ptr_array_remove_index(net_clients, net_clients->len - 1);
        } else {
            net_client_free(nc);
        }
    }
}
