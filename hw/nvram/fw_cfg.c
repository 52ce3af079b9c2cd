/*
 * The firmware configuration device: numbered items and named files, read byte by byte at a port or by DMA ("QEMU Firmware Configuration (fw_cfg) Device"; Linux,
 * Documentation/ABI/testing/sysfs-firmware-qemu_fw_cfg and drivers/firmware/qemu_fw_cfg.c).
 *
 * Files are kept sorted by name and have the numbers from 0x20 on: the order must be the same in each run of a machine.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/nvram/fw_cfg.h"

#include "softmmu/dma.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum {
    FW_CFG_WRITE_CHANNEL = 0x4000, FW_CFG_ENTRY_MASK = 0xbfff, FW_CFG_ITEMS = 0x20, FW_CFG_FILES_MAX = 1024, FW_CFG_NAME_SIZE = 56,
    DMA_CTL_ERROR = 1, DMA_CTL_READ = 2, DMA_CTL_SKIP = 4, DMA_CTL_SELECT = 8, DMA_CTL_WRITE = 16,
};
/* Bits of item FW_CFG_ID. */
enum { FW_CFG_VERSION_TRADITIONAL = 1, FW_CFG_VERSION_DMA = 2 };
#define FW_CFG_DMA_SIGNATURE UINT64_C(0x51454d5520434647)   /* "QEMU CFG", big-endian, read at the DMA register */

typedef struct Entry {
    uint8_t *data; size_t len;
    bool writable;
    void (*select)(void *opaque);
    void (*written)(void *opaque, size_t offset, size_t len);
    void *opaque;
} Entry;
typedef struct File { char *name; Entry entry; } File;

struct FwCfg {
    SysBusDevice parent;
    Entry items[2][FW_CFG_ITEMS];       /* common, of the architecture */
    GArray *files;                      /* of File, sorted by name */
    uint8_t *directory; size_t directory_size;
    uint16_t key; uint32_t offset;      /* the selection */
    bool key_valid;
    AddressSpace *dma_space;
    uint64_t dma_addr;
    bool dma_enabled;
    MemoryRegion ports, ctl, data, dma;
};

static FwCfg *the_fw_cfg;

FwCfg *fw_cfg_find(void) { return the_fw_cfg; }

/* ---- contents ---- */

static Entry *entry_of(FwCfg *s, uint16_t key)
{
    unsigned n = key & FW_CFG_ENTRY_MASK & ~FW_CFG_ARCH_LOCAL;
    bool local = key & FW_CFG_ARCH_LOCAL;
    if (n < FW_CFG_ITEMS) {
        return &s->items[local][n];
    }
    n -= FW_CFG_FILE_FIRST;
    return !local && n < s->files->len ? &g_array_index(s->files, File, n).entry : NULL;
}

static void set_item(FwCfg *s, uint16_t key, void *data, size_t len)
{
    Entry *e = entry_of(s, key);
    if (e) {
        g_free(e->data);
        *e = (Entry){ .data = data, .len = len };
    }
}

void fw_cfg_add_bytes(FwCfg *s, uint16_t key, void *data, size_t len) { set_item(s, key, data, len); }

void fw_cfg_add_string(FwCfg *s, uint16_t key, const char *text) { set_item(s, key, g_strdup(text), strlen(text) + 1); }

#define DEFINE_ADD(bits) \
    void fw_cfg_add_u##bits(FwCfg *s, uint16_t key, uint##bits##_t value) \
    { \
        uint8_t *bytes = g_malloc(sizeof(value)); \
        store_le##bits(bytes, value); \
        set_item(s, key, bytes, sizeof(value)); \
    }
DEFINE_ADD(16)
DEFINE_ADD(32)
DEFINE_ADD(64)

void fw_cfg_modify_u16(FwCfg *s, uint16_t key, uint16_t value)
{
    Entry *e = entry_of(s, key);
    if (e && e->len == sizeof(value)) {
        store_le16(e->data, value);
    } else {
        fw_cfg_add_u16(s, key, value);
    }
}

