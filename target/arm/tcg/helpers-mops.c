/*
 * Memory copy and set (FEAT_MOPS), option A of the architecture: the prologue makes the addresses ends of what is done upwards and the size negative, so that it counts up
 * to 0; copies from above downwards keep a positive size. Main and epilogue move what there is page by page and keep the registers true, so that faults and
 * interrupts may come between.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), C6.2 (CPYFP, CPYP, SETP, SETGP), J1.1 (MemCpyDirectionChoice, ArchMaxMOPSCPYSize), D19.2.40 (ISS of EC 0x27).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/tags.h"
#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/mops.h"

#define MOST_COPIED UINT64_C(0x007fffffffffffff)
#define MOST_SET UINT64_C(0x7fffffffffffffff)
#define MOST_SET_TAGGED UINT64_C(0x7ffffffffffffff0)
#define ADDRESS(x) ((x) & MAKE_MASK(0, 56))
#define SCTLR_MSCEN BIT(33)
enum { PAGE = 4096 };

typedef struct Mops {
    ArmCpu *cpu;
    uint32_t insn, how;
    uint64_t *to, *from, *size;         /* registers; from: a set's value */
    uint64_t value;
} Mops;

/* ---- who may, and what is wrong ---- */

static void check_enabled(ArmCpu *cpu)
{
    uint64_t hcr = arm_hcr(cpu);
    bool host = arm_in_host(hcr), refused = cpu->el == 0 && !(cpu->sctlr_el[arm_regime_el(cpu, 0)] & SCTLR_MSCEN);
    refused |= cpu->el < 2 && arm_el2_enabled(cpu) && !host && !(arm_hcrx(cpu) & HCRX_MSCEN);
    if (refused) {
        arm_raise_undefined(cpu);
    }
}

/* Registers in a form that this implementation has not made: those of option B say so by C. */
static void check_option(const Mops *m)
{
    enum { SET = 1 << 24, SETG = 1 << 23, FROM_EPILOGUE = 1 << 18, WRONG_OPTION = 1 << 17, OPTION_A = 1 << 16 };
    ArmCpu *cpu = m->cpu;
    if (!(arm_nzcv(cpu) & PSTATE_C)) {
        return;
    }
    uint32_t iss = WRONG_OPTION | OPTION_A | mops_options(m->insn) << 19 | mops_rd(m->insn) << 10 | mops_rs(m->insn) << 5 | mops_rn(m->insn);
    iss |= (mops_is_set(m->insn) ? SET | (mops_is_general(m->insn) ? SETG : 0) : 0) | (mops_stage(m->insn) == MOPS_EPILOGUE ? FROM_EPILOGUE : 0);
    arm_raise(cpu, ARM_SYNDROME(EC_MOPS, iss), cpu->el < 2 && arm_el2_enabled(cpu) && (arm_hcrx(cpu) & HCRX_MCE2) ? 2 : 0);
}

/* ---- pieces of at most a page ---- */

static unsigned up_to_page(uint64_t address, uint64_t bytes) { return MIN(bytes, PAGE - (address & (PAGE - 1))); }
static unsigned down_to_page(uint64_t end, uint64_t bytes) { return MIN(bytes, ((end - 1) & (PAGE - 1)) + 1); }

static void check_read(const Mops *m, uint64_t address, unsigned bytes)
{
    if (m->how & MOPS_READ_CHECKED) {
        arm_check_tags(m->cpu, address, bytes, FIELD_GET(m->how, MOPS_READ_INDEX), false, m->how & MOPS_READ_UNPRIV);
    }
}

static void check_write(const Mops *m, uint64_t address, unsigned bytes)
{
    if (m->how & MOPS_WRITE_CHECKED) {
        arm_check_tags(m->cpu, address, bytes, FIELD_GET(m->how, MOPS_WRITE_INDEX), true, m->how & MOPS_WRITE_UNPRIV);
    }
}

/* A host pointer to one page, or NULL where its bytes go one by one; faults leave. */
static void *pointer(const Mops *m, uint64_t address, unsigned bytes, TcgAccess access)
{
    Cpu *cpu = &m->cpu->parent;
    unsigned length = bytes, index = access == TCG_ACCESS_LOAD ? FIELD_GET(m->how, MOPS_READ_INDEX) : FIELD_GET(m->how, MOPS_WRITE_INDEX);
    void *p = tcg_host_pointer(cpu, address, &length, access, index);
    if (!p && arm_exception_pending(cpu)) {
        tcg_leave(cpu);
    }
    return length == bytes ? p : NULL;
}

