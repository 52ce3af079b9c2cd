/*
 * Control transfer records (volume II, "Smctr"): what is recorded of which mode, filters, the emulated stack of return addresses, freezing, the registers.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "runtime.h"

#define SCTRCTL 0x14e
#define SCTRSTATUS 0x14f
#define SCTRDEPTH 0x15f
#define VSCTRCTL 0x24e
#define MCTRCTL 0x34e
#define SISELECT 0x150
#define MSTATEEN0 0x30c
#define HSTATEEN0 0x60c
#define SCTRCLR ".word 0x10400073\n"
enum { CTL_U = 1, CTL_S = 2, CTL_M = 4, RASEMU = 1 << 7, STE = 1 << 8, MTE = 1 << 9, BPFRZ = 1 << 11 };
#define FROZEN ((Word)1 << 31)
enum { EXCEPTION = 1, INTERRUPT, TRAP_RETURN, NOT_TAKEN, TAKEN, INDIRECT_CALL = 8, DIRECT_CALL, INDIRECT_JUMP, DIRECT_JUMP, SWAP, RETURN, OTHER_INDIRECT, OTHER_DIRECT };

/* ---- code that has one of each ---- */

#define JUMPS(name, option) \
    ".option push\n.option " option "\n.balign 4\n.globl " name "\n" name ": mv t2, ra\n" \
    name "_a: j " name "_1\n" name "_1:\n" name "_b: jal ra, " name "_2\n" name "_2:\n" name "_c: jal t1, " name "_3\n" name "_3: la t3, " name "_4\n" \
    name "_d: jalr ra, 0(t3)\n" name "_4: la t3, " name "_5\n" name "_e: jr t3\n" name "_5: la t3, " name "_6\n" name "_f: jalr t1, 0(t3)\n" \
    name "_6: la t0, " name "_7\n" name "_g: jalr ra, 0(t0)\n" name "_7: la ra, " name "_8\n" name "_h: jr ra\n" name "_8: li a5, 0\n" name "_i: beqz a5, " name "_9\n" \
    name "_9:\n" name "_k: bnez a5, " name "_9\n" name "_10: mv ra, t2\n" name "_l: ret\n.option pop\n" \
    ".data\n.balign 8\n.globl " name "_places\n" name "_places:\n" \
    PLACE(name, "a", "1") PLACE(name, "b", "2") PLACE(name, "c", "3") PLACE(name, "d", "4") PLACE(name, "e", "5") PLACE(name, "f", "6") PLACE(name, "g", "7") \
    PLACE(name, "h", "8") PLACE(name, "i", "9") PLACE(name, "k", "10") PLACE(name, "l", "l") ".text\n"
#if RV64
#define PLACE(name, from, to) ".dword " name "_" from ", " name "_" to "\n"
#else
#define PLACE(name, from, to) ".word " name "_" from ", " name "_" to "\n"
#endif
asm(JUMPS("long_jumps", "norvc") JUMPS("short_jumps", "rvc"));
enum { NR_JUMPS = 11 };
static const uint8_t types[NR_JUMPS] = { DIRECT_JUMP, DIRECT_CALL, OTHER_DIRECT, INDIRECT_CALL, INDIRECT_JUMP, OTHER_INDIRECT, SWAP, RETURN, TAKEN, NOT_TAKEN, RETURN };
typedef struct Place { Word from, to; } Place;
extern const Place long_jumps_places[NR_JUMPS], short_jumps_places[NR_JUMPS];
Word long_jumps(Word a);
Word short_jumps(Word a);
extern char lower_return[];

/* ---- the buffer ---- */

typedef struct Record { Word source, target, data; } Record;
static Record record(unsigned n)
{
    csr_write(SISELECT, 0x200 + n);
    return (Record){ csr_read(0x151), csr_read(0x152), csr_read(0x153) };
}
static unsigned nr_records(void)
{
    unsigned n = 0;
    while (n < 16 && (record(n).source & 1)) {
        n++;
    }
    return n;
}

static void check_record(unsigned n, const char *name, unsigned type, Word source, Word target)
{
    Record r = record(n);
    bool good = r.source == (source | 1) && r.target == target && r.data == type;
    check(good, "%s", name);
    if (!good) {
        print("# 0x%lx to 0x%lx, type %lu; not 0x%lx to 0x%lx, type %u\n", r.source, r.target, r.data, source | 1, target, type);
    }
}

