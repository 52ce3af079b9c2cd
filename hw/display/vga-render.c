/*
 * From the VGA's registers and memory to pixels: text, planar and packed modes, and the linear modes of the Bochs interface.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "util/bits.h"

#include <string.h>

enum {
    AR_MODE_LINE_GRAPHICS = 0x04, AR_MODE_BLINK = 0x08, AR_MODE_P54 = 0x80, SEQ_DOT8 = 0x01, SEQ_SCREEN_OFF = 0x20,
    GR_MODE_256 = 0x40, GR_MODE_SHIFT = 0x20, INDEX_VIDEO_ON = 0x20, FONT_OFFSET_STEP = 0x2000, CURSOR_OFF = 0x20, MAX_SIDE = 16384,
};

typedef struct Picture { VgaState *s; uint32_t *pixels; size_t stride; /* in pixels */ unsigned width, height; } Picture;

/* ---- colours ---- */

static uint32_t dac_color(const VgaState *s, unsigned index)
{
    const uint8_t *p = s->palette + (index & 0xff) * 3;
    if (vbe_enabled(s) && s->vbe[VBE_ENABLE] & VBE_8BIT_DAC) {
        return (uint32_t)p[0] << 16 | (uint32_t)p[1] << 8 | p[2];
    }
    /* Six bits a colour: the two highest again below. */
    return (uint32_t)((p[0] & 63) << 2 | (p[0] & 63) >> 4) << 16 | (uint32_t)((p[1] & 63) << 2 | (p[1] & 63) >> 4) << 8 | (uint32_t)((p[2] & 63) << 2 | (p[2] & 63) >> 4);
}

/* The sixteen colours behind the attribute controller. */
static void palette16(const VgaState *s, uint32_t out[16])
{
    for (unsigned n = 0; n < 16; n++) {
        unsigned v = s->ar[n];
        v = s->ar[AR_MODE] & AR_MODE_P54 ? (s->ar[AR_COLOR_SELECT] & 15u) << 4 | (v & 15) : (s->ar[AR_COLOR_SELECT] & 12u) << 4 | (v & 63);
        out[n] = dac_color(s, v);
    }
}

/* ---- geometry ---- */

static uint32_t start_address(const VgaState *s) { return (uint32_t)s->cr[CR_START_HIGH] << 8 | s->cr[CR_START_LOW]; }

static uint32_t line_compare(const VgaState *s)
{
    return s->cr[CR_LINE_COMPARE] | (uint32_t)(s->cr[CR_OVERFLOW] & 0x10) << 4 | (uint32_t)(s->cr[CR_MAX_SCAN_LINE] & 0x40) << 3;
}

static uint32_t visible_lines(const VgaState *s)
{
    return (s->cr[CR_VERTICAL_DISPLAY_END] | (uint32_t)(s->cr[CR_OVERFLOW] & 0x02) << 7 | (uint32_t)(s->cr[CR_OVERFLOW] & 0x40) << 3) + 1;
}

static unsigned character_columns(const VgaState *s) { return s->cr[CR_HORIZONTAL_DISPLAY_END] + 1u; }
static unsigned character_width(const VgaState *s) { return s->seq[SEQ_CLOCK_MODE] & SEQ_DOT8 ? 8 : 9; }
static unsigned character_height(const VgaState *s) { return (s->cr[CR_MAX_SCAN_LINE] & 0x1fu) + 1; }
static bool is_text(const VgaState *s) { return !vbe_enabled(s) && !(s->gr[GR_MISC] & 1); }
static bool is_256(const VgaState *s) { return s->gr[GR_MODE] & GR_MODE_256; }
/* Each line of memory is shown so often: double scan, and tall "characters" in graphics. */
static unsigned line_repeat(const VgaState *s) { return (s->cr[CR_MAX_SCAN_LINE] & 0x1fu) + 1 + (s->cr[CR_MAX_SCAN_LINE] & 0x80 ? character_height(s) : 0); }

static void size_of_mode(const VgaState *s, unsigned *width, unsigned *height)
{
    if (vbe_enabled(s)) {
        *width = s->vbe[VBE_XRES];
        *height = s->vbe[VBE_YRES];
    } else if (is_text(s)) {
        *width = character_columns(s) * character_width(s);
        *height = visible_lines(s) / character_height(s) * character_height(s);
    } else {
        *width = character_columns(s) * 8 / (is_256(s) ? 2 : 1);
        *height = visible_lines(s) / line_repeat(s);
    }
    *width = CLAMP(*width, 8, MAX_SIDE);
    *height = CLAMP(*height, 1, MAX_SIDE);
}

/* ---- text ---- */

