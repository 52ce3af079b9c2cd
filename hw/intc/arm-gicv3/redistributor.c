/*
 * The redistributors of a GICv3: a processor's private interrupts, its power state, and where its LPIs are kept (IHI 0069, 12.10, 12.11).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/log.h"

#include <inttypes.h>

enum {
    GICR_CTLR = 0x0000, GICR_IIDR = 0x0004, GICR_TYPER = 0x0008, GICR_WAKER = 0x0014, GICR_SETLPIR = 0x0040, GICR_CLRLPIR = 0x0048, GICR_PROPBASER = 0x0070, GICR_PENDBASER = 0x0078,
    GICR_INVLPIR = 0x00a0, GICR_INVALLR = 0x00b0, GICR_SGI_FRAME = 0x10000, GICR_VLPI_FRAME = 0x20000, GICR_VPROPBASER = 0x0070, GICR_VPENDBASER = 0x0078,
};
enum { CTLR_ENABLE_LPIS = 1 << 0, WAKER_PROCESSOR_SLEEP = 1 << 1, WAKER_CHILDREN_ASLEEP = 1 << 2 };
enum { TYPER_PLPIS = 1 << 0, TYPER_VLPIS = 1 << 1, TYPER_DIRECT_LPI = 1 << 3, TYPER_LAST = 1 << 4, TYPER_NUMBER_SHIFT = 8 };
#define PROPBASER_WRITABLE UINT64_C(0x070fffffffffff9f)
#define PENDBASER_WRITABLE UINT64_C(0x470fffffffff0f80)

static uint64_t typer(const GicCpu *c)
{
    uint64_t affinity = (c->affinity >> 32 & 0xff) << 24 | (c->affinity & 0xffffff);
    return affinity << 32 | (uint64_t)c->number << TYPER_NUMBER_SHIFT | (c->last ? TYPER_LAST : 0) | (c->gic->has_lpi ? TYPER_PLPIS | TYPER_DIRECT_LPI : 0)
        | (gicv3_has_vlpis(c->gic) ? TYPER_VLPIS : 0);
}

static bool read_frame(const GicCpu *c, uint32_t offset, unsigned size, bool nonsecure, uint64_t *value)
{
    switch (offset & ~7u) {
    case GICR_TYPER: *value = typer(c); break;
    case GICR_PROPBASER: *value = c->propbaser; break;
    case GICR_PENDBASER: *value = c->pendbaser & ~(UINT64_C(1) << 62); break;     /* PTZ reads as 0 */
    default: *value = 0; break;
    }
    *value >>= 8 * (offset & 4);
    switch (offset) {
    case GICR_CTLR: *value = c->lpis_enabled ? CTLR_ENABLE_LPIS : 0; break;
    case GICR_IIDR: *value = GICV3_IIDR_ARM; break;
    case GICR_WAKER: *value = !nonsecure && c->sleeps ? WAKER_PROCESSOR_SLEEP | WAKER_CHILDREN_ASLEEP : 0; break;
    default:
        if (offset >= GICV3_ID_REGISTERS) {
            *value = gicv3_id_register(c->gic, offset);
        }
        break;
    }
    return size >= 4;
}

/* 12.11.27: PROPBASER and PENDBASER may not change while LPIs are enabled. */
static void write_base(GicCpu *c, uint64_t *base, uint64_t writable, uint32_t offset, unsigned size, uint64_t value)
{
    if (c->gic->has_lpi && !c->lpis_enabled) {
        *base = (size == 8 ? value : deposit64(*base, 8 * (offset & 4), 32, value)) & writable;
    }
}

static bool write_lpi_register(GicCpu *c, uint32_t offset, uint64_t value)
{
    if (!c->gic->has_lpi) {
        return false;
    }
    switch (offset) {
    case GICR_SETLPIR: gicv3_lpi_set_pending(c, (uint32_t)value, true); return true;
    case GICR_CLRLPIR: gicv3_lpi_set_pending(c, (uint32_t)value, false); return true;
    case GICR_INVLPIR: gicv3_lpi_reload(c->gic, (uint32_t)value); return true;
    case GICR_INVALLR: gicv3_lpi_reload_all(c->gic); return true;
    default: return false;
    }
}

