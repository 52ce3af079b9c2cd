/*
 * The virtual CPU interface of a GICv3: list registers that a hypervisor fills (ICH_*), and the registers that its guest sees in place of ICC_* (ICV_*)
 * (IHI 0069, 6; 12.4, 12.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include <string.h>

#define HCR_WRITABLE (0xffu | HCR_TC | HCR_TALL0 | HCR_TALL1 | 1u << 13 | HCR_TDIR | 0xf8000000u)
FIELD(HCR_EOICOUNT, 27, 5);
enum { MISR_EOI = 1 << 0, MISR_U = 1 << 1, MISR_LRENP = 1 << 2, MISR_NP = 1 << 3, MISR_GRP0E = 1 << 4, MISR_GRP0D = 1 << 5, MISR_GRP1E = 1 << 6, MISR_GRP1D = 1 << 7 };
enum { VMCR_ENG0 = 1 << 0, VMCR_ENG1 = 1 << 1, VMCR_FIQEN = 1 << 3, VMCR_CBPR = 1 << 4, VMCR_EOIM = 1 << 9 };
FIELD(VMCR_BPR1, 18, 3);
FIELD(VMCR_BPR0, 21, 3);
FIELD(VMCR_PMR, 24, 8);
FIELD(LR_VIRTUAL_ID, 0, 32);
FIELD(LR_PHYSICAL_ID, 32, 13);
FIELD(LR_PRIORITY, 48, 8);
#define LR_EOI (UINT64_C(1) << 41)      /* of those without HW */
#define LR_NMI (UINT64_C(1) << 59)
#define LR_GROUP1 (UINT64_C(1) << 60)
#define LR_HW (UINT64_C(1) << 61)
#define LR_PENDING (UINT64_C(1) << 62)
#define LR_ACTIVE (UINT64_C(1) << 63)
#define LR_WRITABLE (~(UINT64_C(7) << 45 | UINT64_C(7) << 56))
#define VTR_NV4 (1u << 20)
#define VTR_TDS (1u << 19)
#define VTR_A3V (1u << 21)
#define VTR_ID_BITS_24 (1u << 23)
enum { ICV_CTLR_CBPR = 1 << 0, ICV_CTLR_EOIMODE = 1 << 1, ICV_CTLR_PRI_BITS_SHIFT = 8, ICV_CTLR_ID_BITS_24 = 1 << 11, ICV_CTLR_A3V = 1 << 15 };

/* ---- list registers ---- */

/* An interrupt with superpriority (of group 1) has priority 0, whatever the field says. */
static bool lr_nmi(uint64_t lr) { return (lr & (LR_NMI | LR_GROUP1)) == (LR_NMI | LR_GROUP1); }
static uint8_t lr_priority(uint64_t lr) { return lr_nmi(lr) ? 0 : (uint8_t)FIELD_GET(lr, LR_PRIORITY); }
static uint16_t lr_rank(uint64_t lr) { return gicv3_rank(lr_priority(lr), lr_nmi(lr)); }
static bool lr_valid(uint64_t lr) { return lr & (LR_PENDING | LR_ACTIVE); }
static bool lr_only_pending(uint64_t lr) { return (lr & (LR_PENDING | LR_ACTIVE)) == LR_PENDING; }
static bool lr_ended(uint64_t lr) { return !lr_valid(lr) && !(lr & LR_HW) && lr & LR_EOI; }
static bool lr_free(uint64_t lr) { return !lr_valid(lr) && (lr & LR_HW || !(lr & LR_EOI)); }

static uint32_t lrs_where(const GicCpu *c, bool (*holds)(uint64_t lr))
{
    uint32_t set = 0;
    for (unsigned n = 0; n < c->list_registers; n++) {
        set |= holds(c->virt.lr[n]) ? 1u << n : 0;
    }
    return set;
}

static int best_lr(const GicCpu *c)
{
    int best = -1;
    for (int n = 0; n < (int)c->list_registers; n++) {
        uint64_t lr = c->virt.lr[n];
        bool on = c->virt.vmcr & (lr & LR_GROUP1 ? VMCR_ENG1 : VMCR_ENG0);
        if (on && lr_only_pending(lr) && (best < 0 || lr_rank(lr) < lr_rank(c->virt.lr[best]))) {
            best = n;
        }
    }
    return best;
}

