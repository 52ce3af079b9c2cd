/*
 * The opcode tables: for each opcode its function, operands and conditions. Decoder, translator and the random tests read them.
 *
 * Intel SDM volume 2, appendix A.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/decode.h"
#include "target/i386/tcg/ops.h"

#define MR X86_OP_MODRM
#define BYTE X86_OP_BYTE
#define IB X86_OP_IMM_B
#define IUB X86_OP_IMM_UB
#define IW X86_OP_IMM_W
#define IZ X86_OP_IMM_Z
#define IV X86_OP_IMM_V
#define IA X86_OP_IMM_A
#define IFAR X86_OP_IMM_FAR
#define I2B X86_OP_IMM_2B
#define LK X86_OP_LOCK
#define D64 X86_OP_D64
#define F64 X86_OP_F64
#define NO64 X86_OP_NO64
#define ONLY64 X86_OP_ONLY64
#define PROT X86_OP_PROTECTED
#define CPL0 X86_OP_CPL0
#define MEM X86_OP_MEMORY
#define REG X86_OP_REGISTER
#define SIMD X86_OP_SIMD
#define SYS X86_OP_NO_TEST
/* The flags that are left undefined. */
#define UNDEF(set) ((uint32_t)(set) << X86_OP_UNDEF_SHIFT)
enum { OF = 1, CF = 2, PF = 4, AF = 8, ZF = 16, SF = 32 };

#define OP(fn, mnemonic, ...) { .translate = x86_op_##fn, .name = mnemonic, .flags = 0 __VA_ARGS__ }
#define OPP(fn, mnemonic, parameter, ...) { .translate = x86_op_##fn, .name = mnemonic, .param = parameter, .flags = 0 __VA_ARGS__ }
#define OPF(fn, mnemonic, word, bit, ...) { .translate = x86_op_##fn, .name = mnemonic, .feature = X86_NEEDS(word, bit), .flags = 0 __VA_ARGS__ }
#define GROUP(table, ...) { .group = table, .flags = MR __VA_ARGS__ }

/* ---- groups ---- */

#define ALU_GROUP(name, imm) \
    static const X86Opcode name[8] = { \
        OPP(alu_immediate, "add", 0, | LK | (imm)), OPP(alu_immediate, "or", 1, | LK | UNDEF(AF) | (imm)), \
        OPP(alu_immediate, "adc", 2, | LK | (imm)), OPP(alu_immediate, "sbb", 3, | LK | (imm)), \
        OPP(alu_immediate, "and", 4, | LK | UNDEF(AF) | (imm)), OPP(alu_immediate, "sub", 5, | LK | (imm)), \
        OPP(alu_immediate, "xor", 6, | LK | UNDEF(AF) | (imm)), OPP(alu_immediate, "cmp", 7, | (imm)), \
    };
ALU_GROUP(group1_b, IB)
ALU_GROUP(group1_z, IZ)

static const X86Opcode group1a[8] = { OP(pop_rm, "pop", | D64) };

/* OF is defined for a shift by one only; AF never. The tests know about counts. */
static const X86Opcode group2[8] = {
    OPP(shift, "rol", 0), OPP(shift, "ror", 1), OPP(shift, "rcl", 2), OPP(shift, "rcr", 3),
    OPP(shift, "shl", 4, | UNDEF(AF)), OPP(shift, "shr", 5, | UNDEF(AF)), OPP(shift, "sal", 6, | UNDEF(AF)), OPP(shift, "sar", 7, | UNDEF(AF)),
};

#define UNARY_GROUP(name, imm) \
    static const X86Opcode name[8] = { \
        OP(test, "test", | UNDEF(AF) | (imm)), OP(test, "test", | UNDEF(AF) | (imm)), OP(not, "not", | LK), OP(neg, "neg", | LK), \
        OP(mul, "mul", | UNDEF(SF | ZF | AF | PF)), OP(imul, "imul", | UNDEF(SF | ZF | AF | PF)), \
        OP(div, "div", | UNDEF(OF | CF | PF | AF | ZF | SF)), OP(idiv, "idiv", | UNDEF(OF | CF | PF | AF | ZF | SF)), \
    };
UNARY_GROUP(group3_b, IB)
UNARY_GROUP(group3_z, IZ)

