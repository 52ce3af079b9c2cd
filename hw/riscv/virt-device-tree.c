/*
 * The device tree of "virt". What is added later comes first in the tree, so the code goes from the end of it to its beginning.
 *
 * Bindings: Linux, Documentation/devicetree/bindings: interrupt-controller/sifive,plic-1.0.0.yaml, riscv,aplic.yaml and riscv,imsics.yaml, pci/host-generic-pci.yaml,
 * perf/riscv,pmu.yaml, iommu/riscv,iommu.yaml, numa.txt.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/intc/riscv_aclint.h"
#include "hw/riscv/riscv_iommu.h"
#include "target/riscv.h"
#include "util/bits.h"
#include "util/error.h"

#include <inttypes.h>
#include <string.h>

enum { EDGE_RISING = 1, LEVEL_HIGH = 4, SEED_BYTES = 32, FINISHER_PASS = 0x5555, FINISHER_RESET = 0x7777, UART_CLOCK_HZ = 3686400, IOMMU_PHANDLE = 0x8000, REQUESTER_IDS = 0x10000 };

/* What nodes point at. */
typedef struct Phandles { uint32_t wired[RISCV_SOCKETS_MAX], imsic_m, imsic_s, test; } Phandles;

typedef struct TreeMaker { const RiscvVirt *m; DeviceTree *tree; RiscvTree *harts; Phandles *p; } TreeMaker;

static void set_reg(TreeMaker *t, const char *path, uint64_t base, uint64_t size) { riscv_tree_set_reg(t->harts, path, base, size); }

/* Of all harts of a socket. */
static void set_socket_interrupts(TreeMaker *t, const char *path, const RiscvSocket *s, uint32_t a, uint32_t b)
{
    riscv_tree_set_hart_interrupts(t->harts, path, s->first_hart, s->num_harts, a, b);
}

/* interrupts and interrupt-parent of a device at a wired source. */
static void set_interrupt(TreeMaker *t, const char *path, unsigned socket, uint32_t source)
{
    DEVICE_TREE_CELLS(t->tree, path, "interrupt-parent", t->p->wired[socket]);
    if (t->m->aia == VIRT_AIA_NONE) {
        DEVICE_TREE_CELLS(t->tree, path, "interrupts", source);
    } else {
        DEVICE_TREE_CELLS(t->tree, path, "interrupts", source, LEVEL_HIGH);
    }
}

/* ---- timers and software interrupts ---- */

static void add_swi(TreeMaker *t, unsigned socket, const char *name, uint64_t base, const char *compatible, uint32_t irq)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/%s@%" PRIx64, name, base);
    device_tree_set_string(t->tree, path, "compatible", compatible);
    set_reg(t, path, base, ACLINT_SWI_SIZE);
    set_socket_interrupts(t, path, &t->m->sockets[socket].range, irq, 0);
    device_tree_set_flag(t->tree, path, "interrupt-controller");
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 0);
    riscv_tree_set_node_id(t->harts, path, &t->m->sockets[socket].range);
}

/* time_size: what the binding says of mtime's range. */
static void add_mtimer(TreeMaker *t, unsigned socket, uint64_t base, uint64_t time_size)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/mtimer@%" PRIx64, base + ACLINT_MTIME);
    device_tree_set_string(t->tree, path, "compatible", "riscv,aclint-mtimer");
    DEVICE_TREE_CELLS(t->tree, path, "reg", DEVICE_TREE_CELLS64(base + ACLINT_MTIME), DEVICE_TREE_CELLS64(time_size),
                      DEVICE_TREE_CELLS64(base + ACLINT_MTIMECMP), DEVICE_TREE_CELLS64(ACLINT_MTIME));
    set_socket_interrupts(t, path, &t->m->sockets[socket].range, RISCV_IRQ_M_TIMER, 0);
    riscv_tree_set_node_id(t->harts, path, &t->m->sockets[socket].range);
}

