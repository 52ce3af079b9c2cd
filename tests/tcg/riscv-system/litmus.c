/*
 * The memory model RVWMO: what harts may see of each other's accesses, by fences, acquire and release, dependencies, LR and SC, and AMOs.
 *
 * The RISC-V Instruction Set Manual, volume I (20240411), 17 (RVWMO), 13 ("A" extension), A.3 (explanations).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"
#include "../litmus/litmus.h"

/* ---- accesses ---- */

#define W(v, value) asm volatile("sd %1, (%0)" :: "r"(&m->v), "r"((Word)(value)) : "memory")
#define R(n, v) asm volatile("ld %0, (%1)" : "=r"(m->r[n]) : "r"(&m->v) : "memory")
#define FENCE(before, behind) asm volatile("fence " #before ", " #behind ::: "memory")
#define FENCE_TSO asm volatile("fence.tso" ::: "memory")
/* By AMOs: a write is a swap, a read an OR of nothing. */
#define SWAP(order, v, value) asm volatile("amoswap.d" order " zero, %1, (%0)" :: "r"(&m->v), "r"((Word)(value)) : "memory")
#define OR0(order, n, v) asm volatile("amoor.d" order " %0, zero, (%1)" : "=r"(m->r[n]) : "r"(&m->v) : "memory")
/* By LR and SC. */
#define WSC(lr, sc, v, value) do { Word t_; asm volatile("1: lr.d" lr " %0, (%1)\n sc.d" sc " %0, %2, (%1)\n bnez %0, 1b" : "=&r"(t_) : "r"(&m->v), "r"((Word)(value)) : "memory"); } while (0)
#define LR(order, n, v) asm volatile("lr.d" order " %0, (%1)" : "=r"(m->r[n]) : "r"(&m->v) : "memory")
/* By Zalasr: sd.rl, ld.aq. */
#define WREL(v, value) asm volatile(".insn r 0x2f, 3, 0x1d, x0, %0, %1" :: "r"(&m->v), "r"((Word)(value)) : "memory")
#define RACQ(n, v) asm volatile(".insn r 0x2f, 3, 0x1a, %0, %1, x0" : "=r"(m->r[n]) : "r"(&m->v) : "memory")
/* R v to r[n], and then the next read's address, or the next write's value, depends on it. */
#define R_ADDR_R(n, v, n2, v2) do { Word t_; asm volatile("ld %0, (%3)\n xor %2, %0, %0\n add %2, %2, %4\n ld %1, (%2)" : "=&r"(m->r[n]), "=&r"(m->r[n2]), "=&r"(t_) \
    : "r"(&m->v), "r"(&m->v2) : "memory"); } while (0)
#define R_DATA_W(n, v, v2, value) do { Word t_; asm volatile("ld %0, (%2)\n xor %1, %0, %0\n add %1, %1, %4\n sd %1, (%3)" : "=&r"(m->r[n]), "=&r"(t_) \
    : "r"(&m->v), "r"(&m->v2), "r"((Word)(value)) : "memory"); } while (0)

/* ---- ordering ---- */

