/*
 * What the manuals leave to the processor, and processors do differ in: such a difference between two results is none.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "compare.h"
#include <string.h>

/* ---- the instruction that an address is of ---- */

typedef struct Instruction { bool found, repeated, operand16, two_bytes; uint8_t opcode, modrm; } Instruction;

static Instruction instruction_at(const X86Case *c, uint64_t rip)
{
    static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x66, 0x67, 0xf0, 0xf2, 0xf3 };
    Instruction i = { 0 };
    uint64_t at = rip - (c->bits == 16 ? 0 : CODE_ADDRESS) - c->code_offset;
    while (at < c->code_bytes && (memchr(prefixes, c->code[at], sizeof(prefixes)) || (c->bits == 64 && (c->code[at] & 0xf0) == 0x40))) {
        i.repeated |= (c->code[at] & 0xfe) == 0xf2;
        i.operand16 |= c->code[at] == 0x66;
        at++;
    }
    if (at < c->code_bytes && c->code[at] == 0x0f) {
        i.two_bytes = true;
        at++;
    }
    i.found = at + 1 < c->code_bytes;
    if (i.found) {
        i.opcode = c->code[at];
        i.modrm = c->code[at + 1];
    }
    return i;
}

static bool is_cmps(const Instruction *i) { return i->found && !i->two_bytes && (i->opcode & 0xfe) == 0xa6; }
static bool is_bound(const X86Case *c, const Instruction *i) { return c->bits != 64 && i->found && !i->two_bytes && i->opcode == 0x62 && i->modrm < 0xc0; }
static bool is_scas(const Instruction *i) { return i->found && !i->two_bytes && (i->opcode & 0xfe) == 0xae; }
/* MOVD, MOVQ, MOVNTQ to memory, from an MMX register. */
static bool is_mmx_store(const Instruction *i)
{
    return i->found && i->two_bytes && !i->operand16 && !i->repeated && i->modrm < 0xc0 && (i->opcode == 0x7e || i->opcode == 0x7f || i->opcode == 0xe7);
}
/* FSTP of extended precision, FBSTP. */
static bool is_long_x87_store(const Instruction *i)
{
    return i->found && !i->two_bytes && i->modrm < 0xc0 && ((i->opcode == 0xdb && (i->modrm & 0x38) == 0x38) || (i->opcode == 0xdf && (i->modrm & 0x38) == 0x30));
}
/* VCVTPS2PH to memory. */
static bool is_half_store(const X86Case *c, uint64_t rip)
{
    static const uint8_t prefixes[] = { 0x26, 0x2e, 0x36, 0x3e, 0x64, 0x65, 0x67 };
    uint64_t at = rip - CODE_ADDRESS - c->code_offset;
    while (at < c->code_bytes && memchr(prefixes, c->code[at], sizeof(prefixes))) {
        at++;
    }
    return at + 4 < c->code_bytes && c->code[at] == 0xc4 && (c->code[at + 1] & 0x1f) == 3 && c->code[at + 3] == 0x1d && c->code[at + 4] < 0xc0;
}

/* To memory, so that it can raise an exception: FST, FSTP, FIST, FISTP, FISTTP, FBSTP. FSTP of extended precision rounds nothing, but its register may be empty. */
static bool is_x87_store(const Instruction *i)
{
    unsigned op = i->modrm >> 3 & 7;
    if (!i->found || i->two_bytes || i->modrm >= 0xc0) {
        return false;
    }
    switch (i->opcode) {
    case 0xd9:
        return op == 2 || op == 3;
    case 0xdb:
        return (op >= 1 && op <= 3) || op == 7;
    case 0xdd:
        return op >= 1 && op <= 3;
    case 0xdf:
        return (op >= 1 && op <= 3) || op >= 6;
    default:
        return false;
    }
}

/* ---- faults ---- */

/* Of an operand in memory: #SS, #GP, #PF. */
static bool is_memory_fault(int trap) { return trap >= 12 && trap <= 14; }

/* Which operand of CMPS faults where both do is left to the processor: ours reads by RSI first, some read by RDI. */
static bool faults_by_other_operand(const X86Case *c, const X86Fault *want, const X86Fault *got, const Instruction *at)
{
    /* DS may have a limit where ES has none, or the other way round: one of both faults need not be #PF. ES begins at DATA_ADDRESS in 16-bit code (native.c). */
    uint32_t base = c->bits == 16 ? DATA_ADDRESS : 0;
    return want->trap == 14 && is_memory_fault(got->trap) && want->rip == got->rip && want->rsi == got->rsi && want->rdi == got->rdi
        && (uint32_t)(want->cr2 - base - want->rdi) < 8 && is_cmps(at);
}

