/*
 * The 16550A UART: registers, FIFOs, interrupts.
 *
 * National Semiconductor PC16550D data sheet, section 8 (registers) and 8.4 (FIFO interrupt mode). What is written to the transmitter goes out at once; the
 * line's speed matters for the receiver's time-out only, and for a real port of the host.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/char/serial-port.h"

#include "system/runstate.h"
#include "util/log.h"

/* Registers by offset; DLL and DLM take the place of the first two while LCR.DLAB is set. */
enum { REG_RBR_THR, REG_IER, REG_IIR_FCR, REG_LCR, REG_MCR, REG_LSR, REG_MSR, REG_SCR };
enum { REG_DLL = 0, REG_DLM = 1 };

enum { IER_ERBFI = 0x01, IER_ETBEI = 0x02, IER_ELSI = 0x04, IER_EDSSI = 0x08, IER_MASK = 0x0f };
enum { IIR_NONE = 0x01, IIR_MODEM = 0x00, IIR_THRE = 0x02, IIR_DATA = 0x04, IIR_LINE = 0x06, IIR_TIMEOUT = 0x0c, IIR_ID = 0x0f, IIR_FIFOS = 0xc0 };
enum { FCR_ENABLE = 0x01, FCR_RESET_RX = 0x02, FCR_RESET_TX = 0x04, FCR_DMA = 0x08, FCR_TRIGGER_SHIFT = 6, FCR_KEPT = 0xc9 };
enum { LCR_WLS = 0x03, LCR_STB = 0x04, LCR_PEN = 0x08, LCR_EPS = 0x10, LCR_BREAK = 0x40, LCR_DLAB = 0x80 };
enum { MCR_DTR = 0x01, MCR_RTS = 0x02, MCR_OUT1 = 0x04, MCR_OUT2 = 0x08, MCR_LOOP = 0x10, MCR_MASK = 0x1f };
enum { LSR_DR = 0x01, LSR_OE = 0x02, LSR_PE = 0x04, LSR_FE = 0x08, LSR_BI = 0x10, LSR_THRE = 0x20, LSR_TEMT = 0x40, LSR_ERRORS = 0x1e };
enum { MSR_DCTS = 0x01, MSR_DDSR = 0x02, MSR_TERI = 0x04, MSR_DDCD = 0x08, MSR_CTS = 0x10, MSR_DSR = 0x20, MSR_RI = 0x40, MSR_DCD = 0x80,
       MSR_DELTAS = 0x0f };

#define DIVISOR_RESET 0x0c
#define TIMEOUT_CHARACTERS 4
#define MODEM_POLL_NS (NS_PER_S / 100)
/* A back end that takes nothing for so long loses output, so that the guest goes on. */
#define STALL_NS (5 * NS_PER_S)

static const uint8_t trigger_levels[4] = { 1, 4, 8, 14 };

static void transmit(SerialPort *s);

/* ---- FIFOs ---- */

static void fifo_reset(SerialFifo *f) { f->first = f->count = 0; }
static void fifo_put(SerialFifo *f, uint8_t byte) { f->data[(f->first + f->count++) % SERIAL_FIFO_SIZE] = byte; }

static uint8_t fifo_get(SerialFifo *f)
{
    uint8_t byte = f->data[f->first];
    f->first = (f->first + 1) % SERIAL_FIFO_SIZE;
    f->count--;
    return byte;
}

static bool fifos_on(const SerialPort *s) { return s->fcr & FCR_ENABLE; }
static unsigned trigger_level(const SerialPort *s) { return fifos_on(s) ? trigger_levels[s->fcr >> FCR_TRIGGER_SHIFT] : 1; }

/* ---- interrupts, in the order of the data sheet's table ---- */

static uint8_t pending_interrupt(const SerialPort *s)
{
    if ((s->ier & IER_ELSI) && (s->lsr & LSR_ERRORS)) {
        return IIR_LINE;
    }
    if ((s->ier & IER_ERBFI) && s->timeout_pending) {
        return IIR_TIMEOUT;
    }
    if ((s->ier & IER_ERBFI) && (s->lsr & LSR_DR) && s->rx.count >= trigger_level(s)) {
        return IIR_DATA;
    }
    if ((s->ier & IER_ETBEI) && s->thre_pending) {
        return IIR_THRE;
    }
    if ((s->ier & IER_EDSSI) && (s->msr & MSR_DELTAS)) {
        return IIR_MODEM;
    }
    return IIR_NONE;
}

