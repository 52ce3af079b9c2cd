/*
 * Bits and units: fields of words, alignment, sizes. Register fields are written FIELD(NAME, shift, length) and reached by
 * FIELD_GET(word, NAME) and FIELD_SET(word, NAME, value).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_BITS_H
#define UTIL_BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define KiB (UINT64_C(1) << 10)
#define MiB (UINT64_C(1) << 20)
#define GiB (UINT64_C(1) << 30)
#define TiB (UINT64_C(1) << 40)

#define BIT(n) (UINT64_C(1) << (n))
#define MAKE_MASK(shift, length) (((length) >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << (length)) - 1) << (shift))
#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))
#define ROUND_UP(n, to) (((n) + (to) - 1) / (to) * (to))
#define ROUND_DOWN(n, to) ((n) / (to) * (to))
#define IS_POWER_OF_2(n) ((n) && !((n) & ((n) - 1)))

#define FIELD(name, shift, length) enum { name##_SHIFT = (shift), name##_LENGTH = (length) }
#define FIELD_MASK(name) MAKE_MASK(name##_SHIFT, name##_LENGTH)
#define FIELD_GET(word, name) (((uint64_t)(word) >> name##_SHIFT) & MAKE_MASK(0, name##_LENGTH))
#define FIELD_SET(word, name, value) \
    (((word) & ~FIELD_MASK(name)) | (((uint64_t)(value) << name##_SHIFT) & FIELD_MASK(name)))

#ifndef container_of
#define container_of(ptr, type, member) ((type *)((char *)(ptr) - offsetof(type, member)))
#endif

/* Bits [start, start + length) of value; length 1 to 64. */
static inline uint64_t extract64(uint64_t value, unsigned start, unsigned length)
{
    return (value >> start) & MAKE_MASK(0, length);
}
static inline int64_t sextract64(uint64_t value, unsigned start, unsigned length)
{
    return (int64_t)(value << (64 - length - start)) >> (64 - length);
}
/* value with bits [start, start + length) replaced by those of field. */
static inline uint64_t deposit64(uint64_t value, unsigned start, unsigned length, uint64_t field)
{
    uint64_t mask = MAKE_MASK(start, length);
    return (value & ~mask) | ((field << start) & mask);
}

/* Unaligned little-endian and big-endian access to bytes. */
#define DEFINE_UNALIGNED(bits, type) \
    static inline type load_le##bits(const void *p) { type v; __builtin_memcpy(&v, p, sizeof(v)); return v; } \
    static inline void store_le##bits(void *p, type v) { __builtin_memcpy(p, &v, sizeof(v)); } \
    static inline type load_be##bits(const void *p) { type v; __builtin_memcpy(&v, p, sizeof(v)); return __builtin_bswap##bits(v); } \
    static inline void store_be##bits(void *p, type v) { v = __builtin_bswap##bits(v); __builtin_memcpy(p, &v, sizeof(v)); }
#if __BYTE_ORDER__ != __ORDER_LITTLE_ENDIAN__
#error "big-endian hosts are not supported"
#endif
DEFINE_UNALIGNED(16, uint16_t)
DEFINE_UNALIGNED(32, uint32_t)
DEFINE_UNALIGNED(64, uint64_t)
#undef DEFINE_UNALIGNED

#endif
