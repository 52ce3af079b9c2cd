/*
 * AArch32 with both extensions: Monitor mode, the two security states and their banked registers, Hyp mode with its traps and stage 2.
 *
 * The program runs in Monitor mode and has functions run in other modes, which come back by SMC. DDI 0487, G1.9, G1.12, G1.15, G5.9, G8.2 (HCR, HSR, HSTR, HCPTR, SCR).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "results32.h"

/* ---- start and vectors ---- */

/* Each tells its number, the return address, SPSR, CPSR in Hyp mode HSR, and goes on behind what was tried. */
__asm__(".arch armv7ve\n.arch_extension sec\n.arch_extension virt\n"
        ".section .text.start, \"ax\"\n"
        ".arm\n"
        ".global _start\n"
        "_start: mrs r4, cpsr\n mrc p15, 0, r5, c1, c1, 0\n"
        "  cps #0x1b\n ldr sp, =undef_top\n"
        "  cps #0x17\n ldr sp, =abort_top\n"
        "  cps #0x13\n ldr sp, =supervisor_top\n"
        "  cps #0x16\n ldr sp, =stack_top\n"
        "  ldr r0, =monitor_vectors\n mcr p15, 0, r0, c12, c0, 1\n"
        "  mov r0, r4\n mov r1, r5\n"
        "  bl main32\n"
        "1: b 1b\n"
        ".macro tell kind\n"
        "  push {r0-r2}\n mov r0, #\\kind\n ldr r1, =taken\n str r0, [r1]\n str lr, [r1, #4]\n mrs r2, spsr\n str r2, [r1, #8]\n mrs r2, cpsr\n str r2, [r1, #12]\n"
        "  pop {r0-r2}\n ldr lr, =resume\n ldr lr, [lr]\n movs pc, lr\n"
        ".endm\n"
        ".macro tell_hyp kind\n"
        "  push {r0-r2}\n mov r0, #\\kind\n ldr r1, =taken\n str r0, [r1]\n mrs r2, elr_hyp\n str r2, [r1, #4]\n mrs r2, spsr\n str r2, [r1, #8]\n mrs r2, cpsr\n str r2, [r1, #12]\n"
        "  mrc p15, 4, r2, c5, c2, 0\n str r2, [r1, #16]\n ldr r2, =resume\n ldr r2, [r2]\n msr elr_hyp, r2\n pop {r0-r2}\n eret\n"
        ".endm\n"
        ".balign 32\n"
        "vectors: b .\n b undefined\n b call\n b prefetch\n b data\n b .\n b .\n b .\n"
        "undefined: tell 1\n call: tell 2\n prefetch: tell 3\n data: tell 4\n"
        ".balign 32\n"
        "monitor_vectors: b .\n b .\n b monitor_call\n b .\n b .\n b .\n b .\n b .\n"
        "monitor_call: push {r0, r1}\n ldr r0, =home\n ldr r1, [r0]\n cmp r1, #0\n pop {r0, r1}\n bne 1f\n tell 5\n"
        "1: mrc p15, 0, r0, c1, c1, 0\n bic r0, r0, #1\n mcr p15, 0, r0, c1, c1, 0\n isb\n pop {r4-r11, pc}\n"
        ".balign 32\n"
        "hyp_vectors: b .\n b hyp_undefined\n b hyp_call\n b .\n b hyp_data\n b hyp_trap\n b .\n b .\n"
        "hyp_undefined: tell_hyp 6\n hyp_call: tell_hyp 7\n hyp_data: tell_hyp 8\n"
        /* A trapped SMC of who wants home is let through. */
        "hyp_trap: push {r0, r1}\n ldr r0, =home\n ldr r1, [r0]\n cmp r1, #0\n pop {r0, r1}\n bne 1f\n tell_hyp 9\n"
        "1: mov r0, #0\n mcr p15, 4, r0, c1, c1, 0\n isb\n eret\n"
        /* run_in(SCR, mode, function) */
        ".global run_in\n"
        "run_in: push {r4-r11, lr}\n mov r3, #0\n ldr r4, =home\n str r3, [r4]\n mcr p15, 0, r0, c1, c1, 0\n isb\n"
        "  orr r1, r1, #0x1c0\n msr spsr_cxsf, r1\n adr lr, 1f\n movs pc, lr\n"
        "1: mrs r3, cpsr\n and r3, r3, #31\n cmp r3, #0x1a\n ldreq sp, =hyp_top\n"
        "  blx r2\n mov r3, #1\n ldr r4, =home\n str r3, [r4]\n smc #0\n"
        ".ltorg\n.previous\n");

