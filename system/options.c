/*
 * Parsing of the command line: finds each option in the table and lets it note what it asks for.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"

#include "hw/core/loader.h"
#include "system/runstate-internal.h"
#include "util/error.h"

#include <string.h>

void settings_init(Settings *s, const char *program, const TargetArch *arch)
{
    *s = (Settings){ .program = program, .arch = arch, .echr = 1 };
    KeyVals **keyvals[] = { &s->machine, &s->smp, &s->memory, &s->boot, &s->rtc, &s->name, &s->overcommit };
    for (size_t n = 0; n < G_N_ELEMENTS(keyvals); n++) {
        *keyvals[n] = keyvals_new();
    }
    GPtrArray **lists[] = { &s->accels, &s->numa, &s->globals, &s->sets, &s->devices, &s->objects, &s->netdevs, &s->nics, &s->nets, &s->chardevs,
        &s->drives, &s->blockdevs, &s->serials, &s->parallels, &s->monitors, &s->qmps, &s->mons, &s->debugcons, &s->fw_cfgs, &s->smbios,
        &s->acpi_tables, &s->option_roms, &s->add_fds, &s->gdbs, &s->semihosting_args };
    for (size_t n = 0; n < G_N_ELEMENTS(lists); n++) {
        *lists[n] = g_ptr_array_new();
    }
}

static const OptionInfo *find_option(const Settings *s, const char *name)
{
    for (const OptionInfo *o = option_table; o->name || o->group; o++) {
        if (o->name && g_str_equal(o->name, name)) {
            bool x86 = g_str_equal(s->arch->name, "x86_64") || g_str_equal(s->arch->name, "i386");
            return o->x86_only && !x86 ? NULL : o;
        }
    }
    return NULL;
}

static bool add_text(GPtrArray *list, const OptionInfo *option, const char *value)
{
    OptionText *text = g_new(OptionText, 1);
    *text = (OptionText){ .option = option, .text = g_strdup(value), .index = (int)list->len };
    g_ptr_array_add(list, text);
    return true;
}

static bool apply_one(Settings *s, const char *word, const char *value, GError **err)
{
    const char *name = word + (word[1] == '-' ? 2 : 1);
    const OptionInfo *option = find_option(s, name);
    if (!option) {
        return error_set(err, "%s: invalid option", word);
    }
    if (option->has_argument && !value) {
        return error_set(err, "%s: requires an argument", word);
    }
    GError *error = NULL;
    if (!option->apply(s, option, value, &error)) {
        if (option->has_argument) {
            g_prefix_error(&error, "%s %s: ", word, value);
        }
        g_propagate_error(err, error);
        return false;
    }
    return true;
}

bool option_apply_named(Settings *s, const char *name, const char *value, GError **err)
{
    g_autofree char *word = g_strdup_printf("-%s", name), *kept = g_strdup(value);
    /* Settings keep pointers to what argv holds. */
    return apply_one(s, word, g_steal_pointer(&kept), err);
}

bool options_parse(Settings *s, int argc, char **argv, GError **err)
{
    for (int n = 1; n < argc && !s->leave; n++) {
        const char *word = argv[n];
        if (word[0] != '-' || !word[1]) {
            /* A bare word is the first hard disk. */
            if (!option_disk(s, find_option(s, "hda"), word, err)) {
                return false;
            }
            continue;
        }
        const OptionInfo *option = find_option(s, word + (word[1] == '-' ? 2 : 1));
        bool wants = option && option->has_argument;
        const char *value = wants && n + 1 < argc ? argv[n + 1] : NULL;
        if (!apply_one(s, word, value, err)) {
            return false;
        }
        n += wants;
    }
    return true;
}

/* Adds the keys of an option's text to those that earlier ones gave. */
static bool merge(KeyVals *into, const char *text, const char *implied_key, GError **err)
{
    bool help = false;
    g_autoptr(KeyVals) kv = keyvals_parse(text, implied_key, &help, err);
    if (!kv) {
        return false;
    }
    for (unsigned n = 0; n < kv->items->len; n++) {
        KeyVal *item = g_ptr_array_index(kv->items, n);
        keyvals_set(into, item->key, item->value);
    }
    if (help) {
        keyvals_set(into, "help", "on");
    }
    return true;
}

static bool check_keys(const char *text, const char *implied_key, const char *const *keys, GError **err)
{
    bool help = false;
    g_autoptr(KeyVals) kv = keyvals_parse(text, implied_key, &help, err);
    for (unsigned n = 0; kv && n < kv->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(kv->items, n);
        if (!g_strv_contains(keys, item->key)) {
            return error_set(err, "Invalid parameter '%s'", item->key);
        }
    }
    return kv != NULL;
}

