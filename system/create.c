/*
 * Options that make things: back ends, drives, network, devices, monitors. Each step goes through its options in the order of the command line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup-internal.h"

#include "block/drive.h"
#include "chardev/char.h"
#include "gdbstub/gdbstub.h"
#include "hw/core/loader.h"
#include "hw/i386/pc.h"
#include "hw/isa/isa.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/smbios/smbios.h"
#include "monitor/monitor.h"
#include "net/net.h"
#include "util/error.h"
#include "util/passed-fd.h"

#include <string.h>

/* "-NAME TEXT: " in front of each line of the error. */
static void name_option(const OptionText *o, GError **err)
{
    if (!err || !*err || !o->option->name || !*o->option->name) {
        return;
    }
    g_autofree char *prefix = g_strdup_printf("-%s %s: ", o->option->name, o->text), *between = g_strconcat("\n", prefix, NULL);
    g_auto(GStrv) lines = g_strsplit((*err)->message, "\n", -1);
    g_autofree char *joined = g_strjoinv(between, lines);
    g_free((*err)->message);
    (*err)->message = g_strconcat(prefix, joined, NULL);
}

/* Calls fn for each text; an error gets "-NAME TEXT: " in front, as the reference has it. */
static bool for_each(GPtrArray *list, bool (*fn)(Settings *s, OptionText *o, GError **err), Settings *s, GError **err)
{
    for (unsigned n = 0; n < list->len; n++) {
        OptionText *o = list->pdata[n];
        if (!fn(s, o, err)) {
            name_option(o, err);
            return false;
        }
    }
    return true;
}

/* ---- -set ---- */

static GPtrArray *group_list(Settings *s, const char *group)
{
    static const char *const names[] = { "device", "drive", "netdev", "chardev", "object", NULL };
    GPtrArray *lists[] = { s->devices, s->drives, s->netdevs, s->chardevs, s->objects };
    for (int n = 0; names[n]; n++) {
        if (g_str_equal(names[n], group)) {
            return lists[n];
        }
    }
    return NULL;
}

static bool apply_set(Settings *s, OptionText *o, GError **err)
{
    const char *equals = strchr(o->text, '=');
    g_auto(GStrv) parts = equals ? g_strsplit(o->text, ".", 3) : NULL;
    if (!parts || g_strv_length(parts) != 3) {
        return error_set(err, "can't parse: \"%s\"", o->text);
    }
    GPtrArray *list = group_list(s, parts[0]);
    for (unsigned n = 0; list && n < list->len; n++) {
        OptionText *other = list->pdata[n];
        g_autoptr(KeyVals) kv = keyvals_parse(other->text, "driver", NULL, NULL);
        if (kv && !g_strcmp0(keyvals_get(kv, "id"), parts[1])) {
            char *text = g_strdup_printf("%s,%s", other->text, parts[2]);
            g_free(other->text);
            other->text = text;
            return true;
        }
    }
    return error_set(err, list ? "there is no %s \"%s\" defined" : "There is no option group '%s'", parts[0], parts[1]);
}

bool apply_sets(Settings *s, GError **err) { return for_each(s->sets, apply_set, s, err); }

/* ---- -object ---- */

/* Types that name a back end of the later steps. */
static bool is_late_type(const char *type)
{
    static const char *const late[] = { "rng-egd", "qtest", "can-host-socketcan", "cryptodev-vhost-user", NULL };
    return g_strv_contains(late, type) || g_str_has_prefix(type, "filter-") || g_str_has_prefix(type, "colo-");
}

static bool late_objects;

static bool add_object(Settings *s, OptionText *o, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(o->text, "qom-type", NULL, err);
    if (!kv) {
        return false;
    }
    g_autofree char *type = keyvals_take(kv, "qom-type");
    if (!type) {
        return error_set(err, "Parameter 'qom-type' is missing");
    }
    if (is_late_type(type) != late_objects) {
        return true;
    }
    g_autofree char *id = keyvals_take(kv, "id");
    if (!id) {
        return error_set(err, "Parameter 'id' is missing");
    }
    GVariantBuilder dict;
    g_variant_builder_init(&dict, G_VARIANT_TYPE_VARDICT);
    for (unsigned n = 0; n < kv->items->len; n++) {
        const KeyVal *item = kv->items->pdata[n];
        g_variant_builder_add(&dict, "{sv}", item->key, g_variant_new_string(item->value ? item->value : "on"));
    }
    g_autoptr(GVariant) properties = g_variant_ref_sink(g_variant_builder_end(&dict));
    return object_add_user(type, id, properties, true, err) != NULL;
}

