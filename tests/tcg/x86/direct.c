/*
 * The builder's functions, each carried out at once (direct.h).
 *
 * Slots written are kept aside until their instruction has ended, so that one that faults leaves the state as it was.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "direct.h"
#include "case.h"
#include "engine.h"
#include "target/i386/internal.h"
#include "target/i386/tcg/translate.h"
#include "tcg/hot.h"
#include <setjmp.h>
#include <string.h>

enum { MAX_VALUES = 1 << 16 };

static DirectValue values[MAX_VALUES], pending[X86_NR_SLOTS];
static bool is_pending[X86_NR_SLOTS];
static unsigned nr_values, address_bits, pc_bits;
static int32_t insn_offset;
static jmp_buf leave_point;

/* ---- state ---- */

static IrRef new_value(IrType type, bool known, uint64_t x)
{
    g_assert(nr_values < MAX_VALUES);
    values[nr_values] = (DirectValue){ .type = type, .known = known, .lo = type == IR_I32 ? (uint32_t)x : x };
    return nr_values++;
}

static void *slot_home(unsigned slot)
{
    return (uint8_t *)engine_cpu + x86_slots[slot].offset;
}

static unsigned slot_bytes(unsigned slot)
{
    IrType type = x86_slots[slot].type;
    g_assert(type == IR_I32 || type == IR_I64 || type == IR_FLAGS);
    return type == IR_I64 ? 8 : type == IR_I32 ? 4 : 2;
}

static void commit(void)
{
    for (unsigned slot = 0; slot < X86_NR_SLOTS; slot++) {
        if (is_pending[slot]) {
            memcpy(slot_home(slot), &pending[slot].lo, slot_bytes(slot));
            is_pending[slot] = false;
        }
    }
}

static void discard(void)
{
    memset(is_pending, 0, sizeof(is_pending));
}

static uint64_t pc_at(int64_t offset)
{
    uint64_t pc = tcg_hot(&engine_cpu->parent)->pc_base + offset;
    return pc & MAKE_MASK(0, pc_bits);
}

static G_NORETURN void leave(void)
{
    longjmp(leave_point, 1);
}

void tcg_leave(Cpu *cpu)
{
    leave();
}

/* ---- blocks and instructions ---- */

void ir_begin(IrBuilder *b, unsigned address_width, unsigned pc_width)
{
    address_bits = address_width;
    pc_bits = pc_width;
    nr_values = 1;
    discard();
}

bool ir_full(const IrBuilder *b)
{
    return nr_values > MAX_VALUES / 2;
}

void ir_insn_start(IrBuilder *b, int32_t offset, uint32_t extra)
{
    insn_offset = offset;
}

IrMark ir_mark(IrBuilder *b)
{
    commit();
    return (IrMark){ 0 };
}

void ir_rewind(IrBuilder *b, IrMark mark)
{
    discard();
}

/* ---- values ---- */

IrRef ir_const(IrBuilder *b, IrType type, uint64_t value)
{
    return new_value(type, true, value);
}

bool ir_get_const(const IrBuilder *b, IrRef r, uint64_t *value)
{
    *value = values[r].lo;
    return values[r].known;
}

IrType ir_type_of(const IrBuilder *b, IrRef r)
{
    return values[r].type;
}

IrRef ir_read(IrBuilder *b, unsigned slot)
{
    if (is_pending[slot]) {
        values[nr_values] = pending[slot];
        return nr_values++;
    }
    uint64_t value = 0;
    memcpy(&value, slot_home(slot), slot_bytes(slot));
    return new_value(x86_slots[slot].type, false, value);
}

void ir_write(IrBuilder *b, unsigned slot, IrRef value)
{
    g_assert(values[value].type == x86_slots[slot].type);
    pending[slot] = values[value];
    is_pending[slot] = true;
}

static G_NORETURN void fault(uint32_t reason)
{
    discard();
    engine_cpu->pc = pc_at(insn_offset);
    x86_tcg_target.raise(&engine_cpu->parent, reason);
    leave();
}

