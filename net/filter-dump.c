/*
 * filter-dump: writes the packets that pass a back end to a file that tcpdump and Wireshark read (libpcap's classic format, draft-ietf-opsawg-pcap).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "qom/object.h"
#include "util/bits.h"
#include "util/error.h"
#include "util/timer.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define PCAP_MAGIC 0xa1b2c3d4u
enum { PCAP_VERSION_MAJOR = 2, PCAP_VERSION_MINOR = 4, LINKTYPE_ETHERNET = 1 };
typedef struct PcapHeader { uint32_t magic; uint16_t major, minor; int32_t zone; uint32_t accuracy, max_length, link_type; } PcapHeader;
typedef struct PcapRecord { uint32_t seconds, microseconds, captured, length; } PcapRecord;

enum { QUEUE_ALL, QUEUE_RX, QUEUE_TX };
static const EnumNames queue_names = { .name = "NetFilterDirection", .names = (const char *const[]){ "all", "rx", "tx", NULL } };

typedef struct FilterDump {
    Object parent;
    NetFilter filter;
    char *netdev, *file, *position, *insert, *status;
    int queue;
    uint32_t max_length;
    NetClient *client;
    int fd;
} FilterDump;

static void dump_packet(NetFilter *f, bool from_client, const struct iovec *iov, int count, size_t size)
{
    FilterDump *d = container_of(f, FilterDump, filter);
    /* What the back end sends, it transmits: "tx" of the back end. */
    if (d->fd < 0 || (d->queue == QUEUE_TX && !from_client) || (d->queue == QUEUE_RX && from_client) || !strcmp(d->status, "off")) {
        return;
    }
    size_t skip = MIN(d->client->vnet_header, size), captured = MIN(size - skip, d->max_length);
    int64_t now_us = g_get_real_time();
    g_autofree uint8_t *record = g_malloc(sizeof(PcapRecord) + captured);
    PcapRecord header = { now_us / 1000000, now_us % 1000000, captured, size - skip };
    memcpy(record, &header, sizeof(header));
    iov_to_buffer(iov, count, skip, record + sizeof(header), captured);
    if (write(d->fd, record, sizeof(header) + captured) != (ssize_t)(sizeof(header) + captured)) {
        warn_report("network dump write error - stopping dump");
        close(d->fd);
        d->fd = -1;
    }
}

static char *dump_describe(NetFilter *f)
{
    FilterDump *d = container_of(f, FilterDump, filter);
    return g_strdup_printf("%s: type=filter-dump,file=%s,maxlen=%u,position=%s,status=%s,insert=%s,netdev=%s,queue=%s", d->parent.name, d->file, d->max_length,
                           d->position, d->status, d->insert, d->netdev, queue_names.names[d->queue]);
}

static bool dump_complete(Object *object, GError **err)
{
    FilterDump *d = (FilterDump *)object;
    if (!d->netdev) {
        return error_set(err, "Parameter 'netdev' is missing");
    }
    NetClient *nc = net_client_find(d->netdev);
    if (!nc || net_client_is_nic(nc)) {
        return error_set(err, "Parameter 'netdev' expects a network backend id");
    }
    if (!d->file) {
        return error_set(err, "dump filter needs 'file' property set!");
    }
    d->fd = open(d->file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    if (d->fd < 0) {
        return error_set_errno(err, errno, "net dump: can't open %s", d->file);
    }
    PcapHeader header = { PCAP_MAGIC, PCAP_VERSION_MAJOR, PCAP_VERSION_MINOR, 0, 0, d->max_length, LINKTYPE_ETHERNET };
    if (write(d->fd, &header, sizeof(header)) != sizeof(header)) {
        return error_set_errno(err, errno, "net dump write error");
    }
    d->client = nc;
    d->filter = (NetFilter){ dump_packet, dump_describe };
    net_client_add_filter(nc, &d->filter);
    return true;
}

static void dump_init(Object *object) { ((FilterDump *)object)->fd = -1; }

static void client_gone_or_not(NetClient *nc, void *opaque)
{
    FilterDump *d = opaque;
    if (nc == d->client) {
        net_client_remove_filter(nc, &d->filter);
    }
}

static void dump_finalize(Object *object)
{
    FilterDump *d = (FilterDump *)object;
    if (d->client) {
        net_client_foreach(client_gone_or_not, d);
    }
    if (d->fd >= 0) {
        close(d->fd);
    }
}

static const Property dump_properties[] = {
    PROP_STRING("netdev", FilterDump, netdev, NULL, .description = "the back end to watch"),
    PROP_ENUM("queue", FilterDump, queue, queue_names, QUEUE_ALL, .description = "all, rx (to the back end) or tx (from it)"),
    PROP_STRING("status", FilterDump, status, "on", .flags = PROP_ANY_TIME),
    PROP_STRING("position", FilterDump, position, "tail"),
    PROP_STRING("insert", FilterDump, insert, "behind"),
    PROP_STRING("file", FilterDump, file, NULL, .description = "where packets are written"),
    PROP_UINT32("maxlen", FilterDump, max_length, 65536, .minimum = 1, .maximum = UINT32_MAX, .description = "bytes kept of a packet"),
};
static const ObjectType netfilter = { .name = "netfilter", .parent = "object", .size = sizeof(Object), .abstract = true };
REGISTER_TYPE(netfilter)
static const ObjectType filter_dump = {
    .name = "filter-dump", .parent = "netfilter", .size = sizeof(FilterDump), .user_creatable_object = true, .summary = "writes packets to a pcap file",
    .properties = PROPERTIES(dump_properties), .init = dump_init, .complete = dump_complete, .finalize = dump_finalize,
};
REGISTER_TYPE(filter_dump)
