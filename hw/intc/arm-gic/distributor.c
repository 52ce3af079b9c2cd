/*
 * The distributor of a GICv2: the state of every interrupt, and where it goes (IHI 0048B, 3.2, 4.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/log.h"

#include <inttypes.h>

/* 4.1.2: the register map. */
enum {
    GICD_CTLR = 0x000, GICD_TYPER = 0x004, GICD_IIDR = 0x008, GICD_BITS = 0x080, GICD_IPRIORITYR = 0x400, GICD_ITARGETSR = 0x800, GICD_ICFGR = 0xc00, GICD_PPISR = 0xd00,
    GICD_NSACR = 0xe00, GICD_SGIR = 0xf00, GICD_CPENDSGIR = 0xf10, GICD_SPENDSGIR = 0xf20, GICD_SGI_END = 0xf30, GICD_ID = 0xfd0, GICD_END = 0x1000,
};
enum { GICD_IIDR_ARM = 0x43b };
enum { GICD_CTLR_GRP0 = 1, GICD_CTLR_GRP1 = 2 };
FIELD(SGIR_FILTER, 24, 2);
FIELD(SGIR_LIST, 16, 8);
FIELD(SGIR_NSATT, 15, 1);
FIELD(SGIR_ID, 0, 4);

/* ---- the state of an interrupt ---- */

/* Figure 3-1: a level-sensitive interrupt is pending while its input is high, whatever was latched. */
bool gic_pending(const GicCpu *c, unsigned irq)
{
    const GicInterrupt *i = &c->gic->irqs[irq];
    if (irq < GIC_SGIS) {
        return c->sgi_sources[irq];
    }
    return (i->latched | (i->edge ? 0 : i->level)) >> c->number & 1;
}

uint8_t *gic_priority(GicCpu *c, unsigned irq) { return irq < ARM_GIC_INTERNAL ? &c->private_priority[irq] : &c->gic->priority[irq]; }

/* 4.3.9: a group that the distributor does not forward, or that the interface has off, is not taken. */
static bool group_on(const GicCpu *c, unsigned irq)
{
    uint32_t bit = gic_group1(c, irq) ? GICD_CTLR_GRP1 : GICD_CTLR_GRP0;
    return c->gic->ctlr & c->ctlr & bit;
}

static bool is_ready(const GicCpu *c, unsigned irq)
{
    const GicInterrupt *i = &c->gic->irqs[irq];
    bool mine = irq < ARM_GIC_INTERNAL || i->targets >> c->number & 1;
    return mine && (i->enabled & ~i->active) >> c->number & 1 && gic_pending(c, irq) && group_on(c, irq);
}

void gic_irq_changed(ArmGic *g, unsigned irq)
{
    for (unsigned n = 0; n < g->num_cpu; n++) {
        GicCpu *c = &g->cpus[n];
        gic_ready_set(&c->ready, irq, is_ready(c, irq), *gic_priority(c, irq));
        gic_cpu_update(c);
    }
}

void gic_all_changed(ArmGic *g)
{
    for (unsigned n = 0; n < g->num_cpu; n++) {
        for (unsigned irq = 0; irq < g->num_irq; irq++) {
            gic_ready_set(&g->cpus[n].ready, irq, is_ready(&g->cpus[n], irq), *gic_priority(&g->cpus[n], irq));
        }
        gic_cpu_update(&g->cpus[n]);
    }
}

/* ---- registers of a bit an interrupt ---- */

static void put_bits(uint8_t *field, uint8_t bits, bool on) { *field = on ? *field | bits : *field & (uint8_t)~bits; }

static bool get_group(const GicCpu *c, unsigned irq) { return gic_group1(c, irq); }
static bool get_enabled(const GicCpu *c, unsigned irq) { return c->gic->irqs[irq].enabled >> c->number & 1; }
static bool get_active(const GicCpu *c, unsigned irq) { return c->gic->irqs[irq].active >> c->number & 1; }
static void set_group(GicCpu *c, unsigned irq, bool one) { put_bits(&c->gic->irqs[irq].group1, gic_bits(c, irq), one); }

static void set_enable(GicCpu *c, unsigned irq, bool one)
{
    if (one) {
        put_bits(&c->gic->irqs[irq].enabled, gic_bits(c, irq), true);
    }
}

/* SGIs are always enabled. */
static void clear_enable(GicCpu *c, unsigned irq, bool one)
{
    if (one && irq >= GIC_SGIS) {
        put_bits(&c->gic->irqs[irq].enabled, gic_bits(c, irq), false);
    }
}