static void add_timers(TreeMaker *t, unsigned socket)
{
    const RiscvVirt *m = t->m;
    uint64_t clint = virt_map[VIRT_CLINT].base + socket * virt_map[VIRT_CLINT].size;
    if (m->aclint && m->aia == VIRT_AIA_APLIC_IMSIC) {
        add_mtimer(t, socket, virt_map[VIRT_CLINT].base + socket * ACLINT_MTIMER_SIZE, ACLINT_MTIMER_SIZE - ACLINT_MTIME);
        return;
    }
    if (m->aclint) {
        add_swi(t, socket, "mswi", clint, "riscv,aclint-mswi", RISCV_IRQ_M_SOFT);
        add_mtimer(t, socket, clint + ACLINT_SWI_SIZE, virt_map[VIRT_CLINT].size - ACLINT_SWI_SIZE - ACLINT_MTIME);
        add_swi(t, socket, "sswi", virt_map[VIRT_ACLINT_SSWI].base + socket * virt_map[VIRT_ACLINT_SSWI].size, "riscv,aclint-sswi", RISCV_IRQ_S_SOFT);
        return;
    }
    riscv_tree_add_clint(t->harts, &m->sockets[socket].range, clint);
}

/* ---- interrupt controllers ---- */

static void add_plic(TreeMaker *t, unsigned socket)
{
    uint64_t base = virt_map[VIRT_PLIC].base + socket * virt_map[VIRT_PLIC].size;
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/interrupt-controller@%" PRIx64, base);
    t->p->wired[socket] = device_tree_new_phandle(t->tree);
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 0);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "sifive,plic-1.0.0\0riscv,plic0");
    device_tree_set_flag(t->tree, path, "interrupt-controller");
    set_socket_interrupts(t, path, &t->m->sockets[socket].range, RISCV_IRQ_M_EXT, RISCV_IRQ_S_EXT);
    set_reg(t, path, base, virt_map[VIRT_PLIC].size);
    DEVICE_TREE_CELLS(t->tree, path, "riscv,ndev", VIRT_SOURCES - 1);
    riscv_tree_set_node_id(t->harts, path, &t->m->sockets[socket].range);
    DEVICE_TREE_CELLS(t->tree, path, "phandle", t->p->wired[socket]);
}

static uint32_t add_imsic(TreeMaker *t, bool machine_level)
{
    const RiscvVirt *m = t->m;
    VirtRegion region = machine_level ? VIRT_IMSIC_M : VIRT_IMSIC_S;
    unsigned guest_bits = machine_level ? 0 : virt_bits_for(m->aia_guests + 1u);
    uint32_t phandle = device_tree_new_phandle(t->tree), regs[4 * RISCV_SOCKETS_MAX];
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/interrupt-controller@%" PRIx64, virt_map[region].base);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "qemu,imsics\0riscv,imsics");
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 0);
    device_tree_set_flag(t->tree, path, "interrupt-controller");
    device_tree_set_flag(t->tree, path, "msi-controller");
    riscv_tree_set_hart_interrupts(t->harts, path, 0, m->parent.smp.cpus, machine_level ? RISCV_IRQ_M_EXT : RISCV_IRQ_S_EXT, 0);
    for (unsigned n = 0; n < m->num_sockets; n++) {
        const uint32_t cells[] = { DEVICE_TREE_CELLS64(virt_map[region].base + n * virt_map[region].size), 0, (m->sockets[n].range.num_harts * 4096) << guest_bits };
        memcpy(regs + 4 * n, cells, sizeof(cells));
    }
    device_tree_set_cell_array(t->tree, path, "reg", regs, 4 * m->num_sockets);
    DEVICE_TREE_CELLS(t->tree, path, "riscv,num-ids", VIRT_IMSIC_IDS);
    if (guest_bits) {
        DEVICE_TREE_CELLS(t->tree, path, "riscv,guest-index-bits", guest_bits);
    }
    if (m->num_sockets > 1) {
        DEVICE_TREE_CELLS(t->tree, path, "riscv,hart-index-bits", virt_bits_for(virt_most_harts(m)));
        DEVICE_TREE_CELLS(t->tree, path, "riscv,group-index-bits", virt_bits_for(m->num_sockets));
        DEVICE_TREE_CELLS(t->tree, path, "riscv,group-index-shift", (uint32_t)__builtin_ctzll(virt_map[region].size));
    }
    DEVICE_TREE_CELLS(t->tree, path, "phandle", phandle);
    return phandle;
}

