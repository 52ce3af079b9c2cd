/*
 * The devices of "virt".
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virt.h"

#include "hw/acpi/ged.h"
#include "hw/arm/smmuv3.h"
#include "hw/block/flash.h"
#include "hw/char/pl011.h"
#include "hw/core/platform-bus.h"
#include "hw/gpio/pl061.h"
#include "hw/intc/arm_gic.h"
#include "hw/rtc/pl031.h"
#include "system/runstate.h"
#include "util/error.h"

#include <string.h>

enum { GPIO_POWER_BUTTON = 3, SECURE_GPIO_POWEROFF = 0, SECURE_GPIO_RESTART = 1 };

static Irq *spi(const ArmVirt *m, unsigned n) { return arm_gic_spi(m->gic, n); }

/* Two banks, which are there without a drive, too. With the Security Extensions the first is seen by secure accesses alone. */
static bool create_flash(ArmVirt *m, GError **err)
{
    uint64_t size = m->map[VIRT_FLASH].size / 2;
    for (int n = 0; n < 2; n++) {
        m->flash[n] = flash_bank_create(OBJECT(m), n, m->pflash[n], size, err);
        if (!m->flash[n]) {
            return false;
        }
        sysbus_map((SysBusDevice *)m->flash[n], 0, n == 0 && m->secure ? &m->secure_memory : virt_memory(m), m->map[VIRT_FLASH].base + (uint64_t)n * size, 0);
    }
    m->has_firmware = m->parent.firmware || pflash_cfi01_blk(m->flash[0]);
    return true;
}

/* The first one is what the tree names as console. A second one for programs of the Secure state, or for any when the command line has a use for it. */
static bool create_uarts(ArmVirt *m, GError **err)
{
    m->has_uart1 = m->secure || serial_hd(1);
    return pl011_create(virt_memory(m), m->map[VIRT_UART].base, spi(m, VIRT_SPI_UART), serial_hd(0), err) &&
           (!m->has_uart1 ||
            pl011_create(m->secure ? &m->secure_memory : virt_memory(m), m->map[VIRT_UART1].base, spi(m, VIRT_SPI_UART1), serial_hd(1), err));
}

static void power_button(void *opaque) { irq_pulse(device_irq_input(opaque, NULL, 0)); }

/* By ACPI's generic event device where the firmware gives the guest tables, by a key on a general purpose line elsewhere. */
static bool create_power_button(ArmVirt *m, GError **err)
{
    if (m->has_firmware && m->cpu_info.aarch64 && m->acpi != ON_OFF_AUTO_OFF) {
        return acpi_ged_create(virt_memory(m), m->map[VIRT_GED].base, spi(m, VIRT_SPI_GED), err) != NULL;
    }
    m->gpio = pl061_create(virt_memory(m), m->map[VIRT_GPIO].base, spi(m, VIRT_SPI_GPIO), 0, 0xff, err);
    Device *key = m->gpio ? gpio_key_create(device_irq_input(m->gpio, NULL, GPIO_POWER_BUTTON), err) : NULL;
    if (key) {
        powerdown_add_notifier(power_button, key);
    }
    return key != NULL;
}

static bool create_secure_devices(ArmVirt *m, GError **err)
{
    if (!m->secure) {
        return true;
    }
    if (!memory_region_init_ram(&m->secure_ram, OBJECT(m), "virt.secure-ram", m->map[VIRT_SECURE_MEM].size, err)) {
        return false;
    }
    memory_region_add_subregion(&m->secure_memory, m->map[VIRT_SECURE_MEM].base, &m->secure_ram);
    if (virt_before(m, 6, 0)) {
        return true;
    }
    Device *gpio = pl061_create(&m->secure_memory, m->map[VIRT_SECURE_GPIO].base, NULL, 0, 0xff, err);
    Device *power = gpio ? gpio_pwr_create(err) : NULL;
    if (power) {
        device_connect_irq(gpio, NULL, SECURE_GPIO_POWEROFF, device_irq_input(power, "shutdown", 0));
        device_connect_irq(gpio, NULL, SECURE_GPIO_RESTART, device_irq_input(power, "reset", 0));
    }
    return power != NULL;
}

