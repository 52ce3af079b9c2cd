/*
 * State enables: what M-mode and HS-mode keep back (volume II, 4 "Smstateen").
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define MSTATEEN0 0x30c
#define HSTATEEN0 0x60c
#define SSTATEEN0 0x10c
#define SENVCFG 0x10a
#define SISELECT 0x150
#define STOPI 0xdb0
#define SE0 ((uint64_t)1 << 63)
#define ENVCFG ((uint64_t)1 << 62)
#define CSRIND ((uint64_t)1 << 60)
#define AIA ((uint64_t)1 << 59)

static void set_m(uint64_t value)
{
#if RV64
    csr_write(MSTATEEN0, value);
#else
    csr_write(0x31c, value >> 32);
    csr_write(MSTATEEN0, (uint32_t)value);
#endif
}
static void set_h(uint64_t value)
{
#if RV64
    csr_write(HSTATEEN0, value);
#else
    csr_write(0x61c, value >> 32);
    csr_write(HSTATEEN0, (uint32_t)value);
#endif
}
static uint64_t get_m(void)
{
#if RV64
    return csr_read(MSTATEEN0);
#else
    return csr_read(MSTATEEN0) | (uint64_t)csr_read(0x31c) << 32;
#endif
}
static uint64_t get_h(void)
{
#if RV64
    return csr_read(HSTATEEN0);
#else
    return csr_read(HSTATEEN0) | (uint64_t)csr_read(0x61c) << 32;
#endif
}

static Word do_senvcfg(Word a) { return csr_read(SENVCFG) & 0; }
static Word do_sstateen(Word a) { return csr_read(SSTATEEN0) & 0; }
static Word do_hstateen(Word a) { return csr_read(HSTATEEN0) & 0; }
static Word do_siselect(Word a) { return csr_read(SISELECT) & 0; }
static Word do_stopi(Word a) { return csr_read(STOPI) & 0; }

static bool there(void)
{
    CATCH(csr_read(MSTATEEN0));
    if (outcome.level != NO_TRAP) {
        skip("state enables", "no Smstateen");
        return false;
    }
    return true;
}

static void try_s(const char *name, Function *function, uint64_t bit)
{
    set_m(~bit);
    run_in(MODE_S, function, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "%s: M keeps it from S", name);
    set_m(bit);
    run_in(MODE_S, function, 0);
    check(outcome.level == NO_TRAP, "%s: and lets it through", name);
}

static void try_guest(const char *name, Function *function, uint64_t bit)
{
    set_m(-(uint64_t)1);
    set_h(~bit);
    run_in(MODE_VS, function, 0);
    check(outcome.level == TO_M && outcome.cause == VIRTUAL, "%s: HS keeps it from VS", name);
    set_h(bit);
    run_in(MODE_VS, function, 0);
    check(outcome.level == NO_TRAP, "%s: and lets it through", name);
    set_m(~bit);
    run_in(MODE_VS, function, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "%s: M keeps it from VS", name);
}

static void machine(void)
{
    if (!there()) {
        return;
    }
    set_m(-(uint64_t)1);
    check((get_m() & (SE0 | ENVCFG)) == (SE0 | ENVCFG), "mstateen0 has SE0 and ENVCFG");
    try_s("senvcfg", do_senvcfg, ENVCFG);
    try_s("sstateen0", do_sstateen, SE0);
    set_m(-(uint64_t)1);
    if (get_m() & AIA) {
        try_s("stopi", do_stopi, AIA);
        try_s("siselect", do_siselect, CSRIND);
    }
    if (has_letter('H')) {
        try_s("hstateen0", do_hstateen, SE0);
    }
}

static void hypervisor(void)
{
    if (!has_letter('H') || !there()) {
        return;
    }
    set_m(-(uint64_t)1);
    set_h(-(uint64_t)1);
    check((get_h() & (SE0 | ENVCFG)) == (SE0 | ENVCFG), "hstateen0 has SE0 and ENVCFG");
    set_m(SE0);
    check((get_h() & (SE0 | ENVCFG)) == SE0, "it shows nothing that mstateen0 keeps back");
    set_m(-(uint64_t)1);
    check((get_h() & (SE0 | ENVCFG)) == (SE0 | ENVCFG), "and has it still");
    try_guest("senvcfg", do_senvcfg, ENVCFG);
    try_guest("sstateen0", do_sstateen, SE0);
    if (get_m() & AIA) {
        try_guest("stopi", do_stopi, AIA);
        try_guest("siselect", do_siselect, CSRIND);
    }
}

const Subject subjects[] = { { "machine", machine }, { "hypervisor", hypervisor }, { NULL, NULL } };
