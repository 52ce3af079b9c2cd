/*
 * Landing pads of indirect jumps (volume I, "Zicfilp"; volume II, "Landing Pads").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define MSECCFG 0x747
#define MENVCFG 0x30a
#define SENVCFG 0x10a
#define HENVCFG 0x60a
enum { MLPE = 1 << 10, LPE = 1 << 2, SOFTWARE_CHECK = 18, LANDING_PAD = 2 };
#define SPELP ((Word)1 << 23)

/* Where jumps go: each loads a0 with its number. LPAD is AUIPC x0. */
asm(".option push\n.option norvc\n.balign 4\n"
    ".globl bare\nbare: li a0, 1\njr t0\n"
    ".globl padded\npadded: .word 0x00000017\nli a0, 2\njr t0\n"
    ".globl labelled\nlabelled: .word 0x12345017\nli a0, 3\njr t0\n"
    ".globl faulting\nfaulting: .word 0\njr t0\n"
    ".option rvc\n.balign 4\nc.nop\n.globl askew\naskew: .word 0x00000017\nli a0, 4\njr t0\n.balign 4\n.option pop\n");
extern char bare[], padded[], labelled[], askew[], faulting[];

/* By JALR over a1, t0 (a link register) or t2 (x7), with the label in t2. */
static Word call(Word target, Word label)
{
    register Word a0 asm("a0") = target;
    register Word t2 asm("t2") = label;
    asm volatile("mv a1, a0\nla t0, 1f\njalr zero, 0(a1)\n.balign 4\n1:" : "+r"(a0) : "r"(t2) : "a1", "t0", "memory");
    return a0;
}
static Word jump(Word target) { return call(target, 0); }
static Word jump_labelled(Word target) { return call(target, 0x12345678); }
static Word jump_by_link(Word target)
{
    register Word a0 asm("a0") = target;
    asm volatile("mv ra, a0\nla t0, 1f\njalr zero, 0(ra)\n1:" : "+r"(a0) :: "ra", "t0", "memory");
    return a0;
}
static Word jump_guarded(Word target)
{
    register Word a0 asm("a0") = target;
    asm volatile("mv t2, a0\nla t0, 1f\njalr zero, 0(t2)\n1:" : "+r"(a0) :: "t2", "t0", "memory");
    return a0;
}
static Word jump_compressed(Word target)
{
    register Word a0 asm("a0") = target;
    asm volatile("mv a1, a0\nla t0, 1f\n.option push\n.option rvc\nc.jr a1\n.option pop\n.balign 4\n1:" : "+r"(a0) :: "a1", "t0", "memory");
    return a0;
}

static bool there(void)
{
    csr_write(MENVCFG, LPE);
    if (csr_read(MENVCFG) & LPE) {
        return true;
    }
    skip("landing pads", "no Zicfilp");
    return false;
}

/* MPELP: what MRET makes of the expectation. */
static void expect_pad(bool on)
{
#if RV64
    csr_clear(mstatus, (Word)1 << 41);
    csr_set(mstatus, (Word)on << 41);
#else
    csr_clear(0x310, 1 << 9);
    csr_set(0x310, on << 9);
#endif
}

/* M-mode's own jumps behind it are as they always were. */
static void run(Function *function, Mode mode, const char *target)
{
    expect_pad(false);
    run_in(mode, function, (Word)target);
    csr_write(MSECCFG, 0);
}

static void refused(const char *name, Function *function, Mode mode, const char *target)
{
    run(function, mode, target);
    check(outcome.level == TO_M && outcome.cause == SOFTWARE_CHECK && outcome.tval == LANDING_PAD && outcome.epc == (Word)target, "%s", name);
}

static void taken(const char *name, Function *function, Mode mode, const char *target, Word value)
{
    run(function, mode, target);
    check_returned(name, value);
}

static void jumps(void)
{
    if (!there()) {
        return;
    }
    csr_write(MENVCFG, 0);
    taken("without LPE every target is good", jump, MODE_S, bare, 1);
    taken("and a pad does nothing", jump, MODE_S, labelled, 3);
    csr_write(MENVCFG, LPE);
    refused("with it a jump needs a pad", jump, MODE_S, bare);
    taken("which it finds", jump, MODE_S, padded, 2);
    refused("of its label", jump, MODE_S, labelled);
    taken("which x7 has", jump_labelled, MODE_S, labelled, 3);
    taken("a pad without a label takes all", jump_labelled, MODE_S, padded, 2);
    refused("a pad that is not aligned is none", jump, MODE_S, askew);
    taken("a return needs none", jump_by_link, MODE_S, bare, 1);
    taken("nor a jump by x7", jump_guarded, MODE_S, bare, 1);
    refused("C.JR needs one", jump_compressed, MODE_S, bare);
    taken("and finds it", jump_compressed, MODE_S, padded, 2);
    refused("it comes before the instruction's own exception", jump, MODE_S, faulting);
    csr_write(MENVCFG, 0);
}

static void modes(void)
{
    if (!there()) {
        return;
    }
    csr_write(SENVCFG, 0);
    taken("U goes by senvcfg, not menvcfg", jump, MODE_U, bare, 1);
    csr_write(MENVCFG, 0);
    csr_write(SENVCFG, LPE);
    refused("U with senvcfg.LPE", jump, MODE_U, bare);
    taken("S without menvcfg.LPE", jump, MODE_S, bare, 1);
    csr_write(SENVCFG, 0);
    csr_write(MSECCFG, MLPE);
    refused("M with mseccfg.MLPE", jump, MODE_M, bare);
    if (has_letter('H')) {
        csr_write(MENVCFG, LPE);
        taken("VS without henvcfg.LPE", jump, MODE_VS, bare, 1);
        csr_write(HENVCFG, LPE);
        refused("VS with henvcfg.LPE", jump, MODE_VS, bare);
        csr_write(HENVCFG, 0);
    }
    csr_write(MENVCFG, 0);
}

static void traps(void)
{
    if (!there()) {
        return;
    }
    refused("a refused jump", jump, MODE_S, bare);
    check(outcome.status >> 41 & 1, "keeps what it expected in MPELP");
    delegate(1 << SOFTWARE_CHECK, 0);
    check_is("its exception can be delegated", csr_read(medeleg), 1 << SOFTWARE_CHECK);
    run(jump, MODE_S, bare);
    check(outcome.level == TO_S && outcome.cause == SOFTWARE_CHECK && outcome.tval == LANDING_PAD, "and is");
    /* The handler's ECALL to M-mode came behind. */
    check(csr_read(mstatus) & SPELP, "SPELP has what was expected");
    csr_clear(mstatus, SPELP);
    csr_write(medeleg, 0);
    /* A return to where one was expected. */
    expect_pad(true);
    run_in(MODE_S, jump, (Word)padded);
    check(outcome.level == TO_M && outcome.cause == SOFTWARE_CHECK && outcome.epc == (Word)jump, "MRET brings the expectation back");
    csr_write(MENVCFG, 0);
    expect_pad(true);
    run_in(MODE_S, jump, (Word)bare);
    check_returned("not where it does not count", 1);
}

const Subject subjects[] = { { "jumps", jumps }, { "modes", modes }, { "traps", traps }, { NULL, NULL } };
