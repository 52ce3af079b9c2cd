/*
 * -semihosting and -semihosting-config.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"
#include "system/startup-internal.h"

#include "accel/target.h"
#include "util/error.h"

#include <stdio.h>
#include <string.h>

static bool check_target(const Settings *s, const char *front, GError **err)
{
    return s->arch->has_semihosting || error_set(err, "%sOption not supported for this target", front);
}

bool option_semihosting(Settings *s, const OptionInfo *option, const char *value, GError **err)
{
    if (!check_target(s, "-semihosting: ", err)) {
        return false;
    }
    s->semihosting.enabled = true;
    s->semihosting.target = SEMIHOST_AUTO;
    return true;
}

static bool parse_key(Settings *s, const KeyVal *item, GError **err)
{
    static const char *const targets[] = { [SEMIHOST_AUTO] = "auto", [SEMIHOST_NATIVE] = "native", [SEMIHOST_GDB] = "gdb" };
    const char *value = item->value ? item->value : "on";
    bool is_enable = !strcmp(item->key, "enable");
    if (is_enable || !strcmp(item->key, "userspace")) {
        bool *to = is_enable ? &s->semihosting.enabled : &s->semihosting.userspace;
        return parse_bool(value, to) || error_set(err, "Parameter '%s' expects 'on' or 'off'", item->key);
    }
    if (!strcmp(item->key, "chardev")) {
        s->semihosting.chardev = g_strdup(value);
        return true;
    }
    if (!strcmp(item->key, "arg")) {
        g_ptr_array_add(s->semihosting_args, g_strdup(value));
        return true;
    }
    if (!strcmp(item->key, "target")) {
        for (unsigned n = 0; n < G_N_ELEMENTS(targets); n++) {
            if (!strcmp(value, targets[n])) {
                s->semihosting.target = n;
                return true;
            }
        }
        return false;       /* no line of its own */
    }
    return error_set(err, "Invalid parameter '%s'", item->key);
}

/* Given at all, it means on. A second line says which option is meant, as the reference's does. */
bool option_semihosting_config(Settings *s, const OptionInfo *option, const char *value, GError **err)
{
    GError *error = NULL;
    bool help = false;
    g_autoptr(KeyVals) kv = NULL;
    if (!check_target(s, "", err) || !(kv = keyvals_parse(value, NULL, &help, err))) {
        return false;
    }
    if (help) {
        fputs("semihosting-config options:\n  arg=<str>\n  chardev=<str>\n  enable=<bool (on/off)>\n  target=<str>\n  userspace=<bool (on/off)>\n", stdout);
    }
    bool good = !help;
    s->semihosting.enabled = true;
    for (unsigned n = 0; good && n < kv->items->len; n++) {
        good = parse_key(s, kv->items->pdata[n], &error);
    }
    if (!good) {
        g_autofree char *first = error ? g_strdup_printf("%s\n-semihosting-config %s: ", error->message, value) : g_strdup("");
        error_set(err, "%sunsupported semihosting-config %s", first, value);
        g_clear_error(&error);
    }
    return good;
}

/* What the program is told: the words of arg=, else the kernel and what -append says. The caller frees. */
static char *command_line(const Settings *s, const Machine *m)
{
    if (s->semihosting_args->len) {
        g_ptr_array_add(s->semihosting_args, NULL);
        return g_strjoinv(" ", (char **)s->semihosting_args->pdata);
    }
    bool more = m->append && *m->append;
    return g_strconcat(m->kernel ? m->kernel : "", more ? " " : "", more ? m->append : "", NULL);
}

bool semihosting_apply(Settings *s, const Machine *m, GError **err)
{
    if (!s->semihosting.enabled) {
        return true;
    }
    if (!accel_is("tcg")) {
        return error_set(err, "-semihosting is implemented for the accelerator tcg only");
    }
    g_autofree char *text = command_line(s, m);
    s->semihosting.command_line = text;
    return semihosting_configure(&s->semihosting, err);
}