static const X86Opcode group4[8] = { OPP(inc_dec, "inc", 0, | LK), OPP(inc_dec, "dec", 1, | LK) };
static const X86Opcode group5[8] = {
    OPP(inc_dec, "inc", 0, | LK), OPP(inc_dec, "dec", 1, | LK), OP(call_rm, "call", | F64 | SYS), OPP(far_rm, "callf", 3, | MEM | SYS),
    OP(jmp_rm, "jmp", | F64 | SYS), OPP(far_rm, "jmpf", 5, | MEM | SYS), OP(push_rm, "push", | D64), { 0 },
};
static const X86Opcode group6[8] = {
    OPP(store_system, "sldt", X86_SYSTEM_LDT, | PROT | SYS), OPP(store_system, "str", X86_SYSTEM_TR, | PROT | SYS), OP(lldt, "lldt", | PROT | CPL0 | SYS),
    OP(ltr, "ltr", | PROT | CPL0 | SYS), OPP(verify, "verr", 0, | PROT | SYS), OPP(verify, "verw", 1, | PROT | SYS),
};
static const X86Opcode group8[8] = {
    { 0 }, { 0 }, { 0 }, { 0 }, OPP(bit_test, "bt", 0, | UNDEF(OF | SF | AF | PF)), OPP(bit_test, "bts", 1, | LK | UNDEF(OF | SF | AF | PF)),
    OPP(bit_test, "btr", 2, | LK | UNDEF(OF | SF | AF | PF)), OPP(bit_test, "btc", 3, | LK | UNDEF(OF | SF | AF | PF)),
};
static const X86Opcode group11[8] = { OP(mov_immediate, "mov") };

/* ---- one byte ---- */

#define ALU_ROW(base, number, mnemonic, lock, undefined) \
    [base] = OPP(alu, mnemonic, number, | MR | BYTE | (lock) | UNDEF(undefined)), OPP(alu, mnemonic, number, | MR | (lock) | UNDEF(undefined)), \
    OPP(alu, mnemonic, number, | MR | BYTE | UNDEF(undefined)), OPP(alu, mnemonic, number, | MR | UNDEF(undefined)), \
    OPP(alu, mnemonic, number, | BYTE | IB | UNDEF(undefined)), OPP(alu, mnemonic, number, | IZ | UNDEF(undefined))
#define SEGMENT_PAIR(base, seg, mnemonic) \
    [base] = OPP(push_segment, "push " mnemonic, seg, | NO64 | SYS), OPP(pop_segment, "pop " mnemonic, seg, | NO64 | SYS)
#define TWICE(...) __VA_ARGS__, __VA_ARGS__
#define EIGHT(...) TWICE(__VA_ARGS__), TWICE(__VA_ARGS__), TWICE(__VA_ARGS__), TWICE(__VA_ARGS__)
#define SIXTEEN(...) EIGHT(__VA_ARGS__), EIGHT(__VA_ARGS__)

