/*
 * Checksums.
 *
 * DDI 0487, C6.2 (CRC32: polynomial 04C11DB7, reflected).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tcg/helpers.h"

/* By four bits of the low end: remainders of the reflected polynomial. */
static uint32_t crc_nibble(uint32_t crc)
{
    static const uint32_t table[16] = {
        0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac, 0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
        0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c, 0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c,
    };
    return crc >> 4 ^ table[crc & 15];
}

uint32_t arm_helper_crc32(Cpu *cpu, uint32_t accumulator, uint64_t data, uint32_t size_log2)
{
    for (unsigned i = 0; i < 1u << size_log2; i++) {
        accumulator = crc_nibble(crc_nibble(accumulator ^ (uint8_t)(data >> 8 * i)));
    }
    return accumulator;
}
