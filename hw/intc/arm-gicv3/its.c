/*
 * The registers of the Interrupt Translation Service, and the doorbell that devices write (IHI 0069, 12.18, 12.19).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "its.h"

#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

enum {
    GITS_CTLR = 0x0000, GITS_IIDR = 0x0004, GITS_TYPER = 0x0008, GITS_CBASER = 0x0080, GITS_CWRITER = 0x0088, GITS_CREADR = 0x0090, GITS_BASER = 0x0100, GITS_BASER_END = 0x0140,
    GITS_TRANSLATER = 0x0040,
};
enum { CTLR_ENABLED = 1 << 0 };
#define CTLR_QUIESCENT (1u << 31)
/* 12.19.10: physical LPIs; redistributors by number. Of a GICv4: virtual ones, and VMOVP goes to one service alone. */
#define TYPER_VIRTUAL (UINT64_C(1) << 1 | UINT64_C(1) << 37)
#define TYPER_VALUE (UINT64_C(1) | (ITS_ENTRY_SIZE - 1) << 4 | (ITS_EVENT_BITS - 1) << 8 | (ITS_DEVICE_BITS - 1) << 13)
#define CBASER_WRITABLE UINT64_C(0xf8effffffffffcff)
#define CBASER_ADDRESS_SIZE(cbaser) (((cbaser) & 0xff) + 1)
/* 12.19.1: what a guest may change: all but the kind of the table and the size of entries. */
#define BASER_WRITABLE UINT64_C(0xf8e0ffffffffffff)
#define BASER_FIXED(type) ((uint64_t)(type) << 56 | (uint64_t)(ITS_ENTRY_SIZE - 1) << 48)
static const uint8_t table_types[ITS_TABLES] = { [ITS_DEVICES] = 1, [ITS_COLLECTIONS] = 4, [ITS_VPES] = 2 };
#define QUEUE_OFFSET UINT64_C(0xfffe0)

uint64_t its_queue_size(const ArmGicv3Its *s) { return CBASER_ADDRESS_SIZE(s->cbaser) * 4096; }

static unsigned tables(const ArmGicv3Its *s) { return gicv3_has_vlpis(its_gic(s)) ? ITS_TABLES : ITS_VPES; }

/* ---- registers ---- */

/* The register of 64 bits that holds the offset; NULL: none. */
static const uint64_t *wide_register(const ArmGicv3Its *s, uint64_t addr, uint64_t *scratch)
{
    uint64_t at = addr & ~UINT64_C(7);
    *scratch = TYPER_VALUE | (gicv3_has_vlpis(its_gic(s)) ? TYPER_VIRTUAL : 0);
    if (at >= GITS_BASER && at < GITS_BASER_END) {
        return &s->baser[(at - GITS_BASER) / 8];
    }
    return at == GITS_TYPER ? scratch : at == GITS_CBASER ? &s->cbaser : at == GITS_CWRITER ? &s->cwriter : at == GITS_CREADR ? &s->creadr : NULL;
}

static uint64_t control_read(void *opaque, uint64_t addr, unsigned size)
{
    const ArmGicv3Its *s = opaque;
    uint64_t scratch;
    const uint64_t *wide = wide_register(s, addr, &scratch);
    if (wide) {
        return *wide >> 8 * (addr & 4);
    }
    switch (addr) {
    case GITS_CTLR: return s->ctlr | CTLR_QUIESCENT;
    case GITS_IIDR: return GICV3_IIDR_ARM;
    default: return addr >= GICV3_ID_REGISTERS ? gicv3_id_register(its_gic(s), (uint32_t)addr) : 0;
    }
}

static uint64_t merge(uint64_t old, uint64_t addr, uint64_t value, unsigned size) { return size == 8 ? value : deposit64(old, 8 * (addr & 4), 32, value); }

static void write_ctlr(ArmGicv3Its *s, uint32_t value)
{
    s->ctlr = value & CTLR_ENABLED;
    its_run_commands(s);
}

