/*
 * Triggers: what raises breakpoint exceptions without an instruction of its own. mcontrol and mcontrol6 (addresses of instructions, loads and stores; before they are done),
 * icount (a number of instructions), itrigger and etrigger (traps).
 *
 * Where one of the current privilege's may match, the mode of translated code says so: it then asks before each instruction (riscv_trigger_execute) or before each load
 * and store (riscv_trigger_access).
 *
 * The RISC-V Debug Specification 1.0, 5 "Sdtrig": 5.4 (native triggers), 5.5 (accesses), 5.7 (registers).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/csr.h"

enum { TYPE_NONE = 0, TYPE_MCONTROL = 2, TYPE_ICOUNT, TYPE_ITRIGGER, TYPE_ETRIGGER, TYPE_MCONTROL6, NR_TYPES };

/* ---- fields of tdata1 ---- */

#define CONTROL_LOAD    BIT(0)
#define CONTROL_STORE   BIT(1)
#define CONTROL_EXECUTE BIT(2)
#define CONTROL_CHAIN   BIT(11)
#define CONTROL_HIT     BIT(20)         /* of mcontrol */
#define CONTROL6_HIT0   BIT(22)         /* "before" */
FIELD(CONTROL_MATCH, 7, 4);
FIELD(CONTROL_SIZELO, 16, 2);           /* mcontrol6's size is sizelo and the bit above */
FIELD(CONTROL_SIZEHI, 21, 2);           /* of RV64's mcontrol */
FIELD(CONTROL6_SIZE, 16, 3);
enum { MATCH_EQUAL, MATCH_NAPOT, MATCH_GE, MATCH_LT, MATCH_MASK_LOW, MATCH_MASK_HIGH, MATCH_NOT = 8 };
#define ICOUNT_PENDING  BIT(8)
#define ICOUNT_HIT      BIT(24)
FIELD(ICOUNT_COUNT, 10, 14);

/* The bits that enable a type in a privilege; 0: there is none. */
typedef struct ModeBits { uint8_t m, s, u, vs, vu; } ModeBits;
static const ModeBits mode_bits[NR_TYPES] = {
    [TYPE_MCONTROL] = { 6, 4, 3, 0, 0 }, [TYPE_MCONTROL6] = { 6, 4, 3, 24, 23 }, [TYPE_ICOUNT] = { 9, 7, 6, 26, 25 },
    [TYPE_ITRIGGER] = { 9, 7, 6, 12, 11 }, [TYPE_ETRIGGER] = { 9, 7, 6, 12, 11 },
};

static unsigned count(const RiscvCpu *cpu) { return MIN(cpu->num_triggers, (unsigned)RISCV_MAX_TRIGGERS); }
static unsigned type_of(const RiscvCpu *cpu, uint64_t control) { return control >> (cpu->xlen - 4) & 15; }
static uint64_t empty(const RiscvCpu *cpu, unsigned type) { return (uint64_t)type << (cpu->xlen - 4); }
static bool is_address_type(unsigned type) { return type == TYPE_MCONTROL || type == TYPE_MCONTROL6; }
static uint64_t trap_hit(const RiscvCpu *cpu) { return BIT(cpu->xlen - 6); }

/* ---- when they count ---- */

/* A handler of the privilege could not bear one before it has saved what it needs (5.4). */
static bool is_bearable(const RiscvCpu *cpu)
{
    bool to_s = cpu->medeleg >> CAUSE_BREAKPOINT & 1, to_vs = to_s && (cpu->hedeleg >> CAUSE_BREAKPOINT & 1);
    switch (cpu->priv) {
    case PRIV_M:
        return cpu->mstatus & MSTATUS_MIE;
    case PRIV_S:
        return cpu->virt ? !to_vs || (cpu->vsstatus & MSTATUS_SIE) : !to_s || (cpu->mstatus & MSTATUS_SIE);
    default:
        return true;
    }
}

static bool is_enabled(const RiscvCpu *cpu, const RiscvTrigger *t, unsigned priv, bool virt)
{
    const ModeBits *bits = &mode_bits[type_of(cpu, t->control)];
    unsigned bit = priv == PRIV_M ? bits->m : priv == PRIV_S ? (virt ? bits->vs : bits->s) : virt ? bits->vu : bits->u;
    return bit && (t->control >> bit & 1);
}

