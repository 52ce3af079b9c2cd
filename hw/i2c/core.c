/*
 * The I2C bus: one transfer at a time, to the device whose address is on the bus (NXP UM10204, 3.1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i2c/i2c.h"

static const BusType i2c_bus_type = { .name = "i2c-bus", .parent = "bus", .size = sizeof(I2cBus) };
REGISTER_TYPE(i2c_bus_type)

static const Property i2c_properties[] = { PROP_UINT8("address", I2cDevice, address, 0) };
static const DeviceType i2c_slave = {
    .name = "i2c-slave", .parent = "device", .size = sizeof(I2cDevice), .abstract = true, .bus_type = "i2c-bus", .category = DEVICE_MISC,
    .properties = PROPERTIES(i2c_properties),
};
REGISTER_DEVICE(i2c_slave)

static const DeviceType smbus_device = { .name = "smbus-device", .parent = "i2c-slave", .size = sizeof(I2cDevice), .abstract = true };
REGISTER_DEVICE(smbus_device)

I2cBus *i2c_bus_new(Device *owner, const char *name)
{
    return (I2cBus *)bus_new(&i2c_bus_type, owner, name);
}

static const I2cType *type_of(const Device *dev) { return device_type(dev)->family; }

bool i2c_start(I2cBus *bus, uint8_t address, bool receive)
{
    I2cEvent event = receive ? I2C_START_RECV : I2C_START_SEND;
    if (!bus->current || ((I2cDevice *)bus->current)->address != address) {
        i2c_end(bus);
        for (unsigned i = 0; i < bus->parent.devices->len; i++) {
            Device *dev = bus->parent.devices->pdata[i];
            if (((I2cDevice *)dev)->address == address) {
                bus->current = dev;
                break;
            }
        }
    }
    if (!bus->current) {
        return false;
    }
    bus->receiving = receive;
    if (type_of(bus->current)->event && !type_of(bus->current)->event((I2cDevice *)bus->current, event)) {
        bus->current = NULL;
        return false;
    }
    return true;
}

void i2c_end(I2cBus *bus)
{
    Device *dev = bus->current;
    bus->current = NULL;
    if (dev && type_of(dev)->event) {
        type_of(dev)->event((I2cDevice *)dev, I2C_FINISH);
    }
}

void i2c_nack(I2cBus *bus)
{
    if (bus->current && type_of(bus->current)->event) {
        type_of(bus->current)->event((I2cDevice *)bus->current, I2C_NACK);
    }
}

bool i2c_send(I2cBus *bus, uint8_t byte)
{
    return bus->current && !bus->receiving && type_of(bus->current)->send && type_of(bus->current)->send((I2cDevice *)bus->current, byte);
}

uint8_t i2c_recv(I2cBus *bus)
{
    return bus->current && bus->receiving && type_of(bus->current)->recv ? type_of(bus->current)->recv((I2cDevice *)bus->current) : 0xff;
}

/* ---- SMBus protocols (SMBus 2.0, 5.5) ---- */
int smbus_quick(I2cBus *bus, uint8_t address, bool read)
{
    bool ok = i2c_start(bus, address, read);
    i2c_end(bus);
    return ok ? 0 : -1;
}

int smbus_receive_byte(I2cBus *bus, uint8_t address)
{
    if (!i2c_start(bus, address, true)) {
        return -1;
    }
    int data = i2c_recv(bus);
    i2c_nack(bus);
    i2c_end(bus);
    return data;
}

static int send_bytes(I2cBus *bus, uint8_t address, const uint8_t *bytes, int count)
{
    bool ok = i2c_start(bus, address, false);
    for (int i = 0; ok && i < count; i++) {
        ok = i2c_send(bus, bytes[i]);
    }
    i2c_end(bus);
    return ok ? 0 : -1;
}

int smbus_send_byte(I2cBus *bus, uint8_t address, uint8_t data) { return send_bytes(bus, address, &data, 1); }

int smbus_write_byte(I2cBus *bus, uint8_t address, uint8_t command, uint8_t data)
{
    return send_bytes(bus, address, (uint8_t[]){ command, data }, 2);
}

int smbus_write_word(I2cBus *bus, uint8_t address, uint8_t command, uint16_t data)
{
    return send_bytes(bus, address, (uint8_t[]){ command, data & 0xff, data >> 8 }, 3);
}

static int read_bytes(I2cBus *bus, uint8_t address, uint8_t command, int count)
{
    int data = -1;
    /* A repeated start: no end between the command and the read. */
    if (i2c_start(bus, address, false) && i2c_send(bus, command) && i2c_start(bus, address, true)) {
        data = 0;
        for (int i = 0; i < count; i++) {
            data |= i2c_recv(bus) << i * 8;
        }
        i2c_nack(bus);
    }
    i2c_end(bus);
    return data;
}

int smbus_read_byte(I2cBus *bus, uint8_t address, uint8_t command) { return read_bytes(bus, address, command, 1); }
int smbus_read_word(I2cBus *bus, uint8_t address, uint8_t command) { return read_bytes(bus, address, command, 2); }
