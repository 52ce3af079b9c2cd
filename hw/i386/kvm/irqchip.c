/*
 * The I/O APIC and the 8259s that KVM keeps in the kernel: their lines, reset and what info shows (api.rst, 4.24 to 4.27). The kernel answers their
 * registers itself; the regions here are for the map.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/kvm.h"
#include "hw/i386/kvm-irqchip.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "util/bits.h"
#include "util/error.h"

#include <string.h>

static uint64_t nobody_reads(void *opaque, uint64_t addr, unsigned size) { return MAKE_MASK(0, 8 * size); }
static void nobody_writes(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps in_kernel_ops = { .read = nobody_reads, .write = nobody_writes, .endian = DEVICE_LITTLE_ENDIAN };

/* As made by the kernel it is in its reset state. */
static bool has_run(void) { return kvm_accel()->listening; }

/* ---- kvm-ioapic ---- */

typedef struct KvmIoApic {
    SysBusDevice parent;
    MemoryRegion io;
    uint32_t gsi_base;
} KvmIoApic;

static bool have_pic;

/* Where there are 8259s, the first sixteen come by their lines as well, and those calls reach both controllers. */
static void ioapic_set(void *opaque, int pin, int level)
{
    const KvmIoApic *apic = opaque;
    if (pin >= 16 || !have_pic) {
        kvm_set_line(apic->gsi_base + (unsigned)pin, level);
    }
}

static void ioapic_reset(Device *device)
{
    struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
    struct kvm_ioapic_state *state = &chip.chip.ioapic;
    if (!has_run()) {
        return;
    }
    state->base_address = IOAPIC_DEFAULT_ADDRESS;
    for (unsigned pin = 0; pin < KVM_IOAPIC_NUM_PINS; pin++) {
        state->redirtbl[pin].bits = UINT64_C(1) << 16;
    }
    kvm_vm_ioctl(KVM_SET_IRQCHIP, &chip);
}

static bool ioapic_realize(Device *device, GError **err)
{
    KvmIoApic *apic = (KvmIoApic *)device;
    memory_region_init_io(&apic->io, OBJECT(apic), &in_kernel_ops, apic, "kvm-ioapic", 0x1000);
    sysbus_add_mmio(&apic->parent, &apic->io);
    device_add_irq_inputs(device, NULL, ioapic_set, apic, IOAPIC_PIN_COUNT);
    return true;
}

static const Property ioapic_properties[] = { PROP_UINT32("gsi_base", KvmIoApic, gsi_base, 0) };
static const DeviceType kvm_ioapic = {
    .name = "kvm-ioapic", .parent = "sys-bus-device", .size = sizeof(KvmIoApic), .summary = "I/O APIC in the kernel",
    .properties = PROPERTIES(ioapic_properties), .realize = ioapic_realize, .reset = ioapic_reset,
};
REGISTER_DEVICE(kvm_ioapic)

static char *ioapic_text(void)
{
    struct kvm_irqchip chip = { .chip_id = KVM_IRQCHIP_IOAPIC };
    GString *out = g_string_new(NULL);
    if (kvm_vm_ioctl(KVM_GET_IRQCHIP, &chip) >= 0) {
        const struct kvm_ioapic_state *s = &chip.chip.ioapic;
        IoApicState state = { .id = (uint8_t)s->id, .select = (uint8_t)s->ioregsel, .version = 0x11, .irr = s->irr };
        for (unsigned pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
            state.table[pin] = s->redirtbl[pin].bits;
        }
        ioapic_describe_state(out, 0, &state);
    }
    return g_string_free(out, FALSE);
}

/* ---- kvm-i8259 ---- */

typedef struct KvmPic {
    IsaDevice parent;
    MemoryRegion io, elcr_io;
    uint32_t iobase, elcr_addr;
    uint8_t elcr_mask;
    bool master;
} KvmPic;

static void pic_set(void *opaque, int line, int level)
{
    const KvmPic *pic = opaque;
    kvm_set_line((pic->master ? 0u : 8u) + (unsigned)line, level);
}