unsigned riscv_trigger_mode(const RiscvCpu *cpu)
{
    unsigned mode = 0;
    for (unsigned n = 0; cpu->triggers_armed && n < count(cpu); n++) {
        const RiscvTrigger *t = &cpu->triggers[n];
        unsigned type = type_of(cpu, t->control);
        if (!is_enabled(cpu, t, cpu->priv, cpu->virt)) {
            continue;
        }
        mode |= is_address_type(type) && (t->control & (CONTROL_LOAD | CONTROL_STORE)) ? RISCV_TRIGGERS_ACCESS : 0;
        mode |= (is_address_type(type) && (t->control & CONTROL_EXECUTE)) || type == TYPE_ICOUNT ? RISCV_TRIGGERS_EXECUTE : 0;
    }
    return mode;
}

static void changed(RiscvCpu *cpu)
{
    cpu->triggers_armed = false;
    for (unsigned n = 0; n < count(cpu); n++) {
        cpu->triggers_armed |= cpu->triggers[n].control != empty(cpu, type_of(cpu, cpu->triggers[n].control));
    }
}

/* ---- addresses ---- */

/* What is compared: what is done (CONTROL_LOAD and its kin, several of an AMO), the size that a trigger may ask for, and the addresses of the bytes. met: the first that does. */
typedef struct Event { uint64_t what, address; unsigned bytes, compared; uint64_t met; } Event;

/* The code of an access's size; 7, which no trigger has, for others. */
static unsigned size_code(unsigned bytes) { return bytes == 1 ? 1 : bytes == 2 ? 2 : bytes == 4 ? 3 : bytes == 8 ? 5 : 7; }

static unsigned wanted_size(const RiscvCpu *cpu, uint64_t control)
{
    if (type_of(cpu, control) == TYPE_MCONTROL6) {
        return FIELD_GET(control, CONTROL6_SIZE);
    }
    return FIELD_GET(control, CONTROL_SIZELO) | (cpu->xlen == 64 ? FIELD_GET(control, CONTROL_SIZEHI) << 2 : 0);
}

static bool address_matches(const RiscvCpu *cpu, unsigned match, uint64_t data, uint64_t address)
{
    unsigned half = cpu->xlen / 2;
    uint64_t low = MAKE_MASK(0, half), below = data ^ (data + 1);       /* below: the ones at its end, and the zero */
    switch (match & ~(unsigned)MATCH_NOT) {
    case MATCH_EQUAL: return address == data;
    case MATCH_NAPOT: return !((address ^ data) & ~below);
    case MATCH_GE: return address >= data;
    case MATCH_LT: return address < data;
    case MATCH_MASK_LOW: return (address & data >> half & low) == (data & low);
    default: return (address >> half & data >> half) == (data & low);
    }
}

static bool matches(const RiscvCpu *cpu, const RiscvTrigger *t, Event *e)
{
    unsigned size = wanted_size(cpu, t->control), match = FIELD_GET(t->control, CONTROL_MATCH);
    if (!is_address_type(type_of(cpu, t->control)) || !(t->control & e->what) || (size && size != size_code(e->bytes)) || !is_enabled(cpu, t, cpu->priv, cpu->virt)) {
        return false;
    }
    for (unsigned i = 0; i < e->compared; i++) {
        uint64_t at = riscv_address(cpu, e->address + i);
        if (address_matches(cpu, match, t->address, at)) {
            e->met = match & MATCH_NOT ? e->met : at;
            return !(match & MATCH_NOT);
        }
    }
    return match & MATCH_NOT;
}

/* Those of a chain match together or not at all; all that do are marked. */
static bool fires(RiscvCpu *cpu, Event *e)
{
    bool fired = false;
    for (unsigned first = 0, last; first < count(cpu); first = last + 1) {
        bool all = matches(cpu, &cpu->triggers[first], e);
        for (last = first; is_address_type(type_of(cpu, cpu->triggers[last].control)) && (cpu->triggers[last].control & CONTROL_CHAIN); last++) {
            all = all && matches(cpu, &cpu->triggers[last + 1], e);
        }
        for (unsigned n = first; all && n <= last; n++) {
            cpu->triggers[n].control |= type_of(cpu, cpu->triggers[n].control) == TYPE_MCONTROL6 ? CONTROL6_HIT0 : CONTROL_HIT;
        }
        fired |= all;
    }
    return fired;
}

static bool record(RiscvCpu *cpu, uint64_t address)
{
    riscv_record(cpu, CAUSE_BREAKPOINT, address);
    cpu->exception_gva = cpu->virt && address;
    return true;
}

