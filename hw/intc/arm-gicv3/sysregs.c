/*
 * Accesses to the system registers of the CPU interface: which are trapped, which are a guest's (IHI 0069, 12.2; the pseudocode of each register there).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#define HCR_FMO (UINT64_C(1) << 3)
#define HCR_IMO (UINT64_C(1) << 4)
#define SCR_IRQ (UINT64_C(1) << 1)
#define SCR_FIQ (UINT64_C(1) << 2)

/* What a register has to do with: the interrupts that are signalled as FIQs (group 0), as IRQs (group 1), both, or nothing that anybody redirects. */
typedef enum Class { CLASS_FIQ, CLASS_IRQ, CLASS_BOTH, CLASS_SGI, CLASS_DIR, CLASS_PLAIN } Class;

static Class class_of(uint32_t sysreg)
{
    switch (sysreg) {
    case ICC_IAR0_EL1: case ICC_EOIR0_EL1: case ICC_HPPIR0_EL1: case ICC_BPR0_EL1: case ICC_IGRPEN0_EL1:
    case ICC_AP0R0_EL1: case ICC_AP0R0_EL1 + 1: case ICC_AP0R0_EL1 + 2: case ICC_AP0R0_EL1 + 3:
        return CLASS_FIQ;
    case ICC_NMIAR1_EL1: case ICC_IAR1_EL1: case ICC_EOIR1_EL1: case ICC_HPPIR1_EL1: case ICC_BPR1_EL1: case ICC_IGRPEN1_EL1:
    case ICC_AP1R0_EL1: case ICC_AP1R0_EL1 + 1: case ICC_AP1R0_EL1 + 2: case ICC_AP1R0_EL1 + 3:
        return CLASS_IRQ;
    case ICC_PMR_EL1: case ICC_RPR_EL1: case ICC_CTLR_EL1: return CLASS_BOTH;
    case ICC_SGI0R_EL1: case ICC_SGI1R_EL1: case ICC_ASGI1R_EL1: return CLASS_SGI;
    case ICC_DIR_EL1: return CLASS_DIR;
    default: return CLASS_PLAIN;
    }
}

typedef struct Redirection {
    uint32_t trap;                      /* bits of ICH_HCR_EL2 that trap from EL1 */
    uint64_t virtual_bits;              /* of HCR_EL2: any makes EL1 see the virtual interface */
    uint64_t el3_bits;                  /* of SCR_EL3: all of them make it EL3's */
} Redirection;

static const Redirection redirections[] = {
    [CLASS_FIQ] = { HCR_TALL0, HCR_FMO, SCR_FIQ }, [CLASS_IRQ] = { HCR_TALL1, HCR_IMO, SCR_IRQ }, [CLASS_BOTH] = { HCR_TC, HCR_FMO | HCR_IMO, SCR_FIQ | SCR_IRQ },
    [CLASS_SGI] = { HCR_TC, HCR_FMO | HCR_IMO, SCR_FIQ | SCR_IRQ }, [CLASS_DIR] = { HCR_TC | HCR_TDIR, HCR_FMO | HCR_IMO, SCR_FIQ | SCR_IRQ }, [CLASS_PLAIN] = { 0, 0, 0 },
};

static bool of_hypervisor(uint32_t sysreg)
{
    return (sysreg & ~7u) == (ICH_AP0R0_EL2 & ~7u) || ((sysreg & ~7u) == (ICH_AP1R0_EL2 & ~7u) && sysreg != ICC_SRE_EL2) || (sysreg & ~7u) == (ICH_HCR_EL2 & ~7u)
        || (sysreg >= ICH_LR0_EL2 && sysreg <= ICH_LR15_EL2);
}

static ArmSysregResult gicv3_access(void *opaque, uint32_t sysreg, const ArmGicView *view, bool write, uint64_t *value)
{
    GicCpu *c = opaque;
    GicRegister r = { sysreg, view, write, value };
    if (of_hypervisor(sysreg)) {
        return gicv3_hypervisor_access(c, &r) ? SYSREG_OK : SYSREG_UNDEFINED;
    }
    Class class = class_of(sysreg);
    const Redirection *to = &redirections[class];
    bool guest = view->el == 1 && view->has_el2 && view->hcr_el2 & to->virtual_bits;
    /* view->hcr_el2 is 0 where EL2 is not in use; its ICH_HCR_EL2 does not count then either. */
    bool el2_in_use = view->has_el2 && !view->secure;
    if (view->el == 1 && el2_in_use && c->virt.hcr & to->trap) {
        return SYSREG_TRAP_EL2;
    }
    if (guest) {
        return class == CLASS_SGI ? SYSREG_TRAP_EL2 : gicv3_virtual_access(c, &r) ? SYSREG_OK : SYSREG_UNDEFINED;
    }
    if (view->el < 3 && view->has_el3 && to->el3_bits && (view->scr_el3 & to->el3_bits) == to->el3_bits) {
        return SYSREG_TRAP_EL3;
    }
    return gicv3_physical_access(c, &r) ? SYSREG_OK : SYSREG_UNDEFINED;
}

/* Which of the two signals an interrupt is depends on where the processor is. */
static void view_changed(void *opaque, const ArmGicView *view) { gicv3_cpu_update(opaque); }

const ArmGicOps gicv3_sysreg_ops = { .access = gicv3_access, .view_changed = view_changed };
