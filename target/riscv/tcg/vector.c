/*
 * Vectors: configuration, legality, loads and stores, and the way of an instruction to its group.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 30.3 to 30.7.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/riscv/tcg/vector.h"
#include "target/riscv/tcg/slots.h"

/* ---- legality ---- */

bool vector_aligned(unsigned reg, int emul)
{
    return emul <= 3 && (emul <= 0 || !(reg & ((1u << emul) - 1)));
}

bool vector_overlap_ok(unsigned vd, int dest_emul, unsigned dest, unsigned vs, int source_emul, unsigned source)
{
    unsigned nd = dest_emul > 0 ? 1u << dest_emul : 1, ns = source_emul > 0 ? 1u << source_emul : 1;
    if (vd + nd <= vs || vs + ns <= vd || dest == source) {
        return true;
    }
    if (dest < source) {
        return vd == vs;        /* the lowest part of the source */
    }
    return source_emul >= 0 && vd + nd == vs + ns;
}

bool vector_mask_ok(const Vector *v) { return !v->masked || v->vd != 0; }

/* A source: registers from reg on, or none; width: log2 of the element's bits, 0 of a mask. */
typedef struct Source { bool used; unsigned reg, width; int emul; } Source;

static bool differ_and_meet(const Source *a, const Source *b)
{
    unsigned na = a->emul > 0 ? 1u << a->emul : 1, nb = b->emul > 0 ? 1u << b->emul : 1;
    return a->used && b->used && a->width != b->width && a->reg < b->reg + nb && b->reg < a->reg + na;
}

static Source elements(unsigned reg, unsigned width, int emul) { return (Source){ true, reg, width, emul }; }
static Source mask_register(unsigned reg) { return (Source){ true, reg, 0, 0 }; }

/* vs2 of OPIVV, OPFVV, OPMVV and their kin. */
static Source second_source(unsigned funct3, unsigned funct6, unsigned reg, unsigned vs1, unsigned width, int lmul)
{
    bool opi = funct3 == 0 || funct3 >= 3, opm = funct3 == 2;
    if ((funct3 == 0 || funct3 == 3 || funct3 == 4) && funct6 >= 0x2c && funct6 <= 0x2f) {
        return elements(reg, width + 1, lmul + 1);
    }
    if ((funct3 == 2 || funct3 == 6 || funct3 == 1 || funct3 == 5) && funct6 >= 0x34 && funct6 <= 0x37) {
        return elements(reg, width + 1, lmul + 1);
    }
    if (opm && (funct6 == 0x14 || (funct6 >= 0x18 && funct6 <= 0x1f) || (funct6 == 0x10 && vs1))) {
        return mask_register(reg);
    }
    if (opm && funct6 == 0x12 && vs1 < 8) {
        unsigned steps = vs1 <= 3 ? 3 : vs1 <= 5 ? 2 : 1;
        return elements(reg, width - steps, lmul - (int)steps);
    }
    if (funct3 == 1 && funct6 == 0x12 && (vs1 >> 3 == 2 || vs1 == 29)) {
        return elements(reg, width + 1, lmul + 1);
    }
    return funct6 == 0x10 && !opi ? (Source){ 0 } : elements(reg, width, lmul);
}

/* vs1, where it is a vector. */
static Source first_source(unsigned funct3, unsigned funct6, unsigned reg, unsigned width, int lmul)
{
    if (funct3 > 2 || (funct3 && (funct6 == 0x10 || funct6 == 0x12 || funct6 == 0x13)) || (funct3 == 2 && funct6 == 0x14)) {
        return (Source){ 0 };
    }
    if (funct3 == 0 && funct6 == 0x0e) {
        return elements(reg, 4, lmul + 4 - (int)width);
    }
    bool widening_sum = (funct3 == 0 && (funct6 == 0x30 || funct6 == 0x31)) || (funct3 == 1 && (funct6 == 0x31 || funct6 == 0x33));
    bool sum = widening_sum || (funct3 == 2 && funct6 < 8) || (funct3 == 1 && (funct6 == 1 || funct6 == 3 || funct6 == 5 || funct6 == 7));
    if (sum) {
        return elements(reg, width + widening_sum, 0);
    }
    return funct3 == 2 && funct6 >= 0x17 && funct6 <= 0x1f ? mask_register(reg) : elements(reg, width, lmul);
}

