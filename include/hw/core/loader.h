/*
 * Putting files into a machine: ROM images that come back at every reset, ELF and raw images, and where firmware files are found.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CORE_LOADER_H
#define HW_CORE_LOADER_H

#include "hw/core/machine.h"

/* Firmware search path: -L directories first, then our own, then the distribution's. Caller frees; NULL when it is nowhere. */
char *firmware_find(const char *name);
void firmware_add_directory(const char *path);      /* -L, in order */
char *firmware_directories(void);                   /* -L help: one a line */
/* The error for a missing file, naming the Debian package that has it. Always false. */
bool firmware_missing(const char *name, GError **err);

/* A blob that is written to memory (as) at addr now and at each reset; with fw_cfg_file: given to fw_cfg under that name instead. Data is copied. */
bool rom_add_blob(const char *name, const void *data, size_t len, uint64_t addr, AddressSpace *as, GError **err);
/* For the list alone: firmware in memory that nothing can change. */
void rom_note(const char *name, size_t len, uint64_t addr);
bool rom_add_file(const char *path, uint64_t addr, AddressSpace *as, GError **err);
/* An option ROM for SeaBIOS: fw_cfg file genroms/NAME, or the BIOS of a VGA card that is not on PCI: vgaroms/NAME. */
bool rom_add_option(const char *path, int32_t bootindex, GError **err);
bool rom_add_vga(const char *path, GError **err);
/* The largest piece [*low, *high) of [base, base + size) that none of them lies in; *low == *high: there is none. */
void rom_find_gap(uint64_t base, uint64_t size, uint64_t *low, uint64_t *high);
void rom_write_all(void);                           /* at reset */
char *rom_describe(void);                           /* info roms */

typedef struct ElfImage {
    uint64_t entry, low, high;      /* physical addresses; high: first byte behind */
    uint64_t pvh_entry;             /* of a XEN_ELFNOTE_PHYS32_ENTRY note; 0: none */
    bool is_64bit, big_endian; uint16_t machine;
} ElfImage;
/* Loads the segments as ROM blobs. translate (may be NULL) changes physical addresses. false with *not_elf when it is no ELF file. */
bool elf_load(const char *path, AddressSpace *as, uint64_t (*translate)(void *opaque, uint64_t addr), void *opaque, ElfImage *image, bool *not_elf, GError **err);

/* The value of a symbol of the file's symbol table; false when it is no ELF file or has no such symbol. */
bool elf_find_symbol(const char *path, const char *name, uint64_t *value);

#endif
