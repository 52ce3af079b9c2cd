/*
 * -drive: which interface, bus and unit, and what the image is opened with.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/drive.h"

#include "block/internal.h"
#include "hw/core/machine.h"
#include "util/bits.h"
#include "util/error.h"

#include <stdio.h>
#include <string.h>

const char *const block_interface_names[IF_COUNT] = { "none", "ide", "scsi", "floppy", "pflash", "mtd", "sd", "virtio", "xen" };

static GPtrArray *drives;

/* ---- finding ---- */
DriveInfo *drive_next(DriveInfo *drive)
{
    unsigned index = 0;
    if (drive && g_ptr_array_find(drives, drive, &index)) {
        index++;
    }
    return drives && index < drives->len ? g_ptr_array_index(drives, index) : NULL;
}

DriveInfo *drive_get(BlockInterface interface, int bus, int unit)
{
    for (DriveInfo *d = NULL; (d = drive_next(d));) {
        if (d->interface == interface && d->bus == bus && d->unit == unit) {
            return d;
        }
    }
    return NULL;
}

/* Units of a bus; 0: the interface has no buses, index and unit are one. */
static int units_per_bus(BlockInterface interface)
{
    const Machine *m = machine_current();
    const MachineType *type = m ? machine_type(m) : NULL;
    if (type && type->default_disk_interface == (int)interface && type->units_per_bus) {
        return type->units_per_bus;
    }
    return interface == IF_IDE ? 2 : interface == IF_SCSI ? 7 : 0;
}

DriveInfo *drive_get_by_index(BlockInterface interface, int index)
{
    int units = units_per_bus(interface);
    return units ? drive_get(interface, index / units, index % units) : drive_get(interface, 0, index);
}

DriveInfo *drive_get_by_blk(const BlockBackend *blk)
{
    for (DriveInfo *d = NULL; (d = drive_next(d));) {
        if (d->blk == blk) {
            return d;
        }
    }
    return NULL;
}

int drive_get_max_bus(BlockInterface interface)
{
    int most = -1;
    for (DriveInfo *d = NULL; (d = drive_next(d));) {
        most = d->interface == interface ? MAX(most, d->bus) : most;
    }
    return most;
}

/* ---- where it goes ---- */
static bool get_int(KeyVals *kv, const char *key, int *value, GError **err)
{
    uint64_t number;
    const char *text = keyvals_get(kv, key);
    if (!text) {
        return true;
    }
    if (!parse_uint64(text, &number)) {
        return error_set(err, "Parameter '%s' expects a number", key);
    }
    *value = (int)number;
    return true;
}

static bool choose_place(KeyVals *kv, DriveInfo *d, GError **err)
{
    int index = -1, bus = 0, unit = -1, units = units_per_bus(d->interface);
    if (!get_int(kv, "index", &index, err) || !get_int(kv, "bus", &bus, err) || !get_int(kv, "unit", &unit, err)) {
        return false;
    }
    if (index != -1) {
        if (bus != 0 || unit != -1) {
            return error_set(err, "index cannot be used with bus and unit");
        }
        bus = units ? index / units : 0;
        unit = units ? index % units : index;
    }
    if (unit == -1) {
        for (unit = 0; drive_get(d->interface, bus, unit); unit++) {
            if (units && unit + 1 >= units) {
                unit = -1;
                bus++;
            }
        }
    }
    if (units && unit >= units) {
        return error_set(err, "unit %d too big (max is %d)", unit, units - 1);
    }
    if (drive_get(d->interface, bus, unit)) {
        return error_set(err, "drive with bus=%d, unit=%d (index=%d) exists", bus, unit, index);
    }
    d->bus = bus;
    d->unit = unit;
    return true;
}

