/*
 * Random blocks. Each op is worked out by its definition (tcg/evaluate.h, tcg/interp) on the state of this run while it is handed to the builder; so what the builder folds,
 * keeps in values and puts back at exits and faults can be compared with what the CPU's state and memory must be in the end.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "fuzz-internal.h"
#include <string.h>

/* ---- memory ---- */

static Value random_address(Fuzz *f, IrMem *mem)
{
    unsigned place = fuzz_below(f, 100);
    uint64_t at = TOY_MEMORY + (place < 80 ? 0x100 + fuzz_below(f, 0x1e00) : place < 90 ? TOY_WRITABLE - fuzz_below(f, 40) : place < 97 ? 0x1000 - fuzz_below(f, 32) : TOY_READABLE - fuzz_below(f, 40));
    Value base = *fuzz_pick(f, IR_I64);
    mem->offset = fuzz_chance(f, 30) ? 0 : (int32_t)fuzz_random_number(f) >> fuzz_below(f, 28);
    /* base' + offset = at: through an addition that the builder may see through. */
    uint64_t rest = at - mem->offset - base.v.u64[0];
    if (fuzz_chance(f, 5)) {
        return base;
    }
    return *fuzz_compute(f, IR_ADD, IR_I64, 0, 0, &base, fuzz_constant(f, IR_I64, rest), NULL);
}

/* false: it faults. */
static bool may_access(Fuzz *f, const IrMem *mem, uint64_t address, bool write)
{
    if (address & ((UINT64_C(1) << mem->align_log2) - 1)) {
        fuzz_leave_by_fault(f, TOY_FAULT_UNALIGNED);
        return false;
    }
    if (!toy_may_access(address, 1u << mem->size_log2, write)) {
        fuzz_leave_by_fault(f, TOY_FAULT_ACCESS);
        return false;
    }
    return true;
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

static IrMem random_mem(Fuzz *f, unsigned size_log2)
{
    return (IrMem){ .size_log2 = size_log2, .order = IR_ORDER_TSO, .priv = fuzz_below(f, 2), .big_endian = size_log2 <= 3 && fuzz_chance(f, 10),
                    .align_log2 = fuzz_chance(f, 10) ? fuzz_below(f, size_log2 + 1) : 0 };
}

static IrType random_memory_type(Fuzz *f, unsigned *size_log2)
{
    if (f->vectors && fuzz_chance(f, 40)) {
        *size_log2 = 2 + fuzz_below(f, 4);
        return *size_log2 == 5 ? IR_V256 : IR_V128;
    }
    if (fuzz_chance(f, 50)) {
        *size_log2 = fuzz_below(f, 3);
        return IR_I32;
    }
    *size_log2 = fuzz_below(f, 4);
    return IR_I64;
}

static void random_load(Fuzz *f)
{
    unsigned size_log2, size;
    IrType type = random_memory_type(f, &size_log2);
    IrMem mem = random_mem(f, size_log2);
    mem.will_write = fuzz_chance(f, 15);
    mem.sign = size_log2 < 3 && type < IR_I128 && fuzz_chance(f, 30);
    size = 1u << size_log2;
    Value base = random_address(f, &mem);
    uint64_t address = base.v.u64[0] + mem.offset;
    IrValue v = { 0 };
    if (!f->left && may_access(f, &mem, address, mem.will_write)) {
        memcpy(&v, &f->memory[address - TOY_MEMORY], size);
        if (mem.big_endian) {
            swap_bytes(&v, size);
        }
        if (mem.sign) {
            v.s64[0] = (int64_t)(v.u64[0] << (64 - 8 * size)) >> (64 - 8 * size);
        }
        if (type == IR_I32) {
            v.u64[0] = v.u32[0];
        }
    }
    fuzz_add_value(f, ir_load(f->b, type, base.ref, mem), type, v);
}

static void random_store(Fuzz *f)
{
    unsigned size_log2;
    IrType type = random_memory_type(f, &size_log2);
    IrMem mem = random_mem(f, size_log2);
    Value value = *fuzz_pick(f, type), base = random_address(f, &mem);
    uint64_t address = base.v.u64[0] + mem.offset;
    bool probe = fuzz_chance(f, 10);
    if (!f->left && may_access(f, &mem, address, true) && !probe) {
        IrValue v = value.v;
        if (mem.big_endian) {
            swap_bytes(&v, 1u << size_log2);
        }
        memcpy(&f->memory[address - TOY_MEMORY], &v, 1u << size_log2);
    }
    if (probe) {
        ir_probe_write(f->b, base.ref, mem);
    } else {
        ir_store(f->b, base.ref, value.ref, mem);
    }
}

static void random_masked_store(Fuzz *f)
{
    bool wide = fuzz_chance(f, 50);
    IrMem mem = random_mem(f, wide ? 5 : 4);
    Value value = *fuzz_pick(f, wide ? IR_V256 : IR_V128), base = random_address(f, &mem), mask = *fuzz_pick(f, IR_I32);
    mask = fuzz_chance(f, 20) ? *fuzz_constant(f, IR_I32, wide ? UINT32_MAX : UINT16_MAX) : mask;
    uint64_t address = base.v.u64[0] + mem.offset;
    if (!f->left && may_access(f, &mem, address, true)) {
        for (unsigned i = 0; i < 1u << mem.size_log2; i++) {
            f->memory[address - TOY_MEMORY + i] = mask.v.u64[0] >> i & 1 ? value.v.u8[i] : f->memory[address - TOY_MEMORY + i];
        }
    }
    ir_store_masked(f->b, base.ref, value.ref, mask.ref, mem);
}

/* ---- state without slots ---- */

static void random_state_access(Fuzz *f)
{
    static const IrType types[3] = { IR_I64, IR_V128, IR_V256 };
    unsigned kind = fuzz_below(f, f->vectors ? 3 : 1), bytes = 8 << kind, at = fuzz_below(f, TOY_STATE_BYTES / bytes) * bytes;
    IrType type = types[kind];
    uint32_t offset = offsetof(ToyCpu, state) + at;
    if (fuzz_chance(f, 50)) {
        IrValue v = { 0 };
        memcpy(&v, f->now.state + at, bytes);
        fuzz_add_value(f, ir_state_read(f->b, type, offset), type, v);
        return;
    }
    Value v = *fuzz_pick(f, type);
    ir_state_write(f->b, offset, v.ref);
    if (!f->left) {
        memcpy(f->now.state + at, &v.v, bytes);
        memcpy(f->start.state + at, &v.v, bytes);       /* no fault takes it back */
    }
}

static uint64_t atomic_result(IrAtomic op, uint64_t old, uint64_t x)
{
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
    default:
        return old - x;
    }
}

