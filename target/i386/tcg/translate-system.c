/*
 * System instructions: ports, control registers, descriptor tables, MSRs, waiting, interrupt flag, cache control.
 *
 * Intel SDM volume 2; volume 3, chapters 2, 5, 6.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */
#include "target/i386/tcg/ops.h"

static IrRef as_i64(X86Translate *s, IrRef x)
{
    return ir_type_of(s->b, x) == IR_I64 ? x : ir_zext(s->b, IR_I64, 2, x);
}

/* Writes the low half to EAX and the high half to EDX. */
static void write_edx_eax(X86Translate *s, IrRef value)
{
    x86_write_reg(s, R_EAX, 2, ir_trunc(s->b, value));
    x86_write_reg(s, R_EDX, 2, ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, value, x86_i32(s, 32))));
}

static IrRef read_edx_eax(X86Translate *s)
{
    IrRef low = ir_zext(s->b, IR_I64, 2, x86_read_reg64(s, R_EAX));
    return ir_op2(s->b, IR_OR, IR_I64, low, ir_op2(s->b, IR_SHL, IR_I64, x86_read_reg64(s, R_EDX), x86_i32(s, 32)));
}

/* ---- ports ---- */

static IrRef port_of(X86Translate *s)
{
    return s->opcode & 8 ? ir_zext(s->b, IR_I32, 1, x86_read_reg(s, R_EDX, 1)) : x86_i32(s, s->immediate);
}

static unsigned port_size_log2(const X86Translate *s)
{
    return MIN(s->operand_log2, 2);
}

bool x86_op_in(X86Translate *s)
{
    unsigned size = port_size_log2(s);
    IrRef value = X86_CALL(s, in, port_of(s), x86_i32(s, 1u << size));
    x86_write_reg(s, R_EAX, size, value);
    x86_end_event(s);
    return true;
}

bool x86_op_out(X86Translate *s)
{
    unsigned size = port_size_log2(s);
    X86_CALL(s, out, port_of(s), x86_read_reg(s, R_EAX, size), x86_i32(s, 1u << size));
    x86_end_event(s);
    return true;
}

/* ---- the interrupt flag, waiting ---- */

/* CLI and STI act on IF itself, without a check. */
static bool owns_if(const X86Translate *s)
{
    return !(s->mode & (X86_MODE_PE | X86_MODE_VM86)) || x86_cpl_of(s) <= x86_mode_iopl(s->mode);
}

bool x86_op_cli(X86Translate *s)
{
    if (owns_if(s)) {
        ir_write(s->b, SLOT_EFLAGS, ir_op2(s->b, IR_AND, IR_I32, ir_read(s->b, SLOT_EFLAGS), x86_i32(s, ~IF_MASK)));
    } else {
        X86_CALL0(s, cli);
    }
    return true;
}

bool x86_op_sti(X86Translate *s)
{
    if (!owns_if(s)) {
        X86_CALL0(s, sti);
        x86_end_event(s);
        return true;
    }
    IrRef eflags = ir_read(s->b, SLOT_EFLAGS);
    IrRef was_set = ir_op2(s->b, IR_AND, IR_I32, eflags, x86_i32(s, IF_MASK));
    ir_write(s->b, SLOT_INHIBIT, ir_op3(s->b, IR_SELECT, IR_I32, was_set, x86_i32(s, 0), x86_i32(s, 1)));
    ir_write(s->b, SLOT_EFLAGS, ir_op2(s->b, IR_OR, IR_I32, eflags, x86_i32(s, IF_MASK)));
    s->casts_shadow = true;
    return true;
}

bool x86_op_hlt(X86Translate *s)
{
    X86_CALL(s, hlt, x86_next_pc(s));
    x86_end_left(s);
    return true;
}

