/*
 * Repeated string instructions: a page at a time on host memory where the segments, the direction and the memory allow, else element by element.
 *
 * Registers are brought up to date behind every step, so that a fault or a look at requests finds the state that the architecture describes.
 *
 * Intel SDM volume 2, REP and the string instructions.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/helpers.h"
#include "target/i386/tcg/mode.h"
#include "target/i386/internal.h"
#include <string.h>

/* Elements done in one call: by pages, and one by one. Then the requests are looked at. */
enum { MAX_PAGED = 256 * 1024, MAX_SINGLE = 2048 };

typedef struct StringRun {
    X86Cpu *cpu;
    unsigned size, source_segment, priv;
    uint64_t mask;          /* of an address */
    uint64_t count;         /* left */
    int64_t step;
    int64_t budget;         /* elements still to be done in this call */
    bool one, counted, forward, code64;
} StringRun;

/* ---- registers by address size ---- */

static void write_masked(uint64_t *reg, uint64_t mask, uint64_t value)
{
    *reg = mask == 0xffff ? (*reg & ~mask) | (value & mask) : value & mask;
}

static StringRun start(Cpu *c, uint32_t spec)
{
    X86Cpu *cpu = X86_CPU(c);
    unsigned address_log2 = spec >> X86_STRING_ADDRESS_SHIFT & 3;
    StringRun r = {
        .cpu = cpu, .size = 1u << (spec & X86_STRING_SIZE_MASK), .source_segment = spec >> X86_STRING_SEGMENT_SHIFT & 7, .priv = x86_priv(cpu),
        .mask = address_log2 == 3 ? UINT64_MAX : address_log2 == 2 ? UINT32_MAX : 0xffff, .one = spec & X86_STRING_ONE,
        .counted = !(spec & X86_STRING_NO_REP), .forward = cpu->df == 1, .code64 = x86_code64(cpu), .budget = MAX_PAGED,
    };
    r.step = r.forward ? (int64_t)r.size : -(int64_t)r.size;
    r.count = r.counted ? cpu->regs[R_ECX] & r.mask : 1;
    return r;
}

static uint64_t pointer(const StringRun *r, int reg)
{
    return r->cpu->regs[reg] & r->mask;
}

static void advance(StringRun *r, int reg, uint64_t elements)
{
    write_masked(&r->cpu->regs[reg], r->mask, r->cpu->regs[reg] + r->step * (int64_t)elements);
}

/* n elements are done. */
static void done(StringRun *r, uint64_t n)
{
    r->count -= n;
    if (r->counted) {
        write_masked(&r->cpu->regs[R_ECX], r->mask, r->count);
    }
}

/* Between two steps: whether to stop after one element; leaves when enough has been done, or for the trap of a port that is watched. */
static bool stops(StringRun *r, uint64_t cost)
{
    r->budget -= cost;
    if (r->count == 0 || r->one) {
        return true;
    }
    if (r->budget <= 0 || r->cpu->exception >= 0) {
        tcg_leave(&r->cpu->parent);
    }
    return false;
}

enum { SINGLE_COST = MAX_PAGED / MAX_SINGLE };

static uint32_t result(const StringRun *r)
{
    return r->count == 0;
}

/* ---- addresses ---- */

static uint64_t linear(const StringRun *r, int seg, uint64_t offset)
{
    if (r->code64) {
        return x86_masked_pointer(r->cpu, seg >= R_FS ? r->cpu->segs[seg].base + offset : offset);
    }
    return (uint32_t)(r->cpu->segs[seg].base + offset);
}

/* The linear address of one element, after the checks of its segment. */
static uint64_t element_address(StringRun *r, int seg, int reg, bool write)
{
    uint64_t offset = pointer(r, reg);
    if (!r->code64) {
        x86_helper_check_segment(&r->cpu->parent, seg, offset, r->size | (write ? 1u << 31 : 0));
    }
    return linear(r, seg, offset);
}

