/*
 * The GICs and the ITS that KVM keeps in the kernel: "kvm-arm-gic", "kvm-arm-gicv3", "arm-its-kvm". Registers, timers' and PMU's interrupts and LPIs are the kernel's; here are
 * the shared lines, where everything lies, and reset.
 *
 * Linux Documentation/virt/kvm/devices/arm-vgic.rst, arm-vgic-v3.rst, arm-vgic-its.rst; GIC Architecture Specification (IHI 0069H), 12.9, 12.11 (registers' offsets).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/arm/kernel-gic.h"

#include "accel/kvm.h"
#include "hw/core/irqfd.h"
#include "softmmu/dma.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <sys/ioctl.h>

enum { INTERNAL = 32, DISTRIBUTOR_SIZE_V3 = 0x10000, REDISTRIBUTOR_SIZE = 0x20000, ITS_SIZE = 0x20000, ITS_TRANSLATER = 0x10040, V2_REGION_SIZE = 0x1000, V2_CPU_SIZE = 0x2000 };

typedef struct KvmGic {
    SysBusDevice parent;
    ArmKernelGicConfig config;
    int fd, its_fd;                     /* of the kernel's devices; its_fd -1: none */
    MemoryRegion regions[3], its_region;
    bool finished;
} KvmGic;

static KvmGic *gic;

/* ---- the kernel's devices ---- */

static int create_device(uint32_t type, bool test)
{
    struct kvm_create_device request = { .type = type, .flags = test ? KVM_CREATE_DEVICE_TEST : 0 };
    int result = kvm_vm_ioctl(KVM_CREATE_DEVICE, &request);
    return result < 0 ? result : (int)request.fd;
}

static int set_attribute(int fd, uint32_t group, uint64_t attribute, const void *value)
{
    struct kvm_device_attr attr = { .group = group, .attr = attribute, .addr = (uintptr_t)value };
    return ioctl(fd, KVM_SET_DEVICE_ATTR, &attr) < 0 ? -errno : 0;
}

static bool set_address(int fd, uint64_t type, uint64_t address, const char *what, GError **err)
{
    int result = set_attribute(fd, KVM_DEV_ARM_VGIC_GRP_ADDR, type, &address);
    return result >= 0 || error_set_errno(err, -result, "KVM: the %s cannot lie at 0x%llx", what, (unsigned long long)address);
}

/* Bits 51:16 of a region's address, its count above, its number below (arm-vgic-v3.rst). */
static bool set_redistributors(KvmGic *g, GError **err)
{
    for (unsigned n = 0; n < ARRAY_SIZE(g->config.redistributors) && g->config.redistributors[n].count; n++) {
        uint64_t value = (uint64_t)g->config.redistributors[n].count << 52 | g->config.redistributors[n].base | n;
        int result = set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST_REGION, &value);
        if (result < 0 && n == 0 && !g->config.redistributors[1].count) {
            result = set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_ADDR, KVM_VGIC_V3_ADDR_TYPE_REDIST, &g->config.redistributors[0].base);      /* before Linux 4.18 */
        }
        if (result < 0) {
            return error_set_errno(err, -result, "KVM: redistributors cannot lie at 0x%llx", (unsigned long long)g->config.redistributors[n].base);
        }
    }
    return true;
}

static bool place(KvmGic *g, GError **err)
{
    if (g->config.version == 2) {
        return set_address(g->fd, KVM_VGIC_V2_ADDR_TYPE_DIST, g->config.distributor, "distributor", err) &&
               set_address(g->fd, KVM_VGIC_V2_ADDR_TYPE_CPU, g->config.cpu_interface, "CPU interface", err);
    }
    return set_address(g->fd, KVM_VGIC_V3_ADDR_TYPE_DIST, g->config.distributor, "distributor", err) && set_redistributors(g, err) &&
           (g->its_fd < 0 || set_address(g->its_fd, KVM_VGIC_ITS_ADDR_TYPE, g->config.its, "ITS", err));
}