bool create_objects(Settings *s, bool late, GError **err)
{
    late_objects = late;
    return for_each(s->objects, add_object, s, err);
}

/* ---- -add-fd ---- */

static bool add_fd(Settings *s, OptionText *o, GError **err) { return fdset_add_option(o->text, err); }

bool create_fdsets(Settings *s, GError **err) { return for_each(s->add_fds, add_fd, s, err); }

/* ---- character devices ---- */

static bool add_chardev(Settings *s, OptionText *o, GError **err) { return chardev_add(o->text, err) != NULL; }

bool create_chardevs(Settings *s, GError **err)
{
    chardev_set_escape(s->echr);
    return for_each(s->chardevs, add_chardev, s, err);
}

enum { HD_MAX = 16 };
static Chardev *serials[HD_MAX], *parallels[HD_MAX];

Chardev *serial_hd(int index) { return index >= 0 && index < HD_MAX ? serials[index] : NULL; }
Chardev *parallel_hd(int index) { return index >= 0 && index < HD_MAX ? parallels[index] : NULL; }

static bool make_ports(GPtrArray *list, const char *label, Chardev **out, GError **err)
{
    for (unsigned n = 0; n < list->len; n++) {
        OptionText *o = list->pdata[n];
        g_autofree char *id = g_strdup_printf("%s%u", label, n);
        if (n >= HD_MAX) {
            return error_set(err, "too many %s ports", label);
        }
        GError *failure = NULL;
        out[n] = chardev_from_legacy(id, o->text, true, &failure);
        if (failure) {
            error_set(err, "%s\ncould not connect %s device to character backend '%s'", failure->message, label, o->text);
            g_error_free(failure);
            name_option(o, err);
            return false;
        }
    }
    return true;
}

bool create_serials(Settings *s, GError **err)
{
    return make_ports(s->serials, "serial", serials, err) && make_ports(s->parallels, "parallel", parallels, err);
}

/* ---- drives ---- */

/* -hda to -hdd, -cdrom, -fda, -fdb, -pflash, -mtdblock, -sd: what they stand for. */
static const struct { const char *option, *prefix; } drive_options[] = {
    { "hda", "index=0,media=disk" }, { "hdb", "index=1,media=disk" }, { "hdc", "index=2,media=disk" }, { "hdd", "index=3,media=disk" },
    { "cdrom", "index=2,media=cdrom" }, { "fda", "if=floppy,index=0" }, { "fdb", "if=floppy,index=1" }, { "pflash", "if=pflash" },
    { "mtdblock", "if=mtd" }, { "sd", "if=sd" },
};

static char *double_commas(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, ",", -1);
    return g_strjoinv(",,", parts);
}

static bool add_drive(Settings *s, OptionText *o, GError **err)
{
    g_autofree char *text = NULL;
    for (size_t n = 0; n < G_N_ELEMENTS(drive_options); n++) {
        if (g_str_equal(o->option->name, drive_options[n].option)) {
            g_autofree char *file = double_commas(o->text);
            text = g_strdup_printf("%s,file=%s", drive_options[n].prefix, file);
        }
    }
    if (!text) {
        text = g_strdup(o->text);
    }
    if (s->snapshot && !strstr(text, "snapshot=")) {
        char *with = g_strdup_printf("%s,snapshot=on", text);
        g_free(text);
        text = with;
    }
    DriveInfo *drive = drive_add(text, machine_type(machine_current())->default_disk_interface, err);
    if (!drive) {
        return false;
    }
    g_free(drive->text);
    drive->text = g_strdup_printf("-%s %s", o->option->name, o->text);
    return true;
}

static bool add_blockdev(Settings *s, OptionText *o, GError **err) { return blockdev_add_text(o->text, err); }

bool create_drives(Settings *s, const Machine *m, GError **err)
{
    int disk_if = machine_type(m)->default_disk_interface, units = MAX(machine_type(m)->units_per_bus, 1);
    if (!for_each(s->blockdevs, add_blockdev, s, err) || !for_each(s->drives, add_drive, s, err)) {
        return false;
    }
    if (s->default_cdrom && !drive_get(disk_if, 2 / units, 2 % units) && !drive_add("index=2,media=cdrom", disk_if, err)) {
        return false;
    }
    return !s->default_floppy || drive_get(IF_FLOPPY, 0, 0) || drive_add("if=floppy,index=0", disk_if, err);
}

/* ---- network ---- */

static bool add_netdev(Settings *s, OptionText *o, GError **err) { return netdev_add(o->text, err); }
static bool add_nic(Settings *s, OptionText *o, GError **err) { return nic_option_add(o->text, err); }
static bool add_net(Settings *s, OptionText *o, GError **err) { return net_option_add(o->text, err); }

