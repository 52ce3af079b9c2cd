/*
 * QMP commands: a table of names and arguments, and the faces of the typed functions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/qmp-commands.h"

#include "accel/target.h"
#include "chardev/char.h"
#include "hw/core/device.h"
#include "monitor/commands-stats.h"
#include "monitor/commands.h"
#include "monitor/internal.h"
#include "monitor/monitor.h"
#include "monitor/qmp-block.h"
#include "monitor/qmp-input.h"
#include "hw/virtio/balloon.h"
#include "monitor/qmp-schema.h"
#include "net/net.h"
#include "system/runstate.h"
#include "util/error.h"
#include "util/passed-fd.h"

#include <string.h>
#include <unistd.h>

/* ---- arguments ---- */

static const char *text_of(GVariant *args, const char *key)
{
    const char *text = NULL;
    if (args) {
        g_variant_lookup(args, key, "&s", &text);
    }
    return text;
}

static int64_t int_of(GVariant *args, const char *key, int64_t otherwise)
{
    g_autoptr(GVariant) value = args ? g_variant_lookup_value(args, key, NULL) : NULL;
    if (!value) {
        return otherwise;
    }
    return g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64) ? (int64_t)g_variant_get_uint64(value) : g_variant_get_int64(value);
}

static bool bool_of(GVariant *args, const char *key, bool otherwise)
{
    gboolean value = otherwise;
    if (args) {
        g_variant_lookup(args, key, "b", &value);
    }
    return value;
}

static bool type_fits(GVariant *value, char type, const char **expected)
{
    switch (type) {
    case 's':
        *expected = "string";
        return g_variant_is_of_type(value, G_VARIANT_TYPE_STRING);
    case 'i':
        *expected = "integer";
        return g_variant_is_of_type(value, G_VARIANT_TYPE_INT64) || g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64);
    case 'b':
        *expected = "boolean";
        return g_variant_is_of_type(value, G_VARIANT_TYPE_BOOLEAN);
    case 'o':
        *expected = "object";
        return g_variant_is_of_type(value, G_VARIANT_TYPE_VARDICT);
    case 'l':
        *expected = "array";
        return g_variant_is_of_type(value, G_VARIANT_TYPE("av"));
    default:
        return true;
    }
}

static bool check_known(char **specs, const char *key)
{
    for (int n = 0; specs[n]; n++) {
        size_t length = strcspn(specs[n], ":");
        if (!strcmp(specs[n], "*") || (!strncmp(specs[n], key, length) && !key[length])) {
            return true;
        }
    }
    return false;
}

static bool check_args(const QmpCommand *c, GVariant *args, GError **err)
{
    g_auto(GStrv) specs = g_strsplit(c->args ? c->args : "", ",", -1);
    for (int n = 0; specs[n] && *specs[n]; n++) {
        const char *colon = strchr(specs[n], ':');
        if (!colon) {
            continue;
        }
        g_autofree char *key = g_strndup(specs[n], colon - specs[n]);
        g_autoptr(GVariant) value = args ? g_variant_lookup_value(args, key, NULL) : NULL;
        const char *expected;
        if (!value && colon[2] != '?') {
            return error_set(err, "Parameter '%s' is missing", key);
        }
        if (value && !type_fits(value, colon[1], &expected)) {
            return error_set(err, "Invalid parameter type for '%s', expected: %s", key, expected);
        }
    }
    for (size_t n = 0; args && n < g_variant_n_children(args); n++) {
        const char *key;
        g_variant_get_child(args, n, "{&sv}", &key, NULL);
        if (!check_known(specs, key)) {
            return error_set(err, "Parameter '%s' is unexpected", key);
        }
    }
    return true;
}

/* ---- faces ---- */

#define RUN(n) static bool run_##n(GVariant *args, GVariant **result, GError **err)
#define TEXT(key) text_of(args, key)
#define QUERY(n) RUN(n) { *result = n(); return true; }

