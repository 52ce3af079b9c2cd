/*
 * The processors of "virt" and its interrupt controllers, and the lines between them.
 *
 * GIC Architecture Specification (IHI 0069H), 12.1 (which affinities one target list reaches); Arm BSA (DEN 0094C), 3.6 (numbers of private interrupts).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/arm/kernel-gic.h"
#include "hw/intc/arm_gicv3.h"
#include "hw/intc/arm_gicv3_its.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum { GICV2_CLUSTER = 8, GICV3_CLUSTER = 16 };

/* ---- options ---- */

/* Redistributors that fit into the low and the high region. */
static uint32_t redists_in(const ArmVirt *m, uint64_t size)
{
    return (uint32_t)(size / (m->gic_version == VIRT_GIC_4 ? ARM_GICV4_REDISTRIBUTOR_SIZE : ARM_GICV3_REDISTRIBUTOR_SIZE));
}
enum { LOW_REDIST_SIZE = 0xf60000, HIGH_REDIST_SIZE = 64 * 1024 * 1024 };

/* What the kernel's controllers can be: the newest for host and max, for nothing named the older one as long as it reaches all processors. */
static bool choose_kernel_gic(ArmVirt *m, unsigned versions, GError **err)
{
    bool has_2 = versions >> 2 & 1, has_3 = versions >> 3 & 1;
    if (m->gic_version == VIRT_GIC_HOST || m->gic_version == VIRT_GIC_MAX) {
        m->gic_version = has_3 ? VIRT_GIC_3 : VIRT_GIC_2;
    } else if (m->gic_version == VIRT_GIC_DEFAULT) {
        m->gic_version = has_2 && m->parent.smp.max_cpus <= ARM_GIC_MAX_CPUS ? VIRT_GIC_2 : VIRT_GIC_3;
    }
    bool there = m->gic_version == VIRT_GIC_2 ? has_2 : m->gic_version == VIRT_GIC_3 && has_3;
    return there || error_set(err, "host does not support in-kernel GICv%u emulation", m->gic_version == VIRT_GIC_2 ? 2 : m->gic_version == VIRT_GIC_3 ? 3 : 4);
}

static bool choose_gic(ArmVirt *m, GError **err)
{
    unsigned cpus = m->parent.smp.max_cpus;
    if (arm_kernel_gic() && !choose_kernel_gic(m, arm_kernel_gic()->versions, err)) {
        return false;
    }
    if (m->gic_version == VIRT_GIC_HOST) {
        return error_set(err, "gic-version=host requires KVM");
    }
    if (m->gic_version == VIRT_GIC_DEFAULT) {
        m->gic_version = cpus <= ARM_GIC_MAX_CPUS ? VIRT_GIC_2 : VIRT_GIC_3;
    } else if (m->gic_version == VIRT_GIC_MAX) {
        m->gic_version = m->virtualization ? VIRT_GIC_4 : VIRT_GIC_3;
    } else if (m->gic_version == VIRT_GIC_4 && !m->virtualization) {
        return error_set(err, "tcg does not support GICv4 emulation, is virtualization=on?");
    }
    bool high = m->highmem && m->highmem_redists;
    unsigned most = m->gic_version == VIRT_GIC_2 ? ARM_GIC_MAX_CPUS : redists_in(m, LOW_REDIST_SIZE) + (high ? redists_in(m, HIGH_REDIST_SIZE) : 0);
    if (cpus > most) {
        error_set(err, "Number of SMP CPUs requested (%u) exceeds max CPUs supported by machine 'mach-virt' (%u)", cpus, most);
        if (m->gic_version != VIRT_GIC_2 && !high) {
            error_set_bare_hint(err, "Try 'highmem-redists=on' for more CPUs");
        }
        return false;
    }
    return true;
}

bool arm_virt_check_options(ArmVirt *m, GError **err)
{
    static const char *const missing = "virt: %s is not implemented";
    if (m->ras) {
        return error_set(err, missing, "ras=on");
    }
    if (m->parent.shim) {
        return error_set(err, missing, "shim");
    }
    return choose_gic(m, err);
}

/* ---- processors ---- */

static bool create_secure_memory(ArmVirt *m, GError **err)
{
    memory_region_init(&m->secure_memory, OBJECT(m), "secure-memory", UINT64_MAX);
    memory_region_init_alias(&m->secure_alias, OBJECT(m), "secure-system", virt_memory(m), 0, UINT64_MAX);
    memory_region_add_subregion_overlap(&m->secure_memory, 0, &m->secure_alias, -1);
    return true;
}

/* Secure accesses find the tags of secure RAM, too. */
static bool create_secure_tag_memory(ArmVirt *m, GError **err)
{
    memory_region_init(&m->secure_tags_memory, OBJECT(m), "secure-tag-memory", UINT64_MAX / 32);
    memory_region_init_alias(&m->secure_tags_alias, OBJECT(m), "secure-tags", &m->tags_memory, 0, UINT64_MAX / 32);
    memory_region_add_subregion_overlap(&m->secure_tags_memory, 0, &m->secure_tags_alias, -1);
    if (!memory_region_init_ram(&m->secure_tags_ram, OBJECT(m), "mach-virt.secure-tag", m->map[VIRT_SECURE_MEM].size / 32, err)) {
        return false;
    }
    memory_region_add_subregion(&m->secure_tags_memory, m->map[VIRT_SECURE_MEM].base / 32, &m->secure_tags_ram);
    return true;
}

