/*
 * The translator's intermediate representation: what front ends say, the compiler improves and back ends emit.
 *
 * A block is a list of 16-byte instructions in SSA form: an instruction is its value. Guest state is reached through slots only (tcg/slot.h).
 * Front ends use tcg/builder.h; this file is for the compiler, the back ends and the interpreter.
 *
 * What each op means, to the bit, stands in ops.def; the interpreter (tcg/interp) is the executable form of it.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_IR_H
#define TCG_IR_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

typedef enum IrType {
    IR_NONE, IR_I32, IR_I64, IR_I128, IR_F32, IR_F64, IR_F80, IR_V64, IR_V128, IR_V256, IR_V512, IR_FLAGS, IR_TYPE_COUNT
} IrType;

typedef enum IrOp {
#define OP(name, nargs, ...) IR_##name,
#include "tcg/ops.def"
#undef OP
    IR_OP_COUNT
} IrOp;

/* A value: 0 is none; the index of the instruction that makes it; or IR_CONST | index into the block's constants. */
typedef uint32_t IrRef;
#define IR_CONST_BIT 0x80000000u
static inline bool ir_is_const(IrRef r) { return r & IR_CONST_BIT; }

typedef struct IrInsn {
    uint8_t op;         /* IrOp */
    uint8_t type;       /* IrType of the value; IR_NONE: no value */
    uint8_t sub;        /* lane size, width, condition, rounding ... : see ops.def */
    uint8_t imm;        /* small immediate of the op: see ops.def */
    IrRef a, b, c;      /* operands, or an index into a side table: see ops.def */
} IrInsn;
_Static_assert(sizeof(IrInsn) == 16, "an IR instruction is 16 bytes");

typedef struct IrConst { uint64_t lo, hi; IrType type; } IrConst;   /* I32: zero-extended; FLAGS: as in a slot; V256: not as a constant */

/* What an op is, by number. */
enum {
    IROP_PURE       = 1 << 0,   /* depends on its operands alone: may be numbered, folded, dropped, moved */
    IROP_EFFECT     = 1 << 1,   /* stays even when nobody uses its value */
    IROP_CAN_FAULT  = 1 << 2,   /* has a recovery point */
    IROP_EXIT       = 1 << 3,   /* leaves the unit, always or on a condition: has a point */
    IROP_END        = 1 << 4,   /* last of its block */
    IROP_COMMUTES   = 1 << 5,   /* a and b may be swapped */
    IROP_FLAGS      = 1 << 6,   /* makes a FLAGS value */
    IROP_RAISES     = 1 << 7,   /* may set sticky floating-point flags: stays when nobody wants its value */
};
typedef struct IrOpInfo { const char *name; uint8_t nargs; uint8_t flags; } IrOpInfo;
extern const IrOpInfo ir_op_info[IR_OP_COUNT];

/* Conditions: of SETCC/SELECTCC/BRANCH on two integers, and of TEST on a FLAGS value (x86 names in brackets). Inverse: cc ^ 1. */
typedef enum IrCond {
    IR_CC_EQ = 0, IR_CC_NE,         /* Z, NZ */
    IR_CC_LTU, IR_CC_GEU,           /* C (B), NC (AE) */
    IR_CC_LEU, IR_CC_GTU,           /* BE, A */
    IR_CC_LT, IR_CC_GE,             /* L, GE */
    IR_CC_LE, IR_CC_GT,             /* LE, G */
    IR_CC_S, IR_CC_NS,              /* FLAGS only from here: sign */
    IR_CC_O, IR_CC_NO,              /* overflow */
    IR_CC_P, IR_CC_NP,              /* parity */
} IrCond;

/*
 * A FLAGS value holds CF PF AF ZF SF OF as x86 defines them. In memory (slots of type FLAGS) it is a uint16_t: what LAHF leaves in AH is the high byte, OF
 * the lowest bit. Other architectures map theirs onto it (ARM: N=SF Z=ZF V=OF, C = CF or its inverse by FL_CMC).
 */
enum { FLAGS_OF = 0x0001, FLAGS_CF = 0x0100, FLAGS_ONE = 0x0200, FLAGS_PF = 0x0400, FLAGS_AF = 0x1000, FLAGS_ZF = 0x4000, FLAGS_SF = 0x8000,
       FLAGS_ALL = FLAGS_OF | FLAGS_CF | FLAGS_PF | FLAGS_AF | FLAGS_ZF | FLAGS_SF };

/* A guest memory access. The guest address is base + offset, truncated to the block's address width. */
typedef enum IrOrder { IR_ORDER_PLAIN, IR_ORDER_ACQUIRE, IR_ORDER_RELEASE, IR_ORDER_SEQ, IR_ORDER_TSO } IrOrder;
typedef struct IrMem {
    int64_t offset;         /* added to the base; known to the compiler */
    uint8_t size_log2;      /* 0 to 5: 1 to 32 bytes */
    bool sign;              /* integer loads into wider types: sign-extend */
    bool big_endian;
    bool masked;            /* a load of which not all bytes may be wanted: where it faults or meets a device, the instruction is run alone */
    bool will_write;        /* a load whose place is stored to by the same instruction: where it faults, it faults as the store would */
    uint8_t align_log2;     /* the address must be a multiple of 1 << this, else an alignment fault of the target (0: no demand) */
    uint8_t order;          /* IrOrder */
    uint8_t priv;           /* privilege index: which of the vCPU's TLBs */
    uint16_t extra;         /* the target's: handed to its fault function (x86: segment used ...) */
    uint32_t site;          /* number of the access in its block */
} IrMem;

