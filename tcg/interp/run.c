/*
 * The interpreter's loop: units one behind the other, op by op, until something is to do.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "interp.h"
#include "tcg/evaluate.h"
#include <setjmp.h>
#include <string.h>
#ifdef __x86_64__
#include <x86intrin.h>
#endif

/* A unit on its way. */
typedef struct Run {
    Cpu *cpu;
    TcgUnit *unit;
    const InterpUnit *u;
    IrValue *values;
    UnitExit **exit;
    TcgLeaveKind kind;          /* when it leaves */
} Run;

/* ---- calls ---- */

/* Integers, pointers and floating-point values go in registers of their own: so a call with all of them filled serves every helper. */
typedef uint64_t IntFunction(Cpu *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double, double, double, double, double);
typedef double FloatFunction(Cpu *, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, uint64_t, double, double, double, double, double, double);

void interp_call(Cpu *cpu, const InterpUnit *u, const IrCall *call, const IrValue *values, IrValue *result)
{
    const IrHelper *helper = call->helper;
    uint64_t n[7] = { 0 };
    double f[6] = { 0 };
    unsigned nr_n = 0, nr_f = 0;
    bool vector = helper->result == IR_V128 || helper->result == IR_V256;
    if (vector) {
        n[nr_n++] = (uintptr_t)result;
    }
    for (unsigned i = 0; i < call->nargs; i++) {
        const IrValue *v = interp_value(u, values, call->args[i]);
        IrType type = helper->args[i];
        if (type == IR_F32 || type == IR_F64) {
            f[nr_f++] = v->f64[0];
        } else {
            n[nr_n++] = type == IR_V128 || type == IR_V256 ? (uintptr_t)v : v->u64[0];
        }
    }
    ((IrHelper *)helper)->calls++;
    if (helper->result == IR_F32 || helper->result == IR_F64) {
        result->f64[0] = ((FloatFunction *)helper->function)(cpu, n[0], n[1], n[2], n[3], n[4], n[5], n[6], f[0], f[1], f[2], f[3], f[4], f[5]);
        return;
    }
    uint64_t value = ((IntFunction *)helper->function)(cpu, n[0], n[1], n[2], n[3], n[4], n[5], n[6], f[0], f[1], f[2], f[3], f[4], f[5]);
    if (!vector) {
        result->u64[0] = helper->result == IR_I32 ? (uint32_t)value : helper->result == IR_FLAGS ? (uint16_t)value : value;
    }
}

/* ---- leaving ---- */

static uint64_t truncated_pc(const InterpUnit *u, uint64_t pc)
{
    return pc & ir_mask(u->pc_bits);
}

static void store_pc(const Run *r, uint64_t pc)
{
    memcpy((uint8_t *)r->cpu + r->u->target->slots[r->u->target->slot_pc].offset, &pc, sizeof(pc));
}

/* Out of run(), or on to another unit. */
static bool leave(Run *r, TcgLeaveKind kind)
{
    r->kind = kind;
    return false;
}

static bool go_on(Run *r, TcgUnit *unit)
{
    r->unit = unit;
    return true;
}

static bool kicked(const Run *r)
{
    return atomic_load_explicit(&tcg_hot(r->cpu)->kick, memory_order_relaxed);
}

static bool leave_by_fault(Run *r, uint32_t insn, uint32_t reason)
{
    interp_recover(r->cpu, r->u, r->values, r->u->point_of[insn]);
    r->u->target->raise(r->cpu, reason);
    return leave(r, TCG_LEAVE_EXCEPTION);
}

/* A slow path says so: an exception, or what else is pending. */
static bool leave_by_access(Run *r, uint32_t insn)
{
    TcgHot *hot = tcg_hot(r->cpu);
    interp_recover(r->cpu, r->u, r->values, r->u->point_of[insn]);
    TcgLeaveKind kind = hot->pending_leave ? (TcgLeaveKind)hot->pending_leave : TCG_LEAVE_EXCEPTION;
    hot->pending_leave = 0;
    return leave(r, kind);
}

