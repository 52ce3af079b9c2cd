/*
 * NOR flash with the Intel/Sharp command set: "cfi.pflash01" (JEDEC JESD68.01, Common Flash Interface; Intel 28F320J3 datasheet, "Command set").
 * Several chips side by side make a wide bank: a command goes to all of them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/block/flash.h"

#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum {
    CMD_ARRAY = 0xff, CMD_ARRAY_AMD = 0xf0, CMD_NONE = 0x00, CMD_PROGRAM = 0x40, CMD_PROGRAM_ALT = 0x10, CMD_ERASE = 0x20, CMD_CONFIRM = 0xd0,
    CMD_CLEAR_STATUS = 0x50, CMD_LOCK = 0x60, CMD_LOCK_SET = 0x01, CMD_STATUS = 0x70, CMD_ID = 0x90, CMD_QUERY = 0x98, CMD_WRITE_BUFFER = 0xe8,
    CMD_ERASE_ALT = 0x28,
};
enum { STATUS_READY = 0x80, STATUS_PROGRAM_ERROR = 0x10, STATUS_ERASE_ERROR = 0x20 };
enum { CFI_BYTES = 0x52, MOST_BUFFER = 4096 };

typedef struct Pflash {
    SysBusDevice parent;
    BlockBackend *blk;
    MemoryRegion mem;
    char *name;
    uint32_t nr_blocks;
    uint64_t sector_length;
    uint8_t width, device_width, max_device_width;
    uint16_t id[4];
    bool big_endian, secure, old_multiple_chip, read_only;
    uint8_t *storage;
    uint64_t size;

    uint8_t command, cycle, status;     /* cycle 0: array or what command says is read; later: more writes are due */
    uint32_t buffer_left;               /* bytes of a buffered write that are still to come */
    uint64_t buffer_from, buffer_to;
    uint8_t buffer[MOST_BUFFER];        /* what the block held before a buffered write */
    uint64_t buffer_block;
    uint32_t buffer_bytes;
    uint8_t cfi[CFI_BYTES];
} Pflash;

static unsigned chip_width(const Pflash *f) { return f->device_width ? f->device_width : f->width; }
static unsigned chips(const Pflash *f) { return f->width / chip_width(f); }

/* ---- to the image ---- */
static void update_image(Pflash *f, uint64_t offset, uint64_t bytes)
{
    if (!f->blk || f->read_only) {
        return;
    }
    uint64_t start = ROUND_DOWN(offset, SECTOR_SIZE), end = MIN(ROUND_UP(offset + bytes, SECTOR_SIZE), f->size);
    int result = blk_pwrite(f->blk, (int64_t)start, (int64_t)(end - start), f->storage + start, 0);
    if (result < 0) {
        f->status |= STATUS_PROGRAM_ERROR;
        warn_report("Could not update PFLASH: %s", strerror(-result));
    }
}

static void to_array(Pflash *f)
{
    f->cycle = 0;
    f->command = CMD_NONE;
    memory_region_rom_device_set_romd(&f->mem, true);
}

/* ---- reading ---- */
/* One chip's byte on every chip's lines. */
static uint64_t on_all_chips(const Pflash *f, uint64_t value, unsigned size)
{
    unsigned step = chip_width(f);
    uint64_t all = 0;
    for (unsigned at = 0; at < size; at += step) {
        all |= value << (8 * at);
    }
    return all;
}

static uint64_t array_read(const Pflash *f, uint64_t addr, unsigned size)
{
    uint64_t value = 0;
    for (unsigned n = 0; n < size && addr + n < f->size; n++) {
        unsigned at = f->big_endian ? size - 1 - n : n;
        value |= (uint64_t)f->storage[addr + n] << (8 * at);
    }
    return value;
}

/* The offset as a chip sees it, in its own words. */
static uint64_t chip_offset(const Pflash *f, uint64_t addr)
{
    uint64_t words = addr / f->width;
    if (f->max_device_width > chip_width(f)) {
        words >>= __builtin_ctz(f->max_device_width / chip_width(f));
    }
    return words;
}

static uint64_t id_read(const Pflash *f, uint64_t addr, unsigned size)
{
    switch (chip_offset(f, addr) & 0xff) {
    case 0: return on_all_chips(f, f->id[0] << 8 | f->id[1], size);
    case 1: return on_all_chips(f, f->id[2] << 8 | f->id[3], size);
    default: return 0;
    }
}