/* 4.8.5, of the guest: its group 1 is that of one security state, whose binary point counts one less. */
static uint8_t group_mask(const GicCpu *c, bool group1)
{
    uint32_t vmcr = c->virt.vmcr;
    if (group1 && !(vmcr & VMCR_CBPR)) {
        return (uint8_t)(0xff << FIELD_GET(vmcr, VMCR_BPR1));
    }
    return (uint8_t)(0xff << (FIELD_GET(vmcr, VMCR_BPR0) + 1));
}

static unsigned running_priority(const GicCpu *c)
{
    unsigned level = MIN(gicv3_lowest_level(c->virt.apr[0]), gicv3_lowest_level(c->virt.apr[1]));
    if (c->virt.nmi_active) {
        return 0;
    }
    return level == 256 ? GIC_IDLE_PRIORITY : level << (8 - c->virtual_preemption_bits);
}

/* The best interrupt for the guest: of a list register, or (lr -1) a virtual LPI of the vPE; irq GIC_SPURIOUS: none. */
typedef struct VirtualBest { uint32_t irq; int lr; uint8_t priority; bool group1, nmi; } VirtualBest;

static VirtualBest best(const GicCpu *c)
{
    VirtualBest b = { GIC_SPURIOUS, best_lr(c), GIC_IDLE_PRIORITY, false, false };
    if (b.lr >= 0) {
        uint64_t lr = c->virt.lr[b.lr];
        b = (VirtualBest){ (uint32_t)FIELD_GET(lr, LR_VIRTUAL_ID), b.lr, lr_priority(lr), (lr & LR_GROUP1) != 0, lr_nmi(lr) };
    }
    bool better = c->vlpi && c->virt.vmcr & VMCR_ENG1 && (b.lr < 0 || c->vlpi_priority < b.priority);
    return better ? (VirtualBest){ c->vlpi, -1, (uint8_t)c->vlpi_priority, true, false } : b;
}

static VirtualBest signalled(const GicCpu *c)
{
    const VirtualBest none = { GIC_SPURIOUS, -1, GIC_IDLE_PRIORITY, false, false };
    VirtualBest b = best(c);
    if (!(c->virt.hcr & HCR_EN) || b.irq == GIC_SPURIOUS) {
        return none;
    }
    if (b.nmi) {
        return c->virt.nmi_active ? none : b;   /* above the mask, and above what runs without it */
    }
    bool masked = b.priority >= FIELD_GET(c->virt.vmcr, VMCR_PMR);
    return !masked && (b.priority & group_mask(c, b.group1)) < running_priority(c) ? b : none;
}

/* ---- maintenance ---- */

/* 12.4.8. */
static uint32_t maintenance(const GicCpu *c)
{
    uint32_t h = c->virt.hcr;
    bool grp0 = c->virt.vmcr & VMCR_ENG0, grp1 = c->virt.vmcr & VMCR_ENG1;
    return (lrs_where(c, lr_ended) ? MISR_EOI : 0) | (h & HCR_UIE && __builtin_popcount(lrs_where(c, lr_valid)) <= 1 ? MISR_U : 0)
        | (h & HCR_LRENPIE && FIELD_GET(h, HCR_EOICOUNT) ? MISR_LRENP : 0) | (h & HCR_NPIE && !lrs_where(c, lr_only_pending) ? MISR_NP : 0)
        | (h & HCR_VGRP0EIE && grp0 ? MISR_GRP0E : 0) | (h & HCR_VGRP0DIE && !grp0 ? MISR_GRP0D : 0) | (h & HCR_VGRP1EIE && grp1 ? MISR_GRP1E : 0)
        | (h & HCR_VGRP1DIE && !grp1 ? MISR_GRP1D : 0);
}

/* The maintenance interrupt is an output of the processor. */
static void drive_maintenance(GicCpu *c, bool level)
{
    if (!c->cpu || c->maintenance == level) {
        return;
    }
    c->maintenance = level;
    const GArray *outputs = DEVICE(c->cpu)->irq_outputs;
    for (unsigned n = 0; outputs && n < outputs->len; n++) {
        const IrqOutputs *group = &g_array_index(outputs, IrqOutputs, n);
        if (group->name && !strcmp(group->name, "gicv3-maintenance-interrupt")) {
            irq_set(group->lines[0], level);
        }
    }
}

void gicv3_virtual_update(GicCpu *c)
{
    VirtualBest b = signalled(c);
    bool any = b.irq != GIC_SPURIOUS;
    gicv3_cpu_drive(c, ARM_IRQ_VIRQ, any && b.group1 && !b.nmi);
    gicv3_cpu_drive(c, ARM_IRQ_VNMI, any && b.nmi);
    gicv3_cpu_drive(c, ARM_IRQ_VFIQ, any && !b.group1);
    drive_maintenance(c, c->virt.hcr & HCR_EN && maintenance(c));
}