/* 4.3.7: of SGIs the bits are read-only. */
static void set_pending(GicCpu *c, unsigned irq, bool one)
{
    if (one && irq >= GIC_SGIS) {
        put_bits(&c->gic->irqs[irq].latched, gic_bits(c, irq), true);
    }
}
static void clear_pending(GicCpu *c, unsigned irq, bool one)
{
    if (one && irq >= GIC_SGIS) {
        put_bits(&c->gic->irqs[irq].latched, gic_bits(c, irq), false);
    }
}
static void set_active(GicCpu *c, unsigned irq, bool one)
{
    if (one) {
        put_bits(&c->gic->irqs[irq].active, gic_bits(c, irq), true);
    }
}
static void clear_active(GicCpu *c, unsigned irq, bool one)
{
    if (one) {
        put_bits(&c->gic->irqs[irq].active, gic_bits(c, irq), false);
    }
}

/* From GICD_BITS on, 128 bytes each. */
typedef struct BitRegister { bool (*get)(const GicCpu *c, unsigned irq); void (*write)(GicCpu *c, unsigned irq, bool one); bool secure_only; unsigned nsacr; } BitRegister;
static const BitRegister bit_registers[] = {
    { get_group, set_group, true, 0 },              /* GICD_IGROUPR */
    { get_enabled, set_enable, false, 0 }, { get_enabled, clear_enable, false, 0 },
    { gic_pending, set_pending, false, 1 }, { gic_pending, clear_pending, false, 2 },
    { get_active, set_active, false, 0 }, { get_active, clear_active, false, 0 },
};

/* 4.3.17: secure software may let non-secure accesses change some of a group 0 interrupt. */
static bool visible(const GicCpu *c, unsigned irq, bool nonsecure, unsigned nsacr)
{
    return !nonsecure || gic_group1(c, irq) || (nsacr && c->gic->nsacr[irq] >= nsacr);
}

static bool groups_exist(const ArmGic *g) { return g->has_security || g->revision == 2; }

static uint32_t read_bits(GicCpu *c, uint32_t offset, unsigned size, bool nonsecure)
{
    const BitRegister *r = &bit_registers[(offset - GICD_BITS) / 0x80];
    unsigned first = offset % 0x80 * 8;
    uint32_t value = 0;
    if (r->secure_only && (nonsecure || !groups_exist(c->gic))) {
        return 0;
    }
    for (unsigned n = 0; n < size * 8 && first + n < c->gic->num_irq; n++) {
        value |= visible(c, first + n, nonsecure, r->nsacr) && r->get(c, first + n) ? 1u << n : 0;
    }
    return value;
}

static void write_bits(GicCpu *c, uint32_t offset, unsigned size, uint32_t value, bool nonsecure)
{
    const BitRegister *r = &bit_registers[(offset - GICD_BITS) / 0x80];
    unsigned first = offset % 0x80 * 8;
    if (r->secure_only && (nonsecure || !groups_exist(c->gic))) {
        return;
    }
    for (unsigned n = 0; n < size * 8 && first + n < c->gic->num_irq; n++) {
        bool one = value >> n & 1;
        if ((one || r->secure_only) && visible(c, first + n, nonsecure, r->nsacr)) {
            r->write(c, first + n, one);
            gic_irq_changed(c->gic, first + n);
        }
    }
}

/* ---- registers of a byte an interrupt ---- */

static uint8_t read_priority(GicCpu *c, unsigned irq, bool nonsecure)
{
    uint8_t priority = *gic_priority(c, irq);
    return nonsecure ? (uint8_t)(priority << 1) : priority;     /* 3.5.3 */
}

static void write_priority(GicCpu *c, unsigned irq, uint8_t value, bool nonsecure)
{
    *gic_priority(c, irq) = (nonsecure ? 0x80 | value >> 1 : value) & gic_priority_mask(c->gic);
}

static uint8_t read_targets(GicCpu *c, unsigned irq, bool nonsecure)
{
    if (c->gic->num_cpu == 1) {
        return 0;                       /* 4.3.12: of one processor they are RAZ/WI */
    }
    return irq < ARM_GIC_INTERNAL ? (uint8_t)(1u << c->number) : c->gic->irqs[irq].targets;
}

static void write_targets(GicCpu *c, unsigned irq, uint8_t value, bool nonsecure)
{
    if (irq >= ARM_GIC_INTERNAL && c->gic->num_cpu > 1) {
        c->gic->irqs[irq].targets = value & ((1u << c->gic->num_cpu) - 1);
    }
}

static uint32_t read_bytes(GicCpu *c, uint32_t offset, unsigned size, bool nonsecure)
{
    bool targets = offset >= GICD_ITARGETSR;
    uint32_t first = offset - (targets ? GICD_ITARGETSR : GICD_IPRIORITYR), value = 0;
    for (unsigned n = 0; n < size && first + n < c->gic->num_irq; n++) {
        if (visible(c, first + n, nonsecure, targets ? 3 : 0)) {
            value |= (uint32_t)(targets ? read_targets : read_priority)(c, first + n, nonsecure) << 8 * n;
        }
    }
    return value;
}