static void copy_piece(const Mops *m, uint64_t to, uint64_t from, unsigned bytes, bool down)
{
    Cpu *cpu = &m->cpu->parent;
    check_read(m, from, bytes);
    check_write(m, to, bytes);
    void *source = pointer(m, from, bytes, TCG_ACCESS_LOAD), *target = pointer(m, to, bytes, TCG_ACCESS_STORE);
    if (source && target) {
        memmove(target, source, bytes);
        return;
    }
    for (unsigned i = 0; i < bytes; i++) {
        unsigned at = down ? bytes - 1 - i : i;
        uint64_t byte = tcg_load_or_leave(cpu, from + at, 1, FIELD_GET(m->how, MOPS_READ_INDEX));
        tcg_store_or_leave(cpu, to + at, 1, FIELD_GET(m->how, MOPS_WRITE_INDEX), byte);
    }
}

static void set_piece(const Mops *m, uint64_t to, unsigned bytes)
{
    Cpu *cpu = &m->cpu->parent;
    bool tags = mops_is_general(m->insn);
    unsigned index = FIELD_GET(m->how, MOPS_WRITE_INDEX);
    if (!tags) {
        check_write(m, to, bytes);
    }
    void *target = pointer(m, to, bytes, TCG_ACCESS_STORE);
    if (target) {
        memset(target, (uint8_t)m->value, bytes);
    }
    for (unsigned i = 0; i < bytes && !target; i++) {
        tcg_store_or_leave(cpu, to + i, 1, index, m->value & 0xff);
    }
    for (unsigned i = 0; i < bytes && tags; i += ARM_TAG_GRANULE) {
        arm_set_tag(m->cpu, to + i, index);
    }
}

/* One piece, and the registers moved on. */
static void do_piece(const Mops *m)
{
    bool down = (int64_t)*m->size > 0;
    uint64_t left = down ? *m->size : -*m->size, to = *m->to + *m->size, from = m->from ? *m->from + *m->size : 0;
    unsigned bytes;
    if (down) {
        bytes = MIN(down_to_page(to, left), down_to_page(from, left));
        copy_piece(m, to - bytes, from - bytes, bytes, true);
        *m->size -= bytes;
        return;
    }
    bytes = up_to_page(to, left);
    if (mops_is_set(m->insn)) {
        set_piece(m, to, bytes);
    } else {
        bytes = MIN(bytes, up_to_page(from, left));
        copy_piece(m, to, from, bytes, false);
    }
    *m->size += bytes;
}

/* ---- prologue ---- */

/* Source below the target and reaching into it: from above downwards. */
static bool goes_down(const Mops *m)
{
    uint64_t from = ADDRESS(*m->from), to = ADDRESS(*m->to);
    return mops_is_general(m->insn) && from < to && ADDRESS(from + *m->size) > to;
}

static void prologue(const Mops *m)
{
    bool set = mops_is_set(m->insn), tags = set && mops_is_general(m->insn);
    uint64_t most = tags ? MOST_SET_TAGGED : set ? MOST_SET : MOST_COPIED, size = MIN(*m->size, most);
    if (tags && ((*m->to | *m->size) & (ARM_TAG_GRANULE - 1)) && *m->size) {
        arm_record_alignment(m->cpu, *m->to, TCG_ACCESS_STORE);
        tcg_leave(&m->cpu->parent);
    }
    *m->size = size;
    if (set || !goes_down(m)) {
        *m->to += size;
        if (!set) {
            *m->from += size;
        }
        *m->size = -size;
    }
    arm_set_nzcv(m->cpu, 0);
}

uint32_t arm_helper_mops(Cpu *c, uint32_t insn, uint32_t how)
{
    ArmCpu *cpu = ARM_CPU(c);
    unsigned rs = mops_rs(insn);
    bool set = mops_is_set(insn);
    Mops m = { .cpu = cpu, .insn = insn, .how = how, .to = &cpu->x[mops_rd(insn)], .size = &cpu->x[mops_rn(insn)], .from = set ? NULL : &cpu->x[rs],
               .value = rs == 31 ? 0 : cpu->x[rs] };
    check_enabled(cpu);
    if (mops_stage(insn) == MOPS_PROLOGUE) {
        prologue(&m);
        return 1;
    }
    check_option(&m);
    while (*m.size) {
        do_piece(&m);
        if (*m.size && (atomic_load(&c->exit_request) || atomic_load(&c->interrupt_request))) {
            return 0;
        }
    }
    return 1;
}
