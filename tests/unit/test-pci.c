/* PCI devices and bridges by their configuration space. SPDX-License-Identifier: GPL-2.0-or-later */
#include "pc-fixture.h"

#include "hw/i386/apic.h"
#include "hw/pci/pci_bridge.h"
#include "util/error.h"

#include <string.h>

static PciBus *root(void) { return pc.host->parent.bus; }

static uint32_t mem_read(uint64_t addr)
{
    uint64_t value;
    address_space_load(&pc.system.memory_space, addr, &value, 4, MEM_ATTRS_NONE);
    return value;
}
static void mem_write(uint64_t addr, uint32_t value) { address_space_store(&pc.system.memory_space, addr, value, 4, MEM_ATTRS_NONE); }

static PciDevice *add(PciBus *bus, const char *type, int devfn)
{
    GError *err = NULL;
    PciDevice *dev = pci_new(devfn, type);
    g_assert_true(pci_realize(dev, bus, &err));
    device_cold_reset(&dev->parent);
    return dev;
}

static void test_bar(void)
{
    PciDevice *edu = add(root(), "edu", PCI_DEVFN(4, 0));
    config_write(0x20, 0x10, 0xffffffff, 4);
    g_assert_cmphex(config_read(0x20, 0x10, 4), ==, 0xfff00000);
    config_write(0x20, 0x14, 0xffffffff, 4);
    g_assert_cmphex(config_read(0x20, 0x14, 4), ==, 0);
    config_write(0x20, 0x10, 0xe0000000, 4);
    g_assert_cmphex(edu->bars[0].addr, ==, PCI_BAR_UNMAPPED);
    config_write(0x20, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    g_assert_cmphex(edu->bars[0].addr, ==, 0xe0000000);
    g_assert_cmphex(mem_read(0xe0000000), ==, 0x010000ed);
    mem_write(0xe0000004, 0x12345678);
    g_assert_cmphex(mem_read(0xe0000004), ==, 0xedcba987);
    config_write(0x20, 0x10, 0, 4);                     /* address 0 is nobody's */
    g_assert_cmphex(edu->bars[0].addr, ==, PCI_BAR_UNMAPPED);
    config_write(0x20, 0x10, 0xfff00000, 4);            /* nor the top, which sizing leaves behind */
    g_assert_cmphex(edu->bars[0].addr, ==, PCI_BAR_UNMAPPED);
    config_write(0x20, 0x10, 0xe0000000, 4);
    device_cold_reset(&edu->parent);
    g_assert_cmphex(config_read(0x20, 0x10, 4), ==, 0);
    g_assert_cmphex(config_read(0x20, PCI_COMMAND, 2), ==, 0);
    device_unplug(&edu->parent);
    g_assert_cmphex(config_read(0x20, 0, 4), ==, 0xffffffff);
}

static int fixed_irq_count;
static uint64_t last_message;
static void take_message(uint64_t address, uint32_t data)
{
    fixed_irq_count++;
    last_message = address << 32 | data;
}

static uint64_t msi_sink_read(void *opaque, uint64_t addr, unsigned size) { return 0; }
static void msi_sink_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { take_message(0xfee00000 + addr, value); }
static const MemoryRegionOps msi_sink_ops = { .read = msi_sink_read, .write = msi_sink_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

static void test_interrupts_and_dma(void)
{
    static MemoryRegion sink;
    PciDevice *edu = add(root(), "edu", PCI_DEVFN(4, 0));
    memory_region_init_io(&sink, NULL, &msi_sink_ops, NULL, "msi", 0x100000);
    memory_region_add_subregion_overlap(&pc.system.memory, 0xfee00000, &sink, 10);
    config_write(0x20, 0x10, 0xe0000000, 4);
    config_write(0x20, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    /* INTA of slot 4 is PIRQ (0 + 4 - 1) & 3. */
    mem_write(0xe0000060, 1);
    g_assert_cmpint(root()->irq_count[3], ==, 1);
    g_assert_cmphex(config_read(0x20, PCI_STATUS, 2) & PCI_STATUS_INTERRUPT, !=, 0);
    mem_write(0xe0000064, 1);
    g_assert_cmpint(root()->irq_count[3], ==, 0);
    /* MSI goes out as a write, and only with bus mastering. */
    uint8_t cap = config_read(0x20, PCI_CAPABILITY_LIST, 1);
    g_assert_cmphex(config_read(0x20, cap, 1), ==, PCI_CAP_ID_MSI);
    config_write(0x20, cap + 4, 0xfee01000, 4);
    config_write(0x20, cap + 12, 0x41, 2);
    config_write(0x20, cap + 2, 1, 2);
    fixed_irq_count = 0;
    mem_write(0xe0000060, 1);
    g_assert_cmpint(fixed_irq_count, ==, 0);
    config_write(0x20, PCI_COMMAND, PCI_COMMAND_MEMORY | PCI_COMMAND_MASTER, 2);
    mem_write(0xe0000060, 1);
    g_assert_cmpint(fixed_irq_count, ==, 1);
    g_assert_cmphex(last_message, ==, UINT64_C(0xfee0100000000041));
    g_assert_cmpint(root()->irq_count[3], ==, 0);
    mem_write(0xe0000064, 1);
    /* DMA: RAM to the device's buffer and back. */
    mem_write(0x1000, 0xcafe);
    mem_write(0xe0000080, 0x1000), mem_write(0xe0000088, 0x40000), mem_write(0xe0000090, 4), mem_write(0xe0000098, 1);
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + NS_PER_S);
    mem_write(0xe0000080, 0x40000), mem_write(0xe0000088, 0x2000), mem_write(0xe0000098, 3);
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + NS_PER_S);
    g_assert_cmphex(mem_read(0x2000), ==, 0xcafe);
    /* A length that leaves the buffer does nothing. */
    mem_write(0xe0000080, 0x40000), mem_write(0xe0000088, 0x3000), mem_write(0xe0000090, 0xffffffff), mem_write(0xe0000098, 3);
    clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + NS_PER_S);
    g_assert_cmphex(mem_read(0x3000), ==, 0);
    memory_region_del_subregion(&pc.system.memory, &sink);
    device_unplug(&edu->parent);
}