static void write_bytes(GicCpu *c, uint32_t offset, unsigned size, uint32_t value, bool nonsecure)
{
    bool targets = offset >= GICD_ITARGETSR;
    uint32_t first = offset - (targets ? GICD_ITARGETSR : GICD_IPRIORITYR);
    for (unsigned n = 0; n < size && first + n < c->gic->num_irq; n++) {
        if (visible(c, first + n, nonsecure, targets ? 3 : 0)) {
            (targets ? write_targets : write_priority)(c, first + n, (uint8_t)(value >> 8 * n), nonsecure);
            gic_irq_changed(c->gic, first + n);
        }
    }
}

/* ---- registers of two bits an interrupt ---- */

static uint32_t read_pairs(GicCpu *c, uint32_t offset, unsigned size, bool nonsecure)
{
    unsigned first = offset % 0x100 * 4;
    uint32_t value = 0;
    for (unsigned n = 0; n < size * 4 && first + n < c->gic->num_irq; n++) {
        unsigned irq = first + n;
        if (offset >= GICD_NSACR) {
            value |= nonsecure ? 0 : (uint32_t)c->gic->nsacr[irq] << 2 * n;
        } else if (visible(c, irq, nonsecure, 0)) {
            value |= (irq < GIC_SGIS || c->gic->irqs[irq].edge ? 2u : 0) << 2 * n;
        }
    }
    return value;
}

static void write_pairs(GicCpu *c, uint32_t offset, unsigned size, uint32_t value, bool nonsecure)
{
    unsigned first = offset % 0x100 * 4;
    for (unsigned n = 0; n < size * 4 && first + n < c->gic->num_irq; n++) {
        unsigned irq = first + n;
        uint32_t pair = value >> 2 * n & 3;
        if (offset >= GICD_NSACR) {
            c->gic->nsacr[irq] = nonsecure || !c->gic->has_security ? c->gic->nsacr[irq] : (uint8_t)pair;
        } else if (irq >= GIC_SGIS && visible(c, irq, nonsecure, 0)) {
            c->gic->irqs[irq].edge = pair & 2;
            gic_irq_changed(c->gic, irq);
        }
    }
}

/* ---- software-generated interrupts ---- */

/* 4.3.15. Non-secure software reaches those of group 1 alone (table 4-22). */
static void generate_sgi(GicCpu *c, uint32_t value, bool nonsecure)
{
    ArmGic *g = c->gic;
    unsigned irq = (unsigned)FIELD_GET(value, SGIR_ID);
    uint8_t all = (uint8_t)((1u << g->num_cpu) - 1), own = (uint8_t)(1u << c->number);
    uint8_t lists[] = { (uint8_t)FIELD_GET(value, SGIR_LIST), (uint8_t)~own, own, 0 };
    uint8_t targets = lists[FIELD_GET(value, SGIR_FILTER)] & all;
    for (unsigned n = 0; n < g->num_cpu; n++) {
        GicCpu *to = &g->cpus[n];
        bool group1 = gic_group1(to, irq);
        bool allowed = !g->has_security || (nonsecure ? group1 || g->nsacr[irq] : group1 == (bool)FIELD_GET(value, SGIR_NSATT));
        if (targets >> n & 1 && allowed) {
            to->sgi_sources[irq] |= own;
        }
    }
    gic_irq_changed(g, irq);
}

static uint32_t read_sgi_pending(GicCpu *c, uint32_t offset, unsigned size, bool nonsecure)
{
    uint32_t value = 0;
    for (unsigned n = 0; n < size; n++) {
        unsigned irq = offset % 16 + n;
        value |= irq < GIC_SGIS && visible(c, irq, nonsecure, 0) ? (uint32_t)c->sgi_sources[irq] << 8 * n : 0;
    }
    return value;
}

static void write_sgi_pending(GicCpu *c, uint32_t offset, unsigned size, uint32_t value, bool nonsecure)
{
    for (unsigned n = 0; n < size; n++) {
        unsigned irq = offset % 16 + n;
        if (irq < GIC_SGIS && visible(c, irq, nonsecure, 0)) {
            put_bits(&c->sgi_sources[irq], (uint8_t)(value >> 8 * n), offset >= GICD_SPENDSGIR);
            gic_irq_changed(c->gic, irq);
        }
    }
}

/* ---- the rest ---- */

