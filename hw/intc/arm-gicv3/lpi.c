/*
 * LPIs: which are pending at a redistributor, and the tables in memory that say how they are configured and which were pending before (IHI 0069, 5.1).
 *
 * While LPIs are enabled their pending bits are kept here; the table is read once, as the architecture allows (5.1.2). Of the configuration a copy is kept until the guest says
 * that it has changed it (INV, INVALL, GICR_INVLPIR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "softmmu/dma.h"

#include <string.h>

enum { CONFIG_ENABLE = 1, CONFIG_PRIORITY = 0xfc };
FIELD(PROPBASER_ID_BITS, 0, 5);
#define PROPBASER_ADDRESS UINT64_C(0x000ffffffffff000)
#define PENDBASER_ADDRESS UINT64_C(0x000fffffffff0000)
#define PENDBASER_PTZ (UINT64_C(1) << 62)

/* ---- the ready ones ---- */

/* 4.8: LPIs are non-secure, and so are their priorities. */
static uint8_t priority_of(const ArmGicv3 *g, uint32_t lpi)
{
    uint8_t priority = g->lpi_config[lpi] & CONFIG_PRIORITY;
    return gicv3_single(g) ? priority : 0x80 | priority >> 1;
}

static void find_best(GicCpu *c)
{
    GicLpis *l = c->lpis;
    l->best = 0;
    l->best_priority = 256;
    for (unsigned s = 0; s < G_N_ELEMENTS(l->summary); s++) {
        for (uint64_t words = l->summary[s]; words; words &= words - 1) {
            unsigned w = s * 64 + (unsigned)__builtin_ctzll(words);
            for (uint64_t bits = l->ready[w]; bits; bits &= bits - 1) {
                uint32_t lpi = w * 64 + (unsigned)__builtin_ctzll(bits);
                uint8_t priority = priority_of(c->gic, lpi);
                if (priority < l->best_priority) {
                    l->best = lpi;
                    l->best_priority = priority;
                }
            }
        }
    }
}

static void mark_ready(GicLpis *l, uint32_t lpi, bool ready)
{
    uint64_t bit = BIT(lpi % 64), *word = &l->ready[lpi / 64], *summary = &l->summary[lpi / 4096];
    *word = ready ? *word | bit : *word & ~bit;
    *summary = *word ? *summary | BIT(lpi / 64 % 64) : *summary & ~BIT(lpi / 64 % 64);
}

static void lpi_changed(GicCpu *c, uint32_t lpi)
{
    GicLpis *l = c->lpis;
    bool ready = c->lpis_enabled && l->pending[lpi / 64] >> lpi % 64 & 1 && c->gic->lpi_config[lpi] & CONFIG_ENABLE;
    mark_ready(l, lpi, ready);
    if (l->best == lpi) {
        find_best(c);
    } else if (ready && (priority_of(c->gic, lpi) < l->best_priority || (priority_of(c->gic, lpi) == l->best_priority && lpi < l->best))) {
        l->best = lpi;
        l->best_priority = priority_of(c->gic, lpi);
    }
    gicv3_cpu_update(c);
}

void gicv3_lpi_set_pending(GicCpu *c, uint32_t lpi, bool pending)
{
    if (!c->lpis || !c->lpis_enabled || !gicv3_lpi_valid(lpi)) {
        return;
    }
    uint64_t *word = &c->lpis->pending[lpi / 64];
    *word = pending ? *word | BIT(lpi % 64) : *word & ~BIT(lpi % 64);
    lpi_changed(c, lpi);
}

void gicv3_lpi_move_all(GicCpu *from, GicCpu *to)
{
    if (from == to || !from->lpis || !from->lpis_enabled || !to->lpis_enabled) {
        return;
    }
    for (uint32_t w = GIC_FIRST_LPI / 64; w < GIC_IDS / 64; w++) {
        for (uint64_t bits = from->lpis->pending[w]; bits; bits &= bits - 1) {
            uint32_t lpi = w * 64 + (unsigned)__builtin_ctzll(bits);
            gicv3_lpi_set_pending(from, lpi, false);
            gicv3_lpi_set_pending(to, lpi, true);
        }
    }
}

