/*
 * info: what the human monitor shows.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "monitor/hmp-faces.h"

#include "accel/accel.h"
#include "hw/core/loader.h"
#include "hw/core/machine.h"
#include "hw/i386/apic.h"
#include "hw/intc/i8259.h"
#include "hw/intc/ioapic.h"
#include "hw/pci/pci.h"
#include "monitor/commands.h"
#include "hw/virtio/balloon.h"
#include "net/net.h"
#include "ostrich-config.h"
#include "softmmu/backend.h"
#include "softmmu/ram.h"
#include "system/runstate.h"

#include <inttypes.h>
#include <string.h>

/* Prints a text that was made for us, and frees it. */
static void print_text(Monitor *mon, char *text)
{
    if (text) {
        monitor_puts(mon, text);
    }
    g_free(text);
}

/* ---- accelerators ---- */

void hmp_info_accelerators(Monitor *mon, const HmpArgs *args)
{
    g_autoptr(GVariant) all = g_variant_ref_sink(query_accelerators());
    const char *enabled;
    g_autofree const char **present = NULL;
    g_variant_lookup(all, "enabled", "&s", &enabled);
    g_variant_lookup(all, "present", "^a&s", &present);
    for (int n = 0; present[n]; n++) {
        monitor_printf(mon, "%s%s%s", n ? ", " : "", present[n], strcmp(present[n], enabled) ? "" : " (enabled)");
    }
    monitor_puts(mon, "\n");
}

void hmp_info_accel(Monitor *mon, const HmpArgs *args)
{
    Accel *accel = accel_current();
    if (!accel) {
        return;
    }
    if (!accel_type(accel)->info) {
        monitor_printf(mon, "%s\n", accel_type(accel)->accel_name);
        return;
    }
    GString *out = g_string_new(NULL);
    accel_type(accel)->info(accel, out);
    print_text(mon, g_string_free(out, FALSE));
}

void hmp_info_jit(Monitor *mon, const HmpArgs *args)
{
    if (!accel_is("tcg")) {
        monitor_printf(mon, "Error: JIT information is only available with accel=tcg\n");
        return;
    }
    hmp_info_accel(mon, args);
}

void hmp_info_kvm(Monitor *mon, const HmpArgs *args)
{
    monitor_printf(mon, "kvm support: %s\n", accel_is("kvm") ? "enabled" : accel_find("kvm") ? "disabled" : "not compiled");
}

/* ---- CPUs ---- */

void hmp_info_cpus(Monitor *mon, const HmpArgs *args)
{
    Cpu *chosen = monitor_cpu(mon);
    CPU_FOREACH (cpu) {
        monitor_printf(mon, "%c CPU #%d: thread_id=%d\n", cpu == chosen ? '*' : ' ', cpu->index, cpu->thread_id);
    }
}

static void print_registers(Monitor *mon, Cpu *cpu)
{
    GString *out = g_string_new(NULL);
    cpu_synchronize(cpu);
    monitor_printf(mon, "\nCPU#%d\n", cpu->index);
    target_current()->dump_registers(cpu, out, true);
    print_text(mon, g_string_free(out, FALSE));
}

void hmp_info_registers(Monitor *mon, const HmpArgs *args)
{
    if (hmp_given(args, "cpustate_all")) {
        CPU_FOREACH (cpu) {
            print_registers(mon, cpu);
        }
        return;
    }
    Cpu *cpu = hmp_given(args, "vcpu") ? cpu_by_index((int)hmp_number(args, "vcpu", 0)) : monitor_cpu(mon);
    if (!cpu) {
        monitor_printf(mon, hmp_given(args, "vcpu") ? "CPU#%d not available\n" : "No CPU available\n", (int)hmp_number(args, "vcpu", 0));
        return;
    }
    print_registers(mon, cpu);
}

static void print_by_target(Monitor *mon, void (*describe)(Cpu *cpu, GString *out))
{
    Cpu *cpu = monitor_cpu(mon);
    if (!cpu || !describe) {
        monitor_printf(mon, "No CPU available\n");
        return;
    }
    GString *out = g_string_new(NULL);
    describe(cpu, out);
    print_text(mon, g_string_free(out, FALSE));
}

void hmp_info_mem(Monitor *mon, const HmpArgs *args) { print_by_target(mon, target_current()->info_mem); }
void hmp_info_tlb(Monitor *mon, const HmpArgs *args) { print_by_target(mon, target_current()->info_tlb); }

