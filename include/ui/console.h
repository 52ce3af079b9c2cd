/*
 * Consoles: what a graphics device shows and who looks at it. A surface is a pixman image in x8r8g8b8.
 *
 * All of it: main thread or machine lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UI_CONSOLE_H
#define UI_CONSOLE_H

#include <glib.h>
#include <pixman.h>
#include <stdbool.h>

struct Object;
typedef struct Console Console;
typedef struct ConsoleListener ConsoleListener;

/* The device's side. */
typedef struct ConsoleType {
    void (*update)(void *opaque, bool whole);   /* brings the surface up to date (whole: every pixel) and reports what changed */
} ConsoleType;

/* Who looks: a display front end. Callbacks may be NULL. */
struct ConsoleListener {
    void (*damaged)(ConsoleListener *l, Console *console, int x, int y, int width, int height);
    void (*resized)(ConsoleListener *l, Console *console);      /* another surface */
};

/* A new console of a device (head 0, 1, ...); index: in order of creation. */
Console *console_new(const ConsoleType *type, void *opaque, struct Object *device, unsigned head);
void console_free(Console *console);            /* NULL is fine */
/* Takes the image over; everybody is told. */
void console_set_surface(Console *console, pixman_image_t *image);
pixman_image_t *console_surface(const Console *console);    /* never NULL; owned by the console */
void console_damage(Console *console, int x, int y, int width, int height);

Console *console_by_index(unsigned index);      /* NULL: none */
/* The console of a device (id or path) and head, with the reference's errors. */
Console *console_find(const char *device, unsigned head, GError **err);
void console_refresh(Console *console, bool whole);
void console_add_listener(Console *console, ConsoleListener *listener);
void console_remove_listener(Console *console, ConsoleListener *listener);
bool console_watched(const Console *console);   /* has listeners: dirty tracking pays */

/* A picture of the console as it is now in a file: format "ppm" or "png" (NULL: ppm). */
bool console_screendump(Console *console, const char *path, const char *format, GError **err);

#endif
