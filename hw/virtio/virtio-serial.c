/*
 * virtio-serial: the console device with its control queues (VIRTIO 1.2, 5.3). Its ports are in virtio-console.c.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-serial.h"
#include "hw/virtio/virtio-pci.h"
#include "net/net.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { CONSOLE_F_SIZE = 0, CONSOLE_F_MULTIPORT = 1, CONSOLE_F_EMERG_WRITE = 2, CONFIG_SIZE = 12, PORT_QUEUE_SIZE = 128, CTRL_QUEUE_SIZE = 32, MAX_PORTS = 511,
       CTRL_HEADER = 8, MAX_PENDING = 1024 };
enum { EVENT_DEVICE_READY, EVENT_PORT_ADD, EVENT_PORT_REMOVE, EVENT_PORT_READY, EVENT_CONSOLE_PORT, EVENT_RESIZE, EVENT_PORT_OPEN, EVENT_PORT_NAME };

struct VirtioSerial {
    VirtioDevice parent;
    VirtioSerialBus *bus;
    uint32_t max_ports;
    bool emergency_write, device_ready;
    VirtioSerialPort **ports;               /* by number; max_ports of them */
    GQueue pending;                         /* of GBytes*: control messages that wait for the guest's buffers */
};

/* 0, 1: port 0; 2, 3: control; then the ports from 1 on. */
enum { QUEUE_CTRL_TO_GUEST = 2, QUEUE_CTRL_FROM_GUEST = 3 };
static unsigned port_queue(unsigned nr) { return nr ? 2 + 2 * nr : 0; }
static unsigned queue_port(unsigned queue) { return queue < 2 ? 0 : queue / 2 - 1; }

bool virtio_serial_multiport(const VirtioSerial *s) { return virtio_has_feature(&s->parent, CONSOLE_F_MULTIPORT); }

/* ---- control messages to the guest ---- */

static void flush_control(VirtioSerial *s)
{
    Virtqueue *vq = virtio_queue(&s->parent, QUEUE_CTRL_TO_GUEST);
    bool any = false;
    VirtqElement *e;
    while (s->pending.length && virtio_is_running(&s->parent) && (e = virtqueue_pop(vq, sizeof(*e)))) {
        g_autoptr(GBytes) message = g_queue_pop_head(&s->pending);
        size_t size;
        const void *data = g_bytes_get_data(message, &size);
        virtqueue_push(vq, e, iov_from_buffer(e->in, e->nr_in, 0, data, size));
        g_free(e);
        any = true;
    }
    if (any) {
        virtqueue_notify(vq);
    }
}

static void send_control(VirtioSerial *s, uint32_t port, uint16_t event, uint16_t value, const char *text)
{
    size_t length = text ? strlen(text) : 0;
    if (!virtio_serial_multiport(s) || !s->device_ready || s->pending.length >= MAX_PENDING) {
        return;
    }
    uint8_t *message = g_malloc0(CTRL_HEADER + length + 1);
    store_le32(message, port);
    store_le16(message + 4, event);
    store_le16(message + 6, value);
    memcpy(message + CTRL_HEADER, text ? text : "", length);
    g_queue_push_tail(&s->pending, g_bytes_new_take(message, CTRL_HEADER + (text ? length + 1 : 0)));
    flush_control(s);
}

void virtio_serial_host_connected(VirtioSerialPort *port, bool connected)
{
    if (port->host_connected != connected) {
        port->host_connected = connected;
        if (port->serial) {
            send_control(port->serial, port->nr, EVENT_PORT_OPEN, connected, NULL);
        }
    }
}

/* ---- control messages from the guest ---- */

static void port_is_ready(VirtioSerial *s, VirtioSerialPort *port)
{
    if (port->is_console) {
        send_control(s, port->nr, EVENT_CONSOLE_PORT, 1, NULL);
    }
    if (port->name) {
        send_control(s, port->nr, EVENT_PORT_NAME, 1, port->name);
    }
    if (port->host_connected) {
        send_control(s, port->nr, EVENT_PORT_OPEN, 1, NULL);
    }
}

static void device_is_ready(VirtioSerial *s)
{
    s->device_ready = true;
    for (unsigned i = 0; i < s->max_ports; i++) {
        if (s->ports[i]) {
            send_control(s, i, EVENT_PORT_ADD, 1, NULL);
        }
    }
}

static void handle_message(VirtioSerial *s, uint32_t nr, uint16_t event, uint16_t value)
{
    VirtioSerialPort *port = nr < s->max_ports ? s->ports[nr] : NULL;
    if (event == EVENT_DEVICE_READY) {
        if (value) {
            device_is_ready(s);
        } else {
            log_mask(LOG_GUEST_ERROR, "virtio-serial-bus: Guest failure in adding device\n");
        }
    } else if (!port) {
        log_mask(LOG_GUEST_ERROR, "virtio-serial-bus: Unexpected port id %u\n", nr);
    } else if (event == EVENT_PORT_READY && value) {
        port_is_ready(s, port);
    } else if (event == EVENT_PORT_OPEN) {
        port->guest_connected = value;
        virtio_port_guest_connected(port, value);
    }
}

