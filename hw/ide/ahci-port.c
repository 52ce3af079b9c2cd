/*
 * A port of the AHCI controller: command lists, FIS reception and transport of the drive's data (AHCI 1.3.1, 3.3, 4, 5 and 10; Serial ATA 3.0, 10.3 for the FIS).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "hw/ide/ahci.h"

#include "util/log.h"
#include "util/main-loop.h"

#include <string.h>

enum { PORT_CLB = 0x00, PORT_CLBU = 0x04, PORT_FB = 0x08, PORT_FBU = 0x0c, PORT_IS = 0x10, PORT_IE = 0x14, PORT_CMD = 0x18, PORT_TFD = 0x20, PORT_SIG = 0x24,
       PORT_SSTS = 0x28, PORT_SCTL = 0x2c, PORT_SERR = 0x30, PORT_SACT = 0x34, PORT_CI = 0x38 };
enum { HEADER_BYTES = 32, TABLE_ACMD = 0x40, TABLE_PRDT = 0x80, PRD_BYTES = 16 };
enum { HEADER_ATAPI = 1u << 5, HEADER_CLEAR_BUSY = 1u << 10 };
enum { FIS_H2D = 0x27, FIS_D2H = 0x34, FIS_PIO_SETUP = 0x5f, FIS_COMMAND = 0x80, FIS_INTERRUPT = 0x40, RECEIVED_PIO_SETUP = 0x20, RECEIVED_D2H = 0x40 };
enum { TFD_IDLE = 0x7f, SSTS_PRESENT = 0x113, CMD_WRITABLE = 0xf2000013 };

static PciDevice *pci_of(const AhciPort *p) { return &p->ahci->parent; }
static bool present(const AhciPort *p) { return p->bus->drives[0].kind != IDE_KIND_NONE; }

void ahci_raise(AhciPort *p, uint32_t bits)
{
    p->is |= bits;
    ahci_update_irq(p->ahci);
}

/* ---- data ---- */
void ahci_data_init(AhciData *data, uint64_t command_table, uint32_t entries) { *data = (AhciData){ .table = command_table + TABLE_PRDT, .entries = entries }; }

static bool next_piece(AhciPort *p, AhciData *data)
{
    uint8_t prd[PRD_BYTES];
    if (data->index >= data->entries || pci_dma_read(pci_of(p), data->table + (uint64_t)data->index * PRD_BYTES, prd, sizeof(prd)) != MEM_OK) {
        return false;
    }
    data->index++;
    data->addr = load_le64(prd);
    data->left = (load_le32(prd + 12) & 0x3fffff) + 1;
    return true;
}

size_t ahci_data_copy(AhciPort *p, AhciData *data, void *buf, size_t len, bool to_guest)
{
    size_t done = 0;
    while (done < len && (data->left || next_piece(p, data))) {
        uint64_t piece = MIN(len - done, data->left);
        MemResult result = to_guest ? pci_dma_write(pci_of(p), data->addr, (char *)buf + done, piece) : pci_dma_read(pci_of(p), data->addr, (char *)buf + done, piece);
        if (result != MEM_OK) {
            ahci_raise(p, PORT_IS_HBFS);
        }
        data->addr += piece;
        data->left -= piece;
        data->moved += (uint32_t)piece;
        done += piece;
    }
    return done;
}

/* ---- what the drive sends ---- */
static void fill_registers(const IdeDrive *d, uint8_t *fis)
{
    fis[2] = d->status, fis[3] = d->error;
    fis[4] = d->lba_low[0], fis[5] = d->lba_mid[0], fis[6] = d->lba_high[0], fis[7] = d->device;
    fis[8] = d->lba_low[1], fis[9] = d->lba_mid[1], fis[10] = d->lba_high[1];
    fis[12] = d->count[0], fis[13] = d->count[1];
}

static void receive(AhciPort *p, unsigned offset, const uint8_t *fis, unsigned len)
{
    if (p->cmd & PORT_CMD_FRE) {
        pci_dma_write(pci_of(p), p->fb + offset, fis, len);
    }
}

