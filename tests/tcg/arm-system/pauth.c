/*
 * Pointer authentication: codes by QARMA5 and QARMA3 (the cipher's published vectors), where they lie in a pointer, FEAT_FPAC's faults, keys that are off.
 *
 * R. Avanzi, "The QARMA Block Cipher Family" (2017), test vectors; DDI 0487, D8.10, J1.1.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

enum { QARMA5, QARMA3, OWN, PAC_FAIL = 0x1c };
#define EN_IA (1ull << 31)
#define EN_IB (1ull << 30)
#define EN_DA (1ull << 27)
#define EN_DB (1ull << 13)
#define DATA 0xfb623599da6e8127ull      /* the vectors' plain text, tweak and key */
#define TWEAK 0x477d469dec0b8762ull
#define KEY_LOW 0xec2802d4e0a488e9ull
#define KEY_HIGH 0x84be85ce9804e94bull
#define POINTER 0x0000007f12345678ull
#define UPPER 0xffffff8012345678ull

static unsigned algorithm(void)
{
    return READ(id_aa64isar1_el1) >> 4 & 15 ? QARMA5 : READ(S3_0_C0_C6_2) >> 12 & 15 ? QARMA3 : OWN;
}

static u64 pacga(u64 x, u64 y) { u64 r; __asm__ volatile("pacga %0, %1, %2" : "=r"(r) : "r"(x), "r"(y)); return r; }
#define DO(insn, pointer, modifier) ({ u64 p_ = (pointer); __asm__ volatile(insn " %0, %1" : "+r"(p_) : "r"((u64)(modifier))); p_; })
static u64 xpaci(u64 p) { __asm__ volatile("xpaci %0" : "+r"(p)); return p; }

static void keys(u64 enabled)
{
    WRITE(S3_0_C2_C1_0, KEY_LOW);
    WRITE(S3_0_C2_C1_1, KEY_HIGH);
    WRITE(S3_0_C2_C1_2, 1);
    WRITE(S3_0_C2_C1_3, 2);
    WRITE(S3_0_C2_C2_0, 3);
    WRITE(S3_0_C2_C2_1, 4);
    WRITE(S3_0_C2_C2_2, 5);
    WRITE(S3_0_C2_C2_3, 6);
    WRITE(S3_0_C2_C3_0, KEY_LOW);
    WRITE(S3_0_C2_C3_1, KEY_HIGH);
    WRITE(tcr_el1, 25 | 25 << 16 | 2ull << 30);         /* 39 bits */
    WRITE(sctlr_el1, (READ(sctlr_el1) & ~(EN_IA | EN_IB | EN_DA | EN_DB)) | enabled);
    isb();
}

static void codes(void)
{
    static const u64 generic[] = { 0xc003b93900000000ull, 0xc8b7fdc100000000ull }, pointers[][2] = {
        { 0xd42e95ff12345678ull, 0xd1856a0012345678ull }, { 0xee3221ff12345678ull, 0x52c6b28012345678ull },
    };
    keys(EN_IA);
    if (algorithm() == OWN) {
        skip("codes", "by an algorithm of the implementation's");
        return;
    }
    check_is("PACGA: the upper half of the cipher's text", pacga(DATA, TWEAK), generic[algorithm()]);
    check_is("PACIA of a pointer of the lower range", DO("pacia", POINTER, TWEAK), pointers[algorithm()][0]);
    check_is("and of the upper one", DO("pacia", UPPER, TWEAK), pointers[algorithm()][1]);
}

static void one_key(const char *name, u64 enable, u64 (*sign)(u64, u64), u64 (*authenticate)(u64, u64), unsigned iss)
{
    print("# %s\n", name);
    keys(enable);
    u64 low = sign(POINTER, 7), high = sign(UPPER, 7);
    check(low != POINTER && high != UPPER, "a pointer is signed");
    check_is("bit 55 and the address stay", low & 0x0080007fffffffffull, POINTER);
    check_is("of the upper range, too", high & 0x0080007fffffffffull, UPPER & 0x0080007fffffffffull);
    check_is("authenticated, it is the pointer again", authenticate(low, 7), POINTER);
    check_is("the upper one, too", authenticate(high, 7), UPPER);
    check_is("another modifier: an exception", CATCH_EC(authenticate(low, 8)), PAC_FAIL);
    check_is("that says which key", ISS(fault.esr), iss);
    check_is("XPAC strips it", xpaci(low), POINTER);
    keys(0);
    check_is("with its key off, nothing is signed", sign(POINTER, 7), POINTER);
    check_is("nor authenticated", authenticate(low, 8), low);
}

static u64 pacia(u64 p, u64 m) { return DO("pacia", p, m); }
static u64 pacib(u64 p, u64 m) { return DO("pacib", p, m); }
static u64 pacda(u64 p, u64 m) { return DO("pacda", p, m); }
static u64 pacdb(u64 p, u64 m) { return DO("pacdb", p, m); }
static u64 autia(u64 p, u64 m) { return DO("autia", p, m); }
static u64 autib(u64 p, u64 m) { return DO("autib", p, m); }
static u64 autda(u64 p, u64 m) { return DO("autda", p, m); }
static u64 autdb(u64 p, u64 m) { return DO("autdb", p, m); }

static void all_keys(void)
{
    one_key("IA", EN_IA, pacia, autia, 0);
    one_key("IB", EN_IB, pacib, autib, 1);
    one_key("DA", EN_DA, pacda, autda, 2);
    one_key("DB", EN_DB, pacdb, autdb, 3);
}

static void returns(void)
{
    keys(EN_IA);
    u64 target = 0;
    __asm__ volatile("adr x9, 1f\n mov x10, #5\n pacia x9, x10\n mov %0, #0\n braa x9, x10\n mov %0, #2\n1: add %0, %0, #1" : "=&r"(target) :: "x9", "x10");
    check_is("BRAA goes on at what is signed", target, 1);
    check_is("and faults on what is not (FEAT_FPACCOMBINE)", CATCH_EC(__asm__ volatile("adr x9, 1f\n mov x10, #5\n braa x9, x10\n1: nop" ::: "x9", "x10")), PAC_FAIL);
    u64 value = 0x1234, signed_address = 0;
    keys(EN_DA);
    __asm__ volatile("mov x9, %1\n pacdza x9\n ldraa %0, [x9]" : "=r"(signed_address) : "r"(&value) : "x9", "memory");
    check_is("LDRAA loads from what is signed", signed_address, 0x1234);
    keys(0);
}

const Subject subjects[] = { { "codes", codes }, { "keys", all_keys }, { "branches", returns }, { NULL, NULL } };
