/*
 * What the files that translate x86 instructions share: the context of the block and of the instruction, operands, addresses, ways to end.
 *
 * How an instruction comes here: decode.c reads prefixes, finds the entry of the opcode table (opcodes.c), reads ModRM, SIB, displacement and
 * immediates as the entry says, checks what the entry demands (mode, privilege, LOCK, features) and calls its function. The function emits IR and returns true, or returns
 * false for #UD (whatever it has emitted is undone). It reads operands before it writes slots: within one instruction all that can fault
 * (loads, stores, checks, helpers with HELPER_FAULTS) comes before the first ir_write.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TARGET_I386_TCG_TRANSLATE_H
#define TARGET_I386_TCG_TRANSLATE_H

#include "target/i386/tcg/helpers.h"
#include "target/i386/tcg/mode.h"
#include "target/i386/tcg/slots.h"
#include "tcg/target.h"

/* Opcode maps. */
typedef enum X86Map { X86_MAP_ONE, X86_MAP_0F, X86_MAP_0F38, X86_MAP_0F3A } X86Map;

/* Reasons of IR_EXIT_FAULT: an exception without error code, and with error code 0. INTO carries the length of the instruction. */
#define X86_FAULT(vector) ((uint32_t)TCG_REASON_TARGET + (vector))
#define X86_FAULT_0(vector) ((uint32_t)TCG_REASON_TARGET + 0x40 + (vector))
/* No exception: the instruction is run again. */
#define X86_FAULT_RETRY ((uint32_t)TCG_REASON_TARGET + 0x3f)
/* The same with the x87 on the host, back from it, left to helpers. */
#define X86_FAULT_X87_ENTER ((uint32_t)TCG_REASON_TARGET + 0x3e)
#define X86_FAULT_X87_LEAVE ((uint32_t)TCG_REASON_TARGET + 0x3d)
#define X86_FAULT_X87_HELPED ((uint32_t)TCG_REASON_TARGET + 0x3c)
#define X86_FAULT_INTO(length) ((uint32_t)TCG_REASON_TARGET + 0x80 + (length))

enum { X86_NO_REG = 0xff, X86_REG_RIP = 0xfe };
enum { X86_ACCESS_LOAD, X86_ACCESS_STORE };     /* STORE: also what reads and then writes */

typedef struct X86Translate X86Translate;
typedef struct X86Opcode X86Opcode;
typedef bool X86TranslateFn(X86Translate *s);

/* A linear address: base (I64) + offset, for IrMem. */
typedef struct X86Address { IrRef base; int64_t offset; uint8_t segment; } X86Address;

struct X86Translate {
    /* ---- the block ---- */
    IrBuilder *b;
    TcgTranslate *t;
    const X86Cpu *cpu;          /* features only */
    uint64_t mode;              /* as of the current instruction */
    uint64_t entry_mode;        /* of the block */
    bool ended;                 /* the block's last op is there */
    bool follows;               /* the instruction lies behind the one before, which has run into it */
    unsigned nr_branches;       /* jumps within the block that it goes on behind */
    bool casts_shadow;          /* this instruction holds interrupts off for the next one (STI, MOV SS) */
    bool no_trap;               /* no single-step trap behind this instruction (MOV SS, POP SS) */
    bool x87_on_host;           /* the x87 is the host's: looked at, and nothing since that could have taken it away */
    bool mf_checked;            /* no x87 exception waits: looked at, and nothing since that could have left one */
    bool shadowed;              /* the one before did: the block ends behind this one with a look at interrupts */

