/*
 * Pointer masking: who is asked for a mode's length, what becomes of the upper bits, what is not masked (RISC-V Pointer Masking 1.0: Smmpm, Smnpm, Ssnpm).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "tables.h"

#define MSECCFG 0x747
#define MENVCFG 0x30a
#define SENVCFG 0x10a
#define HENVCFG 0x60a
#define PMM(n) ((uint64_t)(n) << 32)
enum { PMM_7 = 2, PMM_16 = 3 };
static char data[2 * PAGE] __attribute__((aligned(PAGE)));

#if RV64
#define TAG_7(address) ((Word)(address) | (Word)0x55 << 57)
#define TAG_16(address) ((Word)(address) | (Word)0x5aa5 << 48)
static Word *first;

static void set_pmm(unsigned csr, unsigned n)
{
    switch (csr) {
    case MSECCFG: csr_clear(MSECCFG, PMM(3)); csr_set(MSECCFG, PMM(n)); break;
    case MENVCFG: csr_clear(MENVCFG, PMM(3)); csr_set(MENVCFG, PMM(n)); break;
    case SENVCFG: csr_clear(SENVCFG, PMM(3)); csr_set(SENVCFG, PMM(n)); break;
    default: csr_clear(HENVCFG, PMM(3)); csr_set(HENVCFG, PMM(n)); break;
    }
}

static void begin(void)
{
    set_pmm(MSECCFG, 0);
    set_pmm(MENVCFG, 0);
    set_pmm(SENVCFG, 0);
    *(Word *)data = 0x1122334455667788;
}

static bool there(void)
{
    set_pmm(MENVCFG, PMM_7);
    bool has = csr_read(MENVCFG) & PMM(3);
    set_pmm(MENVCFG, 0);
    if (!has) {
        skip("pointer masking", "no Smnpm");
    }
    return has;
}

/* Loads in M-mode that must give the word at data. */
static void check_load(const char *name, Word address)
{
    volatile Word value = 0;
    CATCH(value = load_at(address));
    check(outcome.level == NO_TRAP && value == *(Word *)data, "%s", name);
}

static void all_kinds(void)
{
    Word address = TAG_7(data), value = 0;
    check_load("M: seven bits are ignored", address);
    CATCH(asm volatile("ld %0, 8(%1)" : "=r"(value) : "r"(TAG_7(data) - 8)));
    check(outcome.level == NO_TRAP, "M: with an offset");
    CATCH(store_at(TAG_7(data + 64), 77));
    check(outcome.level == NO_TRAP && *(Word *)(data + 64) == 77, "M: a store");
    CATCH(asm volatile("amoadd.d %0, %1, (%2)" : "=&r"(value) : "r"(3l), "r"(TAG_7(data + 64)) : "memory"));
    check(outcome.level == NO_TRAP && *(Word *)(data + 64) == 80, "M: an AMO");
    Word failed = 1;
    CATCH(asm volatile("lr.d %0, (%2)\n sc.d %1, %3, (%2)" : "=&r"(value), "=&r"(failed) : "r"(TAG_7(data + 64)), "r"(5l) : "memory"));
    check(outcome.level == NO_TRAP && *(Word *)(data + 64) == 5, "M: LR and SC");
    csr_set(mstatus, MSTATUS_FS);
    CATCH(asm volatile("fld fa0, 0(%0)\n fsd fa0, 8(%0)" :: "r"(TAG_7(data)) : "fa0", "memory"));
    check(outcome.level == NO_TRAP && *(Word *)(data + 8) == *(Word *)data, "M: floating point");
    if (has_letter('V')) {
        csr_set(mstatus, 3 << 9);
        /* vsetivli zero, 2, e64, m1; vle64.v v1, (a0); vse64.v v1, (a1) */
        CATCH(asm volatile("mv a0, %0\n mv a1, %1\n .word 0xcd817057, 0x02057087, 0x0205f0a7" :: "r"(TAG_7(data)), "r"(TAG_7(data + 32)) : "a0", "a1", "memory"));
        check(outcome.level == NO_TRAP && *(Word *)(data + 32) == *(Word *)data, "M: vectors");
        /* vsetivli zero, 1, e64; vlse64.v v1, (a0), a2: element by element */
        CATCH(asm volatile("mv a0, %0\n mv a1, %1\n li a2, 8\n .word 0xcd80f057, 0x0ac57087, 0x0205f0a7" :: "r"(TAG_7(data)), "r"(TAG_7(data + 48)) : "a0", "a1", "a2", "memory"));
        check(outcome.level == NO_TRAP && *(Word *)(data + 48) == *(Word *)data, "M: vectors with a stride");
    }
}

