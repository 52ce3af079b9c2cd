/* The PC's chips by their ports: 8259, 8254, RTC, 8237, PIIX3, PIIX4 power management. SPDX-License-Identifier: GPL-2.0-or-later */
#include "pc-fixture.h"

#include "hw/acpi/acpi.h"
#include "hw/i386/apic.h"
#include "hw/input/i8042.h"
#include "hw/misc/pcspk.h"
#include "hw/rtc/mc146818.h"
#include "hw/timer/hpet.h"
#include "ui/input.h"
#include "util/error.h"

#include <string.h>

static void start(void)
{
    reset_all();
    /* As a PC's firmware sets the pair up: vectors 0x08 and 0x70, all masked. */
    outb(0x20, 0x11), outb(0x21, 0x08), outb(0x21, 0x04), outb(0x21, 0x01);
    outb(0xa0, 0x11), outb(0xa1, 0x70), outb(0xa1, 0x02), outb(0xa1, 0x01);
    outb(0x21, 0xff), outb(0xa1, 0xff);
}

static void test_config_at_reset(void)
{
    reset_all();
    g_assert_cmphex(config_read(0, 0, 4), ==, 0x12378086);
    g_assert_cmphex(config_read(0, 8, 4), ==, 0x06000002);
    g_assert_cmphex(config_read(0, 0x2c, 4), ==, 0x11001af4);
    g_assert_cmphex(config_read(0, 0x54, 4), ==, 0x10000000);
    g_assert_cmphex(config_read(0, 0x70, 4), ==, 0x00020000);
    g_assert_cmphex(config_read(8, 0, 4), ==, 0x70008086);
    g_assert_cmphex(config_read(8, 4, 4), ==, 0x02000000);
    g_assert_cmphex(config_read(8, 0xc, 4), ==, 0x00800000);
    g_assert_cmphex(config_read(8, 0x4c, 4), ==, 0x0003004d);
    g_assert_cmphex(config_read(8, 0x60, 4), ==, 0x80808080);
    g_assert_cmphex(config_read(8, 0x68, 4), ==, 0x00000200);
    g_assert_cmphex(config_read(8, 0x74, 4), ==, 0x0c0c0000);
    g_assert_cmphex(config_read(8, 0x78, 4), ==, 0x00000002);
    g_assert_cmphex(config_read(8, 0xa0, 4), ==, 0x00000008);
    g_assert_cmphex(config_read(8, 0xa8, 4), ==, 0x0000000f);
    g_assert_cmphex(config_read(11, 0, 4), ==, 0x71138086);
    g_assert_cmphex(config_read(11, 4, 4), ==, 0x02800000);
    g_assert_cmphex(config_read(11, 8, 4), ==, 0x06800003);
    g_assert_cmphex(config_read(11, 0x3c, 4), ==, 0x00000100);
    g_assert_cmphex(config_read(11, 0x40, 4), ==, 0x00000001);
    g_assert_cmphex(config_read(11, 0x90, 4), ==, 0x0000b101);
    g_assert_cmphex(config_read(11, 0xd0, 4), ==, 0x00090000);
    g_assert_cmphex(config_read(0x80, 0, 4), ==, 0xffffffff);
    outl(0xcf8, 0);
    g_assert_cmphex(in(0xcfc, 4), ==, 0xffffffff);
}

/* ---- 8259 ---- */
static void test_pic_priority(void)
{
    start();
    outb(0x21, 0x00), outb(0xa1, 0x00);
    irq_pulse(pc.pic_inputs[5]);
    irq_pulse(pc.pic_inputs[3]);
    g_assert_cmpint(pc.intr, ==, 1);
    g_assert_cmphex(i8259_read_irq(), ==, 0x0b);
    /* 5 waits for 3 to end. */
    g_assert_cmpint(pc.intr, ==, 0);
    outb(0x20, 0x20);
    g_assert_cmpint(pc.intr, ==, 1);
    g_assert_cmphex(i8259_read_irq(), ==, 0x0d);
    outb(0x20, 0x0b);
    g_assert_cmphex(inb(0x20), ==, 0x20);       /* ISR */
    outb(0x20, 0x65);                           /* specific EOI */
    g_assert_cmphex(inb(0x20), ==, 0x00);
    /* Nothing there: spurious 7, and no in-service bit. */
    g_assert_cmphex(i8259_read_irq(), ==, 0x0f);
    g_assert_cmphex(inb(0x20), ==, 0x00);
}