static void handle_control(VirtioSerial *s, Virtqueue *vq)
{
    VirtqElement *e;
    while ((e = virtqueue_pop(vq, sizeof(*e)))) {
        uint8_t message[CTRL_HEADER];
        size_t size = iov_to_buffer(e->out, e->nr_out, 0, message, sizeof(message));
        virtqueue_push(vq, e, 0);
        g_free(e);
        if (size == CTRL_HEADER) {
            handle_message(s, load_le32(message), load_le16(message + 4), load_le16(message + 6));
        }
    }
    virtqueue_notify(vq);
}

static void handle_queue(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioSerial *s = (VirtioSerial *)vdev;
    if (vq->index == QUEUE_CTRL_FROM_GUEST) {
        handle_control(s, vq);
        return;
    }
    if (vq->index == QUEUE_CTRL_TO_GUEST) {
        flush_control(s);
        return;
    }
    VirtioSerialPort *port = s->ports[queue_port(vq->index)];
    VirtqElement *e;
    if (port) {
        (vq->index & 1 ? virtio_port_from_guest : virtio_port_room)(port);
    } else if (vq->index & 1) {
        /* Nobody at that port: what the guest sends is gone. */
        while ((e = virtqueue_pop(vq, sizeof(*e)))) {
            virtqueue_push(vq, e, 0);
            g_free(e);
        }
        virtqueue_notify(vq);
    }
}

/* ---- ports ---- */

static bool pick_number(VirtioSerial *s, VirtioSerialPort *port, GError **err)
{
    if (port->nr == UINT32_MAX) {
        /* Number 0 is for a console: drivers without multi-port know no other. */
        uint32_t nr = port->is_console && !s->ports[0] ? 0 : 1;
        while (nr < s->max_ports && s->ports[nr]) {
            nr++;
        }
        if (nr >= s->max_ports) {
            return error_set(err, "virtio-serial-bus: Maximum port limit for this device reached");
        }
        port->nr = nr;
    }
    if (port->nr >= s->max_ports) {
        return error_set(err, "virtio-serial-bus: Out-of-range port id specified, max. allowed: %u", s->max_ports - 1);
    }
    if (s->ports[port->nr]) {
        return error_set(err, "virtio-serial-bus: A port already exists at id %u", port->nr);
    }
    return true;
}

bool virtio_serial_add_port(VirtioSerial *s, VirtioSerialPort *port, GError **err)
{
    for (unsigned i = 0; port->name && i < s->max_ports; i++) {
        if (s->ports[i] && !g_strcmp0(s->ports[i]->name, port->name)) {
            return error_set(err, "virtio-serial-bus: A port already exists by name %s", port->name);
        }
    }
    if (!pick_number(s, port, err)) {
        return false;
    }
    port->serial = s;
    s->ports[port->nr] = port;
    port->to_guest = virtio_queue(&s->parent, port_queue(port->nr));
    port->from_guest = virtio_queue(&s->parent, port_queue(port->nr) + 1);
    send_control(s, port->nr, EVENT_PORT_ADD, 1, NULL);
    return true;
}

void virtio_serial_remove_port(VirtioSerial *s, VirtioSerialPort *port)
{
    send_control(s, port->nr, EVENT_PORT_REMOVE, 1, NULL);
    s->ports[port->nr] = NULL;
    port->serial = NULL;
}

static void print_port(const Device *dev, GString *out, int indent)
{
    const VirtioSerialPort *port = (const VirtioSerialPort *)dev;
    g_string_append_printf(out, "%*sport %u, guest %s, host %s, throttle %s\n", indent, "", port->nr, port->guest_connected ? "on" : "off",
                           port->host_connected ? "on" : "off", port->element ? "on" : "off");
}

static const BusType virtio_serial_bus_type = { .name = "virtio-serial-bus", .parent = "bus", .size = sizeof(VirtioSerialBus), .print_device = print_port };
REGISTER_TYPE(virtio_serial_bus_type)

/* ---- the device ---- */

static uint64_t get_features(VirtioDevice *vdev, uint64_t offered)
{
    VirtioSerial *s = (VirtioSerial *)vdev;
    offered |= s->max_ports > 1 ? BIT(CONSOLE_F_MULTIPORT) : 0;
    return s->emergency_write ? offered | BIT(CONSOLE_F_EMERG_WRITE) : offered;
}

