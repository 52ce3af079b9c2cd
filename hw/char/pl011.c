/*
 * Arm's PrimeCell UART (PL011): FIFOs of 16 characters, modem lines, loop-back, interrupts of six lines.
 *
 * Arm DDI 0183G, chapter 3 (registers) and 2.8 (interrupts). What is written to the transmitter goes out at once. It sends and receives whether UARTEN is set or not:
 * programs for emulated boards leave that out. The receiver's interrupt comes with the first character whatever level IFLS names, so that it needs no time-out.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/pl011.h"

#include "util/log.h"
#include "util/timer.h"

#include <inttypes.h>

enum {
    UARTDR = 0x00, UARTRSR = 0x04, UARTFR = 0x18, UARTILPR = 0x20, UARTIBRD = 0x24, UARTFBRD = 0x28, UARTLCR_H = 0x2c, UARTCR = 0x30, UARTIFLS = 0x34, UARTIMSC = 0x38,
    UARTRIS = 0x3c, UARTMIS = 0x40, UARTICR = 0x44, UARTDMACR = 0x48, UARTPeriphID0 = 0xfe0,
};
enum { DR_FE = 0x100, DR_PE = 0x200, DR_BE = 0x400, DR_OE = 0x800, DR_ERRORS = 0xf00 };
enum { FR_CTS = 0x01, FR_DSR = 0x02, FR_DCD = 0x04, FR_BUSY = 0x08, FR_RXFE = 0x10, FR_TXFF = 0x20, FR_RXFF = 0x40, FR_TXFE = 0x80, FR_RI = 0x100,
       FR_MODEM = FR_CTS | FR_DSR | FR_DCD | FR_RI };
enum { LCR_H_BRK = 0x01, LCR_H_PEN = 0x02, LCR_H_EPS = 0x04, LCR_H_STP2 = 0x08, LCR_H_FEN = 0x10, LCR_H_WLEN_SHIFT = 5 };
enum { CR_LBE = 0x80, CR_DTR = 0x400, CR_RTS = 0x800, CR_OUT1 = 0x1000, CR_OUT2 = 0x2000, CR_RESET = 0x300 };
enum { INT_RI = 0x01, INT_CTS = 0x02, INT_DCD = 0x04, INT_DSR = 0x08, INT_RX = 0x10, INT_TX = 0x20, INT_RT = 0x40, INT_FE = 0x80, INT_PE = 0x100, INT_BE = 0x200, INT_OE = 0x400,
       INT_MODEM = 0x0f, INT_ERRORS = 0x780, INT_ALL = 0x7ff };
enum { DMACR_RXDMAE = 1, DMACR_TXDMAE = 2 };
enum { FIFO_SIZE = 16, IFLS_RESET = 0x12, LINES = 6 };

/* The rate of the clock that boards' device trees name. */
#define UARTCLK_HZ 24000000
#define MODEM_POLL_NS (NS_PER_S / 100)
/* A back end that takes nothing for so long loses output, so that the guest goes on. */
#define STALL_NS (5 * NS_PER_S)

/* What each line stands for: all together first (2.8). */
static const uint32_t line_masks[LINES] = { INT_ALL, INT_RX, INT_TX, INT_RT, INT_MODEM, INT_ERRORS };
static const uint8_t identity[8] = { 0x11, 0x10, 0x14, 0x00, 0x0d, 0xf0, 0x05, 0xb1 };
/* RSR's bits are those of DR, in its lowest bits. */
enum { RSR_SHIFT = 8 };

typedef struct Pl011 {
    SysBusDevice parent;
    MemoryRegion mmio;
    Irq *irq[LINES];
    CharFrontend chr;
    Timer modem_poll, stall;
    bool stalled;                       /* the back end takes nothing: output is lost until it does again */
    bool migrate_clk;

    /* Registers, by the manual's names; modem: those bits of FR. */
    uint32_t rsr, ilpr, ibrd, fbrd, lcr_h, cr, ifls, imsc, ris, dmacr, modem;
    uint16_t rx[FIFO_SIZE]; uint8_t rx_first, rx_count;     /* characters as DR shows them */
    uint8_t tx[FIFO_SIZE], tx_first, tx_count;
} Pl011;

static unsigned fifo_size(const Pl011 *s) { return s->lcr_h & LCR_H_FEN ? FIFO_SIZE : 1; }

static void update_irq(Pl011 *s)
{
    uint32_t mis = s->ris & s->imsc;
    for (unsigned n = 0; n < LINES; n++) {
        irq_set(s->irq[n], (mis & line_masks[n]) != 0);
    }
}

static void raise_interrupts(Pl011 *s, uint32_t which)
{
    s->ris |= which;
    update_irq(s);
}