#define MAP_ONE { \
    ALU_ROW(0x00, 0, "add", LK, 0), ALU_ROW(0x08, 1, "or", LK, AF), ALU_ROW(0x10, 2, "adc", LK, 0), ALU_ROW(0x18, 3, "sbb", LK, 0), \
    ALU_ROW(0x20, 4, "and", LK, AF), ALU_ROW(0x28, 5, "sub", LK, 0), ALU_ROW(0x30, 6, "xor", LK, AF), ALU_ROW(0x38, 7, "cmp", 0, 0), \
    SEGMENT_PAIR(0x06, R_ES, "es"), [0x0e] = OPP(push_segment, "push cs", R_CS, | NO64 | SYS), \
    SEGMENT_PAIR(0x16, R_SS, "ss"), SEGMENT_PAIR(0x1e, R_DS, "ds"), \
    [0x27] = OP(decimal, "daa", | NO64 | UNDEF(OF)), [0x2f] = OP(decimal, "das", | NO64 | UNDEF(OF)), \
    [0x37] = OP(decimal, "aaa", | NO64 | UNDEF(OF | SF | ZF | PF)), [0x3f] = OP(decimal, "aas", | NO64 | UNDEF(OF | SF | ZF | PF)), \
    [0x40] = EIGHT(OPP(inc_dec, "inc", 0, | NO64)), [0x48] = EIGHT(OPP(inc_dec, "dec", 1, | NO64)), \
    [0x50] = EIGHT(OP(push_reg, "push", | D64)), [0x58] = EIGHT(OP(pop_reg, "pop", | D64)), \
    [0x60] = OP(pusha, "pusha", | NO64), [0x61] = OP(popa, "popa", | NO64), [0x62] = OP(bound, "bound", | NO64 | MR | MEM), \
    [0x63] = OP(movsxd_arpl, "movsxd", | MR), \
    [0x68] = OP(push_immediate, "push", | IZ | D64), [0x69] = OP(imul_to_reg, "imul", | MR | IZ | UNDEF(SF | ZF | AF | PF)), \
    [0x6a] = OP(push_immediate, "push", | IB | D64), [0x6b] = OP(imul_to_reg, "imul", | MR | IB | UNDEF(SF | ZF | AF | PF)), \
    [0x6c] = OP(ins, "insb", | BYTE | SYS), OP(ins, "ins", | SYS), OP(outs, "outsb", | BYTE | SYS), OP(outs, "outs", | SYS), \
    [0x70] = SIXTEEN(OP(jcc, "jcc", | IB | F64 | SYS)), \
    [0x80] = GROUP(group1_b, | BYTE), GROUP(group1_z), GROUP(group1_b, | BYTE | NO64), GROUP(group1_b), \
    [0x84] = OP(test, "test", | MR | BYTE | UNDEF(AF)), OP(test, "test", | MR | UNDEF(AF)), OP(xchg, "xchg", | MR | BYTE | LK), OP(xchg, "xchg", | MR | LK), \
    [0x88] = OP(mov, "mov", | MR | BYTE), OP(mov, "mov", | MR), OP(mov, "mov", | MR | BYTE), OP(mov, "mov", | MR), \
    [0x8c] = OP(mov_from_segment, "mov", | MR), OP(lea, "lea", | MR | MEM), OP(mov_to_segment, "mov", | MR | SYS), GROUP(group1a), \
    [0x90] = OP(nop_pause, "nop"), TWICE(OP(xchg, "xchg")), TWICE(OP(xchg, "xchg")), TWICE(OP(xchg, "xchg")), OP(xchg, "xchg"), \
    [0x98] = OP(cbw, "cbw"), OP(cwd, "cwd"), OP(far_immediate, "callf", | IFAR | NO64 | SYS), \
    [0x9b] = { .translate = x86_translate_x87, .name = "wait", .flags = SIMD }, \
    [0x9c] = OP(pushf, "pushf", | D64), OP(popf, "popf", | D64 | SYS), OP(sahf, "sahf"), OP(lahf, "lahf"), \
    [0xa0] = OP(mov_offset, "mov", | BYTE | IA | SYS), OP(mov_offset, "mov", | IA | SYS), OP(mov_offset, "mov", | BYTE | IA | SYS), \
    OP(mov_offset, "mov", | IA | SYS), \
    [0xa4] = OP(movs, "movsb", | BYTE), OP(movs, "movs"), OP(cmps, "cmpsb", | BYTE), OP(cmps, "cmps"), \
    [0xa8] = OP(test, "test", | BYTE | IB | UNDEF(AF)), OP(test, "test", | IZ | UNDEF(AF)), \
    [0xaa] = OP(stos, "stosb", | BYTE), OP(stos, "stos"), OP(lods, "lodsb", | BYTE), OP(lods, "lods"), OP(scas, "scasb", | BYTE), OP(scas, "scas"), \
    [0xb0] = EIGHT(OP(mov_reg_immediate, "mov", | BYTE | IB)), [0xb8] = EIGHT(OP(mov_reg_immediate, "mov", | IV)), \
    [0xc0] = GROUP(group2, | BYTE | IUB), GROUP(group2, | IUB), OP(ret, "ret", | IW | F64 | SYS), OP(ret, "ret", | F64 | SYS), \
    [0xc4] = OPP(load_far_pointer, "les", R_ES, | NO64 | MR | MEM | SYS), OPP(load_far_pointer, "lds", R_DS, | NO64 | MR | MEM | SYS), \
    [0xc6] = GROUP(group11, | BYTE | IB), GROUP(group11, | IZ), \
    [0xc8] = OP(enter, "enter", | IW | I2B | D64), OP(leave, "leave", | D64), \
    [0xca] = OP(far_ret, "retf", | IW | SYS), OP(far_ret, "retf", | SYS), OP(int, "int3", | SYS), OP(int, "int", | IUB | SYS), \
    OP(into, "into", | NO64 | SYS), OP(iret, "iret", | SYS), \
    [0xd0] = GROUP(group2, | BYTE), GROUP(group2), GROUP(group2, | BYTE), GROUP(group2), \
    [0xd4] = OP(aam, "aam", | NO64 | BYTE | IUB | UNDEF(OF | CF | AF)), OP(aad, "aad", | NO64 | BYTE | IUB | UNDEF(OF | CF | AF)), \
    OP(salc, "salc", | NO64), OP(xlat, "xlat"), \
    [0xd8] = EIGHT(X87_ENTRY), \
    [0xe0] = OP(loop, "loopne", | IB | F64 | SYS), OP(loop, "loope", | IB | F64 | SYS), OP(loop, "loop", | IB | F64 | SYS), OP(jcxz, "jcxz", | IB | F64 | SYS), \
    [0xe4] = OP(in, "in", | BYTE | IUB | SYS), OP(in, "in", | IUB | SYS), OP(out, "out", | BYTE | IUB | SYS), OP(out, "out", | IUB | SYS), \
    [0xe8] = OP(call, "call", | IZ | F64 | SYS), OP(jmp, "jmp", | IZ | F64 | SYS), OP(far_immediate, "jmpf", | IFAR | NO64 | SYS), \
    OP(jmp, "jmp", | IB | F64 | SYS), \
    [0xec] = OP(in, "in", | BYTE | SYS), OP(in, "in", | SYS), OP(out, "out", | BYTE | SYS), OP(out, "out", | SYS), \
    [0xf1] = OP(int, "int1", | SYS), \
    [0xf4] = OP(hlt, "hlt", | CPL0 | SYS), OP(flag, "cmc"), GROUP(group3_b, | BYTE), GROUP(group3_z), \
    [0xf8] = OP(flag, "clc"), OP(flag, "stc"), OP(cli, "cli", | SYS), OP(sti, "sti", | SYS), OP(flag, "cld"), OP(flag, "std"), \
    GROUP(group4, | BYTE), GROUP(group5), \
}

