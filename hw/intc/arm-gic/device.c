/*
 * The GICv2 as a device: inputs, outputs, regions, reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/error.h"

#include <string.h>

/* ---- processors ---- */

GicCpu *gic_current(ArmGic *g)
{
    const Cpu *cpu = cpu_current();
    if (cpu && cpu->index >= 0 && (uint32_t)cpu->index < g->num_cpu && g->cpus[cpu->index].cpu == cpu) {
        return &g->cpus[cpu->index];
    }
    for (uint32_t n = 0; cpu && n < g->num_cpu; n++) {
        if (g->cpus[n].cpu == cpu) {
            return &g->cpus[n];
        }
    }
    return &g->cpus[0];
}

void arm_gic_connect_cpu(Device *gic, uint32_t n, Cpu *cpu)
{
    ArmGic *g = (ArmGic *)gic;
    g_assert(n < g->num_cpu);
    g->cpus[n].cpu = cpu;
    for (uint32_t output = GIC_OUT_IRQ; output <= GIC_OUT_VFIQ; output++) {
        device_connect_irq(gic, IRQ_GROUP_SYSBUS, (int)(output * g->num_cpu + n), device_irq_input(DEVICE(cpu), NULL, (int)output));
    }
}

/* ---- inputs ---- */

Irq *arm_gic_spi(Device *gic, uint32_t spi) { return device_irq_input(gic, NULL, (int)spi); }

Irq *arm_gic_ppi(Device *gic, uint32_t cpu, uint32_t ppi)
{
    g_autoptr(GVariant) num_irq = object_get(OBJECT(gic), "num-irq", NULL);
    return device_irq_input(gic, NULL, (int)((uint32_t)g_variant_get_uint64(num_irq) - ARM_GIC_INTERNAL + ARM_GIC_INTERNAL * cpu + ppi));
}

static void set_input(void *opaque, int n, int level)
{
    ArmGic *g = opaque;
    unsigned shared = g->num_irq - ARM_GIC_INTERNAL, irq = (unsigned)n + ARM_GIC_INTERNAL;
    uint8_t bits = GIC_ALL_CPUS;
    if ((unsigned)n >= shared) {
        irq = ((unsigned)n - shared) % ARM_GIC_INTERNAL;
        bits = (uint8_t)(1u << ((unsigned)n - shared) / ARM_GIC_INTERNAL);
    }
    GicInterrupt *i = &g->irqs[irq];
    if (irq < GIC_SGIS || !(i->level & bits) == !level) {
        return;
    }
    i->level = level ? i->level | bits : i->level & (uint8_t)~bits;
    i->latched |= i->edge && level ? bits : 0;
    gic_irq_changed(g, irq);
}

/* ---- the device ---- */

static bool check(const ArmGic *g, GError **err)
{
    if (!g->num_cpu || g->num_cpu > ARM_GIC_MAX_CPUS) {
        return error_set(err, "requested %u CPUs exceeds GIC maximum %d", g->num_cpu, ARM_GIC_MAX_CPUS);
    }
    if (g->num_irq > ARM_GIC_MAX_IRQS) {
        return error_set(err, "requested %u interrupt lines exceeds GIC maximum %d", g->num_irq, ARM_GIC_MAX_IRQS);
    }
    if (g->num_irq < 32 || g->num_irq % 32) {
        return error_set(err, "%u interrupt lines unsupported: not divisible by 32", g->num_irq);
    }
    if (g->revision != 1 && g->revision != 2) {
        return error_set(err, "arm_gic: revision %u is not implemented: 1 and 2 are", g->revision);
    }
    if (g->priority_bits < 4 || g->priority_bits > 8) {
        return error_set(err, "num-priority-bits cannot be greater than 8 or less than 4");
    }
    return !g->has_virtualization || g->revision == 2 || error_set(err, "GIC virtualization extensions are only supported by revision 2");
}

static void add_region(ArmGic *g, MemoryRegion *mr, const MemoryRegionOps *ops, void *opaque, const char *name, uint64_t size)
{
    memory_region_init_io(mr, OBJECT(g), ops, opaque, name, size);
    sysbus_add_mmio(&g->parent, mr);
}

