/*
 * TLB maintenance, for the own processor and for others.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C5.5 (TLBI), D8.16 (TLB maintenance, broadcast and its completion by DSB).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/sysregs.h"

enum { MOST_PAGES = 64, TLB_VA_BITS = 44 };

static void flush_here(ArmCpu *cpu, const ArmFlush *f)
{
    Cpu *c = &cpu->parent;
    cpu->walk_cache_epoch++;
    /* (a space that has the ASID beside another is not found by it) */
    if (f->kind == FLUSH_ASID && !cpu->two_asids_seen) {
        tcg_tlb_flush_space(c, f->space);
        return;
    }
    if (f->kind != FLUSH_PAGES || f->pages > MOST_PAGES || cpu->tagged_seen) {
        tcg_tlb_flush_all(c);
        return;
    }
    bool current = !f->any_asid && !cpu->two_asids_seen && f->space == cpu->current_space;
    for (uint64_t i = 0; i < f->pages; i++) {
        if (current) {
            tcg_tlb_flush_page(c, f->address + (i << 12));
        } else {
            tcg_tlb_flush_page_everywhere(c, f->address + (i << 12));
        }
    }
}

/* ---- for other processors ---- */

void arm_serve(Cpu *c)
{
    ArmCpu *cpu = ARM_CPU(c);
    ArmFlush asked[ARM_FLUSHES_ASKED];
    ArmFlushQueue *q = &cpu->asked;
    g_mutex_lock(&q->lock);
    unsigned count = q->count;
    bool everything = q->everything;
    memcpy(asked, q->flushes, count * sizeof(*asked));
    q->count = 0;
    q->everything = false;
    g_mutex_unlock(&q->lock);
    if (everything) {
        flush_here(cpu, &(ArmFlush){ .kind = FLUSH_ALL });
        return;
    }
    for (unsigned i = 0; i < count; i++) {
        flush_here(cpu, &asked[i]);
    }
}

/* A processor that sleeps sleeps on, and may be asked as often as one likes: more than there is room for is everything. */
static void ask(ArmCpu *other, const ArmFlush *f)
{
    ArmFlushQueue *q = &other->asked;
    g_mutex_lock(&q->lock);
    if (f->kind == FLUSH_ALL || q->count == ARM_FLUSHES_ASKED) {
        q->everything = true;
        q->count = 0;
    } else if (!q->everything) {
        q->flushes[q->count++] = *f;
    }
    g_mutex_unlock(&q->lock);
    tcg_ask(&other->parent);
}

static void broadcast(ArmCpu *cpu, const ArmFlush *f)
{
    CPU_FOREACH(other) {
        if (other != &cpu->parent && other->created) {
            ask(ARM_CPU(other), f);
        }
    }
}

bool arm_flushes_done(ArmCpu *cpu)
{
    if (tcg_others_have_served(&cpu->parent)) {
        return true;
    }
    spin_step(&cpu->barrier_spin);
    return false;
}

/* ---- TLBI ---- */

/* The range of TLBI R*: granule, scale, count, base. */
static void set_range(ArmFlush *f, uint64_t value)
{
    static const uint8_t granules[] = { 12, 12, 14, 16 };
    unsigned bits = granules[value >> 46 & 3], scale = value >> 44 & 3, number = value >> 39 & 31;
    f->address = (uint64_t)sextract64(value, 0, 37) << bits;
    f->pages = (uint64_t)(number + 1) << (5 * scale + 1) << (bits - 12);
}

/* By address: the page; op2 of VAE1, VAAE1 and so on tells whether the ASID counts. */
static void set_address(ArmFlush *f, uint64_t value)
{
    f->address = (uint64_t)sextract64(value, 0, TLB_VA_BITS) << 12;
    f->pages = 1;
}

/* C5.5: CRm tells the form (3, 7 plain; 2, 5, 6 ranges; 1 outer shareable; 0, 4 by intermediate address), op1 the regime, op2 what is named. */
static bool tlbi_exists(const ArmCpu *cpu, unsigned crm, unsigned crn)
{
    bool outer = crm == 1 || crm == 5, range = crm == 2 || crm == 5 || crm == 6;
    if (crn == 9 && !arm_has(cpu, xs)) {
        return false;
    }
    return (!outer || arm_has(cpu, tlbios)) && (!range || arm_has(cpu, tlbirange)) && crm <= 7;
}

static bool trapped_tlbi(const ArmCpu *cpu, unsigned crm)
{
    uint64_t hcr = arm_hcr(cpu);
    bool inner = crm == 3 || crm == 2, outer = crm == 1 || crm == 5;
    return cpu->el == 1 && ((hcr & HCR_TTLB) || (arm_has(cpu, evt) && ((inner && (hcr & HCR_TTLBIS)) || (outer && (hcr & HCR_TTLBOS)))));
}

ArmSysregResult arm_tlbi(ArmCpu *cpu, unsigned op1, unsigned crn, unsigned crm, unsigned op2, uint64_t value)
{
    unsigned least = op1 == 0 ? 1 : op1 == 4 ? 2 : op1 == 6 ? 3 : 4;
    if (cpu->el < least || !tlbi_exists(cpu, crm, crn) || (op1 == 4 && !cpu->has_el2) || (op1 == 6 && !cpu->has_el3)) {
        return SYSREG_UNDEFINED;
    }
    if (trapped_tlbi(cpu, crm)) {
        return SYSREG_TRAP_EL2;
    }
    ArmFlush f = { .kind = FLUSH_ALL };
    bool range = crm == 2 || crm == 5 || crm == 6, by_ipa = op1 == 4 && (crm == 0 || crm == 4);
    bool by_address = op2 == 1 || op2 == 3 || op2 == 5 || op2 == 7;
    if (op1 == 0 && op2 == 2) {
        f.kind = FLUSH_ASID;
        f.space = arm_space_of(cpu, value >> 48);
    } else if (by_address && !by_ipa) {
        f.kind = FLUSH_PAGES;
        f.any_asid = op1 != 0 || op2 == 3 || op2 == 7;
        f.space = arm_space_of(cpu, value >> 48);
        if (range) {
            set_range(&f, value);
        } else {
            set_address(&f, value);
        }
    }
    flush_here(cpu, &f);
    bool forced = cpu->el == 1 && (arm_hcr(cpu) & HCR_FB);
    if (crm == 1 || crm == 2 || crm == 3 || crm == 5 || (by_ipa && crm == 0) || forced) {
        broadcast(cpu, &f);
    }
    return SYSREG_OK;
}