#define X87_ENTRY { .translate = x86_translate_x87, .name = "x87", .flags = MR | SIMD }

/* ---- 0F ---- */

#define SSE(...) { .translate = x86_translate_sse, .name = "simd", .flags = MR | SIMD __VA_ARGS__ }

#define MAP_0F { \
    [0x00] = GROUP(group6, | SYS), OP(group7, "group 7", | MR | SYS), \
    [0x02] = OP(lar, "lar", | MR | PROT | SYS), OP(lar, "lsl", | MR | PROT | SYS), \
    [0x05] = OPF(syscall, "syscall", FEAT_8000_0001_EDX, 11, | SYS), OP(clts, "clts", | CPL0 | SYS), \
    OPF(sysret, "sysret", FEAT_8000_0001_EDX, 11, | SYS), OP(nop, "invd", | CPL0 | SYS), OP(nop, "wbinvd", | CPL0 | SYS), \
    [0x0b] = OP(ud, "ud2", | SYS), [0x0d] = OP(nop, "prefetchw", | MR | MEM), \
    OPF(femms, "femms", FEAT_8000_0001_EDX, 31, | SYS), OPF(3dnow, "3dnow", FEAT_8000_0001_EDX, 31, | MR | IUB | SYS), \
    [0x10] = EIGHT(SSE()), [0x18] = EIGHT(OP(nop, "nop", | MR)), \
    [0x20] = OP(mov_cr, "mov cr", | MR | X86_OP_NO_MOD | CPL0 | SYS), OP(mov_dr, "mov dr", | MR | X86_OP_NO_MOD | CPL0 | SYS), \
    OP(mov_cr, "mov cr", | MR | X86_OP_NO_MOD | CPL0 | SYS), OP(mov_dr, "mov dr", | MR | X86_OP_NO_MOD | CPL0 | SYS), \
    [0x28] = EIGHT(SSE()), \
    [0x30] = OPF(wrmsr, "wrmsr", FEAT_1_EDX, 5, | CPL0 | SYS), OPF(rdtsc, "rdtsc", FEAT_1_EDX, 4, | SYS), OPF(rdmsr, "rdmsr", FEAT_1_EDX, 5, | CPL0 | SYS), \
    OP(rdpmc, "rdpmc", | SYS), OPF(sysenter, "sysenter", FEAT_1_EDX, 11, | SYS), OPF(sysexit, "sysexit", FEAT_1_EDX, 11, | SYS), \
    [0x40] = SIXTEEN(OPF(cmov, "cmov", FEAT_1_EDX, 15, | MR)), \
    [0x50] = SIXTEEN(SSE()), SIXTEEN(SSE()), \
    [0x70] = SSE(| IUB), SSE(| IUB), SSE(| IUB), SSE(| IUB), SSE(), SSE(), SSE(), { .translate = x86_translate_sse, .name = "emms", .flags = SIMD }, \
    [0x78] = SSE(| IUB | I2B), SSE(), [0x7c] = SSE(), SSE(), SSE(), SSE(), \
    [0x80] = SIXTEEN(OP(jcc, "jcc", | IZ | F64 | SYS)), [0x90] = SIXTEEN(OP(setcc, "setcc", | MR | BYTE)), \
    [0xa0] = OPP(push_segment, "push fs", R_FS, | D64), OPP(pop_segment, "pop fs", R_FS, | D64 | SYS), OP(cpuid, "cpuid", | SYS), \
    OPP(bit_test, "bt", 0, | MR | UNDEF(OF | SF | AF | PF)), OPP(double_shift, "shld", 0, | MR | IUB | UNDEF(AF)), OPP(double_shift, "shld", 0, | MR | UNDEF(AF)), \
    [0xa8] = OPP(push_segment, "push gs", R_GS, | D64), OPP(pop_segment, "pop gs", R_GS, | D64 | SYS), OP(rsm, "rsm", | SYS), \
    OPP(bit_test, "bts", 1, | MR | LK | UNDEF(OF | SF | AF | PF)), OPP(double_shift, "shrd", 1, | MR | IUB | UNDEF(AF)), \
    OPP(double_shift, "shrd", 1, | MR | UNDEF(AF)), OP(group15, "group 15", | MR | SYS), OP(imul_to_reg, "imul", | MR | UNDEF(SF | ZF | AF | PF)), \
    [0xb0] = OP(cmpxchg, "cmpxchg", | MR | BYTE | LK), OP(cmpxchg, "cmpxchg", | MR | LK), OPP(load_far_pointer, "lss", R_SS, | MR | MEM | SYS), \
    OPP(bit_test, "btr", 2, | MR | LK | UNDEF(OF | SF | AF | PF)), OPP(load_far_pointer, "lfs", R_FS, | MR | MEM | SYS), \
    OPP(load_far_pointer, "lgs", R_GS, | MR | MEM | SYS), OPP(movx, "movzx", 0, | MR), OPP(movx, "movzx", 1, | MR), \
    [0xb8] = OPF(popcnt, "popcnt", FEAT_1_ECX, 23, | MR), OP(ud, "ud1", | MR | SYS), GROUP(group8, | IUB), \
    OPP(bit_test, "btc", 3, | MR | LK | UNDEF(OF | SF | AF | PF)), OP(bsf, "bsf", | MR | UNDEF(OF | CF | SF | AF | PF)), \
    OP(bsr, "bsr", | MR | UNDEF(OF | CF | SF | AF | PF)), OPP(movx, "movsx", 4, | MR), OPP(movx, "movsx", 5, | MR), \
    [0xc0] = OP(xadd, "xadd", | MR | BYTE | LK), OP(xadd, "xadd", | MR | LK), SSE(| IUB), OPF(movnti, "movnti", FEAT_1_EDX, 26, | MR | MEM), \
    SSE(| IUB), SSE(| IUB), SSE(| IUB), OPF(group9, "group 9", FEAT_1_EDX, 8, | MR | LK | SYS), \
    [0xc8] = EIGHT(OP(bswap, "bswap")), \
    [0xd0] = SIXTEEN(SSE()), SIXTEEN(SSE()), SIXTEEN(SSE()), \
    [0xff] = OP(ud, "ud0", | MR | SYS), \
}