bool create_network(Settings *s, GError **err)
{
    if (!for_each(s->netdevs, add_netdev, s, err) || !for_each(s->nics, add_nic, s, err) || !for_each(s->nets, add_net, s, err)) {
        return false;
    }
    return !s->default_net || net_options_given() || net_add_default(err);
}

/* ---- devices ---- */

static bool add_device(Settings *s, OptionText *o, GError **err) { return device_add_from_text(o->text, err) != NULL; }

static bool add_debugcon(Settings *s, OptionText *o, GError **err)
{
    GError *failure = NULL;
    Chardev *chr = chardev_from_legacy("debugcon", o->text, false, &failure);
    if (failure) {
        g_propagate_error(err, failure);
        return false;
    }
    return !chr || device_add_from_text("isa-debugcon,iobase=0xe9,chardev=debugcon", err);
}

bool create_devices(Settings *s, GError **err)
{
    return for_each(s->debugcons, add_debugcon, s, err) && drive_create_virtio(err) && for_each(s->devices, add_device, s, err) && drive_check_orphans(err);
}

/* ---- firmware ---- */

static bool add_fw_cfg_file(Settings *s, OptionText *o, GError **err)
{
    FwCfg *fw_cfg = fw_cfg_find();
    g_autoptr(KeyVals) kv = keyvals_parse(o->text, "name", NULL, err);
    if (!kv) {
        return false;
    }
    const char *name = keyvals_get(kv, "name"), *file = keyvals_get(kv, "file"), *string = keyvals_get(kv, "string");
    if (!fw_cfg) {
        return error_set(err, "fw_cfg device not available");
    }
    if (keyvals_get(kv, "gen_id")) {
        return error_set(err, "gen_id is not implemented");
    }
    if (!keyvals_check_all_used(kv, err)) {
        return false;
    }
    if (!name || !*name || !file == !string) {
        return error_set(err, "name, plus exactly one of file, string and gen_id, are needed");
    }
    if (strlen(name) > 55) {
        return error_set(err, "name too long (max. 55 char)");
    }
    if (!g_str_has_prefix(name, "opt/")) {
        warn_report("externally provided fw_cfg item names should be prefixed with \"opt/\"");
    }
    char *data = NULL;
    gsize size;
    g_autoptr(GError) failure = NULL;
    if (string) {
        data = g_strdup(string);
        size = strlen(string);
    } else if (!g_file_get_contents(file, &data, &size, &failure)) {
        return error_set(err, "can't load %s", file);
    }
    fw_cfg_add_file(fw_cfg, name, data, size);
    return true;
}

bool create_fw_cfg_files(Settings *s, GError **err) { return for_each(s->fw_cfgs, add_fw_cfg_file, s, err); }

static bool add_option_rom(Settings *s, OptionText *o, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(o->text, "romfile", NULL, err);
    uint64_t bootindex = UINT64_MAX;
    if (!kv || !keyvals_get_uint64(kv, "bootindex", &bootindex, err)) {
        return false;
    }
    const char *file = keyvals_get(kv, "romfile");
    return file ? keyvals_check_all_used(kv, err) && rom_add_option(file, bootindex > INT32_MAX ? -1 : (int32_t)bootindex, err)
                : error_set(err, "Option ROM file is not specified");
}

static bool add_acpi_table(Settings *s, OptionText *o, GError **err) { return acpi_table_add(o->text, err); }
static bool add_smbios(Settings *s, OptionText *o, GError **err) { return smbios_entry_add(o->text, err); }

bool create_option_roms(Settings *s, GError **err)
{
    return for_each(s->option_roms, add_option_rom, s, err) && for_each(s->acpi_tables, add_acpi_table, s, err) && for_each(s->smbios, add_smbios, s, err);
}

/* ---- monitors and debuggers ---- */

static bool add_mon(Settings *s, OptionText *o, GError **err) { return monitor_add(o->text, err); }
static bool add_monitor(Settings *s, OptionText *o, GError **err) { return monitor_add_legacy(o->text, false, false, err); }
static bool add_qmp(Settings *s, OptionText *o, GError **err)
{
    return monitor_add_legacy(o->text, true, g_str_equal(o->option->name, "qmp-pretty"), err);
}

bool create_monitors(Settings *s, GError **err)
{
    return for_each(s->mons, add_mon, s, err) && for_each(s->monitors, add_monitor, s, err) && for_each(s->qmps, add_qmp, s, err);
}

static bool add_gdb(Settings *s, OptionText *o, GError **err) { return gdbserver_start(o->text, err); }

bool create_debuggers(Settings *s, GError **err) { return for_each(s->gdbs, add_gdb, s, err); }
