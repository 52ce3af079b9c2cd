/*
 * From the command line to a running machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/startup.h"

#include "hw/core/loader.h"
#include "system/lists.h"
#include "system/options.h"
#include "util/error.h"

#include <stdio.h>

static const char *program_name;

static void print_line(const char *line) { fprintf(stderr, "%s: %s\n", program_name, line); }

static void print_report(const char *kind, const char *text) { fprintf(stderr, "%s: %s: %s\n", program_name, kind, text); }

/* Each line of the error with the program's name, then the hint. */
static int fail(GError *error)
{
    g_auto(GStrv) lines = g_strsplit(error->message, "\n", 0);
    for (unsigned n = 0; lines[n]; n++) {
        print_line(lines[n]);
    }
    if (error_get_hint(error)) {
        fprintf(stderr, "%s: hint: %s\n", program_name, error_get_hint(error));
    }
    g_error_free(error);
    return 1;
}

int system_run(const char *program, const TargetArch *arch, int argc, char **argv)
{
    program_name = program;
    report_set_sink(print_report);
    Settings settings;
    settings_init(&settings, program, arch);
    GError *error = NULL;
    if (!options_parse(&settings, argc, argv, &error)) {
        return fail(error);
    }
    if (settings.leave == LEAVE_HELP) {
        help_print(&settings);
        return 0;
    }
    if (settings.leave == LEAVE_VERSION) {
        version_print();
        return 0;
    }
    if (lists_print(&settings)) {
        return 0;
    }
    error_set(&error, "running a machine is not implemented yet");
    return fail(error);
}
