/*
 * The lists that options print instead of starting a machine: -M help, -cpu help, -device help and so on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef SYSTEM_LISTS_H
#define SYSTEM_LISTS_H

#include "system/options.h"

/* True when an option asked for a list; it has been printed to stdout. */
bool lists_print(Settings *s);

#endif