static void update_irq(SerialPort *s)
{
    uint8_t id = pending_interrupt(s);
    s->iir = (s->iir & ~IIR_ID) | id;
    irq_set(s->irq, id != IIR_NONE);
}

/* ---- the line ---- */

static void update_line(SerialPort *s)
{
    CharSerialParams params = {
        .data_bits = 5 + (s->lcr & LCR_WLS), .stop_bits = s->lcr & LCR_STB ? 2 : 1,
        .parity = !(s->lcr & LCR_PEN) ? 'N' : s->lcr & LCR_EPS ? 'E' : 'O',
    };
    if (!s->divisor || !s->baudbase || s->baudbase / s->divisor == 0) {
        return;                     /* no clock: the line stays as it was */
    }
    params.speed = (int)(s->baudbase / s->divisor);
    int frame = 1 + params.data_bits + params.stop_bits + (params.parity != 'N');
    s->char_time_ns = NS_PER_S / params.speed * frame;
    char_set_serial_params(&s->chr, &params);
}

static void start_timeout(SerialPort *s)
{
    if (fifos_on(s) && s->rx.count) {
        timer_set_ns(&s->rx_timeout, clock_get_ns(CLOCK_TYPE_VIRTUAL) + s->char_time_ns * TIMEOUT_CHARACTERS);
    } else {
        timer_cancel(&s->rx_timeout);
    }
}

static void rx_timed_out(void *opaque)
{
    SerialPort *s = opaque;
    if (s->rx.count) {
        s->timeout_pending = true;
        update_irq(s);
    }
}

/* Modem inputs of the back end, or all good. */
static void update_modem(SerialPort *s)
{
    int lines;
    if (!s->modem_lines || (s->mcr & MCR_LOOP) || !char_get_lines(&s->chr, &lines)) {
        return;
    }
    uint8_t now = (lines & CHAR_LINE_CTS ? MSR_CTS : 0) | (lines & CHAR_LINE_DSR ? MSR_DSR : 0) | (lines & CHAR_LINE_RI ? MSR_RI : 0) |
        (lines & CHAR_LINE_CD ? MSR_DCD : 0), was = s->msr & 0xf0, changed = (now ^ was) >> 4;
    changed &= ~MSR_TERI;
    changed |= was & ~now & MSR_RI ? MSR_TERI : 0;      /* the trailing edge only */
    s->msr = now | (s->msr & MSR_DELTAS) | changed;
    update_irq(s);
}

static void modem_polled(void *opaque)
{
    SerialPort *s = opaque;
    update_modem(s);
    timer_set_ns(&s->modem_poll, clock_get_ns(CLOCK_TYPE_VIRTUAL) + MODEM_POLL_NS);
}

static void loop_modem(SerialPort *s)
{
    uint8_t was = s->msr & 0xf0;
    uint8_t now = (s->mcr & MCR_RTS ? MSR_CTS : 0) | (s->mcr & MCR_DTR ? MSR_DSR : 0) | (s->mcr & MCR_OUT1 ? MSR_RI : 0) |
        (s->mcr & MCR_OUT2 ? MSR_DCD : 0), changed = ((now ^ was) >> 4) & ~MSR_TERI;
    changed |= was & ~now & MSR_RI ? MSR_TERI : 0;
    s->msr = now | (s->msr & MSR_DELTAS) | changed;
}

/* ---- receiver ---- */

static void receive_byte(SerialPort *s, uint8_t byte)
{
    if (s->rx.count >= (fifos_on(s) ? SERIAL_FIFO_SIZE : 1)) {
        s->lsr |= LSR_OE;
        if (fifos_on(s)) {
            return;                 /* the FIFO keeps what it has; a lone holding register is overwritten */
        }
        fifo_reset(&s->rx);
    }
    fifo_put(&s->rx, byte);
    s->lsr |= LSR_DR;
}

static int serial_can_receive(void *opaque)
{
    SerialPort *s = opaque;
    return (fifos_on(s) ? SERIAL_FIFO_SIZE : 1) - s->rx.count;
}