/* 12.19.2: tables and queue may change only while the service is off. */
static void write_wide(ArmGicv3Its *s, uint64_t addr, uint64_t value, unsigned size)
{
    uint64_t at = addr & ~UINT64_C(7);
    if (at == GITS_CWRITER) {
        s->cwriter = merge(s->cwriter, addr, value, size) & QUEUE_OFFSET;
        s->creadr &= ~(uint64_t)ITS_STALLED;        /* 5.3.2: a new write tries again */
        its_run_commands(s);
    } else if (s->ctlr & CTLR_ENABLED) {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3-its: a write to 0x%" PRIx64 " while the service is enabled\n", addr);
    } else if (at == GITS_CBASER) {
        s->cbaser = merge(s->cbaser, addr, value, size) & CBASER_WRITABLE;
        s->creadr = 0;
    } else if (at >= GITS_BASER && at < GITS_BASER_END) {
        unsigned n = (unsigned)(at - GITS_BASER) / 8;
        if (n < tables(s)) {
            s->baser[n] = (merge(s->baser[n], addr, value, size) & BASER_WRITABLE) | BASER_FIXED(table_types[n]);
        }
    }
}

static void control_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    ArmGicv3Its *s = opaque;
    uint64_t scratch;
    if (wide_register(s, addr, &scratch)) {
        write_wide(s, addr, value, size);
    } else if (addr == GITS_CTLR && size == 4) {
        write_ctlr(s, (uint32_t)value);
    } else {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3-its: a write of %u bytes at 0x%" PRIx64 "\n", size, addr);
    }
}

static MemResult translation_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = 0;                         /* GITS_TRANSLATER is write-only */
    return MEM_OK;
}

static MemResult translation_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    if (addr == GITS_TRANSLATER && (size == 4 || size == 2)) {
        its_translate(opaque, attrs.requester_id, (uint32_t)value);
    }
    return MEM_OK;
}

static const MemoryRegionOps control_ops = { .read = control_read, .write = control_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 8 }, .impl = { 4, 8 } };
static const MemoryRegionOps translation_ops = { .read_checked = translation_read, .write_checked = translation_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 2, 4 } };

/* ---- the device ---- */

static bool its_realize(Device *dev, GError **err)
{
    ArmGicv3Its *s = (ArmGicv3Its *)dev;
    if (!s->gic_link) {
        return error_set(err, "arm-gicv3-its: property 'parent-gicv3' is not set");
    }
    if (!its_gic(s)->has_lpi) {
        return error_set(err, "Physical LPI not supported by CPU interface");
    }
    memory_region_init(&s->whole, OBJECT(s), "gicv3_its", ARM_GICV3_ITS_SIZE);
    memory_region_init_io(&s->control, OBJECT(s), &control_ops, s, "control", 0x10000);
    memory_region_init_io(&s->translation, OBJECT(s), &translation_ops, s, "translation", 0x10000);
    memory_region_add_subregion(&s->whole, 0, &s->control);
    memory_region_add_subregion(&s->whole, 0x10000, &s->translation);
    sysbus_add_mmio(&s->parent, &s->whole);
    return true;
}

static void its_reset(Device *dev)
{
    ArmGicv3Its *s = (ArmGicv3Its *)dev;
    s->ctlr = 0;
    s->cbaser = s->cwriter = s->creadr = 0;
    memset(s->baser, 0, sizeof(s->baser));
    for (unsigned n = 0; n < tables(s); n++) {
        s->baser[n] = BASER_FIXED(table_types[n]);
    }
}

static const Property its_properties[] = { PROP_LINK("parent-gicv3", ArmGicv3Its, gic_link, "arm-gicv3") };
static const DeviceType its_common_type = { .name = "arm-gicv3-its-common", .parent = "sys-bus-device", .size = sizeof(ArmGicv3Its), .abstract = true };
REGISTER_DEVICE(its_common_type)
static const DeviceType its_type = {
    .name = "arm-gicv3-its", .parent = "arm-gicv3-its-common", .properties = PROPERTIES(its_properties), .realize = its_realize, .reset = its_reset,
};
REGISTER_DEVICE(its_type)

Device *arm_gicv3_its_create(MemoryRegion *memory, uint64_t addr, Device *gic, GError **err)
{
    Device *dev = device_new("arm-gicv3-its");
    if (!object_set_link(OBJECT(dev), "parent-gicv3", OBJECT(gic), err)) {
        object_unref(OBJECT(dev));
        return NULL;
    }
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    return dev;
}
