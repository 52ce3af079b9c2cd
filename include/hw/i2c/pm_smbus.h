/*
 * The SMBus host controller of Intel's south bridges (82371AB, 7.3.6 to 7.3.14; ICH9 datasheet 316972, chapter 20).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_I2C_PM_SMBUS_H
#define HW_I2C_PM_SMBUS_H

#include "hw/i2c/i2c.h"

enum { PM_SMBUS_SIZE = 0x40, PM_SMBUS_BLOCK_MAX = 32 };

typedef struct PmSmbus {
    I2cBus *bus;
    MemoryRegion io;                        /* "pm-smbus" */
    uint8_t sts, ctl, cmd, addr, data0, data1, block[PM_SMBUS_BLOCK_MAX], block_index, aux_ctl;
    bool block_pending;                     /* a byte-by-byte block transfer is under way */
    void (*set_irq)(struct PmSmbus *smbus, bool level);     /* may be NULL */
} PmSmbus;

void pm_smbus_init(PmSmbus *smbus, Device *owner);
void pm_smbus_destroy(PmSmbus *smbus);
void pm_smbus_reset(PmSmbus *smbus);

#endif
