/*
 * The PIIX3 south bridge with the PIIX4's power management function (Intel 82371SB, 290550; 82371AB, 290562).
 *
 * pci_new_multifunction(PCI_DEVFN(1, 0), "PIIX3"), properties, connect "isa-irqs" 0 to 15 to the machine's interrupt lines, pci_realize. It makes
 * the ISA bus, two DMA controllers, the RTC, IDE (function 1) and power management (function 3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_SOUTHBRIDGE_PIIX_H
#define HW_SOUTHBRIDGE_PIIX_H

#include "hw/isa/isa.h"
#include "hw/pci/pci.h"

typedef struct PiixState {
    PciDevice parent;                       /* "PIIX3" */
    IsaBus *isa_bus;
    Device *rtc, *dma[2];
    PciDevice *ide, *usb, *pm;              /* NULL where switched off */
    Irq *isa_irqs[16];                      /* outputs */
    Irq *rtc_irq;                           /* the board may put the HPET between before realize: where the RTC's goes; NULL: isa_irqs[8] */
    MemoryRegion reset_control;
    uint64_t pic_levels;                    /* PIRQ line n on ISA interrupt i: bit i * 4 + n */
    uint8_t rcr;                            /* 0xcf9 */
    uint32_t smb_io_base;
    bool has_acpi, has_pic, has_pit, has_usb, smm_enabled;
} PiixState;
#define PIIX_STATE(p) ((PiixState *)(p))
/* PIIX4_PM: property smb_io_base; outputs: the unnamed one (SCI) and "smi-irq"; offers the bus "i2c". */

#endif