static void random_atomic(Fuzz *f)
{
    IrType type = fuzz_chance(f, 50) ? IR_I32 : IR_I64;
    IrMem mem = random_mem(f, fuzz_below(f, type == IR_I32 ? 3 : 4));
    mem.big_endian = false;
    bool cas = fuzz_chance(f, 40);
    IrAtomic op = fuzz_below(f, IR_ATOMIC_SUB + 1);
    Value x = *fuzz_pick(f, type), y = *fuzz_pick(f, type), base = random_address(f, &mem);
    uint64_t address = base.v.u64[0] + mem.offset, old = 0, size = 1u << mem.size_log2, ones = ir_mask(8 * size);
    if (!f->left && may_access(f, &mem, address, true)) {
        uint8_t *at = &f->memory[address - TOY_MEMORY];
        memcpy(&old, at, size);
        uint64_t result = cas ? (old == (x.v.u64[0] & ones) ? y.v.u64[0] : old) : atomic_result(op, old, x.v.u64[0]);
        memcpy(at, &result, size);
    }
    IrRef r = cas ? ir_cas(f->b, type, base.ref, x.ref, y.ref, mem) : ir_atomic(f->b, op, type, base.ref, x.ref, mem);
    fuzz_add_value(f, r, type, (IrValue){ .u64 = { old } });
}

/* ---- helpers ---- */

static void call_worker(Fuzz *f)
{
    Value x = *fuzz_pick(f, IR_I64);
    uint64_t result = 0;
    if (!f->left && x.v.u64[0] % 8 == 7) {
        f->fault = TOY_FAULT_HELPER;
        fuzz_leave(f, TCG_LEAVE_EXCEPTION, TOY_PAGE + f->offset);
    }
    if (!f->left) {
        f->now.regs[2] += x.v.u64[0];
        f->now.words[1] ^= (uint32_t)(TOY_PAGE + f->offset);
        f->now.vectors[0][3]++;
        f->start.regs[2] = f->now.regs[2];
        f->start.words[1] = f->now.words[1];
        memcpy(f->start.vectors[0], f->now.vectors[0], 32);
        result = f->now.regs[3] + x.v.u64[0];
    }
    fuzz_add_value(f, ir_calln(f->b, &toy_worker, x.ref), IR_I64, (IrValue){ .u64 = { result } });
}