static void machine(void)
{
    if (!there()) {
        return;
    }
    begin();
    CATCH(load_at(TAG_7(data)));
    check_trap("off: all bits count", TO_M, LOAD_ACCESS, TAG_7(data));
    set_pmm(MSECCFG, 1);
    check_is("1 is not taken", csr_read(MSECCFG) & PMM(3), 0);
    set_pmm(MSECCFG, PMM_7);
    check_is("PMM of mseccfg is there", csr_read(MSECCFG) & PMM(3), PMM(PMM_7));
    all_kinds();
    CATCH(load_at(TAG_16(data)));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "M: the eighth bit from the top counts");
    check_is("M: and the address that is told is masked", outcome.tval, TAG_16(data) << 7 >> 7);
    set_pmm(MSECCFG, PMM_16);
    check_load("M: sixteen bits are ignored", TAG_16(data));
    CATCH(jump_to(TAG_16(data)));
    check_trap("M: fetches are not masked", TO_M, FETCH_ACCESS, TAG_16(data));
    run_in(MODE_S, try_load, TAG_16(data));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "mseccfg is not S-mode's");
    begin();
}

static void lower(void)
{
    if (!there()) {
        return;
    }
    begin();
    set_pmm(MENVCFG, PMM_16);
    run_in(MODE_S, try_load, TAG_16(data));
    check_returned("S by menvcfg", *(Word *)data);
    run_in(MODE_U, try_load, TAG_16(data));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "menvcfg is not U-mode's");
    CATCH(load_at(TAG_16(data)));
    check_trap("menvcfg is not M-mode's", TO_M, LOAD_ACCESS, TAG_16(data));
    csr_set(mstatus, MSTATUS_MXR);
    run_in(MODE_S, try_load, TAG_16(data));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "not with MXR");
    csr_clear(mstatus, MSTATUS_MXR);
    csr_clear(mstatus, MSTATUS_MPP);
    csr_set(mstatus, (Word)1 << 11 | MSTATUS_MPRV);
    volatile Word value = 0;
    CATCH(value = load_at(TAG_16(data)));
    csr_clear(mstatus, MSTATUS_MPRV);
    check(outcome.level == NO_TRAP && value == *(Word *)data, "M that loads as S by MPRV");
    set_pmm(MENVCFG, 0);
    set_pmm(SENVCFG, PMM_7);
    run_in(MODE_U, try_load, TAG_7(data));
    check_returned("U by senvcfg", *(Word *)data);
    run_in(MODE_S, try_load, TAG_7(data));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "senvcfg is not S-mode's");
    begin();
}

/* Virtual addresses: the highest bit that is left is copied. */
static void paged(void)
{
    if (!there()) {
        return;
    }
    const Paging *p = &pagings[0];
    const Word high = -(Word)0x200000;
    begin();
    forget_tables();
    first = map_program(p);
    map_page(first, p, TEST_PAGE, (Word)data, PTE_ALL, 0);
    map_page(first, p, high, (Word)data, PTE_ALL, 0);
    csr_write(satp, atp(p, first, 0));
    fence();
    set_pmm(MENVCFG, PMM_7);
    run_in(MODE_S, try_load, TAG_7(TEST_PAGE));
    check_returned("virtual: the lower half", *(Word *)data);
    run_in(MODE_S, try_load, high ^ (Word)0x2a << 57);
    check_returned("virtual: the upper half", *(Word *)data);
    run_in(MODE_S, try_load, TAG_7(TEST_PAGE + PAGE));
    check_trap("virtual: a fault tells the masked address", TO_M, LOAD_PAGE, TEST_PAGE + PAGE);
    csr_write(satp, 0);
    fence();
    begin();
}

static void guests(void)
{
    if (!there() || !has_letter('H')) {
        return;
    }
    begin();
    set_pmm(HENVCFG, PMM_16);
    check_is("PMM of henvcfg is there", csr_read(HENVCFG) & PMM(3), PMM(PMM_16));
    csr_write(0x680, 0);
    csr_write(0x280, 0);
    run_in(MODE_VS, try_load, TAG_16(data));
    check_returned("VS by henvcfg", *(Word *)data);
    run_in(MODE_S, try_load, TAG_16(data));
    check(outcome.level == TO_M && outcome.cause == LOAD_ACCESS, "henvcfg is not HS-mode's");
    csr_set(0x600, 1 << 8);     /* SPVP: HLV as VS */
    volatile Word value = 0;
    CATCH(asm volatile(".insn r 0x73, 4, 0x36, %0, %1, x0" : "=r"(value) : "r"(TAG_16(data))));
    check(outcome.level == NO_TRAP && value == *(Word *)data, "HLV.D as VS");
    set_pmm(HENVCFG, 0);
    set_pmm(SENVCFG, PMM_16);
    run_in(MODE_VU, try_load, TAG_16(data));
    check_returned("VU by senvcfg", *(Word *)data);
    begin();
}

const Subject subjects[] = { { "machine", machine }, { "lower modes", lower }, { "virtual addresses", paged }, { "guests", guests }, { NULL, NULL } };
#else
static void nothing(void)
{
    (void)data;
    CATCH(csr_set(0x31a, 3));
    check_is("RV32 has no PMM in menvcfgh", csr_read(0x31a) & 3, 0);
}

const Subject subjects[] = { { "RV32", nothing }, { NULL, NULL } };
#endif
