/*
 * Checksums of the wire: the Ethernet CRC (IEEE 802.3, 3.2.9) and the Internet checksum (RFC 1071) of IPv4, IPv6, TCP and UDP.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "net/net.h"
#include "util/bits.h"

#define CRC32_REFLECTED 0xedb88320u
#define CRC32_STRAIGHT  0x04c11db7u

uint32_t net_crc32_le(const uint8_t *data, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        crc ^= data[i];
        for (int bit = 0; bit < 8; bit++) {
            crc = (crc >> 1) ^ (crc & 1 ? CRC32_REFLECTED : 0);
        }
    }
    return crc;
}

uint32_t net_crc32_be(const uint8_t *data, size_t length)
{
    uint32_t crc = UINT32_MAX;
    for (size_t i = 0; i < length; i++) {
        for (int bit = 0; bit < 8; bit++) {
            uint32_t carry = (crc >> 31) ^ ((data[i] >> bit) & 1);
            crc = (crc << 1) ^ (carry ? CRC32_STRAIGHT : 0);
        }
    }
    return crc;
}

uint32_t net_checksum_add(const void *data, size_t length, bool odd)
{
    const uint8_t *p = data;
    uint64_t sum = 0;
    size_t i = 0;
    for (; i + 2 <= length; i += 2) {
        sum += load_be16(p + i);
    }
    if (i < length) {
        sum += (uint32_t)p[i] << 8;
    }
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    /* Words that begin at an odd byte are the same sum with its bytes swapped (RFC 1071, 2 (B)). */
    return odd ? __builtin_bswap16(sum) : sum;
}

uint16_t net_checksum_finish(uint32_t sum)
{
    while (sum >> 16) {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return ~sum;
}

enum { ETHERTYPE_IPV4 = 0x0800, ETHERTYPE_IPV6 = 0x86dd, ETHERTYPE_VLAN_C = 0x8100, ETHERTYPE_VLAN_S = 0x88a8, PROTOCOL_TCP = 6, PROTOCOL_UDP = 17 };

static void checksum_transport(uint8_t *segment, size_t length, uint8_t protocol, uint32_t pseudo)
{
    size_t field = protocol == PROTOCOL_TCP ? 16 : 6;
    if ((protocol != PROTOCOL_TCP && protocol != PROTOCOL_UDP) || length < (protocol == PROTOCOL_TCP ? 20 : 8)) {
        return;
    }
    store_be16(segment + field, 0);
    uint16_t sum = net_checksum_finish(pseudo + protocol + length + net_checksum_add(segment, length, false));
    store_be16(segment + field, sum == 0 && protocol == PROTOCOL_UDP ? 0xffff : sum);
}

static void checksum_ipv4(uint8_t *ip, size_t length)
{
    size_t header = (ip[0] & 0xf) * 4, total = length >= 20 ? load_be16(ip + 2) : 0;
    if (length < 20 || ip[0] >> 4 != 4 || header < 20 || header > total || total > length) {
        return;
    }
    store_be16(ip + 10, 0);
    store_be16(ip + 10, net_checksum_finish(net_checksum_add(ip, header, false)));
    if (!(load_be16(ip + 6) & 0x3fff)) {        /* no fragment */
        checksum_transport(ip + header, total - header, ip[9], net_checksum_add(ip + 12, 8, false));
    }
}

static void checksum_ipv6(uint8_t *ip, size_t length)
{
    size_t payload = length >= 40 ? load_be16(ip + 4) : 0;
    if (length >= 40 && ip[0] >> 4 == 6 && payload <= length - 40) {
        checksum_transport(ip + 40, payload, ip[6], net_checksum_add(ip + 8, 32, false));
    }
}

void net_checksum_frame(uint8_t *frame, size_t length)
{
    size_t offset = 12;
    if (length < ETH_HEADER_SIZE) {
        return;
    }
    for (int tags = 0; tags < 2 && offset + 6 <= length; tags++) {
        uint16_t type = load_be16(frame + offset);
        if (type != ETHERTYPE_VLAN_C && type != ETHERTYPE_VLAN_S) {
            break;
        }
        offset += 4;
    }
    uint16_t type = load_be16(frame + offset);
    offset += 2;
    if (type == ETHERTYPE_IPV4 && offset < length) {
        checksum_ipv4(frame + offset, length - offset);
    } else if (type == ETHERTYPE_IPV6 && offset < length) {
        checksum_ipv6(frame + offset, length - offset);
    }
}