static void test_pic_slave(void)
{
    start();
    outb(0x21, 0xfb), outb(0xa1, 0x00);
    irq_raise(pc.pic_inputs[14]);
    irq_pulse(pc.pic_inputs[8]);
    g_assert_cmpint(pc.intr, ==, 1);
    g_assert_cmphex(i8259_read_irq(), ==, 0x70);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    g_assert_cmphex(i8259_read_irq(), ==, 0x76);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    /* An edge is not repeated while the line stays up. */
    g_assert_cmpint(pc.intr, ==, 0);
    irq_lower(pc.pic_inputs[14]);
}

static void test_pic_level(void)
{
    start();
    outb(0x21, 0xfb), outb(0xa1, 0x00);
    outb(0x4d1, 0xff);
    g_assert_cmphex(inb(0x4d1), ==, 0xde);      /* lines 8 and 13 are edges */
    outb(0x4d1, 0x08);
    irq_raise(pc.pic_inputs[11]);
    g_assert_cmphex(i8259_read_irq(), ==, 0x73);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    g_assert_cmpint(pc.intr, ==, 1);            /* still up: again */
    irq_lower(pc.pic_inputs[11]);
    g_assert_cmpint(pc.intr, ==, 0);
}

static void test_pic_modes(void)
{
    start();
    outb(0x21, 0x00);
    /* Poll. */
    irq_pulse(pc.pic_inputs[4]);
    outb(0x20, 0x0c);
    g_assert_cmphex(inb(0x20), ==, 0x84);
    outb(0x20, 0x0c);
    g_assert_cmphex(inb(0x20), ==, 0x00);
    /* Special mask: a masked line in service does not hold back lower ones. */
    irq_pulse(pc.pic_inputs[6]);
    g_assert_cmpint(pc.intr, ==, 0);
    outb(0x21, 0x10);
    outb(0x20, 0x68);
    g_assert_cmpint(pc.intr, ==, 1);
    g_assert_cmphex(i8259_read_irq(), ==, 0x0e);
    outb(0x20, 0x48), outb(0x20, 0x20), outb(0x20, 0x20);
    /* Rotation: line 4 lowest, so 5 comes before 3. */
    outb(0x21, 0x00), outb(0x20, 0xc4);
    irq_pulse(pc.pic_inputs[3]), irq_pulse(pc.pic_inputs[5]);
    g_assert_cmphex(i8259_read_irq(), ==, 0x0d);
    outb(0x20, 0x20);
    g_assert_cmphex(i8259_read_irq(), ==, 0x0b);
    outb(0x20, 0x20);
    /* Automatic EOI. */
    outb(0x20, 0x11), outb(0x21, 0x08), outb(0x21, 0x04), outb(0x21, 0x03), outb(0x21, 0x00);
    irq_pulse(pc.pic_inputs[1]);
    g_assert_cmphex(i8259_read_irq(), ==, 0x09);
    outb(0x20, 0x0b);
    g_assert_cmphex(inb(0x20), ==, 0x00);
}

/* ---- 8254 ---- */
static void step_ns(int64_t ns) { clock_virtual_step_to(clock_get_ns(CLOCK_TYPE_VIRTUAL) + ns); }

static void test_pit_rate(void)
{
    start();
    outb(0x21, 0xfe);
    outb(0x43, 0x34), outb(0x40, 0xa9), outb(0x40, 0x04);       /* mode 2, 1193: every millisecond */
    int ticks = 0;
    for (int i = 0; i < 1000; i++) {
        step_ns(100000);
        if (pc.intr) {
            i8259_read_irq();
            outb(0x20, 0x20);
            ticks++;
        }
    }
    g_assert_cmpint(ticks, ==, 100);
}