bool arm_kvm_gic_finish(GError **err)
{
    if (!gic || gic->finished) {
        return true;
    }
    int result = set_attribute(gic->fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
    if (result >= 0 && gic->its_fd >= 0) {
        result = set_attribute(gic->its_fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_VGIC_CTRL_INIT, NULL);
    }
    gic->finished = result >= 0;
    return gic->finished || error_set_errno(err, -result, "KVM: the interrupt controller is not complete");
}

/* ---- lines ---- */

/* Input n of the unnamed group: shared ones first, then those of the processors. */
static void set_input(void *opaque, int n, int level)
{
    const KvmGic *g = opaque;
    unsigned shared = g->config.num_irq - INTERNAL, line = (unsigned)n;
    unsigned irq = line < shared ? KVM_ARM_IRQ_TYPE_SPI << KVM_ARM_IRQ_TYPE_SHIFT | (line + INTERNAL)
                                 : KVM_ARM_IRQ_TYPE_PPI << KVM_ARM_IRQ_TYPE_SHIFT | (line - shared) % INTERNAL | ((line - shared) / INTERNAL % 256) << KVM_ARM_IRQ_VCPU_SHIFT |
                                       ((line - shared) / INTERNAL / 256) << KVM_ARM_IRQ_VCPU2_SHIFT;
    kvm_set_line(irq, level);
}

/* GSI n is shared interrupt n. */
void arm_kvm_gic_routes(void)
{
    enum { SPIS = 256 };
    for (unsigned n = 0; n < SPIS; n++) {
        kvm_route_pin(n, 0, n);
    }
}

/* ---- messages that devices of ours write to the ITS ---- */

static MemResult its_write(void *opaque, uint64_t addr, uint64_t value, unsigned size, MemAttrs attrs)
{
    const KvmGic *g = opaque;
    uint64_t doorbell = g->config.its + ITS_TRANSLATER;
    struct kvm_msi msi = { .address_lo = (uint32_t)doorbell, .address_hi = (uint32_t)(doorbell >> 32), .data = (uint32_t)value, .flags = KVM_MSI_VALID_DEVID, .devid = attrs.requester_id };
    if (addr != ITS_TRANSLATER || size != 4) {
        return MEM_ERROR;
    }
    kvm_vm_ioctl(KVM_SIGNAL_MSI, &msi);
    return MEM_OK;
}

static MemResult its_read(void *opaque, uint64_t addr, uint64_t *value, unsigned size, MemAttrs attrs)
{
    *value = 0;
    return MEM_OK;
}
static const MemoryRegionOps its_ops = { .read_checked = its_read, .write_checked = its_write, .endian = DEVICE_LITTLE_ENDIAN };

/* ---- reset ---- */

/* Registers of 32 interrupts a word, from the first of a frame on; a private word is the redistributor's in version 3. */
static const struct { uint32_t offset, bits, value; } reset_words[] = {
    { 0x180, 1, UINT32_MAX },   /* GICD_ICENABLER */
    { 0x280, 1, UINT32_MAX },   /* GICD_ICPENDR */
    { 0x380, 1, UINT32_MAX },   /* GICD_ICACTIVER */
    { 0x080, 1, 0 },            /* GICD_IGROUPR */
    { 0x400, 8, 0 },            /* GICD_IPRIORITYR */
    { 0xc00, 2, 0 },            /* GICD_ICFGR */
};

static void write_frame(const KvmGic *g, uint32_t group, uint64_t selector, uint64_t frame, unsigned first, unsigned end)
{
    for (unsigned i = 0; i < ARRAY_SIZE(reset_words); i++) {
        unsigned per_word = 32 / reset_words[i].bits;
        for (unsigned irq = first; irq < end; irq += per_word) {
            uint32_t value = reset_words[i].value;
            set_attribute(g->fd, group, selector | (frame + reset_words[i].offset + irq / per_word * 4), &value);
        }
    }
}

/* ICC_PMR, BPR0, BPR1, AP0R0, AP1R0, IGRPEN0, IGRPEN1 of EL1, as MRS encodes them. */
static const uint16_t reset_sysregs[] = { 0xc230, 0xc643, 0xc663, 0xc644, 0xc648, 0xc666, 0xc667 };

static void reset_redistributor(const KvmGic *g, const Cpu *cpu)
{
    enum { SGI_FRAME = 0x10000, GICR_CTLR = 0 };
    /* The kernel takes affinities by the fields of MPIDR, which it made of the vCPU's number: 16 to a cluster. */
    uint64_t affinity = (uint64_t)(cpu->index & 15) | (uint64_t)(cpu->index >> 4 & 255) << 8, selector = affinity << KVM_DEV_ARM_VGIC_V3_MPIDR_SHIFT, zero = 0;
    uint32_t off = 0;
    set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, selector | GICR_CTLR, &off);
    write_frame(g, KVM_DEV_ARM_VGIC_GRP_REDIST_REGS, selector, SGI_FRAME, 0, INTERNAL);
    for (unsigned i = 0; i < ARRAY_SIZE(reset_sysregs); i++) {
        set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_CPU_SYSREGS, selector | reset_sysregs[i], &zero);
    }
}

static void reset_interface_v2(const KvmGic *g, const Cpu *cpu)
{
    uint64_t selector = (uint64_t)cpu->index << KVM_DEV_ARM_VGIC_CPUID_SHIFT;
    uint32_t off = 0;
    write_frame(g, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, selector, 0, 0, INTERNAL);
    for (uint32_t offset = 0; offset <= 8; offset += 4) {
        set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_CPU_REGS, selector | offset, &off);      /* GICC_CTLR, GICC_PMR, GICC_BPR */
    }
}