static bool choose_interface(KeyVals *kv, int default_interface, DriveInfo *d, GError **err)
{
    const char *name = keyvals_get(kv, "if"), *media = keyvals_get(kv, "media");
    d->interface = default_interface < 0 ? IF_NONE : (BlockInterface)default_interface;
    if (name) {
        int n = 0;
        while (n < IF_COUNT && !g_str_equal(block_interface_names[n], name)) {
            n++;
        }
        if (n == IF_COUNT) {
            return error_set(err, "unsupported bus type '%s'", name);
        }
        d->interface = n;
    }
    if (media && !g_str_equal(media, "disk") && !g_str_equal(media, "cdrom")) {
        return error_set(err, "'%s' invalid media", media);
    }
    d->media_cdrom = media && g_str_equal(media, "cdrom");
    return true;
}

/* ide0-hd1, scsi0-cd3, virtio2. */
static char *default_id(const DriveInfo *d)
{
    const char *media = d->interface != IF_IDE && d->interface != IF_SCSI ? "" : d->media_cdrom ? "-cd" : "-hd";
    const char *name = block_interface_names[d->interface];
    return units_per_bus(d->interface) ? g_strdup_printf("%s%d%s%d", name, d->bus, media, d->unit) : g_strdup_printf("%s%s%d", name, media, d->unit);
}

/* ---- how it is opened ---- */
typedef struct DriveOptions {
    BlockNodeOptions node;
    bool write_cache, snapshot;
    BlockOnError on_read_error, on_write_error;
    char *format, *file;
} DriveOptions;

static const struct { const char *mode; bool write_cache, direct, no_flush; } cache_modes[] = {
    { "writeback", true, false, false }, { "writethrough", false, false, false }, { "none", true, true, false }, { "off", true, true, false },
    { "directsync", false, true, false }, { "unsafe", true, false, true },
};

static bool get_bool(KeyVals *kv, const char *key, bool *value, GError **err)
{
    const char *text = keyvals_get(kv, key);
    return !text || parse_bool(text, value) || error_set(err, "Parameter '%s' expects 'on' or 'off'", key);
}

static bool parse_cache(KeyVals *kv, DriveOptions *o, GError **err)
{
    const char *mode = keyvals_get(kv, "cache");
    if (mode) {
        size_t n = 0;
        while (n < ARRAY_SIZE(cache_modes) && !g_str_equal(cache_modes[n].mode, mode)) {
            n++;
        }
        if (n == ARRAY_SIZE(cache_modes)) {
            return error_set(err, "invalid cache option");
        }
        o->write_cache = cache_modes[n].write_cache;
        o->node.cache_direct = cache_modes[n].direct;
        o->node.cache_no_flush = cache_modes[n].no_flush;
    }
    return get_bool(kv, "cache.writeback", &o->write_cache, err) && get_bool(kv, "cache.direct", &o->node.cache_direct, err) &&
           get_bool(kv, "cache.no-flush", &o->node.cache_no_flush, err);
}

static bool parse_on_error(const char *text, bool is_read, BlockOnError *value, GError **err)
{
    static const char *const names[] = { "report", "ignore", "enospc", "stop" };
    for (unsigned n = 0; n < ARRAY_SIZE(names); n++) {
        if (g_str_equal(text, names[n]) && !(is_read && n == BLOCK_ON_ERROR_ENOSPC)) {
            *value = n;
            return true;
        }
    }
    return error_set(err, "'%s' invalid %s error action", text, is_read ? "read" : "write");
}

static bool parse_error_policy(KeyVals *kv, const DriveInfo *d, DriveOptions *o, GError **err)
{
    const char *werror = keyvals_get(kv, "werror"), *rerror = keyvals_get(kv, "rerror");
    bool has_policy = d->interface == IF_IDE || d->interface == IF_SCSI || d->interface == IF_VIRTIO || d->interface == IF_NONE;
    o->on_read_error = BLOCK_ON_ERROR_REPORT;
    o->on_write_error = BLOCK_ON_ERROR_ENOSPC;
    if (werror && !has_policy) {
        return error_set(err, "werror is not supported by this bus type");
    }
    if (rerror && !has_policy) {
        return error_set(err, "rerror is not supported by this bus type");
    }
    return (!werror || parse_on_error(werror, false, &o->on_write_error, err)) && (!rerror || parse_on_error(rerror, true, &o->on_read_error, err));
}