QUERY(query_version)
QUERY(query_status)
QUERY(query_kvm)
QUERY(query_accelerators)
QUERY(query_name)
QUERY(query_uuid)
QUERY(query_cpus_fast)
QUERY(query_chardev)
QUERY(query_chardev_backends)
QUERY(query_mice)
QUERY(query_memory_size_summary)
QUERY(query_iothreads)
QUERY(query_target)
QUERY(query_machines)

RUN(capabilities)
{
    g_autoptr(GVariant) wanted = args ? g_variant_lookup_value(args, "enable", NULL) : NULL;
    for (size_t n = 0; wanted && n < g_variant_n_children(wanted); n++) {
        g_autoptr(GVariant) boxed = g_variant_get_child_value(wanted, n), name = g_variant_get_variant(boxed);
        if (!g_variant_is_of_type(name, G_VARIANT_TYPE_STRING) || strcmp(g_variant_get_string(name, NULL), "oob")) {
            return error_set(err, "Parameter 'enable[%zu]' does not accept this value", n);
        }
    }
    return true;        /* "oob" changes nothing: every command is carried out at once */
}

RUN(empty_list)
{
    *result = g_variant_new_array(G_VARIANT_TYPE_VARDICT, NULL, 0);
    return true;
}

RUN(query_commands)
{
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("aa{sv}"));
    for (const QmpCommand *c = qmp_commands; c->name; c++) {
        g_variant_builder_open(&list, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&list, "{sv}", "name", g_variant_new_string(c->name));
        g_variant_builder_close(&list);
    }
    *result = g_variant_builder_end(&list);
    return true;
}

RUN(query_qmp_schema) { *result = query_qmp_schema(); return true; }

RUN(query_command_line_options)
{
    GVariant *list = query_command_line_options(TEXT("option"));
    if (TEXT("option") && !g_variant_n_children(list)) {
        g_variant_unref(g_variant_ref_sink(list));
        return error_set(err, "invalid option name: %s", TEXT("option"));
    }
    *result = list;
    return true;
}

RUN(stop) { command_stop(); return true; }
RUN(cont) { return command_cont(err); }
RUN(quit) { command_quit(); return true; }
RUN(system_reset) { system_reset_request(SHUTDOWN_HOST_QMP_SYSTEM_RESET); return true; }
RUN(system_powerdown) { system_powerdown_request(); return true; }
RUN(system_wakeup) { return command_system_wakeup(err); }
RUN(inject_nmi) { return command_inject_nmi(err); }
RUN(watchdog_set_action)
{
    return command_set_action(NULL, NULL, NULL, TEXT("action"), err);
}
RUN(set_action) { return command_set_action(TEXT("reboot"), TEXT("shutdown"), TEXT("panic"), TEXT("watchdog"), err); }

RUN(human_monitor_command)
{
    int64_t index = int_of(args, "cpu-index", -1);
    if (index >= 0 && !cpu_by_index((int)MIN(index, INT32_MAX))) {
        return error_set(err, "Parameter 'cpu-index' expects a CPU number");
    }
    *result = g_variant_new_take_string(monitor_hmp_command(TEXT("command-line"), (int)index));
    return true;
}

