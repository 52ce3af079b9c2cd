/* Devices, buses, -device, pins and reset. SPDX-License-Identifier: GPL-2.0-or-later */
#include "hw/core/device.h"
#include "util/error.h"
#include "util/main-loop.h"

#include <string.h>

typedef struct Gadget { Device parent; uint32_t address; bool fail; Irq *out; Irq *pair[2]; } Gadget;
typedef struct Hub { SysBusDevice parent; MemoryRegion mr; } Hub;

static GString *trace;
static Bus *the_bus;

static void assert_trace(const char *text)
{
    g_assert_cmpstr(trace->str, ==, text);
    g_string_truncate(trace, 0);
}

static bool check_address(Bus *bus, Device *dev, GError **err)
{
    return ((Gadget *)dev)->address != 13 || error_set(err, "address 13 brings bad luck");
}
static void print_gadget(const Device *dev, GString *out, int indent)
{
    g_string_append_printf(out, "%*sgadget here\n", indent, "");
}
static void bus_reset(Bus *bus)
{
    g_string_append(trace, "bus ");
}
static const BusType gadget_bus = { .name = "GadgetBus", .parent = "bus", .size = sizeof(Bus), .max_devices = 3, .check_address = check_address,
                                    .print_device = print_gadget, .reset = bus_reset };
REGISTER_TYPE(gadget_bus)
static const BusType better_bus = { .name = "BetterBus", .parent = "GadgetBus" };
REGISTER_TYPE(better_bus)

static const Property gadget_properties[] = { PROP_UINT32("address", Gadget, address, 5), PROP_BOOL("fail", Gadget, fail, false) };
static bool base_realize(Device *dev, GError **err)
{
    g_string_append(trace, "R ");
    device_add_irq_outputs(dev, NULL, &((Gadget *)dev)->out, 1);
    return true;
}
static void base_unrealize(Device *dev) { g_string_append(trace, "U "); }
static void base_enter(Device *dev) { g_string_append(trace, "enter "); }
static void base_hold(Device *dev) { g_string_append(trace, "hold "); }
static const DeviceType base = { .name = "gadget-base", .parent = "device", .size = sizeof(Gadget), .abstract = true, .bus_type = "GadgetBus",
                                 .properties = PROPERTIES(gadget_properties), .realize = base_realize, .unrealize = base_unrealize,
                                 .reset_enter = base_enter, .reset = base_hold };
REGISTER_DEVICE(base)
static bool gadget_realize(Device *dev, GError **err)
{
    g_string_append(trace, "r ");
    return !((Gadget *)dev)->fail || error_set(err, "no");
}
static void gadget_unrealize(Device *dev) { g_string_append(trace, "u "); }
static void gadget_exit(Device *dev) { g_string_append(trace, "exit "); }
static const DeviceType gadget = { .name = "gadget", .parent = "gadget-base", .user_creatable = true, .realize = gadget_realize,
                                   .unrealize = gadget_unrealize, .reset_exit = gadget_exit };
REGISTER_DEVICE(gadget)
static const DeviceType chip = { .name = "gadget-chip", .parent = "gadget-base" };
REGISTER_DEVICE(chip)
static const DeviceType lonely = { .name = "lonely", .parent = "device", .size = sizeof(Device), .bus_type = "NoBus", .user_creatable = true };
REGISTER_DEVICE(lonely)

static void hub_enter(Device *dev) { g_string_append(trace, "HUB-enter "); }
static void hub_hold(Device *dev) { g_string_append(trace, "HUB-hold "); }
static bool hub_realize(Device *dev, GError **err)
{
    Hub *hub = (Hub *)dev;
    memory_region_init(&hub->mr, &dev->parent, "hub", 0x100);
    sysbus_add_mmio(&hub->parent, &hub->mr);
    the_bus = bus_new(&better_bus, dev, NULL);
    return true;
}
static const DeviceType hub_type = { .name = "hub", .parent = "sys-bus-device", .size = sizeof(Hub), .realize = hub_realize,
                                     .reset_enter = hub_enter, .reset = hub_hold };