/* Limits of I/O: known, checked for form, not there. */
static bool check_throttling(KeyVals *kv, GError **err)
{
    static const char *const names[] = { "bps", "bps_rd", "bps_wr", "iops", "iops_rd", "iops_wr", "bps_max", "bps_rd_max", "bps_wr_max", "iops_max",
                                         "iops_rd_max", "iops_wr_max", "iops_size", "bps_max_length", "iops_max_length" };
    for (unsigned n = 0; n < kv->items->len; n++) {
        KeyVal *item = g_ptr_array_index(kv->items, n);
        bool modern = g_str_has_prefix(item->key, "throttling."), known = modern;
        for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
            known |= g_str_equal(item->key, names[i]);
        }
        if (!known) {
            continue;
        }
        uint64_t value = 0;
        item->used = true;
        if (g_str_equal(item->key, "throttling.group")) {
            continue;
        }
        if (!item->value || !parse_uint64(item->value, &value)) {
            return error_set(err, "Parameter '%s' expects a number", item->key);
        }
        if (value > UINT64_C(1000000000000000)) {
            return error_set(err, "bps/iops/max values must be within [0, 1000000000000000]");
        }
        if (value) {
            return error_set(err, "I/O throttling (%s) is not implemented", item->key);
        }
    }
    keyvals_get(kv, "group");
    return true;
}

static bool parse_read_only(KeyVals *kv, bool *read_only, GError **err)
{
    if (keyvals_has(kv, "readonly") && keyvals_has(kv, "read-only")) {
        return error_set(err, "'read-only' and its alias 'readonly' can't be used at the same time");
    }
    const char *text = keyvals_has(kv, "readonly") ? keyvals_get(kv, "readonly") : keyvals_get(kv, "read-only");
    return !text || parse_bool(text, read_only) || error_set(err, "Parameter 'read-only' expects 'on' or 'off'");
}

static bool parse_detect_zeroes(KeyVals *kv, DriveOptions *o, GError **err)
{
    static const char *const names[] = { "off", "on", "unmap" };
    const char *text = keyvals_get(kv, "detect-zeroes"), *discard = keyvals_get(kv, "discard");
    if (discard) {
        bool on = g_str_equal(discard, "unmap") || g_str_equal(discard, "on");
        if (!on && !g_str_equal(discard, "ignore") && !g_str_equal(discard, "off")) {
            return error_set(err, "Invalid discard option");
        }
        o->node.discard = on;
    }
    for (unsigned n = 0; text && n < ARRAY_SIZE(names); n++) {
        if (g_str_equal(text, names[n])) {
            o->node.detect_zeroes = n;
            return true;
        }
    }
    return !text || error_set(err, "invalid parameter value: %s", text);
}

static bool parse_aio(KeyVals *kv, GError **err)
{
    const char *aio = keyvals_get(kv, "aio");
    if (aio && !g_str_equal(aio, "threads") && !g_str_equal(aio, "native") && !g_str_equal(aio, "io_uring")) {
        return error_set(err, "invalid aio option");
    }
    if (aio) {
        g_autofree char *value = keyvals_take(kv, "aio");
        keyvals_set(kv, "file.aio", value);
    }
    return true;
}

