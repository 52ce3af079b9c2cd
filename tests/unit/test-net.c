/*
 * The network without a machine: queues, hubs, options with their messages, and back ends that talk to each other.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/net.h"
#include "hw/core/machine.h"
#include "net/internal.h"
#include "qom/object.h"
#include "util/bits.h"
#include "util/main-loop.h"
#include "util/timer.h"
#include "wait-until.h"

#include <string.h>
#include <unistd.h>

/* A client that keeps what it gets. */
typedef struct Sink { NetClient parent; GPtrArray *got; /* of GBytes* */ bool full; unsigned sent; } Sink;

static ssize_t sink_receive(NetClient *nc, const struct iovec *iov, int count, size_t size)
{
    Sink *s = (Sink *)nc;
    if (s->full) {
        return 0;
    }
    uint8_t *copy = g_malloc(size);
    iov_to_buffer(iov, count, 0, copy, size);
    g_ptr_array_add(s->got, g_bytes_new_take(copy, size));
    return size;
}

static void sink_destroy(NetClient *nc) { g_ptr_array_unref(((Sink *)nc)->got); }
static const NetClientType sink_type = { .name = "nic", .size = sizeof(Sink), .receive = sink_receive, .destroy = sink_destroy };

static Sink *sink_new(const char *name, NetClient *peer)
{
    Sink *s = (Sink *)net_client_new(&sink_type, "sink", name, NULL);
    s->got = g_ptr_array_new_with_free_func((GDestroyNotify)g_bytes_unref);
    if (peer) {
        net_client_connect(&s->parent, peer);
    }
    return s;
}

static void sent(NetClient *nc) { ((Sink *)nc)->sent++; }

/* Runs the main loop until the sink has count packets. */
static void wait_for(Sink *s, unsigned count)
{
    WAIT_UNTIL(s->got->len >= count);
}

static void assert_fails(bool (*fn)(const char *, GError **), const char *options, const char *message)
{
    g_autoptr(GError) err = NULL;
    g_assert_false(fn(options, &err));
    g_assert_nonnull(err);
    g_assert_cmpstr(err->message, ==, message);
}

static void test_queue(void)
{
    Sink *a = sink_new("a", NULL), *b = sink_new("b", &a->parent);
    g_assert_cmpint(net_send(&a->parent, "1", 1, NULL), ==, 1);
    b->full = true;
    g_assert_cmpint(net_send(&a->parent, "2", 1, sent), ==, 0);
    g_assert_cmpint(net_send(&a->parent, "3", 1, NULL), ==, 0);
    g_assert_false(net_can_send(&a->parent));
    g_assert_cmpuint(b->got->len, ==, 1);
    b->full = false;
    net_flush_queue(&b->parent);
    g_assert_cmpuint(b->got->len, ==, 3);
    g_assert_cmpuint(a->sent, ==, 1);
    g_assert_cmpint(*(const char *)g_bytes_get_data(b->got->pdata[2], NULL), ==, '3');
    /* A sender that goes away takes its packets with it. */
    b->full = true;
    net_send(&a->parent, "4", 1, NULL);
    net_client_free(&a->parent);
    b->full = false;
    net_flush_queue(&b->parent);
    g_assert_cmpuint(b->got->len, ==, 3);
    g_assert_cmpint(net_send(&b->parent, "5", 1, NULL), ==, 1);
    net_client_free(&b->parent);
}

static void test_queue_bound(void)
{
    Sink *a = sink_new("a", NULL), *b = sink_new("b", &a->parent);
    b->full = true;
    for (int i = 0; i < 10000; i++) {
        net_send(&a->parent, "x", 1, NULL);
    }
    b->full = false;
    net_flush_queue(&b->parent);
    g_assert_cmpuint(b->got->len, >, 1000);
    g_assert_cmpuint(b->got->len, <, 10000);
    net_client_free(&a->parent);
    net_client_free(&b->parent);
}

static void test_link(void)
{
    g_autoptr(GError) err = NULL;
    Sink *a = sink_new("a", NULL), *b = sink_new("b", &a->parent);
    g_assert_true(net_set_link("b", false, &err));
    g_assert_cmpint(net_send(&a->parent, "1", 1, NULL), ==, 1);
    g_assert_cmpuint(b->got->len, ==, 0);
    g_assert_true(net_set_link("b", true, &err));
    net_send(&a->parent, "2", 1, NULL);
    g_assert_cmpuint(b->got->len, ==, 1);
    g_assert_false(net_set_link("nobody", true, &err));
    g_assert_cmpstr(err->message, ==, "Device 'nobody' not found");
    net_client_free(&a->parent);
    net_client_free(&b->parent);
}