static void test_pit_one_shot_and_latch(void)
{
    start();
    outb(0x21, 0xfe);
    outb(0x43, 0x30), outb(0x40, 0xe8), outb(0x40, 0x03);       /* mode 0, 1000 */
    g_assert_cmpint(pc.intr, ==, 0);
    step_ns(NS_PER_S / PIT_HZ * 500);
    outb(0x43, 0x00);
    step_ns(NS_PER_S / PIT_HZ * 100);
    unsigned latched = inb(0x40);
    latched |= inb(0x40) << 8;
    g_assert_cmpuint(latched, >=, 499);
    g_assert_cmpuint(latched, <=, 502);
    step_ns(NS_PER_S / PIT_HZ * 1000);
    g_assert_cmpint(pc.intr, ==, 1);
    /* Read-back: status of counter 0 is output high, word access, mode 0. */
    outb(0x43, 0xe2);
    g_assert_cmphex(inb(0x40), ==, 0xb0);
}

static void test_pit_gate(void)
{
    PitChannelInfo info;
    start();
    outb(0x43, 0xb6), outb(0x42, 0xe8), outb(0x42, 0x03);       /* counter 2, mode 3, 1000 */
    pit_type(pc.pit)->set_gate(pc.pit, 2, 0);
    pit_type(pc.pit)->set_gate(pc.pit, 2, 1);
    pit_type(pc.pit)->get_channel(pc.pit, 2, &info);
    g_assert_cmpint(info.gate, ==, 1);
    g_assert_cmpint(info.mode, ==, 3);
    g_assert_cmpint(info.initial_count, ==, 1000);
    g_assert_cmpint(info.out, ==, 1);
    step_ns(NS_PER_S / PIT_HZ * 600);
    pit_type(pc.pit)->get_channel(pc.pit, 2, &info);
    g_assert_cmpint(info.out, ==, 0);
}

/* ---- real-time clock ---- */
static uint8_t cmos(uint8_t index) { outb(0x70, index); return inb(0x71); }
static void set_cmos(uint8_t index, uint8_t value) { outb(0x70, index); outb(0x71, value); }

static void test_rtc_time(void)
{
    start();
    g_assert_cmphex(cmos(0x0a) & 0x7f, ==, 0x26);
    g_assert_cmphex(cmos(0x0b), ==, 0x02);
    g_assert_cmphex(cmos(0x0d), ==, 0x80);
    set_cmos(0x0b, 0x82);
    set_cmos(0x00, 0x58), set_cmos(0x02, 0x59), set_cmos(0x04, 0x23), set_cmos(0x07, 0x28), set_cmos(0x08, 0x02), set_cmos(0x09, 0x24);
    set_cmos(0x32, 0x20);
    set_cmos(0x0b, 0x02);
    g_assert_cmpint(rtc_get_seconds(pc.piix->rtc) - INT64_C(1709164798), <=, 1);        /* 2024-02-28 23:59:58 */
    g_assert_cmphex(cmos(0x08), ==, 0x02);
    g_assert_cmphex(cmos(0x32), ==, 0x20);
    /* Binary, twelve hours. */
    set_cmos(0x0b, 0x84);
    set_cmos(0x04, 0x81), set_cmos(0x07, 29);
    set_cmos(0x0b, 0x04);
    g_assert_cmphex(cmos(0x04), ==, 0x81);
    g_assert_cmphex(cmos(0x07), ==, 29);
    set_cmos(0x0b, 0x06);
    g_assert_cmphex(cmos(0x04), ==, 13);
    /* Memory behind the clock. */
    set_cmos(0x60, 0xa5);
    g_assert_cmphex(cmos(0x60), ==, 0xa5);
    set_cmos(0x0b, 0x02);
}

