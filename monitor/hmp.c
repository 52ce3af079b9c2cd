/*
 * The human monitor's language: finding a command, taking its arguments apart, help and completion.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/internal.h"

#include "hw/core/device.h"
#include "ui/input.h"
#include "util/error.h"
#include "util/keyval.h"

#include <string.h>

/* What "x/4xw" leaves for the next command without a format. */
static HmpFormat last_format = { .count = 1, .size = 4, .format = 'x' };

/* ---- access to arguments ---- */

static const HmpValue *find_value(const HmpArgs *args, const char *name)
{
    for (int n = 0; n < args->count; n++) {
        if (args->values[n].given && !strcmp(args->values[n].name, name)) {
            return &args->values[n];
        }
    }
    return NULL;
}

const char *hmp_text(const HmpArgs *args, const char *name)
{
    const HmpValue *v = find_value(args, name);
    return v ? v->text : NULL;
}

int64_t hmp_number(const HmpArgs *args, const char *name, int64_t otherwise)
{
    const HmpValue *v = find_value(args, name);
    return v ? v->number : otherwise;
}

bool hmp_given(const HmpArgs *args, const char *name) { return find_value(args, name) != NULL; }

/* ---- finding a command ---- */

/* Whether word is one of the names "a|b|c". */
static bool name_matches(const char *names, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = names; at; at = strchr(at, '|')) {
        at += *at == '|';
        if (!strncmp(at, word, length) && (at[length] == '\0' || at[length] == '|')) {
            return true;
        }
    }
    return false;
}

static const HmpCommand *find_command(const HmpCommand *table, const char *word)
{
    for (const HmpCommand *c = table; c->name; c++) {
        if (name_matches(c->name, word)) {
            return c;
        }
    }
    return NULL;
}

/* The command word ends at white space or at the '/' of a format. */
static char *take_command_word(const char **text)
{
    while (g_ascii_isspace(**text)) {
        ++*text;
    }
    size_t length = strcspn(*text, " \t/");
    char *word = g_strndup(*text, length);
    *text += length;
    return word;
}

/* ---- arguments ---- */

static void skip_space(const char **text)
{
    while (g_ascii_isspace(**text)) {
        ++*text;
    }
}

/* A word, or a text in double quotes with backslashes. NULL: there is none, or the quote does not end. */
static char *take_word(const char **text)
{
    skip_space(text);
    if (!**text) {
        return NULL;
    }
    if (**text != '"') {
        size_t length = strcspn(*text, " \t");
        char *word = g_strndup(*text, length);
        *text += length;
        return word;
    }
    g_autoptr(GString) word = g_string_new(NULL);
    for (++*text; **text && **text != '"'; ++*text) {
        if (**text == '\\' && (*text)[1]) {
            ++*text;
            g_string_append_c(word, **text == 'n' ? '\n' : **text == 'r' ? '\r' : **text);
        } else {
            g_string_append_c(word, **text);
        }
    }
    if (**text != '"') {
        return NULL;
    }
    ++*text;
    return g_strdup(word->str);
}

static bool take_format(const char **text, HmpFormat *format, GError **err)
{
    static const char sizes[] = "bhwg";
    *format = (HmpFormat){ .count = 1, .size = -1 };
    skip_space(text);
    if (**text == '/') {
        char *end;
        format->given = true;
        ++*text;
        if (g_ascii_isdigit(**text)) {
            format->count = (int)MIN(g_ascii_strtoull(*text, &end, 10), 1u << 20);
            *text = end;
        }
        for (; **text && !g_ascii_isspace(**text); ++*text) {
            const char *size = strchr(sizes, **text);
            if (size) {
                format->size = 1 << (size - sizes);
            } else if (strchr("oduxic", **text)) {
                format->format = **text;
            } else {
                return error_set(err, "invalid char in format: '%c'", **text);
            }
        }
    }
    format->format = format->format ? format->format : last_format.format;
    if (format->format != 'i') {
        format->size = format->size < 0 ? last_format.size : format->size;
        last_format.size = format->size;
    }
    last_format.format = format->format;
    return true;
}

/* Options -x before an argument of that type. */
static bool take_option(const char **text, char letter)
{
    skip_space(text);
    if ((*text)[0] == '-' && (*text)[1] == letter && ((*text)[2] == '\0' || g_ascii_isspace((*text)[2]))) {
        *text += 2;
        return true;
    }
    return false;
}

