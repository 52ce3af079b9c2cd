/*
 * The interpreter's accesses to guest memory: by the first-level TLB, else by the executor's slow path.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interp.h"
#include "util/copy-whole.h"
#include <string.h>

/* The host address, when the fast path may take the access. */
static void *host_address(Cpu *cpu, const IrMem *mem, uint64_t address, bool write, bool natural)
{
    uint64_t size = UINT64_C(1) << mem->size_log2, aligned_to = UINT64_C(1) << mem->align_log2;
    const TlbEntry *e = &tcg_hot(cpu)->tlb[mem->priv]->entries[(address >> 12) % TLB_ENTRIES];
    if ((write ? e->write : e->read) != (address & ~UINT64_C(0xfff)) || (address & 0xfff) + size > 4096 || (address & (aligned_to - 1))
        || (natural && (address & (size - 1)))) {
        return NULL;
    }
    return (void *)(uintptr_t)(address + (write ? e->write_addend : e->read_addend));
}

static void swap_bytes(void *p, unsigned size)
{
    uint8_t *bytes = p;
    for (unsigned i = 0; i < size / 2; i++) {
        uint8_t x = bytes[i];
        bytes[i] = bytes[size - 1 - i];
        bytes[size - 1 - i] = x;
    }
}

/* From the bytes of an access to a value of the type. */
static void extend(const IrMem *mem, IrType type, IrValue *value)
{
    unsigned bits = 8u << mem->size_log2;
    if (mem->sign && bits < 64) {
        value->s64[0] = (int64_t)(value->u64[0] << (64 - bits)) >> (64 - bits);
    }
    if (type == IR_I32) {
        value->u64[0] = value->u32[0];
    }
}

bool interp_load(Cpu *cpu, const IrMem *mem, uint64_t address, IrType type, IrValue *value)
{
    const void *host = host_address(cpu, mem, address, mem->will_write, false);
    *value = (IrValue){ 0 };
    if (!host) {
        bool done = tcg_slow_access(cpu, address, mem, TCG_ACCESS_LOAD, value);
        if (type == IR_I32) {
            value->u64[0] = value->u32[0];
        }
        return done;
    }
    copy_whole(value, host, 1u << mem->size_log2);
    if (mem->big_endian) {
        swap_bytes(value, 1u << mem->size_log2);
    }
    extend(mem, type, value);
    return true;
}

static bool store(Cpu *cpu, const IrMem *mem, uint64_t address, const IrValue *value)
{
    void *host = host_address(cpu, mem, address, true, false);
    IrValue copy = *value;
    if (!host) {
        return tcg_slow_access(cpu, address, mem, TCG_ACCESS_STORE, &copy);
    }
    if (mem->big_endian) {
        swap_bytes(&copy, 1u << mem->size_log2);
    }
    copy_whole(host, &copy, 1u << mem->size_log2);
    return true;
}

bool interp_store(Cpu *cpu, const IrMem *mem, uint64_t address, const IrValue *value)
{
    bool done = store(cpu, mem, address, value);
    if (mem->order == IR_ORDER_SEQ) {
        atomic_thread_fence(memory_order_seq_cst);      /* no later load passes it */
    }
    return done;
}

bool interp_store_masked(Cpu *cpu, const IrMem *mem, uint64_t address, const IrValue *value, uint32_t mask)
{
    uint8_t *host = host_address(cpu, mem, address, true, false);
    if (!host) {
        return tcg_slow_store_masked(cpu, address, mem, value, mask);
    }
    for (unsigned i = 0; i < 1u << mem->size_log2; i++) {
        if (mask >> i & 1) {
            host[i] = value->u8[i];
        }
    }
    return true;
}

bool interp_probe(Cpu *cpu, const IrMem *mem, uint64_t address)
{
    return host_address(cpu, mem, address, true, false) || tcg_slow_access(cpu, address, mem, TCG_ACCESS_STORE, NULL);
}

/* ---- atomics ---- */

