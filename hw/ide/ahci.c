/*
 * The AHCI controller of the ICH9 (AHCI 1.3.1, 3.1; Intel ICH9 datasheet, 316972, 15): six ports, the host's registers in BAR 5, an index and data pair in
 * BAR 4.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/ahci.h"

#include "util/error.h"
#include "util/main-loop.h"

enum { HOST_CAP = 0x00, HOST_GHC = 0x04, HOST_IS = 0x08, HOST_PI = 0x0c, HOST_VS = 0x10, PORTS_AT = 0x100, PORT_BYTES = 0x80 };
enum { GHC_HR = 1u << 0, GHC_IE = 1u << 1 };
#define GHC_AE (1u << 31)
/* 64-bit addresses, native queuing, generation 1, AHCI only, 32 slots. */
#define CAP_VALUE (0xc0140000u | (AHCI_SLOTS - 1) << 8 | (AHCI_PORTS - 1))
enum { VERSION_VALUE = 0x00010000, IDP_INDEX = 0x10, IDP_DATA = 0x14, IDP_BAR = 4, ABAR = 5, MMIO_BYTES = 0x1000, IDP_BYTES = 32 };
enum { CONFIG_MAP = 0x90, MSI_AT = 0x80, SATA_CAP_AT = 0xa8, SATA_CAP_ID = 0x12 };

void ahci_update_irq(AhciState *s)
{
    for (int n = 0; n < AHCI_PORTS; n++) {
        if (s->ports[n].is & s->ports[n].ie) {
            s->is |= 1u << n;
        } else {
            s->is &= ~(1u << n);
        }
    }
    bool raised = (s->ghc & GHC_IE) && s->is;
    if (msi_enabled(&s->parent)) {
        if (raised) {
            msi_notify(&s->parent, 0);
        }
    } else {
        pci_set_irq(&s->parent, raised);
    }
}

static void host_reset(AhciState *s)
{
    s->ghc = GHC_AE;
    s->is = 0;
    for (int n = 0; n < AHCI_PORTS; n++) {
        ahci_port_reset(&s->ports[n]);
    }
    ahci_update_irq(s);
}

static uint32_t host_read(AhciState *s, unsigned reg)
{
    switch (reg) {
    case HOST_CAP: return CAP_VALUE;
    case HOST_GHC: return s->ghc;
    case HOST_IS: return s->is;
    case HOST_PI: return (1u << AHCI_PORTS) - 1;
    case HOST_VS: return VERSION_VALUE;
    default: return 0;
    }
}

static void host_write(AhciState *s, unsigned reg, uint32_t value)
{
    if (reg == HOST_GHC && (value & GHC_HR)) {
        host_reset(s);
    } else if (reg == HOST_GHC) {
        s->ghc = (value & GHC_IE) | GHC_AE;
        ahci_update_irq(s);
    } else if (reg == HOST_IS) {
        s->is &= ~value;
        ahci_update_irq(s);
    }
}

static uint32_t register_read(AhciState *s, unsigned addr)
{
    if (addr < PORTS_AT) {
        return host_read(s, addr);
    }
    unsigned port = (addr - PORTS_AT) / PORT_BYTES;
    return port < AHCI_PORTS ? ahci_port_read(&s->ports[port], addr & (PORT_BYTES - 1)) : 0;
}

static void register_write(AhciState *s, unsigned addr, uint32_t value)
{
    unsigned port = (addr - PORTS_AT) / PORT_BYTES;
    if (addr < PORTS_AT) {
        host_write(s, addr, value);
    } else if (port < AHCI_PORTS) {
        ahci_port_write(&s->ports[port], addr & (PORT_BYTES - 1), value);
    }
}

static uint64_t mmio_read(void *opaque, uint64_t addr, unsigned size) { return register_read(opaque, (unsigned)addr & ~3u) >> (8 * (addr & 3)); }

static void mmio_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (size == 4 && !(addr & 3)) {
        register_write(opaque, (unsigned)addr, (uint32_t)value);
    }
}

static const MemoryRegionOps mmio_ops = { .read = mmio_read, .write = mmio_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 1, 4 } };

static uint64_t idp_read(void *opaque, uint64_t addr, unsigned size)
{
    AhciState *s = opaque;
    return addr == IDP_INDEX ? s->idp_index : addr == IDP_DATA ? register_read(s, s->idp_index) : 0;
}

static void idp_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    AhciState *s = opaque;
    if (addr == IDP_INDEX) {
        s->idp_index = (uint32_t)value & (MMIO_BYTES - 1) & ~3u;
    } else if (addr == IDP_DATA) {
        register_write(s, s->idp_index, (uint32_t)value);
    }
}