static unsigned minimum_bpr(const GicCpu *c) { return 7 - c->virtual_preemption_bits; }

/* Binary points cannot be below what is implemented, and FIQs are always those of group 0 (VFIQEn is RAO). */
static uint32_t legal_vmcr(const GicCpu *c, uint32_t value)
{
    uint32_t vmcr = (value & (VMCR_ENG0 | VMCR_ENG1 | VMCR_CBPR | VMCR_EOIM | 0xfffc0000u)) | VMCR_FIQEN;
    vmcr = (uint32_t)FIELD_SET(vmcr, VMCR_BPR0, MAX(FIELD_GET(vmcr, VMCR_BPR0), minimum_bpr(c)));
    vmcr = (uint32_t)FIELD_SET(vmcr, VMCR_BPR1, MAX(FIELD_GET(vmcr, VMCR_BPR1), minimum_bpr(c) + 1));
    return (uint32_t)FIELD_SET(vmcr, VMCR_PMR, FIELD_GET(vmcr, VMCR_PMR) & (0xffu << (8 - c->virtual_priority_bits)));
}

void gicv3_virtual_reset(GicCpu *c)
{
    memset(&c->virt, 0, sizeof(c->virt));
    c->virt.vmcr = legal_vmcr(c, 0);
}

/* ---- the hypervisor's registers ---- */

static uint32_t vtr(const GicCpu *c)
{
    return (c->list_registers - 1) | VTR_TDS | (gicv3_has_vlpis(c->gic) ? 0 : VTR_NV4) | VTR_A3V | VTR_ID_BITS_24 | (c->virtual_preemption_bits - 1) << 26 | (c->virtual_priority_bits - 1) << 29;
}

/* AArch32 has two words of it: ICH_LR and ICH_LRC. */
static void access_lr(GicCpu *c, const GicRegister *r, unsigned n)
{
    uint64_t *lr = &c->virt.lr[n];
    unsigned shift = r->view->upper ? 32 : 0;
    if (!r->write) {
        *r->value = r->view->aarch64 ? *lr : *lr >> shift & UINT32_MAX;
        return;
    }
    *lr = (r->view->aarch64 ? *r->value : deposit64(*lr, shift, 32, *r->value)) & LR_WRITABLE;
    *lr &= c->gic->has_nmi ? UINT64_MAX : ~LR_NMI;
    uint8_t priority = (uint8_t)FIELD_GET(*lr, LR_PRIORITY) & (uint8_t)(0xff << (8 - c->virtual_priority_bits));
    *lr = FIELD_SET(*lr, LR_PRIORITY, priority);
}

static bool access_apr(GicCpu *c, const GicRegister *r, unsigned group)
{
    unsigned n = r->sysreg & 3;
    if (n >= gicv3_apr_count(c->virtual_preemption_bits)) {
        return false;
    }
    bool has_nmi = c->gic->has_nmi && group == 1 && n == 0 && r->view->aarch64;
    if (r->write) {
        c->virt.apr[group][n] = (uint32_t)*r->value;
        c->virt.nmi_active = has_nmi ? (*r->value & GIC_APR_NMI) != 0 : c->virt.nmi_active;
    } else {
        *r->value = c->virt.apr[group][n] | (has_nmi && c->virt.nmi_active ? GIC_APR_NMI : 0);
    }
    return true;
}

static bool hypervisor_word(GicCpu *c, const GicRegister *r)
{
    uint32_t value = (uint32_t)*r->value;
    switch (r->sysreg) {
    case ICH_HCR_EL2:
        c->virt.hcr = r->write ? value & HCR_WRITABLE : c->virt.hcr;
        value = c->virt.hcr;
        break;
    case ICH_VMCR_EL2:
        c->virt.vmcr = r->write ? legal_vmcr(c, value) : c->virt.vmcr;
        value = c->virt.vmcr;
        break;
    case ICH_VTR_EL2: value = vtr(c); break;
    case ICH_MISR_EL2: value = maintenance(c); break;
    case ICH_EISR_EL2: value = lrs_where(c, lr_ended); break;
    case ICH_ELRSR_EL2: value = lrs_where(c, lr_free); break;
    default: return false;
    }
    bool writable = r->sysreg == ICH_HCR_EL2 || r->sysreg == ICH_VMCR_EL2;
    if (!r->write) {
        *r->value = value;
    }
    return writable || !r->write;
}