bool riscv_trigger_access(RiscvCpu *cpu, uint64_t address, unsigned bytes, unsigned kinds)
{
    Event e = { (kinds & RISCV_TRIGGER_LOADS ? CONTROL_LOAD : 0) | (kinds & RISCV_TRIGGER_STORES ? CONTROL_STORE : 0), address, bytes, bytes, address };
    return cpu->triggers_armed && is_bearable(cpu) && fires(cpu, &e) && record(cpu, e.met);
}

/* ---- numbers of instructions ---- */

/* One has come to its end, or will: it matches by that or by a trap. */
static void count_down(RiscvCpu *cpu)
{
    for (unsigned n = 0; n < count(cpu); n++) {
        RiscvTrigger *t = &cpu->triggers[n];
        unsigned left = FIELD_GET(t->control, ICOUNT_COUNT);
        if (type_of(cpu, t->control) == TYPE_ICOUNT && left && is_enabled(cpu, t, cpu->priv, cpu->virt)) {
            t->control = FIELD_SET(t->control, ICOUNT_COUNT, left - 1) | (left == 1 ? ICOUNT_PENDING : 0);
        }
    }
}

static bool has_run_out(RiscvCpu *cpu)
{
    bool fired = false;
    for (unsigned n = 0; n < count(cpu); n++) {
        RiscvTrigger *t = &cpu->triggers[n];
        if (type_of(cpu, t->control) == TYPE_ICOUNT && (t->control & ICOUNT_PENDING) && is_enabled(cpu, t, cpu->priv, cpu->virt)) {
            t->control = (t->control & ~ICOUNT_PENDING) | ICOUNT_HIT;
            fired = true;
        }
    }
    return fired;
}

bool riscv_trigger_execute(RiscvCpu *cpu, uint64_t address, unsigned bytes)
{
    Event e = { CONTROL_EXECUTE, address, bytes, 1, address };
    if (!is_bearable(cpu)) {
        return false;
    }
    if (has_run_out(cpu)) {
        return record(cpu, 0);
    }
    count_down(cpu);
    return fires(cpu, &e) && record(cpu, address);
}

/* ---- traps ---- */

void riscv_trigger_interrupt(RiscvCpu *cpu)
{
    if (cpu->triggers_armed && is_bearable(cpu)) {
        count_down(cpu);
    }
}

/* By the number that the handler finds. */
bool riscv_trigger_trap(RiscvCpu *cpu, unsigned priv, bool virt, bool interrupt)
{
    uint64_t cause = cpu->priv == PRIV_M ? cpu->mcause : cpu->virt ? cpu->vscause : cpu->scause, number = cause & 63;
    bool fired = false;
    for (unsigned n = 0; cpu->triggers_armed && n < count(cpu) && is_bearable(cpu); n++) {
        RiscvTrigger *t = &cpu->triggers[n];
        if (type_of(cpu, t->control) == (interrupt ? TYPE_ITRIGGER : TYPE_ETRIGGER) && number < cpu->xlen && (t->address >> number & 1) && is_enabled(cpu, t, priv, virt)) {
            t->control |= trap_hit(cpu);
            fired = true;
        }
    }
    return fired;
}

/* ---- registers ---- */

void riscv_triggers_reset(RiscvCpu *cpu)
{
    for (unsigned n = 0; n < RISCV_MAX_TRIGGERS; n++) {
        cpu->triggers[n] = (RiscvTrigger){ .control = empty(cpu, TYPE_MCONTROL) };
    }
    cpu->trigger_select = 0;
    changed(cpu);
}

int riscv_need_trigger(RiscvCpu *cpu, unsigned csr) { return riscv_has(cpu, sdtrig) ? CSR_OK : CSR_ILLEGAL; }

/* tinfo tells of the types that the reference tells of. */
uint64_t riscv_read_trigger(RiscvCpu *cpu, unsigned csr)
{
    const RiscvTrigger *t = &cpu->triggers[cpu->trigger_select];
    bool there = cpu->trigger_select < count(cpu);
    switch (csr) {
    case 0x7a0:
        return cpu->trigger_select;
    case 0x7a1:
        return there ? t->control : 0;
    case 0x7a2:
        return there ? t->address : 0;
    case 0x7a4:
        return there ? 1 << TYPE_MCONTROL | 1 << TYPE_MCONTROL6 : 1;
    default:
        return 0;
    }
}

static uint64_t bit_or_none(unsigned bit) { return bit ? BIT(bit) : 0; }

