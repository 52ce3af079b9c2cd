/*
 * Between the files that make the PC's ACPI tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_ACPI_TABLES_H
#define HW_I386_ACPI_TABLES_H

#include "hw/acpi/tables.h"
#include "hw/i386/pc.h"

extern const uint8_t dsdt_pc[], dsdt_q35[];
extern const size_t dsdt_pc_size, dsdt_q35_size;

static inline PcMachine *acpi_pc(const AcpiBuild *b) { return b->board; }
bool acpi_is_q35(const AcpiBuild *b);

/* ---- fixed.c, each appends its table ---- */
uint32_t acpi_add_facs(AcpiBuild *b);
uint32_t acpi_add_dsdt(AcpiBuild *b);
void acpi_add_fadt(AcpiBuild *b, uint32_t facs, uint32_t dsdt);
void acpi_add_madt(AcpiBuild *b);
void acpi_add_hpet(AcpiBuild *b);
void acpi_add_mcfg(AcpiBuild *b);
void acpi_add_waet(AcpiBuild *b);
void acpi_add_srat(AcpiBuild *b);
/* ---- ssdt.c ---- */
void acpi_add_ssdt(AcpiBuild *b);

/* The APIC ids of all CPUs that are possible, in order; the caller frees. present (may be NULL): a flag for each. */
uint32_t *acpi_cpu_ids(const PcMachine *m, unsigned *count, bool **present);

/* -acpitable: the tables that users give. */
void acpi_add_user_tables(AcpiBuild *b);

#endif