bool gicv3_hypervisor_access(GicCpu *c, const GicRegister *r)
{
    bool known;
    if (r->sysreg >= ICH_LR0_EL2 && r->sysreg <= ICH_LR15_EL2) {
        unsigned n = r->sysreg - ICH_LR0_EL2;
        if ((known = n < c->list_registers)) {
            access_lr(c, r, n);
        }
    } else if ((r->sysreg & ~3u) == ICH_AP0R0_EL2) {
        known = access_apr(c, r, 0);
    } else if ((r->sysreg & ~3u) == ICH_AP1R0_EL2) {
        known = access_apr(c, r, 1);
    } else {
        known = hypervisor_word(c, r);
    }
    if (r->write) {
        gicv3_virtual_update(c);
    }
    return known;
}

/* ---- the guest's registers ---- */

static uint32_t seen_as(const VirtualBest *b, bool group0) { return b->group1 == !group0 ? b->irq : GIC_SPURIOUS; }

static void mark_running(GicCpu *c, const VirtualBest *b)
{
    unsigned level = (b->priority & group_mask(c, b->group1)) >> (8 - c->virtual_preemption_bits);
    if (b->nmi) {
        c->virt.nmi_active = true;
    } else {
        c->virt.apr[b->group1][level / 32] |= 1u << level % 32;
    }
}

static uint32_t acknowledge(GicCpu *c, const GicRegister *r)
{
    VirtualBest b = signalled(c);
    uint32_t irq = seen_as(&b, r->sysreg == ICC_IAR0_EL1);
    if (irq == GIC_SPURIOUS || (r->sysreg == ICC_NMIAR1_EL1 && !b.nmi)) {
        return GIC_SPURIOUS;
    }
    if (r->sysreg == ICC_IAR1_EL1 && b.nmi && r->view->nmi) {
        return GIC_SPECIAL_NMI;
    }
    mark_running(c, &b);
    if (b.lr < 0) {
        gicv3_vlpi_acknowledge(c);
    } else {
        c->virt.lr[b.lr] = (c->virt.lr[b.lr] & ~LR_PENDING) | (irq >= GIC_FIRST_LPI ? 0 : LR_ACTIVE);    /* LPIs have no active state */
    }
    gicv3_virtual_update(c);
    return irq;
}

static void count_unlisted(GicCpu *c)
{
    c->virt.hcr = (uint32_t)FIELD_SET(c->virt.hcr, HCR_EOICOUNT, FIELD_GET(c->virt.hcr, HCR_EOICOUNT) + 1);
}

static int active_lr(const GicCpu *c, uint32_t irq)
{
    for (unsigned n = 0; n < c->list_registers; n++) {
        if (c->virt.lr[n] & LR_ACTIVE && FIELD_GET(c->virt.lr[n], LR_VIRTUAL_ID) == irq) {
            return (int)n;
        }
    }
    return -1;
}

static void deactivate(GicCpu *c, uint32_t irq)
{
    int n = active_lr(c, irq);
    if (n < 0) {
        if (irq < GIC_FIRST_LPI) {
            count_unlisted(c);
        }
        return;
    }
    c->virt.lr[n] &= ~LR_ACTIVE;
    if (c->virt.lr[n] & LR_HW) {
        gicv3_cpu_deactivate(c, (uint32_t)FIELD_GET(c->virt.lr[n], LR_PHYSICAL_ID));
    }
}

static void drop_priority(GicCpu *c, bool nmi, bool group1, unsigned level)
{
    if (nmi) {
        c->virt.nmi_active = false;
    } else {
        c->virt.apr[group1][level / 32] &= ~(1u << level % 32);
    }
}

static void end_of_interrupt(GicCpu *c, bool group0, uint32_t irq)
{
    if (irq >= GIC_SPECIAL_SECURE && irq <= GIC_SPURIOUS) {
        return;
    }
    unsigned low = gicv3_lowest_level(c->virt.apr[0]), high = gicv3_lowest_level(c->virt.apr[1]), level = MIN(low, high);
    bool nmi = c->virt.nmi_active, group1 = nmi || high < low, any = nmi || level != 256;
    if (any && group1 == !group0) {
        drop_priority(c, nmi, group1, level);
    }
    if (any && !(c->virt.vmcr & VMCR_EOIM)) {
        deactivate(c, irq);
    }
}

