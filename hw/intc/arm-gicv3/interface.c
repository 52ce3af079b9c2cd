/*
 * The physical CPU interface of a GICv3: which interrupt the processor is signalled, takes and ends (IHI 0069, 4.6 to 4.8; ICC_* in 12.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include <string.h>

enum { CTLR_CBPR = 1 << 0, CTLR_EOIMODE = 1 << 1, CTLR_PRI_BITS_SHIFT = 8, CTLR_ID_BITS_24 = 1 << 11, CTLR_A3V = 1 << 15 };
enum { CTLR3_CBPR_S = 1 << 0, CTLR3_CBPR_NS = 1 << 1, CTLR3_EOI_EL3 = 1 << 2, CTLR3_EOI_S = 1 << 3, CTLR3_EOI_NS = 1 << 4 };
enum { SRE_ALL = 7, SRE_ALL_AND_ENABLE = 15 };     /* SRE, DFB, DIB, Enable: read-only ones */
FIELD(SGI_LIST, 0, 16);
FIELD(SGI_AFF1, 16, 8);
FIELD(SGI_ID, 24, 4);
FIELD(SGI_AFF2, 32, 8);
FIELD(SGI_IRM, 40, 1);
FIELD(SGI_RANGE, 44, 4);
FIELD(SGI_AFF3, 48, 8);
#define SCR_FIQ (UINT64_C(1) << 2)

/* ---- who accesses ---- */

/* The interrupts of group 1 that the state of the processor has, and the copies of registers that go with them. */
static GicGroup group1_of(const ArmGicView *v) { return v->secure ? GROUP_1S : GROUP_1NS; }
/* 4.8.1: non-secure software sees the lower half of the priorities, shifted, when group 0 is EL3's. */
static bool shifts(const ArmGicView *v) { return v->has_el3 && !v->secure && v->el < 3 && v->scr_el3 & SCR_FIQ; }
/* EL3 is, whatever SCR_EL3.NS makes its accesses. */
static bool in_secure_state(const ArmGicView *v) { return v->secure || v->el == 3; }
static bool two_states(const GicCpu *c, const ArmGicView *v) { return v->has_el3 && !gicv3_single(c->gic); }

/* ---- priorities ---- */

static unsigned minimum_bpr(const GicCpu *c) { return 7 - c->preemption_bits; }

/* 4.8.5. */
static uint8_t group_mask(const GicCpu *c, GicGroup group)
{
    if (group == GROUP_0 || c->cbpr[group]) {
        return (uint8_t)(0xff << (c->bpr[GROUP_0] + 1));
    }
    return (uint8_t)(0xff << (group == GROUP_1NS ? c->bpr[group] : c->bpr[group] + 1));
}

/* The best of the active interrupts: its group priority, and whether it has superpriority. */
typedef struct Running { uint8_t priority; bool any, nmi; GicGroup group; } Running;

static Running running(const GicCpu *c)
{
    Running best = { .priority = GIC_IDLE_PRIORITY };
    for (unsigned g = 0; g < GROUP_COUNT; g++) {
        unsigned level = gicv3_lowest_level(c->apr[g]), priority = level << (8 - c->preemption_bits);
        if (level != 256 && (!best.any || priority < best.priority)) {
            best = (Running){ (uint8_t)priority, true, false, (GicGroup)g };
        }
    }
    for (unsigned g = 0; g < GROUP_COUNT; g++) {
        uint8_t priority = gicv3_nmi_priority(c->gic, (GicGroup)g);
        if (c->nmi_active[g] && (!best.any || priority < best.priority || (priority == best.priority && !best.nmi))) {
            best = (Running){ priority, true, true, (GicGroup)g };
        }
    }
    return best;
}

/* ---- signalling ---- */

static uint8_t implemented(const GicCpu *c, uint8_t priority) { return priority & (uint8_t)(0xff << (8 - c->priority_bits)); }

GicBest gicv3_best(const GicCpu *c)
{
    const GicReady *r = &c->ready;
    bool lpis = c->lpis && c->lpis->best && c->gic->ctlr & c->enabled_groups & GICD_CTLR_GRP1NS;
    if (lpis && gicv3_rank((uint8_t)c->lpis->best_priority, false) < r->best_priority) {
        return (GicBest){ c->lpis->best, implemented(c, (uint8_t)c->lpis->best_priority), GROUP_1NS, false };
    }
    if (r->best == GIC_READY_NONE) {
        return (GicBest){ GIC_SPURIOUS, GIC_IDLE_PRIORITY, GROUP_0, false };
    }
    const GicWord *w = gicv3_word((GicCpu *)c, r->best);
    return (GicBest){ r->best, implemented(c, gicv3_rank_priority(r->best_priority)), gicv3_group(c->gic, w, r->best), gicv3_superpriority(c->gic, w, r->best) };
}

