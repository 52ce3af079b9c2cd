/*
 * What the processor says of itself, as comments: by hand, to be compared with what another emulator's says (`run --accel tcg ...`, and diff). Fails for nothing.
 *
 * DDI 0487, D19.2. Identification registers by their numbers, then others by name, with what is kept of ones written to those that control.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define NAME(op0, op1, crn, crm, op2) ((uint32_t)((op0) << 19 | (op1) << 16 | (crn) << 12 | (crm) << 8 | (op2) << 5))
enum { MRS = 0xd5200000, MSR = 0xd5000000, RET = 0xd65f03c0 };

static uint32_t code[2] __attribute__((aligned(64)));

static u64 run(uint32_t insn, u64 value)
{
    code[0] = insn;
    code[1] = RET;
    __asm__ volatile("dc cvau, %0\n dsb ish\n ic ivau, %0\n dsb ish\n isb" :: "r"(code) : "memory");
    return ((u64 (*)(u64))code)(value);
}

static void show(const char *name, unsigned a, unsigned b, uint32_t encoding)
{
    volatile u64 value = 0;
    if (CATCH(value = run(MRS | encoding, 0))) {
        print("# %s%u_%u class %x\n", name, a, b, EC(fault.esr));
    } else {
        print("# %s%u_%u %lx\n", name, a, b, value);
    }
}

static void identification(void)
{
    for (unsigned crm = 0; crm < 8; crm++) {
        for (unsigned op2 = 0; op2 < 8; op2++) {
            show("S3_0_C0_C", crm, op2, NAME(3, 0, 0, crm, op2));
        }
    }
    for (unsigned op2 = 0; op2 < 8; op2++) {
        show("S3_1_C0_C", 0, op2, NAME(3, 1, 0, 0, op2));
    }
    show("CTR_EL0 ", 0, 0, NAME(3, 3, 0, 0, 1));
    show("DCZID_EL0 ", 0, 0, NAME(3, 3, 0, 0, 7));
    show("PMCR_EL0 ", 0, 0, NAME(3, 3, 9, 12, 0));
    show("PMCEIDn_EL0 ", 0, 0, NAME(3, 3, 9, 12, 6));
    show("PMCEIDn_EL0 ", 1, 0, NAME(3, 3, 9, 12, 7));
    show("ERRIDR_EL1 ", 0, 0, NAME(3, 0, 5, 3, 0));
    show("ICC_CTLR_EL1 ", 0, 0, NAME(3, 0, 12, 12, 4));
    show("ICH_VTR_EL2 ", 0, 0, NAME(3, 4, 12, 11, 1));
    for (unsigned i = 0; i < 14; i++) {
        WRITE(csselr_el1, i);
        isb();
        show("CCSIDR_EL1 ", i, 0, NAME(3, 1, 0, 0, 0));
    }
}

static void controls(void)
{
    static const struct { const char *name; uint32_t encoding; u64 ones; } rows[] = {
        { "FPCR", NAME(3, 3, 4, 4, 0), ~0ull }, { "TCR2_EL1", NAME(3, 0, 2, 0, 3), ~0ull }, { "SCTLR2_EL1", NAME(3, 0, 1, 0, 3), ~0ull },
        { "TCR2_EL2", NAME(3, 4, 2, 0, 3), ~0ull },
        { "HCR_EL2", NAME(3, 4, 1, 1, 0), ~(1ull << 27 | 1ull << 34 | 1 | 1ull << 12) }, { "HCRX_EL2", NAME(3, 4, 1, 2, 2), ~0ull }, { "CNTHCTL_EL2", NAME(3, 4, 14, 1, 0), ~0ull },
        { "VSESR_EL2", NAME(3, 4, 5, 2, 3), ~0ull }, { "HFGRTR_EL2", NAME(3, 4, 1, 1, 4), ~0ull }, { "SCR_EL3", NAME(3, 6, 1, 1, 0), ~(1ull << 62 | 1ull << 48) },
    };
    for (unsigned i = 0; i < ARRAY_SIZE(rows); i++) {
        volatile u64 old = 0, kept = 0;
        bool refused = CATCH({ old = run(MRS | rows[i].encoding, 0); run(MSR | rows[i].encoding, rows[i].ones); kept = run(MRS | rows[i].encoding, 0); run(MSR | rows[i].encoding, old); });
        if (refused) {
            print("# %s class %x\n", rows[i].name, EC(fault.esr));
        } else {
            print("# %s %lx, of ones %lx\n", rows[i].name, old, kept);
        }
    }
}

const Subject subjects[] = { { "identification", identification }, { "controls", controls }, { NULL, NULL } };