/* One domain; child: the phandle of the one that all sources are passed on to, 0: none. */
static void add_aplic(TreeMaker *t, unsigned socket, bool machine_level, uint32_t phandle, uint32_t child)
{
    const RiscvVirt *m = t->m;
    VirtRegion region = machine_level ? VIRT_APLIC_M : VIRT_APLIC_S;
    uint64_t base = virt_map[region].base + socket * virt_map[region].size;
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/interrupt-controller@%" PRIx64, base);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "qemu,aplic\0riscv,aplic");
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 0);
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 2);
    device_tree_set_flag(t->tree, path, "interrupt-controller");
    if (m->aia == VIRT_AIA_APLIC) {
        set_socket_interrupts(t, path, &t->m->sockets[socket].range, machine_level ? RISCV_IRQ_M_EXT : RISCV_IRQ_S_EXT, 0);
    } else {
        DEVICE_TREE_CELLS(t->tree, path, "msi-parent", machine_level ? t->p->imsic_m : t->p->imsic_s);
    }
    set_reg(t, path, base, virt_map[region].size);
    DEVICE_TREE_CELLS(t->tree, path, "riscv,num-sources", VIRT_SOURCES);
    if (child) {
        DEVICE_TREE_CELLS(t->tree, path, "riscv,children", child);
        DEVICE_TREE_CELLS(t->tree, path, "riscv,delegation", child, 1, VIRT_SOURCES);
        DEVICE_TREE_CELLS(t->tree, path, "riscv,delegate", child, 1, VIRT_SOURCES);      /* its name before the binding was settled: OpenSBI 1.1 */
    }
    riscv_tree_set_node_id(t->harts, path, &t->m->sockets[socket].range);
    DEVICE_TREE_CELLS(t->tree, path, "phandle", phandle);
}

/* Of the domain of machine level all is delegated to the supervisor's, which devices are connected to. */
static void add_aplics_of_machine(TreeMaker *t, unsigned socket)
{
    uint32_t machine_level = device_tree_new_phandle(t->tree), supervisor = device_tree_new_phandle(t->tree);
    add_aplic(t, socket, true, machine_level, supervisor);
    add_aplic(t, socket, false, supervisor, 0);
    t->p->wired[socket] = supervisor;
}

static void add_aplic_of_supervisor(TreeMaker *t, unsigned socket)
{
    uint32_t phandle = device_tree_new_phandle(t->tree);
    add_aplic(t, socket, false, phandle, 0);
    t->p->wired[socket] = phandle;
}

static void add_interrupt_controllers(TreeMaker *t)
{
    const RiscvVirt *m = t->m;
    if (m->aia == VIRT_AIA_APLIC_IMSIC) {
        t->p->imsic_m = m->supervisor_only ? 0 : add_imsic(t, true);
        t->p->imsic_s = add_imsic(t, false);
    }
    for (unsigned socket = m->num_wired; socket-- > 0;) {
        if (m->aia == VIRT_AIA_NONE) {
            add_plic(t, socket);
        } else if (m->supervisor_only) {
            add_aplic_of_supervisor(t, socket);
        } else {
            add_aplics_of_machine(t, socket);
        }
    }
}

/* ---- devices ---- */

static void add_virtio(TreeMaker *t)
{
    for (unsigned n = 0; n < VIRT_VIRTIO_COUNT; n++) {
        uint64_t base = virt_map[VIRT_VIRTIO].base + n * VIRT_VIRTIO_STRIDE;
        g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/virtio_mmio@%" PRIx64, base);
        device_tree_set_string(t->tree, path, "compatible", "virtio,mmio");
        set_reg(t, path, base, VIRT_VIRTIO_STRIDE);
        set_interrupt(t, path, t->m->virtio_socket, VIRT_IRQ_VIRTIO + n);
    }
}

/* The function that is an IOMMU does not translate itself. */
static void add_pci_iommu(TreeMaker *t, const char *pci_path)
{
    const PciDevice *iommu = riscv_iommu_find_pci(t->m->pci->bus);
    if (!iommu) {
        return;
    }
    uint32_t devfn = (uint32_t)iommu->devfn;
    g_autofree char *path = device_tree_add_nodef(t->tree, "%s/iommu@%" PRIx32, pci_path, devfn);
    device_tree_set_string(t->tree, path, "compatible", "riscv,pci-iommu");
    DEVICE_TREE_CELLS(t->tree, path, "#iommu-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "phandle", IOMMU_PHANDLE);
    DEVICE_TREE_CELLS(t->tree, path, "reg", devfn << 8, 0, 0, 0, 0);
    DEVICE_TREE_CELLS(t->tree, pci_path, "iommu-map", 0, IOMMU_PHANDLE, 0, devfn, devfn + 1, IOMMU_PHANDLE, devfn + 1, REQUESTER_IDS - (devfn + 1));
}

static void add_pci_node(TreeMaker *t)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/pci@%" PRIx64, virt_map[VIRT_PCIE_ECAM].base);
    add_pci_iommu(t, path);
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 3);
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "#size-cells", 2);
    device_tree_set_string(t->tree, path, "compatible", "pci-host-ecam-generic");
    device_tree_set_string(t->tree, path, "device_type", "pci");
    DEVICE_TREE_CELLS(t->tree, path, "linux,pci-domain", 0);
    DEVICE_TREE_CELLS(t->tree, path, "bus-range", 0, (uint32_t)(virt_map[VIRT_PCIE_ECAM].size / MiB) - 1);
    device_tree_set_flag(t->tree, path, "dma-coherent");
}

