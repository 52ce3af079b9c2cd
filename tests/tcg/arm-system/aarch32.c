/*
 * AArch32 at EL0 below AArch64: entry and return, registers between the states, syndromes of its exceptions, coprocessor accesses that are trapped.
 *
 * DDI 0487, D1.20, D1.3, D19.2.37 (ESR_EL1), G1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { A32_USR = 0x10, T32_USR = 0x30, DAIF = 0x1c0 };

static uint32_t code[64] __attribute__((aligned(64)));
static Frame seen;

static bool keep(Frame *f)
{
    seen = *f;
    return false;
}

/* Runs instructions at EL0 in AArch32 with r0 to r3; the exception's class. */
static unsigned run(u64 spsr, const uint32_t *insns, unsigned count, u64 r0, u64 r1)
{
    for (unsigned i = 0; i < count; i++) {
        code[i] = insns[i];
    }
    __asm__ volatile("dsb sy\n ic iallu\n dsb sy\n isb" ::: "memory");
    hook = keep;
    bool caught = CATCH(({
        register u64 x0 __asm__("x0") = r0;
        register u64 x1 __asm__("x1") = r1;
        register u64 x13 __asm__("x13") = 0x1234;
        __asm__ volatile("msr elr_el1, %0\n msr spsr_el1, %1\n eret" :: "r"((u64)code), "r"(spsr), "r"(x0), "r"(x1), "r"(x13) : "memory");
    }));
    hook = NULL;
    return caught ? EC(fault.esr) : 0xff;
}

#define RUN(spsr, r0, r1, ...) run(spsr, (const uint32_t[]){ __VA_ARGS__ }, sizeof((uint32_t[]){ __VA_ARGS__ }) / 4, r0, r1)

static bool there(void)
{
    if ((READ(id_aa64pfr0_el1) & 15) == 2) {
        return true;
    }
    skip("AArch32 at EL0", "the processor has none");
    return false;
}

static void calls(void)
{
    if (!there()) {
        return;
    }
    check_is("SVC of A32 has its class", RUN(A32_USR, 5, 7, 0xe0800001 /* ADD r0, r0, r1 */, 0xef000042 /* SVC 42h */), 0x11);
    check_is("and tells its number", ISS(fault.esr), 0x42);
    check_is("it is of 32 bits: IL", fault.esr >> 25 & 1, 1);
    check_is("by the vector of a lower AArch32", fault.vector, 0x600);
    check_is("r0 is x0", seen.x[0], 12);
    check_is("SP of User mode is x13", seen.x[13], 0x1234);
    check_is("ELR is the next instruction", fault.elr, (u64)code + 8);
    check_is("SPSR says User mode of A32", fault.spsr & 0x3f, A32_USR);
    check_is("SVC of T32", RUN(T32_USR, 5, 7, 0xdf171840 /* ADDS r0, r0, r1; SVC 17h */), 0x11);
    check_is("is of 16 bits", fault.esr >> 25 & 1, 0);
    check_is("its return address", fault.elr, (u64)code + 4);
    check_is("SPSR says T32", fault.spsr & 0x3f, T32_USR);
    check_is("BX to T32 and SVC there", RUN(A32_USR, (u64)code + 9, 0, 0xe12fff10 /* BX r0 */, 0xe1200070, 0x0000df05), 0x11);
    check_is("flags come along", RUN(A32_USR, 1, 1, 0xe1500001 /* CMP r0, r1 */, 0xef000000), 0x11);
    check_is("Z and C", fault.spsr >> 28, 6);
}

static void faults(void)
{
    if (!there()) {
        return;
    }
    check_is("an undefined instruction", RUN(A32_USR, 0, 0, 0xe7f000f0), 0);
    check_is("BKPT of A32", RUN(A32_USR, 0, 0, 0xe1200273), 0x38);
    check_is("and its number", ISS(fault.esr), 0x23);
    check_is("a load beyond all memory", RUN(A32_USR, 0xf0000000, 0, 0xe5901000), 0x24);
    check_is("FAR", fault.far, 0xf0000000);
    check_is("MRC of SCTLR is undefined", RUN(A32_USR, 0, 0, 0xee111f10), 0);
    WRITE(cntkctl_el1, 0);
    check_is("MRRC of CNTVCT is trapped", RUN(A32_USR, 0, 0, 0xec510f1e), 4);
    check_is("by its ISS", ISS(fault.esr) & 0xfffff, 1 << 16 | 1 << 10 | 0 << 5 | 14 << 1 | 1);
    WRITE(cntkctl_el1, 2);
    check_is("it is read with EL0VCTEN", RUN(A32_USR, 0, 0, 0xec510f1e, 0xef000000), 0x11);
    check_is("TPIDRURO is TPIDRRO_EL0", ({ WRITE(tpidrro_el0, 0x77665544); RUN(A32_USR, 0, 0, 0xee1d0f70, 0xef000000); seen.x[0]; }), 0x77665544);
    WRITE(cpacr_el1, 0);
    isb();
    check_is("VFP is trapped by CPACR_EL1", RUN(A32_USR, 0, 0, 0xee300a00 /* VADD.F32 s0, s0, s0 */), 7);
    WRITE(cpacr_el1, 3 << 20);
    isb();
}

/* Event counters and their types: c14 of coprocessor 15. */
static void monitors(void)
{
    if (!there()) {
        return;
    }
    WRITE(pmuserenr_el0, 1);
    WRITE(pmevcntr1_el0, 0x1234);
    check_is("PMEVCNTR1 is PMEVCNTR1_EL0", RUN(A32_USR, 0, 0, 0xee1e0f38 /* MRC p15, 0, r0, c14, c8, 1 */, 0xef000000), 0x11);
    check_is("its value", seen.x[0], 0x1234);
    check_is("EL0 writes it", RUN(A32_USR, 0x77, 0, 0xee0e0f38, 0xef000000), 0x11);
    check_is("the new one", READ(pmevcntr1_el0), 0x77);
    check_is("PMEVTYPER2", RUN(A32_USR, 0x40000011, 0, 0xee0e0f5c, 0xef000000), 0x11);
    check_is("its value", READ(pmevtyper2_el0), 0x40000011);
    check_is("PMCCFILTR", RUN(A32_USR, 0x40000000, 0, 0xee0e0fff, 0xee1e1fff, 0xef000000), 0x11);
    check_is("its value", READ(pmccfiltr_el0), 0x40000000);
    check_is("and read back", seen.x[1], 0x40000000);
    WRITE(pmuserenr_el0, 0);
    check_is("without PMUSERENR.EN they trap", RUN(A32_USR, 0, 0, 0xee1e0f38), 3);
}

const Subject subjects[] = { { "calls", calls }, { "faults", faults }, { "monitors", monitors }, { NULL, NULL } };
