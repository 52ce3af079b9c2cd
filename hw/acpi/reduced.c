/*
 * Tables of boards without ACPI's fixed hardware (ACPI 6.3, 4.1 "Hardware-Reduced ACPI", 5.2.9 FADT; PCI Firmware Specification 3.2, 4.1.2).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/reduced.h"

#include "util/bits.h"

enum { HEADER_SIZE = 36, FADT_HW_REDUCED = 1 << 20 };

void acpi_put_values(AcpiBuild *b, const AcpiValue *values, size_t count)
{
    for (size_t n = 0; n < count; n++) {
        acpi_put(b, values[n].value, values[n].size);
    }
}

void acpi_add_reduced_fadt(AcpiBuild *b, uint32_t dsdt, uint8_t minor, uint16_t arm_flags)
{
    enum { FLAGS_AT = 112, ARM_FLAGS_AT = 129, X_DSDT_AT = 140, HYPERVISOR_AT = 268, FADT_SIZE = 276 };
    uint32_t start = acpi_table_begin(b, "FACP", 6, true);
    acpi_put_zeros(b, FLAGS_AT - HEADER_SIZE);
    acpi_put(b, FADT_HW_REDUCED, 4);
    acpi_put_zeros(b, ARM_FLAGS_AT - FLAGS_AT - 4);
    acpi_put(b, arm_flags, 2);
    acpi_put(b, minor, 1);
    acpi_put_zeros(b, X_DSDT_AT - ARM_FLAGS_AT - 3);
    acpi_loader_pointer(b, ACPI_TABLES_FILE, ACPI_TABLES_FILE, b->tables->len, 8);
    acpi_put(b, dsdt, 8);
    acpi_put_zeros(b, HYPERVISOR_AT - X_DSDT_AT - 8);
    g_byte_array_append(b->tables, (const guint8 *)"QEMU\0\0\0", FADT_SIZE - HYPERVISOR_AT);
    acpi_table_end(b, start);
}

Aml *acpi_pci_windows(const AcpiPciWindows *w)
{
    Aml *windows = aml_list(), *kept = aml_list(), *reserved = aml_name("_HID", aml_eisa_id("PNP0C02")), *body = aml_name("_CBA", aml_int64(w->ecam.base));
    aml_put_window(windows, AML_WINDOW_BUS, 2, 0, w->ecam.size / MiB, 0);
    aml_put_window(windows, AML_WINDOW_MEMORY, 4, w->mmio.base, w->mmio.size, 0);
    aml_put_window(windows, AML_WINDOW_IO, 4, 0, w->pio.size, w->pio.base);
    if (w->high.size) {
        aml_put_window(windows, AML_WINDOW_MEMORY, 8, w->high.base, w->high.size, 0);
    }
    aml_append(body, aml_name("_CRS", aml_resource_template(windows)));
    aml_put_window(kept, AML_WINDOW_MEMORY, 8, w->ecam.base, w->ecam.size, 0);
    aml_append(reserved, aml_name("_CRS", aml_resource_template(kept)));
    aml_append(body, aml_device("RES0", reserved));
    return aml_scope("\\_SB.PCI0", body);
}

Aml *acpi_simple_device(const char *hid, unsigned uid, GpexWindow memory, uint32_t interrupt)
{
    Aml *body = aml_name("_HID", aml_string(hid)), *resources = aml_list();
    aml_append(body, aml_name("_UID", aml_int(uid)));
    aml_put_memory32(resources, (uint32_t)memory.base, (uint32_t)memory.size);
    aml_put_interrupt(resources, interrupt);
    aml_append(body, aml_name("_CRS", aml_resource_template(resources)));
    return body;
}
