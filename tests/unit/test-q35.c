/* The Q35's host bridge and the ICH9, without processors. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/pci-host/q35.h"
#include "hw/southbridge/ich9.h"
#include "softmmu/dma.h"
#include "util/main-loop.h"
#include "util/timer.h"

static SystemMemory sys;
static MemoryRegion ram, ram_alias, pci_memory;
static Q35Host *host;
static Ich9Lpc *lpc;
static int gsi_level[ICH9_GSI_COUNT];

static void gsi_set(void *opaque, int n, int level) { gsi_level[n] = level; }

static void port_write(uint16_t port, uint32_t value, unsigned size) { address_space_store(&sys.io_space, port, value, size, MEM_ATTRS_NONE); }
static uint32_t port_read(uint16_t port, unsigned size)
{
    uint64_t value;
    address_space_load(&sys.io_space, port, &value, size, MEM_ATTRS_NONE);
    return value;
}
static void mem_write(uint64_t addr, uint32_t value, unsigned size) { address_space_store(&sys.memory_space, addr, value, size, MEM_ATTRS_NONE); }
static uint32_t mem_read(uint64_t addr, unsigned size)
{
    uint64_t value;
    address_space_load(&sys.memory_space, addr, &value, size, MEM_ATTRS_NONE);
    return value;
}
static uint32_t cfg(unsigned devfn, unsigned reg)
{
    port_write(0xcf8, 0x80000000 | devfn << 8 | reg, 4);
    return port_read(0xcfc, 4);
}
static void set_cfg(unsigned devfn, unsigned reg, uint32_t value, unsigned size)
{
    port_write(0xcf8, 0x80000000 | devfn << 8 | (reg & 0xfc), 4);
    port_write(0xcfc + (reg & 3), value, size);
}

static void build(void)
{
    main_loop_init();
    clock_virtual_set_manual();
    system_memory_init(&sys);
    memory_region_init_ram(&ram, NULL, "pc.ram", 32 * MiB, NULL);
    memory_region_init_alias(&ram_alias, NULL, "ram-below-4g", &ram, 0, 32 * MiB);
    memory_region_add_subregion(&sys.memory, 0, &ram_alias);
    memory_region_init(&pci_memory, NULL, "pci", UINT64_MAX);
    memory_region_add_subregion_overlap(&sys.memory, 0, &pci_memory, -1);
    host = Q35_HOST(device_new("q35-pcihost"));
    host->config = (PcHostConfig){ &sys.memory, &ram, &pci_memory, &sys.io, 32 * MiB, 0 };
    g_assert_true(device_realize((Device *)host, NULL, NULL));
    PciBus *bus = host->parent.parent.bus;
    bus->dma_space = &sys.memory_space;
    lpc = ICH9_LPC(pci_new_multifunction(PCI_DEVFN(31, 0), "ICH9-LPC"));
    lpc->smm_enabled = true;
    Irq *lines = irq_new_array(gsi_set, NULL, ICH9_GSI_COUNT);
    for (int i = 0; i < ICH9_GSI_COUNT; i++) {
        device_connect_irq((Device *)lpc, "gsi", i, &lines[i]);
    }
    g_assert_true(pci_realize(&lpc->parent, bus, NULL));
    g_assert_true(pci_realize(pci_new_multifunction(PCI_DEVFN(31, 3), "ICH9-SMB"), bus, NULL));
    reset_all();
}

static void test_config_at_reset(void)
{
    reset_all();
    g_assert_cmphex(cfg(0, 0), ==, 0x29c08086);
    g_assert_cmphex(cfg(0, 8), ==, 0x06000000);
    g_assert_cmphex(cfg(0, 0x50), ==, 0x10);
    g_assert_cmphex(cfg(0, 0x60), ==, 0xb0000000);
    g_assert_cmphex(cfg(0, 0x9c), ==, 0x00380200);
    g_assert_cmphex(cfg(0xf8, 0), ==, 0x29188086);
    g_assert_cmphex(cfg(0xf8, 4), ==, 0);
    g_assert_cmphex(cfg(0xf8, 8), ==, 0x06010002);
    g_assert_cmphex(cfg(0xf8, 0xc), ==, 0x00800000);
    g_assert_cmphex(cfg(0xf8, 0x40), ==, 1);
    g_assert_cmphex(cfg(0xf8, 0x60), ==, 0x80808080);
    g_assert_cmphex(cfg(0xf8, 0x68), ==, 0x80808080);
    g_assert_cmphex(cfg(0xfb, 0), ==, 0x29308086);
    g_assert_cmphex(cfg(0xfb, 8), ==, 0x0c050002);
    g_assert_cmphex(cfg(0xfb, 0x20), ==, 1);
    g_assert_cmphex(cfg(0xfb, 0x3c), ==, 0x100);
}

static void test_ecam(void)
{
    uint64_t base, size;
    reset_all();
    g_assert_false(q35_get_ecam(host, &base, &size));
    set_cfg(0, 0x60, 0xb0000001, 4);
    g_assert_true(q35_get_ecam(host, &base, &size));
    g_assert_cmphex(base, ==, 0xb0000000);
    g_assert_cmphex(size, ==, 0x10000000);
    g_assert_cmphex(mem_read(0xb00f8000, 4), ==, 0x29188086);
    g_assert_cmphex(mem_read(0xb00f8100, 4), ==, 0xffffffff);       /* not Express: no extended space */
    g_assert_cmphex(mem_read(0xb0100000, 4), ==, 0xffffffff);
    mem_write(0xb00f803c, 0x5a, 1);
    g_assert_cmphex(cfg(0xf8, 0x3c) & 0xff, ==, 0x5a);
    set_cfg(0, 0x60, 0xe0000003, 4);
    g_assert_true(q35_get_ecam(host, &base, &size));
    g_assert_cmphex(size, ==, 0x08000000);
}