LITMUS_MP(mp_fence, W(x, 1); FENCE(rw, rw); W(y, 1), R(0, y); FENCE(rw, rw); R(1, x))
LITMUS_MP(mp_fence_kinds, W(x, 1); FENCE(w, w); W(y, 1), R(0, y); FENCE(r, r); R(1, x))
LITMUS_MP(mp_tso, W(x, 1); FENCE_TSO; W(y, 1), R(0, y); FENCE_TSO; R(1, x))
LITMUS_MP(mp_amo, W(x, 1); SWAP(".rl", y, 1), OR0(".aq", 0, y); R(1, x))
LITMUS_MP(mp_sc, W(x, 1); WSC("", ".rl", y, 1), OR0(".aq", 0, y); R(1, x))
LITMUS_MP(mp_address, W(x, 1); FENCE(w, w); W(y, 1), R_ADDR_R(0, y, 1, x))
LITMUS_SB(sb_plain, W(x, 1); R(0, y), W(y, 1); R(1, x))
LITMUS_SB(sb_tso, W(x, 1); FENCE_TSO; R(0, y), W(y, 1); FENCE_TSO; R(1, x))
LITMUS_SB(sb_fence, W(x, 1); FENCE(rw, rw); R(0, y), W(y, 1); FENCE(rw, rw); R(1, x))
LITMUS_SB(sb_fence_wr, W(x, 1); FENCE(w, r); R(0, y), W(y, 1); FENCE(iorw, iorw); R(1, x))
LITMUS_SB(sb_amo, SWAP(".aqrl", x, 1); OR0(".aqrl", 0, y), SWAP(".aqrl", y, 1); OR0(".aqrl", 1, x))
LITMUS_SB(sb_amo_rcsc, SWAP(".rl", x, 1); OR0(".aq", 0, y), SWAP(".rl", y, 1); OR0(".aq", 1, x))
LITMUS_SB(sb_sc, WSC(".aq", ".rl", x, 1); FENCE(w, r); R(0, y), WSC(".aq", ".rl", y, 1); FENCE(w, r); R(1, x))
LITMUS_SB(sb_lr, W(x, 1); LR(".aqrl", 0, y), W(y, 1); LR(".aqrl", 1, x))
LITMUS_SB(sb_release, WREL(x, 1); RACQ(0, y), WREL(y, 1); RACQ(1, x))
LITMUS_LB(lb_fence, R(0, x); FENCE(rw, rw); W(y, 1), R(1, y); FENCE(r, w); W(x, 1))
LITMUS_LB(lb_data, R_DATA_W(0, x, y, 1), R_DATA_W(1, y, x, 1))
LITMUS_LB(lb_amo, OR0(".aq", 0, x); W(y, 1), R(1, y); SWAP(".rl", x, 1))
LITMUS_S(s_fence, W(x, 2); FENCE(w, w); W(y, 1), R(0, y); FENCE(r, w); W(x, 1))
LITMUS_S(s_data, W(x, 2); SWAP(".rl", y, 1), R_DATA_W(0, y, x, 1))
LITMUS_R(r_fence, W(x, 1); FENCE(w, w); W(y, 1), W(y, 2); FENCE(w, r); R(0, x))
LITMUS_R(r_amo, W(x, 1); SWAP(".rl", y, 1), SWAP(".aqrl", y, 2); OR0(".aqrl", 0, x))
LITMUS_2_2W(w2_fence, W(x, 1); FENCE(w, w); W(y, 2), W(y, 1); FENCE(w, w); W(x, 2))
LITMUS_WRC(wrc_fence, W(x, 1), R(0, x); FENCE(r, w); W(y, 1), R(1, y); FENCE(r, r); R(2, x))
LITMUS_WRC(wrc_dependencies, W(x, 1), R_DATA_W(0, x, y, 1), R_ADDR_R(1, y, 2, x))
LITMUS_ISA2(isa2, W(x, 1); FENCE(w, w); W(y, 1), R_DATA_W(0, y, z, 1), R_ADDR_R(1, z, 2, x))
LITMUS_IRIW(iriw_fence, W(x, 1), W(y, 1), R(0, x); FENCE(r, r); R(1, y), R(2, y); FENCE(r, r); R(3, x))
LITMUS_IRIW(iriw_amo, SWAP("", x, 1), SWAP("", y, 1), OR0(".aq", 0, x); OR0("", 1, y), OR0(".aq", 2, y); OR0("", 3, x))

/* ---- coherence: one location ---- */

LITMUS_2(corr, W(x, 1), R(0, x); R(1, x), m->r[0] == 1 && m->r[1] == 0)
LITMUS_2(cowr, W(x, 1); R(0, x), W(x, 2), m->r[0] == 0 || (m->r[0] == 2 && m->x == 1))
LITMUS_2(corw, R(0, x); W(x, 1), W(x, 2), m->r[0] == 1 || (m->r[0] == 2 && m->x == 2))
LITMUS_2(coww, W(x, 1); W(x, 2), R(0, x); R(1, x), m->x != 2 || m->r[0] > m->r[1])

/* ---- sizes: an access is seen whole; a half and the whole are one location ---- */

#define W32(v, half, value) asm volatile("sw %1, (%0)" :: "r"((uint32_t *)&m->v + (half)), "r"(value) : "memory")
#define W8(v, byte, value) asm volatile("sb %1, (%0)" :: "r"((uint8_t *)&m->v + (byte)), "r"(value) : "memory")
#define R32(n, v, half) asm volatile("lwu %0, (%1)" : "=r"(m->r[n]) : "r"((uint32_t *)&m->v + (half)) : "memory")
#define BOTH 0x0000000100000001

LITMUS_2(whole, W(x, BOTH); W(x, 0), R(0, x), m->r[0] != 0 && m->r[0] != BOTH)
LITMUS_2(halves, W32(x, 0, 1); FENCE(w, w); W32(x, 1, 1), R(0, x), m->r[0] >> 32 && !(uint32_t)m->r[0])
LITMUS_2(mixed_mp, W8(x, 3, 1); SWAP(".rl", y, 1), OR0(".aq", 0, y); R32(1, x, 0), m->r[0] == 1 && m->r[1] != 0x01000000)
LITMUS_2(mixed_sb, W8(x, 0, 1); FENCE(rw, rw); R(0, y), W32(y, 0, 1); FENCE(rw, rw); R(1, x), !m->r[0] && !m->r[1])

/* ---- atomic: of two that add none is lost ---- */

#define AMOADD(n, v, value) asm volatile("amoadd.d %0, %2, (%1)" : "=&r"(m->r[n]) : "r"(&m->v), "r"((Word)(value)) : "memory")
#define AMOADD32(v, half, value) asm volatile("amoadd.w zero, %1, (%0)" :: "r"((uint32_t *)&m->v + (half)), "r"(value) : "memory")
#define ADD_SC(v, value) do { Word t_; Word f_; asm volatile("1: lr.d %0, (%2)\n add %0, %0, %3\n sc.d %1, %0, (%2)\n bnez %1, 1b" : "=&r"(t_), "=&r"(f_) \
    : "r"(&m->v), "r"((Word)(value)) : "memory"); } while (0)

