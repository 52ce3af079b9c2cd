/*
 * The IOMMU as a chip of the board, with wires.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "iommu.h"

typedef struct RiscvIommuSys { SysBusDevice parent; RiscvIommu iommu; AddressSpace *memory; uint64_t addr; uint32_t first_irq; } RiscvIommuSys;

static bool riscv_iommu_sys_realize(Device *dev, GError **err)
{
    RiscvIommuSys *s = (RiscvIommuSys *)dev;
    if (!riscv_iommu_init(&s->iommu, OBJECT(s), s->memory, true, err)) {
        return false;
    }
    sysbus_add_mmio(&s->parent, &s->iommu.mmio);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, s->iommu.irqs, RISCV_IOMMU_IRQS);
    return true;
}

static void riscv_iommu_sys_reset(Device *dev) { riscv_iommu_reset(&((RiscvIommuSys *)dev)->iommu); }

static const Property riscv_iommu_sys_properties[] = {
    RISCV_IOMMU_PROPERTIES(RiscvIommuSys), PROP_UINT64("addr", RiscvIommuSys, addr, 0), PROP_UINT32("base-irq", RiscvIommuSys, first_irq, 0),
};
static const StateField riscv_iommu_sys_state[] = { STATE_STRUCT(RiscvIommuSys, iommu, riscv_iommu_state) };
static const DeviceType riscv_iommu_sys = {
    .name = "riscv-iommu-device", .parent = "sys-bus-device", .size = sizeof(RiscvIommuSys), .category = DEVICE_MISC, .properties = PROPERTIES(riscv_iommu_sys_properties),
    .state = STATE(riscv_iommu_sys_state, .version = 1), .realize = riscv_iommu_sys_realize, .reset = riscv_iommu_sys_reset,
};
REGISTER_DEVICE(riscv_iommu_sys)

Device *riscv_iommu_create(const RiscvIommuPlace *place, GError **err)
{
    RiscvIommuSys *s = (RiscvIommuSys *)device_new("riscv-iommu-device");
    s->memory = place->memory_space;
    s->addr = place->addr;
    s->first_irq = place->first_irq;
    s->iommu.options.pas_bits = s->iommu.options.pas_bits ? s->iommu.options.pas_bits : place->pas_bits;
    if (!device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    sysbus_map(&s->parent, 0, place->memory, place->addr, 0);
    for (int n = 0; n < RISCV_IOMMU_IRQS; n++) {
        sysbus_connect_irq(&s->parent, n, place->irqs[n]);
    }
    return !place->root || riscv_iommu_attach(&s->iommu, place->root, err) ? DEVICE(s) : NULL;
}
