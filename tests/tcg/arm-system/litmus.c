/*
 * The memory model of AArch64: what processors may see of each other's accesses, by barriers, acquire and release, dependencies, exclusives and LSE atomics.
 *
 * DDI 0487, B2.3 (the memory model is other-multi-copy atomic), B2.2 (single-copy atomicity), B2.9 (exclusives).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"
#include "litmus.h"

/* ---- accesses ---- */

#define W(v, value) __asm__ volatile("str %1, [%0]" :: "r"(&m->v), "r"((u64)(value)) : "memory")
#define WREL(v, value) __asm__ volatile("stlr %1, [%0]" :: "r"(&m->v), "r"((u64)(value)) : "memory")
#define READ_BY(insn, n, v) __asm__ volatile(insn " %0, [%1]" : "=r"(m->r[n]) : "r"(&m->v) : "memory")
#define R(n, v) READ_BY("ldr", n, v)
#define RACQ(n, v) READ_BY("ldar", n, v)
#define RACQPC(n, v) READ_BY(".arch_extension rcpc\n ldapr", n, v)
#define DMB(kind) __asm__ volatile("dmb " #kind ::: "memory")
#define DSB(kind) __asm__ volatile("dsb " #kind ::: "memory")
#define NOTHING do { } while (0)
/* R v to r[n], and then the next read's address, or the next write's value, depends on it. */
#define R_ADDR_R(n, v, n2, v2) do { u64 t_; __asm__ volatile("ldr %0, [%3]\n eor %2, %0, %0\n ldr %1, [%4, %2]" : "=&r"(m->r[n]), "=&r"(m->r[n2]), "=&r"(t_) \
    : "r"(&m->v), "r"(&m->v2) : "memory"); } while (0)
#define R_DATA_W(n, v, v2, value) do { u64 t_; __asm__ volatile("ldr %0, [%2]\n eor %1, %0, %0\n add %1, %1, %4\n str %1, [%3]" : "=&r"(m->r[n]), "=&r"(t_) \
    : "r"(&m->v), "r"(&m->v2), "r"((u64)(value)) : "memory"); } while (0)
/* LSE: swap, and add 0. */
#define SWAP(insn, v, value) do { u64 t_; __asm__ volatile(insn " %2, %0, [%1]" : "=&r"(t_) : "r"(&m->v), "r"((u64)(value)) : "memory"); } while (0)
#define ADD0(insn, n, v) __asm__ volatile(insn " xzr, %0, [%1]" : "=&r"(m->r[n]) : "r"(&m->v) : "memory")
/* A write by exclusives, acquiring and releasing. */
#define WEXCL(v, value) do { u64 t_; u64 f_; __asm__ volatile("1: ldaxr %0, [%2]\n stlxr %w1, %3, [%2]\n cbnz %w1, 1b" : "=&r"(t_), "=&r"(f_) : "r"(&m->v), "r"((u64)(value)) : "memory"); } while (0)

/* ---- ordering ---- */