static void test_bridge(void)
{
    PciDevice *bridge = pci_new(PCI_DEVFN(5, 0), "pci-bridge");
    GError *err = NULL;
    g_assert_false(pci_realize(bridge, root(), &err));
    g_assert_cmpstr(err->message, ==, "Bridge chassis not specified. Each bridge is required to be assigned a unique chassis id > 0.");
    g_clear_error(&err);
    bridge = pci_new(PCI_DEVFN(5, 0), "pci-bridge");
    object_set_uint(OBJECT(bridge), "chassis_nr", 1, NULL);
    g_assert_true(pci_realize(bridge, root(), &err));
    PciBus *below = PCI_BRIDGE(bridge)->secondary;
    PciDevice *edu = add(below, "edu", PCI_DEVFN(2, 0));
    device_cold_reset(&bridge->parent);
    g_assert_cmphex(config_read(0x28, 0, 4), ==, 0x00011b36);
    g_assert_cmphex(config_read(0x28, 4, 4), ==, 0x00b00000);
    g_assert_cmphex(config_read(0x28, 0x0c, 4), ==, 0x00010000);
    g_assert_cmphex(config_read(0x28, 0x10, 4), ==, 4);
    g_assert_cmphex(config_read(0x28, 0x1c, 4), ==, 0x00a00000);
    g_assert_cmphex(config_read(0x28, 0x24, 4), ==, 0x00010001);
    g_assert_cmphex(config_read(0x28, 0x34, 4), ==, 0x4c);
    g_assert_cmphex(config_read(0x28, 0x40, 4), ==, 0x0c);
    g_assert_cmphex(config_read(0x28, 0x48, 4), ==, 0x01204004);
    g_assert_cmphex(config_read(0x28, 0x4c, 4), ==, 0x01804805);
    /* Nobody is found behind before the bus has a number. */
    outl(0xcf8, 0x80011000);
    g_assert_cmphex(in(0xcfc, 4), ==, 0xffffffff);
    config_write(0x28, 0x18, 0x010100, 4);
    outl(0xcf8, 0x80011000);
    g_assert_cmphex(in(0xcfc, 4), ==, 0x11e81234);
    g_assert_true(pci_find_device(root(), 1, 0x10) == edu);
    /* The window: 0xe0000000 to 0xe00fffff. */
    outl(0xcf8, 0x80011010), outl(0xcfc, 0xe0000000);
    outl(0xcf8, 0x80011004), outl(0xcfc, PCI_COMMAND_MEMORY);
    config_write(0x28, 0x20, 0xe000e000, 4);
    g_assert_cmphex(mem_read(0xe0000000), ==, 0xffffffff);
    config_write(0x28, PCI_COMMAND, PCI_COMMAND_MEMORY, 2);
    g_assert_cmphex(mem_read(0xe0000000), ==, 0x010000ed);
    config_write(0x28, 0x20, 0xe010e010, 4);
    g_assert_cmphex(mem_read(0xe0000000), ==, 0xffffffff);
    config_write(0x28, 0x20, 0xe000e010, 4);            /* base above limit */
    g_assert_cmphex(mem_read(0xe0000000), ==, 0xffffffff);
    /* INTA of slot 2 behind is INTC of slot 5: PIRQ (2 + 5 - 1) & 3. */
    pci_set_irq(edu, 1);
    g_assert_cmpint(root()->irq_count[2], ==, 1);
    pci_set_irq(edu, 0);
    g_assert_cmpint(root()->irq_count[2], ==, 0);
    /* Bus reset. */
    config_write(0x28, 0x3e, PCI_BRIDGE_CTL_BUS_RESET, 2);
    g_assert_cmphex(pci_get_word(edu->config + PCI_COMMAND), ==, 0);
    device_unplug(&bridge->parent);
    g_assert_null(pci_find_device(root(), 1, 0x10));
}

