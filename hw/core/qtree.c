/*
 * The text of `info qtree`.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/core/device.h"

#include <string.h>

typedef struct PropertyText { GString *out; const Device *dev; int indent; } PropertyText;

static void describe_property(const ObjectType *owner, const Property *p, void *opaque)
{
    PropertyText *t = opaque;
    /* The boot order is no setting of the device's own: the reference leaves it out here. */
    if (!(p->flags & PROP_HIDDEN) && !g_str_has_prefix(p->name, "bootindex")) {
        g_autofree char *value = property_print(&t->dev->parent, p);
        g_string_append_printf(t->out, "%*s%s = %s\n", t->indent, "", p->name, value);
    }
}

/* One line a group and direction, the newest group first; what was added to a group later counts with it. */
static void describe_pins(GString *out, const Device *dev, int indent)
{
    unsigned inputs = dev->irq_inputs ? dev->irq_inputs->len : 0, outputs = dev->irq_outputs ? dev->irq_outputs->len : 0;
    for (unsigned order = inputs + outputs; order-- > 0;) {
        const char *name = NULL;
        bool first = true;
        int in = 0, outs = 0;
        for (unsigned i = 0; i < inputs; i++) {
            const IrqInputs *g = &g_array_index(dev->irq_inputs, IrqInputs, i);
            name = g->order == order ? g->name ? g->name : "" : name;
        }
        for (unsigned i = 0; i < outputs; i++) {
            const IrqOutputs *g = &g_array_index(dev->irq_outputs, IrqOutputs, i);
            name = g->order == order ? g->name ? g->name : "" : name;
        }
        for (unsigned i = 0; i < inputs; i++) {
            const IrqInputs *g = &g_array_index(dev->irq_inputs, IrqInputs, i);
            bool same = !strcmp(g->name ? g->name : "", name);
            in += same ? g->count : 0;
            first &= !same || g->order >= order;
        }
        for (unsigned i = 0; i < outputs; i++) {
            const IrqOutputs *g = &g_array_index(dev->irq_outputs, IrqOutputs, i);
            bool same = !strcmp(g->name ? g->name : "", name);
            outs += same ? g->count : 0;
            first &= !same || g->order >= order;
        }
        if (first && in) {
            g_string_append_printf(out, "%*sgpio-in \"%s\" %d\n", indent, "", name, in);
        }
        if (first && outs) {
            g_string_append_printf(out, "%*sgpio-out \"%s\" %d\n", indent, "", name, outs);
        }
    }
}

static void describe_bus(GString *out, const Bus *bus, int indent);

static void describe_device(GString *out, const Device *dev, int indent)
{
    g_string_append_printf(out, "%*sdev: %s, id \"%s\"\n", indent, "", dev->parent.type->name, dev->id ? dev->id : "");
    indent += 2;
    describe_pins(out, dev, indent);
    PropertyText text = { out, dev, indent };
    object_type_foreach_property(dev->parent.type, describe_property, &text);
    const BusType *type;
    BUS_TYPE_WITH(dev->bus, print_device, type);
    if (type) {
        type->print_device(dev, out, indent);
    }
    for (unsigned i = dev->buses ? dev->buses->len : 0; i-- > 0;) {
        describe_bus(out, dev->buses->pdata[i], indent);
    }
}

static void describe_bus(GString *out, const Bus *bus, int indent)
{
    g_string_append_printf(out, "%*sbus: %s\n", indent, "", bus->bus_name);
    g_string_append_printf(out, "%*stype %s\n", indent + 2, "", bus->parent.type->name);
    for (unsigned i = bus->devices->len; i-- > 0;) {
        describe_device(out, bus->devices->pdata[i], indent + 2);
    }
}

char *device_describe_tree(void)
{
    GString *out = g_string_new(NULL);
    describe_bus(out, bus_main_system(), 0);
    return g_string_free(out, FALSE);
}
