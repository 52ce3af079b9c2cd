/*
 * "microvm": a PC for fast starts, without PCI: a serial port, the old chips as far as wanted, and virtio devices on virtio-mmio transports that the kernel's command line names.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i386/pc.h"

#include "block/drive.h"
#include "hw/char/serial.h"
#include "hw/core/loader.h"
#include "hw/nvram/boot-order.h"
#include "hw/rtc/mc146818.h"
#include "hw/timer/i8254.h"
#include "util/bits.h"
#include "util/error.h"

enum { TRANSPORTS = 8, TRANSPORT_SIZE = 512, TRANSPORT_FIRST_IRQ = 5 };
#define TRANSPORT_BASE UINT64_C(0xfeb00000)
#define LOW_MEMORY_MAX UINT64_C(0xc0000000)

typedef struct Microvm {
    X86Machine parent;
    bool auto_kernel_cmdline, isa_serial, option_roms;
    int ioapic2, pcie, rtc;                 /* OnOffAuto */
    IsaBus *isa_bus;
    Device *transports[TRANSPORTS];
} Microvm;

static bool check_options(const Microvm *m, GError **err)
{
    const struct { const char *name; int value; } missing[] = { { "acpi", m->parent.acpi }, { "pcie", m->pcie }, { "ioapic2", m->ioapic2 } };
    for (size_t n = 0; n < ARRAY_SIZE(missing); n++) {
        if (missing[n].value == ON_OFF_AUTO_ON) {
            return error_set(err, "microvm: %s=on is not implemented", missing[n].name);
        }
    }
    return !m->option_roms || error_set(err, "microvm: x-option-roms=on is not implemented");
}

static bool create_transports(Microvm *m, GError **err)
{
    for (unsigned n = 0; n < TRANSPORTS; n++) {
        Device *dev = device_new("virtio-mmio");
        if (!device_realize(dev, NULL, err)) {
            return false;
        }
        sysbus_map((SysBusDevice *)dev, 0, &m->parent.parent.system_memory.memory, TRANSPORT_BASE + n * TRANSPORT_SIZE, 0);
        sysbus_connect_irq((SysBusDevice *)dev, 0, &m->parent.gsi[TRANSPORT_FIRST_IRQ + n]);
        m->transports[n] = dev;
    }
    return true;
}

static bool create_old_chips(Microvm *m, GError **err)
{
    X86Machine *x86 = &m->parent;
    Irq *lines[16];
    m->isa_bus = isa_bus_new(NULL, &x86->parent.system_memory.memory, &x86->parent.system_memory.io);
    for (int n = 0; n < 16; n++) {
        lines[n] = &x86->gsi[n];
    }
    isa_bus_set_irqs(m->isa_bus, lines);
    if (x86->pic != ON_OFF_AUTO_OFF && !x86_create_pic(x86, m->isa_bus, err)) {
        return false;
    }
    if (x86->pit != ON_OFF_AUTO_OFF && !i8254_create(m->isa_bus, 0x40, 0, NULL, err)) {
        return false;
    }
    if (m->rtc != ON_OFF_AUTO_OFF) {
        x86->rtc = mc146818_create(m->isa_bus, 2000, NULL, err);
        if (!x86->rtc) {
            return false;
        }
    }
    return !m->isa_serial || !serial_hd(0) || serial_isa_create(m->isa_bus, 0, serial_hd(0), err) != NULL;
}

static bool microvm_build(Machine *machine, GError **err)
{
    Microvm *m = (Microvm *)machine;
    X86Machine *x86 = &m->parent;
    if (!check_options(m, err) || !x86_create_cpus(x86, err)) {
        return false;
    }
    x86_map_ram(x86, LOW_MEMORY_MAX);
    x86_create_gsi(x86);
    return create_old_chips(m, err) && x86_create_ioapic(x86, NULL, err) && create_transports(m, err) && x86_load_firmware(x86, "bios-microvm.bin", true, err) &&
           x86_add_fw_cfg(x86, err);
}

/* The transports that have a device, for kernels that are not told by ACPI (Linux, drivers/virtio/virtio_mmio.c). */
static void describe_transports(Microvm *m)
{
    GString *text = g_string_new(m->parent.parent.append ? m->parent.parent.append : "");
    for (unsigned n = 0; n < TRANSPORTS; n++) {
        const Device *dev = m->transports[n];
        const Bus *bus = dev->buses && dev->buses->len ? dev->buses->pdata[0] : NULL;
        if (bus && bus->devices->len) {
            g_string_append_printf(text, " virtio_mmio.device=%d@0x%" G_GINT64_MODIFIER "x:%u", TRANSPORT_SIZE, TRANSPORT_BASE + n * TRANSPORT_SIZE,
                                   TRANSPORT_FIRST_IRQ + n);
        }
    }
    g_free(m->parent.parent.append);
    m->parent.parent.append = g_string_free(text, FALSE);
}

static bool microvm_finish(Machine *machine, GError **err)
{
    Microvm *m = (Microvm *)machine;
    if (m->auto_kernel_cmdline && machine->kernel) {
        describe_transports(m);
    }
    size_t size;
    char *order = boot_order_text(machine->boot.has_strict && machine->boot.strict, &size);
    g_free(fw_cfg_modify_file(m->parent.fw_cfg, "bootorder", order, size));
    return x86_load_kernel(&m->parent, err);
}

static void microvm_reset(Machine *machine)
{
    reset_all();
    rom_write_all();
    CPU_FOREACH(cpu) {
        cpu_reset(cpu);
    }
}

static const Property microvm_properties[] = {
    PROP_BOOL("auto-kernel-cmdline", Microvm, auto_kernel_cmdline, true, .description = "Set off to disable adding virtio-mmio devices to the kernel cmdline"),
    PROP_ON_OFF_AUTO("ioapic2", Microvm, ioapic2, ON_OFF_AUTO_AUTO, .description = "Enable second IO-APIC"),
    PROP_BOOL("isa-serial", Microvm, isa_serial, true, .description = "Set off to disable the instantiation an ISA serial port"),
    PROP_ON_OFF_AUTO("pcie", Microvm, pcie, ON_OFF_AUTO_AUTO, .description = "Enable PCIe"),
    PROP_ON_OFF_AUTO("rtc", Microvm, rtc, ON_OFF_AUTO_AUTO, .description = "Enable MC146818 RTC"),
    PROP_BOOL("x-option-roms", Microvm, option_roms, false, .description = "Set off to disable loading option ROMs"),
};
static const char *const targets[] = { "x86_64", "i386", NULL };
static const MachineType microvm = {
    .name = "microvm-machine", .parent = "x86-machine", .size = sizeof(Microvm), .machine_name = "microvm", .description = "microvm (i386)", .targets = targets,
    .max_cpus = 288, .default_ram = 128 * MiB, .default_ram_id = "microvm.ram", .default_disk_interface = IF_NONE, .default_boot_order = "cad", .units_per_bus = 1,
    .no_parallel = true, .no_floppy = true, .no_cdrom = true, .no_vga = true, .properties = PROPERTIES(microvm_properties), .build = microvm_build,
    .finish = microvm_finish, .reset = microvm_reset,
};
REGISTER_TYPE(microvm)
