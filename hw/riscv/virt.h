/*
 * The board "virt": what its files share.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_RISCV_VIRT_H
#define HW_RISCV_VIRT_H

#include "boot.h"
#include "hw/pci-host/gpex.h"
#include "sockets.h"

enum { VIRT_VIRTIO_COUNT = 8, VIRT_SOURCES = 96, VIRT_PLATFORM_BUS_IRQS = 32, VIRT_IMSIC_IDS = 255, VIRT_IMSIC_GUESTS_MAX = 7 };

/* Sources of the wired interrupt controllers. */
enum { VIRT_IRQ_VIRTIO = 1, VIRT_IRQ_UART = 10, VIRT_IRQ_RTC = 11, VIRT_IRQ_PCIE = 32, VIRT_IRQ_IOMMU = 36, VIRT_IRQ_PLATFORM_BUS = 64 };

typedef enum VirtRegion {
    VIRT_MROM, VIRT_TEST, VIRT_RTC, VIRT_CLINT, VIRT_ACLINT_SSWI, VIRT_PCIE_PIO, VIRT_IOMMU, VIRT_PLATFORM_BUS, VIRT_PLIC, VIRT_APLIC_M, VIRT_APLIC_S, VIRT_UART, VIRT_VIRTIO,
    VIRT_FW_CFG, VIRT_FLASH, VIRT_IMSIC_M, VIRT_IMSIC_S, VIRT_PCIE_ECAM, VIRT_PCIE_MMIO, VIRT_DRAM, VIRT_REGION_COUNT
} VirtRegion;
/* Regions of one socket: the size is that of each, and the next socket's lies behind it. DRAM ends at the end of the address space. */
extern const GpexWindow virt_map[VIRT_REGION_COUNT];
enum { VIRT_FLASH_SIZE = 32 * 1024 * 1024, VIRT_VIRTIO_STRIDE = 0x1000 };

typedef enum VirtAia { VIRT_AIA_NONE, VIRT_AIA_APLIC, VIRT_AIA_APLIC_IMSIC } VirtAia;

typedef struct VirtSocket {
    RiscvSocket range;
    Device *wired;                      /* the PLIC, or the APLIC that devices are connected to */
    Irq *sources[VIRT_SOURCES];
} VirtSocket;

typedef struct RiscvVirt {
    Machine parent;
    bool aclint;
    int aia, acpi, iommu_sys;           /* VirtAia; OnOffAuto */
    uint8_t aia_guests;
    char *aia_text, *aia_guests_text;
    char *pflash[2];

    unsigned xlen, num_sockets;
    bool supervisor_only;               /* guests begin in S-mode: interrupt controllers of machine level are not there */
    VirtSocket sockets[RISCV_SOCKETS_MAX];
    /* Which socket's interrupt controller serves what: with more sockets they share the work. */
    unsigned num_wired, mmio_socket, virtio_socket, pcie_socket;    /* num_wired: sockets that have one; it is 1 where the kernel's APLIC serves them all */
    MemoryRegion mrom;
    Device *flash[2];
    GpexWindow pcie_high;
    FwCfg *fw_cfg;
    PciHost *pci;
    RiscvBoot boot;
    bool own_tree;                      /* the tree is ours, not -dtb's */
} RiscvVirt;
#define RISCV_VIRT(p) ((RiscvVirt *)(p))

static inline Cpu *virt_first_cpu(const RiscvVirt *m) { return m->sockets[0].range.harts->harts[0]; }

/* Timers and interrupt controllers of all sockets, connected to the harts. */
bool virt_create_interrupts(RiscvVirt *m, GError **err);
/* How many bits it takes to number so many things: harts, sockets, a hart's interrupt files of supervisor and guests. */
static inline unsigned virt_bits_for(unsigned count) { return count > 1 ? 32 - (unsigned)__builtin_clz(count - 1) : 0; }
/* Harts of the socket that has most. */
uint32_t virt_most_harts(const RiscvVirt *m);
/* ACPI and SMBIOS by fw_cfg. */
bool virt_add_firmware_tables(RiscvVirt *m, GError **err);
/* The tree of all that is there. */
DeviceTree *virt_make_device_tree(const RiscvVirt *m, GError **err);

#endif
