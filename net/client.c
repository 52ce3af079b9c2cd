/*
 * Clients, their peers, and the queue before a client that cannot take a packet now.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/internal.h"
#include "util/bits.h"

#include <string.h>

/* What one receiver lets wait. A sender that asks to be told when the queue drains is always queued: it holds one packet at a time. */
enum { QUEUE_MAX_PACKETS = 4096 };
#define QUEUE_MAX_BYTES (32 * MiB)

struct NetPacket {
    NetClient *sender;
    NetSent *sent;
    size_t size;
    uint8_t data[];
};

GPtrArray *net_clients;

/* ---- scatter lists ---- */

size_t iov_size(const struct iovec *iov, int count)
{
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        size += iov[i].iov_len;
    }
    return size;
}

/* Walks the list and copies in one of the two directions. */
static size_t iov_copy(const struct iovec *iov, int count, size_t offset, uint8_t *buffer, size_t length, bool to_buffer)
{
    size_t done = 0;
    for (int i = 0; i < count && done < length; i++) {
        if (offset >= iov[i].iov_len) {
            offset -= iov[i].iov_len;
            continue;
        }
        size_t n = MIN(iov[i].iov_len - offset, length - done);
        uint8_t *there = (uint8_t *)iov[i].iov_base + offset;
        memcpy(to_buffer ? buffer + done : there, to_buffer ? there : buffer + done, n);
        done += n;
        offset = 0;
    }
    return done;
}

size_t iov_to_buffer(const struct iovec *iov, int count, size_t offset, void *buffer, size_t length)
{
    return iov_copy(iov, count, offset, buffer, length, true);
}

size_t iov_from_buffer(const struct iovec *iov, int count, size_t offset, const void *buffer, size_t length)
{
    return iov_copy(iov, count, offset, (uint8_t *)buffer, length, false);
}

/* ---- the list of clients ---- */

char *net_made_up_name(void)
{
    static unsigned next;
    return g_strdup_printf("#net%u%02u", next++, (unsigned)g_random_int_range(0, 100));
}

NetClient *net_client_new(const NetClientType *type, const char *model, const char *name, NetClient *peer)
{
    NetClient *nc = g_malloc0(MAX(type->size, sizeof(NetClient)));
    nc->type = type;
    nc->model = g_strdup(model);
    nc->name = name ? g_strdup(name) : net_made_up_name();
    nc->info = g_strdup("");
    g_queue_init(&nc->incoming);
    if (!net_clients) {
        net_clients = g_ptr_array_new();
    }
    g_ptr_array_add(net_clients, nc);
    if (peer) {
        net_client_connect(nc, peer);
    }
    return nc;
}

static void tell_peer_change(NetClient *nc)
{
    if (nc->type->peer_changed) {
        nc->type->peer_changed(nc);
    }
}

void net_client_connect(NetClient *a, NetClient *b)
{
    g_assert(!a->peer && !b->peer);
    a->peer = b;
    b->peer = a;
    tell_peer_change(a);
    tell_peer_change(b);
}

static void forget_in_conf(NicConf *conf, const NetClient *peer)
{
    for (int i = 0; conf && i < conf->peers.count; i++) {
        if (conf->peers.clients[i] == peer) {
            conf->peers.clients[i] = NULL;
        }
    }
}

void net_client_disconnect(NetClient *nc)
{
    NetClient *peer = nc->peer;
    if (peer) {
        forget_in_conf(nc->conf, peer);
        forget_in_conf(peer->conf, nc);
        /* Apart before the purge: what senders send when they hear of it goes nowhere. */
        nc->peer = peer->peer = NULL;
        net_purge_queue(nc, NULL);
        net_purge_queue(peer, NULL);
        tell_peer_change(nc);
        tell_peer_change(peer);
    }
}

void net_client_free(NetClient *nc)
{
    if (!nc) {
        return;
    }
    net_client_disconnect(nc);
    net_purge_queue(nc, NULL);
    g_ptr_array_remove(net_clients, nc);
    if (net_client_is_nic(nc) && nc->queue_index == 0) {
        mac_release(nc->mac);
    }
    if (nc->type->destroy) {
        nc->type->destroy(nc);
    }
    g_clear_pointer(&nc->filters, g_ptr_array_unref);
    g_free(nc->model);
    g_free(nc->name);
    g_free(nc->info);
    g_free(nc);
}

void net_client_set_info(NetClient *nc, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    g_free(nc->info);
    nc->info = g_strdup_vprintf(format, args);
    va_end(args);
}

NetClient *net_client_find(const char *name)
{
    for (unsigned i = 0; net_clients && i < net_clients->len; i++) {
        NetClient *nc = net_clients->pdata[i];
        if (nc->queue_index == 0 && !strcmp(nc->name, name)) {
            return nc;
        }
    }
    return NULL;
}

int net_client_find_queues(const char *id, NetClient **clients, int max)
{
    int found = 0;
    for (unsigned i = 0; net_clients && i < net_clients->len && found < max; i++) {
        NetClient *nc = net_clients->pdata[i];
        if (!net_client_is_nic(nc) && !strcmp(nc->name, id)) {
            clients[found++] = nc;
        }
    }
    return found;
}

void net_client_foreach(void (*fn)(NetClient *nc, void *opaque), void *opaque)
{
    g_autoptr(GPtrArray) copy = net_clients ? g_ptr_array_copy(net_clients, NULL, NULL) : g_ptr_array_new();
    for (unsigned i = 0; i < copy->len; i++) {
        if (g_ptr_array_find(net_clients, copy->pdata[i], NULL)) {
            fn(copy->pdata[i], opaque);
        }
    }
}

/* ---- filters ---- */

void net_client_add_filter(NetClient *nc, NetFilter *f)
{
    if (!nc->filters) {
        nc->filters = g_ptr_array_new();
    }
    g_ptr_array_add(nc->filters, f);
}

void net_client_remove_filter(NetClient *nc, NetFilter *f)
{
    if (nc->filters) {
        g_ptr_array_remove(nc->filters, f);
    }
}

static void show_filters(NetClient *nc, bool from_client, const struct iovec *iov, int count, size_t size)
{
    for (unsigned i = 0; nc->filters && i < nc->filters->len; i++) {
        NetFilter *f = nc->filters->pdata[i];
        f->see(f, from_client, iov, count, size);
    }
}

/* ---- delivery ---- */

static bool client_can_receive(NetClient *nc)
{
    return !nc->delivering && !nc->receive_disabled && (nc->link_down || !nc->type->can_receive || nc->type->can_receive(nc));
}

bool net_can_send(NetClient *sender)
{
    return !sender->peer || client_can_receive(sender->peer);
}

/* Hands one packet over; 0: not now. */
static ssize_t deliver(NetClient *receiver, const struct iovec *iov, int count, size_t size)
{
    if (receiver->link_down) {
        return size;
    }
    receiver->delivering = true;
    ssize_t result = receiver->type->receive(receiver, iov, count, size);
    receiver->delivering = false;
    if (result == 0) {
        receiver->receive_disabled = true;
    }
    return result;
}

static bool enqueue(NetClient *receiver, NetClient *sender, const struct iovec *iov, int count, size_t size, NetSent *sent)
{
    size_t waiting = 0;
    if (!sent) {
        if (receiver->incoming.length >= QUEUE_MAX_PACKETS) {
            return false;
        }
        for (GList *l = receiver->incoming.length > 512 ? receiver->incoming.head : NULL; l; l = l->next) {
            waiting += ((NetPacket *)l->data)->size;
        }
        if (waiting > QUEUE_MAX_BYTES) {
            return false;
        }
    }
    NetPacket *packet = g_malloc(sizeof(*packet) + size);
    packet->sender = sender;
    packet->sent = sent;
    packet->size = iov_to_buffer(iov, count, 0, packet->data, size);
    g_queue_push_tail(&receiver->incoming, packet);
    return true;
}

/* Delivers what waits, as far as the receiver goes along. */
static void drain(NetClient *receiver)
{
    while (receiver->incoming.length && client_can_receive(receiver)) {
        NetPacket *packet = g_queue_pop_head(&receiver->incoming);
        struct iovec iov = { packet->data, packet->size };
        if (deliver(receiver, &iov, 1, packet->size) == 0) {
            g_queue_push_head(&receiver->incoming, packet);
            return;
        }
        if (packet->sent) {
            packet->sent(packet->sender);
        }
        g_free(packet);
    }
}

ssize_t net_send_iov(NetClient *sender, const struct iovec *iov, int count, NetSent *sent)
{
    NetClient *receiver = sender->peer;
    size_t size = iov_size(iov, count);
    if (!receiver || sender->link_down || receiver->link_down || size == 0 || size > NET_MAX_PACKET) {
        return MAX(size, 1);
    }
    show_filters(sender, true, iov, count, size);
    show_filters(receiver, false, iov, count, size);
    if (receiver->incoming.length || !client_can_receive(receiver)) {
        return enqueue(receiver, sender, iov, count, size, sent) ? 0 : size;
    }
    ssize_t result = deliver(receiver, iov, count, size);
    if (result == 0) {
        return enqueue(receiver, sender, iov, count, size, sent) ? 0 : size;
    }
    /* What came in while the receiver was busy with this one. */
    drain(receiver);
    return result < 0 ? (ssize_t)size : result;
}

ssize_t net_send(NetClient *sender, const void *data, size_t size, NetSent *sent)
{
    struct iovec iov = { (void *)data, size };
    return net_send_iov(sender, &iov, 1, sent);
}

void net_flush_queue(NetClient *receiver)
{
    receiver->receive_disabled = false;
    drain(receiver);
    if (receiver->peer && receiver->peer->type == &net_type_hubport) {
        hub_flush(receiver->peer);
    }
}

void net_purge_queue(NetClient *receiver, NetClient *sender)
{
    /* Taken out first: the senders may send again from sent. */
    GQueue gone = G_QUEUE_INIT;
    GList *next;
    for (GList *l = receiver->incoming.head; l; l = next) {
        NetPacket *packet = l->data;
        next = l->next;
        if (!sender || packet->sender == sender) {
            g_queue_delete_link(&receiver->incoming, l);
            g_queue_push_tail(&gone, packet);
        }
    }
    for (NetPacket *packet; (packet = g_queue_pop_head(&gone));) {
        if (packet->sent) {
            packet->sent(packet->sender);
        }
        g_free(packet);
    }
}