bool riscv_vector_sources_ok(uint32_t insn, uint64_t vtype)
{
    unsigned funct3 = insn >> 12 & 7, funct6 = insn >> 26, vs1 = insn >> 15 & 31, vs2 = insn >> 20 & 31, width = 3 + (vtype >> 3 & 3);
    int lmul = (int)sextract64(vtype, 0, 3);
    Source second = second_source(funct3, funct6, vs2, vs1, width, lmul), first = first_source(funct3, funct6, vs1, width, lmul);
    /* Those that make masks, and VCOMPRESS, may take a register as mask and as elements: hardware is free to, and the reference does. */
    bool unmasked = insn >> 25 & 1, opi = funct3 == 0 || funct3 == 3 || funct3 == 4, opf = funct3 == 1 || funct3 == 5;
    bool makes_mask = (opi && funct6 >= 0x10 && funct6 <= 0x13) || ((opi || opf) && funct6 >= 0x18 && funct6 <= 0x1f);
    if (unmasked && funct6 == 0x17) {
        return true;
    }
    Source mask = { !unmasked && !makes_mask, 0, 0, 0 };
    return !differ_and_meet(&first, &second) && !differ_and_meet(&mask, &first) && !differ_and_meet(&mask, &second);
}

/* ---- configuration ---- */

bool riscv_valid_vtype(const RiscvCpu *cpu, uint64_t vtype)
{
    unsigned sew = 8u << (vtype >> 3 & 7);
    int lmul = (int)sextract64(vtype, 0, 3);
    bool altfmt_ok = !(vtype & VTYPE_ALTFMT) || (riscv_has(cpu, zvfbfa) && sew < 32);
    if (vtype >> 9 || !altfmt_ok || sew > cpu->elen || lmul == -4) {
        return false;
    }
    return lmul >= 0 || sew <= (unsigned)cpu->elen >> -lmul;
}

static void dirty(RiscvCpu *cpu)
{
    cpu->mstatus |= FIELD_MASK(MSTATUS_VS);
    cpu->vsstatus |= cpu->virt ? FIELD_MASK(MSTATUS_VS) : 0;
}

static void set_x(RiscvCpu *cpu, unsigned rd, uint64_t value) { cpu->x[rd] = rd ? riscv_to_xlen(cpu, value) : 0; }

static void configure(RiscvCpu *cpu, uint32_t insn)
{
    unsigned rd = insn >> 7 & 31, rs1 = insn >> 15 & 31;
    bool immediate = insn >> 30 == 3;
    uint64_t vtype = immediate ? insn >> 20 & 0x3ff : !(insn >> 31) ? insn >> 20 & 0x7ff : cpu->x[insn >> 20 & 31];
    if (cpu->xlen == 32) {
        vtype = (uint32_t)vtype;
    }
    dirty(cpu);
    cpu->vstart = 0;
    if (!riscv_valid_vtype(cpu, vtype)) {
        cpu->vtype = VTYPE_VILL;
        cpu->vl = 0;
        set_x(cpu, rd, 0);
        return;
    }
    uint64_t vlmax = riscv_vlmax(cpu, vtype);
    bool keeps = !immediate && !rs1 && !rd;
    uint64_t avl = immediate ? rs1 : rs1 ? riscv_address(cpu, cpu->x[rs1]) : rd ? UINT64_MAX : cpu->vl;
    if (keeps && cpu->rvv_vsetvl_x0_vill && ((cpu->vtype & VTYPE_VILL) || riscv_vlmax(cpu, cpu->vtype) != vlmax)) {
        cpu->vtype = VTYPE_VILL;
        cpu->vl = 0;
        return;
    }
    cpu->vtype = vtype;
    cpu->vl = cpu->rvv_vl_half_avl && avl > vlmax && avl < 2 * vlmax ? (avl + 1) / 2 : MIN(avl, vlmax);
    set_x(cpu, rd, cpu->vl);
}

/* ---- memory ---- */

typedef struct Access { unsigned eew, nf; int emul; bool store, first_only; } Access;

static bool load_element(Vector *v, uint64_t address, unsigned bytes, unsigned reg, unsigned i)
{
    uint64_t value;
    if (!tcg_load(&v->cpu->parent, riscv_data_address(v->cpu, address), bytes, riscv_data_index(v->cpu), &value)) {
        return false;
    }
    vector_set(v, reg, i, bytes * 8, value);
    return true;
}

static bool access_element(Vector *v, uint64_t address, unsigned bytes, unsigned reg, unsigned i, bool store)
{
    if (v->cpu->triggers_armed && riscv_trigger_access(v->cpu, riscv_data_address(v->cpu, address), bytes, store ? RISCV_TRIGGER_STORES : RISCV_TRIGGER_LOADS)) {
        return false;
    }
    return store ? tcg_store(&v->cpu->parent, riscv_data_address(v->cpu, address), bytes, riscv_data_index(v->cpu), vector_get(v, reg, i, bytes * 8))
        : load_element(v, address, bytes, reg, i);
}

