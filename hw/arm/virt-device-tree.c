/*
 * The device tree of "virt". What is added later comes first in the tree, so the code goes from the end of it to its beginning.
 *
 * Bindings: Linux, Documentation/devicetree/bindings: arm/cpus.yaml, cpu/cpu-topology.txt, arm/psci.yaml, timer/arm,arch_timer.yaml, interrupt-controller/arm,gic.yaml and
 * arm,gic-v3.yaml, pci/host-generic-pci.yaml, iommu/arm,smmu-v3.yaml, gpio/pl061-gpio.yaml.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "util/bits.h"
#include "util/error.h"

#include <inttypes.h>
#include <string.h>

enum { IRQ_SPI = 0, IRQ_PPI = 1, EDGE_RISING = 1, LEVEL_HIGH = 4, PPI_CPUS_SHIFT = 8, FIRST_PPI = 16, FIRST_PHANDLE = 0x8000, RNG_SEED_BYTES = 32, KASLR_SEED_BYTES = 8,
       KEY_POWER = 116 };

/* What nodes point at. */
typedef struct Phandles { uint32_t clock, gic, msi, smmu, gpio, secure_gpio, cpu[VIRT_CPUS_MAX]; } Phandles;
typedef struct TreeMaker { const ArmVirt *m; DeviceTree *tree; Phandles *p; } TreeMaker;

static void set_reg(TreeMaker *t, const char *path, uint64_t base, uint64_t size)
{
    DEVICE_TREE_CELLS(t->tree, path, "reg", DEVICE_TREE_CELLS64(base), DEVICE_TREE_CELLS64(size));
}

static void set_phandle(TreeMaker *t, const char *path, uint32_t *phandle)
{
    *phandle = device_tree_new_phandle(t->tree);
    DEVICE_TREE_CELLS(t->tree, path, "phandle", *phandle);
}

/* For the Secure state alone. */
static void set_secure(TreeMaker *t, const char *path)
{
    device_tree_set_string(t->tree, path, "status", "disabled");
    device_tree_set_string(t->tree, path, "secure-status", "okay");
}

/* Flags of private interrupts: with a GICv2 they say which processors have it. */
static uint32_t ppi_flags(const TreeMaker *t)
{
    uint32_t trigger = virt_before(t->m, 2, 9) ? EDGE_RISING : LEVEL_HIGH;
    return trigger | (t->m->gic_version == VIRT_GIC_2 ? ((1u << t->m->parent.smp.cpus) - 1) << PPI_CPUS_SHIFT : 0);
}

/* ---- root, clock, timer ---- */

static void add_chosen(TreeMaker *t, const char *path)
{
    static const uint8_t no_seed[RNG_SEED_BYTES];       /* filled in before each run */
    device_tree_add_node(t->tree, path);
    if (t->m->dtb_randomness) {
        device_tree_set_bytes(t->tree, path, "kaslr-seed", no_seed, KASLR_SEED_BYTES);
        device_tree_set_bytes(t->tree, path, "rng-seed", no_seed, RNG_SEED_BYTES);
    }
}

static void add_root(TreeMaker *t)
{
    const char *compatible = t->m->parent.dt_compatible ? t->m->parent.dt_compatible : "linux,dummy-virt";
    device_tree_set_string(t->tree, "/", "compatible", compatible);
    DEVICE_TREE_CELLS(t->tree, "/", "#address-cells", 2);
    DEVICE_TREE_CELLS(t->tree, "/", "#size-cells", 2);
    device_tree_set_string(t->tree, "/", "model", "linux,dummy-virt");
    device_tree_set_flag(t->tree, "/", "dma-coherent");
    add_chosen(t, "/chosen");
    if (t->m->secure) {
        add_chosen(t, "/secure-chosen");
    }
    device_tree_add_node(t->tree, "/aliases");
    device_tree_add_node(t->tree, "/apb-pclk");
    device_tree_set_string(t->tree, "/apb-pclk", "compatible", "fixed-clock");
    DEVICE_TREE_CELLS(t->tree, "/apb-pclk", "#clock-cells", 0);
    DEVICE_TREE_CELLS(t->tree, "/apb-pclk", "clock-frequency", 24000000);
    device_tree_set_string(t->tree, "/apb-pclk", "clock-output-names", "clk24mhz");
    set_phandle(t, "/apb-pclk", &t->p->clock);
}