/* A host pointer to as many elements as can be done at once from a pointer on, their number in *n (on entry: wanted). NULL: one by one, in which faults show. */
static void *page_pointer(StringRun *r, int seg, int reg, TcgAccess access, uint64_t *n)
{
    uint64_t offset = pointer(r, reg);
    uint64_t bytes = MIN(*n, (uint64_t)MAX_PAGED / r->size) * r->size;
    if (!r->forward || r->one) {
        return NULL;
    }
    if (r->mask != UINT64_MAX) {
        bytes = MIN(bytes, r->mask + 1 - offset);
    }
    bytes = MIN(bytes, 4096 - (linear(r, seg, offset) & 4095));
    bytes -= bytes % r->size;
    if (bytes == 0 || (!r->code64 && !x86_segment_allows(r->cpu, seg, offset, bytes, access == TCG_ACCESS_STORE))) {
        return NULL;
    }
    unsigned len = bytes;
    void *host = tcg_host_pointer(&r->cpu->parent, linear(r, seg, offset), &len, access, r->priv);
    if (!host) {
        x86_or_leave(r->cpu, !x86_exception_pending(&r->cpu->parent));
        return NULL;
    }
    *n = len / r->size;
    return *n ? host : NULL;
}

static uint64_t load(StringRun *r, uint64_t address)
{
    return tcg_load_or_leave(&r->cpu->parent, address, r->size, r->priv);
}

static void store(StringRun *r, uint64_t address, uint64_t value)
{
    tcg_store_or_leave(&r->cpu->parent, address, r->size, r->priv, value);
}

static uint64_t accumulator(const StringRun *r)
{
    return r->cpu->regs[R_EAX] & MAKE_MASK(0, 8 * r->size);
}

/* ---- MOVS ---- */

/* As the processor does it, upwards: where the destination lies a little behind the source the pattern repeats. */
static void copy_up(uint8_t *to, const uint8_t *from, size_t bytes, unsigned size)
{
    if (to <= from || to >= from + bytes) {
        memmove(to, from, bytes);
        return;
    }
    size_t distance = to - from;
    if (distance < size) {
        for (size_t i = 0; i < bytes; i += size) {
            memmove(to + i, from + i, size);
        }
        return;
    }
    for (size_t done = 0, part; done < bytes; done += part) {
        part = MIN(distance + done, bytes - done);
        memcpy(to + done, from, part);
    }
}

static uint64_t move_some(StringRun *r)
{
    uint64_t n = r->count, m;
    const void *from = page_pointer(r, r->source_segment, R_ESI, TCG_ACCESS_LOAD, &n);
    m = n;
    void *to = from ? page_pointer(r, R_ES, R_EDI, TCG_ACCESS_STORE, &m) : NULL;
    if (to) {
        copy_up(to, from, m * r->size, r->size);
        return m;
    }
    uint64_t value = load(r, element_address(r, r->source_segment, R_ESI, false));
    store(r, element_address(r, R_ES, R_EDI, true), value);
    return 0;
}

uint32_t x86_helper_rep_movs(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    while (r.count) {
        uint64_t paged = move_some(&r), n = paged ? paged : 1;
        advance(&r, R_ESI, n);
        advance(&r, R_EDI, n);
        done(&r, n);
        if (stops(&r, paged ? paged : SINGLE_COST)) {
            break;
        }
    }
    return result(&r);
}

/* ---- STOS ---- */

static void fill(uint8_t *to, uint64_t value, uint64_t n, unsigned size)
{
    bool same_bytes = size == 1 || value == (value & 0xff) * (MAKE_MASK(0, 8 * size) / 0xff);
    if (same_bytes) {
        memset(to, value, n * size);
        return;
    }
    for (uint64_t i = 0; i < n; i++) {
        memcpy(to + i * size, &value, size);
    }
}

