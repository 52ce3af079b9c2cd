/*
 * The distributor of a GICv3 (IHI 0069, 12.9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/log.h"

#include <inttypes.h>

enum { GICD_CTLR = 0x0000, GICD_TYPER = 0x0004, GICD_IIDR = 0x0008, GICD_IROUTER = 0x6000, GICD_IROUTER_END = 0x8000 };
/* GICD_CTLR as non-secure software sees it. */
enum { GICD_CTLR_NS_GRP1A = 1 << 1, GICD_CTLR_NS_ARE = 1 << 4 };
enum { GICD_TYPER_NMI = 1 << 9, GICD_TYPER_SECURITY = 1 << 10, GICD_TYPER_LPIS = 1 << 17, GICD_TYPER_ID_BITS_SHIFT = 19, GICD_TYPER_A3V = 1 << 24, GICD_TYPER_NO_1N = 1 << 25 };
#define ROUTER_AFFINITY UINT64_C(0xff00ffffff)

static uint32_t read_ctlr(const ArmGicv3 *g, bool nonsecure)
{
    if (nonsecure) {
        return GICD_CTLR_NS_ARE | (g->ctlr & GICD_CTLR_GRP1NS ? GICD_CTLR_NS_GRP1A : 0);
    }
    return g->ctlr;
}

/* 12.9.4. DS can be set but not cleared; affinity routing cannot be left. */
static void write_ctlr(ArmGicv3 *g, uint32_t value, bool nonsecure)
{
    if (nonsecure) {
        g->ctlr = (g->ctlr & ~GICD_CTLR_GRP1NS) | (value & GICD_CTLR_NS_GRP1A ? GICD_CTLR_GRP1NS : 0);
    } else {
        uint32_t groups = gicv3_single(g) || value & GICD_CTLR_DS ? GICD_CTLR_GRP0 | GICD_CTLR_GRP1NS : GICD_CTLR_GRP0 | GICD_CTLR_GRP1NS | GICD_CTLR_GRP1S;
        g->ctlr = (g->ctlr & (GICD_CTLR_ARE_S | GICD_CTLR_ARE_NS | GICD_CTLR_DS)) | (value & (groups | GICD_CTLR_DS));
        if (gicv3_single(g)) {
            g->ctlr = (g->ctlr & ~GICD_CTLR_ARE_NS) | GICD_CTLR_ARE_S;      /* one ARE, bit 4 */
        }
    }
    gicv3_rebuild(g);
}

static uint32_t typer(const ArmGicv3 *g)
{
    return (g->num_irq / 32 - 1) | (gicv3_single(g) ? 0 : GICD_TYPER_SECURITY) | (g->has_lpi ? GICD_TYPER_LPIS : 0) | (GIC_ID_BITS - 1) << GICD_TYPER_ID_BITS_SHIFT | GICD_TYPER_A3V
        | GICD_TYPER_NO_1N | (g->has_nmi ? GICD_TYPER_NMI : 0);
}

/* ---- routing ---- */

/* The interrupt whose router the offset is of; 0: none that the access may see. */
static unsigned routed_irq(const ArmGicv3 *g, uint32_t offset, bool nonsecure)
{
    unsigned irq = (offset - GICD_IROUTER) / 8;
    if (irq < ARM_GIC_INTERNAL || irq >= g->num_irq) {
        return 0;
    }
    return gicv3_visible(g, &g->words[irq / 32], nonsecure) >> irq % 32 & 1 ? irq : 0;
}

static void write_router(ArmGicv3 *g, unsigned irq, uint64_t value)
{
    GicCpu *before = g->target[irq];
    g->router[irq] = value & ROUTER_AFFINITY;
    g->target[irq] = gicv3_by_affinity(g, g->router[irq]);
    if (before && before != g->target[irq]) {
        gic_ready_set(&before->ready, irq, false, 0);
        gicv3_cpu_update(before);
    }
    gicv3_irq_changed(g, NULL, irq);
}

static bool read_router(const ArmGicv3 *g, uint32_t offset, unsigned size, bool nonsecure, uint64_t *value)
{
    if (size < 4) {
        return false;
    }
    unsigned irq = routed_irq(g, offset, nonsecure);
    *value = irq ? g->router[irq] >> 8 * (offset & 4) : 0;
    return true;
}

static bool store_router(ArmGicv3 *g, uint32_t offset, unsigned size, bool nonsecure, uint64_t value)
{
    if (size < 4) {
        return false;
    }
    unsigned irq = routed_irq(g, offset, nonsecure);
    if (irq) {
        write_router(g, irq, size == 8 ? value : deposit64(g->router[irq], 8 * (offset & 4), 32, value));
    }
    return true;
}

/* ---- accesses ---- */

static bool read_own(const ArmGicv3 *g, uint32_t offset, unsigned size, bool ns, uint64_t *value)
{
    if (offset >= GICD_IROUTER && offset < GICD_IROUTER_END) {
        return read_router(g, offset, size, ns, value);
    }
    if (size != 4) {
        return false;
    }
    switch (offset) {
    case GICD_CTLR: *value = read_ctlr(g, ns); return true;
    case GICD_TYPER: *value = typer(g); return true;
    case GICD_IIDR: *value = GICV3_IIDR_ARM; return true;
    default: *value = offset >= GICV3_ID_REGISTERS ? gicv3_id_register(g, offset) : 0; return true;
    }
}

static MemResult distributor_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    ArmGicv3 *g = opaque;
    GicAccess a = { g, NULL, gicv3_nonsecure(g, attrs) };
    *value = 0;
    if (!gicv3_read_common(&a, (uint32_t)addr, size, value) && !read_own(g, (uint32_t)addr, size, a.nonsecure, value)) {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3: a read of %u bytes at 0x%" PRIx64 " of the distributor\n", size, addr);
    }
    return MEM_OK;
}

static MemResult distributor_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    ArmGicv3 *g = opaque;
    GicAccess a = { g, NULL, gicv3_nonsecure(g, attrs) };
    uint32_t offset = (uint32_t)addr;
    bool router = offset >= GICD_IROUTER && offset < GICD_IROUTER_END;
    if (gicv3_write_common(&a, offset, size, value) || (router && store_router(g, offset, size, a.nonsecure, value))) {
        return MEM_OK;
    }
    if (offset == GICD_CTLR && size == 4) {
        write_ctlr(g, (uint32_t)value, a.nonsecure);
    } else {
        log_mask(LOG_GUEST_ERROR, "arm-gicv3: a write of %u bytes at 0x%" PRIx64 " of the distributor\n", size, addr);
    }
    return MEM_OK;
}

const MemoryRegionOps gicv3_distributor_ops = {
    .read_checked = distributor_read, .write_checked = distributor_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 1, 8 },
};