void hmp_info_lapic(Monitor *mon, const HmpArgs *args)
{
    Cpu *cpu = hmp_given(args, "apic-id") ? cpu_by_index((int)hmp_number(args, "apic-id", 0)) : monitor_cpu(mon);
    Object *apic = cpu ? object_child(OBJECT(cpu), "lapic") : NULL;
    char *text = apic ? apic_describe(DEVICE(apic)) : NULL;
    if (!text) {
        monitor_printf(mon, cpu ? "APIC state of the CPU is not available\n" : "No CPU available\n");
        return;
    }
    print_text(mon, text);
}

void hmp_info_irq(Monitor *mon, const HmpArgs *args)
{
    print_text(mon, ioapic_describe_counts());
    print_text(mon, i8259_describe_counts());
}

void hmp_info_pic(Monitor *mon, const HmpArgs *args)
{
    print_text(mon, ioapic_describe());
    print_text(mon, i8259_describe());
}

void hmp_info_hotpluggable_cpus(Monitor *mon, const HmpArgs *args)
{
    monitor_printf(mon, "Error: info hotpluggable-cpus: not implemented\n");
}

/* ---- memory ---- */

void hmp_info_mtree(Monitor *mon, const HmpArgs *args)
{
    print_text(mon, memory_describe(hmp_given(args, "flat"), hmp_given(args, "dispatch"), hmp_given(args, "owner"), hmp_given(args, "disabled")));
}

static int compare_blocks(const void *a, const void *b)
{
    const RamBlock *x = *(RamBlock *const *)a, *y = *(RamBlock *const *)b;
    return x->size == y->size ? (x->ram_addr > y->ram_addr) - (x->ram_addr < y->ram_addr) : x->size < y->size ? 1 : -1;
}

void hmp_info_ramblock(Monitor *mon, const HmpArgs *args)
{
    g_autoptr(GPtrArray) blocks = g_ptr_array_new();
    for (RamBlock *block = ram_block_first(); block; block = block->next) {
        g_ptr_array_add(blocks, block);
    }
    g_ptr_array_sort(blocks, compare_blocks);
    monitor_printf(mon, "%24s %8s  %18s %18s %18s %18s %3s\n", "Block Name", "PSize", "Offset", "Used", "Total", "HVA", "RO");
    for (unsigned n = 0; n < blocks->len; n++) {
        const RamBlock *b = blocks->pdata[n];
        g_autofree char *page = b->page_size >= 1 << 20 ? g_strdup_printf("%d MiB", (int)(b->page_size >> 20)) : g_strdup_printf("%d KiB", (int)(b->page_size >> 10));
        monitor_printf(mon, "%24s %8s  0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016" PRIx64 " 0x%016" PRIx64 " %3s\n", b->name, page, b->ram_addr, b->size, b->size,
                       (uint64_t)(uintptr_t)b->host, b->flags & RAM_READONLY ? "ro" : "rw");
    }
}

static const char *yes(bool b) { return b ? "true" : "false"; }

static void print_backends(Monitor *mon, Object *object, int depth)
{
    static const char *const policies[] = { "default", "preferred", "bind", "interleave" };
    MemoryBackend *b = object_is_a(object, "memory-backend") ? (MemoryBackend *)object : NULL;
    if (b) {
        monitor_printf(mon, "memory backend: %s\n  size:  %" PRIu64 "\n  merge: %s\n  dump: %s\n  prealloc: %s\n  share: %s\n  reserve: %s\n  policy: %s\n"
                       "  host nodes: %s\n", object->name, b->size, yes(b->merge), yes(b->dump), yes(b->prealloc), yes(b->share), yes(b->reserve),
                       policies[CLAMP(b->policy, 0, 3)], b->host_nodes_text ? b->host_nodes_text : "");
        return;
    }
    for (unsigned n = 0; depth < 4 && object->children && n < object->children->len; n++) {
        print_backends(mon, object->children->pdata[n], depth + 1);
    }
}

void hmp_info_memdev(Monitor *mon, const HmpArgs *args)
{
    print_backends(mon, object_container("/objects"), 0);
    if (machine_current() && machine_current()->ram_backend && machine_current()->ram_backend->parent == OBJECT(machine_current())) {
        print_backends(mon, machine_current()->ram_backend, 0);
    }
    monitor_puts(mon, "\n");
}

void hmp_info_memory_size_summary(Monitor *mon, const HmpArgs *args)
{
    monitor_printf(mon, "base memory: %" PRIu64 "\nplugged memory: 0\n", machine_current()->ram_size);
}

void hmp_info_numa(Monitor *mon, const HmpArgs *args)
{
    const Machine *m = machine_current();
    monitor_printf(mon, "%d nodes\n", m->nr_numa_nodes);
    for (int n = 0; n < m->nr_numa_nodes; n++) {
        monitor_printf(mon, "node %d cpus:", n);
        CPU_FOREACH (cpu) {
            if (cpu->topology[0] == n) {
                monitor_printf(mon, " %d", cpu->index);
            }
        }
        monitor_printf(mon, "\nnode %d size: %" PRIu64 " MB\nnode %d plugged: 0 MB\n", n, m->numa[n].mem >> 20, n);
    }
}

