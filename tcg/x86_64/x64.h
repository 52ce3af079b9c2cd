/*
 * The x86-64 back end: what its files share.
 *
 * A block is compiled in three walks: forwards, values that are others seen differently (aliases); backwards, how long values live and which ops are done where they
 * are used (analyze.c); forwards, registers and code (select.c and the files by subject). Nothing is allocated per op.
 *
 * Registers: rsp the frame; rbp the CPU struct (from Cpu + bias); r14 the TLB; rax, xmm14, xmm15 scratch; the first slots by priority have registers of their own
 * (pins) from unit to unit; the rest holds values.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_X86_64_X64_H
#define TCG_X86_64_X64_H

#include "tcg/backend.h"
#include "tcg/x86_64/emit.h"

/* How many slots live in registers across units: 0 to 8. */
#define X64_PINS 8

enum { REG_ENV = RBP, REG_TLB = R14 };

/* ---- the host ---- */
enum {
    HOST_SSSE3 = 1 << 0, HOST_SSE41 = 1 << 1, HOST_SSE42 = 1 << 2, HOST_AES = 1 << 3, HOST_CLMUL = 1 << 4, HOST_AVX = 1 << 5, HOST_AVX2 = 1 << 6, HOST_FMA = 1 << 7,
    HOST_BMI1 = 1 << 8, HOST_BMI2 = 1 << 9, HOST_LZCNT = 1 << 10, HOST_POPCNT = 1 << 11,
    HOST_CX16 = 1 << 12, HOST_VAES = 1 << 13, HOST_VPCLMUL = 1 << 14, HOST_GFNI = 1 << 15, HOST_AVX512 = 1 << 16 /* BW and VL: masks by byte on 16 and 32 bytes */,
};
uint32_t x64_host_features(void);
extern uint32_t x64_allowed_features;       /* of them: tests take some away, before the back end is made */

/* ---- the frame of running code, from rsp ---- */
enum {
    SPILL_WORDS = 256, SPILL_VECTORS = 96,
    FRAME_ARGS = 0,                             /* stack arguments of C functions */
    FRAME_OLD_RSP = 64,
    FRAME_X87 = 80,                             /* 16 bytes: an operand of the x87 */
    FRAME_GPR = 128,                            /* 16 words: registers on a slow path */
    FRAME_YMM = 256,                            /* 16 x 32 bytes */
    FRAME_WORDS = FRAME_YMM + 512,
    FRAME_VECTORS = FRAME_WORDS + 8 * SPILL_WORDS,
    FRAME_BYTES = FRAME_VECTORS + 32 * SPILL_VECTORS,
};
_Static_assert(FRAME_VECTORS % 32 == 0 && FRAME_BYTES % 64 == 0, "vectors are aligned");

/* ---- what was settled when the back end was made ---- */
typedef struct X64 {
    const TcgTarget *target;
    uint32_t host;
    int32_t bias;                               /* rbp = Cpu + bias */
    bool counts_helpers;
    unsigned nr_pins;
    uint8_t pin_reg[TCG_MAX_SLOTS];             /* by slot: its register, or NO_REG */
    uint16_t pin_slot[16];                      /* by register: the slot it is pinned to, or TCG_MAX_SLOTS */
    uint32_t pins;                              /* mask of those registers */
    uint16_t first_flags_slot;
    uint8_t carry_reg[TCG_MAX_SLOTS];           /* by slot: the vector register in which it may go from unit to unit, or NO_REG; its bit; with those that come with it */
    uint32_t carry_own[TCG_MAX_SLOTS], carry_bits[TCG_MAX_SLOTS];
    uint32_t carry_of_reg[16];                  /* by vector register: the bits of its slots */
    const uint8_t *stubs; size_t stubs_size;    /* the area of stubs, executable */
    intptr_t to_write;                          /* from executable to writable addresses */
    /* Stubs, in the executable mapping. */
    const void *enter;                          /* (Cpu + bias, code) */
    const uint8_t *leave_pins, *leave_now;      /* leave with rax the kind: pins stored; state complete */
    const uint8_t *leave_from_c;                /* (frame, kind) */
    const uint8_t *way_out[3], *kicked[3];      /* by log2 of the program counter's bytes - 1; rax: the exit; the unit's offset in its page */
    const uint8_t *slow, *slow_vectors;         /* called; a record follows */
    const uint8_t *refill[2][16];               /* by write and register, called: see memory.c */
    const uint8_t *peek[2][6];                  /* called, by whether a store and by log2 of bytes: rax from the guest's address to the host's; equal: it is */
    const uint8_t *lookup;                      /* rcx: pc */
    const uint8_t *next;                        /* rax: the kind of the exit */
} X64;
extern X64 x64;
static inline int32_t env_offset(int64_t offset_in_cpu) { return (int32_t)(offset_in_cpu - x64.bias); }
static inline Place at_env(int64_t offset_in_cpu) { return at_mem(REG_ENV, env_offset(offset_in_cpu)); }
static inline Place at_hot(int32_t offset) { return at_env(offset); }
#define AT_HOT(field) at_hot(TCG_HOT_OFFSET(field))