/* 90: NOP; PAUSE with F3; XCHG with REX.B. */
bool x86_op_nop_pause(X86Translate *s)
{
    if (s->rex & 1) {
        return x86_op_xchg(s);
    }
    if (s->rep == 0xf3 && !(s->entry_mode & X86_MODE_TF) && !s->shadowed) {
        X86_CALL(s, pause, x86_next_pc(s));
        x86_end_left(s);
    }
    return true;
}

bool x86_op_nop(X86Translate *s)
{
    return true;
}

bool x86_op_ud(X86Translate *s)
{
    return false;
}

/* ---- identification, MSRs, counters ---- */

bool x86_op_cpuid(X86Translate *s)
{
    X86_CALL0(s, cpuid);
    return true;
}

bool x86_op_rdmsr(X86Translate *s)
{
    X86_CALL0(s, rdmsr);
    return true;
}

bool x86_op_wrmsr(X86Translate *s)
{
    X86_CALL0(s, wrmsr);
    x86_end_event(s);
    return true;
}

bool x86_op_rdtsc(X86Translate *s)
{
    write_edx_eax(s, X86_CALL0(s, rdtsc));
    return true;
}

bool x86_op_rdpmc(X86Translate *s)
{
    X86_CALL0(s, rdpmc);
    return true;
}

/* ---- control and debug registers ---- */

static unsigned register_width_log2(const X86Translate *s)
{
    return x86_in_64(s) ? 3 : 2;
}

/* 0F 20, 0F 22. */
bool x86_op_mov_cr(X86Translate *s)
{
    unsigned n = s->lock ? 8 : s->reg, width = register_width_log2(s);
    if (n == 1 || (n > 4 && n != 8)) {
        return false;
    }
    if (s->opcode & 2) {
        X86_CALL(s, write_cr, x86_i32(s, n), as_i64(s, x86_read_reg(s, s->rm, width)));
        x86_end_event(s);
        return true;
    }
    IrRef value = X86_CALL(s, read_cr, x86_i32(s, n));
    x86_write_reg(s, s->rm, width, width == 3 ? value : ir_trunc(s->b, value));
    return true;
}

/* 0F 21, 0F 23. */
bool x86_op_mov_dr(X86Translate *s)
{
    unsigned n = s->reg, width = register_width_log2(s);
    if (n > 7) {
        return false;
    }
    if (s->opcode & 2) {
        X86_CALL(s, write_dr, x86_i32(s, n), as_i64(s, x86_read_reg(s, s->rm, width)));
        x86_end_lookup(s);
        return true;
    }
    IrRef value = X86_CALL(s, read_dr, x86_i32(s, n));
    x86_write_reg(s, s->rm, width, width == 3 ? value : ir_trunc(s->b, value));
    return true;
}

bool x86_op_clts(X86Translate *s)
{
    X86_CALL0(s, clts);
    x86_end_lookup(s);
    return true;
}

/* ---- group 6: SLDT, STR, LLDT, LTR, VERR, VERW ---- */

static bool umip_forbids(const X86Translate *s)
{
    return (s->mode & X86_MODE_UMIP) && (s->mode & (X86_MODE_PE | X86_MODE_VM86)) && x86_cpl_of(s) != 0;
}

/* SLDT, STR, SMSW: to memory a word, to a register the operand size. */
static bool store_system_word(X86Translate *s, unsigned what)
{
    if (umip_forbids(s)) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    unsigned size = s->is_memory ? 1 : s->operand_log2;
    IrRef value = X86_CALL(s, read_system, x86_i32(s, what));
    x86_write_rm(s, size, size == 3 ? value : ir_trunc(s->b, value));
    return true;
}

bool x86_op_store_system(X86Translate *s)
{
    return store_system_word(s, s->op->param);
}

bool x86_op_lldt(X86Translate *s)
{
    X86_CALL(s, lldt, ir_zext(s->b, IR_I32, 1, x86_read_rm(s, 1)));
    return true;
}

bool x86_op_ltr(X86Translate *s)
{
    X86_CALL(s, ltr, ir_zext(s->b, IR_I32, 1, x86_read_rm(s, 1)));
    return true;
}