/* Item 0x19: a count, then for each file size, number, reserved, name; big-endian. */
static void make_directory(FwCfg *s)
{
    enum { HEADER = 4, RECORD = 8 + FW_CFG_NAME_SIZE };
    size_t size = HEADER + (size_t)RECORD * s->files->len;
    uint8_t *dir = g_malloc0(size);
    store_be32(dir, s->files->len);
    for (unsigned n = 0; n < s->files->len; n++) {
        const File *f = &g_array_index(s->files, File, n);
        uint8_t *record = dir + HEADER + (size_t)RECORD * n;
        store_be32(record, (uint32_t)f->entry.len);
        store_be16(record + 4, (uint16_t)(FW_CFG_FILE_FIRST + n));
        g_strlcpy((char *)record + 8, f->name, FW_CFG_NAME_SIZE);
    }
    set_item(s, FW_CFG_FILE_DIR, dir, size);
}

static File *find_file(FwCfg *s, const char *name, unsigned *place)
{
    unsigned n = 0;
    for (; n < s->files->len; n++) {
        File *f = &g_array_index(s->files, File, n);
        int order = strcmp(f->name, name);
        if (!order) {
            return f;
        }
        if (order > 0) {
            break;
        }
    }
    *place = n;
    return NULL;
}

void fw_cfg_add_file_callback(FwCfg *s, const char *name, void (*select)(void *opaque), void (*written)(void *opaque, size_t offset, size_t len),
                              void *opaque, void *data, size_t len, bool read_only)
{
    unsigned place = 0;
    File *file = find_file(s, name, &place);
    if (!file) {
        if (s->files->len >= FW_CFG_FILES_MAX || strlen(name) >= FW_CFG_NAME_SIZE) {
            warn_report("fw_cfg: file '%s' does not fit", name);
            g_free(data);
            return;
        }
        File fresh = { .name = g_strdup(name) };
        g_array_insert_val(s->files, place, fresh);
        file = &g_array_index(s->files, File, place);
    }
    g_free(file->entry.data);
    file->entry = (Entry){ .data = data, .len = len, .writable = !read_only, .select = select, .written = written, .opaque = opaque };
    make_directory(s);
}

void fw_cfg_add_file(FwCfg *s, const char *name, void *data, size_t len)
{
    fw_cfg_add_file_callback(s, name, NULL, NULL, NULL, data, len, true);
}

void *fw_cfg_modify_file(FwCfg *s, const char *name, void *data, size_t len)
{
    unsigned place;
    File *file = find_file(s, name, &place);
    if (!file) {
        fw_cfg_add_file(s, name, data, len);
        return NULL;
    }
    void *old = file->entry.data;
    file->entry.data = data;
    file->entry.len = len;
    make_directory(s);
    return old;
}

bool fw_cfg_has_file(FwCfg *s, const char *name)
{
    unsigned place;
    return find_file(s, name, &place) != NULL;
}

/* ---- the traditional interface: select a number, read bytes ---- */

static void select_item(FwCfg *s, uint16_t key)
{
    Entry *e = entry_of(s, key);
    s->key = key;
    s->offset = 0;
    s->key_valid = e != NULL;
    if (e && e->select) {
        e->select(e->opaque);
    }
}

static Entry *selected(FwCfg *s) { return s->key_valid ? entry_of(s, s->key) : NULL; }

static uint8_t read_byte(FwCfg *s)
{
    Entry *e = selected(s);
    return e && e->data && s->offset < e->len ? e->data[s->offset++] : 0;
}

/* size bytes, the first one the most significant. */
static uint64_t read_data(FwCfg *s, unsigned size)
{
    uint64_t value = 0;
    for (unsigned n = 0; n < size; n++) {
        value = value << 8 | read_byte(s);
    }
    return value;
}

static uint64_t ports_read(void *opaque, uint64_t addr, unsigned size) { return addr == 1 && size == 1 ? read_byte(opaque) : 0; }

static void ports_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    /* Writing bytes of items went away long ago; the selector takes 16 bits. */
    if (addr == 0 && size == 2) {
        select_item(opaque, (uint16_t)value);
    }
}

static const MemoryRegionOps ports_ops = { .read = ports_read, .write = ports_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 2, true } };