/* ---- values ---- */
typedef enum ValueForm {
    FORM_NORMAL,        /* made where it stands */
    FORM_ALIAS,         /* another value */
    FORM_RECIPE,        /* only faults want it: described in their records; an EXT_U, exits too */
    FORM_FLAGS,         /* flags that are made anew where they are wanted */
    FORM_FUSED,         /* a condition, address or scaled index that its users do themselves */
} ValueForm;

typedef struct Value {
    uint32_t root;      /* itself, or the value that it is an alias of */
    uint32_t last;      /* the last op that wants it; of a SLOT_STORE or the entry: how long the home is wanted */
    uint16_t uses, special_uses;        /* by operands; of these, where it could be fused */
    uint8_t form;
    uint8_t reg;        /* where it is now, or NO_REG */
    uint8_t hint;       /* where it would best be */
    bool at_point;      /* recovery or an exit names it */
    bool at_exit;       /* an exit that is no fault wants it */
    bool wide;          /* a vector of 128 bits or less that is a V256 too, with 0 above, as VEX instructions leave it in the register: so in memory, too */
    uint8_t keep;       /* FMA: the operand whose lanes above stay in the result's register (1 to 3), or 0: any */
    int16_t spill;      /* index of its spill slot (words, or vectors), or -1 */
    int16_t lazy;       /* its slot while it has to be read from its home still, or -1 */
    uint32_t pair;      /* FL_*: the arithmetic op with the same operands before it, or 0; the op: its flags */
    uint32_t group;     /* LOAD, STORE: the INSN_START that stands for the host's address that they share, or 0 */
    int32_t group_low, group_span;      /* of that: the range that is checked, from the base */
    bool pair_known;    /* FL_*: operands are worked out from the pair's result */
} Value;

typedef struct Compiler {
    Emitter e;
    const IrBlock *block;
    const TcgUnit *unit;
    uint32_t at;                        /* the op that is compiled */
    uint32_t n;
    Value *v; uint32_t max_values;

    /* Registers, 0 to 15 and 16 to 31: masks. */
    uint32_t reg_value[32];
    uint32_t occupied, locked, temps;
    uint32_t home_end[16];              /* by pinned register: until when it holds its slot's home */
    uint32_t pin_locked;                /* those that do now */
    uint64_t words_used[SPILL_WORDS / 64]; uint64_t vectors_used[2];
    uint32_t spilled[SPILL_WORDS + SPILL_VECTORS]; uint32_t nr_spilled;
    IrRef slot_reader[TCG_MAX_SLOTS];   /* the value that is still to be read from a slot's home, or 0 */

    IrRef host_flags;                   /* the FLAGS value that the host's flags are now, or 0 */
    IrRef slots[TCG_MAX_SLOTS];         /* as of the current point */
    uint64_t active[TCG_MAX_SLOTS / 64];        /* which are not in their homes */
    uint32_t point;                     /* number of the next point */
    uint32_t tlb_priv;                  /* whose TLB r14 is, or UINT32_MAX */
    bool uses_memory, uses_ymm, failed;
    Label kick, body;
    uint32_t carried, carrying;         /* bits of the slots whose registers hold what their homes do; these registers */
    unsigned nr_quick; uint8_t quick_slot[TCG_QUICK_SLOTS]; uint32_t quick_at[TCG_QUICK_SLOTS], quick_pad[TCG_QUICK_SLOTS];   /* entries behind loads */
    uint32_t skip;                      /* the op that an earlier one has done */
    uint32_t last_memory;               /* the last access of the block */
    uint32_t *exit_patch; Label *exit_stub; uint32_t max_exits;     /* by exit: where its jump's distance lies (0: none), its way out */
    uint32_t *exit_carried;             /* and what is carried there */
} Compiler;

