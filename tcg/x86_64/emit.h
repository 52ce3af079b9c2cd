/*
 * The assembler of the x86-64 back end: bytes into two buffers (the straight code and what lies off it), labels, and one encoder for all instructions.
 *
 * An instruction is a number: opcode, map, mandatory prefix and width (OP); its operands are a register and a register or memory place (Place).
 *
 * Intel SDM volume 2, chapter 2 (formats, REX, VEX).
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#ifndef TCG_X86_64_EMIT_H
#define TCG_X86_64_EMIT_H

#include "tcg/backend.h"

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

enum { RAX, RCX, RDX, RBX, RSP, RBP, RSI, RDI, R8, R9, R10, R11, R12, R13, R14, R15, XMM0 = 16, XMM14 = 30, XMM15 = 31, NO_REG = 0xff };
static inline bool is_xmm(unsigned reg) { return reg >= XMM0 && reg != NO_REG; }

/* ---- instructions as numbers ---- */
enum { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };
enum { PP_NONE, PP_66, PP_F3, PP_F2 };
#define OP(map, pp, opcode) ((uint32_t)(opcode) | (map) << 8 | (pp) << 10)
enum {
    OP_W = 1 << 12,         /* 64 bits */
    OP_BYTE = 1 << 13,      /* the reg operand is a byte register */
    OP_BYTE_RM = 1 << 14,   /* the r/m operand is one */
    OP_LOCK = 1 << 15,
};
#define OP_ONE(opcode) OP(MAP_ONE, PP_NONE, opcode)
#define OP_0F(opcode) OP(MAP_0F, PP_NONE, opcode)

/* The eight of the first opcode rows, as /n of 81 and the row's number. */
enum { ALU_ADD, ALU_OR, ALU_ADC, ALU_SBB, ALU_AND, ALU_SUB, ALU_XOR, ALU_CMP };
enum { SHIFT_ROL, SHIFT_ROR, SHIFT_RCL, SHIFT_RCR, SHIFT_SHL, SHIFT_SHR, SHIFT_SAR = 7 };

/* Conditions as the host numbers them. */
enum { CC_O, CC_NO, CC_B, CC_AE, CC_E, CC_NE, CC_BE, CC_A, CC_S, CC_NS, CC_P, CC_NP, CC_L, CC_GE, CC_LE, CC_G };

#define OP_MOV_STORE OP_ONE(0x89)
#define OP_MOV_LOAD OP_ONE(0x8b)
#define OP_LEA OP_ONE(0x8d)
#define OP_MOVZX8 (OP_0F(0xb6) | OP_BYTE_RM)
#define OP_MOVZX16 OP_0F(0xb7)
#define OP_MOVSX8 (OP_0F(0xbe) | OP_BYTE_RM)
#define OP_MOVSX16 OP_0F(0xbf)
#define OP_MOVSXD OP_ONE(0x63)
#define OP_TEST OP_ONE(0x85)
#define OP_XCHG OP_ONE(0x87)

/* ---- operands ---- */
typedef struct Place {
    enum { PLACE_REG, PLACE_MEM, PLACE_IMM, PLACE_POOL } kind;
    uint8_t reg;                /* REG; MEM: base */
    uint8_t index, scale;       /* MEM: index or NO_REG; scale: log2 */
    int32_t disp;               /* MEM; IMM: the value; POOL: offset in the pool */
} Place;
static inline Place at_reg(unsigned reg) { return (Place){ .kind = PLACE_REG, .reg = reg }; }
static inline Place at_mem(unsigned base, int32_t disp) { return (Place){ .kind = PLACE_MEM, .reg = base, .index = NO_REG, .disp = disp }; }
static inline Place at_index(unsigned base, unsigned index, unsigned scale, int32_t disp)
{
    return (Place){ .kind = PLACE_MEM, .reg = base, .index = index, .scale = scale, .disp = disp };
}
static inline Place place_beyond(Place p, int32_t bytes) { p.disp += bytes; return p; }
static inline Place at_imm(int32_t value) { return (Place){ .kind = PLACE_IMM, .disp = value }; }

/* ---- the buffers ---- */
typedef uint32_t Label;
enum { LABEL_UNSET = 0xffffffffu, IN_COLD = 0x80000000u };
typedef struct Fix { uint32_t at; Label label; int32_t add; bool pool; } Fix;  /* at: where the 32-bit distance lies (IN_COLD | offset in the cold buffer) */

typedef struct Emitter {
    uint8_t *p;                 /* next byte of the buffer in use */
    uint8_t *hot, *hot_end;     /* in the code area */
    uint8_t *cold, *cold_end;
    uint8_t *other;             /* next byte of the buffer not in use */
    bool in_cold, full;
    uint8_t spare[64];          /* where bytes go when it is full */
    uint32_t *labels; uint32_t nr_labels, max_labels;
    Fix *fixes; uint32_t nr_fixes, max_fixes;
    uint64_t *pool; uint32_t nr_pool, max_pool;     /* words, in pairs */
    TcgReloc *relocs; uint32_t nr_relocs, max_relocs;       /* at: as `here` says it until emitter_finish */
    const uint8_t *fixed_base;  /* what fixed targets are counted from: the start of the stubs */
    bool fixed_to_place;        /* an address was put in that relocations do not know */
    intptr_t to_execute;        /* from a place in hot to where it runs */
    bool vex;                   /* the host has AVX: vector instructions are encoded so */
} Emitter;

