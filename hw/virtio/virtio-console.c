/*
 * virtconsole and virtserialport: ports of a virtio-serial device that lead to a character device.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-serial.h"
#include "net/net.h"
#include "util/error.h"

enum { MAX_CHUNK = 4096 };

/* ---- from the guest ---- */

static bool writable_again(void *opaque)
{
    virtio_port_from_guest(opaque);
    return ((VirtioSerialPort *)opaque)->element != NULL;
}

/* Writes the rest of the element; false when the character device is full. */
static bool write_element(VirtioSerialPort *port)
{
    VirtqElement *e = port->element;
    while (port->offset < e->out_size) {
        uint8_t chunk[MAX_CHUNK];
        size_t size = iov_to_buffer(e->out, e->nr_out, port->offset, chunk, sizeof(chunk)), done = char_write(&port->fe, chunk, size);
        port->offset += done;
        if (done < size) {
            return false;
        }
    }
    return true;
}

void virtio_port_from_guest(VirtioSerialPort *port)
{
    Virtqueue *vq = port->from_guest;
    bool any = false;
    for (;;) {
        if (!port->element) {
            port->element = virtqueue_pop(vq, sizeof(VirtqElement));
            port->offset = 0;
        }
        if (!port->element) {
            break;
        }
        if (!write_element(port)) {
            char_set_writable(&port->fe, writable_again, port);
            break;
        }
        virtqueue_push(vq, port->element, 0);
        g_clear_pointer(&port->element, g_free);
        any = true;
    }
    if (any) {
        virtqueue_notify(vq);
    }
}

/* ---- to the guest ---- */

static int port_can_receive(void *opaque)
{
    VirtioSerialPort *port = opaque;
    if (!port->serial || !virtio_is_running(port->to_guest->vdev) || (virtio_serial_multiport(port->serial) && !port->guest_connected)) {
        return 0;
    }
    return virtqueue_in_bytes(port->to_guest, MAX_CHUNK);
}

static void port_receive(void *opaque, const uint8_t *buf, int len)
{
    VirtioSerialPort *port = opaque;
    VirtqElement *e;
    while (len > 0 && (e = virtqueue_pop(port->to_guest, sizeof(*e)))) {
        size_t done = iov_from_buffer(e->in, e->nr_in, 0, buf, len);
        virtqueue_push(port->to_guest, e, done);
        g_free(e);
        buf += done;
        len -= done;
    }
    virtqueue_notify(port->to_guest);
}

static void port_event(void *opaque, CharEvent event)
{
    VirtioSerialPort *port = opaque;
    /* A console is always there; a serial port's guest is told who is at the other end. */
    if (!port->is_console && (event == CHAR_EVENT_OPENED || event == CHAR_EVENT_CLOSED)) {
        virtio_serial_host_connected(port, event == CHAR_EVENT_OPENED);
    }
}

static const CharCallbacks port_callbacks = { .can_receive = port_can_receive, .receive = port_receive, .event = port_event };

void virtio_port_room(VirtioSerialPort *port) { char_accept_input(&port->fe); }

void virtio_port_guest_connected(VirtioSerialPort *port, bool connected)
{
    if (!port->is_console) {
        char_set_open(&port->fe, connected);
    }
    if (connected) {
        char_accept_input(&port->fe);
    }
}

void virtio_port_reset(VirtioSerialPort *port)
{
    if (port->element) {
        char_set_writable(&port->fe, NULL, NULL);
        virtqueue_detach(port->from_guest, port->element);
        g_clear_pointer(&port->element, g_free);
    }
    if (port->guest_connected) {
        port->guest_connected = false;
        virtio_port_guest_connected(port, false);
    }
}

/* ---- devices ---- */

static bool port_realize(Device *dev, GError **err)
{
    VirtioSerialPort *port = (VirtioSerialPort *)dev;
    port->is_console = object_is_a(OBJECT(dev), "virtconsole");
    if (!port->is_console && port->nr == 0) {
        return error_set(err, "Port number 0 on virtio-serial devices reserved for virtconsole devices for backward compatibility.");
    }
    if (!virtio_serial_add_port(((VirtioSerialBus *)dev->bus)->serial, port, err)) {
        return false;
    }
    if (port->is_console) {
        virtio_serial_host_connected(port, true);
    }
    if (char_is_connected(&port->fe)) {
        char_set_handlers(&port->fe, &port_callbacks, port);
    }
    return true;
}

static void port_unrealize(Device *dev)
{
    VirtioSerialPort *port = (VirtioSerialPort *)dev;
    virtio_port_reset(port);
    char_set_handlers(&port->fe, NULL, NULL);
    if (port->serial) {
        virtio_serial_remove_port(port->serial, port);
    }
}

static const Property port_properties[] = { PROP_UINT32("nr", VirtioSerialPort, nr, UINT32_MAX), PROP_STRING("name", VirtioSerialPort, name, NULL) };
static const Property chardev_properties[] = { PROP_CHARDEV("chardev", VirtioSerialPort, fe) };
static const DeviceType virtio_serial_port = {
    .name = "virtio-serial-port", .parent = "device", .size = sizeof(VirtioSerialPort), .abstract = true, .bus_type = "virtio-serial-bus",
    .category = DEVICE_INPUT, .properties = PROPERTIES(port_properties), .unrealize = port_unrealize,
};
REGISTER_DEVICE(virtio_serial_port)
static const DeviceType virtserialport = {
    .name = "virtserialport", .parent = "virtio-serial-port", .user_creatable = true, .category = DEVICE_INPUT, .properties = PROPERTIES(chardev_properties),
    .realize = port_realize,
};
REGISTER_DEVICE(virtserialport)
static const DeviceType virtconsole = { .name = "virtconsole", .parent = "virtserialport", .user_creatable = true, .category = DEVICE_INPUT };
REGISTER_DEVICE(virtconsole)