static void serial_receive(void *opaque, const uint8_t *buf, int len)
{
    SerialPort *s = opaque;
    if (s->wakeup) {
        system_wakeup_request();
    }
    if (s->mcr & MCR_LOOP) {
        return;                     /* the pin is cut off */
    }
    for (int n = 0; n < len; n++) {
        receive_byte(s, buf[n]);
    }
    start_timeout(s);
    update_irq(s);
}

static void serial_event(void *opaque, CharEvent event)
{
    SerialPort *s = opaque;
    if (event == CHAR_EVENT_BREAK && !(s->mcr & MCR_LOOP)) {
        receive_byte(s, 0);
        s->lsr |= LSR_BI;
        start_timeout(s);
        update_irq(s);
    }
}

static const CharCallbacks serial_callbacks = { serial_can_receive, serial_receive, serial_event };

static uint8_t read_rbr(SerialPort *s)
{
    if (!s->rx.count) {
        return s->rbr;
    }
    s->rbr = fifo_get(&s->rx);
    if (!s->rx.count) {
        s->lsr &= ~(LSR_DR | LSR_BI);
    }
    s->timeout_pending = false;
    start_timeout(s);
    update_irq(s);
    char_accept_input(&s->chr);
    return s->rbr;
}

/* ---- transmitter ---- */

static void transmitter_empty(SerialPort *s)
{
    s->lsr |= LSR_THRE | LSR_TEMT;
    s->thre_pending = true;
    timer_cancel(&s->stall);
    update_irq(s);
}

static bool serial_writable(void *opaque)
{
    SerialPort *s = opaque;
    s->stalled = false;
    transmit(s);
    return s->tx.count > 0;
}

static void transmit_stalled(void *opaque)
{
    SerialPort *s = opaque;
    s->stalled = true;
    fifo_reset(&s->tx);
    transmitter_empty(s);
}

/* Sends what is in the FIFO; what the back end does not take stays there, and the transmitter is busy. */
static void transmit(SerialPort *s)
{
    while (s->tx.count) {
        unsigned part = MIN(s->tx.count, SERIAL_FIFO_SIZE - s->tx.first);
        size_t taken = char_write(&s->chr, s->tx.data + s->tx.first, part);
        if (!taken && s->stalled) {
            taken = part;
        }
        s->tx.first = (s->tx.first + taken) % SERIAL_FIFO_SIZE;
        s->tx.count -= taken;
        if (taken < part) {
            if (!s->chr.writable) {
                char_set_writable(&s->chr, serial_writable, s);
            }
            if (!timer_pending(&s->stall) || taken) {
                timer_set_ns(&s->stall, clock_get_ns(CLOCK_TYPE_REALTIME) + STALL_NS);
            }
            return;
        }
    }
    transmitter_empty(s);
}

static void write_thr(SerialPort *s, uint8_t byte)
{
    s->thre_pending = false;
    s->lsr &= ~(LSR_THRE | LSR_TEMT);
    if (s->mcr & MCR_LOOP) {
        receive_byte(s, byte);
        start_timeout(s);
        transmitter_empty(s);
        return;
    }
    if (s->tx.count < (fifos_on(s) ? SERIAL_FIFO_SIZE : 1)) {
        fifo_put(&s->tx, byte);
    }
    if (s->tx.count == 1 || !s->chr.writable) {
        transmit(s);
    }
    update_irq(s);
}

/* ---- control registers ---- */

static void write_ier(SerialPort *s, uint8_t value)
{
    uint8_t changed = s->ier ^ value;
    s->ier = value & IER_MASK;
    if (changed & IER_ETBEI) {
        /* Enabling it while the holding register is empty raises it at once. */
        s->thre_pending = (s->ier & IER_ETBEI) && (s->lsr & LSR_THRE);
    }
    if (s->modem_lines) {
        if (s->ier & IER_EDSSI) {
            modem_polled(s);
        } else {
            timer_cancel(&s->modem_poll);
        }
    }
    update_irq(s);
}

