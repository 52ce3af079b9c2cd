/*
 * The transmit ring of the 8254x: legacy, context and data descriptors, checksum insertion and TCP segmentation (Software Developer's Manual, 3.3 to 3.6).
 *
 * A packet is gathered whole, then cut into segments if its descriptors ask for that.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "e1000.h"
#include "util/log.h"

#include <string.h>

/* ---- one frame on the wire ---- */

static void count_sent(E1000 *s, const uint8_t *frame, size_t length)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    e1000_count_size(s, STAT_PTC64, length + FCS_SIZE);
    e1000_count(s, STAT_TPT, 1);
    e1000_count(s, STAT_GPTC, 1);
    e1000_count64(s, STAT_TOTL, length + FCS_SIZE);
    e1000_count64(s, STAT_GOTCL, length + FCS_SIZE);
    if (!memcmp(frame, broadcast, 6)) {
        e1000_count(s, STAT_BPTC, 1);
    } else if (frame[0] & 1) {
        e1000_count(s, STAT_MPTC, 1);
    }
}

/* vlan: the tag goes behind the addresses. */
static void send_frame(E1000 *s, const uint8_t *frame, size_t length, bool vlan, uint16_t tag)
{
    uint8_t tag_bytes[VLAN_TAG_SIZE];
    struct iovec iov[3] = { { (void *)frame, length } };
    int count = 1;
    if (length < ETH_HEADER_SIZE) {
        return;
    }
    if (vlan) {
        store_be16(tag_bytes, s->mac[REG_VET / 4]);
        store_be16(tag_bytes + 2, tag);
        iov[0].iov_len = 12;
        iov[1] = (struct iovec){ tag_bytes, VLAN_TAG_SIZE };
        iov[2] = (struct iovec){ (void *)(frame + 12), length - 12 };
        count = 3;
        length += VLAN_TAG_SIZE;
    }
    count_sent(s, frame, length);
    if (e1000_loops_back(s)) {
        e1000_receive(s, iov, count, length);
    } else {
        net_send_iov(s->nic, iov, count, NULL);
    }
}

/* ---- offloads ---- */

/* Sums [start, end] (end 0: to the packet's end) and stores the complement at offset; what does not fit is left alone. */
static void insert_checksum(uint8_t *data, size_t length, size_t offset, size_t start, size_t end)
{
    size_t stop = end && end < length ? end + 1 : length;
    if (start < stop && offset + 2 <= stop) {
        store_be16(data + offset, net_checksum_finish(net_checksum_add(data + start, stop - start, false)));
    }
}

static void insert_checksums(uint8_t *data, size_t length, const TxContext *c, uint8_t options)
{
    if (options & TXD_POPTS_TXSM) {
        insert_checksum(data, length, c->tucso, c->tucss, c->tucse);
    }
    if (options & TXD_POPTS_IXSM) {
        insert_checksum(data, length, c->ipcso, c->ipcss, c->ipcse);
    }
}

/* The headers of segment number n that carries `length` payload bytes from `offset` on (3.5.4 to 3.5.7). */
static void patch_headers(uint8_t *h, const TxContext *c, unsigned n, size_t offset, size_t length, bool last)
{
    size_t total = c->header_length + length;
    if (c->ip) {
        store_be16(h + c->ipcss + 2, total - c->ipcss);
        store_be16(h + c->ipcss + 4, load_be16(h + c->ipcss + 4) + n);
    } else {
        store_be16(h + c->ipcss + 4, total - c->tucss);
    }
    if (c->tcp) {
        store_be32(h + c->tucss + 4, load_be32(h + c->tucss + 4) + offset);
        if (!last) {
            h[c->tucss + 13] &= ~0x09;              /* FIN and PSH belong to the last segment */
        }
    } else {
        store_be16(h + c->tucss + 4, total - c->tucss);
    }
    /* The pseudo header's sum that the driver left there lacks the length. */
    uint32_t sum = load_be16(h + c->tucso) + (uint32_t)(total - c->tucss);
    store_be16(h + c->tucso, (sum & 0xffff) + (sum >> 16));
}

static bool context_fits(const TxContext *c, size_t length)
{
    return c->mss && c->header_length >= ETH_HEADER_SIZE && c->header_length < length && c->ipcss + 20u <= c->header_length &&
           c->tucss + (c->tcp ? 14u : 8u) <= c->header_length && c->tucso + 2u <= c->header_length;
}

static void send_segments(E1000 *s, TxState *t)
{
    const TxContext *c = &t->segmentation;
    size_t header = c->header_length, payload = t->length - header;
    g_autofree uint8_t *segment = g_malloc(header + c->mss);
    unsigned n = 0;
    if (!context_fits(c, t->length)) {
        log_mask(LOG_GUEST_ERROR, "e1000: a segmentation context does not fit its packet\n");
        return;
    }
    for (size_t offset = 0; offset < payload; offset += c->mss, n++) {
        size_t length = MIN(payload - offset, c->mss);
        memcpy(segment, t->buffer, header);
        memcpy(segment + header, t->buffer + header + offset, length);
        patch_headers(segment, c, n, offset, length, offset + length == payload);
        insert_checksums(segment, header + length, c, t->options);
        send_frame(s, segment, header + length, t->vlan, t->vlan_tag);
    }
    e1000_count(s, STAT_TSCTC, 1);
}

static void finish_packet(E1000 *s)
{
    TxState *t = &s->tx;
    if (t->overflow) {
        log_mask(LOG_GUEST_ERROR, "e1000: a packet is longer than the chip's limit\n");
    } else if (t->tse) {
        send_segments(s, t);
    } else {
        if (t->legacy_checksum) {
            insert_checksum(t->buffer, t->length, t->legacy_cso, t->legacy_css, 0);
        }
        insert_checksums(t->buffer, t->length, &t->checksum, t->options);
        send_frame(s, t->buffer, t->length, t->vlan, t->vlan_tag);
    }
    t->length = 0;
    t->in_packet = t->overflow = false;
}

/* ---- descriptors ---- */

static void take_context(TxState *t, const uint8_t *d)
{
    uint32_t command = load_le32(d + 8);
    TxContext *c = command & TXD_CMD_TSE ? &t->segmentation : &t->checksum;
    *c = (TxContext){
        .ipcss = d[0], .ipcso = d[1], .ipcse = load_le16(d + 2), .tucss = d[4], .tucso = d[5], .tucse = load_le16(d + 6),
        .payload_length = command & 0xfffff, .tcp = command & TXD_TUCMD_TCP, .ip = command & TXD_TUCMD_IP, .header_length = d[13], .mss = load_le16(d + 14),
    };
}

static void begin_packet(E1000 *s, const uint8_t *d, uint32_t command, bool extended)
{
    TxState *t = &s->tx;
    t->in_packet = true;
    t->options = extended ? d[13] : 0;
    t->tse = extended && (command & TXD_CMD_TSE);
    t->legacy_checksum = false;
}

static void take_data(E1000 *s, const uint8_t *d, uint32_t command, bool extended)
{
    TxState *t = &s->tx;
    uint64_t addr = load_le64(d);
    uint32_t length = extended ? command & 0xfffff : command & 0xffff;
    if (!t->in_packet) {
        begin_packet(s, d, command, extended);
    }
    if (length > TX_BUFFER_SIZE - t->length) {
        t->overflow = true;
        length = 0;
    }
    if (length && pci_dma_read(&s->parent, addr, t->buffer + t->length, length) != MEM_OK) {
        log_mask(LOG_GUEST_ERROR, "e1000: transmit buffer at 0x%llx is not memory\n", (unsigned long long)addr);
    }
    t->length += length;
    if (!(command & TXD_CMD_EOP)) {
        return;
    }
    if (!extended && (command & TXD_CMD_IC)) {
        t->legacy_checksum = true;
        t->legacy_cso = d[10];
        t->legacy_css = d[13];
    }
    t->vlan = (command & TXD_CMD_VLE) && (s->mac[REG_CTRL / 4] & CTRL_VME);
    t->vlan_tag = load_le16(d + 14);
    finish_packet(s);
}

static void process_descriptor(E1000 *s, const uint8_t *d)
{
    uint32_t command = load_le32(d + 8);
    if (!(command & TXD_CMD_DEXT)) {
        take_data(s, d, command, false);
    } else if ((command & TXD_DTYP) == TXD_DTYP_DATA) {
        take_data(s, d, command, true);
    } else {
        take_context(&s->tx, d);
    }
}

/* Says that the descriptor is done, where it asks for that. Returns interrupt causes. */
static uint32_t write_back(E1000 *s, uint64_t addr, uint8_t *d)
{
    uint32_t command = load_le32(d + 8);
    s->mitigation_ide |= (command & TXD_CMD_IDE) != 0;
    if (!(command & (TXD_CMD_RS | TXD_CMD_RPS))) {
        return 0;
    }
    d[12] = (d[12] | TXD_STAT_DD) & ~0x0e;
    pci_dma_write(&s->parent, addr + 12, d + 12, 4);
    return ICR_TXDW;
}

void e1000_transmit(E1000 *s)
{
    uint32_t *head = &s->mac[REG_TDH / 4], count = s->mac[REG_TDLEN / 4] / TXD_SIZE, causes = ICR_TXQE;
    uint64_t base = (uint64_t)s->mac[REG_TDBAH / 4] << 32 | s->mac[REG_TDBAL / 4];
    if (!(s->mac[REG_TCTL / 4] & TCTL_EN) || !count || s->tx.busy || *head == s->mac[REG_TDT / 4]) {
        return;
    }
    if (*head >= count || s->mac[REG_TDT / 4] >= count) {
        log_mask(LOG_GUEST_ERROR, "e1000: TDH or TDT lies outside the ring\n");
        return;
    }
    /* What the peer answers may make the guest's driver ring again: one round at a time. */
    s->tx.busy = true;
    for (uint32_t n = 0; n < count && *head != s->mac[REG_TDT / 4]; n++) {
        uint8_t d[TXD_SIZE];
        uint64_t addr = base + (uint64_t)*head * TXD_SIZE;
        if (pci_dma_read(&s->parent, addr, d, TXD_SIZE) != MEM_OK) {
            log_mask(LOG_GUEST_ERROR, "e1000: transmit ring at 0x%llx is not memory\n", (unsigned long long)addr);
            break;
        }
        process_descriptor(s, d);
        causes |= write_back(s, addr, d);
        *head = *head + 1 < count ? *head + 1 : 0;
    }
    s->tx.busy = false;
    e1000_raise(s, causes);
}