/* ---- 0F 38, 0F 3A ---- */

#define MAP_0F38 { \
    [0x00] = SIXTEEN(SSE()), SIXTEEN(SSE()), SIXTEEN(SSE()), SIXTEEN(SSE()), \
    SIXTEEN(SSE()), SIXTEEN(SSE()), SIXTEEN(SSE()), SIXTEEN(SSE()), \
    [0x82] = OPF(invpcid, "invpcid", FEAT_7_0_EBX, 10, | MR | MEM | CPL0 | SYS), \
    [0x88] = EIGHT(SSE()), [0x90] = SIXTEEN(SSE()), SIXTEEN(SSE()), SIXTEEN(SSE()), \
    [0xc8] = EIGHT(SSE()), [0xd0] = SIXTEEN(SSE()), \
    [0xf0] = OP(movbe_crc32, "movbe/crc32", | MR), OP(movbe_crc32, "movbe/crc32", | MR), [0xf6] = OPF(adx, "adcx/adox", FEAT_7_0_EBX, 19, | MR), \
    [0xf8] = OPF(movdir64b, "movdir64b", FEAT_7_0_ECX, 28, | MR | MEM | SYS), OPF(movnti, "movdiri", FEAT_7_0_ECX, 27, | MR | MEM | SYS), \
}