static void test_rtc_periodic(void)
{
    start();
    outb(0x21, 0xfb), outb(0xa1, 0xfe);
    set_cmos(0x0a, 0x26), set_cmos(0x0b, 0x42);         /* 1024 Hz */
    cmos(0x0c);
    int ticks = 0;
    for (int i = 0; i < 1000; i++) {
        step_ns(100000);
        if (pc.intr) {
            g_assert_cmphex(i8259_read_irq(), ==, 0x70);
            g_assert_cmphex(cmos(0x0c) & 0xc0, ==, 0xc0);
            outb(0xa0, 0x20), outb(0x20, 0x20);
            ticks++;
        }
    }
    g_assert_cmpint(ticks, >=, 101);
    g_assert_cmpint(ticks, <=, 103);
    set_cmos(0x0b, 0x02);
    cmos(0x0c);
}

/* ---- 8237 ---- */
static int transfer_seen, transfer_len;
static int serve(void *device, int channel, int position, int len)
{
    const IsaDma *dma = pc.piix->isa_bus->dma[0];
    transfer_seen = channel;
    transfer_len = len;
    dma->write_memory(dma->opaque, channel, "ostrich", position, 7);
    dma->request(dma->opaque, channel, false);
    return position + 7;
}

static void test_dma(void)
{
    /* The fixture's PIIX3 was made before its bus had a DMA space: only the registers and the protocol are looked at. */
    start();
    const IsaDma *dma = pc.piix->isa_bus->dma[0];
    dma->register_channel(dma->opaque, 2, serve, NULL);
    outb(0x0c, 0), outb(0x04, 0x00), outb(0x04, 0x10), outb(0x0c, 0), outb(0x05, 6), outb(0x05, 0), outb(0x81, 0x01), outb(0x0b, 0x46);
    g_assert_cmphex(inb(0x81), ==, 0x01);
    dma->request(dma->opaque, 2, true);
    main_loop_iterate(false);
    g_assert_cmpint(transfer_seen, ==, 0);
    outb(0x0a, 0x02);                                   /* unmask */
    main_loop_iterate(false);
    g_assert_cmpint(transfer_seen, ==, 2);
    g_assert_cmpint(transfer_len, ==, 7);
    g_assert_cmphex(inb(0x08) & 0x04, ==, 0x04);        /* terminal count */
    g_assert_cmphex(inb(0x08) & 0x04, ==, 0);           /* read clears */
    outb(0x0c, 0);
    g_assert_cmphex(inb(0x05), ==, 0xff);               /* the count ran below zero */
    g_assert_cmphex(inb(0x05), ==, 0xff);
}

/* ---- PIIX ---- */
static void test_pirq_routing(void)
{
    start();
    outb(0x21, 0xfb), outb(0xa1, 0x00), outb(0x4d1, 0x0c);
    PciBus *bus = pc.host->parent.bus;
    config_write(8, 0x60, 0x8b8b8b0a, 4);               /* PIRQA to 10, the others to nobody */
    PciDevice *pm = pc.piix->pm;
    /* 01.3's INTA is (0 + 1 - 1) & 3: PIRQA. */
    pci_set_irq(pm, 1);
    g_assert_cmpint(bus->irq_count[0], ==, 1);
    g_assert_cmphex(i8259_read_irq(), ==, 0x72);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    config_write(8, 0x60, 0x0b, 1);                     /* moved while it is up */
    g_assert_cmphex(i8259_read_irq(), ==, 0x73);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    config_write(11, PCI_COMMAND, PCI_COMMAND_INTX_DISABLE, 2);
    g_assert_cmpint(pc.intr, ==, 0);
    config_write(11, PCI_COMMAND, 0, 2);
    g_assert_cmpint(pc.intr, ==, 1);
    pci_set_irq(pm, 0);
    g_assert_cmpint(pc.intr, ==, 0);
}

static uint32_t mem_read(uint64_t addr)
{
    uint64_t value;
    address_space_load(&pc.system.memory_space, addr, &value, 4, MEM_ATTRS_NONE);
    return value;
}
static void mem_write(uint64_t addr, uint32_t value) { address_space_store(&pc.system.memory_space, addr, value, 4, MEM_ATTRS_NONE); }

