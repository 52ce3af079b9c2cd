/*
 * The part of the definition blocks that depends on the machine: the values that the DSDT asks for, sleep states, processors, paravirtual devices.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/acpi/aml.h"
#include "hw/i386/acpi/tables.h"

#include "hw/acpi/vmgenid.h"
#include "hw/pci-host/i440fx.h"
#include "hw/pci-host/q35.h"
#include "util/bits.h"

enum { PORT_LPT1 = 0x10, PORT_FDC = 0x20 };

/* ---- values ---- */

static bool has_device(const char *type_name)
{
    Bus *isa = bus_find_by_type("ISA");
    for (unsigned n = 0; isa && n < isa->devices->len; n++) {
        Device *dev = isa->devices->pdata[n];
        if (object_is_a(OBJECT(dev), type_name)) {
            return true;
        }
    }
    return false;
}

static unsigned ports_present(void)
{
    unsigned mask = 0;
    for (int n = 0; n < 4; n++) {
        mask |= serial_hd(n) ? 1u << n : 0;
    }
    return mask | (has_device("isa-parallel") ? PORT_LPT1 : 0) | (has_device("isa-fdc") ? PORT_FDC : 0);
}

static void add_windows(AcpiBuild *b, Aml *sb)
{
    PciHole low, high;
    Object *q35 = object_resolve("/machine/q35", NULL), *i440fx = object_resolve("/machine/i440fx", NULL);
    uint64_t ecam = MCH_PCIEXBAR_DEFAULT, ecam_size = 256 * MiB;
    if (acpi_is_q35(b)) {
        q35_get_ecam(Q35_HOST(q35), &ecam, &ecam_size);
        low = pci_host_hole(PCI_HOST(q35), acpi_pc(b)->parent.below_4g_mem_size);
        high = q35_hole64(Q35_HOST(q35));
        aml_append(sb, aml_name("ECMB", aml_int64(ecam)));
        aml_append(sb, aml_name("ECMS", aml_int64(ecam_size)));
    } else {
        low = pci_host_hole(PCI_HOST(i440fx), acpi_pc(b)->parent.below_4g_mem_size);
        high = i440fx_hole64(I440FX_HOST(i440fx));
    }
    if (low.start > low.end) {
        low = (PciHole){ 0xe0000000, 0xfebfffff };
    }
    bool none = high.start > high.end;
    aml_append(sb, aml_name("P32L", aml_int64(low.start)));
    aml_append(sb, aml_name("P32H", aml_int64(low.end)));
    aml_append(sb, aml_name("P64L", aml_int64(none ? 0 : high.start)));
    aml_append(sb, aml_name("P64H", aml_int64(none ? 0 : high.end)));
    aml_append(sb, aml_name("OSPT", aml_int(ports_present())));
}

/* ---- sleep states: what the power management function takes as SLP_TYP ---- */

static void add_sleep_state(Aml *root, const char *name, uint8_t type)
{
    Aml *items[] = { aml_int(type), aml_int(type), aml_int(0), aml_int(0) };
    aml_append(root, aml_name(name, aml_package((const Aml *const *)items, 4)));
    for (unsigned n = 0; n < 4; n++) {
        g_byte_array_unref(items[n]);
    }
}

static void add_sleep_states(const PcMachine *m, Aml *root)
{
    if (!pc_pm_property(m, "disable_s3")) {
        add_sleep_state(root, "_S3_", 1);
    }
    if (!pc_pm_property(m, "disable_s4")) {
        add_sleep_state(root, "_S4_", pc_pm_property(m, "s4_val"));
    }
    add_sleep_state(root, "_S5_", 0);
}

/* ---- processors ---- */

/* The MADT entry of a processor, for those that are plugged in. */
static Aml *apic_entry(unsigned uid, uint32_t id)
{
    uint8_t entry[16] = { 0 };
    if (id < 255) {
        entry[1] = 8;
        entry[2] = (uint8_t)uid;
        entry[3] = (uint8_t)id;
        entry[4] = 1;
        return aml_buffer(entry, 8);
    }
    entry[0] = 9;
    entry[1] = 16;
    store_le32(entry + 4, id);
    store_le32(entry + 8, 1);
    store_le32(entry + 12, uid);
    return aml_buffer(entry, 16);
}

