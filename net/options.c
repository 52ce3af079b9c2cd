/*
 * -netdev, -nic, -net and netdev_add.
 *
 * -netdev makes a back end; -nic a back end and the NIC on it; -net puts either on hub 0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "net/nic-list.h"
#include "ostrich-config.h"
#include "qom/object.h"
#include "util/error.h"
#include "util/json.h"

#include <string.h>

/* What the reference's schema knows, in the order of its list; those without a table here are refused by name. */
typedef struct BackendWord { const char *name; const NetBackend *backend; } BackendWord;
static const BackendWord words[] = {
    { "none", NULL }, { "nic", NULL }, { "socket", &net_backend_socket }, { "stream", &net_backend_stream }, { "dgram", &net_backend_dgram },
    { "hubport", &net_backend_hubport }, { "tap", &net_backend_tap },
#ifdef CONFIG_SLIRP
    { "user", &net_backend_user },
#else
    { "user", NULL },
#endif
    { "l2tpv3", NULL }, { "vde", NULL }, { "bridge", &net_backend_bridge }, { "netmap", NULL }, { "vhost-user", NULL }, { "vhost-vdpa", NULL },
};

static bool options_given;

static const BackendWord *find_word(const char *type, GError **err)
{
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (!strcmp(words[i].name, type)) {
            return &words[i];
        }
    }
    error_set(err, "Parameter 'type' does not accept value '%s'", type);
    return NULL;
}

static bool not_here(const char *type, GError **err)
{
    if (!strcmp(type, "none") || !strcmp(type, "nic") || !strcmp(type, "user")) {
        return error_set(err, "network backend '%s' is not compiled into this binary", type);
    }
    return error_set(err, "network backend '%s' is not implemented", type);
}

char *netdev_help(void)
{
    GString *out = g_string_new("Available netdev backend types:\n");
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (words[i].backend) {
            g_string_append_printf(out, "%s\n", words[i].name);
        }
    }
    return g_string_free(out, FALSE);
}

/* id: taken out of kv. Checks form and that it is new. what: "netdev" or "net". */
static bool check_id(const char *id, const char *what, GError **err)
{
    if (!object_id_check(id, err)) {
        return false;
    }
    return !net_client_find(id) || error_set(err, "Duplicate ID '%s'%s%s", id, *what ? " for " : "", what);
}

static bool add_netdev(KeyVals *kv, bool from_command_line, GError **err)
{
    g_autofree char *type = keyvals_take(kv, "type"), *id = keyvals_take(kv, "id");
    if (!type) {
        return error_set(err, "Parameter 'type' is missing");
    }
    const BackendWord *word = find_word(type, err);
    if (!word) {
        return false;
    }
    if (!id) {
        return error_set(err, "Parameter 'id' is missing");
    }
    if (!check_id(id, from_command_line ? "netdev" : "", err)) {
        return false;
    }
    return word->backend ? word->backend->add(kv, id, NULL, err) : not_here(type, err);
}

bool netdev_add(const char *options_text, GError **err)
{
    bool help = false;
    options_given = true;
    if (options_text[0] == '{') {
        g_autoptr(GVariant) dict = json_parse(options_text, strlen(options_text), err);
        return dict && netdev_add_from_dict(dict, err);
    }
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, "type", &help, err);
    return kv && add_netdev(kv, true, err);
}

/* ---- netdev_add of QMP ---- */

static char *scalar_text(GVariant *value)
{
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_STRING)) {
        return g_variant_dup_string(value, NULL);
    }
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN)) {
        return g_strdup(g_variant_get_boolean(value) ? "on" : "off");
    }
    return g_variant_print(value, FALSE);
}

