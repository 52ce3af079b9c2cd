/*
 * PCI and PCI Express devices and buses (PCI Local Bus 3.0; PCI Express Base 3.0; PCI-to-PCI Bridge 1.2).
 *
 * A PCI device type fills DeviceType.pci; the base type "pci-device" makes the configuration space, the address (devfn), BARs' mapping, the option ROM,
 * INTx and reset. Express capabilities, MSI and MSI-X are added in the device's realize.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_PCI_PCI_H
#define HW_PCI_PCI_H

#include "hw/core/device.h"
#include "hw/pci/pci_regs.h"
#include "softmmu/dma.h"

typedef struct PciDevice PciDevice;
typedef struct PciBus PciBus;

#define PCI_DEVFN(slot, function) ((((slot) & 0x1f) << 3) | ((function) & 7))
#define PCI_SLOT(devfn) (((devfn) >> 3) & 0x1f)
#define PCI_FUNC(devfn) ((devfn) & 7)

typedef struct PciBar {
    MemoryRegion *mr;                   /* NULL: not there */
    uint64_t size;
    uint8_t type;                       /* PCI_BASE_ADDRESS_* bits */
    uint64_t addr;                      /* as mapped, or PCI_BAR_UNMAPPED */
    MemoryRegion *container;
} PciBar;
#define PCI_BAR_UNMAPPED (~UINT64_C(0))
enum { PCI_ROM_BAR = 6, PCI_BAR_COUNT = 7 };

struct PciDevice {
    Device parent;                      /* type "pci-device" */
    uint8_t *config, *write_mask, *write_1_clear_mask, *check_mask, *used;
    uint32_t config_size;               /* 256 or 4096: size of each of those */
    int32_t devfn;                      /* -1: pick one; property "addr" */
    bool multifunction, express;
    PciBar bars[PCI_BAR_COUNT];
    MemoryRegion rom; char *romfile; uint32_t romsize; int32_t rombar; bool has_rom;
    AddressSpace bus_master_space;      /* what its DMA sees: memory, while bus mastering is enabled */
    MemoryRegion bus_master_container, bus_master_alias;
    bool translated;                    /* there is an IOMMU between that space and memory */
    uint8_t irq_state;                  /* levels of INTA to INTD, a bit each */
    uint8_t msi_cap, msix_cap, pm_cap, exp_cap;     /* offsets; 0: none */
    struct PciMsix *msix;
    Irq *irq_line;                      /* pci_irq() */
    char *failover_pair_id; uint32_t acpi_index; uint32_t capability_flags; uint64_t max_bounce_buffer_size;
};
#define PCI_DEVICE(p) ((PciDevice *)(p))

/* How a root bus brings INTx to the interrupt controller. */
typedef struct PciIrqRouting {
    int (*map)(PciDevice *dev, int pin);                        /* pin 0 to 3 of a device -> line of the bus; NULL: standard swizzle */
    void (*set)(void *opaque, int line, int level);             /* level: 0 or 1, all devices together */
    void *opaque;
    int nr_lines;
} PciIrqRouting;

/* An IOMMU in front of a root bus. */
typedef struct PciIommuOps {
    /* The region that DMA and messages of a function go to; asked when the function is realized, machine lock held. NULL: the machine's space, untranslated.
     * The region stays alive as long as the host bridge; asked twice for the same function, it gives the same region. */
    MemoryRegion *(*requester_space)(void *opaque, PciBus *bus, unsigned devfn);
} PciIommuOps;

struct PciBus {
    Bus parent;                         /* type "PCI" or "PCIE" */
    PciDevice *devices[256];            /* by devfn */
    PciDevice *bridge;                  /* NULL: a root bus */
    MemoryRegion *memory, *io;          /* where BARs are mapped */
    AddressSpace *dma_space;            /* of the machine */
    const PciIommuOps *iommu; void *iommu_opaque;   /* of a root bus; NULL: none */
    PciIrqRouting routing;
    int *irq_count;                     /* a line: how many drive it */
    uint8_t bus_number;                 /* of a root bus; below bridges it comes from the bridge's configuration */
    bool zero_bars;                     /* of a root bus: 0 is an address like others for BARs behind it; on PCs it is nobody's */
    uint8_t slots_min;                  /* first devfn that is given out */
    uint32_t slots_reserved;
};
#define PCI_BUS(p) ((PciBus *)(p))

/* ---- buses ---- */
/* A root bus; type "PCI" or "PCIE". host: the host bridge device that offers it. */
PciBus *pci_root_bus_new(Device *host, const char *name, const char *type, MemoryRegion *memory, MemoryRegion *io, uint8_t slots_min);
void pci_bus_set_routing(PciBus *bus, const PciIrqRouting *routing);
PciBus *pci_root_bus_first(void);       /* the machine's, or NULL */
int pci_bus_number(const PciBus *bus);
/* Root bus only. Buses behind bridges inherit it; functions that are there already change over, so they must not have begun to do DMA. */
void pci_bus_set_iommu(PciBus *root, const PciIommuOps *ops, void *opaque);
/* The requester id as seen at the root complex (with a PCIe-to-PCI bridge's alias), by the bus numbers of now. Any thread. */
uint16_t pci_requester_id(PciBus *bus, unsigned devfn);
PciDevice *pci_find_device(PciBus *root, int bus_number, int devfn);
/* All devices of the bus and behind its bridges. */
void pci_foreach_device(PciBus *bus, void (*fn)(PciBus *bus, PciDevice *dev, void *opaque), void *opaque);
/* Configuration access by the host bridge. addr: bus << 16 | devfn << 8 | register (mechanism 1); ECAM: bus << 20 | devfn << 12 | register. Nobody: all ones. */
uint32_t pci_host_config_read(PciBus *root, uint32_t addr, unsigned size);
void pci_host_config_write(PciBus *root, uint32_t addr, uint32_t value, unsigned size);
uint32_t pcie_host_config_read(PciBus *root, uint32_t ecam_offset, unsigned size);
void pcie_host_config_write(PciBus *root, uint32_t ecam_offset, uint32_t value, unsigned size);