static uint64_t ctl_read(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void ctl_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { select_item(opaque, (uint16_t)value); }
static const MemoryRegionOps ctl_ops = { .read = ctl_read, .write = ctl_write, .endian = DEVICE_BIG_ENDIAN, .valid = { 2, 2 } };

static uint64_t data_read(void *opaque, uint64_t addr, unsigned size) { return read_data(opaque, size); }
static void data_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps data_ops = { .read = data_read, .write = data_write, .endian = DEVICE_BIG_ENDIAN, .valid = { 1, 8, true } };

/* ---- DMA ---- */

typedef struct DmaRequest { uint32_t control, length; uint64_t addr; } DmaRequest;

/* Bytes of the item that are left, none for an item that is not there. */
static uint32_t bytes_left(FwCfg *s, const Entry *e)
{
    return e && e->data && s->offset < e->len ? (uint32_t)MIN(e->len - s->offset, UINT32_MAX) : 0;
}

/* Behind an item's end come zeroes; more of them than this nobody means, and a guest must not make us fill gigabytes at a time. */
enum { READ_BEYOND_MAX = 1 << 20 };

static MemResult dma_out(FwCfg *s, const Entry *e, uint64_t addr, uint32_t length)
{
    uint32_t known = MIN(bytes_left(s, e), length);
    if (length - known > READ_BEYOND_MAX) {
        log_mask(LOG_GUEST_ERROR, "fw_cfg: a read of %u bytes from item 0x%x, which has %u left\n", length, s->key, known);
        return MEM_DECODE_ERROR;
    }
    MemResult result = known ? dma_write(s->dma_space, addr, e->data + s->offset, known) : MEM_OK;
    if (length > known && result == MEM_OK) {
        result = dma_set(s->dma_space, addr + known, 0, length - known);
    }
    s->offset += known;
    return result;
}

static MemResult dma_in(FwCfg *s, const Entry *e, uint64_t addr, uint32_t length)
{
    if (!e || !e->writable || length > bytes_left(s, e)) {
        return MEM_DECODE_ERROR;
    }
    MemResult result = dma_read(s->dma_space, addr, e->data + s->offset, length);
    size_t offset = s->offset;
    s->offset += length;
    if (result == MEM_OK && e->written) {
        e->written(e->opaque, offset, length);
    }
    return result;
}

static MemResult carry_out(FwCfg *s, const DmaRequest *r)
{
    if (r->control & DMA_CTL_SELECT) {
        select_item(s, (uint16_t)(r->control >> 16));
    }
    const Entry *e = selected(s);
    if (r->control & DMA_CTL_READ) {
        return dma_out(s, e, r->addr, r->length);
    }
    if (r->control & DMA_CTL_WRITE) {
        return dma_in(s, e, r->addr, r->length);
    }
    if (r->control & DMA_CTL_SKIP) {
        s->offset += MIN(bytes_left(s, e), r->length);
    }
    return MEM_OK;
}

/* The guest gave the address of a request: control, length, address, big-endian. */
static void dma_start(FwCfg *s)
{
    uint64_t where = s->dma_addr;
    uint8_t raw[16];
    s->dma_addr = 0;
    if (dma_read(s->dma_space, where, raw, sizeof(raw)) != MEM_OK) {
        log_mask(LOG_GUEST_ERROR, "fw_cfg: DMA request at 0x%" G_GINT64_MODIFIER "x is outside memory\n", where);
        uint8_t error[4];
        store_be32(error, DMA_CTL_ERROR);
        dma_write(s->dma_space, where, error, sizeof(error));
        return;
    }
    DmaRequest request = { load_be32(raw), load_be32(raw + 4), load_be64(raw + 8) };
    uint8_t status[4];
    store_be32(status, carry_out(s, &request) == MEM_OK ? 0 : DMA_CTL_ERROR);
    dma_write(s->dma_space, where, status, sizeof(status));
}

static uint64_t dma_register_read(void *opaque, uint64_t addr, unsigned size)
{
    /* Bytes of the signature, the access's first one the most significant. */
    return FW_CFG_DMA_SIGNATURE >> (8 * (8 - addr - size)) & (size == 8 ? UINT64_MAX : (UINT64_C(1) << 8 * size) - 1);
}

static void dma_register_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    FwCfg *s = opaque;
    if (size == 8 && addr == 0) {
        s->dma_addr = value;
        dma_start(s);
    } else if (size == 4 && addr == 0) {
        s->dma_addr = value << 32;
    } else if (size == 4 && addr == 4) {
        s->dma_addr |= (uint32_t)value;
        dma_start(s);
    }
}

static const MemoryRegionOps dma_ops = { .read = dma_register_read, .write = dma_register_write, .endian = DEVICE_BIG_ENDIAN, .valid = { 1, 8 } };

/* ---- the device ---- */

static void fw_cfg_init(Object *object)
{
    FwCfg *s = (FwCfg *)object;
    s->files = g_array_new(FALSE, TRUE, sizeof(File));
}

