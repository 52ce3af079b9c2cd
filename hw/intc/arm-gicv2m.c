/*
 * The frame that makes shared interrupts of a GICv2 out of messages: a write of an interrupt's number raises it (Arm Server Base System Architecture, appendix I).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/arm_gic.h"

#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>

enum { V2M_MSI_TYPER = 0x008, V2M_MSI_SETSPI_NS = 0x040, V2M_MSI_IIDR = 0xfcc, V2M_IIDR0 = 0xfd0, V2M_END = 0x1000 };
enum { V2M_MAX_SPIS = 128, V2M_IIDR_VALUE = 'O' << 20 | 0x43b };

typedef struct ArmGicv2m {
    SysBusDevice parent;
    MemoryRegion frame;
    uint32_t base_spi, num_spi;
    Irq *lines[V2M_MAX_SPIS];
} ArmGicv2m;

static uint64_t v2m_read(void *opaque, uint64_t addr, unsigned size)
{
    const ArmGicv2m *s = opaque;
    static const uint8_t id[] = { 0x44, 0, 0, 0, 0, 0xb0, 0x0b, 0, 0x0d, 0xf0, 0x05, 0xb1 };      /* a class of component that is none of Arm's */
    switch (addr) {
    case V2M_MSI_TYPER: return (uint64_t)(s->base_spi + ARM_GIC_INTERNAL) << 16 | s->num_spi;
    case V2M_MSI_IIDR: return V2M_IIDR_VALUE;
    default: return addr >= V2M_IIDR0 ? id[(addr - V2M_IIDR0) / 4] : 0;
    }
}

/* Edges: the interrupts are to be configured so. */
static void v2m_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    ArmGicv2m *s = opaque;
    uint64_t spi = (value & 0x3ff) - (s->base_spi + ARM_GIC_INTERNAL);
    if (addr == V2M_MSI_SETSPI_NS && spi < s->num_spi) {
        irq_pulse(s->lines[spi]);
        return;
    }
    log_mask(LOG_GUEST_ERROR, "arm-gicv2m: a write of 0x%" PRIx64 " to 0x%" PRIx64 " is no interrupt of this frame\n", value, addr);
}

static const MemoryRegionOps v2m_ops = { .read = v2m_read, .write = v2m_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

static bool v2m_realize(Device *dev, GError **err)
{
    ArmGicv2m *s = (ArmGicv2m *)dev;
    if (s->num_spi > V2M_MAX_SPIS) {
        return error_set(err, "requested %u SPIs exceeds GICv2m frame maximum %d", s->num_spi, V2M_MAX_SPIS);
    }
    if (s->base_spi > ARM_GIC_MAX_IRQS - ARM_GIC_INTERNAL - s->num_spi) {
        return error_set(err, "requested base SPI %u+%u exceeds max. number 1020", s->base_spi + ARM_GIC_INTERNAL, s->num_spi);
    }
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, s->lines, (int)s->num_spi);
    return true;
}

static void v2m_init(Object *object)
{
    ArmGicv2m *s = (ArmGicv2m *)object;
    memory_region_init_io(&s->frame, object, &v2m_ops, s, "gicv2m", V2M_END);
    sysbus_add_mmio(&s->parent, &s->frame);
}

static const Property v2m_properties[] = { PROP_UINT32("base-spi", ArmGicv2m, base_spi, 0), PROP_UINT32("num-spi", ArmGicv2m, num_spi, 64) };
static const DeviceType v2m_type = {
    .name = "arm-gicv2m", .parent = "sys-bus-device", .size = sizeof(ArmGicv2m), .properties = PROPERTIES(v2m_properties), .init = v2m_init, .realize = v2m_realize,
};
REGISTER_DEVICE(v2m_type)

Device *arm_gicv2m_create(MemoryRegion *memory, uint64_t addr, Device *gic, uint32_t base_spi, uint32_t num_spi, GError **err)
{
    ArmGicv2m *s = (ArmGicv2m *)device_new("arm-gicv2m");
    s->base_spi = base_spi;
    s->num_spi = num_spi;
    if (!device_realize(DEVICE(s), NULL, err)) {
        return NULL;
    }
    for (uint32_t n = 0; n < num_spi; n++) {
        device_connect_irq(DEVICE(s), IRQ_GROUP_SYSBUS, (int)n, arm_gic_spi(gic, base_spi + n));
    }
    sysbus_map(&s->parent, 0, memory, addr, 0);
    return DEVICE(s);
}