static uint64_t writable_modes(const RiscvCpu *cpu, unsigned type)
{
    const ModeBits *bits = &mode_bits[type];
    uint64_t guest = riscv_has(cpu, h) ? bit_or_none(bits->vs) | bit_or_none(bits->vu) : 0;
    return BIT(bits->m) | (riscv_has(cpu, s) ? BIT(bits->s) : 0) | (riscv_has(cpu, u) ? BIT(bits->u) : 0) | guest;
}

/* mcontrol would have to tell in maskmax which ranges it can: none. */
static bool is_match(unsigned type, unsigned match)
{
    static const uint16_t known = 1 << MATCH_EQUAL | 1 << MATCH_NAPOT | 1 << MATCH_GE | 1 << MATCH_LT | 1 << MATCH_MASK_LOW | 1 << MATCH_MASK_HIGH
        | 1 << (MATCH_NOT | MATCH_EQUAL) | 1 << (MATCH_NOT | MATCH_NAPOT) | 1 << (MATCH_NOT | MATCH_MASK_LOW) | 1 << (MATCH_NOT | MATCH_MASK_HIGH);
    return (known >> match & 1) && (type == TYPE_MCONTROL6 || (match & 7) != MATCH_NAPOT);
}

static uint64_t writable_address_bits(const RiscvCpu *cpu, uint64_t value)
{
    unsigned type = type_of(cpu, value), size = wanted_size(cpu, value);
    bool size_ok = size <= 3 || size == 5, chains = cpu->trigger_select + 1 < count(cpu);
    uint64_t sizes = type == TYPE_MCONTROL6 ? FIELD_MASK(CONTROL6_SIZE) : FIELD_MASK(CONTROL_SIZELO) | (cpu->xlen == 64 ? FIELD_MASK(CONTROL_SIZEHI) : 0);
    uint64_t mask = CONTROL_LOAD | CONTROL_STORE | CONTROL_EXECUTE | (type == TYPE_MCONTROL6 ? CONTROL6_HIT0 : CONTROL_HIT);
    return mask | (size_ok ? sizes : 0) | (chains ? CONTROL_CHAIN : 0) | (is_match(type, FIELD_GET(value, CONTROL_MATCH)) ? FIELD_MASK(CONTROL_MATCH) : 0);
}

/* tdata1 as a write of value leaves it. A type that there is not, disables. */
static uint64_t legal_control(const RiscvCpu *cpu, uint64_t old, uint64_t value)
{
    unsigned type = type_of(cpu, value);
    switch (type) {
    case TYPE_MCONTROL: case TYPE_MCONTROL6:
        return empty(cpu, type) | (value & (writable_modes(cpu, type) | writable_address_bits(cpu, value)));
    case TYPE_ICOUNT:
        return empty(cpu, type) | (value & (writable_modes(cpu, type) | FIELD_MASK(ICOUNT_COUNT) | ICOUNT_PENDING | ICOUNT_HIT));
    case TYPE_ITRIGGER: case TYPE_ETRIGGER:
        return empty(cpu, type) | (value & (writable_modes(cpu, type) | trap_hit(cpu)));
    default:
        return empty(cpu, type == TYPE_NONE ? type_of(cpu, old) : TYPE_MCONTROL);
    }
}

/* All of the address space is no range: half of it is the largest. */
static uint64_t legal_address(const RiscvCpu *cpu, uint64_t control, uint64_t address)
{
    bool range = is_address_type(type_of(cpu, control)) && (FIELD_GET(control, CONTROL_MATCH) & ~(unsigned)MATCH_NOT) == MATCH_NAPOT;
    uint64_t all = MAKE_MASK(0, cpu->xlen - 1);
    return range && (address & all) == all ? address & ~BIT(cpu->xlen - 2) : address;
}

void riscv_write_trigger(RiscvCpu *cpu, unsigned csr, uint64_t value)
{
    RiscvTrigger *t = &cpu->triggers[cpu->trigger_select];
    if (csr == 0x7a0) {
        cpu->trigger_select = value < count(cpu) ? value : cpu->trigger_select;
        return;
    }
    if (cpu->trigger_select >= count(cpu) || (csr != 0x7a1 && csr != 0x7a2)) {
        return;
    }
    if (csr == 0x7a1) {
        t->control = legal_control(cpu, t->control, value);
    }
    t->address = legal_address(cpu, t->control, csr == 0x7a2 ? riscv_address(cpu, value) : t->address);
    changed(cpu);
}