static void fw_cfg_finalize(Object *object)
{
    FwCfg *s = (FwCfg *)object;
    for (unsigned n = 0; n < 2 * FW_CFG_ITEMS; n++) {
        g_free(s->items[n / FW_CFG_ITEMS][n % FW_CFG_ITEMS].data);
    }
    for (unsigned n = 0; n < s->files->len; n++) {
        File *f = &g_array_index(s->files, File, n);
        g_free(f->entry.data);
        g_free(f->name);
    }
    g_array_free(s->files, TRUE);
    if (the_fw_cfg == s) {
        the_fw_cfg = NULL;
    }
}

static void fw_cfg_reset(Device *dev)
{
    FwCfg *s = (FwCfg *)dev;
    select_item(s, FW_CFG_SIGNATURE);
    s->dma_addr = 0;
}

static const Property fw_cfg_properties[] = { PROP_BOOL("dma_enabled", FwCfg, dma_enabled, true) };
static const StateField fw_cfg_state[] = {
    STATE_UINT16(FwCfg, key), STATE_UINT32(FwCfg, offset), STATE_BOOL(FwCfg, key_valid), STATE_UINT64(FwCfg, dma_addr),
};
static const DeviceType fw_cfg_type = {
    .name = "fw_cfg", .parent = "sys-bus-device", .size = sizeof(FwCfg), .abstract = true, .summary = "firmware configuration",
    .properties = PROPERTIES(fw_cfg_properties), .state = STATE(fw_cfg_state, .version = 2),
    .init = fw_cfg_init, .finalize = fw_cfg_finalize, .reset = fw_cfg_reset,
};
REGISTER_DEVICE(fw_cfg_type)
static const DeviceType fw_cfg_io_type = { .name = "fw_cfg_io", .parent = "fw_cfg", .size = sizeof(FwCfg) };
REGISTER_DEVICE(fw_cfg_io_type)
static const DeviceType fw_cfg_mem_type = { .name = "fw_cfg_mem", .parent = "fw_cfg", .size = sizeof(FwCfg) };
REGISTER_DEVICE(fw_cfg_mem_type)

static FwCfg *make(const char *type_name, AddressSpace *dma_space, GError **err)
{
    FwCfg *s = (FwCfg *)device_new(type_name);
    s->dma_space = s->dma_enabled ? dma_space : NULL;
    if (!object_add_child(object_container("/machine"), "fw_cfg", OBJECT(s), err) || !device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    the_fw_cfg = s;
    fw_cfg_add_bytes(s, FW_CFG_SIGNATURE, g_memdup2("QEMU", 4), 4);
    fw_cfg_add_u32(s, FW_CFG_ID, FW_CFG_VERSION_TRADITIONAL | (s->dma_space ? FW_CFG_VERSION_DMA : 0));
    make_directory(s);
    select_item(s, FW_CFG_SIGNATURE);
    if (s->dma_space) {
        memory_region_init_io(&s->dma, OBJECT(s), &dma_ops, s, "fwcfg.dma", 8);
    }
    return s;
}

FwCfg *fw_cfg_new_io(uint32_t iobase, uint32_t dma_iobase, MemoryRegion *io, AddressSpace *dma_space, GError **err)
{
    FwCfg *s = make("fw_cfg_io", dma_space, err);
    if (!s) {
        return NULL;
    }
    memory_region_init_io(&s->ports, OBJECT(s), &ports_ops, s, "fwcfg", 2);
    memory_region_add_subregion(io, iobase, &s->ports);
    if (s->dma_space) {
        memory_region_add_subregion(io, dma_iobase, &s->dma);
    }
    return s;
}

FwCfg *fw_cfg_new_mmio(uint64_t ctl_addr, uint64_t data_addr, uint32_t data_width, uint64_t dma_addr, MemoryRegion *memory, AddressSpace *dma_space, GError **err)
{
    FwCfg *s = make("fw_cfg_mem", dma_space, err);
    if (!s) {
        return NULL;
    }
    memory_region_init_io(&s->ctl, OBJECT(s), &ctl_ops, s, "fwcfg.ctl", 2);
    memory_region_init_io(&s->data, OBJECT(s), &data_ops, s, "fwcfg.data", data_width);
    memory_region_add_subregion(memory, ctl_addr, &s->ctl);
    memory_region_add_subregion(memory, data_addr, &s->data);
    if (s->dma_space) {
        memory_region_add_subregion(memory, dma_addr, &s->dma);
    }
    return s;
}