static void begin(Word control)
{
    csr_write(MCTRCTL, 0);
    csr_write(VSCTRCTL, 0);
    csr_write(SCTRDEPTH, 0);
    csr_write(SCTRSTATUS, 0);
    csr_write(MSTATEEN0, -1);
#if !RV64
    csr_write(0x31c, -1);
    csr_write(0x61c, -1);
#endif
    csr_write(HSTATEEN0, -1);
    asm volatile(SCTRCLR);
    csr_write(MCTRCTL, control);
}

/* ---- jumps ---- */

static void check_jumps(const Place *places, bool not_taken)
{
    static const char *const names[NR_JUMPS] = { "J", "JAL", "JAL t1", "JALR", "JR", "JALR t1", "a swap of coroutines", "JR ra", "a branch", "a branch not taken", "RET" };
    unsigned at = 0;
    for (unsigned n = NR_JUMPS; n-- > 0;) {
        if (types[n] != NOT_TAKEN || not_taken) {
            check_record(at++, names[n], types[n], places[n].from, n == NR_JUMPS - 1 ? (Word)lower_return : places[n].to);
        }
    }
    check_is("nothing else", nr_records(), at);
}

static void jumps(void)
{
    begin(CTL_S);
    run_in(MODE_S, long_jumps, 0);
    check_jumps(long_jumps_places, false);
    begin(CTL_S);
    run_in(MODE_S, short_jumps, 0);
    check_jumps(short_jumps_places, false);
    begin(CTL_S);
    run_in(MODE_U, long_jumps, 0);
    check_is("none of U-mode", nr_records(), 0);
    begin(CTL_U);
    run_in(MODE_U, long_jumps, 0);
    check_is("by its own bit", nr_records(), NR_JUMPS - 1);
    begin(CTL_S);
    csr_write(SCTRSTATUS, FROZEN);
    run_in(MODE_S, long_jumps, 0);
    check_is("none when frozen", nr_records(), 0);
    begin(CTL_M);
    long_jumps(0);
    csr_write(MCTRCTL, 0);
    check(nr_records() >= NR_JUMPS - 1, "M-mode, too");
}

#if RV64
static void filters(void)
{
    begin(CTL_S | (Word)1 << (32 + NOT_TAKEN));
    run_in(MODE_S, long_jumps, 0);
    check_jumps(long_jumps_places, true);
    for (unsigned type = TAKEN; type <= OTHER_DIRECT; type++) {
        unsigned those = 0, left = 0;
        for (unsigned n = 0; n < NR_JUMPS; n++) {
            those += types[n] == type;
        }
        if (!those) {
            continue;
        }
        begin(CTL_S | (Word)1 << (32 + type));
        run_in(MODE_S, short_jumps, 0);
        unsigned total = nr_records();
        for (unsigned n = 0; n < total; n++) {
            left += record(n).data == type;
        }
        check(total == NR_JUMPS - 1 - those && !left, "type %u can be kept out", type);
    }
}
#endif

/* ---- traps ---- */

static Word __attribute__((noinline, noclone)) illegal(Word a) { asm volatile(".globl the_illegal\nthe_illegal: .word 0"); return a; }
static Word __attribute__((noinline, noclone)) breaks(Word a) { asm volatile(".globl the_break\nthe_break: ebreak"); return a; }
static Word __attribute__((noinline, noclone)) interrupt_itself(Word a)
{
    csr_set(sie, 1 << IRQ_SSOFT);
    csr_set(sip, 1 << IRQ_SSOFT);
    csr_set(sstatus, MSTATUS_SIE);
    return a;
}
extern char the_illegal[], the_break[], sret_here[], after_sret[];
static Word to_user(Word a)
{
    asm volatile("la t0, after_sret\ncsrw sepc, t0\ncsrc sstatus, %0\n"
                 ".globl sret_here\nsret_here: sret\n.globl after_sret\nafter_sret: li a7, 1\necall" :: "r"(MSTATUS_SPP) : "t0", "a7");
    return a;
}

static void trap_with(Mode mode, Word control, bool delegated)
{
    begin(0);
    delegate(delegated ? 1 << ILLEGAL : 0, 0);
    csr_write(MCTRCTL, control);
    run_in(mode, illegal, 0);
}

