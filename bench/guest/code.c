/*
 * Code that is made while it runs: written and rewritten, beside data, a lot of it once.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "bench.h"

#include <sys/mman.h>

typedef uint32_t Function(uint32_t);

static uint8_t *code_room(size_t size)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

/* A function that adds n to its argument; how long it is. */
static size_t write_adder(uint8_t *at, uint32_t n)
{
#if defined(__x86_64__)
    const uint8_t bytes[] = { 0x89, 0xf8, 0x05, n, n >> 8, n >> 16, n >> 24, 0xc3 };    /* mov eax, edi; add eax, n; ret */
    memcpy(at, bytes, sizeof(bytes));
    return sizeof(bytes);
#elif defined(__aarch64__)
    const uint32_t words[] = { 0x11000000 | (n & 0xfff) << 10, 0xd65f03c0 };           /* add w0, w0, #n; ret */
    memcpy(at, words, sizeof(words));
    return sizeof(words);
#elif defined(__riscv)
    const uint32_t words[] = { 0x0005051b | (n & 0x7ff) << 20, 0x00008067 };           /* addiw a0, a0, n; ret */
    memcpy(at, words, sizeof(words));
    return sizeof(words);
#endif
}

static uint32_t call(uint8_t *at, uint32_t x)
{
    return ((Function *)(void *)at)(x);
}

static uint64_t jit(unsigned turns)
{
    uint8_t *room = code_room(4096);
    uint64_t sum = 0;
    for (unsigned i = 0; i < turns; i++) {
        uint8_t *at = room + i % 32 * 128;
        size_t n = write_adder(at, i & 0x3ff);
        __builtin___clear_cache((char *)at, (char *)at + n);
        sum += call(at, 1) + call(at, 2);
    }
    munmap(room, 4096);
    return sum;
}

static uint64_t mixed(unsigned turns)
{
    uint8_t *room = code_room(4096);
    volatile uint32_t *data = (uint32_t *)(void *)(room + 2048);
    uint64_t sum = 0;
    __builtin___clear_cache((char *)room, (char *)room + write_adder(room, 3));
    while (turns--) {
        *data = call(room, *data);
        sum += *data;
    }
    munmap(room, 4096);
    return sum;
}

static uint64_t cold(unsigned turns)
{
    enum { SIZE = 1 << 20 };
    uint64_t sum = 0;
    while (turns--) {
        uint8_t *room = code_room(SIZE);
        size_t end = 0;
        for (uint32_t n = 1; end < SIZE - 64; n++) {
            end += write_adder(room + end, n & 0x3ff);
        }
        __builtin___clear_cache((char *)room, (char *)room + SIZE);
        size_t step = write_adder(room, 1);
        for (int pass = 0; pass < 2; pass++) {
            for (size_t at = 0; at < end; at += step) {
                sum += call(room + at, 1);
            }
        }
        munmap(room, SIZE);
    }
    return sum;
}

const Work code_works[] = { { "code.jit", jit, 60000, NULL }, { "code.mixed", mixed, 1500000, NULL }, { "code.cold", cold, 1, NULL }, { 0 } };