LITMUS_MP(mp_dmb, W(x, 1); DMB(ish); W(y, 1), R(0, y); DMB(ish); R(1, x))
LITMUS_MP(mp_dmb_kinds, W(x, 1); DMB(ishst); W(y, 1), R(0, y); DMB(ishld); R(1, x))
LITMUS_MP(mp_release, W(x, 1); WREL(y, 1), RACQ(0, y); R(1, x))
LITMUS_MP(mp_rcpc, W(x, 1); WREL(y, 1), RACQPC(0, y); R(1, x))
LITMUS_MP(mp_address, W(x, 1); DMB(ishst); W(y, 1), R_ADDR_R(0, y, 1, x))
LITMUS_MP(mp_swap, W(x, 1); SWAP("swpl", y, 1), ADD0("ldadda", 0, y); R(1, x))
LITMUS_MP(mp_exclusive, W(x, 1); WEXCL(y, 1), RACQ(0, y); R(1, x))
LITMUS_MP(mp_osh, W(x, 1); DMB(oshst); W(y, 1), R(0, y); DSB(ish); R(1, x))
LITMUS_SB(sb_plain, W(x, 1); R(0, y), W(y, 1); R(1, x))
LITMUS_SB(sb_dmb_st, W(x, 1); DMB(ishst); R(0, y), W(y, 1); DMB(ishst); R(1, x))
LITMUS_SB(sb_rcpc, WREL(x, 1); RACQPC(0, y), WREL(y, 1); RACQPC(1, x))
LITMUS_SB(sb_dmb, W(x, 1); DMB(ish); R(0, y), W(y, 1); DMB(ish); R(1, x))
LITMUS_SB(sb_dmb_sy, W(x, 1); DMB(sy); R(0, y), W(y, 1); DMB(osh); R(1, x))
LITMUS_SB(sb_dsb, W(x, 1); DSB(ish); R(0, y), W(y, 1); DSB(sy); R(1, x))
LITMUS_SB(sb_release, WREL(x, 1); RACQ(0, y), WREL(y, 1); RACQ(1, x))
LITMUS_SB(sb_swap, SWAP("swpal", x, 1); ADD0("ldaddal", 0, y), SWAP("swpal", y, 1); ADD0("ldaddal", 1, x))
LITMUS_SB(sb_swap_acquire, SWAP("swpl", x, 1); RACQ(0, y), SWAP("swpal", y, 1); RACQ(1, x))
LITMUS_SB(sb_exclusive, WEXCL(x, 1); RACQ(0, y), WEXCL(y, 1); RACQ(1, x))
LITMUS_LB(lb_dmb, R(0, x); DMB(ish); W(y, 1), R(1, y); DMB(ish); W(x, 1))
LITMUS_LB(lb_dmb_ld, R(0, x); DMB(ishld); W(y, 1), R(1, y); DMB(ishld); W(x, 1))
LITMUS_LB(lb_data, R_DATA_W(0, x, y, 1), R_DATA_W(1, y, x, 1))
LITMUS_LB(lb_acquire, RACQ(0, x); W(y, 1), R(1, y); WREL(x, 1))
LITMUS_S(s_dmb, W(x, 2); DMB(ishst); W(y, 1), R(0, y); DMB(ish); W(x, 1))
LITMUS_S(s_data, W(x, 2); WREL(y, 1), R_DATA_W(0, y, x, 1))
LITMUS_R(r_dmb, W(x, 1); DMB(ish); W(y, 1), W(y, 2); DMB(ish); R(0, x))
LITMUS_R(r_release, W(x, 1); WREL(y, 1), WREL(y, 2); RACQ(0, x))
LITMUS_2_2W(w2_dmb, W(x, 1); DMB(ishst); W(y, 2), W(y, 1); DMB(ishst); W(x, 2))
LITMUS_2_2W(w2_release, W(x, 1); WREL(y, 2), W(y, 1); WREL(x, 2))
LITMUS_WRC(wrc_dmb, W(x, 1), R(0, x); DMB(ish); W(y, 1), R(1, y); DMB(ishld); R(2, x))
LITMUS_WRC(wrc_dependencies, W(x, 1), R_DATA_W(0, x, y, 1), R_ADDR_R(1, y, 2, x))
LITMUS_ISA2(isa2, W(x, 1); DMB(ishst); W(y, 1), R_DATA_W(0, y, z, 1), R_ADDR_R(1, z, 2, x))
LITMUS_IRIW(iriw_dmb, W(x, 1), W(y, 1), R(0, x); DMB(ishld); R(1, y), R(2, y); DMB(ishld); R(3, x))
LITMUS_IRIW(iriw_acquire, WREL(x, 1), WREL(y, 1), RACQ(0, x); RACQ(1, y), RACQ(2, y); RACQ(3, x))

/* ---- coherence: one location ---- */

LITMUS_2(corr, W(x, 1), R(0, x); R(1, x), m->r[0] == 1 && m->r[1] == 0)
LITMUS_2(cowr, W(x, 1); R(0, x), W(x, 2), m->r[0] == 0 || (m->r[0] == 2 && m->x == 1))
LITMUS_2(corw, R(0, x); W(x, 1), W(x, 2), m->r[0] == 1 || (m->r[0] == 2 && m->x == 2))
LITMUS_2(coww, W(x, 1); W(x, 2), R(0, x); R(1, x), m->x != 2 || m->r[0] > m->r[1])