/* 4.8.6: superpriority is above the mask, but secure software can keep non-secure interrupts away by one within its own half of the priorities. */
static bool masked(const GicCpu *c, const GicBest *b)
{
    if (!b->nmi) {
        return b->priority >= c->pmr;
    }
    if (!gicv3_nmi_priority(c->gic, b->group)) {
        return false;
    }
    ArmGicView v = arm_cpu_gic_view(c->cpu);
    return c->pmr < 0x80 || (c->pmr == 0x80 && in_secure_state(&v));
}

static bool can_be_signalled(const GicCpu *c, const GicBest *b)
{
    if (b->irq == GIC_SPURIOUS || masked(c, b)) {
        return false;
    }
    Running now = running(c);
    uint8_t priority = b->priority & group_mask(c, b->group);
    return priority < now.priority || (b->nmi && !now.nmi && priority == now.priority);
}

/* 4.6.2, table "Interrupt signals for two security states": secure ones interrupt non-secure software as FIQ, and the other way round; all but EL3's own. */
static bool signalled_as_fiq(const GicCpu *c, GicGroup group)
{
    if (group == GROUP_0) {
        return true;
    }
    ArmGicView v = arm_cpu_gic_view(c->cpu);
    if (!two_states(c, &v)) {
        return false;
    }
    if (v.el == 3 && v.aarch64) {
        return true;
    }
    return group == GROUP_1S ? !v.secure && v.el != 3 : v.secure || v.el == 3;
}

void gicv3_cpu_drive(GicCpu *c, unsigned output, bool level)
{
    if (c->driven[output] != level) {
        c->driven[output] = level;
        irq_set(c->gic->lines[output * c->gic->num_cpu + c->number], level);
    }
}

void gicv3_cpu_update(GicCpu *c)
{
    GicBest b = gicv3_best(c);
    bool signal = c->cpu && can_be_signalled(c, &b);
    bool fiq = signal && signalled_as_fiq(c, b.group);
    gicv3_cpu_drive(c, ARM_IRQ_IRQ, signal && !fiq && !b.nmi);
    gicv3_cpu_drive(c, ARM_IRQ_NMI, signal && !fiq && b.nmi);
    gicv3_cpu_drive(c, ARM_IRQ_FIQ, fiq);
}

/* ---- taking and ending ---- */

/* What software of that state reads of the best interrupt by a register of group 0 or 1. */
static uint32_t seen_as(const GicBest *b, bool group0, const ArmGicView *v)
{
    if (b->irq == GIC_SPURIOUS) {
        return GIC_SPURIOUS;
    }
    if (group0 && b->group != GROUP_0 && v->el == 3) {
        return b->group == GROUP_1S ? GIC_SPECIAL_SECURE : GIC_SPECIAL_NONSECURE;
    }
    bool mine = group0 ? b->group == GROUP_0 : b->group == group1_of(v);
    return mine ? b->irq : GIC_SPURIOUS;
}

/* 12.2.5, 12.2.14 and ICC_NMIAR1_EL1. */
static uint32_t acknowledged(const GicCpu *c, const GicBest *b, const GicRegister *r)
{
    if (!can_be_signalled(c, b) || (r->sysreg == ICC_NMIAR1_EL1 && !b->nmi)) {
        return GIC_SPURIOUS;
    }
    uint32_t irq = seen_as(b, r->sysreg == ICC_IAR0_EL1, r->view);
    return r->sysreg == ICC_IAR1_EL1 && irq == b->irq && b->nmi && r->view->nmi ? GIC_SPECIAL_NMI : irq;
}

static void mark_running(GicCpu *c, const GicBest *b)
{
    unsigned level = (b->priority & group_mask(c, b->group)) >> (8 - c->preemption_bits);
    if (b->nmi) {
        c->nmi_active[b->group] = true;
    } else {
        c->apr[b->group][level / 32] |= 1u << level % 32;
    }
}

static uint32_t acknowledge(GicCpu *c, const GicRegister *r)
{
    GicBest b = gicv3_best(c);
    uint32_t irq = acknowledged(c, &b, r);
    if (irq != b.irq || irq == GIC_SPURIOUS) {
        return irq;
    }
    mark_running(c, &b);
    if (irq >= GIC_FIRST_LPI) {
        gicv3_lpi_set_pending(c, irq, false);
        return irq;
    }
    GicWord *w = gicv3_word(c, irq);
    w->latched &= ~(1u << irq % 32);
    w->active |= 1u << irq % 32;
    gicv3_irq_changed(c->gic, c, irq);
    gicv3_cpu_update(c);
    return irq;
}