static void random_call(Fuzz *f)
{
    if (fuzz_chance(f, 40)) {
        Value x = *fuzz_pick(f, IR_I64), y = *fuzz_pick(f, IR_I32);
        fuzz_add_value(f, ir_calln(f->b, &toy_pure, x.ref, y.ref), IR_I64, (IrValue){ .u64 = { x.v.u64[0] * 3 + y.v.u64[0] } });
    } else if (f->wrote) {
        /* What it stores could not be taken back by a fault that comes behind. */
        return;
    } else if (fuzz_chance(f, 50)) {
        Value x = *fuzz_pick(f, IR_I32);
        fuzz_add_value(f, ir_calln(f->b, &toy_reader, x.ref), IR_I32, (IrValue){ .u64 = { (uint32_t)(x.v.u64[0] + f->now.regs[1]) } });
    } else {
        call_worker(f);
    }
}

/* ---- exits ---- */

static void random_condition_exit(Fuzz *f)
{
    Value cond = *fuzz_pick(f, IR_I32);
    if (fuzz_chance(f, 60)) {
        cond = *fuzz_compute(f, IR_SETCC, IR_I32, IR_CC_EQ, 0, &cond, fuzz_constant(f, IR_I32, fuzz_random_number(f)), NULL);
    } else if (fuzz_chance(f, 50)) {
        Value flags = *fuzz_pick(f, IR_FLAGS);
        cond = *fuzz_compute(f, IR_TEST, IR_I32, fuzz_below(f, 16), 0, &flags, NULL, NULL);
    }
    bool taken = cond.v.u64[0] && !f->left;
    if (fuzz_chance(f, 50)) {
        unsigned reason = 20 + fuzz_below(f, 100);
        ir_exit_fault_if(f->b, cond.ref, reason);
        if (taken) {
            fuzz_leave_by_fault(f, reason);
        }
        return;
    }
    unsigned target = fuzz_below(f, 8192);
    ir_exit_goto_if(f->b, cond.ref, target);
    if (taken) {
        fuzz_leave(f, TCG_LEAVE_GOTO, TOY_PAGE + target);
        f->exit = ir_block(f->b)->nr_exits - 1;
    }
}

static void last_exit(Fuzz *f)
{
    unsigned target = fuzz_below(f, 8192);
    Value pc = *fuzz_pick(f, IR_I64);
    switch (fuzz_below(f, 6)) {
    case 0:
        ir_exit_call(f->b, target, 0x30);
        break;
    case 1:
        ir_exit_indirect(f->b, pc.ref);
        fuzz_leave(f, TCG_LEAVE_LOOKUP, pc.v.u64[0]);
        return;
    case 2:
        ir_exit_return(f->b, pc.ref);
        fuzz_leave(f, TCG_LEAVE_LOOKUP, pc.v.u64[0]);
        return;
    case 3:
        fuzz_write_slot(f, TOY_PC, &pc);
        ir_exit_lookup(f->b);
        fuzz_leave(f, TCG_LEAVE_LOOKUP, pc.v.u64[0]);
        return;
    case 4:
        ir_exit_fault(f->b, 50);
        fuzz_leave_by_fault(f, 50);
        return;
    default:
        ir_exit_goto(f->b, target);
        break;
    }
    if (!f->left) {
        fuzz_leave(f, TCG_LEAVE_GOTO, TOY_PAGE + target);
        f->exit = ir_block(f->b)->nr_exits - 1;
    }
}

/* ---- a block ---- */

static void random_write(Fuzz *f)
{
    if (f->vectors && fuzz_chance(f, 30)) {
        bool wide = fuzz_chance(f, 40);
        Value v = *fuzz_pick(f, wide ? IR_V256 : IR_V128);
        fuzz_write_slot(f, (wide ? TOY_Y0 : TOY_X0) + fuzz_below(f, TOY_NR_VECTORS), &v);
        return;
    }
    unsigned kind = fuzz_below(f, 10);
    Value v = *fuzz_pick(f, kind < 5 ? IR_I64 : kind < 7 ? IR_I32 : IR_FLAGS);
    fuzz_write_slot(f, kind < 5 ? TOY_R0 + fuzz_below(f, TOY_NR_REGS) : kind < 7 ? TOY_W0 + fuzz_below(f, TOY_NR_WORDS) : TOY_FLAGS, &v);
}