static void traps(void)
{
    trap_with(MODE_S, CTL_S, true);
    check_record(0, "from S to S", EXCEPTION, (Word)the_illegal, (Word)supervisor_entry);
    trap_with(MODE_U, CTL_S | CTL_U, true);
    check_record(0, "from U to S", EXCEPTION, (Word)the_illegal, (Word)supervisor_entry);
    trap_with(MODE_U, CTL_S, true);
    check_record(0, "from U, which is not recorded", EXCEPTION, 0, (Word)supervisor_entry);
    trap_with(MODE_U, CTL_U, true);
    check_is("to S, which is not", nr_records(), 0);
    trap_with(MODE_U, CTL_U | STE, true);
    check_record(0, "but with STE", EXCEPTION, (Word)the_illegal, 0);
    trap_with(MODE_U, CTL_U | MTE, false);
    check_is("to M: not by MTE alone", nr_records(), 0);
    trap_with(MODE_U, CTL_U | MTE | STE, false);
    check_record(0, "but by both", EXCEPTION, (Word)the_illegal, 0);
    trap_with(MODE_S, CTL_S | MTE, false);
    check_record(0, "from S to M by MTE", EXCEPTION, (Word)the_illegal, 0);
    begin(0);
    delegate(0, 1 << IRQ_SSOFT);
    csr_write(MCTRCTL, CTL_S);
    run_in(MODE_S, interrupt_itself, 0);
    csr_clear(mip, 1 << IRQ_SSOFT);
    check_is("an interrupt", record(0).data, INTERRUPT);
    check_is("goes to its handler", record(0).target, (Word)supervisor_entry);
    delegate(0, 0);
}

static void returns(void)
{
    begin(CTL_S | CTL_U);
    run_in(MODE_S, to_user, 0);
    check_record(0, "SRET", TRAP_RETURN, (Word)sret_here, (Word)after_sret);
    check_is("MRET from where nothing is recorded is not", nr_records(), 1);
    begin(CTL_S);
    run_in(MODE_S, to_user, 0);
    check_record(0, "to U, which is not recorded", TRAP_RETURN, (Word)sret_here, 0);
}

/* ---- the rest of control ---- */

static void stack(void)
{
    begin(CTL_S | RASEMU);
    run_in(MODE_S, long_jumps, 0);
    /* Two calls; the second becomes the swap's; both are taken back. */
    check_is("calls and returns cancel each other", csr_read(SCTRSTATUS), 0);
    check_is("what was taken back is not valid", record(0).source & 1, 0);
    Record r = record(14);
    check(!(r.source & 1) && r.data == SWAP && r.source == long_jumps_places[6].from, "the swap took the last call's place");
    r = record(15);
    check(!(r.source & 1) && r.data == DIRECT_CALL && r.source == long_jumps_places[1].from, "the first call is below");
}

static void freezing(void)
{
    begin(CTL_S | BPFRZ | MTE);
    run_in(MODE_S, illegal, 0);
    check_is("an exception freezes nothing", csr_read(SCTRSTATUS), 1);
    begin(CTL_S | BPFRZ | MTE);
    run_in(MODE_S, breaks, 0);
    check_is("a breakpoint does, and is not recorded", csr_read(SCTRSTATUS), FROZEN);
    begin(CTL_S | MTE);
    run_in(MODE_S, breaks, 0);
    check_is("without BPFRZ it is one as others", csr_read(SCTRSTATUS), 1);
    check_record(0, "and recorded", EXCEPTION, (Word)the_break, 0);
}

static void depth(void)
{
    begin(CTL_S);
    run_in(MODE_S, long_jumps, 0);
    run_in(MODE_S, long_jumps, 0);
    csr_write(MCTRCTL, 0);
    check_is("the pointer wraps around", csr_read(SCTRSTATUS), (2 * (NR_JUMPS - 1)) & 15);
    check_is("and older records are lost", record(15).source, long_jumps_places[4].from | 1);
    check_is("there is nothing behind the last", record(16).source, 0);
    csr_write(SISELECT, 0x210);
    csr_write(0x151, 0x1235);
    check_is("nor can it be written", csr_read(0x151), 0);
    csr_write(SCTRDEPTH, 4);
    csr_write(SISELECT, 0x2ff);
    csr_write(0x151, 0x1235);
    check_is("256 records", csr_read(0x151), 0x1235);
    csr_write(SCTRDEPTH, 7);
    check_is("are the most", csr_read(SCTRDEPTH), 4);
    csr_write(SCTRSTATUS, -1);
    check_is("sctrstatus", csr_read(SCTRSTATUS), FROZEN | 255);
    csr_write(SCTRDEPTH, 0);
    check_is("its pointer fits the depth", csr_read(SCTRSTATUS), FROZEN | 15);
    csr_write(SISELECT, 0x200);
    csr_write(0x155, -1);
    check_is("sireg4 is 0", csr_read(0x155), 0);
    csr_write(MCTRCTL, CTL_M | CTL_S | CTL_U | MTE);
    csr_set(SCTRSTATUS, FROZEN);
    check_is("sctrctl has not M's bits", csr_read(SCTRCTL), CTL_S | CTL_U);
    csr_write(SCTRCTL, STE);
    check_is("nor changes them", csr_read(MCTRCTL), CTL_M | MTE | STE);
    csr_write(MCTRCTL, 0);
}