static uint64_t flash_read(void *opaque, uint64_t addr, unsigned size)
{
    Pflash *f = opaque;
    switch (f->command) {
    case CMD_PROGRAM: case CMD_PROGRAM_ALT: case CMD_ERASE: case CMD_ERASE_ALT: case CMD_LOCK: case CMD_STATUS: case CMD_WRITE_BUFFER:
    case CMD_CLEAR_STATUS: case CMD_CONFIRM:
        return on_all_chips(f, f->status, size);
    case CMD_ID:
        return id_read(f, addr, size);
    case CMD_QUERY: {
        uint64_t at = chip_offset(f, addr);
        return at < CFI_BYTES ? on_all_chips(f, f->cfi[at], size) : 0;
    }
    default:
        return array_read(f, addr, size);
    }
}

/* ---- writing ---- */
static void store(Pflash *f, uint64_t addr, uint64_t value, unsigned size)
{
    for (unsigned n = 0; n < size && addr + n < f->size; n++) {
        unsigned at = f->big_endian ? size - 1 - n : n;
        f->storage[addr + n] = (uint8_t)(value >> (8 * at));
    }
    memory_region_set_dirty(&f->mem, addr, MIN(size, f->size - addr));
}

static void erase(Pflash *f, uint64_t addr)
{
    uint64_t length = f->sector_length, at = ROUND_DOWN(addr, length);
    if (f->read_only) {
        f->status |= STATUS_ERASE_ERROR;
    } else if (at < f->size) {
        memset(f->storage + at, 0xff, MIN(length, f->size - at));
        memory_region_set_dirty(&f->mem, at, MIN(length, f->size - at));
        update_image(f, at, MIN(length, f->size - at));
    }
    f->status |= STATUS_READY;
}

static void first_cycle(Pflash *f, uint64_t addr, uint8_t cmd)
{
    f->command = cmd;
    switch (cmd) {
    case CMD_PROGRAM: case CMD_PROGRAM_ALT: case CMD_LOCK:
        f->cycle = 1;
        break;
    case CMD_WRITE_BUFFER:
        f->status |= STATUS_READY;
        f->cycle = 1;
        break;
    case CMD_ERASE: case CMD_ERASE_ALT:
        erase(f, addr);
        f->cycle = 1;
        break;
    case CMD_CLEAR_STATUS:
        f->status = 0;
        to_array(f);
        return;
    case CMD_STATUS: case CMD_ID: case CMD_QUERY:
        f->cycle = 0;
        break;
    default:
        if (cmd != CMD_ARRAY && cmd != CMD_NONE && cmd != CMD_ARRAY_AMD) {
            log_mask(LOG_UNIMP, "pflash: command 0x%02x is not implemented\n", cmd);
        }
        to_array(f);
        return;
    }
}

static void begin_buffer(Pflash *f, uint64_t addr, uint64_t value)
{
    uint64_t count = (value & 0xffff) + 1;
    f->buffer_left = (uint32_t)(count * f->width);
    f->buffer_block = ROUND_DOWN(addr, MOST_BUFFER);
    f->buffer_bytes = (uint32_t)MIN(MOST_BUFFER, f->size - f->buffer_block);
    memcpy(f->buffer, f->storage + f->buffer_block, f->buffer_bytes);
    f->buffer_from = UINT64_MAX;
    f->buffer_to = 0;
    f->cycle = f->buffer_left > (1u << f->cfi[0x2a]) * chips(f) ? 0 : 2;
    if (f->cycle == 0) {
        f->status |= STATUS_PROGRAM_ERROR;
        to_array(f);
    }
}

static void buffer_data(Pflash *f, uint64_t addr, uint64_t value, unsigned size)
{
    if (addr < f->buffer_block || addr + size > f->buffer_block + f->buffer_bytes) {
        f->status |= STATUS_PROGRAM_ERROR;      /* leaves the block */
    } else if (f->read_only) {
        f->status |= STATUS_PROGRAM_ERROR;
    } else {
        for (unsigned n = 0; n < size; n++) {
            f->buffer[addr - f->buffer_block + n] = (uint8_t)(value >> (8 * (f->big_endian ? size - 1 - n : n)));
        }
        f->buffer_from = MIN(f->buffer_from, addr);
        f->buffer_to = MAX(f->buffer_to, addr + size);
    }
    f->buffer_left -= MIN(size, f->buffer_left);
    f->cycle = f->buffer_left ? 2 : 3;
}

static void confirm_buffer(Pflash *f, uint8_t cmd)
{
    if (cmd == CMD_CONFIRM && !(f->status & STATUS_PROGRAM_ERROR) && f->buffer_from < f->buffer_to) {
        memcpy(f->storage + f->buffer_from, f->buffer + (f->buffer_from - f->buffer_block), f->buffer_to - f->buffer_from);
        memory_region_set_dirty(&f->mem, f->buffer_from, f->buffer_to - f->buffer_from);
        update_image(f, f->buffer_from, f->buffer_to - f->buffer_from);
        f->status |= STATUS_READY;
        f->cycle = 0;
    } else if (cmd == CMD_CONFIRM) {
        f->status |= STATUS_READY;
        f->cycle = 0;
    } else {
        to_array(f);
    }
}

