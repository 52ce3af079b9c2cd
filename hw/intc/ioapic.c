/*
 * The I/O APIC: 24 interrupt inputs, each with a redirection entry (Intel 82093AA datasheet, 290566; ICH9 datasheet 316972, 13.5: version 0x20 with
 * the EOI register).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/intc/ioapic.h"

#include "hw/i386/apic.h"
#include "hw/i386/irqchip.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/log.h"

#include <inttypes.h>
#include <string.h>

enum { IOREGSEL = 0x00, IOWIN = 0x10, IOAPIC_EOI = 0x40, IOAPIC_SIZE = 0x1000 };
enum { IOAPICID = 0, IOAPICVER = 1, IOAPICARB = 2, IOREDTBL = 0x10 };
FIELD(RTE_VECTOR, 0, 8);
FIELD(RTE_DELIVERY_MODE, 8, 3);
#define RTE_LOGICAL         BIT(11)
#define RTE_DELIVERY_STATUS BIT(12)
#define RTE_ACTIVE_LOW      BIT(13)
#define RTE_REMOTE_IRR      BIT(14)
#define RTE_LEVEL           BIT(15)
#define RTE_MASKED          BIT(16)
FIELD(RTE_DESTINATION, 56, 8);
#define RTE_READ_ONLY (RTE_DELIVERY_STATUS | RTE_REMOTE_IRR)
enum { DELIVERY_EXTINT = 7 };

typedef struct IoApic {
    SysBusDevice parent;
    MemoryRegion io;
    uint8_t id, select;
    uint8_t version;
    uint32_t irr;                       /* inputs that are asserted (level) or were (edge) */
    uint32_t levels;                    /* of the inputs */
    uint64_t table[IOAPIC_PIN_COUNT];
    unsigned index;                     /* 0: the one that has the ISA interrupts */
    uint64_t counts[IOAPIC_PIN_COUNT];  /* of rising inputs, for info irq */
} IoApic;

static IoApic *ioapics[IOAPIC_MAX];
static unsigned ioapic_count;
static IoApicEntryHook *entry_hook;

void ioapic_set_entry_hook(IoApicEntryHook *hook) { entry_hook = hook; }

Device *ioapic_new(void)
{
    return device_new(x86_irqchip()->ioapic ? x86_irqchip()->ioapic : "ioapic");
}

static void entry_changed(const IoApic *apic, unsigned pin)
{
    uint64_t entry = apic->table[pin];
    if (!entry_hook || apic->index) {
        return;
    }
    uint64_t address = APIC_DEFAULT_ADDRESS | FIELD_GET(entry, RTE_DESTINATION) << 12 | (entry & RTE_LOGICAL ? 1 << 2 : 0);
    uint32_t data = FIELD_GET(entry, RTE_VECTOR) | FIELD_GET(entry, RTE_DELIVERY_MODE) << 8 | (entry & RTE_LEVEL ? 3u << 14 : 0);
    entry_hook(pin, address, data, entry & RTE_MASKED);
}

static void deliver(IoApic *apic, int pin)
{
    uint64_t entry = apic->table[pin];
    uint8_t mode = FIELD_GET(entry, RTE_DELIVERY_MODE);
    uint8_t vector = mode == DELIVERY_EXTINT ? (uint8_t)x86_read_pic() : (uint8_t)FIELD_GET(entry, RTE_VECTOR);
    apic_deliver_irq(FIELD_GET(entry, RTE_DESTINATION), entry & RTE_LOGICAL, mode, vector, entry & RTE_LEVEL);
}

static void service_pin(IoApic *apic, int pin)
{
    uint64_t *entry = &apic->table[pin];
    uint32_t bit = 1u << pin;
    if (!(apic->irr & bit) || *entry & RTE_MASKED) {
        return;
    }
    if (*entry & RTE_LEVEL) {
        if (*entry & RTE_REMOTE_IRR) {
            return;                     /* accepted by a processor that has not ended it yet */
        }
        *entry |= RTE_REMOTE_IRR;
    } else {
        apic->irr &= ~bit;
    }
    deliver(apic, pin);
}

static void set_pin(void *opaque, int pin, int level)
{
    IoApic *apic = opaque;
    int input = pin;
    /* The PC's timer interrupt is wired to pin 2; pin 0 is the 8259's, which has no line of its own here. */
    if (pin == 0 && apic->index == 0) {
        pin = 2;
    }
    uint32_t bit = 1u << pin;
    bool rising = level && !(apic->levels & bit);
    apic->counts[input] += rising;
    apic->levels = level ? apic->levels | bit : apic->levels & ~bit;
    if (apic->table[pin] & RTE_LEVEL) {
        apic->irr = level ? apic->irr | bit : apic->irr & ~bit;
        if (level) {
            service_pin(apic, pin);
        }
    } else if (rising) {
        /* An edge that comes while the pin is masked is lost (82093AA, 3.2.4, interrupt mask). */
        if (!(apic->table[pin] & RTE_MASKED)) {
            apic->irr |= bit;
            service_pin(apic, pin);
        }
    }
}