IrRef ir_emit(IrBuilder *b, IrOp op, IrType type, unsigned sub, unsigned imm, IrRef x, IrRef y, IrRef z)
{
    const DirectValue none = { 0 };
    DirectOp o = { op, type, sub, imm, x ? values[x] : none, y ? values[y] : none, z ? values[z] : none };
    uint64_t value;
    if (op == IR_I128_MAKE) {
        IrRef r = new_value(type, false, o.a.lo);
        values[r].hi = o.b.lo;
        return r;
    }
    if (op == IR_I128_LO || op == IR_I128_HI) {
        return new_value(type, false, op == IR_I128_LO ? o.a.lo : o.a.hi);
    }
    if (!direct_evaluate(&o, &value)) {
        fault(TCG_REASON_DIVIDE);
    }
    return new_value(type, (!x || o.a.known) && (!y || o.b.known) && (!z || o.c.known), value);
}

IrRef ir_zext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x)
{
    return new_value(to, values[x].known, values[x].lo & MAKE_MASK(0, 8u << size_log2));
}

IrRef ir_sext(IrBuilder *b, IrType to, unsigned size_log2, IrRef x)
{
    unsigned shift = 64 - (8u << size_log2);
    return new_value(to, values[x].known, (int64_t)(values[x].lo << shift) >> shift);
}

IrRef ir_trunc(IrBuilder *b, IrRef x)
{
    return new_value(IR_I32, values[x].known, values[x].lo);
}

IrRef ir_pc(IrBuilder *b, int64_t offset)
{
    return new_value(IR_I64, false, pc_at(offset));
}

/* ---- memory ---- */

/* The checked address of an access; leaves on a fault. */
static void *accessed(IrRef base, const IrMem *mem, TcgAccess kind)
{
    Cpu *cpu = &engine_cpu->parent;
    g_assert(values[base].type == IR_I64);
    uint64_t address = (values[base].lo + mem->offset) & MAKE_MASK(0, address_bits);
    engine_cpu->pc = pc_at(insn_offset);
    bool bad = address & MAKE_MASK(0, mem->align_log2) && x86_tcg_target.unaligned(cpu, address, kind, mem->priv);
    if (bad || !engine_check(cpu, address, 1u << mem->size_log2, kind)) {
        discard();
        leave();
    }
    return (void *)(uintptr_t)address;
}

IrRef ir_load(IrBuilder *b, IrType type, IrRef base, IrMem mem)
{
    uint64_t value = 0;
    g_assert(mem.size_log2 <= 3 && !mem.sign);
    memcpy(&value, accessed(base, &mem, mem.will_write ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD), 1u << mem.size_log2);
    return new_value(type, false, value);
}

void ir_store(IrBuilder *b, IrRef base, IrRef value, IrMem mem)
{
    g_assert(values[value].type == (mem.size_log2 == 3 ? IR_I64 : IR_I32));
    memcpy(accessed(base, &mem, TCG_ACCESS_STORE), &values[value].lo, 1u << mem.size_log2);
}

void ir_probe_write(IrBuilder *b, IrRef base, IrMem mem)
{
    accessed(base, &mem, TCG_ACCESS_STORE);
}

IrRef ir_atomic(IrBuilder *b, IrAtomic op, IrType type, IrRef base, IrRef value, IrMem mem)
{
    void *at = accessed(base, &mem, TCG_ACCESS_STORE);
    uint64_t old = 0, x = values[value].lo;
    g_assert(values[value].type == type);
    memcpy(&old, at, 1u << mem.size_log2);
    const uint64_t results[] = { [IR_ATOMIC_XCHG] = x, [IR_ATOMIC_ADD] = old + x, [IR_ATOMIC_AND] = old & x, [IR_ATOMIC_OR] = old | x,
                                 [IR_ATOMIC_XOR] = old ^ x, [IR_ATOMIC_SUB] = old - x };
    g_assert(op < G_N_ELEMENTS(results));
    memcpy(at, &results[op], 1u << mem.size_log2);
    return new_value(type, false, old);
}

