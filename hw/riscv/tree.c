/*
 * Device trees: harts, memory and timers (Linux, Documentation/devicetree/bindings/riscv/cpus.yaml and extensions.yaml, timer/sifive,clint.yaml, numa.txt).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "sockets.h"

#include "hw/intc/riscv_aclint.h"
#include "target/riscv.h"
#include "util/bits.h"

#include <inttypes.h>
#include <string.h>

enum { CLINT_SIZE = 0x10000 };

void riscv_tree_set_node_id(RiscvTree *t, const char *path, const RiscvSocket *s)
{
    if (t->has_numa) {
        DEVICE_TREE_CELLS(t->tree, path, "numa-node-id", s->number);
    }
}

void riscv_tree_set_reg(RiscvTree *t, const char *path, uint64_t base, uint64_t size)
{
    DEVICE_TREE_CELLS(t->tree, path, "reg", DEVICE_TREE_CELLS64(base), DEVICE_TREE_CELLS64(size));
}

void riscv_tree_set_hart_interrupts(RiscvTree *t, const char *path, uint32_t first, uint32_t count, uint32_t a, uint32_t b)
{
    g_autoptr(GArray) cells = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t n = first; n < first + count; n++) {
        const uint32_t all[] = { t->intc[n], a, t->intc[n], b };
        g_array_append_vals(cells, all, b ? 4 : 2);
    }
    device_tree_set_cell_array(t->tree, path, "interrupts-extended", (const uint32_t *)cells->data, cells->len);
}

/* ---- harts ---- */

void riscv_tree_add_cpus(RiscvTree *t)
{
    uint64_t host_hz = riscv_hart_info(cpu_first()).timebase_hz;
    device_tree_add_node(t->tree, "/cpus");
    DEVICE_TREE_CELLS(t->tree, "/cpus", "timebase-frequency", host_hz ? (uint32_t)host_hz : ACLINT_TIMEBASE_HZ);
    DEVICE_TREE_CELLS(t->tree, "/cpus", "#size-cells", 0);
    DEVICE_TREE_CELLS(t->tree, "/cpus", "#address-cells", 1);
    device_tree_add_node(t->tree, "/cpus/cpu-map");
}

static void set_isa(RiscvTree *t, const char *path, const Cpu *cpu, unsigned xlen)
{
    g_autofree char *isa = riscv_hart_isa_string(cpu), *base = g_strdup_printf("rv%ui", xlen);
    g_auto(GStrv) extensions = riscv_hart_isa_extensions(cpu);
    g_autoptr(GString) list = g_string_new(NULL);
    for (unsigned n = 0; extensions[n]; n++) {
        g_string_append_len(list, extensions[n], (gssize)strlen(extensions[n]) + 1);
    }
    device_tree_set_string(t->tree, path, "riscv,isa", isa);
    device_tree_set_string(t->tree, path, "riscv,isa-base", base);
    device_tree_set_bytes(t->tree, path, "riscv,isa-extensions", list->str, list->len);
}

static void add_hart(RiscvTree *t, const RiscvSocket *s, const Cpu *cpu, uint32_t id)
{
    RiscvHartInfo info = riscv_hart_info(cpu);
    g_autofree char *path = device_tree_add_nodef(t->tree, "/cpus/cpu@%" PRIu32, id);
    device_tree_set_string(t->tree, path, "mmu-type", info.mmu_type);
    set_isa(t, path, cpu, info.xlen);
    const struct { const char *name; uint32_t bytes; } blocks[] = {
        { "riscv,cbom-block-size", info.cbom_block_bytes }, { "riscv,cboz-block-size", info.cboz_block_bytes }, { "riscv,cbop-block-size", info.cbop_block_bytes },
    };
    for (size_t n = 0; n < ARRAY_SIZE(blocks); n++) {
        if (blocks[n].bytes) {
            DEVICE_TREE_CELLS(t->tree, path, blocks[n].name, blocks[n].bytes);
        }
    }
    device_tree_set_string(t->tree, path, "compatible", "riscv");
    device_tree_set_string(t->tree, path, "status", "okay");
    DEVICE_TREE_CELLS(t->tree, path, "reg", id);
    device_tree_set_string(t->tree, path, "device_type", "cpu");
    riscv_tree_set_node_id(t, path, s);
    t->cpu[id] = device_tree_new_phandle(t->tree);
    DEVICE_TREE_CELLS(t->tree, path, "phandle", t->cpu[id]);

    t->intc[id] = device_tree_new_phandle(t->tree);
    g_autofree char *intc = device_tree_add_nodef(t->tree, "%s/interrupt-controller", path);
    DEVICE_TREE_CELLS(t->tree, intc, "phandle", t->intc[id]);
    device_tree_set_string(t->tree, intc, "compatible", "riscv,cpu-intc");
    device_tree_set_flag(t->tree, intc, "interrupt-controller");
    DEVICE_TREE_CELLS(t->tree, intc, "#interrupt-cells", 1);

    g_autofree char *core = device_tree_add_nodef(t->tree, "/cpus/cpu-map/cluster%u/core%u", s->number, id - s->first_hart);
    DEVICE_TREE_CELLS(t->tree, core, "cpu", t->cpu[id]);
}

void riscv_tree_add_harts(RiscvTree *t, const RiscvSocket *s)
{
    g_free(device_tree_add_nodef(t->tree, "/cpus/cpu-map/cluster%u", s->number));
    for (uint32_t n = s->num_harts; n-- > 0;) {
        add_hart(t, s, s->harts->harts[n], s->first_hart + n);
    }
}

/* ---- memory and timers ---- */

void riscv_tree_add_memory(RiscvTree *t, const RiscvSocket *s, uint64_t ram_base)
{
    uint64_t base = ram_base + s->mem_offset;
    if (!s->mem_size) {
        return;
    }
    g_autofree char *path = device_tree_add_nodef(t->tree, "/memory@%" PRIx64, base);
    riscv_tree_set_reg(t, path, base, s->mem_size);
    device_tree_set_string(t->tree, path, "device_type", "memory");
    riscv_tree_set_node_id(t, path, s);
}

void riscv_tree_add_clint(RiscvTree *t, const RiscvSocket *s, uint64_t addr)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/clint@%" PRIx64, addr);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "sifive,clint0\0riscv,clint0");
    riscv_tree_set_reg(t, path, addr, CLINT_SIZE);
    riscv_tree_set_hart_interrupts(t, path, s->first_hart, s->num_harts, RISCV_IRQ_M_SOFT, RISCV_IRQ_M_TIMER);
    riscv_tree_set_node_id(t, path, s);
}