static void write_fcr(SerialPort *s, uint8_t value)
{
    bool toggled = (s->fcr ^ value) & FCR_ENABLE;
    if (toggled || (value & FCR_RESET_RX)) {
        fifo_reset(&s->rx);
        s->lsr &= ~(LSR_DR | LSR_BI);
        s->timeout_pending = false;
        timer_cancel(&s->rx_timeout);
    }
    if (toggled || (value & FCR_RESET_TX)) {
        fifo_reset(&s->tx);
        s->lsr |= LSR_THRE | LSR_TEMT;
        s->thre_pending = true;
        timer_cancel(&s->stall);
    }
    s->fcr = value & FCR_ENABLE ? value & FCR_KEPT : 0;
    s->iir = (s->iir & ~IIR_FIFOS) | (s->fcr & FCR_ENABLE ? IIR_FIFOS : 0);
    update_irq(s);
    char_accept_input(&s->chr);
}

static void write_lcr(SerialPort *s, uint8_t value)
{
    uint8_t changed = s->lcr ^ value;
    s->lcr = value;
    update_line(s);
    if (changed & LCR_BREAK) {
        char_set_break(&s->chr, value & LCR_BREAK);
    }
}

static void write_mcr(SerialPort *s, uint8_t value)
{
    uint8_t changed = s->mcr ^ value;
    s->mcr = value & MCR_MASK;
    if (s->mcr & MCR_LOOP) {
        loop_modem(s);
        update_irq(s);
        return;
    }
    if (changed & MCR_LOOP && !s->modem_lines) {
        s->msr = (s->msr & MSR_DELTAS) | MSR_DCD | MSR_DSR | MSR_CTS;
    }
    if (s->modem_lines && (changed & (MCR_DTR | MCR_RTS | MCR_LOOP))) {
        char_set_lines(&s->chr, (s->mcr & MCR_DTR ? CHAR_LINE_DTR : 0) | (s->mcr & MCR_RTS ? CHAR_LINE_RTS : 0));
        update_modem(s);
    }
    update_irq(s);
}

static uint8_t read_iir(SerialPort *s)
{
    uint8_t value = s->iir;
    if ((value & IIR_ID) == IIR_THRE) {
        s->thre_pending = false;
        update_irq(s);
    }
    return value;
}

static uint8_t read_lsr(SerialPort *s)
{
    uint8_t value = s->lsr;
    if (value & LSR_ERRORS) {
        s->lsr &= ~LSR_ERRORS;
        update_irq(s);
    }
    return value;
}

static uint8_t read_msr(SerialPort *s)
{
    update_modem(s);
    uint8_t value = s->msr;
    if (value & MSR_DELTAS) {
        s->msr &= ~MSR_DELTAS;
        update_irq(s);
    }
    return value;
}

uint64_t serial_port_read(void *opaque, uint64_t addr, unsigned size)
{
    SerialPort *s = opaque;
    bool dlab = s->lcr & LCR_DLAB;
    switch (addr & 7) {
    case REG_RBR_THR:
        return dlab ? s->divisor & 0xff : read_rbr(s);
    case REG_IER:
        return dlab ? s->divisor >> 8 : s->ier;
    case REG_IIR_FCR:
        return read_iir(s);
    case REG_LCR:
        return s->lcr;
    case REG_MCR:
        return s->mcr;
    case REG_LSR:
        return read_lsr(s);
    case REG_MSR:
        return read_msr(s);
    default:
        return s->scr;
    }
}

void serial_port_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    SerialPort *s = opaque;
    uint8_t byte = (uint8_t)value;
    bool dlab = s->lcr & LCR_DLAB;
    switch (addr & 7) {
    case REG_RBR_THR:
        if (dlab) {
            s->divisor = (s->divisor & 0xff00) | byte;
            update_line(s);
        } else {
            write_thr(s, byte);
        }
        break;
    case REG_IER:
        if (dlab) {
            s->divisor = (uint16_t)((s->divisor & 0xff) | byte << 8);
            update_line(s);
        } else {
            write_ier(s, byte);
        }
        break;
    case REG_IIR_FCR:
        write_fcr(s, byte);
        break;
    case REG_LCR:
        write_lcr(s, byte);
        break;
    case REG_MCR:
        write_mcr(s, byte);
        break;
    case REG_SCR:
        s->scr = byte;
        break;
    default:
        log_mask(LOG_GUEST_ERROR, "serial: write of 0x%02x to read-only register %u\n", byte, (unsigned)(addr & 7));
    }
}

