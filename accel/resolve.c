/*
 * Which accelerators to try, in which order: the program's name, -machine accel=, -enable-kvm and -accel, in one pure function.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/accel.h"
#include "util/error.h"

#include <string.h>

static void candidate_free(void *p)
{
    AccelCandidate *candidate = p;
    g_free(candidate->name);
    g_free(candidate->properties);
    g_free(candidate->prefix);
    g_free(candidate);
}

static AccelCandidate *add_candidate(GPtrArray *list, char *name)
{
    AccelCandidate *candidate = g_new0(AccelCandidate, 1);
    candidate->name = name;
    g_ptr_array_add(list, candidate);
    return candidate;
}

/* The name in "kvm,thread=single" or "accel=kvm,..."; *rest: what is behind it. NULL when there is none. */
static char *option_name(const char *option, const char **rest)
{
    if (g_str_has_prefix(option, "accel=")) {
        option += strlen("accel=");
    }
    size_t length = strcspn(option, ",");
    *rest = option[length] ? option + length + 1 : NULL;
    if (!length || memchr(option, '=', length)) {
        return NULL;
    }
    return g_strndup(option, length);
}

bool accel_option_is_help(const char *option)
{
    const char *rest;
    g_autofree char *name = option_name(option, &rest);
    return !name || !strcmp(name, "help") || !strcmp(name, "?");
}

static void add_options(GPtrArray *list, const char *const *options)
{
    for (; *options; options++) {
        const char *rest;
        char *name = option_name(*options, &rest);
        AccelCandidate *candidate = add_candidate(list, name ? name : g_strdup(""));
        candidate->properties = g_strdup(rest);
        candidate->prefix = g_strdup_printf("-accel %s", *options);
    }
}

static void add_colon_list(GPtrArray *list, const char *names)
{
    g_auto(GStrv) words = g_strsplit(names, ":", -1);
    for (char **word = words; *word; word++) {
        add_candidate(list, g_strdup(*word));
    }
}

GPtrArray *accel_resolve(const AccelRequest *request, GError **err)
{
    bool have_options = request->accel_options && request->accel_options[0];
    if (have_options && request->machine_accel) {
        error_set(err, "The -accel and \"-machine accel=\" options are incompatible");
        return NULL;
    }
    g_autoptr(GPtrArray) list = g_ptr_array_new_with_free_func(candidate_free);
    if (have_options) {
        add_options(list, request->accel_options);
    } else if (request->machine_accel) {
        add_colon_list(list, request->machine_accel);
    } else {
        g_autofree char *program = g_path_get_basename(request->program ? request->program : "");
        if (g_str_has_suffix(program, "kvm")) {
            add_candidate(list, g_strdup("kvm"))->implied = true;
        }
        add_candidate(list, g_strdup("tcg"));
    }
    if (!list->len) {
        error_set(err, "no accelerator found");
        return NULL;
    }
    return g_steal_pointer(&list);
}