/* The unit that an exit is linked to; on another page: while its cell says so. */
static TcgUnit *linked_unit(const TcgHot *hot, const UnitExit *exit)
{
    if (exit->same_page || !exit->cell || !hot->cells) {
        return exit->same_page ? __atomic_load_n(&exit->linked, __ATOMIC_ACQUIRE) : NULL;
    }
    const JumpCell *cell = &hot->cells[exit->cell];
    return cell->tag == jump_tag(hot->pc_base, hot->fetch_epoch) ? (TcgUnit *)cell->code : NULL;
}

static bool leave_to_target(Run *r, uint32_t number, const IrExit *exit)
{
    TcgHot *hot = tcg_hot(r->cpu);
    UnitExit *link = &r->unit->exits[number];
    store_pc(r, truncated_pc(r->u, hot->pc_base + exit->target));
    if (kicked(r)) {
        return leave(r, TCG_LEAVE_KICK);
    }
    TcgUnit *next = linked_unit(hot, link);
    if (next) {
        hot->pc_base += exit->target - next->offset;
        return go_on(r, next);
    }
    *r->exit = link;
    return leave(r, TCG_LEAVE_GOTO);
}

static bool leave_to_value(Run *r, uint64_t pc)
{
    TcgHot *hot = tcg_hot(r->cpu);
    store_pc(r, pc);
    if (kicked(r)) {
        return leave(r, TCG_LEAVE_KICK);
    }
    const JumpCell *cell = hot->jump_cache ? &hot->jump_cache[jump_cache_hash(pc)] : NULL;
    if (cell && cell->tag == jump_tag(pc, hot->fetch_epoch)) {
        TcgUnit *next = (TcgUnit *)cell->code;
        hot->pc_base = pc - next->offset;
        return go_on(r, next);
    }
    const void *code = tcg_lookup_code(r->cpu, pc);
    return code ? go_on(r, (TcgUnit *)code) : leave(r, TCG_LEAVE_LOOKUP);
}

static bool leave_to_next(Run *r, TcgLeaveKind kind)
{
    const void *code = tcg_next_code(r->cpu, kind);
    return code ? go_on(r, (TcgUnit *)code) : leave(r, kind);
}

static bool leave_by_exit(Run *r, uint32_t n, const IrInsn *insn)
{
    const IrExit *exit = &r->u->exits[insn->c];
    if (exit->kind == IR_EXIT_FAULT) {
        return leave_by_fault(r, n, exit->reason);
    }
    uint64_t pc = insn->op == IR_EXIT_VALUE ? interp_value(r->u, r->values, insn->a)->u64[0] : 0;
    interp_store_exit(r->cpu, r->u, r->values, r->u->point_of[n]);
    switch (exit->kind) {
    case IR_EXIT_GOTO:
    case IR_EXIT_CALL:
        return leave_to_target(r, insn->c, exit);
    case IR_EXIT_EVENT_AT:
        store_pc(r, truncated_pc(r->u, tcg_hot(r->cpu)->pc_base + exit->target));
        return leave_to_next(r, TCG_LEAVE_EVENT);
    case IR_EXIT_LOOKUP:
        return leave_to_next(r, TCG_LEAVE_LOOKUP);
    case IR_EXIT_EVENT:
        return leave_to_next(r, TCG_LEAVE_EVENT);
    default:
        return leave_to_value(r, pc);
    }
}

/* ---- ops ---- */

static uint64_t cycle_counter(void)
{
#ifdef __x86_64__
    return __rdtsc();
#else
    return g_get_monotonic_time() * 1000;
#endif
}

static void read_slot(const Run *r, const IrSlot *slot, IrValue *value)
{
    const uint8_t *home = (const uint8_t *)r->cpu + slot->offset;
    *value = (IrValue){ 0 };
    switch (slot->type) {
    case IR_FLAGS:
        memcpy(value, home, 2);
        break;
    case IR_I32:
    case IR_F32:
        memcpy(value, home, 4);
        break;
    case IR_I128:
    case IR_V128:
        memcpy(value, home, 16);
        break;
    case IR_V256:
        memcpy(value, home, 32);
        break;
    default:
        memcpy(value, home, 8);
        break;
    }
}