RUN(qom_list) { return (*result = command_qom_list(TEXT("path"), err)) != NULL; }
RUN(qom_get)
{
    GVariant *value = command_qom_get(TEXT("path"), TEXT("property"), err);
    if (!value) {
        return false;
    }
    *result = g_variant_new_variant(value);
    g_variant_unref(value);
    return true;
}
RUN(qom_set)
{
    g_autoptr(GVariant) value = g_variant_lookup_value(args, "value", NULL);
    return command_qom_set(TEXT("path"), TEXT("property"), value, err);
}
RUN(qom_list_types) { return (*result = command_qom_list_types(TEXT("implements"), bool_of(args, "abstract", false), err)) != NULL; }
RUN(qom_list_properties) { return (*result = command_list_properties(TEXT("typename"), false, err)) != NULL; }
RUN(device_list_properties) { return (*result = command_list_properties(TEXT("typename"), true, err)) != NULL; }
RUN(object_add) { return command_object_add(args, err); }
RUN(object_del) { return object_delete_user(TEXT("id"), err); }
RUN(device_add) { return device_add_from_dict(args, err) != NULL; }
RUN(device_del) { return device_del(TEXT("id"), err); }
RUN(netdev_add) { return netdev_add_from_dict(args, err); }
RUN(netdev_del) { return netdev_del(TEXT("id"), err); }
RUN(balloon) { return balloon_set_target(MAX(int_of(args, "value", 0), 0), err); }
RUN(query_balloon)
{
    uint64_t actual;
    if (!balloon_query(&actual, err)) {
        return false;
    }
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "actual", g_variant_new_int64(actual));
    *result = g_variant_ref_sink(g_variant_builder_end(&d));
    return true;
}
RUN(set_link) { return net_set_link(TEXT("name"), bool_of(args, "up", false), err); }

RUN(screendump) { return command_screendump(TEXT("filename"), TEXT("device"), (unsigned)int_of(args, "head", 0), TEXT("format"), err); }

RUN(memsave)
{
    Cpu *cpu = cpu_by_index((int)CLAMP(int_of(args, "cpu-index", 0), -1, INT32_MAX));
    return command_memsave(cpu, (uint64_t)int_of(args, "val", 0), (uint64_t)int_of(args, "size", 0), TEXT("filename"), err);
}
RUN(dumpdtb) { return command_dumpdtb(TEXT("filename"), err); }
RUN(pmemsave) { return command_pmemsave((uint64_t)int_of(args, "val", 0), (uint64_t)int_of(args, "size", 0), TEXT("filename"), err); }

/* ---- character devices ---- */

/* A value as it stands in an option's text. */
static void append_option(GString *text, const char *key, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, ",", -1);
    g_autofree char *escaped = g_strjoinv(",,", parts);
    g_string_append_printf(text, ",%s=%s", key, escaped);
}

/* {"type": T, "data": {..., "addr": {"type": "inet", "data": {...}}}} as the text of -chardev. */
static bool flatten_backend(GVariant *dict, GString *text, GError **err)
{
    GVariantIter iter;
    const char *key;
    GVariant *value;
    g_variant_iter_init(&iter, dict);
    while (g_variant_iter_next(&iter, "{&sv}", &key, &value)) {
        g_autoptr(GVariant) held = value;
        if (g_variant_is_of_type(held, G_VARIANT_TYPE_VARDICT)) {
            if (!flatten_backend(held, text, err)) {
                return false;
            }
            continue;
        }
        const char *name = !strcmp(key, "out") ? "path" : !strcmp(key, "in") ? "input-path" : !strcmp(key, "device") ? "path" : !strcmp(key, "str") ? "fd" : key;
        if (!strcmp(key, "type")) {
            continue;
        }
        if (g_variant_is_of_type(held, G_VARIANT_TYPE_STRING)) {
            append_option(text, name, g_variant_get_string(held, NULL));
        } else if (g_variant_is_of_type(held, G_VARIANT_TYPE_BOOLEAN)) {
            g_string_append_printf(text, ",%s=%s", name, g_variant_get_boolean(held) ? "on" : "off");
        } else if (g_variant_is_of_type(held, G_VARIANT_TYPE_INT64)) {
            g_string_append_printf(text, ",%s=%" G_GINT64_FORMAT, name, g_variant_get_int64(held));
        } else {
            return error_set(err, "Invalid parameter type for '%s'", key);
        }
    }
    return true;
}