extern volatile uint32_t taken[5];
volatile uint32_t resume, home;
char stack[0x2000] __attribute__((aligned(8))), supervisor_stack[0x2000] __attribute__((aligned(8))), hyp_stack[0x2000] __attribute__((aligned(8)));
char abort_stack[256] __attribute__((aligned(8))), undef_stack[256] __attribute__((aligned(8)));
__asm__(".global stack_top\n stack_top = stack + 0x2000\n supervisor_top = supervisor_stack + 0x2000\n hyp_top = hyp_stack + 0x2000\n abort_top = abort_stack + 256\n"
        " undef_top = undef_stack + 256\n .comm taken, 20, 8\n");
extern char vectors[], hyp_vectors[];
void run_in(uint32_t scr, uint32_t mode, void (*function)(void));

/* Runs an instruction; the kind of exception that it raised: 0 none. */
#define TRY(instruction, ...) ({ taken[0] = 0; \
    __asm__ volatile(".arch_extension sec\n .arch_extension virt\n adr r3, 9f\n str r3, [%[f]]\n " instruction "\n 9:" :: [f] "r"(&resume), ##__VA_ARGS__ \
                     : "r0", "r1", "r2", "r3", "r4", "lr", "memory", "cc"); \
    taken[0]; })
enum { UNDEFINED = 1, CALL, PREFETCH_ABORT, DATA_ABORT, MONITOR_CALL, HYP_UNDEFINED, HYP_CALL, HYP_DATA, HYP_TRAP };
enum { SUPERVISOR = 0x13, MONITOR = 0x16, HYP = 0x1a, UNDEF = 0x1b };
enum { SCR_NS = 1, SCR_HCE = 1 << 8 };
enum { EC_WFI = 1, EC_CP15 = 3, EC_FP = 7, EC_SVC = 0x11, EC_HVC, EC_SMC, EC_DATA = 0x24 };

static uint32_t mode(void) { uint32_t v; __asm__ volatile("mrs %0, cpsr" : "=r"(v)); return v & 31; }
static uint32_t class_of(void) { return taken[4] >> 26; }
static void barrier(void) { __asm__ volatile("dsb\n isb" ::: "memory"); }

/* ---- Secure state ---- */

static void secure_supervisor(void)
{
    check_is("Secure Supervisor mode", mode(), SUPERVISOR);
    check_is("SMC", TRY("smc #3"), MONITOR_CALL);
    check_is("goes to Monitor mode", taken[3] & 31, MONITOR);
    check_is("SPSR_mon is Supervisor's", taken[2] & 31, SUPERVISOR);
    check_is("LR is behind it", *(uint32_t *)(taken[1] - 4), 0xe1600073);
    check_is("HVC is UNDEFINED", TRY("hvc #0"), UNDEFINED);
    check_is("SCR can be read", TRY("mrc p15, 0, r2, c1, c1, 0"), 0);
    check_is("Hyp mode's registers cannot", TRY("mrc p15, 4, r2, c1, c1, 0"), UNDEFINED);
    SET15(0, c3, c0, 0, 0x55555555);
}

static void other_supervisor(void)
{
    check_is("the other DACR", CP15(0, c3, c0, 0), 0x33333333);
    check_is("SCR is UNDEFINED", TRY("mrc p15, 0, r2, c1, c1, 0"), UNDEFINED);
    check_is("in Undefined mode", taken[3] & 31, UNDEF);
    check_is("MVBAR is UNDEFINED", TRY("mrc p15, 0, r2, c12, c0, 1"), UNDEFINED);
    check_is("NSACR can be read", TRY("mrc p15, 0, r2, c1, c1, 2"), 0);
    check_is("but not written", TRY("mcr p15, 0, r2, c1, c1, 2"), UNDEFINED);
    check_is("SMC", TRY("smc #0"), MONITOR_CALL);
    check_is("HVC is UNDEFINED without SCR.HCE", TRY("hvc #0"), UNDEFINED);
    check_is("SPSR_mon cannot be read", TRY("mrs r2, spsr_mon"), UNDEFINED);
    check_is("SP_hyp cannot be read", TRY("mrs r2, sp_hyp"), UNDEFINED);
}

static uint32_t banked_lr(void)
{
    uint32_t v;
    __asm__ volatile("cps #0x12\n mov %0, lr\n cps #0x16" : "=r"(v));
    return v;
}

