/*
 * The NICs that -nic and -net nic ask for: boards take them and make devices of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/nic-list.h"
#include "net/internal.h"
#include "util/error.h"

#include <string.h>

enum { MAX_NICS = 8 };
static NicInfo nics[MAX_NICS];
static int nr_nics;

NicInfo *nic_list_add(GError **err)
{
    if (nr_nics == MAX_NICS) {
        error_set(err, "too many NICs");
        return NULL;
    }
    NicInfo *nic = &nics[nr_nics++];
    *nic = (NicInfo){ .used = true, .nvectors = -1 };
    return nic;
}

void nic_list_drop_last(void)
{
    NicInfo *nic = &nics[--nr_nics];
    mac_release(nic->mac);
    g_free(nic->model);
    g_free(nic->name);
    g_free(nic->devaddr);
    g_free(nic->netdev_id);
}

static bool is_model(const NicInfo *nic, const char *model, bool match_default, const char *alias)
{
    if (!model) {
        return true;
    }
    if (!nic->model) {
        return match_default;
    }
    return !strcmp(nic->model, model) || (alias && !strcmp(nic->model, alias));
}

NicInfo *nic_take(const char *model, bool match_default, const char *alias)
{
    for (int i = 0; i < nr_nics; i++) {
        if (!nics[i].instantiated && is_model(&nics[i], model, match_default, alias)) {
            nics[i].instantiated = true;
            return &nics[i];
        }
    }
    return NULL;
}

bool nic_apply(NicInfo *nic, Device *dev, GError **err)
{
    g_autofree char *mac = mac_to_text(nic->mac);
    const ObjectType *type = dev->parent.type;
    /* The device takes it again when it is realized. */
    mac_release(nic->mac);
    if (!object_set_string(OBJECT(dev), "mac", mac, err) ||
        (nic->netdev_id && !object_set_string(OBJECT(dev), "netdev", nic->netdev_id, err))) {
        return false;
    }
    nic->instantiated = true;
    if (nic->nvectors >= 0 && object_type_find_property(type, "vectors")) {
        return object_set_uint(OBJECT(dev), "vectors", nic->nvectors, err);
    }
    return true;
}

int nic_unused_count(void)
{
    int unused = 0;
    for (int i = 0; i < nr_nics; i++) {
        unused += !nics[i].instantiated;
    }
    return unused;
}

void nic_list_check(void)
{
    for (int i = 0; i < nr_nics; i++) {
        const NicInfo *nic = &nics[i];
        if (!nic->instantiated) {
            warn_report("requested NIC (%s, model %s) was not created (not supported by this machine?)", nic->name ? nic->name : "anonymous",
                        nic->model ? nic->model : "unspecified");
        }
    }
}
