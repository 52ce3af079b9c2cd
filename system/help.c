/*
 * -help and -version, in the reference's form: scripts and management tools read them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ostrich-config.h"
#include "system/options.h"

#include <stdio.h>
#include <string.h>

enum { HELP_COLUMN = 16 };

void version_print(void)
{
    printf("QEMU emulator version " QEMU_VERSION " (Ostrich " OSTRICH_VERSION ")\n"
           "Copyright (c) the Ostrich developers; compatible with QEMU " QEMU_VERSION ", and none of its code\n");
}

static void print_help_text(const char *head, const char *text)
{
    if (strlen(head) >= HELP_COLUMN) {
        printf("%s\n%*s%s\n", head, HELP_COLUMN, "", text);
    } else {
        printf("%-*s%s\n", HELP_COLUMN, head, text);
    }
}

static void print_option(const OptionInfo *o)
{
    if (!o->help) {
        return;
    }
    /* -h stands for -help too, as -machine for -M. */
    const char *also = g_str_equal(o->name, "h") ? " or -help" : "";
    if (!o->forms) {
        g_autofree char *head = g_strconcat("-", o->name, also, o->has_argument ? " file" : "", NULL);
        print_help_text(head, o->help);
        return;
    }
    g_auto(GStrv) forms = g_strsplit(o->forms, "\n", 0);
    for (unsigned n = 0; forms[n]; n++) {
        g_autofree char *head = g_strdup_printf("-%s %s", o->name, forms[n]);
        if (forms[n + 1]) {
            printf("%s\n", head);
        } else {
            print_help_text(head, o->help);
        }
    }
}

void help_print(const Settings *s)
{
    version_print();
    g_autofree char *program = g_path_get_basename(s->program);
    printf("usage: %s [options] [disk_image]\n\n'disk_image' is a raw hard disk image for IDE hard disk 0\n", program);
    bool x86 = g_str_equal(s->arch->name, "x86_64") || g_str_equal(s->arch->name, "i386");
    for (const OptionInfo *o = option_table; o->name || o->group; o++) {
        if (o->group) {
            printf("\n%s:\n", o->group);
        } else if (x86 || !o->x86_only) {
            print_option(o);
        }
    }
    printf("\nDuring emulation, the following keys are useful:\n"
           "ctrl-alt-f      toggle full screen\n"
           "ctrl-alt-n      switch to virtual console 'n'\n"
           "ctrl-alt-g      toggle mouse and keyboard grab\n\n"
           "When using -nographic, press 'ctrl-a h' to get some help.\n");
}