static void monitor(uint32_t cpsr, uint32_t scr)
{
    check_is("it starts in Supervisor mode", cpsr & 31, SUPERVISOR);
    check_is("interrupts are masked", cpsr & 0x1c0, 0x1c0);
    check_is("Secure", scr & SCR_NS, 0);
    check_is("Monitor mode", mode(), MONITOR);
    SET15(0, c12, c0, 0, (uint32_t)vectors);
    SET15(0, c1, c1, 2, 3 << 10);               /* NSACR, CPACR, FPEXC */
    SET15(0, c1, c0, 2, 0xf << 20);
    barrier();
    __asm__ volatile(".fpu vfpv3\n vmsr fpexc, %0" :: "r"(1 << 30));
    run_in(0, SUPERVISOR, secure_supervisor);
    __asm__ volatile("msr lr_irq, %0\n msr sp_fiq, %0" :: "r"(0x1234));
    check_is("MSR to a banked LR", banked_lr(), 0x1234);
    SET15(0, c1, c1, 0, SCR_NS);
    barrier();
    SET15(0, c3, c0, 0, 0x33333333);
    SET15(0, c12, c0, 0, (uint32_t)vectors);
    check_is("SCR.NS in Monitor mode shows the other bank", CP15(0, c3, c0, 0), 0x33333333);
    check_is("Monitor mode stays", mode(), MONITOR);
    SET15(0, c1, c1, 0, 0);
    barrier();
    check_is("and back", CP15(0, c3, c0, 0), 0x55555555);
    run_in(SCR_NS, SUPERVISOR, other_supervisor);
}

/* ---- Hyp mode ---- */

static void hyp(void)
{
    check_is("Hyp mode", mode(), HYP);
    SET15(4, c12, c0, 0, (uint32_t)hyp_vectors);
    barrier();
    check_is("HVC of Hyp mode", TRY("hvc #0x1234"), HYP_CALL);
    check_is("HSR: HVC", class_of(), EC_HVC);
    check_is("HSR: its number", taken[4] & 0xffff, 0x1234);
    check_is("ELR_hyp is behind it", *(uint32_t *)(taken[1] - 4), 0xe1412374);
    check_is("SVC of Hyp mode", TRY("svc #5"), HYP_CALL);
    check_is("HSR: SVC", class_of(), EC_SVC);
    check_is("an undefined instruction", TRY("udf #0"), HYP_UNDEFINED);
    check_is("HSR: unknown", class_of(), 0);
    uint32_t elr;
    __asm__ volatile("msr elr_hyp, %1\n mrs %0, elr_hyp" : "=r"(elr) : "r"(0x4444));
    check_is("ELR_hyp", elr, 0x4444);
    SET15(4, c0, c0, 0, 0x12345678);
}

static void called(void)
{
    check_is("HVC", TRY("hvc #7"), HYP_TRAP);
    check_is("goes to Hyp mode", taken[3] & 31, HYP);
    check_is("from Supervisor mode", taken[2] & 31, SUPERVISOR);
    check_is("HSR: HVC", class_of(), EC_HVC);
    check_is("MIDR is VPIDR", CP15(0, c0, c0, 0), 0x12345678);
}

enum { HCR_VM = 1, HCR_TWI = 1 << 13, HCR_TSC = 1 << 19, HCR_TVM = 1 << 26 };
#define UNMAPPED 0x80001234u
static uint64_t stage2[4] __attribute__((aligned(4096)));

static void set_traps(void)
{
    SET15(4, c1, c1, 0, HCR_TWI | HCR_TSC | HCR_TVM);
    SET15(4, c1, c1, 3, 1 << 9);                /* HSTR.T9 */
    SET15(4, c1, c1, 2, 3 << 10);               /* HCPTR.TCP10, TCP11 */
    barrier();
}

static void trapped(void)
{
    check_is("HCR.TWI: WFI", TRY("wfi"), HYP_TRAP);
    check_is("HSR: WFI", class_of(), EC_WFI);
    check_is("ELR_hyp is the instruction", *(uint32_t *)taken[1], 0xe320f003);
    check_is("HCR.TSC: SMC", TRY("smc #0"), HYP_TRAP);
    check_is("HSR: SMC", class_of(), EC_SMC);
    check_is("HCR.TVM: a write of TTBR0", TRY("mov r2, #0\n mcr p15, 0, r2, c2, c0, 0"), HYP_TRAP);
    check_is("HSR: MCR", class_of(), EC_CP15);
    check_is("HSR: c2, c0, r2", taken[4] & 0xfffff, 2 << 10 | 2 << 5);
    check_is("a read is let through", TRY("mrc p15, 0, r2, c2, c0, 0"), 0);
    check_is("HSTR.T9: PMCR", TRY("mrc p15, 0, r2, c9, c12, 0"), HYP_TRAP);
    check_is("HSR: c9, c12, r2, read", taken[4] & 0xfffff, 9 << 10 | 2 << 5 | 12 << 1 | 1);
    check_is("HCPTR: VFP", TRY(".fpu vfpv3\n vmrs r2, fpscr"), HYP_TRAP);
    check_is("HSR: VFP", class_of(), EC_FP);
}

