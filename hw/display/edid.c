/*
 * The description of a monitor that does not exist (VESA Enhanced Extended Display Identification Data 1.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "util/bits.h"

#include <stdio.h>
#include <string.h>

enum { EDID_SIZE = 128, MM_PER_INCH_TIMES_10 = 254, DOTS_PER_INCH = 100 };

/* Three letters of five bits, big-endian. */
static uint16_t vendor_id(const char *v) { return (uint16_t)((v[0] - '@') << 10 | (v[1] - '@') << 5 | (v[2] - '@')); }

static uint32_t millimetres(uint32_t pixels) { return pixels * MM_PER_INCH_TIMES_10 / 10 / DOTS_PER_INCH; }

/* Detailed timing descriptor (3.10.2) with blanking as the VESA CVT standard's reduced form has it, roughly. */
static void set_timing(uint8_t *d, const EdidInfo *e)
{
    uint32_t x_blank = e->width * 35 / 100, y_blank = e->height * 35 / 1000 + 1, x_front = e->width * 25 / 100, y_front = MAX(e->height * 5 / 1000, 1);
    uint32_t x_sync = e->width * 3 / 100, y_sync = MAX(e->height * 5 / 1000, 1), mm_x = millimetres(e->width), mm_y = millimetres(e->height);
    uint64_t clock = (uint64_t)e->refresh_mhz * (e->width + x_blank) * (e->height + y_blank) / 10000000;
    store_le16(d, (uint16_t)MIN(clock, 65535));
    d[2] = (uint8_t)e->width;
    d[3] = (uint8_t)x_blank;
    d[4] = (uint8_t)(e->width >> 4 & 0xf0) | (x_blank >> 8 & 0x0f);
    d[5] = (uint8_t)e->height;
    d[6] = (uint8_t)y_blank;
    d[7] = (uint8_t)(e->height >> 4 & 0xf0) | (y_blank >> 8 & 0x0f);
    d[8] = (uint8_t)x_front;
    d[9] = (uint8_t)x_sync;
    d[10] = (uint8_t)((y_front & 15) << 4 | (y_sync & 15));
    d[11] = (uint8_t)((x_front >> 8 & 3) << 6 | (x_sync >> 8 & 3) << 4 | (y_front >> 4 & 3) << 2 | (y_sync >> 4 & 3));
    d[12] = (uint8_t)mm_x;
    d[13] = (uint8_t)mm_y;
    d[14] = (uint8_t)(mm_x >> 4 & 0xf0) | (mm_y >> 8 & 0x0f);
    d[17] = 0x18;
}

static void set_text(uint8_t *d, uint8_t tag, const char *text)
{
    size_t length = MIN(strlen(text), 13);
    memset(d, 0, 5);
    d[3] = tag;
    memset(d + 5, ' ', 13);
    memcpy(d + 5, text, length);
    if (length < 13) {
        d[5 + length] = '\n';
    }
}

/* Standard timings (3.9): width, aspect ratio, refresh. */
static const struct { uint16_t width; uint8_t aspect; } standard[] = {
    { 2048, 1 }, { 1920, 3 }, { 1920, 0 }, { 1680, 0 }, { 1600, 1 }, { 1280, 2 }, { 1280, 0 }, { 1024, 1 },
};

void edid_make(uint8_t edid[EDID_SIZE], const EdidInfo *e)
{
    memset(edid, 0, EDID_SIZE);
    memset(edid + 1, 0xff, 6);
    store_be16(edid + 8, vendor_id(e->vendor));
    store_le16(edid + 10, 0x1234);
    edid[16] = 42;                          /* week and year of making: 2014 */
    edid[17] = 2014 - 1990;
    edid[18] = 1;
    edid[19] = 4;
    edid[20] = 0xa5;                        /* digital, 8 bits a colour, DisplayPort */
    edid[21] = (uint8_t)(millimetres(e->width) / 10);
    edid[22] = (uint8_t)(millimetres(e->height) / 10);
    edid[23] = 220 - 100;                   /* gamma 2.2 */
    edid[24] = 0x06;                        /* sRGB, preferred timing is native */
    static const uint8_t srgb[] = { 0xee, 0x91, 0xa3, 0x54, 0x4c, 0x99, 0x26, 0x0f, 0x50, 0x54 };
    memcpy(edid + 25, srgb, sizeof(srgb));
    edid[35] = 0x21;                        /* 640x480 and 800x600 at 60 Hz */
    edid[36] = 0x08;                        /* 1024x768 at 60 Hz */
    for (unsigned n = 0; n < G_N_ELEMENTS(standard); n++) {
        edid[38 + 2 * n] = (uint8_t)(standard[n].width / 8 - 31);
        edid[39 + 2 * n] = (uint8_t)(standard[n].aspect << 6);
    }
    set_timing(edid + 54, e);
    static const uint8_t limits[18] = { 0, 0, 0, 0xfd, 0, 50, 125, 30, 160, 255, 0x01, '\n', ' ', ' ', ' ', ' ', ' ', ' ' };
    memcpy(edid + 72, limits, sizeof(limits));
    set_text(edid + 90, 0xfc, e->name);
    set_text(edid + 108, 0xfe, "");
    uint8_t sum = 0;
    for (unsigned n = 0; n < EDID_SIZE - 1; n++) {
        sum = (uint8_t)(sum + edid[n]);
    }
    edid[EDID_SIZE - 1] = (uint8_t)-sum;
}