static void add_timer(TreeMaker *t)
{
    const ArmVirt *m = t->m;
    uint32_t flags = ppi_flags(t);
    const uint32_t cells[] = {
        IRQ_PPI, VIRT_PPI_TIMER_SEC - FIRST_PPI, flags, IRQ_PPI, VIRT_PPI_TIMER_PHYS - FIRST_PPI, flags, IRQ_PPI, VIRT_PPI_TIMER_VIRT - FIRST_PPI, flags,
        IRQ_PPI, VIRT_PPI_TIMER_HYP - FIRST_PPI, flags, IRQ_PPI, VIRT_PPI_TIMER_HYPVIRT - FIRST_PPI, flags,
    };
    bool has_hypvirt = m->cpu_info.has_el2 && m->cpu_info.has_vhe && !virt_before(m, 9, 0);
    device_tree_add_node(t->tree, "/timer");
    if (m->cpu_info.aarch64) {
        DEVICE_TREE_STRINGS(t->tree, "/timer", "compatible", "arm,armv8-timer\0arm,armv7-timer");
    } else {
        device_tree_set_string(t->tree, "/timer", "compatible", "arm,armv7-timer");
    }
    device_tree_set_flag(t->tree, "/timer", "always-on");
    device_tree_set_cell_array(t->tree, "/timer", "interrupts", cells, has_hypvirt ? 15 : 12);
}

/* ---- processors ---- */

static void add_cpu(TreeMaker *t, unsigned n)
{
    const Machine *m = &t->m->parent;
    g_autofree char *path = device_tree_add_nodef(t->tree, "/cpus/cpu@%u", n);
    device_tree_set_string(t->tree, path, "device_type", "cpu");
    device_tree_set_string(t->tree, path, "compatible", t->m->cpu_info.compatible);
    if (m->smp.cpus > 1) {
        device_tree_set_string(t->tree, path, "enable-method", "psci");
    }
    DEVICE_TREE_CELLS(t->tree, path, "reg", (uint32_t)arm_cpu_affinity(t->m->cpus[n]));
    if (m->nr_numa_nodes) {
        DEVICE_TREE_CELLS(t->tree, path, "numa-node-id", (uint32_t)m->cpu_nodes[n]);
    }
    set_phandle(t, path, &t->p->cpu[n]);
}

static void add_topology_of_cpu(TreeMaker *t, unsigned n)
{
    const SmpConfig *smp = &t->m->parent.smp;
    unsigned core = n / smp->threads, cluster = core / smp->cores, socket = cluster / smp->clusters;
    g_autofree char *socket_path = g_strdup_printf("/cpus/cpu-map/socket%u", socket);
    g_autofree char *cluster_path = g_strdup_printf("%s/cluster%u", socket_path, cluster % smp->clusters);
    g_autofree char *core_path = g_strdup_printf("%s/core%u", cluster_path, core % smp->cores);
    g_autofree char *thread_path = smp->threads > 1 ? g_strdup_printf("%s/thread%u", core_path, n % smp->threads) : NULL;
    const char *paths[] = { socket_path, cluster_path, core_path, thread_path };
    for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
        if (paths[i] && !device_tree_has_node(t->tree, paths[i])) {
            device_tree_add_node(t->tree, paths[i]);
        }
    }
    DEVICE_TREE_CELLS(t->tree, thread_path ? thread_path : core_path, "cpu", t->p->cpu[n]);
}