static void test_pam(void)
{
    static MemoryRegion bios;
    start();
    g_assert_true(memory_region_init_rom(&bios, NULL, "bios", 0x40000, NULL));
    memory_region_add_subregion_overlap(&pc.pci_memory, 0xc0000, &bios, 1);
    memset((uint8_t *)memory_region_ram_ptr(&pc.ram) + 0xf0000, 0x5a, 4);
    g_assert_cmphex(mem_read(0xf0000), ==, 0);          /* the ROM on PCI */
    config_write(0, 0x59, 0x30, 1);
    g_assert_cmphex(mem_read(0xf0000), ==, 0x5a5a5a5a);
    mem_write(0xf0000, 0x11223344);
    config_write(0, 0x59, 0x10, 1);                     /* read-only */
    mem_write(0xf0000, 0);
    g_assert_cmphex(mem_read(0xf0000), ==, 0x11223344);
    /* PAM1's lower nibble is 0xc0000, the upper 0xc4000. */
    config_write(0, 0x5a, 0x03, 1);
    mem_write(0xc0000, 0x77), mem_write(0xc4000, 0x77);
    g_assert_cmphex(mem_read(0xc0000), ==, 0x77);
    g_assert_cmphex(mem_read(0xc4000), ==, 0);
}

static void test_pm_timer_and_sci(void)
{
    start();
    outb(0x21, 0xfb), outb(0xa1, 0x00), outb(0x4d1, 0x02);
    config_write(11, 0x40, 0x601, 4);
    config_write(11, 0x80, 1, 1);
    uint32_t before = in(0x608, 4);
    step_ns(NS_PER_S / 100);
    g_assert_cmpuint((in(0x608, 4) - before) & 0xffffff, >=, 35790);
    g_assert_cmpuint((in(0x608, 4) - before) & 0xffffff, <=, 35800);
    outw(0x602, 1);                                     /* TMR_EN */
    outw(0x600, 1);
    g_assert_cmpint(pc.intr, ==, 0);
    step_ns(3 * NS_PER_S);
    g_assert_cmphex(in(0x600, 2) & 1, ==, 1);
    g_assert_cmphex(i8259_read_irq(), ==, 0x71);        /* SCI is 9 */
    outw(0x600, 1);
    g_assert_cmpint(in(0x600, 2) & 1, ==, 0);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    g_assert_cmpint(pc.intr, ==, 0);
    /* GPE: two status bytes, two enable bytes. */
    outb(0xafe2, 0x02);
    acpi_send_event(ACPI_EVENT_PCI_HOTPLUG);
    g_assert_cmphex(inb(0xafe0), ==, 0x02);
    g_assert_cmphex(i8259_read_irq(), ==, 0x71);
    outb(0xafe0, 0x02);
    outb(0xa0, 0x20), outb(0x20, 0x20);
    g_assert_cmpint(pc.intr, ==, 0);
    outb(0xb2, 0xf1);
    g_assert_cmphex(in(0x604, 2) & 1, ==, 1);
}

/* ---- I/O APIC ---- */
static uint64_t messages[8];
static int message_count;
static void take_message(uint64_t address, uint32_t data)
{
    messages[message_count++ & 7] = (address & 0xfffff) << 32 | data;
}

static void ioapic_set(unsigned reg, uint32_t value)
{
    address_space_store(&pc.system.memory_space, IOAPIC_DEFAULT_ADDRESS, reg, 4, MEM_ATTRS_NONE);
    address_space_store(&pc.system.memory_space, IOAPIC_DEFAULT_ADDRESS + 0x10, value, 4, MEM_ATTRS_NONE);
}
static uint32_t ioapic_get(unsigned reg)
{
    uint64_t value;
    address_space_store(&pc.system.memory_space, IOAPIC_DEFAULT_ADDRESS, reg, 4, MEM_ATTRS_NONE);
    address_space_load(&pc.system.memory_space, IOAPIC_DEFAULT_ADDRESS + 0x10, &value, 4, MEM_ATTRS_NONE);
    return value;
}

