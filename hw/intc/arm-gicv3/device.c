/*
 * The GICv3 as a device: inputs, outputs, regions of redistributors, reset.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "internal.h"

#include "util/error.h"

#include <inttypes.h>
#include <string.h>

/* ---- processors ---- */

void arm_gicv3_connect_cpu(Device *gic, uint32_t n, Cpu *cpu)
{
    ArmGicv3 *g = (ArmGicv3 *)gic;
    g_assert(n < g->num_cpu);
    GicCpu *c = &g->cpus[n];
    ArmCpuInfo info = arm_cpu_info(cpu);
    c->cpu = cpu;
    c->affinity = arm_cpu_affinity(cpu) & UINT64_C(0xff00ffffff);
    c->priority_bits = g->force_8_bit_priority ? 8 : CLAMP(info.gic_priority_bits, 4, 8);
    c->preemption_bits = MIN(c->priority_bits, 7);
    c->list_registers = CLAMP(info.gic_list_registers, 1, GIC_MAX_LIST_REGISTERS);
    c->virtual_priority_bits = CLAMP(info.gic_vpriority_bits, 4, 8);
    c->virtual_preemption_bits = CLAMP(info.gic_vprebits, 4, MIN(c->virtual_priority_bits, 7));
    gicv3_cpu_reset(c);
    gicv3_virtual_reset(c);
    for (uint32_t output = 0; output < GIC_PROCESSOR_OUTPUTS; output++) {
        device_connect_irq(gic, IRQ_GROUP_SYSBUS, (int)(output * g->num_cpu + n), device_irq_input(DEVICE(cpu), NULL, (int)output));
    }
    arm_cpu_set_gic(cpu, &gicv3_sysreg_ops, c);
}

/* ---- inputs ---- */

static void set_input(void *opaque, int n, int level)
{
    ArmGicv3 *g = opaque;
    unsigned shared = g->num_irq - ARM_GIC_INTERNAL, irq = (unsigned)n + ARM_GIC_INTERNAL;
    GicCpu *c = &g->cpus[0];
    if ((unsigned)n >= shared) {
        c = &g->cpus[((unsigned)n - shared) / ARM_GIC_INTERNAL];
        irq = ((unsigned)n - shared) % ARM_GIC_INTERNAL;
    }
    GicWord *w = gicv3_word(c, irq);
    uint32_t bit = 1u << irq % 32;
    if (irq < GIC_SGIS || !(w->level & bit) == !level) {
        return;
    }
    w->level ^= bit;
    w->latched |= level ? w->edge & bit : 0;
    gicv3_irq_changed(g, c, irq);
}

/* ---- the device ---- */

static bool check_regions(const ArmGicv3 *g, GError **err)
{
    uint64_t total = 0;
    for (unsigned n = 0; n < g->num_regions; n++) {
        total += g->region_counts[n];
    }
    if (total < g->num_cpu) {
        return error_set(err, "Capacity of the redist regions(%" PRIu64 ") does not match the number of vcpus(%u)", total, g->num_cpu);
    }
    return g->num_regions < ARRAY_SIZE(g->parent.mmio) || error_set(err, "arm-gicv3: %u regions of redistributors are too many", g->num_regions);
}

static bool check(const ArmGicv3 *g, GError **err)
{
    if (g->revision != 3 && g->revision != 4) {
        return error_set(err, "arm-gicv3: revision %u is not implemented: 3 and 4 are", g->revision);
    }
    if (g->num_irq > ARM_GIC_MAX_IRQS) {
        return error_set(err, "requested %u interrupt lines exceeds GIC maximum %d", g->num_irq, ARM_GIC_MAX_IRQS);
    }
    if (g->num_irq < ARM_GIC_INTERNAL || g->num_irq % 32) {
        return error_set(err, "%u interrupt lines unsupported: not divisible by 32", g->num_irq);
    }
    if (!g->num_cpu || g->num_cpu > ARM_GICV3_MAX_CPUS) {
        return error_set(err, "num-cpu must be at least 1 and at most %d", ARM_GICV3_MAX_CPUS);
    }
    if (g->has_lpi && !g->sysmem) {
        return error_set(err, "Redist-based LPIs require a sysmem link");
    }
    return check_regions(g, err);
}

static void make_cpus(ArmGicv3 *g)
{
    g->cpus = g_new0(GicCpu, g->num_cpu);
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        g->cpus[n] = (GicCpu){ .gic = g, .number = n, .priority_bits = 5, .preemption_bits = 5, .list_registers = 4, .virtual_priority_bits = 5, .virtual_preemption_bits = 5 };
        g->cpus[n].lpis = g->has_lpi ? g_new0(GicLpis, 1) : NULL;
        g->cpus[n].affinity = n;
        gicv3_vlpi_reset(&g->cpus[n]);
    }
    g->cpus[g->num_cpu - 1].last = true;
}