static void second_cycle(Pflash *f, uint64_t addr, uint64_t value, unsigned size)
{
    uint8_t cmd = (uint8_t)value;
    switch (f->command) {
    case CMD_PROGRAM: case CMD_PROGRAM_ALT:
        if (f->read_only) {
            f->status |= STATUS_PROGRAM_ERROR;
        } else {
            store(f, addr, value, size);
            update_image(f, addr, size);
        }
        f->status |= STATUS_READY;
        f->cycle = 0;
        break;
    case CMD_ERASE: case CMD_ERASE_ALT:
        if (cmd == CMD_CONFIRM) {
            f->cycle = 0;
            f->status |= STATUS_READY;
        } else {
            to_array(f);
        }
        break;
    case CMD_LOCK:
        if (cmd == CMD_CONFIRM || cmd == CMD_LOCK_SET) {
            f->cycle = 0;
            f->status |= STATUS_READY;
        } else if (cmd == CMD_ARRAY) {
            to_array(f);
        } else {
            f->command = CMD_STATUS;
            f->cycle = 0;
        }
        break;
    case CMD_WRITE_BUFFER:
        begin_buffer(f, addr, value);
        break;
    default:
        to_array(f);
    }
}

static MemResult flash_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    Pflash *f = opaque;
    if (addr >= f->size) {
        return MEM_DECODE_ERROR;
    }
    if (f->secure && !attrs.secure) {
        return MEM_ERROR;
    }
    if (f->cycle == 0) {
        memory_region_rom_device_set_romd(&f->mem, false);
        first_cycle(f, addr, (uint8_t)value);
    } else if (f->cycle == 1) {
        second_cycle(f, addr, value, size);
    } else if (f->cycle == 2) {
        buffer_data(f, addr, value, size);
    } else {
        confirm_buffer(f, (uint8_t)value);
    }
    return MEM_OK;
}

static MemResult flash_read_checked(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    const Pflash *f = opaque;
    *value = f->secure && !attrs.secure ? array_read(f, addr, size) : flash_read(opaque, addr, size);
    return MEM_OK;
}

static const MemoryRegionOps flash_ops = {
    .read_checked = flash_read_checked, .write_checked = flash_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, .unaligned = true },
    .impl = { 1, 4, .unaligned = true },
};

/* ---- the device ---- */
static uint8_t log2_of(uint64_t n)
{
    uint8_t bits = 0;
    while (n >> (bits + 1)) {
        bits++;
    }
    return bits;
}

static void fill_cfi(Pflash *f)
{
    uint64_t per_chip = f->sector_length / chips(f);
    static const struct { uint8_t at, value; } fixed[] = {
        { 0x10, 'Q' }, { 0x11, 'R' }, { 0x12, 'Y' }, { 0x13, 0x01 }, { 0x15, 0x31 },    /* Intel's commands; the extended table */
        { 0x1b, 0x45 }, { 0x1c, 0x55 },                                                 /* 4.5 to 5.5 V */
        { 0x1f, 0x07 }, { 0x20, 0x07 }, { 0x21, 0x0a }, { 0x23, 0x04 }, { 0x24, 0x04 }, { 0x25, 0x04 },
        { 0x28, 0x02 }, { 0x2c, 0x01 }, { 0x31, 'P' }, { 0x32, 'R' }, { 0x33, 'I' }, { 0x34, '1' }, { 0x35, '0' }, { 0x3f, 0x01 },
    };
    for (size_t n = 0; n < ARRAY_SIZE(fixed); n++) {
        f->cfi[fixed[n].at] = fixed[n].value;
    }
    f->cfi[0x27] = log2_of(f->size / chips(f));
    f->cfi[0x2a] = f->width == 1 ? 0x08 : 0x0b;
    store_le16(f->cfi + 0x2d, (uint16_t)(f->nr_blocks - 1));
    store_le16(f->cfi + 0x2f, (uint16_t)(per_chip >> 8));
}