uint32_t x86_helper_rep_stos(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    while (r.count) {
        uint64_t n = r.count, cost;
        void *to = page_pointer(&r, R_ES, R_EDI, TCG_ACCESS_STORE, &n);
        if (to) {
            fill(to, accumulator(&r), n, r.size);
            cost = n;
        } else {
            store(&r, element_address(&r, R_ES, R_EDI, true), accumulator(&r));
            n = 1;
            cost = SINGLE_COST;
        }
        advance(&r, R_EDI, n);
        done(&r, n);
        if (stops(&r, cost)) {
            break;
        }
    }
    return result(&r);
}

/* ---- LODS ---- */

static void write_accumulator(StringRun *r, uint64_t value)
{
    uint64_t *rax = &r->cpu->regs[R_EAX];
    *rax = r->size >= 4 ? value : (*rax & ~MAKE_MASK(0, 8 * r->size)) | value;
}

uint32_t x86_helper_rep_lods(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    while (r.count) {
        write_accumulator(&r, load(&r, element_address(&r, r.source_segment, R_ESI, false)));
        advance(&r, R_ESI, 1);
        done(&r, 1);
        if (stops(&r, SINGLE_COST)) {
            break;
        }
    }
    return result(&r);
}

/* ---- comparisons ---- */

static inline uint64_t element(const void *p, unsigned size)
{
    uint64_t value = 0;
    switch (size) {
    case 1:
        return *(const uint8_t *)p;
    case 2:
        memcpy(&value, p, 2);
        return value;
    case 4:
        memcpy(&value, p, 4);
        return value;
    default:
        memcpy(&value, p, 8);
        return value;
    }
}

/* Flags of x - y. */
static void set_compare_flags(StringRun *r, uint64_t x, uint64_t y)
{
    unsigned top = 8 * r->size - 1;
    uint64_t difference = (x - y) & MAKE_MASK(0, top + 1);
    uint16_t flags = FLAGS_ONE;
    flags |= x < y ? FLAGS_CF : 0;
    flags |= difference == 0 ? FLAGS_ZF : 0;
    flags |= difference >> top & 1 ? FLAGS_SF : 0;
    flags |= ((x ^ y) & (x ^ difference)) >> top & 1 ? FLAGS_OF : 0;
    flags |= (x ^ y ^ difference) & 0x10 ? FLAGS_AF : 0;
    flags |= __builtin_parity(difference & 0xff) ? 0 : FLAGS_PF;
    r->cpu->flags = flags;
}

/* How many bytes are the same before the first that is not; q NULL: all of them eight of `pattern` again and again. */
static uint64_t equal_bytes(const uint8_t *p, const uint8_t *q, uint64_t pattern, uint64_t bytes)
{
    uint64_t i = 0;
    for (; i + 8 <= bytes; i += 8) {
        uint64_t x = element(p + i, 8), difference = x ^ (q ? element(q + i, 8) : pattern);
        if (difference) {
            return i + (unsigned)__builtin_ctzll(difference) / 8;
        }
    }
    for (; i < bytes && p[i] == (q ? q[i] : (uint8_t)(pattern >> (i % 8 * 8))); i++) {
    }
    return i;
}

static uint64_t repeated_value(uint64_t value, unsigned size)
{
    return size == 8 ? value : value * (UINT64_MAX / MAKE_MASK(0, 8 * size));
}

/* The first of n elements that is x, or n. */
static uint64_t find_element(const uint8_t *q, uint64_t n, unsigned size, uint64_t x)
{
    if (size == 1) {
        const uint8_t *found = memchr(q, (int)x, n);
        return found ? (uint64_t)(found - q) : n;
    }
    uint64_t i = 0;
    while (i < n && element(q + i * size, size) != x) {
        i++;
    }
    return i;
}

static uint64_t find_equal_pair(const uint8_t *p, const uint8_t *q, uint64_t n, unsigned size)
{
    uint64_t i = 0;
    while (i < n && memcmp(p + i * size, q + i * size, size)) {
        i++;
    }
    return i;
}