static void test_hub(void)
{
    Sink *a = sink_new("a", hub_add_port(7, NULL, NULL)), *b = sink_new("b", hub_add_port(7, NULL, NULL)), *c = sink_new("c", hub_add_port(7, "p", NULL));
    net_send(&a->parent, "1", 1, NULL);
    g_assert_cmpuint(a->got->len, ==, 0);
    g_assert_cmpuint(b->got->len, ==, 1);
    g_assert_cmpuint(c->got->len, ==, 1);
    g_autofree char *text = net_describe();
    g_assert_cmpstr(text, ==, "hub 7\n \\ p: c: index=0,type=nic,\n \\ hub7port1: b: index=0,type=nic,\n \\ hub7port0: a: index=0,type=nic,\n");
    /* Both others are full: the packets wait and come when one of them takes packets. */
    b->full = c->full = true;
    net_send(&a->parent, "2", 1, NULL);
    net_send(&a->parent, "3", 1, NULL);
    b->full = false;
    net_flush_queue(&b->parent);
    g_assert_cmpuint(b->got->len, ==, 3);
    c->full = false;
    net_flush_queue(&c->parent);
    g_assert_cmpuint(c->got->len, ==, 3);
    for (Sink **s = (Sink *[]){ a, b, c, NULL }; *s; s++) {
        net_client_free((*s)->parent.peer);
        net_client_free(&(*s)->parent);
    }
    g_autofree char *empty = net_describe();
    g_assert_cmpstr(empty, ==, "");
}

static void test_option_errors(void)
{
    g_autoptr(GError) err = NULL;
    assert_fails(netdev_add, "foo,id=x", "Parameter 'type' does not accept value 'foo'");
    assert_fails(netdev_add, "id=x", "Parameter 'type' is missing");
    assert_fails(netdev_add, "user", "Parameter 'id' is missing");
    assert_fails(netdev_add, "user,id=1a", "Parameter 'id' expects an identifier");
    assert_fails(netdev_add, "none,id=a", "network backend 'none' is not compiled into this binary");
    assert_fails(netdev_add, "vde,id=a", "network backend 'vde' is not implemented");
    assert_fails(netdev_add, "hubport,id=a", "Parameter 'hubid' is missing");
    assert_fails(netdev_add, "hubport,id=a,hubid=x", "Parameter 'hubid' expects an int64 value");
    assert_fails(netdev_add, "hubport,id=a,hubid=1,netdev=no", "netdev 'no' not found");
    assert_fails(netdev_add, "socket,id=a", "exactly one of listen=, connect=, mcast= or udp= is required");
    assert_fails(netdev_add, "socket,id=a,connect=foo", "host address 'foo' doesn't contain ':' separating host from port");
    assert_fails(netdev_add, "socket,id=a,udp=127.0.0.1:5", "localaddr= is mandatory with udp=");
    assert_fails(netdev_add, "socket,id=a,mcast=1.2.3.4:5", "specified mcastaddr 1.2.3.4 (0x01020304) does not contain a multicast address");
    assert_fails(netdev_add, "stream,id=a", "Parameter 'addr' is missing");
    assert_fails(netdev_add, "stream,id=a,addr.type=inet", "Parameter 'addr.host' is missing");
    assert_fails(netdev_add, "dgram,id=a", "dgram requires local= parameter");
    assert_fails(net_option_add, "hubport,hubid=0", "network backend 'hubport' is only supported with -netdev/-nic");
    assert_fails(net_option_add, "nic,macaddr=01:00:00:00:00:00", "NIC cannot have multicast MAC address (odd 1st byte)");
    assert_fails(nic_option_add, "socket,listen=127.0.0.1:0,mac=zz", "invalid syntax for ethernet address");
    g_assert_true(netdev_add("socket,id=a,listen=127.0.0.1:0", &err));
    assert_fails(netdev_add, "socket,id=a,listen=127.0.0.1:0", "Duplicate ID 'a' for netdev");
    assert_fails(netdev_add, "socket,id=b,listen=127.0.0.1:0,bar=1", "Invalid parameter 'bar'");
    g_assert_true(netdev_del("a", &err));
    g_assert_true(netdev_add("{\"type\":\"stream\",\"id\":\"a\",\"server\":true,\"addr\":{\"type\":\"inet\",\"host\":\"127.0.0.1\",\"port\":\"0\"}}", &err));
    g_assert_true(netdev_del("a", &err));
    g_assert_false(netdev_del("a", &err));
    g_assert_cmpstr(err->message, ==, "Device 'a' not found");
}