static void add_processor(Aml *cpus, unsigned uid, uint32_t id, bool removable, int64_t node)
{
    g_autofree char *name = g_strdup_printf("C%03X", uid);
    Aml *body = aml_list();
    aml_append(body, aml_name("_HID", aml_string("ACPI0007")));
    aml_append(body, aml_name("_UID", aml_int(uid)));
    aml_append(body, aml_method("_STA", 0, TRUE, aml_return(aml_call("CSTA", aml_int(uid), NULL))));
    aml_append(body, aml_name("_MAT", apic_entry(uid, id)));
    if (removable) {
        aml_append(body, aml_method("_EJ0", 1, FALSE, aml_call("CEJ0", aml_int(uid), NULL)));
    }
    aml_append(body, aml_method("_OST", 3, TRUE, aml_call("COST", aml_int(uid), aml_arg(0), aml_arg(1), NULL)));
    if (node >= 0) {
        aml_append(body, aml_name("_PXM", aml_int((uint64_t)node)));
    }
    aml_append(cpus, aml_device(name, body));
}

static void add_processors(AcpiBuild *b, Aml *root)
{
    unsigned count;
    g_autofree uint32_t *ids = acpi_cpu_ids(acpi_pc(b), &count, NULL);
    Aml *cpus = aml_list(), *notify = aml_list();
    for (unsigned n = 0; n < count; n++) {
        Cpu *cpu = cpu_by_index((int)n);
        g_autofree char *name = g_strdup_printf("C%03X", n);
        add_processor(cpus, n, ids[n], n > 0, cpu && acpi_pc(b)->parent.parent.nr_numa_nodes ? MAX(cpu->topology[0], 0) : -1);
        aml_append(notify, aml_if_equal(aml_arg(0), aml_int(n), aml_notify(name, aml_arg(1))));
    }
    aml_append(cpus, aml_method("CTFY", 2, FALSE, notify));
    aml_append(root, aml_scope("\\_SB.CPUS", cpus));
}

/* ---- vmgenid (Microsoft "Virtual Machine Generation ID", 2012): the address of the GUID, and the event ---- */

static void add_vmgenid(AcpiBuild *b, Aml *root, uint32_t *pointer)
{
    *pointer = 0;
    if (!vmgenid_find()) {
        return;
    }
    Aml *address = aml_int64(VMGENID_GUID_OFFSET), *items[] = { aml_call("VGIA", NULL), aml_int(0) };
    Aml *device = aml_list();
    aml_append(device, aml_name("_HID", aml_string("QEMUVGID")));
    aml_append(device, aml_name("_CID", aml_string("VM_Gen_Counter")));
    aml_append(device, aml_name("_DDN", aml_string("VM_Gen_Counter")));
    aml_append(device, aml_name("_STA", aml_int(0x0f)));
    aml_append(device, aml_name("VGIA", address));
    uint32_t in_device = device->len - 8;       /* where the loader adds the page's address */
    aml_append(device, aml_method("ADDR", 0, FALSE, aml_return(aml_package((const Aml *const *)items, 2))));
    g_byte_array_unref(items[0]);
    g_byte_array_unref(items[1]);
    uint32_t device_length = device->len;
    Aml *whole = aml_device("\\_SB.VGEN", device);
    *pointer = root->len + (whole->len - device_length) + in_device;
    aml_append(root, whole);
    aml_append(root, aml_method("\\_GPE._E05", 0, FALSE, aml_notify("\\_SB.VGEN", aml_int(0x80))));
}

void acpi_add_ssdt(AcpiBuild *b)
{
    uint32_t start = acpi_table_begin(b, "SSDT", 1, true), pointer;
    Aml *root = aml_list(), *sb = aml_list();
    add_windows(b, sb);
    aml_append(root, aml_scope("\\_SB", sb));
    add_sleep_states(acpi_pc(b), root);
    add_processors(b, root);
    add_vmgenid(b, root, &pointer);
    if (pointer) {
        acpi_loader_pointer(b, "etc/acpi/tables", VMGENID_GUID_FW_CFG_FILE, b->tables->len + pointer, 8);
    }
    g_byte_array_append(b->tables, root->data, root->len);
    g_byte_array_unref(root);
    acpi_table_end(b, start);
}