static const MemoryRegionOps serial_ops = {
    .read = serial_port_read, .write = serial_port_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 8, true }, .impl = { 1, 1 },
};

/* ---- life ---- */

void serial_port_reset(SerialPort *s)
{
    timer_cancel(&s->rx_timeout);
    timer_cancel(&s->modem_poll);
    timer_cancel(&s->stall);
    char_set_writable(&s->chr, NULL, NULL);
    fifo_reset(&s->rx);
    fifo_reset(&s->tx);
    s->rbr = s->ier = s->fcr = s->lcr = s->scr = 0;
    s->iir = IIR_NONE;
    s->mcr = MCR_OUT2;
    s->lsr = LSR_THRE | LSR_TEMT;
    s->msr = MSR_DCD | MSR_DSR | MSR_CTS;
    s->divisor = DIVISOR_RESET;
    s->thre_pending = s->timeout_pending = s->stalled = false;
    int lines;
    s->modem_lines = char_get_lines(&s->chr, &lines);
    update_line(s);
    update_modem(s);
    s->msr &= ~MSR_DELTAS;
    update_irq(s);
    char_accept_input(&s->chr);
}

void serial_port_realize(SerialPort *s, Object *owner, Irq *irq)
{
    s->irq = irq;
    timer_init(&s->rx_timeout, CLOCK_TYPE_VIRTUAL, rx_timed_out, s);
    timer_init(&s->modem_poll, CLOCK_TYPE_VIRTUAL, modem_polled, s);
    timer_init(&s->stall, CLOCK_TYPE_REALTIME, transmit_stalled, s);
    memory_region_init_io(&s->io, owner, &serial_ops, s, "serial", 8);
    serial_port_reset(s);
    char_set_handlers(&s->chr, &serial_callbacks, s);
}

void serial_port_unrealize(SerialPort *s)
{
    timer_cancel(&s->rx_timeout);
    timer_cancel(&s->modem_poll);
    timer_cancel(&s->stall);
    char_set_handlers(&s->chr, NULL, NULL);
    char_frontend_disconnect(&s->chr);
}

static const StateTable fifo_state = {
    .fields = (const StateField[]){ STATE_UINT8_ARRAY(SerialFifo, data), STATE_UINT8(SerialFifo, first), STATE_UINT8(SerialFifo, count) }, .count = 3, .version = 1,
};
static const StateField serial_fields[] = {
    STATE_UINT16(SerialPort, divisor), STATE_UINT8(SerialPort, rbr), STATE_UINT8(SerialPort, ier), STATE_UINT8(SerialPort, iir), STATE_UINT8(SerialPort, fcr),
    STATE_UINT8(SerialPort, lcr), STATE_UINT8(SerialPort, mcr), STATE_UINT8(SerialPort, lsr), STATE_UINT8(SerialPort, msr), STATE_UINT8(SerialPort, scr),
    STATE_STRUCT(SerialPort, rx, fifo_state), STATE_STRUCT(SerialPort, tx, fifo_state), STATE_BOOL(SerialPort, thre_pending),
    STATE_BOOL(SerialPort, timeout_pending), STATE_TIMER(SerialPort, rx_timeout), STATE_TIMER(SerialPort, modem_poll),
};
const StateTable serial_port_state = STATE(serial_fields, .version = 1);

static const Property serial_properties[] = {
    PROP_CHARDEV("chardev", SerialPort, chr),
    PROP_UINT32("baudbase", SerialPort, baudbase, 115200),
    PROP_BOOL("wakeup", SerialPort, wakeup, false),
};
static const DeviceType serial_type = {
    .name = "serial", .parent = "device", .size = sizeof(SerialPort), .category = DEVICE_INPUT, .summary = "16550A UART",
    .properties = PROPERTIES(serial_properties),
};
REGISTER_DEVICE(serial_type)

void serial_port_init(SerialPort *s, Object *owner)
{
    object_init_embedded((Object *)s, (const ObjectType *)&serial_type);
    object_add_child(owner, "serial[*]", (Object *)s, NULL);
}
