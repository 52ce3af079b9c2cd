/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef MONITOR_QMP_BLOCK_H
#define MONITOR_QMP_BLOCK_H

#include <glib.h>
#include <stdbool.h>

#define QMP_BLOCK_COMMANDS(X) \
    X(query_block) X(query_named_block_nodes) X(query_blockstats) X(blockdev_add) X(blockdev_del) X(block_resize) X(eject) X(blockdev_change_medium) \
    X(blockdev_remove_medium) X(blockdev_insert_medium)
#define DECLARE_QMP(n) bool qmp_run_##n(GVariant *args, GVariant **result, GError **err);
QMP_BLOCK_COMMANDS(DECLARE_QMP)
#undef DECLARE_QMP

#endif
