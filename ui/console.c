/*
 * The list of consoles, their surfaces and listeners.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ui/console.h"

#include "qom/object.h"
#include "util/error.h"

struct Console {
    const ConsoleType *type;
    void *opaque;
    Object *device;
    unsigned head;
    pixman_image_t *surface;
    GPtrArray *listeners;       /* of ConsoleListener* */
};

enum { FIRST_WIDTH = 640, FIRST_HEIGHT = 480 };
static GPtrArray *consoles;     /* of Console* */

Console *console_new(const ConsoleType *type, void *opaque, Object *device, unsigned head)
{
    Console *c = g_new0(Console, 1);
    *c = (Console){ .type = type, .opaque = opaque, .device = device, .head = head, .listeners = g_ptr_array_new() };
    if (!consoles) {
        consoles = g_ptr_array_new();
    }
    g_ptr_array_add(consoles, c);
    return c;
}

void console_free(Console *console)
{
    if (!console) {
        return;
    }
    g_ptr_array_remove(consoles, console);
    if (console->surface) {
        pixman_image_unref(console->surface);
    }
    g_ptr_array_unref(console->listeners);
    g_free(console);
}

void console_set_surface(Console *console, pixman_image_t *image)
{
    if (console->surface) {
        pixman_image_unref(console->surface);
    }
    console->surface = image;
    for (unsigned n = 0; n < console->listeners->len; n++) {
        ConsoleListener *l = console->listeners->pdata[n];
        if (l->resized) {
            l->resized(l, console);
        }
    }
}

/* Memory for a surface is only taken when somebody looks. */
pixman_image_t *console_surface(const Console *console)
{
    if (!console->surface) {
        ((Console *)console)->surface = pixman_image_create_bits(PIXMAN_x8r8g8b8, FIRST_WIDTH, FIRST_HEIGHT, NULL, 0);
    }
    return console->surface;
}

void console_damage(Console *console, int x, int y, int width, int height)
{
    for (unsigned n = 0; n < console->listeners->len; n++) {
        ConsoleListener *l = console->listeners->pdata[n];
        if (l->damaged) {
            l->damaged(l, console, x, y, width, height);
        }
    }
}

Console *console_by_index(unsigned index) { return consoles && index < consoles->len ? consoles->pdata[index] : NULL; }

Console *console_find(const char *device, unsigned head, GError **err)
{
    if (!device) {
        Console *first = console_by_index(0);
        if (!first) {
            error_set(err, "There is no console to take a screendump from");
        }
        return first;
    }
    Object *object = object_resolve(device, NULL);
    if (!object) {
        error_set_class(err, ERROR_DEVICE_NOT_FOUND, "Device '%s' not found", device);
        return NULL;
    }
    for (unsigned n = 0; consoles && n < consoles->len; n++) {
        Console *c = consoles->pdata[n];
        if (c->device == object && c->head == head) {
            return c;
        }
    }
    error_set(err, "Device %s (head %u) is not bound to a QemuConsole", device, head);
    return NULL;
}

void console_refresh(Console *console, bool whole)
{
    if (console->type->update) {
        console->type->update(console->opaque, whole);
    }
}

void console_add_listener(Console *console, ConsoleListener *listener) { g_ptr_array_add(console->listeners, listener); }
void console_remove_listener(Console *console, ConsoleListener *listener) { g_ptr_array_remove(console->listeners, listener); }
bool console_watched(const Console *console) { return console->listeners->len > 0; }