REGISTER_DEVICE(hub_type)

static void assert_add_fails(const char *text, const char *message)
{
    g_autoptr(GError) err = NULL;
    g_assert_null(device_add_from_text(text, &err));
    g_assert_cmpstr(err->message, ==, message);
    g_string_truncate(trace, 0);
}

static void test_messages(void)
{
    assert_add_fails("foo", "'foo' is not a valid device model name");
    assert_add_fails("GadgetBus", "'GadgetBus' is not a valid device model name");
    assert_add_fails("gadget-base", "Parameter 'driver' expects a non-abstract device type");
    assert_add_fails("gadget-chip", "Parameter 'driver' expects a pluggable device type");
    assert_add_fails("lonely", "No 'NoBus' bus found for device 'lonely'");
    assert_add_fails("gadget,bus=nope", "Bus 'nope' not found");
    assert_add_fails("gadget,bus=/foo", "Device 'foo' not found");
    assert_add_fails("gadget,bus=main-system-bus", "Device 'gadget' can't go on System bus");
    assert_add_fails("gadget,foo=1", "Property 'gadget.foo' not found");
    assert_add_fails("gadget,address=x", "Parameter 'address' expects integer");
    assert_add_fails("gadget,address=13", "address 13 brings bad luck");
    assert_add_fails("gadget,id=9x", "Parameter 'id' expects an identifier");
    assert_add_fails("id=x", "Parameter 'driver' is missing");
    g_assert_cmpuint(the_bus->devices->len, ==, 0);
}

static void test_life(void)
{
    g_autoptr(GError) err = NULL;
    Device *a = device_add_from_text("gadget,id=a,address=7,bus=betterbus.0", &err);
    g_assert_no_error(err);
    assert_trace("R r ");
    g_assert_true(device_find("a") == a && a->bus == the_bus && ((Gadget *)a)->address == 7);
    assert_add_fails("gadget,id=a", "Duplicate ID 'a' for device");
    g_assert_false(object_set_uint(&a->parent, "address", 1, &err));
    g_assert_cmpstr(err->message, ==, "Attempt to set property 'address' on device 'a' (type 'gadget') after it was realized");
    g_clear_error(&err);
    g_assert_null(device_add_from_text("gadget,fail=on", &err));
    assert_trace("R r U ");
    g_clear_error(&err);
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "driver", "s", "gadget");
    g_variant_dict_insert(&dict, "bus", "s", "/hub/betterbus.0");
    g_variant_dict_insert(&dict, "address", "x", (gint64)9);
    g_autoptr(GVariant) v = g_variant_ref_sink(g_variant_dict_end(&dict));
    Device *b = device_add_from_dict(v, &err);
    g_assert_no_error(err);
    g_autofree char *path = object_path(&b->parent);
    g_assert_cmpstr(path, ==, "/machine/peripheral-anon/device[0]");
    g_string_truncate(trace, 0);
    device_add_from_text("gadget", NULL);
    assert_add_fails("gadget", "No 'GadgetBus' bus found for device 'gadget'");    /* three are enough */
    assert_add_fails("gadget,bus=betterbus.0", "Bus 'betterbus.0' is full");
    device_unplug(the_bus->devices->pdata[2]);
    device_unplug(b);
    g_string_truncate(trace, 0);
    g_assert_false(device_del("zz", &err));
    g_assert_error(err, OSTRICH_ERROR, ERROR_DEVICE_NOT_FOUND);
    g_clear_error(&err);
    g_assert_false(device_del("a", &err));
    g_assert_cmpstr(err->message, ==, "Bus 'betterbus.0' does not support hotplugging");
    g_clear_error(&err);
    static HotplugHandler handler;
    handler = (HotplugHandler){ .unplug = NULL };
    the_bus->hotplug = &handler;
    device_unplug(a);
    assert_trace("u U ");
    g_assert_null(device_find("a"));
}

