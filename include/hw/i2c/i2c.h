/*
 * The I2C bus and SMBus on top of it (NXP UM10204; SMBus 2.0): a master starts transfers, devices answer to their address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I2C_I2C_H
#define HW_I2C_I2C_H

#include "hw/core/device.h"

typedef enum I2cEvent { I2C_START_RECV, I2C_START_SEND, I2C_FINISH, I2C_NACK } I2cEvent;
typedef struct I2cBus { Bus parent; /* type "i2c-bus" */ Device *current; bool receiving; } I2cBus;
typedef struct I2cDevice { Device parent; /* type "i2c-slave" */ uint8_t address; } I2cDevice;
/* The family table of I2C devices (DeviceType.family). */
typedef struct I2cType {
    bool (*event)(I2cDevice *dev, I2cEvent event);      /* false: not acknowledged */
    bool (*send)(I2cDevice *dev, uint8_t byte);         /* master to device; false: not acknowledged */
    uint8_t (*recv)(I2cDevice *dev);
} I2cType;

I2cBus *i2c_bus_new(Device *owner, const char *name);
bool i2c_start(I2cBus *bus, uint8_t address, bool receive);    /* false: nobody acknowledged */
void i2c_end(I2cBus *bus);
void i2c_nack(I2cBus *bus);
bool i2c_send(I2cBus *bus, uint8_t byte);
uint8_t i2c_recv(I2cBus *bus);

/* SMBus by bytes: -1 when the device does not answer. */
int smbus_receive_byte(I2cBus *bus, uint8_t address);
int smbus_send_byte(I2cBus *bus, uint8_t address, uint8_t data);
int smbus_read_byte(I2cBus *bus, uint8_t address, uint8_t command);
int smbus_write_byte(I2cBus *bus, uint8_t address, uint8_t command, uint8_t data);
int smbus_read_word(I2cBus *bus, uint8_t address, uint8_t command);
int smbus_write_word(I2cBus *bus, uint8_t address, uint8_t command, uint16_t data);
int smbus_quick(I2cBus *bus, uint8_t address, bool read);

/* Eight "smbus-eeprom" of 256 bytes at addresses 0x50 to 0x57 (memory modules' serial presence detect). spd: contents of the first, or NULL: zeroes. */
bool smbus_eeprom_create(I2cBus *bus, int count, const uint8_t *spd, size_t spd_size, GError **err);

#endif
