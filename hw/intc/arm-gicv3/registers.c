/*
 * Registers of interrupts that the distributor has for shared ones and each redistributor for its private ones, at the same offsets (IHI 0069, 12.9, 12.11).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

enum { BITS = 0x080, BITS_END = 0x400, IPRIORITYR = 0x400, IPRIORITYR_END = 0x800, ICFGR = 0xc00, IGRPMODR = 0xd00, IGRPMODR_END = 0xd80, NSACR = 0xe00, NSACR_END = 0xf00,
       INMIR = 0xf80, INMIR_END = 0x1000 };
/* From BITS on, 128 bytes each. */
enum { IGROUPR, ISENABLER, ICENABLER, ISPENDR, ICPENDR, ISACTIVER, ICACTIVER };

/* The word, or NULL where there is none: word 0 is of redistributors. */
static GicWord *word_at(const GicAccess *a, unsigned n)
{
    if (a->c) {
        return n == 0 ? &a->c->word : NULL;
    }
    return n > 0 && n < a->gic->num_irq / 32 ? &a->gic->words[n] : NULL;
}

static bool irq_here(const GicAccess *a, unsigned irq) { return word_at(a, irq / 32) != NULL; }

static bool irq_visible(const GicAccess *a, unsigned irq)
{
    return irq_here(a, irq) && gicv3_visible(a->gic, word_at(a, irq / 32), a->nonsecure) >> irq % 32 & 1;
}

/* 12.11, GICR_NSACR: the word of a redistributor is for SGIs; other private interrupts are not lent. */
static unsigned nsacr_of(const GicAccess *a, unsigned irq)
{
    enum { SGIS = 16 };
    if (a->c) {
        return irq < SGIS ? a->c->nsacr >> 2 * irq & 3 : 0;
    }
    return a->gic->nsacr[irq];
}

/* 4.8.1: those of another group whose pending bit secure software lets non-secure accesses set (1) or clear too (2). */
static uint32_t lent(const GicAccess *a, unsigned word, unsigned least)
{
    uint32_t set = 0;
    for (unsigned n = 0; a->nonsecure && n < 32; n++) {
        set |= nsacr_of(a, word * 32 + n) >= least ? 1u << n : 0;
    }
    return set;
}

static uint32_t seen(const GicAccess *a, const GicWord *w, unsigned word, unsigned which)
{
    uint32_t visible = gicv3_visible(a->gic, w, a->nonsecure);
    return which == ISPENDR ? visible | lent(a, word, 1) : which == ICPENDR ? visible | lent(a, word, 2) : visible;
}

static uint32_t read_bits(const GicAccess *a, unsigned which, unsigned word)
{
    const GicWord *w = word_at(a, word);
    if (!w) {
        return 0;
    }
    uint32_t visible = seen(a, w, word, which);
    switch (which) {
    case IGROUPR: return a->nonsecure ? 0 : w->group;
    case ISENABLER: case ICENABLER: return w->enabled & visible;
    case ISPENDR: case ICPENDR: return gicv3_pending(w) & visible;
    default: return w->active & visible;
    }
}

static void write_bits(const GicAccess *a, unsigned which, unsigned word, uint32_t value)
{
    GicWord *w = word_at(a, word);
    if (!w) {
        return;
    }
    uint32_t changed = value & seen(a, w, word, which);
    switch (which) {
    case IGROUPR:
        changed = a->nonsecure ? 0 : w->group ^ value;
        w->group ^= changed;
        break;
    case ISENABLER: changed &= ~w->enabled; w->enabled |= changed; break;
    case ICENABLER: changed &= w->enabled; w->enabled &= ~changed; break;
    case ISPENDR: w->latched |= changed; break;
    case ICPENDR: w->latched &= ~changed; break;
    case ISACTIVER: w->active |= changed; break;
    default: w->active &= ~changed; break;
    }
    gicv3_word_changed(a->gic, a->c, word, changed);
}

/* ---- priorities ---- */

static uint8_t *priority_at(const GicAccess *a, unsigned irq) { return a->c ? &a->c->priority[irq] : &a->gic->priority[irq]; }

/* 4.8.1: non-secure accesses see the lower half, shifted. */
static uint64_t read_priorities(const GicAccess *a, unsigned first, unsigned size)
{
    uint64_t value = 0;
    for (unsigned n = 0; n < size; n++) {
        if (irq_visible(a, first + n)) {
            uint8_t priority = *priority_at(a, first + n);
            value |= (uint64_t)(uint8_t)(a->nonsecure ? priority << 1 : priority) << 8 * n;
        }
    }
    return value;
}

static void write_priorities(const GicAccess *a, unsigned first, unsigned size, uint64_t value)
{
    for (unsigned n = 0; n < size; n++) {
        uint8_t byte = (uint8_t)(value >> 8 * n);
        if (irq_visible(a, first + n)) {
            *priority_at(a, first + n) = a->nonsecure ? 0x80 | byte >> 1 : byte;
            gicv3_irq_changed(a->gic, a->c, first + n);
        }
    }
}

/* ---- two bits an interrupt ---- */

static uint32_t read_config(const GicAccess *a, unsigned first)
{
    uint32_t value = 0;
    for (unsigned n = 0; n < 16; n++) {
        unsigned irq = first + n;
        if (irq_visible(a, irq)) {
            value |= (word_at(a, irq / 32)->edge >> irq % 32 & 1) << (2 * n + 1);
        }
    }
    return value;
}

