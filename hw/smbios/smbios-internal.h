/*
 * Between the files of hw/smbios. SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_SMBIOS_SMBIOS_INTERNAL_H
#define HW_SMBIOS_SMBIOS_INTERNAL_H

#include "hw/smbios/smbios.h"

typedef struct SmbiosTables {
    GByteArray *bytes;
    unsigned largest, count;
    const SmbiosMachine *machine;
    const uint8_t *uuid;
    uint64_t processor_id;
    const char *product, *version;
} SmbiosTables;

/* ---- options.c: what -smbios says ---- */
/* How often a type was given, and the last value of a key in the n-th of them; NULL and 0: none. */
unsigned smbios_given(int type);
const char *smbios_entry_text(int type, unsigned entry, const char *key);
uint64_t smbios_entry_number(int type, unsigned entry, const char *key);
/* The last value of a key, or standard. */
const char *smbios_text(int type, const char *key, const char *standard);
uint64_t smbios_number(int type, const char *key, uint64_t standard);
GPtrArray *smbios_texts(int type, const char *key);     /* of const char *, in order */
void smbios_add_files(SmbiosTables *t);                 /* file=: whole structures */
/* The first processor as its CPUID leaf 1 has it: signature (EAX), above it the feature bits (EDX). */
uint64_t smbios_processor_id(void);

#endif
