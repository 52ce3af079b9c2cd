/*
 * The CPU interfaces of a GICv2: which interrupt a processor is signalled, takes and ends (IHI 0048B, 3.3, 3.6, 4.4).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/log.h"

#include <string.h>

enum {
    GICC_CTLR = 0x00, GICC_PMR = 0x04, GICC_BPR = 0x08, GICC_IAR = 0x0c, GICC_EOIR = 0x10, GICC_RPR = 0x14, GICC_HPPIR = 0x18, GICC_ABPR = 0x1c, GICC_AIAR = 0x20,
    GICC_AEOIR = 0x24, GICC_AHPPIR = 0x28, GICC_APR = 0xd0, GICC_NSAPR = 0xe0, GICC_IIDR = 0xfc, GICC_DIR = 0x1000,
};
enum { GICC_IIDR_V2 = 0x0202143b, GICC_IIDR_V1 = 0x3901043b };
FIELD(EOIR_ID, 0, 10);

/* ---- priorities ---- */

/* The least binary point: 7 bits of priority can preempt at most (3.3.3). */
static unsigned minimum_bpr(const ArmGic *g) { return g->priority_bits >= 8 ? 0 : 7 - g->priority_bits; }

/* 3.3.3: the bits of a priority that count for preemption. */
static uint8_t group_mask(const GicCpu *c, bool group1)
{
    if (group1 && !(c->ctlr & CTLR_CBPR)) {
        return (uint8_t)(0xff << c->abpr);
    }
    return (uint8_t)(0xff << (c->bpr + 1));
}

static unsigned lowest_active(const uint32_t *apr)
{
    for (unsigned w = 0; w < GIC_APRS; w++) {
        if (apr[w]) {
            return w * 32 + (unsigned)__builtin_ctz(apr[w]);
        }
    }
    return 256;
}

static unsigned running_priority(const GicCpu *c)
{
    unsigned level = MIN(lowest_active(c->apr), lowest_active(c->nsapr));
    return level == 256 ? GIC_IDLE_PRIORITY : level << (minimum_bpr(c->gic) + 1);
}

static void activate_priority(GicCpu *c, bool group1, uint8_t priority)
{
    unsigned level = (priority & group_mask(c, group1)) >> (minimum_bpr(c->gic) + 1);
    (group1 ? c->nsapr : c->apr)[level / 32] |= 1u << level % 32;
}

/* ---- signalling ---- */

void gic_drive(GicCpu *c, unsigned output, bool level)
{
    if (c->driven[output] != level) {
        c->driven[output] = level;
        irq_set(c->gic->lines[output * c->gic->num_cpu + c->number], level);
    }
}

/* The best one may preempt what runs (3.3.2). */
static bool can_be_signalled(const GicCpu *c)
{
    const GicReady *r = &c->ready;
    if (r->best == GIC_READY_NONE || r->best_priority >= c->pmr) {
        return false;
    }
    return (r->best_priority & group_mask(c, gic_group1(c, r->best))) < running_priority(c);
}

void gic_cpu_update(GicCpu *c)
{
    bool signal = can_be_signalled(c);
    bool fiq = signal && !gic_group1(c, c->ready.best) && (c->ctlr & CTLR_FIQEN);
    gic_drive(c, GIC_OUT_IRQ, signal && !fiq);
    gic_drive(c, GIC_OUT_FIQ, fiq);
}

/* ---- taking and ending ---- */

typedef struct Access { bool nonsecure, aliased; } Access;

/* What a read of GICC_IAR, AIAR, HPPIR or AHPPIR may see of the best interrupt (4.4.4): itself or a special number. */
static unsigned seen_as(const GicCpu *c, unsigned irq, Access a)
{
    if (irq == GIC_READY_NONE) {
        return GIC_SPURIOUS;
    }
    bool group1 = gic_group1(c, irq);
    if (a.nonsecure || a.aliased) {
        return group1 ? irq : GIC_SPURIOUS;
    }
    return group1 && !(c->ctlr & CTLR_ACKCTL) ? GIC_OTHER_GROUP : irq;
}

/* The lowest processor whose SGI it is. */
static unsigned sgi_source(const GicCpu *c, unsigned irq)
{
    return irq < GIC_SGIS && c->sgi_sources[irq] ? (unsigned)__builtin_ctz(c->sgi_sources[irq]) : 0;
}

static uint32_t acknowledge(GicCpu *c, Access a)
{
    unsigned irq = can_be_signalled(c) ? seen_as(c, c->ready.best, a) : GIC_SPURIOUS;
    if (irq >= GIC_OTHER_GROUP) {
        return irq;
    }
    GicInterrupt *i = &c->gic->irqs[irq];
    unsigned source = sgi_source(c, irq);
    if (irq < GIC_SGIS) {
        c->sgi_sources[irq] &= (uint8_t)~(1u << source);
    }
    i->latched &= (uint8_t)~gic_bits(c, irq);
    i->active |= gic_bits(c, irq);
    activate_priority(c, gic_group1(c, irq), *gic_priority(c, irq));
    gic_irq_changed(c->gic, irq);
    return source << 10 | irq;
}