static void set_stage2(void)
{
    /* Blocks of 1 GiB: devices, memory; MemAttr of device memory, S2AP of both, AF. */
    stage2[0] = 0x0ull | 1 | 1 << 2 | 3 << 6 | 1 << 10;
    stage2[1] = 0x40000000ull | 1 | 0xf << 2 | 3 << 6 | 1 << 10;
    SET15(4, c2, c1, 2, 0x80000040);            /* VTCR: SL0 1 (level 1), T0SZ 0 */
    __asm__ volatile("mcrr p15, 6, %0, %1, c2" :: "r"((uint32_t)stage2), "r"(0));
    SET15(4, c1, c1, 3, 0);
    SET15(4, c1, c1, 2, 0);
    barrier();
    SET15(4, c8, c7, 4, 0);                     /* TLBIALLNSNH */
    SET15(4, c1, c1, 0, HCR_VM);
    barrier();
}

static void in_stage2(void)
{
    check_is("stage 2 translates", stage2[1] != 0, 1);
    check_is("no block: Hyp trap", TRY("ldrb r2, [%[a]]", [a] "r"(UNMAPPED)), HYP_TRAP);
    check_is("HSR: data abort", class_of(), EC_DATA);
    check_is("HSR: translation fault, level 1", taken[4] & 0x3f, 5);
    enum { IL = 1 << 25, ISV = 1 << 24, SAS = 22, SSE = 1 << 21, SRT = 16, WRITE = 1 << 6 };
    check_is("HSR: the load is described", taken[4] & 0x3ffffff, IL | ISV | 2 << SRT | 5);
    TRY("strh r4, [%[a]]", [a] "r"(UNMAPPED));
    check_is("HSR: a store of half a word", taken[4] & 0x3ffffff, IL | ISV | 1 << SAS | 4 << SRT | WRITE | 5);
    TRY("ldrsh r1, [%[a], #2]", [a] "r"(UNMAPPED));
    check_is("HSR: a load with its sign", taken[4] & 0x3ffffff, IL | ISV | 1 << SAS | SSE | 1 << SRT | 5);
    TRY("mov r0, %[a]\n ldr r2, [r0], #4", [a] "r"(UNMAPPED));
    check_is("HSR: with write-back it is not", taken[4] & 0x3ffffff, IL | 5);
    /* The handler goes on at the first 9, in the state of the load. */
    TRY("mov r0, %[a]\n blx 7f\n b 8f\n .thumb\n .thumb_func\n 7: ldr r3, [r0]\n 9: bx lr\n .arm\n 8:", [a] "r"(UNMAPPED));
    check_is("HSR: an instruction of 16 bits", taken[4] & 0x3ffffff, ISV | 2 << SAS | 3 << SRT | 5);
    TRY("ldrb r2, [%[a]]", [a] "r"(UNMAPPED));
}

static void after_stage2(void)
{
    check_is("HDFAR", CP15(4, c6, c0, 0), UNMAPPED);
    check_is("HPFAR", CP15(4, c6, c0, 4), UNMAPPED >> 12 << 4);
    SET15(4, c1, c1, 0, 0);
    barrier();
}

void main32(uint32_t cpsr, uint32_t scr);
void main32(uint32_t cpsr, uint32_t scr)
{
    enum { HYP_WORLD = SCR_NS | SCR_HCE };
    monitor(cpsr, scr);
    run_in(HYP_WORLD, HYP, hyp);
    run_in(HYP_WORLD, SUPERVISOR, called);
    run_in(HYP_WORLD, HYP, set_traps);
    run_in(HYP_WORLD, SUPERVISOR, trapped);
    run_in(HYP_WORLD, HYP, set_stage2);
    run_in(HYP_WORLD, SUPERVISOR, in_stage2);
    run_in(HYP_WORLD, HYP, after_stage2);
    print_plan();
}