static const MemoryRegionOps idp_ops = { .read = idp_read, .write = idp_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 4, 4 }, .impl = { 4, 4 } };

/* ---- the device ---- */
static void fetch_all(void *opaque)
{
    AhciState *s = opaque;
    for (int n = 0; n < AHCI_PORTS; n++) {
        ahci_port_fetch(&s->ports[n]);
    }
}

static void run_state_changed(void *opaque, bool running, RunState state)
{
    AhciState *s = opaque;
    for (int n = 0; running && n < AHCI_PORTS; n++) {
        ahci_ncq_retry(&s->ports[n]);
    }
}

static void ahci_reset(Device *device)
{
    AhciState *s = (AhciState *)device;
    host_reset(s);
    s->idp_index = 0;
    for (int n = 0; n < AHCI_PORTS; n++) {
        s->ports[n].clb = s->ports[n].fb = 0;
    }
}

static bool add_capabilities(AhciState *s, GError **err)
{
    uint8_t *config = s->parent.config;
    uint8_t at = pci_add_capability(&s->parent, SATA_CAP_ID, SATA_CAP_AT, 8, err);
    if (!at) {
        return false;
    }
    pci_set_word(config + at + 2, 0x0010);
    pci_set_long(config + at + 4, 0x48);        /* the pair is in BAR 4 at 0x10 */
    config[CONFIG_MAP] = 0x40;                  /* AHCI */
    return msi_init(&s->parent, MSI_AT, 1, true, false, err);
}

static bool ahci_realize(Device *device, GError **err)
{
    AhciState *s = (AhciState *)device;
    pci_set_interrupt_pin(&s->parent, 1);
    s->parent.config[PCI_CLASS_PROG] = 0x01;
    if (!add_capabilities(s, err)) {
        return false;
    }
    memory_region_init_io(&s->mmio, OBJECT(s), &mmio_ops, s, "ahci", MMIO_BYTES);
    memory_region_init_io(&s->idp, OBJECT(s), &idp_ops, s, "ahci-idp", IDP_BYTES);
    pci_register_bar(&s->parent, IDP_BAR, PCI_BASE_ADDRESS_SPACE_IO, &s->idp);
    pci_register_bar(&s->parent, ABAR, PCI_BASE_ADDRESS_SPACE_MEMORY, &s->mmio);
    s->fetch = bottom_half_new(fetch_all, s);
    for (int n = 0; n < AHCI_PORTS; n++) {
        ahci_port_init(s, n);
    }
    s->run_state = run_state_add_handler(run_state_changed, s);
    return true;
}

static void ahci_unrealize(Device *device)
{
    AhciState *s = (AhciState *)device;
    g_clear_pointer(&s->run_state, run_state_remove_handler);
    for (int n = 0; n < AHCI_PORTS; n++) {
        ahci_ncq_cancel(&s->ports[n]);
        ide_bus_release(s->ports[n].bus);
    }
    g_clear_pointer(&s->fetch, bottom_half_free);
    msi_uninit(&s->parent);
    pci_unregister_bar(&s->parent, IDP_BAR);
    pci_unregister_bar(&s->parent, ABAR);
    memory_region_destroy(&s->mmio);
    memory_region_destroy(&s->idp);
}

static const StateField port_fields[] = {
    STATE_UINT64(AhciPort, clb), STATE_UINT64(AhciPort, fb), STATE_UINT32(AhciPort, is), STATE_UINT32(AhciPort, ie), STATE_UINT32(AhciPort, cmd),
    STATE_UINT32(AhciPort, tfd), STATE_UINT32(AhciPort, sig), STATE_UINT32(AhciPort, sstatus), STATE_UINT32(AhciPort, scontrol), STATE_UINT32(AhciPort, serror),
    STATE_UINT32(AhciPort, sactive), STATE_UINT32(AhciPort, ci),
};
static const StateTable port_state = STATE(port_fields, .version = 1);
static const StateField ahci_fields[] = {
    STATE_UINT32(AhciState, ghc), STATE_UINT32(AhciState, is), STATE_UINT32(AhciState, idp_index), STATE_STRUCT_ARRAY(AhciState, ports, port_state),
};
static const DeviceType ich9_ahci = {
    .name = "ich9-ahci", .parent = "pci-device", .size = sizeof(AhciState), .category = DEVICE_STORAGE, .user_creatable = true, .state = STATE(ahci_fields, .version = 1),
    .pci = { .vendor = PCI_VENDOR_ID_INTEL, .device = 0x2922, .class = PCI_CLASS_STORAGE_SATA, .interface = 0x01, .revision = 0x02 },
    .realize = ahci_realize, .unrealize = ahci_unrealize, .reset = ahci_reset,
};
REGISTER_DEVICE(ich9_ahci)
