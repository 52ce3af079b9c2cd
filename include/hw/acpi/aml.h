/*
 * A small assembler for the part of AML that depends on the machine (ACPI 6.3, 20: "ACPI Machine Language"). Everything constant is ASL beside the board.
 *
 * Terms are byte arrays; a term that takes others appends and frees them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_ACPI_AML_H
#define HW_ACPI_AML_H

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

/* ---- resources: descriptors are put into a list, which the template then takes and frees ---- */
typedef enum AmlWindow { AML_WINDOW_MEMORY = 0, AML_WINDOW_IO = 1, AML_WINDOW_BUS = 2 } AmlWindow;
/* What a bridge passes on; size: of the descriptor's fields, 2, 4 or 8 bytes. translation is added to a bus address. */
void aml_put_window(Aml *to, AmlWindow kind, unsigned size, guint64 base, guint64 length, guint64 translation);
void aml_put_memory32(Aml *to, guint32 base, guint32 length);
void aml_put_interrupt(Aml *to, guint32 number);         /* by level, high */
void aml_put_edge_interrupt(Aml *to, guint32 number);    /* by rising edge */
Aml *aml_resource_template(Aml *descriptors);

#endif