/* ---- the tables ---- */

/* The table that is in use: that of a redistributor which has LPIs enabled; all must have the same (GICR_TYPER.CommonLPIAff is 0). */
static const GicCpu *configured_by(const ArmGicv3 *g)
{
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        if (g->cpus[n].lpis_enabled) {
            return &g->cpus[n];
        }
    }
    return NULL;
}

/* Identifiers that the configuration table covers: up to (not with) this one. */
static uint32_t table_end(const GicCpu *c)
{
    unsigned bits = (unsigned)FIELD_GET(c->propbaser, PROPBASER_ID_BITS) + 1;
    return bits >= GIC_ID_BITS ? GIC_IDS : MAX(1u << bits, (uint32_t)GIC_FIRST_LPI);
}

static void config_changed(ArmGicv3 *g, uint32_t lpi)
{
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        if (g->cpus[n].lpis_enabled && g->cpus[n].lpis->pending[lpi / 64] >> lpi % 64 & 1) {
            lpi_changed(&g->cpus[n], lpi);
        }
    }
}

void gicv3_lpi_reload(ArmGicv3 *g, uint32_t lpi)
{
    const GicCpu *c = configured_by(g);
    if (!c || !gicv3_lpi_valid(lpi) || lpi >= table_end(c)) {
        return;
    }
    dma_read(&g->memory, (c->propbaser & PROPBASER_ADDRESS) + lpi - GIC_FIRST_LPI, &g->lpi_config[lpi], 1);
    config_changed(g, lpi);
}

static void rebuild(GicCpu *c)
{
    GicLpis *l = c->lpis;
    for (uint32_t w = GIC_FIRST_LPI / 64; w < GIC_IDS / 64; w++) {
        for (uint64_t bits = l->pending[w] | l->ready[w]; bits; bits &= bits - 1) {
            uint32_t lpi = w * 64 + (unsigned)__builtin_ctzll(bits);
            mark_ready(l, lpi, l->pending[w] >> lpi % 64 & 1 && c->gic->lpi_config[lpi] & CONFIG_ENABLE);
        }
    }
    find_best(c);
    gicv3_cpu_update(c);
}

void gicv3_lpi_reload_all(ArmGicv3 *g)
{
    const GicCpu *c = configured_by(g);
    if (!c) {
        return;
    }
    memset(g->lpi_config, 0, GIC_IDS);
    dma_read(&g->memory, c->propbaser & PROPBASER_ADDRESS, g->lpi_config + GIC_FIRST_LPI, table_end(c) - GIC_FIRST_LPI);
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        if (g->cpus[n].lpis_enabled) {
            rebuild(&g->cpus[n]);
        }
    }
}

/* 5.1.2: with PTZ the guest says that nothing was pending. */
void gicv3_lpi_enable(GicCpu *c)
{
    c->lpis_enabled = true;
    memset(c->lpis, 0, sizeof(*c->lpis));
    if (!(c->pendbaser & PENDBASER_PTZ)) {
        uint32_t first = GIC_FIRST_LPI / 64;
        dma_read(&c->gic->memory, (c->pendbaser & PENDBASER_ADDRESS) + GIC_FIRST_LPI / 8, &c->lpis->pending[first], (table_end(c) - GIC_FIRST_LPI) / 8);
    }
    gicv3_lpi_reload_all(c->gic);
}

void gicv3_lpi_reset(GicCpu *c)
{
    c->lpis_enabled = false;
    c->propbaser = 0;
    c->pendbaser = 0;
    if (c->lpis) {
        memset(c->lpis, 0, sizeof(*c->lpis));
        c->lpis->best_priority = 256;
    }
}