RUN(chardev_add)
{
    g_autoptr(GVariant) backend = g_variant_lookup_value(args, "backend", NULL), data = g_variant_lookup_value(backend, "data", NULL);
    const char *type = text_of(backend, "type");
    if (!type) {
        return error_set(err, "Parameter 'backend.type' is missing");
    }
    g_autoptr(GString) text = g_string_new(NULL);
    append_option(text, "backend", type);
    append_option(text, "id", TEXT("id"));
    g_string_erase(text, 0, 1);
    if (data && g_variant_is_of_type(data, G_VARIANT_TYPE_VARDICT)) {
        bool is_socket = !strcmp(type, "socket");
        if (!flatten_backend(data, text, err)) {
            return false;
        }
        /* QMP's defaults are the opposite of the command line's. */
        if (is_socket && bool_of(data, "server", true)) {
            g_string_append(text, bool_of(data, "wait", false) ? ",server=on" : ",server=on,wait=off");
        }
    }
    Chardev *chr = chardev_add(text->str, err);
    if (chr && chardev_pty_path(chr)) {
        GVariantBuilder d;
        g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
        g_variant_builder_add(&d, "{sv}", "pty", g_variant_new_string(chardev_pty_path(chr)));
        *result = g_variant_builder_end(&d);
    }
    return chr != NULL;
}
RUN(chardev_remove) { return chardev_remove(TEXT("id"), err); }
RUN(chardev_send_break) { return chardev_send_break(TEXT("id"), err); }

static bool is_base64(GVariant *args) { return !g_strcmp0(text_of(args, "format"), "base64"); }

RUN(ringbuf_read)
{
    size_t len = 0;
    int64_t size = int_of(args, "size", 0);
    if (size <= 0) {
        return error_set(err, "size must be greater than zero");
    }
    g_autofree char *data = chardev_ring_read(TEXT("device"), (size_t)size, &len, err);
    if (!data) {
        return false;
    }
    *result = g_variant_new_take_string(is_base64(args) ? g_base64_encode((uint8_t *)data, len) : g_utf8_make_valid(data, (gssize)len));
    return true;
}

RUN(ringbuf_write)
{
    size_t len = strlen(TEXT("data"));
    g_autofree uint8_t *decoded = is_base64(args) ? g_base64_decode(TEXT("data"), &len) : NULL;
    return chardev_ring_write(TEXT("device"), decoded ? (void *)decoded : (void *)TEXT("data"), len, err);
}

/* ---- passed file descriptors ---- */

static int take_fd(GError **err)
{
    int fd = qmp_take_fd();
    if (fd < 0) {
        error_set(err, "No file descriptor supplied via SCM_RIGHTS");
    }
    return fd;
}

RUN(getfd)
{
    int fd = take_fd(err);
    if (fd >= 0 && g_ascii_isdigit(*TEXT("fdname"))) {
        close(fd);
        return error_set(err, "Parameter 'fdname' expects a name not starting with a digit");
    }
    if (fd >= 0) {
        named_fd_set(TEXT("fdname"), fd);
    }
    return fd >= 0;
}
RUN(closefd) { return named_fd_close(TEXT("fdname"), err); }

RUN(add_fd)
{
    int fd = take_fd(err);
    if (fd < 0) {
        return false;
    }
    int64_t wanted = int_of(args, "fdset-id", -1);
    if (wanted < -1 || wanted > INT32_MAX) {
        close(fd);
        return error_set(err, "Parameter 'fdset-id' expects a non-negative value");
    }
    int set = fdset_add((int)wanted, fd, TEXT("opaque"), err);
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "fd", g_variant_new_int64(fd));
    g_variant_builder_add(&d, "{sv}", "fdset-id", g_variant_new_int64(set));
    *result = g_variant_builder_end(&d);
    return set >= 0;
}
RUN(remove_fd) { return fdset_remove((int)int_of(args, "fdset-id", -1), (int)int_of(args, "fd", -1), err); }
RUN(query_fdsets) { *result = fdset_query(); return true; }

/* ---- what there is none of ---- */

RUN(query_migrate) { return true; }