static bool take_value(Monitor *mon, const HmpCommand *c, const char *type, const char **text, HmpValue *v, GError **err)
{
    bool optional = strchr(type, '?') != NULL;
    skip_space(text);
    if (type[0] == '-') {
        v->given = take_option(text, type[1]);
        return true;
    }
    if (optional && !**text) {
        return true;
    }
    v->given = true;
    switch (type[0]) {
    case 'S':
        if (!**text) {
            return error_set(err, "%s: string expected", c->name);
        }
        v->text = g_strdup(*text);
        *text += strlen(*text);
        return true;
    case 'i':
    case 'l':
        return hmp_expression(mon, text, &v->number, err);
    case 'M': {
        uint64_t size;
        v->text = take_word(text);
        if (!v->text || !parse_size(v->text, 'M', &size)) {
            return error_set(err, "invalid size");
        }
        v->number = (int64_t)size;
        return true;
    }
    case 'b': {
        bool on;
        v->text = take_word(text);
        if (!v->text || !parse_bool(v->text, &on)) {
            return error_set(err, "Expected 'on' or 'off'");
        }
        v->number = on;
        return true;
    }
    default:
        v->text = take_word(text);
        return v->text || error_set(err, "%s: %s expected", c->name, type[0] == 'F' ? "filename" : type[0] == 'B' ? "block device name" : "string");
    }
}