/* BOUND: some have compared with the lower bound before they read the upper one; ours reads both first (Intel SDM, volume 2, BOUND, says no order). */
static bool compares_before_all_is_read(const X86Case *c, const X86Fault *want, const X86Fault *got, const Instruction *at)
{
    return want->trap == 5 && is_memory_fault(got->trap) && want->rip == got->rip && is_bound(c, at);
}

/* Of an x87 store, some processors see the exception that is not masked, and that it stores nothing, before they look at the operand (Intel SDM, volume 1, 8.5); ours looks first. */
static bool stores_nothing(const X86Fault *want, const X86Fault *got, const Instruction *at)
{
    bool unmasked = (got->control & 0x3f) != 0x3f;
    return is_memory_fault(got->trap) && unmasked && (want->trap != got->trap || want->rip != got->rip) && is_x87_store(at);
}

bool results_may_differ(const X86Case *c, const X86Fault *want, const X86Fault *got)
{
    Instruction at = instruction_at(c, got->rip);
    if (c->uses_fpu && want->trap == 14 && got->trap == 14 && want->cr2 != got->cr2 && want->cr2 - got->cr2 < 512) {
        return true;
    }
    if (faults_by_other_operand(c, want, got, &at) || compares_before_all_is_read(c, want, got, &at) || stores_nothing(want, got, &at)) {
        return true;
    }
    /* Some have set TOP and the tags when a store of MMX faults, or have written to the first page of two. */
    if (is_memory_fault(got->trap) && want->trap == got->trap && want->rip == got->rip && (is_mmx_store(&at) || is_long_x87_store(&at))) {
        return true;
    }
    /* Some have set the flags of the conversion, or raise #XM, where its store faults. */
    if (is_memory_fault(got->trap) && want->rip == got->rip && is_half_store(c, got->rip)) {
        return true;
    }
    /* AMD's processors do not ask for aligned operands of SHA, against the manuals. */
    if (c->uses_ymm && g_str_has_prefix(c->name, "sha") && got->trap == 13) {
        return true;
    }
    /* Whether bytes that are masked out may fault is left to the processor. */
    if (c->uses_ymm && g_str_has_prefix(c->name, "maskmov") && want->trap == 14) {
        return true;
    }
    /* #XM: some enter MMX mode before it. */
    if (c->uses_ymm && g_str_has_prefix(c->name, "cvt") && strstr(c->name, "pi") && want->trap == 19 && got->trap == 19) {
        return true;
    }
    return c->bits != 64 && (want->trap == 12 || want->trap == 13) && got->trap == 14 && (got->cr2 >= 0xffffff00 || got->cr2 < 0x100);
}

/* ---- results ---- */

static bool is_nan(const uint8_t *lane, unsigned bytes)
{
    uint64_t x = 0;
    memcpy(&x, lane, bytes);
    return bytes == 4 ? (x & 0x7fffffff) > 0x7f800000 : (x & INT64_MAX) > UINT64_C(0x7ff0000000000000);
}

/* Which of several NaNs a dot product ends with depends on the order of its sums. */
bool same_vectors(const X86Case *c, const uint8_t *a, const uint8_t *b, unsigned bytes)
{
    unsigned lane = !strncmp(c->name, "dpps", 4) ? 4 : !strncmp(c->name, "dppd", 4) ? 8 : 0;
    bool same = lane || !memcmp(a, b, bytes);
    for (unsigned i = 0; lane && i < bytes; i += lane) {
        same &= !memcmp(a + i, b + i, lane) || (is_nan(a + i, lane) && is_nan(b + i, lane));
    }
    return same;
}

/* ---- flags ---- */

/* A repeated comparison that a fault or a single step has stopped: Intel's processors restore the flags of before it (SDM, volume 2, REP), AMD's leave those of the last step. */
static bool is_stopped_comparison(const X86Case *c, uint64_t rip)
{
    Instruction i = instruction_at(c, rip);
    return i.repeated && (is_cmps(&i) || is_scas(&i));
}

uint32_t case_defined_flags(const X86Case *c, int trap, uint64_t rip)
{
    bool fault = trap >= 0 && trap != 1;
    if (trap >= 0 && is_stopped_comparison(c, rip)) {
        return 0;
    }
    if (fault && c->flow) {
        uint64_t at = rip - CODE_ADDRESS - c->code_offset;
        return at < sizeof(c->code) ? 0xcd5 & ~(uint32_t)c->undefined_at[at] : 0;
    }
    return fault && !c->sequence ? 0xcd5 : c->defined_flags;
}
