/*
 * ACPI tables of a board: put together in one file, and handed to the firmware.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_TABLES_H
#define HW_ACPI_TABLES_H

#include "hw/acpi/aml.h"
#include "hw/nvram/fw_cfg.h"

#define ACPI_TABLES_FILE "etc/acpi/tables"

/* All tables in one file, and what the firmware's loader has to do with it. */
typedef struct AcpiBuild {
    void *board;                    /* whose tables they are */
    const char *oem_id, *oem_table_id;
    GByteArray *tables, *loader, *rsdp;
    GArray *offsets;                /* of uint32_t: the tables that the RSDT or XSDT lists */
} AcpiBuild;

/* What a board gives: add_tables appends its tables. wide: an XSDT and a root pointer of ACPI 2.0 instead of those of 1.0. Lives as long as the machine. */
typedef struct AcpiBoard {
    void *board;
    const char *oem_id, *oem_table_id;
    bool wide;
    void (*add_tables)(AcpiBuild *b);
} AcpiBoard;
/* Puts the files into fw_cfg; they are made when the firmware selects them, anew after each reset. */
void acpi_add_files(FwCfg *fw_cfg, const AcpiBoard *board);

/* A table begins: its header with everything but length and checksum; returns its offset. listed: the RSDT points to it. */
uint32_t acpi_table_begin(AcpiBuild *b, const char signature[4], uint8_t revision, bool listed);
void acpi_table_end(AcpiBuild *b, uint32_t start);
/* size: up to 8 bytes, little-endian. */
void acpi_put(AcpiBuild *b, uint64_t value, unsigned size);
void acpi_put_zeros(AcpiBuild *b, unsigned count);
/* Where the firmware puts a file: the pointer of size bytes at offset in file `in` gets the address of file `to` added. */
void acpi_loader_pointer(AcpiBuild *b, const char *in, const char *to, uint32_t offset, uint8_t size);

/* ---- tables that need nothing but the machine ---- */
/* SLIT: nothing without -numa dist. */
void acpi_add_slit(AcpiBuild *b, const Machine *machine);
/* MCFG: one segment whose buses begin with 0. */
void acpi_add_ecam(AcpiBuild *b, uint64_t base, uint64_t size);
/* SRAT's structure of a range of memory. */
void acpi_put_numa_memory(AcpiBuild *b, uint32_t node, uint64_t base, uint64_t size);

#endif