static bool gic_realize(Device *dev, GError **err)
{
    ArmGic *g = (ArmGic *)dev;
    if (!check(g, err)) {
        return false;
    }
    device_add_irq_inputs(dev, NULL, set_input, g, (int)(g->num_irq - ARM_GIC_INTERNAL + ARM_GIC_INTERNAL * g->num_cpu));
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, g->lines, (int)(g->num_cpu * (g->has_virtualization ? GIC_OUTPUTS : GIC_OUT_MAINTENANCE)));
    add_region(g, &g->distributor, &gic_distributor_ops, g, "gic_dist", 0x1000);
    add_region(g, &g->interface, &gic_interface_ops, g, "gic_cpu", g->revision == 2 ? 0x2000 : 0x100);
    if (g->has_virtualization) {
        add_region(g, &g->hyp, &gic_hyp_ops, g, "gic_viface", 0x1000);
        add_region(g, &g->virtual_interface, &gic_virtual_ops, g, "gic_vcpu", 0x2000);
    }
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        g->cpus[n].gic = g;
        g->cpus[n].number = n;
        add_region(g, &g->cpus[n].interface, &gic_own_interface_ops, &g->cpus[n], "gic_cpu", 0x100);
    }
    for (uint32_t n = 0; n < g->num_cpu && g->has_virtualization; n++) {
        add_region(g, &g->cpus[n].hyp, &gic_own_hyp_ops, &g->cpus[n], "gic_viface", 0x200);
    }
    return true;
}

static void reset_interrupt(const ArmGic *g, GicInterrupt *i, unsigned irq)
{
    uint8_t level = i->level;           /* inputs are who drives them's */
    *i = (GicInterrupt){ .level = level, .edge = irq < GIC_SGIS, .enabled = irq < GIC_SGIS ? GIC_ALL_CPUS : 0, .group1 = g->reset_nonsecure ? GIC_ALL_CPUS : 0,
                         .targets = g->num_cpu == 1 ? 1 : 0 };
}

static void gic_reset(Device *dev)
{
    ArmGic *g = (ArmGic *)dev;
    g->ctlr = 0;
    memset(g->priority, g->reset_nonsecure ? 0x80 : 0, sizeof(g->priority));
    memset(g->nsacr, 0, sizeof(g->nsacr));
    for (unsigned irq = 0; irq < g->num_irq; irq++) {
        reset_interrupt(g, &g->irqs[irq], irq);
    }
    for (unsigned n = 0; n < g->num_cpu; n++) {
        gic_cpu_reset(&g->cpus[n]);
        gic_virtual_reset(&g->cpus[n]);
        for (unsigned output = 0; output < GIC_OUTPUTS; output++) {
            g->cpus[n].driven[output] = true;
            if (output != GIC_OUT_MAINTENANCE || g->has_virtualization) {
                gic_drive(&g->cpus[n], output, false);
            }
        }
    }
}

static const Property gic_properties[] = {
    PROP_UINT32("num-cpu", ArmGic, num_cpu, 1), PROP_UINT32("num-irq", ArmGic, num_irq, 32), PROP_UINT32("revision", ArmGic, revision, 1),
    PROP_BOOL("has-security-extensions", ArmGic, has_security, false), PROP_BOOL("has-virtualization-extensions", ArmGic, has_virtualization, false),
    PROP_UINT32("num-priority-bits", ArmGic, priority_bits, 8),
};
static const DeviceType gic_common_type = {
    .name = "arm_gic_common", .parent = "sys-bus-device", .size = sizeof(ArmGic), .abstract = true, .properties = PROPERTIES(gic_properties),
};
REGISTER_DEVICE(gic_common_type)
static const DeviceType gic_type = { .name = "arm_gic", .parent = "arm_gic_common", .realize = gic_realize, .reset = gic_reset };
REGISTER_DEVICE(gic_type)

void arm_gic_set_reset_nonsecure(Device *gic) { ((ArmGic *)gic)->reset_nonsecure = true; }

Device *arm_gic_create(const ArmGicConfig *config, GError **err)
{
    Device *dev = device_new("arm_gic");
    ArmGic *g = (ArmGic *)dev;
    g->num_cpu = config->num_cpu;
    g->num_irq = config->num_irq;
    g->revision = config->revision;
    g->has_security = config->has_security_extensions;
    g->has_virtualization = config->has_virtualization_extensions;
    return device_realize(dev, NULL, err) ? dev : NULL;
}
