/*
 * The Bochs display interface: linear modes by eleven 16-bit registers (the "Bochs VBE Extensions" as vgabios and the Linux drivers bochs and vesafb use them).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "util/bits.h"

#include <string.h>

uint16_t vbe_read(VgaState *s, unsigned index)
{
    if (index >= VBE_COUNT) {
        return 0;
    }
    if (s->vbe[VBE_ENABLE] & VBE_GET_CAPABILITIES) {
        switch (index) {
        case VBE_XRES: return VBE_MAX_XRES;
        case VBE_YRES: return VBE_MAX_YRES;
        case VBE_BPP: return VBE_MAX_BPP;
        default: break;
        }
    }
    return index == VBE_VIDEO_MEMORY_64K ? (uint16_t)(s->memory_size / (64 * KiB)) : s->vbe[index];
}

/* Brings the settings into bounds that the memory can hold; nothing that the guest writes makes an access outside it. */
static void fix_up(VgaState *s)
{
    uint16_t *r = s->vbe;
    switch (r[VBE_BPP]) {
    case 4: case 8: case 15: case 16: case 24: case 32: break;
    default: r[VBE_BPP] = 8; break;
    }
    unsigned bits = r[VBE_BPP] == 15 ? 16 : r[VBE_BPP];
    r[VBE_XRES] = (uint16_t)CLAMP(r[VBE_XRES] & ~7u, 8, VBE_MAX_XRES);
    uint32_t max_width = MIN(VBE_MAX_XRES, (uint32_t)((uint64_t)s->memory_size * 8 / bits));
    r[VBE_VIRT_WIDTH] = (uint16_t)CLAMP(MAX(r[VBE_VIRT_WIDTH] & ~7u, r[VBE_XRES]), 8, max_width & ~7u);
    r[VBE_XRES] = MIN(r[VBE_XRES], r[VBE_VIRT_WIDTH]);
    s->vbe_line = bits == 4 ? r[VBE_VIRT_WIDTH] / 2 : r[VBE_VIRT_WIDTH] * bits / 8;
    uint32_t max_lines = s->memory_size / s->vbe_line;
    r[VBE_YRES] = (uint16_t)CLAMP(r[VBE_YRES], 1, MIN(VBE_MAX_YRES, max_lines));
    r[VBE_VIRT_HEIGHT] = (uint16_t)MIN(max_lines, 65535);
    r[VBE_X_OFFSET] = (uint16_t)MIN(r[VBE_X_OFFSET], VBE_MAX_XRES);
    uint64_t start = bits == 4 ? r[VBE_X_OFFSET] / 2 : (uint64_t)r[VBE_X_OFFSET] * bits / 8;
    start += (uint64_t)r[VBE_Y_OFFSET] * s->vbe_line;
    if (start + (uint64_t)s->vbe_line * r[VBE_YRES] > s->memory_size) {
        r[VBE_X_OFFSET] = r[VBE_Y_OFFSET] = 0;
        start = 0;
    }
    s->vbe_start = (uint32_t)start;
}

/* The VGA registers that a mode's set-up leaves to the BIOS elsewhere. */
static void enter_mode(VgaState *s, uint16_t value)
{
    s->vbe[VBE_X_OFFSET] = s->vbe[VBE_Y_OFFSET] = 0;
    s->vbe[VBE_VIRT_WIDTH] = 0;
    s->vbe[VBE_ENABLE] = value;
    fix_up(s);
    if (!(value & VBE_NO_CLEAR)) {
        uint32_t size = MIN((uint64_t)s->vbe[VBE_YRES] * s->vbe_line, s->memory_size);
        memset(s->memory, 0, size);
        memory_region_set_dirty(&s->vram, 0, size);
    }
    s->gr[GR_MISC] = (uint8_t)((s->gr[GR_MISC] & ~0x0c) | 0x05);        /* graphics, 64 KiB at A0000 */
    s->cr[CR_MODE] |= 3;
    s->gr[GR_MODE] = (uint8_t)((s->gr[GR_MODE] & ~0x60) | (s->vbe[VBE_BPP] == 4 ? 0 : 0x40));
    s->seq[SEQ_MEMORY_MODE] |= s->vbe[VBE_BPP] == 4 ? 0 : 0x08;         /* chain 4 */
    s->seq[SEQ_MAP_MASK] |= 0x0f;
    s->seq[SEQ_CLOCK_MODE] &= (uint8_t)~8;
    s->cr[CR_MAX_SCAN_LINE] &= (uint8_t)~0x9f;
}

void vbe_write(VgaState *s, unsigned index, uint16_t value)
{
    switch (index) {
    case VBE_ID:
        if (value >= VBE_ID0 && value <= VBE_ID5) {
            s->vbe[VBE_ID] = value;
        }
        break;
    case VBE_XRES: case VBE_YRES: case VBE_BPP: case VBE_VIRT_WIDTH: case VBE_X_OFFSET: case VBE_Y_OFFSET:
        s->vbe[index] = value;
        fix_up(s);
        break;
    case VBE_BANK:
        value &= (uint16_t)(s->memory_size / (64 * KiB) - 1);
        s->vbe[VBE_BANK] = value;
        s->bank_offset = value * (uint32_t)(64 * KiB);
        break;
    case VBE_ENABLE:
        if (value & VBE_ENABLED && !vbe_enabled(s)) {
            enter_mode(s, value);
        } else if (!(value & VBE_ENABLED)) {
            s->bank_offset = 0;
        }
        s->vbe[VBE_ENABLE] = value;
        break;
    default:
        break;
    }
}

/* Index at 0x1ce, data at 0x1cf and 0x1d0. */
static uint64_t vbe_ports_read(void *opaque, uint64_t addr, unsigned size)
{
    VgaState *s = opaque;
    return addr == 0 ? s->vbe_index : vbe_read(s, s->vbe_index);
}

static void vbe_ports_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    VgaState *s = opaque;
    if (addr == 0) {
        s->vbe_index = (uint16_t)value;
    } else {
        vbe_write(s, s->vbe_index, (uint16_t)value);
    }
}

const MemoryRegionOps vbe_port_ops = { .read = vbe_ports_read, .write = vbe_ports_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 2, true }, .impl = { 2, 2, true } };