void gicv3_cpu_deactivate(GicCpu *c, uint32_t irq)
{
    if (irq < c->gic->num_irq) {
        gicv3_word(c, irq)->active &= ~(1u << irq % 32);
        gicv3_irq_changed(c->gic, c, irq);
    }
}

/* 4.8.2: secure software may deactivate all, non-secure what is its own. */
static void deactivate_checked(GicCpu *c, uint32_t irq, const ArmGicView *v)
{
    if (irq >= c->gic->num_irq) {
        return;
    }
    if (!two_states(c, v) || v->secure || v->el == 3 || gicv3_group(c->gic, gicv3_word(c, irq), irq) == GROUP_1NS) {
        gicv3_cpu_deactivate(c, irq);
    }
}

static bool *split_eoi(GicCpu *c, const ArmGicView *v) { return v->el == 3 ? &c->split_eoi_el3 : &c->split_eoi[group1_of(v)]; }

static void end_of_interrupt(GicCpu *c, bool group0, uint32_t irq, const ArmGicView *v)
{
    if (irq >= GIC_SPECIAL_SECURE && irq <= GIC_SPURIOUS) {
        return;
    }
    GicGroup wanted = group0 ? GROUP_0 : group1_of(v);
    Running now = running(c);
    if (now.any && now.group == wanted) {
        unsigned level = now.priority >> (8 - c->preemption_bits);
        if (now.nmi) {
            c->nmi_active[wanted] = false;
        } else {
            c->apr[wanted][level / 32] &= ~(1u << level % 32);
        }
    }
    bool mine = irq < c->gic->num_irq && gicv3_group(c->gic, gicv3_word(c, irq), irq) == wanted;
    if (mine && !*split_eoi(c, v)) {
        gicv3_cpu_deactivate(c, irq);
    }
    gicv3_cpu_update(c);
}

/* ---- SGIs ---- */

/* 12.2.20 to 12.2.23. */
static void generate_sgi(GicCpu *c, const GicRegister *r)
{
    uint64_t value = *r->value;
    bool nonsecure = two_states(c, r->view) && !r->view->secure;
    GicGroup own = two_states(c, r->view) ? group1_of(r->view) : GROUP_1NS;
    GicGroup other = own == GROUP_1S || !two_states(c, r->view) ? GROUP_1NS : GROUP_1S;
    GicGroup group = r->sysreg == ICC_SGI0R_EL1 ? GROUP_0 : r->sysreg == ICC_SGI1R_EL1 ? own : other;
    uint64_t cluster = FIELD_GET(value, SGI_AFF3) << 32 | FIELD_GET(value, SGI_AFF2) << 16 | FIELD_GET(value, SGI_AFF1) << 8;
    for (uint32_t n = 0; n < c->gic->num_cpu; n++) {
        GicCpu *to = &c->gic->cpus[n];
        uint64_t aff0 = to->affinity & 0xff;
        bool listed = (to->affinity & ~UINT64_C(0xff)) == cluster && aff0 / 16 == FIELD_GET(value, SGI_RANGE) && FIELD_GET(value, SGI_LIST) >> aff0 % 16 & 1;
        if (FIELD_GET(value, SGI_IRM) ? to != c : listed) {
            gicv3_send_sgi(to, (unsigned)FIELD_GET(value, SGI_ID), group, nonsecure);
        }
    }
}

/* ---- registers ---- */

static uint64_t priority_as_seen(unsigned priority, const ArmGicView *v)
{
    if (!shifts(v) || priority == GIC_IDLE_PRIORITY) {
        return priority;
    }
    return priority & 0x80 ? priority << 1 & 0xff : 0;
}

/* Non-secure software sees its own superpriority alone, by the bit of who has one state. */
static uint64_t read_rpr(const GicCpu *c, const ArmGicView *v)
{
    uint64_t priority = priority_as_seen(running(c).priority, v);
    if (v->has_el3 && !in_secure_state(v)) {
        return priority | (c->nmi_active[GROUP_1NS] ? GIC_RPR_NMI : 0);
    }
    return priority | (c->nmi_active[GROUP_1S] ? GIC_RPR_NMI : 0) | (c->nmi_active[GROUP_1NS] ? GIC_RPR_NMI_NS : 0);
}

static void write_pmr(GicCpu *c, uint64_t value, const ArmGicView *v)
{
    if (shifts(v)) {
        if (!(c->pmr & 0x80)) {
            return;
        }
        value = 0x80 | (value & 0xff) >> 1;
    }
    c->pmr = implemented(c, (uint8_t)value);
}

