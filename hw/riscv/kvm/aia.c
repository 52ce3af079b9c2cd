/*
 * The AIA that KVM keeps in the kernel: "kvm-riscv-aia", the interrupt files of all harts and, unless that is split, the APLIC. Their registers and delivery are the kernel's;
 * here are the wires, messages of devices of ours, where everything lies, and reset.
 *
 * asm/kvm.h of riscv ("Device Control API: RISC-V AIA"); "The RISC-V Advanced Interrupt Architecture" 1.0, 3.8 and 4.5 (registers' numbers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/riscv/kernel-aia.h"

#include "accel/kvm.h"
#include "util/bits.h"
#include "util/error.h"

#include <errno.h>
#include <sys/ioctl.h>

/* Of asm/kvm.h and linux/kvm.h since Linux 6.5, by number: older headers lack them. */
enum { TYPE_RISCV_AIA = 11 };
enum { GROUP_CONFIG = 0, GROUP_ADDRESS = 1, GROUP_CONTROL = 2, GROUP_APLIC = 3, GROUP_IMSIC = 4 };
enum { CONFIG_MODE = 0, CONFIG_IDS = 1, CONFIG_SOURCES = 2, CONFIG_GROUP_BITS = 3, CONFIG_GROUP_SHIFT = 4, CONFIG_HART_BITS = 5, CONFIG_GUEST_BITS = 6 };
enum { ADDRESS_APLIC = 0, ADDRESS_IMSIC = 1, CONTROL_INIT = 0, IMSIC_SELECT_BITS = 12 };

enum { PAGE = 4096, SETEIPNUM_LE = 0, SETEIPNUM_BE = 4 };

typedef struct KvmAia {
    SysBusDevice parent;
    RiscvKernelAiaConfig config;
    int fd;
    MemoryRegion files, aplic;
    bool finished;
} KvmAia;

static KvmAia *aia;
static RiscvKernelAia offered;

/* ---- the kernel's device ---- */

static int create_device(bool test)
{
    struct kvm_create_device request = { .type = TYPE_RISCV_AIA, .flags = test ? KVM_CREATE_DEVICE_TEST : 0 };
    int result = kvm_vm_ioctl(KVM_CREATE_DEVICE, &request);
    return result < 0 ? result : (int)request.fd;
}

static int set_attribute(const KvmAia *a, uint32_t group, uint64_t attribute, const void *value)
{
    struct kvm_device_attr attr = { .group = group, .attr = attribute, .addr = (uintptr_t)value };
    return ioctl(a->fd, KVM_SET_DEVICE_ATTR, &attr) < 0 ? -errno : 0;
}

static bool configure(const KvmAia *a, uint64_t what, uint32_t value, const char *name, GError **err)
{
    int result = set_attribute(a, GROUP_CONFIG, what, &value);
    return result >= 0 || error_set_errno(err, -result, "KVM: an AIA with %s of %u is refused", name, value);
}

static bool place(const KvmAia *a, uint64_t what, uint64_t address, const char *name, GError **err)
{
    int result = set_attribute(a, GROUP_ADDRESS, what, &address);
    return result >= 0 || error_set_errno(err, -result, "KVM: the %s cannot lie at 0x%llx", name, (unsigned long long)address);
}

static bool configure_all(const KvmAia *a, GError **err)
{
    const RiscvKernelAiaConfig *c = &a->config;
    return configure(a, CONFIG_MODE, (uint32_t)kvm_accel()->riscv_aia, "riscv-aia", err) && configure(a, CONFIG_IDS, c->num_ids, "identities", err) && configure(a, CONFIG_SOURCES, offered.wires ? c->num_sources : 0, "sources", err) &&
           configure(a, CONFIG_HART_BITS, c->hart_bits, "hart index bits", err) && configure(a, CONFIG_GUEST_BITS, c->guest_bits, "guest index bits", err) &&
           (!c->group_bits || (configure(a, CONFIG_GROUP_BITS, c->group_bits, "group index bits", err) && configure(a, CONFIG_GROUP_SHIFT, c->group_shift, "group index shift", err)));
}

static bool place_all(const KvmAia *a, GError **err)
{
    for (uint32_t n = 0; n < a->config.num_harts; n++) {
        if (!place(a, ADDRESS_IMSIC + n, a->config.hart_files[n], "interrupt file", err)) {
            return false;
        }
    }
    return !offered.wires || place(a, ADDRESS_APLIC, a->config.aplic, "APLIC", err);
}

bool riscv_kvm_aia_finish(GError **err)
{
    if (!aia || aia->finished) {
        return true;
    }
    int result = set_attribute(aia, GROUP_CONTROL, CONTROL_INIT, NULL);
    aia->finished = result >= 0;
    return aia->finished || error_set_errno(err, -result, "KVM: the AIA is not complete");
}

bool riscv_kvm_aia_used(void) { return aia != NULL; }

/* ---- wires, and messages that devices of ours write to the files ---- */

static void set_input(void *opaque, int n, int level)
{
    if (n) {
        kvm_set_line((unsigned)n, level);
    }
}

