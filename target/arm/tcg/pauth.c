/*
 * Pointer authentication: where the code lies in a pointer, how it is put in, checked and taken out, and the algorithm of our own (IMPLEMENTATION DEFINED) by which it
 * is computed where that is not QARMA.
 *
 * DDI 0487, D8.10, J1.1 (AddPAC, Auth, Strip, CalculateBottomPACBit).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/arm/mmu.h"
#include "target/arm/tcg/helpers.h"
#include "target/arm/tcg/pauth.h"

enum { SELECT_BIT = 55 };

/* ---- the layout of a pointer in the current regime ---- */

typedef struct Layout { bool two_ranges, tbi[2], mtx[2]; unsigned size[2]; } Layout;     /* size: bits of an address; by range */

static unsigned clamp_size(unsigned tsz) { return 64 - MIN(MAX(tsz, 12u), 48u); }

/* data: of pointers to data (TBID does not count). */
static Layout layout_of(const ArmCpu *cpu, bool data)
{
    unsigned el = arm_regime_el(cpu, cpu->el);
    uint64_t tcr = cpu->tcr_el[el];
    if (el == 3 || (el == 2 && !arm_e2h(cpu->hcr_el2))) {
        bool tbi = (tcr >> 20 & 1) && (data || !(tcr >> 29 & 1));
        unsigned size = clamp_size(tcr & 63);
        bool mtx = data && arm_mtx(cpu, el, false, 0);
        return (Layout){ .tbi = { tbi, tbi }, .mtx = { mtx, mtx }, .size = { size, size } };
    }
    return (Layout){ .two_ranges = true, .tbi = { (tcr >> 37 & 1) && (data || !(tcr >> 51 & 1)), (tcr >> 38 & 1) && (data || !(tcr >> 52 & 1)) },
                     .mtx = { data && arm_mtx(cpu, el, true, 0), data && arm_mtx(cpu, el, true, BIT(SELECT_BIT)) }, .size = { clamp_size(tcr & 63), clamp_size(tcr >> 16 & 63) } };
}

/* The bits that a code may take up: below 55 down to the address, and 63 to 56 where they are not ignored, but for a tag (MTX). */
static uint64_t code_mask(const Layout *layout, bool upper)
{
    uint64_t mask = MAKE_MASK(layout->size[upper], SELECT_BIT - layout->size[upper]);
    return layout->tbi[upper] ? mask : mask | (layout->mtx[upper] ? MAKE_MASK(60, 4) : MAKE_MASK(56, 8));
}

static uint64_t plain_pointer(const Layout *layout, bool upper, uint64_t pointer)
{
    uint64_t mask = code_mask(layout, upper) | BIT(SELECT_BIT);
    return upper && layout->two_ranges ? pointer | mask : pointer & ~mask;
}

/* ---- our own algorithm: two rounds of multiplication and folding. Nothing but this processor ever has to compute it ---- */