/* ---- who may ---- */

static Word clear_all(Word a) { asm volatile(SCTRCLR); return a; }
static Word read_depth(Word a) { return csr_read(SCTRDEPTH); }
static Word read_status(Word a) { return csr_read(SCTRSTATUS); }
static Word write_control(Word a) { csr_write(SCTRCTL, a); return csr_read(SCTRCTL); }
static Word read_entry(Word a) { csr_write(SISELECT, 0x200); return csr_read(0x151); }

static void close_ctr(bool guest_only)
{
    Word bit = RV64 ? (Word)1 << (54 % XLEN) : (Word)1 << 22;
#if RV64
    csr_clear(HSTATEEN0, bit);
    csr_clear(MSTATEEN0, guest_only ? 0 : bit);
#else
    csr_clear(0x61c, bit);
    csr_clear(0x31c, guest_only ? 0 : bit);
#endif
}

static void access(void)
{
    begin(0);
    run_in(MODE_S, read_entry, 0);
    check_returned("S-mode reaches records", 0);
    run_in(MODE_U, clear_all, 0);
    check_trap("U-mode has no SCTRCLR", TO_M, ILLEGAL, 0x10400073);
    close_ctr(false);
    run_in(MODE_S, clear_all, 0);
    check_trap("nor has S-mode without mstateen0.CTR", TO_M, ILLEGAL, 0x10400073);
    run_in(MODE_S, read_status, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "nor sctrstatus");
    run_in(MODE_S, read_entry, 0);
    check(outcome.level == TO_M && outcome.cause == ILLEGAL, "nor records");
    begin(0);
}

static void guest(void)
{
    if (!has_letter('H')) {
        return;
    }
    begin(0);
    run_in(MODE_VS, write_control, CTL_S);
    check_returned("VS-mode's sctrctl", CTL_S);
    check_is("is vsctrctl", csr_read(VSCTRCTL), CTL_S);
    check_is("and not sctrctl", csr_read(SCTRCTL), 0);
    begin(0);
    csr_write(VSCTRCTL, CTL_S);
    run_in(MODE_VS, long_jumps, 0);
    check_jumps(long_jumps_places, false);
    begin(0);
    csr_write(VSCTRCTL, CTL_S);
    run_in(MODE_S, long_jumps, 0);
    check_is("S-mode is not the guest's", nr_records(), 0);
    begin(0);
    csr_write(VSCTRCTL, CTL_U | STE);
    csr_write(MCTRCTL, MTE);
    run_in(MODE_VU, illegal, 0);
    check_is("a guest's trap to M: not without all three", nr_records(), 0);
    begin(0);
    csr_write(VSCTRCTL, CTL_U | STE);
    csr_write(MCTRCTL, MTE | STE);
    run_in(MODE_VU, illegal, 0);
    check_record(0, "but with them", EXCEPTION, (Word)the_illegal, 0);
    begin(0);
    run_in(MODE_VS, read_depth, 0);
    check(outcome.level == TO_M && outcome.cause == VIRTUAL, "the depth is the hypervisor's affair");
    run_in(MODE_VU, clear_all, 0);
    check(outcome.level == TO_M && outcome.cause == VIRTUAL, "VU-mode has no SCTRCLR");
    run_in(MODE_VS, clear_all, 7);
    check_returned("VS-mode has", 7);
    run_in(MODE_VS, read_entry, 0);
    check_returned("and the records", 0);
    close_ctr(true);
    run_in(MODE_VS, read_entry, 0);
    check(outcome.level == TO_M && outcome.cause == VIRTUAL, "not without hstateen0.CTR");
    begin(0);
}

const Subject subjects[] = {
    { "jumps", jumps },
#if RV64
    { "filters", filters },
#endif
    { "traps", traps }, { "returns", returns }, { "return-address stack", stack }, { "freezing", freezing }, { "registers", depth }, { "access", access }, { "guest", guest },
    { NULL, NULL },
};