static void test_tseg_and_lock(void)
{
    reset_all();
    mem_write(0x1f00000, 0x12345678, 4);
    set_cfg(0, 0x9e, 0x01, 1);                          /* 1 MiB at the top of RAM */
    set_cfg(0, 0x9d, 0x08, 1);
    g_assert_cmphex(mem_read(0x1f00000, 4), ==, 0xffffffff);
    g_assert_cmphex(mem_read(0x1effffc, 4), ==, 0);
    set_cfg(0, 0x9d, 0x48, 1);
    set_cfg(0, 0x9d, 0x18, 1);                          /* lock: D_OPEN goes and stays away */
    g_assert_cmphex(cfg(0, 0x9c) >> 8 & 0xff, ==, 0x1a);
    set_cfg(0, 0x9d, 0x40, 1);
    g_assert_cmphex(cfg(0, 0x9c) >> 8 & 0xff, ==, 0x1a);
    reset_all();
    g_assert_cmphex(mem_read(0x1f00000, 4), ==, 0x12345678);
    set_cfg(0, 0x50, 0xffff, 2);
    g_assert_cmphex(cfg(0, 0x50) & 0xffff, ==, 16);
    set_cfg(0, 0x9c, 0xff, 1);
    g_assert_cmphex(cfg(0, 0x9c) & 0xff, ==, 1);
}

static void test_interrupts(void)
{
    PciDevice *smb = host->parent.parent.bus->devices[0xfb];
    reset_all();
    pci_set_irq(smb, 1);                                /* D31IR: INTA is PIRQA */
    g_assert_cmpint(gsi_level[16], ==, 1);
    g_assert_cmpint(gsi_level[10], ==, 0);
    set_cfg(0xf8, 0x60, 0x0a, 1);
    g_assert_cmpint(gsi_level[10], ==, 1);
    set_cfg(0xf8, 0xf0, 0xfed1c001, 4);
    g_assert_cmphex(mem_read(0xfed1c000 + 0x3140, 2), ==, 0x3210);
    mem_write(0xfed1c000 + 0x3140, 0x3214, 2);          /* INTA to PIRQE */
    g_assert_cmpint(gsi_level[10], ==, 0);
    g_assert_cmpint(gsi_level[16], ==, 0);
    g_assert_cmpint(gsi_level[20], ==, 1);
    pci_set_irq(smb, 0);
    g_assert_cmpint(gsi_level[20], ==, 0);
}

static void test_power_management(void)
{
    reset_all();
    set_cfg(0xf8, 0x40, 0x601, 4);
    set_cfg(0xf8, 0x44, 0x80, 1);
    port_write(0x628, 0x02, 1);                         /* GPE0 enable: status 8 bytes, enable 8 bytes */
    acpi_send_event(ACPI_EVENT_PCI_HOTPLUG);
    g_assert_cmpint(gsi_level[9], ==, 1);
    g_assert_cmphex(port_read(0x620, 1), ==, 2);
    port_write(0x620, 2, 1);
    g_assert_cmpint(gsi_level[9], ==, 0);
    port_write(0xb2, 2, 1);
    g_assert_cmphex(port_read(0x604, 2), ==, 1);
    port_write(0x630, 0x21, 4);
    g_assert_cmphex(port_read(0x630, 4), ==, 0x21);
    /* The watchdog: two seconds, then the status bit. */
    port_write(0x672, 4, 2);
    port_write(0x660, 0, 2);
    port_write(0x668, 0, 2);
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + 2500 * NS_PER_MS);
    g_assert_cmphex(port_read(0x664, 2) & 8, ==, 8);
}

static void test_watchdog_of_no_ticks(void)
{
    reset_all();
    set_cfg(0xf8, 0x40, 0x601, 4);
    set_cfg(0xf8, 0x44, 0x80, 1);
    port_write(0x672, 0, 2);
    port_write(0x668, 0, 2);
    g_assert_cmphex(port_read(0x672, 2), ==, 0);
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + 500 * NS_PER_MS);
    g_assert_cmphex(port_read(0x664, 2) & 8, ==, 0);
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + 2500 * NS_PER_MS);     /* comes back: some expiries, not one without end */
    g_assert_cmphex(port_read(0x664, 2) & 8, ==, 8);
    reset_all();
}

static void test_eject_of_a_cpu(void)
{
    reset_all();
    AcpiCpuHotplug *hp = acpi_cpu_hotplug_find();
    const uint64_t ids[] = { 0 };
    acpi_cpu_hotplug_set_slots(hp, ids, 1);
    acpi_cpu_hotplug_plug(hp, 0, (Device *)lpc, false);     /* stands for a processor */
    port_write(0xcd8, 0, 1);                            /* the newer registers */
    port_write(0xcd8, 0, 4);
    g_assert_cmphex(port_read(0xcdc, 1), ==, 1);
    port_write(0xcdc, 8, 1);
    g_assert_cmphex(port_read(0xcdc, 1), ==, 1);        /* nobody asked it to go */
    acpi_cpu_hotplug_unplug(hp, 0);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    build();
    g_test_add_func("/q35/configuration at reset", test_config_at_reset);
    g_test_add_func("/q35/ECAM", test_ecam);
    g_test_add_func("/q35/TSEG and lock", test_tseg_and_lock);
    g_test_add_func("/ich9/interrupt routing", test_interrupts);
    g_test_add_func("/ich9/power management", test_power_management);
    g_test_add_func("/ich9/watchdog of no ticks", test_watchdog_of_no_ticks);
    g_test_add_func("/ich9/eject of a CPU", test_eject_of_a_cpu);
    return g_test_run();
}