static bool write_frame(GicCpu *c, uint32_t offset, unsigned size, uint64_t value, bool nonsecure)
{
    switch (offset & ~7u) {
    case GICR_PROPBASER: write_base(c, &c->propbaser, PROPBASER_WRITABLE, offset, size, value); return true;
    case GICR_PENDBASER: write_base(c, &c->pendbaser, PENDBASER_WRITABLE, offset, size, value); return true;
    default: break;
    }
    switch (offset) {
    case GICR_CTLR:
        /* 12.11.2: once set it can stay so for good. */
        if (c->gic->has_lpi && value & CTLR_ENABLE_LPIS && !c->lpis_enabled) {
            gicv3_lpi_enable(c);
        }
        return true;
    case GICR_WAKER:
        c->sleeps = nonsecure ? c->sleeps : value & WAKER_PROCESSOR_SLEEP;
        return true;
    default:
        return write_lpi_register(c, offset, value);
    }
}

/* ---- the frame of virtual LPIs (GICv4), and a reserved one after it ---- */

static const uint64_t *vlpi_register(const GicCpu *c, uint32_t offset, unsigned size)
{
    if (!gicv3_has_vlpis(c->gic) || size < 4) {
        return NULL;
    }
    return (offset & ~7u) == GICR_VPROPBASER ? &c->vpropbaser : (offset & ~7u) == GICR_VPENDBASER ? &c->vpendbaser : NULL;
}

static bool read_vlpi_frame(const GicCpu *c, uint32_t offset, unsigned size, uint64_t *value)
{
    const uint64_t *known = vlpi_register(c, offset, size);
    *value = known ? *known >> 8 * (offset & 4) : 0;
    return known || size >= 4;
}

static bool write_vlpi_frame(GicCpu *c, uint32_t offset, unsigned size, uint64_t value)
{
    const uint64_t *known = vlpi_register(c, offset, size);
    if (!known) {
        return false;
    }
    uint64_t merged = size == 8 ? value : deposit64(*known, 8 * (offset & 4), 32, value);
    (known == &c->vpropbaser ? gicv3_vlpi_write_propbaser : gicv3_vlpi_write_pendbaser)(c, merged);
    return true;
}

/* ---- accesses ---- */

static GicCpu *cpu_at(const struct GicRegion *region, uint64_t addr) { return &region->gic->cpus[region->first + addr / gicv3_redistributor_size(region->gic)]; }

static bool read_any(const GicAccess *a, uint32_t offset, unsigned size, uint64_t *value)
{
    if (offset >= GICR_VLPI_FRAME) {
        return read_vlpi_frame(a->c, offset - GICR_VLPI_FRAME, size, value);
    }
    return offset >= GICR_SGI_FRAME ? gicv3_read_common(a, offset - GICR_SGI_FRAME, size, value) : read_frame(a->c, offset, size, a->nonsecure, value);
}

static bool write_any(const GicAccess *a, uint32_t offset, unsigned size, uint64_t value)
{
    if (offset >= GICR_VLPI_FRAME) {
        return write_vlpi_frame(a->c, offset - GICR_VLPI_FRAME, size, value);
    }
    return offset >= GICR_SGI_FRAME ? gicv3_write_common(a, offset - GICR_SGI_FRAME, size, value) : size >= 4 && write_frame(a->c, offset, size, value, a->nonsecure);
}

static MemResult redistributor_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    GicCpu *c = cpu_at(opaque, addr);
    uint32_t offset = addr % gicv3_redistributor_size(c->gic);
    GicAccess a = { c->gic, c, gicv3_nonsecure(c->gic, attrs) };
    *value = 0;
    if (!read_any(&a, offset, size, value)) {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3: a read of %u bytes at 0x%x of a redistributor\n", size, offset);
    }
    return MEM_OK;
}

static MemResult redistributor_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    GicCpu *c = cpu_at(opaque, addr);
    uint32_t offset = addr % gicv3_redistributor_size(c->gic);
    GicAccess a = { c->gic, c, gicv3_nonsecure(c->gic, attrs) };
    if (!write_any(&a, offset, size, value)) {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3: a write of %u bytes at 0x%x of a redistributor\n", size, offset);
    }
    return MEM_OK;
}

const MemoryRegionOps gicv3_redistributor_ops = {
    .read_checked = redistributor_read, .write_checked = redistributor_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 1, 8 },
};