/* ---- an IOMMU: moves what slot 4 does up by 1 MiB, takes the bus behind bridges as it is, and leaves slot 5 alone ---- */
static struct { MemoryRegion direct, behind; PciBus *bus; unsigned devfn; int asked; } iommu;

static IommuEntry translate_up(MemoryRegion *mr, uint64_t addr, bool write, MemAttrs attrs)
{
    uint64_t up = mr == &iommu.direct ? 1 * MiB : 0;
    return (IommuEntry){ .target = &pc.system.memory_space, .translated = (addr & ~0xfffull) + up, .mask = 0xfff, .readable = true, .writable = addr < 0x3000 };
}

static MemoryRegion *requester_space(void *opaque, PciBus *bus, unsigned devfn)
{
    g_assert_true(opaque == &iommu);
    iommu.asked++;
    iommu.bus = bus;
    iommu.devfn = devfn;
    return bus != root() ? &iommu.behind : devfn == PCI_DEVFN(4, 0) ? &iommu.direct : NULL;
}
static const PciIommuOps iommu_ops = { .requester_space = requester_space };

static uint32_t dma_word(PciDevice *dev, uint64_t addr)
{
    uint8_t word[4] = { 0 };
    pci_dma_read(dev, addr, word, 4);
    return load_le32(word);
}

