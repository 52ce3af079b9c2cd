/*
 * The VGA core: registers, planes and display memory, shared by the PCI and ISA cards (IBM PS/2 Hardware Interface Technical Reference, "Video Subsystem";
 * VESA BIOS Extension 3.0 for the modes; Bochs display interface for the registers at 0x1ce).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_DISPLAY_VGA_H
#define HW_DISPLAY_VGA_H

#include "softmmu/memory.h"
#include "ui/console.h"

enum { VGA_SEQ_COUNT = 8, VGA_GRAPHICS_COUNT = 16, VGA_ATTRIBUTE_COUNT = 21, VGA_CRTC_COUNT = 256 };

/* Sequencer registers. */
enum { SEQ_RESET, SEQ_CLOCK_MODE, SEQ_MAP_MASK, SEQ_CHARACTER_MAP, SEQ_MEMORY_MODE };
/* Graphics controller registers. */
enum { GR_SET_RESET, GR_ENABLE_SET_RESET, GR_COLOR_COMPARE, GR_DATA_ROTATE, GR_READ_MAP, GR_MODE, GR_MISC, GR_COLOR_DONT_CARE, GR_BIT_MASK };
/* Attribute controller registers behind the 16 palette ones. */
enum { AR_MODE = 16, AR_OVERSCAN, AR_PLANE_ENABLE, AR_PIXEL_PANNING, AR_COLOR_SELECT };
/* CRT controller registers. */
enum {
    CR_HORIZONTAL_DISPLAY_END = 1, CR_OVERFLOW = 7, CR_PRESET_ROW_SCAN, CR_MAX_SCAN_LINE, CR_CURSOR_START, CR_CURSOR_END, CR_START_HIGH, CR_START_LOW,
    CR_CURSOR_HIGH, CR_CURSOR_LOW, CR_VERTICAL_RETRACE_END = 0x11, CR_VERTICAL_DISPLAY_END, CR_OFFSET, CR_MODE = 0x17, CR_LINE_COMPARE
};
/* Registers of the Bochs interface. */
enum {
    VBE_ID, VBE_XRES, VBE_YRES, VBE_BPP, VBE_ENABLE, VBE_BANK, VBE_VIRT_WIDTH, VBE_VIRT_HEIGHT, VBE_X_OFFSET, VBE_Y_OFFSET, VBE_VIDEO_MEMORY_64K, VBE_COUNT,
    VBE_ENABLED = 1, VBE_GET_CAPABILITIES = 2, VBE_8BIT_DAC = 0x20, VBE_LFB_ENABLED = 0x40, VBE_NO_CLEAR = 0x80,
    VBE_MAX_XRES = 16000, VBE_MAX_YRES = 12000, VBE_MAX_BPP = 32, VBE_ID0 = 0xb0c0, VBE_ID5 = 0xb0c5,
};

typedef struct VgaState {
    MemoryRegion vram, lowmem, ports[5], vbe_ports;
    void *port_opaque[5];                       /* of vga-registers.c */
    uint8_t *memory; uint32_t memory_size;      /* size: a power of 2 */
    uint8_t seq_index, seq[VGA_SEQ_COUNT], gr_index, gr[VGA_GRAPHICS_COUNT], ar_index, ar[VGA_ATTRIBUTE_COUNT], cr_index, cr[VGA_CRTC_COUNT];
    bool ar_data_next;                          /* port 3c0: data comes next */
    uint8_t misc, feature, status0, status1;
    uint8_t dac_state, dac_sub_index, dac_read_index, dac_write_index, dac_cache[3], palette[768];
    uint32_t latch;                             /* a byte a plane */
    uint16_t vbe_index, vbe[VBE_COUNT];
    uint32_t vbe_start, vbe_line;               /* bytes */
    uint32_t bank_offset;
    uint32_t vgamem_mb;
    Console *console;
    struct { uint32_t width, height; } shown;   /* what the surface was made for */
    uint32_t blink;
} VgaState;

/* vgamem_mb is set: display memory (name "vga.vram"), legacy window and ports as regions that vga_map puts into place. */
bool vga_init(VgaState *s, Object *owner, GError **err);
/* Puts the window at 0xa0000 and the legacy ports. */
void vga_map_legacy(VgaState *s, MemoryRegion *memory, MemoryRegion *io, bool vbe_ports);
void vga_destroy(VgaState *s);
void vga_reset(VgaState *s);

/* ---- vga-registers.c ---- */
/* Ports 0x3b0 to 0x3df. */
uint8_t vga_port_read(VgaState *s, uint16_t port);
void vga_port_write(VgaState *s, uint16_t port, uint8_t value);
/* The regions of the legacy ports. */
void vga_add_ports(VgaState *s, Object *owner);
void vga_map_ports(VgaState *s, MemoryRegion *io);

/* ---- vga-vbe.c ---- */
uint16_t vbe_read(VgaState *s, unsigned index);
void vbe_write(VgaState *s, unsigned index, uint16_t value);
static inline bool vbe_enabled(const VgaState *s) { return s->vbe[VBE_ENABLE] & VBE_ENABLED; }
extern const MemoryRegionOps vbe_port_ops;

/* ---- vga-memory.c: the window at 0xa0000 ---- */
extern const MemoryRegionOps vga_memory_ops;

/* ---- vga-render.c ---- */
extern const ConsoleType vga_console_type;

/* ---- edid.c: a monitor's description (VESA E-EDID 1.4), 128 bytes ---- */
typedef struct EdidInfo { const char *vendor, *name; uint32_t width, height, max_width, max_height, refresh_mhz; } EdidInfo;
void edid_make(uint8_t edid[128], const EdidInfo *info);

#endif
