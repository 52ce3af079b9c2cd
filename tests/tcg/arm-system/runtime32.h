/*
 * What test programs of AArch32 share: start, exceptions (each tells its kind and goes on where resume says). To be included by the program's one file.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef RUNTIME32_H
#define RUNTIME32_H

#include "results32.h"

/* ---- start and vectors ---- */
__asm__(".section .text.start, \"ax\"\n"
        ".arm\n"
        ".global _start\n"
        "_start: ldr sp, =stack_top\n"
        "  mrs r0, cpsr\n"
        "  bic r1, r0, #0x1f\n"
        "  orr r2, r1, #0xd7\n msr cpsr_c, r2\n ldr sp, =abort_top\n"
        "  orr r2, r1, #0xdb\n msr cpsr_c, r2\n ldr sp, =undef_top\n"
        "  orr r2, r1, #0xd3\n msr cpsr_c, r2\n ldr sp, =stack_top\n"
        "  ldr r0, =vectors\n mcr p15, 0, r0, c12, c0, 0\n"
        "  bl main32\n"
        "1: b 1b\n"
        ".balign 32\n"
        "vectors: b .\n b undefined\n b call\n b prefetch\n b data\n b .\n b .\n b .\n"
        /* Each tells its number, LR and SPSR, and goes on where resume says, in Supervisor mode. */
        "undefined: push {r0-r3}\n mov r0, #1\n b tell\n"
        "call: push {r0-r3}\n mov r0, #2\n b tell\n"
        "prefetch: push {r0-r3}\n mov r0, #3\n b tell\n"
        "data: push {r0-r3}\n mov r0, #4\n"
        "tell: ldr r1, =taken\n str r0, [r1]\n str lr, [r1, #4]\n mrs r2, spsr\n str r2, [r1, #8]\n mrs r2, cpsr\n str r2, [r1, #12]\n"
        "  pop {r0-r3}\n"
        "  ldr lr, =resume\n ldr lr, [lr]\n"
        "  msr cpsr_c, #0xd3\n"
        "  ldr r0, =resume\n ldr r0, [r0]\n ldr sp, [r0]\n ldr pc, [r0, #4]\n"
        ".ltorg\n.previous\n");

extern volatile uint32_t taken[4];
static uint32_t place[2];
uint32_t *volatile resume;
char stack[0x4000] __attribute__((aligned(8))), abort_stack[256] __attribute__((aligned(8))), undef_stack[256] __attribute__((aligned(8)));
__asm__(".global stack_top\n stack_top = stack + 0x4000\n abort_top = abort_stack + 256\n undef_top = undef_stack + 256\n .comm taken, 16, 8\n");

/* ---- what is tried ---- */

/* Runs an instruction; the kind of exception that it raised: 0 none. */
#define TRY(instruction, ...) ({ taken[0] = 0; resume = place; \
    __asm__ volatile("str sp, [%[f]]\n adr r3, 9f\n str r3, [%[f], #4]\n " instruction "\n 9:" :: [f] "r"(place), ##__VA_ARGS__ : "r0", "r1", "r2", "r3", "r4", "lr", "memory", "cc"); \
    taken[0]; })
enum { UNDEFINED = 1, CALL, PREFETCH_ABORT, DATA_ABORT };

/* The program's own. */
void run_tests(void);

void main32(void);
void main32(void)
{
    run_tests();
    print_plan();
    register uint32_t r0 __asm__("r0") = 0x84000008;
    __asm__ volatile("hvc #0" :: "r"(r0));
}

#endif
