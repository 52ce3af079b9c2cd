/*
 * Tables of boards without ACPI's fixed hardware (the "hardware-reduced" profile), beside hw/acpi/tables.h: what Arm's and RISC-V's boards have in common.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_REDUCED_H
#define HW_ACPI_REDUCED_H

#include "hw/acpi/tables.h"
#include "hw/pci-host/gpex.h"

/* Values of certain sizes in bytes, in a row: what tables are made of. */
typedef struct AcpiValue { uint64_t value; unsigned size; } AcpiValue;
void acpi_put_values(AcpiBuild *b, const AcpiValue *values, size_t count);
#define ACPI_PUT_VALUES(b, ...) acpi_put_values(b, (const AcpiValue[]){ __VA_ARGS__ }, G_N_ELEMENTS(((const AcpiValue[]){ __VA_ARGS__ })))

/* FADT 6.minor; dsdt: its offset in the file of tables. arm_flags: of its ARM Boot Architecture Flags. */
void acpi_add_reduced_fadt(AcpiBuild *b, uint32_t dsdt, uint8_t minor, uint16_t arm_flags);

/* \_SB.PCI0: windows of the generic host bridge, and its configuration space, which nothing else may use. high of size 0: none. */
typedef struct AcpiPciWindows { GpexWindow ecam, pio, mmio, high; } AcpiPciWindows;
Aml *acpi_pci_windows(const AcpiPciWindows *windows);

/* A device that is all memory and one interrupt: _HID, _UID, _CRS. The caller appends what else it has and makes the device. */
Aml *acpi_simple_device(const char *hid, unsigned uid, GpexWindow memory, uint32_t interrupt);

#endif
