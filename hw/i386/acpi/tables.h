/*
 * Between the files that make the PC's ACPI tables.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_ACPI_TABLES_H
#define HW_I386_ACPI_TABLES_H

#include "hw/i386/pc.h"

extern const uint8_t dsdt_pc[], dsdt_q35[];
extern const size_t dsdt_pc_size, dsdt_q35_size;

/* All tables in one file, and what the firmware's loader has to do with it. */
typedef struct AcpiBuild {
    PcMachine *machine;
    GByteArray *tables, *loader, *rsdp;
    GArray *offsets;                /* of uint32_t: the tables that the RSDT lists */
    bool q35;
} AcpiBuild;

/* A table begins: its header with everything but length and checksum; returns its offset. listed: the RSDT points to it. */
uint32_t acpi_table_begin(AcpiBuild *b, const char signature[4], uint8_t revision, bool listed);
void acpi_table_end(AcpiBuild *b, uint32_t start);
void acpi_put(AcpiBuild *b, uint64_t value, unsigned size);
void acpi_put_zeros(AcpiBuild *b, unsigned count);
/* Where the firmware puts a file: the pointer of size bytes at offset in file `in` gets the address of file `to` added. */
void acpi_loader_pointer(AcpiBuild *b, const char *in, const char *to, uint32_t offset, uint8_t size);

/* ---- fixed.c, each appends its table ---- */
uint32_t acpi_add_facs(AcpiBuild *b);
uint32_t acpi_add_dsdt(AcpiBuild *b);
void acpi_add_fadt(AcpiBuild *b, uint32_t facs, uint32_t dsdt);
void acpi_add_madt(AcpiBuild *b);
void acpi_add_hpet(AcpiBuild *b);
void acpi_add_mcfg(AcpiBuild *b);
void acpi_add_waet(AcpiBuild *b);
void acpi_add_srat(AcpiBuild *b);
void acpi_add_slit(AcpiBuild *b);
/* ---- ssdt.c ---- */
void acpi_add_ssdt(AcpiBuild *b);

/* The APIC ids of all CPUs that are possible, in order; the caller frees. present (may be NULL): a flag for each. */
uint32_t *acpi_cpu_ids(const PcMachine *m, unsigned *count, bool **present);

/* -acpitable: the tables that users give. */
void acpi_add_user_tables(AcpiBuild *b);

#endif