static bool load_image(Pflash *f, GError **err)
{
    int64_t length = blk_getlength(f->blk);
    unsigned perm = BLOCK_PERM_CONSISTENT_READ | (f->read_only ? 0 : BLOCK_PERM_WRITE);
    if (!blk_set_perm(f->blk, perm, BLOCK_PERM_ALL & ~(BLOCK_PERM_WRITE | BLOCK_PERM_RESIZE), err)) {
        return false;
    }
    if (length < 0) {
        return error_set_errno(err, (int)-length, "can't get size of block device '%s'", blk_name(f->blk));
    }
    if ((uint64_t)length != f->size) {
        return error_set(err, "device requires %" G_GUINT64_FORMAT " bytes, block backend '%s' provides %" G_GINT64_FORMAT " bytes", f->size, blk_name(f->blk), length);
    }
    int result = blk_pread(f->blk, 0, length, f->storage, 0);
    return result >= 0 || error_set_errno(err, -result, "can't read block backend '%s'", blk_name(f->blk));
}

static bool pflash_realize(Device *device, GError **err)
{
    Pflash *f = (Pflash *)device;
    const struct { const char *name; bool given; } needed[] = { { "sector-length", f->sector_length }, { "num-blocks", f->nr_blocks }, { "name", f->name } };
    for (size_t n = 0; n < ARRAY_SIZE(needed); n++) {
        if (!needed[n].given) {
            return error_set(err, "attribute \"%s\" not specified or zero.", needed[n].name);
        }
    }
    f->width = f->width ? f->width : 1;
    f->device_width = f->device_width ? f->device_width : f->width;
    f->max_device_width = f->max_device_width ? f->max_device_width : f->device_width;
    if (!IS_POWER_OF_2(f->width) || f->width > 4 || !IS_POWER_OF_2(f->device_width) || f->device_width > f->width || !IS_POWER_OF_2(f->max_device_width) ||
        f->max_device_width > 8 || !IS_POWER_OF_2(f->sector_length) || f->nr_blocks > 65536 || f->sector_length > 16 * MiB) {
        return error_set(err, "the flash's width, sector-length or num-blocks is out of range");
    }
    f->size = f->sector_length * f->nr_blocks;
    if (!memory_region_init_rom_device(&f->mem, OBJECT(f), &flash_ops, f, f->name, f->size, err)) {
        return false;
    }
    f->storage = memory_region_ram_ptr(&f->mem);
    f->read_only = f->blk && !blk_supports_write_perm(f->blk);
    if (f->blk && !load_image(f, err)) {
        memory_region_destroy(&f->mem);
        return false;
    }
    /* Without an image it is all zeroes, as the reference's is: pages that nobody touches. */
    fill_cfi(f);
    sysbus_add_mmio(&f->parent, &f->mem);
    f->status = STATUS_READY;
    return true;
}

static void pflash_unrealize(Device *device) { memory_region_destroy(&((Pflash *)device)->mem); }

static void pflash_reset(Device *device)
{
    Pflash *f = (Pflash *)device;
    to_array(f);
    f->status = STATUS_READY;
    f->buffer_left = 0;
}

static const Property pflash_properties[] = {
    PROP_DRIVE("drive", Pflash, blk),
    PROP_UINT32("num-blocks", Pflash, nr_blocks, 0), PROP_UINT64("sector-length", Pflash, sector_length, 0), PROP_UINT8("width", Pflash, width, 0),
    PROP_UINT8("device-width", Pflash, device_width, 0), PROP_UINT8("max-device-width", Pflash, max_device_width, 0),
    PROP_BOOL("big-endian", Pflash, big_endian, false), PROP_BOOL("secure", Pflash, secure, false),
    PROP_UINT16("id0", Pflash, id[0], 0), PROP_UINT16("id1", Pflash, id[1], 0), PROP_UINT16("id2", Pflash, id[2], 0), PROP_UINT16("id3", Pflash, id[3], 0),
    PROP_STRING("name", Pflash, name, NULL), PROP_BOOL("old-multiple-chip-handling", Pflash, old_multiple_chip, false),
};
static const StateField pflash_state[] = { STATE_UINT8(Pflash, command), STATE_UINT8(Pflash, cycle), STATE_UINT8(Pflash, status), STATE_UINT32(Pflash, buffer_left) };
static const DeviceType pflash_cfi01 = {
    .name = "cfi.pflash01", .parent = "sys-bus-device", .size = sizeof(Pflash), .category = DEVICE_STORAGE, .properties = PROPERTIES(pflash_properties),
    .state = STATE(pflash_state, .version = 1), .realize = pflash_realize, .unrealize = pflash_unrealize, .reset = pflash_reset,
};
REGISTER_DEVICE(pflash_cfi01)

MemoryRegion *pflash_cfi01_memory(Device *pflash) { return &((Pflash *)pflash)->mem; }
BlockBackend *pflash_cfi01_blk(Device *pflash) { return ((Pflash *)pflash)->blk; }