enum { MERGE_ZF = 16 };

/* ZF := bit (I32, 0 or 1). */
static void write_zf(X86Translate *s, IrRef bit)
{
    IrRef flags = ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, ir_op2(s->b, IR_SHL, IR_I32, bit, x86_i32(s, 6)));
    ir_write(s->b, SLOT_FLAGS, ir_emit(s->b, IR_FL_MERGE, IR_FLAGS, 0, MERGE_ZF, ir_read(s->b, SLOT_FLAGS), flags, 0));
}

/* param 0: VERR, 1: VERW. */
bool x86_op_verify(X86Translate *s)
{
    IrRef selector = ir_zext(s->b, IR_I32, 1, x86_read_rm(s, 1));
    IrRef ok = s->op->param ? X86_CALL(s, verw, selector) : X86_CALL(s, verr, selector);
    write_zf(s, ir_setcc(s->b, IR_CC_NE, ok, x86_i32(s, 0)));
    return true;
}

/* 0F 02, 0F 03: LAR, LSL. */
bool x86_op_lar(X86Translate *s)
{
    unsigned size = s->operand_log2;
    IrRef selector = ir_zext(s->b, IR_I32, 1, x86_read_rm(s, 1));
    IrRef found = s->opcode == 2 ? X86_CALL(s, lar, selector) : X86_CALL(s, lsl, selector);
    IrRef ok = ir_trunc(s->b, ir_op2(s->b, IR_SHR, IR_I64, found, x86_i32(s, 63)));
    unsigned write_size = size == 1 ? 1 : 3;
    IrRef value = size == 1 ? ir_trunc(s->b, found) : ir_zext(s->b, IR_I64, 2, found);
    x86_write_g(s, write_size, ir_op3(s->b, IR_SELECT, x86_type(write_size), ok, value, x86_read_g(s, write_size)));
    write_zf(s, ok);
    return true;
}

/* 63 outside 64-bit code. */
bool x86_op_arpl(X86Translate *s)
{
    IrRef x = ir_zext(s->b, IR_I32, 1, x86_read_rm(s, 1)), y = ir_op2(s->b, IR_AND, IR_I32, x86_read_g(s, 1), x86_i32(s, 3));
    IrRef lower = ir_setcc(s->b, IR_CC_LTU, ir_op2(s->b, IR_AND, IR_I32, x, x86_i32(s, 3)), y);
    IrRef raised = ir_op2(s->b, IR_OR, IR_I32, ir_op2(s->b, IR_AND, IR_I32, x, x86_i32(s, 0xfffc)), y);
    if (s->is_memory) {
        /* It stores only what it has raised. */
        X86Address a = x86_operand_address(s, 2, X86_ACCESS_LOAD);
        IrRef address = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
        X86_CALL(s, store_word_if, address, raised, lower);
    } else {
        x86_write_rm(s, 1, ir_op3(s->b, IR_SELECT, IR_I32, lower, raised, x));
    }
    write_zf(s, lower);
    return true;
}

/* ---- group 7: SGDT, SIDT, LGDT, LIDT, SMSW, LMSW, INVLPG, and instructions by the whole ModRM byte ---- */

static unsigned table_bytes_log2(const X86Translate *s)
{
    return x86_in_64(s) ? 3 : 2;
}

static bool store_table(X86Translate *s, unsigned limit, unsigned base)
{
    if (umip_forbids(s)) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    unsigned size = table_bytes_log2(s);
    X86Address a = x86_operand_address(s, 2 + (1u << size), X86_ACCESS_STORE);
    IrRef limit_value = ir_trunc(s->b, X86_CALL(s, read_system, x86_i32(s, limit)));
    IrRef base_value = X86_CALL(s, read_system, x86_i32(s, base));
    x86_store(s, a, 1, limit_value);
    a.offset += 2;
    x86_store(s, a, size, size == 3 ? base_value : ir_trunc(s->b, base_value));
    return true;
}

