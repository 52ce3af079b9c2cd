/*
 * The board "virt": what its files share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ARM_VIRT_H
#define HW_ARM_VIRT_H

#include "boot.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci-host/gpex.h"

enum { VIRT_VIRTIO_COUNT = 32, VIRT_VIRTIO_SIZE = 0x200, VIRT_GIC_IRQS = 288, VIRT_V2M_SPIS = 64, VIRT_PLATFORM_BUS_IRQS = 64, VIRT_CPUS_MAX = 512 };

/* Shared interrupts (SPI n is interrupt 32 + n), and private ones by their interrupt's number. */
enum { VIRT_SPI_UART = 1, VIRT_SPI_RTC = 2, VIRT_SPI_PCIE = 3, VIRT_SPI_GPIO = 7, VIRT_SPI_UART1 = 8, VIRT_SPI_GED = 9, VIRT_SPI_VIRTIO = 16, VIRT_SPI_V2M = 48,
       VIRT_SPI_SMMU = 74,
       VIRT_SPI_PLATFORM_BUS = 112 };
enum { VIRT_PPI_PMU = 23, VIRT_PPI_MAINTENANCE = 25, VIRT_PPI_TIMER_HYP = 26, VIRT_PPI_TIMER_VIRT = 27, VIRT_PPI_TIMER_HYPVIRT = 28, VIRT_PPI_TIMER_SEC = 29,
       VIRT_PPI_TIMER_PHYS = 30 };

typedef enum VirtRegion {
    VIRT_FLASH, VIRT_CPUPERIPHS, VIRT_GIC_DIST, VIRT_GIC_CPU, VIRT_GIC_V2M, VIRT_GIC_HYP, VIRT_GIC_VCPU, VIRT_GIC_ITS, VIRT_GIC_REDIST, VIRT_UART, VIRT_RTC, VIRT_FW_CFG,
    VIRT_GPIO, VIRT_UART1, VIRT_SMMU, VIRT_GED, VIRT_SECURE_GPIO, VIRT_VIRTIO, VIRT_PLATFORM_BUS, VIRT_SECURE_MEM, VIRT_PCIE_MMIO, VIRT_PCIE_PIO, VIRT_PCIE_ECAM, VIRT_MEM,
    /* Behind the RAM; size 0: it is not there. */
    VIRT_HIGH_REDIST, VIRT_HIGH_ECAM, VIRT_HIGH_MMIO, VIRT_REGION_COUNT
} VirtRegion;

typedef enum VirtGic { VIRT_GIC_DEFAULT, VIRT_GIC_HOST, VIRT_GIC_2, VIRT_GIC_3, VIRT_GIC_4, VIRT_GIC_MAX } VirtGic;

typedef struct ArmVirt {
    Machine parent;
    unsigned version;                   /* 206 is 2.6, 1000 is 10.0 */
    bool secure, virtualization, mte, ras, its, highmem, highmem_ecam, highmem_mmio, highmem_redists, compact_highmem, dtb_randomness, bypass_iommu;
    uint64_t highmem_mmio_size;
    int acpi;                           /* OnOffAuto */
    char *gic_text, *iommu_text, *oem_id, *oem_table_id, *pflash[2];

    VirtGic gic_version;                /* once it is built: 2, 3 or 4 */
    GpexWindow map[VIRT_REGION_COUNT];
    Cpu **cpus;
    ArmCpuInfo cpu_info;
    MemoryRegion secure_memory, secure_alias, secure_ram;   /* what secure accesses see: their own first */
    MemoryRegion tags_memory, tags_ram, secure_tags_memory, secure_tags_alias, secure_tags_ram;
    Device *gic, *flash[2], *gpio;
    uint32_t redist_counts[2];          /* redistributors in the two regions */
    bool has_its, has_firmware, has_uart1;
    uint32_t psci_conduit;              /* PSCI_CONDUIT_*: which PSCI the processors answer themselves */
    PciHost *pci;
    Device *smmu;                       /* NULL: none */
    FwCfg *fw_cfg;
    ArmBoot boot;
    bool own_tree;                      /* the tree is ours, not -dtb's */
} ArmVirt;
#define ARM_VIRT(p) ((ArmVirt *)(p))

/* Whether the machine behaves as one of before that release: virt_before(m, 6, 2) is true for 6.1. */
static inline bool virt_before(const ArmVirt *m, unsigned major, unsigned minor) { return m->version < major * 100 + minor; }
static inline MemoryRegion *virt_memory(ArmVirt *m) { return &m->parent.system_memory.memory; }
/* Whether what the host bridge's functions do goes through the SMMU. */
static inline bool virt_smmu_translates(const ArmVirt *m) { return m->smmu && !m->pci->bypass_iommu; }
/* Where PCI's configuration space is. */
static inline VirtRegion virt_ecam(const ArmVirt *m) { return m->map[VIRT_HIGH_ECAM].size ? VIRT_HIGH_ECAM : VIRT_PCIE_ECAM; }

/* ---- in the order in which they are called ---- */
/* Places what has always the same address. */
void arm_virt_init_map(ArmVirt *m);
/* What the options ask for together, and which interrupt controller it becomes. */
bool arm_virt_check_options(ArmVirt *m, GError **err);
/* The memory that processors see by secure accesses and as tags, then the processors. */
bool arm_virt_create_cpus(ArmVirt *m, GError **err);
/* Places what lies behind the RAM, and refuses RAM that is out of the processors' reach. */
bool arm_virt_make_map(ArmVirt *m, GError **err);
bool arm_virt_create_gic(ArmVirt *m, GError **err);
/* Non-secure software is started without firmware: the controller is left to it as firmware would. */
void arm_virt_open_gic(ArmVirt *m);
bool arm_virt_create_devices(ArmVirt *m, GError **err);
/* The tree of all that is there. */
DeviceTree *arm_virt_make_device_tree(const ArmVirt *m, GError **err);
/* Nodes for the RAM in the place of those that are there; the root says what cells they have. */
bool arm_virt_describe_memory(const ArmVirt *m, DeviceTree *tree, GError **err);
/* How processors are started, unless the tree says so already. */
void arm_virt_describe_psci(const ArmVirt *m, DeviceTree *tree);

/* ACPI and SMBIOS tables for firmware, into fw_cfg. */
bool arm_virt_add_firmware_tables(ArmVirt *m, GError **err);

/* What the machines of each version set otherwise than the next newer ones. */
extern const MachineVersion arm_virt_versions[];

#endif
