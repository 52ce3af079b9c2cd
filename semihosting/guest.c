/*
 * The guest's memory as a call sees it: by the translation and with the rights of the code that calls.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "semihosting/internal.h"
#include "tcg/target.h"
#include "util/bits.h"

#include <errno.h>
#include <string.h>

enum { STRING_MAX = 65536, PART_MAX = 4096 };

static uint64_t address_of(const SemihostCall *call, uint64_t address) { return call->word_bytes == 4 ? (uint32_t)address : address; }

/* Page by page; a fault is no exception of the guest's but the call's error. */
static bool access_memory(const SemihostCall *call, uint64_t address, void *buf, uint64_t bytes, bool is_write)
{
    for (uint8_t *at = buf; bytes;) {
        uint64_t here = address_of(call, address);
        unsigned part = (unsigned)MIN(bytes, PART_MAX - here % PART_MAX);
        bool good = is_write ? tcg_write_bytes(call->cpu, here, at, part, call->priv) : tcg_read_bytes(call->cpu, here, at, part, call->priv);
        if (!good) {
            call->front->forget_fault(call->cpu);
            return false;
        }
        address += part;
        at += part;
        bytes -= part;
    }
    return true;
}

bool semihost_read(const SemihostCall *call, uint64_t address, void *buf, uint64_t bytes) { return access_memory(call, address, buf, bytes, false); }
bool semihost_write(const SemihostCall *call, uint64_t address, const void *buf, uint64_t bytes) { return access_memory(call, address, (void *)buf, bytes, true); }

bool semihost_fields(const SemihostCall *call, uint64_t *fields, unsigned count)
{
    for (unsigned n = 0; n < count; n++) {
        uint8_t bytes[8] = { 0 };
        if (!semihost_read(call, call->parameter + n * call->word_bytes, bytes, call->word_bytes)) {
            return false;
        }
        fields[n] = !call->big_endian ? load_le64(bytes) : call->word_bytes == 4 ? load_be32(bytes) : load_be64(bytes);
    }
    return true;
}

bool semihost_set_field(const SemihostCall *call, uint64_t block, unsigned n, uint64_t value)
{
    uint8_t bytes[8];
    if (!call->big_endian) {
        store_le64(bytes, value);
    } else {
        store_be64(bytes, call->word_bytes == 4 ? value << 32 : value);
    }
    return semihost_write(call, block + n * call->word_bytes, bytes, call->word_bytes);
}

char *semihost_string(const SemihostCall *call, uint64_t address, uint64_t length, int *error)
{
    if (length >= STRING_MAX) {
        *error = ENAMETOOLONG;
        return NULL;
    }
    g_autofree char *text = g_malloc(length + 1);
    if (!semihost_read(call, address, text, length + 1)) {
        *error = EFAULT;
        return NULL;
    }
    /* The length does not count the 0 byte, and there is no other. */
    if (text[length] || strlen(text) != length) {
        *error = EINVAL;
        return NULL;
    }
    return g_steal_pointer(&text);
}
