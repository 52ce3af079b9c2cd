/*
 * The network: clients that send packets to their peer. A NIC is a client, and so is each host-side back end (user, tap, socket, stream, dgram, hubport).
 *
 * A packet is a scatter list of bytes that begins with the Ethernet header (behind a virtio-net header where both ends agreed on one). Delivery goes to the
 * peer at once; a peer that cannot take it has it queued, and the sender is told when the queue drains. Everything here: machine lock held.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef NET_NET_H
#define NET_NET_H

#include "qom/property.h"
#include <glib.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

typedef struct NetClient NetClient;
typedef struct NetFilter NetFilter;

enum { NET_MAX_PACKET = 68 * 1024 + 256, NET_MAX_QUEUES = 16, NET_MAX_IOV = 64, ETH_HEADER_SIZE = 14 };

/* What a peer can do with a virtio-net header: asked by virtio-net (NET_OFFLOAD_* bits). */
enum { NET_OFFLOAD_CSUM = 1, NET_OFFLOAD_TSO4 = 2, NET_OFFLOAD_TSO6 = 4, NET_OFFLOAD_ECN = 8, NET_OFFLOAD_UFO = 16, NET_OFFLOAD_USO4 = 32, NET_OFFLOAD_USO6 = 64 };

/* One kind of client: a constant table. Callbacks that may be NULL say so. */
typedef struct NetClientType {
    const char *name;                                   /* "user", "nic", "hubport" ... */
    size_t size;                                        /* of the client's struct, whose first member is NetClient; 0: NetClient */
    bool (*can_receive)(NetClient *nc);                 /* NULL: always */
    /* Takes one packet of size bytes. Returns size (or any positive number) when it was taken or dropped, 0 when it cannot be taken now: it is kept, and
     * net_flush_queue asks again. iov is only valid during the call. */
    ssize_t (*receive)(NetClient *nc, const struct iovec *iov, int count, size_t size);
    void (*link_changed)(NetClient *nc);                /* nc->link_down changed, its own or (for a NIC) its peer's. NULL: nothing to do */
    void (*peer_changed)(NetClient *nc);                /* the peer came or went. May be NULL */
    void (*destroy)(NetClient *nc);                     /* closes what it holds; nc itself is freed by the caller. May be NULL */
    /* virtio-net headers; all NULL: none. */
    bool (*can_vnet_header)(NetClient *nc);
    void (*set_vnet_header)(NetClient *nc, unsigned length);    /* 0, 10 or 12 bytes are put before each packet in both directions */
    unsigned (*offloads)(NetClient *nc);                /* NET_OFFLOAD_* that it can take and give */
    void (*set_offloads)(NetClient *nc, unsigned offloads);     /* what it may give from now on */
} NetClientType;

/* A packet that waits for its receiver. */
typedef struct NetPacket NetPacket;
typedef void NetSent(NetClient *sender);

struct NetClient {
    const NetClientType *type;
    char *model;                    /* of a NIC its device type, else the type's name */
    char *name;                     /* the user's id, or made up */
    char *info;                     /* what info network shows behind the type */
    NetClient *peer;
    void *opaque;                   /* of a NIC: the device */
    bool link_down;
    bool receive_disabled;          /* a delivery returned 0: waits for net_flush_queue */
    bool delivering;                /* receive is on the stack: what arrives meanwhile is queued */
    bool from_net_option;           /* -net: on hub 0, looked up by name only */
    unsigned queue_index;           /* of a multi-queue back end or NIC */
    uint8_t mac[6];                 /* NICs */
    struct NicConf *conf;           /* NICs: loses its peers as they go */
    unsigned vnet_header;           /* bytes of virtio-net header before packets that it takes and gives */
    GQueue incoming;                /* of NetPacket* */
    GPtrArray *filters;             /* of NetFilter*, in order; may be NULL */
};

/* ---- clients ---- */
/* A new client of the list; peer NULL: none yet. name NULL: one is made up. */
NetClient *net_client_new(const NetClientType *type, const char *model, const char *name, NetClient *peer);
/* Ties two clients that have no peer. */
void net_client_connect(NetClient *a, NetClient *b);
void net_client_disconnect(NetClient *nc);
/* Purges its packets at both ends, destroys and frees it. NULL is fine. */
void net_client_free(NetClient *nc);
void net_client_set_info(NetClient *nc, const char *format, ...) G_GNUC_PRINTF(2, 3);
/* The client of that name (queue 0), or NULL. */
NetClient *net_client_find(const char *name);
/* A back end (no NIC, no hub port of -net) of that id: queues go to clients[], at most max; returns how many there are. */
int net_client_find_queues(const char *id, NetClient **clients, int max);
/* Calls fn for every client, in the order in which they were made. fn may free the client. */
void net_client_foreach(void (*fn)(NetClient *nc, void *opaque), void *opaque);

/* ---- packets ---- */
/* Sends to the peer. Returns the size when the packet was delivered or dropped (no peer, link down), 0 when it was queued: with sent, the sender had
 * better wait until sent is called; without, the packet is dropped when the queue is full. */
ssize_t net_send_iov(NetClient *sender, const struct iovec *iov, int count, NetSent *sent);
ssize_t net_send(NetClient *sender, const void *data, size_t size, NetSent *sent);
/* True when the peer would take a packet now. */
bool net_can_send(NetClient *sender);
/* The receiver can take packets again: delivers what waits. A NIC calls it when the guest gives it buffers. */
void net_flush_queue(NetClient *receiver);
/* Forgets packets that wait for receiver and came from sender (NULL: anybody), calling their sent functions. */
void net_purge_queue(NetClient *receiver, NetClient *sender);

size_t iov_size(const struct iovec *iov, int count);
/* Copies from offset of the list; returns how many bytes there were. */
size_t iov_to_buffer(const struct iovec *iov, int count, size_t offset, void *buffer, size_t length);
size_t iov_from_buffer(const struct iovec *iov, int count, size_t offset, const void *buffer, size_t length);

/* ---- NICs ---- */
/* The back end of a NIC: what property "netdev" holds. */
typedef struct NetPeers { NetClient *clients[NET_MAX_QUEUES]; int count; } NetPeers;
/* What all NICs have as properties. */
typedef struct NicConf { uint8_t mac[6]; NetPeers peers; int32_t bootindex; } NicConf;
extern const PropertyKind property_kind_netdev;
#define PROP_NETDEV(n, S, f, ...) PROP_(n, S, f, netdev, ##__VA_ARGS__)
#define NIC_PROPERTIES(S, f) \
    PROP_MACADDR("mac", S, f.mac), PROP_NETDEV("netdev", S, f.peers), PROP_INT32("bootindex", S, f.bootindex, -1, .flags = PROP_NO_DEFAULT)
/* A NIC's client (queue 0), tied to its back end; picks a default MAC address (52:54:00:12:34:56 ...) when conf has none. model: the type's name;
 * id: the device's, or NULL. */
NetClient *net_nic_new(const NetClientType *type, NicConf *conf, const char *model, const char *id, void *opaque);
/* The same with a client for each of nr_queues queues (1 to NET_MAX_QUEUES), into queues[]. */
void net_nic_new_queues(const NetClientType *type, NicConf *conf, const char *model, const char *id, void *opaque, int nr_queues, NetClient **queues);
/* The guest changed the address: for info network and query-rx-filter. */
void net_nic_set_mac(NetClient *nc, const uint8_t mac[6]);
/* "52:54:00:12:34:56" or with '-'; false when it is none. */
bool mac_parse(const char *text, uint8_t mac[6]);
char *mac_to_text(const uint8_t mac[6]);        /* caller frees */
/* CRC-32 of Ethernet (FCS, reflected; initial value all ones, not inverted) for hash filters and frame checks. */
uint32_t net_crc32_le(const uint8_t *data, size_t length);
uint32_t net_crc32_be(const uint8_t *data, size_t length);
/* Internet checksum: sum of big-endian words (not folded), odd: data begins at an odd offset; and the folded complement. */
uint32_t net_checksum_add(const void *data, size_t length, bool odd);
uint16_t net_checksum_finish(uint32_t sum);
/* Puts the TCP, UDP (and IPv4 header) checksums into an Ethernet frame that lies in one piece. */
void net_checksum_frame(uint8_t *frame, size_t length);

/* ---- options (system/ calls these in this order: all -netdev, all -nic, all -net) ---- */
bool netdev_add(const char *options_text, GError **err);
bool nic_option_add(const char *options_text, GError **err);
bool net_option_add(const char *options_text, GError **err);
/* netdev_add of QMP: the command's arguments (a{sv}; nested values are flattened). */
bool netdev_add_from_dict(GVariant *dict, GError **err);
bool netdev_del(const char *id, GError **err);
/* True when any of -net, -nic, -netdev was given: no default NIC then. */
bool net_options_given(void);
/* The default network: a NIC of the board's model on a user back end. */
bool net_add_default(GError **err);
/* The text of "-netdev help", "-nic help". */
char *netdev_help(void);
/* After the machine and all devices are made: warns of NICs and back ends that are not connected. */
void net_check_clients(void);
/* At the process's end: downscripts, sockets. */
void net_cleanup(void);

/* ---- monitor ---- */
char *net_describe(void);                               /* info network; caller frees */
char *net_describe_user(void);                          /* info usernet */
bool net_set_link(const char *name, bool up, GError **err);
/* hostfwd_add [netdev_id] RULE; id NULL: the only or first one. Errors are the text that HMP prints. */
bool net_hostfwd_add(const char *id, const char *rule, GError **err);
/* Sets *text to what HMP prints ("host forwarding rule for ... removed"); false with an error for bad ids and rules. */
bool net_hostfwd_remove(const char *id, const char *rule, char **text, GError **err);
/* QMP events NIC_RX_FILTER_CHANGED, NETDEV_STREAM_CONNECTED ...: system/ installs it. data: a{sv}, floating. */
typedef void NetEventHook(const char *event, GVariant *data);
void net_set_event_hook(NetEventHook *hook);
void net_emit_event(const char *event, GVariant *data);

#endif