    /* ---- the instruction ---- */
    int32_t start, next;        /* offsets from the page start of the instruction and of the one behind (next: while it is decoded, of the next byte) */
    uint8_t bytes[16];
    uint8_t nr_bytes;           /* of bytes[] that are there */
    const X86Opcode *op;
    uint32_t flags;             /* X86_OP_* of the entry and of its group */
    uint8_t map, opcode;        /* X86Map, and the byte within it */
    uint8_t prefix;             /* mandatory prefix of the 0F maps: 0, 0x66, 0xf3, 0xf2 (the last two win); VEX: by its pp */
    uint8_t rep;                /* 0, 0xf2, 0xf3: the last one seen */
    bool lock, has_66, has_67;
    uint8_t rex;                /* 0x40 to 0x4f, or 0: none. VEX: its W R X B as REX would have them */
    bool vex, vex_l, vex_w;
    const struct X86Simd *simd; /* MMX, SSE, AVX: the entry of their table (simd.h), and X86SimdForm */
    uint8_t simd_form;
    uint8_t vex_v;              /* register of VEX.vvvv, 0 to 15 */
    uint8_t operand_log2;       /* log2 of the operand size: 1, 2, 3 (0 by the entry: byte instructions) */
    uint8_t address_log2;       /* 1, 2, 3 */
    uint8_t modrm, mod;
    uint8_t reg, rm;            /* with REX.R and REX.B; rm: of a register operand */
    bool is_memory;             /* mod != 3 */
    uint8_t segment;            /* R_*: of the memory operand (by prefix or default); no ModRM: DS or the prefix's */
    bool segment_override;
    uint8_t ea_base, ea_index, ea_scale;    /* registers or X86_NO_REG, X86_REG_RIP; scale: log2 */
    int64_t displacement;
    uint64_t immediate;         /* sign-extended (or zero-extended where the entry says so) */
    uint64_t immediate2;        /* of far pointers and ENTER */
    IrRef ea_extra;             /* I64, added to the effective address (BT with a register), or 0 */
    X86Address ea;              /* the memory operand once it has been asked for */
    bool ea_known, ea_checked_write;
    uint32_t ea_checked;        /* bytes for which its segment was checked */
};

/* ---- what opcode table entries say (opcodes.c) ---- */
struct X86Opcode {
    X86TranslateFn *translate;
    const char *name;           /* the manual's mnemonic */
    uint32_t flags;             /* X86_OP_* */
    uint16_t feature;           /* X86_NEEDS(word, bit), or 0 */
    uint16_t param;             /* the function's own */
    const X86Opcode *group;     /* 8 entries by ModRM.reg instead of a function */
};
#define X86_NEEDS(word, bit) ((uint16_t)(((word) << 6 | (bit)) + 1))
enum {
    X86_OP_MODRM    = 1 << 0,
    X86_OP_BYTE     = 1 << 1,       /* operands are bytes */
    X86_OP_IMM_B    = 1 << 2,       /* a byte, sign-extended */
    X86_OP_IMM_UB   = 1 << 3,       /* a byte, zero-extended */
    X86_OP_IMM_W    = 1 << 4,       /* a word, zero-extended */
    X86_OP_IMM_Z    = 1 << 5,       /* 2 bytes, or 4 (sign-extended) */
    X86_OP_IMM_V    = 1 << 6,       /* 2, 4 or 8 bytes */
    X86_OP_IMM_A    = 1 << 7,       /* an address of address size (moffs) */
    X86_OP_IMM_FAR  = 1 << 8,       /* 2 or 4 bytes of offset, then a selector */
    X86_OP_IMM_2B   = 1 << 9,       /* a second byte (ENTER) */
    X86_OP_LOCK     = 1 << 10,      /* LOCK is allowed with a memory destination */
    X86_OP_D64      = 1 << 11,      /* 64-bit code: operand size 64 unless 66 */
    X86_OP_F64      = 1 << 12,      /* 64-bit code: operand size always 64 */
    X86_OP_NO64     = 1 << 13,      /* #UD in 64-bit code */
    X86_OP_ONLY64   = 1 << 14,      /* #UD elsewhere */
    X86_OP_PROTECTED= 1 << 15,      /* #UD in real and virtual-8086 mode */
    X86_OP_CPL0     = 1 << 16,      /* #GP(0) at other privileges */
    X86_OP_MEMORY   = 1 << 17,      /* #UD with a register operand */
    X86_OP_REGISTER = 1 << 18,      /* #UD with a memory operand */
    X86_OP_NO_MOD   = 1 << 19,      /* ModRM.mod is ignored: a register operand always (MOV CR) */
    X86_OP_VEX      = 1 << 20,      /* only with a VEX prefix */
    X86_OP_SIMD     = 1 << 21,      /* not of the integer author; tests choose by it */
    X86_OP_NO_TEST  = 1 << 22,      /* not for random user-mode tests: privileged, control flow, or not repeatable */
    X86_OP_UNDEF_SHIFT = 24,        /* six bits: the arithmetic flags left undefined, in the order of FL_MERGE: OF CF PF AF ZF SF */
};
extern const X86Opcode x86_opcodes[4][256];

