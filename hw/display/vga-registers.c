/*
 * The VGA's ports 0x3b4 to 0x3da: indexed registers, the DAC, the status (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "util/timer.h"

#include <string.h>

enum { MISC_COLOR = 0x01, STATUS1_DISPLAY_OFF = 0x01, STATUS1_RETRACE = 0x08, CR11_PROTECT = 0x80, PALETTE_ENABLE = 0x20 };
/* A frame of the usual 70 Hz, its vertical retrace and the lines in it. */
#define FRAME_NS (NS_PER_S / 70)
enum { LINES = 449, VISIBLE_LINES = 400, RETRACE_LINE = 412, RETRACE_LINES = 2, DAC_WRITE = 0, DAC_READ = 3 };

static const uint8_t seq_mask[VGA_SEQ_COUNT] = { 0x03, 0x3d, 0x0f, 0x3f, 0x0e, 0x00, 0x00, 0xff };
static const uint8_t gr_mask[VGA_GRAPHICS_COUNT] = { 0x0f, 0x0f, 0x0f, 0x1f, 0x03, 0x7b, 0x0f, 0x0f, 0xff };

/* Guests wait for the retrace: it comes and goes with the virtual clock. Reading also sets port 3c0 back to its index. */
static uint8_t read_status1(VgaState *s)
{
    int64_t line = clock_get_ns(CLOCK_TYPE_VIRTUAL) % FRAME_NS * LINES / FRAME_NS;
    int64_t position = clock_get_ns(CLOCK_TYPE_VIRTUAL) % (FRAME_NS / LINES) * 8 / (FRAME_NS / LINES);
    bool retrace = line >= RETRACE_LINE && line < RETRACE_LINE + RETRACE_LINES;
    s->ar_data_next = false;
    s->status1 = (retrace ? STATUS1_RETRACE : 0) | (line >= VISIBLE_LINES || position >= 6 ? STATUS1_DISPLAY_OFF : 0);
    return s->status1;
}

/* Colour or monochrome: the CRT controller answers at 3d4 or 3b4, and not at the other. */
static bool is_hidden(const VgaState *s, uint16_t port)
{
    return s->misc & MISC_COLOR ? port >= 0x3b0 && port <= 0x3bf : port >= 0x3d0 && port <= 0x3df;
}

static uint8_t read_dac(VgaState *s)
{
    uint8_t value = s->palette[s->dac_read_index * 3 + s->dac_sub_index];
    if (++s->dac_sub_index == 3) {
        s->dac_sub_index = 0;
        s->dac_read_index++;
    }
    return value;
}

static void write_dac(VgaState *s, uint8_t value)
{
    s->dac_cache[s->dac_sub_index] = value;
    if (++s->dac_sub_index == 3) {
        memcpy(s->palette + s->dac_write_index * 3, s->dac_cache, 3);
        s->dac_sub_index = 0;
        s->dac_write_index++;
    }
}

uint8_t vga_port_read(VgaState *s, uint16_t port)
{
    if (is_hidden(s, port)) {
        return 0xff;
    }
    switch (port) {
    case 0x3c0: return s->ar_data_next ? 0 : s->ar_index;
    case 0x3c1: return (s->ar_index & 0x1f) < VGA_ATTRIBUTE_COUNT ? s->ar[s->ar_index & 0x1f] : 0;
    case 0x3c2: return s->status0;
    case 0x3c4: return s->seq_index;
    case 0x3c5: return s->seq[s->seq_index];
    case 0x3c7: return s->dac_state;
    case 0x3c8: return s->dac_write_index;
    case 0x3c9: return read_dac(s);
    case 0x3ca: return s->feature;
    case 0x3cc: return s->misc;
    case 0x3ce: return s->gr_index;
    case 0x3cf: return s->gr[s->gr_index];
    case 0x3b4: case 0x3d4: return s->cr_index;
    case 0x3b5: case 0x3d5: return s->cr[s->cr_index];
    case 0x3ba: case 0x3da: return read_status1(s);
    default: return 0;
    }
}

