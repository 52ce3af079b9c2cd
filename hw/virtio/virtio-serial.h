/*
 * A virtio console device and its ports (VIRTIO 1.2, 5.3).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_VIRTIO_SERIAL_INTERNAL_H
#define HW_VIRTIO_VIRTIO_SERIAL_INTERNAL_H

#include "chardev/char.h"
#include "hw/virtio/virtio.h"

typedef struct VirtioSerial VirtioSerial;

/* The bus "virtio-serial-bus" with its ports. */
typedef struct VirtioSerialBus { Bus parent; VirtioSerial *serial; } VirtioSerialBus;

typedef struct VirtioSerialPort {
    Device parent;                      /* type "virtio-serial-port" */
    VirtioSerial *serial;
    uint32_t nr;                        /* UINT32_MAX: the next free one */
    char *name;
    CharFrontend fe;
    bool is_console, guest_connected, host_connected;
    Virtqueue *to_guest, *from_guest;
    VirtqElement *element; size_t offset;   /* from the guest; the character device has taken offset bytes */
} VirtioSerialPort;

/* Finds the port's place and its queues. */
bool virtio_serial_add_port(VirtioSerial *s, VirtioSerialPort *port, GError **err);
void virtio_serial_remove_port(VirtioSerial *s, VirtioSerialPort *port);
/* The host's end opened or closed. */
void virtio_serial_host_connected(VirtioSerialPort *port, bool connected);
bool virtio_serial_multiport(const VirtioSerial *s);
/* virtio-console.c: the guest's end opened or closed; it gave bytes or room; the device was reset. */
void virtio_port_guest_connected(VirtioSerialPort *port, bool connected);
void virtio_port_from_guest(VirtioSerialPort *port);
void virtio_port_room(VirtioSerialPort *port);
void virtio_port_reset(VirtioSerialPort *port);

#endif