/* Where control goes when a block is left. */
typedef enum IrExitKind {
    IR_EXIT_GOTO,           /* to pc_base + target, in the same mode: chained */
    IR_EXIT_INDIRECT,       /* to the address in value, in the same mode: inline cache */
    IR_EXIT_CALL,           /* like GOTO, and remembers pc_base + return_offset as the place that a RETURN comes back to */
    IR_EXIT_CALL_INDIRECT,  /* like INDIRECT, ditto */
    IR_EXIT_RETURN,         /* like INDIRECT */
    IR_EXIT_LOOKUP,         /* the PC slot is written and the mode may have changed: the executor looks for what comes next */
    IR_EXIT_EVENT,          /* the same, and the executor looks for interrupts and requests first (after sti, halt, I/O ...) */
    IR_EXIT_FAULT,          /* target-defined fault: reason (below) is handed to TcgTarget.raise after recovery of the state at this instruction */
    IR_EXIT_EVENT_AT,       /* EVENT, with pc_base + target for the PC and in the same mode: taken where a request waits */
} IrExitKind;

#define IR_NEAR_PAGE_END 15     /* bytes: an instruction that begins there may reach into the next page */

typedef struct IrExit {
    uint8_t kind;
    bool same_page;         /* GOTO: the target lies on the block's first page, and not so near its end that the code there may reach over it */
    uint32_t reason;        /* FAULT: what is handed to the target */
    int64_t target;         /* GOTO, CALL, EVENT_AT: offset from the block's page start (= from pc_base) */
    int64_t return_offset;  /* CALL, CALL_INDIRECT */
} IrExit;

/*
 * The slots' values at a place where control can leave: recorded as changes against the point before (the first: against "all in their homes").
 * old and new are values; 0: the slot is in its home again (stored, or unchanged since entry).
 *
 * Ops that can fault and FAULT exits have the slots as of the start of their guest instruction, other exits as of the exit itself. The PC slot is not in it where it
 * follows from elsewhere: at faults it becomes pc_base + offset of the guest instruction, at GOTO, EVENT_AT and the indirect exits their target; LOOKUP and EVENT find it
 * among the slots or in its home. A CALL has no point: what its helper may want is in the homes.
 */
typedef struct IrSlotDelta { uint16_t slot; IrRef old_value, new_value; } IrSlotDelta;
typedef struct IrPoint {
    uint32_t insn;          /* index of the op that has this point */
    uint32_t guest;         /* index into guest_insns: the instruction it belongs to */
    uint32_t first_delta, nr_deltas;
} IrPoint;

typedef struct IrGuestInsn {
    int32_t offset;         /* from the page start of the block; the second page goes on from 4096 */
    uint32_t extra;         /* the target's */
    uint32_t first_insn;    /* IR index of its INSN_START */
} IrGuestInsn;

/* A call of C code. Arguments: see IrHelper in tcg/helper.h. */
typedef struct IrCall { const struct IrHelper *helper; uint8_t nargs; IrRef args[6]; } IrCall;

/*
 * Who wants a value: how many operands of others name it (127: that many or more), and whether a point that is no fault does. Nothing of it: only fault points do,
 * for themselves or through others like it: a back end need not compute it but in the recovery (a recipe), if the operands can be had there. What nobody wants at
 * all is NOP after ir_finish.
 */
enum { IR_USE_COUNT = 0x7f, IR_USE_EXIT = 0x80 };

/* One translated block as recorded. All arrays belong to the arena of the builder and are reused for the next block. */
typedef struct IrBlock {
    const struct TcgTarget *target;
    IrInsn *insns;  uint32_t nr_insns;          /* insns[0] is not used */
    IrConst *consts; uint32_t nr_consts;
    IrMem *mems;    uint32_t nr_mems;
    IrCall *calls;  uint32_t nr_calls;
    IrExit *exits;  uint32_t nr_exits;
    IrPoint *points; uint32_t nr_points;        /* in order of insn */
    IrSlotDelta *deltas; uint32_t nr_deltas;
    IrGuestInsn *guest_insns; uint32_t nr_guest_insns;
    const uint8_t *uses;                        /* by instruction, after ir_finish: who wants its value (IR_USE_*, below) */
    uint8_t address_bits;                       /* 16, 32 or 64: width to which guest data addresses are truncated by the access itself (64 or 32) */
    uint8_t pc_bits;                            /* 16, 32 or 64: width of the program counter; pc_base + offset is truncated to it */
    uint32_t guest_bytes;                       /* that the block covers */
} IrBlock;

static inline IrType ir_type(const IrBlock *b, IrRef r) { return ir_is_const(r) ? b->consts[r & ~IR_CONST_BIT].type : (IrType)b->insns[r].type; }
static inline const IrConst *ir_const_value(const IrBlock *b, IrRef r) { return &b->consts[r & ~IR_CONST_BIT]; }

/* Checks types, operands and points; a message for the first fault found, or NULL. Caller frees. */
char *ir_verify(const IrBlock *block);
/* The block as text, one instruction a line; ir_parse reads it back (for tests): NULL with an error naming the line. */
void ir_print(const IrBlock *block, GString *out);
struct IrBuilder;
bool ir_parse(struct IrBuilder *builder, const char *text, GError **err);

#endif