/* Where the font of attribute bit 3 = which begins, as bytes of plane 2. */
static uint32_t font_base(const VgaState *s, unsigned which)
{
    unsigned v = s->seq[SEQ_CHARACTER_MAP];
    unsigned n = which ? (v >> 2 & 3) | (v >> 3 & 4) : (v & 3) | (v >> 2 & 4);
    return ((n >> 2 & 1) + (n & 3) * 2) * FONT_OFFSET_STEP;
}

static uint8_t plane_byte(const VgaState *s, uint32_t offset, unsigned plane) { return s->memory[((uint64_t)offset * 4 + plane) & (s->memory_size - 1)]; }

static void draw_character(const Picture *p, unsigned column, unsigned row, uint32_t font, uint8_t code, uint32_t front, uint32_t back)
{
    unsigned width = character_width(p->s), height = character_height(p->s);
    for (unsigned y = 0; y < height; y++) {
        uint8_t bits = plane_byte(p->s, font + code * 32u + y, 2);
        uint32_t *line = p->pixels + (row * height + y) * p->stride + column * width;
        for (unsigned x = 0; x < 8; x++) {
            line[x] = bits & 0x80 >> x ? front : back;
        }
        if (width == 9) {
            /* The line-drawing characters go on into the ninth column. */
            line[8] = code >= 0xc0 && code <= 0xdf && p->s->ar[AR_MODE] & AR_MODE_LINE_GRAPHICS && bits & 1 ? front : back;
        }
    }
}

static void draw_cursor(const Picture *p, unsigned column, unsigned row, uint32_t color)
{
    const VgaState *s = p->s;
    unsigned width = character_width(s), height = character_height(s), first = s->cr[CR_CURSOR_START] & 0x1f, last = s->cr[CR_CURSOR_END] & 0x1f;
    if (s->cr[CR_CURSOR_START] & CURSOR_OFF) {
        return;
    }
    for (unsigned y = first; y <= last && y < height; y++) {
        uint32_t *line = p->pixels + (row * height + y) * p->stride + column * width;
        for (unsigned x = 0; x < width; x++) {
            line[x] = color;
        }
    }
}

static void draw_text(const Picture *p)
{
    VgaState *s = p->s;
    uint32_t colors[16], fonts[2] = { font_base(s, 0), font_base(s, 1) };
    uint32_t cursor = (uint32_t)s->cr[CR_CURSOR_HIGH] << 8 | s->cr[CR_CURSOR_LOW], start = start_address(s), pitch = s->cr[CR_OFFSET] * 2u;
    unsigned columns = MIN(character_columns(s), p->width / character_width(s)), rows = p->height / character_height(s);
    bool blink = s->ar[AR_MODE] & AR_MODE_BLINK;
    palette16(s, colors);
    for (unsigned row = 0; row < rows; row++) {
        for (unsigned column = 0; column < columns; column++) {
            uint32_t n = start + row * pitch + column;
            uint8_t code = plane_byte(s, n, 0), attribute = plane_byte(s, n, 1);
            uint32_t back = colors[attribute >> 4 & (blink ? 7 : 15)], front = colors[attribute & 15];
            draw_character(p, column, row, fonts[attribute >> 3 & 1], code, front, back);
            if (n == cursor) {
                draw_cursor(p, column, row, front);
            }
        }
    }
}

/* ---- graphics of the VGA proper ---- */

/* The address that the CRT controller makes of a counter: bits 13 and 14 may come from the line (CGA and Hercules layouts). */
static uint32_t crtc_address(const VgaState *s, uint32_t addr, unsigned line)
{
    if (!(s->cr[CR_MODE] & 1)) {
        addr = (addr & ~(1u << 13)) | (line & 1) << 13;
    }
    if (!(s->cr[CR_MODE] & 2)) {
        addr = (addr & ~(1u << 14)) | (line & 2) << 13;
    }
    return addr;
}

static void draw_planar_line(const Picture *p, uint32_t *out, uint32_t addr, unsigned line, const uint32_t colors[16])
{
    const VgaState *s = p->s;
    unsigned enabled = s->ar[AR_PLANE_ENABLE] & 15;
    for (unsigned x = 0; x < p->width; x++) {
        uint32_t n = crtc_address(s, addr + x / 8, line);
        unsigned bit = 7 - x % 8, color = 0;
        for (unsigned plane = 0; plane < 4; plane++) {
            color |= (plane_byte(s, n, plane) >> bit & 1u) << plane;
        }
        out[x] = colors[color & enabled];
    }
}