IrRef ir_cas(IrBuilder *b, IrType type, IrRef base, IrRef expected, IrRef desired, IrMem mem)
{
    void *at = accessed(base, &mem, TCG_ACCESS_STORE);
    uint64_t old[2] = { 0, 0 };
    unsigned bytes = 1u << mem.size_log2;
    memcpy(old, at, bytes);
    if (!memcmp(old, &values[expected].lo, bytes)) {
        memcpy(at, &values[desired].lo, bytes);
    }
    IrRef r = new_value(type, false, old[0]);
    values[r].hi = old[1];
    return r;
}

void ir_fence(IrBuilder *b, IrOrder order)
{
}

/* ---- calls ---- */

IrRef ir_call(IrBuilder *b, const IrHelper *helper, const IrRef *args)
{
    typedef uint64_t Function(Cpu *cpu, uint64_t, uint64_t, uint64_t, uint64_t);
    uint64_t a[4] = { 0 };
    for (unsigned i = 0; i < helper->nargs; i++) {
        g_assert(i < 4 && values[args[i]].type == helper->args[i]);
        a[i] = values[args[i]].lo;
    }
    if (helper->flags & HELPER_FAULTS) {
        commit();
        engine_cpu->pc = pc_at(insn_offset);
    }
    uint64_t result = ((Function *)helper->function)(&engine_cpu->parent, a[0], a[1], a[2], a[3]);
    return new_value(helper->result, false, result);
}

/* ---- ends ---- */

static G_NORETURN void go(uint64_t pc)
{
    commit();
    engine_cpu->pc = pc & MAKE_MASK(0, pc_bits);
    leave();
}

void ir_exit_goto(IrBuilder *b, int64_t target_offset)
{
    go(pc_at(target_offset));
}

void ir_exit_call(IrBuilder *b, int64_t target_offset, int64_t return_offset)
{
    go(pc_at(target_offset));
}

void ir_exit_indirect(IrBuilder *b, IrRef pc)
{
    go(values[pc].lo);
}

void ir_exit_call_indirect(IrBuilder *b, IrRef pc, int64_t return_offset)
{
    go(values[pc].lo);
}

void ir_exit_return(IrBuilder *b, IrRef pc)
{
    go(values[pc].lo);
}

void ir_exit_lookup(IrBuilder *b)
{
    commit();
    leave();
}

void ir_exit_event(IrBuilder *b)
{
    commit();
    leave();
}

void ir_exit_fault(IrBuilder *b, uint32_t reason)
{
    fault(reason);
}

void ir_exit_goto_if(IrBuilder *b, IrRef cond, int64_t target_offset)
{
    g_assert(values[cond].type == IR_I32);
    if (values[cond].lo) {
        go(pc_at(target_offset));
    }
}

void ir_exit_fault_if(IrBuilder *b, IrRef cond, uint32_t reason)
{
    g_assert(values[cond].type == IR_I32);
    if (values[cond].lo) {
        fault(reason);
    }
}

/* ---- the engine's part ---- */

void engine_backend_init(void)
{
}

void engine_run_block(int max_insns)
{
    X86Cpu *cpu = engine_cpu;
    uint64_t pc = x86_tcg_target.linear_pc(&cpu->parent);
    TcgTranslate t = { .mode = x86_mode_key(&cpu->parent), .offset = pc & 4095, .max_insns = max_insns, .cpu = &cpu->parent };
    if (!engine_check(&cpu->parent, pc, 1, TCG_ACCESS_FETCH)) {
        return;
    }
    tcg_hot(&cpu->parent)->pc_base = cpu->pc - t.offset;
    if (!setjmp(leave_point)) {
        x86_translate(&t);
        g_assert_not_reached();
    }
}

char *engine_ir(void)
{
    return NULL;
}