/* INTx of 4 slots, after which it repeats: slot and pin to the controller's source, and its flags. */
static void set_interrupt_map(TreeMaker *t, const char *path)
{
    g_autoptr(GArray) map = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t slot = 0; slot < GPEX_ROOT_IRQS; slot++) {
        for (uint32_t pin = 0; pin < 4; pin++) {
            const uint32_t cells[] = { slot << 11, 0, 0, pin + 1, t->p->wired[t->m->pcie_socket], VIRT_IRQ_PCIE + (slot + pin) % GPEX_ROOT_IRQS, LEVEL_HIGH };
            g_array_append_vals(map, cells, t->m->aia == VIRT_AIA_NONE ? 6 : 7);
        }
    }
    device_tree_set_cell_array(t->tree, path, "interrupt-map", (const uint32_t *)map->data, map->len);
    DEVICE_TREE_CELLS(t->tree, path, "interrupt-map-mask", 0x1800, 0, 0, 7);
}

/* A vector a wire. The PLIC's interrupts have no trigger. */
static void add_iommu(TreeMaker *t)
{
    g_autoptr(GArray) interrupts = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    if (t->m->iommu_sys != ON_OFF_AUTO_ON) {
        return;
    }
    for (uint32_t n = 0; n < RISCV_IOMMU_IRQS; n++) {
        const uint32_t cells[] = { VIRT_IRQ_IOMMU + n, EDGE_RISING };
        g_array_append_vals(interrupts, cells, t->m->aia == VIRT_AIA_NONE ? 1 : 2);
    }
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/iommu@%" PRIx64, virt_map[VIRT_IOMMU].base);
    device_tree_set_string(t->tree, path, "compatible", "riscv,iommu");
    DEVICE_TREE_CELLS(t->tree, path, "#iommu-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "phandle", IOMMU_PHANDLE);
    set_reg(t, path, virt_map[VIRT_IOMMU].base, virt_map[VIRT_IOMMU].size);
    DEVICE_TREE_CELLS(t->tree, path, "interrupt-parent", t->p->wired[t->m->mmio_socket]);
    device_tree_set_cell_array(t->tree, path, "interrupts", (const uint32_t *)interrupts->data, interrupts->len);
    if (t->m->aia == VIRT_AIA_APLIC_IMSIC) {
        DEVICE_TREE_CELLS(t->tree, path, "msi-parent", t->p->imsic_s);
    }
}

static void finish_pci_node(TreeMaker *t)
{
    enum { SPACE_IO = 0x1000000, SPACE_MEM32 = 0x2000000, SPACE_MEM64 = 0x3000000 };
    const RiscvVirt *m = t->m;
    uint64_t mmio = virt_map[VIRT_PCIE_MMIO].base, high = m->pcie_high.base;
    g_autofree char *path = g_strdup_printf("/soc/pci@%" PRIx64, virt_map[VIRT_PCIE_ECAM].base);
    if (m->aia == VIRT_AIA_APLIC_IMSIC) {
        DEVICE_TREE_CELLS(t->tree, path, "msi-parent", t->p->imsic_s);
    }
    set_reg(t, path, virt_map[VIRT_PCIE_ECAM].base, virt_map[VIRT_PCIE_ECAM].size);
    DEVICE_TREE_CELLS(t->tree, path, "ranges",
                      SPACE_IO, 0, 0, DEVICE_TREE_CELLS64(virt_map[VIRT_PCIE_PIO].base), DEVICE_TREE_CELLS64(virt_map[VIRT_PCIE_PIO].size),
                      SPACE_MEM32, DEVICE_TREE_CELLS64(mmio), DEVICE_TREE_CELLS64(mmio), DEVICE_TREE_CELLS64(virt_map[VIRT_PCIE_MMIO].size),
                      SPACE_MEM64, DEVICE_TREE_CELLS64(high), DEVICE_TREE_CELLS64(high), DEVICE_TREE_CELLS64(m->pcie_high.size));
    if (m->iommu_sys == ON_OFF_AUTO_ON) {
        DEVICE_TREE_CELLS(t->tree, path, "iommu-map", 0, IOMMU_PHANDLE, 0, REQUESTER_IDS);
    }
    set_interrupt_map(t, path);
}

static void add_reset(TreeMaker *t)
{
    static const struct { const char *path, *compatible; uint32_t value; } nodes[] = {
        { "/reboot", "syscon-reboot", FINISHER_RESET }, { "/poweroff", "syscon-poweroff", FINISHER_PASS },
    };
    g_autofree char *test = device_tree_add_nodef(t->tree, "/soc/test@%" PRIx64, virt_map[VIRT_TEST].base);
    DEVICE_TREE_STRINGS(t->tree, test, "compatible", "sifive,test1\0sifive,test0\0syscon");
    set_reg(t, test, virt_map[VIRT_TEST].base, virt_map[VIRT_TEST].size);
    t->p->test = device_tree_new_phandle(t->tree);
    DEVICE_TREE_CELLS(t->tree, test, "phandle", t->p->test);
    for (size_t n = 0; n < ARRAY_SIZE(nodes); n++) {
        device_tree_add_node(t->tree, nodes[n].path);
        device_tree_set_string(t->tree, nodes[n].path, "compatible", nodes[n].compatible);
        DEVICE_TREE_CELLS(t->tree, nodes[n].path, "regmap", t->p->test);
        DEVICE_TREE_CELLS(t->tree, nodes[n].path, "offset", 0);
        DEVICE_TREE_CELLS(t->tree, nodes[n].path, "value", nodes[n].value);
    }
}

static void add_uart(TreeMaker *t)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/serial@%" PRIx64, virt_map[VIRT_UART].base);
    device_tree_set_string(t->tree, path, "compatible", "ns16550a");
    set_reg(t, path, virt_map[VIRT_UART].base, virt_map[VIRT_UART].size);
    DEVICE_TREE_CELLS(t->tree, path, "clock-frequency", UART_CLOCK_HZ);
    set_interrupt(t, path, t->m->mmio_socket, VIRT_IRQ_UART);
    device_tree_set_string(t->tree, "/chosen", "stdout-path", path);
    device_tree_set_string(t->tree, "/aliases", "serial0", path);
}