/* CGA's four colours: two bits a pixel, even bytes in plane 0, odd ones in plane 1. */
static void draw_cga_line(const Picture *p, uint32_t *out, uint32_t addr, unsigned line, const uint32_t colors[16])
{
    const VgaState *s = p->s;
    for (unsigned x = 0; x < p->width; x++) {
        uint32_t n = crtc_address(s, addr + x / 8, line);
        uint8_t byte = plane_byte(s, n, x / 4 & 1);
        out[x] = colors[byte >> (6 - 2 * (x % 4)) & 3 & s->ar[AR_PLANE_ENABLE]];
    }
}

static void draw_256_line(const Picture *p, uint32_t *out, uint32_t addr)
{
    const VgaState *s = p->s;
    for (unsigned x = 0; x < p->width; x++) {
        out[x] = dac_color(s, s->memory[((uint64_t)addr * 4 + x) & (s->memory_size - 1)]);
    }
}

static void draw_graphics(const Picture *p)
{
    VgaState *s = p->s;
    uint32_t colors[16], pitch = s->cr[CR_OFFSET] * 2u, addr = start_address(s), split = line_compare(s) / line_repeat(s);
    palette16(s, colors);
    for (unsigned y = 0; y < p->height; y++) {
        uint32_t *out = p->pixels + y * p->stride;
        if (is_256(s)) {
            draw_256_line(p, out, addr);
        } else if (s->gr[GR_MODE] & GR_MODE_SHIFT) {
            draw_cga_line(p, out, addr, y, colors);
        } else {
            draw_planar_line(p, out, addr, y, colors);
        }
        /* With address bit 13 from the line, two lines share a counter's value. */
        if (s->cr[CR_MODE] & 1 || y & 1) {
            addr += pitch;
        }
        if (y == split) {
            addr = 0;
        }
    }
}

/* ---- linear modes; vbe_start and vbe_line were checked against the memory when they were set ---- */

static uint32_t linear_pixel(const VgaState *s, const uint8_t *line, unsigned x)
{
    uint32_t v;
    switch (s->vbe[VBE_BPP]) {
    case 8: return dac_color(s, line[x]);
    case 15:
        v = load_le16(line + 2 * x);
        return (v & 0x7c00) << 9 | (v & 0x7000) << 4 | (v & 0x3e0) << 6 | (v & 0x380) << 1 | (v & 0x1f) << 3 | (v & 0x1c) >> 2;
    case 16:
        v = load_le16(line + 2 * x);
        return (v & 0xf800) << 8 | (v & 0xe000) << 3 | (v & 0x7e0) << 5 | (v & 0x600) >> 1 | (v & 0x1f) << 3 | (v & 0x1c) >> 2;
    case 24: return (uint32_t)line[3 * x + 2] << 16 | (uint32_t)line[3 * x + 1] << 8 | line[3 * x];
    default: return load_le32(line + 4 * x) & 0xffffff;
    }
}

static void draw_linear(const Picture *p)
{
    VgaState *s = p->s;
    uint32_t colors[16];
    palette16(s, colors);
    for (unsigned y = 0; y < p->height; y++) {
        uint64_t start = s->vbe_start + (uint64_t)y * s->vbe_line;
        uint32_t *out = p->pixels + y * p->stride;
        if (s->vbe[VBE_BPP] == 4) {
            draw_planar_line(p, out, (uint32_t)start, 0, colors);
            continue;
        }
        for (unsigned x = 0; x < p->width && start + s->vbe_line <= s->memory_size; x++) {
            out[x] = linear_pixel(s, s->memory + start, x);
        }
    }
}

/* ---- the console ---- */

static bool is_blank(const VgaState *s) { return s->seq[SEQ_CLOCK_MODE] & SEQ_SCREEN_OFF || (!vbe_enabled(s) && !(s->ar_index & INDEX_VIDEO_ON)); }

static void update(void *opaque, bool whole)
{
    VgaState *s = opaque;
    unsigned width, height;
    size_of_mode(s, &width, &height);
    if (s->shown.width != width || s->shown.height != height) {
        s->shown.width = width;
        s->shown.height = height;
        console_set_surface(s->console, pixman_image_create_bits(PIXMAN_x8r8g8b8, (int)width, (int)height, NULL, 0));
    }
    pixman_image_t *image = console_surface(s->console);
    Picture p = { s, pixman_image_get_data(image), (size_t)pixman_image_get_stride(image) / 4, width, height };
    if (is_blank(s)) {
        memset(p.pixels, 0, p.stride * 4 * height);
    } else if (vbe_enabled(s)) {
        draw_linear(&p);
    } else if (is_text(s)) {
        draw_text(&p);
    } else {
        draw_graphics(&p);
    }
    console_damage(s->console, 0, 0, (int)width, (int)height);
}

const ConsoleType vga_console_type = { .update = update };