void emitter_start(Emitter *e, uint8_t *room, size_t bytes, intptr_t to_execute);
/* Puts cold code and pool behind the straight code and fills in all distances. Bytes used, or 0: no room. */
size_t emitter_finish(Emitter *e);
/* True when less than a generous instruction's room is left: nothing of worth is written any more. */
bool emitter_check(Emitter *e);
/* Having failed: it was for the want of room where the code goes, not in what is put together beside it. */
bool emitter_area_full(const Emitter *e);
static inline void use_cold(Emitter *e) { uint8_t *p = e->p; e->p = e->other; e->other = p; e->in_cold = true; }
static inline void use_hot(Emitter *e) { uint8_t *p = e->p; e->p = e->other; e->other = p; e->in_cold = false; }
static inline uint32_t here(const Emitter *e) { return e->in_cold ? (uint32_t)(e->p - e->cold) | IN_COLD : (uint32_t)(e->p - e->hot); }

Label label_new(Emitter *e);
static inline void label_here(Emitter *e, Label l) { e->labels[l] = here(e); }
/* A 32-bit distance to the label, counted from behind itself plus add. */
void emit_distance(Emitter *e, Label l, int32_t add);

static inline void emit8(Emitter *e, uint8_t x) { *e->p++ = x; }
static inline void emit16(Emitter *e, uint16_t x) { __builtin_memcpy(e->p, &x, 2); e->p += 2; }
static inline void emit32(Emitter *e, uint32_t x) { __builtin_memcpy(e->p, &x, 4); e->p += 4; }
static inline void emit64(Emitter *e, uint64_t x) { __builtin_memcpy(e->p, &x, 8); e->p += 8; }

/* ---- encoding ---- */
/* imm_bytes: how many bytes of immediate the caller emits behind it. */
void emit_op(Emitter *e, uint32_t op, unsigned reg, Place rm, unsigned imm_bytes);
/* VEX with three operands; v: NO_REG for none. wide: 256 bits. */
void emit_vex(Emitter *e, uint32_t op, bool wide, unsigned reg, unsigned v, Place rm, unsigned imm_bytes);
/* The EVEX form, with a mask register; mem without a displacement. */
void emit_evex_masked(Emitter *e, uint32_t op, bool wide, unsigned reg, unsigned mask, Place mem);

/* A place in the pool that holds these 16 bytes. */
Place pool_place(Emitter *e, uint64_t lo, uint64_t hi);

/* width: log2 of bytes (0 to 3). */
void emit_alu(Emitter *e, unsigned alu, unsigned width, unsigned reg, Place rm);            /* reg op= rm; rm may be IMM */
void emit_alu_to(Emitter *e, unsigned alu, unsigned width, Place mem, unsigned reg);        /* mem op= reg */
void emit_alu_imm(Emitter *e, unsigned alu, unsigned width, Place rm, int32_t imm);
void emit_shift_imm(Emitter *e, unsigned shift, unsigned width, unsigned reg, unsigned count);
void emit_shift_cl(Emitter *e, unsigned shift, unsigned width, unsigned reg);
void emit_unary(Emitter *e, unsigned n, unsigned width, Place rm);     /* F6/F7 /n: 2 NOT, 3 NEG, 4 MUL, 5 IMUL, 6 DIV, 7 IDIV */
void emit_mov(Emitter *e, bool wide, unsigned to, unsigned from);      /* nothing when they are the same and wide */
void emit_load(Emitter *e, bool wide, unsigned to, Place mem);
void emit_store(Emitter *e, unsigned width, Place mem, unsigned reg);
void emit_store_imm(Emitter *e, unsigned width, Place mem, int32_t imm);
void emit_imm(Emitter *e, unsigned reg, uint64_t value);               /* leaves the flags alone */
void emit_lea(Emitter *e, bool wide, unsigned to, Place mem);
void emit_push(Emitter *e, unsigned reg);
void emit_pop(Emitter *e, unsigned reg);
void emit_setcc(Emitter *e, unsigned cc, unsigned reg);
void emit_cmov(Emitter *e, unsigned cc, bool wide, unsigned to, Place rm);
void emit_jcc(Emitter *e, unsigned cc, Label l);
void emit_jmp(Emitter *e, Label l);
/* To a fixed place in the executable mapping; only for code that does not move (hot), or through emit_fixed_call for cold. */
void emit_jmp_to(Emitter *e, const void *target);
void emit_call_to(Emitter *e, const void *target);
void emit_jcc_to(Emitter *e, unsigned cc, const void *target);
void emit_call_c(Emitter *e, const void *function);                    /* by rax */
void emit_count(Emitter *e, const uint64_t *counter);                   /* one more, of the program's image; by way of rax */
/* The 32 bits that were emitted last are such a place. */
void emit_reloc_behind(Emitter *e, unsigned kind, size_t value);
void emit_address(Emitter *e, unsigned reg, const void *address, unsigned reloc_kind, size_t offset);  /* into reg; offset: as TcgReloc.value */
void emit_nops(Emitter *e, unsigned bytes);

#endif
