/*
 * Guarded control stacks (FEAT_GCS): what calls push and returns pop, and the instructions of the stack.
 *
 * Arm Architecture Reference Manual for A-profile (DDI 0487), D11 (records, tokens of a switch, exception records), C5.7 (GCSPUSHM ... GCSSS2), C6.2 (GCSSTR), J1 (AddGCSRecord,
 * LoadCheckGCSRecord). The stack grows downwards and its pointer is that of the last record.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/internal.h"
#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/translate-a64.h"

/* Tokens: of a stack that may be switched to (VALID, the page of its address above) and one that is being switched from; of an exception's record. */
enum { RECORD = 8, TOKEN_VALID = 1, TOKEN_IN_PROGRESS = 5, TOKEN_EXCEPTION = 9, EXCEPTION_RECORDS = 4 };
#define TOKEN_ADDRESS MAKE_MASK(12, 52)
#define POINTER MAKE_MASK(3, 61)

static uint64_t *pointer(ArmCpu *cpu) { return &cpu->gcspr_el[cpu->el]; }
static unsigned own_index(const ArmCpu *cpu) { return ARM_TLB_GCS_EL0 + cpu->el; }

/* ---- accesses ---- */

static uint64_t in_memory(const ArmCpu *cpu, uint64_t value)
{
    bool big_endian = cpu->sctlr_el[arm_regime_el(cpu, cpu->el)] & (cpu->el == 0 ? SCTLR_E0E : SCTLR_EE);
    return big_endian ? __builtin_bswap64(value) : value;
}

static uint64_t load(ArmCpu *cpu, uint64_t address)
{
    return in_memory(cpu, tcg_load_or_leave(&cpu->parent, address, RECORD, own_index(cpu)));
}

static void store(ArmCpu *cpu, uint64_t address, unsigned index, uint64_t value)
{
    tcg_store_or_leave(&cpu->parent, address, RECORD, index, in_memory(cpu, value));
}

static void check_alignment(ArmCpu *cpu, uint64_t address, TcgAccess access)
{
    if (address % RECORD) {
        arm_record_alignment(cpu, address, access);
        cpu->exception_syndrome2 = ISS2_GCS;
        tcg_leave(&cpu->parent);
    }
}

/* ---- calls and returns ---- */

static void push(ArmCpu *cpu, uint64_t value)
{
    store(cpu, *pointer(cpu) - RECORD, own_index(cpu), value);
    *pointer(cpu) -= RECORD;
}

void arm_helper_gcs_push(Cpu *cpu, uint64_t value) { push(ARM_CPU(cpu), value); }

/* Without the check the return goes where the stack says. */
uint64_t arm_helper_gcs_pop(Cpu *c, uint64_t target, uint32_t iss)
{
    ArmCpu *cpu = ARM_CPU(c);
    uint64_t recorded = load(cpu, *pointer(cpu));
    if (recorded != target && (cpu->gcscr_el[cpu->el] & GCSCR_RVCHKEN)) {
        arm_raise_gcs(cpu, iss, 0);
    }
    *pointer(cpu) += RECORD;
    return recorded;
}

/* ---- single records ---- */

static uint64_t pop_record(ArmCpu *cpu, unsigned rt)
{
    uint64_t value = load(cpu, *pointer(cpu));
    if (value & 3) {
        arm_raise_gcs(cpu, rt << 5 | GCS_POPM, 0);
    }
    *pointer(cpu) += RECORD;
    return value;
}

/* ---- a switch of stacks: SS1 goes to the new one, SS2 leaves a token on the old ---- */

/* Replaces a record that is as expected; false: it is not. */
static bool exchange(ArmCpu *cpu, uint64_t address, uint64_t expected, uint64_t value)
{
    unsigned length = RECORD;
    if (load(cpu, address) != expected) {
        return false;
    }
    uint64_t *host = tcg_host_pointer(&cpu->parent, address, &length, TCG_ACCESS_STORE, own_index(cpu));
    if (!host) {
        if (arm_exception_pending(&cpu->parent)) {
            tcg_leave(&cpu->parent);
        }
        store(cpu, address, own_index(cpu), value);
        return true;
    }
    uint64_t old = in_memory(cpu, expected);
    return __atomic_compare_exchange_n(host, &old, in_memory(cpu, value), false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);
}

static void switch_to(ArmCpu *cpu, uint64_t address, unsigned rt)
{
    check_alignment(cpu, address, TCG_ACCESS_LOAD);
    if (!exchange(cpu, address, (address & TOKEN_ADDRESS) | TOKEN_VALID, (*pointer(cpu) & POINTER) | TOKEN_IN_PROGRESS)) {
        arm_raise_gcs(cpu, rt << 5 | GCS_SS1, 0);
    }
    *pointer(cpu) = address;
}

static uint64_t switch_from(ArmCpu *cpu, unsigned rt)
{
    uint64_t token = load(cpu, *pointer(cpu));
    if ((token & 7) != TOKEN_IN_PROGRESS) {
        arm_raise_gcs(cpu, rt << 5 | GCS_SS2, 0);
    }
    uint64_t outgoing = (token & POINTER) - RECORD;
    store(cpu, outgoing, own_index(cpu), (outgoing & TOKEN_ADDRESS) | TOKEN_VALID);
    *pointer(cpu) += RECORD;
    return outgoing;
}