static uint32_t typer(const ArmGic *g) { return (g->num_irq / 32 - 1) | (g->num_cpu - 1) << 5 | (g->has_security ? 1u << 10 : 0); }

/* 4.3.18: PrimeCell identification, of a GIC-400 or, for version 1, a PL390. */
static uint8_t id_register(const ArmGic *g, uint32_t offset)
{
    static const uint8_t id[] = { 0x04, 0, 0, 0, 0x90, 0xb4, 0x2b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
    static const uint8_t id_v1[] = { 0x04, 0, 0, 0, 0x90, 0xb3, 0x1b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
    return offset & 3 ? 0 : (g->revision == 1 ? id_v1 : id)[(offset - GICD_ID) / 4];
}

/* 4.3.1: the non-secure copy of bit 0 is the enable of group 1. */
static void write_ctlr(ArmGic *g, uint32_t value, bool nonsecure)
{
    if (nonsecure) {
        g->ctlr = (g->ctlr & GICD_CTLR_GRP0) | (value & 1 ? GICD_CTLR_GRP1 : 0);
    } else {
        g->ctlr = value & (groups_exist(g) ? GICD_CTLR_GRP0 | GICD_CTLR_GRP1 : GICD_CTLR_GRP0);
    }
    gic_all_changed(g);
}

static uint32_t read_word(GicCpu *c, uint32_t offset, bool nonsecure)
{
    switch (offset) {
    case GICD_CTLR: return nonsecure ? c->gic->ctlr >> 1 : c->gic->ctlr;
    case GICD_TYPER: return typer(c->gic);
    case GICD_IIDR: return GICD_IIDR_ARM;
    default: return offset >= GICD_ID ? id_register(c->gic, offset) : 0;
    }
}

/* 4.3.16 (GICD_PPISR of implementations): the inputs themselves. */
static uint32_t read_inputs(const GicCpu *c, uint32_t offset)
{
    unsigned first = offset % 0x100 * 8;
    uint32_t value = 0;
    for (unsigned n = 0; n < 32 && first + n < c->gic->num_irq; n++) {
        value |= (uint32_t)(c->gic->irqs[first + n].level >> c->number & 1) << n;
    }
    return value;
}

static MemResult distributor_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    GicCpu *c = gic_current(opaque);
    uint32_t offset = (uint32_t)addr;
    bool ns = gic_nonsecure(c->gic, attrs);
    if (offset >= GICD_BITS && offset < GICD_IPRIORITYR) {
        *value = read_bits(c, offset, size, ns);
    } else if (offset >= GICD_IPRIORITYR && offset < GICD_ICFGR) {
        *value = read_bytes(c, offset, size, ns);
    } else if ((offset >= GICD_ICFGR && offset < GICD_PPISR) || (offset >= GICD_NSACR && offset < GICD_SGIR)) {
        *value = read_pairs(c, offset, size, ns);
    } else if (offset >= GICD_PPISR && offset < GICD_NSACR) {
        *value = read_inputs(c, offset & ~3u) >> 8 * (offset & 3);
    } else if (offset >= GICD_CPENDSGIR && offset < GICD_SGI_END) {
        *value = read_sgi_pending(c, offset, size, ns);
    } else {
        *value = read_word(c, offset & ~3u, ns) >> 8 * (offset & 3);
    }
    return MEM_OK;
}

static MemResult distributor_write(void *opaque, uint64_t addr, uint64_t wide, unsigned size, MemAttrs attrs)
{
    GicCpu *c = gic_current(opaque);
    uint32_t offset = (uint32_t)addr, value = (uint32_t)wide;
    bool ns = gic_nonsecure(c->gic, attrs);
    if (offset >= GICD_BITS && offset < GICD_IPRIORITYR) {
        write_bits(c, offset, size, value, ns);
    } else if (offset >= GICD_IPRIORITYR && offset < GICD_ICFGR) {
        write_bytes(c, offset, size, value, ns);
    } else if ((offset >= GICD_ICFGR && offset < GICD_PPISR) || (offset >= GICD_NSACR && offset < GICD_SGIR)) {
        write_pairs(c, offset, size, value, ns);
    } else if (offset >= GICD_CPENDSGIR && offset < GICD_SGI_END) {
        write_sgi_pending(c, offset, size, value, ns);
    } else if (offset == GICD_SGIR) {
        generate_sgi(c, value, ns);
    } else if (offset == GICD_CTLR) {
        write_ctlr(c->gic, value, ns);
    } else {
        log_mask(LOG_GUEST_ERROR, "arm_gic: a write of 0x%x to 0x%x of the distributor, where nothing can be written\n", value, offset);
    }
    return MEM_OK;
}

const MemoryRegionOps gic_distributor_ops = { .read_checked = distributor_read, .write_checked = distributor_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };
