/*
 * The ICH9's LPC bridge: interrupt routing, power management registers, root complex registers, reset control (Intel ICH9 datasheet, 316972,
 * chapters 10 and 13).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/southbridge/ich9.h"

#include "hw/core/machine.h"
#include "hw/dma/i8257.h"
#include "hw/i386/apic.h"
#include "hw/rtc/mc146818.h"
#include "system/runstate.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { LPC_PMBASE = 0x40, LPC_ACPI_CTRL = 0x44, LPC_PIRQA_ROUT = 0x60, LPC_PIRQE_ROUT = 0x68, LPC_EN = 0x82, LPC_RCBA = 0xf0, LPC_GEN_PMCON_1 = 0xa0 };
enum { ACPI_CTRL_SCI_IRQ_SEL = 0x07, ACPI_CTRL_ACPI_EN = 0x80, PIRQ_COUNT = 8, PIRQ_ROUT_IRQEN = 0x80, PIRQ_ROUT_MASK = 0x0f, SCI_GSI_DEFAULT = 9 };
enum { RCBA_EN = 1, RCRB_SIZE = 0x4000, GEN_PMCON_1_SMI_LOCK = 1 << 4 };
/* Root complex registers. */
enum { D31IR = 0x3140, D30IR = 0x3142, D29IR = 0x3144, D28IR = 0x3146, D27IR = 0x3148, D26IR = 0x314c, D25IR = 0x3150, DIR_DEFAULT = 0x3210,
       GCS = 0x3410, GCS_DEFAULT = 0x20 };
enum { PM_GPE0 = 0x20, PM_GPE0_LEN = 16, PM_SMI = 0x30, PM_SMI_LEN = 8, SMI_EN = 0, SMI_STS = 4, SMI_APMC_EN = 1 << 5, SMI_TCO_EN = 1 << 13,
       SMI_GBL_EN = 1 << 0 };
enum { RST_CNT_RESET = 0x04, RST_CNT_MASK = 0x0a };
enum { SMI_F_BROADCAST, SMI_F_CPU_HOTPLUG, SMI_F_CPU_HOT_UNPLUG, SMI_F_SWSMI_TIMER = 62, SMI_F_PERIODIC_TIMER = 63 };
#define PMBASE_MASK 0xff80u
#define RCBA_MASK 0xffffc000u

/* ---- interrupts ---- */
static int map_irq(PciDevice *dev, int pin)
{
    PciDevice *lpc = pci_device_bus(dev)->devices[PCI_DEVFN(ICH9_LPC_DEV, ICH9_LPC_FUNC)];
    return lpc ? ICH9_LPC(lpc)->irr[PCI_SLOT(dev->devfn)][pin] : 0;
}

static uint8_t route_of(const Ich9Lpc *lpc, int pirq)
{
    return lpc->parent.config[pirq < 4 ? LPC_PIRQA_ROUT + pirq : LPC_PIRQE_ROUT + pirq - 4];
}

static bool pirq_level(const Ich9Lpc *lpc, int pirq) { return pci_device_bus(&lpc->parent)->irq_count[pirq] != 0; }

/* An ISA interrupt is the OR of the PIRQs that are routed to it, and the SCI's when it is there. */
static void update_pic(Ich9Lpc *lpc, int line)
{
    bool level = lpc->sci_gsi == line && lpc->sci_level;
    for (int pirq = 0; pirq < PIRQ_COUNT; pirq++) {
        uint8_t route = route_of(lpc, pirq);
        level |= !(route & PIRQ_ROUT_IRQEN) && (route & PIRQ_ROUT_MASK) == line && pirq_level(lpc, pirq);
    }
    irq_set(lpc->gsi[line], level);
}

static void update_apic(Ich9Lpc *lpc, int gsi)
{
    irq_set(lpc->gsi[gsi], pirq_level(lpc, gsi - 16) || (lpc->sci_gsi == gsi && lpc->sci_level));
}

static void set_pirq(void *opaque, int pirq, int level)
{
    Ich9Lpc *lpc = opaque;
    uint8_t route = route_of(lpc, pirq);
    update_apic(lpc, 16 + pirq);
    if (!(route & PIRQ_ROUT_IRQEN)) {
        update_pic(lpc, route & PIRQ_ROUT_MASK);
    }
}

static void update_all_lines(Ich9Lpc *lpc)
{
    for (int line = 3; line < 16; line++) {
        /* What neither PIRQs nor the SCI can be routed to is not ours to drive. */
        if (line != 8 && line != 13) {
            update_pic(lpc, line);
        }
    }
    for (int gsi = 16; gsi < ICH9_GSI_COUNT; gsi++) {
        update_apic(lpc, gsi);
    }
}

static void set_sci(Ich9Lpc *lpc, bool level)
{
    if (lpc->sci_level == level) {
        return;
    }
    lpc->sci_level = level;
    if (lpc->sci_gsi >= 16) {
        update_apic(lpc, lpc->sci_gsi);
    } else {
        update_pic(lpc, lpc->sci_gsi);
    }
}

static void update_sci(Ich9Lpc *lpc) { set_sci(lpc, acpi_sci_level(&lpc->pm.pm1, &lpc->pm.gpe)); }
static void pm1_changed(AcpiPm1 *pm1) { update_sci(container_of(pm1, Ich9Lpc, pm.pm1)); }

static void send_event(void *opaque, AcpiEvent event)
{
    Ich9Lpc *lpc = opaque;
    lpc->pm.gpe.sts[0] |= event;
    update_sci(lpc);
}

static void power_button(void *opaque) { acpi_pm1_power_button(&ICH9_LPC(opaque)->pm.pm1); }
static void woken(void *opaque) { acpi_pm1_set_wake(&ICH9_LPC(opaque)->pm.pm1, ACPI_BITMASK_POWER_BUTTON_STATUS); }

/* ---- SMI ---- */
void ich9_raise_smi(Ich9Lpc *lpc, uint32_t cause)
{
    lpc->pm.smi_sts |= cause;
    if (lpc->smm_enabled && lpc->pm.smi_en & SMI_GBL_EN) {
        x86_deliver_smi(lpc->smi_negotiated >> SMI_F_BROADCAST & 1);
    }
}

static void apm_command(void *opaque, uint8_t value)
{
    Ich9Lpc *lpc = opaque;
    if (value == ICH9_ACPI_ENABLE || value == ICH9_ACPI_DISABLE) {
        acpi_pm1_enable(&lpc->pm.pm1, value == ICH9_ACPI_ENABLE);
    }
    if (lpc->pm.smi_en & SMI_APMC_EN && lpc->smm_enabled) {
        x86_deliver_smi(lpc->smi_negotiated >> SMI_F_BROADCAST & 1);
    }
}

static uint64_t smi_read(void *opaque, uint64_t addr, unsigned size)
{
    const Ich9Lpc *lpc = opaque;
    return addr == SMI_EN ? lpc->pm.smi_en : addr == SMI_STS ? lpc->pm.smi_sts : 0;
}

static void smi_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Ich9Lpc *lpc = opaque;
    if (addr == SMI_EN) {
        /* Where SMM cannot be, APMC_EN reads as one so that firmware leaves it alone. Locked by SMI_LOCK: the global bit stays. */
        uint32_t keep = (lpc->smm_enabled ? 0 : SMI_APMC_EN) | (lpc->pm.tco.cnt1 & 1 << 12 ? SMI_TCO_EN : 0);
        if (pci_get_word(lpc->parent.config + LPC_GEN_PMCON_1) & GEN_PMCON_1_SMI_LOCK) {
            keep |= SMI_GBL_EN;
        }
        lpc->pm.smi_en = (lpc->pm.smi_en & keep) | ((uint32_t)value & ~keep);
    } else if (addr == SMI_STS) {
        lpc->pm.smi_sts &= ~(uint32_t)value;
    }
}

static const MemoryRegionOps smi_ops = { .read = smi_read, .write = smi_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 } };

/* Firmware reads what there is, writes what it wants, and selects features-ok: 1 is agreed. */
static void features_ok_selected(void *opaque)
{
    Ich9Lpc *lpc = opaque;
    uint64_t requested = load_le64(lpc->smi_requested), supported = lpc->smi_options;
    uint64_t hotplug = BIT(SMI_F_CPU_HOTPLUG) | BIT(SMI_F_CPU_HOT_UNPLUG);
    if (*lpc->smi_features_ok || requested & ~supported) {
        return;
    }
    /* Hot-plug needs broadcast, and unplug needs plug. */
    if ((requested & hotplug && !(requested & BIT(SMI_F_BROADCAST))) || (requested & hotplug) == BIT(SMI_F_CPU_HOT_UNPLUG)) {
        return;
    }
    lpc->smi_negotiated = requested;
    *lpc->smi_features_ok = 1;
}

void ich9_lpc_add_fw_cfg(Ich9Lpc *lpc, FwCfg *fw_cfg)
{
    if (!lpc->smm_enabled || !lpc->smi_options || !fw_cfg) {
        return;
    }
    uint8_t *supported = g_malloc(8);
    store_le64(supported, lpc->smi_options);
    lpc->smi_requested = g_malloc0(8);
    lpc->smi_features_ok = g_malloc0(1);
    fw_cfg_add_file(fw_cfg, "etc/smi/supported-features", supported, 8);
    fw_cfg_add_file_callback(fw_cfg, "etc/smi/requested-features", NULL, NULL, NULL, lpc->smi_requested, 8, false);
    fw_cfg_add_file_callback(fw_cfg, "etc/smi/features-ok", features_ok_selected, NULL, lpc, lpc->smi_features_ok, 1, true);
}

/* ---- power management registers ---- */
static uint64_t gpe_read(void *opaque, uint64_t addr, unsigned size) { return acpi_gpe_read(&ICH9_LPC(opaque)->pm.gpe, addr); }

static void gpe_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    acpi_gpe_write(&ICH9_LPC(opaque)->pm.gpe, addr, value);
    update_sci(opaque);
}

static const MemoryRegionOps gpe_ops = {
    .read = gpe_read, .write = gpe_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 },
};

/* ---- root complex registers ---- */
static void update_irr(Ich9Lpc *lpc)
{
    static const struct { uint8_t slot; uint16_t reg; } routed[] = {
        { 25, D25IR }, { 26, D26IR }, { 27, D27IR }, { 28, D28IR }, { 29, D29IR }, { 31, D31IR },
    };
    for (unsigned slot = 0; slot < 32; slot++) {
        for (unsigned pin = 0; pin < 4; pin++) {
            lpc->irr[slot][pin] = 4 + (slot + pin) % 4;
        }
    }
    for (unsigned pin = 0; pin < 4; pin++) {
        lpc->irr[30][pin] = pin;                /* the bridge to the old bus: INTA to PIRQA ... */
    }
    for (unsigned i = 0; i < ARRAY_SIZE(routed); i++) {
        uint16_t ir = load_le16(lpc->chip_config + routed[i].reg);
        for (unsigned pin = 0; pin < 4; pin++) {
            lpc->irr[routed[i].slot][pin] = ir >> pin * 4 & 7;
        }
    }
}

static uint64_t rcrb_read(void *opaque, uint64_t addr, unsigned size)
{
    uint64_t value = 0;
    memcpy(&value, ICH9_LPC(opaque)->chip_config + addr, size);
    return value;
}

/* A device's pin goes elsewhere: what it drives goes with it. */
static void collect_driven(PciBus *bus, PciDevice *dev, void *opaque)
{
    Ich9Lpc *lpc = opaque;
    for (int pin = 0; pin < 4; pin++) {
        if (!(dev->irq_state >> (pin + 4) & 1)) {
            continue;
        }
        int p = pin;
        PciDevice *d = dev;
        while (pci_device_bus(d)->bridge) {
            PciBus *b = pci_device_bus(d);
            p = b->routing.map ? b->routing.map(d, p) : (p + PCI_SLOT(d->devfn)) & 3;
            d = b->bridge;
        }
        pci_device_bus(&lpc->parent)->irq_count[lpc->irr[PCI_SLOT(d->devfn)][p]]++;
    }
}

static void rcrb_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Ich9Lpc *lpc = opaque;
    PciBus *bus = pci_device_bus(&lpc->parent);
    memcpy(lpc->chip_config + addr, &value, size);
    if (addr >= D31IR && addr < D25IR + 2) {
        update_irr(lpc);
        memset(bus->irq_count, 0, sizeof(bus->irq_count[0]) * PIRQ_COUNT);
        pci_foreach_device(bus, collect_driven, lpc);
        update_all_lines(lpc);
    }
}

static const MemoryRegionOps rcrb_ops = { .read = rcrb_read, .write = rcrb_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

/* ---- reset control ---- */
static uint64_t rst_read(void *opaque, uint64_t addr, unsigned size) { return ICH9_LPC(opaque)->rst_cnt; }

static void rst_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (value & RST_CNT_RESET) {
        system_reset_request(SHUTDOWN_GUEST_RESET);
        return;
    }
    ICH9_LPC(opaque)->rst_cnt = value & RST_CNT_MASK;
}

static const MemoryRegionOps rst_ops = { .read = rst_read, .write = rst_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 1 } };

/* ---- configuration ---- */
static uint8_t sci_gsi(const Ich9Lpc *lpc)
{
    static const uint8_t gsis[8] = { 9, 10, 11, 9, 20, 21, 9, 9 };
    return gsis[lpc->parent.config[LPC_ACPI_CTRL] & ACPI_CTRL_SCI_IRQ_SEL];
}

static void update_pmbase(Ich9Lpc *lpc)
{
    uint8_t gsi = sci_gsi(lpc);
    if (gsi != lpc->sci_gsi) {
        bool level = lpc->sci_level;
        set_sci(lpc, false);
        lpc->sci_gsi = gsi;
        set_sci(lpc, level);
    }
    memory_transaction_begin();
    memory_region_set_enabled(&lpc->pm.io, lpc->parent.config[LPC_ACPI_CTRL] & ACPI_CTRL_ACPI_EN);
    memory_region_set_address(&lpc->pm.io, pci_get_long(lpc->parent.config + LPC_PMBASE) & PMBASE_MASK);
    memory_transaction_commit();
}

static void update_rcba(Ich9Lpc *lpc)
{
    uint32_t rcba = pci_get_long(lpc->parent.config + LPC_RCBA);
    const PciBus *bus = pci_device_bus(&lpc->parent);
    MemoryRegion *memory = bus->dma_space ? bus->dma_space->root : bus->memory;
    memory_transaction_begin();
    if (lpc->rcrb.container) {
        memory_region_del_subregion(lpc->rcrb.container, &lpc->rcrb);
    }
    if (rcba & RCBA_EN) {
        memory_region_add_subregion_overlap(memory, rcba & RCBA_MASK, &lpc->rcrb, 1);
    }
    memory_transaction_commit();
}

static void lpc_config_write(Device *device, uint32_t addr, uint32_t value, unsigned size)
{
    Ich9Lpc *lpc = ICH9_LPC(device);
    uint16_t old_pmcon = pci_get_word(lpc->parent.config + LPC_GEN_PMCON_1);
    pci_default_config_write(device, addr, value, size);
    if (addr < LPC_ACPI_CTRL + 1 && addr + size > LPC_PMBASE) {
        update_pmbase(lpc);
    }
    if (addr < LPC_RCBA + 4 && addr + size > LPC_RCBA) {
        update_rcba(lpc);
    }
    if ((addr < LPC_PIRQA_ROUT + 4 && addr + size > LPC_PIRQA_ROUT) || (addr < LPC_PIRQE_ROUT + 4 && addr + size > LPC_PIRQE_ROUT)) {
        update_all_lines(lpc);
    }
    if (old_pmcon & GEN_PMCON_1_SMI_LOCK) {
        uint8_t *pmcon = lpc->parent.config + LPC_GEN_PMCON_1;
        pci_set_word(pmcon, pci_get_word(pmcon) | GEN_PMCON_1_SMI_LOCK);       /* until reset */
    }
}

/* ---- the device ---- */
static uint8_t port_present(uint16_t port, uint8_t bit)
{
    Machine *machine = machine_current();
    return machine && dma_range_valid(&machine->system_memory.io_space, port, 1, false) ? bit : 0;
}

static void lpc_reset(Device *device)
{
    Ich9Lpc *lpc = ICH9_LPC(device);
    uint8_t *c = lpc->parent.config;
    for (unsigned i = 0; i < 4; i++) {
        c[LPC_PIRQA_ROUT + i] = c[LPC_PIRQE_ROUT + i] = PIRQ_ROUT_IRQEN;
    }
    pci_set_long(c + LPC_PMBASE, 1);
    c[LPC_ACPI_CTRL] = 0;
    pci_set_word(c + LPC_GEN_PMCON_1, 0);
    pci_set_long(c + LPC_RCBA, 0);
    c[LPC_EN] = port_present(0x3f8, 0x01) | port_present(0x2f8, 0x02) | port_present(0x378, 0x04) | port_present(0x3f2, 0x08);
    memset(lpc->chip_config, 0, RCRB_SIZE);
    static const uint16_t defaults[] = { D31IR, D29IR, D28IR, D27IR, D26IR, D25IR };
    for (unsigned i = 0; i < ARRAY_SIZE(defaults); i++) {
        store_le16(lpc->chip_config + defaults[i], DIR_DEFAULT);
    }
    store_le32(lpc->chip_config + GCS, GCS_DEFAULT);
    update_irr(lpc);
    lpc->sci_level = false;
    lpc->rst_cnt = 0;
    if (lpc->smi_requested) {
        memset(lpc->smi_requested, 0, 8);
        *lpc->smi_features_ok = 0;
    }
    lpc->smi_negotiated = 0;
    lpc->pm.smi_en = lpc->smm_enabled ? 0 : SMI_APMC_EN;
    lpc->pm.smi_sts = 0;
    acpi_pm1_reset(&lpc->pm.pm1);
    acpi_gpe_reset(&lpc->pm.gpe);
    ich9_tco_reset(lpc);
    acpi_pci_hotplug_reset(&lpc->pm.pci_hotplug);
    update_pmbase(lpc);
    update_rcba(lpc);
    update_sci(lpc);
}

static void realize_pm(Ich9Lpc *lpc, PciBus *bus)
{
    Object *owner = OBJECT(lpc);
    Ich9Pm *pm = &lpc->pm;
    memory_region_init(&pm->io, owner, "ich9-pm", ICH9_PMIO_SIZE);
    memory_region_set_enabled(&pm->io, false);
    memory_region_add_subregion(bus->io, 0, &pm->io);
    acpi_pm1_init(&pm->pm1, owner, &pm->io, pm1_changed);
    acpi_gpe_init(&pm->gpe, PM_GPE0_LEN);
    memory_region_init_io(&pm->gpe_io, owner, &gpe_ops, lpc, "acpi-gpe0", PM_GPE0_LEN);
    memory_region_add_subregion(&pm->io, PM_GPE0, &pm->gpe_io);
    memory_region_init_io(&pm->smi_io, owner, &smi_ops, lpc, "acpi-smi", PM_SMI_LEN);
    memory_region_add_subregion(&pm->io, PM_SMI, &pm->smi_io);
    if (pm->enable_tco) {
        ich9_tco_init(lpc);
    }
    if (pm->pci_hotplug.bridges_enabled) {
        acpi_pci_hotplug_init(&pm->pci_hotplug, owner, bus, bus->io, ACPI_PCIHP_IO_BASE_ICH9);
    }
    acpi_cpu_hotplug_init(&pm->cpu_hotplug, owner, bus->io, ACPI_CPU_HOTPLUG_IO_BASE_ICH9);
    acpi_set_event_sink(send_event, lpc);
    powerdown_add_notifier(power_button, lpc);
    wakeup_add_notifier(woken, lpc);
}

static bool realize_rtc(Ich9Lpc *lpc, GError **err)
{
    lpc->rtc = device_new("mc146818rtc");
    if (!object_set_int(OBJECT(lpc->rtc), "base_year", 0, err) || !object_add_child(OBJECT(lpc), "rtc", OBJECT(lpc->rtc), err) ||
        !device_realize(lpc->rtc, &lpc->isa_bus->parent, err)) {
        return false;
    }
    device_connect_irq(lpc->rtc, NULL, 0, lpc->rtc_irq ? lpc->rtc_irq : lpc->gsi[RTC_ISA_IRQ]);
    return true;
}

static bool lpc_realize(Device *device, GError **err)
{
    Ich9Lpc *lpc = ICH9_LPC(device);
    PciBus *bus = pci_device_bus(&lpc->parent);
    uint8_t *w = lpc->parent.write_mask;

    if (lpc->smi_options >> SMI_F_CPU_HOT_UNPLUG & 1 && !(lpc->smi_options >> SMI_F_CPU_HOTPLUG & 1)) {
        return error_set(err, "cpu hot-unplug requires cpu hot-plug");
    }
    pci_set_long(w + LPC_PMBASE, PMBASE_MASK);
    w[LPC_ACPI_CTRL] = ACPI_CTRL_ACPI_EN | ACPI_CTRL_SCI_IRQ_SEL;
    pci_set_long(w + LPC_RCBA, RCBA_MASK | RCBA_EN);
    lpc->chip_config = g_malloc0(RCRB_SIZE);
    lpc->sci_gsi = SCI_GSI_DEFAULT;
    memory_region_init_io(&lpc->rcrb, OBJECT(lpc), &rcrb_ops, lpc, "lpc-rcrb-mmio", RCRB_SIZE);
    memory_region_init_io(&lpc->reset_control, OBJECT(lpc), &rst_ops, lpc, "lpc-reset-control", 1);
    memory_region_add_subregion_overlap(bus->io, ICH9_RST_CNT_PORT, &lpc->reset_control, 1);
    update_irr(lpc);

    lpc->isa_bus = isa_bus_new(device, bus->memory, bus->io);
    isa_bus_set_irqs(lpc->isa_bus, lpc->gsi);
    pci_bus_set_routing(bus, &(PciIrqRouting){ .map = map_irq, .set = set_pirq, .opaque = lpc, .nr_lines = PIRQ_COUNT });
    apm_init(&lpc->apm, OBJECT(lpc), bus->io, apm_command, lpc);
    realize_pm(lpc, bus);
    return i8257_create_pair(lpc->isa_bus, OBJECT(lpc), bus->dma_space, false, lpc->dma, err) && realize_rtc(lpc, err);
}

static void lpc_init(Object *object)
{
    device_add_irq_outputs(DEVICE(object), "gsi", ICH9_LPC(object)->gsi, ICH9_GSI_COUNT);
}

static const Property lpc_properties[] = {
    PROP_BOOL("noreboot", Ich9Lpc, noreboot, false),
    PROP_BOOL("smm-compat", Ich9Lpc, smm_compat, false),
    PROP_BOOL("smm-enabled", Ich9Lpc, smm_enabled, false),
    PROP_BIT64("x-smi-broadcast", Ich9Lpc, smi_options, SMI_F_BROADCAST, true),
    PROP_BIT64("x-smi-cpu-hotplug", Ich9Lpc, smi_options, SMI_F_CPU_HOTPLUG, true),
    PROP_BIT64("x-smi-cpu-hotunplug", Ich9Lpc, smi_options, SMI_F_CPU_HOT_UNPLUG, true),
    PROP_BIT64("x-smi-swsmi-timer", Ich9Lpc, smi_options, SMI_F_SWSMI_TIMER, true),
    PROP_BIT64("x-smi-periodic-timer", Ich9Lpc, smi_options, SMI_F_PERIODIC_TIMER, true),
    PROP_UINT8("disable_s3", Ich9Lpc, pm.pm1.disable_s3, 0, .flags = PROP_HIDDEN),
    PROP_UINT8("disable_s4", Ich9Lpc, pm.pm1.disable_s4, 0, .flags = PROP_HIDDEN),
    PROP_UINT8("s4_val", Ich9Lpc, pm.pm1.s4_val, 2, .flags = PROP_HIDDEN),
    PROP_BOOL("cpu-hotplug-legacy", Ich9Lpc, pm.cpu_hotplug_legacy, false, .flags = PROP_HIDDEN),
    PROP_BOOL("enable_tco", Ich9Lpc, pm.enable_tco, true, .flags = PROP_HIDDEN),
    PROP_BOOL("acpi-pci-hotplug-with-bridge-support", Ich9Lpc, pm.pci_hotplug.bridges_enabled, true, .flags = PROP_HIDDEN),
    PROP_BOOL("x-keep-pci-slot-hpc", Ich9Lpc, pm.keep_pci_slot_hpc, true, .flags = PROP_HIDDEN),
};
static const StateField lpc_state[] = {
    STATE_UINT16(Ich9Lpc, pm.pm1.sts), STATE_UINT16(Ich9Lpc, pm.pm1.en), STATE_UINT16(Ich9Lpc, pm.pm1.control), STATE_UINT32(Ich9Lpc, pm.smi_en),
    STATE_UINT32(Ich9Lpc, pm.smi_sts), STATE_UINT8(Ich9Lpc, apm.control), STATE_UINT8(Ich9Lpc, apm.status), STATE_UINT8(Ich9Lpc, rst_cnt),
    STATE_BOOL(Ich9Lpc, sci_level), STATE_UINT64(Ich9Lpc, smi_negotiated),
};
static const DeviceType ich9_lpc = {
    .name = "ICH9-LPC", .parent = "pci-device", .size = sizeof(Ich9Lpc), .category = DEVICE_BRIDGE, .description = "ICH9 LPC bridge",
    .not_hotpluggable = true,
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x2918, .revision = 2, .class = PCI_CLASS_BRIDGE_ISA, .config_write = lpc_config_write },
    .properties = PROPERTIES(lpc_properties), .state = STATE(lpc_state, .version = 1), .init = lpc_init, .realize = lpc_realize, .reset = lpc_reset,
};
REGISTER_DEVICE(ich9_lpc)
