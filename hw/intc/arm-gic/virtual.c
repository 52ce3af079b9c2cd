/*
 * The virtualization extensions of a GICv2: list registers that a hypervisor fills (GICH), and the interface that its guest sees in place of a CPU interface (GICV)
 * (IHI 0048B, 5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/log.h"

#include <string.h>

/* 5.3. */
enum {
    GICH_HCR = 0x00, GICH_VTR = 0x04, GICH_VMCR = 0x08, GICH_MISR = 0x10, GICH_EISR0 = 0x20, GICH_ELSR0 = 0x30, GICH_APR = 0xf0, GICH_LR = 0x100, GICH_SIZE = 0x200,
};
enum { HCR_EN = 1 << 0, HCR_UIE = 1 << 1, HCR_LRENPIE = 1 << 2, HCR_NPIE = 1 << 3, HCR_VGRP0EIE = 1 << 4, HCR_VGRP0DIE = 1 << 5, HCR_VGRP1EIE = 1 << 6, HCR_VGRP1DIE = 1 << 7 };
#define HCR_WRITABLE 0xf80000ffu
FIELD(HCR_EOICOUNT, 27, 5);
enum { MISR_EOI = 1 << 0, MISR_U = 1 << 1, MISR_LRENP = 1 << 2, MISR_NP = 1 << 3, MISR_GRP0E = 1 << 4, MISR_GRP0D = 1 << 5, MISR_GRP1E = 1 << 6, MISR_GRP1D = 1 << 7 };
#define GICH_VTR_VALUE (0x90000000u | (GIC_LIST_REGISTERS - 1))     /* 5 bits of priority, 5 of preemption */
FIELD(LR_VIRTUAL_ID, 0, 10);
FIELD(LR_PHYSICAL_ID, 10, 10);
FIELD(LR_PRIORITY, 23, 5);
#define LR_PENDING (1u << 28)
#define LR_ACTIVE (1u << 29)
#define LR_GRP1 (1u << 30)
#define LR_HW (1u << 31)
#define LR_EOI (1u << 19)               /* of those without HW */
#define LR_WRITABLE (0xff800000u | 0x000fffffu)
/* 5.5. */
enum {
    GICV_CTLR = 0x00, GICV_PMR = 0x04, GICV_BPR = 0x08, GICV_IAR = 0x0c, GICV_EOIR = 0x10, GICV_RPR = 0x14, GICV_HPPIR = 0x18, GICV_ABPR = 0x1c, GICV_AIAR = 0x20, GICV_AEOIR = 0x24,
    GICV_AHPPIR = 0x28, GICV_APR0 = 0xd0, GICV_IIDR = 0xfc, GICV_DIR = 0x1000,
};
enum { GICV_IIDR_VALUE = 0x0202143b, GICV_MIN_BPR = 2, GICV_CTLR_WRITABLE = CTLR_GRP0 | CTLR_GRP1 | CTLR_ACKCTL | CTLR_FIQEN | CTLR_CBPR | CTLR_EOIMODE_S };

/* ---- list registers ---- */

static unsigned lr_priority(uint32_t lr) { return (unsigned)FIELD_GET(lr, LR_PRIORITY) << 3; }
static bool lr_valid(uint32_t lr) { return lr & (LR_PENDING | LR_ACTIVE); }
/* 5.3.6: it has been ended and the hypervisor wants to know. */
static bool lr_ended(uint32_t lr) { return !lr_valid(lr) && !(lr & LR_HW) && (lr & LR_EOI); }