/* Numbers of -m are looked at here, where the option's text is known. */
static bool check_memory(const char *text, GError **err)
{
    bool help = false;
    g_autoptr(KeyVals) kv = keyvals_parse(text, "size", &help, err);
    uint64_t number;
    return kv && keyvals_get_size(kv, "size", &number, err) && keyvals_get_size(kv, "maxmem", &number, err) && keyvals_get_uint64(kv, "slots", &number, err);
}

#define OPTION(n) bool option_##n(Settings *s, const OptionInfo *option, const char *value, GError **err)
#define OPTION_LIST(n, list) OPTION(n) { return add_text(s->list, option, value); }
#define OPTION_FLAG(n, flag) OPTION(n) { s->flag = true; return true; }
#define OPTION_VALUE(n, field) OPTION(n) { s->field = value; return true; }
#define OPTION_MERGE(n, field, implied) OPTION(n) { return merge(s->field, value, implied, err); }
/* With no keys but these. */
#define OPTION_KEYS(n, field, implied, ...) \
    OPTION(n) { return check_keys(value, implied, (const char *const[]){ __VA_ARGS__, NULL }, err) && merge(s->field, value, implied, err); }
#define OPTION_MACHINE(n, key) OPTION(n) { keyvals_set(s->machine, key, value); return true; }

OPTION_LIST(acpitable, acpi_tables)
OPTION_LIST(add_fd, add_fds)
OPTION_LIST(blockdev, blockdevs)
OPTION_LIST(cdrom, drives)
OPTION_LIST(chardev, chardevs)
OPTION_LIST(debugcon, debugcons)
OPTION_LIST(device, devices)
OPTION_LIST(disk, drives)
OPTION_LIST(drive, drives)
OPTION_LIST(floppy, drives)
OPTION_LIST(fw_cfg, fw_cfgs)
OPTION_LIST(gdb, gdbs)
OPTION_LIST(global, globals)
OPTION_LIST(mon, mons)
OPTION_LIST(monitor, monitors)
OPTION_LIST(net, nets)
OPTION_LIST(netdev, netdevs)
OPTION_LIST(nic, nics)
OPTION_LIST(numa, numa)
OPTION_LIST(object, objects)
OPTION_LIST(option_rom, option_roms)
OPTION_LIST(parallel, parallels)
OPTION_LIST(pflash, drives)
OPTION_LIST(qmp, qmps)
OPTION_LIST(serial, serials)
OPTION_LIST(set, sets)
OPTION_LIST(smbios, smbios)

OPTION_FLAG(daemonize, daemonize)
OPTION_FLAG(jitdump, jitdump)
OPTION_FLAG(mem_prealloc, mem_prealloc)
OPTION_FLAG(nodefaults, nodefaults)
OPTION_FLAG(nographic, nographic)
OPTION_FLAG(perfmap, perfmap)
OPTION_FLAG(snapshot, snapshot)
OPTION_FLAG(stopped, stopped)
OPTION_FLAG(usb, usb)

OPTION_VALUE(cpu, cpu)
OPTION_VALUE(display, display)
OPTION_VALUE(log, log_items)
OPTION_VALUE(log_file, log_file)
OPTION_VALUE(log_filter, log_filter)
OPTION_VALUE(mem_path, mem_path)
OPTION_VALUE(pidfile, pidfile)
OPTION_VALUE(qtest, qtest)
OPTION_VALUE(qtest_log, qtest_log)
OPTION_VALUE(seed, seed)
OPTION_VALUE(shim, shim)
OPTION_VALUE(uuid, uuid)
OPTION_VALUE(vga, vga)

OPTION_MERGE(boot, boot, "order")
OPTION(memory)
{
    return check_keys(value, "size", (const char *const[]){ "size", "slots", "maxmem", NULL }, err) && check_memory(value, err) && merge(s->memory, value, "size", err);
}
OPTION_KEYS(name, name, "guest", "guest", "process", "debug-threads")
OPTION_KEYS(overcommit, overcommit, NULL, "mem-lock", "cpu-pm")
OPTION_KEYS(rtc, rtc, NULL, "base", "clock", "driftfix")
OPTION_MERGE(smp, smp, "cpus")

OPTION_MACHINE(append, "append")
OPTION_MACHINE(bios, "firmware")
OPTION_MACHINE(dtb, "dtb")
OPTION_MACHINE(initrd, "initrd")
OPTION_MACHINE(kernel, "kernel")

OPTION(accel)
{
    g_ptr_array_add(s->accels, (char *)value);
    return true;
}

OPTION(machine)
{
    bool help = false;
    g_autoptr(KeyVals) kv = keyvals_parse(value, "type", &help, err);
    if (!kv) {
        return false;
    }
    for (unsigned n = 0; n < kv->items->len; n++) {
        KeyVal *item = g_ptr_array_index(kv->items, n);
        if (g_str_equal(item->key, "type")) {
            g_free(s->machine_name);
            s->machine_name = g_strdup(item->value);
        } else {
            keyvals_set(s->machine, item->key, item->value);
        }
    }
    if (help) {
        keyvals_set(s->machine, "help", "on");
    }
    return true;
}

OPTION(gdb_default) { return add_text(s->gdbs, option, "tcp::1234"); }

OPTION(help)
{
    s->leave = LEAVE_HELP;
    return true;
}

OPTION(version)
{
    s->leave = LEAVE_VERSION;
    return true;
}

OPTION(enable_kvm)
{
    keyvals_set(s->machine, "accel", "kvm");
    return true;
}

OPTION(no_fd_bootchk)
{
    keyvals_set(s->machine, "fd-bootchk", "off");
    return true;
}

OPTION(no_user_config) { return true; /* there are no configuration files of the user to read */ }

OPTION(no_reboot)
{
    run_actions.reboot = REBOOT_SHUTDOWN;
    return true;
}

OPTION(no_shutdown)
{
    run_actions.shutdown = ACTION_SHUTDOWN_PAUSE;
    return true;
}

OPTION(echr)
{
    uint64_t code;
    if (!parse_uint64(value, &code) || code > 255) {
        return error_set(err, "not a character's number (0 to 255)");
    }
    s->echr = (int)code;
    return true;
}

OPTION(firmware_path)
{
    if (g_str_equal(value, "help")) {
        s->firmware_help = true;
    } else {
        firmware_add_directory(value);
    }
    return true;
}

OPTION(msg)
{
    g_autoptr(KeyVals) kv = keyvals_parse(value, NULL, NULL, err);
    return kv && keyvals_get_bool(kv, "timestamp", &s->msg_timestamp, err) && keyvals_get_bool(kv, "guest-name", &s->msg_guest_name, err) &&
           keyvals_check_all_used(kv, err);
}

OPTION(compat)
{
    g_autoptr(KeyVals) kv = keyvals_parse(value, NULL, NULL, err);
    if (!kv) {
        return false;
    }
    static const char *const keys[] = { "deprecated-input", "deprecated-output", "unstable-input", "unstable-output" };
    for (size_t n = 0; n < G_N_ELEMENTS(keys); n++) {
        const char *policy = keyvals_get(kv, keys[n]);
        if (policy && !g_str_equal(policy, "accept")) {
            return error_set(err, "%s=%s is not implemented", keys[n], policy);
        }
    }
    return keyvals_check_all_used(kv, err);
}

/* An index into names for the value of key; -1 with an error for others; `missing` when the key is not there. */
static int choose(KeyVals *kv, const char *key, const char *const *names, int missing, GError **err)
{
    const char *value = keyvals_get(kv, key);
    if (!value) {
        return missing;
    }
    for (int n = 0; names[n]; n++) {
        if (g_str_equal(names[n], value)) {
            return n;
        }
    }
    error_set(err, "Parameter '%s' does not accept value '%s'", key, value);
    return -1;
}

static const char *const watchdog_names[] = { "reset", "shutdown", "poweroff", "inject-nmi", "pause", "debug", "none", NULL };

OPTION(action)
{
    static const char *const reboot_names[] = { "reset", "shutdown", NULL };
    static const char *const shutdown_names[] = { "poweroff", "pause", NULL };
    static const char *const panic_names[] = { "shutdown", "pause", "exit-failure", "none", NULL };
    g_autoptr(KeyVals) kv = keyvals_parse(value, NULL, NULL, err);
    if (!kv) {
        return false;
    }
    int reboot = choose(kv, "reboot", reboot_names, run_actions.reboot, err);
    int shutdown = reboot < 0 ? -1 : choose(kv, "shutdown", shutdown_names, run_actions.shutdown, err);
    int panic = shutdown < 0 ? -1 : choose(kv, "panic", panic_names, run_actions.panic, err);
    int watchdog = panic < 0 ? -1 : choose(kv, "watchdog", watchdog_names, run_actions.watchdog, err);
    if (watchdog < 0) {
        return false;
    }
    run_actions.reboot = reboot;
    run_actions.shutdown = shutdown;
    run_actions.panic = panic;
    run_actions.watchdog = watchdog;
    return keyvals_check_all_used(kv, err);
}

OPTION(watchdog_action)
{
    for (int n = 0; watchdog_names[n]; n++) {
        if (g_str_equal(watchdog_names[n], value)) {
            run_actions.watchdog = n;
            return true;
        }
    }
    return error_set(err, "Unknown -watchdog-action parameter");
}

OPTION(unsupported) { return error_set(err, "-%s is not implemented", option->name); }