static uint64_t combine(int op, uint64_t old, uint64_t x, unsigned bits)
{
    unsigned up = 64 - bits;
    int64_t signed_old = (int64_t)(old << up) >> up, signed_x = (int64_t)(x << up) >> up;
    switch (op) {
    case IR_ATOMIC_XCHG:
        return x;
    case IR_ATOMIC_ADD:
        return old + x;
    case IR_ATOMIC_AND:
        return old & x;
    case IR_ATOMIC_OR:
        return old | x;
    case IR_ATOMIC_XOR:
        return old ^ x;
    case IR_ATOMIC_SUB:
        return old - x;
    case IR_ATOMIC_SMIN:
        return signed_old < signed_x ? old : x;
    case IR_ATOMIC_SMAX:
        return signed_old > signed_x ? old : x;
    case IR_ATOMIC_UMIN:
        return old << up < x << up ? old : x;
    default:
        return old << up > x << up ? old : x;
    }
}

/* A comparison that fails orders as much as one that does not, as the host's instruction has it. */
#define READ_MODIFY_WRITE(type) \
    do { \
        type old_value = op < 0 ? (type)x : __atomic_load_n((type *)host, __ATOMIC_SEQ_CST); \
        bool done; \
        do { \
            type new_value = op < 0 ? (type)y : (type)combine(op, old_value, x, 8 * sizeof(type)); \
            done = __atomic_compare_exchange_n((type *)host, &old_value, new_value, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST); \
        } while (!done && op >= 0); \
        return old_value; \
    } while (0)

static uint64_t change(void *host, unsigned size_log2, int op, uint64_t x, uint64_t y)
{
    switch (size_log2) {
    case 0:
        READ_MODIFY_WRITE(uint8_t);
    case 1:
        READ_MODIFY_WRITE(uint16_t);
    case 2:
        READ_MODIFY_WRITE(uint32_t);
    default:
        READ_MODIFY_WRITE(uint64_t);
    }
}

#ifdef __x86_64__
static void exchange_pair(void *host, const IrValue *expected, const IrValue *desired, IrValue *old)
{
    uint64_t low = expected->u64[0], high = expected->u64[1];
    __asm__ volatile("lock cmpxchg16b %0" : "+m"(*(unsigned __int128 *)host), "+a"(low), "+d"(high) : "b"(desired->u64[0]), "c"(desired->u64[1]) : "cc", "memory");
    old->u64[0] = low;
    old->u64[1] = high;
}
static const bool has_exchange_pair = true;
#else
static void exchange_pair(void *host, const IrValue *expected, const IrValue *desired, IrValue *old) { }
static const bool has_exchange_pair = false;
#endif

static bool atomic_slowly(Cpu *cpu, const IrMem *mem, uint64_t address, int op, const IrValue *operand, const IrValue *desired, IrValue *old)
{
    uint64_t pairs[3][2] = { { 0 }, { operand->u64[0], operand->u64[1] }, { 0 } };
    if (desired) {
        memcpy(pairs[2], desired, 16);
    }
    bool done = tcg_slow_atomic(cpu, address, mem, op, pairs);
    *old = (IrValue){ .u64 = { pairs[0][0], pairs[0][1] } };
    return done;
}

bool interp_atomic(Cpu *cpu, const IrMem *mem, uint64_t address, int op, const IrValue *operand, const IrValue *desired, IrValue *old)
{
    void *host = host_address(cpu, mem, address, true, true);
    unsigned size = 1u << mem->size_log2;
    if (!host || mem->big_endian || (size == 16 && !has_exchange_pair)) {
        return atomic_slowly(cpu, mem, address, op, operand, desired, old);
    }
    *old = (IrValue){ 0 };
    if (size == 16) {
        exchange_pair(host, operand, desired, old);
    } else {
        old->u64[0] = change(host, mem->size_log2, op, operand->u64[0], desired ? desired->u64[0] : 0);
    }
    return true;
}