static void random_step(Fuzz *f)
{
    unsigned what = fuzz_below(f, 100);
    if (what < 55) {
        fuzz_random_op(f);
    } else if (what < 75) {
        random_write(f);
    } else if (what < 79) {
        fuzz_random_shift_flags(f);
    } else if (what < 81) {
        fuzz_random_division(f);
    } else if (what < 88) {
        random_load(f);
    } else if (what < 92) {
        f->vectors && fuzz_chance(f, 25) ? random_masked_store(f) : random_store(f);
    } else if (what < 94) {
        random_state_access(f);
    } else if (what < 96) {
        random_atomic(f);
    } else if (what < 98) {
        random_call(f);
    } else {
        random_condition_exit(f);
    }
}

static void random_state(Fuzz *f)
{
    State *s = &f->first;
    for (unsigned i = 0; i < TOY_NR_REGS; i++) {
        s->regs[i] = fuzz_random_number(f);
    }
    for (unsigned i = 0; i < TOY_NR_WORDS; i++) {
        s->words[i] = fuzz_random_number(f);
    }
    s->flags = (fuzz_next_random(f) & FLAGS_ALL) | FLAGS_ONE;
    for (unsigned i = 0; i < sizeof(s->vectors); i += 8) {
        uint64_t x = fuzz_random_number(f);
        memcpy((uint8_t *)s->vectors + i, &x, 8);
    }
    for (unsigned i = 0; i < sizeof(s->state); i += 8) {
        uint64_t x = fuzz_random_number(f);
        memcpy(s->state + i, &x, 8);
    }
    for (unsigned i = 0; i < sizeof(f->first_memory); i += 8) {
        uint64_t x = fuzz_next_random(f);
        memcpy(f->first_memory + i, &x, 8);
    }
    s->pc = 0xdead;
    f->now = f->start = f->first;
    memcpy(f->memory, f->first_memory, sizeof(f->memory));
}

static void random_insn(Fuzz *f, unsigned number)
{
    f->offset = 0x40 + 4 * number;
    f->wrote = false;
    f->wrote_vectors = 0;
    if (!f->left) {
        f->start = f->now;
    }
    ir_insn_start(f->b, f->offset, 0);
    for (unsigned steps = 1 + fuzz_below(f, 8); steps; steps--) {
        random_step(f);
    }
}

/* Some instructions that are taken back. */
static void random_detour(Fuzz *f, unsigned number, unsigned depth)
{
    Fuzz *before = g_new(Fuzz, 1);
    *before = *f;
    IrMark mark = ir_mark(f->b);
    for (unsigned n = 1 + fuzz_below(f, 3); n; n--) {
        random_insn(f, number++);
        if (depth < 2 && fuzz_chance(f, 20)) {
            random_detour(f, number, depth + 1);
        }
    }
    ir_rewind(f->b, mark);
    before->random = f->random;
    *f = *before;
    g_free(before);
}

static const IrBlock *build(Fuzz *f)
{
    f->nr_values = 0;
    f->left = false;
    f->fault = 0;
    f->exit = 0;
    f->vectors = fuzz_chance(f, 40);
    random_state(f);
    ir_begin(f->b, 64, 64);
    unsigned nr_insns = 1 + fuzz_below(f, MAX_INSNS);
    for (unsigned i = 0; i < nr_insns; i++) {
        if (fuzz_chance(f, 4)) {
            random_detour(f, i, 0);
        }
        random_insn(f, i);
    }
    last_exit(f);
    return ir_finish(f->b);
}

/* ---- running and comparing ---- */

static void load_state(ToyCpu *cpu, const Fuzz *f)
{
    const State *s = &f->first;
    memcpy(cpu->regs, s->regs, sizeof(cpu->regs));
    memcpy(cpu->words, s->words, sizeof(cpu->words));
    memcpy(cpu->vectors, s->vectors, sizeof(cpu->vectors));
    memcpy(cpu->state, s->state, sizeof(cpu->state));
    memcpy(toy_memory(cpu), f->first_memory, sizeof(f->first_memory));
    cpu->flags = s->flags;
    cpu->pc = s->pc;
    cpu->fault = 0;
}

