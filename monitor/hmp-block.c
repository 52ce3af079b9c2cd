/*
 * Disks in the human monitor.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/hmp-faces.h"

#include "block/drive.h"
#include "monitor/commands-block.h"
#include "util/error.h"

#include <inttypes.h>
#include <string.h>

/* ---- info block ---- */

static const char *text_in(GVariant *dict, const char *key)
{
    const char *text = NULL;
    g_variant_lookup(dict, key, "&s", &text);
    return text;
}

static bool bool_in(GVariant *dict, const char *key)
{
    gboolean value = FALSE;
    g_variant_lookup(dict, key, "b", &value);
    return value;
}

static int64_t int_in(GVariant *dict, const char *key)
{
    int64_t value = 0;
    g_variant_lookup(dict, key, "x", &value);
    return value;
}

static GVariant *dict_in(GVariant *dict, const char *key) { return g_variant_lookup_value(dict, key, G_VARIANT_TYPE_VARDICT); }

/* "1 MiB", "1.95 GiB": three digits, as people read sizes. */
static char *size_text(int64_t bytes)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB" };
    double value = (double)MAX(bytes, 0);
    unsigned unit = 0;
    for (; value >= 1000 && unit + 1 < G_N_ELEMENTS(units); unit++) {
        value /= 1024;
    }
    return g_strdup_printf("%0.3g %s", value, units[unit]);
}

static void print_image(Monitor *mon, GVariant *image, int depth)
{
    g_autofree char *virtual_size = size_text(int_in(image, "virtual-size"));
    g_autofree char *disk_size = size_text(int_in(image, "actual-size"));
    monitor_printf(mon, "image: %s\nfile format: %s\nvirtual size: %s (%" PRId64 " bytes)\ndisk size: %s\n", text_in(image, "filename"), text_in(image, "format"),
                   virtual_size, int_in(image, "virtual-size"), disk_size);
    if (int_in(image, "cluster-size")) {
        monitor_printf(mon, "cluster_size: %" PRId64 "\n", int_in(image, "cluster-size"));
    }
    g_autoptr(GVariant) backing = dict_in(image, "backing-image");
    if (backing && depth < 16) {
        monitor_printf(mon, "backing file: %s\nbacking file format: %s\n\n", text_in(image, "backing-filename"), text_in(image, "backing-filename-format"));
        print_image(mon, backing, depth + 1);
    }
}

static void print_inserted(Monitor *mon, const char *name, GVariant *inserted)
{
    const char *node = text_in(inserted, "node-name");
    if (*name) {
        monitor_printf(mon, "%s (%s): ", name, node);
    } else {
        monitor_printf(mon, "%s: ", node);
    }
    monitor_printf(mon, "%s (%s%s)\n", text_in(inserted, "file"), text_in(inserted, "drv"), bool_in(inserted, "ro") ? ", read-only" : "");
}

static void print_cache_and_backing(Monitor *mon, GVariant *inserted, bool verbose)
{
    g_autoptr(GVariant) cache = dict_in(inserted, "cache"), image = dict_in(inserted, "image");
    monitor_printf(mon, "    Cache mode:       %s%s%s\n", bool_in(cache, "writeback") ? "writeback" : "writethrough",
                   bool_in(cache, "direct") ? ", direct" : "", bool_in(cache, "no-flush") ? ", ignore flushes" : "");
    if (text_in(inserted, "backing_file")) {
        monitor_printf(mon, "    Backing file:     %s (chain depth: %" PRId64 ")\n", text_in(inserted, "backing_file"), int_in(inserted, "backing_file_depth"));
    }
    if (strcmp(text_in(inserted, "detect_zeroes"), "off")) {
        monitor_printf(mon, "    Detect zeroes:    %s\n", text_in(inserted, "detect_zeroes"));
    }
    if (verbose) {
        monitor_puts(mon, "\nImages:\n");
        print_image(mon, image, 0);
    }
}

static void print_disk(Monitor *mon, GVariant *disk, bool verbose)
{
    g_autoptr(GVariant) inserted = dict_in(disk, "inserted");
    const char *device = text_in(disk, "device"), *qdev = text_in(disk, "qdev");
    if (inserted) {
        print_inserted(mon, *device ? device : "", inserted);
    } else {
        monitor_printf(mon, "%s: [not inserted]\n", *device ? device : qdev ? qdev : "");
    }
    if (qdev) {
        monitor_printf(mon, "    Attached to:      %s\n", qdev);
    }
    if (bool_in(disk, "removable")) {
        monitor_printf(mon, "    Removable device: %slocked, tray %s\n", bool_in(disk, "locked") ? "" : "not ", bool_in(disk, "tray_open") ? "open" : "closed");
    }
    if (inserted) {
        print_cache_and_backing(mon, inserted, verbose);
    }
}