/* With CBPR the binary point of group 0 counts for both: secure software writes it, non-secure software sees it one higher. */
static uint64_t read_bpr1(const GicCpu *c, const ArmGicView *v)
{
    GicGroup group = group1_of(v);
    if (!c->cbpr[group] || (v->el == 3 && !v->secure)) {
        return c->bpr[group];
    }
    return group == GROUP_1S ? c->bpr[GROUP_0] : MIN(c->bpr[GROUP_0] + 1u, 7u);
}

static void write_bpr0(GicCpu *c, uint64_t value) { c->bpr[GROUP_0] = (uint8_t)MAX(value & 7, minimum_bpr(c)); }

static void write_bpr1(GicCpu *c, uint64_t value, const ArmGicView *v)
{
    GicGroup group = group1_of(v);
    if (!c->cbpr[group] || (v->el == 3 && !v->secure)) {
        c->bpr[group] = (uint8_t)MAX(value & 7, minimum_bpr(c) + (group == GROUP_1NS));
    } else if (group == GROUP_1S) {
        write_bpr0(c, value);
    }
}

static uint64_t ctlr_constant(const GicCpu *c) { return (uint64_t)(c->priority_bits - 1) << CTLR_PRI_BITS_SHIFT | CTLR_ID_BITS_24 | CTLR_A3V; }

static uint64_t read_ctlr(const GicCpu *c, const ArmGicView *v)
{
    GicGroup group = group1_of(v);
    return ctlr_constant(c) | (c->cbpr[group] ? CTLR_CBPR : 0) | (c->split_eoi[group] ? CTLR_EOIMODE : 0);
}

/* With two states non-secure software cannot change CBPR where group 0 is EL3's (DS is 0). */
static void write_ctlr(GicCpu *c, uint64_t value, const ArmGicView *v)
{
    GicGroup group = group1_of(v);
    if (!(two_states(c, v) && group == GROUP_1NS && v->el < 3)) {
        c->cbpr[group] = value & CTLR_CBPR;
    }
    c->split_eoi[group] = value & CTLR_EOIMODE;
}

static uint64_t read_ctlr3(const GicCpu *c)
{
    return ctlr_constant(c) | (c->cbpr[GROUP_1S] ? CTLR3_CBPR_S : 0) | (c->cbpr[GROUP_1NS] ? CTLR3_CBPR_NS : 0) | (c->split_eoi_el3 ? CTLR3_EOI_EL3 : 0)
        | (c->split_eoi[GROUP_1S] ? CTLR3_EOI_S : 0) | (c->split_eoi[GROUP_1NS] ? CTLR3_EOI_NS : 0);
}

static void write_ctlr3(GicCpu *c, uint64_t value)
{
    c->cbpr[GROUP_1S] = value & CTLR3_CBPR_S;
    c->cbpr[GROUP_1NS] = value & CTLR3_CBPR_NS;
    c->split_eoi_el3 = value & CTLR3_EOI_EL3;
    c->split_eoi[GROUP_1S] = value & CTLR3_EOI_S;
    c->split_eoi[GROUP_1NS] = value & CTLR3_EOI_NS;
}

static void enable_groups(GicCpu *c, uint32_t which, uint32_t on)
{
    uint32_t groups = (c->enabled_groups & ~which) | (on & which);
    if (groups != c->enabled_groups) {
        c->enabled_groups = groups;
        gicv3_cpu_rebuild(c);
    }
}

static bool reads(GicCpu *c, const GicRegister *r)
{
    const ArmGicView *v = r->view;
    GicBest b;
    switch (r->sysreg) {
    case ICC_PMR_EL1: *r->value = priority_as_seen(c->pmr, v); return true;
    case ICC_NMIAR1_EL1:
        if (!c->gic->has_nmi) {
            return false;
        }
        *r->value = acknowledge(c, r);
        return true;
    case ICC_IAR0_EL1: case ICC_IAR1_EL1: *r->value = acknowledge(c, r); return true;
    case ICC_HPPIR0_EL1: case ICC_HPPIR1_EL1:
        b = gicv3_best(c);
        *r->value = seen_as(&b, r->sysreg == ICC_HPPIR0_EL1, v);
        return true;
    case ICC_BPR0_EL1: *r->value = c->bpr[GROUP_0]; return true;
    case ICC_BPR1_EL1: *r->value = read_bpr1(c, v); return true;
    case ICC_RPR_EL1: *r->value = read_rpr(c, v); return true;
    case ICC_CTLR_EL1: *r->value = read_ctlr(c, v); return true;
    case ICC_CTLR_EL3: *r->value = read_ctlr3(c); return true;
    case ICC_SRE_EL1: *r->value = SRE_ALL; return true;
    case ICC_SRE_EL2: case ICC_SRE_EL3: *r->value = SRE_ALL_AND_ENABLE; return true;
    case ICC_IGRPEN0_EL1: *r->value = c->enabled_groups >> GROUP_0 & 1; return true;
    case ICC_IGRPEN1_EL1: *r->value = c->enabled_groups >> group1_of(v) & 1; return true;
    case ICC_IGRPEN1_EL3: *r->value = (c->enabled_groups >> GROUP_1NS & 1) | (c->enabled_groups >> GROUP_1S & 1) << 1; return true;
    default: return false;
    }
}