static void test_ioapic(void)
{
    start();
    apic_set_message_hook(take_message);
    message_count = 0;
    g_assert_cmphex(ioapic_get(1), ==, 0x170020);
    g_assert_cmphex(ioapic_get(0x10), ==, 0x10000);
    Irq *pin4 = device_irq_input(pc.ioapic, NULL, 4), *pin20 = device_irq_input(pc.ioapic, NULL, 20), *pin0 = device_irq_input(pc.ioapic, NULL, 0);
    irq_pulse(pin4);
    g_assert_cmpint(message_count, ==, 0);
    ioapic_set(0x10 + 8, 0x31), ioapic_set(0x11 + 8, 0x02000000);
    g_assert_cmpint(message_count, ==, 0);              /* the edge under the mask is gone */
    irq_pulse(pin4);
    g_assert_cmpint(message_count, ==, 1);
    g_assert_cmphex(messages[0], ==, UINT64_C(0x200000000031));
    /* The timer comes in at pin 2; its output is high after reset. */
    irq_lower(pin0);
    ioapic_set(0x14, 0x30);
    irq_pulse(pin0);
    g_assert_cmpint(message_count, ==, 2);
    /* Level: once until EOI, then again while it is up. */
    ioapic_set(0x10 + 40, 0x8041);
    irq_raise(pin20);
    g_assert_cmpint(message_count, ==, 3);
    g_assert_cmphex(ioapic_get(0x10 + 40), ==, 0xc041);
    irq_raise(pin20);
    g_assert_cmpint(message_count, ==, 3);
    ioapic_eoi_broadcast(0x41);
    g_assert_cmpint(message_count, ==, 4);
    irq_lower(pin20);
    address_space_store(&pc.system.memory_space, IOAPIC_DEFAULT_ADDRESS + 0x40, 0x41, 4, MEM_ATTRS_NONE);
    g_assert_cmpint(message_count, ==, 4);
    g_assert_cmphex(ioapic_get(0x10 + 40), ==, 0x8041);
    apic_set_message_hook(NULL);
}

/* ---- keyboard controller ---- */
static uint8_t kbc_command(uint8_t command)
{
    outb(0x64, command);
    g_assert_cmphex(inb(0x64) & 1, ==, 1);
    return inb(0x60);
}

static void assert_bytes(const uint8_t *bytes, unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        g_assert_cmphex(inb(0x64) & 1, ==, 1);
        g_assert_cmphex(inb(0x60), ==, bytes[i]);
    }
    g_assert_cmphex(inb(0x64) & 1, ==, 0);
}
#define ASSERT_BYTES(...) assert_bytes((const uint8_t[]){ __VA_ARGS__ }, sizeof((const uint8_t[]){ __VA_ARGS__ }))

static void key(QKeyCode code, bool down) { input_send_key(code, down); input_sync(); }

static void test_keyboard(void)
{
    start();
    outb(0x21, 0xfd);
    g_assert_cmphex(kbc_command(0xaa), ==, 0x55);
    g_assert_cmphex(kbc_command(0xab), ==, 0x00);
    outb(0x60, 0xff);
    ASSERT_BYTES(0xfa, 0xaa);
    outb(0x60, 0xf2);
    ASSERT_BYTES(0xfa, 0xab, 0x83);
    while (pc.intr) {
        i8259_read_irq();
        outb(0x20, 0x20);
    }
    /* Set 2 as it comes. */
    key(Q_KEY_A, true);
    g_assert_cmphex(i8259_read_irq(), ==, 0x09);
    outb(0x20, 0x20);
    key(Q_KEY_A, false), key(Q_KEY_UP, true), key(Q_KEY_F7, true);
    ASSERT_BYTES(0x1c, 0xf0, 0x1c, 0xe0, 0x75, 0x83);
    /* Translated. */
    outb(0x64, 0x60), outb(0x60, 0x47);
    key(Q_KEY_A, true), key(Q_KEY_A, false), key(Q_KEY_UP, true), key(Q_KEY_UP, false), key(Q_KEY_F7, true);
    ASSERT_BYTES(0x1e, 0x9e, 0xe0, 0x48, 0xe0, 0xc8, 0x41);
    key(Q_KEY_PAUSE, true);
    ASSERT_BYTES(0xe1, 0x1d, 0x45, 0xe1, 0x9d, 0xc5);
    key(Q_KEY_PRINT, true), key(Q_KEY_PRINT, false);
    ASSERT_BYTES(0xe0, 0x2a, 0xe0, 0x37, 0xe0, 0xb7, 0xe0, 0xaa);
    /* Set 3, the mode byte, and a flood that finds no room. */
    outb(0x64, 0x60), outb(0x60, 0x03);
    outb(0x60, 0xf0), outb(0x60, 0x03);
    ASSERT_BYTES(0xfa, 0xfa);
    key(Q_KEY_F1, true);
    ASSERT_BYTES(0x07);
    g_assert_cmphex(kbc_command(0x20), ==, 0x03);
    for (int i = 0; i < 1000; i++) {
        key(Q_KEY_B, i & 1);
    }
    int n = 0;
    while (inb(0x64) & 1) {
        inb(0x60);
        g_assert_cmpint(++n, <, 64);
    }
}