/* ---- state of the code ---- */
static inline bool x86_in_64(const X86Translate *s) { return s->mode & X86_MODE_CODE64; }
static inline unsigned x86_cpl_of(const X86Translate *s) { return x86_mode_cpl(s->mode); }
static inline bool x86_feature(const X86Translate *s, X86FeatureWord word, unsigned bit) { return x86_has(s->cpu, word, bit); }
static inline IrType x86_type(unsigned size_log2) { return size_log2 == 3 ? IR_I64 : IR_I32; }
/* log2 of the width of the stack pointer. */
static inline unsigned x86_stack_log2(const X86Translate *s) { return x86_in_64(s) ? 3 : s->mode & X86_MODE_SS32 ? 2 : 1; }

/* ---- general registers (operand.c). Values of 1, 2 and 4 bytes are I32, whose bits above the size are of no account; those of 8 are I64 ---- */
#define X86_CALL(s, name, ...) ir_calln((s)->b, &x86_ir_##name, __VA_ARGS__)
#define X86_CALL0(s, name) ir_call((s)->b, &x86_ir_##name, NULL)
static inline IrRef x86_i32(X86Translate *s, uint32_t value) { return ir_const(s->b, IR_I32, value); }
static inline IrRef x86_i64(X86Translate *s, uint64_t value) { return ir_const(s->b, IR_I64, value); }
static inline IrRef x86_constant(X86Translate *s, unsigned size_log2, uint64_t value)
{
    return size_log2 == 3 ? x86_i64(s, value) : x86_i32(s, value);
}
/* Byte registers: AH CH DH BH as 4 to 7 without REX. */
IrRef x86_read_reg(X86Translate *s, unsigned reg, unsigned size_log2);
/* 4 bytes: the upper half of the register becomes 0. */
void x86_write_reg(X86Translate *s, unsigned reg, unsigned size_log2, IrRef value);
/* The whole register as I64. */
IrRef x86_read_reg64(X86Translate *s, unsigned reg);

/* ---- memory ---- */
/* The effective address within its segment, I64, truncated to the address size. */
IrRef x86_effective_address(X86Translate *s);
/* The linear address of the memory operand, after the checks of its segment for an access of size bytes. May be asked for repeatedly. */
X86Address x86_operand_address(X86Translate *s, unsigned size_bytes, int access);
/* Of offset (I64, truncated to the address size) in a segment: for string instructions and stacks. */
X86Address x86_segment_address(X86Translate *s, int seg, IrRef offset, int64_t constant, unsigned offset_log2, unsigned size_bytes, int access);
/* The description of an access in the current mode (privilege, order, alignment check); for odd uses. */
IrMem x86_mem(X86Translate *s, X86Address a, unsigned size_log2);
/* type: I32, I64, I128, F32, F64, V128 as IR_LOAD takes them. */
IrRef x86_load(X86Translate *s, X86Address a, IrType type, unsigned size_log2);
void x86_store(X86Translate *s, X86Address a, unsigned size_log2, IrRef value);
/* The same with #GP(0) where the address is not a multiple of the size (SSE). */
IrRef x86_load_aligned(X86Translate *s, X86Address a, IrType type, unsigned size_log2);
void x86_store_aligned(X86Translate *s, X86Address a, unsigned size_log2, IrRef value);