void ahci_send_d2h(AhciPort *p, bool interrupt)
{
    const IdeDrive *d = ahci_drive(p);
    uint8_t fis[20] = { FIS_D2H, interrupt ? FIS_INTERRUPT : 0 };
    fill_registers(d, fis);
    p->tfd = (uint32_t)d->error << 8 | d->status;
    receive(p, RECEIVED_D2H, fis, sizeof(fis));
    if (d->status & STATUS_ERR) {
        ahci_raise(p, PORT_IS_TFES);
    }
    if (interrupt) {
        ahci_raise(p, PORT_IS_DHRS);
    }
}

static void send_pio_setup(AhciPort *p, uint32_t len, bool interrupt)
{
    const IdeDrive *d = ahci_drive(p);
    uint8_t fis[20] = { FIS_PIO_SETUP, interrupt ? FIS_INTERRUPT : 0 };
    fill_registers(d, fis);
    fis[15] = d->status & ~STATUS_DRQ;
    store_le16(fis + 16, (uint16_t)len);
    p->tfd = (uint32_t)d->error << 8 | (d->status & ~STATUS_DRQ);
    receive(p, RECEIVED_PIO_SETUP, fis, sizeof(fis));
    if (interrupt) {
        ahci_raise(p, PORT_IS_PSS);
    }
}

static void send_signature(AhciPort *p)
{
    const IdeDrive *d = ahci_drive(p);
    if (!present(p) || !(p->cmd & PORT_CMD_FRE) || p->signature_sent) {
        return;
    }
    p->signature_sent = true;
    p->sig = (uint32_t)d->lba_high[0] << 24 | (uint32_t)d->lba_mid[0] << 16 | (uint32_t)d->lba_low[0] << 8 | d->count[0];
    ahci_send_d2h(p, true);
}

/* ---- transport of the drive's core ---- */
static void dma_start(void *opaque, IdeDrive *d) { ide_dma_run(d); }

static size_t dma_copy(void *opaque, void *buf, size_t len, bool to_guest)
{
    AhciPort *p = opaque;
    return ahci_data_copy(p, &p->data, buf, len, to_guest);
}

static void dma_end(void *opaque, bool short_list) { }

static void move_pio(AhciPort *p, IdeDrive *d)
{
    uint32_t len = d->data_end - d->data_at;
    bool packet = d->command == 0xa0 && !d->data_in && len == sizeof(d->cdb);
    send_pio_setup(p, len, !packet);
    if (packet) {
        memcpy(d->pio, p->packet, sizeof(d->cdb));
    } else {
        ahci_data_copy(p, &p->data, d->pio + d->data_at, len, d->data_in);
    }
    d->data_at = d->data_end;
    d->status &= ~STATUS_DRQ;
    d->data_done(d);
}

/* A step of the drive may ask for the next one at once: a loop, not a recursion that the guest's byte limit makes deep. */
static void pio(void *opaque, IdeDrive *d)
{
    AhciPort *p = opaque;
    p->pio_pending = true;
    if (p->pio_running) {
        return;
    }
    p->pio_running = true;
    while (p->pio_pending) {
        p->pio_pending = false;
        move_pio(p, d);
    }
    p->pio_running = false;
}

static void command_end(void *opaque, IdeDrive *d)
{
    AhciPort *p = opaque;
    int slot = p->busy_slot;
    if (slot < 0) {
        return;
    }
    uint8_t moved[4];
    store_le32(moved, p->data.moved);
    pci_dma_write(pci_of(p), p->clb + (uint64_t)slot * HEADER_BYTES + 4, moved, sizeof(moved));
    p->busy_slot = -1;
    if (d->status & STATUS_ERR) {
        p->failed = true;           /* the slot stays, software looks at it */
    } else {
        p->ci &= ~(1u << slot);
    }
    ahci_send_d2h(p, true);
    if (p->ci && !p->failed) {
        bottom_half_schedule(p->ahci->fetch);
    }
}

const IdeTransport ahci_transport = { .dma_start = dma_start, .dma_copy = dma_copy, .dma_end = dma_end, .pio = pio, .command_end = command_end };

/* The core's interrupt: a D2H FIS carries it. */
static void core_irq(void *opaque, int n, int level) { }

/* ---- commands ---- */
static void load_registers(IdeDrive *d, const uint8_t *fis)
{
    d->feature[0] = fis[3], d->feature[1] = fis[11];
    d->lba_low[0] = fis[4], d->lba_mid[0] = fis[5], d->lba_high[0] = fis[6];
    d->device = (fis[7] & ~DEVICE_DEV);
    d->lba_low[1] = fis[8], d->lba_mid[1] = fis[9], d->lba_high[1] = fis[10];
    d->count[0] = fis[12], d->count[1] = fis[13];
}

static void quiet_reset(AhciPort *p)
{
    ahci_ncq_cancel(p);
    p->busy_slot = -1;
    p->bus->selected = 0;
    p->bus->control = 0;
    ide_drive_reset(ahci_drive(p));
    p->signature_sent = false;
}

static void control_fis(AhciPort *p, int slot, const uint8_t *fis)
{
    bool reset = fis[15] & CONTROL_SRST;
    p->ci &= ~(1u << slot);
    if (p->soft_reset && !reset) {
        quiet_reset(p);
        send_signature(p);
    }
    p->soft_reset = reset;
}

static void host_error(AhciPort *p)
{
    log_mask(LOG_GUEST_ERROR, "ahci: port %d: a command's address is not memory\n", p->number);
    p->failed = true;
    ahci_raise(p, PORT_IS_HBFS);
}

static void run_command(AhciPort *p, int slot, const uint8_t *fis, uint64_t table, uint32_t entries)
{
    IdeDrive *d = ahci_drive(p);
    p->busy_slot = slot;
    ahci_data_init(&p->data, table, entries);
    load_registers(d, fis);
    d->status &= ~(STATUS_BSY | STATUS_DRQ);
    p->tfd |= STATUS_BSY;
    ide_execute(d, fis[2]);
}

/* false: nothing after this one is looked at now. */
static bool fetch_slot(AhciPort *p, int slot)
{
    uint8_t header[HEADER_BYTES], table[TABLE_PRDT];
    if (pci_dma_read(pci_of(p), p->clb + (uint64_t)slot * HEADER_BYTES, header, sizeof(header)) != MEM_OK) {
        host_error(p);
        return false;
    }
    uint32_t flags = load_le32(header), entries = flags >> 16;
    uint64_t address = load_le64(header + 8) & ~UINT64_C(127);
    if (pci_dma_read(pci_of(p), address, table, sizeof(table)) != MEM_OK) {
        host_error(p);
        return false;
    }
    if (table[0] != FIS_H2D || (flags & 0x1f) < 2) {
        log_mask(LOG_GUEST_ERROR, "ahci: port %d: FIS of type 0x%02x in a command list\n", p->number, table[0]);
        p->ci &= ~(1u << slot);
        return true;
    }
    if (!(table[1] & FIS_COMMAND)) {
        control_fis(p, slot, table);
        return true;
    }
    memcpy(p->packet, table + TABLE_ACMD, sizeof(p->packet));
    if (ahci_is_queued(table[2])) {
        ahci_ncq_start(p, slot, table, address, entries);
        return !p->failed;
    }
    run_command(p, slot, table, address, entries);
    return p->busy_slot < 0 && !p->failed;
}

void ahci_port_fetch(AhciPort *p)
{
    if (!(p->cmd & PORT_CMD_ST) || p->failed || !present(p)) {
        return;
    }
    for (int slot = 0; slot < AHCI_SLOTS && p->busy_slot < 0; slot++) {
        if ((p->ci & 1u << slot) && !fetch_slot(p, slot)) {
            break;
        }
    }
}

/* ---- reset ---- */
void ahci_port_reset(AhciPort *p)
{
    quiet_reset(p);
    p->is = p->ie = p->serror = p->sactive = p->ci = 0;
    p->scontrol = 0;
    p->cmd = PORT_CMD_SUD | PORT_CMD_POD;
    p->tfd = TFD_IDLE;
    p->sig = 0xffffffff;
    p->sstatus = present(p) ? SSTS_PRESENT : 0;
    p->failed = p->soft_reset = false;
}

/* COMRESET: DET goes to 1 and back to 0. */
static void write_scontrol(AhciPort *p, uint32_t value)
{
    bool was = (p->scontrol & 0xf) == 1, is = (value & 0xf) == 1;
    p->scontrol = value;
    if (was && !is) {
        quiet_reset(p);
        p->sactive = p->ci = 0;
        p->tfd = TFD_IDLE;
        p->sig = 0xffffffff;
        p->failed = p->soft_reset = false;
        p->sstatus = present(p) ? SSTS_PRESENT : 0;
        send_signature(p);
    } else if (is) {
        p->sstatus = 0;
    }
}

/* ---- registers ---- */
static void stop(AhciPort *p)
{
    IdeDrive *d = ahci_drive(p);
    ahci_ncq_cancel(p);
    ide_io_cancel(d);
    if (present(p) && (d->status & (STATUS_BSY | STATUS_DRQ))) {
        d->status = STATUS_DRDY | STATUS_DSC;
        d->data_at = d->data_end = 0;
    }
    p->busy_slot = -1;
    p->ci = p->sactive = 0;
    p->failed = false;
}

static void write_cmd(AhciPort *p, uint32_t value)
{
    bool was_started = p->cmd & PORT_CMD_ST;
    uint32_t cmd = (p->cmd & ~CMD_WRITABLE) | (value & CMD_WRITABLE) | PORT_CMD_SUD | PORT_CMD_POD;
    cmd &= ~(PORT_CMD_FR | PORT_CMD_CR);
    cmd |= cmd & PORT_CMD_FRE ? PORT_CMD_FR : 0;
    cmd |= cmd & PORT_CMD_ST ? PORT_CMD_CR : 0;
    p->cmd = cmd;
    if (value & PORT_CMD_CLO) {
        p->tfd &= ~(uint32_t)(STATUS_BSY | STATUS_DRQ);
    }
    if (was_started && !(cmd & PORT_CMD_ST)) {
        stop(p);
    }
    send_signature(p);
    if (cmd & PORT_CMD_ST) {
        bottom_half_schedule(p->ahci->fetch);
    }
}

uint32_t ahci_port_read(AhciPort *p, unsigned reg)
{
    switch (reg) {
    case PORT_CLB: return (uint32_t)p->clb;
    case PORT_CLBU: return (uint32_t)(p->clb >> 32);
    case PORT_FB: return (uint32_t)p->fb;
    case PORT_FBU: return (uint32_t)(p->fb >> 32);
    case PORT_IS: return p->is;
    case PORT_IE: return p->ie;
    case PORT_CMD: return p->cmd | (p->busy_slot >= 0 ? (uint32_t)p->busy_slot << 8 : 0);
    case PORT_TFD: return p->tfd;
    case PORT_SIG: return p->sig;
    case PORT_SSTS: return p->sstatus;
    case PORT_SCTL: return p->scontrol;
    case PORT_SERR: return p->serror;
    case PORT_SACT: return p->sactive;
    case PORT_CI: return p->ci;
    default: return 0;
    }
}

void ahci_port_write(AhciPort *p, unsigned reg, uint32_t value)
{
    switch (reg) {
    case PORT_CLB: p->clb = (p->clb & ~UINT64_C(0xffffffff)) | (value & ~0x3ffu); break;
    case PORT_CLBU: p->clb = (uint64_t)value << 32 | (uint32_t)p->clb; break;
    case PORT_FB: p->fb = (p->fb & ~UINT64_C(0xffffffff)) | (value & ~0xffu); break;
    case PORT_FBU: p->fb = (uint64_t)value << 32 | (uint32_t)p->fb; break;
    case PORT_IS:
        p->is &= ~value;
        ahci_update_irq(p->ahci);
        break;
    case PORT_IE:
        p->ie = value & 0xfdc000ff;
        ahci_update_irq(p->ahci);
        break;
    case PORT_CMD: write_cmd(p, value); break;
    case PORT_SCTL: write_scontrol(p, value); break;
    case PORT_SERR: p->serror &= ~value; break;
    case PORT_SACT: p->sactive |= value; break;
    case PORT_CI:
        p->ci |= value;
        ahci_port_fetch(p);
        break;
    default: break;
    }
}

void ahci_port_init(AhciState *s, int number)
{
    AhciPort *p = &s->ports[number];
    p->ahci = s;
    p->number = number;
    p->busy_slot = -1;
    for (int slot = 0; slot < AHCI_SLOTS; slot++) {
        p->ncq[slot] = (NcqSlot){ .port = p, .slot = slot };
    }
    p->bus = ide_bus_new(&s->parent.parent, number, 1, &ahci_transport, p);
    p->irq = (Irq){ .handler = core_irq, .opaque = p };
    p->bus->irq = &p->irq;
}