/* ---- sizes: an access is seen whole; a half and the whole are one location ---- */

#define W32(v, half, value) __asm__ volatile("str %w1, [%0]" :: "r"((uint32_t *)&m->v + (half)), "r"(value) : "memory")
#define W8(v, byte, value) __asm__ volatile("strb %w1, [%0]" :: "r"((uint8_t *)&m->v + (byte)), "r"(value) : "memory")
#define R32(n, v, half) __asm__ volatile("ldr %w0, [%1]" : "=r"(m->r[n]) : "r"((uint32_t *)&m->v + (half)) : "memory")
#define BOTH 0x0000000100000001

LITMUS_2(whole, W(x, BOTH); W(x, 0), R(0, x), m->r[0] != 0 && m->r[0] != BOTH)
LITMUS_2(halves, W32(x, 0, 1); DMB(ishst); W32(x, 1, 1), R(0, x), m->r[0] >> 32 && !(uint32_t)m->r[0])
LITMUS_2(mixed_mp, W8(x, 3, 1); WREL(y, 1), RACQ(0, y); R32(1, x, 0), m->r[0] == 1 && m->r[1] != 0x01000000)
LITMUS_2(mixed_corr, W32(x, 1, 1), R(0, x); R32(1, x, 1), m->r[0] >> 32 == 1 && m->r[1] == 0)
LITMUS_2(mixed_sb, W8(x, 0, 1); DMB(ish); R(0, y), W32(y, 0, 1); DMB(ish); R(1, x), !m->r[0] && !m->r[1])

/* ---- atomic: of two that add or swap none is lost ---- */

#define FETCH_ADD(insn, n, v, value) __asm__ volatile(insn " %2, %0, [%1]" : "=&r"(m->r[n]) : "r"(&m->v), "r"((u64)(value)) : "memory")
#define ADD_EXCL(v, value) do { u64 t_; u64 f_; __asm__ volatile("1: ldxr %0, [%2]\n add %0, %0, %3\n stxr %w1, %0, [%2]\n cbnz %w1, 1b" : "=&r"(t_), "=&r"(f_) \
    : "r"(&m->v), "r"((u64)(value)) : "memory"); } while (0)
#define ADD_CAS(v, value) do { u64 old_; u64 seen_; u64 new_; __asm__ volatile("1: ldr %0, [%3]\n mov %1, %0\n add %2, %0, %4\n cas %1, %2, [%3]\n cmp %0, %1\n b.ne 1b" \
    : "=&r"(old_), "=&r"(seen_), "=&r"(new_) : "r"(&m->v), "r"((u64)(value)) : "memory", "cc"); } while (0)
/* A byte of its own in the same word. */
#define ADD8(v, byte) do { u64 t_; __asm__ volatile("ldaddb %w2, %w0, [%1]" : "=&r"(t_) : "r"((uint8_t *)&m->v + (byte)), "r"(1) : "memory"); } while (0)

LITMUS_2(add_lse, FETCH_ADD("ldadd", 0, x, 1), FETCH_ADD("ldadd", 1, x, 2), m->x != 3 || m->r[0] + m->r[1] < 1 || m->r[0] + m->r[1] > 2)
LITMUS_2(add_exclusive, ADD_EXCL(x, 1), ADD_EXCL(x, 2), m->x != 3)
LITMUS_2(add_cas, ADD_CAS(x, 1), ADD_CAS(x, 2), m->x != 3)
LITMUS_4(add_mixed, ADD_EXCL(x, 1), ADD_CAS(x, 0x100), FETCH_ADD("ldaddal", 0, x, 0x10000), ADD8(x, 3), m->x != 0x01010101)
/* A plain write between the two halves of an exclusive addition makes it fail: the sum is on top of it, or below it. */
LITMUS_2(exclusive_against_write, ADD_EXCL(x, 1), W(x, 0x10), m->x != 0x10 && m->x != 0x11)