/* ---- CPU models ---- */

RUN(query_cpu_definitions)
{
    const TargetArch *arch = target_current();
    if (!arch->cpu_definitions) {
        return error_set_class(err, ERROR_COMMAND_NOT_FOUND, "The command query-cpu-definitions has not been found");
    }
    *result = arch->cpu_definitions(arch);
    return true;
}

RUN(query_cpu_model_expansion)
{
    const TargetArch *arch = target_current();
    g_autoptr(GVariant) model = g_variant_lookup_value(args, "model", NULL), props = g_variant_lookup_value(model, "props", NULL);
    const char *name = text_of(model, "name");
    if (!name) {
        return error_set(err, "Parameter 'model.name' is missing");
    }
    if (!arch->expand_cpu_model) {
        return error_set_class(err, ERROR_COMMAND_NOT_FOUND, "The command query-cpu-model-expansion has not been found");
    }
    GVariant *expanded = arch->expand_cpu_model(arch, !strcmp(TEXT("type"), "full"), name, props, err);
    if (!expanded) {
        return false;
    }
    GVariantBuilder d;
    g_variant_builder_init(&d, G_VARIANT_TYPE_VARDICT);
    g_variant_builder_add(&d, "{sv}", "model", expanded);
    *result = g_variant_builder_end(&d);
    return true;
}

RUN(query_stats_schemas)
{
    *result = command_query_stats_schemas(TEXT("provider"), err);
    return *result != NULL;
}

RUN(query_stats)
{
    g_autoptr(GVariant) vcpus = g_variant_lookup_value(args, "vcpus", NULL), providers = g_variant_lookup_value(args, "providers", NULL);
    *result = command_query_stats(TEXT("target"), vcpus, providers, err);
    return *result != NULL;
}

/* ---- the table ---- */