static void print_nodes(Monitor *mon, bool verbose)
{
    g_autoptr(GVariant) list = g_variant_ref_sink(query_named_block_nodes());
    for (size_t n = 0; n < g_variant_n_children(list); n++) {
        g_autoptr(GVariant) node = g_variant_get_child_value(list, n);
        if (n) {
            monitor_puts(mon, "\n");
        }
        print_inserted(mon, "", node);
        print_cache_and_backing(mon, node, verbose);
    }
}

void hmp_info_block(Monitor *mon, const HmpArgs *args)
{
    const char *wanted = hmp_text(args, "device");
    if (hmp_given(args, "nodes")) {
        print_nodes(mon, hmp_given(args, "verbose"));
        return;
    }
    bool first = true;
    g_autoptr(GVariant) list = g_variant_ref_sink(query_block());
    for (size_t n = 0; n < g_variant_n_children(list); n++) {
        g_autoptr(GVariant) disk = g_variant_get_child_value(list, n);
        if (!wanted || !strcmp(wanted, text_in(disk, "device"))) {
            if (!first) {
                monitor_puts(mon, "\n");
            }
            first = false;
            print_disk(mon, disk, hmp_given(args, "verbose"));
        }
    }
}

void hmp_info_blockstats(Monitor *mon, const HmpArgs *args)
{
    static const char *const keys[] = {
        "rd_bytes", "wr_bytes", "rd_operations", "wr_operations", "flush_operations", "wr_total_time_ns", "rd_total_time_ns", "flush_total_time_ns",
        "rd_merged", "wr_merged", "idle_time_ns",
    };
    g_autoptr(GVariant) list = g_variant_ref_sink(query_blockstats());
    for (size_t n = 0; n < g_variant_n_children(list); n++) {
        g_autoptr(GVariant) disk = g_variant_get_child_value(list, n), stats = dict_in(disk, "stats");
        if (!*text_in(disk, "device")) {
            continue;
        }
        monitor_printf(mon, "%s:", text_in(disk, "device"));
        for (unsigned k = 0; k < G_N_ELEMENTS(keys); k++) {
            monitor_printf(mon, " %s=%" PRId64, keys[k], int_in(stats, keys[k]));
        }
        monitor_puts(mon, "\n");
    }
}

void hmp_info_block_jobs(Monitor *mon, const HmpArgs *args) { monitor_puts(mon, "No active jobs\n"); }

/* ---- changing ---- */

void hmp_eject(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    BlockBackend *blk = command_find_disk(hmp_text(args, "device"), NULL, &error);
    if (blk) {
        blk_eject(blk, hmp_given(args, "force"), &error);
    }
    monitor_print_error(mon, &error);
}

void hmp_change(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    const char *mode = hmp_text(args, "mode");
    bool read_only = mode && !strcmp(mode, "read-only");
    BlockBackend *blk = command_find_disk(hmp_text(args, "device"), NULL, &error);
    if (mode && !read_only && strcmp(mode, "retain") && strcmp(mode, "read-write")) {
        monitor_printf(mon, "Error: Parameter 'read-only-mode' does not accept value '%s'\n", mode);
        g_clear_error(&error);
        return;
    }
    if (blk) {
        blk_change_medium(blk, hmp_text(args, "target"), hmp_text(args, "arg"), hmp_given(args, "force"),
                          mode && strcmp(mode, "retain") ? &read_only : NULL, &error);
    }
    monitor_print_error(mon, &error);
}

void hmp_block_resize(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    command_block_resize(hmp_text(args, "device"), NULL, hmp_number(args, "size", 0), &error);
    monitor_print_error(mon, &error);
}

void hmp_commit(Monitor *mon, const HmpArgs *args)
{
    g_autoptr(GError) error = NULL;
    if (!command_commit(hmp_text(args, "device"), &error)) {
        monitor_printf(mon, "%s\n", error->message);
    }
}

void hmp_drive_add(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    if (drive_add(hmp_text(args, "opts"), IF_NONE, &error)) {
        monitor_puts(mon, "OK\n");
    }
    monitor_print_error(mon, &error);
}

void hmp_drive_del(Monitor *mon, const HmpArgs *args)
{
    GError *error = NULL;
    drive_del(hmp_text(args, "id"), &error);
    monitor_print_error(mon, &error);
}