/* Four bits for each 16 bytes of RAM, where its address / 32 is. */
static bool create_tag_memory(ArmVirt *m, GError **err)
{
    memory_region_init(&m->tags_memory, OBJECT(m), "tag-memory", UINT64_MAX / 32);
    if (!memory_region_init_ram(&m->tags_ram, OBJECT(m), "mach-virt.tag", m->parent.ram_size / 32, err)) {
        return false;
    }
    memory_region_add_subregion(&m->tags_memory, m->map[VIRT_MEM].base / 32, &m->tags_ram);
    return !m->secure || create_secure_tag_memory(m, err);
}

static uint64_t affinity_of(const ArmVirt *m, unsigned n)
{
    unsigned cluster = m->gic_version == VIRT_GIC_2 || virt_before(m, 2, 7) ? GICV2_CLUSTER : GICV3_CLUSTER;
    return (uint64_t)(n / cluster) << 8 | n % cluster;
}

static bool set_features(ArmVirt *m, Object *cpu, unsigned n, GError **err)
{
    if (m->parent.cpu_nodes && !object_set_int(cpu, "node-id", m->parent.cpu_nodes[n], err)) {
        return false;
    }
    return (m->secure || object_set_bool(cpu, "has_el3", false, err)) && (m->virtualization || object_set_bool(cpu, "has_el2", false, err)) &&
           object_set_uint(cpu, "reset-cbar", m->map[VIRT_CPUPERIPHS].base, err) && (!virt_before(m, 2, 7) || object_set_bool(cpu, "pmu", false, err)) &&
           (!virt_before(m, 7, 1) || object_set_bool(cpu, "lpa2", false, err)) &&
           (!m->secure || object_set_link(cpu, "secure-memory", OBJECT(&m->secure_memory), err)) &&
           (!m->mte || object_set_link(cpu, "tag-memory", OBJECT(&m->tags_memory), err)) &&
           (!m->mte || !m->secure || object_set_link(cpu, "secure-tag-memory", OBJECT(&m->secure_tags_memory), err));
}

static bool create_cpu(ArmVirt *m, unsigned n, GError **err)
{
    Cpu *cpu = m->parent.arch->new_cpu(m->parent.arch, m->parent.cpu_model, err);
    if (!cpu) {
        return false;
    }
    arm_cpu_set_affinity(cpu, affinity_of(m, n));
    m->cpus[n] = cpu;
    return set_features(m, OBJECT(cpu), n, err) && device_realize(DEVICE(cpu), NULL, err);
}

bool arm_virt_create_cpus(ArmVirt *m, GError **err)
{
    m->cpus = g_new0(Cpu *, m->parent.smp.cpus);
    if ((m->secure && !create_secure_memory(m, err)) || (m->mte && !create_tag_memory(m, err))) {
        return false;
    }
    for (unsigned n = 0; n < m->parent.smp.cpus; n++) {
        if (!create_cpu(m, n, err)) {
            return false;
        }
    }
    m->cpu_info = arm_cpu_info(m->cpus[0]);
    return !m->mte || m->cpu_info.has_mte || error_set(err, "MTE requested, but not supported by the guest CPU");
}

/* ---- interrupt controllers ---- */

static void connect_timers(ArmVirt *m, unsigned n)
{
    static const uint8_t ppis[ARM_TIMER_COUNT] = {
        [ARM_TIMER_PHYS] = VIRT_PPI_TIMER_PHYS, [ARM_TIMER_VIRT] = VIRT_PPI_TIMER_VIRT, [ARM_TIMER_HYP] = VIRT_PPI_TIMER_HYP, [ARM_TIMER_SEC] = VIRT_PPI_TIMER_SEC,
        [ARM_TIMER_HYPVIRT] = VIRT_PPI_TIMER_HYPVIRT,
    };
    Device *cpu = DEVICE(m->cpus[n]);
    for (int timer = 0; timer < ARM_TIMER_COUNT; timer++) {
        device_connect_irq(cpu, NULL, timer, arm_gic_ppi(m->gic, n, ppis[timer]));
    }
    device_connect_irq(cpu, "pmu-interrupt", 0, arm_gic_ppi(m->gic, n, VIRT_PPI_PMU));
}

