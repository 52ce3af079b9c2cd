/*
 * The human monitor's commands: thin faces of the typed functions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/hmp-faces.h"

#include "accel/target.h"
#include "gdbstub/gdbstub.h"
#include "hw/core/device.h"
#include "monitor/commands.h"
#include "hw/virtio/balloon.h"
#include "net/net.h"
#include "system/runstate.h"
#include "util/error.h"
#include "util/json.h"
#include "util/keyval.h"
#include "util/log.h"

#include <stdlib.h>
#include <string.h>

#define TEXT(n) hmp_text(args, n)
/* A command whose function may fail: prints the error. */
#define FACE(name, call) \
    void hmp_##name(Monitor *mon, const HmpArgs *args) \
    { \
        GError *error = NULL; \
        GError **err = &error; \
        call; \
        monitor_print_error(mon, err); \
    }

void hmp_help_command(Monitor *mon, const HmpArgs *args) { hmp_help(mon, TEXT("name")); }

/* ---- the machine ---- */

FACE(quit, mon->leaving = true; command_quit())
FACE(stop, command_stop())
FACE(cont, command_cont(err))
FACE(system_reset, system_reset_request(SHUTDOWN_HOST_QMP_SYSTEM_RESET))
FACE(system_powerdown, system_powerdown_request())
FACE(system_wakeup, command_system_wakeup(err))
FACE(nmi, command_inject_nmi(err))
FACE(watchdog_action, command_set_watchdog_action(TEXT("action"), err))

void hmp_mce(Monitor *mon, const HmpArgs *args)
{
    const TargetArch *arch = target_current();
    Cpu *cpu = cpu_by_index((int)hmp_number(args, "cpu_index", 0));
    const MachineCheck check = {
        .bank = (unsigned)hmp_number(args, "bank", 0), .status = (uint64_t)hmp_number(args, "status", 0), .mcg_status = (uint64_t)hmp_number(args, "mcg_status", 0),
        .addr = (uint64_t)hmp_number(args, "addr", 0), .misc = (uint64_t)hmp_number(args, "misc", 0), .broadcast = hmp_given(args, "broadcast"),
    };
    g_autoptr(GString) said = g_string_new(NULL);
    if (!arch->inject_mce) {
        monitor_puts(mon, "machine checks of this target are not implemented\n");
    } else if (cpu) {
        arch->inject_mce(cpu, &check, said);
        monitor_puts(mon, said->str);
    }
}

void hmp_boot_set(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    if (command_set_boot_order(TEXT("bootdevice"), &error)) {
        monitor_printf(mon, "boot device list now set to %s\n", TEXT("bootdevice"));
    }
    monitor_print_error(mon, &error);
}

void hmp_one_insn(Monitor *mon, const HmpArgs *args)
{
    const char *option = TEXT("option");
    GError *error = NULL;
    bool on = true;
    if (option && *option && !parse_bool(option, &on)) {
        monitor_printf(mon, "unexpected option %s\n", option);
        return;
    }
    command_set_one_insn_per_tb(on, &error);
    monitor_print_error(mon, &error);
}

void hmp_gdbserver(Monitor *mon, const HmpArgs *args)
{
    const char *device = TEXT("device") ? TEXT("device") : "tcp::1234";
    GError *error = NULL;
    if (!gdbserver_start(device, &error)) {
        g_clear_error(&error);
        monitor_printf(mon, "Could not open gdbserver on device '%s'\n", device);
    } else if (!strcmp(device, "none")) {
        monitor_printf(mon, "Disabled gdbserver\n");
    } else {
        monitor_printf(mon, "Waiting for gdb connection on device '%s'\n", device);
    }
}

void hmp_log(Monitor *mon, const HmpArgs *args)
{
    g_autoptr(GError) error = NULL;
    if (log_set_items(TEXT("items"), &error)) {
        return;
    }
    monitor_printf(mon, "Log items (comma separated):\n%-15s %s\n", "none", "remove all logs");
    for (const LogItemInfo *item = log_items; item->name; item++) {
        monitor_printf(mon, "%-15s %s\n", item->name, item->help);
    }
}

FACE(logfile, log_set_file(TEXT("filename"), err))

void hmp_cpu(Monitor *mon, const HmpArgs *args)
{
    int64_t index = hmp_number(args, "index", 0);
    if (index < 0 || index > INT32_MAX || !cpu_by_index((int)index)) {
        monitor_printf(mon, "invalid CPU index\n");
        return;
    }
    mon->cpu_index = (int)index;
}

FACE(memsave, command_memsave(monitor_cpu(mon), (uint64_t)hmp_number(args, "val", 0), (uint64_t)hmp_number(args, "size", 0), TEXT("filename"), err))
FACE(dumpdtb, command_dumpdtb(TEXT("filename"), err))
FACE(pmemsave, command_pmemsave((uint64_t)hmp_number(args, "val", 0), (uint64_t)hmp_number(args, "size", 0), TEXT("filename"), err))

/* ---- keys, mouse, screen ---- */

void hmp_sendkey(Monitor *mon, const HmpArgs *args)
{
    g_auto(GStrv) names = g_strsplit(TEXT("keys"), "-", -1);
    QKeyCode keys[16];
    size_t count = 0;
    for (int n = 0; names[n]; n++) {
        const char *name = !strcmp(names[n], "<") ? "less" : names[n];
        char *end;
        unsigned long number = g_str_has_prefix(name, "0x") ? strtoul(name, &end, 0) : 0;
        QKeyCode key = number ? (*end ? Q_KEY_UNMAPPED : input_key_from_number((unsigned)number)) : input_key_from_name(name);
        if (key == Q_KEY_UNMAPPED || count == G_N_ELEMENTS(keys)) {
            monitor_printf(mon, "invalid parameter: %s\n", names[n]);
            return;
        }
        keys[count++] = key;
    }
    GError *error = NULL;
    command_send_keys(keys, count, hmp_number(args, "hold-time", 0), &error);
    monitor_print_error(mon, &error);
}

