/*
 * What PS/2 keyboards and mice have in common; see the header.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "ps2.h"

static const Ps2Type *type_of(const Ps2Device *dev) { return device_type((const Device *)dev)->family; }

void ps2_write(Ps2Device *dev, uint8_t value) { type_of(dev)->write(dev, value); }

bool ps2_queue(Ps2Device *dev, const uint8_t *bytes, unsigned count)
{
    if (dev->count + count > PS2_QUEUE_SIZE) {
        return false;
    }
    for (unsigned i = 0; i < count; i++) {
        dev->queue[(dev->read_index + dev->count++) % PS2_QUEUE_SIZE] = bytes[i];
    }
    irq_raise(dev->irq);
    return true;
}

void ps2_queue_byte(Ps2Device *dev, uint8_t byte) { ps2_queue(dev, &byte, 1); }

uint8_t ps2_read(Ps2Device *dev)
{
    if (dev->count) {
        dev->last = dev->queue[dev->read_index];
        dev->read_index = (dev->read_index + 1) % PS2_QUEUE_SIZE;
        dev->count--;
        irq_set(dev->irq, dev->count != 0);
    }
    return dev->last;
}

void ps2_clear(Ps2Device *dev)
{
    dev->read_index = dev->count = 0;
    irq_lower(dev->irq);
}

static void ps2_reset(Device *device)
{
    Ps2Device *dev = PS2_DEVICE(device);
    dev->argument_of = -1;
    dev->last = 0;
    ps2_clear(dev);
}

static void ps2_init(Object *object)
{
    device_add_irq_outputs(DEVICE(object), NULL, &PS2_DEVICE(object)->irq, 1);
}

static void ps2_unrealize(Device *device)
{
    g_clear_pointer(&PS2_DEVICE(device)->handler, input_handler_unregister);
}

static const StateField ps2_state[] = {
    STATE_BUFFER(Ps2Device, queue), STATE_UINT32(Ps2Device, read_index), STATE_UINT32(Ps2Device, count), STATE_UINT8(Ps2Device, last),
};
static const DeviceType ps2_device = {
    .name = "ps2-device", .parent = "sys-bus-device", .size = sizeof(Ps2Device), .abstract = true, .category = DEVICE_INPUT,
    .state = STATE(ps2_state, .version = 3), .init = ps2_init, .unrealize = ps2_unrealize, .reset = ps2_reset,
};
REGISTER_DEVICE(ps2_device)
