/*
 * virtio-net: a network device (VIRTIO 1.2, 5.1). This file: queues, features, the device; virtio-net-ctrl.c has the control queue and the filters.
 *
 * Offloads are offered as far as the back end passes virtio-net headers on.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "virtio-net.h"
#include "hw/nvram/fw_cfg.h"
#include "hw/virtio/virtio-pci.h"
#include "util/error.h"
#include "util/log.h"

#include <string.h>

enum { CTRL_QUEUE_SIZE = 64, QUEUE_SIZE_MIN = 256, QUEUE_SIZE_MAX = 1024, CONFIG_BASE = 8, CONFIG_MQ = 10, CONFIG_MTU = 12, CONFIG_SPEED = 17 };

static void flush_tx(VirtioNetQueue *q);

/* ---- receive ---- */

static bool queue_in_use(const VirtioNetQueue *q) { return q->nc->queue_index < q->n->current_pairs; }

static bool nic_can_receive(NetClient *nc)
{
    VirtioNet *n = nc->opaque;
    VirtioNetQueue *q = &n->queues[nc->queue_index];
    return queue_in_use(q) && virtio_is_running(&n->parent) && virtqueue_is_ready(q->rx);
}

/* Room for a packet? If not, the guest is asked to ring. */
static bool has_buffers(VirtioNetQueue *q, size_t size)
{
    bool mergeable = virtio_has_feature(&q->n->parent, NET_F_MRG_RXBUF);
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!virtqueue_is_empty(q->rx) && (!mergeable || virtqueue_has_bytes(q->rx, size, 0))) {
            virtqueue_set_notification(q->rx, false);
            return true;
        }
        if (attempt == 0 && !virtqueue_set_notification(q->rx, true)) {
            return false;
        }
    }
    return false;
}

typedef struct RxPacket { const struct iovec *iov; int count; size_t size, skip; /* header of the back end */ } RxPacket;

/* The header that the guest sees; num_buffers comes later. */
static void make_header(const VirtioNet *n, const RxPacket *p, uint8_t header[HEADER_MERGEABLE])
{
    memset(header, 0, HEADER_MERGEABLE);
    if (p->skip) {
        iov_to_buffer(p->iov, p->count, 0, header, MIN(p->skip, HEADER_OLD));
    }
}

/* Gives back what was taken, the last first. */
static void put_back(Virtqueue *vq, VirtqElement **elements, unsigned count)
{
    while (count--) {
        virtqueue_unpop(vq, elements[count]);
        g_free(elements[count]);
    }
}

/* Copies size bytes of the packet from done on to place at of the element. */
static size_t copy_payload(const RxPacket *p, size_t done, VirtqElement *e, size_t at, size_t size)
{
    uint8_t chunk[2048];
    size_t copied = 0;
    if (p->count == 1) {
        return iov_from_buffer(e->in, e->nr_in, at, (const uint8_t *)p->iov->iov_base + p->skip + done, size);
    }
    while (copied < size) {
        size_t part = iov_to_buffer(p->iov, p->count, p->skip + done + copied, chunk, MIN(size - copied, sizeof(chunk)));
        copied += iov_from_buffer(e->in, e->nr_in, at + copied, chunk, part);
    }
    return copied;
}

/* Copies the packet into elements; returns how many it took, 0 when it did not fit. */
static unsigned fill_elements(VirtioNetQueue *q, const RxPacket *p, VirtqElement **elements, size_t *lengths, unsigned max)
{
    VirtioNet *n = q->n;
    uint8_t header[HEADER_MERGEABLE];
    size_t done = 0, payload = p->size - p->skip;
    unsigned used = 0;
    make_header(n, p, header);
    while (used == 0 || done < payload) {
        VirtqElement *e = used < max ? virtqueue_pop(q->rx, sizeof(*e)) : NULL;
        if (!e) {
            put_back(q->rx, elements, used);
            return 0;
        }
        elements[used] = e;
        size_t at = 0;
        if (used == 0) {
            if (e->in_size < n->guest_header) {
                virtio_error(&n->parent, "virtio-net receive buffer has no room for the header");
                put_back(q->rx, elements, 1);
                return 0;
            }
            at = iov_from_buffer(e->in, e->nr_in, 0, header, n->guest_header);
        }
        size_t part = copy_payload(p, done, e, at, MIN(e->in_size - at, payload - done));
        at += part;
        done += part;
        lengths[used++] = at;
        if (!virtio_has_feature(&n->parent, NET_F_MRG_RXBUF) && done < payload) {
            put_back(q->rx, elements, used);
            return 0;
        }
    }
    return used;
}

static ssize_t nic_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    VirtioNet *n = nc->opaque;
    VirtioNetQueue *q = &n->queues[nc->queue_index];
    RxPacket p = { iov, count, size, n->peer_has_header ? n->guest_header : 0 };
    VirtqElement *elements[128];
    size_t lengths[128];
    uint8_t start[18];
    if (!nic_can_receive(nc) || size <= p.skip) {
        return size;
    }
    size_t seen = iov_to_buffer(iov, count, p.skip, start, sizeof(start));
    if (!virtio_net_filter_passes(n, start, seen)) {
        return size;
    }
    if (!has_buffers(q, size - p.skip + n->guest_header)) {
        return n->parent.broken ? (ssize_t)size : 0;
    }
    unsigned used = fill_elements(q, &p, elements, lengths, ARRAY_SIZE(elements));
    if (!used) {
        return size;                /* too long for the guest's buffers: dropped */
    }
    if (n->guest_header >= HEADER_MERGEABLE) {
        uint8_t number[2];
        store_le16(number, used);
        iov_from_buffer(elements[0]->in, elements[0]->nr_in, NUM_BUFFERS_OFFSET, number, 2);
    }
    for (unsigned i = 0; i < used; i++) {
        virtqueue_fill(q->rx, elements[i], lengths[i], i);
        g_free(elements[i]);
    }
    virtqueue_flush(q->rx, used);
    virtqueue_notify(q->rx);
    return size;
}

static void handle_rx(VirtioNetQueue *q) { net_flush_queue(q->nc); }

/* ---- transmit ---- */

static void finish_tx(VirtioNetQueue *q, VirtqElement *e)
{
    virtqueue_push(q->tx, e, 0);
    virtqueue_notify(q->tx);
    g_free(e);
}

/* The peer has taken the packet that waited. */
static void tx_sent(NetClient *nc)
{
    VirtioNet *n = nc->opaque;
    VirtioNetQueue *q = &n->queues[nc->queue_index];
    if (q->tx_element) {
        finish_tx(q, g_steal_pointer(&q->tx_element));
        q->tx_waiting = true;
        bottom_half_schedule(q->tx_bh);
    }
}

/* Sends one element; false when the peer is full: the element waits in tx_element. */
static bool send_element(VirtioNetQueue *q, VirtqElement *e)
{
    VirtioNet *n = q->n;
    size_t skip = n->peer_has_header ? 0 : n->guest_header, size = e->out_size - skip;
    g_autofree uint8_t *copy = NULL;
    struct iovec iov[NET_MAX_IOV];
    int count = 0;
    if (e->nr_out > NET_MAX_IOV) {
        copy = g_malloc(MIN(size, NET_MAX_PACKET));
        iov[count++] = (struct iovec){ copy, iov_to_buffer(e->out, e->nr_out, skip, copy, MIN(size, NET_MAX_PACKET)) };
    }
    for (unsigned i = 0; !copy && i < e->nr_out; i++) {
        size_t here = MIN(skip, e->out[i].iov_len);
        skip -= here;
        if (here < e->out[i].iov_len) {
            iov[count++] = (struct iovec){ (uint8_t *)e->out[i].iov_base + here, e->out[i].iov_len - here };
        }
    }
    if (count && net_send_iov(q->nc, iov, count, tx_sent) == 0) {
        q->tx_element = e;
        return false;
    }
    finish_tx(q, e);
    return true;
}

static void flush_tx(VirtioNetQueue *q)
{
    VirtioNet *n = q->n;
    VirtqElement *e;
    int32_t burst = 0;
    if (!virtio_is_running(&n->parent) || q->tx_element || !queue_in_use(q)) {
        return;
    }
    while (burst++ < n->tx_burst && (e = virtqueue_pop(q->tx, sizeof(*e)))) {
        if (e->out_size < n->guest_header) {
            virtio_error(&n->parent, "virtio-net header incorrect");
            virtqueue_detach(q->tx, e);
            g_free(e);
            return;
        }
        if (!send_element(q, e)) {
            virtqueue_set_notification(q->tx, false);
            return;
        }
    }
    if (burst > n->tx_burst || virtqueue_set_notification(q->tx, true)) {
        /* There is more: after the others had their turn. */
        virtqueue_set_notification(q->tx, false);
        q->tx_waiting = true;
        bottom_half_schedule(q->tx_bh);
    }
}

static void tx_later(void *opaque)
{
    VirtioNetQueue *q = opaque;
    q->tx_waiting = false;
    flush_tx(q);
}

static void handle_tx(VirtioNetQueue *q)
{
    if (q->tx_waiting || q->tx_element) {
        return;
    }
    q->tx_waiting = true;
    virtqueue_set_notification(q->tx, false);
    if (!g_strcmp0(q->n->tx_kind, "timer")) {
        timer_set_ns(&q->tx_timer, clock_get_ns(CLOCK_TYPE_VIRTUAL) + q->n->tx_timeout_ns);
    } else {
        bottom_half_schedule(q->tx_bh);
    }
}

/* ---- which queue is what: pairs, then the control queue; that one is number 2 for a driver without multi-queue ---- */

static void handle_queue(VirtioDevice *vdev, Virtqueue *vq)
{
    VirtioNet *n = (VirtioNet *)vdev;
    unsigned control = virtio_has_feature(vdev, NET_F_MQ) ? 2 * n->pairs : 2;
    if (vq->index == control) {
        virtio_net_handle_control(vdev, vq);
    } else if (vq->index < 2 * n->pairs) {
        (vq->index & 1 ? handle_tx : handle_rx)(&n->queues[vq->index / 2]);
    }
}

/* ---- features ---- */

#define GUEST_OFFLOAD_BITS (BIT(NET_F_GUEST_CSUM) | BIT(NET_F_GUEST_TSO4) | BIT(NET_F_GUEST_TSO6) | BIT(NET_F_GUEST_ECN) | BIT(NET_F_GUEST_UFO) | \
                            BIT(NET_F_GUEST_USO4) | BIT(NET_F_GUEST_USO6))
#define HOST_OFFLOAD_BITS (BIT(NET_F_CSUM) | BIT(NET_F_HOST_TSO4) | BIT(NET_F_HOST_TSO6) | BIT(NET_F_HOST_ECN) | BIT(NET_F_HOST_UFO) | BIT(NET_F_HOST_USO) | \
                           BIT(NET_F_GSO))

static const struct { uint8_t feature; unsigned offload; } offload_map[] = {
    { NET_F_GUEST_CSUM, NET_OFFLOAD_CSUM }, { NET_F_GUEST_TSO4, NET_OFFLOAD_TSO4 }, { NET_F_GUEST_TSO6, NET_OFFLOAD_TSO6 }, { NET_F_GUEST_ECN, NET_OFFLOAD_ECN },
    { NET_F_GUEST_UFO, NET_OFFLOAD_UFO }, { NET_F_GUEST_USO4, NET_OFFLOAD_USO4 }, { NET_F_GUEST_USO6, NET_OFFLOAD_USO6 },
};

uint64_t virtio_net_offloads_of_features(uint64_t features) { return features & GUEST_OFFLOAD_BITS; }

void virtio_net_apply_offloads(VirtioNet *n)
{
    unsigned offloads = 0;
    for (size_t i = 0; i < ARRAY_SIZE(offload_map); i++) {
        offloads |= n->guest_offloads >> offload_map[i].feature & 1 ? offload_map[i].offload : 0;
    }
    for (unsigned i = 0; i < n->pairs; i++) {
        NetClient *peer = n->queues[i].nc->peer;
        if (n->peer_has_header && peer && peer->type->set_offloads) {
            peer->type->set_offloads(peer, offloads);
        }
    }
}

static uint64_t get_features(VirtioDevice *vdev, uint64_t offered)
{
    VirtioNet *n = (VirtioNet *)vdev;
    NetClient *peer = n->queues[0].nc->peer;
    bool header = peer && peer->type->can_vnet_header && peer->type->can_vnet_header(peer);
    unsigned can = header && peer->type->offloads ? peer->type->offloads(peer) : 0;
    offered |= BIT(NET_F_MAC);
    if (!header) {
        offered &= ~(GUEST_OFFLOAD_BITS | HOST_OFFLOAD_BITS);
    }
    if (!(can & NET_OFFLOAD_UFO)) {
        offered &= ~(BIT(NET_F_GUEST_UFO) | BIT(NET_F_HOST_UFO));
    }
    if (!(can & NET_OFFLOAD_USO4)) {
        offered &= ~(BIT(NET_F_GUEST_USO4) | BIT(NET_F_GUEST_USO6) | BIT(NET_F_HOST_USO));
    }
    if (n->pairs == 1) {
        offered &= ~BIT(NET_F_MQ);
    }
    if (!n->host_mtu) {
        offered &= ~BIT(NET_F_MTU);
    }
    if (!(offered & BIT(NET_F_CTRL_VQ))) {
        offered &= ~(BIT(NET_F_CTRL_RX) | BIT(NET_F_CTRL_RX_EXTRA) | BIT(NET_F_CTRL_VLAN) | BIT(NET_F_CTRL_MAC_ADDR) | BIT(NET_F_GUEST_ANNOUNCE) | BIT(NET_F_MQ) |
                     BIT(NET_F_CTRL_GUEST_OFFLOADS));
    }
    return offered;
}

static void set_features(VirtioDevice *vdev)
{
    VirtioNet *n = (VirtioNet *)vdev;
    bool wide = virtio_has_feature(vdev, NET_F_MRG_RXBUF) || virtio_has_feature(vdev, VIRTIO_F_VERSION_1);
    n->guest_header = wide ? HEADER_MERGEABLE : HEADER_OLD;
    n->peer_has_header = false;
    for (unsigned i = 0; i < n->pairs; i++) {
        NetClient *peer = n->queues[i].nc->peer;
        if (peer && peer->type->can_vnet_header && peer->type->can_vnet_header(peer)) {
            peer->type->set_vnet_header(peer, n->guest_header);
            n->queues[i].nc->vnet_header = n->guest_header;
            n->peer_has_header = peer->vnet_header == n->guest_header;
        }
    }
    n->guest_offloads = virtio_net_offloads_of_features(vdev->guest_features);
    virtio_net_apply_offloads(n);
    memset(n->vlans, virtio_has_feature(vdev, NET_F_CTRL_VLAN) ? 0 : 0xff, sizeof(n->vlans));
}

void virtio_net_set_pairs(VirtioNet *n, unsigned pairs)
{
    n->current_pairs = pairs;
    for (unsigned i = 0; i < n->pairs; i++) {
        net_flush_queue(n->queues[i].nc);
    }
}

/* ---- configuration, status, reset ---- */

static void get_config(VirtioDevice *vdev, uint8_t *config)
{
    VirtioNet *n = (VirtioNet *)vdev;
    uint8_t all[CONFIG_SPEED + 7] = { 0 };
    memcpy(all, n->mac, 6);
    store_le16(all + 6, n->status);
    store_le16(all + 8, n->pairs);
    store_le16(all + 10, n->host_mtu);
    store_le32(all + 12, n->speed);
    all[16] = !g_strcmp0(n->duplex, "full") ? 1 : !g_strcmp0(n->duplex, "half") ? 0 : 0xff;
    memcpy(config, all, vdev->config_size);
}

/* The legacy way to set the address. */
static void set_config(VirtioDevice *vdev, const uint8_t *config)
{
    VirtioNet *n = (VirtioNet *)vdev;
    if (!virtio_has_feature(vdev, NET_F_CTRL_MAC_ADDR) && !virtio_has_feature(vdev, VIRTIO_F_VERSION_1) && memcmp(config, n->mac, 6)) {
        memcpy(n->mac, config, 6);
        net_nic_set_mac(n->queues[0].nc, n->mac);
    }
}

static void drop_tx(VirtioNetQueue *q)
{
    bottom_half_cancel(q->tx_bh);
    timer_cancel(&q->tx_timer);
    q->tx_waiting = false;
    if (q->tx_element) {
        VirtqElement *e = g_steal_pointer(&q->tx_element);
        if (q->nc->peer) {
            net_purge_queue(q->nc->peer, q->nc);
        }
        virtqueue_detach(q->tx, e);
        g_free(e);
    }
}

static void net_reset(VirtioDevice *vdev)
{
    VirtioNet *n = (VirtioNet *)vdev;
    for (unsigned i = 0; i < n->pairs; i++) {
        drop_tx(&n->queues[i]);
        net_purge_queue(n->queues[i].nc, NULL);
    }
    virtio_net_filter_reset(n);
    n->current_pairs = 1;
    n->guest_offloads = 0;
    n->status &= ~NET_S_ANNOUNCE;
    memcpy(n->mac, n->conf.mac, 6);
    net_nic_set_mac(n->queues[0].nc, n->mac);
    set_features(vdev);
}

static void net_queue_reset(VirtioDevice *vdev, unsigned queue)
{
    VirtioNet *n = (VirtioNet *)vdev;
    if (queue < 2 * n->pairs && (queue & 1)) {
        drop_tx(&n->queues[queue / 2]);
    }
}

static void net_set_status(VirtioDevice *vdev, uint8_t status)
{
    VirtioNet *n = (VirtioNet *)vdev;
    uint8_t old = vdev->status;
    if ((status & VIRTIO_S_DRIVER_OK) && !(old & VIRTIO_S_DRIVER_OK)) {
        vdev->status = status;
        virtio_net_set_pairs(n, n->current_pairs);
        vdev->status = old;
    }
}

static void nic_link_changed(NetClient *nc)
{
    VirtioNet *n = nc->opaque;
    uint16_t old = n->status;
    n->status = nc->link_down ? n->status & ~NET_S_LINK_UP : n->status | NET_S_LINK_UP;
    if (n->status != old && virtio_has_feature(&n->parent, NET_F_STATUS)) {
        virtio_notify_config(&n->parent);
    }
}

static const NetClientType nic_type = { .name = "nic", .can_receive = nic_can_receive, .receive = nic_receive, .link_changed = nic_link_changed };

/* ---- device ---- */

static bool check_queue_size(const char *name, uint16_t size, unsigned max, GError **err)
{
    if (size < QUEUE_SIZE_MIN || size > max || !IS_POWER_OF_2(size)) {
        return error_set(err, "Invalid %s (= %u), must be a power of 2 between %d and %u.", name, size, QUEUE_SIZE_MIN, max);
    }
    return true;
}

static bool check_properties(VirtioNet *n, GError **err)
{
    if (n->failover) {
        return error_set(err, "failover=on of virtio-net is not implemented");
    }
    if (n->parent.host_features & (BIT(NET_F_RSS) | BIT(NET_F_HASH_REPORT) | BIT(NET_F_RSC_EXT))) {
        return error_set(err, "rss=on, hash=on and guest_rsc_ext=on of virtio-net are not implemented");
    }
    if (n->tx_kind && strcmp(n->tx_kind, "timer") && strcmp(n->tx_kind, "bh")) {
        warn_report("virtio-net: Unknown option tx=%s, valid options: \"timer\" \"bh\"", n->tx_kind);
        info_report("Defaulting to \"bh\"");
    }
    if (n->duplex && strcmp(n->duplex, "half") && strcmp(n->duplex, "full")) {
        return error_set(err, "'duplex' must be 'half' or 'full'");
    }
    if (n->speed < -1) {
        return error_set(err, "'speed' must be between 0 and INT_MAX");
    }
    return check_queue_size("rx_queue_size", n->rx_queue_size, QUEUE_SIZE_MAX, err) && check_queue_size("tx_queue_size", n->tx_queue_size, QUEUE_SIZE_MIN, err);
}

static size_t choose_config(VirtioNet *n)
{
    uint64_t *features = &n->parent.host_features;
    if (n->speed >= 0 || n->duplex) {
        *features |= BIT(NET_F_SPEED_DUPLEX);
        return CONFIG_SPEED;
    }
    if (n->host_mtu) {
        *features |= BIT(NET_F_MTU);
        return CONFIG_MTU;
    }
    return *features & BIT(NET_F_MQ) ? CONFIG_MQ : CONFIG_BASE;
}

static bool virtio_net_realize(Device *dev, GError **err)
{
    VirtioNet *n = (VirtioNet *)dev;
    VirtioDevice *vdev = &n->parent;
    Device *user = virtio_user_device(vdev);
    NetClient *clients[NET_MAX_QUEUES];
    if (!check_properties(n, err) || !boot_order_add(user, n->conf.bootindex, "/ethernet-phy@0", err)) {
        return false;
    }
    n->pairs = vdev->host_features & BIT(NET_F_MQ) ? CLAMP(n->conf.peers.count, 1, NET_MAX_QUEUES) : 1;
    n->current_pairs = 1;
    n->status = NET_S_LINK_UP;
    virtio_init(vdev, choose_config(n));
    for (unsigned i = 0; i < n->pairs; i++) {
        VirtioNetQueue *q = &n->queues[i];
        q->n = n;
        q->rx = virtio_add_queue(vdev, n->rx_queue_size, handle_queue);
        q->tx = virtio_add_queue(vdev, n->tx_queue_size, handle_queue);
        q->tx_bh = bottom_half_new(tx_later, q);
        timer_init(&q->tx_timer, CLOCK_TYPE_VIRTUAL, tx_later, q);
    }
    virtio_add_queue(vdev, CTRL_QUEUE_SIZE, handle_queue);
    net_nic_new_queues(&nic_type, &n->conf, user->parent.type->name, user->id, n, n->pairs, clients);
    for (unsigned i = 0; i < n->pairs; i++) {
        n->queues[i].nc = clients[i];
    }
    memcpy(n->mac, n->conf.mac, 6);
    n->guest_header = HEADER_OLD;
    virtio_net_filter_reset(n);
    return true;
}

static void virtio_net_unrealize(Device *dev)
{
    VirtioNet *n = (VirtioNet *)dev;
    boot_order_remove(virtio_user_device(&n->parent));
    for (unsigned i = 0; i < n->pairs; i++) {
        VirtioNetQueue *q = &n->queues[i];
        drop_tx(q);
        NetClient *peer = q->nc->peer;
        if (peer && n->peer_has_header) {
            peer->type->set_vnet_header(peer, 0);
        }
        g_clear_pointer(&q->nc, net_client_free);
        g_clear_pointer(&q->tx_bh, bottom_half_free);
    }
}

#define FEATURE(n, bit, d) PROP_BIT64(n, VirtioDevice, host_features, bit, d, .description = "on/off")
#define HASH(n, i) PROP_ON_OFF_AUTO(n, VirtioNet, hash_types[i], ON_OFF_AUTO_AUTO)
static const Property virtio_net_properties[] = {
    FEATURE("csum", NET_F_CSUM, true), FEATURE("guest_csum", NET_F_GUEST_CSUM, true), FEATURE("gso", NET_F_GSO, true), FEATURE("guest_tso4", NET_F_GUEST_TSO4, true),
    FEATURE("guest_tso6", NET_F_GUEST_TSO6, true), FEATURE("guest_ecn", NET_F_GUEST_ECN, true), FEATURE("guest_ufo", NET_F_GUEST_UFO, true),
    FEATURE("guest_announce", NET_F_GUEST_ANNOUNCE, true), FEATURE("host_tso4", NET_F_HOST_TSO4, true), FEATURE("host_tso6", NET_F_HOST_TSO6, true),
    FEATURE("host_ecn", NET_F_HOST_ECN, true), FEATURE("host_ufo", NET_F_HOST_UFO, true), FEATURE("mrg_rxbuf", NET_F_MRG_RXBUF, true),
    FEATURE("status", NET_F_STATUS, true), FEATURE("ctrl_vq", NET_F_CTRL_VQ, true), FEATURE("ctrl_rx", NET_F_CTRL_RX, true),
    FEATURE("ctrl_vlan", NET_F_CTRL_VLAN, true), FEATURE("ctrl_rx_extra", NET_F_CTRL_RX_EXTRA, true), FEATURE("ctrl_mac_addr", NET_F_CTRL_MAC_ADDR, true),
    FEATURE("ctrl_guest_offloads", NET_F_CTRL_GUEST_OFFLOADS, true), FEATURE("mq", NET_F_MQ, false), FEATURE("rss", NET_F_RSS, false),
    FEATURE("hash", NET_F_HASH_REPORT, false), FEATURE("guest_rsc_ext", NET_F_RSC_EXT, false), FEATURE("guest_uso4", NET_F_GUEST_USO4, true),
    FEATURE("guest_uso6", NET_F_GUEST_USO6, true), FEATURE("host_uso", NET_F_HOST_USO, true),
    HASH("hash-ipv4", 0), HASH("hash-tcp4", 1), HASH("hash-udp4", 2), HASH("hash-ipv6", 3), HASH("hash-tcp6", 4), HASH("hash-udp6", 5), HASH("hash-ipv6ex", 6),
    HASH("hash-tcp6ex", 7), HASH("hash-udp6ex", 8),
    NIC_PROPERTIES(VirtioNet, conf),
    PROP_BOOL("host_tunnel", VirtioNet, tunnels[0], true, .description = "on/off"), PROP_BOOL("host_tunnel_csum", VirtioNet, tunnels[1], true, .description = "on/off"),
    PROP_BOOL("guest_tunnel", VirtioNet, tunnels[2], true, .description = "on/off"), PROP_BOOL("guest_tunnel_csum", VirtioNet, tunnels[3], true, .description = "on/off"),
    PROP_STRING_LIST("ebpf-rss-fds", VirtioNet, ebpf_fds),
    PROP_UINT32("rsc_interval", VirtioNet, rsc_interval, 300000),
    PROP_UINT32("x-txtimer", VirtioNet, tx_timeout_ns, 150000), PROP_INT32("x-txburst", VirtioNet, tx_burst, 256), PROP_STRING("tx", VirtioNet, tx_kind, NULL),
    PROP_UINT16("rx_queue_size", VirtioNet, rx_queue_size, 256), PROP_UINT16("tx_queue_size", VirtioNet, tx_queue_size, 256),
    PROP_UINT16("host_mtu", VirtioNet, host_mtu, 0), PROP_BOOL("x-mtu-bypass-backend", VirtioNet, mtu_bypass, true), PROP_INT32("speed", VirtioNet, speed, -1),
    PROP_STRING("duplex", VirtioNet, duplex, NULL), PROP_BOOL("failover", VirtioNet, failover, false),
};
static const StateField virtio_net_state[] = {
    STATE_BUFFER(VirtioNet, mac), STATE_UINT16(VirtioNet, status), STATE_UINT64(VirtioNet, guest_offloads), STATE_BOOL(VirtioNet, promisc),
    STATE_BOOL(VirtioNet, allmulti), STATE_BOOL(VirtioNet, alluni), STATE_BOOL(VirtioNet, nomulti), STATE_BOOL(VirtioNet, nouni), STATE_BOOL(VirtioNet, nobcast),
    STATE_BOOL(VirtioNet, uni_overflow), STATE_BOOL(VirtioNet, multi_overflow), STATE_BUFFER(VirtioNet, macs), STATE_UINT32_ARRAY(VirtioNet, vlans),
};
static const VirtioType virtio_net_type = {
    .id = VIRTIO_ID_NET, .get_features = get_features, .set_features = set_features, .get_config = get_config, .set_config = set_config,
    .set_status = net_set_status, .reset = net_reset, .queue_reset = net_queue_reset,
};
static const DeviceType virtio_net = {
    .name = "virtio-net-device", .parent = "virtio-device", .size = sizeof(VirtioNet), .category = DEVICE_NETWORK, .user_creatable = true, .firmware_name = "ethernet",
    .properties = PROPERTIES(virtio_net_properties), .state = STATE(virtio_net_state, .version = 11), .realize = virtio_net_realize,
    .unrealize = virtio_net_unrealize, .family = &virtio_net_type,
};
REGISTER_DEVICE(virtio_net)

static const VirtioPciInfo virtio_net_pci = {
    .name = "virtio-net-pci", .backend = &virtio_net, .device_id = 0x1000, .class = PCI_CLASS_NETWORK_ETHERNET, .category = DEVICE_NETWORK,
    .romfile = "efi-virtio.rom", .vectors = VIRTIO_PCI_VECTORS_AUTO,
};
REGISTER_VIRTIO_PCI(virtio_net_pci)