/* ---- the line ---- */

static void update_line(Pl011 *s)
{
    uint32_t divisor = s->ibrd << 6 | s->fbrd;      /* in 64ths (3.3.6) */
    CharSerialParams params = {
        .data_bits = 5 + (s->lcr_h >> LCR_H_WLEN_SHIFT & 3), .stop_bits = s->lcr_h & LCR_H_STP2 ? 2 : 1,
        .parity = !(s->lcr_h & LCR_H_PEN) ? 'N' : s->lcr_h & LCR_H_EPS ? 'E' : 'O',
    };
    if (s->ibrd) {
        params.speed = (int)(UARTCLK_HZ * 4u / divisor);
        char_set_serial_params(&s->chr, &params);
    }
}

static void set_modem(Pl011 *s, uint32_t now)
{
    static const struct { uint32_t flag, interrupt; } inputs[] = { { FR_RI, INT_RI }, { FR_CTS, INT_CTS }, { FR_DCD, INT_DCD }, { FR_DSR, INT_DSR } };
    uint32_t changed = now ^ s->modem, raised = 0;
    for (size_t n = 0; n < G_N_ELEMENTS(inputs); n++) {
        raised |= changed & inputs[n].flag ? inputs[n].interrupt : 0;
    }
    s->modem = now;
    raise_interrupts(s, raised);
}

/* Inputs are the outputs in loop-back (3.3.8), the back end's lines, or none. */
static void update_modem(Pl011 *s)
{
    int lines = 0;
    if (s->cr & CR_LBE) {
        set_modem(s, (s->cr & CR_RTS ? FR_CTS : 0) | (s->cr & CR_DTR ? FR_DSR : 0) | (s->cr & CR_OUT1 ? FR_DCD : 0) | (s->cr & CR_OUT2 ? FR_RI : 0));
        return;
    }
    char_get_lines(&s->chr, &lines);
    set_modem(s, (lines & CHAR_LINE_CTS ? FR_CTS : 0) | (lines & CHAR_LINE_DSR ? FR_DSR : 0) | (lines & CHAR_LINE_CD ? FR_DCD : 0) | (lines & CHAR_LINE_RI ? FR_RI : 0));
}

/* Somebody waits for a change that the back end does not report by itself. */
static void watch_modem(Pl011 *s)
{
    int lines;
    if ((s->imsc & INT_MODEM) && char_get_lines(&s->chr, &lines)) {
        timer_set_ns(&s->modem_poll, clock_get_ns(CLOCK_TYPE_VIRTUAL) + MODEM_POLL_NS);
    } else {
        timer_cancel(&s->modem_poll);
    }
}

static void modem_polled(void *opaque)
{
    Pl011 *s = opaque;
    update_modem(s);
    watch_modem(s);
}

/* ---- receiver ---- */

static void receive_character(Pl011 *s, uint16_t character)
{
    if (s->rx_count == fifo_size(s)) {
        s->rx[(s->rx_first + s->rx_count - 1u) % FIFO_SIZE] |= DR_OE;       /* comes out with the last character that there was room for */
        raise_interrupts(s, INT_OE);
        return;
    }
    s->rx[(s->rx_first + s->rx_count++) % FIFO_SIZE] = character;
    raise_interrupts(s, INT_RX | (character & DR_BE ? INT_BE : 0));
}

static int pl011_can_receive(void *opaque)
{
    const Pl011 *s = opaque;
    return (int)fifo_size(s) - s->rx_count;
}

static void pl011_receive(void *opaque, const uint8_t *buf, int len)
{
    Pl011 *s = opaque;
    for (int n = 0; n < len && !(s->cr & CR_LBE); n++) {        /* loop-back cuts the pin off */
        receive_character(s, buf[n]);
    }
}

static void pl011_event(void *opaque, CharEvent event)
{
    Pl011 *s = opaque;
    if (event == CHAR_EVENT_BREAK && !(s->cr & CR_LBE)) {
        receive_character(s, DR_BE);
    }
}

static const CharCallbacks pl011_callbacks = { pl011_can_receive, pl011_receive, pl011_event };

static uint32_t read_dr(Pl011 *s)
{
    if (!s->rx_count) {
        return s->rx[s->rx_first];      /* what was read last */
    }
    uint16_t character = s->rx[s->rx_first];
    if (s->rx_count > 1) {
        s->rx_first = (s->rx_first + 1) % FIFO_SIZE;
    }
    s->rx_count--;
    s->rsr = (character & DR_ERRORS) >> RSR_SHIFT;
    if (!s->rx_count) {
        s->ris &= ~(uint32_t)INT_RX;
    }
    update_irq(s);
    char_accept_input(&s->chr);
    return character;
}

/* ---- transmitter ---- */

