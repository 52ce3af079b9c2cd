/*
 * -readconfig: options from a file, each a section with its keys.
 *
 *     [device "net0"]
 *       driver = "e1000"
 *       netdev = "n"
 *
 * stands for -device e1000,netdev=n,id=net0.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"

#include "util/error.h"

#include <errno.h>
#include <string.h>

enum { FILE_MAX = 16 * 1024 * 1024 };

/* Sections whose option is called otherwise. Those that are called as their option are listed with it. */
static const struct { const char *section, *option; } sections[] = {
    { "accel", "accel" }, { "acpi", "acpitable" }, { "add-fd", "add-fd" }, { "boot-opts", "boot" }, { "chardev", "chardev" }, { "device", "device" }, { "drive", "drive" },
    { "fw_cfg", "fw_cfg" }, { "global", "global" }, { "machine", "machine" }, { "memory", "m" }, { "mon", "mon" }, { "msg", "msg" }, { "name", "name" }, { "net", "net" },
    { "netdev", "netdev" }, { "nic", "nic" }, { "numa", "numa" }, { "object", "object" }, { "option-rom", "option-rom" }, { "overcommit", "overcommit" },
    { "rtc", "rtc" }, { "semihosting-config", "semihosting-config" }, { "smbios", "smbios" }, { "smp-opts", "smp" },
};

typedef struct Reader { Settings *s; const char *path; int line; const char *option; GString *text; } Reader;

static bool fail(const Reader *r, GError **err, const char *what, const char *name)
{
    g_autofree char *text = g_strdup_printf(what, name);
    return error_set(err, "%s:%d: %s", r->path, r->line, text);
}

/* "key=value" behind what is there; a comma in the value is doubled. */
static void add_key(Reader *r, const char *key, const char *value)
{
    if (r->text->len) {
        g_string_append_c(r->text, ',');
    }
    g_string_append_printf(r->text, "%s=", key);
    for (; *value; value++) {
        if (*value == ',') {
            g_string_append_c(r->text, ',');
        }
        g_string_append_c(r->text, *value);
    }
}

static bool end_section(Reader *r, GError **err)
{
    bool ok = !r->option || option_apply_named(r->s, r->option, r->text->str, err);
    r->option = NULL;
    g_string_truncate(r->text, 0);
    return ok;
}

static bool begin_section(Reader *r, const char *name, const char *id, GError **err)
{
    if (!end_section(r, err)) {
        return false;
    }
    for (size_t n = 0; n < G_N_ELEMENTS(sections); n++) {
        if (!strcmp(sections[n].section, name)) {
            r->option = sections[n].option;
            if (id) {
                add_key(r, "id", id);
            }
            return true;
        }
    }
    return fail(r, err, "There is no option group '%s'", name);
}

/* A section's head: [name] or [name "id"]. */
static bool read_head(Reader *r, const char *line, GError **err)
{
    g_autoptr(GRegex) head = g_regex_new("^\\[\\s*([\\w.-]+)\\s*(?:\"([^\"]*)\")?\\s*\\]$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(head, line, 0, &match)) {
        return fail(r, err, "parse error", NULL);
    }
    g_autofree char *name = g_match_info_fetch(match, 1), *id = g_match_info_fetch(match, 2);
    return begin_section(r, name, id && *id ? id : NULL, err);
}

/* key = "value" */
static bool read_key(Reader *r, const char *line, GError **err)
{
    g_autoptr(GRegex) pair = g_regex_new("^([\\w.-]+)\\s*=\\s*\"([^\"]*)\"$", 0, 0, NULL);
    g_autoptr(GMatchInfo) match = NULL;
    if (!g_regex_match(pair, line, 0, &match)) {
        return fail(r, err, "parse error", NULL);
    }
    if (!r->option) {
        return fail(r, err, "no group defined", NULL);
    }
    g_autofree char *key = g_match_info_fetch(match, 1), *value = g_match_info_fetch(match, 2);
    add_key(r, key, value);
    return true;
}

static bool read_lines(Reader *r, char *const *lines, GError **err)
{
    for (; *lines; lines++) {
        char *line = g_strstrip(*lines);
        r->line++;
        if (!*line || *line == '#') {
            continue;
        }
        if (!(*line == '[' ? read_head(r, line, err) : read_key(r, line, err))) {
            return false;
        }
    }
    return end_section(r, err);
}

bool option_readconfig(Settings *s, const OptionInfo *option, const char *value, GError **err)
{
    g_autofree char *contents = NULL;
    gsize length;
    if (!g_file_get_contents(value, &contents, &length, NULL)) {
        return error_set(err, "Could not open '%s': %s", value, g_strerror(errno));
    }
    if (length > FILE_MAX || strlen(contents) != length || !g_utf8_validate(contents, -1, NULL)) {
        return error_set(err, "this is no text file");
    }
    g_auto(GStrv) lines = g_strsplit(contents, "\n", -1);
    Reader r = { s, value, 0, NULL, g_string_new(NULL) };
    bool ok = read_lines(&r, lines, err);
    g_string_free(r.text, TRUE);
    return ok;
}
