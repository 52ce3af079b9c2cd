/*
 * A copy that other threads see whole.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef UTIL_COPY_WHOLE_H
#define UTIL_COPY_WHOLE_H

#include <stdint.h>
#include <string.h>

typedef uint16_t __attribute__((aligned(1), may_alias)) Unaligned16;
typedef uint32_t __attribute__((aligned(1), may_alias)) Unaligned32;
typedef uint64_t __attribute__((aligned(1), may_alias)) Unaligned64;

/*
 * Copies size bytes that do not overlap. 1, 2, 4 and 8 are a single access of the host, which nobody sees a part of where the address is aligned: a memory access
 * of a guest's instruction, whose address need not be. (memcpy of a size known only at run time may well copy 2 bytes one by one.) Other sizes are copied anyhow.
 */
static inline void copy_whole(void *to, const void *from, unsigned size)
{
    switch (size) {
    case 1:
        *(volatile uint8_t *)to = *(const volatile uint8_t *)from;
        break;
    case 2:
        *(volatile Unaligned16 *)to = *(const volatile Unaligned16 *)from;
        break;
    case 4:
        *(volatile Unaligned32 *)to = *(const volatile Unaligned32 *)from;
        break;
    case 8:
        *(volatile Unaligned64 *)to = *(const volatile Unaligned64 *)from;
        break;
    default:
        memcpy(to, from, size);
    }
}

#endif
