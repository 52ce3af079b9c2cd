/*
 * Intel's SMBus host controller; the header names the documents.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/i2c/pm_smbus.h"

#include "util/log.h"

#include <string.h>

enum { SMBHSTSTS = 0x00, SMBHSTCNT = 0x02, SMBHSTCMD = 0x03, SMBHSTADD = 0x04, SMBHSTDAT0 = 0x05, SMBHSTDAT1 = 0x06, SMBBLKDAT = 0x07, SMBAUXCTL = 0x0d };
enum { STS_HOST_BUSY = 0x01, STS_INTR = 0x02, STS_DEV_ERR = 0x04, STS_BUS_ERR = 0x08, STS_FAILED = 0x10, STS_SMBALERT = 0x20, STS_IN_USE = 0x40,
       STS_BYTE_DONE = 0x80 };
enum { CTL_INTREN = 0x01, CTL_KILL = 0x02, CTL_LAST_BYTE = 0x20, CTL_START = 0x40 };
enum { AUX_BLOCK_BUFFER = 0x02, AUX_MASK = 0x03 };
enum { PROT_QUICK, PROT_BYTE, PROT_BYTE_DATA, PROT_WORD_DATA, PROT_PROCESS_CALL, PROT_BLOCK, PROT_I2C_BLOCK_READ, PROT_BLOCK_PROCESS };

static void update_irq(PmSmbus *s)
{
    if (s->set_irq) {
        s->set_irq(s, s->ctl & CTL_INTREN && s->sts & (STS_INTR | STS_DEV_ERR | STS_BUS_ERR | STS_FAILED | STS_BYTE_DONE));
    }
}

/* A block by way of the 32-byte buffer (or, without it, filled and read byte by byte through the same registers). */
static int block_transfer(PmSmbus *s, uint8_t address, bool read)
{
    int result = -1;
    unsigned count = s->data0;
    if (!read) {
        if (count == 0 || count > PM_SMBUS_BLOCK_MAX) {
            return -1;
        }
        bool ok = i2c_start(s->bus, address, false) && i2c_send(s->bus, s->cmd) && i2c_send(s->bus, count);
        for (unsigned i = 0; ok && i < count; i++) {
            ok = i2c_send(s->bus, s->block[i]);
        }
        i2c_end(s->bus);
        return ok ? 0 : -1;
    }
    if (i2c_start(s->bus, address, false) && i2c_send(s->bus, s->cmd) && i2c_start(s->bus, address, true)) {
        count = i2c_recv(s->bus);
        count = count > PM_SMBUS_BLOCK_MAX ? PM_SMBUS_BLOCK_MAX : count;
        for (unsigned i = 0; i < count; i++) {
            s->block[i] = i2c_recv(s->bus);
        }
        i2c_nack(s->bus);
        s->data0 = count;
        result = 0;
    }
    i2c_end(s->bus);
    return result;
}

/* ICH9, 20.2.2: the command in DAT1, as many bytes as LAST_BYTE lets through; here as many as the buffer holds. */
static int i2c_block_read(PmSmbus *s, uint8_t address)
{
    int result = -1;
    if (i2c_start(s->bus, address, false) && i2c_send(s->bus, s->data1) && i2c_start(s->bus, address, true)) {
        for (unsigned i = 0; i < PM_SMBUS_BLOCK_MAX; i++) {
            s->block[i] = i2c_recv(s->bus);
        }
        i2c_nack(s->bus);
        s->data0 = PM_SMBUS_BLOCK_MAX;
        result = 0;
    }
    i2c_end(s->bus);
    return result;
}

static void take_bytes(PmSmbus *s, int result, bool is_word)
{
    if (result >= 0) {
        s->data0 = result;
        if (is_word) {
            s->data1 = result >> 8;
        }
    }
}

static int transact(PmSmbus *s)
{
    unsigned protocol = s->ctl >> 2 & 7;
    bool read = s->addr & 1;
    uint8_t address = s->addr >> 1;
    int result = -1;

    switch (protocol) {
    case PROT_QUICK:
        return smbus_quick(s->bus, address, read);
    case PROT_BYTE:
        if (!read) {
            return smbus_send_byte(s->bus, address, s->cmd);
        }
        take_bytes(s, result = smbus_receive_byte(s->bus, address), false);
        return result;
    case PROT_BYTE_DATA:
        if (!read) {
            return smbus_write_byte(s->bus, address, s->cmd, s->data0);
        }
        take_bytes(s, result = smbus_read_byte(s->bus, address, s->cmd), false);
        return result;
    case PROT_WORD_DATA:
        if (!read) {
            return smbus_write_word(s->bus, address, s->cmd, s->data0 | s->data1 << 8);
        }
        take_bytes(s, result = smbus_read_word(s->bus, address, s->cmd), true);
        return result;
    case PROT_BLOCK:
        s->block_index = 0;
        return block_transfer(s, address, read);
    case PROT_I2C_BLOCK_READ:
        s->block_index = 0;
        return i2c_block_read(s, address);
    default:
        log_mask(LOG_UNIMP, "pm-smbus: protocol %u\n", protocol);
        return -1;
    }
}

static bool is_block(const PmSmbus *s)
{
    unsigned protocol = s->ctl >> 2 & 7;
    return protocol == PROT_BLOCK || protocol == PROT_I2C_BLOCK_READ;
}

static void start(PmSmbus *s)
{
    bool read = s->addr & 1 || (s->ctl >> 2 & 7) == PROT_I2C_BLOCK_READ;
    s->sts &= ~(STS_INTR | STS_DEV_ERR | STS_BYTE_DONE);
    if (is_block(s) && !read && !(s->aux_ctl & AUX_BLOCK_BUFFER)) {
        /* Byte by byte: the first is in SMBBLKDAT; each BYTE_DONE that is cleared asks for the next. */
        s->block_pending = true;
        s->block_index = 1;
        s->sts |= STS_HOST_BUSY | STS_BYTE_DONE;
        return;
    }
    if (transact(s) < 0) {
        s->sts |= STS_DEV_ERR;
        return;
    }
    if (is_block(s) && !(s->aux_ctl & AUX_BLOCK_BUFFER)) {
        s->block_pending = true;
        s->block_index = 0;
        s->sts |= STS_HOST_BUSY | STS_BYTE_DONE;
        return;
    }
    s->sts |= STS_INTR;
}

/* The guest took or gave a byte of a block. */
static void next_byte(PmSmbus *s)
{
    bool read = s->addr & 1 || (s->ctl >> 2 & 7) == PROT_I2C_BLOCK_READ;
    if (s->block_index + (read ? 1u : 0u) < s->data0 && s->block_index < PM_SMBUS_BLOCK_MAX - 1 && !(read && s->ctl & CTL_LAST_BYTE)) {
        s->block_index++;
        s->sts |= STS_BYTE_DONE;
        return;
    }
    s->block_pending = false;
    s->sts &= ~STS_HOST_BUSY;
    if (!read && transact(s) < 0) {
        s->sts |= STS_DEV_ERR;
    } else {
        s->sts |= STS_INTR;
    }
}

static void smbus_write(void *opaque, uint64_t addr, uint64_t value, unsigned size)
{
    PmSmbus *s = opaque;
    switch (addr) {
    case SMBHSTSTS: {
        bool byte_done = s->sts & value & STS_BYTE_DONE;
        s->sts &= ~(value & ~STS_HOST_BUSY);
        if (byte_done && s->block_pending) {
            next_byte(s);
        }
        break;
    }
    case SMBHSTCNT:
        s->ctl = value & ~CTL_START;
        if (value & CTL_KILL) {
            s->block_pending = false;
            s->sts = (s->sts & ~STS_HOST_BUSY) | STS_FAILED;
        } else if (value & CTL_START && !(s->sts & STS_HOST_BUSY)) {
            start(s);
        }
        break;
    case SMBHSTCMD:
        s->cmd = value;
        break;
    case SMBHSTADD:
        s->addr = value;
        break;
    case SMBHSTDAT0:
        s->data0 = value;
        break;
    case SMBHSTDAT1:
        s->data1 = value;
        break;
    case SMBBLKDAT:
        if (s->block_pending) {
            s->block[(s->block_index - 1) & (PM_SMBUS_BLOCK_MAX - 1)] = value;
        } else {
            s->block[s->block_index] = value;
            s->block_index = (s->block_index + (s->aux_ctl & AUX_BLOCK_BUFFER ? 1 : 0)) & (PM_SMBUS_BLOCK_MAX - 1);
        }
        break;
    case SMBAUXCTL:
        s->aux_ctl = value & AUX_MASK;
        break;
    }
    update_irq(s);
}

static uint64_t smbus_read(void *opaque, uint64_t addr, unsigned size)
{
    PmSmbus *s = opaque;
    uint8_t value;
    switch (addr) {
    case SMBHSTSTS:
        return s->sts;
    case SMBHSTCNT:
        if (s->aux_ctl & AUX_BLOCK_BUFFER) {
            s->block_index = 0;             /* ICH9, 20.2.7: reading the control register rewinds the buffer */
        }
        return s->ctl;
    case SMBHSTCMD:
        return s->cmd;
    case SMBHSTADD:
        return s->addr;
    case SMBHSTDAT0:
        return s->data0;
    case SMBHSTDAT1:
        return s->data1;
    case SMBBLKDAT:
        value = s->block[s->block_index];
        if (s->aux_ctl & AUX_BLOCK_BUFFER) {
            s->block_index = (s->block_index + 1) & (PM_SMBUS_BLOCK_MAX - 1);
        }
        return value;
    case SMBAUXCTL:
        return s->aux_ctl;
    default:
        return 0;
    }
}

static const MemoryRegionOps smbus_ops = {
    .read = smbus_read, .write = smbus_write, .endian = DEVICE_LITTLE_ENDIAN, .valid = { 1, 1 }, .impl = { 1, 1 },
};

void pm_smbus_init(PmSmbus *s, Device *owner)
{
    s->bus = i2c_bus_new(owner, "i2c");
    memory_region_init_io(&s->io, OBJECT(owner), &smbus_ops, s, "pm-smbus", PM_SMBUS_SIZE);
}

void pm_smbus_destroy(PmSmbus *s)
{
    if (s->io.container) {
        memory_region_del_subregion(s->io.container, &s->io);
    }
    memory_region_destroy(&s->io);
}

void pm_smbus_reset(PmSmbus *s)
{
    s->sts = s->ctl = s->cmd = s->addr = s->data0 = s->data1 = s->block_index = s->aux_ctl = 0;
    s->block_pending = false;
    memset(s->block, 0, sizeof(s->block));
}
