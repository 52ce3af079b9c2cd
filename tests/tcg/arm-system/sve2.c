/*
 * SVE2 and the system: which processors show it, that others have none of it, traps, loads by vectors of addresses at the border of what is mapped.
 *
 * DDI 0487, D19.2 (ID_AA64ZFR0_EL1, CPTR_EL2), C8.2 (LDNT1).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define SVE2(text, ...) __asm__ volatile(".arch_extension sve2\n.arch_extension sve2-aes\n.arch_extension sve2-sm4\n.arch_extension sve2-sha3\n.arch_extension sve2-bitperm\n" text __VA_ARGS__)
enum { TZ = 1 << 8, CPTR_RES1 = 0x32ff & ~TZ, EC_UNDEFINED = 0, EC_SVE = 0x19, EC_ABORT = 0x25, NEOVERSE_V1 = 0xd40 };
static u64 doubles[2] __attribute__((aligned(16)));

static void open_all(void)
{
    WRITE(cptr_el2, CPTR_RES1);
    WRITE(S3_4_C1_C2_0, 0);         /* ZCR_EL2: 128 bits */
    isb();
}

/* The part number tells what to expect: SVE alone of Neoverse V1, all of max. */
static bool has_sve2(void) { return (READ(midr_el1) >> 4 & 0xfff) != NEOVERSE_V1; }

static void features(void)
{
    u64 value = READ(S3_0_C0_C4_4), has = has_sve2();
    open_all();
    check_is("SVEver", value & 15, 2 * has);
    check_is("AES with PMULL128", value >> 4 & 15, 2 * has);
    check_is("BitPerm", value >> 16 & 15, has);
    check_is("BF16, the extended as AdvSIMD has it", value >> 20 & 15, (READ(id_aa64isar1_el1) >> 44 & 15) == 2 ? 2 : 1);
    check_is("SHA3", value >> 32 & 15, has);
    check_is("SM4", value >> 40 & 15, has);
    check_is("I8MM", value >> 44 & 15, 1);
    u64 expected = has ? (u64)NONE : EC_UNDEFINED;
    check_is("an instruction in IR", CATCH_EC(SVE2("eor3 z0.d, z0.d, z1.d, z2.d" ::: "memory")), expected);
    check_is("one in C", CATCH_EC(SVE2("adclb z0.d, z1.d, z2.d" ::: "memory")), expected);
    check_is("of AES", CATCH_EC(SVE2("aese z0.b, z0.b, z1.b" ::: "memory")), expected);
    check_is("of SM4", CATCH_EC(SVE2("sm4ekey z0.s, z1.s, z2.s" ::: "memory")), expected);
    check_is("of SHA3", CATCH_EC(SVE2("rax1 z0.d, z1.d, z2.d" ::: "memory")), expected);
    check_is("of bit permutations", CATCH_EC(SVE2("bgrp z0.d, z1.d, z2.d" ::: "memory")), expected);
    check_is("SVE's own", CATCH_EC(SVE2("add z0.d, z1.d, z2.d" ::: "memory")), (u64)NONE);
}

static void traps(void)
{
    WRITE(cptr_el2, CPTR_RES1 | TZ);
    isb();
    check_is("TZ traps what is there, nothing else", CATCH_EC(SVE2("eor3 z0.d, z0.d, z1.d, z2.d" ::: "memory")), has_sve2() ? EC_SVE : EC_UNDEFINED);
    open_all();
}

static void memory(void)
{
    if (!has_sve2()) {
        return;
    }
    u64 addresses[2] = { (u64)&doubles[1], (u64)&doubles[0] }, nowhere[2] = { (u64)doubles, 1ull << 55 }, got[2];
    doubles[0] = 5;
    doubles[1] = 7;
    SVE2("ptrue p0.d\n ldr z1, [%0]\n ldnt1d {z0.d}, p0/z, [z1.d, xzr]\n str z0, [%1]", :: "r"(addresses), "r"(got) : "memory");
    check(got[0] == 7 && got[1] == 5, "each element has its address");
    SVE2("ldr z1, [%0]", :: "r"(nowhere) : "memory");
    check_is("the second faults", CATCH_EC(SVE2("ldnt1d {z0.d}, p0/z, [z1.d, xzr]" ::: "memory")), EC_ABORT);
    check_is("there", fault.far, nowhere[1]);
    SVE2("str z0, [%0]", :: "r"(got) : "memory");
    check(got[0] == 7 && got[1] == 5, "and nothing has been written");
    SVE2("ptrue p0.d, vl1" ::: "memory");
    check_is("inactive ones do not", CATCH_EC(SVE2("stnt1d {z0.d}, p0, [z1.d, xzr]" ::: "memory")), (u64)NONE);
    check(doubles[0] == 7 && doubles[1] == 7, "an active one is stored");
}

/* Tables by indices of a few bits (FEAT_LUT), at vectors of vl bytes. */
static bool looked_up(const uint8_t *r, const uint8_t *n, const uint8_t *m, unsigned vl, unsigned size, unsigned bits, unsigned part)
{
    unsigned nr = vl >> size;
    bool good = true;
    for (unsigned i = 0; i < nr; i++) {
        unsigned at = (part * nr + i) * bits, index = m[at / 8] >> at % 8 & ((1u << bits) - 1);
        for (unsigned k = 0; k < 1u << size; k++) {
            good = good && r[(i << size) + k] == n[(index << size) + k];
        }
    }
    return good;
}

static void tables(void)
{
    enum { VL = 32 };
    static uint8_t n[256], m[256], r[256];
    if (!has_sve2() || !(READ(S3_0_C0_C6_2) >> 56 & 15)) {
        return;
    }
    WRITE(S3_4_C1_C2_0, VL / 16 - 1);
    isb();
    for (unsigned i = 0; i < 256; i++) {
        n[i] = (uint8_t)(3 * i + 1);
        m[i] = (uint8_t)(i * 0x9d >> 1);
    }
#define LOOK_UP(insn) SVE2("ldr z1, [%0]\n ldr z2, [%1]\n .inst " #insn "\n str z0, [%2]", :: "r"(n), "r"(m), "r"(r) : "memory")
    LOOK_UP(0x45a2b020);
    check(looked_up(r, n, m, VL, 0, 2, 2), "LUTI2 Z0.B");
    LOOK_UP(0x45a2b820);
    check(looked_up(r, n, m, VL, 1, 2, 5), "LUTI2 Z0.H");
    LOOK_UP(0x45e2a420);
    check(looked_up(r, n, m, VL, 0, 4, 1), "LUTI4 Z0.B");
    LOOK_UP(0x45e2bc20);
    check(looked_up(r, n, m, VL, 1, 4, 3), "LUTI4 Z0.H");
    WRITE(S3_4_C1_C2_0, 0);
    isb();
    check_is("16 halfwords need 256 bits", CATCH_EC(LOOK_UP(0x45e2bc20)), EC_UNDEFINED);
    check_is("or two registers", CATCH_EC(LOOK_UP(0x45e2b420)), (u64)NONE);
    WRITE(S3_4_C1_C2_0, 15);
    isb();
}

const Subject subjects[] = { { "features", features }, { "traps", traps }, { "memory", memory }, { "tables", tables }, { NULL, NULL } };