const QmpCommand qmp_commands[] = {
    { "qmp_capabilities", "enable:l?", run_capabilities, .before_capabilities = true },
    { "query-version", "", run_query_version },
    { "query-commands", "", run_query_commands },
    { "query-qmp-schema", "", run_query_qmp_schema },
    { "query-command-line-options", "option:s?", run_query_command_line_options },
    { "query-status", "", run_query_status },
    { "query-kvm", "", run_query_kvm },
    { "query-stats-schemas", "provider:s?", run_query_stats_schemas },
    { "query-stats", "target:s,vcpus:l?,providers:l?", run_query_stats },
    { "query-accelerators", "", run_query_accelerators },
    { "query-name", "", run_query_name },
    { "query-uuid", "", run_query_uuid },
    { "query-target", "", run_query_target },
    { "query-machines", "compat-props:b?", run_query_machines },
    { "query-cpus-fast", "", run_query_cpus_fast },
    { "query-cpu-definitions", "", run_query_cpu_definitions },
    { "query-cpu-model-expansion", "type:s,model:o", run_query_cpu_model_expansion },
    { "query-chardev", "", run_query_chardev },
    { "query-chardev-backends", "", run_query_chardev_backends },
    { "query-mice", "", run_query_mice },
    { "query-memory-size-summary", "", run_query_memory_size_summary },
    { "query-iothreads", "", run_query_iothreads },
    { "query-block", "flat:b?", qmp_run_query_block },
    { "query-named-block-nodes", "flat:b?", qmp_run_query_named_block_nodes },
    { "query-blockstats", "query-nodes:b?", qmp_run_query_blockstats },
    { "blockdev-add", "driver:s,*", qmp_run_blockdev_add },
    { "blockdev-del", "node-name:s", qmp_run_blockdev_del },
    { "block_resize", "device:s?,node-name:s?,size:i", qmp_run_block_resize },
    { "eject", "device:s?,id:s?,force:b?", qmp_run_eject },
    { "blockdev-change-medium", "device:s?,id:s?,filename:s,format:s?,force:b?,read-only-mode:s?", qmp_run_blockdev_change_medium },
    { "blockdev-remove-medium", "device:s?,id:s?", qmp_run_blockdev_remove_medium },
    { "blockdev-insert-medium", "device:s?,id:s?,node-name:s", qmp_run_blockdev_insert_medium },
    { "query-block-jobs", "", run_empty_list },
    { "query-jobs", "", run_empty_list },
    { "query-memory-devices", "", run_empty_list },
    { "query-tpm", "", run_empty_list },
    { "stop", "", run_stop },
    { "cont", "", run_cont },
    { "quit", "", run_quit },
    { "system_reset", "", run_system_reset },
    { "system_powerdown", "", run_system_powerdown },
    { "system_wakeup", "", run_system_wakeup },
    { "inject-nmi", "", run_inject_nmi },
    { "watchdog-set-action", "action:s", run_watchdog_set_action },
    { "set-action", "reboot:s?,shutdown:s?,panic:s?,watchdog:s?", run_set_action },
    { "human-monitor-command", "command-line:s,cpu-index:i?", run_human_monitor_command },
    { "qom-list", "path:s", run_qom_list },
    { "qom-get", "path:s,property:s", run_qom_get },
    { "qom-set", "path:s,property:s,value:v", run_qom_set },
    { "qom-list-types", "implements:s?,abstract:b?", run_qom_list_types },
    { "qom-list-properties", "typename:s", run_qom_list_properties },
    { "device-list-properties", "typename:s", run_device_list_properties },
    { "object-add", "qom-type:s,id:s,*", run_object_add },
    { "object-del", "id:s", run_object_del },
    { "device_add", "driver:s,bus:s?,id:s?,*", run_device_add },
    { "device_del", "id:s", run_device_del },
    { "netdev_add", "type:s,id:s,*", run_netdev_add },
    { "netdev_del", "id:s", run_netdev_del },
    { "balloon", "value:i", run_balloon },
    { "query-balloon", "", run_query_balloon },
    { "set_link", "name:s,up:b", run_set_link },
    { "screendump", "filename:s,device:s?,head:i?,format:s?", run_screendump },
    { "send-key", "keys:l,hold-time:i?", qmp_run_send_key },
    { "input-send-event", "device:s?,head:i?,events:l", qmp_run_input_send_event },
    { "memsave", "val:i,size:i,filename:s,cpu-index:i?", run_memsave },
    { "dumpdtb", "filename:s", run_dumpdtb },
    { "pmemsave", "val:i,size:i,filename:s", run_pmemsave },
    { "chardev-add", "id:s,backend:o", run_chardev_add },
    { "chardev-remove", "id:s", run_chardev_remove },
    { "chardev-send-break", "id:s", run_chardev_send_break },
    { "ringbuf-read", "device:s,size:i,format:s?", run_ringbuf_read },
    { "ringbuf-write", "device:s,data:s,format:s?", run_ringbuf_write },
    { "getfd", "fdname:s", run_getfd },
    { "closefd", "fdname:s", run_closefd },
    { "add-fd", "fdset-id:i?,opaque:s?", run_add_fd },
    { "remove-fd", "fdset-id:i,fd:i?", run_remove_fd },
    { "query-fdsets", "", run_query_fdsets },
    { "query-migrate", "", run_query_migrate },
    { "query-migrate-capabilities", "", run_empty_list },
    { "query-tpm-models", "", run_empty_list },
    { "query-tpm-types", "", run_empty_list },
    { "query-block-exports", "", run_empty_list },
    { .name = NULL },
};

const QmpCommand *qmp_command_find(const char *name)
{
    for (const QmpCommand *c = qmp_commands; c->name; c++) {
        if (!strcmp(c->name, name)) {
            return c;
        }
    }
    return NULL;
}

bool qmp_command_run(const QmpCommand *c, GVariant *args, GVariant **result, GError **err)
{
    return check_args(c, args, err) && c->run(args, result, err);
}