static void test_iommu(void)
{
    memory_region_init_iommu(&iommu.direct, NULL, "direct", UINT64_MAX, translate_up);
    memory_region_init_iommu(&iommu.behind, NULL, "behind", UINT64_MAX, translate_up);
    PciDevice *early = add(root(), "edu", PCI_DEVFN(4, 0));
    config_write(0x20, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    mem_write(0x2000, 0x1111), mem_write(0x102000, 0x2222), mem_write(0x103000, 0x3333);
    g_assert_cmphex(dma_word(early, 0x2000), ==, 0x1111);
    pci_bus_set_iommu(root(), &iommu_ops, &iommu);          /* what is there changes over, and stays bus master */
    g_assert_true(pci_is_translated(early));
    g_assert_cmphex(dma_word(early, 0x2000), ==, 0x2222);
    g_assert_cmpint(pci_dma_write(early, 0x3000, "abcd", 4), ==, MEM_ACCESS_ERROR);
    g_assert_cmphex(mem_read(0x103000), ==, 0x3333);
    config_write(0x20, PCI_COMMAND, 0, 2);
    g_assert_cmphex(dma_word(early, 0x2000), ==, 0);
    device_unplug(&early->parent);

    PciDevice *bypassed = add(root(), "edu", PCI_DEVFN(5, 0));
    g_assert_true(iommu.bus == root() && iommu.devfn == PCI_DEVFN(5, 0));
    config_write(0x28, PCI_COMMAND, PCI_COMMAND_MASTER, 2);
    g_assert_false(pci_is_translated(bypassed));
    g_assert_cmphex(dma_word(bypassed, 0x2000), ==, 0x1111);
    device_unplug(&bypassed->parent);

    PciDevice *port = add(root(), "pcie-root-port", PCI_DEVFN(6, 0));
    PciDevice *behind = add(PCI_BRIDGE(port)->secondary, "edu", 0);
    g_assert_true(pci_is_translated(behind) && iommu.bus == PCI_BRIDGE(port)->secondary);
    device_unplug(&port->parent);
    int asked = iommu.asked;
    pci_bus_set_iommu(root(), NULL, NULL);
    device_unplug(&add(root(), "edu", PCI_DEVFN(4, 0))->parent);
    g_assert_cmpint(iommu.asked, ==, asked);
}

/* By the bus numbers of the moment; conventional buses have one id for all. */
static void test_requester_id(void)
{
    g_assert_cmphex(pci_requester_id(root(), PCI_DEVFN(4, 1)), ==, 0x0021);
    PciDevice *port = add(root(), "pcie-root-port", PCI_DEVFN(6, 0));
    PciBus *below_port = PCI_BRIDGE(port)->secondary;
    g_assert_cmphex(pci_requester_id(below_port, 0x08), ==, 0x0008);
    pci_set_word(port->config + PCI_SECONDARY_BUS, 0x0401);
    g_assert_cmphex(pci_requester_id(below_port, 0x08), ==, 0x0108);
    PciDevice *to_pci = add(below_port, "pcie-pci-bridge", 0);
    to_pci->config[PCI_SECONDARY_BUS] = 2;
    PciBus *conventional = PCI_BRIDGE(to_pci)->secondary;
    g_assert_cmphex(pci_requester_id(conventional, PCI_DEVFN(3, 0)), ==, 0x0200);
    PciDevice *bridge = pci_new(PCI_DEVFN(5, 0), "pci-bridge");
    object_set_uint(OBJECT(bridge), "chassis_nr", 7, NULL);
    g_assert_true(pci_realize(bridge, root(), NULL));
    bridge->config[PCI_SECONDARY_BUS] = 9;
    g_assert_cmphex(pci_requester_id(PCI_BRIDGE(bridge)->secondary, PCI_DEVFN(3, 0)), ==, 0x0028);
    device_unplug(&bridge->parent);
    device_unplug(&port->parent);
}

static void test_root_port(void)
{
    PciDevice *port = add(root(), "pcie-root-port", PCI_DEVFN(6, 0));
    static const struct { uint8_t reg; uint32_t value; } expected[] = {
        { 0x00, 0x000c1b36 }, { 0x04, 0x00100000 }, { 0x08, 0x06040000 }, { 0x0c, 0x00010000 }, { 0x1c, 0x000000f0 }, { 0x20, 0x0000fff0 },
        { 0x24, 0x0001fff1 }, { 0x34, 0x54 }, { 0x3c, 0x100 }, { 0x40, 0x0000000d }, { 0x44, 0x00001b36 }, { 0x48, 0x00004011 }, { 0x50, 0x00000800 },
        { 0x54, 0x01424810 }, { 0x58, 0x00008000 }, { 0x60, 0x00300604 }, { 0x64, 0x02040000 }, { 0x68, 0x0002007b }, { 0x6c, 0x000007c0 },
        { 0x78, 0x00300020 }, { 0x80, 0x0000001e }, { 0x84, 4 },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(expected); i++) {
        g_assert_cmphex(config_read(0x30, expected[i].reg, 4), ==, expected[i].value);
    }
    g_assert_cmphex(pci_get_long(port->config + 0x100), ==, 0x14820001);
    g_assert_cmphex(pci_get_long(port->config + 0x148), ==, 0x0001000d);
    GError *err = NULL;
    g_assert_false(pci_realize(pci_new(PCI_DEVFN(7, 0), "pcie-root-port"), root(), &err));
    g_assert_cmpstr(err->message, ==, "Can't add chassis slot, error -16");
    g_clear_error(&err);
    add(PCI_BRIDGE(port)->secondary, "edu", -1);
    device_cold_reset(&port->parent);
    g_assert_cmphex(config_read(0x30, 0x6c, 4), ==, 0x004001c0);
    device_unplug(&port->parent);
}

static void test_addresses(void)
{
    GError *err = NULL;
    PciDevice *first = add(root(), "edu", -1);
    g_assert_cmphex(first->devfn, ==, PCI_DEVFN(2, 0));
    PciDevice *second = pci_new(-1, "edu");
    object_set_text(OBJECT(second), "addr", "02.0", &err);
    g_assert_no_error(err);
    g_assert_false(pci_realize(second, root(), &err));
    g_assert_cmpstr(err->message, ==, "PCI: slot 2 function 0 not available for edu, in use by edu,id=(null)");
    g_clear_error(&err);
    second = pci_new(PCI_DEVFN(2, 1), "edu");
    g_assert_false(pci_realize(second, root(), &err));
    g_assert_cmpstr(err->message, ==, "PCI: single function device can't be populated in function 2.1");
    g_clear_error(&err);
    device_unplug(&first->parent);
    static const char *const wrong[] = { "32", "3.8", "x", "-1", "3.", "", "3.1.1" };
    second = pci_new(-1, "edu");
    for (unsigned i = 0; i < ARRAY_SIZE(wrong); i++) {
        g_autofree char *message = g_strdup_printf("Property 'edu.addr' doesn't take value '%s'", wrong[i]);
        g_assert_false(object_set_text(OBJECT(second), "addr", wrong[i], &err));
        g_assert_cmpstr(err->message, ==, message);
        g_clear_error(&err);
    }
    object_unref(OBJECT(second));
}

static void test_describe(void)
{
    g_autofree char *text = pci_describe();
    g_assert_true(g_str_has_prefix(text,
        "  Bus  0, device   0, function 0:\n    Host bridge: PCI device 8086:1237\n      PCI subsystem 1af4:1100\n      id \"\"\n"
        "  Bus  0, device   1, function 0:\n    ISA bridge: PCI device 8086:7000\n      PCI subsystem 1af4:1100\n      id \"\"\n"));
    g_assert_nonnull(strstr(text,
        "  Bus  0, device   1, function 3:\n    Bridge: PCI device 8086:7113\n      PCI subsystem 1af4:1100\n      IRQ 0, pin A\n      id \"\"\n"));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/pci/description", test_describe);
    g_test_add_func("/pci/BAR", test_bar);
    g_test_add_func("/pci/interrupts and DMA", test_interrupts_and_dma);
    g_test_add_func("/pci/bridge", test_bridge);
    g_test_add_func("/pci/root port", test_root_port);
    g_test_add_func("/pci/IOMMU", test_iommu);
    g_test_add_func("/pci/requester id", test_requester_id);
    g_test_add_func("/pci/addresses", test_addresses);
    return g_test_run();
}