/* Compares up to n elements (p NULL: of q with *x) until the condition ends it (equal: go on while they are); the number done, the last pair in *x and *y. */
static uint64_t compare_run(const uint8_t *p, const uint8_t *q, uint64_t n, unsigned size, bool while_equal, uint64_t *x, uint64_t *y)
{
    uint64_t same;
    if (while_equal) {
        same = equal_bytes(q, p, p ? 0 : repeated_value(*x, size), n * size) / size;
    } else {
        same = p ? find_equal_pair(p, q, n, size) : find_element(q, n, size, *x);
    }
    uint64_t done = MIN(same + 1, n);
    *x = p ? element(p + (done - 1) * size, size) : *x;
    *y = element(q + (done - 1) * size, size);
    return done;
}

uint32_t x86_helper_rep_cmps(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    bool while_equal = !(spec & X86_STRING_REPNE);
    while (r.count) {
        uint64_t n = r.count, cost, x = 0, y = 0;
        const uint8_t *p = page_pointer(&r, r.source_segment, R_ESI, TCG_ACCESS_LOAD, &n), *q = NULL;
        uint64_t m = n;
        if (p) {
            q = page_pointer(&r, R_ES, R_EDI, TCG_ACCESS_LOAD, &m);
        }
        if (q) {
            n = cost = compare_run(p, q, m, r.size, while_equal, &x, &y);
        } else {
            x = load(&r, element_address(&r, r.source_segment, R_ESI, false));
            y = load(&r, element_address(&r, R_ES, R_EDI, false));
            n = 1;
            cost = SINGLE_COST;
        }
        set_compare_flags(&r, x, y);
        advance(&r, R_ESI, n);
        advance(&r, R_EDI, n);
        done(&r, n);
        if ((x == y) != while_equal) {
            return 1;
        }
        if (stops(&r, cost)) {
            break;
        }
    }
    return result(&r);
}

uint32_t x86_helper_rep_scas(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    bool while_equal = !(spec & X86_STRING_REPNE);
    uint64_t x = accumulator(&r), y = 0;
    while (r.count) {
        uint64_t n = r.count, cost;
        const uint8_t *q = page_pointer(&r, R_ES, R_EDI, TCG_ACCESS_LOAD, &n);
        if (q) {
            n = cost = compare_run(NULL, q, n, r.size, while_equal, &x, &y);
        } else {
            y = load(&r, element_address(&r, R_ES, R_EDI, false));
            n = 1;
            cost = SINGLE_COST;
        }
        set_compare_flags(&r, x, y);
        advance(&r, R_EDI, n);
        done(&r, n);
        if ((x == y) != while_equal) {
            return 1;
        }
        if (stops(&r, cost)) {
            break;
        }
    }
    return result(&r);
}

/* ---- ports ---- */

uint32_t x86_helper_ins(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    uint32_t port = r.cpu->regs[R_EDX] & 0xffff;
    x86_helper_check_io(c, port, r.size);
    while (r.count) {
        uint64_t address = element_address(&r, R_ES, R_EDI, true);
        /* The place must be writable before the port is read: that cannot be undone. */
        x86_or_leave(r.cpu, tcg_probe(c, address, r.size, TCG_ACCESS_STORE, r.priv));
        store(&r, address, x86_helper_in(c, port, r.size));
        advance(&r, R_EDI, 1);
        done(&r, 1);
        if (stops(&r, SINGLE_COST)) {
            break;
        }
    }
    return result(&r);
}

uint32_t x86_helper_outs(Cpu *c, uint32_t spec)
{
    StringRun r = start(c, spec);
    uint32_t port = r.cpu->regs[R_EDX] & 0xffff;
    x86_helper_check_io(c, port, r.size);
    while (r.count) {
        x86_helper_out(c, port, load(&r, element_address(&r, r.source_segment, R_ESI, false)), r.size);
        advance(&r, R_ESI, 1);
        done(&r, 1);
        if (stops(&r, SINGLE_COST)) {
            break;
        }
    }
    return result(&r);
}