static void test_user_errors(void)
{
    if (!strstr(netdev_help(), "user\n")) {
        g_test_skip("built without libslirp");
        return;
    }
    static const char *const cases[][2] = {
        { "user,id=a,bar=1", "Invalid parameter 'bar'" },
        { "user,id=a,hostfwd=foo", "Invalid host forwarding rule 'foo' (No : separators)" },
        { "user,id=a,hostfwd=tcp::99999-:22", "Invalid host forwarding rule 'tcp::99999-:22' (Bad host port)" },
        { "user,id=a,hostfwd=tcp::1-", "Invalid host forwarding rule 'tcp::1-' (Missing guest address)" },
        { "user,id=a,hostfwd=tcp:x:1-:2", "Invalid host forwarding rule 'tcp:x:1-:2' (Bad host address)" },
        { "user,id=a,hostfwd=tcp::1-x:2", "Invalid host forwarding rule 'tcp::1-x:2' (Bad guest address)" },
        { "user,id=a,hostfwd=foo::1-:2", "Invalid host forwarding rule 'foo::1-:2' (Bad protocol name)" },
        { "user,id=a,hostfwd=tcp::1-:0", "Invalid host forwarding rule 'tcp::1-:0' (Bad guest port)" },
        { "user,id=a,hostfwd=tcp::22", "Invalid host forwarding rule 'tcp::22' (Bad host port separator)" },
        { "user,id=a,ipv4=off,ipv6=off", "IPv4 and IPv6 disabled" },
        { "user,id=a,host=1.2.3.4", "Host doesn't belong to network" },
        { "user,id=a,dhcpstart=1.2.3.4", "DHCP doesn't belong to network" },
        { "user,id=a,host=foo", "Failed to parse host" },
        { "user,id=a,dns=x", "Failed to parse DNS" },
        { "user,id=a,dns=10.0.2.2", "DNS must be different from host" },
        { "user,id=a,dhcpstart=x", "Failed to parse DHCP start address" },
        { "user,id=a,net=foo", "Failed to parse netmask" },
        { "user,id=a,net=1.2.3.4/99", "Invalid netmask provided (must be in range 4-32)" },
        { "user,id=a,ipv6-net=x", "Failed to parse IPv6 prefix" },
        { "user,id=a,ipv6-net=fec0::/200", "Invalid IPv6 prefix provided (IPv6 prefix length must be between 0 and 126)" },
        { "user,id=a,ipv6-host=x", "Failed to parse IPv6 host" },
        { "user,id=a,ipv6-dns=x", "Failed to parse IPv6 DNS" },
        { "user,id=a,guestfwd=foo", "Invalid guest forwarding rule 'foo'" },
        { "user,id=a,guestfwd=tcp:1.2.3.4:5-cmd:true", "Conflicting/invalid host:port in guest forwarding rule 'tcp:1.2.3.4:5-cmd:true'" },
        { "user,id=a,domainname=", "'domainname' parameter cannot be empty" },
        { "user,id=a,restrict=maybe", "Parameter 'restrict' expects 'on' or 'off'" },
        { "user,id=a,ipv4=off,net=10.0.0.0/8", "IPv4 disabled but netmask/host/dns provided" },
    };
    for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
        assert_fails(netdev_add, cases[i][0], cases[i][1]);
    }
    g_assert_null(net_client_find("a"));
}

/* An ARP request for the inner router and what comes back. */
static void test_user_arp(void)
{
    g_autoptr(GError) err = NULL;
    if (!netdev_add("user,id=u,net=192.168.76.0/24", &err)) {
        g_test_skip("built without libslirp");
        return;
    }
    Sink *nic = sink_new("n", net_client_find("u"));
    static const uint8_t request[60] = {
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 0x08, 0x06, 0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,
        0x52, 0x54, 0x00, 0x12, 0x34, 0x56, 192, 168, 76, 15, 0, 0, 0, 0, 0, 0, 192, 168, 76, 2,
    };
    net_send(&nic->parent, request, sizeof(request), NULL);
    wait_for(nic, 1);
    bool answered = false;
    for (unsigned i = 0; i < nic->got->len; i++) {
        size_t size;
        const uint8_t *p = g_bytes_get_data(nic->got->pdata[i], &size);
        answered |= size >= 42 && load_be16(p + 12) == 0x0806 && load_be16(p + 20) == 2 && load_be32(p + 28) == 0xc0a84c02;
    }
    g_assert_true(answered);
    g_autofree char *text = net_describe();
    g_assert_cmpstr(text, ==, "n: index=0,type=nic,\n \\ u: index=0,type=user,net=192.168.76.0,restrict=off\n");
    g_assert_true(net_hostfwd_add("u", "tcp:127.0.0.1:0-:22", &err));
    g_autofree char *connections = net_describe_user();
    g_assert_nonnull(strstr(connections, "Hub -1 (u):\n"));
    g_assert_nonnull(strstr(connections, "HOST_FORWARD"));
    g_assert_false(net_hostfwd_add("zz", "tcp::1-:22", &err));
    g_assert_cmpstr(err->message, ==, "unrecognized netdev id 'zz'");
    g_autofree char *removed = NULL;
    g_assert_true(net_hostfwd_remove("u", "tcp::1", &removed, NULL));
    g_assert_cmpstr(removed, ==, "host forwarding rule for tcp::1 not found");
    net_client_free(&nic->parent);
    g_assert_true(netdev_del("u", NULL));
}