static uint64_t access_address(const Run *r, const IrInsn *insn, const IrMem *mem)
{
    uint64_t base = interp_value(r->u, r->values, insn->a)->u64[0];
    return (base + mem->offset) & ir_mask(r->u->address_bits);
}

/* false: it faulted. */
static bool access_memory(Run *r, uint32_t n, const IrInsn *insn)
{
    const InterpUnit *u = r->u;
    const IrMem *mem = &u->mems[insn->c];
    uint64_t address = access_address(r, insn, mem);
    IrValue *value = &r->values[n];
    const IrInsn *args;
    switch (insn->op) {
    case IR_LOAD:
        return interp_load(r->cpu, mem, address, insn->type, value);
    case IR_STORE:
        return interp_store(r->cpu, mem, address, interp_value(u, r->values, insn->b));
    case IR_STORE_MASKED:
        args = &u->insns[insn->b];
        return interp_store_masked(r->cpu, mem, address, interp_value(u, r->values, args->a), interp_value(u, r->values, args->b)->u32[0]);
    case IR_PROBE_WRITE:
        return interp_probe(r->cpu, mem, address);
    case IR_ATOMIC:
        return interp_atomic(r->cpu, mem, address, insn->sub, interp_value(u, r->values, insn->b), NULL, value);
    default:
        args = &u->insns[insn->b];
        return interp_atomic(r->cpu, mem, address, -1, interp_value(u, r->values, args->a), interp_value(u, r->values, args->b), value);
    }
}

static IrType type_of(const InterpUnit *u, IrRef r)
{
    return ir_is_const(r) ? u->const_types[r & ~IR_CONST_BIT] : u->insns[r].type;
}

static unsigned state_bytes(IrType type) { return type == IR_I64 ? 8 : type == IR_V128 ? 16 : 32; }

/* Everything without effect. false: a division that faults. */
static bool compute(Run *r, uint32_t n, const IrInsn *insn)
{
    const InterpUnit *u = r->u;
    unsigned nargs = ir_op_info[insn->op].nargs;
    static const IrValue none;
    InterpOperands v = { .a = nargs > 0 ? interp_value(u, r->values, insn->a) : &none, .b = nargs > 1 ? interp_value(u, r->values, insn->b) : &none,
                         .c = nargs > 2 ? interp_value(u, r->values, insn->c) : &none };
    IrValue *value = &r->values[n];
    switch (insn->op) {
    case IR_ADD:
        value->u64[0] = v.a->u64[0] + v.b->u64[0];
        break;
    case IR_SUB:
        value->u64[0] = v.a->u64[0] - v.b->u64[0];
        break;
    case IR_AND:
        value->u64[0] = v.a->u64[0] & v.b->u64[0];
        break;
    case IR_OR:
        value->u64[0] = v.a->u64[0] | v.b->u64[0];
        break;
    case IR_XOR:
        value->u64[0] = v.a->u64[0] ^ v.b->u64[0];
        break;
    case IR_TRUNC:
        value->u64[0] = v.a->u32[0];
        break;
    case IR_SELECT:
        *value = v.a->u64[0] ? *v.b : *v.c;
        break;
    case IR_I128_MAKE:
        *value = (IrValue){ .u64 = { v.a->u64[0], v.b->u64[0] } };
        break;
    case IR_I128_LO:
        value->u64[0] = v.a->u64[0];
        break;
    case IR_I128_HI:
        value->u64[0] = v.a->u64[1];
        break;
    default:
        v.type_a = type_of(u, insn->a);
        v.type_b = nargs > 1 ? type_of(u, insn->b) : IR_NONE;
        if (insn->op >= IR_VAND) {
            interp_vector(insn, &v, value);
            return true;
        }
        if (insn->op >= IR_FADD) {
            interp_float(insn, &v, value);
            return true;
        }
        return ir_evaluate(insn->op, insn->type, v.type_a, insn->sub, insn->imm, (IrOperands){ v.a->u64[0], v.b->u64[0], v.c->u64[0] }, &value->u64[0]);
    }
    if (insn->type == IR_I32) {
        value->u64[0] = value->u32[0];
    }
    return true;
}