static uint64_t mix(uint64_t value, uint64_t key)
{
    unsigned __int128 product = (unsigned __int128)(value ^ key) * UINT64_C(0x9e3779b97f4a7c15);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

uint64_t arm_pauth_code(const ArmCpu *cpu, uint64_t data, uint64_t modifier, uint64_t low, uint64_t high)
{
    if (arm_has(cpu, pauth_qarma5) || arm_has(cpu, pauth_qarma3)) {
        return arm_qarma(arm_has(cpu, pauth_qarma5) ? ARM_QARMA5 : ARM_QARMA3, data, modifier, low, high);
    }
    return mix(mix(data, low) ^ modifier, high);
}

/* ---- signing and checking ---- */

static uint64_t compute(const ArmCpu *cpu, uint64_t plain, uint64_t modifier, unsigned key)
{
    return arm_pauth_code(cpu, plain, modifier, cpu->pauth_keys[key][0], cpu->pauth_keys[key][1]);
}

uint64_t arm_pauth_sign(const ArmCpu *cpu, uint64_t pointer, uint64_t modifier, unsigned key)
{
    Layout layout = layout_of(cpu, key >= 2);
    bool ignores = layout.tbi[0] || layout.tbi[1], upper = pointer >> (ignores ? SELECT_BIT : 63) & 1;
    uint64_t mask = code_mask(&layout, upper), plain = plain_pointer(&layout, upper, pointer), code = compute(cpu, plain, modifier, key);
    if (!arm_has(cpu, pauth2)) {
        uint64_t field = pointer & (mask | BIT(SELECT_BIT)), ones = mask | BIT(SELECT_BIT);
        code ^= field && field != ones ? BIT(layout.tbi[upper] ? 54 : 62) : 0;
        return (pointer & ~(mask | BIT(SELECT_BIT))) | (code & mask) | (uint64_t)upper << SELECT_BIT;
    }
    return ((pointer ^ (code & mask)) & ~BIT(SELECT_BIT)) | (uint64_t)upper << SELECT_BIT;
}

uint64_t arm_pauth_verify(ArmCpu *cpu, uint64_t pointer, uint64_t modifier, unsigned key)
{
    Layout layout = layout_of(cpu, key >= 2);
    bool upper = pointer >> SELECT_BIT & 1;
    uint64_t mask = code_mask(&layout, upper), plain = plain_pointer(&layout, upper, pointer), code = compute(cpu, plain, modifier, key) & mask, result;
    bool right;
    if (arm_has(cpu, pauth2)) {
        result = pointer ^ code;
        right = result == plain;
    } else {
        right = (pointer & mask) == code;
        unsigned at = layout.tbi[upper] ? 53 : 61;
        result = right ? plain : (plain & ~(UINT64_C(3) << at)) | (uint64_t)(key & 1 ? 2 : 1) << at;
    }
    if (!right && arm_has(cpu, fpac)) {
        arm_raise(cpu, ARM_SYNDROME(EC_PAC_FAIL, (key >= 2 ? 2 : 0) | (key & 1)), 0);
    }
    return result;
}

/* ---- helpers ---- */

/* HCR_EL2.API and SCR_EL3.API trap what is not allowed to lower levels. */
static void check_traps(ArmCpu *cpu)
{
    uint64_t hcr = arm_hcr(cpu);
    if (cpu->el < 2 && arm_el2_enabled(cpu) && !(hcr & HCR_API) && !(cpu->el == 0 && arm_in_host(hcr))) {
        arm_raise(cpu, ARM_SYNDROME(EC_PAC, 0), 2);
    }
    if (cpu->el < 3 && cpu->has_el3 && !(cpu->scr_el3 & SCR_API)) {
        arm_raise(cpu, ARM_SYNDROME(EC_PAC, 0), 3);
    }
}

uint64_t arm_helper_pac(Cpu *cpu, uint64_t pointer, uint64_t modifier, uint32_t key)
{
    check_traps(ARM_CPU(cpu));
    return arm_pauth_sign(ARM_CPU(cpu), pointer, modifier, key & 3);
}

uint64_t arm_helper_aut(Cpu *cpu, uint64_t pointer, uint64_t modifier, uint32_t key)
{
    check_traps(ARM_CPU(cpu));
    return arm_pauth_verify(ARM_CPU(cpu), pointer, modifier, key & 3);
}

uint64_t arm_helper_xpac(Cpu *cpu, uint64_t pointer, uint32_t data)
{
    check_traps(ARM_CPU(cpu));
    Layout layout = layout_of(ARM_CPU(cpu), data);
    return plain_pointer(&layout, pointer >> SELECT_BIT & 1, pointer);
}

uint64_t arm_helper_pacga(Cpu *c, uint64_t x, uint64_t y)
{
    enum { GA = 4 };
    ArmCpu *cpu = ARM_CPU(c);
    check_traps(cpu);
    return arm_pauth_code(cpu, x, y, cpu->pauth_keys[GA][0], cpu->pauth_keys[GA][1]) & MAKE_MASK(32, 32);
}