/* Two back ends over a UNIX connection, and a dump of one of them. */
static void test_stream_and_dump(void)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *dir = g_dir_make_tmp("test-net-XXXXXX", NULL);
    g_autofree char *path = g_build_filename(dir, "socket", NULL), *dump = g_build_filename(dir, "dump", NULL);
    g_autofree char *server = g_strdup_printf("stream,id=s,server=on,addr.type=unix,addr.path=%s", path);
    g_autofree char *client = g_strdup_printf("stream,id=c,reconnect-ms=10,addr.type=unix,addr.path=%s", path);
    /* The client first: it comes back until the server is there. */
    g_assert_true(netdev_add(client, &err));
    g_assert_cmpstr(net_client_find("c")->info, ==, "connection error");
    g_assert_true(netdev_add(server, &err));
    GVariantDict dict;
    g_variant_dict_init(&dict, NULL);
    g_variant_dict_insert(&dict, "netdev", "s", "s");
    g_variant_dict_insert(&dict, "file", "s", dump);
    g_assert_nonnull(object_add_user("filter-dump", "f", g_variant_dict_end(&dict), true, &err));
    Sink *a = sink_new("a", net_client_find("s")), *b = sink_new("b", net_client_find("c"));
    WAIT_UNTIL(*net_client_find("s")->info);
    static uint8_t big[40000];
    big[39999] = 7;
    for (int i = 0; i < 50; i++) {
        net_send(&a->parent, big, sizeof(big), NULL);
    }
    wait_for(b, 50);
    g_assert_cmpuint(b->got->len, ==, 50);
    for (int i = 0; i < 50; i++) {
        g_assert_cmpmem(g_bytes_get_data(b->got->pdata[i], NULL), g_bytes_get_size(b->got->pdata[i]), big, sizeof(big));
    }
    net_send(&b->parent, "hello", 5, NULL);
    wait_for(a, 1);
    g_assert_cmpuint(a->got->len, ==, 1);
    g_autofree char *contents = NULL;
    gsize length;
    g_assert_true(g_file_get_contents(dump, &contents, &length, NULL));
    g_assert_cmpuint(length, ==, 24 + 50 * (16 + 40000) + 16 + 5);
    g_assert_true(object_delete_user("f", &err));
    net_client_free(&a->parent);
    net_client_free(&b->parent);
    g_assert_true(netdev_del("s", &err));
    g_assert_true(netdev_del("c", &err));
    unlink(dump);
    rmdir(dir);
}

static void test_packet_reader_bad_length(void)
{
    PacketReader r = { .header_length = 0 };
    g_assert_false(packet_reader_feed(&r, (const uint8_t *)"\xff\xff\xff\xff", 4, NULL, NULL));
    packet_reader_reset(&r);
}

static void test_dgram(void)
{
    g_autoptr(GError) err = NULL;
    g_autofree char *dir = g_dir_make_tmp("test-net-XXXXXX", NULL);
    g_autofree char *one = g_strdup_printf("dgram,id=x,local.type=unix,local.path=%s/1,remote.type=unix,remote.path=%s/2", dir, dir);
    g_autofree char *two = g_strdup_printf("dgram,id=y,local.type=unix,local.path=%s/2,remote.type=unix,remote.path=%s/1", dir, dir);
    g_assert_true(netdev_add(one, &err));
    g_assert_true(netdev_add(two, &err));
    Sink *a = sink_new("a", net_client_find("x")), *b = sink_new("b", net_client_find("y"));
    net_send(&a->parent, "packet", 6, NULL);
    wait_for(b, 1);
    g_assert_cmpuint(b->got->len, ==, 1);
    g_assert_cmpmem(g_bytes_get_data(b->got->pdata[0], NULL), g_bytes_get_size(b->got->pdata[0]), "packet", 6);
    net_client_free(&a->parent);
    net_client_free(&b->parent);
    netdev_del("x", NULL);
    netdev_del("y", NULL);
    for (int i = 1; i <= 2; i++) {
        g_autofree char *path = g_strdup_printf("%s/%d", dir, i);
        unlink(path);
    }
    rmdir(dir);
}

