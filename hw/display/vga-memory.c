/*
 * The window at 0xa0000: planes, latches, write modes (IBM PS/2 Hardware Interface Technical Reference, "Graphics Controller"). Byte n of the four planes lies in display
 * memory at 4n to 4n + 3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/display/vga.h"

#include "util/bits.h"

enum { SEQ_CHAIN4 = 0x08, SEQ_ODD_EVEN_OFF = 0x04, GR_MODE_ODD_EVEN = 0x10, GR_MODE_READ_COMPARE = 0x08 };

static const uint32_t plane_mask[16] = {
    0x00000000, 0x000000ff, 0x0000ff00, 0x0000ffff, 0x00ff0000, 0x00ff00ff, 0x00ffff00, 0x00ffffff,
    0xff000000, 0xff0000ff, 0xff00ff00, 0xff00ffff, 0xffff0000, 0xffff00ff, 0xffffff00, 0xffffffff,
};

/* The window's offset as the memory map of GR_MISC has it; false: not for us. */
static bool map_address(const VgaState *s, uint64_t *addr)
{
    switch (s->gr[GR_MISC] >> 2 & 3) {
    case 0: return true;
    case 1: *addr += s->bank_offset; return *addr < s->bank_offset + 0x10000;
    case 2: *addr -= 0x10000; return *addr < 0x8000;
    default: *addr -= 0x18000; return *addr < 0x8000;
    }
}

static uint32_t load_planes(const VgaState *s, uint64_t n)
{
    uint64_t offset = n * 4;
    return offset + 4 <= s->memory_size ? load_le32(s->memory + offset) : 0xffffffff;
}

static uint64_t window_read(void *opaque, uint64_t addr, unsigned size)
{
    VgaState *s = opaque;
    if (!map_address(s, &addr)) {
        return 0xff;
    }
    if (s->seq[SEQ_MEMORY_MODE] & SEQ_CHAIN4) {
        return addr < s->memory_size ? s->memory[addr] : 0xff;
    }
    if (s->gr[GR_MODE] & GR_MODE_ODD_EVEN) {
        unsigned plane = (s->gr[GR_READ_MAP] & 2) | (addr & 1);
        uint64_t offset = (addr & ~UINT64_C(1)) << 1 | plane;
        return offset < s->memory_size ? s->memory[offset] : 0xff;
    }
    s->latch = load_planes(s, addr);
    if (!(s->gr[GR_MODE] & GR_MODE_READ_COMPARE)) {
        return s->latch >> (8 * (s->gr[GR_READ_MAP] & 3)) & 0xff;
    }
    uint32_t differ = (s->latch ^ plane_mask[s->gr[GR_COLOR_COMPARE] & 15]) & plane_mask[s->gr[GR_COLOR_DONT_CARE] & 15];
    differ |= differ >> 16;
    differ |= differ >> 8;
    return ~differ & 0xff;
}

static uint32_t splat(uint8_t byte) { return byte * 0x01010101u; }

static uint8_t rotate(const VgaState *s, uint8_t value)
{
    unsigned count = s->gr[GR_DATA_ROTATE] & 7;
    return (uint8_t)(value >> count | value << (8 - count));
}

/* What the write mode makes of a byte: the four planes' new bytes. */
static uint32_t planar_value(const VgaState *s, uint8_t value)
{
    uint32_t set = plane_mask[s->gr[GR_SET_RESET] & 15], enable = plane_mask[s->gr[GR_ENABLE_SET_RESET] & 15];
    uint32_t mask = splat(s->gr[GR_BIT_MASK]), data;
    switch (s->gr[GR_MODE] & 3) {
    case 0:
        data = (splat(rotate(s, value)) & ~enable) | (set & enable);
        break;
    case 1:
        return s->latch;
    case 2:
        data = plane_mask[value & 15];
        break;
    default:
        mask &= splat(rotate(s, value));
        data = set;
        break;
    }
    switch (s->gr[GR_DATA_ROTATE] >> 3 & 3) {
    case 1: data &= s->latch; break;
    case 2: data |= s->latch; break;
    case 3: data ^= s->latch; break;
    default: break;
    }
    return (data & mask) | (s->latch & ~mask);
}

static void store_byte(VgaState *s, uint64_t offset, uint8_t value)
{
    if (offset < s->memory_size) {
        s->memory[offset] = value;
        memory_region_set_dirty(&s->vram, offset, 1);
    }
}

static void window_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    VgaState *s = opaque;
    if (!map_address(s, &addr)) {
        return;
    }
    unsigned planes = s->seq[SEQ_MAP_MASK] & 15;
    if (s->seq[SEQ_MEMORY_MODE] & SEQ_CHAIN4) {
        if (planes & 1u << (addr & 3)) {
            store_byte(s, addr, (uint8_t)value);
        }
        return;
    }
    if (!(s->seq[SEQ_MEMORY_MODE] & SEQ_ODD_EVEN_OFF) && s->gr[GR_MODE] & GR_MODE_ODD_EVEN) {
        unsigned plane = (s->gr[GR_READ_MAP] & 2) | (addr & 1);
        if (planes & 1u << plane) {
            store_byte(s, (addr & ~UINT64_C(1)) << 1 | plane, (uint8_t)value);
        }
        return;
    }
    uint64_t offset = addr * 4;
    if (offset + 4 <= s->memory_size) {
        uint32_t old = load_le32(s->memory + offset), written = plane_mask[planes];
        store_le32(s->memory + offset, (old & ~written) | (planar_value(s, (uint8_t)value) & written));
        memory_region_set_dirty(&s->vram, offset, 4);
    }
}

const MemoryRegionOps vga_memory_ops = { .read = window_read, .write = window_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8, true }, .impl = { 1, 1 } };