/* The best list register that is pending, of an enabled group; -1. */
static int best_lr(const GicVirtual *v)
{
    int best = -1;
    for (int n = 0; n < GIC_LIST_REGISTERS; n++) {
        uint32_t lr = v->lr[n];
        bool on = v->ctlr & (lr & LR_GRP1 ? CTLR_GRP1 : CTLR_GRP0);
        if (on && (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING && (best < 0 || lr_priority(lr) < lr_priority(v->lr[best]))) {
            best = n;
        }
    }
    return best;
}

static uint8_t group_mask(const GicVirtual *v, bool group1)
{
    return group1 && !(v->ctlr & CTLR_CBPR) ? (uint8_t)(0xff << v->abpr) : (uint8_t)(0xff << (v->bpr + 1));
}

static unsigned running_priority(const GicVirtual *v) { return v->apr ? (unsigned)__builtin_ctz(v->apr) << 3 : GIC_IDLE_PRIORITY; }

/* The list register to be signalled, or -1. */
static int signalled_lr(const GicVirtual *v)
{
    int n = v->hcr & HCR_EN ? best_lr(v) : -1;
    if (n < 0 || lr_priority(v->lr[n]) >= v->pmr) {
        return -1;
    }
    return (lr_priority(v->lr[n]) & group_mask(v, v->lr[n] & LR_GRP1)) < running_priority(v) ? n : -1;
}

/* ---- maintenance ---- */

static uint32_t lrs_where(const GicVirtual *v, bool (*holds)(uint32_t lr))
{
    uint32_t set = 0;
    for (unsigned n = 0; n < GIC_LIST_REGISTERS; n++) {
        set |= holds(v->lr[n]) ? 1u << n : 0;
    }
    return set;
}

static bool lr_free(uint32_t lr) { return !lr_valid(lr) && (lr & LR_HW || !(lr & LR_EOI)); }
static bool lr_only_pending(uint32_t lr) { return (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING; }

/* 5.3.4. */
static uint32_t maintenance(const GicVirtual *v)
{
    uint32_t h = v->hcr;
    bool grp0 = v->ctlr & CTLR_GRP0, grp1 = v->ctlr & CTLR_GRP1;
    return (lrs_where(v, lr_ended) ? MISR_EOI : 0) | (h & HCR_UIE && __builtin_popcount(lrs_where(v, lr_valid)) <= 1 ? MISR_U : 0)
        | (h & HCR_LRENPIE && FIELD_GET(h, HCR_EOICOUNT) ? MISR_LRENP : 0) | (h & HCR_NPIE && !lrs_where(v, lr_only_pending) ? MISR_NP : 0)
        | (h & HCR_VGRP0EIE && grp0 ? MISR_GRP0E : 0) | (h & HCR_VGRP0DIE && !grp0 ? MISR_GRP0D : 0) | (h & HCR_VGRP1EIE && grp1 ? MISR_GRP1E : 0)
        | (h & HCR_VGRP1DIE && !grp1 ? MISR_GRP1D : 0);
}

void gic_virtual_update(GicCpu *c)
{
    GicVirtual *v = &c->virt;
    int n = signalled_lr(v);
    bool fiq = n >= 0 && !(v->lr[n] & LR_GRP1) && (v->ctlr & CTLR_FIQEN);
    gic_drive(c, GIC_OUT_VIRQ, n >= 0 && !fiq);
    gic_drive(c, GIC_OUT_VFIQ, fiq);
    gic_drive(c, GIC_OUT_MAINTENANCE, v->hcr & HCR_EN && maintenance(v));
}

void gic_virtual_reset(GicCpu *c)
{
    memset(&c->virt, 0, sizeof(c->virt));
    c->virt.bpr = GICV_MIN_BPR;
    c->virt.abpr = GICV_MIN_BPR + 1;
}

/* ---- the hypervisor's registers ---- */

/* 5.3.3: the guest's registers in one word. */
static uint32_t read_vmcr(const GicVirtual *v)
{
    return (v->ctlr & 0x1f) | (v->ctlr & CTLR_EOIMODE_S) | (uint32_t)v->abpr << 18 | (uint32_t)v->bpr << 21 | (uint32_t)v->pmr >> 3 << 27;
}

static void write_vmcr(GicVirtual *v, uint32_t value)
{
    v->ctlr = value & GICV_CTLR_WRITABLE;
    v->abpr = (uint8_t)MAX(value >> 18 & 7, GICV_MIN_BPR + 1);
    v->bpr = (uint8_t)MAX(value >> 21 & 7, GICV_MIN_BPR);
    v->pmr = (uint8_t)(value >> 27 << 3);
}

static uint32_t hyp_read(const GicCpu *c, uint32_t offset)
{
    const GicVirtual *v = &c->virt;
    switch (offset) {
    case GICH_HCR: return v->hcr;
    case GICH_VTR: return GICH_VTR_VALUE;
    case GICH_VMCR: return read_vmcr(v);
    case GICH_MISR: return maintenance(v);
    case GICH_EISR0: return lrs_where(v, lr_ended);
    case GICH_ELSR0: return lrs_where(v, lr_free);
    case GICH_APR: return v->apr;
    default: return offset >= GICH_LR && offset < GICH_LR + 4 * GIC_LIST_REGISTERS ? v->lr[(offset - GICH_LR) / 4] : 0;
    }
}

static void hyp_write(GicCpu *c, uint32_t offset, uint32_t value)
{
    GicVirtual *v = &c->virt;
    if (offset == GICH_HCR) {
        v->hcr = value & HCR_WRITABLE;
    } else if (offset == GICH_VMCR) {
        write_vmcr(v, value);
    } else if (offset == GICH_APR) {
        v->apr = value;
    } else if (offset >= GICH_LR && offset < GICH_LR + 4 * GIC_LIST_REGISTERS) {
        v->lr[(offset - GICH_LR) / 4] = value & LR_WRITABLE;
    }
    gic_virtual_update(c);
}

/* ---- the guest's ---- */

/* aliased: GICV_AIAR and such see group 1 alone; the others of group 1 only with AckCtl. */
static unsigned seen_as(const GicVirtual *v, int n, bool aliased)
{
    if (n < 0) {
        return GIC_SPURIOUS;
    }
    bool group1 = v->lr[n] & LR_GRP1;
    if (aliased) {
        return group1 ? 0 : GIC_SPURIOUS;
    }
    return group1 && !(v->ctlr & CTLR_ACKCTL) ? GIC_OTHER_GROUP : 0;
}

/* 5.5.4: bits 12:10 of an SGI are those that the hypervisor put there. */
static uint32_t lr_number(uint32_t lr)
{
    uint32_t id = (uint32_t)FIELD_GET(lr, LR_VIRTUAL_ID);
    return lr & LR_HW || id >= GIC_SGIS ? id : id | (lr & 7u << 10);
}

static uint32_t acknowledge(GicCpu *c, bool aliased)
{
    GicVirtual *v = &c->virt;
    int n = signalled_lr(v);
    unsigned special = seen_as(v, n, aliased);
    if (special) {
        return special;
    }
    uint32_t lr = v->lr[n];
    v->lr[n] = (lr & ~LR_PENDING) | LR_ACTIVE;
    v->apr |= 1u << ((lr_priority(lr) & group_mask(v, lr & LR_GRP1)) >> 3);
    gic_virtual_update(c);
    return lr_number(lr);
}

/* The interrupt is no longer active; its physical one neither. */
static void deactivate(GicCpu *c, uint32_t value)
{
    GicVirtual *v = &c->virt;
    for (unsigned n = 0; n < GIC_LIST_REGISTERS; n++) {
        if (v->lr[n] & LR_ACTIVE && FIELD_GET(v->lr[n], LR_VIRTUAL_ID) == (value & 0x3ff)) {
            v->lr[n] &= ~LR_ACTIVE;
            if (v->lr[n] & LR_HW) {
                gic_cpu_deactivate(c, (unsigned)FIELD_GET(v->lr[n], LR_PHYSICAL_ID));
            }
            return;
        }
    }
    uint32_t count = (uint32_t)FIELD_GET(v->hcr, HCR_EOICOUNT);
    v->hcr = (uint32_t)FIELD_SET(v->hcr, HCR_EOICOUNT, count + 1);
}

static void end_of_interrupt(GicCpu *c, uint32_t value)
{
    GicVirtual *v = &c->virt;
    if ((value & 0x3ff) >= ARM_GIC_MAX_IRQS) {
        return;
    }
    /* Without an active priority the hypervisor is not told either (5.5.5). */
    bool any = v->apr;
    v->apr &= v->apr - 1;
    if (any && !(v->ctlr & CTLR_EOIMODE_S)) {
        deactivate(c, value);
    }
    gic_virtual_update(c);
}

static uint32_t read_pending(const GicVirtual *v, bool aliased)
{
    int n = best_lr(v);
    unsigned special = seen_as(v, n, aliased);
    return special ? special : lr_number(v->lr[n]);
}

static uint32_t virtual_read(GicCpu *c, uint32_t offset)
{
    const GicVirtual *v = &c->virt;
    switch (offset) {
    case GICV_CTLR: return v->ctlr;
    case GICV_PMR: return v->pmr;
    case GICV_BPR: return v->bpr;
    case GICV_IAR: return acknowledge(c, false);
    case GICV_RPR: return running_priority(v);
    case GICV_HPPIR: return read_pending(v, false);
    case GICV_ABPR: return v->abpr;
    case GICV_AIAR: return acknowledge(c, true);
    case GICV_AHPPIR: return read_pending(v, true);
    case GICV_APR0: return v->apr;
    case GICV_IIDR: return GICV_IIDR_VALUE;
    default: return 0;
    }
}

static void virtual_write(GicCpu *c, uint32_t offset, uint32_t value)
{
    GicVirtual *v = &c->virt;
    switch (offset) {
    case GICV_CTLR: v->ctlr = value & GICV_CTLR_WRITABLE; break;
    case GICV_PMR: v->pmr = value & 0xf8; break;
    case GICV_BPR: v->bpr = (uint8_t)MAX(value & 7, GICV_MIN_BPR); break;
    case GICV_ABPR: v->abpr = (uint8_t)MAX(value & 7, GICV_MIN_BPR + 1); break;
    case GICV_EOIR: case GICV_AEOIR: end_of_interrupt(c, value); return;
    case GICV_DIR: deactivate(c, value); break;
    case GICV_APR0: v->apr = value; break;
    default: log_mask(LOG_GUEST_ERROR, "arm_gic: a write of 0x%x to 0x%x of a virtual CPU interface, where nothing can be written\n", value, offset); return;
    }
    gic_virtual_update(c);
}

/* ---- regions ---- */

static uint64_t current_hyp_read(void *opaque, uint64_t addr, unsigned size) { return hyp_read(gic_current(opaque), (uint32_t)addr); }
static void current_hyp_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { hyp_write(gic_current(opaque), (uint32_t)addr, (uint32_t)value); }
static uint64_t own_hyp_read(void *opaque, uint64_t addr, unsigned size) { return hyp_read(opaque, (uint32_t)addr); }
static void own_hyp_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { hyp_write(opaque, (uint32_t)addr, (uint32_t)value); }
static uint64_t guest_read(void *opaque, uint64_t addr, unsigned size) { return virtual_read(gic_current(opaque), (uint32_t)addr); }
static void guest_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { virtual_write(gic_current(opaque), (uint32_t)addr, (uint32_t)value); }

const MemoryRegionOps gic_hyp_ops = { .read = current_hyp_read, .write = current_hyp_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };
const MemoryRegionOps gic_own_hyp_ops = { .read = own_hyp_read, .write = own_hyp_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };
const MemoryRegionOps gic_virtual_ops = { .read = guest_read, .write = guest_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };
