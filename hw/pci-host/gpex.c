/*
 * A PCI Express host bridge with nothing of its own: configuration space in memory (PCI Express Base 3.0, 7.2.2), windows to memory and ports, four interrupt lines
 * (Linux, Documentation/devicetree/bindings/pci/host-generic-pci.yaml).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/pci-host/gpex.h"

#include "util/bits.h"
#include "util/error.h"

typedef struct GpexHost {
    PcieHost parent;
    GpexConfig config;
    uint8_t num_irqs;
    bool allow_unmapped;
    MemoryRegion mmio, mmio_window, ioport, ioport_window;     /* the windows answer where no BAR is */
    MemoryRegion ecam_alias, mmio32_alias, mmio64_alias;
    Irq *irqs[GPEX_MAX_IRQS];
    PciDevice *root;
} GpexHost;

static void set_line(void *opaque, int line, int level) { irq_set(((GpexHost *)opaque)->irqs[line], level); }

/* Where nobody answers, a PCI host reads ones. */
static uint64_t unmapped_read(void *opaque, uint64_t addr, unsigned size) { return UINT64_MAX; }
static void unmapped_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { }
static const MemoryRegionOps unmapped_ops = { .read = unmapped_read, .write = unmapped_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8, true },
                                              .impl = { 1, 8, true } };

static void init_window(GpexHost *host, MemoryRegion *window, MemoryRegion *inner, const char *name, uint64_t size)
{
    g_autofree char *window_name = g_strconcat(name, "_window", NULL);
    memory_region_init(inner, OBJECT(host), name, size);
    if (host->allow_unmapped) {
        memory_region_init_io(window, OBJECT(host), &unmapped_ops, NULL, window_name, size);
    } else {
        memory_region_init(window, OBJECT(host), window_name, size);
    }
    memory_region_add_subregion(window, 0, inner);
}

static bool gpex_realize(Device *dev, GError **err)
{
    GpexHost *host = (GpexHost *)dev;
    PciHost *pci = &host->parent.parent;
    SysBusDevice *sysbus = &pci->parent;
    if (host->num_irqs < GPEX_ROOT_IRQS || host->num_irqs > GPEX_MAX_IRQS) {
        return error_set(err, "gpex-pcihost: num-irqs is %u; it must be %d to %d", host->num_irqs, GPEX_ROOT_IRQS, GPEX_MAX_IRQS);
    }
    sysbus->nr_ports = 0;               /* it has not the mechanism by ports */
    init_window(host, &host->mmio_window, &host->mmio, "gpex_mmio", UINT64_MAX);
    init_window(host, &host->ioport_window, &host->ioport, "gpex_ioport", 64 * KiB);
    sysbus_add_mmio(sysbus, &host->parent.ecam);
    sysbus_add_mmio(sysbus, &host->mmio_window);
    sysbus_add_mmio(sysbus, &host->ioport_window);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, host->irqs, host->num_irqs);
    pci->bus = pci_root_bus_new(dev, "pcie.0", "PCIE", &host->mmio, &host->ioport, 0);
    pci->bus->zero_bars = host->config.zero_bars;
    pci_bus_set_routing(pci->bus, &(PciIrqRouting){ .set = set_line, .opaque = host, .nr_lines = GPEX_ROOT_IRQS });
    host->root = pci_new(PCI_DEVFN(0, 0), "gpex-root");
    return object_add_child(OBJECT(host), "gpex_root", OBJECT(host->root), err) && pci_realize(host->root, pci->bus, err);
}

static const Property gpex_properties[] = {
    PROP_BOOL("allow-unmapped-accesses", GpexHost, allow_unmapped, true),
    PROP_UINT64("x-ecam-base", GpexHost, config.ecam.base, 0), PROP_SIZE("x-ecam-size", GpexHost, config.ecam.size, 0),
    PROP_UINT64("x-pio-base", GpexHost, config.pio.base, 0), PROP_SIZE("x-pio-size", GpexHost, config.pio.size, 0),
    PROP_UINT64("x-below-4g-mmio-base", GpexHost, config.mmio32.base, 0), PROP_SIZE("x-below-4g-mmio-size", GpexHost, config.mmio32.size, 0),
    PROP_UINT64("x-above-4g-mmio-base", GpexHost, config.mmio64.base, 0), PROP_SIZE("x-above-4g-mmio-size", GpexHost, config.mmio64.size, 0),
    PROP_UINT8("num-irqs", GpexHost, num_irqs, GPEX_ROOT_IRQS),
};
static const DeviceType gpex_host = {
    .name = "gpex-pcihost", .parent = "pcie-host-bridge", .size = sizeof(GpexHost), .category = DEVICE_BRIDGE, .properties = PROPERTIES(gpex_properties),
    .realize = gpex_realize,
};
REGISTER_DEVICE(gpex_host)

static const DeviceType gpex_root = {
    .name = "gpex-root", .parent = "pci-device", .size = sizeof(PciDevice), .category = DEVICE_BRIDGE, .description = "QEMU generic PCIe host bridge",
    .pci = { .vendor = 0x1b36, .device = 0x0008, .class = PCI_CLASS_BRIDGE_HOST }, .not_hotpluggable = true,
};
REGISTER_DEVICE(gpex_root)

static void map_window(GpexHost *host, MemoryRegion *memory, MemoryRegion *alias, const char *name, const GpexWindow *window)
{
    if (window->size) {
        memory_region_init_alias(alias, OBJECT(host), name, &host->mmio_window, window->base, window->size);
        memory_region_add_subregion(memory, window->base, alias);
    }
}

PciHost *gpex_create(MemoryRegion *memory, const GpexConfig *config, Irq *const irqs[GPEX_ROOT_IRQS], GError **err)
{
    GpexHost *host = (GpexHost *)device_new("gpex-pcihost");
    host->config = *config;
    if (!device_realize(DEVICE(host), NULL, err)) {
        return NULL;
    }
    SysBusDevice *sysbus = &host->parent.parent.parent;
    memory_region_init_alias(&host->ecam_alias, OBJECT(host), "pcie-ecam", &host->parent.ecam, 0, config->ecam.size);
    memory_region_add_subregion(memory, config->ecam.base, &host->ecam_alias);
    map_window(host, memory, &host->mmio32_alias, "pcie-mmio", &config->mmio32);
    map_window(host, memory, &host->mmio64_alias, "pcie-mmio-high", &config->mmio64);
    sysbus_map(sysbus, 2, memory, config->pio.base, 0);
    host->parent.ecam_base = config->ecam.base;
    host->parent.ecam_size = config->ecam.size;
    for (int n = 0; n < GPEX_ROOT_IRQS; n++) {
        sysbus_connect_irq(sysbus, n, irqs[n]);
    }
    return &host->parent.parent;
}