/* The r/m operand, register or memory, as a general operand. */
IrRef x86_read_rm(X86Translate *s, unsigned size_log2);
void x86_write_rm(X86Translate *s, unsigned size_log2, IrRef value);
/* The same, when it will be written by x86_write_rm: checks for writing first. */
IrRef x86_read_rm_to_write(X86Translate *s, unsigned size_log2);
static inline IrRef x86_read_g(X86Translate *s, unsigned size_log2) { return x86_read_reg(s, s->reg, size_log2); }
static inline void x86_write_g(X86Translate *s, unsigned size_log2, IrRef value) { x86_write_reg(s, s->reg, size_log2, value); }

/* The memory operand changed by a host atomic: the old value. */
IrRef x86_atomic_rm(X86Translate *s, IrAtomic op, unsigned size_log2, IrRef value);
/* Compares and exchanges the memory operand; when it is not `old` any more, the whole instruction is run again. */
void x86_replace_rm(X86Translate *s, unsigned size_log2, IrRef old, IrRef value);

/* ---- conditions by the low four bits of Jcc, SETcc, CMOVcc ---- */
IrRef x86_condition(X86Translate *s, unsigned cc);
IrRef x86_condition_of(X86Translate *s, unsigned cc, IrRef flags);

/* ---- the stack. Push stores and does not move the pointer; x86_move_sp does ---- */
/* depth: bytes below the current pointer. */
void x86_push_at(X86Translate *s, int64_t depth, unsigned size_log2, IrRef value);
IrRef x86_pop_at(X86Translate *s, int64_t height, unsigned size_log2);
void x86_move_sp(X86Translate *s, int64_t by);
void x86_push(X86Translate *s, unsigned size_log2, IrRef value);

/* ---- ends of blocks (flow.c). They heed the trap flag, the interrupt shadow and changes of mode ---- */
/* The address of the next instruction, I64, truncated to the width of the program counter. */
IrRef x86_next_pc(X86Translate *s);
void x86_end_goto(X86Translate *s, int64_t target_offset);
void x86_jump(X86Translate *s, int64_t target_offset);      /* the same, or the block goes on there */
void x86_end_goto_if(X86Translate *s, IrRef cond, int64_t target_offset);   /* else to the next instruction */
void x86_end_call(X86Translate *s, int64_t target_offset);
void x86_end_indirect(X86Translate *s, IrExitKind kind, IrRef pc);          /* INDIRECT, CALL_INDIRECT, RETURN */
/* To the next instruction; with a look at the mode; with a look at interrupts too. */
void x86_end_next(X86Translate *s);
void x86_end_lookup(X86Translate *s);
void x86_end_event(X86Translate *s);
/* A helper has written PC. */
void x86_end_after_transfer(X86Translate *s, bool event);
/* Behind a helper that always leaves. */
void x86_end_left(X86Translate *s);
/* An exception of this instruction: X86_FAULT(...). Returns true: for "return x86_end_fault(...)". */
bool x86_end_fault(X86Translate *s, uint32_t reason);

/* ---- for the SIMD and x87 parts ---- */
/* #UD (CR0.EM, or CR4.OSFXSR clear) and #NM (CR0.TS) of SSE, of MMX, of x87. false: the fault is emitted, nothing else is to be done (return true). */
bool x86_require_sse(X86Translate *s);
bool x86_require_mmx(X86Translate *s);
bool x86_require_x87(X86Translate *s);
/* #MF (or FERR#) where an x87 exception waits. */
void x86_check_x87_error(X86Translate *s);
/* Before what works on the x87's state in memory without a helper: MMX. */
void x86_take_x87_from_host(X86Translate *s);
/* translate-sse*.c: all entries of the tables with X86_OP_SIMD but the escapes D8 to DF and WAIT, which are translate-x87.c's. In map 0F group 15 (AE) only FXSAVE,
 * FXRSTOR, LDMXCSR, STMXCSR, XSAVE, XRSTOR, XSAVEOPT. s->map, s->opcode, s->prefix, s->modrm ... are set, the immediate byte is in s->immediate. */
bool x86_translate_sse(X86Translate *s);
bool x86_translate_x87(X86Translate *s);
/* Group 9 (0F C7) /3, /4, /5 with a memory operand. */
bool x86_translate_xsave_compacted(X86Translate *s);

/* Builds one block: TcgTarget.translate. */
void x86_translate(TcgTranslate *t);

#endif
