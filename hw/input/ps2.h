/*
 * Devices behind a PS/2 port: a queue of bytes to the host, and commands from it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_INPUT_PS2_H
#define HW_INPUT_PS2_H

#include "hw/core/device.h"
#include "ui/input.h"

enum { PS2_QUEUE_SIZE = 256, PS2_EVENT_LIMIT = 16 /* bytes of events; the rest is for replies */ };

typedef struct Ps2Device {
    SysBusDevice parent;                /* type "ps2-device" */
    Irq *irq;                           /* level: there is something to read */
    uint8_t queue[PS2_QUEUE_SIZE];
    unsigned read_index, count;
    uint8_t last;                       /* read last: for resend, and when nothing is there */
    int16_t argument_of;                /* command whose argument comes next; -1: none */
    InputHandler *handler;
} Ps2Device;
#define PS2_DEVICE(p) ((Ps2Device *)(p))
typedef struct Ps2Type { void (*write)(Ps2Device *dev, uint8_t value); } Ps2Type;

void ps2_write(Ps2Device *dev, uint8_t value);      /* a byte from the host */
uint8_t ps2_read(Ps2Device *dev);
static inline bool ps2_has_data(const Ps2Device *dev) { return dev->count != 0; }
/* For the devices: false when there is no room. */
bool ps2_queue(Ps2Device *dev, const uint8_t *bytes, unsigned count);
void ps2_queue_byte(Ps2Device *dev, uint8_t byte);
void ps2_clear(Ps2Device *dev);
static inline bool ps2_has_room(const Ps2Device *dev, unsigned count) { return dev->count + count <= PS2_EVENT_LIMIT; }
void ps2_mouse_wake(Ps2Device *mouse);              /* vmmouse: a packet without motion, so that the guest looks */

enum { PS2_ACK = 0xfa, PS2_RESEND = 0xfe, PS2_SELF_TEST_OK = 0xaa };

#endif
