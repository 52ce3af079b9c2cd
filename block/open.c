/*
 * Opening images: from a file name and options to a graph of nodes; guessing the format.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "block/internal.h"

#include "util/bits.h"
#include "util/error.h"

#include <string.h>
#include <sys/stat.h>

static BlockNode *open_node(const char *filename, const char *format, KeyVals *options, const BlockNodeOptions *defaults, bool as_protocol, GError **err);

/* ---- protocols ---- */
/* "nbd" of "nbd:host:port"; NULL for a path. */
static char *protocol_of(const char *filename)
{
    const char *colon = strchr(filename, ':'), *slash = strchr(filename, '/');
    if (!colon || (slash && slash < colon) || colon == filename) {
        return NULL;
    }
    return g_strndup(filename, colon - filename);
}

static const BlockDriver *find_protocol(const char *name)
{
    static const char *const names[] = { "file", "host_device", "host_cdrom" };
    for (size_t n = 0; n < ARRAY_SIZE(names); n++) {
        if (g_str_equal(name, names[n])) {
            return block_driver_find(name);
        }
    }
    g_autofree char *base = g_strdup(name);
    base[strcspn(base, "+")] = 0;               /* "nbd+unix" */
    if (g_str_equal(base, "fat")) {
        return block_driver_find("vvfat");
    }
    const BlockDriver *driver = block_driver_find(base);
    return driver && driver->protocol && g_str_equal(driver->protocol, base) ? driver : NULL;
}

static const BlockDriver *protocol_for_file(const char *filename, bool *has_prefix, GError **err)
{
    g_autofree char *name = protocol_of(filename);
    struct stat st;
    *has_prefix = name != NULL;
    if (name) {
        const BlockDriver *driver = find_protocol(name);
        if (!driver) {
            error_set(err, "Unknown protocol '%s'", name);
        }
        return driver;
    }
    if (stat(filename, &st) == 0 && (S_ISBLK(st.st_mode) || S_ISCHR(st.st_mode))) {
        const BlockDriver *cdrom = block_driver_find("host_cdrom");
        bool is_cdrom = S_ISBLK(st.st_mode) && (g_str_has_prefix(filename, "/dev/cd") || g_str_has_prefix(filename, "/dev/sr"));
        return is_cdrom && cdrom ? cdrom : block_driver_find("host_device");
    }
    return block_driver_find("file");
}

/* ---- guessing ---- */
static void warn_guessed(const char *filename)
{
    report_plain("WARNING: Image format was not specified for '%s' and probing guessed raw.\n"
                 "         Automatically detecting the format is dangerous for raw images, write operations on block 0 will be restricted.\n"
                 "         Specify the 'raw' format explicitly to remove the restrictions.", filename);
}

static const BlockDriver *guess_format(BlockNode *file, GError **err)
{
    int64_t length = block_getlength(file);
    if (file->driver->is_host_device && file->driver->is_inserted) {
        return block_driver_find("raw");        /* a drive of the host, perhaps without a medium */
    }
    if (length < 0) {
        error_set_errno(err, (int)-length, "Could not determine image size");
        return NULL;
    }
    uint8_t buf[BLOCK_PROBE_BYTES] = { 0 };
    size_t have = MIN(length, (int64_t)sizeof(buf));
    int result = have ? block_pread(file, 0, have, buf, 0) : 0;
    if (result < 0) {
        error_set_errno(err, -result, "Could not read image for determining its format");
        return NULL;
    }
    return block_probe(buf, have, file->filename);
}

/* ---- nodes ---- */
/* What a child inherits: whether it is written, shared and cached; not what is between the guest and the format. */
static BlockNodeOptions child_defaults(const BlockNodeOptions *parent)
{
    BlockNodeOptions o = *parent;
    o.detect_zeroes = DETECT_ZEROES_OFF;
    o.discard = true;
    o.auto_read_only = true;
    return o;
}