/* A fault at element i: those before it are done, vstart says where to go on. */
static void leave_at(Vector *v, unsigned i)
{
    v->cpu->vstart = i;
    tcg_leave(&v->cpu->parent);
}

/* The address of element i, field f is put to it. */
typedef uint64_t AddressOf(Vector *v, uint64_t base, unsigned i, unsigned bytes, const Access *a);

static uint64_t unit_address(Vector *v, uint64_t base, unsigned i, unsigned bytes, const Access *a) { return base + (uint64_t)i * a->nf * bytes; }
static uint64_t strided_address(Vector *v, uint64_t base, unsigned i, unsigned bytes, const Access *a) { return base + v->cpu->x[v->vs2] * i; }
static uint64_t indexed_address(Vector *v, uint64_t base, unsigned i, unsigned bytes, const Access *a) { return base + vector_get(v, v->vs2, i, a->eew); }

/* Elements from i on that lie in a row in plain memory, on one page: copied. How many there were; 0: one by one. */
static unsigned copy_in_page(Vector *v, const Access *a, unsigned bytes, unsigned step, unsigned i, unsigned vl)
{
    unsigned size = bytes * a->nf, len = (vl - i) * size;
    uint64_t at = riscv_data_address(v->cpu, v->cpu->x[v->vs1] + (uint64_t)i * size);
    uint8_t *host = tcg_host_pointer(&v->cpu->parent, at, &len, a->store ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD, riscv_data_index(v->cpu));
    if (!host || len < size) {
        v->cpu->exception = -1;     /* it is found again, at its element */
        return 0;
    }
    unsigned count = len / size;
    if (a->nf == 1 && !v->masked) {
        for (unsigned left = count * bytes, n; left; left -= n, i += n / bytes, host += n) {
            uint8_t *reg = vector_at(v, v->vd, i, bytes * 8);
            n = MIN(left, v->vlenb - i * bytes % v->vlenb);
            memcpy(a->store ? host : reg, a->store ? reg : host, n);
        }
        return count;
    }
    for (unsigned end = i + count; i < end; i++, host += size) {
        for (unsigned f = 0; vector_active(v, i) && f < a->nf; f++) {
            uint8_t *element = vector_at(v, v->vd + f * step, i, bytes * 8);
            memcpy(a->store ? host + f * bytes : element, a->store ? element : host + f * bytes, bytes);
        }
    }
    return count;
}

static void access_all(Vector *v, const Access *a, unsigned bits, int emul, unsigned vl, AddressOf *address)
{
    uint64_t base = v->cpu->x[v->vs1];
    unsigned step = emul > 0 ? 1u << emul : 1, bytes = bits / 8;
    for (unsigned i = v->vstart; i < vl; i++) {
        unsigned copied = address == unit_address && !v->cpu->triggers_armed ? copy_in_page(v, a, bytes, step, i, vl) : 0;
        if (copied) {
            i += copied - 1;
            continue;
        }
        if (!vector_active(v, i)) {
            continue;
        }
        uint64_t at = address(v, base, i, bytes, a);
        for (unsigned f = 0; f < a->nf; f++) {
            if (access_element(v, at + f * bytes, bytes, v->vd + f * step, i, a->store)) {
                continue;
            }
            if (a->first_only && i > 0) {
                v->cpu->exception = -1;
                v->cpu->vl = i;
                v->cpu->vstart = 0;
                return;
            }
            leave_at(v, i);
        }
    }
    v->cpu->vstart = 0;
}

static bool whole_registers(Vector *v, Access *a, unsigned bits)
{
    if (!IS_POWER_OF_2(a->nf) || (v->vd & (a->nf - 1)) || v->masked || (a->store && bits != 8)) {
        return false;
    }
    unsigned count = a->nf * v->vlenb * 8 / bits;
    Access one = { .nf = 1, .store = a->store };
    access_all(v, &one, bits, __builtin_ctz(a->nf), count, unit_address);
    return true;
}

