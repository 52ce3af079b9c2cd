/* A 440FX, PIIX3, interrupt controllers and timer without processors, for tests of the PC's chips. SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef TESTS_UNIT_PC_FIXTURE_H
#define TESTS_UNIT_PC_FIXTURE_H

#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/pci-host/i440fx.h"
#include "hw/southbridge/piix.h"
#include "hw/timer/i8254.h"
#include "softmmu/dma.h"
#include "util/main-loop.h"
#include "util/timer.h"

typedef struct Pc {
    SystemMemory system;
    MemoryRegion ram, ram_alias, pci_memory;
    I440fxHost *host;
    PiixState *piix;
    Device *ioapic, *pit;
    Irq *pic_inputs[16], *gsi;
    int intr;                   /* the 8259's output */
} Pc;
static Pc pc;

static void intr_set(void *opaque, int n, int level) { pc.intr = level; }

static void gsi_set(void *opaque, int n, int level)
{
    if (n < 16) {
        irq_set(pc.pic_inputs[n], level);
    }
    irq_set(device_irq_input(pc.ioapic, NULL, n), level);
}

static inline void outb(uint16_t port, uint8_t value) { address_space_store(&pc.system.io_space, port, value, 1, MEM_ATTRS_NONE); }
static inline void outw(uint16_t port, uint16_t value) { address_space_store(&pc.system.io_space, port, value, 2, MEM_ATTRS_NONE); }
static inline void outl(uint16_t port, uint32_t value) { address_space_store(&pc.system.io_space, port, value, 4, MEM_ATTRS_NONE); }
static inline uint32_t in(uint16_t port, unsigned size)
{
    uint64_t value;
    address_space_load(&pc.system.io_space, port, &value, size, MEM_ATTRS_NONE);
    return value;
}
static inline uint8_t inb(uint16_t port) { return in(port, 1); }

static inline uint32_t config_read(unsigned devfn, unsigned offset, unsigned size)
{
    outl(0xcf8, 0x80000000u | devfn << 8 | (offset & 0xfc));
    return in(0xcfc + (offset & 3), size);
}
static inline void config_write(unsigned devfn, unsigned offset, uint32_t value, unsigned size)
{
    outl(0xcf8, 0x80000000u | devfn << 8 | (offset & 0xfc));
    address_space_store(&pc.system.io_space, 0xcfc + (offset & 3), value, size, MEM_ATTRS_NONE);
}

static inline void pc_build(void)
{
    GError *err = NULL;
    main_loop_init();
    clock_virtual_set_manual();
    system_memory_init(&pc.system);
    g_assert_true(memory_region_init_ram(&pc.ram, NULL, "pc.ram", 16 * MiB, &err));
    memory_region_init_alias(&pc.ram_alias, NULL, "ram-below-4g", &pc.ram, 0, 16 * MiB);
    memory_region_add_subregion(&pc.system.memory, 0, &pc.ram_alias);
    memory_region_init(&pc.pci_memory, NULL, "pci", UINT64_MAX);
    memory_region_add_subregion_overlap(&pc.system.memory, 0, &pc.pci_memory, -1);
    pc.gsi = irq_new_array(gsi_set, NULL, 24);

    pc.host = I440FX_HOST(device_new("i440FX-pcihost"));
    pc.host->config = (PcHostConfig){ &pc.system.memory, &pc.ram, &pc.pci_memory, &pc.system.io, 16 * MiB, 0 };
    g_assert_true(device_realize((Device *)pc.host, NULL, &err));
    pc.host->parent.bus->dma_space = &pc.system.memory_space;

    pc.piix = PIIX_STATE(pci_new_multifunction(PCI_DEVFN(1, 0), "PIIX3"));
    pc.piix->has_pic = pc.piix->has_pit = pc.piix->has_usb = false;
    pc.piix->smb_io_base = 0xb100;
    pc.piix->smm_enabled = true;
    for (int i = 0; i < 16; i++) {
        device_connect_irq((Device *)pc.piix, "isa-irqs", i, &pc.gsi[i]);
    }
    g_assert_true(pci_realize(&pc.piix->parent, pc.host->parent.bus, &err));
    g_assert_true(i8259_create(pc.piix->isa_bus, irq_new(intr_set, NULL, 0), pc.pic_inputs, &err));
    pc.ioapic = device_new("ioapic");
    g_assert_true(device_realize(pc.ioapic, NULL, &err));
    sysbus_map((SysBusDevice *)pc.ioapic, 0, &pc.system.memory, IOAPIC_DEFAULT_ADDRESS, 0);
    pc.pit = i8254_create(pc.piix->isa_bus, 0x40, 0, NULL, &err);
    g_assert_nonnull(pc.pit);
    reset_all();
}

#endif