#define MAP_0F3A { \
    SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), \
    SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), \
    SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), \
    SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), SIXTEEN(SSE(| IUB)), \
}

const X86Opcode x86_opcodes[4][256] = { MAP_ONE, MAP_0F, MAP_0F38, MAP_0F3A };

/* ---- VEX ---- */

static const struct { uint8_t map, opcode; X86Opcode entry; } vex_opcodes[] = {
    { X86_MAP_0F38, 0xf2, OPF(andn, "andn", FEAT_7_0_EBX, 3, | MR | X86_OP_VEX | UNDEF(AF | PF)) },
    { X86_MAP_0F38, 0xf3, OPF(bls, "blsr/blsmsk/blsi", FEAT_7_0_EBX, 3, | MR | X86_OP_VEX | UNDEF(AF | PF)) },
    { X86_MAP_0F38, 0xf5, OPF(bzhi_pdep, "bzhi/pext/pdep", FEAT_7_0_EBX, 8, | MR | X86_OP_VEX | UNDEF(AF | PF)) },
    { X86_MAP_0F38, 0xf6, OPF(mulx, "mulx", FEAT_7_0_EBX, 8, | MR | X86_OP_VEX) },
    { X86_MAP_0F38, 0xf7, OP(bextr_shift, "bextr/shlx/sarx/shrx", | MR | X86_OP_VEX | UNDEF(SF | AF | PF)) },
    { X86_MAP_0F, 0xae, { .translate = x86_translate_sse, .name = "vldmxcsr/vstmxcsr", .flags = MR | SYS } },
#define CMPXADD(n, cc) { X86_MAP_0F38, 0xe0 + (n), OPF(cmpccxadd, "cmp" cc "xadd", FEAT_7_1_EAX, 7, | MR | MEM | X86_OP_VEX | X86_OP_ONLY64 | SYS) }
    CMPXADD(0, "o"), CMPXADD(1, "no"), CMPXADD(2, "b"), CMPXADD(3, "nb"), CMPXADD(4, "z"), CMPXADD(5, "nz"), CMPXADD(6, "be"), CMPXADD(7, "nbe"),
    CMPXADD(8, "s"), CMPXADD(9, "ns"), CMPXADD(10, "p"), CMPXADD(11, "np"), CMPXADD(12, "l"), CMPXADD(13, "nl"), CMPXADD(14, "le"), CMPXADD(15, "nle"),
    { X86_MAP_0F3A, 0xf0, OPF(rorx, "rorx", FEAT_7_0_EBX, 8, | MR | IUB | X86_OP_VEX) },
};

const X86Opcode *x86_vex_opcode(unsigned map, unsigned opcode)
{
    for (unsigned i = 0; i < G_N_ELEMENTS(vex_opcodes); i++) {
        if (vex_opcodes[i].map == map && vex_opcodes[i].opcode == opcode) {
            return &vex_opcodes[i].entry;
        }
    }
    return x86_opcodes[map][opcode].flags & X86_OP_SIMD ? &x86_opcodes[map][opcode] : NULL;
}