static bool memory_access(Vector *v, bool store)
{
    static const uint8_t widths[8] = { [0] = 8, [5] = 16, [6] = 32, [7] = 64 };
    unsigned mop = v->insn >> 26 & 3, bits = widths[v->funct3], lumop = v->vs2;
    Access a = { .nf = (v->insn >> 29) + 1, .store = store, .eew = bits };
    bool indexed = mop & 1;
    if (v->insn >> 28 & 1) {
        return false;           /* mew */
    }
    if (mop == 0 && lumop == 8) {
        return whole_registers(v, &a, bits);
    }
    if (v->cpu->vtype & VTYPE_VILL) {
        return false;
    }
    if (mop == 0 && lumop == 11) {
        Access mask = { .nf = 1, .store = store };
        if (a.nf != 1 || bits != 8 || v->masked) {
            return false;
        }
        access_all(v, &mask, 8, 0, (v->vl + 7) / 8, unit_address);
        return true;
    }
    if (mop == 0 && lumop != 0 && !(lumop == 16 && !store)) {
        return false;
    }
    a.first_only = mop == 0 && lumop == 16;
    int eew_lmul = v->lmul + (int)__builtin_ctz(bits) - (int)v->log2_sew, data_lmul = indexed ? v->lmul : eew_lmul;
    unsigned data_bits = indexed ? v->sew : bits, registers = a.nf << (data_lmul > 0 ? data_lmul : 0);
    if (eew_lmul < -3 || eew_lmul > 3 || registers > 8 || v->vd + registers > 32 || !vector_aligned(v->vd, data_lmul) || (!store && !vector_mask_ok(v))) {
        return false;
    }
    if (indexed) {
        bool overlaps_ok = store || (a.nf == 1 ? vector_overlap_ok(v->vd, data_lmul, data_bits, v->vs2, eew_lmul, bits)
                                     : v->vd + registers <= v->vs2 || v->vs2 + (1u << MAX(eew_lmul, 0)) <= v->vd);
        if (!vector_aligned(v->vs2, eew_lmul) || !overlaps_ok) {
            return false;
        }
    }
    access_all(v, &a, data_bits, data_lmul, v->vl, indexed ? indexed_address : mop == 2 ? strided_address : unit_address);
    return true;
}

/* ---- one instruction ---- */

bool riscv_vector_writes_vectors_only(uint32_t insn)
{
    unsigned funct3 = insn >> 12 & 7, funct6 = insn >> 26;
    return (insn & 0x7f) != 0x57 || (funct3 != 7 && !(funct6 == 0x10 && (funct3 == 1 || funct3 == 2)));
}

static Vector begin(RiscvCpu *cpu, uint32_t insn)
{
    uint64_t vtype = cpu->vtype;
    Vector v = { .cpu = cpu, .insn = insn, .vd = insn >> 7 & 31, .vs1 = insn >> 15 & 31, .vs2 = insn >> 20 & 31, .funct6 = insn >> 26, .funct3 = insn >> 12 & 7,
                 .masked = !(insn >> 25 & 1), .log2_sew = 3 + (vtype >> 3 & 3), .lmul = (int)sextract64(vtype, 0, 3), .vlenb = cpu->vlen / 8, .vl = cpu->vl,
                 .vstart = cpu->vstart, .vlmax = riscv_vlmax(cpu, vtype) };
    v.sew = 1u << v.log2_sew;
    v.altfmt = vtype & VTYPE_ALTFMT;
    return v;
}

static bool arithmetic(Vector *v)
{
    bool known = false, ok;
    if ((v->cpu->vtype & VTYPE_VILL) || !riscv_vector_sources_ok(v->insn, v->cpu->vtype)) {
        return false;
    }
    ok = vector_permute(v, &known);
    if (!known) {
        ok = (v->funct3 & 3) == 1 ? vector_float(v) : v->funct3 == 2 || v->funct3 == 6 ? vector_multiply(v) : vector_integer(v);
    }
    if (ok) {
        v->cpu->vstart = 0;
    }
    return ok;
}

static bool groups(Vector *v)
{
    bool ok = !(v->cpu->vtype & VTYPE_VILL) && vector_crypto(v);
    v->cpu->vstart = ok ? 0 : v->cpu->vstart;
    return ok;
}

void rv_helper_vector(Cpu *c, uint64_t insn)
{
    RiscvCpu *cpu = RISCV_CPU(c);
    unsigned opcode = insn & 0x7f;
    if (opcode == 0x57 && (insn >> 12 & 7) == 7) {
        configure(cpu, insn);
        return;
    }
    Vector v = begin(cpu, insn);
    bool fills = !(cpu->vtype & VTYPE_VILL) && riscv_vector_fills(cpu, cpu->vtype);
    uint8_t mask[RISCV_MAX_VLEN_BYTES];
    memcpy(mask, cpu->v[0], fills ? v.vlenb : 0);
    dirty(cpu);
    if (!(opcode == 0x57 ? arithmetic(&v) : opcode == 0x77 ? groups(&v) : memory_access(&v, opcode == 0x27))) {
        riscv_raise(cpu, CAUSE_ILLEGAL_INSTRUCTION, insn);
    }
    if (fills) {
        riscv_vector_fill(&v, mask);
    }
}

void rv_helper_vector_only(Cpu *c, uint64_t insn) { rv_helper_vector(c, insn); }