/* ---- making devices (boards) ---- */
PciDevice *pci_new(int devfn, const char *type_name);                   /* devfn -1: any */
PciDevice *pci_new_multifunction(int devfn, const char *type_name);
bool pci_realize(PciDevice *dev, PciBus *bus, GError **err);
/* The NICs that the command line or the machine's default asks for; bus NULL: there is no place for any. default_model: of those that name none. */
bool pci_create_nics(PciBus *bus, const char *default_model, GError **err);
static inline PciBus *pci_device_bus(const PciDevice *dev) { return (PciBus *)dev->parent.bus; }

/* ---- in a device's realize ---- */
/* n: 0 to 5; type: PCI_BASE_ADDRESS_* bits. The region's size is a power of 2. */
void pci_register_bar(PciDevice *dev, int n, uint8_t type, MemoryRegion *mr);
/* Takes a BAR off the bus before its region is destroyed: in unrealize of devices that can go away. */
void pci_unregister_bar(PciDevice *dev, int n);
/* offset 0: the next free place. Returns the offset of the capability, or 0 with an error. */
uint8_t pci_add_capability(PciDevice *dev, uint8_t id, uint8_t offset, uint8_t size, GError **err);
uint16_t pcie_add_capability(PciDevice *dev, uint16_t id, uint8_t version, uint16_t offset, uint16_t size);
void pci_set_interrupt_pin(PciDevice *dev, int pin);                    /* 1 to 4: INTA to INTD */
bool pcie_cap_init(PciDevice *dev, uint8_t offset, uint8_t type, uint8_t port, GError **err);   /* the PCI Express capability */
bool pci_pm_init(PciDevice *dev, uint8_t offset, GError **err);

uint32_t pci_default_config_read(Device *dev, uint32_t addr, unsigned size);
void pci_default_config_write(Device *dev, uint32_t addr, uint32_t value, unsigned size);

/* ---- interrupts ---- */
void pci_set_irq(PciDevice *dev, int level);                            /* its INTx pin */
Irq *pci_irq(PciDevice *dev);                                           /* the pin as a line; owned by the device */
bool msi_init(PciDevice *dev, uint8_t offset, unsigned nr_vectors, bool is_64bit, bool per_vector_mask, GError **err);
void msi_uninit(PciDevice *dev);
bool msi_enabled(const PciDevice *dev);
void msi_notify(PciDevice *dev, unsigned vector);
/* Table and pending bits in BARs of the caller; exclusive: in a BAR of its own made here. */
typedef struct MsixLayout { MemoryRegion *table_bar, *pba_bar; uint8_t table_bar_nr, pba_bar_nr; uint32_t table_offset, pba_offset; uint8_t cap_offset; } MsixLayout;
bool msix_init(PciDevice *dev, unsigned nr_vectors, const MsixLayout *layout, GError **err);
bool msix_init_exclusive(PciDevice *dev, unsigned nr_vectors, uint8_t bar_nr, GError **err);
void msix_uninit(PciDevice *dev);
bool msix_enabled(const PciDevice *dev);
bool msix_present(const PciDevice *dev);
void msix_notify(PciDevice *dev, unsigned vector);
bool msix_vector_masked(const PciDevice *dev, unsigned vector);
void msix_get_message(const PciDevice *dev, unsigned vector, uint64_t *address, uint32_t *data);
/* Told when a vector is unmasked or masked while MSI-X is on (for irqfd). */
void msix_set_vector_hooks(PciDevice *dev, void (*unmask)(PciDevice *, unsigned vector), void (*mask)(PciDevice *, unsigned vector));

/* ---- DMA as this device: checked, through its bus-master space ---- */
static inline MemResult pci_dma_read(PciDevice *dev, uint64_t addr, void *buf, uint64_t len) { return dma_read(&dev->bus_master_space, addr, buf, len); }
static inline MemResult pci_dma_write(PciDevice *dev, uint64_t addr, const void *buf, uint64_t len) { return dma_write(&dev->bus_master_space, addr, buf, len); }

/* Whether an IOMMU translates the function's DMA and messages. */
bool pci_is_translated(const PciDevice *dev);
/* Where DMA goes that no IOMMU may translate: a virtio device's that has not VIRTIO_F_ACCESS_PLATFORM. */
AddressSpace *pci_untranslated_space(PciDevice *dev);

/* ---- configuration space (little-endian) ---- */
static inline uint16_t pci_get_word(const uint8_t *config) { return load_le16(config); }
static inline uint32_t pci_get_long(const uint8_t *config) { return load_le32(config); }
static inline void pci_set_word(uint8_t *config, uint16_t value) { store_le16(config, value); }
static inline void pci_set_long(uint8_t *config, uint32_t value) { store_le32(config, value); }

char *pci_describe(void);               /* info pci */

#endif