/* A region reaches as far as there are processors. */
static void make_regions(ArmGicv3 *g)
{
    g->regions = g_new0(MemoryRegion, g->num_regions);
    g->region_owners = g_new0(struct GicRegion, g->num_regions);
    uint32_t first = 0;
    for (unsigned n = 0; n < g->num_regions; n++) {
        uint32_t count = MIN(g->region_counts[n], g->num_cpu - first);
        g_autofree char *name = g_strdup_printf("gicv3_redist_region[%u]", n);
        g->region_owners[n] = (struct GicRegion){ g, first };
        memory_region_init_io(&g->regions[n], OBJECT(g), &gicv3_redistributor_ops, &g->region_owners[n], name, (uint64_t)count * gicv3_redistributor_size(g));
        sysbus_add_mmio(&g->parent, &g->regions[n]);
        first += count;
        if (count) {
            g->cpus[first - 1].last = true;
        }
    }
}

static bool gicv3_realize(Device *dev, GError **err)
{
    ArmGicv3 *g = (ArmGicv3 *)dev;
    if (!check(g, err)) {
        return false;
    }
    make_cpus(g);
    device_add_irq_inputs(dev, NULL, set_input, g, (int)(g->num_irq - ARM_GIC_INTERNAL + ARM_GIC_INTERNAL * g->num_cpu));
    g->lines = g_new0(Irq *, GIC_PROCESSOR_OUTPUTS * g->num_cpu);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, g->lines, (int)(GIC_PROCESSOR_OUTPUTS * g->num_cpu));
    memory_region_init_io(&g->distributor, OBJECT(g), &gicv3_distributor_ops, g, "gicv3_dist", ARM_GICV3_DISTRIBUTOR_SIZE);
    sysbus_add_mmio(&g->parent, &g->distributor);
    make_regions(g);
    if (g->has_lpi) {
        g->lpi_config = g_new0(uint8_t, GIC_IDS);
        address_space_init(&g->memory, (MemoryRegion *)g->sysmem, "gicv3-its-sysmem");
    }
    return true;
}

static void gicv3_finalize(Object *object)
{
    ArmGicv3 *g = (ArmGicv3 *)object;
    for (uint32_t n = 0; g->cpus && n < g->num_cpu; n++) {
        g_free(g->cpus[n].lpis);
    }
    g_free(g->cpus);
    g_free(g->lines);
    g_free(g->regions);
    g_free(g->region_owners);
    g_free(g->lpi_config);
    g_free(g->region_counts);
}

static void reset_word(const ArmGicv3 *g, GicWord *w, uint32_t edge)
{
    *w = (GicWord){ .level = w->level, .edge = edge, .group = g->reset_nonsecure ? UINT32_MAX : 0 };      /* inputs are who drives them's */
}

static void reset_cpu(GicCpu *c)
{
    const ArmGicv3 *g = c->gic;
    reset_word(g, &c->word, (1u << GIC_SGIS) - 1);
    memset(c->priority, 0, sizeof(c->priority));
    c->nsacr = 0;
    c->sleeps = !g->reset_nonsecure;
    gic_ready_clear(&c->ready);
    gicv3_lpi_reset(c);
    gicv3_vlpi_reset(c);
    gicv3_cpu_reset(c);
    gicv3_virtual_reset(c);
    for (unsigned output = 0; output < GIC_PROCESSOR_OUTPUTS; output++) {
        c->driven[output] = true;
        gicv3_cpu_drive(c, output, false);
    }
    gicv3_virtual_update(c);
}

static void gicv3_reset(Device *dev)
{
    ArmGicv3 *g = (ArmGicv3 *)dev;
    g->ctlr = g->has_security ? GICD_CTLR_ARE_S | GICD_CTLR_ARE_NS : GICD_CTLR_DS | GICD_CTLR_ARE_S;
    for (unsigned n = 1; n < g->num_irq / 32; n++) {
        reset_word(g, &g->words[n], 0);
    }
    memset(g->priority, 0, sizeof(g->priority));
    memset(g->nsacr, 0, sizeof(g->nsacr));
    memset(g->router, 0, sizeof(g->router));
    if (g->lpi_config) {
        memset(g->lpi_config, 0, GIC_IDS);
    }
    for (uint32_t n = 0; n < g->num_cpu; n++) {
        reset_cpu(&g->cpus[n]);
    }
    GicCpu *first = gicv3_by_affinity(g, 0);
    for (unsigned irq = 0; irq < ARM_GIC_MAX_IRQS; irq++) {
        g->target[irq] = first;
    }
}

/* ---- properties ---- */