static void end_of_interrupt(IoApic *apic, uint8_t vector)
{
    for (int pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
        uint64_t *entry = &apic->table[pin];
        if (FIELD_GET(*entry, RTE_VECTOR) == vector && *entry & RTE_LEVEL && *entry & RTE_REMOTE_IRR) {
            *entry &= ~RTE_REMOTE_IRR;
            service_pin(apic, pin);
        }
    }
}

void ioapic_eoi_broadcast(uint8_t vector)
{
    for (unsigned i = 0; i < ioapic_count; i++) {
        end_of_interrupt(ioapics[i], vector);
    }
}

/* ---- registers ---- */
static uint32_t read_window(const IoApic *apic)
{
    switch (apic->select) {
    case IOAPICID:
    case IOAPICARB:
        return (uint32_t)apic->id << 24;
    case IOAPICVER:
        return apic->version | (IOAPIC_PIN_COUNT - 1) << 16;
    }
    unsigned pin = (apic->select - IOREDTBL) >> 1;
    if (apic->select < IOREDTBL || pin >= IOAPIC_PIN_COUNT) {
        return 0;
    }
    return apic->select & 1 ? apic->table[pin] >> 32 : (uint32_t)apic->table[pin];
}

static void write_entry(IoApic *apic, unsigned pin, uint32_t value)
{
    uint64_t *entry = &apic->table[pin], kept = *entry & RTE_READ_ONLY;
    if (apic->select & 1) {
        *entry = (uint32_t)*entry | (uint64_t)value << 32;
    } else {
        *entry = (*entry & ~UINT64_C(0xffffffff)) | value;
    }
    *entry = (*entry & ~RTE_READ_ONLY) | kept;
    if (!(*entry & RTE_LEVEL)) {
        /* Becoming edge-triggered ends what was level-triggered: drivers without a directed EOI do this. */
        *entry &= ~RTE_REMOTE_IRR;
        apic->irr &= ~(1u << pin);
    } else {
        apic->irr = (apic->irr & ~(1u << pin)) | (apic->levels & 1u << pin);
    }
    entry_changed(apic, pin);
    service_pin(apic, pin);
}

static void write_window(IoApic *apic, uint32_t value)
{
    if (apic->select == IOAPICID) {
        apic->id = value >> 24 & 0x0f;
        return;
    }
    unsigned pin = (apic->select - IOREDTBL) >> 1;
    if (apic->select >= IOREDTBL && pin < IOAPIC_PIN_COUNT) {
        write_entry(apic, pin, value);
    }
}

static uint64_t ioapic_read(void *opaque, uint64_t addr, unsigned size)
{
    const IoApic *apic = opaque;
    switch (addr & 0xff) {
    case IOREGSEL:
        return apic->select;
    case IOWIN:
        return size == 4 ? read_window(apic) : 0;
    default:
        return 0;
    }
}

static void ioapic_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    IoApic *apic = opaque;
    switch (addr & 0xff) {
    case IOREGSEL:
        apic->select = value;
        break;
    case IOWIN:
        if (size == 4) {
            write_window(apic, value);
        }
        break;
    case IOAPIC_EOI:
        if (size == 4 && apic->version >= 0x20) {
            end_of_interrupt(apic, value);
        }
        break;
    }
}

static const MemoryRegionOps ioapic_ops = { .read = ioapic_read, .write = ioapic_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 } };

/* ---- the device ---- */
static void ioapic_reset(Device *device)
{
    IoApic *apic = (IoApic *)device;
    apic->id = apic->select = 0;
    apic->irr = 0;
    for (int pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
        apic->table[pin] = RTE_MASKED;
        entry_changed(apic, pin);
    }
}

static bool ioapic_realize(Device *device, GError **err)
{
    IoApic *apic = (IoApic *)device;
    if (ioapic_count == IOAPIC_MAX) {
        return error_set(err, "ioapic: no more than %d of them", IOAPIC_MAX);
    }
    if (apic->version != 0x11 && apic->version != 0x20) {
        return error_set(err, "IOAPIC only supports version 0x11 or 0x20 (default: 0x20).");
    }
    apic->index = ioapic_count;
    ioapics[ioapic_count++] = apic;
    memory_region_init_io(&apic->io, OBJECT(apic), &ioapic_ops, apic, "ioapic", IOAPIC_SIZE);
    sysbus_add_mmio(&apic->parent, &apic->io);
    device_add_irq_inputs(device, NULL, set_pin, apic, IOAPIC_PIN_COUNT);
    apic_set_eoi_hook(ioapic_eoi_broadcast);
    ioapic_reset(device);
    return true;
}