static void add_rtc(TreeMaker *t)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/soc/rtc@%" PRIx64, virt_map[VIRT_RTC].base);
    device_tree_set_string(t->tree, path, "compatible", "google,goldfish-rtc");
    set_reg(t, path, virt_map[VIRT_RTC].base, virt_map[VIRT_RTC].size);
    set_interrupt(t, path, t->m->mmio_socket, VIRT_IRQ_RTC);
}

static void add_platform_bus(TreeMaker *t)
{
    uint64_t base = virt_map[VIRT_PLATFORM_BUS].base;
    g_autofree char *path = device_tree_add_nodef(t->tree, "/platform-bus@%" PRIx64, base);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "qemu,platform\0simple-bus");
    DEVICE_TREE_CELLS(t->tree, path, "#size-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "ranges", 0, DEVICE_TREE_CELLS64(base), (uint32_t)virt_map[VIRT_PLATFORM_BUS].size);
    DEVICE_TREE_CELLS(t->tree, path, "interrupt-parent", t->p->wired[t->m->mmio_socket]);
}

static void add_flash(TreeMaker *t)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/flash@%" PRIx64, virt_map[VIRT_FLASH].base);
    device_tree_set_string(t->tree, path, "compatible", "cfi-flash");
    DEVICE_TREE_CELLS(t->tree, path, "reg", DEVICE_TREE_CELLS64(virt_map[VIRT_FLASH].base), DEVICE_TREE_CELLS64(VIRT_FLASH_SIZE),
                      DEVICE_TREE_CELLS64(virt_map[VIRT_FLASH].base + VIRT_FLASH_SIZE), DEVICE_TREE_CELLS64(VIRT_FLASH_SIZE));
    DEVICE_TREE_CELLS(t->tree, path, "bank-width", 4);
}