static void add_cpus(TreeMaker *t)
{
    unsigned count = t->m->parent.smp.cpus;
    device_tree_add_node(t->tree, "/cpus");
    DEVICE_TREE_CELLS(t->tree, "/cpus", "#address-cells", 1);
    DEVICE_TREE_CELLS(t->tree, "/cpus", "#size-cells", 0);
    for (unsigned n = count; n-- > 0;) {
        add_cpu(t, n);
    }
    if (virt_before(t->m, 6, 2)) {
        return;
    }
    device_tree_add_node(t->tree, "/cpus/cpu-map");
    for (unsigned n = count; n-- > 0;) {
        add_topology_of_cpu(t, n);
    }
}

static void add_pmu(TreeMaker *t)
{
    if (!t->m->cpu_info.has_pmu) {
        return;
    }
    device_tree_add_node(t->tree, "/pmu");
    if (t->m->cpu_info.aarch64) {
        DEVICE_TREE_STRINGS(t->tree, "/pmu", "compatible", "arm,armv8-pmuv3");
        DEVICE_TREE_CELLS(t->tree, "/pmu", "interrupts", IRQ_PPI, VIRT_PPI_PMU - FIRST_PPI, LEVEL_HIGH | (ppi_flags(t) & ~7u));
    }
}

/* ---- interrupt controllers ---- */

static void set_gic_regs(TreeMaker *t, const char *path)
{
    const ArmVirt *m = t->m;
    static const VirtRegion v2[] = { VIRT_GIC_DIST, VIRT_GIC_CPU, VIRT_GIC_HYP, VIRT_GIC_VCPU }, v3[] = { VIRT_GIC_DIST, VIRT_GIC_REDIST, VIRT_HIGH_REDIST };
    const VirtRegion *regions = m->gic_version == VIRT_GIC_2 ? v2 : v3;
    unsigned count = m->gic_version == VIRT_GIC_2 ? (m->virtualization ? 4 : 2) : m->redist_counts[1] ? 3 : 2;
    uint32_t cells[4 * 4];
    for (unsigned n = 0; n < count; n++) {
        const uint32_t reg[] = { DEVICE_TREE_CELLS64(m->map[regions[n]].base), DEVICE_TREE_CELLS64(m->map[regions[n]].size) };
        memcpy(cells + 4 * n, reg, sizeof(reg));
    }
    device_tree_set_cell_array(t->tree, path, "reg", cells, 4 * count);
}

static void add_gic(TreeMaker *t)
{
    const ArmVirt *m = t->m;
    g_autofree char *path = device_tree_add_nodef(t->tree, "/intc@%" PRIx64, m->map[VIRT_GIC_DIST].base);
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 3);
    device_tree_set_flag(t->tree, path, "interrupt-controller");
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 2);
    DEVICE_TREE_CELLS(t->tree, path, "#size-cells", 2);
    device_tree_set_flag(t->tree, path, "ranges");
    device_tree_set_string(t->tree, path, "compatible", m->gic_version == VIRT_GIC_2 ? "arm,cortex-a15-gic" : "arm,gic-v3");
    if (m->gic_version != VIRT_GIC_2) {
        DEVICE_TREE_CELLS(t->tree, path, "#redistributor-regions", m->redist_counts[1] ? 2 : 1);
    }
    set_gic_regs(t, path);
    if (m->virtualization) {
        DEVICE_TREE_CELLS(t->tree, path, "interrupts", IRQ_PPI, VIRT_PPI_MAINTENANCE - FIRST_PPI, LEVEL_HIGH);
    }
    set_phandle(t, path, &t->p->gic);
    DEVICE_TREE_CELLS(t->tree, "/", "interrupt-parent", t->p->gic);
}

