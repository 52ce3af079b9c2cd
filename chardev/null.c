/*
 * The back end that nobody listens to, and the names of those that are not built in.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/internal.h"

#include "util/error.h"

static bool null_open(Chardev *chr, KeyVals *kv, GError **err) { return true; }

static size_t null_write(Chardev *chr, const uint8_t *buf, size_t len) { return len; }

static const ChardevType chardev_null = {
    .name = "chardev-null", .parent = "chardev", .size = sizeof(Chardev), .backend = "null", .open = null_open, .write = null_write,
};
REGISTER_TYPE(chardev_null)

static bool absent_open(Chardev *chr, KeyVals *kv, GError **err)
{
    return error_set(err, "chardev: %s: not implemented", chardev_type(chr)->backend);
}

#define ABSENT(variable, qom, ...) \
    static const ChardevType variable = { .name = qom, .parent = "chardev", .size = sizeof(Chardev), .absent = true, .open = absent_open, .write = null_write, __VA_ARGS__ }; \
    REGISTER_TYPE(variable)
ABSENT(chardev_braille, "chardev-braille", .backend = "braille")
ABSENT(chardev_hub, "chardev-hub", .backend = "hub")
ABSENT(chardev_msmouse, "chardev-msmouse", .backend = "msmouse")
ABSENT(chardev_parallel, "chardev-parallel", .backend = "parallel", .alias = "parport")
ABSENT(chardev_spiceport, "chardev-spiceport", .backend = "spiceport")
ABSENT(chardev_spicevmc, "chardev-spicevmc", .backend = "spicevmc")
ABSENT(chardev_dbus, "chardev-dbus", .backend = "dbus")
ABSENT(chardev_testdev, "chardev-testdev", .backend = "testdev")
ABSENT(chardev_vdagent, "chardev-qemu-vdagent", .backend = "qemu-vdagent")
ABSENT(chardev_wctablet, "chardev-wctablet", .backend = "wctablet")