/* Runs r->unit to its end: true when it goes on with another. */
static bool run_unit(Run *r)
{
    const InterpUnit *u = r->u;
    for (const uint32_t *step = u->steps;; step++) {
        uint32_t n = *step;
        const IrInsn *insn = &u->insns[n];
        switch (insn->op) {
        case IR_SLOT_READ:
            read_slot(r, &u->target->slots[insn->a], &r->values[n]);
            break;
        case IR_SLOT_STORE:
            interp_store_slot(r->cpu, &u->target->slots[insn->b], interp_value(u, r->values, insn->a));
            break;
        case IR_STATE_READ:
            memcpy(&r->values[n], (const uint8_t *)r->cpu + insn->a, state_bytes(insn->type));
            break;
        case IR_STATE_WRITE:
            memcpy((uint8_t *)r->cpu + insn->b, interp_value(u, r->values, insn->a), state_bytes(type_of(u, insn->a)));
            break;
        case IR_CALL:
            interp_call(r->cpu, u, &u->calls[insn->a], r->values, &r->values[n]);
            break;
        case IR_LOAD:
        case IR_STORE:
        case IR_STORE_MASKED:
        case IR_PROBE_WRITE:
        case IR_ATOMIC:
        case IR_CAS:
            if (!access_memory(r, n, insn)) {
                return leave_by_access(r, n);
            }
            break;
        case IR_FENCE:
            atomic_thread_fence(memory_order_seq_cst);
            break;
        case IR_CLOCK:
            r->values[n].u64[0] = cycle_counter();
            break;
        case IR_EXIT_IF:
            if (!interp_value(u, r->values, insn->a)->u64[0]) {
                break;
            }
            return leave_by_exit(r, n, insn);
        case IR_EXIT:
        case IR_EXIT_VALUE:
            return leave_by_exit(r, n, insn);
        default:
            if (!compute(r, n, insn)) {
                return leave_by_fault(r, n, TCG_REASON_DIVIDE);
            }
            break;
        }
    }
}

/* ---- the back end ---- */

static __thread IrValue *thread_values;
static __thread uint32_t nr_thread_values;

static void free_values(void *values)
{
    free(values);
}

/* Room for the values of a unit; kept for the thread's next ones. */
static IrValue *values_for(uint32_t n)
{
    static GPrivate key = G_PRIVATE_INIT(free_values);
    if (n > nr_thread_values) {
        nr_thread_values = MAX(4096, 2 * n);
        thread_values = aligned_alloc(_Alignof(IrValue), nr_thread_values * sizeof(IrValue));
        g_private_replace(&key, thread_values);
    }
    return thread_values;
}

static TcgLeaveKind run(Cpu *cpu, TcgUnit *unit, UnitExit **exit)
{
    TcgHot *hot = tcg_hot(cpu);
    jmp_buf point;
    void *outer = hot->host_stack;
    Run r = { .cpu = cpu, .unit = unit, .exit = exit };
    int left = setjmp(point);
    if (left) {
        hot->host_stack = outer;
        return left - 1;
    }
    hot->host_stack = &point;
    do {
        r.u = r.unit->recorded;
        r.values = values_for(r.u->nr_insns);
        r.unit->executions++;
    } while (run_unit(&r));
    hot->host_stack = outer;
    return r.kind;
}

static G_NORETURN void leave_run(Cpu *cpu, TcgLeaveKind kind)
{
    longjmp(*(jmp_buf *)tcg_hot(cpu)->host_stack, kind + 1);
}

static bool init(CodeArea *area, const TcgTarget *target, GError **err)
{
    return true;
}

static void link_exit(UnitExit *exit, TcgUnit *target)
{
    __atomic_store_n(&exit->linked, target, __ATOMIC_RELEASE);
}

static void unlink_exit(UnitExit *exit)
{
    __atomic_store_n(&exit->linked, NULL, __ATOMIC_RELEASE);
}

static const void *entry(TcgUnit *unit)
{
    return unit;
}

static const void *entry_direct(TcgUnit *unit, bool look)
{
    return unit;
}

const TcgBackend tcg_backend_interp = {
    .name = "interp", .init = init, .compile = interp_compile, .release = interp_release, .run = run, .leave = leave_run, .link = link_exit, .unlink = unlink_exit,
    .entry = entry, .entry_direct = entry_direct,
};