static uint64_t read_ctlr(const GicCpu *c)
{
    return ICV_CTLR_A3V | ICV_CTLR_ID_BITS_24 | (uint64_t)(c->virtual_priority_bits - 1) << ICV_CTLR_PRI_BITS_SHIFT | (c->virt.vmcr & VMCR_CBPR ? ICV_CTLR_CBPR : 0)
        | (c->virt.vmcr & VMCR_EOIM ? ICV_CTLR_EOIMODE : 0);
}

static uint64_t read_bpr1(const GicCpu *c)
{
    return c->virt.vmcr & VMCR_CBPR ? MIN(FIELD_GET(c->virt.vmcr, VMCR_BPR0) + 1, 7) : FIELD_GET(c->virt.vmcr, VMCR_BPR1);
}

static bool reads(GicCpu *c, const GicRegister *r)
{
    uint32_t vmcr = c->virt.vmcr;
    VirtualBest b;
    switch (r->sysreg) {
    case ICC_PMR_EL1: *r->value = FIELD_GET(vmcr, VMCR_PMR); return true;
    case ICC_NMIAR1_EL1:
        if (!c->gic->has_nmi) {
            return false;
        }
        *r->value = acknowledge(c, r);
        return true;
    case ICC_IAR0_EL1: case ICC_IAR1_EL1: *r->value = acknowledge(c, r); return true;
    case ICC_HPPIR0_EL1: case ICC_HPPIR1_EL1:
        b = best(c);
        *r->value = seen_as(&b, r->sysreg == ICC_HPPIR0_EL1);
        return true;
    case ICC_BPR0_EL1: *r->value = FIELD_GET(vmcr, VMCR_BPR0); return true;
    case ICC_BPR1_EL1: *r->value = read_bpr1(c); return true;
    case ICC_RPR_EL1: *r->value = running_priority(c) | (c->virt.nmi_active ? GIC_RPR_NMI : 0); return true;
    case ICC_CTLR_EL1: *r->value = read_ctlr(c); return true;
    case ICC_IGRPEN0_EL1: *r->value = vmcr & VMCR_ENG0 ? 1 : 0; return true;
    case ICC_IGRPEN1_EL1: *r->value = vmcr & VMCR_ENG1 ? 1 : 0; return true;
    default: return false;
    }
}

static uint32_t with_bit(uint32_t word, uint32_t bit, bool on) { return on ? word | bit : word & ~bit; }

static bool writes(GicCpu *c, const GicRegister *r)
{
    uint64_t value = *r->value;
    uint32_t vmcr = c->virt.vmcr;
    switch (r->sysreg) {
    case ICC_PMR_EL1: vmcr = (uint32_t)FIELD_SET(vmcr, VMCR_PMR, value); break;
    case ICC_BPR0_EL1: vmcr = (uint32_t)FIELD_SET(vmcr, VMCR_BPR0, value); break;
    case ICC_BPR1_EL1: vmcr = vmcr & VMCR_CBPR ? vmcr : (uint32_t)FIELD_SET(vmcr, VMCR_BPR1, value); break;
    case ICC_CTLR_EL1: vmcr = with_bit(with_bit(vmcr, VMCR_CBPR, value & ICV_CTLR_CBPR), VMCR_EOIM, value & ICV_CTLR_EOIMODE); break;
    case ICC_IGRPEN0_EL1: vmcr = with_bit(vmcr, VMCR_ENG0, value & 1); break;
    case ICC_IGRPEN1_EL1: vmcr = with_bit(vmcr, VMCR_ENG1, value & 1); break;
    case ICC_EOIR0_EL1: case ICC_EOIR1_EL1: end_of_interrupt(c, r->sysreg == ICC_EOIR0_EL1, value & 0xffffff); break;
    case ICC_DIR_EL1: deactivate(c, value & 0xffffff); break;
    default: return false;
    }
    c->virt.vmcr = legal_vmcr(c, vmcr);
    return true;
}

bool gicv3_virtual_access(GicCpu *c, const GicRegister *r)
{
    bool known;
    if ((r->sysreg & ~3u) == ICC_AP0R0_EL1) {
        known = access_apr(c, r, 0);
    } else if ((r->sysreg & ~3u) == ICC_AP1R0_EL1) {
        known = access_apr(c, r, 1);
    } else {
        known = r->write ? writes(c, r) : reads(c, r);
    }
    if (r->write) {
        gicv3_virtual_update(c);
    }
    return known;
}
