/*
 * The RTL8139C+'s data paths: the four transmit slots and the receive buffer of the C mode, the descriptor rings of the C+ mode with checksums, large send
 * and VLAN tags (RTL8139C+ datasheet, 7 and 9).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "rtl8139.h"
#include "util/log.h"

#include <string.h>

static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };

/* ---- out ---- */

static void send_frame(Rtl8139 *s, const uint8_t *frame, size_t length, bool vlan, uint16_t tag)
{
    uint8_t tag_bytes[4] = { 0x81, 0x00, tag >> 8, tag };
    struct iovec iov[3] = { { (void *)frame, length } };
    int count = 1;
    if (length < ETH_HEADER_SIZE) {
        return;
    }
    if (vlan) {
        iov[0].iov_len = 12;
        iov[1] = (struct iovec){ tag_bytes, 4 };
        iov[2] = (struct iovec){ (void *)(frame + 12), length - 12 };
        count = 3;
        length += 4;
    }
    s->tally.tx_ok++;
    if ((s->tcr & TCR_LOOPBACK) == TCR_LOOPBACK) {
        rtl8139_receive(s, iov, count, length);
    } else {
        net_send_iov(s->nic, iov, count, NULL);
    }
}

static void transmit_slot(Rtl8139 *s, unsigned n)
{
    uint8_t frame[TSD_SIZE + 1];
    uint32_t length = s->tsd[n] & TSD_SIZE;
    if (pci_dma_read(&s->parent, s->tsad[n], frame, length) != MEM_OK) {
        log_mask(LOG_GUEST_ERROR, "rtl8139: transmit buffer at 0x%x is not memory\n", s->tsad[n]);
    }
    send_frame(s, frame, length, false, 0);
    s->tsd[n] |= TSD_TOK | TSD_OWN;
    s->tsd[n] &= ~(TSD_TUN | TSD_TABT);
}

void rtl8139_transmit_slots(Rtl8139 *s)
{
    bool any = false;
    if (s->transmitting || !(s->cr & CR_TE)) {
        return;
    }
    s->transmitting = true;
    for (unsigned n = 0; n < TX_SLOTS && !(s->tsd[s->next_slot] & TSD_OWN); n++) {
        transmit_slot(s, s->next_slot);
        s->next_slot = (s->next_slot + 1) % TX_SLOTS;
        any = true;
    }
    s->transmitting = false;
    if (any) {
        rtl8139_raise(s, ISR_TOK);
    }
}

/* Where the headers of an untagged IPv4 TCP or UDP frame are. */
typedef struct Headers { size_t ip, ip_length, transport; uint8_t protocol; size_t end; } Headers;

static bool find_headers(const uint8_t *frame, size_t length, Headers *h)
{
    h->ip = ETH_HEADER_SIZE;
    if (length < h->ip + 20 || load_be16(frame + 12) != 0x0800 || frame[h->ip] >> 4 != 4) {
        return false;
    }
    h->ip_length = (frame[h->ip] & 0xf) * 4;
    h->protocol = frame[h->ip + 9];
    h->transport = h->ip + h->ip_length;
    h->end = MIN(length, h->ip + load_be16(frame + h->ip + 2));
    return h->ip_length >= 20 && h->transport <= h->end;
}

static void checksum_transport(uint8_t *frame, const Headers *h)
{
    size_t size = h->end - h->transport, field = h->protocol == 6 ? 16 : 6;
    if (size < (h->protocol == 6 ? 20u : 8u)) {
        return;
    }
    store_be16(frame + h->transport + field, 0);
    uint32_t sum = net_checksum_add(frame + h->ip + 12, 8, false) + h->protocol + size + net_checksum_add(frame + h->transport, size, false);
    uint16_t folded = net_checksum_finish(sum);
    store_be16(frame + h->transport + field, folded || h->protocol == 6 ? folded : 0xffff);
}

static void insert_checksums(uint8_t *frame, size_t length, uint32_t command)
{
    Headers h;
    if (!(command & (CP_TX_IPCS | CP_TX_UDPCS | CP_TX_TCPCS)) || !find_headers(frame, length, &h)) {
        return;
    }
    if (command & CP_TX_IPCS) {
        store_be16(frame + h.ip + 10, 0);
        store_be16(frame + h.ip + 10, net_checksum_finish(net_checksum_add(frame + h.ip, h.ip_length, false)));
    }
    if ((h.protocol == 6 && (command & CP_TX_TCPCS)) || (h.protocol == 17 && (command & CP_TX_UDPCS))) {
        checksum_transport(frame, &h);
    }
}

/* Cuts a TCP packet into segments of mss payload bytes. */
static void send_large(Rtl8139 *s, uint8_t *packet, size_t length, uint32_t mss, bool vlan, uint16_t tag)
{
    Headers h;
    if (!mss || !find_headers(packet, length, &h) || h.protocol != 6 || h.transport + 20 > length) {
        log_mask(LOG_GUEST_ERROR, "rtl8139: large send of what is no TCP packet\n");
        return;
    }
    size_t header = h.transport + (packet[h.transport + 12] >> 4) * 4;
    if (header < h.transport + 20 || header > length) {
        return;
    }
    g_autofree uint8_t *segment = g_malloc(header + mss);
    uint32_t sequence = load_be32(packet + h.transport + 4), n = 0;
    for (size_t offset = 0, payload = length - header; offset < payload || n == 0; offset += mss, n++) {
        size_t size = MIN(payload - offset, mss);
        memcpy(segment, packet, header);
        memcpy(segment + header, packet + header + offset, size);
        store_be16(segment + h.ip + 2, header - h.ip + size);
        store_be16(segment + h.ip + 4, load_be16(packet + h.ip + 4) + n);
        store_be32(segment + h.transport + 4, sequence + offset);
        if (offset + size < payload) {
            segment[h.transport + 13] &= ~0x09;
        }
        insert_checksums(segment, header + size, CP_TX_IPCS | CP_TX_TCPCS);
        send_frame(s, segment, header + size, vlan, tag);
    }
}

static void finish_cplus(Rtl8139 *s, uint32_t command, uint32_t vlan)
{
    bool tagged = vlan & CP_TX_TAGC;
    uint16_t tag = __builtin_bswap16(vlan & 0xffff);
    if (command & CP_TX_LARGE_SEND) {
        send_large(s, s->cp_tx_buffer, s->cp_tx_length, command >> CP_TX_MSS_SHIFT & CP_TX_MSS, tagged, tag);
    } else {
        insert_checksums(s->cp_tx_buffer, s->cp_tx_length, command);
        send_frame(s, s->cp_tx_buffer, s->cp_tx_length, tagged, tag);
    }
}

/* One descriptor; false when there is none that the chip owns. */
static bool transmit_descriptor(Rtl8139 *s, int queue)
{
    const uint32_t *base = queue ? s->thpds : s->tnpds;
    uint64_t addr = ((uint64_t)base[1] << 32 | base[0]) + (uint64_t)s->cp_tx[queue] * CP_DESCRIPTOR;
    uint8_t d[CP_DESCRIPTOR];
    if (pci_dma_read(&s->parent, addr, d, sizeof(d)) != MEM_OK || !(load_le32(d) & CP_OWN)) {
        return false;
    }
    uint32_t command = load_le32(d), size = command & 0xffff;
    if (command & CP_FS) {
        s->cp_tx_length = 0;
        s->cp_tx_active = true;
    }
    if (size > CP_TX_BUFFER - s->cp_tx_length) {
        log_mask(LOG_GUEST_ERROR, "rtl8139: a packet is longer than the chip's limit\n");
        s->cp_tx_active = false;
    }
    if (s->cp_tx_active) {
        pci_dma_read(&s->parent, load_le64(d + 8), s->cp_tx_buffer + s->cp_tx_length, size);
        s->cp_tx_length += size;
    }
    s->cp_tx[queue] = command & CP_EOR ? 0 : s->cp_tx[queue] + 1;
    dma_store_le32(&s->parent.bus_master_space, addr, command & ~CP_OWN);
    if ((command & CP_LS) && s->cp_tx_active) {
        s->cp_tx_active = false;
        finish_cplus(s, command, load_le32(d + 4));
    }
    return true;
}

void rtl8139_transmit_cplus(Rtl8139 *s, int queue)
{
    unsigned n = 0;
    if (s->transmitting || !(s->cr & CR_TE) || !(s->cpcr & CPCR_TXON)) {
        return;
    }
    s->transmitting = true;
    /* A ring has at most 64 descriptors; a guest that refills it while we look gets its turn at the next poll. */
    while (n < 256 && transmit_descriptor(s, queue)) {
        n++;
    }
    s->transmitting = false;
    rtl8139_raise(s, n ? ISR_TOK | ISR_TDU : ISR_TDU);
}

/* ---- in ---- */

uint32_t rtl8139_buffer_size(const Rtl8139 *s) { return 8192u << (s->rcr >> RCR_RBLEN_SHIFT & 3); }
bool rtl8139_buffer_empty(const Rtl8139 *s) { return s->capr == s->cbr; }

static uint32_t buffer_room(const Rtl8139 *s)
{
    uint32_t size = rtl8139_buffer_size(s);
    return s->capr == s->cbr ? size : (s->capr - s->cbr) & (size - 1);
}

static bool cplus_receives(const Rtl8139 *s) { return s->cpcr & CPCR_RXON; }

bool rtl8139_can_receive(Rtl8139 *s)
{
    if (!(s->cr & CR_RE)) {
        return true;                    /* dropped */
    }
    if (!(pci_get_word(s->parent.config + PCI_COMMAND) & PCI_COMMAND_MASTER)) {
        return false;
    }
    /* A full buffer is the driver's business once it was told of the overflow. */
    return cplus_receives(s) || buffer_room(s) >= 1514 || (s->imr & ISR_RXOVW);
}

/* Which of the filters lets the frame in: a RX_* bit in *status, or 0 for promiscuous. */
static bool accepts(const Rtl8139 *s, const uint8_t *frame, uint16_t *status)
{
    *status = 0;
    if (!memcmp(frame, broadcast, 6)) {
        *status = RX_BAR;
        return s->rcr & (RCR_AB | RCR_AAP);
    }
    if (frame[0] & 1) {
        unsigned hash = net_crc32_be(frame, 6) >> 26;
        *status = RX_MAR;
        return (s->rcr & RCR_AAP) || ((s->rcr & RCR_AM) && (s->mar[hash >> 3] >> (hash & 7) & 1));
    }
    if (!memcmp(frame, s->idr, 6)) {
        *status = RX_PAM;
        return s->rcr & (RCR_APM | RCR_AAP);
    }
    return s->rcr & RCR_AAP;
}

/* At cbr, around the end of the buffer or past it as RCR.WRAP says. */
static void write_buffer(Rtl8139 *s, const void *data, uint32_t length)
{
    uint32_t size = rtl8139_buffer_size(s), to_end = size - s->cbr;
    bool past = (s->rcr & RCR_WRAP) && size < 65536;
    uint32_t first = past ? length : MIN(length, to_end);
    pci_dma_write(&s->parent, (uint64_t)s->rbstart + s->cbr, data, first);
    if (first < length) {
        pci_dma_write(&s->parent, s->rbstart, (const uint8_t *)data + first, length - first);
    }
}

static void receive_buffer(Rtl8139 *s, const uint8_t *frame, size_t length, uint16_t status)
{
    uint32_t size = rtl8139_buffer_size(s), total = (length + FCS_SIZE + 4 + 3) & ~3u, room = buffer_room(s);
    uint8_t record[MAX_RX_FRAME + 16];
    if (room <= total || total > size) {
        s->mpc++;
        s->tally.missed++;
        rtl8139_raise(s, ISR_RXOVW);
        return;
    }
    store_le16(record, status | RX_ROK);
    store_le16(record + 2, length + FCS_SIZE);
    memcpy(record + 4, frame, length);
    store_le32(record + 4 + length, ~net_crc32_le(frame, length));
    memset(record + 8 + length, 0, total - length - 8);
    write_buffer(s, record, total);
    s->cbr = (s->cbr + total) & (size - 1);
    rtl8139_raise(s, ISR_ROK);
}

static void receive_cplus(Rtl8139 *s, uint8_t *frame, size_t length, uint16_t status)
{
    uint64_t addr = ((uint64_t)s->rdsar[1] << 32 | s->rdsar[0]) + (uint64_t)s->cp_rx * CP_DESCRIPTOR;
    uint8_t d[CP_DESCRIPTOR], fcs[FCS_SIZE];
    uint32_t vlan = 0;
    if (pci_dma_read(&s->parent, addr, d, sizeof(d)) != MEM_OK || !(load_le32(d) & CP_OWN)) {
        s->mpc++;
        s->tally.missed++;
        rtl8139_raise(s, ISR_RXOVW);
        return;
    }
    if ((s->cpcr & CPCR_RXVLAN) && load_be16(frame + 12) == 0x8100) {
        vlan = CP_RX_TAVA | __builtin_bswap16(load_be16(frame + 14));
        memmove(frame + 12, frame + 16, length - 16);
        length -= 4;
    }
    uint32_t control = load_le32(d);
    if (length + FCS_SIZE > (control & CP_SIZE)) {
        s->tally.rx_error++;
        s->tally.missed++;
        rtl8139_raise(s, ISR_RXOVW);
        return;
    }
    store_le32(fcs, ~net_crc32_le(frame, length));
    pci_dma_write(&s->parent, load_le64(d + 8), frame, length);
    pci_dma_write(&s->parent, load_le64(d + 8) + length, fcs, FCS_SIZE);
    dma_store_le32(&s->parent.bus_master_space, addr + 4, vlan);
    dma_store_le32(&s->parent.bus_master_space, addr,
                   (control & CP_EOR) | CP_FS | CP_LS | (length + FCS_SIZE) | (status & RX_BAR ? CP_RX_BAR : 0) | (status & RX_PAM ? CP_RX_PAM : 0) |
                   (status & RX_MAR ? CP_RX_MAR : 0));
    s->cp_rx = control & CP_EOR ? 0 : s->cp_rx + 1;
    rtl8139_raise(s, ISR_ROK);
}

ssize_t rtl8139_receive(Rtl8139 *s, const struct iovec *iov, int count, size_t size)
{
    uint8_t frame[MAX_RX_FRAME];
    uint16_t status;
    if (!(s->cr & CR_RE) || size > MAX_RX_FRAME - 64) {
        return size;
    }
    size_t length = iov_to_buffer(iov, count, 0, frame, size);
    if (length < MIN_FRAME) {
        memset(frame + length, 0, MIN_FRAME - length);
        length = MIN_FRAME;
    }
    if (!accepts(s, frame, &status)) {
        return size;
    }
    s->tally.rx_ok++;
    s->tally.rx_ok_broadcast += status == RX_BAR;
    s->tally.rx_ok_multicast += status == RX_MAR;
    s->tally.rx_ok_physical += status == RX_PAM;
    if (cplus_receives(s)) {
        receive_cplus(s, frame, length, status);
    } else {
        receive_buffer(s, frame, length, status);
    }
    return size;
}

/* The 64 bytes that DTCCR asks for (6.2). */
void rtl8139_dump_tally(Rtl8139 *s)
{
    const TallyCounters *t = &s->tally;
    uint8_t out[64] = { 0 };
    store_le64(out, t->tx_ok);
    store_le64(out + 8, t->rx_ok);
    store_le64(out + 16, t->tx_error);
    store_le32(out + 24, t->rx_error);
    store_le16(out + 28, t->missed);
    store_le16(out + 30, t->alignment);
    store_le32(out + 32, t->tx_one_collision);
    store_le32(out + 36, t->tx_collisions);
    store_le64(out + 40, t->rx_ok_physical);
    store_le64(out + 48, t->rx_ok_broadcast);
    store_le32(out + 56, t->rx_ok_multicast);
    store_le16(out + 60, t->tx_abort);
    store_le16(out + 62, t->tx_underrun);
    pci_dma_write(&s->parent, (uint64_t)s->dtccr[1] << 32 | (s->dtccr[0] & ~0x3fu), out, sizeof(out));
}
