/*
 * AArch32: caches, barriers, address translation and TLB maintenance: c7 and c8 of coprocessor 15.
 *
 * DDI 0487, G8.2, G4.4 (operations on caches and TLBs); DDI 0406, B4.2.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/coprocessor.h"
#include "target/arm/mmu.h"

/* ---- caches, which are not modelled ---- */

static void do_nothing(ArmCpu *cpu, const CpRegister *r, uint64_t value) { }

/* Test and clean: the loop that asks ends at once (Z of APSR). */
static uint64_t read_clean(ArmCpu *cpu, const CpRegister *r) { return PSTATE_Z; }

/* ---- TLB ---- */

/* As the operation of AArch64 at the level of the regime. */
static void tlbi(ArmCpu *cpu, unsigned op1, unsigned crm, unsigned op2, uint64_t value)
{
    uint8_t el = cpu->el;
    cpu->el = op1 == 4 ? MAX(el, 2) : MAX(el, 1);
    arm_sys_instruction(cpu, ARM_SYSREG(1, op1, 8, crm, op2), value);
    cpu->el = el;
}

static unsigned crm_of(const CpRegister *r) { return r->key >> 12 & 15; }

/* c8, c3 is for all; c5 (instructions), c6 (data) and c7 are for this processor. */
static void flush(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    unsigned op2 = r->key >> 16 & 7, op1 = r->key >> 4 & 15, crm = crm_of(r) == 3 ? 3 : 7;
    uint64_t address = (uint32_t)value >> 12, asid = value & 0xff;
    if (op1 == 4) {
        tlbi(cpu, 4, crm, op2 == 1 || op2 == 5 ? op2 : op2 == 4 ? 4 : 0, address);
        return;
    }
    switch (op2) {
    case 0: tlbi(cpu, 0, crm, 0, 0); break;
    case 2: tlbi(cpu, 0, crm, 2, asid << 48); break;
    case 3: case 7: tlbi(cpu, 0, crm, 3, address); break;
    default: tlbi(cpu, 0, crm, 3, address); break;      /* by address and ASID: of all ASIDs does no harm */
    }
}

/* ---- address translation: PAR of either format ---- */

/* A fault status of the long format as PAR's of the short: FS[5:0] in bits 6 to 1. */
static uint64_t short_par(const ArmCpu *cpu, uint64_t par)
{
    if (par & 1) {
        unsigned code = par >> 1 & 63, level = code & 3;
        unsigned fs = (code & 0x3c) == FSC_TRANSLATION ? (level == 1 ? 5 : 7) : (code & 0x3c) == FSC_PERMISSION ? (level == 1 ? 13 : 15)
                    : (code & 0x3c) == FSC_ACCESS_FLAG ? (level == 1 ? 3 : 6) : code == FSC_DOMAIN_SECTION ? 9 : code == FSC_DOMAIN_PAGE ? 11 : 8;
        return 1 | fs << 1;
    }
    return par & 0xfffff000;
}

static void translate(ArmCpu *cpu, const CpRegister *r, uint64_t value)
{
    unsigned op2 = r->key >> 16 & 7, op1 = r->key >> 4 & 15;
    bool user = op1 == 0 && (op2 & 2), both = op1 == 0 && op2 >= 4;
    TcgAccess access = op2 & 1 ? TCG_ACCESS_STORE : TCG_ACCESS_LOAD;
    unsigned own = arm_regime_el(cpu, 0), el = op1 == 4 ? 2 : user ? 0 : own;
    uint64_t par = arm_address_translate(cpu, (uint32_t)value, access, el, both ? AT_BOTH_STAGES : 0);
    bool long_format = op1 == 4 || (cpu->tcr_el[own] >> 31 & 1 && arm_has(cpu, lpae)) || both;
    cpu->par_el1 = long_format ? par : short_par(cpu, par);
}

#define CACHE(crm, op2) { CP(15, 0, 7, crm, op2), "cache", CP_WRITE_ONLY, .write = do_nothing }
#define BARRIER(crm, op2) { CP(15, 0, 7, crm, op2), "barrier", CP_EL0 | CP_EL0_WRITE | CP_WRITE_ONLY, .write = do_nothing }
#define TLBI(crm, op2) { CP(15, 0, 8, crm, op2), "TLBI", CP_WRITE_ONLY, .write = flush }
#define HTLBI(crm, op2) { CP(15, 4, 8, crm, op2), "TLBI", CP_WRITE_ONLY | CP_HYP, .write = flush }
#define AT(op1, op2) { CP(15, op1, 7, 8, op2), "AT", CP_WRITE_ONLY | CP_V7 | (op1 == 4 ? CP_HYP : 0), .write = translate }

static const CpRegister rows[] = {
    CACHE(1, 0), CACHE(1, 6), CACHE(5, 0), CACHE(5, 1), CACHE(5, 2), CACHE(5, 6), CACHE(5, 7), CACHE(6, 0), CACHE(6, 1), CACHE(6, 2), CACHE(7, 0), CACHE(7, 1), CACHE(7, 2),
    CACHE(10, 0), CACHE(10, 1), CACHE(10, 2), CACHE(11, 0), CACHE(11, 1), CACHE(11, 2), CACHE(13, 1), CACHE(14, 0), CACHE(14, 1), CACHE(14, 2), CACHE(15, 0),
    { CP(15, 0, 7, 10, 3), "test and clean", CP_READ_ONLY, .read = read_clean }, { CP(15, 0, 7, 14, 3), "test, clean and invalidate", CP_READ_ONLY, .read = read_clean },
    { CP(15, 0, 7, 10, 6), "cache dirty status", CP_READ_ONLY | CP_OLD }, { CP(15, 0, 7, 12, 4), "block transfer status", CP_READ_ONLY | CP_OLD },
    { CP64(15, 0, 5), "invalidate instruction cache range", CP_WRITE_ONLY | CP_OLD, .write = do_nothing },
    { CP64(15, 0, 6), "invalidate data cache range", CP_WRITE_ONLY | CP_OLD, .write = do_nothing },
    { CP64(15, 0, 14), "clean and invalidate data cache range", CP_WRITE_ONLY | CP_OLD, .write = do_nothing },
    BARRIER(5, 4), BARRIER(10, 4), BARRIER(10, 5),
    TLBI(3, 0), TLBI(3, 1), TLBI(3, 2), TLBI(3, 3), TLBI(3, 5), TLBI(3, 7), TLBI(5, 0), TLBI(5, 1), TLBI(5, 2), TLBI(5, 3), TLBI(6, 0), TLBI(6, 1), TLBI(6, 2), TLBI(6, 3),
    TLBI(7, 0), TLBI(7, 1), TLBI(7, 2), TLBI(7, 3), TLBI(7, 5), TLBI(7, 7),
    HTLBI(3, 0), HTLBI(3, 1), HTLBI(3, 4), HTLBI(3, 5), HTLBI(7, 0), HTLBI(7, 1), HTLBI(7, 4), HTLBI(7, 5), HTLBI(0, 1), HTLBI(0, 5), HTLBI(4, 1), HTLBI(4, 5),
    AT(0, 0), AT(0, 1), AT(0, 2), AT(0, 3), AT(0, 4), AT(0, 5), AT(0, 6), AT(0, 7), AT(4, 0), AT(4, 1),
};
const CpTable arm_cp_maintenance = { rows, ARRAY_SIZE(rows) };