static void test_mouse(void)
{
    start();
    outb(0xa1, 0xef), outb(0x21, 0xfb);
    outb(0x64, 0xd4), outb(0x60, 0xff);
    g_assert_cmphex(inb(0x64) & 0x21, ==, 0x21);
    ASSERT_BYTES(0xfa, 0xaa, 0x00);
    static const uint8_t rates[] = { 200, 100, 80 };
    for (unsigned i = 0; i < sizeof(rates); i++) {
        outb(0x64, 0xd4), outb(0x60, 0xf3), outb(0x64, 0xd4), outb(0x60, rates[i]);
        ASSERT_BYTES(0xfa, 0xfa);
    }
    outb(0x64, 0xd4), outb(0x60, 0xf2);
    ASSERT_BYTES(0xfa, 0x03);
    outb(0x64, 0xd4), outb(0x60, 0xf4);
    ASSERT_BYTES(0xfa);
    input_send_rel(INPUT_AXIS_X, 5), input_send_rel(INPUT_AXIS_Y, 3), input_send_button(INPUT_BUTTON_RIGHT, true);
    input_sync();
    ASSERT_BYTES(0x2a, 0x05, 0xfd, 0x00);
    input_send_button(INPUT_BUTTON_WHEEL_UP, true);
    input_sync();
    ASSERT_BYTES(0x0a, 0x00, 0x00, 0xff);
}

static void test_output_port(void)
{
    start();
    g_assert_cmphex(kbc_command(0xd0) & 3, ==, 3);
    outb(0x64, 0xd1), outb(0x60, 0xdd);
    g_assert_cmphex(kbc_command(0xd0) & 2, ==, 0);
    outb(0x64, 0xdf);
    g_assert_cmphex(kbc_command(0xd0) & 2, ==, 2);
    /* Port 61: gate and output of counter 2. */
    outb(0x43, 0xb6), outb(0x42, 0xe8), outb(0x42, 0x03);
    outb(0x61, 0x01);
    g_assert_cmphex(inb(0x61) & 0x21, ==, 0x21);
    step_ns(NS_PER_S / PIT_HZ * 600);
    g_assert_cmphex(inb(0x61) & 0x21, ==, 0x01);
    g_assert_cmphex((inb(0x61) ^ inb(0x61)) & 0x10, ==, 0x10);
}

/* ---- HPET ---- */
static int hpet_levels[32], hpet_edges[32], pit_enabled;
static void hpet_irq(void *opaque, int n, int level) { hpet_edges[n] += level && !hpet_levels[n]; hpet_levels[n] = level; }
static void pit_enable(void *opaque, int n, int level) { pit_enabled = level; }
static void hpet_set(unsigned reg, uint64_t value) { address_space_store(&pc.system.memory_space, HPET_BASE + reg, value, 8, MEM_ATTRS_NONE); }
static uint64_t hpet_get(unsigned reg)
{
    uint64_t value;
    address_space_load(&pc.system.memory_space, HPET_BASE + reg, &value, 8, MEM_ATTRS_NONE);
    return value;
}