void gic_cpu_deactivate(GicCpu *c, unsigned irq)
{
    if (irq < c->gic->num_irq) {
        c->gic->irqs[irq].active &= (uint8_t)~gic_bits(c, irq);
        gic_irq_changed(c->gic, irq);
    }
}

/* 4.4.5: the priority drops; the interrupt is no longer active unless GICC_DIR is to say so. */
static void end_of_interrupt(GicCpu *c, uint32_t value, Access a)
{
    unsigned irq = (unsigned)FIELD_GET(value, EOIR_ID), low = lowest_active(c->apr), high = lowest_active(c->nsapr);
    bool group1 = high < low, only_group1 = a.nonsecure || a.aliased;
    if (irq >= c->gic->num_irq) {
        return;                         /* spurious: ignored */
    }
    uint32_t *apr = group1 ? c->nsapr : c->apr;
    if ((low != 256 || high != 256) && (group1 || !only_group1)) {
        unsigned level = MIN(low, high);
        apr[level / 32] &= ~(1u << level % 32);
    }
    bool split = c->ctlr & (a.nonsecure ? CTLR_EOIMODE_NS : CTLR_EOIMODE_S);
    if (!split && (!only_group1 || gic_group1(c, irq))) {
        gic_cpu_deactivate(c, irq);
    }
    gic_cpu_update(c);
}

static void deactivate(GicCpu *c, uint32_t value, Access a)
{
    unsigned irq = (unsigned)FIELD_GET(value, EOIR_ID);
    if (irq < c->gic->num_irq && (!a.nonsecure || gic_group1(c, irq))) {
        gic_cpu_deactivate(c, irq);
    }
}

/* ---- registers ---- */

/* 4.4.1: the non-secure copy has the enable of group 1 in bit 0 and its own EOImode in bit 9. */
static uint32_t read_ctlr(const GicCpu *c, bool nonsecure)
{
    if (!nonsecure) {
        return c->ctlr;
    }
    return (c->ctlr & CTLR_GRP1 ? 1 : 0) | (c->ctlr >> 2 & 0x60) | (c->ctlr & CTLR_EOIMODE_NS ? CTLR_EOIMODE_S : 0);
}

static void write_ctlr(GicCpu *c, uint32_t value, bool nonsecure)
{
    uint32_t all = CTLR_GRP0 | CTLR_GRP1 | CTLR_ACKCTL | CTLR_FIQEN | CTLR_CBPR | CTLR_BYPASS | CTLR_EOIMODE_S;
    if (nonsecure) {
        uint32_t own = CTLR_GRP1 | 3u << 7 | CTLR_EOIMODE_NS;
        value = (c->ctlr & ~own) | (value & 1 ? CTLR_GRP1 : 0) | (value & 0x60) << 2 | (value & CTLR_EOIMODE_S ? CTLR_EOIMODE_NS : 0);
    } else if (c->gic->has_security) {
        value &= all | CTLR_EOIMODE_NS;
    } else {
        value &= c->gic->revision == 1 ? CTLR_GRP0 : all;
    }
    bool groups = (c->ctlr ^ value) & (CTLR_GRP0 | CTLR_GRP1);
    c->ctlr = value;
    if (groups) {
        gic_all_changed(c->gic);
    } else {
        gic_cpu_update(c);
    }
}

/* 3.5.3: non-secure software sees the lower half of the priorities, shifted. */
static uint32_t shifted(unsigned priority, bool nonsecure)
{
    if (!nonsecure) {
        return priority;
    }
    return priority == GIC_IDLE_PRIORITY ? priority : priority & 0x80 ? priority << 1 & 0xff : 0;
}

static void write_pmr(GicCpu *c, uint32_t value, bool nonsecure)
{
    if (nonsecure && !(c->pmr & 0x80)) {
        return;
    }
    c->pmr = (uint8_t)(nonsecure ? 0x80 | (value & 0xff) >> 1 : value) & gic_priority_mask(c->gic);
    gic_cpu_update(c);
}

static uint32_t read_bpr(const GicCpu *c, Access a)
{
    if (a.aliased || (a.nonsecure && !(c->ctlr & CTLR_CBPR))) {
        return c->abpr;
    }
    return a.nonsecure ? MIN(c->bpr + 1u, 7u) : c->bpr;
}

static void write_bpr(GicCpu *c, uint32_t value, Access a)
{
    unsigned least = minimum_bpr(c->gic);
    if (a.aliased || (a.nonsecure && !(c->ctlr & CTLR_CBPR))) {
        c->abpr = (uint8_t)MAX(value & 7, least + 1);
    } else if (!a.nonsecure) {
        c->bpr = (uint8_t)MAX(value & 7, least);
    }
    gic_cpu_update(c);
}