BlockChild *block_open_child(BlockNode *parent, KeyVals *options, const char *name, GError **err)
{
    g_autofree char *prefix = g_strdup_printf("%s.", name);
    const char *reference = keyvals_get(options, name);
    g_autoptr(KeyVals) sub = options_take_prefix(options, prefix);
    if (reference) {
        BlockNode *node = block_node_find(reference);
        if (!node && blk_find(reference)) {
            node = blk_node(blk_find(reference));
        }
        if (!node) {
            error_set(err, "Cannot find device='%s' nor node-name='%s'", reference, reference);
            return NULL;
        }
        return block_attach_child(parent, block_node_ref(node), name, err);
    }
    if (!sub->items->len) {
        error_set(err, "A block device must be specified for \"%s\"", name);
        return NULL;
    }
    BlockNodeOptions defaults = child_defaults(&parent->options);
    g_autofree char *filename = keyvals_has(sub, "driver") ? NULL : keyvals_take(sub, "filename");
    BlockNode *node = open_node(filename, NULL, sub, &defaults, true, err);
    return node ? block_attach_child(parent, node, name, err) : NULL;
}

static const BlockDriver failed = { .name = "failed" };

/* Opens a node of that driver; file: the child that is open already, or NULL (reference taken over). */
static BlockNode *open_with_driver(const BlockDriver *driver, KeyVals *options, const BlockNodeOptions *defaults, BlockNode *file, const char *filename,
                                   GError **err)
{
    BlockNodeOptions o = *defaults;
    if (!node_options_parse(options, &o, err)) {
        block_node_unref(file);
        return NULL;
    }
    BlockNode *node = node_new(driver, keyvals_get(options, "node-name"), &o, err);
    if (!node) {
        block_node_unref(file);
        return NULL;
    }
    node->filename = g_strdup(filename ? filename : file ? file->filename : "");
    if (file && !block_attach_child(node, file, "file", err)) {
        block_node_unref(node);
        return NULL;
    }
    if (!driver->open) {
        error_set(err, "Driver '%s' cannot be opened", driver->name);
        block_node_unref(node);
        return NULL;
    }
    if (!driver->open(node, options, err)) {
        node->driver = &failed;         /* its open has cleaned up */
        block_node_unref(node);
        return NULL;
    }
    const char *unused = options_first_unused(options);
    if (unused) {
        if (driver->is_protocol) {
            error_set(err, "Block protocol '%s' doesn't support the option '%s'", driver->name, unused);
        } else {
            error_set(err, "Block format '%s' does not support the option '%s'", driver->name, unused);
        }
        block_node_unref(node);
        return NULL;
    }
    block_refresh_limits(node);
    int64_t length = block_getlength(node);
    if (length < 0 && length != -ENOMEDIUM) {
        error_set_errno(err, (int)-length, "Could not refresh total sector count");
        block_node_unref(node);
        return NULL;
    }
    return node;
}

static BlockNode *open_protocol(const BlockDriver *driver, const char *filename, bool has_prefix, KeyVals *options, const BlockNodeOptions *defaults, GError **err)
{
    if (filename) {
        if (driver->parse_filename) {
            if (!driver->parse_filename(has_prefix ? strchr(filename, ':') + 1 : filename, options, err)) {
                return NULL;
            }
        } else if (driver->open != NULL && !keyvals_has(options, "filename")) {
            keyvals_set(options, "filename", filename);
        }
    }
    g_autofree char *name = g_strdup(filename ? filename : keyvals_has(options, "filename") ? keyvals_get(options, "filename") : driver->name);
    GError *error = NULL;
    BlockNode *node = open_with_driver(driver, options, defaults, NULL, name, &error);
    if (!node) {
        g_propagate_error(err, error);
    }
    return node;
}

static const BlockDriver *driver_by_name(const char *name, GError **err)
{
    const BlockDriver *driver = block_driver_find(name);
    if (!driver) {
        error_set(err, "Unknown driver '%s'", name);
    }
    return driver;
}

