/*
 * The local APIC that KVM keeps in the kernel with its vCPU (api.rst, 4.56 KVM_GET_LAPIC), and the region where devices' messages arrive.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "hw/core/machine.h"
#include "hw/i386/apic.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

enum { REG_TPR = 0x80, REG_LVT_LINT1 = 0x360, LVT_MASKED = 1 << 16, DELIVERY_NMI = 4 };

static MemoryRegion message_region;     /* one for all */

static Cpu *cpu_of(Device *apic) { return APIC_COMMON(apic)->cpu; }

/* In guest code only the vCPU's own thread may ask: others wait for it. */
typedef struct PageRequest { struct kvm_lapic_state *page; struct kvm_sregs *sregs; int result; } PageRequest;

static void read_on(Cpu *cpu, void *opaque)
{
    PageRequest *r = opaque;
    r->result = kvm_vcpu_ioctl(cpu, KVM_GET_LAPIC, r->page);
    if (r->result >= 0 && r->sregs) {
        r->result = kvm_vcpu_ioctl(cpu, KVM_GET_SREGS, r->sregs);
    }
}

static bool read_page(Device *apic, struct kvm_lapic_state *page, struct kvm_sregs *sregs)
{
    Cpu *cpu = cpu_of(apic);
    PageRequest r = { .page = page, .sregs = sregs };
    if (!cpu->accel || cpu->accel->fd < 0) {
        return false;
    }
    if (atomic_load(&cpu->accel->inside)) {
        cpu_run_on(cpu, read_on, &r);
    } else {
        read_on(cpu, &r);
    }
    return r.result >= 0;
}

static bool apic_read_page(Device *apic, uint8_t regs[APIC_PAGE_REGISTERS], uint64_t *base)
{
    struct kvm_lapic_state page;
    struct kvm_sregs sregs;
    if (!read_page(apic, &page, &sregs)) {
        return false;
    }
    memcpy(regs, page.regs, APIC_PAGE_REGISTERS);
    *base = sregs.apic_base;
    return true;
}

static uint64_t apic_get_base(Device *apic)
{
    uint8_t regs[APIC_PAGE_REGISTERS];
    uint64_t base = 0;
    apic_read_page(apic, regs, &base);
    return base;
}

static uint8_t apic_get_tpr(Device *apic)
{
    struct kvm_lapic_state page;
    return read_page(apic, &page, NULL) ? (uint8_t)page.regs[REG_TPR] >> 4 : 0;
}

/* What only translated code asks for. */
static void apic_set_base(Device *apic, uint64_t value) { }
static void apic_set_tpr(Device *apic, uint8_t cr8) { }
static int apic_get_interrupt(Device *apic) { return -1; }
static bool apic_has_interrupt(Device *apic) { return false; }
static bool apic_accepts_pic(Device *apic) { return false; }
static bool apic_read_msr(Device *apic, uint32_t index, uint64_t *value) { return false; }
static bool apic_write_msr(Device *apic, uint32_t index, uint64_t value) { return false; }
static void apic_set_tsc_deadline(Device *apic, uint64_t tsc) { }
static void apic_init_reset(Device *apic) { }

/* By LINT1, if the guest has programmed it so. */
static void apic_deliver_nmi(Device *apic)
{
    struct kvm_lapic_state page;
    uint32_t lvt = read_page(apic, &page, NULL) ? load_le32(page.regs + REG_LVT_LINT1) : LVT_MASKED;
    if (!(lvt & LVT_MASKED) && (lvt >> 8 & 7) == DELIVERY_NMI) {
        cpu_interrupt(cpu_of(apic), CPU_INTERRUPT_APIC_NMI);
    }
}

static uint64_t region_read(void *opaque, uint64_t addr, unsigned size) { return MAKE_MASK(0, 8 * size); }

static void region_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    kvm_send_message(APIC_DEFAULT_ADDRESS + addr, (uint32_t)value);
}

static const MemoryRegionOps region_ops = { .read = region_read, .write = region_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

static bool apic_realize(Device *device, GError **err)
{
    if (!cpu_of(device)) {
        return error_set(err, "kvm-apic: a local APIC is made with its processor");
    }
    if (!message_region.label) {
        memory_region_init_io(&message_region, NULL, &region_ops, NULL, "kvm-apic-msi", APIC_SPACE_SIZE);
        if (machine_current()) {
            memory_region_add_subregion_overlap(&machine_current()->system_memory.memory, APIC_DEFAULT_ADDRESS, &message_region, 0x1000);
        }
    }
    return true;
}

static const ApicType family = {
    .set_base = apic_set_base, .get_base = apic_get_base, .set_tpr = apic_set_tpr, .get_tpr = apic_get_tpr, .get_interrupt = apic_get_interrupt,
    .has_interrupt = apic_has_interrupt, .accepts_pic = apic_accepts_pic, .read_msr = apic_read_msr, .write_msr = apic_write_msr,
    .set_tsc_deadline = apic_set_tsc_deadline, .init_reset = apic_init_reset, .deliver_nmi = apic_deliver_nmi, .read_page = apic_read_page,
};
static const DeviceType kvm_apic = {
    .name = "kvm-apic", .parent = "apic-common", .size = sizeof(ApicCommon), .summary = "local APIC in the kernel", .family = &family,
    .realize = apic_realize,
};
REGISTER_DEVICE(kvm_apic)
