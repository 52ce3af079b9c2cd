/*
 * The receive side of the 8254x: address filters, VLAN stripping, the ring (Software Developer's Manual, 3.2, 9.2, 13.4.22 and 13.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "e1000.h"
#include "util/log.h"

#include <string.h>

static uint32_t buffer_size(uint32_t rctl)
{
    unsigned field = rctl >> RCTL_BSIZE_SHIFT & 3;
    if (rctl & RCTL_BSEX) {
        return field ? 16384u * 2 >> field : 2048;      /* 01b: 16384, 10b: 8192, 11b: 4096 */
    }
    return 2048u >> field;
}

static uint32_t ring_count(const E1000 *s) { return s->mac[REG_RDLEN / 4] / RXD_SIZE; }

static uint32_t free_descriptors(const E1000 *s)
{
    uint32_t count = ring_count(s), head = s->mac[REG_RDH / 4], tail = s->mac[REG_RDT / 4];
    if (!count || head >= count || tail >= count) {
        return 0;
    }
    return tail >= head ? tail - head : count - head + tail;
}

bool e1000_can_receive(E1000 *s)
{
    return (s->mac[REG_STATUS / 4] & STATUS_LU) && (s->mac[REG_RCTL / 4] & RCTL_EN) && free_descriptors(s) &&
           (pci_get_word(s->parent.config + PCI_COMMAND) & PCI_COMMAND_MASTER);
}

/* ---- filters ---- */

static bool vlan_passes(const E1000 *s, const uint8_t *frame)
{
    if (!(s->mac[REG_RCTL / 4] & RCTL_VFE) || load_be16(frame + 12) != (s->mac[REG_VET / 4] & 0xffff)) {
        return true;
    }
    unsigned id = load_be16(frame + 14) & 0xfff;
    return s->mac[REG_VFTA / 4 + (id >> 5)] >> (id & 31) & 1;
}

static bool exact_match(const E1000 *s, const uint8_t *address)
{
    for (unsigned i = 0; i < 16; i++) {
        uint32_t low = s->mac[REG_RAL / 4 + 2 * i], high = s->mac[REG_RAL / 4 + 2 * i + 1];
        if ((high & RAH_AV) && load_le32(address) == low && load_le16(address + 4) == (high & 0xffff)) {
            return true;
        }
    }
    return false;
}

/* The multicast table takes 12 bits of the address; RCTL.MO chooses which. */
static bool hash_match(const E1000 *s, const uint8_t *address)
{
    static const uint8_t shifts[] = { 4, 3, 2, 0 };
    unsigned hash = (load_le16(address + 4) >> shifts[s->mac[REG_RCTL / 4] >> RCTL_MO_SHIFT & 3]) & 0xfff;
    return s->mac[REG_MTA / 4 + (hash >> 5)] >> (hash & 31) & 1;
}

static bool address_passes(const E1000 *s, const uint8_t *frame)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    uint32_t rctl = s->mac[REG_RCTL / 4];
    bool is_broadcast = !memcmp(frame, broadcast, 6), is_multicast = frame[0] & 1;
    if ((!is_multicast && (rctl & RCTL_UPE)) || (is_multicast && !is_broadcast && (rctl & RCTL_MPE)) || (is_broadcast && (rctl & (RCTL_BAM | RCTL_MPE)))) {
        return true;
    }
    return exact_match(s, frame) || (is_multicast && hash_match(s, frame));
}

/* ---- into the ring ---- */

static void count_received(E1000 *s, const uint8_t *frame, size_t length)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    e1000_count_size(s, STAT_PRC64, length + FCS_SIZE);
    e1000_count(s, STAT_TPR, 1);
    e1000_count(s, STAT_GPRC, 1);
    e1000_count64(s, STAT_TORL, length + FCS_SIZE);
    e1000_count64(s, STAT_GORCL, length + FCS_SIZE);
    if (!memcmp(frame, broadcast, 6)) {
        e1000_count(s, STAT_BPRC, 1);
    } else if (frame[0] & 1) {
        e1000_count(s, STAT_MPRC, 1);
    }
}

typedef struct RxFrame { const uint8_t *data; size_t length; bool vlan; uint16_t tag; } RxFrame;

/* Extended descriptors of the 82574 (datasheet, 7.1.5.2): no hash, the status word, length and tag. */
static void write_extended(E1000 *s, uint64_t addr, const RxFrame *f, size_t n, bool last)
{
    uint8_t d[RXD_SIZE] = { 0 };
    store_le32(d + 8, RXD_STAT_DD | RXD_STAT_IXSM | (last ? RXD_STAT_EOP : 0) | (f->vlan ? RXD_STAT_VP : 0));
    store_le16(d + 12, n);
    store_le16(d + 14, f->vlan ? f->tag : 0);
    pci_dma_write(&s->parent, addr, d, 8);
    pci_dma_write(&s->parent, addr + 12, d + 12, 4);
    pci_dma_write(&s->parent, addr + 8, d + 8, 4);
}

static void write_legacy(E1000 *s, uint64_t addr, const RxFrame *f, size_t n, bool last)
{
    uint8_t d[RXD_SIZE] = { 0 };
    store_le16(d + 8, n);
    d[12] = RXD_STAT_DD | RXD_STAT_IXSM | (last ? RXD_STAT_EOP : 0) | (f->vlan ? RXD_STAT_VP : 0);
    store_le16(d + 14, f->vlan ? f->tag : 0);
    /* The status goes last: the driver polls it. */
    pci_dma_write(&s->parent, addr + 8, d + 8, 4);
    pci_dma_write(&s->parent, addr + 14, d + 14, 2);
    pci_dma_write(&s->parent, addr + 12, d + 12, 2);
}

/* Writes a piece of the frame and its descriptor. False when the ring is no memory. */
static bool fill_descriptor(E1000 *s, const RxFrame *f, size_t offset, size_t n, bool last)
{
    uint64_t base = (uint64_t)s->mac[REG_RDBAH / 4] << 32 | s->mac[REG_RDBAL / 4];
    uint64_t addr = base + (uint64_t)s->mac[REG_RDH / 4] * RXD_SIZE;
    uint8_t d[RXD_SIZE];
    if (pci_dma_read(&s->parent, addr, d, RXD_SIZE) != MEM_OK) {
        log_mask(LOG_GUEST_ERROR, "e1000: receive ring at 0x%llx is not memory\n", (unsigned long long)addr);
        return false;
    }
    uint64_t buffer = load_le64(d);
    if (buffer) {
        pci_dma_write(&s->parent, buffer, f->data + offset, n);
    } else {
        log_mask(LOG_GUEST_ERROR, "e1000: a receive descriptor has no buffer\n");
    }
    bool extended = s->model->is_82574 && (s->mac[REG_RFCTL / 4] & RFCTL_EXSTEN);
    (extended ? write_extended : write_legacy)(s, addr, f, n, last);
    s->mac[REG_RDH / 4] = s->mac[REG_RDH / 4] + 1 < ring_count(s) ? s->mac[REG_RDH / 4] + 1 : 0;
    return true;
}

static void store_frame(E1000 *s, const RxFrame *f)
{
    uint32_t size = buffer_size(s->mac[REG_RCTL / 4]);
    if (free_descriptors(s) < (f->length + size - 1) / size) {
        e1000_count(s, STAT_RNBC, 1);
        e1000_count(s, STAT_MPC, 1);
        e1000_raise(s, ICR_RXO);
        return;
    }
    for (size_t offset = 0; offset < f->length; offset += size) {
        size_t n = MIN(f->length - offset, size);
        if (!fill_descriptor(s, f, offset, n, offset + n == f->length)) {
            e1000_raise(s, ICR_RXO);
            return;
        }
    }
    count_received(s, f->data, f->length);
    uint32_t threshold = ring_count(s) >> (1 + (s->mac[REG_RCTL / 4] >> RCTL_RDMTS_SHIFT & 3));
    e1000_raise(s, ICR_RXT0 | (free_descriptors(s) <= threshold ? ICR_RXDMT0 : 0));
}

ssize_t e1000_receive(E1000 *s, const struct iovec *iov, int count, size_t size)
{
    uint8_t frame[MAX_LONG_FRAME + FCS_SIZE];
    uint32_t rctl = s->mac[REG_RCTL / 4];
    if (!(s->mac[REG_STATUS / 4] & STATUS_LU) || !(rctl & RCTL_EN)) {
        return size;
    }
    if (size > MAX_LONG_FRAME || (size > MAX_FRAME && !(rctl & (RCTL_LPE | RCTL_SBP)))) {
        e1000_count(s, STAT_ROC, 1);
        return size;
    }
    RxFrame f = { .data = frame, .length = iov_to_buffer(iov, count, 0, frame, size) };
    if (f.length < MIN_FRAME) {
        memset(frame + f.length, 0, MIN_FRAME - f.length);
        f.length = MIN_FRAME;
    }
    if (!vlan_passes(s, frame) || !address_passes(s, frame)) {
        return size;
    }
    if ((s->mac[REG_CTRL / 4] & CTRL_VME) && load_be16(frame + 12) == (s->mac[REG_VET / 4] & 0xffff)) {
        f.vlan = true;
        f.tag = load_be16(frame + 14);
        memmove(frame + 12, frame + 16, f.length - 16);
        f.length -= VLAN_TAG_SIZE;
    }
    if (!(rctl & RCTL_SECRC)) {
        store_le32(frame + f.length, ~net_crc32_le(frame, f.length));
        f.length += FCS_SIZE;
    }
    store_frame(s, &f);
    return size;
}