static void test_hpet(void)
{
    Device *hpet = device_new("hpet");
    GError *err = NULL;
    object_set_uint(OBJECT(hpet), HPET_INTCAP, 4, &err);
    g_assert_true(device_realize(hpet, NULL, &err));
    sysbus_map((SysBusDevice *)hpet, 0, &pc.system.memory, HPET_BASE, 0);
    Irq *lines = irq_new_array(hpet_irq, NULL, 32);
    for (int i = 0; i < 32; i++) {
        sysbus_connect_irq((SysBusDevice *)hpet, i, &lines[i]);
    }
    device_connect_irq(hpet, NULL, 0, irq_new(pit_enable, NULL, 0));
    start();
    g_assert_cmpint(pit_enabled, ==, 1);
    g_assert_cmphex(hpet_get(0), ==, UINT64_C(0x009896808086a201));
    g_assert_cmphex(hpet_get(0x100), ==, UINT64_C(0x400000030));
    /* Timer 0 every millisecond on input 2. */
    hpet_set(0x100, 0x44c), hpet_set(0x108, 100000), hpet_set(0x108, 100000);
    hpet_set(0x10, 1);
    step_ns(10500 * NS_PER_US);
    g_assert_cmpint(hpet_edges[2], ==, 10);
    g_assert_cmpuint(hpet_get(0xf0), ==, 1050000);
    /* One-shot, level. */
    hpet_set(0x120, 0x406), hpet_set(0x128, hpet_get(0xf0) + 5000);
    hpet_set(0x100, 0);
    step_ns(NS_PER_MS);
    g_assert_cmphex(hpet_get(0x20), ==, 2);
    g_assert_cmpint(hpet_levels[2], ==, 1);
    hpet_set(0x20, 2);
    g_assert_cmpint(hpet_levels[2], ==, 0);
    /* Legacy routing: timer 0 is interrupt 0, and the PIT is cut off. */
    hpet_set(0x10, 3);
    g_assert_cmpint(pit_enabled, ==, 0);
    hpet_set(0x100, 4), hpet_set(0x108, hpet_get(0xf0) + 1000);
    step_ns(NS_PER_MS);
    g_assert_cmpint(hpet_edges[0], ==, 1);
    int before = hpet_edges[0];
    irq_pulse(device_irq_input(hpet, NULL, HPET_LEGACY_PIT_INT));
    g_assert_cmpint(hpet_edges[0], ==, before);
    hpet_set(0x10, 0);
    g_assert_cmpint(pit_enabled, ==, 1);
    irq_pulse(device_irq_input(hpet, NULL, HPET_LEGACY_PIT_INT));
    g_assert_cmpint(hpet_edges[0], ==, before + 1);
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    pc_build();
    g_test_add_func("/pc/configuration at reset", test_config_at_reset);
    g_test_add_func("/pic/priority and EOI", test_pic_priority);
    g_test_add_func("/pic/slave", test_pic_slave);
    g_test_add_func("/pic/level", test_pic_level);
    g_test_add_func("/pic/special modes", test_pic_modes);
    g_test_add_func("/pit/rate", test_pit_rate);
    g_test_add_func("/pit/one-shot and latch", test_pit_one_shot_and_latch);
    g_test_add_func("/pit/gate", test_pit_gate);
    g_test_add_func("/rtc/time", test_rtc_time);
    g_test_add_func("/rtc/periodic", test_rtc_periodic);
    g_test_add_func("/dma/transfer", test_dma);
    g_test_add_func("/piix/interrupt routing", test_pirq_routing);
    g_test_add_func("/i440fx/PAM", test_pam);
    g_test_add_func("/piix4/PM timer, SCI, GPE", test_pm_timer_and_sci);
    g_test_add_func("/ioapic/edge and level", test_ioapic);
    g_assert_nonnull(isa_create(pc.piix->isa_bus, "i8042", NULL));
    g_assert_nonnull(pcspk_create(pc.piix->isa_bus, pc.pit, NULL));
    g_test_add_func("/i8042/keyboard", test_keyboard);
    g_test_add_func("/i8042/mouse", test_mouse);
    g_test_add_func("/i8042/output port and port 61", test_output_port);
    g_test_add_func("/hpet/timers and legacy routing", test_hpet);
    return g_test_run();
}
