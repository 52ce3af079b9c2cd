/*
 * An IDE channel: two drives, one set of registers, one interrupt line (ATA/ATAPI-6, 7 and 9; control block register: 7.8).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/internal.h"

#include "util/error.h"

#include <stdlib.h>
#include <string.h>

/* ---- interrupts ---- */
void ide_raise_irq(IdeBus *bus)
{
    if (!(bus->control & CONTROL_NIEN)) {
        irq_raise(bus->irq);
    }
}

/* ---- registers ---- */
static bool nobody(const IdeBus *bus) { return !bus->drives[0].kind && !bus->drives[1].kind; }

/* With one drive on the channel the other unit answers nothing but its status, 0. */
static uint8_t visible_status(IdeBus *bus)
{
    const IdeDrive *d = ide_selected(bus);
    return nobody(bus) || !d->kind ? 0 : d->status;
}

uint8_t ide_alternate_status(IdeBus *bus) { return visible_status(bus); }

uint32_t ide_register_read(IdeBus *bus, unsigned reg)
{
    const IdeDrive *d = ide_selected(bus);
    unsigned hob = (bus->control & CONTROL_HOB) != 0;
    if (reg != REG_STATUS && nobody(bus)) {
        return 0;
    }
    switch (reg) {
    case REG_ERROR: return !d->kind ? 0 : hob ? d->feature[1] : d->error;
    case REG_COUNT: return d->count[hob];
    case REG_LBA_LOW: return d->lba_low[hob];
    case REG_LBA_MID: return d->lba_mid[hob];
    case REG_LBA_HIGH: return d->lba_high[hob];
    case REG_DEVICE: return d->device;
    case REG_STATUS:
        irq_lower(bus->irq);
        return visible_status(bus);
    default: return 0xff;
    }
}

static void shift_in(uint8_t reg[2], uint8_t value)
{
    reg[1] = reg[0];
    reg[0] = value;
}

void ide_register_write(IdeBus *bus, unsigned reg, uint8_t value)
{
    if (reg == REG_STATUS) {
        bus->control &= ~CONTROL_HOB;
        ide_execute(ide_selected(bus), value);
        return;
    }
    /* Not while a command runs. */
    if (ide_selected(bus)->status & (STATUS_BSY | STATUS_DRQ)) {
        return;
    }
    bus->control &= ~CONTROL_HOB;
    for (int unit = 0; unit < 2; unit++) {
        IdeDrive *d = &bus->drives[unit];
        switch (reg) {
        case REG_ERROR: shift_in(d->feature, value); break;
        case REG_COUNT: shift_in(d->count, value); break;
        case REG_LBA_LOW: shift_in(d->lba_low, value); break;
        case REG_LBA_MID: shift_in(d->lba_mid, value); break;
        case REG_LBA_HIGH: shift_in(d->lba_high, value); break;
        case REG_DEVICE: d->device = value | DEVICE_OBSOLETE; break;
        default: break;
        }
    }
    if (reg == REG_DEVICE) {
        bus->selected = bus->max_units > 1 && (value & DEVICE_DEV);
    }
}

/* ---- reset ---- */
void ide_set_signature(IdeDrive *d)
{
    d->device &= ~0x0f;
    d->count[0] = d->lba_low[0] = 1;
    d->lba_mid[0] = d->kind == IDE_KIND_CD ? 0x14 : d->kind ? 0 : 0xff;
    d->lba_high[0] = d->kind == IDE_KIND_CD ? 0xeb : d->kind ? 0 : 0xff;
}

void ide_drive_reset(IdeDrive *d)
{
    ide_io_cancel(d);
    memset(d->feature, 0, sizeof(d->feature));
    memset(d->count, 0, sizeof(d->count));
    memset(d->lba_low, 0, sizeof(d->lba_low));
    memset(d->lba_mid, 0, sizeof(d->lba_mid));
    memset(d->lba_high, 0, sizeof(d->lba_high));
    d->error = 0x01;                    /* passed */
    d->device = DEVICE_OBSOLETE;
    d->status = STATUS_DRDY | STATUS_DSC;
    d->lba48 = false;
    d->data_at = d->data_end = 0;
    d->data_done = NULL;
    d->dma_step = NULL;
    d->sectors_left = 0;
    d->multiple = d->kind == IDE_KIND_CF ? 0 : IDE_MAX_MULTIPLE;
    d->heads = d->default_heads;
    d->secs = d->default_secs;
    d->mwdma = 0x07;
    d->udma = 0x203f;
    atapi_reset(d);
    ide_set_signature(d);
}

void ide_bus_reset(IdeBus *bus)
{
    if (bus->transport && bus->transport->reset) {
        bus->transport->reset(bus->transport_opaque);
    }
    bus->selected = 0;
    bus->control = 0;
    for (int unit = 0; unit < 2; unit++) {
        ide_drive_reset(&bus->drives[unit]);
    }
    irq_lower(bus->irq);
}

/* SRST: both drives, when it goes down again; a drive's modes stay. */
static void soft_reset(IdeBus *bus)
{
    bus->selected = 0;
    for (int unit = 0; unit < 2; unit++) {
        IdeDrive *d = &bus->drives[unit];
        uint16_t mwdma = d->mwdma, udma = d->udma;
        uint8_t multiple = d->multiple;
        ide_drive_reset(d);
        d->mwdma = mwdma;
        d->udma = udma;
        d->multiple = multiple;
        d->status = d->kind == IDE_KIND_CD ? 0 : STATUS_DRDY | STATUS_DSC;
    }
}

void ide_control_write(IdeBus *bus, uint8_t value)
{
    bool was = bus->control & CONTROL_SRST, is = value & CONTROL_SRST;
    bus->control = value;
    if (is && !was) {
        for (int unit = 0; unit < 2; unit++) {
            ide_io_cancel(&bus->drives[unit]);
            bus->drives[unit].status = STATUS_BSY | STATUS_DSC;
            bus->drives[unit].error = 0x01;
        }
        if (bus->transport && bus->transport->reset) {
            bus->transport->reset(bus->transport_opaque);
        }
    } else if (was && !is) {
        soft_reset(bus);
    }
    if (value & CONTROL_NIEN) {
        irq_lower(bus->irq);
    }
}

/* ---- the data register ---- */
uint32_t ide_data_read(IdeBus *bus, unsigned size)
{
    IdeDrive *d = ide_selected(bus);
    uint32_t value = 0;
    if (!d->kind || !(d->status & STATUS_DRQ) || !d->data_in || d->data_at >= d->data_end) {
        return 0;
    }
    /* An odd byte at the end comes with one of padding. */
    unsigned have = MIN(size, d->data_end - d->data_at);
    memcpy(&value, d->pio + d->data_at, have);
    d->data_at += have;
    if (d->data_at >= d->data_end) {
        d->status &= ~STATUS_DRQ;
        d->data_done(d);
    }
    return value;
}

void ide_data_write(IdeBus *bus, uint32_t value, unsigned size)
{
    IdeDrive *d = ide_selected(bus);
    if (!d->kind || !(d->status & STATUS_DRQ) || d->data_in || d->data_at >= d->data_end) {
        return;
    }
    unsigned have = MIN(size, d->data_end - d->data_at);
    memcpy(d->pio + d->data_at, &value, have);
    d->data_at += have;
    if (d->data_at >= d->data_end) {
        d->status &= ~STATUS_DRQ;
        d->data_done(d);
    }
}

/* ---- ports ---- */
static uint64_t command_read(void *opaque, uint64_t addr, unsigned size)
{
    if (addr == REG_DATA) {
        return size == 1 ? 0xff : ide_data_read(opaque, size);
    }
    return size == 1 ? ide_register_read(opaque, addr) : 0xffffffff;
}

static void command_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    if (addr == REG_DATA && size > 1) {
        ide_data_write(opaque, (uint32_t)value, size);
    } else if (addr != REG_DATA && size == 1) {
        ide_register_write(opaque, addr, (uint8_t)value);
    }
}

const MemoryRegionOps ide_command_ops = {
    .read = command_read, .write = command_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4, .unaligned = true }, .impl = { 1, 4, .unaligned = true },
};

static uint64_t control_read(void *opaque, uint64_t addr, unsigned size) { return ide_alternate_status(opaque); }
static void control_write(void *opaque, uint64_t addr, uint64_t value, unsigned size) { ide_control_write(opaque, (uint8_t)value); }
const MemoryRegionOps ide_control_ops = {
    .read = control_read, .write = control_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 4 }, .impl = { 1, 1 },
};

/* ---- the bus ---- */
static bool check_unit(Bus *bus, Device *dev, GError **err)
{
    IdeBus *ide = IDE_BUS(bus);
    IdeDevice *d = (IdeDevice *)dev;
    if (d->unit == UINT32_MAX) {
        d->unit = ide->devices[0] && ide->max_units > 1 ? 1 : 0;
    }
    if (d->unit >= (unsigned)ide->max_units) {
        return error_set(err, "Can't create IDE unit %u, bus supports only %d units", d->unit, ide->max_units);
    }
    if (ide->devices[d->unit]) {
        return error_set(err, "IDE unit %u is in use", d->unit);
    }
    return true;
}

static char *firmware_path(const Device *dev)
{
    return g_strdup_printf("%s@%x", device_firmware_name(dev), IDE_BUS(dev->bus)->number);
}

static const BusType ide_bus_type = {
    .name = "IDE", .parent = "bus", .size = sizeof(IdeBus), .max_devices = 2, .check_address = check_unit, .firmware_path = firmware_path,
};
REGISTER_TYPE(ide_bus_type)

IdeBus *ide_bus_new(Device *owner, int number, int max_units, const IdeTransport *transport, void *opaque)
{
    static int serials = 1;
    IdeBus *bus = IDE_BUS(bus_new(&ide_bus_type, owner, NULL));
    bus->number = number;
    bus->max_units = max_units;
    bus->transport = transport;
    bus->transport_opaque = opaque;
    bus->first_serial = serials;
    serials += 2;
    for (int unit = 0; unit < 2; unit++) {
        bus->drives[unit].bus = bus;
        bus->drives[unit].unit = unit;
        ide_drive_reset(&bus->drives[unit]);
    }
    return bus;
}

void ide_bus_release(IdeBus *bus)
{
    for (int unit = 0; unit < 2; unit++) {
        ide_io_cancel(&bus->drives[unit]);
    }
    bus->irq = NULL;
    bus->transport = NULL;
}
