/*
 * The program's entry.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *name = argc > 0 ? argv[0] : "ostrich";
    fprintf(stderr, "%s: the command line is not implemented yet (docs/status.md says how far the work is)\n", name);
    return 1;
}