static void args_clear(HmpArgs *args)
{
    for (int n = 0; n < args->count; n++) {
        g_free(args->values[n].text);
    }
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(HmpArgs, args_clear)

/* specs: strings "name:type" that live as long as args. */
static bool take_args(Monitor *mon, const HmpCommand *c, char **specs, const char *text, HmpArgs *args, GError **err)
{
    for (int n = 0; specs[n] && *specs[n]; n++) {
        char *type = strchr(specs[n], ':');
        *type++ = '\0';
        if (type[0] == '/') {
            if (!take_format(&text, &args->format, err)) {
                return false;
            }
            continue;
        }
        HmpValue *v = &args->values[args->count++];
        v->name = specs[n];
        if (!take_value(mon, c, type, &text, v, err)) {
            return false;
        }
    }
    skip_space(&text);
    if (*text == '-' && g_ascii_isalpha(text[1])) {
        return error_set(err, "unsupported option -%c", text[1]);
    }
    return !*text || error_set(err, "%s: extraneous characters at the end of line", c->name);
}

/* ---- running ---- */

static void print_unknown(Monitor *mon, const char *group, const char *word)
{
    monitor_printf(mon, "unknown command: '%s%s'\n", group, word);
}

void hmp_run_line(Monitor *mon, const char *line)
{
    const HmpCommand *table = hmp_commands, *c = NULL;
    g_autoptr(GString) group = g_string_new(NULL);
    g_autofree char *word = NULL;
    const char *text = line;
    while (table) {
        g_free(word);
        word = take_command_word(&text);
        if (!*word) {
            if (c) {
                hmp_help(mon, c->name);
            }
            return;
        }
        c = find_command(table, word);
        if (!c) {
            print_unknown(mon, group->str, word);
            return;
        }
        table = c->table;
        if (table) {
            g_string_append_printf(group, "%s ", word);
        }
    }
    g_auto(GStrv) specs = g_strsplit(c->args ? c->args : "", ",", -1);
    g_auto(HmpArgs) args = { 0 };
    g_autoptr(GError) error = NULL;
    if (!take_args(mon, c, specs, text, &args, &error)) {
        monitor_printf(mon, "%s\nTry \"help %s%s\" for more information\n", error->message, group->str, word);
        return;
    }
    if (!c->run) {
        monitor_printf(mon, "Error: %s%s: not implemented\n", group->str, c->name);
        return;
    }
    c->run(mon, &args);
}

/* ---- help ---- */

static void print_help(Monitor *mon, const char *group, const HmpCommand *c)
{
    monitor_printf(mon, "%s%s %s -- %s\n", group, c->name, c->params ? c->params : "", c->help ? c->help : "");
}

static int compare_commands(const void *a, const void *b)
{
    return strcmp((*(const HmpCommand *const *)a)->name, (*(const HmpCommand *const *)b)->name);
}

static void print_table(Monitor *mon, const char *group, const HmpCommand *table)
{
    g_autoptr(GPtrArray) sorted = g_ptr_array_new();
    for (const HmpCommand *c = table; c->name; c++) {
        g_ptr_array_add(sorted, (void *)c);
    }
    g_ptr_array_sort(sorted, compare_commands);
    for (unsigned n = 0; n < sorted->len; n++) {
        print_help(mon, group, sorted->pdata[n]);
    }
}

void hmp_help(Monitor *mon, const char *name)
{
    if (!name) {
        print_table(mon, "", hmp_commands);
        return;
    }
    g_auto(GStrv) words = g_strsplit(name, " ", -1);
    const HmpCommand *table = hmp_commands, *c = NULL;
    g_autoptr(GString) group = g_string_new(NULL);
    for (int n = 0; words[n] && table; n++) {
        if (!*words[n]) {
            continue;
        }
        c = find_command(table, words[n]);
        if (!c) {
            print_unknown(mon, group->str, words[n]);
            return;
        }
        table = c->table;
        if (table) {
            g_string_append_printf(group, "%s ", words[n]);
        }
    }
    if (table) {
        print_table(mon, group->str, table);
    } else if (c) {
        print_help(mon, group->str, c);
    }
}

/* ---- completion ---- */

static void add_matching(GPtrArray *words, const char *candidate, const char *typed)
{
    if (g_str_has_prefix(candidate, typed)) {
        g_ptr_array_add(words, g_strdup(candidate));
    }
}

static void complete_command(const HmpCommand *table, const char *typed, GPtrArray *words)
{
    for (const HmpCommand *c = table; c->name; c++) {
        g_auto(GStrv) names = g_strsplit(c->name, "|", -1);
        for (int n = 0; names[n]; n++) {
            add_matching(words, names[n], typed);
        }
    }
}

static void complete_file(const char *typed, GPtrArray *words)
{
    const char *slash = strrchr(typed, '/');
    g_autofree char *dir = slash ? g_strndup(typed, slash - typed + 1) : g_strdup("");
    GDir *d = g_dir_open(*dir ? dir : ".", 0, NULL);
    const char *name;
    while (d && (name = g_dir_read_name(d))) {
        if (name[0] != '.' && g_str_has_prefix(name, slash ? slash + 1 : typed)) {
            g_autofree char *path = g_strconcat(dir, name, NULL);
            g_ptr_array_add(words, g_strconcat(path, g_file_test(path, G_FILE_TEST_IS_DIR) ? "/" : "", NULL));
        }
    }
    if (d) {
        g_dir_close(d);
    }
}

typedef struct Completion { const char *typed; GPtrArray *words; } Completion;

static void complete_type(const ObjectType *type, void *opaque)
{
    Completion *c = opaque;
    if (!object_type_is_a(type, "device") || device_type_offered((const DeviceType *)type)) {
        add_matching(c->words, type->name, c->typed);
    }
}

static void complete_chardev(Chardev *chr, void *opaque) { add_matching(((Completion *)opaque)->words, chardev_id(chr), ((Completion *)opaque)->typed); }

static void complete_children(const char *path, Completion *c)
{
    GPtrArray *children = object_container(path)->children;
    for (unsigned n = 0; children && n < children->len; n++) {
        add_matching(c->words, ((Object *)children->pdata[n])->name, c->typed);
    }
}

/* The argument's type says what it may be: by the command's name for ids. */
static void complete_argument(const HmpCommand *command, const char *spec, Completion *c)
{
    const char *type = strchr(spec, ':') + 1;
    if (type[0] == 'F') {
        complete_file(c->typed, c->words);
    } else if (g_str_has_prefix(command->name, "device_add")) {
        object_type_foreach("device", false, complete_type, c);
    } else if (g_str_has_prefix(command->name, "device_del")) {
        complete_children("/machine/peripheral", c);
    } else if (g_str_has_prefix(command->name, "object_del")) {
        complete_children("/objects", c);
    } else if (g_str_has_prefix(command->name, "chardev-") || g_str_has_prefix(command->name, "ringbuf")) {
        chardev_foreach(complete_chardev, c);
    } else if (g_str_has_prefix(command->name, "sendkey")) {
        for (int n = 1; n < Q_KEY_COUNT; n++) {
            add_matching(c->words, input_key_names[n], c->typed);
        }
    } else if (type[0] == 'b') {
        add_matching(c->words, "on", c->typed);
        add_matching(c->words, "off", c->typed);
    }
}

void hmp_complete(Monitor *mon, const char *line, GPtrArray *words)
{
    g_auto(GStrv) typed = g_strsplit_set(line, " ", -1);
    int last = (int)g_strv_length(typed) - 1, n = 0;
    if (last < 0) {
        return;
    }
    const HmpCommand *table = hmp_commands, *c = NULL;
    for (; n < last && table; n++) {
        c = !strcmp(typed[n], "help") || !strcmp(typed[n], "?") ? NULL : find_command(table, typed[n]);
        if (!c && n == 0 && (!strcmp(typed[n], "help") || !strcmp(typed[n], "?"))) {
            continue;           /* what follows is a command again */
        }
        if (!c) {
            return;
        }
        table = c->table;
    }
    if (table) {
        complete_command(table, typed[last], words);
        return;
    }
    g_auto(GStrv) specs = g_strsplit(c->args ? c->args : "", ",", -1);
    int index = last - n, at = 0;
    for (int k = 0; specs[k] && *specs[k]; k++) {
        const char *type = strchr(specs[k], ':') + 1;
        if (type[0] != '-' && type[0] != '/' && at++ == index) {
            complete_argument(c, specs[k], &(Completion){ typed[last], words });
        }
    }
}
