/*
 * Atomic guest operations off the fast path: as the host's own on the host address; over two pages with all other vCPUs standing outside guest code.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "accel/tcg/access.h"
#include "util/main-loop.h"

#include <string.h>

enum { OP_CAS = -1 };

static uint64_t sign(uint64_t value, unsigned size)
{
    return (uint64_t)sextract64(value, 0, size * 8);
}

static uint64_t compute(int op, uint64_t old, uint64_t operand, unsigned size)
{
    switch (op) {
    case IR_ATOMIC_XCHG:
        return operand;
    case IR_ATOMIC_ADD:
        return old + operand;
    case IR_ATOMIC_SUB:
        return old - operand;
    case IR_ATOMIC_AND:
        return old & operand;
    case IR_ATOMIC_OR:
        return old | operand;
    case IR_ATOMIC_XOR:
        return old ^ operand;
    case IR_ATOMIC_SMIN:
        return (int64_t)sign(old, size) < (int64_t)sign(operand, size) ? old : operand;
    case IR_ATOMIC_SMAX:
        return (int64_t)sign(old, size) > (int64_t)sign(operand, size) ? old : operand;
    case IR_ATOMIC_UMIN:
        return MIN(old, operand);
    default:
        return MAX(old, operand);
    }
}

static uint64_t masked(const uint64_t *p, unsigned size)
{
    return *p & MAKE_MASK(0, size * 8);
}

/* value: see tcg_slow_atomic. On bytes that nobody else touches meanwhile. */
static void apply(int op, void *bytes, uint64_t *value, unsigned size)
{
    uint64_t old[2] = { 0 };
    memcpy(old, bytes, size);
    if (op == OP_CAS) {
        if (!memcmp(old, &value[2], size)) {
            memcpy(bytes, &value[4], size);
        }
    } else {
        uint64_t result = compute(op, old[0], masked(&value[2], size), size);
        memcpy(bytes, &result, size);
    }
    value[0] = old[0];
    value[1] = old[1];
}

#define CAS_LOOP(type) do { \
        type old = __atomic_load_n((type *)host, __ATOMIC_RELAXED), new; \
        do { \
            new = op == OP_CAS ? (old == (type)value[2] ? (type)value[4] : old) : (type)compute(op, old, (type)value[2], sizeof(type)); \
        } while (!__atomic_compare_exchange_n((type *)host, &old, new, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)); \
        value[0] = old; \
        value[1] = 0; \
    } while (0)

#if defined(__x86_64__)
static void cas_16(void *host, uint64_t *value)
{
    uint64_t low = value[2], high = value[3];
    __asm__ volatile("lock cmpxchg16b %0" : "+m"(*(unsigned __int128 *)host), "+a"(low), "+d"(high) : "b"(value[4]), "c"(value[5]) : "cc", "memory");
    value[0] = low;
    value[1] = high;
}
#endif

/*
 * false: not on this host, at this address. Over two lines of the cache x86 could, too, but its bus lock holds up all that runs on the host, and Linux makes who does that
 * sleep for some 10 ms each time (Documentation/arch/x86/buslock.rst).
 */
static bool on_host(int op, void *host, uint64_t *value, unsigned size)
{
    bool aligned = ((uintptr_t)host & (size - 1)) == 0;
#if defined(__x86_64__)
    enum { LINE = 64 };
    if (((uintptr_t)host & (LINE - 1)) + size > LINE) {
        return false;
    }
#else
    if (!aligned) {
        return false;
    }
#endif
    switch (size) {
    case 1:
        CAS_LOOP(uint8_t);
        return true;
    case 2:
        CAS_LOOP(uint16_t);
        return true;
    case 4:
        CAS_LOOP(uint32_t);
        return true;
    case 8:
        CAS_LOOP(uint64_t);
        return true;
    default:
#if defined(__x86_64__)
        if (aligned && op == OP_CAS) {
            cas_16(host, value);
            return true;
        }
#endif
        return false;
    }
}

static bool leave_with(TcgVcpu *v, TcgLeaveKind kind)
{
    v->hot->pending_leave = kind;
    return false;
}

/* Alone: by a load and a store. */
static bool alone(TcgVcpu *v, uint64_t vaddr, int op, uint64_t *value, unsigned size, unsigned priv)
{
    uint8_t bytes[16];
    uint64_t before[6];
    bool had_it = v->exclusive;
    memcpy(before, value, sizeof(before));
    if (!had_it) {
        tcg_exclusive_begin(v->cpu);
    }
    bool ok = tcg_probe(v->cpu, vaddr, size, TCG_ACCESS_STORE, priv) && tcg_read_bytes(v->cpu, vaddr, bytes, size, priv);
    if (ok) {
        apply(op, bytes, value, size);
        ok = tcg_write_bytes(v->cpu, vaddr, bytes, size, priv);
    }
    if (!had_it) {
        tcg_exclusive_end(v->cpu);
    }
    if (!ok) {
        bool single = v->want_single;
        v->want_single = false;
        memcpy(value, before, sizeof(before));
        return leave_with(v, single ? TCG_LEAVE_SINGLE : TCG_LEAVE_EXCEPTION);
    }
    return true;
}

static bool by_dispatch(TcgVcpu *v, const Place *p, uint64_t vaddr, int op, uint64_t *value, unsigned size)
{
    uint8_t bytes[16] = { 0 };
    MACHINE_LOCK_GUARD();
    if (!place_dispatch(v, p, vaddr, bytes, size, TCG_ACCESS_LOAD)) {
        return leave_with(v, TCG_LEAVE_EXCEPTION);
    }
    apply(op, bytes, value, size);
    return place_dispatch(v, p, vaddr, bytes, size, TCG_ACCESS_STORE) || leave_with(v, TCG_LEAVE_EXCEPTION);
}

static bool slow_atomic(Cpu *cpu, uint64_t vaddr, const IrMem *mem, int op, void *operands)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    unsigned size = 1u << mem->size_log2;
    uint64_t *value = operands;
    Place p;
    v->slow_accesses++;
    if (mem->align_log2 && (vaddr & MAKE_MASK(0, mem->align_log2)) && v->target->unaligned(cpu, vaddr, TCG_ACCESS_STORE, mem->priv)) {
        return leave_with(v, TCG_LEAVE_EXCEPTION);
    }
    if ((vaddr & PAGE_MASK_LOW) + size > PAGE_BYTES) {
        return alone(v, vaddr, op, value, size, mem->priv);
    }
    PlaceKind kind = place_find(v, vaddr, size, TCG_ACCESS_STORE, mem->priv, &p);
    if (kind == PLACE_RAM) {
        tlb_install(v, p.page, vaddr, TCG_ACCESS_STORE, mem->priv);
        bool done = on_host(op, p.host, value, size);
        place_release(v, &p);
        return done || alone(v, vaddr, op, value, size, mem->priv);
    }
    if (kind == PLACE_DISPATCH) {
        return by_dispatch(v, &p, vaddr, op, value, size);
    }
    return leave_with(v, kind == PLACE_SINGLE ? TCG_LEAVE_SINGLE : TCG_LEAVE_EXCEPTION);
}

bool tcg_slow_atomic(Cpu *cpu, uint64_t vaddr, const IrMem *mem, int op, void *operands)
{
    TcgVcpu *v = tcg_vcpu(cpu);
    bool done = slow_atomic(cpu, vaddr, mem, op, operands);
    if (!done && v->hot->pending_leave == TCG_LEAVE_EXCEPTION && v->target->access_failed && v->target->access_failed(cpu, mem)) {
        v->hot->pending_leave = TCG_LEAVE_SINGLE;
    }
    return done;
}