static void ioapic_unrealize(Device *device)
{
    IoApic *apic = (IoApic *)device;
    ioapic_count--;
    for (unsigned i = apic->index; i < ioapic_count; i++) {
        ioapics[i] = ioapics[i + 1];
        ioapics[i]->index = i;
    }
    if (apic->io.container) {
        memory_region_del_subregion(apic->io.container, &apic->io);
    }
    memory_region_destroy(&apic->io);
}

static const Property ioapic_properties[] = {
    PROP_UINT8("version", IoApic, version, 0x20),
};
static const StateField ioapic_state[] = {
    STATE_UINT8(IoApic, id), STATE_UINT8(IoApic, select), STATE_UINT32(IoApic, irr), STATE_UINT32(IoApic, levels), STATE_UINT64_ARRAY(IoApic, table),
};
static const DeviceType ioapic_type = {
    .name = "ioapic", .parent = "sys-bus-device", .size = sizeof(IoApic), .summary = "I/O APIC",
    .properties = PROPERTIES(ioapic_properties), .state = STATE(ioapic_state, .version = 1),
    .realize = ioapic_realize, .unrealize = ioapic_unrealize, .reset = ioapic_reset,
};
REGISTER_DEVICE(ioapic_type)

/* ---- info pic ---- */
static const char *const mode_names[] = { "fixed", "lowest", "SMI", "...", "NMI", "INIT", "...", "extINT" };

static void describe_pins(GString *out, const char *title, uint32_t pins)
{
    g_string_append_printf(out, "  %-8s", title);
    for (int pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
        if (pins & 1u << pin) {
            g_string_append_printf(out, " %d", pin);
        }
    }
    g_string_append(out, pins ? "\n" : " (none)\n");
}

void ioapic_describe_state(GString *out, unsigned index, const IoApicState *state)
{
    uint32_t remote = 0;
    g_string_append_printf(out, "ioapic%u: ver=0x%x id=0x%02x sel=0x%02x", index, state->version, state->id, state->select);
    if (state->select >= IOREDTBL) {
        g_string_append_printf(out, " (redir[%u])", (state->select - IOREDTBL) >> 1);
    }
    g_string_append_c(out, '\n');
    for (int pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
        uint64_t e = state->table[pin];
        remote |= e & RTE_REMOTE_IRR ? 1u << pin : 0;
        g_string_append_printf(out, "  pin %-2d 0x%016" PRIx64 " dest=%" PRIx64 " vec=%-3u %s %-5s %-6s %-6s %s\n", pin, e, FIELD_GET(e, RTE_DESTINATION),
                               (unsigned)FIELD_GET(e, RTE_VECTOR), e & RTE_ACTIVE_LOW ? "active-lo" : "active-hi", e & RTE_LEVEL ? "level" : "edge",
                               e & RTE_MASKED ? "masked" : "", mode_names[FIELD_GET(e, RTE_DELIVERY_MODE)], e & RTE_LOGICAL ? "logical" : "physical");
    }
    describe_pins(out, "IRR", state->irr & MAKE_MASK(0, IOAPIC_PIN_COUNT));
    describe_pins(out, "Remote IRR", remote);
}

char *ioapic_describe_counts(void)
{
    GString *out = g_string_new(NULL);
    if (x86_irqchip()->describe_ioapic) {
        g_string_append(out, "IRQ statistics not available for kvm-ioapic.\n");
    }
    for (unsigned i = 0; i < ioapic_count; i++) {
        g_string_append(out, "IRQ statistics for ioapic:\n");
        for (int pin = 0; pin < IOAPIC_PIN_COUNT; pin++) {
            if (ioapics[i]->counts[pin]) {
                g_string_append_printf(out, "%2d: %" PRIu64 "\n", pin, ioapics[i]->counts[pin]);
            }
        }
    }
    return g_string_free(out, FALSE);
}

char *ioapic_describe(void)
{
    if (x86_irqchip()->describe_ioapic) {
        return x86_irqchip()->describe_ioapic();
    }
    GString *out = g_string_new(NULL);
    for (unsigned i = 0; i < ioapic_count; i++) {
        const IoApic *apic = ioapics[i];
        IoApicState state = { .id = apic->id, .select = apic->select, .version = apic->version, .irr = apic->irr };
        memcpy(state.table, apic->table, sizeof(state.table));
        ioapic_describe_state(out, i, &state);
    }
    return g_string_free(out, FALSE);
}