static bool parse_options(KeyVals *kv, DriveInfo *d, DriveOptions *o, GError **err)
{
    bool copy_on_read = false;
    if (!parse_read_only(kv, &o->node.read_only, err) || !get_bool(kv, "copy-on-read", &copy_on_read, err) ||
        !get_bool(kv, "snapshot", &o->snapshot, err) || !get_bool(kv, "auto-read-only", &o->node.auto_read_only, err) ||
        !get_bool(kv, "force-share", &o->node.force_share, err) || !parse_cache(kv, o, err) || !parse_detect_zeroes(kv, o, err) || !parse_aio(kv, err) ||
        !check_throttling(kv, err) || !parse_error_policy(kv, d, o, err)) {
        return false;
    }
    bool account;
    if (!get_bool(kv, "stats-account-invalid", &account, err) || !get_bool(kv, "stats-account-failed", &account, err)) {
        return false;
    }
    o->node.read_only |= d->media_cdrom;
    if (copy_on_read && o->node.read_only) {
        warn_report("disabling copy-on-read on read-only drive");
    } else if (copy_on_read) {
        return error_set(err, "copy-on-read is not implemented");
    }
    const char *format = keyvals_get(kv, "format");
    if (format && keyvals_has(kv, "driver")) {
        return error_set(err, "Cannot specify both 'driver' and 'format'");
    }
    o->format = g_strdup(format);
    o->file = g_strdup(keyvals_get(kv, "file"));
    return true;
}

/* ---- -drive format=help ---- */
static void add_format(const BlockDriver *driver, void *opaque)
{
    if (driver->state_size) {
        g_string_append_printf(opaque, " %s", driver->name);
    }
}

static bool formats_help(GError **err)
{
    g_autoptr(GString) list = g_string_new("Supported formats:");
    block_driver_foreach(add_format, list);
    return error_set(err, "%s", list->str);
}

/* ---- making ---- */
static BlockNode *open_image(KeyVals *kv, DriveOptions *o, GError **err)
{
    BlockNodeOptions options = o->node;
    options.read_only |= o->snapshot;
    options.auto_read_only = !o->snapshot && !keyvals_has(kv, "auto-read-only") ? true : options.auto_read_only;
    if (o->snapshot) {
        options.detect_zeroes = DETECT_ZEROES_OFF;
    }
    const char *file = o->file && *o->file ? o->file : NULL;
    if (file && block_node_find(file) && !g_file_test(file, G_FILE_TEST_EXISTS)) {
        return block_node_ref(block_node_find(file));
    }
    BlockNode *node = block_open(file, o->format, kv, &options, err);
    if (node && o->snapshot) {
        node = block_overlay_new(node, err);
        if (node) {
            node->options.read_only = o->node.read_only;
            node->options.detect_zeroes = o->node.detect_zeroes;
        }
    }
    return node;
}

/* The keys that are the image's, not the drive's. */
static KeyVals *image_keys(const KeyVals *kv)
{
    KeyVals *image = keyvals_new();
    for (unsigned n = 0; n < kv->items->len; n++) {
        const KeyVal *item = g_ptr_array_index(kv->items, n);
        if (!item->used) {
            keyvals_set(image, item->key, item->value);
        }
    }
    return image;
}

static bool make_backend(KeyVals *kv, DriveInfo *d, DriveOptions *o, GError **err)
{
    g_autoptr(KeyVals) image = image_keys(kv);
    BlockNode *node = NULL;
    bool empty = !(o->file && *o->file) && !image->items->len && !o->format;
    /* aio= alone says nothing of an image. */
    empty |= !(o->file && *o->file) && !o->format && image->items->len == 1 && keyvals_has(image, "file.aio");
    if (block_node_find(d->id)) {
        return error_set(err, "Device name '%s' conflicts with an existing node name", d->id);
    }
    if (!empty && !(node = open_image(image, o, err))) {
        return false;
    }
    d->blk = blk_new(d->id, err);
    if (!d->blk) {
        block_node_unref(node);
        return false;
    }
    d->blk->root_options = o->node;
    d->blk->monitor_owned = true;
    blk_set_write_cache(d->blk, o->write_cache);
    blk_set_on_error(d->blk, o->on_read_error, o->on_write_error);
    if (node) {
        bool ok = blk_insert(d->blk, node, err);
        block_node_unref(node);
        if (!ok) {
            blk_unref(d->blk);
            return false;
        }
    }
    return true;
}