static bool load_table(X86Translate *s, bool interrupts)
{
    if (x86_cpl_of(s) != 0) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    unsigned size = table_bytes_log2(s);
    X86Address a = x86_operand_address(s, 2 + (1u << size), X86_ACCESS_LOAD);
    IrRef limit = x86_load(s, a, IR_I32, 1);
    a.offset += 2;
    IrRef base = as_i64(s, x86_load(s, a, x86_type(size), size));
    if (!x86_in_64(s) && s->operand_log2 == 1) {
        base = ir_op2(s->b, IR_AND, IR_I64, base, x86_i64(s, 0xffffff));
    }
    if (interrupts) {
        X86_CALL(s, lidt, base, limit);
    } else {
        X86_CALL(s, lgdt, base, limit);
    }
    return true;
}

static bool lmsw(X86Translate *s)
{
    if (x86_cpl_of(s) != 0) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    X86_CALL(s, lmsw, ir_zext(s->b, IR_I32, 1, x86_read_rm(s, 1)));
    x86_end_lookup(s);
    return true;
}

static bool invlpg(X86Translate *s)
{
    if (x86_cpl_of(s) != 0) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    IrRef offset = x86_effective_address(s);
    if (s->mode & X86_MODE_ADD_BASE(s->segment)) {
        offset = ir_op2(s->b, IR_ADD, IR_I64, offset, ir_read(s->b, SLOT_ES_BASE + s->segment));
    }
    X86_CALL(s, invlpg, offset);
    x86_end_lookup(s);
    return true;
}

static bool stac_clac(X86Translate *s, bool set)
{
    if (!x86_feature(s, FEAT_7_0_EBX, 20) || s->prefix || (s->mode & X86_MODE_VM86) || x86_cpl_of(s) != 0) {
        return false;
    }
    IrRef eflags = ir_read(s->b, SLOT_EFLAGS);
    eflags = set ? ir_op2(s->b, IR_OR, IR_I32, eflags, x86_i32(s, AC_MASK)) : ir_op2(s->b, IR_AND, IR_I32, eflags, x86_i32(s, ~AC_MASK));
    ir_write(s->b, SLOT_EFLAGS, eflags);
    /* The block goes on in the mode that this makes; where it ends in another than it began, the end is a look-up. */
    uint64_t priv = !set && (s->mode & X86_MODE_SMAP) ? X86_PRIV_KERNEL_SMAP : X86_PRIV_KERNEL;
    s->mode = (s->mode & ~(UINT64_C(3) << X86_MODE_PRIV_SHIFT)) | priv << X86_MODE_PRIV_SHIFT;
    return true;
}

static bool xgetbv_xsetbv(X86Translate *s, bool set)
{
    if (!(s->mode & X86_MODE_OSXSAVE) || s->prefix) {
        return false;
    }
    if (!set) {
        write_edx_eax(s, X86_CALL(s, xgetbv, x86_read_reg(s, R_ECX, 2)));
        return true;
    }
    if (x86_cpl_of(s) != 0) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    X86_CALL(s, xsetbv, x86_read_reg(s, R_ECX, 2), read_edx_eax(s));
    x86_end_lookup(s);
    return true;
}

static bool monitor_mwait(X86Translate *s, bool wait)
{
    if (!x86_feature(s, FEAT_1_ECX, 3) || s->prefix || x86_cpl_of(s) != 0) {
        return false;
    }
    if (wait) {
        X86_CALL(s, mwait, x86_next_pc(s));
        x86_end_left(s);
        return true;
    }
    X86Address a = x86_segment_address(s, s->segment, x86_read_reg64(s, R_EAX), 0, s->address_log2, 1, X86_ACCESS_LOAD);
    X86_CALL(s, monitor, a.base);
    return true;
}