static bool set_regions(Object *object, const Property *p, GVariant *value, GError **err)
{
    ArmGicv3 *g = (ArmGicv3 *)object;
    if (!g_variant_is_container(value) || g_variant_n_children(value) >= ARRAY_SIZE(g->parent.mmio)) {
        return error_set(err, "Parameter '%s' expects a list of numbers", p->name);
    }
    g_autofree uint32_t *counts = g_new0(uint32_t, g_variant_n_children(value) + 1);
    for (size_t n = 0; n < g_variant_n_children(value); n++) {
        g_autoptr(GVariant) child = g_variant_get_child_value(value, n);
        g_autoptr(GVariant) item = g_variant_is_of_type(child, G_VARIANT_TYPE_VARIANT) ? g_variant_get_variant(child) : g_variant_ref(child);
        bool number = g_variant_is_of_type(item, G_VARIANT_TYPE_UINT64) || g_variant_is_of_type(item, G_VARIANT_TYPE_INT64);
        uint64_t count = !number ? UINT64_MAX : g_variant_is_of_type(item, G_VARIANT_TYPE_UINT64) ? g_variant_get_uint64(item) : (uint64_t)g_variant_get_int64(item);
        if (count > UINT32_MAX) {
            return error_set(err, "Parameter '%s' expects a list of numbers", p->name);
        }
        counts[n] = (uint32_t)count;
    }
    g_free(g->region_counts);
    g->num_regions = (unsigned)g_variant_n_children(value);
    g->region_counts = g_steal_pointer(&counts);
    return true;
}

static GVariant *get_regions(const Object *object, const Property *p, GError **err)
{
    const ArmGicv3 *g = (const ArmGicv3 *)object;
    GVariantBuilder list;
    g_variant_builder_init(&list, G_VARIANT_TYPE("av"));
    for (unsigned n = 0; n < g->num_regions; n++) {
        g_variant_builder_add(&list, "v", g_variant_new_uint64(g->region_counts[n]));
    }
    return g_variant_builder_end(&list);
}

static char *print_regions(const Object *object, const Property *p)
{
    const ArmGicv3 *g = (const ArmGicv3 *)object;
    g_autoptr(GString) decimal = g_string_new(NULL);
    g_autoptr(GString) hex = g_string_new(NULL);
    for (unsigned n = 0; n < g->num_regions; n++) {
        g_string_append_printf(decimal, "%s%u", n ? "," : "", g->region_counts[n]);
        g_string_append_printf(hex, "%s0x%x", n ? "," : "", g->region_counts[n]);
    }
    return g_strdup_printf("%s (%s)", decimal->str, hex->str);
}

static bool refuse_text(Object *object, const Property *p, const char *text, GError **err) { return error_set(err, "Parameter '%s' expects a list of numbers", p->name); }
static void no_default(Object *object, const Property *p) { }
static void no_release(Object *object, const Property *p) { }
static const PropertyKind region_list = { "list", set_regions, refuse_text, get_regions, print_regions, no_default, no_release, NULL };

static const Property gicv3_properties[] = {
    PROP_UINT32("num-cpu", ArmGicv3, num_cpu, 1), PROP_UINT32("num-irq", ArmGicv3, num_irq, 32), PROP_UINT32("revision", ArmGicv3, revision, 3), PROP_BOOL("has-lpi", ArmGicv3, has_lpi, false),
    PROP_BOOL("has-nmi", ArmGicv3, has_nmi, false), PROP_BOOL("has-security-extensions", ArmGicv3, has_security, false),
    PROP_BOOL("force-8-bit-prio", ArmGicv3, force_8_bit_priority, false), { .name = "redist-region-count", .kind = &region_list, .offset = offsetof(ArmGicv3, region_counts) },
    PROP_LINK("sysmem", ArmGicv3, sysmem, "memory-region"),
};
static const DeviceType gicv3_common_type = {
    .name = "arm-gicv3-common", .parent = "sys-bus-device", .size = sizeof(ArmGicv3), .abstract = true, .properties = PROPERTIES(gicv3_properties), .finalize = gicv3_finalize,
};
REGISTER_DEVICE(gicv3_common_type)
static const DeviceType gicv3_type = { .name = "arm-gicv3", .parent = "arm-gicv3-common", .realize = gicv3_realize, .reset = gicv3_reset };
REGISTER_DEVICE(gicv3_type)

/* ---- for boards ---- */

void arm_gicv3_set_reset_nonsecure(Device *gic) { ((ArmGicv3 *)gic)->reset_nonsecure = true; }

Device *arm_gicv3_create(const ArmGicv3Config *config, GError **err)
{
    Device *dev = device_new("arm-gicv3");
    ArmGicv3 *g = (ArmGicv3 *)dev;
    g->num_cpu = config->num_cpu;
    g->num_irq = config->num_irq;
    g->revision = config->revision;
    g->has_security = config->has_security_extensions;
    g->has_lpi = config->has_lpi;
    g->has_nmi |= config->has_nmi;
    g->num_regions = config->num_redist_regions;
    g->region_counts = g_memdup2(config->redist_region_count, config->num_redist_regions * sizeof(uint32_t));
    if (config->sysmem && !object_set_link(OBJECT(dev), "sysmem", OBJECT(config->sysmem), err)) {
        object_unref(OBJECT(dev));
        return NULL;
    }
    return device_realize(dev, NULL, err) ? dev : NULL;
}
