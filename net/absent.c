/*
 * Stand-ins for character devices, weak: each gives way to the real function when that lands.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "chardev/char.h"
#include "util/error.h"

#define WEAK __attribute__((weak))

WEAK Chardev *chardev_from_legacy(const char *label, const char *spec, bool with_mux_monitor, GError **err)
{
    error_set(err, "character devices are not implemented");
    return NULL;
}
WEAK bool char_frontend_connect(CharFrontend *fe, Chardev *chr, GError **err) { return true; }
WEAK void char_frontend_disconnect(CharFrontend *fe) { }
WEAK void char_set_handlers(CharFrontend *fe, const CharCallbacks *callbacks, void *opaque) { }
WEAK bool char_write_all(CharFrontend *fe, const void *buf, size_t len) { return true; }
WEAK void char_accept_input(CharFrontend *fe) { }
