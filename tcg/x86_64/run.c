/*
 * The x86-64 back end's face: what the host can do, compiling a block, running units, linking them.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tcg/x86_64/x64.h"
#include <cpuid.h>
#include <string.h>

X64 x64;
uint32_t x64_allowed_features = UINT32_MAX;
static Compiler compiler;       /* one block at a time: under the lock of the code */

/* ---- the host ---- */

enum { XCR0_YMM = 0x06, XCR0_AVX512 = 0xe6 };

/* Whether the kernel keeps these parts of a thread's state (bits of XCR0). */
static bool saves(uint32_t parts)
{
    uint32_t low, high;
    __asm__("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return (low & parts) == parts;
}

uint32_t x64_host_features(void)
{
    static const struct { uint8_t bit; uint32_t feature; } leaf1[] = {
        { 9, HOST_SSSE3 }, { 19, HOST_SSE41 }, { 20, HOST_SSE42 }, { 25, HOST_AES }, { 1, HOST_CLMUL }, { 23, HOST_POPCNT }, { 13, HOST_CX16 },
    };
    uint32_t a, b, c = 0, d, features = 0;
    __get_cpuid(1, &a, &b, &c, &d);
    for (unsigned i = 0; i < G_N_ELEMENTS(leaf1); i++) {
        features |= c >> leaf1[i].bit & 1 ? leaf1[i].feature : 0;
    }
    bool avx = (c >> 27 & 1) && (c >> 28 & 1) && saves(XCR0_YMM);
    features |= avx ? HOST_AVX | (c >> 12 & 1 ? HOST_FMA : 0) : 0;
    b = c = 0;
    __get_cpuid_count(7, 0, &a, &b, &c, &d);
    features |= avx && (c >> 9 & 1) ? HOST_VAES : 0;
    features |= avx && (c >> 10 & 1) ? HOST_VPCLMUL : 0;
    features |= c >> 8 & 1 ? HOST_GFNI : 0;
    features |= (b >> 3 & 1 ? HOST_BMI1 : 0) | (b >> 8 & 1 ? HOST_BMI2 : 0) | (avx && (b >> 5 & 1) ? HOST_AVX2 : 0);
    features |= avx && (b >> 30 & 1) && (b >> 31 & 1) && saves(XCR0_AVX512) ? HOST_AVX512 : 0;
    c = 0;
    __get_cpuid(0x80000001, &a, &b, &c, &d);
    features |= c >> 5 & 1 ? HOST_LZCNT : 0;
    return features;
}

/* ---- pins ---- */

static void choose_pins(const TcgTarget *target)
{
    /* Those first that C functions keep. */
    static const uint8_t regs[8] = { RBX, R12, R13, R15, RSI, RDI, R10, R11 };
    int64_t lowest = INT64_MAX;
    for (unsigned i = 0; i < TCG_MAX_SLOTS; i++) {
        x64.pin_reg[i] = NO_REG;
    }
    for (unsigned i = 0; i < 16; i++) {
        x64.pin_slot[i] = TCG_MAX_SLOTS;
    }
    x64.first_flags_slot = TCG_MAX_SLOTS;
    x64.pins = x64.nr_pins = 0;
    for (unsigned slot = 0; slot < target->nr_slots; slot++) {
        const IrSlot *s = &target->slots[slot];
        if (s->type == IR_FLAGS && x64.first_flags_slot == TCG_MAX_SLOTS) {
            x64.first_flags_slot = slot;
        }
        if (s->pin_priority) {
            lowest = MIN(lowest, s->offset);
        }
        if (s->pin_priority && s->pin_priority <= X64_PINS && s->type == IR_I64) {
            unsigned reg = regs[s->pin_priority - 1];
            x64.pin_reg[slot] = reg;
            x64.pin_slot[reg] = slot;
            x64.pins |= 1u << reg;
            x64.nr_pins++;
        }
    }
    /* So that the general registers are near. */
    x64.bias = lowest == INT64_MAX ? 0 : lowest;
}

static bool init(CodeArea *area, const TcgTarget *target, GError **err)
{
    x64.target = target;
    x64.host = x64_host_features() & x64_allowed_features;
    x64.to_write = area->write - area->execute;
    x64.stubs = area->execute;
    x64.stubs_size = area->size;
    choose_pins(target);
    carry_choose(target);
    return x64_make_stubs(area, err);
}

/* ---- compiling ---- */

static bool reserve(Compiler *c, const IrBlock *b)
{
    if (b->nr_insns > c->max_values) {
        c->max_values = MAX(8192, 2 * b->nr_insns);
        c->v = g_renew(Value, c->v, c->max_values);
    }
    if (b->nr_exits + 1 > c->max_exits) {
        c->max_exits = MAX(256, 2 * b->nr_exits);
        c->exit_patch = g_renew(uint32_t, c->exit_patch, c->max_exits);
        c->exit_stub = g_renew(Label, c->exit_stub, c->max_exits);
        c->exit_carried = g_renew(uint32_t, c->exit_carried, c->max_exits);
    }
    memset(c->exit_patch, 0, b->nr_exits * sizeof(c->exit_patch[0]));
    return true;
}

static void apply_point(Compiler *c)
{
    const IrPoint *p = &c->block->points[c->point++];
    for (uint32_t i = 0; i < p->nr_deltas; i++) {
        const IrSlotDelta *d = &c->block->deltas[p->first_delta + i];
        c->slots[d->slot] = d->new_value;
        if (d->new_value) {
            c->active[d->slot / 64] |= UINT64_C(1) << (d->slot % 64);
        } else {
            c->active[d->slot / 64] &= ~(UINT64_C(1) << (d->slot % 64));
        }
    }
}

static void read_slot(Compiler *c, const IrInsn *insn)
{
    unsigned pin = x64.pin_reg[insn->a];
    Value *v = &c->v[c->at];
    if (pin == NO_REG) {
        v->lazy = insn->a;
        c->slot_reader[insn->a] = c->at;
        return;
    }
    if (v->last > c->at && !(c->occupied >> pin & 1)) {
        v->reg = pin;
        c->reg_value[pin] = c->at;
        c->occupied |= 1u << pin;
    } else if (v->last > c->at) {
        /* The home is what another value was: a copy. */
        unsigned reg = alloc_gpr(c, NO_REG);
        emit_mov(&c->e, true, reg, pin);
        define(c, c->at, reg);
    }
}

static void lock_pins(Compiler *c)
{
    c->pin_locked = 0;
    for (uint32_t left = x64.pins; left; left &= left - 1) {
        unsigned reg = __builtin_ctz(left);
        c->pin_locked |= c->home_end[reg] >= c->at ? 1u << reg : 0;
    }
}

static void emit_insn(Compiler *c, const IrInsn *insn)
{
    switch (insn->op) {
    case IR_SLOT_READ:
        read_slot(c, insn);
        return;
    case IR_SLOT_STORE:
        emit_slot_store(c, insn);
        return;
    case IR_STATE_READ:
    case IR_STATE_WRITE:
        emit_state(c, insn);
        return;
    case IR_CALL:
        emit_call(c, insn);
        return;
    case IR_EXIT:
    case IR_EXIT_IF:
    case IR_EXIT_VALUE:
        emit_exit(c, insn);
        return;
    default:
        break;
    }
    bool done = emit_integer(c, insn) || emit_flags_op(c, insn) || emit_memory(c, insn) || emit_bits(c, insn) || emit_division(c, insn) || emit_float(c, insn)
        || emit_vector(c, insn);
    if (!done) {
        emit_fallback(c, insn);
    }
}

static bool emit_block(Compiler *c)
{
    memset(c->slots, 0, sizeof(c->slots));
    memset(c->active, 0, sizeof(c->active));
    alloc_start(c);
    c->point = 0;
    c->skip = 0;
    c->host_flags = 0;
    c->failed = false;
    emit_entry(c);
    for (uint32_t i = 1; i < c->n; i++) {
        const IrInsn *insn = insn_of(c, i);
        c->at = i;
        if (insn->op == IR_NOP || insn->op == IR_INSN_START || insn->op == IR_ACCESS_ARGS) {
            continue;
        }
        if (ir_op_info[insn->op].flags & (IROP_CAN_FAULT | IROP_EXIT)) {
            apply_point(c);
        }
        if (c->v[i].form != FORM_NORMAL || c->skip == i) {
            continue;
        }
        lock_pins(c);
        emit_insn(c, insn);
        end_op(c);
        if (c->failed || emitter_check(&c->e)) {
            return false;
        }
    }
    return true;
}

static uint32_t resolve(const Emitter *e, uint32_t at)
{
    uint32_t cold_at = ((uint32_t)((e->in_cold ? e->other : e->p) - e->hot) + 15) & ~15u;
    return at & IN_COLD ? cold_at + (at & ~IN_COLD) : at;
}

/* Why it was given up: what lies off the path has a buffer of its own, which does not grow with the area. */
static TcgCompiled refusal(const Compiler *c)
{
    return !c->failed && emitter_area_full(&c->e) ? TCG_AREA_FULL : TCG_DOES_NOT_FIT;
}

TcgCompiled x64_compile(const IrBlock *block, CodeArea *area, TcgUnit *unit)
{
    Compiler *c = &compiler;
    size_t start = (area->used + 15) & ~(size_t)15;
    if (start >= area->size) {
        return TCG_AREA_FULL;
    }
    c->block = block;
    c->unit = unit;
    c->n = block->nr_insns;
    c->e.vex = x64.host & HOST_AVX;
    reserve(c, block);
    emitter_start(&c->e, area->write + start, area->size - start, area->execute - area->write);
    if (c->e.full) {
        return TCG_AREA_FULL;
    }
    c->e.fixed_base = x64.stubs;
    x64_analyze(c);
    if (!emit_block(c)) {
        return refusal(c);
    }
    for (unsigned i = 0; i < block->nr_exits; i++) {
        if (c->exit_patch[i]) {
            unit->exits[i].patch_offset = resolve(&c->e, c->exit_patch[i]);
            unit->exits[i].stub_offset = resolve(&c->e, c->e.labels[c->exit_stub[i]]);
            unit->exits[i].carried = c->exit_carried[i];
        }
    }
    carry_fill(c, unit, resolve);
    size_t bytes = emitter_finish(&c->e);
    if (!bytes) {
        return refusal(c);
    }
    unit->code = area->execute + start;
    unit->code_size = bytes;
    area->used = start + bytes;
    return TCG_COMPILED;
}

static void release(TcgUnit *unit)
{
}

/* ---- running ---- */

typedef uint64_t EnterFunction(void *env, const void *code);
typedef void LeaveFunction(void *frame, uint64_t kind);

static TcgLeaveKind run(Cpu *cpu, TcgUnit *unit, UnitExit **exit)
{
    TcgHot *hot = tcg_hot(cpu);
    void *outer = hot->host_stack;
    EnterFunction *enter = (EnterFunction *)(uintptr_t)x64.enter;
    TcgLeaveKind kind = enter((uint8_t *)cpu + x64.bias, unit->code + ENTRY_BYTES);
    hot->host_stack = outer;
    if (kind == TCG_LEAVE_GOTO) {
        *exit = (UnitExit *)(uintptr_t)hot->scratch[1];
    }
    return kind;
}

static G_NORETURN void leave(Cpu *cpu, TcgLeaveKind kind)
{
    LeaveFunction *function = (LeaveFunction *)(uintptr_t)x64.leave_from_c;
    function(tcg_hot(cpu)->host_stack, kind);
    __builtin_unreachable();
}

/* ---- links ---- */

static void patch(UnitExit *exit, const uint8_t *target)
{
    const uint8_t *at = exit->unit->code + exit->patch_offset;
    int32_t distance = target - (at + 4);
    __atomic_store_n((int32_t *)(uintptr_t)(at + x64.to_write), distance, __ATOMIC_RELEASE);
}

static bool relocations(const TcgReloc **relocs, uint32_t *count)
{
    return x64_relocations(&compiler.e, relocs, count);
}

static uint64_t identity(void)
{
    return x64.host;
}

static const void *entry(TcgUnit *unit)
{
    return unit->code;
}

static const void *entry_direct(TcgUnit *unit, bool look)
{
    return unit->code + (look ? ENTRY_BASE_BYTES : ENTRY_BYTES);
}

static void link_exit(UnitExit *exit, TcgUnit *target)
{
    /* Forwards nobody runs for ever: only backwards is the kick flag looked at. */
    bool forwards = target->offset > exit->unit->offset && target->ram_addr == exit->unit->ram_addr;
    patch(exit, carry_entry_for(exit, target, forwards));
}

static void unlink_exit(UnitExit *exit)
{
    patch(exit, exit->unit->code + exit->stub_offset);
}

static void count_helpers(void)
{
    x64.counts_helpers = true;
}

const TcgBackend tcg_backend_x86_64 = {
    .name = "x86_64", .count_helpers = count_helpers, .init = init, .compile = x64_compile, .release = release, .run = run, .leave = leave, .link = link_exit, .unlink = unlink_exit, .entry = entry,
    .relocations = relocations, .relocate = x64_relocate, .identity = identity,
    .entry_direct = entry_direct,
};
