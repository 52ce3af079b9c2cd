/*
 * A 24C02-like EEPROM of 256 bytes on SMBus: a write sets the address and then stores, a read goes on from there (JEDEC 21-C, 4.1.3: EE1002).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i2c/i2c.h"

#include "util/error.h"

#include <string.h>

enum { EEPROM_SIZE = 256, EEPROM_FIRST_ADDRESS = 0x50 };

typedef struct SmbusEeprom {
    I2cDevice parent;
    uint8_t contents[EEPROM_SIZE], initial[EEPROM_SIZE];
    uint8_t offset;
    bool offset_written, changed;
} SmbusEeprom;

static bool eeprom_event(I2cDevice *dev, I2cEvent event)
{
    if (event == I2C_START_SEND) {
        ((SmbusEeprom *)dev)->offset_written = false;
    }
    return true;
}

static bool eeprom_send(I2cDevice *dev, uint8_t byte)
{
    SmbusEeprom *eeprom = (SmbusEeprom *)dev;
    if (!eeprom->offset_written) {
        eeprom->offset = byte;
        eeprom->offset_written = true;
    } else {
        eeprom->contents[eeprom->offset++] = byte;
        eeprom->changed = true;
    }
    return true;
}

static uint8_t eeprom_recv(I2cDevice *dev)
{
    SmbusEeprom *eeprom = (SmbusEeprom *)dev;
    return eeprom->contents[eeprom->offset++];
}

static void eeprom_reset(Device *device)
{
    SmbusEeprom *eeprom = (SmbusEeprom *)device;
    memcpy(eeprom->contents, eeprom->initial, EEPROM_SIZE);
    eeprom->offset = 0;
    eeprom->changed = false;
}

static const StateField eeprom_state[] = {
    STATE_BUFFER(SmbusEeprom, contents), STATE_UINT8(SmbusEeprom, offset), STATE_BOOL(SmbusEeprom, offset_written), STATE_BOOL(SmbusEeprom, changed),
};
static const I2cType eeprom_family = { .event = eeprom_event, .send = eeprom_send, .recv = eeprom_recv };
static const DeviceType smbus_eeprom = {
    .name = "smbus-eeprom", .parent = "smbus-device", .size = sizeof(SmbusEeprom), .family = &eeprom_family,
    .state = STATE(eeprom_state, .version = 1), .reset = eeprom_reset,
};
REGISTER_DEVICE(smbus_eeprom)

bool smbus_eeprom_create(I2cBus *bus, int count, const uint8_t *spd, size_t spd_size, GError **err)
{
    for (int i = 0; i < count; i++) {
        SmbusEeprom *eeprom = (SmbusEeprom *)device_new("smbus-eeprom");
        eeprom->parent.address = EEPROM_FIRST_ADDRESS + i;
        if (i == 0 && spd) {
            memcpy(eeprom->initial, spd, MIN(spd_size, (size_t)EEPROM_SIZE));
        }
        if (!device_realize((Device *)eeprom, &bus->parent, err)) {
            return false;
        }
    }
    return true;
}
