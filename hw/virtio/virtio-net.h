/*
 * State of a virtio network device (VIRTIO 1.2, 5.1), shared by its files.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef HW_VIRTIO_VIRTIO_NET_INTERNAL_H
#define HW_VIRTIO_VIRTIO_NET_INTERNAL_H

#include "hw/virtio/virtio.h"
#include "net/net.h"
#include "util/main-loop.h"
#include "util/timer.h"

enum {
    NET_F_CSUM = 0, NET_F_GUEST_CSUM = 1, NET_F_CTRL_GUEST_OFFLOADS = 2, NET_F_MTU = 3, NET_F_MAC = 5, NET_F_GSO = 6, NET_F_GUEST_TSO4 = 7, NET_F_GUEST_TSO6 = 8,
    NET_F_GUEST_ECN = 9, NET_F_GUEST_UFO = 10, NET_F_HOST_TSO4 = 11, NET_F_HOST_TSO6 = 12, NET_F_HOST_ECN = 13, NET_F_HOST_UFO = 14, NET_F_MRG_RXBUF = 15,
    NET_F_STATUS = 16, NET_F_CTRL_VQ = 17, NET_F_CTRL_RX = 18, NET_F_CTRL_VLAN = 19, NET_F_CTRL_RX_EXTRA = 20, NET_F_GUEST_ANNOUNCE = 21, NET_F_MQ = 22,
    NET_F_CTRL_MAC_ADDR = 23, NET_F_GUEST_USO4 = 54, NET_F_GUEST_USO6 = 55, NET_F_HOST_USO = 56, NET_F_HASH_REPORT = 57, NET_F_RSS = 60, NET_F_RSC_EXT = 61,
    NET_F_STANDBY = 62, NET_F_SPEED_DUPLEX = 63,
};
enum { NET_S_LINK_UP = 1, NET_S_ANNOUNCE = 2, MAC_TABLE_SIZE = 64, VLAN_WORDS = 4096 / 32, HEADER_OLD = 10, HEADER_MERGEABLE = 12, NUM_BUFFERS_OFFSET = 10 };

typedef struct VirtioNet VirtioNet;
typedef struct VirtioNetQueue {
    VirtioNet *n;
    NetClient *nc;
    Virtqueue *rx, *tx;
    BottomHalf *tx_bh;
    Timer tx_timer;
    bool tx_waiting;
    VirtqElement *tx_element;       /* the packet that waits for the peer */
} VirtioNetQueue;

struct VirtioNet {
    VirtioDevice parent;
    NicConf conf;
    VirtioNetQueue queues[NET_MAX_QUEUES];
    unsigned pairs, current_pairs;      /* that there are; that the guest uses */
    unsigned guest_header;              /* bytes before each packet in the guest's buffers */
    bool peer_has_header;               /* the back end passes that header */
    uint8_t mac[6];
    uint16_t status;
    uint64_t guest_offloads;
    bool promisc, allmulti, alluni, nomulti, nouni, nobcast, uni_overflow, multi_overflow;
    unsigned nr_macs, first_multi;      /* of the table: unicast first */
    uint8_t macs[MAC_TABLE_SIZE][6];
    uint32_t vlans[VLAN_WORDS];
    /* properties */
    char *tx_kind, *duplex;
    uint32_t tx_timeout_ns; int32_t tx_burst, speed;
    uint16_t rx_queue_size, tx_queue_size, host_mtu;
    uint32_t rsc_interval;
    bool failover, mtu_bypass;
    int hash_types[9];
    char **ebpf_fds;
    bool tunnels[4];                    /* UDP tunnel offloads: no back end has them */
};

/* virtio-net-ctrl.c */
void virtio_net_handle_control(VirtioDevice *vdev, Virtqueue *vq);
bool virtio_net_filter_passes(const VirtioNet *n, const uint8_t *frame, size_t size);
void virtio_net_filter_reset(VirtioNet *n);
/* Tells the back end what it may leave to the guest. */
void virtio_net_apply_offloads(VirtioNet *n);
uint64_t virtio_net_offloads_of_features(uint64_t features);
void virtio_net_set_pairs(VirtioNet *n, unsigned pairs);

#endif