static void transmit(Pl011 *s);

static bool pl011_writable(void *opaque)
{
    Pl011 *s = opaque;
    s->stalled = false;
    transmit(s);
    return s->tx_count > 0;
}

static void transmit_stalled(void *opaque)
{
    Pl011 *s = opaque;
    s->stalled = true;
    transmit(s);
}

/* Sends what is in the FIFO; what the back end does not take stays there, and the transmitter is busy. */
static void transmit(Pl011 *s)
{
    while (s->tx_count) {
        unsigned part = MIN(s->tx_count, FIFO_SIZE - s->tx_first);
        size_t taken = char_write(&s->chr, s->tx + s->tx_first, part);
        if (!taken && s->stalled) {
            taken = part;
        }
        s->tx_first = (uint8_t)((s->tx_first + taken) % FIFO_SIZE);
        s->tx_count -= (uint8_t)taken;
        if (taken < part) {
            if (!s->chr.writable) {
                char_set_writable(&s->chr, pl011_writable, s);
            }
            if (!timer_pending(&s->stall) || taken) {
                timer_set_ns(&s->stall, clock_get_ns(CLOCK_TYPE_REALTIME) + STALL_NS);
            }
            return;
        }
    }
    timer_cancel(&s->stall);
    raise_interrupts(s, INT_TX);
}

static void write_dr(Pl011 *s, uint8_t byte)
{
    s->ris &= ~(uint32_t)INT_TX;
    if (s->cr & CR_LBE) {
        receive_character(s, byte);
        raise_interrupts(s, INT_TX);
        return;
    }
    if (s->tx_count < fifo_size(s)) {
        s->tx[(s->tx_first + s->tx_count++) % FIFO_SIZE] = byte;
    }
    if (s->tx_count == 1 || !s->chr.writable) {
        transmit(s);
    }
    update_irq(s);
}

/* ---- registers ---- */

static uint32_t flags(Pl011 *s)
{
    update_modem(s);
    return s->modem | (s->rx_count ? 0 : FR_RXFE) | (s->rx_count == fifo_size(s) ? FR_RXFF : 0) |
           (s->tx_count ? FR_BUSY : FR_TXFE) | (s->tx_count == fifo_size(s) ? FR_TXFF : 0);
}

static void write_lcr_h(Pl011 *s, uint32_t value)
{
    uint32_t changed = s->lcr_h ^ value;
    if (changed & LCR_H_FEN) {
        s->rx_first = s->rx_count = s->tx_first = s->tx_count = 0;
    }
    s->lcr_h = value;
    update_line(s);
    if (changed & LCR_H_BRK) {
        char_set_break(&s->chr, value & LCR_H_BRK);
    }
    char_accept_input(&s->chr);
}

static void write_cr(Pl011 *s, uint32_t value)
{
    s->cr = value;
    if (!(value & CR_LBE)) {
        char_set_lines(&s->chr, (value & CR_DTR ? CHAR_LINE_DTR : 0) | (value & CR_RTS ? CHAR_LINE_RTS : 0));
    }
    update_modem(s);
}

static void write_dmacr(Pl011 *s, uint32_t value)
{
    s->dmacr = value;
    if (value & (DMACR_RXDMAE | DMACR_TXDMAE)) {
        log_mask(LOG_UNIMP, "pl011: DMA is not implemented\n");
    }
}

static uint64_t pl011_read(void *opaque, uint64_t addr, unsigned size)
{
    Pl011 *s = opaque;
    switch (addr) {
    case UARTDR:
        return read_dr(s);
    case UARTRSR:
        return s->rsr;
    case UARTFR:
        return flags(s);
    case UARTILPR:
        return s->ilpr;
    case UARTIBRD:
        return s->ibrd;
    case UARTFBRD:
        return s->fbrd;
    case UARTLCR_H:
        return s->lcr_h;
    case UARTCR:
        return s->cr;
    case UARTIFLS:
        return s->ifls;
    case UARTIMSC:
        return s->imsc;
    case UARTRIS:
        return s->ris;
    case UARTMIS:
        return s->ris & s->imsc;
    case UARTDMACR:
        return s->dmacr;
    default:
        if (addr >= UARTPeriphID0 && !(addr & 3)) {
            return identity[(addr - UARTPeriphID0) / 4];
        }
        log_mask(LOG_GUEST_ERROR, "pl011: a read from 0x%03" PRIx64 ", where no register is\n", addr);
        return 0;
    }
}