/* Where PCI's messages go; none: phandle 0. */
static void add_msi_controller(TreeMaker *t)
{
    const ArmVirt *m = t->m;
    bool is_frame = m->gic_version == VIRT_GIC_2;
    if (!is_frame && !m->has_its) {
        return;
    }
    const GpexWindow *window = &m->map[is_frame ? VIRT_GIC_V2M : VIRT_GIC_ITS];
    g_autofree char *path = device_tree_add_nodef(t->tree, "/intc@%" PRIx64 "/%s@%" PRIx64, m->map[VIRT_GIC_DIST].base, is_frame ? "v2m" : "its", window->base);
    device_tree_set_string(t->tree, path, "compatible", is_frame ? "arm,gic-v2m-frame" : "arm,gic-v3-its");
    device_tree_set_flag(t->tree, path, "msi-controller");
    if (!is_frame) {
        DEVICE_TREE_CELLS(t->tree, path, "#msi-cells", 1);
    }
    set_reg(t, path, window->base, window->size);
    set_phandle(t, path, &t->p->msi);
}

/* ---- devices ---- */

static void add_flash_bank(TreeMaker *t, const char *name, int n)
{
    uint64_t size = t->m->map[VIRT_FLASH].size / 2, base = t->m->map[VIRT_FLASH].base + (uint64_t)n * size;
    g_autofree char *path = device_tree_add_nodef(t->tree, "/%s@%" PRIx64, name, base);
    device_tree_set_string(t->tree, path, "compatible", "cfi-flash");
    if (t->m->secure) {
        set_reg(t, path, base, size);
    } else {
        DEVICE_TREE_CELLS(t->tree, path, "reg", DEVICE_TREE_CELLS64(base), DEVICE_TREE_CELLS64(size), DEVICE_TREE_CELLS64(base + size), DEVICE_TREE_CELLS64(size));
    }
    DEVICE_TREE_CELLS(t->tree, path, "bank-width", 4);
    if (t->m->secure && n == 0) {
        set_secure(t, path);
    }
}

static void add_flash(TreeMaker *t)
{
    if (t->m->secure) {
        add_flash_bank(t, "secflash", 0);
        add_flash_bank(t, "flash", 1);
    } else {
        add_flash_bank(t, "flash", 0);      /* both in one node */
    }
}

/* Returns its path. */
static char *add_primecell(TreeMaker *t, const char *name, VirtRegion region, uint32_t spi)
{
    const GpexWindow *window = &t->m->map[region];
    char *path = device_tree_add_nodef(t->tree, "/%s@%" PRIx64, name, window->base);
    g_autoptr(GString) list = g_string_new(NULL);
    g_string_append_printf(list, "arm,%s", name);
    g_string_append_c(list, 0);
    g_string_append(list, "arm,primecell");
    device_tree_set_bytes(t->tree, path, "compatible", list->str, list->len + 1);
    set_reg(t, path, window->base, window->size);
    DEVICE_TREE_CELLS(t->tree, path, "interrupts", IRQ_SPI, spi, LEVEL_HIGH);
    return path;
}

static void add_uart(TreeMaker *t, VirtRegion region, uint32_t spi)
{
    bool is_first = region == VIRT_UART;
    g_autofree char *path = add_primecell(t, "pl011", region, spi);
    DEVICE_TREE_CELLS(t->tree, path, "clocks", t->p->clock, t->p->clock);
    DEVICE_TREE_STRINGS(t->tree, path, "clock-names", "uartclk\0apb_pclk");
    device_tree_set_string(t->tree, "/aliases", is_first ? "serial0" : "serial1", path);
    if (is_first) {
        device_tree_set_string(t->tree, "/chosen", "stdout-path", path);
    } else if (t->m->secure) {
        set_secure(t, path);
        device_tree_set_string(t->tree, "/secure-chosen", "stdout-path", path);
    }
}

static void add_uarts(TreeMaker *t)
{
    if (t->m->has_uart1 && !t->m->secure) {
        add_uart(t, VIRT_UART1, VIRT_SPI_UART1);        /* what comes first in the tree is what guests without aliases take */
    }
    add_uart(t, VIRT_UART, VIRT_SPI_UART);
    if (t->m->secure) {
        add_uart(t, VIRT_UART1, VIRT_SPI_UART1);
    }
}