/* A format node on its file. */
static BlockNode *open_format(const BlockDriver *driver, const char *filename, KeyVals *options, const BlockNodeOptions *defaults, GError **err)
{
    g_autoptr(KeyVals) sub = options_take_prefix(options, "file.");
    BlockNodeOptions own = *defaults, below;
    g_autoptr(KeyVals) peek = keyvals_copy(options);
    if (!node_options_parse(peek, &own, err)) {
        return NULL;
    }
    below = child_defaults(&own);
    BlockNode *file = NULL;
    if (filename || sub->items->len) {
        if (filename && keyvals_has(sub, "filename")) {
            error_set(err, "Can't specify 'file' and 'filename' options at the same time");
            return NULL;
        }
        file = open_node(filename, NULL, sub, &below, true, err);
        if (!file) {
            return NULL;
        }
    } else if (!driver || !keyvals_has(options, "file")) {
        /* A driver that needs no file says so by taking its own options. */
        if (!driver || driver->runtime_options == NULL) {
            error_set(err, "A block device must be specified for \"file\"");
            return NULL;
        }
    }
    bool guessed = !driver;
    if (guessed) {
        driver = guess_format(file, err);
        if (!driver) {
            block_node_unref(file);
            return NULL;
        }
    }
    bool regular = file && !file->driver->is_host_device;
    g_autofree char *name = g_strdup(filename ? filename : file ? file->filename : NULL);
    GError *error = NULL;
    BlockNode *node = open_with_driver(driver, options, defaults, file, name, &error);
    if (!node) {
        if (driver->open && driver->probe && !g_str_equal(driver->name, "raw") && name) {
            g_prefix_error(&error, "Could not open '%s': ", name);
        }
        g_propagate_error(err, error);
        return NULL;
    }
    node->probed = guessed && g_str_equal(driver->name, "raw") && !node->options.read_only;
    if (node->probed) {
        block_refresh_limits(node);
        if (regular || node->length > 0) {
            warn_guessed(name);
        }
    }
    return node;
}

static BlockNode *open_node(const char *filename, const char *format, KeyVals *options, const BlockNodeOptions *defaults, bool as_protocol, GError **err)
{
    if (filename && g_str_has_prefix(filename, "json:")) {
        if (!options_from_json(filename + strlen("json:"), options, err)) {
            g_prefix_error(err, "Could not parse the JSON options: ");
            return NULL;
        }
        filename = NULL;
    }
    g_autofree char *named = keyvals_take(options, "driver");
    const char *driver_name = named ? named : format;
    const BlockDriver *driver = driver_name ? driver_by_name(driver_name, err) : NULL;
    if (driver_name && !driver) {
        return NULL;
    }
    g_autofree char *from_options = NULL;
    if (!filename && driver && driver->is_protocol && keyvals_has(options, "filename")) {
        /* Taken as it is: no protocol prefix is looked for. */
        from_options = keyvals_take(options, "filename");
        keyvals_set(options, "filename", from_options);
        return open_protocol(driver, NULL, false, options, defaults, err);
    }
    if (driver && driver->is_protocol) {
        bool has_prefix = filename && driver->protocol && g_str_has_prefix(filename, driver->protocol) && filename[strlen(driver->protocol)] == ':';
        return open_protocol(driver, filename, has_prefix, options, defaults, err);
    }
    if (!driver && as_protocol) {
        if (!filename) {
            error_set(err, "Must specify either driver or file");
            return NULL;
        }
        bool has_prefix;
        driver = protocol_for_file(filename, &has_prefix, err);
        return driver ? open_protocol(driver, filename, has_prefix, options, defaults, err) : NULL;
    }
    if (!filename && !driver && !options_any_prefix(options, "file")) {
        error_set(err, "Must specify either driver or file");
        return NULL;
    }
    return open_format(driver, filename, options, defaults, err);
}

BlockNode *block_open(const char *filename, const char *format, KeyVals *options, const BlockNodeOptions *defaults, GError **err)
{
    static const BlockNodeOptions none;
    g_autoptr(KeyVals) own = options ? keyvals_copy(options) : keyvals_new();
    for (unsigned n = 0; n < own->items->len; n++) {
        ((KeyVal *)g_ptr_array_index(own->items, n))->used = false;
    }
    return open_node(filename, format, own, defaults ? defaults : &none, false, err);
}