/* ---- records of exceptions: a token, ELR, SPSR and LR, from the lowest address on ---- */

static void push_exception(ArmCpu *cpu)
{
    const uint64_t records[EXCEPTION_RECORDS] = { cpu->x[30], cpu->spsr_el[cpu->el], cpu->elr_el[cpu->el], TOKEN_EXCEPTION };
    uint64_t top = *pointer(cpu);
    for (unsigned i = 0; i < EXCEPTION_RECORDS; i++) {
        store(cpu, top - RECORD * (i + 1), own_index(cpu), records[i]);
    }
    *pointer(cpu) = top - RECORD * EXCEPTION_RECORDS;
    cpu->exlock = false;
}

static void pop_exception(ArmCpu *cpu, bool compares)
{
    const uint64_t expected[EXCEPTION_RECORDS] = { TOKEN_EXCEPTION, cpu->elr_el[cpu->el], cpu->spsr_el[cpu->el], cpu->x[30] };
    enum { XZR = 31 };
    for (unsigned i = 0; i < EXCEPTION_RECORDS; i++) {
        if (load(cpu, *pointer(cpu) + RECORD * i) != expected[i] && (i == 0 || compares)) {
            arm_raise_gcs(cpu, XZR << 5 | (compares ? GCS_POPCX : GCS_POPX), 0);
        }
    }
    *pointer(cpu) += RECORD * EXCEPTION_RECORDS;
    if (compares) {
        cpu->exlock = arm_exlock_enabled(cpu);
    }
}

/* ---- who may ---- */

/* EL2 lets EL1 have an instruction by a bit of HFGITR_EL2. */
static bool kept_by_el2(const ArmCpu *cpu, uint64_t bit)
{
    return cpu->el == 1 && arm_fine_traps_enabled(cpu) && !(cpu->hfgitr_el2 & bit);
}

static void check_push_record(ArmCpu *cpu)
{
    if (!(cpu->gcscr_el[cpu->el] & GCSCR_PUSHMEN)) {
        arm_raise(cpu, arm_trap_syndrome(cpu), 0);
    }
    if (kept_by_el2(cpu, HFGITR_NGCSPUSHM_EL1)) {
        arm_raise(cpu, arm_trap_syndrome(cpu), 2);
    }
}

/* GCSPUSHX and GCSPOPCX: they take off the lock and put it on. There must be one to take off. */
static void check_exception_record(ArmCpu *cpu, bool is_push)
{
    if (kept_by_el2(cpu, HFGITR_NGCSEPP)) {
        arm_raise(cpu, arm_trap_syndrome(cpu), 2);
    }
    if (is_push && arm_exlock_enabled(cpu) && !cpu->exlock) {
        arm_raise_gcs(cpu, ISS_GCS_EXLOCK, 0);
    }
}

/* ---- instructions ---- */

/* Where the stack is off they do nothing, and Xt stays. */
uint64_t arm_helper_gcs_sys(Cpu *c, uint32_t sysreg, uint64_t value, uint32_t rt)
{
    enum { PUSHM, POPM, SS1, SS2, PUSHX, POPCX, POPX };
    ArmCpu *cpu = ARM_CPU(c);
    unsigned which = sysreg & 7;
    if (which == PUSHM) {
        check_push_record(cpu);
    } else if (which == PUSHX || which == POPCX) {
        check_exception_record(cpu, which == PUSHX);
    }
    if (!arm_gcs_enabled(cpu)) {
        return value;
    }
    switch (which) {
    case PUSHM: push(cpu, value); break;
    case POPM: return pop_record(cpu, rt);
    case SS1: switch_to(cpu, value, rt); break;
    case SS2: return switch_from(cpu, rt);
    case PUSHX: push_exception(cpu); break;
    default: pop_exception(cpu, which == POPCX); break;
    }
    return value;
}

/* GCSSTR, GCSSTTR. Whether the unprivileged's is to be had is EL0's own question. */
void arm_helper_gcs_store(Cpu *c, uint64_t address, uint64_t value, uint32_t how)
{
    ArmCpu *cpu = ARM_CPU(c);
    bool as_el0 = (how & 1) && arm_unprivileged_index(cpu) == ARM_TLB_EL0;
    if (!as_el0 || cpu->el == 0) {
        uint32_t iss = ISS_GCS_STORE | (how & ~1u);
        if (!(cpu->gcscr_el[cpu->el] & GCSCR_STREN)) {
            arm_raise_gcs(cpu, iss, 0);
        }
        if (kept_by_el2(cpu, HFGITR_NGCSSTR_EL1)) {
            arm_raise_gcs(cpu, iss, 2);
        }
    }
    check_alignment(cpu, address, TCG_ACCESS_STORE);
    store(cpu, address, as_el0 ? ARM_TLB_GCS_EL0 : own_index(cpu), value);
}