static void add_secure_ram(TreeMaker *t)
{
    const GpexWindow *window = &t->m->map[VIRT_SECURE_MEM];
    if (t->m->secure) {
        g_autofree char *path = device_tree_add_nodef(t->tree, "/secram@%" PRIx64, window->base);
        device_tree_set_string(t->tree, path, "device_type", "memory");
        set_reg(t, path, window->base, window->size);
        set_secure(t, path);
    }
}

static void add_rtc(TreeMaker *t)
{
    g_autofree char *path = add_primecell(t, "pl031", VIRT_RTC, VIRT_SPI_RTC);
    DEVICE_TREE_CELLS(t->tree, path, "clocks", t->p->clock);
    device_tree_set_string(t->tree, path, "clock-names", "apb_pclk");
}

/* ---- PCI ---- */

/* INTx of 4 slots, after which it repeats. */
static void set_interrupt_map(TreeMaker *t, const char *path)
{
    enum { MAP_CELLS = 10 };
    g_autoptr(GArray) map = g_array_new(FALSE, FALSE, sizeof(uint32_t));
    for (uint32_t slot = 0; slot < GPEX_ROOT_IRQS; slot++) {
        for (uint32_t pin = 0; pin < 4; pin++) {
            const uint32_t cells[MAP_CELLS] = { slot << 11, 0, 0, pin + 1, t->p->gic, 0, 0, IRQ_SPI, VIRT_SPI_PCIE + (slot + pin) % GPEX_ROOT_IRQS, LEVEL_HIGH };
            g_array_append_vals(map, cells, MAP_CELLS);
        }
    }
    device_tree_set_cell_array(t->tree, path, "interrupt-map", (const uint32_t *)map->data, map->len);
    DEVICE_TREE_CELLS(t->tree, path, "interrupt-map-mask", 0x1800, 0, 0, 7);
}

static void set_pci_ranges(TreeMaker *t, const char *path)
{
    enum { SPACE_IO = 0x1000000, SPACE_MEM32 = 0x2000000, SPACE_MEM64 = 0x3000000, RANGE_CELLS = 7 };
    const GpexWindow *pio = &t->m->map[VIRT_PCIE_PIO], *mmio = &t->m->map[VIRT_PCIE_MMIO], *high = &t->m->map[VIRT_HIGH_MMIO];
    const uint32_t cells[] = {
        SPACE_IO, 0, 0, DEVICE_TREE_CELLS64(pio->base), DEVICE_TREE_CELLS64(pio->size),
        SPACE_MEM32, DEVICE_TREE_CELLS64(mmio->base), DEVICE_TREE_CELLS64(mmio->base), DEVICE_TREE_CELLS64(mmio->size),
        SPACE_MEM64, DEVICE_TREE_CELLS64(high->base), DEVICE_TREE_CELLS64(high->base), DEVICE_TREE_CELLS64(high->size),
    };
    device_tree_set_cell_array(t->tree, path, "ranges", cells, (high->size ? 3 : 2) * RANGE_CELLS);
}

static void add_smmu(TreeMaker *t)
{
    const GpexWindow *window = &t->m->map[VIRT_SMMU];
    if (!t->m->smmu) {
        return;
    }
    g_autofree char *path = device_tree_add_nodef(t->tree, "/smmuv3@%" PRIx64, window->base);
    device_tree_set_string(t->tree, path, "compatible", "arm,smmu-v3");
    set_reg(t, path, window->base, window->size);
    DEVICE_TREE_CELLS(t->tree, path, "interrupts", IRQ_SPI, VIRT_SPI_SMMU, EDGE_RISING, IRQ_SPI, VIRT_SPI_SMMU + 1, EDGE_RISING, IRQ_SPI, VIRT_SPI_SMMU + 2, EDGE_RISING,
                      IRQ_SPI, VIRT_SPI_SMMU + 3, EDGE_RISING);
    DEVICE_TREE_STRINGS(t->tree, path, "interrupt-names", "eventq\0priq\0cmdq-sync\0gerror");
    device_tree_set_flag(t->tree, path, "dma-coherent");
    DEVICE_TREE_CELLS(t->tree, path, "#iommu-cells", 1);
    set_phandle(t, path, &t->p->smmu);
}

