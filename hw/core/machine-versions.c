/*
 * Boards that come in versions: each behaves as the release that it is named after.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/machine.h"

void machine_register_versions(const MachineType *base, const char *family, const char *alias, const MachineVersion *rows,
                               void (*customize)(MachineType *type, const char *version))
{
    GPtrArray *compat = g_ptr_array_new();
    for (const MachineVersion *row = rows; row->version; row++) {
        if (row->properties) {
            g_ptr_array_add(compat, (void *)row->properties);
        }
        MachineType *type = g_memdup2(base, sizeof(*base));
        type->machine_name = g_strdup_printf("%s-%s", family, row->version);
        type->name = g_strdup_printf("%s" MACHINE_TYPE_SUFFIX, type->machine_name);
        type->alias = row == rows ? alias : NULL;
        type->is_default = row == rows && base->is_default;
        const CompatProperty **list = g_new0(const CompatProperty *, compat->len + 1);
        for (unsigned n = 0; n < compat->len; n++) {
            list[n] = compat->pdata[n];
        }
        type->compat = list;
        if (customize) {
            customize(type, row->version);
        }
        object_type_register((const ObjectType *)type);
    }
    g_ptr_array_unref(compat);
}