static bool swapgs(X86Translate *s)
{
    if (!x86_in_64(s)) {
        return false;
    }
    if (x86_cpl_of(s) != 0) {
        return x86_end_fault(s, X86_FAULT_0(EXCP_GP));
    }
    IrRef base = ir_read(s->b, SLOT_ES_BASE + R_GS), other = ir_read(s->b, SLOT_KERNEL_GS_BASE);
    ir_write(s->b, SLOT_ES_BASE + R_GS, other);
    ir_write(s->b, SLOT_KERNEL_GS_BASE, base);
    return true;
}

static bool rdtscp(X86Translate *s)
{
    if (!x86_feature(s, FEAT_8000_0001_EDX, 27)) {
        return false;
    }
    write_edx_eax(s, X86_CALL0(s, rdtscp));
    return true;
}

/* All before is done and all code seen as it is at each end of an instruction. */
static bool serialize(X86Translate *s)
{
    if (!x86_feature(s, FEAT_7_0_EDX, 14) || s->prefix) {
        return false;
    }
    ir_fence(s->b, IR_ORDER_SEQ);
    return true;
}

/* AMD APM volume 3: the 64 bytes around rAX become 0. */
static bool clzero(X86Translate *s)
{
    if (!x86_feature(s, FEAT_8000_0008_EBX, 0)) {
        return false;
    }
    IrRef line = ir_op2(s->b, IR_AND, IR_I64, x86_read_reg64(s, R_EAX), x86_i64(s, ~UINT64_C(63)));
    X86Address a = x86_segment_address(s, s->segment, line, 0, s->address_log2, 64, X86_ACCESS_STORE);
    for (unsigned i = 0; i < 4; i++, a.offset += 16) {
        x86_store(s, a, 4, ir_const_v128(s->b, 0, 0));
    }
    return true;
}

static bool protection_keys(X86Translate *s, bool write)
{
    if (!x86_feature(s, FEAT_7_0_ECX, 3) || s->prefix) {
        return false;
    }
    if (write) {
        X86_CALL(s, wrpkru, x86_read_reg(s, R_ECX, 2), x86_read_reg(s, R_EAX, 2), x86_read_reg(s, R_EDX, 2));
        x86_end_lookup(s);
    } else {
        write_edx_eax(s, X86_CALL(s, rdpkru, x86_read_reg(s, R_ECX, 2)));
    }
    return true;
}

static bool group7_register(X86Translate *s)
{
    switch (s->modrm) {
    case 0xc8:
    case 0xc9:
        return monitor_mwait(s, s->modrm & 1);
    case 0xca:
    case 0xcb:
        return stac_clac(s, s->modrm & 1);
    case 0xd0:
    case 0xd1:
        return xgetbv_xsetbv(s, s->modrm & 1);
    case 0xe8:
        return serialize(s);
    case 0xee:
    case 0xef:
        return protection_keys(s, s->modrm & 1);
    case 0xf8:
        return swapgs(s);
    case 0xf9:
        return rdtscp(s);
    case 0xfc:
        return clzero(s);
    default:
        return false;
    }
}

bool x86_op_group7(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7;
    if (n == 4) {
        return store_system_word(s, X86_SYSTEM_MSW);
    }
    if (n == 6) {
        return lmsw(s);
    }
    if (!s->is_memory) {
        return group7_register(s);
    }
    switch (n) {
    case 0:
        return store_table(s, X86_SYSTEM_GDT_LIMIT, X86_SYSTEM_GDT_BASE);
    case 1:
        return store_table(s, X86_SYSTEM_IDT_LIMIT, X86_SYSTEM_IDT_BASE);
    case 2:
    case 3:
        return load_table(s, n == 3);
    case 7:
        return invlpg(s);
    default:
        return false;
    }
}

bool x86_op_invpcid(X86Translate *s)
{
    if (s->prefix != 0x66) {
        return false;
    }
    IrRef type = as_i64(s, x86_read_g(s, register_width_log2(s)));
    X86Address a = x86_operand_address(s, 16, X86_ACCESS_LOAD);
    IrRef address = a.offset ? ir_op2(s->b, IR_ADD, IR_I64, a.base, x86_i64(s, a.offset)) : a.base;
    X86_CALL(s, invpcid, type, address);
    x86_end_lookup(s);
    return true;
}