static bool create_gicv2(ArmVirt *m, GError **err)
{
    static const VirtRegion regions[] = { [ARM_GIC_DISTRIBUTOR] = VIRT_GIC_DIST, [ARM_GIC_CPU] = VIRT_GIC_CPU, [ARM_GIC_HYP] = VIRT_GIC_HYP, [ARM_GIC_VCPU] = VIRT_GIC_VCPU };
    unsigned cpus = m->parent.smp.cpus;
    ArmGicConfig config = { .num_cpu = cpus, .num_irq = VIRT_GIC_IRQS, .revision = 2, .has_security_extensions = m->secure,
                            .has_virtualization_extensions = m->virtualization };
    m->gic = arm_gic_create(&config, err);
    if (!m->gic) {
        return false;
    }
    for (int n = 0; n <= (m->virtualization ? ARM_GIC_VCPU : ARM_GIC_CPU); n++) {
        sysbus_map((SysBusDevice *)m->gic, n, virt_memory(m), m->map[regions[n]].base, 0);
    }
    for (unsigned n = 0; n < cpus; n++) {
        arm_gic_connect_cpu(m->gic, n, m->cpus[n]);
        if (m->virtualization) {
            sysbus_connect_irq((SysBusDevice *)m->gic, (int)(4 * cpus + n), arm_gic_ppi(m->gic, n, VIRT_PPI_MAINTENANCE));
        }
    }
    return arm_gicv2m_create(virt_memory(m), m->map[VIRT_GIC_V2M].base, m->gic, VIRT_SPI_V2M, VIRT_V2M_SPIS, err) != NULL;
}

static bool create_gicv3(ArmVirt *m, GError **err)
{
    unsigned cpus = m->parent.smp.cpus;
    m->has_its = m->its && !virt_before(m, 6, 2);
    m->redist_counts[0] = MIN(cpus, redists_in(m, m->map[VIRT_GIC_REDIST].size));
    m->redist_counts[1] = cpus - m->redist_counts[0];
    ArmGicv3Config config = {
        .num_cpu = cpus, .num_irq = VIRT_GIC_IRQS, .revision = m->gic_version == VIRT_GIC_4 ? 4 : 3, .has_security_extensions = m->secure, .has_lpi = m->has_its,
        .has_nmi = m->cpu_info.has_nmi, .sysmem = virt_memory(m), .num_redist_regions = m->redist_counts[1] ? 2 : 1, .redist_region_count = m->redist_counts,
    };
    m->gic = arm_gicv3_create(&config, err);
    if (!m->gic) {
        return false;
    }
    sysbus_map((SysBusDevice *)m->gic, 0, virt_memory(m), m->map[VIRT_GIC_DIST].base, 0);
    sysbus_map((SysBusDevice *)m->gic, 1, virt_memory(m), m->map[VIRT_GIC_REDIST].base, 0);
    if (m->redist_counts[1]) {
        sysbus_map((SysBusDevice *)m->gic, 2, virt_memory(m), m->map[VIRT_HIGH_REDIST].base, 0);
    }
    for (unsigned n = 0; n < cpus; n++) {
        arm_gicv3_connect_cpu(m->gic, n, m->cpus[n]);
        device_connect_irq(DEVICE(m->cpus[n]), "gicv3-maintenance-interrupt", 0, arm_gic_ppi(m->gic, n, VIRT_PPI_MAINTENANCE));
    }
    return !m->has_its || arm_gicv3_its_create(virt_memory(m), m->map[VIRT_GIC_ITS].base, m->gic, err);
}

/* The accelerator's own, which has the timers' and the PMU's lines in itself. */
static bool create_kernel_gic(ArmVirt *m, GError **err)
{
    bool is_v2 = m->gic_version == VIRT_GIC_2;
    unsigned cpus = m->parent.smp.cpus;
    m->has_its = !is_v2 && m->its && !virt_before(m, 6, 2);
    m->redist_counts[0] = is_v2 ? 0 : MIN(cpus, redists_in(m, m->map[VIRT_GIC_REDIST].size));
    m->redist_counts[1] = is_v2 ? 0 : cpus - m->redist_counts[0];
    const ArmKernelGicConfig config = {
        .version = is_v2 ? 2 : 3, .num_cpu = cpus, .num_irq = VIRT_GIC_IRQS, .distributor = m->map[VIRT_GIC_DIST].base, .cpu_interface = m->map[VIRT_GIC_CPU].base,
        .redistributors = { { m->map[VIRT_GIC_REDIST].base, m->redist_counts[0] }, { m->map[VIRT_HIGH_REDIST].base, m->redist_counts[1] } },
        .has_its = m->has_its, .its = m->map[VIRT_GIC_ITS].base,
    };
    m->gic = arm_kernel_gic()->create(&config, err);
    return m->gic && (!is_v2 || arm_gicv2m_create(virt_memory(m), m->map[VIRT_GIC_V2M].base, m->gic, VIRT_SPI_V2M, VIRT_V2M_SPIS, err));
}

void arm_virt_open_gic(ArmVirt *m)
{
    if (!arm_kernel_gic()) {
        (m->gic_version == VIRT_GIC_2 ? arm_gic_set_reset_nonsecure : arm_gicv3_set_reset_nonsecure)(m->gic);
    }
}

bool arm_virt_create_gic(ArmVirt *m, GError **err)
{
    if (arm_kernel_gic()) {
        return create_kernel_gic(m, err);
    }
    if (!(m->gic_version == VIRT_GIC_2 ? create_gicv2(m, err) : create_gicv3(m, err))) {
        return false;
    }
    for (unsigned n = 0; n < m->parent.smp.cpus; n++) {
        connect_timers(m, n);
    }
    return true;
}