/* Before functions that do DMA are there. */
static bool create_smmu(ArmVirt *m, GError **err)
{
    if (strcmp(m->iommu_text, "smmuv3")) {
        return true;
    }
    Irq *lines[SMMUV3_IRQS];
    for (unsigned n = 0; n < SMMUV3_IRQS; n++) {
        lines[n] = spi(m, VIRT_SPI_SMMU + n);
    }
    const Smmuv3Place place = { .memory = virt_memory(m), .addr = m->map[VIRT_SMMU].base, .memory_space = &m->parent.system_memory.memory_space,
                                .root = m->pci->bypass_iommu ? NULL : m->pci->bus, .stage = virt_before(m, 9, 2) ? "1" : "nested", .irqs = lines };
    m->smmu = smmuv3_create(&place, err);
    return m->smmu != NULL;
}

static bool create_pci(ArmVirt *m, GError **err)
{
    GpexConfig config = { .ecam = m->map[virt_ecam(m)], .pio = m->map[VIRT_PCIE_PIO], .mmio32 = m->map[VIRT_PCIE_MMIO], .mmio64 = m->map[VIRT_HIGH_MMIO],
                          .zero_bars = true };
    Irq *lines[GPEX_ROOT_IRQS];
    for (unsigned n = 0; n < GPEX_ROOT_IRQS; n++) {
        lines[n] = spi(m, VIRT_SPI_PCIE + n);
    }
    m->pci = gpex_create(virt_memory(m), &config, lines, err);
    if (!m->pci) {
        return false;
    }
    m->pci->bypass_iommu = m->pci->bypass_iommu || m->bypass_iommu;
    return create_smmu(m, err) && pci_create_nics(m->pci->bus, machine_type(&m->parent)->default_nic, err);
}

static bool create_fw_cfg(ArmVirt *m, GError **err)
{
    uint64_t base = m->map[VIRT_FW_CFG].base;
    m->fw_cfg = fw_cfg_new_mmio(base + 8, base, 8, base + 16, virt_memory(m), &m->parent.system_memory.memory_space, err);
    if (m->fw_cfg) {
        fw_cfg_add_u16(m->fw_cfg, FW_CFG_NB_CPUS, (uint16_t)m->parent.smp.cpus);
    }
    return m->fw_cfg != NULL;
}

static bool create_virtio(ArmVirt *m, GError **err)
{
    for (unsigned n = 0; n < VIRT_VIRTIO_COUNT; n++) {
        SysBusDevice *dev = (SysBusDevice *)device_new("virtio-mmio");
        if (!device_realize(DEVICE(dev), NULL, err)) {
            return false;
        }
        sysbus_map(dev, 0, virt_memory(m), m->map[VIRT_VIRTIO].base + n * VIRT_VIRTIO_SIZE, 0);
        sysbus_connect_irq(dev, 0, spi(m, VIRT_SPI_VIRTIO + n));
    }
    return true;
}

static bool create_platform_bus(ArmVirt *m, GError **err)
{
    Irq *lines[VIRT_PLATFORM_BUS_IRQS];
    for (unsigned n = 0; n < VIRT_PLATFORM_BUS_IRQS; n++) {
        lines[n] = spi(m, VIRT_SPI_PLATFORM_BUS + n);
    }
    const GpexWindow *window = &m->map[VIRT_PLATFORM_BUS];
    return platform_bus_create(virt_memory(m), window->base, (uint32_t)window->size, lines, VIRT_PLATFORM_BUS_IRQS, err) != NULL;
}

bool arm_virt_create_devices(ArmVirt *m, GError **err)
{
    return create_flash(m, err) && create_uarts(m, err) && create_secure_devices(m, err) && pl031_create(virt_memory(m), m->map[VIRT_RTC].base, spi(m, VIRT_SPI_RTC), err) &&
           create_pci(m, err) && create_power_button(m, err) && create_virtio(m, err) && create_fw_cfg(m, err) && create_platform_bus(m, err);
}
