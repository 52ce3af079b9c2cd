/*
 * A small assembler for the part of AML that depends on the machine (ACPI 6.3, 20: "ACPI Machine Language"). Everything constant is ASL in this folder.
 *
 * Terms are byte arrays; a term that takes others appends and frees them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I386_ACPI_AML_H
#define HW_I386_ACPI_AML_H

#include <glib.h>

typedef GByteArray Aml;

/* name: a path in ASL's writing: "\\_SB.CPUS", "C000". */
Aml *aml_list(void);
void aml_append(Aml *to, Aml *term);
Aml *aml_scope(const char *name, Aml *body);
Aml *aml_device(const char *name, Aml *body);
Aml *aml_method(const char *name, unsigned args, gboolean serialized, Aml *body);
Aml *aml_name(const char *name, Aml *value);
/* The shortest form, and one of always the same length. */
Aml *aml_int(guint64 value);
Aml *aml_int64(guint64 value);
Aml *aml_string(const char *text);
Aml *aml_eisa_id(const char *id);               /* "PNP0C02" */
Aml *aml_buffer(const void *data, size_t size);
Aml *aml_package(const Aml *const *items, unsigned count);      /* items are freed by the caller */
Aml *aml_arg(unsigned n);
/* Calls a method with terms that are freed; ends with NULL. */
Aml *aml_call(const char *name, ...) G_GNUC_NULL_TERMINATED;
Aml *aml_return(Aml *value);
Aml *aml_if_equal(Aml *a, Aml *b, Aml *body);
Aml *aml_notify(const char *object, Aml *value);

#endif