FACE(mouse_move, command_mouse_move(atoi(TEXT("dx_str")), atoi(TEXT("dy_str")), TEXT("dz_str") ? atoi(TEXT("dz_str")) : 0))
FACE(mouse_button, command_mouse_button((unsigned)hmp_number(args, "button_state", 0)))

void hmp_mouse_set(Monitor *mon, const HmpArgs *args)
{
    if (!input_handler_activate_number((unsigned)hmp_number(args, "index", 0))) {
        monitor_printf(mon, "Error: Mouse at index '%d' not found\n", (int)hmp_number(args, "index", 0));
    }
}

/* With -f the format comes first: the optional words move by one. */
void hmp_screendump(Monitor *mon, const HmpArgs *args)
{
    bool has_format = hmp_given(args, "format");
    const char *format = has_format ? TEXT("device") : NULL, *device = has_format ? TEXT("head") : TEXT("device"), *head = has_format ? TEXT("last") : TEXT("head");
    GError *error = NULL;
    command_screendump(TEXT("filename"), device, head ? (unsigned)atoi(head) : 0, format, &error);
    monitor_print_error(mon, &error);
}

/* ---- objects and devices ---- */

FACE(device_add, device_add_from_text(TEXT("device"), err))
FACE(device_del, device_del(TEXT("id"), err))
FACE(object_add, command_object_add_text(TEXT("object"), err))
FACE(object_del, object_delete_user(TEXT("id"), err))

void hmp_qom_list(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    const char *path = TEXT("path");
    if (!path) {
        monitor_printf(mon, "/\n");
        return;
    }
    GVariant *list = command_qom_list(path, &error);
    if (!list) {
        monitor_print_error(mon, &error);
        return;
    }
    g_variant_ref_sink(list);
    for (size_t n = 0; n < g_variant_n_children(list); n++) {
        g_autoptr(GVariant) entry = g_variant_get_child_value(list, n);
        const char *name, *type;
        g_variant_lookup(entry, "name", "&s", &name);
        g_variant_lookup(entry, "type", "&s", &type);
        monitor_printf(mon, "%s (%s)\n", name, type);
    }
    g_variant_unref(list);
}

void hmp_qom_get(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    g_autoptr(GVariant) value = command_qom_get(TEXT("path"), TEXT("property"), &error);
    if (value) {
        g_autofree char *text = json_to_text(value, true);
        monitor_printf(mon, "%s\n", text);
    }
    monitor_print_error(mon, &error);
}

void hmp_qom_set(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    const char *text = TEXT("value");
    if (!hmp_given(args, "json")) {
        command_qom_set_text(TEXT("path"), TEXT("property"), text, &error);
    } else {
        g_autoptr(GVariant) value = json_parse(text, strlen(text), &error);
        if (value) {
            command_qom_set(TEXT("path"), TEXT("property"), value, &error);
        }
    }
    monitor_print_error(mon, &error);
}

/* ---- network ---- */

FACE(netdev_add, netdev_add(TEXT("netdev"), err))
FACE(netdev_del, netdev_del(TEXT("id"), err))
FACE(balloon, balloon_set_target(hmp_number(args, "value", 0), err))
FACE(set_link, net_set_link(TEXT("name"), hmp_number(args, "up", 0), err))

/* These say what went wrong without "Error:". */
static void print_plain(Monitor *mon, GError *error)
{
    if (error) {
        monitor_printf(mon, "%s\n", error->message);
        g_error_free(error);
    }
}

void hmp_hostfwd_add(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    const char *first = TEXT("arg1"), *second = TEXT("arg2");
    net_hostfwd_add(second ? first : NULL, second ? second : first, &error);
    print_plain(mon, error);
}

void hmp_hostfwd_remove(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    g_autofree char *text = NULL;
    const char *first = TEXT("arg1"), *second = TEXT("arg2");
    if (net_hostfwd_remove(second ? first : NULL, second ? second : first, &text, &error) && text) {
        monitor_puts(mon, text);
        if (!g_str_has_suffix(text, "\n")) {
            monitor_puts(mon, "\n");
        }
    }
    print_plain(mon, error);
}

/* ---- character devices ---- */

FACE(chardev_add, chardev_add(TEXT("args"), err))
FACE(chardev_remove, chardev_remove(TEXT("id"), err))
FACE(chardev_send_break, chardev_send_break(TEXT("id"), err))
FACE(ringbuf_write, chardev_ring_write(TEXT("device"), TEXT("data"), strlen(TEXT("data")), err))

void hmp_ringbuf_read(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    size_t len = 0;
    int64_t size = hmp_number(args, "size", 0);
    g_autofree char *data = chardev_ring_read(TEXT("device"), size > 0 ? (size_t)size : 0, &len, &error);
    if (!data) {
        monitor_print_error(mon, &error);
        return;
    }
    for (size_t n = 0; n < len; n++) {
        unsigned char c = (unsigned char)data[n];
        if (c == '\\') {
            monitor_puts(mon, "\\\\");
        } else if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            monitor_printf(mon, "\\u%04X", c);
        } else {
            monitor_printf(mon, "%c", c);
        }
    }
    monitor_puts(mon, "\n");
}