static void add_pci(TreeMaker *t)
{
    const GpexWindow *ecam = &t->m->map[virt_ecam(t->m)];
    g_autofree char *path = device_tree_add_nodef(t->tree, "/pcie@%" PRIx64, t->m->map[VIRT_PCIE_MMIO].base);
    device_tree_set_string(t->tree, path, "compatible", "pci-host-ecam-generic");
    device_tree_set_string(t->tree, path, "device_type", "pci");
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 3);
    DEVICE_TREE_CELLS(t->tree, path, "#size-cells", 2);
    DEVICE_TREE_CELLS(t->tree, path, "linux,pci-domain", 0);
    DEVICE_TREE_CELLS(t->tree, path, "bus-range", 0, (uint32_t)(ecam->size / MiB) - 1);
    device_tree_set_flag(t->tree, path, "dma-coherent");
    if (t->p->msi) {
        DEVICE_TREE_CELLS(t->tree, path, "msi-map", 0, t->p->msi, 0, 0x10000);
    }
    set_reg(t, path, ecam->base, ecam->size);
    set_pci_ranges(t, path);
    DEVICE_TREE_CELLS(t->tree, path, "#interrupt-cells", 1);
    set_interrupt_map(t, path);
    add_smmu(t);
    if (virt_smmu_translates(t->m)) {
        DEVICE_TREE_CELLS(t->tree, path, "iommu-map", 0, t->p->smmu, 0, 0x10000);
    }
}

/* ---- general purpose lines ---- */

static char *add_gpio(TreeMaker *t, VirtRegion region, uint32_t spi, uint32_t *phandle)
{
    const GpexWindow *window = &t->m->map[region];
    char *path = device_tree_add_nodef(t->tree, "/pl061@%" PRIx64, window->base);
    set_reg(t, path, window->base, window->size);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "arm,pl061\0arm,primecell");
    DEVICE_TREE_CELLS(t->tree, path, "#gpio-cells", 2);
    device_tree_set_flag(t->tree, path, "gpio-controller");
    DEVICE_TREE_CELLS(t->tree, path, "interrupts", IRQ_SPI, spi, LEVEL_HIGH);
    DEVICE_TREE_CELLS(t->tree, path, "clocks", t->p->clock);
    device_tree_set_string(t->tree, path, "clock-names", "apb_pclk");
    set_phandle(t, path, phandle);
    return path;
}

static void add_power_button(TreeMaker *t)
{
    if (!t->m->gpio) {
        return;
    }
    g_free(add_gpio(t, VIRT_GPIO, VIRT_SPI_GPIO, &t->p->gpio));
    device_tree_add_node(t->tree, "/gpio-keys");
    device_tree_set_string(t->tree, "/gpio-keys", "compatible", "gpio-keys");
    device_tree_add_node(t->tree, "/gpio-keys/poweroff");
    device_tree_set_string(t->tree, "/gpio-keys/poweroff", "label", "GPIO Key Poweroff");
    DEVICE_TREE_CELLS(t->tree, "/gpio-keys/poweroff", "linux,code", KEY_POWER);
    DEVICE_TREE_CELLS(t->tree, "/gpio-keys/poweroff", "gpios", t->p->gpio, 3, 0);
}

