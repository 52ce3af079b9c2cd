/* What QMP and the command line have, for clients that ask. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MONITOR_QMP_SCHEMA_H
#define MONITOR_QMP_SCHEMA_H

#include <glib.h>

GVariant *query_qmp_schema(void);                                   /* floating */
GVariant *query_command_line_options(const char *option);           /* NULL: all; an empty list: there is none of that name */

#endif