/* 0F AA. */
bool x86_op_rsm(X86Translate *s)
{
    X86_CALL0(s, rsm);
    x86_end_after_transfer(s, true);
    return true;
}

/* ---- group 15 (0F AE): fences, cache lines, segment bases; the rest is SSE's ---- */

static bool segment_base(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7, seg = n & 1 ? R_GS : R_FS, size = s->rex & 8 ? 3 : 2;
    if (n > 3 || !x86_in_64(s) || !(s->mode & X86_MODE_FSGSBASE)) {
        return false;
    }
    if (n >= 2) {
        X86_CALL(s, write_base, x86_i32(s, seg), as_i64(s, x86_read_reg(s, s->rm, size)));
        return true;
    }
    IrRef base = ir_read(s->b, SLOT_ES_BASE + seg);
    x86_write_reg(s, s->rm, size, size == 3 ? base : ir_trunc(s->b, base));
    return true;
}

/* LFENCE, MFENCE, SFENCE. */
static bool fence(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7;
    if (s->prefix || n < 5 || !x86_feature(s, FEAT_1_EDX, n == 7 ? 25 : 26)) {
        return false;
    }
    if (n == 6) {
        ir_fence(s->b, IR_ORDER_SEQ);
    }
    return true;
}

/* CLFLUSH, CLFLUSHOPT, CLWB: nothing is cached, but the address has to be good. */
static bool flush_line(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7;
    bool present = n == 7 ? s->prefix == 0x66 ? x86_feature(s, FEAT_7_0_EBX, 23) : x86_feature(s, FEAT_1_EDX, 19)
        : x86_feature(s, FEAT_7_0_EBX, 24);
    if (!present) {
        return false;
    }
    x86_load(s, x86_operand_address(s, 1, X86_ACCESS_LOAD), IR_I32, 0);
    return true;
}

bool x86_op_group15(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7;
    if (!s->is_memory) {
        return s->prefix == 0xf3 ? segment_base(s) : fence(s);
    }
    if (s->rep) {
        return false;
    }
    if (n == 7 || (n == 6 && s->prefix == 0x66)) {
        return flush_line(s);
    }
    return s->prefix == 0 && x86_translate_sse(s);
}

/* ---- group 9 (0F C7): CMPXCHG8B and 16B, XSAVEC, XSAVES, XRSTORS, RDRAND, RDSEED, RDPID ---- */

bool x86_op_group9(X86Translate *s)
{
    unsigned n = s->modrm >> 3 & 7, size = s->operand_log2;
    if (n == 1) {
        return s->is_memory && x86_op_cmpxchg8b(s);
    }
    if (n >= 3 && n <= 5 && !s->lock) {
        return x86_translate_xsave_compacted(s);
    }
    if (s->is_memory || s->lock || n < 6) {
        return false;
    }
    if (n == 7 && s->rep == 0xf3) {
        if (!x86_feature(s, FEAT_7_0_ECX, 22)) {
            return false;
        }
        IrRef id = X86_CALL0(s, rdpid);
        x86_write_reg(s, s->rm, x86_in_64(s) ? 3 : 2, x86_in_64(s) ? ir_zext(s->b, IR_I64, 2, id) : id);
        return true;
    }
    if (s->rep || !(n == 6 ? x86_feature(s, FEAT_1_ECX, 30) : x86_feature(s, FEAT_7_0_EBX, 18))) {
        return false;
    }
    IrRef value = X86_CALL0(s, rdrand);
    x86_write_reg(s, s->rm, size, size == 3 ? value : ir_trunc(s->b, value));
    /* CF: there is one. The other flags are 0. */
    ir_write(s->b, SLOT_FLAGS, ir_op1(s->b, IR_FL_UNPACK, IR_FLAGS, x86_i32(s, CC_C)));
    return true;
}