static void pic_reset(Device *device)
{
    const KvmPic *pic = (const KvmPic *)device;
    struct kvm_irqchip chip = { .chip_id = pic->master ? KVM_IRQCHIP_PIC_MASTER : KVM_IRQCHIP_PIC_SLAVE };
    if (has_run()) {
        chip.chip.pic.elcr_mask = pic->elcr_mask;
        kvm_vm_ioctl(KVM_SET_IRQCHIP, &chip);
    }
}

static bool pic_realize(Device *device, GError **err)
{
    KvmPic *pic = (KvmPic *)device;
    memory_region_init_io(&pic->io, OBJECT(pic), &in_kernel_ops, pic, "kvm-pic", 2);
    memory_region_init_io(&pic->elcr_io, OBJECT(pic), &in_kernel_ops, pic, "kvm-elcr", 1);
    isa_register_ports(&pic->parent, &pic->io, pic->iobase);
    if (pic->elcr_addr != UINT32_MAX) {
        isa_register_ports(&pic->parent, &pic->elcr_io, pic->elcr_addr);
    }
    device_add_irq_inputs(device, NULL, pic_set, pic, 8);
    return true;
}

static const Property pic_properties[] = {
    PROP_UINT32("iobase", KvmPic, iobase, UINT32_MAX),
    PROP_UINT32("elcr_addr", KvmPic, elcr_addr, UINT32_MAX),
    PROP_UINT8("elcr_mask", KvmPic, elcr_mask, 0xff),
    PROP_BOOL("master", KvmPic, master, false),
};
static const DeviceType kvm_i8259 = {
    .name = "kvm-i8259", .parent = "isa-device", .size = sizeof(KvmPic), .summary = "8259A interrupt controller in the kernel",
    .properties = PROPERTIES(pic_properties), .realize = pic_realize, .reset = pic_reset,
};
REGISTER_DEVICE(kvm_i8259)

static bool create_pic(IsaBus *bus, Irq *parent, Irq *inputs[16], GError **err)
{
    for (unsigned chip = 0; chip < 2; chip++) {
        KvmPic *pic = (KvmPic *)device_new("kvm-i8259");
        pic->master = chip == 0;
        pic->iobase = chip ? 0xa0 : 0x20;
        pic->elcr_addr = 0x4d0 + chip;
        pic->elcr_mask = chip ? 0xde : 0xf8;
        if (!device_realize(DEVICE(pic), &bus->parent, err)) {
            return false;
        }
        have_pic = true;
        for (int line = 0; line < 8; line++) {
            inputs[8 * chip + (unsigned)line] = device_irq_input(DEVICE(pic), NULL, line);
        }
    }
    return true;
}

static char *pic_text(void)
{
    GString *out = g_string_new(NULL);
    for (int chip = 1; chip >= 0; chip--) {
        struct kvm_irqchip state = { .chip_id = chip ? KVM_IRQCHIP_PIC_SLAVE : KVM_IRQCHIP_PIC_MASTER };
        if (kvm_vm_ioctl(KVM_GET_IRQCHIP, &state) >= 0) {
            const struct kvm_pic_state *s = &state.chip.pic;
            PicState pic = { s->irr, s->imr, s->isr, s->priority_add, s->irq_base, s->elcr, s->read_reg_select, s->special_fully_nested_mode };
            i8259_describe_state(out, chip, &pic);
        }
    }
    return g_string_free(out, FALSE);
}

/* ---- the tables ---- */

const X86Irqchip *x86_kvm_irqchip_full(uint64_t reserved_address, uint64_t reserved_size, bool no_smm)
{
    static X86Irqchip full;
    full = (X86Irqchip){
        .ioapic = "kvm-ioapic", .pit = "kvm-pit", .create_pic = create_pic, .describe_pic = pic_text, .describe_ioapic = ioapic_text, .no_smm = no_smm,
        .reserved_address = reserved_address, .reserved_size = reserved_size,
    };
    return &full;
}

const X86Irqchip *x86_kvm_irqchip_split(uint64_t reserved_address, uint64_t reserved_size, bool no_smm)
{
    static X86Irqchip split;
    split = (X86Irqchip){ .no_smm = no_smm, .reserved_address = reserved_address, .reserved_size = reserved_size };
    return &split;
}