static void write_attribute(VgaState *s, uint8_t value)
{
    if (!s->ar_data_next) {
        s->ar_index = value & 0x3f;
    } else {
        unsigned n = s->ar_index & 0x1f;
        static const uint8_t masks[] = { [AR_MODE] = 0xef, [AR_OVERSCAN] = 0xff, [AR_PLANE_ENABLE] = 0x3f, [AR_PIXEL_PANNING] = 0x0f, [AR_COLOR_SELECT] = 0x0f };
        if (n < VGA_ATTRIBUTE_COUNT) {
            s->ar[n] = value & (n < 16 ? 0x3f : masks[n]);
        }
    }
    s->ar_data_next = !s->ar_data_next;
}

static void write_crtc(VgaState *s, uint8_t value)
{
    /* Registers 0 to 7 can be locked; line compare bit 8 in the overflow register stays open. */
    if (s->cr[CR_VERTICAL_RETRACE_END] & CR11_PROTECT && s->cr_index <= CR_OVERFLOW) {
        if (s->cr_index == CR_OVERFLOW) {
            s->cr[CR_OVERFLOW] = (uint8_t)((s->cr[CR_OVERFLOW] & ~0x10) | (value & 0x10));
        }
        return;
    }
    s->cr[s->cr_index] = value;
}

void vga_port_write(VgaState *s, uint16_t port, uint8_t value)
{
    if (is_hidden(s, port)) {
        return;
    }
    switch (port) {
    case 0x3c0: case 0x3c1: write_attribute(s, value); break;
    case 0x3c2: s->misc = value & ~0x10; break;
    case 0x3c4: s->seq_index = value & 7; break;
    case 0x3c5: s->seq[s->seq_index] = value & seq_mask[s->seq_index]; break;
    case 0x3c7: s->dac_read_index = value; s->dac_sub_index = 0; s->dac_state = DAC_READ; break;
    case 0x3c8: s->dac_write_index = value; s->dac_sub_index = 0; s->dac_state = DAC_WRITE; break;
    case 0x3c9: write_dac(s, value); break;
    case 0x3ce: s->gr_index = value & 0x0f; break;
    case 0x3cf: s->gr[s->gr_index] = value & gr_mask[s->gr_index]; break;
    case 0x3b4: case 0x3d4: s->cr_index = value; break;
    case 0x3b5: case 0x3d5: write_crtc(s, value); break;
    case 0x3ba: case 0x3da: s->feature = value & 0x10; break;
    default: break;
    }
}

/* ---- regions: each knows its first port ---- */

typedef struct PortRange { uint16_t first, count; } PortRange;
static const PortRange ranges[] = { { 0x3b4, 2 }, { 0x3ba, 1 }, { 0x3c0, 16 }, { 0x3d4, 2 }, { 0x3da, 1 } };

typedef struct PortsOpaque { VgaState *s; uint16_t first; } PortsOpaque;

static uint64_t ports_read(void *opaque, uint64_t addr, unsigned size)
{
    PortsOpaque *p = opaque;
    return vga_port_read(p->s, (uint16_t)(p->first + addr));
}

static void ports_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PortsOpaque *p = opaque;
    vga_port_write(p->s, (uint16_t)(p->first + addr), (uint8_t)value);
}

/* Wider accesses are bytes at ports that follow each other. */
static const MemoryRegionOps vga_port_ops = { .read = ports_read, .write = ports_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, true }, .impl = { 1, 1 } };

void vga_add_ports(VgaState *s, Object *owner)
{
    for (unsigned n = 0; n < G_N_ELEMENTS(ranges); n++) {
        s->port_opaque[n] = g_new(PortsOpaque, 1);
        *(PortsOpaque *)s->port_opaque[n] = (PortsOpaque){ s, ranges[n].first };
        memory_region_init_io(&s->ports[n], owner, &vga_port_ops, s->port_opaque[n], "vga", ranges[n].count);
    }
}

void vga_map_ports(VgaState *s, MemoryRegion *io)
{
    for (unsigned n = 0; n < G_N_ELEMENTS(ranges); n++) {
        memory_region_add_subregion(io, ranges[n].first, &s->ports[n]);
    }
}