static bool writes(GicCpu *c, const GicRegister *r)
{
    const ArmGicView *v = r->view;
    uint64_t value = *r->value;
    switch (r->sysreg) {
    case ICC_PMR_EL1: write_pmr(c, value, v); break;
    case ICC_EOIR0_EL1: case ICC_EOIR1_EL1: end_of_interrupt(c, r->sysreg == ICC_EOIR0_EL1, value & 0xffffff, v); return true;
    case ICC_DIR_EL1:
        if (*split_eoi(c, v)) {
            deactivate_checked(c, value & 0xffffff, v);
        }
        return true;
    case ICC_BPR0_EL1: write_bpr0(c, value); break;
    case ICC_BPR1_EL1: write_bpr1(c, value, v); break;
    case ICC_CTLR_EL1: write_ctlr(c, value, v); break;
    case ICC_CTLR_EL3: write_ctlr3(c, value); break;
    case ICC_SRE_EL1: case ICC_SRE_EL2: case ICC_SRE_EL3: return true;
    case ICC_IGRPEN0_EL1: enable_groups(c, 1 << GROUP_0, (uint32_t)(value & 1) << GROUP_0); return true;
    case ICC_IGRPEN1_EL1: enable_groups(c, 1u << group1_of(v), (uint32_t)(value & 1) << group1_of(v)); return true;
    case ICC_IGRPEN1_EL3: enable_groups(c, 1 << GROUP_1NS | 1 << GROUP_1S, (uint32_t)((value & 1) << GROUP_1NS | (value >> 1 & 1) << GROUP_1S)); return true;
    case ICC_SGI0R_EL1: case ICC_SGI1R_EL1: case ICC_ASGI1R_EL1: generate_sgi(c, r); return true;
    default: return false;
    }
    gicv3_cpu_update(c);
    return true;
}

/* ICC_AP0Rn and AP1Rn: as many as the priorities need. */
static bool access_active(GicCpu *c, const GicRegister *r, GicGroup group)
{
    unsigned n = r->sysreg & 3;
    if (n >= gicv3_apr_count(c->preemption_bits)) {
        return false;
    }
    bool has_nmi = c->gic->has_nmi && n == 0 && group != GROUP_0 && r->view->aarch64;
    if (r->write) {
        c->apr[group][n] = (uint32_t)*r->value;
        c->nmi_active[group] = has_nmi ? (*r->value & GIC_APR_NMI) != 0 : c->nmi_active[group];
        gicv3_cpu_update(c);
    } else {
        *r->value = c->apr[group][n] | (has_nmi && c->nmi_active[group] ? GIC_APR_NMI : 0);
    }
    return true;
}

bool gicv3_physical_access(GicCpu *c, const GicRegister *r)
{
    if ((r->sysreg & ~3u) == ICC_AP0R0_EL1) {
        return access_active(c, r, GROUP_0);
    }
    if ((r->sysreg & ~3u) == ICC_AP1R0_EL1) {
        return access_active(c, r, group1_of(r->view));
    }
    return r->write ? writes(c, r) : reads(c, r);
}

void gicv3_cpu_reset(GicCpu *c)
{
    unsigned least = minimum_bpr(c);
    c->bpr[GROUP_0] = c->bpr[GROUP_1S] = (uint8_t)least;
    c->bpr[GROUP_1NS] = (uint8_t)(least + 1);
    memset(c->apr, 0, sizeof(c->apr));
    memset(c->nmi_active, 0, sizeof(c->nmi_active));
    memset(c->cbpr, 0, sizeof(c->cbpr));
    memset(c->split_eoi, 0, sizeof(c->split_eoi));
    c->split_eoi_el3 = false;
    c->enabled_groups = 0;
    /* So that non-secure software can use the mask at all. */
    c->pmr = c->gic->reset_nonsecure ? 0x80 : 0;
}