static void files_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    const KvmAia *a = opaque;
    uint64_t page = a->config.files + (addr & ~(uint64_t)(PAGE - 1));
    if (addr % PAGE == SETEIPNUM_LE) {
        kvm_send_message(page, (uint32_t)value);
    } else if (addr % PAGE == SETEIPNUM_BE) {
        kvm_send_message(page, __builtin_bswap32((uint32_t)value));
    }
}

static uint64_t nothing_read(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void nothing_written(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps files_ops = { .read = nothing_read, .write = files_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };
static const MemoryRegionOps in_kernel_ops = { .read = nothing_read, .write = nothing_written, .endian = DEVICE_LITTLE_ENDIAN };

/* GSI n is source n; without wires there are messages only. */
static void make_routes(const KvmAia *a)
{
    KvmAccel *kvm = kvm_accel();
    kvm->irqchip = offered.wires ? KVM_IRQCHIP_WANT_ON : KVM_IRQCHIP_WANT_SPLIT;
    kvm_routes_start(kvm);
    for (unsigned n = 1; offered.wires && kvm->nr_gsis && n <= a->config.num_sources; n++) {
        kvm_route_pin(n, 0, n);
    }
}

/* ---- reset ---- */

static void reset_files(const KvmAia *a, uint32_t hart)
{
    enum { EIDELIVERY = 0x70, EITHRESHOLD = 0x72, EIP0 = 0x80, EIE0 = 0xc0, XLEN_STEP = sizeof(long) / 4 };
    unsigned long zero = 0;
    uint64_t of_hart = (uint64_t)hart << IMSIC_SELECT_BITS;
    set_attribute(a, GROUP_IMSIC, of_hart | EIDELIVERY, &zero);
    set_attribute(a, GROUP_IMSIC, of_hart | EITHRESHOLD, &zero);
    for (unsigned word = 0; word <= a->config.num_ids / 32; word += XLEN_STEP) {
        set_attribute(a, GROUP_IMSIC, of_hart | (EIE0 + word), &zero);
        set_attribute(a, GROUP_IMSIC, of_hart | (EIP0 + word), &zero);
    }
}

static void aia_reset(Device *dev)
{
    enum { DOMAINCFG = 0x0000, SOURCECFG = 0x0004, TARGET = 0x3004 };
    const KvmAia *a = (KvmAia *)dev;
    uint32_t zero = 0;
    if (!a->finished) {
        return;                 /* as made by the kernel it is in its reset state */
    }
    for (uint32_t n = 0; n < a->config.num_harts; n++) {
        reset_files(a, n);
    }
    if (!offered.wires) {
        return;
    }
    set_attribute(a, GROUP_APLIC, DOMAINCFG, &zero);
    for (uint32_t n = 0; n < a->config.num_sources; n++) {
        set_attribute(a, GROUP_APLIC, TARGET + 4 * n, &zero);
        set_attribute(a, GROUP_APLIC, SOURCECFG + 4 * n, &zero);        /* an inactive source pends not and is not enabled (4.5.2) */
    }
}

/* ---- the device ---- */

static bool aia_realize(Device *dev, GError **err)
{
    KvmAia *a = (KvmAia *)dev;
    MemoryRegion *memory = &kvm_accel()->parent.system_memory->memory;
    a->fd = create_device(false);
    if (a->fd < 0) {
        return error_set_errno(err, -a->fd, "error creating in-kernel AIA");
    }
    if (!configure_all(a, err) || !place_all(a, err)) {
        return false;
    }
    memory_region_init_io(&a->files, OBJECT(a), &files_ops, a, "kvm-riscv-imsics", a->config.files_size);
    memory_region_add_subregion(memory, a->config.files, &a->files);
    if (offered.wires) {
        /* For the map: the kernel answers before we are asked. */
        memory_region_init_io(&a->aplic, OBJECT(a), &in_kernel_ops, a, "kvm-riscv-aplic", a->config.aplic_size);
        memory_region_add_subregion(memory, a->config.aplic, &a->aplic);
        device_add_irq_inputs(dev, NULL, set_input, a, (int)a->config.num_sources + 1);
    }
    make_routes(a);
    return true;
}

static const DeviceType aia_type = { .name = "kvm-riscv-aia", .parent = "sys-bus-device", .size = sizeof(KvmAia), .summary = "AIA in the kernel", .realize = aia_realize, .reset = aia_reset };
REGISTER_DEVICE(aia_type)

static Device *create(const RiscvKernelAiaConfig *config, GError **err)
{
    Device *dev = device_new("kvm-riscv-aia");
    aia = (KvmAia *)dev;
    aia->config = *config;
    bool made = device_realize(dev, NULL, err);
    aia->config.hart_files = NULL;      /* the caller's, read by now */
    if (!made) {
        aia = NULL;
        return NULL;
    }
    return dev;
}

void riscv_kvm_aia_start(bool wires)
{
    offered = (RiscvKernelAia){ .wires = wires, .create = create };
    riscv_kernel_aia_set(create_device(true) >= 0 ? &offered : NULL);
}
