/*
 * The ICH9 south bridge: LPC bridge with power management, and SMBus (Intel I/O Controller Hub 9 datasheet, 316972).
 *
 * pci_new_multifunction(PCI_DEVFN(31, 0), "ICH9-LPC"), connect "gsi" 0 to 23, pci_realize; then "ICH9-SMB" at 31.3.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_SOUTHBRIDGE_ICH9_H
#define HW_SOUTHBRIDGE_ICH9_H

#include "hw/acpi/acpi.h"
#include "hw/acpi/cpu_hotplug.h"
#include "hw/acpi/pci_hotplug.h"
#include "hw/isa/isa.h"
#include "hw/pci/pci.h"

enum { ICH9_LPC_DEV = 31, ICH9_LPC_FUNC = 0, ICH9_SATA_FUNC = 2, ICH9_SMB_FUNC = 3, ICH9_GSI_COUNT = 24 };
#define ICH9_PMIO_SIZE 128
#define ICH9_RST_CNT_PORT 0xcf9

typedef struct Ich9PmRegs {
    AcpiPm1 pm1;
    AcpiGpe gpe0;
    MemoryRegion io, gpe_io, smi_io, tco_io;
    uint32_t pm_io_base, smi_en, smi_en_wmask, smi_sts;
    bool acpi_pci_hotplug, keep_pci_slot_hpc;
    struct Tco *tco; bool enable_tco;
    AcpiPciHotplug pci_hotplug;
    AcpiCpuHotplug cpu_hotplug;
    uint8_t disable_s3, disable_s4, s4_val;
} Ich9PmRegs;

typedef struct Ich9Lpc {
    PciDevice parent;                       /* "ICH9-LPC" */
    IsaBus *isa_bus;
    Device *rtc, *dma[2];
    Irq *gsi[ICH9_GSI_COUNT];               /* outputs */
    Irq *rtc_irq;                           /* as in PiixState */
    uint8_t irr[32][4];                     /* device 31's siblings and others: pin -> PIRQ */
    uint8_t sci_gsi, sci_level;
    Ich9PmRegs pm;
    uint8_t apmc, apms;
    uint8_t *chip_config;                   /* the root complex's registers (RCRB), 16 KiB */
    MemoryRegion rcrb, reset_control, apm_io;
    uint8_t rst_cnt;
    uint64_t smi_host_features; bool smi_features_ok; uint64_t smi_negotiated_features;
    bool noreboot, smm_enabled, smm_compat;
    uint64_t smi_options;                   /* the x-smi-* properties */
    uint32_t pic_levels[16];                /* PIRQs (a bit each) that are on, for each ISA interrupt */
    uint32_t pirq_level;                    /* level of PIRQA to H, a bit each */
} Ich9Lpc;
#define ICH9_LPC(p) ((Ich9Lpc *)(p))

#endif