void hmp_info_roms(Monitor *mon, const HmpArgs *args) { print_text(mon, rom_describe()); }

/* ---- devices ---- */

void hmp_info_qtree(Monitor *mon, const HmpArgs *args) { print_text(mon, device_describe_tree()); }
void hmp_info_pci(Monitor *mon, const HmpArgs *args) { print_text(mon, pci_describe()); }
void hmp_info_network(Monitor *mon, const HmpArgs *args) { print_text(mon, net_describe()); }
void hmp_info_usernet(Monitor *mon, const HmpArgs *args) { print_text(mon, net_describe_user()); }
void hmp_info_balloon(Monitor *mon, const HmpArgs *args)
{
    GError *err = NULL;
    uint64_t actual;
    if (balloon_query(&actual, &err)) {
        monitor_printf(mon, "balloon: actual=%" G_GUINT64_FORMAT "\n", actual >> 20);
    }
    monitor_print_error(mon, &err);
}

void hmp_info_usb(Monitor *mon, const HmpArgs *args) { monitor_printf(mon, "Error: USB support not enabled\n"); }
void hmp_info_iothreads(Monitor *mon, const HmpArgs *args) { }

void hmp_info_qom_tree(Monitor *mon, const HmpArgs *args)
{
    g_autoptr(GString) out = g_string_new(NULL);
    GError *error = NULL;
    command_describe_qom_tree(hmp_text(args, "path"), out, &error);
    monitor_puts(mon, out->str);
    monitor_print_error(mon, &error);
}

static void print_model(const ObjectType *type, void *opaque)
{
    const DeviceType *t = (const DeviceType *)type;
    if (!device_type_offered(t)) {
        return;
    }
    const char *bus = device_bus_type(t);
    monitor_printf(opaque, "name \"%s\"", type->name);
    if (bus) {
        monitor_printf(opaque, ", bus %s", bus);
    }
    if (t->description) {
        monitor_printf(opaque, ", desc \"%s\"", t->description);
    }
    monitor_puts(opaque, "\n");
}

void hmp_info_qdm(Monitor *mon, const HmpArgs *args) { object_type_foreach("device", false, print_model, mon); }

static void print_chardev(Chardev *chr, void *opaque) { monitor_printf(opaque, "%s: filename=%s\n", chardev_id(chr), chardev_filename(chr)); }

void hmp_info_chardev(Monitor *mon, const HmpArgs *args) { chardev_foreach(print_chardev, mon); }

static void print_mouse(const InputHandlerType *type, unsigned number, bool current, void *opaque)
{
    if (type->mask & (INPUT_MASK_REL | INPUT_MASK_ABS)) {
        monitor_printf(opaque, "%c Mouse #%u: %s%s\n", current ? '*' : ' ', number, type->name, type->mask & INPUT_MASK_ABS ? " (absolute)" : "");
    }
}

void hmp_info_mice(Monitor *mon, const HmpArgs *args) { input_handler_foreach(print_mouse, mon); }

/* ---- the machine ---- */

void hmp_info_status(Monitor *mon, const HmpArgs *args)
{
    monitor_printf(mon, "VM status: %s", machine_is_running() ? "running" : "paused");
    if (!machine_is_running() && !run_state_is(RUN_STATE_PAUSED)) {
        monitor_printf(mon, " (%s)", run_state_names[run_state()]);
    }
    monitor_puts(mon, "\n");
}

void hmp_info_version(Monitor *mon, const HmpArgs *args) { monitor_printf(mon, "%s (Ostrich %s)\n", QEMU_VERSION, OSTRICH_VERSION); }

void hmp_info_name(Monitor *mon, const HmpArgs *args)
{
    if (machine_current()->name) {
        monitor_printf(mon, "%s\n", machine_current()->name);
    }
}

void hmp_info_uuid(Monitor *mon, const HmpArgs *args)
{
    g_autoptr(GVariant) dict = g_variant_ref_sink(query_uuid());
    const char *text;
    g_variant_lookup(dict, "UUID", "&s", &text);
    monitor_printf(mon, "%s\n", text);
}

void hmp_info_history(Monitor *mon, const HmpArgs *args)
{
    const char *line;
    for (unsigned n = 0; mon->readline && (line = readline_history(mon->readline, n)); n++) {
        monitor_printf(mon, "%u: '%s'\n", n, line);
    }
}