static void drive_free(DriveInfo *d)
{
    g_free(d->serial);
    g_free(d->devaddr);
    g_free(d->id);
    g_free(d->text);
    g_free(d);
}

static bool take_id(KeyVals *kv, DriveInfo *d, GError **err)
{
    const char *id = keyvals_get(kv, "id");
    if (id && !object_id_check(id, err)) {
        return false;
    }
    for (DriveInfo *other = NULL; id && (other = drive_next(other));) {
        if (g_str_equal(other->id, id)) {
            return error_set(err, "Duplicate ID '%s' for drive", id);
        }
    }
    d->id = g_strdup(id);
    return true;
}

static bool build(KeyVals *kv, int default_interface, DriveInfo *d, DriveOptions *o, GError **err)
{
    const char *format = keyvals_get(kv, "format");
    if (format && (g_str_equal(format, "help") || g_str_equal(format, "?"))) {
        return formats_help(err);
    }
    if (!take_id(kv, d, err) || !choose_interface(kv, default_interface, d, err) || !choose_place(kv, d, err) || !parse_options(kv, d, o, err)) {
        return false;
    }
    if (!d->id) {
        d->id = default_id(d);
    }
    return make_backend(kv, d, o, err);
}

DriveInfo *drive_add(const char *options_text, int default_interface, GError **err)
{
    g_autoptr(KeyVals) kv = keyvals_parse(options_text, NULL, NULL, err);
    if (!kv) {
        return NULL;
    }
    DriveInfo *d = g_new0(DriveInfo, 1);
    DriveOptions o = { .write_cache = true };
    bool ok = build(kv, default_interface, d, &o, err);
    g_free(o.format);
    g_free(o.file);
    if (!ok) {
        drive_free(d);
        return NULL;
    }
    d->text = g_strdup_printf("-drive %s", options_text);
    if (!drives) {
        drives = g_ptr_array_new();
    }
    g_ptr_array_add(drives, d);
    return d;
}

bool drive_create_virtio(GError **err)
{
    for (DriveInfo *d = NULL; (d = drive_next(d));) {
        if (d->interface != IF_VIRTIO || d->claimed) {
            continue;
        }
        g_autofree char *text = g_strdup_printf("virtio-blk-pci,drive=%s", d->id);
        if (!device_add_from_text(text, err)) {
            g_prefix_error(err, "%s: ", d->text);
            return false;
        }
        d->claimed = true;
    }
    return true;
}

bool drive_check_orphans(GError **err)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    for (DriveInfo *d = NULL; (d = drive_next(d));) {
        if (d->interface != IF_NONE && !d->claimed && !blk_device(d->blk) && (blk_node(d->blk) || (!d->media_cdrom && d->interface != IF_FLOPPY))) {
            g_string_append_printf(lines, "%s%s: machine type does not support if=%s,bus=%d,unit=%d", lines->len ? "\n" : "", d->text,
                                   block_interface_names[d->interface], d->bus, d->unit);
        }
    }
    return !lines->len || error_set(err, "%s", lines->str);
}

bool drive_del(const char *id, GError **err)
{
    BlockBackend *blk = blk_find(id);
    if (!blk) {
        return error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", id);
    }
    DriveInfo *d = drive_get_by_blk(blk);
    if (!d) {
        return error_set(err, "Deleting device added with blockdev-add is not supported");
    }
    blk_remove(blk);
    /* A device that still has it sees an empty drive whose requests fail; it is gone with the device. */
    if (!blk_device(blk)) {
        g_ptr_array_remove(drives, d);
        drive_free(d);
        blk_unref(blk);
    } else {
        blk_set_on_error(blk, BLOCK_ON_ERROR_REPORT, BLOCK_ON_ERROR_REPORT);
        g_clear_pointer(&blk->name, g_free);
    }
    return true;
}