static inline Value *value_of(Compiler *c, IrRef r) { return &c->v[c->v[r].root]; }
static inline IrRef root_of(const Compiler *c, IrRef r) { return ir_is_const(r) ? r : c->v[r].root; }
static inline const IrInsn *insn_of(const Compiler *c, IrRef r) { return &c->block->insns[r]; }
static inline IrType type_of(const Compiler *c, IrRef r) { return ir_type(c->block, r); }
static inline bool is_const(const Compiler *c, IrRef r, uint64_t *value)
{
    if (!ir_is_const(r)) {
        return false;
    }
    *value = ir_const_value(c->block, r)->lo;
    return true;
}
static inline bool dies(Compiler *c, IrRef r) { return ir_is_const(r) || value_of(c, r)->last <= c->at; }
static inline bool is_vector(IrType t) { return t == IR_F32 || t == IR_F64 || t == IR_V64 || t == IR_V128 || t == IR_V256; }
/* Values that never are in a register. */
static inline bool is_memory_type(IrType t) { return t == IR_I128 || (t == IR_V256 && !(x64.host & HOST_AVX)); }
static inline unsigned slot_bytes(IrType t)
{
    return t == IR_FLAGS ? 2 : t == IR_I32 || t == IR_F32 ? 4 : t == IR_V128 || t == IR_I128 ? 16 : t == IR_V256 ? 32 : 8;
}
static inline uint32_t next_insn(const Compiler *c, uint32_t i)
{
    do {
        i++;
    } while (i < c->n && c->block->insns[i].op == IR_NOP);
    return i;
}

/* ---- analyze.c ---- */
void x64_analyze(Compiler *c);

/* ---- alloc.c ---- */
void alloc_start(Compiler *c);
/* A register of the kind, NO_REG hints allowed; not free until the op is over (temp) or defined. */
unsigned alloc_gpr(Compiler *c, unsigned hint);
unsigned alloc_xmm(Compiler *c, unsigned hint);
/* This register, free: what is in it goes elsewhere. */
void alloc_fixed(Compiler *c, unsigned reg);
void temp_free(Compiler *c, unsigned reg);
/* The value of the current op (or another) is in reg from now on. */
void define(Compiler *c, IrRef r, unsigned reg);
void define_spilled(Compiler *c, IrRef r);          /* in its spill slot: value_place */
void end_op(Compiler *c);                           /* drops what is not wanted any more */
void evict(Compiler *c, unsigned reg);              /* into another place */
void spill(Compiler *c, unsigned reg);              /* into memory */
void spill_call(Compiler *c);                       /* all that C code does not keep and that is wanted later */
void force(Compiler *c, IrRef r);                   /* no more in its slot's home */
/* Operands. They stay where they are until the op is over. */
unsigned use_gpr(Compiler *c, IrRef r);
unsigned use_xmm(Compiler *c, IrRef r);
Place use_place(Compiler *c, IrRef r, unsigned width, bool imm);    /* register or memory of at least that width (log2), or immediate */
Place use_xmm_place(Compiler *c, IrRef r, unsigned bytes);
/* A register that holds a copy of r which may be changed: r's own when r is not wanted any more. The result is to be defined. */
unsigned use_copy(Compiler *c, IrRef r, bool wide);
unsigned use_copy_xmm(Compiler *c, IrRef r);
void load_value(Compiler *c, unsigned reg, IrRef r, bool wide);     /* into a certain register; changes nothing else. rax may be used */
void load_value_xmm(Compiler *c, unsigned reg, IrRef r);
G_NORETURN void nowhere(const Compiler *c, IrRef r);    /* a fault of ours: the block is printed */
Place spill_place(Compiler *c, IrRef r);            /* the place of a value that is spilled */
Place scratch_vector(Compiler *c, unsigned n);      /* 32 bytes of the frame for the time of an op */
bool pin_free_after(const Compiler *c, unsigned reg);
static inline unsigned hint_of(Compiler *c, IrRef r) { return c->v[r].hint; }
/* The register for the value of the op at hand, where one instruction reads its operands and writes it: perhaps one of theirs. */
unsigned result_gpr(Compiler *c);
unsigned result_xmm(Compiler *c);
/* Where a value is now; nothing changes. Integers: register, memory, immediate, pool. */
Place peek_place(Compiler *c, IrRef r, unsigned width);
void home_changes(Compiler *c, unsigned slot);      /* before the slot's home in memory is written */

/* Moves that happen at once: into `to` from a value, or from a register. */
typedef struct Move { uint8_t to, from; bool narrow; IrRef value; } Move;         /* value 0: from `from`; narrow: of 32 bits, the rest 0 */
void move_all(Compiler *c, Move *moves, unsigned n);
enum { CALLEE_SAVED = 1 << RBX | 1 << R12 | 1 << R13 | 1 << R15 };

/* ---- carry.c: vector slots in registers from unit to unit ---- */
void carry_choose(const TcgTarget *target);
void carry_lost(Compiler *c, unsigned reg);         /* the register is about to hold something else */
void carry_loaded(Compiler *c, unsigned reg, unsigned slot);
void carry_home_changed(Compiler *c, unsigned slot);
void carry_entry(Compiler *c);
uint32_t carry_exit(Compiler *c);
void carry_fill(const Compiler *c, TcgUnit *unit, uint32_t (*resolve)(const Emitter *e, uint32_t at));
const uint8_t *carry_entry_for(const UnitExit *exit, const TcgUnit *target, bool forwards);
void emit_kick_check(Compiler *c);                  /* control.c: ENTRY_CHECK_BYTES long */

