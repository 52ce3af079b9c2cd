/*
 * Pictures of a console: PPM (netpbm, "ppm format specification") and PNG by libpng.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ui/console.h"

#include "ostrich-config.h"
#include "util/error.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#ifdef CONFIG_PNG
#include <png.h>
#endif

/* A line as bytes R, G, B. */
static void read_line(pixman_image_t *image, int y, uint8_t *rgb)
{
    const uint32_t *line = (const uint32_t *)((const uint8_t *)pixman_image_get_data(image) + (ptrdiff_t)y * pixman_image_get_stride(image));
    for (int x = 0; x < pixman_image_get_width(image); x++) {
        *rgb++ = (uint8_t)(line[x] >> 16);
        *rgb++ = (uint8_t)(line[x] >> 8);
        *rgb++ = (uint8_t)line[x];
    }
}

static bool write_ppm(pixman_image_t *image, FILE *file)
{
    int width = pixman_image_get_width(image), height = pixman_image_get_height(image);
    g_autofree uint8_t *line = g_malloc((size_t)width * 3);
    if (fprintf(file, "P6\n%d %d\n255\n", width, height) < 0) {
        return false;
    }
    for (int y = 0; y < height; y++) {
        read_line(image, y, line);
        if (fwrite(line, 3, (size_t)width, file) != (size_t)width) {
            return false;
        }
    }
    return true;
}

#ifdef CONFIG_PNG
static bool write_png(pixman_image_t *image, FILE *file)
{
    png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, NULL, NULL, NULL);
    png_infop info = png ? png_create_info_struct(png) : NULL;
    int width = pixman_image_get_width(image), height = pixman_image_get_height(image);
    uint8_t *line = g_malloc((size_t)width * 3);
    if (!info || setjmp(png_jmpbuf(png))) {
        png_destroy_write_struct(&png, &info);
        g_free(line);
        return false;
    }
    png_init_io(png, file);
    png_set_IHDR(png, info, (png_uint_32)width, (png_uint_32)height, 8, PNG_COLOR_TYPE_RGB, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                 PNG_FILTER_TYPE_DEFAULT);
    png_write_info(png, info);
    for (int y = 0; y < height; y++) {
        read_line(image, y, line);
        png_write_row(png, line);
    }
    png_write_end(png, NULL);
    png_destroy_write_struct(&png, &info);
    g_free(line);
    return true;
}
#endif

bool console_screendump(Console *console, const char *path, const char *format, GError **err)
{
    bool png = format && !strcmp(format, "png");
    if (format && !png && strcmp(format, "ppm")) {
        return error_set(err, "Parameter 'format' does not accept value '%s'", format);
    }
#ifndef CONFIG_PNG
    if (png) {
        return error_set(err, "Enable PNG support with libpng for screendump");
    }
#endif
    console_refresh(console, true);
    FILE *file = fopen(path, "wbe");
    if (!file) {
        return error_set_errno(err, errno, "failed to open file '%s'", path);
    }
#ifdef CONFIG_PNG
    bool ok = png ? write_png(console_surface(console), file) : write_ppm(console_surface(console), file);
#else
    bool ok = write_ppm(console_surface(console), file);
#endif
    if (fclose(file) != 0 || !ok) {
        remove(path);
        return error_set(err, "failed to write file '%s'", path);
    }
    return true;
}