static void gic_reset(Device *dev)
{
    KvmGic *g = (KvmGic *)dev;
    uint32_t off = 0;
    if (!g->finished) {
        return;                 /* as made by the kernel it is in its reset state */
    }
    if (g->its_fd >= 0) {
        set_attribute(g->its_fd, KVM_DEV_ARM_VGIC_GRP_CTRL, KVM_DEV_ARM_ITS_CTRL_RESET, NULL);
    }
    set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, &off);     /* GICD_CTLR */
    write_frame(g, KVM_DEV_ARM_VGIC_GRP_DIST_REGS, 0, 0, INTERNAL, g->config.num_irq);
    CPU_FOREACH (cpu) {
        (g->config.version == 2 ? reset_interface_v2 : reset_redistributor)(g, cpu);
    }
}

/* ---- the devices ---- */

static uint64_t nobody_reads(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void nobody_writes(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps in_kernel_ops = { .read = nobody_reads, .write = nobody_writes, .endian = DEVICE_LITTLE_ENDIAN };

/* For the map: the kernel answers before we are asked. */
static void add_region(KvmGic *g, unsigned n, const char *name, uint64_t address, uint64_t size)
{
    memory_region_init_io(&g->regions[n], OBJECT(g), &in_kernel_ops, g, name, size);
    sysbus_add_mmio(&g->parent, &g->regions[n]);
    sysbus_map(&g->parent, (int)n, &kvm_accel()->parent.system_memory->memory, address, 0);
}

static void add_regions(KvmGic *g)
{
    const ArmKernelGicConfig *c = &g->config;
    add_region(g, 0, "kvm-gic_dist", c->distributor, c->version == 2 ? V2_REGION_SIZE : DISTRIBUTOR_SIZE_V3);
    if (c->version == 2) {
        add_region(g, 1, "kvm-gic_cpu", c->cpu_interface, V2_CPU_SIZE);
    }
    for (unsigned n = 0; c->version != 2 && n < ARRAY_SIZE(c->redistributors) && c->redistributors[n].count; n++) {
        add_region(g, 1 + n, "kvm-gicv3_redist", c->redistributors[n].base, (uint64_t)c->redistributors[n].count * REDISTRIBUTOR_SIZE);
    }
    if (g->its_fd >= 0) {
        memory_region_init_io(&g->its_region, OBJECT(g), &its_ops, g, "kvm-its", ITS_SIZE);
        memory_region_add_subregion(&kvm_accel()->parent.system_memory->memory, c->its, &g->its_region);
    }
}

static bool gic_realize(Device *dev, GError **err)
{
    KvmGic *g = (KvmGic *)dev;
    uint32_t lines = g->config.num_irq;
    g->its_fd = -1;
    g->fd = create_device(g->config.version == 2 ? KVM_DEV_TYPE_ARM_VGIC_V2 : KVM_DEV_TYPE_ARM_VGIC_V3, false);
    if (g->fd < 0) {
        return error_set_errno(err, -g->fd, "error creating in-kernel VGIC");
    }
    if (g->config.has_its && (g->its_fd = create_device(KVM_DEV_TYPE_ARM_VGIC_ITS, false)) < 0) {
        return error_set_errno(err, -g->its_fd, "error creating in-kernel ITS");
    }
    int result = set_attribute(g->fd, KVM_DEV_ARM_VGIC_GRP_NR_IRQS, 0, &lines);
    if (result < 0) {
        return error_set_errno(err, -result, "KVM: an interrupt controller of %u lines is refused", lines);
    }
    add_regions(g);
    device_add_irq_inputs(dev, NULL, set_input, g, (int)(g->config.num_irq - INTERNAL + INTERNAL * g->config.num_cpu));
    return place(g, err);
}

#define KVM_GIC(n, text) { .name = n, .parent = "sys-bus-device", .size = sizeof(KvmGic), .summary = text, .realize = gic_realize, .reset = gic_reset }
static const DeviceType kvm_gicv2 = KVM_GIC("kvm-arm-gic", "GICv2 in the kernel"), kvm_gicv3 = KVM_GIC("kvm-arm-gicv3", "GICv3 in the kernel");
REGISTER_DEVICE(kvm_gicv2)
REGISTER_DEVICE(kvm_gicv3)

static Device *create(const ArmKernelGicConfig *config, GError **err)
{
    Device *dev = device_new(config->version == 2 ? "kvm-arm-gic" : "kvm-arm-gicv3");
    gic = (KvmGic *)dev;
    gic->config = *config;
    if (!config->has_its) {
        irq_router_set(NULL);   /* messages are lines of our frame, which the kernel does not know */
    }
    if (!device_realize(dev, NULL, err)) {
        gic = NULL;
        return NULL;
    }
    return dev;
}

bool arm_kvm_gic_start(GError **err)
{
    static ArmKernelGic offered = { .create = create };
    offered.versions = (create_device(KVM_DEV_TYPE_ARM_VGIC_V2, true) >= 0 ? 1u << 2 : 0) | (create_device(KVM_DEV_TYPE_ARM_VGIC_V3, true) >= 0 ? 1u << 3 : 0);
    if (!offered.versions) {
        return error_set(err, "this kernel has no in-kernel interrupt controller for guests");
    }
    arm_kernel_gic_set(&offered);
    return true;
}