/* ---- moves of vectors (vector.c) ---- */
void vmov(Compiler *c, unsigned to, unsigned from, IrType t);
void vload(Compiler *c, unsigned to, Place mem, unsigned bytes);    /* 4, 8: rest zero */
void vstore(Compiler *c, Place mem, unsigned from, unsigned bytes);
void vop3(Compiler *c, uint32_t op, bool wide, unsigned to, unsigned a, Place b, int imm);     /* imm -1: none */

void emit_multiply_add(Compiler *c, const IrInsn *insn, uint32_t op, unsigned bytes);

/* ---- by subject: true when the op is theirs ---- */
bool emit_integer(Compiler *c, const IrInsn *insn);
bool emit_bits(Compiler *c, const IrInsn *insn);
bool emit_division(Compiler *c, const IrInsn *insn);
bool emit_flags_op(Compiler *c, const IrInsn *insn);
bool emit_memory(Compiler *c, const IrInsn *insn);
bool emit_float(Compiler *c, const IrInsn *insn);
bool emit_vector(Compiler *c, const IrInsn *insn);
void emit_call(Compiler *c, const IrInsn *insn);
bool emit_x87(Compiler *c, const IrCall *call);     /* x87.c: true where no call is needed */
/* Whether the op is a call of C code: what registers hold is lost. */
static inline bool is_c_call(const Compiler *c, const IrInsn *insn)
{
    return insn->op == IR_CALL && c->block->calls[insn->a].helper->x87 == IR_X87_NONE;
}
void emit_slot_store(Compiler *c, const IrInsn *insn);
void emit_state(Compiler *c, const IrInsn *insn);   /* vector.c: STATE_READ, STATE_WRITE */
void emit_exit(Compiler *c, const IrInsn *insn);
void emit_entry(Compiler *c);
/* By C code, op by op: whatever has no code of its own or whose instruction the host lacks. */
void emit_fallback(Compiler *c, const IrInsn *insn);

/* ---- flags.c ---- */
/* Before code that changes the host's flags: what is wanted of them later is kept. */
void flags_clobber(Compiler *c);
/* The host's flags become this value. May use rax and temps. */
void flags_to_host(Compiler *c, IrRef flags);
void carry_to_host(Compiler *c, IrRef flags);      /* the carry at least */
/* What the host's flags are is wanted later, but they are about to change: kept aside. */
void flags_keep(Compiler *c);
/* A register with the form that slots have. */
unsigned flags_to_gpr(Compiler *c, IrRef flags);
/* Stores it. May use rax only; registers keep what they hold. */
void flags_store(Compiler *c, IrRef flags, Place mem);
/* Makes the host's flags say whether an I32 is not 0, the cheapest way: the host's condition. */
unsigned condition_to_host(Compiler *c, IrRef cond);
/* The flags that come with the op at hand and are wanted, where the host's instruction of its width makes them; else 0. */
uint32_t flags_of_pair(const Compiler *c, const IrInsn *insn);

/* ---- recovery.c: records of what is to be done off the path ---- */
enum { RECORD_LOAD, RECORD_STORE, RECORD_STORE_MASKED, RECORD_PROBE, RECORD_ATOMIC, RECORD_CAS, RECORD_DIVIDE, RECORD_FAULT };
/* In the cold buffer: a call of the slow stub and its record, as the state is now. result: a register, or NO_REG: the spill place of the op's value. */
typedef struct Record { uint8_t kind; IrType type; const IrMem *mem; int op; unsigned address, result, result2; IrRef x, y, z; uint32_t reason; Label resume; } Record;
void emit_record(Compiler *c, const Record *r);
void use_places_for_record(Compiler *c, IrRef r);
uint64_t x64_slow(uint8_t *frame, const uint8_t *record, uint8_t *env);

/* ---- relocate.c ---- */
bool x64_relocations(const Emitter *e, const TcgReloc **relocs, uint32_t *count);
bool x64_relocate(TcgUnit *unit, const TcgReloc *relocs, uint32_t count);

/* ---- stubs.c, run.c ---- */
bool x64_make_stubs(CodeArea *area, GError **err);
TcgCompiled x64_compile(const IrBlock *block, CodeArea *area, TcgUnit *unit);
/* A unit begins with pc_base made from the pc in rcx, for the jump cache; then comes the look at the kick flag. */
enum { ENTRY_BASE_BYTES = 14, ENTRY_CHECK_BYTES = 13, ENTRY_BYTES = ENTRY_BASE_BYTES + ENTRY_CHECK_BYTES };

#endif