/* {"addr": {"type": "inet"}} becomes addr.type=inet; [{"str": "x"}, ...] becomes key=x, key=... */
static void flatten(KeyVals *kv, const char *prefix, GVariant *value)
{
    if (g_variant_is_of_type(value, G_VARIANT_TYPE_VARIANT)) {
        g_autoptr(GVariant) inner = g_variant_get_variant(value);
        flatten(kv, prefix, inner);
    } else if (g_variant_is_of_type(value, G_VARIANT_TYPE_VARDICT)) {
        GVariantIter iter;
        const char *key;
        GVariant *member;
        g_variant_iter_init(&iter, value);
        while (g_variant_iter_loop(&iter, "{&sv}", &key, &member)) {
            g_autofree char *name = *prefix ? g_strdup_printf("%s.%s", prefix, key) : g_strdup(key);
            flatten(kv, name, member);
        }
    } else if (g_variant_is_container(value)) {
        for (size_t i = 0; i < g_variant_n_children(value); i++) {
            g_autoptr(GVariant) child = g_variant_get_child_value(value, i);
            g_autoptr(GVariant) element = g_variant_is_of_type(child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant(child) : g_variant_ref(child);
            g_autoptr(GVariant) text = g_variant_is_of_type(element, G_VARIANT_TYPE_VARDICT) ? g_variant_lookup_value(element, "str", NULL) : NULL;
            flatten(kv, prefix, text ? text : element);
        }
    } else {
        g_autofree char *text = scalar_text(value);
        keyvals_set(kv, prefix, text);
    }
}

bool netdev_add_from_dict(GVariant *dict, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_new();
    if (!g_variant_is_of_type(dict, G_VARIANT_TYPE_VARDICT)) {
        return error_set(err, "Expecting a JSON object");
    }
    flatten(kv, "", dict);
    return add_netdev(kv, false, err);
}

bool netdev_del(const char *id, GError **err)
{
    NetClient *queues[NET_MAX_QUEUES];
    int count = net_client_find_queues(id, queues, NET_MAX_QUEUES);
    if (!count) {
        return error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", id);
    }
    if (queues[0]->from_net_option || id[0] == '#') {
        return error_set(err, "Device '%s' is not a netdev", id);
    }
    for (int i = 0; i < count; i++) {
        NetClient *nic = queues[i]->peer;
        net_client_free(queues[i]);
        /* The NIC stays, with its cable pulled. */
        if (nic && net_client_is_nic(nic)) {
            nic->link_down = true;
            if (nic->type->link_changed) {
                nic->type->link_changed(nic);
            }
        }
    }
    return true;
}

/* ---- -nic and -net ---- */

static bool set_nic_mac(NicInfo *nic, const char *text, const char *remark, GError **err)
{
    if (!text) {
        mac_pick_default(nic->mac);
    } else if (!mac_parse(text, nic->mac)) {
        return error_set(err, "invalid syntax for ethernet address");
    } else if (nic->mac[0] & 1) {
        return error_set(err, "NIC cannot have multicast MAC address%s", remark);
    }
    mac_use(nic->mac);
    return true;
}

bool nic_option_add(const char *options_text, GError **err)
{
    bool help = false;
    options_given = true;
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, "type", &help, err);
    if (!kv) {
        return false;
    }
    g_autofree char *given_type = keyvals_take(kv, "type"), *given_id = keyvals_take(kv, "id");
    g_autofree char *mac = keyvals_take(kv, "mac"), *model = keyvals_take(kv, "model");
    const char *type = given_type ? given_type : "user";
    if (!strcmp(type, "none")) {
        return true;
    }
    const BackendWord *word = find_word(type, err);
    if (!word || (given_id && !check_id(given_id, "", err))) {
        return false;
    }
    if (!word->backend) {
        return not_here(type, err);
    }
    NicInfo *nic = nic_list_add(err);
    if (!nic) {
        return false;
    }
    g_autofree char *id = given_id ? g_strdup(given_id) : net_made_up_name();
    if (!set_nic_mac(nic, mac, "", err) || !word->backend->add(kv, id, NULL, err)) {
        nic_list_drop_last();
        return false;
    }
    nic->model = g_strdup(model);
    nic->name = g_strdup(given_id);
    nic->netdev_id = g_strdup(id);
    return true;
}

/* -net nic: on hub 0 unless netdev= says otherwise. */
static bool add_net_nic(KeyVals *kv, const char *id, GError **err)
{
    const char *mac = keyvals_get(kv, "macaddr"), *model = keyvals_get(kv, "model"), *netdev = keyvals_get(kv, "netdev"), *addr = keyvals_get(kv, "addr");
    uint64_t vectors = UINT64_MAX;
    if (!keyvals_get_uint64(kv, "vectors", &vectors, err)) {
        return false;
    }
    if (vectors != UINT64_MAX && vectors > UINT32_MAX) {
        return error_set(err, "Parameter 'vectors' expects uint32_t");
    }
    if (!keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (vectors != UINT64_MAX && vectors > 0x7ffffff) {
        return error_set(err, "invalid # of vectors: %u", (unsigned)vectors);
    }
    if (netdev && !net_client_find(netdev)) {
        return error_set(err, "netdev '%s' not found", netdev);
    }
    NicInfo *nic = nic_list_add(err);
    if (!nic) {
        return false;
    }
    if (!set_nic_mac(nic, mac, " (odd 1st byte)", err)) {
        nic_list_drop_last();
        return false;
    }
    nic->model = g_strdup(model);
    nic->name = g_strdup(id);
    nic->devaddr = g_strdup(addr);
    nic->nvectors = vectors == UINT64_MAX ? -1 : (int)vectors;
    nic->netdev_id = g_strdup(netdev ? netdev : hub_add_port(0, NULL, NULL)->name);
    return true;
}

static bool add_net(KeyVals *kv, GError **err)
{
    g_autofree char *type = keyvals_take(kv, "type"), *id = keyvals_take(kv, "id");
    if (!type) {
        return error_set(err, "Parameter 'type' is missing");
    }
    const BackendWord *word = find_word(type, err);
    if (!word || (id && !check_id(id, "net", err))) {
        return false;
    }
    if (!strcmp(type, "none")) {
        return true;
    }
    if (!strcmp(type, "nic")) {
        return add_net_nic(kv, id, err);
    }
    if (!word->backend) {
        return not_here(type, err);
    }
    if (word->backend->netdev_only) {
        return error_set(err, "network backend '%s' is only supported with -netdev/-nic", type);
    }
    NetClient *port = hub_add_port(0, NULL, NULL);
    g_autofree char *name = id ? g_strdup(id) : net_made_up_name();
    if (!word->backend->add(kv, name, port, err)) {
        net_client_free(port);
        return false;
    }
    port->peer->from_net_option = true;
    return true;
}

bool net_option_add(const char *options_text, GError **err)
{
    bool help = false;
    options_given = true;
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, "type", &help, err);
    return kv && add_net(kv, err);
}

bool net_options_given(void) { return options_given; }

bool net_add_default(GError **err)
{
    g_autoptr(KeyVals) nic = keyvals_parse("nic", "type", NULL, err);
    if (!nic || !add_net(nic, err)) {
        return false;
    }
    /* Without the user back end the NIC is there and not connected. */
    g_autoptr(KeyVals) user = keyvals_parse("user", "type", NULL, NULL);
    add_net(user, NULL);
    return true;
}
