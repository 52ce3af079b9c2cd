/*
 * The 16550A UART as a part of devices (isa-serial, pci-serial, serial-mm).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_CHAR_SERIAL_PORT_H
#define HW_CHAR_SERIAL_PORT_H

#include "chardev/char.h"
#include "hw/core/device.h"
#include "util/timer.h"

#define SERIAL_FIFO_SIZE 16

typedef struct SerialFifo { uint8_t data[SERIAL_FIFO_SIZE]; uint8_t first, count; } SerialFifo;

typedef struct SerialPort {
    Device parent;                  /* type "serial", embedded */
    CharFrontend chr;               /* property "chardev" */
    uint32_t baudbase;              /* of divisor 1 */
    bool wakeup;
    Irq *irq;
    MemoryRegion io;                /* eight byte registers */

    /* Registers, by the data sheet's names. */
    uint16_t divisor;               /* DLM, DLL */
    uint8_t rbr, ier, iir, fcr, lcr, mcr, lsr, msr, scr;
    SerialFifo rx, tx;              /* without FIFO mode: of one byte */
    bool thre_pending;              /* the transmitter-empty interrupt was not acknowledged yet */
    bool timeout_pending;           /* characters wait in the FIFO and nothing comes */
    bool modem_lines;               /* the back end has real modem lines */
    bool stalled;                   /* the back end takes nothing: output is lost until it does again */
    int64_t char_time_ns;
    Timer rx_timeout, modem_poll, stall;
} SerialPort;

void serial_port_init(SerialPort *s, Object *owner);        /* in the owner's init */
void serial_port_realize(SerialPort *s, Object *owner, Irq *irq);
void serial_port_unrealize(SerialPort *s);
void serial_port_reset(SerialPort *s);
extern const StateTable serial_port_state;
/* The properties that a device passes on to the port that it embeds. */
#define SERIAL_PORT_PROPERTIES(S, field) \
    PROP_CHARDEV("chardev", S, field.chr, .flags = PROP_HIDDEN), \
    PROP_UINT32("baudbase", S, field.baudbase, 115200, .flags = PROP_HIDDEN), \
    PROP_BOOL("wakeup", S, field.wakeup, false, .flags = PROP_HIDDEN)

uint64_t serial_port_read(void *port, uint64_t addr, unsigned size);
void serial_port_write(void *port, uint64_t addr, uint64_t value, unsigned size);

#endif