static void compare(const Fuzz *f, ToyCpu *cpu, TcgLeaveKind kind, unsigned exit, GString *out)
{
    const State *s = &f->now;
    if (kind != f->kind || (kind == TCG_LEAVE_GOTO && exit != f->exit) || cpu->fault != f->fault) {
        g_string_append_printf(out, "left by %d exit %u fault %d, not %d %u %d\n", kind, exit, cpu->fault, f->kind, f->exit, f->fault);
    }
    if (cpu->pc != s->pc) {
        g_string_append_printf(out, "pc %" G_GINT64_MODIFIER "x, not %" G_GINT64_MODIFIER "x\n", cpu->pc, s->pc);
    }
    for (unsigned i = 0; i < TOY_NR_REGS; i++) {
        if (cpu->regs[i] != s->regs[i]) {
            g_string_append_printf(out, "r%u %" G_GINT64_MODIFIER "x, not %" G_GINT64_MODIFIER "x\n", i, cpu->regs[i], s->regs[i]);
        }
    }
    for (unsigned i = 0; i < TOY_NR_WORDS; i++) {
        if (cpu->words[i] != s->words[i]) {
            g_string_append_printf(out, "w%u %x, not %x\n", i, cpu->words[i], s->words[i]);
        }
    }
    if ((cpu->flags ^ s->flags) & FLAGS_ALL) {
        g_string_append_printf(out, "flags %x, not %x\n", cpu->flags, s->flags);
    }
    for (unsigned i = 0; i < TOY_NR_VECTORS; i++) {
        if (memcmp(cpu->vectors[i], s->vectors[i], 32)) {
            g_string_append_printf(out, "vector %u:", i);
            for (unsigned k = 0; k < 32; k++) {
                g_string_append_printf(out, " %02x%s", cpu->vectors[i][k], cpu->vectors[i][k] == s->vectors[i][k] ? "" : "!");
            }
            g_string_append(out, "\n");
        }
    }
    if (memcmp(cpu->state, s->state, sizeof(s->state))) {
        g_string_append(out, "state\n");
    }
    for (unsigned i = 0; i < TOY_READABLE; i++) {
        if (toy_memory(cpu)[i] != f->memory[i]) {
            g_string_append_printf(out, "memory %x: %02x, not %02x\n", i, toy_memory(cpu)[i], f->memory[i]);
            break;
        }
    }
}

static char *check_block(Fuzz *f, ToyCpu *cpu, const IrBlock *block)
{
    g_autoptr(GString) out = g_string_new(NULL);
    g_autofree char *fault = ir_verify(block);
    if (fault) {
        g_string_append_printf(out, "%s\n", fault);
    }
    for (unsigned engine = 0; engine < toy_nr_engines() && out->len == 0; engine++) {
        unsigned exit;
        load_state(cpu, f);
        TcgLeaveKind kind = toy_run(cpu, block, engine, &exit);
        if (kind == TOY_NOT_COMPILED) {
            f->nr_refused++;
            continue;
        }
        compare(f, cpu, kind, exit, out);
        if (out->len) {
            g_string_append_printf(out, "by %s\n", toy_engine_name(engine));
        }
    }
    if (out->len == 0) {
        return NULL;
    }
    ir_print(block, out);
    return g_strdup(out->str);
}

char *fuzz_run(uint64_t seed, uint64_t count, unsigned seconds)
{
    static ToyCpu *cpu;
    Fuzz *f = g_new0(Fuzz, 1);
    char *fault = NULL;
    uint64_t built = 0;
    int64_t end = g_get_monotonic_time() + (int64_t)seconds * G_USEC_PER_SEC;
    cpu = cpu ? cpu : toy_new();
    f->b = ir_builder_new(&toy_target);
    for (uint64_t i = 0; i < count && !fault && (!seconds || g_get_monotonic_time() < end); i++) {
        f->random = (seed + i) * UINT64_C(0x9e3779b97f4a7c15) | 1;
        fuzz_next_random(f);
        char *difference = check_block(f, cpu, build(f));
        built++;
        if (difference) {
            fault = g_strdup_printf("block %" G_GUINT64_FORMAT ":\n%s", seed + i, difference);
            g_free(difference);
        }
    }
    /* A back end may give up on a block that wants too much at once: seldom. */
    if (!fault && f->nr_refused * 50 > built) {
        fault = g_strdup_printf("%" G_GUINT64_FORMAT " of %" G_GUINT64_FORMAT " blocks were refused\n", f->nr_refused, built);
    }
    ir_builder_free(f->b);
    g_free(f);
    return fault;
}