static void handler_fn(void *opaque, int n, int level)
{
    g_string_append_printf(trace, "%s%d=%d ", (const char *)opaque, n, level);
}

static void test_pins_and_tree(void)
{
    Device *d = device_add_from_text("gadget,id=pins", NULL);
    Gadget *g = (Gadget *)d;
    device_add_irq_inputs(d, "in", handler_fn, "i", 2);
    Irq *first = device_irq_input(d, "in", 0);
    device_add_irq_inputs(d, "in", handler_fn, "j", 1);
    g_assert_true(first == device_irq_input(d, "in", 0));
    g_assert_null(device_irq_input(d, "in", 3));
    device_connect_irq(d, NULL, 0, device_irq_input(d, "in", 2));
    g_string_truncate(trace, 0);
    irq_raise(g->out);
    assert_trace("j2=1 ");
    Irq *split = irq_split(first, device_irq_input(d, "in", 1));
    irq_pulse(split);
    assert_trace("i0=1 i1=1 i0=0 i1=0 ");
    irq_raise(NULL);
    irq_free(split);
    g_autofree char *text = device_describe_tree();
    g_assert_cmpstr(text, ==,
                    "bus: main-system-bus\n"
                    "  type System\n"
                    "  dev: hub, id \"\"\n"
                    "    mmio 00000000fee00000/0000000000000100\n"
                    "    bus: betterbus.0\n"
                    "      type BetterBus\n"
                    "      dev: gadget, id \"pins\"\n"
                    "        gpio-in \"in\" 3\n"
                    "        gpio-out \"\" 1\n"
                    "        address = 5 (0x5)\n"
                    "        fail = false\n"
                    "        gadget here\n");
}

static void registered_reset(void *opaque)
{
    g_string_append(trace, "registered ");
}

static void test_reset(void)
{
    reset_register(registered_reset, NULL);
    g_string_truncate(trace, 0);
    reset_all();
    assert_trace("enter HUB-enter hold bus HUB-hold registered exit ");
    reset_unregister(registered_reset, NULL);
    device_cold_reset(device_find("pins"));
    assert_trace("enter hold exit ");
}

static bool request(void *opaque, Device *dev, GError **err)
{
    g_string_append(trace, "request ");
    return true;
}

static void test_hotplug(void)
{
    static HotplugHandler handler = { .unplug_request = request };
    g_autoptr(GError) err = NULL;
    the_bus->hotplug = NULL;
    device_set_machine_ready();
    assert_add_fails("gadget", "Bus 'betterbus.0' does not support hotplugging");
    the_bus->hotplug = &handler;
    Device *d = device_add_from_text("gadget,id=hot", &err);
    g_assert_no_error(err);
    assert_trace("R r enter hold exit ");
    g_assert_true(device_del("hot", &err));
    assert_trace("request ");
    g_assert_false(device_del("hot", &err));
    g_assert_cmpstr(err->message, ==, "Device hot is already in the process of unplug");
    device_complete_unplug(d);
    assert_trace("u U ");
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    trace = g_string_new(NULL);
    main_loop_init();
    static MemoryRegion container;
    memory_region_init(&container, NULL, "container", UINT64_MAX);
    Device *hub = device_new("hub");
    g_assert_true(device_realize(hub, NULL, NULL));
    sysbus_map((SysBusDevice *)hub, 0, &container, 0xfee00000, 0);
    g_test_add_func("/device/messages", test_messages);
    g_test_add_func("/device/life", test_life);
    g_test_add_func("/device/pins and tree", test_pins_and_tree);
    g_test_add_func("/device/reset", test_reset);
    g_test_add_func("/device/hot-plug", test_hotplug);
    return g_test_run();
}
