/*
 * Interrupts of a GICv3: their states, groups and targets, and what of that processors are told (IHI 0069, 4.1 to 4.8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

/* 4.2.1: a level-sensitive interrupt is pending while its input is high, whatever was latched. */
uint32_t gicv3_pending(const GicWord *w) { return w->latched | (w->level & ~w->edge); }

/* 4.6.1. */
GicGroup gicv3_group(const ArmGicv3 *g, const GicWord *w, unsigned irq)
{
    if (w->group >> irq % 32 & 1) {
        return GROUP_1NS;
    }
    return !gicv3_single(g) && w->modifier >> irq % 32 & 1 ? GROUP_1S : GROUP_0;
}

bool gicv3_superpriority(const ArmGicv3 *g, const GicWord *w, unsigned irq) { return w->nonmaskable >> irq % 32 & 1 && gicv3_group(g, w, irq) != GROUP_0; }

static uint16_t rank(GicCpu *c, unsigned irq)
{
    const GicWord *w = gicv3_word(c, irq);
    if (gicv3_superpriority(c->gic, w, irq)) {
        return gicv3_rank(gicv3_nmi_priority(c->gic, gicv3_group(c->gic, w, irq)), true);
    }
    return gicv3_rank(*gicv3_priority(c, irq), false);
}

uint32_t gicv3_visible(const ArmGicv3 *g, const GicWord *w, bool nonsecure) { return nonsecure ? w->group : UINT32_MAX; }

/* Those whose group is enabled by the distributor and by the processor. */
static uint32_t in_enabled_groups(const GicCpu *c, const GicWord *w)
{
    uint32_t on = c->gic->ctlr & c->enabled_groups, modifier = gicv3_single(c->gic) ? 0 : w->modifier;
    return (on & GICD_CTLR_GRP1NS ? w->group : 0) | (on & GICD_CTLR_GRP1S ? ~w->group & modifier : 0) | (on & GICD_CTLR_GRP0 ? ~w->group & ~modifier : 0);
}

static uint32_t ready_bits(const GicCpu *c, const GicWord *w)
{
    uint32_t candidates = w->enabled & ~w->active & gicv3_pending(w);
    return candidates ? candidates & in_enabled_groups(c, w) : 0;
}

void gicv3_irq_changed(ArmGicv3 *g, GicCpu *c, unsigned irq)
{
    GicCpu *target = irq < ARM_GIC_INTERNAL ? c : g->target[irq];
    if (target) {
        gic_ready_set(&target->ready, irq, ready_bits(target, gicv3_word(target, irq)) >> irq % 32 & 1, rank(target, irq));
        gicv3_cpu_update(target);
    }
}

void gicv3_word_changed(ArmGicv3 *g, GicCpu *c, unsigned word, uint32_t which)
{
    for (; which; which &= which - 1) {
        gicv3_irq_changed(g, c, word * 32 + (unsigned)__builtin_ctz(which));
    }
}

void gicv3_cpu_rebuild(GicCpu *c)
{
    ArmGicv3 *g = c->gic;
    gic_ready_clear(&c->ready);
    for (unsigned word = 0; word < g->num_irq / 32; word++) {
        for (uint32_t bits = ready_bits(c, gicv3_word(c, word * 32)); bits; bits &= bits - 1) {
            unsigned irq = word * 32 + (unsigned)__builtin_ctz(bits);
            if (!word || g->target[irq] == c) {
                gic_ready_set(&c->ready, irq, true, rank(c, irq));
            }
        }
    }
    gicv3_cpu_update(c);
}

void gicv3_rebuild(ArmGicv3 *g)
{
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        gicv3_cpu_rebuild(&g->cpus[n]);
    }
}

GicCpu *gicv3_by_affinity(ArmGicv3 *g, uint64_t affinity)
{
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        if (g->cpus[n].affinity == affinity) {
            return &g->cpus[n];
        }
    }
    return NULL;
}

/* 4.6.3, table "Forwarding an SGI to a target PE": only as the group that the interrupt has there; non-secure software reaches secure ones where GICR_NSACR lets it. */
void gicv3_send_sgi(GicCpu *to, unsigned irq, GicGroup group, bool nonsecure)
{
    GicGroup configured = gicv3_group(to->gic, &to->word, irq);
    bool allowed = configured == group;
    if (nonsecure && configured != GROUP_1NS) {
        unsigned access = to->nsacr >> 2 * irq & 3;
        allowed = (configured == GROUP_0 && access >= 1) || (configured == GROUP_1S && access >= 2);
    }
    if (allowed) {
        to->word.latched |= 1u << irq;
        gicv3_irq_changed(to->gic, to, irq);
    }
}
