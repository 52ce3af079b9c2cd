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
#include "hw/acpi/apm.h"
#include "hw/acpi/cpu_hotplug.h"
#include "hw/acpi/pci_hotplug.h"
#include "hw/isa/isa.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/pci/pci.h"

enum { ICH9_LPC_DEV = 31, ICH9_LPC_FUNC = 0, ICH9_SATA_FUNC = 2, ICH9_SMB_FUNC = 3, ICH9_GSI_COUNT = 24 };
#define ICH9_PMIO_SIZE 128
#define ICH9_RST_CNT_PORT 0xcf9

/* The watchdog ("TCO timer"). */
typedef struct Ich9Tco {
    MemoryRegion io;                        /* "sm-tco" */
    Timer timer;
    uint16_t rld, sts1, sts2, cnt1, cnt2, tmr;
    uint8_t din, dout, message[2], wdcnt, sw_irq_gen;
    int64_t expire_ns; uint8_t timeouts;
} Ich9Tco;

typedef struct Ich9Pm {
    AcpiPm1 pm1;
    AcpiGpe gpe;
    MemoryRegion io, gpe_io, smi_io;
    Ich9Tco tco; bool enable_tco;
    uint32_t smi_en, smi_sts;
    AcpiPciHotplug pci_hotplug;
    AcpiCpuHotplug cpu_hotplug;
    bool keep_pci_slot_hpc, cpu_hotplug_legacy;
} Ich9Pm;

typedef struct Ich9Lpc {
    PciDevice parent;                       /* "ICH9-LPC" */
    IsaBus *isa_bus;
    Device *rtc, *dma[2];
    Irq *gsi[ICH9_GSI_COUNT];               /* outputs */
    Irq *rtc_irq;                           /* as in PiixState */
    Ich9Pm pm;
    ApmPorts apm;
    uint8_t irr[32][4];                     /* of a device's pin: the PIRQ */
    uint8_t sci_gsi; bool sci_level;
    uint8_t *chip_config;                   /* the root complex's registers, 16 KiB */
    MemoryRegion rcrb, reset_control;
    uint8_t rst_cnt;
    uint8_t *smi_requested, *smi_features_ok;   /* contents of fw_cfg files; NULL before ich9_lpc_add_fw_cfg */
    uint64_t smi_negotiated;
    bool noreboot, smm_enabled, smm_compat;
    uint64_t smi_options;                   /* the x-smi-* properties, by bit */
} Ich9Lpc;
#define ICH9_LPC(p) ((Ich9Lpc *)(p))

/* By the board, when both are there: the files by which firmware and chip agree on SMI features. */
void ich9_lpc_add_fw_cfg(Ich9Lpc *lpc, FwCfg *fw_cfg);
/* For ich9-tco.c and tests. */
void ich9_tco_init(Ich9Lpc *lpc);
void ich9_tco_reset(Ich9Lpc *lpc);
void ich9_raise_smi(Ich9Lpc *lpc, uint32_t cause);

#endif