static void get_config(VirtioDevice *vdev, uint8_t *config)
{
    store_le32(config + 4, ((VirtioSerial *)vdev)->max_ports);
}

/* An emergency character (5.3.4): to the first console, from a guest that has no queues yet. */
static void set_config(VirtioDevice *vdev, const uint8_t *config)
{
    VirtioSerial *s = (VirtioSerial *)vdev;
    uint8_t character = config[8];
    for (unsigned i = 0; s->emergency_write && character && i < s->max_ports; i++) {
        if (s->ports[i] && s->ports[i]->is_console) {
            char_write(&s->ports[i]->fe, &character, 1);
            return;
        }
    }
}

static void drop_pending(VirtioSerial *s)
{
    for (GBytes *b; (b = g_queue_pop_head(&s->pending));) {
        g_bytes_unref(b);
    }
}

static void serial_reset(VirtioDevice *vdev)
{
    VirtioSerial *s = (VirtioSerial *)vdev;
    s->device_ready = false;
    drop_pending(s);
    for (unsigned i = 0; i < s->max_ports; i++) {
        if (s->ports[i]) {
            virtio_port_reset(s->ports[i]);
        }
    }
}

/* A driver without multi-port has one console, open from the start. */
static void set_status(VirtioDevice *vdev, uint8_t status)
{
    VirtioSerial *s = (VirtioSerial *)vdev;
    if ((status & VIRTIO_S_DRIVER_OK) && !(vdev->status & VIRTIO_S_DRIVER_OK) && s->ports[0] && !virtio_serial_multiport(s)) {
        s->ports[0]->guest_connected = true;
        virtio_port_guest_connected(s->ports[0], true);
    }
}

static void serial_queue_reset(VirtioDevice *vdev, unsigned queue)
{
    VirtioSerial *s = (VirtioSerial *)vdev;
    if (queue != QUEUE_CTRL_TO_GUEST && queue != QUEUE_CTRL_FROM_GUEST && s->ports[queue_port(queue)] && (queue & 1)) {
        virtio_port_reset(s->ports[queue_port(queue)]);
    }
}

static bool virtio_serial_realize(Device *dev, GError **err)
{
    VirtioSerial *s = (VirtioSerial *)dev;
    Device *user = virtio_user_device(&s->parent);
    if (!s->max_ports) {
        return error_set(err, "Maximum number of serial ports not specified");
    }
    if (s->max_ports > MAX_PORTS) {
        return error_set(err, "maximum ports supported: %u", MAX_PORTS);
    }
    virtio_init(&s->parent, s->emergency_write ? CONFIG_SIZE : 8);
    for (unsigned i = 0; i < (s->max_ports + 1) * 2; i++) {
        bool control = i == QUEUE_CTRL_TO_GUEST || i == QUEUE_CTRL_FROM_GUEST;
        virtio_add_queue(&s->parent, control ? CTRL_QUEUE_SIZE : PORT_QUEUE_SIZE, handle_queue);
    }
    s->ports = g_new0(VirtioSerialPort *, s->max_ports);
    g_queue_init(&s->pending);
    g_autofree char *name = user->id ? g_strdup_printf("%s.0", user->id) : NULL;
    s->bus = (VirtioSerialBus *)bus_new(&virtio_serial_bus_type, dev, name);
    s->bus->serial = s;
    return true;
}

static void virtio_serial_unrealize(Device *dev)
{
    VirtioSerial *s = (VirtioSerial *)dev;
    drop_pending(s);
    g_clear_pointer(&s->ports, g_free);
}

static const Property virtio_serial_properties[] = {
    PROP_UINT32("max_ports", VirtioSerial, max_ports, 31),
    PROP_BOOL("emergency-write", VirtioSerial, emergency_write, true),
};
static const VirtioType virtio_serial_type = {
    .id = VIRTIO_ID_CONSOLE, .get_features = get_features, .get_config = get_config, .set_config = set_config, .set_status = set_status, .reset = serial_reset,
    .queue_reset = serial_queue_reset,
};
static const DeviceType virtio_serial = {
    .name = "virtio-serial-device", .parent = "virtio-device", .size = sizeof(VirtioSerial), .category = DEVICE_INPUT, .user_creatable = true,
    .properties = PROPERTIES(virtio_serial_properties), .realize = virtio_serial_realize, .unrealize = virtio_serial_unrealize, .family = &virtio_serial_type,
};
REGISTER_DEVICE(virtio_serial)

static const VirtioPciInfo virtio_serial_pci = {
    .name = "virtio-serial-pci", .backend = &virtio_serial, .device_id = 0x1003, .class = PCI_CLASS_COMMUNICATION_OTHER, .category = DEVICE_INPUT, .vectors = 2,
    .has_class_property = true,
};
REGISTER_VIRTIO_PCI(virtio_serial_pci)