static void add_secure_power(TreeMaker *t)
{
    static const char *const nodes[] = { "gpio-poweroff", "gpio-restart" };      /* by line */
    if (!t->m->secure || virt_before(t->m, 6, 0)) {
        return;
    }
    g_autofree char *path = add_gpio(t, VIRT_SECURE_GPIO, 0, &t->p->secure_gpio);
    set_secure(t, path);
    for (uint32_t line = 0; line < ARRAY_SIZE(nodes); line++) {
        g_autofree char *node = device_tree_add_nodef(t->tree, "/%s", nodes[line]);
        device_tree_set_string(t->tree, node, "compatible", nodes[line]);
        DEVICE_TREE_CELLS(t->tree, node, "gpios", t->p->secure_gpio, line, 0);
        set_secure(t, node);
    }
}

/* ---- what is first in the tree ---- */

static void add_virtio(TreeMaker *t)
{
    for (unsigned n = VIRT_VIRTIO_COUNT; n-- > 0;) {
        uint64_t base = t->m->map[VIRT_VIRTIO].base + n * VIRT_VIRTIO_SIZE;
        g_autofree char *path = device_tree_add_nodef(t->tree, "/virtio_mmio@%" PRIx64, base);
        device_tree_set_string(t->tree, path, "compatible", "virtio,mmio");
        set_reg(t, path, base, VIRT_VIRTIO_SIZE);
        DEVICE_TREE_CELLS(t->tree, path, "interrupts", IRQ_SPI, VIRT_SPI_VIRTIO + n, EDGE_RISING);
        device_tree_set_flag(t->tree, path, "dma-coherent");
    }
}

static void add_fw_cfg(TreeMaker *t)
{
    const GpexWindow *window = &t->m->map[VIRT_FW_CFG];
    g_autofree char *path = device_tree_add_nodef(t->tree, "/fw-cfg@%" PRIx64, window->base);
    device_tree_set_string(t->tree, path, "compatible", "qemu,fw-cfg-mmio");
    set_reg(t, path, window->base, window->size);
    device_tree_set_flag(t->tree, path, "dma-coherent");
}

static void add_platform_bus(TreeMaker *t)
{
    const GpexWindow *window = &t->m->map[VIRT_PLATFORM_BUS];
    g_autofree char *path = device_tree_add_nodef(t->tree, "/platform-bus@%" PRIx64, window->base);
    DEVICE_TREE_STRINGS(t->tree, path, "compatible", "qemu,platform\0simple-bus");
    DEVICE_TREE_CELLS(t->tree, path, "#size-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "#address-cells", 1);
    DEVICE_TREE_CELLS(t->tree, path, "ranges", 0, DEVICE_TREE_CELLS64(window->base), (uint32_t)window->size);
    DEVICE_TREE_CELLS(t->tree, path, "interrupt-parent", t->p->gic);
}

DeviceTree *arm_virt_make_device_tree(const ArmVirt *m, GError **err)
{
    g_autoptr(DeviceTree) tree = device_tree_new();
    g_autofree Phandles *phandles = g_new0(Phandles, 1);
    TreeMaker t = { m, tree, phandles };
    device_tree_set_first_phandle(tree, m->parent.phandle_start ? (uint32_t)m->parent.phandle_start : FIRST_PHANDLE);
    add_root(&t);
    boot_add_numa_distances(&m->parent, tree);
    add_timer(&t);
    add_cpus(&t);
    add_flash(&t);
    add_gic(&t);
    add_msi_controller(&t);
    add_pmu(&t);
    add_uarts(&t);
    add_secure_ram(&t);
    add_rtc(&t);
    add_pci(&t);
    add_power_button(&t);
    add_secure_power(&t);
    add_virtio(&t);
    add_fw_cfg(&t);
    add_platform_bus(&t);
    if (!arm_virt_describe_memory(m, tree, err)) {
        return NULL;
    }
    arm_virt_describe_psci(m, tree);
    size_t size;
    g_autofree void *blob = device_tree_flatten(tree, &size, err);      /* says what went wrong, if anything did */
    return blob ? g_steal_pointer(&tree) : NULL;
}