/* 4.4.18: non-secure accesses see the lower half of the levels of group 1 as GICC_APR. NULL: RAZ/WI. */
static uint32_t *active_priorities(GicCpu *c, uint32_t offset, bool nonsecure)
{
    unsigned n = offset % 16 / 4;
    if (nonsecure) {
        return offset < GICC_NSAPR && n < 2 ? &c->nsapr[n + 2] : NULL;
    }
    return offset < GICC_NSAPR ? &c->apr[n] : &c->nsapr[n];
}

static uint32_t read_pending(const GicCpu *c, Access a)
{
    unsigned irq = seen_as(c, c->ready.best, a);
    return irq < GIC_OTHER_GROUP ? sgi_source(c, irq) << 10 | irq : irq;
}

static uint32_t interface_read(GicCpu *c, uint32_t offset, bool ns)
{
    switch (offset) {
    case GICC_CTLR: return read_ctlr(c, ns);
    case GICC_PMR: return shifted(c->pmr, ns);
    case GICC_BPR: return read_bpr(c, (Access){ ns, false });
    case GICC_IAR: return acknowledge(c, (Access){ ns, false });
    case GICC_RPR: return shifted(running_priority(c), ns);
    case GICC_HPPIR: return read_pending(c, (Access){ ns, false });
    case GICC_ABPR: return ns ? 0 : read_bpr(c, (Access){ ns, true });
    case GICC_AIAR: return ns ? 0 : acknowledge(c, (Access){ ns, true });
    case GICC_AHPPIR: return ns ? 0 : read_pending(c, (Access){ ns, true });
    case GICC_IIDR: return c->gic->revision == 1 ? GICC_IIDR_V1 : GICC_IIDR_V2;
    default: break;
    }
    if (offset >= GICC_APR && offset < GICC_NSAPR + 16) {
        uint32_t *word = active_priorities(c, offset, ns);
        return word ? *word : 0;
    }
    return 0;
}

static void interface_write(GicCpu *c, uint32_t offset, uint32_t value, bool ns)
{
    switch (offset) {
    case GICC_CTLR: write_ctlr(c, value, ns); return;
    case GICC_PMR: write_pmr(c, value, ns); return;
    case GICC_BPR: write_bpr(c, value, (Access){ ns, false }); return;
    case GICC_EOIR: end_of_interrupt(c, value, (Access){ ns, false }); return;
    case GICC_DIR: deactivate(c, value, (Access){ ns, false }); return;
    case GICC_ABPR:
        if (!ns) {
            write_bpr(c, value, (Access){ ns, true });
        }
        return;
    case GICC_AEOIR:
        if (!ns) {
            end_of_interrupt(c, value, (Access){ ns, true });
        }
        return;
    default: break;
    }
    if (offset >= GICC_APR && offset < GICC_NSAPR + 16) {
        uint32_t *word = active_priorities(c, offset, ns);
        if (word) {
            *word = value;
            gic_cpu_update(c);
        }
        return;
    }
    log_mask(LOG_GUEST_ERROR, "arm_gic: a write of 0x%x to 0x%x of a CPU interface, where nothing can be written\n", value, offset);
}

void gic_cpu_reset(GicCpu *c)
{
    unsigned least = minimum_bpr(c->gic);
    c->ctlr = 0;
    c->pmr = 0;
    c->bpr = (uint8_t)least;
    c->abpr = (uint8_t)(least + 1);
    memset(c->apr, 0, sizeof(c->apr));
    memset(c->nsapr, 0, sizeof(c->nsapr));
    memset(c->sgi_sources, 0, sizeof(c->sgi_sources));
    memset(c->private_priority, 0, sizeof(c->private_priority));
    gic_ready_clear(&c->ready);
    /* So that non-secure software can use the mask at all. */
    if (c->gic->reset_nonsecure) {
        c->pmr = 0x80;
        memset(c->private_priority, 0x80, sizeof(c->private_priority));
    }
}

/* ---- regions ---- */

static MemResult current_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = interface_read(gic_current(opaque), (uint32_t)addr, gic_nonsecure(opaque, attrs));
    return MEM_OK;
}
static MemResult current_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    interface_write(gic_current(opaque), (uint32_t)addr, (uint32_t)value, gic_nonsecure(opaque, attrs));
    return MEM_OK;
}
static MemResult own_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = interface_read(opaque, (uint32_t)addr, gic_nonsecure(((GicCpu *)opaque)->gic, attrs));
    return MEM_OK;
}
static MemResult own_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    interface_write(opaque, (uint32_t)addr, (uint32_t)value, gic_nonsecure(((GicCpu *)opaque)->gic, attrs));
    return MEM_OK;
}

const MemoryRegionOps gic_interface_ops = { .read_checked = current_read, .write_checked = current_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };
const MemoryRegionOps gic_own_interface_ops = { .read_checked = own_read, .write_checked = own_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };
