/*
 * The control queue of a virtio network device and the receive filters that it sets (VIRTIO 1.2, 5.1.6.5).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-net.h"
#include "util/log.h"

#include <string.h>

enum { CLASS_RX, CLASS_MAC, CLASS_VLAN, CLASS_ANNOUNCE, CLASS_MQ, CLASS_GUEST_OFFLOADS };
enum { RX_PROMISC, RX_ALLMULTI, RX_ALLUNI, RX_NOMULTI, RX_NOUNI, RX_NOBCAST, MAC_TABLE_SET = 0, MAC_ADDR_SET = 1, VLAN_ADD = 0, VLAN_DEL = 1, ANNOUNCE_ACK = 0,
       MQ_PAIRS_SET = 0, GUEST_OFFLOADS_SET = 0 };
enum { STATUS_OK = 0, STATUS_ERROR = 1, HEADER_SIZE = 2, ETHERTYPE_VLAN = 0x8100 };
/* The longest command that is looked at: two address tables, far longer than ours. */
enum { MAX_COMMAND = 256 * 1024 };

/* ---- filters ---- */

void virtio_net_filter_reset(VirtioNet *n)
{
    n->promisc = true;
    n->allmulti = n->alluni = n->nomulti = n->nouni = n->nobcast = n->uni_overflow = n->multi_overflow = false;
    n->nr_macs = n->first_multi = 0;
    memset(n->macs, 0, sizeof(n->macs));
    memset(n->vlans, 0, sizeof(n->vlans));
}

static bool in_table(const VirtioNet *n, unsigned from, unsigned to, const uint8_t *address)
{
    for (unsigned i = from; i < to; i++) {
        if (!memcmp(n->macs[i], address, 6)) {
            return true;
        }
    }
    return false;
}

bool virtio_net_filter_passes(const VirtioNet *n, const uint8_t *frame, size_t size)
{
    static const uint8_t broadcast[6] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff };
    if (n->promisc || size < ETH_HEADER_SIZE) {
        return true;
    }
    if (size >= 16 && load_be16(frame + 12) == ETHERTYPE_VLAN) {
        unsigned id = load_be16(frame + 14) & 0xfff;
        if (!(n->vlans[id >> 5] >> (id & 31) & 1)) {
            return false;
        }
    }
    if (frame[0] & 1) {
        if (!memcmp(frame, broadcast, 6)) {
            return !n->nobcast;
        }
        return !n->nomulti && (n->allmulti || n->multi_overflow || in_table(n, n->first_multi, n->nr_macs, frame));
    }
    return !n->nouni && (n->alluni || n->uni_overflow || !memcmp(frame, n->mac, 6) || in_table(n, 0, n->first_multi, frame));
}

/* ---- commands. data: what follows class and command. Each returns whether it was good. ---- */

static bool set_rx_mode(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size)
{
    bool *const modes[] = { &n->promisc, &n->allmulti, &n->alluni, &n->nomulti, &n->nouni, &n->nobcast };
    if (command >= ARRAY_SIZE(modes) || size < 1) {
        return false;
    }
    *modes[command] = data[0];
    return true;
}

/* One table: a count and as many addresses. What does not fit ours is remembered as an overflow. */
static bool take_table(VirtioNet *n, const uint8_t **data, size_t *size, bool *overflow)
{
    if (*size < 4) {
        return false;
    }
    uint64_t count = load_le32(*data);
    if (count * 6 > *size - 4) {
        return false;
    }
    *overflow = count > MAC_TABLE_SIZE - n->nr_macs;
    if (!*overflow) {
        memcpy(n->macs[n->nr_macs], *data + 4, count * 6);
        n->nr_macs += count;
    }
    *data += 4 + count * 6;
    *size -= 4 + count * 6;
    return true;
}

static bool set_mac(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size)
{
    if (command == MAC_ADDR_SET) {
        if (size != 6) {
            return false;
        }
        memcpy(n->mac, data, 6);
        net_nic_set_mac(n->queues[0].nc, n->mac);
        return true;
    }
    if (command != MAC_TABLE_SET) {
        return false;
    }
    n->nr_macs = n->first_multi = 0;
    if (!take_table(n, &data, &size, &n->uni_overflow)) {
        return false;
    }
    n->first_multi = n->nr_macs;
    return take_table(n, &data, &size, &n->multi_overflow) && size == 0;
}

static bool set_vlan(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size)
{
    uint16_t id = size >= 2 ? load_le16(data) : 4096;
    if (id >= 4096 || (command != VLAN_ADD && command != VLAN_DEL)) {
        return false;
    }
    if (command == VLAN_ADD) {
        n->vlans[id >> 5] |= 1u << (id & 31);
    } else {
        n->vlans[id >> 5] &= ~(1u << (id & 31));
    }
    return true;
}

static bool acknowledge_announce(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size)
{
    if (command != ANNOUNCE_ACK || !(n->status & NET_S_ANNOUNCE)) {
        return false;
    }
    n->status &= ~NET_S_ANNOUNCE;
    return true;
}

static bool set_pairs(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size)
{
    uint16_t pairs = size == 2 ? load_le16(data) : 0;
    if (command != MQ_PAIRS_SET || pairs < 1 || pairs > n->pairs || !virtio_has_feature(&n->parent, NET_F_MQ)) {
        return false;
    }
    virtio_net_set_pairs(n, pairs);
    return true;
}

static bool set_offloads(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size)
{
    uint64_t offloads = size == 8 ? load_le64(data) : 0;
    if (command != GUEST_OFFLOADS_SET || size != 8 || !virtio_has_feature(&n->parent, NET_F_CTRL_GUEST_OFFLOADS) ||
        (offloads & ~virtio_net_offloads_of_features(n->parent.guest_features))) {
        return false;
    }
    n->guest_offloads = offloads;
    virtio_net_apply_offloads(n);
    return true;
}

typedef bool Command(VirtioNet *n, uint8_t command, const uint8_t *data, size_t size);
static Command *const commands[] = {
    [CLASS_RX] = set_rx_mode, [CLASS_MAC] = set_mac, [CLASS_VLAN] = set_vlan, [CLASS_ANNOUNCE] = acknowledge_announce, [CLASS_MQ] = set_pairs,
    [CLASS_GUEST_OFFLOADS] = set_offloads,
};

void virtio_net_handle_control(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioNet *n = (VirtioNet *)vdev;
    VirtqElement *e;
    while ((e = virtqueue_pop(vq, sizeof(*e)))) {
        if (e->in_size < 1 || e->out_size < HEADER_SIZE || e->out_size > MAX_COMMAND) {
            virtio_error(vdev, "virtio-net ctrl missing headers");
            virtqueue_detach(vq, e);
            g_free(e);
            return;
        }
        g_autofree uint8_t *data = g_malloc(e->out_size);
        iov_to_buffer(e->out, e->nr_out, 0, data, e->out_size);
        bool good = data[0] < ARRAY_SIZE(commands) && commands[data[0]](n, data[1], data + HEADER_SIZE, e->out_size - HEADER_SIZE);
        uint8_t status = good ? STATUS_OK : STATUS_ERROR;
        iov_from_buffer(e->in, e->nr_in, 0, &status, 1);
        virtqueue_push(vq, e, 1);
        virtqueue_notify(vq);
        g_free(e);
    }
}