static void write_config(const GicAccess *a, unsigned first, uint32_t value)
{
    for (unsigned n = 0; n < 16; n++) {
        unsigned irq = first + n;
        if (irq >= GIC_SGIS && irq_visible(a, irq)) {
            GicWord *w = word_at(a, irq / 32);
            uint32_t bit = 1u << irq % 32;
            w->edge = value >> (2 * n + 1) & 1 ? w->edge | bit : w->edge & ~bit;
            gicv3_irq_changed(a->gic, a->c, irq);
        }
    }
}

static uint32_t read_nsacr(const GicAccess *a, unsigned first)
{
    uint32_t value = 0;
    for (unsigned n = 0; n < 16 && !a->nonsecure && !gicv3_single(a->gic); n++) {
        value |= irq_here(a, first + n) ? nsacr_of(a, first + n) << 2 * n : 0;
    }
    return value;
}

/* A redistributor has one word of it, for SGIs. */
static void write_nsacr(const GicAccess *a, unsigned first, uint32_t value)
{
    if (a->nonsecure || gicv3_single(a->gic)) {
        return;
    }
    if (a->c) {
        a->c->nsacr = first ? a->c->nsacr : value;
        return;
    }
    for (unsigned n = 0; n < 16; n++) {
        if (irq_here(a, first + n)) {
            a->gic->nsacr[first + n] = value >> 2 * n & 3;
        }
    }
}

static void write_modifier(const GicAccess *a, unsigned word, uint32_t value)
{
    GicWord *w = word_at(a, word);
    if (w && !a->nonsecure && !gicv3_single(a->gic)) {
        uint32_t changed = w->modifier ^ value;
        w->modifier = value;
        gicv3_word_changed(a->gic, a->c, word, changed);
    }
}

static uint32_t read_modifier(const GicAccess *a, unsigned word)
{
    const GicWord *w = word_at(a, word);
    return w && !a->nonsecure && !gicv3_single(a->gic) ? w->modifier : 0;
}

/* ---- the non-maskable property (12.9: GICD_INMIR<n>; 12.11: GICR_INMIR0) ---- */

static uint32_t read_nonmaskable(const GicAccess *a, unsigned word)
{
    const GicWord *w = word_at(a, word);
    return w && a->gic->has_nmi ? w->nonmaskable & gicv3_visible(a->gic, w, a->nonsecure) : 0;
}

static void write_nonmaskable(const GicAccess *a, unsigned word, uint32_t value)
{
    GicWord *w = word_at(a, word);
    if (w && a->gic->has_nmi) {
        uint32_t changed = (w->nonmaskable ^ value) & gicv3_visible(a->gic, w, a->nonsecure);
        w->nonmaskable ^= changed;
        gicv3_word_changed(a->gic, a->c, word, changed);
    }
}

/* ---- both ---- */

bool gicv3_read_common(const GicAccess *a, uint32_t offset, unsigned size, uint64_t *value)
{
    if (offset >= IPRIORITYR && offset < IPRIORITYR_END) {
        *value = read_priorities(a, offset - IPRIORITYR, size);
        return true;
    }
    if (size != 4) {
        return false;
    }
    if (offset >= BITS && offset < BITS_END) {
        *value = read_bits(a, (offset - BITS) / 0x80, offset % 0x80 / 4);
    } else if (offset >= ICFGR && offset < IGRPMODR) {
        *value = read_config(a, (offset - ICFGR) * 4);
    } else if (offset >= IGRPMODR && offset < IGRPMODR_END) {
        *value = read_modifier(a, (offset - IGRPMODR) / 4);
    } else if (offset >= NSACR && offset < NSACR_END) {
        *value = read_nsacr(a, (offset - NSACR) * 4);
    } else if (offset >= INMIR && offset < INMIR_END) {
        *value = read_nonmaskable(a, (offset - INMIR) / 4);
    } else {
        return false;
    }
    return true;
}

bool gicv3_write_common(const GicAccess *a, uint32_t offset, unsigned size, uint64_t value)
{
    if (offset >= IPRIORITYR && offset < IPRIORITYR_END) {
        write_priorities(a, offset - IPRIORITYR, size, value);
        return true;
    }
    if (size != 4) {
        return false;
    }
    if (offset >= BITS && offset < BITS_END) {
        write_bits(a, (offset - BITS) / 0x80, offset % 0x80 / 4, (uint32_t)value);
    } else if (offset >= ICFGR && offset < IGRPMODR) {
        write_config(a, (offset - ICFGR) * 4, (uint32_t)value);
    } else if (offset >= IGRPMODR && offset < IGRPMODR_END) {
        write_modifier(a, (offset - IGRPMODR) / 4, (uint32_t)value);
    } else if (offset >= NSACR && offset < NSACR_END) {
        write_nsacr(a, (offset - NSACR) * 4, (uint32_t)value);
    } else if (offset >= INMIR && offset < INMIR_END) {
        write_nonmaskable(a, (offset - INMIR) / 4, (uint32_t)value);
    } else {
        return false;
    }
    return true;
}

/* 12.8: identification, at the end of each frame: of a GIC-500, but for the architecture's version. */
uint8_t gicv3_id_register(const ArmGicv3 *g, uint32_t offset)
{
    static const uint8_t id[] = { 0x44, 0, 0, 0, 0x92, 0xb4, 0x0b, 0, 0x0d, 0xf0, 0x05, 0xb1 };
    unsigned n = (offset - GICV3_ID_REGISTERS) / 4;
    return n == 6 ? (uint8_t)(id[n] | g->revision << 4) : id[n];
}
