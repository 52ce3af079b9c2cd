/*
 * The program's entry: the target by the program's name, then the command line.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "system/options.h"
#include "ostrich-config.h"
#include "system/startup.h"

#include <stdio.h>
#include <string.h>

/* qemu-system-ARCH is that target; kvm, qemu-kvm and others are the host's. */
static const TargetArch *target_by_program(const char *program)
{
    g_autofree char *name = g_path_get_basename(program);
    const char *prefix = "qemu-system-";
    const TargetArch *arch = NULL;
    if (g_str_has_prefix(name, prefix)) {
        g_autofree char *target = g_strdup(name + strlen(prefix));
        g_strdelimit(target, "-", '\0');    /* qemu-system-x86_64-microvm */
        arch = target_find(target);
    }
    return arch ? arch : target_find(OSTRICH_HOST_ARCH);
}

int main(int argc, char **argv)
{
    const char *program = argc > 0 ? argv[0] : "qemu-system-x86_64";
    const TargetArch *arch = target_by_program(program);
    if (!arch) {
        fprintf(stderr, "%s: no such target in this program\n", program);
        return 1;
    }
    target_set_current(arch);
    return system_run(program, arch, argc, argv);
}