static void test_nic_list(void)
{
    g_autoptr(GError) err = NULL;
    g_assert_true(net_option_add("nic,model=rtl8139,macaddr=52:54:00:aa:bb:cc", &err));
    g_assert_true(net_option_add("nic", &err));
    g_assert_true(nic_option_add("socket,listen=127.0.0.1:0,id=q,model=virtio", &err));
    g_assert_true(nic_option_add("none", &err));
    g_assert_cmpint(nic_unused_count(), ==, 3);
    NicInfo *nic = nic_take("e1000", true, NULL);
    g_assert_cmpstr(nic->netdev_id, ==, "hub0port1");
    g_assert_cmpint(nic->mac[5], ==, 0x56);
    g_assert_null(nic_take("e1000", true, NULL));
    nic = nic_take("virtio-net-pci", false, "virtio");
    g_assert_cmpstr(nic->netdev_id, ==, "q");
    g_assert_cmpint(nic->mac[5], ==, 0x57);
    nic = nic_take("rtl8139", false, NULL);
    g_assert_cmpint(nic->mac[5], ==, 0xcc);
    g_assert_cmpint(nic_unused_count(), ==, 0);
    net_cleanup();
}

static void test_checksums(void)
{
    /* IEEE 802.3: the CRC of "123456789" is cbf43926 after inversion. */
    g_assert_cmphex(net_crc32_le((const uint8_t *)"123456789", 9), ==, ~0xcbf43926u);
    /* RFC 1071, 3: the worked example. */
    static const uint8_t words[] = { 0x00, 0x01, 0xf2, 0x03, 0xf4, 0xf5, 0xf6, 0xf7 };
    g_assert_cmphex(net_checksum_finish(net_checksum_add(words, 8, false)), ==, (uint16_t)~0xddf2);
    /* Split at an odd place it is the same. */
    g_assert_cmphex(net_checksum_finish(net_checksum_add(words, 3, false) + net_checksum_add(words + 3, 5, true)), ==, (uint16_t)~0xddf2);
}

static void set_flag(void *opaque) { *(bool *)opaque = true; }

/* A forwarded port is a descriptor that is polled in each round, and no reason for another round. */
static void test_user_idle(void)
{
    if (!strstr(netdev_help(), "user\n")) {
        g_test_skip("no libslirp");
        return;
    }
    GError *err = NULL;
    bool over = false;
    unsigned rounds = 0;
    Timer end;
    g_assert_true(netdev_add("user,id=idle,hostfwd=tcp:127.0.0.1:0-:22", &err));
    timer_init(&end, CLOCK_TYPE_REALTIME, set_flag, &over);
    timer_set_ns(&end, clock_get_ns(CLOCK_TYPE_REALTIME) + 300 * NS_PER_MS);
    for (; !over; rounds++) {
        main_loop_iterate(true);
    }
    g_assert_cmpuint(rounds, <, 50);
    g_assert_true(netdev_del("idle", &err));
}

int main(int argc, char **argv)
{
    g_test_init(&argc, &argv, NULL);
    main_loop_init();
    g_test_add_func("/net/packets wait for a full receiver", test_queue);
    g_test_add_func("/net/the queue has a bound", test_queue_bound);
    g_test_add_func("/net/a link that is down swallows packets", test_link);
    g_test_add_func("/net/a hub repeats to all others", test_hub);
    g_test_add_func("/net/options fail with the reference's messages", test_option_errors);
    g_test_add_func("/net/user options fail with the reference's messages", test_user_errors);
    g_test_add_func("/net/the user network answers ARP", test_user_arp);
    g_test_add_func("/net/an idle user network lets the loop sleep", test_user_idle);
    g_test_add_func("/net/stream carries packets, a filter dumps them", test_stream_and_dump);
    g_test_add_func("/net/a stream with a bad length ends", test_packet_reader_bad_length);
    g_test_add_func("/net/dgram carries packets", test_dgram);
    g_test_add_func("/net/the list of NICs follows -nic and -net", test_nic_list);
    g_test_add_func("/net/checksums", test_checksums);
    return g_test_run();
}