static void add_fw_cfg(TreeMaker *t)
{
    g_autofree char *path = device_tree_add_nodef(t->tree, "/fw-cfg@%" PRIx64, virt_map[VIRT_FW_CFG].base);
    device_tree_set_string(t->tree, path, "compatible", "qemu,fw-cfg-mmio");
    set_reg(t, path, virt_map[VIRT_FW_CFG].base, virt_map[VIRT_FW_CFG].size);
    device_tree_set_flag(t->tree, path, "dma-coherent");
}

/* Events of the SBI's performance monitoring extension (SBI 1.0, chapter 11) and the counters that count them: cycles and retired instructions have one of their
 * own besides. */
static void add_pmu(TreeMaker *t)
{
    GVariant *value = object_get(OBJECT(virt_first_cpu(t->m)), "pmu-mask", NULL);
    uint32_t mask = value && g_variant_is_of_type(value, G_VARIANT_TYPE_UINT64) ? (uint32_t)g_variant_get_uint64(value) : 0;
    g_clear_pointer(&value, g_variant_unref);
    mask = riscv_hart_has(virt_first_cpu(t->m), "zihpm") ? mask : 0;
    device_tree_add_node(t->tree, "/pmu");
    device_tree_set_string(t->tree, "/pmu", "compatible", "riscv,pmu");
    DEVICE_TREE_CELLS(t->tree, "/pmu", "riscv,event-to-mhpmcounters", 1, 1, mask | 1, 2, 2, mask | 4, 0x10019, 0x10019, mask, 0x1001b, 0x1001b, mask, 0x10021, 0x10021,
                      mask);
}

/* ---- all of it ---- */

static void add_root(TreeMaker *t)
{
    static const uint8_t no_seed[SEED_BYTES];       /* filled in before each run */
    device_tree_set_string(t->tree, "/", "model", "riscv-virtio,qemu");
    device_tree_set_string(t->tree, "/", "compatible", "riscv-virtio");
    DEVICE_TREE_CELLS(t->tree, "/", "#size-cells", 2);
    DEVICE_TREE_CELLS(t->tree, "/", "#address-cells", 2);
    device_tree_add_node(t->tree, "/soc");
    device_tree_set_flag(t->tree, "/soc", "ranges");
    device_tree_set_string(t->tree, "/soc", "compatible", "simple-bus");
    DEVICE_TREE_CELLS(t->tree, "/soc", "#size-cells", 2);
    DEVICE_TREE_CELLS(t->tree, "/soc", "#address-cells", 2);
    add_pci_node(t);
    device_tree_add_node(t->tree, "/chosen");
    device_tree_set_bytes(t->tree, "/chosen", "rng-seed", no_seed, sizeof(no_seed));
    device_tree_add_node(t->tree, "/aliases");
    add_flash(t);
    add_fw_cfg(t);
    add_pmu(t);
}

static void add_sockets(TreeMaker *t)
{
    riscv_tree_add_cpus(t->harts);
    for (unsigned socket = t->m->num_sockets; socket-- > 0;) {
        riscv_tree_add_harts(t->harts, &t->m->sockets[socket].range);
        riscv_tree_add_memory(t->harts, &t->m->sockets[socket].range, virt_map[VIRT_DRAM].base);
        add_timers(t, socket);
    }
}

DeviceTree *virt_make_device_tree(const RiscvVirt *m, GError **err)
{
    g_autoptr(DeviceTree) tree = device_tree_new();
    g_autofree RiscvTree *harts = g_new0(RiscvTree, 1);
    Phandles phandles = { 0 };
    TreeMaker t = { m, tree, harts, &phandles };
    *harts = (RiscvTree){ .tree = tree, .has_numa = m->parent.nr_numa_nodes > 0 };
    add_root(&t);
    add_sockets(&t);
    add_interrupt_controllers(&t);
    add_virtio(&t);
    add_platform_bus(&t);
    boot_add_numa_distances(&m->parent, tree);
    add_iommu(&t);
    finish_pci_node(&t);
    add_reset(&t);
    add_uart(&t);
    add_rtc(&t);
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, err);      /* says what went wrong, if anything did */
    return blob ? g_steal_pointer(&tree) : NULL;
}