static void pl011_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    Pl011 *s = opaque;
    uint32_t word = (uint32_t)value;
    switch (addr) {
    case UARTDR:
        write_dr(s, (uint8_t)word);
        break;
    case UARTRSR:                       /* ECR: any value */
        s->rsr = 0;
        break;
    case UARTFR:
        break;
    case UARTILPR:
        s->ilpr = word;
        break;
    case UARTIBRD:
        s->ibrd = word & 0xffff;
        update_line(s);
        break;
    case UARTFBRD:
        s->fbrd = word & 0x3f;
        update_line(s);
        break;
    case UARTLCR_H:
        write_lcr_h(s, word);
        break;
    case UARTCR:
        write_cr(s, word);
        break;
    case UARTIFLS:
        s->ifls = word;
        break;
    case UARTIMSC:
        s->imsc = word & INT_ALL;
        watch_modem(s);
        update_irq(s);
        break;
    case UARTICR:
        s->ris &= ~word;
        update_irq(s);
        break;
    case UARTDMACR:
        write_dmacr(s, word);
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "pl011: a write to 0x%03" PRIx64 ", where no register that can be written is\n", addr);
    }
}

static const MemoryRegionOps pl011_ops = { .read = pl011_read, .write = pl011_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8 }, .impl = { 4, 4 } };

/* ---- the device ---- */

static bool pl011_realize(Device *dev, GError **err)
{
    Pl011 *s = (Pl011 *)dev;
    timer_init(&s->modem_poll, CLOCK_TYPE_VIRTUAL, modem_polled, s);
    timer_init(&s->stall, CLOCK_TYPE_REALTIME, transmit_stalled, s);
    memory_region_init_io(&s->mmio, OBJECT(s), &pl011_ops, s, "pl011", PL011_SIZE);
    sysbus_add_mmio(&s->parent, &s->mmio);
    device_add_irq_outputs(dev, IRQ_GROUP_SYSBUS, s->irq, LINES);
    char_set_handlers(&s->chr, &pl011_callbacks, s);
    return true;
}

static void pl011_unrealize(Device *dev)
{
    Pl011 *s = (Pl011 *)dev;
    char_set_handlers(&s->chr, NULL, NULL);
    timer_cancel(&s->modem_poll);
    timer_cancel(&s->stall);
}

static void pl011_reset(Device *dev)
{
    Pl011 *s = (Pl011 *)dev;
    s->rsr = s->ilpr = s->ibrd = s->fbrd = s->lcr_h = s->imsc = s->ris = s->dmacr = s->modem = 0;
    s->cr = CR_RESET;
    s->ifls = IFLS_RESET;
    s->rx_first = s->rx_count = s->tx_first = s->tx_count = 0;
    s->rx[0] = 0;
    s->stalled = false;
    timer_cancel(&s->stall);
    timer_cancel(&s->modem_poll);
    update_irq(s);
    char_accept_input(&s->chr);
}

static const Property pl011_properties[] = { PROP_CHARDEV("chardev", Pl011, chr), PROP_BOOL("migrate-clk", Pl011, migrate_clk, true) };
static const StateField pl011_state[] = {
    STATE_UINT32(Pl011, rsr), STATE_UINT32(Pl011, ilpr), STATE_UINT32(Pl011, ibrd), STATE_UINT32(Pl011, fbrd), STATE_UINT32(Pl011, lcr_h), STATE_UINT32(Pl011, cr),
    STATE_UINT32(Pl011, ifls), STATE_UINT32(Pl011, imsc), STATE_UINT32(Pl011, ris), STATE_UINT32(Pl011, dmacr), STATE_UINT32(Pl011, modem), STATE_UINT16_ARRAY(Pl011, rx),
    STATE_UINT8(Pl011, rx_first), STATE_UINT8(Pl011, rx_count), STATE_UINT8_ARRAY(Pl011, tx), STATE_UINT8(Pl011, tx_first), STATE_UINT8(Pl011, tx_count),
};
static const DeviceType pl011 = {
    .name = "pl011", .parent = "sys-bus-device", .firmware_name = "serial", .size = sizeof(Pl011), .category = DEVICE_INPUT, .properties = PROPERTIES(pl011_properties),
    .state = STATE(pl011_state, .version = 2), .realize = pl011_realize, .unrealize = pl011_unrealize, .reset = pl011_reset,
};
REGISTER_DEVICE(pl011)

Device *pl011_create(MemoryRegion *memory, uint64_t addr, Irq *irq, Chardev *chr, GError **err)
{
    Device *dev = device_new("pl011");
    if (!object_set_chardev(OBJECT(dev), "chardev", chr, err)) {
        object_unref(OBJECT(dev));
        return NULL;
    }
    if (!device_realize(dev, NULL, err)) {
        return NULL;
    }
    sysbus_connect_irq((SysBusDevice *)dev, 0, irq);
    sysbus_map((SysBusDevice *)dev, 0, memory, addr, 0);
    return dev;
}