const LitmusTest litmus_tests[] = {
    LITMUS_ROW2(mp_dmb, "MP+dmb+dmb"), LITMUS_ROW2(mp_dmb_kinds, "MP+dmb.st+dmb.ld"), LITMUS_ROW2(mp_release, "MP+stlr+ldar"), LITMUS_ROW2(mp_rcpc, "MP+stlr+ldapr"),
    LITMUS_ROW2(mp_address, "MP+dmb.st+addr"), LITMUS_ROW2(mp_swap, "MP+swpl+ldadda"), LITMUS_ROW2(mp_exclusive, "MP+stlxr+ldar"), LITMUS_ROW2(mp_osh, "MP+dmb.oshst+dsb"),
    LITMUS_ALLOWED2(sb_plain, "SB (allowed)"), LITMUS_ALLOWED2(sb_dmb_st, "SB+dmb.sts (allowed)"), LITMUS_ALLOWED2(sb_rcpc, "SB+stlr+ldapr (allowed)"),
    LITMUS_ROW2(sb_dmb, "SB+dmbs"), LITMUS_ROW2(sb_dmb_sy, "SB+dmb.sy+dmb.osh"), LITMUS_ROW2(sb_dsb, "SB+dsbs"), LITMUS_ROW2(sb_release, "SB+stlr+ldar"),
    LITMUS_ROW2(sb_swap, "SB+swpal+ldaddal"), LITMUS_ROW2(sb_swap_acquire, "SB+swpl+ldar"), LITMUS_ROW2(sb_exclusive, "SB+stlxr+ldar"),
    LITMUS_ROW2(lb_dmb, "LB+dmbs"), LITMUS_ROW2(lb_dmb_ld, "LB+dmb.lds"), LITMUS_ROW2(lb_data, "LB+datas"), LITMUS_ROW2(lb_acquire, "LB+ldar+stlr"),
    LITMUS_ROW2(s_dmb, "S+dmb.st+dmb"), LITMUS_ROW2(s_data, "S+stlr+data"), LITMUS_ROW2(r_dmb, "R+dmbs"), LITMUS_ROW2(r_release, "R+stlr+stlr-ldar"),
    LITMUS_ROW2(w2_dmb, "2+2W+dmb.sts"), LITMUS_ROW2(w2_release, "2+2W+stlrs"),
    LITMUS_ROW2(corr, "CoRR"), LITMUS_ROW2(cowr, "CoWR"), LITMUS_ROW2(corw, "CoRW"), LITMUS_ROW2(coww, "CoWW"),
    LITMUS_ROW2(whole, "64 bits are seen whole"), LITMUS_ROW2(halves, "halves in order, read whole"), LITMUS_ROW2(mixed_mp, "MP of a byte, read as a word"),
    LITMUS_ROW2(mixed_corr, "CoRR of the whole and a half"), LITMUS_ROW2(mixed_sb, "SB+dmbs of a byte and a word"),
    LITMUS_ROW2(add_lse, "LDADD"), LITMUS_ROW2(add_exclusive, "LDXR, STXR"), LITMUS_ROW2(add_cas, "CAS"),
    LITMUS_ROW2(exclusive_against_write, "STXR against STR"),
    LITMUS_ROW3(wrc_dmb, "WRC+dmb+dmb.ld"), LITMUS_ROW3(wrc_dependencies, "WRC+data+addr"), LITMUS_ROW3(isa2, "ISA2+dmb.st+data+addr"),
    LITMUS_ROW4(iriw_dmb, "IRIW+dmb.lds"), LITMUS_ROW4(iriw_acquire, "IRIW+ldars"), LITMUS_ROW4(add_mixed, "LDXR, CAS, LDADDAL, LDADDB"),
    { 0 },
};

/* ---- for litmus.c ---- */

void litmus_start(unsigned n, void (*run)(unsigned n)) { check_is("CPU_ON", start_processor(n, run), 0); }
uint64_t litmus_ticks(void) { return READ(cntvct_el0); }
uint64_t litmus_ticks_per_second(void) { return READ(cntfrq_el0); }
void litmus_yield(void) { __asm__ volatile("yield" ::: "memory"); }

void litmus_check(bool good, const char *name, unsigned seen, unsigned rounds)
{
    check(good, name);
    print("# seen %u times in %u rounds\n", seen, rounds);
}

const Subject subjects[] = { { "litmus", litmus_run_all }, { NULL, NULL } };