LITMUS_2(add_amo, AMOADD(0, x, 1), AMOADD(1, x, 2), m->x != 3 || m->r[0] + m->r[1] < 1 || m->r[0] + m->r[1] > 2)
LITMUS_2(add_sc, ADD_SC(x, 1), ADD_SC(x, 2), m->x != 3)
LITMUS_2(sc_against_write, ADD_SC(x, 1), W(x, 0x10), m->x != 0x10 && m->x != 0x11)
LITMUS_4(add_mixed, ADD_SC(x, 1), AMOADD(1, x, 0x100), AMOADD32(x, 1, 1), AMOADD32(x, 0, 0x10000), m->x != 0x100010101)

const LitmusTest litmus_tests[] = {
    LITMUS_ROW2(mp_fence, "MP+fence.rw.rws"), LITMUS_ROW2(mp_fence_kinds, "MP+fence.w.w+fence.r.r"), LITMUS_ROW2(mp_tso, "MP+fence.tsos"), LITMUS_ROW2(mp_amo, "MP+amo.rl+amo.aq"),
    LITMUS_ROW2(mp_sc, "MP+sc.rl+amo.aq"), LITMUS_ROW2(mp_address, "MP+fence.w.w+addr"),
    LITMUS_ALLOWED2(sb_plain, "SB (allowed)"), LITMUS_ALLOWED2(sb_tso, "SB+fence.tsos (allowed)"),
    LITMUS_ROW2(sb_fence, "SB+fence.rw.rws"), LITMUS_ROW2(sb_fence_wr, "SB+fence.w.r+fence.iorw.iorw"), LITMUS_ROW2(sb_amo, "SB+amo.aqrls"),
    LITMUS_ROW2(sb_amo_rcsc, "SB+amo.rl-amo.aqs"), LITMUS_ROW2(sb_sc, "SB+sc.rl-fence.w.rs"),
    LITMUS_ROW2(sb_lr, "SB+lr.aqrls"), LITMUS_ROW2(sb_release, "SB+sd.rl-ld.aqs"),
    LITMUS_ROW2(lb_fence, "LB+fence.rw.rw+fence.r.w"), LITMUS_ROW2(lb_data, "LB+datas"), LITMUS_ROW2(lb_amo, "LB+amo.aq+amo.rl"),
    LITMUS_ROW2(s_fence, "S+fence.w.w+fence.r.w"), LITMUS_ROW2(s_data, "S+amo.rl+data"), LITMUS_ROW2(r_fence, "R+fence.w.w+fence.w.r"), LITMUS_ROW2(r_amo, "R+amo.rl+amo.aqrls"),
    LITMUS_ROW2(w2_fence, "2+2W+fence.w.ws"),
    LITMUS_ROW2(corr, "CoRR"), LITMUS_ROW2(cowr, "CoWR"), LITMUS_ROW2(corw, "CoRW"), LITMUS_ROW2(coww, "CoWW"),
    LITMUS_ROW2(whole, "64 bits are seen whole"), LITMUS_ROW2(halves, "halves in order, read whole"), LITMUS_ROW2(mixed_mp, "MP of a byte, read as a word"),
    LITMUS_ROW2(mixed_sb, "SB+fence.rw.rws of a byte and a word"),
    LITMUS_ROW2(add_amo, "AMOADD"), LITMUS_ROW2(add_sc, "LR, SC"), LITMUS_ROW2(sc_against_write, "SC against SD"),
    LITMUS_ROW3(wrc_fence, "WRC+fence.r.w+fence.r.r"), LITMUS_ROW3(wrc_dependencies, "WRC+data+addr"), LITMUS_ROW3(isa2, "ISA2+fence.w.w+data+addr"),
    LITMUS_ROW4(iriw_fence, "IRIW+fence.r.rs"), LITMUS_ROW4(iriw_amo, "IRIW+amo.aqs"), LITMUS_ROW4(add_mixed, "LR and SC, AMOADD.D, AMOADD.W"),
    { 0 },
};

/* ---- for litmus.c ---- */

void litmus_start(unsigned n, void (*run)(unsigned n)) { start_hart(n, run); }
uint64_t litmus_ticks(void) { return read_time(); }
uint64_t litmus_ticks_per_second(void) { return 10000000; }
void litmus_yield(void) { asm volatile(".insn 0x0100000f" ::: "memory"); }      /* PAUSE */

void litmus_check(bool good, const char *name, unsigned seen, unsigned rounds)
{
    check(good, "%s", name);
    print("# seen %u times in %u rounds\n", seen, rounds);
}

const Subject subjects[] = { { "litmus", litmus_run_all }, { NULL, NULL } };
